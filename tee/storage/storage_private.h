/*
 * Private to tee/storage.
 *
 * A file, big endian:
 *   magic "MTSTORE" | version u8 = 1 | generation u64 | salt [16]
 *   records, one after the other: size u32 (of the rest) | nonce [12] | ciphertext | tag [16]
 * A record's key is HKDF(store key, salt, "mesatee-storage-1" | generation), its associated data generation u64 | its place in the file u64. Its
 * plaintext is the tag of the record before it (zeroes for the first) | the anchor's value u64 | operations. A record is one transaction.
 *
 * A generation begins with records that say everything there is and ends that with OPERATION_WHOLE; before that it does not count. The other file holds the
 * generation before, and is free once this one is whole and on disk. Where both are whole the one with the higher anchor counts, then the later generation.
 */
#ifndef MT_STORAGE_PRIVATE_H
#define MT_STORAGE_PRIVATE_H

#include "tee/storage/storage.h"

#define FILE_HEADER_SIZE 32
#define FILE_SALT_SIZE 16
#define RECORD_OVERHEAD (sizeof(uint32_t) + CRYPTO_NONCE_SIZE + CRYPTO_TAG_SIZE)
/* The largest: an object with its first data, or a piece of data. 512: names, numbers, and what is before the operations. */
#define RECORD_PLAIN_MAX ((size_t)STORAGE_PIECE_MAX + STORAGE_ATTRIBUTES_MAX + 512)
#define RECORD_MAX (RECORD_PLAIN_MAX + RECORD_OVERHEAD)

/* First byte of an operation in a record. */
enum operation_kind {
	OPERATION_CREATE = 1,   /* object u64 | owner [16] | storage u32 | id8 | type, usage, key size, its maximum: u32 each | attributes32 | replaced u64 or 0 */
	OPERATION_DATA,         /* object u64 | offset u32 | bytes32: becomes longer if it must, gaps are zeroes */
	OPERATION_SIZE,         /* object u64 | size u32 */
	OPERATION_RENAME,       /* object u64 | id8 */
	OPERATION_DELETE,       /* object u64 */
	OPERATION_WHOLE,        /* the generation is complete */
};

/* ---- the index: everything but the data itself ---- */

/* Data that lies in one record: of the object from `offset` on, `size` bytes, `inside` bytes into the record's plaintext. */
struct extent {
	uint32_t offset, size;
	uint32_t inside, record_size;   /* record_size: of the whole record in the file */
	uint64_t place;
	uint8_t tag[CRYPTO_TAG_SIZE];
};

struct object {
	uint64_t number;
	uint8_t owner[STORAGE_OWNER_SIZE];
	uint32_t storage;
	uint8_t id[STORAGE_NAME_MAX];
	size_t id_size;
	uint32_t type, usage, key_size, key_size_max;
	uint8_t *attributes;            /* owned */
	size_t attributes_size;
	uint32_t size;                  /* of the data */
	struct extent *extent;          /* owned; ascending, not overlapping; what lies between is zeroes */
	size_t extents, extents_capacity;
	struct object *spare;           /* the next one that is prepared */
};

struct index {
	struct object **object;         /* owned, and owns; ascending by number */
	size_t count, capacity;
	struct object *spare;           /* owned; made by index_prepare(), in the order of their operations */
	uint64_t last;                  /* the highest number so far; never one twice */
	uint64_t live;                  /* bytes of names, attributes and extents: what a new generation would take, about */
	size_t extents;                 /* of all objects */
};

void index_close(struct index *x);
struct object *index_object(const struct index *x, uint64_t number);
struct object *index_find(const struct index *x, const struct storage_name *name);

/* Where a record's plaintext lies, for the extents that it brings. */
struct record_place {
	uint64_t place;
	uint32_t size;                  /* of the whole record in the file */
	uint8_t tag[CRYPTO_TAG_SIZE];
};
/*
 * Get ready for the operations of one transaction. Changes nothing that can be seen. MT_NO_MEMORY, MT_LIMIT (objects), MT_TAMPERED: they do not fit what there is,
 * and nobody but us could have written them.
 */
MUST enum mt_err index_prepare(struct index *x, struct bytes operations);
/* Carry out what was prepared; cannot fail. `inside`: where `operations` begin in the plaintext. True: OPERATION_WHOLE was among them. */
bool index_apply(struct index *x, struct bytes operations, size_t inside, const struct record_place *where);

/* ---- extents ---- */

/* Make room, so that the next `writes` extents_write() cannot fail. MT_NO_MEMORY. */
MUST enum mt_err extents_reserve(struct object *o, size_t writes);
/* `e` lies over what was there. */
void extents_write(struct object *o, const struct extent *e);
/* Nothing lies at `size` and behind. */
void extents_cut(struct object *o, uint32_t size);
/* The first that ends behind `offset`, or NULL. */
const struct extent *extents_from(const struct object *o, uint32_t offset);

/* ---- records ---- */

/* One file's key, and where its next record goes. */
struct chain {
	struct crypto_aead *aead;       /* owned */
	unsigned file;
	uint64_t generation, place;
	uint8_t tag[CRYPTO_TAG_SIZE];   /* of the last record */
};

/* The header of a new file. */
void header_encode(uint64_t generation, const uint8_t salt[FILE_SALT_SIZE], uint8_t out[FILE_HEADER_SIZE]);
/* MT_MALFORMED. */
MUST enum mt_err header_decode(const uint8_t in[FILE_HEADER_SIZE], uint64_t *generation, uint8_t salt[FILE_SALT_SIZE]);
/* Begin behind the header. MT_NO_MEMORY. */
MUST enum mt_err chain_open(struct chain *c, const struct secret *key, unsigned file, uint64_t generation, const uint8_t salt[FILE_SALT_SIZE]);
void chain_close(struct chain *c);
/* A record at c->place: `plain` without its first two fields. out holds RECORD_MAX. The chain itself is as it was: chain_advance() follows when it is on disk. */
size_t record_seal(const struct chain *c, uint64_t anchor, struct bytes operations, uint8_t *out, struct record_place *where);
void chain_advance(struct chain *c, const struct record_place *where);
#define RECORD_FIELDS_SIZE (CRYPTO_TAG_SIZE + sizeof(uint64_t))
/*
 * Open one that lies at `where->place`: `sealed` is the record without its size. plain holds RECORD_PLAIN_MAX. MT_TAMPERED: not this record. With `next` it
 * must follow the chain's last one; its tag comes into `where`. Else its tag must be where->tag.
 */
MUST enum mt_err record_open(const struct chain *c, struct bytes sealed, bool next, struct record_place *where, uint8_t *plain, size_t *plain_size);

/* ---- the store ---- */

/* What the want in progress is for. */
enum storage_step {
	STEP_IDLE,
	STEP_OPEN_ANCHOR,       /* open.c */
	STEP_OPEN_SIZE,
	STEP_OPEN_HEADER,
	STEP_OPEN_RECORDS,
	STEP_OPEN_RAISE,
	STEP_NEW_CLEAR,         /* generation.c */
	STEP_NEW_HEADER,
	STEP_NEW_READ,
	STEP_NEW_RECORD,
	STEP_NEW_LAST,
	STEP_NEW_DROP,
	STEP_COMMIT,            /* storage.c */
	STEP_COMMIT_RAISE,
	STEP_READ,
	STEP_DEAD               /* opening has failed */
};

struct handle {
	uint64_t object;        /* 0: free */
	uint32_t flags, position, serial, usage;
};

/* What opening knows of a file. */
struct file_seen {
	uint64_t size, generation;      /* generation 0: no header */
	uint8_t salt[FILE_SALT_SIZE];
	bool tried;
};

/* A file that is whole, while opening. */
struct candidate {
	struct chain chain;
	struct index index;
	uint64_t anchor;
	bool whole;
	bool cut;               /* more is behind its last record than one write that was cut off */
};

/* A new generation in the making. */
struct generation {
	struct chain chain;
	struct index index;
	uint8_t *plain;         /* owned; operations, RECORD_PLAIN_MAX */
	size_t plain_size;
	size_t object;          /* place in the old index of the object that is being written */
	bool created;           /* its OPERATION_CREATE is there */
	uint32_t offset;        /* its data up to here is */
	bool runs;              /* the last operation is OPERATION_DATA of this object, at `run`: it can be made longer */
	size_t run;
	bool commit_after;      /* a transaction waits for it */
};

/* What a request wants when it has ended well. */
struct request {
	storage_handle *out;
	size_t handle;          /* its place in the table; for a new one the free place */
	uint32_t flags, position;
	bool opens, closes, moves;
	uint8_t *data;          /* a read */
	size_t size, done, *got;
};

struct store {
	struct secret key;
	enum storage_anchor anchor_kind;
	uint64_t anchor;                /* of the last record; what the counter has, or is being raised to */
	struct index index;
	struct chain chain;
	struct handle handle[STORAGE_HANDLES_MAX];
	enum storage_step step;
	struct storage_want want;

	struct file_seen seen[STORAGE_FILES];
	unsigned file;                  /* that is being looked at */
	struct candidate best;
	uint64_t counter;
	bool whole;                     /* that one is */
	bool opened;
	size_t extents_kept;            /* of the last new generation */

	uint8_t *buffer;                /* owned; what goes to the medium or comes from there, STORAGE_WANT_MAX */
	uint8_t *plain;                 /* owned; the record that was opened last, RECORD_PLAIN_MAX */
	size_t plain_size;
	struct record_place plain_where;        /* which that is */
	uint8_t *pending;               /* owned; operations of the transaction that is being made, RECORD_PLAIN_MAX */
	size_t pending_size;
	struct record_place where;      /* of the record that is being written */
	struct request request;
	struct generation fresh;
};

/* The next thing wanted. Always MT_OK. */
enum mt_err store_want(struct store *s, enum storage_step step, enum storage_work work, unsigned file, uint64_t offset, size_t size);
/* The request has ended. */
enum mt_err store_end(struct store *s, enum mt_err how);

/* open.c; each is called when its want was carried out well. */
enum mt_err open_begin(struct store *s);
enum mt_err open_go_on(struct store *s);
void candidate_close(struct candidate *c);
/* generation.c: begin one beside the present one, then commit what is pending, if anything. */
enum mt_err generation_begin(struct store *s, uint64_t number, bool commit_after);
enum mt_err generation_go_on(struct store *s);
void generation_abandon(struct store *s);
/* storage.c: commit the transaction in `pending`; the first makes a new generation before, if it is time. */
enum mt_err commit(struct store *s);
enum mt_err commit_begin(struct store *s);
/* storage.c: go on with the read that s->request says. */
enum mt_err read_fill(struct store *s);

/* object.c */
storage_handle handle_number(const struct store *s, size_t at);
void handle_open(struct store *s, size_t at, uint64_t object, uint32_t flags, uint32_t usage);
void handle_close(struct handle *h);

/* gather.c: bytes of one extent from its record. False: it must be read first; store_want() has been told, for `step`. */
bool gather(struct store *s, const struct extent *e, uint32_t from, uint8_t *out, size_t size, enum storage_step step);
/* The record that gather() wanted is in the buffer. MT_TAMPERED. */
MUST enum mt_err gather_read(struct store *s);

#endif
