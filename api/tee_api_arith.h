/*
 * GlobalPlatform TEE Internal Core API 1.3.1, chapter 8: arithmetic with big integers.
 *
 * Part of tee_internal_api.h, which says what holds for every function. A TEE_BigInt is memory of the TA: the
 * TA reserves TEE_BigIntSizeInU32(bits) words, initialises them, and passes the pointer; numbers have a sign.
 * Property gpd.tee.arith.maxBigIntSize is the largest input in bits. Results may be written over operands, also
 * where two operands are one; two results of one call are never the same memory, and nothing overlaps in part.
 *
 * All functions but those that say so panic where an argument is not initialised, and where the result does not
 * fit into its destination: "dest is too small".
 *
 * What is constant time in this implementation: TEE_BigIntExpMod, TEE_BigIntComputeFMM and conversion to and
 * from FMM, in the values (not the sizes) of what they get, as long as base and operand are below the modulus.
 * The others are not: they are for values that may be known, or are blinded by the caller.
 */
#ifndef TEE_API_ARITH_H
#define TEE_API_ARITH_H

#include "tee_api_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- 8.4 sizes; TEE_BigIntSizeInU32 is a macro ---- */

/*
 * Words that a context for moduli of that many bits needs.
 * Errors: none.
 * Panics: modulusSizeInBits is above gpd.tee.arith.maxBigIntSize.
 */
size_t TEE_BigIntFMMContextSizeInU32(size_t modulusSizeInBits);

/*
 * Words that a TEE_BigIntFMM for moduli of that many bits needs.
 * Errors: none.
 * Panics: modulusSizeInBits is above gpd.tee.arith.maxBigIntSize.
 */
size_t TEE_BigIntFMMSizeInU32(size_t modulusSizeInBits);

/* ---- 8.5 initialisation ---- */

/*
 * Make len words a TEE_BigInt of value 0. Whatever they held is lost, not freed: there is nothing to free.
 * Errors: none.
 * Panics: len is below TEE_BigIntSizeInU32(0), or above what there is room for (twice
 * gpd.tee.arith.maxBigIntSize).
 */
void TEE_BigIntInit(TEE_BigInt *bigInt, size_t len);

/*
 * Deprecated form of TEE_BigIntInitFMMContext1.
 * Errors: none can be told.
 * Panics: as TEE_BigIntInitFMMContext1, and where that returns an error.
 */
void TEE_BigIntInitFMMContext(TEE_BigIntFMMContext *context, size_t len, const TEE_BigInt *modulus);

/*
 * Make len words a context: what fast multiplication by this modulus needs beforehand.
 * Errors: TEE_ERROR_NOT_SUPPORTED (the modulus is even).
 * Panics: modulus is below 3, or above gpd.tee.arith.maxBigIntSize bits; len is too small for it.
 */
TEE_Result TEE_BigIntInitFMMContext1(TEE_BigIntFMMContext *context, size_t len, const TEE_BigInt *modulus);

/*
 * Make len words a TEE_BigIntFMM of value 0.
 * Errors: none.
 * Panics: len is below TEE_BigIntFMMSizeInU32(0), or above what there is room for.
 */
void TEE_BigIntInitFMM(TEE_BigIntFMM *bigIntFMM, size_t len);

/* ---- 8.6 conversion ---- */

/*
 * dest = the number in buffer, big endian; negative where sign is.
 * Errors: TEE_ERROR_OVERFLOW (dest is too small; it is unchanged).
 * Panics: buffer cannot be read.
 */
TEE_Result TEE_BigIntConvertFromOctetString(TEE_BigInt *dest, const uint8_t *buffer, size_t bufferLen, int32_t sign);

/*
 * buffer = |bigInt|, big endian, without leading zeros: 0 has no bytes.
 * Errors: TEE_ERROR_SHORT_BUFFER.
 * Panics: buffer cannot be written.
 */
TEE_Result TEE_BigIntConvertToOctetString(uint8_t *buffer, size_t *bufferLen, const TEE_BigInt *bigInt);

/*
 * dest = shortVal.
 * Errors: none.
 * Panics: dest is too small.
 */
void TEE_BigIntConvertFromS32(TEE_BigInt *dest, int32_t shortVal);

/*
 * *dest = src.
 * Errors: TEE_ERROR_OVERFLOW (src is not in -2^31 to 2^31 - 1; *dest is unchanged).
 * Panics: src is not initialised.
 */
TEE_Result TEE_BigIntConvertToS32(int32_t *dest, const TEE_BigInt *src);

/* ---- 8.7 comparison, bits ---- */

/*
 * 0 where op1 = op2, a positive number where op1 > op2, a negative one where op1 < op2.
 * Errors: none.
 * Panics: op1 or op2 is not initialised.
 */
int32_t TEE_BigIntCmp(const TEE_BigInt *op1, const TEE_BigInt *op2);

/*
 * As TEE_BigIntCmp, with a short number.
 * Errors: none.
 * Panics: op is not initialised.
 */
int32_t TEE_BigIntCmpS32(const TEE_BigInt *op, int32_t shortVal);

/*
 * |dest| = |op| >> bits, with op's sign; 0 where nothing is left.
 * Errors: none.
 * Panics: dest is too small.
 */
void TEE_BigIntShiftRight(TEE_BigInt *dest, const TEE_BigInt *op, size_t bits);

/*
 * Bit bitIndex of |src|, 0 being the lowest; false above the highest.
 * Errors: none.
 * Panics: src is not initialised.
 */
bool TEE_BigIntGetBit(const TEE_BigInt *src, uint32_t bitIndex);

/*
 * Bits that |src| needs; 0 for 0.
 * Errors: none.
 * Panics: src is not initialised.
 */
uint32_t TEE_BigIntGetBitCount(const TEE_BigInt *src);

/*
 * Set bit bitIndex of |op| to value; the sign stays.
 * Errors: TEE_ERROR_OVERFLOW (op has no room for such a bit, whatever value is; it is unchanged).
 * Panics: op is not initialised.
 */
TEE_Result TEE_BigIntSetBit(TEE_BigInt *op, uint32_t bitIndex, bool value);

/*
 * dest = src.
 * Errors: TEE_ERROR_OVERFLOW (dest is too small; it is unchanged).
 * Panics: dest or src is not initialised.
 */
TEE_Result TEE_BigIntAssign(TEE_BigInt *dest, const TEE_BigInt *src);

/*
 * dest = |src|.
 * Errors: TEE_ERROR_OVERFLOW (dest is too small; it is unchanged).
 * Panics: dest or src is not initialised.
 */
TEE_Result TEE_BigIntAbs(TEE_BigInt *dest, const TEE_BigInt *src);

/* ---- 8.8 arithmetic ---- */

/*
 * dest = op1 + op2.
 * Errors: none.
 * Panics: dest is too small.
 */
void TEE_BigIntAdd(TEE_BigInt *dest, const TEE_BigInt *op1, const TEE_BigInt *op2);

/*
 * dest = op1 - op2.
 * Errors: none.
 * Panics: dest is too small.
 */
void TEE_BigIntSub(TEE_BigInt *dest, const TEE_BigInt *op1, const TEE_BigInt *op2);

/*
 * dest = -op.
 * Errors: none.
 * Panics: dest is too small.
 */
void TEE_BigIntNeg(TEE_BigInt *dest, const TEE_BigInt *op);

/*
 * dest = op1 * op2.
 * Errors: none.
 * Panics: dest is too small.
 */
void TEE_BigIntMul(TEE_BigInt *dest, const TEE_BigInt *op1, const TEE_BigInt *op2);

/*
 * dest = op * op.
 * Errors: none.
 * Panics: dest is too small.
 */
void TEE_BigIntSquare(TEE_BigInt *dest, const TEE_BigInt *op);

/*
 * op1 = dest_q * op2 + dest_r, |dest_r| < |op2|, rounded towards 0: dest_r is 0 or has op1's sign. Either may
 * be NULL.
 * Errors: none.
 * Panics: op2 = 0; dest_q or dest_r is too small; they are the same memory.
 */
void TEE_BigIntDiv(TEE_BigInt *dest_q, TEE_BigInt *dest_r, const TEE_BigInt *op1, const TEE_BigInt *op2);

/* ---- 8.9 modular arithmetic: results lie in 0 to n - 1 ---- */

/*
 * dest = op mod n.
 * Errors: none.
 * Panics: n < 2; dest is too small.
 */
void TEE_BigIntMod(TEE_BigInt *dest, const TEE_BigInt *op, const TEE_BigInt *n);

/*
 * dest = op1 + op2 mod n.
 * Errors: none.
 * Panics: n < 2; dest is too small.
 */
void TEE_BigIntAddMod(TEE_BigInt *dest, const TEE_BigInt *op1, const TEE_BigInt *op2, const TEE_BigInt *n);

/*
 * dest = op1 - op2 mod n.
 * Errors: none.
 * Panics: n < 2; dest is too small.
 */
void TEE_BigIntSubMod(TEE_BigInt *dest, const TEE_BigInt *op1, const TEE_BigInt *op2, const TEE_BigInt *n);

/*
 * dest = op1 * op2 mod n.
 * Errors: none.
 * Panics: n < 2; dest is too small.
 */
void TEE_BigIntMulMod(TEE_BigInt *dest, const TEE_BigInt *op1, const TEE_BigInt *op2, const TEE_BigInt *n);

/*
 * dest = op * op mod n.
 * Errors: none.
 * Panics: n < 2; dest is too small.
 */
void TEE_BigIntSquareMod(TEE_BigInt *dest, const TEE_BigInt *op, const TEE_BigInt *n);

/*
 * dest = the number whose product with op is 1 mod n. Not constant time: blind op where it is secret.
 * Errors: none.
 * Panics: n < 2; op is 0 or has a common divisor with n; dest is too small.
 */
void TEE_BigIntInvMod(TEE_BigInt *dest, const TEE_BigInt *op, const TEE_BigInt *n);

/*
 * dest = op1 to the power of op2, mod n. context: NULL, or that of this modulus. Constant time in the bits of
 * op2.
 * Errors: TEE_ERROR_NOT_SUPPORTED (n is even).
 * Panics: n < 3; op2 < 0; n has more than gpd.tee.arith.maxBigIntSize bits; context is of another modulus; dest
 * is too small.
 */
TEE_Result TEE_BigIntExpMod(TEE_BigInt *dest, const TEE_BigInt *op1, const TEE_BigInt *op2, const TEE_BigInt *n,
			    const TEE_BigIntFMMContext *context);

/* ---- 8.10 divisors and primes ---- */

/*
 * Is 1 the only positive common divisor? The greatest one of 0 and 0 is 0, so those are not.
 * Errors: none.
 * Panics: op1 or op2 is not initialised.
 */
bool TEE_BigIntRelativePrime(const TEE_BigInt *op1, const TEE_BigInt *op2);

/*
 * gcd = the greatest common divisor, and u * op1 + v * op2 = gcd. u and v may be NULL, each. |u| <= |op2 / gcd|
 * and |v| <= |op1 / gcd|, or 1.
 * Errors: none.
 * Panics: op1 and op2 are both 0; gcd, u or v is too small; two of them are the same memory.
 */
void TEE_BigIntComputeExtendedGcd(TEE_BigInt *gcd, TEE_BigInt *u, TEE_BigInt *v, const TEE_BigInt *op1,
				  const TEE_BigInt *op2);

/*
 * 0: op is composite, or below 2; 1: it is prime; -1: it is prime but for a chance below 2^-confidenceLevel,
 * and one of 80 at least, over the function's own randomness.
 * Errors: none.
 * Panics: op is above gpd.tee.arith.maxBigIntSize bits; there is no randomness.
 */
int32_t TEE_BigIntIsProbablePrime(const TEE_BigInt *op, uint32_t confidenceLevel);

/* ---- 8.11 fast modular multiplication ---- */

/*
 * dest = src mod n, in the form that TEE_BigIntComputeFMM takes.
 * Errors: none.
 * Panics: context is not initialised, or for another modulus than n; dest is too small.
 */
void TEE_BigIntConvertToFMM(TEE_BigIntFMM *dest, const TEE_BigInt *src, const TEE_BigInt *n,
			    const TEE_BigIntFMMContext *context);

/*
 * dest = src, back from that form; in 0 to n - 1.
 * Errors: none.
 * Panics: context is not initialised, or for another modulus than n; src is not of this modulus; dest is too
 * small.
 */
void TEE_BigIntConvertFromFMM(TEE_BigInt *dest, const TEE_BigIntFMM *src, const TEE_BigInt *n,
			      const TEE_BigIntFMMContext *context);

/*
 * dest = op1 * op2 mod n, all three in that form.
 * Errors: none.
 * Panics: context is not initialised, or for another modulus than n; op1 or op2 is not of this modulus; dest is
 * too small.
 */
void TEE_BigIntComputeFMM(TEE_BigIntFMM *dest, const TEE_BigIntFMM *op1, const TEE_BigIntFMM *op2, const TEE_BigInt *n,
			  const TEE_BigIntFMMContext *context);

#ifdef __cplusplus
}
#endif

#endif
