/* The output of one task goes into another, opened by nobody in between: both owners of it approve, and core has its key. */
#include <stdio.h>
#include <string.h>

#include "service/task/task.h"
#include "test/story/world_private.h"
#include "test/test.h"

static struct world *w;
static struct world_job j;

/* As world_intersect, and long enough to lie at the supplicant. */
static void long_lines(struct world_run *run)
{
	size_t size = TASK_INLINE_MAX + 100;

	run->output[0] = mt_alloc(size);
	run->output_size[0] = size;
	memset(run->output[0], 'x', size);
	memcpy(run->output[0], "bea\n", 4);     /* lines ascend */
}

/* The first task: a's and b's lines in common, owned by both. Its output is input 0 of the second, whose contract is not sent yet. */
static void begin(world_function *function)
{
	uint8_t tag[32];
	uint64_t size = 0;
	struct secret ephemeral, share;

	w = world_open(141);
	CHECK(world_start(w), "the node starts");
	world_set_function(w, function);
	world_job_whole(w, &j);
	world_set_function(w, world_intersect);
	CHECK(world_fetch_open(w, world_fetch(w, &j.a, &j, 1, "common", &ephemeral), &ephemeral, &share, tag, &size), "its tag");
	memcpy(j.contract.input[0].tag, tag, 32);
	memcpy(j.contract.input[0].owner, j.a.id, 32);
	j.contract.nonce[0] ^= 1;
	j.contract.runs = 4;
}

static void end(void)
{
	world_job_free(&j);
	world_close(w);
}

static bool result_is(uint64_t run, const char *want)
{
	struct secret ephemeral, share[2], key;
	uint8_t tag[32], plain[64] = { 0 };
	uint64_t size = 0;
	unsigned status;

	bool good = world_fetch_open(w, world_fetch(w, &j.a, &j, run, "common", &ephemeral), &ephemeral, &share[0], tag, &size) &&
		    world_fetch_open(w, world_fetch(w, &j.b, &j, run, "common", &ephemeral), &ephemeral, &share[1], tag, &size);
	if (!good) {
		return false;
	}
	struct bytes file = world_output(w, &j.b, tag, &status);
	dataset_shares_combine(share, 2, &key);
	return dataset_open_all(file, &key, tag, plain, sizeof(plain)) == MT_OK && size == strlen(want) && memcmp(plain, want, size) == 0;
}

static void test_chain(void)
{
	static world_function *const first[] = { world_intersect, long_lines };
	static const char *const want[] = { "bea\ncid\n", "bea\n" };

	for (size_t i = 0; i < MT_COUNT(first); i++) {
		begin(first[i]);
		CHECK(world_job_create(w, &j)->status == 201, "the second contract");
		CHECK(world_approve(w, &j.a, &j, &j.data_a)->status == 403, "no key is wanted for what only the node has");
		CHECK(world_approve(w, &j.a, &j, NULL)->status == 201 && world_approve(w, &j.b, &j, &j.data_b)->status == 201, "approved");
		CHECK(world_run_job(w, &j)->status == 201 && result_is(1, want[i]), "it went on with the output");
		world_power_cut(w);
		CHECK(world_start(w) && world_run_job(w, &j)->status == 201 && result_is(2, want[i]), "and does in the next life");
		end();
	}
}

/* All inputs are outputs: no approval brings a key. */
static void test_without_keys(void)
{
	begin(world_intersect);
	j.contract.input[1] = j.contract.input[0];
	j.contract.input[1].name = mt_text("b");
	memcpy(j.contract.input[1].owner, j.b.id, 32);
	CHECK(world_job_create(w, &j)->status == 201 && world_approve(w, &j.a, &j, NULL)->status == 201 &&
	      world_approve(w, &j.b, &j, NULL)->status == 201, "approved");
	CHECK(world_run_job(w, &j)->status == 201 && result_is(1, "bea\ncid\n"), "it runs");
	end();
}

/* What two own, one does not use without the other. */
static void test_owners(void)
{
	struct world_party c;

	begin(world_intersect);
	world_party_new(w, &c);
	memcpy(j.contract.participant[0], j.a.id, 32);
	j.contract.participant_count = 1;
	memcpy(j.contract.output[0].owner[0], j.a.id, 32);
	j.contract.output[0].owner_count = 1;
	j.contract.input_count = 1;
	struct world_answer *a = world_job_create(w, &j);
	CHECK(a->status == 403 && strstr((char *)a->body, "take no part"), "a alone");
	memcpy(j.contract.participant[0], c.id, 32);
	memcpy(j.contract.output[0].owner[0], c.id, 32);
	memcpy(j.contract.input[0].owner, c.id, 32);
	struct world_party was = j.a;
	j.a = c;
	a = world_job_create(w, &j);
	CHECK(a->status == 403 && strstr((char *)a->body, "another party"), "a stranger");
	j.a = was;
	world_party_free(&c);
	end();
}

/* The node's disk gives something else for the output: the run fails, the function sees none of it. */
static void test_lying_disk(void)
{
	begin(world_intersect);
	CHECK(world_job_create(w, &j)->status == 201 && world_approve(w, &j.a, &j, NULL)->status == 201 &&
	      world_approve(w, &j.b, &j, &j.data_b)->status == 201, "approved");
	size_t runs = world_runs(w);
	unsigned log = sim_disk_file(world_disk(w), "log");
	struct bytes file = sim_disk_read(world_disk(w), log);
	uint8_t *was = mt_copy(file), *bent = mt_copy(file);
	size_t size = file.size;
	for (size_t at = 0; at < size; at += 4096) {
		bent[at + 50] ^= 1;
	}
	CHECK(!sim_disk_write(world_disk(w), log, 0, mt_bytes(bent, size)), "one bit of every block");
	CHECK(world_run_job(w, &j)->status == 201 && world_runs(w) == runs, "it does not run");
	CHECK(!sim_disk_write(world_disk(w), log, 0, mt_bytes(was, size)), "put back, but for what was written since");
	mt_free(was);
	mt_free(bent);
	end();
}

const struct test tests[] = {
	{ "chain", test_chain }, { "without keys", test_without_keys }, { "owners", test_owners }, { "lying disk", test_lying_disk }, TESTS_END
};
