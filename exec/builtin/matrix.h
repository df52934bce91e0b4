/*
 * Dense linear algebra for the functions that learn: plain doubles, row by row unless it says otherwise. Sums are taken in a fixed order, so a run
 * gives the same bits again. Class B. Allocates through guest_alloc().
 */
#ifndef MT_EXEC_BUILTIN_MATRIX_H
#define MT_EXEC_BUILTIN_MATRIX_H

#include "exec/builtin/guest.h"

double matrix_dot(const double *a, const double *b, size_t count);
/* to += by * what */
void matrix_add(double *to, double by, const double *what, size_t count);
/* Square of the distance. */
double matrix_distance(const double *a, const double *b, size_t count);

/* Mean and standard deviation (over count, not count - 1) of each column; a constant column has spread 0. */
struct matrix_columns {
	double *mean, *spread;
};
struct matrix_columns matrix_columns(const double *x, size_t rows, size_t columns);
/* x - mean, and where `scale` that by spread; constant columns become 0. */
void matrix_center(double *x, size_t rows, size_t columns, const struct matrix_columns *by, bool scale);

/*
 * min |a w - b| by Householder reflections with column pivoting. `a` is column by column (columns * rows), both are overwritten. Returns SIZE_MAX,
 * or the index of a column that the others give (w is undefined): what is left of it is below `limit` of the largest column.
 */
size_t matrix_least_squares(double *a, double *b, size_t rows, size_t columns, double limit, double *w);

/*
 * Eigenvalues and eigenvectors of a symmetric matrix by Jacobi's rotations; `a` is overwritten. Values fall, vectors[i * size] is the one of
 * value i, its entry of largest size is positive.
 */
void matrix_eigen(double *a, size_t size, double *values, double *vectors);

#endif
