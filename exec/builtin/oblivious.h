/*
 * Merging, counting and compacting of fixed-width keys with a memory access pattern that depends on nothing but sizes: no branch and no
 * address follows from a key. What a key decides, it decides through masks. test/builtin/test_oblivious.c records every address.
 *
 * A slot is a key of 1 to OBLIVIOUS_WIDTH_MAX bytes, padded with zeros to whole blocks of 16 bytes and kept in a form whose blocks compare
 * fast; slots of one array have the same width. Order is that of the bytes. Class B.
 */
#ifndef MT_EXEC_BUILTIN_OBLIVIOUS_H
#define MT_EXEC_BUILTIN_OBLIVIOUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OBLIVIOUS_WIDTH_MAX 256

typedef int64_t oblivious_block __attribute__((vector_size(16))); /* a type of the compiler's vectors has no struct */

/* Blocks of a slot for keys of `width` bytes. */
static inline size_t oblivious_blocks(size_t width)
{
	return (width + sizeof(oblivious_block) - 1) / sizeof(oblivious_block);
}

/* Slot from padded bytes, and back: blocks * 16 bytes. `from` need not be aligned. */
void oblivious_load(oblivious_block *slot, const uint8_t *from, size_t blocks);
void oblivious_store(uint8_t *to, const oblivious_block *slot, size_t blocks);
/* `count` keys of exactly 16 bytes, last first: slot[count - 1] is the first key. */
void oblivious_load_reversed(oblivious_block *slot, const uint8_t *from, size_t count);
/* Each slot is greater, or less, than the one before it. */
enum oblivious_order { OBLIVIOUS_ASCENDING, OBLIVIOUS_DESCENDING };
bool oblivious_ordered(const oblivious_block *slot, size_t count, size_t blocks, enum oblivious_order order);

/* Sorts slots of which the first few descend and the others ascend: a bitonic merge of any count. */
void oblivious_merge(oblivious_block *slot, size_t count, size_t blocks);
/* Of sorted slots, how many keys are there `copies` times; no key is there more often. */
size_t oblivious_common(const oblivious_block *slot, size_t count, size_t blocks, size_t copies);
/*
 * As above, and those keys are then the first slots, once each, sorted; what is behind them is not defined. `before` holds
 * count / copies + 2 numbers for its work.
 */
size_t oblivious_compact(oblivious_block *slot, size_t count, size_t blocks, size_t copies, uint32_t *before);

/* value[i] becomes `found` for each slot that has the key. */
void oblivious_find(const oblivious_block *slot, size_t count, size_t blocks, const oblivious_block *key, int64_t found,
		    int64_t *value);

#endif
