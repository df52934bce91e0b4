/* Operators that take parts of a tensor, or put a border around it: each says which index of the input an index of the output is. */
#include "exec/builtin/onnx.h"

#include <string.h>

static const struct tensor *any(const struct call *c, size_t i)
{
	const struct tensor *t = call_in(c, i);

	if (!t) {
		call_stop(c, "input %zu is missing", i);
	}
	return t;
}

static int32_t *map_take(struct call *c, size_t count)
{
	if (count > ONNX_ELEMENTS_MAX) {
		call_stop(c, "a dimension of %zu", count);
	}
	call_work(c, count, 1);
	return memory_take(c->onnx->memory, count, sizeof(int32_t));
}

static void maps_drop(struct call *c, int32_t *map[])
{
	for (size_t a = 0; a < ONNX_RANK_MAX; a++) {
		memory_drop(c->onnx->memory, map[a]);
	}
}

/* ---- Gather ---- */

static void gather_run(struct call *c)
{
	const struct tensor *x = any(c, 0), *index = call_int(c, 1);
	size_t axis = call_axis(c, attribute_int(c, "axis", 0), x->rank), dim[2 * ONNX_RANK_MAX], rank = 0;
	size_t outer = shape_part(x, 0, axis), inner = shape_part(x, axis + 1, x->rank);
	size_t size = x->type == TENSOR_FLOAT ? sizeof(float) : sizeof(int64_t);

	for (size_t a = 0; a < axis; a++) {
		dim[rank++] = x->dim[a];
	}
	for (size_t a = 0; a < index->rank; a++) {
		dim[rank++] = index->dim[a];
	}
	for (size_t a = axis + 1; a < x->rank; a++) {
		dim[rank++] = x->dim[a];
	}
	struct tensor *out = call_make(c, x->type, rank, dim);
	char *to = out->at;
	for (size_t k = 0; k < outer && out->count; k++) {
		for (size_t i = 0; i < index->count; i++, to += inner * size) {
			int64_t at = index->i[i] < 0 ? index->i[i] + (int64_t)x->dim[axis] : index->i[i];
			if (at < 0 || at >= (int64_t)x->dim[axis]) {
				call_stop(c, "index %lld of %zu", (long long)index->i[i], x->dim[axis]);
			}
			memcpy(to, (const char *)x->at + (k * x->dim[axis] + (size_t)at) * inner * size, inner * size);
		}
	}
}

/* ---- Slice ---- */

static int64_t clamp(int64_t n, int64_t least, int64_t most)
{
	return n < least ? least : n > most ? most : n;
}

/* Indices from start up to end, which both may count from the end of the axis or pass it. */
static int32_t *slice_map(struct call *c, size_t size, int64_t start, int64_t end, int64_t step, size_t *count)
{
	int64_t n = (int64_t)size;

	if (step == 0) {
		call_stop(c, "a step of 0");
	}
	step = clamp(step, -n - 1, n + 1);
	start = clamp(start < 0 ? start + n : start, 0, step > 0 ? n : n - 1);
	end = clamp(end < 0 ? end + n : end, step > 0 ? 0 : -1, n);
	int64_t span = step > 0 ? end - start : start - end, pace = step > 0 ? step : -step;
	*count = n > 0 && span > 0 ? (size_t)((span + pace - 1) / pace) : 0;
	int32_t *map = map_take(c, *count);
	for (size_t i = 0; i < *count; i++) {
		map[i] = (int32_t)(start + (int64_t)i * step);
	}
	return map;
}

static void slice_run(struct call *c)
{
	const struct tensor *x = any(c, 0);
	const int64_t *start, *end, *axis = NULL, *step = NULL;
	size_t count = 0, ends = 0, axes = 0, steps = 0, dim[ONNX_RANK_MAX];
	int32_t *map[ONNX_RANK_MAX] = { 0 };

	if (!call_ints(c, "starts", 1, &start, &count) || !call_ints(c, "ends", 2, &end, &ends) || ends != count) {
		call_stop(c, "starts and ends do not go together");
	}
	bool has_axes = call_ints(c, "axes", 3, &axis, &axes),
	     has_steps = call_in(c, 4) && call_ints(c, "steps", 4, &step, &steps);
	if ((has_axes && axes != count) || (has_steps && steps != count) || count > x->rank) {
		call_stop(c, "axes and steps do not go with starts");
	}
	memcpy(dim, x->dim, sizeof(dim));
	for (size_t i = 0; i < count; i++) {
		size_t a = has_axes ? call_axis(c, axis[i], x->rank) : i;
		if (map[a]) {
			call_stop(c, "axis %zu is there twice", a);
		}
		map[a] = slice_map(c, x->dim[a], start[i], end[i], has_steps ? step[i] : 1, &dim[a]);
	}
	tensor_pick(x, (const int32_t *const *)map, 0, call_make(c, x->type, x->rank, dim));
	maps_drop(c, map);
}

/* ---- Split ---- */

/* The size of part i: as stated, or the axis in equal parts, of which the last may be smaller. */
static size_t split_size(const struct call *c, size_t whole, const int64_t *size, size_t i)
{
	size_t equal = (whole + c->out_count - 1) / c->out_count, begin = equal * i;

	if (!size) {
		return begin >= whole ? 0 : whole - begin < equal ? whole - begin : equal;
	}
	if (size[i] < 0 || size[i] > (int64_t)whole) {
		call_stop(c, "a part of %lld", (long long)size[i]);
	}
	return (size_t)size[i];
}

static void split_run(struct call *c)
{
	const struct tensor *x = any(c, 0);
	const struct attribute *old = attribute_find(c, "split", ATTRIBUTE_INTS);
	const int64_t *size = old ? old->ints : call_in(c, 1) ? call_int(c, 1)->i : NULL;
	size_t axis = call_axis(c, attribute_int(c, "axis", 0), x->rank), whole = x->dim[axis], begin = 0,
	       dim[ONNX_RANK_MAX];
	size_t stated = old ? old->count : call_in(c, 1) ? call_int(c, 1)->count : c->out_count;

	if (stated != c->out_count || attribute_int(c, "num_outputs", (int64_t)c->out_count) != (int64_t)c->out_count) {
		call_stop(c, "%zu outputs do not go with its parts", c->out_count);
	}
	memcpy(dim, x->dim, sizeof(dim));
	for (size_t i = 0; i < c->out_count; i++) {
		int32_t *map[ONNX_RANK_MAX] = { 0 };
		dim[axis] = split_size(c, whole, size, i);
		if (dim[axis] > whole - begin) {
			call_stop(c, "its parts are more than the whole");
		}
		map[axis] = map_take(c, dim[axis]);
		for (size_t k = 0; k < dim[axis]; k++) {
			map[axis][k] = (int32_t)(begin + k);
		}
		call_work(c, shape_steps(x->rank, dim), 1);
		/* Outputs that are not named share one place, which is made anew for each. */
		memory_drop(c->onnx->memory, c->out[i]->at);
		c->out[i]->at = NULL;
		tensor_make(c->onnx->memory, x->type, x->rank, dim, c->out[i]);
		tensor_pick(x, (const int32_t *const *)map, 0, c->out[i]);
		maps_drop(c, map);
		begin += dim[axis];
	}
	if (begin != whole) {
		call_stop(c, "its parts are less than the whole");
	}
}

/* ---- Pad ---- */

enum pad_mode {
	PAD_CONSTANT,
	PAD_REFLECT,
	PAD_EDGE,
	PAD_WRAP,
};

/* Where index `at`, which may be outside, reads an axis of that size; -1: the constant. */
static int32_t pad_index(int64_t at, int64_t size, size_t mode)
{
	if (at >= 0 && at < size) {
		return (int32_t)at;
	}
	if (mode == PAD_CONSTANT || size == 0) {
		return -1;
	}
	if (mode == PAD_EDGE) {
		return at < 0 ? 0 : (int32_t)(size - 1);
	}
	if (mode == PAD_WRAP) {
		return (int32_t)((at % size + size) % size);
	}
	int64_t period = size > 1 ? 2 * (size - 1) : 1;
	int64_t inside = (at % period + period) % period;
	return (int32_t)(inside < size ? inside : period - inside);
}

static int32_t *pad_map(struct call *c, size_t size, int64_t before, int64_t after, size_t mode, size_t *count)
{
	int64_t most = ONNX_ELEMENTS_MAX;

	if (before < -most || before > most || after < -most || after > most || (int64_t)size + before + after < 0) {
		call_stop(c, "padding of %lld and %lld", (long long)before, (long long)after);
	}
	*count = (size_t)((int64_t)size + before + after);
	if (mode != PAD_CONSTANT && size == 0 && *count) {
		call_stop(c, "padding around nothing");
	}
	int32_t *map = map_take(c, *count);
	for (size_t i = 0; i < *count; i++) {
		map[i] = pad_index((int64_t)i - before, (int64_t)size, mode);
	}
	return map;
}

static float pad_fill(const struct call *c)
{
	const struct tensor *t = call_in(c, 2);

	if (!t) {
		return attribute_float(c, "value", 0);
	}
	if (t->count != 1) {
		call_stop(c, "its constant is no single number");
	}
	return t->type == TENSOR_FLOAT ? t->f[0] : (float)t->i[0];
}

static void pad_run(struct call *c)
{
	static const char *const modes[] = { "constant", "reflect", "edge", "wrap", NULL };
	const struct tensor *x = any(c, 0);
	size_t mode = attribute_word(c, "mode", modes, PAD_CONSTANT), count = 0, axes = x->rank, dim[ONNX_RANK_MAX];
	const int64_t *pad, *axis = NULL;
	int32_t *map[ONNX_RANK_MAX] = { 0 };

	if (call_in(c, 3)) {
		(void)call_ints(c, "axes", 3, &axis, &axes);
	}
	if (!call_ints(c, "pads", 1, &pad, &count) || axes > x->rank || count != 2 * axes) {
		call_stop(c, "pads has %zu numbers", count);
	}
	float fill = pad_fill(c);
	if (x->type == TENSOR_INT64 && (fill < -1e6F || fill > 1e6F)) {
		call_stop(c, "so large a constant");
	}
	memcpy(dim, x->dim, sizeof(dim));
	for (size_t i = 0; i < axes; i++) {
		size_t a = axis ? call_axis(c, axis[i], x->rank) : i;
		if (map[a]) {
			call_stop(c, "axis %zu is there twice", a);
		}
		map[a] = pad_map(c, x->dim[a], pad[i], pad[i + axes], mode, &dim[a]);
	}
	tensor_pick(x, (const int32_t *const *)map, fill, call_make(c, x->type, x->rank, dim));
	maps_drop(c, map);
}

const struct operation operators_cut[] = {
	{ "Gather", gather_run, 2, 2, " axis " },
	{ "Slice", slice_run, 1, 5, " axes ends starts " },
	{ "Split", split_run, 1, 2, " axis num_outputs split " },
	{ "Pad", pad_run, 1, 4, " mode pads value " },
	{ NULL, NULL, 0, 0, NULL },
};
