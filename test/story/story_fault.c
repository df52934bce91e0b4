/* What the world below may do to a node, and what must hold all the same: nothing acknowledged is lost, no run is charged or run twice. */
#include <stdio.h>
#include <string.h>

#include "service/task/task.h"
#include "test/story/world.h"
#include "test/test.h"

/* ---- a supplicant that lies ---- */

static void test_other_ciphertext(void)
{
	struct world *w = world_open(21);
	struct world_job j;
	uint8_t bent[4096];

	CHECK(world_start(w), "the node starts");
	world_job_prepare(w, &j);
	j.contract.runs = 10;
	CHECK(world_job_create(w, &j)->status == 201 && world_approve(w, &j.a, &j, &j.data_a)->status == 201 &&
	      world_approve(w, &j.b, &j, &j.data_b)->status == 201, "approved");
	world_blob_set(w, REE_DATA, j.data_b.tag, mt_bytes(j.data_a.file, j.data_a.size));
	CHECK(world_run_job(w, &j)->status == 201, "a run with a's data under b's tag");
	for (size_t i = 0; i < 4; i++) {
		static const size_t where[] = { 20, 60, 100, 130 };     /* salt, commitment, root, ciphertext */
		memcpy(bent, j.data_b.file, j.data_b.size);
		bent[where[i]] ^= 1;
		world_blob_set(w, REE_DATA, j.data_b.tag, mt_bytes(bent, j.data_b.size));
		CHECK(world_run_job(w, &j)->status == 201, "a run with one byte changed");
	}
	world_blob_set(w, REE_DATA, j.data_b.tag, mt_bytes(j.data_b.file, j.data_b.size - 1));
	CHECK(world_run_job(w, &j)->status == 201, "a run with a byte missing");
	world_blob_set(w, REE_DATA, j.data_b.tag, mt_bytes(NULL, 0));
	CHECK(world_run_job(w, &j)->status == 201, "a run without the data");
	CHECK(world_runs(w) == 0, "the function saw none of it");
	world_blob_set(w, REE_DATA, j.data_b.tag, mt_bytes(j.data_b.file, j.data_b.size));
	CHECK(world_run_job(w, &j)->status == 201 && world_runs(w) == 1, "with the approved data it runs");
	world_job_free(&j);
	world_close(w);
}

static void test_damaged_blobs(void)
{
	struct world *w = world_open(22);
	struct world_job j;
	uint8_t name[32], engine[32], bent[4096];
	struct attest_policy policy;

	CHECK(world_start(w), "the node starts");
	world_job_prepare(w, &j);
	j.contract.runs = 10;
	CHECK(world_job_create(w, &j)->status == 201 && world_approve(w, &j.a, &j, &j.data_a)->status == 201 &&
	      world_approve(w, &j.b, &j, &j.data_b)->status == 201, "approved");
	world_policy(w, &policy);
	CHECK(!attest_executor_hash(&policy.expected, ATTEST_EXECUTOR_WASM, engine), "the engine");
	world_kill(w);
	task_artifact_name(j.function, engine, name);
	struct bytes artifact = world_blob(w, REE_ARTIFACT, name);
	memcpy(bent, artifact.at, artifact.size);
	bent[artifact.size - 1] ^= 1;
	size_t size = artifact.size;
	world_blob_set(w, REE_ARTIFACT, name, mt_bytes(bent, size));
	CHECK(world_start(w), "a second life");
	CHECK(world_run_job(w, &j)->status == 201 && world_runs(w) == 0, "a damaged artifact is not executed");
	bent[size - 1] ^= 1;
	world_blob_set(w, REE_ARTIFACT, name, mt_bytes(bent, size));
	world_kill(w);
	task_keys_name(j.hash, name);
	struct bytes keys = world_blob(w, REE_ARTIFACT, name);
	memcpy(bent, keys.at, keys.size);
	bent[keys.size / 2] ^= 1;
	size = keys.size;
	world_blob_set(w, REE_ARTIFACT, name, mt_bytes(bent, size));
	CHECK(world_start(w), "a third life");
	CHECK(world_run_job(w, &j)->status == 201 && world_runs(w) == 0, "damaged keys open nothing");
	bent[size / 2] ^= 1;
	world_blob_set(w, REE_ARTIFACT, name, mt_bytes(bent, size));
	CHECK(world_run_job(w, &j)->status == 201 && world_runs(w) == 1, "whole ones do");
	world_job_free(&j);
	world_close(w);
}

/* ---- rollback: DESIGN 10 ---- */

static void test_old_disk_restored(void)
{
	struct world *w = world_open(23);
	struct world_job j;

	CHECK(world_start(w), "the node starts");
	world_job_prepare(w, &j);
	j.contract.runs = 2;
	CHECK(world_job_create(w, &j)->status == 201 && world_approve(w, &j.a, &j, &j.data_a)->status == 201 &&
	      world_approve(w, &j.b, &j, &j.data_b)->status == 201, "approved");
	sim_disk_image_keep(world_disk(w));
	world_blobs_keep(w);
	CHECK(world_signed(w, &j.a, ROUTE_WITHDRAW, j.hash, mt_bytes(NULL, 0))->status == 201, "a withdraws");
	world_see_head(w, &j.a);        /* as every client does after an answer */
	world_kill(w);
	sim_disk_image_restore(world_disk(w));
	sim_disk_power_on(world_disk(w));
	world_blobs_restore(w);
	CHECK(world_start(w), "the old disk is put back: by itself the node cannot tell");
	struct world_answer *a = world_signed(w, &j.a, ROUTE_CANCEL, j.hash, mt_bytes(NULL, 0));
	CHECK(a->status == 412, "but a has seen a head that is no ancestor, and core says so");
	CHECK(strstr((char *)a->body, "rolled back") != NULL, "in words");
	world_job_free(&j);
	world_close(w);
}

static void test_disk_cloned(void)
{
	struct world *w = world_open(24);
	struct world_job j;

	CHECK(world_start(w), "the node starts");
	world_job_prepare(w, &j);
	CHECK(world_job_create(w, &j)->status == 201, "created");
	world_see_head(w, &j.a);
	world_see_head(w, &j.b);
	sim_disk_image_keep(world_disk(w));
	world_blobs_keep(w);
	CHECK(world_approve(w, &j.a, &j, &j.data_a)->status == 201, "a approves on the one");
	world_see_head(w, &j.a);
	struct statement_head head_a = j.a.head;
	world_kill(w);
	sim_disk_image_restore(world_disk(w));
	sim_disk_power_on(world_disk(w));
	world_blobs_restore(w);
	CHECK(world_start(w), "its clone starts");
	CHECK(world_signed(w, &j.b, ROUTE_CANCEL, j.hash, mt_bytes(NULL, 0))->status == 201, "b, who saw less, works on the clone");
	world_see_head(w, &j.b);
	CHECK(j.b.head.size > 0 && memcmp(head_a.root, j.b.head.root, 32) != 0, "the two have different histories");
	j.a.head = head_a;
	CHECK(world_signed(w, &j.a, ROUTE_CANCEL, j.hash, mt_bytes(NULL, 0))->status == 412, "a is told that this is another history");
	world_job_free(&j);
	world_close(w);
}

static void test_log_taken_away(void)
{
	struct world *w = world_open(25);
	struct world_job j;
	uint8_t zero[4096] = { 0 };

	CHECK(world_start(w), "the node starts");
	world_job_prepare(w, &j);
	world_kill(w);
	unsigned log = sim_disk_file(world_disk(w), "log");
	size_t size = sim_disk_size(world_disk(w), log);
	for (size_t at = 0; at < size; at += sizeof(zero)) {
		CHECK(!sim_disk_write(world_disk(w), log, at, mt_bytes(zero, sizeof(zero))), "the log is emptied");
	}
	CHECK(!sim_disk_sync(world_disk(w), log) && world_start(w), "an empty log is a new log");
	struct world_connection *c = world_connect(w, CHANNEL_FULL, NULL);
	CHECK(memcmp(c->answer.log_id, j.contract.log_id, 32) != 0, "with another id: nothing signed for the old one holds");
	world_connection_free(c);
	world_job_free(&j);
	world_close(w);
}

static void test_other_software(void)
{
	static const uint8_t operator_id[COSE_ID_SIZE] = { 1 };
	struct world *w = world_open(26);

	CHECK(world_start(w), "the node starts");
	world_kill(w);
	world_set_image(w, "core", 0xee);
	CHECK(!world_start(w), "another image cannot open the state");
	CHECK(strstr(world_fault(w), "another build") != NULL, "and says why");
	world_set_image(w, "core", 3);
	CHECK(world_start(w), "the right one can");
	world_kill(w);
	world_set_operator(w, operator_id, true);
	CHECK(!world_start(w) && strstr(world_fault(w), "configuration") != NULL, "another configuration cannot, and is named");
	world_close(w);
}

/* ---- workers that die, hang, or give nothing ---- */

static void dies(struct world_run *run)
{
	run->die = true;
}

static void hangs(struct world_run *run)
{
	run->hang = true;
}

static void writes_nothing(struct world_run *run)
{
	(void)run;
}

static void fails(struct world_run *run)
{
	world_intersect(run);
	run->exit_code = 3;
}

static void traps(struct world_run *run)
{
	world_intersect(run);
	run->outcome = WORK_TRAPPED;
}

static void test_workers(void)
{
	static const struct {
		const char *why, *cause;
		world_function *function;
		uint64_t rows_min, size_max;
	} row[] = {
		{ "dies", "the run worker died", dies, 0, 100 },
		{ "hangs", "ran longer than its 10000 ms", hangs, 0, 100 },
		{ "writes nothing", "did not write all its outputs", writes_nothing, 0, 100 },
		{ "fails", "exit code 3", fails, 0, 100 },
		{ "traps", "trapped", traps, 0, 100 },
		{ "too few rows", "fewer rows", world_intersect, 3, 100 },
		{ "too many bytes", "more bytes", world_intersect, 0, 7 },
	};

	for (size_t i = 0; i < MT_COUNT(row); i++) {
		struct world *w = world_open(30 + i);
		struct world_job j;
		struct secret ephemeral;
		char digits[65];
		CHECK(world_start(w), "the node starts");
		world_set_function(w, row[i].function);
		world_job_prepare(w, &j);
		j.contract.output[0].rows_min = row[i].rows_min;
		j.contract.output[0].size_max = row[i].size_max;
		CHECK(world_job_create(w, &j)->status == 201 && world_approve(w, &j.a, &j, &j.data_a)->status == 201 &&
		      world_approve(w, &j.b, &j, &j.data_b)->status == 201 && world_run_job(w, &j)->status == 201, "it runs");
		world_advance(w, 11000);
		CHECK(strcmp(world_job_state(w, &j), "failed") == 0, row[i].why);
		struct world_connection *c = world_session(w, &j.a);
		mt_hex(mt_bytes(j.hash, 32), digits);
		struct world_answer *a = world_request(w, c->number, true, ROUTE_TASK, mt_bytes(digits, 64), mt_bytes(NULL, 0), 0,
						       mt_bytes(NULL, 0));
		CHECK(strstr((char *)a->body, row[i].cause) != NULL, row[i].cause);
		CHECK(strstr((char *)a->body, "engine's words") == NULL, "a worker's words go no further");
		CHECK(world_fetch(w, &j.a, &j, 1, "common", &ephemeral)->status == 409, "no output leaves a failed run");
		size_t size = 0;
		uint8_t *receipt = world_receipt(w, &j, 1, &size);
		CHECK(receipt != NULL, "a failed run has a receipt too");
		mt_free(receipt);
		world_connection_free(c);
		world_job_free(&j);
		world_close(w);
	}
}

static void test_ended_while_running(void)
{
	static const struct {
		const char *why;
		enum route_id route;
		const char *state;
	} row[] = { { "cancel", ROUTE_CANCEL, "cancelled" }, { "withdraw", ROUTE_WITHDRAW, "cancelled" } };

	for (size_t i = 0; i < MT_COUNT(row); i++) {
		struct world *w = world_open(40 + i);
		struct world_job j;
		CHECK(world_start(w), "the node starts");
		world_set_function(w, hangs);
		world_job_prepare(w, &j);
		CHECK(world_job_create(w, &j)->status == 201 && world_approve(w, &j.a, &j, &j.data_a)->status == 201 &&
		      world_approve(w, &j.b, &j, &j.data_b)->status == 201 && world_run_job(w, &j)->status == 201, "it runs");
		CHECK(strcmp(world_job_state(w, &j), "running") == 0, "running");
		CHECK(world_run_job(w, &j)->status == 409, "not twice at the same time");
		CHECK(world_signed(w, &j.a, row[i].route, j.hash, mt_bytes(NULL, 0))->status == 201, row[i].why);
		CHECK(strcmp(world_job_state(w, &j), row[i].state) == 0, row[i].state);
		uint8_t name[32];
		task_keys_name(j.hash, name);
		CHECK(world_blob(w, REE_ARTIFACT, name).size == 0 || row[i].route == ROUTE_WITHDRAW, "the keys are gone");
		world_kill(w);
		CHECK(world_start(w), "and it stays so");
		CHECK(strcmp(world_job_state(w, &j), row[i].state) == 0, "after a restart");
		world_job_free(&j);
		world_close(w);
	}
}

static void test_expiry(void)
{
	struct world *w = world_open(45);
	struct world_job j;

	CHECK(world_start(w), "the node starts");
	world_job_prepare(w, &j);
	CHECK(world_job_create(w, &j)->status == 201 && world_approve(w, &j.a, &j, &j.data_a)->status == 201 &&
	      world_approve(w, &j.b, &j, &j.data_b)->status == 201, "approved");
	world_advance(w, 3601 * 1000);
	CHECK(strcmp(world_job_state(w, &j), "expired") == 0, "its time is over");
	CHECK(world_run_job(w, &j)->status == 403 || world_run_job(w, &j)->status == 409, "so it does not run");
	world_kill(w);
	CHECK(world_start(w) && strcmp(world_job_state(w, &j), "expired") == 0, "after a restart as well");
	world_job_free(&j);
	world_close(w);
}

static void test_interrupted(void)
{
	struct world *w = world_open(46);
	struct world_job j;

	CHECK(world_start(w), "the node starts");
	world_set_function(w, hangs);
	world_job_prepare(w, &j);
	CHECK(world_job_create(w, &j)->status == 201 && world_approve(w, &j.a, &j, &j.data_a)->status == 201 &&
	      world_approve(w, &j.b, &j, &j.data_b)->status == 201 && world_run_job(w, &j)->status == 201, "it runs");
	world_power_cut(w);
	CHECK(world_start(w), "the power comes back");
	CHECK(strcmp(world_job_state(w, &j), "failed") == 0, "the run is failed (interrupted) and used up");
	CHECK(world_run_job(w, &j)->status == 409, "it does not run again");
	CHECK(world_runs(w) == 1, "it began once");
	world_job_free(&j);
	world_close(w);
}

const struct test tests[] = {
	{ "other ciphertext under the same tag", test_other_ciphertext },
	{ "damaged blobs", test_damaged_blobs },
	{ "old disk restored", test_old_disk_restored },
	{ "disk cloned", test_disk_cloned },
	{ "log taken away", test_log_taken_away },
	{ "other software", test_other_software },
	{ "workers", test_workers },
	{ "ended while running", test_ended_while_running },
	{ "expiry", test_expiry },
	{ "interrupted", test_interrupted },
	TESTS_END
};
