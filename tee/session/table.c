/* The tables of sessions and instances: states, numbers, who waits for whom, actions. Nothing here decides. */
#include "tee/session/session_private.h"

#include <string.h>

/* Row: from, bits: to. */
static const uint32_t session_moves[SESSION_STATES] = {
	[STATE_FREE] = MT_BIT(STATE_WAITING),
	[STATE_WAITING] = MT_BIT(STATE_OPENING) | MT_BIT(STATE_FREE),
	[STATE_OPENING] = MT_BIT(STATE_IDLE) | MT_BIT(STATE_CLOSING) | MT_BIT(STATE_FREE),
	[STATE_IDLE] = MT_BIT(STATE_BUSY) | MT_BIT(STATE_CLOSING) | MT_BIT(STATE_DEAD),
	[STATE_BUSY] = MT_BIT(STATE_IDLE) | MT_BIT(STATE_CLOSING) | MT_BIT(STATE_DEAD) | MT_BIT(STATE_FREE),
	[STATE_CLOSING] = MT_BIT(STATE_FREE),
	[STATE_DEAD] = MT_BIT(STATE_FREE),
};

static const uint32_t instance_moves[INSTANCE_STATES] = {
	[INSTANCE_FREE] = MT_BIT(INSTANCE_STARTING),
	[INSTANCE_STARTING] = MT_BIT(INSTANCE_LIVE) | MT_BIT(INSTANCE_ENDING) | MT_BIT(INSTANCE_KILLED) | MT_BIT(INSTANCE_FREE),
	[INSTANCE_LIVE] = MT_BIT(INSTANCE_ENDING) | MT_BIT(INSTANCE_KILLED) | MT_BIT(INSTANCE_FREE),
	[INSTANCE_ENDING] = MT_BIT(INSTANCE_KILLED) | MT_BIT(INSTANCE_FREE),
	[INSTANCE_KILLED] = MT_BIT(INSTANCE_FREE),
};

void session_move(struct session *s, enum session_state to)
{
	mt_assert(s->state < SESSION_STATES);
	mt_assert(session_moves[s->state] & MT_BIT(to));
	s->state = to;
}

void instance_move(struct instance *i, enum instance_state to)
{
	mt_assert(i->state < INSTANCE_STATES);
	mt_assert(instance_moves[i->state] & MT_BIT(to));
	i->state = to;
}

struct session *table_session(const struct session_table *t, uint32_t number)
{
	for (size_t i = 0; i < t->sessions; i++) {
		const struct session *s = &t->session[i];
		if (s->state != STATE_FREE && s->number == number) {
			return (struct session *)s;
		}
	}
	return NULL;
}

struct instance *table_instance(const struct session_table *t, uint32_t number)
{
	for (size_t i = 0; i < SESSION_INSTANCES_MAX; i++) {
		const struct instance *x = &t->instance[i];
		if (x->state != INSTANCE_FREE && x->number == number) {
			return (struct instance *)x;
		}
	}
	return NULL;
}

struct session *table_session_new(struct session_table *t)
{
	for (size_t i = 0; i < SESSION_MAX; i++) {
		struct session *s = &t->session[i];
		if (s->state != STATE_FREE) {
			continue;
		}
		do {
			t->session_last++;      /* after 2^32 the numbers come again, but none of a session that is there */
		} while (t->session_last == 0 || table_session(t, t->session_last));
		*s = (struct session){ .number = t->session_last, .order = ++t->order_last };
		t->sessions = i < t->sessions ? t->sessions : i + 1;
		return s;
	}
	return NULL;
}

struct instance *table_instance_new(struct session_table *t)
{
	for (size_t i = 0; i < SESSION_INSTANCES_MAX; i++) {
		struct instance *x = &t->instance[i];
		if (x->state != INSTANCE_FREE) {
			continue;
		}
		do {
			t->instance_last++;
		} while (t->instance_last == 0 || table_instance(t, t->instance_last));
		*x = (struct instance){ .number = t->instance_last };
		return x;
	}
	return NULL;
}

size_t table_sessions_of(const struct session_table *t, uint32_t instance)
{
	size_t count = 0;

	for (size_t i = 0; i < t->sessions; i++) {
		const struct session *s = &t->session[i];
		count += s->state > STATE_WAITING && s->instance == instance;
	}
	return count;
}

struct session *table_waiter(const struct session_table *t, uint32_t instance)
{
	const struct session *first = NULL;

	for (size_t i = 0; i < t->sessions; i++) {
		const struct session *s = &t->session[i];
		if (s->state == STATE_WAITING && s->instance == instance && (!first || s->order < first->order)) {
			first = s;
		}
	}
	return (struct session *)first;
}

bool table_waits_for(const struct session_table *t, const struct instance *instance, uint32_t who)
{
	const struct instance *at = instance;

	/* Each waits for one other at most, and there is no circle before this one. */
	for (size_t hop = 0; at && hop <= SESSION_INSTANCES_MAX; hop++) {
		if (at->number == who) {
			return true;
		}
		const struct session *s = at->waits ? table_session(t, at->waits) : NULL;
		at = s ? table_instance(t, s->instance) : NULL;
	}
	mt_assert(!at);
	return false;
}

/* ---- actions ---- */

void act(struct session_table *t, const struct session_action *a)
{
	mt_assert(t->action_count < ACTIONS_MAX);
	t->action[t->action_count++] = *a;
}

bool session_action(struct session_table *t, struct session_action *out)
{
	if (t->action_next == t->action_count) {
		t->action_next = 0;
		t->action_count = 0;
		while (t->sessions > 0 && t->session[t->sessions - 1].state == STATE_FREE) {
			t->sessions--;
		}
		return false;
	}
	*out = t->action[t->action_next++];
	return true;
}

void act_instance(struct session_table *t, enum session_action_kind kind, const struct instance *i)
{
	struct session_action a = { .kind = kind, .instance = i->number };

	memcpy(a.uuid, i->uuid, sizeof(a.uuid));
	act(t, &a);
}

void act_session(struct session_table *t, enum session_action_kind kind, const struct session *s)
{
	const struct session_action a = { .kind = kind, .instance = s->instance, .session = s->number };

	act(t, &a);
}

void answer(struct session_table *t, enum session_action_kind kind, const struct session *s, uint32_t result, uint32_t origin)
{
	const struct session_action a = { .kind = kind, .session = s->number, .caller = s->caller, .result = result, .origin = origin };
	struct instance *caller = s->caller.instance ? table_instance(t, s->caller.instance) : NULL;

	if (caller && caller->waits == s->number) {
		caller->waits = 0;
	}
	act(t, &a);
}

void session_free(struct session *s)
{
	session_move(s, STATE_FREE);
	*s = (struct session){ .state = STATE_FREE };
}
