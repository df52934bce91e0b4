#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "exec/builtin/gbdt_fit.h"

#define NUMBER_MAX 1e100                /* of a label: squares and their sums stay finite */

/* What goes on from tree to tree. */
struct fit {
	const struct gbdt_rows *rows;
	const struct gbdt_options *options;
	struct gbdt_bins bins;
	struct gbdt_grower *grower;
	struct gbdt_model model;
	struct gbdt_importance *importance;
	size_t room;                    /* nodes that the model has room for */
	size_t class_count[MODEL_LABELS_MAX];
	double *score;                  /* [row][outputs] */
	double *chance;                 /* softmax: the same, as probabilities; else NULL */
	double *gradient, *weight;      /* by row, of the tree that grows */
	gbdt_sum *sums;
	bool *use, *taken;              /* columns of this tree; rows of this round, where not all are taken */
	uint64_t dice;
};

/* ---- losses ---- */

/* The score that fits all rows best: counted or rounded, so that it does not depend on their order. */
static void start_scores(struct fit *f)
{
	struct gbdt_model *m = &f->model;
	double count = (double)f->rows->count, sum = 0, rest = 0;

	if (f->options->loss == GBDT_SQUARES) {
		for (size_t r = 0; r < f->rows->count; r++) {
			if (fabs(f->rows->y[r]) > NUMBER_MAX) {
				guest_stop("the label of row %zu is larger than %g", r + 1, NUMBER_MAX);
			}
			double y = f->rows->y[r] - rest, next = sum + y;
			rest = (next - sum) - y;        /* Kahan */
			sum = next;
		}
		double mean = sum / count;
		m->start[0] = fabs(mean) < FLT_MAX ? (double)(float)mean : mean;
		return;
	}
	if (m->outputs == 1) {
		m->start[0] = log((double)f->class_count[1] / (double)f->class_count[0]);
		return;
	}
	for (size_t k = 0; k < m->outputs; k++) {
		m->start[k] = log((double)f->class_count[k] / count);
	}
}

/* Softmax probabilities of all rows, before the trees of one round. */
static void chances(struct fit *f)
{
	size_t width = f->model.outputs;

	for (size_t r = 0; r < f->rows->count; r++) {
		const double *score = f->score + r * width;
		double *chance = f->chance + r * width, most = score[0], sum = 0;
		for (size_t k = 1; k < width; k++) {
			most = score[k] > most ? score[k] : most;
		}
		for (size_t k = 0; k < width; k++) {
			chance[k] = exp(score[k] - most);
			sum += chance[k];
		}
		for (size_t k = 0; k < width; k++) {
			chance[k] /= sum;
		}
	}
}

static double weight_floor(double weight)
{
	return weight > 1e-16 ? weight : 1e-16;
}

/* First and second derivative of the loss by one output's score. */
static void derivatives(struct fit *f, size_t output)
{
	const struct gbdt_rows *rows = f->rows;
	size_t width = f->model.outputs;
	/* Classes share the move of one: Friedman 2001, algorithm 6. */
	double factor = width > 1 ? (double)width / (double)(width - 1) : 1;

	for (size_t r = 0; r < rows->count; r++) {
		if (rows->y) {
			f->gradient[r] = f->score[r] - rows->y[r];
			f->weight[r] = 1;
			continue;
		}
		double p = width > 1 ? f->chance[r * width + output] : 1 / (1 + exp(-f->score[r]));
		bool is = width > 1 ? rows->class_of[r] == output : rows->class_of[r] == 1;
		f->gradient[r] = p - (is ? 1 : 0);
		f->weight[r] = weight_floor(factor * p * (1 - p));
	}
}

static double loss(const struct fit *f)
{
	const struct gbdt_rows *rows = f->rows;
	size_t width = f->model.outputs;
	double sum = 0;

	for (size_t r = 0; r < rows->count; r++) {
		double score = f->score[r * width];
		if (rows->y) {
			sum += (score - rows->y[r]) * (score - rows->y[r]);
		} else if (width > 1) {
			const double *s = f->score + r * width;
			double all = 0;
			for (size_t k = 0; k < width; k++) {
				all += exp(s[k] - s[rows->class_of[r]]);
			}
			sum += log(all);
		} else {
			double side = rows->class_of[r] ? -score : score;
			sum += side > 0 ? side + log1p(exp(-side)) : log1p(exp(side));
		}
	}
	return sum / (double)rows->count;
}

/* ---- whole numbers ---- */

static unsigned bits_of(uint64_t value)
{
	unsigned bits = 0;

	for (; value; value >>= 1) {
		bits++;
	}
	return bits;
}

static int64_t rounded(double value)
{
	return (int64_t)(value + (value < 0 ? -0.5 : 0.5));
}

/*
 * Gradients to sums. With n < 2^c rows, a gradient has 62 - c bits at most and a weight 62 - 2c above c bits for the count, so that both lanes stay
 * below 2^62 whatever is added.
 */
static void sums_make(struct fit *f, struct gbdt_scale *scale)
{
	size_t count = f->rows->count;
	double gradient = 0, weight = 0;
	unsigned c = bits_of(count), gradient_bits = 62 - c, weight_bits = 62 - 2 * c;

	for (size_t r = 0; r < count; r++) {
		double g = fabs(f->gradient[r]);
		gradient = g > gradient ? g : gradient;
		weight = f->weight[r] > weight ? f->weight[r] : weight;
	}
	gradient_bits = gradient_bits > 40 ? 40 : gradient_bits;
	weight_bits = weight_bits > 30 ? 30 : weight_bits;
	double g_units = ldexp(1, (int)gradient_bits), w_units = ldexp(1, (int)weight_bits);
	if (!(gradient > 1 / NUMBER_MAX)) {
		gradient = 1;                   /* all of them are rounded to zero: nothing is left to learn */
	}
	scale->count_bits = c;
	scale->gradient = gradient / g_units;
	scale->weight = weight / w_units;
	double g_by = g_units / gradient, w_by = w_units / weight;
	for (size_t r = 0; r < count; r++) {
		int64_t w = rounded(f->weight[r] * w_by);
		f->sums[r] = (gbdt_sum){ rounded(f->gradient[r] * g_by), w << c | 1 };
	}
}

/* ---- samples ---- */

static bool chosen(struct fit *f, double share)
{
	return share >= 1 || model_chance_unit(&f->dice) < share;
}

static void columns_choose(struct fit *f)
{
	size_t count = 0;

	for (size_t c = 0; c < f->bins.columns; c++) {
		f->use[c] = chosen(f, f->options->column_share);
		count += f->use[c];
	}
	if (count == 0 && f->bins.columns) {
		f->use[model_chance(&f->dice) % f->bins.columns] = true;
	}
}

static void rows_choose(struct fit *f)
{
	for (size_t r = 0; f->taken && r < f->rows->count; r++) {
		f->taken[r] = chosen(f, f->options->row_share);
	}
}

static size_t rows_list(struct fit *f)
{
	uint32_t *rows = gbdt_grower_rows(f->grower);
	size_t count = 0;

	for (size_t r = 0; r < f->rows->count; r++) {
		rows[count] = (uint32_t)r;
		count += !f->taken || f->taken[r];
	}
	return count;
}

/* ---- trees ---- */

/* A grown tree in the model's order, its left child right behind each node. */
static void tree_keep(struct fit *f, const struct gbdt_grown *grown, size_t nodes)
{
	uint32_t pending[GBDT_DEPTH_MAX + 2], parent[GBDT_DEPTH_MAX + 2];
	size_t depth = 0;
	struct gbdt_model *m = &f->model;

	if (f->room - m->nodes < nodes) {
		f->room = 2 * (f->room + nodes);
		m->node = realloc(m->node, f->room * sizeof(m->node[0]));
		if (!m->node) {
			guest_stop("out of memory for %zu nodes", f->room);
		}
	}
	m->root[m->trees++] = (uint32_t)m->nodes;
	pending[depth] = 0;
	parent[depth++] = UINT32_MAX;
	while (depth > 0) {
		const struct gbdt_grown *g = &grown[pending[--depth]];
		uint32_t at = (uint32_t)m->nodes++;
		if (parent[depth] != UINT32_MAX) {
			m->node[parent[depth]].right = at;
		}
		if (!g->left) {
			m->node[at] = (struct gbdt_node){ .feature = GBDT_LEAF, .value = g->value * f->options->rate };
			continue;
		}
		const struct gbdt_column *c = &f->bins.column[g->split.column];
		double edge = c->edge[g->split.bin];
		m->node[at] = (struct gbdt_node){
			.feature = c->feature,
			.value = edge < DBL_MAX ? edge : DBL_MAX,
			.missing_left = g->split.missing_left,
		};
		pending[depth] = g->right;
		parent[depth++] = at;
		pending[depth] = g->left;
		parent[depth++] = UINT32_MAX;
	}
}

/* What a tree says of a row that it was not grown on. */
static double tree_value(const struct fit *f, const struct gbdt_grown *grown, size_t row)
{
	const struct gbdt_grown *g = &grown[0];

	while (g->left) {
		uint32_t column = g->split.column;
		uint8_t bin = gbdt_bins_group(&f->bins, column / GBDT_GROUP)[row * GBDT_GROUP + column % GBDT_GROUP];
		bool left = f->bins.column[column].missing && bin == 0 ? g->split.missing_left : bin <= g->split.bin;
		g = &grown[left ? g->left : g->right];
	}
	return g->value;
}

static void scores_add(struct fit *f, size_t output, const struct gbdt_grown *grown, size_t nodes)
{
	const uint32_t *rows = gbdt_grower_rows(f->grower);
	size_t width = f->model.outputs;
	double rate = f->options->rate;

	for (size_t n = 0; n < nodes; n++) {
		for (size_t i = grown[n].begin; !grown[n].left && i < grown[n].end; i++) {
			f->score[rows[i] * width + output] += grown[n].value * rate;
		}
	}
	for (size_t r = 0; f->taken && r < f->rows->count; r++) {
		if (!f->taken[r]) {
			f->score[r * width + output] += tree_value(f, grown, r) * rate;
		}
	}
}

/* Whether the tree has a split. */
static bool tree_add(struct fit *f, size_t output)
{
	struct gbdt_scale scale = { 0 };
	size_t nodes = 0;

	derivatives(f, output);
	sums_make(f, &scale);
	columns_choose(f);
	const struct gbdt_grown *grown = gbdt_grow(f->grower, rows_list(f), f->sums, &scale, f->use, &nodes);
	for (size_t n = 0; n < nodes; n++) {
		if (grown[n].left) {
			struct gbdt_importance *i = &f->importance[f->bins.column[grown[n].split.column].feature];
			i->gain += grown[n].split.gain * scale.gradient * scale.gradient / scale.weight;
			i->splits++;
		}
	}
	tree_keep(f, grown, nodes);
	scores_add(f, output, grown, nodes);
	return nodes > 1;
}

static void fit_open(struct fit *f)
{
	size_t count = f->rows->count, width = f->model.outputs;

	for (size_t r = 0; f->rows->class_of && r < count; r++) {
		f->class_count[f->rows->class_of[r]]++;
	}
	gbdt_bins_make(f->rows, f->options->bins, &f->bins);
	f->grower = gbdt_grower_open(&f->bins, f->options);
	f->model.root = guest_alloc(f->options->rounds * width, sizeof(f->model.root[0]));
	f->score = guest_alloc(count, width * sizeof(double));
	f->chance = width > 1 ? guest_alloc(count, width * sizeof(double)) : NULL;
	f->gradient = guest_alloc(count, sizeof(double));
	f->weight = guest_alloc(count, sizeof(double));
	f->sums = guest_alloc(count, sizeof(f->sums[0]));
	f->use = guest_alloc(f->bins.columns, sizeof(bool));
	f->taken = f->options->row_share < 1 ? guest_alloc(count, sizeof(bool)) : NULL;
	start_scores(f);
	for (size_t i = 0; i < count * width; i++) {
		f->score[i] = f->model.start[i % width];
	}
}

void gbdt_fit(const struct gbdt_rows *rows, const struct gbdt_options *options, const struct model_head *head, struct gbdt_model *out,
	      struct gbdt_importance *importance)
{
	struct fit f = { .rows = rows, .options = options, .importance = importance, .dice = options->seed };
	bool samples = options->row_share < 1 || options->column_share < 1, more = true;

	f.model.head = *head;
	f.model.outputs = head->labels > 2 ? head->labels : 1;
	fit_open(&f);
	for (size_t i = 0; i < options->rounds && more; i++) {
		rows_choose(&f);
		if (f.chance) {
			chances(&f);
		}
		/* When no tree could split, the next ones could not either, unless they see other rows or columns. */
		more = samples;
		for (size_t k = 0; k < f.model.outputs; k++) {
			more = tree_add(&f, k) || more;
		}
		if (options->metrics) {
			fprintf(options->metrics, "%zu,%.9g\n", i + 1, loss(&f));
		}
	}
	*out = f.model;
}
