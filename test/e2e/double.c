/*
 * Stands in for every image of a node but the launcher, which is what is tested. Core's role asks
 * the launcher for what control.h has and says on stderr what came of it; the configuration says
 * which part it plays.
 */
#include "port/linux/control.h"
#include "port/linux/linux.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define DEADLINE_MS 200
#define EXIT_TOLD 7
#define BIRTH_MS 200
#define ZYGOTE_ORDERS 3

static uint8_t buffer[PORT_MESSAGE_MAX];

static void say(const char *what, bool ok)
{
	fprintf(stderr, "%s: %s\n", what, ok ? "ok" : "WRONG");
}

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void ask(enum control_type type, uint32_t worker, uint64_t more)
{
	uint8_t wire[CONTROL_SIZE_MAX];
	struct builder b = builder_over(wire, sizeof(wire));
	struct bytes body;

	builder_u8(&b, (uint8_t)type);
	builder_u32(&b, worker);
	if (type == CONTROL_SPAWN) {
		builder_u8(&b, (uint8_t)more);
	} else if (type == CONTROL_DEADLINE) {
		builder_u64(&b, more);
	}
	if (builder_done(&b, &body) != MT_OK ||
	    message_send_wait(CORE_FD_LAUNCHER, body, NULL, 0) != MT_OK) {
		_exit(1);
	}
}

/* The next message must be of this type and about this worker. */
static struct message answer(enum control_type type, uint32_t worker, struct cursor *rest)
{
	struct message m = { 0 };

	if (message_wait(CORE_FD_LAUNCHER, buffer, &m) != MT_OK) {
		_exit(1);
	}
	*rest = cursor_over(m.body);
	if (cursor_u8(rest) != type || (type != CONTROL_STOP && cursor_u32(rest) != worker)) {
		say("the answer", false);
		_exit(1);
	}
	return m;
}

/* A worker of this kind, its socket. */
static int spawn(uint32_t number, enum port_worker kind)
{
	struct cursor c;

	ask(CONTROL_SPAWN, number, kind);
	struct message m = answer(CONTROL_WORKER, number, &c);

	if (m.handle_count != 1) {
		_exit(1);
	}
	return m.handle[0];
}

/* What a worker that is about to be killed has used: it was told nothing, so it is little, but a process had to start. */
static bool used(uint32_t number)
{
	struct cursor c;

	(void)answer(CONTROL_USED, number, &c);
	uint64_t cpu_us = cursor_u64(&c);

	return cursor_done(&c) && cpu_us > 0 && cpu_us < 5000000;
}

static bool gone(uint32_t number, int exit_code, bool late)
{
	struct cursor c;

	(void)answer(CONTROL_GONE, number, &c);
	uint32_t got_exit = cursor_u32(&c);
	uint8_t got_late = cursor_u8(&c);

	return (int32_t)got_exit == exit_code && got_late == late;
}

/* Tell a worker something: it answers by its name, which is its kind, and ends as it likes. */
static bool told(uint32_t number, int socket, const char *name)
{
	struct message m;

	return message_send_wait(socket, mt_text("x"), NULL, 0) == MT_OK &&
	       message_wait(socket, buffer, &m) == MT_OK && mt_equal(m.body, mt_text(name)) &&
	       gone(number, EXIT_TOLD, false);
}

/* Until core speaks or is gone; its socket is descriptor 3 of each. */
static int worker(const char *who)
{
	struct message m;

	if (message_wait(3, buffer, &m) != MT_OK) {
		return 0;
	}
	return message_send_wait(3, mt_text(who), NULL, 0) == MT_OK ? EXIT_TOLD : 1;
}

static int core_busy(void)
{
	uint32_t first = PORT_WORKER_FIRST, number = first + 1;
	int bystander = spawn(first, PORT_SEAL);
	struct cursor c;

	(void)spawn(number, PORT_RUN);
	ask(CONTROL_DEADLINE, number, DEADLINE_MS);
	uint64_t from = now_ms();

	say("late", gone(number, -SIGKILL, true));
	say("not before its time", now_ms() - from >= DEADLINE_MS / 2);
	number++;
	/* A deadline that is far away keeps nobody from being killed, and he was not late. */
	(void)spawn(number, PORT_SEAL);
	ask(CONTROL_DEADLINE, number, 60000);
	ask(CONTROL_KILL, number, 0);
	say("used", used(number));
	say("killed", gone(number, -SIGKILL, false));
	number++;
	/* A deadline of somebody who is gone harms nobody. */
	int socket = spawn(number, PORT_RUN);

	ask(CONTROL_DEADLINE, number - 1, 1);
	usleep(20000);
	say("told", told(number, socket, "run"));
	say("all the while", told(first, bystander, "seal"));
	ask(CONTROL_END, 0, 0);
	(void)answer(CONTROL_STOP, 0, &c);
	return 0;
}

/*
 * Workers that are copies: one that ends before its birth is told, one that is killed and one that
 * is late before they are born, one whose zygote dies, and one of the next zygote.
 */
static int core_zygote(void)
{
	uint32_t number = PORT_WORKER_FIRST;
	struct cursor c;

	say("stray", told(number, spawn(number, PORT_PYTHON), "python"));
	(void)spawn(++number, PORT_PYTHON_PACKAGES);
	ask(CONTROL_KILL, number, 0);
	say("doomed", gone(number, -SIGKILL, false));
	(void)spawn(++number, PORT_PYTHON_PACKAGES);
	ask(CONTROL_DEADLINE, number, BIRTH_MS / 10);
	say("late before birth", gone(number, -SIGKILL, true));
	(void)spawn(++number, PORT_PYTHON_PACKAGES);
	say("without a zygote", gone(number, LINUX_EXIT_REFUSED, false));
	number++;
	say("by the next", told(number, spawn(number, PORT_PYTHON_PACKAGES), "python"));
	ask(CONTROL_END, 0, 0);
	(void)answer(CONTROL_STOP, 0, &c);
	return 0;
}

/* A zygote that is slow, before it forks or, the bare one, before it tells; that of packages dies of its third order. */
static int zygote(bool packages)
{
	struct message m;

	for (int orders = 1; message_wait(3, buffer, &m) == MT_OK; orders++) {
		uint8_t wire[CONTROL_SIZE_MAX], row = m.body.size == 2 ? m.body.at[1] : UINT8_MAX;
		struct builder b = builder_over(wire, sizeof(wire));
		struct bytes body;

		usleep(packages ? BIRTH_MS * 1000 : 0);
		if (packages && orders == ZYGOTE_ORDERS) {
			return EXIT_TOLD;
		}
		pid_t pid = (pid_t)syscall(SYS_clone, CLONE_PARENT | SIGCHLD, NULL, NULL, NULL, NULL);

		if (pid == 0) {
			return dup2(m.handle[0], 3) == 3 ? worker("python") : 1;
		}
		message_close(&m);
		usleep(packages ? 0 : BIRTH_MS * 1000);
		builder_u8(&b, ZYGOTE_FORKED);
		builder_u8(&b, row);
		builder_u32(&b, (uint32_t)pid);
		if (builder_done(&b, &body) || message_send_wait(3, body, NULL, 0)) {
			return 1;
		}
	}
	return 0;
}

/* Does not hear: only SIGKILL ends it, which comes when the launcher says so or is gone. */
static _Noreturn void deaf(void)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	for (;;) {
		pause();
	}
}

static bool configured(const char *part)
{
	struct bytes content;

	return memory_map(CORE_FD_CONFIGURATION, &content) == MT_OK &&
	       mt_equal(content, mt_text(part));
}

int main(int argc, char **argv)
{
	const char *who = argc == 1 ? argv[0] : "";

	if (strcmp(who, "core") == 0) {
		if (configured("busy")) {
			return core_busy();
		}
		if (configured("zygote")) {
			return core_zygote();
		}
		if (configured("compile")) {
			(void)spawn(PORT_WORKER_FIRST, PORT_COMPILE);
			say("spawned", true);
		}
		deaf();
	}
	if (strcmp(who, "gateway") == 0) {
		if (write(GATEWAY_FD_READY, "x", 1) != 1) {
			return 1;
		}
		close(GATEWAY_FD_READY);
	}
	if (argc == 2 && strcmp(argv[0], "python") == 0) {
		return zygote(strcmp(argv[1], ZYGOTE_PACKAGES) == 0);
	}
	return worker(who);
}
