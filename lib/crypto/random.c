/*
 * Random bytes and the hook behind them. The simulator and the vector tests put a seed there.
 */
#include "lib/crypto/crypto.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/random.h>

/* The kernel never interrupts or shortens a request of at most 256 bytes (getrandom(2)). */
#define RANDOM_STEP 256

static int random_system(void *out, size_t size)
{
	uint8_t *at = out;

	while (size > 0) {
		size_t step = size < RANDOM_STEP ? size : RANDOM_STEP;
		ssize_t got = getrandom(at, step, 0);

		if (got < 0 && errno == EINTR) {
			continue;       /* only while the pool is not yet seeded, at boot */
		}
		if (got != (ssize_t)step) {
			return -1;
		}
		at += step;
		size -= step;
	}
	return 0;
}

static int (*_Atomic random_source)(void *out, size_t size) = random_system;

void crypto_random_set(int (*source)(void *out, size_t size))
{
	atomic_store(&random_source, source ? source : random_system);
}

void crypto_random(void *out, size_t size)
{
	int (*source)(void *, size_t) = atomic_load(&random_source);

	if (size > 0) {
		mt_assert(source(out, size) == 0);
	}
}
