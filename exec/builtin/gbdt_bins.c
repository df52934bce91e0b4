#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "exec/builtin/gbdt_fit.h"

/* ---- sorting ---- */

/* A double's order as that of whole numbers: negative ones turned over. */
static uint64_t key_of(double value)
{
	uint64_t bits;

	value += 0.0;                           /* one zero */
	memcpy(&bits, &value, sizeof(bits));
	return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

static double key_value(uint64_t key)
{
	uint64_t bits = key >> 63 ? key & ~(UINT64_C(1) << 63) : ~key;
	double value;

	memcpy(&value, &bits, sizeof(value));
	return value;
}

/* Radix sort by bytes, skipping bytes that are the same in all keys. Returns where the result is: one of the two. */
static uint64_t *keys_sort(uint64_t *key, uint64_t *other, size_t count)
{
	static uint32_t at[8][256];

	memset(at, 0, sizeof(at));
	for (size_t i = 0; i < count; i++) {
		for (size_t b = 0; b < 8; b++) {
			at[b][key[i] >> (8 * b) & 0xff]++;
		}
	}
	for (size_t b = 0; b < 8; b++) {
		uint32_t sum = 0;
		if (count == 0 || at[b][key[0] >> (8 * b) & 0xff] == count) {
			continue;
		}
		for (size_t d = 0; d < 256; d++) {
			uint32_t here = at[b][d];
			at[b][d] = sum;
			sum += here;
		}
		for (size_t i = 0; i < count; i++) {
			other[at[b][key[i] >> (8 * b) & 0xff]++] = key[i];
		}
		uint64_t *swap = key;
		key = other;
		other = swap;
	}
	return key;
}

/* ---- edges ---- */

/* Between two neighbours, so that a value that was never seen goes to the nearer one; never the upper one itself. */
static double edge_between(uint64_t lower, uint64_t upper)
{
	double a = key_value(lower), b = key_value(upper), middle = a + (b - a) / 2;

	return middle >= a && middle < b ? middle : a;
}

/*
 * Edges over sorted keys: a bin for each value while they suffice, else bins of about equal counts, where a value that fills a bin alone has one
 * for itself. Returns how many bins.
 */
static uint32_t edges_make(const uint64_t *key, size_t count, size_t bins_max, double *edge)
{
	size_t distinct = count > 0, bins = 0, in_bin = 0, left = count;

	for (size_t i = 1; i < count; i++) {
		distinct += key[i] != key[i - 1];
	}
	for (size_t i = 0; i < count;) {
		size_t next = i + 1;
		while (next < count && key[next] == key[i]) {
			next++;
		}
		size_t same = next - i, more = count - next;
		in_bin += same;
		/* What is left, spread over the bins that are left; bins of fewer than three rows cost time and tell nothing. */
		size_t fair = left / (bins_max - bins);
		fair = fair < 3 ? 3 : fair;
		bool full = distinct <= bins_max || in_bin >= fair;
		if (!full && more) {
			size_t after = next + 1;
			while (after < count && key[after] == key[next] && after - next < fair) {
				after++;
			}
			full = after - next >= fair;
		}
		if (more && full && bins + 1 < bins_max) {
			edge[bins++] = edge_between(key[i], key[next]);
			left -= in_bin;
			in_bin = 0;
		}
		i = next;
	}
	edge[bins++] = INFINITY;
	return (uint32_t)bins;
}

/* A column's edges; false when it has one value only and nothing missing, so that nothing can be told by it. */
static bool column_edges(const struct gbdt_rows *rows, uint32_t feature, size_t bins_max, uint64_t *key, uint64_t *other, struct gbdt_column *out)
{
	double edge[GBDT_BINS_MAX + 1];
	size_t count = 0;

	for (size_t r = 0; r < rows->count; r++) {
		double value = rows->x[r * rows->features + feature];
		key[count] = key_of(value);
		count += isnan(value) ? 0U : 1U;
	}
	bool missing = count < rows->count;
	uint64_t *sorted = keys_sort(key, other, count);
	edge[0] = -INFINITY;
	uint32_t bins = edges_make(sorted, count, bins_max, edge + missing) + missing;
	if (bins < 2 || count == 0) {
		return false;
	}
	*out = (struct gbdt_column){ .feature = feature, .bins = bins, .missing = missing };
	out->edge = guest_alloc(bins, sizeof(double));
	memcpy(out->edge, edge, bins * sizeof(double));
	return true;
}

/* ---- bins ---- */

/*
 * The bin of a value: the first whose edge is not below it. Halving without a branch, in a table filled up with infinity to a power of two. NaN is
 * below nothing and not above anything, so it would land in bin 0, which is the one of missing values when there are any.
 */
static uint8_t bin_of(const double *edge, uint32_t half, double value)
{
	uint32_t at = 0;

	for (; half; half /= 2) {
		at += edge[at + half - 1] < value ? half : 0;
	}
	return (uint8_t)at;
}

static void column_fill(const struct gbdt_rows *rows, const struct gbdt_column *c, uint8_t *bin)
{
	double edge[GBDT_BINS_MAX + 1];
	uint32_t half = 1;

	for (uint32_t i = 0; i <= GBDT_BINS_MAX; i++) {
		edge[i] = i < c->bins ? c->edge[i] : INFINITY;
	}
	/* An edge of -inf is below every number, so numbers skip the bin of missing values by themselves. */
	while (half * 2 < c->bins) {
		half *= 2;
	}
	for (size_t r = 0; r < rows->count; r++) {
		bin[r * GBDT_GROUP] = bin_of(edge, half, rows->x[r * rows->features + c->feature]);
	}
}

void gbdt_bins_make(const struct gbdt_rows *rows, size_t bins_max, struct gbdt_bins *out)
{
	struct gbdt_bins b = { .rows = rows->count };
	uint64_t *key = guest_alloc(rows->count, sizeof(*key)), *other = guest_alloc(rows->count, sizeof(*other));

	b.column = guest_alloc(rows->features, sizeof(b.column[0]));
	for (size_t f = 0; f < rows->features; f++) {
		b.columns += column_edges(rows, (uint32_t)f, bins_max, key, other, &b.column[b.columns]);
	}
	free(key);
	free(other);
	b.groups = (b.columns + GBDT_GROUP - 1) / GBDT_GROUP;
	b.bin = guest_alloc(rows->count, b.groups * GBDT_GROUP);
	for (size_t c = 0; c < b.columns; c++) {
		column_fill(rows, &b.column[c], b.bin + c / GBDT_GROUP * rows->count * GBDT_GROUP + c % GBDT_GROUP);
	}
	*out = b;
}
