/*
 * join: rows of two or more tables with the same key, side by side.
 *
 *	inputs=A,B,... (a,b)         2 to 12 inputs, each a CSV table with a header (csv.h)
 *	out=NAME (result)            output: a CSV table, LF, sorted by key, then by the order of rows in the inputs
 *	on=KEY,...                   the key's columns. NAME where all tables call it the same, else NAME:NAME:... in the order of inputs
 *	columns=COLUMN,... (all)     columns of the result in that order: COLUMN where one table has it, else INPUT.COLUMN; a key's name is the
 *	                             first table's. all: the key, then all other columns of all tables. At most 64 may be named
 *	kind=inner | left (inner)    left: a row of the first table stays even if others have nothing for it; their cells are empty
 *	rows_max=N (2^26)            more rows in the result fail the task
 *	separator=C | tab (,)        of all tables, and of the result
 *
 * Keys are compared as bytes, without quotes: 1 and 1.0 differ. A row with an empty cell in its key matches nothing: inner drops it, left
 * keeps it if it is the first table's. A key that is there several times gives every combination. A name that two tables have is
 * INPUT.COLUMN in the result. Empty tables (a header alone) are tables. Limits: 3 GiB each, 4096 columns in
 * all, 2^28 rows.
 *
 * What leaks. To who gets the output: the chosen columns of the rows that match; of a left join, that the others do not. A party that puts in
 * guesses for keys gets what belongs to them. To who watches memory accesses and time: keys' order, and which rows match.
 */
#include "exec/builtin/tables.h"

#include <stdlib.h>
#include <string.h>

#define ROWS_MAX (UINT64_C(1) << 26)

/* One table in the join. */
struct joined {
	const struct csv *csv;
	struct keyed *row;
	size_t rows;
	size_t from, end; /* the rows of the key at hand; none: from == end */
	/* The row at hand. */
	struct text *cell; /* unquoted */
	char *bytes;
	size_t capacity;
};

struct column {
	size_t table, index;
	bool named; /* the result calls it INPUT.COLUMN */
};

struct join {
	struct tables tables;
	struct joined side[GUEST_LIST_MAX];
	size_t keys, key[GUEST_LIST_MAX][TABLES_COLUMNS_MAX];
	struct column *column;
	size_t columns;
	bool left;
	uint64_t rows, rows_max;
	FILE *out;
};

/* ---- arguments ---- */

static bool is_key(const struct join *j, size_t table, size_t column)
{
	for (size_t k = 0; k < j->keys; k++) {
		if (j->key[table][k] == column) {
			return true;
		}
	}
	return false;
}

static void column_add(struct join *j, size_t table, size_t index)
{
	j->column[j->columns++] = (struct column){ table, index, false };
}

static void columns_all(struct join *j)
{
	size_t most = 0;

	for (size_t t = 0; t < j->tables.count; t++) {
		most += j->tables.csv[t].columns;
	}
	if (most > CSV_COLUMNS_MAX) {
		guest_stop("the result has more than %d columns", CSV_COLUMNS_MAX);
	}
	j->column = guest_alloc(most, sizeof(*j->column));
	for (size_t k = 0; k < j->keys; k++) {
		column_add(j, 0, j->key[0][k]);
	}
	for (size_t t = 0; t < j->tables.count; t++) {
		for (size_t i = 0; i < j->tables.csv[t].columns; i++) {
			if (!is_key(j, t, i)) {
				column_add(j, t, i);
			}
		}
	}
}

/* INPUT.COLUMN, or else the one table that has COLUMN; of a key that all have, the first's. */
static void column_named(struct join *j, const char *word)
{
	size_t table = SIZE_MAX, index = SIZE_MAX;

	for (size_t t = 0; t < j->tables.count; t++) {
		size_t size = strlen(j->tables.name[t]);
		if (strncmp(word, j->tables.name[t], size) == 0 && word[size] == '.' &&
		    csv_column(&j->tables.csv[t], word + size + 1) != SIZE_MAX) {
			column_add(j, t, csv_column(&j->tables.csv[t], word + size + 1));
			return;
		}
	}
	for (size_t t = 0; t < j->tables.count; t++) {
		size_t found = csv_column(&j->tables.csv[t], word);
		if (found == SIZE_MAX || (is_key(j, t, found) && table != SIZE_MAX)) {
			continue;
		}
		if (table != SIZE_MAX) {
			guest_stop("tables %s and %s both have a column %s", j->tables.name[table], j->tables.name[t],
				   word);
		}
		table = t;
		index = found;
	}
	if (table == SIZE_MAX) {
		guest_stop("no table has a column %s", word);
	}
	column_add(j, table, index);
}

static void arguments_take(struct join *j)
{
	const char *word[TABLES_COLUMNS_MAX];

	j->left = guest_second("kind", "inner", "left");
	j->rows_max = guest_count("rows_max", 1, CSV_ROWS_MAX, ROWS_MAX);
	j->keys = tables_keys(&j->tables, j->key);
	if (!guest_argument("columns", "")[0]) {
		columns_all(j);
		return;
	}
	size_t count = guest_list("columns", NULL, word, TABLES_COLUMNS_MAX);
	j->column = guest_alloc(count, sizeof(*j->column));
	for (size_t i = 0; i < count; i++) {
		column_named(j, word[i]);
	}
}

/* ---- header ---- */

static struct text name_of(const struct join *j, const struct column *c)
{
	return j->tables.csv[c->table].name[c->index];
}

static void header_write(struct join *j)
{
	for (size_t i = 0; i < j->columns; i++) {
		for (size_t k = 0; k < j->columns; k++) {
			struct text mine = name_of(j, &j->column[i]), other = name_of(j, &j->column[k]);
			bool same = k != i && text_order(mine, other) == 0;
			if (same && j->column[i].table == j->column[k].table) {
				guest_stop("columns= has column %.*s twice", (int)(mine.size < 40 ? mine.size : 40),
					   mine.at);
			}
			j->column[i].named |= same;
		}
	}
	for (size_t i = 0; i < j->columns; i++) {
		struct text name = name_of(j, &j->column[i]);
		const char *input = j->tables.name[j->column[i].table];
		size_t size = strlen(input) + 1;
		char *both = guest_alloc(size + name.size, 1);
		memcpy(both, input, size - 1);
		both[size - 1] = '.';
		memcpy(both + size, name.at, name.size);
		if (i) {
			putc(j->tables.separator, j->out);
		}
		if (j->columns == 1) {
			csv_write_single(j->out, j->tables.separator, name);
		} else {
			csv_write(j->out, j->tables.separator,
				  j->column[i].named ? (struct text){ both, size + name.size } : name);
		}
		free(both);
	}
	putc('\n', j->out);
}

/* ---- rows ---- */

/* The cells of a row, unquoted; of no row: all empty. */
static void row_load(struct joined *s, bool any, size_t row)
{
	const struct csv *c = s->csv;
	bool quoted;

	if (!any) {
		memset(s->cell, 0, c->columns * sizeof(s->cell[0]));
		return;
	}
	uint32_t at = csv_row(c, row), start = at;
	for (size_t i = 0; i < c->columns; i++) {
		(void)csv_cell_next(c, &at, &quoted);
	}
	if (at - start > s->capacity) {
		free(s->bytes);
		s->capacity = 2 * (size_t)(at - start);
		s->bytes = guest_alloc(s->capacity, 1);
	}
	at = start;
	for (size_t i = 0, done = 0; i < c->columns; i++) {
		struct text raw = csv_cell_next(c, &at, &quoted);
		s->cell[i] = raw;
		if (quoted) {
			s->cell[i] = (struct text){ s->bytes + done, csv_unquote(raw, s->bytes + done) };
			done += s->cell[i].size;
		}
	}
}

static void row_write(struct join *j)
{
	if (++j->rows > j->rows_max) {
		guest_stop("the result has more than rows_max=%llu rows", (unsigned long long)j->rows_max);
	}
	for (size_t i = 0; i < j->columns; i++) {
		struct text cell = j->side[j->column[i].table].cell[j->column[i].index];
		if (i) {
			putc(j->tables.separator, j->out);
		}
		if (j->columns == 1) {
			csv_write_single(j->out, j->tables.separator, cell);
		} else {
			csv_write(j->out, j->tables.separator, cell);
		}
	}
	putc('\n', j->out);
}

/* Every combination of the rows at hand, the last table's turning fastest. A table without one takes part with empty cells. */
static void combinations_write(struct join *j)
{
	size_t at[GUEST_LIST_MAX] = { 0 }, t = 0, last = j->tables.count - 1;

	for (;;) {
		for (; t <= last; t++) {
			struct joined *s = &j->side[t];
			bool any = s->from < s->end;
			row_load(s, any, any ? s->row[s->from + at[t]].row : 0);
		}
		row_write(j);
		for (t = last; at[t] + 1 >= j->side[t].end - j->side[t].from; t--) {
			at[t] = 0;
			if (t == 0) {
				return;
			}
		}
		at[t]++;
	}
}

static void rows_write(struct join *j)
{
	struct joined *first = &j->side[0];

	for (first->from = 0; first->from < first->rows; first->from = first->end) {
		struct text key = first->row[first->from].key;
		first->end = keyed_end(first->row, first->rows, first->from);
		bool all = true;
		for (size_t t = 1; t < j->tables.count; t++) {
			struct joined *s = &j->side[t];
			for (s->from = s->end; s->from < s->rows && text_order(s->row[s->from].key, key) < 0;) {
				s->from++;
			}
			s->end = s->from;
			if (key.size && s->from < s->rows && text_order(s->row[s->from].key, key) == 0) {
				s->end = keyed_end(s->row, s->rows, s->from);
			}
			all &= s->from < s->end;
		}
		if (all || j->left) {
			combinations_write(j);
		}
	}
}

static void sides_open(struct join *j)
{
	for (size_t t = 0; t < j->tables.count; t++) {
		struct joined *s = &j->side[t];
		s->csv = &j->tables.csv[t];
		s->rows = s->csv->rows;
		s->cell = guest_alloc(s->csv->columns, sizeof(*s->cell));
		s->row = keyed_rows(s->csv, j->key[t], j->keys, KEYED_EMPTY_OUT);
		keyed_sort(s->row, s->rows);
	}
}

int main(int argc, char **argv)
{
	static const char *const known[] = { "inputs", "out", "on", "columns", "kind", "rows_max", "separator", NULL };
	struct join *j = guest_alloc(1, sizeof(*j));

	guest_arguments(argc, argv, known);
	tables_open(&j->tables, "a,b", 2);
	arguments_take(j);
	sides_open(j);
	j->out = guest_output(guest_argument("out", "result"));
	header_write(j);
	rows_write(j);
	guest_close(j->out);
	return 0;
}
