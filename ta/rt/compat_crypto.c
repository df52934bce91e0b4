/* Cryptographic operations as version 1.1 had them (tee_api_compat.h): 32-bit lengths. */
#include "ta/rt/rt.h"

static size_t wide(const uint32_t *size)
{
	rt_readable(size, sizeof(*size));
	return *size;
}

static uint32_t narrow(size_t size)
{
	return size > UINT32_MAX ? UINT32_MAX : (uint32_t)size;
}

void __GP11_TEE_FreeOperation(TEE_OperationHandle operation)
{
	rt_need(operation != TEE_HANDLE_NULL);
	TEE_FreeOperation(operation);
}

TEE_Result __GP11_TEE_GetOperationInfoMultiple(TEE_OperationHandle operation, TEE_OperationInfoMultiple *operationInfoMultiple,
					       uint32_t *operationSize)
{
	size_t size = wide(operationSize);
	TEE_Result result = TEE_GetOperationInfoMultiple(operation, operationInfoMultiple, &size);

	*operationSize = narrow(size);
	return result;
}

TEE_Result __GP11_TEE_SetOperationKey(TEE_OperationHandle operation, TEE_ObjectHandle key)
{
	rt_need(operation != TEE_HANDLE_NULL);
	return TEE_SetOperationKey(operation, key);
}

TEE_Result __GP11_TEE_SetOperationKey2(TEE_OperationHandle operation, TEE_ObjectHandle key1, TEE_ObjectHandle key2)
{
	rt_need(operation != TEE_HANDLE_NULL);
	return TEE_SetOperationKey2(operation, key1, key2);
}

void __GP11_TEE_DigestUpdate(TEE_OperationHandle operation, const void *chunk, uint32_t chunkSize)
{
	TEE_DigestUpdate(operation, chunk, chunkSize);
}

void __GP11_TEE_CipherInit(TEE_OperationHandle operation, const void *IV, uint32_t IVLen)
{
	TEE_CipherInit(operation, IV, IVLen);
}

void __GP11_TEE_MACInit(TEE_OperationHandle operation, const void *IV, uint32_t IVLen)
{
	TEE_MACInit(operation, IV, IVLen);
}

void __GP11_TEE_MACUpdate(TEE_OperationHandle operation, const void *chunk, uint32_t chunkSize)
{
	TEE_MACUpdate(operation, chunk, chunkSize);
}

TEE_Result __GP11_TEE_MACCompareFinal(TEE_OperationHandle operation, const void *message, uint32_t messageLen, const void *mac, uint32_t macLen)
{
	return TEE_MACCompareFinal(operation, message, messageLen, mac, macLen);
}

TEE_Result __GP11_TEE_AEInit(TEE_OperationHandle operation, const void *nonce, uint32_t nonceLen, uint32_t tagLen, uint32_t AADLen,
			     uint32_t payloadLen)
{
	return TEE_AEInit(operation, nonce, nonceLen, tagLen, AADLen, payloadLen);
}

void __GP11_TEE_AEUpdateAAD(TEE_OperationHandle operation, const void *AADdata, uint32_t AADdataLen)
{
	TEE_AEUpdateAAD(operation, AADdata, AADdataLen);
}

void __GP11_TEE_GenerateRandom(void *randomBuffer, uint32_t randomBufferLen)
{
	TEE_GenerateRandom(randomBuffer, randomBufferLen);
}

TEE_Result __GP11_TEE_DigestDoFinal(TEE_OperationHandle operation, const void *chunk, uint32_t chunkLen, void *hash, uint32_t *hashLen)
{
	size_t size = wide(hashLen);
	TEE_Result result = TEE_DigestDoFinal(operation, chunk, chunkLen, hash, &size);

	*hashLen = narrow(size);
	return result;
}

TEE_Result __GP11_TEE_CipherUpdate(TEE_OperationHandle operation, const void *srcData, uint32_t srcLen, void *destData, uint32_t *destLen)
{
	size_t size = wide(destLen);
	TEE_Result result = TEE_CipherUpdate(operation, srcData, srcLen, destData, &size);

	*destLen = narrow(size);
	return result;
}

TEE_Result __GP11_TEE_CipherDoFinal(TEE_OperationHandle operation, const void *srcData, uint32_t srcLen, void *destData, uint32_t *destLen)
{
	size_t size = wide(destLen);
	TEE_Result result = TEE_CipherDoFinal(operation, srcData, srcLen, destData, &size);

	*destLen = narrow(size);
	return result;
}

TEE_Result __GP11_TEE_MACComputeFinal(TEE_OperationHandle operation, const void *message, uint32_t messageLen, void *mac, uint32_t *macLen)
{
	size_t size = wide(macLen);
	TEE_Result result = TEE_MACComputeFinal(operation, message, messageLen, mac, &size);

	*macLen = narrow(size);
	return result;
}

TEE_Result __GP11_TEE_AEUpdate(TEE_OperationHandle operation, const void *srcData, uint32_t srcLen, void *destData, uint32_t *destLen)
{
	size_t size = wide(destLen);
	TEE_Result result = TEE_AEUpdate(operation, srcData, srcLen, destData, &size);

	*destLen = narrow(size);
	return result;
}

TEE_Result __GP11_TEE_AEEncryptFinal(TEE_OperationHandle operation, const void *srcData, uint32_t srcLen, void *destData, uint32_t *destLen,
				     void *tag, uint32_t *tagLen)
{
	size_t size = wide(destLen), tag_size = wide(tagLen);
	TEE_Result result = TEE_AEEncryptFinal(operation, srcData, srcLen, destData, &size, tag, &tag_size);

	*destLen = narrow(size);
	*tagLen = narrow(tag_size);
	return result;
}

TEE_Result __GP11_TEE_AEDecryptFinal(TEE_OperationHandle operation, const void *srcData, uint32_t srcLen, void *destData, uint32_t *destLen,
				     void *tag, uint32_t tagLen)
{
	size_t size = wide(destLen);
	TEE_Result result = TEE_AEDecryptFinal(operation, srcData, srcLen, destData, &size, tag, tagLen);

	*destLen = narrow(size);
	return result;
}

TEE_Result __GP11_TEE_AsymmetricEncrypt(TEE_OperationHandle operation, const __GP11_TEE_Attribute *params, uint32_t paramCount,
	const void *srcData, uint32_t srcLen, void *destData, uint32_t *destLen)
{
	TEE_Attribute list[RT_ATTRIBUTES_MAX] = { 0 };
	uint32_t count = attributes_widen(list, params, paramCount);
	size_t size = wide(destLen);
	TEE_Result result = TEE_AsymmetricEncrypt(operation, list, count, srcData, srcLen, destData, &size);

	*destLen = narrow(size);
	return result;
}

TEE_Result __GP11_TEE_AsymmetricDecrypt(TEE_OperationHandle operation, const __GP11_TEE_Attribute *params, uint32_t paramCount,
	const void *srcData, uint32_t srcLen, void *destData, uint32_t *destLen)
{
	TEE_Attribute list[RT_ATTRIBUTES_MAX] = { 0 };
	uint32_t count = attributes_widen(list, params, paramCount);
	size_t size = wide(destLen);
	TEE_Result result = TEE_AsymmetricDecrypt(operation, list, count, srcData, srcLen, destData, &size);

	*destLen = narrow(size);
	return result;
}

TEE_Result __GP11_TEE_AsymmetricSignDigest(TEE_OperationHandle operation, const __GP11_TEE_Attribute *params, uint32_t paramCount,
	const void *digest, uint32_t digestLen, void *signature, uint32_t *signatureLen)
{
	TEE_Attribute list[RT_ATTRIBUTES_MAX] = { 0 };
	uint32_t count = attributes_widen(list, params, paramCount);
	size_t size = wide(signatureLen);
	TEE_Result result = TEE_AsymmetricSignDigest(operation, list, count, digest, digestLen, signature, &size);

	*signatureLen = narrow(size);
	return result;
}

TEE_Result __GP11_TEE_AsymmetricVerifyDigest(TEE_OperationHandle operation, const __GP11_TEE_Attribute *params, uint32_t paramCount,
					     const void *digest, uint32_t digestLen, const void *signature, uint32_t signatureLen)
{
	TEE_Attribute list[RT_ATTRIBUTES_MAX] = { 0 };

	return TEE_AsymmetricVerifyDigest(operation, list, attributes_widen(list, params, paramCount), digest, digestLen, signature, signatureLen);
}

void __GP11_TEE_DeriveKey(TEE_OperationHandle operation, const __GP11_TEE_Attribute *params, uint32_t paramCount, TEE_ObjectHandle derivedKey)
{
	TEE_Attribute list[RT_ATTRIBUTES_MAX] = { 0 };

	TEE_DeriveKey(operation, list, attributes_widen(list, params, paramCount), derivedKey);
}
