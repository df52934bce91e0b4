/*
 * kmeans: rows in k clusters, each around its mean (Lloyd), from centres chosen by k-means++.
 *
 *	inputs= features= without= separator= missing=    which rows: model_rows.h
 *	k=N                            clusters, 1 to 4096; not more than there are different rows
 *	starts=N         (10)          how often to begin anew; the smallest sum of squares is kept
 *	steps=N          (300)         of one start
 *	tolerance=X      (1e-4)        a start ends where the centres move less than this, squared, against the mean variance of the features
 *	scale=no|yes     (no)          whether each feature is divided by its standard deviation first; centres are in the input's units again
 *	seed=N                         of the choice of centres; without it the system's random bytes
 *	centers=NAME     (centers)     output: CSV `cluster,rows,FEATURE...`, clusters numbered from 1, the largest first
 *	out=NAME                       output: CSV `row,cluster,distance`, the row's number in the input, from 1
 *	metrics=NAME                   output: CSV `rows,inertia`: the sum of squared distances
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "exec/builtin/matrix.h"
#include "exec/builtin/model_rows.h"

#define CLUSTERS_MAX 4096

struct state {
	const double *x;
	size_t count, width, k;
	double *center, *next;          /* k * width */
	double *distance;               /* of each row to its centre, squared */
	uint32_t *of;                   /* each row's cluster */
	size_t *size;                   /* rows of each cluster */
	uint64_t dice;
};

static const double *row_at(const struct state *s, size_t row)
{
	return s->x + row * s->width;
}

/* ---- the first centres: Arthur and Vassilvitskii 2007, with several tries for each ---- */

/* A row, by chance in proportion to its distance. */
static size_t row_draw(struct state *s, double all)
{
	double at = model_chance_unit(&s->dice) * all;
	size_t last = 0;

	for (size_t r = 0; r < s->count; r++) {
		if (s->distance[r] <= 0) {
			continue;
		}
		last = r;
		at -= s->distance[r];
		if (at < 0) {
			break;
		}
	}
	return last;
}

/* What the distances add up to once `row` is a centre; where `keep`, they become those. */
static double distances_with(struct state *s, size_t row, bool keep)
{
	double all = 0;

	for (size_t r = 0; r < s->count; r++) {
		double d = matrix_distance(row_at(s, r), row_at(s, row), s->width);
		d = d < s->distance[r] ? d : s->distance[r];
		if (keep) {
			s->distance[r] = d;
		}
		all += d;
	}
	return all;
}

static void centers_seed(struct state *s)
{
	size_t tries = 2 + (size_t)log((double)s->k), row = (size_t)(model_chance(&s->dice) % s->count);

	for (size_t r = 0; r < s->count; r++) {
		s->distance[r] = INFINITY;
	}
	for (size_t c = 0; c < s->k; c++) {
		memcpy(s->center + c * s->width, row_at(s, row), s->width * sizeof(double));
		double all = distances_with(s, row, true), best = INFINITY;
		if (c + 1 < s->k && !(all > 0)) {
			guest_stop("fewer different rows than k=%zu clusters", s->k);
		}
		for (size_t i = 0; c + 1 < s->k && i < tries; i++) {
			size_t candidate = row_draw(s, all);
			double with = distances_with(s, candidate, false);
			if (with < best) {
				best = with;
				row = candidate;
			}
		}
	}
}

/* ---- steps ---- */

/* Each row to its nearest centre; returns the sum of squares. */
static double rows_assign(struct state *s)
{
	double inertia = 0;

	memset(s->size, 0, s->k * sizeof(s->size[0]));
	for (size_t r = 0; r < s->count; r++) {
		double best = INFINITY;
		uint32_t at = 0;
		for (size_t c = 0; c < s->k; c++) {
			double d = matrix_distance(row_at(s, r), s->center + c * s->width, s->width);
			if (d < best) {
				best = d;
				at = (uint32_t)c;
			}
		}
		s->of[r] = at;
		s->distance[r] = best;
		s->size[at]++;
		inertia += best;
	}
	return inertia;
}

/* A cluster without rows takes the row that is farthest from its centre, out of a cluster that has another. */
static void empty_fill(struct state *s)
{
	for (size_t c = 0; c < s->k; c++) {
		size_t far = SIZE_MAX;
		for (size_t r = 0; s->size[c] == 0 && r < s->count; r++) {
			if (s->size[s->of[r]] > 1 && (far == SIZE_MAX || s->distance[r] > s->distance[far])) {
				far = r;
			}
		}
		if (far != SIZE_MAX) {
			s->size[s->of[far]]--;
			s->of[far] = (uint32_t)c;
			s->distance[far] = 0;
			s->size[c] = 1;
		}
	}
}

/* Centres to the means of their rows; returns how far they moved, squared. */
static double centers_move(struct state *s)
{
	memset(s->next, 0, s->k * s->width * sizeof(double));
	for (size_t r = 0; r < s->count; r++) {
		matrix_add(s->next + s->of[r] * s->width, 1, row_at(s, r), s->width);
	}
	for (size_t c = 0; c < s->k; c++) {
		for (size_t j = 0; j < s->width; j++) {
			s->next[c * s->width + j] /= (double)s->size[c];
		}
	}
	double moved = matrix_distance(s->next, s->center, s->k * s->width), *swap = s->center;
	s->center = s->next;
	s->next = swap;
	return moved;
}

static double run(struct state *s, size_t steps, double tolerance)
{
	double moved = INFINITY;

	centers_seed(s);
	for (size_t i = 0; i < steps && moved > tolerance; i++) {
		(void)rows_assign(s);
		empty_fill(s);
		moved = centers_move(s);
	}
	return rows_assign(s);
}

/* ---- outputs ---- */

struct rank {
	size_t cluster, size;
};

static int rank_order(const void *a, const void *b)
{
	const struct rank *x = a, *y = b;

	if (x->size != y->size) {
		return x->size < y->size ? 1 : -1;
	}
	return (x->cluster > y->cluster) - (x->cluster < y->cluster);
}

static void centers_put(const struct state *s, const struct model_rows *rows, const struct matrix_columns *facts, bool scale, const struct rank *rank)
{
	FILE *to = guest_output(guest_argument("centers", "centers"));

	fputs("cluster,rows", to);
	for (size_t j = 0; j < s->width; j++) {
		fputc(',', to);
		model_put_cell(to, rows->feature[j]);
	}
	for (size_t i = 0; i < s->k; i++) {
		fprintf(to, "\n%zu,%zu", i + 1, rank[i].size);
		for (size_t j = 0; j < s->width; j++) {
			double at = s->center[rank[i].cluster * s->width + j];
			fprintf(to, ",%.17g", facts->mean[j] + at * (scale ? facts->spread[j] : 1));
		}
	}
	fputc('\n', to);
	guest_close(to);
}

static void rows_put(const struct state *s, const struct model_rows *rows, const struct rank *rank)
{
	FILE *to = model_output_wanted("out");
	size_t number[CLUSTERS_MAX];

	for (size_t i = 0; i < s->k; i++) {
		number[rank[i].cluster] = i + 1;
	}
	if (to) {
		fputs("row,cluster,distance\n", to);
		for (size_t r = 0; r < s->count; r++) {
			fprintf(to, "%u,%zu,%.17g\n", (unsigned)rows->origin[r], number[s->of[r]], sqrt(s->distance[r]));
		}
		guest_close(to);
	}
}

static void outputs(const struct state *s, const struct model_rows *rows, const struct matrix_columns *facts, bool scale, double inertia)
{
	struct rank *rank = guest_alloc(s->k, sizeof(*rank));

	for (size_t c = 0; c < s->k; c++) {
		rank[c] = (struct rank){ c, s->size[c] };
	}
	qsort(rank, s->k, sizeof(*rank), rank_order);
	centers_put(s, rows, facts, scale, rank);
	rows_put(s, rows, rank);
	FILE *to = model_output_wanted("metrics");
	if (to) {
		fprintf(to, "rows,inertia\n%zu,%.17g\n", s->count, inertia);
		guest_close(to);
	}
}

/* ---- starts ---- */

static void state_open(struct state *s, const struct model_rows *rows, size_t k)
{
	*s = (struct state){ .x = rows->x, .count = rows->count, .width = rows->features, .k = k };
	if (k > s->count) {
		guest_stop("k=%zu clusters of %zu rows", k, s->count);
	}
	s->center = guest_alloc(k, s->width * sizeof(double));
	s->next = guest_alloc(k, s->width * sizeof(double));
	s->distance = guest_alloc(s->count, sizeof(double));
	s->of = guest_alloc(s->count, sizeof(s->of[0]));
	s->size = guest_alloc(k, sizeof(s->size[0]));
}

/* The mean variance of the features as they are clustered. */
static double variance(const struct matrix_columns *facts, size_t width, bool scale)
{
	double sum = 0;

	for (size_t j = 0; j < width; j++) {
		sum += scale ? (facts->spread[j] > 0 ? 1 : 0) : facts->spread[j] * facts->spread[j];
	}
	return sum / (double)width;
}

int main(int argc, char **argv)
{
	static const char *const known[] = {
		MODEL_ROWS_ARGUMENTS, "k", "starts", "steps", "tolerance", "scale", "seed", "centers", "out", "metrics", NULL,
	};
	struct model_rows rows;
	struct state s;
	double best = INFINITY;

	guest_arguments(argc, argv, known);
	(void)guest_argument("k", NULL);
	size_t k = (size_t)guest_count("k", 1, CLUSTERS_MAX, 0), starts = (size_t)guest_count("starts", 1, 1000, 10);
	size_t steps = (size_t)guest_count("steps", 1, 100000, 300);
	double tolerance = guest_number("tolerance", 0, 1, 1e-4);
	bool scale = model_either("scale", "no", "yes");
	uint64_t seed = model_seed();
	model_rows_read(TARGET_NONE, MISSING_BY_ARGUMENT, &rows);
	struct matrix_columns facts = matrix_columns(rows.x, rows.count, rows.features);
	matrix_center(rows.x, rows.count, rows.features, &facts, scale);
	state_open(&s, &rows, k);
	s.dice = seed;
	size_t width = k * rows.features;
	double *kept = guest_alloc(k, rows.features * sizeof(double));
	for (size_t i = 0; i < starts; i++) {
		double inertia = run(&s, steps, tolerance * variance(&facts, rows.features, scale));
		if (inertia < best) {
			best = inertia;
			memcpy(kept, s.center, width * sizeof(double));
		}
	}
	memcpy(s.center, kept, width * sizeof(double));
	best = rows_assign(&s);
	outputs(&s, &rows, &facts, scale, best);
	return 0;
}
