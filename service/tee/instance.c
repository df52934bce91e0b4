/* Processes of TA instances: made from a verified image, told what the table decides, heard with suspicion. */
#include "service/tee/tee_private.h"

#include <stdio.h>
#include <string.h>

#include "api/tee_api_defines.h"

#define LOG_TEXT_SIZE (TEE_WORKER_LOG_MAX + 1)

static void fail(struct place *p, uint32_t why)
{
	p->failed = true;
	p->failure = why;
}

static void send(struct tee *t, struct place *p, struct builder *b, const port_handle *handles, size_t count)
{
	struct bytes body = { 0 };
	enum mt_err err = builder_done(b, &body);

	mt_assert(!err);
	/* Its queue is full or it is gone. Either way it cannot be told any more what it must know. */
	if (t->port->send(t->port->self, p->peer, body, handles, count) != MT_OK) {
		instance_kill(t, p);
	}
}

/* ---- making one ---- */

/* An image's name in the store: its UUID, then zeroes. */
static void image_name(const uint8_t uuid[SESSION_UUID_SIZE], uint8_t out[REE_NAME_SIZE])
{
	memset(out, 0, REE_NAME_SIZE);
	memcpy(out, uuid, SESSION_UUID_SIZE);
}

/* Whose versions must not go back: its own and that of each subkey between its signer and it. */
static void versions_take(struct place *p, const struct image *image)
{
	p->version_next = 0;
	p->version_count = image->subkey_count + 1;
	memcpy(p->version[0].uuid, image->uuid, sizeof(image->uuid));
	p->version[0].version = image->version;
	for (size_t i = 0; i < image->subkey_count; i++) {
		memcpy(p->version[i + 1].uuid, image->subkey[i].uuid, sizeof(image->subkey[i].uuid));
		p->version[i + 1].version = image->subkey[i].version;
	}
}

/* Its code as sealed memory of its own. TEE_SUCCESS, or what the one who opens is told. */
static uint32_t image_take(struct tee *t, struct place *p, port_handle file, port_handle *out)
{
	struct bytes whole = { 0 };
	struct image image;
	uint32_t result = TEE_SUCCESS;

	if (t->port->memory_map(t->port->self, file, &whole) != MT_OK) {
		return TEE_ERROR_GENERIC;
	}
	enum mt_err err = image_verify(whole, &t->settings.trust, &image);

	if (err == MT_DENIED || err == MT_TAMPERED) {
		result = TEE_ERROR_SECURITY;
	} else if (err || image.kind != IMAGE_ELF) {
		result = err == MT_NO_MEMORY ? TEE_ERROR_OUT_OF_MEMORY : TEE_ERROR_BAD_FORMAT;
	} else if (memcmp(image.uuid, p->uuid, sizeof(image.uuid)) != 0) {
		result = TEE_ERROR_SECURITY;    /* another one's image under this name */
	} else if (t->port->memory_make(t->port->self, image.content, out) != MT_OK) {
		result = TEE_ERROR_OUT_OF_MEMORY;
	} else {
		versions_take(p, &image);
	}
	t->port->memory_unmap(t->port->self, whole);
	return result;
}

static void load(struct tee *t, struct place *p)
{
	uint8_t wire[64];
	struct builder b = builder_over(wire, sizeof(wire));
	port_handle code = p->code;

	p->code = PORT_NO_HANDLE;
	if (t->port->spawn(t->port->self, PORT_TA, &p->peer) != MT_OK) {
		handle_drop(t, &code);
		fail(p, TEE_ERROR_OUT_OF_MEMORY);
		return;
	}
	p->state = PLACE_LOADING;
	builder_u8(&b, TEE_WORKER_LOAD);
	builder_bytes(&b, mt_bytes(p->uuid, sizeof(p->uuid)));
	builder_u8(&b, t->settings.debug);
	send(t, p, &b, &code, 1);
}

/* It does not run, whatever has come of it so far. */
static void check_fails(struct tee *t, struct place *p, uint32_t why)
{
	handle_drop(t, &p->code);
	fail(p, why);
}

/* The next version, or all are good. */
static void check_next(struct tee *t, struct place *p)
{
	if (p->version_next == p->version_count) {
		load(t, p);
	} else if (keep_version_read(t, p->instance, p->version[p->version_next].uuid) != MT_OK) {
		check_fails(t, p, TEE_ERROR_STORAGE_NOT_AVAILABLE);
	}
}

void instance_recorded(struct tee *t, uint32_t instance, enum mt_err how, struct bytes record)
{
	struct place *p = place_find(t, instance);
	uint8_t wire[IMAGE_RECORD_SIZE];
	bool newer = false;

	if (!p || p->state != PLACE_CHECKING || p->failed) {
		return;                 /* nobody wants it any more */
	}
	bool written = p->recording;

	p->recording = false;
	if (p->unwanted || (how && (written || how != MT_NOT_FOUND))) {
		check_fails(t, p, p->unwanted ? TEE_ERROR_TARGET_DEAD : TEE_ERROR_STORAGE_NOT_AVAILABLE);
		return;
	}
	const struct version *v = &p->version[p->version_next];

	if (!written && image_version_check(how ? mt_bytes(NULL, 0) : record, v->version, &newer) != MT_OK) {
		check_fails(t, p, TEE_ERROR_SECURITY);
		return;
	}
	if (newer) {
		/* On disk before it runs: else a power cut would forget that it did. */
		image_version_record(v->version, wire);
		p->recording = true;
		if (keep_version_write(t, instance, v->uuid, mt_bytes(wire, sizeof(wire))) != MT_OK) {
			check_fails(t, p, TEE_ERROR_STORAGE_NOT_AVAILABLE);
		}
		return;
	}
	p->version_next++;
	check_next(t, p);
}

static void image_got(void *context, enum mt_err err, struct bytes answer, port_handle handle)
{
	struct place *p = context;
	struct tee *t = p->tee;

	(void)answer;
	if (err) {
		fail(p, err == MT_NOT_FOUND ? TEE_ERROR_ITEM_NOT_FOUND : TEE_ERROR_STORAGE_NOT_AVAILABLE);
	} else if (p->unwanted) {
		fail(p, TEE_ERROR_TARGET_DEAD);
	} else {
		uint32_t result = image_take(t, p, handle, &p->code);

		p->state = PLACE_CHECKING;
		if (result == TEE_SUCCESS) {
			check_next(t, p);
		} else {
			fail(p, result);
		}
	}
	t->port->memory_close(t->port->self, handle);
	keep_on(t);
	tee_pump(t);
}

static void fetch(struct tee *t, struct place *p)
{
	uint8_t name[REE_NAME_SIZE];

	image_name(p->uuid, name);
	p->state = PLACE_FETCHING;
	if (t->store_state == STORE_FAILED || ree_blob_get(t->settings.ree, REE_TA, name, image_got, p) != MT_OK) {
		fail(p, TEE_ERROR_STORAGE_NOT_AVAILABLE);
	}
}

void instances_begin(struct tee *t)
{
	for (size_t i = 0; i < SESSION_INSTANCES_MAX; i++) {
		if (t->place[i].state == PLACE_WAITING) {
			fetch(t, &t->place[i]);
		}
	}
}

void instance_start(struct tee *t, uint32_t instance, const uint8_t uuid[SESSION_UUID_SIZE])
{
	struct place *p = t->place;

	while (p < t->place + SESSION_INSTANCES_MAX && p->state != PLACE_FREE) {
		p++;
	}
	mt_assert(p < t->place + SESSION_INSTANCES_MAX);        /* the table has no more instances than there are rows */
	*p = (struct place){ .tee = t, .state = PLACE_WAITING, .instance = instance, .code = PORT_NO_HANDLE };
	memcpy(p->uuid, uuid, sizeof(p->uuid));
	if (t->store_state != STORE_OPENING) {
		fetch(t, p);
	}
}

/* ---- telling it ---- */

void instance_tell(struct tee *t, struct place *p, enum tee_worker_type type, uint32_t session)
{
	uint8_t wire[8];
	struct builder b = builder_over(wire, sizeof(wire));

	builder_u8(&b, (uint8_t)type);
	if (type != TEE_WORKER_END) {
		builder_u32(&b, session);
	}
	send(t, p, &b, NULL, 0);
}

void instance_open(struct tee *t, struct place *p, struct cargo *c)
{
	uint8_t wire[64];
	struct builder b = builder_over(wire, sizeof(wire));
	port_handle window = c->window;

	if (c->caller) {
		between_send(t, p, c);
		return;
	}
	builder_u8(&b, TEE_WORKER_OPEN);
	builder_u32(&b, c->session);
	builder_u32(&b, c->identity.login);
	builder_bytes(&b, mt_bytes(c->identity.uuid, sizeof(c->identity.uuid)));
	builder_u64(&b, c->window_size);
	c->window = PORT_NO_HANDLE;
	send(t, p, &b, &window, 1);
}

void instance_kill(struct tee *t, struct place *p)
{
	p->state = PLACE_ENDING;
	t->port->kill(t->port->self, p->peer);
}

void instance_end(struct tee *t, struct place *p, bool now)
{
	p->unwanted = now;
	if (p->state <= PLACE_CHECKING) {
		p->unwanted = true;
	} else if (now) {
		instance_kill(t, p);
	} else {
		p->state = PLACE_ENDING;
		instance_tell(t, p, TEE_WORKER_END, 0);
	}
}

void instance_gone(struct tee *t, struct place *p)
{
	uint32_t instance = p->instance, panic = p->panic;

	keep_gone(t, instance);
	asking_drop(p);
	*p = (struct place){ 0 };
	session_gone(t->table, instance, panic);
}

/* ---- hearing it ---- */

static void print(const struct place *p, const char *what, struct bytes text)
{
	char line[LOG_TEXT_SIZE];

	for (size_t i = 0; i < text.size; i++) {
		line[i] = text.at[i] >= ' ' && text.at[i] < 0x7f ? (char)text.at[i] : '.';
	}
	line[text.size] = 0;
	fprintf(stderr, "ta %02x%02x%02x%02x: %s%s\n", p->uuid[0], p->uuid[1], p->uuid[2], p->uuid[3], what, line);
}

static void refusal_show(struct tee *t, const struct place *p, uint32_t result, struct bytes reason)
{
	char what[48];

	if (t->settings.debug) {
		(void)snprintf(what, sizeof(what), "not started, %08x ", result);
		print(p, what, reason);
	}
}

static bool heard_loaded(struct tee *t, struct place *p, struct cursor *m)
{
	uint32_t result = cursor_u32(m), flags = cursor_u32(m);
	struct bytes reason = cursor_take32(m);

	if (!cursor_done(m) || reason.size > TEE_WORKER_TEXT_MAX || p->state != PLACE_LOADING || (result == TEE_SUCCESS && reason.size)) {
		return false;
	}
	p->state = PLACE_LIVE;
	enum mt_err err = reason.size ? session_refused(t->table, p->instance, result) : session_loaded(t->table, p->instance, result, flags);

	if (result != TEE_SUCCESS || reason.size) {
		refusal_show(t, p, result, reason);
		instance_kill(t, p);
	}
	return !err;
}

static bool heard_opened(struct tee *t, struct place *p, struct cursor *m, const struct port_event *event)
{
	uint32_t session = cursor_u32(m), result = cursor_u32(m), origin = cursor_u32(m);
	struct cargo *c = cursor_done(m) ? cargo_find(t, session) : NULL;
	bool good = result == TEE_SUCCESS;

	if (!c || c->caller || event->handle_count != (good ? TEE_BELLS : 0) ||
	    session_opened(t->table, p->instance, session, result, origin) != MT_OK) {
		return false;
	}
	for (size_t i = 0; i < event->handle_count; i++) {
		handle_drop(t, &c->bell[i]);
		c->bell[i] = event->handle[i];
	}
	return true;
}

static bool heard_answer(struct tee *t, struct place *p, struct cursor *m)
{
	uint32_t session = cursor_u32(m), result = cursor_u32(m), origin = cursor_u32(m);
	struct cargo *c = cargo_find(t, session);

	if (!c || !c->caller || !between_answered(t, c, m)) {
		return false;
	}
	return session_opened(t->table, p->instance, session, result, origin) == MT_OK ||
	       session_invoked(t->table, p->instance, session, result, origin) == MT_OK;
}

static bool heard_closed(struct tee *t, struct place *p, struct cursor *m)
{
	uint32_t session = cursor_u32(m);

	return cursor_done(m) && session_closed(t->table, p->instance, session) == MT_OK;
}

static bool heard_text(struct tee *t, struct place *p, struct cursor *m, bool panic)
{
	uint32_t code = panic ? cursor_u32(m) : 0;
	struct bytes text = cursor_take32(m);

	if (!cursor_done(m) || text.size > TEE_WORKER_LOG_MAX) {
		return false;
	}
	if (panic) {
		p->panic = code;
	}
	/* A TA's text may be anybody's secret: it is for who develops, and goes nowhere else. */
	if (t->settings.debug) {
		char what[32] = "";

		if (panic) {
			(void)snprintf(what, sizeof(what), "panic %08x ", code);
		}
		print(p, what, text);
	}
	return true;
}

static bool heard(struct tee *t, struct place *p, const struct port_event *event)
{
	struct cursor m = cursor_over(event->body);

	switch (cursor_u8(&m)) {
	case TEE_WORKER_LOADED:
		return event->handle_count == 0 && heard_loaded(t, p, &m);
	case TEE_WORKER_OPENED:
		return heard_opened(t, p, &m, event);
	case TEE_WORKER_ANSWER:
		return event->handle_count == 0 && heard_answer(t, p, &m);
	case TEE_WORKER_CLOSED:
		return event->handle_count == 0 && heard_closed(t, p, &m);
	case TEE_WORKER_CALL:
		if (event->handle_count != 0 || p->asking) {
			return false;
		}
		between_call(t, p, mt_bytes(event->body.at + 1, event->body.size - 1));
		return true;
	case TEE_WORKER_PANIC:
		return event->handle_count == 0 && heard_text(t, p, &m, true);
	case TEE_WORKER_LOG:
		return event->handle_count == 0 && heard_text(t, p, &m, false);
	default:
		return false;
	}
}

void instance_message(struct tee *t, struct place *p, const struct port_event *event)
{
	/* It is being killed: what it says meanwhile counts no more, but for why. */
	bool heed = p->state != PLACE_ENDING || (event->body.size > 0 && (event->body.at[0] == TEE_WORKER_PANIC ||
									   event->body.at[0] == TEE_WORKER_CLOSED ||
									   event->body.at[0] == TEE_WORKER_CALL));

	if (heed && heard(t, p, event)) {
		return;
	}
	for (size_t i = 0; i < event->handle_count; i++) {
		t->port->memory_close(t->port->self, event->handle[i]);
	}
	if (heed) {
		instance_kill(t, p);
	}
}
