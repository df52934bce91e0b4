#include "test/operation_world.h"

#include <string.h>

#include "api/tee_api_defines.h"

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

operation_handle world_operation(struct operations *o, uint32_t algorithm, enum operation_mode mode, uint32_t type, struct bytes key,
				 struct bytes key2)
{
	operation_handle first = type ? world_secret(o, type, TEE_ATTR_SECRET_VALUE, key) : 0;
	operation_handle second = key2.size ? world_secret(o, type, TEE_ATTR_SECRET_VALUE, key2) : 0, operation = 0;

	CHECK(operation_alloc(o, algorithm, mode, first, second, &operation) == MT_OK && operation, "an operation");
	object_free(o, first);
	object_free(o, second);
	return operation;
}

size_t world_piece(unsigned how, unsigned at, size_t left)
{
	static const size_t sizes[WORLD_CUTS][4] = {
		{ SIZE_MAX, SIZE_MAX, SIZE_MAX, SIZE_MAX }, { 1, 1, 1, 1 }, { 5, 11, 16, 1 }, { 16, 16, 16, 16 },
		{ 17, 15, 33, 7 }, { 0, 3, 0, 50 }, { 31, 1, 64, 2 }, { 8, 24, 9, 100 },
	};
	size_t size = sizes[how % WORLD_CUTS][at % 4];

	return size < left ? size : left;
}

struct operation_attributes list(const struct operation_attribute *at, size_t count)
{
	return (struct operation_attributes){ at, count };
}

operation_handle operation(struct operations *o, uint32_t algorithm, enum operation_mode mode, operation_handle key)
{
	operation_handle h = 0;

	CHECK(operation_alloc(o, algorithm, mode, key, 0, &h) == MT_OK && h, "an operation");
	return h;
}
