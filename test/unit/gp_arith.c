/*
 * Big integers of ta/rt by lines of text, for test_gp_arith_random: one operation a line on stdin, its results on stdout.
 *
 * An operand is [-]HEX or [-]HEX/ROOM, a destination /ROOM, @I (the memory of operand I, counted from 0) or - (NULL); ROOM in
 * words of 32 bits. Each number has memory of its own of just its size, so that a sanitizer sees a word too many. A line's
 * answer is its results, or `panic CODE`, or `error CODE`.
 */
#include "api/tee_internal_api.h"
#include "lib/base/base.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOKENS_MAX 12

static char line[1 << 16];
static char *token[TOKENS_MAX];
static TEE_BigInt *number[TOKENS_MAX];
static size_t token_count;
static jmp_buf panicked;
static TEE_Result panic_code;
static uint64_t random_state = 88172645463325252;

void TEE_Panic(TEE_Result panicCode)
{
	panic_code = panicCode;
	longjmp(panicked, 1);
}

/* Marsaglia's xorshift: the test needs bases that differ, no secrets. */
void TEE_GenerateRandom(void *randomBuffer, size_t randomBufferLen)
{
	for (size_t i = 0; i < randomBufferLen; i++) {
		random_state ^= random_state << 13;
		random_state ^= random_state >> 7;
		random_state ^= random_state << 17;
		((uint8_t *)randomBuffer)[i] = (uint8_t)(random_state >> 32);
	}
}

static uint8_t nibble(char c)
{
	return (uint8_t)(c <= '9' ? c - '0' : c - 'a' + 10);
}

/* Bytes of hex digits; returns how many. */
static size_t bytes_of(const char *text, size_t digits, uint8_t *out)
{
	size_t size = (digits + 1) / 2;

	memset(out, 0, size);
	for (size_t i = 0; i < digits; i++) {
		out[size - 1 - i / 2] |= (uint8_t)(nibble(text[digits - 1 - i]) << i % 2 * 4);
	}
	return size;
}

static void *get(size_t words)
{
	void *at = malloc(words * sizeof(uint32_t));

	if (!at) {
		abort();
	}
	return at;
}

/* Token i as memory of its own: an operand with its value, or a destination. */
static TEE_BigInt *make(size_t i)
{
	static uint8_t bytes[sizeof(line)];
	const char *text = token[i];
	int32_t sign = *text == '-' ? -1 : 1;
	size_t digits = strcspn(text += sign < 0, "/");
	size_t size = bytes_of(text, digits, bytes), room = (size + 3) / 4;

	if (text[digits] == '/') {
		room = strtoul(text + digits + 1, NULL, 10);
	}
	number[i] = get(room + 2);
	TEE_BigIntInit(number[i], room + 2);
	if (TEE_BigIntConvertFromOctetString(number[i], bytes, size, sign) != TEE_SUCCESS) {
		abort();
	}
	return number[i];
}

static TEE_BigInt *operand(size_t i)
{
	return number[i] ? number[i] : make(i);
}

static TEE_BigInt *destination(size_t i)
{
	if (strcmp(token[i], "-") == 0) {
		return NULL;
	}
	return token[i][0] == '@' ? operand(strtoul(token[i] + 1, NULL, 10)) : operand(i);
}

static void show(const TEE_BigInt *at)
{
	static uint8_t bytes[sizeof(line)];
	size_t size = sizeof(bytes);

	if (!at) {
		printf(" none");
		return;
	}
	if (TEE_BigIntConvertToOctetString(bytes, &size, at) != TEE_SUCCESS) {
		abort();
	}
	printf(TEE_BigIntCmpS32(at, 0) < 0 ? " -" : " ");
	printf(size == 0 ? "00" : "");
	for (size_t i = 0; i < size; i++) {
		printf("%02x", bytes[i]);
	}
}

static void show_result(TEE_Result result, const TEE_BigInt *at)
{
	if (result != TEE_SUCCESS) {
		printf(" error %08x", result);
		return;
	}
	show(at);
}

/* dest a, dest a b, dest a b n: all that return nothing. */
static bool plain(const char *name)
{
	static const struct {
		const char *name;
		void (*one)(TEE_BigInt *, const TEE_BigInt *);
		void (*two)(TEE_BigInt *, const TEE_BigInt *, const TEE_BigInt *);
		void (*three)(TEE_BigInt *, const TEE_BigInt *, const TEE_BigInt *, const TEE_BigInt *);
	} row[] = {
		{ "neg", TEE_BigIntNeg, NULL, NULL },	    { "square", TEE_BigIntSquare, NULL, NULL },
		{ "add", NULL, TEE_BigIntAdd, NULL },	    { "sub", NULL, TEE_BigIntSub, NULL },
		{ "mul", NULL, TEE_BigIntMul, NULL },	    { "mod", NULL, TEE_BigIntMod, NULL },
		{ "invmod", NULL, TEE_BigIntInvMod, NULL }, { "squaremod", NULL, TEE_BigIntSquareMod, NULL },
		{ "addmod", NULL, NULL, TEE_BigIntAddMod }, { "submod", NULL, NULL, TEE_BigIntSubMod },
		{ "mulmod", NULL, NULL, TEE_BigIntMulMod },
	};

	for (size_t i = 0; i < MT_COUNT(row); i++) {
		if (strcmp(row[i].name, name) != 0) {
			continue;
		}
		TEE_BigInt *dest = destination(1);

		if (row[i].one) {
			row[i].one(dest, operand(2));
		} else if (row[i].two) {
			row[i].two(dest, operand(2), operand(3));
		} else {
			row[i].three(dest, operand(2), operand(3), operand(4));
		}
		show(dest);
		return true;
	}
	return false;
}

/* A context of just the size that the modulus needs. */
static TEE_BigIntFMMContext *context_of(const TEE_BigInt *n)
{
	size_t size = TEE_BigIntFMMContextSizeInU32(TEE_BigIntGetBitCount(n));
	TEE_BigIntFMMContext *context = get(size);

	if (TEE_BigIntInitFMMContext1(context, size, n) != TEE_SUCCESS) {
		free(context);
		return NULL;
	}
	return context;
}

/* fast dest a b n: a * b mod n through Montgomery's form. */
static void fast(void)
{
	TEE_BigInt *dest = destination(1);
	const TEE_BigInt *n = operand(4);
	TEE_BigIntFMMContext *context = context_of(n);
	size_t size = TEE_BigIntFMMSizeInU32(TEE_BigIntGetBitCount(n));
	TEE_BigIntFMM *a = get(size), *b = get(size);

	TEE_BigIntInitFMM(a, size);
	TEE_BigIntInitFMM(b, size);
	if (context) {
		TEE_BigIntConvertToFMM(a, operand(2), n, context);
		TEE_BigIntConvertToFMM(b, operand(3), n, context);
		TEE_BigIntComputeFMM(a, a, b, n, context);
		TEE_BigIntConvertFromFMM(dest, a, n, context);
	}
	show_result(context ? TEE_SUCCESS : TEE_ERROR_NOT_SUPPORTED, dest);
	free(a);
	free(b);
	free(context);
}

/* power dest a e n [c]: with c the context is made before. */
static void power(void)
{
	TEE_BigInt *dest = destination(1);
	TEE_BigIntFMMContext *context = token_count > 5 ? context_of(operand(4)) : NULL;
	TEE_Result result = TEE_BigIntExpMod(dest, operand(2), operand(3), operand(4), context);

	show_result(result, dest);
	free(context);
}

/* What returns something, or has more than one destination. Numbers that are no TEE_BigInt are decimal. */
static void other(const char *name)
{
	if (strcmp(name, "div") == 0) {
		TEE_BigIntDiv(destination(1), destination(2), operand(3), operand(4));
		show(destination(1));
		show(destination(2));
	} else if (strcmp(name, "gcd") == 0) {
		TEE_BigIntComputeExtendedGcd(destination(1), destination(2), destination(3), operand(4), operand(5));
		show(destination(1));
		show(destination(2));
		show(destination(3));
	} else if (strcmp(name, "power") == 0) {
		power();
	} else if (strcmp(name, "fast") == 0) {
		fast();
	} else if (strcmp(name, "shift") == 0) {
		TEE_BigIntShiftRight(destination(1), operand(2), strtoul(token[3], NULL, 10));
		show(destination(1));
	} else if (strcmp(name, "assign") == 0) {
		show_result(TEE_BigIntAssign(destination(1), operand(2)), destination(1));
	} else if (strcmp(name, "abs") == 0) {
		show_result(TEE_BigIntAbs(destination(1), operand(2)), destination(1));
	} else if (strcmp(name, "setbit") == 0) {
		show_result(TEE_BigIntSetBit(operand(1), (uint32_t)strtoul(token[2], NULL, 10), token[3][0] == '1'),
			    operand(1));
	} else if (strcmp(name, "getbit") == 0) {
		printf(" %d", TEE_BigIntGetBit(operand(1), (uint32_t)strtoul(token[2], NULL, 10)));
	} else if (strcmp(name, "bits") == 0) {
		printf(" %u", TEE_BigIntGetBitCount(operand(1)));
	} else if (strcmp(name, "cmp") == 0) {
		printf(" %d", TEE_BigIntCmp(operand(1), operand(2)));
	} else if (strcmp(name, "cmps") == 0) {
		printf(" %d", TEE_BigIntCmpS32(operand(1), (int32_t)strtol(token[2], NULL, 10)));
	} else if (strcmp(name, "set") == 0) {
		TEE_BigIntConvertFromS32(destination(1), (int32_t)strtol(token[2], NULL, 10));
		show(destination(1));
	} else if (strcmp(name, "get") == 0) {
		int32_t value = 0;
		TEE_Result result = TEE_BigIntConvertToS32(&value, operand(1));

		printf(result == TEE_SUCCESS ? " %d" : " error %08x", result == TEE_SUCCESS ? (uint32_t)value : result);
	} else if (strcmp(name, "prime") == 0) {
		printf(" %d", TEE_BigIntIsProbablePrime(operand(1), (uint32_t)strtoul(token[2], NULL, 10)));
	} else if (strcmp(name, "coprime") == 0) {
		printf(" %d", TEE_BigIntRelativePrime(operand(1), operand(2)));
	} else {
		printf(" no such operation");
	}
}

int main(void)
{
	while (fgets(line, sizeof(line), stdin)) {
		token_count = 0;
		for (char *at = strtok(line, " \n"); at && token_count < TOKENS_MAX; at = strtok(NULL, " \n")) {
			token[token_count++] = at;
		}
		if (setjmp(panicked) == 0) {
			if (!plain(token[0])) {
				other(token[0]);
			}
		} else {
			printf(" panic %08x", panic_code);
		}
		printf("\n");
		for (size_t i = 0; i < TOKENS_MAX; i++) {
			free(number[i]);
			number[i] = NULL;
		}
	}
	return 0;
}
