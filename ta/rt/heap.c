/*
 * The heap: the array that user_ta_header.c has, in blocks that follow each other. A block's head says its size and that of the block before it;
 * free blocks are in a list, and the one that fits best is taken.
 *
 * Each head carries a check over its place and content under a number of this instance: an address that was not given out, or was freed, or whose head
 * was overwritten, panics before anything is believed. What is freed is zeroed.
 */
#include "ta/rt/rt.h"

#include <string.h>

#define ALIGN 16
#define IN_USE UINT32_C(0x55534544)
#define FREE UINT32_C(0x46524545)

struct block {
	uint64_t check;
	size_t size;            /* with the head, a multiple of ALIGN */
	size_t before;          /* size of the block before it; 0: the first */
	size_t asked;           /* by the TA */
	uint32_t state, hint;
};

/* A free block goes on with these. */
struct link {
	struct block *next, *last;
};

#define HEAD ((sizeof(struct block) + ALIGN - 1) / ALIGN * ALIGN)
#define LEAST (HEAD + (sizeof(struct link) + ALIGN - 1) / ALIGN * ALIGN)

static struct {
	bool ready;
	uint64_t key;
	uint8_t *begin, *end;
	struct block *list;     /* free ones */
	size_t used, most;
} heap;

static uint64_t check_of(const struct block *b)
{
	uint64_t sum = heap.key ^ (uint64_t)(uintptr_t)b;
	const uint64_t part[] = { b->size, b->before, b->asked, (uint64_t)b->state << 32 | b->hint };

	for (size_t i = 0; i < RT_COUNT(part); i++) {
		sum = (sum ^ part[i]) * UINT64_C(0x9E3779B97F4A7C15);
		sum ^= sum >> 29;
	}
	return sum;
}

static void seal(struct block *b)
{
	b->check = check_of(b);
}

static void believe(const struct block *b)
{
	if (b->check != check_of(b)) {
		rt_panic(TEE_ERROR_BAD_STATE);
	}
}

static struct link *link_of(struct block *b)
{
	return (struct link *)(void *)((uint8_t *)b + HEAD);
}

static struct block *block_at(void *at)
{
	return (struct block *)at;
}

static struct block *after(const struct block *b)
{
	uint8_t *next = (uint8_t *)(uintptr_t)b + b->size;

	return next < heap.end ? block_at(next) : NULL;
}

static struct block *before(const struct block *b)
{
	return b->before ? block_at((uint8_t *)(uintptr_t)b - b->before) : NULL;
}

static void list_add(struct block *b)
{
	*link_of(b) = (struct link){ .next = heap.list };
	if (heap.list) {
		link_of(heap.list)->last = b;
	}
	heap.list = b;
}

static void list_take(struct block *b)
{
	struct link *l = link_of(b);

	if (l->next) {
		link_of(l->next)->last = l->last;
	}
	if (l->last) {
		link_of(l->last)->next = l->next;
	} else {
		heap.list = l->next;
	}
	memset(l, 0, sizeof(*l));
}

static void heap_begin(void)
{
	uintptr_t skip = (ALIGN - (uintptr_t)ta_heap % ALIGN) % ALIGN;

	if (heap.ready) {
		return;
	}
	if (RT_CALL(TA_CALL_RANDOM, rt_at(&heap.key), sizeof(heap.key)) != TEE_SUCCESS) {
		rt_panic(TEE_ERROR_GENERIC);
	}
	heap.ready = true;
	heap.begin = heap.end = ta_heap;
	if (ta_heap_size >= skip + LEAST) {
		heap.begin = ta_heap + skip;
		heap.end = heap.begin + (ta_heap_size - skip) / ALIGN * ALIGN;
		struct block *all = block_at(heap.begin);
		*all = (struct block){ .size = (size_t)(heap.end - heap.begin), .state = FREE };
		seal(all);
		list_add(all);
	}
}

/* The block whose memory `at` is; panics where it is none that is in use. */
static struct block *block_of(void *at)
{
	heap_begin();
	uintptr_t place = (uintptr_t)at;
	if (place < (uintptr_t)heap.begin + HEAD || place >= (uintptr_t)heap.end || place % ALIGN != (uintptr_t)heap.begin % ALIGN) {
		rt_panic(TEE_ERROR_BAD_PARAMETERS);
	}
	struct block *b = block_at((uint8_t *)at - HEAD);
	if (b->check != check_of(b) || b->state != IN_USE) {
		rt_panic(TEE_ERROR_BAD_PARAMETERS);
	}
	return b;
}

static void before_set(struct block *b, size_t size)
{
	if (b) {
		believe(b);
		b->before = size;
		seal(b);
	}
}

/* What is more than `size` becomes a free block of its own, if it is enough for one. Joins a free block behind it. */
static void cut(struct block *b, size_t size)
{
	if (b->size - size < LEAST) {
		return;
	}
	struct block *rest = block_at((uint8_t *)b + size), *next = after(b);
	size_t rest_size = b->size - size;
	if (next) {
		believe(next);
		if (next->state == FREE) {
			list_take(next);
			rest_size += next->size;
			memset(next, 0, HEAD);
		}
	}
	memset(rest, 0, b->size - size);
	*rest = (struct block){ .size = rest_size, .before = size, .state = FREE };
	b->size = size;
	seal(b);
	seal(rest);
	list_add(rest);
	before_set(after(rest), rest_size);
}

static bool whole(size_t size, size_t *out)
{
	if (size > SIZE_MAX - HEAD - ALIGN) {
		return false;
	}
	*out = HEAD + (size + ALIGN - 1) / ALIGN * ALIGN;
	*out = *out < LEAST ? LEAST : *out;
	return true;
}

static void count(size_t more, size_t less)
{
	heap.used += more;
	heap.used -= less;
	heap.most = heap.used > heap.most ? heap.used : heap.most;
}

void *heap_alloc(size_t size, uint32_t hint)
{
	struct block *best = NULL;
	size_t need = 0;

	heap_begin();
	if (!whole(size, &need)) {
		return NULL;
	}
	for (struct block *b = heap.list; b; b = link_of(b)->next) {
		believe(b);
		if (b->size >= need && (!best || b->size < best->size)) {
			best = b;
			if (b->size == need) {
				break;
			}
		}
	}
	if (!best) {
		return NULL;
	}
	list_take(best);
	best->state = IN_USE;
	best->hint = hint;
	best->asked = size;
	seal(best);
	cut(best, need);
	count(best->size, 0);
	return (uint8_t *)best + HEAD; /* zeroed when it was freed */
}

void heap_free(void *at)
{
	if (!at) {
		return;
	}
	struct block *b = block_of(at), *next = after(b), *last = before(b);
	size_t size = b->size;

	count(0, size);
	memset(at, 0, size - HEAD);
	if (next) {
		believe(next);
	}
	if (last) {
		believe(last);
	}
	if (next && next->state == FREE) {
		list_take(next);
		size += next->size;
		memset(next, 0, HEAD);
	}
	if (last && last->state == FREE) {
		list_take(last);
		size += last->size;
		memset(b, 0, HEAD);
		b = last;
	}
	*b = (struct block){ .size = size, .before = b->before, .state = FREE };
	seal(b);
	list_add(b);
	before_set(after(b), size);
}

/* In its place: into a free block behind it, or shorter. */
static bool resize_here(struct block *b, size_t size, size_t need)
{
	struct block *next = after(b);
	size_t was = b->size;

	if (need > b->size) {
		if (!next) {
			return false;
		}
		believe(next);
		if (next->state != FREE || next->size < need - b->size) {
			return false;
		}
		list_take(next);
		b->size += next->size;
		memset(next, 0, HEAD);
		before_set(after(b), b->size);
	} else if (size < b->asked) {
		memset((uint8_t *)b + HEAD + size, 0, b->asked - size);
	}
	if (size > b->asked) {
		memset((uint8_t *)b + HEAD + b->asked, 0, size - b->asked);
	}
	b->asked = size;
	seal(b);
	cut(b, need);
	count(b->size, was);
	return true;
}

void *heap_resize(void *at, size_t size)
{
	struct block *b = block_of(at);
	size_t need = 0;

	if (!whole(size, &need)) {
		return NULL;
	}
	if (resize_here(b, size, need)) {
		return at;
	}
	void *moved = heap_alloc(size, b->hint);
	if (moved) {
		memcpy(moved, at, b->asked);
		heap_free(at);
	}
	return moved;
}

static bool meets(uintptr_t a, size_t a_size, uintptr_t b, size_t b_size)
{
	return a < b ? b - a < a_size : a - b < b_size;
}

bool heap_allows(const void *at, size_t size)
{
	uintptr_t place = (uintptr_t)at;

	if (!heap.ready || size == 0 || !meets(place, size, (uintptr_t)heap.begin, (size_t)(heap.end - heap.begin))) {
		return true;
	}
	for (struct block *b = heap.begin < heap.end ? block_at(heap.begin) : NULL; b; b = after(b)) {
		believe(b);
		uintptr_t from = (uintptr_t)b + HEAD;
		if (b->state == IN_USE && place >= from && place - from <= b->asked && size <= b->asked - (place - from)) {
			return true;
		}
	}
	return false;
}

bool heap_shareable(const void *at, size_t size)
{
	if (!heap.ready || size == 0 || heap.begin == heap.end) {
		return true;
	}
	for (struct block *b = block_at(heap.begin); b; b = after(b)) {
		believe(b);
		if (b->state == IN_USE && (b->hint & TEE_MALLOC_NO_SHARE) && meets((uintptr_t)at, size, (uintptr_t)b, b->size)) {
			return false;
		}
	}
	return true;
}

void heap_usage(size_t *used, size_t *most)
{
	*used = heap.used;
	*most = heap.most;
}
