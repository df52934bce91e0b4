/* The verifier's decision over one connection. */
#include "lib/channel/channel.h"

#include <stdio.h>
#include <string.h>

static void verify_fail(struct attest_verdict *v, const char *part, const char *have, const char *want)
{
	memset(v, 0, sizeof(*v));
	v->overall = ATTEST_FAIL;
	v->part_count = 1;
	v->part[0].result = ATTEST_FAIL;
	v->part[0].vouched_by = "this connection";
	snprintf(v->part[0].name, sizeof(v->part[0].name), "%s", part);
	snprintf(v->part[0].have, sizeof(v->part[0].have), "%s", have);
	snprintf(v->part[0].want, sizeof(v->part[0].want), "%s", want);
}

/*
 * A verdict over the fast key, only on top of a full one that passed, only for our own nonce.
 * When it cannot be had the cache stays invalid: the next connection is a full one again.
 */
static void verify_fill_cache(struct box *cbor, enum channel_role role, const struct channel_hello *hello,
			      const struct channel_answer *answer, uint64_t now_ms, const struct attest_policy *policy,
			      struct channel_fast_cache *cache)
{
	uint8_t want[ATTEST_REPORT_DATA_SIZE];

	if (!policy->allow_fast || answer->fast_evidence.size == 0 || mt_is_zero(mt_bytes(hello->nonce, 32))) {
		return;
	}
	struct attest_verdict *v = mt_alloc(sizeof(*v));
	*cache = (struct channel_fast_cache){ 0 };
	if (!v) {
		return;
	}
	channel_fast_report_data(role, hello->nonce, &answer->keys, want);
	enum mt_err err = attest_appraise(cbor, answer->fast_evidence, want, now_ms, policy, v);
	if (!err && v->overall == ATTEST_PASS) {
		cache->valid = true;
		cache->level = v->level;
		cache->until_ms = now_ms + policy->fast_life_s * 1000;
		memcpy(cache->fast_key, answer->keys.fast, sizeof(cache->fast_key));
		memcpy(cache->log_id, answer->log_id, sizeof(cache->log_id));
		channel_core_keys_hash(&answer->keys, cache->keys_hash);
		attest_policy_hash(policy, cache->policy_hash);
	}
	mt_free(v);
}

/* NULL when the cached verdict serves this answer, else what does not fit. */
static const char *verify_cache_fault(const struct channel_fast_cache *cache, const struct channel_answer *answer, uint64_t now_ms,
				      const struct attest_policy *policy)
{
	uint8_t keys_hash[32], policy_hash[32];

	channel_core_keys_hash(&answer->keys, keys_hash);
	attest_policy_hash(policy, policy_hash);
	if (!policy->allow_fast) {
		return "forbidden by the policy";
	}
	if (now_ms >= cache->until_ms) {
		return "expired";
	}
	if (memcmp(keys_hash, cache->keys_hash, 32) != 0 || memcmp(answer->log_id, cache->log_id, 32) != 0) {
		return "made for other keys";
	}
	if (memcmp(policy_hash, cache->policy_hash, 32) != 0) {
		return "made under another policy";
	}
	return NULL;
}

static enum mt_err verify_fast(enum channel_role role, const struct channel_binding *b, const struct channel_answer *answer,
			       uint64_t now_ms, const struct attest_policy *policy, struct channel_fast_cache *cache,
			       struct attest_verdict *out)
{
	uint8_t message[64];

	if (!cache || !cache->valid) {
		verify_fail(out, "fast form", "no earlier verdict", "a full appraisal first");
		return MT_STATE;
	}
	const char *fault = verify_cache_fault(cache, answer, now_ms, policy);
	if (fault) {
		cache->valid = false;
		verify_fail(out, "fast form", fault, "a verdict of this verifier that still holds");
		return MT_STATE;
	}
	channel_fast_message(role, b, message);
	if (crypto_verify_once(mt_bytes(cache->fast_key, sizeof(cache->fast_key)), mt_bytes(message, sizeof(message)),
			       answer->fast_signature)) {
		cache->valid = false;
		verify_fail(out, "fast form", "a signature that does not fit", "the fast key's signature over this connection");
		return MT_OK;
	}
	memset(out, 0, sizeof(*out));
	out->overall = ATTEST_PASS;
	out->level = cache->level;
	out->until_ms = cache->until_ms;
	return MT_OK;
}

MUST enum mt_err channel_verify(struct box *cbor, enum channel_role role, const struct channel_hello *hello,
				const struct channel_binding *b, const struct channel_answer *answer, uint64_t now_ms,
				const struct attest_policy *policy, struct channel_fast_cache *cache, struct attest_verdict *out)
{
	uint8_t want[ATTEST_REPORT_DATA_SIZE];

	if (answer->form != hello->form) {
		verify_fail(out, "form", "another form of evidence", "the form that was asked for");
		return MT_MALFORMED;
	}
	if (memcmp(hello->context, b->context, CHANNEL_CONTEXT_SIZE) != 0) {
		verify_fail(out, "challenge", "another challenge", "the challenge of this connection");
		return MT_STATE;
	}
	if (hello->form == CHANNEL_FAST) {
		return verify_fast(role, b, answer, now_ms, policy, cache, out);
	}
	channel_report_data(role, b, &answer->keys, want);
	enum mt_err err = attest_appraise(cbor, answer->evidence, want, now_ms, policy, out);
	if (!err && out->overall == ATTEST_PASS && cache) {
		verify_fill_cache(cbor, role, hello, answer, now_ms, policy, cache);
	}
	return err;
}
