/*
 * AES as formats of others have it: GCM in pieces and with keys of 128 bits, GCM's counter mode alone, CMAC.
 */
#include "lib/crypto/libcrypto.h"

#include <openssl/core_names.h>
#include <string.h>

#define COUNTER_FIRST 2 /* SP 800-38D, 7.1: the first block of text has inc32(J0), J0 being nonce || 1 */

struct crypto_gcm {
	EVP_CIPHER_CTX *cipher;
};

/* libcrypto counts in int: whoever calls gives pieces. */
static void aes_update(EVP_CIPHER_CTX *cipher, struct bytes in, uint8_t *out)
{
	int written = 0;

	mt_assert(in.size <= CRYPTO_PIECE_MAX);
	mt_assert(EVP_CipherUpdate(cipher, out, &written, in.at, (int)in.size) == 1);
}

enum mt_err crypto_gcm_open(enum crypto_direction direction, struct bytes key, const uint8_t nonce[CRYPTO_NONCE_SIZE],
			    struct bytes associated, struct crypto_gcm **out)
{
	const EVP_CIPHER *kind = key.size == CRYPTO_KEY_128_SIZE ? EVP_aes_128_gcm() : EVP_aes_256_gcm();
	struct crypto_gcm *g = mt_alloc(sizeof(*g));

	*out = NULL;
	mt_assert(key.size == CRYPTO_KEY_128_SIZE || key.size == CRYPTO_KEY_SIZE);
	if (!g) {
		return MT_NO_MEMORY;
	}
	g->cipher = EVP_CIPHER_CTX_new();
	if (!g->cipher || EVP_CipherInit_ex(g->cipher, kind, NULL, key.at, nonce, direction == CRYPTO_SEAL) != 1) {
		crypto_gcm_close(g);
		return MT_NO_MEMORY;
	}
	if (associated.size > 0) {
		aes_update(g->cipher, associated, NULL);
	}
	*out = g;
	return MT_OK;
}

void crypto_gcm_close(struct crypto_gcm *g)
{
	if (g) {
		EVP_CIPHER_CTX_free(g->cipher); /* wipes the schedule */
		mt_free(g);
	}
}

void crypto_gcm_add(struct crypto_gcm *g, struct bytes in, uint8_t *out)
{
	if (in.size > 0) {
		aes_update(g->cipher, in, out);
	}
}

void crypto_gcm_tag(struct crypto_gcm *g, uint8_t out[CRYPTO_TAG_SIZE])
{
	uint8_t none[CRYPTO_TAG_SIZE];
	int written = 0;

	mt_assert(EVP_CipherFinal_ex(g->cipher, none, &written) == 1);
	mt_assert(EVP_CIPHER_CTX_ctrl(g->cipher, EVP_CTRL_AEAD_GET_TAG, CRYPTO_TAG_SIZE, out) == 1);
}

enum mt_err crypto_gcm_check(struct crypto_gcm *g, const uint8_t tag[CRYPTO_TAG_SIZE])
{
	uint8_t copy[CRYPTO_TAG_SIZE], none[CRYPTO_TAG_SIZE];
	int written = 0;

	memcpy(copy, tag, sizeof(copy)); /* libcrypto wants the tag writable */
	mt_assert(EVP_CIPHER_CTX_ctrl(g->cipher, EVP_CTRL_AEAD_SET_TAG, sizeof(copy), copy) == 1);
	return EVP_CipherFinal_ex(g->cipher, none, &written) == 1 ? MT_OK : MT_TAMPERED;
}

enum mt_err crypto_gcm_text(struct bytes key, const uint8_t nonce[CRYPTO_NONCE_SIZE], uint32_t block, struct bytes in,
			    uint8_t *out)
{
	const EVP_CIPHER *kind = key.size == CRYPTO_KEY_128_SIZE ? EVP_aes_128_ctr() : EVP_aes_256_ctr();
	uint8_t counter[16];
	struct builder b = builder_over(counter, sizeof(counter));
	EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();

	builder_bytes(&b, mt_bytes(nonce, CRYPTO_NONCE_SIZE));
	builder_u32(&b, COUNTER_FIRST + block);
	if (!cipher || EVP_CipherInit_ex(cipher, kind, NULL, key.at, counter, 1) != 1) {
		EVP_CIPHER_CTX_free(cipher);
		return MT_NO_MEMORY;
	}
	aes_update(cipher, in, out);
	EVP_CIPHER_CTX_free(cipher);
	return MT_OK;
}

enum mt_err crypto_cmac(const uint8_t key[CRYPTO_KEY_128_SIZE], struct bytes data, uint8_t out[CRYPTO_TAG_SIZE])
{
	char cipher[] = "AES-128-CBC";
	const OSSL_PARAM parameter[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, cipher, 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "CMAC", NULL);
	EVP_MAC_CTX *context = mac ? EVP_MAC_CTX_new(mac) : NULL;
	size_t size = 0;
	bool good = context && EVP_MAC_init(context, key, CRYPTO_KEY_128_SIZE, parameter) == 1 &&
		    EVP_MAC_update(context, data.at, data.size) == 1 &&
		    EVP_MAC_final(context, out, &size, CRYPTO_TAG_SIZE) == 1 && size == CRYPTO_TAG_SIZE;

	EVP_MAC_CTX_free(context);
	EVP_MAC_free(mac);
	return good ? MT_OK : MT_NO_MEMORY;
}
