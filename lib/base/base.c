/*
 * Errors, assertions, borrowed bytes, checked sizes and the allocator with its failing hook.
 */
#include "lib/base/base.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Allocation to fail, counted from the last mt_alloc_fail_at(); 0 = none. Written by tests only. */
static _Atomic uint64_t alloc_fail_in;
static _Atomic uint64_t alloc_total;

const char *mt_err_name(enum mt_err err)
{
	static const char *const name[MT_ERRS] = {
		[MT_OK] = "ok",
		[MT_MALFORMED] = "malformed",
		[MT_DENIED] = "denied",
		[MT_NOT_FOUND] = "not found",
		[MT_STATE] = "state",
		[MT_LIMIT] = "limit",
		[MT_NO_MEMORY] = "no memory",
		[MT_IO] = "io",
		[MT_TAMPERED] = "tampered",
	};

	if ((unsigned)err >= MT_ERRS) {
		return "unknown";
	}
	return name[err];
}

_Noreturn void mt_assert_failed(const char *file, int line, const char *condition)
{
	fprintf(stderr, "%s:%d: our bug: %s\n", file, line, condition);
	abort();
}

/* ---- borrowed bytes ---- */

struct bytes mt_bytes(const void *at, size_t size)
{
	return (struct bytes){ .at = at, .size = size };
}

struct bytes mt_text(const char *zero_terminated)
{
	return mt_bytes(zero_terminated, strlen(zero_terminated));
}

bool mt_equal(struct bytes a, struct bytes b)
{
	return a.size == b.size && (a.size == 0 || memcmp(a.at, b.at, a.size) == 0);
}

bool mt_equal_ct(struct bytes a, struct bytes b)
{
	uint32_t differ = a.size != b.size;     /* sizes are public */

	for (size_t i = 0; i < a.size && i < b.size; i++) {
		differ |= (uint32_t)(a.at[i] ^ b.at[i]);
		__asm__("" : "+r"(differ));     /* keeps the compiler from leaving early */
	}
	return differ == 0;
}

int mt_compare(struct bytes a, struct bytes b)
{
	size_t shared = a.size < b.size ? a.size : b.size;
	int order = shared ? memcmp(a.at, b.at, shared) : 0;

	if (order != 0) {
		return order;
	}
	return (a.size > b.size) - (a.size < b.size);
}

void mt_wipe(void *at, size_t size)
{
	if (!at || size == 0) {
		return;
	}
	memset(at, 0, size);
	/* The compiler must assume that the zeros are read, so it cannot drop the memset. */
	__asm__ volatile("" : : "r"(at) : "memory");
}

bool mt_is_zero(struct bytes b)
{
	uint32_t any = 0;

	for (size_t i = 0; i < b.size; i++) {
		any |= b.at[i];
		__asm__("" : "+r"(any));        /* also asked about secrets (X25519): no early leave */
	}
	return any == 0;
}

bool mt_add_size(size_t a, size_t b, size_t *out)
{
	size_t sum;

	if (__builtin_add_overflow(a, b, &sum)) {
		return false;
	}
	*out = sum;
	return true;
}

bool mt_mul_size(size_t a, size_t b, size_t *out)
{
	size_t product;

	if (__builtin_mul_overflow(a, b, &product)) {
		return false;
	}
	*out = product;
	return true;
}

/* ---- memory ---- */

/* Whether this allocation is the one a test wants to fail. */
static bool alloc_fails(void)
{
	atomic_fetch_add_explicit(&alloc_total, 1, memory_order_relaxed);
	if (atomic_load_explicit(&alloc_fail_in, memory_order_relaxed) == 0) {
		return false;
	}
	return atomic_fetch_sub_explicit(&alloc_fail_in, 1, memory_order_relaxed) == 1;
}

void *mt_alloc(size_t size)
{
	if (alloc_fails()) {
		return NULL;
	}
	return calloc(1, size ? size : 1);
}

/*
 * Not realloc(): it may leave a copy of a secret in the freed part, and the caller could not wipe it.
 * Callers grow by doubling, so the extra copy is paid once per byte.
 */
void *mt_grow(void *old, size_t old_count, size_t count, size_t size)
{
	size_t old_size = 0, new_size = 0;

	mt_assert(old_count <= count);
	if (!mt_mul_size(old_count, size, &old_size) || !mt_mul_size(count, size, &new_size)) {
		return NULL;
	}
	void *grown = mt_alloc(new_size);
	if (!grown) {
		return NULL;
	}
	if (old && old_size) {
		memcpy(grown, old, old_size);
		mt_wipe(old, old_size);
	}
	mt_free(old);
	return grown;
}

#define ROOM_FIRST 16

enum mt_err mt_room(void **array, size_t *capacity, size_t count, size_t size)
{
	mt_assert(count <= *capacity);
	if (count < *capacity) {
		return MT_OK;
	}
	size_t wider = *capacity ? *capacity * 2 : ROOM_FIRST;
	void *grown = wider > *capacity ? mt_grow(*array, *capacity, wider, size) : NULL;
	if (!grown) {
		return MT_NO_MEMORY;
	}
	*array = grown;
	*capacity = wider;
	return MT_OK;
}

uint8_t *mt_copy(struct bytes b)
{
	uint8_t *copy = mt_alloc(b.size);

	if (copy && b.size) {
		memcpy(copy, b.at, b.size);
	}
	return copy;
}

char *mt_copy_text(struct bytes b)
{
	size_t size = 0;

	if (!mt_add_size(b.size, 1, &size)) {
		return NULL;
	}
	char *copy = mt_alloc(size);
	if (copy && b.size) {
		memcpy(copy, b.at, b.size);
	}
	return copy;
}

void mt_free(void *at)
{
	free(at);
}

void mt_alloc_fail_at(uint64_t n)
{
	atomic_store_explicit(&alloc_fail_in, n, memory_order_relaxed);
}

uint64_t mt_alloc_count(void)
{
	return atomic_load_explicit(&alloc_total, memory_order_relaxed);
}
