/* One story per attack on what parties sign and approve. The attacker holds the gateway, the supplicant or another party's key. */
#include <stdio.h>
#include <string.h>

#include "service/task/task.h"
#include "test/story/world.h"
#include "test/test.h"

static struct world *w;
static struct world_job j;

static void begin(void)
{
	w = world_open(7);
	CHECK(world_start(w), "the node starts");
	world_job_prepare(w, &j);
	CHECK(world_job_create(w, &j)->status == 201, "the contract stands");
}

static void end(void)
{
	world_job_free(&j);
	world_close(w);
}

static unsigned status_of(const struct world_answer *a)
{
	return a->none ? 0 : a->status;
}

/* Send a signed request that is bent in one part, through a's own honest session. */
static unsigned bent(struct world_party *p, enum route_id route, struct bytes body, const struct world_bend *bend)
{
	size_t size = 0;
	char digits[65];
	struct world_connection *c = world_session(w, p);
	uint8_t *wire = world_sign(w, p, route, j.hash, body, bend, &size);

	mt_hex(mt_bytes(j.hash, 32), digits);
	struct world_answer *a = world_request(w, c->number, true, route, mt_bytes(digits, 64), mt_bytes(NULL, 0), size, mt_bytes(wire, size));
	mt_free(wire);
	world_connection_free(c);
	return status_of(a);
}

/* ---- after approval ---- */

/* Whatever is exchanged makes another contract, which nobody approved: the approvals do not carry over. */
static void change_and_run(const char *what)
{
	struct world_answer *a = world_job_create(w, &j);

	if (a->status == 201) {
		CHECK(status_of(world_run_job(w, &j)) == 403, what);
	} else {
		CHECK(a->status == 403 || a->status == 404, what);
	}
	CHECK(world_runs(w) == 0, "nothing ran");
}

static void test_replaced_after_approval(void)
{
	static const char *const what[] = { "another function", "another argument", "another input", "another executor", "another guard" };

	for (size_t i = 0; i < MT_COUNT(what); i++) {
		begin();
		CHECK(world_approve(w, &j.a, &j, &j.data_a)->status == 201, "a approves");
		CHECK(world_approve(w, &j.b, &j, &j.data_b)->status == 201, "b approves");
		switch (i) {
		case 0:
			world_publish(w, &j.b, world_module("other module"), j.contract.function);
			break;
		case 1:
			j.contract.argument[0] = mt_text("b");
			break;
		case 2:
			memcpy(j.contract.input[1].tag, j.data_a.tag, 32);
			memcpy(j.contract.input[1].owner, j.a.id, 32);
			break;
		case 3:
			j.contract.executor_hash[0] ^= 1;
			break;
		default:
			j.contract.output[0].size_max = 1 << 30;
			break;
		}
		change_and_run(what[i]);
		end();
	}
}

/* The module behind an approved hash is exchanged on the disk: its artifact is sealed by hash, so the old one runs or none. */
static void check_artifact(struct world_run *run)
{
	CHECK(mt_equal(run->artifact, world_module("module")), "what runs is what was approved");
	world_intersect(run);
}

static void test_module_swapped_on_disk(void)
{
	begin();
	world_set_function(w, check_artifact);
	CHECK(world_approve(w, &j.a, &j, &j.data_a)->status == 201, "a approves");
	CHECK(world_approve(w, &j.b, &j, &j.data_b)->status == 201, "b approves");
	world_blob_set(w, REE_DATA, j.function, mt_text("evil module"));
	CHECK(world_run_job(w, &j)->status == 201, "the run starts");
	CHECK(world_runs(w) == 1, "and runs the approved module");
	end();
}

/* ---- approvals ---- */

static void test_approval_elsewhere(void)
{
	struct approval a = { 0 };
	size_t size = 0;
	uint8_t log_id[32];

	begin();
	memcpy(log_id, j.contract.log_id, 32);
	memcpy(a.contract_hash, j.hash, 32);
	memcpy(a.log_id, log_id, 32);
	a.contract_hash[0] ^= 1;
	uint8_t *body = world_approval(w, &j.a, &j, &j.data_a, &a, &size);
	CHECK(status_of(world_signed(w, &j.a, ROUTE_APPROVE, j.hash, mt_bytes(body, size))) == 403, "approval of another contract");
	mt_free(body);
	memcpy(a.contract_hash, j.hash, 32);
	a.log_id[0] ^= 1;
	body = world_approval(w, &j.a, &j, &j.data_a, &a, &size);
	CHECK(status_of(world_signed(w, &j.a, ROUTE_APPROVE, j.hash, mt_bytes(body, size))) == 403, "approval for another log");
	mt_free(body);
	body = world_approval(w, &j.b, &j, &j.data_a, NULL, &size);
	CHECK(status_of(world_signed(w, &j.a, ROUTE_APPROVE, j.hash, mt_bytes(body, size))) == 403, "b's approval in a's request");
	mt_free(body);
	CHECK(strcmp(world_job_state(w, &j), "created") == 0, "nothing has changed");
	end();
}

static void test_approval_keys(void)
{
	begin();
	CHECK(status_of(world_approve(w, &j.a, &j, NULL)) == 403, "a key is missing");
	CHECK(status_of(world_approve(w, &j.a, &j, &j.data_b)) == 403, "the key of another's data");
	struct world_dataset wrong = j.data_a;
	wrong.key.at[0] ^= 1;
	CHECK(status_of(world_approve(w, &j.a, &j, &wrong)) == 403, "a key that is not the dataset's");
	CHECK(status_of(world_approve(w, &j.a, &j, &j.data_a)) == 201, "the right one");
	CHECK(status_of(world_approve(w, &j.a, &j, &j.data_a)) == 409, "once is enough");
	end();
}

static void test_party_outside(void)
{
	struct world_party mallory;
	struct secret ephemeral;

	begin();
	world_party_new(w, &mallory);
	CHECK(status_of(world_approve(w, &mallory, &j, NULL)) == 404, "no approval by a stranger");
	CHECK(status_of(world_signed(w, &mallory, ROUTE_RUN, j.hash, mt_bytes(NULL, 0))) == 404, "no run");
	CHECK(status_of(world_signed(w, &mallory, ROUTE_CANCEL, j.hash, mt_bytes(NULL, 0))) == 404, "no cancel");
	CHECK(status_of(world_signed(w, &mallory, ROUTE_WITHDRAW, j.hash, mt_bytes(NULL, 0))) == 404, "no withdrawal");
	memcpy(j.contract.participant[0], mallory.id, 32);
	CHECK(status_of(world_signed(w, &mallory, ROUTE_CONTRACT_CREATE, NULL, mt_bytes(j.wire, j.wire_size))) == 403,
	      "no contract of others");
	CHECK(world_approve(w, &j.a, &j, &j.data_a)->status == 201, "a approves");
	CHECK(status_of(world_signed(w, &j.b, ROUTE_RUN, j.hash, mt_bytes(NULL, 0))) == 403, "b has not: no run");
	CHECK(world_approve(w, &j.b, &j, &j.data_b)->status == 201, "b approves");
	CHECK(world_run_job(w, &j)->status == 201, "the run");
	CHECK(status_of(world_fetch(w, &mallory, &j, 1, "common", &ephemeral)) == 404, "no output for a stranger");
	world_party_free(&mallory);
	end();
}

static void test_output_of_one_owner(void)
{
	struct secret ephemeral, key;
	uint8_t tag[32], plain[64];
	uint64_t size = 0;
	char digits[65];
	unsigned status;

	begin();
	memcpy(j.contract.output[0].owner[0], j.a.id, 32);
	j.contract.output[0].owner_count = 1;
	CHECK(world_job_create(w, &j)->status == 201, "only a owns the output");
	CHECK(world_approve(w, &j.a, &j, &j.data_a)->status == 201, "a approves");
	CHECK(world_approve(w, &j.b, &j, &j.data_b)->status == 201, "b approves");
	CHECK(status_of(world_fetch(w, &j.a, &j, 1, "common", &ephemeral)) == 404, "nothing before the run");
	CHECK(world_run_job(w, &j)->status == 201, "the run");
	CHECK(status_of(world_fetch(w, &j.b, &j, 1, "common", &ephemeral)) == 403, "b takes part, but does not own it");
	struct world_answer *a = world_fetch(w, &j.a, &j, 1, "common", &ephemeral);
	CHECK(world_fetch_open(w, a, &ephemeral, &key, tag, &size), "a fetches");
	CHECK(!dataset_open_all(world_output(w, &j.a, tag, &status), &key, tag, plain, sizeof(plain)), "and reads");
	struct world_connection *c = world_session(w, &j.b);
	mt_hex(mt_bytes(tag, 32), digits);
	CHECK(status_of(world_request(w, c->number, true, ROUTE_OUTPUT, mt_bytes(digits, 64), mt_bytes(NULL, 0), 0, mt_bytes(NULL, 0))) == 404,
	      "not even the ciphertext for b");
	world_connection_free(c);
	end();
}

/* ---- requests ---- */

static void test_request_bent(void)
{
	static const uint8_t other[32] = { 1 };
	struct statement_head future = { .size = 1000000, .root = { 1 } }, forked = { .size = 2, .root = { 1 } };
	const struct {
		const char *why;
		struct world_bend bend;
		unsigned want;
	} row[] = {
		{ "another log", { .log_id = other }, 403 },
		{ "another route", { .route = "POST /v1/stop" }, 403 },
		{ "another body", { .body_hash = other }, 403 },
		{ "expired", { .expiry = 1 }, 403 },
		{ "for ever", { .expiry = UINT64_MAX }, 403 },
		{ "a head that this log has not reached", { .head = &future }, 412 },
		{ "a head of another history", { .head = &forked }, 412 },
		{ "nothing bent", { .signer = NULL }, 201 },
	};

	begin();
	CHECK(world_approve(w, &j.a, &j, &j.data_a)->status == 201, "a approves");
	CHECK(world_approve(w, &j.b, &j, &j.data_b)->status == 201, "b approves");
	for (size_t i = 0; i < MT_COUNT(row); i++) {
		CHECK(bent(&j.a, ROUTE_RUN, mt_bytes(NULL, 0), &row[i].bend) == row[i].want, row[i].why);
	}
	CHECK(world_runs(w) == 1, "only the honest one ran");
	end();
}

static void test_replay(void)
{
	size_t size = 0;
	char digits[65];

	begin();
	j.contract.runs = 3;
	CHECK(world_job_create(w, &j)->status == 201, "a contract with three runs");
	CHECK(world_approve(w, &j.a, &j, &j.data_a)->status == 201, "a approves");
	CHECK(world_approve(w, &j.b, &j, &j.data_b)->status == 201, "b approves");
	struct world_connection *c = world_session(w, &j.a);
	uint8_t *wire = world_sign(w, &j.a, ROUTE_RUN, j.hash, mt_bytes(NULL, 0), NULL, &size);
	mt_hex(mt_bytes(j.hash, 32), digits);
	struct bytes hash = mt_bytes(digits, 64), none = mt_bytes(NULL, 0), body = mt_bytes(wire, size);
	CHECK(status_of(world_request(w, c->number, true, ROUTE_RUN, hash, none, size, body)) == 201, "run once");
	CHECK(status_of(world_request(w, c->number, true, ROUTE_RUN, hash, none, size, body)) == 409, "not twice by the same request");
	world_kill(w);
	CHECK(world_start(w), "also after a restart");
	world_connection_free(c);
	c = world_session(w, &j.a);
	CHECK(status_of(world_request(w, c->number, true, ROUTE_RUN, hash, none, size, body)) == 409, "nonces are in the log");
	world_advance(w, 301 * 1000);
	CHECK(status_of(world_request(w, c->number, true, ROUTE_RUN, hash, none, size, body)) == 403, "later it has expired");
	world_advance(w, 3000 * 1000);
	CHECK(status_of(world_request(w, c->number, true, ROUTE_RUN, hash, none, size, body)) == 403, "and stays so");
	CHECK(world_runs(w) == 1, "it ran once");
	mt_free(wire);
	world_connection_free(c);
	end();
}

static void test_approval_replayed_after_withdrawal(void)
{
	size_t size = 0, body_size = 0;
	char digits[65];

	begin();
	uint8_t *body = world_approval(w, &j.a, &j, &j.data_a, NULL, &body_size);
	uint8_t *wire = world_sign(w, &j.a, ROUTE_APPROVE, j.hash, mt_bytes(body, body_size), NULL, &size);
	struct world_connection *c = world_session(w, &j.a);
	mt_hex(mt_bytes(j.hash, 32), digits);
	struct bytes hash = mt_bytes(digits, 64), none = mt_bytes(NULL, 0);
	CHECK(status_of(world_request(w, c->number, true, ROUTE_APPROVE, hash, none, size, mt_bytes(wire, size))) == 201, "a approves");
	CHECK(world_approve(w, &j.b, &j, &j.data_b)->status == 201, "b approves");
	CHECK(status_of(world_signed(w, &j.a, ROUTE_WITHDRAW, j.hash, none)) == 201, "a takes it back");
	CHECK(status_of(world_request(w, c->number, true, ROUTE_APPROVE, hash, none, size, mt_bytes(wire, size))) == 409,
	      "the gateway cannot give it again");
	CHECK(status_of(world_run_job(w, &j)) == 403, "so nothing runs");
	CHECK(world_approve(w, &j.a, &j, &j.data_a)->status == 201, "a himself can");
	CHECK(world_run_job(w, &j)->status == 201, "then it runs");
	CHECK(strcmp(world_job_state(w, &j), "finished") == 0, "to the end");
	mt_free(body);
	mt_free(wire);
	world_connection_free(c);
	end();
}

/* ---- roles ---- */

static unsigned give_role(struct world_party *operator_party, const uint8_t party[32], uint64_t role)
{
	uint8_t space[64];
	struct builder b = builder_over(space, sizeof(space));
	struct bytes body;

	cbor_array(&b, 2);
	cbor_bstr(&b, mt_bytes(party, 32));
	cbor_uint(&b, role);
	mt_assert(!builder_done(&b, &body));
	return status_of(world_signed(w, operator_party, ROUTE_ROLE, NULL, body));
}

static void test_roles(void)
{
	struct world_party operator_party;

	w = world_open(8);
	world_party_new(w, &operator_party);
	world_set_operator(w, operator_party.id, true);
	CHECK(world_start(w), "the node starts");
	world_job_prepare(w, &j);
	CHECK(world_job_create(w, &j)->status == 201, "created");
	CHECK(give_role(&j.a, j.b.id, TASK_ROLE_NONE) == 403, "a party gives no roles");
	CHECK(world_approve(w, &j.a, &j, &j.data_a)->status == 201, "a approves");
	CHECK(world_approve(w, &j.b, &j, &j.data_b)->status == 201, "b approves");
	CHECK(give_role(&operator_party, j.b.id, TASK_ROLE_NONE) == 201, "the operator expels b");
	CHECK(status_of(world_run_job(w, &j)) == 403, "the role is looked at again when the task starts");
	CHECK(world_runs(w) == 0, "nothing ran");
	CHECK(give_role(&operator_party, operator_party.id, TASK_ROLE_PARTY) == 403, "the operator does not make himself a party");
	CHECK(status_of(world_approve(w, &operator_party, &j, NULL)) == 404, "he approves for nobody");
	CHECK(give_role(&operator_party, j.b.id, TASK_ROLE_PARTY) == 201, "b is back");
	CHECK(world_run_job(w, &j)->status == 201, "now it runs");
	CHECK(status_of(world_signed(w, &j.a, ROUTE_STOP, NULL, mt_bytes(NULL, 0))) == 403, "a party does not stop the node");
	world_party_free(&operator_party);
	end();
}

/* ---- a hostile gateway ---- */

static void test_gateway_forges(void)
{
	struct bytes none = { 0 };
	char digits[65];
	size_t size = 0;

	begin();
	CHECK(world_approve(w, &j.a, &j, &j.data_a)->status == 201, "a approves");
	CHECK(world_approve(w, &j.b, &j, &j.data_b)->status == 201, "b approves");
	mt_hex(mt_bytes(j.hash, 32), digits);
	struct bytes hash = mt_bytes(digits, 64);
	struct world_connection *c = world_connect(w, CHANNEL_FULL, NULL);
	CHECK(status_of(world_request(w, c->number, true, ROUTE_TASKS, none, none, 0, none)) == 403, "no party was proved here");
	CHECK(status_of(world_request(w, c->number, true, ROUTE_RUN, hash, none, 0, none)) == 400, "no request without a signature");
	CHECK(status_of(world_request(w, 9999, true, ROUTE_TASKS, none, none, 0, none)) == 403, "no session that core does not know");
	/* It swaps one contract's request to another, and one byte anywhere. */
	uint8_t *wire = world_sign(w, &j.a, ROUTE_RUN, j.hash, none, NULL, &size);
	char other[65];
	memcpy(other, digits, sizeof(other));
	other[0] = other[0] == 'a' ? 'b' : 'a';
	CHECK(status_of(world_request(w, c->number, true, ROUTE_RUN, mt_bytes(other, 64), none, size, mt_bytes(wire, size))) == 403,
	      "the route is signed");
	CHECK(status_of(world_request(w, c->number, true, ROUTE_CANCEL, hash, none, size, mt_bytes(wire, size))) == 403, "a run is no cancel");
	for (size_t i = 0; i < size; i++) {
		wire[i] ^= 1;
		unsigned got = status_of(world_request(w, c->number, true, ROUTE_RUN, hash, none, size, mt_bytes(wire, size)));
		CHECK(got == 400 || got == 403 || got == 412, "every changed byte is refused");
		wire[i] ^= 1;
	}
	for (size_t n = 0; n < size; n++) {
		CHECK(status_of(world_request(w, c->number, true, ROUTE_RUN, hash, none, n, mt_bytes(wire, n))) == 400, "every prefix is refused");
	}
	CHECK(world_runs(w) == 0, "nothing ran");
	CHECK(status_of(world_request(w, c->number, true, ROUTE_RUN, hash, none, size, mt_bytes(wire, size))) == 201, "the whole one runs");
	mt_free(wire);
	world_connection_free(c);
	end();
}

/* A session proof taken from another connection proves nothing here. */
static void test_session_relayed(void)
{
	uint8_t payload_space[256], space[512];
	struct builder payload = builder_over(payload_space, sizeof(payload_space)), b = builder_over(space, sizeof(space));
	struct bytes payload_bytes, proof, none = { 0 };

	begin();
	struct world_connection *honest = world_connect(w, CHANNEL_FULL, NULL), *evil = world_connect(w, CHANNEL_FULL, NULL);
	channel_party_payload(honest->answer.log_id, &honest->binding, &payload);
	CHECK(!builder_done(&payload, &payload_bytes) && !cose_sign(j.a.signer, STATEMENT_TYPE_PARTY, payload_bytes, &b) &&
	      !builder_done(&b, &proof), "a's proof for his connection");
	CHECK(status_of(world_request(w, evil->number, true, ROUTE_SESSION, none, none, proof.size, proof)) == 412, "not on another one");
	CHECK(status_of(world_request(w, honest->number, true, ROUTE_SESSION, none, none, proof.size, proof)) == 200, "on his own");
	world_connection_free(honest);
	world_connection_free(evil);
	end();
}

const struct test tests[] = {
	{ "replaced after approval", test_replaced_after_approval },
	{ "module swapped on disk", test_module_swapped_on_disk },
	{ "approval elsewhere", test_approval_elsewhere },
	{ "approval keys", test_approval_keys },
	{ "party outside", test_party_outside },
	{ "output of one owner", test_output_of_one_owner },
	{ "request bent", test_request_bent },
	{ "replay", test_replay },
	{ "approval replayed after withdrawal", test_approval_replayed_after_withdrawal },
	{ "roles", test_roles },
	{ "gateway forges", test_gateway_forges },
	{ "session relayed", test_session_relayed },
	TESTS_END
};
