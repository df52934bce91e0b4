/*
 * linear_predict: what a model of linear_train says of rows.
 *
 *	inputs=NAME,...     (a)      inputs, CSV with a header: the model's features by name, and any other columns
 *	model=NAME          (model)  input: the model
 *	out=NAME            (out)    output: CSV, a row for each row: the columns of keep=, `prediction`
 *	keep=NAME,...                columns to copy
 *	separator=CHAR      (,)      of the inputs
 *	missing=stop|skip   (stop)   an empty cell: stop, or leave the row's prediction empty
 */
#include "exec/builtin/model_rows.h"
#include "exec/builtin/model_weights.h"

int main(int argc, char **argv)
{
	static const char *const known[] = { MODEL_APPLY_ARGUMENTS, NULL };
	struct model_weights w;

	guest_arguments(argc, argv, known);
	model_weights_decode(guest_input(guest_argument("model", "model")), MODEL_LINEAR, &w);
	struct model_predictor p = { .head = &w.head, .model = &w, .row = model_weights_predict_row };
	model_apply(&p);
	return 0;
}
