/* What parties do in the world: connect, sign, put, approve, run, fetch. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test/story/world_private.h"

void world_policy(struct world *w, struct attest_policy *out)
{
	struct crypto_signer *root = NULL;

	*out = (struct attest_policy){ .level_min = 2, .root_count = 1, .expected = w->images, .allow_fast = true, .fast_life_s = 600 };
	snprintf(out->name, sizeof(out->name), "world");
	mt_assert(!crypto_signer_open_p256(&w->platform, &root));
	crypto_p256_id(crypto_signer_public(root).at, out->root[0]);
	crypto_signer_close(root);
}

void world_party_new(struct world *w, struct world_party *p)
{
	struct secret key;

	(void)w;
	*p = (struct world_party){ 0 };
	crypto_p256_generate(&key);
	mt_assert(!crypto_signer_open_p256(&key, &p->signer));
	crypto_p256_id(crypto_signer_public(p->signer).at, p->id);
}

void world_party_free(struct world_party *p)
{
	crypto_signer_close(p->signer);
	*p = (struct world_party){ 0 };
}

uint64_t world_ree_calls(struct world *w)
{
	return w->ree_calls;
}

/* ---- connections ---- */

static void send_hello(struct world *w, const struct world_connection *c)
{
	uint8_t space[256];
	struct builder b = builder_over(space, sizeof(space));
	struct bytes body;

	builder_u8(&b, NODE_HELLO);
	builder_u32(&b, c->number);
	builder_u8(&b, (uint8_t)c->hello.form);
	builder_bytes(&b, mt_bytes(c->binding.spki, 32));
	builder_bytes(&b, mt_bytes(c->binding.context, 32));
	builder_bytes(&b, mt_bytes(c->binding.exporter, 32));
	builder_bytes(&b, mt_bytes(c->binding.party_exporter, 32));
	builder_bytes(&b, mt_bytes(c->hello.nonce, 32));
	mt_assert(!builder_done(&b, &body));
	struct world_message *m = world_message_new(PORT_GATEWAY, body);
	m->to_core = true;
	world_post(w, m);
	world_pump(w);
}

struct world_connection *world_connect(struct world *w, enum channel_form form, const uint8_t nonce[32])
{
	struct world_connection *c = calloc(1, sizeof(*c));

	c->number = w->next_connection++;
	c->hello.form = form;
	crypto_random(c->hello.context, 32);
	if (nonce) {
		memcpy(c->hello.nonce, nonce, 32);
	}
	memcpy(c->binding.context, c->hello.context, 32);
	crypto_random(c->binding.spki, 32);
	crypto_random(c->binding.exporter, 32);
	crypto_random(c->binding.party_exporter, 32);
	w->frame_size = 0;
	w->frame_error = 255;
	send_hello(w, c);
	mt_assert(w->frame_error == 0);
	mt_assert(!channel_answer_decode(w->cbor, mt_bytes(w->frame, w->frame_size), &c->answer));
	return c;
}

void world_connection_free(struct world_connection *c)
{
	if (c) {
		channel_answer_close(&c->answer);
		free(c);
	}
}

struct world_connection *world_session(struct world *w, struct world_party *p)
{
	static struct attest_policy policy;
	struct world_connection *c = world_connect(w, CHANNEL_FULL, NULL);
	uint8_t payload_space[256], space[512];
	struct builder payload = builder_over(payload_space, sizeof(payload_space)), b = builder_over(space, sizeof(space));
	struct bytes payload_bytes, proof;

	world_policy(w, &policy);
	mt_assert(!channel_verify(w->cbor, CHANNEL_NODE, &c->hello, &c->binding, &c->answer, w->now_ms, &policy, NULL, &c->verdict));
	mt_assert(c->verdict.overall == ATTEST_PASS);
	channel_party_payload(c->answer.log_id, &c->binding, &payload);
	mt_assert(!builder_done(&payload, &payload_bytes));
	mt_assert(!cose_sign(p->signer, STATEMENT_TYPE_PARTY, payload_bytes, &b));
	mt_assert(!builder_done(&b, &proof));
	struct world_answer *a = world_request(w, c->number, true, ROUTE_SESSION, mt_bytes(NULL, 0), mt_bytes(NULL, 0), proof.size, proof);
	mt_assert(a->status == 200);
	return c;
}

/* ---- requests ---- */

struct world_answer *world_request(struct world *w, uint32_t connection, bool attested, enum route_id route, struct bytes p0, struct bytes p1,
				   uint64_t size, struct bytes body)
{
	static uint8_t space[PORT_MESSAGE_MAX];
	struct builder b = builder_over(space, sizeof(space));
	struct world_answer *a = test_alloc(sizeof(*a));
	struct bytes message;

	a->none = true;
	builder_u8(&b, NODE_REQUEST);
	builder_u32(&b, connection);
	builder_u32(&b, w->next_request++);
	builder_u8(&b, (uint8_t)route);
	builder_u8(&b, attested ? 1 : 0);
	builder_u8(&b, p1.size ? 2 : p0.size ? 1 : 0);
	if (p0.size) {
		builder_bytes32(&b, p0);
	}
	if (p1.size) {
		builder_bytes32(&b, p1);
	}
	builder_u64(&b, size);
	builder_bytes32(&b, body);
	mt_assert(!builder_done(&b, &message));
	struct world_message *m = world_message_new(PORT_GATEWAY, message);
	m->to_core = true;
	w->answer = a;
	world_post(w, m);
	world_pump(w);
	w->answer = NULL;
	return a;
}

static void route_text(enum route_id route, const uint8_t *hash, char out[REQUEST_ROUTE_MAX + 1])
{
	char digits[65] = "";
	const char *brace = strchr(routes[route].path, '{');

	if (!brace) {
		snprintf(out, REQUEST_ROUTE_MAX + 1, "%s %s", routes[route].method, routes[route].path);
		return;
	}
	mt_hex(mt_bytes(hash, 32), digits);
	snprintf(out, REQUEST_ROUTE_MAX + 1, "%s %.*s%s%s", routes[route].method, (int)(brace - routes[route].path), routes[route].path, digits,
		 brace + 2);
}

/* The log that the node has now, from its public genesis. */
static void log_id_of(struct world *w, uint8_t out[32])
{
	struct world_answer *a = world_request(w, 0, false, ROUTE_GENESIS, mt_bytes(NULL, 0), mt_bytes(NULL, 0), 0, mt_bytes(NULL, 0));
	struct genesis g;

	mt_assert(a->status == 200 && !genesis_decode(w->cbor, mt_bytes(a->body, a->size), &g));
	genesis_log_id(&g, out);
}

uint8_t *world_sign(struct world *w, struct world_party *p, enum route_id route, const uint8_t *hash, struct bytes body,
		    const struct world_bend *bend, size_t *size)
{
	struct request q = { .expiry = w->now_ms / 1000 + 300, .head = p->head };
	uint8_t payload_space[512], cose_space[1024];
	struct builder payload = builder_over(payload_space, sizeof(payload_space)), message = builder_over(cose_space, sizeof(cose_space));
	struct bytes payload_bytes, message_bytes, whole;
	uint8_t *out = mt_alloc(body.size + 1100);
	struct builder b = builder_over(out, body.size + 1100);

	log_id_of(w, q.log_id);
	route_text(route, hash, q.route);
	crypto_sha256(body, q.body_hash);
	crypto_random(q.nonce, sizeof(q.nonce));
	if (bend && bend->log_id) {
		memcpy(q.log_id, bend->log_id, 32);
	}
	if (bend && bend->route) {
		snprintf(q.route, sizeof(q.route), "%s", bend->route);
	}
	if (bend && bend->body_hash) {
		memcpy(q.body_hash, bend->body_hash, 32);
	}
	if (bend && bend->nonce) {
		memcpy(q.nonce, bend->nonce, sizeof(q.nonce));
	}
	if (bend && bend->expiry) {
		q.expiry = bend->expiry;
	}
	if (bend && bend->head) {
		q.head = *bend->head;
	}
	request_encode(&q, &payload);
	mt_assert(!builder_done(&payload, &payload_bytes));
	mt_assert(!cose_sign(bend && bend->signer ? bend->signer : p->signer, STATEMENT_TYPE_REQUEST, payload_bytes, &message));
	mt_assert(!builder_done(&message, &message_bytes));
	request_body_encode(message_bytes, body, &b);
	mt_assert(!builder_done(&b, &whole));
	*size = whole.size;
	return out;
}

static struct bytes hex_text(const uint8_t *hash, char digits[65])
{
	if (!hash) {
		return mt_bytes(NULL, 0);
	}
	mt_hex(mt_bytes(hash, 32), digits);
	return mt_bytes(digits, 64);
}

struct world_answer *world_signed(struct world *w, struct world_party *p, enum route_id route, const uint8_t *hash, struct bytes body)
{
	size_t size = 0;
	char digits[65];
	struct world_connection *c = world_session(w, p);
	uint8_t *wire = world_sign(w, p, route, hash, body, NULL, &size);
	bool with = strchr(routes[route].path, '{') != NULL;
	struct world_answer *a = world_request(w, c->number, true, route, with ? hex_text(hash, digits) : mt_bytes(NULL, 0), mt_bytes(NULL, 0),
					       size, mt_bytes(wire, size));

	mt_free(wire);
	world_connection_free(c);
	return a;
}

void world_see_head(struct world *w, struct world_party *p)
{
	struct world_answer *a = world_request(w, 0, false, ROUTE_CHECKPOINT, mt_bytes(NULL, 0), mt_bytes(NULL, 0), 0, mt_bytes(NULL, 0));
	struct world_answer *g = world_request(w, 0, false, ROUTE_GENESIS, mt_bytes(NULL, 0), mt_bytes(NULL, 0), 0, mt_bytes(NULL, 0));
	struct genesis genesis;
	uint8_t id[32];
	char digits[65], origin[80];

	mt_assert(!genesis_decode(w->cbor, mt_bytes(g->body, g->size), &genesis));
	genesis_log_id(&genesis, id);
	mt_hex(mt_bytes(id, 32), digits);
	snprintf(origin, sizeof(origin), "mesatee/%s", digits);
	mt_assert(!log_checkpoint_open(mt_bytes(a->body, a->size), origin, genesis.note_key, &p->head.size, p->head.root));
}

/* ---- data and functions ---- */

void world_put(struct world *w, struct world_party *p, struct bytes plain, struct world_dataset *out)
{
	uint8_t space[64];
	struct builder b = builder_over(space, sizeof(space));
	struct bytes body;
	struct dataset_header h;

	*out = (struct world_dataset){ .file = malloc(plain.size + DATASET_HEADER_SIZE + 64) };
	crypto_random(out->key.at, 32);
	mt_assert(!dataset_seal_all(&out->key, plain, out->file, out->tag));
	mt_assert(!dataset_header_decode(mt_bytes(out->file, DATASET_HEADER_SIZE), &h));
	out->size = (size_t)dataset_file_size(&h);
	world_blob_set(w, REE_DATA, out->tag, mt_bytes(out->file, out->size));
	cbor_array(&b, 1);
	cbor_bstr(&b, mt_bytes(out->tag, 32));
	mt_assert(!builder_done(&b, &body));
	struct world_answer *a = world_signed(w, p, ROUTE_DATASET_ADD, NULL, body);
	mt_assert(a->status == 201);
}

void world_dataset_free(struct world_dataset *d)
{
	free(d->file);
	*d = (struct world_dataset){ 0 };
}

void world_publish(struct world *w, struct world_party *p, struct bytes module, uint8_t hash[32])
{
	uint8_t space[128];
	struct builder b = builder_over(space, sizeof(space));
	struct bytes body;

	crypto_sha256(module, hash);
	world_blob_set(w, REE_DATA, hash, module);
	cbor_array(&b, 2);
	cbor_bstr(&b, mt_bytes(hash, 32));
	cbor_tstr(&b, mt_text("psi"));
	mt_assert(!builder_done(&b, &body));
	struct world_answer *a = world_signed(w, p, ROUTE_FUNCTION_PUBLISH, NULL, body);
	mt_assert(a->status == 201);
}

/* ---- the job ---- */

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
	world_publish(w, &j->a, mt_text("module"), j->function);
	log_id_of(w, c->log_id);
	memcpy(c->function, j->function, 32);
	c->executor = CONTRACT_WASM;
	mt_assert(!attest_engine_hash(&w->images, c->executor_hash));
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
	struct world_answer *a = world_request(w, c->number, true, ROUTE_TASK, hex_text(j->hash, digits), mt_bytes(NULL, 0), 0, mt_bytes(NULL, 0));
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
	struct world_answer *a = world_request(w, c->number, true, ROUTE_RECEIPT, hex_text(j->hash, digits), mt_text(number), 0, mt_bytes(NULL, 0));
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
