/* 8.8 to 8.10: arithmetic, modular arithmetic, divisors and primes. */
#include "test/gp/cases.h"
#include "test/gp/numbers.h"

#include <tee_syscall.h>

/* ---- 8.8 to 8.10 ---- */

static void arithmetic(unsigned which)
{
	TEE_BigInt *a = number_of(0, 100), *b = number_of(1, -7), *out = number_room(2, 8), *rest = number_room(3, 8);

	(void)which;
	TEE_BigIntAdd(out, a, b);
	GP(number_is(out, 93));
	TEE_BigIntSub(out, a, b);
	GP(number_is(out, 107));
	TEE_BigIntNeg(out, b);
	GP(number_is(out, 7));
	TEE_BigIntMul(out, a, b);
	GP(number_is(out, -700));
	TEE_BigIntSquare(out, b);
	GP(number_is(out, 49));
	TEE_BigIntDiv(out, rest, a, b);
	GP(number_is(out, -14) && number_is(rest, 2));
	TEE_BigIntAdd(a, a, a); /* over its operands */
	GP(number_is(a, 200));
}

static void modular(unsigned which)
{
	TEE_BigInt *a = number_of(0, 100), *b = number_of(1, -7), *n = number_of(2, 31), *out = number_room(3, 8);

	if (which == 1) {
		GP(TEE_BigIntExpMod(out, a, number_of(1, 7), number_of(2, 32), NULL) == TEE_ERROR_NOT_SUPPORTED);
		return;
	}
	TEE_BigIntMod(out, b, n);
	GP(number_is(out, 24));
	TEE_BigIntAddMod(out, a, b, n);
	GP(number_is(out, 0));
	TEE_BigIntSubMod(out, a, b, n);
	GP(number_is(out, 14));
	TEE_BigIntMulMod(out, a, b, n);
	GP(number_is(out, 13));
	TEE_BigIntSquareMod(out, b, n);
	GP(number_is(out, 18));
	TEE_BigIntInvMod(out, number_of(4, 3), n);
	GP(number_is(out, 21));
	GP(TEE_BigIntExpMod(out, number_of(4, 3), number_of(5, 30), n, NULL) == TEE_SUCCESS && number_is(out, 1));
	GP(TEE_BigIntExpMod(out, number_of(4, 3), number_of(5, 4), n, NULL) == TEE_SUCCESS && number_is(out, 19));
}

static void divisors(unsigned which)
{
	TEE_BigInt *g = number_room(3, 8), *u = number_room(4, 8), *v = number_room(5, 8);

	(void)which;
	GP(TEE_BigIntRelativePrime(number_of(0, 15), number_of(1, 28)) && !TEE_BigIntRelativePrime(number_of(0, 15), number_of(1, 21)));
	GP(!TEE_BigIntRelativePrime(number_of(0, 0), number_of(1, 0)));
	TEE_BigIntComputeExtendedGcd(g, u, v, number_of(0, 12), number_of(1, 18));
	GP(number_is(g, 6));
	TEE_BigIntMul(u, u, number_place[0]);
	TEE_BigIntMul(v, v, number_place[1]);
	TEE_BigIntAdd(u, u, v);
	GP(number_is(u, 6));
	TEE_BigIntComputeExtendedGcd(g, NULL, NULL, number_of(0, 12), number_of(1, 18));
	GP(number_is(g, 6));
	GP(TEE_BigIntIsProbablePrime(number_of(0, 65537), 80) == 1 && TEE_BigIntIsProbablePrime(number_of(0, 65535), 80) == 0);
	TEE_BigInt *mersenne = number_power(0, 127), *one = number_of(1, 1);
	TEE_BigIntSub(mersenne, mersenne, one);
	GP(TEE_BigIntIsProbablePrime(mersenne, 80) == -1 && TEE_BigIntIsProbablePrime(number_of(0, 1), 80) == 0);
}

/* ---- faults: each function with one argument that is not a number, and with no room ---- */

enum op { ADD, SUB, NEG, MUL, SQUARE, DIV, MOD, ADD_MOD, SUB_MOD, MUL_MOD, SQUARE_MOD, INV_MOD, EXP_MOD, RELATIVE, GCD };

static void unary(enum op op, TEE_BigInt *out, const TEE_BigInt *a)
{
	if (op == NEG) {
		TEE_BigIntNeg(out, a);
	} else {
		TEE_BigIntSquare(out, a);
	}
}

static void binary(enum op op, TEE_BigInt *out, const TEE_BigInt *a, const TEE_BigInt *b)
{
	switch (op) {
	case RELATIVE:
		(void)TEE_BigIntRelativePrime(a, b);
		break;
	case ADD:
		TEE_BigIntAdd(out, a, b);
		break;
	case SUB:
		TEE_BigIntSub(out, a, b);
		break;
	case MUL:
		TEE_BigIntMul(out, a, b);
		break;
	case DIV:
		TEE_BigIntDiv(out, NULL, a, b);
		break;
	case GCD:
		TEE_BigIntComputeExtendedGcd(out, NULL, NULL, a, b);
		break;
	case MOD:
		TEE_BigIntMod(out, a, b);
		break;
	case SQUARE_MOD:
		TEE_BigIntSquareMod(out, a, b);
		break;
	default:
		TEE_BigIntInvMod(out, a, b);
	}
}

static void ternary(enum op op, TEE_BigInt *out, const TEE_BigInt *a, const TEE_BigInt *n)
{
	switch (op) {
	case ADD_MOD:
		TEE_BigIntAddMod(out, a, a, n);
		break;
	case SUB_MOD:
		TEE_BigIntSubMod(out, a, number_of(5, 3), n);
		break;
	case MUL_MOD:
		TEE_BigIntMulMod(out, a, a, n);
		break;
	default:
		(void)TEE_BigIntExpMod(out, a, a, n, NULL);
	}
}

static bool is_unary(enum op op)
{
	return op == NEG || op == SQUARE;
}

static bool is_ternary(enum op op)
{
	return op == ADD_MOD || op == SUB_MOD || op == MUL_MOD || op == EXP_MOD;
}

static void any(enum op op, TEE_BigInt *out, const TEE_BigInt *a, const TEE_BigInt *b)
{
	if (is_unary(op)) {
		unary(op, out, a);
	} else if (is_ternary(op)) {
		ternary(op, out, a, b);
	} else {
		binary(op, out, a, b);
	}
}

/* dest has no room for what comes. */
static void no_room(unsigned op)
{
	TEE_BigInt *a = number_of(0, 8), *b = number_of(1, op == DIV ? 3 : 31), *out = number_tiny();

	gp_now();
	any((enum op)op, out, a, b);
}

/* Which operand was never initialised: 100 the second, 200 the destination. */
static void no_number(unsigned which)
{
	TEE_BigInt *a = number_of(0, 8), *b = number_of(1, 31), *out = number_room(2, 8), *bad = number_raw();
	enum op op = (enum op)(which % 100);

	gp_now();
	any(op, which >= 200 ? bad : out, which < 100 ? bad : a, which / 100 == 1 ? bad : b);
}

/* n is below 2 (exponentiation: 3). */
static void low_modulus(unsigned op)
{
	TEE_BigInt *a = number_of(0, 8), *n = number_of(1, op == EXP_MOD ? 2 : 1), *out = number_room(2, 8);

	gp_now();
	any((enum op)op, out, a, n);
}

static void other_panic(unsigned which)
{
	TEE_BigInt *a = number_of(0, 8), *n = number_of(1, 31), *out = number_room(2, 8), *zero = number_of(3, 0), *large = number_power(4, NUMBER_BITS_MAX + 1);

	GP(TEE_BigIntInitFMMContext1(number_place[5], TEE_BigIntFMMContextSizeInU32(32), number_of(6, 97)) == TEE_SUCCESS);
	gp_now();
	switch (which) {
	case 7:
		TEE_BigIntDiv(out, NULL, a, zero);
		break;
	case 8:
		TEE_BigIntDiv(out, out, a, n);
		break;
	case 9:
		TEE_BigIntInvMod(out, zero, n);
		break;
	case 10:
		TEE_BigIntInvMod(out, a, number_of(1, 12));
		break;
	case 11:
		(void)TEE_BigIntExpMod(out, a, number_of(3, -1), n, NULL);
		break;
	case 12:
		(void)TEE_BigIntExpMod(out, a, a, large, NULL);
		break;
	case 13:
		(void)TEE_BigIntExpMod(out, a, a, n, number_place[5]);
		break;
	case 14:
		TEE_BigIntComputeExtendedGcd(out, NULL, NULL, zero, number_of(0, 0));
		break;
	case 15:
		TEE_BigIntComputeExtendedGcd(out, out, NULL, a, n);
		break;
	case 16:
		(void)TEE_BigIntIsProbablePrime(large, 80);
		break;
	case 17:
		(void)number_power(4, 127);
		TEE_BigIntSub(number_place[4], number_place[4], number_of(3, 1));
		gp_fault(TA_CALL_RANDOM, 0, TEE_ERROR_GENERIC);
		(void)TEE_BigIntIsProbablePrime(number_place[4], 80);
		break;
	default:
		TEE_BigIntDiv(NULL, number_tiny(), a, n);
	}
}

#define ROOM(function, op) { function, "panics: dest is too small", no_room, op }
#define NUMBERS_1(function, op)                                                     \
	{ function, "panics: the operand is not initialised", no_number, op },      \
	{ function, "panics: dest is not initialised", no_number, (op) + 200 }
#define NUMBERS_2(function, op)                                                     \
	NUMBERS_1(function, op), { function, "panics: the second operand is not initialised", no_number, (op) + 100 }
#define MODULAR(function, op)                                                       \
	{ function, "success", modular, 0 }, { function, "panics: n < 2", low_modulus, op }, ROOM(function, op), NUMBERS_2(function, op)

const struct gp_row gp_rows_arith_more[] = {
	{ "TEE_BigIntAdd", "success", arithmetic, 0 },
	ROOM("TEE_BigIntAdd", ADD),
	NUMBERS_2("TEE_BigIntAdd", ADD),
	{ "TEE_BigIntSub", "success", arithmetic, 0 },
	ROOM("TEE_BigIntSub", SUB),
	NUMBERS_2("TEE_BigIntSub", SUB),
	{ "TEE_BigIntNeg", "success", arithmetic, 0 },
	ROOM("TEE_BigIntNeg", NEG),
	NUMBERS_1("TEE_BigIntNeg", NEG),
	{ "TEE_BigIntMul", "success", arithmetic, 0 },
	ROOM("TEE_BigIntMul", MUL),
	NUMBERS_2("TEE_BigIntMul", MUL),
	{ "TEE_BigIntSquare", "success", arithmetic, 0 },
	ROOM("TEE_BigIntSquare", SQUARE),
	NUMBERS_1("TEE_BigIntSquare", SQUARE),
	{ "TEE_BigIntDiv", "success", arithmetic, 0 },
	{ "TEE_BigIntDiv", "panics: op2 = 0", other_panic, 7 },
	{ "TEE_BigIntDiv", "panics: dest_q is too small", no_room, DIV },
	{ "TEE_BigIntDiv", "panics: dest_r is too small", other_panic, 18 },
	{ "TEE_BigIntDiv", "panics: they are the same memory", other_panic, 8 },
	NUMBERS_2("TEE_BigIntDiv", DIV),
	MODULAR("TEE_BigIntMod", MOD),
	MODULAR("TEE_BigIntAddMod", ADD_MOD),
	MODULAR("TEE_BigIntSubMod", SUB_MOD),
	MODULAR("TEE_BigIntMulMod", MUL_MOD),
	MODULAR("TEE_BigIntSquareMod", SQUARE_MOD),
	MODULAR("TEE_BigIntInvMod", INV_MOD),
	{ "TEE_BigIntInvMod", "panics: op is 0", other_panic, 9 },
	{ "TEE_BigIntInvMod", "panics: op has a common divisor with n", other_panic, 10 },
	{ "TEE_BigIntExpMod", "TEE_ERROR_NOT_SUPPORTED", modular, 1 },
	{ "TEE_BigIntExpMod", "success", modular, 0 },
	{ "TEE_BigIntExpMod", "panics: n < 3", low_modulus, EXP_MOD },
	{ "TEE_BigIntExpMod", "panics: op2 < 0", other_panic, 11 },
	{ "TEE_BigIntExpMod", "panics: n has more bits than the maximum", other_panic, 12 },
	{ "TEE_BigIntExpMod", "panics: context is of another modulus", other_panic, 13 },
	ROOM("TEE_BigIntExpMod", EXP_MOD),
	NUMBERS_2("TEE_BigIntExpMod", EXP_MOD),
	{ "TEE_BigIntRelativePrime", "success", divisors, 0 },
	{ "TEE_BigIntRelativePrime", "panics: op1 is not initialised", no_number, RELATIVE },
	{ "TEE_BigIntRelativePrime", "panics: op2 is not initialised", no_number, RELATIVE + 100 },
	{ "TEE_BigIntComputeExtendedGcd", "success", divisors, 0 },
	{ "TEE_BigIntComputeExtendedGcd", "panics: op1 and op2 are both 0", other_panic, 14 },
	{ "TEE_BigIntComputeExtendedGcd", "panics: gcd is too small", no_room, GCD },
	{ "TEE_BigIntComputeExtendedGcd", "panics: two of them are the same memory", other_panic, 15 },
	NUMBERS_2("TEE_BigIntComputeExtendedGcd", GCD),
	{ "TEE_BigIntIsProbablePrime", "success", divisors, 0 },
	{ "TEE_BigIntIsProbablePrime", "panics: op is above the maximum", other_panic, 16 },
	{ "TEE_BigIntIsProbablePrime", "panics: there is no randomness", other_panic, 17 },
};
GP_COUNT(arith_more)
