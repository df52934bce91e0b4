/*
 * The product of matrices: both sides are packed so that the inner loop reads memory in order, and it keeps a tile of the result in
 * registers. Vectors of four floats are what wasm has; the same source compiles for any machine.
 *
 * A tile of ROWS x GEMM_PANEL takes 2 ROWS registers, two for the right side and one for the left: 11 of the 16 that x86 has.
 */
#include "exec/builtin/onnx.h"

#include <string.h>

#define ROWS 4
#define ROWS_BLOCK                                                                                                     \
	128 /* of the left side that are packed at once: with DEPTH_BLOCK 128 KiB, half a common second-level cache */
#define DEPTH_BLOCK 256 /* a panel of the right side, 8 KiB, stays in the first level */
#define COLUMNS_BLOCK 256

typedef float vector __attribute__((vector_size(16)));

static _Alignas(16) float left[ROWS_BLOCK * DEPTH_BLOCK], right[COLUMNS_BLOCK * DEPTH_BLOCK];

/* tile[r][column] += left right, over `depth`. */
static void tile_add(size_t depth, const float *a, const float *b, float *c, size_t c_row)
{
	vector sum[ROWS][2] = { 0 };

	for (size_t d = 0; d < depth; d++, a += ROWS, b += GEMM_PANEL) {
		vector b0, b1;
		memcpy(&b0, b, sizeof(b0));
		memcpy(&b1, b + 4, sizeof(b1));
		for (size_t r = 0; r < ROWS; r++) {
			vector v = { a[r], a[r], a[r], a[r] };
			sum[r][0] += v * b0;
			sum[r][1] += v * b1;
		}
	}
	for (size_t r = 0; r < ROWS; r++) {
		for (size_t h = 0; h < 2; h++) {
			vector v;
			memcpy(&v, c + r * c_row + 4 * h, sizeof(v));
			v += sum[r][h];
			memcpy(c + r * c_row + 4 * h, &v, sizeof(v));
		}
	}
}

static void left_pack(const struct gemm *g, size_t row, size_t rows, size_t depth, size_t depth_count)
{
	for (size_t r = 0; r < rows; r += ROWS) {
		float *to = left + r * depth_count;
		for (size_t k = 0; k < ROWS; k++) {
			size_t at = row + (r + k < rows ? r + k : 0);
			const float *from = g->a + at * g->a_row + depth * g->a_column;
			for (size_t d = 0; d < depth_count; d++) {
				to[d * ROWS + k] = r + k < rows ? g->scale * from[d * g->a_column] : 0;
			}
		}
	}
}

static void right_panel(const struct gemm *g, size_t depth, size_t depth_count, size_t column, float *to)
{
	size_t count = g->columns - column < GEMM_PANEL ? g->columns - column : GEMM_PANEL;

	for (size_t d = 0; d < depth_count; d++, to += GEMM_PANEL) {
		const float *from = g->b + (depth + d) * g->b_row + column * g->b_column;
		if (count == GEMM_PANEL && g->b_column == 1) {
			memcpy(to, from, GEMM_PANEL * sizeof(float));
			continue;
		}
		for (size_t k = 0; k < GEMM_PANEL; k++) {
			to[k] = k < count ? from[k * g->b_column] : 0;
		}
	}
}

static void right_pack(const struct gemm *g, size_t depth, size_t depth_count, size_t column, size_t columns)
{
	for (size_t k = 0; k < columns; k += GEMM_PANEL) {
		float *to = right + k * depth_count;
		if (g->pack) {
			g->pack(g->from, depth, depth_count, column + k, to);
		} else {
			right_panel(g, depth, depth_count, column + k, to);
		}
	}
}

/* A tile at the edge is made aside, and what is inside of it is added. */
static void tile_edge(size_t depth, const float *a, const float *b, float *c, size_t c_row, size_t rows, size_t columns)
{
	_Alignas(16) float aside[ROWS * GEMM_PANEL] = { 0 };

	tile_add(depth, a, b, aside, GEMM_PANEL);
	for (size_t r = 0; r < rows; r++) {
		for (size_t k = 0; k < columns; k++) {
			c[r * c_row + k] += aside[r * GEMM_PANEL + k];
		}
	}
}

static void block_add(const struct gemm *g, size_t row, size_t rows, size_t column, size_t columns, size_t depth_count)
{
	for (size_t k = 0; k < columns; k += GEMM_PANEL) {
		for (size_t r = 0; r < rows; r += ROWS) {
			const float *a = left + r * depth_count, *b = right + k * depth_count;
			float *c = g->c + (row + r) * g->c_row + column + k;
			if (rows - r >= ROWS && columns - k >= GEMM_PANEL) {
				tile_add(depth_count, a, b, c, g->c_row);
			} else {
				tile_edge(depth_count, a, b, c, g->c_row, rows - r < ROWS ? rows - r : ROWS,
					  columns - k < GEMM_PANEL ? columns - k : GEMM_PANEL);
			}
		}
	}
}

/* A few rows only: packing the right side would cost more than the product. */
static void thin(const struct gemm *g)
{
	for (size_t r = 0; r < g->rows; r++) {
		const float *a = g->a + r * g->a_row;
		float *c = g->c + r * g->c_row;
		for (size_t d = 0; d < g->depth && g->b_column == 1; d++) {
			float v = g->scale * a[d * g->a_column];
			const float *b = g->b + d * g->b_row;
			for (size_t k = 0; k < g->columns; k++) {
				c[k] += v * b[k];
			}
		}
		for (size_t k = 0; k < g->columns && g->b_column != 1; k++) {
			const float *b = g->b + k * g->b_column;
			vector sum = { 0 };
			size_t d = 0;
			for (; d + 4 <= g->depth && g->b_row == 1 && g->a_column == 1; d += 4) {
				vector x, y;
				memcpy(&x, a + d, sizeof(x));
				memcpy(&y, b + d, sizeof(y));
				sum += x * y;
			}
			float total = sum[0] + sum[1] + sum[2] + sum[3];
			for (; d < g->depth; d++) {
				total += a[d * g->a_column] * b[d * g->b_row];
			}
			c[k] += g->scale * total;
		}
	}
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

void gemm(const struct gemm *g)
{
	if (g->rows < ROWS && !g->pack) {
		thin(g);
		return;
	}
	for (size_t depth = 0; depth < g->depth; depth += DEPTH_BLOCK) {
		size_t depth_count = least(g->depth - depth, DEPTH_BLOCK);
		for (size_t column = 0; column < g->columns; column += COLUMNS_BLOCK) {
			size_t columns = least(g->columns - column, COLUMNS_BLOCK);
			right_pack(g, depth, depth_count, column, columns);
			for (size_t row = 0; row < g->rows; row += ROWS_BLOCK) {
				size_t rows = least(g->rows - row, ROWS_BLOCK);
				left_pack(g, row, rows, depth, depth_count);
				block_add(g, row, rows, column, columns, depth_count);
			}
		}
	}
}
