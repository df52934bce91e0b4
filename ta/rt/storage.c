/* Persistent objects and their enumeration (5.7, 5.8). */
#include "ta/rt/rt.h"

#define ACCESS_FLAGS \
	(TEE_DATA_FLAG_ACCESS_READ | TEE_DATA_FLAG_ACCESS_WRITE | TEE_DATA_FLAG_ACCESS_WRITE_META | TEE_DATA_FLAG_SHARE_READ | \
	 TEE_DATA_FLAG_SHARE_WRITE)

/* Bytes of data that a creation carries beside the longest name. */
#define CREATE_MAX (RT_PIECE_MAX - TEE_OBJECT_ID_MAX_LEN)

static void name_check(const void *id, size_t size)
{
	rt_need(size <= TEE_OBJECT_ID_MAX_LEN);
	rt_own(id, size);
}

/* Handles that there is no more room for are memory to a TA. */
static TEE_Result no_handle(TEE_Result result)
{
	return result == TEE_ERROR_STORAGE_NO_SPACE ? TEE_ERROR_OUT_OF_MEMORY : result;
}

TEE_Result TEE_OpenPersistentObject(uint32_t storageID, const void *objectID, size_t objectIDLen, uint32_t flags, TEE_ObjectHandle *object)
{
	uint32_t number = 0;

	rt_writable(object, sizeof(*object));
	*object = TEE_HANDLE_NULL;
	name_check(objectID, objectIDLen);
	rt_need(!(flags & ~(uint32_t)ACCESS_FLAGS));
	TEE_Result result = RT_CALL(TA_CALL_STORAGE_OPEN, storageID, rt_at(objectID), objectIDLen, flags, rt_at(&number));
	result = RT_ALLOW(no_handle(result), TEE_ERROR_ITEM_NOT_FOUND, TEE_ERROR_ACCESS_CONFLICT, TEE_ERROR_OUT_OF_MEMORY,
			  TEE_ERROR_UNSUPPORTED_VERSION, RT_STORAGE_ERRORS);
	if (result == TEE_SUCCESS) {
		*object = (TEE_ObjectHandle)(uintptr_t)number;
	}
	return result;
}

/* Deleted; or at least closed, if even that fails. */
static void discard(uint32_t number)
{
	if (RT_CALL(TA_CALL_STORAGE_DELETE, number) != TEE_SUCCESS) {
		(void)RT_CALL(TA_CALL_OBJECT_CLOSE, number);
	}
}

/* Data that one call does not carry, under a name that is nobody's. */
static TEE_Result make_aside(uint32_t storage, TEE_ObjectHandle attributes, const uint8_t *data, size_t size, uint32_t *number)
{
	uint8_t name[TEE_OBJECT_ID_MAX_LEN];
	uint32_t flags = TEE_DATA_FLAG_ACCESS_WRITE | TEE_DATA_FLAG_ACCESS_WRITE_META;
	size_t piece = 0;

	TEE_GenerateRandom(name, sizeof(name));
	TEE_Result result = RT_CALL(TA_CALL_STORAGE_CREATE, storage, rt_at(name), sizeof(name), flags, object_number(attributes), rt_at(data),
				    CREATE_MAX, rt_at(number));
	if (result != TEE_SUCCESS) {
		return result;
	}
	result = RT_CALL(TA_CALL_STORAGE_SEEK, *number, CREATE_MAX, TEE_DATA_SEEK_SET);
	for (size_t done = CREATE_MAX; result == TEE_SUCCESS && done < size; done += piece) {
		piece = size - done < RT_PIECE_MAX ? size - done : RT_PIECE_MAX;
		result = RT_CALL(TA_CALL_STORAGE_WRITE, *number, rt_at(data + done), piece);
	}
	if (result != TEE_SUCCESS) {
		discard(*number);
	}
	return result == TEE_ERROR_OVERFLOW ? TEE_ERROR_STORAGE_NO_SPACE : result;
}

/*
 * An object with more data than one call carries is made aside and then gets its name, so that nobody sees a part of it, and a failure leaves what was
 * there. What it replaces is open meanwhile, by nobody else. A power cut may leave something aside; and one between the last two steps of replacing leaves
 * it there alone (docs/gp.md).
 */
static TEE_Result create_long(uint32_t storage, const void *id, size_t id_size, TEE_ObjectHandle attributes, uint32_t flags, const void *data,
			      size_t size)
{
	uint32_t old = 0, number = 0;
	TEE_Result result = RT_CALL(TA_CALL_STORAGE_OPEN, storage, rt_at(id), id_size, TEE_DATA_FLAG_ACCESS_WRITE_META, rt_at(&old));
	bool replaces = result == TEE_SUCCESS;

	if (!replaces && result != TEE_ERROR_ITEM_NOT_FOUND) {
		return no_handle(result);
	}
	result = replaces && !(flags & TEE_DATA_FLAG_OVERWRITE) ? TEE_ERROR_ACCESS_CONFLICT : make_aside(storage, attributes, data, size, &number);
	if (result == TEE_SUCCESS) {
		result = replaces ? RT_CALL(TA_CALL_STORAGE_DELETE, old) : TEE_SUCCESS;
		replaces = replaces && result != TEE_SUCCESS;
		if (result == TEE_SUCCESS) {
			result = RT_CALL(TA_CALL_STORAGE_RENAME, number, rt_at(id), id_size);
		}
		if (result != TEE_SUCCESS) {
			discard(number);
		} else {
			result = RT_CALL(TA_CALL_OBJECT_CLOSE, number);
		}
	}
	if (replaces) {
		(void)RT_CALL(TA_CALL_OBJECT_CLOSE, old);
	}
	return result;
}

TEE_Result TEE_CreatePersistentObject(uint32_t storageID, const void *objectID, size_t objectIDLen, uint32_t flags, TEE_ObjectHandle attributes,
				      const void *initialData, size_t initialDataLen, TEE_ObjectHandle *object)
{
	uint32_t number = 0;
	TEE_Result result = TEE_SUCCESS;

	if (object) {
		rt_writable(object, sizeof(*object));
		*object = TEE_HANDLE_NULL;
	}
	name_check(objectID, objectIDLen);
	rt_need(!(flags & ~(uint32_t)(ACCESS_FLAGS | TEE_DATA_FLAG_OVERWRITE)));
	rt_readable(initialData, initialDataLen);
	if (initialDataLen > CREATE_MAX) {
		result = create_long(storageID, objectID, objectIDLen, attributes, flags, initialData, initialDataLen);
		if (result == TEE_SUCCESS) {
			result = RT_CALL(TA_CALL_STORAGE_OPEN, storageID, rt_at(objectID), objectIDLen, flags & ACCESS_FLAGS, rt_at(&number));
		}
	} else {
		result = RT_CALL(TA_CALL_STORAGE_CREATE, storageID, rt_at(objectID), objectIDLen, flags, object_number(attributes),
				 rt_at(initialData), initialDataLen, rt_at(&number));
	}
	result = RT_ALLOW(result, TEE_ERROR_ITEM_NOT_FOUND, TEE_ERROR_ACCESS_CONFLICT, TEE_ERROR_OUT_OF_MEMORY, TEE_ERROR_STORAGE_NO_SPACE,
			  TEE_ERROR_UNSUPPORTED_VERSION, RT_STORAGE_ERRORS);
	if (result == TEE_SUCCESS && object) {
		*object = (TEE_ObjectHandle)(uintptr_t)number;
	} else if (result == TEE_SUCCESS) {
		(void)RT_CALL(TA_CALL_OBJECT_CLOSE, number);
	}
	return result;
}

TEE_Result TEE_CloseAndDeletePersistentObject1(TEE_ObjectHandle object)
{
	if (object == TEE_HANDLE_NULL) {
		return TEE_SUCCESS;
	}
	TEE_Result result = RT_ALLOW(RT_CALL(TA_CALL_STORAGE_DELETE, object_number(object)), RT_STORAGE_ERRORS);
	if (result != TEE_SUCCESS) {
		(void)RT_CALL(TA_CALL_OBJECT_CLOSE, object_number(object));
	}
	return result;
}

void TEE_CloseAndDeletePersistentObject(TEE_ObjectHandle object)
{
	(void)RT_ALLOW(TEE_CloseAndDeletePersistentObject1(object), 0);
}

TEE_Result TEE_RenamePersistentObject(TEE_ObjectHandle object, const void *newObjectID, size_t newObjectIDLen)
{
	name_check(newObjectID, newObjectIDLen);
	TEE_Result result = RT_CALL(TA_CALL_STORAGE_RENAME, object_number(object), rt_at(newObjectID), newObjectIDLen);

	return object_corrupt(object, RT_ALLOW(result, TEE_ERROR_ACCESS_CONFLICT, RT_STORAGE_ERRORS));
}

/* ---- 5.8 ---- */

static uint64_t walk_number(TEE_ObjectEnumHandle walk)
{
	return (uint64_t)(uintptr_t)walk;
}

TEE_Result TEE_AllocatePersistentObjectEnumerator(TEE_ObjectEnumHandle *objectEnumerator)
{
	uint32_t number = 0;

	rt_writable(objectEnumerator, sizeof(*objectEnumerator));
	*objectEnumerator = TEE_HANDLE_NULL;
	TEE_Result result = RT_ALLOW(no_handle(RT_CALL(TA_CALL_WALK_ALLOC, rt_at(&number))), TEE_ERROR_OUT_OF_MEMORY);
	if (result == TEE_SUCCESS) {
		*objectEnumerator = (TEE_ObjectEnumHandle)(uintptr_t)number;
	}
	return result;
}

void TEE_FreePersistentObjectEnumerator(TEE_ObjectEnumHandle objectEnumerator)
{
	if (objectEnumerator != TEE_HANDLE_NULL) {
		(void)RT_ALLOW(RT_CALL(TA_CALL_WALK_FREE, walk_number(objectEnumerator)), 0);
	}
}

void TEE_ResetPersistentObjectEnumerator(TEE_ObjectEnumHandle objectEnumerator)
{
	if (objectEnumerator != TEE_HANDLE_NULL) {
		(void)RT_ALLOW(RT_CALL(TA_CALL_WALK_RESET, walk_number(objectEnumerator)), 0);
	}
}

TEE_Result TEE_StartPersistentObjectEnumerator(TEE_ObjectEnumHandle objectEnumerator, uint32_t storageID)
{
	rt_need(objectEnumerator != TEE_HANDLE_NULL);
	return RT_ALLOW(RT_CALL(TA_CALL_WALK_START, walk_number(objectEnumerator), storageID), TEE_ERROR_ITEM_NOT_FOUND, RT_STORAGE_ERRORS);
}

TEE_Result TEE_GetNextPersistentObject(TEE_ObjectEnumHandle objectEnumerator, TEE_ObjectInfo *objectInfo, void *objectID, size_t *objectIDLen)
{
	struct ta_object_info info = { 0 };
	uint64_t size = TEE_OBJECT_ID_MAX_LEN;

	rt_need(objectEnumerator != TEE_HANDLE_NULL);
	rt_writable(objectID, TEE_OBJECT_ID_MAX_LEN);
	rt_need(heap_allows(objectID, TEE_OBJECT_ID_MAX_LEN)); /* its size is not an argument: 64 bytes are written */
	rt_writable(objectIDLen, sizeof(*objectIDLen));
	TEE_Result result = RT_CALL(TA_CALL_WALK_NEXT, walk_number(objectEnumerator), rt_at(&info), rt_at(objectID), rt_at(&size));
	result = RT_ALLOW(result, TEE_ERROR_ITEM_NOT_FOUND, RT_STORAGE_ERRORS);
	if (result != TEE_SUCCESS) {
		return result;
	}
	*objectIDLen = (size_t)size;
	if (objectInfo) {
		rt_writable(objectInfo, sizeof(*objectInfo));
		*objectInfo = (TEE_ObjectInfo){
			.objectType = info.type,
			.objectSize = info.size,
			.maxObjectSize = info.size_max,
			.objectUsage = info.usage,
			.dataSize = info.data_size,
			.handleFlags = info.flags,
		};
	}
	return result;
}
