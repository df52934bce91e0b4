/*
 * The gateway as a process: uploads. The test plays core, the supplicant and the clients, so that each can be slow, late or gone.
 * Clients come without attested TLS; what the gateway does with an upload is the same.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "service/gateway/gateway_private.h"
#include "test/test.h"

#define FILES 8
#define MIB ((size_t)1 << 20)

enum syncs { SYNCS_ANSWERED, SYNCS_HELD, SYNCS_FAIL };

/* The node around the gateway. */
struct node {
	pid_t pid;
	int core, supplicant;
	struct sockaddr_in address;
	enum syncs syncs;
	bool closes_held;
	unsigned files, syncs_seen, closes_seen, aborts_seen, status_seen;
	uint32_t held_id; /* the last sync or close that was not answered */
	int file[FILES + 1]; /* by the upload's number, from 1 */
};

struct client {
	int fd;
	SSL *ssl;
	size_t size, sent;
	uint8_t seed;
};

static SSL_CTX *context;
static uint8_t wire[PORT_MESSAGE_MAX], received[PORT_MESSAGE_MAX];

/* ---- the process ---- */

static void gateway_child(int core, int supplicant, int listener, int ready)
{
	int from[] = { core, supplicant, listener, ready };

	for (int i = 0; i < 4; i++) {
		from[i] = fcntl(from[i], F_DUPFD, 64);
	}
	for (int i = 0; i < 4; i++) {
		dup2(from[i], GATEWAY_FD_CORE + i);
	}
	close_range(GATEWAY_FD_READY + 1, ~0U, 0);
	_exit(gateway_run());
}

static void send_to(int socket, const struct builder *b, int handle)
{
	struct bytes body = { 0 };

	CHECK(builder_done(b, &body) == MT_OK && message_send_wait(socket, body, &handle, handle >= 0) == MT_OK,
	      "sent");
}

static void node_open(struct node *n)
{
	int core[2], supplicant[2], ready[2], listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	socklen_t size = sizeof(n->address);
	struct builder b = builder_over(wire, sizeof(wire));
	uint8_t byte = 0;

	*n = (struct node){ .address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) } };
	signal(SIGPIPE, SIG_IGN);
	if (message_pair(core) || message_pair(supplicant) || pipe(ready) ||
	    bind(listener, (void *)&n->address, size) || listen(listener, 8) ||
	    getsockname(listener, (void *)&n->address, &size)) {
		abort();
	}
	fflush(NULL);
	n->pid = fork();
	if (n->pid == 0) {
		gateway_child(core[1], supplicant[1], listener, ready[1]);
	}
	close(core[1]);
	close(supplicant[1]);
	close(listener);
	close(ready[1]);
	n->core = core[0];
	n->supplicant = supplicant[0];
	context = SSL_CTX_new(TLS_client_method());
	SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	builder_u8(&b, NODE_OPEN);
	send_to(n->core, &b, -1);
	CHECK(read(ready[0], &byte, 1) == 1, "it is up");
	close(ready[0]);
}

static void node_close(struct node *n)
{
	int status = 0;

	close(n->core);
	close(n->supplicant);
	CHECK(waitpid(n->pid, &status, 0) == n->pid && WIFEXITED(status) && WEXITSTATUS(status) == 0,
	      "the gateway has ended well");
	for (unsigned i = 1; i <= n->files; i++) {
		close(n->file[i]);
	}
	SSL_CTX_free(context);
}

/* ---- core and supplicant ---- */

static void core_serve(struct node *n, struct cursor c)
{
	struct builder b = builder_over(wire, sizeof(wire));
	uint8_t type = cursor_u8(&c), name[REE_NAME_SIZE] = { 1 };
	uint32_t connection = cursor_u32(&c), request = cursor_u32(&c);
	uint8_t route = cursor_u8(&c), attested = cursor_u8(&c), count = cursor_u8(&c);

	CHECK(type == NODE_REQUEST && !attested, "a request");
	for (uint8_t i = 0; i < count; i++) {
		(void)cursor_take32(&c);
	}
	uint64_t size = cursor_u64(&c);
	builder_u8(&b, route == ROUTE_DATA_PUT ? NODE_UPLOAD : NODE_ANSWER);
	builder_u32(&b, connection);
	builder_u32(&b, request);
	if (route == ROUTE_DATA_PUT) {
		builder_bytes(&b, mt_bytes(name, sizeof(name)));
		builder_u64(&b, size);
	} else {
		n->status_seen++;
		builder_u16(&b, 200);
		builder_u8(&b, NODE_JSON);
		builder_bytes32(&b, mt_text("{}"));
	}
	send_to(n->core, &b, -1);
}

static void supplicant_answer(struct node *n, uint32_t id, enum mt_err err, uint32_t upload, int handle)
{
	struct builder b = builder_over(wire, sizeof(wire));

	builder_u8(&b, REE_ANSWER);
	builder_u32(&b, id);
	builder_u8(&b, (uint8_t)err);
	if (upload) {
		builder_u32(&b, upload);
	}
	send_to(n->supplicant, &b, handle);
}

static void supplicant_serve(struct node *n, struct cursor c)
{
	uint8_t type = cursor_u8(&c);
	uint32_t id = cursor_u32(&c);
	bool hold = (type == REE_UPLOAD_SYNC && n->syncs == SYNCS_HELD) || (type == REE_UPLOAD_CLOSE && n->closes_held);

	n->syncs_seen += type == REE_UPLOAD_SYNC;
	n->closes_seen += type == REE_UPLOAD_CLOSE;
	n->aborts_seen += type == REE_UPLOAD_ABORT;
	if (type == REE_UPLOAD_OPEN && CHECK(n->files < FILES, "room")) {
		int fd = memfd_create("upload", MFD_CLOEXEC);
		n->file[++n->files] = fd;
		supplicant_answer(n, id, MT_OK, n->files, fd);
	} else if (hold) {
		n->held_id = id;
	} else {
		supplicant_answer(n, id, type == REE_UPLOAD_SYNC && n->syncs == SYNCS_FAIL ? MT_IO : MT_OK, 0, -1);
	}
}

/* Serve whatever has come; wait for it that long. False: nothing came. */
static bool node_serve(struct node *n, int wait_ms)
{
	struct pollfd p[2] = { { .fd = n->core, .events = POLLIN }, { .fd = n->supplicant, .events = POLLIN } };
	struct message m = { 0 };

	if (poll(p, 2, wait_ms) <= 0) {
		return false;
	}
	for (int i = 0; i < 2; i++) {
		if (p[i].revents && message_receive(p[i].fd, received, &m) == MT_OK) {
			if (i == 0) {
				core_serve(n, cursor_over(m.body));
			} else {
				supplicant_serve(n, cursor_over(m.body));
			}
			message_close(&m);
		}
	}
	return true;
}

static size_t file_size(const struct node *n, unsigned file)
{
	struct stat facts = { 0 };

	return file <= n->files && fstat(n->file[file], &facts) == 0 ? (size_t)facts.st_size : 0;
}

/* ---- clients ---- */

static uint8_t content_at(uint8_t seed, size_t at)
{
	return (uint8_t)((at >> 16) * 31 + at * 7 + seed);
}

static void client_open(const struct node *n, struct client *c)
{
	int large = 4 << 20;

	*c = (struct client){ .fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), .ssl = SSL_new(context) };
	(void)setsockopt(c->fd, SOL_SOCKET, SO_SNDBUF, &large, sizeof(large));
	CHECK(connect(c->fd, (const void *)&n->address, sizeof(n->address)) == 0 && SSL_set_fd(c->ssl, c->fd) &&
		      SSL_connect(c->ssl) == 1,
	      "connected");
	(void)fcntl(c->fd, F_SETFL, O_NONBLOCK);
}

static void client_close(struct client *c)
{
	SSL_free(c->ssl);
	close(c->fd);
}

static void client_say(struct client *c, const char *text)
{
	size_t n = 0;

	CHECK(SSL_write_ex(c->ssl, text, strlen(text), &n) == 1 && n == strlen(text), "said");
}

static void client_put(struct client *c, size_t size, uint8_t seed)
{
	char head[256];

	snprintf(head, sizeof(head), "PUT /v1/data/%064d HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n\r\n", seed,
		 size);
	client_say(c, head);
	c->size = size;
	c->seed = seed;
}

/* As much of the body, up to `to`, as goes without waiting. False: nothing went. */
static bool client_pump(struct client *c, size_t to)
{
	static uint8_t part[64 * 1024];
	size_t before = c->sent, n = 0;

	while (c->sent < to) {
		size_t size = to - c->sent < sizeof(part) ? to - c->sent : sizeof(part);
		for (size_t i = 0; i < size; i++) {
			part[i] = content_at(c->seed, c->sent + i);
		}
		ERR_clear_error();
		if (SSL_write_ex(c->ssl, part, size, &n) != 1) {
			break;
		}
		c->sent += n;
	}
	return c->sent > before;
}

/* Everything moves until nothing has for a while. */
static void run(struct node *n, struct client *c, size_t count, size_t to)
{
	for (int still = 0; still < 30;) {
		bool moved = node_serve(n, 0);
		for (size_t i = 0; i < count; i++) {
			moved |= client_pump(&c[i], to < c[i].size ? to : c[i].size);
		}
		still = moved ? 0 : still + 1;
		if (!moved) {
			moved = node_serve(n, 10);
		}
	}
}

/* The status of the answer that has come; 0: none has; -1: the connection is over. */
static int client_answer(struct client *c)
{
	char text[4096] = "";
	size_t n = 0;

	ERR_clear_error();
	if (SSL_read_ex(c->ssl, text, sizeof(text) - 1, &n) != 1) {
		return SSL_get_error(c->ssl, 0) == SSL_ERROR_WANT_READ ? 0 : -1;
	}
	return atoi(text + strlen("HTTP/1.1 "));
}

static void content_check(const struct node *n, unsigned file, const struct client *c)
{
	uint8_t *at = file_size(n, file) == c->size ? mmap(NULL, c->size, PROT_READ, MAP_SHARED, n->file[file], 0)
						    : MAP_FAILED;
	size_t i = 0;

	if (!CHECK(at != MAP_FAILED, "the size")) {
		return;
	}
	while (i < c->size && at[i] == content_at(c->seed, i)) {
		i++;
	}
	CHECK(i == c->size, "the bytes");
	munmap(at, c->size);
}

/* ---- the tests ---- */

static void test_several(void)
{
	struct node n;
	struct client c[3];

	node_open(&n);
	n.closes_held = true;
	for (size_t i = 0; i < MT_COUNT(c); i++) {
		client_open(&n, &c[i]);
		client_put(&c[i], (3 + 7 * i) * MIB + 12345 + i, (uint8_t)(i + 1));
		while (n.files < i + 1 && node_serve(&n, 1000)) {
		}
	}
	run(&n, c, MT_COUNT(c), SIZE_MAX);
	CHECK(n.closes_seen == MT_COUNT(c) && n.aborts_seen == 0, "all came whole");
	for (size_t i = 0; i < MT_COUNT(c); i++) {
		content_check(&n, (unsigned)i + 1, &c[i]);
		CHECK(client_answer(&c[i]) == 0, "none is told before the disk has it");
	}
	supplicant_answer(&n, n.held_id, MT_OK, 0, -1);
	run(&n, c, 0, 0);
	int told = 0;
	for (size_t i = 0; i < MT_COUNT(c); i++) {
		told += client_answer(&c[i]) == 201;
		client_close(&c[i]);
	}
	CHECK(told == 1, "then the one whose it is");
	node_close(&n);
}

/* A connection is good for the next request after an upload: nothing of it stays in the buffers that were read ahead. */
static void test_next_request(void)
{
	struct node n;
	struct client c;

	node_open(&n);
	client_open(&n, &c);
	client_put(&c, MIB + 1, 9);
	while (client_pump(&c, c.size) || c.sent < c.size) {
		node_serve(&n, 1);
	}
	client_say(&c, "GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n");
	run(&n, &c, 0, 0);
	content_check(&n, 1, &c);
	CHECK(client_answer(&c) == 201 && client_answer(&c) != -1 && n.status_seen == 1, "both were answered");
	client_close(&c);
	node_close(&n);
}

static void test_disk_behind(void)
{
	struct node n;
	struct client c[2];

	node_open(&n);
	n.syncs = SYNCS_HELD;
	client_open(&n, &c[0]);
	client_open(&n, &c[1]);
	client_put(&c[0], 48 * MIB, 3);
	run(&n, c, 1, SIZE_MAX);
	CHECK(n.syncs_seen == 1 && file_size(&n, 1) >= 2 * GATEWAY_SYNC_SIZE &&
		      file_size(&n, 1) <= 2 * (GATEWAY_SYNC_SIZE + GATEWAY_CHUNK),
	      "two slices, no more");
	CHECK(c[0].sent < c[0].size, "and the client waits");
	client_say(&c[1], "GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n");
	run(&n, c, 0, 0);
	CHECK(client_answer(&c[1]) == 200, "another one does not");
	n.syncs = SYNCS_ANSWERED;
	supplicant_answer(&n, n.held_id, MT_OK, 0, -1);
	run(&n, c, 1, SIZE_MAX);
	CHECK(n.closes_seen == 1 && client_answer(&c[0]) == 201, "it goes on when the disk has caught up");
	content_check(&n, 1, &c[0]);
	client_close(&c[0]);
	client_close(&c[1]);
	node_close(&n);
}

static void test_sync_fails(void)
{
	struct node n;
	struct client c;

	node_open(&n);
	n.syncs = SYNCS_FAIL;
	client_open(&n, &c);
	client_put(&c, 48 * MIB, 4);
	run(&n, &c, 1, SIZE_MAX);
	CHECK(n.syncs_seen == 1 && n.closes_seen == 0 && n.aborts_seen == 0,
	      "the supplicant has dropped it: nothing more of it");
	int answer = client_answer(&c);
	CHECK(answer == 507 || answer == -1, "and the client knows");
	client_close(&c);
	node_close(&n);
}

static void test_cut(void)
{
	struct node n;
	struct client c;

	node_open(&n);
	client_open(&n, &c);
	client_put(&c, 8 * MIB, 5);
	run(&n, &c, 1, 5 * MIB);
	CHECK(file_size(&n, 1) > 4 * MIB, "most of it came");
	client_close(&c);
	run(&n, &c, 0, 0);
	CHECK(n.aborts_seen == 1 && n.closes_seen == 0, "a part of an upload is dropped");
	node_close(&n);
}

/*
 * Much waits in one connection, a small request in another behind it. How much of the first was stored when core has the second; *waiting:
 * all that it could have been.
 */
static size_t turn_size(size_t *waiting)
{
	struct node n;
	struct client c[2];

	node_open(&n);
	client_open(&n, &c[0]);
	client_open(&n, &c[1]);
	client_put(&c[0], 64 * MIB, 6);
	run(&n, c, 1, MIB);
	CHECK(file_size(&n, 1) == MIB && kill(n.pid, SIGSTOP) == 0, "under way, then stopped");
	while (client_pump(&c[0], c[0].size)) {
	}
	client_say(&c[1], "GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n");
	struct pollfd p = { .fd = n.core, .events = POLLIN };
	CHECK(kill(n.pid, SIGCONT) == 0 && poll(&p, 1, 5000) == 1, "the request came to core");
	size_t when = file_size(&n, 1) - MIB;
	*waiting = c[0].sent - MIB;
	run(&n, c, 0, 0);
	CHECK(client_answer(&c[1]) == 200, "answered");
	client_close(&c[0]);
	client_close(&c[1]);
	run(&n, c, 0, 0); /* the abort is on its way */
	node_close(&n);
	return when;
}

/* The test itself may be late to look: it looks several times. */
static void test_turns(void)
{
	size_t waiting = 0, when = SIZE_MAX;

	for (int i = 0; i < 5 && when > waiting / 2; i++) {
		when = turn_size(&waiting);
		CHECK(waiting >= 4 * MIB, "much waits");
	}
	CHECK(when <= waiting / 2, "not when all of the first is done");
}

const struct test tests[] = {
	{ "several", test_several },
	{ "next_request", test_next_request },
	{ "disk_behind", test_disk_behind },
	{ "sync_fails", test_sync_fails },
	{ "cut", test_cut },
	{ "turns", test_turns },
	TESTS_END,
};
