/*
 * Messages between the door, which holds the sockets of local clients, and core. Big endian. Each client message (api/tee_door.h) goes through as it
 * is, with its handles; what core learns of who sent it is what the kernel told the door.
 */
#ifndef MT_API_DOOR_H
#define MT_API_DOOR_H

#include "api/tee_door.h"

enum door_type {
	/* door -> core: client u32 | known u8 (1: uid and gid are the client's; else it is some other user than the node's) | uid u32 | gid u32 | message,
	 * and handles. Client numbers go upwards and are used once. */
	DOOR_FROM_CLIENT = 1,
	/* door -> core: client u32: it is gone */
	DOOR_CLIENT_GONE = 2,
	/* core -> door: client u32 | message, and handles */
	DOOR_TO_CLIENT = 3,
	/* core -> door: client u32: what it sent is no message; end it. DOOR_CLIENT_GONE follows. */
	DOOR_END_CLIENT = 4,
};

#define DOOR_HEAD_MAX 14        /* bytes before the message */

#endif
