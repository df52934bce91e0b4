/* What the arguments of each system call are; from the application's memory and back into it. */
#include "tee/call/call_private.h"

#include <string.h>

#include "api/tee_api_defines.h"

/* Names of OP-TEE's utee_types.h and tee_internal_api.h. */
_Static_assert(sizeof(struct ta_params) == 72, "utee_params");
_Static_assert(sizeof(struct ta_attribute) == 24, "utee_attribute");
_Static_assert(sizeof(struct ta_object_info) == 28, "utee_object_info");
_Static_assert(sizeof(struct ta_time) == 8, "TEE_Time");
_Static_assert(sizeof(struct ta_head) == 32, "ta_head");

/* Facts of OP-TEE's utee_syscalls.h. */
static const char *const shapes[TA_CALLS] = {
	[TA_CALL_LOG] = "i",
	[TA_CALL_PANIC] = "v",
	[TA_CALL_GET_PROPERTY] = "vvOOW",
	[TA_CALL_PROPERTY_INDEX] = "viw",
	[TA_CALL_OPEN_TA_SESSION] = "uvxww",
	[TA_CALL_CLOSE_TA_SESSION] = "v",
	[TA_CALL_INVOKE_TA_COMMAND] = "vvvxw",
	[TA_CALL_CHECK_ACCESS] = "vvv",
	[TA_CALL_GET_CANCELLATION] = "w",
	[TA_CALL_UNMASK_CANCELLATION] = "w",
	[TA_CALL_MASK_CANCELLATION] = "w",
	[TA_CALL_WAIT] = "v",
	[TA_CALL_GET_TIME] = "vT",
	[TA_CALL_SET_TIME] = "t",
	[TA_CALL_STATE_ALLOC] = "vvvvw",
	[TA_CALL_STATE_COPY] = "vv",
	[TA_CALL_STATE_FREE] = "v",
	[TA_CALL_HASH_INIT] = "vi",
	[TA_CALL_HASH_UPDATE] = "vi",
	[TA_CALL_HASH_FINAL] = "vio",
	[TA_CALL_CIPHER_INIT] = "vi",
	[TA_CALL_CIPHER_UPDATE] = "vio",
	[TA_CALL_CIPHER_FINAL] = "vio",
	[TA_CALL_OBJECT_INFO] = "vf",
	[TA_CALL_OBJECT_RESTRICT] = "vv",
	[TA_CALL_OBJECT_ATTRIBUTE] = "vvo",
	[TA_CALL_OBJECT_ALLOC] = "vvw",
	[TA_CALL_OBJECT_CLOSE] = "v",
	[TA_CALL_OBJECT_RESET] = "v",
	[TA_CALL_OBJECT_POPULATE] = "va",
	[TA_CALL_OBJECT_COPY] = "vv",
	[TA_CALL_DERIVE_KEY] = "vav",
	[TA_CALL_RANDOM] = "b",
	[TA_CALL_AUTHENTICATED_INIT] = "vivvv",
	[TA_CALL_AUTHENTICATED_AAD] = "vi",
	[TA_CALL_AUTHENTICATED_UPDATE] = "vio",
	[TA_CALL_AUTHENTICATED_SEAL] = "vioo",
	[TA_CALL_AUTHENTICATED_OPEN] = "vioi",
	[TA_CALL_ASYMMETRIC_OPERATE] = "vaio",
	[TA_CALL_ASYMMETRIC_VERIFY] = "vaii",
	[TA_CALL_STORAGE_OPEN] = "vivwK",
	[TA_CALL_STORAGE_CREATE] = "vivviwk",
	[TA_CALL_STORAGE_DELETE] = "v",
	[TA_CALL_STORAGE_RENAME] = "vi",
	[TA_CALL_WALK_ALLOC] = "w",
	[TA_CALL_WALK_FREE] = "v",
	[TA_CALL_WALK_RESET] = "v",
	[TA_CALL_WALK_START] = "vv",
	[TA_CALL_WALK_NEXT] = "vfo",
	[TA_CALL_STORAGE_READ] = "vr",
	[TA_CALL_STORAGE_WRITE] = "vi",
	[TA_CALL_STORAGE_TRUNCATE] = "vv",
	[TA_CALL_STORAGE_SEEK] = "vvv",
	[TA_CALL_GENERATE_KEY] = "vva",
	[TA_CALL_CACHE] = "vvv",
};

#define ATTRIBUTE_IS_VALUE (UINT32_C(1) << 29)

const char *call_shape(uint32_t number)
{
	return number < TA_CALLS ? shapes[number] : NULL;
}

bool call_shape_is(uint32_t number, char letter)
{
	const char *shape = call_shape(number);

	return shape && strchr(shape, letter) != NULL;
}

/* ---- in ---- */

/* Where decoding stands. After the first error nothing more is read. */
struct take {
	const struct call_memory *memory;
	const uint64_t *argument;
	struct call *call;
	size_t next, values, ins, outs;
	enum mt_err err;
};

static uint64_t argument(struct take *t)
{
	mt_assert(t->next < TA_CALL_ARGUMENTS);
	return t->argument[t->next++];
}

static void fail(struct take *t, enum mt_err err)
{
	t->err = t->err ? t->err : err;
}

/* NULL: nothing to be read or written there, or a failure. */
static uint8_t *map(struct take *t, uint64_t at, uint64_t size, enum call_access access)
{
	if (t->err || size == 0) {
		return NULL;
	}
	uint8_t *mapped = size <= CALL_BUFFER_MAX ? t->memory->map(t->memory->self, at, size, access) : NULL;

	if (!mapped) {
		fail(t, size <= CALL_BUFFER_MAX ? MT_DENIED : MT_LIMIT);
	}
	return mapped;
}

static void copy_in(struct take *t, uint64_t at, void *to, size_t size)
{
	const uint8_t *from = map(t, at, size, CALL_READ);

	if (from) {
		memcpy(to, from, size);
	}
}

static struct bytes bytes_in(struct take *t, uint64_t at, uint64_t size)
{
	const uint8_t *from = map(t, at, size, CALL_READ);

	return from ? mt_bytes(from, (size_t)size) : mt_bytes(NULL, 0);
}

static void out_add(struct take *t, uint64_t at, uint64_t capacity)
{
	uint8_t *to = map(t, at, capacity, CALL_WRITE);

	t->call->out[t->outs++] = (struct call_out){ .at = to, .capacity = to ? (size_t)capacity : 0 };
}

/* A buffer whose capacity lies where its size is to go. An address of 0 asks for the size alone. */
static void out_sized(struct take *t, size_t width)
{
	uint64_t at = argument(t), place = argument(t), wide = 0;
	uint32_t narrow = 0;

	if (place == 0 && width == sizeof(narrow)) {
		t->call->out[t->outs++] = (struct call_out){ .absent = true };
		return;
	}
	copy_in(t, place, width == sizeof(wide) ? (void *)&wide : (void *)&narrow, width);
	(void)map(t, place, width, CALL_WRITE);
	out_add(t, at, at ? wide + narrow : 0);
}

static void attributes_in(struct take *t)
{
	uint64_t at = argument(t), count = argument(t);
	struct ta_attribute wire[OPERATION_ATTRIBUTES_MAX];

	if (count > OPERATION_ATTRIBUTES_MAX) {
		fail(t, MT_LIMIT);
	}
	if (t->err || count == 0) {
		return;
	}
	copy_in(t, at, wire, (size_t)count * sizeof(wire[0]));
	for (size_t i = 0; !t->err && i < count; i++) {
		struct operation_attribute *to = &t->call->attribute[i];
		*to = (struct operation_attribute){ .id = wire[i].id };
		if (wire[i].id & ATTRIBUTE_IS_VALUE) {
			to->a = (uint32_t)wire[i].a;
			to->b = (uint32_t)wire[i].b;
		} else {
			to->buffer = bytes_in(t, wire[i].a, wire[i].b);
		}
	}
	t->call->attribute_count = (size_t)count;
}

unsigned call_param_type(const struct ta_params *params, size_t index)
{
	return (unsigned)(params->types >> (4 * index)) & 0xf;
}

static void params_in(struct take *t, uint64_t at)
{
	struct call *c = t->call;

	copy_in(t, at, &c->params, sizeof(c->params));
	(void)map(t, at, sizeof(c->params), CALL_WRITE);
	for (size_t i = 0; !t->err && i < TA_PARAMS; i++) {
		unsigned type = call_param_type(&c->params, i);
		uint64_t from = c->params.value[2 * i], size = c->params.value[2 * i + 1];
		if (type == TEE_PARAM_TYPE_MEMREF_INPUT || type == TEE_PARAM_TYPE_MEMREF_INOUT) {
			c->memref[i].in = bytes_in(t, from, size);
		}
		if (type == TEE_PARAM_TYPE_MEMREF_OUTPUT || type == TEE_PARAM_TYPE_MEMREF_INOUT) {
			uint8_t *to = map(t, from, from ? size : 0, CALL_WRITE);
			c->memref[i].out = (struct call_out){ .at = to, .capacity = to ? (size_t)size : 0 };
		}
	}
}

static void take_buffer(struct take *t, char letter)
{
	if (letter == 'i') {
		uint64_t at = argument(t);
		t->call->in[t->ins++] = bytes_in(t, at, argument(t));
	} else if (letter == 'o' || letter == 'O') {
		out_sized(t, letter == 'o' ? sizeof(uint64_t) : sizeof(uint32_t));
	} else {
		uint64_t at = argument(t);
		out_add(t, at, argument(t));
		if (letter == 'r') {
			(void)map(t, argument(t), sizeof(uint64_t), CALL_WRITE);
		}
	}
}

static void take_structure(struct take *t, char letter)
{
	uint64_t at = argument(t);

	if (letter == 'W' && at == 0) {
		return;
	}
	switch (letter) {
	case 'u':
		copy_in(t, at, t->call->uuid, sizeof(t->call->uuid));
		break;
	case 'x':
		params_in(t, at);
		break;
	case 't':
		copy_in(t, at, &t->call->time, sizeof(t->call->time));
		break;
	case 'T':
		(void)map(t, at, sizeof(t->call->time), CALL_WRITE);
		break;
	case 'f':
		(void)map(t, at, sizeof(t->call->info), CALL_WRITE);
		break;
	default:
		mt_assert(letter == 'w' || (letter == 'W' && at));
		(void)map(t, at, sizeof(uint32_t), CALL_WRITE);
	}
}

enum mt_err call_decode(const struct call_memory *memory, uint32_t number, const uint64_t arguments[TA_CALL_ARGUMENTS], struct call *out)
{
	struct call call = { .number = (enum ta_call)number };
	struct take t = { .memory = memory, .argument = arguments, .call = &call };
	const char *shape = call_shape(number);

	if (!shape) {
		return MT_NOT_FOUND;
	}
	for (; *shape && !t.err; shape++) {
		if (*shape == 'v') {
			call.value[t.values++] = argument(&t);
		} else if (*shape == 'k' || *shape == 'K') {
			continue;
		} else if (*shape == 'a') {
			attributes_in(&t);
		} else if (strchr("ioObr", *shape)) {
			take_buffer(&t, *shape);
		} else {
			take_structure(&t, *shape);
		}
	}
	if (!t.err) {
		*out = call;
	}
	return t.err;
}

/* ---- out ---- */

struct give {
	const struct call_memory *memory;
	const uint64_t *argument;
	size_t next, words, outs;
	enum mt_err err;
};

static void copy_out(struct give *g, uint64_t at, const void *from, size_t size)
{
	uint8_t *to = g->memory->map(g->memory->self, at, size, CALL_WRITE);

	if (to) {
		memcpy(to, from, size);
	} else {
		g->err = MT_DENIED;
	}
}

static void size_give(struct give *g, uint64_t at, size_t width, uint64_t size)
{
	uint32_t narrow = size > UINT32_MAX ? UINT32_MAX : (uint32_t)size;

	copy_out(g, at, width == sizeof(size) ? (const void *)&size : (const void *)&narrow, width);
}

/* Lengths: where a call has worked, and where it says how much room it wants. */
static void give_buffer(struct give *g, char letter, const struct call *call, uint32_t result)
{
	g->next += letter == 'r' ? 3 : 2;
	if (letter == 'i' || letter == 'a') {
		return;
	}
	uint64_t size = call->out[g->outs++].size, place = g->argument[g->next - 1];
	if (call->out[g->outs - 1].absent) {
		return;
	}
	if (letter == 'r' && result == TEE_SUCCESS) {
		size_give(g, place, sizeof(uint64_t), size);
	} else if ((letter == 'o' || letter == 'O') && (result == TEE_SUCCESS || result == TEE_ERROR_SHORT_BUFFER)) {
		size_give(g, place, letter == 'o' ? sizeof(uint64_t) : sizeof(uint32_t), size);
	}
}

static void give_params(struct give *g, uint64_t at, struct call *call)
{
	for (size_t i = 0; i < TA_PARAMS; i++) {
		unsigned type = call_param_type(&call->params, i);
		if (type == TEE_PARAM_TYPE_MEMREF_OUTPUT || type == TEE_PARAM_TYPE_MEMREF_INOUT) {
			call->params.value[2 * i + 1] = call->memref[i].out.size;
		}
	}
	copy_out(g, at, &call->params, sizeof(call->params));
}

/* The last word of a session or a command is where its error comes from: the caller wants that most when it has failed. */
static void give_structure(struct give *g, char letter, struct call *call, uint32_t result, bool last)
{
	uint64_t at = g->argument[g->next++];
	bool good = result == TEE_SUCCESS;

	if (letter == 'W') {
		if (good && at) {
			copy_out(g, at, &call->word[g->words], sizeof(call->word[0]));
		}
		g->words++;
	} else if (letter == 'w') {
		if (good || (last && call_shape_is(call->number, 'x'))) {
			copy_out(g, at, &call->word[g->words], sizeof(call->word[0]));
		}
		g->words++;
	} else if (letter == 'x') {
		give_params(g, at, call);
	} else if (letter == 'T' && (good || result == TEE_ERROR_OVERFLOW)) {
		/* 7.2.3: a time that is too large comes without what does not fit. */
		copy_out(g, at, &call->time, sizeof(call->time));
	} else if (letter == 'f' && good) {
		copy_out(g, at, &call->info, sizeof(call->info));
	}
}

enum mt_err call_finish(const struct call_memory *memory, const uint64_t arguments[TA_CALL_ARGUMENTS], struct call *call, uint32_t result)
{
	struct give g = { .memory = memory, .argument = arguments };
	const char *shape = call_shape(call->number);

	mt_assert(shape);
	for (; *shape; shape++) {
		if (*shape == 'v') {
			g.next++;
		} else if (*shape == 'k' || *shape == 'K') {
			continue;
		} else if (strchr("ioObra", *shape)) {
			give_buffer(&g, *shape, call, result);
		} else {
			give_structure(&g, *shape, call, result, shape[1] == 0);
		}
	}
	return g.err;
}
