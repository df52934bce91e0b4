/*
 * exec/builtin/oblivious.c: what it computes, against plain loops, and that what it touches depends on sizes only. The traced_ functions are the
 * same source with every access and every block recorded (trace.h).
 */
#include "exec/builtin/oblivious.h"

#include <stdlib.h>
#include <string.h>

#include "test/builtin/trace.h"
#include "test/test.h"

#define SIDES 3
#define EACH_MAX 70
#define WIDTH_MAX 48

void traced_merge(oblivious_block *slot, size_t count, size_t blocks);
size_t traced_common(const oblivious_block *slot, size_t count, size_t blocks, size_t copies);
size_t traced_compact(oblivious_block *slot, size_t count, size_t blocks, size_t copies, uint32_t *before);
bool traced_ordered(const oblivious_block *slot, size_t count, size_t blocks, enum oblivious_order order);
void traced_find(const oblivious_block *slot, size_t count, size_t blocks, const oblivious_block *key, int64_t found,
		 int64_t *value);
size_t trace_control(const oblivious_block *slot, size_t count);

static uint64_t chance(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state * UINT64_C(0x9e3779b97f4a7c15) >> 32;
}

/* A set: `count` of the numbers below `range`, ascending; a key holds its number where it is compared last, or first. */
struct set {
	size_t count;
	uint8_t key[EACH_MAX][WIDTH_MAX];
};

static void set_make(struct set *s, size_t count, size_t range, size_t place, uint64_t *state)
{
	size_t left = count;

	*s = (struct set){ 0 };
	for (size_t i = 0; i < range; i++) {
		if (chance(state) % (range - i) < left) {
			left--;
			s->key[s->count][place] = (uint8_t)(i ^ 0x80); /* both signs */
			s->count++;
		}
	}
	for (size_t i = 1; i < s->count; i++) { /* ascending again */
		for (size_t k = i; k > 0 && memcmp(s->key[k - 1], s->key[k], WIDTH_MAX) > 0; k--) {
			uint8_t swap[WIDTH_MAX];
			memcpy(swap, s->key[k], WIDTH_MAX);
			memcpy(s->key[k], s->key[k - 1], WIDTH_MAX);
			memcpy(s->key[k - 1], swap, WIDTH_MAX);
		}
	}
}

static bool set_has(const struct set *s, const uint8_t *key)
{
	for (size_t i = 0; i < s->count; i++) {
		if (memcmp(s->key[i], key, WIDTH_MAX) == 0) {
			return true;
		}
	}
	return false;
}

static void slots_put(oblivious_block *slot, const struct set *s, size_t blocks, bool turned)
{
	for (size_t i = 0; i < s->count; i++) {
		oblivious_load(slot + (turned ? s->count - 1 - i : i) * blocks, s->key[i], blocks);
	}
}

/* All sets merged, as sets.c does it. */
static size_t slots_merge(oblivious_block *slot, const struct set *set, size_t sides, size_t blocks)
{
	size_t total = 0, have = 0;

	for (size_t i = 0; i < sides; i++) {
		total += set[i].count;
	}
	for (size_t i = 0; i < sides; i++) {
		size_t from = total - have - set[i].count;
		slots_put(slot + from * blocks, &set[i], blocks, have > 0);
		have += set[i].count;
		if (have > set[i].count) {
			oblivious_merge(slot + from * blocks, have, blocks);
		}
	}
	return total;
}

static void test_results(void)
{
	static struct set set[SIDES];
	uint64_t state = 42;
	uint32_t before[SIDES * EACH_MAX + 2];

	for (size_t round = 0; round < 2000; round++) {
		size_t blocks = 1 + round % 3, sides = 2 + round / 3 % 2, range = 2 + chance(&state) % 68, want = 0;
		for (size_t i = 0; i < sides; i++) {
			set_make(&set[i], chance(&state) % (range + 1), range,
				 round % 7 ? 16 * blocks - 1 : chance(&state) % 16 / 15, &state);
		}
		oblivious_block *slot = aligned_alloc(16, 16 * 3 * (SIDES * EACH_MAX + 1));
		size_t total = slots_merge(slot, set, sides, blocks);
		size_t common = oblivious_common(slot, total, blocks, sides);
		size_t compacted = oblivious_compact(slot, total, blocks, sides, before);
		bool good = true;
		for (size_t i = 0; i < set[0].count; i++) {
			bool all = set_has(&set[1], set[0].key[i]) && (sides == 2 || set_has(&set[2], set[0].key[i]));
			if (all && want < compacted) {
				uint8_t key[WIDTH_MAX];
				oblivious_store(key, slot + want * blocks, blocks);
				good &= memcmp(key, set[0].key[i], 16 * blocks) == 0;
			}
			want += all;
		}
		free(slot);
		if (!CHECK(common == want && compacted == want && good, "as plain loops")) {
			return;
		}
	}
}

static void test_ordered(void)
{
	static struct set set;
	uint64_t state = 7;
	oblivious_block slot[EACH_MAX * 2];

	set_make(&set, 60, 70, 31, &state);
	slots_put(slot, &set, 2, false);
	CHECK(oblivious_ordered(slot, 60, 2, OBLIVIOUS_ASCENDING), "ascending");
	CHECK(!oblivious_ordered(slot, 60, 2, OBLIVIOUS_DESCENDING), "and not the other way");
	slots_put(slot, &set, 2, true);
	CHECK(oblivious_ordered(slot, 60, 2, OBLIVIOUS_DESCENDING), "descending");
	CHECK(oblivious_ordered(slot, 0, 2, OBLIVIOUS_ASCENDING) && oblivious_ordered(slot, 1, 2, OBLIVIOUS_ASCENDING),
	      "nothing to compare");
	for (size_t i = 0; i < 59; i++) {
		slots_put(slot, &set, 2, false);
		memcpy(slot + 2 * i, slot + 2 * (i + 1), 32);
		CHECK(!oblivious_ordered(slot, 60, 2, OBLIVIOUS_ASCENDING), "a duplicate anywhere");
	}
}

static void test_find(void)
{
	static struct set set;
	uint64_t state = 9;
	oblivious_block slot[EACH_MAX * 2];
	int64_t value[EACH_MAX] = { 0 };

	set_make(&set, 50, 70, 30, &state);
	slots_put(slot, &set, 2, false);
	oblivious_find(slot, 50, 2, slot + 2 * 20, 777, value);
	for (size_t i = 0; i < 50; i++) {
		CHECK(value[i] == (i == 20 ? 777 : 0), "only its own");
	}
}

/* ---- what is touched ---- */

static bool trace_same(struct trace a, struct trace b)
{
	return a.hash == b.hash && a.accesses == b.accesses && a.blocks == b.blocks;
}

/* One run of everything over sets of those sizes; `kind` chooses what is in them. */
static struct trace run_traced(size_t first, size_t second, size_t blocks, uint64_t kind, oblivious_block *slot,
			       uint32_t *before)
{
	static struct set set[2];
	uint64_t state = kind * 77 + 1;
	int64_t value[2 * EACH_MAX] = { 0 };
	size_t range = kind == 0 ? EACH_MAX : (first > second ? first : second) + chance(&state) % 3;

	range = range < EACH_MAX ? range : EACH_MAX;
	set_make(&set[0], first, range, 15, &state);
	set_make(&set[1], second, range, 15, &state);
	if (kind == 1) { /* nothing in common */
		for (size_t i = 0; i < second; i++) {
			set[1].key[i][0] = 1;
		}
	}
	slots_put(slot, &set[0], blocks, true);
	slots_put(slot + first * blocks, &set[1], blocks, false);
	if (kind % 3 == 2 && first > 1) { /* not sorted, which shows in results only */
		oblivious_block swap = slot[0];
		slot[0] = slot[blocks];
		slot[blocks] = swap;
	}
	trace_begin(slot);
	(void)traced_ordered(slot, first, blocks, OBLIVIOUS_DESCENDING);
	traced_merge(slot, first + second, blocks);
	(void)traced_common(slot, first + second, blocks, 2);
	(void)traced_compact(slot, first + second, blocks, 2, before);
	traced_find(slot, first + second, blocks, slot + blocks, 5, value);
	return trace_end();
}

static void test_trace(void)
{
	static const size_t size[][2] = { { 0, 0 },   { 1, 0 },	  { 1, 1 },   { 3, 5 },	 { 8, 8 },
					  { 16, 17 }, { 64, 64 }, { 31, 70 }, { 70, 1 }, { 33, 33 } };
	oblivious_block *slot = test_alloc(16 * 3 * 2 * EACH_MAX);
	uint32_t *before = test_alloc((EACH_MAX + 2) * sizeof(*before));

	for (size_t i = 0; i < sizeof(size) / sizeof(size[0]); i++) {
		for (size_t blocks = 1; blocks <= 3; blocks++) {
			struct trace want = run_traced(size[i][0], size[i][1], blocks, 0, slot, before);
			CHECK(size[i][0] + size[i][1] < 2 || (want.accesses > 4 && want.blocks > 4),
			      "something was recorded");
			for (uint64_t kind = 1; kind < 40; kind++) {
				struct trace got = run_traced(size[i][0], size[i][1], blocks, kind, slot, before);
				CHECK(trace_same(want, got), "other keys, the same accesses and branches");
			}
		}
	}
	CHECK(!trace_same(run_traced(8, 8, 1, 0, slot, before), run_traced(8, 9, 1, 0, slot, before)), "sizes do show");
}

/* The recorder sees what it is for: the same loop with a branch over what the keys are. */
static void test_control(void)
{
	oblivious_block slot[8] = { { 1, 1 }, { 2, 2 } }, other[8] = { { 2, 2 }, { 1, 1 } };

	trace_begin(slot);
	(void)trace_control(slot, 8);
	struct trace one = trace_end();
	trace_begin(other);
	(void)trace_control(other, 8);
	CHECK(!trace_same(one, trace_end()), "a branch on a key shows");
}

const struct test tests[] = {
	{ "oblivious_results", test_results }, { "oblivious_ordered", test_ordered }, { "oblivious_find", test_find },
	{ "oblivious_trace", test_trace },     { "oblivious_control", test_control }, TESTS_END,
};
