/* Operations of any kind (6.2): their handles, keys and stages. */
#include "ta/rt/rt.h"

#include <string.h>

static TEE_OperationHandle operations;

/* ---- handles and stages ---- */

TEE_OperationHandle operation_open(TEE_OperationHandle operation, uint32_t class)
{
	TEE_OperationHandle o = operations;

	while (o && o != operation) {
		o = o->next;
	}
	rt_need(o != NULL);
	rt_need(class == 0 || o->info.operationClass == class);
	return o;
}

static bool is_keyed(const struct __TEE_OperationHandle *o)
{
	return (o->info.handleState & TEE_HANDLE_FLAG_KEY_SET) != 0;
}

TEE_OperationHandle operation_keyed(TEE_OperationHandle operation, uint32_t class)
{
	TEE_OperationHandle o = operation_open(operation, class);

	rt_need_state(is_keyed(o));
	return o;
}

TEE_OperationHandle operation_active(TEE_OperationHandle operation, uint32_t class)
{
	TEE_OperationHandle o = operation_open(operation, class);

	rt_need_state(o->stage == TEE_OPERATION_STATE_ACTIVE);
	return o;
}

void operation_move(TEE_OperationHandle o, uint32_t stage)
{
	bool begun = stage != TEE_OPERATION_STATE_INITIAL || o->info.operationClass == TEE_OPERATION_DIGEST;

	o->stage = stage;
	o->info.handleState &= ~(uint32_t)(TEE_HANDLE_FLAG_INITIALIZED | TEE_HANDLE_FLAG_EXTRACTING);
	o->info.handleState |= begun ? TEE_HANDLE_FLAG_INITIALIZED : 0;
	o->info.handleState |= stage == TEE_OPERATION_STATE_EXTRACTING ? TEE_HANDLE_FLAG_EXTRACTING : 0;
}

void operation_digest_begin(TEE_OperationHandle o)
{
	TEE_MemFill(o->digest, 0, sizeof(o->digest));
	o->digest_taken = 0;
	(void)RT_ALLOW(RT_CALL(TA_CALL_HASH_INIT, o->state, 0, 0), 0);
	operation_move(o, TEE_OPERATION_STATE_INITIAL);
}

/* ---- 6.2.1: allocation ---- */

static bool key_size_there(uint32_t type, uint32_t size)
{
	uint32_t number = 0;
	TEE_Result result = RT_CALL(TA_CALL_OBJECT_ALLOC, type, size, rt_at(&number));

	if (result == TEE_SUCCESS) {
		(void)RT_CALL(TA_CALL_OBJECT_CLOSE, number);
	}
	return result != TEE_ERROR_NOT_SUPPORTED;
}

/* For two keys the size is that of each, or, as some count, of both. */
static bool max_there(uint32_t algorithm, uint32_t max)
{
	uint32_t type = algorithm_key_type(algorithm);

	return type == 0 || key_size_there(type, max) || (algorithm_two_keys(algorithm) && max % 2 == 0 && key_size_there(type, max / 2));
}

static void info_begin(TEE_OperationHandle o, uint32_t algorithm, uint32_t mode, uint32_t max)
{
	bool two = algorithm_two_keys(algorithm);

	o->info = (TEE_OperationInfo){
		.algorithm = algorithm,
		.operationClass = algorithm_class(algorithm),
		.mode = mode,
		.digestLength = algorithm_digest_size(algorithm),
		.maxKeySize = max,
		.requiredKeyUsage = two ? 0 : algorithm_usage(algorithm, mode),
		.handleState = two ? TEE_HANDLE_FLAG_EXPECT_TWO_KEYS : algorithm_key_type(algorithm) ? 0 : TEE_HANDLE_FLAG_KEY_SET,
	};
	operation_move(o, TEE_OPERATION_STATE_INITIAL);
}

TEE_Result TEE_AllocateOperation(TEE_OperationHandle *operation, uint32_t algorithm, uint32_t mode, uint32_t maxKeySize)
{
	uint32_t state = 0;

	rt_writable(operation, sizeof(*operation));
	*operation = TEE_HANDLE_NULL;
	if (algorithm_class(algorithm) == 0 || mode > TEE_MODE_DERIVE || !max_there(algorithm, maxKeySize)) {
		return TEE_ERROR_NOT_SUPPORTED;
	}
	TEE_OperationHandle o = heap_alloc(sizeof(*o), TEE_MALLOC_FILL_ZERO);
	if (!o) {
		return TEE_ERROR_OUT_OF_MEMORY;
	}
	TEE_Result result = RT_CALL(TA_CALL_STATE_ALLOC, algorithm, mode, 0, 0, rt_at(&state));
	if (result != TEE_SUCCESS) {
		heap_free(o);
		return RT_ALLOW(result, TEE_ERROR_NOT_SUPPORTED, TEE_ERROR_OUT_OF_MEMORY);
	}
	o->state = state;
	info_begin(o, algorithm, mode, maxKeySize);
	o->next = operations;
	operations = o;
	if (o->info.operationClass == TEE_OPERATION_DIGEST) {
		operation_digest_begin(o);
	}
	*operation = o;
	return TEE_SUCCESS;
}

void TEE_FreeOperation(TEE_OperationHandle operation)
{
	TEE_OperationHandle *place = &operations;

	if (operation == TEE_HANDLE_NULL) {
		return;
	}
	TEE_OperationHandle o = operation_open(operation, 0);
	while (*place != o) {
		place = &(*place)->next;
	}
	*place = o->next;
	(void)RT_ALLOW(RT_CALL(TA_CALL_STATE_FREE, o->state), 0);
	heap_free(o); /* which wipes it */
}

/* ---- what it is ---- */

void TEE_GetOperationInfo(TEE_OperationHandle operation, TEE_OperationInfo *operationInfo)
{
	TEE_OperationHandle o = operation_open(operation, 0);

	rt_writable(operationInfo, sizeof(*operationInfo));
	*operationInfo = o->info;
}

TEE_Result TEE_GetOperationInfoMultiple(TEE_OperationHandle operation, TEE_OperationInfoMultiple *operationInfoMultiple, size_t *operationSize)
{
	TEE_OperationHandle o = operation_open(operation, 0);
	const TEE_OperationInfo *info = &o->info;
	uint32_t keys = algorithm_key_type(info->algorithm) == 0 ? 0 : algorithm_two_keys(info->algorithm) ? 2 : 1;
	size_t need = sizeof(*operationInfoMultiple) + keys * sizeof(TEE_OperationInfoKey);

	rt_buffer(operationInfoMultiple, operationSize);
	size_t room = *operationSize;
	*operationSize = need;
	if (room < need) {
		return TEE_ERROR_SHORT_BUFFER;
	}
	*operationInfoMultiple = (TEE_OperationInfoMultiple){
		.algorithm = info->algorithm,
		.operationClass = info->operationClass,
		.mode = info->mode,
		.digestLength = info->digestLength,
		.maxKeySize = info->maxKeySize,
		.handleState = info->handleState,
		.operationState = o->stage,
		.numberOfKeys = keys,
	};
	for (uint32_t i = 0; i < keys; i++) {
		operationInfoMultiple->keyInformation[i] =
			(TEE_OperationInfoKey){ o->key_size[i], algorithm_usage(info->algorithm, info->mode) };
	}
	return TEE_SUCCESS;
}

void TEE_ResetOperation(TEE_OperationHandle operation)
{
	TEE_OperationHandle o = operation_keyed(operation, 0);

	if (o->info.operationClass == TEE_OPERATION_DIGEST) {
		operation_digest_begin(o);
	} else {
		operation_move(o, TEE_OPERATION_STATE_INITIAL);
	}
}

/* ---- keys ---- */

/* GP 1.0 counted DES keys without their parity: 56, 112, 168. Applications still do; objects say sizes with it. */
static uint32_t bits_max(const struct __TEE_OperationHandle *o)
{
	uint32_t type = algorithm_key_type(o->info.algorithm), max = o->info.maxKeySize;

	return (type == TEE_TYPE_DES || type == TEE_TYPE_DES3) && max % 56 == 0 ? max / 7 * 8 : max;
}

/* What the key is; panics where it has none, or it is too large. */
static TEE_Result key_look(const struct __TEE_OperationHandle *o, TEE_ObjectHandle key, uint32_t *size)
{
	struct ta_object_info info = { 0 };
	TEE_Result result = object_corrupt(key, object_info_get(key, &info));

	if (result == TEE_SUCCESS) {
		rt_need_state(info.flags & TEE_HANDLE_FLAG_INITIALIZED);
		rt_need(info.size <= bits_max(o));
		*size = info.size;
	}
	return result;
}

/* The system keeps a key with an operation from its beginning, so there is a new one. */
static TEE_Result keys_set(TEE_OperationHandle o, TEE_ObjectHandle key, TEE_ObjectHandle key2, const uint32_t size[2])
{
	uint32_t state = 0;
	TEE_Result result = RT_CALL(TA_CALL_STATE_ALLOC, o->info.algorithm, o->info.mode, object_number(key), object_number(key2), rt_at(&state));

	result = RT_ALLOW(result, TEE_ERROR_SECURITY, RT_STORAGE_ERRORS);
	if (result != TEE_SUCCESS) {
		return result;
	}
	(void)RT_ALLOW(RT_CALL(TA_CALL_STATE_FREE, o->state), 0);
	o->state = state;
	o->key_size[0] = size[0];
	o->key_size[1] = size[1];
	o->info.keySize = key2 == TEE_HANDLE_NULL ? size[0] : 0;
	o->info.handleState &= ~(uint32_t)TEE_HANDLE_FLAG_KEY_SET;
	o->info.handleState |= key != TEE_HANDLE_NULL ? TEE_HANDLE_FLAG_KEY_SET : 0;
	return TEE_SUCCESS;
}

static TEE_OperationHandle keyless(TEE_OperationHandle operation, bool two)
{
	TEE_OperationHandle o = operation_open(operation, 0);

	rt_need(algorithm_key_type(o->info.algorithm) != 0 && algorithm_two_keys(o->info.algorithm) == two);
	rt_need_state(o->stage == TEE_OPERATION_STATE_INITIAL);
	return o;
}

TEE_Result TEE_SetOperationKey(TEE_OperationHandle operation, TEE_ObjectHandle key)
{
	TEE_OperationHandle o = keyless(operation, false);
	uint32_t size[2] = { 0, 0 };
	TEE_Result result = key == TEE_HANDLE_NULL ? TEE_SUCCESS : key_look(o, key, &size[0]);

	return result == TEE_SUCCESS ? keys_set(o, key, TEE_HANDLE_NULL, size) : result;
}

TEE_Result TEE_SetOperationKey2(TEE_OperationHandle operation, TEE_ObjectHandle key1, TEE_ObjectHandle key2)
{
	TEE_OperationHandle o = keyless(operation, true);
	uint32_t size[2] = { 0, 0 };
	TEE_Result result = TEE_SUCCESS;

	rt_need((key1 == TEE_HANDLE_NULL) == (key2 == TEE_HANDLE_NULL));
	if (key1 != TEE_HANDLE_NULL) {
		result = key_look(o, key1, &size[0]);
		if (result == TEE_SUCCESS) {
			result = key_look(o, key2, &size[1]);
		}
		rt_need(result != TEE_SUCCESS || size[0] == size[1]);
	}
	return result == TEE_SUCCESS ? keys_set(o, key1, key2, size) : result;
}

void TEE_CopyOperation(TEE_OperationHandle dstOperation, TEE_OperationHandle srcOperation)
{
	TEE_OperationHandle to = operation_open(dstOperation, 0), from = operation_open(srcOperation, 0);

	rt_need(to->info.algorithm == from->info.algorithm && to->info.mode == from->info.mode);
	rt_need(from->key_size[0] <= bits_max(to) && from->key_size[1] <= bits_max(to));
	(void)RT_ALLOW(RT_CALL(TA_CALL_STATE_COPY, to->state, from->state), 0);
	uint32_t max = to->info.maxKeySize;
	to->info = from->info;
	to->info.maxKeySize = max;
	to->stage = from->stage;
	to->key_size[0] = from->key_size[0];
	to->key_size[1] = from->key_size[1];
	to->fed = from->fed;
	memmove(to->digest, from->digest, sizeof(to->digest));
	to->digest_taken = from->digest_taken;
}

/* ---- 6.2.9 ---- */

static bool has_element(uint32_t algorithm, uint32_t element)
{
	switch (algorithm_key_type(algorithm)) {
	case TEE_TYPE_ECDSA_KEYPAIR:
	case TEE_TYPE_ECDH_KEYPAIR:
		return element >= TEE_ECC_CURVE_NIST_P192 && element <= TEE_ECC_CURVE_NIST_P521;
	case TEE_TYPE_ED25519_KEYPAIR:
	case TEE_TYPE_X25519_KEYPAIR:
		return element == TEE_ECC_CURVE_25519;
	case TEE_TYPE_SM2_DSA_KEYPAIR:
	case TEE_TYPE_SM2_KEP_KEYPAIR:
	case TEE_TYPE_SM2_PKE_KEYPAIR:
		return element == TEE_ECC_CURVE_SM2;
	default:
		return false;
	}
}

TEE_Result TEE_IsAlgorithmSupported(uint32_t algId, uint32_t element)
{
	uint32_t state = 0;

	if (element != TEE_CRYPTO_ELEMENT_NONE && !has_element(algId, element)) {
		return TEE_ERROR_NOT_SUPPORTED;
	}
	for (uint32_t mode = TEE_MODE_ENCRYPT; mode <= TEE_MODE_DERIVE; mode++) {
		if (RT_CALL(TA_CALL_STATE_ALLOC, algId, mode, 0, 0, rt_at(&state)) == TEE_SUCCESS) {
			(void)RT_CALL(TA_CALL_STATE_FREE, state);
			return TEE_SUCCESS;
		}
	}
	return TEE_ERROR_NOT_SUPPORTED;
}
