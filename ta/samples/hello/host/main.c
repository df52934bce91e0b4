/* A program that has a trusted application count for it, and greet. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tee_client_api.h>

#include <hello_ta.h>

static void check(TEEC_Result result, uint32_t origin, const char *what)
{
	if (result != TEEC_SUCCESS) {
		fprintf(stderr, "%s: error %08x, origin %u\n", what, result, origin);
		exit(1);
	}
}

int main(int argc, char **argv)
{
	const TEEC_UUID uuid = TA_HELLO_UUID;
	const char *name = argc > 1 ? argv[1] : "world";
	TEEC_Context context;
	TEEC_Session session;
	TEEC_Operation operation = { 0 };
	uint32_t origin = 0;
	char text[128];

	check(TEEC_InitializeContext(NULL, &context), 0, "TEEC_InitializeContext");
	check(TEEC_OpenSession(&context, &session, &uuid, TEEC_LOGIN_PUBLIC, NULL, NULL, &origin), origin, "TEEC_OpenSession");

	operation.paramTypes = TEEC_PARAM_TYPES(TEEC_VALUE_INOUT, TEEC_NONE, TEEC_NONE, TEEC_NONE);
	operation.params[0].value.a = 42;
	check(TEEC_InvokeCommand(&session, TA_HELLO_INCREMENT, &operation, &origin), origin, "increment");
	printf("42 and one: %u\n", operation.params[0].value.a);

	operation = (TEEC_Operation){ .paramTypes = TEEC_PARAM_TYPES(TEEC_MEMREF_TEMP_INPUT, TEEC_MEMREF_TEMP_OUTPUT, TEEC_NONE, TEEC_NONE) };
	operation.params[0].tmpref.buffer = (void *)name;
	operation.params[0].tmpref.size = strlen(name);
	operation.params[1].tmpref.buffer = text;
	operation.params[1].tmpref.size = sizeof(text);
	check(TEEC_InvokeCommand(&session, TA_HELLO_GREET, &operation, &origin), origin, "greet");
	printf("%.*s\n", (int)operation.params[1].tmpref.size, text);

	TEEC_CloseSession(&session);
	TEEC_FinalizeContext(&context);
	return 0;
}
