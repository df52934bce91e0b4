/* Parameters of calls between applications, which core carries: api/tee_worker.h. */
#include "exec/ta/ta_private.h"

#include <string.h>

/* Room in `space`, aligned as an application may expect of memory. */
static uint8_t *room(uint8_t *space, size_t *used, size_t size)
{
	size_t at = (*used + 15) & ~(size_t)15;

	if (size > PARAMS_SPACE || at > PARAMS_SPACE - size) {
		return NULL;
	}
	*used = at + size;
	return space + at;
}

/* What has been given so far. */
struct taken {
	uint8_t *space;
	size_t used, coming_out;
};

static enum mt_err memory_take(struct cursor *c, unsigned type, struct taken *t, uint64_t out[2])
{
	uint32_t size = cursor_u32(c);
	struct bytes in = param_goes_in(type) ? cursor_take(c, size) : mt_bytes(NULL, 0);
	uint8_t *at = room(t->space, &t->used, size);

	if (!cursor_ok(c)) {
		return MT_MALFORMED;
	}
	t->coming_out += param_comes_out(type) ? size : 0;
	if (!at || t->coming_out > TEE_WORKER_DATA_MAX) {
		return MT_LIMIT;
	}
	memset(at, 0, size);
	if (in.size) {
		memcpy(at, in.at, in.size);
	}
	out[0] = (uint64_t)(uintptr_t)at;
	out[1] = size;
	return MT_OK;
}

enum mt_err params_take(struct cursor *c, uint8_t *space, struct ta_params *out)
{
	struct ta_params params = { .types = cursor_u32(c) };
	struct taken t = { .space = space };

	if (!cursor_ok(c) || !params_types_good((uint32_t)params.types)) {
		return MT_MALFORMED;
	}
	for (size_t i = 0; i < TA_PARAMS; i++) {
		unsigned type = param_type(params.types, i);
		uint64_t *value = &params.value[2 * i];

		if (param_is_memory(type)) {
			enum mt_err err = memory_take(c, type, &t, value);

			if (err) {
				return err;
			}
		} else if (type) {
			/* Values stand there in either direction. */
			value[0] = cursor_u32(c);
			value[1] = cursor_u32(c);
			if (!param_goes_in(type)) {
				value[0] = value[1] = 0;
			}
		}
	}
	if (!cursor_done(c)) {
		return MT_MALFORMED;
	}
	*out = params;
	return MT_OK;
}

void params_give(struct builder *b, const struct ta_params *before, const struct ta_params *after)
{
	builder_u32(b, (uint32_t)before->types);
	for (size_t i = 0; i < TA_PARAMS; i++) {
		unsigned type = param_type(before->types, i);
		const uint64_t *was = &before->value[2 * i], *is = &after->value[2 * i];

		if (!param_comes_out(type)) {
			continue;
		}
		if (!param_is_memory(type)) {
			builder_u32(b, (uint32_t)is[0]);
			builder_u32(b, (uint32_t)is[1]);
			continue;
		}
		uint32_t size = is[1] > UINT32_MAX ? UINT32_MAX : (uint32_t)is[1];

		builder_u32(b, size);
		if (size <= was[1]) {
			builder_bytes(b, mt_bytes((const void *)(uintptr_t)was[0], size));
		}
	}
}
