/*
 * The sticky reader of foreign bytes. Once one read was short, all later reads give zero.
 */
#include "lib/base/base.h"

#include <string.h>

/* Stands in for a null pointer of an empty run, so that nothing computes with NULL. */
static const uint8_t nothing[1];

struct cursor cursor_over(struct bytes b)
{
	const uint8_t *at = b.at ? b.at : nothing;

	mt_assert(b.at || b.size == 0);
	return (struct cursor){ .at = at, .end = at + b.size };
}

size_t cursor_left(const struct cursor *c)
{
	return c->failed ? 0 : (size_t)(c->end - c->at);
}

struct bytes cursor_take(struct cursor *c, size_t size)
{
	/* Compared with what is left, never added to a pointer: `size` is foreign. */
	if (c->failed || size > (size_t)(c->end - c->at)) {
		c->failed = true;
		return mt_bytes(nothing, 0);
	}
	const uint8_t *at = c->at;
	c->at += size;
	return mt_bytes(at, size);
}

static uint64_t cursor_integer(struct cursor *c, size_t size)
{
	struct bytes b = cursor_take(c, size);
	uint64_t v = 0;

	for (size_t i = 0; i < b.size; i++) {
		v = v << 8 | b.at[i];
	}
	return v;
}

uint8_t cursor_u8(struct cursor *c)
{
	return (uint8_t)cursor_integer(c, 1);
}

uint16_t cursor_u16(struct cursor *c)
{
	return (uint16_t)cursor_integer(c, 2);
}

uint32_t cursor_u32(struct cursor *c)
{
	return (uint32_t)cursor_integer(c, 4);
}

uint64_t cursor_u64(struct cursor *c)
{
	return cursor_integer(c, 8);
}

struct bytes cursor_take32(struct cursor *c)
{
	return cursor_take(c, cursor_u32(c));
}

void cursor_copy(struct cursor *c, void *out, size_t size)
{
	struct bytes b = cursor_take(c, size);

	if (size == 0) {
		return;
	}
	if (b.size == size) {
		memcpy(out, b.at, size);
	} else {
		memset(out, 0, size);
	}
}

bool cursor_ok(const struct cursor *c)
{
	return !c->failed;
}

bool cursor_done(const struct cursor *c)
{
	return !c->failed && c->at == c->end;
}
