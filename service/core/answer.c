#include "service/core/core_private.h"

static void answer_send(struct core *c, const struct builder *b)
{
	struct bytes message;

	/* A gateway that is gone has lost its clients as well: they ask again. */
	if (builder_done(b, &message) || c->port->send(c->port->self, PORT_GATEWAY, message, NULL, 0)) {
		return;
	}
}

static struct builder answer_begin(struct core *c, enum node_type type, uint32_t connection, uint32_t request)
{
	struct builder b = builder_over(c->message, sizeof(c->message));

	builder_u8(&b, (uint8_t)type);
	builder_u32(&b, connection);
	builder_u32(&b, request);
	return b;
}

void core_answer(struct core *c, uint32_t connection, uint32_t request, unsigned status, enum node_body kind, struct bytes body)
{
	struct builder b = answer_begin(c, NODE_ANSWER, connection, request);

	builder_u16(&b, (uint16_t)status);
	builder_u8(&b, (uint8_t)kind);
	builder_bytes32(&b, body);
	answer_send(c, &b);
}

/* The one table from our errors to HTTP (STYLE 5). */
static const struct {
	unsigned status;
	const char *title;
} problem_of[MT_ERRS] = {
	[MT_OK]        = { 500, "no problem" },
	[MT_MALFORMED] = { 400, "malformed" },
	[MT_DENIED]    = { 403, "refused" },
	[MT_NOT_FOUND] = { 404, "not found" },
	[MT_STATE]     = { 409, "not in this state" },
	[MT_LIMIT]     = { 429, "a limit is reached" },
	[MT_NO_MEMORY] = { 503, "not available now" },
	[MT_IO]        = { 507, "storage failed" },
	[MT_TAMPERED]  = { 412, "not authentic" },
};

void core_problem(struct core *c, uint32_t connection, uint32_t request, enum mt_err err, const char *why)
{
	uint8_t space[1024];
	struct builder b = builder_over(space, sizeof(space));
	struct bytes body;

	mt_assert(err > MT_OK && err < MT_ERRS);
	builder_format(&b, "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%u,\"error\":\"%s\",\"detail\":", problem_of[err].title,
		       problem_of[err].status, mt_err_name(err));
	builder_json_text(&b, mt_text(why));
	builder_text(&b, "}");
	enum mt_err full = builder_done(&b, &body);
	mt_assert(!full);               /* `why` is our own text */
	core_answer(c, connection, request, problem_of[err].status, NODE_PROBLEM, body);
}

void core_stream(struct core *c, const struct core_request *q, enum ree_space space, const uint8_t name[32])
{
	struct builder b = answer_begin(c, NODE_STREAM, q->connection, q->request);

	builder_u8(&b, (uint8_t)space);
	builder_bytes(&b, mt_bytes(name, 32));
	answer_send(c, &b);
}

void core_accept_upload(struct core *c, const struct core_request *q, const uint8_t name[32])
{
	struct builder b = answer_begin(c, NODE_UPLOAD, q->connection, q->request);

	builder_bytes(&b, mt_bytes(name, 32));
	builder_u64(&b, q->size);
	answer_send(c, &b);
}
