/* The fold: what each kind of entry does to the state. An entry of our own sealed log that makes no sense is MT_TAMPERED. */
#include "service/task/state.h"

#include <string.h>

/* Room for one more element in a table; *table may move. What was let through before the last one was applied must find room as well. */
static enum mt_err table_room(void **table, size_t *capacity, size_t count, size_t max, size_t size)
{
	if (count >= max + TASK_IN_FLIGHT_MAX) {
		return MT_LIMIT;
	}
	return mt_room(table, capacity, count, size);
}

static enum mt_err apply_role(struct task_state *t, struct reader *r)
{
	uint8_t id[32];

	reader_array_of(r, 2);
	reader_copy(r, id, sizeof(id));
	uint64_t role = reader_uint(r);
	if (!reader_done(r) || role > TASK_ROLE_PARTY) {
		return MT_TAMPERED;
	}
	uint32_t i = id_table_find(&t->party_index, id);
	if (i == ID_NONE) {
		enum mt_err err = table_room((void **)&t->party, &t->party_capacity, t->party_count, TASK_PARTIES_MAX, sizeof(t->party[0]));
		if (!err) {
			err = id_table_add(&t->party_index, id, (uint32_t)t->party_count);
		}
		if (err) {
			return err;
		}
		i = (uint32_t)t->party_count++;
		memcpy(t->party[i].id, id, sizeof(id));
	}
	t->party[i].role = (enum task_role)role;
	return MT_OK;
}

static enum mt_err apply_function(struct task_state *t, struct reader *r, const uint8_t signer[32])
{
	struct task_function f = { 0 };

	reader_array_of(r, 4);
	reader_copy(r, f.hash, sizeof(f.hash));
	struct bytes name = reader_tstr(r);
	f.size = reader_uint(r);
	uint64_t executor = reader_uint(r);
	f.executor = executor < CONTRACT_EXECUTORS ? (enum contract_executor)executor : 0;
	if (!reader_done(r) || !attest_executor_name(f.executor) || !statement_name_ok(name) || id_table_find(&t->function_index, f.hash) != ID_NONE) {
		return MT_TAMPERED;
	}
	memcpy(f.name, name.at, name.size);
	memcpy(f.owner, signer, sizeof(f.owner));
	enum mt_err err = table_room((void **)&t->function, &t->function_capacity, t->function_count, TASK_FUNCTIONS_MAX, sizeof(f));
	if (!err) {
		err = id_table_add(&t->function_index, f.hash, (uint32_t)t->function_count);
	}
	if (!err) {
		t->function[t->function_count++] = f;
	}
	return err;
}

static enum mt_err apply_dataset(struct task_state *t, struct reader *r, const uint8_t signer[32])
{
	struct task_dataset d = { 0 };

	reader_array_of(r, 3);
	reader_copy(r, d.tag, sizeof(d.tag));
	d.size = reader_uint(r);
	reader_copy(r, d.commit, sizeof(d.commit));
	if (!reader_done(r) || id_table_find(&t->dataset_index, d.tag) != ID_NONE) {
		return MT_TAMPERED;
	}
	memcpy(d.owner, signer, sizeof(d.owner));
	enum mt_err err = table_room((void **)&t->dataset, &t->dataset_capacity, t->dataset_count, TASK_DATASETS_MAX, sizeof(d));
	if (!err) {
		err = id_table_add(&t->dataset_index, d.tag, (uint32_t)t->dataset_count);
	}
	if (!err) {
		t->dataset[t->dataset_count++] = d;
	}
	return err;
}

static enum mt_err apply_contract(struct task_state *t, struct bytes body, uint64_t time_ms)
{
	struct task_contract *c = mt_alloc(sizeof(*c));

	if (!c) {
		return MT_NO_MEMORY;
	}
	enum mt_err err = contract_decode(t->cbor, body, &c->contract);
	if (!err && task_find(t, c->contract.hash)) {
		err = MT_TAMPERED;
	}
	if (!err) {
		err = table_room((void **)&t->contract, &t->contract_capacity, t->contract_count, TASK_CONTRACTS_MAX, sizeof(c));
	}
	if (!err) {
		err = id_table_add(&t->contract_index, c->contract.hash, (uint32_t)t->contract_count);
	}
	if (err) {
		contract_close(&c->contract);
		mt_free(c);
		return err;
	}
	c->created_ms = time_ms;
	t->contract[t->contract_count++] = c;
	return MT_OK;
}

static enum mt_err apply_approval(struct task_state *t, struct bytes body, const uint8_t signer[32])
{
	struct cose message = { 0 };
	struct approval a;

	enum mt_err err = cose_open_trusted(t->cbor, STATEMENT_TYPE_APPROVAL, body, &message);
	if (!err) {
		err = approval_decode(t->cbor, message.payload, &a);
	}
	cose_close(&message);
	if (err) {
		return err == MT_NO_MEMORY ? err : MT_TAMPERED;
	}
	struct task_contract *c = task_find(t, a.contract_hash);
	uint32_t i = c ? task_participant(&c->contract, signer) : ID_NONE;
	if (i == ID_NONE || c->state != TASK_CREATED) {
		return MT_TAMPERED;
	}
	c->approved |= MT_BIT(i);
	if (task_all_approved(c)) {
		task_move(c, TASK_APPROVED);
	}
	return MT_OK;
}

static struct task_contract *apply_find(const struct task_state *t, struct bytes body)
{
	return body.size == 32 ? task_find(t, body.at) : NULL;
}

static enum mt_err apply_withdraw(struct task_state *t, struct bytes body, const uint8_t signer[32])
{
	struct task_contract *c = apply_find(t, body);
	uint32_t i = c ? task_participant(&c->contract, signer) : ID_NONE;

	if (i == ID_NONE) {
		return MT_TAMPERED;
	}
	if (c->state > TASK_RUNNING) {
		return MT_OK;           /* its last run ended while the request was on its way to the disk */
	}
	c->approved &= ~MT_BIT(i);
	if (c->state == TASK_APPROVED) {
		task_move(c, TASK_CREATED);
	}
	return MT_OK;           /* while running: the run ends first, then its receipt moves the contract */
}

static enum mt_err apply_cancel(struct task_state *t, struct bytes body, enum task_contract_state to)
{
	struct task_contract *c = apply_find(t, body);

	if (!c || (to == TASK_EXPIRED && c->state == TASK_RUNNING)) {
		return MT_TAMPERED;
	}
	if (c->state <= TASK_RUNNING) {         /* else its last run ended while the request was on its way to the disk */
		task_move(c, to);
	}
	return MT_OK;
}

static enum mt_err apply_running(struct task_state *t, struct reader *r, uint64_t index, uint64_t time_ms)
{
	uint8_t hash[32];

	reader_array_of(r, 2);
	reader_copy(r, hash, sizeof(hash));
	uint64_t number = reader_uint(r);
	struct task_contract *c = reader_done(r) ? task_find(t, hash) : NULL;
	if (!c || c->state != TASK_APPROVED || number != c->run_count + 1 || number > c->contract.runs) {
		return MT_TAMPERED;
	}
	enum mt_err err = table_room((void **)&c->run, &c->run_capacity, c->run_count, CONTRACT_RUNS_MAX, sizeof(c->run[0]));
	if (err) {
		return err;
	}
	c->run[c->run_count++] = (struct task_run){ .number = number, .running_index = index, .started_ms = time_ms };
	task_move(c, TASK_RUNNING);
	return MT_OK;
}

static bool apply_keys_read(struct reader *r, const struct contract *c, struct task_output_keys *keys)
{
	reader_array_of(r, c->output_count);
	for (size_t i = 0; i < c->output_count; i++) {
		uint64_t count = reader_array(r);
		if (count != c->output[i].owner_count) {
			return false;
		}
		keys[i].count = (size_t)count;
		for (size_t j = 0; j < keys[i].count; j++) {
			reader_copy(r, keys[i].key[j].at, CRYPTO_KEY_SIZE);
		}
	}
	return reader_done(r);
}

static enum mt_err apply_output_keys(struct task_state *t, struct reader *r)
{
	uint8_t hash[32];

	reader_array_of(r, 3);
	reader_copy(r, hash, sizeof(hash));
	struct task_contract *c = reader_ok(r) ? task_find(t, hash) : NULL;
	struct task_run *run = c ? task_run_find(c, reader_uint(r)) : NULL;
	if (!run || run->state != TASK_RUN_RUNNING) {
		return MT_TAMPERED;
	}
	size_t size = c->contract.output_count * sizeof(run->keys[0]);
	struct task_output_keys *keys = mt_alloc(size);
	if (!keys) {
		return MT_NO_MEMORY;
	}
	if (!apply_keys_read(r, &c->contract, keys)) {
		mt_wipe(keys, size);
		mt_free(keys);
		return MT_TAMPERED;
	}
	/* Keys without a receipt behind them are of a receipt that could not be written: the later ones count. */
	if (run->keys) {
		mt_wipe(run->keys, size);
		mt_free(run->keys);
	}
	run->keys = keys;
	return MT_OK;
}

/* Behind the keys in the same batch: which outputs lie in this entry. */
static enum mt_err apply_output_data(struct task_state *t, struct reader *r, uint64_t index)
{
	uint8_t hash[32];
	bool here[CONTRACT_OUTPUTS_MAX] = { false };

	reader_array_of(r, 3);
	reader_copy(r, hash, sizeof(hash));
	struct task_contract *c = reader_ok(r) ? task_find(t, hash) : NULL;
	struct task_run *run = c ? task_run_find(c, reader_uint(r)) : NULL;
	if (!run || run->state != TASK_RUN_RUNNING || !run->keys) {
		return MT_TAMPERED;
	}
	reader_array_of(r, c->contract.output_count);
	for (size_t i = 0; i < c->contract.output_count; i++) {
		here[i] = reader_bstr(r).size > 0;
	}
	if (!reader_done(r)) {
		return MT_TAMPERED;
	}
	for (size_t i = 0; i < c->contract.output_count; i++) {
		run->keys[i].data_index = here[i] ? index : 0;
	}
	return MT_OK;
}

/* Where a contract goes when its run is over. Cancelled during the run: it stays cancelled. */
static void apply_run_over(struct task_contract *c)
{
	if (c->state == TASK_CANCELLED) {
		return;
	}
	if (c->run_count >= c->contract.runs) {
		task_move(c, TASK_FINISHED);
	} else {
		task_move(c, task_all_approved(c) ? TASK_APPROVED : TASK_CREATED);
	}
}

static void apply_usage(struct task_run *run, const struct receipt *q)
{
	run->exit_code = q->exit_code;
	run->cpu_us = q->cpu_us;
	run->memory_peak = q->memory_peak;
	run->wall_ms = q->wall_ms;
	run->bytes_in = q->bytes_in;
	run->bytes_out = q->bytes_out;
}

static enum mt_err apply_receipt(struct task_state *t, uint64_t index, uint64_t time_ms, struct bytes body)
{
	struct cose message = { 0 };
	struct receipt q = { 0 };

	enum mt_err err = cose_open_trusted(t->cbor, STATEMENT_TYPE_RECEIPT, body, &message);
	if (!err) {
		err = receipt_decode(t->cbor, message.payload, &q);
	}
	struct task_contract *c = err ? NULL : task_find(t, q.contract_hash);
	struct task_run *run = c ? task_run_find(c, q.run) : NULL;
	if (!err && (!run || run->state != TASK_RUN_RUNNING || (q.outcome == RECEIPT_FINISHED && !run->keys) ||
		     (q.output_count && q.output_count != c->contract.output_count))) {
		err = MT_TAMPERED;
	}
	if (!err) {
		err = task_outputs_add(t, c, run, &q);
	}
	uint8_t *copy = err ? NULL : mt_copy(body);
	char *cause = err ? NULL : mt_copy_text(q.cause);
	if (!err && (!copy || !cause)) {
		mt_free(copy);
		mt_free(cause);
		err = MT_NO_MEMORY;
	}
	if (!err) {
		run->cause = cause;
		apply_usage(run, &q);
		run->state = q.outcome == RECEIPT_FINISHED ? TASK_RUN_FINISHED :
			     q.outcome == RECEIPT_FAILED ? TASK_RUN_FAILED : TASK_RUN_CANCELLED;
		run->receipt = copy;
		run->receipt_size = body.size;
		run->receipt_index = index;
		run->receipt_time_ms = time_ms;
		run->ended_ms = q.ended_ms;
		for (size_t i = 0; i < q.output_count && run->keys; i++) {
			memcpy(run->keys[i].tag, q.output[i].tag, sizeof(run->keys[i].tag));
			run->keys[i].size = q.output[i].size;
		}
		t->finished_count++;
		apply_run_over(c);
	}
	receipt_close(&q);
	cose_close(&message);
	return err;
}

/* Who signed the request of this entry; its nonce is used up. */
static enum mt_err apply_request(struct task_state *t, const struct entry *e, uint8_t signer[32])
{
	struct cose message = { 0 };
	struct request q;
	uint8_t id[32];

	if (e->request.size == 0) {
		return MT_OK;
	}
	enum mt_err err = cose_open_trusted(t->cbor, STATEMENT_TYPE_REQUEST, e->request, &message);
	if (!err) {
		err = request_decode(t->cbor, message.payload, &q);
		memcpy(signer, message.signer, 32);
	}
	cose_close(&message);
	if (err) {
		return err == MT_NO_MEMORY ? err : MT_TAMPERED;
	}
	if (e->time_ms > t->nonce_turned_ms + REQUEST_LIFE_MAX_S * 1000) {
		id_table_clear(&t->nonce[1]);
		t->nonce[1] = t->nonce[0];
		t->nonce[0] = (struct id_table){ 0 };
		t->nonce_turned_ms = e->time_ms;
	}
	task_nonce_id(signer, q.nonce, id);
	if (id_table_find(&t->nonce[0], id) != ID_NONE || id_table_find(&t->nonce[1], id) != ID_NONE) {
		return MT_TAMPERED;
	}
	return id_table_add(&t->nonce[0], id, 0);
}

static enum mt_err apply_body(struct task_state *t, uint64_t index, const struct entry *e, const uint8_t signer[32])
{
	struct cose_document d = { 0 };

	switch (e->kind) {
	case ENTRY_CONTRACT:
		return apply_contract(t, e->body, e->time_ms);
	case ENTRY_APPROVAL:
		return apply_approval(t, e->body, signer);
	case ENTRY_WITHDRAW:
		return apply_withdraw(t, e->body, signer);
	case ENTRY_CANCEL:
		return apply_cancel(t, e->body, TASK_CANCELLED);
	case ENTRY_EXPIRED:
		return apply_cancel(t, e->body, TASK_EXPIRED);
	case ENTRY_RECEIPT:
		return apply_receipt(t, index, e->time_ms, e->body);
	case ENTRY_LIFE:
		return MT_OK;
	default:
		break;
	}
	enum mt_err err = cose_document_open(t->cbor, e->body, &d);
	if (err) {
		return err == MT_NO_MEMORY ? err : MT_TAMPERED;
	}
	struct reader r = reader_over(&d.items);
	switch (e->kind) {
	case ENTRY_ROLE:
		err = apply_role(t, &r);
		break;
	case ENTRY_FUNCTION:
		err = apply_function(t, &r, signer);
		break;
	case ENTRY_DATASET:
		err = apply_dataset(t, &r, signer);
		break;
	case ENTRY_RUNNING:
		err = apply_running(t, &r, index, e->time_ms);
		break;
	case ENTRY_OUTPUT_KEYS:
		err = apply_output_keys(t, &r);
		break;
	case ENTRY_OUTPUT_DATA:
		err = apply_output_data(t, &r, index);
		break;
	default:
		err = MT_TAMPERED;
		break;
	}
	mt_wipe(d.scratch, ITEMS_SCRATCH(e->body.size));        /* it may have held output keys */
	cose_document_close(&d);
	return err;
}

MUST enum mt_err task_apply(struct task_state *t, uint64_t index, struct bytes entry)
{
	struct entry e = { 0 };
	uint8_t signer[32] = { 0 };

	enum mt_err err = entry_decode(t->cbor, entry, &e);
	if (err) {
		return err == MT_NO_MEMORY ? err : MT_TAMPERED;
	}
	err = apply_request(t, &e, signer);
	if (!err) {
		err = apply_body(t, index, &e, signer);
	}
	entry_close(&e);
	return err;
}
