/* The process of an application against an application that calls with whatever arguments; what core tells it; and its sleep. */
#include "test/ta_client.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tee/call/call.h"

/* ---- a hostile application ---- */

static uint32_t call_any(struct ta_client *c, const uint64_t call[9])
{
	memcpy((uint8_t *)c->w + TEE_WINDOW_HEAD, call, 9 * sizeof(call[0]));
	c->w->types = 0x75;
	c->w->param[0] = (struct tee_window_param){ .offset = TEE_WINDOW_HEAD, .size = 9 * sizeof(call[0]) };
	c->w->param[1] = (struct tee_window_param){ .offset = TEE_WINDOW_HEAD + 1024, .size = 1024 };
	return ta_ask(c, TRY_CALL);
}

/* Every number with every sort of address: refused or answered, and never a fault of ours. */
static void test_any_calls(void)
{
	static const uint64_t values[] = { 0, 1, 7, 64, 4096, UINT32_MAX, (uint64_t)1 << 40, UINT64_MAX, UINT64_MAX - 4095, TRY_BEHIND, TRY_BEHIND };
	struct ta_client c;
	uint32_t seed = 3;

	if (!ta_begin() || !ta_client_open(&c, 1)) {
		return;
	}
	for (size_t round = 0; round < 6000; round++) {
		uint64_t call[9] = { round % 75 };

		for (size_t i = 1; i < 9; i++) {
			seed = seed * 1664525 + 1013904223;
			call[i] = values[(seed >> 16) % MT_COUNT(values)];
		}
		/* A wait without ta_end is what was asked for, and a panic too; core's calls are in the next test. */
		bool local = call[0] == 1 || call[0] == 8 || call[0] == 9 || call[0] == 10 || call[0] == 11 || (call[0] >= 15 && call[0] <= 40) ||
			     call[0] == 54 || call[0] >= 55 || call[0] == 0;

		if (local && !CHECK(call_any(&c, call) != 0xdead, "it lives")) {
			printf("  call %u\n", (unsigned)call[0]);
			return;
		}
	}
	ta_client_close(&c);
	ta_end();
}

static void test_whose_memory(void)
{
	static const struct {
		const char *why;
		uint64_t call[9];
		uint32_t want;
	} row[] = {
		{ "its client's, as anybody's", { 8, 1 | 4, TRY_BEHIND, 1024 }, TEE_SUCCESS },
		{ "is not its own", { 8, 1, TRY_BEHIND, 1024 }, TEE_ERROR_ACCESS_DENIED },
		{ "one byte further", { 8, 1 | 2 | 4, TRY_BEHIND, 4096 - 1024 + 1 }, TEE_ERROR_ACCESS_DENIED },
		{ "nowhere", { 8, 1 | 4, 16, 1 }, TEE_ERROR_ACCESS_DENIED },
		{ "nothing nowhere", { 8, 1, 16, 0 }, TEE_SUCCESS },
		{ "random bytes to nowhere", { 33, 4096, 16 }, TEE_ERROR_ACCESS_DENIED },
		{ "random bytes past the end", { 33, TRY_BEHIND, 4000 }, TEE_ERROR_ACCESS_DENIED },
		{ "random bytes", { 33, TRY_BEHIND, 1024 }, TEE_SUCCESS },
		{ "no such call", { 60 }, TEE_ERROR_NOT_SUPPORTED },
		{ "nor this", { 0 }, TEE_ERROR_NOT_SUPPORTED },
		{ "nor that", { UINT32_MAX }, TEE_ERROR_NOT_SUPPORTED },
	};
	struct ta_client c;

	if (!ta_begin() || !ta_client_open(&c, 1)) {
		return;
	}
	for (size_t i = 0; i < MT_COUNT(row); i++) {
		if (!CHECK(call_any(&c, row[i].call) == row[i].want, row[i].why)) {
			printf("  %08x\n", c.w->result);
		}
	}
	ta_client_close(&c);
	ta_end();
}

static void test_panic(void)
{
	struct ta_client c;

	if (!ta_begin() || !ta_client_open(&c, 1)) {
		return;
	}
	CHECK(ta_tell(TEE_WORKER_REGION, "00000001 00000001 0000000000001000", c.window), "whatever");
	c.w->types = 1;
	c.w->param[0] = (struct tee_window_param){ .a = 0xcafe };
	c.w->function = TEE_WINDOW_INVOKE;
	c.w->command = TRY_PANIC;
	const uint64_t one = 1;

	__atomic_add_fetch(&c.w->asked, 1, __ATOMIC_SEQ_CST);
	CHECK(write(c.bell, &one, 8) == 8, "rung");
	struct cursor at = cursor_over(ta_heard(TEE_WORKER_PANIC, NULL));

	CHECK(cursor_u32(&at) == 0xcafe, "the code");
	struct bytes where = cursor_take32(&at);

	CHECK(cursor_done(&at) && where.size > 10 && memcmp(where.at, "called from image+0x", 20) == 0, "and from where");
	CHECK(tee_process_end(&ta_process) == TA_EXIT_PANIC, "the end");
	struct pollfd p = { .fd = c.heard };

	CHECK(poll(&p, 1, 1000) == 1 && (p.revents & POLLHUP), "the client hears it at once");
}

/* ---- other applications, by message ---- */

static void test_messages(void)
{
	if (!ta_begin()) {
		return;
	}
	/* session 5, login, ta_uuid, parameters: value inout (0, 8), memory in, memory out of 2 */
	CHECK(ta_tell(TEE_WORKER_OPEN_TA, "00000005 f0000000 00112233445566778899aabbccddeeff 00000653 00000000 00000008 00000002 aabb 00000002", PORT_NO_HANDLE),
	      "open");
	CHECK(mt_equal(ta_heard(TEE_WORKER_ANSWER, NULL), hex("00000005 00000000 00000004 00000653 00000000 00000009 00000002 aabb")), "opened");
	CHECK(ta_tell(TEE_WORKER_INVOKE, "00000005 00000002 00000065 00000003 010203 00000002", PORT_NO_HANDLE), "a copy to too little room");
	CHECK(mt_equal(ta_heard(TEE_WORKER_ANSWER, NULL), hex("00000005 ffff0010 00000004 00000065 00000003")), "says how much");
	CHECK(ta_tell(TEE_WORKER_INVOKE, "00000005 00000002 00000065 00000003 010203 00000003 00", PORT_NO_HANDLE), "a byte too many");
	CHECK(mt_equal(ta_heard(TEE_WORKER_ANSWER, NULL), hex("00000005 ffff0006 00000003 00000000")), "refused, not by the application");
	CHECK(ta_tell(TEE_WORKER_INVOKE, "00000005 00000004 00000001 ffffffff 00000001", PORT_NO_HANDLE), "a wait");
	usleep(30000);
	CHECK(ta_tell(TEE_WORKER_CANCEL, "00000005", PORT_NO_HANDLE), "cancelled");
	CHECK(mt_equal(ta_heard(TEE_WORKER_ANSWER, NULL), hex("00000005 ffff0002 00000004 00000001")), "it was");
	CHECK(ta_tell(TEE_WORKER_CANCEL, "00000005", PORT_NO_HANDLE) && ta_tell(TEE_WORKER_CANCEL, "00000077", PORT_NO_HANDLE), "too late");
	CHECK(ta_tell(TEE_WORKER_INVOKE, "00000005 00000004 00000001 0000000a 00000001", PORT_NO_HANDLE), "the next");
	CHECK(mt_equal(ta_heard(TEE_WORKER_ANSWER, NULL), hex("00000005 00000000 00000004 00000001")), "is not");
	CHECK(ta_tell(TEE_WORKER_OPEN_TA, "00000006 f0000000 00112233445566778899aabbccddeeff 00000001 00000099 00000008", PORT_NO_HANDLE), "one that is refused");
	CHECK(mt_equal(ta_heard(TEE_WORKER_ANSWER, NULL), hex("00000006 00000099 00000004 00000001")), "by the application");
	CHECK(ta_tell(TEE_WORKER_CLOSE, "00000005", PORT_NO_HANDLE), "close");
	CHECK(mt_equal(ta_heard(TEE_WORKER_CLOSED, NULL), hex("00000005")), "closed");
	CHECK(ta_tell(TEE_WORKER_INVOKE, "00000005 00000000 00000000", PORT_NO_HANDLE) && tee_process_end(&ta_process) == TA_EXIT_CORE, "no session: core is mad");
}

/* What core sends while the application waits for the answer to a system call is not lost, and not done before. */
static void test_while_waiting(void)
{
	struct ta_client c;
	const uint64_t one = 1;

	if (!ta_begin() || !ta_client_open(&c, 1)) {
		return;
	}
	CHECK(ta_tell(TEE_WORKER_OPEN_TA, "00000005 f0000000 00112233445566778899aabbccddeeff 00000000", PORT_NO_HANDLE) &&
		      ta_heard(TEE_WORKER_ANSWER, NULL).size > 0, "another session");
	uint64_t call[9] = { 13, 2, TRY_BEHIND };

	memcpy((uint8_t *)c.w + TEE_WINDOW_HEAD, call, sizeof(call));
	c.w->types = 0x75;
	c.w->param[0] = (struct tee_window_param){ .offset = TEE_WINDOW_HEAD, .size = sizeof(call) };
	c.w->param[1] = (struct tee_window_param){ .offset = TEE_WINDOW_HEAD + 1024, .size = 1024 };
	c.w->function = TEE_WINDOW_INVOKE;
	c.w->command = TRY_CALL;
	uint32_t asked = __atomic_add_fetch(&c.w->asked, 1, __ATOMIC_SEQ_CST);

	CHECK(write(c.bell, &one, 8) == 8, "rung");
	struct bytes asks = ta_heard(TEE_WORKER_CALL, NULL);

	CHECK(asks.size > 4 && mt_equal(mt_bytes(asks.at, 4), hex("00000001")), "whose session it is");
	CHECK(ta_tell(TEE_WORKER_INVOKE, "00000005 00000001 00000003 00000001 00000002", PORT_NO_HANDLE) && ta_tell(TEE_WORKER_CLOSE, "00000005", PORT_NO_HANDLE),
	      "meanwhile");
	struct pollfd p = { .fd = ta_process.socket, .events = POLLIN };

	CHECK(poll(&p, 1, 50) == 0, "nothing happens before the answer");
	/* tee/call's answer to a call for the time: the number, the result, the time. */
	uint8_t answer[64];
	struct call made = { .number = TA_CALL_GET_TIME, .value = { 2 }, .time = { 11, 12 } };
	struct bytes wire = { 0 };

	answer[0] = TEE_WORKER_RETURN;
	CHECK(call_answer_encode(&made, 0, answer + 1, sizeof(answer) - 1, &wire) == MT_OK &&
		      tee_process_send(&ta_process, mt_bytes(answer, wire.size + 1), PORT_NO_HANDLE), "the answer");
	CHECK(mt_equal(ta_heard(TEE_WORKER_ANSWER, NULL), hex("00000005 00000000 00000004 00000003 00000002 00000002")), "then the other call");
	CHECK(mt_equal(ta_heard(TEE_WORKER_CLOSED, NULL), hex("00000005")), "and its close");
	CHECK(c.w->answered == asked && memcmp((uint8_t *)c.w + TEE_WINDOW_HEAD + 1024, (uint32_t[2]){ 11, 12 }, 8) == 0, "and the first one's");
	ta_client_close(&c);
	ta_end();
}

static void test_log(void)
{
	struct ta_client c;

	if (!ta_begin() || !ta_client_open(&c, 1)) {
		return;
	}
	memcpy((uint8_t *)c.w + TEE_WINDOW_HEAD, "one\ntwo", 7);
	c.w->types = 5;
	c.w->param[0] = (struct tee_window_param){ .offset = TEE_WINDOW_HEAD, .size = 7 };
	CHECK(ta_ask(&c, TRY_LOG) == TEE_SUCCESS, "written");
	CHECK(mt_equal(ta_heard(TEE_WORKER_LOG, NULL), hex("00000003 6f6e65")) && mt_equal(ta_heard(TEE_WORKER_LOG, NULL), hex("00000003 74776f")), "line by line");
	ta_client_close(&c);
	ta_end();
}

/* ---- rest ---- */

static double processor_seconds(pid_t pid)
{
	char path[64], line[1024] = { 0 };
	unsigned long user = 0, system = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	FILE *f = fopen(path, "r");

	if (!f || !fgets(line, sizeof(line), f) || sscanf(strrchr(line, ')'), ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2) {
		CHECK(false, path);
	}
	if (f) {
		fclose(f);
	}
	return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

static void test_idle(void)
{
	struct ta_client c;

	if (!ta_begin() || !ta_client_open(&c, 1)) {
		return;
	}
	for (size_t i = 0; i < 100; i++) {
		CHECK(ta_ask(&c, TRY_NOTHING) == TEE_SUCCESS, "busy");
	}
	double before = processor_seconds(ta_process.pid);

	usleep(500000);
	CHECK(processor_seconds(ta_process.pid) - before <= 0.011, "then it sleeps");
	ta_client_close(&c);
	ta_end();
}

const struct test tests[] = {
	{ "any_calls", test_any_calls },
	{ "whose_memory", test_whose_memory },
	{ "panic", test_panic },
	{ "messages", test_messages },
	{ "while_waiting", test_while_waiting },
	{ "log", test_log },
	{ "idle", test_idle },
	TESTS_END,
};
