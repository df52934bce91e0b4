/*
 * Where entries stand in the file, and reading one back. What comes back is foreign: it is opened like any batch, and then the
 * entry's leaf must be the one in the tree, so that neither an older batch at the same place nor one that was aborted passes.
 */
#include "lib/log/file_private.h"

#include <string.h>

enum mt_err log_place_reserve(struct log *log)
{
	return mt_room((void **)&log->place, &log->place_capacity, log->place_count, sizeof(log->place[0]));
}

void log_place_add(struct log *log, uint64_t offset, size_t size)
{
	mt_assert(log->place_count < log->place_capacity);
	log->place[log->place_count++] = (struct place){
		.first = log_tree_size(log->tree),
		.block = offset / LOG_BLOCK,
		.blocks = (uint32_t)(log_block_ceiling(size) / LOG_BLOCK),
	};
}

/* The batch that holds the entry: the last one that begins at or before it. */
static const struct place *place_find(const struct log *log, uint64_t index)
{
	size_t low = 0, high = log->place_count;

	if (index >= log_tree_size(log->tree)) {
		return NULL;
	}
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (log->place[middle].first <= index) {
			low = middle;
		} else {
			high = middle;
		}
	}
	return high ? &log->place[low] : NULL;
}

enum mt_err log_entry_place(const struct log *log, uint64_t index, uint64_t *offset, size_t *size)
{
	const struct place *p = place_find(log, index);

	if (!p) {
		return MT_NOT_FOUND;
	}
	*offset = p->block * LOG_BLOCK;
	*size = (size_t)p->blocks * LOG_BLOCK;
	return MT_OK;
}

/* The entry at `index` of the batch whose inside is `plain`. */
static enum mt_err entry_find(struct bytes plain, uint64_t index, struct bytes *out)
{
	struct cursor c = cursor_over(plain);

	(void)cursor_u64(&c); /* the sequence: the leaf says more */
	uint64_t first = cursor_u64(&c);
	uint32_t count = cursor_u32(&c);
	struct bytes entry = { 0 };

	(void)cursor_take(&c, LOG_HASH_SIZE);
	if (!cursor_ok(&c) || index < first || index - first >= count) {
		return MT_TAMPERED;
	}
	for (uint64_t i = first; i <= index; i++) {
		entry = cursor_take32(&c);
	}
	*out = entry;
	return cursor_ok(&c) ? MT_OK : MT_TAMPERED;
}

enum mt_err log_entry_open(const struct log *log, uint64_t index, struct bytes wire, uint8_t *plain,
			   struct bytes *entry)
{
	uint8_t leaf[LOG_HASH_SIZE], known[LOG_HASH_SIZE];
	struct bytes found = { 0 };
	size_t sealed_size = 0;

	if (log_tree_node(log->tree, 0, index, known)) {
		return MT_NOT_FOUND;
	}
	if (!log_prefix_decode(wire, &sealed_size) || wire.size < BATCH_PREFIX_SIZE + sealed_size) {
		return MT_TAMPERED;
	}
	enum mt_err err = log_batch_unseal(log, wire.at, sealed_size, plain);

	if (!err) {
		err = entry_find(mt_bytes(plain, sealed_size - CRYPTO_TAG_SIZE), index, &found);
	}
	if (!err) {
		log_entry_leaf(log, index, found, leaf);
		err = memcmp(leaf, known, sizeof(leaf)) == 0 ? MT_OK : MT_TAMPERED;
	}
	if (err) {
		mt_wipe(plain, LOG_BATCH_MAX);
		return err;
	}
	*entry = found;
	return MT_OK;
}
