/*
 * What the launcher tells core (control.h). Private to the launcher. Class R.
 *
 * A core that is gone is not an error here: its SIGCHLD is on the way and says how.
 */
#ifndef MT_PORT_LINUX_TELL_H
#define MT_PORT_LINUX_TELL_H

#include <sys/resource.h>

#include "port/linux/workers.h"

/* Before the rest; the socket stays the caller's. */
void tell_open(int socket);
void tell_stop(void);
void tell_worker(uint32_t number, int socket);
/* `usage` NULL: nothing was used. */
void tell_gone(uint32_t number, int status, bool late, const struct rusage *usage);
/* What the kernel counts for it so far. It is not reaped yet, so the number is its own. */
void tell_used(const struct worker *w);

#endif
