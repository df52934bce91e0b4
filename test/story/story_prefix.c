/*
 * Every prefix of every message that core takes: of the gateway, of a party who signed it, of a worker, of the
 * supplicant. None is taken for the whole; the node lives on, and no run is finished by half an answer.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "service/core/core_private.h"
#include "test/story/world_private.h"

#define RUNS_PER_WORLD 16 /* two workers each, and a world has WORLD_PEERS_MAX */

static struct world *w;
static struct world_job j;
static const struct bytes none;

/* ---- an honest answer, cut ---- */

void __real_world_supplicant(struct world *world, struct world_message *m);
void __wrap_world_supplicant(struct world *world, struct world_message *m);
void __real_world_worker(struct world *world, struct world_message *m);
void __wrap_world_worker(struct world *world, struct world_message *m);

static struct {
	bool on, supplicant;
	uint8_t type; /* of a worker's answer, or of the call that the supplicant answers */
	size_t size, whole; /* of the answer: to be, and that it had */
} cut;

static void cut_answer(struct world *world, const struct world_message *before, bool wanted)
{
	struct world_message *answer = world->last;

	if (!cut.on || !wanted || !answer || answer == before || !answer->to_core) {
		return;
	}
	cut.on = false;
	cut.whole = answer->size;
	if (cut.size < answer->size) {
		/* A block of its own, so that a read past the end is seen. */
		uint8_t *part = malloc(cut.size);
		memcpy(part, answer->body, cut.size);
		free(answer->body);
		answer->body = part;
		answer->size = cut.size;
	}
}

void __wrap_world_supplicant(struct world *world, struct world_message *m)
{
	struct world_message *before = world->last;
	bool wanted = cut.supplicant && m->body[0] == cut.type;

	__real_world_supplicant(world, m);
	cut_answer(world, before, wanted);
}

void __wrap_world_worker(struct world *world, struct world_message *m)
{
	struct world_message *before = world->last;

	__real_world_worker(world, m);
	cut_answer(world, before,
		   !cut.supplicant && world->last && world->last->size && world->last->body[0] == cut.type);
}

static void cut_set(bool supplicant, uint8_t type, size_t size)
{
	cut.on = true;
	cut.supplicant = supplicant;
	cut.type = type;
	cut.size = size;
}

/* ---- */

static void begin(void)
{
	w = world_open(141);
	CHECK(world_start(w), "the node starts");
	world_job_prepare(w, &j);
}

static void end(void)
{
	CHECK(world_alive(w), "the node lives on");
	world_job_free(&j);
	world_close(w);
}

/* From the gateway, as it is. */
static void gateway_says(struct bytes body)
{
	struct world_message *m = world_message_new(PORT_GATEWAY, body);

	m->to_core = true;
	w->frame_error = 255;
	world_post(w, m);
	world_pump(w);
}

static void test_hello(void)
{
	uint8_t space[200];
	struct builder b = builder_over(space, sizeof(space));
	struct bytes whole;

	begin();
	builder_u8(&b, NODE_HELLO);
	builder_u32(&b, 500);
	builder_u8(&b, CHANNEL_FULL);
	for (unsigned i = 0; i < 5 * 32; i++) {
		builder_u8(&b, 1);
	}
	CHECK(builder_done(&b, &whole) == MT_OK, "a hello");
	for (size_t n = 1; n < whole.size; n++) {
		gateway_says(first(whole, n));
		CHECK(w->frame_error != 0, "every prefix");
	}
	gateway_says(whole);
	CHECK(w->frame_error == 0, "the whole");
	end();
}

static void test_request(void)
{
	static const char digits[] = "00000000000000000000000000000000000000000000000000000000000000aa";
	static struct world_answer answer;
	uint8_t space[200];
	struct builder b = builder_over(space, sizeof(space));
	struct bytes whole;

	begin();
	struct world_connection *c = world_session(w, &j.a);
	builder_u8(&b, NODE_REQUEST);
	builder_u32(&b, c->number);
	builder_u32(&b, 9);
	builder_u8(&b, ROUTE_TASK);
	builder_u8(&b, 1);
	builder_u8(&b, 1);
	builder_bytes32(&b, mt_text(digits));
	builder_u64(&b, 0);
	builder_bytes32(&b, none);
	CHECK(builder_done(&b, &whole) == MT_OK, "a request");
	w->answer = &answer;
	for (size_t n = 1; n < whole.size; n++) {
		answer = (struct world_answer){ .none = true };
		gateway_says(first(whole, n));
		CHECK(answer.none, "every prefix");
	}
	gateway_says(whole);
	CHECK(answer.status == 404, "the whole");
	w->answer = NULL;
	world_connection_free(c);
	end();
}

static void test_session_proof(void)
{
	uint8_t payload_space[256], space[512];
	struct builder payload = builder_over(payload_space, sizeof(payload_space)),
		       b = builder_over(space, sizeof(space));
	struct bytes plain, proof;

	begin();
	struct world_connection *c = world_connect(w, CHANNEL_FULL, NULL);
	channel_party_payload(c->answer.log_id, &c->binding, &payload);
	CHECK(!builder_done(&payload, &plain) && !cose_sign(j.a.signer, STATEMENT_TYPE_PARTY, plain, &b) &&
		      !builder_done(&b, &proof),
	      "a proof");
	for (size_t n = 0; n < proof.size; n++) {
		CHECK(world_request(w, c->number, true, ROUTE_SESSION, none, none, n, first(proof, n))->status == 400,
		      "every prefix");
	}
	CHECK(world_request(w, c->number, true, ROUTE_SESSION, none, none, proof.size, proof)->status == 200,
	      "the whole");
	world_connection_free(c);
	end();
}

/* ---- bodies that are signed as they are ---- */

static struct bytes body_of(enum route_id route, uint8_t space[96])
{
	static const uint8_t hash[32] = { 0x77 };
	struct builder b = builder_over(space, 96);
	struct bytes body;

	cbor_array(&b, route == ROUTE_DATASET_ADD ? 1 : route == ROUTE_FETCH ? 3 : 2);
	if (route == ROUTE_FETCH) {
		cbor_uint(&b, 1);
		cbor_tstr(&b, mt_text("common"));
	}
	cbor_bstr(&b, mt_bytes(hash, sizeof(hash)));
	if (route == ROUTE_FUNCTION_PUBLISH) {
		cbor_tstr(&b, mt_text("name"));
	} else if (route == ROUTE_ROLE) {
		cbor_uint(&b, 1);
	}
	mt_assert(!builder_done(&b, &body));
	return body;
}

static void test_signed_bodies(void)
{
	static const struct {
		enum route_id route;
		unsigned want; /* of the whole: understood, and then there is no such object */
	} row[] = {
		{ ROUTE_FUNCTION_PUBLISH, 404 }, { ROUTE_DATASET_ADD, 404 }, { ROUTE_FETCH, 404 }, { ROUTE_ROLE, 201 }
	};
	uint8_t space[96];
	struct world_party operator_party;

	w = world_open(142);
	world_party_new(w, &operator_party);
	world_set_operator(w, operator_party.id, true);
	CHECK(world_start(w), "the node starts");
	world_job_prepare(w, &j);
	CHECK(world_job_create(w, &j)->status == 201, "a contract");
	for (size_t i = 0; i < MT_COUNT(row); i++) {
		struct bytes whole = body_of(row[i].route, space);
		struct world_party *p = row[i].route == ROUTE_ROLE ? &operator_party : &j.a;
		for (size_t n = 0; n < whole.size; n++) {
			CHECK(world_signed(w, p, row[i].route, j.hash, first(whole, n))->status == 400,
			      routes[row[i].route].path);
		}
		CHECK(world_signed(w, p, row[i].route, j.hash, whole)->status == row[i].want,
		      routes[row[i].route].path);
	}
	world_party_free(&operator_party);
	end();
}

/* ---- workers ---- */

static void begin_running(void)
{
	begin();
	j.contract.runs = RUNS_PER_WORLD;
	CHECK(world_job_create(w, &j)->status == 201 && world_approve(w, &j.a, &j, &j.data_a)->status == 201 &&
		      world_approve(w, &j.b, &j, &j.data_b)->status == 201,
	      "approved");
}

/* What a participant sees of the runs. */
static bool any_run_is(const char *state)
{
	char digits[65], want[40];
	struct world_connection *c = world_session(w, &j.a);

	mt_hex(mt_bytes(j.hash, 32), digits);
	snprintf(want, sizeof(want), "\"state\":\"%s\"", state);
	struct world_answer *a = world_request(w, c->number, true, ROUTE_TASK, mt_bytes(digits, 64), none, 0, none);
	world_connection_free(c);
	CHECK(a->status == 200, "a view");
	const char *list = strstr((const char *)a->body, "\"run_list\"");
	return list && strstr(list, want);
}

static void workers_answer(enum work_type type, const char *why)
{
	size_t size = 1, runs = 0;

	cut.whole = 2;
	begin_running();
	for (; size < cut.whole; size++) {
		if (runs == RUNS_PER_WORLD) {
			end();
			begin_running();
			runs = 0;
		}
		cut_set(false, (uint8_t)type, size);
		CHECK(world_run_job(w, &j)->status == 201 && !cut.on, why);
		CHECK(any_run_is("failed") && !any_run_is("finished") && !any_run_is("running"), why);
		runs++;
	}
	CHECK(size > 10, "it was a whole answer");
	end();
	begin_running();
	cut_set(false, (uint8_t)type, cut.whole);
	CHECK(world_run_job(w, &j)->status == 201 && any_run_is("finished"), "the whole finishes");
	end();
}

static void test_opened(void)
{
	workers_answer(WORK_OPENED, "opened");
}

static void test_ran(void)
{
	workers_answer(WORK_RAN, "ran");
}

static void test_sealed(void)
{
	workers_answer(WORK_SEALED, "sealed");
}

/* ---- a module and a dataset, on their way in ---- */

/* Some module or dataset of that number lies at the supplicant; the body that registers it. */
static struct bytes object(enum route_id route, uint8_t number, uint8_t space[96])
{
	static const struct secret key = { "of a dataset in a story" };
	uint8_t file[256], name[32], plain[5] = { 0, 'a', 's', 'm', number };
	struct builder b = builder_over(space, 96);
	struct bytes content = mt_bytes(plain, sizeof(plain)), body;
	bool module = route == ROUTE_FUNCTION_PUBLISH;

	if (module) {
		crypto_sha256(content, name);
	} else {
		struct dataset_header h = { .size = content.size };
		size_t size = (size_t)dataset_file_size(&h);
		mt_assert(size <= sizeof(file) && dataset_seal_all(&key, content, file, name) == MT_OK);
		content = mt_bytes(file, size);
	}
	world_blob_set(w, REE_DATA, name, content);
	cbor_array(&b, module ? 2 : 1);
	cbor_bstr(&b, mt_bytes(name, sizeof(name)));
	if (module) {
		cbor_tstr(&b, mt_text("m"));
	}
	mt_assert(!builder_done(&b, &body));
	return body;
}

static void registered(enum route_id route, bool supplicant, uint8_t type, const char *why)
{
	const size_t head = supplicant ? 1 + 4 + 1 : 1; /* a shorter one is nobody's answer */
	uint8_t space[96];
	uint8_t number = 0;

	cut.whole = 2;
	begin();
	for (size_t size = 1; size < cut.whole; size++) {
		cut_set(supplicant, type, size);
		const struct world_answer *a = world_signed(w, &j.a, route, NULL, object(route, number++, space));
		CHECK(!cut.on && (size < head ? a->none : !a->none && a->status != 201), why);
		if (number % RUNS_PER_WORLD == 0) {
			end();
			begin();
		}
	}
	CHECK(cut.whole >= head + 4, "it was a whole answer");
	cut_set(supplicant, type, cut.whole);
	CHECK(world_signed(w, &j.a, route, NULL, object(route, number, space))->status == 201,
	      "the whole is registered");
	end();
}

static void test_compiled(void)
{
	registered(ROUTE_FUNCTION_PUBLISH, false, WORK_COMPILED, "compiled");
}

static void test_blob_head(void)
{
	registered(ROUTE_DATASET_ADD, true, REE_BLOB_HEAD, "the head of a dataset");
}

/* ---- what core is started with ---- */

/* { 1: "world", 2: true, 3: zeroes, 4: `signers`, 5: true }. */
static struct bytes configuration_with(const char *signers)
{
	char *text = test_alloc(4096);

	(void)snprintf(text, 4096, "a5 01 65776f726c64 02 f5 03 5820 %064d 04 %s 05 f5", 0, signers);
	return hex(text);
}

/* Who signs trusted applications: a point, a modulus with its exponent, and nothing else. */
static void test_signers(void)
{
	static const char point[] = "5841 04 00112233445566778899aabbccddeeff 00112233445566778899aabbccddeeff 00112233445566778899aabbccddeeff "
				    "00112233445566778899aabbccddeeff";
	struct core_configuration c = { .name = "before" };
	char text[2048];

	(void)snprintf(text, sizeof(text), "82 %s 82 44 c1c2c3c4 43 010001", point);
	struct bytes whole = configuration_with(text);

	for (size_t n = 0; n < whole.size; n++) {
		CHECK(core_configuration_decode(w->cbor, first(whole, n), &c) == MT_MALFORMED && strcmp(c.name, "before") == 0, "every prefix");
	}
	CHECK(core_configuration_decode(w->cbor, whole, &c) == MT_OK && c.tee_trust.count == 2 && c.tee_debug, "two of them");
	CHECK(c.tee_trust.key[0].p256.size == 65 && c.tee_trust.key[0].p256.at[1] == 0 && c.tee_trust.key[0].p256.at[2] == 0x11 &&
		      c.tee_trust.key[0].modulus.size == 0,
	      "P-256");
	CHECK(mt_equal(c.tee_trust.key[1].modulus, hex("c1c2c3c4")) && mt_equal(c.tee_trust.key[1].exponent, hex("010001")) &&
		      c.tee_trust.key[1].p256.size == 0,
	      "RSA");
	CHECK(c.tee_trust.key[1].modulus.at >= c.tee_key && c.tee_trust.key[1].modulus.at < c.tee_key + sizeof(c.tee_key), "in its own memory");
	static const char *const bad[] = { "81 44 00112233", "81 81 44 00112233", "81 83 41 01 41 03 41 05", "81 82 40 41 03", "81 82 41 c1 40", "81 01", "f5" };

	for (size_t i = 0; i < MT_COUNT(bad); i++) {
		CHECK(core_configuration_decode(w->cbor, configuration_with(bad[i]), &c) == MT_MALFORMED, bad[i]);
	}
	(void)snprintf(text, sizeof(text), "89 %s %s %s %s %s %s %s %s %s", point, point, point, point, point, point, point, point, point);
	CHECK(core_configuration_decode(w->cbor, configuration_with(text), &c) == MT_MALFORMED, "more than there may be");
}

static void test_configuration(void)
{
	struct core_configuration c = { .name = "before" };

	w = world_open(143);
	struct bytes whole = mt_bytes(w->configuration, w->configuration_size);
	for (size_t n = 0; n < whole.size; n++) {
		CHECK(core_configuration_decode(w->cbor, first(whole, n), &c) == MT_MALFORMED &&
			      strcmp(c.name, "before") == 0,
		      "every prefix");
	}
	CHECK(core_configuration_decode(w->cbor, whole, &c) == MT_OK && strcmp(c.name, "world") == 0, "the whole");
	test_signers();
	world_close(w);
}

const struct test tests[] = { { "hello", test_hello },
			      { "request", test_request },
			      { "session proof", test_session_proof },
			      { "signed bodies", test_signed_bodies },
			      { "opened", test_opened },
			      { "ran", test_ran },
			      { "sealed", test_sealed },
			      { "compiled", test_compiled },
			      { "blob head", test_blob_head },
			      { "configuration", test_configuration },
			      TESTS_END };
