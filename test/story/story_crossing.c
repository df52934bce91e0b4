/*
 * Requests that cross: each is right by itself, and both are under way before either is on disk. Whatever the order, the node lives on, its log
 * can be replayed, and what may happen once happens once. Anybody who may sign can send these, so a node that dies of them is everybody's loss.
 */
#include <stdio.h>
#include <string.h>

#include "test/story/world_private.h"

static struct world *w;
static struct world_job j;

static void begin(void)
{
	w = world_open(91);
	CHECK(world_start(w), "the node starts");
	world_job_prepare(w, &j);
	CHECK(world_job_create(w, &j)->status == 201, "the contract stands");
}

/* The log of what happened is one that a new life can read. */
static void end(const char *why)
{
	CHECK(world_alive(w), why);
	world_kill(w);
	CHECK(world_start(w), why);
	world_job_free(&j);
	world_close(w);
}

/* A signed request on its way: core has not looked at it yet. */
static void post(struct world_party *p, enum route_id route, const uint8_t *hash, struct bytes body, const struct world_bend *bend)
{
	static uint8_t space[PORT_MESSAGE_MAX];
	struct builder b = builder_over(space, sizeof(space));
	struct bytes message;
	char digits[65];
	size_t size = 0;
	struct world_connection *c = world_session(w, p);
	uint8_t *wire = world_sign(w, p, route, hash, body, bend, &size);

	builder_u8(&b, NODE_REQUEST);
	builder_u32(&b, c->number);
	builder_u32(&b, w->next_request++);
	builder_u8(&b, (uint8_t)route);
	builder_u8(&b, 1);
	builder_u8(&b, hash ? 1 : 0);
	if (hash) {
		mt_hex(mt_bytes(hash, 32), digits);
		builder_bytes32(&b, mt_bytes(digits, 64));
	}
	builder_u64(&b, size);
	builder_bytes32(&b, mt_bytes(wire, size));
	mt_assert(!builder_done(&b, &message));
	mt_free(wire);
	world_connection_free(c);
	struct world_message *m = world_message_new(PORT_GATEWAY, message);
	m->to_core = true;
	m->next = NULL;
	world_post(w, m);
}

static struct bytes one_hash(uint8_t space[64], const uint8_t hash[32], const char *name)
{
	struct builder b = builder_over(space, 64);
	struct bytes body;

	cbor_array(&b, name ? 2 : 1);
	cbor_bstr(&b, mt_bytes(hash, 32));
	if (name) {
		cbor_tstr(&b, mt_text(name));
	}
	mt_assert(!builder_done(&b, &body));
	return body;
}

static unsigned count_of(const char *what)
{
	char want[32];
	struct world_answer *a = world_request(w, 0, false, ROUTE_STATUS, mt_bytes(NULL, 0), mt_bytes(NULL, 0), 0, mt_bytes(NULL, 0));
	unsigned count = 0;

	snprintf(want, sizeof(want), "\"%s\":", what);
	const char *at = strstr((const char *)a->body, want);
	CHECK(at && sscanf(at + strlen(want), "%u", &count) == 1, "the status counts");
	return count;
}

/* world_session() pumps, so all connections and signatures come first and the messages are held back meanwhile. */
static struct world_message *held;

static void hold(void)
{
	struct world_message **last = &held;

	while (*last) {
		last = &(*last)->next;
	}
	*last = w->first;
	w->first = w->last = NULL;
}

static void release(void)
{
	while (held) {
		struct world_message *m = held;
		held = m->next;
		m->next = NULL;
		world_post(w, m);
	}
	world_pump(w);
}

static void test_same_module(void)
{
	uint8_t hash[32], space[64];
	struct bytes module = mt_text("a new module");

	begin();
	crypto_sha256(module, hash);
	world_blob_set(w, REE_DATA, hash, module);
	unsigned before = count_of("functions");
	post(&j.a, ROUTE_FUNCTION_PUBLISH, NULL, one_hash(space, hash, "mine"), NULL);
	hold();
	post(&j.b, ROUTE_FUNCTION_PUBLISH, NULL, one_hash(space, hash, "yours"), NULL);
	hold();
	release();
	CHECK(count_of("functions") == before + 1, "a module is registered once");
	end("two parties publish the same module at once");
}

static void test_same_dataset(void)
{
	uint8_t tag[32], file[512], space[64];
	struct secret key = { { 7 } };
	struct dataset_header h;

	begin();
	CHECK(!dataset_seal_all(&key, mt_text("x\n"), file, tag) && !dataset_header_decode(mt_bytes(file, DATASET_HEADER_SIZE), &h), "data");
	world_blob_set(w, REE_DATA, tag, mt_bytes(file, (size_t)dataset_file_size(&h)));
	unsigned before = count_of("datasets");
	post(&j.a, ROUTE_DATASET_ADD, NULL, one_hash(space, tag, NULL), NULL);
	hold();
	post(&j.b, ROUTE_DATASET_ADD, NULL, one_hash(space, tag, NULL), NULL);
	hold();
	release();
	CHECK(count_of("datasets") == before + 1, "a dataset is registered once");
	end("two parties register the same dataset at once");
}

/* A gateway sends one request twice before the first is on disk. */
static void test_same_request(void)
{
	static const uint8_t nonce[STATEMENT_NONCE_SIZE] = { 9 };
	const struct world_bend bend = { .nonce = nonce };
	uint8_t hash[32], space[64];
	struct bytes module = mt_text("a new module");

	begin();
	crypto_sha256(module, hash);
	world_blob_set(w, REE_DATA, hash, module);
	unsigned before = count_of("functions");
	for (int i = 0; i < 2; i++) {
		post(&j.a, ROUTE_FUNCTION_PUBLISH, NULL, one_hash(space, hash, "mine"), &bend);
		hold();
	}
	release();
	CHECK(count_of("functions") == before + 1, "once");
	end("one request twice at once");
}

/* A party signs two requests on two objects with one nonce: the second must not reach the log. */
static void test_same_nonce(void)
{
	static const uint8_t nonce[STATEMENT_NONCE_SIZE] = { 9 };
	const struct world_bend bend = { .nonce = nonce };
	uint8_t first_contract[32];
	struct bytes none = { 0 };

	begin();
	memcpy(first_contract, j.hash, 32);
	j.contract.nonce[0] ^= 1;
	CHECK(world_job_create(w, &j)->status == 201, "a second contract");
	post(&j.a, ROUTE_CANCEL, first_contract, none, &bend);
	hold();
	post(&j.a, ROUTE_CANCEL, j.hash, none, &bend);
	hold();
	release();
	CHECK(strcmp(world_job_state(w, &j), "created") == 0, "the second one is refused");
	memcpy(j.hash, first_contract, 32);
	CHECK(strcmp(world_job_state(w, &j), "cancelled") == 0, "the first one counts");
	end("one nonce on two objects at once");
}

const struct test tests[] = {
	{ "same module", test_same_module },
	{ "same dataset", test_same_dataset },
	{ "same request", test_same_request },
	{ "same nonce", test_same_nonce },
	TESTS_END
};
