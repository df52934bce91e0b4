/* Policies as people write them: what is taken, what is refused and why, and that the hash holds every demand. */
#include "test/test.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "lib/attest/attest.h"
#include "port/linux/box_port.h"

#define H1 "0101010101010101010101010101010101010101010101010101010101010101"
#define H2 "0202020202020202020202020202020202020202020202020202020202020202"
#define HEAD "policy = \"p\"\nlevel = 2\n"
#define TAIL "[measurements]\ncore = \"" H1 "\"\n"

static struct box *toml, *cbor;
static char why[128];
static uint32_t line;

static void begin(void)
{
	if (!toml) {
		box_port_install();
		mt_assert(!box_open(&box_toml, &toml) && !box_open(&box_cbor, &cbor));
	}
}

static enum mt_err take(struct bytes text, struct attest_policy *p)
{
	begin();
	memset(why, 'w', sizeof(why));
	return attest_policy_from_toml(toml, first(text, text.size), p, &line, why);
}

static struct bytes encoded(const struct attest_policy *p)
{
	struct builder b = builder_over(test_alloc(16384), 16384);
	struct bytes out;

	attest_policy_encode(p, &b);
	mt_assert(!builder_done(&b, &out));
	return out;
}

static void test_taken(void)
{
	static const char text[] =
		"# what we demand\npolicy = \"two hospitals\"\nlevel = 3\nroots = [ \"" H2 "\", \"" H1 "\" ]\ndevelopment_root = true\n"
		"unconfined = true\nin_process = true\nfast = true\nfast_life_s = 60\n[measurements]\nrun = \"" H2 "\"\ncore = \"" H1 "\"\n"
		"\"libm.so.6\" = \"" H1 "\"\n";
	static struct attest_policy p;

	CHECK(take(mt_text(text), &p) == MT_OK && why[0] == 0 && line == 0, "taken");
	CHECK(strcmp(p.name, "two hospitals") == 0 && p.level_min == 3 && p.root_count == 2 && p.root[0][0] == 1 && p.root[1][0] == 2,
	      "roots ascend, in whatever order they were written");
	CHECK(p.allow_development_root && p.allow_unconfined && p.allow_in_process && p.allow_fast && p.fast_life_s == 60, "flags");
	CHECK(p.expected.count == 3 && strcmp(p.expected.item[0].name, "core") == 0 && strcmp(p.expected.item[1].name, "libm.so.6") == 0 &&
	      strcmp(p.expected.item[2].name, "run") == 0, "so do components");
	CHECK(take(mt_text(HEAD TAIL), &p) == MT_OK, "the shortest");
	CHECK(!p.allow_development_root && !p.allow_unconfined && !p.allow_in_process && !p.allow_fast && p.root_count == 0 && p.fast_life_s == 600,
	      "what is not said is not allowed");
}

static void test_refused(void)
{
	static const struct {
		const char *why, *text, *said;
	} row[] = {
		{ "nothing", "", "\"policy\"" },
		{ "no TOML", "policy = \"p", "TOML" },
		{ "no measurements", HEAD, "[measurements]" },
		{ "empty measurements", HEAD "[measurements]\n", "[measurements]" },
		{ "measurements that are a list", HEAD "measurements = []\n", "[measurements]" },
		{ "a short hash", HEAD "[measurements]\ncore = \"01\"\n", "[measurements]" },
		{ "a hash that is a number", HEAD "[measurements]\ncore = 1\n", "[measurements]" },
		{ "a wildcard", HEAD "[measurements]\ncore = \"*\"\n", "[measurements]" },
		{ "an empty hash", HEAD "[measurements]\ncore = \"\"\n", "[measurements]" },
		{ "a component without a name", HEAD "[measurements]\n\"\" = \"" H1 "\"\n", "[measurements]" },
		{ "a zero byte in its name", HEAD "[measurements]\n\"a\\u0000b\" = \"" H1 "\"\n", "[measurements]" },
		{ "a component twice", HEAD TAIL "core = \"" H2 "\"\n", "TOML" },
		{ "a table in them", HEAD "[measurements.core]\nhash = \"" H1 "\"\n", "[measurements]" },
		{ "no name", "level = 2\n" TAIL, "\"policy\"" },
		{ "an empty name", "policy = \"\"\nlevel = 2\n" TAIL, "\"policy\"" },
		{ "a name that is a number", "policy = 1\nlevel = 2\n" TAIL, "\"policy\"" },
		{ "a zero byte in the name", "policy = \"a\\u0000b\"\nlevel = 2\n" TAIL, "\"policy\"" },
		{ "a long name", "policy = \"" H1 "x\"\nlevel = 2\n" TAIL, "\"policy\"" },
		{ "no level", "policy = \"p\"\n" TAIL, "\"level\"" },
		{ "level 0", "policy = \"p\"\nlevel = 0\n" TAIL, "\"level\"" },
		{ "level 6", "policy = \"p\"\nlevel = 6\n" TAIL, "\"level\"" },
		{ "level -1", "policy = \"p\"\nlevel = -1\n" TAIL, "\"level\"" },
		{ "level 258, which is 2 in 8 bits", "policy = \"p\"\nlevel = 258\n" TAIL, "\"level\"" },
		{ "level 2.0", "policy = \"p\"\nlevel = 2.0\n" TAIL, "\"level\"" },
		{ "level as text", "policy = \"p\"\nlevel = \"2\"\n" TAIL, "\"level\"" },
		{ "a misspelt demand", HEAD "measurement = 1\n" TAIL, "unknown key \"measurement\"" },
		{ "a demand of another version", HEAD "rollback = true\n" TAIL, "unknown key \"rollback\"" },
		{ "capitals", HEAD "Fast = true\n" TAIL, "unknown key \"Fast\"" },
		{ "a flag that is a number", HEAD "fast = 1\n" TAIL, "flag" },
		{ "a flag that is text", HEAD "unconfined = \"false\"\n" TAIL, "flag" },
		{ "no life", HEAD "fast_life_s = 0\n" TAIL, "fast_life_s" },
		{ "a life of more than a day", HEAD "fast_life_s = 86401\n" TAIL, "fast_life_s" },
		{ "a negative life", HEAD "fast_life_s = -1\n" TAIL, "fast_life_s" },
		{ "a root that is text", HEAD "roots = \"" H1 "\"\n" TAIL, "\"roots\"" },
		{ "a short root", HEAD "roots = [ \"01\" ]\n" TAIL, "\"roots\"" },
		{ "a root that is a number", HEAD "roots = [ 1 ]\n" TAIL, "\"roots\"" },
		{ "nine roots", HEAD "roots = [\"" H1 "\",\"" H1 "\",\"" H1 "\",\"" H1 "\",\"" H1 "\",\"" H1 "\",\"" H1 "\",\"" H1 "\",\"" H1 "\"]\n" TAIL,
		  "\"roots\"" },
	};
	static struct attest_policy p;

	for (size_t i = 0; i < MT_COUNT(row); i++) {
		p.level_min = 77;
		CHECK(take(mt_text(row[i].text), &p) == MT_MALFORMED && p.level_min == 77, row[i].why);
		CHECK(memchr(why, 0, sizeof(why)) && strstr(why, row[i].said), row[i].why);
	}
	CHECK(take(mt_text("policy = \"p\"\nlevel = 2\nlevel = 3\n"), &p) == MT_MALFORMED && line == 3, "the line of the fault is named");
}

/* A file that was cut off may not be taken for a policy that demands less. */
static void test_prefixes(void)
{
	static const char text[] = HEAD "fast = true\nroots = [ \"" H1 "\" ]\n[measurements]\ncore = \"" H1 "\"\nrun = \"" H2 "\"\n";
	static struct attest_policy p;
	struct bytes whole = mt_text(text);
	size_t one = (size_t)(strstr(text, "run") - text), taken = 0;

	for (size_t n = 0; n < whole.size; n++) {
		bool good = take(mt_bytes(whole.at, n), &p) == MT_OK;
		CHECK(!good || n == one - 1 || n == one || n == whole.size - 1, "a prefix is a policy only where a line ends");
		CHECK(!good || (p.allow_fast && p.root_count == 1), "which then has all that stands above");
		taken += good;
	}
	CHECK(taken == 3, "those three");
}

static void test_round_trip(void)
{
	static const char *const name[] = { "p", "two \"words\"", "back\\slash", "tab\there", "line\nend", "\xc3\xa4\xe2\x82\xac", "\x1f", "\x7f" };
	static struct attest_policy p, again;
	uint8_t one[32], two[32];

	for (size_t i = 0; i < MT_COUNT(name); i++) {
		struct builder b = builder_over(test_alloc(16384), 16384);
		struct bytes text;
		p = (struct attest_policy){ .level_min = (uint8_t)(1 + i % 5), .root_count = i, .allow_fast = i & 1, .allow_unconfined = i & 2,
					    .allow_in_process = i & 4, .allow_development_root = i == 3, .fast_life_s = 1 + i, .expected = { .count = 2 } };
		snprintf(p.name, sizeof(p.name), "%s", name[i]);
		for (size_t k = 0; k < i; k++) {
			p.root[k][0] = (uint8_t)k;
		}
		snprintf(p.expected.item[0].name, sizeof(p.expected.item[0].name), "%s", name[i]);
		snprintf(p.expected.item[1].name, sizeof(p.expected.item[1].name), "\xf0\x9f\x98\x80");
		attest_policy_to_toml(&p, &b);
		CHECK(!builder_done(&b, &text) && take(text, &again) == MT_OK, name[i]);
		attest_policy_hash(&p, one);
		attest_policy_hash(&again, two);
		CHECK(memcmp(one, two, 32) == 0, "what was written is read as the same policy");
	}
}

/* The order of lines, comments and spelling are no part of a policy; every demand is. */
static void test_hash(void)
{
	static struct attest_policy p, q;
	uint8_t hash[40][32];
	size_t count = 0;
	static const size_t field[] = {
		offsetof(struct attest_policy, name), offsetof(struct attest_policy, level_min), offsetof(struct attest_policy, root),
		offsetof(struct attest_policy, root[1][31]), offsetof(struct attest_policy, root_count),
		offsetof(struct attest_policy, expected.item[0].name), offsetof(struct attest_policy, expected.item[1].hash[31]),
		offsetof(struct attest_policy, expected.count), offsetof(struct attest_policy, allow_development_root),
		offsetof(struct attest_policy, allow_unconfined), offsetof(struct attest_policy, allow_in_process),
		offsetof(struct attest_policy, allow_fast), offsetof(struct attest_policy, fast_life_s),
	};

	CHECK(take(mt_text(HEAD "roots = [\"" H1 "\", \"" H2 "\"]\nfast = false\n" TAIL "run = \"" H2 "\"\n"), &p) == MT_OK &&
	      take(mt_text("level = 0x2 # two\nroots = [\"" H2 "\",\"" H1 "\"]\npolicy = 'p'\nfast_life_s = 600\n[measurements]\nrun = '" H2 "'\n"
			   "'core' = \"" H1 "\""), &q) == MT_OK, "one policy, written twice");
	CHECK(mt_equal(encoded(&p), encoded(&q)), "is one policy");
	attest_policy_hash(&p, hash[count++]);
	for (size_t i = 0; i < MT_COUNT(field); i++) {
		q = p;
		((uint8_t *)&q)[field[i]] ^= 1;
		attest_policy_hash(&q, hash[count++]);
	}
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < i; j++) {
			CHECK(memcmp(hash[i], hash[j], 32) != 0, "each demand counts");
		}
	}
	struct cose_document d = { 0 };
	CHECK(!cose_document_open(cbor, encoded(&p), &d), "the hashed form is deterministic CBOR");
	cose_document_close(&d);
}

/* The largest policy there is has a hash: the space for it is enough. */
static void test_largest(void)
{
	static struct attest_policy p, again;
	struct builder b = builder_over(test_alloc(32768), 32768);
	struct bytes text;
	uint8_t hash[32];

	p = (struct attest_policy){ .level_min = 5, .root_count = ATTEST_ROOTS_MAX, .expected = { .count = ATTEST_MEASUREMENTS_MAX },
				    .allow_fast = true, .fast_life_s = 86400 };
	memset(p.name, 'n', ATTEST_NAME_MAX);
	memset(p.root, 0xff, sizeof(p.root));
	for (size_t i = 0; i < ATTEST_MEASUREMENTS_MAX; i++) {
		memset(p.expected.item[i].name, 'a' + (int)i, ATTEST_NAME_MAX);
		if (i > 25) {
			memset(p.expected.item[i].name, 'A' + (int)i - 26, ATTEST_NAME_MAX);
		}
	}
	attest_policy_hash(&p, hash);
	attest_policy_to_toml(&p, &b);
	CHECK(!builder_done(&b, &text) && take(text, &again) == MT_OK && again.expected.count == ATTEST_MEASUREMENTS_MAX, "and can be written and read");
}

static void test_no_memory(void)
{
	static struct attest_policy p;
	size_t large = 1 << 20;
	struct bytes text = mt_text(HEAD TAIL);

	begin();
	for (uint64_t at = 1, done = 0; !done; at++) {
		mt_alloc_fail_at(at);
		enum mt_err err = attest_policy_from_toml(toml, text, &p, &line, why);
		mt_alloc_fail_at(0);
		CHECK(err == MT_OK || (err == MT_NO_MEMORY && !strstr(why, "TOML")), "memory is what failed, not the text");
		done = err == MT_OK;
	}
	CHECK(take(mt_bytes(test_alloc(large), large), &p) == MT_LIMIT && strstr(why, "larger"), "nor is size called bad TOML");
}

const struct test tests[] = {
	{ "taken", test_taken },
	{ "refused", test_refused },
	{ "prefixes", test_prefixes },
	{ "round trip", test_round_trip },
	{ "hash", test_hash },
	{ "largest", test_largest },
	{ "no memory", test_no_memory },
	TESTS_END
};
