#include "exec/builtin/matrix.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A typedef, for a vector has no other name. */
typedef double two __attribute__((vector_size(16)));

static two two_at(const double *at)
{
	two v;

	memcpy(&v, at, sizeof(v));
	return v;
}

double matrix_dot(const double *a, const double *b, size_t count)
{
	two s = { 0, 0 }, t = { 0, 0 };
	size_t i = 0;

	for (; i + 4 <= count; i += 4) {
		s += two_at(a + i) * two_at(b + i);
		t += two_at(a + i + 2) * two_at(b + i + 2);
	}
	s += t;
	double sum = s[0] + s[1];
	for (; i < count; i++) {
		sum += a[i] * b[i];
	}
	return sum;
}

double matrix_distance(const double *a, const double *b, size_t count)
{
	two s = { 0, 0 };
	size_t i = 0;

	for (; i + 2 <= count; i += 2) {
		two d = two_at(a + i) - two_at(b + i);
		s += d * d;
	}
	double sum = s[0] + s[1];
	if (i < count) {
		sum += (a[i] - b[i]) * (a[i] - b[i]);
	}
	return sum;
}

void matrix_add(double *restrict to, double by, const double *restrict what, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		to[i] += by * what[i];
	}
}

/* ---- columns ---- */

struct matrix_columns matrix_columns(const double *x, size_t rows, size_t columns)
{
	struct matrix_columns c = { guest_alloc(columns, sizeof(double)), guest_alloc(columns, sizeof(double)) };

	for (size_t r = 0; r < rows; r++) {
		matrix_add(c.mean, 1 / (double)rows, x + r * columns, columns);
	}
	for (size_t r = 0; r < rows; r++) {
		for (size_t i = 0; i < columns; i++) {
			double d = x[r * columns + i] - c.mean[i];
			c.spread[i] += d * d;
		}
	}
	for (size_t i = 0; i < columns; i++) {
		c.spread[i] = sqrt(c.spread[i] / (double)rows);
		if (!isfinite(c.spread[i])) {
			guest_stop("the numbers of column %zu are too large", i + 1);
		}
		/* Equal numbers have a mean that is off by a rounding. */
		if (c.spread[i] <= 1e-14 * fabs(c.mean[i])) {
			c.spread[i] = 0;
		}
	}
	return c;
}

void matrix_center(double *x, size_t rows, size_t columns, const struct matrix_columns *by, bool scale)
{
	double *factor = guest_alloc(columns, sizeof(*factor));

	for (size_t i = 0; i < columns; i++) {
		factor[i] = by->spread[i] > 0 ? (scale ? 1 / by->spread[i] : 1) : 0;
	}
	for (size_t r = 0; r < rows; r++) {
		for (size_t i = 0; i < columns; i++) {
			x[r * columns + i] = (x[r * columns + i] - by->mean[i]) * factor[i];
		}
	}
	free(factor);
}

/* ---- least squares ---- */

/* The column from `k` on with the largest rest below row k, and that rest's norm. */
static size_t pivot_find(const double *a, const size_t *order, size_t k, size_t rows, size_t columns, double *norm)
{
	size_t best = k;
	double most = -1;

	for (size_t j = k; j < columns && k < rows; j++) {
		const double *c = a + order[j] * rows + k;
		double square = matrix_dot(c, c, rows - k);
		if (square > most) {
			most = square;
			best = j;
		}
	}
	*norm = most > 0 ? sqrt(most) : 0;
	return best;
}

/* Reflects `v`'s column to one number, and every other column and b with it. The diagonal goes to *diagonal. */
static void reflect(double *a, double *b, const size_t *order, size_t k, size_t rows, size_t columns, double norm, double *diagonal)
{
	double *v = a + order[k] * rows + k;
	size_t count = rows - k;

	*diagonal = v[0] > 0 ? -norm : norm;
	v[0] -= *diagonal;
	double by = -2 / matrix_dot(v, v, count);
	for (size_t j = k + 1; j < columns; j++) {
		double *c = a + order[j] * rows + k;
		matrix_add(c, by * matrix_dot(v, c, count), v, count);
	}
	matrix_add(b + k, by * matrix_dot(v, b + k, count), v, count);
}

size_t matrix_least_squares(double *a, double *b, size_t rows, size_t columns, double limit, double *w)
{
	size_t *order = guest_alloc(columns, sizeof(*order)), bad = SIZE_MAX;
	double *diagonal = guest_alloc(columns, sizeof(*diagonal)), norm = 0;

	for (size_t j = 0; j < columns; j++) {
		order[j] = j;
	}
	for (size_t k = 0; k < columns && bad == SIZE_MAX; k++) {
		size_t best = pivot_find(a, order, k, rows, columns, &norm), swap = order[k];
		order[k] = order[best];
		order[best] = swap;
		if (norm == 0 || (k > 0 && norm < limit * fabs(diagonal[0]))) {
			bad = order[k];
		} else {
			reflect(a, b, order, k, rows, columns, norm, &diagonal[k]);
		}
	}
	for (size_t k = columns; bad == SIZE_MAX && k-- > 0;) {
		double rest = b[k];
		for (size_t j = k + 1; j < columns; j++) {
			rest -= a[order[j] * rows + k] * w[order[j]];
		}
		w[order[k]] = rest / diagonal[k];
	}
	free(order);
	free(diagonal);
	return bad;
}

/* ---- eigenvalues ---- */

static void rotate(double *p, double *q, double c, double s, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		double x = p[i], y = q[i];
		p[i] = c * x - s * y;
		q[i] = s * x + c * y;
	}
}

/* Makes a[p][q] zero: Golub and Van Loan, 8.5.2. Rows are turned, then columns; the vectors stand as rows. */
static void jacobi_turn(double *a, double *vectors, size_t size, size_t p, size_t q)
{
	double tau = (a[q * size + q] - a[p * size + p]) / (2 * a[p * size + q]);
	double t = (tau >= 0 ? 1 : -1) / (fabs(tau) + sqrt(1 + tau * tau));
	double c = 1 / sqrt(1 + t * t), s = t * c;

	rotate(a + p * size, a + q * size, c, s, size);
	for (size_t i = 0; i < size; i++) {
		double x = a[i * size + p], y = a[i * size + q];
		a[i * size + p] = c * x - s * y;
		a[i * size + q] = s * x + c * y;
	}
	a[p * size + q] = a[q * size + p] = 0;
	rotate(vectors + p * size, vectors + q * size, c, s, size);
}

static bool jacobi_sweep(double *a, double *vectors, size_t size)
{
	bool turned = false;

	for (size_t p = 0; p + 1 < size; p++) {
		for (size_t q = p + 1; q < size; q++) {
			double off = fabs(a[p * size + q]), both = sqrt(fabs(a[p * size + p])) * sqrt(fabs(a[q * size + q]));
			if (off > 1e-16 * both && off > 1e-300) {
				jacobi_turn(a, vectors, size, p, q);
				turned = true;
			}
		}
	}
	return turned;
}

/* Values fall; each vector's largest entry is made positive, so that a sign is never a matter of chance. */
static void eigen_order(double *values, double *vectors, size_t size, double *room)
{
	for (size_t i = 0; i < size; i++) {
		size_t best = i, largest = 0;
		for (size_t j = i + 1; j < size; j++) {
			best = values[j] > values[best] ? j : best;
		}
		double value = values[best], *v = vectors + i * size;
		values[best] = values[i];
		values[i] = value;
		memcpy(room, v, size * sizeof(*v));
		memmove(v, vectors + best * size, size * sizeof(*v));
		if (best != i) {
			memcpy(vectors + best * size, room, size * sizeof(*v));
		}
		for (size_t j = 1; j < size; j++) {
			largest = fabs(v[j]) > fabs(v[largest]) ? j : largest;
		}
		for (size_t j = 0, turn = v[largest] < 0; j < size && turn; j++) {
			v[j] = -v[j];
		}
	}
}

void matrix_eigen(double *a, size_t size, double *values, double *vectors)
{
	double *room = guest_alloc(size, sizeof(*room));

	memset(vectors, 0, size * size * sizeof(*vectors));
	for (size_t i = 0; i < size; i++) {
		vectors[i * size + i] = 1;
	}
	/* Each sweep squares what is left off the diagonal; ten are many. */
	for (int sweep = 0; sweep < 60 && jacobi_sweep(a, vectors, size); sweep++) {
	}
	for (size_t i = 0; i < size; i++) {
		values[i] = a[i * size + i];
	}
	eigen_order(values, vectors, size, room);
	free(room);
}
