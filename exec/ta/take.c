/*
 * Core's messages. They come at any time, also while the application waits for the answer to a system call, so nothing happens here but that the state
 * of a session changes: what is to be done is found there later, and no queue is needed.
 */
#include "exec/ta/ta_private.h"

#include <unistd.h>

#include "api/tee_api_defines.h"

_Noreturn void take_nonsense(void)
{
	_exit(TA_EXIT_CORE);
}

struct ta_session *session_find(uint32_t number)
{
	for (size_t i = 0; i < TEE_WORKER_SESSIONS_MAX; i++) {
		if (ta.session[i].state != TA_SESSION_FREE && ta.session[i].number == number) {
			return &ta.session[i];
		}
	}
	return NULL;
}

/* NULL: there are as many as may be. */
static struct ta_session *session_new(uint32_t number)
{
	if (number == 0 || session_find(number)) {
		take_nonsense();
	}
	for (size_t i = 0; i < TEE_WORKER_SESSIONS_MAX; i++) {
		if (ta.session[i].state == TA_SESSION_FREE) {
			ta.session[i] = (struct ta_session){ .state = TA_SESSION_OPENING, .number = number, .bell = -1, .bell_client = -1 };
			return &ta.session[i];
		}
	}
	return NULL;
}

void session_end(struct ta_session *s)
{
	for (size_t i = 0; i <= TEE_WINDOW_REGIONS_MAX; i++) {
		region_unmap(&s->region[i]);
	}
	memory_close(s->bell);
	memory_close(s->bell_client);
	if (s->message) {
		mt_wipe(s->message, s->message_size);
		mt_free(s->message);
	}
	*s = (struct ta_session){ 0 };
}

void session_regions_end(struct ta_session *s)
{
	for (size_t i = 1; i <= TEE_WINDOW_REGIONS_MAX; i++) {
		if (s->region[i].ending) {
			region_unmap(&s->region[i]);
		}
	}
}

/* An answer that is not the application's. */
static void refuse(enum tee_worker_type type, uint32_t session, uint32_t result)
{
	struct builder b = send_start(type);

	builder_u32(&b, session);
	builder_u32(&b, result);
	builder_u32(&b, TEE_ORIGIN_TEE);
	if (type == TEE_WORKER_ANSWER) {
		builder_u32(&b, 0);
	}
	send_core(&b, NULL, 0);
}

static void open_take(struct cursor *c, const struct message *m)
{
	uint32_t number = cursor_u32(c);
	uint8_t identity[4 + TA_UUID_SIZE];

	cursor_copy(c, identity, sizeof(identity));
	uint64_t size = cursor_u64(c);

	if (!cursor_done(c) || m->handle_count != 1) {
		take_nonsense();
	}
	struct ta_session *s = session_new(number);

	if (!s) {
		refuse(TEE_WORKER_OPENED, number, TEE_ERROR_BUSY);
		return;
	}
	enum mt_err err = region_map(m->handle[0], size, TEE_WINDOW_HEAD, &s->region[0]);

	s->outside = true;
	if (err) {
		session_end(s);
		refuse(TEE_WORKER_OPENED, number, err == MT_NO_MEMORY ? TEE_ERROR_OUT_OF_MEMORY : TEE_ERROR_BAD_PARAMETERS);
	}
}

/* Keep what another application sends until its turn comes: one call a session, so as many as there are sessions. */
static void call_keep(struct ta_session *s, struct cursor *c)
{
	struct bytes rest = cursor_take(c, cursor_left(c));
	uint8_t *copy = mt_copy(rest);

	if (copy) {
		s->message = copy;
		s->message_size = rest.size;
		return;
	}
	uint32_t number = s->number;

	if (s->state == TA_SESSION_OPENING) {
		session_end(s);
	}
	refuse(TEE_WORKER_ANSWER, number, TEE_ERROR_OUT_OF_MEMORY);
}

static void open_ta_take(struct cursor *c)
{
	uint32_t number = cursor_u32(c);
	uint8_t identity[4 + TA_UUID_SIZE];

	cursor_copy(c, identity, sizeof(identity));
	if (!cursor_ok(c)) {
		take_nonsense();
	}
	struct ta_session *s = session_new(number);

	if (s) {
		call_keep(s, c);
	} else {
		refuse(TEE_WORKER_ANSWER, number, TEE_ERROR_BUSY);
	}
}

static void invoke_take(struct cursor *c)
{
	struct ta_session *s = session_find(cursor_u32(c));

	if (!cursor_ok(c) || !s || s->state != TA_SESSION_OPEN || s->outside || s->message || s->closing || s == ta.current) {
		take_nonsense();
	}
	call_keep(s, c);
}

static void region_take(struct cursor *c, const struct message *m)
{
	struct ta_session *s = session_find(cursor_u32(c));
	uint32_t region = cursor_u32(c);
	uint64_t size = cursor_u64(c);

	if (!cursor_done(c) || m->handle_count != 1) {
		take_nonsense();
	}
	/* The numbers are the client's, so a wrong one is its matter; and the session may be over. */
	if (!s || !s->outside) {
		return;
	}
	if (region >= 1 && region <= TEE_WINDOW_REGIONS_MAX && !s->region[region].at) {
		(void)!region_map(m->handle[0], size, 1, &s->region[region]);
	}
	s->regions++;
}

static void region_end_take(struct cursor *c)
{
	struct ta_session *s = session_find(cursor_u32(c));
	uint32_t region = cursor_u32(c);

	if (!cursor_done(c)) {
		take_nonsense();
	}
	if (!s || !s->outside) {
		return;
	}
	if (region >= 1 && region <= TEE_WINDOW_REGIONS_MAX) {
		s->region[region].ending = true;
	}
	s->regions++;
	/* Never under the feet of a call, whatever the client says. */
	if (s != ta.current) {
		session_regions_end(s);
	}
}

static void flag_take(enum tee_worker_type type, struct cursor *c)
{
	struct ta_session *s = session_find(cursor_u32(c));

	if (!cursor_done(c)) {
		take_nonsense();
	}
	if (s && type == TEE_WORKER_CLOSE) {
		s->closing = true;
	} else if (s && (s == ta.current || s->message || s->state == TA_SESSION_OPENING)) {
		s->cancelled = true;
	}
}

void take_message(struct message *m)
{
	struct cursor c = cursor_over(m->body);
	uint8_t type = cursor_u8(&c);

	switch (type) {
	case TEE_WORKER_OPEN:
		open_take(&c, m);
		break;
	case TEE_WORKER_OPEN_TA:
		open_ta_take(&c);
		break;
	case TEE_WORKER_INVOKE:
		invoke_take(&c);
		break;
	case TEE_WORKER_CANCEL:
	case TEE_WORKER_CLOSE:
		flag_take((enum tee_worker_type)type, &c);
		break;
	case TEE_WORKER_REGION:
		region_take(&c, m);
		break;
	case TEE_WORKER_REGION_END:
		region_end_take(&c);
		break;
	case TEE_WORKER_END:
		ta.ending = true;
		break;
	default:
		take_nonsense();
	}
	message_close(m);
}

bool take_all(void)
{
	bool any = false;

	for (;;) {
		struct message m = { 0 };
		enum mt_err err = message_receive(ta.core, ta.buffer, &m);

		if (err == MT_STATE) {
			return any;
		}
		if (err) {
			take_nonsense();
		}
		take_message(&m);
		any = true;
	}
}
