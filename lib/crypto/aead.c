/*
 * AES-256-GCM with a kept key schedule.
 */
#include "lib/crypto/libcrypto.h"

#include <limits.h>

/* One context serves both directions: GCM needs the encryption schedule for either. */
struct crypto_aead {
	EVP_CIPHER_CTX *cipher;
};

enum direction { UNSEAL, SEAL };        /* libcrypto's `enc` */

enum mt_err crypto_aead_open(const struct secret *key, struct crypto_aead **out)
{
	struct crypto_aead *a = mt_alloc(sizeof(*a));

	*out = NULL;
	if (!a) {
		return MT_NO_MEMORY;
	}
	a->cipher = EVP_CIPHER_CTX_new();
	if (!a->cipher || EVP_CipherInit_ex(a->cipher, algorithms()->aes_256_gcm, NULL, key->at, NULL,
					    SEAL) != 1) {
		crypto_aead_close(a);
		return MT_NO_MEMORY;
	}
	*out = a;
	return MT_OK;
}

void crypto_aead_close(struct crypto_aead *a)
{
	if (a) {
		EVP_CIPHER_CTX_free(a->cipher);         /* wipes the schedule */
		mt_free(a);
	}
}

/* libcrypto counts in int. The step is a multiple of the cipher's block, so no byte waits inside. */
#define AEAD_STEP ((size_t)INT_MAX & ~(size_t)0xfff)

/* Run `in` through the cipher; out NULL means associated data. */
static void aead_update(EVP_CIPHER_CTX *cipher, uint8_t *out, struct bytes in)
{
	for (size_t done = 0; done < in.size;) {
		size_t step = in.size - done < AEAD_STEP ? in.size - done : AEAD_STEP;
		int written = 0;

		mt_assert(EVP_CipherUpdate(cipher, out ? out + done : NULL, &written, in.at + done,
					   (int)step) == 1);
		done += step;
	}
}

static void aead_start(EVP_CIPHER_CTX *cipher, enum direction direction,
		       const uint8_t nonce[CRYPTO_NONCE_SIZE], struct bytes associated)
{
	mt_assert(EVP_CipherInit_ex(cipher, NULL, NULL, NULL, nonce, (int)direction) == 1);
	aead_update(cipher, NULL, associated);
}

void crypto_aead_seal(struct crypto_aead *a, const uint8_t nonce[CRYPTO_NONCE_SIZE], struct bytes associated,
		      struct bytes plain, uint8_t *out)
{
	uint8_t none[CRYPTO_TAG_SIZE];
	int written = 0;

	aead_start(a->cipher, SEAL, nonce, associated);
	aead_update(a->cipher, out, plain);
	mt_assert(EVP_CipherFinal_ex(a->cipher, none, &written) == 1);
	mt_assert(EVP_CIPHER_CTX_ctrl(a->cipher, EVP_CTRL_AEAD_GET_TAG, CRYPTO_TAG_SIZE,
				      out + plain.size) == 1);
}

enum mt_err crypto_aead_unseal(struct crypto_aead *a, const uint8_t nonce[CRYPTO_NONCE_SIZE],
			       struct bytes associated, struct bytes sealed, uint8_t *out)
{
	uint8_t tag[CRYPTO_TAG_SIZE], none[CRYPTO_TAG_SIZE];
	int written = 0;

	if (sealed.size < CRYPTO_TAG_SIZE) {
		return MT_MALFORMED;
	}
	size_t size = sealed.size - CRYPTO_TAG_SIZE;
	for (size_t i = 0; i < sizeof(tag); i++) {      /* libcrypto wants the tag writable */
		tag[i] = sealed.at[size + i];
	}
	aead_start(a->cipher, UNSEAL, nonce, associated);
	aead_update(a->cipher, out, mt_bytes(sealed.at, size));
	mt_assert(EVP_CIPHER_CTX_ctrl(a->cipher, EVP_CTRL_AEAD_SET_TAG, sizeof(tag), tag) == 1);
	if (EVP_CipherFinal_ex(a->cipher, none, &written) != 1) {
		mt_wipe(out, size);
		return MT_TAMPERED;
	}
	return MT_OK;
}
