/* What a session waits for: an entry point of the application, and the answer. */
#include "exec/ta/ta_private.h"

#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/uio.h>
#include <unistd.h>

#include "api/tee_api_defines.h"

/* ---- bells ---- */

void bell_ring(int bell)
{
	const uint64_t one = 1;

	/* A full pipe rings already; a closed one has nobody to hear. */
	(void)!write(bell, &one, sizeof(one));
}

void bell_hear(int bell)
{
	uint64_t rings;
	struct iovec to = { .iov_base = &rings, .iov_len = sizeof(rings) };

	/* The client has the same description and can make it a waiting one: this call does not ask it. */
	(void)!preadv2(bell, &to, 1, -1, RWF_NOWAIT);
}

/* Ours to hear and ours to ring; the client's end of the second is *client. */
static bool bells_make(struct ta_session *s, int *client)
{
	int ends[2];

	s->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->bell < 0 || pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
		return false;
	}
	*client = ends[0];
	s->bell_client = ends[1];
	return true;
}

/* ---- entry points ---- */

uint32_t serve_enter(enum ta_entry entry, struct ta_session *s, struct ta_params *params, uint32_t command)
{
	/* The parameters lie at the upper end of the application's stack, which may point to and write to them. */
	uint8_t *top = ta.loaded.stack + ta.loaded.stack_size - sizeof(struct ta_params) - 8;
	struct ta_params *own = (struct ta_params *)(void *)top;
	stack_function *enter = (stack_function *)(void *)(ta.loaded.at + ta.loaded.plan.enter);

	_Static_assert((sizeof(struct ta_params) + 8) % 16 == 0, "the stack begins at a multiple of 16");
	*own = params ? *params : (struct ta_params){ 0 };
	ta.current = s;
	if (s) {
		s->masked = true;               /* GP, 4.10: until the application says otherwise */
	}
	uint32_t result = stack_enter(enter, entry, s ? s->number : 0, own, command, top);

	ta.current = NULL;
	if (params) {
		*params = *own;
	}
	if (s) {
		s->cancelled = false;
		session_regions_end(s);
	}
	return result;
}

/* ---- calls from outside ---- */

static void window_answer(struct ta_session *s, uint32_t result, uint32_t origin)
{
	struct tee_window *w = window_of(s);

	w->result = result;
	w->origin = origin;
	w->processor = (uint32_t)(sched_getcpu() + 1);
	s->answered = s->asked;
	__atomic_store_n(&w->answered, s->asked, __ATOMIC_SEQ_CST);
	if (s->bell_client >= 0 && __atomic_load_n(&w->asleep[TEE_WINDOW_CLIENT], __ATOMIC_SEQ_CST)) {
		bell_ring(s->bell_client);
	}
}

/* One call by a window, whose head is read once. Its result and where that comes from. */
static uint32_t window_call(struct ta_session *s, enum tee_window_function function, uint32_t *origin)
{
	struct tee_window copy;
	struct ta_params params;

	window_read(window_of(s), &copy);
	*origin = TEE_ORIGIN_TEE;
	if (copy.function != function || window_params(s, &copy, &params) != MT_OK) {
		return TEE_ERROR_BAD_PARAMETERS;
	}
	*origin = TEE_ORIGIN_TRUSTED_APP;
	uint32_t result = function == TEE_WINDOW_OPEN ? serve_enter(TA_ENTRY_OPEN, s, &params, 0)
						      : serve_enter(TA_ENTRY_INVOKE, s, &params, copy.command);

	window_give(window_of(s), copy.types, &params);
	return result;
}

bool serve_asked(const struct ta_session *s)
{
	if (s->state != TA_SESSION_OPEN || !s->outside || s->closing) {
		return false;
	}
	const struct tee_window *w = window_of(s);

	/* Regions come by way of core: a call that was asked after one was sent may be here before it. */
	return __atomic_load_n(&w->asked, __ATOMIC_SEQ_CST) != s->answered &&
	       (int32_t)(s->regions - __atomic_load_n(&w->regions, __ATOMIC_RELAXED)) >= 0;
}

static void window_serve(struct ta_session *s)
{
	uint32_t origin = 0;

	s->asked = __atomic_load_n(&window_of(s)->asked, __ATOMIC_SEQ_CST);
	uint32_t result = window_call(s, TEE_WINDOW_INVOKE, &origin);

	window_answer(s, result, origin);
}

static void open_serve(struct ta_session *s)
{
	uint32_t origin = TEE_ORIGIN_TEE, result = TEE_ERROR_OUT_OF_MEMORY;
	int client = -1;

	s->asked = 1;                           /* api/tee_door.h, TEE_DOOR_OPEN */
	if (bells_make(s, &client)) {
		result = window_call(s, TEE_WINDOW_OPEN, &origin);
		window_answer(s, result, origin);
	}
	struct builder b = send_start(TEE_WORKER_OPENED);
	const port_handle bells[2] = { s->bell, client };

	builder_u32(&b, s->number);
	builder_u32(&b, result);
	builder_u32(&b, origin);
	s->state = TA_SESSION_OPEN;
	if (result != TEE_SUCCESS) {
		session_end(s);
		send_core(&b, NULL, 0);
	} else {
		send_core(&b, bells, MT_COUNT(bells));
	}
	memory_close(client);
}

/* ---- calls of other applications ---- */

static void message_serve(struct ta_session *s)
{
	bool opening = s->state == TA_SESSION_OPENING;
	struct cursor c = cursor_over(mt_bytes(s->message, s->message_size));
	uint32_t command = opening ? 0 : cursor_u32(&c), origin = TEE_ORIGIN_TEE, result = TEE_ERROR_BAD_PARAMETERS;
	struct ta_params before = { 0 }, params = { 0 };
	enum mt_err err = params_take(&c, ta.space, &before);

	mt_wipe(s->message, s->message_size);
	mt_free(s->message);
	s->message = NULL;
	if (!err) {
		params = before;
		origin = TEE_ORIGIN_TRUSTED_APP;
		result = serve_enter(opening ? TA_ENTRY_OPEN : TA_ENTRY_INVOKE, s, &params, command);
	}
	struct builder b = send_start(TEE_WORKER_ANSWER);

	builder_u32(&b, s->number);
	builder_u32(&b, result);
	builder_u32(&b, origin);
	params_give(&b, &before, &params);
	mt_wipe(ta.space, PARAMS_SPACE);
	s->state = TA_SESSION_OPEN;
	if (opening && result != TEE_SUCCESS) {
		session_end(s);
	}
	send_core(&b, NULL, 0);
}

static void close_serve(struct ta_session *s)
{
	uint32_t number = s->number;

	(void)serve_enter(TA_ENTRY_CLOSE, s, NULL, 0);
	session_end(s);
	struct builder b = send_start(TEE_WORKER_CLOSED);

	builder_u32(&b, number);
	send_core(&b, NULL, 0);
}

static bool session_serve(struct ta_session *s)
{
	if (s->state == TA_SESSION_OPENING && s->outside) {
		open_serve(s);
	} else if (s->message) {
		message_serve(s);
	} else if (s->state == TA_SESSION_OPEN && s->closing) {
		close_serve(s);
	} else if (serve_asked(s)) {
		window_serve(s);
	} else {
		return false;
	}
	return true;
}

bool serve_one(void)
{
	/* Each in its turn, so that a busy client is not the only one. */
	static size_t next;

	for (size_t i = 0; i < TEE_WORKER_SESSIONS_MAX; i++) {
		size_t at = (next + i) % TEE_WORKER_SESSIONS_MAX;

		if (ta.session[at].state != TA_SESSION_FREE && session_serve(&ta.session[at])) {
			next = at + 1;
			return true;
		}
	}
	return false;
}
