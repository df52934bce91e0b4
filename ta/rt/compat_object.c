/* Objects and storage as version 1.1 had them (tee_api_compat.h): 32-bit sizes. */
#include "ta/rt/rt.h"

static uint32_t narrow(size_t size)
{
	return size > UINT32_MAX ? UINT32_MAX : (uint32_t)size;
}

static void info_narrow(__GP11_TEE_ObjectInfo *to, const TEE_ObjectInfo *from)
{
	rt_writable(to, sizeof(*to));
	*to = (__GP11_TEE_ObjectInfo){
		.objectType = from->objectType,
		.objectSize = from->objectSize,
		.maxObjectSize = from->maxObjectSize,
		.objectUsage = from->objectUsage,
		.dataSize = narrow(from->dataSize),
		.dataPosition = narrow(from->dataPosition),
		.handleFlags = from->handleFlags,
	};
}

void __GP11_TEE_GetObjectInfo(TEE_ObjectHandle object, __GP11_TEE_ObjectInfo *objectInfo)
{
	TEE_ObjectInfo info = { 0 };

	TEE_GetObjectInfo(object, &info);
	info_narrow(objectInfo, &info);
}

TEE_Result __GP11_TEE_GetObjectInfo1(TEE_ObjectHandle object, __GP11_TEE_ObjectInfo *objectInfo)
{
	TEE_ObjectInfo info = { 0 };
	TEE_Result result = TEE_GetObjectInfo1(object, &info);

	if (result == TEE_SUCCESS) {
		info_narrow(objectInfo, &info);
	}
	return result;
}

TEE_Result __GP11_TEE_GetObjectBufferAttribute(TEE_ObjectHandle object, uint32_t attributeID, void *buffer, uint32_t *size)
{
	rt_writable(size, sizeof(*size));
	size_t wide = *size;
	TEE_Result result = TEE_GetObjectBufferAttribute(object, attributeID, buffer, &wide);

	*size = narrow(wide);
	return result;
}

TEE_Result __GP11_TEE_AllocateTransientObject(TEE_ObjectType objectType, uint32_t maxKeySize, TEE_ObjectHandle *object)
{
	return TEE_AllocateTransientObject(objectType, maxKeySize, object);
}

uint32_t attributes_widen(TEE_Attribute to[RT_ATTRIBUTES_MAX], const __GP11_TEE_Attribute *from, uint32_t count)
{
	rt_need(count <= RT_ATTRIBUTES_MAX);
	rt_readable(from, count * sizeof(*from));
	for (uint32_t i = 0; i < count; i++) {
		to[i].attributeID = from[i].attributeID;
		if (from[i].attributeID & TEE_ATTR_FLAG_VALUE) {
			to[i].content.value.a = from[i].content.value.a;
			to[i].content.value.b = from[i].content.value.b;
		} else {
			to[i].content.ref.buffer = from[i].content.ref.buffer;
			to[i].content.ref.length = from[i].content.ref.length;
		}
	}
	return count;
}

TEE_Result __GP11_TEE_PopulateTransientObject(TEE_ObjectHandle object, const __GP11_TEE_Attribute *attrs, uint32_t attrCount)
{
	TEE_Attribute list[RT_ATTRIBUTES_MAX] = { 0 };

	return TEE_PopulateTransientObject(object, list, attributes_widen(list, attrs, attrCount));
}

void __GP11_TEE_InitRefAttribute(__GP11_TEE_Attribute *attr, uint32_t attributeID, const void *buffer, uint32_t length)
{
	rt_writable(attr, sizeof(*attr));
	rt_need(!(attributeID & TEE_ATTR_FLAG_VALUE));
	attr->attributeID = attributeID;
	attr->content.ref.buffer = (void *)(uintptr_t)buffer;
	attr->content.ref.length = length;
}

void __GP11_TEE_InitValueAttribute(__GP11_TEE_Attribute *attr, uint32_t attributeID, uint32_t a, uint32_t b)
{
	rt_writable(attr, sizeof(*attr));
	rt_need(attributeID & TEE_ATTR_FLAG_VALUE);
	attr->attributeID = attributeID;
	attr->content.value.a = a;
	attr->content.value.b = b;
}

TEE_Result __GP11_TEE_GenerateKey(TEE_ObjectHandle object, uint32_t keySize, const __GP11_TEE_Attribute *params, uint32_t paramCount)
{
	TEE_Attribute list[RT_ATTRIBUTES_MAX] = { 0 };

	return TEE_GenerateKey(object, keySize, list, attributes_widen(list, params, paramCount));
}

TEE_Result __GP11_TEE_OpenPersistentObject(uint32_t storageID, const void *objectID, uint32_t objectIDLen, uint32_t flags,
					   TEE_ObjectHandle *object)
{
	return TEE_OpenPersistentObject(storageID, objectID, objectIDLen, flags, object);
}

TEE_Result __GP11_TEE_CreatePersistentObject(uint32_t storageID, const void *objectID, uint32_t objectIDLen, uint32_t flags,
					     TEE_ObjectHandle attributes, const void *initialData, uint32_t initialDataLen,
					     TEE_ObjectHandle *object)
{
	return TEE_CreatePersistentObject(storageID, objectID, objectIDLen, flags, attributes, initialData, initialDataLen, object);
}

TEE_Result __GP11_TEE_RenamePersistentObject(TEE_ObjectHandle object, const void *newObjectID, uint32_t newObjectIDLen)
{
	return TEE_RenamePersistentObject(object, newObjectID, newObjectIDLen);
}

TEE_Result __GP11_TEE_GetNextPersistentObject(TEE_ObjectEnumHandle objectEnumerator, __GP11_TEE_ObjectInfo *objectInfo, void *objectID,
					      uint32_t *objectIDLen)
{
	TEE_ObjectInfo info = { 0 };
	size_t size = TEE_OBJECT_ID_MAX_LEN;

	rt_writable(objectIDLen, sizeof(*objectIDLen));
	TEE_Result result = TEE_GetNextPersistentObject(objectEnumerator, &info, objectID, &size);
	if (result == TEE_SUCCESS) {
		*objectIDLen = narrow(size);
		if (objectInfo) {
			info_narrow(objectInfo, &info);
		}
	}
	return result;
}

TEE_Result __GP11_TEE_ReadObjectData(TEE_ObjectHandle object, void *buffer, uint32_t size, uint32_t *count)
{
	size_t wide = 0;

	rt_writable(count, sizeof(*count));
	TEE_Result result = TEE_ReadObjectData(object, buffer, size, &wide);
	*count = narrow(wide);
	return result;
}

TEE_Result __GP11_TEE_WriteObjectData(TEE_ObjectHandle object, const void *buffer, uint32_t size)
{
	return TEE_WriteObjectData(object, buffer, size);
}

TEE_Result __GP11_TEE_TruncateObjectData(TEE_ObjectHandle object, uint32_t size)
{
	return TEE_TruncateObjectData(object, size);
}

TEE_Result __GP11_TEE_SeekObjectData(TEE_ObjectHandle object, int32_t offset, TEE_Whence whence)
{
	return TEE_SeekObjectData(object, offset, whence);
}
