/*
 * A receipt, checked by nobody's word: pure, offline, every check named. One that cannot be made because an earlier one failed has
 * failed.
 */
#include "party/client/client_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/log/log.h"

/* RFC 9942: labels of the unprotected header, and the number of RFC 9162's tree. The form is service/ledger/public.c's. */
#define RECEIPT_LABEL_VDS 395
#define RECEIPT_LABEL_PROOFS 396
#define RECEIPT_VDS_RFC9162 1

/* What has been decoded so far. A pointer's thing is only looked at when the flag beside it is set. */
struct examination {
	struct box *cbor;
	const struct attest_policy *policy;
	struct mesatee_receipt *out;
	struct receipt_file file;
	struct genesis genesis;
	uint8_t log_id[32];
	struct attest_verdict verdict;
	uint8_t engine[32];
	struct cose statement;
	struct receipt receipt;
	struct contract contract;
	struct entry entry;
	bool genesis_ok, verdict_ok, receipt_ok, contract_ok;
};

/* Record one check. Returns whether it passed. */
static bool check(struct examination *x, const char *name, bool passed, const char *have, const char *want)
{
	struct mesatee_receipt *out = x->out;

	mt_assert(out->part_count < MT_COUNT(out->part));
	struct mesatee_part *p = &out->part[out->part_count++];
	*p = (struct mesatee_part){ .passed = passed, .vouched_by = "this check" };
	(void)snprintf(p->name, sizeof(p->name), "%s", name);
	client_clean(mt_text(have), p->have, sizeof(p->have));
	client_clean(mt_text(want), p->want, sizeof(p->want));
	return passed;
}

/* Two hashes must be equal; `possible`: both are known. */
static bool check_hash(struct examination *x, const char *name, bool possible, const uint8_t *have, const uint8_t *want)
{
	char have_text[65] = "not known", want_text[65] = "known";

	if (possible) {
		mt_hex(mt_bytes(have, 32), have_text);
		mt_hex(mt_bytes(want, 32), want_text);
	}
	return check(x, name, possible && memcmp(have, want, 32) == 0, have_text, want_text);
}

/* ---- who vouches ---- */

static void examine_genesis(struct examination *x)
{
	uint8_t leaf[LOG_HASH_SIZE];
	const struct receipt_file *f = &x->file;

	x->genesis_ok = genesis_decode(x->cbor, f->genesis, &x->genesis) == MT_OK;
	if (x->genesis_ok) {
		genesis_log_id(&x->genesis, x->log_id);
		mt_hex(mt_bytes(x->log_id, 32), x->out->log_id);
	}
	check(x, "genesis", x->genesis_ok, x->genesis_ok ? "the ledger's keys" : "not well-formed",
	      "the ledger's keys");
	log_leaf_hash(f->genesis, leaf);
	bool in = log_verify_inclusion(leaf, 0, f->size, f->genesis_proof, f->root) == MT_OK;
	check(x, "genesis in ledger", in, in ? "entry 0" : "not proven", "entry 0");
}

static void examine_evidence(struct examination *x)
{
	struct channel_core_keys keys = { 0 };
	uint8_t report_data[ATTEST_REPORT_DATA_SIZE];
	struct attest_verdict *v = &x->verdict;
	const struct attest_part *fault = NULL;
	bool passed = false;

	if (x->genesis_ok) {
		memcpy(keys.receipt, x->genesis.receipt_key, sizeof(keys.receipt));
		memcpy(keys.note, x->genesis.note_key, sizeof(keys.note));
		channel_receipt_report_data(x->log_id, &keys, report_data);
		enum mt_err err = attest_appraise(x->cbor, x->file.evidence, report_data, 0, x->policy, v);
		fault = attest_verdict_fault(v);
		passed = !err && v->overall == ATTEST_PASS &&
			 attest_executor_hash(&v->claims.measurements, ATTEST_EXECUTOR_WASM, x->engine) == MT_OK;
	}
	if (fault) {
		char name[96];
		(void)snprintf(name, sizeof(name), "evidence: %.50s", fault->name);
		check(x, name, false, fault->have, fault->want);
	} else {
		check(x, "evidence", passed, passed ? "passes the policy" : "not appraised", "passes the policy");
	}
	x->verdict_ok = passed;
	x->out->level = passed ? v->level : 0;
	x->out->level_name = attest_level_name((uint8_t)x->out->level);
	const struct attest_measurement *c =
		passed ? attest_measurement_find(&v->claims.measurements, "configuration") : NULL;
	check_hash(x, "configuration", c != NULL, c ? c->hash : NULL, x->genesis.configuration_hash);
}

/* ---- the ledger's head ---- */

static void examine_note(struct examination *x)
{
	char origin[8 + 64 + 1] = "mesatee/";
	uint64_t size = 0;
	uint8_t root[32] = { 0 };

	mt_hex(mt_bytes(x->log_id, 32), origin + strlen(origin));
	bool passed = x->genesis_ok &&
		      log_checkpoint_open(x->file.note, origin, x->genesis.note_key, &size, root) == MT_OK &&
		      size == x->file.size && memcmp(root, x->file.root, sizeof(root)) == 0;
	check(x, "checkpoint", passed,
	      passed ? "signed by the note key" : "another head, or not signed by the note key", "this head, signed");
}

static struct bytes head_protected(void)
{
	static const uint8_t header[] = { 0xa2, 0x01, 0x26, 0x19, 0x01, 0x8b, 0x01 }; /* { 1: -7, 395: 1 } */

	_Static_assert(RECEIPT_LABEL_VDS == 0x018b && RECEIPT_VDS_RFC9162 == 1, "RFC 9942, 5.2");
	return mt_bytes(header, sizeof(header));
}

/* Everything of the COSE receipt but its signature follows from the file: composed here and compared, so nothing is parsed. */
static bool head_compose(const struct receipt_file *f, struct builder *out)
{
	uint8_t inner_space[64 + LOG_PROOF_MAX * 34];
	struct builder inner = builder_over(inner_space, sizeof(inner_space));
	struct bytes proof = { 0 };

	if (f->proof.size % LOG_HASH_SIZE != 0 || f->proof.size > LOG_PROOF_MAX * LOG_HASH_SIZE) {
		return false;
	}
	cbor_array(&inner, 3);
	cbor_uint(&inner, f->size);
	cbor_uint(&inner, f->index);
	cbor_array(&inner, f->proof.size / LOG_HASH_SIZE);
	for (size_t i = 0; i < f->proof.size; i += LOG_HASH_SIZE) {
		cbor_bstr(&inner, mt_bytes(f->proof.at + i, LOG_HASH_SIZE));
	}
	enum mt_err err = builder_done(&inner, &proof);
	cbor_tag(out, 18);
	cbor_array(out, 4);
	cbor_bstr(out, head_protected());
	cbor_map(out, 1);
	cbor_uint(out, RECEIPT_LABEL_PROOFS);
	cbor_map(out, 1);
	cbor_int(out, -1);
	cbor_array(out, 1);
	cbor_bstr(out, proof);
	cbor_null(out);
	cbor_head(out, 2, CRYPTO_SIGNATURE_SIZE);
	return !err;
}

static void examine_head(struct examination *x)
{
	const struct receipt_file *f = &x->file;
	uint8_t space[128 + LOG_PROOF_MAX * 34], signed_space[128];
	struct builder form = builder_over(space, sizeof(space)), s = builder_over(signed_space, sizeof(signed_space));
	struct bytes want = { 0 }, signed_bytes = { 0 };
	bool passed = x->genesis_ok && head_compose(f, &form) && builder_done(&form, &want) == MT_OK &&
		      f->head_receipt.size == want.size + CRYPTO_SIGNATURE_SIZE &&
		      mt_equal(mt_bytes(f->head_receipt.at, want.size), want);

	cbor_array(&s, 4);
	cbor_tstr(&s, mt_text("Signature1"));
	cbor_bstr(&s, head_protected());
	cbor_bstr(&s, mt_bytes(NULL, 0));
	cbor_bstr(&s, mt_bytes(f->root, sizeof(f->root)));
	passed = passed && builder_done(&s, &signed_bytes) == MT_OK &&
		 crypto_verify_once(mt_bytes(x->genesis.receipt_key, sizeof(x->genesis.receipt_key)), signed_bytes,
				    mt_bytes(f->head_receipt.at + want.size, CRYPTO_SIGNATURE_SIZE)) == MT_OK;
	check(x, "head signature", passed,
	      passed ? "the receipt key's over this root" : "another form, or another signature",
	      "the receipt key's over this root");
}

/* ---- the statement and its place ---- */

static void examine_statement(struct examination *x)
{
	enum mt_err err = cose_open(x->cbor, STATEMENT_TYPE_RECEIPT, x->file.statement, &x->statement);
	bool own = !err && x->genesis_ok &&
		   memcmp(x->statement.public_key, x->genesis.receipt_key, sizeof(x->genesis.receipt_key)) == 0;

	check(x, "statement", own,
	      err   ? mt_err_name(err)
	      : own ? "signed by the receipt key"
		    : "signed by another key",
	      "signed by the receipt key");
	err = own ? receipt_decode(x->cbor, x->statement.payload, &x->receipt) : MT_MALFORMED;
	x->receipt_ok = err == MT_OK;
	check(x, "content", x->receipt_ok, x->receipt_ok ? "a receipt" : "no receipt", "a receipt");
	check_hash(x, "ledger", x->receipt_ok, x->receipt.log_id, x->log_id);
}

static void examine_entry(struct examination *x)
{
	const struct receipt_file *f = &x->file;
	uint8_t commitment[32], leaf[LOG_HASH_SIZE];
	bool good = entry_decode(x->cbor, f->entry, &x->entry) == MT_OK && x->entry.kind == ENTRY_RECEIPT &&
		    x->entry.request.size == 0 && mt_equal(x->entry.body, f->statement);

	check(x, "ledger entry", good, good ? "holds this statement" : "something else", "holds this statement");
	log_commitment(f->salt, f->entry, commitment);
	log_leaf_hash(mt_bytes(commitment, sizeof(commitment)), leaf);
	good = f->index > 0 && log_verify_inclusion(leaf, f->index, f->size, f->proof, f->root) == MT_OK;
	check(x, "entry in ledger", good, good ? "proven" : "not proven", "proven");
	good = x->receipt_ok && x->receipt.running_index > 0 && x->receipt.running_index < f->index;
	check(x, "order", good, good ? "begun before it ended" : "no run before it", "begun before it ended");
}

/* ---- what was agreed ---- */

static void examine_contract(struct examination *x)
{
	x->contract_ok = contract_decode(x->cbor, x->file.contract, &x->contract) == MT_OK;
	check_hash(x, "contract", x->contract_ok && x->receipt_ok, x->receipt.contract_hash, x->contract.hash);
	check_hash(x, "contract's ledger", x->contract_ok, x->contract.log_id, x->log_id);

	uint8_t policy_hash[32];
	attest_policy_hash(x->policy, policy_hash);
	check_hash(x, "policy", x->contract_ok, x->contract.policy_hash, policy_hash);

	bool level = x->contract_ok && x->verdict_ok && x->verdict.level >= x->contract.level_min;
	char have[64], want[64];
	(void)snprintf(have, sizeof(have), "%u", x->out->level);
	(void)snprintf(want, sizeof(want), "at least %u", x->contract.level_min);
	check(x, "level", level, have, want);

	/* The contract says which one; evidence without it leaves the other's hash, which is not what the contract names. */
	if (x->contract_ok && x->verdict_ok) {
		(void)!attest_executor_hash(&x->verdict.claims.measurements, (enum attest_executor)x->contract.executor, x->engine);
	}
	check_hash(x, "executor", x->contract_ok && x->verdict_ok, x->contract.executor_hash, x->engine);
	check_hash(x, "engine that ran", x->receipt_ok && x->verdict_ok, x->receipt.engine_hash, x->engine);
	uint8_t measurement[32];
	attest_measurements_hash(&x->verdict.claims.measurements, measurement);
	check_hash(x, "measurement", x->receipt_ok && x->verdict_ok, x->receipt.measurement_hash, measurement);
}

static bool inputs_fit(const struct receipt *r, const struct contract *c)
{
	bool good = r->input_count == c->input_count;

	for (size_t i = 0; good && i < c->input_count; i++) {
		good = memcmp(r->input_tag[i], c->input[i].tag, 32) == 0;
	}
	return good;
}

/* A finished run has every output, in the contract's order and within its guard; any other has none. */
static bool outputs_fit(const struct receipt *r, const struct contract *c)
{
	if (r->outcome != RECEIPT_FINISHED) {
		return r->output_count == 0;
	}
	bool good = r->output_count == c->output_count;
	for (size_t i = 0; good && i < c->output_count; i++) {
		good = mt_equal(r->output[i].name, c->output[i].name) && r->output[i].size <= c->output[i].size_max;
	}
	return good;
}

static void examine_run(struct examination *x)
{
	const struct receipt *r = &x->receipt;
	const struct contract *c = &x->contract;
	bool both = x->contract_ok && x->receipt_ok;

	bool good = both && inputs_fit(r, c);
	check(x, "inputs", good, good ? "the contract's" : "others", "the contract's");
	good = both && outputs_fit(r, c);
	check(x, "outputs", good, good ? "the contract's" : "others", "the contract's");
	good = both && r->run >= 1 && r->run <= c->runs;
	check(x, "run", good, good ? "one that the contract allows" : "one too many", "one that the contract allows");
}

/* ---- the result ---- */

static void result_fill(struct examination *x)
{
	static const char *const outcome[] = { "", "finished", "failed", "cancelled" };
	const struct receipt *r = &x->receipt;
	struct mesatee_receipt *out = x->out;

	out->index = x->file.index;
	out->log_size = x->file.size;
	if (x->contract_ok) {
		mt_hex(mt_bytes(x->contract.hash, 32), out->contract);
		mt_hex(mt_bytes(x->contract.function, 32), out->function);
	}
	if (!x->receipt_ok) {
		return;
	}
	out->run = r->run;
	(void)snprintf(out->outcome, sizeof(out->outcome), "%s", outcome[r->outcome]);
	client_clean(r->cause, out->cause, sizeof(out->cause));
	out->exit_code = r->exit_code;
	out->started_ms = r->started_ms;
	out->ended_ms = r->ended_ms;
	out->wall_ms = r->wall_ms;
	out->cpu_us = r->cpu_us;
	out->memory_peak = r->memory_peak;
	out->bytes_in = r->bytes_in;
	out->bytes_out = r->bytes_out;
	for (size_t i = 0; i < r->output_count; i++) {
		client_clean(r->output[i].name, out->output[i].name, sizeof(out->output[i].name));
		mt_hex(mt_bytes(r->output[i].tag, 32), out->output[i].tag);
		out->output[i].size = r->output[i].size;
	}
	out->output_count = r->output_count;
}

MUST enum mt_err verify_receipt(struct box *cbor, const struct attest_policy *policy, struct bytes file,
				struct mesatee_receipt *out)
{
	struct examination *x = mt_alloc(sizeof(*x));

	*out = (struct mesatee_receipt){ .level_name = attest_level_name(0) };
	if (!x) {
		return MT_NO_MEMORY;
	}
	x->cbor = cbor;
	x->policy = policy;
	x->out = out;
	bool whole = receipt_file_decode(cbor, file, &x->file) == MT_OK;
	check(x, "file", whole, whole ? "well-formed" : "no receipt file", "well-formed");
	if (whole) {
		examine_genesis(x);
		examine_evidence(x);
		examine_note(x);
		examine_head(x);
		examine_statement(x);
		examine_entry(x);
		examine_contract(x);
		examine_run(x);
		result_fill(x);
	}
	out->passed = whole;
	for (size_t i = 0; i < out->part_count; i++) {
		out->passed = out->passed && out->part[i].passed;
	}
	entry_close(&x->entry);
	contract_close(&x->contract);
	receipt_close(&x->receipt);
	cose_close(&x->statement);
	receipt_file_close(&x->file);
	mt_free(x);
	return MT_OK;
}

enum mesatee_err mesatee_verify(struct mesatee *m, const char *path, struct mesatee_receipt *out)
{
	uint8_t *content = NULL;
	size_t size = 0;

	*out = (struct mesatee_receipt){ .level_name = attest_level_name(0) };
	if (!m->policy_set) {
		return client_fail(m, MESATEE_USAGE, "name one: mesatee --policy FILE",
				   "no policy says what a receipt must show");
	}
	enum mesatee_err err = file_read(m, path, CLIENT_FILE_MAX, &content, &size);
	if (!err && verify_receipt(m->cbor, &m->policy, mt_bytes(content, size), out)) {
		err = client_no_memory(m);
	}
	mt_free(content);
	for (size_t i = 0; !err && i < out->part_count; i++) {
		const struct mesatee_part *p = &out->part[i];
		if (!p->passed) {
			err = client_fail(m, MESATEE_NOT_VERIFIED,
					  "do not believe this receipt; is the policy the one that the contract was "
					  "approved under?",
					  "%s: %s is %s, it must be %s", path, p->name, p->have, p->want);
		}
	}
	return err;
}
