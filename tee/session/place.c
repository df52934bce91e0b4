/* Which instance a session gets, and when an instance ends. */
#include "tee/session/session_private.h"

#include <string.h>

#include "api/tee_api_defines.h"

/* ---- one session ---- */

void place_refuse(struct session_table *t, struct session *s, uint32_t result, uint32_t origin)
{
	answer(t, SESSION_OPEN_DONE, s, result, origin);
	session_free(s);
}

static void busy(struct session_table *t, struct session *s)
{
	place_refuse(t, s, TEE_ERROR_BUSY, TEE_ORIGIN_TEE);
}

void place_open(struct session_table *t, struct session *s, struct instance *i)
{
	bool alone = (i->flags & TEE_TA_SINGLE_INSTANCE) == 0 || (i->flags & TEE_TA_MULTI_SESSION) == 0;
	size_t most = alone ? 1 : TEE_WORKER_SESSIONS_MAX;

	mt_assert(i->state == INSTANCE_LIVE);
	if (table_sessions_of(t, i->number) >= most || (s->caller.instance && table_waits_for(t, i, s->caller.instance))) {
		busy(t, s);
		return;
	}
	s->instance = i->number;
	session_move(s, STATE_OPENING);
	act_session(t, SESSION_OPEN, s);
}

static void wait_for(struct session_table *t, struct session *s, struct instance *i)
{
	if (s->caller.instance && table_waits_for(t, i, s->caller.instance)) {
		busy(t, s);
		return;
	}
	s->instance = i->number;
	if (i->state == INSTANCE_STARTING) {
		i->kill_at = 0;         /* somebody wants it again */
	}
}

static void start(struct session_table *t, struct session *s)
{
	struct instance *i = table_instance_new(t);

	if (!i) {
		place_refuse(t, s, TEE_ERROR_OUT_OF_MEMORY, TEE_ORIGIN_TEE);
		return;
	}
	memcpy(i->uuid, s->uuid, sizeof(i->uuid));
	instance_move(i, INSTANCE_STARTING);
	act_instance(t, SESSION_START, i);
	wait_for(t, s, i);
}

void place(struct session_table *t, struct session *s)
{
	struct instance *shared = NULL, *awaited = NULL;
	bool many = false;

	mt_assert(s->state == STATE_WAITING);
	for (size_t n = 0; n < SESSION_INSTANCES_MAX; n++) {
		struct instance *i = &t->instance[n];
		if (i->state == INSTANCE_FREE || memcmp(i->uuid, s->uuid, sizeof(i->uuid)) != 0) {
			continue;
		}
		if (i->flags_known && (i->flags & TEE_TA_SINGLE_INSTANCE) == 0) {
			many = true;
		} else if (i->state == INSTANCE_LIVE) {
			shared = i;
		} else if (!awaited || i->state == INSTANCE_STARTING) {
			awaited = i;
		}
	}
	if (shared) {
		place_open(t, s, shared);
	} else if (awaited && !many) {
		wait_for(t, s, awaited);
	} else {
		start(t, s);
	}
}

void place_close(struct session_table *t, struct session *s)
{
	const struct instance *i = table_instance(t, s->instance);

	session_move(s, STATE_CLOSING);
	if (i && i->state != INSTANCE_KILLED) {
		act_session(t, SESSION_CLOSE, s);
	}
}

/* ---- the end of callers and instances ---- */

static void forget(struct session_table *t, struct session *s)
{
	const struct session_action a = { .kind = SESSION_FORGET, .session = s->number };

	act(t, &a);
	session_free(s);
}

void place_unwanted(struct session_table *t, struct instance *i)
{
	if (i && i->state == INSTANCE_STARTING && !table_waiter(t, i->number)) {
		i->kill_at = t->now + SESSION_ANSWER_MS;
	}
}

static void cancel(struct session_table *t, const struct session *s)
{
	const struct instance *i = table_instance(t, s->instance);

	if (i && i->state != INSTANCE_KILLED) {
		act_session(t, SESSION_CANCEL, s);
	}
}

void place_orphan(struct session_table *t, struct session *s)
{
	struct instance *i = table_instance(t, s->instance);

	if (s->state == STATE_WAITING || s->state == STATE_DEAD) {
		forget(t, s);
		place_unwanted(t, i);
		return;
	}
	if (s->ear == EAR_CALLER) {
		s->ear = EAR_DRIVER;
	}
	s->caller = (struct session_caller){ 0 };
	s->cancel_at = 0;
	s->kill_at = t->now + SESSION_ANSWER_MS;
	if (s->state == STATE_OPENING || s->state == STATE_BUSY) {
		cancel(t, s);
	} else if (s->state == STATE_IDLE) {
		place_close(t, s);
	}
}

void place_kill(struct session_table *t, struct instance *i)
{
	instance_move(i, INSTANCE_KILLED);
	i->kill_at = 0;
	act_instance(t, SESSION_KILL, i);
}

void place_release(struct session_table *t, struct instance *i)
{
	const uint32_t stays = TEE_TA_SINGLE_INSTANCE | TEE_TA_KEEP_ALIVE;

	if (i->state != INSTANCE_LIVE || (i->flags & stays) == stays || table_sessions_of(t, i->number) > 0) {
		return;
	}
	instance_move(i, INSTANCE_ENDING);
	i->kill_at = t->now + SESSION_ANSWER_MS;
	act_instance(t, SESSION_END, i);
}
