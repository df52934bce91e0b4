/*
 * Signed images of trusted applications: OP-TEE's format (facts of its signed_hdr.h: RSA-PSS with SHA-256 or PKCS #1 v1.5, also by way of subkeys)
 * and ours (ES256).
 *
 * Promises: what is given out was signed, whole, by a key of `trust`, or by a subkey that one of those signed for its UUIDs; the parser of it is
 * lengths and integers alone. An image without a signature, or under a key that nobody named, is nothing. No older version of a TA or subkey than one
 * seen before, where the caller keeps the records.
 * Hides: the headers, how signatures are checked. Class T. No state, allocates nothing lasting.
 *
 * OP-TEE's: any number of subkeys (at most IMAGE_CHAIN_MAX), each signed by the key before it, each with its name space: what follows has the
 * subkey's UUID, or the UUID that SHA-512 makes of that and a name. What a subkey signs has the algorithm that the subkey says. Keys have 2048 to
 * 4096 bits. Not taken: images without a UUID (type 0) and encrypted ones (type 2), MT_DENIED; data behind the content, MT_MALFORMED.
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
#define IMAGE_RSA_MIN 256
#define IMAGE_CHAIN_MAX 4
#define IMAGE_SIGNED (4 + 2 + 2 + 16 + 4 + 4 + 32 + 32)
#define IMAGE_OWN_HEAD (IMAGE_SIGNED + 64)

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
	/*
	 * The key of `trust` that vouches: crypto_p256_id(); of RSA SHA-256 of modulus and exponent without leading zeros, each with its u32 size (big
	 * endian) before it.
	 */
	uint8_t signer[IMAGE_KEY_ID_SIZE];
	/* Subkeys between that key and the image, in their order: their versions go by the same rule as the image's. */
	struct {
		uint8_t uuid[IMAGE_UUID_SIZE];
		uint32_t version;
	} subkey[IMAGE_CHAIN_MAX];
	size_t subkey_count;
	uint8_t hash[32];               /* SHA-256 of the content: what evidence and receipts name */
	struct bytes content;           /* borrows from the image */
};

/*
 * `image` does not change during the call. MT_MALFORMED; MT_TAMPERED: a hash does not fit, or a signature of a key that the image names (an own one,
 * a subkey); MT_DENIED: no key of `trust` has signed it, or it is not of the UUID that its signer may sign; MT_LIMIT: sizes, subkeys. *out is written
 * on success alone.
 */
MUST enum mt_err image_verify(struct bytes image, const struct image_trust *trust, struct image *out);

/*
 * A party's tool: our format around `content`, signed. `sign` gives ES256 of IMAGE_SIGNED bytes, r and s. Writes IMAGE_OWN_HEAD bytes; the content
 * follows as it is. Of `image` uuid, version, kind and content are read. MT_LIMIT: size; MT_MALFORMED: kind; else what `sign` says.
 */
typedef enum mt_err image_sign(void *context, struct bytes message, uint8_t signature[64]);
MUST enum mt_err image_head(const struct image *image, const uint8_t key_id[IMAGE_KEY_ID_SIZE], image_sign *sign, void *context,
			    uint8_t out[IMAGE_OWN_HEAD]);

/* ---- no way back: of each UUID, TA or subkey, the highest version that has been run is kept in trusted storage ---- */

#define IMAGE_RECORD_SIZE (1 + 4)       /* format u8 (1) | version u32, big endian */

/*
 * `record`: what is kept, or nothing. *newer: a record of this version is to be kept before it runs. MT_TAMPERED: older than what has been run, or no
 * record.
 */
MUST enum mt_err image_version_check(struct bytes record, uint32_t version, bool *newer);
void image_version_record(uint32_t version, uint8_t out[IMAGE_RECORD_SIZE]);

#endif
