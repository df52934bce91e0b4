/*
 * What the functions on tables share: opening the inputs that their arguments name, columns by name, keys of rows. Class B.
 */
#ifndef MT_EXEC_BUILTIN_TABLES_H
#define MT_EXEC_BUILTIN_TABLES_H

#include "exec/builtin/csv.h"
#include "exec/builtin/lines.h"

#define TABLES_COLUMNS_MAX 64 /* that an argument may name */

struct tables {
	size_t count;
	char separator;
	const char *name[GUEST_LIST_MAX];
	struct csv csv[GUEST_LIST_MAX];
};

/* Opens inputs=A,B,... with separator=C | tab; `least` of them or more. */
void tables_open(struct tables *t, const char *otherwise, size_t least);

/*
 * on=NAME where all tables call it the same, or on=NAME:NAME:... in their order; a list of those. key[table][index]: its columns. Returns how
 * many keys there are.
 */
size_t tables_keys(const struct tables *t, size_t key[][TABLES_COLUMNS_MAX]);

/* Does a cell that is empty take its row out? */
enum keyed_empty {
	KEYED_EMPTY_KEPT,
	KEYED_EMPTY_OUT, /* the key of such a row is of size 0 */
};

/*
 * The keys of all rows, in their order: the unquoted cells of the columns, each with a zero byte behind it, so that bytes compare as cells do
 * one after the other. Columns are not there twice. The memory is the caller's to keep.
 */
struct keyed *keyed_rows(const struct csv *c, const size_t *column, size_t count, enum keyed_empty empty);
/* Cell number `index` of a key. */
struct text keyed_cell(struct text key, size_t index);

/* Column names into indexes; stops at one that is not there, or there twice. */
void columns_need(const struct csv *c, const char *const *name, size_t count, size_t *column);

/* Neumaier's sum: as if with twice the digits. Start from zeros; exact_value() stops when it is too large for a number. */
struct exact {
	double sum, rest;
};
void exact_add(struct exact *e, double value);
double exact_value(const struct exact *e);

#endif
