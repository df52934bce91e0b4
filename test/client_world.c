#include "test/client_world.h"

#include <stdio.h>
#include <string.h>

#include "lib/channel/channel.h"
#include "lib/crypto/crypto.h"
#include "lib/log/log.h"
#include "port/linux/box_port.h"
#include "test/test.h"

static const char *const forgery_names[FORGERIES] = {
	"nothing",
	"another root",
	"the development root",
	"report data",
	"an image",
	"not confined",
	"another configuration",
	"contract hash",
	"contract's ledger",
	"policy",
	"executor",
	"level",
	"receipt's ledger",
	"engine",
	"measurement",
	"an input",
	"one input less",
	"an output's name",
	"an output too large",
	"one output less",
	"failed but with output",
	"one run too many",
	"begun after its end",
	"statement's key",
	"statement's type",
	"entry's kind",
	"entry with a request",
	"entry of another statement",
	"note's key",
	"note's size",
	"note's ledger",
	"head's key",
	"head's root",
	"head's form",
};

const char *forgery_name(enum forgery f)
{
	return forgery_names[f];
}

/* What one world is built from. */
struct making {
	uint8_t seed;
	enum forgery forged;
	struct crypto_signer *root, *receipt_key, *note_key, *stranger, *stranger_note;
	struct genesis genesis;
	uint8_t log_id[32], engine[32], measurement[32];
	struct attest_claims claims;
	struct contract contract;
	struct receipt receipt;
};

static void fill(uint8_t out[32], uint8_t seed, const char *what)
{
	struct bytes part[2] = { mt_bytes(&seed, 1), mt_text(what) };

	crypto_sha256_parts(part, 2, out);
}

static void good(enum mt_err err)
{
	(void)CHECK(err == MT_OK, "the world could not be made");
}

static struct builder room(size_t size)
{
	return builder_over(test_alloc(size), size);
}

static struct bytes done(const struct builder *b)
{
	struct bytes out = { 0 };

	good(builder_done(b, &out));
	return out;
}

static struct crypto_signer *signer(uint8_t seed, const char *what, bool ed25519)
{
	struct crypto_signer *out = NULL;
	struct secret key;

	fill(key.at, seed, what);
	good(ed25519 ? crypto_signer_open_ed25519(&key, &out) : crypto_signer_open_p256(&key, &out));
	return out;
}

/* ---- keys, evidence, policy ---- */

static void measure(struct attest_measurements *m, const char *name, uint8_t seed)
{
	struct attest_measurement *item = &m->item[m->count++];

	snprintf(item->name, sizeof(item->name), "%s", name);
	fill(item->hash, seed, name);
}

static void make_keys(struct making *k)
{
	k->root = signer(k->seed, "root", false);
	k->receipt_key = signer(k->seed, "receipt", false);
	k->note_key = signer(k->seed, "note", true);
	k->stranger = signer(k->seed, "stranger", false);
	k->stranger_note = signer(k->seed, "stranger note", true);
	memcpy(k->genesis.receipt_key, crypto_signer_public(k->receipt_key).at, sizeof(k->genesis.receipt_key));
	memcpy(k->genesis.note_key, crypto_signer_public(k->note_key).at, sizeof(k->genesis.note_key));
	k->genesis.time_ms = 1000;
	fill(k->genesis.configuration_hash, 0, "configuration");
	genesis_log_id(&k->genesis, k->log_id);
	measure(&k->claims.measurements, "compile", 0);
	measure(&k->claims.measurements, "configuration", 0);
	measure(&k->claims.measurements, "core", 0);
	measure(&k->claims.measurements, "run", 0);
}

static void make_policy(struct making *k, struct attest_policy *p)
{
	*p = (struct attest_policy){ .name = "test", .level_min = 2, .root_count = 1, .fast_life_s = 600 };
	crypto_p256_id(crypto_signer_public(k->root).at, p->root[0]);
	p->expected = k->claims.measurements;
	good(attest_executor_hash(&p->expected, ATTEST_EXECUTOR_WASM, k->engine));
	if (k->forged == FORGE_CONFIGURATION) { /* policy and evidence agree, the ledger was begun under another */
		k->claims.measurements.item[1].hash[0] ^= 1;
		p->expected = k->claims.measurements;
	}
	attest_measurements_hash(&k->claims.measurements, k->measurement);
}

static struct bytes make_evidence(struct making *k)
{
	struct builder b = room(ATTEST_EVIDENCE_MAX);
	struct channel_core_keys keys = { 0 };
	struct crypto_signer *development = NULL;
	struct secret scalar;
	struct attest_claims claims = k->claims;

	memcpy(keys.receipt, k->genesis.receipt_key, sizeof(keys.receipt));
	memcpy(keys.note, k->genesis.note_key, sizeof(keys.note));
	channel_receipt_report_data(k->log_id, &keys, claims.report_data);
	claims.report_data[0] ^= k->forged == FORGE_REPORT_DATA;
	claims.measurements.item[2].hash[5] ^= k->forged == FORGE_IMAGE;
	claims.confined = k->forged != FORGE_UNCONFINED;
	claims.isolated = true;
	claims.rollback = ATTEST_ROLLBACK_CLIENTS;
	attest_development_root(&scalar);
	good(crypto_signer_open_p256(&scalar, &development));
	struct crypto_signer *by = k->forged == FORGE_ROOT		 ? k->stranger
				   : k->forged == FORGE_DEVELOPMENT_ROOT ? development
									 : k->root;
	good(attest_software_evidence(by, &claims, &b));
	crypto_signer_close(development);
	return done(&b);
}

/* ---- contract, receipt, entry ---- */

static struct bytes make_contract(struct making *k, const struct attest_policy *policy)
{
	struct contract *c = &k->contract;
	struct builder b = room(8192);

	memcpy(c->log_id, k->log_id, 32);
	c->log_id[0] ^= k->forged == FORGE_CONTRACT_LOG;
	fill(c->function, k->seed, "function");
	c->executor = CONTRACT_WASM;
	memcpy(c->executor_hash, k->engine, 32);
	c->executor_hash[0] ^= k->forged == FORGE_EXECUTOR;
	fill(c->participant[0], k->seed, "party");
	c->participant_count = 1;
	c->input_count = 2;
	c->input[0].name = mt_text("a");
	c->input[1].name = mt_text("b");
	for (size_t i = 0; i < 2; i++) {
		memcpy(c->input[i].owner, c->participant[0], 32);
		fill(c->input[i].tag, k->seed, i ? "tag b" : "tag a");
	}
	c->output_count = 1;
	c->output[0] = (struct contract_output){ .name = mt_text("result"), .owner_count = 1, .size_max = 100 };
	memcpy(c->output[0].owner[0], c->participant[0], 32);
	c->memory_max = 1 << 20;
	c->wall_ms = 1000;
	c->level_min = k->forged == FORGE_LEVEL ? 3 : 2;
	attest_policy_hash(policy, c->policy_hash);
	c->policy_hash[0] ^= k->forged == FORGE_POLICY;
	c->runs = 3;
	c->expiry = 1000000;
	contract_encode(c, &b);
	struct bytes wire = done(&b);
	contract_hash(wire, c->hash);
	return wire;
}

static struct bytes make_statement(struct making *k)
{
	struct receipt *r = &k->receipt;
	struct builder payload = room(4096), b = room(8192);

	memcpy(r->log_id, k->log_id, 32);
	r->log_id[0] ^= k->forged == FORGE_RECEIPT_LOG;
	memcpy(r->contract_hash, k->contract.hash, 32);
	r->contract_hash[0] ^= k->forged == FORGE_CONTRACT_HASH;
	r->run = k->forged == FORGE_RUN ? 4 : 2;
	r->input_count = k->forged == FORGE_INPUT_COUNT ? 1 : 2;
	for (size_t i = 0; i < 2; i++) {
		memcpy(r->input_tag[i], k->contract.input[i].tag, 32);
	}
	r->input_tag[1][3] ^= k->forged == FORGE_INPUT;
	r->output_count = k->forged == FORGE_OUTPUT_COUNT ? 0 : 1;
	r->output[0].name = mt_text(k->forged == FORGE_OUTPUT_NAME ? "resulT" : "result");
	fill(r->output[0].tag, k->seed, "output");
	r->output[0].size = k->forged == FORGE_OUTPUT_SIZE ? 101 : 100;
	memcpy(r->engine_hash, k->engine, 32);
	r->engine_hash[0] ^= k->forged == FORGE_ENGINE;
	memcpy(r->measurement_hash, k->measurement, 32);
	r->measurement_hash[0] ^= k->forged == FORGE_MEASUREMENT;
	r->outcome = k->forged == FORGE_FAILED_WITH_OUTPUT ? RECEIPT_FAILED : RECEIPT_FINISHED;
	r->running_index = k->forged == FORGE_ORDER ? WORLD_INDEX : WORLD_INDEX - 1;
	receipt_encode(r, &payload);
	const char *type = k->forged == FORGE_STATEMENT_TYPE ? STATEMENT_TYPE_APPROVAL : STATEMENT_TYPE_RECEIPT;
	good(cose_sign(k->forged == FORGE_STATEMENT_KEY ? k->stranger : k->receipt_key, type, done(&payload), &b));
	return done(&b);
}

static struct bytes make_entry(const struct making *k, struct bytes statement)
{
	struct builder b = room(16384);
	struct entry e = { .kind = k->forged == FORGE_ENTRY_KIND ? ENTRY_CANCEL : ENTRY_RECEIPT,
			   .time_ms = 5000,
			   .body = statement };

	if (k->forged == FORGE_ENTRY_REQUEST) {
		e.request = mt_text("x");
	}
	if (k->forged == FORGE_ENTRY_BODY) {
		e.body = mt_bytes(statement.at, statement.size - 1);
	}
	entry_encode(&e, &b);
	return done(&b);
}

/* ---- the ledger ---- */

static struct bytes proof_of(const struct log_tree *tree, uint64_t index)
{
	uint8_t(*proof)[LOG_HASH_SIZE] = test_alloc(LOG_PROOF_MAX * LOG_HASH_SIZE);
	size_t count = 0;

	good(log_tree_inclusion(tree, index, WORLD_LEAVES, proof, &count));
	return mt_bytes(proof, count * LOG_HASH_SIZE);
}

static void make_ledger(struct making *k, struct receipt_file *f)
{
	struct log_tree *tree = NULL;
	uint8_t leaf[32], commitment[32];

	good(log_tree_open(&tree));
	fill(f->salt, k->seed, "salt");
	for (uint64_t i = 0; i < WORLD_LEAVES; i++) {
		uint8_t number = (uint8_t)i;
		if (i == 0) {
			log_leaf_hash(f->genesis, leaf);
		} else if (i == WORLD_INDEX) {
			log_commitment(f->salt, f->entry, commitment);
			log_leaf_hash(mt_bytes(commitment, 32), leaf);
		} else {
			log_leaf_hash(mt_bytes(&number, 1), leaf);
		}
		good(log_tree_append(tree, leaf));
	}
	f->index = WORLD_INDEX;
	f->size = WORLD_LEAVES;
	log_tree_root(tree, WORLD_LEAVES, f->root);
	f->proof = proof_of(tree, WORLD_INDEX);
	f->genesis_proof = proof_of(tree, 0);
	log_tree_close(tree);
}

static struct bytes make_note(const struct making *k, const struct receipt_file *f)
{
	char origin[80] = "mesatee/";
	struct builder b = room(1024);
	uint8_t log_id[32];

	memcpy(log_id, k->log_id, 32);
	log_id[0] ^= k->forged == FORGE_NOTE_LOG;
	mt_hex(mt_bytes(log_id, 32), origin + strlen(origin));
	good(log_checkpoint_sign(origin, f->size + (k->forged == FORGE_NOTE_SIZE), f->root,
				 k->forged == FORGE_NOTE_KEY ? k->stranger_note : k->note_key, &b));
	return done(&b);
}

/* RFC 9942, 5.2, written down a second time: bytes { 1: -7, 395: 1 }, { 396: { -1: [ proof ] } }, null, signature. */
static struct bytes make_head(const struct making *k, const struct receipt_file *f)
{
	struct builder proof = room(4096), b = room(8192), tbs = room(256);
	struct bytes protected_header = hex("a2 0126 19018b 01");
	uint8_t root[32], signature[CRYPTO_SIGNATURE_SIZE];

	memcpy(root, f->root, 32);
	root[0] ^= k->forged == FORGE_HEAD_ROOT;
	cbor_array(&tbs, 4);
	cbor_tstr(&tbs, mt_text("Signature1"));
	cbor_bstr(&tbs, protected_header);
	cbor_bstr(&tbs, mt_bytes(NULL, 0));
	cbor_bstr(&tbs, mt_bytes(root, 32));
	good(crypto_sign(k->forged == FORGE_HEAD_KEY ? k->stranger : k->receipt_key, done(&tbs), signature));
	cbor_array(&proof, 3);
	cbor_uint(&proof, f->size);
	cbor_uint(&proof, f->index + (k->forged == FORGE_HEAD_FORM));
	cbor_array(&proof, f->proof.size / 32);
	for (size_t i = 0; i < f->proof.size; i += 32) {
		cbor_bstr(&proof, mt_bytes(f->proof.at + i, 32));
	}
	builder_bytes(&b, hex("d2 84"));
	cbor_bstr(&b, protected_header);
	builder_bytes(&b, hex("a1 19018c a1 20 81"));
	cbor_bstr(&b, done(&proof));
	cbor_null(&b);
	cbor_bstr(&b, mt_bytes(signature, sizeof(signature)));
	return done(&b);
}

/* ---- all of it ---- */

struct bytes world_encode(const struct receipt_file *f)
{
	struct builder b = room(64 * 1024);

	receipt_file_encode(f, &b);
	return done(&b);
}

void world_open(struct world *w, uint8_t seed, enum forgery forged)
{
	struct making *k = test_alloc(sizeof(*k));
	struct builder genesis = room(512);
	struct receipt_file f = { 0 };

	*w = (struct world){ 0 };
	box_port_install();
	good(box_open(&box_cbor, &w->cbor));
	*k = (struct making){ .seed = seed, .forged = forged };
	make_keys(k);
	make_policy(k, &w->policy);
	genesis_encode(&k->genesis, &genesis);
	f.genesis = done(&genesis);
	f.evidence = make_evidence(k);
	f.contract = make_contract(k, &w->policy);
	f.statement = make_statement(k);
	f.entry = make_entry(k, f.statement);
	make_ledger(k, &f);
	f.note = make_note(k, &f);
	f.head_receipt = make_head(k, &f);
	w->bytes = world_encode(&f);
	good(receipt_file_decode(w->cbor, w->bytes, &w->file));
	crypto_signer_close(k->root);
	crypto_signer_close(k->receipt_key);
	crypto_signer_close(k->note_key);
	crypto_signer_close(k->stranger);
	crypto_signer_close(k->stranger_note);
}

void world_close(struct world *w)
{
	receipt_file_close(&w->file);
	box_close(w->cbor);
}
