/*
 * Every decoder of what is signed, hashed or exchanged. The first byte chooses it. Where there is an encoder, what was decoded must encode to
 * the same bytes again: one object has one form.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/attest/attest.h"
#include "lib/channel/channel.h"
#include "lib/log/log.h"
#include "lib/statement/statement.h"
#include "port/linux/box_port.h"
#include "service/core/core_private.h"
#include "service/gateway/gateway.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct box *cbor, *toml;
static uint8_t space[128 * 1024];

static void same(struct builder *b, struct bytes in)
{
	struct bytes out;

	mt_assert(!builder_done(b, &out) && mt_equal(in, out));
}

static void fuzz_contract(struct bytes in)
{
	static struct contract c;
	struct builder b = builder_over(space, sizeof(space));

	if (!contract_decode(cbor, in, &c)) {
		contract_encode(&c, &b);
		same(&b, in);
		contract_close(&c);
	}
}

static void fuzz_request(struct bytes in)
{
	struct request q;
	struct builder b = builder_over(space, sizeof(space));

	if (!request_decode(cbor, in, &q)) {
		request_encode(&q, &b);
		same(&b, in);
	}
}

static void fuzz_approval(struct bytes in)
{
	struct approval a;
	struct builder b = builder_over(space, sizeof(space));

	if (!approval_decode(cbor, in, &a)) {
		approval_encode(&a, &b);
		same(&b, in);
	}
}

static void fuzz_approval_body(struct bytes in)
{
	struct approval_body a;
	struct builder b = builder_over(space, sizeof(space));

	if (!approval_body_decode(cbor, in, &a)) {
		approval_body_encode(a.approval, a.key, a.key_count, &b);
		same(&b, in);
		approval_body_close(&a);
	}
}

static void fuzz_receipt(struct bytes in)
{
	struct receipt q;
	struct builder b = builder_over(space, sizeof(space));

	if (!receipt_decode(cbor, in, &q)) {
		receipt_encode(&q, &b);
		same(&b, in);
		receipt_close(&q);
	}
}

static void fuzz_receipt_file(struct bytes in)
{
	struct receipt_file f;
	struct builder b = builder_over(space, sizeof(space));

	if (!receipt_file_decode(cbor, in, &f)) {
		receipt_file_encode(&f, &b);
		same(&b, in);
		receipt_file_close(&f);
	}
}

static void fuzz_genesis(struct bytes in)
{
	struct genesis g;
	struct builder b = builder_over(space, sizeof(space));

	if (!genesis_decode(cbor, in, &g)) {
		genesis_encode(&g, &b);
		same(&b, in);
	}
}

static void fuzz_entry(struct bytes in)
{
	struct entry e;
	struct builder b = builder_over(space, sizeof(space));

	if (!entry_decode(cbor, in, &e)) {
		entry_encode(&e, &b);
		same(&b, in);
		entry_close(&e);
	}
}

static void fuzz_cose(struct bytes in)
{
	struct cose c;

	if (!cose_open(cbor, STATEMENT_TYPE_REQUEST, in, &c)) {
		cose_close(&c);
	}
	if (!cose_open_trusted(cbor, STATEMENT_TYPE_REQUEST, in, &c)) {
		cose_close(&c);
	}
}

static void fuzz_hello(struct bytes in)
{
	struct channel_hello h;
	struct builder b = builder_over(space, sizeof(space));

	if (!channel_hello_decode(cbor, in, &h)) {
		channel_hello_encode(&h, &b);
		same(&b, in);
	}
}

static void fuzz_answer(struct bytes in)
{
	struct channel_answer a;
	struct builder b = builder_over(space, sizeof(space));

	if (!channel_answer_decode(cbor, in, &a)) {
		channel_answer_encode(&a, &b);
		same(&b, in);
		channel_answer_close(&a);
	}
}

static void fuzz_evidence(struct bytes in)
{
	static struct attest_policy policy = { .level_min = 1, .allow_development_root = true, .expected.count = 1 };
	static struct attest_verdict verdict;
	uint8_t report_data[ATTEST_REPORT_DATA_SIZE] = { 1 };

	if (!attest_appraise(cbor, in, report_data, 0, &policy, &verdict)) {
		mt_assert(verdict.part_count > 0 && verdict.part_count <= ATTEST_PARTS_MAX);
	}
}

/* Claims behind the signature: the fuzzer's bytes are signed as a platform would. */
static void fuzz_claims(struct bytes in)
{
	static struct crypto_signer *root;
	static struct attest_policy policy = { .level_min = 1, .allow_development_root = true, .allow_unconfined = true,
					       .allow_in_process = true, .expected.count = 1 };
	static struct attest_verdict verdict;
	static uint8_t message_space[ATTEST_EVIDENCE_MAX];
	uint8_t report_data[ATTEST_REPORT_DATA_SIZE] = { 1 };
	struct builder m = builder_over(message_space, sizeof(message_space)), b = builder_over(space, sizeof(space));
	struct bytes message, evidence;
	struct secret scalar;

	if (!root) {
		attest_development_root(&scalar);
		mt_assert(!crypto_signer_open_p256(&scalar, &root));
	}
	if (cose_sign(root, ATTEST_TYPE_SOFTWARE, in, &m)) {
		return;
	}
	mt_assert(!builder_done(&m, &message));
	cbor_array(&b, 3);
	cbor_tstr(&b, mt_text(ATTEST_CMW_TYPE));
	cbor_bstr(&b, message);
	cbor_uint(&b, 4);
	mt_assert(!builder_done(&b, &evidence));
	enum mt_err err = attest_appraise(cbor, evidence, report_data, 0, &policy, &verdict);
	mt_assert(err != MT_TAMPERED && err != MT_DENIED && verdict.part_count <= ATTEST_PARTS_MAX);
	/* The policy expects a component without a name, which no claims can have. */
	mt_assert(err || (verdict.part_count > 0 && verdict.overall == ATTEST_FAIL && attest_verdict_fault(&verdict)));
}

static void fuzz_policy(struct bytes in)
{
	static struct attest_policy p, again;
	struct builder b = builder_over(space, sizeof(space));
	struct bytes text;
	uint32_t line;
	char why[128];

	if (!attest_policy_from_toml(toml, in, &p, &line, why)) {
		attest_policy_to_toml(&p, &b);
		mt_assert(!builder_done(&b, &text) && !attest_policy_from_toml(toml, text, &again, &line, why));
		uint8_t one[32], two[32];
		attest_policy_hash(&p, one);
		attest_policy_hash(&again, two);
		mt_assert(memcmp(one, two, 32) == 0);
	}
}

static void fuzz_measurements(struct bytes in)
{
	static struct attest_measurements m;
	uint8_t hash[32];

	if (!attest_measurements_decode(in, &m)) {
		attest_measurements_hash(&m, hash);
	}
	if (!attest_measurements_from_text(in, &m)) {
		attest_measurements_hash(&m, hash);
	}
}

static void fuzz_configuration(struct bytes in)
{
	struct core_configuration c;

	if (!core_configuration_decode(cbor, in, &c)) {
		mt_assert(strlen(c.name) > 0);
	}
}

static void fuzz_match(struct bytes in)
{
	static const char *const method[] = { "GET", "POST", "PUT" };
	struct bytes parameter[ROUTE_PARAMETERS_MAX];
	const struct route *route;
	size_t count;

	for (size_t i = 0; i < MT_COUNT(method); i++) {
		if (gateway_match(mt_text(method[i]), in, &route, parameter, &count)) {
			continue;
		}
		mt_assert(count <= ROUTE_PARAMETERS_MAX && strcmp(route->method, method[i]) == 0);
		for (size_t k = 0; k < count; k++) {
			mt_assert(parameter[k].size > 0 && parameter[k].at >= in.at && parameter[k].at + parameter[k].size <= in.at + in.size);
		}
	}
}

static void fuzz_request_body(struct bytes in)
{
	struct cose_document d = { 0 };
	struct bytes message, body;
	struct builder b = builder_over(space, sizeof(space));

	if (!cose_document_open(cbor, in, &d) && !request_body_decode(&d.items, &message, &body)) {
		request_body_encode(message, body, &b);
		same(&b, in);
	}
	cose_document_close(&d);
}

static void fuzz_party(struct bytes in)
{
	static const struct channel_binding binding = { .spki = { 1 } };
	static const uint8_t log_id[32] = { 2 };
	uint8_t party[COSE_ID_SIZE];

	(void)!channel_party_open(cbor, in, log_id, &binding, party);
}

/* Two tree sizes and a proof. Nobody finds a proof from nothing but zeros to what he does not know. */
static void fuzz_proof(struct bytes in)
{
	static const uint8_t zeros[LOG_HASH_SIZE], root[LOG_HASH_SIZE] = { 1 };
	struct cursor c = cursor_over(in);
	uint64_t first = cursor_u64(&c), second = cursor_u64(&c);
	struct bytes proof = cursor_take(&c, cursor_left(&c));

	mt_assert(log_verify_consistency(first, second, proof, zeros, root) != MT_OK || first == 0);
	mt_assert(log_verify_inclusion(zeros, first, second, proof, root) != MT_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const decoder[])(struct bytes in) = {
		fuzz_contract, fuzz_request, fuzz_approval, fuzz_approval_body, fuzz_receipt, fuzz_receipt_file, fuzz_genesis, fuzz_entry,
		fuzz_cose, fuzz_hello, fuzz_answer, fuzz_evidence, fuzz_policy, fuzz_measurements, fuzz_configuration, fuzz_match,
		fuzz_claims, fuzz_request_body, fuzz_party, fuzz_proof,
	};

	if (!cbor) {
		box_port_install();
		mt_assert(!box_open(&box_cbor, &cbor) && !box_open(&box_toml, &toml));
	}
	if (size > 0) {
		/* A block of its own, so that a read past the end is seen. */
		uint8_t *copy = malloc(size - 1);
		memcpy(copy, data + 1, size - 1);
		decoder[data[0] % MT_COUNT(decoder)](mt_bytes(copy, size - 1));
		free(copy);
	}
	return 0;
}
