/* Asymmetric operations (6.7), derivation (6.8), random data (6.9). */
#include "ta/rt/rt.h"

/* It has a key, the mode is the function's, and the parameters are the algorithm's. */
static TEE_OperationHandle ready(TEE_OperationHandle operation, uint32_t class, uint32_t mode, const TEE_Attribute *params, uint32_t count,
				 struct rt_attributes *list)
{
	TEE_OperationHandle o = operation_keyed(operation, class);

	rt_need(o->info.mode == mode);
	attributes_take(list, params, count);
	attributes_operate_check(list, o->info.algorithm);
	return o;
}

static TEE_Result operate(TEE_OperationHandle o, const struct rt_attributes *list, const void *in, size_t in_size, void *out, size_t *out_size)
{
	rt_sized(out, out_size);
	uint64_t size = *out_size;
	TEE_Result result = RT_CALL(TA_CALL_ASYMMETRIC_OPERATE, o->state, rt_at(list->at), list->count, rt_at(in), in_size, rt_at(out), rt_at(&size));

	if (result == TEE_SUCCESS || result == TEE_ERROR_SHORT_BUFFER) {
		*out_size = (size_t)size;
	}
	return result;
}

TEE_Result TEE_AsymmetricEncrypt(TEE_OperationHandle operation, const TEE_Attribute *params, uint32_t paramCount, const void *srcData,
				 size_t srcLen, void *destData, size_t *destLen)
{
	struct rt_attributes list;
	TEE_OperationHandle o = ready(operation, TEE_OPERATION_ASYMMETRIC_CIPHER, TEE_MODE_ENCRYPT, params, paramCount, &list);

	return RT_ALLOW(operate(o, &list, srcData, srcLen, destData, destLen), TEE_ERROR_SHORT_BUFFER, TEE_ERROR_BAD_PARAMETERS,
			TEE_ERROR_NOT_SUPPORTED);
}

TEE_Result TEE_AsymmetricDecrypt(TEE_OperationHandle operation, const TEE_Attribute *params, uint32_t paramCount, const void *srcData,
				 size_t srcLen, void *destData, size_t *destLen)
{
	struct rt_attributes list;
	TEE_OperationHandle o = ready(operation, TEE_OPERATION_ASYMMETRIC_CIPHER, TEE_MODE_DECRYPT, params, paramCount, &list);

	return RT_ALLOW(operate(o, &list, srcData, srcLen, destData, destLen), TEE_ERROR_SHORT_BUFFER, TEE_ERROR_BAD_PARAMETERS,
			TEE_ERROR_CIPHERTEXT_INVALID, TEE_ERROR_NOT_SUPPORTED);
}

static void digest_check(const struct __TEE_OperationHandle *o, size_t size)
{
	uint32_t want = algorithm_signed_size(o->info.algorithm);

	rt_need(want == 0 || size == want);
}

TEE_Result TEE_AsymmetricSignDigest(TEE_OperationHandle operation, const TEE_Attribute *params, uint32_t paramCount, const void *digest,
				    size_t digestLen, void *signature, size_t *signatureLen)
{
	struct rt_attributes list;
	TEE_OperationHandle o = ready(operation, TEE_OPERATION_ASYMMETRIC_SIGNATURE, TEE_MODE_SIGN, params, paramCount, &list);

	digest_check(o, digestLen);
	return RT_ALLOW(operate(o, &list, digest, digestLen, signature, signatureLen), TEE_ERROR_SHORT_BUFFER, TEE_ERROR_NOT_SUPPORTED);
}

TEE_Result TEE_AsymmetricVerifyDigest(TEE_OperationHandle operation, const TEE_Attribute *params, uint32_t paramCount, const void *digest,
				      size_t digestLen, const void *signature, size_t signatureLen)
{
	struct rt_attributes list;
	TEE_OperationHandle o = ready(operation, TEE_OPERATION_ASYMMETRIC_SIGNATURE, TEE_MODE_VERIFY, params, paramCount, &list);

	digest_check(o, digestLen);
	TEE_Result result = RT_CALL(TA_CALL_ASYMMETRIC_VERIFY, o->state, rt_at(list.at), list.count, rt_at(digest), digestLen, rt_at(signature),
				    signatureLen);
	if (result == TEE_ERROR_BAD_PARAMETERS) {
		result = TEE_ERROR_SIGNATURE_INVALID; /* of all that could be wrong the signature alone is left */
	}
	return RT_ALLOW(result, TEE_ERROR_SIGNATURE_INVALID, TEE_ERROR_NOT_SUPPORTED);
}

void TEE_DeriveKey(TEE_OperationHandle operation, const TEE_Attribute *params, uint32_t paramCount, TEE_ObjectHandle derivedKey)
{
	TEE_OperationHandle o = operation_keyed(operation, TEE_OPERATION_KEY_DERIVATION);
	struct ta_object_info info = { 0 };
	struct rt_attributes list;

	rt_need(o->info.mode == TEE_MODE_DERIVE);
	attributes_take(&list, params, paramCount);
	object_transient(derivedKey, &info);
	rt_need_state(!(info.flags & TEE_HANDLE_FLAG_INITIALIZED));
	(void)RT_ALLOW(RT_CALL(TA_CALL_DERIVE_KEY, o->state, rt_at(list.at), list.count, object_number(derivedKey)), 0);
}

void TEE_GenerateRandom(void *randomBuffer, size_t randomBufferLen)
{
	if (randomBufferLen > 0) {
		(void)RT_ALLOW(RT_CALL(TA_CALL_RANDOM, rt_at(randomBuffer), randomBufferLen), 0);
	}
}
