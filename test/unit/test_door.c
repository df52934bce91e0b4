/* The local door as a process: clients on its socket, this test in core's place. */
#include "service/door/door.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "api/door.h"
#include "port/linux/linux.h"
#include "test/test.h"

#define WAIT_MS 5000
#define USER 4711
#define GROUP 4712

struct door {
	char folder[32], path[64];
	int core;
	pid_t pid;
};

static uint8_t buffer[PORT_MESSAGE_MAX];

static struct sockaddr_un address_of(const struct door *d)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	memcpy(a.sun_path, d->path, strlen(d->path) + 1);
	return a;
}

static struct door door_open(void)
{
	struct door d = { .folder = "/tmp/mesatee-door-XXXXXX" };
	int pair[2], listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0);

	if (!mkdtemp(d.folder) || message_pair(pair) != MT_OK) {
		abort();
	}
	(void)snprintf(d.path, sizeof(d.path), "%s/s", d.folder);
	struct sockaddr_un a = address_of(&d);

	if (bind(listener, (void *)&a, sizeof(a)) != 0 || listen(listener, 512) != 0) {
		abort();
	}
	fflush(NULL);
	d.pid = fork();
	if (d.pid == 0) {
		char who[32];
		int core = fcntl(pair[1], F_DUPFD, 64), at = fcntl(listener, F_DUPFD, 64);

		(void)snprintf(who, sizeof(who), "%d %d", USER, GROUP);
		dup2(core, DOOR_FD_CORE);
		dup2(at, DOOR_FD_LISTEN);
		close_range(DOOR_FD_LISTEN + 1, ~0U, 0);
		_exit(door_run(who));
	}
	close(pair[1]);
	close(listener);
	d.core = pair[0];
	return d;
}

/* Its exit status. */
static int door_close(struct door *d)
{
	int status = -1;

	close(d->core);
	waitpid(d->pid, &status, 0);
	(void)unlink(d->path);
	(void)rmdir(d->folder);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int client_open(const struct door *d)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	struct sockaddr_un a = address_of(d);
	const struct timeval wait = { .tv_sec = WAIT_MS / 1000 };

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	return connect(fd, (void *)&a, sizeof(a)) == 0 ? fd : -1;
}

/* A message at core, or { 0 } when none comes. */
static struct message heard(const struct door *d)
{
	struct pollfd p = { .fd = d->core, .events = POLLIN };
	struct message m = { 0 };

	return poll(&p, 1, WAIT_MS) == 1 && message_receive(d->core, buffer, &m) == MT_OK ? m : (struct message){ 0 };
}

static uint32_t number_of(const struct message *m)
{
	struct cursor c = cursor_over(m->body);

	(void)cursor_u8(&c);
	return cursor_u32(&c);
}

/* Core -> door. */
static bool tell(const struct door *d, uint8_t type, uint32_t client, const char *text, const port_handle *handle)
{
	uint8_t wire[256];
	struct builder b = builder_over(wire, sizeof(wire));
	struct bytes body = { 0 };

	builder_u8(&b, type);
	builder_u32(&b, client);
	builder_bytes(&b, mt_text(text));
	return builder_done(&b, &body) == MT_OK && message_send_wait(d->core, body, handle, handle ? 1 : 0) == MT_OK;
}

static bool is_gone(const struct door *d, uint32_t client)
{
	struct message m = heard(d);

	return m.body.size == 5 && m.body.at[0] == DOOR_CLIENT_GONE && number_of(&m) == client;
}

static bool ended(int client)
{
	uint8_t byte;
	struct pollfd p = { .fd = client, .events = POLLIN };

	return poll(&p, 1, WAIT_MS) == 1 && recv(client, &byte, 1, MSG_DONTWAIT) == 0;
}

/* ---- tests ---- */

static void test_there_and_back(void)
{
	struct door d = door_open();
	int one = client_open(&d), two = client_open(&d);
	uint8_t text[64];

	CHECK(send(one, "hello", 5, 0) == 5, "a client speaks");
	struct message m = heard(&d);

	/* type | client | known | uid | gid | message: this process is the node's own user, who is 4711 4712 outside */
	CHECK(mt_equal(m.body, hex("01 00000001 01 00001267 00001268 68656c6c6f")) && m.handle_count == 0, "core hears who");
	CHECK(send(two, "x", 1, 0) == 1, "another");
	m = heard(&d);
	CHECK(number_of(&m) == 2, "has a number of its own");
	CHECK(tell(&d, DOOR_TO_CLIENT, 1, "answer", NULL) && recv(one, text, sizeof(text), 0) == 6 && memcmp(text, "answer", 6) == 0, "back");
	CHECK(recv(two, text, sizeof(text), MSG_DONTWAIT) < 0 && errno == EAGAIN, "to nobody else");
	CHECK(tell(&d, DOOR_TO_CLIENT, 2, "other", NULL) && recv(two, text, sizeof(text), 0) == 5 && memcmp(text, "other", 5) == 0, "to each");
	CHECK(tell(&d, DOOR_TO_CLIENT, 77, "nobody", NULL), "one that is not there");
	close(one);
	CHECK(is_gone(&d, 1), "core hears of its end");
	close(two);
	CHECK(is_gone(&d, 2), "of each");
	CHECK(door_close(&d) == 0, "it ends with core");
}

/* Of another user core learns that it is another one. Only root can play one; who is not has no such test. */
static void test_other_user(void)
{
	struct door d = door_open();

	if (geteuid() != 0) {
		printf("not run: this needs root\n");
		CHECK(door_close(&d) == 0, "the end");
		return;
	}
	CHECK(chmod(d.folder, 0755) == 0 && chmod(d.path, 0777) == 0, "prepare");
	pid_t pid = fork();

	if (pid == 0) {
		int fd = setgid(GROUP) == 0 && setuid(USER) == 0 ? client_open(&d) : -1;

		_exit(fd >= 0 && send(fd, "me", 2, 0) == 2 ? 0 : 1);
	}
	struct message m = heard(&d);
	int status = -1;

	CHECK(mt_equal(m.body, hex("01 00000001 00 00000000 00000000 6d65")), "somebody else");
	CHECK(waitpid(pid, &status, 0) == pid && status == 0 && is_gone(&d, 1) && door_close(&d) == 0, "the end");
}

static void test_handles(void)
{
	struct door d = door_open();
	int one = client_open(&d);
	port_handle memory = PORT_NO_HANDLE;
	struct message m;

	CHECK(memory_make(mt_text("window"), &memory) == MT_OK, "prepare");
	CHECK(message_send(one, mt_text("take"), &memory, 1) == MT_OK, "a client gives memory");
	m = heard(&d);
	CHECK(m.handle_count == 1, "core has it");
	CHECK(tell(&d, DOOR_TO_CLIENT, 1, "bell", &m.handle[0]), "core gives some");
	message_close(&m);
	CHECK(message_wait(one, buffer, &m) == MT_OK && m.handle_count == 1, "the client has it");
	struct bytes content = { 0 };

	CHECK(memory_map(m.handle[0], &content) == MT_OK && mt_equal(content, mt_text("window")), "the very same");
	memory_unmap(content);
	message_close(&m);
	memory_close(memory);
	close(one);
	CHECK(is_gone(&d, 1) && door_close(&d) == 0, "the end");
}

static void test_broken(void)
{
	struct door d = door_open();
	static uint8_t large[TEE_DOOR_MESSAGE_MAX + 1];
	int one = client_open(&d), two = client_open(&d);

	CHECK(send(one, large, TEE_DOOR_MESSAGE_MAX, 0) == TEE_DOOR_MESSAGE_MAX, "the largest message");
	struct message m = heard(&d);

	CHECK(m.body.size == DOOR_HEAD_MAX + TEE_DOOR_MESSAGE_MAX, "goes through");
	CHECK(send(one, large, sizeof(large), 0) == sizeof(large) && is_gone(&d, 1) && ended(one), "one byte more ends the connection");
	CHECK(send(two, "no message", 10, 0) == 10, "core decides what a message is");
	m = heard(&d);
	CHECK(tell(&d, DOOR_END_CLIENT, number_of(&m), "", NULL) && is_gone(&d, 2) && ended(two), "and ends it");
	close(one);
	close(two);
	CHECK(door_close(&d) == 0, "the end");
}

/* It asks, and takes no answer: that must cost nobody else anything. */
static void test_does_not_read(void)
{
	struct door d = door_open();
	int one = client_open(&d), two = client_open(&d);
	bool gone = false;

	CHECK(send(one, "a", 1, 0) == 1 && number_of(&(struct message){ .body = heard(&d).body }) == 1, "one");
	CHECK(send(two, "b", 1, 0) == 1 && number_of(&(struct message){ .body = heard(&d).body }) == 2, "two");
	for (int i = 0; !gone && i < 100000; i++) {
		struct pollfd p = { .fd = d.core, .events = POLLIN };

		gone = !tell(&d, DOOR_TO_CLIENT, 1, "an answer that nobody reads", NULL) || poll(&p, 1, 0) == 1;
	}
	CHECK(is_gone(&d, 1), "it is ended");
	CHECK(tell(&d, DOOR_TO_CLIENT, 2, "c", NULL) && recv(two, buffer, sizeof(buffer), 0) == 1, "the other is served");
	close(one);
	close(two);
	CHECK(is_gone(&d, 2) && door_close(&d) == 0, "the end");
}

/* More than there is room for: they wait, and have their turn when one goes. */
static void test_full(void)
{
	struct door d = door_open();
	static int client[TEE_DOOR_CLIENTS_MAX + 1];

	for (size_t i = 0; i < MT_COUNT(client); i++) {
		client[i] = client_open(&d);
		CHECK(client[i] >= 0 && send(client[i], "x", 1, 0) == 1, "connect");
	}
	for (size_t i = 0; i < TEE_DOOR_CLIENTS_MAX; i++) {
		struct message m = heard(&d);

		CHECK(m.body.size > 0 && m.body.at[0] == DOOR_FROM_CLIENT, "one after the other");
	}
	struct pollfd p = { .fd = d.core, .events = POLLIN };

	CHECK(poll(&p, 1, 100) == 0, "no room for the last");
	close(client[0]);
	CHECK(is_gone(&d, 1), "one goes");
	struct message m = heard(&d);

	CHECK(m.body.size > 0 && number_of(&m) == TEE_DOOR_CLIENTS_MAX + 1, "the last comes");
	for (size_t i = 1; i < MT_COUNT(client); i++) {
		close(client[i]);
	}
	CHECK(door_close(&d) == 0, "the end");
}

/* As long as one floods, another is heard. */
static void test_flood(void)
{
	struct door d = door_open();
	int one = client_open(&d), two = client_open(&d);
	bool heard_two = false;

	(void)fcntl(one, F_SETFL, O_NONBLOCK);
	(void)send(two, "two", 3, 0);
	for (int i = 0; !heard_two && i < 10000; i++) {
		while (send(one, "flood", 5, MSG_DONTWAIT) == 5) {
		}
		struct message m = heard(&d);

		heard_two = number_of(&m) == 2;
	}
	CHECK(heard_two, "its message comes through");
	close(one);
	close(two);
	CHECK(door_close(&d) == 0, "the end");
}

const struct test tests[] = {
	{ "there_and_back", test_there_and_back },
	{ "other_user", test_other_user },
	{ "handles", test_handles },
	{ "broken", test_broken },
	{ "does_not_read", test_does_not_read },
	{ "full", test_full },
	{ "flood", test_flood },
	TESTS_END,
};
