/*
 * onnx: a model of one party on data of another; neither sees the other's.
 *
 *	model=NAME (model)      input: the model, ONNX with opset 7 to 21, one input of float32; operators: docs/functions.md
 *	in=NAME (in)            input: the data, as `from` says
 *	out=NAME (out)          output: the result, one run after the other
 *	from=WORD (float32)     float32: numbers, little endian, in the order of the shape
 *	                        image: binary PGM or PPM (P5, P6) of 8 bits, one after the other, all of one size and kind
 *	shape=A,B,... (the model's own)  the input's shape; -1 for what follows from the data
 *	batch=N (0)             how much of the first dimension goes through at once; 0: the model's or the shape's, or all
 *	result=NAME (its first output)  which value of the model; only what that needs runs
 *	top=K (0)               0: the output's numbers as they are, float32 or int64 little endian
 *	                        else a line `index value` for each of the K largest, largest first, for each row of the output
 *	layout=WORD (nchw)      of an image: nchw or nhwc
 *	scale=X (1/255), mean=A,B,C (0), std=A,B,C (1)   of an image: (pixel * scale - mean) / std; one number, or one for each channel
 *
 * Data of more than one input of the model, or of more than one batch, is run part by part; the model's first dimension must then be that
 * of its output too.
 */
#include "exec/builtin/onnx.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define IMAGE_SIDE_MAX 65536
#define TOP_MAX 1000
#define CHANNELS_MAX 3

struct image {
	size_t channels, height, width;
	const uint8_t *pixels;
};

struct feed {
	bool images, channels_last;
	struct text rest; /* what has not been run */
	struct image kind; /* of every image */
	float scale, mean[CHANNELS_MAX], std[CHANNELS_MAX];
	size_t total; /* elements in all */
	size_t rank, dim[ONNX_RANK_MAX]; /* 0: open */
	size_t first; /* of one part, along the first dimension */
};

/* ---- images ---- */

/* A number of a PNM header, after white space and comments. */
static size_t pnm_number(struct text *t)
{
	size_t n = 0, digits = 0;

	while (t->size && (strchr(" \t\r\n", t->at[0]) || t->at[0] == '#')) {
		const char *end = t->at[0] == '#' ? memchr(t->at, '\n', t->size) : t->at;
		size_t skip = end ? (size_t)(end - t->at) + 1 : t->size;
		*t = (struct text){ t->at + skip, t->size - skip };
	}
	for (; t->size && t->at[0] >= '0' && t->at[0] <= '9' && n <= IMAGE_SIDE_MAX; digits++) {
		n = n * 10 + (size_t)(t->at[0] - '0');
		*t = (struct text){ t->at + 1, t->size - 1 };
	}
	if (!digits || n == 0 || n > IMAGE_SIDE_MAX) {
		guest_stop("image: a size is missing, 0 or more than %d", IMAGE_SIDE_MAX);
	}
	return n;
}

/* The next image, taken off `t`; false at its end. */
static bool image_next(struct text *t, struct image *image)
{
	if (t->size == 0) {
		return false;
	}
	if (t->size < 2 || t->at[0] != 'P' || (t->at[1] != '5' && t->at[1] != '6')) {
		guest_stop("image: neither PGM nor PPM (P5, P6)");
	}
	image->channels = t->at[1] == '5' ? 1 : 3;
	*t = (struct text){ t->at + 2, t->size - 2 };
	image->width = pnm_number(t);
	image->height = pnm_number(t);
	size_t most = pnm_number(t);
	uint64_t size = (uint64_t)image->channels * image->height * image->width;
	if (most != 255 || t->size < 1 || size > t->size - 1) {
		guest_stop("image: not of 8 bits, or cut off");
	}
	image->pixels = (const uint8_t *)t->at + 1;
	*t = (struct text){ t->at + 1 + size, t->size - 1 - (size_t)size };
	return true;
}

static void image_numbers(const struct feed *f, const struct image *image, float *to)
{
	size_t area = image->height * image->width, channels = image->channels;

	for (size_t i = 0; i < area; i++) {
		for (size_t k = 0; k < channels; k++) {
			float v = ((float)image->pixels[i * channels + k] * f->scale - f->mean[k]) / f->std[k];
			to[f->channels_last ? i * channels + k : k * area + i] = v;
		}
	}
}

/* One number, or one for each channel. */
static void channel_numbers(const char *name, const char *otherwise, float *to)
{
	const char *word[CHANNELS_MAX];
	size_t count = guest_list(name, otherwise, word, CHANNELS_MAX);

	for (size_t k = 0; k < CHANNELS_MAX; k++) {
		const char *from = word[k < count ? k : count - 1];
		char *end;
		to[k] = strtof(from, &end);
		if (*end || !isfinite(to[k]) || (count != 1 && count != CHANNELS_MAX)) {
			guest_stop("argument %s: one number, or three", name);
		}
	}
}

static void images_open(struct feed *f)
{
	struct text t = f->rest;
	struct image image;

	f->scale = (float)guest_number("scale", -1e6, 1e6, 1.0 / 255);
	channel_numbers("mean", "0", f->mean);
	channel_numbers("std", "1", f->std);
	for (size_t k = 0; k < CHANNELS_MAX; k++) {
		if (!(f->std[k] > 0)) {
			guest_stop("argument std: more than 0");
		}
	}
	if (!image_next(&t, &f->kind)) {
		guest_stop("image: there is none");
	}
	size_t count = 1;
	for (; image_next(&t, &image); count++) {
		if (image.channels != f->kind.channels || image.height != f->kind.height ||
		    image.width != f->kind.width) {
			guest_stop("image: number %zu is not like the first", count);
		}
	}
	size_t dim[4] = { count, f->kind.channels, f->kind.height, f->kind.width };
	if (f->channels_last) {
		memmove(dim + 1, dim + 2, 2 * sizeof(*dim));
		dim[3] = f->kind.channels;
	}
	size_t one = shape_count(3, dim + 1);
	/* At least one byte for a pixel is there, so this does not wrap. */
	f->total = one * count;
	for (size_t a = 1; a < 4 && f->rank == 4; a++) {
		if (f->dim[a] && f->dim[a] != dim[a]) {
			guest_stop("image: dimension %zu is %zu, the model wants %zu", a, dim[a], f->dim[a]);
		}
		f->dim[a] = dim[a];
	}
	if (f->rank < 2 || shape_count(f->rank - 1, f->dim + 1) != one) {
		guest_stop("image: its %zu numbers do not fit the model's input", one);
	}
}

/* ---- the shape ---- */

static void shape_argument(struct feed *f)
{
	const char *word[ONNX_RANK_MAX];
	size_t count = guest_list("shape", NULL, word, ONNX_RANK_MAX);

	if (f->rank && f->rank != count) {
		guest_stop("argument shape: the model's input has %zu dimensions", f->rank);
	}
	f->rank = count;
	for (size_t a = 0; a < count; a++) {
		char *end;
		long long n = strtoll(word[a], &end, 10);
		if (*end || (n < 1 && n != -1) || n > (long long)ONNX_ELEMENTS_MAX) {
			guest_stop("argument shape: %s", word[a]);
		}
		if (f->dim[a] && n > 0 && f->dim[a] != (size_t)n) {
			guest_stop("argument shape: dimension %zu of the model's input is %zu", a, f->dim[a]);
		}
		f->dim[a] = n > 0 ? (size_t)n : f->dim[a];
	}
}

/* Closes the dimension that is open, and says how much of the first one is run at once. */
static void parts_set(struct feed *f)
{
	size_t open = 0, batch = (size_t)guest_count("batch", 0, ONNX_ELEMENTS_MAX, 0), known[ONNX_RANK_MAX];

	for (size_t a = 0; a < f->rank; a++) {
		known[a] = f->dim[a] ? f->dim[a] : 1;
		open += !f->dim[a];
	}
	if (open > 1 || (open && f->rank && f->dim[0] && batch)) {
		guest_stop("the model leaves more of its input open: argument shape=... is missing");
	}
	size_t product = shape_count(f->rank, known);
	if (f->total == 0 || f->total % product) {
		guest_stop("the data has %zu numbers, not a multiple of %zu", f->total, product);
	}
	if (batch && f->rank && f->dim[0] && f->dim[0] != batch) {
		guest_stop("argument batch: the model's is %zu", f->dim[0]);
	}
	for (size_t a = 0; a < f->rank; a++) {
		f->dim[a] = f->dim[a] ? f->dim[a] : f->total / product;
	}
	if (f->rank == 0 && f->total != 1) {
		guest_stop("the model wants one number");
	}
	f->first = f->rank == 0 ? 1 : batch && batch < f->dim[0] ? batch : f->dim[0];
}

static void feed_open(const struct shaped *input, struct feed *f)
{
	static const char *const froms[] = { "float32", "image" }, *const layouts[] = { "nchw", "nhwc" };
	const char *from = guest_argument("from", froms[0]), *layout = guest_argument("layout", layouts[0]);

	f->images = strcmp(from, froms[1]) == 0;
	f->channels_last = strcmp(layout, layouts[1]) == 0;
	if ((!f->images && strcmp(from, froms[0]) != 0) || (!f->channels_last && strcmp(layout, layouts[0]) != 0)) {
		guest_stop("argument from is float32 or image, layout nchw or nhwc");
	}
	if (input->has_shape) {
		f->rank = input->rank;
		memcpy(f->dim, input->dim, sizeof(f->dim));
	}
	if (guest_argument("shape", "")[0]) {
		shape_argument(f);
	} else if (!input->has_shape && f->images) {
		f->rank = 4;
	} else if (!input->has_shape) {
		guest_stop("the model does not say its input's shape: argument shape=... is missing");
	}
	f->rest = guest_input(guest_argument("in", "in"));
	if (f->images) {
		images_open(f);
	} else if (f->rest.size % sizeof(float)) {
		guest_stop("the data is no list of float32");
	} else {
		f->total = f->rest.size / sizeof(float);
	}
	parts_set(f);
}

/* The next part; false at the end. */
static bool feed_next(struct feed *f, struct memory *m, struct tensor *out)
{
	size_t one = f->rank ? shape_count(f->rank - 1, f->dim + 1) : 1, dim[ONNX_RANK_MAX], done = 0;
	struct image image;

	if (f->total == 0) {
		return false;
	}
	memcpy(dim, f->dim, sizeof(dim));
	dim[0] = f->total / one < f->first ? f->total / one : f->first;
	tensor_make(m, TENSOR_FLOAT, f->rank, dim, out);
	while (f->images && done < out->count && image_next(&f->rest, &image)) {
		image_numbers(f, &image, out->f + done);
		done += one;
	}
	if (!f->images) {
		memcpy(out->f, f->rest.at, out->count * sizeof(float));
		f->rest.at += out->count * sizeof(float);
	}
	f->total -= out->count;
	return true;
}

/* ---- the result ---- */

/* a before b: larger, what is no number last, then by index. */
static bool ahead(const float *x, size_t a, size_t b)
{
	if (isnan(x[a]) || isnan(x[b])) {
		return isnan(x[a]) == isnan(x[b]) ? a < b : !isnan(x[a]);
	}
	return x[a] > x[b] || (!(x[a] < x[b]) && a < b);
}

static void top_write(FILE *out, const float *x, size_t count, size_t top)
{
	size_t last = SIZE_MAX;

	for (size_t line = 0; line < top && line < count; line++) {
		size_t best = SIZE_MAX;
		for (size_t i = 0; i < count; i++) {
			if ((last == SIZE_MAX || ahead(x, last, i)) && (best == SIZE_MAX || ahead(x, i, best))) {
				best = i;
			}
		}
		fprintf(out, "%zu %.9g\n", best, (double)x[best]);
		last = best;
	}
}

static void result_write(FILE *out, const struct tensor *t, size_t top)
{
	if (!top) {
		fwrite(t->at, t->type == TENSOR_FLOAT ? sizeof(float) : sizeof(int64_t), t->count, out);
		return;
	}
	if (t->type != TENSOR_FLOAT) {
		guest_stop("argument top: the model's output is of whole numbers");
	}
	size_t rows = t->rank > 1 ? t->dim[0] : 1;
	for (size_t i = 0; i < rows; i++) {
		top_write(out, t->f + i * (t->count / rows), t->count / rows, top);
	}
}

int main(int argc, char **argv)
{
	static const char *const known[] = { "model", "in",	"out",	 "from", "shape", "batch", "result",
					     "top",   "layout", "scale", "mean", "std",	  NULL };
	struct memory memory = { .max = SIZE_MAX };
	struct onnx onnx;
	struct feed feed = { 0 };
	struct tensor input, result;

	guest_arguments(argc, argv, known);
	size_t top = (size_t)guest_count("top", 0, TOP_MAX, 0);
	onnx_open(&memory, guest_input(guest_argument("model", "model")), guest_argument("result", ""), &onnx);
	feed_open(onnx.input, &feed);
	bool parts = feed.rank && feed.total > feed.first * shape_count(feed.rank - 1, feed.dim + 1);
	FILE *out = guest_output(guest_argument("out", "out"));
	while (feed_next(&feed, &memory, &input)) {
		size_t first = input.rank ? input.dim[0] : 1;
		onnx_run(&onnx, &input, &result);
		if (parts && (result.rank == 0 || result.dim[0] != first)) {
			guest_stop("the model's output has another first dimension than its input: its data cannot be "
				   "run in parts");
		}
		result_write(out, &result, top);
		memory_drop(&memory, result.at);
	}
	guest_close(out);
	return 0;
}
