/* boxed/http: heads as RFC 9112 has them, and none of what request smuggling lives on. */
#include "test/test.h"

#include <stdlib.h>
#include <string.h>

#include "lib/box/box.h"
#include "port/linux/box_port.h"
#include "test/items_text.h"

static struct box *open_http(void)
{
	struct box *box = NULL;

	box_port_install();
	if (box_open(&box_http, &box) != MT_OK) {
		abort();
	}
	return box;
}

static void check(struct box *box, uint32_t operation, const char *head, const char *want)
{
	CHECK(strcmp(box_text(box, operation, mt_text(head)), want) == 0, head);
}

struct row {
	const char *head, *want;
};

static void check_rows(uint32_t operation, const struct row *row, size_t count)
{
	struct box *box = open_http();

	for (size_t i = 0; i < count; i++) {
		check(box, operation, row[i].head, row[i].want);
	}
	box_close(box);
}

/* Requests that are wrong, however much more comes. */
static void check_refused(const char *const *head, size_t count)
{
	struct box *box = open_http();

	for (size_t i = 0; i < count; i++) {
		check(box, BOX_PARSE, head[i], "malformed");
	}
	box_close(box);
}

#define HOST "Host: a\r\n"
#define HOST_ITEM "[\"host\",\"a\"]"

static void test_requests(void)
{
	static const struct row row[] = {
		{ "GET / HTTP/1.1\r\n" HOST "\r\n", "[\"GET\",\"/\",1,27,[" HOST_ITEM "]]" },
		{ "GET / HTTP/1.0\r\n\r\n", "[\"GET\",\"/\",0,18,[]]" },
		{ "OPTIONS * HTTP/1.1\r\n" HOST "\r\n", "[\"OPTIONS\",\"*\",1,31,[" HOST_ITEM "]]" },
		{ "POST /v1/x?a=b%20c HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc",
		  "[\"POST\",\"/v1/x?a=b%20c\",1,59,[" HOST_ITEM ",[\"content-length\",\"3\"]]]" },
		{ "GET / HTTP/1.1\r\n" HOST "X-Empty:\r\nX-Space: \t a b \t\r\n\r\n",
		  "[\"GET\",\"/\",1,55,[" HOST_ITEM ",[\"x-empty\",\"\"],[\"x-space\",\"a b\"]]]" },
		{ "GET / HTTP/1.1\r\n" HOST "X: 1\r\nX: 2\r\n\r\n",
		  "[\"GET\",\"/\",1,39,[" HOST_ITEM ",[\"x\",\"1\"],[\"x\",\"2\"]]]" },
		{ "GET / HTTP/1.1\r\n" HOST "X: \xc3\xa4\r\n\r\n",
		  "[\"GET\",\"/\",1,34,[" HOST_ITEM ",[\"x\",\"\xc3\xa4\"]]]" },
		/* Not complete: more may come. */
		{ "", "[]" },
		{ "GE", "[]" },
		{ "GET / HTTP/1.1", "[]" },
		{ "GET / HTTP/1.1\r", "[]" },
		{ "GET / HTTP/1.1\r\n" HOST, "[]" },
		{ "GET / HTTP/1.1\r\n" HOST "\r", "[]" },
	};

	check_rows(BOX_PARSE, row, MT_COUNT(row));
}

static void test_refused_fields(void)
{
	static const char *const head[] = {
		"\r\nGET / HTTP/1.1\r\n" HOST "\r\n",
		"GET / HTTP/1.1\n" HOST "\n",
		"GET / HTTP/1.1\r\nHost: a\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n",
		"GET / HTTP/1.1\r\n" HOST "X: a\x01\r\n\r\n",
		"GET / HTTP/1.1\r\n" HOST "X: a\x7f\r\n\r\n",
		"GET / HTTP/1.1\r\n" HOST "X: a\xff\r\n\r\n",
		"GET / HTTP/1.1\r\n" HOST " folded\r\n\r\n",
		"GET / HTTP/1.1\r\n Host: a\r\n\r\n",
		"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
		"GET / HTTP/1.1\r\nHost\t: a\r\n\r\n",
		"GET / HTTP/1.1\r\n" HOST ": a\r\n\r\n",
		"GET / HTTP/1.1\r\n" HOST "X\r\n\r\n",
		"GET / HTTP/1.1\r\n" HOST "X(y): a\r\n\r\n",
		"GET / HTTP/1.1\r\n" HOST "X\xc3\xa4: a\r\n\r\n",
	};

	check_refused(head, MT_COUNT(head));
}

static void test_refused_request_lines(void)
{
	static const char *const head[] = {
		"GET  / HTTP/1.1\r\n" HOST "\r\n",
		"GET /  HTTP/1.1\r\n" HOST "\r\n",
		"GET\t/ HTTP/1.1\r\n" HOST "\r\n",
		" GET / HTTP/1.1\r\n" HOST "\r\n",
		"GET / HTTP/1.1 \r\n" HOST "\r\n",
		"GET /\r\n" HOST "\r\n",
		"GET / HTTP/1.99999999999 HTTP/1.1\r\n" HOST "\r\n",
		"GET / HTTP/1.99999999999HTTP/1.1\r\n" HOST "\r\n",
		"GET / HTTP/1.2\r\n" HOST "\r\n",
		"GET / HTTP/1.11\r\n" HOST "\r\n",
		"GET / HTTP/2.0\r\n" HOST "\r\n",
		"GET / http/1.1\r\n" HOST "\r\n",
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		"G@T / HTTP/1.1\r\n" HOST "\r\n",
		"GET http://a/ HTTP/1.1\r\n" HOST "\r\n",
		"CONNECT a:1 HTTP/1.1\r\n" HOST "\r\n",
		"GET /#a HTTP/1.1\r\n" HOST "\r\n",
		"GET /\xc3\xa4 HTTP/1.1\r\n" HOST "\r\n",
	};

	check_refused(head, MT_COUNT(head));
}

/* What request smuggling lives on: two hosts, two lengths, another framing. */
static void test_refused_framing(void)
{
	static const char *const head[] = {
		"GET / HTTP/1.1\r\n\r\n",
		"GET / HTTP/1.1\r\n" HOST HOST "\r\n",
		"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n",
		"POST / HTTP/1.1\r\n" HOST "tRANSFER-eNCODING: identity\r\n\r\n",
		"POST / HTTP/1.1\r\n" HOST "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
		"POST / HTTP/1.1\r\n" HOST "Content-Length: 1\r\nContent-Length: 1\r\n\r\n",
		"POST / HTTP/1.1\r\n" HOST "Content-Length: 1\r\ncontent-length: 2\r\n\r\n",
		"POST / HTTP/1.1\r\n" HOST "Content-Length: 1, 1\r\n\r\n",
		"POST / HTTP/1.1\r\n" HOST "Content-Length: +1\r\n\r\n",
		"POST / HTTP/1.1\r\n" HOST "Content-Length: -1\r\n\r\n",
		"POST / HTTP/1.1\r\n" HOST "Content-Length: 0x1\r\n\r\n",
		"POST / HTTP/1.1\r\n" HOST "Content-Length: 1 2\r\n\r\n",
		"POST / HTTP/1.1\r\n" HOST "Content-Length:\r\n\r\n",
		"POST / HTTP/1.1\r\n" HOST "Content-Length: 1000000000000000000\r\n\r\n",
	};

	check_refused(head, MT_COUNT(head));
}

static void test_refused_bytes(void)
{
	struct box *box = open_http();

	CHECK(strcmp(box_text(box, BOX_PARSE, mt_bytes("GET /\0 HTTP/1.1\r\n\r\n", 19)), "malformed") == 0, "zero byte");
	CHECK(strcmp(box_text(box, 2, mt_text("GET / HTTP/1.0\r\n\r\n")), "malformed") == 0, "unknown operation");
	box_close(box);
}

static void test_responses(void)
{
	static const struct row row[] = {
		{ "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "[200,1,38,[[\"content-length\",\"2\"]]]" },
		{ "HTTP/1.1 404 \r\n\r\n", "[404,1,17,[]]" },
		{ "HTTP/1.0 503 Not Now\r\n\r\n", "[503,0,24,[]]" },
		{ "HTTP/1.1 200", "[]" },
		{ "HTTP/1.1 200\r\n\r\n", "malformed" },
		{ "HTTP/1.1  200 OK\r\n\r\n", "malformed" },
		{ "HTTP/1.1 20 OK\r\n\r\n", "malformed" },
		{ "HTTP/1.1 2000 OK\r\n\r\n", "malformed" },
		{ "HTTP/1.1 -20 OK\r\n\r\n", "malformed" },
		{ "HTTP/1.1 000 OK\r\n\r\n", "malformed" },
		{ "HTTP/1.9 200 OK\r\n\r\n", "malformed" },
		{ "HTTP/2 200 OK\r\n\r\n", "malformed" },
		{ "ICY 200 OK\r\n\r\n", "malformed" },
		{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "malformed" },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", "malformed" },
	};

	check_rows(BOX_HTTP_RESPONSE, row, MT_COUNT(row));
}

static void test_every_prefix(void)
{
	struct bytes request = mt_text("POST /a HTTP/1.1\r\nHost: b\r\nContent-Length: 1\r\n\r\n");
	struct bytes response = mt_text("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: y\r\n\r\n");
	struct box *box = open_http();

	for (size_t n = 0; n < request.size; n++) {
		CHECK(strcmp(box_text(box, BOX_PARSE, first(request, n)), "[]") == 0, "every prefix wants more");
	}
	for (size_t n = 0; n < response.size; n++) {
		CHECK(strcmp(box_text(box, BOX_HTTP_RESPONSE, first(response, n)), "[]") == 0, "every prefix wants more");
	}
	box_close(box);
}

static void test_limits(void)
{
	char *head = test_alloc(BOX_HTTP_HEAD_MAX + 1);
	struct box *box = open_http();

	for (unsigned count = 64; count <= 65; count++) {
		struct builder b = builder_over(head, BOX_HTTP_HEAD_MAX);

		builder_text(&b, "GET / HTTP/1.1\r\nHost: a\r\n");
		for (unsigned i = 1; i < count; i++) {
			builder_format(&b, "X-%u: y\r\n", i);
		}
		builder_text(&b, "\r\n");
		bool taken = strcmp(box_text(box, BOX_PARSE, mt_bytes(head, b.size)), "malformed") != 0;

		CHECK(taken == (count == 64), "64 fields and no more");
	}
	for (int over = 0; over < 2; over++) {
		struct builder b = builder_over(head, BOX_HTTP_HEAD_MAX + 1);

		builder_text(&b, "GET / HTTP/1.0\r\nX: ");
		while (b.size < BOX_HTTP_HEAD_MAX - 4 + (size_t)over) {
			builder_text(&b, "y");
		}
		builder_text(&b, "\r\n\r\n");
		const char *got = box_text(box, BOX_PARSE, mt_bytes(head, BOX_HTTP_HEAD_MAX));

		CHECK((strcmp(got, "malformed") == 0) == (over == 1), "16 KiB and no more");
	}
	CHECK(strcmp(box_text(box, BOX_PARSE, mt_bytes(head, BOX_HTTP_HEAD_MAX + 1)), "limit") == 0, "longer input");
	box_close(box);
}

const struct test tests[] = {
	{ "requests", test_requests },
	{ "refused fields", test_refused_fields },
	{ "refused request lines", test_refused_request_lines },
	{ "refused framing", test_refused_framing },
	{ "refused bytes", test_refused_bytes },
	{ "responses", test_responses },
	{ "every prefix", test_every_prefix },
	{ "limits", test_limits },
	TESTS_END,
};
