/* The process of an application against a client that owns the window and writes there what it likes, when it likes. */
#include "test/ta_client.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* ---- loading ---- */

static void test_load(void)
{
	static const uint8_t other[16] = { 1 };
	char reason[200];
	port_handle good = tee_image("../test/ta/try.so"), none = PORT_NO_HANDLE;

	CHECK(tee_process_start(&ta_process) && tee_process_load(&ta_process, good, other, false, reason, sizeof(reason)) == TEE_ERROR_BAD_FORMAT, "another's");
	CHECK(strstr(reason, "UUID") && tee_process_end(&ta_process) == TA_EXIT_LOAD, reason);
	CHECK(memory_make(mt_text("#!/bin/sh"), &none) == MT_OK, "no image");
	CHECK(tee_process_start(&ta_process) && tee_process_load(&ta_process, none, ta_uuid, false, reason, sizeof(reason)) == TEE_ERROR_BAD_FORMAT, "no image");
	CHECK(strstr(reason, "ELF") && tee_process_end(&ta_process) == TA_EXIT_LOAD, reason);
	memory_close(none);
	/* Memory that somebody may still write to is nothing that was verified. */
	CHECK(memory_scratch(&none) == MT_OK && tee_process_start(&ta_process), "unsealed");
	CHECK(tee_process_load(&ta_process, none, ta_uuid, false, NULL, 0) == TEE_ERROR_COMMUNICATION && tee_process_end(&ta_process) == TA_EXIT_CORE, "unsealed");
	memory_close(none);
	memory_close(good);
}

/* ---- a hostile client ---- */

static void test_windows(void)
{
	struct ta_client c = { 0 };
	port_handle window = PORT_NO_HANDLE;
	int loose = memfd_create("loose", MFD_ALLOW_SEALING);

	if (!ta_begin()) {
		return;
	}
	const struct tee_window asks = { .asked = 1, .function = TEE_WINDOW_OPEN }, nothing = { 0 };

	CHECK(memory_scratch(&window) == MT_OK && ftruncate(window, 8192) == 0 && pwrite(window, &asks, sizeof(asks), 0) == sizeof(asks), "unsealed");
	CHECK(ta_session_open(&c, 1, window, 8192) == TEE_ERROR_BAD_PARAMETERS && c.bell < 0, "a window that can be cut short");
	CHECK(fcntl(window, F_ADD_SEALS, F_SEAL_SHRINK) == 0, "sealed");
	CHECK(ta_session_open(&c, 2, window, 8193) == TEE_ERROR_BAD_PARAMETERS, "shorter than told");
	CHECK(ta_session_open(&c, 3, window, TEE_WINDOW_HEAD - 1) == TEE_ERROR_BAD_PARAMETERS, "no room for a head");
	CHECK(ta_session_open(&c, 4, window, UINT64_MAX) == TEE_ERROR_BAD_PARAMETERS, "a size that is none");
	CHECK(ta_session_open(&c, 5, loose, 8192) == TEE_ERROR_BAD_PARAMETERS, "empty");
	CHECK(ta_session_open(&c, 6, ta_process.socket, 8192) == TEE_ERROR_BAD_PARAMETERS, "no memory at all");
	CHECK(pwrite(window, &nothing, sizeof(nothing), 0) == sizeof(nothing) && ta_session_open(&c, 7, window, 8192) == TEE_ERROR_BAD_PARAMETERS, "no call in it");
	CHECK(ta_client_open(&c, 8), "and a good one after all");
	ta_client_close(&c);
	memory_close(window);
	close(loose);
	ta_end();
}

static void test_limit(void)
{
	static struct ta_client c[TEE_WORKER_SESSIONS_MAX];
	struct ta_client more = { 0 };

	if (!ta_begin()) {
		return;
	}
	for (uint32_t i = 0; i < TEE_WORKER_SESSIONS_MAX; i++) {
		CHECK(ta_client_open(&c[i], i + 1), "as many as may be");
	}
	CHECK(ta_session_open(&more, 100, c[0].window, TA_CLIENT_WINDOW) == TEE_ERROR_BUSY, "one more");
	CHECK(ta_ask(&c[63], TRY_NOTHING) == TEE_SUCCESS && ta_ask(&c[0], TRY_NOTHING) == TEE_SUCCESS, "each is heard");
	for (size_t i = 0; i < TEE_WORKER_SESSIONS_MAX; i++) {
		ta_client_close(&c[i]);
	}
	ta_end();
}

/* Any bytes in the head. Whatever is answered, the instance goes on and another client is served. */
static void test_any_bytes(void)
{
	struct ta_client c, good;
	uint32_t seed = 7;

	if (!ta_begin() || !ta_client_open(&c, 1) || !ta_client_open(&good, 2)) {
		return;
	}
	for (size_t round = 0; round < 3000; round++) {
		for (size_t i = 0; i < 4; i++) {
			struct tee_window_param *p = &c.w->param[i];

			seed = seed * 1664525 + 1013904223;
			p->a = seed >> 28 ? seed >> 29 : TEE_WINDOW_NOWHERE;
			p->offset = round % 3 ? (seed >> 8) % 9000 : (uint64_t)seed << 32;
			p->size = round % 5 ? (seed >> 12) % 5000 : UINT64_MAX - seed;
		}
		c.w->types = round % 2 ? 0x76 | seed >> 24 : seed;
		(void)ta_ask(&c, round % 4 ? TRY_VALUES : TRY_COPY);
		c.w->function = seed;
	}
	good.w->types = 3;
	good.w->param[0] = (struct tee_window_param){ .a = 1, .b = 2 };
	CHECK(ta_ask(&good, TRY_VALUES) == TEE_SUCCESS && good.w->param[0].a == 2, "another client");
	ta_client_close(&c);
	ta_client_close(&good);
	ta_end();
}

static bool changed_enough;

static void *change_all(void *self)
{
	struct ta_client *c = self;
	uint32_t n = 0;

	while (!__atomic_load_n(&changed_enough, __ATOMIC_RELAXED)) {
		for (size_t i = 0; i < 4; i++) {
			c->w->param[i] = (struct tee_window_param){ .a = n & 1, .offset = n & 2 ? TEE_WINDOW_HEAD : UINT64_MAX - 7,
								    .size = n & 4 ? 64 : UINT64_MAX };
			n++;
		}
		c->w->types = n & 1 ? 0x65 : 0x11;
		c->w->cancel = n;
	}
	return NULL;
}

/* Changed while the call is under way: one read decides. */
static void test_changes(void)
{
	struct ta_client c;
	pthread_t thread;
	size_t good = 0;

	if (!ta_begin() || !ta_client_open(&c, 1)) {
		return;
	}
	pthread_create(&thread, NULL, change_all, &c);
	for (size_t i = 0; i < 3000; i++) {
		uint32_t result = ta_ask(&c, TRY_COPY);

		good += result == TEE_SUCCESS;
		CHECK(result != 0xdead, "answered");
	}
	__atomic_store_n(&changed_enough, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	CHECK(good > 0, "some were good");
	ta_client_close(&c);
	ta_end();
}

static void test_regions(void)
{
	struct ta_client c;
	port_handle region = PORT_NO_HANDLE, loose = PORT_NO_HANDLE;
	uint8_t *at = NULL;

	if (!ta_begin() || !ta_client_open(&c, 1) || !CHECK(memory_window(4096, &region, &at) == MT_OK && memory_scratch(&loose) == MT_OK, "memory")) {
		return;
	}
	c.w->types = 0x65;
	memset(at, 'r', 4096);
	c.w->param[0] = (struct tee_window_param){ .a = 2, .size = 100 };
	c.w->param[1] = (struct tee_window_param){ .a = 0, .offset = TEE_WINDOW_HEAD, .size = 4096 };
	CHECK(ta_ask(&c, TRY_COPY) == TEE_ERROR_BAD_PARAMETERS, "not there");
	CHECK(ta_tell(TEE_WORKER_REGION, "00000001 00000002 0000000000000064", loose) && ta_tell(TEE_WORKER_REGION, "00000001 00000063 0000000000000064", region),
	      "no memory, no number");
	c.w->regions = 2;
	CHECK(ta_ask(&c, TRY_COPY) == TEE_ERROR_BAD_PARAMETERS && c.w->origin == TEE_ORIGIN_TEE, "could not be had");
	CHECK(ta_tell(TEE_WORKER_REGION, "00000001 00000002 0000000000000064", region), "a region of 100 bytes");
	c.w->regions = 3;
	CHECK(ta_ask(&c, TRY_COPY) == TEE_SUCCESS && ((uint8_t *)c.w)[TEE_WINDOW_HEAD + 99] == 'r', "used");
	c.w->param[0].size = 101;
	CHECK(ta_ask(&c, TRY_COPY) == TEE_ERROR_BAD_PARAMETERS, "not past it, though there is memory");
	c.w->param[0].size = 100;
	c.w->param[1].size = 4096;
	/* It ends while a call may still use it: after that call. */
	CHECK(ta_tell(TEE_WORKER_REGION_END, "00000001 00000002", PORT_NO_HANDLE), "its end");
	c.w->regions = 4;
	CHECK(ta_ask(&c, TRY_COPY) == TEE_ERROR_BAD_PARAMETERS, "gone");
	/* A call that was asked before its region came waits for it. */
	c.w->regions = 5;
	c.w->function = TEE_WINDOW_INVOKE;
	uint32_t asked = __atomic_add_fetch(&c.w->asked, 1, __ATOMIC_SEQ_CST);
	const uint64_t one = 1;

	CHECK(write(c.bell, &one, 8) == 8, "rung");
	usleep(50000);
	CHECK(c.w->answered != asked, "it waits");
	CHECK(ta_tell(TEE_WORKER_REGION, "00000001 00000002 0000000000000064", region), "here it is");
	for (int i = 0; i < 2000 && __atomic_load_n(&c.w->answered, __ATOMIC_SEQ_CST) != asked; i++) {
		usleep(1000);
	}
	CHECK(c.w->answered == asked && c.w->result == TEE_SUCCESS, "and is carried out");
	ta_client_close(&c);
	memory_drop(region, at, 4096);
	memory_close(loose);
	ta_end();
}

/* A region that is taken away in the middle of a call is there until the call is over. */
static void test_region_under_call(void)
{
	struct ta_client c;
	port_handle region = PORT_NO_HANDLE;
	uint8_t *at = NULL;
	const uint64_t one = 1;

	if (!ta_begin() || !ta_client_open(&c, 1) || !CHECK(memory_window(4096, &region, &at) == MT_OK, "memory")) {
		return;
	}
	CHECK(ta_tell(TEE_WORKER_REGION, "00000001 00000001 0000000000001000", region), "a region");
	/* A wait as a system call: its arguments lie in the region, and so does what it gives. */
	uint64_t call[9] = { 12, 200 };

	memcpy(at, call, sizeof(call));
	c.w->regions = 1;
	c.w->types = 0x5;
	c.w->param[0] = (struct tee_window_param){ .a = 1, .size = sizeof(call) };
	c.w->function = TEE_WINDOW_INVOKE;
	c.w->command = TRY_CALL;
	uint32_t asked = __atomic_add_fetch(&c.w->asked, 1, __ATOMIC_SEQ_CST);

	CHECK(write(c.bell, &one, 8) == 8, "rung");
	usleep(50000);
	CHECK(ta_tell(TEE_WORKER_REGION_END, "00000001 00000001", PORT_NO_HANDLE), "taken away");
	for (int i = 0; i < 2000 && __atomic_load_n(&c.w->answered, __ATOMIC_SEQ_CST) != asked; i++) {
		usleep(1000);
	}
	CHECK(c.w->answered == asked && c.w->result == TEE_SUCCESS, "the call ended well");
	ta_client_close(&c);
	memory_drop(region, at, 4096);
	ta_end();
}

/* A client that makes the TA's bell a waiting one and takes its rings away, and closes its own: nobody waits for it. */
static void test_bells(void)
{
	struct ta_client c, good;
	uint64_t rings;

	if (!ta_begin() || !ta_client_open(&c, 1) || !ta_client_open(&good, 2)) {
		return;
	}
	CHECK(fcntl(c.bell, F_SETFL, 0) == 0, "a waiting bell");
	for (size_t i = 0; i < 200; i++) {
		const uint64_t one = 1;

		/* Rung and taken back a moment later, so that it looks for what is no longer there. */
		CHECK(write(c.bell, &one, 8) == 8, "rung");
		for (volatile size_t turn = 0; turn < i * 200; turn++) {
		}
		fcntl(c.bell, F_SETFL, O_NONBLOCK);
		(void)!read(c.bell, &rings, 8);
		fcntl(c.bell, F_SETFL, 0);
		usleep(100);
		if (!CHECK(i % 10 || ta_ask(&good, TRY_NOTHING) == TEE_SUCCESS, "another client is served")) {
			return;
		}
	}
	__atomic_store_n(&c.w->asleep[TEE_WINDOW_CLIENT], 1, __ATOMIC_SEQ_CST);
	close(c.heard);
	for (size_t i = 0; i < 3; i++) {
		CHECK(ta_ask(&c, TRY_NOTHING) == TEE_SUCCESS, "nobody hears the answer's ring");
		CHECK(ta_ask(&good, TRY_NOTHING) == TEE_SUCCESS, "and that ends nothing");
	}
	c.heard = open("/dev/null", O_RDONLY);
	ta_client_close(&c);
	ta_client_close(&good);
	ta_end();
}

/* The client's pipe full, because it does not read: the TA's ring does not wait. */
static void test_full_pipe(void)
{
	struct ta_client c;

	if (!ta_begin() || !ta_client_open(&c, 1)) {
		return;
	}
	__atomic_store_n(&c.w->asleep[TEE_WINDOW_CLIENT], 1, __ATOMIC_SEQ_CST);
	fcntl(c.heard, F_SETPIPE_SZ, 4096);
	fcntl(c.heard, F_SETFL, 0);
	for (size_t i = 0; i < 1500; i++) {
		if (!CHECK(ta_ask(&c, TRY_NOTHING) == TEE_SUCCESS, "it does not wait")) {
			break;
		}
	}
	ta_client_close(&c);
	ta_end();
}

const struct test tests[] = {
	{ "load", test_load },
	{ "windows", test_windows },
	{ "limit", test_limit },
	{ "any_bytes", test_any_bytes },
	{ "changes", test_changes },
	{ "regions", test_regions },
	{ "region_under_call", test_region_under_call },
	{ "bells", test_bells },
	{ "full_pipe", test_full_pipe },
	TESTS_END,
};
