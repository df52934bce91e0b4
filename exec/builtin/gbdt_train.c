/*
 * gbdt_train: gradient boosted trees.
 *
 *	inputs= features= without= separator= label=    which rows: model_rows.h; an empty cell is a missing value and goes where it gains more
 *	target=class|number  (class)  what the label is; classes: two by logistic loss, more by softmax; numbers by squared loss
 *	model=NAME           (model)  output: the model, for gbdt_predict
 *	metrics=NAME                  output: CSV `round,loss`, the training loss after each round (mean log loss, or mean squared error)
 *	importance=NAME               output: CSV `feature,gain,splits`
 *	rounds=N             (100)    boosting rounds: a tree each, with more than two classes a tree for each class
 *	depth=N              (6)      of a tree, 1 to 32
 *	leaves=N             (64)     of a tree, 2 to 4096; the leaf that gains most is split first
 *	bins=N               (255)    of a feature, 2 to 255
 *	rate=X               (0.1)    learning rate
 *	min_rows=N           (20)     rows in a leaf
 *	min_weight=X         (0.001)  sum of second derivatives in a leaf
 *	l2=X                 (0)      penalty on leaf values
 *	min_gain=X           (0)      that a split must gain
 *	row_share=X          (1)      share of the rows that each round sees, chosen by chance
 *	column_share=X       (1)      share of the columns that each tree sees, chosen by chance
 *	seed=N                        of that chance; without it the system's random bytes
 *
 * Without chance the model does not depend on the order of rows, nor on how they are spread over tables. A constant column is never used. A feature
 * without missing values in training: a missing value goes where more rows went.
 */
#include "exec/builtin/gbdt.h"
#include "exec/builtin/model_rows.h"

static const char *const known[] = {
	"inputs", "features", "without", "separator", "label", "target", "model", "metrics", "importance", "rounds", "depth", "leaves",
	"bins", "rate", "min_rows", "min_weight", "l2", "min_gain", "row_share", "column_share", "seed", NULL,
};

static struct gbdt_options options_take(void)
{
	struct gbdt_options o = {
		.loss = model_either("target", "class", "number") ? GBDT_SQUARES : GBDT_CLASSES,
		.rounds = (size_t)guest_count("rounds", 1, GBDT_TREES_MAX / MODEL_LABELS_MAX, 100),
		.depth = (size_t)guest_count("depth", 1, GBDT_DEPTH_MAX, 6),
		.leaves = (size_t)guest_count("leaves", 2, GBDT_LEAVES_MAX, 64),
		.bins = (size_t)guest_count("bins", 2, GBDT_BINS_MAX, 255),
		.rate = guest_number("rate", 1e-6, 1, 0.1),
		.rows_min = (size_t)guest_count("min_rows", 1, MODEL_ROWS_MAX, 20),
		.weight_min = guest_number("min_weight", 0, 1e12, 0.001),
		.l2 = guest_number("l2", 0, 1e12, 0),
		.gain_min = guest_number("min_gain", 0, 1e300, 0),
		.row_share = guest_number("row_share", 1e-3, 1, 1),
		.column_share = guest_number("column_share", 1e-3, 1, 1),
	};

	if (o.row_share < 1 || o.column_share < 1 || guest_argument("seed", "")[0]) {
		o.seed = model_seed();
	}
	return o;
}

static void importance_put(const struct model_head *head, const struct gbdt_importance *importance)
{
	FILE *to = model_output_wanted("importance");

	if (!to) {
		return;
	}
	fputs("feature,gain,splits\n", to);
	for (size_t i = 0; i < head->features; i++) {
		model_put_cell(to, head->feature[i]);
		fprintf(to, ",%.9g,%llu\n", importance[i].gain, (unsigned long long)importance[i].splits);
	}
	guest_close(to);
}

int main(int argc, char **argv)
{
	struct model_rows rows;
	struct gbdt_model model;

	guest_arguments(argc, argv, known);
	struct gbdt_options options = options_take();
	model_rows_read(options.loss == GBDT_SQUARES ? TARGET_NUMBER : TARGET_CLASS, MISSING_STAYS, &rows);
	struct model_head head = model_rows_head(&rows, MODEL_GBDT);
	struct gbdt_rows data = { rows.count, rows.features, rows.x, rows.y, rows.class_of };
	struct gbdt_importance *importance = guest_alloc(rows.features, sizeof(*importance));
	options.metrics = model_output_wanted("metrics");
	if (options.metrics) {
		fputs("round,loss\n", options.metrics);
	}
	gbdt_fit(&data, &options, &head, &model, importance);
	if (options.metrics) {
		guest_close(options.metrics);
	}
	FILE *to = guest_output(guest_argument("model", "model"));
	gbdt_encode(to, &model);
	guest_close(to);
	importance_put(&head, importance);
	return 0;
}
