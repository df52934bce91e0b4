/*
 * Numbers about numbers, and which groups are too small to be shown. Sums are compensated (tables.h). Class B.
 */
#ifndef MT_EXEC_BUILTIN_STATISTICS_H
#define MT_EXEC_BUILTIN_STATISTICS_H

#include "exec/builtin/guest.h"

struct moments {
	double mean, variance; /* of a sample: over count - 1. NaN: of too few values */
};

void moments_of(const double *value, size_t count, struct moments *out);
void values_sort(double *value, size_t count);
/* Of sorted values: between the two neighbours of (count - 1) * q, in proportion (Hyndman and Fan, type 7). */
double quantile_of(const double *sorted, size_t count, double q);
/* As many values as `least` lie on each side of it, so that it is no extreme under another name. */
bool quantile_allowed(size_t count, double q, uint64_t least);
/* Pearson's, of columns[row * width + i] and [.. + k]; NaN where one does not vary. */
double correlation_of(const double *columns, size_t rows, size_t width, size_t i, size_t k);

/*
 * Groups of less than `least` are hidden[], together. If those together are still too few, the smallest of the others joins them, for they
 * would else show in what is missing to the whole. Returns how many are hidden; less than `least` and not 0 when all groups are not enough.
 */
uint64_t groups_hide(const uint64_t *size, size_t count, uint64_t least, bool *hidden);

/* Where a value falls: 0 below `low`, buckets + 1 above `high`, else 1 + the bucket whose [from, to) holds it; `high` is in the last. */
size_t bucket_of(double value, double low, double high, size_t buckets);
double bucket_edge(double low, double high, size_t buckets, size_t index);

#endif
