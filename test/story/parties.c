/* What parties do in the world: connect, sign, put, publish. */
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
void world_log_id(struct world *w, uint8_t out[32])
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

	world_log_id(w, q.log_id);
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

struct bytes world_hex(const uint8_t *hash, char digits[65])
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
	struct world_answer *a = world_request(w, c->number, true, route, with ? world_hex(hash, digits) : mt_bytes(NULL, 0), mt_bytes(NULL, 0),
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
	struct dataset_header h = { .size = plain.size };

	*out = (struct world_dataset){ .size = (size_t)dataset_file_size(&h) };
	out->file = malloc(out->size);
	crypto_random(out->key.at, 32);
	mt_assert(!dataset_seal_all(&out->key, plain, out->file, out->tag));
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

struct bytes world_module(const char *text)
{
	struct bytes b = { 0 };
	uint8_t *at = test_alloc(strlen(text) + 4);

	memcpy(at, "\0asm", 4);
	memcpy(at + 4, text, strlen(text));
	b.at = at;
	b.size = strlen(text) + 4;
	return b;
}

struct world_answer *world_publish_ask(struct world *w, struct world_party *p, struct bytes function, uint8_t hash[32])
{
	uint8_t space[128];
	struct builder b = builder_over(space, sizeof(space));
	struct bytes body;

	crypto_sha256(function, hash);
	world_blob_set(w, REE_DATA, hash, function);
	cbor_array(&b, 2);
	cbor_bstr(&b, mt_bytes(hash, 32));
	cbor_tstr(&b, mt_text("psi"));
	mt_assert(!builder_done(&b, &body));
	return world_signed(w, p, ROUTE_FUNCTION_PUBLISH, NULL, body);
}

void world_publish(struct world *w, struct world_party *p, struct bytes module, uint8_t hash[32])
{
	mt_assert(world_publish_ask(w, p, module, hash)->status == 201);
}
