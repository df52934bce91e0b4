/* Objects of any kind (5.5) and transient ones (5.6). A handle is the system's number. */
#include "ta/rt/rt.h"

/* OP-TEE's TA_FLAG_DONT_CLOSE_HANDLE_ON_CORRUPT_OBJECT: gpd.ta.doesNotCloseHandleOnCorruptObject. */
#define KEEP_CORRUPT (UINT32_C(1) << 11)

TEE_Result object_corrupt(TEE_ObjectHandle object, TEE_Result result)
{
	bool corrupt = result == TEE_ERROR_CORRUPT_OBJECT || result == TEE_ERROR_CORRUPT_OBJECT_2;

	if (corrupt && !(ta_head.flags & KEEP_CORRUPT) && RT_CALL(TA_CALL_STORAGE_DELETE, object_number(object)) != TEE_SUCCESS) {
		(void)RT_CALL(TA_CALL_OBJECT_CLOSE, object_number(object));
	}
	return result;
}

TEE_Result object_info_get(TEE_ObjectHandle object, struct ta_object_info *info)
{
	rt_need(object != TEE_HANDLE_NULL);
	return RT_ALLOW(RT_CALL(TA_CALL_OBJECT_INFO, object_number(object), rt_at(info)), RT_STORAGE_ERRORS);
}

void object_transient(TEE_ObjectHandle object, struct ta_object_info *info)
{
	TEE_Result result = object_info_get(object, info);

	if (result != TEE_SUCCESS) {
		rt_panic(result);
	}
	rt_need(!(info->flags & TEE_HANDLE_FLAG_PERSISTENT));
}

static void info_give(TEE_ObjectInfo *to, const struct ta_object_info *from)
{
	*to = (TEE_ObjectInfo){
		.objectType = from->type,
		.objectSize = from->size,
		.maxObjectSize = from->size_max,
		.objectUsage = from->usage,
		.dataSize = from->data_size,
		.dataPosition = from->position,
		.handleFlags = from->flags,
	};
}

TEE_Result TEE_GetObjectInfo1(TEE_ObjectHandle object, TEE_ObjectInfo *objectInfo)
{
	struct ta_object_info info = { 0 };

	rt_writable(objectInfo, sizeof(*objectInfo));
	TEE_Result result = object_info_get(object, &info);
	if (result == TEE_SUCCESS) {
		info_give(objectInfo, &info);
	}
	return object_corrupt(object, result);
}

void TEE_GetObjectInfo(TEE_ObjectHandle object, TEE_ObjectInfo *objectInfo)
{
	if (TEE_GetObjectInfo1(object, objectInfo) != TEE_SUCCESS) {
		*objectInfo = (TEE_ObjectInfo){ .objectType = TEE_TYPE_CORRUPTED_OBJECT };
	}
}

TEE_Result TEE_RestrictObjectUsage1(TEE_ObjectHandle object, uint32_t objectUsage)
{
	rt_need(object != TEE_HANDLE_NULL);
	TEE_Result result = RT_CALL(TA_CALL_OBJECT_RESTRICT, object_number(object), objectUsage);

	return object_corrupt(object, RT_ALLOW(result, RT_STORAGE_ERRORS));
}

void TEE_RestrictObjectUsage(TEE_ObjectHandle object, uint32_t objectUsage)
{
	(void)TEE_RestrictObjectUsage1(object, objectUsage);
}

/* An attribute, its length behind a pointer of 64 bits. */
static TEE_Result attribute_get(TEE_ObjectHandle object, uint32_t id, void *at, uint64_t *size)
{
	TEE_Result result = RT_CALL(TA_CALL_OBJECT_ATTRIBUTE, object_number(object), id, rt_at(at), rt_at(size));

	result = RT_ALLOW(result, TEE_ERROR_ITEM_NOT_FOUND, TEE_ERROR_SHORT_BUFFER, RT_STORAGE_ERRORS);
	return object_corrupt(object, result);
}

TEE_Result TEE_GetObjectBufferAttribute(TEE_ObjectHandle object, uint32_t attributeID, void *buffer, size_t *size)
{
	rt_need(!(attributeID & TEE_ATTR_FLAG_VALUE));
	rt_buffer(buffer, size);
	uint64_t wide = *size;
	TEE_Result result = attribute_get(object, attributeID, buffer, &wide);
	if (result == TEE_SUCCESS || result == TEE_ERROR_SHORT_BUFFER) {
		*size = (size_t)wide;
	}
	return result;
}

TEE_Result TEE_GetObjectValueAttribute(TEE_ObjectHandle object, uint32_t attributeID, uint32_t *a, uint32_t *b)
{
	uint32_t pair[2] = { 0, 0 };
	uint64_t size = sizeof(pair);

	rt_need(attributeID & TEE_ATTR_FLAG_VALUE);
	TEE_Result result = attribute_get(object, attributeID, pair, &size);
	if (result == TEE_SUCCESS && a) {
		rt_writable(a, sizeof(*a));
		*a = pair[0];
	}
	if (result == TEE_SUCCESS && b) {
		rt_writable(b, sizeof(*b));
		*b = pair[1];
	}
	return result;
}

void TEE_CloseObject(TEE_ObjectHandle object)
{
	if (object != TEE_HANDLE_NULL) {
		(void)RT_ALLOW(RT_CALL(TA_CALL_OBJECT_CLOSE, object_number(object)), RT_STORAGE_ERRORS);
	}
}

/* ---- 5.6 ---- */

TEE_Result TEE_AllocateTransientObject(TEE_ObjectType objectType, uint32_t maxObjectSize, TEE_ObjectHandle *object)
{
	uint32_t number = 0;

	rt_writable(object, sizeof(*object));
	*object = TEE_HANDLE_NULL;
	TEE_Result result = RT_ALLOW(RT_CALL(TA_CALL_OBJECT_ALLOC, objectType, maxObjectSize, rt_at(&number)), TEE_ERROR_OUT_OF_MEMORY,
				     TEE_ERROR_NOT_SUPPORTED);
	if (result == TEE_SUCCESS) {
		*object = (TEE_ObjectHandle)(uintptr_t)number;
	}
	return result;
}

void TEE_FreeTransientObject(TEE_ObjectHandle object)
{
	struct ta_object_info info = { 0 };

	if (object != TEE_HANDLE_NULL) {
		object_transient(object, &info);
		(void)RT_ALLOW(RT_CALL(TA_CALL_OBJECT_CLOSE, object_number(object)), 0);
	}
}

void TEE_ResetTransientObject(TEE_ObjectHandle object)
{
	struct ta_object_info info = { 0 };

	if (object != TEE_HANDLE_NULL) {
		object_transient(object, &info);
		(void)RT_ALLOW(RT_CALL(TA_CALL_OBJECT_RESET, object_number(object)), 0);
	}
}

/* It is transient and has no key. */
static void object_empty(TEE_ObjectHandle object, struct ta_object_info *info)
{
	object_transient(object, info);
	rt_need_state(!(info->flags & TEE_HANDLE_FLAG_INITIALIZED));
}

TEE_Result TEE_PopulateTransientObject(TEE_ObjectHandle object, const TEE_Attribute *attrs, uint32_t attrCount)
{
	struct ta_object_info info = { 0 };
	struct rt_attributes list;

	object_empty(object, &info);
	attributes_take(&list, attrs, attrCount);
	attributes_populate_check(&list, info.type, info.size_max);
	return RT_ALLOW(RT_CALL(TA_CALL_OBJECT_POPULATE, object_number(object), rt_at(list.at), list.count), TEE_ERROR_BAD_PARAMETERS);
}

void TEE_InitRefAttribute(TEE_Attribute *attr, uint32_t attributeID, const void *buffer, size_t length)
{
	rt_writable(attr, sizeof(*attr));
	rt_need(!(attributeID & TEE_ATTR_FLAG_VALUE));
	attr->attributeID = attributeID;
	attr->content.ref.buffer = (void *)(uintptr_t)buffer;
	attr->content.ref.length = length;
}

void TEE_InitValueAttribute(TEE_Attribute *attr, uint32_t attributeID, uint32_t a, uint32_t b)
{
	rt_writable(attr, sizeof(*attr));
	rt_need(attributeID & TEE_ATTR_FLAG_VALUE);
	attr->attributeID = attributeID;
	attr->content.value.a = a;
	attr->content.value.b = b;
}

TEE_Result TEE_CopyObjectAttributes1(TEE_ObjectHandle destObject, TEE_ObjectHandle srcObject)
{
	struct ta_object_info to = { 0 };

	object_empty(destObject, &to);
	TEE_Result result = RT_CALL(TA_CALL_OBJECT_COPY, object_number(destObject), object_number(srcObject));
	return object_corrupt(srcObject, RT_ALLOW(result, RT_STORAGE_ERRORS));
}

void TEE_CopyObjectAttributes(TEE_ObjectHandle destObject, TEE_ObjectHandle srcObject)
{
	(void)TEE_CopyObjectAttributes1(destObject, srcObject);
}

/* Is there such a size of the type? */
static bool size_there(uint32_t type, uint32_t size)
{
	uint32_t number = 0;
	TEE_Result result = RT_CALL(TA_CALL_OBJECT_ALLOC, type, size, rt_at(&number));

	if (result == TEE_SUCCESS) {
		(void)RT_CALL(TA_CALL_OBJECT_CLOSE, number);
	}
	return result != TEE_ERROR_NOT_SUPPORTED;
}

TEE_Result TEE_GenerateKey(TEE_ObjectHandle object, uint32_t keySize, const TEE_Attribute *params, uint32_t paramCount)
{
	struct ta_object_info info = { 0 };
	struct rt_attributes list;

	object_empty(object, &info);
	attributes_take(&list, params, paramCount);
	attributes_generate_check(&list, info.type);
	rt_need(keySize <= info.size_max && size_there(info.type, keySize));
	return RT_ALLOW(RT_CALL(TA_CALL_GENERATE_KEY, object_number(object), keySize, rt_at(list.at), list.count), TEE_ERROR_BAD_PARAMETERS,
			TEE_ERROR_CANCEL, TEE_ERROR_EXTERNAL_CANCEL, TEE_ERROR_OUT_OF_MEMORY);
}
