/*
 * Sealed blobs: bytes that only the same software under the same policy can open again, wherever
 * they were kept.
 *
 * Promises: a blob opens only under its root, purpose and context; a changed, truncated or exchanged
 * blob is MT_TAMPERED; a blob of another root or version says so (MT_NOT_FOUND, MT_MALFORMED) before
 * any key is used.
 * No promise of freshness: an old blob opens. Freshness is the log's business.
 * Hides: key derivation, nonces, layout. Class N. Allocates nothing that outlives a call.
 *
 * Wire form, big endian:
 *   magic "MTSEAL" | version u8 = 1 | reserved u8 = 0 | root id [16] | nonce [12] | ciphertext |
 *   tag [16]
 * Associated data: the header before the nonce || sized(purpose) || sized(context).
 */
#ifndef MT_SEAL_H
#define MT_SEAL_H

#include "lib/base/base.h"
#include "lib/crypto/crypto.h"

#define SEAL_ROOT_ID_SIZE 16
#define SEAL_HEADER_SIZE (8 + SEAL_ROOT_ID_SIZE + CRYPTO_NONCE_SIZE)
#define SEAL_OVERHEAD (SEAL_HEADER_SIZE + CRYPTO_TAG_SIZE)

struct seal_root {
	uint8_t id[SEAL_ROOT_ID_SIZE];          /* public: names the root without telling it */
	struct secret key;
};

/*
 * The root of this platform secret, measurement and policy (DESIGN 7): another value of any gives
 * another root.
 */
void seal_root_derive(const struct secret *platform, struct bytes measurement, struct bytes policy,
		      struct seal_root *out);
void seal_root_wipe(struct seal_root *root);

/* A subkey for a purpose, for uses that keep their own format (the log). */
void seal_key(const struct seal_root *root, const char *purpose, struct secret *out);

/*
 * out holds plain.size + SEAL_OVERHEAD. `context` says which blob this is (a name, an index).
 * MT_NO_MEMORY.
 */
MUST enum mt_err seal_wrap(const struct seal_root *root, const char *purpose, struct bytes context,
			   struct bytes plain, uint8_t *out);
/*
 * out holds blob.size - SEAL_OVERHEAD. MT_MALFORMED, MT_NOT_FOUND (another root), MT_TAMPERED,
 * MT_NO_MEMORY.
 */
MUST enum mt_err seal_unwrap(const struct seal_root *root, const char *purpose,
			     struct bytes context, struct bytes blob, uint8_t *out);

#endif
