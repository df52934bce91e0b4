/* tee/operation: DSA and Diffie-Hellman. Vectors by an independent implementation (test/vectors/asymmetric_vectors.py). */
#include "test/operation_world.h"

#include <string.h>

#include "api/tee_api_defines.h"
#include "api/tee_api_defines_extensions.h"
#include "test/vectors/asymmetric_vectors.h"

static void test_dsa(void)
{
	for (size_t i = 0; i < MT_COUNT(dsa_vectors); i++) {
		struct operations *o = world_begin();
		struct operation_attribute part[] = {
			attribute_bytes(TEE_ATTR_DSA_PRIME, hex(dsa_vectors[i].p)), attribute_bytes(TEE_ATTR_DSA_SUBPRIME, hex(dsa_vectors[i].q)),
			attribute_bytes(TEE_ATTR_DSA_BASE, hex(dsa_vectors[i].g)), attribute_bytes(TEE_ATTR_DSA_PUBLIC_VALUE, hex(dsa_vectors[i].public)),
			attribute_bytes(TEE_ATTR_DSA_PRIVATE_VALUE, hex(dsa_vectors[i].private)),
		};
		struct bytes digest = hex(dsa_vectors[i].digest), want = hex(dsa_vectors[i].signature), private = part[4].buffer;
		uint32_t algorithm = digest.size == 20 ? TEE_ALG_DSA_SHA1 : TEE_ALG_DSA_SHA256;
		operation_handle pair = 0, public = 0, made = 0;
		uint8_t out[64], *bad = mt_copy(want);
		size_t size = 0;
		CHECK(object_alloc(o, TEE_TYPE_DSA_KEYPAIR, dsa_vectors[i].size, &pair) == MT_OK, "an object");
		CHECK(object_alloc(o, TEE_TYPE_DSA_PUBLIC_KEY, dsa_vectors[i].size, &public) == MT_OK, "an object");
		part[4].buffer = hex("05");
		CHECK(object_populate(o, pair, list(part, 5)) == MT_MALFORMED, "another's private value");
		part[4].buffer = private;
		CHECK(object_populate(o, pair, list(part, 4)) == MT_MALFORMED && object_populate(o, pair, list(part, 5)) == MT_OK, "a pair");
		CHECK(object_copy(o, public, pair) == MT_OK, "its public key");
		operation_handle sign = operation(o, algorithm, OPERATION_SIGN, pair), verify = operation(o, algorithm, OPERATION_VERIFY, public);
		CHECK(asymmetric_verify(o, verify, attributes_none(), digest, want) == MT_OK, "the vector's");
		CHECK(asymmetric_operate(o, sign, attributes_none(), digest, out, want.size - 1, &size) == MT_LIMIT && size == want.size, "too short");
		CHECK(asymmetric_operate(o, sign, attributes_none(), digest, out, 64, &size) == MT_OK && size == want.size, "signed");
		CHECK(asymmetric_verify(o, verify, attributes_none(), digest, mt_bytes(out, size)) == MT_OK, "it fits");
		bad[3] ^= 1;
		CHECK(asymmetric_verify(o, verify, attributes_none(), digest, mt_bytes(bad, want.size)) == MT_TAMPERED, "another");
		CHECK(asymmetric_verify(o, verify, attributes_none(), digest, first(want, want.size - 2)) == MT_TAMPERED, "a part");
		CHECK(asymmetric_operate(o, sign, attributes_none(), first(digest, 19), out, 64, &size) == MT_MALFORMED, "no digest");
		mt_free(bad);

		CHECK(object_alloc(o, TEE_TYPE_DSA_KEYPAIR, dsa_vectors[i].size, &made) == MT_OK, "an object");
		CHECK(object_generate(o, made, dsa_vectors[i].size, list(part, 2)) == MT_MALFORMED, "half a field");
		CHECK(object_generate(o, made, dsa_vectors[i].size - 64, list(part, 3)) == MT_MALFORMED, "a field of another size");
		CHECK(object_generate(o, made, dsa_vectors[i].size, list(part, 3)) == MT_OK, "a new pair");
		sign = operation(o, algorithm, OPERATION_SIGN, made);
		CHECK(asymmetric_operate(o, sign, attributes_none(), digest, out, 64, &size) == MT_OK, "signed");
		CHECK(asymmetric_verify(o, verify, attributes_none(), digest, mt_bytes(out, size)) == MT_TAMPERED, "by another key");
		world_end(o);
	}
}

static void test_dh(void)
{
	struct operations *o = world_begin();
	struct operation_attribute part[] = {
		attribute_bytes(TEE_ATTR_DH_PRIME, hex(dh_vectors[0].p)), attribute_bytes(TEE_ATTR_DH_BASE, hex(dh_vectors[0].g)),
		attribute_bytes(TEE_ATTR_DH_PUBLIC_VALUE, hex(dh_vectors[0].public)), attribute_bytes(TEE_ATTR_DH_PRIVATE_VALUE, hex(dh_vectors[0].private)),
	}, other = attribute_bytes(TEE_ATTR_DH_PUBLIC_VALUE, hex(dh_vectors[0].other)), short_x[] = { part[0], part[1], attribute_value(TEE_ATTR_DH_X_BITS, 200, 0) };
	operation_handle pair = 0, secret = 0, made = 0, again = 0;
	uint8_t out[64], twin[64];
	size_t size = 0, twin_size = 0;
	uint32_t a = 0, b = 0;

	CHECK(object_alloc(o, TEE_TYPE_DH_KEYPAIR, 512, &pair) == MT_OK && object_populate(o, pair, list(part, 4)) == MT_OK, "a pair");
	CHECK(object_alloc(o, TEE_TYPE_GENERIC_SECRET, 512, &secret) == MT_OK && object_alloc(o, TEE_TYPE_GENERIC_SECRET, 512, &again) == MT_OK, "objects");
	operation_handle derive = operation(o, TEE_ALG_DH_DERIVE_SHARED_SECRET, OPERATION_DERIVE, pair);
	struct operation_attribute low = attribute_bytes(TEE_ATTR_DH_PUBLIC_VALUE, hex("01"));
	CHECK(key_derive(o, derive, list(&low, 1), secret) == MT_MALFORMED && key_derive(o, derive, attributes_none(), secret) == MT_MALFORMED, "low order");
	CHECK(key_derive(o, derive, list(&part[0], 1), secret) == MT_MALFORMED, "no public value");
	CHECK(key_derive(o, derive, list(&other, 1), secret) == MT_OK, "agreed");
	CHECK(object_buffer(o, secret, TEE_ATTR_SECRET_VALUE, out, 64, &size) == MT_OK && mt_equal(mt_bytes(out, size), hex(dh_vectors[0].shared)), "the vector's");

	CHECK(object_alloc(o, TEE_TYPE_DH_KEYPAIR, 512, &made) == MT_OK && object_generate(o, made, 512, list(short_x, 3)) == MT_OK, "a new pair");
	CHECK(object_value(o, made, TEE_ATTR_DH_X_BITS, &a, &b) == MT_OK && a == 200, "as it was asked for");
	CHECK(object_buffer(o, made, TEE_ATTR_DH_PRIVATE_VALUE, out, 64, &size) == MT_OK && size <= 25, "a private value that is short");
	CHECK(object_buffer(o, made, TEE_ATTR_DH_PUBLIC_VALUE, out, 64, &size) == MT_OK, "its public value");
	other.buffer = first(mt_bytes(out, size), size);
	CHECK(object_reset(o, secret) == MT_OK && key_derive(o, derive, list(&other, 1), secret) == MT_OK, "one side");
	derive = operation(o, TEE_ALG_DH_DERIVE_SHARED_SECRET, OPERATION_DERIVE, made);
	other.buffer = part[2].buffer;
	CHECK(key_derive(o, derive, list(&other, 1), again) == MT_OK, "the other");
	CHECK(object_buffer(o, secret, TEE_ATTR_SECRET_VALUE, out, 64, &size) == MT_OK, "a secret");
	CHECK(object_buffer(o, again, TEE_ATTR_SECRET_VALUE, twin, 64, &twin_size) == MT_OK && mt_equal(mt_bytes(out, size), mt_bytes(twin, twin_size)), "the same");
	world_end(o);
}

/* Fields that are none: a new key is refused and not looked for without end. */
static void test_bad_fields(void)
{
	static const char *const orders[] = { "", "00", "01", "02", "03", "ffff", "7fffffffffffffffffffffffffffffffffffffff", "8000000000000000000000000000000000000000" };
	static const char *const bases[] = { "", "00", "01" };
	struct operations *o = world_begin();
	struct operation_attribute part[] = {
		attribute_bytes(TEE_ATTR_DSA_PRIME, hex(dsa_vectors[0].p)), attribute_bytes(TEE_ATTR_DSA_SUBPRIME, hex(dsa_vectors[0].q)),
		attribute_bytes(TEE_ATTR_DSA_BASE, hex(dsa_vectors[0].g)), attribute_bytes(TEE_ATTR_DSA_PUBLIC_VALUE, hex(dsa_vectors[0].public)),
	};
	operation_handle pair = 0, public = 0;

	CHECK(object_alloc(o, TEE_TYPE_DSA_KEYPAIR, 1024, &pair) == MT_OK && object_alloc(o, TEE_TYPE_DSA_PUBLIC_KEY, 1024, &public) == MT_OK, "objects");
	for (size_t i = 0; i < MT_COUNT(orders); i++) {
		part[1].buffer = hex(orders[i]);
		CHECK(object_generate(o, pair, 1024, list(part, 3)) == MT_MALFORMED && object_populate(o, public, list(part, 4)) == MT_MALFORMED, "the order");
	}
	part[1].buffer = part[0].buffer;
	CHECK(object_generate(o, pair, 1024, list(part, 3)) == MT_MALFORMED, "an order as large as the field");
	part[1].buffer = hex(dsa_vectors[0].q);
	for (size_t i = 0; i < MT_COUNT(bases); i++) {
		part[2].buffer = hex(bases[i]);
		CHECK(object_generate(o, pair, 1024, list(part, 3)) == MT_MALFORMED && object_populate(o, public, list(part, 4)) == MT_MALFORMED, "the base");
	}
	world_end(o);
}

const struct test tests[] = {
	{ "dsa", test_dsa },
	{ "dh", test_dh },
	{ "bad_fields", test_bad_fields },
	TESTS_END
};
