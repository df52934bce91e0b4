/* Which format an image has; versions. */
#include "tee/image/image_private.h"

#define RECORD_FORMAT 1

uint16_t image_u16(struct cursor *c)
{
	uint16_t v = cursor_u16(c);

	return (uint16_t)(v << 8 | v >> 8);
}

uint32_t image_u32(struct cursor *c)
{
	uint32_t low = image_u16(c);

	return low | (uint32_t)image_u16(c) << 16;
}

enum mt_err image_verify(struct bytes image, const struct image_trust *trust, struct image *out)
{
	struct cursor c = cursor_over(image);
	struct bytes magic = cursor_take(&c, 4);
	struct image verified = { 0 };
	enum mt_err err = MT_MALFORMED;

	mt_assert(trust->count <= IMAGE_KEYS_MAX);
	if (mt_equal(magic, mt_text(OWN_MAGIC))) {
		err = own_verify(image, trust, &verified);
	} else if (mt_equal(magic, mt_text(OPTEE_MAGIC))) {
		err = optee_verify(image, trust, &verified);
	}
	if (!err) {
		*out = verified;
	}
	return err;
}

enum mt_err image_version_check(struct bytes record, uint32_t version, bool *newer)
{
	struct cursor c = cursor_over(record);
	uint8_t format = cursor_u8(&c);
	uint32_t highest = cursor_u32(&c);

	if (record.size > 0 && (!cursor_done(&c) || format != RECORD_FORMAT || version < highest)) {
		return MT_TAMPERED;
	}
	*newer = version > highest;     /* of none it is 0 */
	return MT_OK;
}

void image_version_record(uint32_t version, uint8_t out[IMAGE_RECORD_SIZE])
{
	struct builder b = builder_over(out, IMAGE_RECORD_SIZE);
	struct bytes whole;

	builder_u8(&b, RECORD_FORMAT);
	builder_u32(&b, version);
	mt_assert(builder_done(&b, &whole) == MT_OK && whole.size == IMAGE_RECORD_SIZE);
}
