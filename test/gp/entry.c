/* The suite as a TA: echoes for those who open a session with it, and a case for each number. */
#include "test/gp/gp.h"

TEE_Result TA_CreateEntryPoint(void)
{
	return TEE_SUCCESS;
}

void TA_DestroyEntryPoint(void)
{
}

static void reverse(uint8_t *at, gp_size size)
{
	for (gp_size i = 0; i < size / 2; i++) {
		uint8_t byte = at[i];
		at[i] = at[size - 1 - i];
		at[size - 1 - i] = byte;
	}
}

static TEE_Result echo_one(uint32_t type, TEE_Param *param)
{
	uint32_t a = param->value.a;

	switch (type) {
	case TEE_PARAM_TYPE_VALUE_OUTPUT:
		param->value.a = 1;
		param->value.b = 2;
		return TEE_SUCCESS;
	case TEE_PARAM_TYPE_VALUE_INOUT:
		param->value.a = param->value.b;
		param->value.b = a;
		return TEE_SUCCESS;
	case TEE_PARAM_TYPE_MEMREF_OUTPUT:
		if (param->memref.size < 4) {
			param->memref.size = 4;
			return TEE_ERROR_SHORT_BUFFER;
		}
		TEE_MemMove(param->memref.buffer, "echo", 4);
		param->memref.size = 4;
		return TEE_SUCCESS;
	case TEE_PARAM_TYPE_MEMREF_INOUT:
		reverse(param->memref.buffer, param->memref.size);
		return TEE_SUCCESS;
	default:
		return TEE_SUCCESS;
	}
}

static TEE_Result echo(uint32_t types, TEE_Param params[TEE_NUM_PARAMS])
{
	TEE_Result result = TEE_SUCCESS;

	for (uint32_t i = 0; i < TEE_NUM_PARAMS; i++) {
		TEE_Result one = echo_one(TEE_PARAM_TYPE_GET(types, i), &params[i]);
		result = result == TEE_SUCCESS ? one : result;
	}
	return result;
}

/* A value that goes in refuses the session with it. */
TEE_Result TA_OpenSessionEntryPoint(uint32_t paramTypes, TEE_Param params[TEE_NUM_PARAMS], void **sessionContext)
{
	*sessionContext = (void *)(uintptr_t)0x5e55;
	if (TEE_PARAM_TYPE_GET(paramTypes, 0) == TEE_PARAM_TYPE_VALUE_INPUT) {
		return params[0].value.a;
	}
	return echo(paramTypes, params);
}

void TA_CloseSessionEntryPoint(void *sessionContext)
{
	GP(sessionContext == (void *)(uintptr_t)0x5e55);
}

static TEE_Result run(uint32_t number, uint32_t types, TEE_Param params[TEE_NUM_PARAMS])
{
	const struct gp_row *row = gp_row_at(number);

	if (!row) {
		return TEE_ERROR_ITEM_NOT_FOUND;
	}
	if (!row->run) {
		return TEE_ERROR_NOT_IMPLEMENTED;
	}
	bool shared = TEE_PARAM_TYPE_GET(types, 3) == TEE_PARAM_TYPE_MEMREF_INOUT;
	gp_begin(shared ? params[3].memref.buffer : NULL, shared ? params[3].memref.size : 0);
	row->run(row->which);
	return gp_result();
}

TEE_Result TA_InvokeCommandEntryPoint(void *sessionContext, uint32_t commandID, uint32_t paramTypes, TEE_Param params[TEE_NUM_PARAMS])
{
	GP(sessionContext == (void *)(uintptr_t)0x5e55);
	if (commandID >= GP_COMMAND_CASES) {
		return run(commandID - GP_COMMAND_CASES, paramTypes, params);
	}
	return commandID == GP_COMMAND_ECHO ? echo(paramTypes, params) : GP_ERROR;
}
