/* Outputs of finished runs: who may have which, where their ciphertext lies, and their keys for a contract that goes on with them. */
#include "service/task/state.h"

#include <string.h>

#include "lib/dataset/dataset.h"

static uint32_t output_owner(const struct contract_output *o, const uint8_t party[32])
{
	for (uint32_t i = 0; i < o->owner_count; i++) {
		if (memcmp(o->owner[i], party, 32) == 0) {
			return i;
		}
	}
	return ID_NONE;
}

/* ---- the table, by content tag ---- */

bool task_output_find(const struct task_state *t, const uint8_t tag[32], struct task_output *out)
{
	uint32_t i = id_table_find(&t->output_index, tag);

	if (i == ID_NONE) {
		return false;
	}
	const struct task_output_ref *r = &t->output[i];
	const struct task_contract *c = t->contract[r->contract];
	*out = (struct task_output){ .contract = c, .output = r->output, .keys = &c->run[r->run].keys[r->output] };
	return true;
}

MUST enum mt_err task_outputs_add(struct task_state *t, const struct task_contract *c, const struct task_run *run, const struct receipt *q)
{
	uint32_t contract = id_table_find(&t->contract_index, c->contract.hash);

	for (size_t i = 0; i < q->output_count; i++) {
		/* Tags are salted: one that is there already was added by this entry, before memory ran out. */
		if (id_table_find(&t->output_index, q->output[i].tag) != ID_NONE) {
			continue;
		}
		enum mt_err err = mt_room((void **)&t->output, &t->output_capacity, t->output_count, sizeof(t->output[0]));
		if (!err) {
			err = id_table_add(&t->output_index, q->output[i].tag, (uint32_t)t->output_count);
		}
		if (err) {
			return err;
		}
		t->output[t->output_count++] = (struct task_output_ref){ contract, (uint32_t)(run->number - 1), (uint32_t)i };
	}
	return MT_OK;
}

/* ---- as an input of another contract ---- */

bool task_output_all_owners(const struct task_output *o, const struct contract *c)
{
	const struct contract_output *from = &o->contract->contract.output[o->output];

	for (size_t i = 0; i < from->owner_count; i++) {
		if (!contract_has_participant(c, from->owner[i])) {
			return false;
		}
	}
	return true;
}

bool task_output_owned(const struct task_output *o, const uint8_t party[32])
{
	return output_owner(&o->contract->contract.output[o->output], party) != ID_NONE;
}

void task_output_secret(const struct task_output *o, struct secret *out)
{
	dataset_shares_combine(o->keys->key, o->keys->count, out);
}

/* ---- for their owners ---- */

MUST enum mt_err task_output_key(const struct task_state *t, const uint8_t party[COSE_ID_SIZE], const uint8_t hash[32], uint64_t number,
				 struct bytes output, struct task_output_key *out, const char **why)
{
	const struct task_contract *c = task_find(t, hash);
	const struct task_run *run = c && contract_has_participant(&c->contract, party) ? task_run_find(c, number) : NULL;
	struct task_output_key k = { 0 };

	*why = "there is no such run of yours: see `mesatee tasks`";
	if (!run) {
		return MT_NOT_FOUND;
	}
	*why = "the run has not finished, or it failed: no output leaves it";
	if (run->state != TASK_RUN_FINISHED || !run->keys) {
		return MT_STATE;
	}
	size_t i = 0;
	while (i < c->contract.output_count && !mt_equal(c->contract.output[i].name, output)) {
		i++;
	}
	*why = "the contract has no output of this name";
	if (i == c->contract.output_count) {
		return MT_NOT_FOUND;
	}
	uint32_t owner = output_owner(&c->contract.output[i], party);
	*why = "this output belongs to another party";
	if (owner == ID_NONE) {
		return MT_DENIED;
	}
	memcpy(k.tag, run->keys[i].tag, sizeof(k.tag));
	k.size = run->keys[i].size;
	k.owner_count = (uint32_t)c->contract.output[i].owner_count;
	k.key = run->keys[i].key[owner];
	*out = k;
	mt_wipe(&k, sizeof(k));
	return MT_OK;
}

MUST enum mt_err task_output_readable(const struct task_state *t, const uint8_t party[COSE_ID_SIZE], const uint8_t tag[32],
				      struct task_output_place *out)
{
	struct task_output o;

	if (!task_output_find(t, tag, &o) || output_owner(&o.contract->contract.output[o.output], party) == ID_NONE) {
		return MT_NOT_FOUND;
	}
	*out = (struct task_output_place){ o.keys->data_index, o.output };
	return MT_OK;
}

MUST enum mt_err task_output_data(const struct task_state *t, struct bytes entry, size_t output, struct builder *out)
{
	struct cose_document d = { 0 };
	struct entry e = { 0 };
	struct bytes data = { 0 };

	enum mt_err err = entry_decode(t->cbor, entry, &e);
	if (!err) {
		err = e.kind == ENTRY_OUTPUT_DATA ? cose_document_open(t->cbor, e.body, &d) : MT_TAMPERED;
	}
	if (!err) {
		struct reader r = reader_over(&d.items);
		reader_array_of(&r, 3);
		(void)reader_bstr(&r);
		(void)reader_uint(&r);
		uint64_t count = reader_array(&r);
		for (uint64_t i = 0; i < count && i <= output; i++) {
			data = reader_bstr(&r);
		}
		err = reader_ok(&r) && output < count ? MT_OK : MT_TAMPERED;
	}
	if (!err) {
		builder_bytes(out, data);
	}
	cose_document_close(&d);
	entry_close(&e);
	return err;
}
