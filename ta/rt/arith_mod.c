/* Modular arithmetic (8.9) but for powers and inverses. */
#include "ta/rt/arith.h"

struct arith_number arith_read_modulus(const TEE_BigInt *memory, uint32_t least)
{
	struct arith_number n = arith_read(memory);

	if (n.negative || arith_compare(n.at, n.count, &least, 1) < 0) {
		arith_panic(TEE_ERROR_BAD_PARAMETERS);
	}
	return n;
}

/* In constant time, but for the counts. */
static bool is_below(struct arith_number value, struct arith_number n)
{
	if (value.count != n.count) {
		return value.count < n.count;
	}
	return arith_subtract(arith_take(n.count), value.at, value.count, n.at, n.count) == 1;
}

void arith_reduce(uint32_t *out, struct arith_number value, struct arith_number n)
{
	size_t mark = arith_mark();
	const uint32_t *rest = value.at;
	size_t count = value.count;

	if (!is_below(value, n)) {
		uint32_t *r = arith_take(value.count + 1);

		arith_divide(NULL, r, value.at, value.count, n.at, n.count);
		rest = r;
		count = n.count;
	}
	arith_copy(out, rest, count);
	arith_zero(out + count, n.count - count);
	if (value.negative && arith_trim(out, n.count) > 0) {
		arith_subtract(out, n.at, n.count, out, n.count);
	}
	arith_release(mark);
}

void TEE_BigIntMod(TEE_BigInt *dest, const TEE_BigInt *op, const TEE_BigInt *n)
{
	struct arith_number value = arith_read(op), modulus = arith_read_modulus(n, 2);

	arith_begin();
	uint32_t *out = arith_take(modulus.count);

	arith_reduce(out, value, modulus);
	arith_write(dest, out, modulus.count, false);
	arith_end();
}

/* dest = a + b mod n. */
static void add_modulo(TEE_BigInt *dest, struct arith_number a, struct arith_number b, struct arith_number n)
{
	arith_begin();
	uint32_t *sum = arith_take(n.count + 1), *other = arith_take(n.count);

	arith_reduce(sum, a, n);
	arith_reduce(other, b, n);
	arith_add(sum, sum, n.count, other, n.count);
	if (arith_compare(sum, arith_trim(sum, n.count + 1), n.at, n.count) >= 0) {
		arith_subtract(sum, sum, n.count + 1, n.at, n.count);
	}
	arith_write(dest, sum, n.count + 1, false);
	arith_end();
}

void TEE_BigIntAddMod(TEE_BigInt *dest, const TEE_BigInt *op1, const TEE_BigInt *op2, const TEE_BigInt *n)
{
	add_modulo(dest, arith_read(op1), arith_read(op2), arith_read_modulus(n, 2));
}

void TEE_BigIntSubMod(TEE_BigInt *dest, const TEE_BigInt *op1, const TEE_BigInt *op2, const TEE_BigInt *n)
{
	struct arith_number b = arith_read(op2);

	b.negative = !b.negative;
	add_modulo(dest, arith_read(op1), b, arith_read_modulus(n, 2));
}

void TEE_BigIntMulMod(TEE_BigInt *dest, const TEE_BigInt *op1, const TEE_BigInt *op2, const TEE_BigInt *n)
{
	struct arith_number a = arith_read(op1), b = arith_read(op2), modulus = arith_read_modulus(n, 2);
	size_t count = modulus.count;

	arith_begin();
	uint32_t *left = arith_take(count), *right = arith_take(count), *product = arith_take(2 * count);

	arith_reduce(left, a, modulus);
	arith_reduce(right, b, modulus);
	arith_multiply(product, left, count, right, count);
	arith_reduce(left, (struct arith_number){ product, arith_trim(product, 2 * count), false }, modulus);
	arith_write(dest, left, count, false);
	arith_end();
}

void TEE_BigIntSquareMod(TEE_BigInt *dest, const TEE_BigInt *op, const TEE_BigInt *n)
{
	TEE_BigIntMulMod(dest, op, op, n);
}
