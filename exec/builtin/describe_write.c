#include "exec/builtin/describe.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "exec/builtin/statistics.h"

static void text_put(const struct describe *d, FILE *out, const char *text)
{
	csv_write(out, d->tables.separator, (struct text){ text, strlen(text) });
}

/* A separator and a number that reads back the same; nothing for NaN. */
static void number_put(const struct describe *d, FILE *out, double value)
{
	putc(d->tables.separator, out);
	if (!isnan(value)) {
		fprintf(out, "%.17g", value);
	}
}

static void count_put(const struct describe *d, FILE *out, bool shown, size_t count)
{
	putc(d->tables.separator, out);
	if (shown) {
		fprintf(out, "%zu", count);
	}
}

/* ---- statistics ---- */

static void header_put(const struct describe *d, FILE *out)
{
	static const char *const fixed[] = { "rows", "count", "missing", "mean", "variance", "deviation" };

	for (size_t i = 0; i < d->group_columns; i++) {
		text_put(d, out, d->group_by[i]);
		putc(d->tables.separator, out);
	}
	fputs("column", out);
	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
		fprintf(out, "%c%s", d->tables.separator, fixed[i]);
	}
	if (d->extremes) {
		fprintf(out, "%cminimum%cmaximum", d->tables.separator, d->tables.separator);
	}
	for (size_t i = 0; i < d->quantiles; i++) {
		fprintf(out, "%cq%s", d->tables.separator, d->quantile_word[i]);
	}
	putc('\n', out);
}

static void group_put(const struct describe *d, const struct group *g, FILE *out)
{
	for (size_t i = 0; i < d->group_columns; i++) {
		if (g->key.size) {
			csv_write(out, d->tables.separator, keyed_cell(g->key, i));
		} else if (i == 0) {
			fputs(DESCRIBE_HIDDEN, out);
		}
		putc(d->tables.separator, out);
	}
}

/* The values of a column in a group that are not missing. */
static size_t values_gather(const struct describe *d, const struct group *g, size_t column, double *out)
{
	size_t count = 0;

	for (size_t i = g->from; i < g->end; i++) {
		double value = d->value[d->order[i] * d->columns + column];
		if (!isnan(value)) {
			out[count++] = value;
		}
	}
	return count;
}

/* Nothing is said of fewer than `least` values, and not that so few are missing. */
static void column_put(const struct describe *d, const struct group *g, size_t column, double *value, FILE *out)
{
	size_t rows = g->end - g->from, count = values_gather(d, g, column, value), missing = rows - count;
	bool few = count < d->least, counts = (count == 0 || !few) && (missing == 0 || missing >= d->least);
	struct moments m = { NAN, NAN };

	group_put(d, g, out);
	text_put(d, out, d->column[column]);
	count_put(d, out, true, rows);
	count_put(d, out, counts, count);
	count_put(d, out, counts, missing);
	if (!few) {
		moments_of(value, count, &m);
		values_sort(value, count);
	}
	number_put(d, out, m.mean);
	number_put(d, out, m.variance);
	number_put(d, out, sqrt(m.variance));
	if (d->extremes) {
		number_put(d, out, few ? NAN : value[0]);
		number_put(d, out, few ? NAN : value[count - 1]);
	}
	for (size_t i = 0; i < d->quantiles; i++) {
		bool shown = !few && quantile_allowed(count, d->quantile[i], d->least);
		number_put(d, out, shown ? quantile_of(value, count, d->quantile[i]) : NAN);
	}
	putc('\n', out);
}

void describe_statistics(const struct describe *d, FILE *out)
{
	double *value = guest_alloc(d->rows, sizeof(*value));

	header_put(d, out);
	for (size_t g = 0; g < d->groups; g++) {
		for (size_t c = 0; c < d->columns; c++) {
			column_put(d, &d->group[g], c, value, out);
		}
	}
	free(value);
}

/* ---- correlation ---- */

void describe_correlation(const struct describe *d, FILE *out)
{
	double *whole = guest_alloc(d->rows * d->columns, sizeof(*whole));
	size_t rows = 0;

	for (size_t r = 0; r < d->rows; r++) {
		const double *row = d->value + r * d->columns;
		bool missing = false;
		for (size_t c = 0; c < d->columns; c++) {
			missing |= isnan(row[c]);
		}
		if (!missing) {
			memcpy(whole + rows++ * d->columns, row, d->columns * sizeof(*row));
		}
	}
	if (rows < d->least) {
		guest_stop("fewer rows without a missing value than min_group");
	}
	fputs("column", out);
	for (size_t c = 0; c < d->columns; c++) {
		putc(d->tables.separator, out);
		text_put(d, out, d->column[c]);
	}
	putc('\n', out);
	for (size_t i = 0; i < d->columns; i++) {
		text_put(d, out, d->column[i]);
		for (size_t k = 0; k < d->columns; k++) {
			number_put(d, out, correlation_of(whole, rows, d->columns, i, k));
		}
		putc('\n', out);
	}
	free(whole);
}

/* ---- histograms ---- */

struct histogram {
	size_t column, buckets;
	double low, high;
};

static bool word_number(const char *from, size_t size, double *out)
{
	return size && csv_number((struct text){ from, size }, out);
}

/* COLUMN:LOW:HIGH:BUCKETS, read from its end: a column's name may have a colon. */
static void histogram_take(const struct describe *d, const char *word, struct histogram *out)
{
	const char *part[4] = { word };
	size_t end = strlen(word), size[4] = { 0 };
	double buckets = 0;
	bool good = true;

	for (size_t i = 3; i > 0 && good; i--) {
		size_t at = end;
		while (at > 0 && word[at - 1] != ':') {
			at--;
		}
		part[i] = word + at;
		size[i] = end - at;
		good = at > 0;
		end = at ? at - 1 : 0;
	}
	good = good && word_number(part[1], size[1], &out->low) && word_number(part[2], size[2], &out->high) &&
	       word_number(part[3], size[3], &buckets) && out->low < out->high && isfinite(out->high - out->low) &&
	       buckets >= 1 && buckets <= DESCRIBE_BUCKETS_MAX && floor(buckets) == buckets;
	for (out->column = 0; good && out->column < d->columns; out->column++) {
		if (strlen(d->column[out->column]) == end && memcmp(d->column[out->column], word, end) == 0) {
			break;
		}
	}
	if (!good || out->column == d->columns) {
		guest_stop("histogram=%s is not COLUMN:LOW:HIGH:BUCKETS with a column of columns=", word);
	}
	out->buckets = (size_t)buckets;
}

static void histogram_put(const struct describe *d, const struct histogram *h, FILE *out)
{
	size_t places = h->buckets + 2, hidden_places = 0;
	uint64_t *size = guest_alloc(places, sizeof(*size));
	bool *hidden = guest_alloc(places, sizeof(*hidden));

	for (size_t r = 0; r < d->rows; r++) {
		double value = d->value[r * d->columns + h->column];
		if (!isnan(value)) {
			size[bucket_of(value, h->low, h->high, h->buckets)]++;
		}
	}
	uint64_t total = groups_hide(size, places, d->least, hidden);
	if (total && total < d->least) {
		guest_stop("fewer values than min_group");
	}
	for (size_t i = 0; i < places; i++) {
		hidden_places += hidden[i];
		if (!hidden[i]) {
			text_put(d, out, d->column[h->column]);
			number_put(d, out, i == 0 ? NAN : bucket_edge(h->low, h->high, h->buckets, i - 1));
			number_put(d, out, i == places - 1 ? NAN : bucket_edge(h->low, h->high, h->buckets, i));
			count_put(d, out, true, (size_t)size[i]);
			putc('\n', out);
		}
	}
	if (hidden_places) {
		text_put(d, out, d->column[h->column]);
		fprintf(out, "%c" DESCRIBE_HIDDEN "%c", d->tables.separator, d->tables.separator);
		count_put(d, out, true, (size_t)total);
		putc('\n', out);
	}
	free(size);
	free(hidden);
}

void describe_histograms(const struct describe *d, const char *const *word, size_t count, FILE *out)
{
	char s = d->tables.separator;

	fprintf(out, "column%cfrom%cto%ccount\n", s, s, s);
	for (size_t i = 0; i < count; i++) {
		struct histogram h = { 0 };
		histogram_take(d, word[i], &h);
		histogram_put(d, &h, out);
	}
}
