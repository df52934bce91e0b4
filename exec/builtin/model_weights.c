#include "exec/builtin/model_weights.h"

#include <math.h>

#include "exec/builtin/matrix.h"
#include "exec/builtin/model_rows.h"

static size_t rows_of(const struct model_head *head)
{
	return head->labels > 2 ? head->labels : 1;
}

void model_weights_open(const struct model_head *head, struct model_weights *out)
{
	*out = (struct model_weights){ .head = *head, .rows = rows_of(head) };
	out->weight = guest_alloc(out->rows, (head->features + 1) * sizeof(out->weight[0]));
}

void model_weights_decode(struct text file, enum model_kind kind, struct model_weights *out)
{
	struct model_head head = { 0 };
	struct model_reader r = model_open(file, kind, &head);
	size_t count = rows_of(&head) * (head.features + 1);

	/* A number has no labels, a class has. */
	r.failed = r.failed || (kind == MODEL_LINEAR) != (head.labels == 0) || r.left != count * sizeof(double);
	if (r.failed) {
		model_done(&r);
	}
	model_weights_open(&head, out);
	for (size_t i = 0; i < count; i++) {
		out->weight[i] = model_f64(&r);
	}
	model_done(&r);
}

void model_weights_encode(FILE *to, const struct model_weights *w)
{
	model_put_head(to, &w->head);
	for (size_t i = 0; i < w->rows * (w->head.features + 1); i++) {
		model_put_f64(to, w->weight[i]);
	}
}

static void coefficients_put(FILE *to, const struct model_weights *w)
{
	static const char intercept[] = "(intercept)";
	size_t width = w->head.features + 1;

	fputs(w->head.labels ? "class,feature,coefficient\n" : "feature,coefficient\n", to);
	for (size_t i = 0; i < w->rows * width; i++) {
		/* One row for two classes is about the second. */
		if (w->head.labels) {
			model_put_cell(to, w->head.label[w->rows == 1 ? 1 : i / width]);
			fputc(',', to);
		}
		size_t feature = i % width;
		model_put_cell(to, feature ? w->head.feature[feature - 1] : (struct text){ intercept, sizeof(intercept) - 1 });
		fprintf(to, ",%.17g\n", w->weight[i]);
	}
}

void model_weights_write(const struct model_weights *w)
{
	FILE *to = guest_output(guest_argument("model", "model"));

	model_weights_encode(to, w);
	guest_close(to);
	to = model_output_wanted("coefficients");
	if (to) {
		coefficients_put(to, w);
		guest_close(to);
	}
}

void model_weights_predict_row(const void *weights, const double *x, double *out)
{
	const struct model_weights *w = weights;
	size_t features = w->head.features;
	double most = -INFINITY, sum = 0;

	for (size_t k = 0; k < w->rows; k++) {
		const double *row = w->weight + k * (features + 1);
		out[k] = row[0] + matrix_dot(row + 1, x, features);
		most = out[k] > most ? out[k] : most;
	}
	if (w->head.labels == 2) {
		double score = out[0];
		out[0] = 1 / (1 + exp(score));
		out[1] = 1 / (1 + exp(-score));
	}
	for (size_t k = 0; k < w->rows && w->rows > 1; k++) {
		out[k] = exp(out[k] - most);
		sum += out[k];
	}
	for (size_t k = 0; k < w->rows && w->rows > 1; k++) {
		out[k] /= sum;
	}
}
