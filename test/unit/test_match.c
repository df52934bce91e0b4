/* The gateway's route table: every route by its own path, and nothing that is none of them. */
#include "test/test.h"

#include <stdlib.h>
#include <string.h>

#include "service/gateway/gateway.h"

struct match {
	const struct route *route;      /* of the table that match.c has for itself: compared by id */
	struct bytes parameter[ROUTE_PARAMETERS_MAX];
	size_t count;
};

static enum mt_err match(const char *method, struct bytes target, struct match *m)
{
	*m = (struct match){ 0 };
	return gateway_match(mt_text(method), first(target, target.size), &m->route, m->parameter, &m->count);
}

/* A path of the route: "ab.1" for each segment, "0/x001/067.p/3" for the rest. */
static struct bytes path_of(const struct route *r)
{
	char *out = test_alloc(256), *at = out;

	for (const char *p = r->path; *p; p++) {
		if (*p == '{') {
			at = strcpy(at, p[1] == '*' ? "0/x001/067.p/3" : "ab.1");
			at += strlen(at);
			p = strchr(p, '}');
		} else {
			*at++ = *p;
		}
	}
	return mt_text(out);
}

static size_t braces(const char *path)
{
	size_t count = 0;

	for (; *path; path++) {
		count += *path == '{';
	}
	return count;
}

static void test_every_route(void)
{
	struct match m;

	for (size_t i = 0; i < ROUTES; i++) {
		struct bytes path = path_of(&routes[i]);
		CHECK(routes[i].id == i, "the table stands in the order of its ids");
		CHECK(match(routes[i].method, path, &m) == MT_OK && m.route->id == routes[i].id, routes[i].path);
		CHECK(m.count == braces(routes[i].path), "as many parameters as braces");
		for (size_t k = 0; k < m.count; k++) {
			bool rest = strstr(routes[i].path, "{*}") != NULL;
			CHECK(mt_equal(m.parameter[k], mt_text(rest ? "0/x001/067.p/3" : "ab.1")), "the parameter is what stands there");
		}
		CHECK(match("DELETE", path, &m) == MT_DENIED, "a known path, another method");
	}
}

/* A prefix may be another route's path, never this one's; every changed byte that is no parameter's leads elsewhere. */
static void test_prefixes_and_bytes(void)
{
	struct match m;

	for (size_t i = 0; i < ROUTES; i++) {
		struct bytes path = path_of(&routes[i]);
		size_t fixed = strcspn(routes[i].path, "{");
		for (size_t n = 0; n < path.size; n++) {
			enum mt_err err = match(routes[i].method, mt_bytes(path.at, n), &m);
			bool shorter = !err && m.route->id == routes[i].id && fixed < n;      /* a shorter parameter */
			CHECK(err || shorter || m.route->id != routes[i].id, "every prefix");
		}
		for (size_t n = 0; n < fixed && n < path.size; n++) {
			uint8_t *bent = test_alloc(path.size);
			memcpy(bent, path.at, path.size);
			bent[n] ^= 1;
			CHECK(match(routes[i].method, mt_bytes(bent, path.size), &m) || m.route->id != routes[i].id, "every changed byte");
		}
	}
}

static void test_refused(void)
{
	static const struct {
		const char *why, *method, *target;
		enum mt_err want;
	} row[] = {
		{ "nothing", "GET", "", MT_NOT_FOUND },
		{ "the root", "GET", "/", MT_NOT_FOUND },
		{ "a slash more", "GET", "/v1/status/", MT_NOT_FOUND },
		{ "a query", "GET", "/v1/status?x=1", MT_NOT_FOUND },
		{ "another version", "GET", "/v2/status", MT_NOT_FOUND },
		{ "capitals", "GET", "/V1/status", MT_NOT_FOUND },
		{ "the method in lower case", "get", "/v1/status", MT_DENIED },
		{ "no method", "", "/v1/status", MT_DENIED },
		{ "an empty parameter", "GET", "/v1/contracts/", MT_NOT_FOUND },
		{ "an empty parameter in the middle", "POST", "/v1/contracts//run", MT_NOT_FOUND },
		{ "an empty second parameter", "GET", "/v1/log/consistency/1/", MT_NOT_FOUND },
		{ "a parameter too many", "GET", "/v1/log/consistency/1/2/3", MT_NOT_FOUND },
		{ "capitals in a parameter: hexadecimal has one form", "GET", "/v1/contracts/AB", MT_NOT_FOUND },
		{ "percent signs are not decoded", "GET", "/v1/contracts/%61b", MT_NOT_FOUND },
		{ "a slash in percent signs", "GET", "/v1/contracts/a%2fb", MT_NOT_FOUND },
		{ "a space", "GET", "/v1/contracts/a b", MT_NOT_FOUND },
		{ "a backslash", "GET", "/v1/log/tile/0\\000", MT_NOT_FOUND },
		{ "bytes above ASCII", "GET", "/v1/contracts/\xc3\xa4", MT_NOT_FOUND },
		{ "a semicolon", "GET", "/v1/log/tile/0/000;x", MT_NOT_FOUND },
		{ "the whole URL", "GET", "https://host/v1/status", MT_NOT_FOUND },
	};
	struct match m;

	for (size_t i = 0; i < MT_COUNT(row); i++) {
		CHECK(match(row[i].method, mt_text(row[i].target), &m) == row[i].want && !m.route, row[i].why);
	}
	CHECK(match("GET", mt_bytes("/v1/contracts/a\0b", 17), &m) == MT_NOT_FOUND, "a zero byte");
}

const struct test tests[] = {
	{ "every route", test_every_route },
	{ "prefixes and bytes", test_prefixes_and_bytes },
	{ "refused", test_refused },
	TESTS_END
};
