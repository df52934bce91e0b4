#include "exec/builtin/lines.h"

#include <stdlib.h>
#include <string.h>

bool line_next(struct text text, size_t *at, struct text *line)
{
	if (*at >= text.size) {
		return false;
	}
	const char *start = text.at + *at, *end = memchr(start, '\n', text.size - *at);
	size_t size = end ? (size_t)(end - start) : text.size - *at;
	*at += size + 1;
	if (size && start[size - 1] == '\r') {
		size--;
	}
	*line = (struct text){ start, size };
	return true;
}

int text_order(struct text a, struct text b)
{
	size_t shared = a.size < b.size ? a.size : b.size;
	int order = shared ? memcmp(a.at, b.at, shared) : 0;

	return order ? (order > 0) - (order < 0) : (a.size > b.size) - (a.size < b.size);
}

/* Two sorted neighbours, [from, middle) and [middle, end), into one. */
static void keyed_merge(const struct keyed *list, size_t from, size_t middle, size_t end, struct keyed *out)
{
	size_t a = from, b = middle;

	for (size_t i = from; i < end; i++) {
		bool left = a < middle && (b >= end || text_order(list[a].key, list[b].key) <= 0);
		out[i] = left ? list[a++] : list[b++];
	}
}

void keyed_sort(struct keyed *list, size_t count)
{
	struct keyed *from = list, *to = guest_alloc(count, sizeof(*to)), *other = to;

	for (size_t width = 1; width < count; width *= 2) {
		for (size_t at = 0; at < count; at += 2 * width) {
			size_t middle = count - at < width ? count : at + width,
			       end = count - at < 2 * width ? count : at + 2 * width;
			keyed_merge(from, at, middle, end, to);
		}
		struct keyed *swap = from;
		from = to;
		to = swap;
	}
	if (from != list) {
		memcpy(list, from, count * sizeof(*list));
	}
	free(other);
}

size_t keyed_end(const struct keyed *list, size_t count, size_t from)
{
	size_t end = from + 1;

	while (end < count && text_order(list[from].key, list[end].key) == 0) {
		end++;
	}
	return end;
}
