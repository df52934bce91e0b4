#include "test/session_model.h"

#include <string.h>

#include "api/tee_api_defines.h"
#include "tee/session/session_private.h"

static struct model_session *session_of(struct session_model *m, uint32_t number)
{
	for (size_t i = 0; i < m->sessions; i++) {
		if (m->session[i].number == number) {
			return &m->session[i];
		}
	}
	return NULL;
}

static struct model_instance *instance_of(struct session_model *m, uint32_t number)
{
	for (size_t i = 0; number && i < m->instances; i++) {
		if (m->instance[i].number == number) {
			return &m->instance[i];
		}
	}
	return NULL;
}

static struct model_session *session_add(struct session_model *m, uint32_t number, struct session_caller caller)
{
	size_t i = 0;

	mt_assert(number && !session_of(m, number));
	while (i < m->sessions && m->session[i].number) {
		i++;
	}
	mt_assert(i < MODEL_SESSIONS);
	m->sessions = i < m->sessions ? m->sessions : i + 1;
	m->session[i] = (struct model_session){ .number = number, .caller = caller, .asked = WORK_OPEN };
	return &m->session[i];
}

static void session_end(struct session_model *m, struct model_session *s)
{
	*s = (struct model_session){ 0 };
	while (m->sessions && !m->session[m->sessions - 1].number) {
		m->sessions--;
	}
}

/* ---- what the table wants done ---- */

static size_t held(const struct session_model *m, uint32_t instance)
{
	size_t count = 0;

	for (size_t i = 0; i < m->sessions; i++) {
		count += m->session[i].number && m->session[i].at == instance;
	}
	return count;
}

static void on_start(struct session_model *m, const struct session_action *a)
{
	bool single = false, several = false;
	size_t i = 0;

	mt_assert(a->instance && !instance_of(m, a->instance));
	/* Beside one that says it is the only one there is none, unless others have said that there may be. */
	for (size_t n = 0; n < m->instances; n++) {
		const struct model_instance *x = &m->instance[n];
		if (x->number && x->letter == a->uuid[0] && x->loaded) {
			single = single || (x->flags & TEE_TA_SINGLE_INSTANCE);
			several = several || !(x->flags & TEE_TA_SINGLE_INSTANCE);
		}
	}
	mt_assert(!single || several);
	while (i < m->instances && m->instance[i].number) {
		i++;
	}
	mt_assert(i < MODEL_INSTANCES);
	m->instances = i < m->instances ? m->instances : i + 1;
	m->instance[i] = (struct model_instance){ .number = a->instance, .letter = a->uuid[0] };
}

/* Does `from` wait for `to`, by what instances were asked? */
static bool reaches(struct session_model *m, uint32_t from, uint32_t to)
{
	for (size_t hop = 0; from && hop <= MODEL_INSTANCES; hop++) {
		const struct model_instance *i = instance_of(m, from);
		const struct model_session *s = i && i->asks ? session_of(m, i->asks) : NULL;
		const struct session *waiting = s && !s->at ? table_session(m->table, s->number) : NULL;
		from = waiting ? waiting->instance : s ? s->at : 0;
		if (from == to) {
			return from != 0;
		}
	}
	return false;
}

static void on_work(struct session_model *m, const struct session_action *a)
{
	const struct model_instance *i = instance_of(m, a->instance);
	struct model_session *s = session_of(m, a->session);

	mt_assert(i && s && i->loaded && !i->killed && !i->ending);
	if (a->kind == SESSION_OPEN) {
		bool shared = (i->flags & TEE_TA_SINGLE_INSTANCE) && (i->flags & TEE_TA_MULTI_SESSION);
		mt_assert(s->at == 0 && s->asked == WORK_OPEN && !s->open && held(m, i->number) < (shared ? TEE_WORKER_SESSIONS_MAX : 1));
		s->at = i->number;
		s->work = WORK_OPEN;
	} else if (a->kind == SESSION_INVOKE) {
		mt_assert(s->at == i->number && s->asked == WORK_INVOKE && s->work == WORK_NONE && s->open);
		s->work = WORK_INVOKE;
	} else if (a->kind == SESSION_CLOSE) {
		/* asked, or nobody is left who could */
		mt_assert(s->at == i->number && s->work == WORK_NONE && s->open);
		mt_assert(s->asked == WORK_CLOSE || s->caller.client + s->caller.instance == 0);
		s->work = WORK_CLOSE;
	} else {
		mt_assert(s->at == i->number && (s->work == WORK_OPEN || s->work == WORK_INVOKE));
	}
	if (s->caller.instance && s->asked) {
		mt_assert(!reaches(m, s->caller.instance, s->caller.instance));
	}
}

static void on_answer(struct session_model *m, const struct session_action *a)
{
	static const enum model_work of[] = { [SESSION_OPEN_DONE] = WORK_OPEN, [SESSION_INVOKE_DONE] = WORK_INVOKE, [SESSION_CLOSE_DONE] = WORK_CLOSE };
	struct model_session *s = session_of(m, a->session);
	struct model_instance *caller;

	mt_assert(s && s->asked == of[a->kind] && s->caller.client == a->caller.client && s->caller.instance == a->caller.instance);
	mt_assert(a->origin >= TEE_ORIGIN_API && a->origin <= TEE_ORIGIN_TRUSTED_APP);
	mt_assert(!a->caller.instance || instance_of(m, a->caller.instance));
	caller = instance_of(m, s->caller.instance);
	if (caller) {
		mt_assert(caller->asks == s->number);
		caller->asks = 0;
	}
	s->asked = WORK_NONE;
	if (a->kind == SESSION_OPEN_DONE && a->result == TEE_SUCCESS) {
		mt_assert(s->at && s->open && s->work == WORK_NONE);
	} else if (a->kind == SESSION_OPEN_DONE) {
		mt_assert(!s->open && s->work == WORK_NONE);
		session_end(m, s);
	} else if (a->kind == SESSION_INVOKE_DONE) {
		mt_assert(s->work == WORK_NONE);
	} else if (s->at && s->work == WORK_NONE && s->open) {
		/* Answered before, and the closing follows: who closes would have waited for itself. */
		mt_assert(reaches(m, s->at, s->caller.instance));
		s->caller = (struct session_caller){ 0 };
	} else {
		session_end(m, s);
	}
}

static void on_action(struct session_model *m, const struct session_action *a)
{
	struct model_instance *i = instance_of(m, a->instance);
	struct model_session *s = session_of(m, a->session);

	switch (a->kind) {
	case SESSION_START:
		on_start(m, a);
		break;
	case SESSION_OPEN: case SESSION_INVOKE: case SESSION_CANCEL: case SESSION_CLOSE:
		on_work(m, a);
		break;
	case SESSION_END:
		mt_assert(i && i->loaded && !i->killed && !i->ending && held(m, i->number) == 0);
		i->ending = true;
		break;
	case SESSION_KILL:
		mt_assert(i && !i->killed);
		i->killed = true;
		break;
	case SESSION_OPEN_DONE: case SESSION_INVOKE_DONE: case SESSION_CLOSE_DONE:
		on_answer(m, a);
		break;
	case SESSION_DEAD:
		mt_assert(s && a->caller.client && s->caller.client == a->caller.client && s->dead && s->at == 0);
		break;
	case SESSION_FORGET:
		mt_assert(s && s->caller.client == 0 && s->caller.instance == 0 && s->work == WORK_NONE);
		session_end(m, s);
		break;
	default:
		mt_assert(false);
	}
}

static void carry(struct session_model *m)
{
	struct session_action a;

	while (session_action(m->table, &a)) {
		on_action(m, &a);
	}
	for (size_t n = 0; n < m->instances; n++) {
		const struct model_instance *i = &m->instance[n];
		bool stays = (i->flags & TEE_TA_SINGLE_INSTANCE) && (i->flags & TEE_TA_KEEP_ALIVE);
		mt_assert(!i->number || !i->loaded || i->ending || i->killed || stays || held(m, i->number) > 0);
	}
}

/* ---- events ---- */

void model_begin(struct session_model *m, struct session_caller caller, uint8_t letter, uint32_t timeout_ms)
{
	const uint8_t uuid[SESSION_UUID_SIZE] = { letter };
	const struct session_identity identity = { .login = TEE_LOGIN_TRUSTED_APP };
	struct model_instance *asking = instance_of(m, caller.instance);
	uint32_t number = 0;
	enum mt_err err = session_begin(m->table, caller, uuid, &identity, timeout_ms, &number);

	mt_assert(!asking || (err == MT_NOT_FOUND) == asking->killed);
	mt_assert(!asking || asking->killed || (err == MT_STATE) == (asking->asks != 0));
	if (!err) {
		(void)session_add(m, number, caller);
		if (asking) {
			asking->asks = number;
		}
	}
	carry(m);
}

void model_invoke(struct session_model *m, uint32_t instance, struct model_session *s, uint32_t timeout_ms)
{
	struct model_instance *asking = instance_of(m, instance);
	bool may = asking && !asking->killed && s->caller.instance == instance;
	enum mt_err err = session_invoke(m->table, instance, s->number, timeout_ms);

	mt_assert(!err == (may && !asking->asks));
	if (!err) {
		s->asked = WORK_INVOKE;
		asking->asks = s->number;
	}
	carry(m);
}

void model_close(struct session_model *m, struct session_caller caller, struct model_session *s)
{
	struct model_instance *asking = instance_of(m, caller.instance);
	bool own = s->caller.client == caller.client && s->caller.instance == caller.instance;
	bool may = own && s->asked == WORK_NONE && (!caller.instance || (asking && !asking->killed && !asking->asks));
	enum mt_err err = session_close(m->table, caller, s->number);

	mt_assert(!err == may);
	if (!err) {
		s->asked = WORK_CLOSE;
		if (asking) {
			asking->asks = s->number;
		}
	}
	carry(m);
}

static void orphan(struct model_session *s)
{
	s->caller = (struct session_caller){ 0 };
	s->asked = WORK_NONE;
}

void model_client_gone(struct session_model *m, size_t client)
{
	for (size_t i = 0; i < m->sessions; i++) {
		if (m->session[i].number && m->session[i].caller.client == m->client[client]) {
			orphan(&m->session[i]);
		}
	}
	session_client_gone(m->table, m->client[client]);
	m->client[client] = 0;
	carry(m);
}

void model_loaded(struct session_model *m, struct model_instance *i, uint32_t result, uint32_t flags, bool refused)
{
	bool fits = !i->loaded && !i->failed;
	bool killed = i->killed;
	bool twin = false;

	for (size_t n = 0; n < m->instances; n++) {
		const struct model_instance *x = &m->instance[n];
		twin = twin || (x != i && x->number && x->letter == i->letter && (x->loaded || x->failed || x->killed));
	}
	if (fits && !killed) {
		i->loaded = result == TEE_SUCCESS;
		i->failed = !i->loaded;
		/* The only one beside another is ended, whatever it says of staying. */
		i->flags = twin && (flags & TEE_TA_SINGLE_INSTANCE) ? TEE_TA_SINGLE_INSTANCE : flags;
	}
	enum mt_err err = refused ? session_refused(m->table, i->number, result) : session_loaded(m->table, i->number, result, flags);
	mt_assert(err == (fits || killed ? MT_OK : MT_MALFORMED));
	carry(m);
}

void model_answer(struct session_model *m, struct model_instance *i, struct model_session *s, enum model_work work, uint32_t result)
{
	bool fits = s->at == i->number && s->work == work && !i->killed;
	enum mt_err err;

	if (fits) {
		s->work = WORK_NONE;
		s->open = work == WORK_INVOKE || (work == WORK_OPEN && result == TEE_SUCCESS);
		s->at = s->open ? s->at : 0;
	}
	if (work == WORK_OPEN) {
		err = session_opened(m->table, i->number, s->number, result, TEE_ORIGIN_TRUSTED_APP);
	} else if (work == WORK_INVOKE) {
		err = session_invoked(m->table, i->number, s->number, result, TEE_ORIGIN_TRUSTED_APP);
	} else {
		err = session_closed(m->table, i->number, s->number);
	}
	mt_assert(err == (fits || i->killed ? MT_OK : MT_MALFORMED));
	/* What nobody hears of any more ends without a word. */
	if (fits && work == WORK_CLOSE && !table_session(m->table, s->number) && s->caller.client + s->caller.instance == 0) {
		struct session_action a;
		bool forgotten = false;
		while (session_action(m->table, &a)) {
			forgotten = forgotten || (a.kind == SESSION_FORGET && a.session == s->number);
			if (!(a.kind == SESSION_FORGET && a.session == s->number)) {
				on_action(m, &a);
			}
		}
		session_end(m, s);
	}
	carry(m);
}

void model_kill(struct session_model *m, struct model_instance *i)
{
	session_kill(m->table, i->number);
	carry(m);
	mt_assert(i->killed);
}

void model_gone(struct session_model *m, struct model_instance *i, uint32_t panic)
{
	uint32_t number = i->number;

	*i = (struct model_instance){ 0 };
	while (m->instances && !m->instance[m->instances - 1].number) {
		m->instances--;
	}
	for (size_t n = 0; n < m->sessions; n++) {
		struct model_session *s = &m->session[n];
		if (s->number && s->caller.instance == number) {
			orphan(s);
		}
		if (s->number && s->at == number) {
			s->at = 0;
			s->work = WORK_NONE;
			s->dead = s->open;
			s->open = false;
		}
	}
	session_gone(m->table, number, panic);
	carry(m);
	for (size_t n = 0; n < m->sessions; n++) {
		struct model_session *s = &m->session[n];
		if (s->number && s->dead && s->caller.client + s->caller.instance == 0 && !table_session(m->table, s->number)) {
			session_end(m, s);      /* closed for its caller before */
		}
	}
}

void model_tick(struct session_model *m, uint32_t ms)
{
	m->now += ms;
	session_tick(m->table, m->now);
	carry(m);
}

/* ---- to the end ---- */

/* One thing that an instance does which waits for nothing. False: it has nothing to do. */
static bool work_once(struct session_model *m, struct model_instance *i)
{
	if (i->killed || ((i->failed || i->ending) && !i->asks)) {
		model_gone(m, i, 0);
		return true;
	}
	if (i->asks) {
		return false;
	}
	if (!i->loaded) {
		model_loaded(m, i, TEE_SUCCESS, i->letter % 2 ? TEE_TA_SINGLE_INSTANCE | TEE_TA_MULTI_SESSION : 0, false);
		return true;
	}
	for (size_t n = 0; n < m->sessions; n++) {
		struct model_session *s = &m->session[n];
		if (s->number && s->at == i->number && s->work) {
			model_answer(m, i, s, s->work, TEE_SUCCESS);
			return true;
		}
	}
	return false;
}

void model_settle(struct session_model *m)
{
	bool more = true;

	while (more) {
		more = false;
		for (size_t n = 0; n < m->instances; n++) {
			if (m->instance[n].number) {
				more = work_once(m, &m->instance[n]) || more;
			}
		}
	}
	for (size_t n = 0; n < m->sessions; n++) {
		mt_assert(!m->session[n].number || (m->session[n].asked == WORK_NONE && m->session[n].work == WORK_NONE));
	}
	for (size_t n = 0; n < m->instances; n++) {
		mt_assert(!m->instance[n].number || (!m->instance[n].asks && m->instance[n].loaded));
	}
}

void model_end(struct session_model *m)
{
	for (size_t i = 0; i < MODEL_CLIENTS; i++) {
		if (m->client[i]) {
			model_client_gone(m, i);
		}
	}
	model_settle(m);
	/* What is left is needed by another TA, or stays. */
	for (size_t n = 0; n < m->sessions; n++) {
		mt_assert(!m->session[n].number || m->session[n].caller.instance);
	}
	while (m->instances) {
		model_gone(m, &m->instance[m->instances - 1], 0);
	}
	mt_assert(m->sessions == 0 && m->table->sessions == 0);
	for (size_t n = 0; n < SESSION_INSTANCES_MAX; n++) {
		mt_assert(m->table->instance[n].state == INSTANCE_FREE);
	}
}
