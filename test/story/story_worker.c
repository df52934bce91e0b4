/* A run worker that was taken over: what it says of itself reaches nobody, since words would carry data past the output guards. */
#include <string.h>

#include "test/story/world_private.h"

#define SECRET_WORDS "alice@example.org"

static struct world *w;
static struct world_job j;

static void hang(struct world_run *run)
{
	run->hang = true;
}

/* Its answer, with the plaintext that it has seen as the reason. */
static void answer(uint32_t peer, enum work_outcome outcome, uint32_t outputs, const char *words)
{
	uint8_t space[512];
	struct builder b = builder_over(space, sizeof(space));
	struct bytes body;

	builder_u8(&b, WORK_RAN);
	builder_u8(&b, (uint8_t)outcome);
	builder_u32(&b, 0);
	builder_u64(&b, 1);
	builder_u64(&b, 2);
	builder_u64(&b, 3);
	builder_u32(&b, outputs);
	for (uint32_t i = 0; i < outputs; i++) {
		builder_u8(&b, 0);
		builder_u64(&b, 0);
	}
	builder_bytes32(&b, mt_text(words));
	for (uint32_t i = 0; i < outputs; i++) {
		builder_bytes32(&b, mt_bytes(NULL, 0));
	}
	mt_assert(!builder_done(&b, &body));
	struct world_message *m = world_message_new(peer, body);
	m->to_core = true;
	world_post(w, m);
	world_pump(w);
}

static bool holds(const uint8_t *at, size_t size, const char *words)
{
	return memmem(at, size, words, strlen(words)) != NULL;
}

/* Nothing that a participant can ask for repeats it: neither the view of the task nor the receipt. */
static void nobody_reads(const char *why)
{
	char digits[65];
	size_t size = 0;
	struct world_connection *c = world_session(w, &j.b);

	CHECK(strcmp(world_job_state(w, &j), "failed") == 0, why);
	mt_hex(mt_bytes(j.hash, 32), digits);
	struct world_answer *a = world_request(w, c->number, true, ROUTE_TASK, mt_bytes(digits, 64), mt_bytes(NULL, 0), 0, mt_bytes(NULL, 0));
	CHECK(a->status == 200 && !holds(a->body, a->size, SECRET_WORDS), why);
	world_connection_free(c);
	uint8_t *file = world_receipt(w, &j, 1, &size);
	CHECK(file && size && !holds(file, size, SECRET_WORDS), why);
	mt_free(file);
}

static void test_words(void)
{
	static const struct {
		const char *why;
		enum work_outcome outcome;
		uint32_t outputs;
	} row[] = {
		{ "a trap", WORK_TRAPPED, 1 }, { "a limit", WORK_LIMIT, 1 }, { "a refusal", WORK_REFUSED, 1 },
		{ "an outcome that is none", (enum work_outcome)77, 1 }, { "too many outputs", WORK_TRAPPED, 2 },
	};

	for (size_t i = 0; i < MT_COUNT(row); i++) {
		w = world_open(101);
		CHECK(world_start(w), "the node starts");
		world_set_function(w, hang);
		world_job_prepare(w, &j);
		CHECK(world_job_create(w, &j)->status == 201 && world_approve(w, &j.a, &j, &j.data_a)->status == 201 &&
		      world_approve(w, &j.b, &j, &j.data_b)->status == 201 && world_run_job(w, &j)->status == 201, "the run is under way");
		for (uint32_t p = 0; p < w->peers; p++) {
			if (w->peer[p].alive && w->peer[p].kind == PORT_RUN) {
				answer(PORT_WORKER_FIRST + p, row[i].outcome, row[i].outputs, SECRET_WORDS);
			}
		}
		nobody_reads(row[i].why);
		world_job_free(&j);
		world_close(w);
	}
}

const struct test tests[] = {
	{ "words", test_words },
	TESTS_END
};
