/* The store: what is wanted, what comes of it, and the end of each request. */
#include "tee/storage/storage_private.h"

#include <string.h>

/* A new generation is made when the file is so much larger than what is in it, or extents are as many and more than what it would leave. */
#define WASTE_MAX (UINT64_C(4) << 20)
#define EXTENTS_MANY (STORAGE_EXTENTS_MAX / 2)
_Static_assert(RECORD_MAX <= STORAGE_WANT_MAX, "a record is one want");

/* ---- the store ---- */

enum mt_err storage_open(const struct secret *key, enum storage_anchor anchor, struct store **out)
{
	struct store *s = mt_alloc(sizeof(*s));

	*out = NULL;
	if (!s) {
		return MT_NO_MEMORY;
	}
	s->key = *key;
	s->anchor_kind = anchor;
	s->buffer = mt_alloc(STORAGE_WANT_MAX);
	s->plain = mt_alloc(RECORD_PLAIN_MAX);
	s->pending = mt_alloc(RECORD_PLAIN_MAX);
	s->fresh.plain = mt_alloc(RECORD_PLAIN_MAX);
	if (!s->buffer || !s->plain || !s->pending || !s->fresh.plain) {
		storage_close(s);
		return MT_NO_MEMORY;
	}
	*out = s;
	return open_begin(s);
}

void storage_close(struct store *s)
{
	if (!s) {
		return;
	}
	if (s->fresh.plain) {
		generation_abandon(s);
		mt_wipe(s->fresh.plain, RECORD_PLAIN_MAX);
	}
	candidate_close(&s->best);
	index_close(&s->index);
	chain_close(&s->chain);
	mt_wipe(s->plain, s->plain ? RECORD_PLAIN_MAX : 0);
	mt_wipe(s->pending, s->pending ? RECORD_PLAIN_MAX : 0);
	mt_free(s->fresh.plain);
	mt_free(s->pending);
	mt_free(s->plain);
	mt_free(s->buffer);
	mt_wipe(s, sizeof(*s));
	mt_free(s);
}

const struct storage_want *storage_want(const struct store *s)
{
	return s->step == STEP_IDLE || s->step == STEP_DEAD ? NULL : &s->want;
}

enum mt_err store_want(struct store *s, enum storage_step step, enum storage_work work, unsigned file, uint64_t offset, size_t size)
{
	uint64_t *size_out = work == STORAGE_SIZE ? &s->seen[file].size : work == STORAGE_ANCHOR_READ ? &s->counter : NULL;

	mt_assert(size <= STORAGE_WANT_MAX);
	s->step = step;
	s->want = (struct storage_want){ .work = work, .file = file, .offset = offset, .at = s->buffer, .size = size, .size_out = size_out };
	return MT_OK;
}

enum mt_err store_end(struct store *s, enum mt_err how)
{
	mt_wipe(s->pending, s->pending_size);
	s->pending_size = 0;
	s->opened = s->opened || how == MT_OK;
	s->step = s->opened ? STEP_IDLE : STEP_DEAD;
	return how;
}

/* ---- transactions ---- */

enum mt_err commit_begin(struct store *s)
{
	struct bytes operations = mt_bytes(s->pending, s->pending_size);
	enum mt_err err = s->index.extents + 2 > STORAGE_EXTENTS_MAX ? MT_LIMIT : index_prepare(&s->index, operations);

	if (err) {
		return store_end(s, err);
	}
	size_t size = record_seal(&s->chain, s->anchor + 1, operations, s->buffer, &s->where);

	return store_want(s, STEP_COMMIT, STORAGE_APPEND, s->chain.file, s->chain.place, size);
}

static bool is_wasteful(const struct store *s)
{
	return s->chain.place > 2 * s->index.live + WASTE_MAX ||
	       (s->index.extents > EXTENTS_MANY && s->index.extents > s->extents_kept + s->extents_kept / 8);
}

enum mt_err commit(struct store *s)
{
	return is_wasteful(s) ? generation_begin(s, s->chain.generation + 1, true) : commit_begin(s);
}

/* On disk: it holds from now on, here too. */
static enum mt_err commit_done(struct store *s)
{
	struct request *r = &s->request;
	uint64_t created = s->index.last;

	(void)index_apply(&s->index, mt_bytes(s->pending, s->pending_size), RECORD_FIELDS_SIZE, &s->where);
	chain_advance(&s->chain, &s->where);
	s->anchor++;
	if (r->opens) {
		const struct object *o = index_object(&s->index, s->index.last);
		mt_assert(o && o->number != created);
		handle_open(s, r->handle, o->number, r->flags, o->usage);
		*r->out = handle_number(s, r->handle);
	}
	if (r->closes) {
		handle_close(&s->handle[r->handle]);
	}
	if (r->moves) {
		s->handle[r->handle].position = r->position;
	}
	return store_end(s, MT_OK);
}

static enum mt_err commit_go_on(struct store *s)
{
	if (s->step == STEP_COMMIT && s->anchor_kind == STORAGE_ANCHOR_COUNTER) {
		return store_want(s, STEP_COMMIT_RAISE, STORAGE_ANCHOR_RAISE, 0, s->anchor + 1, 0);
	}
	return commit_done(s);
}

/* ---- reading ---- */

enum mt_err read_fill(struct store *s)
{
	struct request *r = &s->request;
	struct handle *h = &s->handle[r->handle];
	const struct object *o = index_object(&s->index, h->object);

	mt_assert(o);
	while (r->done < r->size) {
		uint32_t at = h->position + (uint32_t)r->done, left = (uint32_t)(r->size - r->done);
		const struct extent *e = extents_from(o, at);
		uint32_t zeroes = !e || e->offset >= at + left ? left : e->offset > at ? e->offset - at : 0;
		if (zeroes) {
			memset(r->data + r->done, 0, zeroes);
			r->done += zeroes;
			continue;
		}
		uint32_t there = e->offset + e->size - at, size = there < left ? there : left;
		if (!gather(s, e, at, r->data + r->done, size, STEP_READ)) {
			return MT_OK;
		}
		r->done += size;
	}
	h->position += (uint32_t)r->size;
	*r->got = r->size;
	return store_end(s, MT_OK);
}

static enum mt_err read_go_on(struct store *s)
{
	enum mt_err err = gather_read(s);

	if (err) {
		/* Nothing of a read that fails stays behind. */
		mt_wipe(s->request.data, s->request.done);
		return store_end(s, err);
	}
	return read_fill(s);
}

enum mt_err storage_go_on(struct store *s, enum mt_err how)
{
	mt_assert(storage_want(s));
	if (how && s->step != STEP_NEW_DROP) {
		if (s->step == STEP_READ) {
			mt_wipe(s->request.data, s->request.done);
		}
		generation_abandon(s);
		return store_end(s, how);
	}
	if (s->step <= STEP_OPEN_RAISE) {
		return open_go_on(s);
	}
	if (s->step <= STEP_NEW_DROP) {
		return generation_go_on(s);
	}
	return s->step == STEP_READ ? read_go_on(s) : commit_go_on(s);
}
