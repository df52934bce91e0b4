/*
 * What an image has of one TA: head, heap, properties. Not part of the library: compiled for each TA, with its user_ta_header_defines.h in the path of
 * includes (TA_UUID, TA_FLAGS, TA_STACK_SIZE, TA_DATA_SIZE; TA_VERSION, TA_DESCRIPTION, TA_CURRENT_TA_EXT_PROPERTIES if it wants) and with the TA's own
 * options, which say for which version of the API its entry points are written.
 */
#include <user_ta_header.h>
#include <user_ta_header_defines.h>

#include "ta/rt/rt.h"

#ifndef TA_VERSION
#define TA_VERSION "Undefined version"
#endif
#ifndef TA_DESCRIPTION
#define TA_DESCRIPTION "Undefined description"
#endif

/* What the library needs of the stack besides: a list of attributes, four parameters. */
#define RT_STACK_SIZE 4096

const struct ta_head ta_head __attribute__((section(".ta_head"), used)) = {
	.uuid = TA_UUID,
	.stack_size = TA_STACK_SIZE + RT_STACK_SIZE,
	.flags = TA_FLAGS,
	.unused = UINT64_MAX,
};

uint8_t ta_heap[TA_DATA_SIZE] __attribute__((aligned(16)));
const size_t ta_heap_size = sizeof(ta_heap);

#define IS(flag) (&(const bool){ ((TA_FLAGS) & (flag)) != 0 })

/* gpd.ta.appID is not among them: that is what the TEE knows the application by. */
const struct user_ta_property ta_props[] = {
	{ TA_PROP_STR_SINGLE_INSTANCE, USER_TA_PROP_TYPE_BOOL, IS(TA_FLAG_SINGLE_INSTANCE) },
	{ TA_PROP_STR_MULTI_SESSION, USER_TA_PROP_TYPE_BOOL, IS(TA_FLAG_MULTI_SESSION) },
	{ TA_PROP_STR_KEEP_ALIVE, USER_TA_PROP_TYPE_BOOL, IS(TA_FLAG_INSTANCE_KEEP_ALIVE) },
	{ TA_PROP_STR_KEEP_CRASHED, USER_TA_PROP_TYPE_BOOL, IS(TA_FLAG_INSTANCE_KEEP_CRASHED) },
	{ TA_PROP_STR_DATA_SIZE, USER_TA_PROP_TYPE_U32, &(const uint32_t){ TA_DATA_SIZE } },
	{ TA_PROP_STR_STACK_SIZE, USER_TA_PROP_TYPE_U32, &(const uint32_t){ TA_STACK_SIZE } },
	{ TA_PROP_STR_VERSION, USER_TA_PROP_TYPE_STRING, TA_VERSION },
	{ TA_PROP_STR_DESCRIPTION, USER_TA_PROP_TYPE_STRING, TA_DESCRIPTION },
	{ TA_PROP_STR_ENDIAN, USER_TA_PROP_TYPE_U32, &(const uint32_t){ 0 } },
	{ TA_PROP_STR_DOES_NOT_CLOSE_HANDLE_ON_CORRUPT_OBJECT, USER_TA_PROP_TYPE_BOOL, IS(TA_FLAG_DONT_CLOSE_HANDLE_ON_CORRUPT_OBJECT) },
#ifdef TA_CURRENT_TA_EXT_PROPERTIES
	TA_CURRENT_TA_EXT_PROPERTIES
#endif
};
const size_t ta_num_props = RT_COUNT(ta_props);

/* The way in is an exported symbol of the library; without a mention the linker would leave it there. */
extern uint32_t (*const ta_enter_kept)(uint32_t, uint32_t, struct ta_params *, uint32_t);
uint32_t (*const ta_enter_kept)(uint32_t, uint32_t, struct ta_params *, uint32_t) __attribute__((used)) = ta_enter;

#if __OPTEE_CORE_API_COMPAT_1_1
/* The TA's two entry points with parameters are those of version 1.1. */
#undef TA_OpenSessionEntryPoint
#undef TA_InvokeCommandEntryPoint
#undef TEE_Param

static void narrow(__GP11_TEE_Param to[TEE_NUM_PARAMS], uint32_t types, const TEE_Param from[TEE_NUM_PARAMS])
{
	for (size_t i = 0; i < TEE_NUM_PARAMS; i++) {
		if (TEE_PARAM_TYPE_GET(types, i) >= TEE_PARAM_TYPE_MEMREF_INPUT) {
			to[i].memref.buffer = from[i].memref.buffer;
			to[i].memref.size = from[i].memref.size > UINT32_MAX ? UINT32_MAX : (uint32_t)from[i].memref.size;
		} else {
			to[i].value.a = from[i].value.a;
			to[i].value.b = from[i].value.b;
		}
	}
}

static void widen(TEE_Param to[TEE_NUM_PARAMS], uint32_t types, const __GP11_TEE_Param from[TEE_NUM_PARAMS])
{
	for (size_t i = 0; i < TEE_NUM_PARAMS; i++) {
		if (TEE_PARAM_TYPE_GET(types, i) >= TEE_PARAM_TYPE_MEMREF_INPUT) {
			to[i].memref.size = from[i].memref.size;
		} else {
			to[i].value.a = from[i].value.a;
			to[i].value.b = from[i].value.b;
		}
	}
}

TEE_Result TA_OpenSessionEntryPoint(uint32_t paramTypes, TEE_Param params[TEE_NUM_PARAMS], void **sessionContext)
{
	__GP11_TEE_Param param[TEE_NUM_PARAMS] = { 0 };

	narrow(param, paramTypes, params);
	TEE_Result result = __GP11_TA_OpenSessionEntryPoint(paramTypes, param, sessionContext);
	widen(params, paramTypes, param);
	return result;
}

TEE_Result TA_InvokeCommandEntryPoint(void *sessionContext, uint32_t commandID, uint32_t paramTypes, TEE_Param params[TEE_NUM_PARAMS])
{
	__GP11_TEE_Param param[TEE_NUM_PARAMS] = { 0 };

	narrow(param, paramTypes, params);
	TEE_Result result = __GP11_TA_InvokeCommandEntryPoint(sessionContext, commandID, paramTypes, param);
	widen(params, paramTypes, param);
	return result;
}
#endif
