/* tee/image. OP-TEE's images are put together of links that another implementation has signed (test/vectors/image_vectors.py). */
#include "tee/image/image.h"

#include <string.h>

#include "lib/crypto/crypto.h"
#include "test/test.h"
#include "test/vectors/image_vectors.h"

#define PIECES 7

static const uint8_t leaf[IMAGE_UUID_SIZE] = { 0x5c, 0x20, 0x69, 0x87, 0x16, 0xa3, 0x59, 0xcc, 0xab, 0x0f, 0x64, 0xb9, 0xcf, 0xc9, 0xe7, 0x58 };

/* The root, one of 4096 bits, and one with leading zeros as tools write them. */
static struct image_trust trust_all(void)
{
	struct bytes e = hex("010001");

	return (struct image_trust){ .key = { { .modulus = hex(image_large_n), .exponent = e }, { .modulus = hex(image_root_n), .exponent = hex("00010001") } },
				     .count = 2 };
}

/* In a block of its size, so that a sanitizer sees a read past its end. */
static struct bytes join(const char *const piece[PIECES])
{
	uint8_t *at = NULL;
	size_t size = 0;

	for (size_t i = 0; i < PIECES && piece[i]; i++) {
		struct bytes b = hex(piece[i]);
		uint8_t *longer = test_alloc(size + b.size);
		if (size) {
			memcpy(longer, at, size);
		}
		memcpy(longer + size, b.at, b.size);
		at = longer;
		size += b.size;
	}
	return mt_bytes(at, size);
}

static void test_optee(void)
{
	static const struct {
		const char *why;
		const char *piece[PIECES];
		enum mt_err want;
	} row[] = {
		{ "PSS", { image_pss }, MT_OK },
		{ "PKCS #1 v1.5", { image_pkcs1 }, MT_OK },
		{ "4096 bits, WebAssembly", { image_by_large }, MT_OK },
		{ "a stranger", { image_by_stranger }, MT_DENIED },
		{ "PSS with another salt", { image_no_salt }, MT_DENIED },
		{ "neither ELF nor WebAssembly", { image_text }, MT_MALFORMED },
		{ "without a UUID", { image_old }, MT_DENIED },
		{ "encrypted", { image_encrypted }, MT_DENIED },
		{ "a type that is none", { image_unknown }, MT_MALFORMED },
		{ "a byte left over", { image_pss, "00" }, MT_MALFORMED },
		{ "two images", { image_pss, image_pss }, MT_MALFORMED },
		{ "two subkeys", { image_first, image_second, image_by_second }, MT_OK },
		{ "one subkey", { image_first, image_by_first_mid }, MT_OK },
		{ "a subkey alone", { image_first }, MT_MALFORMED },
		{ "a subkey that is missing", { image_second, image_by_second }, MT_DENIED },
		{ "the root behind a subkey", { image_first, image_pss }, MT_TAMPERED },
		{ "a subkey of one that is missing", { image_first, image_by_second }, MT_TAMPERED },
		{ "depth that does not fall", { image_first, image_second_deep, image_by_second }, MT_DENIED },
		{ "depth at its end", { image_last_only, image_second, image_by_second }, MT_DENIED },
		{ "depth at its end, a TA", { image_last_only, image_by_first_mid }, MT_OK },
		{ "a subkey of another name", { image_first, image_second_other, image_by_second_stray }, MT_DENIED },
		{ "a TA of another name", { image_first, image_second, image_by_second_other }, MT_DENIED },
		{ "another algorithm than the subkey says", { image_first, image_second, image_by_second_pkcs1 }, MT_DENIED },
		{ "a subkey of 1024 bits", { image_weak, image_by_first_mid }, MT_MALFORMED },
		{ "exponent 1", { image_exponent_one, image_by_first_mid }, MT_MALFORMED },
		{ "a key outside its subkey", { image_outside, image_by_first_mid }, MT_MALFORMED },
		{ "as many subkeys as there may be", { image_same_9, image_same_8, image_same_7, image_same_6, image_by_same }, MT_OK },
		{ "one more", { image_same_9, image_same_8, image_same_7, image_same_6, image_same_5, image_by_same }, MT_LIMIT },
	};
	struct image_trust trust = trust_all();

	for (size_t i = 0; i < MT_COUNT(row); i++) {
		struct image got = { .version = 99 };
		CHECK(image_verify(join(row[i].piece), &trust, &got) == row[i].want, row[i].why);
		CHECK(row[i].want == MT_OK || got.version == 99, "nothing is given out");
	}
}

static void test_what_is_given(void)
{
	struct image_trust trust = trust_all();
	struct image got = { 0 };
	uint8_t hash[32];

	CHECK(image_verify(hex(image_by_large), &trust, &got) == MT_OK && got.kind == IMAGE_WASM && got.version == 0x01020304, "kind and version");
	struct image large = got;
	const char *const chain[PIECES] = { image_first, image_second, image_by_second };
	CHECK(image_verify(join(chain), &trust, &got) == MT_OK && got.kind == IMAGE_ELF && got.version == 7, "of a chain");
	CHECK(memcmp(got.uuid, leaf, sizeof(leaf)) == 0 && mt_equal(got.content, mt_text("\x7f" "ELF and so on")), "UUID and content");
	crypto_sha256(got.content, hash);
	CHECK(memcmp(got.hash, hash, sizeof(hash)) == 0, "hash");
	CHECK(got.subkey_count == 2 && got.subkey[0].version == 3 && got.subkey[1].version == 5 && got.subkey[0].uuid[0] == 0xf0 && got.subkey[1].uuid[0] == 0x1a,
	      "subkeys");
	CHECK(memcmp(got.signer, large.signer, sizeof(got.signer)) != 0, "another signer");
	/* Leading zeros do not make another key: the id is of the numbers. */
	struct bytes n = hex(image_root_n), e = hex("010001");
	const struct bytes parts[] = { hex("00000100"), n, hex("00000003"), e };
	crypto_sha256_parts(parts, MT_COUNT(parts), hash);
	CHECK(memcmp(got.signer, hash, sizeof(hash)) == 0, "the root vouches");
	struct image_trust none = { .count = 0 };
	CHECK(image_verify(hex(image_pss), &none, &got) == MT_DENIED, "nobody is trusted");
	struct image_trust stranger = { .key = { { .modulus = hex(image_stranger_n), .exponent = e } }, .count = 1 };
	CHECK(image_verify(hex(image_pss), &stranger, &got) == MT_DENIED && image_verify(hex(image_by_stranger), &stranger, &got) == MT_OK, "somebody else");
	struct image_trust weak = { .key = { { .modulus = first(n, 128), .exponent = e } }, .count = 1 };
	CHECK(image_verify(hex(image_pss), &weak, &got) == MT_DENIED, "a root that is too short");
}

/* Every prefix, and every bit. */
static void spoil(struct bytes image, size_t step)
{
	struct image_trust trust = trust_all();
	struct image got;
	uint8_t *copy = test_alloc(image.size);

	for (size_t n = 0; n < image.size; n++) {
		CHECK(image_verify(first(image, n), &trust, &got) != MT_OK, "every prefix");
	}
	memcpy(copy, image.at, image.size);
	for (size_t bit = 0; bit < image.size * 8; bit += step) {
		copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
		CHECK(image_verify(mt_bytes(copy, image.size), &trust, &got) != MT_OK, "every bit");
		copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	CHECK(image_verify(mt_bytes(copy, image.size), &trust, &got) == MT_OK, "as it was");
}

static void test_spoilt(void)
{
	/* Of the zeros behind a name none counts, so the longer chain is without one: a subkey that signs itself. */
	const char *const chain[PIECES] = { image_same_9, image_same_8, image_by_same };

	spoil(hex(image_pss), 1);
	spoil(join(chain), 7);
}

/* ---- our format ---- */

static enum mt_err sign(void *context, struct bytes message, uint8_t signature[64])
{
	return context ? crypto_sign(context, message, signature) : MT_DENIED;
}

static struct bytes own(struct crypto_signer *signer, const struct image *image)
{
	uint8_t *at = test_alloc(IMAGE_OWN_HEAD + image->content.size), id[IMAGE_KEY_ID_SIZE];

	crypto_p256_id(crypto_signer_public(signer).at, id);
	CHECK(image_head(image, id, sign, signer, at) == MT_OK, "a head");
	memcpy(at + IMAGE_OWN_HEAD, image->content.at, image->content.size);
	return mt_bytes(at, IMAGE_OWN_HEAD + image->content.size);
}

static void test_own(void)
{
	struct secret scalar;
	struct crypto_signer *signer = NULL, *other = NULL;
	struct image image = { .uuid = { 1, 2, 3 }, .version = 0x0a0b0c0d, .kind = IMAGE_WASM, .content = mt_text("a module") }, got = { 0 };
	uint8_t head[IMAGE_OWN_HEAD] = { 0 }, id[IMAGE_KEY_ID_SIZE] = { 0 };

	crypto_p256_generate(&scalar);
	CHECK(crypto_signer_open_p256(&scalar, &signer) == MT_OK, "a key");
	crypto_p256_generate(&scalar);
	CHECK(crypto_signer_open_p256(&scalar, &other) == MT_OK, "another");
	struct image_trust trust = { .key = { { .modulus = hex(image_root_n), .exponent = hex("03") }, { .p256 = crypto_signer_public(signer) } }, .count = 2 };
	struct bytes whole = own(signer, &image);
	CHECK(memcmp(whole.at, "MTTA\1\0\2\0\1\2\3", 11) == 0 && memcmp(whole.at + 24, "\x0d\x0c\x0b\x0a\x08\0\0\0", 8) == 0, "little endian");
	CHECK(image_verify(whole, &trust, &got) == MT_OK && got.version == image.version && got.kind == IMAGE_WASM && got.subkey_count == 0, "verified");
	CHECK(memcmp(got.uuid, image.uuid, sizeof(got.uuid)) == 0 && mt_equal(got.content, image.content), "what was signed");
	CHECK(image_verify(own(other, &image), &trust, &got) == MT_DENIED, "another key");
	for (size_t n = 0; n < whole.size; n++) {
		CHECK(image_verify(first(whole, n), &trust, &got) == MT_MALFORMED, "every prefix");
	}
	uint8_t *copy = test_alloc(whole.size + 1);
	memcpy(copy, whole.at, whole.size);
	CHECK(image_verify(mt_bytes(copy, whole.size + 1), &trust, &got) == MT_MALFORMED, "a byte left over");
	for (size_t bit = 0; bit < whole.size * 8; bit++) {
		copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
		CHECK(image_verify(mt_bytes(copy, whole.size), &trust, &got) != MT_OK, "every bit");
		copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	memcpy(copy + 28, "\1\0\0\x04", 4);
	CHECK(image_verify(mt_bytes(copy, whole.size), &trust, &got) == MT_LIMIT, "too large");
	image.kind = (enum image_kind)3;
	CHECK(image_head(&image, id, sign, signer, head) == MT_MALFORMED, "a kind that is none");
	image.kind = IMAGE_ELF;
	CHECK(image_head(&image, id, sign, NULL, head) == MT_DENIED && head[0] == 0, "nobody signs");
	image.content.size = (size_t)IMAGE_SIZE_MAX + 1;
	CHECK(image_head(&image, id, sign, signer, head) == MT_LIMIT, "too large to sign");
	CHECK(image_verify(hex("4d545442"), &trust, &got) == MT_MALFORMED && image_verify(mt_bytes(NULL, 0), &trust, &got) == MT_MALFORMED, "no image");
	crypto_signer_close(signer);
	crypto_signer_close(other);
}

static void test_versions(void)
{
	uint8_t record[IMAGE_RECORD_SIZE];
	bool newer = true;

	CHECK(image_version_check(mt_bytes(NULL, 0), 0, &newer) == MT_OK && !newer, "the first version needs no record");
	CHECK(image_version_check(mt_bytes(NULL, 0), 1, &newer) == MT_OK && newer, "a later one does");
	image_version_record(5, record);
	struct bytes kept = mt_bytes(record, sizeof(record));
	CHECK(image_version_check(kept, 5, &newer) == MT_OK && !newer, "the same again");
	CHECK(image_version_check(kept, 6, &newer) == MT_OK && newer, "a newer one");
	newer = false;
	CHECK(image_version_check(kept, 4, &newer) == MT_TAMPERED && image_version_check(kept, 0, &newer) == MT_TAMPERED && !newer, "no way back");
	for (size_t n = 1; n < sizeof(record); n++) {
		CHECK(image_version_check(first(kept, n), 9, &newer) == MT_TAMPERED, "every prefix");
	}
	record[0] = 2;
	CHECK(image_version_check(kept, 9, &newer) == MT_TAMPERED, "another format");
	image_version_record(UINT32_MAX, record);
	CHECK(image_version_check(kept, UINT32_MAX, &newer) == MT_OK && image_version_check(kept, UINT32_MAX - 1, &newer) == MT_TAMPERED, "the last");
}

const struct test tests[] = {
	{ "OP-TEE's", test_optee },
	{ "what is given", test_what_is_given },
	{ "spoilt", test_spoilt },
	{ "ours", test_own },
	{ "versions", test_versions },
	TESTS_END,
};
