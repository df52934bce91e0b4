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

/* An object of this type whose first attribute is these bytes, with exactly their size. */
operation_handle world_secret(struct operations *o, uint32_t type, uint32_t attribute, struct bytes key);

#endif
