#include "exec/builtin/describe.h"

#include <stdlib.h>
#include <string.h>

#include "exec/builtin/statistics.h"

static void values_take(struct describe *d)
{
	size_t column[TABLES_COLUMNS_MAX], done = 0;

	for (size_t t = 0; t < d->tables.count; t++) {
		d->rows += d->tables.csv[t].rows;
		if (d->rows > CSV_ROWS_MAX) {
			guest_stop("more than %u rows", CSV_ROWS_MAX);
		}
	}
	if (d->rows > SIZE_MAX / d->columns) {
		guest_stop("%zu rows of %zu columns do not fit", d->rows, d->columns);
	}
	d->value = guest_alloc(d->rows * d->columns, sizeof(*d->value));
	for (size_t t = 0; t < d->tables.count; t++) {
		const struct csv *c = &d->tables.csv[t];
		columns_need(c, d->column, d->columns, column);
		csv_matrix(c, column, d->columns, true, d->value + done * d->columns);
		done += c->rows;
	}
}

/* The keys of all tables' rows, sorted. */
static struct keyed *keys_take(const struct describe *d)
{
	struct keyed *all = guest_alloc(d->rows, sizeof(*all));
	size_t column[TABLES_COLUMNS_MAX], done = 0;

	for (size_t t = 0; t < d->tables.count; t++) {
		const struct csv *c = &d->tables.csv[t];
		columns_need(c, d->group_by, d->group_columns, column);
		struct keyed *some = keyed_rows(c, column, d->group_columns, KEYED_EMPTY_KEPT);
		for (size_t i = 0; i < c->rows; i++) {
			all[done + i] = (struct keyed){ some[i].key, (uint32_t)(done + i) };
		}
		free(some);
		done += c->rows;
	}
	keyed_sort(all, d->rows);
	return all;
}

/* Rows [from, end) of the sorted ones go behind those that have a place already. */
static void rows_place(struct describe *d, const struct keyed *sorted, struct group g, size_t *done)
{
	for (size_t i = g.from; i < g.end; i++) {
		d->order[(*done)++] = sorted[i].row;
	}
}

/* The groups that are to be seen, in order, then all others as one. */
static void groups_place(struct describe *d, const struct keyed *sorted, const struct group *group, size_t count,
			 const bool *hidden)
{
	size_t done = 0;

	for (size_t g = 0; g < count; g++) {
		if (!hidden[g]) {
			size_t from = done;
			rows_place(d, sorted, group[g], &done);
			d->group[d->groups++] = (struct group){ group[g].key, from, done };
		}
	}
	size_t from = done;
	for (size_t g = 0; g < count; g++) {
		if (hidden[g]) {
			rows_place(d, sorted, group[g], &done);
		}
	}
	if (done > from) {
		d->group[d->groups++] = (struct group){ { NULL, 0 }, from, done };
	}
}

static void groups_take(struct describe *d)
{
	struct keyed *sorted = keys_take(d);
	struct group *group = guest_alloc(d->rows, sizeof(*group));
	uint64_t *size = guest_alloc(d->rows, sizeof(*size));
	bool *hidden = guest_alloc(d->rows, sizeof(*hidden));
	size_t count = 0;

	for (size_t at = 0, end; at < d->rows; at = end) {
		end = keyed_end(sorted, d->rows, at);
		group[count] = (struct group){ sorted[at].key, at, end };
		size[count++] = end - at;
		if (strcmp(sorted[at].key.at, DESCRIBE_HIDDEN) == 0) {
			guest_stop("a group is called " DESCRIBE_HIDDEN ", like those that are too small");
		}
	}
	(void)groups_hide(size, count, d->least, hidden);
	d->group = guest_alloc(count + 1, sizeof(*d->group));
	groups_place(d, sorted, group, count, hidden);
	free(sorted);
	free(group);
	free(size);
	free(hidden);
}

void describe_rows(struct describe *d)
{
	values_take(d);
	if (d->rows < d->least) {
		guest_stop("fewer rows than min_group");
	}
	d->order = guest_alloc(d->rows, sizeof(*d->order));
	if (d->group_columns) {
		groups_take(d);
		return;
	}
	for (size_t i = 0; i < d->rows; i++) {
		d->order[i] = (uint32_t)i;
	}
	d->group = guest_alloc(1, sizeof(*d->group));
	d->group[d->groups++] = (struct group){ { NULL, 0 }, 0, d->rows };
}
