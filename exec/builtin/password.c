/*
 * password: which passwords of one party are in another's list of breached ones; neither sees the other's.
 *
 *	list=NAME (a)                input: a digest a line, HEX or HEX:COUNT (the form of Have I Been Pwned), ascending, none twice, else the
 *	                             task fails
 *	candidates=NAME (b)          input: a candidate a line
 *	out=NAME (result)            output: NUMBER:COUNT for each breached candidate, in order; NUMBER is its line in the input, from 1, COUNT
 *	                             the list's, 1 where it has none
 *	hash=sha1 | sha256 (sha1)    what the list's digests are
 *	form=plain | digest (plain)  digest: candidates are HEX as well, and one that is not fails the task
 *	profile=oblivious | search (oblivious)
 *
 * Lines end with LF or CRLF, the last with or without. A plain candidate is its bytes: no form of Unicode is changed, and an empty line is the
 * empty password. Candidates may be there several times. Hexadecimal digits are of either case. COUNT has at most 18 digits; a COUNT of 0
 * means not breached. An empty list or no candidates give an empty output. Limits: 3 GiB each; oblivious takes the product of both counts: some
 * 7 * 10^8 a second.
 *
 * What leaks. To who gets the output: which candidates are breached, and how often. To who watches memory accesses and time:
 *	oblivious  how many lines there are, the length of each plain candidate and of each line of the list, and where the list's or a
 *	           candidate's line is that fails the task. Each candidate is compared with the whole list, through masks.
 *	search     besides, where in the list a candidate would be: with a list that is public, most of its digest.
 * The output's size shows how many are breached.
 */
#include <stdlib.h>
#include <string.h>

#include "exec/builtin/digests.h"
#include "exec/builtin/hash.h"
#include "exec/builtin/lines.h"
#include "exec/builtin/oblivious.h"

#define BLOCKS (DIGEST_SIZE_MAX / sizeof(oblivious_block))

struct check {
	size_t size; /* of a digest */
	struct text list;
	size_t candidates;
	uint8_t (*digest)[DIGEST_SIZE_MAX]; /* of each candidate, padded with zeros */
	int64_t *count; /* of each candidate: 0 while it is not breached */
};

static void candidates_take(struct check *c, struct text text, bool digests)
{
	size_t at = 0, lines = 0;
	struct text line;
	int64_t count;

	while (line_next(text, &at, &line)) {
		lines++;
	}
	c->digest = guest_alloc(lines, sizeof(*c->digest));
	c->count = guest_alloc(lines, sizeof(*c->count));
	for (at = 0; line_next(text, &at, &line); c->candidates++) {
		uint8_t *out = c->digest[c->candidates];
		if (!digests && c->size == SHA1_SIZE) {
			sha1(line, out);
		} else if (!digests) {
			sha256(line, out);
		} else if (line.size != 2 * c->size || !digest_line(line, c->size, out, &count)) {
			guest_stop("candidate %zu is no digest", c->candidates + 1);
		}
	}
}

/* The next of the list; each is greater than the one before it, which *digest was. */
static bool list_next(const struct check *c, size_t *at, size_t *number, uint8_t digest[DIGEST_SIZE_MAX],
		      int64_t *count)
{
	uint8_t before[DIGEST_SIZE_MAX];
	struct text line;

	memcpy(before, digest, sizeof(before));
	if (!line_next(c->list, at, &line)) {
		return false;
	}
	if (!digest_line(line, c->size, digest, count)) {
		guest_stop("line %zu of the list is no digest", *number + 1);
	}
	if ((*number)++ && memcmp(before, digest, c->size) >= 0) {
		guest_stop("line %zu of the list is not greater than the one before", *number);
	}
	return true;
}

static void scan(struct check *c)
{
	oblivious_block *slot = aligned_alloc(sizeof(*slot), (c->candidates + 1) * BLOCKS * sizeof(*slot)), key[BLOCKS];
	uint8_t digest[DIGEST_SIZE_MAX] = { 0 };
	size_t at = 0, number = 0;
	int64_t count;

	if (!slot) {
		guest_stop("out of memory for %zu candidates", c->candidates);
	}
	for (size_t i = 0; i < c->candidates; i++) {
		oblivious_load(slot + i * BLOCKS, c->digest[i], BLOCKS);
	}
	while (list_next(c, &at, &number, digest, &count)) {
		oblivious_load(key, digest, BLOCKS);
		oblivious_find(slot, c->candidates, BLOCKS, key, count, c->count);
	}
	free(slot);
}

/* Index of a digest in the sorted list, or `lines`. */
static size_t list_find(const uint8_t *list, size_t lines, size_t size, const uint8_t *digest)
{
	size_t from = 0, end = lines;

	while (from < end) {
		size_t middle = from + (end - from) / 2;
		int order = memcmp(list + middle * size, digest, size);
		if (order == 0) {
			return middle;
		}
		from = order < 0 ? middle + 1 : from;
		end = order < 0 ? end : middle;
	}
	return lines;
}

static void search(struct check *c)
{
	uint8_t digest[DIGEST_SIZE_MAX] = { 0 };
	size_t at = 0, lines = 0, number = 0;
	struct text line;

	while (line_next(c->list, &at, &line)) {
		lines++;
	}
	uint8_t *list = guest_alloc(lines, c->size);
	int64_t *count = guest_alloc(lines, sizeof(*count)), one;
	for (at = 0; list_next(c, &at, &number, digest, &one);) {
		memcpy(list + (number - 1) * c->size, digest, c->size);
		count[number - 1] = one;
	}
	for (size_t i = 0; i < c->candidates; i++) {
		size_t found = list_find(list, lines, c->size, c->digest[i]);
		c->count[i] = found < lines ? count[found] : 0;
	}
	free(list);
	free(count);
}

int main(int argc, char **argv)
{
	static const char *const known[] = { "list", "candidates", "out", "hash", "form", "profile", NULL };
	struct check c = { 0 };

	guest_arguments(argc, argv, known);
	c.size = guest_second("hash", "sha1", "sha256") ? SHA256_SIZE : SHA1_SIZE;
	bool digests = guest_second("form", "plain", "digest"),
	     searched = guest_second("profile", "oblivious", "search");
	c.list = guest_input(guest_argument("list", "a"));
	candidates_take(&c, guest_input(guest_argument("candidates", "b")), digests);
	if (searched) {
		search(&c);
	} else {
		scan(&c);
	}
	FILE *out = guest_output(guest_argument("out", "result"));
	for (size_t i = 0; i < c.candidates; i++) {
		if (c.count[i]) {
			fprintf(out, "%zu:%lld\n", i + 1, (long long)c.count[i]);
		}
	}
	guest_close(out);
	return 0;
}
