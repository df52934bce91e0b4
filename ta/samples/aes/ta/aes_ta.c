/* AES in CTR and CBC. One instance serves all sessions, and each session has its own operation with its own key. */
#include <tee_internal_api.h>

#include <aes_ta.h>

#define NOTHING TEE_PARAM_TYPE_NONE
#define KEY_MAX 32

struct session {
	TEE_OperationHandle operation;  /* TEE_HANDLE_NULL: no key yet */
	bool begun;
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

	TEE_FreeOperation(s->operation);
	TEE_Free(s);
}

/* The operation takes a copy of the key; the object goes at once. */
static TEE_Result key_give(TEE_OperationHandle operation, const uint8_t *bytes, size_t size)
{
	TEE_ObjectHandle key = TEE_HANDLE_NULL;
	TEE_Attribute value;
	TEE_Result result = TEE_AllocateTransientObject(TEE_TYPE_AES, 8 * KEY_MAX, &key);

	if (result != TEE_SUCCESS) {
		return result;
	}
	TEE_InitRefAttribute(&value, TEE_ATTR_SECRET_VALUE, bytes, size);
	result = TEE_PopulateTransientObject(key, &value, 1);
	if (result == TEE_SUCCESS) {
		result = TEE_SetOperationKey(operation, key);
	}
	TEE_FreeTransientObject(key);
	return result;
}

static TEE_Result set_key(struct session *s, const TEE_Param params[4])
{
	uint8_t bytes[KEY_MAX];
	uint32_t mode = params[0].value.a, way = params[0].value.b;
	size_t size = params[1].memref.size;
	TEE_OperationHandle operation = TEE_HANDLE_NULL;

	if (mode > TA_AES_CBC || way > TA_AES_DECRYPT || (size != 16 && size != 24 && size != 32)) {
		return TEE_ERROR_BAD_PARAMETERS;
	}
	TEE_Result result = TEE_AllocateOperation(&operation, mode == TA_AES_CTR ? TEE_ALG_AES_CTR : TEE_ALG_AES_CBC_NOPAD,
						  way == TA_AES_ENCRYPT ? TEE_MODE_ENCRYPT : TEE_MODE_DECRYPT, 8 * KEY_MAX);
	if (result != TEE_SUCCESS) {
		return result;
	}
	TEE_MemMove(bytes, params[1].memref.buffer, size);
	result = key_give(operation, bytes, size);
	TEE_MemFill(bytes, 0, sizeof(bytes));
	if (result != TEE_SUCCESS) {
		TEE_FreeOperation(operation);
		return result;
	}
	TEE_FreeOperation(s->operation);
	s->operation = operation;
	s->begun = false;
	return TEE_SUCCESS;
}

static TEE_Result begin(struct session *s, const TEE_Param params[4])
{
	uint8_t iv[TA_AES_BLOCK];

	if (!s->operation) {
		return TEE_ERROR_BAD_STATE;
	}
	if (params[0].memref.size != sizeof(iv)) {
		return TEE_ERROR_BAD_PARAMETERS;
	}
	TEE_MemMove(iv, params[0].memref.buffer, sizeof(iv));
	TEE_ResetOperation(s->operation);
	TEE_CipherInit(s->operation, iv, sizeof(iv));
	s->begun = true;
	return TEE_SUCCESS;
}

static TEE_Result update(struct session *s, TEE_Param params[4])
{
	if (!s->operation || !s->begun) {
		return TEE_ERROR_BAD_STATE;
	}
	return TEE_CipherUpdate(s->operation, params[0].memref.buffer, params[0].memref.size, params[1].memref.buffer, &params[1].memref.size);
}

TEE_Result TA_InvokeCommandEntryPoint(void *session, uint32_t command, uint32_t types, TEE_Param params[4])
{
	static const uint32_t wanted[] = {
		[TA_AES_SET_KEY] = TEE_PARAM_TYPES(TEE_PARAM_TYPE_VALUE_INPUT, TEE_PARAM_TYPE_MEMREF_INPUT, NOTHING, NOTHING),
		[TA_AES_BEGIN] = TEE_PARAM_TYPES(TEE_PARAM_TYPE_MEMREF_INPUT, NOTHING, NOTHING, NOTHING),
		[TA_AES_UPDATE] = TEE_PARAM_TYPES(TEE_PARAM_TYPE_MEMREF_INPUT, TEE_PARAM_TYPE_MEMREF_OUTPUT, NOTHING, NOTHING),
	};

	if (command >= sizeof(wanted) / sizeof(wanted[0])) {
		return TEE_ERROR_NOT_SUPPORTED;
	}
	if (types != wanted[command]) {
		return TEE_ERROR_BAD_PARAMETERS;
	}
	return command == TA_AES_SET_KEY ? set_key(session, params) : command == TA_AES_BEGIN ? begin(session, params) : update(session, params);
}
