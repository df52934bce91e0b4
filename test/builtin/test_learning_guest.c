#include "test/builtin/test_learning_guest.h"

#include <setjmp.h>
#include <stdlib.h>

/* More than any model below the size of a test needs. */
#define BLOCKS_MAX 4096
#define SIZE_MAX_ONE ((size_t)64 << 20)

static jmp_buf stopped;
static void *block[BLOCKS_MAX];
static size_t blocks;

void guest_stop(const char *format, ...)
{
	(void)format;
	longjmp(stopped, 1);
}

void *guest_alloc(size_t count, size_t size)
{
	count = count ? count : 1;
	size = size ? size : 1;
	/* A claim of a few bytes must not ask for this much: the fuzzer sees it as an assertion. */
	if (count > SIZE_MAX_ONE / size || blocks == BLOCKS_MAX) {
		abort();
	}
	void *at = calloc(count, size);
	if (!at) {
		abort();
	}
	block[blocks++] = at;
	return at;
}

bool guest_try(void (*what)(void *with), void *with)
{
	volatile bool whole = false;

	if (setjmp(stopped) == 0) {
		what(with);
		whole = true;
	}
	while (blocks > 0) {
		free(block[--blocks]);
	}
	return whole;
}

const char *guest_argument(const char *name, const char *otherwise)
{
	(void)name;
	return otherwise;
}

uint64_t guest_count(const char *name, uint64_t least, uint64_t most, uint64_t otherwise)
{
	(void)name;
	(void)least;
	(void)most;
	return otherwise;
}

FILE *guest_output(const char *name)
{
	(void)name;
	abort();
}

void guest_close(FILE *output)
{
	(void)output;
	abort();
}
