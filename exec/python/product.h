/*
 * C += alpha * A * B, of matrices as OpenBLAS packs them for its innermost loop (its target WASM128_GENERIC: panels of two).
 *
 * A comes as panels of two rows, each panel `depth` pairs of numbers one after another, the last panel one row alone where `rows` is odd; B as
 * panels of two columns in the same way. C is in columns, `stride` numbers apart. Nothing is assumed of how the three lie to each other; where
 * they overlap the numbers are anybody's guess, as in the loop that this replaces.
 *
 * Sums are taken in another order than there and with fused multiplication, so results agree to rounding. Class B. Pure.
 */
#ifndef MT_EXEC_PYTHON_PRODUCT_H
#define MT_EXEC_PYTHON_PRODUCT_H

#include <stddef.h>

struct product {
	size_t rows, columns, depth, stride;    /* the first three not 0 */
	const void *a, *b;                      /* aligned to one number, no more */
	void *c;
};

void product_double(const struct product *p, double alpha);
void product_float(const struct product *p, float alpha);

#endif
