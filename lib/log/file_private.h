/*
 * Private to lib/log: the sealed file's wire form and the log's fields, shared by file.c and
 * replay.c.
 *
 * A batch on disk, big endian, begins at a multiple of LOG_BLOCK and is padded with zeros to the
 * next one:
 *   magic "MTLOGB" | version u8 = 1 | reserved u8 = 0 | sealed size u32 | nonce [12] | ciphertext |
 *   tag [16]
 * AES-256-GCM under a key derived for this log id alone; associated data: the bytes before the
 * nonce. The nonce is random: a slot may be written again after a torn write, and must not repeat
 * it. The padding is not authenticated and not looked at: a torn write may leave old bytes there.
 * Inside:
 *   sequence u64 | index of its first entry u64 | count u32 | chain [32] | count times: size u32,
 *   bytes[size]
 * chain: the hash of everything before. The first batch has H(label, log id), each next one
 * H(label, log id, the whole inside of the batch before it), H being the labelled SHA-256 of
 * lib/crypto.
 */
#ifndef MT_LOG_FILE_PRIVATE_H
#define MT_LOG_FILE_PRIVATE_H

#include "lib/log/log_private.h"

#define BATCH_MAGIC "MTLOGB"
#define BATCH_VERSION 1
enum {
	BATCH_PUBLIC_SIZE = 6 + 1 + 1 + 4,              /* before the nonce */
	BATCH_PREFIX_SIZE = BATCH_PUBLIC_SIZE + CRYPTO_NONCE_SIZE,
	BATCH_HEAD_SIZE = 8 + 8 + 4 + LOG_HASH_SIZE,    /* of the inside, before the entries */
	BATCH_PLAIN_MAX = LOG_BATCH_MAX - BATCH_PREFIX_SIZE - CRYPTO_TAG_SIZE,
	BATCH_ENTRIES_MAX = 1024,       /* 32 KiB of leaves: far above one group commit */
};
_Static_assert(LOG_BATCH_MAX % LOG_BLOCK == 0, "a full batch has no padding");
_Static_assert(BATCH_PLAIN_MAX >= BATCH_HEAD_SIZE + 4 + LOG_ENTRY_MAX,
	       "the largest entry fits an empty batch");
_Static_assert(LOG_EXTENT % LOG_BLOCK == 0 && LOG_EXTENT >= LOG_BATCH_MAX,
	       "one extent takes any batch");

/*
 * Entries on their way to the disk. `plain` is the inside; its head is filled in when the batch is
 * sealed.
 */
struct batch {
	uint8_t *plain;                 /* BATCH_PLAIN_MAX */
	size_t size;
	size_t count;
	uint8_t (*leaf)[LOG_HASH_SIZE]; /* BATCH_ENTRIES_MAX */
};

/* Where one batch stands. 24 bytes a batch, kept for the life of the log. */
struct place {
	uint64_t first;                 /* index of its first entry */
	uint64_t block;
	uint32_t blocks;
};

enum log_state {
	LOG_REPLAYING,                  /* the file is being fed */
	LOG_READY,
	LOG_WRITING,                    /* a batch is in flight */
	LOG_FOLDING,                    /* on disk and in the tree, but the fold refused an entry */
	LOG_DEAD,                       /* a replay failed: nothing but log_close() */
	LOG_STATES
};

struct log {
	enum log_state state;
	uint8_t id[LOG_ID_SIZE];
	struct secret secret;           /* salts */
	struct crypto_aead *aead;
	log_fold *fold;
	void *context;
	struct log_tree *tree;

	uint64_t sequence;              /* of the next batch */
	uint64_t offset;                /* where it goes */
	uint64_t extent;                /* the file is zero-filled up to here */
	uint8_t chain[LOG_HASH_SIZE];   /* what it must hold */

	struct batch staged, flight;
	size_t folded;                  /* bytes of the flight's inside that the fold has seen */
	uint64_t fold_index;
	uint8_t *wire;                  /* LOG_BATCH_MAX: batch in flight, or the replay's window */
	size_t wire_size;

	struct place *place;            /* owned; one for each batch of the tree */
	size_t place_count, place_capacity;

	size_t window;                  /* replay: bytes in `wire` not yet judged */
	uint64_t fed;                   /* replay: bytes fed */
	bool torn;                      /* replay: no batch here, so none may follow */
};

/* The only writer of log->state. An illegal move is our bug. */
void log_move(struct log *log, enum log_state to);

/* Leaf of the entry at `index` (log.h, log_open). */
void log_entry_leaf(const struct log *log, uint64_t index, struct bytes entry,
		    uint8_t out[LOG_HASH_SIZE]);
/* The chain value that follows a batch with this inside. */
void log_chain_next(const struct log *log, struct bytes plain, uint8_t out[LOG_HASH_SIZE]);
/* Fold what log->flight holds from log->folded on, an entry at a time. */
MUST enum mt_err log_fold_flight(struct log *log);
size_t log_block_ceiling(size_t size);
/* Whether a batch could begin here, and how many bytes its sealed part claims. */
bool log_prefix_decode(struct bytes window, size_t *sealed_size);
/* Open the batch at `wire` into `plain`. MT_TAMPERED. */
MUST enum mt_err log_batch_unseal(const struct log *log, const uint8_t *wire, size_t sealed_size, uint8_t *plain);

/* place.c: room for one more batch, so that log_place_add() cannot fail. MT_NO_MEMORY. */
MUST enum mt_err log_place_reserve(struct log *log);
/* The batch of `size` bytes at `offset` begins with the next leaf of the tree: before its leaves are appended. */
void log_place_add(struct log *log, uint64_t offset, size_t size);

#endif
