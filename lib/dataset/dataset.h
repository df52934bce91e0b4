/*
 * Datasets: a party's encrypted file, as it lies on any disk and as a task opens it (DESIGN 9).
 *
 * Promises: what opens under a content tag and a key is exactly the file for which that tag was
 * computed, whole, with its segments in order; plaintext of a segment is not released before its
 * tag and, in dataset_open_all, nothing at all unless the whole file fits (dataset_open_each leaves
 * that to its caller); a key other than the file's own is found out before it is used (key
 * commitment).
 * The content tag is computable from the header alone, without the key and without the segments.
 * Pure: no I/O. Hides: keys of files, nonces, associated data.
 * Class N. One thread at a time per writer, sealer, reader or checked file. Allocates in functions
 * named _open, in dataset_open_each, dataset_open_all and dataset_seal_all.
 *
 * Wire form, big endian. The header, 120 bytes:
 *   magic "MTDATA" | version u8 = 1 | reserved u8 = 0 | segment size u32 = 1 MiB | reserved u32 = 0 |
 *   plaintext size u64 | salt [32] | commit [32] | root [32]
 * then the segments one behind another, each ciphertext || tag [16]. Every segment but the last has
 * 1 MiB of plaintext, the last has the rest; a file of no bytes has one empty segment, so that each
 * file has something to authenticate. With derive() = crypto_derive(), HKDF-SHA256:
 *   commit       derive(dataset key, "mesatee-data-commit-1", "")
 *   file key     derive(dataset key, "mesatee-data-key-1", salt)
 *   segment i    AES-256-GCM(file key, nonce = i as 12 bytes,
 *                associated data = header before commit || i u64 || last u8 || count u64)
 *   root         RFC 9162 root; the data of leaf i is the SHA-256 of segment i (ciphertext and tag)
 *   content tag  labelled SHA-256("mesatee-data-1", header before commit, commit, root,
 *                plaintext size u64)
 * The salt is random, so a file key seals one file only and its counters never repeat. The commitment
 * tells which key a file takes, so two files under one key can be seen to share it: the client makes
 * a key per dataset.
 */
#ifndef MT_DATASET_H
#define MT_DATASET_H

#include "lib/base/base.h"
#include "lib/crypto/crypto.h"
#include "lib/log/log.h"

#define DATASET_HEADER_SIZE 120
#define DATASET_SEGMENT_SIZE (1u << 20)         /* plaintext bytes of a whole segment */
#define DATASET_SEALED_MAX (DATASET_SEGMENT_SIZE + CRYPTO_TAG_SIZE)
#define DATASET_SIZE_MAX (UINT64_C(1) << 40)    /* plaintext bytes: sums stay far from 2^64 */
#define DATASET_TAG_SIZE 32
#define DATASET_SHARES_MAX 32

struct dataset_header {
	uint64_t size;                  /* plaintext bytes, at most DATASET_SIZE_MAX */
	uint8_t salt[32];
	uint8_t commit[32];
	uint8_t root[LOG_HASH_SIZE];
};

/* ---- the header: lengths and integers, no key ---- */

/* From the first DATASET_HEADER_SIZE bytes of a file (exactly so many). MT_MALFORMED. */
MUST enum mt_err dataset_header_decode(struct bytes wire, struct dataset_header *out);
void dataset_header_encode(const struct dataset_header *h, uint8_t out[DATASET_HEADER_SIZE]);
void dataset_tag(const struct dataset_header *h, uint8_t out[DATASET_TAG_SIZE]);
uint64_t dataset_segment_count(const struct dataset_header *h);         /* at least 1 */
/* Where the sealed segment lies in the file, and its bytes. index < dataset_segment_count(). */
uint64_t dataset_segment_offset(uint64_t index);
size_t dataset_segment_plain_size(const struct dataset_header *h, uint64_t index);
size_t dataset_segment_sealed_size(const struct dataset_header *h, uint64_t index);
/* Bytes of the whole file, header and all. */
uint64_t dataset_file_size(const struct dataset_header *h);

/* The key commitment: how a holder of the header knows the right key. */
void dataset_commit(const struct secret *key, uint8_t out[32]);

/* Whether `file` is, whole, what `tag` names; no key. MT_MALFORMED (no header), MT_TAMPERED. */
MUST enum mt_err dataset_check(struct bytes file, const uint8_t tag[DATASET_TAG_SIZE]);
/* The leaf of one sealed segment, for the caller that keeps a log_tree to make proofs. */
void dataset_segment_leaf(struct bytes sealed, uint8_t out[LOG_HASH_SIZE]);

/* ---- writing: segments first, the header last ---- */

/* A new file's header, all but its root: fresh salt, the key's commitment. MT_LIMIT (size). */
MUST enum mt_err dataset_header_make(const struct secret *key, uint64_t size,
				     struct dataset_header *out);

/*
 * Seals segments of one file in any order, for a caller that does so in several threads (one sealer
 * each) and puts leaves and root together itself: dataset_segment_leaf(), log_frontier.
 * The index is the nonce. The same plaintext gives the same bytes again; another plaintext under the
 * same header and index would use the nonce twice, so of two different ones the caller lets at most
 * one leave its memory.
 */
struct dataset_sealer;
/* The header's root is not looked at. MT_DENIED: the key is another file's. MT_NO_MEMORY. */
MUST enum mt_err dataset_sealer_open(const struct dataset_header *header, const struct secret *key,
				     struct dataset_sealer **out);
void dataset_sealer_close(struct dataset_sealer *s);
/*
 * out holds plain.size + 16 and may be the same memory as plain. MT_NOT_FOUND (index), MT_STATE:
 * another size than dataset_segment_plain_size().
 */
MUST enum mt_err dataset_sealer_segment(struct dataset_sealer *s, uint64_t index, struct bytes plain,
					uint8_t *out);

struct dataset_writer;
/* A file of exactly `size` bytes. MT_LIMIT (size), MT_NO_MEMORY. */
MUST enum mt_err dataset_writer_open(const struct secret *key, uint64_t size,
				     struct dataset_writer **out);
void dataset_writer_close(struct dataset_writer *w);
/*
 * Plaintext bytes that the next segment takes; 0 for the empty segment of an empty file and when
 * all are written.
 */
size_t dataset_writer_next(const struct dataset_writer *w);
/*
 * Seal the next segment. out holds plain.size + 16. MT_STATE: another size than
 * dataset_writer_next(), or all are written.
 */
MUST enum mt_err dataset_writer_segment(struct dataset_writer *w, struct bytes plain, uint8_t *out);
/* The header that goes before the segments. MT_STATE: segments are missing. */
MUST enum mt_err dataset_writer_finish(const struct dataset_writer *w,
				       uint8_t header[DATASET_HEADER_SIZE],
				       uint8_t tag[DATASET_TAG_SIZE]);

/*
 * A whole file at once: out holds dataset_file_size() of a file with plain.size bytes:
 * DATASET_HEADER_SIZE + plain.size + 16 per segment.
 */
MUST enum mt_err dataset_seal_all(const struct secret *key, struct bytes plain, uint8_t *out,
				  uint8_t tag[DATASET_TAG_SIZE]);

/* ---- reading ---- */

struct dataset_reader;
/*
 * `header` is believed: the caller compared dataset_tag() with the one it wants. MT_DENIED: the key
 * is another file's. MT_NO_MEMORY.
 */
MUST enum mt_err dataset_reader_open(const struct dataset_header *header, const struct secret *key,
				     struct dataset_reader **out);
void dataset_reader_close(struct dataset_reader *r);
/*
 * One segment by random access; `proof` is its inclusion proof in the tree under the header's root
 * (log_tree_inclusion; empty for a file of one segment). out holds sealed.size - 16. MT_NOT_FOUND
 * (index), MT_TAMPERED; then out is zeroed.
 */
MUST enum mt_err dataset_reader_segment(struct dataset_reader *r, uint64_t index,
					struct bytes sealed, struct bytes proof, uint8_t *out);

/*
 * A whole file in memory, to `take` segment by segment, each in memory that is wiped and used again.
 * Checks the tag, the key, every segment's tag, the root, and that nothing follows the last segment:
 * the verdict comes last, and until then nothing that was taken may go anywhere.
 * MT_MALFORMED (no header), MT_DENIED (key), MT_TAMPERED, MT_NO_MEMORY, or what `take` says.
 */
MUST enum mt_err dataset_open_each(struct bytes file, const struct secret *key,
				   const uint8_t tag[DATASET_TAG_SIZE],
				   enum mt_err (*take)(void *self, struct bytes plain), void *self);
/*
 * The same into one piece: out holds the header's size, at most `capacity` (MT_LIMIT). Where it does
 * not open out is zeroed as far as it was written.
 */
MUST enum mt_err dataset_open_all(struct bytes file, const struct secret *key,
				  const uint8_t tag[DATASET_TAG_SIZE], uint8_t *out,
				  size_t capacity);

/* ---- a file too large to hold: checked from end to end, then read by random access from whoever may have changed it since ---- */

struct dataset_checked;
/*
 * `header` is the file's first DATASET_HEADER_SIZE bytes, file_size what it has in all. MT_MALFORMED (no header), MT_TAMPERED (another
 * tag or size), MT_DENIED (key), MT_NO_MEMORY: it keeps 32 bytes per segment.
 */
MUST enum mt_err dataset_checked_open(struct bytes header, uint64_t file_size, const struct secret *key,
				      const uint8_t tag[DATASET_TAG_SIZE], struct dataset_checked **out);
void dataset_checked_close(struct dataset_checked *c);          /* NULL is allowed; wipes what it has of the key */
const struct dataset_header *dataset_checked_header(const struct dataset_checked *c);
/* The check: the next segment, from the first to the last. MT_TAMPERED: another size, or with the last one another root. MT_STATE: all are there. */
MUST enum mt_err dataset_checked_add(struct dataset_checked *c, struct bytes sealed);
/*
 * After the check: a segment, read once more. out holds sealed.size - 16. MT_STATE: the check is not over. MT_NOT_FOUND (index).
 * MT_TAMPERED: not the bytes that were checked, or its owner never sealed it under this key; then out is zeroed or untouched.
 */
MUST enum mt_err dataset_checked_segment(struct dataset_checked *c, uint64_t index, struct bytes sealed, uint8_t *out);

/* ---- key shares: all of them give the key, fewer tell nothing ---- */

/* 1 <= count <= DATASET_SHARES_MAX. */
void dataset_shares_split(const struct secret *key, struct secret *shares, size_t count);
void dataset_shares_combine(const struct secret *shares, size_t count, struct secret *key);

#endif
