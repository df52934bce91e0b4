/*
 * sum: how many keys two or more parties have in common, and the sums of values over them. Nothing of a single row.
 *
 *	inputs=A,B,... (a,b)         2 to 12 inputs, each a CSV table with a header (csv.h)
 *	out=NAME (result)            output: a CSV table of one row: `common`, then each value's sum under the word that named it
 *	on=KEY,...                   the key's columns, as in join.c
 *	value=INPUT.COLUMN,...       whose sums to give, at most 64; none: the count alone
 *	min_count=N (10)             fewer common keys than that fail the task; 1 or more
 *	separator=C | tab (,)        of all tables, and of the result
 *
 * A key that one table has twice fails the task, for it would count twice. A row with an empty cell in its key matches nothing. A value that
 * is empty in a common row fails the task; one that is no number, in any row. Sums are compensated, so they do not depend on the order of
 * rows but in their last digit; they are written so that they read back the same. A header alone is a table without keys.
 *
 * What leaks. To who gets the output: the count and the sums, and that no key is there twice. min_count does not make a sum private: who knows
 * all common rows but one, or is allowed several runs with chosen keys, learns a value by subtraction; the contract fixes inputs and runs.
 * To who watches memory accesses and time: keys' order, and which rows match.
 */
#include "exec/builtin/tables.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MIN_COUNT 10

struct value {
	const char *word;
	size_t table;
	double *of_row;
	struct exact sum;
};

struct summed {
	struct tables tables;
	size_t key[GUEST_LIST_MAX][TABLES_COLUMNS_MAX];
	struct keyed *row[GUEST_LIST_MAX];
	size_t at[GUEST_LIST_MAX];
	struct value value[TABLES_COLUMNS_MAX];
	size_t values;
	uint64_t common;
};

static void value_take(struct summed *s, const char *word)
{
	struct value *v = &s->value[s->values++];

	for (size_t t = 0; t < s->tables.count; t++) {
		const struct csv *c = &s->tables.csv[t];
		size_t size = strlen(s->tables.name[t]);
		if (strncmp(word, s->tables.name[t], size) != 0 || word[size] != '.' ||
		    csv_column(c, word + size + 1) == SIZE_MAX) {
			continue;
		}
		*v = (struct value){ .word = word, .table = t, .of_row = guest_alloc(c->rows, sizeof(double)) };
		csv_numbers(c, csv_column(c, word + size + 1), true, v->of_row);
		return;
	}
	guest_stop("value=%s is no INPUT.COLUMN", word);
}

static void arguments_take(struct summed *s)
{
	const char *word[TABLES_COLUMNS_MAX];
	size_t keys = tables_keys(&s->tables, s->key), values = 0;

	if (guest_argument("value", "")[0]) {
		values = guest_list("value", NULL, word, TABLES_COLUMNS_MAX);
	}
	for (size_t i = 0; i < values; i++) {
		value_take(s, word[i]);
	}
	for (size_t t = 0; t < s->tables.count; t++) {
		const struct csv *c = &s->tables.csv[t];
		s->row[t] = keyed_rows(c, s->key[t], keys, KEYED_EMPTY_OUT);
		keyed_sort(s->row[t], c->rows);
		for (size_t i = 1; i < c->rows; i++) {
			if (s->row[t][i].key.size && text_order(s->row[t][i - 1].key, s->row[t][i].key) == 0) {
				guest_stop("input %s has a key twice", s->tables.name[t]);
			}
		}
	}
}

/* Moves every table on to `key` or behind it: do all have it? */
static bool key_in_all(struct summed *s, struct text key)
{
	bool all = true;

	for (size_t t = 1; t < s->tables.count; t++) {
		size_t rows = s->tables.csv[t].rows;
		while (s->at[t] < rows && text_order(s->row[t][s->at[t]].key, key) < 0) {
			s->at[t]++;
		}
		all &= s->at[t] < rows && text_order(s->row[t][s->at[t]].key, key) == 0;
	}
	return all;
}

static void rows_sum(struct summed *s)
{
	for (; s->at[0] < s->tables.csv[0].rows; s->at[0]++) {
		struct text key = s->row[0][s->at[0]].key;
		if (key.size == 0 || !key_in_all(s, key)) {
			continue;
		}
		s->common++;
		for (size_t i = 0; i < s->values; i++) {
			struct value *v = &s->value[i];
			double value = v->of_row[s->row[v->table][s->at[v->table]].row];
			if (isnan(value)) {
				guest_stop("%s is empty in a common row", v->word);
			}
			exact_add(&v->sum, value);
		}
	}
}

int main(int argc, char **argv)
{
	static const char *const known[] = { "inputs", "out", "on", "value", "min_count", "separator", NULL };
	struct summed *s = guest_alloc(1, sizeof(*s));

	guest_arguments(argc, argv, known);
	uint64_t least = guest_count("min_count", 1, CSV_ROWS_MAX, MIN_COUNT);
	tables_open(&s->tables, "a,b", 2);
	arguments_take(s);
	rows_sum(s);
	if (s->common < least) {
		guest_stop("fewer common keys than min_count");
	}
	FILE *out = guest_output(guest_argument("out", "result"));
	fputs("common", out);
	for (size_t i = 0; i < s->values; i++) {
		putc(s->tables.separator, out);
		csv_write(out, s->tables.separator, (struct text){ s->value[i].word, strlen(s->value[i].word) });
	}
	fprintf(out, "\n%llu", (unsigned long long)s->common);
	for (size_t i = 0; i < s->values; i++) {
		fprintf(out, "%c%.17g", s->tables.separator, exact_value(&s->value[i].sum));
	}
	putc('\n', out);
	guest_close(out);
	return 0;
}
