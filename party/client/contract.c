/* From terms to a contract's bytes, and from bytes to terms that can be shown. */
#include "party/client/client_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- bytes to terms ---- */

/* Strings of one contract: one block, given out from the front. */
struct strings {
	char *at;
	size_t left;
};

static const char *strings_text(struct strings *s, struct bytes text)
{
	char *out = s->at;

	mt_assert(text.size + 1 <= s->left);
	if (text.size) {
		memcpy(out, text.at, text.size);
	}
	out[text.size] = 0;
	s->at += text.size + 1;
	s->left -= text.size + 1;
	return out;
}

static const char *strings_hex(struct strings *s, const uint8_t hash[32])
{
	char digits[65];

	mt_hex(mt_bytes(hash, 32), digits);
	return strings_text(s, mt_text(digits));
}

static void terms_fill(const struct contract *c, struct strings *s, struct mesatee_terms *t)
{
	t->function = strings_hex(s, c->function);
	t->argument_count = c->argument_count;
	for (size_t i = 0; i < c->argument_count; i++) {
		t->argument[i] = strings_text(s, c->argument[i]);
	}
	t->input_count = c->input_count;
	for (size_t i = 0; i < c->input_count; i++) {
		t->input[i].name = strings_text(s, c->input[i].name);
		t->input[i].owner = strings_hex(s, c->input[i].owner);
		t->input[i].tag = strings_hex(s, c->input[i].tag);
	}
	t->output_count = c->output_count;
	for (size_t i = 0; i < c->output_count; i++) {
		struct mesatee_output *o = &t->output[i];
		o->name = strings_text(s, c->output[i].name);
		o->owner_count = c->output[i].owner_count;
		for (size_t j = 0; j < o->owner_count; j++) {
			o->owner[j] = strings_hex(s, c->output[i].owner[j]);
		}
		o->size_max = c->output[i].size_max;
		o->rows_min = c->output[i].rows_min;
	}
	t->participant_count = c->participant_count;
	for (size_t i = 0; i < c->participant_count; i++) {
		t->participant[i] = strings_hex(s, c->participant[i]);
	}
	t->memory_max = c->memory_max;
	t->wall_ms = c->wall_ms;
	t->runs = c->runs;
	t->expiry = c->expiry;
	t->deterministic = c->deterministic;
	t->level_min = c->level_min;
	mt_hex(mt_bytes(c->log_id, 32), t->log_id);
	mt_hex(mt_bytes(c->executor_hash, 32), t->executor);
	mt_hex(mt_bytes(c->policy_hash, 32), t->policy);
}

MUST enum mt_err contract_view(struct box *cbor, struct bytes wire, struct mesatee_contract **out)
{
	struct mesatee_contract *c = mt_alloc(sizeof(*c));
	/* A string is as long as in the wire form; an id takes 65 where the wire has 34. */
	size_t capacity = 2 * wire.size + 256;
	struct strings s = { .at = mt_alloc(capacity), .left = capacity };
	char *strings = s.at;

	enum mt_err err = c && strings ? contract_decode(cbor, wire, &c->contract) : MT_NO_MEMORY;
	if (err) {
		mt_free(strings);
		mt_free(c);
		return err;
	}
	c->strings = strings;
	terms_fill(&c->contract, &s, &c->terms);
	mt_hex(mt_bytes(c->contract.hash, 32), c->hash);
	*out = c;
	return MT_OK;
}

void mesatee_contract_free(struct mesatee_contract *c)
{
	if (c) {
		contract_close(&c->contract);
		mt_free(c->strings);
		mt_free(c);
	}
}

const char *mesatee_contract_hash(const struct mesatee_contract *c)
{
	return c->hash;
}

const struct mesatee_terms *mesatee_contract_terms(const struct mesatee_contract *c)
{
	return &c->terms;
}

/* ---- terms to bytes ---- */

static int id_order(const void *a, const void *b)
{
	return memcmp(a, b, COSE_ID_SIZE);
}

/* Insert once, ascending. */
static enum mesatee_err ids_add(struct mesatee *m, uint8_t (*ids)[COSE_ID_SIZE], size_t *count,
				const uint8_t id[COSE_ID_SIZE])
{
	for (size_t i = 0; i < *count; i++) {
		if (memcmp(ids[i], id, COSE_ID_SIZE) == 0) {
			return MESATEE_OK;
		}
	}
	if (*count == CONTRACT_PARTIES_MAX) {
		return client_fail(m, MESATEE_USAGE, NULL, "a contract has at most %d participants",
				   CONTRACT_PARTIES_MAX);
	}
	memcpy(ids[(*count)++], id, COSE_ID_SIZE);
	qsort(ids, *count, COSE_ID_SIZE, id_order);
	return MESATEE_OK;
}

static enum mesatee_err build_inputs(struct mesatee *m, const struct mesatee_terms *t, struct contract *c)
{
	enum mesatee_err err =
		t->input_count > CONTRACT_INPUTS_MAX
			? client_fail(m, MESATEE_USAGE, NULL, "a contract has at most %d inputs", CONTRACT_INPUTS_MAX)
			: MESATEE_OK;

	for (size_t i = 0; !err && i < t->input_count; i++) {
		struct contract_input *in = &c->input[i];
		in->name = mt_text(t->input[i].name);
		err = names_resolve(m, t->input[i].owner, in->owner);
		if (!err) {
			err = client_unhex(m, "an input's tag", t->input[i].tag, in->tag);
		}
		if (!err) {
			err = ids_add(m, c->participant, &c->participant_count, in->owner);
		}
		c->input_count = i + 1;
	}
	return err;
}

static enum mesatee_err build_outputs(struct mesatee *m, const struct mesatee_terms *t, struct contract *c)
{
	uint8_t id[COSE_ID_SIZE];
	enum mesatee_err err =
		t->output_count > CONTRACT_OUTPUTS_MAX
			? client_fail(m, MESATEE_USAGE, NULL, "a contract has at most %d outputs", CONTRACT_OUTPUTS_MAX)
			: MESATEE_OK;

	for (size_t i = 0; !err && i < t->output_count; i++) {
		const struct mesatee_output *from = &t->output[i];
		struct contract_output *o = &c->output[i];
		o->name = mt_text(from->name);
		o->size_max = from->size_max;
		o->rows_min = from->rows_min;
		for (size_t j = 0; !err && j < from->owner_count; j++) {
			err = names_resolve(m, from->owner[j], id);
			if (!err) {
				err = ids_add(m, o->owner, &o->owner_count, id);
			}
			if (!err) {
				err = ids_add(m, c->participant, &c->participant_count, id);
			}
		}
		c->output_count = i + 1;
	}
	return err;
}

static enum mesatee_err build_people(struct mesatee *m, const struct mesatee_terms *t, struct contract *c)
{
	uint8_t id[COSE_ID_SIZE];
	enum mesatee_err err = ids_add(m, c->participant, &c->participant_count, m->self);

	for (size_t i = 0; !err && i < t->participant_count; i++) {
		err = names_resolve(m, t->participant[i], id);
		if (!err) {
			err = ids_add(m, c->participant, &c->participant_count, id);
		}
	}
	if (!err) {
		err = build_inputs(m, t, c);
	}
	return err ? err : build_outputs(m, t, c);
}

/*
 * Which executor the node has registered the function for. Its word only decides what is asked for: a contract that names the wrong one is
 * refused, and runs nothing.
 */
static enum mesatee_err function_executor(struct mesatee *m, const uint8_t hash[32], enum contract_executor *out)
{
	struct answer a = { 0 };
	uint8_t *scratch = NULL;
	struct items items;
	char digits[65];
	enum mesatee_err err = session_ensure(m);

	*out = CONTRACT_WASM;
	mt_hex(mt_bytes(hash, 32), digits);
	if (!err) {
		err = http_get(m, "the functions", ROUTE_FUNCTIONS, NULL, NULL, &a);
	}
	if (!err) {
		err = http_json(m, &a, &scratch, &items);
	}
	if (!err) {
		struct reader root = reader_over(&items), list = reader_find(&root, "functions");
		uint64_t count = reader_array(&list);
		for (uint64_t i = 0; i < count && reader_ok(&list); i++) {
			struct reader id = reader_find(&list, "hash"), executor = reader_find(&list, "executor");
			bool this = mt_equal(reader_tstr(&id), mt_text(digits));
			struct bytes name = reader_tstr(&executor);
			for (unsigned e = CONTRACT_WASM; this && e < CONTRACT_EXECUTORS; e++) {
				*out = mt_equal(name, mt_text(attest_executor_name(e))) ? (enum contract_executor)e : *out;
			}
			reader_skip(&list);
		}
	}
	mt_free(scratch);
	answer_close(&a);
	if (!err && !m->executor_there[*out]) {
		err = client_fail(m, MESATEE_REFUSED, "use a node whose evidence shows it", "the node's evidence shows no %s executor",
				  attest_executor_name(*out));
	}
	return err;
}

static enum mesatee_err build(struct mesatee *m, const struct mesatee_terms *t, struct contract *c)
{
	enum mesatee_err err = client_unhex(m, "the function", t->function ? t->function : "", c->function);

	if (err) {
		return err;
	}
	err = function_executor(m, c->function, &c->executor);
	if (err) {
		return err;
	}
	c->argument_count = t->argument_count < CONTRACT_ARGUMENTS_MAX ? t->argument_count : CONTRACT_ARGUMENTS_MAX;
	for (size_t i = 0; i < c->argument_count; i++) {
		c->argument[i] = mt_text(t->argument[i]);
	}
	c->memory_max = t->memory_max;
	c->wall_ms = t->wall_ms;
	c->deterministic = t->deterministic;
	c->level_min = (uint8_t)(t->level_min ? t->level_min : m->policy.level_min);
	c->runs = t->runs;
	c->expiry = t->expiry;
	memcpy(c->log_id, m->log_id, sizeof(c->log_id));
	memcpy(c->executor_hash, m->executor[c->executor], sizeof(c->executor_hash));
	memcpy(c->policy_hash, m->policy_hash, sizeof(c->policy_hash));
	crypto_random(c->nonce, sizeof(c->nonce));
	return build_people(m, t, c);
}

static enum mesatee_err build_view(struct mesatee *m, const struct contract *c, struct mesatee_contract **out)
{
	uint8_t *space = mt_alloc(CONTRACT_SIZE_MAX);
	struct builder b = builder_over(space, space ? CONTRACT_SIZE_MAX : 0);
	struct bytes wire = { 0 };

	contract_encode(c, &b);
	enum mt_err bad = builder_done(&b, &wire);
	if (!bad) {
		bad = contract_view(m->cbor, wire, out);
	}
	mt_free(space);
	if (bad == MT_NO_MEMORY) {
		return client_no_memory(m);
	}
	return bad ? client_fail(m, MESATEE_USAGE,
				 "names: a-z A-Z 0-9 . _ -, each once; every output an owner and a size; runs, memory "
				 "and time "
				 "above zero",
				 "these terms make no contract (%s)", mt_err_name(bad))
		   : MESATEE_OK;
}

enum mesatee_err mesatee_contract_make(struct mesatee *m, const struct mesatee_terms *terms, bool only_build,
				       struct mesatee_contract **out)
{
	struct contract *c = mt_alloc(sizeof(*c));
	struct answer a = { 0 };

	*out = NULL;
	enum mesatee_err err = c ? names_need_self(m) : client_no_memory(m);
	if (!err) {
		err = connect_ensure(m); /* the contract names this node's ledger and executor */
	}
	if (!err) {
		err = build(m, terms, c);
	}
	if (!err) {
		err = build_view(m, c, out);
	}
	if (!err && !only_build) {
		err = signed_post(m, "creating the contract", ROUTE_CONTRACT_CREATE, NULL, (*out)->contract.bytes, &a);
	}
	answer_close(&a);
	mt_free(c);
	return err;
}

enum mesatee_err mesatee_contract_get(struct mesatee *m, const char *hash, struct mesatee_contract **out)
{
	uint8_t raw[32];
	char digits[65];
	struct answer a = { 0 };

	*out = NULL;
	enum mesatee_err err = client_unhex(m, "a contract", hash, raw);
	if (!err) {
		mt_hex(mt_bytes(raw, sizeof(raw)), digits);
		err = session_ensure(m);
	}
	if (!err) {
		err = http_get(m, "the contract", ROUTE_CONTRACT, digits, NULL, &a);
	}
	if (!err) {
		enum mt_err bad = contract_view(m->cbor, mt_bytes(a.body, a.body_size), out);
		if (bad == MT_NO_MEMORY) {
			err = client_no_memory(m);
		} else if (bad || memcmp((*out)->contract.hash, raw, sizeof(raw)) != 0) {
			err = client_fail(m, MESATEE_NOT_VERIFIED, "do not approve it; tell the other parties",
					  "the node sent something else than the contract %s", digits);
		}
	}
	answer_close(&a);
	if (err) {
		mesatee_contract_free(*out);
		*out = NULL;
	}
	return err;
}
