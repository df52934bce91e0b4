/*
 * The loop. After a call it looks for the next one for some tens of microseconds, as long as that has paid; then it sleeps on core's socket and on all
 * bells, and costs nothing.
 */
#include "exec/ta/ta_private.h"

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "api/tee_api_defines.h"
#include "lib/crypto/crypto.h"

/* Longer than a client takes to come back that has nothing else to do; shorter than what a sleep and a wake cost on a busy machine. */
#define LOOK_NS 50000u
#define LOOK_LEAST_NS 2000u
/* Calls between two looks at core's socket: 32 of them take some tens of microseconds. */
#define CALLS_BEFORE_CORE 32

struct ta_process ta;

static uint8_t buffer[PORT_MESSAGE_MAX], wire[PORT_MESSAGE_MAX], space[PARAMS_SPACE];

uint64_t ta_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* ---- waiting ---- */

static bool any_asked(void)
{
	for (size_t i = 0; i < TEE_WORKER_SESSIONS_MAX; i++) {
		if (serve_asked(&ta.session[i])) {
			return true;
		}
	}
	return false;
}

static void all_asleep(uint32_t asleep)
{
	uint32_t processor = (uint32_t)(sched_getcpu() + 1);

	for (size_t i = 0; i < TEE_WORKER_SESSIONS_MAX; i++) {
		const struct ta_session *s = &ta.session[i];

		if (s->state == TA_SESSION_OPEN && s->outside) {
			window_of(s)->processor = processor;
			__atomic_store_n(&window_of(s)->asleep[TEE_WINDOW_TA], asleep, __ATOMIC_SEQ_CST);
		}
	}
}

/* What rang is heard before the next sleep and not when it wakes: who rang waits for an answer. */
static void sleep_long(void)
{
	struct pollfd p[1 + TEE_WORKER_SESSIONS_MAX] = { { .fd = ta.core, .events = POLLIN } };
	struct ta_session *of[1 + TEE_WORKER_SESSIONS_MAX];
	nfds_t count = 1;

	for (size_t i = 0; i < TEE_WORKER_SESSIONS_MAX; i++) {
		struct ta_session *s = &ta.session[i];

		if (s->state == TA_SESSION_OPEN && s->outside) {
			if (s->rung) {
				bell_hear(s->bell);
				s->rung = false;
			}
			of[count] = s;
			p[count++] = (struct pollfd){ .fd = s->bell, .events = POLLIN };
		}
	}
	all_asleep(1);
	if (!any_asked()) {
		(void)poll(p, count, -1);
	}
	all_asleep(0);
	for (size_t i = 1; i < count; i++) {
		of[i]->rung = p[i].revents != 0;
	}
}

/* True: somebody asked before the time was over. */
static bool look(uint64_t ns)
{
	uint64_t until = ta_now_ns() + ns;

	do {
		for (size_t i = 0; i < 16; i++) {
			if (any_asked()) {
				return true;
			}
			__builtin_ia32_pause();
		}
		/* The client may be waiting for this very processor. */
		(void)sched_yield();
	} while (ta_now_ns() < until);
	return false;
}

/* How long to look: all of it while calls come within it, half as long after each time in vain. */
static void wait_more(bool alone)
{
	static uint64_t looking = LOOK_NS;
	uint64_t start = ta_now_ns();

	if (!alone && looking >= LOOK_LEAST_NS) {
		if (look(looking)) {
			return;
		}
		looking /= 2;
	}
	sleep_long();
	if (ta_now_ns() - start < 2 * LOOK_NS) {
		looking = LOOK_NS;
	}
}

static _Noreturn void serve_all(bool alone)
{
	size_t calls = 0;

	for (;;) {
		if (serve_one() && ++calls < CALLS_BEFORE_CORE) {
			continue;
		}
		bool served = calls > 0;

		calls = 0;
		if (take_all() || served) {
			continue;
		}
		if (ta.ending) {
			(void)serve_enter(TA_ENTRY_DESTROY, NULL, NULL, 0);
			call_kept_close(ta.kept, ta.operations);
			operations_close(ta.operations);
			_exit(TA_EXIT_ENDED);
		}
		wait_more(alone);
	}
}

/* ---- the beginning ---- */

static void loaded_send(uint32_t result, struct bytes reason)
{
	struct builder b = send_start(TEE_WORKER_LOADED);

	builder_u32(&b, result);
	builder_u32(&b, result == TEE_SUCCESS ? ta.loaded.plan.head.flags : 0);
	builder_bytes32(&b, reason);
	send_core(&b, NULL, 0);
	if (result != TEE_SUCCESS) {
		_exit(TA_EXIT_LOAD);
	}
}

static uint32_t load_result(enum mt_err err)
{
	return err == MT_NO_MEMORY || err == MT_LIMIT ? TEE_ERROR_OUT_OF_MEMORY : TEE_ERROR_BAD_FORMAT;
}

/* TEE_WORKER_LOAD, and the image into memory. */
static void load(void)
{
	struct message m = { 0 };
	uint8_t text[TEE_WORKER_TEXT_MAX];
	struct builder reason = builder_over(text, sizeof(text));
	struct bytes elf = { 0 }, made = { 0 };

	if (message_wait(ta.core, ta.buffer, &m) != MT_OK) {
		take_nonsense();
	}
	struct cursor c = cursor_over(m.body);

	if (cursor_u8(&c) != TEE_WORKER_LOAD) {
		take_nonsense();
	}
	cursor_copy(&c, ta.uuid, sizeof(ta.uuid));
	ta.debug = cursor_u8(&c) == 1;
	if (!cursor_done(&c) || m.handle_count != 1 || memory_map(m.handle[0], &elf) != MT_OK) {
		take_nonsense();
	}
	message_close(&m);
	enum mt_err err = load_image(elf, ta.uuid, &ta.loaded, &reason);

	memory_unmap(elf);
	if (err) {
		mt_assert(builder_done(&reason, &made) == MT_OK);
		loaded_send(load_result(err), made);
	}
}

/* What the image wants to have called first; from here on code of its runs. */
static void start(void)
{
	const struct image_plan *plan = &ta.loaded.plan;

	for (uint64_t i = 0; i < plan->start_count; i++) {
		uint64_t function;

		memcpy(&function, ta.loaded.at + plan->start_at + i * sizeof(function), sizeof(function));
		if (!image_segment_of(plan, function - (uint64_t)(uintptr_t)ta.loaded.at, 1, IMAGE_EXECUTE)) {
			loaded_send(TEE_ERROR_BAD_FORMAT, mt_text("a start function is no code"));
		}
		(void)stack_enter((stack_function *)(uintptr_t)function, 0, 0, NULL, 0, ta.loaded.stack + ta.loaded.stack_size);
	}
	uint32_t result = serve_enter(TA_ENTRY_CREATE, NULL, NULL, 0);

	loaded_send(result, mt_bytes(NULL, 0));
}

/* No use to look for a client that could only run in our place. */
static bool one_processor(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) != 0 || CPU_COUNT(&set) < 2;
}

_Noreturn void ta_worker(void)
{
	const struct rlimit memory = { TA_MEMORY_MAX, TA_MEMORY_MAX };
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	bool alone = one_processor();
	uint8_t hash[CRYPTO_SHA256_SIZE];

	/* libcrypto looks for its configuration file at its first use: now, while looking is still allowed. */
	crypto_sha256(mt_bytes(NULL, 0), hash);
	ta = (struct ta_process){ .core = WORKER_FD_CORE, .buffer = buffer, .wire = wire, .space = space };
	sandbox_promise(SANDBOX_TA_LOAD);
	/* A sanitizer has memory of its own, far more than this. */
	if (sandbox_confined() && setrlimit(RLIMIT_DATA, &memory) != 0) {
		_exit(LINUX_EXIT_REFUSED);
	}
	/* A client that has closed its bell. */
	(void)sigaction(SIGPIPE, &ignore, NULL);
	load();
	if (operations_open(&ta.operations) != MT_OK || call_kept_open(&ta.kept) != MT_OK) {
		loaded_send(TEE_ERROR_OUT_OF_MEMORY, mt_text("no memory"));
	}
	sandbox_promise(SANDBOX_TA);
	start();
	serve_all(alone);
}
