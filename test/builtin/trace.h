/*
 * Everything that traced code does to memory, and every block of it that runs: one number that differs when any address or branch does.
 * The code is compiled with the compiler's race and coverage instrumentation (tests.mk), whose calls come here instead of to its runtime.
 */
#ifndef MT_TEST_BUILTIN_TRACE_H
#define MT_TEST_BUILTIN_TRACE_H

#include <stdint.h>

struct trace {
	uint64_t hash, accesses, blocks;
};

/* Addresses count from `base`, so that runs over different memory compare. */
void trace_begin(const void *base);
struct trace trace_end(void);

#endif
