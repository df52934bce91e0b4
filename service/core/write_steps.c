/* What each signed route does. Every path ends in one answer and write_free(). */
#include "service/core/core_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/dataset/dataset.h"

static void write_answer_json(struct write *w, unsigned status, const struct builder *b)
{
	struct bytes body;

	enum mt_err err = builder_done(b, &body);
	mt_assert(!err);
	core_answer(w->core, w->connection, w->request, status, NODE_JSON, body);
	write_free(w);
}

/* ---- after the entry is on disk ---- */

static void write_effect(struct write *w, uint64_t index)
{
	struct core *c = w->core;
	const struct contract *contract = task_contract_find(c->tasks, w->key);
	uint32_t inputs = 0;

	switch (w->route) {
	case ROUTE_RUN:
		task_run_start(c->driver, w->key, index);
		break;
	case ROUTE_CANCEL:
		task_run_cancel(c->driver, w->key, "cancelled by a participant");
		task_keys_forget(c->driver, w->key);
		break;
	case ROUTE_WITHDRAW:
		task_run_cancel(c->driver, w->key, "a participant withdrew his approval");
		for (size_t i = 0; contract && i < contract->input_count; i++) {
			if (memcmp(contract->input[i].owner, w->signer, 32) == 0) {
				inputs |= MT_BIT(i);
			}
		}
		task_keys_withdraw(c->driver, w->key, inputs);
		break;
	default:
		break;
	}
}

static void write_staged(void *context, enum mt_err err, uint64_t index)
{
	struct write *w = context;
	uint8_t space[512];
	struct builder b = builder_over(space, sizeof(space));
	char digits[65];

	if (err) {
		if (w->route == ROUTE_RUN) {
			task_run_drop(w->core->driver, w->key);
		}
		write_refuse(w, err, "the ledger could not be written, the disk may be full: see with `mesatee tasks` whether this counted before you try again");
		return;
	}
	write_effect(w, index);
	mt_hex(mt_bytes(w->key, 32), digits);
	builder_format(&b, "{\"schema\":\"mesatee.accepted.1\",\"index\":%" PRIu64 ",\"id\":\"%s\"", index, digits);
	if (w->route == ROUTE_RUN) {
		builder_format(&b, ",\"run\":%" PRIu64, w->run);
	}
	builder_text(&b, "}");
	write_answer_json(w, 201, &b);
}

static void write_stage(struct write *w, enum entry_kind kind, struct bytes body)
{
	struct entry e = { .kind = kind, .time_ms = w->core->now_ms, .request = mt_bytes(w->cose, w->cose_size), .body = body };

	enum mt_err err = core_stage(w->core, &e, 1, write_staged, w);
	if (err) {
		if (w->route == ROUTE_RUN) {
			task_run_drop(w->core->driver, w->key);
		}
		write_refuse(w, err, err == MT_LIMIT ? "the node has too much to write at once: try again" :
						       "the ledger could not take this");
	}
}

/* ---- functions ---- */

static void function_compiled(void *context, enum mt_err err, enum contract_executor executor, uint64_t size, const char *detail)
{
	struct write *w = context;
	uint8_t space[128];
	struct builder b = builder_over(space, sizeof(space));
	struct bytes body;
	char text[512];

	if (err) {
		snprintf(text, sizeof(text), "the module was not accepted: %s", detail[0] ? detail : mt_err_name(err));
		write_refuse(w, err, text);
		return;
	}
	cbor_array(&b, 4);
	cbor_bstr(&b, mt_bytes(w->key, 32));
	cbor_tstr(&b, mt_text(w->name));
	cbor_uint(&b, size);
	cbor_uint(&b, executor);
	enum mt_err full = builder_done(&b, &body);
	mt_assert(!full);
	write_stage(w, ENTRY_FUNCTION, body);
}

static void write_function(struct write *w, const struct task_request *q)
{
	struct core *c = w->core;
	struct task_function_body f = { 0 };
	const char *why = "";

	enum mt_err err = task_check_function(c->tasks, q, &f, &why);
	if (err) {
		write_refuse(w, err, why);
		return;
	}
	bool busy = core_busy(c, f.hash);
	memcpy(w->key, f.hash, 32);     /* from here on the module is what nobody else may register */
	memcpy(w->name, f.name.at, f.name.size);
	cose_document_close(&f.document);
	if (busy) {
		write_refuse(w, MT_STATE, "this module is being registered by another request: use its hash when that is done");
		return;
	}
	err = task_compile(c->driver, w->key, function_compiled, w);
	if (err) {
		write_refuse(w, err, "too many modules are being compiled: try again");
	}
}

/* ---- datasets ---- */

static void dataset_head_read(void *context, enum mt_err err, struct bytes answer, port_handle handle)
{
	struct write *w = context;
	struct core *c = w->core;
	struct cursor m = cursor_over(answer);
	struct dataset_header h;
	uint8_t tag[32], space[128];
	struct builder b = builder_over(space, sizeof(space));
	struct bytes body;

	c->port->memory_close(c->port->self, handle);
	if (err) {
		write_refuse(w, err, "the dataset was not uploaded: send it first");
		return;
	}
	uint64_t total = cursor_u64(&m);
	err = dataset_header_decode(cursor_take(&m, DATASET_HEADER_SIZE), &h);
	if (err || !cursor_done(&m) || total != dataset_file_size(&h)) {
		write_refuse(w, MT_MALFORMED, "the upload is no dataset, or not a whole one: send it again");
		return;
	}
	dataset_tag(&h, tag);
	if (memcmp(tag, w->key, sizeof(tag)) != 0) {
		write_refuse(w, MT_TAMPERED, "the upload has another content tag: send it again");
		return;
	}
	cbor_array(&b, 3);
	cbor_bstr(&b, mt_bytes(tag, 32));
	cbor_uint(&b, h.size);
	cbor_bstr(&b, mt_bytes(h.commit, 32));
	enum mt_err full = builder_done(&b, &body);
	mt_assert(!full);
	write_stage(w, ENTRY_DATASET, body);
}

static void write_dataset(struct write *w, const struct task_request *q)
{
	struct core *c = w->core;
	const char *why = "";
	uint8_t tag[32];

	enum mt_err err = task_check_dataset(c->tasks, q, tag, &why);
	if (err) {
		write_refuse(w, err, why);
		return;
	}
	if (core_busy(c, tag)) {
		write_refuse(w, MT_STATE, "this dataset is being registered by another request: try again");
		return;
	}
	memcpy(w->key, tag, 32);
	err = ree_blob_head(c->ree, REE_DATA, tag, DATASET_HEADER_SIZE, dataset_head_read, w);
	if (err) {
		write_refuse(w, err, "the upload could not be read now: try again");
	}
}

/* ---- approvals ---- */

static void approval_kept(void *context, enum mt_err err, uint64_t index)
{
	struct write *w = context;
	struct approval_body body = { 0 };

	(void)index;
	if (err) {
		write_refuse(w, err, err == MT_TAMPERED ? "the sealed keys of earlier approvals are damaged: cancel the contract, make a new one" :
							  "the keys could not be kept, nothing was changed: the node's disk may be full");
		return;
	}
	err = approval_body_decode(w->core->cbor, mt_bytes(w->body, w->body_size), &body);
	if (err) {
		write_refuse(w, err, "the node is out of memory");
		return;
	}
	write_stage(w, ENTRY_APPROVAL, body.approval);
	approval_body_close(&body);
}

/* Open each key and compare it with the commitment that was registered with the dataset: another key would open nothing. */
static enum mt_err approval_open_keys(struct core *c, const struct contract *contract, const struct approval_body *body,
				      uint32_t inputs, struct secret keys[CONTRACT_INPUTS_MAX], const char **why)
{
	uint8_t associated[64], commit[32];

	memcpy(associated, contract->hash, 32);
	for (size_t k = 0; k < body->key_count; k++) {
		struct secret key;
		memcpy(associated + 32, body->key[k].tag, 32);
		enum mt_err err = ledger_unseal(c->ledger, STATEMENT_KEY_INFO, mt_bytes(associated, sizeof(associated)),
						mt_bytes(body->key[k].sealed, sizeof(body->key[k].sealed)), key.at);
		const uint8_t *want = err ? NULL : task_dataset_commit(c->tasks, body->key[k].tag);
		if (!err) {
			dataset_commit(&key, commit);
		}
		if (err || !want || memcmp(commit, want, sizeof(commit)) != 0) {
			mt_wipe(&key, sizeof(key));
			*why = err ? "a key was not sealed for this node and contract" : "a key is not the one of its dataset";
			return MT_DENIED;
		}
		for (size_t i = 0; i < contract->input_count; i++) {
			if ((inputs & MT_BIT(i)) && memcmp(contract->input[i].tag, body->key[k].tag, 32) == 0) {
				keys[i] = key;
			}
		}
		mt_wipe(&key, sizeof(key));
	}
	return MT_OK;
}

static void write_approval(struct write *w, const struct task_request *q, const uint8_t hash[32])
{
	struct core *c = w->core;
	struct approval_body body = { 0 };
	struct secret keys[CONTRACT_INPUTS_MAX] = { 0 };
	const char *why = "the body is not [approval, keys]";

	enum mt_err err = approval_body_decode(c->cbor, q->body, &body);
	if (!err) {
		err = task_check_approval(c->tasks, q, hash, &body, ledger_id(c->ledger), &w->inputs, &why);
	}
	if (!err) {
		err = approval_open_keys(c, task_contract_find(c->tasks, hash), &body, w->inputs, keys, &why);
	}
	if (!err && w->inputs) {
		err = task_keys_keep(c->driver, hash, w->inputs, keys, approval_kept, w);
		why = "the keys could not be kept now: try again";
	}
	mt_wipe(keys, sizeof(keys));
	if (err) {
		write_refuse(w, err, why);
	} else if (!w->inputs) {
		write_stage(w, ENTRY_APPROVAL, body.approval);
	}
	approval_body_close(&body);
}

/* ---- fetch: the output's key, sealed to a key in the owner's signed request ---- */

static enum mt_err fetch_decode(struct core *c, struct bytes wire, uint64_t *run, char name[STATEMENT_NAME_MAX + 1], uint8_t recipient[32])
{
	struct cose_document d = { 0 };

	enum mt_err err = cose_document_open(c->cbor, wire, &d);
	if (err) {
		return err;
	}
	struct reader r = reader_over(&d.items);
	reader_array_of(&r, 3);
	*run = reader_uint(&r);
	struct bytes output = reader_tstr(&r);
	reader_copy(&r, recipient, 32);
	if (!reader_done(&r) || !statement_name_ok(output)) {
		err = MT_MALFORMED;
	} else {
		memset(name, 0, STATEMENT_NAME_MAX + 1);
		memcpy(name, output.at, output.size);
	}
	cose_document_close(&d);
	return err;
}

static void write_fetch(struct write *w, const struct task_request *q, const uint8_t hash[32])
{
	struct core *c = w->core;
	struct task_output_key k = { 0 };
	char name[STATEMENT_NAME_MAX + 1];
	uint8_t recipient[32], sealed[CRYPTO_KEY_SIZE + CRYPTO_HPKE_OVERHEAD], space[256];
	struct builder b = builder_over(space, sizeof(space));
	struct bytes body;
	uint64_t run = 0;
	const char *why = "the body is not [run, output, recipient key]";

	enum mt_err err = fetch_decode(c, q->body, &run, name, recipient);
	if (!err) {
		err = task_output_key(c->tasks, w->signer, hash, run, mt_text(name), &k, &why);
	}
	if (!err) {
		why = "the recipient key is no X25519 public key";
		err = crypto_hpke_seal(recipient, mt_text("mesatee-output-key-1"), mt_bytes(k.tag, 32), secret_bytes(&k.key), sealed);
	}
	if (err) {
		mt_wipe(&k, sizeof(k));
		write_refuse(w, err, why);
		return;
	}
	cbor_array(&b, 4);
	cbor_bstr(&b, mt_bytes(k.tag, 32));
	cbor_uint(&b, k.size);
	cbor_uint(&b, k.owner_count);
	cbor_bstr(&b, mt_bytes(sealed, sizeof(sealed)));
	mt_wipe(&k, sizeof(k));
	err = builder_done(&b, &body);
	mt_assert(!err);
	core_answer(c, w->connection, w->request, 200, NODE_CBOR, body);
	write_free(w);
}

/* ---- the rest ---- */

static void write_contract(struct write *w, const struct task_request *q)
{
	struct core *c = w->core;
	const char *why = "";
	struct task_contract_facts facts = { .log_id = ledger_id(c->ledger), .executor_hash = c->executor_hash, .level = c->level };

	enum mt_err err = task_check_contract(c->tasks, q, &facts, &why);
	if (err) {
		write_refuse(w, err, why);
		return;
	}
	write_stage(w, ENTRY_CONTRACT, mt_bytes(w->body, w->body_size));
}

static void write_run(struct write *w, const struct task_request *q, const uint8_t hash[32])
{
	struct core *c = w->core;
	uint8_t space[64];
	struct builder b = builder_over(space, sizeof(space));
	struct bytes body;
	const char *why = "";

	enum mt_err err = task_check_run(c->tasks, q, hash, &w->run, &why);
	if (!err) {
		err = task_run_prepare(c->driver, hash, w->run);
		why = err ? "the node runs as many tasks as it may: try again when one has ended" : why;
	}
	if (err) {
		write_refuse(w, err, why);
		return;
	}
	cbor_array(&b, 2);
	cbor_bstr(&b, mt_bytes(hash, 32));
	cbor_uint(&b, w->run);
	err = builder_done(&b, &body);
	mt_assert(!err);
	write_stage(w, ENTRY_RUNNING, body);
}

static void write_stop(struct write *w)
{
	struct core *c = w->core;
	uint8_t space[64];
	struct builder b = builder_over(space, sizeof(space));

	if (task_role_of(c->tasks, w->signer) != TASK_ROLE_OPERATOR) {
		write_refuse(w, MT_DENIED, "only the operator stops the node");
		return;
	}
	builder_text(&b, "{\"schema\":\"mesatee.stopping.1\"}");
	write_answer_json(w, 202, &b);
	c->port->stop(c->port->self);
}

static void write_hash_only(struct write *w, const struct task_request *q, const uint8_t hash[32])
{
	struct core *c = w->core;
	const char *why = "";
	bool withdraw = w->route == ROUTE_WITHDRAW;

	enum mt_err err = withdraw ? task_check_withdraw(c->tasks, q, hash, &why) : task_check_cancel(c->tasks, q, hash, &why);
	if (err) {
		write_refuse(w, err, why);
		return;
	}
	write_stage(w, withdraw ? ENTRY_WITHDRAW : ENTRY_CANCEL, mt_bytes(hash, 32));
}

static void write_role(struct write *w, const struct task_request *q)
{
	const char *why = "";

	enum mt_err err = task_check_role(w->core->tasks, q, &why);
	if (err) {
		write_refuse(w, err, why);
		return;
	}
	write_stage(w, ENTRY_ROLE, mt_bytes(w->body, w->body_size));
}

void write_handle(struct write *w, const struct task_request *q, const uint8_t hash[32])
{
	uint8_t contract[32];

	memcpy(contract, hash, sizeof(contract));
	switch (w->route) {
	case ROUTE_FUNCTION_PUBLISH:
		write_function(w, q);
		break;
	case ROUTE_DATASET_ADD:
		write_dataset(w, q);
		break;
	case ROUTE_CONTRACT_CREATE:
		write_contract(w, q);
		break;
	case ROUTE_APPROVE:
		write_approval(w, q, contract);
		break;
	case ROUTE_WITHDRAW:
	case ROUTE_CANCEL:
		write_hash_only(w, q, contract);
		break;
	case ROUTE_RUN:
		write_run(w, q, contract);
		break;
	case ROUTE_FETCH:
		write_fetch(w, q, contract);
		break;
	case ROUTE_ROLE:
		write_role(w, q);
		break;
	case ROUTE_DATA_FETCH:
		write_data_fetch(w, q);
		break;
	case ROUTE_OUTPUT_SEND:
		write_output_send(w, q);
		break;
	case ROUTE_STOP:
		write_stop(w);
		break;
	default:
		write_refuse(w, MT_NOT_FOUND, "this route takes no signed request");
		break;
	}
}
