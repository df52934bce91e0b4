/* Signed requests: authentic, fresh, of this log; then one at a time on each object. */
#include "service/core/core_private.h"

#include <stdio.h>
#include <string.h>

bool core_busy(const struct core *c, const uint8_t key[32])
{
	if (c->expiry_in_flight && memcmp(c->expiring, key, 32) == 0) {
		return true;
	}
	for (size_t i = 0; i < CORE_WRITES_MAX; i++) {
		if (c->write[i].used && memcmp(c->write[i].key, key, 32) == 0) {
			return true;
		}
	}
	return false;
}

/* Nonces of the log are task_check_fresh()'s; these are on their way there. A log with one nonce twice could not be replayed. */
static bool write_nonce_in_flight(const struct core *c, const uint8_t signer[32], const uint8_t nonce[STATEMENT_NONCE_SIZE])
{
	for (size_t i = 0; i < CORE_WRITES_MAX; i++) {
		const struct write *w = &c->write[i];
		if (w->used && memcmp(w->signer, signer, 32) == 0 && memcmp(w->nonce, nonce, STATEMENT_NONCE_SIZE) == 0) {
			return true;
		}
	}
	return false;
}

void write_free(struct write *w)
{
	mt_free(w->cose);
	mt_wipe(w->body, w->body_size); /* a URL may be a secret */
	mt_free(w->body);
	*w = (struct write){ 0 };
}

void write_refuse(struct write *w, enum mt_err err, const char *why)
{
	core_problem(w->core, w->connection, w->request, err, why);
	write_free(w);
}

/* The route as the party must have signed it: method, space, path with its parameters. */
static bool write_route_text(const struct core_request *q, char out[REQUEST_ROUTE_MAX + 1])
{
	const struct route *r = &routes[q->route];
	struct builder b = builder_over(out, REQUEST_ROUTE_MAX);
	struct bytes text;
	size_t parameter = 0;

	builder_format(&b, "%s ", r->method);
	for (const char *p = r->path; *p; p++) {
		if (*p == '{' && parameter < q->parameter_count) {
			builder_bytes(&b, q->parameter[parameter++]);
			p = strchr(p, '}');
		} else {
			builder_u8(&b, (uint8_t)*p);
		}
	}
	if (builder_done(&b, &text)) {
		return false;
	}
	out[text.size] = 0;
	return true;
}

/* The object that a request touches. Contracts by their hash; what has a body of its own by that body, so that two equal requests meet. */
static bool write_key(const struct core_request *q, struct bytes body, uint8_t key[32])
{
	if (q->route == ROUTE_CONTRACT_CREATE) {
		contract_hash(body, key);
	} else if (q->parameter_count) {
		return mt_unhex(q->parameter[0], key, 32) == MT_OK;
	} else {
		crypto_sha256(body, key);
	}
	return true;
}

static enum mt_err write_authentic(struct core *c, const struct core_request *q, struct bytes cose_bytes, struct bytes body,
				   struct cose *message, struct request *request, const char **why)
{
	char route[REQUEST_ROUTE_MAX + 1];
	uint8_t hash[32];

	*why = "the request is not a well-formed statement with a fitting signature";
	enum mt_err err = cose_open(c->cbor, STATEMENT_TYPE_REQUEST, cose_bytes, message);
	if (!err) {
		err = request_decode(c->cbor, message->payload, request);
	}
	if (err) {
		return err;
	}
	crypto_sha256(body, hash);
	if (memcmp(request->log_id, ledger_id(c->ledger), 32) != 0) {
		*why = "the request was signed for another node's log: connect to the node that you mean";
		return MT_DENIED;
	}
	if (!write_route_text(q, route) || strcmp(route, request->route) != 0) {
		*why = "the request was signed for another route";
		return MT_DENIED;
	}
	if (memcmp(hash, request->body_hash, sizeof(hash)) != 0) {
		*why = "the request was signed over another body";
		return MT_DENIED;
	}
	if (ledger_head_check(c->ledger, &request->head)) {
		*why = "the tree head that you have seen is no head of this log: its state was rolled back or exchanged; "
		       "do not trust this node, keep your heads file and tell the other parties";
		return MT_TAMPERED;
	}
	return MT_OK;
}

static void write_defer(struct core *c, const struct core_request *q, struct bytes message)
{
	uint8_t *copy = c->deferred_count < CORE_DEFERRED_MAX ? mt_copy(message) : NULL;

	if (!copy) {
		core_problem(c, q->connection, q->request, MT_LIMIT, "too many requests on the same object: try again");
		return;
	}
	c->deferred[c->deferred_count++] = (struct deferred){ copy, message.size };
}

static struct write *write_alloc(struct core *c, const struct core_request *q, const uint8_t key[32], const struct task_request *t,
				 struct bytes cose_bytes, struct bytes body)
{
	for (size_t i = 0; i < CORE_WRITES_MAX; i++) {
		struct write *w = &c->write[i];
		if (w->used) {
			continue;
		}
		*w = (struct write){ .core = c, .used = true, .connection = q->connection, .request = q->request, .route = q->route };
		memcpy(w->key, key, 32);
		memcpy(w->signer, t->signer, 32);
		memcpy(w->nonce, t->request->nonce, sizeof(w->nonce));
		w->cose = mt_copy(cose_bytes);
		w->body = mt_copy(body);
		w->cose_size = cose_bytes.size;
		w->body_size = body.size;
		if (!w->cose || !w->body) {
			write_free(w);
			return NULL;
		}
		return w;
	}
	return NULL;
}

/* Everything is authentic: take the request on. */
static void write_begin(struct core *c, const struct core_request *q, const struct cose *message, const struct request *request,
			struct bytes cose_bytes, struct bytes body, struct bytes whole)
{
	uint8_t key[32];
	const char *why = "";
	struct task_request t = { .signer = message->signer, .request = request, .now = c->now_ms / 1000 };

	if (!write_key(q, body, key)) {
		core_problem(c, q->connection, q->request, MT_MALFORMED, "a contract is named by 64 hex digits");
		return;
	}
	if (core_busy(c, key)) {
		write_defer(c, q, whole);
		return;
	}
	enum mt_err err = task_check_fresh(c->tasks, &t, &why);
	if (!err && write_nonce_in_flight(c, message->signer, request->nonce)) {
		err = MT_STATE;
		why = "this request is under way already: make a new one";
	}
	if (err) {
		core_problem(c, q->connection, q->request, err, why);
		return;
	}
	struct write *w = write_alloc(c, q, key, &t, cose_bytes, body);
	if (!w) {
		core_problem(c, q->connection, q->request, MT_LIMIT, "the node has too many requests at once: try again");
		return;
	}
	t.body = mt_bytes(w->body, w->body_size);
	write_handle(w, &t, key);
}

void core_write(struct core *c, const struct core_request *q, struct bytes whole)
{
	struct cose_document document = { 0 };
	struct cose message = { 0 };
	struct request request;
	struct bytes cose_bytes = { 0 }, body = { 0 };
	const char *why = "the body is not [request, body]";

	enum mt_err err = cose_document_open(c->cbor, q->body, &document);
	if (!err) {
		err = request_body_decode(&document.items, &cose_bytes, &body);
	}
	if (!err) {
		err = write_authentic(c, q, cose_bytes, body, &message, &request, &why);
	}
	if (err) {
		core_problem(c, q->connection, q->request, err, why);
	} else {
		write_begin(c, q, &message, &request, cose_bytes, body, whole);
	}
	cose_close(&message);
	cose_document_close(&document);
}
