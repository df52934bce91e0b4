/*
 * Primitives: hashes, HKDF, AES-256-GCM, P-256 (ES256), Ed25519, X25519 and HPKE base mode, random
 * bytes.
 *
 * Promises: constant time in secrets as far as the implementation below (OpenSSL's libcrypto) is;
 * plaintext is not released before its tag; every output is written on success only.
 * Hides: which library does the work. Nobody else calls libcrypto for a primitive.
 * Class N. Thread-safe where arguments are not shared. Allocates in functions named _open, and once
 * per thread for the hashes; libcrypto allocates a little for signatures, X25519 and HPKE. When
 * memory is gone a function that returns an error says MT_NO_MEMORY, another stops the process.
 */
#ifndef MT_CRYPTO_H
#define MT_CRYPTO_H

#include "lib/base/base.h"

#define CRYPTO_SHA256_SIZE 32
#define CRYPTO_SHA512_SIZE 64
#define CRYPTO_SHA1_BLOCK 64
#define CRYPTO_SHA1_WORDS 5
#define CRYPTO_SHA256_BLOCK 64
#define CRYPTO_SHA256_WORDS 8
#define CRYPTO_SHA512_BLOCK 128
#define CRYPTO_SHA512_WORDS 8
#define CRYPTO_KEY_SIZE 32              /* AES-256, HKDF outputs, X25519, private scalars */
#define CRYPTO_NONCE_SIZE 12            /* GCM */
#define CRYPTO_TAG_SIZE 16              /* GCM */
#define CRYPTO_P256_PUBLIC_SIZE 65      /* uncompressed point, 04 || x || y (SEC 1, 2.3.3) */
#define CRYPTO_P256_SPKI_SIZE 91        /* DER SubjectPublicKeyInfo of a P-256 key, RFC 5480 */
#define CRYPTO_SIGNATURE_SIZE 64        /* ES256: r || s (RFC 9053, 2.1). Ed25519: RFC 8032 */
#define CRYPTO_X25519_SIZE 32
#define CRYPTO_HPKE_OVERHEAD (CRYPTO_X25519_SIZE + CRYPTO_TAG_SIZE)

/* 32 secret bytes. Wipe with mt_wipe when done; never printed, never compared with memcmp. */
struct secret {
	uint8_t at[CRYPTO_KEY_SIZE];
};
struct bytes secret_bytes(const struct secret *s);

/* ---- random ---- */

/*
 * Fill with random bytes; stops the process when the source fails, since nothing may go on without.
 */
void crypto_random(void *out, size_t size);
/*
 * The hook behind it: getrandom by default, the seed in port/sim. Returns 0 on success. NULL
 * restores the default.
 */
void crypto_random_set(int (*source)(void *out, size_t size));

/* ---- hashes ---- */

void crypto_sha256(struct bytes data, uint8_t out[CRYPTO_SHA256_SIZE]);
void crypto_sha512(struct bytes data, uint8_t out[CRYPTO_SHA512_SIZE]);
/* SHA-256 of two messages of one size, in little more than the time of one where the processor has instructions for it (sha256_pair.c). */
void crypto_sha256_pair(const uint8_t *a, const uint8_t *b, size_t size, uint8_t out_a[CRYPTO_SHA256_SIZE],
			uint8_t out_b[CRYPTO_SHA256_SIZE]);
/* SHA-256 of the parts one after another, nothing between them. */
void crypto_sha256_parts(const struct bytes *parts, size_t count, uint8_t out[CRYPTO_SHA256_SIZE]);
void crypto_hmac_sha256(struct bytes key, struct bytes data, uint8_t out[CRYPTO_SHA256_SIZE]);

/* Incremental SHA-256 or SHA-512. */
struct crypto_hash;
MUST enum mt_err crypto_hash_open_256(struct crypto_hash **out);
MUST enum mt_err crypto_hash_open_512(struct crypto_hash **out);
void crypto_hash_add(struct crypto_hash *h, struct bytes data);
/* The size as u64 big endian, then the bytes. */
void crypto_hash_add_sized(struct crypto_hash *h, struct bytes data);
/* 32 or 64 bytes; h is ready for the next message. */
void crypto_hash_finish(struct crypto_hash *h, uint8_t *out);
void crypto_hash_close(struct crypto_hash *h);

/*
 * The compression functions alone (FIPS 180-4, 6): `count` whole blocks into a state of words in this machine's order. For whoever keeps
 * states and pads by himself; SHA-1 is for nothing else.
 */
void crypto_sha1_blocks(uint32_t state[CRYPTO_SHA1_WORDS], const uint8_t *data, size_t count);
void crypto_sha256_blocks(uint32_t state[CRYPTO_SHA256_WORDS], const uint8_t *data, size_t count);
void crypto_sha512_blocks(uint64_t state[CRYPTO_SHA512_WORDS], const uint8_t *data, size_t count);

/*
 * Labelled hash (DESIGN 7): HASH(sized(label) || sized(part[0]) || ...). `label` from the one table
 * in lib/attest. Cannot fail (stops the process when memory is gone).
 */
void crypto_label_sha256(const char *label, const struct bytes *parts, size_t count,
			 uint8_t out[CRYPTO_SHA256_SIZE]);
void crypto_label_sha512(const char *label, const struct bytes *parts, size_t count,
			 uint8_t out[CRYPTO_SHA512_SIZE]);

/* HKDF-SHA256 (RFC 5869), extract and expand in one; size at most 255 * 32. */
void crypto_hkdf(struct bytes key, struct bytes salt, struct bytes info, uint8_t *out, size_t size);
/* One 32-byte subkey: HKDF(key, salt = empty, info = sized(label) || sized(context)). */
void crypto_derive(const struct secret *key, const char *label, struct bytes context,
		   struct secret *out);

/* ---- AES-256-GCM ---- */

/* A key schedule kept for many messages. */
struct crypto_aead;
MUST enum mt_err crypto_aead_open(const struct secret *key, struct crypto_aead **out);
void crypto_aead_close(struct crypto_aead *a);
/*
 * out holds plain.size + 16 (ciphertext || tag); may be the same memory as plain. A nonce is used
 * once per key.
 */
void crypto_aead_seal(struct crypto_aead *a, const uint8_t nonce[CRYPTO_NONCE_SIZE],
		      struct bytes associated, struct bytes plain, uint8_t *out);
/*
 * out holds sealed.size - 16. MT_TAMPERED when the tag does not fit (out is zeroed), MT_MALFORMED
 * when too short.
 */
MUST enum mt_err crypto_aead_unseal(struct crypto_aead *a, const uint8_t nonce[CRYPTO_NONCE_SIZE],
				    struct bytes associated, struct bytes sealed, uint8_t *out);

/* ---- AES of formats that are not ours: messages of any size, and keys of 128 bits ---- */

#define CRYPTO_KEY_128_SIZE 16
#define CRYPTO_PIECE_MAX ((size_t)1 << 30)      /* bytes of one call below */

enum crypto_direction { CRYPTO_UNSEAL, CRYPTO_SEAL };

/* One GCM message, in pieces. The key has 16 or 32 bytes. MT_NO_MEMORY. */
struct crypto_gcm;
MUST enum mt_err crypto_gcm_open(enum crypto_direction direction, struct bytes key, const uint8_t nonce[CRYPTO_NONCE_SIZE],
				 struct bytes associated, struct crypto_gcm **out);
void crypto_gcm_close(struct crypto_gcm *g);
/* out holds in.size and may be the same memory. What was unsealed is nobody's before crypto_gcm_check(). */
void crypto_gcm_add(struct crypto_gcm *g, struct bytes in, uint8_t *out);
/* The end of sealing; the end of unsealing: MT_TAMPERED. */
void crypto_gcm_tag(struct crypto_gcm *g, uint8_t out[CRYPTO_TAG_SIZE]);
MUST enum mt_err crypto_gcm_check(struct crypto_gcm *g, const uint8_t tag[CRYPTO_TAG_SIZE]);
/*
 * A part of such a message from its block-th block (of 16 bytes) on, from ciphertext to text or back, its tag unread: for a caller that has
 * checked the whole and knows this part again. MT_NO_MEMORY.
 */
MUST enum mt_err crypto_gcm_text(struct bytes key, const uint8_t nonce[CRYPTO_NONCE_SIZE], uint32_t block, struct bytes in,
				 uint8_t *out);
/* AES-128-CMAC (RFC 4493). MT_NO_MEMORY. */
MUST enum mt_err crypto_cmac(const uint8_t key[CRYPTO_KEY_128_SIZE], struct bytes data, uint8_t out[CRYPTO_TAG_SIZE]);

/* ---- P-256 (ES256) and Ed25519 ---- */

/* A private key ready to sign. */
struct crypto_signer;
/* MT_MALFORMED: the scalar is 0 or at least the group's order. */
MUST enum mt_err crypto_signer_open_p256(const struct secret *private_scalar,
					 struct crypto_signer **out);
MUST enum mt_err crypto_signer_open_ed25519(const struct secret *seed, struct crypto_signer **out);
/* A fresh private key, as the bytes that the opens above take. */
void crypto_p256_generate(struct secret *private_scalar);
void crypto_signer_close(struct crypto_signer *s);
/* P-256: 65 bytes; Ed25519: 32 bytes. Borrowed from the signer. */
struct bytes crypto_signer_public(const struct crypto_signer *s);
MUST enum mt_err crypto_sign(struct crypto_signer *s, struct bytes message,
			     uint8_t out[CRYPTO_SIGNATURE_SIZE]);

/* A public key ready to verify. */
struct crypto_verifier;
/* 65 bytes P-256 (checked to be on the curve) or 32 bytes Ed25519. MT_MALFORMED. */
MUST enum mt_err crypto_verifier_open(struct bytes public_key, struct crypto_verifier **out);
void crypto_verifier_close(struct crypto_verifier *v);
/* MT_TAMPERED when the signature does not fit or is not 64 bytes. */
MUST enum mt_err crypto_verify(struct crypto_verifier *v, struct bytes message,
			       struct bytes signature);
/* Open, verify once, close. */
MUST enum mt_err crypto_verify_once(struct bytes public_key, struct bytes message,
				    struct bytes signature);

/*
 * DER SubjectPublicKeyInfo of a 65-byte P-256 point (a constant prefix), and its SHA-256: how
 * parties and nodes are named.
 */
void crypto_p256_spki(const uint8_t public_key[CRYPTO_P256_PUBLIC_SIZE],
		      uint8_t out[CRYPTO_P256_SPKI_SIZE]);
void crypto_p256_id(const uint8_t public_key[CRYPTO_P256_PUBLIC_SIZE],
		    uint8_t out[CRYPTO_SHA256_SIZE]);

/* ---- HPKE (RFC 9180): DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM ----
 * Base mode, one message per encapsulation.
 */

void crypto_x25519_generate(struct secret *private_key, uint8_t public_key[CRYPTO_X25519_SIZE]);
void crypto_x25519_public(const struct secret *private_key, uint8_t public_key[CRYPTO_X25519_SIZE]);
/*
 * out holds plain.size + CRYPTO_HPKE_OVERHEAD: enc || ciphertext || tag. MT_MALFORMED: a public key
 * of low order.
 */
MUST enum mt_err crypto_hpke_seal(const uint8_t recipient[CRYPTO_X25519_SIZE], struct bytes info,
				  struct bytes associated, struct bytes plain, uint8_t *out);
/* out holds sealed.size - CRYPTO_HPKE_OVERHEAD. MT_TAMPERED, MT_MALFORMED. */
MUST enum mt_err crypto_hpke_open(const struct secret *private_key, struct bytes info,
				  struct bytes associated, struct bytes sealed, uint8_t *out);

#endif
