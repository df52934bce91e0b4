/*
 * learning [X ROWS COLUMNS ROUNDS DEPTH [SCORES]]: gradient boosting (exec/builtin/gbdt.h) natively, one thread, CPU milliseconds, best of three,
 * from numbers in memory to the model. X: ROWS * COLUMNS doubles row by row, then ROWS doubles 0 or 1. SCORES: each row's score. Without arguments
 * rows that it makes itself. bench/learning compares with LightGBM on the same rows.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "exec/builtin/gbdt.h"

static double *numbers;
static uint32_t *classes;
static struct gbdt_rows rows;

static void rows_open(const char *path, size_t count, size_t features)
{
	size_t all = count * (features + 1);
	FILE *from = path ? fopen(path, "rb") : NULL;
	uint64_t dice = 1;

	numbers = guest_alloc(all, sizeof(double));
	classes = guest_alloc(count, sizeof(classes[0]));
	rows = (struct gbdt_rows){ count, features, numbers, NULL, classes };
	if (path && (!from || fread(numbers, sizeof(double), all, from) != all)) {
		guest_stop("cannot read %s", path);
	}
	for (size_t i = 0; !path && i < all; i++) {
		numbers[i] = model_chance_unit(&dice);
	}
	for (size_t r = 0; r < count; r++) {
		const double *x = numbers + r * features;
		classes[r] = path ? numbers[count * features + r] > 0 : x[0] * x[1] + x[2] > 0.5 + 0.5 * x[3];
	}
	if (from) {
		fclose(from);
	}
}

static double cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void scores_write(const char *path, const struct gbdt_model *model)
{
	FILE *to = fopen(path, "wb");

	for (size_t r = 0; to && r < rows.count; r++) {
		double score;
		gbdt_score_row(model, rows.x + r * rows.features, &score);
		fwrite(&score, sizeof(score), 1, to);
	}
	if (!to || fclose(to) != 0) {
		guest_stop("cannot write %s", path);
	}
}

int main(int argc, char **argv)
{
	bool given = argc > 5;
	struct gbdt_options options = {
		.loss = GBDT_CLASSES, .rounds = given ? strtoul(argv[4], NULL, 10) : 100, .depth = given ? strtoul(argv[5], NULL, 10) : 6,
		.bins = 255, .rows_min = 5, .rate = 0.1, .weight_min = 0.001, .row_share = 1, .column_share = 1,
	};
	struct text label[2] = { { "0", 1 }, { "1", 1 } };
	struct gbdt_model model = { 0 };
	double best = 0;

	options.leaves = ((size_t)1 << options.depth) - 1;
	rows_open(given ? argv[1] : NULL, given ? strtoul(argv[2], NULL, 10) : 20000, given ? strtoul(argv[3], NULL, 10) : 30);
	struct model_head head = { .kind = MODEL_GBDT, .features = rows.features, .labels = 2, .label = label };
	struct gbdt_importance *importance = guest_alloc(rows.features, sizeof(*importance));
	for (int i = 0; i < 3; i++) {
		double begin = cpu_ms();
		gbdt_fit(&rows, &options, &head, &model, importance);
		double took = cpu_ms() - begin;
		best = i == 0 || took < best ? took : best;
	}
	printf("gbdt %zux%zu, %zu rounds, depth %zu: %.1f ms\n", rows.count, rows.features, options.rounds, options.depth, best);
	if (argc > 6) {
		scores_write(argv[6], &model);
	}
	return 0;
}
