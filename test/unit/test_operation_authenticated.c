/* tee/operation: AES-GCM and AES-CCM. Vectors by an independent implementation (test/vectors/operation_vectors.py). */
#include "test/operation_world.h"

#include <string.h>

#include "api/tee_api_defines.h"
#include "api/tee_api_defines_extensions.h"
#include "test/vectors/operation_vectors.h"

#define NONE mt_bytes(NULL, 0)
#define COUNT MT_COUNT(authenticated_vectors)

struct vector {
	uint32_t algorithm;
	struct bytes key, nonce, aad, plain, cipher, tag;
};

static struct vector vector(size_t i)
{
	struct vector v = {
		authenticated_vectors[i].algorithm,   hex(authenticated_vectors[i].key),    hex(authenticated_vectors[i].nonce), NONE,
		hex(authenticated_vectors[i].plain), hex(authenticated_vectors[i].cipher), hex(authenticated_vectors[i].tag),
	};

	if (strcmp(authenticated_vectors[i].aad, "*") == 0) {
		uint8_t *many = test_alloc(70000);
		memset(many, 'a', 70000);
		v.aad = mt_bytes(many, 70000);
	} else {
		v.aad = hex(authenticated_vectors[i].aad);
	}
	return v;
}

static operation_handle begin(struct operations *o, const struct vector *v, enum operation_mode mode)
{
	operation_handle h = world_operation(o, v->algorithm, mode, TEE_TYPE_AES, v->key, NONE);

	CHECK(authenticated_init(o, h, v->nonce, v->tag.size, v->aad.size, v->plain.size) == MT_OK, "init");
	return h;
}

static void aad_give(struct operations *o, operation_handle h, struct bytes aad, unsigned how)
{
	size_t at = 0;

	for (unsigned i = 0; at < aad.size; i++) {
		size_t piece = world_piece(how && aad.size < 1000 ? how : 0, i, aad.size - at);
		CHECK(authenticated_aad(o, h, first(mt_bytes(aad.at + at, aad.size - at), piece)) == MT_OK, "additional data");
		at += piece;
	}
}

/* Updates with about half of `in`; how much has been taken and made. */
static void update(struct operations *o, operation_handle h, struct bytes in, unsigned how, uint8_t *out, size_t *at, size_t *made)
{
	size_t size = 0;

	for (unsigned i = 0; how > 0 && i < 1000 && *at < in.size / (1 + how % 2); i++) {
		size_t piece = world_piece(how, i, in.size - *at);
		CHECK(authenticated_update(o, h, first(mt_bytes(in.at + *at, in.size - *at), piece), out + *made, in.size - *made, &size) == MT_OK, "update");
		*made += size;
		*at += piece;
	}
}

static void test_vectors(void)
{
	for (size_t i = 0; i < COUNT; i++) {
		for (unsigned how = 0; how < WORLD_CUTS; how++) {
			struct operations *o = world_begin();
			struct vector v = vector(i);
			uint8_t *out = test_alloc(v.plain.size + 1), tag[16];
			size_t at = 0, made = 0, size = 0, tag_size = 0;
			operation_handle h = begin(o, &v, OPERATION_ENCRYPT);
			aad_give(o, h, v.aad, how);
			update(o, h, v.plain, how, out, &at, &made);
			CHECK(authenticated_seal(o, h, mt_bytes(v.plain.at + at, v.plain.size - at), out + made, v.plain.size - made, &size, tag, 16, &tag_size) ==
			      MT_OK, "seal");
			CHECK(mt_equal(mt_bytes(out, made + size), v.cipher) && mt_equal(mt_bytes(tag, tag_size), v.tag), "the vector's");
			h = begin(o, &v, OPERATION_DECRYPT);
			at = made = 0;
			aad_give(o, h, v.aad, how);
			update(o, h, v.cipher, how, out, &at, &made);
			CHECK(v.algorithm == TEE_ALG_AES_GCM ? made == at : made == 0, "CCM gives nothing before its tag");
			CHECK(authenticated_open(o, h, mt_bytes(v.cipher.at + at, v.cipher.size - at), v.tag, out + made, v.plain.size - made, &size) == MT_OK, "open");
			CHECK(mt_equal(mt_bytes(out, made + size), v.plain), "the vector's");
			world_end(o);
		}
	}
}

/* Whatever is changed, and wherever it was cut: MT_TAMPERED, and the output as it was. */
static void test_tampered(void)
{
	for (size_t i = 0; i < COUNT; i++) {
		for (unsigned what = 0; what < 6; what++) {
			struct operations *o = world_begin();
			struct vector v = vector(i);
			uint8_t tag[16], *text = mt_copy(v.cipher), *aad = mt_copy(v.aad), out[256], small[256];
			size_t size = 0, half = what == 5 ? v.cipher.size / 2 : 0;
			memset(out, 0xee, sizeof(out));
			memcpy(tag, v.tag.at, v.tag.size);
			struct bytes shown = mt_bytes(tag, v.tag.size - (what == 4));
			bool nothing = (what == 2 && v.cipher.size == 0) || (what == 3 && v.aad.size == 0);
			tag[0] ^= what == 0 || what == 5 || nothing ? 1 : 0;
			tag[v.tag.size - 1] ^= what == 1 ? 0x80 : 0;
			if (what == 2 && !nothing) {
				text[v.cipher.size - 1] ^= 4;
			} else if (what == 3 && !nothing) {
				aad[0] ^= 1;
			}
			operation_handle h = begin(o, &v, OPERATION_DECRYPT);
			aad_give(o, h, mt_bytes(aad, v.aad.size), 0);
			CHECK(authenticated_update(o, h, mt_bytes(text, half), small, sizeof(small), &size) == MT_OK, "the first half");
			CHECK(authenticated_open(o, h, mt_bytes(text + half, v.cipher.size - half), shown, out, sizeof(out), &size) == MT_TAMPERED, "seen");
			for (size_t n = 0; n < sizeof(out); n++) {
				CHECK(out[n] == 0xee, "as it was");
			}
			CHECK(authenticated_open(o, h, NONE, v.tag, out, sizeof(out), &size) == MT_STATE, "no second try");
			mt_free(text);
			mt_free(aad);
			world_end(o);
		}
	}
}

static void test_sizes(void)
{
	struct operations *o = world_begin();
	struct bytes key = hex("000102030405060708090a0b0c0d0e0f");
	uint8_t nonce[200] = { 0 };
	operation_handle gcm = world_operation(o, TEE_ALG_AES_GCM, OPERATION_ENCRYPT, TEE_TYPE_AES, key, NONE);
	operation_handle ccm = world_operation(o, TEE_ALG_AES_CCM, OPERATION_DECRYPT, TEE_TYPE_AES, key, NONE);

	for (size_t n = 0; n < 20; n++) {
		CHECK(authenticated_init(o, gcm, mt_bytes(nonce, 12), n, 0, 0) == (n >= 12 && n <= 16 ? MT_OK : MT_NOT_FOUND), "tags of GCM");
		CHECK(authenticated_init(o, ccm, mt_bytes(nonce, 12), n, 0, 0) == (n >= 4 && n <= 16 && n % 2 == 0 ? MT_OK : MT_NOT_FOUND), "of CCM");
		CHECK(authenticated_init(o, ccm, mt_bytes(nonce, n), 16, 0, 0) == (n >= 7 && n <= 13 ? MT_OK : MT_NOT_FOUND), "nonces of CCM");
	}
	for (size_t n = 0; n < sizeof(nonce); n++) {
		CHECK(authenticated_init(o, gcm, mt_bytes(nonce, n), 16, 0, 0) == (n >= 1 && n <= 128 ? MT_OK : MT_NOT_FOUND), "nonces of GCM");
	}
	CHECK(authenticated_init(o, ccm, mt_bytes(nonce, 13), 16, 0, 65535) == MT_OK, "what a nonce leaves room for");
	CHECK(authenticated_init(o, ccm, mt_bytes(nonce, 13), 16, 0, 65536) == MT_MALFORMED, "a byte more");
	CHECK(authenticated_init(o, ccm, mt_bytes(nonce, 12), 16, 0, OPERATION_KEPT_MAX) == MT_MALFORMED, "16 MiB need four bytes");
	CHECK(authenticated_init(o, ccm, mt_bytes(nonce, 10), 16, 0, OPERATION_KEPT_MAX) == MT_OK, "what is kept at most");
	CHECK(authenticated_init(o, ccm, mt_bytes(nonce, 10), 16, 0, OPERATION_KEPT_MAX + 1) == MT_LIMIT, "a byte more");
	world_end(o);
}

static void test_states(void)
{
	struct operations *o = world_begin();
	struct bytes key = hex("000102030405060708090a0b0c0d0e0f"), nonce = first(key, 12);
	operation_handle gcm = world_operation(o, TEE_ALG_AES_GCM, OPERATION_ENCRYPT, TEE_TYPE_AES, key, NONE);
	operation_handle ccm = world_operation(o, TEE_ALG_AES_CCM, OPERATION_ENCRYPT, TEE_TYPE_AES, key, NONE);
	operation_handle open = world_operation(o, TEE_ALG_AES_CCM, OPERATION_DECRYPT, TEE_TYPE_AES, key, NONE), bare = 0;
	uint8_t out[64], tag[16], text[16], tag2[16];
	size_t size = 0, tag_size = 0;

	CHECK(authenticated_aad(o, gcm, key) == MT_STATE && authenticated_update(o, gcm, key, out, 64, &size) == MT_STATE, "not begun");
	CHECK(authenticated_seal(o, gcm, key, out, 64, &size, tag, 16, &tag_size) == MT_STATE, "not begun");
	CHECK(operation_alloc(o, TEE_ALG_AES_GCM, OPERATION_ENCRYPT, 0, 0, &bare) == MT_OK && authenticated_init(o, bare, nonce, 16, 0, 0) == MT_STATE,
	      "no key");
	CHECK(authenticated_init(o, gcm, nonce, 16, 0, 0) == MT_OK, "begun");
	CHECK(authenticated_open(o, gcm, key, key, out, 64, &size) == MT_STATE, "it encrypts");
	CHECK(authenticated_update(o, gcm, key, out, 15, &size) == MT_LIMIT && size == 16, "too short");
	CHECK(authenticated_seal(o, gcm, key, out, 15, &size, tag, 16, &tag_size) == MT_LIMIT && size == 16 && tag_size == 16, "too short");
	CHECK(authenticated_seal(o, gcm, key, out, 16, &size, tag, 15, &tag_size) == MT_LIMIT && size == 16 && tag_size == 16, "for the tag");
	CHECK(authenticated_aad(o, gcm, key) == MT_OK, "nothing was taken");
	CHECK(authenticated_update(o, gcm, NONE, out, 0, &size) == MT_OK && authenticated_aad(o, gcm, key) == MT_STATE, "payload has begun");
	CHECK(authenticated_seal(o, gcm, key, out, 16, &size, tag, 16, &tag_size) == MT_OK, "sealed");
	CHECK(authenticated_aad(o, gcm, key) == MT_STATE, "ended");

	CHECK(authenticated_init(o, ccm, nonce, 16, 16, 16) == MT_OK, "CCM says its sizes");
	CHECK(authenticated_update(o, ccm, key, out, 64, &size) == MT_STATE, "additional data first");
	CHECK(authenticated_aad(o, ccm, first(key, 10)) == MT_OK && authenticated_aad(o, ccm, first(key, 7)) == MT_MALFORMED, "too much");
	CHECK(authenticated_update(o, ccm, key, out, 64, &size) == MT_STATE, "still not all");
	CHECK(authenticated_aad(o, ccm, first(key, 6)) == MT_OK && authenticated_update(o, ccm, first(key, 9), text, 64, &size) == MT_OK, "now");
	CHECK(authenticated_update(o, ccm, first(key, 8), out, 64, &size) == MT_MALFORMED, "too much");
	CHECK(authenticated_seal(o, ccm, first(key, 6), out, 64, &size, tag, 16, &tag_size) == MT_MALFORMED, "too little");
	CHECK(authenticated_seal(o, ccm, first(key, 7), text + 9, 7, &size, tag, 16, &tag_size) == MT_OK, "all");
	CHECK(authenticated_init(o, open, nonce, 16, 16, 16) == MT_OK, "and back");
	CHECK(authenticated_aad(o, open, mt_bytes(key.at, 15)) == MT_OK && authenticated_aad(o, open, first(key, 1)) == MT_OK, "other additional data");
	CHECK(authenticated_seal(o, open, mt_bytes(text, 16), out, 64, &size, tag2, 16, &tag_size) == MT_STATE, "it decrypts");
	CHECK(authenticated_open(o, open, first(mt_bytes(text, 16), 15), mt_bytes(tag, 16), out, 64, &size) == MT_MALFORMED, "too little");
	CHECK(authenticated_open(o, open, mt_bytes(text, 16), mt_bytes(tag, 16), out, 15, &size) == MT_LIMIT && size == 16, "too short");
	CHECK(authenticated_open(o, open, mt_bytes(text, 16), mt_bytes(tag, 16), out, 16, &size) == MT_TAMPERED, "other additional data");
	world_end(o);
}

/* Copied half way, original and copy end alike; memory that is short changes nothing. */
static void test_copies(void)
{
	for (size_t i = 0; i < COUNT; i++) {
		struct operations *o = world_begin();
		struct vector v = vector(i);
		operation_handle h = begin(o, &v, OPERATION_DECRYPT), copy = 0;
		uint8_t *out = test_alloc(v.plain.size + 1);
		size_t half = v.cipher.size / 2, made = 0, size = 0;
		struct bytes rest = mt_bytes(v.cipher.at + half, v.cipher.size - half);
		aad_give(o, h, v.aad, 0);
		CHECK(authenticated_update(o, h, first(v.cipher, half), out, half, &made) == MT_OK, "half");
		CHECK(operation_alloc(o, v.algorithm, OPERATION_DECRYPT, 0, 0, &copy) == MT_OK, "without a key");
		uint64_t before = mt_alloc_count(), needs;
		CHECK(operation_copy(o, copy, h) == MT_OK, "a copy");
		needs = mt_alloc_count() - before;
		for (uint64_t n = 1; n <= needs; n++) {
			mt_alloc_fail_at(n);
			CHECK(operation_copy(o, copy, h) == MT_NO_MEMORY, "no memory");
			mt_alloc_fail_at(0);
		}
		mt_alloc_fail_at(1);
		enum mt_err err = authenticated_open(o, h, rest, v.tag, out + made, v.plain.size - made, &size);
		mt_alloc_fail_at(0);
		CHECK(err == (v.algorithm == TEE_ALG_AES_GCM ? MT_NO_MEMORY : MT_OK), "CCM has its memory");
		CHECK(authenticated_open(o, copy, rest, v.tag, out + made, v.plain.size - made, &size) == MT_OK, "the copy's end");
		CHECK(mt_equal(mt_bytes(out, made + size), v.plain), "the vector's");
		CHECK(err == MT_OK || authenticated_open(o, h, rest, v.tag, out + made, v.plain.size - made, &size) == MT_OK, "nothing had changed");
		world_end(o);
	}
}

const struct test tests[] = {
	{ "vectors", test_vectors },
	{ "tampered", test_tampered },
	{ "sizes", test_sizes },
	{ "states", test_states },
	{ "copies", test_copies },
	TESTS_END
};
