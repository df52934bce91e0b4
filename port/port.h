/*
 * The ground under core: what it may ask of the world, and the events by which the world reaches it.
 *
 * Core is a pure step: core_event(event) in, calls of this table out. port/linux/loop.c carries them out between processes,
 * port/sim under a seed. No call blocks; answers come as events. Core has no other way to the world: no files, no network,
 * no clock of its own.
 * Class T at the caller's side. Nothing that arrives in an event is trusted.
 */
#ifndef MT_PORT_H
#define MT_PORT_H

#include "lib/base/base.h"
#include "lib/crypto/crypto.h"

#define PORT_MESSAGE_MAX (112 * 1024)   /* bytes of one message: under the kernel's default socket buffer (212,992, half of it overhead) */
#define PORT_HANDLES_MAX 32             /* memory handles in one message */

/* A piece of shared memory (Linux: a memfd). Owned: close with memory_close, or hand over in send (which closes our copy). */
typedef int port_handle;
#define PORT_NO_HANDLE (-1)

/*
 * Peers: those that live as long as the node, then workers, numbered upwards and never reused within one life. There is a door only where the operator
 * has asked for one; without it the node is whole.
 */
enum { PORT_GATEWAY = 1, PORT_SUPPLICANT = 2, PORT_DOOR = 4, PORT_WORKER_FIRST = 16 };

enum port_worker {
	PORT_COMPILE = 0,       /* holds one module */
	PORT_RUN = 1,           /* holds plaintext, no key */
	PORT_SEAL = 2,          /* holds one task's keys */
	PORT_PYTHON = 3,        /* as PORT_RUN; only where the node has its files, which the measurement shows */
	PORT_PYTHON_PACKAGES = 4,       /* the same with numpy, pandas, scipy and scikit-learn imported */
	PORT_BUILTIN = 5,       /* as PORT_RUN, for the functions of api/builtin.h */
	PORT_TA = 6,            /* one instance of a trusted application (api/tee_worker.h): its own data, no key of the node's */
	PORT_WORKERS
};

enum port_event_kind {
	PORT_START = 1,         /* the first event: nothing else came before */
	PORT_MESSAGE,           /* peer, body, handles */
	PORT_GONE,              /* peer ended: status, usage */
	PORT_USED,              /* a worker is being killed as core asked, and what it has used: cpu_us. PORT_GONE follows, a millisecond later or more */
	PORT_TICK,              /* at least once a second */
	PORT_IDLE,              /* every event that was waiting has been delivered */
	PORT_STOP,              /* the operator asked the node to stop: finish what is in flight */
};

struct port_event {
	enum port_event_kind kind;
	uint64_t now_ms;                /* wall clock, Unix milliseconds; not believed beyond expiry */
	uint64_t monotonic_ms;
	uint32_t peer;
	struct bytes body;              /* private copy, valid during the call */
	port_handle handle[PORT_HANDLES_MAX];   /* owned by core from now on */
	size_t handle_count;
	/* PORT_GONE of a worker; of PORT_USED cpu_us alone */
	int exit_code;                  /* exit status, or -signal */
	bool deadline;                  /* killed because its time was over */
	uint64_t cpu_us, memory_peak;   /* rusage: user + system time; maximum resident bytes */
};

struct port {
	void *self;
	/* Queue one message. Takes the handles, also when it fails. MT_LIMIT (size), MT_IO (peer gone), MT_NO_MEMORY. */
	MUST enum mt_err (*send)(void *self, uint32_t peer, struct bytes body, const port_handle *handles, size_t count);
	/* Ask for a worker; *peer can be sent to at once. If it cannot be had, PORT_GONE follows. */
	MUST enum mt_err (*spawn)(void *self, enum port_worker kind, uint32_t *peer);
	/* SIGKILL after so many milliseconds from now, by the launcher. */
	void (*deadline)(void *self, uint32_t peer, uint64_t after_ms);
	void (*kill)(void *self, uint32_t peer);        /* SIGKILL now; PORT_USED (if it can be had) and PORT_GONE follow */
	void (*stop)(void *self);                       /* end the node in good order; PORT_STOP follows */

	/* Sealed (immutable) memory with this content. */
	MUST enum mt_err (*memory_make)(void *self, struct bytes content, port_handle *out);
	/*
	 * Writable, empty memory: what a run worker writes an output into. size_max is what it may grow to; on Linux the worker's own file
	 * limit and WASI hold it to that, and the seal worker's guard looks again.
	 */
	MUST enum mt_err (*memory_scratch)(void *self, uint64_t size_max, port_handle *out);
	/* Make it immutable from now on. MT_STATE when somebody still maps it writable. */
	MUST enum mt_err (*memory_seal)(void *self, port_handle handle);
	/* A second handle on the same memory. */
	MUST enum mt_err (*memory_share)(void *self, port_handle handle, port_handle *out);
	/* Read immutable memory. MT_DENIED when it is not sealed against writing, growing and shrinking. */
	MUST enum mt_err (*memory_map)(void *self, port_handle handle, struct bytes *out);
	void (*memory_unmap)(void *self, struct bytes mapped);
	void (*memory_close)(void *self, port_handle handle);   /* PORT_NO_HANDLE allowed */
};

/* What the port knows at start, handed to core_open once. */
struct port_facts {
	const struct port *port;
	struct secret platform_secret;  /* the platform's device secret (software platform: the root's private key) */
	struct bytes measurement;       /* what the launcher measured: count u32, count times { name size u32, name, sha256[32] } */
	struct bytes configuration;     /* the node's configuration, CBOR (api/node.cddl) */
	bool confined;                  /* false only in sanitized builds, which say so everywhere */
};

#endif
