/* A client's window and regions. Whatever is read here may change while it is read: one copy, and only the copy is looked at. */
#include "exec/ta/ta_private.h"

#include <string.h>

#include "api/tee_api_defines.h"

unsigned param_type(uint64_t types, size_t index)
{
	return (unsigned)(types >> (4 * index)) & 0xf;
}

bool param_is_memory(unsigned type)
{
	return type >= TEE_PARAM_TYPE_MEMREF_INPUT && type <= TEE_PARAM_TYPE_MEMREF_INOUT;
}

bool param_goes_in(unsigned type)
{
	return type == TEE_PARAM_TYPE_VALUE_INPUT || type == TEE_PARAM_TYPE_VALUE_INOUT || type == TEE_PARAM_TYPE_MEMREF_INPUT ||
	       type == TEE_PARAM_TYPE_MEMREF_INOUT;
}

bool param_comes_out(unsigned type)
{
	return type == TEE_PARAM_TYPE_VALUE_OUTPUT || type == TEE_PARAM_TYPE_VALUE_INOUT || type == TEE_PARAM_TYPE_MEMREF_OUTPUT ||
	       type == TEE_PARAM_TYPE_MEMREF_INOUT;
}

bool params_types_good(uint32_t types)
{
	for (size_t i = 0; i < TA_PARAMS; i++) {
		unsigned type = param_type(types, i);

		if (type != TEE_PARAM_TYPE_NONE && !param_goes_in(type) && !param_comes_out(type)) {
			return false;
		}
	}
	return types >> (4 * TA_PARAMS) == 0;
}

struct tee_window *window_of(const struct ta_session *s)
{
	return (struct tee_window *)(void *)s->region[0].at;
}

void window_read(const struct tee_window *shared, struct tee_window *out)
{
	memcpy(out, shared, sizeof(*out));
	/* The compiler may not look there again instead of at the copy. */
	__asm__ __volatile__("" ::: "memory");
}

static enum mt_err memory_param(const struct ta_session *s, const struct tee_window_param *p, uint64_t out[2])
{
	if (p->a == TEE_WINDOW_NOWHERE) {
		out[0] = out[1] = 0;
		return p->size == 0 ? MT_OK : MT_MALFORMED;
	}
	if (p->a > TEE_WINDOW_REGIONS_MAX || !s->region[p->a].at || s->region[p->a].ending) {
		return MT_MALFORMED;
	}
	const struct ta_region *r = &s->region[p->a];

	if (p->offset > r->size || p->size > r->size - p->offset || (p->a == 0 && p->offset < TEE_WINDOW_HEAD)) {
		return MT_MALFORMED;
	}
	out[0] = (uint64_t)(uintptr_t)(r->at + p->offset);
	out[1] = p->size;
	return MT_OK;
}

enum mt_err window_params(const struct ta_session *s, const struct tee_window *copy, struct ta_params *out)
{
	struct ta_params params = { .types = copy->types };

	if (!params_types_good(copy->types)) {
		return MT_MALFORMED;
	}
	for (size_t i = 0; i < TA_PARAMS; i++) {
		unsigned type = param_type(copy->types, i);

		if (param_is_memory(type)) {
			enum mt_err err = memory_param(s, &copy->param[i], &params.value[2 * i]);

			if (err) {
				return err;
			}
		} else if (param_goes_in(type)) {
			params.value[2 * i] = copy->param[i].a;
			params.value[2 * i + 1] = copy->param[i].b;
		}
	}
	*out = params;
	return MT_OK;
}

void window_give(struct tee_window *shared, uint32_t types, const struct ta_params *params)
{
	for (size_t i = 0; i < TA_PARAMS; i++) {
		unsigned type = param_type(types, i);

		if (!param_comes_out(type)) {
			continue;
		}
		if (param_is_memory(type)) {
			shared->param[i].size = params->value[2 * i + 1];
		} else {
			shared->param[i].a = (uint32_t)params->value[2 * i];
			shared->param[i].b = (uint32_t)params->value[2 * i + 1];
		}
	}
}

enum mt_err region_map(port_handle handle, uint64_t size, size_t least, struct ta_region *out)
{
	struct ta_region r = { .size = (size_t)size };

	if (size < least || size > TEE_WINDOW_SIZE_MAX) {
		return MT_LIMIT;
	}
	enum mt_err err = memory_foreign_map(handle, r.size, &r.at);

	if (!err) {
		*out = r;
	}
	return err;
}

void region_unmap(struct ta_region *r)
{
	if (r->at) {
		memory_unmap(mt_bytes(r->at, r->size));
	}
	*r = (struct ta_region){ 0 };
}
