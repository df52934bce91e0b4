/* Libcrypto's older interface: the newer one does not take a state. */
#define OPENSSL_API_COMPAT 10100

#include "lib/crypto/crypto.h"

#include <openssl/sha.h>
#include <string.h>

/* Whole blocks go through without a copy, and nothing is left over. */
void crypto_sha1_blocks(uint32_t state[CRYPTO_SHA1_WORDS], const uint8_t *data, size_t count)
{
	SHA_CTX c = { .h0 = state[0], .h1 = state[1], .h2 = state[2], .h3 = state[3], .h4 = state[4] };

	SHA1_Update(&c, data, count * CRYPTO_SHA1_BLOCK);
	state[0] = c.h0;
	state[1] = c.h1;
	state[2] = c.h2;
	state[3] = c.h3;
	state[4] = c.h4;
}

void crypto_sha256_blocks(uint32_t state[CRYPTO_SHA256_WORDS], const uint8_t *data, size_t count)
{
	SHA256_CTX c = { .md_len = SHA256_DIGEST_LENGTH };

	memcpy(c.h, state, sizeof(c.h));
	SHA256_Update(&c, data, count * CRYPTO_SHA256_BLOCK);
	memcpy(state, c.h, sizeof(c.h));
}

void crypto_sha512_blocks(uint64_t state[CRYPTO_SHA512_WORDS], const uint8_t *data, size_t count)
{
	SHA512_CTX c = { .md_len = SHA512_DIGEST_LENGTH };

	memcpy(c.h, state, sizeof(c.h));
	SHA512_Update(&c, data, count * CRYPTO_SHA512_BLOCK);
	memcpy(state, c.h, sizeof(c.h));
}
