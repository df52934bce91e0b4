/*
 * In place of the TEE core and its door: starts real processes of applications, speaks with them, and passes a client's messages on. For tests and
 * benchmarks.
 *
 * Hides: the processes. Nothing is checked that core would check; where it is told to, it lies.
 */
#ifndef MT_TEST_TEE_WORLD_H
#define MT_TEST_TEE_WORLD_H

#include <sys/types.h>

#include "lib/base/base.h"
#include "port/linux/linux.h"

/* ---- one process of an application ---- */

struct tee_process {
	pid_t pid;
	int socket;
};

/* A file beside this program: "../bin/ta". */
void tee_path(const char *name, char *out, size_t capacity);
/* The file's bytes as sealed memory. */
port_handle tee_image(const char *name);
MUST bool tee_process_start(struct tee_process *out);
/* Send TEE_WORKER_LOAD and take the answer: its result; the reason, cut to capacity, if there is room for one. */
uint32_t tee_process_load(struct tee_process *p, port_handle image, const uint8_t uuid[16], bool debug, char *reason, size_t capacity);
/* The next message of one type within five seconds; others are lost. False: none came, or the process has ended. */
MUST bool tee_process_take(struct tee_process *p, uint8_t type, uint8_t *buffer, struct message *out);
MUST bool tee_process_send(struct tee_process *p, struct bytes body, port_handle handle);
/* How it ended: exit status, or -signal; kills it after five seconds. */
int tee_process_end(struct tee_process *p);

/* ---- a TEE with one application ---- */

enum tee_lie {
	TEE_HONEST = 0,
	TEE_NO_BELLS,           /* an opening without handles */
	TEE_NONSENSE,           /* answers that are none */
	TEE_SILENT,             /* the end of the connection in place of an answer */
	TEE_LIES
};

/* Forks it; it listens at `path` when this returns. `processes`: of applications, one for each session (0: one for all). */
pid_t tee_world_start(const char *path, enum tee_lie lie, bool process_each);
void tee_world_stop(pid_t world, const char *path);

#endif
