/* What a contract may not say, and statements that are signed, but not as what they are shown for. */
#include <stdio.h>
#include <string.h>

#include "test/story/world.h"
#include "test/test.h"

static struct world *w;
static struct world_job j;

static void begin(void)
{
	w = world_open(71);
	CHECK(world_start(w), "the node starts");
	world_job_prepare(w, &j);
}

static void end(void)
{
	world_job_free(&j);
	world_close(w);
}

static void test_bent(void)
{
	static const char *const why[] = {
		"the owner of an input is another", "another node's log", "a level that this node has not", "expired", "too much memory",
		"too long", "an unknown function", "an unknown dataset", "another executor", "deterministic, which this node cannot promise", "as it should be", "twice",
	};
	static const unsigned want[] = { 403, 403, 403, 403, 429, 429, 404, 404, 403, 403, 201, 409 };
	struct contract good;

	begin();
	good = j.contract;
	for (size_t i = 0; i < MT_COUNT(why); i++) {
		struct contract *c = &j.contract;
		*c = good;
		switch (i) {
		case 0:
			memcpy(c->input[1].owner, j.a.id, 32);
			break;
		case 1:
			c->log_id[0] ^= 1;
			break;
		case 2:
			c->level_min = 3;
			break;
		case 3:
			c->expiry = 1;
			break;
		case 4:
			c->memory_max = UINT64_C(5) << 30;
			break;
		case 5:
			c->wall_ms = UINT64_C(100) * 3600 * 1000;
			break;
		case 6:
			c->function[0] ^= 1;
			break;
		case 7:
			c->input[0].tag[0] ^= 1;
			break;
		case 8:
			c->executor_hash[0] ^= 1;
			break;
		case 9:
			c->deterministic = true;
			break;
		default:
			break;
		}
		CHECK(world_job_create(w, &j)->status == want[i], why[i]);
	}
	end();
}

static void large_exit_code(struct world_run *run)
{
	world_intersect(run);
	run->exit_code = 0x12345603;
}

static void test_exit_code(void)
{
	char digits[65];

	begin();
	world_set_function(w, large_exit_code);
	CHECK(world_job_create(w, &j)->status == 201 && world_approve(w, &j.a, &j, &j.data_a)->status == 201 &&
	      world_approve(w, &j.b, &j, &j.data_b)->status == 201 && world_run_job(w, &j)->status == 201, "it runs");
	struct world_connection *c = world_session(w, &j.a);
	mt_hex(mt_bytes(j.hash, 32), digits);
	struct world_answer *a = world_request(w, c->number, true, ROUTE_TASK, mt_bytes(digits, 64), mt_bytes(NULL, 0), 0, mt_bytes(NULL, 0));
	CHECK(strstr((char *)a->body, "\"exit_code\":3,") != NULL, "one byte of it is all that anybody sees");
	world_connection_free(c);
	end();
}

/* ---- statements ---- */

/* A COSE_Sign1 whose header names `id` while `signer` signs. */
static struct bytes sign_as(struct crypto_signer *signer, const char *type, const uint8_t id[32], struct bytes payload, struct builder *out)
{
	uint8_t header_space[256], signed_space[1024], signature[64];
	struct builder h = builder_over(header_space, sizeof(header_space)), s = builder_over(signed_space, sizeof(signed_space));
	struct bytes header, signed_bytes, whole;

	cbor_map(&h, 4);
	cbor_uint(&h, 1);
	cbor_int(&h, -7);
	cbor_uint(&h, 3);
	cbor_tstr(&h, mt_text(type));
	cbor_uint(&h, 4);
	cbor_bstr(&h, mt_bytes(id, 32));
	cbor_int(&h, -65537);
	cbor_bstr(&h, crypto_signer_public(signer));
	mt_assert(!builder_done(&h, &header));
	cbor_array(&s, 4);
	cbor_tstr(&s, mt_text("Signature1"));
	cbor_bstr(&s, header);
	cbor_bstr(&s, mt_bytes(NULL, 0));
	cbor_bstr(&s, payload);
	mt_assert(!builder_done(&s, &signed_bytes));
	mt_assert(!crypto_sign(signer, signed_bytes, signature));
	cbor_tag(out, 18);
	cbor_array(out, 4);
	cbor_bstr(out, header);
	cbor_map(out, 0);
	cbor_bstr(out, payload);
	cbor_bstr(out, mt_bytes(signature, 64));
	mt_assert(!builder_done(out, &whole));
	return whole;
}

/* The run request of `id`, signed by somebody as something. */
static unsigned run_signed(struct crypto_signer *signer, const char *type, const uint8_t id[32])
{
	struct request q = { .expiry = world_now_s(w) + 300 };
	uint8_t payload_space[512], cose_space[1024], body_space[1200];
	struct builder p = builder_over(payload_space, sizeof(payload_space)), m = builder_over(cose_space, sizeof(cose_space)),
		       b = builder_over(body_space, sizeof(body_space));
	struct bytes payload, body;
	char digits[65];

	memcpy(q.log_id, j.contract.log_id, 32);
	mt_hex(mt_bytes(j.hash, 32), digits);
	snprintf(q.route, sizeof(q.route), "POST /v1/contracts/%s/run", digits);
	crypto_sha256(mt_bytes(NULL, 0), q.body_hash);
	crypto_random(q.nonce, sizeof(q.nonce));
	request_encode(&q, &p);
	mt_assert(!builder_done(&p, &payload));
	request_body_encode(sign_as(signer, type, id, payload, &m), mt_bytes(NULL, 0), &b);
	mt_assert(!builder_done(&b, &body));
	struct world_connection *c = world_session(w, &j.a);
	struct world_answer *a = world_request(w, c->number, true, ROUTE_RUN, mt_bytes(digits, 64), mt_bytes(NULL, 0), body.size, body);
	world_connection_free(c);
	return a->status;
}

static void test_signer(void)
{
	struct world_party mallory;

	begin();
	world_party_new(w, &mallory);
	CHECK(world_job_create(w, &j)->status == 201 && world_approve(w, &j.a, &j, &j.data_a)->status == 201 &&
	      world_approve(w, &j.b, &j, &j.data_b)->status == 201, "approved");
	CHECK(run_signed(mallory.signer, STATEMENT_TYPE_REQUEST, j.a.id) == 412, "kid: a's name over mallory's key");
	CHECK(run_signed(j.a.signer, STATEMENT_TYPE_APPROVAL, j.a.id) == 403, "type: an approval is no request");
	CHECK(world_runs(w) == 0, "nothing ran");
	CHECK(run_signed(j.a.signer, STATEMENT_TYPE_REQUEST, j.a.id) == 201, "a's own request runs");
	world_party_free(&mallory);
	end();
}

const struct test tests[] = {
	{ "owner and other fields", test_bent },
	{ "exit code", test_exit_code },
	{ "kid and type", test_signer },
	TESTS_END
};
