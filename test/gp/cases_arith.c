/* 8.4 to 8.7, 8.11: big integers; 8.8 to 8.10 are in cases_arith_more.c. Values at large are compared in test/unit/test_gp_arith_random. */
#include "test/gp/cases.h"
#include "test/gp/numbers.h"

/* ---- 8.4, 8.5 ---- */

static void sizes(unsigned which)
{
	TEE_BigInt *modulus = number_of(0, 97);

	(void)which;
	GP(TEE_BigIntFMMSizeInU32(256) >= 8 && TEE_BigIntFMMContextSizeInU32(256) >= 8 && TEE_BigIntFMMSizeInU32(NUMBER_BITS_MAX) <= NUMBER_WORDS);
	TEE_BigIntInitFMM(number_place[1], TEE_BigIntFMMSizeInU32(256));
	TEE_BigIntInitFMMContext(number_place[2], TEE_BigIntFMMContextSizeInU32(32), modulus);
	GP(TEE_BigIntInitFMMContext1(number_place[2], TEE_BigIntFMMContextSizeInU32(32), modulus) == TEE_SUCCESS);
	GP(TEE_BigIntInitFMMContext1(number_place[2], TEE_BigIntFMMContextSizeInU32(32), number_of(0, 98)) == TEE_ERROR_NOT_SUPPORTED);
	GP(number_is(number_room(3, 4), 0));
}

static void size_panic(unsigned which)
{
	TEE_BigInt *modulus = number_of(0, 97), *low = number_of(1, 2), *even = number_of(2, 98), *large = number_power(3, NUMBER_BITS_MAX);

	gp_now();
	switch (which) {
	case 0:
		(void)TEE_BigIntFMMContextSizeInU32(NUMBER_BITS_MAX + 1);
		break;
	case 1:
		(void)TEE_BigIntFMMSizeInU32(NUMBER_BITS_MAX + 1);
		break;
	case 2:
		TEE_BigIntInit(number_place[4], TEE_BigIntSizeInU32(0) - 1);
		break;
	case 3:
		TEE_BigIntInit(number_place[4], NUMBER_WORDS + 1);
		break;
	case 4:
		TEE_BigIntInitFMMContext(number_place[4], 1, modulus);
		break;
	case 5:
		TEE_BigIntInitFMMContext(number_place[4], TEE_BigIntFMMContextSizeInU32(32), even);
		break;
	case 6:
		(void)TEE_BigIntInitFMMContext1(number_place[4], TEE_BigIntFMMContextSizeInU32(32), low);
		break;
	case 7:
		(void)TEE_BigIntInitFMMContext1(number_place[4], NUMBER_WORDS, large);
		break;
	case 8:
		(void)TEE_BigIntInitFMMContext1(number_place[4], 1, modulus);
		break;
	case 9:
		TEE_BigIntInitFMM(number_place[4], TEE_BigIntFMMSizeInU32(0) - 1);
		break;
	default:
		TEE_BigIntInitFMM(number_place[4], 1 << 20);
	}
}

/* ---- 8.6, 8.7 ---- */

static void convert(unsigned which)
{
	static const uint8_t bytes[] = { 0, 0, 1, 2, 3, 4, 5 };
	TEE_BigInt *at = number_room(0, 2);
	uint8_t out[8];
	gp_size size = 8;
	int32_t value = 5;

	switch (which) {
	case 1:
		GP(TEE_BigIntConvertFromOctetString(number_room(1, 1), bytes, 7, 1) == TEE_ERROR_OVERFLOW && number_is(number_place[1], 0));
		break;
	case 2:
		size = 4;
		GP(TEE_BigIntConvertFromOctetString(at, bytes, 7, 1) == TEE_SUCCESS);
		GP(TEE_BigIntConvertToOctetString(out, &size, at) == TEE_ERROR_SHORT_BUFFER && size == 5);
		break;
	case 3:
		GP(TEE_BigIntConvertToS32(&value, number_power(1, 31)) == TEE_ERROR_OVERFLOW && value == 5);
		break;
	default:
		GP(TEE_BigIntConvertFromOctetString(at, bytes, 7, -1) == TEE_SUCCESS && TEE_BigIntCmpS32(at, 0) < 0);
		GP(TEE_BigIntConvertToOctetString(out, &size, at) == TEE_SUCCESS && size == 5 && gp_same(out, bytes + 2, 5));
		TEE_BigIntConvertFromS32(at, INT32_MIN);
		GP(TEE_BigIntConvertToS32(&value, at) == TEE_SUCCESS && value == INT32_MIN);
	}
}

static void bits(unsigned which)
{
	TEE_BigInt *a = number_of(0, 77), *b = number_of(1, -77), *out = number_room(2, 8);

	if (which == 1) {
		GP(TEE_BigIntSetBit(number_room(3, 1), 32, true) == TEE_ERROR_OVERFLOW && number_is(number_place[3], 0));
		GP(TEE_BigIntSetBit(number_room(3, 1), 32, false) == TEE_ERROR_OVERFLOW);
		return;
	}
	if (which >= 2) {
		TEE_BigInt *large = number_power(3, 40), *small = number_room(4, 1);
		GP((which == 2 ? TEE_BigIntAssign(small, large) : TEE_BigIntAbs(small, large)) == TEE_ERROR_OVERFLOW && number_is(small, 0));
		return;
	}
	GP(TEE_BigIntCmp(a, b) > 0 && TEE_BigIntCmp(b, a) < 0 && TEE_BigIntCmp(a, a) == 0 && TEE_BigIntCmpS32(a, 78) < 0);
	TEE_BigIntShiftRight(out, b, 3);
	GP(number_is(out, -9));
	TEE_BigIntShiftRight(out, a, 1000);
	GP(number_is(out, 0));
	GP(TEE_BigIntGetBit(b, 0) && !TEE_BigIntGetBit(b, 1) && !TEE_BigIntGetBit(b, 5000) && TEE_BigIntGetBitCount(a) == 7 && TEE_BigIntGetBitCount(out) == 0);
	GP(TEE_BigIntSetBit(a, 0, false) == TEE_SUCCESS && number_is(a, 76) && TEE_BigIntSetBit(a, 100, true) == TEE_SUCCESS && TEE_BigIntGetBitCount(a) == 101);
	GP(TEE_BigIntAssign(out, b) == TEE_SUCCESS && number_is(out, -77) && TEE_BigIntAbs(out, b) == TEE_SUCCESS && number_is(out, 77));
}

/* ---- 8.11 ---- */

static void fast(unsigned which)
{
	TEE_BigInt *n = number_of(0, 97), *a = number_of(1, 50), *out = number_room(2, 8);

	(void)which;
	GP(TEE_BigIntInitFMMContext1(number_place[3], TEE_BigIntFMMContextSizeInU32(32), n) == TEE_SUCCESS);
	for (gp_size i = 4; i < 6; i++) {
		TEE_BigIntInitFMM(number_place[i], TEE_BigIntFMMSizeInU32(32));
	}
	TEE_BigIntConvertToFMM(number_place[4], a, n, number_place[3]);
	TEE_BigIntComputeFMM(number_place[5], number_place[4], number_place[4], n, number_place[3]);
	TEE_BigIntConvertFromFMM(out, number_place[5], n, number_place[3]);
	GP(number_is(out, 2500 % 97));
}

/* ---- faults: an argument that is not a number, and no room ---- */

enum unary_op { FROM_S32, SHIFT, ASSIGN, ABS };

static void unary(enum unary_op op, TEE_BigInt *out, const TEE_BigInt *a)
{
	switch (op) {
	case SHIFT:
		TEE_BigIntShiftRight(out, a, 0);
		break;
	case ASSIGN:
		(void)TEE_BigIntAssign(out, a);
		break;
	case ABS:
		(void)TEE_BigIntAbs(out, a);
		break;
	default:
		TEE_BigIntConvertFromS32(out, 77);
	}
}

static void no_room(unsigned op)
{
	TEE_BigInt *a = number_of(0, 8), *out = number_tiny();

	gp_now();
	unary((enum unary_op)op, out, a);
}

/* The operand was never initialised; 100: the destination. */
static void no_number(unsigned which)
{
	TEE_BigInt *a = number_of(0, 8), *out = number_room(2, 8), *bad = number_raw();

	gp_now();
	unary((enum unary_op)(which % 100), which >= 100 ? bad : out, which >= 100 ? a : bad);
}

static void compare_panic(unsigned which)
{
	TEE_BigInt *a = number_of(0, 8), *bad = number_raw();

	gp_now();
	(void)TEE_BigIntCmp(which == 0 ? bad : a, which == 0 ? a : bad);
}

static void conversion_panic(unsigned which)
{
	TEE_BigInt *a = number_of(0, 8), *out = number_room(2, 8), *bad = number_raw();
	gp_size size = 8;
	int32_t value = 0;

	gp_now();
	switch (which) {
	case 0:
		(void)TEE_BigIntConvertFromOctetString(out, NULL, 4, 1);
		break;
	case 1:
		(void)TEE_BigIntConvertToOctetString(NULL, &size, a);
		break;
	case 2:
		(void)TEE_BigIntConvertToS32(&value, bad);
		break;
	case 3:
		(void)TEE_BigIntCmpS32(bad, 1);
		break;
	case 4:
		(void)TEE_BigIntGetBit(bad, 1);
		break;
	case 5:
		(void)TEE_BigIntGetBitCount(bad);
		break;
	default:
		(void)TEE_BigIntSetBit(bad, 1, true);
		break;
	}
}

/* Tens: ConvertToFMM, ConvertFromFMM, ComputeFMM. */
static void fast_panic(unsigned which)
{
	TEE_BigInt *n = number_of(0, 97), *other = number_of(1, 101), *bad = number_raw(), *out = number_tiny();
	unsigned how = which % 10;
	TEE_BigIntFMMContext *context = number_place[2];

	GP(TEE_BigIntInitFMMContext1(context, TEE_BigIntFMMContextSizeInU32(32), n) == TEE_SUCCESS);
	TEE_BigIntInitFMM(number_place[3], TEE_BigIntFMMSizeInU32(32));
	TEE_BigIntInitFMM(number_place[4], TEE_BigIntFMMSizeInU32(32));
	TEE_BigIntConvertToFMM(number_place[3], number_of(5, 50), n, context);
	TEE_BigIntInitFMM(number_place[5], TEE_BigIntFMMSizeInU32(0));
	const TEE_BigIntFMMContext *use = how == 0 ? bad : context;
	const TEE_BigInt *modulus = how == 1 ? other : n;
	gp_now();
	if (which < 10) {
		TEE_BigIntConvertToFMM(how == 2 ? number_place[5] : number_place[4], number_of(1, how == 1 ? 101 : 50), modulus, use);
	} else if (which < 20) {
		TEE_BigIntConvertFromFMM(how == 2 ? out : number_room(5, 4), how == 3 ? bad : number_place[3], modulus, use);
	} else {
		TEE_BigIntComputeFMM(how == 2 ? number_place[5] : number_place[4], how == 3 ? bad : number_place[3], number_place[3], modulus, use);
	}
}

#define ROOM(function, op) { function, "panics: dest is too small", no_room, op }
#define NUMBERS_1(function, op)                                                     \
	{ function, "panics: the operand is not initialised", no_number, op },      \
	{ function, "panics: dest is not initialised", no_number, (op) + 100 }

const struct gp_row gp_rows_arith[] = {
	{ "TEE_BigIntFMMContextSizeInU32", "success", sizes, 0 },
	{ "TEE_BigIntFMMContextSizeInU32", "panics: modulusSizeInBits is above the maximum", size_panic, 0 },
	{ "TEE_BigIntFMMSizeInU32", "success", sizes, 0 },
	{ "TEE_BigIntFMMSizeInU32", "panics: modulusSizeInBits is above the maximum", size_panic, 1 },
	{ "TEE_BigIntInit", "success", sizes, 0 },
	{ "TEE_BigIntInit", "panics: len is below TEE_BigIntSizeInU32(0)", size_panic, 2 },
	{ "TEE_BigIntInit", "panics: len is above what there is room for", size_panic, 3 },
	{ "TEE_BigIntInitFMMContext", "success", sizes, 0 },
	{ "TEE_BigIntInitFMMContext", "panics: as TEE_BigIntInitFMMContext1", size_panic, 4 },
	{ "TEE_BigIntInitFMMContext", "panics: where that returns an error", size_panic, 5 },
	{ "TEE_BigIntInitFMMContext1", "success", sizes, 0 },
	{ "TEE_BigIntInitFMMContext1", "TEE_ERROR_NOT_SUPPORTED", sizes, 0 },
	{ "TEE_BigIntInitFMMContext1", "panics: modulus is below 3", size_panic, 6 },
	{ "TEE_BigIntInitFMMContext1", "panics: modulus is above the maximum", size_panic, 7 },
	{ "TEE_BigIntInitFMMContext1", "panics: len is too small for it", size_panic, 8 },
	{ "TEE_BigIntInitFMM", "success", sizes, 0 },
	{ "TEE_BigIntInitFMM", "panics: len is below TEE_BigIntFMMSizeInU32(0)", size_panic, 9 },
	{ "TEE_BigIntInitFMM", "panics: len is above what there is room for", size_panic, 10 },
	{ "TEE_BigIntConvertFromOctetString", "success", convert, 0 },
	{ "TEE_BigIntConvertFromOctetString", "TEE_ERROR_OVERFLOW", convert, 1 },
	{ "TEE_BigIntConvertFromOctetString", "panics: buffer cannot be read", conversion_panic, 0 },
	{ "TEE_BigIntConvertToOctetString", "success", convert, 0 },
	{ "TEE_BigIntConvertToOctetString", "TEE_ERROR_SHORT_BUFFER", convert, 2 },
	{ "TEE_BigIntConvertToOctetString", "panics: buffer cannot be written", conversion_panic, 1 },
	{ "TEE_BigIntConvertFromS32", "success", convert, 0 },
	ROOM("TEE_BigIntConvertFromS32", FROM_S32),
	{ "TEE_BigIntConvertToS32", "success", convert, 0 },
	{ "TEE_BigIntConvertToS32", "TEE_ERROR_OVERFLOW", convert, 3 },
	{ "TEE_BigIntConvertToS32", "panics: src is not initialised", conversion_panic, 2 },
	{ "TEE_BigIntCmp", "success", bits, 0 },
	{ "TEE_BigIntCmp", "panics: op1 is not initialised", compare_panic, 0 },
	{ "TEE_BigIntCmp", "panics: op2 is not initialised", compare_panic, 1 },
	{ "TEE_BigIntCmpS32", "success", bits, 0 },
	{ "TEE_BigIntCmpS32", "panics: op is not initialised", conversion_panic, 3 },
	{ "TEE_BigIntShiftRight", "success", bits, 0 },
	ROOM("TEE_BigIntShiftRight", SHIFT),
	NUMBERS_1("TEE_BigIntShiftRight", SHIFT),
	{ "TEE_BigIntGetBit", "success", bits, 0 },
	{ "TEE_BigIntGetBit", "panics: src is not initialised", conversion_panic, 4 },
	{ "TEE_BigIntGetBitCount", "success", bits, 0 },
	{ "TEE_BigIntGetBitCount", "panics: src is not initialised", conversion_panic, 5 },
	{ "TEE_BigIntSetBit", "success", bits, 0 },
	{ "TEE_BigIntSetBit", "TEE_ERROR_OVERFLOW", bits, 1 },
	{ "TEE_BigIntSetBit", "panics: op is not initialised", conversion_panic, 6 },
	{ "TEE_BigIntAssign", "success", bits, 0 },
	{ "TEE_BigIntAssign", "TEE_ERROR_OVERFLOW", bits, 2 },
	NUMBERS_1("TEE_BigIntAssign", ASSIGN),
	{ "TEE_BigIntAbs", "success", bits, 0 },
	{ "TEE_BigIntAbs", "TEE_ERROR_OVERFLOW", bits, 3 },
	NUMBERS_1("TEE_BigIntAbs", ABS),
	{ "TEE_BigIntConvertToFMM", "success", fast, 0 },
	{ "TEE_BigIntConvertToFMM", "panics: context is not initialised", fast_panic, 0 },
	{ "TEE_BigIntConvertToFMM", "panics: context is for another modulus than n", fast_panic, 1 },
	{ "TEE_BigIntConvertToFMM", "panics: dest is too small", fast_panic, 2 },
	{ "TEE_BigIntConvertFromFMM", "success", fast, 0 },
	{ "TEE_BigIntConvertFromFMM", "panics: context is not initialised", fast_panic, 10 },
	{ "TEE_BigIntConvertFromFMM", "panics: context is for another modulus than n", fast_panic, 11 },
	{ "TEE_BigIntConvertFromFMM", "panics: dest is too small", fast_panic, 12 },
	{ "TEE_BigIntConvertFromFMM", "panics: src is not of this modulus", fast_panic, 13 },
	{ "TEE_BigIntComputeFMM", "success", fast, 0 },
	{ "TEE_BigIntComputeFMM", "panics: context is not initialised", fast_panic, 20 },
	{ "TEE_BigIntComputeFMM", "panics: context is for another modulus than n", fast_panic, 21 },
	{ "TEE_BigIntComputeFMM", "panics: dest is too small", fast_panic, 22 },
	{ "TEE_BigIntComputeFMM", "panics: op1 is not of this modulus", fast_panic, 23 },
};
GP_COUNT(arith)
