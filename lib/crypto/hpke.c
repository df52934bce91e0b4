/*
 * HPKE (RFC 9180), one suite and one use of it: base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256,
 * AES-256-GCM, one message per encapsulation. The names below are the RFC's.
 */
#include "lib/crypto/libcrypto.h"

#include <openssl/err.h>
#include <string.h>

/* RFC 9180, 7: KEM 0x0020, KDF 0x0001, AEAD 0x0002. */
#define KEM_SUITE mt_bytes("KEM\x00\x20", 5)
#define HPKE_SUITE mt_bytes("HPKE\x00\x20\x00\x01\x00\x02", 10)
#define VERSION_LABEL mt_bytes("HPKE-v1", 7)
#define NO_BYTES mt_bytes(NULL, 0)

/* ---- X25519 (RFC 7748) ---- */

static EVP_PKEY *x25519_key(const struct secret *private_key)
{
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, private_key->at,
						     sizeof(private_key->at));

	mt_assert(key);         /* every 32 bytes are a private key: only memory can be missing */
	return key;
}

static void x25519_key_public(const EVP_PKEY *key, uint8_t public_key[CRYPTO_X25519_SIZE])
{
	size_t size = CRYPTO_X25519_SIZE;

	mt_assert(EVP_PKEY_get_raw_public_key(key, public_key, &size) == 1);
}

void crypto_x25519_public(const struct secret *private_key, uint8_t public_key[CRYPTO_X25519_SIZE])
{
	EVP_PKEY *key = x25519_key(private_key);

	x25519_key_public(key, public_key);
	EVP_PKEY_free(key);
}

void crypto_x25519_generate(struct secret *private_key, uint8_t public_key[CRYPTO_X25519_SIZE])
{
	crypto_random(private_key->at, sizeof(private_key->at));
	crypto_x25519_public(private_key, public_key);
}

/* RFC 9180, 7.1.4: an all-zero result (a public key of low order) must be refused. */
static enum mt_err x25519_dh(EVP_PKEY *mine, const uint8_t peer[CRYPTO_X25519_SIZE], struct secret *out)
{
	EVP_PKEY *theirs = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, peer, CRYPTO_X25519_SIZE);
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, mine, NULL);
	size_t size = sizeof(out->at);

	mt_assert(theirs && context && EVP_PKEY_derive_init(context) == 1);
	mt_assert(EVP_PKEY_derive_set_peer(context, theirs) == 1);
	bool made = EVP_PKEY_derive(context, out->at, &size) == 1 && size == sizeof(out->at);
	EVP_PKEY_CTX_free(context);
	EVP_PKEY_free(theirs);
	ERR_clear_error();
	return made && !mt_is_zero(secret_bytes(out)) ? MT_OK : MT_MALFORMED;
}

/* ---- the labelled KDF (RFC 9180, 4) ---- */

static void labeled_extract(struct bytes suite, struct bytes salt, const char *label, struct bytes ikm,
			    uint8_t out[CRYPTO_SHA256_SIZE])
{
	const struct bytes parts[] = { VERSION_LABEL, suite, mt_text(label), ikm };

	hmac_sha256_parts(salt, parts, MT_COUNT(parts), out);
}

/* At most one block of output, so Expand is one HMAC. */
static void labeled_expand(struct bytes suite, struct bytes prk, const char *label, struct bytes info,
			   uint8_t *out, size_t size)
{
	uint8_t block[CRYPTO_SHA256_SIZE];
	const uint8_t wire_size[2] = { (uint8_t)(size >> 8), (uint8_t)size }, n = 1;
	const struct bytes parts[] = {
		{ wire_size, sizeof(wire_size) }, VERSION_LABEL, suite, mt_text(label), info, { &n, 1 },
	};

	mt_assert(size <= sizeof(block));
	hmac_sha256_parts(prk, parts, MT_COUNT(parts), block);
	memcpy(out, block, size);
	mt_wipe(block, sizeof(block));
}

/* ---- KEM and key schedule ---- */

/* ExtractAndExpand (RFC 9180, 4.1): the DH result and both public keys to the shared secret. */
static void kem_shared_secret(const struct secret *dh, const uint8_t enc[CRYPTO_X25519_SIZE],
			      const uint8_t recipient[CRYPTO_X25519_SIZE], struct secret *out)
{
	uint8_t eae_prk[CRYPTO_SHA256_SIZE], kem_context[2 * CRYPTO_X25519_SIZE];

	memcpy(kem_context, enc, CRYPTO_X25519_SIZE);
	memcpy(kem_context + CRYPTO_X25519_SIZE, recipient, CRYPTO_X25519_SIZE);
	labeled_extract(KEM_SUITE, NO_BYTES, "eae_prk", secret_bytes(dh), eae_prk);
	labeled_expand(KEM_SUITE, mt_bytes(eae_prk, sizeof(eae_prk)), "shared_secret",
		       mt_bytes(kem_context, sizeof(kem_context)), out->at, sizeof(out->at));
	mt_wipe(eae_prk, sizeof(eae_prk));
}

/* KeySchedule (RFC 9180, 5.1) in base mode: no PSK. */
static void key_schedule(const struct secret *shared_secret, struct bytes info, struct secret *key,
			 uint8_t base_nonce[CRYPTO_NONCE_SIZE])
{
	uint8_t context[1 + 2 * CRYPTO_SHA256_SIZE] = { 0 };    /* mode_base = 0 */
	uint8_t prk[CRYPTO_SHA256_SIZE];
	struct bytes secret = mt_bytes(prk, sizeof(prk));

	labeled_extract(HPKE_SUITE, NO_BYTES, "psk_id_hash", NO_BYTES, context + 1);
	labeled_extract(HPKE_SUITE, NO_BYTES, "info_hash", info, context + 1 + CRYPTO_SHA256_SIZE);
	labeled_extract(HPKE_SUITE, secret_bytes(shared_secret), "secret", NO_BYTES, prk);
	labeled_expand(HPKE_SUITE, secret, "key", mt_bytes(context, sizeof(context)), key->at,
		       sizeof(key->at));
	labeled_expand(HPKE_SUITE, secret, "base_nonce", mt_bytes(context, sizeof(context)), base_nonce,
		       CRYPTO_NONCE_SIZE);
	mt_wipe(prk, sizeof(prk));
}

/* From a DH between `mine` and `peer` to a cipher ready for message 0, whose nonce is base_nonce. */
static enum mt_err hpke_setup(EVP_PKEY *mine, const uint8_t peer[CRYPTO_X25519_SIZE],
			      const uint8_t enc[CRYPTO_X25519_SIZE],
			      const uint8_t recipient[CRYPTO_X25519_SIZE], struct bytes info,
			      uint8_t base_nonce[CRYPTO_NONCE_SIZE], struct crypto_aead **out)
{
	struct secret dh = { 0 }, shared = { 0 }, key = { 0 };
	enum mt_err err = x25519_dh(mine, peer, &dh);

	if (err) {
		goto out;
	}
	kem_shared_secret(&dh, enc, recipient, &shared);
	key_schedule(&shared, info, &key, base_nonce);
	err = crypto_aead_open(&key, out);
out:
	mt_wipe(&dh, sizeof(dh));
	mt_wipe(&shared, sizeof(shared));
	mt_wipe(&key, sizeof(key));
	return err;
}

enum mt_err crypto_hpke_seal(const uint8_t recipient[CRYPTO_X25519_SIZE], struct bytes info,
			     struct bytes associated, struct bytes plain, uint8_t *out)
{
	struct secret ephemeral = { 0 };
	uint8_t enc[CRYPTO_X25519_SIZE], nonce[CRYPTO_NONCE_SIZE];
	struct crypto_aead *aead = NULL;

	crypto_random(ephemeral.at, sizeof(ephemeral.at));
	EVP_PKEY *mine = x25519_key(&ephemeral);
	x25519_key_public(mine, enc);
	enum mt_err err = hpke_setup(mine, recipient, enc, recipient, info, nonce, &aead);
	if (!err) {
		memcpy(out, enc, sizeof(enc));
		crypto_aead_seal(aead, nonce, associated, plain, out + sizeof(enc));
	}
	crypto_aead_close(aead);
	EVP_PKEY_free(mine);
	mt_wipe(&ephemeral, sizeof(ephemeral));
	return err;
}

enum mt_err crypto_hpke_open(const struct secret *private_key, struct bytes info, struct bytes associated,
			     struct bytes sealed, uint8_t *out)
{
	uint8_t recipient[CRYPTO_X25519_SIZE], nonce[CRYPTO_NONCE_SIZE];
	struct crypto_aead *aead = NULL;

	if (sealed.size < CRYPTO_HPKE_OVERHEAD) {
		return MT_MALFORMED;
	}
	const uint8_t *enc = sealed.at;
	EVP_PKEY *mine = x25519_key(private_key);
	x25519_key_public(mine, recipient);
	enum mt_err err = hpke_setup(mine, enc, enc, recipient, info, nonce, &aead);
	if (!err) {
		err = crypto_aead_unseal(aead, nonce, associated,
					 mt_bytes(enc + CRYPTO_X25519_SIZE, sealed.size - CRYPTO_X25519_SIZE),
					 out);
	}
	crypto_aead_close(aead);
	EVP_PKEY_free(mine);
	return err;
}
