/*
 * Private set intersection: the lines that all inputs have, sorted by bytes, each once. What it writes is what
 * `comm -12 <(sort -u a) <(sort -u b)` writes in the C locale.
 *
 *	psi                                 inputs a and b, output result
 *	psi INPUT INPUT... -- OUTPUT...     names of the contract's inputs, and of its outputs: each gets the same
 *
 * The smallest input becomes a hash table, the others are looked up in it; only the intersection is sorted. The time depends on the
 * data: whoever can measure it learns something of the sizes and of the overlap (see README).
 */
#include "api/mesatee_fn.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAMES_MAX 12 /* inputs, and outputs, of a contract */
#define PATH_MAX_SIZE 128
#define FILE_SIZE_MAX (UINT32_C(3) << 30)

struct text {
	char *at;
	size_t size;
};

/* A distinct line of the table's input. */
struct line {
	uint32_t at, size, hash;
	uint32_t seen; /* inputs so far that all have it */
};

struct table {
	struct text text;
	struct line *line;
	uint32_t count;
	uint32_t *slot; /* index + 1 of a line; 0: free */
	uint32_t mask;
	uint64_t seed;
};

static _Noreturn void stop(const char *why)
{
	/* Nobody reads it but the developer: the node counts what is written here and throws it away. */
	fprintf(stderr, "psi: %s\n", why);
	exit(1);
}

static void *need(void *at)
{
	if (!at) {
		stop("out of memory");
	}
	return at;
}

/* ---- files ---- */

static size_t input_size(const char *name)
{
	char path[PATH_MAX_SIZE];
	struct stat facts;

	snprintf(path, sizeof(path), MESATEE_FN_INPUT "%s", name);
	if (stat(path, &facts) != 0 || facts.st_size < 0 || facts.st_size > (off_t)FILE_SIZE_MAX) {
		stop("an input is missing or too large");
	}
	return (size_t)facts.st_size;
}

static struct text input_read(const char *name)
{
	char path[PATH_MAX_SIZE];
	struct text t = { .size = input_size(name) };
	size_t done = 0;

	snprintf(path, sizeof(path), MESATEE_FN_INPUT "%s", name);
	int fd = open(path, O_RDONLY);
	t.at = need(malloc(t.size + 1));
	while (fd >= 0 && done < t.size) {
		ssize_t n = read(fd, t.at + done, t.size - done);
		if (n <= 0) {
			break;
		}
		done += (size_t)n;
	}
	if (fd < 0 || done != t.size) {
		stop("an input cannot be read");
	}
	close(fd);
	return t;
}

/* The next line from *at on, without its newline; a last one without a newline counts. false: no more. */
static int line_next(const struct text *t, size_t *at, size_t *start, size_t *size)
{
	if (*at >= t->size) {
		return 0;
	}
	const char *end = memchr(t->at + *at, '\n', t->size - *at);
	*start = *at;
	*size = end ? (size_t)(end - (t->at + *at)) : t->size - *at;
	*at = *start + *size + 1;
	return 1;
}

/* ---- table ---- */

/* Seeded, so that no party can choose lines that all fall together. */
static uint32_t hash(uint64_t seed, const char *at, size_t size)
{
	uint64_t h = seed ^ (size * UINT64_C(0x9e3779b97f4a7c15));

	while (size >= 8) {
		uint64_t word;
		memcpy(&word, at, 8);
		h = (h ^ word) * UINT64_C(0xff51afd7ed558ccd);
		h ^= h >> 32;
		at += 8;
		size -= 8;
	}
	uint64_t rest = 0;
	for (size_t i = 0; i < size; i++) {
		rest = rest << 8 | (unsigned char)at[i];
	}
	h = (h ^ rest) * UINT64_C(0xc4ceb9fe1a85ec53);
	return (uint32_t)(h >> 32 ^ h);
}

/* Where the line is, or the free place where it would be. */
static uint32_t table_find(const struct table *t, const char *at, size_t size, uint32_t h)
{
	uint32_t place = h & t->mask;

	while (t->slot[place]) {
		const struct line *l = &t->line[t->slot[place] - 1];
		if (l->hash == h && l->size == size && memcmp(t->text.at + l->at, at, size) == 0) {
			break;
		}
		place = (place + 1) & t->mask;
	}
	return place;
}

static void table_fill(struct table *t, const char *name)
{
	size_t at = 0, start = 0, size = 0, lines = 0;

	if (getentropy(&t->seed, sizeof(t->seed)) != 0) {
		stop("no random bytes");
	}
	t->text = input_read(name);
	while (line_next(&t->text, &at, &start, &size)) {
		lines++;
	}
	uint32_t slots = 16;
	while (slots < 2 * lines && slots < UINT32_C(1) << 31) {
		slots *= 2;
	}
	t->mask = slots - 1;
	t->slot = need(calloc(slots, sizeof(t->slot[0])));
	t->line = need(malloc((lines + 1) * sizeof(t->line[0])));
	for (at = 0; line_next(&t->text, &at, &start, &size);) {
		uint32_t h = hash(t->seed, t->text.at + start, size),
			 place = table_find(t, t->text.at + start, size, h);
		if (!t->slot[place]) {
			t->line[t->count] = (struct line){ (uint32_t)start, (uint32_t)size, h, 1 };
			t->slot[place] = ++t->count;
		}
	}
}

/* Mark the lines that this input has too; `before` inputs have been looked at. */
static void table_mark(struct table *t, const char *name, uint32_t before)
{
	struct text other = input_read(name);
	size_t at = 0, start = 0, size = 0;

	while (line_next(&other, &at, &start, &size)) {
		uint32_t place = table_find(t, other.at + start, size, hash(t->seed, other.at + start, size));
		struct line *l = t->slot[place] ? &t->line[t->slot[place] - 1] : NULL;
		if (l && l->seen == before) {
			l->seen++;
		}
	}
	free(other.at);
}

/* ---- the result ---- */

static int line_order(const struct table *t, const struct line *a, const struct line *b)
{
	uint32_t size = a->size < b->size ? a->size : b->size;
	int order = memcmp(t->text.at + a->at, t->text.at + b->at, size);

	return order ? order : (a->size > b->size) - (a->size < b->size);
}

/* Bottom-up merge sort: no recursion, and no order of the data makes it slow. */
static struct line *lines_sort(const struct table *t, struct line *line, size_t count)
{
	struct line *other = need(malloc((count + 1) * sizeof(line[0])));

	for (size_t width = 1; width < count; width *= 2) {
		for (size_t from = 0; from < count; from += 2 * width) {
			size_t middle = from + width < count ? from + width : count,
			       end = from + 2 * width < count ? from + 2 * width : count;
			size_t a = from, b = middle;
			for (size_t i = from; i < end; i++) {
				int left = a < middle && (b >= end || line_order(t, &line[a], &line[b]) <= 0);
				other[i] = left ? line[a++] : line[b++];
			}
		}
		struct line *swap = line;
		line = other;
		other = swap;
	}
	return line;
}

static void output_write(const struct table *t, const struct line *line, size_t count, const char *name)
{
	char path[PATH_MAX_SIZE];

	snprintf(path, sizeof(path), MESATEE_FN_OUTPUT "%s", name);
	FILE *out = fopen(path, "wb");
	if (!out) {
		stop("the output cannot be made");
	}
	setvbuf(out, NULL, _IOFBF, 1 << 20);
	for (size_t i = 0; i < count; i++) {
		fwrite(t->text.at + line[i].at, 1, line[i].size, out);
		putc('\n', out);
	}
	if (fclose(out) != 0) {
		stop("the output cannot be written");
	}
}

/* The names on the command line, around "--". */
struct names {
	const char *input[NAMES_MAX], *output[NAMES_MAX];
	size_t inputs, outputs;
};

static struct names names_read(int count, char **words)
{
	struct names n = { .input = { "a", "b" }, .output = { "result" }, .inputs = 2, .outputs = 1 };
	int outputs = 0;

	if (count <= 1) {
		return n;
	}
	n = (struct names){ .inputs = 0 };
	for (int i = 1; i < count; i++) {
		if (!outputs && strcmp(words[i], "--") == 0) {
			outputs = 1;
		} else if ((outputs ? n.outputs : n.inputs) == NAMES_MAX) {
			stop("too many names");
		} else if (outputs) {
			n.output[n.outputs++] = words[i];
		} else {
			n.input[n.inputs++] = words[i];
		}
	}
	if (n.inputs < 2 || n.outputs < 1) {
		stop("usage: psi INPUT INPUT... -- OUTPUT...");
	}
	return n;
}

int main(int count, char **words)
{
	struct names n = names_read(count, words);
	struct table t = { 0 };
	size_t smallest = 0, kept = 0;

	for (size_t i = 1; i < n.inputs; i++) {
		smallest = input_size(n.input[i]) < input_size(n.input[smallest]) ? i : smallest;
	}
	table_fill(&t, n.input[smallest]);
	uint32_t before = 1;
	for (size_t i = 0; i < n.inputs; i++) {
		if (i != smallest) {
			table_mark(&t, n.input[i], before++);
		}
	}
	for (size_t i = 0; i < t.count; i++) {
		if (t.line[i].seen == n.inputs) {
			t.line[kept++] = t.line[i];
		}
	}
	const struct line *result = lines_sort(&t, t.line, kept);
	for (size_t i = 0; i < n.outputs; i++) {
		output_write(&t, result, kept, n.output[i]);
	}
	return 0;
}
