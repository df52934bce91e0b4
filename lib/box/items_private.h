/* Private to lib/box: one item of an answer, as items.c checks it and reader.c reads it. */
#ifndef MT_ITEMS_PRIVATE_H
#define MT_ITEMS_PRIVATE_H

#include "lib/box/box.h"

/* Wire form of box.h, little endian; the hosts we run on are. */
struct item {
	uint8_t kind, pad[3];
	uint32_t offset;
	uint64_t value;
};
_Static_assert(sizeof(struct item) == 16, "wire form of box.h");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "wire form of box.h");

/* Bounds are our own duty: asserts that index is below items->count. */
struct item item_at(const struct items *items, uint32_t index);

/* Whether items of this kind are followed by children. */
static inline bool item_holds(uint8_t kind)
{
	return kind == ITEM_ARRAY || kind == ITEM_MAP || kind == ITEM_TAG;
}

#endif
