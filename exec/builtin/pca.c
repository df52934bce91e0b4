/*
 * pca: principal components, from the covariance of the features.
 *
 *	inputs= features= without= separator= missing=    which rows: model_rows.h; two rows at least, at most 512 features
 *	count=N              (all)         components to give, those of largest variance first
 *	scale=no|yes         (no)          whether each feature is divided by its standard deviation first
 *	components=NAME      (components)  output: CSV `component,variance,share,FEATURE...`: variance over rows - 1, its share of the whole, the
 *	                                   component as a unit vector, its largest entry positive
 *	center=NAME                        output: CSV `feature,mean,scale`: what is taken off and then divided by
 *	rows=NAME                          output: CSV `row,component1,...`: each row in the new axes, with its number in the input, from 1
 *
 * A constant column has entry 0 in every component that varies. Jacobi's rotations: eigenvalues are right to their last digits.
 */
#include <math.h>

#include "exec/builtin/matrix.h"
#include "exec/builtin/model_rows.h"

#define FEATURES_MAX 512

struct pca {
	struct model_rows rows;
	struct matrix_columns facts;
	bool scale;
	size_t count;
	double *values, *vectors;
};

/* Of centred rows; the lower half is mirrored. */
static double *covariance(const struct model_rows *rows)
{
	size_t width = rows->features;
	double *c = guest_alloc(width, width * sizeof(*c));

	for (size_t r = 0; r < rows->count; r++) {
		const double *x = rows->x + r * width;
		for (size_t i = 0; i < width; i++) {
			matrix_add(c + i * width + i, x[i], x + i, width - i);
		}
	}
	for (size_t i = 0; i < width; i++) {
		for (size_t j = i; j < width; j++) {
			c[i * width + j] /= (double)(rows->count - 1);
			c[j * width + i] = c[i * width + j];
		}
	}
	return c;
}

static void components_put(const struct pca *p)
{
	FILE *to = guest_output(guest_argument("components", "components"));
	size_t width = p->rows.features;
	double all = 0;

	fputs("component,variance,share", to);
	for (size_t j = 0; j < width; j++) {
		all += p->values[j] > 0 ? p->values[j] : 0;
		fputc(',', to);
		model_put_cell(to, p->rows.feature[j]);
	}
	for (size_t i = 0; i < p->count; i++) {
		/* A variance is never below zero; rounding may say so. */
		double value = p->values[i] > 0 ? p->values[i] : 0;
		fprintf(to, "\n%zu,%.17g,%.17g", i + 1, value, all > 0 ? value / all : 0);
		for (size_t j = 0; j < width; j++) {
			fprintf(to, ",%.17g", p->vectors[i * width + j]);
		}
	}
	fputc('\n', to);
	guest_close(to);
}

static void center_put(const struct pca *p)
{
	FILE *to = model_output_wanted("center");

	if (!to) {
		return;
	}
	fputs("feature,mean,scale\n", to);
	for (size_t j = 0; j < p->rows.features; j++) {
		double spread = p->facts.spread[j];
		model_put_cell(to, p->rows.feature[j]);
		fprintf(to, ",%.17g,%.17g\n", p->facts.mean[j], p->scale && spread > 0 ? spread : 1);
	}
	guest_close(to);
}

static void rows_put(const struct pca *p)
{
	FILE *to = model_output_wanted("rows");
	size_t width = p->rows.features;

	if (!to) {
		return;
	}
	fputs("row", to);
	for (size_t i = 0; i < p->count; i++) {
		fprintf(to, ",component%zu", i + 1);
	}
	for (size_t r = 0; r < p->rows.count; r++) {
		fprintf(to, "\n%u", (unsigned)p->rows.origin[r]);
		for (size_t i = 0; i < p->count; i++) {
			fprintf(to, ",%.17g", matrix_dot(p->vectors + i * width, p->rows.x + r * width, width));
		}
	}
	fputc('\n', to);
	guest_close(to);
}

int main(int argc, char **argv)
{
	static const char *const known[] = { MODEL_ROWS_ARGUMENTS, "count", "scale", "components", "center", "rows", NULL };
	struct pca p = { 0 };

	guest_arguments(argc, argv, known);
	p.scale = model_either("scale", "no", "yes");
	model_rows_read(TARGET_NONE, MISSING_BY_ARGUMENT, &p.rows);
	size_t width = p.rows.features;
	if (p.rows.count < 2 || width > FEATURES_MAX) {
		guest_stop("%zu rows and %zu features: two rows are needed, and at most %d features", p.rows.count, width, FEATURES_MAX);
	}
	p.count = (size_t)guest_count("count", 1, width, width);
	p.facts = matrix_columns(p.rows.x, p.rows.count, width);
	matrix_center(p.rows.x, p.rows.count, width, &p.facts, p.scale);
	p.values = guest_alloc(width, sizeof(double));
	p.vectors = guest_alloc(width, width * sizeof(double));
	matrix_eigen(covariance(&p.rows), width, p.values, p.vectors);
	components_put(&p);
	center_put(&p);
	rows_put(&p);
	return 0;
}
