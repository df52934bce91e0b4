/* Functions on sets and tables natively: foreign bytes at their doors, and each of their defences. What they compute: test_sets. */
#include <stdio.h>
#include <string.h>

#include "exec/builtin/csv.h"
#include "exec/builtin/digests.h"
#include "exec/builtin/hash.h"
#include "exec/builtin/statistics.h"
#include "test/builtin/double.h"
#include "test/builtin/functions.h"
#include "test/test.h"

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static struct bytes text_of(const char *text)
{
	return mt_bytes(text, strlen(text));
}

/* Runs a function over inputs a and b; "" where it was stopped or gave nothing. */
static const char *run(int (*function)(int, char **), const char *a, const char *b, const char *const *arguments)
{
	double_clear();
	double_input("a", text_of(a));
	double_input("b", text_of(b));
	if (double_main(function, arguments) != 0) {
		return "(stopped)";
	}
	const char *out = double_output("result");
	return out ? out : "(none)";
}

static bool is(const char *got, const char *want)
{
	return strcmp(got, want) == 0;
}

static bool stops(int (*function)(int, char **), const char *a, const char *b, const char *const *arguments)
{
	return is(run(function, a, b, arguments), "(stopped)");
}

/* ---- CSV ---- */

struct opening {
	struct bytes text;
	size_t rows, columns;
};

static int table_open(void *context)
{
	struct opening *o = context;
	struct csv c;
	bool quoted;

	csv_open((struct text){ (const char *)o->text.at, o->text.size }, ',', &c);
	for (size_t r = 0; r < c.rows; r++) {
		uint32_t at = csv_row(&c, r);
		for (size_t i = 0; i < c.columns; i++) {
			struct text cell = csv_cell_next(&c, &at, &quoted);
			mt_assert(cell.at >= c.text.at && cell.at + cell.size <= c.text.at + c.text.size);
		}
	}
	o->rows = c.rows;
	o->columns = c.columns;
	return 0;
}

static void test_csv(void)
{
	static const struct {
		const char *why, *text;
		int want;
		size_t rows, columns;
	} row[] = {
		{ "a table", "a,b\n1,2\n3,4\n", 0, 2, 2 },
		{ "without a last newline", "a,b\n1,2\n3,4", 0, 2, 2 },
		{ "CRLF", "a,b\r\n1,2\r\n", 0, 1, 2 },
		{ "CR", "a,b\r1,2\r", 0, 1, 2 },
		{ "a header alone", "a,b", 0, 0, 2 },
		{ "empty lines", "\n\na\n\n1\n\n\n2", 0, 2, 1 },
		{ "a mark in front",
		  "\xef\xbb\xbf"
		  "a\n1",
		  0, 1, 1 },
		{ "everything in quotes", "\"a\",\"b,\"\n\"1\n\",\"\"\"\"\n", 0, 1, 2 },
		{ "empty cells", ",a\n,\n", 0, 1, 2 },
		{ "an empty cell at the end", "a,b\n1,", 0, 1, 2 },
		{ "nothing", "", 1, 0, 0 },
		{ "newlines only", "\n\r\n", 1, 0, 0 },
		{ "a short row", "a,b\n1\n", 1, 0, 0 },
		{ "a long row", "a,b\n1,2,3\n", 1, 0, 0 },
		{ "a name twice", "a,b,a\n1,2,3\n", 1, 0, 0 },
		{ "a name twice, once in quotes", "a,\"a\"\n", 1, 0, 0 },
		{ "a quote that is not closed", "a\n\"1\n", 1, 0, 0 },
		{ "a quote at the end", "a\n\"", 1, 0, 0 },
		{ "a doubled quote at the end", "a\n\"\"\"", 1, 0, 0 },
		{ "a quote inside a cell", "a\n1\"2\n", 1, 0, 0 },
		{ "something behind a quote", "a\n\"1\"2\n", 1, 0, 0 },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct opening o = { first(text_of(row[i].text), strlen(row[i].text)), 0, 0 };
		CHECK(double_run(table_open, &o) == row[i].want, row[i].why);
		CHECK(o.rows == row[i].rows && o.columns == row[i].columns, row[i].why);
	}
	struct opening nul = { mt_bytes("a\n\0\n", 4), 0, 0 };
	CHECK(double_run(table_open, &nul) == DOUBLE_STOPPED, "a NUL byte");
}

/* Each prefix of a table is an error, or has the table's first rows; what it never does is read behind its end. */
static void test_csv_prefix(void)
{
	static const char text[] =
		"id,\"na\"\"me\",x\r\n1,\"a,b\",2.5\n\n\"2\",\"\",\r\n3,\"line\nbreak\",-1e3\n4,\"\"\"\",0";
	size_t rows = 0, errors = 0;

	for (size_t n = 0; n <= strlen(text); n++) {
		struct opening o = { first(text_of(text), n), 0, 0 };
		if (double_run(table_open, &o) != 0) {
			errors++;
			continue;
		}
		CHECK(o.rows >= rows && o.rows <= 4, "rows do not go away");
		rows = o.rows;
	}
	CHECK(rows == 4 && errors > 20, "some of both");
}

static void test_number(void)
{
	static const char *const good[] = { "0",
					    "-0",
					    "1",
					    "+1",
					    "1.5",
					    ".5",
					    "5.",
					    "-1e3",
					    "1E-3",
					    "123456789012345",
					    "0.1",
					    "1234567890123456789",
					    "0.000000000000000000001",
					    "179769313486231570000000000000000000000" };
	static const char *const bad[] = { " 1", "1 ", "0x10",	"inf", "nan", "1e999", "-",  ".",
					   "e5", "1e", "1.2.3", "--1", "1,5", "1_0",   "\n1" };
	double got;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		double want = 0;
		mt_assert(sscanf(good[i], "%lf", &want) == 1);
		CHECK(csv_number((struct text){ good[i], strlen(good[i]) }, &got) &&
			      memcmp(&got, &want, sizeof(got)) == 0,
		      good[i]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CHECK(!csv_number((struct text){ bad[i], strlen(bad[i]) }, &got), bad[i]);
	}
	CHECK(csv_number((struct text){ "", 0 }, &got) && got != got, "empty is missing");
}

/* ---- digests ---- */

static void test_hash(void)
{
	/* FIPS 180-4 examples; SipHash-1-3 with a key of zeros is what CPython 3.11 gives with PYTHONHASHSEED=0: hash(b"abc"). */
	uint8_t out[32];
	uint64_t key[2] = { 0, 0 };

	sha1((struct text){ "abc", 3 }, out);
	CHECK(mt_equal(mt_bytes(out, 20), hex("a9993e364706816aba3e25717850c26c9cd0d89d")), "SHA-1");
	sha1((struct text){ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56 }, out);
	CHECK(mt_equal(mt_bytes(out, 20), hex("84983e441c3bd26ebaae4aa1f95129e5e54670f1")), "SHA-1, two blocks");
	sha256((struct text){ "abc", 3 }, out);
	CHECK(mt_equal(mt_bytes(out, 32), hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")),
	      "SHA-256");
	sha256((struct text){ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56 }, out);
	CHECK(mt_equal(mt_bytes(out, 32), hex("248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")),
	      "SHA-256, two blocks");
	CHECK(siphash(key, (struct text){ "abc", 3 }) == UINT64_C(0xc03bc3a0042630f2), "SipHash");
	CHECK(siphash(key, (struct text){ "abcdefghijklmnop", 16 }) == UINT64_C(0x94f60d3d29e6a312),
	      "SipHash, whole words");
}

static void test_digest_line(void)
{
	static const char good[] = "A9993E364706816aba3e25717850c26c9cd0d89d:120";
	uint8_t out[32];
	int64_t count = 0;

	for (size_t n = 0; n <= strlen(good); n++) {
		struct bytes b = first(text_of(good), n);
		bool want = n == 40 || n >= 42;
		CHECK(digest_line((struct text){ (const char *)b.at, n }, 20, out, &count) == want, "every prefix");
	}
	CHECK(count == 120 && out[0] == 0xa9 && out[19] == 0x9d, "its digest and its count");
	for (size_t i = 0; i < 41; i++) {
		for (int ch = 0; ch < 256; ch++) {
			char line[64];
			memcpy(line, good, sizeof(good));
			line[i] = (char)ch;
			bool digit = (ch >= '0' && ch <= '9') || (ch >= 'a' && ch <= 'f') || (ch >= 'A' && ch <= 'F');
			CHECK(digest_line((struct text){ line, strlen(good) }, 20, out, &count) ==
				      (i < 40 ? digit : ch == ':'),
			      "every byte");
		}
	}
}

/* ---- defences ---- */

static void test_sorted(void)
{
	CHECK(is(run(intersect_main, "a\nb\nd", "b\r\nc\r\nd\r\n", WORDS("result=members")), "b\nd\n"), "sorted");
	CHECK(stops(intersect_main, "b\na\n", "b\n", WORDS("result=members")), "not sorted");
	CHECK(stops(intersect_main, "b\n", "b\na\n", WORDS("result=members")), "the other");
	CHECK(stops(intersect_main, "a\na\n", "a\n", WORDS("result=members")), "a duplicate");
	CHECK(stops(intersect_main, "a\n", "a\na\n", WORDS("result=members")), "a duplicate in the other");
	CHECK(is(run(intersect_main, "bbaa", "aabb", WORDS("width=2", "profile=hash")), "2\n"), "any order");
	CHECK(stops(intersect_main, "bbaa", "aabb", WORDS("width=2")), "ids that are not sorted");
	CHECK(stops(intersect_main, "aabb", "aabba", WORDS("width=2")), "a part of an id");
	CHECK(stops(intersect_main, "a\n", "aaaaaaaaa\n", WORDS("line=8")), "a long line");
	CHECK(is(run(intersect_main, "a\n", "aaaaaaaa\n", WORDS("line=8")), "0\n"), "none too long");
}

static void test_count(void)
{
	CHECK(stops(intersect_main, "a\nb\n", "a\nb\n", WORDS("min_count=3")), "fewer than min_count");
	CHECK(is(run(intersect_main, "a\nb\n", "a\nb\n", WORDS("min_count=2")), "2\n"), "just enough");
	CHECK(stops(sum_main, "k,v\n1,2\n2,3\n", "k\n1\n2\n", WORDS("on=k", "value=a.v", "min_count=3")),
	      "fewer keys than min_count");
	CHECK(stops(sum_main, "k,v\n1,2\n2,3\n", "k\n1\n2\n", WORDS("on=k", "value=a.v")), "ten by default");
	CHECK(is(run(sum_main, "k,v\n1,2\n2,3.5\n", "k\n1\n2\n", WORDS("on=k", "value=a.v", "min_count=2")),
		 "common,a.v\n2,5.5\n"),
	      "enough");
	CHECK(stops(sum_main, "k,v\n1,2\n1,3\n", "k\n1\n2\n", WORDS("on=k", "value=a.v", "min_count=1")),
	      "a key twice");
	CHECK(stops(sum_main, "k,v\n1,\n2,1\n", "k\n1\n2\n", WORDS("on=k", "value=a.v", "min_count=1")),
	      "an empty value");
	CHECK(stops(join_main, "k\n1\n1\n1\n", "k\n1\n1\n1\n", WORDS("on=k", "rows_max=8")), "more rows than rows_max");
}

static void test_groups(void)
{
	static const char table[] = "g,x\na,1\na,2\na,3\nb,4\nb,5\nb,6\nb,7\nc,8\nd,9\n";
	const char *all[] = { "columns=x", "group_by=g", "min_group=3", "quantiles=none", NULL };
	const char *out = run(describe_main, table, "", all);

	CHECK(strstr(out, "\na,") == NULL && strstr(out, "\nc,") == NULL && strstr(out, "\nb,x,4,4,0,5.5,") != NULL,
	      "two small groups are too few, so the smallest other joins them");
	CHECK(strstr(out, "\n(suppressed),x,5,5,0,") != NULL, "together");
	CHECK(stops(describe_main, "g,x\na,1\nb,2\n", "", WORDS("columns=x", "group_by=g", "min_group=3")),
	      "too few at all");
	CHECK(stops(describe_main, "g,x\n(suppressed),1\n", "", WORDS("columns=x", "group_by=g", "min_group=1")),
	      "a false name");
	out = run(describe_main, "x,y\n1,\n2,\n3,7\n4,5\n5,\n6,\n", "",
		  WORDS("columns=x,y", "min_group=3", "extremes=yes"));
	CHECK(strstr(out, "\ny,6,,,,,,,,,,\n") != NULL, "nothing of two values");
	CHECK(strstr(out, "\nx,6,6,0,3.5,3.5,") != NULL && strstr(out, ",1,6,,3.5,\n") != NULL,
	      "quantiles with enough on each side");
	out = run(describe_main, "x\n1\n\"\"\n3\n5\n", "", WORDS("columns=x", "min_group=3", "quantiles=none"));
	CHECK(strstr(out, "\nx,4,,,3,4,2\n") != NULL, "not that one is missing");
	CHECK(!quantile_allowed(10, 0.25, 3) && quantile_allowed(12, 0.25, 3) && !quantile_allowed(10, 0.75, 3),
	      "either side");
}

static void test_passwords(void)
{
	static const char list[] =
		"5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:37\r\nda39a3ee5e6b4b0d3255bfef95601890afd80709";
	static const char turned[] =
		"da39a3ee5e6b4b0d3255bfef95601890afd80709\n5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:37\n";
	static const char *const profile[] = { "profile=oblivious", "profile=search" };

	for (size_t i = 0; i < 2; i++) {
		CHECK(is(run(password_main, list, "x\npassword\n\npassword", WORDS(profile[i])), "2:37\n3:1\n4:37\n"),
		      "found");
		CHECK(is(run(password_main, "", "x\n", WORDS(profile[i])), ""), "an empty list");
		CHECK(is(run(password_main, list, "", WORDS(profile[i])), ""), "no candidates");
		CHECK(stops(password_main, turned, "x\n", WORDS(profile[i])), "a list that is not sorted");
		CHECK(stops(password_main, list, "x\n", WORDS(profile[i], "form=digest")),
		      "a candidate that is no digest");
		CHECK(stops(password_main, list, "x\n", WORDS(profile[i], "hash=sha256")), "another digest's size");
	}
}

/* Each prefix of a valid input ends a function in one of two ways. */
static void test_prefixes(void)
{
	static const char table[] = "k,\"v\"\n\"1\",2\r\n2,\"3\"\n\"3\n\",4\n", other[] = "k,w\n1,5\n2,6\n\"3\n\",7\n";
	static const char
		lines[] = "alpha\r\nbeta\ngamma",
		list[] = "5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8:37\nda39a3ee5e6b4b0d3255bfef95601890afd80709\n";
	struct {
		int (*function)(int, char **);
		const char *a, *b;
		const char *const *arguments;
	} row[] = {
		{ join_main, table, other, WORDS("on=k", "kind=left") },
		{ sum_main, table, other, WORDS("on=k", "value=b.w", "min_count=1") },
		{ describe_main, table, other, WORDS("columns=v", "group_by=k", "min_group=1") },
		{ intersect_main, lines, "beta\n", WORDS("result=members") },
		{ intersect_main, lines, "beta\n", WORDS("result=members", "profile=hash") },
		{ intersect_main, lines, "beta\n", WORDS("width=1", "profile=hash", "result=members") },
		{ password_main, list, "password\n", WORDS("profile=search") },
		{ password_main, list, "password\n", WORDS("hash=sha1") },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		for (size_t n = 0; n <= strlen(row[i].a); n++) {
			double_clear();
			double_input("a", first(text_of(row[i].a), n));
			double_input("b", text_of(row[i].b));
			int code = double_main(row[i].function, row[i].arguments);
			CHECK(code == 0 || code == DOUBLE_STOPPED, "every prefix");
			CHECK(code == 0 || n < strlen(row[i].a), "the whole");
		}
	}
}

const struct test tests[] = {
	{ "csv_tables", test_csv },
	{ "csv_prefix", test_csv_prefix },
	{ "csv_number", test_number },
	{ "hash", test_hash },
	{ "digest_line", test_digest_line },
	{ "sorted", test_sorted },
	{ "count", test_count },
	{ "groups", test_groups },
	{ "passwords", test_passwords },
	{ "prefixes", test_prefixes },
	TESTS_END,
};
