/* A table from 32-byte ids, which are hashes, to small numbers: open addressing, grows, never shrinks. Private to service/task. */
#ifndef MT_ID_TABLE_H
#define MT_ID_TABLE_H

#include "lib/base/base.h"

#define ID_SIZE 32
#define ID_NONE UINT32_MAX

struct id_slot {
	uint8_t id[ID_SIZE];
	uint32_t value;
	bool used;
};
struct id_table {
	struct id_slot *slot;
	size_t capacity, count;         /* capacity: a power of two, or 0 */
};

/* ID_NONE when absent. */
uint32_t id_table_find(const struct id_table *t, const uint8_t id[ID_SIZE]);
/* The id must be absent. MT_NO_MEMORY, table unchanged. */
MUST enum mt_err id_table_add(struct id_table *t, const uint8_t id[ID_SIZE], uint32_t value);
void id_table_clear(struct id_table *t);

#endif
