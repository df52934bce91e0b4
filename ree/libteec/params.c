/* An operation's parameters into a window, and back. What comes back is foreign. */
#include "ree/libteec/libteec.h"

#include <string.h>

#include "api/tee_api_defines.h"

#define ALIGNED 64u     /* of temporary memory: a cache line */

static bool goes_in(unsigned type)
{
	return type == TEE_PARAM_TYPE_VALUE_INPUT || type == TEE_PARAM_TYPE_VALUE_INOUT || type == TEE_PARAM_TYPE_MEMREF_INPUT ||
	       type == TEE_PARAM_TYPE_MEMREF_INOUT;
}

static bool comes_out(unsigned type)
{
	return type != TEE_PARAM_TYPE_NONE && type != TEE_PARAM_TYPE_VALUE_INPUT && type != TEE_PARAM_TYPE_MEMREF_INPUT;
}

static bool is_memory(unsigned type)
{
	return type >= TEE_PARAM_TYPE_MEMREF_INPUT;
}

/* ---- reading an operation ---- */

static TEEC_Result temporary_read(unsigned type, TEEC_TempMemoryReference *t, struct libteec_use *out)
{
	*out = (struct libteec_use){ .type = type, .program = t->buffer, .size = t->size, .size_back = &t->size };
	return t->buffer || t->size == 0 ? TEEC_SUCCESS : TEEC_ERROR_BAD_PARAMETERS;
}

/* The directions in TEEC_MEM_ flags are the bits that tell TEE_PARAM_TYPE_MEMREF_ types apart. */
static TEEC_Result registered_read(unsigned directions, bool whole, TEEC_RegisteredMemoryReference *m, struct libteec_use *out)
{
	TEEC_SharedMemory *parent = m->parent;

	if (!parent || parent->imp.id <= 0) {
		return TEEC_ERROR_BAD_PARAMETERS;
	}
	size_t offset = whole ? 0 : m->offset, size = whole ? parent->size : m->size;

	directions = whole ? parent->flags & (TEEC_MEM_INPUT | TEEC_MEM_OUTPUT) : directions;
	if (!directions || (directions & ~parent->flags) || offset > parent->size || size > parent->size - offset) {
		return TEEC_ERROR_BAD_PARAMETERS;
	}
	/* Allocated memory is the same on both sides; what is registered has a shadow, but for a descriptor's, which nobody else maps. */
	bool copied = parent->imp.shadow_buffer && parent->buffer;
	uint8_t *mapped = parent->imp.shadow_buffer ? parent->imp.shadow_buffer : parent->buffer;

	*out = (struct libteec_use){
		.type = 4 + directions, .size = size, .size_back = &m->size, .parent = parent, .offset = offset,
		.shared = mapped ? mapped + offset : NULL,
		.program = copied ? (uint8_t *)parent->buffer + offset : NULL,
	};
	return TEEC_SUCCESS;
}

static TEEC_Result param_read(unsigned type, TEEC_Parameter *p, struct libteec_use *out)
{
	switch (type) {
	case TEEC_NONE:
		return TEEC_SUCCESS;
	case TEEC_VALUE_INPUT: case TEEC_VALUE_OUTPUT: case TEEC_VALUE_INOUT:
		*out = (struct libteec_use){ .type = type, .value = &p->value };
		return TEEC_SUCCESS;
	case TEEC_MEMREF_TEMP_INPUT: case TEEC_MEMREF_TEMP_OUTPUT: case TEEC_MEMREF_TEMP_INOUT:
		return temporary_read(type, &p->tmpref, out);
	case TEEC_MEMREF_WHOLE:
		return registered_read(0, true, &p->memref, out);
	case TEEC_MEMREF_PARTIAL_INPUT: case TEEC_MEMREF_PARTIAL_OUTPUT: case TEEC_MEMREF_PARTIAL_INOUT:
		return registered_read(type - TEEC_MEMREF_WHOLE, false, &p->memref, out);
	default:
		return TEEC_ERROR_BAD_PARAMETERS;
	}
}

TEEC_Result params_read(TEEC_Operation *operation, struct libteec_uses *out)
{
	TEEC_Result result = TEEC_SUCCESS;

	*out = (struct libteec_uses){ 0 };
	if (operation && operation->paramTypes >> 16) {
		return TEEC_ERROR_BAD_PARAMETERS;
	}
	for (unsigned i = 0; operation && i < TEEC_CONFIG_PAYLOAD_REF_COUNT && !result; i++) {
		result = param_read(TEEC_PARAM_TYPE_GET(operation->paramTypes, i), &operation->params[i], &out->at[i]);
	}
	return result;
}

/* ---- placing them ---- */

static bool room_add(size_t *used, size_t size, size_t *at)
{
	size_t start = (*used + ALIGNED - 1) & ~(size_t)(ALIGNED - 1);

	*at = start;
	return size <= TEE_WINDOW_SIZE_MAX && mt_add_size(start, size, used);
}

bool params_room(const struct libteec_uses *uses, size_t *out)
{
	size_t used = 0, at;

	for (size_t i = 0; i < MT_COUNT(uses->at); i++) {
		if (is_memory(uses->at[i].type) && !room_add(&used, uses->at[i].size, &at)) {
			return false;
		}
	}
	*out = used;
	return used <= TEE_WINDOW_SIZE_MAX - TEE_WINDOW_HEAD;
}

/* Where each parameter goes: a region, and from which byte of it. */
struct place {
	bool copied, spilled;
	size_t offset;
};

static bool place_all(const struct libteec_session *s, const struct libteec_uses *uses, bool opening, struct place place[], size_t *spilled)
{
	size_t used = TEE_WINDOW_HEAD;

	*spilled = 0;
	for (size_t i = 0; i < MT_COUNT(uses->at); i++) {
		const struct libteec_use *u = &uses->at[i];
		size_t before = used;

		place[i] = (struct place){ .copied = is_memory(u->type) && (opening || !u->parent) && (u->program || u->parent) };
		if (!place[i].copied) {
			continue;
		}
		if (!room_add(&used, u->size, &place[i].offset) || used > s->window.size) {
			used = before;
			place[i].spilled = true;
			if (opening || !room_add(spilled, u->size, &place[i].offset)) {
				return false;
			}
		}
	}
	return *spilled <= TEE_WINDOW_SIZE_MAX;
}

/* Twice as much each time, so that a program whose calls grow does not pay for each. */
static bool spill_grow(struct libteec_session *s, size_t need, uint64_t number)
{
	size_t size = (size_t)1 << 20;

	if (s->spill.size >= need) {
		return true;
	}
	while (size < need) {
		size *= 2;
	}
	if (s->spill.at) {
		regions_forget(s, number);
		block_end(&s->spill);
	}
	return block_make(size, &s->spill);
}

/* No block of the program's has this number. */
#define SPILL_NUMBER UINT64_MAX

static TEEC_Result memory_write(struct libteec_session *s, struct libteec_use *u, const struct place *place, uint64_t *keep,
				struct tee_window_param *out)
{
	*out = (struct tee_window_param){ .a = TEE_WINDOW_NOWHERE };
	if (place->copied) {
		const struct libteec_memory *m = place->spilled ? &s->spill : &s->window;
		uint8_t *from = u->program ? u->program : u->shared;

		out->a = place->spilled ? regions_use(s, SPILL_NUMBER, m->fd, m->size, keep) : 0;
		out->offset = place->offset;
		if ((place->spilled && !out->a) || !from) {
			return from ? TEEC_ERROR_COMMUNICATION : TEEC_ERROR_NOT_SUPPORTED;
		}
		u->program = from;
		u->shared = m->at + place->offset;
	} else if (u->parent) {
		out->a = regions_use(s, (uint64_t)u->parent->imp.id, u->parent->imp.registered_fd, u->parent->imp.alloced_size, keep);
		out->offset = u->offset;
		if (!out->a) {
			return TEEC_ERROR_COMMUNICATION;
		}
	}
	out->size = u->size;
	if (u->program && u->size && goes_in(u->type)) {
		memcpy(u->shared, u->program, u->size);
	}
	return TEEC_SUCCESS;
}

TEEC_Result params_write(struct libteec_session *s, struct libteec_uses *uses, bool opening)
{
	struct tee_window *w = session_window(s);
	struct place place[MT_COUNT(uses->at)];
	struct tee_window_param param[TA_PARAMS] = { 0 };
	uint64_t keep = 0;
	size_t spilled;
	uint32_t types = 0;

	if (!place_all(s, uses, opening, place, &spilled) || (spilled && !spill_grow(s, spilled, SPILL_NUMBER))) {
		return TEEC_ERROR_OUT_OF_MEMORY;
	}
	for (size_t i = 0; i < MT_COUNT(uses->at); i++) {
		struct libteec_use *u = &uses->at[i];
		TEEC_Result result = TEEC_SUCCESS;

		types |= (uint32_t)u->type << (4 * i);
		if (is_memory(u->type)) {
			result = memory_write(s, u, &place[i], &keep, &param[i]);
		} else if (goes_in(u->type)) {
			param[i] = (struct tee_window_param){ .a = u->value->a, .b = u->value->b };
		}
		if (result) {
			return result;
		}
	}
	memcpy(w->param, param, sizeof(param));
	w->types = types;
	return TEEC_SUCCESS;
}

void params_back(const struct libteec_session *s, const struct libteec_uses *uses)
{
	struct tee_window_param param[TA_PARAMS];

	memcpy(param, session_window(s)->param, sizeof(param));
	__asm__ __volatile__("" ::: "memory");
	for (size_t i = 0; i < MT_COUNT(uses->at); i++) {
		const struct libteec_use *u = &uses->at[i];

		if (!comes_out(u->type)) {
			continue;
		}
		if (!is_memory(u->type)) {
			*u->value = (TEEC_Value){ .a = param[i].a, .b = param[i].b };
			continue;
		}
		/* A size above what there is says how much is needed: then nothing was written. */
		if (u->program && param[i].size && param[i].size <= u->size) {
			memcpy(u->program, u->shared, (size_t)param[i].size);
		}
		*u->size_back = (size_t)param[i].size;
	}
}
