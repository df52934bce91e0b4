#include "test/calling.h"

#include "test/test.h"

#include <stdio.h>
#include <unistd.h>

const TEEC_UUID calling_uuid = TRY_UUID;
char calling_place[64];
pid_t calling_world;
TEEC_Context calling_context;

void calling_begin(enum tee_lie lie)
{
	snprintf(calling_place, sizeof(calling_place), "/tmp/mesatee-test-%d.sock", (int)getpid());
	calling_world = tee_world_start(calling_place, lie, false);
	CHECK(TEEC_InitializeContext(calling_place, &calling_context) == TEEC_SUCCESS, "a path");
}

void calling_end(void)
{
	TEEC_FinalizeContext(&calling_context);
	tee_world_stop(calling_world, calling_place);
}

TEEC_Result calling_open(TEEC_Session *s)
{
	TEEC_Result result = TEEC_ERROR_GENERIC;

	/* An instance that is about to end takes a session with it. */
	for (int i = 0; i < 100 && result != TEEC_SUCCESS; i++) {
		result = TEEC_OpenSession(&calling_context, s, &calling_uuid, TEEC_LOGIN_PUBLIC, NULL, NULL, NULL);
		if (result != TEEC_ERROR_TARGET_DEAD) {
			return result;
		}
	}
	return result;
}
