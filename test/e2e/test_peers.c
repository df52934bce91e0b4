/*
 * Core's peers: whoever does not read costs core neither memory beyond a limit nor a descriptor,
 * gets everything in order, and nobody else gets it.
 */
#include "port/linux/peers.h"
#include "test/test.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define PART ((size_t)100 * 1024)

static struct peers peers;
static uint8_t part[PART], buffer[PORT_MESSAGE_MAX];
static const port_handle none[1];

static void open_peers(void)
{
	peers = (struct peers){ .epoll = epoll_create1(EPOLL_CLOEXEC) };
}

static void close_peers(void)
{
	for (size_t i = 0; i < PEERS_MAX; i++) {
		if (peers.peer[i].number) {
			peer_remove(&peers, &peers.peer[i]);
		}
	}
	close(peers.epoll);
}

static size_t open_files(void)
{
	DIR *d = opendir("/proc/self/fd");
	size_t count = 0;

	while (d && readdir(d)) {
		count++;
	}
	if (d) {
		closedir(d);
	}
	return count;
}

static struct bytes numbered(uint32_t number, size_t size)
{
	memcpy(part, &number, sizeof(number));
	return mt_bytes(part, size);
}

static port_handle handle_new(void)
{
	port_handle handle = PORT_NO_HANDLE;

	CHECK(memory_make(mt_text("x"), &handle) == MT_OK, "memory");
	return handle;
}

static void test_numbers(void)
{
	open_peers();
	CHECK(!peer_find(&peers, 0) && !peer_find(&peers, 7), "nobody");
	for (uint32_t i = 0; i < PEERS_MAX; i++) {
		CHECK(peer_add(&peers, i + 1, -1), "room");
	}
	CHECK(!peer_add(&peers, 1000, -1), "no more room");
	struct peer *seven = peer_find(&peers, 7);

	CHECK(seven && seven->number == 7 && !peer_find(&peers, 1000), "by its number");
	peer_remove(&peers, seven);
	CHECK(!peer_find(&peers, 7) && !peer_find(&peers, 0), "gone");
	close_peers();
}

/* A worker that the launcher has not given yet: everything waits. */
static void test_queue_ends(void)
{
	size_t sent = 0, before = open_files() + 1; /* epoll's */
	enum mt_err err = MT_OK;

	open_peers();
	struct peer *p = peer_add(&peers, PORT_WORKER_FIRST, -1);

	for (uint32_t i = 0; !err && sent <= PEERS_QUEUE_MAX; i++) {
		port_handle handle = handle_new();

		err = peer_send(&peers, p, numbered(i, PART), &handle, 1);
		sent += err ? 0 : PART;
	}
	CHECK(err == MT_LIMIT && sent <= PEERS_QUEUE_MAX && sent > PEERS_QUEUE_MAX - PART,
	      "it ends");
	CHECK(open_files() == before + sent / PART, "what was refused is closed");
	CHECK(peer_send(&peers, p, mt_bytes(NULL, 0), none, 0) == MT_LIMIT, "nothing");
	CHECK(peer_send(&peers, p, mt_bytes(part, PORT_MESSAGE_MAX + 1), none, 0) == MT_LIMIT,
	      "too much");
	peer_remove(&peers, p);
	CHECK(open_files() == before, "what waited is closed");
	close_peers();
}

/* One that reads late gets all of it in order; what is sent meanwhile does not overtake. */
static void test_order(void)
{
	struct message m = { 0 };
	int one[2], two[2];
	uint32_t sent = 0, got = 0, number = 0;

	open_peers();
	CHECK(message_pair(one) == MT_OK && message_pair(two) == MT_OK, "sockets");
	struct peer *p = peer_add(&peers, 1, one[0]), *other = peer_add(&peers, 2, two[0]);

	CHECK(peer_watch(&peers, p, EPOLL_CTL_ADD, false) == MT_OK &&
		      peer_watch(&peers, other, EPOLL_CTL_ADD, false) == MT_OK,
	      "watch");
	while (!p->first && sent < 1000) {
		CHECK(peer_send(&peers, p, numbered(sent++, PART), none, 0) == MT_OK, "send");
	}
	CHECK(p->first && p->writing, "it does not read");
	/* Now there is room in the socket, and still something that waits. */
	CHECK(message_receive(one[1], buffer, &m) == MT_OK, "first");
	got++;
	CHECK(peer_send(&peers, p, numbered(sent++, 4), none, 0) == MT_OK, "a short one");
	while (got < sent) {
		if (message_receive(one[1], buffer, &m) != MT_OK) {
			size_t queued = p->queued;

			peer_flush(&peers, p);
			if (!CHECK(p->queued < queued, "it goes on")) {
				break;
			}
			continue;
		}
		memcpy(&number, m.body.at, sizeof(number));
		CHECK(number == got++, "in order");
	}
	CHECK(!p->first && !p->writing && p->queued == 0, "nothing waits");
	CHECK(message_receive(two[1], buffer, &m) == MT_STATE, "the other got nothing");
	close(one[1]);
	close(two[1]);
	close_peers();
}

const struct test tests[] = {
	{ "numbers", test_numbers },
	{ "queue_ends", test_queue_ends },
	{ "order", test_order },
	TESTS_END,
};
