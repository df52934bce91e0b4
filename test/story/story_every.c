/*
 * The whole job again and again, with one thing failing at each possible place in turn: every call to the supplicant, every write and sync
 * of the disk, the power at every one of them, a kill after every message. What was acknowledged holds afterwards.
 */
#include <stdio.h>
#include <string.h>

#include "service/task/task.h"
#include "test/story/world.h"
#include "test/test.h"

/* How far the client knows that things went: each step was answered with 201. */
struct known {
	bool contract, approved_a, approved_b, run;
};

static void attempt(struct world *w, struct world_job *j, struct known *k)
{
	if (!k->contract) {
		k->contract = world_job_create(w, j)->status == 201;
	}
	if (world_alive(w) && k->contract && !k->approved_a) {
		k->approved_a = world_approve(w, &j->a, j, &j->data_a)->status == 201;
	}
	if (world_alive(w) && k->contract && !k->approved_b) {
		k->approved_b = world_approve(w, &j->b, j, &j->data_b)->status == 201;
	}
	if (world_alive(w) && k->approved_a && k->approved_b && !k->run) {
		k->run = world_run_job(w, j)->status == 201;
	}
}

/* After a restart: no acknowledged step is missing, and the run happened at most once and ended. */
static void check(struct world *w, struct world_job *j, const struct known *k, const char *why)
{
	const char *state = world_job_state(w, j);

	if (k->contract) {
		CHECK(state[0] != 0, why);
	}
	if (k->approved_a && k->approved_b) {
		CHECK(strcmp(state, "created") != 0, why);
	}
	if (k->run) {
		CHECK(strcmp(state, "finished") == 0 || strcmp(state, "failed") == 0, why);
	}
	CHECK(world_runs(w) <= 1, "no run twice");
}

static void test_every_ree_call(void)
{
	static const enum mt_err how[] = { MT_IO, MT_LIMIT, MT_NOT_FOUND };
	uint64_t calls = 0;

	for (size_t e = 0; e < MT_COUNT(how); e++) {
		for (uint64_t n = 1; n == 1 || n <= calls; n++) {
			struct world *w = world_open(100);
			struct world_job j;
			struct known k = { 0 };
			CHECK(world_start(w), "the node starts");
			world_job_prepare(w, &j);
			uint64_t before = world_ree_calls(w);
			world_ree_fail_at(w, before + n, how[e]);
			attempt(w, &j, &k);
			if (n == 1) {
				calls = 40;     /* more than the job makes; the last ones fail nothing */
			}
			world_advance(w, 3000); /* a receipt that could not be written is tried again */
			if (!world_alive(w)) {
				world_power_cut(w);
				CHECK(world_start(w), "it starts again");
			}
			check(w, &j, &k, "after a failed call");
			world_ree_fail_at(w, 0, MT_OK);         /* it failed by now, or it never will */
			world_kill(w);
			if (!CHECK(world_start(w), "and again")) {
				printf("%s at call %llu: %s\n", mt_err_name(how[e]), (unsigned long long)n, world_fault(w));
				return;
			}
			check(w, &j, &k, "after a restart");
			world_job_free(&j);
			world_close(w);
		}
	}
}

static void every_disk_operation(enum sim_failure how, uint64_t seed)
{
	for (uint64_t n = 1; n <= 24; n++) {
		struct world *w = world_open(seed);
		struct world_job j;
		struct known k = { 0 };
		CHECK(world_start(w), "the node starts");
		world_job_prepare(w, &j);
		sim_disk_fail_at(world_disk(w), sim_disk_operations(world_disk(w)) + n, how);
		attempt(w, &j, &k);
		world_advance(w, 2000);
		sim_disk_heal(world_disk(w));
		world_advance(w, 2000);
		world_power_cut(w);
		if (!CHECK(world_start(w), "it starts again")) {
			printf("operation %llu: %s\n", (unsigned long long)n, world_fault(w));
			world_close(w);
			return;
		}
		check(w, &j, &k, "nothing acknowledged is lost");
		world_job_free(&j);
		world_close(w);
	}
}

static void test_power_at_every_write(void)
{
	for (uint64_t seed = 200; seed < 208; seed++) {
		every_disk_operation(SIM_POWER, seed);
	}
}

static void test_error_at_every_write(void)
{
	every_disk_operation(SIM_ERROR, 300);
}

static void test_full_disk(void)
{
	every_disk_operation(SIM_FULL, 400);
}

const struct test tests[] = {
	{ "every call to the supplicant", test_every_ree_call },
	{ "power at every write", test_power_at_every_write },
	{ "error at every write", test_error_at_every_write },
	{ "full disk", test_full_disk },
	TESTS_END
};
