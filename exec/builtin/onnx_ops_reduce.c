/* Operators over one or more axes: normalisation, softmax, means. */
#include "exec/builtin/onnx.h"

#include <math.h>

/* ---- BatchNormalization: as it was trained, which is a factor and an offset for each channel ---- */

static void batch_norm_run(struct call *c)
{
	const struct tensor *x = call_float(c, 0), *p[4];
	size_t channels = x->rank > 1 ? x->dim[1] : 1;
	float epsilon = attribute_float(c, "epsilon", 1e-5F);

	(void)attribute_float(c, "momentum", 0.9F);
	if (attribute_int(c, "training_mode", 0) != 0 || attribute_int(c, "spatial", 1) != 1) {
		call_stop(c, "training, or normalisation by element, is not supported");
	}
	for (size_t i = 0; i < 4; i++) {
		p[i] = call_float(c, i + 1);
		if (p[i]->rank != 1 || p[i]->count != channels) {
			call_stop(c, "input %zu has %zu elements for %zu channels", i + 1, p[i]->count, channels);
		}
	}
	size_t batch = x->rank ? x->dim[0] : 1, area = shape_part(x, 2, x->rank);
	const float *from = x->f;
	float *to = call_like(c, 0)->f;
	for (size_t i = 0; i < batch * channels; i++, from += area, to += area) {
		size_t k = i % channels;
		float factor = p[0]->f[k] / sqrtf(p[3]->f[k] + epsilon);
		float offset = p[1]->f[k] - p[2]->f[k] * factor;
		for (size_t j = 0; j < area; j++) {
			to[j] = from[j] * factor + offset;
		}
	}
}

/* ---- Softmax ---- */

/* `count` elements, `step` apart. Smaller than the largest only, so no exponential overflows. */
static void softmax_line(const float *from, float *to, size_t count, size_t step, bool logarithm)
{
	float largest = -INFINITY, sum = 0;

	for (size_t i = 0; i < count; i++) {
		largest = from[i * step] > largest ? from[i * step] : largest;
	}
	for (size_t i = 0; i < count; i++) {
		float e = expf(from[i * step] - largest);
		sum += e;
		to[i * step] = logarithm ? from[i * step] - largest : e;
	}
	float log_sum = logf(sum);
	for (size_t i = 0; i < count; i++) {
		to[i * step] = logarithm ? to[i * step] - log_sum : to[i * step] / sum;
	}
}

static void softmax(struct call *c, bool logarithm)
{
	const struct tensor *x = call_float(c, 0);
	bool flat = c->opset < 13; /* All axes from `axis` on count as one. */
	int64_t stated = attribute_int(c, "axis", flat ? 1 : -1);

	if (x->rank == 0) {
		call_stop(c, "a number has no axis");
	}
	size_t axis = flat && stated == (int64_t)x->rank ? x->rank : call_axis(c, stated, x->rank);
	size_t end = flat ? x->rank : axis + 1;
	size_t outer = shape_part(x, 0, axis), count = shape_part(x, axis, end), inner = shape_part(x, end, x->rank);
	const float *from = x->f;
	float *to = call_like(c, 0)->f;
	for (size_t i = 0; i < outer; i++) {
		for (size_t k = 0; k < inner; k++) {
			size_t at = i * count * inner + k;
			softmax_line(from + at, to + at, count, inner, logarithm);
		}
	}
}

static void softmax_run(struct call *c)
{
	softmax(c, false);
}

static void log_softmax_run(struct call *c)
{
	softmax(c, true);
}

/* ---- ReduceMean and its like ---- */

enum reduce {
	REDUCE_MEAN,
	REDUCE_SUM,
	REDUCE_MAX,
};

/* The output's index of each input element: strides that are 0 along the axes that go. Sums in double. */
static void reduce_fill(const struct tensor *x, const size_t *stride, enum reduce how, double *sum)
{
	size_t index[ONNX_RANK_MAX] = { 0 };

	for (size_t i = 0; i < x->count; i++) {
		size_t to = 0;
		for (size_t a = 0; a < x->rank; a++) {
			to += index[a] * stride[a];
		}
		double v = (double)x->f[i];
		if (how == REDUCE_MAX) {
			sum[to] = v > sum[to] || isnan(v) ? v : sum[to];
		} else {
			sum[to] += v;
		}
		for (size_t a = x->rank; a-- > 0 && ++index[a] == x->dim[a];) {
			index[a] = 0;
		}
	}
}

static void reduce(struct call *c, enum reduce how)
{
	const struct tensor *x = call_float(c, 0);
	bool keep = attribute_int(c, "keepdims", 1) != 0;
	uint32_t set;
	size_t kept_dim[ONNX_RANK_MAX], out_dim[ONNX_RANK_MAX], stride[ONNX_RANK_MAX], rank = 0;

	if (!call_axes(c, 1, x->rank, &set) || !set) {
		set = attribute_int(c, "noop_with_empty_axes", 0) ? 0 : UINT32_MAX;
	}
	for (size_t a = 0; a < x->rank; a++) {
		bool gone = set >> a & 1;
		kept_dim[a] = gone ? 1 : x->dim[a];
		if (!gone || keep) {
			out_dim[rank++] = kept_dim[a];
		}
	}
	shape_strides(x->rank, kept_dim, stride);
	for (size_t a = 0; a < x->rank; a++) {
		stride[a] = set >> a & 1 ? 0 : stride[a];
	}
	struct tensor *out = call_make(c, TENSOR_FLOAT, rank, out_dim);
	double *sum = memory_take(c->onnx->memory, out->count, sizeof(*sum));
	for (size_t i = 0; i < out->count; i++) {
		sum[i] = how == REDUCE_MAX ? -INFINITY : 0;
	}
	reduce_fill(x, stride, how, sum);
	double parts = how == REDUCE_MEAN && out->count ? (double)(x->count / out->count) : 1;
	for (size_t i = 0; i < out->count; i++) {
		out->f[i] = (float)(sum[i] / parts);
	}
	memory_drop(c->onnx->memory, sum);
}

static void reduce_mean_run(struct call *c)
{
	reduce(c, REDUCE_MEAN);
}

static void reduce_sum_run(struct call *c)
{
	reduce(c, REDUCE_SUM);
}

static void reduce_max_run(struct call *c)
{
	reduce(c, REDUCE_MAX);
}

/* ---- ArgMax ---- */

static void arg_max_run(struct call *c)
{
	const struct tensor *x = call_float(c, 0);
	size_t axis = call_axis(c, attribute_int(c, "axis", 0), x->rank), rank = 0, dim[ONNX_RANK_MAX];
	bool keep = attribute_int(c, "keepdims", 1) != 0, last = attribute_int(c, "select_last_index", 0) != 0;
	size_t outer = shape_part(x, 0, axis), count = x->dim[axis], inner = shape_part(x, axis + 1, x->rank);

	for (size_t a = 0; a < x->rank; a++) {
		if (a != axis || keep) {
			dim[rank++] = a == axis ? 1 : x->dim[a];
		}
	}
	if (count == 0) {
		call_stop(c, "there is nothing to choose from");
	}
	struct tensor *out = call_make(c, TENSOR_INT64, rank, dim);
	for (size_t i = 0; i < outer * inner; i++) {
		const float *from = x->f + i / inner * count * inner + i % inner;
		size_t best = 0;
		for (size_t k = 1; k < count; k++) {
			if (from[k * inner] > from[best * inner] || (last && !(from[k * inner] < from[best * inner]))) {
				best = k;
			}
		}
		out->i[i] = (int64_t)best;
	}
}

const struct operation operators_reduce[] = {
	{ "BatchNormalization", batch_norm_run, 5, 5, " epsilon momentum spatial training_mode " },
	{ "Softmax", softmax_run, 1, 1, " axis " },
	{ "LogSoftmax", log_softmax_run, 1, 1, " axis " },
	{ "ReduceMean", reduce_mean_run, 1, 2, " axes keepdims noop_with_empty_axes " },
	{ "ReduceSum", reduce_sum_run, 1, 2, " axes keepdims noop_with_empty_axes " },
	{ "ReduceMax", reduce_max_run, 1, 2, " axes keepdims noop_with_empty_axes " },
	{ "ArgMax", arg_max_run, 1, 1, " axis keepdims select_last_index " },
	{ NULL, NULL, 0, 0, NULL },
};
