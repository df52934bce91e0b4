/*
 * linear_train: a number as a weighted sum of features, by least squares, with or without a penalty (ridge).
 *
 *	inputs= features= without= separator= missing= label=    which rows: model_rows.h
 *	l2=X                 (0)      penalty: minimises |y - Xw|^2 + l2 |w|^2; the intercept has none
 *	model=NAME           (model)  output: the model, for linear_predict
 *	coefficients=NAME             output: CSV `feature,coefficient`, the intercept first
 *	metrics=NAME                  output: CSV `rows,r2,rmse` over the rows learnt from
 *
 * Householder reflections over centred and scaled columns. Without a penalty the answer must be the only one: a constant column, one that the
 * others give, or fewer rows than columns stop, naming a column. With one, a constant column's coefficient is 0.
 */
#include <math.h>

#include "exec/builtin/matrix.h"
#include "exec/builtin/model_rows.h"
#include "exec/builtin/model_weights.h"

#define SINGULAR 1e-10                  /* what is left of a column, against the largest */

/* Column by column, with the penalty as further rows: sqrt(l2) / spread on the diagonal, for the columns are scaled. */
static double *columns_make(const struct model_rows *rows, const struct matrix_columns *facts, double l2, size_t height)
{
	double *a = guest_alloc(rows->features, height * sizeof(*a));

	for (size_t r = 0; r < rows->count; r++) {
		for (size_t j = 0; j < rows->features; j++) {
			a[j * height + r] = rows->x[r * rows->features + j];
		}
	}
	for (size_t j = 0; j < rows->features && l2 > 0; j++) {
		/* A constant column is nothing but its penalty, so its weight is 0. */
		a[j * height + rows->count + j] = facts->spread[j] > 0 ? sqrt(l2) / facts->spread[j] : 1;
	}
	return a;
}

static void metrics_put(const struct model_rows *rows, const struct model_weights *w, const double *y, double mean)
{
	FILE *to = model_output_wanted("metrics");
	double error = 0, all = 0;

	for (size_t r = 0; r < rows->count; r++) {
		double at = matrix_dot(w->weight + 1, rows->x + r * rows->features, rows->features);
		error += (y[r] - mean - at) * (y[r] - mean - at);
		all += (y[r] - mean) * (y[r] - mean);
	}
	if (to) {
		fprintf(to, "rows,r2,rmse\n%zu,%.9g,%.9g\n", rows->count, all > 0 ? 1 - error / all : 0, sqrt(error / (double)rows->count));
		guest_close(to);
	}
}

int main(int argc, char **argv)
{
	static const char *const known[] = { MODEL_ROWS_ARGUMENTS, "label", "l2", "model", "coefficients", "metrics", NULL };
	struct model_rows rows;
	struct model_weights w;

	guest_arguments(argc, argv, known);
	double l2 = guest_number("l2", 0, 1e12, 0);
	model_rows_read(TARGET_NUMBER, MISSING_BY_ARGUMENT, &rows);
	struct model_head head = model_rows_head(&rows, MODEL_LINEAR);
	model_weights_open(&head, &w);
	size_t width = rows.features, height = rows.count + (l2 > 0 ? width : 0);
	struct matrix_columns facts = matrix_columns(rows.x, rows.count, width), target = matrix_columns(rows.y, rows.count, 1);
	matrix_center(rows.x, rows.count, width, &facts, true);
	double *a = columns_make(&rows, &facts, l2, height), *b = guest_alloc(height, sizeof(*b));
	for (size_t r = 0; r < rows.count; r++) {
		b[r] = rows.y[r] - target.mean[0];
	}
	size_t bad = matrix_least_squares(a, b, height, width, SINGULAR, w.weight + 1);
	if (bad != SIZE_MAX) {
		guest_stop("singular: column %.*s is constant, or the others give it; leave it out, or give l2=", (int)rows.feature[bad].size,
			   rows.feature[bad].at);
	}
	metrics_put(&rows, &w, rows.y, target.mean[0]);
	w.weight[0] = target.mean[0];
	for (size_t j = 0; j < width; j++) {
		w.weight[j + 1] = facts.spread[j] > 0 ? w.weight[j + 1] / facts.spread[j] : 0;
		w.weight[0] -= w.weight[j + 1] * facts.mean[j];
	}
	model_weights_write(&w);
	return 0;
}
