/*
 * Private to lib/crypto: what its files share. Algorithms are fetched from libcrypto once per process,
 * scratch contexts are kept per thread, so that a short hash costs no allocation and no lookup.
 */
#ifndef MT_CRYPTO_LIBCRYPTO_H
#define MT_CRYPTO_LIBCRYPTO_H

#include "lib/crypto/crypto.h"

#include <openssl/evp.h>

struct algorithms {
	EVP_MD *sha256, *sha512;
	EVP_CIPHER *aes_256_gcm;
};

/* Stops the process when libcrypto lacks them: nothing works then. */
const struct algorithms *algorithms(void);

/* HMAC-SHA256 over the parts one after another. */
void hmac_sha256_parts(struct bytes key, const struct bytes *parts, size_t count,
		       uint8_t out[CRYPTO_SHA256_SIZE]);

#endif
