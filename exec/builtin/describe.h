/* The parts of describe (describe.c): its rows and groups, and what it writes of them. Private to it. */
#ifndef MT_EXEC_BUILTIN_DESCRIBE_H
#define MT_EXEC_BUILTIN_DESCRIBE_H

#include "exec/builtin/tables.h"

#define DESCRIBE_HIDDEN "(suppressed)"
#define DESCRIBE_QUANTILES_MAX 32
#define DESCRIBE_BUCKETS_MAX 65536

/* Rows [from, end) of order[]. */
struct group {
	struct text key; /* of size 0: the hidden ones, or all rows where there is no group_by= */
	size_t from, end;
};

struct describe {
	struct tables tables;
	const char *column[TABLES_COLUMNS_MAX], *group_by[TABLES_COLUMNS_MAX];
	size_t columns, group_columns;
	uint64_t least;
	bool extremes;
	const char *quantile_word[DESCRIBE_QUANTILES_MAX];
	double quantile[DESCRIBE_QUANTILES_MAX];
	size_t quantiles;
	/* The tables stacked: value[row * columns + column], NaN where missing. */
	double *value;
	size_t rows;
	uint32_t *order;
	struct group *group;
	size_t groups;
};

/* Stacks the tables, and parts their rows into groups none of which has fewer rows than `least`. */
void describe_rows(struct describe *d);

void describe_statistics(const struct describe *d, FILE *out);
void describe_correlation(const struct describe *d, FILE *out);
/* COLUMN:LOW:HIGH:BUCKETS of each word. */
void describe_histograms(const struct describe *d, const char *const *word, size_t count, FILE *out);

#endif
