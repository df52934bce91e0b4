/* tee/call: what a system call brings is known to be good before anything is done; what travels to core arrives whole or not at all. */
#include "tee/call/call.h"
#include "test/test.h"

#include <string.h>

#include "api/tee_api_defines.h"

/* An application's memory: SPACE bytes at BASE, of which the first READ_ONLY cannot be written. */
#define BASE UINT64_C(0x10000)
#define SPACE 4096
#define READ_ONLY 256
static uint8_t space[SPACE];

static uint8_t *space_map(void *self, uint64_t at, uint64_t size, enum call_access access)
{
	uint64_t first = access == CALL_WRITE ? BASE + READ_ONLY : BASE;

	(void)self;
	CHECK(size > 0, "nothing is not asked for");
	return at >= first && size <= SPACE && at - BASE <= SPACE - size ? space + (at - BASE) : NULL;
}

static const struct call_memory memory = { .map = space_map };

/* Calls with arguments that are good. An address in a row is an offset into `space`. */
#define AT(offset) (BASE + (offset))
#define IN AT(16)
#define OUT AT(1024)
#define OUT2 AT(2048)
#define WORD AT(512)
#define WORD2 AT(520)
#define STRUCT AT(768)
static const struct row {
	uint32_t number;
	uint64_t argument[TA_CALL_ARGUMENTS];
	const char *kinds;      /* of each argument: v value; a address read, A address written; s a size of the address before; n the same, 0 allowed */
} rows[] = {
	{ TA_CALL_LOG, { IN, 5 }, "as" },
	{ TA_CALL_PANIC, { 7 }, "v" },
	{ TA_CALL_GET_PROPERTY, { 1, 2, OUT, WORD, OUT2, WORD2, AT(528) }, "vvAAAAA" },
	{ TA_CALL_PROPERTY_INDEX, { 1, IN, 5, WORD }, "vasA" },
	{ TA_CALL_OPEN_TA_SESSION, { IN, 9, STRUCT, WORD, WORD2 }, "avAAA" },
	{ TA_CALL_CLOSE_TA_SESSION, { 1 }, "v" },
	{ TA_CALL_INVOKE_TA_COMMAND, { 1, 2, 3, STRUCT, WORD }, "vvvAA" },
	{ TA_CALL_CHECK_ACCESS, { 1, 2, 3 }, "vvv" },
	{ TA_CALL_GET_CANCELLATION, { WORD }, "A" },
	{ TA_CALL_UNMASK_CANCELLATION, { WORD }, "A" },
	{ TA_CALL_MASK_CANCELLATION, { WORD }, "A" },
	{ TA_CALL_WAIT, { 5 }, "v" },
	{ TA_CALL_GET_TIME, { 1, WORD }, "vA" },
	{ TA_CALL_SET_TIME, { IN }, "a" },
	{ TA_CALL_STATE_ALLOC, { 1, 2, 3, 4, WORD }, "vvvvA" },
	{ TA_CALL_STATE_COPY, { 1, 2 }, "vv" },
	{ TA_CALL_STATE_FREE, { 1 }, "v" },
	{ TA_CALL_HASH_INIT, { 1, IN, 5 }, "vas" },
	{ TA_CALL_HASH_UPDATE, { 1, IN, 5 }, "vas" },
	{ TA_CALL_HASH_FINAL, { 1, IN, 5, OUT, WORD }, "vasAA" },
	{ TA_CALL_CIPHER_INIT, { 1, IN, 5 }, "vas" },
	{ TA_CALL_CIPHER_UPDATE, { 1, IN, 5, OUT, WORD }, "vasAA" },
	{ TA_CALL_CIPHER_FINAL, { 1, IN, 5, OUT, WORD }, "vasAA" },
	{ TA_CALL_OBJECT_INFO, { 1, STRUCT }, "vA" },
	{ TA_CALL_OBJECT_RESTRICT, { 1, 2 }, "vv" },
	{ TA_CALL_OBJECT_ATTRIBUTE, { 1, 2, OUT, WORD }, "vvAA" },
	{ TA_CALL_OBJECT_ALLOC, { 1, 2, WORD }, "vvA" },
	{ TA_CALL_OBJECT_CLOSE, { 1 }, "v" },
	{ TA_CALL_OBJECT_RESET, { 1 }, "v" },
	{ TA_CALL_OBJECT_POPULATE, { 1, IN, 2 }, "vav" },
	{ TA_CALL_OBJECT_COPY, { 1, 2 }, "vv" },
	{ TA_CALL_DERIVE_KEY, { 1, IN, 2, 3 }, "vavv" },
	{ TA_CALL_RANDOM, { OUT, 32 }, "As" },
	{ TA_CALL_AUTHENTICATED_INIT, { 1, IN, 5, 2, 3, 4 }, "vasvvv" },
	{ TA_CALL_AUTHENTICATED_AAD, { 1, IN, 5 }, "vas" },
	{ TA_CALL_AUTHENTICATED_UPDATE, { 1, IN, 5, OUT, WORD }, "vasAA" },
	{ TA_CALL_AUTHENTICATED_SEAL, { 1, IN, 5, OUT, WORD, OUT2, WORD2 }, "vasAAAA" },
	{ TA_CALL_AUTHENTICATED_OPEN, { 1, IN, 5, OUT, WORD, AT(96), 16 }, "vasAAas" },
	{ TA_CALL_ASYMMETRIC_OPERATE, { 1, IN, 2, AT(96), 5, OUT, WORD }, "vavasAA" },
	{ TA_CALL_ASYMMETRIC_VERIFY, { 1, IN, 2, AT(96), 5, AT(112), 6 }, "vavasas" },
	{ TA_CALL_STORAGE_OPEN, { 1, IN, 5, 2, WORD }, "vasvA" },
	{ TA_CALL_STORAGE_CREATE, { 1, IN, 5, 2, 3, AT(96), 6, WORD }, "vasvvasA" },
	{ TA_CALL_STORAGE_DELETE, { 1 }, "v" },
	{ TA_CALL_STORAGE_RENAME, { 1, IN, 5 }, "vas" },
	{ TA_CALL_WALK_ALLOC, { WORD }, "A" },
	{ TA_CALL_WALK_FREE, { 1 }, "v" },
	{ TA_CALL_WALK_RESET, { 1 }, "v" },
	{ TA_CALL_WALK_START, { 1, 2 }, "vv" },
	{ TA_CALL_WALK_NEXT, { 1, STRUCT, OUT, WORD }, "vAAA" },
	{ TA_CALL_STORAGE_READ, { 1, OUT, 32, WORD }, "vAsA" },
	{ TA_CALL_STORAGE_WRITE, { 1, IN, 5 }, "vas" },
	{ TA_CALL_STORAGE_TRUNCATE, { 1, 2 }, "vv" },
	{ TA_CALL_STORAGE_SEEK, { 1, 2, 3 }, "vvv" },
	{ TA_CALL_GENERATE_KEY, { 1, 2, IN, 2 }, "vvav" },
	{ TA_CALL_CACHE, { 1, 2, 3 }, "vvv" },
};

/* Two attributes at IN: a value, and one whose buffer is at AT(80); lengths at WORD and WORD2: 64 bytes; params at STRUCT: one of each kind. */
static void space_fill(void)
{
	struct ta_attribute attribute[2] = { { .a = 7, .b = 8, .id = UINT32_C(0xF0000441) | (1u << 29) }, { .a = AT(80), .b = 9, .id = 0xC0000000 } };
	struct ta_params params = { .types = TEE_PARAM_TYPE_VALUE_INOUT | TEE_PARAM_TYPE_MEMREF_INPUT << 4 | TEE_PARAM_TYPE_MEMREF_OUTPUT << 8 |
						     TEE_PARAM_TYPE_MEMREF_INOUT << 12,
				    .value = { 1, 2, AT(96), 10, OUT, 40, OUT2, 50 } };
	uint64_t capacity = 64;

	for (size_t i = 0; i < SPACE; i++) {
		space[i] = (uint8_t)(i * 7);
	}
	memcpy(space + 16, attribute, sizeof(attribute));
	memcpy(space + 512, &capacity, sizeof(capacity));
	memcpy(space + 520, &capacity, sizeof(capacity));
	memcpy(space + 768, &params, sizeof(params));
}

static enum mt_err decode(const struct row *r, struct call *out)
{
	return call_decode(&memory, r->number, r->argument, out);
}

static void test_every_call(void)
{
	size_t found = 0;
	struct call call;

	space_fill();
	for (size_t i = 0; i < MT_COUNT(rows); i++) {
		CHECK(decode(&rows[i], &call) == MT_OK && call.number == rows[i].number, "a call");
	}
	for (uint32_t n = 0; n < 100; n++) {
		found += call_decode(&memory, n, rows[0].argument, &call) != MT_NOT_FOUND;
	}
	CHECK(found == MT_COUNT(rows), "and no other");
	CHECK(call_decode(&memory, UINT32_MAX, rows[0].argument, &call) == MT_NOT_FOUND, "the last number");
}

/* Whatever one argument becomes that says where memory is. */
static void test_bad_addresses(void)
{
	static const uint64_t bad[] = { 0, 1, BASE - 1, BASE + SPACE, BASE + SPACE - 1, UINT64_MAX, UINT64_MAX - 3, UINT64_C(1) << 32 };

	space_fill();
	for (size_t i = 0; i < MT_COUNT(rows); i++) {
		for (size_t k = 0; rows[i].kinds[k]; k++) {
			struct row r = rows[i];
			struct call call = { .number = TA_CALL_CACHE };
			bool address = r.kinds[k] == 'a' || r.kinds[k] == 'A';
			for (size_t b = 0; address && b < MT_COUNT(bad); b++) {
				/* An output at 0 only asks how much there is to come. */
				bool asks = bad[b] == 0 && r.kinds[k] == 'A' && r.kinds[k + 1] == 'A' && r.argument[k] != WORD && r.argument[k] != WORD2 &&
					    r.argument[k] != STRUCT;
				/* Of a property whatever is not wanted is 0. */
				asks = asks || (bad[b] == 0 && r.number == TA_CALL_GET_PROPERTY);
				r.argument[k] = bad[b];
				CHECK(decode(&r, &call) == (asks ? MT_OK : MT_DENIED), "an address");
			}
			if (r.kinds[k] == 'A') {
				r.argument[k] = AT(0);
				CHECK(decode(&r, &call) == MT_DENIED, "memory that can only be read");
			}
			if (r.kinds[k] == 's') {
				r.argument[k] = SPACE;
				CHECK(decode(&r, &call) == MT_DENIED, "a size");
				r.argument[k] = UINT64_MAX;
				CHECK(decode(&r, &call) == MT_LIMIT, "the largest size");
				r.argument[k] = 0;
				r.argument[k - 1] = 0;
				CHECK(decode(&r, &call) == MT_OK, "nothing, anywhere");
			}
		}
	}
}

static void test_attributes(void)
{
	struct row r = { TA_CALL_OBJECT_POPULATE, { 1, IN, 2 }, "" };
	struct call call;
	uint64_t far = BASE + SPACE, long_size = SPACE;

	space_fill();
	CHECK(decode(&r, &call) == MT_OK && call.attribute_count == 2, "two");
	CHECK(call.attribute[0].a == 7 && call.attribute[0].b == 8 && call.attribute[0].buffer.size == 0, "a value");
	CHECK(call.attribute[1].buffer.at == space + 80 && call.attribute[1].buffer.size == 9, "a buffer");
	r.argument[2] = OPERATION_ATTRIBUTES_MAX + 1;
	CHECK(decode(&r, &call) == MT_LIMIT, "one too many");
	r.argument[2] = UINT64_C(1) << 60;
	CHECK(decode(&r, &call) == MT_LIMIT, "as many as wrap");
	r.argument[2] = 2;
	memcpy(space + 16 + 24, &far, sizeof(far));
	CHECK(decode(&r, &call) == MT_DENIED, "a buffer elsewhere");
	space_fill();
	memcpy(space + 16 + 24 + 8, &long_size, sizeof(long_size));
	CHECK(decode(&r, &call) == MT_DENIED, "a buffer that is too long");
}

/* ---- out ---- */

static void test_finish(void)
{
	const struct row seal = { TA_CALL_AUTHENTICATED_SEAL, { 1, IN, 5, OUT, WORD, OUT2, WORD2 }, "" };
	struct call call;
	uint64_t size[2];

	space_fill();
	CHECK(decode(&seal, &call) == MT_OK && call.out[0].capacity == 64 && call.out[1].capacity == 64, "two outputs");
	call.out[0].size = 5;
	call.out[1].size = 16;
	CHECK(call_finish(&memory, seal.argument, &call, TEE_ERROR_GENERIC) == MT_OK, "an error");
	memcpy(size, space + 512, sizeof(size));
	CHECK(size[0] == 64 && size[1] == 64, "says no sizes");
	CHECK(call_finish(&memory, seal.argument, &call, TEE_ERROR_SHORT_BUFFER) == MT_OK, "a short buffer");
	memcpy(size, space + 512, sizeof(size));
	CHECK(size[0] == 5 && size[1] == 16, "says sizes");
}

static void test_finish_origin(void)
{
	const struct row invoke = { TA_CALL_INVOKE_TA_COMMAND, { 1, 2, 3, STRUCT, WORD }, "" };
	const struct row alloc = { TA_CALL_STATE_ALLOC, { 1, 2, 3, 4, WORD }, "" };
	struct call call;
	struct ta_params params;
	uint32_t word;

	space_fill();
	CHECK(decode(&invoke, &call) == MT_OK && call.memref[1].in.size == 10 && call.memref[2].out.capacity == 40, "memory");
	CHECK(call.memref[3].in.at == space + 2048 && call.memref[3].out.at == space + 2048, "both ways");
	call.word[0] = 4;
	call.memref[2].out.size = 41;
	CHECK(call_finish(&memory, invoke.argument, &call, TEE_ERROR_TARGET_DEAD) == MT_OK, "a failed command");
	memcpy(&word, space + 512, sizeof(word));
	memcpy(&params, space + 768, sizeof(params));
	CHECK(word == 4 && params.value[5] == 41 && params.value[3] == 10, "says where from, and sizes");
	CHECK(decode(&alloc, &call) == MT_OK, "another call");
	call.word[0] = 5;
	CHECK(call_finish(&memory, alloc.argument, &call, TEE_ERROR_OUT_OF_MEMORY) == MT_OK, "that failed");
	memcpy(&word, space + 512, sizeof(word));
	CHECK(word == 4, "says nothing");
}

/* ---- to core and back ---- */

static uint8_t key_space[CALL_KEY_MAX], wire_space[CALL_WIRE_DATA_MAX * 2], far_space[CALL_WIRE_DATA_MAX], answer_space[CALL_WIRE_DATA_MAX * 2];

/* What core would have said. */
static void far_answer(struct call *far)
{
	for (size_t i = 0; i < CALL_BUFFERS_MAX; i++) {
		far->out[i].size = far->out[i].capacity / 2;
		if (far->out[i].size) {
			memset(far->out[i].at, 0xA0 + (int)i, far->out[i].size);
		}
	}
	for (size_t i = 0; i < TA_PARAMS; i++) {
		far->memref[i].out.size = far->memref[i].out.capacity;
		if (far->memref[i].out.size) {
			memset(far->memref[i].out.at, 0xB0 + (int)i, far->memref[i].out.size);
		}
	}
	far->word[0] = 77;
	far->word[1] = 78;
	far->time = (struct ta_time){ 79, 80 };
	far->info.flags = 81;
	far->key = (struct call_key){ 82, 83, 84, 85, mt_text("a key") };
}

static bool same_call(const struct call *a, const struct call *b)
{
	bool same = a->number == b->number && memcmp(a->value, b->value, sizeof(a->value)) == 0 && memcmp(a->uuid, b->uuid, 16) == 0 &&
		    memcmp(&a->params, &b->params, sizeof(a->params)) == 0 && memcmp(&a->time, &b->time, sizeof(a->time)) == 0 &&
		    a->key.type == b->key.type && a->key.usage == b->key.usage && a->key.size == b->key.size && a->key.size_max == b->key.size_max &&
		    mt_equal(a->key.encoded, b->key.encoded);

	for (size_t i = 0; i < CALL_BUFFERS_MAX; i++) {
		same = same && mt_equal(a->in[i], b->in[i]) && a->out[i].capacity == b->out[i].capacity && a->out[i].absent == b->out[i].absent;
	}
	for (size_t i = 0; i < TA_PARAMS; i++) {
		same = same && mt_equal(a->memref[i].in, b->memref[i].in) && a->memref[i].out.capacity == b->memref[i].out.capacity;
	}
	return same;
}

static void prefixes(struct bytes wire, struct bytes answer, struct call *call)
{
	struct call got = { 0 };
	uint32_t result = 99;

	for (size_t n = 0; n < wire.size; n++) {
		CHECK(call_wire_decode(first(wire, n), far_space, &got) == MT_MALFORMED, "every prefix of a call");
	}
	for (size_t n = 0; n < answer.size; n++) {
		CHECK(call_answer_decode(first(answer, n), call, &result) == MT_MALFORMED && result == 99, "every prefix of an answer");
	}
	CHECK(call->word[0] == 0 && call->out[0].size == 0, "nothing of it was taken");
}

static void test_wire(void)
{
	for (size_t i = 0; i < MT_COUNT(rows); i++) {
		struct call call, far = { 0 };
		struct bytes wire, answer;
		uint32_t result = 99;

		space_fill();
		CHECK(decode(&rows[i], &call) == MT_OK, "a call");
		if (call_is_local(rows[i].number)) {
			continue;
		}
		if (rows[i].number == TA_CALL_STORAGE_CREATE) {
			call.key = (struct call_key){ 1, 2, 3, 4, mt_text("a key that goes") };
		}
		CHECK(call_encode(&call, wire_space, sizeof(wire_space), &wire) == MT_OK, "goes");
		CHECK(call_wire_decode(wire, far_space, &far) == MT_OK && same_call(&call, &far), "arrives");
		far_answer(&far);
		CHECK(call_answer_encode(&far, TEE_SUCCESS, answer_space, sizeof(answer_space), &answer) == MT_OK, "an answer");
		bool opens = rows[i].number == TA_CALL_STORAGE_OPEN;
		CHECK(!opens || call_answer_decode(answer, &call, &result) == MT_MALFORMED, "a key that has no place");
		call.key_space = key_space;
		prefixes(wire, answer, &call);
		CHECK(call_answer_decode(answer, &call, &result) == MT_OK && result == TEE_SUCCESS, "comes back");
		if (strchr(rows[i].kinds, 'A')) {
			CHECK(call_finish(&memory, rows[i].argument, &call, result) == MT_OK, "and ends");
		}
		CHECK(!opens || (call.key.size_max == 85 && mt_equal(call.key.encoded, mt_text("a key"))), "its key");
		CHECK(call.out[0].capacity == 0 || space[1024] == 0xA0, "with what it brings");
		CHECK(call.memref[3].out.capacity == 0 || space[2048 + 49] == 0xB3, "in memory too");
	}
}

/* TEE_GetPropertyName() of OP-TEE's library wants the name alone. */
static void test_wire_absent(void)
{
	struct row r = { TA_CALL_GET_PROPERTY, { 1, 2, OUT, WORD, 0, 0, 0 }, "" };
	struct call call, far = { 0 };
	struct bytes wire, answer;
	uint32_t result = 99, word = 0;

	space_fill();
	CHECK(decode(&r, &call) == MT_OK && !call.out[0].absent && call.out[1].absent, "no value");
	CHECK(call_encode(&call, wire_space, sizeof(wire_space), &wire) == MT_OK && call_wire_decode(wire, far_space, &far) == MT_OK, "goes");
	CHECK(same_call(&call, &far) && far.out[1].capacity == 0, "arrives");
	far.out[0].size = 1;
	far.out[1].size = 9;
	far.word[0] = 5;
	CHECK(call_answer_encode(&far, TEE_SUCCESS, answer_space, sizeof(answer_space), &answer) == MT_OK, "an answer");
	CHECK(call_answer_decode(answer, &call, &result) == MT_OK && call_finish(&memory, r.argument, &call, result) == MT_OK, "comes back");
	memcpy(&word, space + 512, sizeof(word));
	CHECK(word == 1, "with the name's size");
}

/* What core may be asked: of the local calls those of an object that may be persistent. */
static void test_wire_core(void)
{
	static const enum ta_call object[] = { TA_CALL_OBJECT_INFO, TA_CALL_OBJECT_RESTRICT, TA_CALL_OBJECT_CLOSE };
	struct call call = { 0 }, far = { 0 };
	struct bytes wire;

	for (size_t i = 0; i < MT_COUNT(object); i++) {
		call = (struct call){ .number = object[i], .value = { CALL_KEPT | 1, object[i] == TA_CALL_OBJECT_RESTRICT } };
		CHECK(call_encode(&call, wire_space, sizeof(wire_space), &wire) == MT_OK, "a persistent object's");
		CHECK(call_is_core(object[i]) && call_wire_decode(wire, far_space, &far) == MT_OK && far.value[0] == call.value[0], "arrives");
	}
	call = (struct call){ .number = TA_CALL_STORAGE_CREATE, .key.encoded = mt_bytes(far_space, CALL_KEY_MAX + 1) };
	CHECK(call_encode(&call, wire_space, sizeof(wire_space), &wire) == MT_OK && call_wire_decode(wire, far_space, &far) == MT_MALFORMED, "too long a key");
	call.key.encoded.size = CALL_KEY_MAX;
	call.in[1] = mt_bytes(far_space, CALL_WIRE_DATA_MAX - CALL_KEY_MAX);
	CHECK(call_encode(&call, wire_space, sizeof(wire_space), &wire) == MT_OK, "as much as goes with a key");
	call.in[0] = mt_bytes(far_space, 1);
	CHECK(call_encode(&call, wire_space, sizeof(wire_space), &wire) == MT_LIMIT, "and no more");
}

static void test_wire_refuses(void)
{
	struct row read = { TA_CALL_STORAGE_READ, { 1, OUT, 32, WORD }, "" };
	struct call call, far = { 0 };
	struct bytes wire, answer;
	uint32_t result = 99;

	space_fill();
	CHECK(decode(&read, &call) == MT_OK && call_encode(&call, wire_space, sizeof(wire_space), &wire) == MT_OK, "a call");
	wire_space[3] = TA_CALL_RANDOM;
	CHECK(call_wire_decode(wire, far_space, &far) == MT_MALFORMED, "a local one");
	CHECK(call_wire_decode(hex("00000021 00000004"), far_space, &far) == MT_MALFORMED, "as it would be");
	wire_space[3] = 69;
	CHECK(call_wire_decode(wire, far_space, &far) == MT_MALFORMED, "none at all");
	wire_space[3] = TA_CALL_STORAGE_READ;
	wire_space[12] = 1;
	CHECK(call_wire_decode(wire, far_space, &far) == MT_MALFORMED, "more room than there is");
	wire_space[12] = 0;
	CHECK(call_wire_decode(wire, far_space, &far) == MT_OK, "as it was");
	far.out[0].size = 33;
	CHECK(call_answer_encode(&far, TEE_SUCCESS, answer_space, sizeof(answer_space), &answer) == MT_OK, "more than fits");
	CHECK(call_answer_decode(answer, &call, &result) == MT_OK && call.out[0].size == 33 && space[1024] == (uint8_t)(1024 * 7), "says how much");
	far.out[0].size = 32;
	CHECK(call_answer_encode(&far, TEE_SUCCESS, answer_space, sizeof(answer_space), &answer) == MT_OK, "an answer");
	answer_space[3] = TA_CALL_STORAGE_WRITE;
	CHECK(call_answer_decode(answer, &call, &result) == MT_MALFORMED, "to another call");
	answer_space[3] = TA_CALL_STORAGE_READ;
	answer_space[15] = 31;
	CHECK(call_answer_decode(answer, &call, &result) == MT_MALFORMED, "of two sizes");
}

static void test_wire_limit(void)
{
	static uint8_t large[CALL_WIRE_DATA_MAX + 1];
	struct call call = { .number = TA_CALL_STORAGE_WRITE, .in = { { large, sizeof(large) } } };
	struct bytes wire;

	CHECK(call_encode(&call, wire_space, sizeof(wire_space), &wire) == MT_LIMIT, "too much");
	call.in[0].size--;
	CHECK(call_encode(&call, wire_space, sizeof(wire_space), &wire) == MT_OK, "as much as goes");
}

const struct test tests[] = {
	{ "every call", test_every_call },
	{ "bad addresses", test_bad_addresses },
	{ "attributes", test_attributes },
	{ "finish", test_finish },
	{ "finish: origin", test_finish_origin },
	{ "wire", test_wire },
	{ "what is not asked for", test_wire_absent },
	{ "wire to core", test_wire_core },
	{ "wire refuses", test_wire_refuses },
	{ "wire limit", test_wire_limit },
	TESTS_END
};
