/* Core's TEE: what TAs ask of it, and of each other. */
#include "test/tee_core.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/door.h"
#include "api/tee_api_defines.h"
#include "api/tee_client_api.h"
#include "api/tee_window.h"
#include "api/tee_worker.h"
#include "port/linux/linux.h"
#include "tee/call/call.h"
#include "tee/session/session.h"
#include "test/test.h"

#define SENT_MAX 64
#define FILE_MAX (64 * 1024)
#define FIRST_PEER 100
#define TEE_WIRE_SIZE (CALL_WIRE_DATA_MAX + 4096)

/* ---- system calls ---- */

/* TEE_WORKER_CALL; its size. */
static size_t call_message(const struct call *call, uint32_t session, uint8_t *wire, size_t capacity)
{
	struct bytes body = { 0 };

	mt_assert(capacity > 5);
	wire[0] = TEE_WORKER_CALL;
	for (unsigned i = 0; i < 4; i++) {
		wire[1 + i] = (uint8_t)(session >> (24 - 8 * i));
	}
	mt_assert(call_encode(call, wire + 5, capacity - 5, &body) == MT_OK);
	return body.size + 5;
}

static bool call_returns(struct call *call, uint32_t session, uint32_t *result)
{
	static uint8_t wire[TEE_WIRE_SIZE];
	struct cursor rest;
	size_t size = call_message(call, session, wire, sizeof(wire));

	CHECK(hear_of(FIRST_PEER, mt_bytes(wire, size), NULL, 0), "a call");
	return said(FIRST_PEER, "0f", &rest) && call_answer_decode(cursor_take(&rest, cursor_left(&rest)), call, result) == MT_OK;
}

/* An object is made, written and found again by another instance of the same TA, and by no other TA. */
static void test_storage(void)
{
	static const uint32_t all = 1 | 2 | 4;
	uint32_t result = 0;
	uint8_t text[16] = { 0 };
	uint64_t position;

	world_open();
	(void)session_up();
	struct call create = { .number = TA_CALL_STORAGE_CREATE, .value = { TEE_STORAGE_PRIVATE, all, 0 },
			       .in = { mt_text("name"), mt_text("content") }, .key = { .type = TEE_TYPE_DATA, .usage = UINT32_MAX } };

	CHECK(call_returns(&create, 0, &result) && result == TEE_SUCCESS && (create.word[0] & CALL_KEPT), "create");
	struct call read = { .number = TA_CALL_STORAGE_READ, .value = { create.word[0] }, .out = { { .at = text, .capacity = sizeof(text) } } };

	CHECK(call_returns(&read, 0, &result) && result == TEE_SUCCESS && read.out[0].size == 7 && memcmp(text, "content", 7) == 0, "read");
	struct call nobody = { .number = TA_CALL_STORAGE_READ, .value = { create.word[0] + 1 }, .out = { { .at = text, .capacity = sizeof(text) } } };

	CHECK(call_returns(&nobody, 0, &result) && result == TEE_ERROR_BAD_PARAMETERS, "a handle that is none");
	gone(FIRST_PEER);
	CHECK(said(PORT_DOOR, "03 00000007 12", &(struct cursor){ 0 }) != NULL, "it dies with the object open");
	position = w.file_size[0] + w.file_size[1];
	CHECK(position > 0, "something is on the medium");
	w.next_peer = FIRST_PEER;
	(void)session_up();
	struct call open = { .number = TA_CALL_STORAGE_OPEN, .value = { TEE_STORAGE_PRIVATE, all }, .in = { mt_text("name") } };

	CHECK(call_returns(&open, 0, &result) && result == TEE_SUCCESS, "the next instance opens it");
	gone(FIRST_PEER);
	CHECK(said(PORT_DOOR, "03 00000007 12", &(struct cursor){ 0 }) != NULL, "gone");
	w.next_peer = FIRST_PEER;
	client_opens(UUID_B, TEEC_LOGIN_PUBLIC, 0);
	instance_up(UUID_B, uuid_b, FIRST_PEER, FLAGS_SHARED);
	CHECK(open_asked(FIRST_PEER, TEEC_LOGIN_PUBLIC, NOBODY) != 0, "another TA");
	CHECK(call_returns(&open, 0, &result) && result == TEE_ERROR_ITEM_NOT_FOUND, "does not find it");
	world_close();
}

/* Who its client is, an instance is told of its own sessions alone. */
static void test_properties(void)
{
	uint8_t value[64], name[64];
	uint32_t result = 0;

	world_open();
	uint32_t session = session_up();

	client_opens(UUID_A, TEEC_LOGIN_USER, 0);
	uint32_t user = open_asked(FIRST_PEER, TEEC_LOGIN_USER, "fc34275cd8dd5ba7968b504718363b87");

	open_answered(FIRST_PEER, user, TEE_SUCCESS);
	CHECK(client_hears_opened(TEE_SUCCESS, TEE_ORIGIN_TRUSTED_APP, user, 2), "two sessions");
	const struct {
		uint32_t session, login;
	} row[] = { { session, TEEC_LOGIN_PUBLIC }, { user, TEEC_LOGIN_USER }, { 0, 0 }, { 4711, 0 } };

	for (size_t i = 0; i < MT_COUNT(row); i++) {
		struct call c = { .number = TA_CALL_GET_PROPERTY, .value = { 0xFFFFFFFE, 0 },
				  .out = { { .at = name, .capacity = sizeof(name) }, { .at = value, .capacity = sizeof(value) } } };

		CHECK(call_returns(&c, row[i].session, &result) && result == TEE_SUCCESS && c.out[1].size == 20, "gpd.client.identity");
		CHECK(value[0] == row[i].login && (i == 1) == !mt_is_zero(mt_bytes(value + 4, 16)), "of that session");
	}
	world_close();
}

/* A medium that does not open: no TA starts, and the answer says what is wrong. */
static void test_no_medium(void)
{
	world_open();
	/* A second life, over files that nobody has written like this. */
	tee_close(w.tee);
	struct tee_settings s = { .port = &w.port, .ree = w.ree, .trust = { .key = { { .p256 = crypto_signer_public(w.signer) } }, .count = 1 } };

	w.broken = true;
	mt_assert(tee_open(&s, &w.tee) == MT_OK);
	tee_begin(w.tee, w.now);
	client_opens(UUID_A, TEEC_LOGIN_PUBLIC, 0);
	settle();
	CHECK(client_hears_opened(TEE_ERROR_STORAGE_NOT_AVAILABLE, TEE_ORIGIN_TEE, 0, 0), "one that had waited");
	client_opens(UUID_A, TEEC_LOGIN_PUBLIC, 0);
	CHECK(client_hears_opened(TEE_ERROR_STORAGE_NOT_AVAILABLE, TEE_ORIGIN_TEE, 0, 0), "one that comes later");
	world_close();
}

/* Nor with one that answers with more than it was asked for. */
static void test_generous_medium(void)
{
	world_open();
	tee_close(w.tee);
	struct tee_settings s = { .port = &w.port, .ree = w.ree, .trust = { .key = { { .p256 = crypto_signer_public(w.signer) } }, .count = 1 } };

	w.generous = true;
	w.file_size[0] = w.file_size[1] = FILE_MAX / 2;
	mt_assert(tee_open(&s, &w.tee) == MT_OK);
	tee_begin(w.tee, w.now);
	settle();
	client_opens(UUID_A, TEEC_LOGIN_PUBLIC, 0);
	CHECK(client_hears_opened(TEE_ERROR_STORAGE_NOT_AVAILABLE, TEE_ORIGIN_TEE, 0, 0), "it is none");
	world_close();
}

/* ---- one TA calls another ---- */

/* TEE_OpenTASession of B by A's instance, with a value and with memory of 4 bytes that goes there and comes back. */
static uint32_t between_opens(void)
{
	uint8_t wire[512];
	uint8_t memory[4] = { 1, 2, 3, 4 };
	struct call call = { .number = TA_CALL_OPEN_TA_SESSION, .value = { UINT32_MAX } };
	struct cursor rest;

	memcpy(call.uuid, hex("000000b2000000000000000000000000").at, 16);
	call.params.types = TEE_PARAM_TYPES(TEE_PARAM_TYPE_VALUE_INOUT, TEE_PARAM_TYPE_MEMREF_INOUT, TEE_PARAM_TYPE_NONE, TEE_PARAM_TYPE_NONE);
	call.params.value[0] = 7;
	call.params.value[1] = 8;
	call.memref[1].in = mt_bytes(memory, sizeof(memory));
	call.memref[1].out = (struct call_out){ .at = memory, .capacity = sizeof(memory) };
	size_t size = call_message(&call, 0, wire, sizeof(wire));

	CHECK(hear_of(FIRST_PEER, mt_bytes(wire, size), NULL, 0), "A opens B");
	instance_up(UUID_B, uuid_b, FIRST_PEER + 1, FLAGS_SHARED);
	struct sent *s = said(FIRST_PEER + 1, "05", &rest);
	uint32_t session = cursor_u32(&rest);

	CHECK(s && cursor_u32(&rest) == TEE_LOGIN_TRUSTED_APP && mt_equal(cursor_take(&rest, 16), hex(UUID_A)), "B hears that it is A");
	CHECK(mt_equal(cursor_take(&rest, cursor_left(&rest)), hex("00000073 00000007 00000008 00000004 01020304")), "and its parameters");
	return session;
}

static void test_between(void)
{
	char text[128];
	struct cursor rest;

	world_open();
	(void)session_up();
	uint32_t session = between_opens();

	(void)snprintf(text, sizeof(text), "07 %08x 00000000 00000004 00000073 00000009 0000000a 00000002 0506", session);
	hear(FIRST_PEER + 1, text);
	CHECK(said(FIRST_PEER, "0f 00000005 00000000", &rest) != NULL, "A's call returns");
	(void)cursor_take(&rest, 8 * 8);        /* the parameters' numbers */
	CHECK(cursor_u64(&rest) == 2 && mt_equal(cursor_take32(&rest), hex("0506")), "with what B has left there");
	CHECK(cursor_u32(&rest) == session && cursor_u32(&rest) == TEE_ORIGIN_TRUSTED_APP && cursor_done(&rest), "and the session");
	/* B dies under the next call. */
	uint8_t wire[256];
	struct call call = { .number = TA_CALL_INVOKE_TA_COMMAND, .value = { session, UINT32_MAX, 3 } };

	size_t size = call_message(&call, 0, wire, sizeof(wire));

	CHECK(hear_of(FIRST_PEER, mt_bytes(wire, size), NULL, 0), "a command");
	(void)snprintf(text, sizeof(text), "06 %08x 00000003 00000000", session);
	CHECK(is_said(FIRST_PEER + 1, text), "B hears it");
	gone(FIRST_PEER + 1);
	CHECK(said(FIRST_PEER, "0f 00000007 ffff3024", &rest) != NULL, "B is dead");
	world_close();
}

static void test_between_breaks(void)
{
	static const char *const text[] = {
		"07 %08x 00000000 00000004", "07 %08x 00000000 00000004 00000003 00000009 0000000a", "07 %08x 00000000 00000004 00000073 00000009 0000000a 00000002 05",
		"07 %08x 00000000 00000004 00000073 00000009 0000000a 00000005 0506070809", "07 00000063 00000000 00000004 00000000", "07 %08x 00000000 00000004 00000071 00000009 0000000a 00000002 0506",
	};

	for (size_t i = 0; i < MT_COUNT(text); i++) {
		char wire[128];
		struct cursor rest;

		world_open();
		(void)session_up();
		(void)snprintf(wire, sizeof(wire), text[i], between_opens());
		hear(FIRST_PEER + 1, wire);
		CHECK(w.killed == FIRST_PEER + 1, text[i]);
		gone(FIRST_PEER + 1);
		CHECK(said(FIRST_PEER, "0f 00000005 ffff3024", &rest) != NULL, "A hears that B is dead");
		world_close();
	}
}

/* A second call before the first has returned; a session of somebody else's. */
static void test_caller_breaks(void)
{
	uint8_t wire[256];
	struct cursor rest;

	world_open();
	uint32_t client = session_up();
	struct call call = { .number = TA_CALL_INVOKE_TA_COMMAND, .value = { client, UINT32_MAX, 3 } };

	size_t size = call_message(&call, 0, wire, sizeof(wire));

	CHECK(hear_of(FIRST_PEER, mt_bytes(wire, size), NULL, 0), "a command in a client's session");
	CHECK(said(FIRST_PEER, "0f 00000007 ffff0006", &rest) != NULL, "is none of its own");
	(void)between_opens();
	CHECK(hear_of(FIRST_PEER, mt_bytes(wire, size), NULL, 0) && w.killed == FIRST_PEER, "two at a time end it");
	world_close();
}

const struct test tests[] = {
	{ "storage", test_storage },
	{ "properties", test_properties },
	{ "no_medium", test_no_medium },
	{ "generous_medium", test_generous_medium },
	{ "between", test_between },
	{ "between_breaks", test_between_breaks },
	{ "caller_breaks", test_caller_breaks },
	TESTS_END,
};
