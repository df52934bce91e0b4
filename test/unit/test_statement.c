/* Every object that is signed, hashed or kept: what is encoded decodes to the same, and nothing else decodes. */
#include "test/test.h"

#include <string.h>

#include "lib/statement/statement.h"
#include "port/linux/box_port.h"
#include "test/wire.h"

extern const struct box_kind box_evil;

static const uint8_t alice[32] = { 1 }, bob[32] = { 2 };
static struct box *box, *evil;

static void begin(void)
{
	if (!box) {
		box_port_install();
		mt_assert(!box_open(&box_cbor, &box) && !box_open(&box_evil, &evil));
	}
}

static void fill(uint8_t *out, size_t size, uint8_t value)
{
	memset(out, value, size);
}

/* ---- one honest example of each ---- */

static const struct contract *contract_honest(void)
{
	static struct contract c;

	c = (struct contract){ .executor = CONTRACT_WASM, .argument_count = 2, .input_count = 2, .output_count = 2, .participant_count = 2,
			       .memory_max = 1 << 20, .wall_ms = 1000, .deterministic = true, .level_min = 3, .runs = 7,
			       .expiry = 1800000000 };
	fill(c.log_id, 32, 0xa1);
	fill(c.function, 32, 0xa2);
	fill(c.executor_hash, 32, 0xa3);
	fill(c.policy_hash, 32, 0xa4);
	fill(c.nonce, 16, 0xa5);
	c.argument[0] = mt_text("--fast");
	c.argument[1] = mt_text("");
	c.input[0].name = mt_text("left.csv");
	c.input[1].name = mt_text("right.csv");
	memcpy(c.input[0].owner, alice, 32);
	memcpy(c.input[1].owner, bob, 32);
	fill(c.input[0].tag, 32, 0xb1);
	fill(c.input[1].tag, 32, 0xb2);
	c.output[0] = (struct contract_output){ .name = mt_text("common"), .owner_count = 2, .size_max = 1000, .rows_min = 10 };
	c.output[1] = (struct contract_output){ .name = mt_text("for_bob"), .owner_count = 1, .size_max = 1 };
	memcpy(c.output[0].owner[0], alice, 32);
	memcpy(c.output[0].owner[1], bob, 32);
	memcpy(c.output[1].owner[0], bob, 32);
	memcpy(c.participant[0], alice, 32);
	memcpy(c.participant[1], bob, 32);
	return &c;
}

static void contract_make(struct builder *b)
{
	contract_encode(contract_honest(), b);
}

static void request_make(struct builder *b)
{
	struct request q = { .route = "POST /v1/contracts", .log_id = { 1 }, .body_hash = { 2 }, .nonce = { 3 }, .expiry = 1800000000,
			     .head = { 300, { 4 } } };

	request_encode(&q, b);
}

static void approval_make(struct builder *b)
{
	struct approval a = { .contract_hash = { 1 }, .log_id = { 2 }, .head = { 0, { 0 } } };

	approval_encode(&a, b);
}

static void approval_body_make(struct builder *b)
{
	struct approval_key keys[2] = { { { 1 }, { 2 } }, { { 3 }, { 4 } } };

	approval_body_encode(mt_text("a signed approval"), keys, 2, b);
}

static void receipt_make(struct builder *b)
{
	struct receipt q = { .log_id = { 1 }, .contract_hash = { 2 }, .run = 1, .input_tag = { { 3 }, { 4 } }, .input_count = 2,
			     .output_count = 1, .engine_hash = { 5 }, .measurement_hash = { 6 }, .outcome = RECEIPT_FAILED, .exit_code = 70,
			     .cause = mt_text("out of memory"), .cpu_us = 1000000, .memory_peak = 65536, .wall_ms = 1000, .bytes_in = 10,
			     .bytes_out = 20, .running_index = 9, .started_ms = 1800000000000, .ended_ms = 1800000001000 };

	q.output[0] = (struct receipt_output){ mt_text("common"), { 7 }, 20 };
	receipt_encode(&q, b);
}

static void receipt_file_make(struct builder *b)
{
	struct receipt_file f = { .statement = mt_text("statement"), .entry = mt_text("entry"), .proof = mt_text("proof"),
				  .head_receipt = mt_text("head"), .note = mt_text("note"), .genesis = mt_text("genesis"),
				  .genesis_proof = mt_text(""), .contract = mt_text("contract"), .evidence = mt_text("evidence"),
				  .index = 5, .size = 300, .salt = { 1 }, .root = { 2 } };

	receipt_file_encode(&f, b);
}

static void genesis_make(struct builder *b)
{
	struct genesis g = { .receipt_key = { 4, 1 }, .note_key = { 2 }, .time_ms = 1800000000000, .operator_id = { 3 },
			     .configuration_hash = { 4 } };

	genesis_encode(&g, b);
}

static void entry_make(struct builder *b)
{
	struct entry e = { ENTRY_RUNNING, 1800000000000, mt_text("request"), mt_text("body"), NULL };

	entry_encode(&e, b);
}

/* ---- decode, then encode again ---- */

static enum mt_err contract_again(struct bytes wire, struct builder *out)
{
	static struct contract c;
	uint8_t hash[32];

	c = (struct contract){ 0 };
	enum mt_err err = contract_decode(box, wire, &c);
	CHECK(!err || (!c.scratch && !c.bytes.at && !c.runs), "changes nothing on failure");
	if (!err) {
		contract_hash(wire, hash);
		CHECK(mt_equal(c.bytes, wire) && memcmp(hash, c.hash, 32) == 0, "keeps the bytes that it was made of, and their hash");
		contract_encode(&c, out);
	}
	contract_close(&c);
	return err;
}

static enum mt_err request_again(struct bytes wire, struct builder *out)
{
	struct request q = { 0 };

	enum mt_err err = request_decode(box, wire, &q);
	if (!err) {
		request_encode(&q, out);
	}
	return err;
}

static enum mt_err approval_again(struct bytes wire, struct builder *out)
{
	struct approval a = { 0 };

	enum mt_err err = approval_decode(box, wire, &a);
	if (!err) {
		approval_encode(&a, out);
	}
	return err;
}

static enum mt_err approval_body_again(struct bytes wire, struct builder *out)
{
	struct approval_body a = { 0 };

	enum mt_err err = approval_body_decode(box, wire, &a);
	CHECK(!err || (!a.scratch && !a.key_count), "changes nothing on failure");
	if (!err) {
		approval_body_encode(a.approval, a.key, a.key_count, out);
	}
	approval_body_close(&a);
	return err;
}

static enum mt_err receipt_again(struct bytes wire, struct builder *out)
{
	struct receipt q = { 0 };

	enum mt_err err = receipt_decode(box, wire, &q);
	CHECK(!err || (!q.scratch && !q.run), "changes nothing on failure");
	if (!err) {
		receipt_encode(&q, out);
	}
	receipt_close(&q);
	return err;
}

static enum mt_err receipt_file_again(struct bytes wire, struct builder *out)
{
	struct receipt_file f = { 0 };

	enum mt_err err = receipt_file_decode(box, wire, &f);
	CHECK(!err || (!f.scratch && !f.entry.at), "changes nothing on failure");
	if (!err) {
		receipt_file_encode(&f, out);
	}
	receipt_file_close(&f);
	return err;
}

static enum mt_err genesis_again(struct bytes wire, struct builder *out)
{
	struct genesis g = { 0 };

	enum mt_err err = genesis_decode(box, wire, &g);
	if (!err) {
		genesis_encode(&g, out);
	}
	return err;
}

static enum mt_err entry_again(struct bytes wire, struct builder *out)
{
	struct entry e = { 0 };

	enum mt_err err = entry_decode(box, wire, &e);
	CHECK(!err || (!e.scratch && !e.body.at), "changes nothing on failure");
	if (!err) {
		entry_encode(&e, out);
	}
	entry_close(&e);
	return err;
}

struct object {
	const char *name;
	void (*make)(struct builder *b);
	enum mt_err (*again)(struct bytes wire, struct builder *out);
};
static const struct object objects[] = {
	{ "contract", contract_make, contract_again },
	{ "request", request_make, request_again },
	{ "approval", approval_make, approval_again },
	{ "approval body", approval_body_make, approval_body_again },
	{ "receipt", receipt_make, receipt_again },
	{ "receipt file", receipt_file_make, receipt_file_again },
	{ "genesis", genesis_make, genesis_again },
	{ "entry", entry_make, entry_again },
};

static struct bytes made(const struct object *o)
{
	struct builder b = wire_new();

	begin();
	o->make(&b);
	return wire_of(&b);
}

/* What decodes must encode to the same bytes: one object, one form. */
static enum mt_err verdict(const struct object *o, struct bytes wire)
{
	static uint8_t space[WIRE_MAX];
	struct builder b = builder_over(space, sizeof(space));

	enum mt_err err = o->again(wire, &b);
	CHECK(err || mt_equal(wire_of(&b), wire), o->name);
	return err;
}

/* ---- all of them ---- */

static void test_round_trip(void)
{
	for (size_t i = 0; i < MT_COUNT(objects); i++) {
		CHECK(verdict(&objects[i], made(&objects[i])) == MT_OK, objects[i].name);
	}
}

static void test_prefixes(void)
{
	for (size_t i = 0; i < MT_COUNT(objects); i++) {
		struct bytes wire = made(&objects[i]);
		for (size_t n = 0; n < wire.size; n++) {
			CHECK(verdict(&objects[i], first(wire, n)) == MT_MALFORMED, objects[i].name);
		}
		uint8_t *longer = test_alloc(wire.size + 1);
		memcpy(longer, wire.at, wire.size);
		CHECK(verdict(&objects[i], mt_bytes(longer, wire.size + 1)) == MT_MALFORMED, "a byte left over");
	}
}

/* A changed byte is an error or another object: verdict() sees that it encodes to the changed bytes. */
static void test_every_byte(void)
{
	for (size_t i = 0; i < MT_COUNT(objects); i++) {
		struct bytes wire = made(&objects[i]);
		uint8_t *bent = test_alloc(wire.size);
		memcpy(bent, wire.at, wire.size);
		for (size_t n = 0; n < wire.size; n++) {
			for (unsigned bit = 0; bit < 8; bit++) {
				bent[n] ^= (uint8_t)(1u << bit);
				enum mt_err err = verdict(&objects[i], mt_bytes(bent, wire.size));
				CHECK(err == MT_OK || err == MT_MALFORMED || err == MT_LIMIT, objects[i].name);
				bent[n] = wire.at[n];
			}
		}
	}
}

static void test_no_memory(void)
{
	for (size_t i = 0; i < MT_COUNT(objects); i++) {
		struct bytes wire = made(&objects[i]);
		uint64_t at = 0;
		enum mt_err err;
		do {
			mt_alloc_fail_at(++at);
			err = verdict(&objects[i], wire);
			mt_alloc_fail_at(0);
			CHECK(err == MT_OK || err == MT_NO_MEMORY, objects[i].name);
		} while (err == MT_NO_MEMORY);
		CHECK(at > 1, "the decoder allocates");
	}
}

/* One decoder never takes another's object. */
static void test_each_other(void)
{
	for (size_t i = 0; i < MT_COUNT(objects); i++) {
		for (size_t j = 0; j < MT_COUNT(objects); j++) {
			CHECK((verdict(&objects[i], made(&objects[j])) == MT_OK) == (i == j), objects[i].name);
		}
	}
}

/* ---- the same object in a form that is not deterministic ---- */

static void test_forms(void)
{
	static const struct {
		const char *why;
		size_t object;
		const char *what, *with;
	} row[] = {
		{ "a long head", 1, "05 1a6b49d200", "05 1b000000006b49d200" },
		{ "keys that do not ascend", 2, "a3 01 5820", "a3 02 5820" },
		{ "indefinite length", 7, "84 08 1b", "9f 08 1b" },
		{ "a tag in front", 7, "84 08 1b", "c1 84 08 1b" },
		{ "one field more", 7, "84 08 1b", "85 08 08 1b" },
		{ "bytes for text", 1, "72 504f5354", "52 504f5354" },
		{ "text for bytes", 7, "44 626f6479", "64 626f6479" },
		{ "a negative number", 6, "03 1b000001a3185c5000", "03 3b000001a3185c5000" },
		{ "null for a number", 6, "03 1b000001a3185c5000", "03 f6" },
		{ "a number for a truth", 0, "09 f5", "09 01" },
		{ "null for a truth", 0, "09 f5", "09 f6" },
	};
	for (size_t i = 0; i < MT_COUNT(row); i++) {
		const struct object *o = &objects[row[i].object];
		CHECK(verdict(o, replaced(made(o), hex(row[i].what), hex(row[i].with))) == MT_MALFORMED, row[i].why);
	}
}

/* ---- what may fail around them ---- */

/* A box that answers in good form, but not what the document says. */
static void test_lying_box(void)
{
	struct box *honest;

	begin();
	for (size_t i = 0; i < MT_COUNT(objects); i++) {
		struct bytes wire = made(&objects[i]);
		honest = box;
		box = evil;
		CHECK(verdict(&objects[i], wire) == MT_TAMPERED, objects[i].name);
		box = honest;
	}
}

static void test_no_room(void)
{
	static uint8_t space[WIRE_MAX];
	struct bytes wire;

	for (size_t i = 0; i < MT_COUNT(objects); i++) {
		size_t whole = made(&objects[i]).size;
		for (size_t room = 0; room < whole; room++) {
			struct builder b = builder_over(space, room);
			objects[i].make(&b);
			CHECK(builder_done(&b, &wire) == MT_LIMIT && b.size <= room, "an encoder without room says so and keeps to it");
		}
	}
}

const struct test tests[] = {
	{ "round trip", test_round_trip },
	{ "prefixes", test_prefixes },
	{ "every byte", test_every_byte },
	{ "no memory", test_no_memory },
	{ "each other", test_each_other },
	{ "forms", test_forms },
	{ "lying box", test_lying_box },
	{ "no room", test_no_room },
	TESTS_END
};
