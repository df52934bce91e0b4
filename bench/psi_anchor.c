/* What a join and a cipher cost at least on this machine. */
#include "bench/psi.h"

#include <stdlib.h>
#include <string.h>

#include "lib/crypto/crypto.h"
#include "lib/dataset/dataset.h"

#define PART_BITS_MAX 12                /* more parts are more pages than the processor keeps at hand */
#define PART_ENTRIES 4096

static unsigned part_bits(size_t count)
{
	unsigned bits = 0;

	while (bits < PART_BITS_MAX && count >> bits > PART_ENTRIES) {
		bits++;
	}
	return bits;
}

static void *memory(size_t count, size_t size)
{
	void *at = calloc(count, size);

	if (!at) {
		psi_stop("no memory");
	}
	memset(at, 1, count * size);            /* its pages are not part of the figure */
	memset(at, 0, count * size);
	return at;
}

/* By the upper bits; start[p] is where part p begins, start[parts] is the count. */
static void partition(const struct id *from, size_t count, unsigned bits, struct id *to, size_t *start)
{
	size_t parts = (size_t)1 << bits, *next = memory(parts + 1, sizeof(*next));

	for (size_t i = 0; i < count; i++) {
		next[(from[i].high >> 1 >> (63 - bits)) + 1]++;
	}
	for (size_t p = 0; p < parts; p++) {
		next[p + 1] += next[p];
	}
	memcpy(start, next, (parts + 1) * sizeof(*start));
	for (size_t i = 0; i < count; i++) {
		to[next[from[i].high >> 1 >> (63 - bits)]++] = from[i];
	}
	free(next);
}

/* `slot` has a power of two of places, at least twice `a_count`, and is all zero. */
static size_t part_join(const struct id *a, size_t a_count, const struct id *b, size_t b_count, uint32_t *slot, size_t mask)
{
	size_t common = 0;

	for (size_t i = 0; i < a_count; i++) {
		size_t at = a[i].low & mask;
		while (slot[at]) {
			at = (at + 1) & mask;
		}
		slot[at] = (uint32_t)i + 1;
	}
	for (size_t i = 0; i < b_count; i++) {
		size_t at = b[i].low & mask;
		while (slot[at] && (a[slot[at] - 1].low != b[i].low || a[slot[at] - 1].high != b[i].high)) {
			at = (at + 1) & mask;
		}
		common += slot[at] != 0;
	}
	return common;
}

double anchor_join(const struct id *a, const struct id *b, size_t count, size_t *common)
{
	unsigned bits = part_bits(count);
	size_t parts = (size_t)1 << bits, mask = 1;
	size_t *a_start = memory(parts + 1, sizeof(*a_start)), *b_start = memory(parts + 1, sizeof(*b_start));
	struct id *a_parts = memory(count, sizeof(*a)), *b_parts = memory(count, sizeof(*b));

	while (mask + 1 < 4 * (count >> bits)) {
		mask = 2 * mask + 1;
	}
	uint32_t *slot = memory(mask + 1, sizeof(*slot));
	double begin = cpu_s();

	partition(a, count, bits, a_parts, a_start);
	partition(b, count, bits, b_parts, b_start);
	*common = 0;
	for (size_t p = 0; p < parts; p++) {
		memset(slot, 0, (mask + 1) * sizeof(*slot));
		*common += part_join(a_parts + a_start[p], a_start[p + 1] - a_start[p], b_parts + b_start[p], b_start[p + 1] - b_start[p], slot,
				     mask);
	}
	double took = cpu_s() - begin;
	free(slot);
	free(a_parts);
	free(b_parts);
	free(a_start);
	free(b_start);
	return took;
}

double anchor_aes(uint64_t size)
{
	static uint8_t segment[DATASET_SEALED_MAX];
	static const struct secret key = { { 1 } };
	const uint8_t nonce[CRYPTO_NONCE_SIZE] = { 0 };
	struct crypto_aead *aead = NULL;

	if (crypto_aead_open(&key, &aead) != MT_OK) {
		psi_stop("no cipher");
	}
	double begin = cpu_s();
	for (uint64_t done = 0; done < size; done += DATASET_SEGMENT_SIZE) {
		crypto_aead_seal(aead, nonce, mt_bytes(NULL, 0), mt_bytes(segment, DATASET_SEGMENT_SIZE), segment);
	}
	double took = cpu_s() - begin;
	crypto_aead_close(aead);
	return took;
}
