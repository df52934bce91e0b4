/*
 * Primitives by name, for whoever serves algorithms that others choose (tee/operation). Nothing here is recommended: MD5, DES and ECB are there
 * because applications have data under them. What MesaTEE itself uses stands in crypto.h.
 *
 * Promises and hides what crypto.h does. No rules: which key may do what is the caller's. Sizes that a comment states are the caller's duty too
 * (they are asserted). MT_NO_MEMORY from each _open and _copy; _close takes NULL and wipes.
 */
#ifndef MT_CRYPTO_AGILE_H
#define MT_CRYPTO_AGILE_H

#include "lib/crypto/crypto.h"

/* ---- hashes ---- */

enum agile_hash {
	AGILE_MD5, AGILE_SHA1, AGILE_SHA224, AGILE_SHA256, AGILE_SHA384, AGILE_SHA512, AGILE_SM3, AGILE_SHA3_224, AGILE_SHA3_256, AGILE_SHA3_384,
	AGILE_SHA3_512, AGILE_MD5SHA1,
	AGILE_HASHES
};

#define AGILE_HASH_MAX 64               /* bytes */
#define AGILE_HASH_BLOCK_MAX 144        /* SHA3-224 */

size_t agile_hash_size(enum agile_hash hash);

struct agile_digest;
MUST enum mt_err agile_digest_open(enum agile_hash hash, struct agile_digest **out);
MUST enum mt_err agile_digest_copy(const struct agile_digest *from, struct agile_digest **out);
void agile_digest_add(struct agile_digest *d, struct bytes data);
/* agile_hash_size() bytes; d is ready for the next message. */
void agile_digest_finish(struct agile_digest *d, uint8_t *out);
void agile_digest_close(struct agile_digest *d);
/* Of one message. */
MUST enum mt_err agile_hash(enum agile_hash hash, struct bytes data, uint8_t *out);

/* HMAC (RFC 2104), a key of any size. */
struct agile_hmac;
MUST enum mt_err agile_hmac_open(enum agile_hash hash, struct bytes key, struct agile_hmac **out);
MUST enum mt_err agile_hmac_copy(const struct agile_hmac *from, struct agile_hmac **out);
void agile_hmac_add(struct agile_hmac *h, struct bytes data);
void agile_hmac_finish(struct agile_hmac *h, uint8_t *out);     /* ready for the next message under this key */
void agile_hmac_close(struct agile_hmac *h);

/* SHAKE128 and SHAKE256 (FIPS 202, 6.2), read bit by bit: libcrypto 3.0 gives the output only once. Copied by assignment; wipe it. */
struct agile_shake {
	uint64_t lane[25];
	size_t rate, at;
	bool squeezing;
};
void agile_shake_open(struct agile_shake *s, unsigned strength);        /* 128 or 256 */
void agile_shake_add(struct agile_shake *s, struct bytes data);         /* before the first output */
void agile_shake_squeeze(struct agile_shake *s, uint8_t *out, size_t size);

/* ---- block ciphers ---- */

enum agile_cipher { AGILE_AES, AGILE_DES, AGILE_DES3, AGILE_SM4, AGILE_CIPHERS };
enum agile_mode { AGILE_ECB, AGILE_CBC, AGILE_CTR, AGILE_MODES };

#define AGILE_BLOCK_MAX 16

size_t agile_block_size(enum agile_cipher cipher);
/* AES 16, 24, 32; DES 8; DES3 16, 24; SM4 16. DES and DES3 have no CTR. */
bool agile_block_has(enum agile_cipher cipher, enum agile_mode mode, size_t key_size);

struct agile_block;
/* iv: a block; of ECB nothing. */
MUST enum mt_err agile_block_open(enum agile_cipher cipher, enum agile_mode mode, enum crypto_direction direction, struct bytes key,
				  const uint8_t *iv, struct agile_block **out);
MUST enum mt_err agile_block_copy(const struct agile_block *from, struct agile_block **out);
/* Whole blocks, of CTR any number of bytes; at most CRYPTO_PIECE_MAX; out may be in. */
void agile_block_add(struct agile_block *b, struct bytes in, uint8_t *out);
void agile_block_close(struct agile_block *b);
/*
 * The end of a CBC message with ciphertext stealing, CBC-CS3 (SP 800-38A addendum): more than one block, at most two, the last two always in
 * the other order. One whole block is CBC.
 */
void agile_cts_last(struct agile_block *cbc, enum crypto_direction direction, struct bytes in, uint8_t *out);

/* XTS (IEEE 1619), one data unit in pieces, over AES of 128 or 256 bits: libcrypto's takes a unit at once. */
struct agile_xts;
MUST enum mt_err agile_xts_open(enum crypto_direction direction, struct bytes key, struct bytes key2, const uint8_t tweak[AGILE_BLOCK_MAX],
				struct agile_xts **out);
MUST enum mt_err agile_xts_copy(const struct agile_xts *from, struct agile_xts **out);
void agile_xts_add(struct agile_xts *x, struct bytes in, uint8_t *out);         /* whole blocks */
void agile_xts_last(struct agile_xts *x, struct bytes in, uint8_t *out);        /* from one block to two */
void agile_xts_close(struct agile_xts *x);

/* MACs by block cipher: CMAC (SP 800-38B), CBC-MAC (ISO/IEC 9797-1, algorithm 1) as it is and with PKCS #5 padding. */
enum agile_mac_kind { AGILE_CMAC, AGILE_CBC_MAC, AGILE_CBC_MAC_PADDED };

struct agile_mac;
/* iv: a block, or NULL for zeros. */
MUST enum mt_err agile_mac_open(enum agile_mac_kind kind, enum agile_cipher cipher, struct bytes key, const uint8_t *iv, struct agile_mac **out);
MUST enum mt_err agile_mac_copy(const struct agile_mac *from, struct agile_mac **out);
void agile_mac_add(struct agile_mac *m, struct bytes data);
/* A block. MT_MALFORMED: not whole blocks, and nothing pads; then nothing has changed. */
MUST enum mt_err agile_mac_finish(struct agile_mac *m, struct bytes data, uint8_t *out);
void agile_mac_close(struct agile_mac *m);

/* ---- authenticated encryption ---- */

/* AES-GCM (SP 800-38D). tag_size: 12 to 16; a nonce of 1 to AGILE_GCM_NONCE_MAX bytes. */
#define AGILE_GCM_NONCE_MAX 128         /* libcrypto's */
struct agile_gcm;
MUST enum mt_err agile_gcm_open(enum crypto_direction direction, struct bytes key, struct bytes nonce, struct agile_gcm **out);
MUST enum mt_err agile_gcm_copy(const struct agile_gcm *from, struct agile_gcm **out);
void agile_gcm_aad(struct agile_gcm *g, struct bytes aad);
void agile_gcm_add(struct agile_gcm *g, struct bytes in, uint8_t *out);
void agile_gcm_tag(struct agile_gcm *g, uint8_t *tag, size_t tag_size);
MUST enum mt_err agile_gcm_check(struct agile_gcm *g, struct bytes tag);        /* MT_TAMPERED */
void agile_gcm_close(struct agile_gcm *g);

/* AES-CCM (SP 800-38C). tag_size: 4, 6, ... 16; a nonce of 7 to 13 bytes; the sizes that are said are those that come. */
struct agile_ccm;
/* MT_MALFORMED: a payload that is too long for this nonce. */
MUST enum mt_err agile_ccm_open(enum crypto_direction direction, struct bytes key, struct bytes nonce, size_t tag_size, uint64_t aad_size,
				uint64_t payload_size, struct agile_ccm **out);
MUST enum mt_err agile_ccm_copy(const struct agile_ccm *from, struct agile_ccm **out);
void agile_ccm_aad(struct agile_ccm *c, struct bytes aad);
void agile_ccm_add(struct agile_ccm *c, struct bytes in, uint8_t *out);
/* The tag that belongs to what came; whoever opens compares it. */
void agile_ccm_tag(struct agile_ccm *c, uint8_t *tag);
void agile_ccm_close(struct agile_ccm *c);

/* ---- asymmetric keys ---- */

enum agile_kind { AGILE_RSA, AGILE_DSA, AGILE_DH, AGILE_EC, AGILE_ED25519, AGILE_X25519, AGILE_X448 };
enum agile_curve { AGILE_P192, AGILE_P224, AGILE_P256, AGILE_P384, AGILE_P521, AGILE_CURVES };
/* Numbers big endian; of Ed25519, X25519 and X448 the bytes of their RFCs. */
enum agile_part {
	AGILE_N, AGILE_E, AGILE_D, AGILE_PRIME1, AGILE_PRIME2, AGILE_EXPONENT1, AGILE_EXPONENT2, AGILE_COEFFICIENT,     /* RSA */
	AGILE_P, AGILE_Q, AGILE_G,              /* DSA, Diffie-Hellman; of the latter q may lack */
	AGILE_X, AGILE_Y,                       /* a point of a curve */
	AGILE_PRIVATE, AGILE_PUBLIC,
	AGILE_PARTS
};

#define AGILE_PART_MAX 512                      /* RSA of 4096 bits */
#define AGILE_RSA_GENERATE_MIN 512              /* bits; libcrypto makes none that is shorter */

struct agile_parts {
	struct bytes at[AGILE_PARTS];           /* empty: not there */
};

struct agile_key;
/*
 * A key pair if the private part (AGILE_D, AGILE_PRIVATE) is there, else a public key. MT_MALFORMED: no key: a point not on its curve, a scalar
 * out of range or of another point, an even modulus.
 */
MUST enum mt_err agile_key_open(enum agile_kind kind, enum agile_curve curve, const struct agile_parts *parts, struct agile_key **out);
/*
 * `given`: RSA's exponent, or 65537 without; p, q and g. `bits`: of RSA's modulus; of a private number of Diffie-Hellman, 0 if it does not matter.
 * libcrypto's own randomness, which the hook of crypto_random() does not reach. MT_MALFORMED, MT_NO_MEMORY.
 */
MUST enum mt_err agile_key_generate(enum agile_kind kind, enum agile_curve curve, unsigned bits, const struct agile_parts *given,
				    struct agile_key **out);
/* One part; coordinates and scalars of curves have their curve's size. `out` holds AGILE_PART_MAX. */
MUST enum mt_err agile_key_part(const struct agile_key *key, enum agile_part part, uint8_t *out, size_t *size);
size_t agile_curve_size(enum agile_curve curve);        /* bytes of a coordinate */
void agile_key_close(struct agile_key *key);

enum agile_padding { AGILE_RAW, AGILE_PKCS1, AGILE_OAEP, AGILE_PSS };

struct agile_scheme {
	enum agile_padding padding;             /* RSA */
	const enum agile_hash *hash, *mgf;      /* NULL: PKCS #1 of what is already a DigestInfo */
	struct bytes label;                     /* OAEP */
	size_t salt_size;                       /* PSS */
};

#define AGILE_SIGNATURE_MAX 512

/*
 * `out` holds AGILE_SIGNATURE_MAX. ECDSA, DSA: a digest, the signature is r || s, each as long as the order; Ed25519: the message.
 * MT_MALFORMED: this key cannot sign this.
 */
MUST enum mt_err agile_sign(struct agile_key *key, const struct agile_scheme *scheme, struct bytes in, uint8_t *out, size_t *size);
MUST enum mt_err agile_verify(struct agile_key *key, const struct agile_scheme *scheme, struct bytes in, struct bytes signature);
/* RSA. `out` holds AGILE_SIGNATURE_MAX. MT_MALFORMED: not of a size that it takes; MT_TAMPERED: the padding does not fit. */
MUST enum mt_err agile_encrypt(struct agile_key *key, const struct agile_scheme *scheme, struct bytes in, uint8_t *out, size_t *size);
MUST enum mt_err agile_decrypt(struct agile_key *key, const struct agile_scheme *scheme, struct bytes in, uint8_t *out, size_t *size);
/*
 * Diffie-Hellman: on curves the x coordinate, else the number without leading zeros. `out` holds AGILE_SIGNATURE_MAX. MT_MALFORMED: a public value
 * of low order.
 */
MUST enum mt_err agile_agree(struct agile_key *key, struct agile_key *other, uint8_t *out, size_t *size);

/* ---- derivation ---- */

/* HKDF (RFC 5869): MT_MALFORMED above 255 hashes. Concatenation KDF (SP 800-56A, 5.8.1). PBKDF2 (RFC 8018, 5.2). */
MUST enum mt_err agile_hkdf(enum agile_hash hash, struct bytes key, struct bytes salt, struct bytes info, uint8_t *out, size_t size);
MUST enum mt_err agile_concat(enum agile_hash hash, struct bytes secret, struct bytes other, uint8_t *out, size_t size);
MUST enum mt_err agile_pbkdf2(enum agile_hash hash, struct bytes password, struct bytes salt, uint32_t count, uint8_t *out, size_t size);

#endif
