/*
 * The sealed file, reading side. The file comes from the world outside: it may be torn, old, or made up.
 *
 * The bytes pass through a window that holds at least one batch. At each place where a batch could begin
 * stands one that authenticates, or none. The first place with none ends the log; from there on the replay
 * only looks whether anything after it authenticates, block by block, which would mean a hole in the middle.
 */
#include "lib/log/file_private.h"

#include <string.h>

bool log_prefix_decode(struct bytes window, size_t *sealed_size)
{
	struct cursor c = cursor_over(window);
	struct bytes magic = cursor_take(&c, sizeof(BATCH_MAGIC) - 1);
	uint8_t version = cursor_u8(&c), reserved = cursor_u8(&c);
	uint32_t size = cursor_u32(&c);

	if (!cursor_ok(&c) || !mt_equal(magic, mt_text(BATCH_MAGIC)) || version != BATCH_VERSION || reserved != 0 ||
	    size < BATCH_HEAD_SIZE + CRYPTO_TAG_SIZE || size > BATCH_PLAIN_MAX + CRYPTO_TAG_SIZE) {
		return false;
	}
	*sealed_size = size;
	return true;
}

enum mt_err log_batch_unseal(const struct log *log, const uint8_t *wire, size_t sealed_size, uint8_t *plain)
{
	return crypto_aead_unseal(log->aead, wire + BATCH_PUBLIC_SIZE, mt_bytes(wire, BATCH_PUBLIC_SIZE),
				  mt_bytes(wire + BATCH_PREFIX_SIZE, sealed_size), plain);
}

/*
 * Whether the authentic batch in log->flight is the very next one. Another is MT_TAMPERED: bytes that we wrote,
 * but at another time or place. The leaves are computed on the way.
 */
static enum mt_err batch_check(struct log *log)
{
	struct batch *f = &log->flight;
	struct cursor c = cursor_over(mt_bytes(f->plain, f->size));
	uint64_t sequence = cursor_u64(&c), index = cursor_u64(&c);
	uint32_t count = cursor_u32(&c);
	struct bytes chain = cursor_take(&c, LOG_HASH_SIZE);

	if (!cursor_ok(&c) || sequence != log->sequence || index != log_tree_size(log->tree) || count == 0 ||
	    count > BATCH_ENTRIES_MAX || !mt_equal(chain, mt_bytes(log->chain, sizeof(log->chain)))) {
		return MT_TAMPERED;
	}
	for (f->count = 0; f->count < count; f->count++) {
		struct bytes entry = cursor_take32(&c);

		if (!cursor_ok(&c) || entry.size > LOG_ENTRY_MAX) {
			return MT_TAMPERED;
		}
		log_entry_leaf(log, index + f->count, entry, f->leaf[f->count]);
	}
	return cursor_done(&c) ? MT_OK : MT_TAMPERED;
}

/* Take the checked batch into the tree, the chain and the caller's state. It stands in the `size` bytes before log->offset. */
static enum mt_err batch_take(struct log *log, size_t size)
{
	struct batch *f = &log->flight;
	enum mt_err err = log_tree_reserve(log->tree, f->count);

	if (!err) {
		err = log_place_reserve(log);
	}
	if (err) {
		return err;
	}
	log_place_add(log, log->offset - size, size);
	log->fold_index = log_tree_size(log->tree);
	for (size_t i = 0; i < f->count; i++) {
		mt_assert(log_tree_append(log->tree, f->leaf[i]) == MT_OK);
	}
	log_chain_next(log, mt_bytes(f->plain, f->size), log->chain);
	log->sequence++;
	log->folded = BATCH_HEAD_SIZE;
	return log_fold_flight(log);
}

/*
 * Judge the place at `at` bytes into the window. *step is how far to go on; 0 means more bytes are needed,
 * unless this is the end of the file.
 */
static enum mt_err place_judge(struct log *log, size_t at, bool end, size_t *step)
{
	struct bytes rest = mt_bytes(log->wire + at, log->window - at);
	size_t sealed_size = 0;

	*step = LOG_BLOCK;
	bool plausible = log_prefix_decode(rest, &sealed_size);
	if (plausible && rest.size < BATCH_PREFIX_SIZE + sealed_size) {
		if (!end) {
			*step = 0;
			return MT_OK;
		}
		plausible = false;      /* cut off */
	}
	if (!plausible || log_batch_unseal(log, rest.at, sealed_size, log->flight.plain) != MT_OK) {
		log->torn = true;
		return MT_OK;
	}
	log->flight.size = sealed_size - CRYPTO_TAG_SIZE;
	if (log->torn) {
		return MT_TAMPERED;     /* something authentic behind a hole */
	}
	enum mt_err err = batch_check(log);
	if (err) {
		return err;
	}
	*step = log_block_ceiling(BATCH_PREFIX_SIZE + sealed_size);
	log->offset += *step;
	return batch_take(log, *step);
}

/* Judge every place that the window holds whole, and move the rest to its front. */
static enum mt_err window_judge(struct log *log, bool end)
{
	size_t at = 0, step = 1;

	while (log->window - at >= LOG_BLOCK && step > 0) {
		enum mt_err err = place_judge(log, at, end, &step);

		if (err) {
			return err;
		}
		at += step;             /* a step never passes the window: batches are padded to whole blocks */
	}
	memmove(log->wire, log->wire + at, log->window - at);
	log->window -= at;
	return MT_OK;
}

enum mt_err log_replay(struct log *log, struct bytes blocks)
{
	enum mt_err err = MT_OK;

	if (log->state != LOG_REPLAYING) {
		return MT_STATE;
	}
	if (blocks.size % LOG_BLOCK != 0) {
		return MT_MALFORMED;
	}
	for (size_t at = 0; at < blocks.size && !err;) {
		size_t room = LOG_BATCH_MAX - log->window;      /* never 0: a full window holds any batch whole */
		size_t step = room < blocks.size - at ? room : blocks.size - at;

		memcpy(log->wire + log->window, blocks.at + at, step);
		log->window += step;
		at += step;
		err = window_judge(log, false);
	}
	log->fed += blocks.size;
	if (err) {
		log_move(log, LOG_DEAD);
	}
	return err;
}

enum mt_err log_replay_end(struct log *log)
{
	if (log->state != LOG_REPLAYING) {
		return MT_STATE;
	}
	enum mt_err err = window_judge(log, true);
	if (err) {
		log_move(log, LOG_DEAD);
		return err;
	}
	mt_assert(log->window == 0);
	mt_wipe(log->flight.plain, BATCH_PLAIN_MAX);
	log->flight.size = BATCH_HEAD_SIZE;
	log->flight.count = 0;
	log->extent = log->fed;
	log_move(log, LOG_READY);
	return MT_OK;
}
