/* Keys. Bytes become one in key_make() alone, so what has been checked there holds wherever a key is. */
#include "tee/operation/operation_private.h"

#include <string.h>

#include "api/tee_api_defines.h"

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
		agile_key_close(key->library);
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

const struct operation_attribute *attribute_find(struct operation_attributes attributes, uint32_t id)
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
	size_t crt = 0, crt_all = 0;

	for (size_t i = 0; i < attributes.count; i++) {
		if (!type_part(type, attributes.at[i].id) || attribute_find(attributes, attributes.at[i].id) != &attributes.at[i]) {
			return false;
		}
	}
	for (size_t i = 0; i < type->part_count; i++) {
		bool there = attribute_find(attributes, type->part[i].id) != NULL;
		if ((type->part[i].flags & PART_NEEDED) && !there) {
			return false;
		}
		crt += (type->part[i].flags & PART_CRT) && there;
		crt_all += (type->part[i].flags & PART_CRT) != 0;
	}
	return crt == 0 || crt == crt_all;
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

/* ---- sizes ---- */

#define CURVE_FIRST TEE_ECC_CURVE_NIST_P192     /* the five of NIST follow each other as enum agile_curve has them */

static uint32_t curve_bits(uint32_t curve)
{
	static const uint32_t bits[AGILE_CURVES] = { 192, 224, 256, 384, 521 };

	return curve >= CURVE_FIRST && curve - CURVE_FIRST < AGILE_CURVES ? bits[curve - CURVE_FIRST] : 0;
}

/* Of a number, big endian, of at most 512 bytes. */
static uint32_t number_bits(struct bytes number)
{
	while (number.size > 0 && number.at[0] == 0) {
		number = mt_bytes(number.at + 1, number.size - 1);
	}
	if (number.size == 0 || number.size > AGILE_PART_MAX) {
		return 0;
	}
	uint32_t bits = (uint32_t)number.size * 8;
	for (uint32_t top = 0x80; !(number.at[0] & top); top >>= 1) {
		bits--;
	}
	return bits;
}

/* 0: none that fits. */
static uint32_t key_size(const struct type *type, struct operation_attributes attributes)
{
	const struct operation_attribute *one = attribute_find(attributes, type->part[0].id);

	if (type->family == FAMILY_RSA || type->family == FAMILY_FIELD) {
		return type_size(type, number_bits(one->buffer));
	}
	if (type->family == FAMILY_EC) {
		return curve_bits(one->a);
	}
	size_t bytes = one->buffer.size;
	uint32_t size = bytes <= type->size_max / 8 ? type_size(type, (uint32_t)bytes * 8) : 0;
	return size == bytes * 8 ? size : 0;    /* the bytes of a DES key are with their parity, whatever its size is called */
}

/* ---- making ---- */

static bool is_asymmetric(const struct type *type)
{
	return type->family >= FAMILY_RSA;
}

static enum agile_curve key_curve(const struct key *key)
{
	const struct key_part *part = key_part(key, TEE_ATTR_ECC_CURVE);

	return part ? (enum agile_curve)(part->a - CURVE_FIRST) : AGILE_P192;
}

/* What is more than bytes is checked by making the library's key of it. */
static enum mt_err library_make(struct key *key)
{
	struct agile_parts parts = { 0 };

	for (size_t i = 0; i < key->part_count; i++) {
		const struct part_rule *rule = type_part(key->type, key->part[i].id);
		if (rule->part < AGILE_PARTS) {
			if (key->part[i].size == 0) {
				return MT_MALFORMED;
			}
			parts.at[rule->part] = mt_bytes(key->part[i].at, key->part[i].size);
		}
	}
	return agile_key_open(key->type->kind, key_curve(key), &parts, &key->library);
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
	enum mt_err err = MT_OK;
	for (size_t i = 0; !err && i < attributes.count; i++) {
		err = part_add(key, &attributes.at[i]);
	}
	if (!err && is_asymmetric(type)) {
		err = library_make(key);
	}
	if (err) {
		key_release(key);
		return err;
	}
	*out = key;
	return MT_OK;
}

enum mt_err key_other(const struct key *own, struct operation_attributes attributes, struct agile_key **out)
{
	struct agile_parts parts = { 0 };

	*out = NULL;
	for (size_t i = 0; own->type->family == FAMILY_FIELD && i < own->part_count; i++) {
		const struct part_rule *rule = type_part(own->type, own->part[i].id);
		if (rule->part == AGILE_P || rule->part == AGILE_Q || rule->part == AGILE_G) {
			parts.at[rule->part] = mt_bytes(own->part[i].at, own->part[i].size);
		}
	}
	for (size_t i = 0; i < attributes.count; i++) {
		const struct part_rule *rule = type_part(own->type, attributes.at[i].id);
		if (!rule || (rule->part != AGILE_X && rule->part != AGILE_Y && rule->part != AGILE_PUBLIC) || parts.at[rule->part].size > 0) {
			return MT_MALFORMED;
		}
		parts.at[rule->part] = attributes.at[i].buffer;
	}
	if (own->type->family == FAMILY_EC ? !parts.at[AGILE_X].size || !parts.at[AGILE_Y].size : !parts.at[AGILE_PUBLIC].size) {
		return MT_MALFORMED;
	}
	return agile_key_open(own->type->kind, key_curve(own), &parts, out);
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

static enum mt_err secret_generate(const struct type *type, uint32_t size, struct key **out)
{
	uint8_t bytes[4096 / 8] = { 0 };        /* the largest size in type.c */
	const struct operation_attribute made = { .id = type->part[0].id, .buffer = mt_bytes(bytes, size / 8) };

	mt_assert(size / 8 <= sizeof(bytes));
	crypto_random(bytes, size / 8);
	if (type->family == FAMILY_DES) {
		parity_set(bytes, size / 8);
	}
	enum mt_err err = key_make(type, size, (struct operation_attributes){ &made, 1 }, out);
	mt_wipe(bytes, sizeof(bytes));
	return err;
}

/* Only what generating takes, once, and all that it asks for. */
static bool given_is_good(const struct type *type, struct operation_attributes attributes)
{
	for (size_t i = 0; i < attributes.count; i++) {
		const struct part_rule *rule = type_part(type, attributes.at[i].id);
		if (!rule || !(rule->flags & (PART_GIVEN | PART_GIVEN_MAYBE)) || attribute_find(attributes, rule->id) != &attributes.at[i]) {
			return false;
		}
	}
	for (size_t i = 0; i < type->part_count; i++) {
		if ((type->part[i].flags & PART_GIVEN) && !attribute_find(attributes, type->part[i].id)) {
			return false;
		}
	}
	return true;
}

/* All parts of a new pair, as if they had been given; those that were, as they were. */
static enum mt_err pair_take(const struct type *type, uint32_t size, struct operation_attributes given, const struct agile_key *made, struct key **out)
{
	uint8_t bytes[KEY_PARTS_MAX][AGILE_PART_MAX];
	struct operation_attribute attribute[KEY_PARTS_MAX];
	enum mt_err err = MT_OK;
	size_t count = 0;

	for (size_t i = 0; !err && i < type->part_count; i++) {
		const struct part_rule *rule = &type->part[i];
		const struct operation_attribute *one = attribute_find(given, rule->id);
		if (one) {
			attribute[count++] = *one;
		} else if ((rule->flags & PART_NEEDED) || (rule->flags & PART_CRT)) {
			attribute[count] = (struct operation_attribute){ .id = rule->id, .buffer.at = bytes[i] };
			err = agile_key_part(made, rule->part, bytes[i], &attribute[count++].buffer.size);
		}
	}
	if (!err) {
		err = key_make(type, size, (struct operation_attributes){ attribute, count }, out);
	}
	mt_wipe(bytes, sizeof(bytes));
	return err;
}

static enum mt_err pair_generate(const struct type *type, uint32_t size, struct operation_attributes given, struct key **out)
{
	const struct operation_attribute *curve = attribute_find(given, TEE_ATTR_ECC_CURVE), *private_bits = attribute_find(given, TEE_ATTR_DH_X_BITS);
	struct agile_parts parts = { 0 };
	struct agile_key *made = NULL;
	uint32_t bits = type->family == FAMILY_FIELD ? 0 : size;

	if (!(type->id & TYPE_IS_PAIR) || (curve && curve_bits(curve->a) != size) || (private_bits && (!private_bits->a || private_bits->a > size))) {
		return MT_MALFORMED;
	}
	if (type->family == FAMILY_RSA && size < AGILE_RSA_GENERATE_MIN) {
		return MT_NOT_FOUND;
	}
	for (size_t i = 0; i < given.count; i++) {
		enum agile_part part = type_part(type, given.at[i].id)->part;
		if (part < AGILE_PARTS) {
			parts.at[part] = given.at[i].buffer;
		}
	}
	if (type->family == FAMILY_FIELD && number_bits(parts.at[AGILE_P]) != size) {
		return MT_MALFORMED;
	}
	enum mt_err err = agile_key_generate(type->kind, curve ? (enum agile_curve)(curve->a - CURVE_FIRST) : AGILE_P192,
					     private_bits ? private_bits->a : bits, &parts, &made);
	if (!err) {
		err = pair_take(type, size, given, made, out);
	}
	agile_key_close(made);
	return err;
}

enum mt_err key_generate(const struct type *type, uint32_t size, struct operation_attributes attributes, struct key **out)
{
	*out = NULL;
	if (!given_is_good(type, attributes)) {
		return MT_MALFORMED;
	}
	return is_asymmetric(type) ? pair_generate(type, size, attributes, out) : secret_generate(type, size, out);
}
