/* Where outputs lie: small ones in the ledger with their receipt, large ones at the supplicant; and who can still write to one. */
#include <stdio.h>
#include <string.h>

#include "service/task/task.h"
#include "test/story/world_private.h"

static struct world *w;
static struct world_job j;

static size_t wanted;                           /* bytes of the output */

static void fills(struct world_run *run)
{
	run->output_size[0] = wanted;
	run->output[0] = mt_alloc(wanted + 1);
	memset(run->output[0], 'x', wanted);
}

static void keeps_open(struct world_run *run)
{
	fills(run);
	run->keep_open = true;
}

static void lies(struct world_run *run)
{
	fills(run);
	run->lie = true;
}

static void begin(world_function *function, uint64_t runs)
{
	w = world_open(111);
	CHECK(world_start(w), "the node starts");
	world_set_function(w, function);
	world_job_prepare(w, &j);
	j.contract.runs = runs;
	j.contract.output[0].size_max = 1 << 20;
	memcpy(j.contract.output[0].owner[0], j.a.id, 32);
	j.contract.output[0].owner_count = 1;
	CHECK(world_job_create(w, &j)->status == 201 && world_approve(w, &j.a, &j, &j.data_a)->status == 201 &&
	      world_approve(w, &j.b, &j, &j.data_b)->status == 201, "approved");
}

static void end(void)
{
	world_job_free(&j);
	world_close(w);
}

/* The owner fetches and opens run `run`; what the supplicant keeps of it. */
static struct bytes fetched(uint64_t run, const char *why)
{
	static uint8_t plain[1 << 20];
	struct secret ephemeral, key;
	uint8_t tag[32] = { 0 };
	uint64_t size = 0;
	unsigned status = 0;

	CHECK(world_fetch_open(w, world_fetch(w, &j.a, &j, run, "common", &ephemeral), &ephemeral, &key, tag, &size), why);
	struct bytes file = world_output(w, &j.a, tag, &status);
	CHECK(status == 200 && !dataset_open_all(file, &key, tag, plain, sizeof(plain)) && size == wanted, why);
	for (size_t i = 0; i < wanted; i++) {
		if (plain[i] != 'x') {
			CHECK(false, why);
			break;
		}
	}
	return world_blob(w, REE_OUTPUT, tag);
}

/* At the border and on both sides of it; in this life of core and in the next. */
static void test_small_and_large(void)
{
	const size_t border = TASK_INLINE_MAX - DATASET_HEADER_SIZE - CRYPTO_TAG_SIZE;
	const size_t size[] = { 0, 1, border, border + 1, 100000 };

	begin(fills, MT_COUNT(size));
	for (size_t i = 0; i < MT_COUNT(size); i++) {
		wanted = size[i];
		CHECK(world_run_job(w, &j)->status == 201, "it runs");
		struct bytes blob = fetched(i + 1, "the owner reads it");
		CHECK((blob.size == 0) == (wanted <= border), "small ones lie in the ledger alone");
	}
	world_power_cut(w);
	CHECK(world_start(w), "a second life");
	for (size_t i = 0; i < MT_COUNT(size); i++) {
		wanted = size[i];
		(void)fetched(i + 1, "and again after a power cut");
	}
	end();
}

/* Several outputs share the room. */
static void fills_two(struct world_run *run)
{
	fills(run);
	run->output_size[1] = wanted;
	run->output[1] = mt_alloc(wanted + 1);
	memset(run->output[1], 'x', wanted);
}

static void test_room_is_shared(void)
{
	w = world_open(112);
	CHECK(world_start(w), "the node starts");
	world_set_function(w, fills_two);
	world_job_prepare(w, &j);
	j.contract.output[0].size_max = 1 << 20;
	memcpy(j.contract.output[0].owner[0], j.a.id, 32);
	j.contract.output[0].owner_count = 1;
	j.contract.output[1] = j.contract.output[0];
	j.contract.output[1].name = mt_text("second");
	j.contract.output_count = 2;
	wanted = 10000;
	CHECK(world_job_create(w, &j)->status == 201 && world_approve(w, &j.a, &j, &j.data_a)->status == 201 &&
	      world_approve(w, &j.b, &j, &j.data_b)->status == 201 && world_run_job(w, &j)->status == 201, "it runs");
	CHECK(fetched(1, "the first").size == 0, "the first fits");
	size_t blobs = 0;
	for (size_t i = 0; i < WORLD_BLOBS_MAX; i++) {
		blobs += w->blob[i].used && w->blob[i].space == REE_OUTPUT;
	}
	CHECK(blobs == 1, "the second went to the supplicant");
	end();
}

/* A disk that gives other bytes of the log is found out when the output is asked for; the node serves on. */
static void test_lying_disk(void)
{
	struct secret ephemeral, key;
	uint8_t tag[32];
	uint64_t size = 0;
	unsigned status = 0;

	wanted = 100;
	begin(fills, 2);
	CHECK(world_run_job(w, &j)->status == 201, "it runs");
	CHECK(world_fetch_open(w, world_fetch(w, &j.a, &j, 1, "common", &ephemeral), &ephemeral, &key, tag, &size), "a's key");
	unsigned log = sim_disk_file(world_disk(w), "log");
	struct bytes file = sim_disk_read(world_disk(w), log);
	uint8_t *was = mt_copy(file), *bent = mt_copy(file);
	for (size_t at = 0; at < file.size; at += 4096) {
		bent[at + 40] ^= 1;
	}
	CHECK(!sim_disk_write(world_disk(w), log, 0, mt_bytes(bent, file.size)), "one bit of every block");
	CHECK(world_output(w, &j.a, tag, &status).size == 0 && status == 412, "not authentic");
	CHECK(!sim_disk_write(world_disk(w), log, 0, mt_bytes(was, file.size)), "the bytes are put back");
	CHECK(world_output(w, &j.a, tag, &status).size > 0 && status == 200, "and it reads");
	world_ree_fail_at(w, world_ree_calls(w) + 1, MT_IO);
	CHECK(world_output(w, &j.a, tag, &status).size == 0 && status == 507, "a failing disk is said to fail");
	mt_free(was);
	mt_free(bent);
	end();
}

/* A run worker that could still change an output after its answer gets none of them sealed. */
static void test_kept_open(void)
{
	struct secret ephemeral;

	wanted = WORK_CONTENT_MAX + 1;
	begin(keeps_open, 3);
	CHECK(world_run_job(w, &j)->status == 201, "it runs");
	CHECK(world_fetch(w, &j.a, &j, 1, "common", &ephemeral)->status == 409, "and no output leaves it");
	wanted = 100;
	CHECK(world_run_job(w, &j)->status == 201, "with a small one it runs");
	(void)fetched(2, "and what came with the answer counts, whatever the worker still maps");
	world_set_function(w, lies);
	CHECK(world_run_job(w, &j)->status == 201, "an answer that contradicts itself");
	CHECK(world_fetch(w, &j.a, &j, 3, "common", &ephemeral)->status == 409, "gives no output");
	end();
}

static size_t workers_alive(void)
{
	size_t alive = 0;

	for (uint32_t i = 0; i < w->peers; i++) {
		alive += w->peer[i].alive;
	}
	return alive;
}

/* The `running` entry cannot be written: workers that were started beside the write go, nothing ran, and the run is not used up. */
static void test_entry_not_written(void)
{
	wanted = 100;
	begin(fills, 8);
	for (uint64_t i = 1; i <= 6; i++) {
		size_t runs = world_runs(w);
		world_ree_fail_at(w, world_ree_calls(w) + i, MT_LIMIT);
		unsigned status = world_run_job(w, &j)->status;
		world_ree_fail_at(w, 0, MT_OK);
		if (status == 201) {
			continue;       /* the call that failed was another one: that run is in the log */
		}
		CHECK(world_runs(w) == runs && workers_alive() == 0, "nothing ran, nothing is left");
		CHECK(strcmp(world_job_state(w, &j), "approved") == 0, "it may be run");
		CHECK(world_run_job(w, &j)->status == 201 && world_runs(w) == runs + 1, "and then it is");
		end();
		return;
	}
	CHECK(false, "one of the calls is the entry's");
	end();
}

const struct test tests[] = {
	{ "small and large", test_small_and_large },
	{ "room is shared", test_room_is_shared },
	{ "lying disk", test_lying_disk },
	{ "kept open", test_kept_open },
	{ "entry not written", test_entry_not_written },
	TESTS_END
};
