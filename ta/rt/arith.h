/*
 * Big integers (GP TEE Internal Core API, chapter 8): what the arith_*.c files have in common. Private to ta/rt.
 *
 * Hides nothing from them: words are arrays of uint32_t, least significant first, with a count; numbers lie in the memory that
 * the trusted application (TA) gave. Class A. No heap: scratch comes from one static arena, because the stack of a TA may have
 * 2 KiB, and one thread enters a TA instance at a time.
 */
#ifndef MT_RT_ARITH_H
#define MT_RT_ARITH_H

#include "api/tee_internal_api.h"

/*
 * gpd.tee.arith.maxBigIntSize: the largest modulus, and the largest number for a prime test. 4096 is what RSA and
 * Diffie-Hellman of today need; the standard asks for 2048.
 */
#define ARITH_BITS_MAX 4096
#define ARITH_MODULUS_MAX (ARITH_BITS_MAX / 32) /* words */
#define ARITH_NUMBER_MAX (2 * ARITH_MODULUS_MAX) /* words of any TEE_BigInt: products of two inputs fit */

/* ---- faults: TEE_Panic does not return, and if it did nothing here would go on ---- */

/* The argument is wrong, TEE_ERROR_BAD_PARAMETERS; the result does not fit, TEE_ERROR_OVERFLOW; not initialised, _BAD_FORMAT. */
_Noreturn void arith_panic(TEE_Result code);

/* ---- scratch ---- */

/* Every public function that takes scratch begins and ends; what was taken is zeroed at the end. */
void arith_begin(void);
void arith_end(void);
/* Words of scratch until arith_end(), or until arith_release() of a mark made before. Not zeroed. */
uint32_t *arith_take(size_t count);
size_t arith_mark(void);
void arith_release(size_t mark);

/* ---- words ---- */

void arith_copy(uint32_t *to, const uint32_t *from, size_t count); /* may overlap */
void arith_zero(uint32_t *at, size_t count); /* never left out */
size_t arith_trim(const uint32_t *at, size_t count); /* count without leading zeros */
size_t arith_bits(const uint32_t *at, size_t count); /* up to the highest one bit */
int arith_compare(const uint32_t *a, size_t a_count, const uint32_t *b, size_t b_count); /* both trimmed; -1, 0, 1 */

/* out = a + b, of a_count + 1 words; a_count >= b_count. out may be a or b. */
void arith_add(uint32_t *out, const uint32_t *a, size_t a_count, const uint32_t *b, size_t b_count);
/* out = a - b, of a_count words; returns the borrow. a_count >= b_count. out may be a or b. */
uint32_t arith_subtract(uint32_t *out, const uint32_t *a, size_t a_count, const uint32_t *b, size_t b_count);
/* out = a * b, of a_count + b_count words, neither a nor b. */
void arith_multiply(uint32_t *out, const uint32_t *a, size_t a_count, const uint32_t *b, size_t b_count);
/* out = a >> bits, of a_count words. out may be a. */
void arith_shift_right(uint32_t *out, const uint32_t *a, size_t a_count, size_t bits);
/*
 * a = q * b + r; b is trimmed and not 0. r: a_count + 1 words, of which the low b_count are the remainder (as many as a has
 * where that is less) and the rest is 0. q: a_count words, or NULL. Neither is a nor b. Takes b_count words of scratch.
 */
void arith_divide(uint32_t *q, uint32_t *r, const uint32_t *a, size_t a_count, const uint32_t *b, size_t b_count);
/* a modulo a short number. */
uint32_t arith_modulo_short(const uint32_t *a, size_t a_count, uint32_t divisor);

/* ---- numbers ---- */

/*
 * A TEE_BigInt: word 0: bit 31 the sign, below it the count of words in use, of which the highest is not 0; word 1: a tag and
 * the words there is room for; then the words, those not in use being 0. 0 has no words and no sign.
 */
struct arith_number {
	const uint32_t *at;
	size_t count;
	bool negative;
};

/* Panics where memory is NULL or does not have that form. */
struct arith_number arith_read(const TEE_BigInt *memory);
/* Words there is room for; panics as arith_read(). */
size_t arith_room(const TEE_BigInt *memory);
/* Leading zeros are dropped, at may lie in dest. Panics where the number does not fit; dest is unchanged then. */
void arith_write(TEE_BigInt *dest, const uint32_t *at, size_t count, bool negative);

/* n of a modular function: panics where it is below least. */
struct arith_number arith_read_modulus(const TEE_BigInt *memory, uint32_t least);
/* value mod n into out, n.count words, the rest of them 0. Not constant time where value is not in 0 to n - 1. */
void arith_reduce(uint32_t *out, struct arith_number value, struct arith_number n);

/* ---- Montgomery's form: a number x below an odd modulus n of count words is kept as x * 2^(32 * count) mod n ---- */

struct arith_modulus {
	const uint32_t *n; /* count words */
	const uint32_t *square; /* 2^(64 * count) mod n, count words */
	size_t count;
	uint32_t inverse; /* -1 / n mod 2^32 */
};

/* n odd, trimmed, above 1. Takes scratch for square, which must outlive the modulus. */
struct arith_modulus arith_modulus_of(const uint32_t *n, size_t count);
/* The inverse alone. */
uint32_t arith_inverse_of(uint32_t lowest);
/* out = a * b / 2^(32 * count) mod n; a and b below n, out may be either. Constant time in a, b. */
void arith_montgomery(uint32_t *out, const uint32_t *a, const uint32_t *b, const struct arith_modulus *m);
/*
 * out = base to the power of exponent, base and out in Montgomery's form. Constant time in base and in the bits of exponent;
 * its count of words shows.
 */
void arith_power(uint32_t *out, const uint32_t *base, const uint32_t *exponent, size_t exponent_count,
		 const struct arith_modulus *m);

#endif
