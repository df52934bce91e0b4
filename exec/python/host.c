#include "exec/python/host.h"

#include <string.h>

#include "exec/python/product.h"
#include "lib/crypto/crypto.h"

#define SLOT 8
#define SLOTS_MAX 8

struct question {
	uint8_t *memory;
	uint64_t memory_size;
	uint64_t slot[SLOTS_MAX];
};

static uint32_t word(const struct question *q, size_t slot)
{
	return (uint32_t)q->slot[slot];
}

/* `count` elements of `size` bytes at a guest's address; NULL unless all of them are inside, and the first is where such an element may be. */
static void *inside(const struct question *q, uint32_t at, uint64_t count, size_t size)
{
	if (at > q->memory_size || count > (q->memory_size - at) / size) {
		return NULL;
	}
	return at % size == 0 ? q->memory + at : NULL;
}

/* ---- matrix products ---- */

static bool product_read(const struct question *q, size_t element, struct product *out)
{
	uint32_t rows = word(q, 0), columns = word(q, 1), depth = word(q, 2), stride = word(q, 7);

	/* The guest's negative numbers are, without a sign, more than its memory holds. No product of two of them wraps in 64 bits. */
	if (rows == 0 || columns == 0 || depth == 0) {
		return false;
	}
	*out = (struct product){
		.rows = rows,
		.columns = columns,
		.depth = depth,
		.stride = stride,
		.a = inside(q, word(q, 4), (uint64_t)rows * depth, element),
		.b = inside(q, word(q, 5), (uint64_t)columns * depth, element),
		.c = inside(q, word(q, 6), (uint64_t)(columns - 1) * stride + rows, element),
	};
	return out->a && out->b && out->c;
}

static bool product_of_doubles(const struct question *q)
{
	struct product p;
	double alpha;

	memcpy(&alpha, &q->slot[3], sizeof(alpha));
	if (!product_read(q, sizeof(double), &p)) {
		return false;
	}
	product_double(&p, alpha);
	return true;
}

static bool product_of_floats(const struct question *q)
{
	struct product p;
	float alpha;

	memcpy(&alpha, &q->slot[3], sizeof(alpha));
	if (!product_read(q, sizeof(float), &p)) {
		return false;
	}
	product_float(&p, alpha);
	return true;
}

/* ---- hashes ---- */

static bool sha256(const struct question *q)
{
	const uint8_t *data = inside(q, word(q, 0), CRYPTO_SHA256_BLOCK, 1);
	uint32_t *state = inside(q, word(q, 1), CRYPTO_SHA256_WORDS, sizeof(*state));

	if (!data || !state) {
		return false;
	}
	crypto_sha256_blocks(state, data, 1);
	return true;
}

static bool sha512(const struct question *q)
{
	const uint8_t *data = inside(q, word(q, 0), CRYPTO_SHA512_BLOCK, 1);
	uint64_t *state = inside(q, word(q, 1), CRYPTO_SHA512_WORDS, sizeof(*state));

	if (!data || !state) {
		return false;
	}
	crypto_sha512_blocks(state, data, 1);
	return true;
}

static bool sha1(const struct question *q)
{
	uint32_t *state = inside(q, word(q, 0), CRYPTO_SHA1_WORDS, sizeof(*state));
	uint32_t count = word(q, 2);
	const uint8_t *data = inside(q, word(q, 1), (uint64_t)count * CRYPTO_SHA1_BLOCK, 1);

	if (!data || !state) {
		return false;
	}
	crypto_sha1_blocks(state, data, count);
	return true;
}

/* ---- the door ---- */

static const struct host_row {
	bool (*answer)(const struct question *q);
	size_t slots;
} rows[] = {
	[HOST_PRODUCT_DOUBLE] = { product_of_doubles, 8 },
	[HOST_PRODUCT_FLOAT] = { product_of_floats, 8 },
	[HOST_SHA256] = { sha256, 2 },
	[HOST_SHA512] = { sha512, 2 },
	[HOST_SHA1] = { sha1, 3 },
};

int32_t host_call(uint8_t *memory, uint64_t memory_size, uint32_t at, uint32_t size, uint32_t function, uint32_t elsewhere)
{
	struct question q = { .memory = memory, .memory_size = memory_size };

	if (elsewhere != 0 || function >= MT_COUNT(rows) || !rows[function].answer || size != rows[function].slots * SLOT) {
		return HOST_NONE;
	}
	const void *arguments = inside(&q, at, rows[function].slots, SLOT);
	if (!arguments) {
		return HOST_NONE;
	}
	memcpy(q.slot, arguments, size);
	return rows[function].answer(&q) ? HOST_DONE : HOST_NONE;
}
