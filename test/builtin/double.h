/*
 * A built-in function natively, without an engine: its inputs and outputs in memory, and its end caught. For tests and fuzz targets under
 * sanitizers; it links the real exec/builtin/guest.c with DOUBLE_LIBS (test/builtin/tests.mk). What it allocated is freed when it ends.
 */
#ifndef MT_TEST_BUILTIN_DOUBLE_H
#define MT_TEST_BUILTIN_DOUBLE_H

#include "lib/base/base.h"

#define DOUBLE_STOPPED 1

/* Forgets all inputs and outputs. */
void double_clear(void);
/* An input: borrowed until double_clear(). */
void double_input(const char *name, struct bytes content);
/* What was written to an output, NULL where it was not made. Lives until the next run. */
const char *double_output(const char *name);
size_t double_output_size(const char *name);

/* Runs it: what it returned, or DOUBLE_STOPPED after guest_stop(). */
int double_run(int (*run)(void *context), void *context);
/* The same for a whole function, with arguments ended by NULL. */
int double_main(int (*function)(int, char **), const char *const *arguments);

#endif
