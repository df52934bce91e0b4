#include "bench/kernels.h"

#include <stdlib.h>
#include <string.h>

const char *const kernel_name[KERNELS] = { "sha256", "matmul", "sort", "json", "fib", "hash" };

static uint64_t seed = 88172645463325252u;

static uint64_t next(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

/* ---- SHA-256 (FIPS 180-4) in plain C, 32 MB ---- */

static uint32_t turn(uint32_t x, int n)
{
	return (x >> n) | (x << (32 - n));
}

static uint32_t sha_k[64];

/* The constants are the first bits of cube roots of primes; what they are does not matter for time, so they are mixed here. */
static void sha_block(uint32_t h[8], const uint8_t *p)
{
	uint32_t w[64], v[8];

	for (int i = 0; i < 16; i++) {
		w[i] = (uint32_t)p[4 * i] << 24 | (uint32_t)p[4 * i + 1] << 16 | (uint32_t)p[4 * i + 2] << 8 | p[4 * i + 3];
	}
	for (int i = 16; i < 64; i++) {
		uint32_t a = turn(w[i - 15], 7) ^ turn(w[i - 15], 18) ^ (w[i - 15] >> 3);
		uint32_t b = turn(w[i - 2], 17) ^ turn(w[i - 2], 19) ^ (w[i - 2] >> 10);
		w[i] = w[i - 16] + a + w[i - 7] + b;
	}
	memcpy(v, h, sizeof(v));
	for (int i = 0; i < 64; i++) {
		uint32_t t1 = v[7] + (turn(v[4], 6) ^ turn(v[4], 11) ^ turn(v[4], 25)) + ((v[4] & v[5]) ^ (~v[4] & v[6])) + sha_k[i] + w[i];
		uint32_t t2 = (turn(v[0], 2) ^ turn(v[0], 13) ^ turn(v[0], 22)) + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
		v[7] = v[6];
		v[6] = v[5];
		v[5] = v[4];
		v[4] = v[3] + t1;
		v[3] = v[2];
		v[2] = v[1];
		v[1] = v[0];
		v[0] = t1 + t2;
	}
	for (int i = 0; i < 8; i++) {
		h[i] += v[i];
	}
}

static uint64_t run_sha(void)
{
	static uint8_t block[1 << 16];
	uint32_t h[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };

	for (int i = 0; i < 64; i++) {
		sha_k[i] = (uint32_t)next();
	}
	for (size_t i = 0; i < sizeof(block); i++) {
		block[i] = (uint8_t)next();
	}
	for (int round = 0; round < 512; round++) {
		for (size_t at = 0; at < sizeof(block); at += 64) {
			sha_block(h, block + at);
		}
	}
	return h[0];
}

/* ---- 512 x 512 doubles ---- */

#define N 512
static double a[N][N], b[N][N], c[N][N];

static uint64_t run_matmul(void)
{
	for (int i = 0; i < N; i++) {
		for (int j = 0; j < N; j++) {
			a[i][j] = (double)(next() % 100);
			b[i][j] = (double)(next() % 100);
		}
	}
	for (int i = 0; i < N; i++) {
		for (int k = 0; k < N; k++) {
			double x = a[i][k];
			for (int j = 0; j < N; j++) {
				c[i][j] += x * b[k][j];
			}
		}
	}
	return (uint64_t)c[17][33];
}

/* ---- quicksort of 1 M ---- */

static void quicksort(uint32_t *x, long low, long high)
{
	while (low < high) {
		uint32_t pivot = x[(low + high) / 2];
		long i = low, j = high;
		while (i <= j) {
			while (x[i] < pivot) {
				i++;
			}
			while (x[j] > pivot) {
				j--;
			}
			if (i <= j) {
				uint32_t t = x[i];
				x[i++] = x[j];
				x[j--] = t;
			}
		}
		quicksort(x, low, j);
		low = i;
	}
}

static uint64_t run_sort(void)
{
	static uint32_t x[1 << 20];

	for (size_t i = 0; i < sizeof(x) / sizeof(x[0]); i++) {
		x[i] = (uint32_t)next();
	}
	quicksort(x, 0, (1 << 20) - 1);
	return x[12345];
}

/* ---- a scan of JSON-like text ---- */

static uint64_t run_json(void)
{
	static char text[1 << 20];
	static const char piece[] = "{\"key\":[1,22,333,\"text\",{\"in\":-4}],\"x\":true},";
	uint64_t depth = 0, numbers = 0, strings = 0;

	for (size_t i = 0; i < sizeof(text); i++) {
		text[i] = piece[i % (sizeof(piece) - 1)];
	}
	for (int round = 0; round < 8; round++) {
		for (size_t i = 0; i < sizeof(text); i++) {
			char ch = text[i];
			if (ch == '"') {
				strings++;
				while (++i < sizeof(text) && text[i] != '"') {
				}
			} else if (ch == '{' || ch == '[') {
				depth++;
			} else if (ch == '}' || ch == ']') {
				depth--;
			} else if (ch >= '0' && ch <= '9') {
				numbers = numbers * 3 + (uint64_t)(ch - '0');
			}
		}
	}
	return depth + numbers + strings;
}

/* ---- calls ---- */

static uint32_t fib(uint32_t n)
{
	return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

/* ---- a hash table of 1 M, 4 M probes ---- */

static uint64_t run_hash(void)
{
	enum { SLOTS = 1 << 21 };
	static uint32_t slot[SLOTS];
	uint64_t hits = 0;

	for (int i = 0; i < 1 << 20; i++) {
		uint32_t key = (uint32_t)next() | 1;
		size_t at = (key * 2654435761u) & (SLOTS - 1);
		while (slot[at] && slot[at] != key) {
			at = (at + 1) & (SLOTS - 1);
		}
		slot[at] = key;
	}
	for (int i = 0; i < 1 << 22; i++) {
		uint32_t key = (uint32_t)next() | 1;
		size_t at = (key * 2654435761u) & (SLOTS - 1);
		while (slot[at] && slot[at] != key) {
			at = (at + 1) & (SLOTS - 1);
		}
		hits += slot[at] == key;
	}
	return hits;
}

uint64_t kernel_run(int kernel)
{
	switch (kernel) {
	case 0:
		return run_sha();
	case 1:
		return run_matmul();
	case 2:
		return run_sort();
	case 3:
		return run_json();
	case 4:
		return fib(35);
	default:
		return run_hash();
	}
}
