/* lib/base: bytes, memory, the cursor, the builder and the CBOR writer. */
#include "test/test.h"

#include <stdlib.h>
#include <string.h>

/* ---- bytes ---- */

static void test_err_name(void)
{
	static const char *const want[] = { "ok",    "malformed", "denied", "not found", "state",
					    "limit", "no memory", "io",     "tampered" };

	_Static_assert(MT_COUNT(want) == MT_ERRS, "a new error needs a name");
	for (int i = 0; i < MT_ERRS; i++) {
		CHECK(strcmp(mt_err_name((enum mt_err)i), want[i]) == 0, want[i]);
	}
	CHECK(strcmp(mt_err_name(MT_ERRS), "unknown") == 0, "past the end");
	CHECK(strcmp(mt_err_name((enum mt_err)(int)-1), "unknown") == 0, "before the start");
}

static void test_compare(void)
{
	static const struct {
		const char *a, *b;
		int want;
	} row[] = {
		{ "", "", 0 },         { "", "00", -1 },       { "00", "", 1 },   { "01", "02", -1 },
		{ "ff", "7f", 1 },     { "0102", "01", 1 },    { "01", "0102", -1 }, { "02", "0102", 1 },
		{ "0102", "0102", 0 },
	};

	for (size_t i = 0; i < MT_COUNT(row); i++) {
		struct bytes a = hex(row[i].a), b = hex(row[i].b);
		int got = mt_compare(a, b);

		CHECK((got > 0) - (got < 0) == row[i].want, "order");
		CHECK(mt_equal(a, b) == (row[i].want == 0), "equal");
		CHECK(mt_equal_ct(a, b) == (row[i].want == 0), "equal in constant time");
	}
	CHECK(mt_equal(mt_bytes(NULL, 0), mt_text("")), "empty runs are equal, wherever they are");
	CHECK(mt_compare(mt_bytes(NULL, 0), mt_bytes(NULL, 0)) == 0, "two null runs");
	CHECK(mt_equal_ct(mt_bytes(NULL, 0), mt_bytes(NULL, 0)), "two null runs");
}

static void test_equal_ct_every_bit(void)
{
	uint8_t a[33] = { 1, 2, 3 }, b[33];

	for (size_t bit = 0; bit < sizeof(a) * 8; bit++) {
		memcpy(b, a, sizeof(b));
		b[bit / 8] ^= (uint8_t)(1 << bit % 8);
		CHECK(!mt_equal_ct(mt_bytes(a, sizeof(a)), mt_bytes(b, sizeof(b))), "every bit counts");
	}
	CHECK(!mt_equal_ct(mt_bytes(a, 32), mt_bytes(a, 33)), "sizes count");
}

static void test_wipe(void)
{
	uint8_t a[9];

	memset(a, 0xaa, sizeof(a));
	mt_wipe(a, 8);
	CHECK(mt_is_zero(mt_bytes(a, 8)) && a[8] == 0xaa, "exactly so far");
	CHECK(!mt_is_zero(mt_bytes(a, 9)), "the last byte is seen");
	CHECK(mt_is_zero(mt_bytes(NULL, 0)), "nothing is zero");
	mt_wipe(NULL, 0);
	mt_wipe(NULL, 7);
	mt_wipe(a, 0);
}

static void test_checked_sizes(void)
{
	size_t out = 77;

	CHECK(mt_add_size(3, 4, &out) && out == 7, "sum");
	CHECK(mt_add_size(SIZE_MAX, 0, &out) && out == SIZE_MAX, "the largest");
	out = 77;
	CHECK(!mt_add_size(SIZE_MAX, 1, &out) && out == 77, "overflow leaves out alone");
	CHECK(mt_mul_size(3, 4, &out) && out == 12, "product");
	CHECK(mt_mul_size(SIZE_MAX, 0, &out) && out == 0, "by zero");
	out = 77;
	CHECK(!mt_mul_size(SIZE_MAX / 2 + 1, 2, &out) && out == 77, "overflow leaves out alone");
}

/* ---- memory ---- */

static void test_allocate(void)
{
	uint64_t before = mt_alloc_count();
	uint8_t *a = mt_alloc(100), *b = mt_alloc(0);

	CHECK(a && mt_is_zero(mt_bytes(a, 100)), "zeroed");
	CHECK(b != NULL, "no bytes are still a pointer");
	CHECK(mt_alloc_count() - before == 2, "counted");
	mt_free(a);
	mt_free(b);
	mt_free(NULL);
}

static void test_alloc_fails(void)
{
	void *a = NULL;

	mt_alloc_fail_at(2);
	a = mt_alloc(1);
	CHECK(a, "the first works");
	mt_free(a);
	CHECK(!mt_alloc(1), "the second fails");
	a = mt_alloc(1);
	CHECK(a, "and only that one");
	mt_free(a);
	mt_alloc_fail_at(1);
	mt_alloc_fail_at(0);
	a = mt_alloc(1);
	CHECK(a, "switched off");
	mt_free(a);
}

static void test_grow(void)
{
	uint32_t *a = mt_grow(NULL, 0, 2, sizeof(*a)), *grown = NULL;

	if (!CHECK(a && a[0] == 0 && a[1] == 0, "from nothing")) {
		return;
	}
	a[0] = 11;
	a[1] = 22;
	mt_alloc_fail_at(1);
	CHECK(!mt_grow(a, 2, 4, sizeof(*a)), "no memory");
	CHECK(!mt_grow(a, 2, SIZE_MAX / 2, sizeof(*a)), "size overflow");
	CHECK(a[0] == 11 && a[1] == 22, "the old one stays");
	mt_alloc_fail_at(0);
	grown = mt_grow(a, 2, 4, sizeof(*a));
	if (CHECK(grown != NULL, "grown")) {
		CHECK(grown[0] == 11 && grown[1] == 22 && grown[2] == 0 && grown[3] == 0, "kept, then zeros");
		a = grown;
	}
	mt_free(a);
}

static void test_copy(void)
{
	uint8_t *copy = mt_copy(hex("0102")), *empty = mt_copy(mt_bytes(NULL, 0));
	char *text = mt_copy_text(mt_text("abc")), *no_text = mt_copy_text(mt_bytes(NULL, 0));

	CHECK(copy && memcmp(copy, "\1\2", 2) == 0 && empty, "bytes");
	CHECK(text && strcmp(text, "abc") == 0 && no_text && *no_text == 0, "text");
	mt_alloc_fail_at(1);
	CHECK(!mt_copy(hex("01")), "no memory");
	mt_alloc_fail_at(1);
	CHECK(!mt_copy_text(hex("01")), "no memory");
	mt_alloc_fail_at(0);
	CHECK(!mt_copy_text(mt_bytes("", SIZE_MAX)), "size overflow");
	mt_free(copy);
	mt_free(empty);
	mt_free(text);
	mt_free(no_text);
}

/* ---- cursor ---- */

static const char every_read[] = "01 0203 04050607 08090a0b0c0d0e0f 00000003 aabbcc ddeeff 11";

struct reads {
	uint8_t u8;
	uint16_t u16;
	uint32_t u32;
	uint64_t u64;
	struct bytes sized, taken;
	uint8_t copied;
};

static struct reads read_all(struct cursor *c)
{
	struct reads r = { 0 };

	r.u8 = cursor_u8(c);
	r.u16 = cursor_u16(c);
	r.u32 = cursor_u32(c);
	r.u64 = cursor_u64(c);
	r.sized = cursor_take32(c);
	r.taken = cursor_take(c, 3);
	cursor_copy(c, &r.copied, 1);
	return r;
}

static void test_cursor(void)
{
	struct cursor c = cursor_over(hex(every_read));
	struct reads r = read_all(&c);

	CHECK(r.u8 == 1 && r.u16 == 0x0203 && r.u32 == 0x04050607, "small integers");
	CHECK(r.u64 == 0x08090a0b0c0d0e0f, "u64");
	CHECK(mt_equal(r.sized, hex("aabbcc")) && mt_equal(r.taken, hex("ddeeff")) && r.copied == 0x11, "bytes");
	CHECK(cursor_ok(&c) && cursor_done(&c) && cursor_left(&c) == 0, "all read");
}

static void test_cursor_every_prefix(void)
{
	struct bytes whole = hex(every_read);

	for (size_t n = 0; n < whole.size; n++) {
		struct cursor c = cursor_over(first(whole, n));

		(void)read_all(&c);
		CHECK(!cursor_ok(&c) && !cursor_done(&c), "short");
		CHECK(cursor_left(&c) == 0, "nothing is left after a failure");
	}
}

static void test_cursor_sticky(void)
{
	struct cursor c = cursor_over(hex("aabbcc"));
	uint8_t copied[2] = { 7, 7 };

	CHECK(cursor_u32(&c) == 0, "short read gives zero");
	CHECK(cursor_u8(&c) == 0, "and so does a read that would fit");
	CHECK(cursor_take(&c, 1).size == 0 && cursor_take(&c, 0).size == 0, "empty");
	cursor_copy(&c, copied, 2);
	CHECK(copied[0] == 0 && copied[1] == 0, "zeros");
	cursor_copy(&c, NULL, 0);
	CHECK(!cursor_ok(&c), "failed for good");
}

static void test_cursor_edges(void)
{
	struct cursor c = cursor_over(mt_bytes(NULL, 0));

	CHECK(cursor_done(&c) && cursor_left(&c) == 0, "an empty run is done");
	CHECK(cursor_take(&c, 0).size == 0 && cursor_done(&c), "taking nothing is no failure");
	CHECK(cursor_take(&c, SIZE_MAX).size == 0 && !cursor_ok(&c), "no wrap around");
	c = cursor_over(hex("ffffffff aa"));
	CHECK(cursor_take32(&c).size == 0 && !cursor_ok(&c), "size past the end");
	c = cursor_over(hex("01 02"));
	CHECK(cursor_u8(&c) == 1 && cursor_ok(&c) && !cursor_done(&c), "a byte left over is not done");
	CHECK(cursor_left(&c) == 1, "one left");
}

/* ---- builder ---- */

static void write_all(struct builder *b)
{
	builder_u8(b, 1);
	builder_u16(b, 0x0203);
	builder_u32(b, 0x04050607);
	builder_u64(b, 0x08090a0b0c0d0e0f);
	builder_bytes32(b, hex("aabbcc"));
	builder_bytes(b, hex("ddeeff"));
	builder_bytes(b, mt_bytes(NULL, 0));
	builder_text(b, "\x11");
}

static void test_builder(void)
{
	uint8_t memory[64];
	struct bytes want = hex(every_read), got = { 0 };
	struct builder b = builder_over(memory, sizeof(memory));

	write_all(&b);
	CHECK(builder_done(&b, &got) == MT_OK && mt_equal(got, want), "what the cursor reads");
	b = builder_over(memory, want.size);
	write_all(&b);
	CHECK(builder_done(&b, &got) == MT_OK && mt_equal(got, want), "exactly full");
}

static void test_builder_every_capacity(void)
{
	struct bytes want = hex(every_read), got = { NULL, 5 };

	for (size_t n = 0; n < want.size; n++) {
		struct builder b = builder_over(test_alloc(n), n);

		write_all(&b);
		CHECK(builder_done(&b, &got) == MT_LIMIT && got.size == 5, "overflow leaves out alone");
		CHECK(b.size <= n, "no write past the end");
		builder_u8(&b, 1);
		CHECK(builder_done(&b, &got) == MT_LIMIT, "failed for good");
	}
	struct builder none = builder_over(NULL, 0);
	CHECK(builder_done(&none, &got) == MT_OK && got.size == 0, "nothing into nothing");
}

static void test_builder_format(void)
{
	char memory[8];
	struct bytes got;
	struct builder b = builder_over(memory, sizeof(memory));

	builder_format(&b, "%s", "");
	builder_format(&b, "%d-%s", 12, "ab");
	CHECK(builder_done(&b, &got) == MT_OK && mt_equal(got, mt_text("12-ab")), "formatted");
	builder_format(&b, "%s", "xy");
	CHECK(builder_done(&b, &got) == MT_OK && mt_equal(got, mt_text("12-abxy")), "up to capacity - 1");
	builder_format(&b, "%s", "z");
	CHECK(builder_done(&b, &got) == MT_LIMIT, "no room for the terminating zero");
	b = builder_over(NULL, 0);
	builder_format(&b, "%s", "");
	CHECK(builder_done(&b, &got) == MT_OK, "nothing into nothing");
	builder_format(&b, "%s", "a");
	CHECK(builder_done(&b, &got) == MT_LIMIT, "something into nothing");
	builder_format(&b, "%s", "");
	CHECK(builder_done(&b, &got) == MT_LIMIT, "failed for good");
}

static void test_builder_json(void)
{
	static const struct {
		const char *in, *want;
	} row[] = {
		{ "", "\"\"" },
		{ "abc", "\"abc\"" },
		{ "a\"b\\c", "\"a\\\"b\\\\c\"" },
		{ "\n\r\t\x01\x1f", "\"\\n\\r\\t\\u0001\\u001f\"" },
		{ "\xc3\xa9\x7f", "\"\xc3\xa9\\u007f\"" },    /* DEL: TOML does not take it as it is */
	};
	uint8_t memory[64];
	struct bytes got;

	for (size_t i = 0; i < MT_COUNT(row); i++) {
		struct builder b = builder_over(memory, sizeof(memory));

		builder_json_text(&b, mt_text(row[i].in));
		CHECK(builder_done(&b, &got) == MT_OK && mt_equal(got, mt_text(row[i].want)), row[i].want);
	}
	struct builder b = builder_over(memory, sizeof(memory));
	builder_json_text(&b, mt_bytes("\0", 1));
	CHECK(builder_done(&b, &got) == MT_OK && mt_equal(got, mt_text("\"\\u0000\"")), "a zero byte");
}

/* ---- CBOR ---- */

/* RFC 8949, appendix A: the integers that a head can hold. */
static void test_cbor_integers(void)
{
	static const struct {
		uint64_t v;
		const char *want;
	} row[] = {
		{ 0, "00" }, { 1, "01" }, { 10, "0a" }, { 23, "17" }, { 24, "1818" }, { 25, "1819" },
		{ 100, "1864" }, { 255, "18ff" }, { 256, "190100" }, { 1000, "1903e8" }, { 65535, "19ffff" },
		{ 65536, "1a00010000" }, { 1000000, "1a000f4240" }, { 4294967295, "1affffffff" },
		{ 4294967296, "1b0000000100000000" }, { 1000000000000, "1b000000e8d4a51000" },
		{ UINT64_MAX, "1bffffffffffffffff" },
	};
	static const struct {
		int64_t v;
		const char *want;
	} negative[] = {
		{ 0, "00" }, { 10, "0a" }, { INT64_MAX, "1b7fffffffffffffff" }, { -1, "20" }, { -10, "29" },
		{ -24, "37" }, { -25, "3818" }, { -100, "3863" }, { -1000, "3903e7" },
		{ INT64_MIN, "3b7fffffffffffffff" },
	};
	uint8_t memory[16];
	struct bytes got;

	for (size_t i = 0; i < MT_COUNT(row); i++) {
		struct builder b = builder_over(memory, sizeof(memory));

		cbor_uint(&b, row[i].v);
		CHECK(builder_done(&b, &got) == MT_OK && mt_equal(got, hex(row[i].want)), row[i].want);
	}
	for (size_t i = 0; i < MT_COUNT(negative); i++) {
		struct builder b = builder_over(memory, sizeof(memory));

		cbor_int(&b, negative[i].v);
		CHECK(builder_done(&b, &got) == MT_OK && mt_equal(got, hex(negative[i].want)), negative[i].want);
	}
}

/* RFC 8949, appendix A: strings, arrays, maps, tags, simple values. */
static void test_cbor_rest(void)
{
	uint8_t memory[64];
	struct bytes got;
	struct builder b = builder_over(memory, sizeof(memory));

	cbor_bool(&b, false);
	cbor_bool(&b, true);
	cbor_null(&b);
	cbor_bstr(&b, hex(""));
	cbor_bstr(&b, hex("01020304"));
	cbor_tstr(&b, mt_text(""));
	cbor_tstr(&b, mt_text("IETF"));
	cbor_tstr(&b, mt_text("\"\\"));
	cbor_tstr(&b, mt_text("\xe6\xb0\xb4"));
	CHECK(builder_done(&b, &got) == MT_OK &&
		      mt_equal(got, hex("f4 f5 f6 40 4401020304 60 6449455446 62225c 63e6b0b4")), "strings");
	b = builder_over(memory, sizeof(memory));
	cbor_array(&b, 0);
	cbor_array(&b, 3);              /* [1, [2, 3], [4, 5]] */
	cbor_uint(&b, 1);
	cbor_array(&b, 2);
	cbor_uint(&b, 2);
	cbor_uint(&b, 3);
	cbor_array(&b, 2);
	cbor_uint(&b, 4);
	cbor_uint(&b, 5);
	CHECK(builder_done(&b, &got) == MT_OK && mt_equal(got, hex("80 8301820203820405")), "arrays");
	b = builder_over(memory, sizeof(memory));
	cbor_map(&b, 0);
	cbor_map(&b, 2);                /* {1: 2, 3: 4} */
	cbor_uint(&b, 1);
	cbor_uint(&b, 2);
	cbor_uint(&b, 3);
	cbor_uint(&b, 4);
	cbor_array(&b, 25);
	cbor_tag(&b, 1);
	cbor_uint(&b, 1363896240);
	cbor_tag(&b, 32);
	cbor_head(&b, 7, 255);
	CHECK(builder_done(&b, &got) == MT_OK &&
		      mt_equal(got, hex("a0 a201020304 9819 c11a514b67b0 d820 f8ff")), "maps, tags, simple(255)");
}

/* An array grows by doubling, keeps what it holds, and stays as it is when there is no memory. */
static void test_room(void)
{
	uint32_t *array = NULL;
	size_t capacity = 0, count = 0;

	for (; count < 1000; count++) {
		CHECK(mt_room((void **)&array, &capacity, count, sizeof(*array)) == MT_OK && count < capacity, "room");
		array[count] = (uint32_t)count;
	}
	for (size_t i = 0; i < count; i++) {
		CHECK(array[i] == i, "kept");
	}
	const uint32_t *was = array;
	mt_alloc_fail_at(1);
	CHECK(mt_room((void **)&array, &capacity, capacity, sizeof(*array)) == MT_NO_MEMORY && array == was && capacity == 1024,
	      "no memory changes nothing");
	mt_alloc_fail_at(0);
	size_t half = SIZE_MAX / 2 + 1;
	CHECK(mt_room((void **)&array, &half, half, sizeof(*array)) == MT_NO_MEMORY && array == was, "nor a size that wraps");
	mt_free(array);
}

const struct test tests[] = {
	{ "err_name", test_err_name },
	{ "compare", test_compare },
	{ "room", test_room },
	{ "equal_ct_every_bit", test_equal_ct_every_bit },
	{ "wipe", test_wipe },
	{ "checked_sizes", test_checked_sizes },
	{ "allocate", test_allocate },
	{ "alloc_fails", test_alloc_fails },
	{ "grow", test_grow },
	{ "copy", test_copy },
	{ "cursor", test_cursor },
	{ "cursor_every_prefix", test_cursor_every_prefix },
	{ "cursor_sticky", test_cursor_sticky },
	{ "cursor_edges", test_cursor_edges },
	{ "builder", test_builder },
	{ "builder_every_capacity", test_builder_every_capacity },
	{ "builder_format", test_builder_format },
	{ "builder_json", test_builder_json },
	{ "cbor_integers", test_cbor_integers },
	{ "cbor_rest", test_cbor_rest },
	TESTS_END
};
