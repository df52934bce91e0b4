/*
 * The cell that every process of a node starts in: its own user, pid, mount, network, ipc, uts and
 * cgroup namespaces, a read-only file system that holds the loader and the native libraries and
 * nothing else, Landlock, limits, no privileges, no way to new ones. What a process may do with
 * what is left, it gives up itself (sandbox_promise()).
 *
 * Private to the launcher. Class R. confine_none.c stands in for sanitized builds: same calls, no
 * cell.
 */
#ifndef MT_PORT_LINUX_CONFINE_H
#define MT_PORT_LINUX_CONFINE_H

#include <sys/types.h>

#include "port/linux/images.h"

/*
 * Before images_load(): the launcher's own user and mount namespace, and an empty file system that
 * will be the whole of every process's. Until confine_close() it lies over /proc. Fails with a
 * message that says what to do.
 */
MUST bool confine_prepare(void);
/* images_load()'s library_place; NULL where libraries are used from where they are. */
extern int (*const confine_library)(const char *name);
/*
 * Before confine_close(), where there will be a fetcher: the libraries of this machine, and with `network` its list of
 * authorities and how it resolves names, as files that nobody else can reach. Fails with a message.
 */
MUST bool confine_outside(bool network);
/*
 * After images_load(): nothing can be written any more, and the old file system is out of reach,
 * also for the launcher.
 */
MUST bool confine_close(void);

struct confine_start {
	const struct images *images;
	enum image image;
	const int *fd; /* become 3, 4, ... */
	size_t fd_count;
	int state; /* the one folder that Landlock leaves open, to the fetcher only to read; -1: none */
	bool network; /* the machine's own; only for the fetcher */
	const char *argument; /* its only one; NULL: none */
	bool forks; /* a zygote: no process namespace of its own, so that its copies can have one, and be ours */
};

/*
 * Fork, confine, execute. -1 with a message. A child that cannot be confined says so and ends with
 * LINUX_EXIT_REFUSED.
 */
MUST pid_t confine_start(const struct confine_start *start);

#endif
