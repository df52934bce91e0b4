/* Values with values in them: arrays and inline tables, by a stack of our own. */
#include "boxed/toml/toml.h"

enum step {
	STEP_BAD,
	STEP_VALUE,             /* a value begins, for *node */
	STEP_CLOSED,            /* the container has ended */
};

/* TOML 1.0, "Array": values over many lines, a comma after the last one allowed. */
static enum step array_step(struct toml *t, uint32_t array, uint32_t *node)
{
	if (!skip_lines(t)) {
		return STEP_BAD;
	}
	if (take(t, ']')) {
		return STEP_CLOSED;
	}
	if (t->node[array].count > 0) {
		if (!take(t, ',') || !skip_lines(t)) {
			return STEP_BAD;
		}
		if (take(t, ']')) {
			return STEP_CLOSED;
		}
	}
	*node = node_add(t, array, ANSWER_NULL, FROM_VALUE);
	return *node == NO_NODE ? STEP_BAD : STEP_VALUE;
}

/* TOML 1.0, "Inline Table": on one line, no comma after the last pair. */
static enum step table_step(struct toml *t, uint32_t table, uint32_t *node)
{
	skip_blank(t);
	if (take(t, '}')) {
		return STEP_CLOSED;
	}
	if (t->node[table].count > 0) {
		if (!take(t, ',')) {
			return STEP_BAD;
		}
		skip_blank(t);
	}
	*node = key_value_node(t, table);
	if (*node == NO_NODE || !take(t, '=')) {
		return STEP_BAD;
	}
	skip_blank(t);
	return STEP_VALUE;
}

/* A value that holds no other. */
static bool simple_read(struct toml *t, uint32_t index)
{
	struct node *n = &t->node[index];
	uint32_t size = 0;

	if (peek(t) != '"' && peek(t) != '\'') {
		return scalar_read(t, n);
	}
	if (!string_read(t, true, &n->text_at, &size)) {
		return false;
	}
	n->kind = ANSWER_TSTR;
	n->value = size;
	return true;
}

bool value_read(struct toml *t, uint32_t index)
{
	uint32_t open[BOX_DEPTH_MAX];
	uint32_t depth = 0;

	for (;;) {
		if (peek(t) == '[' || peek(t) == '{') {
			if (depth == BOX_DEPTH_MAX) {
				return false;
			}
			t->node[index].kind = *t->at++ == '[' ? ANSWER_ARRAY : ANSWER_MAP;
			open[depth++] = index;
		} else if (!simple_read(t, index)) {
			return false;
		}
		enum step step = STEP_CLOSED;

		while (depth > 0 && step == STEP_CLOSED) {
			uint32_t holder = open[depth - 1];

			step = t->node[holder].kind == ANSWER_ARRAY ? array_step(t, holder, &index)
								    : table_step(t, holder, &index);
			depth -= step == STEP_CLOSED;
		}
		if (step != STEP_VALUE) {
			return step == STEP_CLOSED;
		}
	}
}
