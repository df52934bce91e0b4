/* Opening: which of the two files counts, and what is in it. */
#include "tee/storage/storage_private.h"

#include <string.h>

/* A file that holds nothing but its header and that it is whole: an empty store, or one whose making was cut off. */
#define FIRST_SIZE (FILE_HEADER_SIZE + RECORD_OVERHEAD + RECORD_FIELDS_SIZE + 1)

enum mt_err open_begin(struct store *s)
{
	if (s->anchor_kind == STORAGE_ANCHOR_COUNTER) {
		return store_want(s, STEP_OPEN_ANCHOR, STORAGE_ANCHOR_READ, 0, 0, 0);
	}
	return store_want(s, STEP_OPEN_SIZE, STORAGE_SIZE, 0, 0, 0);
}

static enum mt_err records_end(struct store *s);

static enum mt_err records_want(struct store *s)
{
	uint64_t left = s->seen[s->file].size - s->chain.place;
	size_t size = left < STORAGE_WANT_MAX ? (size_t)left : STORAGE_WANT_MAX;

	if (size == 0) {
		return records_end(s);
	}
	return store_want(s, STEP_OPEN_RECORDS, STORAGE_READ, s->file, s->chain.place, size);
}

/* Nothing was ever acknowledged of what is there, if there is anything. */
static bool is_new(const struct store *s)
{
	bool small = true;

	for (unsigned i = 0; i < STORAGE_FILES; i++) {
		small = small && s->seen[i].size <= FIRST_SIZE;
	}
	return small && s->counter == 0;
}

void candidate_close(struct candidate *c)
{
	chain_close(&c->chain);
	index_close(&c->index);
	*c = (struct candidate){ 0 };
}

/*
 * Of two whole generations the one with the later record counts: a new one whose last write has failed may be on disk all the same, and then there are later
 * records in the one before.
 */
static void candidate_keep(struct store *s)
{
	struct candidate *best = &s->best;
	struct candidate now = { .chain = s->chain, .index = s->index, .anchor = s->anchor, .whole = s->whole,
				 .cut = s->chain.aead && s->seen[s->file].size - s->chain.place > RECORD_MAX };
	bool better = now.whole && (!best->whole || now.anchor > best->anchor ||
				    (now.anchor == best->anchor && now.chain.generation > best->chain.generation));

	s->chain = (struct chain){ 0 };
	s->index = (struct index){ 0 };
	candidate_close(better ? best : &now);
	if (better) {
		*best = now;
	}
}

/* All is read. What follows the last good record is a write that was cut off, and can only be one. */
static enum mt_err best_take(struct store *s)
{
	s->chain = s->best.chain;
	s->index = s->best.index;
	s->anchor = s->best.anchor;
	bool cut = s->best.cut;

	s->best = (struct candidate){ 0 };
	if (cut) {
		return store_end(s, MT_TAMPERED);
	}
	if (s->anchor_kind == STORAGE_ANCHOR_NONE || s->anchor == s->counter) {
		return store_end(s, MT_OK);
	}
	/* Cut off between the record and its counter. */
	if (s->anchor == s->counter + 1) {
		return store_want(s, STEP_OPEN_RAISE, STORAGE_ANCHOR_RAISE, 0, s->anchor, 0);
	}
	return store_end(s, MT_TAMPERED);
}

/* The next file with a header, or the end of them. */
static enum mt_err file_next(struct store *s)
{
	uint64_t highest = 0;

	candidate_keep(s);
	s->anchor = 0;
	s->whole = false;
	s->plain_size = 0;              /* what was read is not what gather() has asked for */
	while (s->file < STORAGE_FILES && (!s->seen[s->file].generation || s->seen[s->file].tried)) {
		s->file++;
	}
	if (s->file < STORAGE_FILES) {
		const struct file_seen *f = &s->seen[s->file];
		enum mt_err err = chain_open(&s->chain, &s->key, s->file, f->generation, f->salt);
		return err ? store_end(s, err) : records_want(s);
	}
	if (s->best.whole) {
		return best_take(s);
	}
	for (unsigned i = 0; i < STORAGE_FILES; i++) {
		highest = s->seen[i].generation > highest ? s->seen[i].generation : highest;
	}
	return is_new(s) ? generation_begin(s, highest + 1, false) : store_end(s, MT_TAMPERED);
}

static enum mt_err header_next(struct store *s)
{
	while (s->file < STORAGE_FILES && s->seen[s->file].size < FILE_HEADER_SIZE) {
		s->file++;
	}
	if (s->file == STORAGE_FILES) {
		s->file = 0;
		return file_next(s);
	}
	return store_want(s, STEP_OPEN_HEADER, STORAGE_READ, s->file, 0, FILE_HEADER_SIZE);
}

static enum mt_err header_seen(struct store *s)
{
	struct file_seen *f = &s->seen[s->file++];

	if (header_decode(s->buffer, &f->generation, f->salt) != MT_OK) {
		f->generation = 0;
	}
	return header_next(s);
}

/* The last good record of this file was read. */
static enum mt_err records_end(struct store *s)
{
	s->seen[s->file].tried = true;
	return file_next(s);
}

enum found { FOUND, FOUND_END, FOUND_MORE };

/* One record at the beginning of `in`, which is all there is when `last`. FOUND_MORE: it goes on behind. */
static enum found record_find(struct bytes in, bool last, size_t *size)
{
	struct cursor c = cursor_over(in);
	uint32_t length = cursor_u32(&c);

	if (!cursor_ok(&c)) {
		return last ? FOUND_END : FOUND_MORE;
	}
	if (length > RECORD_MAX - sizeof(length)) {
		return FOUND_END;
	}
	*size = sizeof(length) + length;
	if (*size > in.size) {
		return last ? FOUND_END : FOUND_MORE;
	}
	return FOUND;
}

/* Take a record into the index. *good: it is one, and the next of this chain. */
static enum mt_err record_take(struct store *s, struct bytes record, bool *good)
{
	struct record_place where = { .place = s->chain.place, .size = (uint32_t)record.size };
	struct bytes sealed = mt_bytes(record.at + sizeof(uint32_t), record.size - sizeof(uint32_t));

	*good = record_open(&s->chain, sealed, true, &where, s->plain, &s->plain_size) == MT_OK;
	if (!*good) {
		return MT_OK;
	}
	struct cursor c = cursor_over(mt_bytes(s->plain + CRYPTO_TAG_SIZE, s->plain_size - CRYPTO_TAG_SIZE));
	uint64_t anchor = cursor_u64(&c);
	struct bytes operations = cursor_take(&c, cursor_left(&c));
	enum mt_err err = index_prepare(&s->index, operations);

	if (err) {
		return err;
	}
	s->whole = index_apply(&s->index, operations, RECORD_FIELDS_SIZE, &where) || s->whole;
	s->anchor = anchor;
	chain_advance(&s->chain, &where);
	return MT_OK;
}

static enum mt_err records_take(struct store *s)
{
	struct bytes in = mt_bytes(s->buffer, s->want.size);
	bool last = s->want.offset + s->want.size == s->seen[s->file].size;

	for (;;) {
		size_t size = 0;
		bool good = false;
		enum found found = record_find(in, last, &size);
		if (found == FOUND_MORE) {
			return records_want(s);
		}
		enum mt_err err = found == FOUND ? record_take(s, mt_bytes(in.at, size), &good) : MT_OK;
		if (err) {
			return store_end(s, err);
		}
		if (!good) {
			return records_end(s);
		}
		in = mt_bytes(in.at + size, in.size - size);
	}
}

enum mt_err open_go_on(struct store *s)
{
	switch (s->step) {
	case STEP_OPEN_ANCHOR:
		return store_want(s, STEP_OPEN_SIZE, STORAGE_SIZE, 0, 0, 0);
	case STEP_OPEN_SIZE:
		s->file++;
		if (s->file < STORAGE_FILES) {
			return store_want(s, STEP_OPEN_SIZE, STORAGE_SIZE, s->file, 0, 0);
		}
		s->file = 0;
		return header_next(s);
	case STEP_OPEN_HEADER:
		return header_seen(s);
	case STEP_OPEN_RECORDS:
		return records_take(s);
	default:
		mt_assert(s->step == STEP_OPEN_RAISE);
		return store_end(s, MT_OK);
	}
}
