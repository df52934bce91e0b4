/* The pools. */
#include "exec/builtin/onnx.h"

#include <math.h>

struct pool {
	struct window w;
	bool mean, count_pads;
};

/* The positions of one window along an axis: from index `first`, `count` of them, `dilation` apart, all inside the input. */
struct span {
	size_t first, count, counted; /* counted: with padding, as far as that goes */
};

static struct span span_of(const struct window *w, size_t a, size_t out)
{
	size_t begin = out * w->stride[a], pad = w->pad_begin[a], step = w->dilation[a];
	size_t skip = begin >= pad ? 0 : (pad - begin + step - 1) / step;
	size_t end = w->in[a] + pad, padded = end + w->pad_end[a];
	struct span s = { .first = begin + skip * step - pad };

	for (size_t k = 0; k < w->kernel[a]; k++) {
		size_t at = begin + k * step;
		s.counted += at < padded;
		s.count += k >= skip && at < end;
	}
	return s;
}

static float window_value(const struct pool *p, const float *x, const struct span *y_span, const struct span *x_span)
{
	float best = -INFINITY, sum = 0;
	size_t step = p->w.dilation[1];

	for (size_t i = 0; i < y_span->count; i++) {
		const float *row = x + (y_span->first + i * p->w.dilation[0]) * p->w.in[1] + x_span->first;
		for (size_t k = 0; k < x_span->count; k++) {
			float v = row[k * step];
			best = v > best || isnan(v) ? v : best;
			sum += v;
		}
	}
	if (!p->mean) {
		return best;
	}
	size_t parts = p->count_pads ? y_span->counted * x_span->counted : y_span->count * x_span->count;
	return parts ? sum / (float)parts : 0;
}

static void pool_run(struct call *c, bool mean)
{
	const struct tensor *x = call_float(c, 0);
	struct pool p = { .mean = mean };
	size_t dim[ONNX_RANK_MAX];

	window_read(c, x, NULL, &p.w);
	p.count_pads = mean && attribute_int(c, "count_include_pad", 0) != 0;
	if (!mean && attribute_int(c, "storage_order", 0) != 0) {
		call_stop(c, "storage_order is not supported");
	}
	struct tensor *out = call_make(c, TENSOR_FLOAT, window_shape(&p.w, p.w.channels, dim), dim);
	call_work(c, out->count, p.w.kernel[0] * p.w.kernel[1]);
	call_work(c, p.w.out[0], p.w.kernel[0]);
	call_work(c, p.w.out[1], p.w.kernel[1]);
	struct span *across = memory_take(c->onnx->memory, p.w.out[1], sizeof(*across));
	for (size_t i = 0; i < p.w.out[1]; i++) {
		across[i] = span_of(&p.w, 1, i);
	}
	float *to = out->f;
	for (size_t i = 0; i < p.w.out[0]; i++) {
		struct span down = span_of(&p.w, 0, i);
		for (size_t k = 0; k < p.w.batch * p.w.channels; k++) {
			for (size_t j = 0; j < p.w.out[1]; j++) {
				to[(k * p.w.out[0] + i) * p.w.out[1] + j] =
					window_value(&p, x->f + k * p.w.in[0] * p.w.in[1], &down, &across[j]);
			}
		}
	}
	memory_drop(c->onnx->memory, across);
}

static void max_pool_run(struct call *c)
{
	pool_run(c, false);
}

static void average_pool_run(struct call *c)
{
	pool_run(c, true);
}

static void global_run(struct call *c, bool mean)
{
	const struct tensor *x = call_float(c, 0);
	size_t dim[ONNX_RANK_MAX];

	if (x->rank < 3) {
		call_stop(c, "an input of %zu dimensions", x->rank);
	}
	for (size_t a = 0; a < x->rank; a++) {
		dim[a] = a < 2 ? x->dim[a] : 1;
	}
	struct tensor *out = call_make(c, TENSOR_FLOAT, x->rank, dim);
	size_t area = shape_part(x, 2, x->rank);
	for (size_t i = 0; i < out->count; i++) {
		double sum = 0;
		float best = -INFINITY;
		for (size_t k = 0; k < area; k++) {
			float v = x->f[i * area + k];
			sum += (double)v;
			best = v > best || isnan(v) ? v : best;
		}
		out->f[i] = mean ? (float)(sum / (double)area) : best;
	}
}

static void global_average_run(struct call *c)
{
	global_run(c, true);
}

static void global_max_run(struct call *c)
{
	global_run(c, false);
}

const struct operation operators_pool[] = {
	{ "MaxPool", max_pool_run, 1, 1, " auto_pad ceil_mode dilations kernel_shape pads storage_order strides " },
	{ "AveragePool", average_pool_run, 1, 1,
	  " auto_pad ceil_mode count_include_pad dilations kernel_shape pads strides " },
	{ "GlobalAveragePool", global_average_run, 1, 1, " " },
	{ "GlobalMaxPool", global_max_run, 1, 1, " " },
	{ NULL, NULL, 0, 0, NULL },
};
