/* What each object of lib/statement refuses although its form is right. test_statement.c has the forms, test_contract.c the contract. */
#include "test/test.h"

#include <string.h>

#include "lib/statement/statement.h"
#include "port/linux/box_port.h"
#include "test/wire.h"

static struct box *box;

static void begin(void)
{
	if (!box) {
		box_port_install();
		mt_assert(!box_open(&box_cbor, &box));
	}
}

static void test_request_limits(void)
{
	struct request q = { .route = "POST /v1/stop" }, got = { 0 };
	struct builder b = wire_new();

	begin();
	request_encode(&q, &b);
	for (size_t size = REQUEST_ROUTE_MAX; size <= REQUEST_ROUTE_MAX + 1; size++) {
		char route[REQUEST_ROUTE_MAX + 2] = { 0 };
		struct builder text = wire_new();
		memset(route, 'r', size);
		cbor_tstr(&text, mt_text(route));
		struct bytes wire = replaced(wire_of(&b), hex("6d 504f5354202f76312f73746f70"), wire_of(&text));
		CHECK((request_decode(box, wire, &got) == MT_OK) == (size == REQUEST_ROUTE_MAX), "the longest route");
		CHECK(strlen(got.route) == REQUEST_ROUTE_MAX, "whole");
	}
	CHECK(request_decode(box, replaced(wire_of(&b), hex("76312f"), hex("760031")), &got) == MT_MALFORMED, "a zero byte in a route");
	q.route[0] = 0;
	q.head.root[31] = 1;
	b = wire_new();
	request_encode(&q, &b);
	CHECK(request_decode(box, wire_of(&b), &got) == MT_MALFORMED, "no head has no root");
	q.head.size = 1;
	b = wire_new();
	request_encode(&q, &b);
	CHECK(!request_decode(box, wire_of(&b), &got) && got.head.size == 1, "a head has one");
	CHECK(got.route[0] == 0, "an empty route is a text");
}

static void test_approval_body_limits(void)
{
	static const struct approval_key keys[CONTRACT_INPUTS_MAX + 1];

	begin();
	for (size_t count = 0; count <= CONTRACT_INPUTS_MAX + 1; count++) {
		struct builder b = wire_new();
		struct approval_body got = { 0 };
		approval_body_encode(mt_text("approval"), keys, count, &b);
		enum mt_err err = approval_body_decode(box, wire_of(&b), &got);
		CHECK(err == (count <= CONTRACT_INPUTS_MAX ? MT_OK : MT_LIMIT), "as many keys as a contract has inputs");
		CHECK(err || got.key_count == count, "all of them");
		approval_body_close(&got);
	}
}

static enum mt_err receipt_verdict(struct bytes wire)
{
	struct receipt q = { 0 };

	enum mt_err err = receipt_decode(box, wire, &q);
	receipt_close(&q);
	return err;
}

/* The limits as fields, then one beyond each where the struct has no room for it. */
static void test_receipt_limits(void)
{
	static char cause[RECEIPT_CAUSE_MAX + 2];
	static struct receipt q;
	struct builder b = wire_new();

	begin();
	q = (struct receipt){ .run = UINT64_MAX, .outcome = RECEIPT_CANCELLED, .exit_code = UINT32_MAX, .input_count = CONTRACT_INPUTS_MAX,
			      .output_count = CONTRACT_OUTPUTS_MAX };
	memset(cause, 'c', RECEIPT_CAUSE_MAX);
	q.cause = mt_text(cause);
	for (size_t i = 0; i < CONTRACT_OUTPUTS_MAX; i++) {
		q.output[i].name = mt_text("o");
	}
	receipt_encode(&q, &b);
	struct bytes wire = wire_of(&b);
	CHECK(receipt_verdict(wire) == MT_OK, "the largest");
	CHECK(receipt_verdict(replaced(wire, hex("048c 5820"), hex("048d 5820 0000000000000000000000000000000000000000000000000000000000000000 5820")))
	      == MT_MALFORMED, "an input too many");
	CHECK(receipt_verdict(replaced(wire, hex("058c 83"), hex("058d 83 616f 5820 0000000000000000000000000000000000000000000000000000000000000000 00 83")))
	      == MT_MALFORMED, "an output too many");
	CHECK(receipt_verdict(replaced(wire, hex("03 1bffffffffffffffff"), hex("03 00"))) == MT_MALFORMED, "runs count from one");
	CHECK(receipt_verdict(replaced(wire, hex("03 1affffffff"), hex("03 1b0000000100000000"))) == MT_MALFORMED, "an exit code beyond 32 bits");
	CHECK(receipt_verdict(replaced(wire, hex("83 03 1affffffff"), hex("83 00 00"))) == MT_MALFORMED, "no outcome");
	CHECK(receipt_verdict(replaced(wire, hex("83 03 1affffffff"), hex("83 04 00"))) == MT_MALFORMED, "an outcome that is none");
	CHECK(receipt_verdict(replaced(wire, hex("83 03 1affffffff"), hex("83 1b0000000100000001 00"))) == MT_MALFORMED, "one beyond 32 bits");
	CHECK(receipt_verdict(replaced(wire, hex("790100"), hex("790101 63"))) == MT_MALFORMED, "a cause too long");
}

static void test_entry_limits(void)
{
	static const struct {
		const char *kind;
		enum mt_err want;
	} row[] = {
		{ "00", MT_MALFORMED }, { "01", MT_OK }, { "0d", MT_OK }, { "0e", MT_MALFORMED }, { "17", MT_MALFORMED },
		{ "1b0000000100000001", MT_MALFORMED }, { "20", MT_MALFORMED },
	};
	begin();
	for (size_t i = 0; i < MT_COUNT(row); i++) {
		struct builder b = wire_new();
		struct entry e = { 0 };
		builder_bytes(&b, hex("84"));
		builder_bytes(&b, hex(row[i].kind));
		builder_bytes(&b, hex("01 4161 40"));
		CHECK(entry_decode(box, wire_of(&b), &e) == row[i].want, "the kinds that there are");
		entry_close(&e);
	}
}

static void test_request_body(void)
{
	static const struct {
		const char *why, *wire;
		enum mt_err want;
	} row[] = {
		{ "two byte strings", "82 4161 4162", MT_OK }, { "both empty", "82 40 40", MT_OK },
		{ "one", "81 4161", MT_MALFORMED }, { "three", "83 40 40 40", MT_MALFORMED }, { "text", "82 6161 40", MT_MALFORMED },
		{ "a map", "a1 40 40", MT_MALFORMED }, { "an empty array", "80", MT_MALFORMED }, { "a number", "01", MT_MALFORMED },
	};
	begin();
	for (size_t i = 0; i < MT_COUNT(row); i++) {
		struct cose_document d = { 0 };
		struct bytes cose = { 0 }, body = { 0 };
		mt_assert(!cose_document_open(box, hex(row[i].wire), &d));
		CHECK(request_body_decode(&d.items, &cose, &body) == row[i].want, row[i].why);
		CHECK(row[i].want == MT_OK || (!cose.at && !body.at), "output on success only");
		if (!row[i].want) {
			uint8_t space[16];
			struct builder b = builder_over(space, sizeof(space));
			request_body_encode(cose, body, &b);
			CHECK(mt_equal(wire_of(&b), hex(row[i].wire)), "and back");
		}
		cose_document_close(&d);
	}
}

const struct test tests[] = {
	{ "request limits", test_request_limits },
	{ "approval body limits", test_approval_body_limits },
	{ "receipt limits", test_receipt_limits },
	{ "entry limits", test_entry_limits },
	{ "request body", test_request_body },
	TESTS_END
};
