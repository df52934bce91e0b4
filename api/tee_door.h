/*
 * The local door: messages between a client's library (libteec) and the TEE, on a SOCK_SEQPACKET socket with a name in the file system.
 * Big endian, one message each: type u8, then what follows; `x16` a UUID in RFC 4122's order. Calls of a session do not come this way (api/tee_window.h).
 *
 * `request` and `session` are numbers: the first the client's, the second the TEE's, both of this connection alone.
 * A message that is none, a handle that is missing or one too many end the connection, and with it its sessions.
 */
#ifndef MT_TEE_DOOR_H
#define MT_TEE_DOOR_H

/* Where a client that names no TEE looks, unless TEE_DOOR_VARIABLE says another path. */
#define TEE_DOOR_PATH "/run/mesatee/tee.sock"
#define TEE_DOOR_VARIABLE "MESATEE_TEE"

#define TEE_DOOR_MESSAGE_MAX 128        /* bytes */
#define TEE_DOOR_CLIENTS_MAX 256        /* connections */
#define TEE_DOOR_SESSIONS_MAX 64        /* of one connection */

enum tee_door_type {
	/* client -> TEE */
	/* request u32 | uuid x16 | login u32 | group u32 | window size u64, and the window, in which the call that opens stands
	 * (`asked` is 1, function TEE_WINDOW_OPEN). TEE_DOOR_OPENED follows. */
	TEE_DOOR_OPEN = 1,
	/* session u32; no call is under way. TEE_DOOR_CLOSED follows, when the TA has closed it. */
	TEE_DOOR_CLOSE = 2,
	/* session u32 | region u32 (1 to TEE_WINDOW_REGIONS_MAX, not in use) | size u64, and its memory, which nobody can cut short
	 * (F_SEAL_SHRINK). Without an answer: a region that could not be had makes the calls that name it TEE_ERROR_BAD_PARAMETERS. Each of these and the
	 * next goes on to the instance, in their order, for the window counts them. */
	TEE_DOOR_REGION = 3,
	/* session u32 | region u32; no call with it is under way */
	TEE_DOOR_REGION_END = 4,

	/* TEE -> client */
	/* request u32 | result u32 | origin u32 | session u32; with TEE_SUCCESS two handles: the TA's bell and the client's. With another result
	 * there is no session. What the TA has left in the window's parameters counts when the origin is the TA. */
	TEE_DOOR_OPENED = 16,
	/* session u32 */
	TEE_DOOR_CLOSED = 17,
	/* session u32 | panic code u32 (0: it ended otherwise): the instance has ended, and calls of its sessions are TEE_ERROR_TARGET_DEAD. The
	 * session is still the client's to close. */
	TEE_DOOR_DEAD = 18,
};

#endif
