/* What a contract may say, field by field, and that each of its fields is in its name. */
#include "test/test.h"

#include <stddef.h>
#include <string.h>

#include "lib/statement/statement.h"
#include "port/linux/box_port.h"

extern const struct box_kind box_evil;

static struct box *box, *evil;
static uint8_t id[CONTRACT_PARTIES_MAX + 1][32];
static char names[CONTRACT_INPUTS_MAX + 1][4];

static void begin(void)
{
	if (!box) {
		box_port_install();
		mt_assert(!box_open(&box_cbor, &box) && !box_open(&box_evil, &evil));
	}
	for (size_t i = 0; i < MT_COUNT(id); i++) {
		memset(id[i], (int)i + 1, 32);
	}
	for (size_t i = 0; i < MT_COUNT(names); i++) {
		memcpy(names[i], (char[4]){ 'n', (char)('a' + i), 0, 0 }, 4);
	}
}

static void output_add(struct contract *c, const char *name)
{
	struct contract_output *o = &c->output[c->output_count++];

	*o = (struct contract_output){ .name = mt_text(name), .owner_count = 2, .size_max = 1 };
	memcpy(o->owner[0], id[0], 32);
	memcpy(o->owner[1], id[1], 32);
}

static void input_add(struct contract *c, const char *name)
{
	struct contract_input *in = &c->input[c->input_count++];

	*in = (struct contract_input){ .name = mt_text(name), .tag = { 7 } };
	memcpy(in->owner, id[0], 32);
}

static void good(struct contract *c)
{
	*c = (struct contract){ .executor = CONTRACT_WASM, .argument = { mt_text("x") }, .argument_count = 1, .participant_count = 2,
				.memory_max = 1, .wall_ms = 1, .level_min = 1, .runs = 1, .expiry = 1 };
	memcpy(c->participant[0], id[0], 32);
	memcpy(c->participant[1], id[1], 32);
	input_add(c, "a");
	output_add(c, "out");
}

static struct bytes encode(const struct contract *c)
{
	static uint8_t space[2 * CONTRACT_SIZE_MAX];
	struct builder b = builder_over(space, sizeof(space));
	struct bytes wire;

	contract_encode(c, &b);
	mt_assert(!builder_done(&b, &wire));
	return wire;
}

static enum mt_err decode(struct bytes wire)
{
	static struct contract got;
	enum mt_err err = contract_decode(box, wire, &got);

	CHECK(err || mt_equal(encode(&got), got.bytes), "one contract has one form");
	if (!err) {
		contract_close(&got);
	}
	return err;
}

/* ---- one thing wrong at a time ---- */

typedef void bend(struct contract *c);

static char long_text[CONTRACT_ARGUMENT_SIZE_MAX + 2];

static void nothing(struct contract *c)
{
	(void)c;
}

static void no_input(struct contract *c)
{
	c->input_count = 0;
}

static void no_output(struct contract *c)
{
	c->output_count = 0;
}

static void no_argument(struct contract *c)
{
	c->argument_count = 0;
}

static void executor_zero(struct contract *c)
{
	c->executor = 0;
}

static void executor_beyond(struct contract *c)
{
	c->executor = CONTRACT_BUILTIN + 1;
}

static void level_zero(struct contract *c)
{
	c->level_min = 0;
}

static void level_five(struct contract *c)
{
	c->level_min = 5;
}

static void level_six(struct contract *c)
{
	c->level_min = 6;
}

static void level_wraps(struct contract *c)
{
	c->level_min = 255;
}

static void runs_zero(struct contract *c)
{
	c->runs = 0;
}

static void runs_largest(struct contract *c)
{
	c->runs = CONTRACT_RUNS_MAX;
}

static void runs_more(struct contract *c)
{
	c->runs = CONTRACT_RUNS_MAX + 1;
}

static void memory_zero(struct contract *c)
{
	c->memory_max = 0;
}

static void wall_zero(struct contract *c)
{
	c->wall_ms = 0;
}

static void size_zero(struct contract *c)
{
	c->output[0].size_max = 0;
}

static void size_too_large(struct contract *c)
{
	c->output[0].size_max = CONTRACT_OUTPUT_SIZE_MAX + 1;
}

static void largest_numbers(struct contract *c)
{
	c->memory_max = c->wall_ms = c->expiry = c->output[0].rows_min = UINT64_MAX;
	c->output[0].size_max = CONTRACT_OUTPUT_SIZE_MAX;
}

static void no_participant(struct contract *c)
{
	c->participant_count = 0;
}

static void only_one(struct contract *c)
{
	c->participant_count = 1;
	c->output[0].owner_count = 1;
}

static void sixteen(struct contract *c)
{
	c->participant_count = CONTRACT_PARTIES_MAX;
	memcpy(c->participant, id, sizeof(c->participant));
	c->output[0].owner_count = CONTRACT_PARTIES_MAX;
	memcpy(c->output[0].owner, id, sizeof(c->output[0].owner));
}

static void participants_descend(struct contract *c)
{
	memcpy(c->participant[0], id[1], 32);
	memcpy(c->participant[1], id[0], 32);
}

static void participant_twice(struct contract *c)
{
	memcpy(c->participant[1], id[0], 32);
}

static void owners_descend(struct contract *c)
{
	memcpy(c->output[0].owner[0], id[1], 32);
	memcpy(c->output[0].owner[1], id[0], 32);
}

static void owner_twice(struct contract *c)
{
	memcpy(c->output[0].owner[1], id[0], 32);
}

static void owner_outside(struct contract *c)
{
	memcpy(c->output[0].owner[1], id[5], 32);
}

static void no_owner(struct contract *c)
{
	c->output[0].owner_count = 0;
}

static void input_of_another(struct contract *c)
{
	memcpy(c->input[0].owner, id[5], 32);
}

static void inputs_twelve(struct contract *c)
{
	for (size_t i = 1; i < CONTRACT_INPUTS_MAX; i++) {
		input_add(c, names[i]);
	}
}

static void outputs_twelve(struct contract *c)
{
	for (size_t i = 1; i < CONTRACT_OUTPUTS_MAX; i++) {
		output_add(c, names[i]);
	}
}

static void input_name_twice(struct contract *c)
{
	input_add(c, "a");
}

static void output_name_twice(struct contract *c)
{
	output_add(c, "out");
}

static void input_named_as_output(struct contract *c)
{
	input_add(c, "out");
}

static void dataset_twice(struct contract *c)
{
	input_add(c, "b");
}

static void input_no_name(struct contract *c)
{
	c->input[0].name = mt_text("");
}

static void output_path(struct contract *c)
{
	c->output[0].name = mt_text("../x");
}

static void argument_zero_byte(struct contract *c)
{
	c->argument[0] = mt_bytes("a\0b", 3);
}

static void argument_longest(struct contract *c)
{
	c->argument[0] = mt_bytes(long_text, CONTRACT_ARGUMENT_SIZE_MAX);
}

static void argument_longer(struct contract *c)
{
	c->argument[0] = mt_bytes(long_text, CONTRACT_ARGUMENT_SIZE_MAX + 1);
}

static void arguments_most(struct contract *c)
{
	c->argument_count = CONTRACT_ARGUMENTS_MAX;
	for (size_t i = 0; i < CONTRACT_ARGUMENTS_MAX; i++) {
		c->argument[i] = mt_text("--");
	}
}

static void too_large(struct contract *c)
{
	arguments_most(c);
	for (size_t i = 0; i < 9; i++) {
		c->argument[i] = mt_bytes(long_text, CONTRACT_ARGUMENT_SIZE_MAX);
	}
}

static void test_limits(void)
{
	static const struct {
		const char *why;
		bend *bend;
		enum mt_err want;
	} row[] = {
		{ "as it should be", nothing, MT_OK }, { "no input", no_input, MT_OK }, { "no output", no_output, MT_OK },
		{ "no argument", no_argument, MT_OK }, { "one participant", only_one, MT_OK }, { "sixteen participants", sixteen, MT_OK },
		{ "level 5", level_five, MT_OK }, { "a million runs", runs_largest, MT_OK }, { "the largest numbers", largest_numbers, MT_OK },
		{ "twelve inputs", inputs_twelve, MT_OK }, { "twelve outputs", outputs_twelve, MT_OK },
		{ "the longest argument", argument_longest, MT_OK }, { "64 arguments", arguments_most, MT_OK },
		{ "an input named as an output", input_named_as_output, MT_OK }, { "one dataset as two inputs", dataset_twice, MT_OK },
		{ "executor 0", executor_zero, MT_MALFORMED }, { "an executor beyond the last", executor_beyond, MT_MALFORMED },
		{ "level 0", level_zero, MT_MALFORMED }, { "level 6", level_six, MT_MALFORMED }, { "level 255", level_wraps, MT_MALFORMED },
		{ "no run", runs_zero, MT_MALFORMED }, { "a million runs and one", runs_more, MT_MALFORMED },
		{ "no memory", memory_zero, MT_MALFORMED }, { "no time", wall_zero, MT_MALFORMED }, { "an output of no size", size_zero, MT_MALFORMED },
		{ "an output larger than any dataset", size_too_large, MT_MALFORMED },
		{ "nobody takes part", no_participant, MT_MALFORMED }, { "participants descend", participants_descend, MT_MALFORMED },
		{ "a participant twice", participant_twice, MT_MALFORMED }, { "owners descend", owners_descend, MT_MALFORMED },
		{ "an owner twice", owner_twice, MT_MALFORMED }, { "an owner who takes no part", owner_outside, MT_MALFORMED },
		{ "an output of nobody", no_owner, MT_MALFORMED }, { "an input of somebody outside", input_of_another, MT_MALFORMED },
		{ "two inputs of one name", input_name_twice, MT_MALFORMED }, { "two outputs of one name", output_name_twice, MT_MALFORMED },
		{ "an input without a name", input_no_name, MT_MALFORMED }, { "a path as a name", output_path, MT_MALFORMED },
		{ "an argument with a zero byte", argument_zero_byte, MT_MALFORMED }, { "an argument too long", argument_longer, MT_MALFORMED },
		{ "larger than the largest", too_large, MT_LIMIT },
	};
	static struct contract c;

	begin();
	memset(long_text, 'x', sizeof(long_text) - 1);
	for (size_t i = 0; i < MT_COUNT(row); i++) {
		good(&c);
		row[i].bend(&c);
		CHECK(decode(encode(&c)) == row[i].want, row[i].why);
	}
}

/* ---- what contract_encode cannot say ---- */

/* The sample with `size` bytes at `find` replaced. */
static struct bytes edited(const char *find, const char *replacement)
{
	static struct contract c;
	struct bytes old = hex(find), new = hex(replacement);

	good(&c);
	struct bytes wire = encode(&c);
	uint8_t *at = memmem(wire.at, wire.size, old.at, old.size), *out = test_alloc(wire.size + new.size);
	mt_assert(at);
	size_t before = (size_t)(at - wire.at), after = wire.size - before - old.size;
	memcpy(out, wire.at, before);
	memcpy(out + before, new.at, new.size);
	memcpy(out + before + new.size, at + old.size, after);
	return mt_bytes(out, wire.size - old.size + new.size);
}

static void test_numbers(void)
{
	static const struct {
		const char *why, *find, *replacement;
		enum mt_err want;
	} row[] = {
		{ "as it should be", "03 82 01 5820", "03 82 01 5820", MT_OK },
		{ "an executor that is 1 in 32 bits", "03 82 01 5820", "03 82 1b0000000100000001 5820", MT_MALFORMED },
		{ "a level that is 1 in 8 bits", "0a 01 0b", "0a 190101 0b", MT_MALFORMED },
		{ "a negative level", "0a 01 0b", "0a 20 0b", MT_MALFORMED },
		{ "a number in a longer form", "0c 01 0d", "0c 1801 0d", MT_MALFORMED },
		{ "a boolean that is null", "09 f4 0a", "09 f6 0a", MT_MALFORMED },
		{ "65 arguments of none", "04 81 6178 05", "04 9841 05", MT_MALFORMED },
		{ "2^40 arguments", "04 81 6178 05", "04 9b0000010000000000 05", MT_MALFORMED },
		{ "bytes as an argument", "04 81 6178 05", "04 81 4178 05", MT_MALFORMED },
		{ "an argument that is not UTF-8", "04 81 6178 05", "04 81 61ff 05", MT_MALFORMED },
		{ "keys that do not ascend", "0c 01 0d 01", "0d 01 0c 01", MT_MALFORMED },
		{ "an unknown key", "0c 01 0d 01 0e", "0c 01 0d 01 0f", MT_MALFORMED },
		{ "a nonce of 15 bytes", "0e 50 00", "0e 4f", MT_MALFORMED },
		{ "indefinite length", "04 81 6178 05", "04 9f 6178 ff 05", MT_MALFORMED },
		{ "a tag in front of an argument", "04 81 6178 05", "04 81 d8206178 05", MT_MALFORMED },
	};

	begin();
	for (size_t i = 0; i < MT_COUNT(row); i++) {
		CHECK(decode(edited(row[i].find, row[i].replacement)) == row[i].want, row[i].why);
	}
}

/* ---- the name ---- */

#define FIELD(f) { #f, offsetof(struct contract, f) }

static void test_name_holds_each_field(void)
{
	static const struct {
		const char *name;
		size_t at;
	} field[] = {
		FIELD(log_id), FIELD(function), FIELD(executor_hash), FIELD(input[0].owner), FIELD(input[0].tag), FIELD(output[0].owner[1]),
		FIELD(output[0].size_max), FIELD(output[0].rows_min), FIELD(participant[1]), FIELD(memory_max), FIELD(wall_ms), FIELD(deterministic),
		FIELD(level_min), FIELD(policy_hash), FIELD(runs), FIELD(expiry), FIELD(nonce),
	};
	static struct contract c;
	uint8_t hash[MT_COUNT(field) + 4][32];
	size_t count = 0;

	begin();
	good(&c);
	contract_hash(encode(&c), hash[count++]);
	for (size_t i = 0; i < MT_COUNT(field); i++) {
		good(&c);
		*((uint8_t *)&c + field[i].at) ^= field[i].at == offsetof(struct contract, deterministic) ? 1 : 2;
		contract_hash(encode(&c), hash[count++]);
	}
	good(&c);
	c.argument[0] = mt_text("y");
	contract_hash(encode(&c), hash[count++]);
	good(&c);
	c.input[0].name = mt_text("b");
	contract_hash(encode(&c), hash[count++]);
	good(&c);
	c.output[0].name = mt_text("in");
	contract_hash(encode(&c), hash[count++]);
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < i; j++) {
			CHECK(memcmp(hash[i], hash[j], 32) != 0, i && i <= MT_COUNT(field) ? field[i - 1].name : "names and arguments");
		}
	}
}

static void test_names(void)
{
	static const struct {
		const char *name;
		bool want;
	} row[] = {
		{ "a", true }, { "A-Z_0.9", true }, { "-", true }, { "a..b", true },
		{ "0123456789012345678901234567890123456789012345678901234567890123", true },
		{ "01234567890123456789012345678901234567890123456789012345678901234", false },
		{ "", false }, { ".", false }, { "..", false }, { ".a", false }, { "a/b", false }, { "a b", false }, { "a\n", false }, { "\xc3\xa4", false },
		{ "a\\b", false }, { "a:b", false }, { "a%", false }, { "@", false }, { "[", false }, { "`", false }, { "{", false },
	};

	for (size_t i = 0; i < MT_COUNT(row); i++) {
		CHECK(statement_name_ok(mt_text(row[i].name)) == row[i].want, row[i].name);
	}
	CHECK(!statement_name_ok(mt_bytes("a\0b", 3)), "a zero byte");
}

/* A box that answers in good form, but not what was signed: no decoder believes it. */
static void test_lying_box(void)
{
	static struct contract c;
	struct request q = { .route = "" };
	struct approval a;
	struct approval_body body = { 0 };
	struct receipt receipt = { 0 };
	struct receipt_file file = { 0 };
	struct genesis g;
	struct entry e = { 0 };
	struct bytes wire;

	begin();
	good(&c);
	wire = encode(&c);
	CHECK(contract_decode(evil, wire, &c) == MT_TAMPERED && !c.scratch, "contract");
	CHECK(request_decode(evil, wire, &q) == MT_TAMPERED && approval_decode(evil, wire, &a) == MT_TAMPERED, "request and approval");
	CHECK(approval_body_decode(evil, wire, &body) == MT_TAMPERED && !body.scratch, "approval body");
	CHECK(receipt_decode(evil, wire, &receipt) == MT_TAMPERED && receipt_file_decode(evil, wire, &file) == MT_TAMPERED, "receipt and its file");
	CHECK(genesis_decode(evil, wire, &g) == MT_TAMPERED && entry_decode(evil, wire, &e) == MT_TAMPERED, "genesis and entry");
}

static void test_participants(void)
{
	static struct contract c;

	begin();
	good(&c);
	CHECK(contract_has_participant(&c, id[0]) && contract_has_participant(&c, id[1]), "those two");
	CHECK(!contract_has_participant(&c, id[2]), "and no other");
	c.participant_count = 0;
	CHECK(!contract_has_participant(&c, id[0]), "nobody");
}

const struct test tests[] = {
	{ "limits", test_limits },
	{ "numbers", test_numbers },
	{ "the name holds each field", test_name_holds_each_field },
	{ "names", test_names },
	{ "lying box", test_lying_box },
	{ "participants", test_participants },
	TESTS_END
};
