/*
 * One-time passwords: `hotp` gives the application the secret of RFC 4226's appendix D and compares its ten codes. `hotp next` prints the code after
 * those that were given so far.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tee_client_api.h>

#include <hotp_ta.h>

static const char secret[] = "12345678901234567890";
static const uint32_t codes[10] = { 755224, 287082, 359152, 969429, 338314, 254676, 287922, 162583, 399871, 520489 };

static void check(TEEC_Result result, TEEC_Result want, const char *what)
{
	if (result != want) {
		fprintf(stderr, "%s: %08x, not %08x\n", what, result, want);
		exit(1);
	}
}

static TEEC_Result set_secret(TEEC_Session *session, size_t size)
{
	TEEC_Operation operation = { .paramTypes = TEEC_PARAM_TYPES(TEEC_MEMREF_TEMP_INPUT, TEEC_NONE, TEEC_NONE, TEEC_NONE) };

	operation.params[0].tmpref.buffer = (void *)secret;
	operation.params[0].tmpref.size = size;
	return TEEC_InvokeCommand(session, TA_HOTP_SET_SECRET, &operation, NULL);
}

static uint32_t next(TEEC_Session *session)
{
	TEEC_Operation operation = { .paramTypes = TEEC_PARAM_TYPES(TEEC_VALUE_OUTPUT, TEEC_NONE, TEEC_NONE, TEEC_NONE) };

	check(TEEC_InvokeCommand(session, TA_HOTP_NEXT, &operation, NULL), TEEC_SUCCESS, "next");
	printf("%06u\n", operation.params[0].value.a);
	return operation.params[0].value.a;
}

static void expect(TEEC_Session *session, size_t i)
{
	uint32_t code = next(session);

	if (code != codes[i]) {
		fprintf(stderr, "code %zu: %06u, not %06u\n", i, code, codes[i]);
		exit(1);
	}
}

int main(int argc, char **argv)
{
	const TEEC_UUID uuid = TA_HOTP_UUID;
	TEEC_Context context;
	TEEC_Session session;

	if (argc > 2 || (argc == 2 && strcmp(argv[1], "next") != 0)) {
		fprintf(stderr, "usage: hotp [next]\n");
		return 2;
	}
	check(TEEC_InitializeContext(NULL, &context), TEEC_SUCCESS, "TEEC_InitializeContext");
	check(TEEC_OpenSession(&context, &session, &uuid, TEEC_LOGIN_PUBLIC, NULL, NULL, NULL), TEEC_SUCCESS, "TEEC_OpenSession");
	if (argc == 2) {
		(void)next(&session);
	} else {
		check(set_secret(&session, TA_HOTP_SECRET_MIN - 1), TEEC_ERROR_BAD_PARAMETERS, "a secret that is too short");
		check(set_secret(&session, strlen(secret)), TEEC_SUCCESS, "the secret");
		for (size_t i = 0; i < 5; i++) {
			expect(&session, i);
		}
		/* The instance lives on, so another session goes on where this one was. */
		TEEC_CloseSession(&session);
		check(TEEC_OpenSession(&context, &session, &uuid, TEEC_LOGIN_PUBLIC, NULL, NULL, NULL), TEEC_SUCCESS, "once more");
		for (size_t i = 5; i < 10; i++) {
			expect(&session, i);
		}
	}
	TEEC_CloseSession(&session);
	TEEC_FinalizeContext(&context);
	return 0;
}
