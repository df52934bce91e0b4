/* boxed/json: RFC 8259 and nothing else. The cases follow the names of the JSONTestSuite where it has them. */
#include "test/test.h"

#include <stdlib.h>
#include <string.h>

#include "lib/box/box.h"
#include "port/linux/box_port.h"
#include "test/items_text.h"

static struct box *open_json(void)
{
	struct box *box = NULL;

	box_port_install();
	if (box_open(&box_json, &box) != MT_OK) {
		abort();
	}
	return box;
}

static void check(struct box *box, const char *text, const char *want)
{
	CHECK(strcmp(box_text(box, BOX_PARSE, mt_text(text)), want) == 0, text);
}

static void test_accepts(void)
{
	static const struct {
		const char *text, *want;
	} row[] = {
		{ "null", "null" },
		{ " true ", "true" },
		{ "0", "0" },
		{ "-0", "0" },
		{ "-1", "-1" },
		{ "18446744073709551615", "18446744073709551615" },
		{ "18446744073709551616", "1.8446744073709552e+19f" },
		{ "-9223372036854775808", "-9223372036854775808" },
		{ "-9223372036854775809", "-9.2233720368547758e+18f" },
		{ "1.0", "1f" },
		{ "-0.0", "-0f" },
		{ "1e2", "100f" },
		{ "0.1", "0.10000000000000001f" },
		{ "1.7976931348623157e308", "1.7976931348623157e+308f" },
		{ "5e-324", "4.9406564584124654e-324f" },
		{ "1e-999", "0f" },
		{ "\"\"", "\"\"" },
		{ "\"a\\u00e4\\n\\ud83d\\ude00\"", "\"a\xc3\xa4\\n\xf0\x9f\x98\x80\"" },
		{ "\"\\u0000\"", "\"\\u0000\"" },
		{ "[]", "[]" },
		{ "{}", "{}" },
		{ "[[],[null,[1]],{}]", "[[],[null,[1]],{}]" },
		{ "{\"b\":1,\"a\":[true,{\"b\":\"c\"}]}", "{\"b\":1,\"a\":[true,{\"b\":\"c\"}]}" },
		{ "{\"\":0,\"a\":1,\"A\":2,\"aa\":3}", "{\"\":0,\"a\":1,\"A\":2,\"aa\":3}" },
		{ "\t[\r\n1 ,2\n]\r\n", "[1,2]" },
		{ "[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]", "[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]" },
	};
	struct box *box = open_json();

	for (size_t i = 0; i < MT_COUNT(row); i++) {
		check(box, row[i].text, row[i].want);
	}
	box_close(box);
}

static void test_refuses(void)
{
	static const struct {
		const char *text, *want;
	} row[] = {
		{ "", "malformed 1" },
		{ " ", "malformed 1" },
		{ "nul", "malformed 1" },
		{ "NaN", "malformed 1" },
		{ "Infinity", "malformed 1" },
		{ "+1", "malformed 1" },
		{ "01", "malformed 1" },
		{ "-", "malformed 1" },
		{ "1.", "malformed 1" },
		{ ".1", "malformed 1" },
		{ "1e", "malformed 1" },
		{ "0x1", "malformed 1" },
		{ "1e999", "malformed 1" },
		{ "1 2", "malformed 1" },
		{ "[1,]", "malformed 1" },
		{ "[,1]", "malformed 1" },
		{ "[1 2]", "malformed 1" },
		{ "[1", "malformed 1" },
		{ "[1}", "malformed 1" },
		{ "{\"a\"}", "malformed 1" },
		{ "{\"a\":}", "malformed 1" },
		{ "{\"a\":1,}", "malformed 1" },
		{ "{a:1}", "malformed 1" },
		{ "{1:1}", "malformed 1" },
		{ "'a'", "malformed 1" },
		{ "\"a", "malformed 1" },
		{ "\"\\x41\"", "malformed 1" },
		{ "\"\\ud800\"", "malformed 1" },
		{ "\"\\udc00\\ud800\"", "malformed 1" },
		{ "\"\t\"", "malformed 1" },
		{ "\"\xff\"", "malformed 1" },
		{ "\"\xc0\x80\"", "malformed 1" },
		{ "\"\xed\xa0\x80\"", "malformed 1" },
		{ "\xef\xbb\xbf{}", "malformed 1" },
		{ "// a\n1", "malformed 1" },
		{ "/* a */ 1", "malformed 1" },
		{ "[1,\n2,\nx]", "malformed 3" },
		{ "{\"a\":1,\"a\":2}", "malformed" },
		{ "[{\"b\":1,\"a\":{\"c\":1,\"d\":2,\"c\":3}}]", "malformed" },
		{ "{\"\\u0061\":1,\"a\":2}", "malformed" },
		{ "{\"\":1,\"\":2}", "malformed" },
		{ "[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", "malformed" },
		{ "[[[[[[[[[[[[[[[[{}]]]]]]]]]]]]]]]]", "malformed" },
	};
	struct box *box = open_json();

	for (size_t i = 0; i < MT_COUNT(row); i++) {
		check(box, row[i].text, row[i].want);
	}
	CHECK(strcmp(box_text(box, BOX_PARSE, mt_bytes("1\0", 2)), "malformed 1") == 0, "a zero byte after the value");
	box_close(box);
}

static void test_every_prefix(void)
{
	struct bytes whole = mt_text("{\"a\":[1,-2.5e3,\"\\u00e4\",true,null],\"b\":{\"c\":\"\xe2\x82\xac\"}}");
	struct box *box = open_json();

	CHECK(strstr(box_text(box, BOX_PARSE, whole), "malformed") == NULL, "the whole");
	for (size_t n = 0; n < whole.size; n++) {
		CHECK(strstr(box_text(box, BOX_PARSE, first(whole, n)), "malformed") != NULL, "every prefix");
	}
	box_close(box);
}

/* The largest documents there are end in time and in memory, whatever they are made of. */
static void test_largest(void)
{
	static const char *const unit[] = { "1,", "[],", "\"\",", "{\"\":0},", "1e5,", "\"\\u0001\"," };
	size_t size = box_input_max(&box_json), capacity = size * 10;
	uint8_t *text = test_alloc(size + 1), *answer = test_alloc(capacity);
	struct box *box = open_json();

	for (size_t i = 0; i < MT_COUNT(unit); i++) {
		size_t unit_size = strlen(unit[i]), at = 1, answer_size = 0;
		struct items items = { 0 };

		memset(text, ' ', size);
		for (text[0] = '['; at + unit_size < size; at += unit_size) {
			memcpy(text + at, unit[i], unit_size);
		}
		text[at - 1] = ']';
		CHECK(box_call(box, BOX_PARSE, mt_bytes(text, size), answer, capacity, &answer_size) == MT_OK, unit[i]);
		CHECK(items_open(mt_bytes(answer, answer_size), &items) == MT_OK, unit[i]);
	}
	memset(text, '[', size);
	size_t answer_size = 0;

	CHECK(box_call(box, BOX_PARSE, mt_bytes(text, size), answer, capacity, &answer_size) == MT_MALFORMED,
	      "nesting without end");
	CHECK(box_call(box, BOX_PARSE, mt_bytes(text, size + 1), answer, capacity, &answer_size) == MT_LIMIT,
	      "a byte more");
	CHECK(box_trap_count(box) == 0, "no trap");
	box_close(box);
}

static void test_many_keys(void)
{
	size_t capacity = 1 << 20;
	char *text = test_alloc(capacity);
	struct box *box = open_json();

	for (int twice = 0; twice < 2; twice++) {
		struct builder b = builder_over(text, capacity);
		uint8_t *answer = test_alloc(capacity * 4);
		size_t answer_size = 0;
		struct bytes document = { 0 };

		builder_text(&b, "{");
		for (unsigned i = 0; i < 20000; i++) {
			builder_format(&b, "\"%u\":0,", i * 7919 % 20011);
		}
		builder_format(&b, "\"%s\":0}", twice ? "19" : "last");
		CHECK(builder_done(&b, &document) == MT_OK, "made");
		CHECK(box_call(box, BOX_PARSE, document, answer, capacity * 4, &answer_size) ==
			      (twice ? MT_MALFORMED : MT_OK), "one of 20000 twice");
	}
	box_close(box);
}

const struct test tests[] = {
	{ "accepts", test_accepts },
	{ "refuses", test_refuses },
	{ "every prefix", test_every_prefix },
	{ "largest", test_largest },
	{ "many keys", test_many_keys },
	TESTS_END,
};
