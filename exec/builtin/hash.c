#include "exec/builtin/hash.h"

#include <string.h>

#define BLOCK_SIZE 64

static inline uint32_t left32(uint32_t x, unsigned bits)
{
	return x << bits | x >> (32 - bits);
}

static inline uint32_t right32(uint32_t x, unsigned bits)
{
	return x >> bits | x << (32 - bits);
}

static inline uint64_t left64(uint64_t x, unsigned bits)
{
	return x << bits | x >> (64 - bits);
}

static void words_take(const uint8_t block[BLOCK_SIZE], uint32_t w[16])
{
	for (size_t i = 0; i < 16; i++) {
		const uint8_t *p = block + 4 * i;
		w[i] = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
	}
}

/* FIPS 180-4, 6.1.2. */
static void sha1_block(uint32_t state[8], const uint8_t block[BLOCK_SIZE])
{
	uint32_t w[80], a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];

	words_take(block, w);
	for (size_t t = 16; t < 80; t++) {
		w[t] = left32(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
	}
	for (size_t t = 0; t < 80; t++) {
		uint32_t f = t < 20 ? (b & c) ^ (~b & d) : t >= 40 && t < 60 ? (b & c) ^ (b & d) ^ (c & d) : b ^ c ^ d;
		uint32_t k = t < 20 ? 0x5a827999 : t < 40 ? 0x6ed9eba1 : t < 60 ? 0x8f1bbcdc : 0xca62c1d6;
		uint32_t next = left32(a, 5) + f + e + k + w[t];
		e = d;
		d = c;
		c = left32(b, 30);
		b = a;
		a = next;
	}
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
	state[4] += e;
}

static const uint32_t sha256_k[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

/* FIPS 180-4, 6.2.2. */
static void sha256_block(uint32_t state[8], const uint8_t block[BLOCK_SIZE])
{
	uint32_t w[64], s[8];

	words_take(block, w);
	for (size_t t = 16; t < 64; t++) {
		uint32_t x = w[t - 15], y = w[t - 2];
		w[t] = (right32(y, 17) ^ right32(y, 19) ^ y >> 10) + w[t - 7] +
		       (right32(x, 7) ^ right32(x, 18) ^ x >> 3) + w[t - 16];
	}
	memcpy(s, state, sizeof(s));
	for (size_t t = 0; t < 64; t++) {
		uint32_t big1 = right32(s[4], 6) ^ right32(s[4], 11) ^ right32(s[4], 25),
			 choose = (s[4] & s[5]) ^ (~s[4] & s[6]);
		uint32_t big0 = right32(s[0], 2) ^ right32(s[0], 13) ^ right32(s[0], 22),
			 most = (s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]);
		uint32_t one = s[7] + big1 + choose + sha256_k[t] + w[t];
		memmove(s + 1, s, 7 * sizeof(s[0]));
		s[4] += one;
		s[0] = one + big0 + most;
	}
	for (size_t i = 0; i < 8; i++) {
		state[i] += s[i];
	}
}

/* FIPS 180-4, 5.1.1: a one bit, zeros, the size in bits as 64 bits. */
static void digest(void (*step)(uint32_t *, const uint8_t *), uint32_t state[8], struct text text, uint8_t *out,
		   size_t size)
{
	uint8_t last[2 * BLOCK_SIZE] = { 0 };
	size_t whole = text.size / BLOCK_SIZE * BLOCK_SIZE, rest = text.size - whole,
	       end = rest + 9 <= BLOCK_SIZE ? BLOCK_SIZE : 2 * BLOCK_SIZE;

	for (size_t at = 0; at < whole; at += BLOCK_SIZE) {
		step(state, (const uint8_t *)text.at + at);
	}
	if (rest) {
		memcpy(last, text.at + whole, rest);
	}
	last[rest] = 0x80;
	for (size_t i = 0; i < 8; i++) {
		last[end - 1 - i] = (uint8_t)((uint64_t)text.size * 8 >> 8 * i);
	}
	for (size_t at = 0; at < end; at += BLOCK_SIZE) {
		step(state, last + at);
	}
	for (size_t i = 0; i < size; i++) {
		out[i] = (uint8_t)(state[i / 4] >> (24 - 8 * (i % 4)));
	}
}

void sha1(struct text text, uint8_t out[SHA1_SIZE])
{
	uint32_t state[8] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 };

	digest(sha1_block, state, text, out, SHA1_SIZE);
}

void sha256(struct text text, uint8_t out[SHA256_SIZE])
{
	uint32_t state[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
			      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };

	digest(sha256_block, state, text, out, SHA256_SIZE);
}

/* ---- keyed ---- */

static inline void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = left64(v[1], 13) ^ v[0];
	v[0] = left64(v[0], 32);
	v[2] += v[3];
	v[3] = left64(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = left64(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = left64(v[1], 17) ^ v[2];
	v[2] = left64(v[2], 32);
}

uint64_t siphash(const uint64_t key[2], struct text text)
{
	uint64_t v[4] = { key[0] ^ 0x736f6d6570736575, key[1] ^ 0x646f72616e646f6d, key[0] ^ 0x6c7967656e657261,
			  key[1] ^ 0x7465646279746573 };
	uint64_t last = (uint64_t)text.size << 56, word;
	size_t at = 0;

	for (; at + 8 <= text.size; at += 8) {
		memcpy(&word, text.at + at, 8);
		v[3] ^= word;
		sip_round(v);
		v[0] ^= word;
	}
	for (size_t i = at; i < text.size; i++) {
		last |= (uint64_t)(uint8_t)text.at[i] << 8 * (i - at);
	}
	v[3] ^= last;
	sip_round(v);
	v[0] ^= last;
	v[2] ^= 0xff;
	sip_round(v);
	sip_round(v);
	sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
