/* Conv, Gemm and MatMul: where the time goes. */
#include "exec/builtin/onnx.h"

#include <string.h>

/* Fewer output channels in a group than this, and each is computed for itself: depthwise convolutions. */
#define DIRECT_MAX 3

/* ---- Conv ---- */

/* One group of one image, its channels in a frame of padding, so that no window needs a bound. */
struct conv {
	struct window w;
	size_t group_channels, group_out; /* input and output channels of one group */
	size_t frame[2]; /* height and width with padding */
	float *framed;
	size_t *tap; /* depth of the product to offset in the frame: channel, kernel row, kernel column */
	size_t taps;
};

static void frame_fill(const struct conv *v, const float *image)
{
	for (size_t k = 0; k < v->group_channels; k++) {
		float *to =
			v->framed + k * v->frame[0] * v->frame[1] + v->w.pad_begin[0] * v->frame[1] + v->w.pad_begin[1];
		for (size_t y = 0; y < v->w.in[0]; y++, to += v->frame[1], image += v->w.in[1]) {
			memcpy(to, image, v->w.in[1] * sizeof(float));
		}
	}
}

static void taps_set(struct conv *v)
{
	size_t at = 0;

	for (size_t k = 0; k < v->group_channels; k++) {
		for (size_t y = 0; y < v->w.kernel[0]; y++) {
			for (size_t x = 0; x < v->w.kernel[1]; x++) {
				v->tap[at++] =
					(k * v->frame[0] + y * v->w.dilation[0]) * v->frame[1] + x * v->w.dilation[1];
			}
		}
	}
}

/* A panel of the matrix whose columns are output pixels and whose rows are taps: gemm's `pack`. */
static void conv_pack(const void *from, size_t depth, size_t depth_count, size_t column, float *to)
{
	const struct conv *v = from;
	size_t area = v->w.out[0] * v->w.out[1], offset[GEMM_PANEL];
	size_t count = area - column < GEMM_PANEL ? area - column : GEMM_PANEL;
	const size_t *tap = v->tap + depth;

	for (size_t k = 0; k < GEMM_PANEL; k++) {
		/* Columns behind the last are read by nobody; they repeat it. */
		size_t pixel = column + (k < count ? k : count - 1);
		size_t y = pixel / v->w.out[1], x = pixel % v->w.out[1];
		offset[k] = y * v->w.stride[0] * v->frame[1] + x * v->w.stride[1];
	}
	/* Offsets rise by one at least, so these eight are in a row. */
	if (count == GEMM_PANEL && offset[GEMM_PANEL - 1] == offset[0] + GEMM_PANEL - 1) {
		for (size_t d = 0; d < depth_count; d++) {
			memcpy(to + d * GEMM_PANEL, v->framed + tap[d] + offset[0], GEMM_PANEL * sizeof(float));
		}
		return;
	}
	for (size_t d = 0; d < depth_count; d++, to += GEMM_PANEL) {
		const float *window = v->framed + tap[d];
		for (size_t k = 0; k < GEMM_PANEL; k++) {
			to[k] = window[offset[k]];
		}
	}
}

static void conv_direct(const struct conv *v, const float *weights, float *out)
{
	size_t step = v->w.stride[1];

	for (size_t y = 0; y < v->w.out[0]; y++, out += v->w.out[1]) {
		const float *row = v->framed + y * v->w.stride[0] * v->frame[1];
		for (size_t d = 0; d < v->taps; d++) {
			const float *from = row + v->tap[d];
			float weight = weights[d];
			for (size_t x = 0; x < v->w.out[1] && step == 1; x++) {
				out[x] += weight * from[x];
			}
			for (size_t x = 0; x < v->w.out[1] && step != 1; x++) {
				out[x] += weight * from[x * step];
			}
		}
	}
}

static void conv_group(const struct conv *v, const float *weights, float *out)
{
	size_t area = v->w.out[0] * v->w.out[1];

	if (v->group_out > DIRECT_MAX) {
		gemm(&(struct gemm){ .rows = v->group_out,
				     .columns = area,
				     .depth = v->taps,
				     .scale = 1,
				     .a = weights,
				     .a_row = v->taps,
				     .a_column = 1,
				     .pack = conv_pack,
				     .from = v,
				     .c = out,
				     .c_row = area });
		return;
	}
	for (size_t k = 0; k < v->group_out; k++) {
		conv_direct(v, weights + k * v->taps, out + k * area);
	}
}

static void bias_fill(const struct tensor *bias, size_t channels, size_t area, float *to)
{
	for (size_t k = 0; k < channels && bias; k++) {
		for (size_t i = 0; i < area; i++) {
			to[k * area + i] = bias->f[k];
		}
	}
}

/* The frame and the taps, which every group and image use again. */
static void conv_open(struct call *c, struct conv *v)
{
	size_t frame_shape[3] = { v->group_channels, 0, 0 };

	for (size_t a = 0; a < 2; a++) {
		v->frame[a] = v->w.in[a] + v->w.pad_begin[a] + v->w.pad_end[a];
		frame_shape[a + 1] = v->frame[a];
	}
	call_work(c, shape_count(3, frame_shape), 1);
	v->framed = memory_take(c->onnx->memory, shape_count(3, frame_shape), sizeof(float));
	v->tap = memory_take(c->onnx->memory, v->taps, sizeof(*v->tap));
	taps_set(v);
}

static void conv_run(struct call *c)
{
	const struct tensor *x = call_float(c, 0), *weights = call_float(c, 1);
	const struct tensor *bias = call_in(c, 2) ? call_float(c, 2) : NULL;
	struct conv v = { 0 };
	size_t dim[ONNX_RANK_MAX];
	int64_t stated = attribute_int(c, "group", 1);

	if (weights->rank != x->rank || x->rank < 3) {
		call_stop(c, "weights of %zu dimensions for an input of %zu", weights->rank, x->rank);
	}
	window_read(c, x, weights->dim + 2, &v.w);
	size_t out_channels = weights->dim[0], groups = (size_t)stated;
	if (stated < 1 || (uint64_t)stated > ONNX_ELEMENTS_MAX || out_channels % groups ||
	    v.w.channels != weights->dim[1] * groups || v.w.channels == 0 ||
	    (bias && (bias->rank != 1 || bias->count != out_channels))) {
		call_stop(c, "%zu channels in %lld groups do not go with its weights or bias", v.w.channels,
			  (long long)stated);
	}
	v.group_channels = weights->dim[1];
	v.group_out = out_channels / groups;
	v.taps = v.group_channels * v.w.kernel[0] * v.w.kernel[1];
	struct tensor *out = call_make(c, TENSOR_FLOAT, window_shape(&v.w, out_channels, dim), dim);
	call_work(c, out->count, v.taps);
	conv_open(c, &v);
	size_t area = v.w.out[0] * v.w.out[1], in_area = v.w.in[0] * v.w.in[1];
	for (size_t image = 0; image < v.w.batch; image++) {
		bias_fill(bias, out_channels, area, out->f + image * out_channels * area);
		for (size_t g = 0; g < groups; g++) {
			frame_fill(&v, x->f + (image * v.w.channels + g * v.group_channels) * in_area);
			conv_group(&v, weights->f + g * v.group_out * v.taps,
				   out->f + (image * out_channels + g * v.group_out) * area);
		}
	}
	memory_drop(c->onnx->memory, v.framed);
	memory_drop(c->onnx->memory, v.tap);
}

/* ---- Gemm ---- */

/* out = beta * bias, which is stretched to rows x columns. */
static void gemm_bias(const struct call *c, const struct tensor *bias, float beta, struct tensor *out)
{
	size_t height = bias->rank == 2 ? bias->dim[0] : 1, width = bias->rank ? bias->dim[bias->rank - 1] : 1;

	if (bias->rank > 2 || (height != 1 && height != out->dim[0]) || (width != 1 && width != out->dim[1])) {
		call_stop(c, "C does not stretch to %zu x %zu", out->dim[0], out->dim[1]);
	}
	for (size_t i = 0; i < out->dim[0]; i++) {
		for (size_t k = 0; k < out->dim[1]; k++) {
			out->f[i * out->dim[1] + k] =
				beta * bias->f[(height == 1 ? 0 : i * width) + (width == 1 ? 0 : k)];
		}
	}
}

static void gemm_run(struct call *c)
{
	const struct tensor *a = call_float(c, 0), *b = call_float(c, 1);
	bool across_a = attribute_int(c, "transA", 0) != 0, across_b = attribute_int(c, "transB", 0) != 0;
	float beta = attribute_float(c, "beta", 1);

	if (a->rank != 2 || b->rank != 2 || a->dim[!across_a] != b->dim[across_b]) {
		call_stop(c, "its matrices do not go together");
	}
	size_t dim[2] = { a->dim[across_a], b->dim[!across_b] }, depth = a->dim[!across_a];
	struct tensor *out = call_make(c, TENSOR_FLOAT, 2, dim);
	call_work(c, out->count, depth);
	if (call_in(c, 2)) {
		gemm_bias(c, call_float(c, 2), beta, out);
	}
	gemm(&(struct gemm){ .rows = dim[0],
			     .columns = dim[1],
			     .depth = depth,
			     .scale = attribute_float(c, "alpha", 1),
			     .a = a->f,
			     .a_row = across_a ? 1 : a->dim[1],
			     .a_column = across_a ? a->dim[1] : 1,
			     .b = b->f,
			     .b_row = across_b ? 1 : b->dim[1],
			     .b_column = across_b ? b->dim[1] : 1,
			     .c = out->f,
			     .c_row = dim[1] });
}

/* ---- MatMul ---- */

/* A side as a stack of matrices; a vector is one row, or one column. */
struct stack {
	const struct tensor *t;
	size_t rows, columns, rank; /* rank: of the axes before the matrix */
};

static struct stack stack_over(const struct call *c, size_t i)
{
	const struct tensor *t = call_float(c, i);

	if (t->rank == 0) {
		call_stop(c, "a number is no matrix");
	}
	if (t->rank == 1) {
		return (struct stack){ t, i == 0 ? 1 : t->dim[0], i == 0 ? t->dim[0] : 1, 0 };
	}
	return (struct stack){ t, t->dim[t->rank - 2], t->dim[t->rank - 1], t->rank - 2 };
}

/* Which matrix of a side belongs to matrix `at` of the result. */
static size_t stack_index(const struct stack *s, size_t rank, const size_t *dim, size_t at)
{
	size_t index = 0, step = 1;

	for (size_t i = rank; i-- > rank - s->rank;) {
		size_t own = s->t->dim[i - (rank - s->rank)];
		index += own == 1 ? 0 : at % dim[i] * step;
		step *= own;
		at /= dim[i];
	}
	return index;
}

static void mat_mul_run(struct call *c)
{
	struct stack a = stack_over(c, 0), b = stack_over(c, 1);
	size_t rank = a.rank > b.rank ? a.rank : b.rank, dim[ONNX_RANK_MAX], out_rank = rank, stacked = 1;

	if (a.columns != b.rows) {
		call_stop(c, "its matrices do not go together: %zu columns, %zu rows", a.columns, b.rows);
	}
	for (size_t i = 0; i < rank; i++) {
		size_t x = i < rank - a.rank ? 1 : a.t->dim[i - (rank - a.rank)];
		size_t y = i < rank - b.rank ? 1 : b.t->dim[i - (rank - b.rank)];
		if (x != y && x != 1 && y != 1) {
			call_stop(c, "shapes do not go together: %zu and %zu at axis %zu", x, y, i);
		}
		dim[i] = x == 1 ? y : x;
		stacked *= dim[i];
	}
	if (a.t->rank > 1) {
		dim[out_rank++] = a.rows;
	}
	if (b.t->rank > 1) {
		dim[out_rank++] = b.columns;
	}
	struct tensor *out = call_make(c, TENSOR_FLOAT, out_rank, dim);
	call_work(c, out->count, a.columns);
	/* One matrix on the right: the stack on the left is a single tall matrix, and b is packed once. */
	bool tall = b.rank == 0 && a.rank > 0;
	size_t rows = tall ? stacked * a.rows : a.rows, products = out->count == 0 ? 0 : tall ? 1 : stacked;
	for (size_t i = 0; i < products; i++) {
		gemm(&(struct gemm){ .rows = rows,
				     .columns = b.columns,
				     .depth = a.columns,
				     .scale = 1,
				     .a = a.t->f + (tall ? 0 : stack_index(&a, rank, dim, i)) * a.rows * a.columns,
				     .a_row = a.columns,
				     .a_column = 1,
				     .b = b.t->f + (tall ? 0 : stack_index(&b, rank, dim, i)) * b.rows * b.columns,
				     .b_row = b.columns,
				     .b_column = 1,
				     .c = out->f + i * a.rows * b.columns,
				     .c_row = b.columns });
	}
}

const struct operation operators_layer[] = {
	{ "Conv", conv_run, 2, 3, " auto_pad dilations group kernel_shape pads strides " },
	{ "Gemm", gemm_run, 2, 3, " alpha beta transA transB " },
	{ "MatMul", mat_mul_run, 2, 2, " " },
	{ NULL, NULL, 0, 0, NULL },
};
