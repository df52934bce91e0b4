/* Measurements, software evidence, and its appraisal: what passes, what falls short and is named, what cannot be judged at all. */
#include "test/test.h"

#include <stdio.h>
#include <string.h>

#include "lib/attest/attest.h"
#include "port/linux/box_port.h"

extern const struct box_kind box_evil;

static struct box *box, *evil;
static struct crypto_signer *platform;
static struct attest_claims claims;
static struct attest_policy policy;
static struct attest_verdict verdict;
static uint8_t report_data[ATTEST_REPORT_DATA_SIZE];

static void measured(struct attest_measurements *m, const char *name, uint8_t value)
{
	struct attest_measurement *item = &m->item[m->count++];

	*item = (struct attest_measurement){ { 0 }, { value } };
	snprintf(item->name, sizeof(item->name), "%s", name);
}

static void begin(void)
{
	static const struct secret scalar = { { 1 } };

	if (!box) {
		box_port_install();
		mt_assert(!box_open(&box_cbor, &box) && !box_open(&box_evil, &evil));
	}
	mt_assert(!crypto_signer_open_p256(&scalar, &platform));
	memset(report_data, 7, sizeof(report_data));
	claims = (struct attest_claims){ .confined = true, .isolated = true, .rollback = ATTEST_ROLLBACK_CLIENTS, .time_ms = 5 };
	memcpy(claims.report_data, report_data, sizeof(report_data));
	measured(&claims.measurements, "compile", 1);
	measured(&claims.measurements, "core", 2);
	measured(&claims.measurements, "run", 3);
	policy = (struct attest_policy){ .name = "p", .level_min = 2, .root_count = 1, .expected = claims.measurements };
	crypto_p256_id(crypto_signer_public(platform).at, policy.root[0]);
}

static void end(void)
{
	crypto_signer_close(platform);
}

static struct bytes wire_of(const struct builder *b)
{
	struct bytes out;

	mt_assert(!builder_done(b, &out));
	return out;
}

static struct bytes evidence(void)
{
	struct builder b = builder_over(test_alloc(8192), 8192);

	mt_assert(!attest_software_evidence(platform, &claims, &b));
	return wire_of(&b);
}

static enum mt_err appraise(struct bytes wire)
{
	return attest_appraise(box, first(wire, wire.size), report_data, 0, &policy, &verdict);
}

static bool passes(void)
{
	return appraise(evidence()) == MT_OK && verdict.overall == ATTEST_PASS;
}

/* The part that fell short first; "" when none did. */
static const char *fault(void)
{
	const struct attest_part *p = attest_verdict_fault(&verdict);

	return p ? p->name : "";
}

static bool falls_short_at(const char *name)
{
	return appraise(evidence()) == MT_OK && verdict.overall == ATTEST_FAIL && strcmp(fault(), name) == 0;
}

/* ---- the launcher's list ---- */

static void test_measurements_wire(void)
{
	static const char one[] = "00000001 00000001 61 0101010101010101010101010101010101010101010101010101010101010101";
	static const char two[] = "00000002 00000001 61 0101010101010101010101010101010101010101010101010101010101010101 "
				  "00000002 6162 0202020202020202020202020202020202020202020202020202020202020202";
	static const char twice[] = "00000002 00000001 61 0101010101010101010101010101010101010101010101010101010101010101 "
				    "00000001 61 0101010101010101010101010101010101010101010101010101010101010101";
	static const char down[] = "00000002 00000001 62 0101010101010101010101010101010101010101010101010101010101010101 "
				   "00000001 61 0101010101010101010101010101010101010101010101010101010101010101";
	static const char empty[] = "00000001 00000000 0101010101010101010101010101010101010101010101010101010101010101";
	static const char zero[] = "00000001 00000002 6100 0101010101010101010101010101010101010101010101010101010101010101";
	static const struct {
		const char *why, *wire;
		enum mt_err want;
	} row[] = {
		{ "none", "00000000", MT_OK }, { "one", one, MT_OK }, { "two", two, MT_OK }, { "one name twice", twice, MT_MALFORMED },
		{ "names descend", down, MT_MALFORMED }, { "an empty name", empty, MT_MALFORMED }, { "a zero byte in a name", zero, MT_MALFORMED },
		{ "more than a list holds", "00000021", MT_LIMIT }, { "four billion", "ffffffff", MT_LIMIT },
		{ "a name past the end", "00000001 ffffffff 61", MT_MALFORMED }, { "a byte left over", "00000000 00", MT_MALFORMED },
	};
	static struct attest_measurements m;

	for (size_t i = 0; i < MT_COUNT(row); i++) {
		m.count = 77;
		struct bytes wire = hex(row[i].wire);
		CHECK(attest_measurements_decode(first(wire, wire.size), &m) == row[i].want, row[i].why);
		CHECK((m.count == 77) == (row[i].want != MT_OK), "output on success only");
	}
	struct bytes wire = hex(two);
	for (size_t n = 0; n < wire.size; n++) {
		CHECK(attest_measurements_decode(first(wire, n), &m) == MT_MALFORMED, "every prefix");
	}
}

static void test_measurements_text(void)
{
#define DIGITS "0101010101010101010101010101010101010101010101010101010101010101"
	static const struct {
		const char *why, *text;
		enum mt_err want;
	} row[] = {
		{ "nothing", "", MT_OK }, { "one", DIGITS "  a\n", MT_OK }, { "two", DIGITS "  a\n" DIGITS "  ab\n", MT_OK },
		{ "a name with a space", DIGITS "  a b\n", MT_OK }, { "no newline", DIGITS "  a", MT_MALFORMED },
		{ "no name", DIGITS "  \n", MT_MALFORMED }, { "one space", DIGITS " a\n", MT_MALFORMED },
		{ "binary mode of sha256sum", DIGITS " *a\n", MT_MALFORMED }, { "an empty line", DIGITS "  a\n\n", MT_MALFORMED },
		{ "twice", DIGITS "  a\n" DIGITS "  a\n", MT_MALFORMED }, { "descending", DIGITS "  b\n" DIGITS "  a\n", MT_MALFORMED },
		{ "a digit less", "101010101010101010101010101010101010101010101010101010101010101  a\n", MT_MALFORMED },
		{ "no digit", "g101010101010101010101010101010101010101010101010101010101010101  a\n", MT_MALFORMED },
	};
	static struct attest_measurements m;

	for (size_t i = 0; i < MT_COUNT(row); i++) {
		struct bytes text = mt_text(row[i].text);
		CHECK(attest_measurements_from_text(first(text, text.size), &m) == row[i].want, row[i].why);
	}
	static char many[33 * 80];
	size_t size = 0;
	for (int i = 0; i < 33; i++) {
		CHECK(attest_measurements_from_text(mt_bytes(many, size), &m) == MT_OK && m.count == (size_t)i, "up to 32");
		size += (size_t)snprintf(many + size, sizeof(many) - size, DIGITS "  n%02d\n", i);
	}
	CHECK(attest_measurements_from_text(mt_bytes(many, size), &m) == MT_LIMIT, "33");
}

static void test_hashes(void)
{
	struct attest_measurements a = { .count = 0 }, b = { .count = 0 };
	uint8_t one[32], two[32];

	measured(&a, "compile", 1);
	measured(&a, "run", 1);
	b = a;
	attest_measurements_hash(&a, one);
	CHECK(!attest_executor_hash(&a, ATTEST_EXECUTOR_WASM, two) && memcmp(one, two, 32) != 0, "each hash has its own label");
	measured(&b, "zzz", 1);
	attest_measurements_hash(&b, two);
	CHECK(memcmp(one, two, 32) != 0, "a component more");
	CHECK(!attest_executor_hash(&a, ATTEST_EXECUTOR_WASM, one) && !attest_executor_hash(&b, ATTEST_EXECUTOR_WASM, two) && memcmp(one, two, 32) == 0, "is no part of the engine");
	memcpy(b.item[2].name, "libx", 5);
	CHECK(!attest_executor_hash(&b, ATTEST_EXECUTOR_WASM, two) && memcmp(one, two, 32) != 0, "a library is");
	b = a;
	b.item[0].hash[31] ^= 1;
	CHECK(!attest_executor_hash(&b, ATTEST_EXECUTOR_WASM, two) && memcmp(one, two, 32) != 0, "so is the compiler");
	b = a;
	b.count = 1;
	CHECK(attest_executor_hash(&b, ATTEST_EXECUTOR_WASM, two) == MT_NOT_FOUND, "no engine without its worker");
	CHECK(attest_measurement_find(&a, "run") == &a.item[1] && !attest_measurement_find(&a, "ru"), "found by its whole name");
}

/* ---- appraisal ---- */

static void test_passes(void)
{
	begin();
	CHECK(passes() && verdict.level == 2 && fault()[0] == 0, "level 2");
	CHECK(verdict.part_count == 9, "evidence, root, report data, three components, confined, isolation, level");
	for (size_t i = 0; i < verdict.part_count; i++) {
		CHECK(verdict.part[i].have[0] && verdict.part[i].want[0] && verdict.part[i].vouched_by, "each says have, want and who vouches");
	}
	policy.level_min = 1;
	CHECK(passes() && verdict.level == 2, "less is asked than is shown");
	end();
}

static void test_falls_short(void)
{
	begin();
	claims.confined = false;
	CHECK(falls_short_at("confined"), "not confined");
	policy.allow_unconfined = true;
	CHECK(passes(), "unless the policy says so");
	claims.confined = true;
	CHECK(passes(), "which does not forbid it");
	claims.isolated = false;
	CHECK(falls_short_at("isolation"), "in-process");
	policy.allow_in_process = true;
	CHECK(passes(), "unless the policy says so");
	for (uint8_t level = 3; level <= 5; level++) {
		policy.level_min = level;
		CHECK(falls_short_at("level"), "a level that software cannot show");
	}
	policy.level_min = 0;
	CHECK(falls_short_at("level"), "a policy that forgot its level");
	policy.level_min = 2;
	for (size_t i = 0; i < ATTEST_REPORT_DATA_SIZE; i++) {
		claims.report_data[i] ^= 1;
		CHECK(falls_short_at("report data"), "every byte of report data");
		claims.report_data[i] ^= 1;
	}
	memset(report_data, 0, sizeof(report_data));
	memset(claims.report_data, 0, sizeof(report_data));
	CHECK(falls_short_at("report data"), "zeros are no expected value, also when the evidence has them");
	end();
}

static void test_measurements_compared(void)
{
	begin();
	struct attest_measurements honest = claims.measurements;
	for (size_t i = 0; i < honest.count; i++) {
		for (size_t byte = 0; byte < ATTEST_HASH_SIZE; byte++) {
			claims.measurements.item[i].hash[byte] ^= 1;
			CHECK(falls_short_at(honest.item[i].name), "one byte of one image, and it is named");
			claims.measurements.item[i].hash[byte] ^= 1;
		}
		const struct attest_part *p = attest_verdict_fault(&verdict);
		CHECK(p && strlen(p->have) == 64 && strlen(p->want) == 64 && strcmp(p->have, p->want) != 0, "with what it is and should be");
	}
	measured(&claims.measurements, "zzz", 4);
	CHECK(falls_short_at("zzz") && strcmp(attest_verdict_fault(&verdict)->want, "not in the policy") == 0, "one that nobody knows");
	claims.measurements = honest;
	claims.measurements.count--;
	CHECK(falls_short_at("run") && strcmp(attest_verdict_fault(&verdict)->have, "not measured") == 0, "one that is missing");
	claims.measurements.count = 0;
	CHECK(falls_short_at("compile"), "nothing measured");
	policy.expected.count = 0;
	CHECK(falls_short_at("measurements"), "nothing expected: an error, never a wildcard");
	claims.measurements = honest;
	CHECK(falls_short_at("measurements"), "whatever is measured");
	end();
}

/* More components than a verdict can list: still counted, and never past its end. */
static void test_many_measurements(void)
{
	char name[8];

	begin();
	claims.measurements.count = policy.expected.count = 0;
	for (unsigned i = 0; i < ATTEST_MEASUREMENTS_MAX; i++) {
		snprintf(name, sizeof(name), "c%02u", i);
		measured(&claims.measurements, name, (uint8_t)i);
	}
	policy.expected = claims.measurements;
	CHECK(passes() && verdict.part_count <= ATTEST_PARTS_MAX, "as many as there may be");
	claims.measurements.item[ATTEST_MEASUREMENTS_MAX - 1].hash[0] ^= 1;
	CHECK(falls_short_at("c31"), "the last one counts");
	for (unsigned i = 0; i < ATTEST_MEASUREMENTS_MAX; i++) {
		policy.expected.item[i].name[0] = 'd';
	}
	CHECK(falls_short_at("c00") && verdict.part_count <= ATTEST_PARTS_MAX, "64 that fall short");
	end();
}

static void test_roots(void)
{
	uint8_t id[COSE_ID_SIZE];
	struct secret scalar;

	begin();
	policy.root[0][31] ^= 1;
	CHECK(falls_short_at("root") && verdict.level == 0, "an unknown root establishes nothing");
	policy.root_count = 0;
	CHECK(falls_short_at("root"), "no root named");
	for (size_t i = 0; i < ATTEST_ROOTS_MAX; i++) {
		memset(policy.root[i], (int)i, COSE_ID_SIZE);
	}
	policy.root_count = ATTEST_ROOTS_MAX;
	crypto_p256_id(crypto_signer_public(platform).at, policy.root[ATTEST_ROOTS_MAX - 1]);
	CHECK(passes(), "one of eight");
	policy.root_count--;
	CHECK(falls_short_at("root"), "not one behind the end");
	crypto_signer_close(platform);
	attest_development_root(&scalar);
	mt_assert(!crypto_signer_open_p256(&scalar, &platform));
	crypto_p256_id(crypto_signer_public(platform).at, policy.root[0]);
	attest_development_root_id(id);
	CHECK(memcmp(id, policy.root[0], sizeof(id)) == 0, "the constant is the id of the key that everybody has");
	policy.root_count = 1;
	policy.level_min = 1;
	CHECK(falls_short_at("root") && verdict.level == 1, "the development root is not to be had by its id");
	policy.allow_development_root = true;
	CHECK(passes() && verdict.level == 1, "by its name it is");
	policy.level_min = 2;
	CHECK(falls_short_at("level"), "and is level 1, whatever else the policy says");
	end();
}

/* ---- what cannot be judged ---- */

static void test_every_byte(void)
{
	begin();
	struct bytes wire = evidence();
	uint8_t *bent = test_alloc(wire.size + 1);
	memcpy(bent, wire.at, wire.size);
	CHECK(appraise(mt_bytes(bent, wire.size + 1)) == MT_MALFORMED && verdict.overall == ATTEST_FAIL, "a byte left over");
	for (size_t n = 0; n < wire.size; n++) {
		CHECK(appraise(mt_bytes(wire.at, n)) == MT_MALFORMED && strcmp(fault(), "evidence") == 0, "every prefix");
		for (unsigned bit = 0; bit < 8; bit++) {
			bent[n] ^= (uint8_t)(1u << bit);
			enum mt_err err = appraise(mt_bytes(bent, wire.size));
			CHECK((err == MT_MALFORMED || err == MT_TAMPERED || err == MT_DENIED) && verdict.overall == ATTEST_FAIL && verdict.level == 0,
			      "every changed bit");
			bent[n] ^= (uint8_t)(1u << bit);
		}
	}
	CHECK(appraise(mt_bytes(test_alloc(ATTEST_EVIDENCE_MAX + 1), ATTEST_EVIDENCE_MAX + 1)) == MT_LIMIT, "larger than evidence is");
	CHECK(attest_appraise(evil, wire, report_data, 0, &policy, &verdict) == MT_TAMPERED && verdict.overall == ATTEST_FAIL, "a lying box");
	end();
}

/* Claims that no honest node signs, signed all the same, in a record of our making. */
static enum mt_err signed_claims(const char *type, const char *record, uint64_t indicator, struct bytes payload)
{
	struct builder m = builder_over(test_alloc(16384), 16384), b = builder_over(test_alloc(17000), 17000);

	mt_assert(!cose_sign(platform, type, payload, &m));
	cbor_array(&b, 3);
	cbor_tstr(&b, mt_text(record));
	cbor_bstr(&b, wire_of(&m));
	cbor_uint(&b, indicator);
	return appraise(wire_of(&b));
}

enum bent_claims { HONEST, NAME_TWICE, NAMES_DESCEND, NAME_EMPTY, NAME_LONG, NAME_ZERO, TOO_MANY, SHORT_HASH, SHORT_REPORT, ROLLBACK_0, ROLLBACK_3,
		   ROLLBACK_WRAPS, FIELD_MORE, FLAG_NUMBER };

static struct bytes payload_of(enum bent_claims bent)
{
	struct builder b = builder_over(test_alloc(8192), 8192);
	const char *const name[2] = { bent == NAME_EMPTY ? "" : bent == NAMES_DESCEND ? "z" : bent == NAME_TWICE ? "run" : "core", "run" };
	char *long_name = test_alloc(66);
	unsigned count = bent == TOO_MANY ? 33 : 2;

	memset(long_name, 'a', 65);
	cbor_map(&b, bent == FIELD_MORE ? 7 : 6);
	cbor_uint(&b, 1);
	cbor_bstr(&b, mt_bytes(report_data, bent == SHORT_REPORT ? 63 : 64));
	cbor_uint(&b, 2);
	cbor_array(&b, count);
	for (unsigned i = 0; i < count; i++) {
		char number[8];
		snprintf(number, sizeof(number), "c%02u", i);
		struct bytes text = bent == TOO_MANY ? mt_text(number) : i == 0 && bent == NAME_LONG ? mt_text(long_name) :
				    i == 0 && bent == NAME_ZERO ? mt_bytes("a\0b", 3) : mt_text(name[i]);
		cbor_array(&b, 2);
		cbor_tstr(&b, text);
		cbor_bstr(&b, mt_bytes(report_data, bent == SHORT_HASH ? 31 : 32));
	}
	cbor_uint(&b, 3);
	if (bent == FLAG_NUMBER) {
		cbor_uint(&b, 1);
	} else {
		cbor_bool(&b, true);
	}
	cbor_uint(&b, 4);
	cbor_bool(&b, true);
	cbor_uint(&b, 5);
	cbor_uint(&b, bent == ROLLBACK_0 ? 0 : bent == ROLLBACK_3 ? 3 : bent == ROLLBACK_WRAPS ? (UINT64_C(1) << 32) + 1 : 1);
	cbor_uint(&b, 6);
	cbor_uint(&b, 0);
	if (bent == FIELD_MORE) {
		cbor_uint(&b, 7);
		cbor_uint(&b, 0);
	}
	return wire_of(&b);
}

static void test_claims(void)
{
	static const char *const why[] = { "honest", "a name twice", "names descend", "an empty name", "a name of 65", "a zero byte in a name",
					   "33 components", "a short hash", "short report data", "no kind of rollback", "an unknown one",
					   "one that is 1 in 32 bits", "a field more", "a flag that is a number" };

	begin();
	for (int bent = HONEST; bent <= FLAG_NUMBER; bent++) {
		enum mt_err err = signed_claims(ATTEST_TYPE_SOFTWARE, ATTEST_CMW_TYPE, 4, payload_of((enum bent_claims)bent));
		CHECK(err == (bent == HONEST ? MT_OK : MT_MALFORMED), why[bent]);
	}
	struct bytes honest = payload_of(HONEST);
	for (size_t n = 0; n < honest.size; n++) {
		CHECK(signed_claims(ATTEST_TYPE_SOFTWARE, ATTEST_CMW_TYPE, 4, first(honest, n)) == MT_MALFORMED, "every prefix");
	}
	CHECK(signed_claims("mesatee-request-1", ATTEST_CMW_TYPE, 4, payload_of(HONEST)) == MT_DENIED, "signed as something else");
	CHECK(signed_claims(ATTEST_TYPE_SOFTWARE, "application/json", 4, payload_of(HONEST)) == MT_MALFORMED, "another media type");
	CHECK(signed_claims(ATTEST_TYPE_SOFTWARE, ATTEST_CMW_TYPE, 2, payload_of(HONEST)) == MT_MALFORMED, "endorsements, not evidence");
	CHECK(signed_claims(ATTEST_TYPE_SOFTWARE, ATTEST_CMW_TYPE, 12, payload_of(HONEST)) == MT_MALFORMED, "and more than evidence");
	end();
}

static void test_no_memory(void)
{
	begin();
	struct bytes wire = evidence();
	for (uint64_t at = 1, done = 0; !done; at++) {
		mt_alloc_fail_at(at);
		enum mt_err err = appraise(wire);
		mt_alloc_fail_at(0);
		CHECK(err == MT_OK || (err == MT_NO_MEMORY && verdict.overall == ATTEST_FAIL && strcmp(fault(), "evidence") == 0), "said, and not passed");
		done = err == MT_OK;
	}
	CHECK(verdict.overall == ATTEST_PASS, "at last");
	for (uint64_t at = 1, done = 0; !done; at++) {
		struct builder b = builder_over(test_alloc(8192), 8192);
		mt_alloc_fail_at(at);
		enum mt_err err = attest_software_evidence(platform, &claims, &b);
		mt_alloc_fail_at(0);
		CHECK(err == MT_OK || (err == MT_NO_MEMORY && b.size == 0), "making");
		done = err == MT_OK;
	}
	struct builder small = builder_over(test_alloc(100), 100);
	CHECK(attest_software_evidence(platform, &claims, &small) == MT_LIMIT, "no room");
	end();
}

static void test_levels(void)
{
	for (unsigned level = 0; level <= 255; level++) {
		const char *name = attest_level_name((uint8_t)level);
		CHECK(name[0] && attest_level_protects((uint8_t)level)[0] && attest_level_limits((uint8_t)level)[0], "each level is explained");
		CHECK((strcmp(name, "none") == 0) == (level == 0 || level > 5), "what is no level is none");
	}
	CHECK(strncmp(attest_level_protects(1), "nothing", 7) == 0, "level 1 protects against nothing");
}

const struct test tests[] = {
	{ "measurements wire", test_measurements_wire },
	{ "measurements text", test_measurements_text },
	{ "hashes", test_hashes },
	{ "passes", test_passes },
	{ "falls short", test_falls_short },
	{ "measurements compared", test_measurements_compared },
	{ "many measurements", test_many_measurements },
	{ "roots", test_roots },
	{ "every byte", test_every_byte },
	{ "claims", test_claims },
	{ "no memory", test_no_memory },
	{ "levels", test_levels },
	TESTS_END
};
