/* The layers of training, private to the files gbdt_*.c: see gbdt.h. Class B. */
#ifndef MT_EXEC_BUILTIN_GBDT_FIT_H
#define MT_EXEC_BUILTIN_GBDT_FIT_H

#include "exec/builtin/gbdt.h"

/* ---- bins ---- */

/* A feature that can split: constant columns are none. */
struct gbdt_column {
	uint32_t feature;               /* index in the model */
	uint32_t bins;                  /* with the one of missing values */
	bool missing;                   /* bin 0 is for missing values */
	double *edge;                   /* bins of them: the largest value that is in or below this bin */
};

struct gbdt_bins {
	size_t rows, columns, groups;
	struct gbdt_column *column;
	uint8_t *bin;                   /* [groups][rows][GBDT_GROUP] */
};

void gbdt_bins_make(const struct gbdt_rows *rows, size_t bins_max, struct gbdt_bins *out);

static inline const uint8_t *gbdt_bins_group(const struct gbdt_bins *b, size_t group)
{
	return b->bin + group * b->rows * GBDT_GROUP;
}

/* ---- histograms ---- */

/*
 * What is added up: lane 0 the gradient, lane 1 the second derivative and, in its lowest `count_bits` bits, the number of rows. A typedef, for
 * a vector has no other name.
 */
typedef int64_t gbdt_sum __attribute__((vector_size(16)));

struct gbdt_scale {
	unsigned count_bits;
	double gradient, weight;        /* one unit of each */
};

static inline int64_t gbdt_sum_count(gbdt_sum s, const struct gbdt_scale *scale)
{
	return s[1] & ((INT64_C(1) << scale->count_bits) - 1);
}

static inline int64_t gbdt_sum_weight(gbdt_sum s, const struct gbdt_scale *scale)
{
	return s[1] >> scale->count_bits;
}

struct gbdt_split {
	double gain;                    /* above the parent's, in the scale's units; 0: there is none */
	uint32_t column, bin;           /* bins up to this one go left */
	bool missing_left;
	gbdt_sum left;
};

/* What a split must keep; weights and gains in the scale's units. */
struct gbdt_rules {
	int64_t rows_min;
	double weight_min, l2, gain_min;
};

/* Entries of one histogram. */
size_t gbdt_histogram_size(const struct gbdt_bins *b);
void gbdt_histogram_clear(const struct gbdt_bins *b, gbdt_sum *histogram);
/* Add rows[i] with sums[i], for each i. */
void gbdt_histogram_add(const struct gbdt_bins *b, const uint32_t *rows, const gbdt_sum *sums, size_t count, gbdt_sum *histogram);
/* from -= what */
void gbdt_histogram_less(const struct gbdt_bins *b, const gbdt_sum *what, gbdt_sum *from);
/* The best split over the columns that `use` allows. */
void gbdt_histogram_best(const struct gbdt_bins *b, const gbdt_sum *histogram, gbdt_sum total, const struct gbdt_scale *scale,
			 const struct gbdt_rules *rules, const bool *use, struct gbdt_split *out);

/* ---- one tree ---- */

struct gbdt_grown {
	uint32_t left, right;           /* left 0: a leaf */
	struct gbdt_split split;
	size_t begin, end;              /* a leaf's rows, in the grower's list */
	double value;                   /* a leaf's */
};

struct gbdt_grower;

struct gbdt_grower *gbdt_grower_open(const struct gbdt_bins *bins, const struct gbdt_options *options);
/* The list of rows to grow on, as many as there are rows; the caller fills the first `count` before each tree. */
uint32_t *gbdt_grower_rows(struct gbdt_grower *g);
/*
 * Grow a tree on those rows; sums[] is by row. Returns its nodes, root first, which stay until the next tree; afterwards each leaf's rows are
 * [begin, end) of the list. Leaf values have no learning rate in them yet.
 */
const struct gbdt_grown *gbdt_grow(struct gbdt_grower *g, size_t count, const gbdt_sum *sums, const struct gbdt_scale *scale, const bool *use,
				   size_t *nodes);

#endif
