/* Core's TEE: clients, images, instances. */
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
/* ---- tests ---- */

static void test_session(void)
{
	char text[64];

	world_open();
	uint32_t session = session_up();

	(void)snprintf(text, sizeof(text), "01 00000007 01 000003e8 00000064 02 %08x", session);
	hear(PORT_DOOR, text);
	(void)snprintf(text, sizeof(text), "0b %08x", session);
	CHECK(is_said(FIRST_PEER, text), "close");
	(void)snprintf(text, sizeof(text), "0c %08x", session);
	hear(FIRST_PEER, text);
	(void)snprintf(text, sizeof(text), "03 00000007 11 %08x", session);
	CHECK(is_said(PORT_DOOR, text), "closed");
	CHECK(is_said(FIRST_PEER, "0d"), "nobody needs it: it should end");
	gone(FIRST_PEER);
	world_close();
}

static void test_images(void)
{
	world_open();
	struct bytes elf = mt_text("\x7f" "ELF code"), wasm = mt_bytes("\0asm code", 9);
	struct bytes good = image_of(uuid_a, IMAGE_ELF, w.signer, elf), changed = image_of(uuid_a, IMAGE_ELF, w.signer, elf);
	const struct bytes other = image_of(uuid_b, IMAGE_ELF, w.signer, elf), strange = image_of(uuid_a, IMAGE_ELF, w.stranger, elf),
			   module = image_of(uuid_a, IMAGE_WASM, w.signer, wasm), cut = mt_bytes(good.at, good.size - 1);

	((uint8_t *)(uintptr_t)changed.at)[changed.size - 1] ^= 1;
	const struct {
		const char *why;
		const struct bytes *image;
		uint32_t result;
	} row[] = {
		{ "there is none", NULL, TEE_ERROR_ITEM_NOT_FOUND },
		{ "changed", &changed, TEE_ERROR_SECURITY },
		{ "of somebody whom nobody named", &strange, TEE_ERROR_SECURITY },
		{ "another TA's under this name", &other, TEE_ERROR_SECURITY },
		{ "cut", &cut, TEE_ERROR_BAD_FORMAT },
		{ "of a kind that does not run here", &module, TEE_ERROR_BAD_FORMAT },
	};

	for (size_t i = 0; i < MT_COUNT(row); i++) {
		client_opens(UUID_A, TEEC_LOGIN_PUBLIC, 0);
		image_given(UUID_A, row[i].image);
		CHECK(client_hears_opened(row[i].result, TEE_ORIGIN_TEE, 0, 0), row[i].why);
	}
	CHECK(w.next_peer == FIRST_PEER, "no process was made for any of them");
	world_close();
}

/* Opens A, whose image has this version: its result. An instance that starts is gone again at once. */
static void version_try(uint32_t version, uint32_t result, const char *why)
{
	struct bytes image;

	w.version = version;
	image = image_of(uuid_a, IMAGE_ELF, w.signer, mt_text("code"));
	client_opens(UUID_A, TEEC_LOGIN_PUBLIC, 0);
	image_given(UUID_A, &image);
	if (result == TEE_SUCCESS) {
		struct cursor rest;
		uint32_t peer = w.next_peer - 1;

		CHECK(said(peer, "01", &rest) != NULL, why);
		gone(peer);
		result = TEE_ERROR_TARGET_DEAD;
	}
	CHECK(client_hears_opened(result, TEE_ORIGIN_TEE, 0, 0), why);
}

/* What has run once makes everything older than itself worthless, also for the next life over the same files. */
static void test_versions(void)
{
	world_open();
	version_try(2, TEE_SUCCESS, "the first");
	version_try(1, TEE_ERROR_SECURITY, "an older one");
	version_try(2, TEE_SUCCESS, "the same");
	version_try(5, TEE_SUCCESS, "a later one");
	version_try(4, TEE_ERROR_SECURITY, "one between");
	again();
	version_try(4, TEE_ERROR_SECURITY, "in another life");
	version_try(5, TEE_SUCCESS, "the newest");
	w.broken = true;
	version_try(6, TEE_ERROR_STORAGE_NOT_AVAILABLE, "one that cannot be remembered");
	w.broken = false;
	world_close();
}

/* What a TA is told of its client is what the kernel said of it, named as Linux names it (uuid5 of Python's library). */
static void test_identity(void)
{
	static const struct {
		const char *why, *uuid;
		uint32_t login, group, refused;
	} row[] = {
		{ "public", NOBODY, TEEC_LOGIN_PUBLIC, 0, 0 },
		{ "user", "fc34275cd8dd5ba7968b504718363b87", TEEC_LOGIN_USER, 0, 0 },
		{ "group", "d32f761eb364519bbe12ed54ba663b0a", TEEC_LOGIN_GROUP, 0x64, 0 },
		{ "another's group", NOBODY, TEEC_LOGIN_GROUP, 0x65, TEE_ERROR_ACCESS_DENIED },
		{ "application", NOBODY, TEEC_LOGIN_APPLICATION, 0, TEE_ERROR_NOT_SUPPORTED },
		{ "no such login", NOBODY, 0x77, 0, TEE_ERROR_BAD_PARAMETERS },
		{ "a TA's", NOBODY, TEE_LOGIN_TRUSTED_APP, 0, TEE_ERROR_BAD_PARAMETERS },
	};

	world_open();
	uint32_t first = session_up();
	(void)first;
	for (size_t i = 0; i < MT_COUNT(row); i++) {
		client_opens(UUID_A, row[i].login, row[i].group);
		if (row[i].refused) {
			CHECK(client_hears_opened(row[i].refused, TEE_ORIGIN_TEE, 0, 0), row[i].why);
			continue;
		}
		uint32_t session = open_asked(FIRST_PEER, row[i].login, row[i].uuid);

		open_answered(FIRST_PEER, session, TEE_ERROR_GENERIC);
		CHECK(client_hears_opened(TEE_ERROR_GENERIC, TEE_ORIGIN_TRUSTED_APP, 0, 0), row[i].why);
	}
	/* Of a user whom the door does not know nothing is believed. */
	port_handle window = window_make();

	CHECK(hear_of(PORT_DOOR, hex("01 00000007 00 000003e8 00000064 01 00000005 " UUID_A " 00000001 00000000 0000000000001000"), &window, 1),
	      "some other user");
	CHECK(client_hears_opened(TEE_ERROR_ACCESS_DENIED, TEE_ORIGIN_TEE, 0, 0), "is not this one");
	world_close();
}

/* What is no message costs its sender the connection, and nobody anything else. */
static void test_client_breaks(void)
{
	world_open();
	uint32_t session = session_up();
	char close_text[64];
	struct bytes whole = hex("01 00000008 01 000003e8 00000064 01 00000005 " UUID_A " 00000000 00000000 0000000000001000");

	for (size_t n = 14; n < whole.size; n++) {
		port_handle window = window_make();

		CHECK(hear_of(PORT_DOOR, first(whole, n), &window, 1) && is_said(PORT_DOOR, "04 00000008"), "every prefix");
	}
	CHECK(hear_of(PORT_DOOR, whole, NULL, 0) && is_said(PORT_DOOR, "04 00000008"), "without its window");
	port_handle over = window_make();

	CHECK(hear_of(PORT_DOOR, hex("01 00000008 01 000003e8 00000064 01 00000005 " UUID_A " 00000000 00000000 0000000000001000 00"), &over, 1) &&
		      is_said(PORT_DOOR, "04 00000008"),
	      "a byte left over");
	const char *const text[] = {
		"01 00000008 01 000003e8 00000064 63",
		"01 00000008 01 000003e8 00000064 02 00000000",
		"01 00000008 01 000003e8 00000064 02 ffffffff",
		"01 00000008 01 000003e8 00000064 10 00000005 00000000 00000000 00000001",
	};
	for (size_t i = 0; i < MT_COUNT(text); i++) {
		hear(PORT_DOOR, text[i]);
		CHECK(is_said(PORT_DOOR, "04 00000008"), "no message");
	}
	(void)snprintf(close_text, sizeof(close_text), "01 00000008 01 000003e8 00000064 02 %08x", session);
	hear(PORT_DOOR, close_text);
	CHECK(is_said(PORT_DOOR, "04 00000008"), "another's session");
	hear(PORT_DOOR, "02 00000008");
	hear(PORT_DOOR, "01 00000000 01 000003e8 00000064 02 00000001");
	hear(PORT_DOOR, "63");
	world_close();
}

static void test_regions(void)
{
	char text[96];

	world_open();
	uint32_t session = session_up();
	struct cursor rest;
	port_handle memory = window_make();

	(void)snprintf(text, sizeof(text), "01 00000007 01 000003e8 00000064 03 %08x 00000001 0000000000001000", session);
	CHECK(hear_of(PORT_DOOR, hex(text), &memory, 1), "a region");
	(void)snprintf(text, sizeof(text), "09 %08x 00000001 0000000000001000", session);
	struct sent *s = said(FIRST_PEER, text, &rest);

	CHECK(s && s->handle_count == 1 && cursor_left(&rest) == 0, "goes on");
	(void)snprintf(text, sizeof(text), "01 00000007 01 000003e8 00000064 04 %08x 00000001", session);
	hear(PORT_DOOR, text);
	(void)snprintf(text, sizeof(text), "0a %08x 00000001", session);
	CHECK(is_said(FIRST_PEER, text), "its end too");
	static const char *const bad[] = { "00000000 0000000000001000", "00000041 0000000000001000", "00000001 0000000000000000",
					   "00000001 0000000100000001" };
	for (size_t i = 0; i < MT_COUNT(bad); i++) {
		memory = window_make();
		(void)snprintf(text, sizeof(text), "01 00000007 01 000003e8 00000064 03 %08x %s", session, bad[i]);
		CHECK(hear_of(PORT_DOOR, hex(text), &memory, 1) && is_said(PORT_DOOR, "04 00000007"), "a number or size that there is not");
	}
	memory = window_make();
	(void)snprintf(text, sizeof(text), "01 00000008 01 000003e8 00000064 03 %08x 00000001 0000000000001000", session);
	CHECK(hear_of(PORT_DOOR, hex(text), &memory, 1) && is_said(PORT_DOOR, "04 00000008"), "into another's session");
	world_close();
}

/* An instance that says what it may not ends, and with it no more than its own sessions. */
static void test_instance_breaks(void)
{
	static const char *const text[] = {
		"", "63", "0e00", "02 00000000 00000000 00000000", "04 %08x 00000000 00000004", "04 00000063 00000001 00000004", "0c 00000063",
		"0c %08x", "07 %08x 00000000 00000004 00000000", "0e", "0e 00000063", "10 00000001", "11 00000005 6162",
	};

	for (size_t i = 0; i < MT_COUNT(text); i++) {
		char wire[96];

		world_open();
		uint32_t session = session_up();

		(void)snprintf(wire, sizeof(wire), text[i], session);
		hear(FIRST_PEER, wire);
		CHECK(w.killed == FIRST_PEER, text[i]);
		gone(FIRST_PEER);
		(void)snprintf(wire, sizeof(wire), "03 00000007 12 %08x 00000000", session);
		CHECK(is_said(PORT_DOOR, wire), "its client hears that it is dead");
		world_close();
	}
}

/* A message of an instance that is cut anywhere is none. */
static void test_instance_prefixes(void)
{
	static const char *const text[] = { "10 ffff0006 00000002 6162", "11 00000002 6162", "02 00000000 0000000c 00000000",
					    "0e 00000000 00000003 0000000000000000 0000000000000000 00000010 00000010" };

	for (size_t i = 0; i < MT_COUNT(text); i++) {
		for (size_t n = 0; n < hex(text[i]).size; n++) {
			world_open();
			(void)session_up();
			CHECK(hear_of(FIRST_PEER, first(hex(text[i]), n), NULL, 0) && w.killed == FIRST_PEER, "every prefix");
			world_close();
		}
	}
}

/* A session without bells is none. */
static void test_no_bells(void)
{
	char text[64];

	world_open();
	client_opens(UUID_A, TEEC_LOGIN_PUBLIC, 0);
	instance_up(UUID_A, uuid_a, FIRST_PEER, FLAGS_SHARED);
	(void)snprintf(text, sizeof(text), "04 %08x 00000000 00000004", open_asked(FIRST_PEER, TEEC_LOGIN_PUBLIC, NOBODY));
	hear(FIRST_PEER, text);
	CHECK(w.killed == FIRST_PEER, "killed");
	gone(FIRST_PEER);
	CHECK(client_hears_opened(TEE_ERROR_TARGET_DEAD, TEE_ORIGIN_TEE, 0, 0), "the client hears that");
	world_close();
}

static void test_panic(void)
{
	char text[64];

	world_open();
	uint32_t session = session_up();

	hear(FIRST_PEER, "10 ffff0006 00000000");
	gone(FIRST_PEER);
	(void)snprintf(text, sizeof(text), "03 00000007 12 %08x ffff0006", session);
	CHECK(is_said(PORT_DOOR, text), "dead, and why");
	(void)snprintf(text, sizeof(text), "01 00000007 01 000003e8 00000064 02 %08x", session);
	hear(PORT_DOOR, text);
	(void)snprintf(text, sizeof(text), "03 00000007 11 %08x", session);
	CHECK(is_said(PORT_DOOR, text), "and still to be closed");
	world_close();
}

static void test_not_started(void)
{
	world_open();
	struct bytes image = image_of(uuid_a, IMAGE_ELF, w.signer, mt_text("code"));
	struct cursor rest;

	client_opens(UUID_A, TEEC_LOGIN_PUBLIC, 0);
	image_given(UUID_A, &image);
	CHECK(said(FIRST_PEER, "01", &rest) != NULL, "load");
	hear(FIRST_PEER, "02 ffff0005 00000000 00000003 6e6f70");
	CHECK(client_hears_opened(TEE_ERROR_BAD_FORMAT, TEE_ORIGIN_TEE, 0, 0), "the loader would not");
	CHECK(w.killed == FIRST_PEER, "it is not left over");
	gone(FIRST_PEER);
	client_opens(UUID_A, TEEC_LOGIN_PUBLIC, 0);
	image_given(UUID_A, &image);
	CHECK(said(FIRST_PEER + 1, "01", &rest) != NULL, "load");
	hear(FIRST_PEER + 1, "02 ffff000c 00000000 00000000");
	CHECK(client_hears_opened(TEE_ERROR_OUT_OF_MEMORY, TEE_ORIGIN_TRUSTED_APP, 0, 0), "the TA itself would not");
	gone(FIRST_PEER + 1);
	client_opens(UUID_A, TEEC_LOGIN_PUBLIC, 0);
	image_given(UUID_A, &image);
	CHECK(said(FIRST_PEER + 2, "01", &rest) != NULL, "load");
	gone(FIRST_PEER + 2);
	CHECK(client_hears_opened(TEE_ERROR_TARGET_DEAD, TEE_ORIGIN_TEE, 0, 0), "it died over it");
	w.full = true;
	client_opens(UUID_A, TEEC_LOGIN_PUBLIC, 0);
	image_given(UUID_A, &image);
	CHECK(w.killed == FIRST_PEER + 3, "it could not be told");
	gone(FIRST_PEER + 3);
	CHECK(client_hears_opened(TEE_ERROR_TARGET_DEAD, TEE_ORIGIN_TEE, 0, 0), "so it is dead");
	world_close();
}

/* The client goes: its session is closed, and where it was still being opened the instance that was made for it ends at once. */
static void test_client_goes(void)
{
	char text[64];

	world_open();
	uint32_t session = session_up();

	hear(PORT_DOOR, "02 00000007");
	(void)snprintf(text, sizeof(text), "0b %08x", session);
	CHECK(is_said(FIRST_PEER, text), "its session is closed");
	w.now += SESSION_ANSWER_MS + 1000;
	tee_tick(w.tee, w.now);
	CHECK(w.killed == FIRST_PEER, "an instance that does not say so is killed");
	gone(FIRST_PEER);
	client_opens(UUID_A, TEEC_LOGIN_PUBLIC, 0);
	gone(PORT_DOOR);
	struct bytes image = image_of(uuid_a, IMAGE_ELF, w.signer, mt_text("code"));
	struct cursor rest;

	image_given(UUID_A, &image);
	CHECK(said(FIRST_PEER + 1, "01", &rest) != NULL, "load");
	hear(FIRST_PEER + 1, "02 00000000 00000000 00000000");
	CHECK(is_said(FIRST_PEER + 1, "0d"), "and ends");
	world_close();
}

const struct test tests[] = {
	{ "session", test_session },
	{ "images", test_images },
	{ "versions", test_versions },
	{ "identity", test_identity },
	{ "client_breaks", test_client_breaks },
	{ "regions", test_regions },
	{ "instance_breaks", test_instance_breaks },
	{ "instance_prefixes", test_instance_prefixes },
	{ "no_bells", test_no_bells },
	{ "panic", test_panic },
	{ "not_started", test_not_started },
	{ "client_goes", test_client_goes },
	TESTS_END,
};
