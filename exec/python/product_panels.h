/*
 * The body of product_double.c and product_float.c, private to them: they say what NUMBER is, how many LANES a vector has, the two
 * permutations of a vector, and the function's NAME.
 *
 * A vector holds LANES / 2 pairs of a panel, so lanes of one sum belong to different depths; they are added up at the end.
 */
#include "exec/python/product.h"

#include <string.h>

#define PANEL 2
#define PAIRS (LANES / PANEL)
#define ROW_PANELS 2                    /* with COLUMN_PANELS twelve sums and what multiplies them: all of AVX2's registers */
#define COLUMN_PANELS 3                 /* OpenBLAS asks for six columns at a time when it begins with a block */

typedef NUMBER vector __attribute__((vector_size(LANES * sizeof(NUMBER))));
typedef NUMBER vector_anywhere __attribute__((vector_size(LANES * sizeof(NUMBER)), aligned(sizeof(NUMBER)), may_alias));
typedef NUMBER pair __attribute__((vector_size(PANEL * sizeof(NUMBER))));
typedef NUMBER pair_anywhere __attribute__((vector_size(PANEL * sizeof(NUMBER)), aligned(sizeof(NUMBER)), may_alias));

/* Where a tile's panels and numbers lie. */
struct tile {
	size_t depth, stride;
	NUMBER alpha;
	const NUMBER *a, *b;
	NUMBER *c;
};

/* The pair that a vector's lanes add up to, with the depths that fill no whole vector. */
static inline pair lanes_add(vector sum, const NUMBER *a, const NUMBER *b, size_t from, size_t depth)
{
	pair part[PAIRS], whole = { 0 };

	memcpy(part, &sum, sizeof(part));
	for (size_t i = 0; i < PAIRS; i++) {
		whole += part[i];
	}
	for (size_t k = from; k < depth; k++) {
		whole += *(const pair_anywhere *)(a + PANEL * k) * b[PANEL * k];
	}
	return whole;
}

__attribute__((always_inline)) static inline void panel_multiply(vector *sum, const vector *a, vector b, size_t m)
{
	for (size_t i = 0; i < m; i++) {
		sum[i] += a[i] * b;
	}
}

/* `m` panels of rows by `n` of columns. Both are constants wherever this is called, so that its loops are none. */
__attribute__((always_inline)) static inline void tile_multiply(const struct tile *t, size_t m, size_t n)
{
	vector sum[PANEL * COLUMN_PANELS][ROW_PANELS];
	size_t whole = t->depth / PAIRS * PAIRS;

	for (size_t j = 0; j < PANEL * n; j++) {
		for (size_t i = 0; i < m; i++) {
			sum[j][i] = (vector){ 0 };
		}
	}
	for (size_t k = 0; k < whole; k += PAIRS) {
		vector a[ROW_PANELS];
		for (size_t i = 0; i < m; i++) {
			a[i] = *(const vector_anywhere *)(t->a + PANEL * (i * t->depth + k));
		}
		for (size_t j = 0; j < n; j++) {
			vector b = *(const vector_anywhere *)(t->b + PANEL * (j * t->depth + k));
			panel_multiply(sum[PANEL * j], a, __builtin_shufflevector(b, b, LANES_FIRST), m);
			panel_multiply(sum[PANEL * j + 1], a, __builtin_shufflevector(b, b, LANES_SECOND), m);
		}
	}
	for (size_t j = 0; j < PANEL * n; j++) {
		const NUMBER *b = t->b + PANEL * (j / PANEL) * t->depth + j % PANEL;
		for (size_t i = 0; i < m; i++) {
			pair_anywhere *c = (pair_anywhere *)(t->c + j * t->stride + PANEL * i);
			*c += t->alpha * lanes_add(sum[j][i], t->a + PANEL * i * t->depth, b, whole, t->depth);
		}
	}
}

static struct tile tile_at(const struct product *p, NUMBER alpha, size_t row, size_t column)
{
	return (struct tile){
		.depth = p->depth,
		.stride = p->stride,
		.alpha = alpha,
		.a = (const NUMBER *)p->a + row * p->depth,
		.b = (const NUMBER *)p->b + column * p->depth,
		.c = (NUMBER *)p->c + column * p->stride + row,
	};
}

static void whole_columns(const struct product *p, NUMBER alpha, size_t column)
{
	size_t row = 0;

	for (; row + PANEL * ROW_PANELS <= p->rows; row += PANEL * ROW_PANELS) {
		struct tile t = tile_at(p, alpha, row, column);
		tile_multiply(&t, ROW_PANELS, COLUMN_PANELS);
	}
	for (; row + PANEL <= p->rows; row += PANEL) {
		struct tile t = tile_at(p, alpha, row, column);
		tile_multiply(&t, 1, COLUMN_PANELS);
	}
}

static void two_columns(const struct product *p, NUMBER alpha, size_t column)
{
	for (size_t row = 0; row + PANEL <= p->rows; row += PANEL) {
		struct tile t = tile_at(p, alpha, row, column);
		tile_multiply(&t, 1, 1);
	}
}

/* One number of C, of a row or column that may be alone in its panel. */
static void single(const struct product *p, NUMBER alpha, size_t row, size_t column)
{
	size_t row_step = row / PANEL * PANEL + 1 < p->rows ? PANEL : 1, column_step = column / PANEL * PANEL + 1 < p->columns ? PANEL : 1;
	const NUMBER *a = (const NUMBER *)p->a + row / PANEL * PANEL * p->depth + row % PANEL;
	const NUMBER *b = (const NUMBER *)p->b + column / PANEL * PANEL * p->depth + column % PANEL;
	NUMBER sum = 0;

	for (size_t k = 0; k < p->depth; k++) {
		sum += a[k * row_step] * b[k * column_step];
	}
	((NUMBER *)p->c)[column * p->stride + row] += alpha * sum;
}

void NAME(const struct product *p, NUMBER alpha)
{
	size_t column = 0;

	for (; column + PANEL * COLUMN_PANELS <= p->columns; column += PANEL * COLUMN_PANELS) {
		whole_columns(p, alpha, column);
	}
	for (; column + PANEL <= p->columns; column += PANEL) {
		two_columns(p, alpha, column);
	}
	for (size_t row = 0; p->columns % PANEL && row < p->rows; row++) {
		single(p, alpha, row, p->columns - 1);
	}
	for (size_t i = 0; p->rows % PANEL && i < column; i++) {
		single(p, alpha, p->rows - 1, i);
	}
}
