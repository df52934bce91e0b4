/*
 * Landlock (landlock(7)): give up the file system, TCP, and signals and abstract sockets to the
 * outside; for good, also across execution. Private to port/linux. Class R. Needs no_new_privs.
 */
#ifndef MT_PORT_LINUX_LANDLOCK_H
#define MT_PORT_LINUX_LANDLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* What stays open beneath one folder. */
enum landlock_rights {
	LANDLOCK_READ, /* read and execute */
	LANDLOCK_STATE, /* read, write, make and remove files and folders, rename */
};

struct landlock_opening {
	int fd; /* -1: none */
	enum landlock_rights rights;
	const struct landlock_opening *next; /* one more; NULL */
	bool network; /* of the first one: TCP may go out */
};

/* Whether the kernel has it; errno says why not. */
bool landlock_ready(void);
/*
 * Close everything but the opening, and those behind it. With everything the running kernel's Landlock knows to close.
 */
bool landlock_close(const struct landlock_opening *opening);

#endif
