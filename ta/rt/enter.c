/* From who runs the TA into its entry points (4.3), and a session's context in between. */
#include "ta/rt/rt.h"

static struct {
	bool used;
	uint32_t number;
	void *context;
} sessions[RT_SESSIONS_MAX];

/* Its place, or RT_SESSIONS_MAX. `used` false: any that is free. */
static size_t session_find(bool used, uint32_t number)
{
	size_t i = 0;

	while (i < RT_SESSIONS_MAX && (sessions[i].used != used || (used && sessions[i].number != number))) {
		i++;
	}
	return i;
}

static void value_in(TEE_Param *to, const struct ta_params *from, size_t i)
{
	to->value.a = (uint32_t)from->value[2 * i];
	to->value.b = (uint32_t)from->value[2 * i + 1];
}

/* False: memory that this machine has not. A type that there is not comes as none. */
static bool params_in(TEE_Param to[TEE_NUM_PARAMS], uint32_t *types, const struct ta_params *from)
{
	*types = 0;
	for (size_t i = 0; i < TEE_NUM_PARAMS; i++) {
		uint32_t type = (uint32_t)(from->types >> (4 * i)) & 0xf;
		uint64_t at = from->value[2 * i], size = from->value[2 * i + 1];
		to[i] = (TEE_Param){ .memref = { NULL, 0 } };
		if (type == TEE_PARAM_TYPE_VALUE_INPUT || type == TEE_PARAM_TYPE_VALUE_INOUT) {
			value_in(&to[i], from, i);
		} else if (type >= TEE_PARAM_TYPE_MEMREF_INPUT && type <= TEE_PARAM_TYPE_MEMREF_INOUT) {
			if (at > UINTPTR_MAX || size > SIZE_MAX) {
				return false;
			}
			to[i].memref.buffer = (void *)(uintptr_t)at;
			to[i].memref.size = (size_t)size;
		} else if (type != TEE_PARAM_TYPE_VALUE_OUTPUT) {
			type = TEE_PARAM_TYPE_NONE;
		}
		*types |= type << (4 * i);
	}
	return true;
}

/* What of it the client gets. */
static void params_answer(struct ta_params *to, const TEE_Param from[TEE_NUM_PARAMS], uint32_t types)
{
	for (size_t i = 0; i < TEE_NUM_PARAMS; i++) {
		uint32_t type = TEE_PARAM_TYPE_GET(types, i);
		if (type == TEE_PARAM_TYPE_VALUE_OUTPUT || type == TEE_PARAM_TYPE_VALUE_INOUT) {
			to->value[2 * i] = from[i].value.a;
			to->value[2 * i + 1] = from[i].value.b;
		} else if (type == TEE_PARAM_TYPE_MEMREF_OUTPUT || type == TEE_PARAM_TYPE_MEMREF_INOUT) {
			to->value[2 * i + 1] = from[i].memref.size;
		}
	}
}

static TEE_Result enter_open(uint32_t session, uint32_t types, TEE_Param params[TEE_NUM_PARAMS])
{
	size_t place = session_find(false, 0);
	void *context = NULL;

	if (session_find(true, session) < RT_SESSIONS_MAX) {
		return TEE_ERROR_BAD_STATE;
	}
	if (place == RT_SESSIONS_MAX) {
		return TEE_ERROR_BUSY;
	}
	TEE_Result result = TA_OpenSessionEntryPoint(types, params, &context);
	if (result == TEE_SUCCESS) {
		sessions[place].used = true;
		sessions[place].number = session;
		sessions[place].context = context;
	}
	return result;
}

static TEE_Result enter_with(uint32_t entry, uint32_t session, struct ta_params *params, uint32_t command)
{
	TEE_Param param[TEE_NUM_PARAMS];
	size_t place = session_find(true, session);
	uint32_t types = 0;

	if (!params || !params_in(param, &types, params)) {
		return TEE_ERROR_BAD_PARAMETERS;
	}
	if (entry == TA_ENTRY_INVOKE && place == RT_SESSIONS_MAX) {
		return TEE_ERROR_BAD_STATE;
	}
	TEE_Result result = entry == TA_ENTRY_OPEN ? enter_open(session, types, param) :
						     TA_InvokeCommandEntryPoint(sessions[place].context, command, types, param);
	params_answer(params, param, types);
	return result;
}

static TEE_Result enter_close(uint32_t session)
{
	size_t place = session_find(true, session);

	if (place == RT_SESSIONS_MAX) {
		return TEE_ERROR_BAD_STATE;
	}
	void *context = sessions[place].context;
	sessions[place].used = false;
	TA_CloseSessionEntryPoint(context);
	return TEE_SUCCESS;
}

uint32_t ta_enter(uint32_t entry, uint32_t session, struct ta_params *params, uint32_t command)
{
	switch (entry) {
	case TA_ENTRY_CREATE:
		return TA_CreateEntryPoint();
	case TA_ENTRY_DESTROY:
		TA_DestroyEntryPoint();
		return TEE_SUCCESS;
	case TA_ENTRY_OPEN:
	case TA_ENTRY_INVOKE:
		return enter_with(entry, session, params, command);
	case TA_ENTRY_CLOSE:
		return enter_close(session);
	default:
		return TEE_ERROR_NOT_SUPPORTED;
	}
}
