/*
 * A new generation: all that there is, written one after the other into the other file. The present one stays as it is until that is whole and on
 * disk.
 */
#include "tee/storage/storage_private.h"

#include <string.h>

/* Behind it is room for an OPERATION_SIZE and OPERATION_WHOLE. */
#define OPERATIONS_MAX (RECORD_PLAIN_MAX - RECORD_FIELDS_SIZE - 32)
#define CREATE_SIZE_MAX ((size_t)STORAGE_ATTRIBUTES_MAX + STORAGE_NAME_MAX + 64)
#define DATA_HEAD_SIZE (1 + sizeof(uint64_t) + 2 * sizeof(uint32_t))
#define DATA_LENGTH_AT (1 + sizeof(uint64_t) + sizeof(uint32_t))
#define PIECE_MIN 4096          /* a smaller end of a record is left empty rather than filled with a splinter */

void generation_abandon(struct store *s)
{
	struct generation *g = &s->fresh;

	chain_close(&g->chain);
	index_close(&g->index);
	mt_wipe(g->plain, g->plain_size);
	*g = (struct generation){ .plain = g->plain };
}

enum mt_err generation_begin(struct store *s, uint64_t number, bool commit_after)
{
	uint8_t salt[FILE_SALT_SIZE];
	unsigned file = s->chain.aead ? (s->chain.file + 1) % STORAGE_FILES : 0;

	generation_abandon(s);
	crypto_random(salt, sizeof(salt));
	enum mt_err err = chain_open(&s->fresh.chain, &s->key, file, number, salt);
	if (err) {
		return store_end(s, err);
	}
	s->fresh.commit_after = commit_after;
	header_encode(number, salt, s->buffer);
	return store_want(s, STEP_NEW_CLEAR, STORAGE_CLEAR, file, 0, 0);
}

/* ---- filling a record ---- */

static size_t room(const struct generation *g)
{
	return g->plain_size < OPERATIONS_MAX ? OPERATIONS_MAX - g->plain_size : 0;
}

static void put_create(struct generation *g, const struct object *o)
{
	struct builder b = builder_over(g->plain + g->plain_size, CREATE_SIZE_MAX);
	struct bytes all;

	builder_u8(&b, OPERATION_CREATE);
	builder_u64(&b, o->number);
	builder_bytes(&b, mt_bytes(o->owner, sizeof(o->owner)));
	builder_u32(&b, o->storage);
	builder_u8(&b, (uint8_t)o->id_size);
	builder_bytes(&b, mt_bytes(o->id, o->id_size));
	builder_u32(&b, o->type);
	builder_u32(&b, o->usage);
	builder_u32(&b, o->key_size);
	builder_u32(&b, o->key_size_max);
	builder_bytes32(&b, mt_bytes(o->attributes, o->attributes_size));
	builder_u64(&b, 0);
	mt_assert(builder_done(&b, &all) == MT_OK);
	g->plain_size += all.size;
	g->created = true;
	g->offset = 0;
	g->runs = false;
}

static void put_head(struct generation *g, enum operation_kind kind, uint64_t object, uint32_t number)
{
	struct builder b = builder_over(g->plain + g->plain_size, DATA_HEAD_SIZE);
	struct bytes all;

	builder_u8(&b, (uint8_t)kind);
	builder_u64(&b, object);
	builder_u32(&b, number);
	mt_assert(builder_done(&b, &all) == MT_OK);
	g->plain_size += all.size;
}

static void put_length(uint8_t *at, uint32_t length)
{
	struct builder b = builder_over(at, sizeof(length));
	struct bytes all;

	builder_u32(&b, length);
	mt_assert(builder_done(&b, &all) == MT_OK);
}

static uint32_t get_length(const uint8_t *at)
{
	struct cursor c = cursor_over(mt_bytes(at, sizeof(uint32_t)));

	return cursor_u32(&c);
}

/* The record as it stands, to its file. */
static enum mt_err record_write(struct store *s, bool last)
{
	struct generation *g = &s->fresh;
	struct bytes operations = mt_bytes(g->plain, g->plain_size);
	enum mt_err err = index_prepare(&g->index, operations);

	if (err) {
		generation_abandon(s);
		return store_end(s, err);
	}
	size_t size = record_seal(&g->chain, s->anchor, operations, s->buffer, &s->where);

	return store_want(s, last ? STEP_NEW_LAST : STEP_NEW_RECORD, last ? STORAGE_APPEND : STORAGE_WRITE, g->chain.file, g->chain.place, size);
}

/* Of one extent as much as the record has room for. False: its record must be read first. */
static bool extent_copy(struct store *s, const struct object *o, const struct extent *e)
{
	struct generation *g = &s->fresh;
	uint32_t from = e->offset > g->offset ? e->offset : g->offset, left = e->offset + e->size - from;
	bool goes_on = g->runs && from == g->offset;
	size_t head = goes_on ? 0 : DATA_HEAD_SIZE, most = room(g) - head;
	uint32_t size = left < most ? left : (uint32_t)most;

	if (!gather(s, e, from, g->plain + g->plain_size + head, size, STEP_NEW_READ)) {
		return false;
	}
	if (!goes_on) {
		g->run = g->plain_size;
		g->runs = true;
		put_head(g, OPERATION_DATA, o->number, from);
		put_length(g->plain + g->plain_size, 0);
		g->plain_size += sizeof(uint32_t);
	}
	uint8_t *length = g->plain + g->run + DATA_LENGTH_AT;
	put_length(length, get_length(length) + size);
	g->plain_size += size;
	g->offset = from + size;
	return true;
}

enum filled { FILLED_OBJECT, FILLED_RECORD, FILLED_READS };

/* What is left of one object, as far as the record has room. */
static enum filled object_copy(struct store *s, const struct object *o)
{
	struct generation *g = &s->fresh;
	const struct extent *e;

	if (!g->created) {
		if (room(g) < CREATE_SIZE_MAX) {
			return FILLED_RECORD;
		}
		put_create(g, o);
	}
	while ((e = extents_from(o, g->offset)) != NULL) {
		if (room(g) < PIECE_MIN + DATA_HEAD_SIZE) {
			return FILLED_RECORD;
		}
		if (!extent_copy(s, o, e)) {
			return FILLED_READS;
		}
	}
	if (g->offset < o->size) {
		put_head(g, OPERATION_SIZE, o->number, o->size);
	}
	g->created = false;
	return FILLED_OBJECT;
}

static enum mt_err generation_fill(struct store *s)
{
	struct generation *g = &s->fresh;

	while (g->object < s->index.count) {
		enum filled how = object_copy(s, s->index.object[g->object]);
		if (how == FILLED_READS) {
			return MT_OK;
		}
		if (how == FILLED_RECORD) {
			return record_write(s, false);
		}
		g->object++;
	}
	g->plain[g->plain_size++] = OPERATION_WHOLE;
	return record_write(s, true);
}

/* ---- what has been carried out ---- */

static void record_written(struct store *s)
{
	struct generation *g = &s->fresh;

	(void)index_apply(&g->index, mt_bytes(g->plain, g->plain_size), RECORD_FIELDS_SIZE, &s->where);
	chain_advance(&g->chain, &s->where);
	mt_wipe(g->plain, g->plain_size);
	g->plain_size = 0;
	g->runs = false;
}

/* The old file would only be read in vain at the next start. If that cannot be had, nothing is lost. */
static enum mt_err generation_take_over(struct store *s)
{
	struct generation *g = &s->fresh;
	unsigned old = s->chain.file;
	bool first = s->chain.aead == NULL;

	g->index.last = s->index.last > g->index.last ? s->index.last : g->index.last;
	index_close(&s->index);
	chain_close(&s->chain);
	s->index = g->index;
	s->chain = g->chain;
	g->index = (struct index){ 0 };
	g->chain = (struct chain){ 0 };
	s->plain_size = 0;
	s->extents_kept = s->index.extents;
	return first ? store_end(s, MT_OK) : store_want(s, STEP_NEW_DROP, STORAGE_CLEAR, old, 0, 0);
}

static enum mt_err generation_end(struct store *s)
{
	bool commit_after = s->fresh.commit_after;

	generation_abandon(s);
	return commit_after ? commit_begin(s) : store_end(s, MT_OK);
}

enum mt_err generation_go_on(struct store *s)
{
	enum mt_err err = MT_OK;

	switch (s->step) {
	case STEP_NEW_CLEAR:
		return store_want(s, STEP_NEW_HEADER, STORAGE_WRITE, s->fresh.chain.file, 0, FILE_HEADER_SIZE);
	case STEP_NEW_HEADER:
		return generation_fill(s);
	case STEP_NEW_READ:
		err = gather_read(s);
		if (err) {
			generation_abandon(s);
			return store_end(s, err);
		}
		return generation_fill(s);
	case STEP_NEW_RECORD:
		record_written(s);
		return generation_fill(s);
	case STEP_NEW_LAST:
		record_written(s);
		return generation_take_over(s);
	default:
		mt_assert(s->step == STEP_NEW_DROP);
		return generation_end(s);
	}
}
