/* Multiplication without division (P. L. Montgomery, 1985), and powers by it, in constant time. */
#include "ta/rt/arith.h"

#define WINDOW_BITS 4
#define WINDOW_SIZE (1 << WINDOW_BITS)

/* All ones where a = b, else 0. The compiler must not know which, or it would branch. */
static uint32_t mask_of_equal(uint32_t a, uint32_t b)
{
	uint32_t differ = a ^ b, mask = ((differ | (UINT32_C(0) - differ)) >> 31) - 1;

	__asm__("" : "+r"(mask));
	return mask;
}

/* out = mask is ones ? a : b. */
static void choose(uint32_t *out, uint32_t mask, const uint32_t *a, const uint32_t *b, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		out[i] = (a[i] & mask) | (b[i] & ~mask);
	}
}

uint32_t arith_inverse_of(uint32_t lowest)
{
	uint32_t inverse = lowest; /* right in 3 bits; each step doubles them: 6, 12, 24, 48 */

	for (int i = 0; i < 4; i++) {
		inverse *= 2 - lowest * inverse;
	}
	return UINT32_C(0) - inverse;
}

struct arith_modulus arith_modulus_of(const uint32_t *n, size_t count)
{
	uint32_t *square = arith_take(count);
	size_t mark = arith_mark();
	uint32_t *power = arith_take(2 * count + 1);

	arith_zero(power, 2 * count);
	power[2 * count] = 1;
	arith_reduce(square, (struct arith_number){ power, 2 * count + 1, false },
		     (struct arith_number){ n, count, false });
	arith_release(mark);
	return (struct arith_modulus){ n, square, count, arith_inverse_of(n[0]) };
}

void arith_montgomery(uint32_t *out, const uint32_t *a, const uint32_t *b, const struct arith_modulus *m)
{
	size_t mark = arith_mark(), count = m->count;
	uint32_t *t = arith_take(count + 2), *reduced = arith_take(count + 1);

	arith_zero(t, count + 2);
	for (size_t i = 0; i < count; i++) {
		uint64_t carry = 0;

		for (size_t j = 0; j < count; j++) {
			carry += (uint64_t)a[j] * b[i] + t[j];
			t[j] = (uint32_t)carry;
			carry >>= 32;
		}
		carry += t[count];
		t[count] = (uint32_t)carry;
		t[count + 1] = (uint32_t)(carry >> 32);

		uint32_t factor = t[0] * m->inverse;

		carry = ((uint64_t)factor * m->n[0] + t[0]) >> 32;
		for (size_t j = 1; j < count; j++) {
			carry += (uint64_t)factor * m->n[j] + t[j];
			t[j - 1] = (uint32_t)carry;
			carry >>= 32;
		}
		carry += t[count];
		t[count - 1] = (uint32_t)carry;
		t[count] = t[count + 1] + (uint32_t)(carry >> 32);
	}
	uint32_t is_below = arith_subtract(reduced, t, count + 1, m->n, count);

	choose(out, mask_of_equal(is_below, 1), t, reduced, count);
	arith_release(mark);
}

/* out = row `index` of table; every row is read. */
static void look_up(uint32_t *out, const uint32_t *table, size_t count, uint32_t index)
{
	arith_zero(out, count);
	for (uint32_t row = 0; row < WINDOW_SIZE; row++) {
		uint32_t mask = mask_of_equal(row, index);

		for (size_t i = 0; i < count; i++) {
			out[i] |= table[row * count + i] & mask;
		}
	}
}

void arith_power(uint32_t *out, const uint32_t *base, const uint32_t *exponent, size_t exponent_count,
		 const struct arith_modulus *m)
{
	size_t mark = arith_mark(), count = m->count;
	uint32_t *table = arith_take(WINDOW_SIZE * count), *factor = arith_take(count), *result = arith_take(count);

	/* Row 0 is 1: the square of 2^(32 * count), times a plain 1. */
	arith_zero(factor, count);
	factor[0] = 1;
	arith_montgomery(table, m->square, factor, m);
	for (size_t row = 1; row < WINDOW_SIZE; row++) {
		arith_montgomery(table + row * count, table + (row - 1) * count, base, m);
	}
	arith_copy(result, table, count);
	for (size_t bit = exponent_count * 32; bit > 0;) {
		bit -= WINDOW_BITS;
		for (int i = 0; i < WINDOW_BITS; i++) {
			arith_montgomery(result, result, result, m);
		}
		look_up(factor, table, count, exponent[bit / 32] >> bit % 32 & (WINDOW_SIZE - 1));
		arith_montgomery(result, result, factor, m);
	}
	arith_copy(out, result, count);
	arith_release(mark);
}
