/* Functions in Python: only where the node's measurement shows the interpreter, by its own worker, and what was signed or nothing. */
#include <stdio.h>
#include <string.h>

#include "test/story/world_private.h"
#include "test/test.h"

#define SOURCE "open('/out/common', 'w').write('x')\n"

static struct world *w;
static struct world_job j;

static void begin(bool interpreter)
{
	w = world_open(131);
	if (interpreter) {
		world_add_image(w, "python");
		world_add_image(w, "python-stdlib.zip");
		world_add_image(w, "python.cwasm");
	}
	CHECK(world_start(w), "the node starts");
	world_job_prepare(w, &j);
	j.contract.runs = 4;
}

static void end(void)
{
	world_job_free(&j);
	world_close(w);
}

static void for_python(void)
{
	j.contract.executor = CONTRACT_PYTHON;
	mt_assert(!attest_executor_hash(&w->images, ATTEST_EXECUTOR_PYTHON, j.contract.executor_hash));
}

static bool says(const struct world_answer *a, unsigned status, const char *what)
{
	return !a->none && a->status == status && strstr((const char *)a->body, what);
}

static void test_without(void)
{
	uint8_t hash[32];

	begin(false);
	CHECK(attest_executor_hash(&w->images, ATTEST_EXECUTOR_PYTHON, hash) == MT_NOT_FOUND, "it is not in the measurement");
	CHECK(says(world_publish_ask(w, &j.a, mt_text(SOURCE), hash), 403, "does not run Python"), "no function in Python");
	j.contract.executor = CONTRACT_PYTHON;
	CHECK(says(world_job_create(w, &j), 403, "does not run Python"), "no contract for it");
	end();
}

static void test_with(void)
{
	begin(true);
	CHECK(world_publish_ask(w, &j.a, mt_text(SOURCE), j.contract.function)->status == 201, "registered");
	struct world_connection *c = world_session(w, &j.a);
	CHECK(says(world_request(w, c->number, true, ROUTE_FUNCTIONS, mt_bytes(NULL, 0), mt_bytes(NULL, 0), 0, mt_bytes(NULL, 0)), 200,
		   "\"name\":\"psi\","), "listed");
	CHECK(says(world_request(w, c->number, true, ROUTE_FUNCTIONS, mt_bytes(NULL, 0), mt_bytes(NULL, 0), 0, mt_bytes(NULL, 0)), 200,
		   "\"executor\":\"python\""), "as what it is");
	world_connection_free(c);
	CHECK(says(world_job_create(w, &j), 403, "another executor"), "not for a contract that names wasm");
	for_python();
	j.contract.executor_hash[0] ^= 1;
	CHECK(says(world_job_create(w, &j), 403, "another executor"), "nor another interpreter");
	for_python();
	CHECK(world_job_create(w, &j)->status == 201 && world_approve(w, &j.a, &j, &j.data_a)->status == 201 &&
	      world_approve(w, &j.b, &j, &j.data_b)->status == 201, "approved");
	CHECK(world_run_job(w, &j)->status == 201 && world_runs(w) == 1, "it runs");
	bool python = false;
	for (uint32_t i = 0; i < w->peers; i++) {
		python |= w->peer[i].kind == PORT_PYTHON && w->peer[i].artifact_size == strlen(SOURCE);
		CHECK(w->peer[i].kind != PORT_RUN, "by no other worker");
	}
	CHECK(python, "the worker got the source");
	end();
}

/* The worker that a source is given, under a contract that allows so much memory. */
static bool given(const char *source, uint64_t memory_max, enum port_worker kind)
{
	bool found = false;

	begin(true);
	CHECK(world_publish_ask(w, &j.a, mt_text(source), j.contract.function)->status == 201, "registered");
	for_python();
	j.contract.memory_max = memory_max;
	CHECK(world_job_create(w, &j)->status == 201 && world_approve(w, &j.a, &j, &j.data_a)->status == 201 &&
	      world_approve(w, &j.b, &j, &j.data_b)->status == 201 && world_run_job(w, &j)->status == 201, "run");
	for (uint32_t i = 0; i < w->peers; i++) {
		found |= w->peer[i].kind == kind && w->peer[i].artifact_size == strlen(source);
	}
	end();
	return found;
}

static void test_packages(void)
{
	CHECK(given("import sklearn\n", 1 << 30, PORT_PYTHON_PACKAGES), "it names one");
	CHECK(given("PK\003\004 closed", 1 << 30, PORT_PYTHON_PACKAGES), "a zip does not show");
	CHECK(given("import json\n", 1 << 30, PORT_PYTHON), "it names none");
	CHECK(given("import sklearn\n", 200 << 20, PORT_PYTHON), "they would not leave it enough");
}

static void test_wasm_is_no_python(void)
{
	begin(true);
	for_python();
	CHECK(says(world_job_create(w, &j), 403, "another executor"), "a module is no source");
	end();
}

/* The source is exchanged on the disk after the approvals. */
static void test_source_exchanged(void)
{
	begin(true);
	CHECK(world_publish_ask(w, &j.a, mt_text(SOURCE), j.contract.function)->status == 201, "registered");
	for_python();
	CHECK(world_job_create(w, &j)->status == 201 && world_approve(w, &j.a, &j, &j.data_a)->status == 201 &&
	      world_approve(w, &j.b, &j, &j.data_b)->status == 201, "approved");
	world_blob_set(w, REE_DATA, j.contract.function, mt_text("open('/out/common', 'w').write(open('/in/a').read())\n"));
	CHECK(world_run_job(w, &j)->status == 201 && world_runs(w) == 0, "another source does not run");
	world_blob_set(w, REE_DATA, j.contract.function, mt_bytes(NULL, 0));
	CHECK(world_run_job(w, &j)->status == 201 && world_runs(w) == 0, "nor none");
	world_blob_set(w, REE_DATA, j.contract.function, mt_text(SOURCE));
	CHECK(world_run_job(w, &j)->status == 201 && world_runs(w) == 1, "the right one does");
	end();
}

const struct test tests[] = {
	{ "without an interpreter", test_without },
	{ "with one", test_with },
	{ "packages", test_packages },
	{ "wasm is no Python", test_wasm_is_no_python },
	{ "source exchanged", test_source_exchanged },
	TESTS_END
};
