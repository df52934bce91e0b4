/*
 * Private to tee/operation: what its files share.
 *
 * type.c      the table of object types        key.c        keys: unchangeable, counted; every check that makes bytes one
 * object.c    objects and their handles        encode.c     the form in which storage keeps them
 * algorithm.c the table of algorithms          state.c      operations and their handles: which keys and modes they take
 * digest.c, cipher.c, authenticated.c, asymmetric.c, derive.c   what each class of operation does
 */
#ifndef MT_OPERATION_PRIVATE_H
#define MT_OPERATION_PRIVATE_H

#include "lib/crypto/agile.h"
#include "tee/operation/operation.h"

#define ATTRIBUTE_IS_PUBLIC (UINT32_C(1) << 28)
#define ATTRIBUTE_IS_VALUE (UINT32_C(1) << 29)
#define TYPE_IS_PAIR (UINT32_C(1) << 24)
#define USAGE_ALL UINT32_MAX            /* of an object that nobody has restricted (5.5) */

/* ---- types ---- */

enum family { FAMILY_SECRET, FAMILY_DES, FAMILY_RSA, FAMILY_FIELD, FAMILY_EC, FAMILY_RAW };

enum part_flag {
	PART_NEEDED = 1,                /* a key has it; else it may have it */
	PART_CRT = 2,                   /* a key has all of these or none */
	PART_GIVEN = 4,                 /* generating asks for it */
	PART_GIVEN_MAYBE = 8,           /* generating takes it */
};

struct part_rule {
	uint32_t id;
	uint32_t flags;                 /* of enum part_flag */
	enum agile_part part;           /* of what is more than bytes */
};

/* A type, with the sizes of table 5-9 in bits. Its first attribute gives a key's size. */
struct type {
	uint32_t id;
	enum family family;
	uint32_t size_min, size_max, size_step;
	enum agile_kind kind;           /* of what is more than bytes */
	const struct part_rule *part;
	size_t part_count;
};

/* NULL: there is none. */
const struct type *type_find(uint32_t id);
/* The size that is meant (DES without its parity bits is with them), or 0: the type has no keys of that size. */
uint32_t type_size(const struct type *type, uint32_t bits);
const struct part_rule *type_part(const struct type *type, uint32_t id);

/* ---- keys ---- */

#define KEY_PARTS_MAX 8

struct key_part {
	uint32_t id, a, b;
	uint8_t *at;                    /* owned; NULL of a value */
	size_t size;
};

/* A key, which never changes: objects and operations share it. */
struct key {
	size_t users;
	const struct type *type;
	uint32_t size;
	struct key_part part[KEY_PARTS_MAX];
	size_t part_count;
	struct agile_key *library;      /* of what is more than bytes */
};

/* A key of at most `size_max` bits from its parts. MT_MALFORMED, MT_NO_MEMORY. */
MUST enum mt_err key_make(const struct type *type, uint32_t size_max, struct operation_attributes attributes, struct key **out);
/* Another's parts, those that `type` has. MT_MALFORMED: it is not the same type, nor its public half. */
MUST enum mt_err key_convert(const struct type *type, uint32_t size_max, struct key *from, struct key **out);
MUST enum mt_err key_generate(const struct type *type, uint32_t size, struct operation_attributes attributes, struct key **out);
/* The other side of an agreement: a curve's point, or bytes. Free it. */
MUST enum mt_err key_other(const struct key *own, struct operation_attributes attributes, struct agile_key **out);
const struct operation_attribute *attribute_find(struct operation_attributes attributes, uint32_t id);
struct key *key_share(struct key *key); /* NULL is allowed */
void key_release(struct key *key);      /* NULL is allowed; the last one wipes it */
const struct key_part *key_part(const struct key *key, uint32_t id);
/* Its bytes, or nothing. */
struct bytes key_bytes(const struct key *key, uint32_t id);
/* The bytes of a key that is bytes and no more. */
struct bytes key_secret(const struct key *key);

/* ---- objects ---- */

struct object {
	const struct type *type;
	uint32_t size_max, usage;
	struct key *key;                /* NULL: not initialized */
};

struct state;

struct operations {
	struct object *object[OPERATION_OBJECTS_MAX];
	struct state *state[OPERATION_STATES_MAX];
};

/* NULL: no such object. */
struct object *object_at(struct operations *o, operation_handle handle);
/* With its type and room. MT_NOT_FOUND, MT_LIMIT, MT_NO_MEMORY. */
MUST enum mt_err object_open(struct operations *o, uint32_t type, uint32_t size_max, operation_handle *out, struct object **object);
/* `size` bytes: MT_LIMIT if they do not fit, and *out_size in either case. */
MUST enum mt_err out_room(size_t capacity, size_t size, size_t *out_size);

/* ---- algorithms ---- */

enum class { CLASS_DIGEST, CLASS_SHAKE, CLASS_HMAC, CLASS_MAC, CLASS_CIPHER, CLASS_GCM, CLASS_CCM, CLASS_RSA_SIGN, CLASS_RSA_CRYPT,
	CLASS_DSA, CLASS_ECDSA, CLASS_EDDSA, CLASS_AGREE, CLASS_HKDF, CLASS_CONCAT, CLASS_PBKDF2, CLASSES };

/* What a cipher does with the blocks of a message, and with what is no whole block. */
enum cipher_how { HOW_ECB, HOW_CBC, HOW_CTR, HOW_CTS, HOW_XTS, HOW_ECB_PADDED, HOW_CBC_PADDED };

struct algorithm {
	uint32_t id;
	enum class class;
	uint32_t type;                  /* of its key, of a pair where there are pairs; 0: it has none */
	unsigned how;                   /* enum agile_hash, strength of SHAKE, enum agile_mac_kind, enum cipher_how */
	unsigned base;                  /* enum agile_cipher; of RSA enum agile_padding */
};

/* NULL: there is none. */
const struct algorithm *algorithm_find(uint32_t id);
/* The hash of a digest's number. */
bool algorithm_hash(uint32_t id, enum agile_hash *out);
bool algorithm_has_mode(const struct algorithm *a, enum operation_mode mode);

/* ---- operations ---- */

enum step {
	STEP_IDLE,                      /* nothing begun */
	STEP_ACTIVE,                    /* takes data, or additional data */
	STEP_PAYLOAD,                   /* authenticated encryption: takes no more additional data */
	STEP_EXTRACTING,                /* SHAKE: takes no more data */
	STEPS
};

#define RUN_HELD_MAX (2 * AGILE_BLOCK_MAX)

/* A message on its way. Of the pointers that one is there which the class uses. */
struct run {
	enum step step;
	struct agile_digest *digest;
	struct agile_hmac *hmac;
	struct agile_shake shake;
	struct agile_mac *mac;
	struct agile_block *block;
	struct agile_xts *xts;
	struct agile_gcm *gcm;
	struct agile_ccm *ccm;
	uint8_t held[RUN_HELD_MAX];     /* of a cipher: input that waits for more */
	size_t held_size;
	size_t tag_size;
	uint64_t aad_left, payload_left;        /* what may still come; of CCM what must */
	uint8_t *kept;                  /* CCM, decrypting: plaintext that waits for its tag; kept_capacity bytes */
	size_t kept_size, kept_capacity;
};

struct state {
	const struct algorithm *algorithm;
	enum operation_mode mode;
	struct key *key, *key2;
	struct run run;
};

/* NULL: no such operation. */
struct state *state_at(struct operations *o, operation_handle handle);
/* The one legal way to another step. */
void run_move(struct run *run, enum step to);
/* Wipes; idle again. */
void run_end(struct run *run);
/* In place of what was begun before. */
void run_begin(struct run *run, const struct run *begun);
/* Do input and output share memory? */
bool memory_overlaps(struct bytes in, const uint8_t *out, size_t capacity);
/* MT_STATE: it lacks a key. */
MUST enum mt_err state_keyed(const struct state *s);

#endif
