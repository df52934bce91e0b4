/*
 * Sizes and offsets of the GlobalPlatform types on 64-bit machines. Compiled by test_gp_headers, never linked.
 *
 * The client's are those of OP-TEE's tee_client_api.h (optee-client 4.5.0): a program built with either header must run with
 * our libteec.so.2. The inner ones are those of optee_os 4.5.0.
 */
#include "api/tee_client_api.h"
#include "api/tee_internal_api.h"
#include "api/tee_internal_api_extensions.h"
#include "api/tee_tcpsocket.h"
#include "api/tee_udpsocket.h"

#define SIZE(type, want) _Static_assert(sizeof(type) == (want), "size of " #type)
#define AT(type, member, want) _Static_assert(offsetof(type, member) == (want), "offset of " #member " in " #type)

SIZE(TEEC_Context, 8);
_Static_assert(_Alignof(TEEC_Context) == 4, "alignment of TEEC_Context");
AT(TEEC_Context, imp.fd, 0);
AT(TEEC_Context, imp.reg_mem, 4);
AT(TEEC_Context, imp.memref_null, 5);
SIZE(TEEC_UUID, 16);
AT(TEEC_UUID, clockSeqAndNode, 8);
SIZE(TEEC_SharedMemory, 56);
AT(TEEC_SharedMemory, buffer, 0);
AT(TEEC_SharedMemory, size, 8);
AT(TEEC_SharedMemory, flags, 16);
AT(TEEC_SharedMemory, imp.id, 24);
AT(TEEC_SharedMemory, imp.alloced_size, 32);
AT(TEEC_SharedMemory, imp.shadow_buffer, 40);
AT(TEEC_SharedMemory, imp.registered_fd, 48);
AT(TEEC_SharedMemory, imp.flags, 52);
SIZE(TEEC_TempMemoryReference, 16);
AT(TEEC_TempMemoryReference, size, 8);
SIZE(TEEC_RegisteredMemoryReference, 24);
AT(TEEC_RegisteredMemoryReference, size, 8);
AT(TEEC_RegisteredMemoryReference, offset, 16);
SIZE(TEEC_Value, 8);
SIZE(TEEC_Parameter, 24);
SIZE(TEEC_Session, 16);
AT(TEEC_Session, imp.ctx, 0);
AT(TEEC_Session, imp.session_id, 8);
SIZE(TEEC_Operation, 112);
AT(TEEC_Operation, started, 0);
AT(TEEC_Operation, paramTypes, 4);
AT(TEEC_Operation, params, 8);
AT(TEEC_Operation, imp.session, 104);

SIZE(TEE_UUID, 16);
SIZE(TEE_Identity, 20);
AT(TEE_Identity, uuid, 4);
SIZE(TEE_Param, 16);
AT(TEE_Param, memref.size, 8);
AT(TEE_Param, value.b, 4);
SIZE(__GP11_TEE_Param, 16);
AT(__GP11_TEE_Param, memref.size, 8);
#if !__OPTEE_CORE_API_COMPAT_1_1
SIZE(TEE_ObjectInfo, 40);
AT(TEE_ObjectInfo, objectUsage, 12);
AT(TEE_ObjectInfo, dataSize, 16);
AT(TEE_ObjectInfo, dataPosition, 24);
AT(TEE_ObjectInfo, handleFlags, 32);
#endif
SIZE(__GP11_TEE_ObjectInfo, 28);
AT(__GP11_TEE_ObjectInfo, keySize, 4);
AT(__GP11_TEE_ObjectInfo, objectSize, 4);
AT(__GP11_TEE_ObjectInfo, maxKeySize, 8);
AT(__GP11_TEE_ObjectInfo, maxObjectSize, 8);
AT(__GP11_TEE_ObjectInfo, dataSize, 16);
AT(__GP11_TEE_ObjectInfo, handleFlags, 24);
SIZE(TEE_Attribute, 24);
AT(TEE_Attribute, content, 8);
AT(TEE_Attribute, content.ref.length, 16);
AT(TEE_Attribute, content.value.b, 12);
SIZE(__GP11_TEE_Attribute, 24);
AT(__GP11_TEE_Attribute, content.ref.length, 16);
SIZE(TEE_OperationInfo, 32);
AT(TEE_OperationInfo, handleState, 28);
SIZE(TEE_OperationInfoKey, 8);
SIZE(TEE_OperationInfoMultiple, 32);
AT(TEE_OperationInfoMultiple, numberOfKeys, 28);
AT(TEE_OperationInfoMultiple, keyInformation, 32);
SIZE(TEE_Time, 8);
SIZE(TEE_BigInt, 4);
SIZE(TEE_BigIntFMM, 4);
SIZE(TEE_BigIntFMMContext, 4);
SIZE(TEE_tcpSocket_Setup, 24);
AT(TEE_tcpSocket_Setup, server_addr, 8);
AT(TEE_tcpSocket_Setup, server_port, 16);
SIZE(TEE_udpSocket_Setup, 24);
SIZE(TEE_iSocket, 56);
AT(TEE_iSocket, protocolID, 4);
AT(TEE_iSocket, open, 8);
AT(TEE_iSocket, ioctl, 48);

/* A TA of each version, by the plain names: what tee_api_compat.h selects. */
#if __OPTEE_CORE_API_COMPAT_1_1
typedef uint32_t length;
#else
typedef size_t length;
#endif

TEE_Result TA_OpenSessionEntryPoint(uint32_t paramTypes, TEE_Param params[TEE_NUM_PARAMS], void **sessionContext)
{
	length size = sizeof(uint32_t);
	TEE_Attribute attribute;

	*sessionContext = TEE_Malloc(params[0].memref.size, TEE_MALLOC_FILL_ZERO);
	TEE_InitRefAttribute(&attribute, TEE_ATTR_SECRET_VALUE, &paramTypes, size);
	return TEE_GetPropertyAsBinaryBlock(TEE_PROPSET_CURRENT_TA, "a", &paramTypes, &size);
}
