/*
 * Trusted storage: the persistent objects of applications (GP TEE Internal Core API 1.3.1, chapter 5), on a medium that belongs to somebody else.
 *
 * Promises: what was answered as done survives a power cut at any write; what was not is there whole or not at all. Nobody who holds the
 * medium learns more than sizes and times, or changes, mixes or exchanges anything unseen (MT_TAMPERED). Within one life of the store no old
 * state is taken for the present one, and across restarts as far as the anchor reaches (storage_anchor()). An application sees its own
 * objects alone.
 * Hides: the log of transactions, its index, keys, the two files that take turns. Class T. One thread. All memory is taken in
 * storage_open() and in growing the index; a refused allocation is MT_NO_MEMORY and changes nothing.
 *
 * A pure step. A request ends at once or wants one thing of the medium at a time; whoever drives it brings that and goes on:
 *     for (err = storage_...(s, ...); !err && (want = storage_want(s)) != NULL; err = storage_go_on(s, how)) { carry *want out }
 * Until a request has ended the next one is MT_STATE. A request that fails has changed nothing; where a write has failed (MT_IO, MT_LIMIT of the
 * medium), whether it is there after a restart stays open until the next one has worked.
 * Memory that a request was given to write to must stay until it has ended; what it reads is its own at once.
 */
#ifndef MT_STORAGE_H
#define MT_STORAGE_H

#include "lib/base/base.h"
#include "lib/crypto/crypto.h"

#define STORAGE_OWNER_SIZE 16           /* an application's UUID, RFC 4122 order */
#define STORAGE_NAME_MAX 64             /* TEE_OBJECT_ID_MAX_LEN */
#define STORAGE_ATTRIBUTES_MAX 8192     /* bytes of a key's attributes as the caller encodes them: RSA-4096 with all its parts fits */
#define STORAGE_DATA_MAX (UINT32_C(64) << 20)   /* bytes of one object's stream; the next is MT_LIMIT */
#define STORAGE_PIECE_MAX (UINT32_C(64) << 10)  /* bytes of one read or write; a caller with more makes several, and each is whole by itself */
#define STORAGE_OBJECTS_MAX 16384       /* of all applications */
#define STORAGE_HANDLES_MAX 1024        /* open at one time */
#define STORAGE_EXTENTS_MAX ((size_t)1 << 18)   /* pieces that do not follow each other, of all objects: 15 MB of index */
#define STORAGE_FILES 2
#define STORAGE_WANT_MAX ((size_t)96 << 10)     /* bytes that the medium is given or asked for at a time: one message */

/* ---- the medium ---- */

enum storage_work {
	STORAGE_READ = 1,       /* put `size` bytes from `offset` of `file` into `at`; behind the end of the file are zeroes */
	STORAGE_WRITE,          /* write `size` bytes from `at` to `offset` of `file`, which grows if it must */
	STORAGE_APPEND,         /* the same, and all that was written to this file is on disk before the answer */
	STORAGE_SIZE,           /* put the file's size into *size_out; 0 if there is none */
	STORAGE_CLEAR,          /* make the file empty; need not be on disk */
	STORAGE_ANCHOR_READ,    /* the counter that cannot go back, into *size_out; only asked where there is one */
	STORAGE_ANCHOR_RAISE,   /* make that counter `offset` */
};

/* `at` is the store's own memory, until storage_go_on(). */
struct storage_want {
	enum storage_work work;
	unsigned file;          /* below STORAGE_FILES */
	uint64_t offset;
	uint8_t *at;
	size_t size;
	uint64_t *size_out;
};

/* How well an old medium is recognised after a restart: gpd.tee.trustedStorage.antiRollback.protectionLevel follows from it. */
enum storage_anchor {
	STORAGE_ANCHOR_NONE = 0,        /* within one life of the store only */
	STORAGE_ANCHOR_COUNTER,         /* STORAGE_ANCHOR_READ and _RAISE work: an older medium is MT_TAMPERED when it is opened */
};

struct store;

/*
 * Begin to open a store under `key`, which is its own; an empty medium gives an empty store. Wants are carried out as for a request. If it
 * fails it stays closed and can only be freed. MT_TAMPERED (another key, a changed or older medium), MT_LIMIT (more objects than
 * STORAGE_OBJECTS_MAX), MT_IO, MT_NO_MEMORY.
 */
MUST enum mt_err storage_open(const struct secret *key, enum storage_anchor anchor, struct store **out);
void storage_close(struct store *s);    /* NULL is allowed; wipes */

/* The thing that the request in progress waits for; NULL: it has ended, and storage_...() or storage_go_on() has said how. */
const struct storage_want *storage_want(const struct store *s);
/* It is done, or has failed with `how`. The answer is the request's, or MT_OK while it wants more. */
MUST enum mt_err storage_go_on(struct store *s, enum mt_err how);

/* ---- objects ---- */

/* Of a handle: TEE_DATA_FLAG_... as GP has them. */
enum storage_flag {
	STORAGE_ACCESS_READ = 1 << 0,
	STORAGE_ACCESS_WRITE = 1 << 1,
	STORAGE_ACCESS_META = 1 << 2,
	STORAGE_SHARE_READ = 1 << 4,
	STORAGE_SHARE_WRITE = 1 << 5,
	STORAGE_OVERWRITE = 1 << 10,
};

struct storage_name {
	uint8_t owner[STORAGE_OWNER_SIZE];
	uint32_t storage;               /* TEE_STORAGE_...: objects of the same name in two storages are two */
	struct bytes id;                /* at most STORAGE_NAME_MAX bytes, of any value; none is a name too */
};

/* What an object is besides its data. `attributes` is opaque here, and borrowed. */
struct storage_info {
	uint32_t type, usage;           /* TEE_TYPE_..., TEE_USAGE_... */
	uint32_t key_size, key_size_max;        /* bits */
	struct bytes attributes;
};

/* An open object. 0 is none. */
typedef uint32_t storage_handle;

/*
 * Open. *out is written when the request has ended with MT_OK. MT_NOT_FOUND; MT_STATE: open elsewhere in a way that does not share, or with
 * STORAGE_ACCESS_META (5.7.1's table); MT_LIMIT: handles; MT_MALFORMED: the name is too long or unknown flags.
 */
MUST enum mt_err storage_object_open(struct store *s, const struct storage_name *name, uint32_t flags, storage_handle *out);
/*
 * Create with `data` (at most STORAGE_PIECE_MAX) and open; `out` NULL: without opening. An object of that name is MT_STATE; with
 * STORAGE_OVERWRITE it is replaced, in one step, unless somebody has it open (MT_STATE). MT_LIMIT: objects, handles, sizes.
 */
MUST enum mt_err storage_object_create(struct store *s, const struct storage_name *name, uint32_t flags, const struct storage_info *info,
				       struct bytes data, storage_handle *out);
/* At once, wants nothing. 0 is allowed. */
void storage_object_close(struct store *s, storage_handle object);
/* Every handle of one owner's instance ends: `owner` as given to open. At once. */
void storage_owner_close(struct store *s, const uint8_t owner[STORAGE_OWNER_SIZE]);
/* Close and delete. MT_DENIED: opened without STORAGE_ACCESS_META. The handle is gone when this has ended with MT_OK, and stays otherwise. */
MUST enum mt_err storage_object_delete(struct store *s, storage_handle object);
/* MT_DENIED: as above. MT_STATE: the new name is taken. */
MUST enum mt_err storage_object_rename(struct store *s, storage_handle object, struct bytes new_id);
/* At once. Attributes are the store's, until the next request. */
MUST enum mt_err storage_object_info(struct store *s, storage_handle object, struct storage_info *out, uint32_t *data_size,
				     uint32_t *position);
/* The object's usage becomes `usage`. Wants nothing and is not kept: GP has it per handle. */
MUST enum mt_err storage_object_restrict(struct store *s, storage_handle object, uint32_t usage);

/* ---- data; each handle has a position, which its end may be before or behind ---- */

/* Bytes from the position on, as many as there are up to `size` (at most STORAGE_PIECE_MAX); moves it. MT_DENIED: flags. MT_TAMPERED. */
MUST enum mt_err storage_data_read(struct store *s, storage_handle object, uint8_t *out, size_t size, size_t *got);
/* Write at the position, a gap before it reads as zeroes; moves it. MT_DENIED, MT_LIMIT (STORAGE_DATA_MAX, STORAGE_PIECE_MAX). */
MUST enum mt_err storage_data_write(struct store *s, storage_handle object, struct bytes data);
/* Longer: zeroes. The position stays. */
MUST enum mt_err storage_data_truncate(struct store *s, storage_handle object, uint32_t size);
enum storage_whence { STORAGE_SET = 0, STORAGE_CURRENT = 1, STORAGE_END = 2 };      /* TEE_DATA_SEEK_... */
/* At once. MT_LIMIT: beyond STORAGE_DATA_MAX; the position is as it was. A seek before the beginning is the beginning. */
MUST enum mt_err storage_data_seek(struct store *s, storage_handle object, int32_t offset, enum storage_whence whence);

/* ---- enumeration ---- */

/* Where a walk over an owner's objects of one storage stands; all zero is its beginning. What is created or deleted meanwhile may or may not come. */
struct storage_walk {
	uint64_t next;
};
/* At once. `id` holds STORAGE_NAME_MAX bytes. MT_NOT_FOUND: no more. */
MUST enum mt_err storage_walk(struct store *s, const uint8_t owner[STORAGE_OWNER_SIZE], uint32_t storage, struct storage_walk *walk,
			      uint8_t *id, size_t *id_size, struct storage_info *info, uint32_t *data_size);

#endif
