/*
 * The sticky writer into the caller's memory. A write that does not fit whole is not begun.
 */
#include "lib/base/base.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct builder builder_over(void *at, size_t capacity)
{
	mt_assert(at || capacity == 0);
	return (struct builder){ .at = at, .capacity = capacity };
}

void builder_bytes(struct builder *b, struct bytes v)
{
	if (b->failed || v.size > b->capacity - b->size) {
		b->failed = true;
		return;
	}
	if (v.size) {
		memcpy(b->at + b->size, v.at, v.size);
		b->size += v.size;
	}
}

static void builder_integer(struct builder *b, uint64_t v, size_t size)
{
	uint8_t wire[8];

	for (size_t i = 0; i < size; i++) {
		wire[i] = (uint8_t)(v >> 8 * (size - 1 - i));
	}
	builder_bytes(b, mt_bytes(wire, size));
}

void builder_u8(struct builder *b, uint8_t v)
{
	builder_integer(b, v, 1);
}

void builder_u16(struct builder *b, uint16_t v)
{
	builder_integer(b, v, 2);
}

void builder_u32(struct builder *b, uint32_t v)
{
	builder_integer(b, v, 4);
}

void builder_u64(struct builder *b, uint64_t v)
{
	builder_integer(b, v, 8);
}

void builder_bytes32(struct builder *b, struct bytes v)
{
	if (v.size > UINT32_MAX) {
		b->failed = true;
		return;
	}
	builder_u32(b, (uint32_t)v.size);
	builder_bytes(b, v);
}

void builder_text(struct builder *b, const char *zero_terminated)
{
	builder_bytes(b, mt_text(zero_terminated));
}

/* vsnprintf() needs room for its terminating zero, which is not part of what was written. */
void builder_format(struct builder *b, const char *format, ...)
{
	if (b->failed) {
		return;
	}
	size_t room = b->capacity - b->size;
	va_list arguments;

	va_start(arguments, format);
	int size = vsnprintf(room ? (char *)b->at + b->size : NULL, room, format, arguments);
	va_end(arguments);
	if (size == 0) {
		return;
	}
	if (size < 0 || (size_t)size >= room) {
		b->failed = true;
		return;
	}
	b->size += (size_t)size;
}

/* RFC 8259, 7: quotation mark, reverse solidus and the control characters must be escaped. */
static void builder_json_byte(struct builder *b, uint8_t c)
{
	switch (c) {
	case '"':
		builder_text(b, "\\\"");
		return;
	case '\\':
		builder_text(b, "\\\\");
		return;
	case '\n':
		builder_text(b, "\\n");
		return;
	case '\r':
		builder_text(b, "\\r");
		return;
	case '\t':
		builder_text(b, "\\t");
		return;
	default:
		break;
	}
	if (c < 0x20 || c == 0x7f) {    /* JSON allows DEL as it is, TOML does not */
		char digits[3];

		mt_hex(mt_bytes(&c, 1), digits);
		builder_text(b, "\\u00");
		builder_text(b, digits);
		return;
	}
	builder_u8(b, c);
}

void builder_json_text(struct builder *b, struct bytes v)
{
	builder_u8(b, '"');
	for (size_t i = 0; i < v.size; i++) {
		builder_json_byte(b, v.at[i]);
	}
	builder_u8(b, '"');
}

enum mt_err builder_done(const struct builder *b, struct bytes *out)
{
	if (b->failed) {
		return MT_LIMIT;
	}
	*out = mt_bytes(b->at, b->size);
	return MT_OK;
}
