/* Attacks on what a party is shown before it trusts a node: evidence, its binding, the policy that judges it. */
#include <stdio.h>
#include <string.h>

#include "test/story/world_private.h"

static struct world *w;
static struct attest_policy policy;
static struct attest_verdict verdict;

static void begin(void)
{
	w = world_open(61);
	CHECK(world_start(w), "the node starts");
	world_policy(w, &policy);
}

static void end(void)
{
	world_close(w);
}

/* The verifier's decision over a connection; true when it would go on. */
static bool trusted(const struct world_connection *c, const struct channel_hello *hello, const struct channel_binding *b,
		    struct channel_fast_cache *cache, uint64_t now_ms)
{
	enum mt_err err = channel_verify(world_cbor(w), CHANNEL_NODE, hello, b, &c->answer, now_ms, &policy, cache, &verdict);

	return !err && verdict.overall == ATTEST_PASS;
}

static bool honest(const struct world_connection *c)
{
	return trusted(c, &c->hello, &c->binding, NULL, 0);
}

static const char *fault(void)
{
	const struct attest_part *p = attest_verdict_fault(&verdict);

	return p ? p->name : "";
}

/* ---- binding ---- */

static void test_relayed(void)
{
	begin();
	struct world_connection *a = world_connect(w, CHANNEL_FULL, NULL), *b = world_connect(w, CHANNEL_FULL, NULL);
	CHECK(honest(a) && honest(b), "each on its own connection");
	CHECK(verdict.level == 2, "level 2");
	CHECK(!trusted(b, &a->hello, &a->binding, NULL, 0), "evidence of another connection");
	CHECK(strcmp(fault(), "report data") == 0, "is named");
	struct {
		const char *why;
		size_t at;
	} row[] = {
		{ "another TLS key", offsetof(struct channel_binding, spki) },
		{ "another exporter: relayed", offsetof(struct channel_binding, exporter) },
	};
	for (size_t i = 0; i < MT_COUNT(row); i++) {
		struct channel_binding bent = a->binding;
		((uint8_t *)&bent)[row[i].at] ^= 1;
		CHECK(!trusted(a, &a->hello, &bent, NULL, 0), row[i].why);
	}
	struct channel_hello other = a->hello;
	other.context[0] ^= 1;
	CHECK(!trusted(a, &other, &a->binding, NULL, 0), "replayed under another challenge");
	CHECK(channel_verify(world_cbor(w), CHANNEL_CLIENT, &a->hello, &a->binding, &a->answer, 0, &policy, NULL, &verdict) == MT_OK &&
	      verdict.overall == ATTEST_FAIL, "a node's evidence in the client's role");
	world_connection_free(a);
	world_connection_free(b);
	end();
}

/* A hostile gateway exchanges a key, to read what is sealed to it, or to forge receipts. */
static void test_keys_exchanged(void)
{
	begin();
	struct world_connection *c = world_connect(w, CHANNEL_FULL, NULL);
	uint8_t *key[] = { c->answer.keys.encapsulation, c->answer.keys.receipt, c->answer.keys.fast, c->answer.keys.note };
	for (size_t i = 0; i < MT_COUNT(key); i++) {
		key[i][5] ^= 1;
		CHECK(!honest(c), "an exchanged key");
		key[i][5] ^= 1;
	}
	CHECK(honest(c), "the right ones");
	world_connection_free(c);
	end();
}

static void test_every_byte(void)
{
	static uint8_t bent[ATTEST_EVIDENCE_MAX];

	begin();
	struct world_connection *c = world_connect(w, CHANNEL_FULL, NULL);
	struct bytes evidence = c->answer.evidence;
	for (size_t i = 0; i < evidence.size; i++) {
		memcpy(bent, evidence.at, evidence.size);
		bent[i] ^= 1;
		c->answer.evidence = mt_bytes(bent, evidence.size);
		CHECK(!honest(c), "every changed byte");
	}
	for (size_t n = 0; n < evidence.size; n++) {
		c->answer.evidence = mt_bytes(evidence.at, n);
		CHECK(!honest(c), "every prefix");
	}
	world_connection_free(c);
	end();
}

/* ---- policy ---- */

static void test_policy(void)
{
	begin();
	struct world_connection *c = world_connect(w, CHANNEL_FULL, NULL);
	struct attest_policy good = policy;
	CHECK(honest(c), "the honest policy");
	policy.expected.count = 0;
	CHECK(!honest(c) && strcmp(fault(), "measurements") == 0, "an absent expected measurement is an error, never a wildcard");
	policy = good;
	policy.expected.count--;
	CHECK(!honest(c), "a component that the policy does not name");
	policy = good;
	policy.expected.item[3].hash[31] ^= 1;
	CHECK(!honest(c) && strcmp(fault(), "gateway") == 0, "one byte of one image, and it is named");
	policy = good;
	snprintf(policy.expected.item[policy.expected.count].name, sizeof(policy.expected.item[0].name), "zzz");
	policy.expected.count++;
	CHECK(!honest(c) && strcmp(fault(), "zzz") == 0, "a component that is not there");
	policy = good;
	policy.root_count = 0;
	CHECK(!honest(c) && strcmp(fault(), "root") == 0, "no root is named");
	policy = good;
	policy.root[0][0] ^= 1;
	CHECK(!honest(c) && verdict.level == 0, "another root: nothing is established");
	policy = good;
	policy.level_min = 3;
	CHECK(!honest(c) && strcmp(fault(), "level") == 0, "a higher level than the evidence shows");
	policy.level_min = 0;
	CHECK(!honest(c), "a level that is none");
	policy = good;
	world_connection_free(c);
	end();
}

static void test_report_data_absent(void)
{
	static const uint8_t nothing[ATTEST_REPORT_DATA_SIZE];

	begin();
	struct world_connection *c = world_connect(w, CHANNEL_FULL, NULL);
	CHECK(attest_appraise(world_cbor(w), c->answer.evidence, nothing, 0, &policy, &verdict) == MT_OK &&
	      verdict.overall == ATTEST_FAIL && strcmp(fault(), "report data") == 0, "an absent expected value is an error");
	world_connection_free(c);
	end();
}

/* A sanitized build has no sandbox, and says so in what the root signs. */
static void test_unconfined(void)
{
	begin();
	w->facts.confined = false;
	struct world_connection *c = world_connect(w, CHANNEL_FULL, NULL);
	CHECK(!honest(c) && strcmp(fault(), "confined") == 0, "a node without its sandbox, and that is named");
	policy.allow_unconfined = true;
	CHECK(honest(c), "which a policy may allow by name");
	world_connection_free(c);
	end();
}

static void test_development_root(void)
{
	struct secret root;

	w = world_open(62);
	attest_development_root(&root);
	world_set_platform(w, &root);
	CHECK(world_start(w), "a node over the development root");
	world_policy(w, &policy);
	struct world_connection *c = world_connect(w, CHANNEL_FULL, NULL);
	CHECK(!honest(c), "level 2 is not to be had from it, not even by naming its id");
	policy.allow_development_root = true;
	CHECK(!honest(c) && verdict.level == 1, "and with its name it is level 1");
	policy.level_min = 1;
	CHECK(honest(c) && verdict.level == 1, "which a policy may ask for");
	world_connection_free(c);
	end();
}

/* ---- fast form ---- */

static void test_fast(void)
{
	struct channel_fast_cache cache = { 0 }, kept;
	uint8_t nonce[32];

	begin();
	crypto_random(nonce, sizeof(nonce));
	struct world_connection *full = world_connect(w, CHANNEL_FULL, nonce), *fast = world_connect(w, CHANNEL_FAST, NULL);
	CHECK(!trusted(fast, &fast->hello, &fast->binding, &cache, 0), "not without an earlier verdict");
	struct channel_hello other = full->hello;
	other.nonce[0] ^= 1;
	CHECK(trusted(full, &other, &full->binding, &cache, 1000) && !cache.valid, "a nonce that was not our own fills nothing");
	CHECK(trusted(full, &full->hello, &full->binding, &cache, 1000) && cache.valid, "our own does");
	kept = cache;
	CHECK(trusted(fast, &fast->hello, &fast->binding, &cache, 2000) && verdict.level == 2, "then the fast form serves");
	CHECK(!trusted(fast, &fast->hello, &fast->binding, &cache, 1000 + 600 * 1000), "until our own clock says");
	cache = kept;
	struct channel_binding bent = fast->binding;
	bent.exporter[0] ^= 1;
	CHECK(!trusted(fast, &fast->hello, &bent, &cache, 2000), "a signature of another connection");
	cache = kept;
	fast->answer.keys.encapsulation[0] ^= 1;
	CHECK(!trusted(fast, &fast->hello, &fast->binding, &cache, 2000), "exchanged keys");
	fast->answer.keys.encapsulation[0] ^= 1;
	cache = kept;
	policy.level_min = 1;
	CHECK(!trusted(fast, &fast->hello, &fast->binding, &cache, 2000), "another policy");
	policy.level_min = 2;
	cache = kept;
	policy.allow_fast = false;
	attest_policy_hash(&policy, cache.policy_hash); /* even a verdict under this very policy */
	CHECK(!trusted(fast, &fast->hello, &fast->binding, &cache, 2000), "a policy that forbids it");
	world_connection_free(full);
	world_connection_free(fast);
	end();
}

const struct test tests[] = {
	{ "relayed", test_relayed },
	{ "keys exchanged", test_keys_exchanged },
	{ "every byte", test_every_byte },
	{ "policy", test_policy },
	{ "report data absent", test_report_data_absent },
	{ "unconfined", test_unconfined },
	{ "development root", test_development_root },
	{ "fast", test_fast },
	TESTS_END
};
