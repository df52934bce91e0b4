/* HTTP/1.1 over the verified connection: one request at a time, heads read in a box, bodies by Content-Length. */
#include "party/client/client_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define HTTP_ANSWER_ITEMS_MAX (64 * 1024)
#define HTTP_INFORMATIONAL_MAX 4 /* 1xx answers before the one that counts */

void answer_close(struct answer *a)
{
	mt_free(a->body);
	*a = (struct answer){ 0 };
}

void http_path(enum route_id route, const char *first, const char *second, char out[REQUEST_ROUTE_MAX + 1])
{
	struct builder b = builder_over(out, REQUEST_ROUTE_MAX);
	const char *parameter[] = { first, second };
	size_t used = 0;

	for (const char *p = routes[route].path; *p; p++) {
		if (*p == '{') {
			mt_assert(used < MT_COUNT(parameter) && parameter[used]);
			builder_text(&b, parameter[used++]);
			p = strchr(p, '}');
		} else {
			builder_u8(&b, (uint8_t)*p);
		}
	}
	struct bytes text = { 0 };
	enum mt_err err = builder_done(&b, &text);
	mt_assert(!err); /* parameters are hashes and numbers */
	out[text.size] = 0;
}

enum mesatee_err http_begin(struct mesatee *m, enum route_id route, const char *path, const char *type,
			    uint64_t body_size)
{
	char head[1024];
	int size = snprintf(head, sizeof(head), "%s %s HTTP/1.1\r\nHost: %s%s%s:%s\r\nUser-Agent: mesatee\r\n",
			    routes[route].method, path, strchr(m->host, ':') ? "[" : "", m->host,
			    strchr(m->host, ':') ? "]" : "", m->port);

	if (size > 0 && (size_t)size < sizeof(head) && type) {
		size += snprintf(head + size, sizeof(head) - (size_t)size,
				 "Content-Type: %s\r\nContent-Length: %" PRIu64 "\r\n", type, body_size);
	}
	if (size > 0 && (size_t)size < sizeof(head)) {
		size += snprintf(head + size, sizeof(head) - (size_t)size, "\r\n");
	}
	mt_assert(size > 0 && (size_t)size < sizeof(head));
	return net_write(m, mt_bytes(head, (size_t)size), NULL);
}

/* ---- answers ---- */

static bool http_number(struct bytes text, uint64_t *out)
{
	uint64_t v = 0;

	if (text.size == 0 || text.size > 18) {
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

/* false: no head that we take. *head_size 0: more of it must come. */
static bool http_head_parse(struct mesatee *m, struct bytes received, struct answer *out, size_t *head_size)
{
	uint8_t *space = mt_alloc(HTTP_ANSWER_ITEMS_MAX);
	size_t size = 0;
	struct items items;
	uint64_t length = 0;
	bool good = space &&
		    box_call(m->http, BOX_HTTP_RESPONSE, received, space, HTTP_ANSWER_ITEMS_MAX, &size) == MT_OK &&
		    items_open(mt_bytes(space, size), &items) == MT_OK;

	if (good) {
		struct reader r = reader_over(&items);
		uint64_t fields = reader_array(&r), status = fields ? reader_uint(&r) : 0,
			 minor = fields ? reader_uint(&r) : 0;
		uint64_t end = fields ? reader_uint(&r) : 0, count = fields ? reader_array(&r) : 0;
		out->close = minor == 0;
		for (uint64_t i = 0; i < count && reader_ok(&r) && good; i++) {
			reader_array_of(&r, 2);
			struct bytes name = reader_tstr(&r), value = reader_tstr(&r);
			if (mt_equal(name, mt_text("content-length"))) {
				good = http_number(value, &length);
			} else if (mt_equal(name, mt_text("connection")) && mt_equal(value, mt_text("close"))) {
				out->close = true;
			}
		}
		/* A box may answer wrongly: what it says must lie within what was received. */
		good = good && reader_done(&r) && end <= received.size && (fields == 0 || (fields == 4 && end > 0)) &&
		       status < 1000;
		out->status = (unsigned)status;
		out->size = out->left = length;
		*head_size = (size_t)end;
	}
	mt_free(space);
	return good;
}

static enum mesatee_err http_head_one(struct mesatee *m, struct answer *out)
{
	struct net *net = &m->net;

	for (;;) {
		size_t head_size = 0, n = 0;
		*out = (struct answer){ 0 };
		if (net->in_size && !http_head_parse(m, mt_bytes(net->in, net->in_size), out, &head_size)) {
			break;
		}
		if (head_size) {
			net->in_size -= head_size;
			memmove(net->in, net->in + head_size, net->in_size);
			return MESATEE_OK;
		}
		if (net->in_size == sizeof(net->in)) {
			break;
		}
		/* Past what is kept already: net_read() would give that again. */
		size_t kept = net->in_size;
		net->in_size = 0;
		enum mesatee_err err = net_read(m, net->in + kept, sizeof(net->in) - kept, &n);
		if (err) {
			return err;
		}
		net->in_size = kept + n;
	}
	net_close(m);
	return client_fail(m, MESATEE_NOT_VERIFIED, "this should not happen with a node that passed: tell its operator",
			   "%s answered with something that is no HTTP/1.1 answer", m->url);
}

enum mesatee_err http_head(struct mesatee *m, struct answer *out)
{
	for (int i = 0; i < HTTP_INFORMATIONAL_MAX; i++) {
		enum mesatee_err err = http_head_one(m, out);
		if (err || out->status >= 200) {
			return err;
		}
	}
	net_close(m);
	return client_fail(m, MESATEE_NOT_VERIFIED, NULL, "%s never comes to its answer", m->url);
}

enum mesatee_err http_body(struct mesatee *m, struct answer *a, void *out, size_t size)
{
	mt_assert(size <= a->left);
	enum mesatee_err err = net_read_all(m, out, size);
	if (!err) {
		a->left -= size;
		if (a->left == 0 && a->close) {
			net_close(m);
		}
	}
	return err;
}

enum mesatee_err http_body_whole(struct mesatee *m, struct answer *a)
{
	if (a->size > CLIENT_ANSWER_MAX) {
		net_close(m);
		return client_fail(m, MESATEE_NOT_VERIFIED, NULL,
				   "%s answered with %" PRIu64 " bytes where at most %d are taken", m->url, a->size,
				   CLIENT_ANSWER_MAX);
	}
	a->body = mt_alloc((size_t)a->size + 1);
	if (!a->body) {
		return client_no_memory(m);
	}
	a->body_size = (size_t)a->size;
	return http_body(m, a, a->body, a->body_size);
}

enum mesatee_err http_json(struct mesatee *m, const struct answer *a, uint8_t **scratch, struct items *out)
{
	size_t capacity = ITEMS_SCRATCH(a->body_size), size = 0;

	*scratch = mt_alloc(capacity);
	if (!*scratch) {
		return client_no_memory(m);
	}
	if (box_call(m->json, BOX_PARSE, mt_bytes(a->body, a->body_size), *scratch, capacity, &size) ||
	    items_open(mt_bytes(*scratch, size), out)) {
		mt_free(*scratch);
		*scratch = NULL;
		return client_fail(m, MESATEE_NOT_VERIFIED, NULL, "%s answered with something that is no JSON", m->url);
	}
	return MESATEE_OK;
}

/* ---- problems (RFC 9457) ---- */

static const struct {
	enum mesatee_err err;
	const char *help;
} problem_of[MT_ERRS] = {
	[MT_OK] = { MESATEE_FAILED, NULL },
	[MT_MALFORMED] = { MESATEE_FAILED, NULL },
	[MT_DENIED] = { MESATEE_REFUSED, NULL },
	[MT_NOT_FOUND] = { MESATEE_NOT_FOUND, NULL },
	[MT_STATE] = { MESATEE_CONFLICT, NULL },
	[MT_LIMIT] = { MESATEE_NOT_READY, "try again later, or ask the operator for more room" },
	[MT_NO_MEMORY] = { MESATEE_NOT_READY, "try again later" },
	[MT_IO] = { MESATEE_FAILED, "the node's disk does not work as it should: tell its operator" },
	[MT_TAMPERED] = { MESATEE_NOT_VERIFIED, NULL },
};

enum mesatee_err http_judge(struct mesatee *m, const char *what, struct answer *a)
{
	uint8_t *scratch = NULL;
	struct items items;
	char detail[512] = "";
	enum mt_err kind = a->status == 404 ? MT_NOT_FOUND : MT_OK;

	if (a->status >= 200 && a->status < 300) {
		return MESATEE_OK;
	}
	if (!a->body) {
		enum mesatee_err err = http_body_whole(m, a);
		if (err) {
			return err;
		}
	}
	if (http_json(m, a, &scratch, &items) == MESATEE_OK) {
		struct reader root = reader_over(&items), name = reader_find(&root, "error"),
			      text = reader_find(&root, "detail");
		struct bytes error = reader_tstr(&name);
		client_clean(reader_tstr(&text), detail, sizeof(detail));
		for (int i = MT_OK + 1; i < MT_ERRS && reader_ok(&name); i++) {
			if (mt_equal(error, mt_text(mt_err_name((enum mt_err)i)))) {
				kind = (enum mt_err)i;
			}
		}
	}
	mt_free(scratch);
	if (!detail[0]) {
		(void)snprintf(detail, sizeof(detail), "the node answered %u and gave no reason", a->status);
	}
	return client_fail(m, problem_of[kind].err, problem_of[kind].help, "%s: %s", what, detail);
}

enum mesatee_err http_get(struct mesatee *m, const char *what, enum route_id route, const char *first,
			  const char *second, struct answer *out)
{
	char path[REQUEST_ROUTE_MAX + 1];

	http_path(route, first, second, path);
	enum mesatee_err err = http_begin(m, route, path, NULL, 0);
	if (!err) {
		err = http_head(m, out);
	}
	if (!err) {
		err = http_body_whole(m, out);
	}
	if (!err) {
		err = http_judge(m, what, out);
	}
	if (err) {
		answer_close(out);
	}
	return err;
}
