/*
 * The suite as a client sees it: each case is a command to the TA that in_ta.c is part of, in a session of its own, on whatever node MESATEE_TEE names.
 * client LIST [TEXT]: LIST has the rows as `gp --list` prints them; with TEXT only those whose line holds it. A line for each function, and `N passed, N failed` at the end.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <tee_client_api.h>

#define COMMAND_CASES 1000      /* test/gp/gp.h, GP_COMMAND_CASES */
#define PAGE 4096
#define LINE_MAX_ 1024
#define FUNCTIONS_MAX 160

static const TEEC_UUID suite = { 0x6d657361, 0x7465, 0x6550, { 0x81, 0, 0, 0, 0, 0, 0, 1 } };

struct function {
	char name[64];
	unsigned passed, failed, elsewhere, gaps;
};

static struct function functions[FUNCTIONS_MAX];
static size_t function_count;

static struct function *function_of(const char *name)
{
	for (size_t i = 0; i < function_count; i++) {
		if (strcmp(functions[i].name, name) == 0) {
			return &functions[i];
		}
	}
	if (function_count == FUNCTIONS_MAX) {
		fprintf(stderr, "more functions than there are\n");
		exit(2);
	}
	snprintf(functions[function_count].name, sizeof(functions[0].name), "%s", name);
	return &functions[function_count++];
}

/* A case that waits to be cancelled: nobody here knows when it is ready, so every call that lasts is. */
#define PATIENCE_MS 3000
#define LOOK_MS 100

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static TEEC_Operation *under_way;       /* lock */
static int looks;                       /* lock: how often it was seen under way */

static void *watch(void *unused)
{
	const struct timespec pause = { 0, LOOK_MS * 1000000L };

	(void)unused;
	for (;;) {
		nanosleep(&pause, NULL);
		pthread_mutex_lock(&lock);
		if (under_way && ++looks == PATIENCE_MS / LOOK_MS) {
			TEEC_RequestCancellation(under_way);
		}
		pthread_mutex_unlock(&lock);
	}
	return NULL;
}

static void watched(TEEC_Operation *operation)
{
	pthread_mutex_lock(&lock);
	under_way = operation;
	looks = 0;
	pthread_mutex_unlock(&lock);
}

/* What came of row `number`: TEEC_SUCCESS, TEE_ERROR_NOT_SUPPORTED (it needs what there is not here), or what went wrong. */
static TEEC_Result row_run(TEEC_Context *context, uint32_t number, int panics)
{
	TEEC_Session session;
	TEEC_SharedMemory page = { .size = PAGE, .flags = TEEC_MEM_INPUT | TEEC_MEM_OUTPUT };
	TEEC_Operation operation = { .paramTypes = TEEC_PARAM_TYPES(TEEC_NONE, TEEC_NONE, TEEC_NONE, TEEC_MEMREF_WHOLE) };
	uint32_t origin = 0;
	TEEC_Result result = TEEC_AllocateSharedMemory(context, &page);

	if (result != TEEC_SUCCESS) {
		return result;
	}
	result = TEEC_OpenSession(context, &session, &suite, TEEC_LOGIN_PUBLIC, NULL, NULL, &origin);
	if (result == TEEC_SUCCESS) {
		operation.params[3].memref.parent = &page;
		operation.params[3].memref.size = PAGE;
		watched(&operation);
		result = TEEC_InvokeCommand(&session, COMMAND_CASES + number, &operation, &origin);
		watched(NULL);
		TEEC_CloseSession(&session);
		if (result == TEEC_ERROR_TARGET_DEAD && memcmp((char *)page.buffer + PAGE - 4, "far", 4) == 0) {
			result = TEEC_ERROR_NOT_SUPPORTED;
		} else if (panics && result == TEEC_ERROR_TARGET_DEAD) {
			result = memcmp((char *)page.buffer + PAGE - 4, "now", 4) == 0 ? TEEC_SUCCESS : TEEC_ERROR_BAD_STATE;
		} else if (panics && result == TEEC_SUCCESS) {
			result = TEEC_ERROR_GENERIC;
		}
	}
	TEEC_ReleaseSharedMemory(&page);
	return result;
}

static void row_take(TEEC_Context *context, uint32_t number, char *line)
{
	char *what = strchr(line, '|'), *kind = what ? strrchr(line, '|') : NULL;

	if (!kind || kind == what) {
		fprintf(stderr, "no row: %s\n", line);
		exit(2);
	}
	*what++ = *kind++ = 0;
	struct function *f = function_of(line);

	if (strncmp(kind, "gap", 3) == 0) {
		f->gaps++;
		return;
	}
	TEEC_Result result = row_run(context, number, strncmp(what, "panics", 6) == 0);

	f->passed += result == TEEC_SUCCESS;
	f->elsewhere += result == TEEC_ERROR_NOT_SUPPORTED;
	if (result != TEEC_SUCCESS && result != TEEC_ERROR_NOT_SUPPORTED) {
		f->failed++;
		printf("%s: %s: FAILED (%08x)\n", line, what, result);
		fflush(stdout);
	}
}

int main(int count, char **argument)
{
	FILE *list = count == 2 || count == 3 ? fopen(argument[1], "r") : NULL;
	TEEC_Context context;
	char line[LINE_MAX_];
	struct function all = { .passed = 0 };
	pthread_t watcher;

	if (!list || TEEC_InitializeContext(NULL, &context) != TEEC_SUCCESS) {
		fprintf(stderr, "usage: MESATEE_TEE=SOCKET client LIST [TEXT]\n");
		return 2;
	}
	if (pthread_create(&watcher, NULL, watch, NULL) != 0) {
		return 2;
	}
	for (uint32_t number = 0; fgets(line, sizeof(line), list); number++) {
		if (count == 2 || strstr(line, argument[2])) {
			row_take(&context, number, line);
		}
	}
	for (size_t i = 0; i < function_count; i++) {
		const struct function *f = &functions[i];

		printf("%-40s %2u passed, %u failed, %u in the test's own process alone, %u gaps\n", f->name, f->passed, f->failed, f->elsewhere, f->gaps);
		all.passed += f->passed;
		all.failed += f->failed;
		all.elsewhere += f->elsewhere;
		all.gaps += f->gaps;
	}
	printf("%zu functions, %u rows that need faults or properties of the test's own, %u gaps\n%u passed, %u failed\n", function_count, all.elsewhere, all.gaps,
	       all.passed, all.failed);
	TEEC_FinalizeContext(&context);
	fclose(list);
	return all.failed != 0;
}
