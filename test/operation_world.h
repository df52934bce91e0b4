/* What the tests of tee/operation share: an instance, and objects with keys. */
#ifndef OPERATION_WORLD_H
#define OPERATION_WORLD_H

#include "tee/operation/operation.h"
#include "test/test.h"

/* An instance for one test; world_end() ends it. */
struct operations *world_begin(void);
void world_end(struct operations *o);

struct operation_attribute attribute_bytes(uint32_t id, struct bytes b);
struct operation_attribute attribute_value(uint32_t id, uint32_t a, uint32_t b);
struct operation_attributes attributes_none(void);

struct operation_attributes list(const struct operation_attribute *at, size_t count);
/* An operation with this key, which may be 0. */
operation_handle operation(struct operations *o, uint32_t algorithm, enum operation_mode mode, operation_handle key);

/* An object of this type whose first attribute is these bytes, with exactly their size. */
operation_handle world_secret(struct operations *o, uint32_t type, uint32_t attribute, struct bytes key);

/* An operation with the keys that it needs (key2 may be empty), which are freed: it has its own. */
operation_handle world_operation(struct operations *o, uint32_t algorithm, enum operation_mode mode, uint32_t type, struct bytes key,
				 struct bytes key2);
/* How a message is cut: piece number `at` of `size` bytes that are left. `how` 0: whole. */
size_t world_piece(unsigned how, unsigned at, size_t left);

#define WORLD_CUTS 8

#endif
