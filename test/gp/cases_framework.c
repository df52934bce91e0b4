/* 4.8 to 4.10, 7.2: panic, sessions with other TAs, cancellation, time. */
#include "test/gp/cases.h"

#include <tee_syscall.h>

static void panic(unsigned which)
{
	(void)which;
	gp_now();
	TEE_Panic(TEE_ERROR_GENERIC);
}

/* ---- 4.9 ---- */

static TEE_TASessionHandle open_target(void)
{
	TEE_TASessionHandle session = TEE_HANDLE_NULL;
	uint32_t origin = 0;

	GP(TEE_OpenTASession(&gp_target, TEE_TIMEOUT_INFINITE, 0, NULL, &session, &origin) == TEE_SUCCESS && session != TEE_HANDLE_NULL);
	GP(origin == TEE_ORIGIN_TRUSTED_APP);
	return session;
}

static void session_open(unsigned which)
{
	TEE_TASessionHandle session = TEE_HANDLE_NULL;
	TEE_Param params[4] = { { .value = { 3, 4 } }, { .memref = { NULL, 0 } } };
	char text[4];

	(void)which;
	params[1].memref.buffer = text;
	params[1].memref.size = sizeof(text);
	TEE_CloseTASession(open_target());
	GP(TEE_OpenTASession(&gp_target, 1000, TEE_PARAM_TYPES(TEE_PARAM_TYPE_VALUE_INOUT, TEE_PARAM_TYPE_MEMREF_OUTPUT, 0, 0), params, &session,
			     NULL) == TEE_SUCCESS);
	GP(params[0].value.a == 4 && params[0].value.b == 3 && params[1].memref.size == 4 && gp_same(text, "echo", 4));
	TEE_CloseTASession(session);
	TEE_CloseTASession(TEE_HANDLE_NULL);
}

static void session_refused(unsigned which)
{
	static const TEE_Result results[] = { TEE_ERROR_OUT_OF_MEMORY, TEE_ERROR_ITEM_NOT_FOUND, TEE_ERROR_ACCESS_DENIED, TEE_ERROR_BUSY,
					      TEE_ERROR_TARGET_DEAD, TEE_ERROR_CANCEL, TEE_ERROR_EXTERNAL_CANCEL };
	static const TEE_UUID nobody = { 1, 2, 3, { 4, 5, 6, 7, 8, 9, 10, 11 } };
	TEE_TASessionHandle session = GP_NOBODY;
	TEE_Param params[4] = { { .value = { GP_ERROR, 0 } } };
	uint32_t origin = 0;

	if (results[which] == TEE_ERROR_ITEM_NOT_FOUND) {
		GP(TEE_OpenTASession(&nobody, 0, 0, NULL, &session, &origin) == TEE_ERROR_ITEM_NOT_FOUND && session == TEE_HANDLE_NULL);
		GP(origin == TEE_ORIGIN_TEE);
		GP(TEE_OpenTASession(&gp_target, 0, TEE_PARAM_TYPE_VALUE_INPUT, params, &session, &origin) == GP_ERROR);
		GP(session == TEE_HANDLE_NULL && origin == TEE_ORIGIN_TRUSTED_APP);
		return;
	}
	gp_fault(TA_CALL_OPEN_TA_SESSION, 0, results[which]);
	GP(TEE_OpenTASession(&gp_target, 0, 0, NULL, &session, &origin) == results[which] && session == TEE_HANDLE_NULL);
}

static void session_many(unsigned which)
{
	TEE_TASessionHandle session = TEE_HANDLE_NULL;
	TEE_Result result = TEE_SUCCESS;
	unsigned count = 0;

	(void)which;
	while ((result = TEE_OpenTASession(&gp_target, 0, 0, NULL, &session, NULL)) == TEE_SUCCESS && count < 1000) {
		count++;
	}
	GP(count >= 8 && (result == TEE_ERROR_OUT_OF_MEMORY || result == TEE_ERROR_BUSY) && session == TEE_HANDLE_NULL);
}

static void invoke(unsigned which)
{
	TEE_TASessionHandle session = open_target();
	char in[] = "abc", out[] = "......", both[] = "12345";
	TEE_Param params[4] = { { .value = { 1, 2 } }, { .memref = { in, 3 } }, { .memref = { out, 6 } }, { .memref = { both, 5 } } };
	uint32_t origin = 0, types = TEE_PARAM_TYPES(TEE_PARAM_TYPE_VALUE_INOUT, TEE_PARAM_TYPE_MEMREF_INPUT, TEE_PARAM_TYPE_MEMREF_OUTPUT,
						      TEE_PARAM_TYPE_MEMREF_INOUT);

	(void)which;
	GP(TEE_InvokeTACommand(session, 1000, GP_COMMAND_ECHO, types, params, &origin) == TEE_SUCCESS && origin == TEE_ORIGIN_TRUSTED_APP);
	GP(params[0].value.a == 2 && params[0].value.b == 1 && params[2].memref.size == 4 && gp_same(out, "echo..", 6));
	GP(gp_same(both, "54321", 5) && gp_same(in, "abc", 3) && params[1].memref.size == 3);
	params[2].memref.size = 3;
	GP(TEE_InvokeTACommand(session, 1000, GP_COMMAND_ECHO, types, params, &origin) == TEE_ERROR_SHORT_BUFFER && params[2].memref.size == 4);
	GP(params[0].value.a == 1); /* values come back whatever the result is */
	GP(TEE_InvokeTACommand(session, 0, GP_COMMAND_ERROR, 0, NULL, &origin) == GP_ERROR && origin == TEE_ORIGIN_TRUSTED_APP);
	TEE_CloseTASession(session);
}

static void invoke_error(unsigned which)
{
	static const TEE_Result results[] = { TEE_ERROR_OUT_OF_MEMORY, TEE_ERROR_TARGET_DEAD, TEE_ERROR_CANCEL, TEE_ERROR_EXTERNAL_CANCEL };
	TEE_TASessionHandle session = open_target();

	gp_fault(TA_CALL_INVOKE_TA_COMMAND, 0, results[which]);
	GP(TEE_InvokeTACommand(session, 0, GP_COMMAND_ECHO, 0, NULL, NULL) == results[which]);
	TEE_CloseTASession(session);
}

/* Parameters that are a fault: by which function. */
static void params_panic(unsigned which)
{
	TEE_TASessionHandle session = open_target(), other = TEE_HANDLE_NULL;
	uint32_t types = TEE_PARAM_TYPE_MEMREF_INPUT;
	TEE_Param params[4] = { { .memref = { gp_foreign(), 8 } } };

	switch (which % 4) {
	case 0:
		types = 4; /* no type */
		break;
	case 1:
		break;
	case 2:
		params[0].memref.buffer = gp_read_only();
		types = TEE_PARAM_TYPE_MEMREF_OUTPUT;
		break;
	default:
		params[0].memref.buffer = TEE_Malloc(8, TEE_MALLOC_NO_SHARE);
	}
	gp_now();
	if (which < 4) {
		(void)TEE_OpenTASession(&gp_target, 0, types, params, &other, NULL);
	} else {
		(void)TEE_InvokeTACommand(session, 0, GP_COMMAND_ECHO, types, params, NULL);
	}
}

static void session_panic(unsigned which)
{
	TEE_TASessionHandle session = open_target();

	TEE_CloseTASession(session);
	gp_now();
	if (which == 0) {
		TEE_CloseTASession(session);
	} else {
		(void)TEE_InvokeTACommand(session, 0, GP_COMMAND_ECHO, 0, NULL, NULL);
	}
}

/* ---- 4.10 ---- */

static void cancellation(unsigned which)
{
	(void)which;
	GP(!TEE_GetCancellationFlag());
	gp_cancel();
	GP(!TEE_GetCancellationFlag()); /* tasks begin masked */
	GP(TEE_UnmaskCancellation() && TEE_GetCancellationFlag());
	GP(!TEE_UnmaskCancellation());
	GP(!TEE_MaskCancellation() && !TEE_GetCancellationFlag());
	GP(TEE_MaskCancellation());
}

/* ---- 7.2 ---- */

static void system_time(unsigned which)
{
	TEE_Time before = { 0, 0 }, after = { 0, 0 };

	(void)which;
	TEE_GetSystemTime(&before);
	GP(TEE_Wait(1500) == TEE_SUCCESS);
	TEE_GetSystemTime(&after);
	GP(before.millis < 1000 && after.millis < 1000);
	GP((uint64_t)after.seconds * 1000 + after.millis >= (uint64_t)before.seconds * 1000 + before.millis + 1500);
}

static void wait_cancelled(unsigned which)
{
	if (which == 1) {
		gp_fault(TA_CALL_WAIT, 0, TEE_ERROR_EXTERNAL_CANCEL);
		GP(TEE_Wait(1) == TEE_ERROR_EXTERNAL_CANCEL);
		return;
	}
	gp_cancel();
	GP(TEE_Wait(1) == TEE_SUCCESS);
	(void)TEE_UnmaskCancellation();
	GP(TEE_Wait(TEE_TIMEOUT_INFINITE) == TEE_ERROR_CANCEL);
}

static void persistent_time(unsigned which)
{
	TEE_Time set = { 100, 500 }, now = { 0, 0 };

	(void)which;
	GP(TEE_SetTAPersistentTime(&set) == TEE_SUCCESS);
	GP(TEE_Wait(2000) == TEE_SUCCESS);
	GP(TEE_GetTAPersistentTime(&now) == TEE_SUCCESS && now.seconds >= 102 && now.seconds < 200);
}

static void persistent_error(unsigned which)
{
	static const TEE_Result results[] = { TEE_ERROR_TIME_NOT_SET, TEE_ERROR_TIME_NEEDS_RESET, TEE_ERROR_OVERFLOW, TEE_ERROR_OUT_OF_MEMORY,
					      TEE_ERROR_OUT_OF_MEMORY, TEE_ERROR_STORAGE_NO_SPACE };
	TEE_Time set = { UINT32_MAX, 0 }, now = { 7, 7 };

	if (results[which] == TEE_ERROR_OVERFLOW) {
		GP(TEE_SetTAPersistentTime(&set) == TEE_SUCCESS && TEE_Wait(3000) == TEE_SUCCESS);
		GP(TEE_GetTAPersistentTime(&now) == TEE_ERROR_OVERFLOW && now.seconds < 10 && now.millis < 1000);
		return;
	}
	if (which == 0 && !gp_own_world()) {
		return;
	}
	if (which > 0) {
		gp_fault(which < 4 ? TA_CALL_GET_TIME : TA_CALL_SET_TIME, 0, results[which]);
	}
	GP((which < 4 ? TEE_GetTAPersistentTime(&now) : TEE_SetTAPersistentTime(&set)) == results[which]);
}

static void ree_time(unsigned which)
{
	TEE_Time now = { 0, 1000 };

	(void)which;
	TEE_GetREETime(&now);
	GP(now.seconds > 1600000000 && now.millis < 1000);
}

static void time_panic(unsigned which)
{
	gp_now();
	switch (which) {
	case 0:
		TEE_GetSystemTime(NULL);
		break;
	case 1:
		(void)TEE_GetTAPersistentTime(gp_read_only());
		break;
	case 2:
		(void)TEE_SetTAPersistentTime(gp_foreign());
		break;
	default:
		TEE_GetREETime(gp_foreign());
	}
}

#define PARAM_ROWS(function, from)                                                                                               \
	{ function, "panics: paramTypes has a type that there is not", params_panic, (from) + 0 },                                   \
	{ function, "panics: a memory reference is not the caller's to read", params_panic, (from) + 1 },                            \
	{ function, "panics: a memory reference is not the caller's to write", params_panic, (from) + 2 },                           \
	{ function, "panics: memory of TEE_MALLOC_NO_SHARE", params_panic, (from) + 3 }

const struct gp_row gp_rows_framework[] = {
	{ "TEE_Panic", "panics: always", panic, 0 },
	{ "TEE_OpenTASession", "success", session_open, 0 },
	{ "TEE_OpenTASession", "TEE_ERROR_OUT_OF_MEMORY", session_refused, 0 },
	{ "TEE_OpenTASession", "TEE_ERROR_OUT_OF_MEMORY or _BUSY: as many as there can be", session_many, 0 },
	{ "TEE_OpenTASession", "TEE_ERROR_ITEM_NOT_FOUND, and what the other TA returns", session_refused, 1 },
	{ "TEE_OpenTASession", "TEE_ERROR_ACCESS_DENIED", session_refused, 2 },
	{ "TEE_OpenTASession", "TEE_ERROR_BUSY", session_refused, 3 },
	{ "TEE_OpenTASession", "TEE_ERROR_TARGET_DEAD", session_refused, 4 },
	{ "TEE_OpenTASession", "TEE_ERROR_CANCEL", session_refused, 5 },
	{ "TEE_OpenTASession", "TEE_ERROR_EXTERNAL_CANCEL", session_refused, 6 },
	PARAM_ROWS("TEE_OpenTASession", 0),
	{ "TEE_CloseTASession", "success", session_open, 0 },
	{ "TEE_CloseTASession", "panics: session is not open", session_panic, 0 },
	{ "TEE_InvokeTACommand", "success, and what the other TA returns", invoke, 0 },
	{ "TEE_InvokeTACommand", "TEE_ERROR_OUT_OF_MEMORY", invoke_error, 0 },
	{ "TEE_InvokeTACommand", "TEE_ERROR_TARGET_DEAD", invoke_error, 1 },
	{ "TEE_InvokeTACommand", "TEE_ERROR_CANCEL", invoke_error, 2 },
	{ "TEE_InvokeTACommand", "TEE_ERROR_EXTERNAL_CANCEL", invoke_error, 3 },
	{ "TEE_InvokeTACommand", "panics: session is not open", session_panic, 1 },
	PARAM_ROWS("TEE_InvokeTACommand", 4),
	{ "TEE_GetCancellationFlag", "success", cancellation, 0 },
	{ "TEE_UnmaskCancellation", "success", cancellation, 0 },
	{ "TEE_MaskCancellation", "success", cancellation, 0 },
	{ "TEE_GetSystemTime", "success", system_time, 0 },
	{ "TEE_GetSystemTime", "panics: time cannot be written", time_panic, 0 },
	{ "TEE_Wait", "success", system_time, 0 },
	{ "TEE_Wait", "TEE_ERROR_CANCEL", wait_cancelled, 0 },
	{ "TEE_Wait", "TEE_ERROR_EXTERNAL_CANCEL", wait_cancelled, 1 },
	{ "TEE_GetTAPersistentTime", "success", persistent_time, 0 },
	{ "TEE_GetTAPersistentTime", "TEE_ERROR_TIME_NOT_SET", persistent_error, 0 },
	{ "TEE_GetTAPersistentTime", "TEE_ERROR_TIME_NEEDS_RESET", persistent_error, 1 },
	{ "TEE_GetTAPersistentTime", "TEE_ERROR_OVERFLOW", persistent_error, 2 },
	{ "TEE_GetTAPersistentTime", "TEE_ERROR_OUT_OF_MEMORY", persistent_error, 3 },
	{ "TEE_GetTAPersistentTime", "panics: time cannot be written", time_panic, 1 },
	{ "TEE_SetTAPersistentTime", "success", persistent_time, 0 },
	{ "TEE_SetTAPersistentTime", "TEE_ERROR_OUT_OF_MEMORY", persistent_error, 4 },
	{ "TEE_SetTAPersistentTime", "TEE_ERROR_STORAGE_NO_SPACE", persistent_error, 5 },
	{ "TEE_SetTAPersistentTime", "panics: time cannot be read", time_panic, 2 },
	{ "TEE_GetREETime", "success", ree_time, 0 },
	{ "TEE_GetREETime", "panics: time cannot be written", time_panic, 3 },
};
GP_COUNT(framework)
