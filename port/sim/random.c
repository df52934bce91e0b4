/*
 * Random numbers of a seed, for the world and for lib/crypto.
 */
#include "port/sim/sim.h"

#include "lib/crypto/crypto.h"

/* PCG-XSH-RR 64/32 (O'Neill, "PCG: A Family of Simple Fast Space-Efficient ... Algorithms", 2014). */
#define PCG_MULTIPLIER UINT64_C(6364136223846793005)

static uint32_t pcg32(struct sim_random *r)
{
	uint64_t old = r->state;
	uint32_t shifted = (uint32_t)((old >> 18 ^ old) >> 27), turn = (uint32_t)(old >> 59);

	r->state = old * PCG_MULTIPLIER + r->step;
	return shifted >> turn | shifted << (-turn & 31);
}

struct sim_random sim_random_seed(uint64_t seed)
{
	struct sim_random r = { .state = 0, .step = seed << 1 | 1 };

	(void)pcg32(&r);
	r.state += seed;
	(void)pcg32(&r);
	return r;
}

uint64_t sim_random_u64(struct sim_random *r)
{
	uint64_t high = pcg32(r);

	return high << 32 | pcg32(r);
}

uint64_t sim_random_below(struct sim_random *r, uint64_t limit)
{
	mt_assert(limit > 0);
	return sim_random_u64(r) % limit;       /* the bias of small limits does not matter to a test */
}

void sim_random_fill(struct sim_random *r, void *out, size_t size)
{
	uint8_t *at = out;

	for (size_t i = 0; i < size; i++) {
		at[i] = (uint8_t)pcg32(r);
	}
}

/* The one hook of lib/crypto has no context, hence this. */
static struct sim_random crypto_seed;

static int crypto_source(void *out, size_t size)
{
	sim_random_fill(&crypto_seed, out, size);
	return 0;
}

void sim_crypto_seed(uint64_t seed)
{
	crypto_seed = sim_random_seed(seed);
	crypto_random_set(crypto_source);
}

void sim_crypto_off(void)
{
	crypto_random_set(NULL);
}
