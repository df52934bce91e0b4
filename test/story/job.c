/* The job of the stories: two parties, one contract, and what comes of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test/story/world_private.h"

static int id_order(const void *a, const void *b)
{
	return memcmp(a, b, 32);
}

void world_job_prepare(struct world *w, struct world_job *j)
{
	struct contract *c = &j->contract;
	static struct attest_policy policy;

	memset(j, 0, sizeof(*j));
	world_party_new(w, &j->a);
	world_party_new(w, &j->b);
	world_put(w, &j->a, mt_text("ada\nbea\ncid\n"), &j->data_a);
	world_put(w, &j->b, mt_text("bea\ncid\ndot\n"), &j->data_b);
	world_publish(w, &j->a, world_module("module"), j->function);
	world_log_id(w, c->log_id);
	memcpy(c->function, j->function, 32);
	c->executor = CONTRACT_WASM;
	mt_assert(!attest_executor_hash(&w->images, ATTEST_EXECUTOR_WASM, c->executor_hash));
	c->argument[0] = mt_text("a");
	c->argument_count = 1;
	c->input[0].name = mt_text("a");
	c->input[1].name = mt_text("b");
	memcpy(c->input[0].owner, j->a.id, 32);
	memcpy(c->input[1].owner, j->b.id, 32);
	memcpy(c->input[0].tag, j->data_a.tag, 32);
	memcpy(c->input[1].tag, j->data_b.tag, 32);
	c->input_count = 2;
	memcpy(c->participant[0], j->a.id, 32);
	memcpy(c->participant[1], j->b.id, 32);
	c->participant_count = 2;
	qsort(c->participant, 2, 32, id_order);
	c->output[0].name = mt_text("common");
	memcpy(c->output[0].owner, c->participant, 64);
	c->output[0].owner_count = 2;
	c->output[0].size_max = 1 << 20;
	c->output_count = 1;
	c->memory_max = 64 << 20;
	c->wall_ms = 10000;
	c->level_min = 2;
	c->runs = 1;
	c->expiry = w->now_ms / 1000 + 3600;
	world_policy(w, &policy);
	attest_policy_hash(&policy, c->policy_hash);
	crypto_random(c->nonce, sizeof(c->nonce));
}

struct world_answer *world_job_create(struct world *w, struct world_job *j)
{
	struct bytes wire;

	mt_free(j->wire);
	j->wire = mt_alloc(CONTRACT_SIZE_MAX);
	struct builder b = builder_over(j->wire, CONTRACT_SIZE_MAX);
	contract_encode(&j->contract, &b);
	mt_assert(!builder_done(&b, &wire));
	j->wire_size = wire.size;
	contract_hash(wire, j->hash);
	return world_signed(w, &j->a, ROUTE_CONTRACT_CREATE, NULL, wire);
}

uint8_t *world_approval(struct world *w, struct world_party *p, struct world_job *j, const struct world_dataset *data,
			const struct approval *bend, size_t *size)
{
	struct approval a = { .head = p->head };
	struct approval_key key;
	uint8_t payload_space[256], cose_space[640], associated[64];
	struct builder payload = builder_over(payload_space, sizeof(payload_space)), message = builder_over(cose_space, sizeof(cose_space));
	struct bytes payload_bytes, message_bytes, whole;
	struct world_connection *c = world_connect(w, CHANNEL_FULL, NULL);
	uint8_t *out = mt_alloc(2048);
	struct builder b = builder_over(out, 2048);

	memcpy(a.contract_hash, j->hash, 32);
	memcpy(a.log_id, c->answer.log_id, 32);
	if (bend) {
		a = *bend;
	}
	approval_encode(&a, &payload);
	mt_assert(!builder_done(&payload, &payload_bytes));
	mt_assert(!cose_sign(p->signer, STATEMENT_TYPE_APPROVAL, payload_bytes, &message));
	mt_assert(!builder_done(&message, &message_bytes));
	if (data) {
		memcpy(associated, j->hash, 32);
		memcpy(associated + 32, data->tag, 32);
		memcpy(key.tag, data->tag, 32);
		mt_assert(!crypto_hpke_seal(c->answer.keys.encapsulation, mt_text(STATEMENT_KEY_INFO), mt_bytes(associated, 64),
					    secret_bytes(&data->key), key.sealed));
	}
	approval_body_encode(message_bytes, &key, data ? 1 : 0, &b);
	mt_assert(!builder_done(&b, &whole));
	*size = whole.size;
	world_connection_free(c);
	return out;
}

struct world_answer *world_approve(struct world *w, struct world_party *p, struct world_job *j, const struct world_dataset *data)
{
	size_t size = 0;
	uint8_t *body = world_approval(w, p, j, data, NULL, &size);
	struct world_answer *a = world_signed(w, p, ROUTE_APPROVE, j->hash, mt_bytes(body, size));

	mt_free(body);
	return a;
}

struct world_answer *world_run_job(struct world *w, struct world_job *j)
{
	return world_signed(w, &j->b, ROUTE_RUN, j->hash, mt_bytes(NULL, 0));
}

void world_job_whole(struct world *w, struct world_job *j)
{
	world_job_prepare(w, j);
	mt_assert(world_job_create(w, j)->status == 201);
	mt_assert(world_approve(w, &j->a, j, &j->data_a)->status == 201);
	mt_assert(world_approve(w, &j->b, j, &j->data_b)->status == 201);
	mt_assert(world_run_job(w, j)->status == 201);
}

void world_job_free(struct world_job *j)
{
	world_party_free(&j->a);
	world_party_free(&j->b);
	world_dataset_free(&j->data_a);
	world_dataset_free(&j->data_b);
	mt_free(j->wire);
	memset(j, 0, sizeof(*j));
}

const char *world_job_state(struct world *w, struct world_job *j)
{
	static char state[32];
	char digits[65];
	struct world_connection *c = world_session(w, &j->a);
	struct world_answer *a = world_request(w, c->number, true, ROUTE_TASK, world_hex(j->hash, digits), mt_bytes(NULL, 0), 0, mt_bytes(NULL, 0));
	const char *at = a->status == 200 ? strstr((char *)a->body, "\"state\":\"") : NULL;

	world_connection_free(c);
	snprintf(state, sizeof(state), "%.*s", at ? (int)strcspn(at + 9, "\"") : 0, at ? at + 9 : "");
	return state;
}

uint8_t *world_receipt(struct world *w, struct world_job *j, uint64_t run, size_t *size)
{
	char digits[65], number[24];
	struct world_connection *c = world_session(w, &j->a);

	snprintf(number, sizeof(number), "%llu", (unsigned long long)run);
	struct world_answer *a = world_request(w, c->number, true, ROUTE_RECEIPT, world_hex(j->hash, digits), mt_text(number), 0, mt_bytes(NULL, 0));
	world_connection_free(c);
	if (a->status != 200) {
		return NULL;
	}
	*size = a->size;
	return mt_copy(mt_bytes(a->body, a->size));
}

struct world_answer *world_fetch(struct world *w, struct world_party *p, struct world_job *j, uint64_t run, const char *output,
				 struct secret *ephemeral)
{
	uint8_t space[160], recipient[32];
	struct builder b = builder_over(space, sizeof(space));
	struct bytes body;

	crypto_x25519_generate(ephemeral, recipient);
	cbor_array(&b, 3);
	cbor_uint(&b, run);
	cbor_tstr(&b, mt_text(output));
	cbor_bstr(&b, mt_bytes(recipient, 32));
	mt_assert(!builder_done(&b, &body));
	return world_signed(w, p, ROUTE_FETCH, j->hash, body);
}

bool world_fetch_open(struct world *w, const struct world_answer *a, const struct secret *ephemeral, struct secret *key, uint8_t tag[32],
		      uint64_t *size)
{
	struct cose_document d = { 0 };

	if (a->status != 200 || cose_document_open(w->cbor, mt_bytes(a->body, a->size), &d)) {
		return false;
	}
	struct reader r = reader_over(&d.items);
	reader_array_of(&r, 4);
	reader_copy(&r, tag, 32);
	*size = reader_uint(&r);
	(void)reader_uint(&r);
	struct bytes sealed = reader_bstr(&r);
	bool good = reader_done(&r) &&
		    !crypto_hpke_open(ephemeral, mt_text("mesatee-output-key-1"), mt_bytes(tag, 32), sealed, key->at);
	cose_document_close(&d);
	return good;
}

struct bytes world_output(struct world *w, struct world_party *p, const uint8_t tag[32], unsigned *status)
{
	struct world_connection *c = world_session(w, p);
	char digits[65];

	mt_hex(mt_bytes(tag, 32), digits);
	struct world_answer *a = world_request(w, c->number, true, ROUTE_OUTPUT, mt_bytes(digits, 64), mt_bytes(NULL, 0), 0, mt_bytes(NULL, 0));
	world_connection_free(c);
	*status = a->none ? 0 : a->status;
	if (*status != 200) {
		return mt_bytes(NULL, 0);
	}
	return a->stream ? world_blob(w, REE_OUTPUT, tag) : mt_bytes(a->body, a->size);
}
