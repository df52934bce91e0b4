/*
 * Private to tee/operation: what its files share.
 *
 * type.c      the table of object types        key.c        keys: unchangeable, counted; every check that makes bytes one
 * object.c    objects and their handles        encode.c     the form in which storage keeps them
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

enum family { FAMILY_SECRET, FAMILY_DES };

enum part_flag {
	PART_NEEDED = 1,                /* a key has it; else it may have it */
};

struct part_rule {
	uint32_t id;
	uint32_t flags;                 /* of enum part_flag */
};

/* A type, with the sizes of table 5-9 in bits. Its first attribute gives a key's size. */
struct type {
	uint32_t id;
	enum family family;
	uint32_t size_min, size_max, size_step;
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
};

/* A key of at most `size_max` bits from its parts. MT_MALFORMED, MT_NO_MEMORY. */
MUST enum mt_err key_make(const struct type *type, uint32_t size_max, struct operation_attributes attributes, struct key **out);
/* Another's parts, those that `type` has. MT_MALFORMED: it is not the same type, nor its public half. */
MUST enum mt_err key_convert(const struct type *type, uint32_t size_max, struct key *from, struct key **out);
MUST enum mt_err key_generate(const struct type *type, uint32_t size, struct operation_attributes attributes, struct key **out);
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

struct operations {
	struct object *object[OPERATION_OBJECTS_MAX];
};

/* NULL: no such object. */
struct object *object_at(struct operations *o, operation_handle handle);
/* With its type and room. MT_NOT_FOUND, MT_LIMIT, MT_NO_MEMORY. */
MUST enum mt_err object_open(struct operations *o, uint32_t type, uint32_t size_max, operation_handle *out, struct object **object);
/* `size` bytes: MT_LIMIT if they do not fit, and *out_size in either case. */
MUST enum mt_err out_room(size_t capacity, size_t size, size_t *out_size);

#endif
