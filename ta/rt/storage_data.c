/*
 * The data of persistent objects (5.9). What is larger than one system call carries goes in several. That a handle is none, not persistent, or without the
 * right, the call itself says, in results that no function here may return.
 */
#include "ta/rt/rt.h"

TEE_Result TEE_ReadObjectData(TEE_ObjectHandle object, void *buffer, size_t size, size_t *count)
{
	uint8_t *at = buffer;
	size_t done = 0;
	uint64_t got = RT_PIECE_MAX;
	TEE_Result result = TEE_SUCCESS;

	rt_writable(count, sizeof(*count));
	rt_writable(buffer, size);
	*count = 0;
	do {
		size_t piece = size - done < RT_PIECE_MAX ? size - done : RT_PIECE_MAX;
		got = 0;
		result = RT_CALL(TA_CALL_STORAGE_READ, object_number(object), rt_at(at + done), piece, rt_at(&got));
		done += result == TEE_SUCCESS ? (size_t)got : 0;
	} while (result == TEE_SUCCESS && got == RT_PIECE_MAX && done < size);
	result = object_corrupt(object, RT_ALLOW(result, RT_STORAGE_ERRORS));
	if (result == TEE_SUCCESS) {
		*count = done;
	}
	return result;
}

TEE_Result TEE_WriteObjectData(TEE_ObjectHandle object, const void *buffer, size_t size)
{
	const uint8_t *at = buffer;
	size_t done = 0;
	TEE_Result result = TEE_SUCCESS;

	rt_readable(buffer, size);
	do {
		size_t piece = size - done < RT_PIECE_MAX ? size - done : RT_PIECE_MAX;
		result = RT_CALL(TA_CALL_STORAGE_WRITE, object_number(object), rt_at(at + done), piece);
		done += piece;
	} while (result == TEE_SUCCESS && done < size);
	return object_corrupt(object, RT_ALLOW(result, TEE_ERROR_STORAGE_NO_SPACE, TEE_ERROR_OVERFLOW, RT_STORAGE_ERRORS));
}

TEE_Result TEE_TruncateObjectData(TEE_ObjectHandle object, size_t size)
{
	TEE_Result result = RT_CALL(TA_CALL_STORAGE_TRUNCATE, object_number(object), size);

	if (result == TEE_ERROR_OVERFLOW) {
		result = TEE_ERROR_STORAGE_NO_SPACE; /* more than an object may have */
	}
	return object_corrupt(object, RT_ALLOW(result, TEE_ERROR_STORAGE_NO_SPACE, RT_STORAGE_ERRORS));
}

TEE_Result TEE_SeekObjectData(TEE_ObjectHandle object, intmax_t offset, TEE_Whence whence)
{
	rt_need(whence == TEE_DATA_SEEK_SET || whence == TEE_DATA_SEEK_CUR || whence == TEE_DATA_SEEK_END);
	if (offset > INT32_MAX) {
		return TEE_ERROR_OVERFLOW; /* no object is that long */
	}
	int32_t narrow = offset < INT32_MIN ? INT32_MIN : (int32_t)offset;
	TEE_Result result = RT_CALL(TA_CALL_STORAGE_SEEK, object_number(object), (uint32_t)narrow, whence);

	return object_corrupt(object, RT_ALLOW(result, TEE_ERROR_OVERFLOW, RT_STORAGE_ERRORS));
}
