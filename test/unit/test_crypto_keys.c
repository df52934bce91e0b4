/* lib/crypto: signatures, key agreement and HPKE against their standards' vectors, and every way to be wrong. */
#include "lib/crypto/crypto.h"
#include "test/test.h"
#include "test/vectors/crypto_vectors.h"

#include <string.h>

static struct secret secret_of(const char *text)
{
	struct secret s = { 0 };
	struct bytes b = hex(text);

	memcpy(s.at, b.at, sizeof(s.at));
	return s;
}

/* The bytes with bit `bit` changed. */
static struct bytes flipped(struct bytes b, size_t bit)
{
	uint8_t *out = test_alloc(b.size);

	memcpy(out, b.at, b.size);
	out[bit / 8] ^= (uint8_t)(1 << bit % 8);
	return mt_bytes(out, b.size);
}

static bool is(const uint8_t *at, const char *want)
{
	struct bytes b = hex(want);

	return memcmp(at, b.at, b.size) == 0;
}

/* ---- signatures ---- */

static void test_es256_vectors(void)
{
	struct secret key = secret_of(P256_VECTOR_PRIVATE);
	struct bytes public_key = hex(P256_VECTOR_PUBLIC);
	struct crypto_signer *s = NULL;
	uint8_t signature[CRYPTO_SIGNATURE_SIZE];

	CHECK(crypto_signer_open_p256(&key, &s) == MT_OK, "open");
	CHECK(mt_equal(crypto_signer_public(s), public_key), "the public point from the private scalar");
	for (size_t i = 0; i < MT_COUNT(es256_vectors); i++) {
		struct bytes message = mt_text(es256_vectors[i].message);
		struct bytes want = hex(es256_vectors[i].signature);

		CHECK(crypto_verify_once(public_key, message, want) == MT_OK, "RFC 6979");
		CHECK(crypto_verify_once(public_key, mt_text("other"), want) == MT_TAMPERED, "message");
		for (int round = 0; round < 3; round++) {
			CHECK(crypto_sign(s, message, signature) == MT_OK, "sign");
			CHECK(crypto_verify_once(public_key, message, mt_bytes(signature, sizeof(signature))) == MT_OK,
			      "our own signature");
		}
	}
	crypto_signer_close(s);
	crypto_signer_close(NULL);
}

static void test_es256_refuses(void)
{
	struct bytes public_key = hex(P256_VECTOR_PUBLIC), message = mt_text(es256_vectors[0].message);
	struct bytes want = hex(es256_vectors[0].signature);
	struct crypto_verifier *v = NULL;
	uint8_t zeros[CRYPTO_SIGNATURE_SIZE] = { 0 };

	CHECK(crypto_verifier_open(public_key, &v) == MT_OK, "open");
	for (size_t bit = 0; bit < want.size * 8; bit++) {
		CHECK(crypto_verify(v, message, flipped(want, bit)) == MT_TAMPERED, "every bit");
	}
	for (size_t n = 0; n < want.size; n++) {
		CHECK(crypto_verify(v, message, first(want, n)) == MT_TAMPERED, "every prefix");
	}
	CHECK(crypto_verify(v, message, mt_bytes(zeros, sizeof(zeros))) == MT_TAMPERED, "r = s = 0");
	memset(zeros, 0xff, sizeof(zeros));
	CHECK(crypto_verify(v, message, mt_bytes(zeros, sizeof(zeros))) == MT_TAMPERED, "r, s >= n");
	uint8_t longer[CRYPTO_SIGNATURE_SIZE + 1] = { 0 };
	memcpy(longer, want.at, want.size);
	CHECK(crypto_verify(v, message, mt_bytes(longer, sizeof(longer))) == MT_TAMPERED, "a byte left over");
	CHECK(crypto_verify(v, message, want) == MT_OK, "and still the right one");
	crypto_verifier_close(v);
	for (size_t bit = 8; bit < public_key.size * 8; bit++) {
		CHECK(crypto_verifier_open(flipped(public_key, bit), &v) == MT_MALFORMED && !v, "not on the curve");
	}
	for (size_t n = 0; n < public_key.size; n++) {
		if (n != 32) {          /* 32 bytes are an Ed25519 key */
			CHECK(crypto_verifier_open(first(public_key, n), &v) == MT_MALFORMED, "every prefix");
		}
	}
	CHECK(crypto_verify_once(flipped(public_key, 1), message, want) == MT_MALFORMED, "not uncompressed");
	crypto_verifier_close(NULL);
}

static void test_p256_private_range(void)
{
	/* SEC 2, 2.4.2: n, the order of the group. */
	static const char n[] = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
	static const char below[] = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550";
	struct secret zero = { 0 }, order = secret_of(n), largest = secret_of(below), fresh, again;
	struct crypto_signer *s = NULL;

	CHECK(crypto_signer_open_p256(&zero, &s) == MT_MALFORMED && !s, "0");
	CHECK(crypto_signer_open_p256(&order, &s) == MT_MALFORMED && !s, "n");
	CHECK(crypto_signer_open_p256(&largest, &s) == MT_OK, "n - 1");
	crypto_signer_close(s);
	crypto_p256_generate(&fresh);
	crypto_p256_generate(&again);
	CHECK(!mt_equal_ct(secret_bytes(&fresh), secret_bytes(&again)), "two fresh keys differ");
	CHECK(crypto_signer_open_p256(&fresh, &s) == MT_OK, "a fresh key is usable");
	crypto_signer_close(s);
}

static void test_ed25519(void)
{
	uint8_t signature[CRYPTO_SIGNATURE_SIZE];

	for (size_t i = 0; i < MT_COUNT(ed25519_vectors); i++) {
		struct secret seed = secret_of(ed25519_vectors[i].seed);
		struct bytes public_key = hex(ed25519_vectors[i].public_key);
		struct bytes message = hex(ed25519_vectors[i].message), want = hex(ed25519_vectors[i].signature);
		struct crypto_signer *s = NULL;

		CHECK(crypto_signer_open_ed25519(&seed, &s) == MT_OK, "open");
		CHECK(mt_equal(crypto_signer_public(s), public_key), "public key");
		for (int round = 0; round < 2; round++) {
			CHECK(crypto_sign(s, message, signature) == MT_OK, "sign");
			CHECK(memcmp(signature, want.at, want.size) == 0, "RFC 8032");
		}
		CHECK(crypto_verify_once(public_key, message, want) == MT_OK, "verify");
		for (size_t bit = 0; bit < want.size * 8; bit++) {
			CHECK(crypto_verify_once(public_key, message, flipped(want, bit)) == MT_TAMPERED, "every bit");
		}
		CHECK(crypto_verify_once(flipped(public_key, 3), message, want) == MT_TAMPERED, "another key");
		crypto_signer_close(s);
	}
}

static void test_verifier_many(void)
{
	struct bytes p256 = hex(P256_VECTOR_PUBLIC), ed = hex(ed25519_vectors[1].public_key);
	struct crypto_verifier *v = NULL, *w = NULL;

	CHECK(crypto_verifier_open(p256, &v) == MT_OK && crypto_verifier_open(ed, &w) == MT_OK, "open");
	for (int round = 0; round < 3; round++) {
		CHECK(crypto_verify(v, mt_text("sample"), hex(es256_vectors[0].signature)) == MT_OK, "P-256");
		CHECK(crypto_verify(v, mt_text("samplf"), hex(es256_vectors[0].signature)) == MT_TAMPERED, "P-256");
		CHECK(crypto_verify(w, hex("72"), hex(ed25519_vectors[1].signature)) == MT_OK, "Ed25519");
		CHECK(crypto_verify(w, hex("73"), hex(ed25519_vectors[1].signature)) == MT_TAMPERED, "Ed25519");
	}
	crypto_verifier_close(v);
	crypto_verifier_close(w);
}

static void test_sign_no_memory(void)
{
	struct secret key = secret_of(P256_VECTOR_PRIVATE);
	struct crypto_signer *s = NULL;
	struct crypto_verifier *v = NULL;
	struct crypto_aead *a = NULL;

	mt_alloc_fail_at(1);
	CHECK(crypto_signer_open_p256(&key, &s) == MT_NO_MEMORY && !s, "P-256");
	mt_alloc_fail_at(1);
	CHECK(crypto_signer_open_ed25519(&key, &s) == MT_NO_MEMORY && !s, "Ed25519");
	mt_alloc_fail_at(1);
	CHECK(crypto_verifier_open(hex(P256_VECTOR_PUBLIC), &v) == MT_NO_MEMORY && !v, "verifier");
	mt_alloc_fail_at(1);
	CHECK(crypto_aead_open(&key, &a) == MT_NO_MEMORY && !a, "aead");
	mt_alloc_fail_at(0);
}

/* RFC 5480 form of the RFC 6979 key: OpenSSL 3.0 `pkey -pubout -outform DER` gives the same bytes. */
static void test_p256_spki(void)
{
	struct bytes public_key = hex(P256_VECTOR_PUBLIC);
	struct bytes want = hex("3059301306072a8648ce3d020106082a8648ce3d030107034200" P256_VECTOR_PUBLIC);
	uint8_t spki[CRYPTO_P256_SPKI_SIZE], id[CRYPTO_SHA256_SIZE], want_id[CRYPTO_SHA256_SIZE];

	crypto_p256_spki(public_key.at, spki);
	CHECK(mt_equal(mt_bytes(spki, sizeof(spki)), want), "SubjectPublicKeyInfo");
	crypto_p256_id(public_key.at, id);
	crypto_sha256(want, want_id);
	CHECK(memcmp(id, want_id, sizeof(id)) == 0, "its SHA-256");
}

/* ---- X25519 and HPKE ---- */

static void test_x25519_public(void)
{
	uint8_t public_key[CRYPTO_X25519_SIZE];

	for (size_t i = 0; i < MT_COUNT(x25519_vectors); i++) {
		struct secret key = secret_of(x25519_vectors[i].private_key);

		crypto_x25519_public(&key, public_key);
		CHECK(is(public_key, x25519_vectors[i].public_key), "RFC 7748");
	}
}

/* Random bytes that a vector prescribes. */
static struct secret prescribed;

static int prescribed_source(void *out, size_t size)
{
	if (size != sizeof(prescribed.at)) {
		return -1;
	}
	memcpy(out, prescribed.at, size);
	return 0;
}

static void test_hpke_vector(void)
{
	struct secret private_key = secret_of(HPKE_VECTOR_SKRM);
	struct bytes info = hex(HPKE_VECTOR_INFO), associated = hex(HPKE_VECTOR_AAD), plain = hex(HPKE_VECTOR_PT);
	struct bytes sealed = hex(HPKE_VECTOR_ENC HPKE_VECTOR_CT);
	uint8_t out[128];

	prescribed = secret_of(HPKE_VECTOR_SKEM);
	crypto_random_set(prescribed_source);
	CHECK(crypto_hpke_seal(hex(HPKE_VECTOR_PKRM).at, info, associated, plain, out) == MT_OK, "seal");
	crypto_random_set(NULL);
	CHECK(mt_equal(mt_bytes(out, plain.size + CRYPTO_HPKE_OVERHEAD), sealed), "RFC 9180");
	CHECK(crypto_hpke_open(&private_key, info, associated, sealed, out) == MT_OK, "open");
	CHECK(mt_equal(mt_bytes(out, plain.size), plain), "plain");
}

static void test_hpke_refuses(void)
{
	struct secret private_key = secret_of(HPKE_VECTOR_SKRM), other = secret_of(HPKE_VECTOR_SKEM);
	struct bytes info = hex(HPKE_VECTOR_INFO), associated = hex(HPKE_VECTOR_AAD);
	struct bytes sealed = hex(HPKE_VECTOR_ENC HPKE_VECTOR_CT);
	uint8_t out[128];

	for (size_t n = 0; n < sealed.size; n++) {
		CHECK(crypto_hpke_open(&private_key, info, associated, first(sealed, n), out) ==
			      (n < CRYPTO_HPKE_OVERHEAD ? MT_MALFORMED : MT_TAMPERED), "every prefix");
	}
	for (size_t bit = 0; bit < sealed.size * 8; bit++) {
		CHECK(crypto_hpke_open(&private_key, info, associated, flipped(sealed, bit), out) == MT_TAMPERED,
		      "every bit");
	}
	CHECK(crypto_hpke_open(&private_key, hex(""), associated, sealed, out) == MT_TAMPERED, "another info");
	CHECK(crypto_hpke_open(&private_key, info, hex(""), sealed, out) == MT_TAMPERED, "other associated data");
	CHECK(crypto_hpke_open(&other, info, associated, sealed, out) == MT_TAMPERED, "another key");
}

static void test_hpke_low_order(void)
{
	struct secret private_key = secret_of(HPKE_VECTOR_SKRM);
	uint8_t out[128], forged[CRYPTO_HPKE_OVERHEAD] = { 0 };

	for (size_t i = 0; i < MT_COUNT(x25519_low_order); i++) {
		struct bytes point = hex(x25519_low_order[i]);

		CHECK(crypto_hpke_seal(point.at, hex(""), hex(""), hex("01"), out) == MT_MALFORMED, "recipient");
		memcpy(forged, point.at, point.size);
		CHECK(crypto_hpke_open(&private_key, hex(""), hex(""), mt_bytes(forged, sizeof(forged)), out) ==
			      MT_MALFORMED, "encapsulated key");
	}
}

static void test_hpke_round_trip(void)
{
	struct secret key;
	uint8_t public_key[CRYPTO_X25519_SIZE], sealed[64 + CRYPTO_HPKE_OVERHEAD], out[64], again[sizeof(sealed)];
	static const uint8_t plain[64] = "dataset key";

	crypto_x25519_generate(&key, public_key);
	for (size_t n = 0; n <= sizeof(plain); n++) {
		struct bytes message = mt_bytes(plain, n);

		CHECK(crypto_hpke_seal(public_key, mt_text("info"), mt_text("a"), message, sealed) == MT_OK, "seal");
		CHECK(crypto_hpke_open(&key, mt_text("info"), mt_text("a"),
				       mt_bytes(sealed, n + CRYPTO_HPKE_OVERHEAD), out) == MT_OK, "open");
		CHECK(mt_equal(mt_bytes(out, n), message), "plain");
	}
	CHECK(crypto_hpke_seal(public_key, mt_text("info"), mt_text("a"), mt_bytes(plain, 64), again) == MT_OK, "seal");
	CHECK(memcmp(sealed, again, sizeof(sealed)) != 0, "never the same twice");
}

const struct test tests[] = {
	{ "es256_vectors", test_es256_vectors },
	{ "es256_refuses", test_es256_refuses },
	{ "p256_private_range", test_p256_private_range },
	{ "ed25519", test_ed25519 },
	{ "verifier_many", test_verifier_many },
	{ "sign_no_memory", test_sign_no_memory },
	{ "p256_spki", test_p256_spki },
	{ "x25519_public", test_x25519_public },
	{ "hpke_vector", test_hpke_vector },
	{ "hpke_refuses", test_hpke_refuses },
	{ "hpke_low_order", test_hpke_low_order },
	{ "hpke_round_trip", test_hpke_round_trip },
	TESTS_END
};
