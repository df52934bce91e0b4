/*
 * Signed images of trusted applications: OP-TEE's format (facts of its signed_hdr.h: RSA-PSS with SHA-256 or PKCS #1 v1.5, also by way of subkeys) and ours (ES256).
 *
 * Promises: what is given out was signed, whole, by a key of `trust`, or by a subkey that one of those signed for its UUIDs; the parser of it is lengths and integers alone. An
 * image without a signature, or under a key that nobody named, is nothing.
 * Hides: the headers, how signatures are checked. Class T. No state, allocates nothing lasting.
 *
 * Our format, little endian as OP-TEE's header is:
 *   magic u32 "MTTA" | format u16 (1) | kind u16 (enum image_kind) | uuid[16] (RFC 4122 order) | version u32 | size u32 (of the content)
 *   | SHA-256 of the content[32] | key id[32] (crypto_p256_id()) | signature[64] (ES256, r and s, of everything before it) | content
 */
#ifndef MT_IMAGE_H
#define MT_IMAGE_H

#include "lib/base/base.h"

#define IMAGE_UUID_SIZE 16
#define IMAGE_KEY_ID_SIZE 32
#define IMAGE_SIZE_MAX (UINT32_C(64) << 20)
#define IMAGE_KEYS_MAX 8
#define IMAGE_RSA_MAX 512               /* bytes of a modulus; OP-TEE's default key has 2048 bits, upstream's tools make up to 4096 */
#define IMAGE_OWN_HEAD (4 + 2 + 2 + 16 + 4 + 4 + 32 + 32 + 64)

enum image_kind { IMAGE_ELF = 1, IMAGE_WASM = 2 };

/* A signer that is trusted: P-256 (65 bytes, uncompressed point) or RSA (modulus and exponent, big endian). The caller's memory. */
struct image_key {
	struct bytes p256;
	struct bytes modulus, exponent;
};

struct image_trust {
	struct image_key key[IMAGE_KEYS_MAX];
	size_t count;
};

struct image {
	uint8_t uuid[IMAGE_UUID_SIZE];  /* as signed; an old OP-TEE image (type 0) has none there, and is refused */
	uint32_t version;
	enum image_kind kind;
	uint8_t signer[IMAGE_KEY_ID_SIZE];      /* crypto_p256_id(); of RSA SHA-256 of modulus and exponent, each with its u32 size before it */
	uint8_t hash[32];               /* SHA-256 of the content: what evidence and receipts name */
	struct bytes content;           /* borrows from the image */
};

/* MT_MALFORMED; MT_TAMPERED: signature or hash does not fit; MT_DENIED: nobody that is trusted has signed it, or not this UUID; MT_LIMIT: size. */
MUST enum mt_err image_verify(struct bytes image, const struct image_trust *trust, struct image *out);

/*
 * A party's tool: our format around `content`, signed. `sign` gives ES256 of a SHA-256 digest, r and s. Writes IMAGE_OWN_HEAD bytes; the content
 * follows as it is. MT_LIMIT: size.
 */
typedef enum mt_err image_sign_digest(void *context, const uint8_t digest[32], uint8_t signature[64]);
MUST enum mt_err image_head(const struct image *image, const uint8_t key_id[IMAGE_KEY_ID_SIZE], image_sign_digest *sign, void *context,
			    uint8_t out[IMAGE_OWN_HEAD]);

#endif
