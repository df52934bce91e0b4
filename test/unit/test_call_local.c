/* tee/call: calls that are carried out in the application's own process, from arguments to results. */
#include "tee/call/call.h"
#include "test/operation_world.h"

#include <string.h>

#include "api/tee_api_defines.h"

#define BASE UINT64_C(0x10000)
#define SPACE 4096
static uint8_t space[SPACE];

static uint8_t *space_map(void *self, uint64_t at, uint64_t size, enum call_access access)
{
	(void)self;
	(void)access;
	return at >= BASE && size <= SPACE && at - BASE <= SPACE - size ? space + (at - BASE) : NULL;
}

static const struct call_memory memory = { .map = space_map };

/* Where arguments lie. */
#define IN 0
#define ATTRIBUTES 512
#define OUT 1024
#define TAG 1536
#define WORD 2048
#define SIZE 2056
#define TAG_SIZE 2064
#define INFO 2072
#define AT(offset) (BASE + (offset))

static void put(size_t at, const void *from, size_t size)
{
	memcpy(space + at, from, size);
}

static uint64_t u64_at(size_t at)
{
	uint64_t value;

	memcpy(&value, space + at, sizeof(value));
	return value;
}

static uint32_t u32_at(size_t at)
{
	uint32_t value;

	memcpy(&value, space + at, sizeof(value));
	return value;
}

/* A call as an application makes it: its TEE_Result. Lengths are set before. */
static uint32_t ask(struct operations *o, uint32_t number, const uint64_t argument[TA_CALL_ARGUMENTS])
{
	static struct call call;
	enum mt_err err = call_decode(&memory, number, argument, &call);

	if (!err) {
		err = call_local(o, &call);
	}
	uint32_t result = call_result((enum ta_call)number, err);
	CHECK(call_finish(&memory, argument, &call, result) == MT_OK, "results have a place");
	return result;
}

#define ASK(number, ...) ask(o, number, (const uint64_t[TA_CALL_ARGUMENTS]){ __VA_ARGS__ })

static void capacity(size_t at, uint64_t size)
{
	put(at, &size, sizeof(size));
}

static uint32_t key_object(struct operations *o, struct bytes key)
{
	struct ta_attribute attribute = { .id = TEE_ATTR_SECRET_VALUE, .a = AT(IN), .b = key.size };

	put(IN, key.at, key.size);
	put(ATTRIBUTES, &attribute, sizeof(attribute));
	CHECK(ASK(TA_CALL_OBJECT_ALLOC, TEE_TYPE_AES, key.size * 8, AT(WORD)) == TEE_SUCCESS, "alloc");
	uint32_t object = u32_at(WORD);
	CHECK(ASK(TA_CALL_OBJECT_POPULATE, object, AT(ATTRIBUTES), 1) == TEE_SUCCESS, "populate");
	return object;
}

static void test_digest(void)
{
	struct operations *o = world_begin();

	CHECK(ASK(TA_CALL_STATE_ALLOC, TEE_ALG_SHA256, TEE_MODE_DIGEST, 0, 0, AT(WORD)) == TEE_SUCCESS, "alloc");
	uint32_t state = u32_at(WORD);
	put(IN, "abc", 3);
	CHECK(ASK(TA_CALL_HASH_UPDATE, state, AT(IN), 1) == TEE_ERROR_BAD_STATE, "not begun");
	CHECK(ASK(TA_CALL_HASH_INIT, state, 0, 0) == TEE_SUCCESS && ASK(TA_CALL_HASH_UPDATE, state, AT(IN), 1) == TEE_SUCCESS, "begun");
	capacity(SIZE, 5);
	CHECK(ASK(TA_CALL_HASH_FINAL, state, AT(IN + 1), 2, AT(OUT), AT(SIZE)) == TEE_ERROR_SHORT_BUFFER && u64_at(SIZE) == 32, "too short");
	CHECK(ASK(TA_CALL_HASH_FINAL, state, AT(IN + 1), 2, AT(OUT), AT(SIZE)) == TEE_SUCCESS, "final");
	CHECK(mt_equal(mt_bytes(space + OUT, 32), hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")), "FIPS 180-4");
	CHECK(ASK(TA_CALL_STATE_ALLOC, TEE_ALG_SHA256, TEE_MODE_DIGEST, 0, 0, AT(WORD)) == TEE_SUCCESS, "another");
	CHECK(ASK(TA_CALL_STATE_COPY, u32_at(WORD), state) == TEE_SUCCESS, "copy");
	CHECK(ASK(TA_CALL_STATE_FREE, state) == TEE_SUCCESS && ASK(TA_CALL_HASH_INIT, state, 0, 0) == TEE_ERROR_BAD_PARAMETERS, "free");
	world_end(o);
}

static void test_object(void)
{
	struct operations *o = world_begin();
	struct bytes key = hex("000102030405060708090a0b0c0d0e0f");
	uint32_t object = key_object(o, key);
	struct ta_object_info info;

	CHECK(ASK(TA_CALL_OBJECT_INFO, object, AT(INFO)) == TEE_SUCCESS, "info");
	memcpy(&info, space + INFO, sizeof(info));
	CHECK(info.type == TEE_TYPE_AES && info.size == 128 && info.size_max == 128 && info.usage == UINT32_MAX, "as it is");
	CHECK(info.flags == TEE_HANDLE_FLAG_INITIALIZED, "with a key");
	capacity(SIZE, 512);
	CHECK(ASK(TA_CALL_OBJECT_ATTRIBUTE, object, TEE_ATTR_SECRET_VALUE, AT(OUT), AT(SIZE)) == TEE_SUCCESS && u64_at(SIZE) == 16, "its key");
	CHECK(mt_equal(mt_bytes(space + OUT, 16), key), "its key");
	CHECK(ASK(TA_CALL_OBJECT_ATTRIBUTE, object, TEE_ATTR_RSA_MODULUS, AT(OUT), AT(SIZE)) == TEE_ERROR_ITEM_NOT_FOUND, "none such");
	CHECK(ASK(TA_CALL_OBJECT_RESTRICT, object, TEE_USAGE_ENCRYPT) == TEE_SUCCESS, "less");
	CHECK(ASK(TA_CALL_OBJECT_ATTRIBUTE, object, TEE_ATTR_SECRET_VALUE, AT(OUT), AT(SIZE)) == TEE_ERROR_ACCESS_DENIED, "not its key");
	CHECK(ASK(TA_CALL_OBJECT_INFO, UINT64_C(1) << 32 | object, AT(INFO)) == TEE_ERROR_BAD_PARAMETERS, "a handle of 33 bits");
	CHECK(ASK(TA_CALL_OBJECT_ALLOC, TEE_TYPE_ECDSA_KEYPAIR, 256, AT(WORD)) == TEE_SUCCESS, "alloc");
	uint32_t pair = u32_at(WORD), numbers[2] = { TEE_ECC_CURVE_NIST_P256, 0 };
	struct ta_attribute curve = { .id = TEE_ATTR_ECC_CURVE, .a = numbers[0] };
	put(ATTRIBUTES, &curve, sizeof(curve));
	CHECK(ASK(TA_CALL_GENERATE_KEY, pair, 256, AT(ATTRIBUTES), 1) == TEE_SUCCESS, "generate");
	capacity(SIZE, 7);
	CHECK(ASK(TA_CALL_OBJECT_ATTRIBUTE, pair, TEE_ATTR_ECC_CURVE, AT(OUT), AT(SIZE)) == TEE_ERROR_SHORT_BUFFER && u64_at(SIZE) == 8, "two numbers");
	CHECK(ASK(TA_CALL_OBJECT_ATTRIBUTE, pair, TEE_ATTR_ECC_CURVE, AT(OUT), AT(SIZE)) == TEE_SUCCESS && memcmp(space + OUT, numbers, 8) == 0, "a value");
	CHECK(ASK(TA_CALL_OBJECT_RESET, pair) == TEE_SUCCESS && ASK(TA_CALL_OBJECT_COPY, pair, object) == TEE_ERROR_BAD_PARAMETERS, "reset, copy");
	CHECK(ASK(TA_CALL_OBJECT_CLOSE, object) == TEE_SUCCESS && ASK(TA_CALL_OBJECT_INFO, object, AT(INFO)) == TEE_ERROR_BAD_PARAMETERS, "closed");
	CHECK(ASK(TA_CALL_OBJECT_CLOSE, object) == TEE_ERROR_BAD_PARAMETERS && ASK(TA_CALL_OBJECT_CLOSE, 0) == TEE_ERROR_BAD_PARAMETERS, "it was");
	CHECK(ASK(TA_CALL_OBJECT_ALLOC, TEE_TYPE_SM2_DSA_KEYPAIR, 256, AT(WORD)) == TEE_ERROR_NOT_SUPPORTED, "not there");
	world_end(o);
}

static void test_cipher(void)
{
	struct operations *o = world_begin();
	uint32_t object = key_object(o, hex("000102030405060708090a0b0c0d0e0f"));
	struct bytes plain = hex("00112233445566778899aabbccddeeff"), want = hex("69c4e0d86a7b0430d8cdb78070b4c55a");

	CHECK(ASK(TA_CALL_STATE_ALLOC, TEE_ALG_AES_ECB_NOPAD, TEE_MODE_ENCRYPT, object, 0, AT(WORD)) == TEE_SUCCESS, "alloc");
	uint32_t state = u32_at(WORD);
	put(IN, plain.at, plain.size);
	CHECK(ASK(TA_CALL_CIPHER_INIT, state, 0, 0) == TEE_SUCCESS, "init");
	capacity(SIZE, 16);
	CHECK(ASK(TA_CALL_CIPHER_UPDATE, state, AT(IN), 10, AT(OUT), AT(SIZE)) == TEE_SUCCESS && u64_at(SIZE) == 0, "no block yet");
	capacity(SIZE, 16);
	CHECK(ASK(TA_CALL_CIPHER_FINAL, state, AT(IN + 10), 6, AT(OUT), AT(SIZE)) == TEE_SUCCESS && u64_at(SIZE) == 16, "final");
	CHECK(mt_equal(mt_bytes(space + OUT, 16), want), "FIPS 197, C.1");
	CHECK(ASK(TA_CALL_STATE_ALLOC, TEE_ALG_AES_ECB_NOPAD, TEE_MODE_SIGN, object, 0, AT(WORD)) == TEE_ERROR_NOT_SUPPORTED, "no such mode");
	world_end(o);
}

static void test_authenticated(void)
{
	struct operations *o = world_begin();
	uint32_t object = key_object(o, hex("000102030405060708090a0b0c0d0e0f"));

	CHECK(ASK(TA_CALL_STATE_ALLOC, TEE_ALG_AES_GCM, TEE_MODE_ENCRYPT, object, 0, AT(WORD)) == TEE_SUCCESS, "alloc");
	uint32_t seal = u32_at(WORD);
	CHECK(ASK(TA_CALL_STATE_ALLOC, TEE_ALG_AES_GCM, TEE_MODE_DECRYPT, object, 0, AT(WORD)) == TEE_SUCCESS, "alloc");
	uint32_t open = u32_at(WORD);
	put(IN, "twelve bytes of text", 20);
	CHECK(ASK(TA_CALL_AUTHENTICATED_INIT, seal, AT(IN), 12, 16, 0, 0) == TEE_SUCCESS, "init");
	CHECK(ASK(TA_CALL_AUTHENTICATED_INIT, open, AT(IN), 12, 16, 0, 0) == TEE_SUCCESS, "init");
	CHECK(ASK(TA_CALL_AUTHENTICATED_INIT, open, AT(IN), 12, 17, 0, 0) == TEE_ERROR_NOT_SUPPORTED, "no such tag");
	CHECK(ASK(TA_CALL_AUTHENTICATED_AAD, seal, AT(IN), 3) == TEE_SUCCESS && ASK(TA_CALL_AUTHENTICATED_AAD, open, AT(IN), 3) == TEE_SUCCESS, "aad");
	capacity(SIZE, 512);
	CHECK(ASK(TA_CALL_AUTHENTICATED_UPDATE, seal, AT(IN), 5, AT(OUT), AT(SIZE)) == TEE_SUCCESS && u64_at(SIZE) == 5, "update");
	capacity(SIZE, 15);
	capacity(TAG_SIZE, 16);
	CHECK(ASK(TA_CALL_AUTHENTICATED_SEAL, seal, AT(IN + 5), 15, AT(OUT + 5), AT(SIZE), AT(TAG), AT(TAG_SIZE)) == TEE_SUCCESS, "seal");
	CHECK(u64_at(SIZE) == 15 && u64_at(TAG_SIZE) == 16, "sizes");
	capacity(SIZE, 20);
	CHECK(ASK(TA_CALL_AUTHENTICATED_OPEN, open, AT(OUT), 20, AT(IN + 100), AT(SIZE), AT(TAG), 16) == TEE_SUCCESS, "open");
	CHECK(u64_at(SIZE) == 20 && memcmp(space + IN + 100, "twelve bytes of text", 20) == 0, "as it was");
	CHECK(ASK(TA_CALL_AUTHENTICATED_INIT, open, AT(IN), 12, 16, 0, 0) == TEE_SUCCESS, "without additional data");
	CHECK(ASK(TA_CALL_AUTHENTICATED_OPEN, open, AT(OUT), 20, AT(IN + 100), AT(SIZE), AT(TAG), 16) == TEE_ERROR_MAC_INVALID, "it does not fit");
	world_end(o);
}

static void test_asymmetric(void)
{
	struct operations *o = world_begin();
	struct ta_attribute curve = { .id = TEE_ATTR_ECC_CURVE, .a = TEE_ECC_CURVE_NIST_P256 };

	put(ATTRIBUTES, &curve, sizeof(curve));
	CHECK(ASK(TA_CALL_OBJECT_ALLOC, TEE_TYPE_ECDSA_KEYPAIR, 256, AT(WORD)) == TEE_SUCCESS, "alloc");
	uint32_t pair = u32_at(WORD);
	CHECK(ASK(TA_CALL_GENERATE_KEY, pair, 256, AT(ATTRIBUTES), 1) == TEE_SUCCESS, "generate");
	CHECK(ASK(TA_CALL_STATE_ALLOC, TEE_ALG_ECDSA_SHA256, TEE_MODE_SIGN, pair, 0, AT(WORD)) == TEE_SUCCESS, "alloc");
	uint32_t sign = u32_at(WORD);
	CHECK(ASK(TA_CALL_STATE_ALLOC, TEE_ALG_ECDSA_SHA256, TEE_MODE_VERIFY, pair, 0, AT(WORD)) == TEE_SUCCESS, "alloc");
	uint32_t verify = u32_at(WORD);
	capacity(SIZE, 64);
	CHECK(ASK(TA_CALL_ASYMMETRIC_OPERATE, sign, 0, 0, AT(IN), 32, AT(OUT), AT(SIZE)) == TEE_SUCCESS && u64_at(SIZE) == 64, "sign");
	CHECK(ASK(TA_CALL_ASYMMETRIC_VERIFY, verify, 0, 0, AT(IN), 32, AT(OUT), 64) == TEE_SUCCESS, "verify");
	CHECK(ASK(TA_CALL_ASYMMETRIC_VERIFY, verify, 0, 0, AT(IN + 1), 32, AT(OUT), 64) == TEE_ERROR_SIGNATURE_INVALID, "another digest");
	CHECK(ASK(TA_CALL_DERIVE_KEY, sign, 0, 0, pair) == TEE_ERROR_BAD_PARAMETERS, "no derivation");
	world_end(o);
}

static void test_random(void)
{
	struct operations *o = world_begin();
	struct call other = { .number = TA_CALL_LOG };

	memset(space, 0, sizeof(space));
	CHECK(ASK(TA_CALL_RANDOM, AT(OUT), 32) == TEE_SUCCESS && !mt_is_zero(mt_bytes(space + OUT, 32)), "random bytes");
	CHECK(mt_is_zero(mt_bytes(space + OUT + 32, 64)), "and no more");
	for (uint32_t n = 0; n < TA_CALLS; n++) {
		other.number = (enum ta_call)n;
		CHECK(call_is_local(other.number) || call_local(o, &other) == MT_NOT_FOUND, "not a local one");
	}
	world_end(o);
}

const struct test tests[] = {
	{ "digest", test_digest },
	{ "object", test_object },
	{ "cipher", test_cipher },
	{ "authenticated", test_authenticated },
	{ "asymmetric", test_asymmetric },
	{ "random", test_random },
	TESTS_END
};
