/*
 * SHA-256, SHA-512, HMAC and HKDF over libcrypto's digests. HMAC and HKDF are composed here: they are a few
 * lines, and libcrypto's own cost several allocations per call.
 */
#include "lib/crypto/libcrypto.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* FIPS 180-4, 1: the block of SHA-256. RFC 2104 calls it B. */
#define SHA256_BLOCK 64

struct scratch {
	EVP_MD_CTX *sha256, *sha512;
};

static struct algorithms fetched;
static pthread_key_t scratch_key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void scratch_free(void *at)
{
	struct scratch *s = at;

	EVP_MD_CTX_free(s->sha256);
	EVP_MD_CTX_free(s->sha512);
	free(s);
}

static void fetch(void)
{
	fetched.sha256 = EVP_MD_fetch(NULL, "SHA2-256", NULL);
	fetched.sha512 = EVP_MD_fetch(NULL, "SHA2-512", NULL);
	fetched.aes_256_gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	mt_assert(fetched.sha256 && fetched.sha512 && fetched.aes_256_gcm);
	mt_assert(pthread_key_create(&scratch_key, scratch_free) == 0);
}

const struct algorithms *algorithms(void)
{
	mt_assert(pthread_once(&once, fetch) == 0);
	return &fetched;
}

/* This thread's contexts, both ready for a message. */
static struct scratch *scratch(void)
{
	const struct algorithms *a = algorithms();
	struct scratch *s = pthread_getspecific(scratch_key);

	if (s) {
		return s;
	}
	/* Once per thread and not the caller's allocation: a test that fails those does not mean this one. */
	s = calloc(1, sizeof(*s));
	mt_assert(s);
	s->sha256 = EVP_MD_CTX_new();
	s->sha512 = EVP_MD_CTX_new();
	mt_assert(s->sha256 && s->sha512);
	mt_assert(EVP_DigestInit_ex(s->sha256, a->sha256, NULL) == 1);
	mt_assert(EVP_DigestInit_ex(s->sha512, a->sha512, NULL) == 1);
	mt_assert(pthread_setspecific(scratch_key, s) == 0);
	return s;
}

static void digest_add(EVP_MD_CTX *md, struct bytes data)
{
	if (data.size > 0) {
		mt_assert(EVP_DigestUpdate(md, data.at, data.size) == 1);
	}
}

static void size_wire(uint64_t size, uint8_t out[8])
{
	for (size_t i = 0; i < 8; i++) {
		out[i] = (uint8_t)(size >> 8 * (7 - i));
	}
}

static void digest_add_sized(EVP_MD_CTX *md, struct bytes data)
{
	uint8_t size[8];

	size_wire(data.size, size);
	digest_add(md, mt_bytes(size, sizeof(size)));
	digest_add(md, data);
}

/* The digest, and the context as new: the next user finds it ready, and no trace of this message stays. */
static void digest_finish(EVP_MD_CTX *md, uint8_t *out)
{
	mt_assert(EVP_DigestFinal_ex(md, out, NULL) == 1);
	mt_assert(EVP_DigestInit_ex(md, NULL, NULL) == 1);
}

/* ---- hashes ---- */

void crypto_sha256_parts(const struct bytes *parts, size_t count, uint8_t out[CRYPTO_SHA256_SIZE])
{
	EVP_MD_CTX *md = scratch()->sha256;

	for (size_t i = 0; i < count; i++) {
		digest_add(md, parts[i]);
	}
	digest_finish(md, out);
}

void crypto_sha256(struct bytes data, uint8_t out[CRYPTO_SHA256_SIZE])
{
	crypto_sha256_parts(&data, 1, out);
}

void crypto_sha512(struct bytes data, uint8_t out[CRYPTO_SHA512_SIZE])
{
	EVP_MD_CTX *md = scratch()->sha512;

	digest_add(md, data);
	digest_finish(md, out);
}

struct crypto_hash {
	EVP_MD_CTX *md;
};

static enum mt_err hash_open(const EVP_MD *kind, struct crypto_hash **out)
{
	struct crypto_hash *h = mt_alloc(sizeof(*h));

	*out = NULL;
	if (!h) {
		return MT_NO_MEMORY;
	}
	h->md = EVP_MD_CTX_new();
	if (!h->md || EVP_DigestInit_ex(h->md, kind, NULL) != 1) {
		crypto_hash_close(h);
		return MT_NO_MEMORY;
	}
	*out = h;
	return MT_OK;
}

enum mt_err crypto_hash_open_256(struct crypto_hash **out)
{
	return hash_open(algorithms()->sha256, out);
}

enum mt_err crypto_hash_open_512(struct crypto_hash **out)
{
	return hash_open(algorithms()->sha512, out);
}

void crypto_hash_add(struct crypto_hash *h, struct bytes data)
{
	digest_add(h->md, data);
}

void crypto_hash_add_sized(struct crypto_hash *h, struct bytes data)
{
	digest_add_sized(h->md, data);
}

void crypto_hash_finish(struct crypto_hash *h, uint8_t *out)
{
	digest_finish(h->md, out);
}

void crypto_hash_close(struct crypto_hash *h)
{
	if (h) {
		EVP_MD_CTX_free(h->md);
		mt_free(h);
	}
}

static void label_hash(EVP_MD_CTX *md, const char *label, const struct bytes *parts, size_t count,
		       uint8_t *out)
{
	digest_add_sized(md, mt_text(label));
	for (size_t i = 0; i < count; i++) {
		digest_add_sized(md, parts[i]);
	}
	digest_finish(md, out);
}

void crypto_label_sha256(const char *label, const struct bytes *parts, size_t count,
			 uint8_t out[CRYPTO_SHA256_SIZE])
{
	label_hash(scratch()->sha256, label, parts, count, out);
}

void crypto_label_sha512(const char *label, const struct bytes *parts, size_t count,
			 uint8_t out[CRYPTO_SHA512_SIZE])
{
	label_hash(scratch()->sha512, label, parts, count, out);
}

/* ---- HMAC (RFC 2104) ---- */

/* One of the two passes: H((key ^ pad) || parts). */
static void hmac_pass(EVP_MD_CTX *md, const uint8_t key[SHA256_BLOCK], uint8_t pad,
		      const struct bytes *parts, size_t count, uint8_t out[CRYPTO_SHA256_SIZE])
{
	uint8_t block[SHA256_BLOCK];

	for (size_t i = 0; i < sizeof(block); i++) {
		block[i] = key[i] ^ pad;
	}
	digest_add(md, mt_bytes(block, sizeof(block)));
	for (size_t i = 0; i < count; i++) {
		digest_add(md, parts[i]);
	}
	digest_finish(md, out);
	mt_wipe(block, sizeof(block));
}

void hmac_sha256_parts(struct bytes key, const struct bytes *parts, size_t count,
		       uint8_t out[CRYPTO_SHA256_SIZE])
{
	EVP_MD_CTX *md = scratch()->sha256;
	uint8_t padded[SHA256_BLOCK] = { 0 }, inner[CRYPTO_SHA256_SIZE];

	if (key.size > sizeof(padded)) {
		crypto_sha256(key, padded);
	} else if (key.size > 0) {
		memcpy(padded, key.at, key.size);
	}
	hmac_pass(md, padded, 0x36, parts, count, inner);
	hmac_pass(md, padded, 0x5c, &(struct bytes){ inner, sizeof(inner) }, 1, out);
	mt_wipe(padded, sizeof(padded));
	mt_wipe(inner, sizeof(inner));
}

void crypto_hmac_sha256(struct bytes key, struct bytes data, uint8_t out[CRYPTO_SHA256_SIZE])
{
	hmac_sha256_parts(key, &data, 1, out);
}

/* ---- HKDF (RFC 5869) ---- */

/* T(n) = HMAC(prk, T(n-1) || info || n). */
static void hkdf_expand(struct bytes prk, struct bytes info, uint8_t *out, size_t size)
{
	uint8_t block[CRYPTO_SHA256_SIZE];
	size_t before = 0;

	for (uint8_t n = 1; size > 0; n++) {
		const struct bytes parts[] = { { block, before }, info, { &n, 1 } };
		size_t step = size < sizeof(block) ? size : sizeof(block);

		hmac_sha256_parts(prk, parts, MT_COUNT(parts), block);
		memcpy(out, block, step);
		out += step;
		size -= step;
		before = sizeof(block);
	}
	mt_wipe(block, sizeof(block));
}

void crypto_hkdf(struct bytes key, struct bytes salt, struct bytes info, uint8_t *out, size_t size)
{
	uint8_t prk[CRYPTO_SHA256_SIZE];

	mt_assert(size <= 255 * CRYPTO_SHA256_SIZE);
	/* RFC 5869, 2.2: no salt means zeros, which is what HMAC's padding makes of an empty key. */
	crypto_hmac_sha256(salt, key, prk);
	hkdf_expand(mt_bytes(prk, sizeof(prk)), info, out, size);
	mt_wipe(prk, sizeof(prk));
}

struct bytes secret_bytes(const struct secret *s)
{
	return mt_bytes(s->at, sizeof(s->at));
}

/* HKDF with one block of output, its info given in parts so that nothing is copied together. */
void crypto_derive(const struct secret *key, const char *label, struct bytes context, struct secret *out)
{
	struct bytes text = mt_text(label);
	uint8_t prk[CRYPTO_SHA256_SIZE], label_size[8], context_size[8];
	const uint8_t n = 1;

	size_wire(text.size, label_size);
	size_wire(context.size, context_size);
	const struct bytes info[] = {
		{ label_size, sizeof(label_size) }, text,
		{ context_size, sizeof(context_size) }, context, { &n, 1 },
	};
	crypto_hmac_sha256(mt_bytes(NULL, 0), secret_bytes(key), prk);
	hmac_sha256_parts(mt_bytes(prk, sizeof(prk)), info, MT_COUNT(info), out->at);
	mt_wipe(prk, sizeof(prk));
}
