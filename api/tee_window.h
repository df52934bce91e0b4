/*
 * A session's window: memory that a client and the TA instance share, through which calls pass without the TEE core (DESIGN 5). The client's
 * library makes it, of TEE_WINDOW_HEAD bytes and room for temporary memory behind them; it is a memfd whose size is sealed.
 *
 * Both sides are of one machine, so numbers are in its byte order. Each side reads what the other writes once, into its own memory, and checks
 * that: the other may change any byte at any time.
 *
 * A call: the client writes function, command, types and parameters, adds one to `asked` and rings the TA's bell if `asleep[TEE_WINDOW_TA]`. The TA
 * acts, writes result, origin, values and sizes that it gives back, sets `answered` to what `asked` was and rings if `asleep[TEE_WINDOW_CLIENT]`.
 * Who cancels a call writes `cancel` and rings in the same way. Who waits looks at the counter for a while, then sets its `asleep`, looks once more, and
 * polls its bell; stores and loads of these words are sequentially consistent, so no ring is lost. One call is under way in a window at a time;
 * opening the session is the first, without bells and without other regions than the window: all its memory lies there.
 *
 * Bells are made by the TA instance; the client gets its ends with the answer to its opening, and nobody else keeps them. The TA's is an eventfd, which
 * the client writes to. The client's is a pipe, of which it has the reading end: it hangs up when the instance has ended, so that a waiting call ends with
 * it. Neither side can make the other one wait: each ring of the TA goes through a description that no client has, and it reads with RWF_NOWAIT.
 */
#ifndef MT_TEE_WINDOW_H
#define MT_TEE_WINDOW_H

#include <stddef.h>
#include <stdint.h>

#include "api/tee_syscall.h"

#define TEE_WINDOW_HEAD 4096u
#define TEE_WINDOW_SIZE_MAX ((uint64_t)1 << 32)         /* head and temporary memory; also of a region */
#define TEE_WINDOW_REGIONS_MAX 64                       /* of one session, besides the window itself */
#define TEE_WINDOW_NOWHERE UINT32_MAX                   /* the region of a memory reference that is NULL; its size is 0 */

enum tee_window_side { TEE_WINDOW_CLIENT = 0, TEE_WINDOW_TA = 1 };
enum tee_window_function { TEE_WINDOW_OPEN = 1, TEE_WINDOW_INVOKE = 2 };

/*
 * As the type says: two numbers, or memory: `size` bytes from `offset` of a region. Region 0 is the window itself, behind its head; the others come by
 * TEE_DOOR_REGION.
 */
struct tee_window_param {
	uint32_t a, b;                  /* of memory: a is the region */
	uint64_t offset, size;          /* size comes back as what was written, or is needed */
};

struct tee_window {
	/* the client's */
	uint32_t asked;
	uint32_t cancel;                /* the call whose number in `asked` it is shall be cancelled */
	uint32_t function, command;
	uint32_t types;                 /* TEE_PARAM_TYPES: none, value or memref, with directions */
	uint32_t regions;               /* so many TEE_DOOR_REGION and TEE_DOOR_REGION_END have been sent in this session: the call waits for them */
	/* the TA's */
	uint32_t answered;
	uint32_t result, origin;        /* TEE_Result, TEE_ORIGIN_ */
	uint32_t processor;             /* one more than the number of the one it last ran on, 0: it does not say. Who waits there had better sleep. */
	uint32_t asleep[2];             /* of each side: not 0 while it polls its bell */
	struct tee_window_param param[TA_PARAMS];
};

_Static_assert(offsetof(struct tee_window, param) == 48 && sizeof(struct tee_window_param) == 24, "no gaps");
_Static_assert(sizeof(struct tee_window) <= TEE_WINDOW_HEAD, "the head holds it");

#endif
