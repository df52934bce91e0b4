/*
 * Linear models: for a number or two classes one row of weights, for more classes one each; linear_* and logistic_* share them. Class B.
 *
 * Wire form, behind the head (model.h): for each row its intercept f64, then the weight f64 of each feature.
 */
#ifndef MT_EXEC_BUILTIN_MODEL_WEIGHTS_H
#define MT_EXEC_BUILTIN_MODEL_WEIGHTS_H

#include "exec/builtin/model.h"

struct model_weights {
	struct model_head head;
	size_t rows;
	double *weight;                 /* rows * (features + 1), row by row, the intercept first */
};

/* Makes room for the rows that the head asks for. */
void model_weights_open(const struct model_head *head, struct model_weights *out);
/* Stops when the file is none. Borrows from it. */
void model_weights_decode(struct text file, enum model_kind kind, struct model_weights *out);
void model_weights_encode(FILE *to, const struct model_weights *w);
/* The model file model=, and where coefficients= is given a CSV: `class,feature,coefficient` (without class for a number). */
void model_weights_write(const struct model_weights *w);
/* Probabilities by the logistic function or softmax; or the number. */
void model_weights_predict_row(const void *weights, const double *x, double *out);

#endif
