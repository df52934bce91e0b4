/*
 * The launcher's table of workers: those that wait, and those that core has. Private to the launcher.
 * Class R.
 */
#ifndef MT_PORT_LINUX_WORKERS_H
#define MT_PORT_LINUX_WORKERS_H

#include <sys/types.h>

#include "port/linux/control.h"
#include "port/linux/images.h"

#define WORKER_UNBORN (-1)

struct worker {
	pid_t pid; /* 0: the row is free; WORKER_UNBORN: a zygote has been asked for it */
	enum port_worker kind;
	uint32_t number; /* 0: waiting to be taken */
	int socket; /* core's end while it waits, else -1 */
	uint64_t deadline_ms; /* 0: none */
	bool late; /* killed because its time was over */
	bool doomed; /* to be killed when it is born */
};

extern struct worker workers[CONTROL_WORKERS_MAX];

/* Fork one more that waits. False: no room, or it cannot be had. */
MUST bool worker_start(const struct images *images, enum port_worker kind);
/* Fork until as many of each kind wait as should. */
void workers_warm(const struct images *images);
/* NULL: none. */
struct worker *worker_find(uint32_t number);
struct worker *worker_waiting(enum port_worker kind);
/* SIGKILL, or as soon as there is somebody to send it to. */
void worker_kill(struct worker *w);

/* The image that workers of a kind are. */
enum image worker_image(enum port_worker kind);

#endif
