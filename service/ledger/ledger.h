/*
 * The ledger of one node: the sealed log, its keys, signed heads, tiles, proofs and receipts (DESIGN 10).
 *
 * Promises: an entry is visible, and its answer given, only after it is on disk; one write and one sync per batch, and the head is signed
 * while the sync is in flight; a receipt discloses its own entry and nothing else.
 * Hides: lib/log, key derivation, the formats of notes, tiles and COSE receipts.
 * Class T. Pure: moves no bytes itself; the caller sends the write and reports how it went.
 */
#ifndef MT_LEDGER_H
#define MT_LEDGER_H

#include "lib/attest/attest.h"
#include "lib/base/base.h"
#include "lib/box/box.h"
#include "lib/channel/channel.h"
#include "lib/crypto/crypto.h"
#include "lib/log/log.h"
#include "lib/seal/seal.h"
#include "lib/statement/statement.h"

#define LEDGER_INSTANCE_SIZE 32         /* secret of one log: fresh for every new log, kept sealed beside it */
#define LEDGER_ORIGIN_MAX 80

struct ledger;

/* Derive all keys from root and instance secret; nothing is read yet. `fold` gets each entry from index 1 on. */
MUST enum mt_err ledger_open(struct box *cbor, const struct seal_root *root, const uint8_t instance[LEDGER_INSTANCE_SIZE],
			     log_fold *fold, void *context, struct ledger **out);
void ledger_close(struct ledger *l);

/* Core's keys that live with the log: encapsulation, receipt, note (fast is filled by the caller). */
void ledger_keys(const struct ledger *l, struct channel_core_keys *out);
const uint8_t *ledger_id(const struct ledger *l);       /* 32 bytes */
MUST enum mt_err ledger_sign(struct ledger *l, const char *type, struct bytes payload, struct builder *out);    /* by the receipt key */
/* Open what a party sealed to the encapsulation key. */
MUST enum mt_err ledger_unseal(const struct ledger *l, const char *info, struct bytes associated, struct bytes sealed, uint8_t *out);

/* Start: the file's bytes in order, then the end. Afterwards ledger_size() is 0 for a new log: stage the genesis. */
MUST enum mt_err ledger_replay(struct ledger *l, struct bytes blocks);
/* MT_TAMPERED: entry 0 does not carry our keys, or a damaged batch stands before an intact one. */
MUST enum mt_err ledger_replay_end(struct ledger *l);
MUST enum mt_err ledger_genesis(struct ledger *l, uint64_t time_ms, const uint8_t operator_id[COSE_ID_SIZE],
				const uint8_t configuration_hash[STATEMENT_HASH_SIZE]);

MUST enum mt_err ledger_stage(struct ledger *l, const struct entry *e, uint64_t *index);
/* What to write now, if anything: MT_STATE when nothing is staged or a write is in flight. Then call ledger_sign_ahead while it is. */
MUST enum mt_err ledger_batch(struct ledger *l, struct log_write *out);
void ledger_sign_ahead(struct ledger *l);
/* How the write went. On failure every staged entry is dropped and nothing has changed. */
MUST enum mt_err ledger_written(struct ledger *l, enum mt_err how);

uint64_t ledger_size(const struct ledger *l);           /* committed entries */
uint64_t ledger_next_index(const struct ledger *l);     /* where the next staged entry will stand */
void ledger_root(const struct ledger *l, uint64_t size, uint8_t out[32]);
struct bytes ledger_genesis_bytes(const struct ledger *l);
uint64_t ledger_file_size(const struct ledger *l);
/*
 * An entry read back from the file, where no memory keeps it: read `size` bytes at `offset`, then open them. MT_NOT_FOUND: no such entry.
 * ledger_entry_open: `plain` has room for LOG_BATCH_MAX, the entry borrows from it. MT_TAMPERED: not what was written there.
 */
MUST enum mt_err ledger_entry_place(const struct ledger *l, uint64_t index, uint64_t *offset, size_t *size);
MUST enum mt_err ledger_entry_open(const struct ledger *l, uint64_t index, struct bytes wire, uint8_t *plain, struct bytes *entry);
/* MT_OK when `head` is the head of a prefix of this log; MT_TAMPERED otherwise: a rollback, or another log (DESIGN 10 b). */
MUST enum mt_err ledger_head_check(const struct ledger *l, const struct statement_head *head);

/* Served publicly. The path of a tile is what follows /tile/: "L/x001/234[.p/W]" or "entries/x001/234[.p/W]". */
MUST enum mt_err ledger_checkpoint(const struct ledger *l, struct builder *out);
void ledger_checkpoint_key(const struct ledger *l, struct builder *out);
MUST enum mt_err ledger_tile(const struct ledger *l, struct bytes path, struct builder *out);
/* CBOR [root of second, proof bstr]. */
MUST enum mt_err ledger_consistency(const struct ledger *l, uint64_t first, uint64_t second, struct builder *out);

/* Fill the ledger's part of a receipt file for the committed entry at index: salt, proofs, root, size, head receipt, note, genesis. The
 * variable parts are built in `space`. */
MUST enum mt_err ledger_receipt_fill(const struct ledger *l, uint64_t index, struct bytes entry, struct builder *space,
				     struct receipt_file *f);

#endif
