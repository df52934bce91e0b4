/* May this request become an entry? Nothing here changes the state. Every refusal says what to do. */
#include "service/task/state.h"

#include <string.h>

/* Set the text and give the error, in one line at the caller. */
static enum mt_err refuse(const char **why, enum mt_err err, const char *text)
{
	*why = text;
	return err;
}

static enum mt_err check_is_party(const struct task_state *t, const uint8_t id[32], const char **why)
{
	switch (task_role_of(t, id)) {
	case TASK_ROLE_PARTY:
		return MT_OK;
	case TASK_ROLE_OPERATOR:
		return refuse(why, MT_DENIED, "the operator takes part in nothing: use another identity (MESATEE_HOME)");
	default:
		return refuse(why, MT_DENIED, "this key is no party of this node: ask the operator to admit it");
	}
}

/* ---- decoding of small bodies ---- */

MUST enum mt_err task_check_role(struct task_state *t, const struct task_request *q, const char **why)
{
	struct cose_document d = { 0 };
	uint8_t id[32];

	if (task_role_of(t, q->signer) != TASK_ROLE_OPERATOR) {
		return refuse(why, MT_DENIED, "only the operator gives roles");
	}
	enum mt_err err = cose_document_open(t->cbor, q->body, &d);
	if (err) {
		return refuse(why, err, "the body is not [party, role]");
	}
	struct reader r = reader_over(&d.items);
	reader_array_of(&r, 2);
	reader_copy(&r, id, sizeof(id));
	uint64_t role = reader_uint(&r);
	bool good = reader_done(&r) && role <= TASK_ROLE_PARTY;
	cose_document_close(&d);
	if (!good) {
		return refuse(why, MT_MALFORMED, "the body is not [party, role] with role 0 (none) or 1 (party)");
	}
	if (task_role_of(t, id) == TASK_ROLE_OPERATOR) {
		return refuse(why, MT_DENIED, "the operator is named by the node's configuration");
	}
	if (id_table_find(&t->party_index, id) == ID_NONE && t->party_count >= TASK_PARTIES_MAX) {
		return refuse(why, MT_LIMIT, "the table of parties is full");
	}
	return MT_OK;
}

MUST enum mt_err task_check_function(struct task_state *t, const struct task_request *q, struct task_function_body *out, const char **why)
{
	struct task_function_body b = { 0 };

	enum mt_err err = check_is_party(t, q->signer, why);
	if (err) {
		return err;
	}
	err = cose_document_open(t->cbor, q->body, &b.document);
	if (err) {
		return refuse(why, err, "the body is not [module hash, name]");
	}
	struct reader r = reader_over(&b.document.items);
	reader_array_of(&r, 2);
	reader_copy(&r, b.hash, sizeof(b.hash));
	b.name = reader_tstr(&r);
	if (!reader_done(&r) || !statement_name_ok(b.name)) {
		err = refuse(why, MT_MALFORMED, "a function's name has 1 to 64 of a-z A-Z 0-9 . _ - and does not start with a dot");
	} else if (id_table_find(&t->function_index, b.hash) != ID_NONE) {
		err = refuse(why, MT_STATE, "this module is registered already: use its hash");
	} else if (t->function_count >= TASK_FUNCTIONS_MAX) {
		err = refuse(why, MT_LIMIT, "the table of functions is full");
	}
	if (err) {
		cose_document_close(&b.document);
		return err;
	}
	*out = b;
	return MT_OK;
}

MUST enum mt_err task_check_dataset(struct task_state *t, const struct task_request *q, uint8_t tag[32], const char **why)
{
	struct cose_document d = { 0 };
	uint8_t got[32];

	enum mt_err err = check_is_party(t, q->signer, why);
	if (err) {
		return err;
	}
	err = cose_document_open(t->cbor, q->body, &d);
	if (err) {
		return refuse(why, err, "the body is not [content tag]");
	}
	struct reader r = reader_over(&d.items);
	reader_array_of(&r, 1);
	reader_copy(&r, got, sizeof(got));
	bool good = reader_done(&r);
	cose_document_close(&d);
	if (!good) {
		return refuse(why, MT_MALFORMED, "the body is not [content tag]");
	}
	if (id_table_find(&t->dataset_index, got) != ID_NONE) {
		return refuse(why, MT_STATE, "this dataset is registered already: use its tag");
	}
	if (t->dataset_count >= TASK_DATASETS_MAX) {
		return refuse(why, MT_LIMIT, "the table of datasets is full");
	}
	memcpy(tag, got, 32);
	return MT_OK;
}

MUST enum mt_err task_check_upload(const struct task_state *t, const uint8_t party[COSE_ID_SIZE], uint64_t size, const char **why)
{
	enum mt_err err = check_is_party(t, party, why);

	if (!err && (size == 0 || size > REE_BLOB_SIZE_MAX)) {
		err = refuse(why, MT_LIMIT, "an upload has 1 byte to 64 GiB");
	}
	return err;
}

/* ---- contracts ---- */

static enum mt_err check_contract_here(const struct task_state *t, const struct contract *c, const struct task_request *q,
				       const struct task_contract_facts *facts, const char **why)
{
	if (memcmp(c->log_id, facts->log_id, 32) != 0) {
		return refuse(why, MT_DENIED, "the contract names another node's log: make it against this node");
	}
	if (!facts->executor_hash[c->executor]) {
		return refuse(why, MT_DENIED, c->executor == CONTRACT_PYTHON ? "this node does not run Python: ask its operator for one that does"
									     : "this node has no such executor: make the contract against it");
	}
	if (memcmp(c->executor_hash, facts->executor_hash[c->executor], 32) != 0) {
		return refuse(why, MT_DENIED, "the contract names another executor than this node has: make it against this node");
	}
	if (c->level_min > facts->level) {
		return refuse(why, MT_DENIED, "the contract demands a higher level than this node's evidence can show");
	}
	if (c->expiry <= q->now) {
		return refuse(why, MT_DENIED, "the contract has expired before it began");
	}
	if (c->memory_max > TASK_MEMORY_MAX || c->wall_ms > TASK_WALL_MAX_MS) {
		return refuse(why, MT_LIMIT, "the contract asks for more memory or time than a task may have (4 GiB, 24 h)");
	}
	if (c->deterministic) {         /* the engine does not make NaN canonical yet: a receipt would promise too much */
		return refuse(why, MT_DENIED, "this node does not run deterministically yet: leave that out of the contract");
	}
	if (!contract_has_participant(c, q->signer)) {
		return refuse(why, MT_DENIED, "only a participant may bring a contract");
	}
	enum contract_executor registered = task_function_executor(t, c->function);
	if (!registered) {
		return refuse(why, MT_NOT_FOUND, "the function is not registered: publish it first");
	}
	if (registered != c->executor) {
		return refuse(why, MT_DENIED, "the contract names another executor than the function's: make it again");
	}
	if (task_find(t, c->hash)) {
		return refuse(why, MT_STATE, "this very contract exists already");
	}
	return t->contract_count >= TASK_CONTRACTS_MAX ? refuse(why, MT_LIMIT, "the table of contracts is full") : MT_OK;
}

/* An output that goes on into another contract, unopened. What its owners could open together, all of them must approve here. */
static enum mt_err check_contract_output(const struct task_output *o, const struct contract *c, size_t input, const char **why)
{
	if (!task_output_owned(o, c->input[input].owner)) {
		return refuse(why, MT_DENIED, "an input belongs to another party than the contract says");
	}
	if (!task_output_all_owners(o, c)) {
		return refuse(why, MT_DENIED, "an input is an output with owners who take no part in this contract");
	}
	return MT_OK;
}

static enum mt_err check_contract_inputs(const struct task_state *t, const struct contract *c, const char **why)
{
	for (size_t i = 0; i < c->input_count; i++) {
		uint32_t d = id_table_find(&t->dataset_index, c->input[i].tag);
		struct task_output o;
		if (d == ID_NONE && task_output_find(t, c->input[i].tag, &o)) {
			enum mt_err err = check_contract_output(&o, c, i, why);
			if (err) {
				return err;
			}
			continue;
		}
		if (d == ID_NONE) {
			return refuse(why, MT_NOT_FOUND, "an input is not registered: its owner must put it first");
		}
		if (memcmp(t->dataset[d].owner, c->input[i].owner, 32) != 0) {
			return refuse(why, MT_DENIED, "an input belongs to another party than the contract says");
		}
	}
	return MT_OK;
}

static enum mt_err check_participants(const struct task_state *t, const struct contract *c, const char **why)
{
	for (size_t i = 0; i < c->participant_count; i++) {
		if (task_role_of(t, c->participant[i]) != TASK_ROLE_PARTY) {
			return refuse(why, MT_DENIED, "a participant is no party of this node (any more)");
		}
	}
	return MT_OK;
}

MUST enum mt_err task_check_contract(struct task_state *t, const struct task_request *q, const struct task_contract_facts *facts,
				     const char **why)
{
	struct contract *c = mt_alloc(sizeof(*c));

	if (!c) {
		return refuse(why, MT_NO_MEMORY, "the node is out of memory");
	}
	enum mt_err err = check_is_party(t, q->signer, why);
	if (!err) {
		err = contract_decode(t->cbor, q->body, c);
		*why = "this is not a contract: docs/contract.md says what one looks like";
	}
	if (!err) {
		err = check_contract_here(t, c, q, facts, why);
	}
	if (!err) {
		err = check_contract_inputs(t, c, why);
	}
	if (!err) {
		err = check_participants(t, c, why);
	}
	contract_close(c);
	mt_free(c);
	return err;
}

/* The contract of a route, for one of its participants; others learn nothing about it. */
static enum mt_err check_find(const struct task_state *t, const struct task_request *q, const uint8_t hash[32],
			      struct task_contract **out, const char **why)
{
	struct task_contract *c = task_find(t, hash);

	if (!c || !contract_has_participant(&c->contract, q->signer)) {
		return refuse(why, MT_NOT_FOUND, "there is no such contract of yours");
	}
	*out = c;
	return MT_OK;
}

static enum mt_err check_empty(const struct task_request *q, const char **why)
{
	return q->body.size ? refuse(why, MT_MALFORMED, "this request has no body") : MT_OK;
}

MUST enum mt_err task_check_withdraw(struct task_state *t, const struct task_request *q, const uint8_t hash[32], const char **why)
{
	struct task_contract *c = NULL;
	enum mt_err err = check_find(t, q, hash, &c, why);

	if (!err) {
		err = check_empty(q, why);
	}
	if (err) {
		return err;
	}
	if (c->state > TASK_RUNNING) {
		return refuse(why, MT_STATE, "the contract is over: its keys are wiped already");
	}
	if (!(c->approved & MT_BIT(task_participant(&c->contract, q->signer)))) {
		return refuse(why, MT_STATE, "you have not approved this contract");
	}
	return MT_OK;
}

MUST enum mt_err task_check_cancel(struct task_state *t, const struct task_request *q, const uint8_t hash[32], const char **why)
{
	struct task_contract *c = NULL;
	enum mt_err err = check_find(t, q, hash, &c, why);

	if (!err) {
		err = check_empty(q, why);
	}
	if (!err && c->state > TASK_RUNNING) {
		err = refuse(why, MT_STATE, "the contract is over");
	}
	return err;
}

MUST enum mt_err task_check_run(struct task_state *t, const struct task_request *q, const uint8_t hash[32], uint64_t *run, const char **why)
{
	struct task_contract *c = NULL;
	enum mt_err err = check_find(t, q, hash, &c, why);

	if (!err) {
		err = check_empty(q, why);
	}
	if (!err) {
		err = check_participants(t, &c->contract, why);         /* again: a role may have changed since the approval */
	}
	if (err) {
		return err;
	}
	if (c->contract.expiry <= q->now) {
		return refuse(why, MT_DENIED, "the contract has expired: make a new one");
	}
	switch (c->state) {
	case TASK_APPROVED:
		break;
	case TASK_CREATED:
		return refuse(why, MT_DENIED, "not every participant has approved yet: see `mesatee tasks`");
	case TASK_RUNNING:
		return refuse(why, MT_STATE, "a run of this contract is under way: wait for it, or cancel it");
	default:
		return refuse(why, MT_STATE, "the contract is over: its runs are used up, or it was cancelled");
	}
	*run = c->run_count + 1;
	return MT_OK;
}

/* ---- approvals ---- */

/* Exactly the keys of the signer's own inputs, each once. */
static enum mt_err check_approval_keys(const struct task_state *t, const struct contract *c, const uint8_t signer[32], const struct approval_body *body,
				       uint32_t *inputs, const char **why)
{
	uint32_t want = 0, got = 0;
	struct task_output o;

	for (uint32_t i = 0; i < c->input_count; i++) {
		/* The key of an output was never anywhere but here. */
		if (memcmp(c->input[i].owner, signer, 32) == 0 && !task_output_find(t, c->input[i].tag, &o)) {
			want |= MT_BIT(i);
		}
	}
	for (size_t k = 0; k < body->key_count; k++) {
		uint32_t hit = 0;
		for (uint32_t i = 0; i < c->input_count; i++) {
			if ((want & MT_BIT(i)) && memcmp(c->input[i].tag, body->key[k].tag, 32) == 0) {
				hit |= MT_BIT(i);       /* one dataset may be two inputs */
			}
		}
		if (!hit || (got & hit)) {
			return refuse(why, MT_DENIED, "a key came for a dataset that is no input of yours in this contract");
		}
		got |= hit;
	}
	if (got != want) {
		return refuse(why, MT_DENIED, "the key of one of your inputs is missing: approve on the machine that put it");
	}
	*inputs = want;
	return MT_OK;
}

MUST enum mt_err task_check_approval(struct task_state *t, const struct task_request *q, const uint8_t hash[32],
				     const struct approval_body *body, const uint8_t log_id[32], uint32_t *inputs, const char **why)
{
	struct task_contract *c = NULL;
	struct cose message = { 0 };
	struct approval a = { 0 };

	enum mt_err err = check_find(t, q, hash, &c, why);
	if (err) {
		return err;
	}
	err = cose_open(t->cbor, STATEMENT_TYPE_APPROVAL, body->approval, &message);
	if (!err) {
		err = approval_decode(t->cbor, message.payload, &a);
	}
	bool own = !err && memcmp(message.signer, q->signer, 32) == 0;
	cose_close(&message);
	if (err) {
		return refuse(why, err, "the approval is not a well-formed statement with a fitting signature");
	}
	if (!own) {
		return refuse(why, MT_DENIED, "the approval is signed by another key than the request");
	}
	if (memcmp(a.contract_hash, hash, 32) != 0 || memcmp(a.log_id, log_id, 32) != 0) {
		return refuse(why, MT_DENIED, "the approval is for another contract or another node's log");
	}
	if (c->contract.expiry <= q->now) {
		return refuse(why, MT_DENIED, "the contract has expired");
	}
	if (c->state != TASK_CREATED || (c->approved & MT_BIT(task_participant(&c->contract, q->signer)))) {
		return refuse(why, MT_STATE, "you have approved this contract already, or it is over");
	}
	err = check_participants(t, &c->contract, why);
	return err ? err : check_approval_keys(t, &c->contract, q->signer, body, inputs, why);
}
