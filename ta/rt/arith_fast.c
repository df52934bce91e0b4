/*
 * Fast modular multiplication (8.11), its sizes and initialisation (8.4, 8.5), and TEE_BigIntExpMod, which uses it.
 *
 * A context: word 0: a tag and the words of the modulus; word 1: its inverse; then the modulus and the square of arith_modulus.
 * A TEE_BigIntFMM: word 0: 0 for the number 0, else the words of the modulus; word 1: a tag and the words there is room for; then
 * Montgomery's form, its leading zeros included.
 */
#include "ta/rt/arith.h"

#define TAG_MASK (UINT32_C(0xFFFF) << 16)
#define TAG_CONTEXT (UINT32_C(0xF33C) << 16)
#define TAG_FAST (UINT32_C(0xF331) << 16)
#define HEADER 2

static size_t words_of(size_t bits)
{
	if (bits > ARITH_BITS_MAX) {
		arith_panic(TEE_ERROR_BAD_PARAMETERS);
	}
	return (bits + 31) / 32;
}

size_t TEE_BigIntFMMSizeInU32(size_t modulusSizeInBits)
{
	return HEADER + words_of(modulusSizeInBits);
}

size_t TEE_BigIntFMMContextSizeInU32(size_t modulusSizeInBits)
{
	return HEADER + 2 * words_of(modulusSizeInBits);
}

void TEE_BigIntInitFMM(TEE_BigIntFMM *bigIntFMM, size_t len)
{
	if (!bigIntFMM || len < HEADER || len > HEADER + ARITH_NUMBER_MAX) {
		arith_panic(TEE_ERROR_BAD_PARAMETERS);
	}
	arith_zero(bigIntFMM, len);
	bigIntFMM[1] = TAG_FAST | (uint32_t)(len - HEADER);
}

/* 3 to gpd.tee.arith.maxBigIntSize bits, or a panic. */
static struct arith_number read_fast_modulus(const TEE_BigInt *memory)
{
	struct arith_number n = arith_read_modulus(memory, 3);

	if (n.count > ARITH_MODULUS_MAX) {
		arith_panic(TEE_ERROR_BAD_PARAMETERS);
	}
	return n;
}

TEE_Result TEE_BigIntInitFMMContext1(TEE_BigIntFMMContext *context, size_t len, const TEE_BigInt *modulus)
{
	struct arith_number n = read_fast_modulus(modulus);

	if (!context || len < HEADER + 2 * n.count) {
		arith_panic(TEE_ERROR_BAD_PARAMETERS);
	}
	if (n.at[0] % 2 == 0) {
		return TEE_ERROR_NOT_SUPPORTED;
	}
	arith_begin();
	struct arith_modulus m = arith_modulus_of(n.at, n.count);

	context[0] = TAG_CONTEXT | (uint32_t)n.count;
	context[1] = m.inverse;
	arith_copy(context + HEADER, n.at, n.count);
	arith_copy(context + HEADER + n.count, m.square, n.count);
	arith_end();
	return TEE_SUCCESS;
}

void TEE_BigIntInitFMMContext(TEE_BigIntFMMContext *context, size_t len, const TEE_BigInt *modulus)
{
	if (TEE_BigIntInitFMMContext1(context, len, modulus) != TEE_SUCCESS) {
		arith_panic(TEE_ERROR_NOT_SUPPORTED);
	}
}

/* The modulus that context is for, which must be n. */
static struct arith_modulus read_context(const TEE_BigIntFMMContext *context, const TEE_BigInt *n)
{
	struct arith_number modulus = read_fast_modulus(n);

	if (!context || (context[0] & TAG_MASK) != TAG_CONTEXT) {
		arith_panic(TEE_ERROR_BAD_FORMAT);
	}
	if (arith_compare(context + HEADER, context[0] & ~TAG_MASK, modulus.at, modulus.count) != 0) {
		arith_panic(TEE_ERROR_BAD_PARAMETERS);
	}
	return (struct arith_modulus){ context + HEADER, context + HEADER + modulus.count, modulus.count, context[1] };
}

static size_t fast_room(const TEE_BigIntFMM *memory)
{
	if (!memory || (memory[1] & TAG_MASK) != TAG_FAST || (memory[1] & ~TAG_MASK) > ARITH_NUMBER_MAX) {
		arith_panic(TEE_ERROR_BAD_FORMAT);
	}
	return memory[1] & ~TAG_MASK;
}

/* The words of a number of this modulus, in scratch. */
static uint32_t *read_fast(const TEE_BigIntFMM *memory, const struct arith_modulus *m)
{
	size_t room = fast_room(memory), count = memory[0];

	if (count > room || (count != 0 && count != m->count)) {
		arith_panic(TEE_ERROR_BAD_PARAMETERS);
	}
	uint32_t *out = arith_take(m->count);

	arith_copy(out, memory + HEADER, count);
	arith_zero(out + count, m->count - count);
	return out;
}

static void write_fast(TEE_BigIntFMM *dest, const uint32_t *at, const struct arith_modulus *m)
{
	size_t room = fast_room(dest);

	if (m->count > room) {
		arith_panic(TEE_ERROR_OVERFLOW);
	}
	arith_copy(dest + HEADER, at, m->count);
	arith_zero(dest + HEADER + m->count, room - m->count);
	dest[0] = (uint32_t)m->count;
}

void TEE_BigIntConvertToFMM(TEE_BigIntFMM *dest, const TEE_BigInt *src, const TEE_BigInt *n,
			    const TEE_BigIntFMMContext *context)
{
	struct arith_modulus m = read_context(context, n);
	struct arith_number value = arith_read(src);

	arith_begin();
	uint32_t *out = arith_take(m.count);

	arith_reduce(out, value, (struct arith_number){ m.n, m.count, false });
	arith_montgomery(out, out, m.square, &m);
	write_fast(dest, out, &m);
	arith_end();
}

void TEE_BigIntConvertFromFMM(TEE_BigInt *dest, const TEE_BigIntFMM *src, const TEE_BigInt *n,
			      const TEE_BigIntFMMContext *context)
{
	struct arith_modulus m = read_context(context, n);

	arith_begin();
	uint32_t *out = read_fast(src, &m), *one = arith_take(m.count);

	arith_zero(one, m.count);
	one[0] = 1;
	arith_montgomery(out, out, one, &m);
	arith_write(dest, out, m.count, false);
	arith_end();
}

void TEE_BigIntComputeFMM(TEE_BigIntFMM *dest, const TEE_BigIntFMM *op1, const TEE_BigIntFMM *op2, const TEE_BigInt *n,
			  const TEE_BigIntFMMContext *context)
{
	struct arith_modulus m = read_context(context, n);

	arith_begin();
	uint32_t *left = read_fast(op1, &m), *right = read_fast(op2, &m);

	arith_montgomery(left, left, right, &m);
	write_fast(dest, left, &m);
	arith_end();
}

TEE_Result TEE_BigIntExpMod(TEE_BigInt *dest, const TEE_BigInt *op1, const TEE_BigInt *op2, const TEE_BigInt *n,
			    const TEE_BigIntFMMContext *context)
{
	struct arith_number base = arith_read(op1), exponent = arith_read(op2), modulus = read_fast_modulus(n);

	if (exponent.negative) {
		arith_panic(TEE_ERROR_BAD_PARAMETERS);
	}
	if (modulus.at[0] % 2 == 0) {
		return TEE_ERROR_NOT_SUPPORTED;
	}
	arith_begin();
	struct arith_modulus m = context ? read_context(context, n) : arith_modulus_of(modulus.at, modulus.count);
	uint32_t *out = arith_take(m.count), *one = arith_take(m.count);

	arith_reduce(out, base, modulus);
	arith_montgomery(out, out, m.square, &m);
	arith_power(out, out, exponent.at, exponent.count, &m);
	arith_zero(one, m.count);
	one[0] = 1;
	arith_montgomery(out, out, one, &m);
	arith_write(dest, out, m.count, false);
	arith_end();
	return TEE_SUCCESS;
}
