#include "ta/rt/arith.h"

/*
 * The largest user is TEE_BigIntIsProbablePrime: a table of 16 numbers of ARITH_MODULUS_MAX words, and 10 more at a time;
 * TEE_BigIntExpMod has 7, TEE_BigIntComputeExtendedGcd 10 of ARITH_NUMBER_MAX. test_gp_arith_random runs all at their limits.
 */
#define ARENA_WORDS (28 * ARITH_MODULUS_MAX)

static uint32_t arena[ARENA_WORDS];
static size_t arena_used;
static size_t arena_high; /* since the last arith_end() */

_Noreturn void arith_panic(TEE_Result code)
{
	TEE_Panic(code);
	__builtin_trap();
}

void arith_begin(void)
{
	arena_used = 0;
}

void arith_end(void)
{
	arith_zero(arena, arena_high);
	arena_used = arena_high = 0;
}

uint32_t *arith_take(size_t count)
{
	if (count > ARENA_WORDS - arena_used) {
		arith_panic(TEE_ERROR_OUT_OF_MEMORY);
	}
	uint32_t *taken = arena + arena_used;

	arena_used += count;
	if (arena_high < arena_used) {
		arena_high = arena_used;
	}
	return taken;
}

size_t arith_mark(void)
{
	return arena_used;
}

void arith_release(size_t mark)
{
	arena_used = mark;
}

void arith_copy(uint32_t *to, const uint32_t *from, size_t count)
{
	if ((uintptr_t)to <= (uintptr_t)from) {
		for (size_t i = 0; i < count; i++) {
			to[i] = from[i];
		}
	} else {
		for (size_t i = count; i-- > 0;) {
			to[i] = from[i];
		}
	}
}

void arith_zero(uint32_t *at, size_t count)
{
	volatile uint32_t *words = at;

	for (size_t i = 0; i < count; i++) {
		words[i] = 0;
	}
}

size_t arith_trim(const uint32_t *at, size_t count)
{
	while (count > 0 && at[count - 1] == 0) {
		count--;
	}
	return count;
}

size_t arith_bits(const uint32_t *at, size_t count)
{
	count = arith_trim(at, count);
	return count == 0 ? 0 : count * 32 - (size_t)__builtin_clz(at[count - 1]);
}

int arith_compare(const uint32_t *a, size_t a_count, const uint32_t *b, size_t b_count)
{
	if (a_count != b_count) {
		return a_count < b_count ? -1 : 1;
	}
	for (size_t i = a_count; i-- > 0;) {
		if (a[i] != b[i]) {
			return a[i] < b[i] ? -1 : 1;
		}
	}
	return 0;
}

void arith_add(uint32_t *out, const uint32_t *a, size_t a_count, const uint32_t *b, size_t b_count)
{
	uint64_t carry = 0;

	for (size_t i = 0; i < a_count; i++) {
		carry += (uint64_t)a[i] + (i < b_count ? b[i] : 0);
		out[i] = (uint32_t)carry;
		carry >>= 32;
	}
	out[a_count] = (uint32_t)carry;
}

uint32_t arith_subtract(uint32_t *out, const uint32_t *a, size_t a_count, const uint32_t *b, size_t b_count)
{
	uint32_t borrow = 0;

	for (size_t i = 0; i < a_count; i++) {
		uint64_t difference = (uint64_t)a[i] - (i < b_count ? b[i] : 0) - borrow;

		out[i] = (uint32_t)difference;
		borrow = (uint32_t)(difference >> 63);
	}
	return borrow;
}

void arith_multiply(uint32_t *out, const uint32_t *a, size_t a_count, const uint32_t *b, size_t b_count)
{
	arith_zero(out, a_count + b_count);
	for (size_t i = 0; i < b_count; i++) {
		uint64_t carry = 0;

		for (size_t j = 0; j < a_count; j++) {
			carry += (uint64_t)a[j] * b[i] + out[i + j];
			out[i + j] = (uint32_t)carry;
			carry >>= 32;
		}
		out[i + a_count] = (uint32_t)carry;
	}
}

void arith_shift_right(uint32_t *out, const uint32_t *a, size_t a_count, size_t bits)
{
	size_t words = bits / 32;
	unsigned rest = (unsigned)(bits % 32);

	for (size_t i = 0; i < a_count; i++) {
		uint64_t low = words < a_count - i ? a[i + words] : 0;
		uint64_t high = words < a_count - i && i + words + 1 < a_count ? a[i + words + 1] : 0;

		out[i] = (uint32_t)((high << 32 | low) >> rest);
	}
}

uint32_t arith_modulo_short(const uint32_t *a, size_t a_count, uint32_t divisor)
{
	uint64_t rest = 0;

	for (size_t i = a_count; i-- > 0;) {
		rest = (rest << 32 | a[i]) % divisor;
	}
	return (uint32_t)rest;
}

/* out = a << bits, bits below 32, of a_count + 1 words. */
static void shift_left(uint32_t *out, const uint32_t *a, size_t a_count, unsigned bits)
{
	uint32_t carry = 0;

	for (size_t i = 0; i < a_count; i++) {
		uint64_t wide = (uint64_t)a[i] << bits | carry;

		out[i] = (uint32_t)wide;
		carry = (uint32_t)(wide >> 32);
	}
	out[a_count] = carry;
}

/* at = at - factor * b, at of count + 1 words; returns the borrow. */
static uint32_t subtract_multiple(uint32_t *at, const uint32_t *b, size_t count, uint32_t factor)
{
	uint64_t carry = 0;
	uint32_t borrow = 0;

	for (size_t i = 0; i <= count; i++) {
		carry += i < count ? (uint64_t)b[i] * factor : 0;
		uint64_t difference = (uint64_t)at[i] - (uint32_t)carry - borrow;

		at[i] = (uint32_t)difference;
		borrow = (uint32_t)(difference >> 63);
		carry >>= 32;
	}
	return borrow;
}

/*
 * One word of the quotient (Knuth, The Art of Computer Programming, 4.3.1, algorithm D, steps D3 to D6). at has count + 1 words,
 * its high count words are below b, whose highest bit is 1. count is 2 or more.
 */
static uint32_t divide_step(uint32_t *at, const uint32_t *b, size_t count)
{
	uint64_t top = (uint64_t)at[count] << 32 | at[count - 1];
	uint64_t guess = top / b[count - 1], rest = top % b[count - 1];

	while (guess > UINT32_MAX || guess * b[count - 2] > (rest << 32 | at[count - 2])) {
		guess--;
		rest += b[count - 1];
		if (rest > UINT32_MAX) {
			break;
		}
	}
	if (subtract_multiple(at, b, count, (uint32_t)guess)) {
		uint32_t highest = at[count];

		guess--;
		arith_add(at, at, count, b, count);
		at[count] += highest;
	}
	return (uint32_t)guess;
}

void arith_divide(uint32_t *q, uint32_t *r, const uint32_t *a, size_t a_count, const uint32_t *b, size_t b_count)
{
	size_t mark = arith_mark();

	if (q) {
		arith_zero(q, a_count);
	}
	if (a_count < b_count) {
		arith_copy(r, a, a_count);
		r[a_count] = 0;
		return;
	}
	if (b_count == 1) {
		uint64_t rest = 0;

		for (size_t i = a_count; i-- > 0;) {
			rest = rest << 32 | a[i];
			if (q) {
				q[i] = (uint32_t)(rest / b[0]);
			}
			rest %= b[0];
		}
		arith_zero(r, a_count + 1);
		r[0] = (uint32_t)rest;
		return;
	}
	unsigned shift = (unsigned)__builtin_clz(b[b_count - 1]);
	uint32_t *divisor = arith_take(b_count + 1);

	shift_left(divisor, b, b_count, shift);
	shift_left(r, a, a_count, shift);
	for (size_t i = a_count - b_count + 1; i-- > 0;) {
		uint32_t word = divide_step(r + i, divisor, b_count);

		if (q) {
			q[i] = word;
		}
	}
	arith_shift_right(r, r, a_count + 1, shift);
	arith_release(mark);
}
