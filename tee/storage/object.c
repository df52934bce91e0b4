/* Handles, and each request: checked, encoded as one transaction, handed on to be committed. */
#include "tee/storage/storage_private.h"

#include <string.h>

#define HANDLE_BITS 10
#define HANDLE_MASK (MT_BIT(HANDLE_BITS) - 1)
#define FLAGS (STORAGE_ACCESS_READ | STORAGE_ACCESS_WRITE | STORAGE_ACCESS_META | STORAGE_SHARE_READ | STORAGE_SHARE_WRITE)

_Static_assert(STORAGE_HANDLES_MAX == 1 << HANDLE_BITS, "a handle's place fits its bits");

/* ---- handles ---- */

storage_handle handle_number(const struct store *s, size_t at)
{
	return (storage_handle)(at | s->handle[at].serial << HANDLE_BITS);
}

/* NULL: it is none, or not now. */
static struct handle *handle_find(struct store *s, storage_handle object)
{
	struct handle *h = &s->handle[object & HANDLE_MASK];

	return h->object && object >> HANDLE_BITS == h->serial ? h : NULL;
}

/* The serial is never 0, so that no handle is. */
void handle_open(struct store *s, size_t at, uint64_t object, uint32_t flags, uint32_t usage)
{
	struct handle *h = &s->handle[at];
	uint32_t serial = (h->serial + 1) & (UINT32_MAX >> HANDLE_BITS);

	*h = (struct handle){ .object = object, .flags = flags, .serial = serial ? serial : 1, .usage = usage };
}

void handle_close(struct handle *h)
{
	*h = (struct handle){ .serial = h->serial };
}

static bool handle_free(const struct store *s, size_t *at)
{
	for (size_t i = 0; i < STORAGE_HANDLES_MAX; i++) {
		if (!s->handle[i].object) {
			*at = i;
			return true;
		}
	}
	return false;
}

/* GP TEE Internal Core API 1.3.1, 5.7.1: sharing must be allowed by all who have the object open. */
static bool may_share(uint32_t a, uint32_t b)
{
	uint32_t any = a | b, both = a & b;

	return !(any & STORAGE_ACCESS_META) && (!(any & STORAGE_ACCESS_READ) || (both & STORAGE_SHARE_READ)) &&
	       (!(any & STORAGE_ACCESS_WRITE) || (both & STORAGE_SHARE_WRITE));
}

static bool may_open(const struct store *s, uint64_t object, uint32_t flags)
{
	for (size_t i = 0; i < STORAGE_HANDLES_MAX; i++) {
		if (s->handle[i].object == object && !may_share(s->handle[i].flags, flags)) {
			return false;
		}
	}
	return true;
}

static bool is_open(const struct store *s, uint64_t object)
{
	for (size_t i = 0; i < STORAGE_HANDLES_MAX; i++) {
		if (s->handle[i].object == object) {
			return true;
		}
	}
	return false;
}

/* ---- objects ---- */

static bool is_ready(struct store *s)
{
	s->request = s->step == STEP_IDLE ? (struct request){ 0 } : s->request;
	return s->step == STEP_IDLE;
}

enum mt_err storage_object_open(struct store *s, const struct storage_name *name, uint32_t flags, storage_handle *out)
{
	size_t at;

	if (!is_ready(s)) {
		return MT_STATE;
	}
	if (name->id.size > STORAGE_NAME_MAX || (flags & ~(uint32_t)FLAGS)) {
		return MT_MALFORMED;
	}
	const struct object *o = index_find(&s->index, name);
	if (!o) {
		return MT_NOT_FOUND;
	}
	if (!may_open(s, o->number, flags)) {
		return MT_STATE;
	}
	if (!handle_free(s, &at)) {
		return MT_LIMIT;
	}
	handle_open(s, at, o->number, flags, o->usage);
	*out = handle_number(s, at);
	return MT_OK;
}

static void create_encode(struct store *s, const struct storage_name *name, const struct storage_info *info, struct bytes data, uint64_t replaced)
{
	struct builder b = builder_over(s->pending, RECORD_PLAIN_MAX - RECORD_FIELDS_SIZE);
	uint64_t number = s->index.last + 1;
	struct bytes all;

	builder_u8(&b, OPERATION_CREATE);
	builder_u64(&b, number);
	builder_bytes(&b, mt_bytes(name->owner, sizeof(name->owner)));
	builder_u32(&b, name->storage);
	builder_u8(&b, (uint8_t)name->id.size);
	builder_bytes(&b, name->id);
	builder_u32(&b, info->type);
	builder_u32(&b, info->usage);
	builder_u32(&b, info->key_size);
	builder_u32(&b, info->key_size_max);
	builder_bytes32(&b, info->attributes);
	builder_u64(&b, replaced);
	if (data.size) {
		builder_u8(&b, OPERATION_DATA);
		builder_u64(&b, number);
		builder_u32(&b, 0);
		builder_bytes32(&b, data);
	}
	mt_assert(builder_done(&b, &all) == MT_OK);
	s->pending_size = all.size;
}

enum mt_err storage_object_create(struct store *s, const struct storage_name *name, uint32_t flags, const struct storage_info *info,
				  struct bytes data, storage_handle *out)
{
	if (!is_ready(s)) {
		return MT_STATE;
	}
	if (name->id.size > STORAGE_NAME_MAX || (flags & ~(uint32_t)(FLAGS | STORAGE_OVERWRITE))) {
		return MT_MALFORMED;
	}
	if (info->attributes.size > STORAGE_ATTRIBUTES_MAX || data.size > STORAGE_PIECE_MAX) {
		return MT_LIMIT;
	}
	const struct object *old = index_find(&s->index, name);
	if (old && (!(flags & STORAGE_OVERWRITE) || is_open(s, old->number))) {
		return MT_STATE;
	}
	if (out && !handle_free(s, &s->request.handle)) {
		return MT_LIMIT;
	}
	s->request.opens = out != NULL;
	s->request.out = out;
	s->request.flags = flags & FLAGS;
	create_encode(s, name, info, data, old ? old->number : 0);
	return commit(s);
}

void storage_object_close(struct store *s, storage_handle object)
{
	struct handle *h = handle_find(s, object);

	/* The request in progress is of this handle: it ends first. */
	mt_assert(!h || s->step == STEP_IDLE || s->request.handle != (size_t)(h - s->handle));
	if (h) {
		handle_close(h);
	}
}

void storage_owner_close(struct store *s, const uint8_t owner[STORAGE_OWNER_SIZE])
{
	mt_assert(s->step == STEP_IDLE);
	for (size_t i = 0; i < STORAGE_HANDLES_MAX; i++) {
		const struct object *o = s->handle[i].object ? index_object(&s->index, s->handle[i].object) : NULL;
		if (o && memcmp(o->owner, owner, STORAGE_OWNER_SIZE) == 0) {
			handle_close(&s->handle[i]);
		}
	}
}

/* The handle of a request, if it may; its place is kept for when the request ends. */
static enum mt_err request_handle(struct store *s, storage_handle object, uint32_t access, struct handle **out)
{
	if (!is_ready(s)) {
		return MT_STATE;
	}
	struct handle *h = handle_find(s, object);
	if (!h) {
		return MT_MALFORMED;
	}
	if ((h->flags & access) != access) {
		return MT_DENIED;
	}
	s->request.handle = (size_t)(h - s->handle);
	*out = h;
	return MT_OK;
}

/* An operation that is a number at most. */
static struct builder pending_begin(struct store *s, enum operation_kind kind, uint64_t object)
{
	struct builder b = builder_over(s->pending, RECORD_PLAIN_MAX - RECORD_FIELDS_SIZE);

	builder_u8(&b, (uint8_t)kind);
	builder_u64(&b, object);
	return b;
}

static enum mt_err pending_commit(struct store *s, const struct builder *b)
{
	struct bytes all;

	mt_assert(builder_done(b, &all) == MT_OK);
	s->pending_size = all.size;
	return commit(s);
}

enum mt_err storage_object_delete(struct store *s, storage_handle object)
{
	struct handle *h;
	enum mt_err err = request_handle(s, object, STORAGE_ACCESS_META, &h);

	if (err) {
		return err;
	}
	struct builder b = pending_begin(s, OPERATION_DELETE, h->object);
	s->request.closes = true;
	return pending_commit(s, &b);
}

enum mt_err storage_object_rename(struct store *s, storage_handle object, struct bytes new_id)
{
	struct handle *h;
	struct storage_name name = { .id = new_id };
	enum mt_err err = request_handle(s, object, STORAGE_ACCESS_META, &h);

	if (err) {
		return err;
	}
	if (new_id.size > STORAGE_NAME_MAX) {
		return MT_MALFORMED;
	}
	const struct object *o = index_object(&s->index, h->object);
	mt_assert(o);
	memcpy(name.owner, o->owner, sizeof(name.owner));
	name.storage = o->storage;
	if (index_find(&s->index, &name)) {
		return MT_STATE;
	}
	struct builder b = pending_begin(s, OPERATION_RENAME, h->object);
	builder_u8(&b, (uint8_t)new_id.size);
	builder_bytes(&b, new_id);
	return pending_commit(s, &b);
}

static struct storage_info object_info(const struct object *o)
{
	return (struct storage_info){ .type = o->type, .usage = o->usage, .key_size = o->key_size, .key_size_max = o->key_size_max,
				      .attributes = mt_bytes(o->attributes, o->attributes_size) };
}

enum mt_err storage_object_info(struct store *s, storage_handle object, struct storage_info *out, uint32_t *data_size, uint32_t *position)
{
	struct handle *h;
	enum mt_err err = request_handle(s, object, 0, &h);

	if (err) {
		return err;
	}
	const struct object *o = index_object(&s->index, h->object);
	mt_assert(o);
	*out = object_info(o);
	out->usage = h->usage;
	*data_size = o->size;
	*position = h->position;
	return MT_OK;
}

enum mt_err storage_object_restrict(struct store *s, storage_handle object, uint32_t usage)
{
	struct handle *h;
	enum mt_err err = request_handle(s, object, 0, &h);

	if (!err) {
		h->usage &= usage;
	}
	return err;
}

/* ---- data ---- */

enum mt_err storage_data_read(struct store *s, storage_handle object, uint8_t *out, size_t size, size_t *got)
{
	struct handle *h;
	enum mt_err err = request_handle(s, object, STORAGE_ACCESS_READ, &h);

	if (err) {
		return err;
	}
	if (size > STORAGE_PIECE_MAX) {
		return MT_LIMIT;
	}
	const struct object *o = index_object(&s->index, h->object);
	mt_assert(o);
	uint32_t left = o->size > h->position ? o->size - h->position : 0;
	s->request.data = out;
	s->request.size = size < left ? size : left;
	s->request.got = got;
	return read_fill(s);
}

enum mt_err storage_data_write(struct store *s, storage_handle object, struct bytes data)
{
	struct handle *h;
	enum mt_err err = request_handle(s, object, STORAGE_ACCESS_WRITE, &h);

	if (err) {
		return err;
	}
	if (data.size > STORAGE_PIECE_MAX || h->position > STORAGE_DATA_MAX || data.size > STORAGE_DATA_MAX - h->position) {
		return MT_LIMIT;
	}
	if (data.size == 0) {
		return MT_OK;
	}
	struct builder b = pending_begin(s, OPERATION_DATA, h->object);
	builder_u32(&b, h->position);
	builder_bytes32(&b, data);
	s->request.moves = true;
	s->request.position = h->position + (uint32_t)data.size;
	return pending_commit(s, &b);
}

enum mt_err storage_data_truncate(struct store *s, storage_handle object, uint32_t size)
{
	struct handle *h;
	enum mt_err err = request_handle(s, object, STORAGE_ACCESS_WRITE, &h);

	if (err) {
		return err;
	}
	if (size > STORAGE_DATA_MAX) {
		return MT_LIMIT;
	}
	struct builder b = pending_begin(s, OPERATION_SIZE, h->object);
	builder_u32(&b, size);
	return pending_commit(s, &b);
}

enum mt_err storage_data_seek(struct store *s, storage_handle object, int32_t offset, enum storage_whence whence)
{
	struct handle *h;
	enum mt_err err = request_handle(s, object, 0, &h);

	if (err) {
		return err;
	}
	const struct object *o = index_object(&s->index, h->object);
	mt_assert(o);
	int64_t from = 0;
	if (whence == STORAGE_CURRENT) {
		from = h->position;
	} else if (whence == STORAGE_END) {
		from = o->size;
	} else if (whence != STORAGE_SET) {
		return MT_MALFORMED;
	}
	int64_t to = from + offset < 0 ? 0 : from + offset;
	if (to > STORAGE_DATA_MAX) {
		return MT_LIMIT;
	}
	h->position = (uint32_t)to;
	return MT_OK;
}

/* ---- enumeration ---- */

enum mt_err storage_walk(struct store *s, const uint8_t owner[STORAGE_OWNER_SIZE], uint32_t storage, struct storage_walk *walk,
			 uint8_t *id, size_t *id_size, struct storage_info *info, uint32_t *data_size)
{
	if (!is_ready(s)) {
		return MT_STATE;
	}
	for (size_t i = 0; i < s->index.count; i++) {
		const struct object *o = s->index.object[i];
		if (o->number < walk->next || o->storage != storage || memcmp(o->owner, owner, STORAGE_OWNER_SIZE) != 0) {
			continue;
		}
		memcpy(id, o->id, o->id_size);
		*id_size = o->id_size;
		*info = object_info(o);
		*data_size = o->size;
		walk->next = o->number + 1;
		return MT_OK;
	}
	return MT_NOT_FOUND;
}
