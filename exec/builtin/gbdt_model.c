#include <math.h>
#include <string.h>

#include "exec/builtin/gbdt.h"

/*
 * Wire form, behind the head (model.h): start f64 for each output | trees u32 | nodes u32 | the trees' nodes
 *   a leaf: 0 u8 | value f64
 *   a split: 1 (a missing value goes right) or 2 (left) u8 | feature u32 | value f64 | its left subtree | its right subtree
 * A tree's shape follows from the order of its nodes, so no file can have a loop or a child that is not there.
 */
#define NODE_LEAF 0
#define NODE_MISSING_RIGHT 1
#define NODE_MISSING_LEFT 2
#define NODE_SIZE_MIN 9

static bool node_read(struct model_reader *r, size_t features, struct gbdt_node *n)
{
	uint8_t kind = model_u8(r);

	r->failed = r->failed || kind > NODE_MISSING_LEFT;
	n->feature = kind == NODE_LEAF ? GBDT_LEAF : model_u32(r);
	n->missing_left = kind == NODE_MISSING_LEFT;
	n->value = model_f64(r);
	r->failed = r->failed || (kind != NODE_LEAF && n->feature >= features);
	return kind == NODE_LEAF;
}

/* One tree. `waiting` holds the splits whose right subtree has not begun. */
static void tree_read(struct model_reader *r, size_t room, struct gbdt_model *m)
{
	uint32_t waiting[GBDT_DEPTH_MAX];
	size_t depth = 0;
	bool whole = false;

	while (!whole && !r->failed) {
		if (m->nodes == room) {
			r->failed = true;
			return;
		}
		uint32_t at = (uint32_t)m->nodes++;
		if (node_read(r, m->head.features, &m->node[at])) {
			whole = depth == 0;
			if (!whole) {
				m->node[waiting[--depth]].right = at + 1;
			}
		} else if (depth == GBDT_DEPTH_MAX) {
			r->failed = true;
		} else {
			waiting[depth++] = at;
		}
	}
}

void gbdt_decode(struct text file, struct gbdt_model *out)
{
	struct gbdt_model m = { 0 };
	struct model_reader r = model_open(file, MODEL_GBDT, &m.head);

	m.outputs = m.head.labels > 2 ? m.head.labels : 1;
	for (size_t k = 0; k < m.outputs; k++) {
		m.start[k] = model_f64(&r);
	}
	size_t trees = model_u32(&r), nodes = model_u32(&r);
	if (trees > GBDT_TREES_MAX || trees % m.outputs || nodes > r.left / NODE_SIZE_MIN || trees > nodes) {
		r.failed = true;
	}
	if (!r.failed) {
		m.root = guest_alloc(trees, sizeof(m.root[0]));
		m.node = guest_alloc(nodes, sizeof(m.node[0]));
		for (; m.trees < trees && !r.failed; m.trees++) {
			m.root[m.trees] = (uint32_t)m.nodes;
			tree_read(&r, nodes, &m);
		}
		r.failed = r.failed || m.nodes != nodes;
	}
	model_done(&r);
	*out = m;
}

void gbdt_encode(FILE *to, const struct gbdt_model *m)
{
	model_put_head(to, &m->head);
	for (size_t k = 0; k < m->outputs; k++) {
		model_put_f64(to, m->start[k]);
	}
	model_put_u32(to, (uint32_t)m->trees);
	model_put_u32(to, (uint32_t)m->nodes);
	for (size_t i = 0; i < m->nodes; i++) {
		const struct gbdt_node *n = &m->node[i];
		if (n->feature == GBDT_LEAF) {
			model_put_u8(to, NODE_LEAF);
		} else {
			model_put_u8(to, n->missing_left ? NODE_MISSING_LEFT : NODE_MISSING_RIGHT);
			model_put_u32(to, n->feature);
		}
		model_put_f64(to, n->value);
	}
}

/* ---- prediction ---- */

static double tree_value(const struct gbdt_node *node, uint32_t at, const double *x)
{
	while (node[at].feature != GBDT_LEAF) {
		const struct gbdt_node *n = &node[at];
		double value = x[n->feature];
		bool left = isnan(value) ? n->missing_left : value <= n->value;
		at = left ? at + 1 : n->right;
	}
	return node[at].value;
}

void gbdt_score_row(const struct gbdt_model *m, const double *x, double *score)
{
	for (size_t k = 0; k < m->outputs; k++) {
		score[k] = m->start[k];
	}
	for (size_t t = 0; t < m->trees; t++) {
		score[t % m->outputs] += tree_value(m->node, m->root[t], x);
	}
}

void gbdt_predict_row(const struct gbdt_model *m, const double *x, double *out)
{
	double score[MODEL_LABELS_MAX], most, sum = 0;

	gbdt_score_row(m, x, score);
	if (m->head.labels == 0) {
		out[0] = score[0];
		return;
	}
	if (m->outputs == 1) {
		out[1] = 1 / (1 + exp(-score[0]));
		out[0] = 1 / (1 + exp(score[0]));
		return;
	}
	most = score[0];
	for (size_t k = 1; k < m->outputs; k++) {
		most = score[k] > most ? score[k] : most;
	}
	for (size_t k = 0; k < m->outputs; k++) {
		out[k] = exp(score[k] - most);
		sum += out[k];
	}
	for (size_t k = 0; k < m->outputs; k++) {
		out[k] /= sum;
	}
}
