/*
 * Brings about what goes wrong, and prints the result that comes of it, with its origin: `ffff3024 3`.
 *   panic COMMAND         opens a session, invokes COMMAND (panic loop null stack nothing)
 *   panic wait            cancels the call from another thread when it is under way
 *   panic open UUID       opens a session with that application and closes it
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <tee_client_api.h>

#include <panic_ta.h>

static TEEC_Session session;
static TEEC_Operation operation;
static volatile int done;

/* Again and again: who asks before the call has begun asks in vain. */
static void *cancel(void *nothing)
{
	const struct timespec pause = { .tv_nsec = 50000000 };

	while (!done) {
		(void)nanosleep(&pause, NULL);
		TEEC_RequestCancellation(&operation);
	}
	return nothing;
}

static int tell(TEEC_Result result, uint32_t origin)
{
	printf("%08x %u\n", result, origin);
	return fflush(stdout) == 0 ? 0 : 1;
}

static int read_uuid(const char *text, TEEC_UUID *out)
{
	unsigned int n[3], b[8];

	if (sscanf(text, "%8x-%4x-%4x-%2x%2x-%2x%2x%2x%2x%2x%2x", &n[0], &n[1], &n[2], &b[0], &b[1], &b[2], &b[3], &b[4], &b[5], &b[6], &b[7]) != 11) {
		return 0;
	}
	out->timeLow = n[0];
	out->timeMid = (uint16_t)n[1];
	out->timeHiAndVersion = (uint16_t)n[2];
	for (int i = 0; i < 8; i++) {
		out->clockSeqAndNode[i] = (uint8_t)b[i];
	}
	return 1;
}

int main(int argc, char **argv)
{
	static const char *const commands[] = { "panic", "loop", "null", "stack", "wait", "nothing" };
	TEEC_UUID uuid = TA_PANIC_UUID;
	TEEC_Context context;
	pthread_t thread;
	uint32_t origin = 0, command = 0;
	int opens = argc == 3 && strcmp(argv[1], "open") == 0 && read_uuid(argv[2], &uuid);

	while (!opens && argc == 2 && command < 6 && strcmp(argv[1], commands[command]) != 0) {
		command++;
	}
	if (!opens && (argc != 2 || command == 6)) {
		fprintf(stderr, "usage: panic COMMAND | open UUID\n");
		return 2;
	}
	TEEC_Result result = TEEC_InitializeContext(NULL, &context);

	if (result != TEEC_SUCCESS) {
		fprintf(stderr, "TEEC_InitializeContext: %08x\n", result);
		return 1;
	}
	result = TEEC_OpenSession(&context, &session, &uuid, TEEC_LOGIN_PUBLIC, NULL, NULL, &origin);
	if (result != TEEC_SUCCESS || opens) {
		if (result == TEEC_SUCCESS) {
			TEEC_CloseSession(&session);
		}
		TEEC_FinalizeContext(&context);
		return tell(result, origin);
	}
	fprintf(stderr, "open\n");
	if (command == TA_PANIC_WAIT && pthread_create(&thread, NULL, cancel, NULL) != 0) {
		return 1;
	}
	result = TEEC_InvokeCommand(&session, command, &operation, &origin);
	done = 1;
	if (command == TA_PANIC_WAIT) {
		(void)pthread_join(thread, NULL);
	}
	TEEC_CloseSession(&session);
	TEEC_FinalizeContext(&context);
	return tell(result, origin);
}
