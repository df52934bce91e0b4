/*
 * Signatures: ES256 (ECDSA on P-256 with SHA-256, RFC 9053) and Ed25519 (RFC 8032), from and to raw bytes.
 */
#include "lib/crypto/libcrypto.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>
#include <openssl/params.h>
#include <string.h>

enum {
	ED25519_SIZE = 32,
	SCALAR_SIZE = 32,
	/* SEQUENCE of two INTEGERs of at most 33 bytes each. */
	DER_SIGNATURE_MAX = 72,
};

enum kind { KIND_P256, KIND_ED25519 };

struct crypto_signer {
	enum kind kind;
	EVP_PKEY *key;
	EVP_PKEY_CTX *ready;            /* P-256: prepared once, used for every signature */
	EVP_MD_CTX *md;                 /* Ed25519 */
	uint8_t public_key[CRYPTO_P256_PUBLIC_SIZE];
	size_t public_size;
};

struct crypto_verifier {
	enum kind kind;
	EVP_PKEY *key;
	EVP_PKEY_CTX *ready;
	EVP_MD_CTX *md;
};

/* ---- P-256 keys ---- */

/* Whether 0 < k < n, the only private keys there are (SEC 1, 3.2.1). */
static bool scalar_is_valid(const EC_GROUP *group, const BIGNUM *k)
{
	return !BN_is_zero(k) && BN_cmp(k, EC_GROUP_get0_order(group)) < 0;
}

/* The point k * G, uncompressed. libcrypto's multiplication is constant time in k. */
static enum mt_err p256_public(const struct secret *private_scalar,
			       uint8_t out[CRYPTO_P256_PUBLIC_SIZE])
{
	enum mt_err err = MT_NO_MEMORY;
	EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	EC_POINT *point = group ? EC_POINT_new(group) : NULL;
	BIGNUM *k = BN_secure_new();
	uint8_t wire[CRYPTO_P256_PUBLIC_SIZE];

	if (!point || !k || !BN_bin2bn(private_scalar->at, SCALAR_SIZE, k)) {
		goto out;
	}
	BN_set_flags(k, BN_FLG_CONSTTIME);
	if (!scalar_is_valid(group, k)) {
		err = MT_MALFORMED;
		goto out;
	}
	if (EC_POINT_mul(group, point, k, NULL, NULL, NULL) != 1 ||
	    EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, wire, sizeof(wire), NULL) !=
		    sizeof(wire)) {
		goto out;
	}
	memcpy(out, wire, sizeof(wire));
	err = MT_OK;
out:
	BN_clear_free(k);
	EC_POINT_free(point);
	EC_GROUP_free(group);
	return err;
}

/* The order of bytes that OSSL_PARAM integers have: the machine's. */
static void scalar_native(const struct secret *big_endian, uint8_t out[SCALAR_SIZE])
{
	const union {
		uint16_t number;
		uint8_t first;
	} one = { 1 };

	for (size_t i = 0; i < SCALAR_SIZE; i++) {
		out[i] = big_endian->at[one.first ? SCALAR_SIZE - 1 - i : i];
	}
}

/* A key object from a checked public point and, if not NULL, the private scalar. NULL: refused or no memory. */
static EVP_PKEY *p256_key(const uint8_t public_key[CRYPTO_P256_PUBLIC_SIZE], const struct secret *scalar)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *key = NULL;
	uint8_t point[CRYPTO_P256_PUBLIC_SIZE], native[SCALAR_SIZE] = { 0 };
	char group[] = "P-256";
	OSSL_PARAM param[4] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point)),
		OSSL_PARAM_construct_end(), OSSL_PARAM_construct_end(),
	};

	memcpy(point, public_key, sizeof(point));
	if (scalar) {
		scalar_native(scalar, native);
		param[2] = OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, native, sizeof(native));
	}
	if (context && EVP_PKEY_fromdata_init(context) == 1) {
		/* Refuses a point that is not on the curve. */
		(void)EVP_PKEY_fromdata(context, &key, scalar ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY,
					param);
	}
	mt_wipe(native, sizeof(native));
	EVP_PKEY_CTX_free(context);
	ERR_clear_error();      /* or a later TLS call would find this refusal and take it for its own */
	return key;
}

void crypto_p256_generate(struct secret *private_scalar)
{
	uint8_t unused[CRYPTO_P256_PUBLIC_SIZE];
	enum mt_err err;

	do {    /* n is just below 2^256: one draw in 2^32 is thrown away */
		crypto_random(private_scalar->at, sizeof(private_scalar->at));
		err = p256_public(private_scalar, unused);
	} while (err == MT_MALFORMED);
	mt_assert(err == MT_OK);
}

/* ---- signing ---- */

enum mt_err crypto_signer_open_p256(const struct secret *private_scalar, struct crypto_signer **out)
{
	struct crypto_signer *s = mt_alloc(sizeof(*s));
	enum mt_err err = MT_NO_MEMORY;

	*out = NULL;
	if (!s) {
		return MT_NO_MEMORY;
	}
	err = p256_public(private_scalar, s->public_key);
	if (err) {
		goto out;
	}
	err = MT_NO_MEMORY;
	s->kind = KIND_P256;
	s->public_size = sizeof(s->public_key);
	s->key = p256_key(s->public_key, private_scalar);
	s->ready = s->key ? EVP_PKEY_CTX_new_from_pkey(NULL, s->key, NULL) : NULL;
	if (!s->ready || EVP_PKEY_sign_init(s->ready) != 1) {
		goto out;
	}
	*out = s;
	s = NULL;
	err = MT_OK;
out:
	crypto_signer_close(s);
	return err;
}

enum mt_err crypto_signer_open_ed25519(const struct secret *seed, struct crypto_signer **out)
{
	struct crypto_signer *s = mt_alloc(sizeof(*s));

	*out = NULL;
	if (!s) {
		return MT_NO_MEMORY;
	}
	s->kind = KIND_ED25519;
	s->public_size = ED25519_SIZE;
	s->key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed->at, sizeof(seed->at));
	s->md = EVP_MD_CTX_new();
	if (!s->key || !s->md ||
	    EVP_PKEY_get_raw_public_key(s->key, s->public_key, &s->public_size) != 1) {
		crypto_signer_close(s);
		return MT_NO_MEMORY;
	}
	*out = s;
	return MT_OK;
}

void crypto_signer_close(struct crypto_signer *s)
{
	if (s) {
		EVP_PKEY_CTX_free(s->ready);
		EVP_MD_CTX_free(s->md);
		EVP_PKEY_free(s->key);          /* wipes the private part */
		mt_free(s);
	}
}

struct bytes crypto_signer_public(const struct crypto_signer *s)
{
	return mt_bytes(s->public_key, s->public_size);
}

/* DER as libcrypto makes it, to r || s of fixed size (RFC 9053, 2.1). */
static enum mt_err signature_raw(const uint8_t *der, size_t der_size, uint8_t out[CRYPTO_SIGNATURE_SIZE])
{
	const uint8_t *at = der;
	ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &at, (long)der_size);
	const BIGNUM *r = NULL, *s = NULL;
	uint8_t raw[CRYPTO_SIGNATURE_SIZE];

	if (!pair) {
		return MT_NO_MEMORY;
	}
	ECDSA_SIG_get0(pair, &r, &s);
	mt_assert(BN_bn2binpad(r, raw, SCALAR_SIZE) == SCALAR_SIZE);
	mt_assert(BN_bn2binpad(s, raw + SCALAR_SIZE, SCALAR_SIZE) == SCALAR_SIZE);
	ECDSA_SIG_free(pair);
	memcpy(out, raw, sizeof(raw));
	return MT_OK;
}

static enum mt_err sign_p256(struct crypto_signer *s, struct bytes message, uint8_t *out)
{
	uint8_t digest[CRYPTO_SHA256_SIZE], der[DER_SIGNATURE_MAX];
	size_t der_size = sizeof(der);

	crypto_sha256(message, digest);
	if (EVP_PKEY_sign(s->ready, der, &der_size, digest, sizeof(digest)) != 1) {
		ERR_clear_error();
		return MT_NO_MEMORY;
	}
	return signature_raw(der, der_size, out);
}

static enum mt_err sign_ed25519(struct crypto_signer *s, struct bytes message, uint8_t *out)
{
	uint8_t raw[CRYPTO_SIGNATURE_SIZE];
	size_t size = sizeof(raw);

	/* Prepared anew each time: later versions refuse a second message on one preparation. */
	if (EVP_MD_CTX_reset(s->md) != 1 ||
	    EVP_DigestSignInit(s->md, NULL, NULL, NULL, s->key) != 1 ||
	    EVP_DigestSign(s->md, raw, &size, message.at, message.size) != 1 || size != sizeof(raw)) {
		ERR_clear_error();
		return MT_NO_MEMORY;
	}
	memcpy(out, raw, sizeof(raw));
	return MT_OK;
}

enum mt_err crypto_sign(struct crypto_signer *s, struct bytes message, uint8_t out[CRYPTO_SIGNATURE_SIZE])
{
	return s->kind == KIND_P256 ? sign_p256(s, message, out) : sign_ed25519(s, message, out);
}

/* ---- verifying ---- */

static enum mt_err verifier_open_p256(struct crypto_verifier *v, const uint8_t *public_key)
{
	v->kind = KIND_P256;
	v->key = p256_key(public_key, NULL);
	if (!v->key) {
		return MT_MALFORMED;
	}
	v->ready = EVP_PKEY_CTX_new_from_pkey(NULL, v->key, NULL);
	if (!v->ready || EVP_PKEY_verify_init(v->ready) != 1) {
		return MT_NO_MEMORY;
	}
	return MT_OK;
}

static enum mt_err verifier_open_ed25519(struct crypto_verifier *v, const uint8_t *public_key)
{
	v->kind = KIND_ED25519;
	v->key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, ED25519_SIZE);
	v->md = EVP_MD_CTX_new();
	return v->key && v->md ? MT_OK : MT_NO_MEMORY;
}

enum mt_err crypto_verifier_open(struct bytes public_key, struct crypto_verifier **out)
{
	struct crypto_verifier *v = NULL;
	enum mt_err err = MT_MALFORMED;

	*out = NULL;
	bool p256 = public_key.size == CRYPTO_P256_PUBLIC_SIZE && public_key.at[0] == 4;
	if (!p256 && public_key.size != ED25519_SIZE) {
		return MT_MALFORMED;
	}
	v = mt_alloc(sizeof(*v));
	if (!v) {
		return MT_NO_MEMORY;
	}
	err = p256 ? verifier_open_p256(v, public_key.at) : verifier_open_ed25519(v, public_key.at);
	if (err) {
		crypto_verifier_close(v);
		return err;
	}
	*out = v;
	return MT_OK;
}

void crypto_verifier_close(struct crypto_verifier *v)
{
	if (v) {
		EVP_PKEY_CTX_free(v->ready);
		EVP_MD_CTX_free(v->md);
		EVP_PKEY_free(v->key);
		mt_free(v);
	}
}

/* r || s to the DER that libcrypto wants. Returns its size, 0 when memory is gone. */
static size_t signature_der(const uint8_t raw[CRYPTO_SIGNATURE_SIZE], uint8_t der[DER_SIGNATURE_MAX])
{
	ECDSA_SIG *pair = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(raw, SCALAR_SIZE, NULL);
	BIGNUM *s = BN_bin2bn(raw + SCALAR_SIZE, SCALAR_SIZE, NULL);
	size_t size = 0;

	if (pair && r && s && ECDSA_SIG_set0(pair, r, s) == 1) {
		r = s = NULL;           /* the pair owns them now */
		int written = i2d_ECDSA_SIG(pair, NULL);

		if (written > 0 && written <= DER_SIGNATURE_MAX) {
			uint8_t *at = der;

			size = (size_t)i2d_ECDSA_SIG(pair, &at);
		}
	}
	BN_free(r);
	BN_free(s);
	ECDSA_SIG_free(pair);
	return size;
}

static bool verify_p256(struct crypto_verifier *v, struct bytes message, const uint8_t *raw)
{
	uint8_t digest[CRYPTO_SHA256_SIZE], der[DER_SIGNATURE_MAX];
	size_t der_size = signature_der(raw, der);

	crypto_sha256(message, digest);
	return der_size > 0 &&
	       EVP_PKEY_verify(v->ready, der, der_size, digest, sizeof(digest)) == 1;
}

static bool verify_ed25519(struct crypto_verifier *v, struct bytes message, const uint8_t *raw)
{
	return EVP_MD_CTX_reset(v->md) == 1 &&
	       EVP_DigestVerifyInit(v->md, NULL, NULL, NULL, v->key) == 1 &&
	       EVP_DigestVerify(v->md, raw, CRYPTO_SIGNATURE_SIZE, message.at, message.size) == 1;
}

enum mt_err crypto_verify(struct crypto_verifier *v, struct bytes message, struct bytes signature)
{
	if (signature.size != CRYPTO_SIGNATURE_SIZE) {
		return MT_TAMPERED;
	}
	bool fits = v->kind == KIND_P256 ? verify_p256(v, message, signature.at) :
					   verify_ed25519(v, message, signature.at);
	ERR_clear_error();
	return fits ? MT_OK : MT_TAMPERED;
}

enum mt_err crypto_verify_once(struct bytes public_key, struct bytes message, struct bytes signature)
{
	struct crypto_verifier *v = NULL;
	enum mt_err err = crypto_verifier_open(public_key, &v);

	if (!err) {
		err = crypto_verify(v, message, signature);
	}
	crypto_verifier_close(v);
	return err;
}

/* ---- names of keys ---- */

void crypto_p256_spki(const uint8_t public_key[CRYPTO_P256_PUBLIC_SIZE], uint8_t out[CRYPTO_P256_SPKI_SIZE])
{
	/* RFC 5480, 2: SEQUENCE { SEQUENCE { id-ecPublicKey, prime256v1 }, BIT STRING of the point }. */
	static const uint8_t prefix[] = {
		0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
		0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
	};
	_Static_assert(sizeof(prefix) + CRYPTO_P256_PUBLIC_SIZE == CRYPTO_P256_SPKI_SIZE, "RFC 5480");

	memcpy(out, prefix, sizeof(prefix));
	memcpy(out + sizeof(prefix), public_key, CRYPTO_P256_PUBLIC_SIZE);
}

void crypto_p256_id(const uint8_t public_key[CRYPTO_P256_PUBLIC_SIZE], uint8_t out[CRYPTO_SHA256_SIZE])
{
	uint8_t spki[CRYPTO_P256_SPKI_SIZE];

	crypto_p256_spki(public_key, spki);
	crypto_sha256(mt_bytes(spki, sizeof(spki)), out);
}
