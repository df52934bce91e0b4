/*
 * GlobalPlatform TEE Internal Core API 1.3.1, chapter 5: objects, in memory (transient) and in trusted storage
 * (persistent).
 *
 * Part of tee_internal_api.h, which says what holds for every function. Object sizes are bits, data sizes
 * bytes. In functions that report a corrupt object it is deleted and its handle closed; where storage is not
 * available the handle stays open.
 */
#ifndef TEE_API_STORAGE_H
#define TEE_API_STORAGE_H

#include "tee_api_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- 5.5 objects of any kind ---- */

/*
 * Deprecated form of TEE_GetObjectInfo1: what object is; one that is corrupt shows as
 * TEE_TYPE_CORRUPTED_OBJECT.
 * Errors: none.
 * Panics: object is not open.
 */
void TEE_GetObjectInfo(TEE_ObjectHandle object, TEE_ObjectInfo *objectInfo);

/*
 * What object is: type, sizes, usage, position, flags.
 * Errors: TEE_ERROR_CORRUPT_OBJECT, TEE_ERROR_CORRUPT_OBJECT_2, TEE_ERROR_STORAGE_NOT_AVAILABLE,
 * TEE_ERROR_STORAGE_NOT_AVAILABLE_2.
 * Panics: object is not open.
 */
TEE_Result TEE_GetObjectInfo1(TEE_ObjectHandle object, TEE_ObjectInfo *objectInfo);

/*
 * Deprecated form of TEE_RestrictObjectUsage1; a corrupt object is left with no usage.
 * Errors: none.
 * Panics: object is not open.
 */
void TEE_RestrictObjectUsage(TEE_ObjectHandle object, uint32_t objectUsage);

/*
 * Take usages away: those not in objectUsage go and never come back. A persistent object keeps it in storage.
 * Errors: TEE_ERROR_CORRUPT_OBJECT, TEE_ERROR_CORRUPT_OBJECT_2, TEE_ERROR_STORAGE_NOT_AVAILABLE,
 * TEE_ERROR_STORAGE_NOT_AVAILABLE_2.
 * Panics: object is not open.
 */
TEE_Result TEE_RestrictObjectUsage1(TEE_ObjectHandle object, uint32_t objectUsage);

/*
 * Read a buffer attribute. A protected one needs TEE_USAGE_EXTRACTABLE.
 * Errors: TEE_ERROR_ITEM_NOT_FOUND (no such attribute), TEE_ERROR_SHORT_BUFFER, TEE_ERROR_CORRUPT_OBJECT,
 * TEE_ERROR_CORRUPT_OBJECT_2, TEE_ERROR_STORAGE_NOT_AVAILABLE, TEE_ERROR_STORAGE_NOT_AVAILABLE_2.
 * Panics: object is not open or not initialised; attributeID is a value's; it is protected and the object not
 * extractable.
 */
TEE_Result TEE_GetObjectBufferAttribute(TEE_ObjectHandle object, uint32_t attributeID, void *buffer, size_t *size);

/*
 * Read a value attribute; a and b may be NULL. A protected one needs TEE_USAGE_EXTRACTABLE.
 * Errors: TEE_ERROR_ITEM_NOT_FOUND, TEE_ERROR_CORRUPT_OBJECT, TEE_ERROR_CORRUPT_OBJECT_2,
 * TEE_ERROR_STORAGE_NOT_AVAILABLE, TEE_ERROR_STORAGE_NOT_AVAILABLE_2.
 * Panics: object is not open or not initialised; attributeID is a buffer's; it is protected and the object not
 * extractable.
 */
TEE_Result TEE_GetObjectValueAttribute(TEE_ObjectHandle object, uint32_t attributeID, uint32_t *a, uint32_t *b);

/*
 * Close a handle: a persistent object stays, a transient one is freed. TEE_HANDLE_NULL is allowed and does
 * nothing.
 * Errors: none.
 * Panics: object is not open.
 */
void TEE_CloseObject(TEE_ObjectHandle object);

/* ---- 5.6 transient objects ---- */

/*
 * Room for an object of a type and at most maxObjectSize bits, not initialised. On failure *object is
 * TEE_HANDLE_NULL.
 * Errors: TEE_ERROR_OUT_OF_MEMORY, TEE_ERROR_NOT_SUPPORTED (no such type, or not of this size).
 * Panics: object cannot be written.
 */
TEE_Result TEE_AllocateTransientObject(TEE_ObjectType objectType, uint32_t maxObjectSize, TEE_ObjectHandle *object);

/*
 * Wipe and free a transient object. TEE_HANDLE_NULL is allowed and does nothing.
 * Errors: none.
 * Panics: object is not open, or persistent.
 */
void TEE_FreeTransientObject(TEE_ObjectHandle object);

/*
 * Wipe a transient object: as after its allocation. TEE_HANDLE_NULL is allowed and does nothing.
 * Errors: none.
 * Panics: object is not open, or persistent.
 */
void TEE_ResetTransientObject(TEE_ObjectHandle object);

/*
 * Fill an object that is not initialised from attributes, which are copied; it is unchanged on failure. Those
 * its type demands must be there, each once, and no other but optional ones.
 * Errors: TEE_ERROR_BAD_PARAMETERS (an attribute's content is wrong or inconsistent with another).
 * Panics: object is not open, persistent, or initialised; a demanded attribute is missing; one is there that
 * the type has not; one is too large for the object; attrs cannot be read.
 */
TEE_Result TEE_PopulateTransientObject(TEE_ObjectHandle object, const TEE_Attribute *attrs, uint32_t attrCount);

/*
 * Fill in a TEE_Attribute that refers to buffer, which must outlive it.
 * Errors: none.
 * Panics: attributeID is a value's.
 */
void TEE_InitRefAttribute(TEE_Attribute *attr, uint32_t attributeID, const void *buffer, size_t length);

/*
 * Fill in a TEE_Attribute of two numbers.
 * Errors: none.
 * Panics: attributeID is a buffer's.
 */
void TEE_InitValueAttribute(TEE_Attribute *attr, uint32_t attributeID, uint32_t a, uint32_t b);

/*
 * Deprecated form of TEE_CopyObjectAttributes1; where that reports a corrupt or unavailable source, this leaves
 * destObject not initialised.
 * Errors: none.
 * Panics: as TEE_CopyObjectAttributes1.
 */
void TEE_CopyObjectAttributes(TEE_ObjectHandle destObject, TEE_ObjectHandle srcObject);

/*
 * Fill destObject, transient and not initialised, from srcObject: its type, or the public key of its key pair.
 * The usage is the source's, cut to what destObject had.
 * Errors: TEE_ERROR_CORRUPT_OBJECT, TEE_ERROR_CORRUPT_OBJECT_2, TEE_ERROR_STORAGE_NOT_AVAILABLE,
 * TEE_ERROR_STORAGE_NOT_AVAILABLE_2.
 * Panics: srcObject is not open or not initialised; destObject is not open, persistent, or initialised; their
 * types do not fit; an attribute is too large for destObject.
 */
TEE_Result TEE_CopyObjectAttributes1(TEE_ObjectHandle destObject, TEE_ObjectHandle srcObject);

/*
 * Make a key of keySize bits in an object that is not initialised, with the parameters its type demands (a DH
 * group, a curve). May be cancelled where it takes long.
 * Errors: TEE_ERROR_BAD_PARAMETERS (a parameter's content is wrong), TEE_ERROR_CANCEL,
 * TEE_ERROR_EXTERNAL_CANCEL.
 * Panics: object is not open, persistent, or initialised; its type has no keys to make; keySize is not one of
 * its, or above its maximum; a demanded parameter is missing; params cannot be read.
 */
TEE_Result TEE_GenerateKey(TEE_ObjectHandle object, uint32_t keySize, const TEE_Attribute *params, uint32_t paramCount);

/* ---- 5.7 persistent objects ---- */

/*
 * Open an object of this TA by its name, 0 to TEE_OBJECT_ID_MAX_LEN bytes, with TEE_DATA_FLAG_ access and
 * sharing. On failure *object is TEE_HANDLE_NULL.
 * Errors: TEE_ERROR_ITEM_NOT_FOUND (no such object or storage), TEE_ERROR_ACCESS_CONFLICT (another handle's
 * sharing does not allow it), TEE_ERROR_OUT_OF_MEMORY, TEE_ERROR_CORRUPT_OBJECT, TEE_ERROR_CORRUPT_OBJECT_2,
 * TEE_ERROR_STORAGE_NOT_AVAILABLE, TEE_ERROR_STORAGE_NOT_AVAILABLE_2, TEE_ERROR_UNSUPPORTED_VERSION.
 * Panics: objectIDLen is above the maximum; flags has a bit that there is not; objectID cannot be read, or is
 * memory shared with a client.
 */
TEE_Result TEE_OpenPersistentObject(uint32_t storageID, const void *objectID, size_t objectIDLen, uint32_t flags,
				    TEE_ObjectHandle *object);

/*
 * Create an object: attributes from an initialised object, or none with TEE_HANDLE_NULL (type TEE_TYPE_DATA),
 * and data. All at once: after a failure or a power cut either it is there whole or what was there before is.
 * An object of that name is replaced only with TEE_DATA_FLAG_OVERWRITE and only while no handle is open. object
 * NULL: only store it.
 * Errors: TEE_ERROR_ITEM_NOT_FOUND (no such storage), TEE_ERROR_ACCESS_CONFLICT (the name is taken),
 * TEE_ERROR_OUT_OF_MEMORY, TEE_ERROR_STORAGE_NO_SPACE, TEE_ERROR_CORRUPT_OBJECT, TEE_ERROR_CORRUPT_OBJECT_2,
 * TEE_ERROR_STORAGE_NOT_AVAILABLE, TEE_ERROR_STORAGE_NOT_AVAILABLE_2, TEE_ERROR_UNSUPPORTED_VERSION.
 * Panics: objectIDLen is above the maximum; flags has a bit that there is not; attributes is not open or not
 * initialised; objectID or initialData cannot be read; objectID is memory shared with a client.
 */
TEE_Result TEE_CreatePersistentObject(uint32_t storageID, const void *objectID, size_t objectIDLen, uint32_t flags,
				      TEE_ObjectHandle attributes, const void *initialData, size_t initialDataLen,
				      TEE_ObjectHandle *object);

/*
 * Deprecated form of TEE_CloseAndDeletePersistentObject1. TEE_HANDLE_NULL is allowed and does nothing.
 * Errors: none.
 * Panics: object is not open, not persistent, without TEE_DATA_FLAG_ACCESS_WRITE_META; or its storage is not
 * available.
 */
void TEE_CloseAndDeletePersistentObject(TEE_ObjectHandle object);

/*
 * Delete an object and close its handle, also where an error is returned. TEE_HANDLE_NULL is allowed and does
 * nothing.
 * Errors: TEE_ERROR_STORAGE_NOT_AVAILABLE, TEE_ERROR_STORAGE_NOT_AVAILABLE_2.
 * Panics: object is not open, not persistent, or without TEE_DATA_FLAG_ACCESS_WRITE_META.
 */
TEE_Result TEE_CloseAndDeletePersistentObject1(TEE_ObjectHandle object);

/*
 * Give an object another name, which must be free; all at once.
 * Errors: TEE_ERROR_ACCESS_CONFLICT (the name is taken), TEE_ERROR_CORRUPT_OBJECT, TEE_ERROR_CORRUPT_OBJECT_2,
 * TEE_ERROR_STORAGE_NOT_AVAILABLE, TEE_ERROR_STORAGE_NOT_AVAILABLE_2.
 * Panics: object is not open, not persistent, or without TEE_DATA_FLAG_ACCESS_WRITE_META; newObjectIDLen is
 * above the maximum; newObjectID cannot be read, or is memory shared with a client.
 */
TEE_Result TEE_RenamePersistentObject(TEE_ObjectHandle object, const void *newObjectID, size_t newObjectIDLen);

/* ---- 5.8 enumeration of persistent objects ---- */

/*
 * A new enumerator of objects. On failure *objectEnumerator is TEE_HANDLE_NULL.
 * Errors: TEE_ERROR_OUT_OF_MEMORY.
 * Panics: objectEnumerator cannot be written.
 */
TEE_Result TEE_AllocatePersistentObjectEnumerator(TEE_ObjectEnumHandle *objectEnumerator);

/*
 * Free an enumerator. TEE_HANDLE_NULL is allowed and does nothing.
 * Errors: none.
 * Panics: objectEnumerator is not one.
 */
void TEE_FreePersistentObjectEnumerator(TEE_ObjectEnumHandle objectEnumerator);

/*
 * Put an enumerator back to where it was after its allocation. TEE_HANDLE_NULL is allowed and does nothing.
 * Errors: none.
 * Panics: objectEnumerator is not one.
 */
void TEE_ResetPersistentObjectEnumerator(TEE_ObjectEnumHandle objectEnumerator);

/*
 * Begin to enumerate the objects of this TA in a storage; what it did before is dropped.
 * Errors: TEE_ERROR_ITEM_NOT_FOUND (no such storage, or it is empty), TEE_ERROR_CORRUPT_OBJECT,
 * TEE_ERROR_CORRUPT_OBJECT_2, TEE_ERROR_STORAGE_NOT_AVAILABLE, TEE_ERROR_STORAGE_NOT_AVAILABLE_2.
 * Panics: objectEnumerator is not one.
 */
TEE_Result TEE_StartPersistentObjectEnumerator(TEE_ObjectEnumHandle objectEnumerator, uint32_t storageID);

/*
 * The next object: what it is (objectInfo may be NULL) and its name, into TEE_OBJECT_ID_MAX_LEN bytes.
 * Errors: TEE_ERROR_ITEM_NOT_FOUND (no more, or not started), TEE_ERROR_CORRUPT_OBJECT,
 * TEE_ERROR_CORRUPT_OBJECT_2, TEE_ERROR_STORAGE_NOT_AVAILABLE, TEE_ERROR_STORAGE_NOT_AVAILABLE_2.
 * Panics: objectEnumerator is not one; objectID has room for less than TEE_OBJECT_ID_MAX_LEN bytes, or cannot
 * be written.
 */
TEE_Result TEE_GetNextPersistentObject(TEE_ObjectEnumHandle objectEnumerator, TEE_ObjectInfo *objectInfo,
				       void *objectID, size_t *objectIDLen);

/* ---- 5.9 data of persistent objects ---- */

/*
 * Read up to size bytes from the position and move it; *count is what there was, less at the end of the data.
 * Errors: TEE_ERROR_CORRUPT_OBJECT, TEE_ERROR_CORRUPT_OBJECT_2, TEE_ERROR_STORAGE_NOT_AVAILABLE,
 * TEE_ERROR_STORAGE_NOT_AVAILABLE_2.
 * Panics: object is not open, not persistent, or without TEE_DATA_FLAG_ACCESS_READ; buffer cannot be written.
 */
TEE_Result TEE_ReadObjectData(TEE_ObjectHandle object, void *buffer, size_t size, size_t *count);

/*
 * Write size bytes at the position and move it; a gap before it is zeros. All at once.
 * Errors: TEE_ERROR_STORAGE_NO_SPACE, TEE_ERROR_OVERFLOW (the position would pass TEE_DATA_MAX_POSITION),
 * TEE_ERROR_CORRUPT_OBJECT, TEE_ERROR_CORRUPT_OBJECT_2, TEE_ERROR_STORAGE_NOT_AVAILABLE,
 * TEE_ERROR_STORAGE_NOT_AVAILABLE_2.
 * Panics: object is not open, not persistent, or without TEE_DATA_FLAG_ACCESS_WRITE; buffer cannot be read.
 */
TEE_Result TEE_WriteObjectData(TEE_ObjectHandle object, const void *buffer, size_t size);

/*
 * Make the data size bytes long: cut, or zeros added. The position stays. All at once.
 * Errors: TEE_ERROR_STORAGE_NO_SPACE, TEE_ERROR_CORRUPT_OBJECT, TEE_ERROR_CORRUPT_OBJECT_2,
 * TEE_ERROR_STORAGE_NOT_AVAILABLE, TEE_ERROR_STORAGE_NOT_AVAILABLE_2.
 * Panics: object is not open, not persistent, or without TEE_DATA_FLAG_ACCESS_WRITE.
 */
TEE_Result TEE_TruncateObjectData(TEE_ObjectHandle object, size_t size);

/*
 * Move the position by offset from the beginning, itself or the end (whence), not below 0; past the end is
 * allowed.
 * Errors: TEE_ERROR_OVERFLOW (it would pass TEE_DATA_MAX_POSITION), TEE_ERROR_CORRUPT_OBJECT,
 * TEE_ERROR_CORRUPT_OBJECT_2, TEE_ERROR_STORAGE_NOT_AVAILABLE, TEE_ERROR_STORAGE_NOT_AVAILABLE_2.
 * Panics: object is not open or not persistent; whence is not one that there is.
 */
TEE_Result TEE_SeekObjectData(TEE_ObjectHandle object, intmax_t offset, TEE_Whence whence);

#ifdef __cplusplus
}
#endif

#endif
