/*
 * Big integers of ta/rt: each reason to panic, each error, and what memory holds before and after. Values are compared with
 * Python's by test_gp_arith_random.
 */
#include "api/tee_internal_api.h"
#include "test/test.h"

#include <setjmp.h>
#include <string.h>

#define ROOM_MAX 256 /* words of a number, twice gpd.tee.arith.maxBigIntSize */
#define MODULUS_MAX 128

static jmp_buf panicked;
static TEE_Result panic_code;
static uint8_t random_byte;
static bool random_is_stuck;
static size_t random_calls;

void TEE_Panic(TEE_Result panicCode)
{
	panic_code = panicCode;
	longjmp(panicked, 1);
}

void TEE_GenerateRandom(void *randomBuffer, size_t randomBufferLen)
{
	random_calls++;
	for (size_t i = 0; i < randomBufferLen; i++) {
		((uint8_t *)randomBuffer)[i] = random_is_stuck ? random_byte : (uint8_t)(random_byte += 37);
	}
}

/* The call panics, with this code. */
#define PANICS(call, code, why)                                                                                        \
	do {                                                                                                           \
		if (setjmp(panicked) == 0) {                                                                           \
			call;                                                                                          \
			CHECK(false, why);                                                                             \
		} else {                                                                                               \
			CHECK(panic_code == (code), why);                                                              \
		}                                                                                                      \
	} while (0)

/* A number with room for that many words, of hexadecimal text. */
static TEE_BigInt *number(const char *text, size_t room)
{
	struct bytes value = hex(text + (*text == '-'));
	TEE_BigInt *at = test_alloc((room + 2) * sizeof(*at));

	TEE_BigIntInit(at, room + 2);
	CHECK(TEE_BigIntConvertFromOctetString(at, value.at, value.size, *text == '-' ? -1 : 1) == TEE_SUCCESS, text);
	return at;
}

static TEE_BigInt *short_number(int32_t value)
{
	TEE_BigInt *at = number("00", 1);

	TEE_BigIntConvertFromS32(at, value);
	return at;
}

/* 2^bits - 1. */
static TEE_BigInt *ones(size_t bits)
{
	TEE_BigInt *at = number("00", (bits + 31) / 32);

	for (uint32_t i = 0; i < bits; i++) {
		CHECK(TEE_BigIntSetBit(at, i, true) == TEE_SUCCESS, "a bit");
	}
	return at;
}

static bool is(const TEE_BigInt *at, int32_t value)
{
	return TEE_BigIntCmpS32(at, value) == 0;
}

static TEE_BigIntFMMContext *context_of(const TEE_BigInt *n)
{
	size_t size = TEE_BigIntFMMContextSizeInU32(TEE_BigIntGetBitCount(n));
	TEE_BigIntFMMContext *context = test_alloc(size * sizeof(*context));

	TEE_BigIntInitFMMContext(context, size, n);
	return context;
}

static TEE_BigIntFMM *fast(size_t room)
{
	TEE_BigIntFMM *at = test_alloc((room + 2) * sizeof(*at));

	TEE_BigIntInitFMM(at, room + 2);
	return at;
}

static void test_init(void)
{
	static TEE_BigInt memory[ROOM_MAX + 4];

	memset(memory, 0xee, sizeof(memory));
	TEE_BigIntInit(memory, ROOM_MAX + 2);
	CHECK(is(memory, 0) && TEE_BigIntGetBitCount(memory) == 0, "0");
	CHECK(memory[ROOM_MAX + 2] == 0xeeeeeeee, "not a word more");
	CHECK(TEE_BigIntSizeInU32(0) == 2 && TEE_BigIntSizeInU32(1) == 3 && TEE_BigIntSizeInU32(33) == 4, "sizes");
	TEE_BigIntInit(memory, 2);
	CHECK(is(memory, 0), "no room at all is room for 0");
	PANICS(TEE_BigIntInit(memory, 1), TEE_ERROR_BAD_PARAMETERS, "no room for the header");
	PANICS(TEE_BigIntInit(memory, ROOM_MAX + 3), TEE_ERROR_BAD_PARAMETERS, "more than the maximum");
	PANICS(TEE_BigIntInit(memory, SIZE_MAX), TEE_ERROR_BAD_PARAMETERS, "far more");
	PANICS(TEE_BigIntInit(NULL, 3), TEE_ERROR_BAD_PARAMETERS, "NULL");
}

static void refused(const TEE_BigInt *bad, TEE_BigInt *good, const char *why)
{
	PANICS(TEE_BigIntGetBitCount(bad), TEE_ERROR_BAD_FORMAT, why);
	PANICS(TEE_BigIntAdd(good, good, bad), TEE_ERROR_BAD_FORMAT, why);
	PANICS(TEE_BigIntCmp(bad, good), TEE_ERROR_BAD_FORMAT, why);
}

/* Memory that is not a TEE_BigInt any more is refused before it is used. */
static void test_not_a_number(void)
{
	TEE_BigInt *good = number("0123456789abcdef", 2), *bad = number("0123456789abcdef", 2);
	static const struct {
		const char *why;
		uint32_t first, second, last;
	} row[] = {
		{ "never initialised", 0, 0, 0 },
		{ "other bytes", 0xeeeeeeee, 0xeeeeeeee, 0xeeeeeeee },
		{ "more words in use than room", 3, 0xb16a0002, 1 },
		{ "many more", 0x7fffffff, 0xb16a0002, 1 },
		{ "more room than there can be", 2, 0xb16a0000 + ROOM_MAX + 1, 1 },
		{ "a leading zero", 2, 0xb16a0002, 0 },
		{ "-0", UINT32_C(1) << 31, 0xb16a0002, 0 },
		{ "a TEE_BigIntFMM", 2, 0xf3310002, 1 },
	};

	for (size_t i = 0; i < MT_COUNT(row); i++) {
		bad[0] = row[i].first;
		bad[1] = row[i].second;
		bad[3] = row[i].last;
		refused(bad, good, row[i].why);
	}
	bad[1] = 0;
	PANICS(TEE_BigIntAdd(bad, good, good), TEE_ERROR_BAD_FORMAT, "a destination");
	PANICS(TEE_BigIntConvertFromOctetString(bad, NULL, 0, 1), TEE_ERROR_BAD_FORMAT, "a destination");
	PANICS(TEE_BigIntAssign(bad, good), TEE_ERROR_BAD_FORMAT, "a destination");
	PANICS(TEE_BigIntGetBitCount(NULL), TEE_ERROR_BAD_FORMAT, "NULL");
	PANICS(TEE_BigIntNeg(NULL, good), TEE_ERROR_BAD_FORMAT, "NULL");
	CHECK(TEE_BigIntCmp(good, number("0123456789abcdef", 2)) == 0, "unchanged by all that");
}

static void test_octets(void)
{
	TEE_BigInt *at = number("00", 2), *before = number("-1122334455667788", 2);
	uint8_t out[16];
	size_t size = sizeof(out);

	CHECK(TEE_BigIntConvertFromOctetString(at, hex("0000 0000 1122334455667788").at, 12, -1) == TEE_SUCCESS,
	      "zeros");
	CHECK(TEE_BigIntCmp(at, before) == 0, "leading zeros and a sign");
	CHECK(TEE_BigIntConvertFromOctetString(at, hex("01 0000000000000000").at, 9, 1) == TEE_ERROR_OVERFLOW,
	      "9 bytes");
	CHECK(TEE_BigIntCmp(at, before) == 0, "unchanged");
	memset(out, 0xee, sizeof(out));
	CHECK(TEE_BigIntConvertToOctetString(out, &size, at) == TEE_SUCCESS && size == 8, "8 bytes");
	CHECK(memcmp(out, hex("1122334455667788").at, 8) == 0 && out[8] == 0xee, "and not one more");
	size = 7;
	CHECK(TEE_BigIntConvertToOctetString(out, &size, at) == TEE_ERROR_SHORT_BUFFER && size == 8, "what is needed");
	size = 0;
	CHECK(TEE_BigIntConvertToOctetString(NULL, &size, at) == TEE_ERROR_SHORT_BUFFER && size == 8,
	      "asked with NULL");
	size = 8;
	PANICS(TEE_BigIntConvertToOctetString(NULL, &size, at), TEE_ERROR_BAD_PARAMETERS, "NULL");
	PANICS(TEE_BigIntConvertToOctetString(out, NULL, at), TEE_ERROR_BAD_PARAMETERS, "NULL");
	PANICS(TEE_BigIntConvertFromOctetString(at, NULL, 1, 1), TEE_ERROR_BAD_PARAMETERS, "NULL");
	CHECK(TEE_BigIntConvertFromOctetString(at, NULL, 0, -1) == TEE_SUCCESS && is(at, 0), "nothing is 0");
	CHECK(TEE_BigIntConvertToOctetString(out, &size, at) == TEE_SUCCESS && size == 0, "and back");
	CHECK(TEE_BigIntConvertFromOctetString(at, hex("01").at, 1, 1) == TEE_SUCCESS && at[3] == 0, "no stale word");
}

static void test_short_numbers(void)
{
	static const int32_t values[] = { 0, 1, -1, INT32_MAX, INT32_MIN, INT32_MIN + 1 };
	TEE_BigInt *none = number("00", 0);
	int32_t got = 7;

	for (size_t i = 0; i < MT_COUNT(values); i++) {
		TEE_BigInt *at = short_number(values[i]);

		CHECK(TEE_BigIntConvertToS32(&got, at) == TEE_SUCCESS && got == values[i], "there and back");
		CHECK(is(at, values[i]), "compared");
	}
	got = 7;
	CHECK(TEE_BigIntConvertToS32(&got, number("80000000", 1)) == TEE_ERROR_OVERFLOW && got == 7, "2^31");
	CHECK(TEE_BigIntConvertToS32(&got, number("-80000001", 1)) == TEE_ERROR_OVERFLOW && got == 7, "-2^31 - 1");
	CHECK(TEE_BigIntConvertToS32(&got, number("0100000000", 2)) == TEE_ERROR_OVERFLOW && got == 7, "2^32");
	PANICS(TEE_BigIntConvertToS32(NULL, none), TEE_ERROR_BAD_PARAMETERS, "NULL");
	PANICS(TEE_BigIntConvertFromS32(none, 0), TEE_ERROR_OVERFLOW, "no room for 32 bits, whatever the value");
}

static void test_bits(void)
{
	TEE_BigInt *at = number("-ff", 2);

	CHECK(TEE_BigIntSetBit(at, 64, true) == TEE_ERROR_OVERFLOW, "no room");
	CHECK(TEE_BigIntSetBit(at, 64, false) == TEE_ERROR_OVERFLOW, "nor for a zero");
	CHECK(TEE_BigIntSetBit(at, UINT32_MAX, true) == TEE_ERROR_OVERFLOW, "far off");
	CHECK(is(at, -255), "unchanged");
	CHECK(TEE_BigIntSetBit(at, 63, true) == TEE_SUCCESS && TEE_BigIntGetBitCount(at) == 64, "the last there is");
	CHECK(TEE_BigIntSetBit(at, 63, false) == TEE_SUCCESS && is(at, -255), "and back");
	for (uint32_t i = 0; i < 8; i++) {
		CHECK(TEE_BigIntSetBit(at, i, false) == TEE_SUCCESS, "one by one");
	}
	CHECK(is(at, 0) && TEE_BigIntCmp(at, number("00", 1)) == 0, "no -0 is left");
	CHECK(!TEE_BigIntGetBit(at, UINT32_MAX) && !TEE_BigIntGetBit(ones(64), 64), "above the highest");
	TEE_BigIntShiftRight(at, ones(64), SIZE_MAX);
	CHECK(is(at, 0), "nothing is left");
	PANICS(TEE_BigIntShiftRight(at, ones(96), 31), TEE_ERROR_OVERFLOW, "65 bits are left");
}

static void test_assign(void)
{
	TEE_BigInt *small = number("-07", 1), *large = number("-0100000000", 2);

	CHECK(TEE_BigIntAssign(small, large) == TEE_ERROR_OVERFLOW && is(small, -7), "too small, unchanged");
	CHECK(TEE_BigIntAbs(small, large) == TEE_ERROR_OVERFLOW && is(small, -7), "too small, unchanged");
	CHECK(TEE_BigIntAssign(large, small) == TEE_SUCCESS && is(large, -7) && large[3] == 0, "no stale word");
	CHECK(TEE_BigIntAssign(small, small) == TEE_SUCCESS && is(small, -7), "to itself");
	CHECK(TEE_BigIntAbs(small, small) == TEE_SUCCESS && is(small, 7), "over itself");
}

/* A destination that is too small panics, and nothing is written. */
static void test_too_small(void)
{
	TEE_BigInt *a = ones(64), *small = number("07", 1), *two = short_number(2), *n = number("0100000001", 2);
	TEE_BigInt *gcd = number("07", 2);

	PANICS(TEE_BigIntAdd(number("00", 2), a, a), TEE_ERROR_OVERFLOW, "a carry");
	PANICS(TEE_BigIntAdd(small, a, two), TEE_ERROR_OVERFLOW, "add");
	PANICS(TEE_BigIntSub(small, two, a), TEE_ERROR_OVERFLOW, "sub");
	PANICS(TEE_BigIntNeg(small, a), TEE_ERROR_OVERFLOW, "neg");
	PANICS(TEE_BigIntMul(small, a, two), TEE_ERROR_OVERFLOW, "mul");
	PANICS(TEE_BigIntSquare(small, a), TEE_ERROR_OVERFLOW, "square");
	PANICS(TEE_BigIntDiv(small, NULL, a, two), TEE_ERROR_OVERFLOW, "quotient");
	PANICS(TEE_BigIntDiv(NULL, small, a, number("020000000000000000", 3)), TEE_ERROR_OVERFLOW, "remainder");
	PANICS(TEE_BigIntDiv(small, number("00", 0), a, number("0100000002", 2)), TEE_ERROR_OVERFLOW,
	       "the second of two");
	PANICS(TEE_BigIntMod(small, short_number(-1), n), TEE_ERROR_OVERFLOW, "mod");
	PANICS(TEE_BigIntAddMod(small, short_number(-1), short_number(0), n), TEE_ERROR_OVERFLOW, "addmod");
	PANICS(TEE_BigIntSubMod(small, short_number(0), short_number(1), n), TEE_ERROR_OVERFLOW, "submod");
	PANICS(TEE_BigIntMulMod(small, short_number(-1), short_number(1), n), TEE_ERROR_OVERFLOW, "mulmod");
	PANICS(TEE_BigIntSquareMod(small, number("010000", 1), n), TEE_ERROR_OVERFLOW, "squaremod");
	PANICS(TEE_BigIntInvMod(small, short_number(-1), n), TEE_ERROR_OVERFLOW, "invmod");
	PANICS(TEE_BigIntExpMod(small, short_number(-1), short_number(1), n, NULL), TEE_ERROR_OVERFLOW, "expmod");
	PANICS(TEE_BigIntComputeExtendedGcd(small, NULL, NULL, a, a), TEE_ERROR_OVERFLOW, "gcd");
	PANICS(TEE_BigIntComputeExtendedGcd(gcd, number("00", 0), NULL, a, two), TEE_ERROR_OVERFLOW, "u");
	PANICS(TEE_BigIntComputeExtendedGcd(gcd, NULL, small, a, two), TEE_ERROR_OVERFLOW, "v");
	CHECK(is(small, 7) && is(gcd, 7), "unchanged by all that");
}

static void bad_modulus(const TEE_BigInt *n)
{
	TEE_BigInt *out = number("00", 4), *a = short_number(10);

	PANICS(TEE_BigIntMod(out, a, n), TEE_ERROR_BAD_PARAMETERS, "mod n < 2");
	PANICS(TEE_BigIntAddMod(out, a, a, n), TEE_ERROR_BAD_PARAMETERS, "addmod n < 2");
	PANICS(TEE_BigIntSubMod(out, a, a, n), TEE_ERROR_BAD_PARAMETERS, "submod n < 2");
	PANICS(TEE_BigIntMulMod(out, a, a, n), TEE_ERROR_BAD_PARAMETERS, "mulmod n < 2");
	PANICS(TEE_BigIntSquareMod(out, a, n), TEE_ERROR_BAD_PARAMETERS, "squaremod n < 2");
	PANICS(TEE_BigIntInvMod(out, a, n), TEE_ERROR_BAD_PARAMETERS, "invmod n < 2");
	PANICS(TEE_BigIntExpMod(out, a, a, n, NULL), TEE_ERROR_BAD_PARAMETERS, "expmod n < 3");
}

static void test_bad_arguments(void)
{
	TEE_BigInt *out = number("00", 4), *other = number("00", 4), *a = short_number(10), *zero = short_number(0);
	TEE_BigInt *one = short_number(1), *two = short_number(2), *minus = short_number(-3), *n = short_number(15);
	TEE_BigInt *huge = ones(4097);

	PANICS(TEE_BigIntDiv(out, other, a, zero), TEE_ERROR_BAD_PARAMETERS, "division by 0");
	PANICS(TEE_BigIntDiv(out, out, a, two), TEE_ERROR_BAD_PARAMETERS, "one memory for two results");
	bad_modulus(zero);
	bad_modulus(one);
	bad_modulus(minus);
	TEE_BigIntMod(out, short_number(7), two);
	CHECK(is(out, 1), "2 is a modulus");
	PANICS(TEE_BigIntExpMod(out, a, a, two, NULL), TEE_ERROR_BAD_PARAMETERS, "but not for powers");
	PANICS(TEE_BigIntExpMod(out, a, minus, n, NULL), TEE_ERROR_BAD_PARAMETERS, "a negative exponent");
	PANICS(TEE_BigIntExpMod(out, a, a, huge, NULL), TEE_ERROR_BAD_PARAMETERS, "more than 4096 bits");
	CHECK(TEE_BigIntExpMod(out, a, a, short_number(16), NULL) == TEE_ERROR_NOT_SUPPORTED, "an even modulus");
	PANICS(TEE_BigIntInvMod(out, a, n), TEE_ERROR_BAD_PARAMETERS, "no inverse");
	PANICS(TEE_BigIntInvMod(out, zero, n), TEE_ERROR_BAD_PARAMETERS, "no inverse of 0");
	PANICS(TEE_BigIntComputeExtendedGcd(out, NULL, NULL, zero, zero), TEE_ERROR_BAD_PARAMETERS, "both 0");
	PANICS(TEE_BigIntComputeExtendedGcd(out, out, NULL, a, n), TEE_ERROR_BAD_PARAMETERS, "one memory for two");
	PANICS(TEE_BigIntComputeExtendedGcd(out, NULL, out, a, n), TEE_ERROR_BAD_PARAMETERS, "one memory for two");
	PANICS(TEE_BigIntComputeExtendedGcd(out, other, other, a, n), TEE_ERROR_BAD_PARAMETERS, "one memory for two");
	PANICS(TEE_BigIntIsProbablePrime(huge, 80), TEE_ERROR_BAD_PARAMETERS, "more than 4096 bits");
	CHECK(!TEE_BigIntRelativePrime(zero, zero) && TEE_BigIntRelativePrime(zero, one), "0 has every divisor");
}

static void test_fast(void)
{
	TEE_BigInt *n = ones(64), *other_n = ones(63), *out = number("00", 2), *a = number("0123456789abcdef", 2);
	TEE_BigIntFMMContext *context = context_of(n), *other = context_of(other_n);
	TEE_BigIntFMM *x = fast(2), *small = fast(1), *large = fast(ROOM_MAX), *longer = fast(3);
	TEE_BigInt *wide = ones(95);

	TEE_BigIntConvertToFMM(x, a, n, context);
	TEE_BigIntConvertFromFMM(out, x, n, context);
	CHECK(TEE_BigIntCmp(out, a) == 0, "there and back");
	TEE_BigIntConvertToFMM(large, a, n, context);
	TEE_BigIntComputeFMM(large, large, fast(2), n, context);
	TEE_BigIntConvertFromFMM(out, large, n, context);
	CHECK(is(out, 0), "what was only initialised is 0");
	PANICS(TEE_BigIntConvertToFMM(x, a, n, other), TEE_ERROR_BAD_PARAMETERS, "another modulus");
	PANICS(TEE_BigIntConvertToFMM(x, a, other_n, context), TEE_ERROR_BAD_PARAMETERS, "another modulus");
	PANICS(TEE_BigIntConvertFromFMM(out, x, n, other), TEE_ERROR_BAD_PARAMETERS, "another modulus");
	PANICS(TEE_BigIntComputeFMM(x, x, x, n, other), TEE_ERROR_BAD_PARAMETERS, "another modulus");
	PANICS(TEE_BigIntExpMod(out, a, a, n, other), TEE_ERROR_BAD_PARAMETERS, "another modulus");
	PANICS(TEE_BigIntConvertToFMM(x, a, n, NULL), TEE_ERROR_BAD_FORMAT, "NULL");
	PANICS(TEE_BigIntConvertToFMM(x, a, n, n), TEE_ERROR_BAD_FORMAT, "no context");
	PANICS(TEE_BigIntConvertToFMM(out, a, n, context), TEE_ERROR_BAD_FORMAT, "a TEE_BigInt");
	PANICS(TEE_BigIntConvertToFMM(NULL, a, n, context), TEE_ERROR_BAD_FORMAT, "NULL");
	PANICS(TEE_BigIntConvertToFMM(small, a, n, context), TEE_ERROR_OVERFLOW, "too small");
	TEE_BigIntConvertToFMM(longer, a, wide, context_of(wide));
	PANICS(TEE_BigIntConvertFromFMM(out, longer, n, context), TEE_ERROR_BAD_PARAMETERS, "of a longer modulus");
	PANICS(TEE_BigIntComputeFMM(x, x, longer, n, context), TEE_ERROR_BAD_PARAMETERS, "of a longer modulus");
	x[0] = 3;
	PANICS(TEE_BigIntComputeFMM(x, x, x, n, context), TEE_ERROR_BAD_PARAMETERS, "more words than room");
	x[1] = UINT32_C(0xf3310000) + ROOM_MAX + 1;
	PANICS(TEE_BigIntComputeFMM(x, x, x, n, context), TEE_ERROR_BAD_FORMAT, "more room than there can be");
}

static void test_fast_init(void)
{
	static TEE_BigIntFMMContext memory[2 * MODULUS_MAX + 2];
	TEE_BigInt *n = ones(65);
	size_t size = TEE_BigIntFMMContextSizeInU32(65);

	memset(memory, 0xee, sizeof(memory));
	CHECK(size == 8 && TEE_BigIntFMMSizeInU32(65) == 5, "sizes");
	CHECK(TEE_BigIntInitFMMContext1(memory, size, n) == TEE_SUCCESS && memory[size] == 0xeeeeeeee,
	      "not a word more");
	PANICS(TEE_BigIntInitFMMContext1(memory, size - 1, n), TEE_ERROR_BAD_PARAMETERS, "too small");
	PANICS(TEE_BigIntInitFMMContext1(NULL, size, n), TEE_ERROR_BAD_PARAMETERS, "NULL");
	PANICS(TEE_BigIntInitFMMContext1(memory, size, short_number(2)), TEE_ERROR_BAD_PARAMETERS, "below 3");
	PANICS(TEE_BigIntInitFMMContext1(memory, size, short_number(-3)), TEE_ERROR_BAD_PARAMETERS, "below 3");
	PANICS(TEE_BigIntInitFMMContext1(memory, 514, ones(4097)), TEE_ERROR_BAD_PARAMETERS, "more than 4096 bits");
	CHECK(TEE_BigIntInitFMMContext1(memory, size, short_number(8)) == TEE_ERROR_NOT_SUPPORTED, "even");
	PANICS(TEE_BigIntInitFMMContext(memory, size, short_number(8)), TEE_ERROR_NOT_SUPPORTED, "even");
	CHECK(TEE_BigIntInitFMMContext1(memory, 258, ones(4096)) == TEE_SUCCESS, "the largest");
	PANICS(TEE_BigIntFMMSizeInU32(4097), TEE_ERROR_BAD_PARAMETERS, "more than 4096 bits");
	PANICS(TEE_BigIntFMMContextSizeInU32(SIZE_MAX), TEE_ERROR_BAD_PARAMETERS, "far more");
	PANICS(TEE_BigIntInitFMM(memory, 1), TEE_ERROR_BAD_PARAMETERS, "no room for the header");
	PANICS(TEE_BigIntInitFMM(memory, ROOM_MAX + 3), TEE_ERROR_BAD_PARAMETERS, "more than the maximum");
	PANICS(TEE_BigIntInitFMM(NULL, 3), TEE_ERROR_BAD_PARAMETERS, "NULL");
}

/* As many rounds as the confidence asks for; randomness that is stuck does not stop the TA for ever. */
static void test_prime_rounds(void)
{
	TEE_BigInt *prime = ones(521);
	static const struct {
		uint32_t confidence;
		size_t least;
	} row[] = { { 0, 40 }, { 80, 40 }, { 81, 41 }, { 128, 64 } };

	for (size_t i = 0; i < MT_COUNT(row); i++) {
		random_calls = 0;
		CHECK(TEE_BigIntIsProbablePrime(prime, row[i].confidence) == -1, "a Mersenne prime");
		CHECK(random_calls >= row[i].least && random_calls < row[i].least + 8, "rounds");
	}
	random_is_stuck = true;
	random_byte = 0;
	PANICS(TEE_BigIntIsProbablePrime(prime, 80), TEE_ERROR_GENERIC, "0 is no base");
	random_byte = 0xff;
	PANICS(TEE_BigIntIsProbablePrime(prime, 80), TEE_ERROR_GENERIC, "nor is n");
	random_is_stuck = false;
	CHECK(TEE_BigIntIsProbablePrime(short_number(-7), 80) == 0, "negative");
	CHECK(TEE_BigIntIsProbablePrime(number("ffffffff00000001000000000000000000000000fffffffffffffffffffffffd", 8),
					80) == 0,
	      "below a prime");
}

static void test_version_1_1(void)
{
	TEE_BigInt *n = ones(64), *at = number("00", 2);
	uint32_t size = __GP11_TEE_BigIntFMMContextSizeInU32(64);
	TEE_BigIntFMMContext *context = test_alloc(size * sizeof(*context));
	TEE_BigIntFMM *x = test_alloc(__GP11_TEE_BigIntFMMSizeInU32(64) * sizeof(*x));
	uint8_t out[8];

	__GP11_TEE_BigIntInitFMMContext(context, size, n);
	__GP11_TEE_BigIntInitFMM(x, __GP11_TEE_BigIntFMMSizeInU32(64));
	CHECK(__GP11_TEE_BigIntConvertFromOctetString(at, hex("010203").at, 3, 1) == TEE_SUCCESS, "from");
	TEE_BigIntConvertToFMM(x, at, n, context);
	__GP11_TEE_BigIntInit(at, 4);
	TEE_BigIntConvertFromFMM(at, x, n, context);
	__GP11_TEE_BigIntShiftRight(at, at, 8);
	size = 1;
	CHECK(__GP11_TEE_BigIntConvertToOctetString(out, &size, at) == TEE_ERROR_SHORT_BUFFER && size == 2, "needed");
	CHECK(__GP11_TEE_BigIntConvertToOctetString(out, &size, at) == TEE_SUCCESS && out[0] == 1 && out[1] == 2, "to");
	PANICS(__GP11_TEE_BigIntConvertToOctetString(out, NULL, at), TEE_ERROR_BAD_PARAMETERS, "NULL");
}

const struct test tests[] = { { "init", test_init },
			      { "not_a_number", test_not_a_number },
			      { "octets", test_octets },
			      { "short_numbers", test_short_numbers },
			      { "bits", test_bits },
			      { "assign", test_assign },
			      { "too_small", test_too_small },
			      { "bad_arguments", test_bad_arguments },
			      { "fast", test_fast },
			      { "fast_init", test_fast_init },
			      { "prime_rounds", test_prime_rounds },
			      { "version_1_1", test_version_1_1 },
			      TESTS_END };
