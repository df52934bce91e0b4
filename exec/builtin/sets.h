/*
 * The two ways of intersect (exec/builtin/intersect.c): what they are given, and what they give.
 *
 * sets_oblivious() has a memory access pattern that depends on sizes only, sets_hash() has not: see there. Class B.
 */
#ifndef MT_EXEC_BUILTIN_SETS_H
#define MT_EXEC_BUILTIN_SETS_H

#include "exec/builtin/guest.h"

#define SETS_LINE_DEFAULT 64

struct sets {
	const char *input[GUEST_LIST_MAX];
	size_t inputs;
	size_t width; /* bytes of an id; 0: lines */
	size_t line; /* oblivious only: the longest line that there may be */
	bool members; /* else only their count */
};

/* What is common: its count, and with `members` the members, sorted; ids of `width` bytes, or lines that each end with LF. */
struct common {
	size_t count;
	struct text members;
};

void sets_oblivious(const struct sets *sets, struct common *out);
void sets_hash(const struct sets *sets, struct common *out);

/* Ids of an input of that size; stops when a part of one is left over, or there are more than 2^32 - 1. */
size_t sets_ids(const struct sets *sets, uint64_t size, const char *name);
/* The next line that is not empty, as line_next(); stops at one with a NUL byte. */
bool sets_line(struct text text, size_t *at, struct text *line);

#endif
