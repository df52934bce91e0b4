/* A program that calls an application that calls another one. Needs hello's application as well. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tee_client_api.h>

#include <between_ta.h>

static void check(TEEC_Result result, TEEC_Result want, uint32_t origin, const char *what)
{
	if (result != want) {
		fprintf(stderr, "%s: %08x, not %08x, origin %u\n", what, result, want, origin);
		exit(1);
	}
}

static TEEC_Session session;

static uint32_t count(uint32_t from, uint32_t rounds)
{
	TEEC_Operation operation = { .paramTypes = TEEC_PARAM_TYPES(TEEC_VALUE_INOUT, TEEC_NONE, TEEC_NONE, TEEC_NONE) };
	uint32_t origin = 0;

	operation.params[0].value.a = from;
	operation.params[0].value.b = rounds;
	check(TEEC_InvokeCommand(&session, TA_BETWEEN_COUNT, &operation, &origin), TEEC_SUCCESS, origin, "count");
	return operation.params[0].value.a;
}

static TEEC_Result greet(const char *name, char *text, size_t *size)
{
	TEEC_Operation operation = { .paramTypes = TEEC_PARAM_TYPES(TEEC_MEMREF_TEMP_INPUT, TEEC_MEMREF_TEMP_OUTPUT, TEEC_NONE, TEEC_NONE) };

	operation.params[0].tmpref.buffer = (void *)name;
	operation.params[0].tmpref.size = strlen(name);
	operation.params[1].tmpref.buffer = text;
	operation.params[1].tmpref.size = *size;
	TEEC_Result result = TEEC_InvokeCommand(&session, TA_BETWEEN_GREET, &operation, NULL);

	*size = operation.params[1].tmpref.size;
	return result;
}

int main(int argc, char **argv)
{
	const TEEC_UUID uuid = TA_BETWEEN_UUID;
	const char *name = argc > 1 ? argv[1] : "world";
	TEEC_Operation operation = { .paramTypes = TEEC_PARAM_TYPES(TEEC_VALUE_OUTPUT, TEEC_NONE, TEEC_NONE, TEEC_NONE) };
	TEEC_Context context;
	uint32_t origin = 0;
	char text[256], want[256];
	size_t size = sizeof(text), needed = 0;

	check(TEEC_InitializeContext(NULL, &context), TEEC_SUCCESS, 0, "TEEC_InitializeContext");
	check(TEEC_OpenSession(&context, &session, &uuid, TEEC_LOGIN_PUBLIC, NULL, NULL, &origin), TEEC_SUCCESS, origin, "TEEC_OpenSession");

	uint32_t sum = count(42, 1000);

	printf("42 and a thousand times one: %u\n", sum);
	if (sum != 1042) {
		return 1;
	}
	check(greet(name, text, &size), TEEC_SUCCESS, 0, "greet");
	printf("%.*s\n", (int)size, text);
	int length = snprintf(want, sizeof(want), "Hello, %s (between)", name);

	if (size != (size_t)length || memcmp(text, want, size) != 0) {
		fprintf(stderr, "not \"%s\"\n", want);
		return 1;
	}
	check(greet(name, text, &needed), TEEC_ERROR_SHORT_BUFFER, 0, "greet without room");
	if (needed != size) {
		fprintf(stderr, "%zu bytes, it needs %zu\n", needed, size);
		return 1;
	}
	check(TEEC_InvokeCommand(&session, TA_BETWEEN_NOBODY, &operation, &origin), TEEC_SUCCESS, origin, "nobody");
	check(operation.params[0].value.a, TEEC_ERROR_ITEM_NOT_FOUND, operation.params[0].value.b, "a session with nobody");
	printf("nobody: %08x, origin %u\n", operation.params[0].value.a, operation.params[0].value.b);
	TEEC_CloseSession(&session);
	TEEC_FinalizeContext(&context);
	return 0;
}
