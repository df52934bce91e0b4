/* The exchange after Finished, without TLS: both frames, what report data and proofs are made of, and the verifier's decision. */
#include "test/test.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "lib/channel/channel.h"
#include "lib/statement/statement.h"
#include "port/linux/box_port.h"

extern const struct box_kind box_evil;

static struct box *box, *evil;
static struct crypto_signer *platform, *fast, *party;
static struct attest_policy policy;
static struct channel_binding binding;
static struct channel_core_keys keys;
static struct channel_hello hello;
static struct attest_verdict verdict;

static void begin(void)
{
	static const struct secret a = { { 1 } }, b = { { 2 } }, c = { { 3 } };

	if (!box) {
		box_port_install();
		mt_assert(!box_open(&box_cbor, &box) && !box_open(&box_evil, &evil));
	}
	mt_assert(!crypto_signer_open_p256(&a, &platform) && !crypto_signer_open_p256(&b, &fast) && !crypto_signer_open_p256(&c, &party));
	binding = (struct channel_binding){ { 1 }, { 2 }, { 3 }, { 4 } };
	keys = (struct channel_core_keys){ .encapsulation = { 5 }, .receipt = { 4, 6 }, .note = { 7 } };
	memcpy(keys.fast, crypto_signer_public(fast).at, sizeof(keys.fast));
	hello = (struct channel_hello){ .form = CHANNEL_FULL, .nonce = { 8 } };
	memcpy(hello.context, binding.context, sizeof(hello.context));
	policy = (struct attest_policy){ .name = "p", .level_min = 2, .root_count = 1, .allow_fast = true, .fast_life_s = 600,
					 .expected = { { { "core", { 9 } } }, 1 } };
	crypto_p256_id(crypto_signer_public(platform).at, policy.root[0]);
}

static void end(void)
{
	crypto_signer_close(platform);
	crypto_signer_close(fast);
	crypto_signer_close(party);
}

static struct bytes wire_of(const struct builder *b)
{
	struct bytes out;

	mt_assert(!builder_done(b, &out));
	return out;
}

static struct bytes evidence_over(const uint8_t report_data[ATTEST_REPORT_DATA_SIZE])
{
	struct attest_claims claims = { .measurements = policy.expected, .confined = true, .isolated = true, .rollback = ATTEST_ROLLBACK_CLIENTS };
	struct builder b = builder_over(test_alloc(2048), 2048);

	memcpy(claims.report_data, report_data, sizeof(claims.report_data));
	mt_assert(!attest_software_evidence(platform, &claims, &b));
	return wire_of(&b);
}

/* What an honest node answers. */
static struct channel_answer answer_full(void)
{
	struct channel_answer a = { .form = CHANNEL_FULL, .keys = keys, .log_id = { 10 }, .genesis = mt_text("genesis") };
	uint8_t report_data[ATTEST_REPORT_DATA_SIZE];

	channel_report_data(CHANNEL_NODE, &binding, &keys, report_data);
	a.evidence = evidence_over(report_data);
	channel_fast_report_data(CHANNEL_NODE, hello.nonce, &keys, report_data);
	a.fast_evidence = evidence_over(report_data);
	return a;
}

static struct channel_answer answer_fast(void)
{
	struct channel_answer a = { .form = CHANNEL_FAST, .keys = keys, .log_id = { 10 }, .genesis = mt_text("genesis") };
	uint8_t message[64], *signature = test_alloc(64);

	channel_fast_message(CHANNEL_NODE, &binding, message);
	mt_assert(!crypto_sign(fast, mt_bytes(message, 64), signature));
	a.fast_signature = mt_bytes(signature, 64);
	return a;
}

/* ---- frames ---- */

static enum mt_err hello_again(struct bytes wire)
{
	struct channel_hello h = { 0 };
	uint8_t space[256];
	struct builder b = builder_over(space, sizeof(space));

	enum mt_err err = channel_hello_decode(box, first(wire, wire.size), &h);
	if (!err) {
		channel_hello_encode(&h, &b);
		CHECK(mt_equal(wire_of(&b), wire), "one hello has one form");
	}
	return err;
}

static enum mt_err answer_again(struct bytes wire)
{
	struct channel_answer a = { 0 };
	static uint8_t space[CHANNEL_FRAME_MAX + 1024];
	struct builder b = builder_over(space, sizeof(space));

	enum mt_err err = channel_answer_decode(box, first(wire, wire.size), &a);
	CHECK(!err || (!a.scratch && !a.evidence.at), "output on success only");
	if (!err) {
		channel_answer_encode(&a, &b);
		CHECK(mt_equal(wire_of(&b), wire), "one answer has one form");
	}
	channel_answer_close(&a);
	return err;
}

static struct bytes hello_wire(void)
{
	struct builder b = builder_over(test_alloc(256), 256);

	channel_hello_encode(&hello, &b);
	return wire_of(&b);
}

static struct bytes answer_wire(void)
{
	struct builder b = builder_over(test_alloc(8192), 8192);
	struct channel_answer a = answer_full();

	channel_answer_encode(&a, &b);
	return wire_of(&b);
}

static void every_prefix_and_byte(struct bytes wire, enum mt_err (*again)(struct bytes wire))
{
	uint8_t *bent = test_alloc(wire.size + 1);

	CHECK(again(wire) == MT_OK, "whole");
	memcpy(bent, wire.at, wire.size);
	CHECK(again(mt_bytes(bent, wire.size + 1)) == MT_MALFORMED, "a byte left over");
	for (size_t n = 0; n < wire.size; n++) {
		CHECK(again(mt_bytes(wire.at, n)) == MT_MALFORMED, "every prefix");
		bent[n] ^= 1;
		enum mt_err err = again(mt_bytes(bent, wire.size));
		CHECK(!err || err == MT_MALFORMED, "every changed byte: refused, or another frame in its one form");
		bent[n] ^= 1;
	}
}

static void test_frames(void)
{
	begin();
	every_prefix_and_byte(hello_wire(), hello_again);
	every_prefix_and_byte(answer_wire(), answer_again);
	CHECK(hello_again(answer_wire()) == MT_MALFORMED && answer_again(hello_wire()) == MT_MALFORMED, "one is not the other");
	CHECK(answer_again(mt_bytes(test_alloc(CHANNEL_FRAME_MAX + 1), CHANNEL_FRAME_MAX + 1)) == MT_LIMIT, "larger than a frame");
	end();
}

static void test_hello_fields(void)
{
	static const struct {
		const char *why, *head, *form, *rest;
		enum mt_err want;
	} row[] = {
		{ "full", "a4 01 01 02 5820", "03 01 04 5820", "", MT_OK }, { "fast", "a4 01 01 02 5820", "03 02 04 5820", "", MT_OK },
		{ "form 0", "a4 01 01 02 5820", "03 00 04 5820", "", MT_MALFORMED },
		{ "form 3", "a4 01 01 02 5820", "03 03 04 5820", "", MT_MALFORMED },
		{ "form 2^32 + 1", "a4 01 01 02 5820", "03 1b0000000100000001 04 5820", "", MT_MALFORMED },
		{ "version 0", "a4 01 00 02 5820", "03 01 04 5820", "", MT_MALFORMED },
		{ "version 2", "a4 01 02 02 5820", "03 01 04 5820", "", MT_MALFORMED },
		{ "a field more", "a5 01 01 02 5820", "03 01 04 5820", "05 00", MT_MALFORMED },
	};
	struct bytes some = hex("0101010101010101010101010101010101010101010101010101010101010101");

	begin();
	for (size_t i = 0; i < MT_COUNT(row); i++) {
		struct builder b = builder_over(test_alloc(256), 256);
		builder_bytes(&b, hex(row[i].head));
		builder_bytes(&b, some);
		builder_bytes(&b, hex(row[i].form));
		builder_bytes(&b, some);
		builder_bytes(&b, hex(row[i].rest));
		CHECK(hello_again(wire_of(&b)) == row[i].want, row[i].why);
	}
	memset(hello.context, 0, sizeof(hello.context));
	CHECK(hello_again(hello_wire()) == MT_MALFORMED, "a challenge of zeros is none");
	end();
}

/* ---- what is hashed and signed ---- */

static void test_report_data(void)
{
	static const size_t binding_part[] = { offsetof(struct channel_binding, spki), offsetof(struct channel_binding, exporter) };
	static const size_t key_part[] = { offsetof(struct channel_core_keys, encapsulation), offsetof(struct channel_core_keys, receipt),
					   offsetof(struct channel_core_keys, fast), offsetof(struct channel_core_keys, note) };
	uint8_t got[24][ATTEST_REPORT_DATA_SIZE], nonce[32] = { 1 };
	size_t count = 0;

	begin();
	channel_report_data(CHANNEL_NODE, &binding, &keys, got[count++]);
	channel_report_data(CHANNEL_CLIENT, &binding, &keys, got[count++]);
	channel_fast_message(CHANNEL_NODE, &binding, got[count++]);
	channel_fast_message(CHANNEL_CLIENT, &binding, got[count++]);
	channel_fast_report_data(CHANNEL_NODE, nonce, &keys, got[count++]);
	channel_fast_report_data(CHANNEL_CLIENT, nonce, &keys, got[count++]);
	channel_receipt_report_data(nonce, &keys, got[count++]);
	for (size_t i = 0; i < MT_COUNT(binding_part); i++) {
		struct channel_binding bent = binding;
		((uint8_t *)&bent)[binding_part[i] + 31] ^= 1;
		channel_report_data(CHANNEL_NODE, &bent, &keys, got[count++]);
		channel_fast_message(CHANNEL_NODE, &bent, got[count++]);
	}
	for (size_t i = 0; i < MT_COUNT(key_part); i++) {
		struct channel_core_keys bent = keys;
		((uint8_t *)&bent)[key_part[i] + 31] ^= 1;
		channel_report_data(CHANNEL_NODE, &binding, &bent, got[count++]);
		channel_fast_report_data(CHANNEL_NODE, nonce, &bent, got[count++]);
	}
	nonce[31] ^= 1;
	channel_fast_report_data(CHANNEL_NODE, nonce, &keys, got[count++]);
	channel_receipt_report_data(nonce, &keys, got[count++]);
	keys.receipt[64] ^= 1;
	channel_receipt_report_data(nonce, &keys, got[count++]);
	keys.note[31] ^= 1;
	channel_receipt_report_data(nonce, &keys, got[count++]);
	CHECK(count <= MT_COUNT(got), "all fit");
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < i; j++) {
			CHECK(memcmp(got[i], got[j], sizeof(got[i])) != 0, "every part counts, and every purpose has its own label");
		}
	}
	end();
}

/* ---- the decision ---- */

static bool trusted(enum channel_role role, const struct channel_answer *a, struct channel_fast_cache *cache, uint64_t now_ms)
{
	enum mt_err err = channel_verify(box, role, &hello, &binding, a, now_ms, &policy, cache, &verdict);
	const struct attest_part *fault = err ? NULL : attest_verdict_fault(&verdict);

	CHECK(err || (verdict.overall == ATTEST_PASS) == !fault, "a verdict that fails names what falls short");
	return !err && verdict.overall == ATTEST_PASS;
}

static void test_full(void)
{
	struct channel_fast_cache cache = { 0 };

	begin();
	struct channel_answer a = answer_full();
	CHECK(trusted(CHANNEL_NODE, &a, NULL, 0) && verdict.level == 2, "honest");
	CHECK(!trusted(CHANNEL_CLIENT, &a, NULL, 0), "in another role");
	uint8_t *part[] = { binding.spki, binding.exporter, a.keys.encapsulation, a.keys.receipt, a.keys.fast, a.keys.note };
	for (size_t i = 0; i < MT_COUNT(part); i++) {
		part[i][31] ^= 1;
		CHECK(!trusted(CHANNEL_NODE, &a, &cache, 0) && !cache.valid, "each part of the binding and each key");
		part[i][31] ^= 1;
	}
	binding.context[0] ^= 1;
	CHECK(channel_verify(box, CHANNEL_NODE, &hello, &binding, &a, 0, &policy, NULL, &verdict) == MT_STATE &&
	      verdict.overall == ATTEST_FAIL, "a binding of another challenge");
	binding.context[0] ^= 1;
	a.form = CHANNEL_FAST;
	CHECK(channel_verify(box, CHANNEL_NODE, &hello, &binding, &a, 0, &policy, NULL, &verdict) == MT_MALFORMED &&
	      verdict.overall == ATTEST_FAIL, "another form than was asked for");
	a.form = CHANNEL_FULL;
	a.evidence = a.fast_evidence;
	CHECK(!trusted(CHANNEL_NODE, &a, NULL, 0), "evidence over the fast key is none over the connection");
	a = answer_full();
	CHECK(channel_verify(evil, CHANNEL_NODE, &hello, &binding, &a, 0, &policy, NULL, &verdict) == MT_TAMPERED &&
	      verdict.overall == ATTEST_FAIL, "a lying box");
	CHECK(trusted(CHANNEL_NODE, &a, NULL, 0), "and it was none of the above");
	end();
}

/* What fills the cache: a passing connection, a policy that allows it, evidence over the fast key for our own nonce. */
static void test_cache_filled(void)
{
	struct channel_fast_cache cache = { 0 };

	begin();
	struct channel_answer a = answer_full();
	struct bytes own = a.fast_evidence;
	a.fast_evidence = mt_bytes(NULL, 0);
	CHECK(trusted(CHANNEL_NODE, &a, &cache, 0) && !cache.valid, "no evidence over the fast key");
	a.fast_evidence = a.evidence;
	CHECK(trusted(CHANNEL_NODE, &a, &cache, 0) && !cache.valid, "evidence of the connection instead");
	a.fast_evidence = mt_text("no evidence at all");
	CHECK(trusted(CHANNEL_NODE, &a, &cache, 0) && !cache.valid, "something else");
	a.fast_evidence = own;
	hello.nonce[5] ^= 1;
	CHECK(trusted(CHANNEL_NODE, &a, &cache, 0) && !cache.valid, "for another nonce");
	memset(hello.nonce, 0, 32);
	CHECK(trusted(CHANNEL_NODE, &a, &cache, 0) && !cache.valid, "we gave no nonce");
	hello.nonce[0] = 8;
	policy.allow_fast = false;
	CHECK(trusted(CHANNEL_NODE, &a, &cache, 0) && !cache.valid, "the policy forbids it");
	policy.allow_fast = true;
	CHECK(trusted(CHANNEL_NODE, &a, &cache, 5000) && cache.valid && cache.until_ms == 605000 && cache.level == 2, "now it is filled");
	end();
}

static bool trusted_fast(const struct channel_answer *a, const struct channel_fast_cache *kept, uint64_t now_ms)
{
	struct channel_fast_cache cache = *kept;
	bool good = trusted(CHANNEL_NODE, a, &cache, now_ms);

	CHECK(good == cache.valid, "a cache that did not serve is not asked again");
	return good;
}

static void test_fast(void)
{
	struct channel_fast_cache kept = { 0 }, bent;

	begin();
	struct channel_answer full = answer_full(), a = answer_fast();
	CHECK(trusted(CHANNEL_NODE, &full, &kept, 1000) && kept.valid, "a full one first");
	hello.form = CHANNEL_FAST;
	CHECK(channel_verify(box, CHANNEL_NODE, &hello, &binding, &a, 0, &policy, NULL, &verdict) == MT_STATE, "without a cache");
	CHECK(trusted_fast(&a, &kept, 1000) && verdict.level == 2 && verdict.until_ms == kept.until_ms, "honest");
	CHECK(trusted_fast(&a, &kept, kept.until_ms - 1) && !trusted_fast(&a, &kept, kept.until_ms), "to the end of its life");
	uint8_t *part[] = { binding.spki, binding.exporter, a.keys.encapsulation, a.keys.receipt, a.keys.fast, a.keys.note, a.log_id };
	for (size_t i = 0; i < MT_COUNT(part); i++) {
		part[i][31] ^= 1;
		CHECK(!trusted_fast(&a, &kept, 2000), "each part of the binding, each key, the log");
		part[i][31] ^= 1;
	}
	CHECK(!trusted(CHANNEL_CLIENT, &a, &(struct channel_fast_cache){ 0 }, 2000), "an empty cache");
	bent = kept;
	CHECK(!trusted(CHANNEL_CLIENT, &a, &bent, 2000), "another role");
	struct bytes signature = a.fast_signature;
	for (size_t n = 0; n < 64; n++) {
		uint8_t changed[64];
		memcpy(changed, signature.at, 64);
		changed[n] ^= 1;
		a.fast_signature = mt_bytes(changed, 64);
		CHECK(!trusted_fast(&a, &kept, 2000), "every byte of the signature");
		a.fast_signature = mt_bytes(signature.at, n);
		CHECK(!trusted_fast(&a, &kept, 2000), "every prefix of it");
	}
	a.fast_signature = signature;
	policy.fast_life_s++;
	CHECK(!trusted_fast(&a, &kept, 2000), "another policy, be it of one second");
	policy.fast_life_s--;
	CHECK(trusted_fast(&a, &kept, 2000), "and it was none of the above");
	end();
}

static void test_no_memory(void)
{
	begin();
	struct channel_answer a = answer_full();
	for (uint64_t at = 1, done = 0; !done; at++) {
		struct channel_fast_cache cache = { 0 };
		mt_alloc_fail_at(at);
		enum mt_err err = channel_verify(box, CHANNEL_NODE, &hello, &binding, &a, 0, &policy, &cache, &verdict);
		mt_alloc_fail_at(0);
		CHECK(err == MT_NO_MEMORY || !err, "memory is what failed");
		CHECK((err != MT_OK) == (verdict.overall == ATTEST_FAIL), "and nothing passes for it");
		done = !err && cache.valid;
	}
	struct bytes wire = answer_wire();
	for (uint64_t at = 1, done = 0; !done; at++) {
		mt_alloc_fail_at(at);
		enum mt_err err = answer_again(wire);
		mt_alloc_fail_at(0);
		CHECK(err == MT_NO_MEMORY || !err, "an answer");
		done = !err;
	}
	end();
}

/* ---- the party's proof ---- */

static enum mt_err proof_opens(const char *type, const uint8_t log_id[32], const struct channel_binding *signed_binding)
{
	uint8_t space[256], who[32] = { 0 }, want[32];
	struct builder p = builder_over(space, sizeof(space)), m = builder_over(test_alloc(1024), 1024);
	static const uint8_t own_log[32] = { 10 };

	channel_party_payload(log_id, signed_binding, &p);
	mt_assert(!cose_sign(party, type, wire_of(&p), &m));
	enum mt_err err = channel_party_open(box, wire_of(&m), own_log, &binding, who);
	crypto_p256_id(crypto_signer_public(party).at, want);
	CHECK(err ? mt_is_zero(mt_bytes(who, 32)) : memcmp(who, want, 32) == 0, "whose proof it is, on success only");
	return err;
}

static void test_party(void)
{
	uint8_t log_id[32] = { 10 };

	begin();
	CHECK(proof_opens(STATEMENT_TYPE_PARTY, log_id, &binding) == MT_OK, "honest");
	CHECK(proof_opens(STATEMENT_TYPE_REQUEST, log_id, &binding) == MT_DENIED, "signed as something else");
	struct channel_binding bent = binding;
	bent.spki[0] ^= 1;
	CHECK(proof_opens(STATEMENT_TYPE_PARTY, log_id, &bent) == MT_TAMPERED, "another node");
	bent = binding;
	bent.party_exporter[0] ^= 1;
	CHECK(proof_opens(STATEMENT_TYPE_PARTY, log_id, &bent) == MT_TAMPERED, "another connection");
	log_id[31] ^= 1;
	CHECK(proof_opens(STATEMENT_TYPE_PARTY, log_id, &binding) == MT_TAMPERED, "another log");
	end();
}

const struct test tests[] = {
	{ "frames", test_frames },
	{ "hello's fields", test_hello_fields },
	{ "report data", test_report_data },
	{ "full", test_full },
	{ "cache filled", test_cache_filled },
	{ "fast", test_fast },
	{ "no memory", test_no_memory },
	{ "party", test_party },
	TESTS_END
};
