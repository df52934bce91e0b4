/* What CPython has done by its host: right results, and nothing for arguments that do not lie in the guest's memory. */
#include "exec/python/host.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "test/test.h"

/* A guest's memory, of its own size so that a sanitizer sees what is read or written beyond it. */
static uint8_t *memory;
static uint32_t memory_size;
#define FRAME 64                        /* where arguments lie, unless a test says otherwise */
#define DATA 128                        /* the first byte behind them */

static void memory_make(size_t size)
{
	memory = aligned_alloc(64, size);
	if (!CHECK(memory, "memory") || !memory) {
		abort();
	}
	memory_size = (uint32_t)size;
	for (size_t i = 0; i < size; i++) {
		memory[i] = (uint8_t)(i * 37 + 11);
	}
}

static int32_t ask(enum host_function function, const uint64_t *slot, size_t count)
{
	memcpy(memory + FRAME, slot, count * 8);
	return host_call(memory, memory_size, FRAME, (uint32_t)count * 8, function, 0);
}

/* Asks, and sees that nothing was done: not even to memory. */
static bool refused(enum host_function function, const uint64_t *slot, size_t count)
{
	uint8_t *before = test_alloc(memory_size);

	memcpy(memory + FRAME, slot, count * 8);
	memcpy(before, memory, memory_size);
	return host_call(memory, memory_size, FRAME, (uint32_t)count * 8, function, 0) == HOST_NONE && memcmp(before, memory, memory_size) == 0;
}

/* ---- matrix products ---- */

struct shape {
	size_t rows, columns, depth, stride;
};

enum kind { DOUBLES, FLOATS };

static size_t element(enum kind kind)
{
	return kind == DOUBLES ? sizeof(double) : sizeof(float);
}

static double get(enum kind kind, size_t at, size_t i)
{
	return kind == DOUBLES ? ((double *)(memory + at))[i] : (double)((float *)(memory + at))[i];
}

static void put(enum kind kind, size_t at, size_t i, double v)
{
	if (kind == DOUBLES) {
		((double *)(memory + at))[i] = v;
	} else {
		((float *)(memory + at))[i] = (float)v;
	}
}

/* Where a matrix's number lies when `count` rows of it are packed in panels of two. */
static size_t packed(size_t row, size_t k, size_t count, size_t depth)
{
	return row + 1 == count && count % 2 ? row * depth + k : row / 2 * 2 * depth + 2 * k + row % 2;
}

static double number(size_t seed, size_t i, size_t k)
{
	return (double)((seed * 7919 + i * 104729 + k * 1299709) % 2003) / 16 - 62;
}

/* The product by definition, in twice the width; `worst` is the largest error as a part of what was added up. */
static double product_error(enum kind kind, const struct shape *s, double alpha)
{
	size_t size = element(kind), a = DATA, b = a + s->rows * s->depth * size, c = (b + s->columns * s->depth * size + 7) & ~(size_t)7;
	size_t count = (s->columns - 1) * s->stride + s->rows;
	double worst = 0;
	float narrow = (float)alpha;
	uint64_t slot[8] = { s->rows, s->columns, s->depth, 0, a, b, c, s->stride };

	memory_make((c + count * size + 63) & ~(size_t)63);
	for (size_t i = 0; i < s->rows * s->depth; i++) {
		put(kind, a, packed(i / s->depth, i % s->depth, s->rows, s->depth), number(1, i / s->depth, i % s->depth));
	}
	for (size_t i = 0; i < s->columns * s->depth; i++) {
		put(kind, b, packed(i / s->depth, i % s->depth, s->columns, s->depth), number(2, i / s->depth, i % s->depth));
	}
	for (size_t i = 0; i < count; i++) {
		put(kind, c, i, (double)i);
	}
	memcpy(&slot[3], kind == DOUBLES ? (void *)&alpha : (void *)&narrow, size);
	CHECK(ask(kind == DOUBLES ? HOST_PRODUCT_DOUBLE : HOST_PRODUCT_FLOAT, slot, 8) == HOST_DONE, "a product");
	for (size_t i = 0; i < count; i++) {
		size_t row = i % s->stride, column = i / s->stride;
		long double sum = 0, most = 1;
		for (size_t k = 0; row < s->rows && k < s->depth; k++) {
			long double one = (long double)number(1, row, k) * (long double)number(2, column, k);
			sum += one;
			most += fabsl(one);
		}
		double error = (double)(fabsl((long double)get(kind, c, i) - (long double)i - (long double)alpha * sum) / (most + (long double)i));
		worst = error > worst ? error : worst;
	}
	free(memory);
	return worst;
}

static void test_products(void)
{
	static const double alpha[] = { 1, -1, 0.5 };

	for (size_t rows = 1; rows <= 9; rows++) {
		for (size_t columns = 1; columns <= 15; columns++) {
			for (size_t depth = 1; depth <= 11; depth++) {
				struct shape s = { rows, columns, depth, rows + depth % 3 };
				CHECK(product_error(DOUBLES, &s, alpha[depth % 3]) < 1e-15, "small, of doubles");
				CHECK(product_error(FLOATS, &s, alpha[depth % 3]) < 1e-6, "small, of floats");
			}
		}
	}
	static const struct shape large[] = { { 128, 6, 120, 128 }, { 127, 37, 121, 200 }, { 1, 300, 400, 1 }, { 300, 1, 3, 300 } };
	for (size_t i = 0; i < MT_COUNT(large); i++) {
		CHECK(product_error(DOUBLES, &large[i], 1) < 1e-14, "large, of doubles");
		CHECK(product_error(FLOATS, &large[i], 1) < 1e-5, "large, of floats");
	}
}

/* A product of 3 x 4 x 5 numbers whose parts end exactly where memory ends, each in its turn. */
static void test_product_bounds(void)
{
	for (enum kind kind = DOUBLES; kind <= FLOATS; kind++) {
		uint32_t size = (uint32_t)element(kind), end = 1024, one = DATA;
		enum host_function f = kind == DOUBLES ? HOST_PRODUCT_DOUBLE : HOST_PRODUCT_FLOAT;
		const uint64_t fits[][8] = {
			{ 3, 4, 5, 0, end - 15 * size, one, one + 256, 3 },
			{ 3, 4, 5, 0, one, end - 20 * size, one + 256, 3 },
			{ 3, 4, 5, 0, one, one + 256, end - 33 * size, 10 },
		};
		memory_make(end);
		for (size_t i = 0; i < MT_COUNT(fits); i++) {
			uint64_t slot[8];
			memcpy(slot, fits[i], sizeof(slot));
			CHECK(ask(f, slot, 8) == HOST_DONE, "up to the end of memory");
			slot[4 + i] += size;
			CHECK(refused(f, slot, 8), "one number beyond the end");
			slot[4 + i] = end + size;
			CHECK(refused(f, slot, 8), "beyond the end");
			slot[4 + i] = fits[i][4 + i] - 1;
			CHECK(refused(f, slot, 8), "between two numbers");
			slot[4 + i] = UINT32_MAX - size + 1;
			CHECK(refused(f, slot, 8), "the end of all addresses");
		}
		free(memory);
	}
}

static void test_product_sizes(void)
{
	static const uint64_t wrong[] = { 0, 1024, INT32_MAX, (uint32_t)INT32_MIN, UINT32_MAX, 1U << 30, (1U << 30) + 1, 1U << 29 };
	static const uint64_t good[8] = { 2, 2, 2, 0, DATA, DATA + 64, DATA + 128, 2 };

	memory_make(1024);
	for (enum host_function f = HOST_PRODUCT_DOUBLE; f <= HOST_PRODUCT_FLOAT; f++) {
		for (size_t i = 0; i < MT_COUNT(wrong); i++) {
			for (size_t at = 0; at < 8; at += at == 2 ? 5 : 1) {
				uint64_t slot[8];
				memcpy(slot, good, sizeof(slot));
				slot[at] = wrong[i];
				CHECK((at == 7 && wrong[i] == 0) || refused(f, slot, 8), "a count or stride that cannot be");
				slot[0] = slot[1] = slot[2] = slot[7] = wrong[i];
				CHECK(refused(f, slot, 8), "and all of them, whatever their product wraps to");
			}
		}
		/* 2^16 times 2^16 is 0 in 32 bits, and so are 8 times 2^29, 4 times 2^30. */
		const uint64_t wraps[][8] = {
			{ 1 << 16, 1 << 16, 1 << 16, 0, DATA, DATA, DATA, 1 << 16 },
			{ 1, 1 << 16, 1, 0, DATA, DATA, DATA, 1 << 16 },
			{ 1, 3, 1, 0, DATA, DATA, DATA, 1U << 31 },
			{ 1, 3, 1, 0, DATA, DATA, DATA, UINT32_MAX },
		};
		for (size_t i = 0; i < MT_COUNT(wraps); i++) {
			CHECK(refused(f, wraps[i], 8), "sizes that would wrap");
		}
	}
	free(memory);
}

/* ---- hashes ---- */

struct digest_row {
	enum host_function function;
	size_t block, word_size;
	const char *start, *message, *digest;   /* the start value is FIPS 180-4, 5.3; the digests are NIST's examples */
};

static const struct digest_row digests[] = {
	{ HOST_SHA1, 64, 4, "67452301 efcdab89 98badcfe 10325476 c3d2e1f0", "abc", "a9993e36 4706816a ba3e2571 7850c26c 9cd0d89d" },
	{ HOST_SHA256, 64, 4, "6a09e667 bb67ae85 3c6ef372 a54ff53a 510e527f 9b05688c 1f83d9ab 5be0cd19", "abc",
	  "ba7816bf 8f01cfea 414140de 5dae2223 b00361a3 96177a9c b410ff61 f20015ad" },
	{ HOST_SHA512, 128, 8,
	  "6a09e667f3bcc908 bb67ae8584caa73b 3c6ef372fe94f82b a54ff53a5f1d36f1 510e527fade682d1 9b05688c2b3e6c1f 1f83d9abfb41bd6b 5be0cd19137e2179",
	  "abc",
	  "ddaf35a193617aba cc417349ae204131 12e6fa4e89a97ea2 0a9eeee64b55d39a 2192992a274fc1a8 36ba3c23a3feebbd 454d4423643ce80e 2a9ac94fa54ca49f" },
};

/* Words in the order of bytes that a digest has, to words as this machine has them, or back. */
static void words_turn(uint8_t *at, size_t size, size_t word_size)
{
	for (size_t i = 0; i < size; i += word_size) {
		for (size_t k = 0; k < word_size / 2; k++) {
			uint8_t kept = at[i + k];
			at[i + k] = at[i + word_size - 1 - k];
			at[i + word_size - 1 - k] = kept;
		}
	}
}

/* The slots of a hash: SHA-1 has its state first, and a count. */
static size_t slots_make(const struct digest_row *d, uint64_t data, uint64_t state, uint64_t count, uint64_t slot[3])
{
	slot[0] = d->function == HOST_SHA1 ? state : data;
	slot[1] = d->function == HOST_SHA1 ? data : state;
	slot[2] = count;
	return d->function == HOST_SHA1 ? 3 : 2;
}

static void test_hashes(void)
{
	for (size_t i = 0; i < MT_COUNT(digests); i++) {
		const struct digest_row *d = &digests[i];
		struct bytes start = hex(d->start), want = hex(d->digest);
		size_t length = strlen(d->message);
		uint64_t slot[3];
		size_t count = slots_make(d, DATA, 512, 1, slot);

		memory_make(1024);
		memset(memory + DATA, 0, d->block);
		memcpy(memory + DATA, d->message, length);
		memory[DATA + length] = 0x80;
		memory[DATA + d->block - 1] = (uint8_t)(8 * length);
		memcpy(memory + 512, start.at, start.size);
		words_turn(memory + 512, start.size, d->word_size);
		CHECK(ask(d->function, slot, count) == HOST_DONE, "a block");
		words_turn(memory + 512, want.size, d->word_size);
		CHECK(memcmp(memory + 512, want.at, want.size) == 0, d->digest);
		free(memory);
	}
}

static void test_hash_bounds(void)
{
	for (size_t i = 0; i < MT_COUNT(digests); i++) {
		const struct digest_row *d = &digests[i];
		uint64_t slot[3], state_size = hex(d->start).size, end = 1024;
		size_t count = slots_make(d, end - d->block, DATA, 1, slot);

		memory_make(end);
		CHECK(ask(d->function, slot, count) == HOST_DONE, "data up to the end");
		slots_make(d, end - d->block + 1, DATA, 1, slot);
		CHECK(refused(d->function, slot, count), "data beyond the end");
		slots_make(d, DATA, end - state_size, 1, slot);
		CHECK(ask(d->function, slot, count) == HOST_DONE, "a state up to the end");
		slots_make(d, DATA, end - state_size + d->word_size, 1, slot);
		CHECK(refused(d->function, slot, count), "a state beyond the end");
		slots_make(d, DATA, 513, 1, slot);
		CHECK(refused(d->function, slot, count), "a state between two words");
		slots_make(d, UINT32_MAX, DATA, 1, slot);
		CHECK(refused(d->function, slot, count), "no address of data");
		slots_make(d, DATA, UINT32_MAX & ~7U, 1, slot);
		CHECK(refused(d->function, slot, count), "no address of a state");
		free(memory);
	}
	static const uint64_t counts[] = { 15, 1U << 26, UINT32_MAX };
	memory_make(1024);
	for (size_t i = 0; i < MT_COUNT(counts); i++) {
		const uint64_t slot[3] = { 512, DATA, counts[i] };
		CHECK(refused(HOST_SHA1, slot, 3), "more blocks than memory has, 2^26 times 64 being 0 in 32 bits");
	}
	free(memory);
}

/* ---- the door ---- */

static void test_door(void)
{
	const uint64_t slot[2] = { DATA, 512 };

	memory_make(1024);
	memcpy(memory + FRAME, slot, sizeof(slot));
	memcpy(memory + 1008, slot, sizeof(slot));
	CHECK(host_call(memory, 1024, FRAME, 16, HOST_SHA256, 0) == HOST_DONE, "as it is asked");
	CHECK(host_call(memory, 1024, FRAME, 16, HOST_SHA256, 1000) == HOST_NONE, "somebody's own host is not there");
	CHECK(host_call(memory, 1024, FRAME, 16, 0, 0) == HOST_NONE, "no function");
	CHECK(host_call(memory, 1024, FRAME, 16, HOST_SHA1 + 1, 0) == HOST_NONE, "behind the last function");
	CHECK(host_call(memory, 1024, FRAME, 16, UINT32_MAX, 0) == HOST_NONE, "far behind it");
	CHECK(host_call(memory, 1024, FRAME, 15, HOST_SHA256, 0) == HOST_NONE, "too few arguments");
	CHECK(host_call(memory, 1024, FRAME, 24, HOST_SHA256, 0) == HOST_NONE, "too many");
	CHECK(host_call(memory, 1024, FRAME, 16, HOST_PRODUCT_DOUBLE, 0) == HOST_NONE, "another's");
	CHECK(host_call(memory, 1024, 1008, 16, HOST_SHA256, 0) == HOST_DONE, "arguments at the end of memory");
	CHECK(host_call(memory, 1024, 1016, 16, HOST_SHA256, 0) == HOST_NONE, "arguments beyond it");
	CHECK(host_call(memory, 1024, UINT32_MAX - 7, 16, HOST_SHA256, 0) == HOST_NONE, "at the end of all addresses");
	free(memory);
}

const struct test tests[] = {
	{ "products agree with their definition", test_products },
	{ "a product stays in memory", test_product_bounds },
	{ "sizes that cannot be", test_product_sizes },
	{ "hashes agree with their standard", test_hashes },
	{ "a hash stays in memory", test_hash_bounds },
	{ "the door", test_door },
	TESTS_END,
};
