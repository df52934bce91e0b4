/* The items wire form, the reader, and the comparison with signed bytes: no box needed. */
#include "test/test.h"

#include <stdlib.h>
#include <string.h>

#include "lib/box/box.h"

/* An item of the wire form: kind, pad, offset, value, little endian. */
#define NULL_ITEM  "00000000 00000000 0000000000000000 "
#define TRUE_ITEM  "01000000 00000000 0100000000000000 "
#define ONE        "02000000 00000000 0100000000000000 "
#define MINUS_TWO  "03000000 00000000 0100000000000000 "
#define HALF       "04000000 00000000 000000000000e03f "
#define BYTES_AB   "05000000 00000000 0200000000000000 "
#define TEXT_AB    "06000000 00000000 0200000000000000 "
#define TEXT_B     "06000000 01000000 0100000000000000 "
#define ARRAY_0    "07000000 00000000 0000000000000000 "
#define ARRAY_1    "07000000 00000000 0100000000000000 "
#define ARRAY_2    "07000000 00000000 0200000000000000 "
#define MAP_1      "08000000 00000000 0100000000000000 "
#define MAP_2      "08000000 00000000 0200000000000000 "
#define TAG_1      "09000000 00000000 0100000000000000 "
#define TIME_AB    "0a000000 00000000 0200000000000000 "
#define COUNT(n)   "0" #n "000000 "
#define NO_BLOB    "00000000 "
#define BLOB_2     "02000000 "

static void test_open(void)
{
	static const struct {
		const char *why, *answer;
		enum mt_err want;
	} row[] = {
		{ "one null", COUNT(1) NO_BLOB NULL_ITEM, MT_OK },
		{ "text", COUNT(1) BLOB_2 TEXT_AB "6162", MT_OK },
		{ "text at the end of the blob", COUNT(1) BLOB_2 TEXT_B "6162", MT_OK },
		{ "empty array", COUNT(1) NO_BLOB ARRAY_0, MT_OK },
		{ "array in array", COUNT(4) NO_BLOB ARRAY_2 ARRAY_1 ONE TRUE_ITEM, MT_OK },
		{ "map", COUNT(3) NO_BLOB MAP_1 ONE MINUS_TWO, MT_OK },
		{ "tag", COUNT(2) NO_BLOB TAG_1 ONE, MT_OK },
		{ "time and float", COUNT(3) BLOB_2 ARRAY_2 TIME_AB HALF "6162", MT_OK },
		{ "nothing", "", MT_MALFORMED },
		{ "no item", COUNT(0) NO_BLOB, MT_MALFORMED },
		{ "two roots", COUNT(2) NO_BLOB ONE ONE, MT_MALFORMED },
		{ "array too short", COUNT(2) NO_BLOB ARRAY_2 ONE, MT_MALFORMED },
		{ "array too long", COUNT(3) NO_BLOB ARRAY_1 ONE ONE, MT_MALFORMED },
		{ "map without a value", COUNT(2) NO_BLOB MAP_1 ONE, MT_MALFORMED },
		{ "tag without content", COUNT(1) NO_BLOB TAG_1, MT_MALFORMED },
		{ "count over the items", COUNT(2) NO_BLOB ONE, MT_MALFORMED },
		{ "a byte left over", COUNT(1) NO_BLOB ONE "00", MT_MALFORMED },
		{ "blob over the answer", COUNT(1) BLOB_2 TEXT_AB "61", MT_MALFORMED },
		{ "text past the blob", COUNT(1) "01000000 " TEXT_AB "61", MT_MALFORMED },
		{ "offset past the blob",
		  COUNT(1) BLOB_2 "05000000 03000000 0000000000000000 6162", MT_MALFORMED },
		{ "offset and size overflow",
		  COUNT(1) BLOB_2 "05000000 ffffffff ffffffffffffffff 6162", MT_MALFORMED },
		{ "text that is not UTF-8", COUNT(1) BLOB_2 TEXT_AB "c080", MT_MALFORMED },
		{ "bytes need not be", COUNT(1) BLOB_2 BYTES_AB "c080", MT_OK },
		{ "unknown kind", COUNT(1) NO_BLOB "0b000000 00000000 0000000000000000", MT_MALFORMED },
		{ "padding", COUNT(1) NO_BLOB "02000100 00000000 0000000000000000", MT_MALFORMED },
		{ "boolean 2", COUNT(1) NO_BLOB "01000000 00000000 0200000000000000", MT_MALFORMED },
		{ "null with a value", COUNT(1) NO_BLOB "00000000 00000000 0100000000000000", MT_MALFORMED },
		{ "number with an offset", COUNT(1) NO_BLOB "02000000 01000000 0100000000000000", MT_MALFORMED },
		{ "map of 2^63", COUNT(1) NO_BLOB "08000000 00000000 0000000000000080", MT_MALFORMED },
	};

	for (size_t i = 0; i < MT_COUNT(row); i++) {
		struct bytes answer = hex(row[i].answer);
		struct items items = { 0 };

		CHECK(items_open(first(answer, answer.size), &items) == row[i].want, row[i].why);
		CHECK((items.at != NULL) == (row[i].want == MT_OK), "output on success only");
	}
	struct bytes whole = hex(row[7].answer);
	struct items items = { 0 };

	for (size_t n = 0; n < whole.size; n++) {
		CHECK(items_open(first(whole, n), &items) == MT_MALFORMED, "every prefix");
	}
}

static void test_depth(void)
{
	for (size_t depth = ITEM_DEPTH_MAX; depth <= ITEM_DEPTH_MAX + 1; depth++) {
		uint8_t *answer = test_alloc(8 + 16 * (depth + 1));
		struct items items = { 0 };

		answer[0] = (uint8_t)(depth + 1);
		for (size_t i = 0; i < depth; i++) {
			answer[8 + 16 * i] = ITEM_ARRAY;
			answer[8 + 16 * i + 8] = 1;
		}
		bool opened = items_open(mt_bytes(answer, 8 + 16 * (depth + 1)), &items) == MT_OK;

		CHECK(opened == (depth == ITEM_DEPTH_MAX), "16 deep and no deeper");
	}
}

static struct items open_or_stop(const char *answer)
{
	struct items items = { 0 };

	if (items_open(hex(answer), &items) != MT_OK) {
		abort();
	}
	return items;
}

/* Each wrong question fails the reader for good, and every answer after it is empty. */
static void test_reader_fails(void)
{
	struct items items = open_or_stop(COUNT(3) BLOB_2 ARRAY_2 BYTES_AB ONE "6162");
	uint8_t copy[3] = { 1, 1, 1 };

	for (int question = 0; question < 12; question++) {
		struct reader r = reader_over(&items);

		reader_array_of(&r, 2);
		switch (question) {
		case 0: (void)reader_uint(&r); break;
		case 1: (void)reader_int(&r); break;
		case 2: (void)reader_bool(&r); break;
		case 3: reader_null(&r); break;
		case 4: (void)reader_tstr(&r); break;
		case 5: (void)reader_array(&r); break;
		case 6: (void)reader_map(&r); break;
		case 7: (void)reader_tag(&r); break;
		case 8: reader_key(&r, 1); break;
		case 9: (void)reader_bstr_of(&r, 3); break;
		case 10: reader_copy(&r, copy, 3); break;
		default: (void)reader_float(&r); break;
		}
		CHECK(!reader_ok(&r) && !reader_done(&r), "fails");
		CHECK(reader_peek(&r) == ITEM_KINDS && reader_uint(&r) == 0 && reader_bstr(&r).size == 0, "stays failed");
		reader_skip(&r);
	}
	CHECK(copy[0] == 0 && copy[2] == 0, "a failed copy gives zeros");
}

static void test_reader_ends(void)
{
	struct items items = open_or_stop(COUNT(3) BLOB_2 ARRAY_2 BYTES_AB ONE "6162");
	struct reader r = reader_over(&items);

	reader_skip(&r);
	CHECK(reader_done(&r) && reader_peek(&r) == ITEM_KINDS, "skips a whole tree");
	reader_skip(&r);
	CHECK(!reader_ok(&r), "nothing to skip at the end");
	r = reader_over(&items);
	reader_array_of(&r, 1);
	CHECK(!reader_ok(&r), "another count");
	r = reader_over(&items);
	reader_array_of(&r, 2);
	(void)reader_bstr(&r);
	CHECK(reader_ok(&r) && !reader_done(&r), "an item left over");
	CHECK(reader_int(&r) == 1 && reader_done(&r), "done");
}

static void test_integers(void)
{
	static const struct {
		const char *why, *answer;
		int64_t want;
		bool ok;
	} row[] = {
		{ "largest", COUNT(1) NO_BLOB "02000000 00000000 ffffffffffffff7f", INT64_MAX, true },
		{ "one more", COUNT(1) NO_BLOB "02000000 00000000 0000000000000080", 0, false },
		{ "smallest", COUNT(1) NO_BLOB "03000000 00000000 ffffffffffffff7f", INT64_MIN, true },
		{ "one less", COUNT(1) NO_BLOB "03000000 00000000 0000000000000080", 0, false },
	};

	for (size_t i = 0; i < MT_COUNT(row); i++) {
		struct items items = open_or_stop(row[i].answer);
		struct reader r = reader_over(&items);

		CHECK(reader_int(&r) == row[i].want && reader_ok(&r) == row[i].ok, row[i].why);
	}
}

static void test_find(void)
{
	/* { "ab": [1, null], "b": "ab" } */
	struct items items = open_or_stop(COUNT(7) BLOB_2 MAP_2 TEXT_AB ARRAY_2 ONE NULL_ITEM TEXT_B TEXT_AB "6162");
	struct reader map = reader_over(&items);
	struct reader r = reader_find(&map, "ab");

	CHECK(reader_array(&r) == 2 && reader_uint(&r) == 1, "first");
	r = reader_find(&map, "b");
	CHECK(mt_equal(reader_tstr(&r), mt_text("ab")), "second");
	r = reader_find(&map, "a");
	CHECK(!reader_ok(&r), "missing");
	CHECK(map.index == 0 && reader_ok(&map), "the map does not move");
	(void)reader_map(&map);
	r = reader_find(&map, "ab");
	CHECK(!reader_ok(&r), "not at a map");

	/* { 1: "ab", "b": -2 }: a key of another kind is no obstacle. */
	items = open_or_stop(COUNT(5) BLOB_2 MAP_2 ONE TEXT_AB TEXT_B MINUS_TWO "6162");
	map = reader_over(&items);
	r = reader_find(&map, "b");
	CHECK(reader_int(&r) == -2, "after a number key");
	r = reader_find(&map, "ab");
	CHECK(!reader_ok(&r), "a value is no key");
}

static void test_match(void)
{
	struct items items = open_or_stop(COUNT(9) BLOB_2 ARRAY_2 MAP_2 ONE BYTES_AB MINUS_TWO TEXT_AB TAG_1 ARRAY_1
					  TRUE_ITEM "6162");
	struct bytes document = hex("82 a2 01 426162 21 626162 c1 81 f5");

	CHECK(items_match_cbor(&items, document) == MT_OK, "the same");
	for (size_t n = 0; n < document.size; n++) {
		uint8_t *changed = test_alloc(document.size);

		CHECK(items_match_cbor(&items, first(document, n)) == MT_TAMPERED, "every prefix");
		memcpy(changed, document.at, document.size);
		changed[n] ^= 1;
		CHECK(items_match_cbor(&items, mt_bytes(changed, document.size)) == MT_TAMPERED, "every byte");
	}
	CHECK(items_match_cbor(&items, hex("82 a2 01 426162 21 626162 c1 81 f5 00")) == MT_TAMPERED, "a byte more");
	items = open_or_stop(COUNT(1) NO_BLOB HALF);
	CHECK(items_match_cbor(&items, hex("fb 3fe0000000000000")) == MT_TAMPERED, "no floats in what is signed");
	items = open_or_stop(COUNT(1) BLOB_2 TIME_AB "6162");
	CHECK(items_match_cbor(&items, hex("62 6162")) == MT_TAMPERED, "nor times");
}

const struct test tests[] = {
	{ "open", test_open },
	{ "depth", test_depth },
	{ "reader fails", test_reader_fails },
	{ "reader ends", test_reader_ends },
	{ "integers", test_integers },
	{ "find", test_find },
	{ "match", test_match },
	TESTS_END,
};
