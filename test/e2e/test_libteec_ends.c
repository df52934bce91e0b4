/* How calls of programs end when something does: the application, the TEE, the patience of another thread. And a TEE that lies. */
#include "test/calling.h"
#include "test/test.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void test_dead(void)
{
	static const uint32_t how[] = { TRY_PANIC, TRY_FAULT, TRY_DEEP, TRY_EXECUTE };

	calling_begin(TEE_HONEST);
	for (size_t i = 0; i < MT_COUNT(how); i++) {
		TEEC_Session s, other;
		TEEC_Operation op = { .paramTypes = TEEC_PARAM_TYPES(TEEC_VALUE_INPUT, TEEC_NONE, TEEC_NONE, TEEC_NONE) };
		uint32_t origin = 0;
		double start = seconds();

		CHECK(calling_open(&s) == TEEC_SUCCESS && calling_open(&other) == TEEC_SUCCESS, "open, also after one has died");
		CHECK(TEEC_InvokeCommand(&s, how[i], &op, &origin) == TEEC_ERROR_TARGET_DEAD && origin == TEEC_ORIGIN_TEE, "it dies");
		CHECK(TEEC_InvokeCommand(&s, TRY_NOTHING, NULL, &origin) == TEEC_ERROR_TARGET_DEAD, "and is dead");
		CHECK(TEEC_InvokeCommand(&other, TRY_NOTHING, NULL, &origin) == TEEC_ERROR_TARGET_DEAD, "for all its sessions");
		CHECK(seconds() - start < 4, "at once");
		TEEC_CloseSession(&s);
		TEEC_CloseSession(&other);
	}
	calling_end();
}

struct caller {
	TEEC_Session *session;
	TEEC_Operation op;
	uint32_t command;
	TEEC_Result result;
	pthread_t thread;
};

static void *call_run(void *self)
{
	struct caller *c = self;

	c->result = TEEC_InvokeCommand(c->session, c->command, &c->op, NULL);
	return NULL;
}

static void call_start(struct caller *c, TEEC_Session *s, uint32_t command, uint32_t a, uint32_t b)
{
	*c = (struct caller){ .session = s, .command = command };
	c->op.paramTypes = TEEC_PARAM_TYPES(TEEC_VALUE_INPUT, TEEC_NONE, TEEC_NONE, TEEC_NONE);
	c->op.params[0].value = (TEEC_Value){ a, b };
	pthread_create(&c->thread, NULL, call_run, c);
}

static void test_cancel(void)
{
	TEEC_Session s;
	TEEC_Operation idle = { 0 };
	struct caller c;
	double start = seconds();

	calling_begin(TEE_HONEST);
	CHECK(calling_open(&s) == TEEC_SUCCESS, "open");
	call_start(&c, &s, TRY_WAIT, UINT32_MAX, 1);
	usleep(100000);
	TEEC_RequestCancellation(&c.op);
	pthread_join(c.thread, NULL);
	CHECK(c.result == TEEC_ERROR_CANCEL && seconds() - start < 3, "out of a wait without end");
	call_start(&c, &s, TRY_BUSY, UINT32_MAX, 0);
	usleep(100000);
	TEEC_RequestCancellation(&c.op);
	pthread_join(c.thread, NULL);
	CHECK(c.result == TEEC_ERROR_CANCEL, "who asks for the flag sees it");
	call_start(&c, &s, TRY_WAIT, 300, 0);
	usleep(100000);
	TEEC_RequestCancellation(&c.op);
	pthread_join(c.thread, NULL);
	CHECK(c.result == TEEC_SUCCESS, "masked, it waits on");
	TEEC_RequestCancellation(&c.op);
	TEEC_RequestCancellation(&idle);
	TEEC_RequestCancellation(NULL);
	call_start(&c, &s, TRY_WAIT, 50, 1);
	pthread_join(c.thread, NULL);
	CHECK(c.result == TEEC_SUCCESS, "the next call is not cancelled");
	TEEC_CloseSession(&s);
	calling_end();
}

static void *many_run(void *self)
{
	TEEC_Session s;
	size_t *good = self;

	for (size_t round = 0; round < 20; round++) {
		TEEC_Operation op = { .paramTypes = TEEC_PARAM_TYPES(TEEC_VALUE_INOUT, TEEC_NONE, TEEC_NONE, TEEC_NONE) };

		if (calling_open(&s) != TEEC_SUCCESS) {
			return NULL;
		}
		for (uint32_t i = 0; i < 50; i++) {
			op.params[0].value = (TEEC_Value){ i, 2 * i };
			*good += TEEC_InvokeCommand(&s, TRY_VALUES, &op, NULL) == TEEC_SUCCESS && op.params[0].value.a == 2 * i;
		}
		TEEC_CloseSession(&s);
	}
	return NULL;
}

/* Threads of one context, each with sessions of its own, and some in one. */
static void test_threads(void)
{
	pthread_t thread[4];
	size_t good[4] = { 0 };
	struct caller c[8];
	TEEC_Session s;

	calling_begin(TEE_HONEST);
	for (size_t i = 0; i < MT_COUNT(thread); i++) {
		pthread_create(&thread[i], NULL, many_run, &good[i]);
	}
	for (size_t i = 0; i < MT_COUNT(thread); i++) {
		pthread_join(thread[i], NULL);
		CHECK(good[i] == 1000, "every call");
	}
	CHECK(calling_open(&s) == TEEC_SUCCESS, "open");
	for (size_t i = 0; i < MT_COUNT(c); i++) {
		call_start(&c[i], &s, TRY_WAIT, 20, 0);
	}
	for (size_t i = 0; i < MT_COUNT(c); i++) {
		pthread_join(c[i].thread, NULL);
		CHECK(c[i].result == TEEC_SUCCESS, "one after the other");
	}
	TEEC_CloseSession(&s);
	calling_end();
}

/* ---- a TEE that lies ---- */

static void test_liars(void)
{
	for (int lie = TEE_NO_BELLS; lie < TEE_LIES; lie++) {
		TEEC_Session s;
		uint32_t origin = 0;

		calling_begin((enum tee_lie)lie);
		CHECK(TEEC_OpenSession(&calling_context, &s, &calling_uuid, TEEC_LOGIN_PUBLIC, NULL, NULL, &origin) == TEEC_ERROR_COMMUNICATION &&
			      origin == TEEC_ORIGIN_COMMS, "no session");
		calling_end();
	}
}

/* Sizes that come back and cannot be. */
static void test_sizes(void)
{
	static const uint64_t lies[] = { 65, 1 << 20, UINT32_MAX, UINT64_MAX, UINT64_MAX - 63 };
	uint8_t room[66];
	TEEC_Session s;

	calling_begin(TEE_HONEST);
	CHECK(calling_open(&s) == TEEC_SUCCESS, "open");
	for (size_t i = 0; i < MT_COUNT(lies); i++) {
		TEEC_Operation op = { .paramTypes = TEEC_PARAM_TYPES(TEEC_VALUE_INPUT, TEEC_MEMREF_TEMP_OUTPUT, TEEC_NONE, TEEC_NONE) };

		memset(room, 5, sizeof(room));
		op.params[0].value = (TEEC_Value){ (uint32_t)lies[i], (uint32_t)(lies[i] >> 32) };
		op.params[1].tmpref = (TEEC_TempMemoryReference){ room, 64 };
		CHECK(TEEC_InvokeCommand(&s, TRY_SIZE, &op, NULL) == TEEC_SUCCESS && op.params[1].tmpref.size == lies[i], "told");
		CHECK(room[0] == 5 && room[65] == 5, "and nothing written");
	}
	TEEC_CloseSession(&s);
	calling_end();
}

static void *kill_later(void *unused)
{
	(void)unused;
	usleep(100000);
	kill(calling_world, SIGKILL);
	return NULL;
}

static void test_tee_dies(void)
{
	TEEC_Session s;
	struct caller c;
	pthread_t killer;

	calling_begin(TEE_HONEST);
	CHECK(calling_open(&s) == TEEC_SUCCESS, "open");
	pthread_create(&killer, NULL, kill_later, NULL);
	call_start(&c, &s, TRY_WAIT, UINT32_MAX, 0);
	pthread_join(c.thread, NULL);
	pthread_join(killer, NULL);
	CHECK(c.result == TEEC_ERROR_TARGET_DEAD || c.result == TEEC_ERROR_COMMUNICATION, "the call ends");
	CHECK(TEEC_InvokeCommand(&s, TRY_NOTHING, NULL, NULL) == TEEC_ERROR_TARGET_DEAD, "and stays at its end");
	TEEC_CloseSession(&s);
	CHECK(calling_open(&s) == TEEC_ERROR_COMMUNICATION, "nobody is there");
	calling_end();
}

const struct test tests[] = {
	{ "dead", test_dead },
	{ "cancel", test_cancel },
	{ "threads", test_threads },
	{ "liars", test_liars },
	{ "sizes", test_sizes },
	{ "tee_dies", test_tee_dies },
	TESTS_END,
};
