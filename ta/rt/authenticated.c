/* Authenticated encryption (6.6). */
#include "ta/rt/rt.h"

/* SP 800-38C, A.1; SP 800-38D, 5.2.1.1: a nonce of another length is none. */
static bool nonce_good(uint32_t algorithm, size_t size)
{
	return algorithm == TEE_ALG_AES_CCM ? size >= 7 && size <= 13 : size > 0;
}

TEE_Result TEE_AEInit(TEE_OperationHandle operation, const void *nonce, size_t nonceLen, uint32_t tagLen, size_t AADLen, size_t payloadLen)
{
	TEE_OperationHandle o = operation_keyed(operation, TEE_OPERATION_AE);

	rt_need_state(o->stage == TEE_OPERATION_STATE_INITIAL);
	rt_need(nonce_good(o->info.algorithm, nonceLen));
	if (tagLen % 8 != 0) {
		return TEE_ERROR_NOT_SUPPORTED;
	}
	TEE_Result result = RT_CALL(TA_CALL_AUTHENTICATED_INIT, o->state, rt_at(nonce), nonceLen, tagLen / 8, AADLen, payloadLen);
	if (result == TEE_ERROR_OUT_OF_MEMORY) {
		result = TEE_ERROR_NOT_SUPPORTED; /* a payload beyond what can be kept back until its tag fits */
	}
	result = RT_ALLOW(result, TEE_ERROR_NOT_SUPPORTED);
	if (result == TEE_SUCCESS) {
		o->info.digestLength = tagLen / 8;
		operation_move(o, TEE_OPERATION_STATE_ACTIVE);
	}
	return result;
}

void TEE_AEUpdateAAD(TEE_OperationHandle operation, const void *AADdata, size_t AADdataLen)
{
	TEE_OperationHandle o = operation_active(operation, TEE_OPERATION_AE);

	(void)RT_ALLOW(RT_CALL(TA_CALL_AUTHENTICATED_AAD, o->state, rt_at(AADdata), AADdataLen), 0);
}

static TEE_OperationHandle begun(TEE_OperationHandle operation, const void *in, size_t in_size, void *out, const size_t *out_size)
{
	TEE_OperationHandle o = operation_active(operation, TEE_OPERATION_AE);

	rt_sized(out, out_size);
	rt_need(!rt_overlaps(in, in_size, out, *out_size));
	return o;
}

TEE_Result TEE_AEUpdate(TEE_OperationHandle operation, const void *srcData, size_t srcLen, void *destData, size_t *destLen)
{
	TEE_OperationHandle o = begun(operation, srcData, srcLen, destData, destLen);
	uint64_t size = *destLen;
	TEE_Result result = RT_CALL(TA_CALL_AUTHENTICATED_UPDATE, o->state, rt_at(srcData), srcLen, rt_at(destData), rt_at(&size));

	result = RT_ALLOW(result, TEE_ERROR_SHORT_BUFFER);
	*destLen = (size_t)size;
	return result;
}

TEE_Result TEE_AEEncryptFinal(TEE_OperationHandle operation, const void *srcData, size_t srcLen, void *destData, size_t *destLen, void *tag,
			      size_t *tagLen)
{
	TEE_OperationHandle o = begun(operation, srcData, srcLen, destData, destLen);

	rt_need(o->info.mode == TEE_MODE_ENCRYPT);
	rt_sized(tag, tagLen);
	uint64_t size = *destLen, tag_size = *tagLen;
	TEE_Result result = RT_CALL(TA_CALL_AUTHENTICATED_SEAL, o->state, rt_at(srcData), srcLen, rt_at(destData), rt_at(&size), rt_at(tag),
				    rt_at(&tag_size));

	result = RT_ALLOW(result, TEE_ERROR_SHORT_BUFFER);
	*destLen = (size_t)size;
	*tagLen = (size_t)tag_size;
	if (result == TEE_SUCCESS) {
		operation_move(o, TEE_OPERATION_STATE_INITIAL);
	}
	return result;
}

TEE_Result TEE_AEDecryptFinal(TEE_OperationHandle operation, const void *srcData, size_t srcLen, void *destData, size_t *destLen, void *tag,
			      size_t tagLen)
{
	TEE_OperationHandle o = begun(operation, srcData, srcLen, destData, destLen);

	rt_need(o->info.mode == TEE_MODE_DECRYPT);
	uint64_t size = *destLen;
	TEE_Result result = RT_CALL(TA_CALL_AUTHENTICATED_OPEN, o->state, rt_at(srcData), srcLen, rt_at(destData), rt_at(&size), rt_at(tag), tagLen);

	result = RT_ALLOW(result, TEE_ERROR_SHORT_BUFFER, TEE_ERROR_MAC_INVALID);
	if (result != TEE_ERROR_MAC_INVALID) {
		*destLen = (size_t)size;
	}
	if (result != TEE_ERROR_SHORT_BUFFER) {
		operation_move(o, TEE_OPERATION_STATE_INITIAL);
	}
	return result;
}
