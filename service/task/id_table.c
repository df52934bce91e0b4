#include "service/task/id_table.h"

#include <string.h>

#define ID_TABLE_CAPACITY_FIRST 64

/* Ids are SHA-256 outputs: any eight bytes of them spread evenly, unless somebody searches for collisions of 64 bits. */
static size_t id_table_place(const struct id_table *t, const uint8_t id[ID_SIZE])
{
	uint64_t h;

	memcpy(&h, id, sizeof(h));
	size_t place = (size_t)h & (t->capacity - 1);
	while (t->slot[place].used && memcmp(t->slot[place].id, id, ID_SIZE) != 0) {
		place = (place + 1) & (t->capacity - 1);
	}
	return place;
}

uint32_t id_table_find(const struct id_table *t, const uint8_t id[ID_SIZE])
{
	if (!t->capacity) {
		return ID_NONE;
	}
	const struct id_slot *s = &t->slot[id_table_place(t, id)];
	return s->used ? s->value : ID_NONE;
}

static enum mt_err id_table_widen(struct id_table *t)
{
	struct id_table wider = { .capacity = t->capacity ? t->capacity * 2 : ID_TABLE_CAPACITY_FIRST, .count = t->count };

	wider.slot = mt_alloc(wider.capacity * sizeof(wider.slot[0]));
	if (!wider.slot) {
		return MT_NO_MEMORY;
	}
	for (size_t i = 0; i < t->capacity; i++) {
		if (t->slot[i].used) {
			wider.slot[id_table_place(&wider, t->slot[i].id)] = t->slot[i];
		}
	}
	mt_free(t->slot);
	*t = wider;
	return MT_OK;
}

MUST enum mt_err id_table_add(struct id_table *t, const uint8_t id[ID_SIZE], uint32_t value)
{
	if ((t->count + 1) * 2 > t->capacity) {
		enum mt_err err = id_table_widen(t);
		if (err) {
			return err;
		}
	}
	struct id_slot *s = &t->slot[id_table_place(t, id)];
	mt_assert(!s->used);
	memcpy(s->id, id, ID_SIZE);
	s->value = value;
	s->used = true;
	t->count++;
	return MT_OK;
}

void id_table_clear(struct id_table *t)
{
	mt_free(t->slot);
	*t = (struct id_table){ 0 };
}
