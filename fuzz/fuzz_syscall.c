/*
 * System calls of a hostile application, and messages about them. First byte: 0 a call (number u8, eight arguments u64 big endian, the rest is its
 * memory), 1 a message to core, 2 an answer to the call whose message comes first (size u16).
 * What is decoded lies where the application has memory; a call arrives at core as it went; answers write nowhere else.
 */
#include "tee/call/call.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BASE UINT64_C(0x1000)

static uint8_t key_space[CALL_KEY_MAX], wire_space[CALL_WIRE_DATA_MAX * 2], far_space[CALL_WIRE_DATA_MAX], near_space[CALL_WIRE_DATA_MAX];

/* The application's memory: a block of its own, so that a sanitizer sees one byte too far. */
struct memory {
	uint8_t *at;
	size_t size;
};

static uint8_t *memory_map(void *self, uint64_t at, uint64_t size, enum call_access access)
{
	const struct memory *m = self;

	(void)access;
	mt_assert(size > 0);
	return at >= BASE && size <= m->size && at - BASE <= m->size - size ? m->at + (at - BASE) : NULL;
}

static void inside(const struct memory *m, const uint8_t *at, size_t size)
{
	mt_assert(size == 0 || (at >= m->at && size <= m->size && (size_t)(at - m->at) <= m->size - size));
}

static void all_inside(const struct memory *m, const struct call *c)
{
	for (size_t i = 0; i < CALL_BUFFERS_MAX; i++) {
		inside(m, c->in[i].at, c->in[i].size);
		inside(m, c->out[i].at, c->out[i].capacity);
	}
	for (size_t i = 0; i < TA_PARAMS; i++) {
		inside(m, c->memref[i].in.at, c->memref[i].in.size);
		inside(m, c->memref[i].out.at, c->memref[i].out.capacity);
	}
	for (size_t i = 0; i < c->attribute_count; i++) {
		inside(m, c->attribute[i].buffer.at, c->attribute[i].buffer.size);
	}
}

/* Its outputs as if they had been filled, or had been too short. */
static void outputs_say(struct call *c, size_t more)
{
	for (size_t i = 0; i < CALL_BUFFERS_MAX; i++) {
		c->out[i].size = c->out[i].capacity + more;
		if (c->out[i].capacity) {
			memset(c->out[i].at, 1, c->out[i].capacity);
		}
	}
}

static void travel(struct call *c)
{
	struct bytes wire, again;
	struct call far;
	uint32_t result;

	if (call_encode(c, wire_space, sizeof(wire_space), &wire) != MT_OK) {
		return;
	}
	mt_assert(call_wire_decode(wire, far_space, &far) == MT_OK && far.number == c->number);
	outputs_say(&far, 0);
	mt_assert(call_answer_encode(&far, 0, wire_space, sizeof(wire_space), &again) == MT_OK);
	mt_assert(call_answer_decode(again, c, &result) == MT_OK && result == 0);
}

static void call_try(struct bytes in)
{
	struct cursor c = cursor_over(in);
	uint32_t number = cursor_u8(&c);
	uint64_t argument[TA_CALL_ARGUMENTS];
	struct call call;

	for (size_t i = 0; i < TA_CALL_ARGUMENTS; i++) {
		argument[i] = cursor_u64(&c);
	}
	struct bytes rest = cursor_take(&c, cursor_left(&c));
	struct memory m = { .at = mt_copy(rest), .size = rest.size };
	const struct call_memory memory = { .self = &m, .map = memory_map };

	mt_assert(m.at);
	if (call_decode(&memory, number, argument, &call) == MT_OK) {
		all_inside(&m, &call);
		if (!call_is_local(call.number)) {
			travel(&call);
		}
		outputs_say(&call, 1);
		mt_assert(call_finish(&memory, argument, &call, 0) == MT_OK);
	}
	mt_free(m.at);
}

static void answer_try(struct bytes in)
{
	struct cursor c = cursor_over(in);
	struct bytes asked = cursor_take(&c, cursor_u16(&c)), answer = cursor_take(&c, cursor_left(&c));
	struct call call;
	uint32_t result;

	/* Outputs lie in memory that is as large as they say. */
	if (call_wire_decode(asked, near_space, &call) != MT_OK) {
		return;
	}
	call.key_space = key_space;
	if (call_answer_decode(answer, &call, &result) == MT_OK) {
		mt_assert(call.key.encoded.size <= CALL_KEY_MAX);
		for (size_t i = 0; i < CALL_BUFFERS_MAX; i++) {
			mt_assert(call.out[i].size <= CALL_BUFFER_MAX);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct call call;

	if (size == 0) {
		return 0;
	}
	struct bytes in = mt_bytes(data + 1, size - 1);
	if (data[0] % 3 == 0) {
		call_try(in);
	} else if (data[0] % 3 == 1) {
		if (call_wire_decode(in, far_space, &call) == MT_OK) {
			travel(&call);
		}
	} else {
		answer_try(in);
	}
	return 0;
}
