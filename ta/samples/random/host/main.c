/* Random bytes: `random [COUNT]` prints COUNT of them (32), after it has seen that they are not the same each time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tee_client_api.h>

#include <random_ta.h>

static void check(TEEC_Result result, TEEC_Result want, uint32_t origin, const char *what)
{
	if (result != want) {
		fprintf(stderr, "%s: %08x, not %08x, origin %u\n", what, result, want, origin);
		exit(1);
	}
}

static TEEC_Result fill(TEEC_Session *session, void *bytes, size_t size, uint32_t *origin)
{
	TEEC_Operation operation = { .paramTypes = TEEC_PARAM_TYPES(TEEC_MEMREF_TEMP_OUTPUT, TEEC_NONE, TEEC_NONE, TEEC_NONE) };

	operation.params[0].tmpref.buffer = bytes;
	operation.params[0].tmpref.size = size;
	return TEEC_InvokeCommand(session, TA_RANDOM_FILL, &operation, origin);
}

/* Bits that are set in size random bytes are 4 * size, and two roots of size more or less is one sigma: 8 of them never happen. */
static void judge(const unsigned char *bytes, size_t size)
{
	long sum = 0;

	for (size_t i = 0; i < size; i++) {
		sum += __builtin_popcount(bytes[i]);
	}
	long off = sum - 4 * (long)size;

	if (off * off > 64 * 2 * (long)size) {
		fprintf(stderr, "%ld bits of %zu bytes are set\n", sum, size);
		exit(1);
	}
}

int main(int argc, char **argv)
{
	static unsigned char bytes[TA_RANDOM_MAX + 1], again[TA_RANDOM_MAX];
	const TEEC_UUID uuid = TA_RANDOM_UUID;
	size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 32;
	TEEC_Context context;
	TEEC_Session session;
	uint32_t origin = 0;

	if (count == 0 || count > TA_RANDOM_MAX) {
		fprintf(stderr, "usage: random [COUNT], of 1 to %d\n", TA_RANDOM_MAX);
		return 2;
	}
	check(TEEC_InitializeContext(NULL, &context), TEEC_SUCCESS, 0, "TEEC_InitializeContext");
	check(TEEC_OpenSession(&context, &session, &uuid, TEEC_LOGIN_PUBLIC, NULL, NULL, &origin), TEEC_SUCCESS, origin, "TEEC_OpenSession");
	check(fill(&session, bytes, TA_RANDOM_MAX, &origin), TEEC_SUCCESS, origin, "once");
	check(fill(&session, again, TA_RANDOM_MAX, &origin), TEEC_SUCCESS, origin, "again");
	judge(bytes, TA_RANDOM_MAX);
	judge(again, TA_RANDOM_MAX);
	if (memcmp(bytes, again, 16) == 0) {
		fprintf(stderr, "the same bytes twice\n");
		return 1;
	}
	check(fill(&session, bytes, TA_RANDOM_MAX + 1, &origin), TEEC_ERROR_EXCESS_DATA, origin, "too many");

	check(fill(&session, bytes, count, &origin), TEEC_SUCCESS, origin, "fill");
	for (size_t i = 0; i < count; i++) {
		printf("%02x", bytes[i]);
	}
	printf("\n");
	TEEC_CloseSession(&session);
	TEEC_FinalizeContext(&context);
	return 0;
}
