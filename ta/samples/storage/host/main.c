/*
 * Notes in trusted storage.
 *   storage               the whole life of two notes, each step checked; leaves nothing behind
 *   storage put NAME TEXT, get NAME, move NAME NAME, remove NAME, list
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tee_client_api.h>

#include <storage_ta.h>

static TEEC_Session session;
static char text[4096];
static size_t text_size;
static uint32_t count;

/* One command with a name and perhaps a second text; its output is in text. */
static TEEC_Result call(uint32_t command, uint32_t second, const char *name, const char *other)
{
	TEEC_Operation operation = { .paramTypes = TEEC_PARAM_TYPES(TEEC_MEMREF_TEMP_INPUT, second, TEEC_NONE, TEEC_NONE) };
	uint32_t origin = 0;

	operation.params[0].tmpref.buffer = (void *)name;
	operation.params[0].tmpref.size = strlen(name);
	operation.params[1].tmpref.buffer = second == TEEC_MEMREF_TEMP_OUTPUT ? text : (void *)other;
	operation.params[1].tmpref.size = second == TEEC_MEMREF_TEMP_OUTPUT ? sizeof(text) : other ? strlen(other) : 0;
	TEEC_Result result = TEEC_InvokeCommand(&session, command, &operation, &origin);

	text_size = second == TEEC_MEMREF_TEMP_OUTPUT ? operation.params[1].tmpref.size : 0;
	return result;
}

static TEEC_Result put(const char *name, const char *content)
{
	return call(TA_STORAGE_CREATE, TEEC_MEMREF_TEMP_INPUT, name, content);
}

static TEEC_Result get(const char *name)
{
	return call(TA_STORAGE_READ, TEEC_MEMREF_TEMP_OUTPUT, name, NULL);
}

static TEEC_Result move(const char *name, const char *to)
{
	return call(TA_STORAGE_RENAME, TEEC_MEMREF_TEMP_INPUT, name, to);
}

static TEEC_Result drop(const char *name)
{
	return call(TA_STORAGE_DELETE, TEEC_NONE, name, NULL);
}

static TEEC_Result list(void)
{
	TEEC_Operation operation = { .paramTypes = TEEC_PARAM_TYPES(TEEC_MEMREF_TEMP_OUTPUT, TEEC_VALUE_OUTPUT, TEEC_NONE, TEEC_NONE) };
	uint32_t origin = 0;

	operation.params[0].tmpref.buffer = text;
	operation.params[0].tmpref.size = sizeof(text);
	TEEC_Result result = TEEC_InvokeCommand(&session, TA_STORAGE_LIST, &operation, &origin);

	text_size = operation.params[0].tmpref.size;
	count = operation.params[1].value.a;
	return result;
}

static void expect(const char *what, TEEC_Result got, TEEC_Result want)
{
	if (got != want) {
		fprintf(stderr, "%s: %08x, not %08x\n", what, got, want);
		exit(1);
	}
	printf("%s: %08x\n", what, got);
}

static void expect_text(const char *want)
{
	if (text_size != strlen(want) || memcmp(text, want, text_size) != 0) {
		fprintf(stderr, "\"%.*s\", not \"%s\"\n", (int)text_size, text, want);
		exit(1);
	}
}

static void whole_life(void)
{
	expect("list", list(), TEEC_SUCCESS);
	uint32_t before = count;

	expect("create bread", put("bread", "flour, water, salt"), TEEC_SUCCESS);
	expect("create bread again", put("bread", "cake"), TEEC_ERROR_ACCESS_CONFLICT);
	expect("create tea", put("tea", ""), TEEC_SUCCESS);
	expect("read bread", get("bread"), TEEC_SUCCESS);
	expect_text("flour, water, salt");
	expect("read tea, which is empty", get("tea"), TEEC_SUCCESS);
	expect_text("");
	expect("rename bread to tea", move("bread", "tea"), TEEC_ERROR_ACCESS_CONFLICT);
	expect("rename bread to loaf", move("bread", "loaf"), TEEC_SUCCESS);
	expect("read bread", get("bread"), TEEC_ERROR_ITEM_NOT_FOUND);
	expect("read loaf", get("loaf"), TEEC_SUCCESS);
	expect_text("flour, water, salt");
	expect("list", list(), TEEC_SUCCESS);
	if (count != before + 2) {
		fprintf(stderr, "%u notes, not %u\n", count, before + 2);
		exit(1);
	}
	expect("delete loaf", drop("loaf"), TEEC_SUCCESS);
	expect("delete loaf again", drop("loaf"), TEEC_ERROR_ITEM_NOT_FOUND);
	expect("delete tea", drop("tea"), TEEC_SUCCESS);
	expect("list", list(), TEEC_SUCCESS);
	if (count != before) {
		fprintf(stderr, "%u notes are left, not %u\n", count, before);
		exit(1);
	}
}

int main(int argc, char **argv)
{
	const TEEC_UUID uuid = TA_STORAGE_UUID;
	const char *word = argc > 1 ? argv[1] : "";
	TEEC_Context context;
	uint32_t origin = 0;

	expect("context", TEEC_InitializeContext(NULL, &context), TEEC_SUCCESS);
	expect("session", TEEC_OpenSession(&context, &session, &uuid, TEEC_LOGIN_PUBLIC, NULL, NULL, &origin), TEEC_SUCCESS);
	if (argc == 1) {
		whole_life();
	} else if (argc == 4 && strcmp(word, "put") == 0) {
		expect(word, put(argv[2], argv[3]), TEEC_SUCCESS);
	} else if (argc == 3 && strcmp(word, "get") == 0) {
		expect(word, get(argv[2]), TEEC_SUCCESS);
	} else if (argc == 4 && strcmp(word, "move") == 0) {
		expect(word, move(argv[2], argv[3]), TEEC_SUCCESS);
	} else if (argc == 3 && strcmp(word, "remove") == 0) {
		expect(word, drop(argv[2]), TEEC_SUCCESS);
	} else if (argc == 2 && strcmp(word, "list") == 0) {
		expect(word, list(), TEEC_SUCCESS);
	} else {
		fprintf(stderr, "usage: storage [put NAME TEXT | get NAME | move NAME NAME | remove NAME | list]\n");
		return 2;
	}
	printf("%.*s\n", (int)text_size, text);
	TEEC_CloseSession(&session);
	TEEC_FinalizeContext(&context);
	return 0;
}
