/* How a window moves over an image: what Conv and the pools share. A signal of one axis is an image of height 1. */
#include "exec/builtin/onnx.h"

/* Of a kernel, a stride, a dilation or a padding along one axis: then no sum of their products passes 32 bits. */
#define WINDOW_SIZE_MAX 16384

enum auto_pad {
	PAD_NOTSET,
	PAD_SAME_UPPER,
	PAD_SAME_LOWER,
	PAD_VALID,
};

/* `count` whole numbers of an attribute within [least, WINDOW_SIZE_MAX], to the end of `to`; those that are not given are `otherwise`. */
static bool sizes_read(const struct call *c, const char *name, size_t axes, int64_t least, size_t otherwise, size_t *to,
		       size_t *begin_end)
{
	const struct attribute *a = attribute_find(c, name, ATTRIBUTE_INTS);
	size_t count = begin_end ? 2 * axes : axes;

	for (size_t i = 0; i < 2; i++) {
		to[i] = otherwise;
		if (begin_end) {
			begin_end[i] = otherwise;
		}
	}
	if (!a) {
		return false;
	}
	if (a->count != count) {
		call_stop(c, "%s has %zu numbers in place of %zu", name, a->count, count);
	}
	for (size_t i = 0; i < count; i++) {
		if (a->ints[i] < least || a->ints[i] > WINDOW_SIZE_MAX) {
			call_stop(c, "%s=%lld", name, (long long)a->ints[i]);
		}
		*(i < axes ? &to[2 - axes + i] : &begin_end[2 - axes + (i - axes)]) = (size_t)a->ints[i];
	}
	return true;
}

/* How far one window reaches along an axis. */
static size_t reach(const struct window *w, size_t a)
{
	return (w->kernel[a] - 1) * w->dilation[a] + 1;
}

static void pads_same(struct window *w, size_t a, bool upper)
{
	size_t out = (w->in[a] + w->stride[a] - 1) / w->stride[a];
	size_t need = out ? (out - 1) * w->stride[a] + reach(w, a) : 0;
	size_t pad = need > w->in[a] ? need - w->in[a] : 0;

	w->pad_begin[a] = upper ? pad / 2 : pad - pad / 2;
	w->pad_end[a] = pad - w->pad_begin[a];
}

static void out_set(struct call *c, struct window *w, size_t a, bool ceil_mode)
{
	size_t padded = w->in[a] + w->pad_begin[a] + w->pad_end[a];

	if (padded < reach(w, a) || w->in[a] == 0) {
		call_stop(c, "its window of %zu is larger than the input of %zu", reach(w, a), padded);
	}
	size_t room = padded - reach(w, a);
	w->out[a] = room / w->stride[a] + 1;
	/* A last window that is cut off counts, but not one that would begin behind the input. */
	if (ceil_mode && room % w->stride[a] && w->out[a] * w->stride[a] < w->in[a] + w->pad_begin[a]) {
		w->out[a]++;
	}
}

void window_read(struct call *c, const struct tensor *x, const size_t *kernel, struct window *w)
{
	static const char *const auto_pads[] = { "NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID", NULL };

	if (x->rank != 3 && x->rank != 4) {
		call_stop(c, "an input of %zu dimensions; 3 and 4 are supported", x->rank);
	}
	size_t axes = x->rank - 2;
	*w = (struct window){
		.batch = x->dim[0], .channels = x->dim[1], .in = { 1, x->dim[x->rank - 1] }, .axes = axes
	};
	if (axes == 2) {
		w->in[0] = x->dim[2];
	}
	bool stated = sizes_read(c, "kernel_shape", axes, 1, 1, w->kernel, NULL);
	for (size_t i = 0; i < axes && kernel; i++) {
		size_t a = 2 - axes + i;
		if (kernel[i] == 0 || kernel[i] > WINDOW_SIZE_MAX || (stated && w->kernel[a] != kernel[i])) {
			call_stop(c, "kernel_shape is not that of the weights");
		}
		w->kernel[a] = kernel[i];
	}
	if (!kernel && !stated) {
		call_stop(c, "there is no kernel_shape");
	}
	(void)sizes_read(c, "strides", axes, 1, 1, w->stride, NULL);
	(void)sizes_read(c, "dilations", axes, 1, 1, w->dilation, NULL);
	(void)sizes_read(c, "pads", axes, 0, 0, w->pad_begin, w->pad_end);
	size_t pad = attribute_word(c, "auto_pad", auto_pads, PAD_NOTSET);
	bool ceil_mode = attribute_int(c, "ceil_mode", 0) != 0;
	for (size_t a = 2 - axes; a < 2; a++) {
		if (pad == PAD_SAME_UPPER || pad == PAD_SAME_LOWER) {
			pads_same(w, a, pad == PAD_SAME_UPPER);
		} else if (pad == PAD_VALID) {
			w->pad_begin[a] = w->pad_end[a] = 0;
		}
		out_set(c, w, a, ceil_mode);
	}
	w->out[0] = axes == 1 ? 1 : w->out[0];
}

size_t window_shape(const struct window *w, size_t channels, size_t *dim)
{
	size_t rank = 0;

	dim[rank++] = w->batch;
	dim[rank++] = channels;
	for (size_t a = 2 - w->axes; a < 2; a++) {
		dim[rank++] = w->out[a];
	}
	return rank;
}
