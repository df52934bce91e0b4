#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "exec/builtin/csv.h"
#include "exec/builtin/model_rows.h"
#include "exec/builtin/model_tables.h"

/* ---- tables ---- */

char model_separator(void)
{
	const char *word = guest_argument("separator", ",");

	if (strlen(word) != 1 || word[0] == '"' || word[0] == '\n' || word[0] == '\r') {
		guest_stop("argument separator=%s is no single character that can separate", word);
	}
	return word[0];
}

size_t model_tables_open(struct csv table[GUEST_LIST_MAX])
{
	const char *name[GUEST_LIST_MAX];
	size_t count = guest_list("inputs", "a", name, GUEST_LIST_MAX);

	for (size_t t = 0; t < count; t++) {
		csv_open(guest_input(name[t]), model_separator(), &table[t]);
	}
	return count;
}

void model_table_close(struct csv *table)
{
	free((void *)(uintptr_t)table->text.at);
	free(table->row_at);
	table->text = (struct text){ 0 };
	table->row_at = NULL;
	table->rows = 0;
}

void model_columns(const struct csv *c, const struct text *name, size_t count, size_t *column)
{
	for (size_t i = 0; i < count; i++) {
		column[i] = 0;
		while (column[i] < c->columns && (c->name[column[i]].size != name[i].size ||
						  memcmp(c->name[column[i]].at, name[i].at, name[i].size) != 0)) {
			column[i]++;
		}
		if (column[i] == c->columns) {
			guest_stop("the table has no column %.*s", (int)name[i].size, name[i].at);
		}
	}
}

/* ---- predictions ---- */

struct kept {
	const char *name[MODEL_FEATURES_MAX];
	size_t count;
};

static void put_header(FILE *to, const struct model_head *head, const struct kept *kept)
{
	for (size_t i = 0; i < kept->count; i++) {
		model_put_cell(to, (struct text){ kept->name[i], strlen(kept->name[i]) });
		fputc(',', to);
	}
	fputs("prediction", to);
	for (size_t i = 0; i < head->labels; i++) {
		static const char prefix[] = "probability_";
		size_t size = sizeof(prefix) - 1 + head->label[i].size;
		char *name = guest_alloc(size, 1);
		memcpy(name, prefix, sizeof(prefix) - 1);
		memcpy(name + sizeof(prefix) - 1, head->label[i].at, head->label[i].size);
		fputc(',', to);
		model_put_cell(to, (struct text){ name, size });
		free(name);
	}
	fputc('\n', to);
}

/* The cells that are kept, in the order of keep=. */
static void put_kept(FILE *to, const struct csv *c, size_t row, const size_t *column, size_t count, struct text *cell)
{
	if (count == 0) {
		return;
	}
	uint32_t at = csv_row(c, row);
	bool quoted;
	for (size_t i = 0; i < c->columns; i++) {
		struct text raw = csv_cell_next(c, &at, &quoted);
		/* Quotes stay where they stood. */
		cell[i] = quoted ? (struct text){ raw.at - 1, raw.size + 2 } : raw;
	}
	for (size_t i = 0; i < count; i++) {
		struct text raw = cell[column[i]];
		if (raw.size && raw.at[0] == '"') {
			fwrite(raw.at, 1, raw.size, to);
		} else {
			model_put_cell(to, raw);
		}
		fputc(',', to);
	}
}

static void put_prediction(FILE *to, const struct model_head *head, const double *out)
{
	size_t best = 0;

	if (!head->labels) {
		fprintf(to, "%.17g\n", out[0]);
		return;
	}
	for (size_t i = 1; i < head->labels; i++) {
		best = out[i] > out[best] ? i : best;
	}
	model_put_cell(to, head->label[best]);
	for (size_t i = 0; i < head->labels; i++) {
		fprintf(to, ",%.9g", out[i]);
	}
	fputc('\n', to);
}

/* A row whose prediction is left empty: in quotes, for an empty line would be no row. */
static void put_nothing(FILE *to, const struct model_head *head)
{
	fputs("\"\"", to);
	for (size_t i = 0; i < head->labels; i++) {
		fputc(',', to);
	}
	fputc('\n', to);
}

static bool row_whole(const double *x, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (isnan(x[i])) {
			return false;
		}
	}
	return true;
}

static void apply_table(const struct model_predictor *p, const struct csv *c, const struct kept *kept, bool missing, FILE *to)
{
	size_t width = p->head->features;
	size_t *column = guest_alloc(width, sizeof(*column)), *keep = guest_alloc(kept->count, sizeof(*keep));
	double *x = guest_alloc(c->rows, width * sizeof(*x)), out[MODEL_LABELS_MAX] = { 0 };
	struct text *cell = guest_alloc(c->columns, sizeof(*cell));

	model_columns(c, p->head->feature, width, column);
	for (size_t i = 0; i < kept->count; i++) {
		keep[i] = csv_column_need(c, kept->name[i]);
	}
	csv_matrix(c, column, width, missing, x);
	for (size_t r = 0; r < c->rows; r++) {
		put_kept(to, c, r, keep, kept->count, cell);
		if (p->missing != MISSING_STAYS && !row_whole(x + r * width, width)) {
			put_nothing(to, p->head);
			continue;
		}
		p->row(p->model, x + r * width, out);
		put_prediction(to, p->head, out);
	}
	free(column);
	free(keep);
	free(x);
	free(cell);
}

void model_apply(const struct model_predictor *p)
{
	static struct kept kept;
	struct csv table[GUEST_LIST_MAX];
	bool skip = p->missing == MISSING_BY_ARGUMENT && model_either("missing", "stop", "skip");
	size_t tables = model_tables_open(table);

	if (guest_argument("keep", "")[0]) {
		kept.count = guest_list("keep", "", kept.name, MODEL_FEATURES_MAX);
	}
	FILE *to = guest_output(guest_argument("out", "out"));
	put_header(to, p->head, &kept);
	for (size_t t = 0; t < tables; t++) {
		apply_table(p, &table[t], &kept, skip || p->missing == MISSING_STAYS, to);
		model_table_close(&table[t]);
	}
	guest_close(to);
}
