/*
 * A system call on its way to the TEE core and back. Big endian, in the order of the shape:
 *   call    number u32, then  v: u64 | i: bytes32 | o O b r: capacity u32, of an absent O all ones | u: [16] | t: u32, u32 |
 *           x: types u64, each value u64, each memory that goes there bytes32, each that comes back capacity u32 |
 *           k: type u32, usage u32, size u32, size_max u32, bytes32
 *   answer  number u32 | result u32, then  w W: u32 | o O b r: size u64, bytes32 | T: u32, u32 | f: seven u32 |
 *           x: each value u64, each memory that comes back size u64, bytes32 | K: as k, if the call has worked, else nothing
 * Bytes of an answer are there as far as they fit the capacity and the call has worked, else empty.
 */
#include "tee/call/call_private.h"

#include <string.h>

#include "api/tee_api_defines.h"

#define WIRE_ABSENT UINT32_MAX

static bool memref_goes(const struct call *c, size_t i)
{
	unsigned type = call_param_type(&c->params, i);

	return type == TEE_PARAM_TYPE_MEMREF_INPUT || type == TEE_PARAM_TYPE_MEMREF_INOUT;
}

static bool memref_comes(const struct call *c, size_t i)
{
	unsigned type = call_param_type(&c->params, i);

	return type == TEE_PARAM_TYPE_MEMREF_OUTPUT || type == TEE_PARAM_TYPE_MEMREF_INOUT;
}

static bool is_out(char letter)
{
	return letter == 'o' || letter == 'O' || letter == 'b' || letter == 'r';
}

static void time_build(struct builder *b, struct ta_time t)
{
	builder_u32(b, t.seconds);
	builder_u32(b, t.milliseconds);
}

static struct ta_time time_take(struct cursor *c)
{
	uint32_t seconds = cursor_u32(c);

	return (struct ta_time){ seconds, cursor_u32(c) };
}

static void key_build(struct builder *b, const struct call_key *k)
{
	builder_u32(b, k->type);
	builder_u32(b, k->usage);
	builder_u32(b, k->size);
	builder_u32(b, k->size_max);
	builder_bytes32(b, k->encoded);
}

static struct call_key key_take(struct cursor *c)
{
	struct call_key k = { .type = cursor_u32(c) };

	k.usage = cursor_u32(c);
	k.size = cursor_u32(c);
	k.size_max = cursor_u32(c);
	k.encoded = cursor_take32(c);
	return k;
}

/* ---- the call ---- */

static void params_build(struct builder *b, const struct call *c)
{
	builder_u64(b, c->params.types);
	for (size_t i = 0; i < TA_PARAMS * 2; i++) {
		builder_u64(b, c->params.value[i]);
	}
	for (size_t i = 0; i < TA_PARAMS; i++) {
		if (memref_goes(c, i)) {
			builder_bytes32(b, c->memref[i].in);
		}
		if (memref_comes(c, i)) {
			builder_u32(b, (uint32_t)c->memref[i].out.capacity);
		}
	}
}

/* Bytes of all buffers, of the direction that has more. Each is at most CALL_BUFFER_MAX, so they add up. */
static size_t data_size(const struct call *c)
{
	size_t in = c->key.encoded.size, out = 0;

	for (size_t i = 0; i < CALL_BUFFERS_MAX; i++) {
		in += c->in[i].size;
		out += c->out[i].capacity;
	}
	for (size_t i = 0; i < TA_PARAMS; i++) {
		in += c->memref[i].in.size;
		out += c->memref[i].out.capacity;
	}
	return in > out ? in : out;
}

enum mt_err call_encode(const struct call *c, uint8_t *out, size_t capacity, struct bytes *wire)
{
	struct builder b = builder_over(out, capacity);
	size_t values = 0, ins = 0, outs = 0;

	mt_assert(call_shape(c->number) && !call_shape_is(c->number, 'a'));
	if (data_size(c) > CALL_WIRE_DATA_MAX) {
		return MT_LIMIT;
	}
	builder_u32(&b, c->number);
	for (const char *shape = call_shape(c->number); *shape; shape++) {
		if (*shape == 'v') {
			builder_u64(&b, c->value[values++]);
		} else if (*shape == 'i') {
			builder_bytes32(&b, c->in[ins++]);
		} else if (is_out(*shape)) {
			builder_u32(&b, c->out[outs].absent ? WIRE_ABSENT : (uint32_t)c->out[outs].capacity);
			outs++;
		} else if (*shape == 'u') {
			builder_bytes(&b, mt_bytes(c->uuid, sizeof(c->uuid)));
		} else if (*shape == 't') {
			time_build(&b, c->time);
		} else if (*shape == 'x') {
			params_build(&b, c);
		} else if (*shape == 'k') {
			key_build(&b, &c->key);
		}
	}
	return builder_done(&b, wire);
}

/* Room for what comes back, as long as there is any. */
struct room {
	uint8_t *at;
	size_t left;
	bool short_of;
};

static struct call_out room_take(struct room *r, uint32_t capacity)
{
	if (capacity > r->left) {
		r->short_of = true;
		return (struct call_out){ 0 };
	}
	struct call_out out = { .at = capacity ? r->at : NULL, .capacity = capacity };

	r->at += capacity;
	r->left -= capacity;
	return out;
}

static void params_take(struct cursor *c, struct room *room, struct call *call)
{
	call->params.types = cursor_u64(c);
	for (size_t i = 0; i < TA_PARAMS * 2; i++) {
		call->params.value[i] = cursor_u64(c);
	}
	for (size_t i = 0; i < TA_PARAMS; i++) {
		if (memref_goes(call, i)) {
			call->memref[i].in = cursor_take32(c);
		}
		if (memref_comes(call, i)) {
			call->memref[i].out = room_take(room, cursor_u32(c));
		}
	}
}

enum mt_err call_wire_decode(struct bytes wire, uint8_t *space, struct call *out)
{
	struct cursor c = cursor_over(wire);
	uint32_t number = cursor_u32(&c);
	const char *shape = call_shape(number);
	struct call call = { .number = (enum ta_call)number };
	struct room room = { .at = space, .left = CALL_WIRE_DATA_MAX };
	size_t values = 0, ins = 0, outs = 0;

	if (!shape || !call_is_core(number)) {
		return MT_MALFORMED;
	}
	for (; *shape; shape++) {
		if (*shape == 'v') {
			call.value[values++] = cursor_u64(&c);
		} else if (*shape == 'i') {
			call.in[ins++] = cursor_take32(&c);
		} else if (is_out(*shape)) {
			uint32_t capacity = cursor_u32(&c);
			bool absent = *shape == 'O' && capacity == WIRE_ABSENT;
			call.out[outs++] = absent ? (struct call_out){ .absent = true } : room_take(&room, capacity);
		} else if (*shape == 'u') {
			cursor_copy(&c, call.uuid, sizeof(call.uuid));
		} else if (*shape == 't') {
			call.time = time_take(&c);
		} else if (*shape == 'x') {
			params_take(&c, &room, &call);
		} else if (*shape == 'k') {
			call.key = key_take(&c);
		}
	}
	if (!cursor_done(&c) || room.short_of || call.key.encoded.size > CALL_KEY_MAX || data_size(&call) > CALL_WIRE_DATA_MAX) {
		return MT_MALFORMED;
	}
	*out = call;
	return MT_OK;
}

/* ---- the answer ---- */

static void out_build(struct builder *b, const struct call_out *o, bool good)
{
	bool whole = good && o->size <= o->capacity;

	builder_u64(b, o->size);
	builder_bytes32(b, mt_bytes(o->at, whole ? o->size : 0));
}

enum mt_err call_answer_encode(const struct call *call, uint32_t result, uint8_t *out, size_t capacity, struct bytes *wire)
{
	struct builder b = builder_over(out, capacity);
	const uint32_t *info = &call->info.type;
	size_t words = 0, outs = 0;
	bool good = result == TEE_SUCCESS;

	builder_u32(&b, call->number);
	builder_u32(&b, result);
	for (const char *shape = call_shape(call->number); *shape; shape++) {
		if (*shape == 'w' || *shape == 'W') {
			builder_u32(&b, call->word[words++]);
		} else if (is_out(*shape)) {
			out_build(&b, &call->out[outs++], good);
		} else if (*shape == 'T') {
			time_build(&b, call->time);
		} else if (*shape == 'K' && good) {
			key_build(&b, &call->key);
		} else if (*shape == 'f') {
			for (size_t i = 0; i < sizeof(call->info) / sizeof(*info); i++) {
				builder_u32(&b, info[i]);
			}
		} else if (*shape == 'x') {
			for (size_t i = 0; i < TA_PARAMS * 2; i++) {
				builder_u64(&b, call->params.value[i]);
			}
			/* Memory comes back whatever the other application says of its end. */
			for (size_t i = 0; i < TA_PARAMS; i++) {
				if (memref_comes(call, i)) {
					out_build(&b, &call->memref[i].out, true);
				}
			}
		}
	}
	return builder_done(&b, wire);
}

/* One output of an answer, still in the message. */
struct content {
	struct call_out *to;
	uint64_t size;
	struct bytes bytes;
};

/* An answer as it came: nothing of it is written before all of it is known to fit. */
struct answer {
	struct content content[CALL_BUFFERS_MAX + TA_PARAMS];
	size_t count;
	bool good;
	uint32_t word[CALL_WORDS_MAX], info[sizeof(struct ta_object_info) / sizeof(uint32_t)];
	uint64_t value[TA_PARAMS * 2];
	struct ta_time time;
	struct call_key key;
};

static void content_take(struct cursor *c, struct answer *a, struct call_out *to)
{
	uint64_t size = cursor_u64(c);

	a->content[a->count++] = (struct content){ .to = to, .size = size, .bytes = cursor_take32(c) };
}

static void answer_params_take(struct cursor *c, struct answer *a, struct call *call)
{
	for (size_t i = 0; i < TA_PARAMS * 2; i++) {
		a->value[i] = cursor_u64(c);
	}
	for (size_t i = 0; i < TA_PARAMS; i++) {
		if (memref_comes(call, i)) {
			content_take(c, a, &call->memref[i].out);
		}
	}
}

static bool answer_fits(const struct answer *a, bool memory_always, size_t key_room)
{
	for (size_t i = 0; i < a->count; i++) {
		const struct content *c = &a->content[i];
		bool comes = (a->good || memory_always) && c->size <= c->to->capacity;
		if (c->size > CALL_BUFFER_MAX || c->bytes.size != (comes ? c->size : 0)) {
			return false;
		}
	}
	return a->key.encoded.size <= key_room;
}

static void answer_commit(const struct answer *a, struct call *call)
{
	memcpy(call->word, a->word, sizeof(call->word));
	memcpy(&call->info, a->info, sizeof(call->info));
	for (size_t i = 0; i < a->count; i++) {
		const struct content *c = &a->content[i];
		c->to->size = (size_t)c->size;
		if (c->bytes.size) {
			memcpy(c->to->at, c->bytes.at, c->bytes.size);
		}
	}
	if (call_shape_is(call->number, 'T')) {
		call->time = a->time;
	}
	if (call_shape_is(call->number, 'K')) {
		call->key = a->key;
		if (a->key.encoded.size) {
			memcpy(call->key_space, a->key.encoded.at, a->key.encoded.size);
			call->key.encoded.at = call->key_space;
		}
	}
	/* Values that only go there stay the application's own. */
	for (size_t i = 0; i < TA_PARAMS; i++) {
		unsigned type = call_param_type(&call->params, i);
		if (type == TEE_PARAM_TYPE_VALUE_OUTPUT || type == TEE_PARAM_TYPE_VALUE_INOUT) {
			call->params.value[2 * i] = a->value[2 * i];
			call->params.value[2 * i + 1] = a->value[2 * i + 1];
		}
	}
}

enum mt_err call_answer_decode(struct bytes wire, struct call *call, uint32_t *result)
{
	struct cursor c = cursor_over(wire);
	struct answer a = { 0 };
	uint32_t number = cursor_u32(&c), how = cursor_u32(&c);
	size_t words = 0, outs = 0, key_room = call->key_space ? CALL_KEY_MAX : 0;

	a.good = how == TEE_SUCCESS;
	for (const char *shape = call_shape(call->number); *shape; shape++) {
		if (*shape == 'w' || *shape == 'W') {
			a.word[words++] = cursor_u32(&c);
		} else if (is_out(*shape)) {
			content_take(&c, &a, &call->out[outs++]);
		} else if (*shape == 'T') {
			a.time = time_take(&c);
		} else if (*shape == 'K' && a.good) {
			a.key = key_take(&c);
		} else if (*shape == 'f') {
			for (size_t i = 0; i < MT_COUNT(a.info); i++) {
				a.info[i] = cursor_u32(&c);
			}
		} else if (*shape == 'x') {
			answer_params_take(&c, &a, call);
		}
	}
	if (!cursor_done(&c) || number != call->number || !answer_fits(&a, call_shape_is(call->number, 'x'), key_room)) {
		return MT_MALFORMED;
	}
	answer_commit(&a, call);
	*result = how;
	return MT_OK;
}
