/*
 * Private to exec/stream: what lies in the window, and waiting on it.
 *
 * A request is one number, and so is its answer. The reader writes `asked` and rings; the writer fills the slot that belongs to the
 * segment and writes the same number to `given`. Until the reader asks for another one, the writer leaves that slot alone.
 */
#ifndef MT_STREAM_PRIVATE_H
#define MT_STREAM_PRIVATE_H

#include "exec/stream/stream.h"

#include <stdatomic.h>

struct stream_lane {
	_Atomic uint32_t asked;         /* by the reader: segment + 1; 0: none yet */
	_Atomic uint32_t given;         /* by the writer, the same way; the reader waits on it */
};

struct stream_window {
	_Atomic uint32_t bell;          /* by the reader: counted up with each request; the writer waits on it */
	_Atomic uint32_t over;          /* by the reader: not 0 when it is done */
	struct stream_lane lane[STREAM_LANES_MAX];
};

#define STREAM_HEAD_SIZE 4096           /* the slots begin here, on a page */
_Static_assert(sizeof(struct stream_window) <= STREAM_HEAD_SIZE, "the window's head");
_Static_assert(ATOMIC_INT_LOCK_FREE == 2, "two processes share these numbers, and no lock");

static inline size_t stream_window_size(size_t lanes)
{
	return STREAM_HEAD_SIZE + lanes * STREAM_SLOTS * STREAM_SEGMENT_SIZE;
}

/* The one place where this segment of this lane may lie. */
static inline uint8_t *stream_slot(uint8_t *window, size_t lane, uint32_t segment)
{
	return window + STREAM_HEAD_SIZE + (lane * STREAM_SLOTS + segment % STREAM_SLOTS) * STREAM_SEGMENT_SIZE;
}

/* Wait while *word is `value`, at most wait_ms; -1: for ever. May also return for no reason. */
void stream_futex_wait(_Atomic uint32_t *word, uint32_t value, int wait_ms);
/* Whoever waits on it looks again. */
void stream_futex_wake(_Atomic uint32_t *word);

#endif
