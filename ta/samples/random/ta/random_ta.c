/* Random bytes, from the system's generator. */
#include <tee_internal_api.h>

#include <random_ta.h>

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
	return TEE_SUCCESS;
}

void TA_CloseSessionEntryPoint(void *session)
{
	(void)session;
}

/* The bytes are made in the application's own memory: what lies in the client's, anybody there can write meanwhile. */
static TEE_Result fill(TEE_Param *out)
{
	size_t size = out->memref.size;
	void *bytes = NULL;

	if (size > TA_RANDOM_MAX) {
		return TEE_ERROR_EXCESS_DATA;
	}
	bytes = TEE_Malloc(size, TEE_MALLOC_FILL_ZERO);
	if (!bytes) {
		return TEE_ERROR_OUT_OF_MEMORY;
	}
	TEE_GenerateRandom(bytes, size);
	TEE_MemMove(out->memref.buffer, bytes, size);
	TEE_Free(bytes);
	return TEE_SUCCESS;
}

TEE_Result TA_InvokeCommandEntryPoint(void *session, uint32_t command, uint32_t types, TEE_Param params[4])
{
	(void)session;
	if (command != TA_RANDOM_FILL) {
		return TEE_ERROR_NOT_SUPPORTED;
	}
	if (types != TEE_PARAM_TYPES(TEE_PARAM_TYPE_MEMREF_OUTPUT, TEE_PARAM_TYPE_NONE, TEE_PARAM_TYPE_NONE, TEE_PARAM_TYPE_NONE)) {
		return TEE_ERROR_BAD_PARAMETERS;
	}
	return fill(&params[0]);
}
