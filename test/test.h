/*
 * The test runner: named tests, CHECK, and the small helpers of STYLE 11.
 *
 * A test program defines `tests` (ended by TESTS_END) and links test/runner.c, whose main() runs them all, or those
 * whose name holds the program's first argument. It prints a line for each and ends with `N passed, N failed`.
 */
#ifndef MT_TEST_H
#define MT_TEST_H

#include "lib/base/base.h"

struct test {
	const char *name;
	void (*run)(void);
};
#define TESTS_END { NULL, NULL }
extern const struct test tests[];

/* Counts a failure and prints where and why; the test goes on. */
#define CHECK(condition, why) test_check((condition), __FILE__, __LINE__, #condition, (why))

/* Returns the condition, so that a test can stop where going on makes no sense: if (!CHECK(...)) { return; } */
bool test_check(bool condition, const char *file, int line, const char *text, const char *why);

/* Bytes of hexadecimal text; spaces are free. Lives until the test ends. */
struct bytes hex(const char *text);
/* The first n bytes, in a block of their own, so that a sanitizer sees a read past their end. Lives until the test ends. */
struct bytes first(struct bytes b, size_t n);
/* Memory that lives until the test ends. */
void *test_alloc(size_t size);

#endif
