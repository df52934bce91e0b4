/* boxed/toml: TOML 1.0, valid and invalid as its specification says; the line of the fault. */
#include "test/test.h"

#include <stdlib.h>
#include <string.h>

#include "lib/box/box.h"
#include "port/linux/box_port.h"
#include "test/items_text.h"

static struct box *open_toml(void)
{
	struct box *box = NULL;

	box_port_install();
	if (box_open(&box_toml, &box) != MT_OK) {
		abort();
	}
	return box;
}

struct row {
	const char *text, *want;
};

static void check_rows(const struct row *row, size_t count)
{
	struct box *box = open_toml();

	for (size_t i = 0; i < count; i++) {
		const char *got = box_text(box, BOX_PARSE, mt_text(row[i].text));

		if (!CHECK(strcmp(got, row[i].want) == 0, row[i].text)) {
			(void)CHECK(false, got);
		}
	}
	box_close(box);
}

static void test_values(void)
{
	static const struct row row[] = {
		{ "", "{}" },
		{ "# nothing\n\n  \t\r\n", "{}" },
		{ "a = 1", "{\"a\":1}" },
		{ "a=1#c", "{\"a\":1}" },
		{ "a = +99", "{\"a\":99}" },
		{ "a = -17", "{\"a\":-17}" },
		{ "a = -0", "{\"a\":0}" },
		{ "a = 1_000_000", "{\"a\":1000000}" },
		{ "a = 9223372036854775807", "{\"a\":9223372036854775807}" },
		{ "a = -9223372036854775808", "{\"a\":-9223372036854775808}" },
		{ "a = 0xDEAD_beef", "{\"a\":3735928559}" },
		{ "a = 0o755", "{\"a\":493}" },
		{ "a = 0b1101", "{\"a\":13}" },
		{ "a = 0x7fffffffffffffff", "{\"a\":9223372036854775807}" },
		{ "a = 3.25", "{\"a\":3.25f}" },
		{ "a = +1.0", "{\"a\":1f}" },
		{ "a = 5e+22", "{\"a\":4.9999999999999996e+22f}" },
		{ "a = 1e06", "{\"a\":1000000f}" },
		{ "a = 6.626e-34", "{\"a\":6.6259999999999998e-34f}" },
		{ "a = 224_617.445_991", "{\"a\":224617.44599099999f}" },
		{ "a = inf", "{\"a\":inff}" },
		{ "a = -inf", "{\"a\":-inff}" },
		{ "a = +nan", "{\"a\":nanf}" },
		{ "a = true\nb = false", "{\"a\":true,\"b\":false}" },
		{ "a = 1979-05-27T07:32:00Z", "{\"a\":@1979-05-27T07:32:00Z}" },
		{ "a = 1979-05-27 07:32:00.999-07:00 # c", "{\"a\":@1979-05-27 07:32:00.999-07:00}" },
		{ "a = 1979-05-27t07:32:00", "{\"a\":@1979-05-27t07:32:00}" },
		{ "a = 1979-05-27 # c", "{\"a\":@1979-05-27}" },
		{ "a = 2000-02-29", "{\"a\":@2000-02-29}" },
		{ "a = 07:32:00", "{\"a\":@07:32:00}" },
		{ "a = [1979-05-27, 07:32:00]", "{\"a\":[@1979-05-27,@07:32:00]}" },
		{ "a = []", "{\"a\":[]}" },
		{ "a = [ 1, \"b\" , [ true ], { c = 1 }, ]", "{\"a\":[1,\"b\",[true],{\"c\":1}]}" },
		{ "a = [\n  1, # one\n\n  2 # two\n]\nb = 3", "{\"a\":[1,2],\"b\":3}" },
		{ "a = {}", "{\"a\":{}}" },
		{ "a = { b.c = 1, b.d = 2, \"e f\" = {} }", "{\"a\":{\"b\":{\"c\":1,\"d\":2},\"e f\":{}}}" },
	};

	check_rows(row, MT_COUNT(row));
}

static void test_strings(void)
{
	static const struct row row[] = {
		{ "a = \"\"", "{\"a\":\"\"}" },
		{ "a = \"b\\t\\\"\\\\\\u00e9\\U0001F600\"", "{\"a\":\"b\\t\\\"\\\\\xc3\xa9\xf0\x9f\x98\x80\"}" },
		{ "a = 'C:\\n \"x\"'", "{\"a\":\"C:\\\\n \\\"x\\\"\"}" },
		{ "a = \"\"\"\none\r\ntwo\"\"\"", "{\"a\":\"one\\ntwo\"}" },
		{ "a = \"\"\"one \\\n\n   two \\  \n\"\"\"", "{\"a\":\"one two \"}" },
		{ "a = \"\"\"a\"b\"\"c\"\"\"\"\"", "{\"a\":\"a\\\"b\\\"\\\"c\\\"\\\"\"}" },
		{ "a = '''\n\\x'y''z'''", "{\"a\":\"\\\\x'y''z\"}" },
		{ "a = \"\"\"\"\"\"", "{\"a\":\"\"}" },
		{ "a = '\t\xc3\xa9'", "{\"a\":\"\\t\xc3\xa9\"}" },
		{ "a = \"b", "malformed 1" },
		{ "a = \"b\n\"", "malformed 1" },
		{ "a = 'b\n'", "malformed 1" },
		{ "a = \"\\x41\"", "malformed 1" },
		{ "a = \"\\u12\"", "malformed 1" },
		{ "a = \"\\ud800\"", "malformed 1" },
		{ "a = \"\\U00110000\"", "malformed 1" },
		{ "a = \"\\ \"", "malformed 1" },
		{ "a = \"\x01\"", "malformed 1" },
		{ "a = \"\x7f\"", "malformed 1" },
		{ "a = \"\"\"\n\n\x01\"\"\"", "malformed 3" },
		{ "a = \"\"\"b\rc\"\"\"", "malformed 1" },
		{ "a = \"\"\"b\"\"", "malformed 1" },
		{ "a = '''b''''''", "malformed 1" },
		{ "a = \"\xff\"", "malformed" },
	};

	check_rows(row, MT_COUNT(row));
}

static void test_tables(void)
{
	static const struct row row[] = {
		{ "[a]\nb = 1\n[c]\nd = 2", "{\"a\":{\"b\":1},\"c\":{\"d\":2}}" },
		{ "[a.b.c]\nx = 1\n[a]\ny = 2", "{\"a\":{\"b\":{\"c\":{\"x\":1}},\"y\":2}}" },
		{ "[ a . \"b c\" . 'd' ]", "{\"a\":{\"b c\":{\"d\":{}}}}" },
		{ "[a]\n[b]\n[a.c]", "{\"a\":{\"c\":{}},\"b\":{}}" },
		{ "a.b = 1\na.c.d = 2", "{\"a\":{\"b\":1,\"c\":{\"d\":2}}}" },
		{ "a . b = 1", "{\"a\":{\"b\":1}}" },
		{ "3.14 = 1", "{\"3\":{\"14\":1}}" },
		{ "\"\" = 1", "{\"\":1}" },
		{ "1234 = 1\n-_ = 2", "{\"1234\":1,\"-_\":2}" },
		{ "[[a]]\nb = 1\n[[a]]\n[[a]]\nb = 3", "{\"a\":[{\"b\":1},{},{\"b\":3}]}" },
		{ "[[a]]\n[a.b]\nc = 1\n[[a.d]]\n[[a.d]]\n[[a]]\n[a.b]",
		  "{\"a\":[{\"b\":{\"c\":1},\"d\":[{},{}]},{\"b\":{}}]}" },
		{ "[a]\nb.c = 1\n[a.b.d]\ne = 2", "{\"a\":{\"b\":{\"c\":1,\"d\":{\"e\":2}}}}" },
		{ "a = 1\na = 2", "malformed 2" },
		{ "a = 1\n\"a\" = 2", "malformed 2" },
		{ "[a]\n[a]", "malformed 2" },
		{ "[a]\nb = 1\n[a.b]", "malformed 3" },
		{ "[a.b]\n[a]\nb = 1", "malformed 3" },
		{ "a = 1\na.b = 2", "malformed 2" },
		{ "a.b = 1\n[a]", "malformed 2" },
		{ "a.b.c = 1\n[a.b]", "malformed 2" },
		{ "[a.b.c]\nz = 9\n[a]\nb.c.t = 9", "malformed 4" },
		{ "[a.b.c.d]\nz = 9\n[a]\nb.c.d.k.t = 8", "malformed 4" },
		{ "a = {}\n[a.b]", "malformed 2" },
		{ "a = {}\na.b = 1", "malformed 2" },
		{ "a = { b = { c = 1 } }\na.b.d = 2", "malformed 2" },
		{ "a = { b = 1, b = 2 }", "malformed 1" },
		{ "a = { b.c = 1, b = 2 }", "malformed 1" },
		{ "a = []\n[[a]]", "malformed 2" },
		{ "a = [{}]\n[a.b]", "malformed 2" },
		{ "[[a]]\n[a]", "malformed 2" },
		{ "[a]\n[[a]]", "malformed 2" },
		{ "[[a]]\n[[a.b]]\n[a.b]", "malformed 3" },
		{ "[a.b]\n[[a]]", "malformed 2" },
	};

	check_rows(row, MT_COUNT(row));
}

static void test_refused_keys(void)
{
	static const struct row row[] = {
		{ "a", "malformed 1" },
		{ "a =", "malformed 1" },
		{ "a = \n1", "malformed 1" },
		{ "= 1", "malformed 1" },
		{ "a = 1 b = 2", "malformed 1" },
		{ "a. = 1", "malformed 1" },
		{ ".a = 1", "malformed 1" },
		{ "a b = 1", "malformed 1" },
		{ "\"\"\"a\"\"\" = 1", "malformed 1" },
		{ "\xc3\xa4 = 1", "malformed 1" },
		{ "a = b", "malformed 1" },
		{ "a = True", "malformed 1" },
	};

	check_rows(row, MT_COUNT(row));
}

static void test_refused_numbers(void)
{
	static const struct row row[] = {
		{ "a = 01", "malformed 1" },
		{ "a = +01", "malformed 1" },
		{ "a = ++1", "malformed 1" },
		{ "a = +-1", "malformed 1" },
		{ "a = 1_", "malformed 1" },
		{ "a = _1", "malformed 1" },
		{ "a = 1__0", "malformed 1" },
		{ "a = 1_.0", "malformed 1" },
		{ "a = 1.", "malformed 1" },
		{ "a = .5", "malformed 1" },
		{ "a = 1.e5", "malformed 1" },
		{ "a = 1e5.5", "malformed 1" },
		{ "a = 1e999", "malformed 1" },
		{ "a = 9223372036854775808", "malformed 1" },
		{ "a = -9223372036854775809", "malformed 1" },
		{ "a = 99999999999999999999", "malformed 1" },
		{ "a = 0x", "malformed 1" },
		{ "a = 0xg", "malformed 1" },
		{ "a = 0o8", "malformed 1" },
		{ "a = 0b2", "malformed 1" },
		{ "a = +0x1", "malformed 1" },
		{ "a = 0x_1", "malformed 1" },
		{ "a = 0X1", "malformed 1" },
		{ "a = 0x8000000000000000", "malformed 1" },
		{ "a = Inf", "malformed 1" },
		{ "a = ++inf", "malformed 1" },
	};

	check_rows(row, MT_COUNT(row));
}

static void test_refused_times(void)
{
	static const struct row row[] = {
		{ "a = 1979-13-01", "malformed 1" },
		{ "a = 1979-00-01", "malformed 1" },
		{ "a = 1979-02-29", "malformed 1" },
		{ "a = 1900-02-29", "malformed 1" },
		{ "a = 1979-05-32", "malformed 1" },
		{ "a = 1979-5-27", "malformed 1" },
		{ "a = 1979-05-27T", "malformed 1" },
		{ "a = 1979-05-27T07:32", "malformed 1" },
		{ "a = 1979-05-27T24:00:00Z", "malformed 1" },
		{ "a = 1979-05-27T07:60:00Z", "malformed 1" },
		{ "a = 1979-05-27T07:32:61Z", "malformed 1" },
		{ "a = 1979-05-27T07:32:00.Z", "malformed 1" },
		{ "a = 1979-05-27T07:32:00+7:00", "malformed 1" },
		{ "a = 1979-05-27  07:32:00", "malformed 1" },
		{ "a = 07:32", "malformed 1" },
		{ "a = 07:32:00Z", "malformed 1" },
	};

	check_rows(row, MT_COUNT(row));
}

static void test_refused_lists_and_tables(void)
{
	static const struct row row[] = {
		{ "a = [1", "malformed 1" },
		{ "a = [1 2]", "malformed 1" },
		{ "a = [,]", "malformed 1" },
		{ "a = [1,,2]", "malformed 1" },
		{ "a = [\n1,\n2\nb]", "malformed 4" },
		{ "a = {b = 1,}", "malformed 1" },
		{ "a = {b = 1\n}", "malformed 1" },
		{ "a = {b}", "malformed 1" },
		{ "a = {,}", "malformed 1" },
		{ "[]", "malformed 1" },
		{ "[a", "malformed 1" },
		{ "[a]]", "malformed 1" },
		{ "[[a]", "malformed 1" },
		{ "[a.]", "malformed 1" },
		{ "[a] b = 1", "malformed 1" },
		{ "[a\n]", "malformed 1" },
		{ "# a\x01", "malformed 1" },
		{ "a = 1\rb = 2", "malformed 1" },
		{ "\xef\xbb\xbf""a = 1", "malformed 1" },
		{ "ok = 1\n\n# six more\n\n\n\nbad", "malformed 7" },
	};

	check_rows(row, MT_COUNT(row));
}

/* A document is cut at the end of a line only; a cut inside one is seen, unless a shorter value is one as well. */
static void test_every_prefix(void)
{
	struct bytes whole = mt_text("a = [1979-05-27T07:32:00Z, \"\\u00e9\", { b.c = 'd' }, 1]");
	struct box *box = open_toml();

	CHECK(strstr(box_text(box, BOX_PARSE, whole), "malformed") == NULL, "the whole");
	for (size_t n = 1; n < whole.size; n++) {
		CHECK(strstr(box_text(box, BOX_PARSE, first(whole, n)), "malformed") != NULL, "every prefix");
	}
	box_close(box);
}

static void test_depth(void)
{
	static const struct row row[] = {
		{ "a=[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]", "{\"a\":[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]}" },
		{ "a=[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]", "malformed" },
		{ "a=[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", "malformed 1" },
		{ "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p = 1",
		  "{\"a\":{\"b\":{\"c\":{\"d\":{\"e\":{\"f\":{\"g\":{\"h\":{\"i\":{\"j\":{\"k\":{\"l\":{\"m\":{\"n\":{\"o\":{\"p\":"
		  "1}}}}}}}}}}}}}}}}" },
		{ "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q = 1", "malformed" },
	};

	check_rows(row, MT_COUNT(row));
}

static void test_largest(void)
{
	static const char *const unit[] = { "a.", "[a]\n", "a=1\n", "[[a]]\n", "1," };
	size_t size = box_input_max(&box_toml);
	char *text = test_alloc(size + 16);
	struct box *box = open_toml();

	for (size_t i = 0; i < MT_COUNT(unit); i++) {
		struct builder b = builder_over(text, size);

		builder_text(&b, i == 4 ? "a=[" : "");
		while (!b.failed) {
			builder_text(&b, unit[i]);
		}
		CHECK(strcmp(box_text(box, BOX_PARSE, mt_bytes(text, b.size)), "trap") != 0, unit[i]);
	}
	struct builder b = builder_over(text, size);

	for (unsigned i = 0; !b.failed; i++) {
		builder_format(&b, "%x=0\n", i);
	}
	uint8_t *answer = test_alloc(size * 17);
	size_t answer_size = 0;

	CHECK(box_call(box, BOX_PARSE, mt_bytes(text, b.size), answer, size * 17, &answer_size) == MT_OK, "many keys");
	box_close(box);
}

const struct test tests[] = {
	{ "values", test_values },
	{ "strings", test_strings },
	{ "tables", test_tables },
	{ "refused keys", test_refused_keys },
	{ "refused numbers", test_refused_numbers },
	{ "refused times", test_refused_times },
	{ "refused lists and tables", test_refused_lists_and_tables },
	{ "every prefix", test_every_prefix },
	{ "depth", test_depth },
	{ "largest", test_largest },
	TESTS_END,
};
