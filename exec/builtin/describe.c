/*
 * describe: statistics of columns of one table, or of several stacked, as if their rows were one table's.
 *
 *	inputs=A,... (a)             1 to 12 inputs, each a CSV table with a header (csv.h); all have the columns that are named
 *	columns=COLUMN,...           what to describe, at most 64: numbers, or empty cells, which are missing
 *	group_by=COLUMN,...          each combination of their cells is a group; else all rows are one
 *	min_group=N (10)             the least rows of a group, values of a statistic, and values of a bucket that show; 1 or more
 *	quantiles=Q,... | none (0.25,0.5,0.75)
 *	                             from 0 to 1, at most 32
 *	extremes=no | yes (no)       minimum and maximum as well: each is the value of one row
 *	histogram=COLUMN:LOW:HIGH:BUCKETS,...
 *	                             of columns that are described; written to histogram_out. A bucket is [from, to), the last one [from, to]
 *	correlation=no | yes (no)    Pearson's, of rows that miss none of the columns; written to correlation_out
 *	out=NAME (result), histogram_out=NAME (histogram), correlation_out=NAME (correlation)
 *	separator=C | tab (,)        of all tables, and of the outputs
 *
 * result: a row for each group, by key, and each column: rows, count, missing, mean, variance (over count - 1), deviation, minimum and maximum,
 * quantiles (between neighbours in proportion: type 7). Sums are compensated; numbers read back the same. A cell is empty where there is
 * nothing to say, or nothing that may be said.
 *
 * What is too small. Groups of fewer than min_group rows are one row `(suppressed)`; if that is still too small, the smallest group of the
 * others joins it. In a group, a column with fewer than min_group values shows no statistic; count and missing show only when neither is from
 * 1 to min_group - 1; a quantile shows when min_group values lie on each side of it. Buckets as groups, those below and above among them, empty
 * ones too. With fewer than min_group rows at all, or for a histogram or correlations fewer values, the task fails.
 *
 * What leaks. To who gets the outputs: those statistics, the names of the groups that show, and that a quantile is a value of one row or lies
 * between those of two. Suppression is no proof against differences: who knows all rows but one, or gets several runs over slightly other
 * rows or groups, can subtract; the contract fixes inputs, arguments and runs. To who watches memory accesses and time: the order of values and
 * keys.
 */
#include "exec/builtin/describe.h"

#include <string.h>

#define MIN_GROUP 10

static void quantiles_take(struct describe *d)
{
	if (strcmp(guest_argument("quantiles", "0.25,0.5,0.75"), "none") == 0) {
		return;
	}
	d->quantiles = guest_list("quantiles", "0.25,0.5,0.75", d->quantile_word, DESCRIBE_QUANTILES_MAX);
	for (size_t i = 0; i < d->quantiles; i++) {
		const char *word = d->quantile_word[i];
		if (!csv_number((struct text){ word, strlen(word) }, &d->quantile[i]) ||
		    !(d->quantile[i] >= 0 && d->quantile[i] <= 1)) {
			guest_stop("quantiles= has %s, which is not from 0 to 1", word);
		}
	}
}

static void arguments_take(struct describe *d)
{
	d->columns = guest_list("columns", NULL, d->column, TABLES_COLUMNS_MAX);
	if (guest_argument("group_by", "")[0]) {
		d->group_columns = guest_list("group_by", NULL, d->group_by, TABLES_COLUMNS_MAX);
	}
	d->least = guest_count("min_group", 1, CSV_ROWS_MAX, MIN_GROUP);
	d->extremes = guest_second("extremes", "no", "yes");
	quantiles_take(d);
}

int main(int argc, char **argv)
{
	static const char *const known[] = { "inputs",	  "columns",	   "group_by",	      "min_group",
					     "quantiles", "extremes",	   "histogram",	      "correlation",
					     "out",	  "histogram_out", "correlation_out", "separator",
					     NULL };
	struct describe *d = guest_alloc(1, sizeof(*d));
	const char *histogram[TABLES_COLUMNS_MAX];
	size_t histograms = 0;

	guest_arguments(argc, argv, known);
	arguments_take(d);
	bool correlation = guest_second("correlation", "no", "yes");
	if (guest_argument("histogram", "")[0]) {
		histograms = guest_list("histogram", NULL, histogram, TABLES_COLUMNS_MAX);
	}
	tables_open(&d->tables, "a", 1);
	describe_rows(d);
	FILE *out = guest_output(guest_argument("out", "result"));
	describe_statistics(d, out);
	guest_close(out);
	if (histograms) {
		out = guest_output(guest_argument("histogram_out", "histogram"));
		describe_histograms(d, histogram, histograms, out);
		guest_close(out);
	}
	if (correlation) {
		out = guest_output(guest_argument("correlation_out", "correlation"));
		describe_correlation(d, out);
		guest_close(out);
	}
	return 0;
}
