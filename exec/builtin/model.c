#include "exec/builtin/model.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

#define MODEL_VERSION 1

static const char magic[] = "MTmodel";

/* ---- reading ---- */

static const unsigned char *model_take(struct model_reader *r, size_t size)
{
	const char *at = r->at;

	if (r->failed || r->left < size) {
		r->failed = true;
		return NULL;
	}
	r->at += size;
	r->left -= size;
	return (const unsigned char *)at;
}

static uint64_t model_uint(struct model_reader *r, size_t size)
{
	const unsigned char *at = model_take(r, size);
	uint64_t value = 0;

	for (size_t i = 0; at && i < size; i++) {
		value = value << 8 | at[i];
	}
	return value;
}

uint8_t model_u8(struct model_reader *r)
{
	return (uint8_t)model_uint(r, 1);
}

uint32_t model_u32(struct model_reader *r)
{
	return (uint32_t)model_uint(r, 4);
}

double model_f64(struct model_reader *r)
{
	uint64_t bits = model_uint(r, 8);
	double value;

	memcpy(&value, &bits, sizeof(value));
	if (!isfinite(value)) {
		r->failed = true;
		return 0;
	}
	return value;
}

struct text model_text(struct model_reader *r)
{
	size_t size = model_u32(r);
	const unsigned char *at = model_take(r, size);

	return (struct text){ at ? (const char *)at : "", at ? size : 0 };
}

/* A list of names. Each takes four bytes at least, so what is allocated is bounded by the file. */
static struct text *model_names(struct model_reader *r, size_t max, size_t *count)
{
	size_t claimed = model_u32(r);

	if (r->failed || claimed > max || claimed > r->left / 4) {
		r->failed = true;
		claimed = 0;
	}
	struct text *names = guest_alloc(claimed, sizeof(*names));
	for (size_t i = 0; i < claimed; i++) {
		names[i] = model_text(r);
	}
	*count = claimed;
	return names;
}

struct model_reader model_open(struct text file, enum model_kind kind, struct model_head *out)
{
	struct model_reader r = { .at = file.at, .left = file.size };
	struct model_head h = { .kind = kind };
	const unsigned char *word = model_take(&r, sizeof(magic) - 1);

	r.failed = r.failed || memcmp(word, magic, sizeof(magic) - 1) != 0;
	uint8_t version = model_u8(&r), kind_read = model_u8(&r);
	r.failed = r.failed || version != MODEL_VERSION || kind_read != (uint8_t)kind;
	h.feature = model_names(&r, MODEL_FEATURES_MAX, &h.features);
	h.label = model_names(&r, MODEL_LABELS_MAX, &h.labels);
	r.failed = r.failed || h.features == 0 || h.labels == 1;
	*out = h;
	return r;
}

void model_done(const struct model_reader *r)
{
	if (r->failed || r->left) {
		guest_stop("this is no model of this function and this version, or it is damaged");
	}
}

/* ---- writing ---- */

static void model_put_uint(FILE *to, uint64_t value, size_t size)
{
	while (size-- > 0) {
		fputc((int)(value >> (8 * size) & 0xff), to);
	}
}

void model_put_u8(FILE *to, uint8_t value)
{
	model_put_uint(to, value, 1);
}

void model_put_u32(FILE *to, uint32_t value)
{
	model_put_uint(to, value, 4);
}

void model_put_f64(FILE *to, double value)
{
	uint64_t bits;

	/* A model with such a number would not be read again, so it must not leave. */
	if (!isfinite(value)) {
		guest_stop("the model has a number that is not finite: the input's numbers are too large");
	}
	memcpy(&bits, &value, sizeof(bits));
	model_put_uint(to, bits, 8);
}

static void model_put_names(FILE *to, const struct text *name, size_t count)
{
	model_put_u32(to, (uint32_t)count);
	for (size_t i = 0; i < count; i++) {
		model_put_u32(to, (uint32_t)name[i].size);
		fwrite(name[i].at, 1, name[i].size, to);
	}
}

void model_put_head(FILE *to, const struct model_head *head)
{
	fwrite(magic, 1, sizeof(magic) - 1, to);
	model_put_u8(to, MODEL_VERSION);
	model_put_u8(to, (uint8_t)head->kind);
	model_put_names(to, head->feature, head->features);
	model_put_names(to, head->label, head->labels);
}

/* ---- words and cells ---- */

bool model_either(const char *argument, const char *first, const char *second)
{
	const char *word = guest_argument(argument, first);

	if (strcmp(word, first) != 0 && strcmp(word, second) != 0) {
		guest_stop("argument %s=%s is neither %s nor %s", argument, word, first, second);
	}
	return strcmp(word, second) == 0;
}

FILE *model_output_wanted(const char *argument)
{
	const char *name = guest_argument(argument, "");

	return name[0] ? guest_output(name) : NULL;
}

void model_put_cell(FILE *to, struct text cell)
{
	bool plain = true;

	for (size_t i = 0; i < cell.size; i++) {
		plain = plain && cell.at[i] != '"' && cell.at[i] != ',' && cell.at[i] != '\n' && cell.at[i] != '\r';
	}
	if (plain) {
		fwrite(cell.at, 1, cell.size, to);
		return;
	}
	fputc('"', to);
	for (size_t i = 0; i < cell.size; i++) {
		if (cell.at[i] == '"') {
			fputc('"', to);
		}
		fputc(cell.at[i], to);
	}
	fputc('"', to);
}

/* ---- chance ---- */

uint64_t model_seed(void)
{
	uint64_t seed = 0;

	if (guest_argument("seed", "")[0]) {
		return guest_count("seed", 0, UINT64_MAX, 0);
	}
	if (getentropy(&seed, sizeof(seed)) != 0) {
		guest_stop("the system has no random bytes: give seed=");
	}
	return seed;
}

uint64_t model_chance(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

double model_chance_unit(uint64_t *state)
{
	return (double)(model_chance(state) >> 11) * 0x1p-53;
}
