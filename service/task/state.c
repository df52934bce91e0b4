#include "service/task/state.h"

#include <string.h>

MUST enum mt_err task_open(struct box *cbor, const struct task_admission *admission, struct task_state **out)
{
	struct task_state *t = mt_alloc(sizeof(*t));

	if (!t) {
		return MT_NO_MEMORY;
	}
	t->cbor = cbor;
	t->admission = *admission;
	*out = t;
	return MT_OK;
}

static void task_run_free(struct task_run *r, size_t outputs)
{
	mt_free(r->receipt);
	mt_free(r->cause);
	if (r->keys) {
		mt_wipe(r->keys, outputs * sizeof(r->keys[0]));
		mt_free(r->keys);
	}
}

void task_close(struct task_state *t)
{
	if (!t) {
		return;
	}
	for (size_t i = 0; i < t->contract_count; i++) {
		struct task_contract *c = t->contract[i];
		for (size_t j = 0; j < c->run_count; j++) {
			task_run_free(&c->run[j], c->contract.output_count);
		}
		mt_free(c->run);
		contract_close(&c->contract);
		mt_free(c);
	}
	id_table_clear(&t->party_index);
	id_table_clear(&t->function_index);
	id_table_clear(&t->dataset_index);
	id_table_clear(&t->contract_index);
	id_table_clear(&t->output_index);
	mt_free(t->output);
	id_table_clear(&t->nonce[0]);
	id_table_clear(&t->nonce[1]);
	mt_free(t->party);
	mt_free(t->function);
	mt_free(t->dataset);
	mt_free(t->contract);
	mt_free(t);
}

/* ---- finding ---- */

struct task_contract *task_find(const struct task_state *t, const uint8_t hash[32])
{
	uint32_t i = id_table_find(&t->contract_index, hash);

	return i == ID_NONE ? NULL : t->contract[i];
}

const struct contract *task_contract_find(const struct task_state *t, const uint8_t hash[32])
{
	const struct task_contract *c = task_find(t, hash);

	return c ? &c->contract : NULL;
}

const uint8_t *task_dataset_commit(const struct task_state *t, const uint8_t tag[32])
{
	uint32_t i = id_table_find(&t->dataset_index, tag);

	return i == ID_NONE ? NULL : t->dataset[i].commit;
}

uint64_t task_input_size(const struct task_state *t, const uint8_t tag[32])
{
	struct task_output o;

	if (task_output_find(t, tag, &o)) {
		return o.keys->size;
	}
	uint32_t i = id_table_find(&t->dataset_index, tag);

	return i == ID_NONE ? 0 : t->dataset[i].size;
}

enum contract_executor task_function_executor(const struct task_state *t, const uint8_t hash[32])
{
	uint32_t i = id_table_find(&t->function_index, hash);

	return i == ID_NONE ? 0 : t->function[i].executor;
}

uint32_t task_participant(const struct contract *c, const uint8_t party[32])
{
	for (uint32_t i = 0; i < c->participant_count; i++) {
		if (memcmp(c->participant[i], party, 32) == 0) {
			return i;
		}
	}
	return ID_NONE;
}

bool task_all_approved(const struct task_contract *c)
{
	return c->approved == MT_BIT(c->contract.participant_count) - 1;
}

struct task_run *task_run_find(const struct task_contract *c, uint64_t number)
{
	return number >= 1 && number <= c->run_count ? &c->run[number - 1] : NULL;
}

/* The operator decides who takes part, so he takes part in nothing himself. */
enum task_role task_role_of(const struct task_state *t, const uint8_t party[COSE_ID_SIZE])
{
	if (!mt_is_zero(mt_bytes(t->admission.operator_id, 32)) && memcmp(t->admission.operator_id, party, 32) == 0) {
		return TASK_ROLE_OPERATOR;
	}
	uint32_t i = id_table_find(&t->party_index, party);
	if (i != ID_NONE) {
		return t->party[i].role;
	}
	return t->admission.open ? TASK_ROLE_PARTY : TASK_ROLE_NONE;
}

void task_count(const struct task_state *t, struct task_counts *out)
{
	*out = (struct task_counts){ .parties = t->party_count, .functions = t->function_count, .datasets = t->dataset_count,
				     .contracts = t->contract_count, .finished = t->finished_count };
	for (size_t i = 0; i < t->contract_count; i++) {
		out->running += t->contract[i]->state == TASK_RUNNING;
	}
}

/* ---- states ---- */

static const uint32_t task_moves[TASK_STATES] = {       /* row: from, bits: to */
	[TASK_CREATED]   = MT_BIT(TASK_APPROVED) | MT_BIT(TASK_CANCELLED) | MT_BIT(TASK_EXPIRED),
	[TASK_APPROVED]  = MT_BIT(TASK_CREATED) | MT_BIT(TASK_RUNNING) | MT_BIT(TASK_CANCELLED) | MT_BIT(TASK_EXPIRED),
	[TASK_RUNNING]   = MT_BIT(TASK_CREATED) | MT_BIT(TASK_APPROVED) | MT_BIT(TASK_FINISHED) | MT_BIT(TASK_CANCELLED),
	[TASK_FINISHED]  = 0,
	[TASK_CANCELLED] = 0,
	[TASK_EXPIRED]   = 0,
};

void task_move(struct task_contract *c, enum task_contract_state to)
{
	mt_assert(c->state < TASK_STATES && to < TASK_STATES);
	mt_assert(task_moves[c->state] & MT_BIT(to));
	c->state = to;
}

const char *task_state_name(const struct task_contract *c)
{
	static const char *const name[TASK_STATES] = {
		[TASK_CREATED] = "created", [TASK_APPROVED] = "approved", [TASK_RUNNING] = "running",
		[TASK_FINISHED] = "finished", [TASK_CANCELLED] = "cancelled", [TASK_EXPIRED] = "expired",
	};

	/* The last run's end is the contract's end: a failure is never shown as success. */
	if (c->state == TASK_FINISHED && c->run_count && c->run[c->run_count - 1].state != TASK_RUN_FINISHED) {
		return c->run[c->run_count - 1].state == TASK_RUN_FAILED ? "failed" : "cancelled";
	}
	return name[c->state];
}

/* ---- nonces ---- */

void task_nonce_id(const uint8_t signer[32], const uint8_t nonce[STATEMENT_NONCE_SIZE], uint8_t out[32])
{
	uint8_t both[32 + STATEMENT_NONCE_SIZE];

	memcpy(both, signer, 32);
	memcpy(both + 32, nonce, STATEMENT_NONCE_SIZE);
	crypto_sha256(mt_bytes(both, sizeof(both)), out);
}

MUST enum mt_err task_check_fresh(const struct task_state *t, const struct task_request *q, const char **why)
{
	uint8_t id[32];

	if (q->request->expiry <= q->now) {
		*why = "the request has expired: check the clock of this machine, or send it again";
		return MT_DENIED;
	}
	if (q->request->expiry > q->now + REQUEST_LIFE_MAX_S) {
		*why = "the request expires too far ahead: check the clock of this machine";
		return MT_DENIED;
	}
	task_nonce_id(q->signer, q->request->nonce, id);
	if (id_table_find(&t->nonce[0], id) != ID_NONE || id_table_find(&t->nonce[1], id) != ID_NONE) {
		*why = "this request was already accepted once: make a new one";
		return MT_STATE;
	}
	if (t->nonce[0].count + t->nonce[1].count >= TASK_NONCES_MAX) {
		*why = "too many requests in the last minutes: try again later";
		return MT_LIMIT;
	}
	return MT_OK;
}
