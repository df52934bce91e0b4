/* Lines of digests: hexadecimal, as lists of breached passwords have them. Class B. */
#ifndef MT_EXEC_BUILTIN_DIGESTS_H
#define MT_EXEC_BUILTIN_DIGESTS_H

#include "exec/builtin/guest.h"

#define DIGEST_SIZE_MAX 32
#define DIGEST_COUNT_MAX INT64_C(999999999999999999)

/*
 * HEX or HEX:COUNT, with 2 * size digits of either case and a decimal COUNT of 1 to 18 digits; without it the count is 1. `out` is `size` bytes.
 * False: not such a line.
 */
bool digest_line(struct text line, size_t size, uint8_t *out, int64_t *count);

#endif
