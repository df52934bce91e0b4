/* The heap of a box, and the four functions that a C compiler takes for granted. */
#include "boxed/box_abi.h"

#include <stdlib.h>
#include <string.h>

#define PAGE_SIZE UINT32_C(65536)

void box_heap_open(uintptr_t start);

static uintptr_t heap_next, heap_end;

void box_heap_open(uintptr_t start)
{
	heap_next = (start + 15) & ~(uintptr_t)15;
	heap_end = __builtin_wasm_memory_size(0) * PAGE_SIZE;
}

/* Grow by half of what there is, at least by what is asked for: few calls, little waste. */
static bool heap_reach(uintptr_t end)
{
	if (end <= heap_end) {
		return true;
	}
	size_t need = (end - heap_end + PAGE_SIZE - 1) / PAGE_SIZE;
	size_t generous = heap_end / PAGE_SIZE / 2;

	if (generous > need && __builtin_wasm_memory_grow(0, generous) != (size_t)-1) {
		need = generous;
	} else if (__builtin_wasm_memory_grow(0, need) == (size_t)-1) {
		return false;
	}
	heap_end += need * PAGE_SIZE;
	return true;
}

void *box_alloc(size_t size)
{
	uintptr_t at = heap_next;

	if (size > UINT32_MAX / 2 || !heap_reach(at + size)) {
		return NULL;
	}
	heap_next = (at + size + 15) & ~(uintptr_t)15;
	return (void *)at;
}

void *box_resize(void *old, size_t old_size, size_t size)
{
	uintptr_t at = (uintptr_t)old;

	if (old && ((at + old_size + 15) & ~(uintptr_t)15) == heap_next && size <= UINT32_MAX / 2) {
		if (!heap_reach(at + size)) {
			return NULL;
		}
		heap_next = (at + size + 15) & ~(uintptr_t)15;
		return old;
	}
	void *fresh = box_alloc(size);

	if (fresh && old) {
		memcpy(fresh, old, old_size < size ? old_size : size);
	}
	return fresh;
}

/* With bulk memory these builtins are one instruction, not a call back to here. */
void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
	__builtin_memcpy(to, from, size);
	return to;
}

void *memmove(void *to, const void *from, size_t size)
{
	__builtin_memmove(to, from, size);
	return to;
}

void *memset(void *to, int byte, size_t size)
{
	__builtin_memset(to, byte, size);
	return to;
}

int memcmp(const void *a, const void *b, size_t size)
{
	const uint8_t *left = a, *right = b;

	for (size_t i = 0; i < size; i++) {
		if (left[i] != right[i]) {
			return left[i] < right[i] ? -1 : 1;
		}
	}
	return 0;
}

size_t strlen(const char *text)
{
	size_t size = 0;

	while (text[size]) {
		size++;
	}
	return size;
}

/* yyjson's default allocator names these three; our callers hand it box_alloc() instead. */
void *malloc(size_t size)
{
	(void)size;
	__builtin_trap();
}

void *realloc(void *old, size_t size)
{
	(void)old;
	(void)size;
	__builtin_trap();
}

void free(void *at)
{
	(void)at;
	__builtin_trap();
}
