/* What asymmetric keys do: signatures, encryption, agreement; over libcrypto. */
#include "lib/crypto/agile_private.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <string.h>

#define DER_MAX 160     /* two INTEGERs of at most 67 bytes in a SEQUENCE */

/* ---- RSA's parameters ---- */

static bool scheme_set(EVP_PKEY_CTX *context, const struct agile_scheme *s, bool signs)
{
	static const int paddings[] = {
		[AGILE_RAW] = RSA_NO_PADDING, [AGILE_PKCS1] = RSA_PKCS1_PADDING, [AGILE_OAEP] = RSA_PKCS1_OAEP_PADDING, [AGILE_PSS] = RSA_PKCS1_PSS_PADDING,
	};

	if (EVP_PKEY_CTX_set_rsa_padding(context, paddings[s->padding]) != 1) {
		return false;
	}
	if (signs && s->hash && EVP_PKEY_CTX_set_signature_md(context, agile_hash_kind(*s->hash)) != 1) {
		return false;
	}
	if (s->padding == AGILE_PSS) {
		return EVP_PKEY_CTX_set_rsa_mgf1_md(context, agile_hash_kind(*s->mgf)) == 1 &&
		       EVP_PKEY_CTX_set_rsa_pss_saltlen(context, (int)s->salt_size) == 1;
	}
	if (s->padding != AGILE_OAEP) {
		return true;
	}
	uint8_t *label = s->label.size > 0 ? OPENSSL_memdup(s->label.at, s->label.size) : NULL;
	if (EVP_PKEY_CTX_set_rsa_oaep_md(context, agile_hash_kind(*s->hash)) != 1 || EVP_PKEY_CTX_set_rsa_mgf1_md(context, agile_hash_kind(*s->mgf)) != 1 ||
	    (s->label.size > 0 && (!label || EVP_PKEY_CTX_set0_rsa_oaep_label(context, label, (int)s->label.size) != 1))) {
		OPENSSL_free(label);
		return false;
	}
	return true;
}

/* Ready for `begin`, or NULL. */
static EVP_PKEY_CTX *context_for(struct agile_key *key, const struct agile_scheme *scheme, int (*begin)(EVP_PKEY_CTX *), bool signs)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);

	if (context && begin(context) == 1 && (key->kind != AGILE_RSA || scheme_set(context, scheme, signs))) {
		return context;
	}
	EVP_PKEY_CTX_free(context);
	return NULL;
}

/* ---- ECDSA and DSA, whose DER is the same: r || s and libcrypto's form ---- */

static bool numbers_to_raw(const uint8_t *der, size_t der_size, size_t half, uint8_t *out)
{
	const uint8_t *at = der;
	ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &at, (long)der_size);
	bool good = signature && BN_bn2binpad(ECDSA_SIG_get0_r(signature), out, (int)half) == (int)half &&
		    BN_bn2binpad(ECDSA_SIG_get0_s(signature), out + half, (int)half) == (int)half;

	ECDSA_SIG_free(signature);
	return good;
}

static size_t numbers_to_der(struct bytes raw, uint8_t der[DER_MAX])
{
	int half = (int)raw.size / 2;
	BIGNUM *r = BN_bin2bn(raw.at, half, NULL), *s = BN_bin2bn(raw.at + half, half, NULL);
	ECDSA_SIG *signature = ECDSA_SIG_new();
	int size = 0;

	if (r && s && signature && ECDSA_SIG_set0(signature, r, s) == 1) {
		r = s = NULL;
		if (i2d_ECDSA_SIG(signature, NULL) <= DER_MAX) {
			size = i2d_ECDSA_SIG(signature, &der);
		}
	}
	BN_free(r);
	BN_free(s);
	ECDSA_SIG_free(signature);
	return size > 0 ? (size_t)size : 0;
}

/* Of r and of s each; 0: a signature is no pair of numbers. */
static size_t half_size(const struct agile_key *key)
{
	BIGNUM *order = NULL;
	size_t size = 0;

	if (key->kind == AGILE_EC) {
		return agile_curve_size(key->curve);
	}
	if (key->kind == AGILE_DSA && EVP_PKEY_get_bn_param(key->pkey, OSSL_PKEY_PARAM_FFC_Q, &order) == 1) {
		size = (size_t)BN_num_bytes(order);
	}
	BN_free(order);
	return size;
}

/* ---- signatures ---- */

static bool message_sign(struct agile_key *key, struct bytes in, uint8_t *out, size_t *size)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool good = context && EVP_DigestSignInit(context, NULL, NULL, NULL, key->pkey) == 1 &&
		    EVP_DigestSign(context, out, size, in.at, in.size) == 1;

	EVP_MD_CTX_free(context);
	return good;
}

enum mt_err agile_sign(struct agile_key *key, const struct agile_scheme *scheme, struct bytes in, uint8_t *out, size_t *size)
{
	uint8_t der[DER_MAX];
	size_t der_size = sizeof(der);
	bool good = false;

	*size = AGILE_SIGNATURE_MAX;
	if (key->kind == AGILE_ED25519) {
		good = message_sign(key, in, out, size);
		ERR_clear_error();
		return good ? MT_OK : MT_NO_MEMORY;
	}
	size_t half = half_size(key);
	EVP_PKEY_CTX *context = context_for(key, scheme, EVP_PKEY_sign_init, true);
	if (context && half > 0) {
		*size = 2 * half;
		good = EVP_PKEY_sign(context, der, &der_size, in.at, in.size) == 1 && numbers_to_raw(der, der_size, half, out);
	} else if (context) {
		good = EVP_PKEY_sign(context, out, size, in.at, in.size) == 1;
	}
	EVP_PKEY_CTX_free(context);
	ERR_clear_error();
	return good ? MT_OK : MT_MALFORMED;
}

static bool message_verify(struct agile_key *key, struct bytes in, struct bytes signature)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool good = context && EVP_DigestVerifyInit(context, NULL, NULL, NULL, key->pkey) == 1 &&
		    EVP_DigestVerify(context, signature.at, signature.size, in.at, in.size) == 1;

	EVP_MD_CTX_free(context);
	return good;
}

enum mt_err agile_verify(struct agile_key *key, const struct agile_scheme *scheme, struct bytes in, struct bytes signature)
{
	uint8_t der[DER_MAX];
	bool good = false;

	if (key->kind == AGILE_ED25519) {
		good = message_verify(key, in, signature);
		ERR_clear_error();
		return good ? MT_OK : MT_TAMPERED;
	}
	size_t half = half_size(key);
	if (half > 0) {
		if (signature.size != 2 * half) {
			return MT_TAMPERED;
		}
		signature = mt_bytes(der, numbers_to_der(signature, der));
	}
	EVP_PKEY_CTX *context = context_for(key, scheme, EVP_PKEY_verify_init, true);
	if (context && signature.size > 0) {
		good = EVP_PKEY_verify(context, signature.at, signature.size, in.at, in.size) == 1;
	}
	EVP_PKEY_CTX_free(context);
	ERR_clear_error();
	return good ? MT_OK : MT_TAMPERED;
}

/* ---- encryption ---- */

/* RSA as it is takes a number as long as its modulus. */
static bool raw_fill(struct agile_key *key, struct bytes in, uint8_t out[AGILE_SIGNATURE_MAX], size_t *size)
{
	*size = (size_t)EVP_PKEY_get_size(key->pkey);
	if (*size > AGILE_SIGNATURE_MAX || in.size > *size) {
		return false;
	}
	memset(out, 0, *size - in.size);
	memcpy(out + *size - in.size, in.at, in.size);
	return true;
}

enum mt_err agile_encrypt(struct agile_key *key, const struct agile_scheme *scheme, struct bytes in, uint8_t *out, size_t *size)
{
	uint8_t filled[AGILE_SIGNATURE_MAX];
	size_t filled_size = 0;
	EVP_PKEY_CTX *context = NULL;
	bool good = false;

	*size = AGILE_SIGNATURE_MAX;
	if (scheme->padding == AGILE_RAW) {
		if (!raw_fill(key, in, filled, &filled_size)) {
			return MT_MALFORMED;
		}
		in = mt_bytes(filled, filled_size);
	}
	context = context_for(key, scheme, EVP_PKEY_encrypt_init, false);
	good = context && EVP_PKEY_encrypt(context, out, size, in.at, in.size) == 1;
	EVP_PKEY_CTX_free(context);
	ERR_clear_error();
	mt_wipe(filled, filled_size);
	return good ? MT_OK : MT_MALFORMED;
}

enum mt_err agile_decrypt(struct agile_key *key, const struct agile_scheme *scheme, struct bytes in, uint8_t *out, size_t *size)
{
	EVP_PKEY_CTX *context = NULL;
	bool good = false;

	*size = AGILE_SIGNATURE_MAX;
	if (in.size != (size_t)EVP_PKEY_get_size(key->pkey)) {
		return MT_MALFORMED;
	}
	context = context_for(key, scheme, EVP_PKEY_decrypt_init, false);
	good = context && EVP_PKEY_decrypt(context, out, size, in.at, in.size) == 1;
	EVP_PKEY_CTX_free(context);
	ERR_clear_error();
	return good ? MT_OK : MT_TAMPERED;
}

/* ---- agreement ---- */

enum mt_err agile_agree(struct agile_key *key, struct agile_key *other, uint8_t *out, size_t *size)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
	bool good = context && EVP_PKEY_derive_init(context) == 1 && EVP_PKEY_derive_set_peer(context, other->pkey) == 1;

	*size = AGILE_SIGNATURE_MAX;
	good = good && EVP_PKEY_derive(context, out, size) == 1;
	EVP_PKEY_CTX_free(context);
	ERR_clear_error();
	return good ? MT_OK : MT_MALFORMED;
}
