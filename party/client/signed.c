/* What this party signs: once per connection who it is, and every request that changes something. */
#include "party/client/client_private.h"

#include <stdio.h>
#include <string.h>

#define SIGNED_REQUEST_MAX 1024 /* bytes of an encoded request: fixed fields and a route */

enum mesatee_err session_ensure(struct mesatee *m)
{
	uint8_t payload_space[256], message_space[256 + COSE_OVERHEAD];
	struct builder payload = builder_over(payload_space, sizeof(payload_space));
	struct builder message = builder_over(message_space, sizeof(message_space));
	struct bytes body = { 0 }, plain = { 0 };
	struct answer a = { 0 };

	enum mesatee_err err = names_need_self(m);
	if (!err) {
		err = connect_ensure(m);
	}
	if (err || m->proved) {
		return err;
	}
	channel_party_payload(m->log_id, &m->binding, &payload);
	if (builder_done(&payload, &plain) || cose_sign(m->signer, STATEMENT_TYPE_PARTY, plain, &message) ||
	    builder_done(&message, &body)) {
		return client_no_memory(m);
	}
	err = http_begin(m, ROUTE_SESSION, routes[ROUTE_SESSION].path, "application/cose", body.size);
	if (!err) {
		err = net_write(m, body, NULL);
	}
	if (!err) {
		err = http_head(m, &a);
	}
	if (!err) {
		err = http_body_whole(m, &a);
	}
	if (!err) {
		err = http_judge(m, "proving who you are", &a);
	}
	answer_close(&a);
	m->proved = err == MESATEE_OK && m->connected;
	return err;
}

static enum mesatee_err signed_encode(struct mesatee *m, enum route_id route, const char *path, struct bytes body,
				      struct builder *out)
{
	struct request q = { .expiry = client_now_ms() / 1000 + CLIENT_REQUEST_LIFE_S, .head = m->head };
	uint8_t plain_space[SIGNED_REQUEST_MAX], message_space[SIGNED_REQUEST_MAX + COSE_OVERHEAD];
	struct builder plain = builder_over(plain_space, sizeof(plain_space)),
		       message = builder_over(message_space, sizeof(message_space));
	struct bytes payload = { 0 }, cose = { 0 };

	memcpy(q.log_id, m->log_id, sizeof(q.log_id));
	(void)snprintf(q.route, sizeof(q.route), "%s %s", routes[route].method, path);
	crypto_sha256(body, q.body_hash);
	crypto_random(q.nonce, sizeof(q.nonce));
	request_encode(&q, &plain);
	if (builder_done(&plain, &payload) || cose_sign(m->signer, STATEMENT_TYPE_REQUEST, payload, &message) ||
	    builder_done(&message, &cose)) {
		return client_no_memory(m);
	}
	request_body_encode(cose, body, out);
	return MESATEE_OK;
}

static enum mesatee_err signed_send(struct mesatee *m, enum route_id route, const char *path, struct bytes whole,
				    struct answer *out)
{
	enum mesatee_err err = http_begin(m, route, path, "application/cose", whole.size);

	if (!err) {
		err = net_write(m, whole, NULL);
	}
	if (!err) {
		m->net.timeout_ms = route == ROUTE_FUNCTION_PUBLISH ? CLIENT_COMPILE_MS : CLIENT_ANSWER_MS;
		err = http_head(m, out);
		m->net.timeout_ms = CLIENT_ANSWER_MS;
	}
	return err ? err : http_body_whole(m, out);
}

enum mesatee_err signed_post(struct mesatee *m, const char *what, enum route_id route, const char *parameter,
			     struct bytes body, struct answer *out)
{
	char path[REQUEST_ROUTE_MAX + 1];
	size_t capacity = body.size + SIGNED_REQUEST_MAX + COSE_OVERHEAD + 32;
	uint8_t *space = mt_alloc(capacity);
	struct builder b = builder_over(space, space ? capacity : 0);
	struct bytes whole = { 0 };

	http_path(route, parameter, NULL, path);
	enum mesatee_err err = space ? session_ensure(m) : client_no_memory(m);
	if (!err) {
		err = signed_encode(m, route, path, body, &b);
	}
	if (!err && (builder_done(&b, &whole) || whole.size > ROUTE_BODY_MAX)) {
		err = client_fail(m, MESATEE_USAGE, NULL, "%s: more than a request can hold", what);
	}
	if (!err) {
		err = signed_send(m, route, path, whole, out);
	}
	if (!err) {
		err = http_judge(m, what, out);
	}
	if (!err && route != ROUTE_STOP && route != ROUTE_FETCH && m->connected) {
		/* The head that holds what was just written: from now on a state without it is a rollback to this party. */
		err = connect_head(m);
		err = err == MESATEE_NOT_VERIFIED
			      ? err
			      : MESATEE_OK; /* it was written; the head comes with the next connection */
	}
	mt_free(space);
	if (err) {
		answer_close(out);
	}
	return err;
}
