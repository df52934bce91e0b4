/*
 * What ta/rt says is constant time takes the same branches and touches the same memory whatever the values are.
 *
 * ta/rt is compiled here so that each basic block calls back, and by clang each load and store too (tests.mk: one program of
 * each compiler); a trace is the hash of all of them in their order. It is of those compilers' code, not of every one's; and
 * the time that one instruction takes is the machine's.
 */
#include "api/tee_internal_api.h"
#include "test/test.h"

#include <string.h>

#define WORDS 8
#define BITS (WORDS * 32)

static uint64_t trace;
static size_t trace_count;

static void note(uintptr_t what)
{
	trace = (trace ^ what) * UINT64_C(0x9e3779b97f4a7c15);
	trace ^= trace >> 29;
	trace_count++;
}

/* The compiler's own names: called by the code under test. */
void __sanitizer_cov_trace_pc(void);
void __sanitizer_cov_load1(uint8_t *at);
void __sanitizer_cov_load2(uint16_t *at);
void __sanitizer_cov_load4(uint32_t *at);
void __sanitizer_cov_load8(uint64_t *at);
void __sanitizer_cov_load16(void *at);
void __sanitizer_cov_store1(uint8_t *at);
void __sanitizer_cov_store2(uint16_t *at);
void __sanitizer_cov_store4(uint32_t *at);
void __sanitizer_cov_store8(uint64_t *at);
void __sanitizer_cov_store16(void *at);

void __sanitizer_cov_trace_pc(void)
{
	note((uintptr_t)__builtin_return_address(0));
}

void __sanitizer_cov_load1(uint8_t *at)
{
	note((uintptr_t)at);
}

void __sanitizer_cov_load2(uint16_t *at)
{
	note((uintptr_t)at);
}

void __sanitizer_cov_load4(uint32_t *at)
{
	note((uintptr_t)at);
}

void __sanitizer_cov_load8(uint64_t *at)
{
	note((uintptr_t)at);
}

void __sanitizer_cov_load16(void *at)
{
	note((uintptr_t)at);
}

void __sanitizer_cov_store1(uint8_t *at)
{
	note((uintptr_t)at);
}

void __sanitizer_cov_store2(uint16_t *at)
{
	note((uintptr_t)at);
}

void __sanitizer_cov_store4(uint32_t *at)
{
	note((uintptr_t)at);
}

void __sanitizer_cov_store8(uint64_t *at)
{
	note((uintptr_t)at);
}

void __sanitizer_cov_store16(void *at)
{
	note((uintptr_t)at);
}

void TEE_Panic(TEE_Result panicCode)
{
	CHECK(false, "no panic");
	(void)panicCode;
	__builtin_trap();
}

void TEE_GenerateRandom(void *randomBuffer, size_t randomBufferLen)
{
	memset(randomBuffer, 0x5a, randomBufferLen);
}

/* Numbers of WORDS words, all below the modulus, a prime; the last two differ from it in one word alone. No power of them is short. */
static const char *const values[] = {
	"1000000000000000 0000000000000000 0000000000000000 0000000000000001",
	"8000000000000000 0000000000000000 0000000000000000 0000000000000000",
	"7fffffffffffffff ffffffffffffffff ffffffffffffffff ffffffffffffffff",
	"0123456789abcdef 0123456789abcdef 0123456789abcdef 0123456789abcdef",
	"9d61b19deffd5a60 ba844af492ec2cc4 4449c5697b326919 703bac031cae7f60",
	"ffffffff00000000 ffffffffffffffff bce6faada7179e84 f3b9cac2fc63254f",
	"fffffffe00000000 ffffffffffffffff bce6faada7179e84 f3b9cac2fc632551",
};
static const char modulus_text[] = "ffffffff00000000 ffffffffffffffff bce6faada7179e84 f3b9cac2fc632551";

/* Memory that is the same in every run, so that traces compare. */
static struct {
	TEE_BigInt n[WORDS + 2], base[WORDS + 2], exponent[WORDS + 2], out[WORDS + 2];
	TEE_BigIntFMM a[WORDS + 2], b[WORDS + 2];
	TEE_BigIntFMMContext context[2 * WORDS + 2];
} m;

static void set(TEE_BigInt *at, const char *text)
{
	struct bytes value = hex(text);

	TEE_BigIntInit(at, WORDS + 2);
	CHECK(TEE_BigIntConvertFromOctetString(at, value.at, value.size, 1) == TEE_SUCCESS, text);
}

static void begin(void)
{
	trace = trace_count = 0;
}

/* The trace of a power, of base and exponent by their places in values. */
static uint64_t trace_power(size_t base, size_t exponent, bool with_context)
{
	set(m.base, values[base]);
	set(m.exponent, values[exponent]);
	set(m.out, "00");
	begin();
	CHECK(TEE_BigIntExpMod(m.out, m.base, m.exponent, m.n, with_context ? m.context : NULL) == TEE_SUCCESS,
	      "power");
	return TEE_BigIntGetBitCount(m.out) > BITS - 32 ? trace : 0;
}

/* There, multiplied, and back. */
static uint64_t trace_fast(size_t a, size_t b)
{
	set(m.base, values[a]);
	set(m.exponent, values[b]);
	set(m.out, "00");
	TEE_BigIntInitFMM(m.a, WORDS + 2);
	TEE_BigIntInitFMM(m.b, WORDS + 2);
	begin();
	TEE_BigIntConvertToFMM(m.a, m.base, m.n, m.context);
	TEE_BigIntConvertToFMM(m.b, m.exponent, m.n, m.context);
	TEE_BigIntComputeFMM(m.a, m.a, m.b, m.n, m.context);
	TEE_BigIntConvertFromFMM(m.out, m.a, m.n, m.context);
	return TEE_BigIntGetBitCount(m.out) > BITS - 32 ? trace : 0;
}

static void modulus(void)
{
	set(m.n, modulus_text);
	TEE_BigIntInitFMMContext(m.context, MT_COUNT(m.context), m.n);
}

static void test_power(void)
{
	modulus();
	for (int with_context = 0; with_context < 2; with_context++) {
		uint64_t first = trace_power(0, 4, with_context);

		CHECK(first != 0 && trace_count > 10000, "the code is traced");
		for (size_t i = 0; i < MT_COUNT(values); i++) {
			CHECK(trace_power(0, i, with_context) == first, values[i]);
			CHECK(trace_power(i, 4, with_context) == first, values[i]);
		}
	}
}

static void test_fast(void)
{
	modulus();
	uint64_t first = trace_fast(0, 4);

	CHECK(first != 0 && trace_count > 250, "the code is traced");
	for (size_t i = 0; i < MT_COUNT(values); i++) {
		CHECK(trace_fast(0, i) == first, values[i]);
		CHECK(trace_fast(i, 4) == first, values[i]);
	}
}

/* What is not constant time must show here, or the traces say nothing. */
static void test_traces_differ(void)
{
	uint64_t got[2];

	modulus();
	for (size_t i = 0; i < 2; i++) {
		set(m.base, values[i + 3]);
		set(m.out, "00");
		begin();
		TEE_BigIntInvMod(m.out, m.base, m.n);
		got[i] = trace;
	}
	CHECK(got[0] != got[1], "an inverse");
}

const struct test tests[] = {
	{ "power", test_power }, { "fast", test_fast }, { "traces_differ", test_traces_differ }, TESTS_END
};
