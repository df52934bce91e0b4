#include "service/tee/tee_private.h"

#include <string.h>

#include "api/tee_api_defines.h"

/* ---- rows ---- */

void handle_drop(struct tee *t, port_handle *handle)
{
	t->port->memory_close(t->port->self, *handle);
	*handle = PORT_NO_HANDLE;
}

struct cargo *cargo_find(struct tee *t, uint32_t session)
{
	for (size_t i = 0; session && i < SESSION_MAX; i++) {
		if (t->cargo[i].session == session) {
			return &t->cargo[i];
		}
	}
	return NULL;
}

struct cargo *cargo_add(struct tee *t, uint32_t session)
{
	for (size_t i = 0; i < SESSION_MAX; i++) {
		struct cargo *c = &t->cargo[i];

		if (!c->session) {
			*c = (struct cargo){ .session = session, .window = PORT_NO_HANDLE, .bell = { PORT_NO_HANDLE, PORT_NO_HANDLE } };
			return c;
		}
	}
	mt_assert(false);       /* the table has no more sessions than there are rows */
	return NULL;
}

void cargo_drop(struct tee *t, struct cargo *c)
{
	if (!c) {
		return;
	}
	handle_drop(t, &c->window);
	for (size_t i = 0; i < TEE_BELLS; i++) {
		handle_drop(t, &c->bell[i]);
	}
	*c = (struct cargo){ 0 };
}

struct place *place_find(struct tee *t, uint32_t instance)
{
	for (size_t i = 0; instance && i < SESSION_INSTANCES_MAX; i++) {
		if (t->place[i].state != PLACE_FREE && t->place[i].instance == instance) {
			return &t->place[i];
		}
	}
	return NULL;
}

static struct place *place_of_peer(struct tee *t, uint32_t peer)
{
	for (size_t i = 0; i < SESSION_INSTANCES_MAX; i++) {
		if (t->place[i].state > PLACE_CHECKING && t->place[i].peer == peer) {
			return &t->place[i];
		}
	}
	return NULL;
}

/* ---- opening ---- */

MUST enum mt_err tee_open(const struct tee_settings *settings, struct tee **out)
{
	struct tee *t = mt_alloc(sizeof(*t));

	*out = NULL;
	if (!t) {
		return MT_NO_MEMORY;
	}
	t->settings = *settings;
	t->port = settings->port;
	enum mt_err err = session_table_open(&t->table);

	if (err) {
		tee_close(t);
		return err;
	}
	*out = t;
	return MT_OK;
}

void tee_begin(struct tee *t, uint64_t monotonic_ms)
{
	t->began_ms = t->now_ms = monotonic_ms;
	keep_begin(t);
	tee_pump(t);
}

void tee_close(struct tee *t)
{
	if (!t) {
		return;
	}
	for (size_t i = 0; i < SESSION_MAX; i++) {
		if (t->cargo[i].session) {
			cargo_drop(t, &t->cargo[i]);
		}
	}
	for (size_t i = 0; i < SESSION_INSTANCES_MAX; i++) {
		if (t->place[i].state == PLACE_CHECKING) {
			handle_drop(t, &t->place[i].code);
		}
		asking_drop(&t->place[i]);
	}
	session_table_close(t->table);
	keeper_close(t->keeper);
	storage_close(t->store);
	mt_wipe(t, sizeof(*t));
	mt_free(t);
}

/* ---- what the table wants ---- */

static void open_done(struct tee *t, const struct session_action *a, struct cargo *c)
{
	if (a->caller.instance) {
		between_done(t, a->caller.instance, a->session, a->result, a->origin);
	} else {
		client_opened(t, c, a->result, a->origin);
	}
	if (a->result != TEE_SUCCESS) {
		cargo_drop(t, c);
	}
}

static void close_done(struct tee *t, const struct session_action *a, struct cargo *c)
{
	if (a->caller.instance) {
		between_done(t, a->caller.instance, a->session, TEE_SUCCESS, TEE_ORIGIN_TEE);
	} else {
		client_closed(t, c);
	}
	cargo_drop(t, c);
}

static void act_on_instance(struct tee *t, const struct session_action *a, struct cargo *c)
{
	struct place *p = place_find(t, a->instance);

	mt_assert(p);
	switch (a->kind) {
	case SESSION_OPEN:
		mt_assert(c);
		instance_open(t, p, c);
		break;
	case SESSION_INVOKE:
		mt_assert(c);
		between_send(t, p, c);
		break;
	case SESSION_CANCEL:
		instance_tell(t, p, TEE_WORKER_CANCEL, a->session);
		break;
	case SESSION_CLOSE:
		instance_tell(t, p, TEE_WORKER_CLOSE, a->session);
		break;
	default:
		instance_end(t, p, a->kind == SESSION_KILL);
	}
}

static void act(struct tee *t, const struct session_action *a)
{
	struct cargo *c = cargo_find(t, a->session);

	switch (a->kind) {
	case SESSION_START:
		instance_start(t, a->instance, a->uuid);
		break;
	case SESSION_OPEN_DONE:
		open_done(t, a, c);
		break;
	case SESSION_INVOKE_DONE:
		between_done(t, a->caller.instance, a->session, a->result, a->origin);
		break;
	case SESSION_CLOSE_DONE:
		close_done(t, a, c);
		break;
	case SESSION_DEAD:
		client_dead(t, c, a->result);
		break;
	case SESSION_FORGET:
		cargo_drop(t, c);
		break;
	default:
		act_on_instance(t, a, c);
	}
}

/* An instance that could not even be begun. The table takes nothing in while it wants something, so this comes behind, in two steps. */
static bool failures_tell(struct tee *t)
{
	for (size_t i = 0; i < SESSION_INSTANCES_MAX; i++) {
		struct place *p = &t->place[i];

		if (p->state == PLACE_FREE || !p->failed) {
			continue;
		}
		if (p->told || p->unwanted) {
			instance_gone(t, p);
			return true;
		}
		p->told = true;
		enum mt_err err = session_refused(t->table, p->instance, p->failure);

		mt_assert(!err);        /* it was being made, and nobody has said yet how that went */
		return true;
	}
	return false;
}

void tee_pump(struct tee *t)
{
	struct session_action a;

	do {
		while (session_action(t->table, &a)) {
			act(t, &a);
		}
	} while (failures_tell(t));
}

/* ---- events ---- */

static void door_gone(struct tee *t)
{
	for (size_t i = 0; i < SESSION_MAX; i++) {
		if (t->cargo[i].session && t->cargo[i].client) {
			session_client_gone(t->table, t->cargo[i].client);
			tee_pump(t);
		}
	}
}

bool tee_event(struct tee *t, const struct port_event *event)
{
	struct place *p = event->peer >= PORT_WORKER_FIRST ? place_of_peer(t, event->peer) : NULL;

	if (event->peer != PORT_DOOR && !p) {
		return false;
	}
	t->now_ms = event->monotonic_ms;
	t->machine_ms = event->now_ms;
	session_tick(t->table, t->now_ms);
	tee_pump(t);
	/* The clock alone may have ended it. */
	p = p ? place_of_peer(t, event->peer) : NULL;
	if (event->kind == PORT_MESSAGE && event->peer == PORT_DOOR) {
		client_event(t, event);
	} else if (event->kind == PORT_MESSAGE && p) {
		instance_message(t, p, event);
	} else if (event->kind == PORT_GONE && p) {
		instance_gone(t, p);
	} else if (event->kind == PORT_GONE) {
		door_gone(t);
	} else {
		for (size_t i = 0; i < event->handle_count; i++) {
			t->port->memory_close(t->port->self, event->handle[i]);
		}
	}
	tee_pump(t);
	return true;
}

void tee_tick(struct tee *t, uint64_t monotonic_ms)
{
	t->now_ms = monotonic_ms;
	session_tick(t->table, monotonic_ms);
	tee_pump(t);
}
