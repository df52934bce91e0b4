/*
 * SHA-256 of two messages of one size at the same time (FIPS 180-4, 6.2), by the processor's instructions for it. One message waits for itself:
 * each round needs the one before. Two of them fill the gaps, at about 1.7 times the speed; libcrypto has that inside and does not give it out.
 *
 * Constant time in what is hashed. Where the processor has no such instructions libcrypto does the work, one after the other.
 */
#include "lib/crypto/crypto.h"

#include <cpuid.h>
#include <immintrin.h>
#include <string.h>

#define BLOCK CRYPTO_SHA256_BLOCK
#define LANES 2
#define GROUPS 16               /* of four rounds */

/* FIPS 180-4, 4.2.2. */
static const uint32_t round_constant[GROUPS * 4] __attribute__((aligned(16))) = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
	0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
	0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
	0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
	0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
	0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};
/* FIPS 180-4, 5.3.3. */
static const uint32_t initial[CRYPTO_SHA256_WORDS] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab,
						       0x5be0cd19 };

/* As sha256rnds2 has it: the words a, b, e, f, and c, d, g, h, each from the highest to the lowest. */
struct lane {
	__m128i abef, cdgh;
};

#define INSTRUCTIONS __attribute__((target("sha,sse4.1")))

INSTRUCTIONS static struct lane lane_start(void)
{
	return (struct lane){ _mm_set_epi32((int)initial[0], (int)initial[1], (int)initial[4], (int)initial[5]),
			      _mm_set_epi32((int)initial[2], (int)initial[3], (int)initial[6], (int)initial[7]) };
}

INSTRUCTIONS static void lane_digest(const struct lane *l, uint8_t out[CRYPTO_SHA256_SIZE])
{
	const __m128i big = _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);
	__m128i abcd = _mm_unpackhi_epi64(l->cdgh, l->abef), efgh = _mm_unpacklo_epi64(l->cdgh, l->abef);

	/* Both have a at the top; the digest begins with it. */
	_mm_storeu_si128((__m128i *)(void *)out, _mm_shuffle_epi8(_mm_shuffle_epi32(abcd, 0x1b), big));
	_mm_storeu_si128((__m128i *)(void *)(out + 16), _mm_shuffle_epi8(_mm_shuffle_epi32(efgh, 0x1b), big));
}

/* `count` blocks of each message into its lane. */
INSTRUCTIONS static void pair_blocks(struct lane lane[LANES], const uint8_t *a, const uint8_t *b, size_t count)
{
	const __m128i big = _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);
	const uint8_t *at[LANES] = { a, b };
	struct lane now[LANES] = { lane[0], lane[1] };

	for (size_t block = 0; block < count; block++) {
		struct lane before[LANES] = { now[0], now[1] };
		__m128i w[LANES][4];

#pragma GCC unroll 16
		for (int g = 0; g < GROUPS; g++) {
			__m128i k = _mm_load_si128((const __m128i *)(const void *)&round_constant[4 * g]);

#pragma GCC unroll 2
			for (int i = 0; i < LANES; i++) {
				if (g < 4) {
					w[i][g] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)(at[i] + 16 * g)), big);
				}
				__m128i wk = _mm_add_epi32(w[i][g & 3], k);

				now[i].cdgh = _mm_sha256rnds2_epu32(now[i].cdgh, now[i].abef, wk);
				now[i].abef = _mm_sha256rnds2_epu32(now[i].abef, now[i].cdgh, _mm_shuffle_epi32(wk, 0x0e));
				/* The words of four groups on, from the last sixteen: FIPS 180-4, 6.2.2, step 1. */
				if (g >= 3 && g < GROUPS - 1) {
					__m128i w9 = _mm_alignr_epi8(w[i][g & 3], w[i][(g + 3) & 3], 4);
					__m128i next = _mm_add_epi32(_mm_sha256msg1_epu32(w[i][(g + 1) & 3], w[i][(g + 2) & 3]), w9);

					w[i][(g + 1) & 3] = _mm_sha256msg2_epu32(next, w[i][g & 3]);
				}
			}
		}
#pragma GCC unroll 2
		for (int i = 0; i < LANES; i++) {
			now[i].abef = _mm_add_epi32(now[i].abef, before[i].abef);
			now[i].cdgh = _mm_add_epi32(now[i].cdgh, before[i].cdgh);
			at[i] += BLOCK;
		}
	}
	lane[0] = now[0];
	lane[1] = now[1];
}

/* FIPS 180-4, 5.1.1: what is left of a message, a one bit, zeroes, its size in bits. The number of blocks. */
static size_t tail_make(const uint8_t *message, size_t size, uint8_t out[2 * BLOCK])
{
	size_t rest = size % BLOCK, whole = rest < BLOCK - 8 ? BLOCK : 2 * BLOCK;

	memset(out, 0, 2 * BLOCK);
	if (rest) {
		memcpy(out, message + size - rest, rest);
	}
	out[rest] = 0x80;
	for (size_t i = 0; i < 8; i++) {
		out[whole - 1 - i] = (uint8_t)((uint64_t)size * 8 >> 8 * i);
	}
	return whole / BLOCK;
}

/* Extended features: leaf 7, EBX bit 29 is SHA; leaf 1, ECX bits 9 and 19 are SSSE3 and SSE4.1. */
static bool processor_has(void)
{
	unsigned a = 0, b = 0, c = 0, d = 0, one = 0;

	return __get_cpuid(1, &a, &b, &one, &d) && (one & 1u << 9) && (one & 1u << 19) && __get_cpuid_count(7, 0, &a, &b, &c, &d) &&
	       (b & 1u << 29);
}

void crypto_sha256_pair(const uint8_t *a, const uint8_t *b, size_t size, uint8_t out_a[CRYPTO_SHA256_SIZE],
			uint8_t out_b[CRYPTO_SHA256_SIZE])
{
	static int there; /* 0: not asked yet; whoever asks at the same time finds the same */
	uint8_t tail[LANES][2 * BLOCK];

	if (!there) {
		there = processor_has() ? 1 : -1;
	}
	if (there < 0) {
		crypto_sha256(mt_bytes(a, size), out_a);
		crypto_sha256(mt_bytes(b, size), out_b);
		return;
	}
	struct lane lane[LANES] = { lane_start(), lane_start() };

	pair_blocks(lane, a, b, size / BLOCK);
	size_t count = tail_make(a, size, tail[0]);

	(void)tail_make(b, size, tail[1]);
	pair_blocks(lane, tail[0], tail[1], count);
	lane_digest(&lane[0], out_a);
	lane_digest(&lane[1], out_b);
	mt_wipe(tail, sizeof(tail));
	mt_wipe(lane, sizeof(lane));
}
