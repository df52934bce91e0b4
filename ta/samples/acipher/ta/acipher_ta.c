/* RSA: each session makes its own key pair, whose private half never leaves the instance. */
#include <tee_internal_api.h>

#include <acipher_ta.h>

#define NOTHING TEE_PARAM_TYPE_NONE
#define ALGORITHM TEE_ALG_RSAES_PKCS1_OAEP_MGF1_SHA256
/* Of 512 bits nothing fits into OAEP with SHA-256. */
#define BITS_MIN 1024
#define BITS_MAX 4096

struct session {
	TEE_ObjectHandle pair;          /* TEE_HANDLE_NULL: no key yet */
	uint32_t bits;
};

TEE_Result TA_CreateEntryPoint(void)
{
	return TEE_SUCCESS;
}

void TA_DestroyEntryPoint(void)
{
}

TEE_Result TA_OpenSessionEntryPoint(uint32_t types, TEE_Param params[4], void **out)
{
	struct session *s = NULL;

	(void)params;
	if (types != TEE_PARAM_TYPES(NOTHING, NOTHING, NOTHING, NOTHING)) {
		return TEE_ERROR_BAD_PARAMETERS;
	}
	s = TEE_Malloc(sizeof(*s), TEE_MALLOC_FILL_ZERO);
	if (!s) {
		return TEE_ERROR_OUT_OF_MEMORY;
	}
	*out = s;
	return TEE_SUCCESS;
}

void TA_CloseSessionEntryPoint(void *session)
{
	struct session *s = session;

	TEE_FreeTransientObject(s->pair);
	TEE_Free(s);
}

static TEE_Result generate(struct session *s, uint32_t bits)
{
	TEE_ObjectHandle pair = TEE_HANDLE_NULL;

	if (bits < BITS_MIN || bits > BITS_MAX || bits % 8) {
		return TEE_ERROR_BAD_PARAMETERS;
	}
	TEE_Result result = TEE_AllocateTransientObject(TEE_TYPE_RSA_KEYPAIR, bits, &pair);

	if (result == TEE_SUCCESS) {
		result = TEE_GenerateKey(pair, bits, NULL, 0);
	}
	if (result != TEE_SUCCESS) {
		TEE_FreeTransientObject(pair);
		return result;
	}
	TEE_FreeTransientObject(s->pair);
	s->pair = pair;
	s->bits = bits;
	return TEE_SUCCESS;
}

static TEE_Result publish(const struct session *s, TEE_Param params[4])
{
	TEE_Result result = TEE_GetObjectBufferAttribute(s->pair, TEE_ATTR_RSA_MODULUS, params[0].memref.buffer, &params[0].memref.size);

	if (result != TEE_SUCCESS) {
		return result;
	}
	return TEE_GetObjectBufferAttribute(s->pair, TEE_ATTR_RSA_PUBLIC_EXPONENT, params[1].memref.buffer, &params[1].memref.size);
}

static TEE_Result cipher(const struct session *s, TEE_OperationMode mode, TEE_Param params[4])
{
	TEE_OperationHandle operation = TEE_HANDLE_NULL;
	TEE_Result result = TEE_AllocateOperation(&operation, ALGORITHM, mode, s->bits);

	if (result == TEE_SUCCESS) {
		result = TEE_SetOperationKey(operation, s->pair);
	}
	if (result == TEE_SUCCESS && mode == TEE_MODE_ENCRYPT) {
		result = TEE_AsymmetricEncrypt(operation, NULL, 0, params[0].memref.buffer, params[0].memref.size, params[1].memref.buffer,
					       &params[1].memref.size);
	} else if (result == TEE_SUCCESS) {
		result = TEE_AsymmetricDecrypt(operation, NULL, 0, params[0].memref.buffer, params[0].memref.size, params[1].memref.buffer,
					       &params[1].memref.size);
	}
	TEE_FreeOperation(operation);
	/* Why a ciphertext is none is nobody's business: an answer that told would be an oracle. */
	return result == TEE_ERROR_CIPHERTEXT_INVALID ? TEE_ERROR_BAD_PARAMETERS : result;
}

TEE_Result TA_InvokeCommandEntryPoint(void *session, uint32_t command, uint32_t types, TEE_Param params[4])
{
	static const uint32_t wanted[] = {
		[TA_ACIPHER_GENERATE] = TEE_PARAM_TYPES(TEE_PARAM_TYPE_VALUE_INPUT, NOTHING, NOTHING, NOTHING),
		[TA_ACIPHER_PUBLIC] = TEE_PARAM_TYPES(TEE_PARAM_TYPE_MEMREF_OUTPUT, TEE_PARAM_TYPE_MEMREF_OUTPUT, NOTHING, NOTHING),
		[TA_ACIPHER_ENCRYPT] = TEE_PARAM_TYPES(TEE_PARAM_TYPE_MEMREF_INPUT, TEE_PARAM_TYPE_MEMREF_OUTPUT, NOTHING, NOTHING),
		[TA_ACIPHER_DECRYPT] = TEE_PARAM_TYPES(TEE_PARAM_TYPE_MEMREF_INPUT, TEE_PARAM_TYPE_MEMREF_OUTPUT, NOTHING, NOTHING),
	};
	struct session *s = session;

	if (command >= sizeof(wanted) / sizeof(wanted[0])) {
		return TEE_ERROR_NOT_SUPPORTED;
	}
	if (types != wanted[command]) {
		return TEE_ERROR_BAD_PARAMETERS;
	}
	if (command == TA_ACIPHER_GENERATE) {
		return generate(s, params[0].value.a);
	}
	if (!s->pair) {
		return TEE_ERROR_BAD_STATE;
	}
	if (command == TA_ACIPHER_PUBLIC) {
		return publish(s, params);
	}
	return cipher(s, command == TA_ACIPHER_ENCRYPT ? TEE_MODE_ENCRYPT : TEE_MODE_DECRYPT, params);
}
