/* Properties, sessions and memory as version 1.1 had them (tee_api_compat.h): 32-bit sizes. */
#include "ta/rt/rt.h"

/* A length behind a pointer, widened; back it goes as far as 32 bits hold it. */
static size_t wide(const uint32_t *size)
{
	rt_readable(size, sizeof(*size));
	return *size;
}

static uint32_t narrow(size_t size)
{
	return size > UINT32_MAX ? UINT32_MAX : (uint32_t)size;
}

TEE_Result __GP11_TEE_GetPropertyAsString(TEE_PropSetHandle propsetOrEnumerator, const char *name, char *valueBuffer, uint32_t *valueBufferLen)
{
	size_t size = wide(valueBufferLen);
	TEE_Result result = TEE_GetPropertyAsString(propsetOrEnumerator, name, valueBuffer, &size);

	*valueBufferLen = narrow(size);
	return result;
}

TEE_Result __GP11_TEE_GetPropertyAsBinaryBlock(TEE_PropSetHandle propsetOrEnumerator, const char *name, void *valueBuffer,
					       uint32_t *valueBufferLen)
{
	size_t size = wide(valueBufferLen);
	TEE_Result result = TEE_GetPropertyAsBinaryBlock(propsetOrEnumerator, name, valueBuffer, &size);

	*valueBufferLen = narrow(size);
	return result;
}

TEE_Result __GP11_TEE_GetPropertyName(TEE_PropSetHandle enumerator, void *nameBuffer, uint32_t *nameBufferLen)
{
	size_t size = wide(nameBufferLen);
	TEE_Result result = TEE_GetPropertyName(enumerator, nameBuffer, &size);

	*nameBufferLen = narrow(size);
	return result;
}

static void params_widen(TEE_Param to[TEE_NUM_PARAMS], uint32_t types, const __GP11_TEE_Param from[TEE_NUM_PARAMS])
{
	for (size_t i = 0; i < TEE_NUM_PARAMS; i++) {
		uint32_t type = TEE_PARAM_TYPE_GET(types, i);
		if (type >= TEE_PARAM_TYPE_MEMREF_INPUT) {
			to[i].memref.buffer = from[i].memref.buffer;
			to[i].memref.size = from[i].memref.size;
		} else if (type != TEE_PARAM_TYPE_NONE) {
			to[i].value.a = from[i].value.a;
			to[i].value.b = from[i].value.b;
		}
	}
}

static void params_narrow(__GP11_TEE_Param to[TEE_NUM_PARAMS], uint32_t types, const TEE_Param from[TEE_NUM_PARAMS])
{
	for (size_t i = 0; i < TEE_NUM_PARAMS; i++) {
		uint32_t type = TEE_PARAM_TYPE_GET(types, i);
		if (type >= TEE_PARAM_TYPE_MEMREF_INPUT) {
			to[i].memref.size = narrow(from[i].memref.size);
		} else if (type != TEE_PARAM_TYPE_NONE) {
			to[i].value.a = from[i].value.a;
			to[i].value.b = from[i].value.b;
		}
	}
}

TEE_Result __GP11_TEE_OpenTASession(const TEE_UUID *destination, uint32_t cancellationRequestTimeout, uint32_t paramTypes,
				    __GP11_TEE_Param params[TEE_NUM_PARAMS], TEE_TASessionHandle *session, uint32_t *returnOrigin)
{
	TEE_Param param[TEE_NUM_PARAMS] = { 0 };

	params_widen(param, paramTypes, params);
	TEE_Result result = TEE_OpenTASession(destination, cancellationRequestTimeout, paramTypes, param, session, returnOrigin);
	params_narrow(params, paramTypes, param);
	return result;
}

TEE_Result __GP11_TEE_InvokeTACommand(TEE_TASessionHandle session, uint32_t cancellationRequestTimeout, uint32_t commandID, uint32_t paramTypes,
				      __GP11_TEE_Param params[TEE_NUM_PARAMS], uint32_t *returnOrigin)
{
	TEE_Param param[TEE_NUM_PARAMS] = { 0 };

	params_widen(param, paramTypes, params);
	TEE_Result result = TEE_InvokeTACommand(session, cancellationRequestTimeout, commandID, paramTypes, param, returnOrigin);
	params_narrow(params, paramTypes, param);
	return result;
}

TEE_Result __GP11_TEE_CheckMemoryAccessRights(uint32_t accessFlags, void *buffer, uint32_t size)
{
	return TEE_CheckMemoryAccessRights(accessFlags, buffer, size);
}

void *__GP11_TEE_Malloc(uint32_t size, uint32_t hint)
{
	return TEE_Malloc(size, hint);
}

void *__GP11_TEE_Realloc(void *buffer, uint32_t newSize)
{
	return TEE_Realloc(buffer, newSize);
}

void __GP11_TEE_MemMove(void *dest, const void *src, uint32_t size)
{
	TEE_MemMove(dest, src, size);
}

int32_t __GP11_TEE_MemCompare(const void *buffer1, const void *buffer2, uint32_t size)
{
	return TEE_MemCompare(buffer1, buffer2, size);
}

void __GP11_TEE_MemFill(void *buff, uint32_t x, uint32_t size)
{
	TEE_MemFill(buff, x, size);
}
