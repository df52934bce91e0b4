/* Memory by the names of a C library, numbers of text, sorting; and what compilers call by themselves. */
#include <stdlib.h>

#include <assert.h>
#include <ctype.h>
#include <limits.h>
#include <trace.h>

#include "ta/rt/rt.h"

void *malloc(size_t size)
{
	return heap_alloc(size, TEE_MALLOC_FILL_ZERO);
}

void *calloc(size_t count, size_t size)
{
	size_t all = 0;

	return __builtin_mul_overflow(count, size, &all) ? NULL : heap_alloc(all, TEE_MALLOC_FILL_ZERO);
}

void *realloc(void *at, size_t size)
{
	return TEE_Realloc(at, size);
}

void free(void *at)
{
	heap_free(at);
}

_Noreturn void abort(void)
{
	rt_panic(TEE_ERROR_GENERIC);
}

_Noreturn void rt_assert_failed(const char *text, const char *file, int line)
{
	trace_printf(NULL, 0, TRACE_ERROR, true, "assertion failed: %s, %s:%d", text, file, line);
	rt_panic(TEE_ERROR_GENERIC);
}

/* The stack's guard: gcc and clang read the one and call the other. */
extern uintptr_t __stack_chk_guard;
uintptr_t __stack_chk_guard = (uintptr_t)UINT64_C(0x00A8F3C15D2E9B47);

_Noreturn void __stack_chk_fail(void);
_Noreturn void __stack_chk_fail(void)
{
	rt_panic(TEE_ERROR_SECURITY);
}

int abs(int number)
{
	return number < 0 ? -number : number;
}

long labs(long number)
{
	return number < 0 ? -number : number;
}

static int digit_of(char c)
{
	return isdigit(c) ? c - '0' : isalpha(c) ? tolower(c) - 'a' + 10 : 99;
}

/* The digits of text in base, 0: as they say themselves; without sign. `most` where they are more. */
static unsigned long digits_take(const char **text, int base, unsigned long most)
{
	const char *at = *text;
	unsigned long number = 0;
	bool over = false;

	if ((base == 0 || base == 16) && at[0] == '0' && (at[1] | 0x20) == 'x' && digit_of(at[2]) < 16) {
		at += 2;
		base = 16;
	} else if (base == 0) {
		base = at[0] == '0' ? 8 : 10;
	}
	for (; digit_of(*at) < base; at++) {
		unsigned long digit = (unsigned long)digit_of(*at);
		over = over || number > (most - digit) / (unsigned long)base;
		number = over ? most : number * (unsigned long)base + digit;
		*text = at + 1;
	}
	return number;
}

static const char *sign_take(const char *text, bool *negative)
{
	while (isspace(*text)) {
		text++;
	}
	*negative = *text == '-';
	return *text == '-' || *text == '+' ? text + 1 : text;
}

static void end_give(char **end, const char *text, const char *start, const char *at)
{
	if (end) {
		*end = (char *)(uintptr_t)(at == start ? text : at);
	}
}

unsigned long strtoul(const char *text, char **end, int base)
{
	bool negative = false;
	const char *start = sign_take(text, &negative), *at = start;
	unsigned long number = digits_take(&at, base, ULONG_MAX);

	end_give(end, text, start, at);
	return negative && number != ULONG_MAX ? 0 - number : number;
}

long strtol(const char *text, char **end, int base)
{
	bool negative = false;
	const char *start = sign_take(text, &negative), *at = start;
	unsigned long number = digits_take(&at, base, (unsigned long)LONG_MAX + negative);

	end_give(end, text, start, at);
	if (negative) {
		return number > LONG_MAX ? LONG_MIN : -(long)number;
	}
	return (long)number;
}

int atoi(const char *text)
{
	return (int)strtol(text, NULL, 10);
}

/* ---- sorting: a heap, so that no input makes it slow and the stack stays small ---- */

struct array {
	uint8_t *at;
	size_t size;
	int (*compare)(const void *a, const void *b);
};

static void exchange(const struct array *a, size_t left, size_t right)
{
	for (size_t i = 0; i < a->size; i++) {
		uint8_t byte = a->at[left * a->size + i];
		a->at[left * a->size + i] = a->at[right * a->size + i];
		a->at[right * a->size + i] = byte;
	}
}

static bool less(const struct array *a, size_t left, size_t right)
{
	return a->compare(a->at + left * a->size, a->at + right * a->size) < 0;
}

static void sift(const struct array *a, size_t from, size_t count)
{
	for (size_t child = 2 * from + 1; child < count; child = 2 * from + 1) {
		child += child + 1 < count && less(a, child, child + 1);
		if (!less(a, from, child)) {
			return;
		}
		exchange(a, from, child);
		from = child;
	}
}

void qsort(void *base, size_t count, size_t size, int (*compare)(const void *a, const void *b))
{
	struct array a = { base, size, compare };

	for (size_t i = count / 2; i-- > 0;) {
		sift(&a, i, count);
	}
	for (size_t i = count; i-- > 1;) {
		exchange(&a, 0, i);
		sift(&a, 0, i);
	}
}

void *bsearch(const void *key, const void *base, size_t count, size_t size, int (*compare)(const void *key, const void *element))
{
	const uint8_t *at = base;

	while (count > 0) {
		const uint8_t *middle = at + count / 2 * size;
		int where = compare(key, middle);
		if (where == 0) {
			return (void *)(uintptr_t)middle;
		}
		if (where > 0) {
			at = middle + size;
			count--;
		}
		count /= 2;
	}
	return NULL;
}
