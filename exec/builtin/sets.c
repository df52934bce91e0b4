#include "exec/builtin/sets.h"

#include <stdlib.h>
#include <string.h>

#include "exec/builtin/lines.h"
#include "exec/builtin/oblivious.h"

/* Of an input that is read piece by piece: small enough for a second-level cache with its slots. A piece holds whole ids. */
#define PIECE_SIZE (UINT32_C(1) << 17)

size_t sets_ids(const struct sets *sets, uint64_t size, const char *name)
{
	if (size % sets->width != 0 || size / sets->width >= UINT32_MAX) {
		guest_stop("input %s has %llu bytes: not ids of %zu bytes", name, (unsigned long long)size,
			   sets->width);
	}
	return (size_t)(size / sets->width);
}

bool sets_line(struct text text, size_t *at, struct text *line)
{
	while (line_next(text, at, line)) {
		if (line->size && memchr(line->at, 0, line->size)) {
			guest_stop("a line has a NUL byte");
		}
		if (line->size) {
			return true;
		}
	}
	return false;
}

/* ---- oblivious: inputs into slots ---- */

/*
 * All inputs in one array. The first `have` slots from its end are merged; the next input goes before them, its last id first, so that what
 * descends is followed by what ascends. The first input, before which nothing is, ascends.
 */
struct slots {
	oblivious_block *at;
	size_t count, have, blocks, width;
};

static enum oblivious_order order_of(const struct slots *s)
{
	return s->have ? OBLIVIOUS_DESCENDING : OBLIVIOUS_ASCENDING;
}

static void padded_put(const struct slots *s, size_t slot, const char *from, size_t size)
{
	uint8_t padded[OBLIVIOUS_WIDTH_MAX] = { 0 };

	memcpy(padded, from, size);
	oblivious_load(s->at + slot * s->blocks, padded, s->blocks);
}

/* Slots that were written just now, while they are in a cache. */
static void order_check(const struct slots *s, size_t first, size_t behind, const char *name)
{
	if (!oblivious_ordered(s->at + first * s->blocks, behind - first, s->blocks, order_of(s))) {
		guest_stop("input %s is not sorted in ascending order without duplicates", name);
	}
}

/* `n` ids from `bytes` to the slots from `first` on. */
static void piece_put(const struct slots *s, size_t first, const uint8_t *bytes, size_t n)
{
	bool turned = order_of(s) == OBLIVIOUS_DESCENDING;

	if (s->width == sizeof(oblivious_block) && turned) {
		oblivious_load_reversed(s->at + first, bytes, n);
	} else if (s->width == sizeof(oblivious_block)) {
		oblivious_load(s->at + first, bytes, n);
	} else {
		for (size_t i = 0; i < n; i++) {
			padded_put(s, turned ? first + n - 1 - i : first + i, (const char *)bytes + i * s->width,
				   s->width);
		}
	}
}

static void ids_take(const struct slots *s, size_t count, const char *name)
{
	uint64_t size = 0;
	size_t end = s->count - s->have, begin = end - count, piece = PIECE_SIZE / s->width;
	uint8_t *bytes = guest_alloc(piece, s->width);
	int input = guest_input_open(name, &size);

	for (size_t done = 0, n = 0; done < count; done += n) {
		n = count - done < piece ? count - done : piece;
		guest_input_read(input, bytes, n * s->width);
		/* The neighbour in the piece before is looked at again with this one. */
		if (order_of(s) == OBLIVIOUS_ASCENDING) {
			piece_put(s, begin + done, bytes, n);
			order_check(s, begin + done - (done > 0), begin + done + n, name);
		} else {
			piece_put(s, end - done - n, bytes, n);
			order_check(s, end - done - n, end - done + (done > 0), name);
		}
	}
	guest_input_close(input);
	free(bytes);
}

static void lines_take(const struct slots *s, struct text text, size_t count, const char *name)
{
	size_t end = s->count - s->have, at = 0, done = 0;
	bool turned = order_of(s) == OBLIVIOUS_DESCENDING;
	struct text line;

	for (; sets_line(text, &at, &line); done++) {
		padded_put(s, turned ? end - 1 - done : end - count + done, line.at, line.size);
	}
	order_check(s, end - count, end, name);
}

/* How many lines there are, none of which is longer than allowed. */
static size_t lines_count(const struct sets *sets, struct text text, const char *name)
{
	size_t at = 0, count = 0;
	struct text line;

	for (; sets_line(text, &at, &line); count++) {
		if (line.size > sets->line) {
			guest_stop("input %s has a line of more than line=%zu bytes", name, sets->line);
		}
	}
	return count;
}

/* The first `count` slots as they were. A line ends where its zeros begin: it has none itself. */
static struct text members_take(const struct slots *s, size_t count, size_t width)
{
	uint8_t padded[OBLIVIOUS_WIDTH_MAX];
	size_t each = width ? width : s->width + 1, size = 0;
	char *out = guest_alloc(count, each);

	for (size_t i = 0; i < count; i++) {
		oblivious_store(padded, s->at + i * s->blocks, s->blocks);
		size_t used = width ? width : strnlen((const char *)padded, s->width);
		memcpy(out + size, padded, used);
		size += used;
		if (!width) {
			out[size++] = '\n';
		}
	}
	return (struct text){ out, size };
}

/* ---- oblivious ---- */

static void slots_open(struct slots *s)
{
	if (s->count > SIZE_MAX / (s->blocks * sizeof(oblivious_block)) || s->count > UINT32_MAX / 2) {
		guest_stop("%zu ids are too many", s->count);
	}
	/* Not zeroed: every slot is written, and half a gigabyte of zeros takes its time. */
	s->at = aligned_alloc(sizeof(oblivious_block), (s->count + 1) * s->blocks * sizeof(oblivious_block));
	if (!s->at) {
		guest_stop("out of memory for %zu ids", s->count);
	}
}

static void common_take(const struct sets *sets, const struct slots *s, struct common *out)
{
	*out = (struct common){ 0 };
	if (!sets->members) {
		out->count = oblivious_common(s->at, s->count, s->blocks, sets->inputs);
		return;
	}
	uint32_t *before = guest_alloc(s->count / sets->inputs + 2, sizeof(*before));
	out->count = oblivious_compact(s->at, s->count, s->blocks, sets->inputs, before);
	out->members = members_take(s, out->count, sets->width);
	free(before);
}

void sets_oblivious(const struct sets *sets, struct common *out)
{
	struct slots s = { .width = sets->width ? sets->width : sets->line };
	struct text text[GUEST_LIST_MAX] = { { 0 } };
	size_t count[GUEST_LIST_MAX] = { 0 };

	s.blocks = oblivious_blocks(s.width);
	for (size_t i = 0; i < sets->inputs; i++) {
		if (sets->width) {
			uint64_t size = 0;
			guest_input_close(guest_input_open(sets->input[i], &size));
			count[i] = sets_ids(sets, size, sets->input[i]);
		} else {
			text[i] = guest_input(sets->input[i]);
			count[i] = lines_count(sets, text[i], sets->input[i]);
		}
		if (s.count > SIZE_MAX - count[i]) {
			guest_stop("too many ids");
		}
		s.count += count[i];
	}
	slots_open(&s);
	for (size_t i = 0; i < sets->inputs; i++) {
		if (sets->width) {
			ids_take(&s, count[i], sets->input[i]);
		} else {
			lines_take(&s, text[i], count[i], sets->input[i]);
			free((void *)(uintptr_t)text[i].at);
		}
		bool first = s.have == 0;
		s.have += count[i];
		if (!first) {
			oblivious_merge(s.at + (s.count - s.have) * s.blocks, s.have, s.blocks);
		}
	}
	common_take(sets, &s, out);
	free(s.at);
}
