/* Operators that keep the elements and change their shape, order or type, and those that make constants. */
#include "exec/builtin/onnx.h"

#include <math.h>
#include <string.h>

static const struct tensor *any(const struct call *c, size_t i)
{
	const struct tensor *t = call_in(c, i);

	if (!t) {
		call_stop(c, "input %zu is missing", i);
	}
	return t;
}

/* ---- a view under another shape ---- */

static void identity_run(struct call *c)
{
	const struct tensor *x = any(c, 0);

	call_view(c, 0, x->rank, x->dim);
}

static void dropout_run(struct call *c)
{
	const struct tensor *x = any(c, 0), *training = call_in(c, 2);

	(void)attribute_float(c, "ratio", 0.5F);
	if (training && (training->type != TENSOR_INT64 || training->count != 1 || training->i[0] != 0)) {
		call_stop(c, "training is not supported");
	}
	call_view(c, 0, x->rank, x->dim);
}

static void flatten_run(struct call *c)
{
	const struct tensor *x = any(c, 0);
	int64_t stated = attribute_int(c, "axis", 1);
	size_t axis = stated == (int64_t)x->rank ? x->rank : call_axis(c, stated, x->rank);

	call_view(c, 0, 2, (size_t[]){ shape_part(x, 0, axis), shape_part(x, axis, x->rank) });
}

static size_t dimension_of(const struct call *c, int64_t n)
{
	if (n < 0 || n > ONNX_ELEMENTS_MAX) {
		call_stop(c, "a dimension of %lld", (long long)n);
	}
	return (size_t)n;
}

static void reshape_run(struct call *c)
{
	const struct tensor *x = any(c, 0), *shape = call_int(c, 1);
	bool allow_zero = attribute_int(c, "allowzero", 0) != 0;
	size_t dim[ONNX_RANK_MAX], open = SIZE_MAX;

	if (shape->rank != 1 || shape->count > ONNX_RANK_MAX) {
		call_stop(c, "a shape of %zu dimensions", shape->count);
	}
	for (size_t i = 0; i < shape->count; i++) {
		if (shape->i[i] == -1 && open == SIZE_MAX) {
			open = i;
			dim[i] = 1;
		} else if (shape->i[i] == 0 && !allow_zero) {
			dim[i] = i < x->rank ? x->dim[i] : dimension_of(c, -1);
		} else {
			dim[i] = dimension_of(c, shape->i[i]);
		}
	}
	if (open != SIZE_MAX) {
		size_t rest = shape_count(shape->count, dim);
		dim[open] = rest ? x->count / rest : 0;
	}
	call_view(c, 0, shape->count, dim);
}

static void squeeze_run(struct call *c)
{
	const struct tensor *x = any(c, 0);
	uint32_t set;
	size_t dim[ONNX_RANK_MAX], rank = 0;
	bool given = call_axes(c, 1, x->rank, &set);

	for (size_t a = 0; a < x->rank; a++) {
		bool gone = given ? set >> a & 1 : x->dim[a] == 1;
		if (gone && x->dim[a] != 1) {
			call_stop(c, "axis %zu is of size %zu", a, x->dim[a]);
		}
		if (!gone) {
			dim[rank++] = x->dim[a];
		}
	}
	call_view(c, 0, rank, dim);
}

static void unsqueeze_run(struct call *c)
{
	const struct tensor *x = any(c, 0);
	const int64_t *axis;
	uint32_t set;
	size_t dim[ONNX_RANK_MAX], count = 0, from = 0;

	if (!call_ints(c, "axes", 1, &axis, &count) || count > ONNX_RANK_MAX - x->rank) {
		call_stop(c, "no axes, or too many");
	}
	(void)call_axes(c, 1, x->rank + count, &set);
	for (size_t a = 0; a < x->rank + count; a++) {
		dim[a] = set >> a & 1 ? 1 : x->dim[from++];
	}
	call_view(c, 0, x->rank + count, dim);
}

/* ---- another order ---- */

static void transpose_run(struct call *c)
{
	const struct tensor *x = any(c, 0);
	const struct attribute *perm = attribute_find(c, "perm", ATTRIBUTE_INTS);
	size_t dim[ONNX_RANK_MAX], stride[ONNX_RANK_MAX], own[ONNX_RANK_MAX];
	uint32_t seen = 0;

	if (perm && perm->count != x->rank) {
		call_stop(c, "perm has %zu axes in place of %zu", perm->count, x->rank);
	}
	shape_strides(x->rank, x->dim, own);
	for (size_t a = 0; a < x->rank; a++) {
		size_t from = perm ? call_axis(c, perm->ints[a], x->rank) : x->rank - 1 - a;
		if (seen >> from & 1) {
			call_stop(c, "axis %zu is there twice", from);
		}
		seen |= UINT32_C(1) << from;
		dim[a] = x->dim[from];
		stride[a] = own[from];
	}
	tensor_walk(x, stride, call_make(c, x->type, x->rank, dim));
}

static void expand_run(struct call *c)
{
	const struct tensor *x = any(c, 0), *shape = call_int(c, 1);
	size_t rank = shape->count > x->rank ? shape->count : x->rank;
	size_t dim[ONNX_RANK_MAX], stride[ONNX_RANK_MAX] = { 0 }, own[ONNX_RANK_MAX];

	if (rank > ONNX_RANK_MAX) {
		call_stop(c, "a shape of %zu dimensions", rank);
	}
	shape_strides(x->rank, x->dim, own);
	for (size_t a = 0; a < rank; a++) {
		size_t x_missing = rank - x->rank, missing = rank - shape->count;
		size_t from = a < x_missing ? 1 : x->dim[a - x_missing];
		size_t to = a < missing ? 1 : dimension_of(c, shape->i[a - missing]);
		if (from != to && from != 1 && to != 1) {
			call_stop(c, "shapes do not go together: %zu and %zu at axis %zu", from, to, a);
		}
		dim[a] = from == 1 ? to : from;
		stride[a] = from == 1 ? 0 : own[a - x_missing];
	}
	tensor_walk(x, stride, call_make(c, x->type, rank, dim));
}

/* ---- Concat ---- */

static void concat_run(struct call *c)
{
	const struct tensor *first = any(c, 0);
	/* axis is required; what cannot be one stands for its absence. */
	size_t axis = call_axis(c, attribute_int(c, "axis", INT64_MAX), first->rank), dim[ONNX_RANK_MAX], width = 0;
	size_t size = first->type == TENSOR_FLOAT ? sizeof(float) : sizeof(int64_t);

	memcpy(dim, first->dim, sizeof(dim));
	for (size_t i = 0; i < c->in_count; i++) {
		const struct tensor *t = any(c, i);
		bool same = t->type == first->type && t->rank == first->rank;
		for (size_t a = 0; same && a < t->rank; a++) {
			same = a == axis || t->dim[a] == first->dim[a];
		}
		if (!same) {
			call_stop(c, "input %zu does not fit the first", i);
		}
		width += t->dim[axis];
		/* Each time, so that the sum of many cannot wrap. */
		(void)dimension_of(c, (int64_t)width);
	}
	dim[axis] = width;
	struct tensor *out = call_make(c, first->type, first->rank, dim);
	size_t outer = shape_part(first, 0, axis), inner = shape_part(first, axis + 1, first->rank), at = 0;
	for (size_t i = 0; i < c->in_count; i++) {
		size_t part = c->in[i]->dim[axis] * inner;
		for (size_t k = 0; k < outer && part; k++) {
			memcpy((char *)out->at + (k * width * inner + at) * size,
			       (const char *)c->in[i]->at + k * part * size, part * size);
		}
		at += part;
	}
}

/* ---- shapes and constants ---- */

static size_t bound_of(int64_t stated, size_t rank)
{
	int64_t n = stated < 0 ? stated + (int64_t)rank : stated;

	return n < 0 ? 0 : n > (int64_t)rank ? rank : (size_t)n;
}

static void shape_run(struct call *c)
{
	const struct tensor *x = any(c, 0);
	size_t start = bound_of(attribute_int(c, "start", 0), x->rank),
	       end = bound_of(attribute_int(c, "end", INT64_MAX), x->rank);
	size_t count = end > start ? end - start : 0;
	struct tensor *out = call_make(c, TENSOR_INT64, 1, &count);

	for (size_t i = 0; i < count; i++) {
		out->i[i] = (int64_t)x->dim[start + i];
	}
}

static void constant_run(struct call *c)
{
	const struct attribute *value = attribute_find(c, "value", ATTRIBUTE_TENSOR), *a;

	if (c->node->attribute_count != 1) {
		call_stop(c, "it has %zu values in place of one", c->node->attribute_count);
	}
	if (value) {
		memory_keep(value->tensor.at);
		*c->out[0] = value->tensor;
	} else if ((a = attribute_find(c, "value_float", ATTRIBUTE_FLOAT))) {
		call_make(c, TENSOR_FLOAT, 0, NULL)->f[0] = a->f;
	} else if ((a = attribute_find(c, "value_int", ATTRIBUTE_INT))) {
		call_make(c, TENSOR_INT64, 0, NULL)->i[0] = a->i;
	} else if ((a = attribute_find(c, "value_floats", ATTRIBUTE_FLOATS))) {
		memcpy(call_make(c, TENSOR_FLOAT, 1, &a->count)->f, a->floats, a->count * sizeof(float));
	} else if ((a = attribute_find(c, "value_ints", ATTRIBUTE_INTS))) {
		memcpy(call_make(c, TENSOR_INT64, 1, &a->count)->i, a->ints, a->count * sizeof(int64_t));
	}
}

static void constant_of_shape_run(struct call *c)
{
	const struct tensor *shape = call_int(c, 0);
	const struct attribute *value = attribute_find(c, "value", ATTRIBUTE_TENSOR);
	size_t dim[ONNX_RANK_MAX];

	if (shape->count > ONNX_RANK_MAX || (value && value->tensor.count != 1)) {
		call_stop(c, "a shape of %zu dimensions, or a value that is no single number", shape->count);
	}
	for (size_t i = 0; i < shape->count; i++) {
		dim[i] = dimension_of(c, shape->i[i]);
	}
	struct tensor *out = call_make(c, value ? value->tensor.type : TENSOR_FLOAT, shape->count, dim);
	for (size_t i = 0; i < out->count && value; i++) {
		if (out->type == TENSOR_FLOAT) {
			out->f[i] = value->tensor.f[0];
		} else {
			out->i[i] = value->tensor.i[0];
		}
	}
}

/* ---- Cast ---- */

/* What is beyond the target's range is not defined by ONNX; here it is the nearest number that is in it, and 0 for what is no number. */
static int64_t whole_of(double x, double least, double most)
{
	return isnan(x)	    ? 0
	       : x <= least ? (int64_t)least
	       : x >= most  ? (most > 9e18 ? INT64_MAX : (int64_t)most)
			    : (int64_t)x;
}

static int64_t whole_cast(const struct tensor *x, size_t i, int64_t to)
{
	static const struct {
		int64_t type;
		double least, most;
	} row[] = { { 2, 0, 255 },
		    { 3, -128, 127 },
		    { 4, 0, 65535 },
		    { 5, -32768, 32767 },
		    { 6, -2147483648.0, 2147483647.0 },
		    { 7, -9223372036854775808.0, 9223372036854775808.0 },
		    { 12, 0, 4294967295.0 } };

	if (to == 9) {
		return x->type == TENSOR_FLOAT ? (x->f[i] > 0 || x->f[i] < 0 || isnan(x->f[i])) : x->i[i] != 0;
	}
	if (x->type == TENSOR_INT64 && to == 7) {
		return x->i[i];
	}
	for (size_t k = 0; k < sizeof(row) / sizeof(row[0]); k++) {
		if (row[k].type == to) {
			return whole_of(x->type == TENSOR_FLOAT ? (double)x->f[i] : (double)x->i[i], row[k].least,
					row[k].most);
		}
	}
	return 0;
}

static void cast_run(struct call *c)
{
	const struct tensor *x = any(c, 0);
	int64_t to = attribute_int(c, "to", 0);
	enum tensor_type type = type_of((uint64_t)to);

	if (type == TENSOR_FLOAT && x->type == TENSOR_FLOAT) {
		call_view(c, 0, x->rank, x->dim);
		return;
	}
	struct tensor *out = call_make(c, type, x->rank, x->dim);
	for (size_t i = 0; i < x->count; i++) {
		if (type == TENSOR_FLOAT) {
			out->f[i] = (float)x->i[i];
		} else {
			out->i[i] = whole_cast(x, i, to);
		}
	}
}

const struct operation operators_shape[] = {
	{ "Identity", identity_run, 1, 1, " " },
	{ "Dropout", dropout_run, 1, 3, " ratio seed " },
	{ "Flatten", flatten_run, 1, 1, " axis " },
	{ "Reshape", reshape_run, 2, 2, " allowzero " },
	{ "Squeeze", squeeze_run, 1, 2, " axes " },
	{ "Unsqueeze", unsqueeze_run, 1, 2, " axes " },
	{ "Transpose", transpose_run, 1, 1, " perm " },
	{ "Expand", expand_run, 2, 2, " " },
	{ "Concat", concat_run, 1, ONNX_LINKS_MAX, " axis " },
	{ "Shape", shape_run, 1, 1, " end start " },
	{ "Constant", constant_run, 0, 0, " value value_float value_floats value_int value_ints " },
	{ "ConstantOfShape", constant_of_shape_run, 1, 1, " value " },
	{ "Cast", cast_run, 1, 1, " saturate to " },
	{ NULL, NULL, 0, 0, NULL },
};
