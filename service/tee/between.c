/* System calls of TAs that core answers; among them those by which one TA calls another: parameters are copied from the one to the other. */
#include "service/tee/tee_private.h"

#include <string.h>

#include "api/tee_api_defines.h"

/* ---- UUIDs ---- */

/* TEE_UUID as it lies in a TA's memory has its numbers in the machine's order, which on all our platforms is little endian. */
static void uuid_turn(const uint8_t in[SESSION_UUID_SIZE], uint8_t out[SESSION_UUID_SIZE])
{
	static const uint8_t from[SESSION_UUID_SIZE] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };

	for (size_t i = 0; i < SESSION_UUID_SIZE; i++) {
		out[i] = in[from[i]];
	}
}

/* ---- parameters (api/tee_worker.h) ---- */

static unsigned param_type(const struct ta_params *params, size_t i)
{
	return (unsigned)(params->types >> (4 * i)) & 0xf;
}

static bool is_value(unsigned type)
{
	return type >= TEE_PARAM_TYPE_VALUE_INPUT && type <= TEE_PARAM_TYPE_VALUE_INOUT;
}

static bool is_memory(unsigned type)
{
	return type >= TEE_PARAM_TYPE_MEMREF_INPUT && type <= TEE_PARAM_TYPE_MEMREF_INOUT;
}

static bool types_known(const struct ta_params *params)
{
	for (size_t i = 0; i < TA_PARAMS; i++) {
		unsigned type = param_type(params, i);

		if (type != TEE_PARAM_TYPE_NONE && !is_value(type) && !is_memory(type)) {
			return false;
		}
	}
	return params->types <= 0xffff;
}

static void params_build(struct builder *b, const struct call *c)
{
	builder_u32(b, (uint32_t)c->params.types);
	for (size_t i = 0; i < TA_PARAMS; i++) {
		unsigned type = param_type(&c->params, i);

		if (is_value(type)) {
			builder_u32(b, (uint32_t)c->params.value[2 * i]);
			builder_u32(b, (uint32_t)c->params.value[2 * i + 1]);
		} else if (type == TEE_PARAM_TYPE_MEMREF_OUTPUT) {
			builder_u32(b, (uint32_t)c->memref[i].out.capacity);
		} else if (is_memory(type)) {
			builder_u32(b, (uint32_t)c->memref[i].in.size);
			builder_bytes(b, c->memref[i].in);
		}
	}
}

/* ---- one at a time ---- */

static void give_back(struct tee *t, struct place *p, struct call *call, uint32_t result)
{
	struct bytes body = { 0 };

	t->message[0] = TEE_WORKER_RETURN;
	enum mt_err err = call_answer_encode(call, result, t->message + 1, sizeof(t->message) - 1, &body);

	mt_assert(!err);
	if (t->port->send(t->port->self, p->peer, mt_bytes(t->message, body.size + 1), NULL, 0) != MT_OK) {
		instance_kill(t, p);
	}
}

void asking_drop(struct place *p)
{
	if (p->asking) {
		mt_wipe(p->asking, sizeof(*p->asking));
	}
	mt_free(p->asking);
	p->asking = NULL;
}

void asking_end(struct tee *t, struct place *p, uint32_t result)
{
	give_back(t, p, &p->asking->call, result);
	asking_drop(p);
}

/* Of a call that has to do with another TA. */
static void asking_end_from(struct tee *t, struct place *p, uint32_t result, uint32_t origin)
{
	p->asking->call.word[p->asking->call.number == TA_CALL_OPEN_TA_SESSION ? 1 : 0] = origin;
	asking_end(t, p, result);
}

static void open_session(struct tee *t, struct place *p, struct asking *a)
{
	struct session_identity identity = { .login = TEE_LOGIN_TRUSTED_APP };
	uint8_t uuid[SESSION_UUID_SIZE];
	uint32_t session = 0;
	uint64_t timeout = a->call.value[0];

	uuid_turn(a->call.uuid, uuid);
	memcpy(identity.uuid, p->uuid, sizeof(identity.uuid));
	if (!types_known(&a->call.params)) {
		asking_end_from(t, p, TEE_ERROR_BAD_PARAMETERS, TEE_ORIGIN_TEE);
		return;
	}
	enum mt_err err = session_begin(t->table, (struct session_caller){ .instance = p->instance }, uuid, &identity,
					timeout >= UINT32_MAX ? 0 : (uint32_t)timeout, &session);

	if (err) {
		asking_end_from(t, p, TEE_ERROR_BUSY, TEE_ORIGIN_TEE);
		if (err != MT_LIMIT) {
			instance_kill(t, p);
		}
		return;
	}
	a->call.word[0] = session;      /* between_answered() compares */
	struct cargo *c = cargo_add(t, session);

	c->identity = identity;
	c->caller = p->instance;
}

static void invoke_command(struct tee *t, struct place *p, struct asking *a)
{
	uint64_t session = a->call.value[0], timeout = a->call.value[1];

	if (!types_known(&a->call.params) || session > UINT32_MAX) {
		asking_end_from(t, p, TEE_ERROR_BAD_PARAMETERS, TEE_ORIGIN_TEE);
	} else if (session_invoke(t->table, p->instance, (uint32_t)session, timeout >= UINT32_MAX ? 0 : (uint32_t)timeout) != MT_OK) {
		asking_end_from(t, p, TEE_ERROR_BAD_PARAMETERS, TEE_ORIGIN_TEE);
	}
}

static void close_session(struct tee *t, struct place *p, struct asking *a)
{
	uint64_t session = a->call.value[0];

	if (session > UINT32_MAX ||
	    session_close(t->table, (struct session_caller){ .instance = p->instance }, (uint32_t)session) != MT_OK) {
		asking_end_from(t, p, TEE_ERROR_BAD_PARAMETERS, TEE_ORIGIN_TEE);
	}
}

/* What the call borrows from must outlive this event. */
static bool ask(struct place *p, struct bytes wire)
{
	struct asking *a = wire.size <= sizeof(a->wire) ? mt_alloc(sizeof(*a)) : NULL;

	if (!a) {
		return false;
	}
	p->asking = a;
	memcpy(a->wire, wire.at, wire.size);
	return call_wire_decode(mt_bytes(a->wire, wire.size), a->space, &a->call) == MT_OK;
}

void between_call(struct tee *t, struct place *p, struct bytes message)
{
	struct cursor c = cursor_over(message);
	uint32_t session = cursor_u32(&c);

	if (!cursor_ok(&c) || !ask(p, cursor_take(&c, cursor_left(&c)))) {
		instance_kill(t, p);
		return;
	}
	switch (p->asking->call.number) {
	case TA_CALL_OPEN_TA_SESSION:
		open_session(t, p, p->asking);
		break;
	case TA_CALL_INVOKE_TA_COMMAND:
		invoke_command(t, p, p->asking);
		break;
	case TA_CALL_CLOSE_TA_SESSION:
		close_session(t, p, p->asking);
		break;
	default:
		if (keeper_has(p->asking->call.number)) {
			keep_call(t, p, session);
		} else {
			asking_end(t, p, TEE_ERROR_NOT_SUPPORTED);
		}
	}
}

/* ---- there and back ---- */

void between_send(struct tee *t, struct place *to, struct cargo *c)
{
	struct place *from = place_find(t, c->caller);
	struct builder b = builder_over(t->message, sizeof(t->message));
	struct bytes body = { 0 };

	mt_assert(from && from->asking);
	const struct call *call = &from->asking->call;

	if (call->number == TA_CALL_OPEN_TA_SESSION) {
		builder_u8(&b, TEE_WORKER_OPEN_TA);
		builder_u32(&b, c->session);
		builder_u32(&b, c->identity.login);
		builder_bytes(&b, mt_bytes(c->identity.uuid, sizeof(c->identity.uuid)));
	} else {
		builder_u8(&b, TEE_WORKER_INVOKE);
		builder_u32(&b, c->session);
		builder_u32(&b, (uint32_t)call->value[2]);
	}
	params_build(&b, call);
	enum mt_err err = builder_done(&b, &body);

	mt_assert(!err);
	if (t->port->send(t->port->self, to->peer, body, NULL, 0) != MT_OK) {
		instance_kill(t, to);
	}
}

/* What of a parameter comes back; nothing is written before all of it has been seen to fit. */
struct returned {
	uint32_t a, b;
	struct bytes content;
};

static void param_take(struct cursor *m, const struct call *call, size_t i, struct returned *r)
{
	unsigned type = param_type(&call->params, i);

	if (type == TEE_PARAM_TYPE_VALUE_OUTPUT || type == TEE_PARAM_TYPE_VALUE_INOUT) {
		r->a = cursor_u32(m);
		r->b = cursor_u32(m);
	} else if (type == TEE_PARAM_TYPE_MEMREF_OUTPUT || type == TEE_PARAM_TYPE_MEMREF_INOUT) {
		r->a = cursor_u32(m);
		r->content = cursor_take(m, r->a <= call->memref[i].out.capacity ? r->a : 0);
	}
}

static void param_commit(struct call *call, size_t i, const struct returned *r)
{
	unsigned type = param_type(&call->params, i);

	if (type == TEE_PARAM_TYPE_VALUE_OUTPUT || type == TEE_PARAM_TYPE_VALUE_INOUT) {
		call->params.value[2 * i] = r->a;
		call->params.value[2 * i + 1] = r->b;
	} else if (type == TEE_PARAM_TYPE_MEMREF_OUTPUT || type == TEE_PARAM_TYPE_MEMREF_INOUT) {
		call->memref[i].out.size = r->a;
		if (r->content.size) {
			memcpy(call->memref[i].out.at, r->content.at, r->content.size);
		}
	}
}

bool between_answered(struct tee *t, const struct cargo *c, struct cursor *m)
{
	struct place *p = place_find(t, c->caller);
	struct returned r[TA_PARAMS] = { 0 };

	if (!p || !p->asking) {
		return true;    /* the one who asked has gone meanwhile */
	}
	struct call *call = &p->asking->call;
	bool opens = call->number == TA_CALL_OPEN_TA_SESSION;

	/* It must be the session that is asked about; one that is closing is answered otherwise. */
	if (call->number == TA_CALL_CLOSE_TA_SESSION || (opens ? call->word[0] : call->value[0]) != c->session) {
		return false;
	}
	uint32_t types = cursor_u32(m);

	for (size_t i = 0; types && i < TA_PARAMS; i++) {
		param_take(m, call, i, &r[i]);
	}
	if (!cursor_done(m) || (types && types != call->params.types)) {
		return false;
	}
	for (size_t i = 0; types && i < TA_PARAMS; i++) {
		param_commit(call, i, &r[i]);
	}
	return true;
}

void between_done(struct tee *t, uint32_t instance, uint32_t session, uint32_t result, uint32_t origin)
{
	struct place *p = place_find(t, instance);

	if (!p || !p->asking) {
		return;
	}
	if (p->asking->call.number == TA_CALL_OPEN_TA_SESSION) {
		p->asking->call.word[0] = session;
	}
	asking_end_from(t, p, result, origin);
}
