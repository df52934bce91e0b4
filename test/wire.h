/* Wire forms in tests: built with an encoder, then bent. */
#ifndef MT_TEST_WIRE_H
#define MT_TEST_WIRE_H

#include "lib/base/base.h"

#define WIRE_MAX (64 * 1024)

/* Room for WIRE_MAX bytes, which live until the test ends. */
struct builder wire_new(void);
struct bytes wire_of(const struct builder *b);
/* `wire` with its one occurrence of `what` replaced; stops the test program when there is none, or a second. */
struct bytes replaced(struct bytes wire, struct bytes what, struct bytes with);

#endif
