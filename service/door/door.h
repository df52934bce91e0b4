/*
 * The local door: holds the connections of clients on this machine, and carries their messages to core and core's to them (api/door.h, api/tee_door.h).
 * It reads none of them.
 *
 * Promises: a client's messages arrive under its own number, with what the kernel says of it; a client that does not read, or floods, costs
 * itself its turn or its connection. Hides: sockets and epoll. Class A: it carries the handles of all local clients' windows.
 * One thread; allocates nothing.
 */
#ifndef MT_DOOR_H
#define MT_DOOR_H

/*
 * The whole of the process, from its promise until core is gone. `who` is "UID GID": the node's own user and group as they are outside of the
 * cell, in which they have another number. The process's exit status.
 */
int door_run(const char *who);

#endif
