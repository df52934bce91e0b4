/* Resize and Upsample, axis by axis: nearest and linear are the same along all axes at once as along one after the other. */
#include "exec/builtin/onnx.h"

#include <math.h>
#include <string.h>

#define SCALE_MAX 65536.0 /* of one axis */

enum coordinate {
	HALF_PIXEL,
	PYTORCH_HALF_PIXEL,
	ALIGN_CORNERS,
	ASYMMETRIC,
	HALF_PIXEL_SYMMETRIC,
};

enum nearest {
	ROUND_PREFER_FLOOR,
	ROUND_PREFER_CEIL,
	FLOOR,
	CEIL,
};

struct resize {
	bool linear;
	size_t coordinate, nearest;
	size_t dim[ONNX_RANK_MAX];
	float scale[ONNX_RANK_MAX];
};

/* Where in the input the middle of index `at` of the output is. */
static float place(const struct resize *r, size_t at, size_t in, size_t out, float scale)
{
	float x = (float)at, ideal;

	switch (r->coordinate) {
	case ALIGN_CORNERS:
		return out > 1 ? x * (float)(in - 1) / (float)(out - 1) : 0;
	case ASYMMETRIC:
		return x / scale;
	case PYTORCH_HALF_PIXEL:
		return out > 1 ? (x + 0.5F) / scale - 0.5F : 0;
	case HALF_PIXEL_SYMMETRIC:
		ideal = scale * (float)in;
		return (float)in / 2 * (1 - (float)out / ideal) + (x + 0.5F) / scale - 0.5F;
	default:
		return (x + 0.5F) / scale - 0.5F;
	}
}

static int32_t nearest_index(const struct resize *r, float x, size_t in)
{
	float n;

	switch (r->nearest) {
	case ROUND_PREFER_FLOOR:
		n = ceilf(x - 0.5F);
		break;
	case ROUND_PREFER_CEIL:
		n = floorf(x + 0.5F);
		break;
	case FLOOR:
		n = floorf(x);
		break;
	default:
		n = ceilf(x);
		break;
	}
	return !(n > 0) ? 0 : n >= (float)in ? (int32_t)in - 1 : (int32_t)n;
}

/* ---- one axis ---- */

static void axis_nearest(const struct resize *r, size_t a, const struct tensor *x, struct memory *m, struct tensor *out)
{
	int32_t *map[ONNX_RANK_MAX] = { 0 };

	map[a] = memory_take(m, out->dim[a], sizeof(int32_t));
	for (size_t i = 0; i < out->dim[a]; i++) {
		map[a][i] = nearest_index(r, place(r, i, x->dim[a], out->dim[a], r->scale[a]), x->dim[a]);
	}
	tensor_pick(x, (const int32_t *const *)map, 0, out);
	memory_drop(m, map[a]);
}

static void axis_linear(const struct resize *r, size_t a, const struct tensor *x, struct tensor *out)
{
	size_t outer = shape_part(x, 0, a), inner = shape_part(x, a + 1, x->rank), in = x->dim[a];

	for (size_t i = 0; i < out->dim[a]; i++) {
		float at = place(r, i, in, out->dim[a], r->scale[a]), most = (float)(in - 1);
		at = !(at > 0) ? 0 : at > most ? most : at;
		size_t low = (size_t)at < in - 1 ? (size_t)at : in - 1, high = low + 1 < in ? low + 1 : low;
		float part = at - (float)low;
		for (size_t k = 0; k < outer; k++) {
			const float *from_low = x->f + (k * in + low) * inner,
				    *from_high = x->f + (k * in + high) * inner;
			float *to = out->f + (k * out->dim[a] + i) * inner;
			for (size_t j = 0; j < inner; j++) {
				to[j] = from_low[j] * (1 - part) + from_high[j] * part;
			}
		}
	}
}

static void resize_axes(struct call *c, const struct resize *r, const struct tensor *x)
{
	struct memory *m = c->onnx->memory;
	struct tensor now = *x, next;

	(void)shape_count(x->rank, r->dim);
	memory_keep(now.at);
	for (size_t a = 0; a < x->rank; a++) {
		size_t dim[ONNX_RANK_MAX];
		if (r->dim[a] == now.dim[a] && (double)fabsf(r->scale[a] - 1) < 1e-7) {
			continue;
		}
		if (now.dim[a] == 0) {
			call_stop(c, "there is nothing to resize");
		}
		memcpy(dim, now.dim, sizeof(dim));
		dim[a] = r->dim[a];
		call_work(c, shape_steps(x->rank, dim), 1);
		tensor_make(m, x->type, x->rank, dim, &next);
		if (r->linear) {
			axis_linear(r, a, &now, &next);
		} else {
			axis_nearest(r, a, &now, m, &next);
		}
		memory_drop(m, now.at);
		now = next;
	}
	*c->out[0] = now;
}

/* ---- what is asked for ---- */

static void scale_set(const struct call *c, struct resize *r, size_t a, size_t in, float scale)
{
	if (!(scale > 0) || (double)scale > SCALE_MAX) {
		call_stop(c, "a scale of %g", (double)scale);
	}
	double out = floor((double)((float)in * scale));
	if (out > ONNX_ELEMENTS_MAX) {
		call_stop(c, "a dimension of %g", out);
	}
	r->scale[a] = scale;
	r->dim[a] = (size_t)out;
}

static void size_set(const struct call *c, struct resize *r, size_t a, size_t in, int64_t size)
{
	if (size < 1 || size > ONNX_ELEMENTS_MAX || in == 0) {
		call_stop(c, "a dimension of %lld", (long long)size);
	}
	r->dim[a] = (size_t)size;
	r->scale[a] = (float)size / (float)in;
}

/* `scale` or `size` for each axis, or each axis of the attribute axes. */
static void resize_set(const struct call *c, struct resize *r, const struct tensor *x, const float *scale,
		       const int64_t *size, size_t count)
{
	const struct attribute *axes = attribute_find(c, "axes", ATTRIBUTE_INTS);

	for (size_t a = 0; a < x->rank; a++) {
		r->dim[a] = x->dim[a];
		r->scale[a] = 1;
	}
	if (count != (axes ? axes->count : x->rank)) {
		call_stop(c, "%zu scales or sizes", count);
	}
	for (size_t i = 0; i < count; i++) {
		size_t a = axes ? call_axis(c, axes->ints[i], x->rank) : i;
		if (scale) {
			scale_set(c, r, a, x->dim[a], scale[i]);
		} else {
			size_set(c, r, a, x->dim[a], size[i]);
		}
	}
}

static void resize_run(struct call *c)
{
	static const char *const modes[] = { "nearest", "linear", NULL };
	static const char *const coordinates[] = { "half_pixel", "pytorch_half_pixel",	 "align_corners",
						   "asymmetric", "half_pixel_symmetric", NULL };
	static const char *const nearests[] = { "round_prefer_floor", "round_prefer_ceil", "floor", "ceil", NULL };
	static const char *const policies[] = { "stretch", NULL };
	const struct tensor *x = call_float(c, 0);
	bool old = c->opset < 11; /* X, scales; since then X, roi, scales, sizes */
	struct resize r = { .linear = attribute_word(c, "mode", modes, 0) == 1 };

	r.coordinate = attribute_word(c, "coordinate_transformation_mode", coordinates, old ? ASYMMETRIC : HALF_PIXEL);
	r.nearest = attribute_word(c, "nearest_mode", nearests, old ? FLOOR : ROUND_PREFER_FLOOR);
	(void)attribute_word(c, "keep_aspect_ratio_policy", policies, 0);
	(void)attribute_float(c, "cubic_coeff_a", 0);
	(void)attribute_float(c, "extrapolation_value", 0);
	if (attribute_int(c, "antialias", 0) != 0 || attribute_int(c, "exclude_outside", 0) != 0) {
		call_stop(c, "antialias and exclude_outside are not supported");
	}
	size_t at = old ? 1 : 2;
	bool sized = !old && call_in(c, 3) && call_int(c, 3)->count;
	if (sized == (call_in(c, at) && call_float(c, at)->count)) {
		call_stop(c, "it wants either scales or sizes");
	}
	if (sized) {
		resize_set(c, &r, x, NULL, call_int(c, 3)->i, call_int(c, 3)->count);
	} else {
		resize_set(c, &r, x, call_float(c, at)->f, NULL, call_float(c, at)->count);
	}
	resize_axes(c, &r, x);
}

static void upsample_run(struct call *c)
{
	static const char *const modes[] = { "nearest", "linear", NULL };
	const struct tensor *x = call_float(c, 0);
	const struct attribute *scales = attribute_find(c, "scales", ATTRIBUTE_FLOATS);
	struct resize r = { .linear = attribute_word(c, "mode", modes, 0) == 1,
			    .coordinate = ASYMMETRIC,
			    .nearest = FLOOR };

	if (scales) {
		resize_set(c, &r, x, scales->floats, NULL, scales->count);
	} else {
		resize_set(c, &r, x, call_float(c, 1)->f, NULL, call_float(c, 1)->count);
	}
	resize_axes(c, &r, x);
}

const struct operation operators_resize[] = {
	{ "Resize", resize_run, 1, 4,
	  " antialias axes coordinate_transformation_mode cubic_coeff_a exclude_outside extrapolation_value "
	  "keep_aspect_ratio_policy mode "
	  "nearest_mode " },
	{ "Upsample", upsample_run, 1, 2, " mode scales " },
	{ NULL, NULL, 0, 0, NULL },
};
