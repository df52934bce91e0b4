#include "lib/attest/attest_private.h"

#include <stdio.h>
#include <string.h>

static struct attest_part *verdict_part(struct attest_verdict *v, const char *name, enum attest_result result, const char *vouched_by)
{
	mt_assert(v->part_count < ATTEST_PARTS_MAX);
	struct attest_part *p = &v->part[v->part_count++];

	snprintf(p->name, sizeof(p->name), "%s", name);
	p->result = result;
	p->vouched_by = vouched_by;
	return p;
}

static void part_text(struct attest_part *p, const char *have, const char *want)
{
	snprintf(p->have, sizeof(p->have), "%s", have);
	snprintf(p->want, sizeof(p->want), "%s", want);
}

static void part_hash(struct attest_part *p, const uint8_t *have, const uint8_t *want)
{
	if (have) {
		mt_hex(mt_bytes(have, ATTEST_HASH_SIZE), p->have);
	} else {
		snprintf(p->have, sizeof(p->have), "not measured");
	}
	if (want) {
		mt_hex(mt_bytes(want, ATTEST_HASH_SIZE), p->want);
	} else {
		snprintf(p->want, sizeof(p->want), "not in the policy");
	}
}

/* The level follows from who vouches, and nothing else: 1 for the root that everybody has, 2 for a root that somebody holds. */
static void appraise_root(const struct attest_policy *policy, struct attest_verdict *v)
{
	uint8_t development[COSE_ID_SIZE];
	char have[2 * COSE_ID_SIZE + 1];

	attest_development_root_id(development);
	mt_hex(mt_bytes(v->root, COSE_ID_SIZE), have);
	if (memcmp(v->root, development, COSE_ID_SIZE) == 0) {
		v->level = 1;
		struct attest_part *p = verdict_part(v, "root", policy->allow_development_root ? ATTEST_PASS : ATTEST_FAIL, "nobody");
		part_text(p, "the well-known development root",
			  policy->allow_development_root ? "the development root, by name" : "a root that the policy names");
		return;
	}
	bool known = false;
	for (size_t i = 0; i < policy->root_count; i++) {
		known = known || memcmp(v->root, policy->root[i], COSE_ID_SIZE) == 0;
	}
	v->level = known ? 2 : 0;
	struct attest_part *p = verdict_part(v, "root", known ? ATTEST_PASS : ATTEST_FAIL, "the holder of the root key");
	part_text(p, have, policy->root_count ? "a root that the policy names" : "a root: the policy names none");
	if (known) {
		snprintf(p->want, sizeof(p->want), "%s", have);
	}
}

static void appraise_measurements(const struct attest_policy *policy, struct attest_verdict *v)
{
	const struct attest_measurements *have = &v->claims.measurements, *want = &policy->expected;
	size_t i = 0, j = 0;

	if (want->count == 0) {
		struct attest_part *p = verdict_part(v, "measurements", ATTEST_FAIL, "the launcher");
		part_text(p, "measured", "expected values: the policy has none");
		return;
	}
	while (i < have->count || j < want->count) {
		int order = i == have->count ? 1 : j == want->count ? -1 : strcmp(have->item[i].name, want->item[j].name);
		const uint8_t *have_hash = order <= 0 ? have->item[i].hash : NULL;
		const uint8_t *want_hash = order >= 0 ? want->item[j].hash : NULL;
		bool same = order == 0 && memcmp(have_hash, want_hash, ATTEST_HASH_SIZE) == 0;
		const char *name = order <= 0 ? have->item[i].name : want->item[j].name;

		if (v->part_count < ATTEST_PARTS_MAX - 8) {
			part_hash(verdict_part(v, name, same ? ATTEST_PASS : ATTEST_FAIL, "the launcher"), have_hash, want_hash);
		} else if (!same) {
			v->overall = ATTEST_FAIL;       /* too many to list; still counted */
		}
		i += order <= 0;
		j += order >= 0;
	}
}

static void appraise_claims(const struct attest_policy *policy, struct attest_verdict *v)
{
	const struct attest_claims *c = &v->claims;
	struct attest_part *p = verdict_part(v, "confined", c->confined || policy->allow_unconfined ? ATTEST_PASS : ATTEST_FAIL,
					     "the launcher");
	part_text(p, c->confined ? "yes" : "not confined", policy->allow_unconfined ? "not demanded" : "yes");

	p = verdict_part(v, "isolation", c->isolated || policy->allow_in_process ? ATTEST_PASS : ATTEST_FAIL, "the launcher");
	part_text(p, c->isolated ? "process" : "in-process", policy->allow_in_process ? "any" : "process");

	p = verdict_part(v, "level", v->level >= policy->level_min && policy->level_min >= 1 ? ATTEST_PASS : ATTEST_FAIL, "this appraisal");
	snprintf(p->have, sizeof(p->have), "%u (%s)", v->level, attest_level_name(v->level));
	snprintf(p->want, sizeof(p->want), "at least %u (%s)", policy->level_min, attest_level_name(policy->level_min));
}

MUST enum mt_err attest_appraise(struct box *cbor, struct bytes evidence, const uint8_t report_data[ATTEST_REPORT_DATA_SIZE],
				 uint64_t now_ms, const struct attest_policy *policy, struct attest_verdict *out)
{
	struct bytes want = mt_bytes(report_data, ATTEST_REPORT_DATA_SIZE);

	(void)now_ms;   /* software evidence has no validity of its own: freshness is the challenge in report data */
	memset(out, 0, sizeof(*out));
	out->overall = ATTEST_FAIL;
	if (mt_is_zero(want)) {
		part_text(verdict_part(out, "report data", ATTEST_FAIL, "the caller"), "", "a value: none was given");
		return MT_OK;
	}
	enum mt_err err = attest_software_open(cbor, evidence, &out->claims, out->root);
	if (err) {
		part_text(verdict_part(out, "evidence", ATTEST_FAIL, "the platform root"), mt_err_name(err),
			  "a well-formed software evidence record with a fitting signature");
		return err;
	}
	out->overall = ATTEST_PASS;
	part_text(verdict_part(out, "evidence", ATTEST_PASS, "the platform root"), "software", "software");
	appraise_root(policy, out);
	bool bound = mt_equal_ct(want, mt_bytes(out->claims.report_data, ATTEST_REPORT_DATA_SIZE));
	part_text(verdict_part(out, "report data", bound ? ATTEST_PASS : ATTEST_FAIL, "the platform root"),
		  bound ? "bound to this challenge, connection and keys" : "bound to something else",
		  "bound to this challenge, connection and keys");
	appraise_measurements(policy, out);
	appraise_claims(policy, out);
	if (attest_verdict_fault(out)) {
		out->overall = ATTEST_FAIL;
	}
	return MT_OK;
}

const struct attest_part *attest_verdict_fault(const struct attest_verdict *v)
{
	for (size_t i = 0; i < v->part_count; i++) {
		if (v->part[i].result != ATTEST_PASS) {
			return &v->part[i];
		}
	}
	return NULL;
}

static const char *const level_text[6][3] = {
	{ "none", "nothing", "nothing was established" },
	{ "unprotected", "nothing: anyone can make this evidence",
	  "the machine's owner and every other party could read and change everything" },
	{ "SoftTEE", "the other parties, while the operator is honest",
	  "the operator of the machine can read the data; side channels" },
	{ "TPM / TrustZone", "the other parties and changed software", "an owner who reads memory; side channels" },
	{ "SEV-SNP, TDX, CCA", "host software and hypervisor as well", "the guest's operating system; side channels" },
	{ "SGX", "the operating system as well", "side channels" },
};

static const char *level_field(uint8_t level, size_t field)
{
	return level_text[level < MT_COUNT(level_text) ? level : 0][field];
}

const char *attest_level_name(uint8_t level)
{
	return level_field(level, 0);
}

const char *attest_level_protects(uint8_t level)
{
	return level_field(level, 1);
}

const char *attest_level_limits(uint8_t level)
{
	return level_field(level, 2);
}
