/* Sessions: what callers ask for, and time. */
#include "tee/session/session_private.h"

#include <string.h>

#include "api/tee_api_defines.h"

enum mt_err session_table_open(struct session_table **out)
{
	*out = mt_alloc(sizeof(**out));
	return *out ? MT_OK : MT_NO_MEMORY;
}

void session_table_close(struct session_table *t)
{
	mt_free(t);
}

/* Every event begins here. */
static void enter(const struct session_table *t)
{
	mt_assert(t->action_next == t->action_count);
}

/* The session, if it is this caller's. */
static struct session *own(const struct session_table *t, struct session_caller caller, uint32_t number)
{
	struct session *s = table_session(t, number);

	return s && s->ear == EAR_CALLER && s->caller.client == caller.client && s->caller.instance == caller.instance ? s : NULL;
}

/* A TA that may ask for something: it is there, and waits for nothing. */
static enum mt_err asks(const struct session_table *t, uint32_t instance, struct instance **out)
{
	*out = table_instance(t, instance);
	if (!*out || (*out)->state == INSTANCE_KILLED) {
		return MT_NOT_FOUND;
	}
	return (*out)->waits ? MT_STATE : MT_OK;
}

static size_t sessions_by(const struct session_table *t, struct session_caller caller)
{
	size_t count = 0;

	for (size_t i = 0; i < t->sessions; i++) {
		const struct session *s = &t->session[i];
		count += s->state != STATE_FREE && s->caller.client == caller.client && s->caller.instance == caller.instance;
	}
	return count;
}

static uint64_t later(const struct session_table *t, uint32_t ms)
{
	return ms ? t->now + ms : 0;
}

enum mt_err session_begin(struct session_table *t, struct session_caller caller, const uint8_t uuid[SESSION_UUID_SIZE],
			  const struct session_identity *identity, uint32_t timeout_ms, uint32_t *session)
{
	struct instance *asking = NULL;

	enter(t);
	mt_assert((caller.client == 0) != (caller.instance == 0));
	enum mt_err err = caller.instance ? asks(t, caller.instance, &asking) : MT_OK;
	if (err) {
		return err;
	}
	struct session *s = sessions_by(t, caller) < SESSION_OF_CALLER_MAX ? table_session_new(t) : NULL;
	if (!s) {
		return MT_LIMIT;
	}
	s->caller = caller;
	memcpy(s->uuid, uuid, sizeof(s->uuid));
	if (asking) {
		s->identity.login = TEE_LOGIN_TRUSTED_APP;
		memcpy(s->identity.uuid, asking->uuid, sizeof(s->identity.uuid));
		s->cancel_at = later(t, timeout_ms);
		asking->waits = s->number;
	} else {
		s->identity = *identity;
	}
	*session = s->number;
	session_move(s, STATE_WAITING);
	place(t, s);
	return MT_OK;
}

enum mt_err session_invoke(struct session_table *t, uint32_t caller_instance, uint32_t session, uint32_t timeout_ms)
{
	struct session *s = own(t, (struct session_caller){ .instance = caller_instance }, session);
	struct instance *asking = NULL;

	enter(t);
	enum mt_err err = asks(t, caller_instance, &asking);
	if (err) {
		return err;
	}
	if (!s) {
		return MT_NOT_FOUND;
	}
	/* Its caller waits for nothing, so nothing is under way in it. */
	mt_assert(s->state == STATE_IDLE || s->state == STATE_DEAD);
	const struct instance *target = table_instance(t, s->instance);
	if (!target || target->state == INSTANCE_KILLED) {
		answer(t, SESSION_INVOKE_DONE, s, TEE_ERROR_TARGET_DEAD, TEE_ORIGIN_TEE);
	} else if (table_waits_for(t, target, caller_instance)) {
		answer(t, SESSION_INVOKE_DONE, s, TEE_ERROR_BUSY, TEE_ORIGIN_TEE);
	} else {
		asking->waits = s->number;
		s->cancel_at = later(t, timeout_ms);
		session_move(s, STATE_BUSY);
		act_session(t, SESSION_INVOKE, s);
	}
	return MT_OK;
}

enum mt_err session_close(struct session_table *t, struct session_caller caller, uint32_t session)
{
	struct session *s = own(t, caller, session);
	struct instance *asking = NULL;

	enter(t);
	enum mt_err err = caller.instance ? asks(t, caller.instance, &asking) : MT_OK;
	if (err || !s) {
		return err ? err : MT_NOT_FOUND;
	}
	if (s->state == STATE_DEAD) {
		answer(t, SESSION_CLOSE_DONE, s, TEE_SUCCESS, TEE_ORIGIN_TEE);
		session_free(s);
		return MT_OK;
	}
	if (s->state != STATE_IDLE) {
		return MT_STATE;
	}
	/* Closing cannot fail (4.9.2): who would wait for itself is answered first, and the other closes when it can. */
	if (asking && table_waits_for(t, table_instance(t, s->instance), caller.instance)) {
		answer(t, SESSION_CLOSE_DONE, s, TEE_SUCCESS, TEE_ORIGIN_TEE);
		s->ear = EAR_NONE;
		s->caller = (struct session_caller){ 0 };
	} else if (asking) {
		asking->waits = s->number;
	}
	place_close(t, s);
	return MT_OK;
}

enum mt_err session_find(const struct session_table *t, uint32_t client, uint32_t session, uint32_t *instance)
{
	const struct session *s = client ? own(t, (struct session_caller){ .client = client }, session) : NULL;

	if (!s) {
		return MT_NOT_FOUND;
	}
	const struct instance *i = table_instance(t, s->instance);
	if (s->state != STATE_IDLE || !i || i->state == INSTANCE_KILLED) {
		return MT_STATE;
	}
	*instance = s->instance;
	return MT_OK;
}

void session_client_gone(struct session_table *t, uint32_t client)
{
	enter(t);
	mt_assert(client);
	for (size_t i = 0; i < t->sessions; i++) {
		struct session *s = &t->session[i];
		if (s->state != STATE_FREE && s->caller.client == client) {
			place_orphan(t, s);
		}
	}
}

/* ---- time and facts ---- */

static void tick_session(struct session_table *t, struct session *s)
{
	struct instance *i = table_instance(t, s->instance);

	if (s->cancel_at && s->cancel_at <= t->now) {
		s->cancel_at = 0;
		if (s->state == STATE_WAITING) {
			place_refuse(t, s, TEE_ERROR_CANCEL, TEE_ORIGIN_TEE);
			place_unwanted(t, i);
			return;
		}
		if (i && i->state != INSTANCE_KILLED) {
			act_session(t, SESSION_CANCEL, s);
		}
	}
	/* What nobody waits for begins to count when its instance could answer. */
	if (s->ear == EAR_NONE && i && (i->waits || !s->kill_at)) {
		s->kill_at = t->now + SESSION_ANSWER_MS;
	}
	if (s->kill_at && s->kill_at <= t->now && i && i->state != INSTANCE_KILLED) {
		place_kill(t, i);
	}
}

void session_tick(struct session_table *t, uint64_t now_ms)
{
	enter(t);
	mt_assert(now_ms >= t->now);
	t->now = now_ms;
	for (size_t n = 0; n < t->sessions; n++) {
		struct session *s = &t->session[n];
		if (s->state != STATE_FREE) {
			tick_session(t, s);
		}
	}
	for (size_t n = 0; n < SESSION_INSTANCES_MAX; n++) {
		struct instance *i = &t->instance[n];
		if (i->state != INSTANCE_FREE && i->kill_at && i->kill_at <= now_ms) {
			place_kill(t, i);
		}
	}
}

enum mt_err session_client(const struct session_table *t, uint32_t instance, uint32_t session, struct session_identity *out)
{
	const struct session *s = table_session(t, session);

	if (!s || s->state == STATE_WAITING || s->instance != instance || instance == 0) {
		return MT_NOT_FOUND;
	}
	*out = s->identity;
	return MT_OK;
}

const uint8_t *session_instance_uuid(const struct session_table *t, uint32_t instance)
{
	const struct instance *i = table_instance(t, instance);

	return i ? i->uuid : NULL;
}
