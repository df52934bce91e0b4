/* tee/operation: asymmetric keys and derivation. Vectors by an independent implementation (test/vectors/asymmetric_vectors.py). */
#include "test/operation_world.h"

#include <string.h>

#include "api/tee_api_defines.h"
#include "api/tee_api_defines_extensions.h"
#include "test/vectors/asymmetric_vectors.h"

#define NONE mt_bytes(NULL, 0)

static const uint32_t rsa_ids[8] = {
	TEE_ATTR_RSA_MODULUS, TEE_ATTR_RSA_PUBLIC_EXPONENT, TEE_ATTR_RSA_PRIVATE_EXPONENT, TEE_ATTR_RSA_PRIME1, TEE_ATTR_RSA_PRIME2,
	TEE_ATTR_RSA_EXPONENT1, TEE_ATTR_RSA_EXPONENT2, TEE_ATTR_RSA_COEFFICIENT,
};

/* The first `count` parts: 2 a public key, 3 a pair, 8 with CRT. */
static operation_handle rsa_object(struct operations *o, size_t count)
{
	struct operation_attribute part[8];
	operation_handle h = 0;

	for (size_t i = 0; i < count; i++) {
		part[i] = attribute_bytes(rsa_ids[i], hex(rsa_key[i]));
	}
	CHECK(object_alloc(o, count == 2 ? TEE_TYPE_RSA_PUBLIC_KEY : TEE_TYPE_RSA_KEYPAIR, 2048, &h) == MT_OK, "an object");
	CHECK(object_populate(o, h, list(part, count)) == MT_OK, "a key");
	return h;
}

static void test_rsa_signatures(void)
{
	struct operations *o = world_begin();
	operation_handle pair = rsa_object(o, 8), plain = rsa_object(o, 3), public = rsa_object(o, 2);

	for (size_t i = 0; i < MT_COUNT(rsa_signatures); i++) {
		uint32_t algorithm = rsa_signatures[i].algorithm;
		struct operation_attribute salt = attribute_value(TEE_ATTR_RSA_PSS_SALT_LENGTH, (uint32_t)rsa_signatures[i].salt, 0);
		struct operation_attributes p = list(&salt, rsa_signatures[i].salt >= 0);
		struct bytes digest = hex(rsa_signatures[i].digest), want = hex(rsa_signatures[i].signature);
		operation_handle sign = operation(o, algorithm, OPERATION_SIGN, i % 2 ? plain : pair);
		operation_handle verify = operation(o, algorithm, OPERATION_VERIFY, i % 2 ? public : pair);
		uint8_t out[256], *bad = mt_copy(want);
		size_t size = 0;
		CHECK(asymmetric_verify(o, verify, p, digest, want) == MT_OK, "the vector's");
		CHECK(asymmetric_operate(o, sign, p, digest, out, 255, &size) == MT_LIMIT && size == 256, "too short");
		CHECK(asymmetric_operate(o, sign, p, digest, out, 256, &size) == MT_OK && size == 256, "signed");
		CHECK(!rsa_signatures[i].exact || mt_equal(mt_bytes(out, size), want), "the vector's");
		CHECK(asymmetric_verify(o, verify, p, digest, mt_bytes(out, size)) == MT_OK, "it fits");
		bad[100] ^= 1;
		CHECK(asymmetric_verify(o, verify, p, digest, mt_bytes(bad, 256)) == MT_TAMPERED, "another signature");
		CHECK(asymmetric_verify(o, verify, p, digest, mt_bytes(out, 255)) == MT_TAMPERED, "a part of one");
		CHECK(asymmetric_verify(o, verify, p, digest, NONE) == MT_TAMPERED, "none");
		CHECK(asymmetric_verify(o, verify, p, first(digest, digest.size - 1), want) == MT_MALFORMED, "no digest");
		CHECK(asymmetric_operate(o, sign, p, NONE, out, 256, &size) == MT_MALFORMED, "no digest");
		CHECK(asymmetric_operate(o, verify, p, digest, out, 256, &size) == MT_STATE, "it verifies");
		CHECK(asymmetric_verify(o, sign, p, digest, want) == MT_STATE, "it signs");
		mt_free(bad);
		operation_free(o, sign);
		operation_free(o, verify);
	}
	world_end(o);
}

static void test_rsa_ciphers(void)
{
	struct operations *o = world_begin();
	operation_handle pair = rsa_object(o, 8), plain = rsa_object(o, 3), public = rsa_object(o, 2);

	for (size_t i = 0; i < MT_COUNT(rsa_ciphers); i++) {
		uint32_t mgf = rsa_ciphers[i].mgf, algorithm = rsa_ciphers[i].algorithm;
		const struct operation_attribute parameter[] = {
			attribute_bytes(TEE_ATTR_RSA_OAEP_MGF_HASH, mt_bytes(&mgf, 4)), attribute_bytes(TEE_ATTR_RSA_OAEP_LABEL, hex(rsa_ciphers[i].label)),
		};
		struct operation_attributes p = list(parameter, mgf ? 2 : 0);
		struct bytes text = hex(rsa_ciphers[i].plain), cipher = hex(rsa_ciphers[i].cipher);
		operation_handle open = operation(o, algorithm, OPERATION_DECRYPT, i % 2 ? plain : pair);
		operation_handle seal = operation(o, algorithm, OPERATION_ENCRYPT, i % 2 ? public : pair);
		uint8_t out[256], again[256], *bad = mt_copy(cipher);
		size_t size = 0;
		CHECK(asymmetric_operate(o, open, p, cipher, out, text.size - 1, &size) == MT_LIMIT && size == text.size, "too short");
		CHECK(asymmetric_operate(o, open, p, cipher, out, 256, &size) == MT_OK && mt_equal(mt_bytes(out, size), text), "the vector's");
		CHECK(asymmetric_operate(o, seal, p, text, out, 256, &size) == MT_OK && size == 256, "encrypted");
		CHECK(asymmetric_operate(o, open, p, mt_bytes(out, 256), again, 256, &size) == MT_OK && mt_equal(mt_bytes(again, size), text), "and back");
		CHECK(asymmetric_operate(o, open, p, first(cipher, 255), out, 256, &size) == MT_MALFORMED, "not of the key's size");
		CHECK(asymmetric_operate(o, seal, p, mt_bytes(rsa_key[0], 257), out, 256, &size) == MT_MALFORMED, "too much");
		CHECK(asymmetric_verify(o, open, p, text, cipher) == MT_STATE, "no signature");
		bad[77] ^= 1;
		if (algorithm != TEE_ALG_RSA_NOPAD) {
			memset(out, 0xee, sizeof(out));
			CHECK(asymmetric_operate(o, open, p, mt_bytes(bad, 256), out, 256, &size) == MT_TAMPERED && out[0] == 0xee, "padding");
		}
		mt_free(bad);
		operation_free(o, open);
		operation_free(o, seal);
	}
	world_end(o);
}

/* Keys that are none, parameters of others, rights of RSA without padding. */
static void test_rsa_refuses(void)
{
	struct operations *o = world_begin();
	operation_handle pair = rsa_object(o, 8), h = 0, object = 0;
	struct operation_attribute part[8], salt = attribute_value(TEE_ATTR_RSA_PSS_SALT_LENGTH, 300, 0), label = attribute_bytes(TEE_ATTR_RSA_OAEP_LABEL, hex("00"));
	uint8_t even[256], out[256];
	size_t size = 0;

	for (size_t i = 0; i < 8; i++) {
		part[i] = attribute_bytes(rsa_ids[i], hex(rsa_key[i]));
	}
	CHECK(object_alloc(o, TEE_TYPE_RSA_KEYPAIR, 2047, &object) == MT_OK && object_populate(o, object, list(part, 8)) == MT_MALFORMED, "too large");
	CHECK(object_alloc(o, TEE_TYPE_RSA_KEYPAIR, 4096, &object) == MT_OK, "room");
	for (size_t n = 4; n < 8; n++) {
		CHECK(object_populate(o, object, list(part, n)) == MT_MALFORMED, "CRT in part");
	}
	CHECK(object_populate(o, object, list(part, 2)) == MT_MALFORMED, "no pair");
	memcpy(even, part[0].buffer.at, 256);
	even[255] ^= 1;
	part[0].buffer = mt_bytes(even, 256);
	CHECK(object_populate(o, object, list(part, 3)) == MT_MALFORMED, "an even modulus");
	part[0].buffer = hex(rsa_key[0]);
	part[1].buffer = hex("010000");
	CHECK(object_populate(o, object, list(part, 3)) == MT_MALFORMED, "an even exponent");
	part[1].buffer = NONE;
	CHECK(object_populate(o, object, list(part, 3)) == MT_MALFORMED, "no exponent");
	part[1].buffer = hex("010001");
	part[2].buffer = part[0].buffer;
	CHECK(object_populate(o, object, list(part, 3)) == MT_MALFORMED, "a private exponent out of range");

	CHECK(object_alloc(o, TEE_TYPE_RSA_PUBLIC_KEY, 2048, &h) == MT_OK && object_copy(o, h, pair) == MT_OK, "the public key of a pair");
	CHECK(object_buffer(o, h, TEE_ATTR_RSA_MODULUS, out, 256, &size) == MT_OK && mt_equal(mt_bytes(out, 256), hex(rsa_key[0])), "its modulus");
	CHECK(object_buffer(o, h, TEE_ATTR_RSA_PRIVATE_EXPONENT, out, 256, &size) == MT_NOT_FOUND, "and no more");
	CHECK(object_copy(o, object, h) == MT_MALFORMED, "no pair of a public key");
	operation_handle none = 0;
	CHECK(operation_alloc(o, TEE_ALG_RSAES_PKCS1_V1_5, OPERATION_DECRYPT, h, 0, &none) == MT_MALFORMED && !none, "nothing private");
	CHECK(operation_alloc(o, TEE_ALG_RSASSA_PKCS1_V1_5_SHA256, OPERATION_SIGN, h, 0, &none) == MT_MALFORMED && !none, "nothing private");

	operation_handle pss = operation(o, TEE_ALG_RSASSA_PKCS1_PSS_MGF1_SHA256, OPERATION_SIGN, pair), pkcs = operation(o, TEE_ALG_RSASSA_PKCS1_V1_5_SHA256, OPERATION_SIGN, pair);
	CHECK(asymmetric_operate(o, pss, list(&salt, 1), first(hex(rsa_key[0]), 32), out, 256, &size) == MT_MALFORMED, "no room for such a salt");
	CHECK(asymmetric_operate(o, pss, list(&label, 1), first(hex(rsa_key[0]), 32), out, 256, &size) == MT_MALFORMED, "another's parameter");
	salt.a = 10;
	CHECK(asymmetric_operate(o, pkcs, list(&salt, 1), first(hex(rsa_key[0]), 32), out, 256, &size) == MT_MALFORMED, "another's parameter");
	CHECK(object_restrict(o, pair, ~(uint32_t)TEE_USAGE_SIGN) == MT_OK, "not to sign");
	CHECK(operation_alloc(o, TEE_ALG_RSA_NOPAD, OPERATION_DECRYPT, pair, 0, &none) == MT_DENIED, "without padding one is the other");
	CHECK(operation_alloc(o, TEE_ALG_RSAES_PKCS1_V1_5, OPERATION_DECRYPT, pair, 0, &none) == MT_OK, "with it not");
	world_end(o);
}

static operation_handle curve_object(struct operations *o, uint32_t type, size_t i, bool pair)
{
	const struct operation_attribute part[] = {
		attribute_value(TEE_ATTR_ECC_CURVE, curve_vectors[i].curve, 0), attribute_bytes(TEE_ATTR_ECC_PUBLIC_VALUE_X, hex(curve_vectors[i].x)),
		attribute_bytes(TEE_ATTR_ECC_PUBLIC_VALUE_Y, hex(curve_vectors[i].y)), attribute_bytes(TEE_ATTR_ECC_PRIVATE_VALUE, hex(curve_vectors[i].d)),
	};
	operation_handle h = 0;

	CHECK(object_alloc(o, type, curve_vectors[i].size, &h) == MT_OK, "an object");
	CHECK(object_populate(o, h, list(part, pair ? 4 : 3)) == MT_OK, "a key");
	return h;
}

static void test_curves(void)
{
	for (size_t i = 0; i < MT_COUNT(curve_vectors); i++) {
		struct operations *o = world_begin();
		operation_handle pair = curve_object(o, TEE_TYPE_ECDSA_KEYPAIR, i, true), public = curve_object(o, TEE_TYPE_ECDSA_PUBLIC_KEY, i, false);
		struct bytes digest = hex(rsa_signatures[12].digest), want = hex(curve_vectors[i].signature), shared = hex(curve_vectors[i].shared);
		operation_handle sign = operation(o, TEE_ALG_ECDSA_SHA256, OPERATION_SIGN, pair), verify = operation(o, TEE_ALG_ECDSA_SHA256, OPERATION_VERIFY, public);
		uint8_t out[132], *bad = mt_copy(want);
		size_t size = 0;
		uint32_t a = 0, b = 9;
		CHECK(digest.size == 32 && asymmetric_verify(o, verify, attributes_none(), digest, want) == MT_OK, "the vector's");
		CHECK(asymmetric_operate(o, sign, attributes_none(), digest, out, want.size - 1, &size) == MT_LIMIT && size == want.size, "too short");
		CHECK(asymmetric_operate(o, sign, attributes_none(), digest, out, sizeof(out), &size) == MT_OK && size == want.size, "signed");
		CHECK(asymmetric_verify(o, verify, attributes_none(), digest, mt_bytes(out, size)) == MT_OK, "it fits");
		bad[want.size - 1] ^= 1;
		CHECK(asymmetric_verify(o, verify, attributes_none(), digest, mt_bytes(bad, want.size)) == MT_TAMPERED, "another");
		CHECK(asymmetric_verify(o, verify, attributes_none(), digest, first(want, want.size - 1)) == MT_TAMPERED, "a part");
		CHECK(asymmetric_operate(o, sign, attributes_none(), first(digest, 31), out, sizeof(out), &size) == MT_MALFORMED, "no digest");
		CHECK(object_value(o, public, TEE_ATTR_ECC_CURVE, &a, &b) == MT_OK && a == curve_vectors[i].curve && b == 0, "its curve");
		mt_free(bad);

		operation_handle secret = 0, small = 0, ecdh = curve_object(o, TEE_TYPE_ECDH_KEYPAIR, i, true);
		operation_handle derive = operation(o, TEE_ALG_ECDH_DERIVE_SHARED_SECRET, OPERATION_DERIVE, ecdh);
		struct operation_attribute other[] = {
			attribute_bytes(TEE_ATTR_ECC_PUBLIC_VALUE_X, hex(curve_vectors[i].other_x)), attribute_bytes(TEE_ATTR_ECC_PUBLIC_VALUE_Y, hex(curve_vectors[i].other_y)),
		};
		CHECK(object_alloc(o, TEE_TYPE_GENERIC_SECRET, 528, &secret) == MT_OK && object_alloc(o, TEE_TYPE_GENERIC_SECRET, 128, &small) == MT_OK, "objects");
		CHECK(key_derive(o, derive, list(other, 1), secret) == MT_MALFORMED, "half a point");
		CHECK(key_derive(o, derive, list(other, 2), small) == MT_MALFORMED, "no room");
		CHECK(key_derive(o, derive, list(other, 2), pair) == MT_MALFORMED, "no secret's object");
		CHECK(key_derive(o, derive, list(other, 2), secret) == MT_OK, "agreed");
		CHECK(object_buffer(o, secret, TEE_ATTR_SECRET_VALUE, out, sizeof(out), &size) == MT_OK && mt_equal(mt_bytes(out, size), shared), "the vector's");
		CHECK(key_derive(o, derive, list(other, 2), secret) == MT_STATE, "it has a key");
		other[1].buffer = other[0].buffer;
		CHECK(object_reset(o, secret) == MT_OK && key_derive(o, derive, list(other, 2), secret) == MT_MALFORMED, "not on the curve");
		world_end(o);
	}
}

static void test_curve_refuses(void)
{
	struct operations *o = world_begin();
	struct operation_attribute part[] = {
		attribute_value(TEE_ATTR_ECC_CURVE, TEE_ECC_CURVE_NIST_P256, 0), attribute_bytes(TEE_ATTR_ECC_PUBLIC_VALUE_X, hex(curve_vectors[2].x)),
		attribute_bytes(TEE_ATTR_ECC_PUBLIC_VALUE_Y, hex(curve_vectors[2].y)), attribute_bytes(TEE_ATTR_ECC_PRIVATE_VALUE, hex(curve_vectors[2].d)),
	};
	static const char *const scalars[] = {
		"00", "01", "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", /* 0, another's, the order */
		"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	};
	operation_handle h = 0, small = 0;

	CHECK(object_alloc(o, TEE_TYPE_ECDSA_KEYPAIR, 521, &h) == MT_OK && object_alloc(o, TEE_TYPE_ECDSA_KEYPAIR, 255, &small) == MT_OK, "objects");
	CHECK(object_populate(o, small, list(part, 4)) == MT_MALFORMED, "the curve is too large");
	for (size_t i = 0; i < MT_COUNT(scalars); i++) {
		part[3].buffer = hex(scalars[i]);
		CHECK(object_populate(o, h, list(part, 4)) == MT_MALFORMED, "no private key of this point");
	}
	part[3].buffer = hex(curve_vectors[2].d);
	for (uint32_t curve = 0; curve < 8; curve++) {
		part[0].a = curve;
		CHECK(curve == 3 || object_populate(o, h, list(part, 4)) == MT_MALFORMED, "another curve");
	}
	part[0].a = TEE_ECC_CURVE_NIST_P256;
	CHECK(object_generate(o, h, 256, attributes_none()) == MT_MALFORMED && object_generate(o, h, 384, list(part, 1)) == MT_MALFORMED, "curve and size");
	CHECK(object_populate(o, h, list(part, 4)) == MT_OK, "the right one");
	CHECK(operation_supported(TEE_ALG_ECDSA_SHA256, TEE_ECC_CURVE_NIST_P192) && !operation_supported(TEE_ALG_ECDSA_SHA256, TEE_ECC_CURVE_25519), "curves");
	CHECK(operation_supported(TEE_ALG_X25519, TEE_ECC_CURVE_25519) && !operation_supported(TEE_ALG_SM2_DSA_SM3, TEE_ECC_CURVE_SM2), "curves");
	world_end(o);
}

static void test_raw(void)
{
	for (size_t i = 0; i < MT_COUNT(raw_vectors); i++) {
		struct operations *o = world_begin();
		struct operation_attribute part[] = {
			attribute_bytes(raw_vectors[i].public_id, hex(raw_vectors[i].public)), attribute_bytes(raw_vectors[i].private_id, hex(raw_vectors[i].private)),
		}, other = attribute_bytes(raw_vectors[i].public_id, hex(raw_vectors[i].other));
		operation_handle key = 0, secret = 0;
		uint8_t out[64], zero[56] = { 0 };
		size_t size = 0;
		CHECK(object_alloc(o, raw_vectors[i].type, (uint32_t)part[0].buffer.size * 8, &key) == MT_OK, "an object");
		CHECK(object_alloc(o, TEE_TYPE_GENERIC_SECRET, 448, &secret) == MT_OK, "an object");
		part[0].buffer = other.buffer;
		CHECK(object_populate(o, key, list(part, 2)) == MT_MALFORMED, "another's public key");
		part[0].buffer = hex(raw_vectors[i].public);
		CHECK(object_populate(o, key, list(part, 2)) == MT_OK, "a pair");
		operation_handle derive = operation(o, raw_vectors[i].algorithm, OPERATION_DERIVE, key);
		struct operation_attribute low = attribute_bytes(other.id, mt_bytes(zero, other.buffer.size));
		CHECK(key_derive(o, derive, attributes_none(), secret) == MT_MALFORMED && key_derive(o, derive, list(&low, 1), secret) == MT_MALFORMED, "low order");
		CHECK(key_derive(o, derive, list(&other, 1), secret) == MT_OK, "agreed");
		CHECK(object_buffer(o, secret, TEE_ATTR_SECRET_VALUE, out, sizeof(out), &size) == MT_OK &&
		      mt_equal(mt_bytes(out, size), hex(raw_vectors[i].shared)), "the vector's");
		world_end(o);
	}
}

static void test_ed25519(void)
{
	struct operations *o = world_begin();
	const struct operation_attribute part[] = {
		attribute_bytes(TEE_ATTR_ED25519_PUBLIC_VALUE, hex(ed25519_public)), attribute_bytes(TEE_ATTR_ED25519_PRIVATE_VALUE, hex(ed25519_private)),
	}, prehash = attribute_value(TEE_ATTR_EDDSA_PREHASH, 1, 0);
	struct bytes message = mt_text("what is signed"), want = hex(ed25519_signature);
	operation_handle key = 0;
	uint8_t out[64];
	size_t size = 0;

	CHECK(object_alloc(o, TEE_TYPE_ED25519_KEYPAIR, 256, &key) == MT_OK && object_populate(o, key, list(part, 2)) == MT_OK, "a key");
	operation_handle sign = operation(o, TEE_ALG_ED25519, OPERATION_SIGN, key), verify = operation(o, TEE_ALG_ED25519, OPERATION_VERIFY, key);
	CHECK(asymmetric_operate(o, sign, attributes_none(), message, out, 64, &size) == MT_OK && mt_equal(mt_bytes(out, size), want), "the vector's");
	CHECK(asymmetric_verify(o, verify, attributes_none(), message, want) == MT_OK, "it fits");
	CHECK(asymmetric_verify(o, verify, attributes_none(), first(message, 13), want) == MT_TAMPERED, "another message");
	CHECK(asymmetric_operate(o, sign, list(&prehash, 1), message, out, 64, &size) == MT_NOT_FOUND, "variants are not supported");
	world_end(o);
}

/* New pairs: what one signs the other half verifies, and both are keys when they come back from storage. */
static void test_generate_pairs(void)
{
	static const struct { uint32_t type, size, curve, algorithm; size_t digest; } row[] = {
		{ TEE_TYPE_RSA_KEYPAIR, 1024, 0, TEE_ALG_RSASSA_PKCS1_V1_5_SHA256, 32 }, { TEE_TYPE_ECDSA_KEYPAIR, 192, 1, TEE_ALG_ECDSA_SHA1, 20 },
		{ TEE_TYPE_ECDSA_KEYPAIR, 521, 5, TEE_ALG_ECDSA_SHA512, 64 }, { TEE_TYPE_ED25519_KEYPAIR, 256, 0, TEE_ALG_ED25519, 40 },
	};

	for (size_t i = 0; i < MT_COUNT(row); i++) {
		struct operations *o = world_begin();
		struct operation_attribute curve = attribute_value(TEE_ATTR_ECC_CURVE, row[i].curve, 0);
		operation_handle key = 0, public = 0, back = 0;
		uint8_t out[256], digest[64] = { 5 }, wire[2048];
		size_t size = 0, wire_size = 0;
		CHECK(object_alloc(o, row[i].type, row[i].size, &key) == MT_OK, "an object");
		CHECK(object_generate(o, key, row[i].size, list(&curve, row[i].curve != 0)) == MT_OK, "a pair");
		CHECK(object_alloc(o, row[i].type & ~(UINT32_C(1) << 24), row[i].size, &public) == MT_OK && object_copy(o, public, key) == MT_OK, "public");
		CHECK(object_encode(o, key, wire, sizeof(wire), &wire_size) == MT_OK && object_decode(o, mt_bytes(wire, wire_size), &back) == MT_OK, "kept");
		operation_handle sign = operation(o, row[i].algorithm, OPERATION_SIGN, back), verify = operation(o, row[i].algorithm, OPERATION_VERIFY, public);
		CHECK(asymmetric_operate(o, sign, attributes_none(), mt_bytes(digest, row[i].digest), out, sizeof(out), &size) == MT_OK, "signed");
		CHECK(asymmetric_verify(o, verify, attributes_none(), mt_bytes(digest, row[i].digest), mt_bytes(out, size)) == MT_OK, "it fits");
		world_end(o);
	}
	struct operations *o = world_begin();
	operation_handle key = 0;
	CHECK(object_alloc(o, TEE_TYPE_RSA_KEYPAIR, 256, &key) == MT_OK && object_generate(o, key, 256, attributes_none()) == MT_NOT_FOUND, "too small");
	CHECK(object_alloc(o, TEE_TYPE_RSA_PUBLIC_KEY, 1024, &key) == MT_OK && object_generate(o, key, 1024, attributes_none()) == MT_MALFORMED, "no pair");
	world_end(o);
}

static void derived(uint32_t algorithm, uint32_t type, uint32_t secret_id, const struct operation_attribute *p, size_t count, struct bytes want)
{
	struct operations *o = world_begin();
	operation_handle key = world_secret(o, type, secret_id, mt_text(derivation_secret)), out = 0;
	operation_handle h = operation(o, algorithm, OPERATION_DERIVE, key);
	uint8_t got[512];
	size_t size = 0;

	CHECK(object_alloc(o, TEE_TYPE_GENERIC_SECRET, 4096, &out) == MT_OK, "an object");
	CHECK(key_derive(o, h, list(p, count - 1), out) == MT_MALFORMED, "no length");
	CHECK(key_derive(o, h, list(p, count), out) == MT_OK, "derived");
	CHECK(object_buffer(o, out, TEE_ATTR_SECRET_VALUE, got, sizeof(got), &size) == MT_OK && mt_equal(mt_bytes(got, size), want), "the vector's");
	world_end(o);
}

static void test_derivation(void)
{
	for (size_t i = 0; i < MT_COUNT(hkdf_vectors); i++) {
		const struct operation_attribute p[] = {
			attribute_bytes(i % 2 ? (uint32_t)TEE_ATTR_HKDF_SALT : (uint32_t)__OPTEE_TEE_ATTR_HKDF_SALT, mt_text("salt")),
			attribute_bytes(i % 2 ? (uint32_t)TEE_ATTR_HKDF_INFO : (uint32_t)__OPTEE_ATTR_HKDF_INFO, mt_text("info")),
			attribute_value(TEE_ATTR_HKDF_OKM_LENGTH, hkdf_vectors[i].size, 0),
		};
		derived(hkdf_vectors[i].algorithm, TEE_TYPE_HKDF_IKM, TEE_ATTR_HKDF_IKM, p, 3, hex(hkdf_vectors[i].out));
	}
	for (size_t i = 0; i < MT_COUNT(concat_vectors); i++) {
		const struct operation_attribute p[] = {
			attribute_bytes(TEE_ATTR_CONCAT_KDF_OTHER_INFO, mt_text("info")), attribute_value(TEE_ATTR_CONCAT_KDF_DKM_LENGTH, concat_vectors[i].size, 0),
		};
		derived(concat_vectors[i].algorithm, TEE_TYPE_CONCAT_KDF_Z, TEE_ATTR_CONCAT_KDF_Z, p, 2, hex(concat_vectors[i].out));
	}
	for (size_t i = 0; i < MT_COUNT(pbkdf2_vectors); i++) {
		const struct operation_attribute p[] = {
			attribute_bytes(TEE_ATTR_PBKDF2_SALT, mt_text("salt")), attribute_value(TEE_ATTR_PBKDF2_ITERATION_COUNT, 50, 0),
			attribute_value(TEE_ATTR_PBKDF2_DKM_LENGTH, pbkdf2_vectors[i].size, 0),
		};
		derived(pbkdf2_vectors[i].algorithm, TEE_TYPE_PBKDF2_PASSWORD, TEE_ATTR_PBKDF2_PASSWORD, p, 3, hex(pbkdf2_vectors[i].out));
	}
}

/* GP's HKDF is OP-TEE's with the hash as a parameter: 0x8000n0C0 has the hash of digest 0x5000000n. */
static void test_hkdf(void)
{
	struct operations *o = world_begin();
	operation_handle key = world_secret(o, TEE_TYPE_HKDF, TEE_ATTR_SECRET_VALUE, mt_text("secret")), out = 0;
	operation_handle h = operation(o, TEE_ALG_HKDF, OPERATION_DERIVE, key);
	const uint32_t wrong[] = { TEE_ALG_SHAKE128, TEE_ALG_MD5SHA1, TEE_ALG_HMAC_SHA256, 0 };

	for (size_t i = 0; i < MT_COUNT(hkdf_vectors); i++) {
		const struct operation_attribute p[] = {
			attribute_bytes(TEE_ATTR_HKDF_SALT, mt_text("salt")), attribute_bytes(TEE_ATTR_HKDF_INFO, mt_text("info")),
			attribute_value(TEE_ATTR_HKDF_HASH_ALGORITHM, 0x50000000 | (hkdf_vectors[i].algorithm >> 12 & 0xf), 0),
			attribute_value(TEE_ATTR_KDF_KEY_SIZE, hkdf_vectors[i].size, 0),
		};
		derived(TEE_ALG_HKDF, TEE_TYPE_HKDF, TEE_ATTR_SECRET_VALUE, p, 4, hex(hkdf_vectors[i].out));
	}
	CHECK(object_alloc(o, TEE_TYPE_GENERIC_SECRET, 4096, &out) == MT_OK, "an object");
	const struct operation_attribute size = attribute_value(TEE_ATTR_KDF_KEY_SIZE, 16, 0);
	CHECK(key_derive(o, h, list(&size, 1), out) == MT_MALFORMED, "no hash");
	for (size_t i = 0; i < MT_COUNT(wrong); i++) {
		const struct operation_attribute p[] = { attribute_value(TEE_ATTR_HKDF_HASH_ALGORITHM, wrong[i], 0), size };
		CHECK(key_derive(o, h, list(p, 2), out) == MT_NOT_FOUND, "no such hash");
	}
	world_end(o);
}

/* OAEP with the hashes that the vectors' maker has not, there and back. */
static void test_oaep_others(void)
{
	static const uint32_t row[] = {
		TEE_ALG_RSAES_PKCS1_OAEP_MGF1_MD5,      TEE_ALG_RSAES_PKCS1_OAEP_MGF1_SHA3_224, TEE_ALG_RSAES_PKCS1_OAEP_MGF1_SHA3_256,
		TEE_ALG_RSAES_PKCS1_OAEP_MGF1_SHA3_384, TEE_ALG_RSAES_PKCS1_OAEP_MGF1_SHA3_512,
	};
	struct operations *o = world_begin();
	operation_handle pair = rsa_object(o, 8);
	struct operation_attribute label = attribute_bytes(TEE_ATTR_RSA_OAEP_LABEL, mt_text("label"));
	struct bytes text = mt_text("text");
	uint8_t cipher[256], out[256];
	size_t size = 0;

	for (size_t i = 0; i < MT_COUNT(row); i++) {
		operation_handle seal = operation(o, row[i], OPERATION_ENCRYPT, pair), open = operation(o, row[i], OPERATION_DECRYPT, pair);
		operation_handle other = operation(o, row[(i + 1) % MT_COUNT(row)], OPERATION_DECRYPT, pair);
		CHECK(asymmetric_operate(o, seal, list(&label, 1), text, cipher, 256, &size) == MT_OK && size == 256, "encrypted");
		CHECK(asymmetric_operate(o, open, list(&label, 1), mt_bytes(cipher, 256), out, 256, &size) == MT_OK && mt_equal(mt_bytes(out, size), text), "back");
		CHECK(asymmetric_operate(o, open, attributes_none(), mt_bytes(cipher, 256), out, 256, &size) == MT_TAMPERED, "another label");
		CHECK(asymmetric_operate(o, other, list(&label, 1), mt_bytes(cipher, 256), out, 256, &size) == MT_TAMPERED, "another hash");
	}
	world_end(o);
}

/* Each allocation of a key fails in turn; the object stays empty. */
static void test_no_memory(void)
{
	struct operations *o = world_begin();
	struct operation_attribute part[8], curve = attribute_value(TEE_ATTR_ECC_CURVE, TEE_ECC_CURVE_NIST_P256, 0);
	struct operation_object_info info;
	operation_handle rsa = 0, pair = 0;

	for (size_t i = 0; i < 8; i++) {
		part[i] = attribute_bytes(rsa_ids[i], hex(rsa_key[i]));
	}
	CHECK(object_alloc(o, TEE_TYPE_RSA_KEYPAIR, 2048, &rsa) == MT_OK && object_alloc(o, TEE_TYPE_ECDH_KEYPAIR, 256, &pair) == MT_OK, "objects");
	for (uint64_t n = 1; n <= 10; n++) {    /* a key, eight parts, the library's key */
		mt_alloc_fail_at(n);
		CHECK(object_populate(o, rsa, list(part, 8)) == MT_NO_MEMORY, "no memory");
		mt_alloc_fail_at(0);
		CHECK(object_info(o, rsa, &info) == MT_OK && !info.initialized, "empty");
	}
	for (uint64_t n = 1; n <= 6; n++) {     /* the library's key, a key, three parts that are bytes, the library's again */
		mt_alloc_fail_at(n);
		CHECK(object_generate(o, pair, 256, list(&curve, 1)) == MT_NO_MEMORY, "no memory");
		mt_alloc_fail_at(0);
		CHECK(object_info(o, pair, &info) == MT_OK && !info.initialized, "empty");
	}
	CHECK(object_populate(o, rsa, list(part, 8)) == MT_OK && object_generate(o, pair, 256, list(&curve, 1)) == MT_OK, "with memory");
	world_end(o);
}

const struct test tests[] = {
	{ "rsa_signatures", test_rsa_signatures },
	{ "rsa_ciphers", test_rsa_ciphers },
	{ "rsa_refuses", test_rsa_refuses },
	{ "curves", test_curves },
	{ "curve_refuses", test_curve_refuses },
	{ "raw", test_raw },
	{ "ed25519", test_ed25519 },
	{ "generate_pairs", test_generate_pairs },
	{ "derivation", test_derivation },
	{ "hkdf", test_hkdf },
	{ "oaep_others", test_oaep_others },
	{ "no_memory", test_no_memory },
	TESTS_END
};
