/* The C library that ta/rt has for applications, against the one of this machine. Its functions are ta_... here (rt_libc/names.h). */
#include "ta/rt/rt.h"
#include "test/test.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *ta_memcpy(void *to, const void *from, size_t size);
void *ta_memmove(void *to, const void *from, size_t size);
void *ta_memset(void *at, int byte, size_t size);
int ta_memcmp(const void *a, const void *b, size_t size);
void *ta_memchr(const void *at, int byte, size_t size);
size_t ta_strlen(const char *text);
size_t ta_strnlen(const char *text, size_t size);
int ta_strcmp(const char *a, const char *b);
int ta_strncmp(const char *a, const char *b, size_t size);
int ta_strcasecmp(const char *a, const char *b);
char *ta_strchr(const char *text, int c);
char *ta_strrchr(const char *text, int c);
char *ta_strstr(const char *text, const char *what);
size_t ta_strspn(const char *text, const char *set);
size_t ta_strcspn(const char *text, const char *set);
size_t ta_strlcpy(char *to, const char *from, size_t size);
size_t ta_strlcat(char *to, const char *from, size_t size);
char *ta_strncpy(char *to, const char *from, size_t size);
char *ta_strcpy(char *to, const char *from);
char *ta_strcat(char *to, const char *from);
char *ta_strdup(const char *text);
int consttime_memcmp(const void *a, const void *b, size_t size);
void *ta_malloc(size_t size);
void *ta_calloc(size_t count, size_t size);
void *ta_realloc(void *at, size_t size);
void ta_free(void *at);
_Noreturn void ta_abort(void);
int ta_abs(int number);
int ta_atoi(const char *text);
long ta_strtol(const char *text, char **end, int base);
unsigned long ta_strtoul(const char *text, char **end, int base);
void ta_qsort(void *base, size_t count, size_t size, int (*compare)(const void *a, const void *b));
void *ta_bsearch(const void *key, const void *base, size_t count, size_t size, int (*compare)(const void *key, const void *element));
int ta_snprintf(char *out, size_t size, const char *format, ...);
int ta_vsnprintf(char *out, size_t size, const char *format, va_list arguments);
int ta_printf(const char *format, ...);
int ta_puts(const char *text);
void trace_printf(const char *function, int line, int level, bool level_ok, const char *format, ...);
void dhex_dump(const char *function, int line, int level, const void *buffer, int size);
_Noreturn void rt_assert_failed(const char *text, const char *file, int line);
_Noreturn void ta_stack_chk_fail(void);

/* ---- what the library stands on ---- */

static jmp_buf panicked;
static char logged[1024];
static size_t logged_size;

uint32_t ta_syscall(uint32_t number, const uint64_t argument[TA_CALL_ARGUMENTS])
{
	if (number == TA_CALL_PANIC) {
		longjmp(panicked, 1);
	}
	if (number == TA_CALL_LOG && logged_size + argument[1] < sizeof(logged)) {
		memcpy(logged + logged_size, (const void *)(uintptr_t)argument[0], argument[1]);
		logged_size += argument[1];
		logged[logged_size++] = '|';
		logged[logged_size] = 0;
	}
	return TEE_SUCCESS;
}

uint8_t ta_heap[4096];
const size_t ta_heap_size = sizeof(ta_heap);

static uint32_t seed = 1;

static uint32_t chance(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

static int sign(int number)
{
	return (number > 0) - (number < 0);
}

/* ---- memory ---- */

static void test_memory(void)
{
	uint8_t a[200], b[200];

	for (unsigned round = 0; round < 3000; round++) {
		size_t size = chance(90), from = chance(100), to = chance(100);
		for (size_t i = 0; i < sizeof(a); i++) {
			a[i] = b[i] = (uint8_t)chance(3);
		}
		CHECK(sign(ta_memcmp(a + from, b + to, size)) == sign(memcmp(a + from, b + to, size)), "compared");
		CHECK((consttime_memcmp(a + from, b + to, size) == 0) == (memcmp(a + from, b + to, size) == 0), "in constant time");
		CHECK(ta_memchr(a + from, 2, size) == memchr(a + from, 2, size), "found");
		memmove(a + to, a + from, size);
		CHECK(ta_memmove(b + to, b + from, size) == b + to && memcmp(a, b, sizeof(a)) == 0, "moved");
		memset(a + from, (int)round, size);
		CHECK(ta_memset(b + from, (int)round, size) == b + from && memcmp(a, b, sizeof(a)) == 0, "filled");
		uint8_t copy[90];
		CHECK(ta_memcpy(copy, a + from, size) == copy && memcmp(copy, a + from, size) == 0, "copied");
	}
}

/* ---- text ---- */

static void random_text(char *text, size_t most)
{
	size_t size = chance((uint32_t)most);

	for (size_t i = 0; i < size; i++) {
		text[i] = "abAB\xff"[chance(5)];
	}
	text[size] = 0;
}

static void test_text(void)
{
	char a[20], b[20], c[64], d[64];

	for (unsigned round = 0; round < 5000; round++) {
		random_text(a, 12);
		random_text(b, 4);
		size_t size = chance(14);
		CHECK(ta_strlen(a) == strlen(a) && ta_strnlen(a, size) == strnlen(a, size), "length");
		CHECK(sign(ta_strcmp(a, b)) == sign(strcmp(a, b)) && sign(ta_strncmp(a, b, size)) == sign(strncmp(a, b, size)), "compared");
		CHECK((ta_strcasecmp(a, b) == 0) == (strcasecmp(a, b) == 0), "without case");
		CHECK(ta_strchr(a, 'a') == strchr(a, 'a') && ta_strrchr(a, 'b') == strrchr(a, 'b') && ta_strchr(a, 0) == strchr(a, 0), "found");
		CHECK(ta_strstr(a, b) == strstr(a, b) && ta_strspn(a, b) == strspn(a, b) && ta_strcspn(a, b) == strcspn(a, b), "in it");
		memset(c, 'x', sizeof(c));
		memset(d, 'x', sizeof(d));
		strncpy(c, a, size + 1);
		CHECK(ta_strncpy(d, a, size + 1) == d && memcmp(c, d, sizeof(c)) == 0, "strncpy");
		CHECK(ta_strlcpy(d, a, size + 1) == strlen(a) && strlen(d) == (strlen(a) < size ? strlen(a) : size) && memcmp(a, d, strlen(d)) == 0, "strlcpy");
		size_t before = strlen(d);
		CHECK(ta_strlcat(d, b, sizeof(d)) == before + strlen(b) && strcmp(d + before, b) == 0, "strlcat");
		CHECK(ta_strcat(ta_strcpy(c, a), b) == c && strlen(c) == strlen(a) + strlen(b), "strcat");
	}
	memset(c, 'x', sizeof(c));
	CHECK(ta_strlcpy(c, "abc", 0) == 3 && c[0] == 'x', "no room");
	CHECK(ta_strlcpy(c, "abc", 2) == 3 && strcmp(c, "a") == 0, "little");
	CHECK(ta_strlcat(c, "bcd", 3) == 4 && strcmp(c, "ab") == 0, "less");
	CHECK(ta_strlcat(c, "bcd", 1) == 4 && strcmp(c, "ab") == 0, "none");
}

/* ---- formats ---- */

static void same(const char *format, ...)
{
	char want[128], got[128];
	va_list one, two;

	for (size_t room = 0; room <= sizeof(got); room += room < 8 ? 1 : 40) {
		memset(want, 'x', sizeof(want));
		memset(got, 'x', sizeof(got));
		va_start(one, format);
		va_copy(two, one);
		int size = vsnprintf(want, room, format, one);
		CHECK(ta_vsnprintf(got, room, format, two) == size, format);
		CHECK(memcmp(want, got, sizeof(got)) == 0, format);
		va_end(two);
		va_end(one);
	}
}

static void test_format(void)
{
	static const char *const integers[] = { "%d", "%5d", "%-5d|", "%05d", "%+d", "% d", "%.3d", "%8.3d", "%-8.3d|", "%.0d", "%u", "%x", "%#x", "%X", "%08x",
						"%o", "%#o", "%3x", "%-+6d|", "%+05d" };
	static const int values[] = { 0, 1, -1, 42, -42, INT_MAX, INT_MIN, 123456 };
	static const TEE_UUID uuid = { 0x8aaaf200, 0x2450, 0x11e4, { 0xab, 0xe2, 0, 2, 0xa5, 0xd5, 0xc5, 0x1b } };
	char text[64];

	for (size_t f = 0; f < MT_COUNT(integers); f++) {
		for (size_t v = 0; v < MT_COUNT(values); v++) {
			same(integers[f], values[v]);
		}
	}
	same("%ld %lu %lx", LONG_MIN, ULONG_MAX, 255L);
	same("%lld %llu %llx", LLONG_MIN, ULLONG_MAX, 255LL);
	same("%zu %zd %jd %td", SIZE_MAX, (size_t)5, (intmax_t)-5, (ptrdiff_t)-6);
	same("%hhd %hhu %hd %hu", 300, -1, 70000, -1);
	same("%s|%10s|%-10s|%.2s|%5.1s", "text", "text", "text", "text", "text");
	same("%c%c %% %5d", 'a', 'b', 7);
	same("%*d %-*d| %.*s", 6, 5, 6, 5, 2, "abc");
	same("%*d|", -6, 5);
	same("no conversion at all, and longer than the smallest buffers");
	CHECK(ta_snprintf(text, sizeof(text), "%p", (void *)(uintptr_t)0x1234) == 6 && strcmp(text, "0x1234") == 0, "a pointer");
	CHECK(ta_snprintf(text, sizeof(text), "[%pUl]", (const void *)&uuid) == 38 && strcmp(text, "[8aaaf200-2450-11e4-abe2-0002a5d5c51b]") == 0, "a UUID");
	CHECK(ta_snprintf(text, sizeof(text), "%s", (const char *)NULL) == 6 && strcmp(text, "(null)") == 0, "no text");
	CHECK(ta_snprintf(text, sizeof(text), "%") == 0 && ta_snprintf(text, sizeof(text), "%5") == 0, "unfinished");
}

/* ---- numbers, sorting, memory by these names ---- */

static void test_numbers(void)
{
	static const char *const texts[] = { "0", "12", "-12", " \t+7x", "0x1f", "0X", "0xg", "077", "08", "zz", "", "-", "9223372036854775807",
					     "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "18446744073709551615",
					     "18446744073709551616", "99999999999999999999999", "-1", "7fffffffffffffff" };
	static const int bases[] = { 0, 8, 10, 16, 36 };

	for (size_t t = 0; t < MT_COUNT(texts); t++) {
		for (size_t b = 0; b < MT_COUNT(bases); b++) {
			char *want_end = NULL, *end = NULL;
			CHECK(ta_strtol(texts[t], &end, bases[b]) == strtol(texts[t], &want_end, bases[b]) && end == want_end, texts[t]);
			CHECK(ta_strtoul(texts[t], &end, bases[b]) == strtoul(texts[t], &want_end, bases[b]) && end == want_end, texts[t]);
		}
	}
	CHECK(ta_strtol("5", NULL, 10) == 5 && ta_atoi("-31") == -31 && ta_abs(-4) == 4 && ta_abs(4) == 4, "without an end");
}

static int compare(const void *a, const void *b)
{
	const uint8_t *left = a, *right = b;

	return (int)left[0] - (int)right[0];
}

static void test_sort(void)
{
	uint8_t a[150][3], b[150][3];

	for (size_t count = 0; count < 150; count += 1 + count / 8) {
		for (size_t i = 0; i < count; i++) {
			a[i][0] = (uint8_t)(i * 89 + count); /* all different: an order that is equal has no one form */
			a[i][1] = a[i][2] = (uint8_t)(a[i][0] ^ 0x5a);
		}
		memcpy(b, a, sizeof(a));
		qsort(a, count, 3, compare);
		ta_qsort(b, count, 3, compare);
		CHECK(memcmp(a, b, count * 3) == 0, "sorted");
		for (unsigned key = 0; key < 256; key += 5) {
			uint8_t wanted[3] = { (uint8_t)key, 0, 0 };
			const uint8_t *at = bsearch(wanted, a, count, 3, compare), *found = ta_bsearch(wanted, b, count, 3, compare);
			CHECK(!at == !found && (!at || at - &a[0][0] == found - &b[0][0]), "found");
		}
	}
}

/* A call that ends the application. */
#define PANICS(call) (setjmp(panicked) == 0 ? (call, false) : true)

static void test_allocation(void)
{
	char *copy = ta_strdup("a copy");

	CHECK(copy && strcmp(copy, "a copy") == 0, "strdup");
	ta_free(copy);
	CHECK(ta_calloc(SIZE_MAX / 2, 3) == NULL && ta_calloc(SIZE_MAX / 2 + 1, 2) == NULL && ta_malloc(1 << 20) == NULL, "too much");
	uint8_t *at = ta_realloc(ta_calloc(4, 4), 100);
	CHECK(at && mt_is_zero(mt_bytes(at, 100)), "zeroes");
	ta_free(at);
	ta_free(NULL);
	CHECK(PANICS(ta_free(at)) && PANICS(ta_abort()) && PANICS(ta_stack_chk_fail()), "faults");
	logged_size = 0;
	CHECK(PANICS(rt_assert_failed("1 == 2", "file.c", 7)) && strcmp(logged, "assertion failed: 1 == 2, file.c:7|") == 0, "an assertion says which");
}

static void test_trace(void)
{
	static char many[600];

	logged_size = 0;
	trace_printf("function", 12, 1, true, "an error %d", 5);
	trace_printf(NULL, 0, 3, true, "raw");
	dhex_dump("f", 1, 3, "0123456789abcdefg", 17);
	CHECK(strcmp(logged, "E/TA: function:12 an error 5|raw|0000: 30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66|0010: 67|") == 0, "lines");
	logged_size = 0;
	CHECK(ta_puts("text") == 5 && ta_printf("%s=%d", "a", 1) == 3 && strcmp(logged, "text\n|a=1|") == 0, "as stdio has them");
	memset(many, 'x', sizeof(many) - 1);
	logged_size = 0;
	trace_printf(many, 1, 1, true, "%s", many);
	CHECK(logged_size == 256, "cut");
}

const struct test tests[] = {
	{ "memory", test_memory },
	{ "text", test_text },
	{ "format", test_format },
	{ "numbers", test_numbers },
	{ "sort", test_sort },
	{ "allocation", test_allocation },
	{ "trace", test_trace },
	TESTS_END
};
