/*
 * learning [gbdt X ROWS COLUMNS ROUNDS DEPTH SCORES | logistic X ROWS COLUMNS SCORES]: gradient boosting (exec/builtin/gbdt.h) or logistic
 * regression (logistic.h) natively, one thread, CPU milliseconds, best of three, from numbers in memory to the model. X: a file of ROWS * COLUMNS
 * doubles row by row, then ROWS doubles 0 or 1. SCORES: a file for each row's score. Without arguments gradient boosting on rows that it makes
 * itself. `make bench-functions` compares with others on the same rows.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "exec/builtin/gbdt.h"
#include "exec/builtin/logistic.h"

static double *numbers;
static uint32_t *classes;
static struct gbdt_rows rows;
#define LABELS 2
static struct text label[LABELS] = { { "0", 1 }, { "1", 1 } };
#define TRIES 3

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

static void scores_write(const char *path, const void *model, void (*row)(const void *model, const double *x, double *score))
{
	FILE *to = path ? fopen(path, "wb") : NULL;

	for (size_t r = 0; to && r < rows.count; r++) {
		double score[2];
		row(model, rows.x + r * rows.features, score);
		fwrite(&score[1], sizeof(score[1]), 1, to);
	}
	if (path && (!to || fclose(to) != 0)) {
		guest_stop("cannot write %s", path);
	}
}

/* As a probability's place: which row comes before which is all that is asked. */
static void gbdt_row(const void *model, const double *x, double *score)
{
	gbdt_score_row(model, x, &score[1]);
}

static void gbdt(size_t rounds, size_t depth, const char *scores)
{
	struct gbdt_options options = {
		.loss = GBDT_CLASSES, .rounds = rounds, .depth = depth, .leaves = ((size_t)1 << depth) - 1, .bins = 255, .rows_min = 5,
		.rate = 0.1, .weight_min = 0.001, .row_share = 1, .column_share = 1,
	};
	struct model_head head = { .kind = MODEL_GBDT, .features = rows.features, .labels = LABELS, .label = label };
	struct gbdt_importance *importance = guest_alloc(rows.features, sizeof(*importance));
	struct gbdt_model model = { 0 };
	double best = INFINITY;

	for (int i = 0; i < TRIES; i++) {
		double begin = cpu_ms();
		gbdt_fit(&rows, &options, &head, &model, importance);
		best = fmin(best, cpu_ms() - begin);
	}
	printf("gbdt %zux%zu, %zu rounds, depth %zu: %.2f ms\n", rows.count, rows.features, rounds, depth, best);
	scores_write(scores, &model, gbdt_row);
}

static void logistic(const char *scores)
{
	struct model_head head = { .kind = MODEL_LOGISTIC, .features = rows.features, .labels = LABELS, .label = label };
	struct model_rows copy = { .count = rows.count, .features = rows.features, .labels = LABELS, .class_of = classes };
	struct model_weights model;
	double best = INFINITY;

	for (int i = 0; i < TRIES; i++) {
		copy.x = guest_alloc(rows.count * rows.features, sizeof(double));
		memcpy(copy.x, numbers, rows.count * rows.features * sizeof(double));
		model_weights_open(&head, &model);
		double begin = cpu_ms();
		logistic_fit(&copy, 1, 100, &model);
		best = fmin(best, cpu_ms() - begin);
		free(copy.x);
	}
	printf("logistic %zux%zu: %.2f ms\n", rows.count, rows.features, best);
	scores_write(scores, &model, model_weights_predict_row);
}

static size_t number(const char *word)
{
	return strtoul(word, NULL, 10);
}

int main(int argc, char **argv)
{
	if (argc == 8 && strcmp(argv[1], "gbdt") == 0) {
		rows_open(argv[2], number(argv[3]), number(argv[4]));
		gbdt(number(argv[5]), number(argv[6]), argv[7]);
	} else if (argc == 6 && strcmp(argv[1], "logistic") == 0) {
		rows_open(argv[2], number(argv[3]), number(argv[4]));
		logistic(argv[5]);
	} else if (argc == 1) {
		rows_open(NULL, 20000, 30);
		gbdt(100, 6, NULL);
	} else {
		guest_stop("usage: learning [gbdt X ROWS COLUMNS ROUNDS DEPTH SCORES | logistic X ROWS COLUMNS SCORES]");
	}
	return 0;
}
