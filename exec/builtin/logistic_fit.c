#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "exec/builtin/logistic.h"

/*
 * Newton's method; each step's equations are solved by preconditioned conjugate gradients, which need the matrix of second derivatives only as a
 * product with a vector: no table of (classes * features)^2 is ever made. Columns are centred and scaled, and the penalty with them.
 */
#define GRADIENT_DONE 1e-9              /* against the first gradient */
#define STEP_DONE 1e-5                  /* against the weights */
#define FALL_DONE 1e-13                 /* of the loss, against itself: what a step promises */
#define CONJUGATE_MAX 1000
#define HALVINGS_MAX 40
#define STALLS_MAX 5                    /* steps in a row after which the loss is where it was */

struct fit {
	const struct model_rows *rows;
	size_t classes, width, size;    /* rows of weights; features + 1; all weights */
	double *penalty;                /* of each feature's weight, in the scaled columns; the intercept's, first, is 0 */
	double *chance;                 /* [row][classes] at the weights where the gradient was taken */
	double *weight, *gradient, *step, *trial, *diagonal;
	double *rest, *search, *image, *solved;         /* of the conjugate gradients */
};

static double *vector(const struct fit *f)
{
	return guest_alloc(f->size, sizeof(double));
}

/* score[k] of one row. */
static void scores(const struct fit *f, const double *weight, const double *x, double *score)
{
	for (size_t k = 0; k < f->classes; k++) {
		const double *w = weight + k * f->width;
		score[k] = w[0] + matrix_dot(w + 1, x, f->width - 1);
	}
}

/* Scores to probabilities; returns the row's loss. One row of weights speaks of class 1. */
static double row_chances(const struct fit *f, double *score, uint32_t is)
{
	double most = score[0], own = score[f->classes > 1 ? is : 0], sum = 0;

	if (f->classes == 1) {
		double side = is ? -score[0] : score[0];
		score[0] = 1 / (1 + exp(-score[0]));
		return side > 0 ? side + log1p(exp(-side)) : log1p(exp(side));
	}
	for (size_t k = 1; k < f->classes; k++) {
		most = score[k] > most ? score[k] : most;
	}
	for (size_t k = 0; k < f->classes; k++) {
		score[k] = exp(score[k] - most);
		sum += score[k];
	}
	for (size_t k = 0; k < f->classes; k++) {
		score[k] /= sum;
	}
	return log(sum) + most - own;
}

static double penalty(const struct fit *f, const double *weight)
{
	double sum = 0;

	for (size_t i = 0; i < f->size; i++) {
		sum += f->penalty[i % f->width] * weight[i] * weight[i] / 2;
	}
	return sum;
}

static double loss(const struct fit *f, const double *weight)
{
	double score[MODEL_LABELS_MAX], sum = penalty(f, weight);

	for (size_t r = 0; r < f->rows->count; r++) {
		scores(f, weight, f->rows->x + r * f->rows->features, score);
		sum += row_chances(f, score, f->rows->class_of[r]);
	}
	return sum;
}

/* Loss, gradient, probabilities and the diagonal of the second derivatives, in one pass. */
static double derivatives(struct fit *f)
{
	double sum = penalty(f, f->weight);

	for (size_t i = 0; i < f->size; i++) {
		f->gradient[i] = f->penalty[i % f->width] * f->weight[i];
		f->diagonal[i] = f->penalty[i % f->width];
	}
	for (size_t r = 0; r < f->rows->count; r++) {
		const double *x = f->rows->x + r * f->rows->features;
		double *p = f->chance + r * f->classes;
		uint32_t is = f->rows->class_of[r];
		scores(f, f->weight, x, p);
		sum += row_chances(f, p, is);
		for (size_t k = 0; k < f->classes; k++) {
			double *g = f->gradient + k * f->width, *d = f->diagonal + k * f->width, curve = p[k] * (1 - p[k]);
			double off = p[k] - ((f->classes > 1 ? k == is : is == 1) ? 1 : 0);
			g[0] += off;
			d[0] += curve;
			matrix_add(g + 1, off, x, f->width - 1);
			for (size_t j = 1; j < f->width; j++) {
				d[j] += curve * x[j - 1] * x[j - 1];
			}
		}
	}
	for (size_t i = 0; i < f->size; i++) {
		f->diagonal[i] = f->diagonal[i] > 1e-300 ? f->diagonal[i] : 1;
	}
	return sum;
}

/* image = second derivatives * v */
static void curve_by(const struct fit *f, const double *v, double *image)
{
	double along[MODEL_LABELS_MAX];

	for (size_t i = 0; i < f->size; i++) {
		image[i] = f->penalty[i % f->width] * v[i];
	}
	for (size_t r = 0; r < f->rows->count; r++) {
		const double *x = f->rows->x + r * f->rows->features, *p = f->chance + r * f->classes;
		scores(f, v, x, along);
		double mean = f->classes > 1 ? matrix_dot(p, along, f->classes) : p[0] * along[0];
		for (size_t k = 0; k < f->classes; k++) {
			double by = p[k] * (along[k] - mean), *to = image + k * f->width;
			to[0] += by;
			matrix_add(to + 1, by, x, f->width - 1);
		}
	}
}

/* step = -(second derivatives)^-1 * gradient, until what is left is below `share` of the gradient. */
static void step_solve(struct fit *f, double share)
{
	size_t size = f->size;
	double size_start = sqrt(matrix_dot(f->gradient, f->gradient, size)), product = 0;
	/* Without rounding they end after as many steps as there are weights. */
	size_t most = 2 * size + 20 < CONJUGATE_MAX ? 2 * size + 20 : CONJUGATE_MAX;

	memset(f->step, 0, size * sizeof(f->step[0]));
	for (size_t i = 0; i < size; i++) {
		f->rest[i] = -f->gradient[i];
		f->search[i] = f->solved[i] = f->rest[i] / f->diagonal[i];
		product += f->rest[i] * f->solved[i];
	}
	for (size_t n = 0; n < most && sqrt(matrix_dot(f->rest, f->rest, size)) > share * size_start; n++) {
		curve_by(f, f->search, f->image);
		double bend = matrix_dot(f->search, f->image, size);
		if (!(bend > 0)) {
			break;                  /* flat within what doubles can say */
		}
		double by = product / bend, before = product;
		matrix_add(f->step, by, f->search, size);
		matrix_add(f->rest, -by, f->image, size);
		product = 0;
		for (size_t i = 0; i < size; i++) {
			f->solved[i] = f->rest[i] / f->diagonal[i];
			product += f->rest[i] * f->solved[i];
		}
		for (size_t i = 0; i < size; i++) {
			f->search[i] = f->solved[i] + product / before * f->search[i];
		}
	}
}

static double largest(const double *v, size_t count)
{
	double most = 0;

	for (size_t i = 0; i < count; i++) {
		most = fabs(v[i]) > most ? fabs(v[i]) : most;
	}
	return most;
}

/* Goes along the step as far as the loss falls enough (Armijo). False: it does not fall at all any more. */
static bool step_go(struct fit *f, double at)
{
	double slope = matrix_dot(f->gradient, f->step, f->size), by = 1;

	for (int i = 0; i < HALVINGS_MAX; i++, by /= 2) {
		memcpy(f->trial, f->weight, f->size * sizeof(f->weight[0]));
		matrix_add(f->trial, by, f->step, f->size);
		if (loss(f, f->trial) <= at + 1e-4 * by * slope) {
			memcpy(f->weight, f->trial, f->size * sizeof(f->weight[0]));
			return true;
		}
	}
	return false;
}

/* Whether a step that was solved at this loss and gradient ends the search: the optimum is reached as well as doubles can say. */
static bool step_last(const struct fit *f, double at, double l2, bool low, double reach)
{
	/* A weight that is hardly punished, and of which hardly anything depends, would go on for long. */
	if (l2 > 0 && -matrix_dot(f->gradient, f->step, f->size) <= FALL_DONE * (1 + at)) {
		return true;
	}
	/* Without an optimum the gradient vanishes as well, but the steps do not. */
	return low && reach <= STEP_DONE;
}

/* False: there is no optimum, or none is found. */
static bool newton(struct fit *f, double l2, size_t steps_max)
{
	double first = 0, before = INFINITY;
	size_t stalls = 0;

	for (size_t n = 0; n < steps_max && stalls < STALLS_MAX; n++) {
		double at = derivatives(f), size = sqrt(matrix_dot(f->gradient, f->gradient, f->size));
		first = n == 0 ? size : first;
		double share = first > 0 ? size / first : 0;
		bool low = share <= GRADIENT_DONE;
		if (low && l2 > 0) {
			return true;
		}
		step_solve(f, share < 0.1 ? share * 0.1 + 1e-12 : 0.1);
		double reach = largest(f->step, f->size) / (1 + largest(f->weight, f->size));
		if (step_last(f, at, l2, low, reach)) {
			return true;
		}
		if (!step_go(f, at)) {
			return reach <= STEP_DONE;
		}
		stalls = at < before - 1e-12 * (1 + at) ? 0 : stalls + 1;
		before = at;
	}
	return false;
}

/* Back to the columns as they came: weights by spread, and the means into the intercept. */
static void weights_out(const struct fit *f, const struct matrix_columns *facts, struct model_weights *out)
{
	double sum = 0;

	for (size_t k = 0; k < f->classes; k++) {
		const double *from = f->weight + k * f->width;
		double *to = out->weight + k * f->width;
		to[0] = from[0];
		for (size_t j = 1; j < f->width; j++) {
			to[j] = facts->spread[j - 1] > 0 ? from[j] / facts->spread[j - 1] : 0;
			to[0] -= to[j] * facts->mean[j - 1];
		}
		sum += to[0];
	}
	/* Softmax is the same when all intercepts move together: theirs is the one that adds up to 0. */
	for (size_t k = 0; k < f->classes && f->classes > 1; k++) {
		out->weight[k * f->width] -= sum / (double)f->classes;
	}
}

void logistic_fit(struct model_rows *rows, double l2, size_t steps_max, struct model_weights *out)
{
	struct fit f = { .rows = rows, .classes = out->rows, .width = rows->features + 1 };
	struct matrix_columns facts = matrix_columns(rows->x, rows->count, rows->features);

	f.size = f.classes * f.width;
	matrix_center(rows->x, rows->count, rows->features, &facts, true);
	f.penalty = guest_alloc(f.width, sizeof(double));
	for (size_t j = 1; j < f.width; j++) {
		double spread = facts.spread[j - 1];
		f.penalty[j] = spread > 0 ? l2 / (spread * spread) : l2;
	}
	f.chance = guest_alloc(rows->count, f.classes * sizeof(double));
	f.weight = vector(&f);
	f.gradient = vector(&f);
	f.step = vector(&f);
	f.trial = vector(&f);
	f.diagonal = vector(&f);
	f.rest = vector(&f);
	f.search = vector(&f);
	f.image = vector(&f);
	f.solved = vector(&f);
	if (!newton(&f, l2, steps_max)) {
		guest_stop("no optimum within steps=%zu: the classes can be told apart (almost) without error; give l2=, or a larger one", steps_max);
	}
	weights_out(&f, &facts, out);
}
