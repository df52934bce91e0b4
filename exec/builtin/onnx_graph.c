/*
 * Names become indices once, before anything runs: sorted and searched, so that no choice of names makes it slow. A node may use only what
 * stands before it, which rules cycles out; what the result does not need is left out. A value's memory goes back after the last node that
 * uses it.
 */
#include "exec/builtin/onnx.h"

#include <stdlib.h>
#include <string.h>

struct named {
	struct text name;
	uint32_t value;
};

static int text_compare(struct text a, struct text b)
{
	int order = memcmp(a.at, b.at, a.size < b.size ? a.size : b.size);

	return order ? order : (a.size > b.size) - (a.size < b.size);
}

/* Names that are equal stay in the order of their values, so that an initializer comes before the input that it fills. */
static int named_compare(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	int order = text_compare(x->name, y->name);

	return order ? order : (x->value > y->value) - (x->value < y->value);
}

struct names {
	struct named *at;
	size_t count;
};

static uint32_t name_find(const struct names *names, struct text name)
{
	size_t low = 0, high = names->count;

	if (!name.size) {
		return VALUE_NONE;
	}
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (text_compare(names->at[middle].name, name) < 0) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	if (low == names->count || text_compare(names->at[low].name, name) != 0) {
		guest_stop("model: nothing makes %.*s", (int)name.size, name.at);
	}
	return names->at[low].value;
}

/* ---- operators ---- */

static const struct operation *operator_find(struct text domain, struct text op)
{
	static const struct operation *const table[] = { operators_math,  operators_reduce, operators_layer,
							 operators_pool,  operators_shape,  operators_cut,
							 operators_resize };

	if (domain.size && !text_is(domain, "ai.onnx")) {
		guest_stop("model: operators of %.*s are not supported", (int)domain.size, domain.at);
	}
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		for (const struct operation *o = table[i]; o->name; o++) {
			if (text_is(op, o->name)) {
				return o;
			}
		}
	}
	guest_stop("model: operator %.*s is not supported", (int)op.size, op.size ? op.at : "");
}

/* An attribute that we do not know may change the result, so it is refused. */
static void attributes_check(const struct node *n)
{
	for (size_t i = 0; i < n->attribute_count; i++) {
		struct text name = n->attribute[i].name;
		const char *found = NULL;
		if (!name.size) {
			guest_stop("model: %s has an attribute without a name", n->operation->name);
		}
		for (const char *at = n->operation->attributes; (at = strchr(at, ' ')); at++) {
			if (strncmp(at + 1, name.at, name.size) == 0 && at[1 + name.size] == ' ') {
				found = at;
			}
		}
		for (size_t k = 0; k < i; k++) {
			if (text_compare(n->attribute[k].name, name) == 0) {
				guest_stop("model: %s has an attribute twice", n->operation->name);
			}
		}
		if (!found) {
			guest_stop("model: attribute %.*s of %s is not supported", (int)name.size, name.at,
				   n->operation->name);
		}
	}
}

static void operator_set(struct node *n)
{
	n->operation = operator_find(n->domain, n->op);
	attributes_check(n);
	if (n->input_count < n->operation->in_least || n->input_count > n->operation->in_most) {
		guest_stop("model: %s with %zu inputs", n->operation->name, n->input_count);
	}
}

/* ---- names ---- */

static uint32_t value_add(struct onnx *o, struct names *names, struct text name)
{
	if (!name.size) {
		return VALUE_NONE;
	}
	names->at[names->count++] = (struct named){ name, (uint32_t)o->value_count };
	return (uint32_t)o->value_count++;
}

/* Values in this order: initializers, inputs, then what the nodes make. */
static void values_make(struct onnx *o, struct names *names)
{
	struct model *m = &o->model;
	size_t count = m->initializer_count + m->input_count;

	for (size_t i = 0; i < m->node_count; i++) {
		count += m->node[i].output_count;
	}
	if (count > ONNX_VALUES_MAX) {
		guest_stop("model: %zu values, %d are allowed", count, ONNX_VALUES_MAX);
	}
	/* onnx_fold() adds two for a Conv, at most. */
	o->value = memory_take(o->memory, count + 2 * m->node_count, sizeof(struct value));
	names->at = memory_take(o->memory, count, sizeof(struct named));
	for (size_t i = 0; i < m->initializer_count; i++) {
		uint32_t v = value_add(o, names, m->initializer[i].name);
		if (v == VALUE_NONE) {
			guest_stop("model: an initializer has no name");
		}
		o->value[v] = (struct value){ .tensor = m->initializer[i].tensor, .given = true };
	}
	for (size_t i = 0; i < m->input_count; i++) {
		if (value_add(o, names, m->input[i].name) == VALUE_NONE) {
			guest_stop("model: an input has no name");
		}
	}
	for (size_t i = 0; i < m->node_count; i++) {
		struct node *n = &m->node[i];
		n->output = memory_take(o->memory, n->output_count, sizeof(uint32_t));
		for (size_t k = 0; k < n->output_count; k++) {
			n->output[k] = value_add(o, names, n->output_name[k]);
			if (n->output[k] != VALUE_NONE) {
				o->value[n->output[k]].born = (uint32_t)i + 1;
			}
		}
	}
}

/* A name stands for one value. Before IR version 4 an initializer is an input of the same name as well. */
static void names_sort(struct onnx *o, struct names *names)
{
	size_t inputs_end = o->model.initializer_count + o->model.input_count;

	qsort(names->at, names->count, sizeof(struct named), named_compare);
	for (size_t i = 1; i < names->count; i++) {
		const struct named *a = &names->at[i - 1], *b = &names->at[i];
		if (text_compare(a->name, b->name) != 0) {
			continue;
		}
		if (!o->value[a->value].given || b->value < o->model.initializer_count || b->value >= inputs_end) {
			guest_stop("model: two things are named %.*s", (int)a->name.size, a->name.at);
		}
		o->value[b->value].given = true;
	}
}

static void inputs_set(struct onnx *o, const struct names *names)
{
	for (size_t i = 0; i < o->model.node_count; i++) {
		struct node *n = &o->model.node[i];
		/* Room for the bias that onnx_fold() may add. */
		n->input = memory_take(o->memory, n->input_count + 1, sizeof(uint32_t));
		for (size_t k = 0; k < n->input_count; k++) {
			uint32_t v = n->input[k] = name_find(names, n->input_name[k]);
			if (v != VALUE_NONE && o->value[v].born > i) {
				guest_stop("model: node %zu uses what only a later one makes", i);
			}
		}
	}
	for (size_t i = 0; i < o->model.output_count; i++) {
		(void)name_find(names, o->model.output[i]);
	}
}

static void value_use(struct onnx *o, uint32_t v, uint32_t node)
{
	if (v != VALUE_NONE) {
		o->value[v].last = o->value[v].uses++ ? o->value[v].last : node;
	}
}

/* From the result backwards, so that the first use of a value that is seen is its last one in a run. */
static void needed_set(struct onnx *o, const struct names *names, const char *result)
{
	struct text name = { result, strlen(result) };

	if (!name.size && o->model.output_count) {
		name = o->model.output[0];
	}
	o->result = name_find(names, name);
	if (o->result == VALUE_NONE) {
		guest_stop("model: it has no output, or one without a name");
	}
	value_use(o, o->result, ONNX_NODES_MAX);
	for (size_t i = o->model.node_count; i-- > 0;) {
		struct node *n = &o->model.node[i];
		bool needed = false;
		for (size_t k = 0; k < n->output_count; k++) {
			needed = needed || (n->output[k] != VALUE_NONE && o->value[n->output[k]].uses);
		}
		if (!needed) {
			continue;
		}
		operator_set(n);
		for (size_t k = 0; k < n->input_count; k++) {
			value_use(o, n->input[k], (uint32_t)i);
		}
	}
}

static void input_set(struct onnx *o)
{
	for (size_t i = 0; i < o->model.input_count; i++) {
		size_t v = o->model.initializer_count + i;
		if (o->value[v].given) {
			continue;
		}
		if (o->input) {
			guest_stop("model: it has two inputs, %.*s is the second", (int)o->model.input[i].name.size,
				   o->model.input[i].name.at);
		}
		o->input = &o->model.input[i];
		o->input_value = (uint32_t)v;
	}
	if (!o->input || (o->input->type && o->input->type != ONNX_TYPE_FLOAT)) {
		guest_stop("model: it has no input of float32");
	}
}

void onnx_open(struct memory *m, struct text wire, const char *result, struct onnx *out)
{
	struct names names = { 0 };

	*out = (struct onnx){ .memory = m, .work_max = ONNX_WORK_MAX };
	model_read(m, wire, &out->model);
	values_make(out, &names);
	names_sort(out, &names);
	inputs_set(out, &names);
	needed_set(out, &names, result);
	memory_drop(m, names.at);
	input_set(out);
	out->in = memory_take(m, ONNX_LINKS_MAX, sizeof(*out->in));
	out->out = memory_take(m, ONNX_LINKS_MAX, sizeof(*out->out));
	onnx_fold(out);
}

/* ---- run ---- */

static void value_drop(struct onnx *o, uint32_t v)
{
	if (v != VALUE_NONE && !o->value[v].given) {
		memory_drop(o->memory, o->value[v].tensor.at);
		o->value[v].tensor.at = NULL;
	}
}

static void node_run(struct onnx *o, const struct node *n)
{
	struct tensor nobody = { 0 };
	struct call c = { .onnx = o, .node = n, .opset = o->model.opset, .in = o->in, .out = o->out };

	c.in_count = n->input_count;
	c.out_count = n->output_count;
	for (size_t i = 0; i < n->input_count; i++) {
		const struct value *v = n->input[i] == VALUE_NONE ? NULL : &o->value[n->input[i]];
		c.in[i] = v ? &v->tensor : NULL;
		if (v && !v->tensor.at) {
			call_stop(&c, "it uses an output that is not computed here");
		}
		call_work(&c, v ? shape_steps(v->tensor.rank, v->tensor.dim) : 1, 1);
	}
	for (size_t i = 0; i < n->output_count; i++) {
		c.out[i] = n->output[i] == VALUE_NONE ? &nobody : &o->value[n->output[i]].tensor;
	}
	n->operation->run(&c);
	memory_drop(o->memory, nobody.at);
	for (size_t i = 0; i < n->input_count; i++) {
		if (n->input[i] != VALUE_NONE && o->value[n->input[i]].last == o->at) {
			value_drop(o, n->input[i]);
		}
	}
	for (size_t i = 0; i < n->output_count; i++) {
		if (n->output[i] != VALUE_NONE && !o->value[n->output[i]].uses) {
			value_drop(o, n->output[i]);
		}
	}
}

void onnx_run(struct onnx *o, struct tensor *input, struct tensor *output)
{
	o->work = 0;
	o->value[o->input_value].tensor = *input;
	input->at = NULL;
	for (o->at = 0; o->at < o->model.node_count; o->at++) {
		if (o->model.node[o->at].operation) {
			node_run(o, &o->model.node[o->at]);
		}
	}
	if (!o->value[o->result].tensor.at) {
		guest_stop("model: its output is one that is not computed here");
	}
	*output = o->value[o->result].tensor;
	memory_keep(output->at);
	for (uint32_t v = 0; v < o->value_count; v++) {
		value_drop(o, v);
	}
}
