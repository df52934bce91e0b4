/* What local clients say by way of the door, and what they are told. */
#include "service/tee/tee_private.h"

#include <stdio.h>
#include <string.h>

#include "api/tee_api_defines.h"
#include "api/tee_client_api.h"
#include "api/tee_window.h"

#define UUID_TEXT_MAX 32
#define SHA1_PAD_ROOM (CRYPTO_SHA1_BLOCK - 9)

static void tell(struct tee *t, uint32_t client, struct bytes message, const port_handle *handles, size_t count)
{
	uint8_t wire[DOOR_HEAD_MAX + TEE_DOOR_MESSAGE_MAX];
	struct builder b = builder_over(wire, sizeof(wire));
	struct bytes body = { 0 };

	builder_u8(&b, DOOR_TO_CLIENT);
	builder_u32(&b, client);
	builder_bytes(&b, message);
	enum mt_err err = builder_done(&b, &body);

	mt_assert(!err);
	/* A door that cannot be told is gone, and PORT_GONE says so. */
	(void)!t->port->send(t->port->self, PORT_DOOR, body, handles, count);
}

/* It has broken the form: the door ends it, and says when it is gone. */
static void end(struct tee *t, uint32_t client)
{
	uint8_t wire[8];
	struct builder b = builder_over(wire, sizeof(wire));
	struct bytes body = { 0 };

	builder_u8(&b, DOOR_END_CLIENT);
	builder_u32(&b, client);
	enum mt_err err = builder_done(&b, &body);

	mt_assert(!err);
	(void)!t->port->send(t->port->self, PORT_DOOR, body, NULL, 0);
}

static void opened(struct tee *t, uint32_t client, uint32_t request, uint32_t result, uint32_t origin, uint32_t session, port_handle bell[TEE_BELLS])
{
	uint8_t wire[TEE_DOOR_MESSAGE_MAX];
	struct builder b = builder_over(wire, sizeof(wire));
	struct bytes body = { 0 };
	bool good = result == TEE_SUCCESS;

	builder_u8(&b, TEE_DOOR_OPENED);
	builder_u32(&b, request);
	builder_u32(&b, result);
	builder_u32(&b, origin);
	builder_u32(&b, good ? session : 0);
	enum mt_err err = builder_done(&b, &body);

	mt_assert(!err);
	tell(t, client, body, bell, good ? TEE_BELLS : 0);
	for (size_t i = 0; good && i < TEE_BELLS; i++) {
		bell[i] = PORT_NO_HANDLE;       /* send has taken them */
	}
}

void client_opened(struct tee *t, struct cargo *c, uint32_t result, uint32_t origin)
{
	opened(t, c->client, c->request, result, origin, c->session, c->bell);
}

static void told(struct tee *t, const struct cargo *c, enum tee_door_type type, const uint32_t *code)
{
	uint8_t wire[TEE_DOOR_MESSAGE_MAX];
	struct builder b = builder_over(wire, sizeof(wire));
	struct bytes body = { 0 };

	builder_u8(&b, (uint8_t)type);
	builder_u32(&b, c->session);
	if (code) {
		builder_u32(&b, *code);
	}
	enum mt_err err = builder_done(&b, &body);

	mt_assert(!err);
	tell(t, c->client, body, NULL, 0);
}

void client_closed(struct tee *t, const struct cargo *c)
{
	told(t, c, TEE_DOOR_CLOSED, NULL);
}

void client_dead(struct tee *t, const struct cargo *c, uint32_t panic)
{
	told(t, c, TEE_DOOR_DEAD, &panic);
}

/* ---- who it is ---- */

/*
 * What the door says of a client: the kernel's word. A process in a cell sees one user by its number, the node's own; of any other it can tell
 * no more than that it is another.
 */
struct peer {
	uint32_t client, uid, gid;
	bool known;
};

/*
 * RFC 4122, 4.3, version 5: as Linux names the clients of its TEE drivers (tee_session_calc_client_uuid() of its tee_core.c), so that a TA
 * knows the same user by the same UUID.
 */
static void name_uuid(const char *kind, uint32_t id, uint8_t out[SESSION_UUID_SIZE])
{
	static const uint8_t space[SESSION_UUID_SIZE] = { 0x58, 0xac, 0x9c, 0xa0, 0x20, 0x86, 0x46, 0x83,
							  0xa1, 0xb8, 0xec, 0x4b, 0xc0, 0x8e, 0x01, 0xb6 };
	uint32_t state[CRYPTO_SHA1_WORDS] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 };
	uint8_t block[CRYPTO_SHA1_BLOCK] = { 0 };
	char name[UUID_TEXT_MAX];
	size_t size = sizeof(space) + (size_t)snprintf(name, sizeof(name), "%s=%x", kind, id);

	mt_assert(size <= SHA1_PAD_ROOM);
	memcpy(block, space, sizeof(space));
	memcpy(block + sizeof(space), name, size - sizeof(space));
	block[size] = 0x80;
	block[CRYPTO_SHA1_BLOCK - 2] = (uint8_t)(size * 8 >> 8);
	block[CRYPTO_SHA1_BLOCK - 1] = (uint8_t)(size * 8);
	crypto_sha1_blocks(state, block, 1);
	for (size_t i = 0; i < SESSION_UUID_SIZE; i++) {
		out[i] = (uint8_t)(state[i / 4] >> (24 - 8 * (i % 4)));
	}
	out[6] = (uint8_t)((out[6] & 0x0f) | 0x50);
	out[8] = (uint8_t)((out[8] & 0x3f) | 0x80);
}

/* TEE_SUCCESS, or why it may not call itself that. */
static uint32_t identify(const struct peer *who, uint32_t login, uint32_t group, struct session_identity *out)
{
	*out = (struct session_identity){ .login = login };
	switch (login) {
	case TEEC_LOGIN_PUBLIC:
		return TEE_SUCCESS;
	case TEEC_LOGIN_USER:
		if (!who->known) {
			return TEE_ERROR_ACCESS_DENIED;
		}
		name_uuid("uid", who->uid, out->uuid);
		return TEE_SUCCESS;
	case TEEC_LOGIN_GROUP:
		if (!who->known || group != who->gid) {
			return TEE_ERROR_ACCESS_DENIED;
		}
		name_uuid("gid", group, out->uuid);
		return TEE_SUCCESS;
	case TEEC_LOGIN_APPLICATION:
	case TEEC_LOGIN_USER_APPLICATION:
	case TEEC_LOGIN_GROUP_APPLICATION:
		/* Nothing that the kernel tells of a program is worth a name: a file's path is not what runs. */
		return TEE_ERROR_NOT_SUPPORTED;
	default:
		return TEE_ERROR_BAD_PARAMETERS;
	}
}

/* ---- messages ---- */

/* One message with its handle; the handle is ours until it is taken. */
struct said {
	struct peer who;
	struct cursor m;
	port_handle handle;
	size_t handle_count;
};

static bool client_open(struct tee *t, struct said *s)
{
	uint8_t uuid[SESSION_UUID_SIZE];
	struct session_identity identity;
	uint32_t request = cursor_u32(&s->m), session = 0;

	cursor_copy(&s->m, uuid, sizeof(uuid));
	uint32_t login = cursor_u32(&s->m), group = cursor_u32(&s->m);
	uint64_t size = cursor_u64(&s->m);

	if (!cursor_done(&s->m) || s->handle_count != 1 || size < TEE_WINDOW_HEAD || size > TEE_WINDOW_SIZE_MAX) {
		return false;
	}
	uint32_t result = identify(&s->who, login, group, &identity);

	if (result == TEE_SUCCESS && session_begin(t->table, (struct session_caller){ .client = s->who.client }, uuid, &identity, 0, &session) != MT_OK) {
		result = TEE_ERROR_BUSY;
	}
	if (result != TEE_SUCCESS) {
		opened(t, s->who.client, request, result, TEE_ORIGIN_TEE, 0, NULL);
		return true;
	}
	struct cargo *c = cargo_add(t, session);

	c->client = s->who.client;
	c->request = request;
	c->identity = identity;
	c->window = s->handle;
	c->window_size = size;
	s->handle = PORT_NO_HANDLE;
	return true;
}

static bool client_close(struct tee *t, struct said *s)
{
	uint32_t session = cursor_u32(&s->m);

	return cursor_done(&s->m) && s->handle_count == 0 &&
	       session_close(t->table, (struct session_caller){ .client = s->who.client }, session) == MT_OK;
}

/* A region, or its end, goes to the instance; of a dead one nowhere. */
static bool client_region(struct tee *t, struct said *s, enum tee_worker_type type)
{
	uint8_t wire[32];
	struct builder b = builder_over(wire, sizeof(wire));
	struct bytes body = { 0 };
	uint32_t session = cursor_u32(&s->m), region = cursor_u32(&s->m), instance = 0;
	bool starts = type == TEE_WORKER_REGION;
	uint64_t size = starts ? cursor_u64(&s->m) : 0;

	if (!cursor_done(&s->m) || s->handle_count != starts || region == 0 || region > TEE_WINDOW_REGIONS_MAX ||
	    (starts && (size == 0 || size > TEE_WINDOW_SIZE_MAX))) {
		return false;
	}
	enum mt_err err = session_find(t->table, s->who.client, session, &instance);

	if (err) {
		return err == MT_STATE;
	}
	struct place *p = place_find(t, instance);

	mt_assert(p);
	builder_u8(&b, (uint8_t)type);
	builder_u32(&b, session);
	builder_u32(&b, region);
	if (starts) {
		builder_u64(&b, size);
	}
	err = builder_done(&b, &body);
	mt_assert(!err);
	err = t->port->send(t->port->self, p->peer, body, &s->handle, s->handle_count);
	s->handle = PORT_NO_HANDLE;
	if (err) {
		instance_kill(t, p);
	}
	return true;
}

static bool client_said(struct tee *t, struct said *s)
{
	switch (cursor_u8(&s->m)) {
	case TEE_DOOR_OPEN:
		return client_open(t, s);
	case TEE_DOOR_CLOSE:
		return client_close(t, s);
	case TEE_DOOR_REGION:
		return client_region(t, s, TEE_WORKER_REGION);
	case TEE_DOOR_REGION_END:
		return client_region(t, s, TEE_WORKER_REGION_END);
	default:
		return false;
	}
}

void client_event(struct tee *t, const struct port_event *event)
{
	struct cursor m = cursor_over(event->body);
	uint8_t type = cursor_u8(&m);
	struct said s = { .who.client = cursor_u32(&m), .handle = PORT_NO_HANDLE, .handle_count = event->handle_count };

	if (type == DOOR_FROM_CLIENT && s.who.client) {
		s.who.known = cursor_u8(&m) == 1;
		s.who.uid = cursor_u32(&m);
		s.who.gid = cursor_u32(&m);
		s.m = m;
		s.handle = event->handle_count > 0 ? event->handle[0] : PORT_NO_HANDLE;
		if (!client_said(t, &s)) {
			end(t, s.who.client);
		}
		handle_drop(t, &s.handle);
	} else if (type == DOOR_CLIENT_GONE && cursor_done(&m) && s.who.client) {
		session_client_gone(t->table, s.who.client);
	} else if (event->handle_count > 0) {
		t->port->memory_close(t->port->self, event->handle[0]);
	}
	for (size_t i = 1; i < event->handle_count; i++) {
		t->port->memory_close(t->port->self, event->handle[i]);
	}
}
