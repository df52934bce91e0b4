/* ta/rt beside the GP API itself: ways in, OP-TEE's additions, traces. The API is test/gp's. */
#include "ta/rt/rt.h"
#include "test/gp_world.h"
#include "test/test.h"

#include <setjmp.h>
#include <string.h>

#include "api/tee_internal_api_extensions.h"

static jmp_buf panicked;
static TEE_Result panic_code;

_Noreturn void gp_world_panicked(TEE_Result code)
{
	panic_code = code;
	longjmp(panicked, 1);
}

void gp_world_logged(struct bytes line)
{
	(void)line;
}

/* ---- a TA whose entry points do what the test wants ---- */

static struct {
	unsigned created, destroyed, closed;
	TEE_Result result;
	void *context;
	uint32_t types, command;
	TEE_Param params[4];
} ta;

TEE_Result TA_CreateEntryPoint(void)
{
	ta.created++;
	return ta.result;
}

void TA_DestroyEntryPoint(void)
{
	ta.destroyed++;
}

TEE_Result TA_OpenSessionEntryPoint(uint32_t paramTypes, TEE_Param params[TEE_NUM_PARAMS], void **sessionContext)
{
	ta.types = paramTypes;
	memcpy(ta.params, params, sizeof(ta.params));
	*sessionContext = ta.context;
	return ta.result;
}

void TA_CloseSessionEntryPoint(void *sessionContext)
{
	ta.closed++;
	ta.context = sessionContext;
}

TEE_Result TA_InvokeCommandEntryPoint(void *sessionContext, uint32_t commandID, uint32_t paramTypes, TEE_Param params[TEE_NUM_PARAMS])
{
	ta.context = sessionContext;
	ta.types = paramTypes;
	ta.command = commandID;
	memcpy(ta.params, params, sizeof(ta.params));
	for (size_t i = 0; i < TEE_NUM_PARAMS; i++) {
		uint32_t type = TEE_PARAM_TYPE_GET(paramTypes, i);
		if (type >= TEE_PARAM_TYPE_MEMREF_INPUT) {
			params[i].memref.buffer = NULL;
			params[i].memref.size = 70 + i;
		} else {
			params[i].value.a = 80 + (uint32_t)i;
			params[i].value.b = 90 + (uint32_t)i;
		}
	}
	return ta.result;
}

static const struct ta_params none;

static uint32_t enter(uint32_t entry, uint32_t session)
{
	struct ta_params params = none;

	return ta_enter(entry, session, &params, 0);
}

static void test_life(void)
{
	memset(&ta, 0, sizeof(ta));
	CHECK(ta_enter(TA_ENTRY_CREATE, 0, NULL, 0) == TEE_SUCCESS && ta.created == 1, "created");
	ta.result = 0xdeadbeef;
	CHECK(ta_enter(TA_ENTRY_CREATE, 0, NULL, 0) == 0xdeadbeef, "as it says");
	CHECK(ta_enter(TA_ENTRY_DESTROY, 0, NULL, 0) == TEE_SUCCESS && ta.destroyed == 1, "destroyed");
	CHECK(ta_enter(3, 0, NULL, 0) == TEE_ERROR_NOT_SUPPORTED && ta_enter(UINT32_MAX, 0, NULL, 0) == TEE_ERROR_NOT_SUPPORTED, "no such entry");
}

static void test_sessions(void)
{
	int one, two;

	memset(&ta, 0, sizeof(ta));
	ta.context = &one;
	CHECK(enter(TA_ENTRY_OPEN, 7) == TEE_SUCCESS, "a session");
	ta.context = &two;
	CHECK(enter(TA_ENTRY_OPEN, UINT32_MAX) == TEE_SUCCESS, "another");
	CHECK(enter(TA_ENTRY_OPEN, 7) == TEE_ERROR_BAD_STATE, "one that is there");
	CHECK(enter(TA_ENTRY_INVOKE, 7) == TEE_SUCCESS && ta.context == &one, "its context");
	CHECK(enter(TA_ENTRY_INVOKE, UINT32_MAX) == TEE_SUCCESS && ta.context == &two, "the other's");
	ta.context = NULL;
	CHECK(enter(TA_ENTRY_INVOKE, 8) == TEE_ERROR_BAD_STATE && ta.context == NULL, "nobody's");
	CHECK(enter(TA_ENTRY_CLOSE, 7) == TEE_SUCCESS && ta.closed == 1 && ta.context == &one, "closed");
	CHECK(enter(TA_ENTRY_CLOSE, 7) == TEE_ERROR_BAD_STATE && enter(TA_ENTRY_INVOKE, 7) == TEE_ERROR_BAD_STATE && ta.closed == 1, "and gone");
	ta.result = TEE_ERROR_ACCESS_DENIED;
	CHECK(enter(TA_ENTRY_OPEN, 7) == TEE_ERROR_ACCESS_DENIED && enter(TA_ENTRY_INVOKE, 7) == TEE_ERROR_BAD_STATE, "one that was refused");
	CHECK(enter(TA_ENTRY_CLOSE, UINT32_MAX) == TEE_SUCCESS, "closed");
	ta.result = TEE_SUCCESS;
	CHECK(ta_enter(TA_ENTRY_OPEN, 9, NULL, 0) == TEE_ERROR_BAD_PARAMETERS, "no parameters");
	for (uint32_t i = 0; i < RT_SESSIONS_MAX; i++) {
		CHECK(enter(TA_ENTRY_OPEN, 100 + i) == TEE_SUCCESS, "as many as there may be");
	}
	CHECK(enter(TA_ENTRY_OPEN, 99) == TEE_ERROR_BUSY, "and one more");
	for (uint32_t i = 0; i < RT_SESSIONS_MAX; i++) {
		CHECK(enter(TA_ENTRY_CLOSE, 100 + i) == TEE_SUCCESS, "closed");
	}
}

/* Each type of parameter, in and out. */
static void test_params(void)
{
	uint8_t memory[4];

	memset(&ta, 0, sizeof(ta));
	CHECK(enter(TA_ENTRY_OPEN, 1) == TEE_SUCCESS, "a session");
	for (uint32_t type = 0; type < 16; type++) {
		uint64_t at = type >= 5 && type <= 7 ? (uint64_t)(uintptr_t)memory : 5;
		struct ta_params p = { .types = (uint64_t)type << 8, .value = { 1, 2, 3, 4, at, 6, 7, 8 } };
		bool known = type < 4 || (type > 4 && type < 8), value = type == 1 || type == 3, memref = known && type > 4;
		CHECK(ta_enter(TA_ENTRY_INVOKE, 1, &p, 77) == TEE_SUCCESS && ta.command == 77, "a command");
		CHECK(ta.types == (known ? type << 8 : 0), "a type that there is not is none");
		CHECK(!value || (ta.params[2].value.a == 5 && ta.params[2].value.b == 6), "a value");
		CHECK(!memref || (ta.params[2].memref.buffer == memory && ta.params[2].memref.size == 6), "memory");
		CHECK(type != 2 || (ta.params[2].value.a == 0 && ta.params[2].value.b == 0), "an output begins with nothing");
		CHECK(p.value[4] == (type == 2 || type == 3 ? 82 : at), "what comes back: values, no addresses");
		CHECK(p.value[5] == (type == 2 || type == 3 ? 92u : type == 6 || type == 7 ? 72u : 6u), "and sizes");
		CHECK(p.value[0] == 1 && p.value[7] == 8, "the others as they were");
	}
	CHECK(enter(TA_ENTRY_CLOSE, 1) == TEE_SUCCESS, "closed");
}

static void test_extensions(void)
{
	static const TEE_UUID want = { 0x8aaaf200, 0x2450, 0x11e4, { 0xab, 0xe2, 0, 2, 0xa5, 0xd5, 0xc5, 0x1b } };
	static const char *const bad[] = {
		"", "8aaaf200-2450-11e4-abe2-0002a5d5c51", "8aaaf200-2450-11e4-abe2-0002a5d5c51b0", "8aaaf200-2450-11e4-abe20-002a5d5c51b",
		"8aaaf200_2450-11e4-abe2-0002a5d5c51b", "8aaaf20g-2450-11e4-abe2-0002a5d5c51b",
	};
	TEE_UUID uuid = { 0 };
	char line[64] = "";

	gp_world_open();
	CHECK(tee_uuid_from_str(&uuid, "8aaaf200-2450-11E4-abe2-0002a5d5c51B") == TEE_SUCCESS && memcmp(&uuid, &want, sizeof(uuid)) == 0, "a UUID");
	memset(&uuid, 0, sizeof(uuid));
	for (size_t i = 0; i < MT_COUNT(bad); i++) {
		struct bytes text = first(mt_text(bad[i]), strlen(bad[i]));
		char *copy = test_alloc(text.size + 1);
		memcpy(copy, bad[i], text.size + 1);
		CHECK(tee_uuid_from_str(&uuid, copy) == TEE_ERROR_BAD_FORMAT && uuid.timeLow == 0, bad[i]);
	}
	CHECK(TEE_CacheClean(line, 64) == TEE_SUCCESS && TEE_CacheFlush(line, 64) == TEE_SUCCESS && TEE_CacheInvalidate(line, 64) == TEE_SUCCESS, "its own");
	CHECK(TEE_CacheClean((char *)gp_world_foreign, 64) == TEE_ERROR_ACCESS_DENIED, "nobody's");
	CHECK(TEE_CacheFlush(NULL, 0) == TEE_SUCCESS, "nothing");
	gp_world_close();
}

/* An attribute too many, and each number of the table of algorithms that has a class of its own. */
static void test_tables(void)
{
	static const struct {
		uint32_t algorithm, class, type, signs;
	} row[] = {
		{ TEE_ALG_SM2_PKE, TEE_OPERATION_ASYMMETRIC_CIPHER, TEE_TYPE_SM2_PKE_KEYPAIR, 0 },
		{ TEE_ALG_SM2_KEP, TEE_OPERATION_KEY_DERIVATION, TEE_TYPE_SM2_KEP_KEYPAIR, 0 },
		{ TEE_ALG_SM2_DSA_SM3, TEE_OPERATION_ASYMMETRIC_SIGNATURE, TEE_TYPE_SM2_DSA_KEYPAIR, 32 },
		{ 0xF0000830, TEE_OPERATION_ASYMMETRIC_SIGNATURE, TEE_TYPE_RSA_KEYPAIR, 0 },
		{ 0xF0111930, TEE_OPERATION_ASYMMETRIC_SIGNATURE, TEE_TYPE_RSA_KEYPAIR, 16 },
		{ TEE_ALG_RSASSA_PKCS1_V1_5_MD5SHA1, TEE_OPERATION_ASYMMETRIC_SIGNATURE, TEE_TYPE_RSA_KEYPAIR, 36 },
		{ TEE_ALG_RSASSA_PKCS1_PSS_MGF1_SHA512, TEE_OPERATION_ASYMMETRIC_SIGNATURE, TEE_TYPE_RSA_KEYPAIR, 64 },
		{ TEE_ALG_DSA_SHA224, TEE_OPERATION_ASYMMETRIC_SIGNATURE, TEE_TYPE_DSA_KEYPAIR, 28 },
		{ TEE_ALG_ECDSA_SHA1, TEE_OPERATION_ASYMMETRIC_SIGNATURE, TEE_TYPE_ECDSA_KEYPAIR, 20 },
		{ TEE_ALG_ECDSA_SHA3_384, TEE_OPERATION_ASYMMETRIC_SIGNATURE, TEE_TYPE_ECDSA_KEYPAIR, 48 },
		{ __OPTEE_ALG_ECDSA_P521, TEE_OPERATION_ASYMMETRIC_SIGNATURE, TEE_TYPE_ECDSA_KEYPAIR, 64 },
		{ __OPTEE_ALG_ECDH_P256, TEE_OPERATION_KEY_DERIVATION, TEE_TYPE_ECDH_KEYPAIR, 0 },
		{ TEE_ALG_ED448, TEE_OPERATION_ASYMMETRIC_SIGNATURE, TEE_TYPE_ED448_KEYPAIR, 0 },
		{ TEE_ALG_X448, TEE_OPERATION_KEY_DERIVATION, TEE_TYPE_X448_KEYPAIR, 0 },
		{ TEE_ALG_SM4_CBC_PKCS5, TEE_OPERATION_CIPHER, TEE_TYPE_SM4, 0 },
		{ TEE_ALG_HMAC_SM3, TEE_OPERATION_MAC, TEE_TYPE_HMAC_SM3, 0 },
		{ 0x20000000, 0, 0, 0 }, { 0x90000000, 0, 0, 0 },
	};
	static TEE_Attribute many[RT_ATTRIBUTES_MAX + 1];
	static struct rt_attributes list;

	for (size_t i = 0; i < MT_COUNT(row); i++) {
		CHECK(algorithm_class(row[i].algorithm) == row[i].class && algorithm_key_type(row[i].algorithm) == row[i].type, "an algorithm");
		CHECK(algorithm_signed_size(row[i].algorithm) == row[i].signs, "what it signs");
	}
	gp_world_open();
	for (size_t i = 0; i < MT_COUNT(many); i++) {
		many[i].attributeID = TEE_ATTR_FLAG_VALUE | (uint32_t)i;
	}
	attributes_take(&list, many, RT_ATTRIBUTES_MAX);
	CHECK(list.count == RT_ATTRIBUTES_MAX, "as many as there may be");
	if (setjmp(panicked) == 0) {
		attributes_take(&list, many, RT_ATTRIBUTES_MAX + 1);
		CHECK(false, "one too many");
	} else {
		CHECK(panic_code == TEE_ERROR_BAD_PARAMETERS, "panics");
	}
	gp_world_close();
}

/* Random allocations against a table of what each holds; then nothing is in use. */
static void test_heap(void)
{
	enum { SLOTS = 100 };
	static struct {
		uint8_t *at;
		size_t size;
		uint8_t fill;
	} slot[SLOTS];
	uint32_t seed = 12345;
	size_t used = 0, most = 0;

	gp_world_open();
	for (unsigned step = 0; step < 20000; step++) {
		seed = seed * 1664525 + 1013904223;
		size_t i = seed >> 8 & 0x7f, size = (seed >> 16) % ((seed & 15) ? 200 : 9000);
		if (i >= SLOTS) {
			continue;
		}
		for (size_t k = 0; k < slot[i].size; k++) {
			CHECK(slot[i].at[k] == slot[i].fill, "nobody else's");
		}
		uint8_t *at = NULL;
		if (slot[i].at && (seed & 16)) {
			TEE_Free(slot[i].at);
			size = 0;
		} else {
			at = TEE_Realloc(slot[i].at, size);
			size = at ? size : slot[i].size;
			at = at ? at : slot[i].at;
		}
		slot[i].at = at;
		slot[i].size = size;
		slot[i].fill = (uint8_t)step;
		if (size > 0) {
			memset(at, slot[i].fill, size);
		}
	}
	heap_usage(&used, &most);
	CHECK(used > 0 && most >= used, "in use");
	for (size_t i = 0; i < SLOTS; i++) {
		TEE_Free(slot[i].at);
	}
	heap_usage(&used, &most);
	CHECK(used == 0 && most < ta_heap_size, "all is free");
	void *whole = TEE_Malloc(ta_heap_size - 256, 0);
	CHECK(whole != NULL, "and one piece again");
	TEE_Free(whole);
	for (size_t i = 16; i < ta_heap_size - 256; i++) {
		if (!CHECK(ta_heap[i + 128] == 0, "what was freed is wiped")) {
			break;
		}
	}
	gp_world_close();
}

const struct test tests[] = {
	{ "life", test_life },
	{ "sessions", test_sessions },
	{ "params", test_params },
	{ "extensions", test_extensions },
	{ "tables", test_tables },
	{ "heap", test_heap },
	TESTS_END
};
