/* The main job, whole, and what must hold around it: order, restart, power, failing calls. */
#include <stdio.h>
#include <string.h>

#include "test/story/world.h"
#include "test/test.h"

/* Both owners' shares give the key; one alone does not; the plaintext is the intersection. */
static void check_output(struct world *w, struct world_job *j)
{
	struct secret ephemeral, share[2], key;
	uint8_t tag[32], plain[64] = { 0 };
	uint64_t size = 0;
	unsigned status;

	struct world_answer *a = world_fetch(w, &j->a, j, 1, "common", &ephemeral);
	CHECK(world_fetch_open(w, a, &ephemeral, &share[0], tag, &size), "a fetches a share");
	a = world_fetch(w, &j->b, j, 1, "common", &ephemeral);
	CHECK(world_fetch_open(w, a, &ephemeral, &share[1], tag, &size), "b fetches a share");
	struct bytes file = world_output(w, &j->b, tag, &status);
	CHECK(status == 200, "the ciphertext");
	CHECK(dataset_open_all(file, &share[0], tag, plain, sizeof(plain)) != MT_OK, "n-owner output is closed to n-1 owners");
	dataset_shares_combine(share, 2, &key);
	CHECK(dataset_open_all(file, &key, tag, plain, sizeof(plain)) == MT_OK, "both shares open it");
	CHECK(size == 8 && memcmp(plain, "bea\ncid\n", 8) == 0, "it is the intersection");
}

static void test_whole(void)
{
	struct world *w = world_open(1);
	struct world_job j;
	size_t size = 0;

	if (!CHECK(world_start(w), "the node starts") || !CHECK(world_alive(w), "and serves")) {
		printf("%s\n", world_fault(w));
		return;
	}
	world_job_whole(w, &j);
	CHECK(strcmp(world_job_state(w, &j), "finished") == 0, "one run finishes the contract");
	CHECK(world_runs(w) == 1, "the function ran once");
	check_output(w, &j);
	uint8_t *receipt = world_receipt(w, &j, 1, &size);
	CHECK(receipt != NULL && size > 1000, "there is a receipt");
	mt_free(receipt);
	CHECK(world_run_job(w, &j)->status == 409, "its one run is used up");
	world_job_free(&j);
	world_close(w);
}

static void test_restart(void)
{
	struct world *w = world_open(2);
	struct world_job j;

	CHECK(world_start(w), "the node starts");
	world_job_prepare(w, &j);
	CHECK(world_job_create(w, &j)->status == 201, "created");
	CHECK(world_approve(w, &j.a, &j, &j.data_a)->status == 201, "a approves");
	world_power_cut(w);
	if (!CHECK(world_start(w), "a second life")) {
		printf("%s\n", world_fault(w));
	}
	CHECK(strcmp(world_job_state(w, &j), "created") == 0, "one approval is there, one is missing");
	CHECK(world_approve(w, &j.a, &j, &j.data_a)->status == 409, "a has approved already");
	CHECK(world_approve(w, &j.b, &j, &j.data_b)->status == 201, "b approves in the second life");
	world_kill(w);
	CHECK(world_start(w), "a third life");
	CHECK(world_run_job(w, &j)->status == 201, "keys of both lives are there");
	CHECK(strcmp(world_job_state(w, &j), "finished") == 0, "it runs");
	world_power_cut(w);
	CHECK(world_start(w), "a fourth life");
	check_output(w, &j);
	CHECK(world_run_job(w, &j)->status == 409, "the run is not charged again, nor run again");
	world_job_free(&j);
	world_close(w);
}

const struct test tests[] = {
	{ "whole", test_whole },
	{ "restart", test_restart },
	TESTS_END
};
