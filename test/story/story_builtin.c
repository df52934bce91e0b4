/* Functions of the build itself: known by their hash, run by their own worker where the measurement shows it, else as anybody's. */
#include <string.h>

#include "test/story/world_private.h"
#include "test/test.h"

static struct world *w;
static struct world_job j;

static void begin(bool there)
{
	w = world_open(137);
	if (there) {
		world_add_image(w, "builtin");
	}
	CHECK(world_start(w), "the node starts");
	world_job_prepare(w, &j);
	CHECK(world_publish_ask(w, &j.a, world_module(WORLD_BUILTIN), j.contract.function)->status == 201, "registered");
}

static void end(void)
{
	world_job_free(&j);
	world_close(w);
}

static bool listed(const char *what)
{
	struct world_connection *c = world_session(w, &j.a);
	const struct world_answer *a =
		world_request(w, c->number, true, ROUTE_FUNCTIONS, mt_bytes(NULL, 0), mt_bytes(NULL, 0), 0, mt_bytes(NULL, 0));
	bool found = a->status == 200 && strstr((const char *)a->body, what);

	world_connection_free(c);
	return found;
}

static bool refused(void)
{
	const struct world_answer *a = world_job_create(w, &j);
	return a->status == 403 && strstr((const char *)a->body, "executor");
}

static size_t workers(enum port_worker kind)
{
	size_t count = 0;

	for (uint32_t i = 0; i < w->peers; i++) {
		count += w->peer[i].kind == kind;
	}
	return count;
}

static bool runs(void)
{
	return world_job_create(w, &j)->status == 201 && world_approve(w, &j.a, &j, &j.data_a)->status == 201 &&
	       world_approve(w, &j.b, &j, &j.data_b)->status == 201 && world_run_job(w, &j)->status == 201 && world_runs(w) == 1;
}

static void test_with(void)
{
	begin(true);
	size_t compiled = workers(PORT_COMPILE);

	CHECK(listed("\"executor\":\"builtin\""), "as what it is");
	CHECK(refused(), "not for a contract that names the engine");
	j.contract.executor = CONTRACT_BUILTIN;
	CHECK(refused(), "nor with the engine's hash");
	mt_assert(!attest_executor_hash(&w->images, ATTEST_EXECUTOR_BUILTIN, j.contract.executor_hash));
	CHECK(runs(), "it runs");
	CHECK(workers(PORT_BUILTIN) == 1 && workers(PORT_RUN) == 0 && workers(PORT_COMPILE) == compiled, "by its own worker, never compiled");
	for (uint32_t i = 0; i < w->peers; i++) {
		if (w->peer[i].kind == PORT_BUILTIN) {
			CHECK(mt_equal(mt_bytes(w->peer[i].artifact, w->peer[i].artifact_size), mt_bytes(j.contract.function, 32)), "by its hash");
		}
	}
	end();
}

static void test_without(void)
{
	uint8_t hash[32];

	begin(false);
	CHECK(attest_executor_hash(&w->images, ATTEST_EXECUTOR_BUILTIN, hash) == MT_NOT_FOUND, "it is not in the measurement");
	CHECK(listed("\"executor\":\"wasm\"") && !listed("builtin"), "one like any other");
	j.contract.executor = CONTRACT_BUILTIN;
	CHECK(refused(), "and nothing else");
	j.contract.executor = CONTRACT_WASM;
	CHECK(runs() && workers(PORT_RUN) == 1, "the engine runs it");
	end();
}

const struct test tests[] = {
	{ "with the worker", test_with },
	{ "without it", test_without },
	TESTS_END
};
