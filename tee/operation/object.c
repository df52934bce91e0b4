/* Objects of an instance: their handles, their rights, and the key that each has or has not. */
#include "tee/operation/operation_private.h"

#include <string.h>

#include "api/tee_api_defines.h"

/* Handles: objects from 1 on, operations after them (state.c). */

enum mt_err operations_open(struct operations **out)
{
	*out = mt_alloc(sizeof(**out));
	return *out ? MT_OK : MT_NO_MEMORY;
}

_Static_assert(OPERATION_STATES_MAX == OPERATION_OBJECTS_MAX, "operations_close() counts both in one loop");

void operations_close(struct operations *o)
{
	for (operation_handle handle = 1; o && handle <= OPERATION_OBJECTS_MAX; handle++) {
		object_free(o, handle);
		operation_free(o, OPERATION_OBJECTS_MAX + handle);
	}
	mt_free(o);
}

struct object *object_at(struct operations *o, operation_handle handle)
{
	return handle > 0 && handle <= OPERATION_OBJECTS_MAX ? o->object[handle - 1] : NULL;
}

enum mt_err out_room(size_t capacity, size_t size, size_t *out_size)
{
	*out_size = size;
	return size <= capacity ? MT_OK : MT_LIMIT;
}

enum mt_err object_open(struct operations *o, uint32_t type, uint32_t size_max, operation_handle *out, struct object **object)
{
	const struct type *found = type_find(type);
	uint32_t size = found ? type_size(found, size_max) : 0;
	operation_handle place = 0;

	*out = 0;
	if (size == 0) {
		return MT_NOT_FOUND;
	}
	while (place < OPERATION_OBJECTS_MAX && o->object[place]) {
		place++;
	}
	if (place == OPERATION_OBJECTS_MAX) {
		return MT_LIMIT;
	}
	*object = mt_alloc(sizeof(**object));
	if (!*object) {
		return MT_NO_MEMORY;
	}
	**object = (struct object){ .type = found, .size_max = size, .usage = USAGE_ALL };
	o->object[place] = *object;
	*out = place + 1;
	return MT_OK;
}

enum mt_err object_alloc(struct operations *o, uint32_t type, uint32_t size_max, operation_handle *out)
{
	struct object *object = NULL;

	return object_open(o, type, size_max, out, &object);
}

void object_free(struct operations *o, operation_handle handle)
{
	struct object *object = object_at(o, handle);

	if (object) {
		key_release(object->key);
		mt_free(object);
		o->object[handle - 1] = NULL;
	}
}

enum mt_err object_reset(struct operations *o, operation_handle handle)
{
	struct object *object = object_at(o, handle);

	if (!object) {
		return MT_MALFORMED;
	}
	key_release(object->key);
	object->key = NULL;
	object->usage = USAGE_ALL;
	return MT_OK;
}

enum mt_err object_info(struct operations *o, operation_handle handle, struct operation_object_info *out)
{
	const struct object *object = object_at(o, handle);

	if (!object) {
		return MT_MALFORMED;
	}
	*out = (struct operation_object_info){
		.type = object->type->id,
		.size = object->key ? object->key->size : 0,
		.size_max = object->size_max,
		.usage = object->usage,
		.initialized = object->key != NULL,
	};
	return MT_OK;
}

enum mt_err object_restrict(struct operations *o, operation_handle handle, uint32_t usage)
{
	struct object *object = object_at(o, handle);

	if (!object) {
		return MT_MALFORMED;
	}
	object->usage &= usage;
	return MT_OK;
}

/* An object that may get a key now. */
static enum mt_err object_empty(struct operations *o, operation_handle handle, struct object **out)
{
	*out = object_at(o, handle);
	if (!*out) {
		return MT_MALFORMED;
	}
	return (*out)->key ? MT_STATE : MT_OK;
}

enum mt_err object_populate(struct operations *o, operation_handle handle, struct operation_attributes attributes)
{
	struct object *object = NULL;
	enum mt_err err = object_empty(o, handle, &object);

	return err ? err : key_make(object->type, object->size_max, attributes, &object->key);
}

enum mt_err object_copy(struct operations *o, operation_handle to, operation_handle from)
{
	struct object *object = NULL;
	const struct object *source = object_at(o, from);
	enum mt_err err = source ? object_empty(o, to, &object) : MT_MALFORMED;

	if (!err && !source->key) {
		err = MT_STATE;
	}
	if (!err) {
		err = key_convert(object->type, object->size_max, source->key, &object->key);
	}
	if (!err) {
		object->usage &= source->usage; /* or a copy could be read whose original cannot */
	}
	return err;
}

enum mt_err object_generate(struct operations *o, operation_handle handle, uint32_t size, struct operation_attributes attributes)
{
	struct object *object = NULL;
	enum mt_err err = object_empty(o, handle, &object);

	if (err) {
		return err;
	}
	uint32_t meant = type_size(object->type, size);
	if (meant == 0 || meant > object->size_max || attributes.count > OPERATION_ATTRIBUTES_MAX) {
		return MT_MALFORMED;
	}
	return key_generate(object->type, meant, attributes, &object->key);
}

/* A part that may be read. */
static enum mt_err part_readable(struct operations *o, operation_handle handle, uint32_t attribute, const struct key_part **out)
{
	const struct object *object = object_at(o, handle);

	if (!object) {
		return MT_MALFORMED;
	}
	if (!object->key) {
		return MT_STATE;
	}
	*out = key_part(object->key, attribute);
	if (!*out) {
		return MT_NOT_FOUND;
	}
	return (attribute & ATTRIBUTE_IS_PUBLIC) || (object->usage & TEE_USAGE_EXTRACTABLE) ? MT_OK : MT_DENIED;
}

enum mt_err object_buffer(struct operations *o, operation_handle handle, uint32_t attribute, uint8_t *out, size_t capacity, size_t *out_size)
{
	const struct key_part *part = NULL;
	enum mt_err err = attribute & ATTRIBUTE_IS_VALUE ? MT_MALFORMED : part_readable(o, handle, attribute, &part);

	if (!err) {
		err = out_room(capacity, part->size, out_size);
	}
	if (!err && part->size > 0) {
		memcpy(out, part->at, part->size);
	}
	return err;
}

enum mt_err object_value(struct operations *o, operation_handle handle, uint32_t attribute, uint32_t *a, uint32_t *b)
{
	const struct key_part *part = NULL;
	enum mt_err err = attribute & ATTRIBUTE_IS_VALUE ? part_readable(o, handle, attribute, &part) : MT_MALFORMED;

	if (!err) {
		*a = part->a;
		*b = part->b;
	}
	return err;
}
