/*
 * Rows to learn from and rows to predict, out of CSV tables; what all learning functions share.
 *
 * Arguments (every function that learns takes these):
 *	inputs=NAME,...    (a)        inputs, CSV with a header; their rows are put one table under the other, columns are found by their names
 *	features=NAME,...             columns to learn from; without it every column but the label and those of without=; then all tables must
 *	                              have the same columns, in any order
 *	without=NAME,...              columns to leave out
 *	separator=CHAR     (,)        one character
 *	label=NAME                    column to predict (what learns without one does not take it)
 *	missing=stop|skip  (stop)     an empty cell: stop, or leave the row out (gbdt takes empty cells as they are)
 * Every feature is a number; a cell that is none (text, nan, inf) stops. A label of a class is any text; 1 and 1.0 are two labels. Labels are
 * in numeric order when all are numbers, else in order of their bytes. A table without rows, a label that is empty, a class that is the only
 * one, and more than MODEL_LABELS_MAX classes stop. Class B.
 */
#ifndef MT_EXEC_BUILTIN_MODEL_ROWS_H
#define MT_EXEC_BUILTIN_MODEL_ROWS_H

#include "exec/builtin/model.h"

#define MODEL_ROWS_MAX (UINT32_C(1) << 26)
/* For the lists of known arguments. */
#define MODEL_ROWS_ARGUMENTS "inputs", "features", "without", "separator", "missing"
#define MODEL_APPLY_ARGUMENTS "inputs", "model", "out", "keep", "separator", "missing"

enum model_target {
	TARGET_NONE,
	TARGET_NUMBER,
	TARGET_CLASS,
};

enum model_missing {
	MISSING_BY_ARGUMENT,            /* missing= decides */
	MISSING_STAYS,                  /* NaN */
};

struct model_rows {
	size_t count, features, labels;
	struct text *feature, *label;
	double *x;                      /* count * features, row by row */
	double *y;                      /* TARGET_NUMBER: count of them */
	uint32_t *class_of;             /* TARGET_CLASS: count of them, below `labels` */
	uint32_t *origin;               /* TARGET_NONE: count of them, each row's number in the tables, from 1, before any was left out */
};

void model_rows_read(enum model_target target, enum model_missing missing, struct model_rows *out);
/* Which names a model of these rows has. */
struct model_head model_rows_head(const struct model_rows *rows, enum model_kind kind);

/*
 * Predict: the tables of inputs= into the CSV out= (out), a row for each row, in order: the columns of keep= as they stand, then `prediction`, and
 * for classes `probability_LABEL` of each label. Extra columns are ignored. missing=stop|skip (stop): stop at a row with an empty cell, or leave
 * its prediction empty.
 * `row` gives the probability of every label, or the one number.
 */
struct model_predictor {
	const struct model_head *head;
	const void *model;
	void (*row)(const void *model, const double *x, double *out);
	enum model_missing missing;
};
void model_apply(const struct model_predictor *p);

#endif
