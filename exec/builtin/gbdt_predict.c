/*
 * gbdt_predict: what a model of gbdt_train says of rows.
 *
 *	inputs=NAME,...  (a)      inputs, CSV with a header: the model's features by name, and any other columns
 *	model=NAME       (model)  input: the model
 *	out=NAME         (out)    output: CSV, a row for each row: the columns of keep=, `prediction`, `probability_LABEL` of each class
 *	keep=NAME,...             columns to copy
 *	separator=CHAR   (,)      of the inputs
 *
 * An empty cell is a missing value, which each split of the model sends its way.
 */
#include "exec/builtin/gbdt.h"
#include "exec/builtin/model_rows.h"

static void row_predict(const void *model, const double *x, double *out)
{
	gbdt_predict_row(model, x, out);
}

int main(int argc, char **argv)
{
	static const char *const known[] = { "inputs", "model", "out", "keep", "separator", NULL };
	struct gbdt_model model;

	guest_arguments(argc, argv, known);
	gbdt_decode(guest_input(guest_argument("model", "model")), &model);
	struct model_predictor p = { .head = &model.head, .model = &model, .row = row_predict, .missing = MISSING_STAYS };
	model_apply(&p);
	return 0;
}
