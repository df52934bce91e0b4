/* Connections: the exchange after TLS's Finished, and the party's proof. */
#include "service/core/core_private.h"

#include <string.h>

struct connection *connection_find(struct core *c, uint32_t connection)
{
	for (size_t i = 0; i < NODE_CONNECTIONS_MAX; i++) {
		if (c->session[i].used && c->session[i].connection == connection) {
			return &c->session[i];
		}
	}
	return NULL;
}

void connection_closed(struct core *c, uint32_t connection)
{
	struct connection *s = connection_find(c, connection);

	if (s) {
		*s = (struct connection){ 0 };
	}
}

static struct connection *session_new(struct core *c, uint32_t connection)
{
	for (size_t i = 0; i < NODE_CONNECTIONS_MAX; i++) {
		if (!c->session[i].used) {
			c->session[i] = (struct connection){ .used = true, .connection = connection };
			return &c->session[i];
		}
	}
	return NULL;
}

MUST enum mt_err core_evidence(struct core *c, const uint8_t report_data[ATTEST_REPORT_DATA_SIZE], struct builder *out)
{
	struct attest_claims claims = {
		.measurements = c->measurements,
		.confined = c->facts->confined,
		.isolated = true,
		.rollback = ATTEST_ROLLBACK_CLIENTS,
		.time_ms = c->now_ms,
	};

	memcpy(claims.report_data, report_data, sizeof(claims.report_data));
	return attest_software_evidence(c->platform, &claims, out);
}

/* Evidence over this connection, and over the fast key for the verifier's own nonce. */
static enum mt_err session_answer_full(struct core *c, const struct connection *s, const uint8_t nonce[32], struct builder *space,
				       struct channel_answer *a)
{
	uint8_t report_data[ATTEST_REPORT_DATA_SIZE];
	size_t from = space->size;

	channel_report_data(CHANNEL_NODE, &s->binding, &c->keys, report_data);
	enum mt_err err = core_evidence(c, report_data, space);
	if (err) {
		return err;
	}
	a->evidence = mt_bytes(space->at + from, space->size - from);
	if (mt_is_zero(mt_bytes(nonce, 32))) {
		return MT_OK;
	}
	from = space->size;
	channel_fast_report_data(CHANNEL_NODE, nonce, &c->keys, report_data);
	err = core_evidence(c, report_data, space);
	a->fast_evidence = mt_bytes(space->at + from, space->size - from);
	return err;
}

static enum mt_err session_answer_fast(struct core *c, const struct connection *s, struct builder *space, struct channel_answer *a)
{
	uint8_t message[64], signature[CRYPTO_SIGNATURE_SIZE];
	size_t from = space->size;

	channel_fast_message(CHANNEL_NODE, &s->binding, message);
	enum mt_err err = crypto_sign(c->fast, mt_bytes(message, sizeof(message)), signature);
	builder_bytes(space, mt_bytes(signature, sizeof(signature)));
	a->fast_signature = mt_bytes(space->at + from, space->size - from);
	return err;
}

static void session_send_answer(struct core *c, uint32_t connection, enum mt_err err, struct bytes frame)
{
	struct builder b = builder_over(c->message, sizeof(c->message));
	struct bytes message;

	builder_u8(&b, NODE_EVIDENCE);
	builder_u32(&b, connection);
	builder_u8(&b, (uint8_t)err);
	builder_bytes32(&b, frame);
	if (builder_done(&b, &message) || c->port->send(c->port->self, PORT_GATEWAY, message, NULL, 0)) {
		return;         /* the gateway is gone */
	}
}

void connection_hello(struct core *c, struct cursor *m)
{
	struct channel_answer a = { .keys = c->keys, .genesis = ledger_genesis_bytes(c->ledger) };
	struct channel_binding b;
	uint8_t evidence_space[2 * ATTEST_EVIDENCE_MAX], nonce[32];
	struct builder space = builder_over(evidence_space, sizeof(evidence_space)), frame = builder_over(c->answer, sizeof(c->answer));
	struct bytes frame_bytes = { 0 };

	uint32_t connection = cursor_u32(m);
	uint8_t form = cursor_u8(m);
	cursor_copy(m, b.spki, sizeof(b.spki));
	cursor_copy(m, b.context, sizeof(b.context));
	cursor_copy(m, b.exporter, sizeof(b.exporter));
	cursor_copy(m, b.party_exporter, sizeof(b.party_exporter));
	cursor_copy(m, nonce, sizeof(nonce));
	if (!cursor_done(m)) {
		session_send_answer(c, connection, MT_MALFORMED, frame_bytes);
		return;
	}
	struct connection *s = connection_find(c, connection) ? NULL : session_new(c, connection);
	if (!s || (form != CHANNEL_FULL && form != CHANNEL_FAST)) {
		connection_closed(c, connection);
		session_send_answer(c, connection, s ? MT_MALFORMED : MT_LIMIT, frame_bytes);
		return;
	}
	s->binding = b;
	a.form = (enum channel_form)form;
	memcpy(a.log_id, ledger_id(c->ledger), sizeof(a.log_id));
	enum mt_err err = form == CHANNEL_FULL ? session_answer_full(c, s, nonce, &space, &a) : session_answer_fast(c, s, &space, &a);
	if (!err) {
		channel_answer_encode(&a, &frame);
		err = builder_done(&frame, &frame_bytes);
	}
	session_send_answer(c, connection, err, err ? mt_bytes(NULL, 0) : frame_bytes);
}

void connection_prove(struct core *c, const struct core_request *q)
{
	uint8_t party[COSE_ID_SIZE];

	enum mt_err err = channel_party_open(c->cbor, q->body, ledger_id(c->ledger), &q->session->binding, party);
	if (err) {
		core_problem(c, q->connection, q->request, err, "the proof is not for this connection, node and log: connect again");
		return;
	}
	q->session->party_known = true;
	memcpy(q->session->party, party, sizeof(party));
	core_answer(c, q->connection, q->request, 200, NODE_JSON, mt_text("{\"schema\":\"mesatee.session.1\"}"));
}
