#include <string.h>

#include "exec/builtin/gbdt_fit.h"

size_t gbdt_histogram_size(const struct gbdt_bins *b)
{
	return b->columns * GBDT_STRIDE;
}

void gbdt_histogram_clear(const struct gbdt_bins *b, gbdt_sum *histogram)
{
	for (size_t c = 0; c < b->columns; c++) {
		memset(histogram + c * GBDT_STRIDE, 0, b->column[c].bins * sizeof(*histogram));
	}
}

void gbdt_histogram_less(const struct gbdt_bins *b, const gbdt_sum *what, gbdt_sum *from)
{
	for (size_t c = 0; c < b->columns; c++) {
		const gbdt_sum *w = what + c * GBDT_STRIDE;
		gbdt_sum *f = from + c * GBDT_STRIDE;
		for (size_t i = 0; i < b->column[c].bins; i++) {
			f[i] -= w[i];
		}
	}
}

/*
 * One group: a row's bins are one load of eight bytes, its sum one of sixteen, and each feature costs one vector addition in memory. `lanes` is
 * constant where this is inlined.
 */
__attribute__((always_inline)) static inline void group_add(const uint8_t *bins, const uint32_t *rows, const gbdt_sum *sums, size_t count,
							     gbdt_sum *histogram, const size_t lanes)
{
	for (size_t i = 0; i < count; i++) {
		gbdt_sum sum = sums[i];
		uint64_t eight;
		memcpy(&eight, bins + (size_t)rows[i] * GBDT_GROUP, sizeof(eight));
		for (size_t lane = 0; lane < lanes; lane++) {
			histogram[lane * GBDT_STRIDE + (eight >> (8 * lane) & 0xff)] += sum;
		}
	}
}

void gbdt_histogram_add(const struct gbdt_bins *b, const uint32_t *rows, const gbdt_sum *sums, size_t count, gbdt_sum *histogram)
{
	for (size_t g = 0; g < b->groups; g++) {
		const uint8_t *bins = gbdt_bins_group(b, g);
		gbdt_sum *at = histogram + g * GBDT_GROUP * GBDT_STRIDE;
		size_t lanes = b->columns - g * GBDT_GROUP;
		switch (lanes < GBDT_GROUP ? lanes : GBDT_GROUP) {
		case 1: group_add(bins, rows, sums, count, at, 1); break;
		case 2: group_add(bins, rows, sums, count, at, 2); break;
		case 3: group_add(bins, rows, sums, count, at, 3); break;
		case 4: group_add(bins, rows, sums, count, at, 4); break;
		case 5: group_add(bins, rows, sums, count, at, 5); break;
		case 6: group_add(bins, rows, sums, count, at, 6); break;
		case 7: group_add(bins, rows, sums, count, at, 7); break;
		default: group_add(bins, rows, sums, count, at, 8); break;
		}
	}
}

/* ---- splits ---- */

/* What is the same for all bins of a node. */
struct node {
	double gradient, weight;        /* of all its rows */
	int64_t count;
	const struct gbdt_scale *scale;
	const struct gbdt_rules *rules;
};

/*
 * Splits of one column with missing values on one side: `left` begins as what is there before the first bin. The gain is
 * GL^2 / (HL + l2) + GR^2 / (HR + l2); it is compared as a fraction, and divided only when it is the best so far.
 */
static void column_best(const struct gbdt_column *c, const gbdt_sum *bin, const struct node *n, gbdt_sum left, uint32_t last, struct gbdt_split *best)
{
	const struct gbdt_rules *rules = n->rules;

	for (uint32_t b = c->missing; b < last; b++) {
		if (bin[b][1] == 0) {
			continue;               /* no row, so the same split as the one before */
		}
		left += bin[b];
		int64_t count = gbdt_sum_count(left, n->scale);
		if (count < rules->rows_min) {
			continue;
		}
		if (n->count - count < rules->rows_min) {
			break;
		}
		double gl = (double)left[0], hl = (double)gbdt_sum_weight(left, n->scale);
		double gr = n->gradient - gl, hr = n->weight - hl;
		if (hl < rules->weight_min || hr < rules->weight_min) {
			continue;
		}
		hl += rules->l2;
		hr += rules->l2;
		double over = gl * gl * hr + gr * gr * hl, under = hl * hr;
		if (over > best->gain * under) {
			best->gain = over / under;
			best->bin = b;
			best->left = left;
			best->column = UINT32_MAX;      /* the caller's to say */
		}
	}
}

static void column_try(const struct gbdt_bins *b, uint32_t column, const gbdt_sum *histogram, const struct node *n, struct gbdt_split *best)
{
	const struct gbdt_column *c = &b->column[column];
	const gbdt_sum *bin = histogram + (size_t)column * GBDT_STRIDE;
	const gbdt_sum nothing = { 0, 0 };

	/* Missing values right: then the split behind the last bin, missing against all others, is one as well. */
	column_best(c, bin, n, nothing, c->missing ? c->bins : c->bins - 1, best);
	if (best->column == UINT32_MAX) {
		best->column = column;
		best->missing_left = false;
	}
	if (c->missing && bin[0][1] != 0) {
		column_best(c, bin, n, bin[0], c->bins - 1, best);
		if (best->column == UINT32_MAX) {
			best->column = column;
			best->missing_left = true;
		}
	}
}

void gbdt_histogram_best(const struct gbdt_bins *b, const gbdt_sum *histogram, gbdt_sum total, const struct gbdt_scale *scale,
			 const struct gbdt_rules *rules, const bool *use, struct gbdt_split *out)
{
	struct node n = {
		.gradient = (double)total[0],
		.weight = (double)gbdt_sum_weight(total, scale),
		.count = gbdt_sum_count(total, scale),
		.scale = scale,
		.rules = rules,
	};
	double own = n.gradient * n.gradient / (n.weight + rules->l2);
	/* A gain that rounding alone could make is none. */
	double floor = own + (rules->gain_min > own * 1e-10 ? rules->gain_min : own * 1e-10);
	struct gbdt_split best = { .gain = floor };

	for (uint32_t c = 0; c < b->columns; c++) {
		if (use[c]) {
			column_try(b, c, histogram, &n, &best);
		}
	}
	best.gain = best.gain > floor ? best.gain - own : 0;
	/* With nothing missing here, a missing value of later goes where more rows go. */
	if (best.gain > 0) {
		const gbdt_sum *bin = histogram + (size_t)best.column * GBDT_STRIDE;
		if (!b->column[best.column].missing || bin[0][1] == 0) {
			best.missing_left = 2 * gbdt_sum_count(best.left, scale) >= n.count;
		}
	}
	*out = best;
}
