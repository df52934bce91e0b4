/* Keys. Bytes become one in key_make() alone, so what has been checked there holds wherever a key is. */
#include "tee/operation/operation_private.h"

#include <string.h>

static void parts_free(struct key *key)
{
	for (size_t i = 0; i < key->part_count; i++) {
		mt_wipe(key->part[i].at, key->part[i].size);
		mt_free(key->part[i].at);
	}
}

struct key *key_share(struct key *key)
{
	if (key) {
		key->users++;
	}
	return key;
}

void key_release(struct key *key)
{
	if (key && --key->users == 0) {
		parts_free(key);
		mt_wipe(key, sizeof(*key));
		mt_free(key);
	}
}

const struct key_part *key_part(const struct key *key, uint32_t id)
{
	for (size_t i = 0; i < key->part_count; i++) {
		if (key->part[i].id == id) {
			return &key->part[i];
		}
	}
	return NULL;
}

struct bytes key_bytes(const struct key *key, uint32_t id)
{
	const struct key_part *part = key_part(key, id);

	return part ? mt_bytes(part->at, part->size) : mt_bytes(NULL, 0);
}

struct bytes key_secret(const struct key *key)
{
	return key_bytes(key, key->type->part[0].id);
}

static const struct operation_attribute *attribute_find(struct operation_attributes attributes, uint32_t id)
{
	for (size_t i = 0; i < attributes.count; i++) {
		if (attributes.at[i].id == id) {
			return &attributes.at[i];
		}
	}
	return NULL;
}

/* All that the type needs is there, nothing else, and nothing twice. */
static bool parts_are_good(const struct type *type, struct operation_attributes attributes)
{
	for (size_t i = 0; i < attributes.count; i++) {
		if (!type_part(type, attributes.at[i].id) || attribute_find(attributes, attributes.at[i].id) != &attributes.at[i]) {
			return false;
		}
	}
	for (size_t i = 0; i < type->part_count; i++) {
		if ((type->part[i].flags & PART_NEEDED) && !attribute_find(attributes, type->part[i].id)) {
			return false;
		}
	}
	return true;
}

static enum mt_err part_add(struct key *key, const struct operation_attribute *from)
{
	struct key_part *part = &key->part[key->part_count];

	mt_assert(key->part_count < KEY_PARTS_MAX);
	*part = (struct key_part){ .id = from->id, .a = from->a, .b = from->b };
	if (!(from->id & ATTRIBUTE_IS_VALUE)) {
		part->at = mt_copy(from->buffer);
		part->size = from->buffer.size;
		if (!part->at) {
			return MT_NO_MEMORY;
		}
	}
	key->part_count++;
	return MT_OK;
}

/* 0: none that fits. */
static uint32_t key_size(const struct type *type, struct operation_attributes attributes)
{
	size_t bytes = attribute_find(attributes, type->part[0].id)->buffer.size;
	uint32_t size = bytes <= type->size_max / 8 ? type_size(type, (uint32_t)bytes * 8) : 0;

	return size == bytes * 8 ? size : 0;    /* the bytes of a DES key are with their parity, whatever its size is called */
}

enum mt_err key_make(const struct type *type, uint32_t size_max, struct operation_attributes attributes, struct key **out)
{
	*out = NULL;
	if (attributes.count > OPERATION_ATTRIBUTES_MAX || !parts_are_good(type, attributes)) {
		return MT_MALFORMED;
	}
	uint32_t size = key_size(type, attributes);
	if (size == 0 || size > size_max) {
		return MT_MALFORMED;
	}
	struct key *key = mt_alloc(sizeof(*key));
	if (!key) {
		return MT_NO_MEMORY;
	}
	key->users = 1;
	key->type = type;
	key->size = size;
	for (size_t i = 0; i < attributes.count; i++) {
		enum mt_err err = part_add(key, &attributes.at[i]);
		if (err) {
			key_release(key);
			return err;
		}
	}
	*out = key;
	return MT_OK;
}

enum mt_err key_convert(const struct type *type, uint32_t size_max, struct key *from, struct key **out)
{
	struct operation_attribute attribute[KEY_PARTS_MAX];
	size_t count = 0;

	*out = NULL;
	if (from->size > size_max) {
		return MT_MALFORMED;
	}
	if (from->type == type) {
		*out = key_share(from);
		return MT_OK;
	}
	if (from->type->id != (type->id | TYPE_IS_PAIR)) {
		return MT_MALFORMED;
	}
	for (size_t i = 0; i < from->part_count; i++) {
		const struct key_part *part = &from->part[i];
		if (type_part(type, part->id)) {
			attribute[count++] = (struct operation_attribute){ part->id, part->a, part->b, mt_bytes(part->at, part->size) };
		}
	}
	return key_make(type, size_max, (struct operation_attributes){ attribute, count }, out);
}

/* FIPS 46-3: each byte of a key has an odd number of ones, the lowest bit sees to it. */
static void parity_set(uint8_t *key, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		unsigned ones = key[i] >> 1;
		ones ^= ones >> 4;
		ones ^= ones >> 2;
		ones ^= ones >> 1;
		key[i] = (uint8_t)((key[i] & 0xfe) | (~ones & 1));
	}
}

enum mt_err key_generate(const struct type *type, uint32_t size, struct operation_attributes attributes, struct key **out)
{
	uint8_t bytes[4096 / 8] = { 0 };        /* the largest size in type.c */
	const struct operation_attribute made = { .id = type->part[0].id, .buffer = mt_bytes(bytes, size / 8) };

	*out = NULL;
	if (attributes.count > 0) {
		return MT_MALFORMED;
	}
	mt_assert(size / 8 <= sizeof(bytes));
	crypto_random(bytes, size / 8);
	if (type->family == FAMILY_DES) {
		parity_set(bytes, size / 8);
	}
	enum mt_err err = key_make(type, size, (struct operation_attributes){ &made, 1 }, out);
	mt_wipe(bytes, sizeof(bytes));
	return err;
}
