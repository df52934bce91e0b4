/* Programs and applications: the real library, the real process of an application, and a double of the core and the door between them. */
#include "api/tee_client_api.h"
#include "test/ta/try.h"
#include "test/tee_world.h"
#include "test/test.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "lib/crypto/crypto.h"

static const TEEC_UUID try_uuid = TRY_UUID;
static char place[64];
static pid_t world;
static TEEC_Context context;

static void begin(enum tee_lie lie)
{
	snprintf(place, sizeof(place), "/tmp/mesatee-test-%d.sock", (int)getpid());
	world = tee_world_start(place, lie, false);
	CHECK(TEEC_InitializeContext(place, &context) == TEEC_SUCCESS, "a path");
}

static void end(void)
{
	TEEC_FinalizeContext(&context);
	tee_world_stop(world, place);
}

static TEEC_Result open_plain(TEEC_Session *s)
{
	return TEEC_OpenSession(&context, s, &try_uuid, TEEC_LOGIN_PUBLIC, NULL, NULL, NULL);
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---- names ---- */

static void test_names(void)
{
	TEEC_Context c;
	char name[80];

	begin(TEE_HONEST);
	snprintf(name, sizeof(name), "unix:%s", place);
	CHECK(TEEC_InitializeContext(name, &c) == TEEC_SUCCESS, "unix:");
	TEEC_FinalizeContext(&c);
	setenv("MESATEE_TEE", name, 1);
	CHECK(TEEC_InitializeContext(NULL, &c) == TEEC_SUCCESS, "the environment");
	TEEC_FinalizeContext(&c);
	TEEC_FinalizeContext(&c);
	TEEC_FinalizeContext(NULL);
	setenv("MESATEE_TEE", "/nowhere/at/all", 1);
	CHECK(TEEC_InitializeContext(NULL, &c) == TEEC_ERROR_ITEM_NOT_FOUND, "nobody there");
	unsetenv("MESATEE_TEE");
	CHECK(TEEC_InitializeContext("https://host:7777", &c) == TEEC_ERROR_NOT_SUPPORTED, "not yet");
	CHECK(TEEC_InitializeContext("optee", &c) == TEEC_ERROR_ITEM_NOT_FOUND, "another name");
	CHECK(TEEC_InitializeContext(place, NULL) == TEEC_ERROR_BAD_PARAMETERS, "no context");
	end();
}

/* ---- sessions and parameters ---- */

static void test_open(void)
{
	static const TEEC_UUID other = { 1, 2, 3, { 4 } };
	TEEC_Session s;
	uint8_t from[100], to[100] = { 0 };
	TEEC_Operation op = { .paramTypes = TEEC_PARAM_TYPES(TEEC_VALUE_INOUT, TEEC_MEMREF_TEMP_INPUT, TEEC_MEMREF_TEMP_OUTPUT, TEEC_NONE) };
	uint32_t origin = 0, group = 5;

	memset(from, 7, sizeof(from));
	begin(TEE_HONEST);
	CHECK(TEEC_OpenSession(&context, &s, &other, TEEC_LOGIN_PUBLIC, NULL, NULL, &origin) == TEEC_ERROR_ITEM_NOT_FOUND, "another TA");
	CHECK(origin == TEEC_ORIGIN_TEE, "says the TEE");
	CHECK(TEEC_OpenSession(&context, &s, &try_uuid, 99, NULL, NULL, &origin) == TEEC_ERROR_BAD_PARAMETERS && origin == TEEC_ORIGIN_API, "login");
	CHECK(TEEC_OpenSession(&context, &s, &try_uuid, TEEC_LOGIN_PUBLIC, &group, NULL, NULL) == TEEC_ERROR_BAD_PARAMETERS, "data without need");
	CHECK(TEEC_OpenSession(&context, &s, &try_uuid, TEEC_LOGIN_GROUP, NULL, NULL, NULL) == TEEC_ERROR_BAD_PARAMETERS, "no group");
	op.params[1].tmpref = (TEEC_TempMemoryReference){ from, sizeof(from) };
	op.params[2].tmpref = (TEEC_TempMemoryReference){ to, sizeof(to) };
	op.params[0].value = (TEEC_Value){ 0x12345678, 1 };
	CHECK(TEEC_OpenSession(&context, &s, &try_uuid, TEEC_LOGIN_PUBLIC, NULL, &op, &origin) == 0x12345678, "the TA refuses");
	CHECK(origin == TEEC_ORIGIN_TRUSTED_APP && op.params[0].value.b == 2 && to[99] == 7, "and its parameters come back");
	op.params[0].value = (TEEC_Value){ 0, 8 };
	CHECK(TEEC_OpenSession(&context, &s, &try_uuid, TEEC_LOGIN_GROUP, &group, &op, &origin) == TEEC_SUCCESS, "it opens");
	CHECK(op.params[0].value.b == 9 && op.params[2].tmpref.size == 100, "with parameters");
	TEEC_CloseSession(&s);
	TEEC_CloseSession(NULL);
	CHECK(TEEC_InvokeCommand(&s, TRY_NOTHING, NULL, &origin) == TEEC_ERROR_BAD_PARAMETERS && origin == TEEC_ORIGIN_API, "closed");
	end();
}

static void test_values(void)
{
	TEEC_Session s;
	TEEC_Operation op = { .paramTypes = TEEC_PARAM_TYPES(TEEC_VALUE_INOUT, TEEC_NONE, TEEC_NONE, TEEC_NONE) };
	uint32_t origin = 0;

	begin(TEE_HONEST);
	CHECK(open_plain(&s) == TEEC_SUCCESS, "open");
	for (uint32_t i = 0; i < 1000; i++) {
		op.params[0].value = (TEEC_Value){ i, 77 };
		CHECK(TEEC_InvokeCommand(&s, TRY_VALUES, &op, &origin) == TEEC_SUCCESS && origin == TEEC_ORIGIN_TRUSTED_APP, "call");
		CHECK(op.params[0].value.a == 77 && op.params[0].value.b == i + 1, "and back");
	}
	op.paramTypes = TEEC_PARAM_TYPES(TEEC_VALUE_OUTPUT, TEEC_VALUE_OUTPUT, TEEC_NONE, TEEC_NONE);
	CHECK(TEEC_InvokeCommand(&s, TRY_FACTS, &op, NULL) == TEEC_SUCCESS, "what the loader did");
	CHECK(op.params[0].value.a == 0x57a27ed, "start functions have run");
	CHECK(op.params[1].value.a == 1 && op.params[1].value.b == 1, "created once, one session");
	op.paramTypes = 4;
	CHECK(TEEC_InvokeCommand(&s, TRY_VALUES, &op, &origin) == TEEC_ERROR_BAD_PARAMETERS && origin == TEEC_ORIGIN_API, "a type that is none");
	op.paramTypes = 0x10000;
	CHECK(TEEC_InvokeCommand(&s, TRY_VALUES, &op, NULL) == TEEC_ERROR_BAD_PARAMETERS, "types too many");
	TEEC_CloseSession(&s);
	end();
}

/* ---- memory ---- */

static TEEC_Result copy_temporary(TEEC_Session *s, void *from, size_t size, void *to, size_t *room)
{
	TEEC_Operation op = { .paramTypes = TEEC_PARAM_TYPES(TEEC_MEMREF_TEMP_INPUT, TEEC_MEMREF_TEMP_OUTPUT, TEEC_NONE, TEEC_NONE) };

	op.params[0].tmpref = (TEEC_TempMemoryReference){ from, size };
	op.params[1].tmpref = (TEEC_TempMemoryReference){ to, *room };
	TEEC_Result result = TEEC_InvokeCommand(s, TRY_COPY, &op, NULL);

	*room = op.params[1].tmpref.size;
	return result;
}

static void test_temporary(void)
{
	static const size_t sizes[] = { 1, 63, 64, 65, 4096, 30000, 32768, 60000, 65536, 100000, 700000, 3000000, 5 };
	static uint8_t from[3000000], to[3000000 + 1];
	TEEC_Session s;
	size_t room = 3;

	begin(TEE_HONEST);
	CHECK(open_plain(&s) == TEEC_SUCCESS, "open");
	for (size_t i = 0; i < MT_COUNT(sizes); i++) {
		memset(from, (int)i + 1, sizes[i]);
		memset(to, 0, sizeof(to));
		room = sizes[i];
		CHECK(copy_temporary(&s, from, sizes[i], to, &room) == TEEC_SUCCESS && room == sizes[i], "in the window or outside");
		CHECK(memcmp(from, to, sizes[i]) == 0 && to[sizes[i]] == 0, "exactly these bytes");
	}
	to[0] = 9;
	room = 3;
	CHECK(copy_temporary(&s, from, 4, to, &room) == TEEC_ERROR_SHORT_BUFFER && room == 4 && to[0] == 9, "what it needs, and nothing written");
	room = 0;
	CHECK(copy_temporary(&s, from, 4, NULL, &room) == TEEC_ERROR_SHORT_BUFFER && room == 4, "NULL asks for the size");
	room = 0;
	CHECK(copy_temporary(&s, NULL, 0, NULL, &room) == TEEC_SUCCESS && room == 0, "nothing to nothing");
	room = 5;
	CHECK(copy_temporary(&s, from, 1, NULL, &room) == TEEC_ERROR_BAD_PARAMETERS, "NULL with a size");
	TEEC_CloseSession(&s);
	end();
}

static TEEC_Result copy_shared(TEEC_Session *s, TEEC_SharedMemory *from, TEEC_SharedMemory *to, size_t offset, size_t *size)
{
	TEEC_Operation op = { .paramTypes = TEEC_PARAM_TYPES(TEEC_MEMREF_WHOLE, TEEC_MEMREF_PARTIAL_OUTPUT, TEEC_NONE, TEEC_NONE) };

	op.params[0].memref.parent = from;
	op.params[1].memref = (TEEC_RegisteredMemoryReference){ to, *size, offset };
	TEEC_Result result = TEEC_InvokeCommand(s, TRY_COPY, &op, NULL);

	*size = op.params[1].memref.size;
	return result;
}

static void test_shared(void)
{
	TEEC_Session s, other;
	uint8_t own[5000];
	TEEC_SharedMemory made = { .size = 5000, .flags = TEEC_MEM_INPUT | TEEC_MEM_OUTPUT };
	TEEC_SharedMemory in = { .buffer = own, .size = sizeof(own), .flags = TEEC_MEM_INPUT };
	TEEC_SharedMemory out = { .size = 6000, .flags = TEEC_MEM_OUTPUT };
	size_t size = 5000;

	memset(own, 3, sizeof(own));
	begin(TEE_HONEST);
	CHECK(open_plain(&s) == TEEC_SUCCESS && open_plain(&other) == TEEC_SUCCESS, "open");
	CHECK(TEEC_AllocateSharedMemory(&context, &made) == TEEC_SUCCESS && mt_is_zero(mt_bytes(made.buffer, 5000)), "zeroed");
	CHECK(TEEC_RegisterSharedMemory(&context, &in) == TEEC_SUCCESS, "the program's");
	CHECK(TEEC_AllocateSharedMemory(&context, &out) == TEEC_SUCCESS, "another");
	CHECK(copy_shared(&s, &in, &made, 0, &size) == TEEC_SUCCESS && memcmp(made.buffer, own, 5000) == 0, "from the program's to the shared");
	memset(own, 4, sizeof(own));
	CHECK(copy_shared(&other, &in, &made, 0, &size) == TEEC_SUCCESS && memcmp(made.buffer, own, 5000) == 0, "in another session");
	size = 5000;
	CHECK(copy_shared(&s, &made, &out, 1000, &size) == TEEC_SUCCESS && ((uint8_t *)out.buffer)[999] == 0 &&
		      memcmp((uint8_t *)out.buffer + 1000, own, 5000) == 0, "part of a block");
	size = 5001;
	CHECK(copy_shared(&s, &made, &out, 1000, &size) == TEEC_ERROR_BAD_PARAMETERS, "past its end");
	size = 8;
	CHECK(copy_shared(&s, &made, &out, SIZE_MAX - 3, &size) == TEEC_ERROR_BAD_PARAMETERS, "far past its end");
	CHECK(copy_shared(&s, &made, &in, 0, &size) == TEEC_ERROR_BAD_PARAMETERS, "not for output");
	TEEC_ReleaseSharedMemory(&in);
	CHECK(in.buffer == own && own[0] == 4, "the program's stays");
	CHECK(copy_shared(&s, &in, &made, 0, &size) == TEEC_ERROR_BAD_PARAMETERS, "released");
	TEEC_ReleaseSharedMemory(&made);
	TEEC_ReleaseSharedMemory(&made);
	TEEC_ReleaseSharedMemory(&out);
	CHECK(!made.buffer && made.size == 0, "freed");
	made = (TEEC_SharedMemory){ .size = 10, .flags = 8 };
	CHECK(TEEC_AllocateSharedMemory(&context, &made) == TEEC_ERROR_BAD_PARAMETERS, "flags");
	TEEC_CloseSession(&s);
	TEEC_CloseSession(&other);
	end();
}

/* More blocks than regions, again and again; and one that is released and made anew in its place. */
static void test_many_regions(void)
{
	static TEEC_SharedMemory made[80];
	TEEC_Session s;

	begin(TEE_HONEST);
	CHECK(open_plain(&s) == TEEC_SUCCESS, "open");
	for (size_t i = 0; i < MT_COUNT(made); i++) {
		made[i] = (TEEC_SharedMemory){ .size = 100, .flags = TEEC_MEM_INPUT | TEEC_MEM_OUTPUT };
		CHECK(TEEC_AllocateSharedMemory(&context, &made[i]) == TEEC_SUCCESS, "made");
		memset(made[i].buffer, (int)i, 100);
	}
	for (size_t i = 0; i < 300; i++) {
		TEEC_SharedMemory *from = &made[i * 7 % 80], *to = &made[(i * 7 + 31) % 80];
		size_t size = 100;

		CHECK(copy_shared(&s, from, to, 0, &size) == TEEC_SUCCESS && memcmp(from->buffer, to->buffer, 100) == 0, "the right ones");
		((uint8_t *)from->buffer)[i % 100]++;
		if (i % 10 == 0) {
			TEEC_ReleaseSharedMemory(to);
			*to = (TEEC_SharedMemory){ .size = 100, .flags = TEEC_MEM_INPUT | TEEC_MEM_OUTPUT };
			CHECK(TEEC_AllocateSharedMemory(&context, to) == TEEC_SUCCESS, "anew");
		}
	}
	for (size_t i = 0; i < MT_COUNT(made); i++) {
		TEEC_ReleaseSharedMemory(&made[i]);
	}
	TEEC_CloseSession(&s);
	end();
}

static void test_descriptors(void)
{
	TEEC_Session s;
	TEEC_SharedMemory by = { .flags = TEEC_MEM_INPUT | TEEC_MEM_OUTPUT }, out = { .size = 4096, .flags = TEEC_MEM_OUTPUT };
	size_t size = 4096;
	int fd = memfd_create("test", MFD_ALLOW_SEALING);

	begin(TEE_HONEST);
	CHECK(open_plain(&s) == TEEC_SUCCESS && TEEC_AllocateSharedMemory(&context, &out) == TEEC_SUCCESS, "open");
	CHECK(ftruncate(fd, 4096) == 0 && pwrite(fd, "hello", 5, 0) == 5, "memory of the program's");
	CHECK(TEEC_RegisterSharedMemoryFileDescriptor(&context, &by, fd) == TEEC_ERROR_NOT_SUPPORTED, "could be cut short");
	CHECK(TEEC_RegisterSharedMemoryFileDescriptor(&context, &by, -1) == TEEC_ERROR_BAD_PARAMETERS, "none");
	CHECK(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK) == 0, "sealed");
	CHECK(TEEC_RegisterMemoryFileDescriptor(&context, &by, fd) == TEEC_SUCCESS && by.size == 4096 && !by.buffer, "shared");
	close(fd);
	CHECK(copy_shared(&s, &by, &out, 0, &size) == TEEC_SUCCESS && memcmp(out.buffer, "hello", 6) == 0, "without a copy");
	TEEC_ReleaseSharedMemory(&by);
	TEEC_ReleaseSharedMemory(&out);
	TEEC_CloseSession(&s);
	end();
}

static void test_crypto(void)
{
	static uint8_t data[200000];
	uint8_t digest[32], want[CRYPTO_SHA256_SIZE];
	TEEC_Session s;
	TEEC_Operation op = { .paramTypes = TEEC_PARAM_TYPES(TEEC_MEMREF_TEMP_INPUT, TEEC_MEMREF_TEMP_OUTPUT, TEEC_NONE, TEEC_NONE) };

	memset(data, 'x', sizeof(data));
	begin(TEE_HONEST);
	CHECK(open_plain(&s) == TEEC_SUCCESS, "open");
	op.params[0].tmpref = (TEEC_TempMemoryReference){ data, sizeof(data) };
	op.params[1].tmpref = (TEEC_TempMemoryReference){ digest, sizeof(digest) };
	CHECK(TEEC_InvokeCommand(&s, TRY_SHA256, &op, NULL) == TEEC_SUCCESS && op.params[1].tmpref.size == 32, "by system calls");
	crypto_sha256(mt_bytes(data, sizeof(data)), want);
	CHECK(memcmp(digest, want, 32) == 0, "the same");
	op.params[1].tmpref = (TEEC_TempMemoryReference){ data, sizeof(data) };
	CHECK(TEEC_InvokeCommand(&s, TRY_GCM, &op, NULL) == TEEC_SUCCESS && op.params[1].tmpref.size == sizeof(data) && data[0] != 'x', "with a key");
	op.paramTypes = TEEC_PARAM_TYPES(TEEC_MEMREF_TEMP_OUTPUT, TEEC_NONE, TEEC_NONE, TEEC_NONE);
	op.params[0].tmpref = (TEEC_TempMemoryReference){ data, sizeof(data) };
	CHECK(TEEC_InvokeCommand(&s, TRY_STORED, &op, NULL) == TEEC_SUCCESS && op.params[0].tmpref.size == 200000, "from core, in pieces");
	CHECK(data[0] == 's' && data[199999] == 's', "to its end");
	TEEC_CloseSession(&s);
	end();
}

/* ---- ends ---- */

static void test_dead(void)
{
	static const uint32_t how[] = { TRY_PANIC, TRY_FAULT, TRY_DEEP, TRY_EXECUTE };

	begin(TEE_HONEST);
	for (size_t i = 0; i < MT_COUNT(how); i++) {
		TEEC_Session s, other;
		TEEC_Operation op = { .paramTypes = TEEC_PARAM_TYPES(TEEC_VALUE_INPUT, TEEC_NONE, TEEC_NONE, TEEC_NONE) };
		uint32_t origin = 0;
		double start = seconds();

		CHECK(open_plain(&s) == TEEC_SUCCESS && open_plain(&other) == TEEC_SUCCESS, "open, also after one has died");
		CHECK(TEEC_InvokeCommand(&s, how[i], &op, &origin) == TEEC_ERROR_TARGET_DEAD && origin == TEEC_ORIGIN_TEE, "it dies");
		CHECK(TEEC_InvokeCommand(&s, TRY_NOTHING, NULL, &origin) == TEEC_ERROR_TARGET_DEAD, "and is dead");
		CHECK(TEEC_InvokeCommand(&other, TRY_NOTHING, NULL, &origin) == TEEC_ERROR_TARGET_DEAD, "for all its sessions");
		CHECK(seconds() - start < 4, "at once");
		TEEC_CloseSession(&s);
		TEEC_CloseSession(&other);
	}
	end();
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

	begin(TEE_HONEST);
	CHECK(open_plain(&s) == TEEC_SUCCESS, "open");
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
	end();
}

static void *many_run(void *self)
{
	TEEC_Session s;
	size_t *good = self;

	for (size_t round = 0; round < 20; round++) {
		TEEC_Operation op = { .paramTypes = TEEC_PARAM_TYPES(TEEC_VALUE_INOUT, TEEC_NONE, TEEC_NONE, TEEC_NONE) };

		if (open_plain(&s) != TEEC_SUCCESS) {
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

	begin(TEE_HONEST);
	for (size_t i = 0; i < MT_COUNT(thread); i++) {
		pthread_create(&thread[i], NULL, many_run, &good[i]);
	}
	for (size_t i = 0; i < MT_COUNT(thread); i++) {
		pthread_join(thread[i], NULL);
		CHECK(good[i] == 1000, "every call");
	}
	CHECK(open_plain(&s) == TEEC_SUCCESS, "open");
	for (size_t i = 0; i < MT_COUNT(c); i++) {
		call_start(&c[i], &s, TRY_WAIT, 20, 0);
	}
	for (size_t i = 0; i < MT_COUNT(c); i++) {
		pthread_join(c[i].thread, NULL);
		CHECK(c[i].result == TEEC_SUCCESS, "one after the other");
	}
	TEEC_CloseSession(&s);
	end();
}

/* ---- a TEE that lies ---- */

static void test_liars(void)
{
	for (int lie = TEE_NO_BELLS; lie < TEE_LIES; lie++) {
		TEEC_Session s;
		uint32_t origin = 0;

		begin((enum tee_lie)lie);
		CHECK(TEEC_OpenSession(&context, &s, &try_uuid, TEEC_LOGIN_PUBLIC, NULL, NULL, &origin) == TEEC_ERROR_COMMUNICATION &&
			      origin == TEEC_ORIGIN_COMMS, "no session");
		end();
	}
}

/* Sizes that come back and cannot be. */
static void test_sizes(void)
{
	static const uint64_t lies[] = { 65, 1 << 20, UINT32_MAX, UINT64_MAX, UINT64_MAX - 63 };
	uint8_t room[66];
	TEEC_Session s;

	begin(TEE_HONEST);
	CHECK(open_plain(&s) == TEEC_SUCCESS, "open");
	for (size_t i = 0; i < MT_COUNT(lies); i++) {
		TEEC_Operation op = { .paramTypes = TEEC_PARAM_TYPES(TEEC_VALUE_INPUT, TEEC_MEMREF_TEMP_OUTPUT, TEEC_NONE, TEEC_NONE) };

		memset(room, 5, sizeof(room));
		op.params[0].value = (TEEC_Value){ (uint32_t)lies[i], (uint32_t)(lies[i] >> 32) };
		op.params[1].tmpref = (TEEC_TempMemoryReference){ room, 64 };
		CHECK(TEEC_InvokeCommand(&s, TRY_SIZE, &op, NULL) == TEEC_SUCCESS && op.params[1].tmpref.size == lies[i], "told");
		CHECK(room[0] == 5 && room[65] == 5, "and nothing written");
	}
	TEEC_CloseSession(&s);
	end();
}

static void *kill_later(void *unused)
{
	(void)unused;
	usleep(100000);
	kill(world, SIGKILL);
	return NULL;
}

static void test_tee_dies(void)
{
	TEEC_Session s;
	struct caller c;
	pthread_t killer;

	begin(TEE_HONEST);
	CHECK(open_plain(&s) == TEEC_SUCCESS, "open");
	pthread_create(&killer, NULL, kill_later, NULL);
	call_start(&c, &s, TRY_WAIT, UINT32_MAX, 0);
	pthread_join(c.thread, NULL);
	pthread_join(killer, NULL);
	CHECK(c.result == TEEC_ERROR_TARGET_DEAD || c.result == TEEC_ERROR_COMMUNICATION, "the call ends");
	CHECK(open_plain(&s) == TEEC_ERROR_COMMUNICATION || true, "does not hang");
	TEEC_CloseSession(&s);
	end();
}

const struct test tests[] = {
	{ "names", test_names },
	{ "open", test_open },
	{ "values", test_values },
	{ "temporary", test_temporary },
	{ "shared", test_shared },
	{ "many_regions", test_many_regions },
	{ "descriptors", test_descriptors },
	{ "crypto", test_crypto },
	{ "dead", test_dead },
	{ "cancel", test_cancel },
	{ "threads", test_threads },
	{ "liars", test_liars },
	{ "sizes", test_sizes },
	{ "tee_dies", test_tee_dies },
	TESTS_END,
};
