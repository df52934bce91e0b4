/*
 * The loop under core: events in, the port table out, and the numbering of workers.
 */
#include "port/linux/peers.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#define LAUNCHER 3 /* a peer number that core does not know */
#define TICK_MS 1000
/* Messages taken from one peer before the others have their turn. */
#define TURN_MAX 64

struct loop {
	struct port port;
	struct peers peers;
	uint32_t next_worker;
	const struct linux_core *hooks;
	void *core;
	bool stopping, over;
	uint64_t tick_at_ms;
	uint8_t buffer[PORT_MESSAGE_MAX];
};

static uint64_t clock_ms(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static enum mt_err launcher_tell(struct loop *l, uint8_t type, uint32_t worker, const uint8_t *kind,
				 const uint64_t *after_ms)
{
	uint8_t wire[CONTROL_SIZE_MAX];
	struct builder b = builder_over(wire, sizeof(wire));
	struct bytes body = { 0 };

	builder_u8(&b, type);
	builder_u32(&b, worker);
	if (kind) {
		builder_u8(&b, *kind);
	}
	if (after_ms) {
		builder_u64(&b, *after_ms);
	}
	enum mt_err err = builder_done(&b, &body);

	mt_assert(!err);
	return peer_send(&l->peers, peer_find(&l->peers, LAUNCHER), body, NULL, 0);
}

/* ---- the port table ---- */

static enum mt_err port_send(void *self, uint32_t number, struct bytes body,
			     const port_handle *handles, size_t count)
{
	struct loop *l = self;
	struct peer *p = number == LAUNCHER ? NULL : peer_find(&l->peers, number);

	if (!p) {
		peer_handles_close(handles, count);
		return MT_IO;
	}
	return peer_send(&l->peers, p, body, handles, count);
}

static enum mt_err port_spawn(void *self, enum port_worker kind, uint32_t *peer)
{
	struct loop *l = self;
	uint8_t wire_kind = (uint8_t)kind;

	/*
	 * 2^32 workers at one in 500 us last for 25 days of nothing else; then the node is
	 * restarted.
	 */
	if (l->next_worker == UINT32_MAX) {
		return MT_LIMIT;
	}
	struct peer *p = peer_add(&l->peers, l->next_worker, -1);

	if (!p) {
		return MT_LIMIT;
	}
	enum mt_err err = launcher_tell(l, CONTROL_SPAWN, p->number, &wire_kind, NULL);

	if (err) {
		peer_remove(&l->peers, p);
		return err;
	}
	l->next_worker++;
	*peer = p->number;
	return MT_OK;
}

static void port_deadline(void *self, uint32_t peer, uint64_t after_ms)
{
	/*
	 * The queue to the launcher only fills when the launcher is dead, and then we are about to
	 * be.
	 */
	if (peer >= PORT_WORKER_FIRST &&
	    launcher_tell(self, CONTROL_DEADLINE, peer, NULL, &after_ms) != MT_OK) {
		((struct loop *)self)->over = true;
	}
}

static void port_kill(void *self, uint32_t peer)
{
	if (peer >= PORT_WORKER_FIRST &&
	    launcher_tell(self, CONTROL_KILL, peer, NULL, NULL) != MT_OK) {
		((struct loop *)self)->over = true;
	}
}

static void port_stop(void *self)
{
	if (launcher_tell(self, CONTROL_END, 0, NULL, NULL) != MT_OK) {
		((struct loop *)self)->over = true;
	}
}

static enum mt_err port_memory_make(void *self, struct bytes content, port_handle *out)
{
	(void)self;
	return memory_make(content, out);
}

/*
 * The size is bounded by the worker that writes (its own limit, set before the guest runs) and
 * checked again by the seal worker.
 */
static enum mt_err port_memory_scratch(void *self, uint64_t size_max, port_handle *out)
{
	(void)self;
	(void)size_max;
	return memory_scratch(out);
}

static enum mt_err port_memory_seal(void *self, port_handle handle)
{
	(void)self;
	return memory_seal(handle);
}

static enum mt_err port_memory_share(void *self, port_handle handle, port_handle *out)
{
	(void)self;
	return memory_share(handle, out);
}

static enum mt_err port_memory_map(void *self, port_handle handle, struct bytes *out)
{
	(void)self;
	return memory_map(handle, out);
}

static void port_memory_unmap(void *self, struct bytes mapped)
{
	(void)self;
	memory_unmap(mapped);
}

static void port_memory_close(void *self, port_handle handle)
{
	(void)self;
	memory_close(handle);
}

/* ---- events ---- */

static void deliver(struct loop *l, struct port_event *e)
{
	e->now_ms = clock_ms(CLOCK_REALTIME);
	e->monotonic_ms = clock_ms(CLOCK_MONOTONIC);
	l->hooks->event(l->core, e);
}

static void deliver_message(struct loop *l, uint32_t number, struct message *m)
{
	struct port_event e = { .kind = PORT_MESSAGE,
				.peer = number,
				.body = m->body,
				.handle_count = m->handle_count };

	memcpy(e.handle, m->handle, m->handle_count * sizeof(e.handle[0]));
	deliver(l, &e);
}

static void worker_given(struct loop *l, uint32_t number, struct message *m)
{
	struct peer *p = peer_find(&l->peers, number);

	mt_assert(p && p->socket < 0 && m->handle_count == 1);
	p->socket = m->handle[0];
	if (peer_watch(&l->peers, p, EPOLL_CTL_ADD, false) != MT_OK) {
		port_kill(l, number);
		return;
	}
	peer_flush(&l->peers, p);
}

/* What a worker sent before its end comes before the news of its end. */
static void peer_read(struct loop *l, struct peer *p);

static void worker_gone(struct loop *l, uint32_t number, struct port_event *e)
{
	struct peer *p = peer_find(&l->peers, number);

	mt_assert(p);
	if (p->socket >= 0) {
		peer_read(l, p);
	}
	p = peer_find(&l->peers, number);
	if (p) {
		peer_remove(&l->peers, p);
	}
	e->kind = PORT_GONE;
	e->peer = number;
	deliver(l, e);
}

/* From the launcher, whose class is above ours: a message that is none is our bug. */
static void launcher_message(struct loop *l, struct message *m)
{
	struct cursor c = cursor_over(m->body);
	struct port_event e = { 0 };
	uint8_t type = cursor_u8(&c);
	uint32_t number = type == CONTROL_STOP ? 0 : cursor_u32(&c);

	if (type == CONTROL_GONE) {
		e.exit_code = (int)(int32_t)cursor_u32(&c);
		e.deadline = cursor_u8(&c) != 0;
		e.cpu_us = cursor_u64(&c);
		e.memory_peak = cursor_u64(&c);
	}
	if (type == CONTROL_USED) {
		e.cpu_us = cursor_u64(&c);
	}
	mt_assert(cursor_done(&c));
	switch (type) {
	case CONTROL_WORKER:
		worker_given(l, number, m);
		break;
	case CONTROL_GONE:
		worker_gone(l, number, &e);
		break;
	case CONTROL_USED:
		e.kind = PORT_USED;
		e.peer = number;
		deliver(l, &e);
		break;
	default:
		mt_assert(type == CONTROL_STOP);
		l->stopping = true;
		e.kind = PORT_STOP;
		deliver(l, &e);
	}
}

/*
 * The other end is closed. Of a worker the launcher tells when it is dead; until then it only falls
 * silent.
 */
static void peer_silent(struct loop *l, struct peer *p)
{
	if (p->number == PORT_DOOR) {
		peer_remove(&l->peers, p);
		deliver(l, &(struct port_event){ .kind = PORT_GONE, .peer = PORT_DOOR });
		return;
	}
	if (p->number < PORT_WORKER_FIRST) {
		l->over = true; /* the launcher ends the rest */
		return;
	}
	(void)epoll_ctl(l->peers.epoll, EPOLL_CTL_DEL, p->socket, NULL);
}

static void peer_read(struct loop *l, struct peer *p)
{
	uint32_t number = p->number;

	for (size_t i = 0; i < TURN_MAX && p->number == number; i++) {
		struct message m;
		enum mt_err err = message_receive(p->socket, l->buffer, &m);

		switch (err) {
		case MT_OK:
			if (number == LAUNCHER) {
				launcher_message(l, &m);
			} else {
				deliver_message(l, number, &m);
			}
			/* It may have carried a key or plaintext. */
			mt_wipe(l->buffer, m.body.size);
			break;
		case MT_MALFORMED:
			break; /* lost, as if never sent; the sender is the one who waits */
		case MT_STATE:
			return;
		default:
			peer_silent(l, p);
			return;
		}
	}
}

static void turn(struct loop *l)
{
	struct epoll_event ready[PEERS_MAX];
	uint64_t now = clock_ms(CLOCK_MONOTONIC);
	int timeout = l->tick_at_ms > now ? (int)(l->tick_at_ms - now) : 0;
	int count = epoll_wait(l->peers.epoll, ready, PEERS_MAX, timeout);

	for (int i = 0; i < count && !l->over; i++) {
		struct peer *p = peer_find(&l->peers, ready[i].data.u32);

		if (p && (ready[i].events & EPOLLOUT)) {
			peer_flush(&l->peers, p);
		}
		if (p && (ready[i].events & ~(uint32_t)EPOLLOUT)) {
			peer_read(l, p);
		}
	}
	if (clock_ms(CLOCK_MONOTONIC) >= l->tick_at_ms) {
		l->tick_at_ms = clock_ms(CLOCK_MONOTONIC) + TICK_MS;
		deliver(l, &(struct port_event){ .kind = PORT_TICK });
	}
	deliver(l, &(struct port_event){ .kind = PORT_IDLE });
}

/* ---- the start ---- */

static enum mt_err secret_read(struct secret *out)
{
	uint8_t more;
	ssize_t got = read(CORE_FD_PLATFORM, out->at, sizeof(out->at));
	bool whole = got == (ssize_t)sizeof(out->at) && read(CORE_FD_PLATFORM, &more, 1) == 0;

	close(CORE_FD_PLATFORM);
	return whole ? MT_OK : MT_MALFORMED;
}

static enum mt_err facts_read(struct loop *l, struct port_facts *facts)
{
	facts->port = &l->port;
	facts->confined = sandbox_confined();
	enum mt_err err = secret_read(&facts->platform_secret);

	if (err) {
		fprintf(stderr, "core: the platform file must hold exactly 32 bytes\n");
		return err;
	}
	err = memory_map(CORE_FD_MEASUREMENT, &facts->measurement);
	if (!err) {
		err = memory_map(CORE_FD_CONFIGURATION, &facts->configuration);
	}
	close(CORE_FD_MEASUREMENT);
	close(CORE_FD_CONFIGURATION);
	return err;
}

static enum mt_err loop_open(struct loop *l)
{
	static const struct {
		uint32_t number;
		int socket;
	} first[] = {
		{ LAUNCHER, CORE_FD_LAUNCHER },
		{ PORT_GATEWAY, CORE_FD_GATEWAY },
		{ PORT_SUPPLICANT, CORE_FD_SUPPLICANT },
		{ PORT_DOOR, CORE_FD_DOOR },
	};

	l->port = (struct port){
		.self = l,
		.send = port_send,
		.spawn = port_spawn,
		.deadline = port_deadline,
		.kill = port_kill,
		.stop = port_stop,
		.memory_make = port_memory_make,
		.memory_scratch = port_memory_scratch,
		.memory_seal = port_memory_seal,
		.memory_share = port_memory_share,
		.memory_map = port_memory_map,
		.memory_unmap = port_memory_unmap,
		.memory_close = port_memory_close,
	};
	l->next_worker = PORT_WORKER_FIRST;
	l->peers.epoll = epoll_create1(EPOLL_CLOEXEC);
	for (size_t i = 0; i < MT_COUNT(first); i++) {
		struct peer *p = peer_add(&l->peers, first[i].number, first[i].socket);

		if (!p || peer_watch(&l->peers, p, EPOLL_CTL_ADD, false) != MT_OK) {
			return MT_IO;
		}
	}
	return MT_OK;
}

int linux_core_main(const struct linux_core *hooks)
{
	static struct loop loop; /* 112 KiB of buffer: not for the stack */
	struct loop *l = &loop;
	struct port_facts facts = { 0 };
	uint8_t hash[CRYPTO_SHA256_SIZE];

	/*
	 * libcrypto looks for its configuration file at its first use: now, while looking is still
	 * allowed.
	 */
	crypto_sha256(mt_bytes(NULL, 0), hash);
	sandbox_promise(SANDBOX_CORE);
	l->hooks = hooks;
	enum mt_err err = loop_open(l);

	if (!err) {
		err = facts_read(l, &facts);
	}
	if (!err) {
		err = hooks->open(&facts, &l->core);
	}
	if (err) {
		fprintf(stderr, "core: cannot start: %s\n", mt_err_name(err));
		mt_wipe(&facts, sizeof(facts));
		return 1;
	}
	l->tick_at_ms = clock_ms(CLOCK_MONOTONIC) + TICK_MS;
	deliver(l, &(struct port_event){ .kind = PORT_START });
	while (!l->over && !(l->stopping && hooks->stopped(l->core))) {
		turn(l);
	}
	hooks->close(l->core);
	mt_wipe(&facts, sizeof(facts));
	return 0;
}
