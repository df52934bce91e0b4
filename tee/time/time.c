#include "tee/time/time.h"

#define RECORD_VERSION 1

enum mt_err time_record(struct time_value value, uint64_t machine_ms, uint8_t out[TIME_RECORD_SIZE])
{
	struct builder b = builder_over(out, TIME_RECORD_SIZE);
	struct bytes whole;

	if (value.milliseconds >= 1000) {
		return MT_MALFORMED;
	}
	builder_u8(&b, RECORD_VERSION);
	builder_u32(&b, value.seconds);
	builder_u32(&b, value.milliseconds);
	builder_u64(&b, machine_ms);
	mt_assert(builder_done(&b, &whole) == MT_OK && whole.size == TIME_RECORD_SIZE);
	return MT_OK;
}

enum mt_err time_now(struct bytes record, uint64_t machine_ms, struct time_value *out)
{
	struct cursor c = cursor_over(record);
	uint8_t version = cursor_u8(&c);
	struct time_value set = { .seconds = cursor_u32(&c) };

	set.milliseconds = cursor_u32(&c);
	uint64_t then = cursor_u64(&c);
	if (record.size == 0) {
		return MT_NOT_FOUND;
	}
	if (!cursor_done(&c) || version != RECORD_VERSION || set.milliseconds >= 1000 || machine_ms < then) {
		return MT_TAMPERED;
	}
	uint64_t gone = machine_ms - then;
	uint64_t milliseconds = set.milliseconds + gone % 1000;
	uint64_t seconds = set.seconds + gone / 1000 + milliseconds / 1000;
	*out = (struct time_value){ .seconds = (uint32_t)seconds, .milliseconds = (uint32_t)(milliseconds % 1000) };
	return seconds > UINT32_MAX ? MT_LIMIT : MT_OK;
}
