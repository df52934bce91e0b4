/*
 * The deterministic CBOR writer (RFC 8949, 4.2.1). Also the judge of foreign CBOR: what a box decoded is
 * written again with this and compared, so the shortest form here is a security property.
 */
#include "lib/base/base.h"

enum cbor_major {
	CBOR_UINT, CBOR_NEGATIVE, CBOR_BSTR, CBOR_TSTR, CBOR_ARRAY, CBOR_MAP, CBOR_TAG, CBOR_SIMPLE,
};

/* RFC 8949, 3: additional information that says how many bytes of argument follow. */
enum { CBOR_ONE_BYTE = 24, CBOR_TWO_BYTES = 25, CBOR_FOUR_BYTES = 26, CBOR_EIGHT_BYTES = 27 };

/* RFC 8949, 3.3: simple values. */
enum { CBOR_FALSE = 20, CBOR_TRUE = 21, CBOR_NULL = 22 };

void cbor_head(struct builder *b, uint8_t major, uint64_t argument)
{
	mt_assert(major <= CBOR_SIMPLE);
	uint8_t type = (uint8_t)(major << 5);

	if (argument < CBOR_ONE_BYTE) {
		builder_u8(b, (uint8_t)(type | argument));
	} else if (argument <= UINT8_MAX) {
		builder_u8(b, type | CBOR_ONE_BYTE);
		builder_u8(b, (uint8_t)argument);
	} else if (argument <= UINT16_MAX) {
		builder_u8(b, type | CBOR_TWO_BYTES);
		builder_u16(b, (uint16_t)argument);
	} else if (argument <= UINT32_MAX) {
		builder_u8(b, type | CBOR_FOUR_BYTES);
		builder_u32(b, (uint32_t)argument);
	} else {
		builder_u8(b, type | CBOR_EIGHT_BYTES);
		builder_u64(b, argument);
	}
}

void cbor_uint(struct builder *b, uint64_t v)
{
	cbor_head(b, CBOR_UINT, v);
}

/* RFC 8949, 3.1: major type 1 holds -1 - v, which is the complement of v's bits. */
void cbor_int(struct builder *b, int64_t v)
{
	if (v < 0) {
		cbor_head(b, CBOR_NEGATIVE, ~(uint64_t)v);
	} else {
		cbor_head(b, CBOR_UINT, (uint64_t)v);
	}
}

void cbor_bstr(struct builder *b, struct bytes v)
{
	cbor_head(b, CBOR_BSTR, v.size);
	builder_bytes(b, v);
}

void cbor_tstr(struct builder *b, struct bytes v)
{
	cbor_head(b, CBOR_TSTR, v.size);
	builder_bytes(b, v);
}

void cbor_array(struct builder *b, uint64_t count)
{
	cbor_head(b, CBOR_ARRAY, count);
}

void cbor_map(struct builder *b, uint64_t count)
{
	cbor_head(b, CBOR_MAP, count);
}

void cbor_tag(struct builder *b, uint64_t tag)
{
	cbor_head(b, CBOR_TAG, tag);
}

void cbor_bool(struct builder *b, bool v)
{
	cbor_head(b, CBOR_SIMPLE, v ? CBOR_TRUE : CBOR_FALSE);
}

void cbor_null(struct builder *b)
{
	cbor_head(b, CBOR_SIMPLE, CBOR_NULL);
}
