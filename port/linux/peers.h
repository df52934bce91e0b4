/*
 * The peers of core's loop: their sockets, their numbers, and a bounded queue for each, since core
 * never waits. Private to the loop. Class T.
 */
#ifndef MT_PORT_LINUX_PEERS_H
#define MT_PORT_LINUX_PEERS_H

#include "port/linux/control.h"
#include "port/linux/linux.h"

/* The launcher, the gateway, the supplicant and every worker that can exist at one time. */
#define PEERS_MAX (4 + CONTROL_WORKERS_MAX)
/* Bytes waiting for one peer. A gateway that does not read must not take core's memory. */
#define PEERS_QUEUE_MAX ((size_t)8 << 20)

struct waiting;

struct peer {
	uint32_t number; /* 0: the row is free */
	int socket; /* -1: a worker that the launcher has not given yet */
	bool writing; /* EPOLLOUT is asked for */
	struct waiting *first, **last;
	size_t queued;
};

struct peers {
	int epoll;
	struct peer peer[PEERS_MAX];
};

/* NULL: none (any more). */
struct peer *peer_find(struct peers *s, uint32_t number);
/* NULL: no room. */
struct peer *peer_add(struct peers *s, uint32_t number, int socket);
/* Closes its socket and drops what waits. */
void peer_remove(struct peers *s, struct peer *p);
/* Ask epoll for it: `action` as epoll_ctl() takes it. The peer's number comes back in the event. */
MUST enum mt_err peer_watch(struct peers *s, struct peer *p, int action, bool writing);
/* Send now or queue. Takes the handles, also when it fails. MT_LIMIT, MT_IO, MT_NO_MEMORY. */
MUST enum mt_err peer_send(struct peers *s, struct peer *p, struct bytes body,
			   const port_handle *handles, size_t count);
/* Send what waits, as far as it goes. */
void peer_flush(struct peers *s, struct peer *p);
void peer_handles_close(const port_handle *handles, size_t count);

#endif
