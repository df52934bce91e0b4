/* The prime test of 8.10: trial division, then Miller and Rabin's test (Handbook of Applied Cryptography, 4.24). */
#include "ta/rt/arith.h"

#define CONFIDENCE_LEAST 80 /* 8.10.3: lower levels mean this one */
#define BASE_TRIES_MAX 128 /* each has a chance of a half at least */

/* The primes below 256. What none of them divides and is below 257 squared is prime. */
static const uint8_t small_primes[] = { 2,   3,	  5,   7,   11,	 13,  17,  19,	23,  29,  31,  37,  41,	 43,
					47,  53,  59,  61,  67,	 71,  73,  79,	83,  89,  97,  101, 103, 107,
					109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167, 173, 179, 181,
					191, 193, 197, 199, 211, 223, 227, 229, 233, 239, 241, 251 };
#define SMALL_PRIMES (sizeof(small_primes) / sizeof(small_primes[0]))

/*
 * Below 2^64 no composite number passes with all of these first primes as bases (Sorenson, Webster: Strong pseudoprimes to
 * twelve prime bases, 2015: none below 3.18 * 10^23).
 */
#define SURE_BASES 12

struct candidate {
	struct arith_modulus m;
	uint32_t *odd; /* n - 1 = odd * 2^twos */
	size_t twos;
	uint32_t *one, *minus_one; /* 1 and n - 1 in Montgomery's form */
};

static bool equal(const uint32_t *a, const uint32_t *b, size_t count)
{
	uint32_t differ = 0;

	for (size_t i = 0; i < count; i++) {
		differ |= a[i] ^ b[i];
	}
	return differ == 0;
}

static struct candidate candidate_of(struct arith_number n)
{
	struct candidate c = { .m = arith_modulus_of(n.at, n.count) };

	c.odd = arith_take(n.count);
	c.one = arith_take(n.count);
	c.minus_one = arith_take(n.count);
	arith_zero(c.one, n.count);
	c.one[0] = 1;
	arith_subtract(c.odd, n.at, n.count, c.one, n.count);
	while ((c.odd[c.twos / 32] >> c.twos % 32 & 1) == 0) {
		c.twos++;
	}
	arith_shift_right(c.odd, c.odd, n.count, c.twos);
	arith_montgomery(c.one, c.one, c.m.square, &c.m);
	arith_subtract(c.minus_one, n.at, n.count, c.one, n.count);
	return c;
}

/* Does n pass with this base, of 2 to n - 2? */
static bool passes(const struct candidate *c, const uint32_t *base)
{
	size_t mark = arith_mark(), count = c->m.count;
	uint32_t *x = arith_take(count);

	arith_montgomery(x, base, c->m.square, &c->m);
	arith_power(x, x, c->odd, count, &c->m);
	bool passed = equal(x, c->one, count) || equal(x, c->minus_one, count);

	for (size_t i = 1; i < c->twos && !passed; i++) {
		arith_montgomery(x, x, x, &c->m);
		passed = equal(x, c->minus_one, count);
	}
	arith_release(mark);
	return passed;
}

/* base = a random number of 2 to n - 2, every one as likely. */
static void random_base(uint32_t *base, struct arith_number n)
{
	size_t mark = arith_mark(), top_bits = arith_bits(n.at, n.count) - (n.count - 1) * 32;
	uint32_t *next = arith_take(n.count + 1);

	for (int i = 0; i < BASE_TRIES_MAX; i++) {
		TEE_GenerateRandom(base, n.count * sizeof(*base));
		base[n.count - 1] &= UINT32_MAX >> (32 - top_bits);
		/* 1 < base and base + 1 < n. */
		arith_add(next, base, n.count, (const uint32_t[]){ 1 }, 1);
		if (arith_bits(base, n.count) > 1 &&
		    arith_compare(next, arith_trim(next, n.count + 1), n.at, n.count) < 0) {
			arith_release(mark);
			return;
		}
	}
	arith_panic(TEE_ERROR_GENERIC);
}

/* n is odd, at least 257 squared or so, and has no small divisor. */
static int32_t test(struct arith_number n, uint32_t confidence)
{
	struct candidate c = candidate_of(n);
	uint32_t *base = arith_take(n.count);

	if (arith_bits(n.at, n.count) <= 64) {
		for (size_t i = 0; i < SURE_BASES; i++) {
			arith_zero(base, n.count);
			base[0] = small_primes[i];
			if (!passes(&c, base)) {
				return 0;
			}
		}
		return 1;
	}
	if (confidence < CONFIDENCE_LEAST) {
		confidence = CONFIDENCE_LEAST;
	}
	/* A composite number passes with at most a quarter of the bases. */
	for (uint32_t round = 0; round < confidence / 2 + confidence % 2; round++) {
		random_base(base, n);
		if (!passes(&c, base)) {
			return 0;
		}
	}
	return -1;
}

int32_t TEE_BigIntIsProbablePrime(const TEE_BigInt *op, uint32_t confidenceLevel)
{
	struct arith_number n = arith_read(op);

	if (n.count > ARITH_MODULUS_MAX) {
		arith_panic(TEE_ERROR_BAD_PARAMETERS);
	}
	if (n.negative || n.count == 0 || (n.count == 1 && n.at[0] < 2)) {
		return 0;
	}
	for (size_t i = 0; i < SMALL_PRIMES; i++) {
		if (arith_modulo_short(n.at, n.count, small_primes[i]) == 0) {
			return n.count == 1 && n.at[0] == small_primes[i];
		}
	}
	if (n.count == 1 && n.at[0] < 257 * 257) {
		return 1;
	}
	arith_begin();
	int32_t verdict = test(n, confidenceLevel);

	arith_end();
	return verdict;
}
