/* Messages to and from core and the supplicant. */
#include "service/gateway/gateway_private.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Core gone means the node is gone: the launcher ends us all, there is nothing to save here. */
static void relay_send(int socket, const struct builder *b)
{
	struct bytes message;

	if (builder_done(b, &message)) {
		_exit(1);
	}
	/* As in drain(): its end is not ours to report, and in a stop it is in order. */
	if (message_send_wait(socket, message, NULL, 0)) {
		_exit(0);
	}
}

static struct builder relay_begin(struct gateway *g, enum node_type type, uint32_t connection)
{
	struct builder b = builder_over(g->message, sizeof(g->message));

	builder_u8(&b, (uint8_t)type);
	builder_u32(&b, connection);
	return b;
}

bool relay_hello(struct gateway *g, struct connection *c)
{
	struct cursor in = cursor_over(mt_bytes(c->in, c->in_size));
	struct bytes frame = cursor_take32(&in);
	struct channel_hello hello;
	struct channel_binding binding;

	if (channel_hello_decode(g->cbor, frame, &hello) || channel_tls_binding(c->ssl, CHANNEL_NODE, hello.context, &binding)) {
		return false;
	}
	connection_consume(c, 4 + frame.size);
	struct builder b = relay_begin(g, NODE_HELLO, c->number);
	builder_u8(&b, (uint8_t)hello.form);
	builder_bytes(&b, mt_bytes(binding.spki, sizeof(binding.spki)));
	builder_bytes(&b, mt_bytes(binding.context, sizeof(binding.context)));
	builder_bytes(&b, mt_bytes(binding.exporter, sizeof(binding.exporter)));
	builder_bytes(&b, mt_bytes(binding.party_exporter, sizeof(binding.party_exporter)));
	builder_bytes(&b, mt_bytes(hello.nonce, sizeof(hello.nonce)));
	relay_send(GATEWAY_FD_CORE, &b);
	connection_move(c, CONNECTION_EVIDENCE);
	return true;
}

void relay_request(struct gateway *g, struct connection *c, struct bytes body)
{
	struct builder b = relay_begin(g, NODE_REQUEST, c->number);

	builder_u32(&b, c->request);
	builder_u8(&b, (uint8_t)c->route->id);
	builder_u8(&b, c->attested ? 1 : 0);
	builder_u8(&b, (uint8_t)c->parameter_count);
	for (size_t i = 0; i < c->parameter_count; i++) {
		builder_bytes32(&b, mt_bytes(c->parameter[i], c->parameter_size[i]));
	}
	builder_u64(&b, c->body_size);
	builder_bytes32(&b, body);
	relay_send(GATEWAY_FD_CORE, &b);
}

void relay_closed(struct gateway *g, uint32_t number)
{
	struct builder b = relay_begin(g, NODE_CLOSED, number);

	relay_send(GATEWAY_FD_CORE, &b);
}

/* ---- the supplicant ---- */

static struct builder relay_call(struct gateway *g, enum ree_type type, enum gateway_call call, uint32_t connection)
{
	struct builder b = builder_over(g->message, sizeof(g->message));
	uint32_t id = g->next_call++;

	for (size_t i = 0; call != CALL_NONE && i < GATEWAY_CALLS_MAX; i++) {
		if (g->pending[i].call == CALL_NONE) {
			g->pending[i] = (struct gateway_pending){ call, id, connection };
			break;          /* there is room: GATEWAY_CALLS_MAX */
		}
	}
	builder_u8(&b, (uint8_t)type);
	builder_u32(&b, id);
	return b;
}

void relay_upload_sync(struct gateway *g, struct connection *c)
{
	struct builder b = relay_call(g, REE_UPLOAD_SYNC, CALL_UPLOAD_SYNC, c->number);

	builder_u32(&b, c->upload);
	c->unsynced = 0;
	c->syncing = true;
	relay_send(GATEWAY_FD_SUPPLICANT, &b);
}

void relay_upload_close(struct gateway *g, struct connection *c)
{
	struct builder b = relay_call(g, REE_UPLOAD_CLOSE, CALL_UPLOAD_CLOSE, c->number);

	close(c->file);
	c->file = -1;
	builder_u32(&b, c->upload);
	c->upload = 0;
	relay_send(GATEWAY_FD_SUPPLICANT, &b);
	connection_move(c, CONNECTION_WAITING);
}

void relay_upload_abort(struct gateway *g, struct connection *c)
{
	if (!c->upload) {
		return;
	}
	struct builder b = relay_call(g, REE_UPLOAD_ABORT, CALL_NONE, c->number);
	builder_u32(&b, c->upload);
	c->upload = 0;
	relay_send(GATEWAY_FD_SUPPLICANT, &b);
}

/* The upload is not wanted: its bytes may be on their way already, so the connection cannot go on. */
static void relay_end(struct gateway *g, struct connection *c)
{
	connection_move(c, CONNECTION_HEAD);
	connection_drive(g, c);
}

static void relay_upload_opened(struct gateway *g, struct connection *c, enum mt_err err, struct cursor *m, struct message *message)
{
	uint32_t upload = cursor_u32(m);

	if (err || !cursor_done(m) || message->handle_count != 1) {
		c->close_after = true;
		http_problem(c, err == MT_LIMIT ? 429 : 507, err ? mt_err_name(err) : "io", "the node cannot take the upload now: try again");
		relay_end(g, c);
		return;
	}
	c->upload = upload;
	c->file = message->handle[0];
	message->handle_count = 0;
	c->stream_left = c->body_size;
	c->unsynced = 0;
	c->syncing = false;
	connection_move(c, CONNECTION_UPLOADING);
	connection_gather(c, true);
	connection_drive(g, c);
}

static void relay_upload_synced(struct gateway *g, struct connection *c, enum mt_err err, const struct cursor *m)
{
	c->syncing = false;
	if (c->state != CONNECTION_UPLOADING) {
		return;                 /* the close is on its way, and its answer says all */
	}
	c->since_ms = gateway_now_ms();
	if (err || !cursor_done(m)) {
		c->upload = 0;          /* api/ree.h: it is gone */
		connection_upload_fail(g, c);
	}
	connection_drive(g, c);
}

static void relay_upload_closed(struct gateway *g, struct connection *c, enum mt_err err, const struct cursor *m)
{
	if (err || !cursor_done(m)) {
		http_problem(c, 507, err ? mt_err_name(err) : "io", "the upload could not be stored: the node's disk may be full");
	} else {
		http_answer(c, 201, NODE_JSON, mt_text("{\"schema\":\"mesatee.stored.1\"}"));
	}
	relay_end(g, c);
}

static void relay_blob_opened(struct gateway *g, struct connection *c, enum mt_err err, struct cursor *m, struct message *message)
{
	uint64_t size = cursor_u64(m);

	if (err || !cursor_done(m) || message->handle_count != 1 || size > REE_BLOB_SIZE_MAX) {
		http_problem(c, err == MT_NOT_FOUND ? 404 : 507, err ? mt_err_name(err) : "io", "the node has lost this blob, or cannot read it");
		relay_end(g, c);
		return;
	}
	c->file = message->handle[0];
	message->handle_count = 0;
	c->stream_left = size;
	c->stream_offset = 0;
	http_stream_head(c, size);
	connection_move(c, CONNECTION_STREAMING);
	connection_drive(g, c);
}

void relay_ree_message(struct gateway *g, struct message *message)
{
	struct cursor m = cursor_over(message->body);
	uint8_t type = cursor_u8(&m);
	uint32_t id = cursor_u32(&m);
	uint8_t how = cursor_u8(&m);
	enum mt_err err = how < MT_ERRS ? (enum mt_err)how : MT_MALFORMED;

	if (!cursor_ok(&m) || type != REE_ANSWER) {
		return;
	}
	for (size_t i = 0; i < GATEWAY_CALLS_MAX; i++) {
		struct gateway_pending *p = &g->pending[i];
		if (p->call == CALL_NONE || p->id != id) {
			continue;
		}
		enum gateway_call call = p->call;
		struct connection *c = connection_find(g, p->connection);
		*p = (struct gateway_pending){ 0 };
		if (!c) {
			return;         /* the client left meanwhile; message_close() closes the handle */
		}
		if (call == CALL_UPLOAD_OPEN) {
			relay_upload_opened(g, c, err, &m, message);
		} else if (call == CALL_UPLOAD_SYNC) {
			relay_upload_synced(g, c, err, &m);
		} else if (call == CALL_UPLOAD_CLOSE) {
			relay_upload_closed(g, c, err, &m);
		} else {
			relay_blob_opened(g, c, err, &m, message);
		}
		return;
	}
}

/* ---- core ---- */

static void relay_evidence(struct gateway *g, struct cursor *m)
{
	struct connection *c = connection_find(g, cursor_u32(m));
	uint8_t how = cursor_u8(m);
	struct bytes frame = cursor_take32(m);
	uint8_t size[4];
	struct builder b = builder_over(size, sizeof(size));

	if (!c || c->state != CONNECTION_EVIDENCE) {
		return;
	}
	if (how || !cursor_done(m)) {
		connection_close(g, c);
		return;
	}
	builder_u32(&b, (uint32_t)frame.size);
	if (!connection_queue(c, mt_bytes(size, sizeof(size))) || !connection_queue(c, frame)) {
		connection_close(g, c);
		return;
	}
	connection_move(c, CONNECTION_HEAD);
	connection_drive(g, c);
}

static void relay_answer(struct gateway *g, struct connection *c, struct cursor *m)
{
	uint16_t status = cursor_u16(m);
	uint8_t kind = cursor_u8(m);
	struct bytes body = cursor_take32(m);

	if (!cursor_done(m) || kind > NODE_PROBLEM) {
		connection_close(g, c);
		return;
	}
	if (c->route->id == ROUTE_DATA_PUT) {
		c->close_after = true;  /* refused: the body is on its way all the same */
	}
	http_answer(c, status, (enum node_body)kind, body);
	relay_end(g, c);
}

static void relay_stream(struct gateway *g, struct connection *c, struct cursor *m)
{
	uint8_t space = cursor_u8(m);
	struct bytes name = cursor_take(m, REE_NAME_SIZE);

	if (!cursor_done(m) || space >= REE_SPACES) {
		connection_close(g, c);
		return;
	}
	struct builder b = relay_call(g, REE_BLOB_OPEN, CALL_BLOB_OPEN, c->number);
	builder_u8(&b, space);
	builder_bytes(&b, name);
	relay_send(GATEWAY_FD_SUPPLICANT, &b);
}

static void relay_upload(struct gateway *g, struct connection *c, struct cursor *m)
{
	struct bytes name = cursor_take(m, REE_NAME_SIZE);
	uint64_t size = cursor_u64(m);

	if (!cursor_done(m)) {
		connection_close(g, c);
		return;
	}
	struct builder b = relay_call(g, REE_UPLOAD_OPEN, CALL_UPLOAD_OPEN, c->number);
	builder_bytes(&b, name);
	builder_u64(&b, size);
	relay_send(GATEWAY_FD_SUPPLICANT, &b);
}

static void relay_open(struct gateway *g)
{
	uint8_t byte = 1;

	if (!g->open) {
		g->open = true;
		/* The launcher reads it; if it is gone, so are we. */
		(void)!write(GATEWAY_FD_READY, &byte, 1);
		close(GATEWAY_FD_READY);
	}
}

void relay_core_message(struct gateway *g, struct bytes body)
{
	struct cursor m = cursor_over(body);
	uint8_t type = cursor_u8(&m);

	if (type == NODE_OPEN) {
		if (cursor_done(&m)) {
			relay_open(g);
		}
		return;
	}
	if (type == NODE_EVIDENCE) {
		relay_evidence(g, &m);
		return;
	}
	struct connection *c = connection_find(g, cursor_u32(&m));
	uint32_t request = cursor_u32(&m);
	if (!c || !cursor_ok(&m) || c->state != CONNECTION_WAITING || c->request != request) {
		return;                 /* the client left meanwhile */
	}
	if (type == NODE_ANSWER) {
		relay_answer(g, c, &m);
	} else if (type == NODE_STREAM) {
		relay_stream(g, c, &m);
	} else if (type == NODE_UPLOAD) {
		relay_upload(g, c, &m);
	}
}
