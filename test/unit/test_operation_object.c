/* tee/operation: key objects. Sizes are those of GP TEE Internal Core API 1.3.1, table 5-9. */
#include "test/operation_world.h"

#include <string.h>

#include "api/tee_api_defines.h"
#include "api/tee_api_defines_extensions.h"

static const struct sizes {
	uint32_t type, attribute, min, max, step;
} sizes[] = {
	{ TEE_TYPE_AES, TEE_ATTR_SECRET_VALUE, 128, 256, 64 },
	{ TEE_TYPE_DES, TEE_ATTR_SECRET_VALUE, 64, 64, 64 },
	{ TEE_TYPE_DES3, TEE_ATTR_SECRET_VALUE, 128, 192, 64 },
	{ TEE_TYPE_SM4, TEE_ATTR_SECRET_VALUE, 128, 128, 128 },
	{ TEE_TYPE_HMAC_MD5, TEE_ATTR_SECRET_VALUE, 64, 512, 8 },
	{ TEE_TYPE_HMAC_SHA1, TEE_ATTR_SECRET_VALUE, 80, 512, 8 },
	{ TEE_TYPE_HMAC_SHA224, TEE_ATTR_SECRET_VALUE, 112, 512, 8 },
	{ TEE_TYPE_HMAC_SHA256, TEE_ATTR_SECRET_VALUE, 192, 1024, 8 },
	{ TEE_TYPE_HMAC_SHA384, TEE_ATTR_SECRET_VALUE, 256, 1024, 8 },
	{ TEE_TYPE_HMAC_SHA512, TEE_ATTR_SECRET_VALUE, 256, 1024, 8 },
	{ TEE_TYPE_HMAC_SM3, TEE_ATTR_SECRET_VALUE, 80, 1024, 8 },
	{ TEE_TYPE_HMAC_SHA3_224, TEE_ATTR_SECRET_VALUE, 192, 1024, 8 },
	{ TEE_TYPE_HMAC_SHA3_256, TEE_ATTR_SECRET_VALUE, 256, 1024, 8 },
	{ TEE_TYPE_HMAC_SHA3_384, TEE_ATTR_SECRET_VALUE, 256, 1024, 8 },
	{ TEE_TYPE_HMAC_SHA3_512, TEE_ATTR_SECRET_VALUE, 256, 1024, 8 },
	{ TEE_TYPE_GENERIC_SECRET, TEE_ATTR_SECRET_VALUE, 8, 4096, 8 },
	{ TEE_TYPE_HKDF, TEE_ATTR_SECRET_VALUE, 8, 4096, 8 },
	{ TEE_TYPE_HKDF_IKM, TEE_ATTR_HKDF_IKM, 8, 4096, 8 },
	{ TEE_TYPE_CONCAT_KDF_Z, TEE_ATTR_CONCAT_KDF_Z, 8, 4096, 8 },
	{ TEE_TYPE_PBKDF2_PASSWORD, TEE_ATTR_PBKDF2_PASSWORD, 8, 4096, 8 },
};

static bool has_size(const struct sizes *s, uint32_t bits)
{
	return bits >= s->min && bits <= s->max && (bits - s->min) % s->step == 0;
}

static bool is_des(uint32_t type)
{
	return type == TEE_TYPE_DES || type == TEE_TYPE_DES3;
}

/* Every size from 0 to 5000 bits of every type, allocated, generated and populated. */
static void test_sizes(void)
{
	struct operations *o = world_begin();
	uint8_t bytes[640] = { 1 };

	for (size_t i = 0; i < MT_COUNT(sizes); i++) {
		for (uint32_t bits = 0; bits <= 5000; bits++) {
			operation_handle object = 77;
			bool without_parity = is_des(sizes[i].type) && bits % 56 == 0 && has_size(&sizes[i], bits / 7 * 8);
			bool want = has_size(&sizes[i], bits) || without_parity;
			CHECK(object_alloc(o, sizes[i].type, bits, &object) == (want ? MT_OK : MT_NOT_FOUND), "the table's sizes");
			CHECK(want == (object != 0), "no handle without an object");
			object_free(o, object);
		}
		operation_handle object = 0;
		CHECK(object_alloc(o, sizes[i].type, sizes[i].max, &object) == MT_OK, "the largest");
		for (uint32_t bits = 0; bits <= 5000; bits += 8) {
			struct operation_attribute a = attribute_bytes(sizes[i].attribute, mt_bytes(bytes, bits / 8));
			bool want = has_size(&sizes[i], bits);
			CHECK(object_populate(o, object, (struct operation_attributes){ &a, 1 }) == (want ? MT_OK : MT_MALFORMED), "populate");
			CHECK(object_reset(o, object) == MT_OK, "reset");
			want = want || (is_des(sizes[i].type) && bits % 56 == 0 && has_size(&sizes[i], bits / 7 * 8));
			CHECK(object_generate(o, object, bits, attributes_none()) == (want ? MT_OK : MT_MALFORMED), "generate");
			CHECK(object_reset(o, object) == MT_OK, "reset");
		}
		object_free(o, object);
	}
	operation_handle none = 5;
	CHECK(object_alloc(o, 0xA00000FF, 128, &none) == MT_NOT_FOUND && none == 0, "no such type");
	world_end(o);
}

/* A smaller object takes no larger key, however it comes. */
static void test_size_max(void)
{
	struct operations *o = world_begin();
	struct operation_attribute a = attribute_bytes(TEE_ATTR_SECRET_VALUE, hex("000102030405060708090a0b0c0d0e0f1011121314151617"));
	operation_handle large = world_secret(o, TEE_TYPE_AES, TEE_ATTR_SECRET_VALUE, a.buffer), small = 0;
	struct operation_object_info info;

	CHECK(object_alloc(o, TEE_TYPE_AES, 128, &small) == MT_OK, "128 bits");
	CHECK(object_populate(o, small, (struct operation_attributes){ &a, 1 }) == MT_MALFORMED, "192 bits do not fit");
	CHECK(object_generate(o, small, 192, attributes_none()) == MT_MALFORMED, "nor generated");
	CHECK(object_copy(o, small, large) == MT_MALFORMED, "nor copied");
	CHECK(object_info(o, small, &info) == MT_OK && !info.initialized && info.size == 0 && info.size_max == 128, "still empty");
	world_end(o);
}

static void test_populate(void)
{
	struct operations *o = world_begin();
	const struct operation_attribute key = attribute_bytes(TEE_ATTR_SECRET_VALUE, hex("000102030405060708090a0b0c0d0e0f"));
	const struct operation_attribute twice[] = { key, key };
	const struct operation_attribute other[] = { key, attribute_bytes(TEE_ATTR_RSA_MODULUS, hex("01")) };
	const struct operation_attribute value = attribute_value(TEE_ATTR_ECC_CURVE, 1, 0);
	operation_handle object = 0;
	uint8_t out[16];
	size_t size = 0;
	uint32_t a, b;

	CHECK(object_alloc(o, TEE_TYPE_AES, 256, &object) == MT_OK, "an object");
	CHECK(object_buffer(o, object, key.id, out, sizeof(out), &size) == MT_STATE, "no key yet");
	CHECK(object_populate(o, object, attributes_none()) == MT_MALFORMED, "missing");
	CHECK(object_populate(o, object, (struct operation_attributes){ twice, 2 }) == MT_MALFORMED, "twice");
	CHECK(object_populate(o, object, (struct operation_attributes){ other, 2 }) == MT_MALFORMED, "another type's");
	CHECK(object_populate(o, object, (struct operation_attributes){ &value, 1 }) == MT_MALFORMED, "a value");
	CHECK(object_populate(o, object, (struct operation_attributes){ &key, 1 }) == MT_OK, "a key");
	CHECK(object_populate(o, object, (struct operation_attributes){ &key, 1 }) == MT_STATE, "it has a key");
	CHECK(object_generate(o, object, 128, attributes_none()) == MT_STATE, "it has a key");
	CHECK(object_buffer(o, object, key.id, out, sizeof(out), &size) == MT_OK && mt_equal(mt_bytes(out, size), key.buffer), "as it came");
	memset(out, 7, sizeof(out));
	CHECK(object_buffer(o, object, key.id, out, 15, &size) == MT_LIMIT && size == 16 && out[0] == 7, "too short");
	CHECK(object_buffer(o, object, TEE_ATTR_RSA_MODULUS, out, 16, &size) == MT_NOT_FOUND, "it has none such");
	CHECK(object_buffer(o, object, TEE_ATTR_ECC_CURVE, out, 16, &size) == MT_MALFORMED, "a value is no buffer");
	CHECK(object_value(o, object, key.id, &a, &b) == MT_MALFORMED, "a buffer is no value");
	CHECK(object_value(o, object, TEE_ATTR_ECC_CURVE, &a, &b) == MT_NOT_FOUND, "it has none such");
	world_end(o);
}

static void test_rights(void)
{
	struct operations *o = world_begin();
	operation_handle key = world_secret(o, TEE_TYPE_AES, TEE_ATTR_SECRET_VALUE, hex("000102030405060708090a0b0c0d0e0f")), copy = 0;
	struct operation_object_info info;
	uint8_t out[16];
	size_t size;

	CHECK(object_info(o, key, &info) == MT_OK && info.usage == 0xffffffff && info.initialized && info.size == 128, "all rights at first");
	CHECK(object_restrict(o, key, ~(uint32_t)TEE_USAGE_EXTRACTABLE) == MT_OK, "less");
	CHECK(object_buffer(o, key, TEE_ATTR_SECRET_VALUE, out, sizeof(out), &size) == MT_DENIED, "not extractable");
	CHECK(object_restrict(o, key, 0xffffffff) == MT_OK, "no more");
	CHECK(object_buffer(o, key, TEE_ATTR_SECRET_VALUE, out, sizeof(out), &size) == MT_DENIED, "rights do not come back");
	CHECK(object_alloc(o, TEE_TYPE_AES, 128, &copy) == MT_OK && object_copy(o, copy, key) == MT_OK, "a copy");
	CHECK(object_buffer(o, copy, TEE_ATTR_SECRET_VALUE, out, sizeof(out), &size) == MT_DENIED, "nor by a copy");
	CHECK(object_copy(o, copy, key) == MT_STATE, "it has a key");
	object_free(o, key);
	CHECK(object_info(o, copy, &info) == MT_OK && info.initialized && info.usage == 0xfffffffe, "the copy stays");
	CHECK(object_reset(o, copy) == MT_OK && object_info(o, copy, &info) == MT_OK, "reset");
	CHECK(!info.initialized && info.usage == 0xffffffff, "as new, without its key");
	world_end(o);
}

static void test_copy_refuses(void)
{
	struct operations *o = world_begin();
	operation_handle key = world_secret(o, TEE_TYPE_AES, TEE_ATTR_SECRET_VALUE, hex("000102030405060708090a0b0c0d0e0f")), other = 0, empty = 0;

	CHECK(object_alloc(o, TEE_TYPE_SM4, 128, &other) == MT_OK && object_alloc(o, TEE_TYPE_AES, 128, &empty) == MT_OK, "objects");
	CHECK(object_copy(o, other, key) == MT_MALFORMED, "another type");
	CHECK(object_copy(o, other, empty) == MT_STATE, "nothing to copy");
	CHECK(object_copy(o, 99, key) == MT_MALFORMED && object_copy(o, empty, 99) == MT_MALFORMED, "wrong handles");
	world_end(o);
}

/* Handles: wrong ones, all of them, and those that are free again. */
static void test_handles(void)
{
	static const uint32_t wrong[] = { 0, 2, OPERATION_OBJECTS_MAX, OPERATION_OBJECTS_MAX + 1, UINT32_MAX };
	struct operations *o = world_begin();
	struct operation_object_info info;
	operation_handle object = 0, more = 0;
	uint8_t out[1];
	size_t size;

	CHECK(object_alloc(o, TEE_TYPE_AES, 128, &object) == MT_OK && object == 1, "the first");
	for (size_t i = 0; i < MT_COUNT(wrong); i++) {
		CHECK(object_info(o, wrong[i], &info) == MT_MALFORMED, "info");
		CHECK(object_reset(o, wrong[i]) == MT_MALFORMED, "reset");
		CHECK(object_restrict(o, wrong[i], 0) == MT_MALFORMED, "restrict");
		CHECK(object_populate(o, wrong[i], attributes_none()) == MT_MALFORMED, "populate");
		CHECK(object_generate(o, wrong[i], 128, attributes_none()) == MT_MALFORMED, "generate");
		CHECK(object_buffer(o, wrong[i], TEE_ATTR_SECRET_VALUE, out, 1, &size) == MT_MALFORMED, "buffer");
		CHECK(object_encode(o, wrong[i], out, 1, &size) == MT_MALFORMED, "encode");
		object_free(o, wrong[i]);
	}
	for (size_t i = 1; i < OPERATION_OBJECTS_MAX; i++) {
		CHECK(object_alloc(o, TEE_TYPE_AES, 128, &more) == MT_OK, "as many as are stated");
	}
	CHECK(object_alloc(o, TEE_TYPE_AES, 128, &more) == MT_LIMIT && more == 0, "no more");
	object_free(o, 500);
	CHECK(object_alloc(o, TEE_TYPE_AES, 128, &more) == MT_OK && more == 500, "a free one");
	world_end(o);
	operations_close(NULL);
}

static void test_generate(void)
{
	struct operations *o = world_begin();
	operation_handle des = 0, again = 0;
	const struct operation_attribute extra = attribute_bytes(TEE_ATTR_SECRET_VALUE, hex("01"));
	uint8_t first[24], second[24];
	size_t size = 0;

	CHECK(object_alloc(o, TEE_TYPE_DES3, 168, &des) == MT_OK && object_generate(o, des, 168, attributes_none()) == MT_OK, "a key");
	CHECK(object_alloc(o, TEE_TYPE_DES3, 192, &again) == MT_OK, "another");
	CHECK(object_generate(o, again, 192, (struct operation_attributes){ &extra, 1 }) == MT_MALFORMED, "nothing is asked for");
	CHECK(object_generate(o, again, 192, attributes_none()) == MT_OK, "a key");
	CHECK(object_buffer(o, des, TEE_ATTR_SECRET_VALUE, first, sizeof(first), &size) == MT_OK && size == 24, "its bytes");
	CHECK(object_buffer(o, again, TEE_ATTR_SECRET_VALUE, second, sizeof(second), &size) == MT_OK && size == 24, "its bytes");
	CHECK(memcmp(first, second, sizeof(first)) != 0, "each its own");
	for (size_t i = 0; i < sizeof(first); i++) {
		CHECK(__builtin_parity(first[i]) == 1, "odd parity");
	}
	world_end(o);
}

static void test_encode(void)
{
	struct operations *o = world_begin();
	struct bytes key = hex("000102030405060708090a0b0c0d0e0f");
	operation_handle object = world_secret(o, TEE_TYPE_AES, TEE_ATTR_SECRET_VALUE, key), back = 0;
	struct operation_object_info info;
	uint8_t wire[64], out[16];
	size_t size = 0, got = 0;

	CHECK(object_restrict(o, object, TEE_USAGE_EXTRACTABLE | TEE_USAGE_ENCRYPT) == MT_OK, "rights");
	CHECK(object_encode(o, object, wire, 10, &size) == MT_LIMIT, "too short");
	CHECK(object_encode(o, object, wire, sizeof(wire), &size) == MT_OK, "whole");
	CHECK(mt_equal(mt_bytes(wire, size), hex("01 a0000010 00000080 00000003 01 c0000000 00000010 000102030405060708090a0b0c0d0e0f")),
	      "the form that is stated");
	CHECK(object_decode(o, mt_bytes(wire, size), &back) == MT_OK && back != object, "back");
	CHECK(object_info(o, back, &info) == MT_OK && info.type == TEE_TYPE_AES && info.size == 128 && info.usage == 3, "as it was");
	CHECK(object_buffer(o, back, TEE_ATTR_SECRET_VALUE, out, sizeof(out), &got) == MT_OK && mt_equal(mt_bytes(out, got), key), "its key");
	for (size_t n = 0; n < size; n++) {
		CHECK(object_decode(o, first(mt_bytes(wire, size), n), &back) == MT_MALFORMED && back == 0, "every prefix");
	}
	for (size_t n = 0; n < 29 * 8; n++) {
		wire[n / 8] ^= (uint8_t)(1U << n % 8);
		if (object_decode(o, mt_bytes(wire, size), &back) == MT_OK) {
			CHECK((n / 8 >= 1 && n / 8 < 13) || n / 8 >= 22, "only the type, room, rights and the key can be others");
			object_free(o, back);
		}
		wire[n / 8] ^= (uint8_t)(1U << n % 8);
	}
	wire[size] = 0;
	CHECK(object_decode(o, mt_bytes(wire, size + 1), &back) == MT_MALFORMED, "a byte left over");
	CHECK(object_alloc(o, TEE_TYPE_AES, 128, &back) == MT_OK && object_encode(o, back, wire, sizeof(wire), &size) == MT_STATE, "no key");
	world_end(o);
}

/* Each allocation fails in turn; nothing changes, and nothing is lost. */
static void test_no_memory(void)
{
	struct operations *o = world_begin();
	const struct operation_attribute key = attribute_bytes(TEE_ATTR_SECRET_VALUE, hex("000102030405060708090a0b0c0d0e0f"));
	struct operation_object_info info;
	operation_handle object = 0, back = 0;
	uint8_t wire[64];
	size_t size = 0;

	mt_alloc_fail_at(1);
	CHECK(object_alloc(o, TEE_TYPE_AES, 128, &object) == MT_NO_MEMORY && object == 0, "no object");
	mt_alloc_fail_at(0);
	CHECK(object_alloc(o, TEE_TYPE_AES, 128, &object) == MT_OK && object == 1, "its place is free");
	for (uint64_t n = 1; n <= 2; n++) {
		mt_alloc_fail_at(n);
		CHECK(object_populate(o, object, (struct operation_attributes){ &key, 1 }) == MT_NO_MEMORY, "no key");
		mt_alloc_fail_at(n);
		CHECK(object_generate(o, object, 128, attributes_none()) == MT_NO_MEMORY, "no key");
		mt_alloc_fail_at(0);
		CHECK(object_info(o, object, &info) == MT_OK && !info.initialized, "still empty");
	}
	CHECK(object_populate(o, object, (struct operation_attributes){ &key, 1 }) == MT_OK, "a key");
	CHECK(object_encode(o, object, wire, sizeof(wire), &size) == MT_OK, "its form");
	for (uint64_t n = 1; n <= 3; n++) {
		mt_alloc_fail_at(n);
		CHECK(object_decode(o, mt_bytes(wire, size), &back) == MT_NO_MEMORY && back == 0, "not back");
		mt_alloc_fail_at(0);
	}
	CHECK(object_decode(o, mt_bytes(wire, size), &back) == MT_OK && back == 2, "places are free");
	world_end(o);
}

const struct test tests[] = {
	{ "sizes", test_sizes },
	{ "size_max", test_size_max },
	{ "populate", test_populate },
	{ "rights", test_rights },
	{ "copy_refuses", test_copy_refuses },
	{ "handles", test_handles },
	{ "generate", test_generate },
	{ "encode", test_encode },
	{ "no_memory", test_no_memory },
	TESTS_END
};
