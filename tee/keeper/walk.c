/* Enumerators of persistent objects (5.8). */
#include "tee/keeper/keeper_private.h"

#include <string.h>

#include "api/tee_api_defines.h"

static struct walk *at(struct guest *g, uint64_t number)
{
	return number >= 1 && number <= KEEPER_WALKS_MAX && g->walk[number - 1].used ? &g->walk[number - 1] : NULL;
}

static enum mt_err start(struct keeper *k, const struct guest *g, struct walk *w, uint64_t id)
{
	struct walk next = { .used = true, .started = true };
	struct storage_walk first = { 0 };
	struct storage_info info;
	uint8_t name[STORAGE_NAME_MAX];
	size_t size = 0;
	uint32_t data_size = 0;
	enum mt_err err = object_storage(id, &next.storage);

	/* 5.8.4: a storage without objects is TEE_ERROR_ITEM_NOT_FOUND here already. */
	err = err ? err : storage_walk(k->store, g->uuid, next.storage, &first, name, &size, &info, &data_size);
	if (!err) {
		*w = next;
	}
	return err;
}

static enum mt_err next(struct keeper *k, const struct guest *g, struct walk *w, struct call *c)
{
	struct storage_walk there = w->at;
	struct storage_info info;
	uint8_t name[STORAGE_NAME_MAX];
	struct call_out *out = &c->out[0];
	size_t size = 0;
	uint32_t data_size = 0;

	if (!w->started) {
		return MT_NOT_FOUND;
	}
	enum mt_err err = storage_walk(k->store, g->uuid, w->storage, &there, name, &size, &info, &data_size);
	if (err) {
		return err;
	}
	out->size = size;
	if (size > out->capacity) {
		return MT_LIMIT;        /* and it stands where it stood */
	}
	if (size) {
		memcpy(out->at, name, size);
	}
	w->at = there;
	c->info = (struct ta_object_info){
		.type = info.type,
		.size = info.key_size,
		.size_max = info.key_size_max,
		.usage = info.usage,
		.data_size = data_size,
		.flags = TEE_HANDLE_FLAG_PERSISTENT | TEE_HANDLE_FLAG_INITIALIZED,
	};
	return MT_OK;
}

static enum mt_err alloc(struct guest *g, struct call *c)
{
	for (uint32_t i = 0; i < KEEPER_WALKS_MAX; i++) {
		if (!g->walk[i].used) {
			g->walk[i] = (struct walk){ .used = true };
			c->word[0] = i + 1;
			return MT_OK;
		}
	}
	return MT_LIMIT;
}

enum mt_err walk_call(struct keeper *k, struct guest *g, struct call *c)
{
	struct walk *w = at(g, c->value[0]);

	if (c->number == TA_CALL_WALK_ALLOC) {
		return alloc(g, c);
	}
	if (!w) {
		return MT_MALFORMED;
	}
	switch (c->number) {
	case TA_CALL_WALK_FREE:
		*w = (struct walk){ 0 };
		return MT_OK;
	case TA_CALL_WALK_RESET:
		*w = (struct walk){ .used = true };
		return MT_OK;
	case TA_CALL_WALK_START:
		return start(k, g, w, c->value[1]);
	default:
		mt_assert(c->number == TA_CALL_WALK_NEXT);
		return next(k, g, w, c);
	}
}
