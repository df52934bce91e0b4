/* What objects there are and where their data lies: a fold over the operations of all records. */
#include "tee/storage/storage_private.h"

#include <string.h>

static void object_close(struct object *o)
{
	if (o) {
		mt_wipe(o->attributes, o->attributes_size);
		mt_free(o->attributes);
		mt_free(o->extent);
		mt_free(o);
	}
}

static void spares_close(struct index *x)
{
	while (x->spare) {
		struct object *o = x->spare;
		x->spare = o->spare;
		object_close(o);
	}
}

void index_close(struct index *x)
{
	for (size_t i = 0; i < x->count; i++) {
		object_close(x->object[i]);
	}
	mt_free(x->object);
	spares_close(x);
	*x = (struct index){ 0 };
}

/* The place of `number`, or where it would be. */
static size_t index_position(const struct index *x, uint64_t number)
{
	size_t low = 0, high = x->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (x->object[middle]->number < number) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

struct object *index_object(const struct index *x, uint64_t number)
{
	size_t i = index_position(x, number);

	return i < x->count && x->object[i]->number == number ? x->object[i] : NULL;
}

static bool is_named(const struct object *o, const uint8_t owner[STORAGE_OWNER_SIZE], uint32_t storage, struct bytes id)
{
	return o->id_size == id.size && o->storage == storage && memcmp(o->owner, owner, STORAGE_OWNER_SIZE) == 0 &&
	       mt_equal(mt_bytes(o->id, o->id_size), id);
}

struct object *index_find(const struct index *x, const struct storage_name *name)
{
	for (size_t i = 0; i < x->count; i++) {
		if (is_named(x->object[i], name->owner, name->storage, name->id)) {
			return x->object[i];
		}
	}
	return NULL;
}

/* ---- operations ---- */

struct operation {
	enum operation_kind kind;
	uint64_t object, replaced;
	uint32_t offset;                /* or the size */
	struct bytes data;
	uint8_t owner[STORAGE_OWNER_SIZE];
	uint32_t storage, type, usage, key_size, key_size_max;
	struct bytes id, attributes;
};

static struct bytes id_take(struct cursor *c)
{
	return cursor_take(c, cursor_u8(c));
}

/* The next one. False: they do not read as operations. */
static bool operation_take(struct cursor *c, struct operation *out)
{
	struct operation o = { .kind = cursor_u8(c) };

	if (o.kind != OPERATION_WHOLE) {
		o.object = cursor_u64(c);
	}
	switch (o.kind) {
	case OPERATION_CREATE:
		cursor_copy(c, o.owner, sizeof(o.owner));
		o.storage = cursor_u32(c);
		o.id = id_take(c);
		o.type = cursor_u32(c);
		o.usage = cursor_u32(c);
		o.key_size = cursor_u32(c);
		o.key_size_max = cursor_u32(c);
		o.attributes = cursor_take32(c);
		o.replaced = cursor_u64(c);
		break;
	case OPERATION_DATA:
		o.offset = cursor_u32(c);
		o.data = cursor_take32(c);
		break;
	case OPERATION_SIZE:
		o.offset = cursor_u32(c);
		break;
	case OPERATION_RENAME:
		o.id = id_take(c);
		break;
	case OPERATION_DELETE:
	case OPERATION_WHOLE:
		break;
	default:
		return false;
	}
	*out = o;
	return cursor_ok(c) && o.id.size <= STORAGE_NAME_MAX && o.attributes.size <= STORAGE_ATTRIBUTES_MAX && o.offset <= STORAGE_DATA_MAX &&
	       o.data.size <= STORAGE_DATA_MAX - o.offset;
}

/* ---- getting ready ---- */

static struct object *object_make(const struct operation *from)
{
	struct object *o = mt_alloc(sizeof(*o));

	if (!o) {
		return NULL;
	}
	o->number = from->object;
	memcpy(o->owner, from->owner, sizeof(o->owner));
	o->storage = from->storage;
	o->id_size = from->id.size;
	if (o->id_size) {
		memcpy(o->id, from->id.at, o->id_size);
	}
	o->type = from->type;
	o->usage = from->usage;
	o->key_size = from->key_size;
	o->key_size_max = from->key_size_max;
	o->attributes_size = from->attributes.size;
	o->attributes = mt_copy(from->attributes);
	if (!o->attributes) {
		object_close(o);
		return NULL;
	}
	return o;
}

static enum mt_err create_prepare(struct index *x, const struct operation *op, size_t *made)
{
	const struct storage_name name = { .storage = op->storage, .id = op->id };
	struct object **end = &x->spare;
	uint64_t last = x->last;
	struct object *old = NULL;

	for (; *end; end = &(*end)->spare) {
		last = (*end)->number;
	}
	for (size_t i = 0; i < x->count && !old; i++) {
		old = is_named(x->object[i], op->owner, name.storage, name.id) ? x->object[i] : NULL;
	}
	if (op->object <= last || op->replaced != (old ? old->number : 0)) {
		return MT_TAMPERED;
	}
	if (x->count + *made + 1 - (old != NULL) > STORAGE_OBJECTS_MAX) {
		return MT_LIMIT;
	}
	enum mt_err err = mt_room((void **)&x->object, &x->capacity, x->count + *made, sizeof(x->object[0]));

	if (err) {
		return err;
	}
	*end = object_make(op);
	(*made)++;
	return *end ? MT_OK : MT_NO_MEMORY;
}

static struct object *object_or_spare(const struct index *x, uint64_t number)
{
	struct object *o = index_object(x, number);

	for (struct object *s = x->spare; s && !o; s = s->spare) {
		o = s->number == number ? s : NULL;
	}
	return o;
}

/* What of a transaction is prepared. */
struct prepared {
	size_t created, written;
	bool removed;                   /* an object of the index: one at most, and nothing of the index after it */
};

static enum mt_err operation_prepare(struct index *x, const struct operation *op, struct prepared *done)
{
	struct object *o = op->kind == OPERATION_WHOLE ? NULL : object_or_spare(x, op->object);
	struct storage_name name = { 0 };
	bool removes = op->kind == OPERATION_DELETE || op->replaced, in_index = o && o == index_object(x, op->object);

	if (done->removed && (removes || in_index)) {
		return MT_TAMPERED;
	}
	done->removed = done->removed || removes;
	switch (op->kind) {
	case OPERATION_CREATE:
		return create_prepare(x, op, &done->created);
	case OPERATION_WHOLE:
		return MT_OK;
	case OPERATION_DATA:
		return o ? extents_reserve(o, ++done->written) : MT_TAMPERED;
	case OPERATION_RENAME:
		if (!o) {
			return MT_TAMPERED;
		}
		memcpy(name.owner, o->owner, sizeof(name.owner));
		name.storage = o->storage;
		name.id = op->id;
		return index_find(x, &name) ? MT_TAMPERED : MT_OK;
	case OPERATION_DELETE:
		return in_index ? MT_OK : MT_TAMPERED;
	default:
		return o ? MT_OK : MT_TAMPERED;
	}
}

enum mt_err index_prepare(struct index *x, struct bytes operations)
{
	struct cursor c = cursor_over(operations);
	struct operation op;
	struct prepared done = { 0 };
	enum mt_err err = MT_OK;

	spares_close(x);
	while (!err && cursor_left(&c) > 0) {
		err = operation_take(&c, &op) ? operation_prepare(x, &op, &done) : MT_TAMPERED;
	}
	if (err) {
		spares_close(x);
	}
	return err;
}

/* ---- carrying out ---- */

static uint64_t object_live(const struct object *o)
{
	return o->size + o->attributes_size + o->id_size + 128;
}

static void object_drop(struct index *x, uint64_t number)
{
	size_t i = index_position(x, number);

	mt_assert(i < x->count && x->object[i]->number == number);
	x->live -= object_live(x->object[i]);
	x->extents -= x->object[i]->extents;
	object_close(x->object[i]);
	memmove(&x->object[i], &x->object[i + 1], (x->count - i - 1) * sizeof(x->object[0]));
	x->count--;
}

static void create_apply(struct index *x, const struct operation *op)
{
	struct object *o = x->spare;

	mt_assert(o && o->number == op->object && o->number > x->last);
	x->spare = o->spare;
	o->spare = NULL;
	if (op->replaced) {
		object_drop(x, op->replaced);
	}
	mt_assert(x->count < x->capacity);
	x->object[x->count++] = o;
	x->last = o->number;
	x->live += object_live(o);
}

static void data_apply(struct index *x, struct object *o, const struct operation *op, size_t inside, const struct record_place *where)
{
	struct extent e = { .offset = op->offset, .size = (uint32_t)op->data.size, .inside = (uint32_t)inside, .record_size = where->size,
			    .place = where->place };
	uint32_t end = op->offset + e.size;

	memcpy(e.tag, where->tag, sizeof(e.tag));
	x->extents -= o->extents;
	extents_write(o, &e);
	x->extents += o->extents;
	if (end > o->size) {
		x->live += end - o->size;
		o->size = end;
	}
}

static void size_apply(struct index *x, struct object *o, uint32_t size)
{
	x->extents -= o->extents;
	extents_cut(o, size);
	x->extents += o->extents;
	x->live = x->live - o->size + size;
	o->size = size;
}

static void rename_apply(struct index *x, struct object *o, struct bytes id)
{
	x->live = x->live - o->id_size + id.size;
	o->id_size = id.size;
	if (id.size) {
		memcpy(o->id, id.at, id.size);
	}
}

bool index_apply(struct index *x, struct bytes operations, size_t inside, const struct record_place *where)
{
	struct cursor c = cursor_over(operations);
	struct operation op;
	bool whole = false;

	while (cursor_left(&c) > 0) {
		mt_assert(operation_take(&c, &op));
		struct object *o = op.kind == OPERATION_CREATE || op.kind == OPERATION_WHOLE ? NULL : index_object(x, op.object);
		mt_assert(o || op.kind == OPERATION_CREATE || op.kind == OPERATION_WHOLE);
		if (op.kind == OPERATION_CREATE) {
			create_apply(x, &op);
		} else if (op.kind == OPERATION_DATA) {
			size_t at = op.data.size ? inside + (size_t)(op.data.at - operations.at) : 0;
			data_apply(x, o, &op, at, where);
		} else if (op.kind == OPERATION_SIZE) {
			size_apply(x, o, op.offset);
		} else if (op.kind == OPERATION_RENAME) {
			rename_apply(x, o, op.id);
		} else if (op.kind == OPERATION_DELETE) {
			object_drop(x, op.object);
		} else {
			whole = true;
		}
	}
	return whole;
}
