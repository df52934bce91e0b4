/*
 * The append-only log: an RFC 9162 SHA-256 tree with proofs, and the sealed, preallocated file under
 * it.
 *
 * The room is pure: it computes what to write and checks what was read; the caller moves bytes and
 * syncs.
 *   append:  log_stage() one or more entries, log_batch() gives {offset, bytes} for ONE write and
 *            ONE sync, log_commit() when the sync came back, log_abort() when it failed. Nothing is
 *            visible before log_commit().
 *   restart: log_open(), then log_replay() over the file's bytes from the start; each entry is
 *            handed to the caller's fold.
 * Rollback: within one life nothing read back can be old (the caller keeps the log in memory and
 * reads only at start). Across a restart a shorter but intact file is accepted here; detecting it is
 * for the counter or for clients (DESIGN 10).
 *
 * Hides: batch layout, chaining, torn-tail detection, subtree cache.
 * Class N. One thread at a time. Allocates in log_open, and as the tree grows in log_batch and
 * log_replay (32 bytes * 2 per entry, LOG_ENTRIES_MAX at most, and 24 per batch).
 */
#ifndef MT_LOG_H
#define MT_LOG_H

#include "lib/base/base.h"
#include "lib/crypto/crypto.h"
#include "lib/seal/seal.h"

#define LOG_HASH_SIZE 32
#define LOG_ID_SIZE 32
#define LOG_PROOF_MAX 64                /* hashes in one proof: a tree of at most 2^63 leaves */
#define LOG_ENTRIES_MAX (UINT64_C(1) << 24)     /* 1 GiB of cached hashes; then MT_LIMIT */
#define LOG_ENTRY_MAX (64 * 1024)       /* bytes of one entry */
#define LOG_BATCH_MAX (96 * 1024)       /* bytes of one batch on disk: fits one port message */
#define LOG_BLOCK 4096                  /* batches start here: a torn write spoils one batch */
#define LOG_EXTENT (4u << 20)           /* the file is zero-filled and synced in such steps */

/* ---- RFC 9162 tree ---- */

struct log_tree;                        /* all subtree hashes, in memory */
MUST enum mt_err log_tree_open(struct log_tree **out);
void log_tree_close(struct log_tree *t);
uint64_t log_tree_size(const struct log_tree *t);
/* Leaf hash = SHA-256(0x00 || data). RFC 9162, 2.1.1. */
void log_leaf_hash(struct bytes data, uint8_t out[LOG_HASH_SIZE]);
MUST enum mt_err log_tree_append(struct log_tree *t, const uint8_t leaf[LOG_HASH_SIZE]);
/* Root of the first `size` leaves (size <= log_tree_size). Size 0: SHA-256 of nothing. */
void log_tree_root(const struct log_tree *t, uint64_t size, uint8_t out[LOG_HASH_SIZE]);
/*
 * Hash of the complete subtree of 2^level leaves that starts at leaf index << level; for tiles.
 * MT_NOT_FOUND.
 */
MUST enum mt_err log_tree_node(const struct log_tree *t, unsigned level, uint64_t index,
			       uint8_t out[LOG_HASH_SIZE]);
/* Inclusion proof of `index` in the first `size` leaves (RFC 9162, 2.1.3.1). MT_NOT_FOUND. */
MUST enum mt_err log_tree_inclusion(const struct log_tree *t, uint64_t index, uint64_t size,
				    uint8_t proof[LOG_PROOF_MAX][LOG_HASH_SIZE], size_t *count);
/* Consistency proof of two sizes, 0 < first <= second (RFC 9162, 2.1.4.1). MT_NOT_FOUND. */
MUST enum mt_err log_tree_consistency(const struct log_tree *t, uint64_t first, uint64_t second,
				      uint8_t proof[LOG_PROOF_MAX][LOG_HASH_SIZE], size_t *count);

/*
 * Verification needs no tree. `proof` is count * 32 bytes. MT_TAMPERED when it does not lead to the
 * root, MT_MALFORMED on a bad size.
 */
MUST enum mt_err log_verify_inclusion(const uint8_t leaf[LOG_HASH_SIZE], uint64_t index,
				      uint64_t size, struct bytes proof,
				      const uint8_t root[LOG_HASH_SIZE]);
MUST enum mt_err log_verify_consistency(uint64_t first, uint64_t second, struct bytes proof,
					const uint8_t first_root[LOG_HASH_SIZE],
					const uint8_t second_root[LOG_HASH_SIZE]);

/*
 * Root over a list of 32-byte leaf data already hashed as leaves, without keeping a tree
 * (datasets). Streaming frontier.
 */
struct log_frontier {
	uint64_t size;
	uint8_t node[64][LOG_HASH_SIZE];
};
void log_frontier_append(struct log_frontier *f, const uint8_t leaf[LOG_HASH_SIZE]);
void log_frontier_root(const struct log_frontier *f, uint8_t out[LOG_HASH_SIZE]);

/* ---- signed note of a checkpoint (C2SP tlog-checkpoint, signed-note) ---- */

/* "origin\nsize\nbase64 root\n" into out. */
void log_checkpoint_body(const char *origin, uint64_t size, const uint8_t root[LOG_HASH_SIZE],
			 struct builder *out);
/*
 * The body, an empty line and one Ed25519 signature line,
 * "— name base64(key id[4] || signature[64])\n". MT_LIMIT, MT_MALFORMED (no name for a note).
 */
MUST enum mt_err log_checkpoint_sign(const char *origin, uint64_t size,
				     const uint8_t root[LOG_HASH_SIZE],
				     struct crypto_signer *ed25519, struct builder *out);
/* "name+hex key id+base64(0x01 || public key)": the verifier key that outside tools take. */
void log_checkpoint_key(const char *origin, const uint8_t ed25519_public[32], struct builder *out);
/*
 * Parse and verify our own note: one body, our key's signature among at most 8 lines. MT_MALFORMED,
 * MT_TAMPERED, MT_NOT_FOUND (no line of this key).
 */
MUST enum mt_err log_checkpoint_open(struct bytes note, const char *origin,
				     const uint8_t ed25519_public[32], uint64_t *size,
				     uint8_t root[LOG_HASH_SIZE]);

/* ---- the sealed file ---- */

struct log;

/*
 * Called once for each entry, in order, during log_replay and log_commit. `entry` borrows for the
 * call. An error stops the replay with it.
 */
typedef enum mt_err log_fold(void *context, uint64_t index, struct bytes entry);

/*
 * A log with id `id` under key = seal_key(root, "log"); `fold` builds the caller's state.
 * Leaf data: entry 0 is public (the leaf is the entry itself); leaf of entry i > 0 is SHA-256
 * commitment commit = HMAC-SHA256(salt_i, entry), salt_i = HMAC-SHA256(log secret, i u64): the
 * public entry of the log is `commit`.
 */
MUST enum mt_err log_open(const struct secret *key, const uint8_t id[LOG_ID_SIZE], log_fold *fold,
			  void *context, struct log **out);
void log_close(struct log *log);

/*
 * Feed the file from offset 0, block by block in order (any multiple of LOG_BLOCK, the whole file
 * in the end), then log_replay_end. A last part of a block (a torn extension) is left out by the
 * caller. MT_MALFORMED: not whole blocks. After another error only log_close. The first batch that
 * does not authenticate ends the log if nothing after it authenticates (a torn tail: never
 * acknowledged), else MT_TAMPERED.
 */
MUST enum mt_err log_replay(struct log *log, struct bytes blocks);
MUST enum mt_err log_replay_end(struct log *log);

/*
 * Add an entry to the batch that is being built. *index is where it will stand. MT_LIMIT: the batch
 * is full (commit first) or the entry too big.
 */
MUST enum mt_err log_stage(struct log *log, struct bytes entry, uint64_t *index);
bool log_staged(const struct log *log);         /* something waits for log_batch */

/*
 * One write: `bytes` at `offset`, both multiples of LOG_BLOCK; `extend_to` > 0: the file must first
 * be zero-filled from its end and synced up to there.
 */
struct log_write {
	uint64_t offset, extend_to;
	struct bytes bytes;             /* borrows from the log until log_commit or log_abort */
};
/* MT_STATE: nothing staged, or a batch is in flight. MT_NO_MEMORY: it stays staged. */
MUST enum mt_err log_batch(struct log *log, struct log_write *out);
/*
 * The write is on disk: append to the tree, fold. While a batch is in flight new entries stage into
 * the next. Needs no memory. Only the fold can fail it, with its own error: call again, and the
 * entry that failed comes again.
 */
MUST enum mt_err log_commit(struct log *log);
/*
 * The write failed: everything staged since is dropped; the log is as after the last commit. What
 * the disk holds is unknown: until the next commit takes the place, a restart may still find the
 * aborted batch whole, and replays it. So nobody may be told that its entries did *not* happen; the
 * node answers "unknown" or stops.
 */
void log_abort(struct log *log);

/*
 * Reading one entry back, so that nobody needs to keep it in memory: read `size` bytes at `offset` of the file and open them.
 * MT_NOT_FOUND: no such committed entry.
 */
MUST enum mt_err log_entry_place(const struct log *log, uint64_t index, uint64_t *offset, size_t *size);
/*
 * `wire` is what was read, `plain` room for LOG_BATCH_MAX bytes; *entry borrows from it, and the caller wipes it. MT_TAMPERED: not
 * the bytes that were written there, or older ones.
 */
MUST enum mt_err log_entry_open(const struct log *log, uint64_t index, struct bytes wire, uint8_t *plain, struct bytes *entry);

const struct log_tree *log_tree(const struct log *log);         /* committed entries only */
/*
 * The committed root *as it will be* once the batch in flight commits: lets the caller sign while
 * the sync is in flight. MT_STATE.
 */
MUST enum mt_err log_head_ahead(const struct log *log, uint64_t *size, uint8_t root[LOG_HASH_SIZE]);
void log_salt(const struct log *log, uint64_t index, uint8_t out[LOG_HASH_SIZE]);
/*
 * What stands publicly at index: out = commit (32 bytes). For entry 0 the entry's own bytes are
 * public: the caller keeps them.
 */
void log_commitment(const uint8_t salt[LOG_HASH_SIZE], struct bytes entry,
		    uint8_t out[LOG_HASH_SIZE]);
uint64_t log_file_size(const struct log *log);                  /* bytes in use; for `status` */

#endif
