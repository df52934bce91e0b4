/* HTTP/1.1: heads through the box, bodies by Content-Length, answers. */
#include "service/gateway/gateway_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *http_reason(unsigned status)
{
	switch (status) {
	case 200:
		return "OK";
	case 201:
		return "Created";
	case 202:
		return "Accepted";
	case 404:
		return "Not Found";
	case 403:
		return "Forbidden";
	case 409:
		return "Conflict";
	default:
		return status < 500 ? "Refused" : "Failed";
	}
}

static bool http_queue_head(struct connection *c, unsigned status, const char *type, uint64_t size)
{
	char head[256];
	int n = snprintf(head, sizeof(head), "HTTP/1.1 %u %s\r\nContent-Type: %s\r\nContent-Length: %" PRIu64 "\r\nCache-Control: no-store\r\n%s\r\n",
			 status, http_reason(status), type, size, c->close_after ? "Connection: close\r\n" : "");

	mt_assert(n > 0 && (size_t)n < sizeof(head));
	return connection_queue(c, mt_bytes(head, (size_t)n));
}

void http_answer(struct connection *c, unsigned status, enum node_body kind, struct bytes body)
{
	static const char *const type[] = {
		[NODE_JSON] = "application/json", [NODE_CBOR] = "application/cbor", [NODE_TEXT] = "text/plain; charset=utf-8",
		[NODE_OCTETS] = "application/octet-stream", [NODE_PROBLEM] = "application/problem+json",
	};

	if (!http_queue_head(c, status, type[kind], body.size) || !connection_queue(c, body)) {
		c->close_after = true;  /* no memory for the answer: the peer sees a closed connection */
		c->out_size = 0;
	}
}

void http_problem(struct connection *c, unsigned status, const char *error, const char *detail)
{
	char body[512];
	int n = snprintf(body, sizeof(body), "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%u,\"error\":\"%s\",\"detail\":\"%s\"}",
			 error, status, error, detail);

	mt_assert(n > 0 && (size_t)n < sizeof(body));
	http_answer(c, status, NODE_PROBLEM, mt_bytes(body, (size_t)n));
}

void http_stream_head(struct connection *c, uint64_t size)
{
	if (!http_queue_head(c, 200, "application/octet-stream", size)) {
		c->close_after = true;
	}
}

/* ---- heads ---- */

/* What matters of a head, from the box's items: foreign bytes still, but lengths and integers. */
struct head {
	struct bytes method, target;
	uint64_t minor, size, body_size;
	bool close;
};

static bool head_number(struct bytes text, uint64_t *out)
{
	uint64_t v = 0;

	if (text.size == 0 || text.size > 15) {
		return false;
	}
	for (size_t i = 0; i < text.size; i++) {
		if (text.at[i] < '0' || text.at[i] > '9') {
			return false;
		}
		v = v * 10 + (uint64_t)(text.at[i] - '0');
	}
	*out = v;
	return true;
}

static bool head_read(struct reader *r, struct head *h)
{
	h->method = reader_tstr(r);
	h->target = reader_tstr(r);
	h->minor = reader_uint(r);
	h->size = reader_uint(r);
	h->close = h->minor == 0;
	uint64_t count = reader_array(r);
	for (uint64_t i = 0; i < count && reader_ok(r); i++) {
		reader_array_of(r, 2);
		struct bytes name = reader_tstr(r), value = reader_tstr(r);
		if (mt_equal(name, mt_text("content-length")) && !head_number(value, &h->body_size)) {
			return false;
		}
		if (mt_equal(name, mt_text("connection")) && mt_equal(value, mt_text("close"))) {
			h->close = true;
		}
	}
	return reader_done(r);
}

/* A peer that speaks no HTTP, or one that cannot be gone on with: answer, then close. */
static void http_refuse(struct connection *c, unsigned status, const char *error, const char *detail)
{
	c->close_after = true;
	c->in_size = 0;
	http_problem(c, status, error, detail);
}

static void http_route(struct gateway *g, struct connection *c, const struct head *h)
{
	struct bytes parameter[ROUTE_PARAMETERS_MAX];
	size_t count = 0;

	enum mt_err err = gateway_match(h->method, h->target, &c->route, parameter, &count);
	if (err) {
		http_refuse(c, err == MT_DENIED ? 405 : 404, mt_err_name(err), "this node has no such route: see docs/api.md");
		return;
	}
	bool stream = c->route->id == ROUTE_DATA_PUT;
	if (!stream && h->body_size > ROUTE_BODY_MAX) {
		http_refuse(c, 413, "limit", "the body is too large for this route");
		return;
	}
	for (size_t i = 0; i < count; i++) {
		if (parameter[i].size > sizeof(c->parameter[i])) {
			http_refuse(c, 404, "not found", "the path is too long");
			return;
		}
		memcpy(c->parameter[i], parameter[i].at, parameter[i].size);
		c->parameter_size[i] = parameter[i].size;
	}
	c->parameter_count = count;
	c->body_size = h->body_size;
	c->close_after = c->close_after || h->close;
	connection_consume(c, (size_t)h->size);
	c->request++;
	if (stream) {
		connection_move(c, CONNECTION_WAITING);
		relay_request(g, c, mt_bytes(NULL, 0));
	} else {
		connection_move(c, CONNECTION_BODY);
	}
}

bool http_head(struct gateway *g, struct connection *c)
{
	size_t size = c->in_size < BOX_HTTP_HEAD_MAX ? c->in_size : BOX_HTTP_HEAD_MAX, answer_size = 0;
	struct items items;
	struct head h = { 0 };

	enum mt_err err = box_call(g->http, BOX_PARSE, mt_bytes(c->in, size), g->answer, sizeof(g->answer), &answer_size);
	if (!err) {
		err = items_open(mt_bytes(g->answer, answer_size), &items);
	}
	if (err) {
		http_refuse(c, 400, "malformed", "this is no HTTP/1.1 request that this node takes");
		return true;
	}
	struct reader r = reader_over(&items);
	uint64_t fields = reader_array(&r);
	if (fields == 0 && size < BOX_HTTP_HEAD_MAX) {
		return false;           /* more of it must come */
	}
	if (fields != 5 || !head_read(&r, &h) || h.size > size || h.size == 0) {
		http_refuse(c, 400, "malformed", "this is no HTTP/1.1 request that this node takes");
		return true;
	}
	http_route(g, c, &h);
	return true;
}

bool http_body(struct gateway *g, struct connection *c)
{
	size_t size = (size_t)c->body_size;

	if (c->in_size < size) {
		return false;
	}
	connection_move(c, CONNECTION_WAITING);
	relay_request(g, c, mt_bytes(c->in, size));
	connection_consume(c, size);
	return true;
}
