#include "test/operation_world.h"

#include <string.h>

struct operations *world_begin(void)
{
	struct operations *o = NULL;

	mt_assert(operations_open(&o) == MT_OK && o);
	return o;
}

void world_end(struct operations *o)
{
	operations_close(o);
}

struct operation_attribute attribute_bytes(uint32_t id, struct bytes b)
{
	return (struct operation_attribute){ .id = id, .buffer = b };
}

struct operation_attribute attribute_value(uint32_t id, uint32_t a, uint32_t b)
{
	return (struct operation_attribute){ .id = id, .a = a, .b = b };
}

struct operation_attributes attributes_none(void)
{
	return (struct operation_attributes){ NULL, 0 };
}

operation_handle world_secret(struct operations *o, uint32_t type, uint32_t attribute, struct bytes key)
{
	operation_handle handle = 0;
	struct operation_attribute one = attribute_bytes(attribute, key);

	CHECK(object_alloc(o, type, (uint32_t)key.size * 8, &handle) == MT_OK, "a type and a size that there are");
	CHECK(object_populate(o, handle, (struct operation_attributes){ &one, 1 }) == MT_OK, "a key");
	return handle;
}
