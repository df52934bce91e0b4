/* lib/crypto: every algorithm against its standard's vectors, and every way in which an input may be wrong. */
#include "lib/crypto/crypto.h"
#include "test/test.h"
#include "test/vectors/crypto_vectors.h"

#include <string.h>

static bool is(const uint8_t *at, const char *want)
{
	struct bytes b = hex(want);

	return memcmp(at, b.at, b.size) == 0;
}

static struct secret secret_of(const char *text)
{
	struct secret s = { 0 };
	struct bytes b = hex(text);

	memcpy(s.at, b.at, sizeof(s.at));
	return s;
}

static struct bytes repeated(const char *text, unsigned repeat)
{
	struct bytes b = hex(text);

	if (repeat == 0) {
		return b;
	}
	uint8_t *out = test_alloc(repeat);
	memset(out, b.at[0], repeat);
	return mt_bytes(out, repeat);
}

/* The bytes with bit `bit` changed. */
static struct bytes flipped(struct bytes b, size_t bit)
{
	uint8_t *out = test_alloc(b.size);

	memcpy(out, b.at, b.size);
	out[bit / 8] ^= (uint8_t)(1 << bit % 8);
	return mt_bytes(out, b.size);
}

/* ---- hashes ---- */

static void test_sha2(void)
{
	uint8_t out[CRYPTO_SHA512_SIZE];

	for (size_t i = 0; i < MT_COUNT(sha2_vectors); i++) {
		crypto_sha256(mt_text(sha2_vectors[i].message), out);
		CHECK(is(out, sha2_vectors[i].sha256), sha2_vectors[i].message);
		crypto_sha512(mt_text(sha2_vectors[i].message), out);
		CHECK(is(out, sha2_vectors[i].sha512), sha2_vectors[i].message);
	}
}

/* Each size up to three blocks, so every padding; two messages that differ, and libcrypto's own answer for each. */
static void test_sha256_pair(void)
{
	uint8_t a[3 * CRYPTO_SHA256_BLOCK], b[sizeof(a)], got[2][CRYPTO_SHA256_SIZE], want[CRYPTO_SHA256_SIZE];

	for (size_t i = 0; i < sizeof(a); i++) {
		a[i] = (uint8_t)(i * 7 + 1);
		b[i] = (uint8_t)(i * 13 + 5);
	}
	for (size_t size = 0; size <= sizeof(a); size++) {
		crypto_sha256_pair(a, b, size, got[0], got[1]);
		crypto_sha256(mt_bytes(a, size), want);
		CHECK(memcmp(got[0], want, sizeof(want)) == 0, "the first");
		crypto_sha256(mt_bytes(b, size), want);
		CHECK(memcmp(got[1], want, sizeof(want)) == 0, "the second");
	}
	for (size_t i = 0; i < MT_COUNT(sha2_vectors); i++) {
		const uint8_t *message = (const uint8_t *)sha2_vectors[i].message;

		crypto_sha256_pair(message, message, strlen(sha2_vectors[i].message), got[0], got[1]);
		CHECK(is(got[0], sha2_vectors[i].sha256) && is(got[1], sha2_vectors[i].sha256), sha2_vectors[i].message);
	}
}

/* FIPS 180-4 example: a million times "a", fed in uneven steps; then the same context again. */
static void test_hash_incremental(void)
{
	static uint8_t a[1000000];
	struct crypto_hash *h = NULL;
	uint8_t out[CRYPTO_SHA512_SIZE];

	memset(a, 'a', sizeof(a));
	if (!CHECK(crypto_hash_open_256(&h) == MT_OK, "open")) {
		return;
	}
	for (int round = 0; round < 2; round++) {
		for (size_t at = 0, step = 1; at < sizeof(a); at += step, step = step * 3 + 1) {
			step = step < sizeof(a) - at ? step : sizeof(a) - at;
			crypto_hash_add(h, mt_bytes(a + at, step));
		}
		crypto_hash_finish(h, out);
		CHECK(is(out, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"), "a * 10^6");
	}
	crypto_hash_close(h);
	CHECK(crypto_hash_open_512(&h) == MT_OK, "open");
	crypto_hash_add(h, mt_text("abc"));
	crypto_hash_finish(h, out);
	CHECK(is(out, sha2_vectors[1].sha512), "SHA-512 in steps");
	crypto_hash_close(h);
	crypto_hash_close(NULL);
}

static void test_hash_no_memory(void)
{
	struct crypto_hash *h = NULL;

	mt_alloc_fail_at(1);
	CHECK(crypto_hash_open_256(&h) == MT_NO_MEMORY && !h, "no memory");
	mt_alloc_fail_at(0);
}

/* A labelled hash is the hash of every part with its size before it, so parts cannot shift into each other. */
static void test_label_hash(void)
{
	const struct bytes parts[] = { mt_text("ab"), mt_text("") , mt_text("c") };
	const struct bytes shifted[] = { mt_text("a"), mt_text(""), mt_text("bc") };
	struct bytes whole = hex("0000000000000005 6c6162656c 0000000000000002 6162 0000000000000000"
				 "0000000000000001 63");
	uint8_t got[CRYPTO_SHA512_SIZE], want[CRYPTO_SHA512_SIZE];

	crypto_label_sha256("label", parts, MT_COUNT(parts), got);
	crypto_sha256(whole, want);
	CHECK(memcmp(got, want, CRYPTO_SHA256_SIZE) == 0, "SHA-256");
	crypto_label_sha256("label", shifted, MT_COUNT(shifted), got);
	CHECK(memcmp(got, want, CRYPTO_SHA256_SIZE) != 0, "a shifted boundary is another hash");
	crypto_label_sha512("label", parts, MT_COUNT(parts), got);
	crypto_sha512(whole, want);
	CHECK(memcmp(got, want, CRYPTO_SHA512_SIZE) == 0, "SHA-512");

	struct crypto_hash *h = NULL;
	CHECK(crypto_hash_open_256(&h) == MT_OK, "open");
	crypto_hash_add_sized(h, mt_text("label"));
	for (size_t i = 0; i < MT_COUNT(parts); i++) {
		crypto_hash_add_sized(h, parts[i]);
	}
	crypto_hash_finish(h, got);
	crypto_sha256(whole, want);
	CHECK(memcmp(got, want, CRYPTO_SHA256_SIZE) == 0, "add_sized");
	crypto_hash_close(h);
}

static void test_hmac(void)
{
	uint8_t out[CRYPTO_SHA256_SIZE];

	for (size_t i = 0; i < MT_COUNT(hmac_vectors); i++) {
		crypto_hmac_sha256(repeated(hmac_vectors[i].key, hmac_vectors[i].key_repeat),
				   repeated(hmac_vectors[i].message, hmac_vectors[i].message_repeat), out);
		CHECK(is(out, hmac_vectors[i].mac), "RFC 4231");
	}
}

static void test_hkdf(void)
{
	uint8_t out[255 * CRYPTO_SHA256_SIZE];

	for (size_t i = 0; i < MT_COUNT(hkdf_vectors); i++) {
		struct bytes want = hex(hkdf_vectors[i].out);

		crypto_hkdf(hex(hkdf_vectors[i].key), hex(hkdf_vectors[i].salt), hex(hkdf_vectors[i].info), out,
			    want.size);
		CHECK(memcmp(out, want.at, want.size) == 0, "RFC 5869");
	}
	crypto_hkdf(hex("0b"), hex(""), hex(""), out, sizeof(out));     /* the largest size there is */
}

static void test_derive(void)
{
	struct secret key = secret_of(P256_VECTOR_PRIVATE), got, want, other;
	struct bytes info = hex("0000000000000005 6c6162656c 0000000000000003 010203");

	crypto_derive(&key, "label", hex("010203"), &got);
	crypto_hkdf(secret_bytes(&key), hex(""), info, want.at, sizeof(want.at));
	CHECK(mt_equal_ct(secret_bytes(&got), secret_bytes(&want)), "HKDF with sized label and context");
	crypto_derive(&key, "label", hex("0102"), &other);
	CHECK(!mt_equal_ct(secret_bytes(&got), secret_bytes(&other)), "another context");
	crypto_derive(&key, "lab", hex("656c010203"), &other);
	CHECK(!mt_equal_ct(secret_bytes(&got), secret_bytes(&other)), "another label");
}

/* ---- AES-256-GCM ---- */

static void test_aead_vectors(void)
{
	uint8_t out[128];

	for (size_t i = 0; i < MT_COUNT(gcm_vectors); i++) {
		struct secret key = secret_of(gcm_vectors[i].key);
		struct bytes nonce = hex(gcm_vectors[i].nonce), associated = hex(gcm_vectors[i].associated);
		struct bytes plain = hex(gcm_vectors[i].plain), sealed = hex(gcm_vectors[i].sealed);
		struct crypto_aead *a = NULL;

		if (!CHECK(crypto_aead_open(&key, &a) == MT_OK, "open")) {
			return;
		}
		for (int round = 0; round < 3; round++) {       /* the schedule serves both directions in turn */
			crypto_aead_seal(a, nonce.at, associated, plain, out);
			CHECK(memcmp(out, sealed.at, sealed.size) == 0, "seal");
			CHECK(crypto_aead_unseal(a, nonce.at, associated, sealed, out) == MT_OK, "unseal");
			CHECK(plain.size == 0 || memcmp(out, plain.at, plain.size) == 0, "plain again");
		}
		crypto_aead_close(a);
	}
}

static void test_aead_refuses(void)
{
	struct secret key = secret_of(gcm_vectors[3].key), other = secret_of(P256_VECTOR_PRIVATE);
	struct bytes nonce = hex(gcm_vectors[3].nonce), associated = hex(gcm_vectors[3].associated);
	struct bytes sealed = hex(gcm_vectors[3].sealed);
	struct crypto_aead *a = NULL, *b = NULL;
	uint8_t out[128];

	CHECK(crypto_aead_open(&key, &a) == MT_OK && crypto_aead_open(&other, &b) == MT_OK, "open");
	for (size_t bit = 0; bit < sealed.size * 8; bit++) {
		memset(out, 0xee, sizeof(out));
		CHECK(crypto_aead_unseal(a, nonce.at, associated, flipped(sealed, bit), out) == MT_TAMPERED,
		      "every bit of the sealed bytes");
		CHECK(mt_is_zero(mt_bytes(out, sealed.size - CRYPTO_TAG_SIZE)), "no plaintext is left");
	}
	for (size_t bit = 0; bit < associated.size * 8; bit++) {
		CHECK(crypto_aead_unseal(a, nonce.at, flipped(associated, bit), sealed, out) == MT_TAMPERED,
		      "every bit of the associated data");
	}
	for (size_t n = 0; n < sealed.size; n++) {
		CHECK(crypto_aead_unseal(a, nonce.at, associated, first(sealed, n), out) ==
			      (n < CRYPTO_TAG_SIZE ? MT_MALFORMED : MT_TAMPERED), "every prefix");
	}
	CHECK(crypto_aead_unseal(a, flipped(nonce, 5).at, associated, sealed, out) == MT_TAMPERED, "nonce");
	CHECK(crypto_aead_unseal(b, nonce.at, associated, sealed, out) == MT_TAMPERED, "another key");
	CHECK(crypto_aead_unseal(a, nonce.at, associated, sealed, out) == MT_OK, "and still the right one");
	crypto_aead_close(a);
	crypto_aead_close(b);
	crypto_aead_close(NULL);
}

static void test_aead_in_place(void)
{
	struct secret key = secret_of(gcm_vectors[2].key);
	struct bytes nonce = hex(gcm_vectors[2].nonce), plain = hex(gcm_vectors[2].plain);
	struct bytes sealed = hex(gcm_vectors[2].sealed);
	struct crypto_aead *a = NULL;
	uint8_t buffer[128];

	CHECK(crypto_aead_open(&key, &a) == MT_OK, "open");
	memcpy(buffer, plain.at, plain.size);
	crypto_aead_seal(a, nonce.at, hex(""), mt_bytes(buffer, plain.size), buffer);
	CHECK(memcmp(buffer, sealed.at, sealed.size) == 0, "sealed in place");
	CHECK(crypto_aead_unseal(a, nonce.at, hex(""), mt_bytes(buffer, sealed.size), buffer) == MT_OK, "in place");
	CHECK(memcmp(buffer, plain.at, plain.size) == 0, "plain in place");
	crypto_aead_close(a);
}

/* ---- random ---- */

static void test_random(void)
{
	uint8_t a[1000] = { 0 }, b[1000] = { 0 };

	crypto_random(a, sizeof(a));
	crypto_random(b, sizeof(b));
	CHECK(memcmp(a, b, sizeof(a)) != 0, "two draws differ");
	CHECK(!mt_is_zero(mt_bytes(a + sizeof(a) - 16, 16)), "filled to the end");
	crypto_random(NULL, 0);
}

/* ---- AES of formats that are not ours ---- */

static void test_cmac(void)
{
	uint8_t out[CRYPTO_TAG_SIZE];

	for (size_t i = 0; i < MT_COUNT(cmac_vectors); i++) {
		CHECK(crypto_cmac(hex(CMAC_KEY).at, hex(cmac_vectors[i].message), out) == MT_OK && is(out, cmac_vectors[i].mac),
		      cmac_vectors[i].message);
	}
}

/* The vectors in pieces of `step` bytes, both ways, and any block of the text alone. */
static void gcm_try(size_t i, size_t step)
{
	struct bytes key = hex(gcm_piece_vectors[i].key), plain = hex(GCM_PLAIN), tag = hex(gcm_piece_vectors[i].tag);
	uint8_t *out = test_alloc(plain.size), got[CRYPTO_TAG_SIZE];
	struct crypto_gcm *g = NULL;

	CHECK(crypto_gcm_open(CRYPTO_SEAL, key, hex(GCM_NONCE).at, hex(GCM_ASSOCIATED), &g) == MT_OK, "open");
	for (size_t at = 0; at < plain.size; at += step) {
		size_t n = plain.size - at < step ? plain.size - at : step;
		crypto_gcm_add(g, mt_bytes(plain.at + at, n), out + at);
	}
	crypto_gcm_tag(g, got);
	crypto_gcm_close(g);
	CHECK(is(out, gcm_piece_vectors[i].sealed) && is(got, gcm_piece_vectors[i].tag), "sealed");
	for (size_t bit = 0; bit <= 128; bit += 8) {
		CHECK(crypto_gcm_open(CRYPTO_UNSEAL, key, hex(GCM_NONCE).at, hex(GCM_ASSOCIATED), &g) == MT_OK, "open");
		memcpy(out, hex(gcm_piece_vectors[i].sealed).at, plain.size);
		crypto_gcm_add(g, mt_bytes(out, plain.size), out);
		struct bytes given = bit < 128 ? flipped(tag, bit) : tag;
		CHECK(crypto_gcm_check(g, given.at) == (bit < 128 ? MT_TAMPERED : MT_OK) && is(out, GCM_PLAIN), "the tag");
		crypto_gcm_close(g);
	}
	for (uint32_t block = 0; block * 16 < plain.size; block++) {
		struct bytes from = hex(gcm_piece_vectors[i].sealed);
		from = mt_bytes(from.at + block * 16, from.size - block * 16);
		CHECK(crypto_gcm_text(key, hex(GCM_NONCE).at, block, from, out) == MT_OK &&
			      memcmp(out, plain.at + block * 16, from.size) == 0,
		      "a part");
	}
}

static void test_gcm_pieces(void)
{
	for (size_t i = 0; i < MT_COUNT(gcm_piece_vectors); i++) {
		gcm_try(i, 1);
		gcm_try(i, 17);
		gcm_try(i, 64);
	}
}

const struct test tests[] = {
	{ "sha2", test_sha2 },
	{ "sha256_pair", test_sha256_pair },
	{ "hash_incremental", test_hash_incremental },
	{ "hash_no_memory", test_hash_no_memory },
	{ "label_hash", test_label_hash },
	{ "hmac", test_hmac },
	{ "hkdf", test_hkdf },
	{ "derive", test_derive },
	{ "aead_vectors", test_aead_vectors },
	{ "aead_refuses", test_aead_refuses },
	{ "aead_in_place", test_aead_in_place },
	{ "random", test_random },
	{ "cmac", test_cmac },
	{ "gcm_pieces", test_gcm_pieces },
	TESTS_END
};
