/*
 * Conv then BatchNormalization, with everything but the image constant: factor and offset go into the weights and the bias, once, and the
 * second node does nothing. What does not fit in every way stays as it is, and runs, or is refused, as itself.
 */
#include "exec/builtin/onnx.h"

#include <math.h>
#include <string.h>

/* A constant of float32, or NULL. */
static const struct tensor *constant(const struct onnx *o, const struct node *n, size_t i)
{
	if (i >= n->input_count || n->input[i] == VALUE_NONE) {
		return NULL;
	}
	const struct value *v = &o->value[n->input[i]];
	return v->given && v->tensor.at && v->tensor.type == TENSOR_FLOAT ? &v->tensor : NULL;
}

static const struct attribute *attribute_of(const struct node *n, const char *name)
{
	for (size_t i = 0; i < n->attribute_count; i++) {
		if (text_is(n->attribute[i].name, name)) {
			return &n->attribute[i];
		}
	}
	return NULL;
}

/* The Conv whose only reader is n, or NULL. */
static struct node *conv_before(struct onnx *o, const struct node *n)
{
	const struct value *v = n->input[0] == VALUE_NONE ? NULL : &o->value[n->input[0]];

	if (!v || !v->born || v->uses != 1 || v->last == ONNX_NODES_MAX) {
		return NULL;
	}
	struct node *conv = &o->model.node[v->born - 1];
	const struct tensor *weights = text_is(conv->op, "Conv") ? constant(o, conv, 1) : NULL;
	bool has_bias = conv->input_count == 3 && conv->input[2] != VALUE_NONE;
	if (!weights || weights->rank < 3 || conv->output_count != 1 || (has_bias && !constant(o, conv, 2))) {
		return NULL;
	}
	size_t channels = weights->dim[0];
	for (size_t i = 1; i < 5; i++) {
		const struct tensor *t = constant(o, n, i);
		if (!t || t->rank != 1 || t->count != channels) {
			return NULL;
		}
	}
	const struct tensor *bias = has_bias ? constant(o, conv, 2) : NULL;
	return !bias || (bias->rank == 1 && bias->count == channels) ? conv : NULL;
}

static uint32_t value_new(struct onnx *o, const struct tensor *t)
{
	o->value[o->value_count] = (struct value){ .tensor = *t, .uses = 1, .given = true };
	return (uint32_t)o->value_count++;
}

static void fold(struct onnx *o, struct node *conv, struct node *norm, float epsilon)
{
	const struct tensor *weights = constant(o, conv, 1), *bias = constant(o, conv, 2);
	struct tensor new_weights, new_bias;
	size_t channels = weights->dim[0], taps = shape_part(weights, 1, weights->rank);

	tensor_make(o->memory, TENSOR_FLOAT, weights->rank, weights->dim, &new_weights);
	tensor_make(o->memory, TENSOR_FLOAT, 1, &channels, &new_bias);
	for (size_t k = 0; k < channels; k++) {
		float factor = constant(o, norm, 1)->f[k] / sqrtf(constant(o, norm, 4)->f[k] + epsilon);
		for (size_t i = 0; i < taps; i++) {
			new_weights.f[k * taps + i] = weights->f[k * taps + i] * factor;
		}
		new_bias.f[k] =
			((bias ? bias->f[k] : 0) - constant(o, norm, 3)->f[k]) * factor + constant(o, norm, 2)->f[k];
	}
	struct value *old = &o->value[conv->input[1]];
	if (old->uses == 1) {
		memory_drop(o->memory, old->tensor.at);
		old->tensor.at = NULL;
	}
	conv->input[1] = value_new(o, &new_weights);
	conv->input[2] = value_new(o, &new_bias); /* There is room: uses_set(). */
	conv->input_count = 3;
	conv->output[0] = norm->output[0];
	norm->operation = NULL;
}

void onnx_fold(struct onnx *o)
{
	for (size_t i = 0; i < o->model.node_count; i++) {
		struct node *n = &o->model.node[i];
		if (!n->operation || !text_is(n->op, "BatchNormalization") || n->output_count != 1 ||
		    n->output[0] == VALUE_NONE || attribute_of(n, "training_mode") || attribute_of(n, "spatial")) {
			continue;
		}
		const struct attribute *epsilon = attribute_of(n, "epsilon");
		struct node *conv = !epsilon || epsilon->type == ATTRIBUTE_FLOAT ? conv_before(o, n) : NULL;
		if (conv) {
			fold(o, conv, n, epsilon ? epsilon->f : 1e-5F);
		}
	}
}
