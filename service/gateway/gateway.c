/* The loop over everything that may happen. The TLS key is made here, before the promise, and never leaves. */
#include "service/gateway/gateway_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "port/linux/box_port.h"

#define EVENTS_AT_ONCE 64

uint64_t gateway_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static bool watch(struct gateway *g, int fd, uint32_t token)
{
	struct epoll_event e = { .events = EPOLLIN, .data.u32 = token };

	return epoll_ctl(g->epoll, EPOLL_CTL_ADD, fd, &e) == 0;
}

static struct gateway *gateway_open(void)
{
	struct gateway *g = mt_alloc(sizeof(*g));

	if (!g || channel_tls_node(&g->tls) || box_open(&box_http, &g->http) || box_open(&box_cbor, &g->cbor)) {
		return NULL;
	}
	g->next_connection = 1;
	g->next_call = 1;
	g->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (g->epoll < 0 || !watch(g, GATEWAY_FD_CORE, GATEWAY_TOKEN_CORE) || !watch(g, GATEWAY_FD_SUPPLICANT, GATEWAY_TOKEN_REE)) {
		return NULL;
	}
	return g;
}

/* All messages that wait. The end of a sibling is the end of the node. */
static void drain(struct gateway *g, int socket)
{
	for (;;) {
		struct message m = { 0 };
		bool was_open = g->open;
		enum mt_err err = message_receive(socket, g->received, &m);
		if (err == MT_STATE) {
			return;
		}
		if (err == MT_IO) {
			_exit(0);
		}
		if (err) {
			continue;       /* a message out of bounds is lost, its handles are closed */
		}
		if (socket == GATEWAY_FD_CORE) {
			relay_core_message(g, m.body);
		} else {
			relay_ree_message(g, &m);
		}
		message_close(&m);
		if (g->open && !was_open && !watch(g, GATEWAY_FD_LISTEN, GATEWAY_TOKEN_LISTEN)) {
			_exit(1);
		}
	}
}

static void dispatch(struct gateway *g, uint32_t token)
{
	switch (token) {
	case GATEWAY_TOKEN_LISTEN:
		connection_accept(g);
		break;
	case GATEWAY_TOKEN_CORE:
		drain(g, GATEWAY_FD_CORE);
		break;
	case GATEWAY_TOKEN_REE:
		drain(g, GATEWAY_FD_SUPPLICANT);
		break;
	default:
		/* Who has used up a turn gets the next one behind the others, not besides. */
		if (g->connection[token].state != CONNECTION_FREE && !g->connection[token].again) {
			connection_drive(g, &g->connection[token]);
		}
		break;
	}
}

int gateway_run(void)
{
	struct epoll_event events[EVENTS_AT_ONCE];

	box_port_install();
	struct gateway *g = gateway_open();
	if (!g) {
		fprintf(stderr, "mesatee: the gateway could not start: out of memory or descriptors\n");
		return 1;
	}
	sandbox_promise(SANDBOX_GATEWAY);
	uint64_t checked_ms = gateway_now_ms();
	for (;;) {
		int count = epoll_wait(g->epoll, events, EVENTS_AT_ONCE, g->again_count ? 0 : 1000);
		if (count < 0 && errno != EINTR) {
			return 1;
		}
		for (int i = 0; i < count; i++) {
			dispatch(g, events[i].data.u32);
		}
		connection_turns(g);
		if (gateway_now_ms() - checked_ms >= 1000) {
			checked_ms = gateway_now_ms();
			connection_timeouts(g);
		}
	}
}
