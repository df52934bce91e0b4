#include "exec/builtin/model_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "exec/builtin/csv.h"
#include "exec/builtin/model_tables.h"

/* ---- labels ---- */

static bool text_same(struct text a, struct text b)
{
	return a.size == b.size && memcmp(a.at, b.at, a.size) == 0;
}

static int text_order(struct text a, struct text b)
{
	int order = memcmp(a.at, b.at, a.size < b.size ? a.size : b.size);

	return order ? order : (a.size > b.size) - (a.size < b.size);
}

/* Index of a label; a new one is copied. `guess` is where it was the last time: rows often come in runs. */
static uint32_t label_index(struct model_rows *rows, struct text cell, uint32_t guess)
{
	if (guess < rows->labels && text_same(rows->label[guess], cell)) {
		return guess;
	}
	for (size_t i = 0; i < rows->labels; i++) {
		if (text_same(rows->label[i], cell)) {
			return (uint32_t)i;
		}
	}
	if (rows->labels == MODEL_LABELS_MAX) {
		guest_stop("the label column has more than %d classes", MODEL_LABELS_MAX);
	}
	char *copy = guest_alloc(cell.size, 1);
	memcpy(copy, cell.at, cell.size);
	rows->label[rows->labels] = (struct text){ copy, cell.size };
	return (uint32_t)rows->labels++;
}

static void labels_read(const struct csv *c, size_t column, struct model_rows *rows, size_t begin)
{
	size_t room = 64;
	char *plain = guest_alloc(room, 1);
	uint32_t last = 0;

	for (size_t r = 0; r < c->rows; r++) {
		uint32_t at = csv_row(c, r);
		struct text cell = { 0 };
		bool quoted = false;
		for (size_t i = 0; i <= column; i++) {
			cell = csv_cell_next(c, &at, &quoted);
		}
		if (cell.size == 0) {
			guest_stop("row %zu has no label", r + 1);
		}
		if (quoted) {
			if (cell.size > room) {
				free(plain);
				room = cell.size;
				plain = guest_alloc(room, 1);
			}
			cell = (struct text){ plain, csv_unquote(cell, plain) };
		}
		last = label_index(rows, cell, last);
		rows->class_of[begin + r] = last;
	}
	free(plain);
}

static bool labels_numeric(const struct model_rows *rows)
{
	double number;

	for (size_t i = 0; i < rows->labels; i++) {
		if (!csv_number(rows->label[i], &number)) {
			return false;
		}
	}
	return true;
}

/* Order by value, so that no class depends on which table came first. */
static void labels_sort(struct model_rows *rows)
{
	uint32_t from[MODEL_LABELS_MAX], to[MODEL_LABELS_MAX];
	bool numeric = labels_numeric(rows);

	for (size_t i = 0; i < rows->labels; i++) {
		struct text moving = rows->label[i];
		double value = 0, other = 0;
		size_t at = i;
		for (; at > 0; at--) {
			struct text before = rows->label[at - 1];
			(void)(numeric && csv_number(moving, &value) && csv_number(before, &other));
			if (other < value || (!(other > value) && text_order(before, moving) < 0)) {
				break;
			}
			rows->label[at] = before;
			from[at] = from[at - 1];
		}
		rows->label[at] = moving;
		from[at] = (uint32_t)i;
	}
	for (size_t i = 0; i < rows->labels; i++) {
		to[from[i]] = (uint32_t)i;
	}
	for (size_t r = 0; r < rows->count; r++) {
		rows->class_of[r] = to[rows->class_of[r]];
	}
}

static bool *labels_present(const struct model_rows *rows, size_t *count)
{
	bool *present = guest_alloc(rows->labels, sizeof(*present));

	*count = 0;
	for (size_t r = 0; r < rows->count; r++) {
		*count += !present[rows->class_of[r]];
		present[rows->class_of[r]] = true;
	}
	return present;
}

/* Labels whose every row was left out are no classes. */
static void labels_settle(struct model_rows *rows)
{
	uint32_t to[MODEL_LABELS_MAX];
	size_t count = 0;

	labels_sort(rows);
	bool *present = labels_present(rows, &count);
	if (count < 2) {
		guest_stop("the label column has one class: there is nothing to tell apart");
	}
	count = 0;
	for (size_t i = 0; i < rows->labels; i++) {
		to[i] = (uint32_t)count;
		rows->label[count] = rows->label[i];
		count += present[i];
	}
	rows->labels = count;
	for (size_t r = 0; r < rows->count; r++) {
		rows->class_of[r] = to[rows->class_of[r]];
	}
	free(present);
}

/* ---- features ---- */

static bool listed(const char *const *list, size_t count, struct text name)
{
	for (size_t i = 0; i < count; i++) {
		if (strlen(list[i]) == name.size && memcmp(list[i], name.at, name.size) == 0) {
			return true;
		}
	}
	return false;
}

/* Every column of a table but the label and those of without=, which must be there. */
static void features_rest(const struct csv *c, const char *label, struct model_rows *rows)
{
	static const char *without[MODEL_FEATURES_MAX];
	size_t count = 0;

	if (guest_argument("without", "")[0]) {
		count = guest_list("without", "", without, MODEL_FEATURES_MAX - 1);
	}
	for (size_t i = 0; i < count; i++) {
		(void)csv_column_need(c, without[i]);
	}
	if (label) {
		without[count++] = label;
	}
	for (size_t i = 0; i < c->columns; i++) {
		if (!listed(without, count, c->name[i])) {
			rows->feature[rows->features++] = c->name[i];
		}
	}
}

static void features_choose(const struct csv *table, size_t tables, const char *label, struct model_rows *rows)
{
	static const char *name[MODEL_FEATURES_MAX];

	rows->feature = guest_alloc(MODEL_FEATURES_MAX, sizeof(rows->feature[0]));
	if (guest_argument("features", "")[0]) {
		if (guest_argument("without", "")[0]) {
			guest_stop("give features= or without=, not both");
		}
		rows->features = guest_list("features", "", name, MODEL_FEATURES_MAX);
		for (size_t i = 0; i < rows->features; i++) {
			rows->feature[i] = (struct text){ name[i], strlen(name[i]) };
			if ((label && strcmp(name[i], label) == 0) || listed(name, i, rows->feature[i])) {
				guest_stop("feature %s is the label, or there twice", name[i]);
			}
		}
	} else {
		features_rest(&table[0], label, rows);
		for (size_t t = 1; t < tables; t++) {
			if (table[t].columns != table[0].columns) {
				guest_stop("table %zu has other columns than the first", t + 1);
			}
		}
	}
	if (rows->features == 0) {
		guest_stop("there is no column to learn from");
	}
}

/* ---- rows ---- */

/* Rows with a missing value are left out. The others move up. */
static void rows_compact(struct model_rows *rows)
{
	size_t kept = 0, width = rows->features;

	for (size_t r = 0; r < rows->count; r++) {
		bool whole = true;
		for (size_t i = 0; i < width; i++) {
			whole = whole && !isnan(rows->x[r * width + i]);
		}
		if (!whole) {
			continue;
		}
		memmove(rows->x + kept * width, rows->x + r * width, width * sizeof(rows->x[0]));
		if (rows->y) {
			rows->y[kept] = rows->y[r];
		}
		if (rows->class_of) {
			rows->class_of[kept] = rows->class_of[r];
		}
		if (rows->origin) {
			rows->origin[kept] = rows->origin[r];
		}
		kept++;
	}
	rows->count = kept;
}

static void rows_table(const struct csv *c, const char *label, bool missing, size_t begin, struct model_rows *rows)
{
	size_t *column = guest_alloc(rows->features, sizeof(*column));

	model_columns(c, rows->feature, rows->features, column);
	csv_matrix(c, column, rows->features, missing, rows->x + begin * rows->features);
	if (rows->y) {
		csv_numbers(c, csv_column_need(c, label), false, rows->y + begin);
	}
	if (rows->class_of) {
		labels_read(c, csv_column_need(c, label), rows, begin);
	}
	free(column);
}

static void rows_allocate(const struct csv *table, size_t tables, enum model_target target, struct model_rows *rows)
{
	for (size_t t = 0; t < tables; t++) {
		rows->count += table[t].rows;
		if (rows->count > MODEL_ROWS_MAX) {
			guest_stop("more than %u rows", MODEL_ROWS_MAX);
		}
	}
	rows->x = guest_alloc(rows->count, rows->features * sizeof(rows->x[0]));
	if (target == TARGET_NONE) {
		rows->origin = guest_alloc(rows->count, sizeof(rows->origin[0]));
		for (size_t r = 0; r < rows->count; r++) {
			rows->origin[r] = (uint32_t)r + 1;
		}
	}
	if (target == TARGET_NUMBER) {
		rows->y = guest_alloc(rows->count, sizeof(rows->y[0]));
	}
	if (target == TARGET_CLASS) {
		rows->class_of = guest_alloc(rows->count, sizeof(rows->class_of[0]));
		rows->label = guest_alloc(MODEL_LABELS_MAX, sizeof(rows->label[0]));
	}
}

void model_rows_read(enum model_target target, enum model_missing missing, struct model_rows *out)
{
	struct csv table[GUEST_LIST_MAX];
	struct model_rows rows = { 0 };
	bool skip = missing == MISSING_BY_ARGUMENT && model_either("missing", "stop", "skip");
	const char *label = target == TARGET_NONE ? NULL : guest_argument("label", NULL);
	size_t tables = model_tables_open(table), done = 0;

	for (size_t t = 0; label && t < tables; t++) {
		(void)csv_column_need(&table[t], label);
	}
	features_choose(table, tables, label, &rows);
	rows_allocate(table, tables, target, &rows);
	for (size_t t = 0; t < tables; t++) {
		rows_table(&table[t], label, skip || missing == MISSING_STAYS, done, &rows);
		done += table[t].rows;
		model_table_close(&table[t]);
	}
	if (skip) {
		rows_compact(&rows);
	}
	if (rows.count == 0) {
		guest_stop("there are no rows to learn from");
	}
	if (rows.class_of) {
		labels_settle(&rows);
	}
	*out = rows;
}

struct model_head model_rows_head(const struct model_rows *rows, enum model_kind kind)
{
	return (struct model_head){
		.kind = kind,
		.features = rows->features,
		.labels = rows->labels,
		.feature = rows->feature,
		.label = rows->label,
	};
}
