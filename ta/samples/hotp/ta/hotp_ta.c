/*
 * One-time passwords of RFC 4226. One instance serves all sessions and stays when the last has gone: secret and counter are the instance's, so a code
 * that one client was given no other gets. For a secret that outlives the node, see storage.
 */
#include <tee_internal_api.h>

#include <hotp_ta.h>

#define NOTHING TEE_PARAM_TYPE_NONE
#define SHA1_SIZE 20
#define CODES 1000000

static TEE_OperationHandle mac;         /* TEE_HANDLE_NULL: there is no secret */
static uint64_t counter;

TEE_Result TA_CreateEntryPoint(void)
{
	return TEE_SUCCESS;
}

void TA_DestroyEntryPoint(void)
{
	TEE_FreeOperation(mac);
}

TEE_Result TA_OpenSessionEntryPoint(uint32_t types, TEE_Param params[4], void **session)
{
	(void)params;
	(void)session;
	return types == TEE_PARAM_TYPES(NOTHING, NOTHING, NOTHING, NOTHING) ? TEE_SUCCESS : TEE_ERROR_BAD_PARAMETERS;
}

void TA_CloseSessionEntryPoint(void *session)
{
	(void)session;
}

static TEE_Result mac_make(const uint8_t *secret, size_t size, TEE_OperationHandle *out)
{
	TEE_ObjectHandle key = TEE_HANDLE_NULL;
	TEE_OperationHandle operation = TEE_HANDLE_NULL;
	TEE_Attribute value;
	TEE_Result result = TEE_AllocateTransientObject(TEE_TYPE_HMAC_SHA1, 8 * TA_HOTP_SECRET_MAX, &key);

	if (result != TEE_SUCCESS) {
		return result;
	}
	TEE_InitRefAttribute(&value, TEE_ATTR_SECRET_VALUE, secret, size);
	result = TEE_PopulateTransientObject(key, &value, 1);
	if (result == TEE_SUCCESS) {
		result = TEE_AllocateOperation(&operation, TEE_ALG_HMAC_SHA1, TEE_MODE_MAC, 8 * TA_HOTP_SECRET_MAX);
	}
	if (result == TEE_SUCCESS) {
		result = TEE_SetOperationKey(operation, key);
	}
	TEE_FreeTransientObject(key);
	if (result != TEE_SUCCESS) {
		TEE_FreeOperation(operation);
		return result;
	}
	*out = operation;
	return TEE_SUCCESS;
}

static TEE_Result set_secret(const TEE_Param *param)
{
	uint8_t secret[TA_HOTP_SECRET_MAX];
	size_t size = param->memref.size;
	TEE_OperationHandle made = TEE_HANDLE_NULL;

	if (size < TA_HOTP_SECRET_MIN || size > TA_HOTP_SECRET_MAX) {
		return TEE_ERROR_BAD_PARAMETERS;
	}
	TEE_MemMove(secret, param->memref.buffer, size);
	TEE_Result result = mac_make(secret, size, &made);

	TEE_MemFill(secret, 0, sizeof(secret));
	if (result == TEE_SUCCESS) {
		TEE_FreeOperation(mac);
		mac = made;
		counter = 0;
	}
	return result;
}

/* RFC 4226, 5.3: HMAC-SHA-1 over the counter, of it 31 bits from where its last nibble says, of them six digits. */
static TEE_Result next(uint32_t *code)
{
	uint8_t message[8], digest[SHA1_SIZE];
	size_t size = sizeof(digest);

	if (!mac) {
		return TEE_ERROR_BAD_STATE;
	}
	for (int i = 0; i < 8; i++) {
		message[i] = (uint8_t)(counter >> (56 - 8 * i));
	}
	TEE_MACInit(mac, NULL, 0);
	TEE_Result result = TEE_MACComputeFinal(mac, message, sizeof(message), digest, &size);

	if (result != TEE_SUCCESS) {
		return result;
	}
	const uint8_t *at = digest + (digest[SHA1_SIZE - 1] & 15);

	*code = ((uint32_t)(at[0] & 127) << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3]) % CODES;
	counter++;
	return TEE_SUCCESS;
}

TEE_Result TA_InvokeCommandEntryPoint(void *session, uint32_t command, uint32_t types, TEE_Param params[4])
{
	(void)session;
	switch (command) {
	case TA_HOTP_SET_SECRET:
		return types == TEE_PARAM_TYPES(TEE_PARAM_TYPE_MEMREF_INPUT, NOTHING, NOTHING, NOTHING) ? set_secret(&params[0]) : TEE_ERROR_BAD_PARAMETERS;
	case TA_HOTP_NEXT:
		return types == TEE_PARAM_TYPES(TEE_PARAM_TYPE_VALUE_OUTPUT, NOTHING, NOTHING, NOTHING) ? next(&params[0].value.a) : TEE_ERROR_BAD_PARAMETERS;
	default:
		return TEE_ERROR_NOT_SUPPORTED;
	}
}
