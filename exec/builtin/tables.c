#include "exec/builtin/tables.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static char separator_argument(void)
{
	const char *value = guest_argument("separator", ",");

	if (strcmp(value, "tab") == 0) {
		return '\t';
	}
	if (strlen(value) != 1 || strchr("\"\r\n", value[0])) {
		guest_stop("argument separator=%s is neither one character nor tab", value);
	}
	return value[0];
}

void tables_open(struct tables *t, const char *otherwise, size_t least)
{
	t->count = guest_list("inputs", otherwise, t->name, GUEST_LIST_MAX);
	t->separator = separator_argument();
	if (t->count < least) {
		guest_stop("inputs= has fewer than %zu tables", least);
	}
	for (size_t i = 0; i < t->count; i++) {
		for (size_t k = 0; k < i; k++) {
			if (strcmp(t->name[i], t->name[k]) == 0) {
				guest_stop("inputs= has %s twice", t->name[i]);
			}
		}
		csv_open(guest_input(t->name[i]), t->separator, &t->csv[i]);
	}
}

void columns_need(const struct csv *c, const char *const *name, size_t count, size_t *column)
{
	for (size_t i = 0; i < count; i++) {
		column[i] = csv_column_need(c, name[i]);
		for (size_t k = 0; k < i; k++) {
			if (column[k] == column[i]) {
				guest_stop("column %s is named twice", name[i]);
			}
		}
	}
}

/* ---- keys ---- */

/* One word of on=: the column of each table. */
static void key_columns(const struct tables *t, char *word, size_t index, size_t key[][TABLES_COLUMNS_MAX])
{
	size_t parts = 1;

	for (const char *p = word; *p; p++) {
		parts += *p == ':';
	}
	if (parts != 1 && parts != t->count) {
		guest_stop("on=%s names %zu columns for %zu tables", word, parts, t->count);
	}
	for (size_t i = 0; i < t->count; i++) {
		char *colon = parts == 1 ? NULL : strchr(word, ':');
		if (colon) {
			*colon = 0;
		}
		key[i][index] = csv_column_need(&t->csv[i], word);
		for (size_t k = 0; k < index; k++) {
			if (key[i][k] == key[i][index]) {
				guest_stop("on= has column %s twice", word);
			}
		}
		word = colon ? colon + 1 : word;
	}
}

size_t tables_keys(const struct tables *t, size_t key[][TABLES_COLUMNS_MAX])
{
	const char *word[TABLES_COLUMNS_MAX];
	size_t count = guest_list("on", NULL, word, TABLES_COLUMNS_MAX);

	for (size_t i = 0; i < count; i++) {
		/* guest_list gives memory of its own. */
		key_columns(t, (char *)(uintptr_t)word[i], i, key);
	}
	return count;
}

/* The key of one row to *to, which is then behind it. `cell` is room for all cells of a row. */
static struct text key_take(const struct csv *c, size_t row, const size_t *column, size_t count, struct text *cell,
			    bool *quoted, char **to)
{
	uint32_t at = csv_row(c, row);
	char *start = *to;
	bool empty = false;

	for (size_t i = 0; i < c->columns; i++) {
		cell[i] = csv_cell_next(c, &at, &quoted[i]);
	}
	for (size_t i = 0; i < count; i++) {
		struct text raw = cell[column[i]];
		if (quoted[column[i]]) {
			*to += csv_unquote(raw, *to);
		} else {
			memcpy(*to, raw.at, raw.size);
			*to += raw.size;
		}
		*(*to)++ = 0;
		empty |= raw.size == 0;
	}
	return (struct text){ start, empty ? 0 : (size_t)(*to - start) };
}

struct keyed *keyed_rows(const struct csv *c, const size_t *column, size_t count, enum keyed_empty empty)
{
	struct keyed *list = guest_alloc(c->rows, sizeof(*list));
	struct text *cell = guest_alloc(c->columns, sizeof(*cell));
	bool *quoted = guest_alloc(c->columns, sizeof(*quoted));
	/* Each cell has a separator or an end behind it in the text, but the last one. */
	char *to = guest_alloc(c->text.size + 1, 1);

	for (size_t r = 0; r < c->rows; r++) {
		char *start = to;
		struct text key = key_take(c, r, column, count, cell, quoted, &to);
		bool out = empty == KEYED_EMPTY_OUT && key.size == 0;
		list[r] = (struct keyed){ { start, out ? 0 : (size_t)(to - start) }, (uint32_t)r };
	}
	free(cell);
	free(quoted);
	return list;
}

struct text keyed_cell(struct text key, size_t index)
{
	const char *at = key.at;

	for (; index > 0; index--) {
		at += strlen(at) + 1;
	}
	return (struct text){ at, strlen(at) };
}

/* ---- sums ---- */

void exact_add(struct exact *e, double value)
{
	double sum = e->sum + value;

	e->rest += fabs(e->sum) >= fabs(value) ? (e->sum - sum) + value : (value - sum) + e->sum;
	e->sum = sum;
}

double exact_value(const struct exact *e)
{
	double value = e->sum + e->rest;

	if (!isfinite(value)) {
		guest_stop("the numbers are too large for their sum");
	}
	return value;
}
