#include <tee_internal_api.h>
#include <tee_internal_api_extensions.h>

#include <hello_ta.h>
#include <string.h>
#include <trace.h>

static const char greeting[] = "Hello, ";

TEE_Result TA_CreateEntryPoint(void)
{
	return TEE_SUCCESS;
}

void TA_DestroyEntryPoint(void)
{
}

TEE_Result TA_OpenSessionEntryPoint(uint32_t types, TEE_Param params[4], void **session)
{
	(void)params;
	(void)session;
	if (types != TEE_PARAM_TYPES(TEE_PARAM_TYPE_NONE, TEE_PARAM_TYPE_NONE, TEE_PARAM_TYPE_NONE, TEE_PARAM_TYPE_NONE)) {
		return TEE_ERROR_BAD_PARAMETERS;
	}
	IMSG("a client has come");
	return TEE_SUCCESS;
}

void TA_CloseSessionEntryPoint(void *session)
{
	(void)session;
	IMSG("it has gone");
}

static TEE_Result increment(uint32_t types, TEE_Param params[4])
{
	if (types != TEE_PARAM_TYPES(TEE_PARAM_TYPE_VALUE_INOUT, TEE_PARAM_TYPE_NONE, TEE_PARAM_TYPE_NONE, TEE_PARAM_TYPE_NONE)) {
		return TEE_ERROR_BAD_PARAMETERS;
	}
	params[0].value.a++;
	return TEE_SUCCESS;
}

static TEE_Result greet(uint32_t types, TEE_Param params[4])
{
	if (types != TEE_PARAM_TYPES(TEE_PARAM_TYPE_MEMREF_INPUT, TEE_PARAM_TYPE_MEMREF_OUTPUT, TEE_PARAM_TYPE_NONE, TEE_PARAM_TYPE_NONE)) {
		return TEE_ERROR_BAD_PARAMETERS;
	}
	size_t name = params[0].memref.size, size = sizeof(greeting) - 1 + name, capacity = params[1].memref.size;

	params[1].memref.size = size;
	if (size < name || size > capacity) {
		return TEE_ERROR_SHORT_BUFFER;
	}
	memcpy(params[1].memref.buffer, greeting, sizeof(greeting) - 1);
	memcpy((char *)params[1].memref.buffer + sizeof(greeting) - 1, params[0].memref.buffer, name);
	return TEE_SUCCESS;
}

TEE_Result TA_InvokeCommandEntryPoint(void *session, uint32_t command, uint32_t types, TEE_Param params[4])
{
	(void)session;
	switch (command) {
	case TA_HELLO_INCREMENT:
		return increment(types, params);
	case TA_HELLO_GREET:
		return greet(types, params);
	default:
		return TEE_ERROR_NOT_SUPPORTED;
	}
}
