/*
 * Waiting on a number in memory that two processes share: futex(2), and so not FUTEX_PRIVATE_FLAG.
 */
#include "exec/stream/stream_private.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

void stream_futex_wait(_Atomic uint32_t *word, uint32_t value, int wait_ms)
{
	const struct timespec wait = { .tv_sec = wait_ms / 1000, .tv_nsec = wait_ms % 1000 * 1000000L };

	/* A failure (another value, a signal, the time is over) only means one more turn of the caller's loop. */
	(void)syscall(SYS_futex, word, FUTEX_WAIT, value, wait_ms < 0 ? NULL : &wait, NULL, 0);
}

void stream_futex_wake(_Atomic uint32_t *word)
{
	(void)syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
}
