/*
 * Common divisors and inverses (8.9, 8.10), by Euclid's algorithm with its cofactors. Not constant time: how many steps there
 * are, and how long each takes, depends on both numbers.
 */
#include "ta/rt/arith.h"

/*
 * Two lines of the algorithm: a * u + b * v = rest, for |a| and |b|. The signs of u and v alternate from line to line and
 * oppose each other, so magnitudes are enough; they never exceed |b| and |a|, the last line's being |b| / gcd and |a| / gcd.
 */
struct line {
	uint32_t *rest, *u, *v; /* room + 1 words each; v NULL where it is not asked for */
};

struct euclid {
	struct line line[2];
	uint32_t *quotient, *spare;
	size_t room;
	bool u_negative; /* in line[0]; v has the other sign */
};

static void euclid_begin(struct euclid *e, struct arith_number a, struct arith_number b, bool with_v)
{
	e->room = a.count > b.count ? a.count : b.count;
	for (int i = 0; i < 2; i++) {
		e->line[i].rest = arith_take(e->room + 1);
		e->line[i].u = arith_take(e->room + 1);
		e->line[i].v = with_v ? arith_take(e->room + 1) : NULL;
		arith_zero(e->line[i].rest, e->room + 1);
		arith_zero(e->line[i].u, e->room + 1);
		if (with_v) {
			arith_zero(e->line[i].v, e->room + 1);
		}
	}
	e->quotient = arith_take(e->room + 1);
	e->spare = arith_take(2 * e->room + 2);
	e->u_negative = false;
	arith_copy(e->line[0].rest, a.at, a.count);
	arith_copy(e->line[1].rest, b.at, b.count);
	e->line[0].u[0] = 1;
	if (with_v) {
		e->line[1].v[0] = 1;
	}
}

/* *old = *old + quotient * now, then they change places. */
static void next_cofactor(struct euclid *e, uint32_t **old, uint32_t **now, size_t quotient_count)
{
	size_t now_count = arith_trim(*now, e->room + 1), count = quotient_count + now_count;
	uint32_t *kept = *now;

	arith_multiply(e->spare, e->quotient, quotient_count, *now, now_count);
	count = arith_trim(e->spare, count);
	/* By the bound above count is at most room, and the sum fits. */
	if (count > e->room) {
		arith_panic(TEE_ERROR_GENERIC);
	}
	arith_add(*old, *old, e->room, e->spare, count);
	*now = *old;
	*old = kept;
}

/* Go on until line[1].rest is 0; line[0] is then the greatest common divisor with its cofactors. */
static void euclid_run(struct euclid *e)
{
	for (size_t count = arith_trim(e->line[1].rest, e->room); count > 0;
	     count = arith_trim(e->line[1].rest, e->room)) {
		uint32_t *old = e->line[0].rest;

		arith_copy(e->spare, old, e->room);
		/* spare is dividend, old its remainder: it changes places with the divisor. */
		arith_divide(e->quotient, old, e->spare, e->room, e->line[1].rest, count);
		e->line[0].rest = e->line[1].rest;
		e->line[1].rest = old;

		size_t quotient_count = arith_trim(e->quotient, e->room);

		next_cofactor(e, &e->line[0].u, &e->line[1].u, quotient_count);
		if (e->line[0].v) {
			next_cofactor(e, &e->line[0].v, &e->line[1].v, quotient_count);
		}
		e->u_negative = !e->u_negative;
	}
}

static bool is_one(const uint32_t *at, size_t count)
{
	return arith_trim(at, count) == 1 && at[0] == 1;
}

void TEE_BigIntInvMod(TEE_BigInt *dest, const TEE_BigInt *op, const TEE_BigInt *n)
{
	struct arith_number value = arith_read(op), modulus = arith_read_modulus(n, 2);
	struct euclid e;

	arith_begin();
	uint32_t *reduced = arith_take(modulus.count);

	arith_reduce(reduced, value, modulus);
	euclid_begin(&e, (struct arith_number){ reduced, arith_trim(reduced, modulus.count), false }, modulus, false);
	euclid_run(&e);
	if (!is_one(e.line[0].rest, e.room)) {
		arith_panic(TEE_ERROR_BAD_PARAMETERS);
	}
	if (e.u_negative) {
		arith_subtract(e.line[0].u, modulus.at, modulus.count, e.line[0].u, modulus.count);
	}
	arith_write(dest, e.line[0].u, modulus.count, false);
	arith_end();
}

bool TEE_BigIntRelativePrime(const TEE_BigInt *op1, const TEE_BigInt *op2)
{
	struct arith_number a = arith_read(op1), b = arith_read(op2);
	struct euclid e;

	arith_begin();
	euclid_begin(&e, a, b, false);
	euclid_run(&e);
	bool are_prime = is_one(e.line[0].rest, e.room);

	arith_end();
	return are_prime;
}

void TEE_BigIntComputeExtendedGcd(TEE_BigInt *gcd, TEE_BigInt *u, TEE_BigInt *v, const TEE_BigInt *op1,
				  const TEE_BigInt *op2)
{
	struct arith_number a = arith_read(op1), b = arith_read(op2);
	struct euclid e;

	if ((a.count == 0 && b.count == 0) || gcd == u || gcd == v || (u && u == v)) {
		arith_panic(TEE_ERROR_BAD_PARAMETERS);
	}
	size_t gcd_room = arith_room(gcd), u_room = u ? arith_room(u) : SIZE_MAX, v_room = v ? arith_room(v) : SIZE_MAX;

	arith_begin();
	euclid_begin(&e, a, b, true);
	/* Of |a| = |b| the first is taken: 1 and 0, not 0 and 1. */
	if (arith_compare(a.at, a.count, b.at, b.count) == 0) {
		arith_zero(e.line[1].rest, e.room);
	}
	euclid_run(&e);
	if (arith_trim(e.line[0].rest, e.room) > gcd_room || arith_trim(e.line[0].u, e.room) > u_room ||
	    arith_trim(e.line[0].v, e.room) > v_room) {
		arith_panic(TEE_ERROR_OVERFLOW);
	}
	/* The operands may lie where results go, so their signs are in a and b. */
	arith_write(gcd, e.line[0].rest, e.room, false);
	if (u) {
		arith_write(u, e.line[0].u, e.room, e.u_negative != a.negative);
	}
	if (v) {
		arith_write(v, e.line[0].v, e.room, !e.u_negative != b.negative);
	}
	arith_end();
}
