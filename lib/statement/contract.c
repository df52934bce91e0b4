#include "lib/statement/statement.h"

#include <string.h>

#include "lib/attest/attest.h"

#define CONTRACT_FIELDS 14

MUST bool statement_name_ok(struct bytes name)
{
	if (name.size == 0 || name.size > STATEMENT_NAME_MAX || name.at[0] == '.') {
		return false;
	}
	for (size_t i = 0; i < name.size; i++) {
		uint8_t c = name.at[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		bool other = (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
		if (!letter && !other) {
			return false;
		}
	}
	return true;
}

void contract_hash(struct bytes wire, uint8_t out[STATEMENT_HASH_SIZE])
{
	crypto_label_sha256(ATTEST_LABEL_CONTRACT, &wire, 1, out);
}

static void contract_ids_encode(const uint8_t (*id)[COSE_ID_SIZE], size_t count, struct builder *out)
{
	cbor_array(out, count);
	for (size_t i = 0; i < count; i++) {
		cbor_bstr(out, mt_bytes(id[i], COSE_ID_SIZE));
	}
}

static void contract_outputs_encode(const struct contract *c, struct builder *out)
{
	cbor_array(out, c->output_count);
	for (size_t i = 0; i < c->output_count; i++) {
		const struct contract_output *o = &c->output[i];
		cbor_array(out, 4);
		cbor_tstr(out, o->name);
		contract_ids_encode(o->owner, o->owner_count, out);
		cbor_uint(out, o->size_max);
		cbor_uint(out, o->rows_min);
	}
}

static void contract_inputs_encode(const struct contract *c, struct builder *out)
{
	cbor_array(out, c->input_count);
	for (size_t i = 0; i < c->input_count; i++) {
		cbor_array(out, 3);
		cbor_tstr(out, c->input[i].name);
		cbor_bstr(out, mt_bytes(c->input[i].owner, COSE_ID_SIZE));
		cbor_bstr(out, mt_bytes(c->input[i].tag, STATEMENT_HASH_SIZE));
	}
}

void contract_encode(const struct contract *c, struct builder *out)
{
	cbor_map(out, CONTRACT_FIELDS);
	cbor_uint(out, 1);
	cbor_bstr(out, mt_bytes(c->log_id, sizeof(c->log_id)));
	cbor_uint(out, 2);
	cbor_bstr(out, mt_bytes(c->function, sizeof(c->function)));
	cbor_uint(out, 3);
	cbor_array(out, 2);
	cbor_uint(out, c->executor);
	cbor_bstr(out, mt_bytes(c->executor_hash, sizeof(c->executor_hash)));
	cbor_uint(out, 4);
	cbor_array(out, c->argument_count);
	for (size_t i = 0; i < c->argument_count; i++) {
		cbor_tstr(out, c->argument[i]);
	}
	cbor_uint(out, 5);
	contract_inputs_encode(c, out);
	cbor_uint(out, 6);
	contract_outputs_encode(c, out);
	cbor_uint(out, 7);
	contract_ids_encode(c->participant, c->participant_count, out);
	cbor_uint(out, 8);
	cbor_array(out, 2);
	cbor_uint(out, c->memory_max);
	cbor_uint(out, c->wall_ms);
	cbor_uint(out, 9);
	cbor_bool(out, c->deterministic);
	cbor_uint(out, 10);
	cbor_uint(out, c->level_min);
	cbor_uint(out, 11);
	cbor_bstr(out, mt_bytes(c->policy_hash, sizeof(c->policy_hash)));
	cbor_uint(out, 12);
	cbor_uint(out, c->runs);
	cbor_uint(out, 13);
	cbor_uint(out, c->expiry);
	cbor_uint(out, 14);
	cbor_bstr(out, mt_bytes(c->nonce, sizeof(c->nonce)));
}

/* ---- decoding ---- */

static bool contract_ids_ascending(const uint8_t (*id)[COSE_ID_SIZE], size_t count)
{
	for (size_t i = 1; i < count; i++) {
		if (memcmp(id[i - 1], id[i], COSE_ID_SIZE) >= 0) {
			return false;
		}
	}
	return true;
}

static size_t contract_ids_read(struct reader *r, uint8_t (*id)[COSE_ID_SIZE], size_t max)
{
	uint64_t count = reader_array(r);

	if (count > max) {
		r->failed = true;
		return 0;
	}
	for (size_t i = 0; i < count; i++) {
		reader_copy(r, id[i], COSE_ID_SIZE);
	}
	return (size_t)count;
}

static size_t contract_count_read(struct reader *r, size_t max)
{
	uint64_t count = reader_array(r);

	if (count > max) {
		r->failed = true;
		return 0;
	}
	return (size_t)count;
}

static void contract_inputs_read(struct reader *r, struct contract *c)
{
	c->input_count = contract_count_read(r, CONTRACT_INPUTS_MAX);
	for (size_t i = 0; i < c->input_count; i++) {
		struct contract_input *in = &c->input[i];
		reader_array_of(r, 3);
		in->name = reader_tstr(r);
		reader_copy(r, in->owner, sizeof(in->owner));
		reader_copy(r, in->tag, sizeof(in->tag));
	}
}

static void contract_outputs_read(struct reader *r, struct contract *c)
{
	c->output_count = contract_count_read(r, CONTRACT_OUTPUTS_MAX);
	for (size_t i = 0; i < c->output_count; i++) {
		struct contract_output *o = &c->output[i];
		reader_array_of(r, 4);
		o->name = reader_tstr(r);
		o->owner_count = contract_ids_read(r, o->owner, CONTRACT_PARTIES_MAX);
		o->size_max = reader_uint(r);
		o->rows_min = reader_uint(r);
	}
}

static void contract_read(struct reader *r, struct contract *c)
{
	reader_map_of(r, CONTRACT_FIELDS);
	reader_key(r, 1);
	reader_copy(r, c->log_id, sizeof(c->log_id));
	reader_key(r, 2);
	reader_copy(r, c->function, sizeof(c->function));
	reader_key(r, 3);
	reader_array_of(r, 2);
	uint64_t executor = reader_uint(r);     /* compared before it is narrowed */
	c->executor = executor < CONTRACT_EXECUTORS ? (enum contract_executor)executor : 0;
	reader_copy(r, c->executor_hash, sizeof(c->executor_hash));
	reader_key(r, 4);
	c->argument_count = contract_count_read(r, CONTRACT_ARGUMENTS_MAX);
	for (size_t i = 0; i < c->argument_count; i++) {
		c->argument[i] = reader_tstr(r);
	}
	reader_key(r, 5);
	contract_inputs_read(r, c);
	reader_key(r, 6);
	contract_outputs_read(r, c);
	reader_key(r, 7);
	c->participant_count = contract_ids_read(r, c->participant, CONTRACT_PARTIES_MAX);
	reader_key(r, 8);
	reader_array_of(r, 2);
	c->memory_max = reader_uint(r);
	c->wall_ms = reader_uint(r);
	reader_key(r, 9);
	c->deterministic = reader_bool(r);
	reader_key(r, 10);
	uint64_t level = reader_uint(r);
	c->level_min = level <= 5 ? (uint8_t)level : 0;
	reader_key(r, 11);
	reader_copy(r, c->policy_hash, sizeof(c->policy_hash));
	reader_key(r, 12);
	c->runs = reader_uint(r);
	reader_key(r, 13);
	c->expiry = reader_uint(r);
	reader_key(r, 14);
	reader_copy(r, c->nonce, sizeof(c->nonce));
}

bool contract_has_participant(const struct contract *c, const uint8_t party[COSE_ID_SIZE])
{
	for (size_t i = 0; i < c->participant_count; i++) {
		if (memcmp(c->participant[i], party, COSE_ID_SIZE) == 0) {
			return true;
		}
	}
	return false;
}

/* Names are unique over inputs, and over outputs: a function opens them by name. */
static bool contract_names_ok(const struct contract *c)
{
	for (size_t i = 0; i < c->input_count; i++) {
		if (!statement_name_ok(c->input[i].name)) {
			return false;
		}
		for (size_t j = 0; j < i; j++) {
			if (mt_equal(c->input[i].name, c->input[j].name)) {
				return false;
			}
		}
	}
	for (size_t i = 0; i < c->output_count; i++) {
		if (!statement_name_ok(c->output[i].name)) {
			return false;
		}
		for (size_t j = 0; j < i; j++) {
			if (mt_equal(c->output[i].name, c->output[j].name)) {
				return false;
			}
		}
	}
	return true;
}

/* An owner who does not take part could neither approve nor be asked. */
static bool contract_owners_ok(const struct contract *c)
{
	for (size_t i = 0; i < c->input_count; i++) {
		if (!contract_has_participant(c, c->input[i].owner)) {
			return false;
		}
	}
	for (size_t i = 0; i < c->output_count; i++) {
		const struct contract_output *o = &c->output[i];
		if (o->owner_count == 0 || !contract_ids_ascending(o->owner, o->owner_count) || o->size_max == 0 ||
		    o->size_max > CONTRACT_OUTPUT_SIZE_MAX) {
			return false;
		}
		for (size_t j = 0; j < o->owner_count; j++) {
			if (!contract_has_participant(c, o->owner[j])) {
				return false;
			}
		}
	}
	return true;
}

static bool contract_limits_ok(const struct contract *c)
{
	for (size_t i = 0; i < c->argument_count; i++) {
		struct bytes a = c->argument[i];
		/* A zero byte would end the argument early for a C function: what was signed must be what it sees. */
		if (a.size > CONTRACT_ARGUMENT_SIZE_MAX || memchr(a.at ? (const void *)a.at : "", 0, a.size)) {
			return false;
		}
	}
	return attest_executor_name(c->executor) && c->participant_count > 0 &&
	       contract_ids_ascending(c->participant, c->participant_count) && c->level_min >= 1 && c->runs >= 1 &&
	       c->runs <= CONTRACT_RUNS_MAX && c->memory_max > 0 && c->wall_ms > 0;
}

MUST enum mt_err contract_decode(struct box *box, struct bytes wire, struct contract *out)
{
	struct cose_document d = { 0 };
	struct contract *c = NULL;

	if (wire.size > CONTRACT_SIZE_MAX) {
		return MT_LIMIT;
	}
	enum mt_err err = cose_document_open(box, wire, &d);
	if (err) {
		return err;
	}
	c = mt_alloc(sizeof(*c));
	uint8_t *copy = mt_copy(wire);
	if (!c || !copy) {
		err = MT_NO_MEMORY;
		goto out;
	}
	struct reader r = reader_over(&d.items);
	contract_read(&r, c);
	if (!reader_done(&r) || !contract_limits_ok(c) || !contract_names_ok(c) || !contract_owners_ok(c)) {
		err = MT_MALFORMED;
		goto out;
	}
	c->bytes = mt_bytes(copy, wire.size);
	contract_hash(wire, c->hash);
	c->scratch = d.scratch;
	*out = *c;
	copy = NULL;
	d.scratch = NULL;
out:
	mt_free(copy);
	mt_free(c);
	cose_document_close(&d);
	return err;
}

void contract_close(struct contract *c)
{
	mt_free((void *)(uintptr_t)c->bytes.at);
	mt_free(c->scratch);
	*c = (struct contract){ 0 };
}
