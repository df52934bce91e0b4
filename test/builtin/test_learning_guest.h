/*
 * A double of exec/builtin/guest.c for built-ins that run natively in a test or a fuzzer: guest_stop() ends what is tried and not the process, and
 * what was allocated is given back. No files and no arguments.
 */
#ifndef MT_TEST_BUILTIN_TEST_LEARNING_GUEST_H
#define MT_TEST_BUILTIN_TEST_LEARNING_GUEST_H

#include "exec/builtin/guest.h"

/* Whether what(with) came to its end; false: guest_stop(). Then frees whatever guest_alloc() gave. */
bool guest_try(void (*what)(void *with), void *with);

#endif
