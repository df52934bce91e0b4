#include "exec/builtin/oblivious.h"

#include <string.h>

typedef oblivious_block block;
typedef uint8_t octets __attribute__((vector_size(16)));

/* 2^13 slots of one block are 128 KiB: whatever is done to them at once stays in a second-level cache. */
#define LEVELS 3
#define WAYS (1 << LEVELS)

/* ---- one slot ---- */

/* Big-endian halves, so that numbers compare as bytes do; the sign bit is turned, so that signed numbers do. */
static inline block block_turn(octets o)
{
	octets turned = __builtin_shufflevector(o, o, 7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8);

	return (block)turned;
}

static inline block block_load(const uint8_t *from)
{
	octets o;

	memcpy(&o, from, sizeof(o));
	return block_turn(o) ^ (block) { INT64_MIN, INT64_MIN };
}

/* All ones where a > b. */
static inline block block_greater(block a, block b)
{
	block greater = a > b, equal = a == b;
	block low = __builtin_shufflevector(greater, greater, 1, 1);
	block high = greater | (equal & low);

	return __builtin_shufflevector(high, high, 0, 0);
}

static inline block block_equal(block a, block b)
{
	block equal = a == b;

	return equal & __builtin_shufflevector(equal, equal, 1, 0);
}

static inline block slot_greater(const block *a, const block *b, size_t blocks)
{
	block greater = { 0, 0 };

	for (size_t i = blocks; i-- > 0;) {
		greater = block_greater(a[i], b[i]) | (block_equal(a[i], b[i]) & greater);
	}
	return greater;
}

static inline block slot_equal(const block *a, const block *b, size_t blocks)
{
	block equal = { -1, -1 };

	for (size_t i = 0; i < blocks; i++) {
		equal &= block_equal(a[i], b[i]);
	}
	return equal;
}

static inline void slot_swap(block *a, block *b, block mask, size_t blocks)
{
	for (size_t i = 0; i < blocks; i++) {
		block change = (a[i] ^ b[i]) & mask;
		a[i] ^= change;
		b[i] ^= change;
	}
}

/* The lesser goes to a. */
static inline void exchange(block *a, block *b)
{
	block change = (*a ^ *b) & block_greater(*a, *b);

	*a ^= change;
	*b ^= change;
}

void oblivious_load(block *slot, const uint8_t *from, size_t blocks)
{
	for (size_t i = 0; i < blocks; i++) {
		slot[i] = block_load(from + i * sizeof(block));
	}
}

void oblivious_store(uint8_t *to, const block *slot, size_t blocks)
{
	for (size_t i = 0; i < blocks; i++) {
		block plain = block_turn((octets)(slot[i] ^ (block){ INT64_MIN, INT64_MIN }));
		memcpy(to + i * sizeof(block), &plain, sizeof(plain));
	}
}

void oblivious_load_reversed(block *slot, const uint8_t *from, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		slot[count - 1 - i] = block_load(from + i * sizeof(block));
	}
}

bool oblivious_ordered(const block *slot, size_t count, size_t blocks, enum oblivious_order order)
{
	block good = { -1, -1 };

	for (size_t i = 1; i < count; i++) {
		const block *before = slot + (i - 1) * blocks, *after = slot + i * blocks;
		good &= order == OBLIVIOUS_ASCENDING ? slot_greater(after, before, blocks)
						     : slot_greater(before, after, blocks);
	}
	return good[0] != 0;
}

/* ---- merge ---- */

/* One level: the lesser of each pair at that distance goes to its front. */
static void level(block *slot, size_t pairs, size_t distance, size_t blocks)
{
	if (blocks == 1) {
		for (size_t i = 0; i < pairs; i++) {
			exchange(&slot[i], &slot[i + distance]);
		}
		return;
	}
	for (size_t i = 0; i < pairs; i++) {
		block *a = slot + i * blocks, *b = a + distance * blocks;
		slot_swap(a, b, slot_greater(a, b, blocks), blocks);
	}
}

/* Three levels at once over `count` slots of one block: each is loaded and stored once. */
static void levels(block *slot, size_t count)
{
	size_t step = count / WAYS;

	for (size_t i = 0; i < step; i++) {
		block *at = slot + i, s[WAYS];
		for (size_t w = 0; w < WAYS; w++) {
			s[w] = at[w * step];
		}
		exchange(&s[0], &s[4]);
		exchange(&s[1], &s[5]);
		exchange(&s[2], &s[6]);
		exchange(&s[3], &s[7]);
		exchange(&s[0], &s[2]);
		exchange(&s[1], &s[3]);
		exchange(&s[4], &s[6]);
		exchange(&s[5], &s[7]);
		exchange(&s[0], &s[1]);
		exchange(&s[2], &s[3]);
		exchange(&s[4], &s[5]);
		exchange(&s[6], &s[7]);
		for (size_t w = 0; w < WAYS; w++) {
			at[w * step] = s[w];
		}
	}
}

/*
 * `count` is a power of two. Depth first, so that the parts of a part that fits a cache are merged while they are in it; the recursion is as
 * deep as the count has bits, at most.
 */
static void merge_power(block *slot, size_t count, size_t blocks)
{
	if (count >= WAYS && blocks == 1) {
		levels(slot, count);
		for (size_t w = 0; w < WAYS && count > WAYS; w++) {
			merge_power(slot + w * (count / WAYS), count / WAYS, blocks);
		}
	} else if (count > 1) {
		level(slot, count / 2, count / 2, blocks);
		merge_power(slot, count / 2, blocks);
		merge_power(slot + count / 2 * blocks, count / 2, blocks);
	}
}

/* The largest power of two that is not above count. */
static size_t power_within(size_t count)
{
	size_t power = 1;

	while (power <= count / 2) {
		power *= 2;
	}
	return power;
}

/*
 * As if keys above all others followed up to a power of two: an exchange with one of them changes nothing, and they keep their places, so
 * they need not be there.
 */
void oblivious_merge(block *slot, size_t count, size_t blocks)
{
	while (count > 1) {
		size_t power = power_within(count);
		if (power == count) {
			merge_power(slot, count, blocks);
			return;
		}
		level(slot, count - power, power, blocks);
		merge_power(slot, power, blocks);
		slot += power * blocks;
		count -= power;
	}
}

/* ---- what is common ---- */

size_t oblivious_common(const block *slot, size_t count, size_t blocks, size_t copies)
{
	block found = { 0, 0 };

	for (size_t i = 0; i + copies <= count; i++) {
		found -= slot_equal(slot + i * blocks, slot + (i + copies - 1) * blocks, blocks);
	}
	return (size_t)found[0];
}

/*
 * Of each `copies` slots at most one begins a common key, for its other copies follow it: the others can go. before[i] is then how many of
 * the first i slots are to stay. Returns how many slots there are.
 */
static size_t thin(block *slot, size_t count, size_t blocks, size_t copies, uint32_t *before)
{
	size_t kept = 0;

	before[0] = 0;
	for (size_t i = 0; i + copies <= count; i += copies, kept++) {
		block chosen[OBLIVIOUS_WIDTH_MAX / sizeof(block)] = { 0 }, any = { 0, 0 };
		for (size_t j = i; j < i + copies && j + copies <= count; j++) {
			block flag = slot_equal(slot + j * blocks, slot + (j + copies - 1) * blocks, blocks);
			for (size_t b = 0; b < blocks; b++) {
				chosen[b] |= slot[j * blocks + b] & flag;
			}
			any |= flag;
		}
		memcpy(slot + kept * blocks, chosen, blocks * sizeof(block));
		before[kept + 1] = before[kept] + (uint32_t)(any[0] & 1);
	}
	return kept;
}

static inline block mask_of(bool condition)
{
	int64_t ones = -(int64_t)condition;

	return (block){ ones, ones };
}

/* Swaps i and i + distance where (i >= from) differs from `turn`. */
static void swap_from(block *slot, size_t pairs, size_t distance, size_t blocks, size_t from, bool turn)
{
	block index = { 0, 0 }, limit = { (int64_t)from - 1, (int64_t)from - 1 }, turned = mask_of(turn);

	for (size_t i = 0; i < pairs; i++) {
		slot_swap(slot + i * blocks, slot + (i + distance) * blocks, (index > limit) ^ turned, blocks);
		index += (block){ 1, 1 };
	}
}

/*
 * Sasy, Johnson, Goldberg, "Fast Fully Oblivious Compaction and Shuffling", CCS 2022, algorithm OROffCompact: of a power of two slots, those
 * that stay go to `offset` and behind it, around the end, in their order. As deep as the count has bits.
 */
static void compact_power(block *slot, size_t count, size_t blocks, const uint32_t *before, size_t offset)
{
	if (count < 2) {
		return;
	}
	size_t half = count / 2, left = before[half] - before[0], inner = offset & (half - 1),
	       from = (inner + left) & (half - 1);

	compact_power(slot, half, blocks, before, inner);
	compact_power(slot + half * blocks, half, blocks, before + half, from);
	swap_from(slot, half, half, blocks, from, (inner + left >= half) ^ (offset >= half));
}

/* The same for any count (ORCompact): the last power of two goes behind what stays of the first. */
static void compact(block *slot, size_t count, size_t blocks, const uint32_t *before)
{
	size_t power = power_within(count), rest = count - power, left = before[rest] - before[0];

	if (rest) {
		compact(slot, rest, blocks, before);
	}
	compact_power(slot + rest * blocks, power, blocks, before + rest, (power - rest + left) & (power - 1));
	swap_from(slot, rest, power, blocks, left, false);
}

size_t oblivious_compact(block *slot, size_t count, size_t blocks, size_t copies, uint32_t *before)
{
	size_t kept = thin(slot, count, blocks, copies, before);

	if (kept) {
		compact(slot, kept, blocks, before);
	}
	return before[kept];
}

static inline void find(const block *slot, size_t count, size_t blocks, const block *key, int64_t found, int64_t *value)
{
	for (size_t i = 0; i < count; i++) {
		block equal = slot_equal(slot + i * blocks, key, blocks);
		value[i] = (value[i] & ~equal[0]) | (found & equal[0]);
	}
}

void oblivious_find(const block *slot, size_t count, size_t blocks, const block *key, int64_t found, int64_t *value)
{
	if (blocks == 2) {
		find(slot, count, 2, key, found, value); /* a digest's, without a loop */
		return;
	}
	find(slot, count, blocks, key, found, value);
}
