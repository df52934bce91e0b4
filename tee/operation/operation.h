/*
 * Key objects and cryptographic operations of one application instance (GP TEE Internal Core API 1.3.1, chapters 5 and 6): what the system
 * calls of number 15 to 40 and 54 of the TA interface do. It runs where the application runs, under the same limits: a transient key never
 * leaves its process.
 *
 * Promises: an operation does what the specification says of its algorithm and mode, with a key of that algorithm, size and usage, and nothing
 * else; a tag, MAC or signature that does not fit gives MT_TAMPERED and no plaintext; keys and intermediate states are wiped when they end.
 * Hides: libcrypto; which algorithms it has and which are ours. Class A (T where it is linked into the TEE itself). One thread. Handles are
 * small numbers, never reused for another kind; a wrong one is MT_MALFORMED, never a fault.
 *
 * Algorithms, types, attributes and modes are GP's numbers (api/tee_api_defines.h). Lengths are bytes, key sizes bits. Where `out` is too short
 * the answer is MT_LIMIT, *out_size is what it takes, and nothing has changed. MT_NOT_FOUND: this algorithm, curve or size is not supported.
 * MT_STATE: not in this state of the operation or object. MT_DENIED: the key's usage forbids it. MT_NO_MEMORY.
 *
 * Panics are not decided here: the application's library (ta/rt) does, from these answers.
 */
#ifndef MT_OPERATION_H
#define MT_OPERATION_H

#include "lib/base/base.h"

#define OPERATION_OBJECTS_MAX 1024
#define OPERATION_STATES_MAX 1024
#define OPERATION_ATTRIBUTES_MAX 16     /* of one call */
#define OPERATION_DATA_MAX ((size_t)1 << 30)    /* bytes of one call */
#define OPERATION_KEPT_MAX ((size_t)16 << 20)   /* of plaintext that CCM keeps back until its tag fits */

/* GP's TEE_Attribute: bit 29 of the id says that it is a value. Memory is borrowed. */
struct operation_attribute {
	uint32_t id;
	uint32_t a, b;          /* a value */
	struct bytes buffer;    /* else */
};

struct operation_attributes {
	const struct operation_attribute *at;
	size_t count;           /* at most OPERATION_ATTRIBUTES_MAX */
};

/* All objects and operations of one instance. */
struct operations;
MUST enum mt_err operations_open(struct operations **out);
void operations_close(struct operations *o);    /* NULL is allowed; wipes everything */

typedef uint32_t operation_handle;              /* 0 is none */

/* ---- objects: 24 to 31, 54 ---- */

struct operation_object_info {
	uint32_t type, size, size_max, usage;   /* TEE_ObjectInfo; bits */
	bool initialized;
};

/* MT_NOT_FOUND: unknown type, or a size that it cannot have. */
MUST enum mt_err object_alloc(struct operations *o, uint32_t type, uint32_t size_max, operation_handle *out);
void object_free(struct operations *o, operation_handle object);        /* 0 is allowed */
MUST enum mt_err object_reset(struct operations *o, operation_handle object);
MUST enum mt_err object_info(struct operations *o, operation_handle object, struct operation_object_info *out);
/* Only takes rights away. */
MUST enum mt_err object_restrict(struct operations *o, operation_handle object, uint32_t usage);
/*
 * MT_STATE: it has a key. MT_MALFORMED: attributes missing, of another type, twice, too large, or no key at all (curve, range; the
 * parity bits of DES keys are not looked at, as ciphers do not).
 */
MUST enum mt_err object_populate(struct operations *o, operation_handle object, struct operation_attributes attributes);
/* A key's parts that `to`'s type has: public from pair, or the same type. `to` keeps no right that `from` lacks. */
MUST enum mt_err object_copy(struct operations *o, operation_handle to, operation_handle from);
/* `size` bits; attributes as the type asks for (RSA exponent, DSA and DH parameters, curve). */
MUST enum mt_err object_generate(struct operations *o, operation_handle object, uint32_t size, struct operation_attributes attributes);
/* One attribute. MT_NOT_FOUND: it has none such. MT_DENIED: secret, and not TEE_USAGE_EXTRACTABLE. */
MUST enum mt_err object_buffer(struct operations *o, operation_handle object, uint32_t attribute, uint8_t *out, size_t capacity,
			       size_t *out_size);
MUST enum mt_err object_value(struct operations *o, operation_handle object, uint32_t attribute, uint32_t *a, uint32_t *b);
/* The key as bytes and back, for objects that are kept (tee/storage): as many as storage has room for. The form is ours and has a version. */
MUST enum mt_err object_encode(struct operations *o, operation_handle object, uint8_t *out, size_t capacity, size_t *out_size);
MUST enum mt_err object_decode(struct operations *o, struct bytes encoded, operation_handle *out);

/* ---- operations: 15 to 17 ---- */

/* TEE_OperationMode. */
enum operation_mode {
	OPERATION_ENCRYPT = 0, OPERATION_DECRYPT, OPERATION_SIGN, OPERATION_VERIFY, OPERATION_MAC, OPERATION_DIGEST, OPERATION_DERIVE,
	OPERATION_MODES
};

/*
 * key, key2: 0 or objects with a key, which is copied; key2 for XTS and SM2 key exchange. Without the keys that the algorithm needs, operation_key() must come
 * before the first use. MT_NOT_FOUND: the algorithm has not this mode. MT_DENIED: usage. MT_MALFORMED: a key of another type or size.
 * MT_TAMPERED: twice the same key for XTS (TEE_ERROR_SECURITY).
 */
MUST enum mt_err operation_alloc(struct operations *o, uint32_t algorithm, enum operation_mode mode, operation_handle key, operation_handle key2,
				 operation_handle *out);
void operation_free(struct operations *o, operation_handle operation);
MUST enum mt_err operation_key(struct operations *o, operation_handle operation, operation_handle key, operation_handle key2);
/* Everything of `from` but its handle; both of one algorithm and mode. */
MUST enum mt_err operation_copy(struct operations *o, operation_handle to, operation_handle from);
/* There is this algorithm, with this element (a curve; TEE_CRYPTO_ELEMENT_NONE: with any, or it has none). Needs no instance. */
bool operation_supported(uint32_t algorithm, uint32_t element);

/* ---- digests and MACs: 18 to 20. iv: of CBC-MAC; else empty ---- */

MUST enum mt_err digest_init(struct operations *o, operation_handle operation, struct bytes iv);
MUST enum mt_err digest_update(struct operations *o, operation_handle operation, struct bytes data);
/*
 * The last data, then the digest or MAC. Ready for digest_init() after. An extendable one gives `capacity` bytes, and the next ones if it is
 * called again without data.
 */
MUST enum mt_err digest_final(struct operations *o, operation_handle operation, struct bytes data, uint8_t *out, size_t capacity, size_t *out_size);
/* The next `size` bytes of an extendable one. */
MUST enum mt_err digest_extract(struct operations *o, operation_handle operation, uint8_t *out, size_t size);

/* ---- ciphers: 21 to 23 ---- */

MUST enum mt_err cipher_init(struct operations *o, operation_handle operation, struct bytes iv);
/* `in` and `out` may be the same memory. Output as GP has it: whole blocks as they become known. */
MUST enum mt_err cipher_update(struct operations *o, operation_handle operation, struct bytes in, uint8_t *out, size_t capacity, size_t *out_size);
/* MT_MALFORMED: not a length that the mode takes, or wrong padding. */
MUST enum mt_err cipher_final(struct operations *o, operation_handle operation, struct bytes in, uint8_t *out, size_t capacity, size_t *out_size);

/*
 * ---- authenticated encryption: 34 to 38. CCM says its sizes before ----
 * Decrypting, CCM gives nothing before its tag fits: updates give no bytes, authenticated_open() gives all; a payload above OPERATION_KEPT_MAX is
 * MT_LIMIT. GCM gives from updates what came, as GP has it (which its caller must not trust yet); the last piece waits for the tag.
 * MT_NOT_FOUND: no such size of nonce or tag. MT_MALFORMED: `in` and `out` share a part of their memory and are not the same.
 */

MUST enum mt_err authenticated_init(struct operations *o, operation_handle operation, struct bytes nonce, size_t tag_size, size_t aad_size,
				    size_t payload_size);
MUST enum mt_err authenticated_aad(struct operations *o, operation_handle operation, struct bytes aad);
MUST enum mt_err authenticated_update(struct operations *o, operation_handle operation, struct bytes in, uint8_t *out, size_t capacity,
				      size_t *out_size);
MUST enum mt_err authenticated_seal(struct operations *o, operation_handle operation, struct bytes in, uint8_t *out, size_t capacity,
				    size_t *out_size, uint8_t *tag, size_t tag_capacity, size_t *tag_size);
/* MT_TAMPERED: then out is as it was. */
MUST enum mt_err authenticated_open(struct operations *o, operation_handle operation, struct bytes in, struct bytes tag, uint8_t *out,
				    size_t capacity, size_t *out_size);

/* ---- asymmetric, derivation, random: 32, 33, 39, 40 ---- */

/*
 * Encrypt, decrypt or sign, as the operation's mode is. MT_TAMPERED: a ciphertext that does not fit (TEE_ERROR_CIPHERTEXT_INVALID). What
 * TEE_ALG_RSA_NOPAD decrypts has no leading zeros.
 */
MUST enum mt_err asymmetric_operate(struct operations *o, operation_handle operation, struct operation_attributes parameters, struct bytes in,
				    uint8_t *out, size_t capacity, size_t *out_size);
/* MT_TAMPERED: it does not fit. */
MUST enum mt_err asymmetric_verify(struct operations *o, operation_handle operation, struct operation_attributes parameters, struct bytes digest,
				   struct bytes signature);
/* `object` is a TEE_TYPE_GENERIC_SECRET without a key. */
MUST enum mt_err key_derive(struct operations *o, operation_handle operation, struct operation_attributes parameters, operation_handle object);

#endif
