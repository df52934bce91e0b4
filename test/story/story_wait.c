/* A party asks for the end of a run, and is answered when it is there. */
#include <stdio.h>
#include <string.h>

#include "test/story/world_private.h"
#include "test/test.h"

static struct world *w;
static struct world_job j;
static struct world_connection *waiting;

static void hangs(struct world_run *run)
{
	run->hang = true;
}

static void begin(world_function *function, uint64_t wall_ms)
{
	w = world_open(121);
	CHECK(world_start(w), "the node starts");
	world_set_function(w, function);
	world_job_prepare(w, &j);
	j.contract.runs = 2;
	j.contract.wall_ms = wall_ms;
	CHECK(world_job_create(w, &j)->status == 201 && world_approve(w, &j.a, &j, &j.data_a)->status == 201 &&
	      world_approve(w, &j.b, &j, &j.data_b)->status == 201, "approved");
	waiting = world_session(w, &j.b);
}

static void end(void)
{
	world_connection_free(waiting);
	world_job_free(&j);
	world_close(w);
}

static struct world_answer *ask(uint32_t connection, const char *run)
{
	char digits[65];

	mt_hex(mt_bytes(j.hash, 32), digits);
	return world_request(w, connection, true, ROUTE_RUN_END, mt_bytes(digits, 64), mt_text(run), 0, mt_bytes(NULL, 0));
}

static bool says(const struct world_answer *a, const char *what)
{
	return !a->none && a->status == 200 && strstr((const char *)a->body, what);
}

/* Time passes while `a` is what the next answer fills. */
static void wait_for(struct world_answer *a, uint64_t ms)
{
	w->answer = a;
	world_advance(w, ms);
	w->answer = NULL;
}

static void test_over(void)
{
	struct world_party stranger;

	begin(world_intersect, 10000);
	CHECK(ask(waiting->number, "1")->status == 404, "no run yet");
	CHECK(world_run_job(w, &j)->status == 201, "it runs");
	CHECK(says(ask(waiting->number, "1"), "\"state\":\"finished\""), "what is over is told at once");
	CHECK(says(ask(waiting->number, "1"), "\"cpu_us\":5678"), "with the kernel's count of what it used, not the worker's own");
	CHECK(ask(waiting->number, "2")->status == 404 && ask(waiting->number, "x")->status == 400, "and nothing else");
	world_party_new(w, &stranger);
	struct world_connection *c = world_session(w, &stranger);
	CHECK(ask(c->number, "1")->status == 404, "no run for a stranger");
	world_connection_free(c);
	world_party_free(&stranger);
	end();
}

/* The run is killed at its deadline: who waits hears of it then, and every second before. */
static void test_waits(void)
{
	begin(hangs, 5000);
	CHECK(world_run_job(w, &j)->status == 201, "it runs");
	struct world_answer *a = ask(waiting->number, "1");
	CHECK(a->none, "no answer while it runs");
	wait_for(a, 500);
	CHECK(a->none, "nor soon after");
	wait_for(a, 1000);
	CHECK(says(a, "\"state\":\"running\""), "after a second it is told as it is");
	world_advance(w, 3200);
	a = ask(waiting->number, "1");
	CHECK(a->none, "it runs still");
	wait_for(a, 600);
	CHECK(says(a, "\"state\":\"failed\""), "its end is told when it is on disk");
	end();
}

/* Who left is not answered: the connection's number may not come up again. */
static void test_left(void)
{
	uint8_t closed[5] = { NODE_CLOSED };

	begin(hangs, 2000);
	CHECK(world_run_job(w, &j)->status == 201, "it runs");
	struct world_answer *a = ask(waiting->number, "1");
	CHECK(a->none, "no answer while it runs");
	for (size_t i = 0; i < 4; i++) {
		closed[1 + i] = (uint8_t)(waiting->number >> (24 - 8 * i));
	}
	struct world_message *m = world_message_new(PORT_GATEWAY, mt_bytes(closed, sizeof(closed)));
	m->to_core = true;
	world_post(w, m);
	world_pump(w);
	wait_for(a, 5000);
	CHECK(a->none, "nothing is sent to it");
	end();
}

const struct test tests[] = { { "over", test_over }, { "waits", test_waits }, { "left", test_left }, TESTS_END };
