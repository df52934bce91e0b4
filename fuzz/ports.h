/*
 * What several targets need in place of the port: an input that is eaten from its front, and handles that are numbers.
 *
 * Hides: nothing. Fuzz targets only.
 */
#ifndef MT_FUZZ_PORTS_H
#define MT_FUZZ_PORTS_H

#include "lib/base/base.h"
#include "port/port.h"

#include <stdlib.h>
#include <string.h>

/* The next number of the input; zero when there is none. */
static inline uint8_t fuzz_u8(struct bytes *in)
{
	uint8_t v = 0;

	if (in->size) {
		v = in->at[0];
		*in = mt_bytes(in->at + 1, in->size - 1);
	}
	return v;
}

static inline uint16_t fuzz_u16(struct bytes *in)
{
	uint8_t high = fuzz_u8(in);

	return (uint16_t)(high << 8 | fuzz_u8(in));
}

/*
 * The next `size` bytes, or what is left, in a block of their own, so that a read past their end is seen. Ends with
 * fuzz_free().
 */
static inline struct bytes fuzz_block(struct bytes *in, size_t size)
{
	size_t part = size < in->size ? size : in->size;
	uint8_t *at = malloc(part);

	if (part) {
		memcpy(at, in->at, part);
		*in = mt_bytes(in->at + part, in->size - part);
	}
	return mt_bytes(at, part);
}

/* A message of a two-byte size and its bytes. */
static inline struct bytes fuzz_message(struct bytes *in)
{
	size_t size = fuzz_u16(in);

	return fuzz_block(in, size);
}

static inline void fuzz_free(struct bytes block)
{
	free((void *)(uintptr_t)block.at);
}

#endif
