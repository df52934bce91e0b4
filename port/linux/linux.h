/*
 * The Linux port: what the images of a node use of it. Messages between processes, shared memory,
 * the promise by which a process gives up what it does not need, and the loop that carries core.
 *
 * A node is one `mesatee-launcher` and the processes it forks (DESIGN 3). The file descriptors each
 * finds at its start are named below; everything else is closed, the environment is empty, and 0, 1
 * are /dev/null.
 *
 * Hides: sockets, epoll, memfds, seccomp, Landlock, and that some builds (sanitized ones) cannot be
 * confined. Class T. One thread per process. Nothing that arrives is trusted.
 */
#ifndef MT_PORT_LINUX_H
#define MT_PORT_LINUX_H

#include <sys/types.h>

#include "port/port.h"

/* A process that could not be confined ends with this status. */
#define LINUX_EXIT_REFUSED 125

/* ---- what a process finds at its start ---- */

enum linux_fd {
	/* core */
	CORE_FD_LAUNCHER = 3, /* port/linux/control.h */
	CORE_FD_GATEWAY = 4,
	CORE_FD_SUPPLICANT = 5,
	CORE_FD_PLATFORM = 6, /* the platform secret: a file of exactly 32 bytes, read once */
	CORE_FD_MEASUREMENT = 7, /* sealed memory */
	CORE_FD_CONFIGURATION = 8, /* sealed memory */
	CORE_FD_DOOR = 9, /* closed at its other end where there is no door */
	/* gateway */
	GATEWAY_FD_CORE = 3,
	GATEWAY_FD_SUPPLICANT = 4,
	GATEWAY_FD_LISTEN = 5, /* bound and listening, non-blocking */
	/* Write one byte and close when requests can be answered; the node is up then. */
	GATEWAY_FD_READY = 6,
	/* supplicant */
	SUPPLICANT_FD_CORE = 3,
	SUPPLICANT_FD_GATEWAY = 4,
	SUPPLICANT_FD_STATE = 5, /* the state directory */
	SUPPLICANT_FD_FETCH = 6, /* closed at its other end where there is no fetcher */
	/* fetch: its argument says what it may (FETCH_NETWORK …) */
	FETCH_FD_SUPPLICANT = 3,
	FETCH_FD_FOLDER = 4, /* the operator's, to read from, where it has one */
	/* door: its argument is the node's user and group outside of the cell */
	DOOR_FD_CORE = 3,
	DOOR_FD_LISTEN = 4, /* bound and listening, non-blocking */
	/* every worker */
	WORKER_FD_CORE = 3,
};

/* ---- messages with handles (message.c) ---- */

/*
 * One received message. Handles are owned by the receiver; body borrows from the receiver's buffer.
 */
struct message {
	struct bytes body;
	port_handle handle[PORT_HANDLES_MAX];
	size_t handle_count;
};

/* A connected pair of non-blocking, close-on-exec SOCK_SEQPACKET sockets. */
MUST enum mt_err message_pair(int pair[2]);

/*
 * Send one message: 1 to PORT_MESSAGE_MAX bytes and at most PORT_HANDLES_MAX handles, which stay
 * the caller's. MT_STATE: the peer's queue is full, nothing was sent. MT_LIMIT: too large. MT_IO:
 * the peer is gone.
 */
MUST enum mt_err message_send(int socket, struct bytes body, const port_handle *handles,
			      size_t count);

/*
 * Receive one message into buffer (PORT_MESSAGE_MAX bytes).
 * MT_STATE: nothing there (non-blocking sockets only). MT_IO: the peer is gone. MT_MALFORMED:
 * larger than the buffer, or more handles than allowed; the message is lost and its handles are
 * closed.
 */
MUST enum mt_err message_receive(int socket, uint8_t *buffer, struct message *out);

/* Wait until a message can be received or the peer is gone; then receive. Never MT_STATE. */
MUST enum mt_err message_wait(int socket, uint8_t *buffer, struct message *out);
/* Send, waiting while the peer's queue is full. Never MT_STATE. */
MUST enum mt_err message_send_wait(int socket, struct bytes body, const port_handle *handles,
				   size_t count);

/* A message can be received now, or the peer is gone: message_wait() would not wait. */
bool message_waiting(int socket);

/* Close every handle of a message and forget it. */
void message_close(struct message *m);

/* ---- shared memory (memory.c) ---- */

/* Immutable memory with this content. MT_NO_MEMORY, MT_LIMIT. */
MUST enum mt_err memory_make(struct bytes content, port_handle *out);
/* Empty, writable memory. */
MUST enum mt_err memory_scratch(port_handle *out);
/*
 * Write there, without mapping it: what is written once costs half of what it costs through a
 * mapping, which the kernel fills with zeroes first, page by page. MT_LIMIT, MT_NO_MEMORY.
 */
MUST enum mt_err memory_write(port_handle handle, uint64_t offset, struct bytes content);
/*
 * Immutable from now on, for everybody. MT_STATE: somebody maps it writable; MT_DENIED: not
 * sealable memory.
 */
MUST enum mt_err memory_seal(port_handle handle);
/*
 * Map immutable memory for reading. MT_DENIED: it is not sealed against writing, growing and
 * shrinking. Empty memory is { NULL, 0 }.
 */
MUST enum mt_err memory_map(port_handle handle, struct bytes *out);
void memory_unmap(struct bytes mapped);
/*
 * Memory of exactly `size` bytes, zeroed, to write to at *at; memory_keep() ends the writing and
 * makes it immutable. Either way of ending the draft takes `at` away; dropping closes the handle as
 * well. MT_NO_MEMORY, MT_LIMIT.
 */
MUST enum mt_err memory_draft(size_t size, port_handle *out, uint8_t **at);
MUST enum mt_err memory_keep(port_handle handle, uint8_t *at, size_t size);
void memory_drop(port_handle handle, uint8_t *at, size_t size);
/*
 * A window: memory of exactly `size` bytes (not 0), zeroed, that two processes write and read at the same time; no process can change
 * its size. What the other side leaves there is foreign. Ended by memory_drop(). MT_NO_MEMORY, MT_LIMIT.
 */
MUST enum mt_err memory_window(size_t size, port_handle *out, uint8_t **at);
/* The other side's mapping, ended by memory_unmap(). MT_DENIED: no window, or of another size. MT_NO_MEMORY. */
MUST enum mt_err memory_window_map(port_handle handle, size_t size, uint8_t **at);
/*
 * Memory that somebody else has made, to write and read while they do: its first `size` bytes (not 0). Ended by memory_unmap(). MT_DENIED: its
 * owner could cut it short, or it is shorter. MT_NO_MEMORY.
 */
MUST enum mt_err memory_foreign_map(port_handle handle, size_t size, uint8_t **at);
/* A second handle. MT_LIMIT. */
MUST enum mt_err memory_share(port_handle handle, port_handle *out);
void memory_close(port_handle handle); /* PORT_NO_HANDLE allowed */

/* ---- the promise (sandbox.c, or sandbox_none.c in sanitized builds) ---- */

/*
 * What a process still needs. sandbox.c lists the system calls of each, and nothing else works
 * afterwards.
 */
enum sandbox {
	SANDBOX_CORE = 0,
	SANDBOX_GATEWAY,
	SANDBOX_SUPPLICANT,
	SANDBOX_SEAL,
	SANDBOX_COMPILE,
	SANDBOX_RUN_LOAD, /* a run worker until its artifact is loaded */
	SANDBOX_RUN, /* then: no new executable memory, no new handles */
	SANDBOX_ZYGOTE, /* an interpreter that forks run workers; each then makes their promises */
	SANDBOX_DOOR, /* connections of this machine */
	SANDBOX_TA_LOAD, /* the process of a trusted application until that is mapped */
	SANDBOX_TA, /* then: no executable memory but what is there */
	SANDBOX_FETCH, /* connections that go out, the operator's folder, lists of authorities */
	SANDBOXES
};

/*
 * Give up everything else, for good. Called before the first foreign byte; a second promise may
 * only narrow the first. A system call outside the promise ends the process (SIGSYS). If the kernel
 * refuses, says why and ends the process.
 */
void sandbox_promise(enum sandbox kind);
/* False only in builds that cannot be confined. */
bool sandbox_confined(void);
/*
 * A copy of this process, in user and process namespaces of its own, without privileges, and a
 * child of the launcher's, which watches over it as over any other. 0 in the copy; -1. For a
 * process of one thread, after its promise as a zygote.
 */
MUST pid_t sandbox_fork(void);

/* ---- a zygote (zygote.c is the launcher's side) ---- */

/*
 * Messages between the launcher and a zygote, on the zygote's descriptor 3
 *   ZYGOTE_FORK      u8 | row u8, one handle               the copy's socket to core
 *   ZYGOTE_FORKED    u8 | row u8 | pid u32                 one for each, in their order
 * A zygote that cannot fork as it must ends with LINUX_EXIT_REFUSED, and the node stops.
 */
enum zygote_type {
	ZYGOTE_FORK = 32,
	ZYGOTE_FORKED = 33,
};
/* Its argument: what it has imported. */
#define ZYGOTE_BARE "bare"
#define ZYGOTE_PACKAGES "packages"
#define ZYGOTE_SIZE_MAX 8

/* ---- the fetcher ---- */

/* Words of its argument, joined by spaces. */
#define FETCH_NETWORK "network"
#define FETCH_PRIVATE_TOO "private"
#define FETCH_FOLDER "folder"
/* What its cell holds besides libraries (outside.c), and where a process without a cell finds it. */
#define FETCH_AUTHORITIES "/etc/ssl/certs/ca-certificates.crt"

/* ---- core's process (loop.c) ---- */

struct linux_core {
	/*
	 * facts live until the process ends. On failure the process ends with 1 after printing the
	 * error's name.
	 */
	MUST enum mt_err (*open)(const struct port_facts *facts, void **out);
	void (*event)(void *core, const struct port_event *event);
	/*
	 * Core asks with PORT_STOP answered: true when nothing is in flight any more and the
	 * process may end with 0.
	 */
	bool (*stopped)(void *core);
	void (*close)(void *core);
};

/*
 * The whole of core's main(): promise, facts, PORT_START, then events until the launcher, the
 * gateway or the supplicant is gone.
 */
int linux_core_main(const struct linux_core *hooks);

#endif
