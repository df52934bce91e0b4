#include "exec/builtin/statistics.h"

#include <math.h>
#include <stdlib.h>

#include "exec/builtin/tables.h"

void moments_of(const double *value, size_t count, struct moments *out)
{
	struct exact sum = { 0 }, squares = { 0 }, drift = { 0 };

	*out = (struct moments){ NAN, NAN };
	for (size_t i = 0; i < count; i++) {
		exact_add(&sum, value[i]);
	}
	if (count == 0) {
		return;
	}
	out->mean = exact_value(&sum) / (double)count;
	/* The mean is rounded: what it is off by shows in the sum of differences, and is taken out again. */
	for (size_t i = 0; i < count; i++) {
		double difference = value[i] - out->mean;
		exact_add(&squares, difference * difference);
		exact_add(&drift, difference);
	}
	if (count > 1) {
		double off = exact_value(&drift);
		out->variance = (exact_value(&squares) - off * off / (double)count) / (double)(count - 1);
	}
}

static int value_order(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

void values_sort(double *value, size_t count)
{
	qsort(value, count, sizeof(*value), value_order);
}

double quantile_of(const double *sorted, size_t count, double q)
{
	double place = (double)(count - 1) * q;
	size_t below = (size_t)place;

	if (below + 1 >= count) {
		return sorted[count - 1];
	}
	double part = place - (double)below;
	return sorted[below] * (1 - part) + sorted[below + 1] * part;
}

bool quantile_allowed(size_t count, double q, uint64_t least)
{
	double side = q < 0.5 ? q : 1 - q;

	return side * (double)count >= (double)least;
}

double correlation_of(const double *columns, size_t rows, size_t width, size_t i, size_t k)
{
	struct exact sum[2] = { { 0 } }, product = { 0 }, square[2] = { { 0 } };

	for (size_t r = 0; r < rows; r++) {
		exact_add(&sum[0], columns[r * width + i]);
		exact_add(&sum[1], columns[r * width + k]);
	}
	double mean[2] = { exact_value(&sum[0]) / (double)rows, exact_value(&sum[1]) / (double)rows };
	for (size_t r = 0; r < rows; r++) {
		double x = columns[r * width + i] - mean[0], y = columns[r * width + k] - mean[1];
		exact_add(&product, x * y);
		exact_add(&square[0], x * x);
		exact_add(&square[1], y * y);
	}
	double scale = sqrt(exact_value(&square[0])) * sqrt(exact_value(&square[1]));
	if (!(scale > 0)) {
		return NAN;
	}
	if (i == k) {
		return 1; /* not only nearly */
	}
	double r = exact_value(&product) / scale;
	return r > 1 ? 1 : r < -1 ? -1 : r;
}

uint64_t groups_hide(const uint64_t *size, size_t count, uint64_t least, bool *hidden)
{
	size_t smallest = count;
	uint64_t total = 0;

	for (size_t i = 0; i < count; i++) {
		hidden[i] = size[i] < least;
		total += hidden[i] ? size[i] : 0;
		if (!hidden[i] && (smallest == count || size[i] < size[smallest])) {
			smallest = i;
		}
	}
	if (total && total < least && smallest < count) {
		hidden[smallest] = true;
		total += size[smallest];
	}
	return total;
}

double bucket_edge(double low, double high, size_t buckets, size_t index)
{
	return index == buckets ? high : low + (high - low) * ((double)index / (double)buckets);
}

size_t bucket_of(double value, double low, double high, size_t buckets)
{
	if (value < low) {
		return 0;
	}
	if (value > high) {
		return buckets + 1;
	}
	size_t index = (size_t)((value - low) / (high - low) * (double)buckets);
	index = index < buckets ? index : buckets - 1;
	/* The edges that are shown decide, not how the division was rounded. */
	while (index > 0 && value < bucket_edge(low, high, buckets, index)) {
		index--;
	}
	while (index + 1 < buckets && value >= bucket_edge(low, high, buckets, index + 1)) {
		index++;
	}
	return index + 1;
}
