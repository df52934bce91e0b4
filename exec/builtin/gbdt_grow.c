#include <stdlib.h>
#include <string.h>

#include "exec/builtin/gbdt_fit.h"

/* A leaf that may be split further. */
struct leaf {
	uint32_t node;
	size_t depth;
	gbdt_sum total;
	gbdt_sum *histogram;            /* NULL: it cannot be split */
	struct gbdt_split split;
};

struct gbdt_grower {
	const struct gbdt_bins *bins;
	const struct gbdt_options *options;
	uint32_t *rows, *aside;         /* aside: room for what goes right */
	gbdt_sum *ordered;              /* sums in the order of a leaf's rows */
	struct gbdt_grown *node;        /* 2 * leaves */
	struct leaf *leaf;              /* leaves of them */
	gbdt_sum **spare;               /* histograms that nobody uses */
	size_t nodes, leaves, spares;
	/* Of this tree. */
	const gbdt_sum *sums;
	const struct gbdt_scale *scale;
	struct gbdt_rules rules;
	const bool *use;
};

struct gbdt_grower *gbdt_grower_open(const struct gbdt_bins *bins, const struct gbdt_options *options)
{
	struct gbdt_grower *g = guest_alloc(1, sizeof(*g));

	g->bins = bins;
	g->options = options;
	g->rows = guest_alloc(bins->rows, sizeof(g->rows[0]));
	g->aside = guest_alloc(bins->rows, sizeof(g->aside[0]));
	g->ordered = guest_alloc(bins->rows, sizeof(g->ordered[0]));
	g->node = guest_alloc(2 * options->leaves, sizeof(g->node[0]));
	g->leaf = guest_alloc(options->leaves, sizeof(g->leaf[0]));
	g->spare = guest_alloc(options->leaves + 1, sizeof(g->spare[0]));
	return g;
}

uint32_t *gbdt_grower_rows(struct gbdt_grower *g)
{
	return g->rows;
}

/* ---- histograms ---- */

static gbdt_sum *histogram_take(struct gbdt_grower *g)
{
	gbdt_sum *h = g->spares ? g->spare[--g->spares] : guest_alloc(gbdt_histogram_size(g->bins), sizeof(*h));

	gbdt_histogram_clear(g->bins, h);
	return h;
}

static void histogram_give(struct gbdt_grower *g, gbdt_sum *h)
{
	if (h) {
		g->spare[g->spares++] = h;
	}
}

/* Adds the rows of a node, or takes them away. */
static void histogram_rows(struct gbdt_grower *g, const struct gbdt_grown *n, bool away, gbdt_sum *h)
{
	const uint32_t *rows = g->rows + n->begin;
	size_t count = n->end - n->begin;

	for (size_t i = 0; i < count; i++) {
		g->ordered[i] = away ? -g->sums[rows[i]] : g->sums[rows[i]];
	}
	gbdt_histogram_add(g->bins, rows, g->ordered, count, h);
}

/* ---- splitting ---- */

/* Whether there may be two children with enough rows, and depth for them. */
static bool splittable(const struct gbdt_grower *g, const struct leaf *l)
{
	return l->depth < g->options->depth && gbdt_sum_count(l->total, g->scale) >= 2 * g->rules.rows_min;
}

static void leaf_search(struct gbdt_grower *g, struct leaf *l)
{
	l->split = (struct gbdt_split){ 0 };
	if (l->histogram) {
		gbdt_histogram_best(g->bins, l->histogram, l->total, g->scale, &g->rules, g->use, &l->split);
	}
	if (!(l->split.gain > 0)) {
		histogram_give(g, l->histogram);
		l->histogram = NULL;
	}
}

/* Rows that go left stay in front, the others behind; both in their order. Returns where the right ones begin. */
static size_t rows_part(struct gbdt_grower *g, const struct gbdt_grown *n)
{
	const struct gbdt_column *c = &g->bins->column[n->split.column];
	const uint8_t *bins = gbdt_bins_group(g->bins, n->split.column / GBDT_GROUP) + n->split.column % GBDT_GROUP;
	uint32_t *left = g->rows + n->begin, *right = g->aside;
	bool goes_left[GBDT_BINS_MAX + 1];

	for (uint32_t b = 0; b <= GBDT_BINS_MAX; b++) {
		goes_left[b] = c->missing && b == 0 ? n->split.missing_left : b <= n->split.bin;
	}
	/* Each row is written to both sides; only the side that it belongs to moves on: no branch that chance decides. */
	for (size_t i = n->begin; i < n->end; i++) {
		uint32_t row = g->rows[i];
		bool goes = goes_left[bins[(size_t)row * GBDT_GROUP]];
		*left = row;
		*right = row;
		left += goes;
		right += !goes;
	}
	memcpy(left, g->aside, (size_t)(right - g->aside) * sizeof(*right));
	return (size_t)(left - g->rows);
}

/*
 * Histograms of two children out of their parent's: the smaller is added up from its rows and taken off the parent, which then is the larger. A
 * smaller child that cannot be split anyway is taken off row by row.
 */
static void children_histograms(struct gbdt_grower *g, gbdt_sum *parent, struct leaf *a, struct leaf *b)
{
	struct leaf *small = gbdt_sum_count(a->total, g->scale) <= gbdt_sum_count(b->total, g->scale) ? a : b;
	struct leaf *large = small == a ? b : a;

	small->histogram = large->histogram = NULL;
	if (!splittable(g, large)) {            /* so neither is the smaller one */
		histogram_give(g, parent);
		return;
	}
	if (splittable(g, small)) {
		small->histogram = histogram_take(g);
		histogram_rows(g, &g->node[small->node], false, small->histogram);
		gbdt_histogram_less(g->bins, small->histogram, parent);
	} else {
		histogram_rows(g, &g->node[small->node], true, parent);
	}
	large->histogram = parent;
}

static void leaf_split(struct gbdt_grower *g, struct leaf *l)
{
	struct gbdt_grown *n = &g->node[l->node];
	struct leaf *r = &g->leaf[g->leaves++];
	gbdt_sum *histogram = l->histogram, total = l->total;

	n->split = l->split;
	size_t middle = rows_part(g, n);
	n->left = (uint32_t)g->nodes++;
	n->right = (uint32_t)g->nodes++;
	g->node[n->left] = (struct gbdt_grown){ .begin = n->begin, .end = middle };
	g->node[n->right] = (struct gbdt_grown){ .begin = middle, .end = n->end };
	*r = (struct leaf){ .node = n->right, .depth = l->depth + 1, .total = total - n->split.left };
	*l = (struct leaf){ .node = n->left, .depth = l->depth + 1, .total = n->split.left };
	children_histograms(g, histogram, l, r);
	leaf_search(g, l);
	leaf_search(g, r);
}

/* The leaf whose split gains most; of equals the first. */
static struct leaf *leaf_next(struct gbdt_grower *g)
{
	struct leaf *best = &g->leaf[0];

	for (size_t i = 1; i < g->leaves; i++) {
		if (g->leaf[i].split.gain > best->split.gain) {
			best = &g->leaf[i];
		}
	}
	return best->split.gain > 0 ? best : NULL;
}

static void rules_make(struct gbdt_grower *g)
{
	const struct gbdt_options *o = g->options;
	const struct gbdt_scale *s = g->scale;

	g->rules = (struct gbdt_rules){
		.rows_min = (int64_t)o->rows_min,
		.weight_min = o->weight_min / s->weight,
		.l2 = o->l2 / s->weight,
		/* A gain is gradient squared over weight. */
		.gain_min = o->gain_min * s->weight / (s->gradient * s->gradient),
	};
	if (g->rules.weight_min < 1) {
		g->rules.weight_min = 1;        /* nothing is divided by zero */
	}
}

static void leaf_values(struct gbdt_grower *g)
{
	for (size_t i = 0; i < g->leaves; i++) {
		const struct leaf *l = &g->leaf[i];
		double weight = (double)gbdt_sum_weight(l->total, g->scale) + g->rules.l2;
		double unit = g->scale->gradient / g->scale->weight;
		g->node[l->node].value = weight > 0 ? -(double)l->total[0] / weight * unit : 0;
		histogram_give(g, l->histogram);
	}
}

const struct gbdt_grown *gbdt_grow(struct gbdt_grower *g, size_t count, const gbdt_sum *sums, const struct gbdt_scale *scale, const bool *use,
				   size_t *nodes)
{
	struct leaf *root = &g->leaf[0];

	g->sums = sums;
	g->scale = scale;
	g->use = use;
	rules_make(g);
	g->nodes = g->leaves = 1;
	g->node[0] = (struct gbdt_grown){ .end = count };
	*root = (struct leaf){ 0 };
	for (size_t i = 0; i < count; i++) {
		root->total += sums[g->rows[i]];
	}
	if (splittable(g, root)) {
		root->histogram = histogram_take(g);
		histogram_rows(g, &g->node[0], false, root->histogram);
	}
	leaf_search(g, root);
	for (struct leaf *l = root; l && g->leaves < g->options->leaves; ) {
		l = leaf_next(g);
		if (l) {
			leaf_split(g, l);
		}
	}
	leaf_values(g);
	*nodes = g->nodes;
	return g->node;
}
