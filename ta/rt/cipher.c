/* Symmetric ciphers (6.4). */
#include "ta/rt/rt.h"

void TEE_CipherInit(TEE_OperationHandle operation, const void *IV, size_t IVLen)
{
	TEE_OperationHandle o = operation_keyed(operation, TEE_OPERATION_CIPHER);

	(void)RT_ALLOW(RT_CALL(TA_CALL_CIPHER_INIT, o->state, rt_at(IV), IVLen), 0);
	o->fed = 0;
	operation_move(o, TEE_OPERATION_STATE_ACTIVE);
}

static TEE_OperationHandle begun(TEE_OperationHandle operation, const void *in, size_t in_size, void *out, const size_t *out_size)
{
	TEE_OperationHandle o = operation_active(operation, TEE_OPERATION_CIPHER);

	rt_sized(out, out_size);
	rt_need(!rt_overlaps(in, in_size, out, *out_size));
	return o;
}

TEE_Result TEE_CipherUpdate(TEE_OperationHandle operation, const void *srcData, size_t srcLen, void *destData, size_t *destLen)
{
	TEE_OperationHandle o = begun(operation, srcData, srcLen, destData, destLen);
	uint64_t size = *destLen;
	TEE_Result result = RT_ALLOW(RT_CALL(TA_CALL_CIPHER_UPDATE, o->state, rt_at(srcData), srcLen, rt_at(destData), rt_at(&size)),
				     TEE_ERROR_SHORT_BUFFER);

	*destLen = (size_t)size;
	if (result == TEE_SUCCESS) {
		o->fed += srcLen;
	}
	return result;
}

/* The system says alike that padding is wrong and that there are no whole blocks; the second is the TA's fault. */
static TEE_Result padding_result(const struct __TEE_OperationHandle *o, size_t last, TEE_Result result)
{
	uint32_t block = algorithm_padded(o->info.algorithm);
	uint64_t all = o->fed + last;

	if (result == TEE_ERROR_BAD_PARAMETERS && block && o->info.mode == TEE_MODE_DECRYPT && all > 0 && all % block == 0) {
		return TEE_ERROR_CIPHERTEXT_INVALID;
	}
	return result;
}

TEE_Result TEE_CipherDoFinal(TEE_OperationHandle operation, const void *srcData, size_t srcLen, void *destData, size_t *destLen)
{
	TEE_OperationHandle o = begun(operation, srcData, srcLen, destData, destLen);
	uint64_t size = *destLen;
	TEE_Result result = RT_CALL(TA_CALL_CIPHER_FINAL, o->state, rt_at(srcData), srcLen, rt_at(destData), rt_at(&size));

	result = RT_ALLOW(padding_result(o, srcLen, result), TEE_ERROR_SHORT_BUFFER, TEE_ERROR_CIPHERTEXT_INVALID);
	if (result != TEE_ERROR_CIPHERTEXT_INVALID) {
		*destLen = (size_t)size;
	}
	if (result != TEE_ERROR_SHORT_BUFFER) {
		operation_move(o, TEE_OPERATION_STATE_INITIAL);
	}
	return result;
}
