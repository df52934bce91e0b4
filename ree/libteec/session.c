/* Contexts, sessions and calls. */
#include "ree/libteec/libteec.h"

#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "api/tee_door.h"

/* As long as a TA of little work takes, which a sleep and a wake would cost as well. */
#define LOOK_NS 50000u
#define LOOK_LEAST_NS 2000u

/* ---- contexts ---- */

static const char *path_of(const char *name)
{
	if (!name) {
		name = secure_getenv(TEE_DOOR_VARIABLE);
		name = name ? name : TEE_DOOR_PATH;
	}
	if (strncmp(name, "unix:", 5) == 0) {
		return name + 5;
	}
	return name[0] == '/' ? name : NULL;
}

static TEEC_Result result_of(enum mt_err err)
{
	switch (err) {
	case MT_OK:
		return TEEC_SUCCESS;
	case MT_NOT_FOUND:
		return TEEC_ERROR_ITEM_NOT_FOUND;
	case MT_NO_MEMORY:
	case MT_LIMIT:
		return TEEC_ERROR_OUT_OF_MEMORY;
	default:
		return TEEC_ERROR_COMMUNICATION;
	}
}

TEEC_Result TEEC_InitializeContext(const char *name, TEEC_Context *context)
{
	int socket = -1;

	if (!context) {
		return TEEC_ERROR_BAD_PARAMETERS;
	}
	if (name && strncmp(name, "https:", 6) == 0) {
		return TEEC_ERROR_NOT_SUPPORTED;
	}
	const char *path = path_of(name);
	enum mt_err err = path ? control_connect(path, &socket) : MT_NOT_FOUND;

	if (err) {
		return result_of(err);
	}
	struct libteec_context *c = mt_alloc(sizeof(*c));

	if (c) {
		*c = (struct libteec_context){ .socket = socket };
		pthread_mutex_init(&c->lock, NULL);
		pthread_cond_init(&c->turn, NULL);
	}
	*context = (TEEC_Context){ .imp = { .fd = socket, .memref_null = true } };
	if (!c || !table_context_add(c, &context->imp.entry)) {
		close(socket);
		mt_free(c);
		return TEEC_ERROR_OUT_OF_MEMORY;
	}
	return TEEC_SUCCESS;
}

void TEEC_FinalizeContext(TEEC_Context *context)
{
	struct libteec_context *c = context ? table_context(context) : NULL;

	if (!c) {
		return;
	}
	table_context_remove(context->imp.entry);
	close(c->socket);
	pthread_cond_destroy(&c->turn);
	pthread_mutex_destroy(&c->lock);
	mt_free(c);
	context->imp.fd = -1;
	context->imp.entry = LIBTEEC_CONTEXTS_MAX;
}

/* ---- the session's own ---- */

static struct libteec_session *session_make(struct libteec_context *c, size_t room)
{
	struct libteec_session *s = mt_alloc(sizeof(*s));

	if (!s) {
		return NULL;
	}
	*s = (struct libteec_session){ .context = c, .spill = { .fd = -1 }, .bell = -1, .heard = -1, .look_ns = LOOK_NS };
	if (!block_make(TEE_WINDOW_HEAD + (room > LIBTEEC_WINDOW_ROOM ? room : LIBTEEC_WINDOW_ROOM), &s->window)) {
		mt_free(s);
		return NULL;
	}
	pthread_mutex_init(&s->call, NULL);
	pthread_mutex_init(&s->sharing, NULL);
	return s;
}

static void session_free(struct libteec_session *s)
{
	block_end(&s->window);
	block_end(&s->spill);
	if (s->bell >= 0) {
		close(s->bell);
		close(s->heard);
	}
	pthread_mutex_destroy(&s->call);
	pthread_mutex_destroy(&s->sharing);
	mt_free(s);
}

/* ---- cancellation ---- */

/* Protects imp.session of operations, and that a session stays while it is cancelled. */
static pthread_mutex_t cancelling = PTHREAD_MUTEX_INITIALIZER;

static void operation_set(TEEC_Operation *operation, TEEC_Session *session)
{
	if (!operation) {
		return;
	}
	pthread_mutex_lock(&cancelling);
	operation->imp.session = session;
	__atomic_store_n(&operation->started, 1, __ATOMIC_RELEASE);
	pthread_mutex_unlock(&cancelling);
}

/* True: the TA sleeps and is being woken. */
static bool ring(const struct libteec_session *s)
{
	const uint64_t one = 1;

	if (s->bell < 0 || !__atomic_load_n(&session_window(s)->asleep[TEE_WINDOW_TA], __ATOMIC_SEQ_CST)) {
		return false;
	}
	(void)!write(s->bell, &one, sizeof(one));
	return true;
}

void TEEC_RequestCancellation(TEEC_Operation *operation)
{
	if (!operation || !__atomic_load_n(&operation->started, __ATOMIC_ACQUIRE)) {
		return;
	}
	pthread_mutex_lock(&cancelling);
	struct libteec_session *s = operation->imp.session ? table_session(operation->imp.session) : NULL;

	if (s) {
		__atomic_store_n(&session_window(s)->cancel, __atomic_load_n(&s->asked, __ATOMIC_SEQ_CST), __ATOMIC_SEQ_CST);
		(void)ring(s);
	}
	pthread_mutex_unlock(&cancelling);
}

/* ---- calls ---- */

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static bool answered(const struct libteec_session *s)
{
	return __atomic_load_n(&session_window(s)->answered, __ATOMIC_SEQ_CST) == s->asked;
}

/* With one processor, looking keeps the TA from answering. */
static bool alone(void)
{
	static int known;       /* 0: not yet; both ways to know come to the same */
	int is = __atomic_load_n(&known, __ATOMIC_RELAXED);

	if (!is) {
		cpu_set_t set;

		is = sched_getaffinity(0, sizeof(set), &set) == 0 && CPU_COUNT(&set) > 1 ? 1 : 2;
		__atomic_store_n(&known, is, __ATOMIC_RELAXED);
	}
	return is == 2;
}

/* The TA cannot answer from where this looks for its answer. */
static bool in_its_way(const struct libteec_session *s)
{
	return __atomic_load_n(&session_window(s)->processor, __ATOMIC_RELAXED) == (uint32_t)(sched_getcpu() + 1);
}

static bool look(const struct libteec_session *s)
{
	uint64_t until = now_ns() + s->look_ns;

	do {
		for (size_t i = 0; i < 16; i++) {
			if (answered(s)) {
				return true;
			}
			__builtin_ia32_pause();
		}
	} while (now_ns() < until && !in_its_way(s));
	return false;
}

/* TEEC_SUCCESS: the TA has answered. Else it never will. */
static TEEC_Result sleep_until(const struct libteec_session *s)
{
	uint32_t *asleep = &session_window(s)->asleep[TEE_WINDOW_CLIENT];
	TEEC_Result result = TEEC_SUCCESS;

	__atomic_store_n(asleep, 1, __ATOMIC_SEQ_CST);
	while (!answered(s)) {
		/* Of the socket only its end is of interest here: messages are for who waits for them. */
		struct pollfd p[2] = { { .fd = s->heard, .events = POLLIN }, { .fd = s->context->socket } };
		uint8_t rings[256];

		(void)poll(p, 2, -1);
		if (p[0].revents & POLLIN) {
			(void)!read(s->heard, rings, sizeof(rings));
		} else if ((p[0].revents | p[1].revents) & (POLLHUP | POLLERR | POLLNVAL)) {
			/* What it had answered before its end counts. */
			result = answered(s) ? TEEC_SUCCESS : p[0].revents ? TEEC_ERROR_TARGET_DEAD : TEEC_ERROR_COMMUNICATION;
			break;
		}
	}
	__atomic_store_n(asleep, 0, __ATOMIC_SEQ_CST);
	return result;
}

/* Who has been woken is best left a processor: the scheduler often gives him this one. */
static TEEC_Result answer_wait(struct libteec_session *s, bool woken)
{
	uint64_t start = now_ns();

	if (!woken && !alone() && s->look_ns >= LOOK_LEAST_NS && look(s)) {
		return TEEC_SUCCESS;
	}
	TEEC_Result result = sleep_until(s);

	/* It was in vain: half as long, until an answer comes that soon again. */
	s->look_ns = now_ns() - start < 2 * LOOK_NS ? LOOK_NS : s->look_ns / 2;
	return result;
}

static void ask(struct libteec_session *s, enum tee_window_function function, uint32_t command)
{
	struct tee_window *w = session_window(s);

	w->function = function;
	w->command = command;
	pthread_mutex_lock(&s->sharing);
	__atomic_store_n(&w->regions, s->regions, __ATOMIC_RELAXED);
	pthread_mutex_unlock(&s->sharing);
	__atomic_store_n(&s->asked, s->asked + 1, __ATOMIC_SEQ_CST);
	__atomic_store_n(&w->asked, s->asked, __ATOMIC_SEQ_CST);
}

static TEEC_Result invoke(struct libteec_session *s, uint32_t command, struct libteec_uses *uses, uint32_t *origin)
{
	const struct tee_window *w = session_window(s);
	TEEC_Result result;

	if (s->dead) {
		*origin = TEEC_ORIGIN_TEE;
		return TEEC_ERROR_TARGET_DEAD;
	}
	result = params_write(s, uses, false);
	if (result) {
		return result;
	}
	ask(s, TEE_WINDOW_INVOKE, command);
	result = answer_wait(s, ring(s));
	if (result) {
		s->dead = true;
		*origin = result == TEEC_ERROR_TARGET_DEAD ? TEEC_ORIGIN_TEE : TEEC_ORIGIN_COMMS;
		return result;
	}
	result = __atomic_load_n(&w->result, __ATOMIC_RELAXED);
	*origin = __atomic_load_n(&w->origin, __ATOMIC_RELAXED);
	params_back(s, uses);
	return result;
}

TEEC_Result TEEC_InvokeCommand(TEEC_Session *session, uint32_t commandID, TEEC_Operation *operation, uint32_t *returnOrigin)
{
	struct libteec_session *s = session ? table_session(session) : NULL;
	struct libteec_uses uses;
	uint32_t origin = TEEC_ORIGIN_API;
	TEEC_Result result = s ? params_read(operation, &uses) : TEEC_ERROR_BAD_PARAMETERS;

	if (!result) {
		pthread_mutex_lock(&s->call);
		operation_set(operation, session);
		result = invoke(s, commandID, &uses, &origin);
		operation_set(operation, NULL);
		pthread_mutex_unlock(&s->call);
	}
	if (returnOrigin) {
		*returnOrigin = origin;
	}
	return result;
}

/* ---- opening and closing ---- */

static bool login_read(uint32_t method, const void *data, uint32_t *group)
{
	bool has_group = method == TEEC_LOGIN_GROUP || method == TEEC_LOGIN_GROUP_APPLICATION;

	*group = 0;
	if (has_group && data) {
		memcpy(group, data, sizeof(*group));
	}
	return (data != NULL) == has_group &&
	       (has_group || method == TEEC_LOGIN_PUBLIC || method == TEEC_LOGIN_USER || method == TEEC_LOGIN_APPLICATION ||
		method == TEEC_LOGIN_USER_APPLICATION);
}

static struct bytes open_message(struct builder *b, const TEEC_UUID *uuid, uint32_t request, uint32_t login, uint32_t group, size_t size)
{
	struct bytes made = { 0 };

	builder_u8(b, TEE_DOOR_OPEN);
	builder_u32(b, request);
	builder_u32(b, uuid->timeLow);
	builder_u16(b, uuid->timeMid);
	builder_u16(b, uuid->timeHiAndVersion);
	builder_bytes(b, mt_bytes(uuid->clockSeqAndNode, sizeof(uuid->clockSeqAndNode)));
	builder_u32(b, login);
	builder_u32(b, group);
	builder_u64(b, size);
	mt_assert(builder_done(b, &made) == MT_OK);
	return made;
}

/* The exchange at the door; with TEEC_SUCCESS the session is open. */
static TEEC_Result open_ask(struct libteec_session *s, const TEEC_UUID *uuid, uint32_t login, uint32_t group, uint32_t *origin)
{
	struct libteec_pending p = { .type = TEE_DOOR_OPENED };
	uint8_t space[TEE_DOOR_MESSAGE_MAX];
	struct builder b = builder_over(space, sizeof(space));

	control_expect(s->context, &p);
	bool sent = control_send(s->context, open_message(&b, uuid, p.number, login, group, s->window.size), s->window.fd) == MT_OK;

	*origin = TEEC_ORIGIN_COMMS;
	if (!sent) {
		/* Nothing will come; whoever reads is told so by the kernel as well. */
		pthread_mutex_lock(&s->context->lock);
		s->context->gone = true;
		pthread_mutex_unlock(&s->context->lock);
	}
	if (!control_wait(s->context, &p) || (p.result == TEEC_SUCCESS && p.bell[0] < 0)) {
		return TEEC_ERROR_COMMUNICATION;
	}
	*origin = p.origin;
	if (p.result == TEEC_SUCCESS) {
		pthread_mutex_lock(&cancelling);
		s->number = p.session;
		s->bell = p.bell[0];
		s->heard = p.bell[1];
		pthread_mutex_unlock(&cancelling);
	} else if (p.bell[0] >= 0) {
		close(p.bell[0]);
		close(p.bell[1]);
	}
	return p.result;
}

static TEEC_Result open_with(struct libteec_session *s, const TEEC_UUID *uuid, uint32_t login, uint32_t group, struct libteec_uses *uses,
			     uint32_t *origin)
{
	TEEC_Result result = params_write(s, uses, true);

	if (result) {
		return result;
	}
	ask(s, TEE_WINDOW_OPEN, 0);
	result = open_ask(s, uuid, login, group, origin);
	if (*origin == TEEC_ORIGIN_TRUSTED_APP) {
		params_back(s, uses);
	}
	return result;
}

TEEC_Result TEEC_OpenSession(TEEC_Context *context, TEEC_Session *session, const TEEC_UUID *destination, uint32_t connectionMethod,
			     const void *connectionData, TEEC_Operation *operation, uint32_t *returnOrigin)
{
	struct libteec_context *c = context ? table_context(context) : NULL;
	struct libteec_uses uses;
	uint32_t origin = TEEC_ORIGIN_API, group;
	size_t room;
	TEEC_Result result = TEEC_ERROR_BAD_PARAMETERS;
	struct libteec_session *s = NULL;

	if (c && session && destination && login_read(connectionMethod, connectionData, &group)) {
		result = params_read(operation, &uses);
	}
	if (!result) {
		s = params_room(&uses, &room) ? session_make(c, room + 4 * 64) : NULL;
		result = s && table_session_add(s, &session->imp.entry) ? TEEC_SUCCESS : TEEC_ERROR_OUT_OF_MEMORY;
	}
	if (!result) {
		session->imp.ctx = context;
		operation_set(operation, session);
		result = open_with(s, destination, connectionMethod, group, &uses, &origin);
		operation_set(operation, NULL);
		session->imp.session_id = s->number;
		if (result) {
			table_session_remove(session->imp.entry);
		}
	}
	if (s && result) {
		session_free(s);
		session->imp.entry = LIBTEEC_SESSIONS_MAX;
	}
	if (returnOrigin) {
		*returnOrigin = origin;
	}
	return result;
}

void TEEC_CloseSession(TEEC_Session *session)
{
	struct libteec_session *s = session ? table_session(session) : NULL;

	if (!s) {
		return;
	}
	struct libteec_pending p = { .type = TEE_DOOR_CLOSED, .number = s->number };
	uint8_t space[8];
	struct builder b = builder_over(space, sizeof(space));
	struct bytes made = { 0 };

	table_session_remove(session->imp.entry);
	session->imp.entry = LIBTEEC_SESSIONS_MAX;
	builder_u8(&b, TEE_DOOR_CLOSE);
	builder_u32(&b, s->number);
	mt_assert(builder_done(&b, &made) == MT_OK);
	control_expect(s->context, &p);
	if (control_send(s->context, made, -1) != MT_OK) {
		pthread_mutex_lock(&s->context->lock);
		s->context->gone = true;
		pthread_mutex_unlock(&s->context->lock);
	}
	(void)!control_wait(s->context, &p);
	session_free(s);
}
