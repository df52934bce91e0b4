/* Calls of persistent objects: from an instance's handles to the store's. */
#include "tee/keeper/keeper_private.h"

#include <string.h>

#include "api/tee_api_defines.h"
#include "api/tee_api_defines_extensions.h"

_Static_assert(CALL_KEY_MAX == STORAGE_ATTRIBUTES_MAX, "a key fits");
_Static_assert(CALL_WIRE_DATA_MAX == STORAGE_PIECE_MAX, "what one message can bring is one piece");

/* TEE_STORAGE_PRIVATE_REE is OP-TEE's name for the same; there is no RPMB. */
enum mt_err object_storage(uint64_t id, uint32_t *storage)
{
	if (id != TEE_STORAGE_PRIVATE && id != TEE_STORAGE_PRIVATE_REE) {
		return MT_NOT_FOUND;
	}
	*storage = TEE_STORAGE_PRIVATE;
	return MT_OK;
}

/* NULL: not open by this instance. */
static struct opened *at(struct guest *g, uint64_t handle)
{
	uint64_t place = handle - CALL_KEPT - 1;

	return place < KEEPER_OBJECTS_MAX && g->opened[place].handle ? &g->opened[place] : NULL;
}

static struct opened *unused(struct guest *g)
{
	for (size_t i = 0; i < KEEPER_OBJECTS_MAX; i++) {
		if (!g->opened[i].handle) {
			return &g->opened[i];
		}
	}
	return NULL;
}

static enum mt_err name_of(const struct guest *g, const struct call *c, struct storage_name *name)
{
	*name = (struct storage_name){ .id = c->in[0] };
	memcpy(name->owner, g->uuid, sizeof(name->owner));
	return object_storage(c->value[0], &name->storage);
}

static enum mt_err open_begin(struct keeper *k, struct guest *g, struct call *c)
{
	struct storage_name name;
	enum mt_err err = name_of(g, c, &name);

	if (!err && c->value[1] > UINT32_MAX) {
		err = MT_MALFORMED;
	}
	if (!err && !unused(g)) {
		err = MT_LIMIT;
	}
	if (err) {
		return err;
	}
	if (c->number == TA_CALL_STORAGE_OPEN) {
		return storage_object_open(k->store, &name, (uint32_t)c->value[1], &k->handle);
	}
	const struct storage_info info = {
		.type = c->key.type,
		.usage = c->key.usage,
		.key_size = c->key.size,
		.key_size_max = c->key.size_max,
		.attributes = c->key.encoded,
	};
	return storage_object_create(k->store, &name, (uint32_t)c->value[1], &info, c->in[1], &k->handle);
}

static enum mt_err seek(struct keeper *k, storage_handle handle, const struct call *c)
{
	if (c->value[2] > STORAGE_END) {
		return MT_MALFORMED;
	}
	return storage_data_seek(k->store, handle, (int32_t)(uint32_t)c->value[1], (enum storage_whence)c->value[2]);
}

static enum mt_err info(struct keeper *k, const struct opened *o, struct call *c)
{
	struct storage_info i;
	uint32_t size = 0, position = 0;
	enum mt_err err = storage_object_info(k->store, o->handle, &i, &size, &position);

	if (!err) {
		c->info = (struct ta_object_info){
			.type = i.type,
			.size = i.key_size,
			.size_max = i.key_size_max,
			.usage = o->usage,
			.data_size = size,
			.position = position,
			.flags = TEE_HANDLE_FLAG_PERSISTENT | TEE_HANDLE_FLAG_INITIALIZED | (o->flags & ~(uint32_t)STORAGE_OVERWRITE),
		};
	}
	return err;
}

enum mt_err object_begin(struct keeper *k, struct job *job)
{
	struct call *c = job->call;

	if (c->number == TA_CALL_STORAGE_OPEN || c->number == TA_CALL_STORAGE_CREATE) {
		return open_begin(k, job->guest, c);
	}
	if (c->number >= TA_CALL_WALK_ALLOC && c->number <= TA_CALL_WALK_NEXT) {
		return walk_call(k, job->guest, c);
	}
	struct opened *o = at(job->guest, c->value[0]);
	if (!o) {
		return MT_MALFORMED;
	}
	switch (c->number) {
	case TA_CALL_STORAGE_DELETE:
		return storage_object_delete(k->store, o->handle);
	case TA_CALL_STORAGE_RENAME:
		return storage_object_rename(k->store, o->handle, c->in[0]);
	case TA_CALL_STORAGE_READ:
		return storage_data_read(k->store, o->handle, k->data, c->out[0].capacity, &k->got);
	case TA_CALL_STORAGE_WRITE:
		return storage_data_write(k->store, o->handle, c->in[0]);
	case TA_CALL_STORAGE_TRUNCATE:
		return c->value[1] > UINT32_MAX ? MT_LIMIT : storage_data_truncate(k->store, o->handle, (uint32_t)c->value[1]);
	case TA_CALL_STORAGE_SEEK:
		return seek(k, o->handle, c);
	case TA_CALL_OBJECT_INFO:
		return info(k, o, c);
	case TA_CALL_OBJECT_RESTRICT:
		o->usage &= (uint32_t)c->value[1];
		return MT_OK;
	default:
		mt_assert(c->number == TA_CALL_OBJECT_CLOSE);
		storage_object_close(k->store, o->handle);
		*o = (struct opened){ 0 };
		return MT_OK;
	}
}

/* An object is open: it is the guest's, also of one that is gone, so that it is closed with the others. */
static enum mt_err open_end(struct keeper *k, struct job *job)
{
	struct opened *o = unused(job->guest);
	struct storage_info i;
	uint32_t size = 0, position = 0;

	mt_assert(o);
	o->handle = k->handle;
	enum mt_err err = storage_object_info(k->store, o->handle, &i, &size, &position);
	mt_assert(!err && i.attributes.size <= sizeof(k->key));
	o->usage = i.usage;
	struct call *c = job->call;
	if (c) {
		o->flags = (uint32_t)c->value[1];
		if (i.attributes.size) {
			memcpy(k->key, i.attributes.at, i.attributes.size);
		}
		k->key_size = i.attributes.size;
		c->key = (struct call_key){ i.type, i.usage, i.key_size, i.key_size_max, mt_bytes(k->key, i.attributes.size) };
		c->word[0] = CALL_KEPT + 1 + (uint32_t)(o - job->guest->opened);
	}
	return MT_OK;
}

enum mt_err object_end(struct keeper *k, struct job *job, enum mt_err err)
{
	struct call *c = job->call;

	if (err) {
		return err;
	}
	if (job->number == TA_CALL_STORAGE_OPEN || job->number == TA_CALL_STORAGE_CREATE) {
		return open_end(k, job);
	}
	if (job->number == TA_CALL_STORAGE_DELETE) {
		struct opened *o = at(job->guest, job->handle);
		mt_assert(o);
		*o = (struct opened){ 0 };
	} else if (job->number == TA_CALL_STORAGE_READ) {
		mt_assert(!c || k->got <= c->out[0].capacity);
		if (c && k->got) {
			memcpy(c->out[0].at, k->data, k->got);
		}
		if (c) {
			c->out[0].size = k->got;
		}
		mt_wipe(k->data, k->got);
	}
	return MT_OK;
}
