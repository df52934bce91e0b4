/* lib/seal: a blob opens under its root, purpose and context, whole and unchanged, and in no other way. */
#include "lib/seal/seal.h"
#include "test/test.h"

#include <string.h>

static const struct secret platform = { "platform secret of this test..." };

static struct seal_root root_of(const char *measurement, const char *policy)
{
	struct seal_root root;

	seal_root_derive(&platform, mt_text(measurement), mt_text(policy), &root);
	return root;
}

static struct bytes wrapped(const struct seal_root *root, const char *purpose, const char *context, struct bytes plain)
{
	uint8_t *out = test_alloc(plain.size + SEAL_OVERHEAD);

	CHECK(seal_wrap(root, purpose, mt_text(context), plain, out) == MT_OK, "wrap");
	return mt_bytes(out, plain.size + SEAL_OVERHEAD);
}

static enum mt_err opened(const struct seal_root *root, const char *purpose, const char *context, struct bytes blob)
{
	return seal_unwrap(root, purpose, mt_text(context), blob, test_alloc(blob.size));
}

static void test_root(void)
{
	struct seal_root a = root_of("m", "p"), same = root_of("m", "p"), other_m = root_of("n", "p");
	struct seal_root other_p = root_of("m", "q"), shifted = root_of("mp", ""), other_s;
	struct secret other = platform;

	other.at[31] ^= 1;
	seal_root_derive(&other, mt_text("m"), mt_text("p"), &other_s);
	CHECK(memcmp(&a, &same, sizeof(a)) == 0, "the same root again");
	const struct seal_root *different[] = { &other_m, &other_p, &shifted, &other_s };
	for (size_t i = 0; i < MT_COUNT(different); i++) {
		CHECK(memcmp(a.id, different[i]->id, sizeof(a.id)) != 0, "another id");
		CHECK(memcmp(a.key.at, different[i]->key.at, sizeof(a.key.at)) != 0, "another key");
	}
	CHECK(memcmp(a.id, a.key.at, sizeof(a.id)) != 0, "the id is not the key");
	seal_root_wipe(&a);
	CHECK(mt_is_zero(mt_bytes((const uint8_t *)&a, sizeof(a))), "wiped");
}

static void test_key(void)
{
	struct seal_root root = root_of("m", "p"), other = root_of("n", "p");
	struct secret a, b, c;

	seal_key(&root, "log", &a);
	seal_key(&root, "logs", &b);
	seal_key(&other, "log", &c);
	CHECK(!mt_equal_ct(secret_bytes(&a), secret_bytes(&b)), "purpose");
	CHECK(!mt_equal_ct(secret_bytes(&a), secret_bytes(&c)), "root");
}

static void test_round_trip(void)
{
	struct seal_root root = root_of("m", "p");
	static const uint8_t plain[300] = "plain";
	uint8_t out[300];

	for (size_t n = 0; n <= sizeof(plain); n += n < 33 ? 1 : 89) {
		struct bytes blob = wrapped(&root, "state", "7", mt_bytes(plain, n));

		memset(out, 0xee, sizeof(out));
		CHECK(seal_unwrap(&root, "state", mt_text("7"), blob, out) == MT_OK, "open");
		CHECK(memcmp(out, plain, n) == 0, "plain");
		CHECK(n == sizeof(out) || out[n] == 0xee, "not one byte more");
	}
	struct bytes a = wrapped(&root, "state", "7", mt_bytes(plain, 16));
	struct bytes b = wrapped(&root, "state", "7", mt_bytes(plain, 16));
	CHECK(!mt_equal(a, b), "a fresh nonce each time");
	CHECK(memcmp(a.at, "MTSEAL\1\0", 8) == 0 && memcmp(a.at + 8, root.id, 16) == 0, "the header in seal.h");
}

static void test_every_prefix(void)
{
	struct seal_root root = root_of("m", "p");
	struct bytes blob = wrapped(&root, "state", "7", mt_text("a secret of 20 bytes"));

	for (size_t n = 0; n < blob.size; n++) {
		CHECK(opened(&root, "state", "7", first(blob, n)) == (n < SEAL_OVERHEAD ? MT_MALFORMED : MT_TAMPERED),
		      "every prefix");
	}
}

static void test_every_bit(void)
{
	struct seal_root root = root_of("m", "p");
	struct bytes blob = wrapped(&root, "state", "7", mt_text("a secret of 20 bytes"));
	uint8_t changed[64 + SEAL_OVERHEAD], out[64];

	for (size_t bit = 0; bit < blob.size * 8; bit++) {
		size_t at = bit / 8;
		enum mt_err want = at < 8 ? MT_MALFORMED : at < 24 ? MT_NOT_FOUND : MT_TAMPERED;

		memcpy(changed, blob.at, blob.size);
		changed[at] ^= (uint8_t)(1 << bit % 8);
		memset(out, 0xee, sizeof(out));
		CHECK(seal_unwrap(&root, "state", mt_text("7"), mt_bytes(changed, blob.size), out) == want,
		      "every bit");
		CHECK(memcmp(out, "a secret", 8) != 0, "no plaintext");
	}
}

static void test_wrong_everything(void)
{
	struct seal_root root = root_of("m", "p"), other = root_of("m2", "p"), renamed = other;
	struct bytes blob = wrapped(&root, "state", "7", mt_text("secret"));

	CHECK(opened(&root, "state", "7", blob) == MT_OK, "right");
	CHECK(opened(&root, "states", "7", blob) == MT_TAMPERED, "purpose");
	CHECK(opened(&root, "state", "8", blob) == MT_TAMPERED, "context");
	CHECK(opened(&root, "state", "", blob) == MT_TAMPERED, "no context");
	CHECK(opened(&root, "stat", "e7", blob) == MT_TAMPERED, "a shifted boundary");
	CHECK(opened(&other, "state", "7", blob) == MT_NOT_FOUND, "another root says so");
	memcpy(renamed.id, root.id, sizeof(root.id));
	CHECK(opened(&renamed, "state", "7", blob) == MT_TAMPERED, "another root under the same name");
}

static void test_no_memory(void)
{
	struct seal_root root = root_of("m", "p");
	struct bytes blob = wrapped(&root, "state", "7", mt_text("secret"));
	uint8_t out[64 + SEAL_OVERHEAD];

	for (uint64_t n = 1; n <= 2; n++) {
		mt_alloc_fail_at(n);
		CHECK(seal_wrap(&root, "state", mt_text("7"), mt_text("secret"), out) == MT_NO_MEMORY, "wrap");
		mt_alloc_fail_at(n);
		CHECK(seal_unwrap(&root, "state", mt_text("7"), blob, out) == MT_NO_MEMORY, "unwrap");
	}
	mt_alloc_fail_at(0);
	CHECK(seal_unwrap(&root, "state", mt_text("7"), blob, out) == MT_OK, "and then it works");
}

const struct test tests[] = { { "root", test_root },
			      { "key", test_key },
			      { "round_trip", test_round_trip },
			      { "every_prefix", test_every_prefix },
			      { "every_bit", test_every_bit },
			      { "wrong_everything", test_wrong_everything },
			      { "no_memory", test_no_memory },
			      TESTS_END };
