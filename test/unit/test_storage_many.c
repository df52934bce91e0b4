/*
 * Short histories of a store under 100,000 seeds. In each the power goes at a write or sync that the seed chooses, or the medium fails there, and in half of
 * them an old medium is brought back at the end. Nothing acknowledged is lost, nothing is there by half, no old state passes.
 */
#include <stdio.h>

#include "test/storage_world.h"
#include "test/test.h"

#define HISTORIES 100000

static const char *history(struct storage_world *w, uint64_t seed)
{
	bool power = sim_random_below(&w->random, 3) > 0, failed = false;

	if (world_restart(w) != MT_OK) {
		return "no empty store";
	}
	sim_disk_fail_at(w->disk, sim_disk_operations(w->disk) + 1 + sim_random_below(&w->random, 16), power ? SIM_POWER : SIM_ERROR);
	for (unsigned i = 0; i < 8 && !failed; i++) {
		failed = world_step(w) != MT_OK;
	}
	if (!power && !world_fits(w, w->model)) {
		return "a failure left something behind";
	}
	sim_disk_power_on(w->disk);
	if (world_restart(w) != MT_OK) {
		return "it does not open";
	}
	if (failed && world_fits(w, w->after)) {
		world_take_after(w);
	}
	if (!world_fits(w, w->model)) {
		return "neither before nor after";
	}
	if (seed % 2 == 0) {
		return NULL;
	}
	uint64_t counter = w->counter;
	sim_disk_image_keep(w->disk);
	for (unsigned i = 0; i < 3; i++) {
		if (world_step(w) != MT_OK) {
			return "a step after it";
		}
	}
	sim_disk_image_restore(w->disk);
	sim_disk_power_on(w->disk);
	return w->counter == counter || world_restart(w) == MT_TAMPERED ? NULL : "an old medium passes";
}

static void test_many(void)
{
	struct storage_world world;

	for (uint64_t seed = 0; seed < HISTORIES; seed++) {
		world_open(&world, seed, STORAGE_ANCHOR_COUNTER);
		const char *why = history(&world, seed);
		if (!CHECK(!why, why ? why : "")) {
			printf("history %llu\n", (unsigned long long)seed);
		}
		world_close(&world);
	}
}

const struct test tests[] = {
	{ "100,000 histories", test_many },
	TESTS_END
};
