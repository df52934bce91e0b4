/*
 * What the primitives cost here, and a dataset over them. Budget: a dataset is sealed and opened at 0.9x of what
 * AES-256-GCM and SHA-256 of the same bytes take one after the other, which is all that the format asks for.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/dataset/dataset.h"

enum { ROUNDS = 5, DATA = 16 << 20, SMALL = 2000, TINY = 200000 };
#define BUDGET 0.9

static struct {
	uint8_t *plain, *sealed, *open;
	struct secret key;
	struct crypto_aead *aead;
	struct crypto_signer *p256, *ed25519;
	struct crypto_verifier *verifier;
	uint8_t hash[CRYPTO_SHA256_SIZE], signature[CRYPTO_SIGNATURE_SIZE], tag[DATASET_TAG_SIZE];
	uint8_t x25519[CRYPTO_X25519_SIZE];
} world;

static void must(bool condition)
{
	if (!condition) {
		abort();
	}
}

static double now_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* The best of ROUNDS: microseconds of one of `count` calls. */
static double measure(void (*call)(void), unsigned count)
{
	double best = 1e18;

	for (int round = 0; round < ROUNDS; round++) {
		double start = now_us();

		for (unsigned i = 0; i < count; i++) {
			call();
		}
		double each = (now_us() - start) / count;

		best = each < best ? each : best;
	}
	return best;
}

static struct bytes hash_bytes(void)
{
	return mt_bytes(world.hash, sizeof(world.hash));
}

static void sha256_short(void)
{
	crypto_sha256(hash_bytes(), world.hash);
}

static void hmac_short(void)
{
	crypto_hmac_sha256(hash_bytes(), hash_bytes(), world.hash);
}

static void es256_sign(void)
{
	must(crypto_sign(world.p256, hash_bytes(), world.signature) == MT_OK);
}

static void es256_verify(void)
{
	must(crypto_verify(world.verifier, hash_bytes(), mt_bytes(world.signature, sizeof(world.signature))) == MT_OK);
}

static void ed25519_sign(void)
{
	uint8_t signature[CRYPTO_SIGNATURE_SIZE];

	must(crypto_sign(world.ed25519, hash_bytes(), signature) == MT_OK);
}

static void hpke_seal(void)
{
	must(crypto_hpke_seal(world.x25519, hash_bytes(), hash_bytes(), hash_bytes(), world.sealed) == MT_OK);
}

static void hpke_open(void)
{
	must(crypto_hpke_open(&world.key, hash_bytes(), hash_bytes(), mt_bytes(world.sealed, 32 + CRYPTO_HPKE_OVERHEAD),
			      world.open) == MT_OK);
}

static void gcm_block(void)
{
	crypto_aead_seal(world.aead, world.hash, hash_bytes(), mt_bytes(world.plain, 4096), world.sealed);
}

/* The two passes that a dataset needs, segment by segment as it does. */
static void gcm_and_sha256(void)
{
	for (size_t at = 0; at < DATA; at += DATASET_SEGMENT_SIZE) {
		uint8_t hash[CRYPTO_SHA256_SIZE];

		crypto_aead_seal(world.aead, world.hash, hash_bytes(), mt_bytes(world.plain + at, DATASET_SEGMENT_SIZE),
				 world.sealed + at);
		crypto_sha256(mt_bytes(world.sealed + at, DATASET_SEGMENT_SIZE), hash);
	}
}

static void gcm_bulk(void)
{
	crypto_aead_seal(world.aead, world.hash, hash_bytes(), mt_bytes(world.plain, DATA), world.sealed);
}

static void dataset_seal(void)
{
	must(dataset_seal_all(&world.key, mt_bytes(world.plain, DATA), world.sealed, world.tag) == MT_OK);
}

static void dataset_open(void)
{
	size_t size = DATASET_HEADER_SIZE + DATA + DATA / DATASET_SEGMENT_SIZE * CRYPTO_TAG_SIZE;

	must(dataset_open_all(mt_bytes(world.sealed, size), &world.key, world.tag, world.open, DATA) == MT_OK);
}

int main(void)
{
	size_t room = DATA + DATASET_HEADER_SIZE + DATA / DATASET_SEGMENT_SIZE * CRYPTO_TAG_SIZE;

	world.plain = calloc(1, DATA);
	world.sealed = calloc(1, room);
	world.open = calloc(1, DATA);
	must(world.plain && world.sealed && world.open);
	crypto_p256_generate(&world.key);
	crypto_x25519_public(&world.key, world.x25519);
	must(crypto_aead_open(&world.key, &world.aead) == MT_OK);
	must(crypto_signer_open_p256(&world.key, &world.p256) == MT_OK);
	must(crypto_signer_open_ed25519(&world.key, &world.ed25519) == MT_OK);
	must(crypto_verifier_open(crypto_signer_public(world.p256), &world.verifier) == MT_OK);

	es256_sign();
	hpke_seal();
	/* The short hashes come last: they change the message that was signed. */
	printf("ES256 sign          %7.2f us, verify %.2f us\n", measure(es256_sign, SMALL),
	       measure(es256_verify, SMALL));
	printf("Ed25519 sign        %7.2f us\n", measure(ed25519_sign, SMALL));
	printf("HPKE open           %7.2f us, ", measure(hpke_open, SMALL));
	printf("seal %.2f us\n", measure(hpke_seal, SMALL));
	printf("AES-256-GCM 4 KiB   %7.2f us, bulk %.0f MB/s\n", measure(gcm_block, SMALL),
	       DATA / measure(gcm_bulk, 1));
	double bare = measure(gcm_and_sha256, 1), seal = measure(dataset_seal, 1), open = measure(dataset_open, 1);
	printf("GCM, then SHA-256   %7.0f MB/s\n", DATA / bare);
	printf("dataset seal        %7.0f MB/s, %.2fx; open %.0f MB/s, %.2fx (budget %.2fx)\n", DATA / seal,
	       bare / seal, DATA / open, bare / open, BUDGET);
	printf("SHA-256 of 32 bytes %7.3f us, HMAC %.3f us\n", measure(sha256_short, TINY), measure(hmac_short, TINY));
	return 0;
}
