#include "test/wire.h"

#include <string.h>

#include "test/test.h"

struct builder wire_new(void)
{
	return builder_over(test_alloc(WIRE_MAX), WIRE_MAX);
}

struct bytes wire_of(const struct builder *b)
{
	struct bytes out;

	mt_assert(!builder_done(b, &out));
	return out;
}

struct bytes replaced(struct bytes wire, struct bytes what, struct bytes with)
{
	struct builder b = wire_new();
	size_t found = 0;

	for (size_t i = 0; i < wire.size;) {
		if (wire.size - i >= what.size && memcmp(wire.at + i, what.at, what.size) == 0) {
			builder_bytes(&b, with);
			i += what.size;
			found++;
		} else {
			builder_u8(&b, wire.at[i++]);
		}
	}
	mt_assert(found == 1);
	return wire_of(&b);
}
