/*
 * Messages between the supplicant, which has the files, and the fetcher, which has the network or the operator's folder. Big endian.
 * Neither is trusted with more than delay: what is moved is ciphertext, named by its content tag, and checked where it is opened.
 *
 * supplicant -> fetcher
 *   FETCH_TAKE   u8 | transfer u32 | size u64 | url (to the end), one handle: a file to write exactly so many bytes to
 *   FETCH_GIVE   u8 | transfer u32 | size u64 | url (to the end), one handle: to read so many bytes from
 * fetcher -> supplicant
 *   FETCH_HERE   u8                                    once: it has started
 *   FETCH_AT     u8 | transfer u32 | done u64          some times a second while it moves
 *   FETCH_ENDED  u8 | transfer u32 | outcome u8 | status u16 (of HTTP, 0: none)    once for each; what was taken is synced
 */
#ifndef MT_API_FETCH_H
#define MT_API_FETCH_H

enum fetch_type {
	FETCH_TAKE = 1,
	FETCH_GIVE = 2,
	FETCH_HERE = 16,
	FETCH_AT = 17,
	FETCH_ENDED = 18,
};

/* How a transfer ended. What is said of it to the party is core's text (service/core/transfer.c). */
enum fetch_outcome {
	FETCH_DONE = 0,
	FETCH_ABSENT,           /* this node has no fetcher */
	FETCH_LOST,             /* it had one, which has died */
	FETCH_NO_NETWORK,       /* http and https were not allowed to it */
	FETCH_NO_FOLDER,        /* there is no folder for file: */
	FETCH_URL,              /* none that is taken: another scheme, no URL at all, a name that leads elsewhere */
	FETCH_PRIVATE,          /* an address of this machine or of a private network */
	FETCH_RESOLVE,          /* no such host */
	FETCH_TLS,              /* its certificate does not verify */
	FETCH_REDIRECTS,        /* too many, or to what is not taken */
	FETCH_NOTHING,          /* nothing there (404, 410, no such file), or no regular file */
	FETCH_FORBIDDEN,        /* 401, 403 */
	FETCH_STATUS,           /* another answer that does not get better by asking again */
	FETCH_SIZE,             /* what lies there has another size */
	FETCH_GAVE_UP,          /* unreachable, broken or too slow, again and again */
	FETCH_DISK,             /* of the node, or of the operator's folder */
	FETCH_OUTCOMES
};

#endif
