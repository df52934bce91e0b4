/*
 * Lines of a text, and texts in order. A line ends with LF or CRLF, which are no part of it; a last line may be without an end. Class B.
 */
#ifndef MT_EXEC_BUILTIN_LINES_H
#define MT_EXEC_BUILTIN_LINES_H

#include "exec/builtin/guest.h"

/* The line at *at, which is then behind it. False: there is none. Begin with 0. */
bool line_next(struct text text, size_t *at, struct text *line);
/* Before, same, behind: -1, 0, 1, by bytes; a beginning comes before what it begins. */
int text_order(struct text a, struct text b);

/* A text and where it is from. */
struct keyed {
	struct text key;
	uint32_t row;
};

/* Sorts by key; equal keys stay in their order. Time n log n whatever the keys are. */
void keyed_sort(struct keyed *list, size_t count);
/* Behind the last of those with the key of list[from]. */
size_t keyed_end(const struct keyed *list, size_t count, size_t from);

#endif
