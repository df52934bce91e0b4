/*
 * System calls: decoded by tee/call over the application's memory, then carried out here, by tee/operation, or by core. On our stack; the application
 * waits, and nothing enters it before its call is answered.
 */
#include "exec/ta/ta_private.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "api/tee_api_defines.h"

/* ---- whose memory ---- */

static bool inside(uint64_t at, uint64_t size, const void *start, size_t room, uint8_t **out)
{
	uint64_t first = (uint64_t)(uintptr_t)start;

	if (!start || at < first || at - first > room || size > room - (at - first)) {
		return false;
	}
	*out = (uint8_t *)(uintptr_t)at;
	return true;
}

/* The application's own: its image and its stack. */
static uint8_t *map_own(uint64_t at, uint64_t size, enum call_access access)
{
	const struct loaded *l = &ta.loaded;
	uint32_t need = access == CALL_WRITE ? IMAGE_WRITE : IMAGE_READ;
	uint64_t base = (uint64_t)(uintptr_t)l->at;
	uint8_t *found = NULL;

	if (inside(at, size, l->stack, l->stack_size, &found)) {
		return found;
	}
	/* What relocations have written is read-only now, whatever its segment says. */
	if (at < base || !image_segment_of(&l->plan, at - base, size, need) ||
	    (access == CALL_WRITE && at - base < l->plan.readonly_at + l->plan.readonly_size && at - base + size > l->plan.readonly_at)) {
		return NULL;
	}
	return (uint8_t *)(uintptr_t)at;
}

/* What its client shares, or another application has sent, during the call. */
static uint8_t *map_client(uint64_t at, uint64_t size)
{
	const struct ta_session *s = ta.current;
	uint8_t *found = NULL;

	if (!s) {
		return NULL;
	}
	if (!s->outside) {
		return inside(at, size, ta.space, PARAMS_SPACE, &found) ? found : NULL;
	}
	for (size_t i = 0; i <= TEE_WINDOW_REGIONS_MAX; i++) {
		const struct ta_region *r = &s->region[i];
		size_t head = i == 0 ? TEE_WINDOW_HEAD : 0;

		if (r->at && inside(at, size, r->at + head, r->size - head, &found)) {
			return found;
		}
	}
	return NULL;
}

uint8_t *call_map(void *unused, uint64_t at, uint64_t size, enum call_access access)
{
	uint8_t *own = map_own(at, size, access);

	(void)unused;
	return own ? own : map_client(at, size);
}

static bool may(uint64_t flags, uint64_t at, uint64_t size, enum call_access access)
{
	return map_own(at, size, access) || ((flags & TEE_MEMORY_ACCESS_ANY_OWNER) && map_client(at, size));
}

/* Memory that can be read at all, and with the access that was asked for. */
static uint32_t access_check(uint64_t flags, uint64_t at, uint64_t size)
{
	bool good = size == 0 || (may(flags, at, size, CALL_READ) && (!(flags & TEE_MEMORY_ACCESS_WRITE) || may(flags, at, size, CALL_WRITE)));

	return good ? TEE_SUCCESS : TEE_ERROR_ACCESS_DENIED;
}

/* ---- cancellation and time ---- */

bool call_cancelled(const struct ta_session *s)
{
	if (!s || s->masked) {
		return false;
	}
	return s->cancelled || (s->outside && __atomic_load_n(&window_of(s)->cancel, __ATOMIC_SEQ_CST) == s->asked);
}

/* While a client opens it has no bell to ring: its wish to cancel is looked for so often. */
#define WAIT_MS 1000
#define WAIT_OPENING_MS 20

/* Until core says something, the client rings, a moment is over or `until_ns` has come. */
static void wait_once(struct ta_session *s, uint64_t until_ns)
{
	struct tee_window *w = s && s->outside ? window_of(s) : NULL;
	struct pollfd p[2] = { { .fd = ta.core, .events = POLLIN }, { .fd = w ? s->bell : -1, .events = POLLIN } };
	uint64_t now = ta_now_ns(), left_ms = until_ns > now ? (until_ns - now) / 1000000 + 1 : 0;
	uint64_t most_ms = w && s->state == TA_SESSION_OPENING ? WAIT_OPENING_MS : WAIT_MS;

	if (w) {
		__atomic_store_n(&w->asleep[TEE_WINDOW_TA], 1, __ATOMIC_SEQ_CST);
	}
	if (!call_cancelled(s)) {
		(void)poll(p, 2, (int)(left_ms < most_ms ? left_ms : most_ms));
	}
	if (w) {
		__atomic_store_n(&w->asleep[TEE_WINDOW_TA], 0, __ATOMIC_SEQ_CST);
		bell_hear(s->bell);
	}
	(void)take_all();
}

static uint32_t wait_for(uint64_t ms)
{
	struct ta_session *s = ta.current;
	bool ends = ms < TEE_TIMEOUT_INFINITE;
	uint64_t until = ends ? ta_now_ns() + ms * 1000000 : UINT64_MAX;

	while (!call_cancelled(s) && ta_now_ns() < until) {
		wait_once(s, until);
	}
	return call_cancelled(s) ? TEE_ERROR_CANCEL : TEE_SUCCESS;
}

/* ---- what goes out of its own accord ---- */

static void log_send(struct bytes text)
{
	while (ta.debug && text.size > 0) {
		const uint8_t *end = memchr(text.at, '\n', text.size);
		size_t line = end ? (size_t)(end - text.at) : text.size, size = line < TEE_WORKER_LOG_MAX ? line : TEE_WORKER_LOG_MAX;
		struct builder b = send_start(TEE_WORKER_LOG);

		builder_bytes32(&b, mt_bytes(text.at, size));
		send_core(&b, NULL, 0);
		text = mt_bytes(text.at + line + (end != NULL), text.size - line - (end != NULL));
	}
}

static _Noreturn void panic(uint32_t code, uintptr_t from)
{
	struct builder b = send_start(TEE_WORKER_PANIC);
	uint8_t text[64];
	struct builder where = builder_over(text, sizeof(text));
	struct bytes made = { 0 };

	if (ta.debug) {
		builder_format(&where, "called from image+0x%llx", (unsigned long long)(from - (uintptr_t)ta.loaded.at));
	}
	mt_assert(builder_done(&where, &made) == MT_OK);
	builder_u32(&b, code);
	builder_bytes32(&b, made);
	send_core(&b, NULL, 0);
	_exit(TA_EXIT_PANIC);
}

/* ---- calls ---- */

static uint32_t time_here(struct call *c)
{
	uint64_t now = ta_now_ns();

	c->time = (struct ta_time){ .seconds = (uint32_t)(now / 1000000000), .milliseconds = (uint32_t)(now / 1000000 % 1000) };
	return TEE_SUCCESS;
}

/* What needs this process alone. False: core. */
static bool call_window(struct call *c, uintptr_t from, uint32_t *result)
{
	struct ta_session *s = ta.current;

	*result = TEE_SUCCESS;
	switch (c->number) {
	case TA_CALL_LOG:
		log_send(c->in[0]);
		return true;
	case TA_CALL_PANIC:
		panic((uint32_t)c->value[0], from);
	case TA_CALL_CHECK_ACCESS:
		*result = access_check(c->value[0], c->value[1], c->value[2]);
		return true;
	case TA_CALL_GET_CANCELLATION:
		c->word[0] = call_cancelled(s);
		return true;
	case TA_CALL_MASK_CANCELLATION:
	case TA_CALL_UNMASK_CANCELLATION:
		c->word[0] = s ? s->masked : 1;
		if (s) {
			s->masked = c->number == TA_CALL_MASK_CANCELLATION;
		}
		return true;
	case TA_CALL_WAIT:
		*result = wait_for(c->value[0]);
		return true;
	case TA_CALL_GET_TIME:
		if (c->value[0] != TA_CLOCK_SYSTEM) {
			return false;
		}
		*result = time_here(c);
		return true;
	case TA_CALL_CACHE:
		/* Memory is coherent here; OP-TEE's answer for memory that is not the application's. */
		*result = c->value[1] && !call_map(NULL, c->value[0], c->value[1], CALL_READ) ? TEE_ERROR_ACCESS_DENIED : TEE_SUCCESS;
		return true;
	default:
		return false;
	}
}

/* To core, and wait. Other messages of core are taken meanwhile. */
static uint32_t call_core(struct call *c)
{
	struct builder b = send_start(TEE_WORKER_CALL);
	struct bytes wire = { 0 };
	struct message m = { 0 };
	uint32_t result = 0;

	builder_u32(&b, ta.current ? ta.current->number : 0);
	enum mt_err err = call_encode(c, b.at + b.size, b.capacity - b.size, &wire);

	if (err) {
		return call_result(c->number, err);
	}
	b.size += wire.size;
	send_core(&b, NULL, 0);
	for (;;) {
		if (message_wait(ta.core, ta.buffer, &m) != MT_OK || m.body.size == 0) {
			take_nonsense();
		}
		if (m.body.at[0] == TEE_WORKER_RETURN) {
			break;
		}
		take_message(&m);
	}
	if (m.handle_count || call_answer_decode(mt_bytes(m.body.at + 1, m.body.size - 1), c, &result) != MT_OK) {
		take_nonsense();
	}
	return result;
}

/* A read or write that is larger than a message, in pieces, until one gives less than it could. */
static uint32_t call_pieces(struct call *c)
{
	struct call part = *c;
	bool reads = c->number == TA_CALL_STORAGE_READ;
	size_t size = reads ? c->out[0].capacity : c->in[0].size, done = 0;
	uint32_t result = TEE_SUCCESS;

	do {
		size_t piece = size - done < CALL_WIRE_DATA_MAX ? size - done : CALL_WIRE_DATA_MAX, got = piece;

		if (reads) {
			part.out[0] = (struct call_out){ .at = c->out[0].at + done, .capacity = piece };
		} else {
			part.in[0] = mt_bytes(c->in[0].at + done, piece);
		}
		result = call_core(&part);
		if (reads) {
			got = part.out[0].size < piece ? part.out[0].size : piece;
		}
		done += result == TEE_SUCCESS ? got : 0;
		if (got < piece) {
			break;
		}
	} while (result == TEE_SUCCESS && done < size);
	c->out[0].size = done;
	return result;
}

static uint32_t call_carry(struct call *c, uintptr_t from)
{
	uint32_t result = TEE_SUCCESS;
	bool pieces = (c->number == TA_CALL_STORAGE_READ && c->out[0].capacity > CALL_WIRE_DATA_MAX) ||
		      (c->number == TA_CALL_STORAGE_WRITE && c->in[0].size > CALL_WIRE_DATA_MAX);

	if (call_window(c, from, &result)) {
		return result;
	}
	enum call_way way = CALL_DONE;
	enum mt_err err = call_here(ta.operations, ta.kept, c, &way);

	if (way == CALL_DONE) {
		return call_result(c->number, err);
	}
	return call_kept_answer(ta.operations, ta.kept, c, pieces ? call_pieces(c) : call_core(c));
}

uint32_t call_serve(uint32_t number, const uint64_t argument[TA_CALL_ARGUMENTS], uintptr_t from)
{
	const struct call_memory memory = { .map = call_map };
	uint64_t own[TA_CALL_ARGUMENTS];
	struct call call;
	const uint8_t *at = call_map(NULL, (uint64_t)(uintptr_t)argument, sizeof(own), CALL_READ);

	if (!at) {
		return TEE_ERROR_ACCESS_DENIED;
	}
	memcpy(own, at, sizeof(own));
	enum mt_err err = call_decode(&memory, number, own, &call);

	if (err) {
		return err == MT_NOT_FOUND ? TEE_ERROR_NOT_SUPPORTED : call_result((enum ta_call)number, err);
	}
	uint32_t result = call_carry(&call, from);

	if (call_finish(&memory, own, &call, result) != MT_OK) {
		return TEE_ERROR_ACCESS_DENIED;
	}
	return result;
}
