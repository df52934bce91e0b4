/* Inputs too large to hold: which they are, what core passes on, and how such a run ends when a part of it fails. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "service/task/driver.h"
#include "test/story/world_private.h"

#define LARGE ((size_t)TASK_STREAM_MIN + 1)

static struct world *w;
static struct world_job j;
static uint32_t streams;

static void hang(struct world_run *run)
{
	streams = run->streams;
	run->hang = true;
}

static void first_bytes(struct world_run *run)
{
	streams = run->streams;
	run->output[0] = mt_alloc(64);
	for (size_t i = 0; i < run->input_count; i++) {
		memcpy(run->output[0] + 8 * i, run->input[i].at, 8);
		run->output_size[0] += 8;
	}
}

/* The job of the stories with another input a, of so many bytes; approved and run. */
static void job_run(world_function *function, size_t a_size, uint64_t wall_ms)
{
	uint8_t *plain = malloc(a_size);

	memset(plain, 'a', a_size);
	w = world_open(300);
	CHECK(world_start(w), "the node starts");
	world_set_function(w, function);
	world_job_prepare(w, &j);
	world_dataset_free(&j.data_a);
	world_put(w, &j.a, mt_bytes(plain, a_size), &j.data_a);
	free(plain);
	memcpy(j.contract.input[0].tag, j.data_a.tag, 32);
	j.contract.input[1].name = mt_text("small");
	j.contract.wall_ms = wall_ms;
	CHECK(world_job_create(w, &j)->status == 201 && world_approve(w, &j.a, &j, &j.data_a)->status == 201 &&
	      world_approve(w, &j.b, &j, &j.data_b)->status == 201 && world_run_job(w, &j)->status == 201, "it runs");
}

static void job_close(void)
{
	world_job_free(&j);
	world_close(w);
}

static uint32_t worker(enum port_worker kind)
{
	for (uint32_t p = 0; p < w->peers; p++) {
		if (w->peer[p].alive && w->peer[p].kind == kind) {
			return PORT_WORKER_FIRST + p;
		}
	}
	return 0;
}

/* What a participant sees of the contract and its runs. */
static bool view_has(const char *text)
{
	char digits[65];
	struct world_connection *c = world_session(w, &j.b);

	mt_hex(mt_bytes(j.hash, 32), digits);
	struct world_answer *a = world_request(w, c->number, true, ROUTE_TASK, mt_bytes(digits, 64), mt_bytes(NULL, 0), 0, mt_bytes(NULL, 0));
	bool found = a->status == 200 && memmem(a->body, a->size, text, strlen(text)) != NULL;

	world_connection_free(c);
	return found;
}

/* ---- what is a stream ---- */

static void test_size(void)
{
	static const struct {
		size_t size;
		uint32_t streams;
	} row[] = { { LARGE - 1, 0 }, { LARGE, 1 } };

	for (size_t i = 0; i < MT_COUNT(row); i++) {
		char bytes_in[64];

		job_run(first_bytes, row[i].size, 10000);
		CHECK(streams == row[i].streams, "what is larger than the limit is a stream, and nothing else");
		CHECK(strcmp(world_job_state(w, &j), "finished") == 0, "the run ends well");
		snprintf(bytes_in, sizeof(bytes_in), "\"bytes_in\":%zu,", row[i].size + strlen("bea\ncid\ndot\n"));
		CHECK(view_has(bytes_in), "both inputs count");
		job_close();
	}
}

/* ---- a stream that breaks ---- */

static void say(uint32_t peer, const char *body)
{
	struct world_message *m = world_message_new(peer, hex(body));

	m->to_core = true;
	world_post(w, m);
	world_pump(w);
}

static void test_broken(void)
{
	static const struct {
		const char *said, *cause;
	} row[] = {
		{ "0a 08 00000000", "input a changed while the function ran (tampered)" },
		{ "0a 07 00000000", "input a could not be read to its end (io)" },
		{ "0a 03 00000001", "input small could not be read to its end (not found)" },
		{ "0a ff 00000000", "input a could not be read to its end (malformed)" },
		{ "0a 08 00000002", "no usable answer" },
		{ "0a 08 00000000 00", "no usable answer" },
		{ "0a 08 000000", "no usable answer" },
		{ "06 08 00000000", "no usable answer" },
	};

	for (size_t i = 0; i < MT_COUNT(row); i++) {
		job_run(hang, LARGE, 10000);
		say(worker(PORT_SEAL), row[i].said);
		CHECK(strcmp(world_job_state(w, &j), "failed") == 0 && view_has(row[i].cause), row[i].cause);
		CHECK(!worker(PORT_SEAL) && !worker(PORT_RUN), "both workers are ended");
		job_close();
	}
	job_run(hang, 100, 10000);
	say(worker(PORT_SEAL), row[0].said);
	CHECK(view_has("out of turn"), "without a stream it has nothing to say");
	job_close();
}

/* Opened, but with a handle more or less than there must be; or never. */
static int handles_bend;
static bool opens_never;

void __real_world_worker(struct world *in, struct world_message *m);
void __wrap_world_worker(struct world *in, struct world_message *m);

void __wrap_world_worker(struct world *in, struct world_message *m)
{
	if (opens_never && m->body[0] == WORK_OPEN) {
		return;
	}
	__real_world_worker(in, m);
	struct world_message *a = in->last;

	if (!handles_bend || !a || a->body[0] != WORK_OPENED) {
		return;
	}
	if (handles_bend < 0) {
		world_memory_drop(in, a->handle[--a->handle_count]);
	} else {
		a->handle[a->handle_count++] = world_memory_new(in, mt_text("one more"), true);
	}
}

static void test_handles(void)
{
	static const size_t size[] = { 100, LARGE };

	for (size_t i = 0; i < MT_COUNT(size); i++) {
		for (handles_bend = -1; handles_bend <= 1; handles_bend++) {
			job_run(first_bytes, size[i], 10000);
			CHECK(handles_bend ? strcmp(world_job_state(w, &j), "failed") == 0 && view_has("no usable answer")
					   : strcmp(world_job_state(w, &j), "finished") == 0,
			      "a handle for each that is mapped, and one for all streams");
			job_close();
		}
	}
	handles_bend = 0;
}

/* ---- deaths and time ---- */

static void test_dies(void)
{
	static const enum port_worker kind[] = { PORT_SEAL, PORT_RUN };

	for (size_t i = 0; i < MT_COUNT(kind); i++) {
		job_run(hang, LARGE, 10000);
		w->port.kill(w, worker(kind[i]));
		world_pump(w);
		CHECK(strcmp(world_job_state(w, &j), "failed") == 0 && view_has(i ? "the run worker died" : "the seal worker died"), "failed");
		CHECK(!worker(PORT_SEAL) && !worker(PORT_RUN), "and the other is ended with it");
		job_close();
	}
}

/* A large input may take longer to check, by its size; the function's time has not begun. */
static void test_slow_disk(void)
{
	const uint64_t check_ms = LARGE / TASK_STREAM_RATE_MIN;

	opens_never = true;
	job_run(hang, LARGE, 10);
	world_advance(w, TASK_SEAL_MS + check_ms - 100);
	CHECK(strcmp(world_job_state(w, &j), "running") == 0 && worker(PORT_SEAL) && worker(PORT_RUN), "it is still being opened");
	world_advance(w, 2000);
	CHECK(strcmp(world_job_state(w, &j), "failed") == 0 && view_has("the seal worker died"), "but not for ever");
	job_close();
	opens_never = false;
}

/* The seal worker outlives a function that takes longer than opening and sealing may. */
static void test_long_run(void)
{
	job_run(hang, 100, 3 * TASK_SEAL_MS);
	world_advance(w, 2 * TASK_SEAL_MS);
	CHECK(strcmp(world_job_state(w, &j), "running") == 0 && worker(PORT_SEAL), "it runs, and its outputs can still be sealed");
	world_advance(w, TASK_SEAL_MS + 2000);
	CHECK(strcmp(world_job_state(w, &j), "failed") == 0 && view_has("ran longer than its 1800000 ms"), "until its own time is over");
	job_close();
}

const struct test tests[] = {
	{ "size", test_size },
	{ "broken", test_broken },
	{ "handles", test_handles },
	{ "dies", test_dies },
	{ "slow disk", test_slow_disk },
	{ "long run", test_long_run },
	TESTS_END
};
