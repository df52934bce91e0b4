/* What an operator sees of its node: inputs, outputs, attributes. */
#include "exec/builtin/onnx.h"

#include <stdarg.h>
#include <string.h>

void call_stop(const struct call *c, const char *format, ...)
{
	char why[160];
	va_list list;
	struct text name = c->node->name.size ? c->node->name : c->node->output_name[0];

	va_start(list, format);
	(void)vsnprintf(why, sizeof(why), format, list);
	va_end(list);
	guest_stop("model: %s %.*s: %s", c->node->operation->name, (int)name.size, name.size ? name.at : "", why);
}

void call_work(struct call *c, uint64_t a, uint64_t b)
{
	uint64_t steps;

	if (__builtin_mul_overflow(a, b, &steps) || steps > c->onnx->work_max - c->onnx->work) {
		call_stop(c, "the run takes too many steps");
	}
	c->onnx->work += steps;
}

/* ---- inputs and outputs ---- */

const struct tensor *call_in(const struct call *c, size_t i)
{
	return i < c->in_count ? c->in[i] : NULL;
}

static const struct tensor *call_typed(const struct call *c, size_t i, enum tensor_type type)
{
	const struct tensor *t = call_in(c, i);

	if (!t || t->type != type) {
		call_stop(c, "input %zu is not there, or not of %s", i, type == TENSOR_FLOAT ? "float32" : "int64");
	}
	return t;
}

const struct tensor *call_float(const struct call *c, size_t i)
{
	return call_typed(c, i, TENSOR_FLOAT);
}

const struct tensor *call_int(const struct call *c, size_t i)
{
	return call_typed(c, i, TENSOR_INT64);
}

struct tensor *call_make(struct call *c, enum tensor_type type, size_t rank, const size_t *dim)
{
	if (rank > ONNX_RANK_MAX) {
		call_stop(c, "more than %d dimensions", ONNX_RANK_MAX);
	}
	call_work(c, shape_steps(rank, dim), 1);
	tensor_make(c->onnx->memory, type, rank, dim, c->out[0]);
	return c->out[0];
}

/* Nothing else reads the memory of input i: neither a later node nor another name for it. */
static bool call_may_take(const struct call *c, size_t i)
{
	const struct value *v = &c->onnx->value[c->node->input[i]];

	return !v->given && v->last == c->onnx->at && memory_alone(v->tensor.at);
}

struct tensor *call_like(struct call *c, size_t i)
{
	const struct tensor *in = c->in[i];

	if (!call_may_take(c, i)) {
		return call_make(c, in->type, in->rank, in->dim);
	}
	memory_keep(in->at);
	*c->out[0] = *in;
	return c->out[0];
}

void call_view(struct call *c, size_t i, size_t rank, const size_t *dim)
{
	struct tensor t = *c->in[i];

	if (rank > ONNX_RANK_MAX || shape_count(rank, dim) != t.count) {
		call_stop(c, "its %zu elements do not fit the new shape", t.count);
	}
	for (size_t a = 0; a < rank; a++) {
		t.dim[a] = dim[a];
	}
	t.rank = rank;
	memory_keep(t.at);
	*c->out[0] = t;
}

size_t call_axis(const struct call *c, int64_t axis, size_t rank)
{
	int64_t from_start = axis < 0 && axis >= -(int64_t)rank ? axis + (int64_t)rank : axis;

	if (from_start < 0 || from_start >= (int64_t)rank) {
		call_stop(c, "axis %lld of %zu", (long long)axis, rank);
	}
	return (size_t)from_start;
}

/* ---- attributes ---- */

const struct attribute *attribute_find(const struct call *c, const char *name, enum attribute_type type)
{
	for (size_t i = 0; i < c->node->attribute_count; i++) {
		const struct attribute *a = &c->node->attribute[i];
		if (text_is(a->name, name)) {
			if (a->type != type) {
				call_stop(c, "attribute %s is of another type", name);
			}
			return a;
		}
	}
	return NULL;
}

int64_t attribute_int(const struct call *c, const char *name, int64_t otherwise)
{
	const struct attribute *a = attribute_find(c, name, ATTRIBUTE_INT);

	return a ? a->i : otherwise;
}

float attribute_float(const struct call *c, const char *name, float otherwise)
{
	const struct attribute *a = attribute_find(c, name, ATTRIBUTE_FLOAT);

	return a ? a->f : otherwise;
}

size_t attribute_word(const struct call *c, const char *name, const char *const *words, size_t otherwise)
{
	const struct attribute *a = attribute_find(c, name, ATTRIBUTE_STRING);

	for (size_t i = 0; a && words[i]; i++) {
		if (text_is(a->s, words[i])) {
			return i;
		}
	}
	if (a) {
		call_stop(c, "%s=%.*s is not supported", name, (int)(a->s.size < 40 ? a->s.size : 40),
			  a->s.size ? a->s.at : "");
	}
	return otherwise;
}

bool call_ints(const struct call *c, const char *name, size_t i, const int64_t **at, size_t *count)
{
	const struct attribute *a = attribute_find(c, name, ATTRIBUTE_INTS);

	if (a) {
		*at = a->ints;
		*count = a->count;
		return true;
	}
	if (!call_in(c, i)) {
		return false;
	}
	const struct tensor *t = call_int(c, i);
	if (t->rank > 1) {
		call_stop(c, "input %zu is no list", i);
	}
	*at = t->i;
	*count = t->count;
	return true;
}

bool call_axes(const struct call *c, size_t i, size_t rank, uint32_t *set)
{
	const int64_t *axis = NULL;
	size_t count = 0;

	*set = 0;
	if (!call_ints(c, "axes", i, &axis, &count)) {
		return false;
	}
	for (size_t k = 0; k < count; k++) {
		uint32_t bit = UINT32_C(1) << call_axis(c, axis[k], rank);
		if (*set & bit) {
			call_stop(c, "an axis is there twice");
		}
		*set |= bit;
	}
	return true;
}
