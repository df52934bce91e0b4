/* Arithmetic with signed numbers (8.8). */
#include "ta/rt/arith.h"

/* dest = a + b. */
static void add_signed(TEE_BigInt *dest, struct arith_number a, struct arith_number b)
{
	bool a_is_larger = arith_compare(a.at, a.count, b.at, b.count) >= 0;
	struct arith_number large = a_is_larger ? a : b, small = a_is_larger ? b : a;

	arith_begin();
	uint32_t *out = arith_take(large.count + 1);

	if (a.negative == b.negative) {
		arith_add(out, large.at, large.count, small.at, small.count);
	} else {
		arith_subtract(out, large.at, large.count, small.at, small.count);
		out[large.count] = 0;
	}
	arith_write(dest, out, large.count + 1, large.negative);
	arith_end();
}

void TEE_BigIntAdd(TEE_BigInt *dest, const TEE_BigInt *op1, const TEE_BigInt *op2)
{
	add_signed(dest, arith_read(op1), arith_read(op2));
}

void TEE_BigIntSub(TEE_BigInt *dest, const TEE_BigInt *op1, const TEE_BigInt *op2)
{
	struct arith_number a = arith_read(op1), b = arith_read(op2);

	b.negative = !b.negative;
	add_signed(dest, a, b);
}

void TEE_BigIntNeg(TEE_BigInt *dest, const TEE_BigInt *op)
{
	struct arith_number number = arith_read(op);

	arith_write(dest, number.at, number.count, !number.negative);
}

void TEE_BigIntMul(TEE_BigInt *dest, const TEE_BigInt *op1, const TEE_BigInt *op2)
{
	struct arith_number a = arith_read(op1), b = arith_read(op2);

	arith_begin();
	uint32_t *out = arith_take(a.count + b.count);

	arith_multiply(out, a.at, a.count, b.at, b.count);
	arith_write(dest, out, a.count + b.count, a.negative != b.negative);
	arith_end();
}

void TEE_BigIntSquare(TEE_BigInt *dest, const TEE_BigInt *op)
{
	TEE_BigIntMul(dest, op, op);
}

void TEE_BigIntDiv(TEE_BigInt *dest_q, TEE_BigInt *dest_r, const TEE_BigInt *op1, const TEE_BigInt *op2)
{
	struct arith_number a = arith_read(op1), b = arith_read(op2);

	if (b.count == 0 || (dest_q && dest_q == dest_r)) {
		arith_panic(TEE_ERROR_BAD_PARAMETERS);
	}
	/* Both results are checked before one is written. */
	size_t q_room = dest_q ? arith_room(dest_q) : a.count, r_room = dest_r ? arith_room(dest_r) : a.count + 1;

	arith_begin();
	uint32_t *q = arith_take(a.count), *r = arith_take(a.count + 1);

	arith_divide(q, r, a.at, a.count, b.at, b.count);
	size_t q_count = arith_trim(q, a.count), r_count = arith_trim(r, a.count + 1);

	if (q_count > q_room || r_count > r_room) {
		arith_panic(TEE_ERROR_OVERFLOW);
	}
	if (dest_q) {
		arith_write(dest_q, q, q_count, a.negative != b.negative);
	}
	if (dest_r) {
		arith_write(dest_r, r, r_count, a.negative);
	}
	arith_end();
}
