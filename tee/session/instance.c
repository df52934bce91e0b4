/* Instances: what their processes say, and their end. What does not fit the tables is MT_MALFORMED and changes nothing. */
#include "tee/session/session_private.h"

#include "api/tee_api_defines.h"

/* A session of this instance in this state. NULL: none. */
static struct session *at(const struct session_table *t, uint32_t instance, uint32_t number, enum session_state state)
{
	struct session *s = table_session(t, number);

	return s && s->instance == instance && s->state == state ? s : NULL;
}

/* A process that was killed may have said something before: nobody hears that. */
static bool is_killed(const struct session_table *t, uint32_t instance)
{
	const struct instance *i = table_instance(t, instance);

	return i && i->state == INSTANCE_KILLED;
}

static void enter(const struct session_table *t)
{
	mt_assert(t->action_next == t->action_count);
}

/* ---- loading ---- */

static void refuse_all(struct session_table *t, struct instance *i, uint32_t result, uint32_t origin)
{
	for (struct session *s = table_waiter(t, i->number); s; s = table_waiter(t, i->number)) {
		place_refuse(t, s, result, origin);
	}
}

static enum mt_err failed(struct session_table *t, uint32_t instance, uint32_t result, uint32_t origin)
{
	struct instance *i = table_instance(t, instance);

	if (!i || i->state != INSTANCE_STARTING) {
		return MT_MALFORMED;
	}
	/* It ends by itself; until then a new opening waits. */
	instance_move(i, INSTANCE_ENDING);
	i->kill_at = t->now + SESSION_ANSWER_MS;
	refuse_all(t, i, result, origin);
	return MT_OK;
}

enum mt_err session_refused(struct session_table *t, uint32_t instance, uint32_t result)
{
	enter(t);
	mt_assert(result != TEE_SUCCESS);
	return is_killed(t, instance) ? MT_OK : failed(t, instance, result, TEE_ORIGIN_TEE);
}

/* Another instance of the same TA, whatever it does. */
static bool has_twin(const struct session_table *t, const struct instance *i)
{
	for (size_t n = 0; n < SESSION_INSTANCES_MAX; n++) {
		const struct instance *x = &t->instance[n];
		if (x != i && x->state > INSTANCE_STARTING && mt_equal(mt_bytes(x->uuid, sizeof(x->uuid)), mt_bytes(i->uuid, sizeof(i->uuid)))) {
			return true;
		}
	}
	return false;
}

enum mt_err session_loaded(struct session_table *t, uint32_t instance, uint32_t result, uint32_t flags)
{
	struct instance *i = table_instance(t, instance);

	enter(t);
	if (is_killed(t, instance)) {
		return MT_OK;
	}
	if (result != TEE_SUCCESS) {
		return failed(t, instance, result, TEE_ORIGIN_TRUSTED_APP);
	}
	if (!i || i->state != INSTANCE_STARTING) {
		return MT_MALFORMED;
	}
	i->kill_at = 0;
	i->flags = flags;
	i->flags_known = true;
	instance_move(i, INSTANCE_LIVE);
	if ((flags & TEE_TA_SINGLE_INSTANCE) && has_twin(t, i)) {
		i->flags = TEE_TA_SINGLE_INSTANCE;      /* nothing keeps it alive */
		refuse_all(t, i, TEE_ERROR_BUSY, TEE_ORIGIN_TEE);
	}
	struct session *first = table_waiter(t, instance);
	if (first) {
		place_open(t, first, i);
	}
	/* The others as if they came now: there, refused, or with instances of their own. */
	for (struct session *s = table_waiter(t, instance); s; s = table_waiter(t, instance)) {
		s->instance = 0;
		place(t, s);
	}
	place_release(t, i);
	return MT_OK;
}

/* ---- answers ---- */

/* A session has ended at its instance. */
static void over(struct session_table *t, struct session *s, enum session_action_kind kind, uint32_t result, uint32_t origin)
{
	struct instance *i = table_instance(t, s->instance);

	if (s->ear == EAR_CALLER) {
		answer(t, kind, s, result, origin);
	} else if (s->ear == EAR_DRIVER) {
		const struct session_action a = { .kind = SESSION_FORGET, .session = s->number };
		act(t, &a);
	}
	session_free(s);
	if (i) {
		place_release(t, i);
	}
}

static bool is_origin(uint32_t origin)
{
	return origin >= TEE_ORIGIN_API && origin <= TEE_ORIGIN_TRUSTED_APP;
}

/* What was under way in a session whose caller is gone has ended: now it is closed. */
static void close_orphan(struct session_table *t, struct session *s)
{
	s->kill_at = t->now + SESSION_ANSWER_MS;
	place_close(t, s);
}

enum mt_err session_opened(struct session_table *t, uint32_t instance, uint32_t session, uint32_t result, uint32_t origin)
{
	struct session *s = at(t, instance, session, STATE_OPENING);

	enter(t);
	if (is_killed(t, instance)) {
		return MT_OK;
	}
	if (!s || !is_origin(origin)) {
		return MT_MALFORMED;
	}
	s->cancel_at = 0;
	if (result != TEE_SUCCESS) {
		over(t, s, SESSION_OPEN_DONE, result, origin);
	} else if (s->ear == EAR_CALLER) {
		session_move(s, STATE_IDLE);
		answer(t, SESSION_OPEN_DONE, s, result, origin);
	} else {
		close_orphan(t, s);
	}
	return MT_OK;
}

enum mt_err session_invoked(struct session_table *t, uint32_t instance, uint32_t session, uint32_t result, uint32_t origin)
{
	struct session *s = at(t, instance, session, STATE_BUSY);

	enter(t);
	if (is_killed(t, instance)) {
		return MT_OK;
	}
	if (!s || !is_origin(origin)) {
		return MT_MALFORMED;
	}
	s->cancel_at = 0;
	if (s->ear == EAR_CALLER) {
		session_move(s, STATE_IDLE);
		answer(t, SESSION_INVOKE_DONE, s, result, origin);
	} else {
		close_orphan(t, s);
	}
	return MT_OK;
}

enum mt_err session_closed(struct session_table *t, uint32_t instance, uint32_t session)
{
	struct session *s = at(t, instance, session, STATE_CLOSING);

	enter(t);
	if (is_killed(t, instance)) {
		return MT_OK;
	}
	if (!s) {
		return MT_MALFORMED;
	}
	over(t, s, SESSION_CLOSE_DONE, TEE_SUCCESS, TEE_ORIGIN_TRUSTED_APP);
	return MT_OK;
}

/* ---- the end ---- */

void session_kill(struct session_table *t, uint32_t instance)
{
	struct instance *i = table_instance(t, instance);

	enter(t);
	if (!i || i->state == INSTANCE_KILLED) {
		return;
	}
	/* Not another one for those who wait: it would do the same. */
	if (i->state == INSTANCE_STARTING) {
		refuse_all(t, i, TEE_ERROR_TARGET_DEAD, TEE_ORIGIN_TEE);
	}
	place_kill(t, i);
}

static void die(struct session_table *t, struct session *s, uint32_t panic)
{
	enum session_state was = s->state;

	if (s->ear != EAR_CALLER || was == STATE_OPENING || was == STATE_CLOSING) {
		over(t, s, was == STATE_CLOSING ? SESSION_CLOSE_DONE : SESSION_OPEN_DONE,
		     was == STATE_CLOSING ? TEE_SUCCESS : TEE_ERROR_TARGET_DEAD, TEE_ORIGIN_TEE);
		return;
	}
	mt_assert(was == STATE_IDLE || was == STATE_BUSY);
	session_move(s, STATE_DEAD);
	s->instance = 0;
	s->cancel_at = 0;
	if (was == STATE_BUSY) {
		answer(t, SESSION_INVOKE_DONE, s, TEE_ERROR_TARGET_DEAD, TEE_ORIGIN_TEE);
	} else if (s->caller.client) {
		answer(t, SESSION_DEAD, s, panic, TEE_ORIGIN_TEE);
	}
}

void session_gone(struct session_table *t, uint32_t instance, uint32_t panic)
{
	struct instance *i = table_instance(t, instance);

	enter(t);
	mt_assert(i);
	bool early = i->state == INSTANCE_STARTING;
	instance_move(i, INSTANCE_FREE);
	*i = (struct instance){ .state = INSTANCE_FREE };
	for (size_t n = 0; n < t->sessions; n++) {
		struct session *s = &t->session[n];
		if (s->state != STATE_FREE && s->caller.instance == instance) {
			place_orphan(t, s);
		}
	}
	for (size_t n = 0; n < t->sessions; n++) {
		struct session *s = &t->session[n];
		if (s->state > STATE_WAITING && s->instance == instance) {
			die(t, s, panic);
		}
	}
	/* Who waited for it to be made has lost; who waited for it to be gone gets another one. */
	for (struct session *s = table_waiter(t, instance); s; s = table_waiter(t, instance)) {
		s->instance = 0;
		if (early) {
			place_refuse(t, s, TEE_ERROR_TARGET_DEAD, TEE_ORIGIN_TEE);
		} else {
			place(t, s);
		}
	}
}
