/* What core lets the fetcher move: on a party's signed request alone, its own things, each request once, and not too many. */
#include <stdio.h>
#include <string.h>

#include "api/fetch.h"
#include "service/task/task.h"
#include "test/story/world_private.h"

#define URL "https://files.example/x?signature=5ec4e7"
#define SIZE 5000

static struct world *w;
static struct world_job j;
static size_t wanted = 10;                      /* bytes of the output */

static void fills(struct world_run *run)
{
	run->output_size[0] = wanted;
	run->output[0] = mt_alloc(wanted + 1);
	memset(run->output[0], 'x', wanted);
}

static void begin(void)
{
	w = world_open(18);
	CHECK(world_start(w), "the node starts");
	world_set_function(w, fills);
	world_job_prepare(w, &j);
}

static void end(void)
{
	world_job_free(&j);
	world_close(w);
}

static struct bytes fetch_body(uint64_t size, struct bytes url)
{
	static uint8_t space[REE_URL_MAX + 64];
	struct builder b = builder_over(space, sizeof(space));
	struct bytes body = { 0 };

	cbor_array(&b, 2);
	cbor_uint(&b, size);
	cbor_tstr(&b, url);
	CHECK(builder_done(&b, &body) == MT_OK, "a body");
	return body;
}

static struct bytes send_body(const char *url)
{
	static uint8_t space[REE_URL_MAX + 64];
	struct builder b = builder_over(space, sizeof(space));
	struct bytes body = { 0 };

	cbor_array(&b, 1);
	cbor_tstr(&b, mt_text(url));
	CHECK(builder_done(&b, &body) == MT_OK, "a body");
	return body;
}

/* A content tag by its first byte. */
static const uint8_t *tag(uint8_t first)
{
	static uint8_t out[32];

	memset(out, 0, sizeof(out));
	out[0] = first;
	return out;
}

static unsigned fetch(struct world_party *p, const uint8_t name[32])
{
	return world_signed(w, p, ROUTE_DATA_FETCH, name, fetch_body(SIZE, mt_text(URL)))->status;
}

static struct world_answer *look(struct world_party *p, const uint8_t name[32])
{
	char digits[65];
	struct world_connection *c = world_session(w, p);
	struct world_answer *a = world_request(w, c->number, true, ROUTE_TRANSFER, world_hex(name, digits), mt_bytes(NULL, 0), 0, mt_bytes(NULL, 0));

	world_connection_free(c);
	return a;
}

static void over(size_t index, uint8_t outcome, uint16_t status)
{
	uint8_t space[3];
	struct builder b = builder_over(space, sizeof(space));

	builder_u8(&b, outcome);
	builder_u16(&b, status);
	world_transfer_answer(w, index, MT_OK, mt_bytes(space, sizeof(space)));
}

static void test_fetch(void)
{
	begin();
	CHECK(look(&j.a, tag(1))->status == 404, "there is none");
	CHECK(fetch(&j.a, tag(1)) == 202, "begun");
	const struct world_transfer *t = world_transfer(w, 0);
	CHECK(t && !t->sends && t->size == SIZE && memcmp(t->name, tag(1), 32) == 0 && strcmp(t->url, URL) == 0, "as it was asked for");
	struct world_answer *a = look(&j.a, tag(1));
	CHECK(a->status == 200 && strstr((char *)a->body, "\"running\",\"done\":77,\"size\":5000"), "how far it is");
	CHECK(look(&j.b, tag(1))->status == 404, "nobody else's business");
	over(0, FETCH_DONE, 0);
	a = look(&j.a, tag(1));
	CHECK(a->status == 200 && strstr((char *)a->body, "\"done\",\"done\":5000"), "done");
	CHECK(fetch(&j.a, tag(2)) == 202, "another");
	over(0, FETCH_NOTHING, 404);
	a = look(&j.a, tag(2));
	CHECK(a->status == 404 && strstr((char *)a->body, "(HTTP 404)") && !strstr((char *)a->body, "files.example"), "failed, and why, without the URL");
	CHECK(look(&j.a, tag(1))->status == 200, "each by its own tag");
	end();
}

/* The supplicant and the fetcher may say anything of the end. */
static void test_lies(void)
{
	static const struct {
		enum mt_err err;
		const char *fields;
	} row[] = { { MT_OK, "" }, { MT_OK, "00" }, { MT_OK, "0000" }, { MT_OK, "00000000" }, { MT_OK, "100000" }, { MT_OK, "ff0000" }, { MT_IO, "" } };

	begin();
	for (uint8_t i = 0; i < MT_COUNT(row); i++) {
		CHECK(fetch(&j.a, tag(i)) == 202, "begun");
		world_transfer_answer(w, 0, row[i].err, hex(row[i].fields));
		CHECK(look(&j.a, tag(i))->status == 507, "no word of ours is a failure");
	}
	for (uint8_t outcome = FETCH_ABSENT; outcome < FETCH_OUTCOMES; outcome++) {
		CHECK(fetch(&j.a, tag((uint8_t)(100 + outcome))) == 202, "begun");
		over(0, outcome, 65535);
		struct world_answer *a = look(&j.a, tag((uint8_t)(100 + outcome)));
		CHECK(a->status >= 400 && a->kind == NODE_PROBLEM && !strstr((char *)a->body, "HTTP 65535"), "each has its words");
	}
	CHECK(world_alive(w), "core goes on");
	end();
}

static void test_unsigned(void)
{
	char digits[65];

	begin();
	struct world_connection *c = world_session(w, &j.a);
	struct bytes body = fetch_body(SIZE, mt_text(URL));
	CHECK(world_request(w, c->number, true, ROUTE_DATA_FETCH, world_hex(tag(1), digits), mt_bytes(NULL, 0), body.size, body)->status == 400,
	      "a session alone moves nothing");
	world_connection_free(c);
	CHECK(!world_transfer(w, 0), "nothing was asked for");
	end();
}

/* A transfer makes no entry in the ledger, so its nonce is kept beside. */
static void test_replay(void)
{
	size_t size = 0;
	char digits[65];

	begin();
	uint8_t *wire = world_sign(w, &j.a, ROUTE_DATA_FETCH, tag(1), fetch_body(SIZE, mt_text(URL)), NULL, &size);
	for (int i = 0; i < 2; i++) {
		struct world_connection *c = world_session(w, &j.b);     /* whoever brings it */
		struct world_answer *a =
			world_request(w, c->number, true, ROUTE_DATA_FETCH, world_hex(tag(1), digits), mt_bytes(NULL, 0), size, mt_bytes(wire, size));
		CHECK(a->status == (i == 0 ? 202 : 429), "once");
		if (i == 0) {
			over(0, FETCH_DONE, 0);
		}
		world_connection_free(c);
	}
	CHECK(!world_transfer(w, 0), "nothing was asked for again");
	mt_free(wire);
	end();
}

static void test_bodies(void)
{
	struct bytes whole = fetch_body(SIZE, mt_text(URL));
	static uint8_t long_url[REE_URL_MAX + 1], space[REE_URL_MAX + 64];
	uint8_t copy[128];

	begin();
	memcpy(copy, whole.at, whole.size);
	for (size_t n = 0; n < whole.size; n++) {
		CHECK(world_signed(w, &j.a, ROUTE_DATA_FETCH, tag(1), mt_bytes(copy, n))->status >= 400, "every prefix");
	}
	CHECK(world_signed(w, &j.a, ROUTE_OUTPUT_SEND, tag(1), mt_bytes(copy, whole.size))->status == 400, "another body");
	static const char *const bad[] = { "", "has space", "line\nfeed", "\x7f", "umlaut \xc3\xa4" };
	for (size_t i = 0; i < MT_COUNT(bad); i++) {
		CHECK(world_signed(w, &j.a, ROUTE_DATA_FETCH, tag(1), fetch_body(SIZE, mt_text(bad[i])))->status == 400, "no URL");
	}
	memset(long_url, 'u', sizeof(long_url));
	CHECK(world_signed(w, &j.a, ROUTE_DATA_FETCH, tag(1), fetch_body(SIZE, mt_bytes(long_url, sizeof(long_url))))->status == 400, "too long");
	CHECK(world_signed(w, &j.a, ROUTE_DATA_FETCH, tag(1), fetch_body(DATASET_HEADER_SIZE - 1, mt_text(URL)))->status == 429, "too small");
	CHECK(world_signed(w, &j.a, ROUTE_DATA_FETCH, tag(1), fetch_body(REE_BLOB_SIZE_MAX + 1, mt_text(URL)))->status == 429, "too large");
	CHECK(!world_transfer(w, 0), "nothing was asked for");
	CHECK(world_signed(w, &j.a, ROUTE_DATA_FETCH, tag(1), fetch_body(SIZE, mt_bytes(long_url, REE_URL_MAX)))->status == 202, "the longest");
	(void)space;
	end();
}

static void test_whose(void)
{
	struct world_party stranger;

	begin();
	CHECK(fetch(&j.b, j.data_a.tag) == 403, "what is registered by another is not written over");
	CHECK(fetch(&j.a, j.data_a.tag) == 202, "its owner may bring it again");
	end();
	w = world_open(19);
	uint8_t operator_id[COSE_ID_SIZE] = { 1 };
	world_set_operator(w, operator_id, false);
	CHECK(world_start(w), "a node of listed parties");
	world_party_new(w, &stranger);
	CHECK(fetch(&stranger, tag(1)) == 403 && !world_transfer(w, 0), "no party, no transfer");
	world_party_free(&stranger);
	world_close(w);
}

/* Two at a time for a party, eight for all; so many in the life of a request. */
static void test_limits(void)
{
	struct world_party more[4];
	uint8_t next = 1;

	begin();
	CHECK(fetch(&j.a, tag(1)) == 202 && fetch(&j.a, tag(1)) == 429, "the same twice at once");
	CHECK(fetch(&j.a, tag(2)) == 202 && fetch(&j.a, tag(3)) == 429, "three at once");
	CHECK(fetch(&j.b, tag(1)) == 202, "another party");
	over(0, FETCH_DONE, 0);
	CHECK(fetch(&j.a, tag(1)) == 202, "one after another");
	while (world_transfer(w, 0)) {
		over(0, FETCH_DONE, 0);
	}
	for (size_t i = 0; i < MT_COUNT(more); i++) {
		world_party_new(w, &more[i]);
		CHECK(fetch(&more[i], tag(1)) == 202 && fetch(&more[i], tag(2)) == 202, "eight in all");
	}
	CHECK(fetch(&j.b, tag(9)) == 429, "a ninth");
	while (world_transfer(w, 0)) {
		over(0, FETCH_DONE, 0);
	}
	unsigned status = 202;
	for (next = 1; status == 202 && next < 100; next++) {
		status = fetch(&j.a, tag(next));
		if (status == 202) {
			over(0, FETCH_FORBIDDEN, 403);
		}
	}
	CHECK(status == 429 && next == 32 - 3 + 2, "no more of one party in a short time");
	CHECK(fetch(&j.b, tag(9)) == 202, "which is no other's matter");
	world_advance(w, 16 * 60 * 1000);
	CHECK(fetch(&j.a, tag(50)) == 202, "and passes");
	for (size_t i = 0; i < MT_COUNT(more); i++) {
		world_party_free(&more[i]);
	}
	end();
}

static void finished(size_t size, uint8_t out[32])
{
	struct secret ephemeral, key;
	uint64_t got = 0;

	wanted = size;
	j.contract.output[0].size_max = 1 << 20;
	memcpy(j.contract.output[0].owner[0], j.a.id, 32);
	j.contract.output[0].owner_count = 1;
	CHECK(world_job_create(w, &j)->status == 201 && world_approve(w, &j.a, &j, &j.data_a)->status == 201 &&
		      world_approve(w, &j.b, &j, &j.data_b)->status == 201 && world_run_job(w, &j)->status == 201,
	      "a run");
	CHECK(world_fetch_open(w, world_fetch(w, &j.a, &j, 1, "common", &ephemeral), &ephemeral, &key, out, &got), "its output");
}

static void test_send(void)
{
	static const size_t size[] = { 10, 100000 };
	uint8_t name[32];

	for (size_t i = 0; i < MT_COUNT(size); i++) {
		begin();
		finished(size[i], name);
		CHECK(world_signed(w, &j.b, ROUTE_OUTPUT_SEND, name, send_body(URL))->status == 404, "not its owner");
		CHECK(world_signed(w, &j.a, ROUTE_OUTPUT_SEND, tag(1), send_body(URL))->status == 404, "no output");
		CHECK(world_signed(w, &j.a, ROUTE_OUTPUT_SEND, j.data_a.tag, send_body(URL))->status == 404, "a dataset is none");
		CHECK(!world_transfer(w, 0), "nothing was sent");
		CHECK(world_signed(w, &j.a, ROUTE_OUTPUT_SEND, name, send_body(URL))->status == 202, "its owner");
		const struct world_transfer *t = world_transfer(w, 0);
		CHECK(t && t->sends && memcmp(t->name, name, 32) == 0 && strcmp(t->url, URL) == 0, "as it was asked for");
		/* A small one comes from the ledger with the request, a large one lies at the supplicant. */
		CHECK(t && (i == 0 ? t->size > size[0] && memcmp(t->content, "MTDATA", 6) == 0 : t->size == 0), "ciphertext");
		over(0, FETCH_DONE, 0);
		CHECK(look(&j.a, name)->status == 200 && look(&j.b, name)->status == 404, "done");
		end();
	}
}

const struct test tests[] = {
	{ "fetch", test_fetch },   { "lies", test_lies },   { "unsigned", test_unsigned }, { "replay", test_replay },
	{ "bodies", test_bodies }, { "whose", test_whose }, { "limits", test_limits },	   { "send", test_send },
	TESTS_END,
};
