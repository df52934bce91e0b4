/* Operators that work element by element. */
#include "exec/builtin/onnx.h"

#include <math.h>

/* ---- one input ---- */

/* `a` and `b` mean what the operator says. */
typedef float unary(float x, float a, float b);

static float relu(float x, float a, float b)
{
	(void)a;
	(void)b;
	return x > 0 || isnan(x) ? x : 0;
}

static float leaky_relu(float x, float a, float b)
{
	(void)b;
	return x < 0 ? a * x : x;
}

static float sigmoid(float x, float a, float b)
{
	(void)a;
	(void)b;
	return 1 / (1 + expf(-x));
}

static float hyperbolic(float x, float a, float b)
{
	(void)a;
	(void)b;
	return tanhf(x);
}

static float clip(float x, float a, float b)
{
	x = x < a ? a : x;
	return x > b ? b : x;
}

static float hard_sigmoid(float x, float a, float b)
{
	return clip(a * x + b, 0, 1);
}

static float hard_swish(float x, float a, float b)
{
	return x * hard_sigmoid(x, a, b);
}

static float elu(float x, float a, float b)
{
	(void)b;
	return x < 0 ? a * (expf(x) - 1) : x;
}

static float exponential(float x, float a, float b)
{
	(void)a;
	(void)b;
	return expf(x);
}

static float square_root(float x, float a, float b)
{
	(void)a;
	(void)b;
	return sqrtf(x);
}

static float negative(float x, float a, float b)
{
	(void)a;
	(void)b;
	return -x;
}

static float absolute(float x, float a, float b)
{
	(void)a;
	(void)b;
	return fabsf(x);
}

static float error_function(float x, float a, float b)
{
	(void)a;
	(void)b;
	return erff(x);
}

/* Inlined for each function, so that the simple ones become vector loops. */
static inline __attribute__((always_inline)) void unary_run(struct call *c, unary *f, float a, float b)
{
	const struct tensor *x = call_float(c, 0);
	const float *from = x->f;
	size_t count = x->count;
	float *to = call_like(c, 0)->f;

	for (size_t i = 0; i < count; i++) {
		to[i] = f(from[i], a, b);
	}
}

static void relu_run(struct call *c)
{
	unary_run(c, relu, 0, 0);
}

static void leaky_relu_run(struct call *c)
{
	unary_run(c, leaky_relu, attribute_float(c, "alpha", 0.01F), 0);
}

static void sigmoid_run(struct call *c)
{
	unary_run(c, sigmoid, 0, 0);
}

static void tanh_run(struct call *c)
{
	unary_run(c, hyperbolic, 0, 0);
}

static float clip_bound(const struct call *c, const char *name, size_t i, float otherwise)
{
	if (c->opset < 11) {
		return attribute_float(c, name, otherwise);
	}
	if (!call_in(c, i)) {
		return otherwise;
	}
	if (call_float(c, i)->count != 1) {
		call_stop(c, "a bound is no single number");
	}
	return call_float(c, i)->f[0];
}

static void clip_run(struct call *c)
{
	unary_run(c, clip, clip_bound(c, "min", 1, -INFINITY), clip_bound(c, "max", 2, INFINITY));
}

static void hard_sigmoid_run(struct call *c)
{
	unary_run(c, hard_sigmoid, attribute_float(c, "alpha", 0.2F), attribute_float(c, "beta", 0.5F));
}

static void hard_swish_run(struct call *c)
{
	unary_run(c, hard_swish, 1.0F / 6, 0.5F);
}

static void elu_run(struct call *c)
{
	unary_run(c, elu, attribute_float(c, "alpha", 1), 0);
}

static void exp_run(struct call *c)
{
	unary_run(c, exponential, 0, 0);
}

static void sqrt_run(struct call *c)
{
	unary_run(c, square_root, 0, 0);
}

static void neg_run(struct call *c)
{
	unary_run(c, negative, 0, 0);
}

static void abs_run(struct call *c)
{
	unary_run(c, absolute, 0, 0);
}

static void erf_run(struct call *c)
{
	unary_run(c, error_function, 0, 0);
}

/* ---- two inputs, broadcast ---- */

enum binary {
	BINARY_ADD,
	BINARY_SUB,
	BINARY_MUL,
	BINARY_DIV,
	BINARY_POW,
};

/* Where to read each input along each axis of the output: 0 where it is stretched. */
struct broadcast {
	size_t rank, dim[ONNX_RANK_MAX], a[ONNX_RANK_MAX], b[ONNX_RANK_MAX];
};

static void broadcast_strides(const struct tensor *t, const struct broadcast *w, size_t *stride)
{
	size_t own[ONNX_RANK_MAX];

	shape_strides(t->rank, t->dim, own);
	for (size_t i = 0; i < w->rank; i++) {
		size_t missing = w->rank - t->rank;
		stride[i] = i < missing || t->dim[i - missing] == 1 ? 0 : own[i - missing];
	}
}

static void broadcast_make(const struct call *c, const struct tensor *a, const struct tensor *b, struct broadcast *w)
{
	w->rank = a->rank > b->rank ? a->rank : b->rank;
	for (size_t i = 0; i < w->rank; i++) {
		size_t x = i < w->rank - a->rank ? 1 : a->dim[i - (w->rank - a->rank)];
		size_t y = i < w->rank - b->rank ? 1 : b->dim[i - (w->rank - b->rank)];
		if (x != y && x != 1 && y != 1) {
			call_stop(c, "shapes do not go together: %zu and %zu at axis %zu", x, y, i);
		}
		w->dim[i] = x == 1 ? y : x;
	}
	broadcast_strides(a, w, w->a);
	broadcast_strides(b, w, w->b);
}

static inline __attribute__((always_inline)) float float_of_two(enum binary op, float a, float b)
{
	switch (op) {
	case BINARY_ADD:
		return a + b;
	case BINARY_SUB:
		return a - b;
	case BINARY_MUL:
		return a * b;
	case BINARY_DIV:
		return a / b;
	case BINARY_POW:
		return b == 2 ? a * a : powf(a, b);
	}
	return 0;
}

/* One row: strides are 0 or 1 but for odd shapes, and the loops for those become vectors. */
static inline __attribute__((always_inline)) void float_row(enum binary op, const float *a, size_t da, const float *b,
							    size_t db, float *to, size_t count)
{
	if (da == 1 && db == 1) {
		for (size_t i = 0; i < count; i++) {
			to[i] = float_of_two(op, a[i], b[i]);
		}
	} else if (da == 1 && db == 0) {
		float other = *b;
		for (size_t i = 0; i < count; i++) {
			to[i] = float_of_two(op, a[i], other);
		}
	} else {
		for (size_t i = 0; i < count; i++) {
			to[i] = float_of_two(op, a[i * da], b[i * db]);
		}
	}
}

static void float_rows(enum binary op, const float *a, size_t da, const float *b, size_t db, float *to, size_t count)
{
	switch (op) {
	case BINARY_ADD:
		float_row(BINARY_ADD, a, da, b, db, to, count);
		break;
	case BINARY_SUB:
		float_row(BINARY_SUB, a, da, b, db, to, count);
		break;
	case BINARY_MUL:
		float_row(BINARY_MUL, a, da, b, db, to, count);
		break;
	case BINARY_DIV:
		float_row(BINARY_DIV, a, da, b, db, to, count);
		break;
	case BINARY_POW:
		float_row(BINARY_POW, a, da, b, db, to, count);
		break;
	}
}

/* Of shapes. Wraps like the machine, as other runtimes do. */
static int64_t int_of_two(const struct call *c, enum binary op, int64_t a, int64_t b)
{
	switch (op) {
	case BINARY_ADD:
		return (int64_t)((uint64_t)a + (uint64_t)b);
	case BINARY_SUB:
		return (int64_t)((uint64_t)a - (uint64_t)b);
	case BINARY_MUL:
		return (int64_t)((uint64_t)a * (uint64_t)b);
	case BINARY_DIV:
		if (b == 0 || (a == INT64_MIN && b == -1)) {
			call_stop(c, "division of %lld by %lld", (long long)a, (long long)b);
		}
		return a / b;
	case BINARY_POW:
		break;
	}
	call_stop(c, "not of whole numbers");
}

/* Adjacent axes that both inputs read in one stride become one, so that rows are long. */
static void broadcast_merge(struct broadcast *w)
{
	size_t rank = 0;

	for (size_t i = 0; i < w->rank; i++) {
		if (rank && w->a[rank - 1] == w->a[i] * w->dim[i] && w->b[rank - 1] == w->b[i] * w->dim[i]) {
			w->dim[rank - 1] *= w->dim[i];
			w->a[rank - 1] = w->a[i];
			w->b[rank - 1] = w->b[i];
			continue;
		}
		w->dim[rank] = w->dim[i];
		w->a[rank] = w->a[i];
		w->b[rank++] = w->b[i];
	}
	w->rank = rank;
}

static void binary_fill(const struct call *c, enum binary op, const struct tensor *a, const struct tensor *b,
			struct broadcast *w, struct tensor *out)
{
	size_t index[ONNX_RANK_MAX] = { 0 };

	broadcast_merge(w);
	size_t last = w->rank ? w->rank - 1 : 0;
	size_t count = w->rank ? w->dim[last] : 1, da = w->rank ? w->a[last] : 0, db = w->rank ? w->b[last] : 0;
	for (size_t to = 0; to < out->count; to += count) {
		size_t at_a = 0, at_b = 0;
		for (size_t i = 0; i < last; i++) {
			at_a += index[i] * w->a[i];
			at_b += index[i] * w->b[i];
		}
		if (out->type == TENSOR_FLOAT) {
			float_rows(op, a->f + at_a, da, b->f + at_b, db, out->f + to, count);
		}
		for (size_t i = 0; i < count && out->type == TENSOR_INT64; i++) {
			out->i[to + i] = int_of_two(c, op, a->i[at_a + i * da], b->i[at_b + i * db]);
		}
		for (size_t i = last; i-- > 0 && ++index[i] == w->dim[i];) {
			index[i] = 0;
		}
	}
}

static void binary_run(struct call *c, enum binary op)
{
	const struct tensor *a = c->in[0], *b = c->in[1];
	struct broadcast w = { 0 };

	if (!a || !b || a->type != b->type) {
		call_stop(c, "its inputs are of two types, or missing");
	}
	broadcast_make(c, a, b, &w);
	bool like_a = a->rank == w.rank;
	for (size_t i = 0; like_a && i < w.rank; i++) {
		like_a = a->dim[i] == w.dim[i];
	}
	struct tensor *out = like_a ? call_like(c, 0) : call_make(c, a->type, w.rank, w.dim);
	binary_fill(c, op, a, b, &w, out);
}

static void add_run(struct call *c)
{
	binary_run(c, BINARY_ADD);
}

static void sub_run(struct call *c)
{
	binary_run(c, BINARY_SUB);
}

static void mul_run(struct call *c)
{
	binary_run(c, BINARY_MUL);
}

static void div_run(struct call *c)
{
	binary_run(c, BINARY_DIV);
}

static void pow_run(struct call *c)
{
	binary_run(c, BINARY_POW);
}

const struct operation operators_math[] = {
	{ "Relu", relu_run, 1, 1, " " },
	{ "LeakyRelu", leaky_relu_run, 1, 1, " alpha " },
	{ "Sigmoid", sigmoid_run, 1, 1, " " },
	{ "Tanh", tanh_run, 1, 1, " " },
	{ "Clip", clip_run, 1, 3, " min max " },
	{ "HardSigmoid", hard_sigmoid_run, 1, 1, " alpha beta " },
	{ "HardSwish", hard_swish_run, 1, 1, " " },
	{ "Elu", elu_run, 1, 1, " alpha " },
	{ "Exp", exp_run, 1, 1, " " },
	{ "Sqrt", sqrt_run, 1, 1, " " },
	{ "Neg", neg_run, 1, 1, " " },
	{ "Abs", abs_run, 1, 1, " " },
	{ "Erf", erf_run, 1, 1, " " },
	{ "Add", add_run, 2, 2, " " },
	{ "Sub", sub_run, 2, 2, " " },
	{ "Mul", mul_run, 2, 2, " " },
	{ "Div", div_run, 2, 2, " " },
	{ "Pow", pow_run, 2, 2, " " },
	{ NULL, NULL, 0, 0, NULL },
};
