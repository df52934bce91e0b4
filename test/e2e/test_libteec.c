/* Programs and applications: the real library, the real process of an application, and a double of the core and the door between them. */
#include "test/calling.h"
#include "test/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/crypto/crypto.h"

/* ---- names ---- */

static void test_names(void)
{
	TEEC_Context c;
	char name[80];

	calling_begin(TEE_HONEST);
	snprintf(name, sizeof(name), "unix:%s", calling_place);
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
	CHECK(TEEC_InitializeContext(calling_place, NULL) == TEEC_ERROR_BAD_PARAMETERS, "no context");
	calling_end();
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
	calling_begin(TEE_HONEST);
	CHECK(TEEC_OpenSession(&calling_context, &s, &other, TEEC_LOGIN_PUBLIC, NULL, NULL, &origin) == TEEC_ERROR_ITEM_NOT_FOUND, "another TA");
	CHECK(origin == TEEC_ORIGIN_TEE, "says the TEE");
	CHECK(TEEC_OpenSession(&calling_context, &s, &calling_uuid, 99, NULL, NULL, &origin) == TEEC_ERROR_BAD_PARAMETERS && origin == TEEC_ORIGIN_API, "login");
	CHECK(TEEC_OpenSession(&calling_context, &s, &calling_uuid, TEEC_LOGIN_PUBLIC, &group, NULL, NULL) == TEEC_ERROR_BAD_PARAMETERS, "data without need");
	CHECK(TEEC_OpenSession(&calling_context, &s, &calling_uuid, TEEC_LOGIN_GROUP, NULL, NULL, NULL) == TEEC_ERROR_BAD_PARAMETERS, "no group");
	op.params[1].tmpref = (TEEC_TempMemoryReference){ from, sizeof(from) };
	op.params[2].tmpref = (TEEC_TempMemoryReference){ to, sizeof(to) };
	op.params[0].value = (TEEC_Value){ 0x12345678, 1 };
	CHECK(TEEC_OpenSession(&calling_context, &s, &calling_uuid, TEEC_LOGIN_PUBLIC, NULL, &op, &origin) == 0x12345678, "the TA refuses");
	CHECK(origin == TEEC_ORIGIN_TRUSTED_APP && op.params[0].value.b == 2 && to[99] == 7, "and its parameters come back");
	op.params[0].value = (TEEC_Value){ 0, 8 };
	CHECK(TEEC_OpenSession(&calling_context, &s, &calling_uuid, TEEC_LOGIN_GROUP, &group, &op, &origin) == TEEC_SUCCESS, "it opens");
	CHECK(op.params[0].value.b == 9 && op.params[2].tmpref.size == 100, "with parameters");
	TEEC_CloseSession(&s);
	TEEC_CloseSession(NULL);
	CHECK(TEEC_InvokeCommand(&s, TRY_NOTHING, NULL, &origin) == TEEC_ERROR_BAD_PARAMETERS && origin == TEEC_ORIGIN_API, "closed");
	calling_end();
}

static void test_values(void)
{
	TEEC_Session s;
	TEEC_Operation op = { .paramTypes = TEEC_PARAM_TYPES(TEEC_VALUE_INOUT, TEEC_NONE, TEEC_NONE, TEEC_NONE) };
	uint32_t origin = 0;

	calling_begin(TEE_HONEST);
	CHECK(calling_open(&s) == TEEC_SUCCESS, "open");
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
	calling_end();
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

	calling_begin(TEE_HONEST);
	CHECK(calling_open(&s) == TEEC_SUCCESS, "open");
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
	calling_end();
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
	calling_begin(TEE_HONEST);
	CHECK(calling_open(&s) == TEEC_SUCCESS && calling_open(&other) == TEEC_SUCCESS, "open");
	CHECK(TEEC_AllocateSharedMemory(&calling_context, &made) == TEEC_SUCCESS && mt_is_zero(mt_bytes(made.buffer, 5000)), "zeroed");
	CHECK(TEEC_RegisterSharedMemory(&calling_context, &in) == TEEC_SUCCESS, "the program's");
	CHECK(TEEC_AllocateSharedMemory(&calling_context, &out) == TEEC_SUCCESS, "another");
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
	TEEC_Operation past = { .paramTypes = TEEC_PARAM_TYPES(TEEC_MEMREF_PARTIAL_INPUT, TEEC_NONE, TEEC_NONE, TEEC_NONE) };
	uint32_t origin = 0;

	past.params[0].memref = (TEEC_RegisteredMemoryReference){ &in, 5000, 10 };
	CHECK(TEEC_InvokeCommand(&s, TRY_NOTHING, &past, &origin) == TEEC_ERROR_BAD_PARAMETERS && origin == TEEC_ORIGIN_API, "nothing of it is read");
	TEEC_ReleaseSharedMemory(&in);
	CHECK(in.buffer == own && own[0] == 4, "the program's stays");
	CHECK(copy_shared(&s, &in, &made, 0, &size) == TEEC_ERROR_BAD_PARAMETERS, "released");
	TEEC_ReleaseSharedMemory(&made);
	TEEC_ReleaseSharedMemory(&made);
	TEEC_ReleaseSharedMemory(&out);
	CHECK(!made.buffer && made.size == 0, "freed");
	made = (TEEC_SharedMemory){ .size = 10, .flags = 8 };
	CHECK(TEEC_AllocateSharedMemory(&calling_context, &made) == TEEC_ERROR_BAD_PARAMETERS, "flags");
	TEEC_CloseSession(&s);
	TEEC_CloseSession(&other);
	calling_end();
}

/* More blocks than regions, again and again; and one that is released and made anew in its place. */
static void test_many_regions(void)
{
	static TEEC_SharedMemory made[80];
	TEEC_Session s;

	calling_begin(TEE_HONEST);
	CHECK(calling_open(&s) == TEEC_SUCCESS, "open");
	for (size_t i = 0; i < MT_COUNT(made); i++) {
		made[i] = (TEEC_SharedMemory){ .size = 100, .flags = TEEC_MEM_INPUT | TEEC_MEM_OUTPUT };
		CHECK(TEEC_AllocateSharedMemory(&calling_context, &made[i]) == TEEC_SUCCESS, "made");
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
			CHECK(TEEC_AllocateSharedMemory(&calling_context, to) == TEEC_SUCCESS, "anew");
		}
	}
	for (size_t i = 0; i < MT_COUNT(made); i++) {
		TEEC_ReleaseSharedMemory(&made[i]);
	}
	TEEC_CloseSession(&s);
	calling_end();
}

static void test_descriptors(void)
{
	TEEC_Session s;
	TEEC_SharedMemory by = { .flags = TEEC_MEM_INPUT | TEEC_MEM_OUTPUT }, out = { .size = 4096, .flags = TEEC_MEM_OUTPUT };
	size_t size = 4096;
	int fd = memfd_create("test", MFD_ALLOW_SEALING);

	calling_begin(TEE_HONEST);
	CHECK(calling_open(&s) == TEEC_SUCCESS && TEEC_AllocateSharedMemory(&calling_context, &out) == TEEC_SUCCESS, "open");
	CHECK(ftruncate(fd, 4096) == 0 && pwrite(fd, "hello", 5, 0) == 5, "memory of the program's");
	CHECK(TEEC_RegisterSharedMemoryFileDescriptor(&calling_context, &by, fd) == TEEC_ERROR_NOT_SUPPORTED, "could be cut short");
	CHECK(TEEC_RegisterSharedMemoryFileDescriptor(&calling_context, &by, -1) == TEEC_ERROR_BAD_PARAMETERS, "none");
	CHECK(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK) == 0, "sealed");
	CHECK(TEEC_RegisterMemoryFileDescriptor(&calling_context, &by, fd) == TEEC_SUCCESS && by.size == 4096 && !by.buffer, "shared");
	close(fd);
	CHECK(copy_shared(&s, &by, &out, 0, &size) == TEEC_SUCCESS && memcmp(out.buffer, "hello", 6) == 0, "without a copy");
	TEEC_ReleaseSharedMemory(&by);
	TEEC_ReleaseSharedMemory(&out);
	TEEC_CloseSession(&s);
	calling_end();
}

static void test_crypto(void)
{
	static uint8_t data[200000];
	uint8_t digest[32], want[CRYPTO_SHA256_SIZE];
	TEEC_Session s;
	TEEC_Operation op = { .paramTypes = TEEC_PARAM_TYPES(TEEC_MEMREF_TEMP_INPUT, TEEC_MEMREF_TEMP_OUTPUT, TEEC_NONE, TEEC_NONE) };

	memset(data, 'x', sizeof(data));
	calling_begin(TEE_HONEST);
	CHECK(calling_open(&s) == TEEC_SUCCESS, "open");
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
	calling_end();
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
	TESTS_END,
};
