/* Policies: TOML for people, canonical CBOR for hashes. docs/policy.md explains the fields. */
#include "lib/attest/attest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POLICY_FAST_LIFE_DEFAULT_S 600
#define POLICY_TOML_ANSWER_MAX (512 * 1024)
#define POLICY_ENCODING_MAX 4096

/* What may stand in a policy file: an unknown key is refused, since a misspelt demand would silently demand nothing. */
static const char *const policy_keys[] = {
	"policy", "level", "roots", "development_root", "unconfined", "in_process", "fast", "fast_life_s", "measurements",
};

static bool policy_keys_known(const struct reader *root, char why[128])
{
	struct reader r = *root;
	uint64_t pairs = reader_map(&r);

	for (uint64_t i = 0; i < pairs && reader_ok(&r); i++) {
		struct bytes key = reader_tstr(&r);
		bool known = false;
		for (size_t k = 0; k < MT_COUNT(policy_keys); k++) {
			known = known || mt_equal(key, mt_text(policy_keys[k]));
		}
		if (!known) {
			snprintf(why, 128, "unknown key \"%.*s\"", (int)(key.size < 60 ? key.size : 60), (const char *)key.at);
			return false;
		}
		reader_skip(&r);
	}
	return true;
}

/* An optional boolean, false when absent. */
static bool policy_flag(const struct reader *root, const char *key, bool *bad)
{
	struct reader r = reader_find(root, key);

	if (!reader_ok(&r)) {
		return false;
	}
	bool value = reader_bool(&r);
	*bad = *bad || !reader_ok(&r);
	return value;
}

static int policy_id_order(const void *a, const void *b)
{
	return memcmp(a, b, COSE_ID_SIZE);
}

static bool policy_roots(const struct reader *root, struct attest_policy *p)
{
	struct reader r = reader_find(root, "roots");

	if (!reader_ok(&r)) {
		return true;
	}
	uint64_t count = reader_array(&r);
	if (!reader_ok(&r) || count > ATTEST_ROOTS_MAX) {
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		if (mt_unhex(reader_tstr(&r), p->root[i], COSE_ID_SIZE)) {
			return false;
		}
	}
	p->root_count = (size_t)count;
	qsort(p->root, p->root_count, COSE_ID_SIZE, policy_id_order);
	return reader_ok(&r);
}

static int policy_measurement_order(const void *a, const void *b)
{
	return strcmp(((const struct attest_measurement *)a)->name, ((const struct attest_measurement *)b)->name);
}

static bool policy_measurements(const struct reader *root, struct attest_policy *p)
{
	struct reader r = reader_find(root, "measurements");
	struct attest_measurements *m = &p->expected;

	uint64_t pairs = reader_map(&r);
	if (!reader_ok(&r) || pairs == 0 || pairs > ATTEST_MEASUREMENTS_MAX) {
		return false;
	}
	for (size_t i = 0; i < pairs; i++) {
		struct bytes name = reader_tstr(&r), hash = reader_tstr(&r);
		if (!reader_ok(&r) || name.size == 0 || name.size > ATTEST_NAME_MAX || memchr(name.at, 0, name.size) ||
		    mt_unhex(hash, m->item[i].hash, ATTEST_HASH_SIZE)) {
			return false;
		}
		memcpy(m->item[i].name, name.at, name.size);
	}
	m->count = (size_t)pairs;
	qsort(m->item, m->count, sizeof(m->item[0]), policy_measurement_order);
	return true;
}

static bool policy_scalars(const struct reader *root, struct attest_policy *p, char why[128])
{
	struct reader name = reader_find(root, "policy"), level = reader_find(root, "level"), life = reader_find(root, "fast_life_s");
	struct bytes text = reader_tstr(&name);
	uint64_t level_min = reader_uint(&level);
	bool bad = false;

	if (!reader_ok(&name) || text.size == 0 || text.size > ATTEST_NAME_MAX || memchr(text.at, 0, text.size)) {
		snprintf(why, 128, "\"policy\" must give the policy's name, at most %d characters", ATTEST_NAME_MAX);
		return false;
	}
	memcpy(p->name, text.at, text.size);
	if (!reader_ok(&level) || level_min < 1 || level_min > 5) {
		snprintf(why, 128, "\"level\" must be a number from 1 to 5");
		return false;
	}
	p->level_min = (uint8_t)level_min;
	p->allow_development_root = policy_flag(root, "development_root", &bad);
	p->allow_unconfined = policy_flag(root, "unconfined", &bad);
	p->allow_in_process = policy_flag(root, "in_process", &bad);
	p->allow_fast = policy_flag(root, "fast", &bad);
	p->fast_life_s = POLICY_FAST_LIFE_DEFAULT_S;
	if (reader_ok(&life)) {
		p->fast_life_s = reader_uint(&life);
		bad = bad || !reader_ok(&life) || p->fast_life_s == 0 || p->fast_life_s > 86400;
	}
	if (bad) {
		snprintf(why, 128, "a flag must be true or false, \"fast_life_s\" 1 to 86400");
	}
	return !bad;
}

static bool policy_read(const struct items *items, struct attest_policy *p, char why[128])
{
	struct reader root = reader_over(items);

	if (!policy_keys_known(&root, why) || !policy_scalars(&root, p, why)) {
		return false;
	}
	if (!policy_roots(&root, p)) {
		snprintf(why, 128, "\"roots\" must be a list of at most %d ids of 64 hex digits", ATTEST_ROOTS_MAX);
		return false;
	}
	if (!policy_measurements(&root, p)) {
		snprintf(why, 128, "[measurements] must name 1 to %d components, each with 64 hex digits", ATTEST_MEASUREMENTS_MAX);
		return false;
	}
	return true;
}

MUST enum mt_err attest_policy_from_toml(struct box *toml, struct bytes text, struct attest_policy *out, uint32_t *line, char why[128])
{
	struct attest_policy *p = mt_alloc(sizeof(*p));
	uint8_t *answer = mt_alloc(POLICY_TOML_ANSWER_MAX);
	size_t answer_size = 0;
	struct items items;
	enum mt_err err = p && answer ? MT_OK : MT_NO_MEMORY;

	*line = 0;
	why[0] = 0;
	if (!err) {
		err = box_call(toml, BOX_PARSE, text, answer, POLICY_TOML_ANSWER_MAX, &answer_size);
		*line = err == MT_MALFORMED ? box_fault_line(toml) : 0;
	}
	if (!err) {
		err = items_open(mt_bytes(answer, answer_size), &items);
	}
	if (!err && !policy_read(&items, p, why)) {
		err = MT_MALFORMED;
	}
	if (!err) {
		*out = *p;
	} else if (!why[0]) {
		snprintf(why, 128, "%s", err == MT_NO_MEMORY ? "out of memory" :
			 err == MT_LIMIT ? "this is larger than a policy may be" : "this is not a TOML document");
	}
	mt_free(answer);
	mt_free(p);
	return err;
}

static void policy_toml_flag(struct builder *out, const char *key, bool value)
{
	if (value) {
		builder_format(out, "%s = true\n", key);
	}
}

void attest_policy_to_toml(const struct attest_policy *p, struct builder *out)
{
	char digits[2 * ATTEST_HASH_SIZE + 1];

	builder_format(out, "policy = ");
	builder_json_text(out, mt_text(p->name));
	builder_format(out, "\nlevel = %u\n", p->level_min);
	if (p->root_count) {
		builder_text(out, "roots = [\n");
		for (size_t i = 0; i < p->root_count; i++) {
			mt_hex(mt_bytes(p->root[i], COSE_ID_SIZE), digits);
			builder_format(out, "  \"%s\",\n", digits);
		}
		builder_text(out, "]\n");
	}
	policy_toml_flag(out, "development_root", p->allow_development_root);
	policy_toml_flag(out, "unconfined", p->allow_unconfined);
	policy_toml_flag(out, "in_process", p->allow_in_process);
	policy_toml_flag(out, "fast", p->allow_fast);
	builder_format(out, "fast_life_s = %llu\n\n[measurements]\n", (unsigned long long)p->fast_life_s);
	for (size_t i = 0; i < p->expected.count; i++) {
		mt_hex(mt_bytes(p->expected.item[i].hash, ATTEST_HASH_SIZE), digits);
		builder_json_text(out, mt_text(p->expected.item[i].name));
		builder_format(out, " = \"%s\"\n", digits);
	}
}

void attest_policy_encode(const struct attest_policy *p, struct builder *out)
{
	cbor_map(out, 9);
	cbor_uint(out, 1);
	cbor_tstr(out, mt_text(p->name));
	cbor_uint(out, 2);
	cbor_uint(out, p->level_min);
	cbor_uint(out, 3);
	cbor_array(out, p->root_count);
	for (size_t i = 0; i < p->root_count; i++) {
		cbor_bstr(out, mt_bytes(p->root[i], COSE_ID_SIZE));
	}
	cbor_uint(out, 4);
	cbor_array(out, p->expected.count);
	for (size_t i = 0; i < p->expected.count; i++) {
		cbor_array(out, 2);
		cbor_tstr(out, mt_text(p->expected.item[i].name));
		cbor_bstr(out, mt_bytes(p->expected.item[i].hash, ATTEST_HASH_SIZE));
	}
	cbor_uint(out, 5);
	cbor_bool(out, p->allow_development_root);
	cbor_uint(out, 6);
	cbor_bool(out, p->allow_unconfined);
	cbor_uint(out, 7);
	cbor_bool(out, p->allow_in_process);
	cbor_uint(out, 8);
	cbor_bool(out, p->allow_fast);
	cbor_uint(out, 9);
	cbor_uint(out, p->fast_life_s);
}

void attest_policy_hash(const struct attest_policy *p, uint8_t out[ATTEST_HASH_SIZE])
{
	uint8_t space[POLICY_ENCODING_MAX + ATTEST_MEASUREMENTS_MAX * (ATTEST_NAME_MAX + 48)];
	struct builder b = builder_over(space, sizeof(space));
	struct bytes encoding;

	attest_policy_encode(p, &b);
	enum mt_err err = builder_done(&b, &encoding);
	mt_assert(!err);
	crypto_label_sha256(ATTEST_LABEL_POLICY, &encoding, 1, out);
}
