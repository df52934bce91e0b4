/*
 * Random bytes that whoever knows the seed can make again: the ChaCha20 key stream (RFC 8439, 2.4).
 * Not a primitive that protects anything, which is why it is here and not in lib/crypto, and why
 * the run image needs no libcrypto.
 */
#include "exec/wasm/wasi_private.h"

#define BLOCK_SIZE 64

static uint32_t turn_left(uint32_t v, unsigned by)
{
	return v << by | v >> (32 - by);
}

static void quarter(uint32_t s[16], size_t a, size_t b, size_t c, size_t d)
{
	s[a] += s[b];
	s[d] = turn_left(s[d] ^ s[a], 16);
	s[c] += s[d];
	s[b] = turn_left(s[b] ^ s[c], 12);
	s[a] += s[b];
	s[d] = turn_left(s[d] ^ s[a], 8);
	s[c] += s[d];
	s[b] = turn_left(s[b] ^ s[c], 7);
}

/* The counter takes 64 bits, the nonce the rest: zero. */
static void block_make(const uint8_t seed[32], uint64_t counter, uint8_t out[BLOCK_SIZE])
{
	uint32_t first[16] = { 0x61707865, 0x3320646e, 0x79622d32, 0x6b206574 }, s[16];

	for (size_t i = 0; i < 8; i++) {
		first[4 + i] = get32(seed + 4 * i);
	}
	first[12] = (uint32_t)counter;
	first[13] = (uint32_t)(counter >> 32);
	memcpy(s, first, sizeof(s));
	for (size_t i = 0; i < 10; i++) {
		quarter(s, 0, 4, 8, 12);
		quarter(s, 1, 5, 9, 13);
		quarter(s, 2, 6, 10, 14);
		quarter(s, 3, 7, 11, 15);
		quarter(s, 0, 5, 10, 15);
		quarter(s, 1, 6, 11, 12);
		quarter(s, 2, 7, 8, 13);
		quarter(s, 3, 4, 9, 14);
	}
	for (size_t i = 0; i < 16; i++) {
		put32(out + 4 * i, s[i] + first[i]);
	}
}

/*
 * What is left of a block is thrown away, so that a request's bytes depend on the requests before
 * it and nothing else.
 */
void wasi_chance(struct wasi *w, uint8_t *out, size_t size)
{
	while (size > 0) {
		uint8_t block[BLOCK_SIZE];
		size_t part = size < BLOCK_SIZE ? size : BLOCK_SIZE;

		block_make(w->seed, w->chance_block++, block);
		memcpy(out, block, part);
		out += part;
		size -= part;
	}
}
