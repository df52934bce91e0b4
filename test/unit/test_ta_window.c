/* What a client leaves in its window, and what other applications send: addresses and sizes at their limits. */
#include "exec/ta/ta_private.h"
#include "test/test.h"

#include <string.h>

#include "api/tee_api_defines.h"

#define SIZE (TEE_WINDOW_HEAD + 100)

static struct ta_session s;
static uint8_t *other;

static void session_make(void)
{
	s = (struct ta_session){ .state = TA_SESSION_OPEN, .outside = true };
	s.region[0] = (struct ta_region){ .at = test_alloc(SIZE), .size = SIZE };
	other = test_alloc(50);
	s.region[3] = (struct ta_region){ .at = other, .size = 50 };
	s.region[4] = (struct ta_region){ .at = other, .size = 50, .ending = true };
}

static void test_memory(void)
{
	static const struct {
		const char *why;
		uint32_t region;
		uint64_t offset, size;
		enum mt_err want;
	} row[] = {
		{ "a region", 3, 0, 50, MT_OK },
		{ "a part", 3, 10, 40, MT_OK },
		{ "nothing, at its end", 3, 50, 0, MT_OK },
		{ "one byte too far", 3, 0, 51, MT_MALFORMED },
		{ "one byte too far, by offset", 3, 1, 50, MT_MALFORMED },
		{ "offset past the end", 3, 51, 0, MT_MALFORMED },
		{ "offset wraps", 3, UINT64_MAX, 2, MT_MALFORMED },
		{ "size wraps", 3, 10, UINT64_MAX - 5, MT_MALFORMED },
		{ "a region that is ending", 4, 0, 1, MT_MALFORMED },
		{ "a region that is none", 5, 0, 0, MT_MALFORMED },
		{ "no such number", TEE_WINDOW_REGIONS_MAX + 1, 0, 0, MT_MALFORMED },
		{ "no such number by far", UINT32_MAX - 1, 0, 0, MT_MALFORMED },
		{ "the window", 0, TEE_WINDOW_HEAD, 100, MT_OK },
		{ "past the window", 0, TEE_WINDOW_HEAD, 101, MT_MALFORMED },
		{ "its head", 0, 0, 10, MT_MALFORMED },
		{ "its head's last byte", 0, TEE_WINDOW_HEAD - 1, 1, MT_MALFORMED },
		{ "NULL", TEE_WINDOW_NOWHERE, 7, 0, MT_OK },
		{ "NULL with a size", TEE_WINDOW_NOWHERE, 0, 1, MT_MALFORMED },
	};

	session_make();
	for (size_t i = 0; i < MT_COUNT(row); i++) {
		for (size_t at = 0; at < TA_PARAMS; at++) {
			struct tee_window w = { .types = (uint32_t)TEE_PARAM_TYPE_MEMREF_INOUT << (4 * at) };
			struct ta_params got = { 0 };

			w.param[at] = (struct tee_window_param){ .a = row[i].region, .offset = row[i].offset, .size = row[i].size };
			CHECK(window_params(&s, &w, &got) == row[i].want, row[i].why);
			uint64_t want = row[i].region == 3 ? (uint64_t)(uintptr_t)other + row[i].offset :
					row[i].region == 0 ? (uint64_t)(uintptr_t)s.region[0].at + row[i].offset : 0;

			if (row[i].want == MT_OK) {
				CHECK(got.value[2 * at] == want && got.value[2 * at + 1] == row[i].size, row[i].why);
			}
		}
	}
}

static void test_types(void)
{
	struct ta_params got;

	session_make();
	for (uint32_t type = 0; type < 16; type++) {
		struct tee_window w = { .types = type, .param = { { .a = 3, .b = 9 } } };
		bool good = type <= TEE_PARAM_TYPE_VALUE_INOUT || (type >= TEE_PARAM_TYPE_MEMREF_INPUT && type <= TEE_PARAM_TYPE_MEMREF_INOUT);

		CHECK((window_params(&s, &w, &got) == MT_OK) == good, "types that there are");
		if (good && type <= TEE_PARAM_TYPE_VALUE_INOUT) {
			CHECK(got.value[0] == (type & 1 ? 3 : 0) && got.value[1] == (type & 1 ? 9 : 0), "values that go in");
		}
	}
	struct tee_window w = { .types = 0x10000 };

	CHECK(window_params(&s, &w, &got) == MT_MALFORMED, "a fifth parameter");
}

/* Only what goes out is written, wherever the application has put its numbers. */
static void test_give(void)
{
	for (unsigned type = 0; type <= 7; type++) {
		struct tee_window w = { .param = { { 1, 2, 3, 4 }, { 1, 2, 3, 4 }, { 1, 2, 3, 4 }, { 1, 2, 3, 4 } } };
		const struct tee_window before = w;
		struct ta_params after = { .types = 0x7777, .value = { 10, 20, 10, 20, 10, 20, 10, UINT64_MAX } };

		window_give(&w, type << 12, &after);
		CHECK(memcmp(w.param, before.param, 3 * sizeof(w.param[0])) == 0, "the others");
		bool value = type == 2 || type == 3, memory = type == 6 || type == 7;

		CHECK(w.param[3].a == (value ? 10 : 1) && w.param[3].b == (value ? UINT32_MAX : 2), "values");
		CHECK(w.param[3].offset == 3 && w.param[3].size == (memory ? UINT64_MAX : 4), "sizes");
	}
}

/* ---- by message ---- */

static uint8_t space[PARAMS_SPACE];

static enum mt_err take(struct bytes wire, struct ta_params *out)
{
	struct cursor c = cursor_over(wire);

	return params_take(&c, space, out);
}

static void test_message(void)
{
	static const struct {
		const char *why, *wire;
		enum mt_err want;
	} row[] = {
		{ "nothing", "00000000", MT_OK },
		{ "a value", "00000001 00000005 00000006", MT_OK },
		{ "memory in", "00000005 00000002 aabb", MT_OK },
		{ "memory out", "00000006 00000020", MT_OK },
		{ "all of them", "00007531 00000005 00000006 00000001 00000002 00000002 aabb 00000001 cc", MT_OK },
		{ "unknown type", "00000004", MT_MALFORMED },
		{ "a fifth", "00010000 00000001 00000001", MT_MALFORMED },
		{ "past the end", "00000005 00000003 aabb", MT_MALFORMED },
		{ "far past the end", "00000005 ffffffff aabb", MT_MALFORMED },
		{ "one byte left over", "00000000 00", MT_MALFORMED },
		{ "too much out", "00000006 00010001", MT_LIMIT },
		{ "far too much out", "00000006 ffffffff", MT_LIMIT },
		{ "too much out together", "00000066 00008000 00008001", MT_LIMIT },
	};
	struct ta_params got;

	for (size_t i = 0; i < MT_COUNT(row); i++) {
		CHECK(take(hex(row[i].wire), &got) == row[i].want, row[i].why);
	}
	struct bytes whole = hex(row[4].wire);

	for (size_t n = 0; n < whole.size; n++) {
		CHECK(take(first(whole, n), &got) == MT_MALFORMED, "every prefix");
	}
}

static void test_answer(void)
{
	struct ta_params before, after;
	uint8_t out[200];
	struct builder b = builder_over(out, sizeof(out));
	struct bytes made = { 0 };

	CHECK(take(hex("00006731 00000005 00000006 00000001 00000002 00000002 aabb 00000004"), &before) == MT_OK, "a call");
	after = before;
	/* The application may write anything there; addresses and types are those of before. */
	after.types = 0;
	after.value[2] = 7;
	after.value[3] = 8;
	after.value[4] = 1;
	after.value[5] = 1;
	after.value[6] = 3;
	after.value[7] = 9;
	params_give(&b, &before, &after);
	CHECK(builder_done(&b, &made) == MT_OK, "fits");
	CHECK(mt_equal(made, hex("00006731 00000007 00000008 00000001 aa 00000009")), "values, written bytes, a size that is too large");
}

const struct test tests[] = {
	{ "memory", test_memory },
	{ "types", test_types },
	{ "give", test_give },
	{ "message", test_message },
	{ "answer", test_answer },
	TESTS_END,
};
