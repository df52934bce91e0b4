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
	struct bytes module = world_module("a new module");

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
	struct bytes module = world_module("a new module");

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

static struct bytes another_contract(uint8_t *space, size_t capacity)
{
	struct builder b = builder_over(space, capacity);
	struct bytes wire;

	j.contract.nonce[0]++;
	contract_encode(&j.contract, &b);
	mt_assert(!builder_done(&b, &wire));
	return wire;
}

/* The second is accepted while the first is being written, and its own write fails: the first counts, the second was never promised. */
static void test_second_write_fails(void)
{
	static struct world_answer last;
	static uint8_t space[2][4096];

	begin();
	unsigned before = count_of("contracts");
	for (size_t i = 0; i < 2; i++) {
		post(i ? &j.b : &j.a, ROUTE_CONTRACT_CREATE, NULL, another_contract(space[i], sizeof(space[i])), NULL);
		hold();
	}
	world_ree_fail_at(w, world_ree_calls(w) + 2, MT_IO);
	w->answer = &last;
	release();
	w->answer = NULL;
	CHECK(last.status >= 500, "the last answer is the second one's, and it says no");
	world_ree_fail_at(w, 0, MT_OK);
	CHECK(count_of("contracts") == before + 1, "the first one counts, and nothing came of the second");
	world_kill(w);
	CHECK(world_start(w) && count_of("contracts") == before + 1, "so it stays");
	end("a write fails between two");
}

/* Between asking for a run and its receipt on disk there are so many messages; b changes his mind after each of them in turn. */
static void test_late_at_every_step(void)
{
	static const enum route_id late[] = { ROUTE_CANCEL, ROUTE_WITHDRAW };
	struct bytes none = { 0 };
	size_t finished = 0, ended = 0;

	for (size_t r = 0; r < MT_COUNT(late); r++) {
		for (size_t steps = 0, over = 0; !over; steps++) {
			begin();
			CHECK(world_approve(w, &j.a, &j, &j.data_a)->status == 201 && world_approve(w, &j.b, &j, &j.data_b)->status == 201,
			      "approved");
			post(&j.a, ROUTE_RUN, j.hash, none, NULL);
			hold();
			post(&j.b, late[r], j.hash, none, NULL);
			hold();
			struct world_message *second = held->next;
			held->next = NULL;
			world_post(w, held);
			held = second;
			for (size_t i = 0; i < steps && w->first; i++) {
				world_step(w);
			}
			over = w->first == NULL;
			release();
			bool whole = strcmp(world_job_state(w, &j), "finished") == 0;
			finished += whole;
			ended += !whole;
			CHECK(!over || whole, "after the end it is too late");
			end("somebody changes his mind during a run");
		}
	}
	CHECK(finished > 2 && ended > 10, "some were in time, some were not");
}

/* ---- any order ---- */

#define ORDER_CONTRACTS 3
#define ORDER_MESSAGES 36

static uint64_t dice;

static uint64_t roll(uint64_t sides)
{
	dice = dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (dice >> 33) % sides;
}

static void post_approval(struct world_party *p, const struct world_dataset *data)
{
	size_t size = 0;
	uint8_t *body = world_approval(w, p, &j, data, NULL, &size);

	post(p, ROUTE_APPROVE, j.hash, mt_bytes(body, size), NULL);
	mt_free(body);
}

static void post_role(struct world_party *operator_party, const uint8_t party[32], uint64_t role)
{
	uint8_t space[64];
	struct builder b = builder_over(space, sizeof(space));
	struct bytes body;

	cbor_array(&b, 2);
	cbor_bstr(&b, mt_bytes(party, 32));
	cbor_uint(&b, role);
	mt_assert(!builder_done(&b, &body));
	post(operator_party, ROUTE_ROLE, NULL, body, NULL);
}

/* Some request of somebody that could be right: on one of a few objects, so that they meet; with one of two nonces now and then. */
static void post_any(struct world_party *operator_party, const uint8_t (*contract)[32], const uint8_t module[32])
{
	static const enum route_id plain[] = { ROUTE_RUN, ROUTE_WITHDRAW, ROUTE_CANCEL };
	static uint8_t space[4096];
	uint8_t small[64], nonce[STATEMENT_NONCE_SIZE] = { (uint8_t)roll(2) };
	const struct world_bend again = { .nonce = nonce };
	const struct world_bend *bend = roll(4) ? NULL : &again;
	struct world_party *p = roll(2) ? &j.a : &j.b;
	uint64_t which = roll(16);

	memcpy(j.hash, contract[roll(ORDER_CONTRACTS)], 32);
	if (which < 6) {
		post_approval(p, p == &j.a ? &j.data_a : &j.data_b);
	} else if (which < 12) {
		post(p, which < 10 ? ROUTE_RUN : plain[roll(3)], j.hash, mt_bytes(NULL, 0), bend);
	} else if (which == 12) {
		post(p, ROUTE_FUNCTION_PUBLISH, NULL, one_hash(small, module, "m"), bend);
	} else if (which == 13) {
		post(p, ROUTE_DATASET_ADD, NULL, one_hash(small, j.data_a.tag, NULL), bend);
	} else if (which == 14) {
		post_role(operator_party, j.b.id, roll(2));
	} else {
		j.contract.nonce[1] = (uint8_t)roll(50);
		struct builder b = builder_over(space, sizeof(space));
		struct bytes wire;
		contract_encode(&j.contract, &b);
		mt_assert(!builder_done(&b, &wire));
		post(p, ROUTE_CONTRACT_CREATE, NULL, wire, bend);
	}
	hold();
}

/* The held messages in another order. */
static void shuffle(void)
{
	struct world_message *m[ORDER_MESSAGES];
	size_t count = 0;

	for (; held; held = held->next) {
		mt_assert(count < ORDER_MESSAGES);
		m[count++] = held;
	}
	while (count) {
		size_t i = (size_t)roll(count);
		m[i]->next = held;
		held = m[i];
		m[i] = m[--count];
	}
}

/* One with no approval, one with one, one that may run. */
static void fresh_contracts(uint8_t (*contract)[32], uint8_t life)
{
	j.contract.nonce[1] = 0;
	for (size_t i = 0; i < ORDER_CONTRACTS; i++) {
		j.contract.nonce[0] = (uint8_t)(life * ORDER_CONTRACTS + i + 1);
		j.contract.runs = 1 + roll(2);
		unsigned status = world_job_create(w, &j)->status;      /* refused where b was expelled in a former life */
		CHECK(status == 201 || status == 403, "a contract");
		memcpy(contract[i], j.hash, 32);
		if (i > 0) {
			(void)world_approve(w, &j.a, &j, &j.data_a);
		}
		if (i > 1) {
			(void)world_approve(w, &j.b, &j, &j.data_b);
		}
	}
}

/* Each comes at a moment of its own, while others' writes, runs and receipts are on their way. */
static void release_slowly(void)
{
	while (world_alive(w) && held) {
		if (!w->first || roll(8) == 0) {
			struct world_message *m = held;
			held = m->next;
			m->next = NULL;
			world_post(w, m);
		}
		world_step(w);
	}
	release();
}

static void any_order(uint64_t seed)
{
	struct world_party operator_party;
	uint8_t contract[ORDER_CONTRACTS][32], module[32];

	dice = seed;
	w = world_open(seed);
	world_party_new(w, &operator_party);
	world_set_operator(w, operator_party.id, true);
	CHECK(world_start(w), "the node starts");
	world_job_prepare(w, &j);
	crypto_sha256(world_module("a new module"), module);
	world_blob_set(w, REE_DATA, module, world_module("a new module"));
	for (int life = 0; life < 3 && world_alive(w); life++) {
		fresh_contracts(contract, (uint8_t)life);
		for (size_t i = 0; i < ORDER_MESSAGES; i++) {
			post_any(&operator_party, (const uint8_t (*)[32])contract, module);
		}
		shuffle();
		if (roll(2)) {
			world_ree_fail_at(w, world_ree_calls(w) + 1 + roll(30), MT_IO);
		}
		if (life == 0) {
			release();
		} else {
			release_slowly();
		}
		world_ree_fail_at(w, 0, MT_OK);
		CHECK(world_alive(w), "whatever came first, the node lives on");
		if (life == 1) {
			world_advance(w, 5000);
		}
		world_kill(w);
		CHECK(world_start(w), "and its log can be read");
	}
	if (!world_alive(w)) {
		printf("seed %llu: %s\n", (unsigned long long)seed, world_fault(w));
	}
	world_party_free(&operator_party);
	world_job_free(&j);
	world_close(w);
}

static void test_any_order(void)
{
	for (uint64_t seed = 1; seed <= 12; seed++) {
		any_order(seed);
	}
}

const struct test tests[] = {
	{ "same module", test_same_module },
	{ "same dataset", test_same_dataset },
	{ "same request", test_same_request },
	{ "same nonce", test_same_nonce },
	{ "second write fails", test_second_write_fails },
	{ "late at every step", test_late_at_every_step },
	{ "any order", test_any_order },
	TESTS_END
};
