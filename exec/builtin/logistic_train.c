/*
 * logistic_train: the chance of a class, as a logistic function (two classes) or softmax (more) of a weighted sum of features.
 *
 *	inputs= features= without= separator= missing= label=    which rows: model_rows.h
 *	l2=X                 (1)      penalty: minimises the sum of log losses + l2 / 2 |w|^2; intercepts have none
 *	steps=N              (100)    Newton steps at most; it stops where they do not suffice
 *	model=NAME           (model)  output: the model, for logistic_predict
 *	coefficients=NAME             output: CSV `class,feature,coefficient`, each class's intercept first; of two classes, the second's alone
 *
 * With two classes one row of weights, for the second; with more, one each, whose intercepts add up to 0. A constant column's coefficient is 0.
 * Classes that features can tell apart without error have no optimum without a penalty: l2=0 stops there.
 */
#include "exec/builtin/logistic.h"

int main(int argc, char **argv)
{
	static const char *const known[] = { MODEL_ROWS_ARGUMENTS, "label", "l2", "steps", "model", "coefficients", NULL };
	struct model_rows rows;
	struct model_weights w;

	guest_arguments(argc, argv, known);
	double l2 = guest_number("l2", 0, 1e12, 1);
	size_t steps = (size_t)guest_count("steps", 1, 10000, 100);
	model_rows_read(TARGET_CLASS, MISSING_BY_ARGUMENT, &rows);
	struct model_head head = model_rows_head(&rows, MODEL_LOGISTIC);
	model_weights_open(&head, &w);
	logistic_fit(&rows, l2, steps, &w);
	model_weights_write(&w);
	return 0;
}
