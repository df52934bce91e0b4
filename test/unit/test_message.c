/*
 * Messages with handles, and shared memory: whole or not at all, nothing leaks, nothing changes
 * under a reader.
 */
#include "port/linux/linux.h"
#include "test/test.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static uint8_t buffer[PORT_MESSAGE_MAX];

static size_t open_count(void)
{
	DIR *d = opendir("/proc/self/fd");
	size_t count = 0;

	while (readdir(d)) {
		count++;
	}
	closedir(d);
	return count;
}

/* Send raw, as a hostile peer would. */
static void raw_send(int socket, size_t size, const int *fd, size_t count)
{
	static uint8_t bytes[PORT_MESSAGE_MAX + 64];
	static union {
		struct cmsghdr header;
		uint8_t bytes[CMSG_SPACE(sizeof(int) * 253)];
	} control;
	struct iovec part = { .iov_base = bytes, .iov_len = size };
	struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1 };

	if (count) {
		m.msg_control = &control;
		m.msg_controllen = CMSG_SPACE(sizeof(int) * count);
		control.header =
			(struct cmsghdr){ .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS };
		control.header.cmsg_len = CMSG_LEN(sizeof(int) * count);
		memcpy(CMSG_DATA(&control.header), fd, sizeof(int) * count);
	}
	CHECK(sendmsg(socket, &m, 0) == (ssize_t)size, "raw");
}

static void test_exchange(void)
{
	size_t before = open_count();
	port_handle sent[PORT_HANDLES_MAX];
	struct message m = { 0 };
	int pair[2];

	CHECK(message_pair(pair) == MT_OK, "pair");
	CHECK(message_receive(pair[0], buffer, &m) == MT_STATE, "nothing there");
	for (size_t i = 0; i < PORT_HANDLES_MAX; i++) {
		CHECK(memory_make(mt_text("content"), &sent[i]) == MT_OK, "memory");
	}
	uint8_t *large = test_alloc(PORT_MESSAGE_MAX);

	memset(large, 7, PORT_MESSAGE_MAX);
	CHECK(message_send(pair[0], mt_bytes(large, PORT_MESSAGE_MAX), sent, PORT_HANDLES_MAX) ==
		      MT_OK,
	      "the largest");
	CHECK(message_send(pair[0], mt_text("second"), NULL, 0) == MT_OK, "another");
	CHECK(message_receive(pair[1], buffer, &m) == MT_OK &&
		      mt_equal(m.body, mt_bytes(large, PORT_MESSAGE_MAX)),
	      "whole");
	CHECK(m.handle_count == PORT_HANDLES_MAX, "all handles");
	for (size_t i = 0; i < m.handle_count; i++) {
		struct bytes b = { 0 };

		CHECK(fcntl(m.handle[i], F_GETFD) == FD_CLOEXEC, "close on exec");
		CHECK(memory_map(m.handle[i], &b) == MT_OK && mt_equal(b, mt_text("content")),
		      "same memory");
		memory_unmap(b);
		memory_close(sent[i]);
	}
	message_close(&m);
	CHECK(message_receive(pair[1], buffer, &m) == MT_OK &&
		      mt_equal(m.body, mt_text("second")) && !m.handle_count,
	      "one by one");
	close(pair[0]);
	CHECK(message_receive(pair[1], buffer, &m) == MT_IO &&
		      message_send(pair[1], mt_text("x"), NULL, 0) == MT_IO,
	      "gone");
	close(pair[1]);
	CHECK(open_count() == before, "no descriptor is left");
}

/* Whoever ends without having read everything is heard to its last word all the same. */
static void test_last_words(void)
{
	int pair[2];
	struct message m;

	CHECK(message_pair(pair) == MT_OK, "prepare");
	CHECK(message_send(pair[0], mt_text("unread"), NULL, 0) == MT_OK, "one that it does not read");
	CHECK(message_send(pair[1], mt_text("last words"), NULL, 0) == MT_OK, "one of its own");
	close(pair[1]);
	CHECK(message_receive(pair[0], buffer, &m) == MT_OK && mt_equal(m.body, mt_text("last words")), "heard");
	CHECK(message_receive(pair[0], buffer, &m) == MT_IO, "then it is gone");
	close(pair[0]);
}

static void test_limits(void)
{
	int pair[2], some[PORT_HANDLES_MAX + 1] = { 0 };

	CHECK(message_pair(pair) == MT_OK, "pair");
	CHECK(message_send(pair[0], mt_bytes(buffer, 0), NULL, 0) == MT_LIMIT, "empty");
	CHECK(message_send(pair[0], mt_bytes(buffer, PORT_MESSAGE_MAX + 1), NULL, 0) == MT_LIMIT,
	      "too large");
	CHECK(message_send(pair[0], mt_text("x"), some, PORT_HANDLES_MAX + 1) == MT_LIMIT,
	      "too many handles");
	enum mt_err err;
	size_t count = 0;

	while ((err = message_send(pair[0], mt_bytes(buffer, 1000), NULL, 0)) == MT_OK &&
	       count < 100000) {
		count++;
	}
	CHECK(err == MT_STATE && count > 10, "a full queue does not block");
	close(pair[0]);
	close(pair[1]);
}

static void test_hostile(void)
{
	size_t before = open_count();
	int pair[2], many[253];
	struct message m = { 0 };

	CHECK(message_pair(pair) == MT_OK, "pair");
	for (size_t i = 0; i < MT_COUNT(many); i++) {
		many[i] = pair[0];
	}
	raw_send(pair[0], PORT_MESSAGE_MAX + 1, NULL, 0);
	CHECK(message_receive(pair[1], buffer, &m) == MT_MALFORMED, "a byte too many");
	raw_send(pair[0], PORT_MESSAGE_MAX + 1, many, 3);
	CHECK(message_receive(pair[1], buffer, &m) == MT_MALFORMED, "its handles are closed");
	raw_send(pair[0], 5, many, PORT_HANDLES_MAX + 1);
	CHECK(message_receive(pair[1], buffer, &m) == MT_MALFORMED, "a handle too many");
	raw_send(pair[0], 5, many, 253);
	CHECK(message_receive(pair[1], buffer, &m) == MT_MALFORMED, "as many as the kernel takes");
	CHECK(message_send(pair[0], mt_text("fine"), NULL, 0) == MT_OK &&
		      message_receive(pair[1], buffer, &m) == MT_OK &&
		      mt_equal(m.body, mt_text("fine")),
	      "the next one is whole again");
	close(pair[0]);
	close(pair[1]);
	CHECK(open_count() == before, "no descriptor is left");
}

static void test_memory(void)
{
	port_handle h = PORT_NO_HANDLE, again = PORT_NO_HANDLE;
	struct bytes b = { 0 };

	CHECK(memory_make(mt_text("fixed"), &h) == MT_OK && memory_map(h, &b) == MT_OK &&
		      mt_equal(b, mt_text("fixed")),
	      "make");
	CHECK(pwrite(h, "x", 1, 0) < 0 && ftruncate(h, 0) != 0 && ftruncate(h, 100) != 0,
	      "nothing changes it");
	CHECK(mmap(NULL, 5, PROT_READ | PROT_WRITE, MAP_SHARED, h, 0) == MAP_FAILED,
	      "nor a mapping");
	CHECK(memory_seal(h) == MT_OK, "sealing twice");
	CHECK(memory_share(h, &again) == MT_OK, "share");
	memory_close(h);
	memory_unmap(b);
	CHECK(memory_map(again, &b) == MT_OK && mt_equal(b, mt_text("fixed")),
	      "the second handle stands alone");
	memory_unmap(b);
	memory_close(again);
	CHECK(memory_make(mt_bytes(NULL, 0), &h) == MT_OK && memory_map(h, &b) == MT_OK &&
		      b.size == 0,
	      "empty");
	memory_unmap(b);
	memory_close(h);
}

static void test_memory_unsealed(void)
{
	port_handle h = PORT_NO_HANDLE;
	uint8_t *at = NULL;
	struct bytes b = { 0 };
	int file = open("/proc/self/exe", O_RDONLY);

	CHECK(memory_scratch(&h) == MT_OK && memory_map(h, &b) == MT_DENIED,
	      "what can change is not mapped");
	CHECK(memory_map(file, &b) == MT_DENIED && memory_seal(file) == MT_DENIED &&
		      memory_map(-1, &b) == MT_DENIED,
	      "nor a file");
	close(file);
	CHECK(fcntl(h, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) == 0 &&
		      memory_map(h, &b) == MT_DENIED,
	      "nor what is half sealed");
	memory_close(h);
	CHECK(memory_draft(3, &h, &at) == MT_OK && memory_seal(h) == MT_STATE,
	      "somebody still writes");
	memcpy(at, "abc", 3);
	CHECK(memory_keep(h, at, 3) == MT_OK && memory_map(h, &b) == MT_OK &&
		      mt_equal(b, mt_text("abc")),
	      "kept");
	memory_unmap(b);
	memory_close(h);
	CHECK(memory_draft(0, &h, &at) == MT_OK && memory_keep(h, at, 0) == MT_OK &&
		      memory_map(h, &b) == MT_OK && !b.size,
	      "empty");
	memory_close(h);
	CHECK(memory_draft(5, &h, &at) == MT_OK, "draft");
	memory_drop(h, at, 5);
}

/* message_wait() and message_send_wait() against a peer that is slow. */
static void test_waiting(void)
{
	int pair[2], status = 0;
	struct message m = { 0 };
	uint8_t *large = test_alloc(PORT_MESSAGE_MAX);

	CHECK(message_pair(pair) == MT_OK, "pair");
	pid_t pid = fork();

	if (pid == 0) {
		close(pair[0]);
		bool ok = true;

		for (uint8_t i = 0; i < 50; i++) {
			usleep(i < 3 ? 20000 : 0);
			large[0] = i;
			ok = ok && message_send_wait(pair[1], mt_bytes(large, PORT_MESSAGE_MAX),
						     NULL, 0) == MT_OK;
		}
		_exit(ok ? 0 : 1);
	}
	close(pair[1]);
	for (uint8_t i = 0; i < 50; i++) {
		usleep(i > 40 ? 2000 : 0);
		CHECK(message_wait(pair[0], buffer, &m) == MT_OK && m.body.at[0] == i, "in order");
	}
	CHECK(message_wait(pair[0], buffer, &m) == MT_IO, "then gone");
	CHECK(waitpid(pid, &status, 0) == pid && status == 0, "the sender was content");
	close(pair[0]);
}

const struct test tests[] = {
	{ "exchange", test_exchange },
	{ "last_words", test_last_words },
	{ "limits", test_limits },
	{ "hostile", test_hostile },
	{ "memory", test_memory },
	{ "memory_unsealed", test_memory_unsealed },
	{ "waiting", test_waiting },
	TESTS_END,
};
