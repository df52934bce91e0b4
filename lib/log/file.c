/*
 * The sealed file, writing side: staging entries, one batch in flight, commit or abort.
 */
#include "lib/log/file_private.h"

#include <string.h>

static const uint32_t log_moves[LOG_STATES] = {         /* row: from, bits: to */
	[LOG_REPLAYING] = MT_BIT(LOG_READY) | MT_BIT(LOG_DEAD),
	[LOG_READY] = MT_BIT(LOG_WRITING),
	[LOG_WRITING] = MT_BIT(LOG_READY) | MT_BIT(LOG_FOLDING),
	[LOG_FOLDING] = MT_BIT(LOG_READY),
};

void log_move(struct log *log, enum log_state to)
{
	mt_assert(log->state < LOG_STATES);
	mt_assert(log_moves[log->state] & MT_BIT(to));
	log->state = to;
}

size_t log_block_ceiling(size_t size)
{
	return (size + LOG_BLOCK - 1) / LOG_BLOCK * LOG_BLOCK;
}

/* ---- open and close ---- */

static bool batch_alloc(struct batch *b)
{
	b->plain = mt_alloc(BATCH_PLAIN_MAX);
	b->leaf = mt_alloc(sizeof(*b->leaf) * BATCH_ENTRIES_MAX);
	b->size = BATCH_HEAD_SIZE;
	return b->plain && b->leaf;
}

static void batch_free(struct batch *b)
{
	if (b->plain) {
		mt_wipe(b->plain, BATCH_PLAIN_MAX);
	}
	mt_free(b->plain);
	mt_free(b->leaf);
}

static void batch_empty(struct batch *b)
{
	mt_wipe(b->plain, b->size);
	b->size = BATCH_HEAD_SIZE;
	b->count = 0;
}

enum mt_err log_open(const struct secret *key, const uint8_t id[LOG_ID_SIZE], log_fold *fold, void *context,
		     struct log **out)
{
	struct secret batch_key = { 0 };
	struct log *log = mt_alloc(sizeof(*log));
	enum mt_err err = MT_NO_MEMORY;

	*out = NULL;
	if (!log) {
		goto out;
	}
	memcpy(log->id, id, sizeof(log->id));
	log->fold = fold;
	log->context = context;
	log->wire = mt_alloc(LOG_BATCH_MAX);
	if (!batch_alloc(&log->staged) || !batch_alloc(&log->flight) || !log->wire) {
		goto out;
	}
	err = log_tree_open(&log->tree);
	if (err) {
		goto out;
	}
	crypto_derive(key, "mesatee-log-secret-1", mt_bytes(id, LOG_ID_SIZE), &log->secret);
	crypto_derive(key, "mesatee-log-batch-1", mt_bytes(id, LOG_ID_SIZE), &batch_key);
	err = crypto_aead_open(&batch_key, &log->aead);
	if (err) {
		goto out;
	}
	log_chain_next(log, mt_bytes(NULL, 0), log->chain);
	*out = log;
	log = NULL;
out:
	mt_wipe(&batch_key, sizeof(batch_key));
	log_close(log);
	return err;
}

void log_close(struct log *log)
{
	if (!log) {
		return;
	}
	batch_free(&log->staged);
	batch_free(&log->flight);
	log_tree_close(log->tree);
	crypto_aead_close(log->aead);
	mt_free(log->wire);
	mt_free(log->place);
	mt_wipe(log, sizeof(*log));
	mt_free(log);
}

/* ---- leaves ---- */

void log_salt(const struct log *log, uint64_t index, uint8_t out[LOG_HASH_SIZE])
{
	uint8_t wire[8];
	struct builder b = builder_over(wire, sizeof(wire));

	builder_u64(&b, index);
	crypto_hmac_sha256(secret_bytes(&log->secret), mt_bytes(wire, sizeof(wire)), out);
}

void log_commitment(const uint8_t salt[LOG_HASH_SIZE], struct bytes entry, uint8_t out[LOG_HASH_SIZE])
{
	crypto_hmac_sha256(mt_bytes(salt, LOG_HASH_SIZE), entry, out);
}

void log_entry_leaf(const struct log *log, uint64_t index, struct bytes entry, uint8_t out[LOG_HASH_SIZE])
{
	uint8_t salt[LOG_HASH_SIZE], commit[LOG_HASH_SIZE];

	if (index == 0) {
		log_leaf_hash(entry, out);
		return;
	}
	log_salt(log, index, salt);
	log_commitment(salt, entry, commit);
	log_leaf_hash(mt_bytes(commit, sizeof(commit)), out);
	mt_wipe(salt, sizeof(salt));
}

void log_chain_next(const struct log *log, struct bytes plain, uint8_t out[LOG_HASH_SIZE])
{
	const struct bytes parts[] = { mt_bytes(log->id, sizeof(log->id)), plain };

	crypto_label_sha256("mesatee-log-chain-1", parts, plain.size ? 2 : 1, out);
}

/* ---- staging ---- */

/* Where the next staged entry will stand. */
static uint64_t next_index(const struct log *log)
{
	size_t flying = log->state == LOG_WRITING ? log->flight.count : 0;      /* else it is in the tree */

	return log_tree_size(log->tree) + flying + log->staged.count;
}

enum mt_err log_stage(struct log *log, struct bytes entry, uint64_t *index)
{
	struct batch *b = &log->staged;
	uint64_t at = next_index(log);

	if (log->state != LOG_READY && log->state != LOG_WRITING) {
		return MT_STATE;
	}
	if (entry.size > LOG_ENTRY_MAX || b->count == BATCH_ENTRIES_MAX || at >= LOG_ENTRIES_MAX ||
	    entry.size + 4 > BATCH_PLAIN_MAX - b->size) {
		return MT_LIMIT;
	}
	struct builder w = builder_over(b->plain + b->size, BATCH_PLAIN_MAX - b->size);
	builder_bytes32(&w, entry);
	log_entry_leaf(log, at, entry, b->leaf[b->count]);
	b->size += w.size;
	b->count++;
	*index = at;
	return MT_OK;
}

bool log_staged(const struct log *log)
{
	return log->staged.count > 0;
}

/* ---- one batch in flight ---- */

/* Fill in the inside's head and seal it into log->wire, padded. */
static void batch_seal(struct log *log)
{
	struct batch *f = &log->flight;
	uint8_t nonce[CRYPTO_NONCE_SIZE];
	struct builder head = builder_over(f->plain, BATCH_HEAD_SIZE);
	struct builder wire = builder_over(log->wire, LOG_BATCH_MAX);

	builder_u64(&head, log->sequence);
	builder_u64(&head, log_tree_size(log->tree));
	builder_u32(&head, (uint32_t)f->count);
	builder_bytes(&head, mt_bytes(log->chain, sizeof(log->chain)));
	mt_assert(!head.failed && head.size == BATCH_HEAD_SIZE);

	builder_text(&wire, BATCH_MAGIC);
	builder_u8(&wire, BATCH_VERSION);
	builder_u8(&wire, 0);
	builder_u32(&wire, (uint32_t)(f->size + CRYPTO_TAG_SIZE));
	crypto_random(nonce, sizeof(nonce));
	builder_bytes(&wire, mt_bytes(nonce, sizeof(nonce)));
	mt_assert(!wire.failed && wire.size == BATCH_PREFIX_SIZE);
	crypto_aead_seal(log->aead, nonce, mt_bytes(log->wire, BATCH_PUBLIC_SIZE), mt_bytes(f->plain, f->size),
			 log->wire + wire.size);
	size_t used = wire.size + f->size + CRYPTO_TAG_SIZE;
	log->wire_size = log_block_ceiling(used);
	memset(log->wire + used, 0, log->wire_size - used);
}

enum mt_err log_batch(struct log *log, struct log_write *out)
{
	if (log->state != LOG_READY || log->staged.count == 0) {
		return MT_STATE;
	}
	/* All memory that the commit needs is taken now: when the batch is on disk nothing may fail any more. */
	enum mt_err err = log_tree_reserve(log->tree, log->staged.count);
	if (!err) {
		err = log_place_reserve(log);
	}
	if (err) {
		return err;
	}
	struct batch flight = log->staged;
	log->staged = log->flight;
	log->flight = flight;
	batch_seal(log);
	log_move(log, LOG_WRITING);
	uint64_t end = log->offset + log->wire_size;
	*out = (struct log_write){
		.offset = log->offset,
		.extend_to = end > log->extent ? (end + LOG_EXTENT - 1) / LOG_EXTENT * LOG_EXTENT : 0,
		.bytes = mt_bytes(log->wire, log->wire_size),
	};
	return MT_OK;
}

/* The batch is on disk: the tree, the chain and the place of the next batch move together. */
static void flight_land(struct log *log)
{
	struct batch *f = &log->flight;
	uint64_t end = log->offset + log->wire_size;

	log->fold_index = log_tree_size(log->tree);
	log->folded = BATCH_HEAD_SIZE;
	log_place_add(log, log->offset, log->wire_size);
	for (size_t i = 0; i < f->count; i++) {
		mt_assert(log_tree_append(log->tree, f->leaf[i]) == MT_OK);
	}
	log_chain_next(log, mt_bytes(f->plain, f->size), log->chain);
	log->sequence++;
	log->offset = end;
	if (end > log->extent) {
		log->extent = (end + LOG_EXTENT - 1) / LOG_EXTENT * LOG_EXTENT;
	}
}

enum mt_err log_fold_flight(struct log *log)
{
	struct batch *f = &log->flight;

	while (log->folded < f->size) {
		struct cursor c = cursor_over(mt_bytes(f->plain + log->folded, f->size - log->folded));
		struct bytes entry = cursor_take32(&c);

		mt_assert(cursor_ok(&c));       /* staged by us, or checked by the replay */
		enum mt_err err = log->fold(log->context, log->fold_index, entry);
		if (err) {
			return err;
		}
		log->folded += 4 + entry.size;
		log->fold_index++;
	}
	return MT_OK;
}

enum mt_err log_commit(struct log *log)
{
	if (log->state != LOG_WRITING && log->state != LOG_FOLDING) {
		return MT_STATE;
	}
	if (log->state == LOG_WRITING) {
		flight_land(log);
		log_move(log, LOG_FOLDING);
	}
	enum mt_err err = log_fold_flight(log);
	if (err) {
		return err;     /* the entry that failed comes again with the next call */
	}
	batch_empty(&log->flight);
	log_move(log, LOG_READY);
	return MT_OK;
}

void log_abort(struct log *log)
{
	mt_assert(log->state == LOG_READY || log->state == LOG_WRITING);
	batch_empty(&log->staged);
	if (log->state == LOG_WRITING) {
		batch_empty(&log->flight);
		log_move(log, LOG_READY);
	}
}

/* ---- looking ---- */

const struct log_tree *log_tree(const struct log *log)
{
	return log->tree;
}

enum mt_err log_head_ahead(const struct log *log, uint64_t *size, uint8_t root[LOG_HASH_SIZE])
{
	struct log_frontier f = { 0 };

	if (log->state != LOG_WRITING) {
		return MT_STATE;
	}
	log_tree_frontier(log->tree, &f);
	for (size_t i = 0; i < log->flight.count; i++) {
		log_frontier_append(&f, log->flight.leaf[i]);
	}
	*size = f.size;
	log_frontier_root(&f, root);
	return MT_OK;
}

uint64_t log_file_size(const struct log *log)
{
	return log->offset;
}
