/*
 * The launcher's zygotes: interpreters that are up and run nothing, but fork a worker whenever one
 * is asked for. A copy is the launcher's own child (sandbox_fork()), and a row of its table from
 * when it is asked for: core has its socket before it is born.
 *
 * A zygote meets no foreign byte, and its copies have closed its socket before they do, so what it
 * says is believed. Private to the launcher. Class R.
 */
#ifndef MT_PORT_LINUX_ZYGOTE_H
#define MT_PORT_LINUX_ZYGOTE_H

#include <poll.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "port/linux/images.h"
#include "port/linux/workers.h"

#define ZYGOTES 2

/* Whether workers of this kind are copies. */
bool zygote_makes(enum port_worker kind);
bool zygote_lives(enum port_worker kind);
/*
 * Ask for one, with its socket to core, which stays the caller's; the zygote is started where there
 * is none. False: it cannot be had.
 */
MUST bool zygote_fork(const struct images *images, enum port_worker kind, size_t row, int socket);
/* Their sockets, -1 where there is none. */
void zygotes_poll(struct pollfd pollfd[ZYGOTES]);
/*
 * The next row that has been born, with its pid from now on. NULL: none for now. *ended: it has
 * ended already, and how.
 */
struct worker *zygotes_born(bool *ended, int *status, struct rusage *usage);
/* A child that no row has, which has ended: perhaps a copy whose birth has not been told yet. */
void zygote_stray(pid_t pid, int status, const struct rusage *usage);
/*
 * True: it was the zygote of `*kind`, which is forgotten. Those that it was asked for and that are
 * still unborn will not be.
 */
MUST bool zygote_gone(pid_t pid, enum port_worker *kind);
void zygotes_kill(void);

#endif
