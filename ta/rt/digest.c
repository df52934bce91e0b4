/* Digests (6.3) and MACs (6.5). */
#include "ta/rt/rt.h"

#include <string.h>

/* The end of a message: digest or MAC, and how long it is or would be. */
static TEE_Result finish(TEE_OperationHandle o, const void *chunk, size_t chunk_size, void *out, size_t *out_size)
{
	uint64_t size = *out_size;
	TEE_Result result = RT_ALLOW(RT_CALL(TA_CALL_HASH_FINAL, o->state, rt_at(chunk), chunk_size, rt_at(out), rt_at(&size)),
				     TEE_ERROR_SHORT_BUFFER);

	*out_size = (size_t)size;
	return result;
}

static void update(TEE_OperationHandle o, const void *chunk, size_t size)
{
	(void)RT_ALLOW(RT_CALL(TA_CALL_HASH_UPDATE, o->state, rt_at(chunk), size), 0);
}

void TEE_DigestUpdate(TEE_OperationHandle operation, const void *chunk, size_t chunkSize)
{
	TEE_OperationHandle o = operation_open(operation, TEE_OPERATION_DIGEST);

	rt_need_state(o->stage != TEE_OPERATION_STATE_EXTRACTING);
	update(o, chunk, chunkSize);
	operation_move(o, TEE_OPERATION_STATE_ACTIVE);
}

/* What is left of a digest that is being extracted. */
static TEE_Result rest_give(TEE_OperationHandle o, void *hash, size_t *size)
{
	size_t left = o->info.digestLength - o->digest_taken, room = *size;

	*size = left;
	if (room < left) {
		return TEE_ERROR_SHORT_BUFFER;
	}
	TEE_MemMove(hash, o->digest + o->digest_taken, left);
	return TEE_SUCCESS;
}

TEE_Result TEE_DigestDoFinal(TEE_OperationHandle operation, const void *chunk, size_t chunkLen, void *hash, size_t *hashLen)
{
	TEE_OperationHandle o = operation_open(operation, TEE_OPERATION_DIGEST);
	bool extracting = o->stage == TEE_OPERATION_STATE_EXTRACTING;

	rt_need_state(!extracting || chunkLen == 0);
	rt_buffer(hash, hashLen);
	TEE_Result result = extracting && !algorithm_extendable(o->info.algorithm) ? rest_give(o, hash, hashLen) :
										    finish(o, chunk, chunkLen, hash, hashLen);
	if (result == TEE_SUCCESS) {
		operation_digest_begin(o);
	}
	return result;
}

TEE_Result TEE_DigestExtract(TEE_OperationHandle operation, void *hash, size_t *hashLen)
{
	TEE_OperationHandle o = operation_open(operation, TEE_OPERATION_DIGEST);

	rt_buffer(hash, hashLen);
	if (algorithm_extendable(o->info.algorithm)) {
		(void)RT_ALLOW(finish(o, NULL, 0, hash, hashLen), 0);
		operation_move(o, TEE_OPERATION_STATE_EXTRACTING);
		return TEE_SUCCESS;
	}
	if (o->stage != TEE_OPERATION_STATE_EXTRACTING) {
		size_t size = sizeof(o->digest);
		(void)RT_ALLOW(finish(o, NULL, 0, o->digest, &size), 0);
		o->digest_taken = 0;
		operation_move(o, TEE_OPERATION_STATE_EXTRACTING);
	}
	uint32_t left = o->info.digestLength - o->digest_taken;
	if (*hashLen > left) {
		*hashLen = left;
	}
	TEE_MemMove(hash, o->digest + o->digest_taken, *hashLen);
	o->digest_taken += (uint32_t)*hashLen;
	return TEE_SUCCESS;
}

/* ---- 6.5 ---- */

void TEE_MACInit(TEE_OperationHandle operation, const void *IV, size_t IVLen)
{
	TEE_OperationHandle o = operation_keyed(operation, TEE_OPERATION_MAC);

	(void)IV;       /* no algorithm has one */
	(void)IVLen;
	(void)RT_ALLOW(RT_CALL(TA_CALL_HASH_INIT, o->state, 0, 0), 0);
	operation_move(o, TEE_OPERATION_STATE_ACTIVE);
}

void TEE_MACUpdate(TEE_OperationHandle operation, const void *chunk, size_t chunkSize)
{
	TEE_OperationHandle o = operation_active(operation, TEE_OPERATION_MAC);

	update(o, chunk, chunkSize);
}

TEE_Result TEE_MACComputeFinal(TEE_OperationHandle operation, const void *message, size_t messageLen, void *mac, size_t *macLen)
{
	TEE_OperationHandle o = operation_active(operation, TEE_OPERATION_MAC);

	rt_sized(mac, macLen);
	TEE_Result result = finish(o, message, messageLen, mac, macLen);
	if (result == TEE_SUCCESS) {
		operation_move(o, TEE_OPERATION_STATE_INITIAL);
	}
	return result;
}

TEE_Result TEE_MACCompareFinal(TEE_OperationHandle operation, const void *message, size_t messageLen, const void *mac, size_t macLen)
{
	TEE_OperationHandle o = operation_active(operation, TEE_OPERATION_MAC);
	uint8_t made[RT_DIGEST_MAX];
	size_t size = sizeof(made);

	rt_readable(mac, macLen);
	(void)RT_ALLOW(finish(o, message, messageLen, made, &size), 0);
	operation_move(o, TEE_OPERATION_STATE_INITIAL);
	bool same = macLen == size && TEE_MemCompare(made, mac, size) == 0;
	TEE_MemFill(made, 0, sizeof(made));
	return same ? TEE_SUCCESS : TEE_ERROR_MAC_INVALID;
}
