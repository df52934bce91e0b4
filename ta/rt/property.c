/*
 * Properties (4.4). A TA's own come from its image (user_ta_header.c), and after them whatever the system has of it; those of the client and of the
 * TEE are the system's.
 */
#include "ta/rt/rt.h"

#include <string.h>

#define TEXT_MAX (RT_PROPERTY_MAX * 4 / 3 + 8) /* Base64 of the longest */

struct __TEE_PropSetHandle {
	struct __TEE_PropSetHandle *next;
	TEE_PropSetHandle set;  /* NULL: not started */
	uint32_t index;
};

static struct __TEE_PropSetHandle *enumerators;

/* A property: in the image, or in these two places, which the next one overwrites. */
struct found {
	const char *name;
	uint32_t type;
	const void *value;
	size_t size;
	bool own;               /* bytes are Base64 then */
};

static char name_place[RT_NAME_MAX];
static uint64_t value_place[RT_PROPERTY_MAX / sizeof(uint64_t)];

static bool is_set(TEE_PropSetHandle handle)
{
	return handle == TEE_PROPSET_CURRENT_TA || handle == TEE_PROPSET_CURRENT_CLIENT || handle == TEE_PROPSET_TEE_IMPLEMENTATION;
}

static struct __TEE_PropSetHandle *enumerator_open(TEE_PropSetHandle handle)
{
	struct __TEE_PropSetHandle *e = enumerators;

	while (e && e != handle) {
		e = e->next;
	}
	rt_need(e != NULL);
	return e;
}

static uint32_t set_number(TEE_PropSetHandle set)
{
	return (uint32_t)(uintptr_t)set;
}

static void found_own(size_t index, struct found *out)
{
	static const uint8_t fixed[] = {
		[TA_PROPERTY_BOOL] = sizeof(bool), [TA_PROPERTY_U32] = sizeof(uint32_t), [TA_PROPERTY_UUID] = sizeof(TEE_UUID),
		[TA_PROPERTY_IDENTITY] = sizeof(TEE_Identity), [TA_PROPERTY_U64] = sizeof(uint64_t),
	};
	const struct user_ta_property *p = &ta_props[index];
	size_t size = p->type < RT_COUNT(fixed) ? fixed[p->type] : 0;

	*out = (struct found){ p->name, p->type, p->value, size ? size : rt_length(p->value) + 1, true };
}

static TEE_Result found_system(TEE_PropSetHandle set, uint32_t index, struct found *out)
{
	uint32_t name_size = sizeof(name_place), size = sizeof(value_place), type = 0;
	TEE_Result result = RT_CALL(TA_CALL_GET_PROPERTY, set_number(set), index, rt_at(name_place), rt_at(&name_size), rt_at(value_place),
				    rt_at(&size), rt_at(&type));

	result = RT_ALLOW(result, TEE_ERROR_ITEM_NOT_FOUND);
	if (result == TEE_SUCCESS) {
		name_place[sizeof(name_place) - 1] = 0;
		*out = (struct found){ name_place, type, value_place, size < sizeof(value_place) ? size : sizeof(value_place), false };
	}
	return result;
}

static TEE_Result found_at(TEE_PropSetHandle set, uint32_t index, struct found *out)
{
	size_t own = set == TEE_PROPSET_CURRENT_TA ? ta_num_props : 0;

	if (index < own) {
		found_own(index, out);
		return TEE_SUCCESS;
	}
	return found_system(set, index - (uint32_t)own, out);
}

static TEE_Result found_named(TEE_PropSetHandle set, const char *name, struct found *out)
{
	uint32_t index = 0;

	for (size_t i = 0; set == TEE_PROPSET_CURRENT_TA && i < ta_num_props; i++) {
		if (rt_same(ta_props[i].name, name)) {
			found_own(i, out);
			return TEE_SUCCESS;
		}
	}
	TEE_Result result = RT_CALL(TA_CALL_PROPERTY_INDEX, set_number(set), rt_at(name), rt_length(name) + 1, rt_at(&index));
	result = RT_ALLOW(result, TEE_ERROR_ITEM_NOT_FOUND);
	return result == TEE_SUCCESS ? found_system(set, index, out) : result;
}

/* By set and name, or the one that an enumerator stands on. */
static TEE_Result find(TEE_PropSetHandle where, const char *name, struct found *out)
{
	if (is_set(where)) {
		rt_readable(name, 1);
		return found_named(where, name, out);
	}
	const struct __TEE_PropSetHandle *e = enumerator_open(where);
	return e->set ? found_at(e->set, e->index, out) : TEE_ERROR_ITEM_NOT_FOUND;
}

/* ---- values ---- */

/* Of a type whose size is fixed. */
static TEE_Result value_get(TEE_PropSetHandle where, const char *name, uint32_t type, void *value, size_t size)
{
	struct found found;

	rt_writable(value, size);
	TEE_Result result = find(where, name, &found);
	if (result != TEE_SUCCESS) {
		return result;
	}
	if (found.type != type || found.size < size) {
		return TEE_ERROR_BAD_FORMAT;
	}
	memcpy(value, found.value, size);
	return TEE_SUCCESS;
}

TEE_Result TEE_GetPropertyAsBool(TEE_PropSetHandle propsetOrEnumerator, const char *name, bool *value)
{
	uint8_t byte = 0;

	rt_writable(value, sizeof(*value));
	TEE_Result result = value_get(propsetOrEnumerator, name, TA_PROPERTY_BOOL, &byte, sizeof(byte));
	if (result == TEE_SUCCESS) {
		*value = byte != 0;
	}
	return result;
}

TEE_Result TEE_GetPropertyAsU32(TEE_PropSetHandle propsetOrEnumerator, const char *name, uint32_t *value)
{
	return value_get(propsetOrEnumerator, name, TA_PROPERTY_U32, value, sizeof(*value));
}

TEE_Result TEE_GetPropertyAsU64(TEE_PropSetHandle propsetOrEnumerator, const char *name, uint64_t *value)
{
	uint32_t narrow = 0;

	rt_writable(value, sizeof(*value));
	TEE_Result result = value_get(propsetOrEnumerator, name, TA_PROPERTY_U64, value, sizeof(*value));
	if (result == TEE_ERROR_BAD_FORMAT) {
		result = value_get(propsetOrEnumerator, name, TA_PROPERTY_U32, &narrow, sizeof(narrow));
		*value = result == TEE_SUCCESS ? narrow : *value;
	}
	return result;
}

TEE_Result TEE_GetPropertyAsUUID(TEE_PropSetHandle propsetOrEnumerator, const char *name, TEE_UUID *value)
{
	return value_get(propsetOrEnumerator, name, TA_PROPERTY_UUID, value, sizeof(*value));
}

TEE_Result TEE_GetPropertyAsIdentity(TEE_PropSetHandle propsetOrEnumerator, const char *name, TEE_Identity *value)
{
	return value_get(propsetOrEnumerator, name, TA_PROPERTY_IDENTITY, value, sizeof(*value));
}

/* `size` bytes to the TA, if it has room. */
static TEE_Result give(void *to, size_t *room, const void *from, size_t size)
{
	size_t capacity = *room;

	*room = size;
	if (capacity < size) {
		return TEE_ERROR_SHORT_BUFFER;
	}
	TEE_MemMove(to, from, size);
	return TEE_SUCCESS;
}

TEE_Result TEE_GetPropertyAsBinaryBlock(TEE_PropSetHandle propsetOrEnumerator, const char *name, void *valueBuffer, size_t *valueBufferLen)
{
	static uint8_t decoded[RT_PROPERTY_MAX];
	struct found found;
	size_t size = 0;

	rt_buffer(valueBuffer, valueBufferLen);
	TEE_Result result = find(propsetOrEnumerator, name, &found);
	if (result != TEE_SUCCESS) {
		return result;
	}
	if (found.type != TA_PROPERTY_BINARY) {
		return TEE_ERROR_BAD_FORMAT;
	}
	if (!found.own) {
		return give(valueBuffer, valueBufferLen, found.value, found.size);
	}
	if (!property_base64(found.value, decoded, sizeof(decoded), &size)) {
		return TEE_ERROR_BAD_FORMAT;
	}
	return give(valueBuffer, valueBufferLen, decoded, size);
}

TEE_Result TEE_GetPropertyAsString(TEE_PropSetHandle propsetOrEnumerator, const char *name, char *valueBuffer, size_t *valueBufferLen)
{
	static char text[TEXT_MAX];
	struct found found;
	size_t size = 0;

	rt_buffer(valueBuffer, valueBufferLen);
	TEE_Result result = find(propsetOrEnumerator, name, &found);
	if (result != TEE_SUCCESS) {
		return result;
	}
	bool is_text = found.type == TA_PROPERTY_STRING || (found.type == TA_PROPERTY_BINARY && found.own);
	if (is_text) {
		return give(valueBuffer, valueBufferLen, found.value, found.size);
	}
	if (!property_print(text, sizeof(text), &size, found.type, found.value, found.size)) {
		return TEE_ERROR_BAD_FORMAT;
	}
	return give(valueBuffer, valueBufferLen, text, size + 1);
}

/* ---- enumerators ---- */

TEE_Result TEE_AllocatePropertyEnumerator(TEE_PropSetHandle *enumerator)
{
	rt_writable(enumerator, sizeof(*enumerator));
	*enumerator = heap_alloc(sizeof(**enumerator), TEE_MALLOC_FILL_ZERO);
	if (!*enumerator) {
		return TEE_ERROR_OUT_OF_MEMORY;
	}
	(*enumerator)->next = enumerators;
	enumerators = *enumerator;
	return TEE_SUCCESS;
}

void TEE_FreePropertyEnumerator(TEE_PropSetHandle enumerator)
{
	struct __TEE_PropSetHandle **place = &enumerators, *e = enumerator_open(enumerator);

	while (*place != e) {
		place = &(*place)->next;
	}
	*place = e->next;
	heap_free(e);
}

void TEE_StartPropertyEnumerator(TEE_PropSetHandle enumerator, TEE_PropSetHandle propSet)
{
	struct __TEE_PropSetHandle *e = enumerator_open(enumerator);

	rt_need(is_set(propSet));
	e->set = propSet;
	e->index = 0;
}

void TEE_ResetPropertyEnumerator(TEE_PropSetHandle enumerator)
{
	struct __TEE_PropSetHandle *e = enumerator_open(enumerator);

	e->set = NULL;
	e->index = 0;
}

TEE_Result TEE_GetPropertyName(TEE_PropSetHandle enumerator, void *nameBuffer, size_t *nameBufferLen)
{
	const struct __TEE_PropSetHandle *e = enumerator_open(enumerator);
	struct found found;

	rt_buffer(nameBuffer, nameBufferLen);
	TEE_Result result = e->set ? found_at(e->set, e->index, &found) : TEE_ERROR_ITEM_NOT_FOUND;
	return result == TEE_SUCCESS ? give(nameBuffer, nameBufferLen, found.name, rt_length(found.name) + 1) : result;
}

TEE_Result TEE_GetNextProperty(TEE_PropSetHandle enumerator)
{
	struct __TEE_PropSetHandle *e = enumerator_open(enumerator);
	struct found found;

	if (!e->set || found_at(e->set, e->index, &found) != TEE_SUCCESS) {
		return TEE_ERROR_ITEM_NOT_FOUND;
	}
	e->index++;
	return found_at(e->set, e->index, &found);
}
