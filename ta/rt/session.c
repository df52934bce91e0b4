/* Sessions with other TAs (4.9) and cancellation (4.10). */
#include "ta/rt/rt.h"

static uint32_t targets[RT_TARGETS_MAX]; /* 0: free */

static size_t target_place(uint32_t session)
{
	size_t i = 0;

	while (i < RT_TARGETS_MAX && targets[i] != session) {
		i++;
	}
	return i;
}

/* ---- parameters ---- */

bool params_good(uint32_t types)
{
	for (size_t i = 0; i < TEE_NUM_PARAMS; i++) {
		uint32_t type = TEE_PARAM_TYPE_GET(types, i);
		if (type == 4 || type > TEE_PARAM_TYPE_MEMREF_INOUT) {
			return false;
		}
	}
	return types >> (4 * TEE_NUM_PARAMS) == 0;
}

static bool is_memory(uint32_t type)
{
	return type >= TEE_PARAM_TYPE_MEMREF_INPUT && type <= TEE_PARAM_TYPE_MEMREF_INOUT;
}

/* The caller's, as its type says, and not kept from others. Output that is NULL asks for its size. */
static void memory_check(uint32_t type, void *at, size_t size)
{
	if (type == TEE_PARAM_TYPE_MEMREF_OUTPUT && !at) {
		return;
	}
	if (type != TEE_PARAM_TYPE_MEMREF_OUTPUT) {
		rt_readable(at, size);
	}
	if (type != TEE_PARAM_TYPE_MEMREF_INPUT) {
		rt_writable(at, size);
	}
	rt_need(heap_shareable(at, size));
}

void params_out(struct ta_params *to, uint32_t types, const TEE_Param params[TEE_NUM_PARAMS])
{
	rt_need(params_good(types));
	*to = (struct ta_params){ .types = types };
	for (size_t i = 0; i < TEE_NUM_PARAMS; i++) {
		uint32_t type = TEE_PARAM_TYPE_GET(types, i);
		if (type != TEE_PARAM_TYPE_NONE) {
			rt_readable(&params[i], sizeof(params[i]));
		}
		if (is_memory(type)) {
			memory_check(type, params[i].memref.buffer, params[i].memref.size);
			to->value[2 * i] = rt_at(params[i].memref.buffer);
			to->value[2 * i + 1] = params[i].memref.size;
		} else if (type == TEE_PARAM_TYPE_VALUE_INPUT || type == TEE_PARAM_TYPE_VALUE_INOUT) {
			to->value[2 * i] = params[i].value.a;
			to->value[2 * i + 1] = params[i].value.b;
		}
	}
}

void params_back(TEE_Param params[TEE_NUM_PARAMS], uint32_t types, const struct ta_params *from)
{
	for (size_t i = 0; i < TEE_NUM_PARAMS; i++) {
		uint32_t type = TEE_PARAM_TYPE_GET(types, i);
		if (type == TEE_PARAM_TYPE_VALUE_OUTPUT || type == TEE_PARAM_TYPE_VALUE_INOUT) {
			params[i].value.a = (uint32_t)from->value[2 * i];
			params[i].value.b = (uint32_t)from->value[2 * i + 1];
		} else if (type == TEE_PARAM_TYPE_MEMREF_OUTPUT || type == TEE_PARAM_TYPE_MEMREF_INOUT) {
			params[i].memref.size = (size_t)from->value[2 * i + 1];
		}
	}
}

/* ---- 4.9 ---- */

TEE_Result TEE_OpenTASession(const TEE_UUID *destination, uint32_t cancellationRequestTimeout, uint32_t paramTypes,
			     TEE_Param params[TEE_NUM_PARAMS], TEE_TASessionHandle *session, uint32_t *returnOrigin)
{
	struct ta_params wire;
	uint32_t number = 0, origin = TEE_ORIGIN_API;
	size_t place = target_place(0);

	rt_readable(destination, sizeof(*destination));
	rt_writable(session, sizeof(*session));
	*session = TEE_HANDLE_NULL;
	params_out(&wire, paramTypes, params);
	TEE_Result result = TEE_ERROR_OUT_OF_MEMORY;
	if (place < RT_TARGETS_MAX) {
		result = RT_CALL(TA_CALL_OPEN_TA_SESSION, rt_at(destination), cancellationRequestTimeout, rt_at(&wire), rt_at(&number), rt_at(&origin));
		params_back(params, paramTypes, &wire);
	}
	if (result == TEE_SUCCESS) {
		targets[place] = number;
		*session = (TEE_TASessionHandle)(uintptr_t)number;
	}
	if (returnOrigin) {
		rt_writable(returnOrigin, sizeof(*returnOrigin));
		*returnOrigin = origin;
	}
	return result;
}

static size_t target_open(TEE_TASessionHandle session)
{
	size_t place = session == TEE_HANDLE_NULL || (uintptr_t)session > UINT32_MAX ? RT_TARGETS_MAX : target_place((uint32_t)(uintptr_t)session);

	rt_need(place < RT_TARGETS_MAX);
	return place;
}

void TEE_CloseTASession(TEE_TASessionHandle session)
{
	if (session != TEE_HANDLE_NULL) {
		size_t place = target_open(session);
		(void)RT_CALL(TA_CALL_CLOSE_TA_SESSION, targets[place]);
		targets[place] = 0;
	}
}

TEE_Result TEE_InvokeTACommand(TEE_TASessionHandle session, uint32_t cancellationRequestTimeout, uint32_t commandID, uint32_t paramTypes,
			       TEE_Param params[TEE_NUM_PARAMS], uint32_t *returnOrigin)
{
	struct ta_params wire;
	uint32_t origin = TEE_ORIGIN_API;
	size_t place = target_open(session);

	params_out(&wire, paramTypes, params);
	TEE_Result result = RT_CALL(TA_CALL_INVOKE_TA_COMMAND, targets[place], cancellationRequestTimeout, commandID, rt_at(&wire), rt_at(&origin));
	params_back(params, paramTypes, &wire);
	if (returnOrigin) {
		rt_writable(returnOrigin, sizeof(*returnOrigin));
		*returnOrigin = origin;
	}
	return result;
}

/* ---- 4.10 ---- */

static bool cancellation(uint32_t number)
{
	uint32_t flag = 0;

	(void)RT_ALLOW(RT_CALL(number, rt_at(&flag)), 0);
	return flag != 0;
}

bool TEE_GetCancellationFlag(void)
{
	return cancellation(TA_CALL_GET_CANCELLATION);
}

bool TEE_UnmaskCancellation(void)
{
	return cancellation(TA_CALL_UNMASK_CANCELLATION);
}

bool TEE_MaskCancellation(void)
{
	return cancellation(TA_CALL_MASK_CANCELLATION);
}
