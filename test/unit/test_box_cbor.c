/* boxed/cbor: deterministic CBOR and nothing else, and what is accepted re-encodes to itself. */
#include "test/test.h"

#include <string.h>

#include "lib/box/box.h"
#include "port/linux/box_port.h"

static struct box *box;

static enum mt_err decode(struct bytes document, struct items *items)
{
	size_t scratch_size = ITEMS_SCRATCH(document.size);

	return items_from_cbor(box, document, test_alloc(scratch_size), scratch_size, items);
}

static void test_accepts(void)
{
	/* RFC 8949, appendix A, as far as it is deterministic and within our subset. */
	static const char *const row[] = {
		"00", "01", "0a", "17", "1818", "1819", "1864", "1903e8", "1a000f4240", "1b000000e8d4a51000",
		"1bffffffffffffffff", "3bffffffffffffffff", "20", "29", "3863", "3903e7", "f4", "f5", "f6",
		"c074323031332d30332d32315432303a30343a30305a", "c11a514b67b0", "d74401020304",
		"d818456449455446", "40", "4401020304", "60", "6161", "6449455446", "62225c", "62c3bc", "63e6b0b4",
		"64f0908591", "80", "83010203", "8301820203820405",
		"98190102030405060708090a0b0c0d0e0f101112131415161718181819", "a0", "a201020304",
		"a26161016162820203", "826161a161626163", "a56161614161626142616361436164614461656145",
	};

	for (size_t i = 0; i < MT_COUNT(row); i++) {
		struct items items = { 0 };

		CHECK(decode(hex(row[i]), &items) == MT_OK, row[i]);
	}
}

static void test_refuses(void)
{
	static const struct {
		const char *why, *document;
	} row[] = {
		{ "nothing", "" },
		{ "a byte too many", "0000" },
		{ "0 in two bytes", "1800" },
		{ "23 in two bytes", "1817" },
		{ "255 in three bytes", "1900ff" },
		{ "65535 in five bytes", "1a0000ffff" },
		{ "2^32 - 1 in nine bytes", "1b00000000ffffffff" },
		{ "reserved 28", "1c" },
		{ "reserved 30", "1e" },
		{ "indefinite bytes", "5f4101ff" },
		{ "indefinite text", "7f6161ff" },
		{ "indefinite array", "9fff" },
		{ "indefinite map", "bfff" },
		{ "break alone", "ff" },
		{ "undefined", "f7" },
		{ "simple 0", "e0" },
		{ "simple 255", "f8ff" },
		{ "false in two bytes", "f814" },
		{ "half float", "f93c00" },
		{ "single float", "fa47c35000" },
		{ "double float", "fb3ff199999999999a" },
		{ "keys out of order", "a202000100" },
		{ "keys twice", "a201000100" },
		{ "longer key before shorter", "a2 18ff 00 01 00" },
		{ "text keys out of order", "a2 6162 00 6161 00" },
		{ "structured keys twice", "a2 8101 00 8101 00" },
		{ "key without value", "a101" },
		{ "bytes past the end", "4201" },
		{ "size near 2^64", "5bffffffffffffffff" },
		{ "array of 2^64 - 1", "9bffffffffffffffff" },
		{ "map of 2^63", "bb8000000000000000" },
		{ "map of 2^32 + 1", "bb0000000100000001 0000" },
		{ "tag without content", "c0" },
		{ "text: lone continuation", "6180" },
		{ "text: overlong", "62c080" },
		{ "text: surrogate", "63eda080" },
		{ "text: past U+10FFFF", "64f4908080" },
		{ "text: cut", "62e282" },
	};

	for (size_t i = 0; i < MT_COUNT(row); i++) {
		struct items items = { 0 };

		CHECK(decode(hex(row[i].document), &items) == MT_MALFORMED, row[i].why);
		CHECK(items.at == NULL, "no output on failure");
	}
}

static void test_every_prefix(void)
{
	struct bytes whole = hex("a4 00 83 01 20 43010203 01 a1 6161 f6 02 c1 1a514b67b0 03 9818 "
				 "00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10 11 12 13 14 15 16 17");
	struct items items = { 0 };

	CHECK(decode(whole, &items) == MT_OK, "the whole");
	for (size_t n = 0; n < whole.size; n++) {
		CHECK(decode(first(whole, n), &items) == MT_MALFORMED, "every prefix");
	}
}

static void test_depth(void)
{
	uint8_t nested[ITEM_DEPTH_MAX + 2];
	struct items items = { 0 };

	memset(nested, 0x81, sizeof(nested));
	nested[ITEM_DEPTH_MAX] = 0x00;
	CHECK(decode(mt_bytes(nested, ITEM_DEPTH_MAX + 1), &items) == MT_OK, "16 arrays");
	nested[ITEM_DEPTH_MAX - 1] = 0xa0;
	CHECK(decode(mt_bytes(nested, ITEM_DEPTH_MAX), &items) == MT_OK, "the last one empty");
	memset(nested, 0x81, sizeof(nested));
	nested[ITEM_DEPTH_MAX + 1] = 0x00;
	CHECK(decode(mt_bytes(nested, ITEM_DEPTH_MAX + 2), &items) == MT_MALFORMED, "17 arrays");
	nested[ITEM_DEPTH_MAX] = 0x80;
	CHECK(decode(mt_bytes(nested, ITEM_DEPTH_MAX + 1), &items) == MT_MALFORMED, "the last one empty");
	memset(nested, 0xc1, sizeof(nested));
	CHECK(decode(mt_bytes(nested, sizeof(nested)), &items) == MT_MALFORMED, "tags count as well");
}

/* ITEMS_SCRATCH is enough for the worst document there is: all items, none with bytes. */
static void test_largest(void)
{
	size_t size = box_input_max(&box_cbor);
	uint8_t *document = test_alloc(size);
	struct items items = { 0 };

	memcpy(document, "\x9a\x00\x0f\xff\xfb", 5);
	CHECK(decode(mt_bytes(document, size), &items) == MT_OK && items.count == size - 4, "1 MiB of items");
	CHECK(decode(mt_bytes(test_alloc(size + 1), size + 1), &items) == MT_LIMIT, "one byte more");
	memcpy(document, "\x5a\x00\x0f\xff\xfb", 5);
	CHECK(decode(mt_bytes(document, size), &items) == MT_OK && items.count == 1, "1 MiB of bytes");
}

static void test_reads(void)
{
	struct bytes document = hex("a3 00 6161 01 43010203 20 82 18ff 38ff");
	struct items items = { 0 };

	if (!CHECK(decode(document, &items) == MT_OK, "decodes")) {
		return;
	}
	struct reader r = reader_over(&items);

	reader_map_of(&r, 3);
	reader_key(&r, 0);
	CHECK(mt_equal(reader_tstr(&r), mt_text("a")), "text");
	reader_key(&r, 1);
	CHECK(mt_equal(reader_bstr_of(&r, 3), hex("010203")), "bytes");
	CHECK(reader_int(&r) == -1, "negative key");
	reader_array_of(&r, 2);
	CHECK(reader_uint(&r) == 255 && reader_int(&r) == -256, "numbers");
	CHECK(reader_done(&r), "all of it");
}

static void with_box(void (*body)(void))
{
	box_port_install();
	if (CHECK(box_open(&box_cbor, &box) == MT_OK, "opens")) {
		body();
		CHECK(box_trap_count(box) == 0, "no trap");
	}
	box_close(box);
}

static void run_accepts(void)
{
	with_box(test_accepts);
}

static void run_refuses(void)
{
	with_box(test_refuses);
}

static void run_every_prefix(void)
{
	with_box(test_every_prefix);
}

static void run_depth(void)
{
	with_box(test_depth);
}

static void run_largest(void)
{
	with_box(test_largest);
}

static void run_reads(void)
{
	with_box(test_reads);
}

const struct test tests[] = {
	{ "accepts", run_accepts },
	{ "refuses", run_refuses },
	{ "every prefix", run_every_prefix },
	{ "depth", run_depth },
	{ "largest", run_largest },
	{ "reads", run_reads },
	TESTS_END,
};
