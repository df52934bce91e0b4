/* lib/base: hexadecimal, base64 and time. */
#include "test/test.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static void test_hex(void)
{
	uint8_t all[256], back[256];
	char text[513];

	for (size_t i = 0; i < sizeof(all); i++) {
		all[i] = (uint8_t)i;
	}
	mt_hex(mt_bytes(all, sizeof(all)), text);
	CHECK(strlen(text) == 512 && strncmp(text, "000102030405060708090a0b", 24) == 0, "lower case");
	CHECK(mt_unhex(mt_text(text), back, sizeof(back)) == MT_OK && memcmp(all, back, 256) == 0, "back");
	mt_hex(mt_bytes(NULL, 0), text);
	CHECK(text[0] == 0, "nothing");
	CHECK(mt_unhex(mt_text("aBCdeF"), back, 3) == MT_OK && memcmp(back, "\xab\xcd\xef", 3) == 0, "either case");
	CHECK(mt_unhex(mt_text(""), back, 0) == MT_OK, "nothing");
}

/* Every byte value in place of a digit. */
static void test_unhex_refuses(void)
{
	uint8_t out[2] = { 7, 7 };

	for (unsigned c = 0; c < 256; c++) {
		bool digit = c != 0 && strchr("0123456789abcdefABCDEF", (int)c) != NULL;
		uint8_t text[4] = { '1', '2', '3', (uint8_t)c };

		CHECK(mt_unhex(mt_bytes(text, 4), out, 2) == (digit ? MT_OK : MT_MALFORMED), "last digit");
		text[3] = '3';
		text[0] = (uint8_t)c;
		CHECK(mt_unhex(mt_bytes(text, 4), out, 2) == (digit ? MT_OK : MT_MALFORMED), "first digit");
	}
	out[0] = 7;
	CHECK(mt_unhex(mt_text("12"), out, 2) == MT_MALFORMED, "too few");
	CHECK(mt_unhex(mt_text("123456"), out, 2) == MT_MALFORMED, "too many");
	CHECK(mt_unhex(mt_text("123"), out, 1) == MT_MALFORMED, "odd");
	CHECK(mt_unhex(mt_text("12g4"), out, 2) == MT_MALFORMED, "no digit");
	CHECK(out[0] == 7, "out untouched");
}

/* RFC 4648, 10. */
static void test_base64(void)
{
	static const struct {
		const char *plain, *text;
	} row[] = {
		{ "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" }, { "\xfb\xff\xbf", "+/+/" },
	};
	uint8_t out[16];
	char text[32];
	size_t size = 0;

	for (size_t i = 0; i < MT_COUNT(row); i++) {
		size_t plain_size = strlen(row[i].plain);

		mt_base64(mt_text(row[i].plain), text);
		CHECK(strcmp(text, row[i].text) == 0, row[i].text);
		CHECK(mt_unbase64(mt_text(row[i].text), out, plain_size, &size) == MT_OK, row[i].text);
		CHECK(size == plain_size && memcmp(out, row[i].plain, size) == 0, row[i].text);
		if (plain_size > 0) {
			CHECK(mt_unbase64(mt_text(row[i].text), out, plain_size - 1, &size) == MT_LIMIT, "capacity");
		}
	}
}

static void test_unbase64_refuses(void)
{
	static const char *const row[] = {
		"Z", "Zg", "Zg=", "Zg===", "=", "==", "===", "====", "Zh==", "Zm9=", "Z===", "Zg==Zg==", "Zm8=Zm9v",
		"Zm=v", "=m9v", "Zm 9v", " Zm9v", "Zm9v ", "Zm9v\n", "Zm9-", "Zm9_", "Zm9v=", "Zg=A",
	};
	uint8_t out[16] = { 7 };
	size_t size = 5;

	for (size_t i = 0; i < MT_COUNT(row); i++) {
		CHECK(mt_unbase64(mt_text(row[i]), out, sizeof(out), &size) == MT_MALFORMED, row[i]);
	}
	CHECK(size == 5 && out[0] == 7, "outputs untouched");
	for (unsigned c = 0; c < 256; c++) {
		static const char alphabet[] =
			"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
		bool digit = c != 0 && strchr(alphabet, (int)c) != NULL;
		uint8_t text[8] = { (uint8_t)c, 'A', 'A', 'A', 'A', 'A', 'A', 'A' };

		CHECK((mt_unbase64(mt_bytes(text, 8), out, 16, &size) == MT_OK) == digit, "every value");
	}
}

static void test_base64_sizes(void)
{
	uint8_t plain[64], out[64];
	char text[89];
	size_t size = 0;

	for (size_t i = 0; i < sizeof(plain); i++) {
		plain[i] = (uint8_t)(i * 37 + 11);
	}
	for (size_t n = 0; n <= sizeof(plain); n++) {
		mt_base64(mt_bytes(plain, n), text);
		CHECK(strlen(text) == 4 * ((n + 2) / 3), "size of the text");
		CHECK(mt_unbase64(first(mt_text(text), strlen(text)), out, n, &size) == MT_OK && size == n &&
			      memcmp(plain, out, n) == 0, "back");
	}
}

static void test_time(void)
{
	static const struct {
		uint64_t seconds;
		const char *want;
	} row[] = {
		{ 0, "1970-01-01T00:00:00Z" },
		{ 86399, "1970-01-01T23:59:59Z" },
		{ 951782400, "2000-02-29T00:00:00Z" },
		{ 951868800, "2000-03-01T00:00:00Z" },
		{ 1795507735, "2026-11-24T08:08:55Z" },
		{ 4107542399, "2100-02-28T23:59:59Z" },
		{ 4107542400, "2100-03-01T00:00:00Z" },
		{ 253402300799, "9999-12-31T23:59:59Z" },
		{ 253402300800, "9999-12-31T23:59:59Z" },
		{ UINT64_MAX, "9999-12-31T23:59:59Z" },
	};
	char text[21];

	for (size_t i = 0; i < MT_COUNT(row); i++) {
		mt_time_text(row[i].seconds, text);
		CHECK(strcmp(text, row[i].want) == 0, row[i].want);
	}
}

/* Against the C library, over more than one cycle of 400 years. */
static void test_time_every_day(void)
{
	char text[21], want[21];

	for (time_t day = 0; day < 200000; day++) {
		time_t seconds = day * 86400 + day % 86400;
		struct tm tm;

		mt_time_text((uint64_t)seconds, text);
		gmtime_r(&seconds, &tm);
		strftime(want, sizeof(want), "%Y-%m-%dT%H:%M:%SZ", &tm);
		if (!CHECK(strcmp(text, want) == 0, want)) {
			return;
		}
	}
}

const struct test tests[] = {
	{ "hex", test_hex },
	{ "unhex_refuses", test_unhex_refuses },
	{ "base64", test_base64 },
	{ "unbase64_refuses", test_unbase64_refuses },
	{ "base64_sizes", test_base64_sizes },
	{ "time", test_time },
	{ "time_every_day", test_time_every_day },
	TESTS_END
};
