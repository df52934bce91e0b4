/*
 * An object with its key as storage keeps it. Big endian:
 *   version u8 | type u32 | size_max u32 | usage u32 | count u8 | count times: id u32, then a u32, b u32 of a value, else bytes32
 */
#include "tee/operation/operation_private.h"

#include <string.h>

#define ENCODE_VERSION 1
#define ENCODE_HEAD (1 + 4 + 4 + 4 + 1)
#define ENCODE_VALUE (4 + 4 + 4)

enum mt_err object_encode(struct operations *o, operation_handle handle, uint8_t *out, size_t capacity, size_t *out_size)
{
	const struct object *object = object_at(o, handle);
	size_t size = ENCODE_HEAD;
	struct bytes written;

	if (!object) {
		return MT_MALFORMED;
	}
	if (!object->key) {
		return MT_STATE;
	}
	const struct key *key = object->key;
	for (size_t i = 0; i < key->part_count; i++) {
		size += key->part[i].id & ATTRIBUTE_IS_VALUE ? ENCODE_VALUE : 4 + 4 + key->part[i].size;
	}
	enum mt_err err = out_room(capacity, size, out_size);
	if (err) {
		return err;
	}
	struct builder b = builder_over(out, size);
	builder_u8(&b, ENCODE_VERSION);
	builder_u32(&b, object->type->id);
	builder_u32(&b, object->size_max);
	builder_u32(&b, object->usage);
	builder_u8(&b, (uint8_t)key->part_count);
	for (size_t i = 0; i < key->part_count; i++) {
		const struct key_part *part = &key->part[i];
		builder_u32(&b, part->id);
		if (part->id & ATTRIBUTE_IS_VALUE) {
			builder_u32(&b, part->a);
			builder_u32(&b, part->b);
		} else {
			builder_bytes32(&b, mt_bytes(part->at, part->size));
		}
	}
	mt_assert(builder_done(&b, &written) == MT_OK && written.size == size);
	return MT_OK;
}

enum mt_err object_decode(struct operations *o, struct bytes encoded, operation_handle *out)
{
	struct cursor c = cursor_over(encoded);
	struct operation_attribute attribute[KEY_PARTS_MAX] = { 0 };
	struct object *object = NULL;
	uint8_t version = cursor_u8(&c);
	uint32_t type = cursor_u32(&c), size_max = cursor_u32(&c), usage = cursor_u32(&c);
	size_t count = cursor_u8(&c);

	*out = 0;
	if (version != ENCODE_VERSION || count > KEY_PARTS_MAX) {
		return MT_MALFORMED;
	}
	for (size_t i = 0; i < count; i++) {
		attribute[i].id = cursor_u32(&c);
		if (attribute[i].id & ATTRIBUTE_IS_VALUE) {
			attribute[i].a = cursor_u32(&c);
			attribute[i].b = cursor_u32(&c);
		} else {
			attribute[i].buffer = cursor_take32(&c);
		}
	}
	if (!cursor_done(&c)) {
		return MT_MALFORMED;
	}
	enum mt_err err = object_open(o, type, size_max, out, &object);
	if (err) {
		return err == MT_NOT_FOUND ? MT_MALFORMED : err;
	}
	object->usage = usage;
	err = key_make(object->type, object->size_max, (struct operation_attributes){ attribute, count }, &object->key);
	if (err) {
		object_free(o, *out);
		*out = 0;
	}
	return err;
}
