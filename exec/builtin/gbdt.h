/*
 * Gradient boosted trees by the histogram method: what gbdt_train, gbdt_predict, the benchmark and the fuzzer share.
 *
 * Gradients are whole numbers: each round scales them to as many bits as no sum can overflow (gbdt_round.c). Sums of whole numbers do not depend
 * on the order of rows, so neither does a tree, and a histogram's larger child is exactly its parent less the smaller one.
 *
 * Layers: gbdt_bins (values to bins) < gbdt_histogram (sums of bins, best splits) < gbdt_grow (one tree) < gbdt_round (rounds of trees);
 * gbdt_model (the file, prediction) stands alone. Class B.
 */
#ifndef MT_EXEC_BUILTIN_GBDT_H
#define MT_EXEC_BUILTIN_GBDT_H

#include "exec/builtin/model.h"

#define GBDT_BINS_MAX 255               /* of values; one more is for missing ones */
#define GBDT_GROUP 8                    /* features whose bins of one row stand together */
/* Entries between the histograms of two features: no power of two, so that equal bins do not meet in one cache set. */
#define GBDT_STRIDE 260
#define GBDT_DEPTH_MAX 32
#define GBDT_LEAVES_MAX 4096
#define GBDT_TREES_MAX 100000           /* all rounds and outputs */
#define GBDT_ROWS_BITS 26               /* MODEL_ROWS_MAX */

/* ---- the model ---- */

#define GBDT_LEAF UINT32_MAX

/* A tree's nodes in the order: node, its left subtree, its right subtree. */
struct gbdt_node {
	double value;                   /* a split: the largest value that goes left; a leaf: what it adds */
	uint32_t feature;               /* or GBDT_LEAF */
	uint32_t right;                 /* index of the right child; the left one is the next node */
	bool missing_left;              /* where a missing value goes */
};

struct gbdt_model {
	struct model_head head;
	size_t outputs;                 /* 1: a number or two classes; else one for each label */
	double start[MODEL_LABELS_MAX]; /* outputs of them: the score before any tree */
	size_t trees;                   /* tree t adds to output t % outputs */
	uint32_t *root;                 /* trees of them: index of its first node */
	struct gbdt_node *node;
	size_t nodes;
};

/* Stops when the file is none. Borrows from it. */
void gbdt_decode(struct text file, struct gbdt_model *out);
void gbdt_encode(FILE *to, const struct gbdt_model *model);
/* Scores to probabilities of each label, or the number. */
void gbdt_predict_row(const struct gbdt_model *model, const double *x, double *out);
/* The scores themselves: outputs of them. */
void gbdt_score_row(const struct gbdt_model *model, const double *x, double *score);

/* ---- training ---- */

enum gbdt_loss {
	GBDT_SQUARES,
	GBDT_CLASSES,
};

struct gbdt_options {
	enum gbdt_loss loss;
	size_t rounds, depth, leaves, bins, rows_min;
	double rate, weight_min, l2, gain_min;
	double row_share, column_share; /* in (0, 1] */
	uint64_t seed;
	FILE *metrics;                  /* or NULL: one line a round, its training loss */
};

struct gbdt_rows {
	size_t count, features;
	const double *x;                /* row by row; NaN: missing */
	const double *y;                /* GBDT_SQUARES */
	const uint32_t *class_of;       /* GBDT_CLASSES */
};

/* Gain and number of splits of each feature, added up over all trees. */
struct gbdt_importance {
	double gain;
	uint64_t splits;
};

/* `head` is the model's; importance has head->features entries. */
void gbdt_fit(const struct gbdt_rows *rows, const struct gbdt_options *options, const struct model_head *head, struct gbdt_model *out,
	      struct gbdt_importance *importance);

#endif
