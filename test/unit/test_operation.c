/* tee/operation: digests, MACs and ciphers. Vectors by an independent implementation (test/vectors/operation_vectors.py). */
#include "test/operation_world.h"

#include <string.h>

#include "api/tee_api_defines.h"
#include "api/tee_api_defines_extensions.h"
#include "test/vectors/operation_vectors.h"

#define NONE mt_bytes(NULL, 0)

/* The message in pieces, then the digest; `last`: the final call brings what is left of it. */
static void digest_run(struct operations *o, operation_handle h, struct bytes iv, struct bytes message, struct bytes want, unsigned how)
{
	uint8_t *out = test_alloc(want.size);
	size_t at = 0, size = 0;

	CHECK(digest_init(o, h, iv) == MT_OK, "init");
	for (unsigned i = 0; how > 0 && i < 1000 && at < message.size / (1 + how % 2); i++) {
		size_t piece = world_piece(how, i, message.size - at);
		CHECK(digest_update(o, h, first(mt_bytes(message.at + at, message.size - at), piece)) == MT_OK, "update");
		at += piece;
	}
	struct bytes rest = mt_bytes(message.at + at, message.size - at);
	CHECK(digest_final(o, h, rest, out, want.size, &size) == MT_OK && size == want.size, "final");
	CHECK(mt_equal(mt_bytes(out, size), want), "the vector's");
}

static void test_digests(void)
{
	for (size_t i = 0; i < MT_COUNT(digest_vectors); i++) {
		struct operations *o = world_begin();
		operation_handle h = world_operation(o, digest_vectors[i].algorithm, OPERATION_DIGEST, 0, NONE, NONE);
		for (unsigned how = 0; how < WORLD_CUTS; how++) {
			digest_run(o, h, NONE, hex(digest_vectors[i].message), hex(digest_vectors[i].digest), how);
		}
		world_end(o);
	}
}

static void test_macs(void)
{
	for (size_t i = 0; i < MT_COUNT(mac_vectors); i++) {
		struct operations *o = world_begin();
		operation_handle h = world_operation(o, mac_vectors[i].algorithm, OPERATION_MAC, mac_vectors[i].type, hex(mac_vectors[i].key), NONE);
		for (unsigned how = 0; how < WORLD_CUTS; how++) {
			digest_run(o, h, hex(mac_vectors[i].iv), hex(mac_vectors[i].message), hex(mac_vectors[i].mac), how);
		}
		world_end(o);
	}
}

/* The output of an extendable one in pieces, and by final after final. */
static void test_extract(void)
{
	struct operations *o = world_begin();
	operation_handle h = world_operation(o, TEE_ALG_SHAKE128, OPERATION_DIGEST, 0, NONE, NONE);
	struct bytes want = hex("7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26");       /* FIPS 202: SHAKE128 of nothing */
	uint8_t out[32];
	size_t size = 0;

	CHECK(digest_extract(o, h, out, 1) == MT_STATE, "not begun");
	CHECK(digest_init(o, h, NONE) == MT_OK && digest_extract(o, h, out, 5) == MT_OK && digest_extract(o, h, out + 5, 20) == MT_OK, "pieces");
	CHECK(digest_final(o, h, NONE, out + 25, 7, &size) == MT_OK && size == 7 && mt_equal(mt_bytes(out, 32), want), "one output");
	CHECK(digest_update(o, h, NONE) == MT_STATE, "no more input");
	CHECK(digest_final(o, h, hex("00"), out, 7, &size) == MT_STATE, "nor here");
	CHECK(digest_init(o, h, NONE) == MT_OK && digest_final(o, h, NONE, out, 32, &size) == MT_OK && mt_equal(mt_bytes(out, 32), want), "anew");
	operation_handle other = world_operation(o, TEE_ALG_SHA256, OPERATION_DIGEST, 0, NONE, NONE);
	CHECK(digest_init(o, other, NONE) == MT_OK && digest_extract(o, other, out, 1) == MT_MALFORMED, "not extendable");
	world_end(o);
}

static void test_digest_errors(void)
{
	struct operations *o = world_begin();
	operation_handle h = world_operation(o, TEE_ALG_SHA256, OPERATION_DIGEST, 0, NONE, NONE);
	struct bytes abc = mt_text("abc"), want = hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");      /* FIPS 180-4 */
	uint8_t out[32] = { 0 };
	size_t size = 0;

	CHECK(digest_update(o, h, abc) == MT_STATE, "not begun");
	CHECK(digest_final(o, h, abc, out, 32, &size) == MT_STATE, "not begun");
	CHECK(digest_init(o, h, hex("00")) == MT_MALFORMED, "a digest has no iv");
	CHECK(digest_init(o, h, NONE) == MT_OK && digest_final(o, h, abc, out, 31, &size) == MT_LIMIT && size == 32 && out[0] == 0, "too short");
	CHECK(digest_final(o, h, abc, out, 32, &size) == MT_OK && mt_equal(mt_bytes(out, 32), want), "nothing was taken");
	CHECK(digest_final(o, h, NONE, out, 32, &size) == MT_STATE, "ended");

	operation_handle mac = world_operation(o, TEE_ALG_AES_CBC_MAC_NOPAD, OPERATION_MAC, TEE_TYPE_AES, hex("000102030405060708090a0b0c0d0e0f"), NONE);
	uint8_t whole[16], again[16];
	CHECK(digest_init(o, mac, hex("00")) == MT_MALFORMED, "no block");
	CHECK(digest_init(o, mac, NONE) == MT_OK && digest_update(o, mac, first(want, 20)) == MT_OK, "begun");
	CHECK(digest_final(o, mac, first(want, 5), out, 32, &size) == MT_MALFORMED, "not whole blocks");
	CHECK(digest_final(o, mac, first(want, 12), whole, 16, &size) == MT_OK && size == 16, "whole blocks, after nothing was taken");
	CHECK(digest_init(o, mac, NONE) == MT_OK && digest_update(o, mac, first(want, 20)) == MT_OK &&
	      digest_final(o, mac, first(want, 12), again, 16, &size) == MT_OK && memcmp(whole, again, 16) == 0, "the same");
	CHECK(cipher_init(o, mac, NONE) == MT_MALFORMED && cipher_update(o, mac, abc, out, 32, &size) == MT_MALFORMED, "no cipher");
	CHECK(authenticated_aad(o, mac, abc) == MT_MALFORMED, "no authenticated encryption");
	world_end(o);
}

/* One message through a cipher in pieces; in place: output where the input is. */
static void cipher_run(struct operations *o, operation_handle h, struct bytes iv, struct bytes in, struct bytes want, unsigned how, bool place)
{
	uint8_t *memory = test_alloc(in.size + 64), *out = test_alloc(want.size + 64);
	size_t at = 0, made = 0, size = 0;

	CHECK(cipher_init(o, h, iv) == MT_OK, "init");
	for (unsigned i = 0; how > 0 && i < 1000 && at < in.size / (1 + how % 2); i++) {
		size_t piece = world_piece(how, i, in.size - at);
		struct bytes part = first(mt_bytes(in.at + at, in.size - at), piece);
		if (place) {
			memcpy(memory, part.at, piece);
			CHECK(cipher_update(o, h, mt_bytes(memory, piece), memory, piece + 64, &size) == MT_OK, "update in place");
			memcpy(out + made, memory, size);
		} else {
			CHECK(cipher_update(o, h, part, out + made, want.size + 64 - made, &size) == MT_OK, "update");
		}
		made += size;
		at += piece;
	}
	struct bytes rest = mt_bytes(in.at + at, in.size - at);
	if (place) {
		memcpy(memory, rest.at, rest.size);
		CHECK(cipher_final(o, h, mt_bytes(memory, rest.size), memory, in.size + 64, &size) == MT_OK, "final in place");
		memcpy(out + made, memory, size);
	} else {
		CHECK(cipher_final(o, h, rest, out + made, want.size - made, &size) == MT_OK, "final, in as much room as it takes");
	}
	CHECK(mt_equal(mt_bytes(out, made + size), want), "the vector's");
}

static void test_ciphers(void)
{
	for (size_t i = 0; i < MT_COUNT(cipher_vectors); i++) {
		struct operations *o = world_begin();
		struct bytes key = hex(cipher_vectors[i].key), key2 = hex(cipher_vectors[i].key2), iv = hex(cipher_vectors[i].iv);
		struct bytes plain = hex(cipher_vectors[i].plain), text = hex(cipher_vectors[i].cipher);
		operation_handle seal = world_operation(o, cipher_vectors[i].algorithm, OPERATION_ENCRYPT, cipher_vectors[i].type, key, key2);
		operation_handle open = world_operation(o, cipher_vectors[i].algorithm, OPERATION_DECRYPT, cipher_vectors[i].type, key, key2);
		for (unsigned how = 0; how < WORLD_CUTS * 2; how++) {
			cipher_run(o, seal, iv, plain, text, how % WORLD_CUTS, how >= WORLD_CUTS);
			cipher_run(o, open, iv, text, plain, how % WORLD_CUTS, how >= WORLD_CUTS);
		}
		world_end(o);
	}
}

/* In every state of a message, too little room changes nothing, and a copy ends as its original does. */
static void test_cipher_steps(void)
{
	for (size_t i = 0; i < MT_COUNT(cipher_vectors); i++) {
		struct operations *o = world_begin();
		struct bytes key = hex(cipher_vectors[i].key), key2 = hex(cipher_vectors[i].key2);
		struct bytes in = hex(cipher_vectors[i].cipher), want = hex(cipher_vectors[i].plain);
		operation_handle h = world_operation(o, cipher_vectors[i].algorithm, OPERATION_DECRYPT, cipher_vectors[i].type, key, key2), copy = 0;
		uint8_t *out = test_alloc(in.size + 16), *twin = test_alloc(in.size + 16);
		size_t made = 0, size = 0, half = in.size / 2 + 3 < in.size ? in.size / 2 + 3 : in.size;
		CHECK(operation_alloc(o, cipher_vectors[i].algorithm, OPERATION_DECRYPT, 0, 0, &copy) == MT_OK, "without a key");
		CHECK(cipher_init(o, copy, hex(cipher_vectors[i].iv)) == MT_STATE, "no key");
		CHECK(cipher_init(o, h, hex(cipher_vectors[i].iv)) == MT_OK, "init");
		enum mt_err err = cipher_update(o, h, mt_bytes(in.at, half), out, 0, &size);
		CHECK(err == (size ? MT_LIMIT : MT_OK), "an update without room");
		if (err) {
			CHECK(cipher_update(o, h, mt_bytes(in.at, half), out, size - 1, &size) == MT_LIMIT, "a byte too little");
			CHECK(cipher_update(o, h, mt_bytes(in.at, half), out, size, &size) == MT_OK, "enough");
		}
		made = size;
		CHECK(operation_copy(o, copy, h) == MT_OK, "a copy");
		memcpy(twin, out, made);
		struct bytes rest = mt_bytes(in.at + half, in.size - half);
		err = cipher_final(o, h, rest, out + made, 0, &size);
		CHECK(err == (size ? MT_LIMIT : MT_OK), "a final without room");
		if (err) {
			CHECK(cipher_final(o, h, rest, out + made, size - 1, &size) == MT_LIMIT, "a byte too little");
			CHECK(cipher_final(o, h, rest, out + made, size, &size) == MT_OK, "enough");
		}
		CHECK(mt_equal(mt_bytes(out, made + size), want), "as if nothing had been");
		CHECK(cipher_final(o, copy, rest, twin + made, in.size + 16 - made, &size) == MT_OK, "the copy's end");
		CHECK(mt_equal(mt_bytes(twin, made + size), want), "the same");
		CHECK(cipher_final(o, h, rest, out, in.size, &size) == MT_STATE && cipher_update(o, h, rest, out, in.size, &size) == MT_STATE, "ended");
		world_end(o);
	}
}

static void test_cipher_errors(void)
{
	struct operations *o = world_begin();
	struct bytes key = hex("000102030405060708090a0b0c0d0e0f"), other = hex("101112131415161718191a1b1c1d1e1f"), large = hex("000102030405060708090a0b0c0d0e0f1011121314151617");
	uint8_t out[64];
	size_t size = 0;
	operation_handle ecb = world_operation(o, TEE_ALG_AES_ECB_NOPAD, OPERATION_ENCRYPT, TEE_TYPE_AES, key, NONE);
	operation_handle cts = world_operation(o, TEE_ALG_AES_CTS, OPERATION_ENCRYPT, TEE_TYPE_AES, key, NONE);
	operation_handle xts = world_operation(o, TEE_ALG_AES_XTS, OPERATION_DECRYPT, TEE_TYPE_AES, key, other), none = 0;
	operation_handle a = world_secret(o, TEE_TYPE_AES, TEE_ATTR_SECRET_VALUE, key), b = world_secret(o, TEE_TYPE_AES, TEE_ATTR_SECRET_VALUE, large);
	operation_handle c = world_secret(o, TEE_TYPE_AES, TEE_ATTR_SECRET_VALUE, large), twin = world_secret(o, TEE_TYPE_AES, TEE_ATTR_SECRET_VALUE, key);

	CHECK(cipher_update(o, ecb, key, out, 64, &size) == MT_STATE, "not begun");
	CHECK(cipher_init(o, ecb, key) == MT_MALFORMED, "ECB has no iv");
	CHECK(cipher_init(o, ecb, NONE) == MT_OK && cipher_final(o, ecb, first(key, 15), out, 64, &size) == MT_MALFORMED, "no whole block");
	CHECK(cipher_final(o, ecb, key, out, 64, &size) == MT_OK && size == 16, "still there");
	CHECK(cipher_init(o, cts, NONE) == MT_MALFORMED && cipher_init(o, cts, first(key, 8)) == MT_MALFORMED, "an iv is a block");
	CHECK(cipher_init(o, cts, key) == MT_OK && cipher_final(o, cts, first(key, 15), out, 64, &size) == MT_MALFORMED, "less than a block");
	CHECK(cipher_init(o, xts, key) == MT_OK && cipher_final(o, xts, NONE, out, 64, &size) == MT_MALFORMED, "nothing");
	CHECK(operation_alloc(o, TEE_ALG_AES_XTS, OPERATION_ENCRYPT, a, 0, &none) == MT_MALFORMED && !none, "one key of two");
	CHECK(operation_alloc(o, TEE_ALG_AES_XTS, OPERATION_ENCRYPT, 0, a, &none) == MT_MALFORMED && !none, "the other");
	CHECK(operation_alloc(o, TEE_ALG_AES_XTS, OPERATION_ENCRYPT, a, b, &none) == MT_MALFORMED && !none, "of two sizes");
	CHECK(operation_alloc(o, TEE_ALG_AES_XTS, OPERATION_ENCRYPT, b, c, &none) == MT_MALFORMED && !none, "192 bits");
	CHECK(operation_alloc(o, TEE_ALG_AES_XTS, OPERATION_ENCRYPT, a, twin, &none) == MT_TAMPERED && !none, "twice the same");
	CHECK(operation_alloc(o, TEE_ALG_AES_CTR, OPERATION_ENCRYPT, a, twin, &none) == MT_MALFORMED && !none, "two keys for one");
	CHECK(digest_init(o, ecb, NONE) == MT_MALFORMED, "no digest");
	world_end(o);
}

/* Every wrong padding of the last block is refused; SM4 with PKCS #5. */
static void test_padding(void)
{
	struct operations *o = world_begin();
	struct bytes key = hex("0123456789abcdeffedcba9876543210");
	operation_handle seal = world_operation(o, TEE_ALG_SM4_ECB_NOPAD, OPERATION_ENCRYPT, TEE_TYPE_SM4, key, NONE);
	operation_handle open = world_operation(o, TEE_ALG_SM4_ECB_PKCS5, OPERATION_DECRYPT, TEE_TYPE_SM4, key, NONE);
	uint8_t block[16], text[16], out[16];
	size_t size = 0;

	for (unsigned pad = 0; pad < 256; pad++) {
		for (unsigned wrong = 0; wrong <= 16; wrong++) {
			memset(block, (int)pad, sizeof(block));
			if (wrong < 16) {
				block[15 - wrong] ^= 0x40;
			}
			unsigned last = block[15];
			bool good = last >= 1 && last <= 16;
			for (unsigned i = 0; good && i < last; i++) {
				good = block[15 - i] == last;
			}
			memset(out, 0xee, sizeof(out));
			CHECK(cipher_init(o, seal, NONE) == MT_OK && cipher_final(o, seal, mt_bytes(block, 16), text, 16, &size) == MT_OK, "a block");
			CHECK(cipher_init(o, open, NONE) == MT_OK, "init");
			CHECK(cipher_final(o, open, mt_bytes(text, 16), out, 16, &size) == (good ? MT_OK : MT_MALFORMED), "padding");
			CHECK(!good || size == 16 - last, "without it");
			CHECK(good || out[0] == 0xee, "nothing of a wrong one");
		}
	}
	CHECK(cipher_init(o, open, NONE) == MT_OK && cipher_final(o, open, NONE, out, 16, &size) == MT_MALFORMED, "nothing at all");
	CHECK(cipher_final(o, open, first(key, 15), out, 16, &size) == MT_MALFORMED, "no whole block");
	world_end(o);
}

/* Each algorithm with each mode, and a key of each usage and type: what it has not, it does not take. */
static void test_keys(void)
{
	static const uint32_t usage[] = { TEE_USAGE_ENCRYPT, TEE_USAGE_DECRYPT, TEE_USAGE_SIGN, TEE_USAGE_VERIFY, TEE_USAGE_MAC, 0, TEE_USAGE_DERIVE };
	static const struct { uint32_t algorithm, type, modes; } row[] = {
		{ TEE_ALG_AES_CTR, TEE_TYPE_AES, 3 }, { TEE_ALG_AES_GCM, TEE_TYPE_AES, 3 }, { TEE_ALG_AES_CMAC, TEE_TYPE_AES, 16 },
		{ TEE_ALG_HMAC_SHA256, TEE_TYPE_HMAC_SHA256, 16 }, { TEE_ALG_SHA1, 0, 32 }, { TEE_ALG_SHAKE256, 0, 32 },
	};
	struct operations *o = world_begin();
	struct bytes bytes = hex("000102030405060708090a0b0c0d0e0f1011121314151617");
	operation_handle sm4 = world_secret(o, TEE_TYPE_SM4, TEE_ATTR_SECRET_VALUE, first(bytes, 16)), empty = 0, h = 0;

	CHECK(object_alloc(o, TEE_TYPE_AES, 128, &empty) == MT_OK, "no key");
	for (size_t i = 0; i < MT_COUNT(row); i++) {
		operation_handle key = row[i].type ? world_secret(o, row[i].type, TEE_ATTR_SECRET_VALUE, bytes) : 0;
		for (unsigned mode = 0; mode < OPERATION_MODES + 2; mode++) {
			bool has = row[i].modes >> mode & 1;
			CHECK(operation_alloc(o, row[i].algorithm, (enum operation_mode)mode, key, 0, &h) == (has ? MT_OK : MT_NOT_FOUND), "modes");
			CHECK(has == (h != 0), "no handle without an operation");
			operation_free(o, h);
			if (!has || !key) {
				continue;
			}
			operation_handle poor = world_secret(o, row[i].type, TEE_ATTR_SECRET_VALUE, bytes);
			CHECK(object_restrict(o, poor, ~usage[mode]) == MT_OK, "without this right");
			CHECK(operation_alloc(o, row[i].algorithm, (enum operation_mode)mode, poor, 0, &h) == MT_DENIED && !h, "no right");
			CHECK(operation_alloc(o, row[i].algorithm, (enum operation_mode)mode, sm4, 0, &h) == MT_MALFORMED && !h, "another type");
			CHECK(operation_alloc(o, row[i].algorithm, (enum operation_mode)mode, 1024, 0, &h) == MT_MALFORMED && !h, "no object");
			CHECK(operation_alloc(o, row[i].algorithm, (enum operation_mode)mode, empty, 0, &h) == MT_STATE && !h, "no key");
			CHECK(operation_alloc(o, row[i].algorithm, (enum operation_mode)mode, 0, 0, &h) == MT_OK && h, "later");
			CHECK(operation_key(o, h, poor, 0) == MT_DENIED && operation_key(o, h, sm4, 0) == MT_MALFORMED, "nor later");
			CHECK(operation_key(o, h, key, 0) == MT_OK && operation_key(o, h, 0, 0) == MT_OK, "given and taken away");
			operation_free(o, h);
		}
	}
	CHECK(operation_alloc(o, TEE_ALG_SHA256, OPERATION_DIGEST, sm4, 0, &h) == MT_MALFORMED, "a digest has no key");
	CHECK(operation_alloc(o, 0x12345678, OPERATION_DIGEST, 0, 0, &h) == MT_NOT_FOUND, "no such algorithm");
	CHECK(operation_supported(TEE_ALG_SHA256, TEE_CRYPTO_ELEMENT_NONE) && !operation_supported(0x12345678, 0), "supported");
	CHECK(!operation_supported(TEE_ALG_SHA256, TEE_ECC_CURVE_NIST_P256), "a hash has no curve");
	world_end(o);
}

/* A key in an operation is its own; keys change only between messages. */
static void test_key_is_own(void)
{
	struct operations *o = world_begin();
	struct bytes key = hex("000102030405060708090a0b0c0d0e0f"), want = hex("69c4e0d86a7b0430d8cdb78070b4c55a");
	operation_handle object = world_secret(o, TEE_TYPE_AES, TEE_ATTR_SECRET_VALUE, key), h = 0;
	uint8_t out[16];
	size_t size = 0;

	CHECK(operation_alloc(o, TEE_ALG_AES_ECB_NOPAD, OPERATION_ENCRYPT, object, 0, &h) == MT_OK, "an operation");
	CHECK(object_reset(o, object) == MT_OK && object_generate(o, object, 128, attributes_none()) == MT_OK, "another key in the object");
	object_free(o, object);
	CHECK(cipher_init(o, h, NONE) == MT_OK, "init");
	CHECK(operation_key(o, h, 0, 0) == MT_STATE, "not now");
	CHECK(cipher_final(o, h, hex("00112233445566778899aabbccddeeff"), out, 16, &size) == MT_OK, "a block");
	CHECK(mt_equal(mt_bytes(out, 16), want), "FIPS 197, C.1");
	CHECK(operation_key(o, h, 0, 0) == MT_OK && cipher_init(o, h, NONE) == MT_STATE, "without a key");
	world_end(o);
}

static void test_operation_handles(void)
{
	static const uint32_t wrong[] = { 0, 1, OPERATION_OBJECTS_MAX, OPERATION_OBJECTS_MAX + 2, 2 * OPERATION_OBJECTS_MAX + 1, UINT32_MAX };
	struct operations *o = world_begin();
	operation_handle h = 0, more = 0, object = world_secret(o, TEE_TYPE_AES, TEE_ATTR_SECRET_VALUE, hex("000102030405060708090a0b0c0d0e0f"));
	uint8_t out[16];
	size_t size;
	struct operation_object_info info;

	CHECK(operation_alloc(o, TEE_ALG_SHA1, OPERATION_DIGEST, 0, 0, &h) == MT_OK, "one");
	CHECK(object == 1 && object_info(o, h, &info) == MT_MALFORMED, "an operation is no object");
	for (size_t i = 0; i < MT_COUNT(wrong); i++) {
		CHECK(digest_init(o, wrong[i], NONE) == MT_MALFORMED && digest_update(o, wrong[i], NONE) == MT_MALFORMED, "digest");
		CHECK(digest_final(o, wrong[i], NONE, out, 16, &size) == MT_MALFORMED && digest_extract(o, wrong[i], out, 1) == MT_MALFORMED, "digest");
		CHECK(cipher_init(o, wrong[i], NONE) == MT_MALFORMED && cipher_update(o, wrong[i], NONE, out, 16, &size) == MT_MALFORMED, "cipher");
		CHECK(cipher_final(o, wrong[i], NONE, out, 16, &size) == MT_MALFORMED, "cipher");
		CHECK(authenticated_init(o, wrong[i], NONE, 16, 0, 0) == MT_MALFORMED && authenticated_aad(o, wrong[i], NONE) == MT_MALFORMED, "ae");
		CHECK(authenticated_update(o, wrong[i], NONE, out, 16, &size) == MT_MALFORMED, "ae");
		CHECK(operation_key(o, wrong[i], 0, 0) == MT_MALFORMED && operation_copy(o, h, wrong[i]) == MT_MALFORMED, "key, copy");
		CHECK(operation_copy(o, wrong[i], h) == MT_MALFORMED, "copy");
		operation_free(o, wrong[i]);
	}
	CHECK(operation_alloc(o, TEE_ALG_SHA256, OPERATION_DIGEST, 0, 0, &more) == MT_OK && operation_copy(o, more, h) == MT_MALFORMED, "of one algorithm");
	for (size_t i = 2; i < OPERATION_STATES_MAX; i++) {
		CHECK(operation_alloc(o, TEE_ALG_SHA1, OPERATION_DIGEST, 0, 0, &more) == MT_OK, "as many as are stated");
	}
	CHECK(operation_alloc(o, TEE_ALG_SHA1, OPERATION_DIGEST, 0, 0, &more) == MT_LIMIT && more == 0, "no more");
	world_end(o);
}

/* Digests and MACs copied on their way. */
static void test_digest_copies(void)
{
	for (size_t i = 0; i < MT_COUNT(mac_vectors); i++) {
		struct operations *o = world_begin();
		struct bytes message = hex(mac_vectors[i].message), want = hex(mac_vectors[i].mac);
		operation_handle h = world_operation(o, mac_vectors[i].algorithm, OPERATION_MAC, mac_vectors[i].type, hex(mac_vectors[i].key), NONE), copy = 0;
		uint8_t out[64], noise[3] = { 1, 2, 3 };
		size_t size = 0, half = message.size / 2;
		CHECK(operation_alloc(o, mac_vectors[i].algorithm, OPERATION_MAC, 0, 0, &copy) == MT_OK, "without a key");
		CHECK(digest_init(o, h, hex(mac_vectors[i].iv)) == MT_OK && digest_update(o, h, first(message, half)) == MT_OK, "half");
		CHECK(operation_copy(o, copy, h) == MT_OK, "a copy");
		CHECK(digest_update(o, h, mt_bytes(noise, 3)) == MT_OK, "the original goes another way");
		operation_free(o, h);
		CHECK(digest_final(o, copy, mt_bytes(message.at + half, message.size - half), out, 64, &size) == MT_OK, "the copy's end");
		CHECK(mt_equal(mt_bytes(out, size), want), "the vector's");
		world_end(o);
	}
}

/* Every allocation of a beginning fails in turn; a message on its way stays as it was. */
static void test_no_memory(void)
{
	for (size_t i = 0; i < MT_COUNT(mac_vectors); i++) {
		struct operations *o = world_begin();
		struct bytes message = hex(mac_vectors[i].message), iv = hex(mac_vectors[i].iv);
		operation_handle h = world_operation(o, mac_vectors[i].algorithm, OPERATION_MAC, mac_vectors[i].type, hex(mac_vectors[i].key), NONE);
		uint8_t out[64];
		size_t size = 0;
		uint64_t before = mt_alloc_count(), needs;
		CHECK(digest_init(o, h, iv) == MT_OK && digest_update(o, h, first(message, message.size / 3)) == MT_OK, "on its way");
		for (needs = mt_alloc_count() - before; needs > 0; needs--) {
			mt_alloc_fail_at(needs);
			enum mt_err err = digest_init(o, h, iv);
			mt_alloc_fail_at(0);
			CHECK(err == MT_NO_MEMORY || needs > 2, "no memory");
			if (!err) {
				CHECK(digest_update(o, h, first(message, message.size / 3)) == MT_OK, "begun anew");
			}
		}
		CHECK(digest_final(o, h, mt_bytes(message.at + message.size / 3, message.size - message.size / 3), out, 64, &size) == MT_OK &&
		      mt_equal(mt_bytes(out, size), hex(mac_vectors[i].mac)), "as if nothing had been");
		world_end(o);
	}
	for (size_t i = 0; i < MT_COUNT(cipher_vectors); i++) {
		struct operations *o = world_begin();
		struct bytes key = hex(cipher_vectors[i].key), key2 = hex(cipher_vectors[i].key2), iv = hex(cipher_vectors[i].iv), in = hex(cipher_vectors[i].cipher);
		operation_handle h = world_operation(o, cipher_vectors[i].algorithm, OPERATION_DECRYPT, cipher_vectors[i].type, key, key2), none = 9;
		uint8_t *out = test_alloc(in.size + 16);
		size_t made = 0, size = 0;
		CHECK(cipher_init(o, h, iv) == MT_OK && cipher_update(o, h, first(in, 1), out, in.size, &made) == MT_OK, "on its way");
		for (uint64_t n = 1; n <= 2; n++) {
			mt_alloc_fail_at(n);
			enum mt_err err = n == 1 || key2.size ? cipher_init(o, h, iv) : operation_alloc(o, TEE_ALG_SHA1, OPERATION_DIGEST, 0, 0, &none);
			mt_alloc_fail_at(0);
			operation_free(o, none);
			CHECK(err == (n == 1 || key2.size ? MT_NO_MEMORY : MT_OK), "no memory");
		}
		/* In place, one byte further on than what is held: this asks for a copy. */
		memcpy(out + made, in.at + 1, in.size - 1);
		mt_alloc_fail_at(1);
		enum mt_err err = cipher_final(o, h, mt_bytes(out + made, in.size - 1), out + made, in.size + 16 - made, &size);
		mt_alloc_fail_at(0);
		CHECK(err == MT_OK || err == MT_NO_MEMORY, "no memory");
		CHECK(!err || cipher_final(o, h, mt_bytes(out + made, in.size - 1), out + made, in.size + 16 - made, &size) == MT_OK, "nothing had changed");
		CHECK(mt_equal(mt_bytes(out, made + size), hex(cipher_vectors[i].plain)), "the vector's");
		world_end(o);
	}
}

const struct test tests[] = {
	{ "digests", test_digests },
	{ "macs", test_macs },
	{ "extract", test_extract },
	{ "digest_errors", test_digest_errors },
	{ "digest_copies", test_digest_copies },
	{ "ciphers", test_ciphers },
	{ "cipher_steps", test_cipher_steps },
	{ "cipher_errors", test_cipher_errors },
	{ "padding", test_padding },
	{ "keys", test_keys },
	{ "key_is_own", test_key_is_own },
	{ "operation_handles", test_operation_handles },
	{ "no_memory", test_no_memory },
	TESTS_END
};
