#include "service/door/door.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/door.h"
#include "port/linux/linux.h"

#define EVENTS_AT_ONCE 64
/* What epoll gives back: the index of a client, or one of these. */
#define TOKEN_CORE UINT32_MAX
#define TOKEN_LISTEN (UINT32_MAX - 1)

struct client {
	int fd;                 /* -1: the row is free */
	uint32_t number;
	bool known;             /* it is the node's own user */
};

struct door {
	int epoll;
	uint32_t next, uid, gid;        /* uid, gid: as they are outside */
	uid_t own_uid;                  /* and in here */
	gid_t own_gid;
	bool listening;
	struct client client[TEE_DOOR_CLIENTS_MAX];
	uint8_t received[PORT_MESSAGE_MAX], sent[DOOR_HEAD_MAX + TEE_DOOR_MESSAGE_MAX];
};

static bool watch(struct door *d, int fd, uint32_t token)
{
	struct epoll_event e = { .events = EPOLLIN, .data.u32 = token };

	return epoll_ctl(d->epoll, EPOLL_CTL_ADD, fd, &e) == 0;
}

/* Waits while core's queue is full: nobody's message may overtake or be lost. False: it could not be sent (too many handles in flight). */
static bool core_tell(struct door *d, struct builder *b, const struct message *m)
{
	struct bytes body = { 0 };
	enum mt_err err = builder_done(b, &body);

	(void)d;
	mt_assert(!err);
	return message_send_wait(DOOR_FD_CORE, body, m ? m->handle : NULL, m ? m->handle_count : 0) == MT_OK;
}

/* ---- clients ---- */

/* With all rows taken the rest waits in the kernel's queue. */
static void listen_set(struct door *d, bool on)
{
	struct epoll_event e = { .events = on ? EPOLLIN : 0, .data.u32 = TOKEN_LISTEN };

	if (on != d->listening && epoll_ctl(d->epoll, EPOLL_CTL_MOD, DOOR_FD_LISTEN, &e) == 0) {
		d->listening = on;
	}
}

static void client_end(struct door *d, struct client *c)
{
	struct builder b = builder_over(d->sent, sizeof(d->sent));

	builder_u8(&b, DOOR_CLIENT_GONE);
	builder_u32(&b, c->number);
	close(c->fd);
	*c = (struct client){ .fd = -1 };
	(void)core_tell(d, &b, NULL);
	listen_set(d, true);
}

static struct client *client_free(struct door *d)
{
	for (size_t i = 0; i < TEE_DOOR_CLIENTS_MAX; i++) {
		if (d->client[i].fd < 0) {
			return &d->client[i];
		}
	}
	return NULL;
}

static void client_accept(struct door *d)
{
	struct client *c = client_free(d);
	struct ucred who = { 0 };
	socklen_t size = sizeof(who);

	if (!c || d->next == 0) {
		listen_set(d, false);   /* 2^32 connections: then the node is restarted */
		return;
	}
	int fd = accept4(DOOR_FD_LISTEN, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0) {
		return;
	}
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0 || !watch(d, fd, (uint32_t)(c - d->client))) {
		close(fd);
		return;
	}
	*c = (struct client){ .fd = fd, .number = d->next++, .known = who.uid == d->own_uid && who.gid == d->own_gid };
}

/* One message: the others have their turn. */
static void client_read(struct door *d, struct client *c)
{
	struct message m = { 0 };
	struct builder b = builder_over(d->sent, sizeof(d->sent));
	enum mt_err err = message_receive(c->fd, d->received, &m);

	if (err == MT_STATE) {
		return;
	}
	if (err || m.body.size > TEE_DOOR_MESSAGE_MAX) {
		message_close(&m);
		client_end(d, c);
		return;
	}
	builder_u8(&b, DOOR_FROM_CLIENT);
	builder_u32(&b, c->number);
	builder_u8(&b, c->known);
	builder_u32(&b, c->known ? d->uid : 0);
	builder_u32(&b, c->known ? d->gid : 0);
	builder_bytes(&b, m.body);
	bool good = core_tell(d, &b, &m);

	message_close(&m);
	if (!good) {
		client_end(d, c);
	}
}

/* ---- core ---- */

static struct client *client_of(struct door *d, uint32_t number)
{
	for (size_t i = 0; i < TEE_DOOR_CLIENTS_MAX; i++) {
		if (d->client[i].fd >= 0 && d->client[i].number == number) {
			return &d->client[i];
		}
	}
	return NULL;            /* it has gone meanwhile */
}

static void core_message(struct door *d, const struct message *m)
{
	struct cursor c = cursor_over(m->body);
	uint8_t type = cursor_u8(&c);
	struct client *to = client_of(d, cursor_u32(&c));
	struct bytes rest = cursor_take(&c, cursor_left(&c));

	if (to && type == DOOR_END_CLIENT) {
		client_end(d, to);
	} else if (to && type == DOOR_TO_CLIENT && rest.size > 0 &&
		   message_send(to->fd, rest, m->handle, m->handle_count) != MT_OK) {
		client_end(d, to);      /* it does not read what it has asked for */
	}
}

/* False: core is gone, and with it the node. */
static bool core_read(struct door *d)
{
	struct message m = { 0 };
	enum mt_err err;

	while ((err = message_receive(DOOR_FD_CORE, d->received, &m)) == MT_OK) {
		core_message(d, &m);
		message_close(&m);
	}
	return err == MT_STATE || err == MT_MALFORMED;
}

/* ---- the loop ---- */

static bool turn(struct door *d)
{
	struct epoll_event ready[EVENTS_AT_ONCE];
	int count = epoll_wait(d->epoll, ready, EVENTS_AT_ONCE, -1);
	bool goes_on = count >= 0 || errno == EINTR;

	for (int i = 0; goes_on && i < count; i++) {
		uint32_t token = ready[i].data.u32;

		if (token == TOKEN_CORE) {
			goes_on = core_read(d);
		} else if (token == TOKEN_LISTEN) {
			client_accept(d);
		} else if (d->client[token].fd >= 0) {
			client_read(d, &d->client[token]);
		}
	}
	return goes_on;
}

int door_run(const char *who)
{
	static struct door door;        /* a message's buffer is too large for the stack */
	struct door *d = &door;
	unsigned uid, gid;

	if (sscanf(who, "%u %u", &uid, &gid) != 2) {
		fprintf(stderr, "door: not a user and a group: %s\n", who);
		return 2;
	}
	d->own_uid = geteuid();
	d->own_gid = getegid();
	sandbox_promise(SANDBOX_DOOR);
	d->uid = uid;
	d->gid = gid;
	d->next = 1;
	d->listening = true;
	for (size_t i = 0; i < TEE_DOOR_CLIENTS_MAX; i++) {
		d->client[i].fd = -1;
	}
	d->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (d->epoll < 0 || !watch(d, DOOR_FD_CORE, TOKEN_CORE) || !watch(d, DOOR_FD_LISTEN, TOKEN_LISTEN)) {
		return 1;
	}
	while (turn(d)) {
	}
	return 0;
}
