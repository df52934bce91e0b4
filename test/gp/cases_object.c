/* 5.5: objects of any kind. */
#include "test/gp/cases.h"

#include <tee_syscall.h>

static const TEE_Result storage_errors[] = { TEE_ERROR_CORRUPT_OBJECT, TEE_ERROR_CORRUPT_OBJECT_2, TEE_ERROR_STORAGE_NOT_AVAILABLE,
					     TEE_ERROR_STORAGE_NOT_AVAILABLE_2 };

#define STORAGE_ROWS(function, run, from)                                          \
	{ function, "TEE_ERROR_CORRUPT_OBJECT", run, (from) + 0 },                 \
	{ function, "TEE_ERROR_CORRUPT_OBJECT_2", run, (from) + 1 },               \
	{ function, "TEE_ERROR_STORAGE_NOT_AVAILABLE", run, (from) + 2 },          \
	{ function, "TEE_ERROR_STORAGE_NOT_AVAILABLE_2", run, (from) + 3 }

/* After a corrupt object its handle is closed; where storage is away it stays (5.7). */
static void handle_after(TEE_ObjectHandle object, TEE_Result error)
{
	TEE_ObjectInfo info;

	if (error == TEE_ERROR_CORRUPT_OBJECT || error == TEE_ERROR_CORRUPT_OBJECT_2) {
		TEE_ObjectHandle again = GP_NOBODY;
		GP(TEE_OpenPersistentObject(TEE_STORAGE_PRIVATE, "a", 1, GP_ALL_FLAGS, &again) == TEE_ERROR_ITEM_NOT_FOUND && again == NULL);
	} else {
		GP(TEE_GetObjectInfo1(object, &info) == TEE_SUCCESS);
		TEE_CloseObject(object);
	}
}

static bool info_get(unsigned deprecated, TEE_ObjectHandle object, TEE_ObjectInfo *info)
{
	if (deprecated) {
		TEE_GetObjectInfo(object, info);
		return true;
	}
	return TEE_GetObjectInfo1(object, info) == TEE_SUCCESS;
}

static void info_good(unsigned deprecated)
{
	TEE_ObjectHandle object = gp_empty(TEE_TYPE_AES, 256), key = gp_aes();
	TEE_ObjectInfo info;

	GP(info_get(deprecated, object, &info) && info.objectType == TEE_TYPE_AES && info.objectSize == 0 && info.maxObjectSize == 256);
	GP(info.handleFlags == 0 && info.dataSize == 0 && info.dataPosition == 0 && info.objectUsage == 0xffffffff);
	GP(info_get(deprecated, key, &info) && info.objectSize == 128 && info.handleFlags == TEE_HANDLE_FLAG_INITIALIZED);
	TEE_ObjectHandle stored = gp_stored("a", key);
	GP(TEE_SeekObjectData(stored, 3, TEE_DATA_SEEK_SET) == TEE_SUCCESS);
	GP(info_get(deprecated, stored, &info) && info.objectType == TEE_TYPE_AES && info.objectSize == 128 && info.maxObjectSize == 128);
	GP(info.dataSize == 4 && info.dataPosition == 3);
	GP(info.handleFlags == (TEE_HANDLE_FLAG_PERSISTENT | TEE_HANDLE_FLAG_INITIALIZED | GP_ALL_FLAGS));
	TEE_CloseObject(stored);
	stored = gp_stored("b", TEE_HANDLE_NULL);
	GP(info_get(deprecated, stored, &info) && info.objectType == TEE_TYPE_DATA && info.objectSize == 0);
	TEE_CloseObject(stored);
}

static void info_error(unsigned which)
{
	TEE_ObjectHandle object = gp_stored("a", gp_aes());
	TEE_ObjectInfo info = { .objectType = 5 };

	gp_fault(TA_CALL_OBJECT_INFO, 0, storage_errors[which]);
	GP(TEE_GetObjectInfo1(object, &info) == storage_errors[which] && info.objectType == 5);
	handle_after(object, storage_errors[which]);
}

static void info_corrupt(unsigned which)
{
	TEE_ObjectHandle object = gp_stored("a", gp_aes());
	TEE_ObjectInfo info = { .objectType = 5 };

	gp_fault(TA_CALL_OBJECT_INFO, 0, storage_errors[which]);
	TEE_GetObjectInfo(object, &info);
	GP(info.objectType == TEE_TYPE_CORRUPTED_OBJECT);
}

static void restrict_one(unsigned deprecated, TEE_ObjectHandle object, uint32_t usage)
{
	if (deprecated) {
		TEE_RestrictObjectUsage(object, usage);
	} else {
		GP(TEE_RestrictObjectUsage1(object, usage) == TEE_SUCCESS);
	}
}

static uint32_t usage_of(TEE_ObjectHandle object)
{
	TEE_ObjectInfo info;

	GP(TEE_GetObjectInfo1(object, &info) == TEE_SUCCESS);
	return info.objectUsage;
}

static void restrict_good(unsigned deprecated)
{
	TEE_ObjectHandle object = gp_aes(), stored = gp_stored("a", object), data = gp_stored("b", TEE_HANDLE_NULL);
	uint32_t both = TEE_USAGE_ENCRYPT | TEE_USAGE_DECRYPT;

	restrict_one(deprecated, object, both);
	GP(usage_of(object) == both);
	restrict_one(deprecated, object, TEE_USAGE_DECRYPT | TEE_USAGE_EXTRACTABLE);
	GP(usage_of(object) == TEE_USAGE_DECRYPT);
	restrict_one(deprecated, stored, both);
	GP(usage_of(stored) == both);
	restrict_one(deprecated, data, 0);
	GP(usage_of(data) == 0);
	TEE_ResetTransientObject(object);
	GP(usage_of(object) == 0xffffffff);
	TEE_CloseObject(stored);
	TEE_CloseObject(data);
}

static void restrict_error(unsigned which)
{
	TEE_ObjectHandle object = gp_stored("a", gp_aes());

	gp_fault(TA_CALL_OBJECT_RESTRICT, 0, storage_errors[which]);
	GP(TEE_RestrictObjectUsage1(object, 0) == storage_errors[which]);
	handle_after(object, storage_errors[which]);
}

/* ---- attributes ---- */

static void buffer_good(unsigned which)
{
	TEE_ObjectHandle pair = gp_curve_pair(TEE_TYPE_ECDSA_KEYPAIR), stored = gp_stored("a", gp_aes());
	uint8_t value[32];
	gp_size size = sizeof(value);

	(void)which;
	GP(TEE_GetObjectBufferAttribute(stored, TEE_ATTR_SECRET_VALUE, value, &size) == TEE_SUCCESS && size == 16);
	GP(value[0] == 0 && value[15] == 15);
	size = sizeof(value);
	GP(TEE_GetObjectBufferAttribute(pair, TEE_ATTR_ECC_PRIVATE_VALUE, value, &size) == TEE_SUCCESS && size <= 32 && size > 20);
	TEE_RestrictObjectUsage(pair, TEE_USAGE_SIGN);
	size = sizeof(value);
	GP(TEE_GetObjectBufferAttribute(pair, TEE_ATTR_ECC_PUBLIC_VALUE_X, value, &size) == TEE_SUCCESS); /* public: needs no right */
	TEE_CloseObject(stored);
}

static void buffer_error(unsigned which)
{
	TEE_ObjectHandle object = gp_stored("a", gp_aes());
	uint8_t value[32] = { 7 };
	gp_size size = 15;

	switch (which) {
	case 4:
		GP(TEE_GetObjectBufferAttribute(object, TEE_ATTR_RSA_MODULUS, value, &size) == TEE_ERROR_ITEM_NOT_FOUND);
		break;
	case 5:
		GP(TEE_GetObjectBufferAttribute(object, TEE_ATTR_SECRET_VALUE, value, &size) == TEE_ERROR_SHORT_BUFFER && size == 16);
		size = 0;
		GP(TEE_GetObjectBufferAttribute(object, TEE_ATTR_SECRET_VALUE, NULL, &size) == TEE_ERROR_SHORT_BUFFER && size == 16);
		break;
	default:
		gp_fault(TA_CALL_OBJECT_ATTRIBUTE, 0, storage_errors[which]);
		size = 32;
		GP(TEE_GetObjectBufferAttribute(object, TEE_ATTR_SECRET_VALUE, value, &size) == storage_errors[which]);
		handle_after(object, storage_errors[which]);
	}
	GP(value[0] == 7);
}

static void value_good(unsigned which)
{
	TEE_ObjectHandle pair = gp_curve_pair(TEE_TYPE_ECDSA_KEYPAIR);
	uint32_t a = 9, b = 9;

	(void)which;
	GP(TEE_GetObjectValueAttribute(pair, TEE_ATTR_ECC_CURVE, &a, &b) == TEE_SUCCESS && a == TEE_ECC_CURVE_NIST_P256 && b == 0);
	GP(TEE_GetObjectValueAttribute(pair, TEE_ATTR_ECC_CURVE, NULL, NULL) == TEE_SUCCESS);
}

static void value_error(unsigned which)
{
	TEE_ObjectHandle object = gp_stored("a", gp_curve_pair(TEE_TYPE_ECDSA_KEYPAIR));
	uint32_t a = 9;

	if (which == 4) {
		GP(TEE_GetObjectValueAttribute(object, TEE_ATTR_DH_X_BITS, &a, NULL) == TEE_ERROR_ITEM_NOT_FOUND && a == 9);
		return;
	}
	gp_fault(TA_CALL_OBJECT_ATTRIBUTE, 0, storage_errors[which]);
	GP(TEE_GetObjectValueAttribute(object, TEE_ATTR_ECC_CURVE, &a, NULL) == storage_errors[which] && a == 9);
	handle_after(object, storage_errors[which]);
}

/* ---- faults ---- */

static void object_panic(unsigned which)
{
	TEE_ObjectHandle key = gp_aes(), empty = gp_empty(TEE_TYPE_AES, 128), pair = gp_curve_pair(TEE_TYPE_ECDH_KEYPAIR);
	TEE_ObjectInfo info;
	uint8_t value[64];
	gp_size size = sizeof(value);
	uint32_t a = 0;

	TEE_RestrictObjectUsage(key, TEE_USAGE_ENCRYPT);
	gp_now();
	switch (which) {
	case 0:
		TEE_GetObjectInfo(GP_NOBODY, &info);
		break;
	case 1:
		(void)TEE_GetObjectInfo1(TEE_HANDLE_NULL, &info);
		break;
	case 2:
		TEE_RestrictObjectUsage(GP_NOBODY, 0);
		break;
	case 3:
		(void)TEE_RestrictObjectUsage1(TEE_HANDLE_NULL, 0);
		break;
	case 4:
		(void)TEE_GetObjectBufferAttribute(GP_NOBODY, TEE_ATTR_SECRET_VALUE, value, &size);
		break;
	case 5:
		(void)TEE_GetObjectBufferAttribute(empty, TEE_ATTR_SECRET_VALUE, value, &size);
		break;
	case 6:
		(void)TEE_GetObjectBufferAttribute(pair, TEE_ATTR_ECC_CURVE, value, &size);
		break;
	case 7:
		(void)TEE_GetObjectBufferAttribute(key, TEE_ATTR_SECRET_VALUE, value, &size);
		break;
	case 8:
		(void)TEE_GetObjectValueAttribute(GP_NOBODY, TEE_ATTR_ECC_CURVE, &a, NULL);
		break;
	case 9:
		(void)TEE_GetObjectValueAttribute(empty, TEE_ATTR_ECC_CURVE, &a, NULL);
		break;
	case 10:
		(void)TEE_GetObjectValueAttribute(key, TEE_ATTR_SECRET_VALUE, &a, NULL);
		break;
	case 11:
		TEE_CloseObject(GP_NOBODY);
		break;
	case 12:
		TEE_CloseObject(key);
		TEE_CloseObject(key);
		break;
	case 13:
		(void)TEE_GetObjectInfo1(key, gp_read_only());
		break;
	default:
		(void)TEE_GetObjectBufferAttribute(key, TEE_ATTR_SECRET_VALUE, gp_foreign(), &size);
	}
}

static void close_good(unsigned which)
{
	TEE_ObjectHandle stored = gp_stored("a", gp_aes());

	(void)which;
	TEE_CloseObject(stored);
	TEE_CloseObject(gp_aes());
	TEE_CloseObject(TEE_HANDLE_NULL);
	GP(TEE_OpenPersistentObject(TEE_STORAGE_PRIVATE, "a", 1, GP_ALL_FLAGS, &stored) == TEE_SUCCESS);
	TEE_CloseObject(stored);
}

const struct gp_row gp_rows_object[] = {
	{ "TEE_GetObjectInfo", "success", info_good, 1 },
	{ "TEE_GetObjectInfo", "success: a corrupt object shows as one", info_corrupt, 0 },
	{ "TEE_GetObjectInfo", "panics: object is not open", object_panic, 0 },
	{ "TEE_GetObjectInfo1", "success", info_good, 0 },
	STORAGE_ROWS("TEE_GetObjectInfo1", info_error, 0),
	{ "TEE_GetObjectInfo1", "panics: object is not open", object_panic, 1 },
	{ "TEE_GetObjectInfo1", "panics: objectInfo cannot be written", object_panic, 13 },
	{ "TEE_RestrictObjectUsage", "success", restrict_good, 1 },
	{ "TEE_RestrictObjectUsage", "panics: object is not open", object_panic, 2 },
	{ "TEE_RestrictObjectUsage1", "success", restrict_good, 0 },
	{ "TEE_RestrictObjectUsage1", "success: a persistent object keeps it in storage", NULL, 0 },
	STORAGE_ROWS("TEE_RestrictObjectUsage1", restrict_error, 0),
	{ "TEE_RestrictObjectUsage1", "panics: object is not open", object_panic, 3 },
	{ "TEE_GetObjectBufferAttribute", "success", buffer_good, 0 },
	{ "TEE_GetObjectBufferAttribute", "TEE_ERROR_ITEM_NOT_FOUND", buffer_error, 4 },
	{ "TEE_GetObjectBufferAttribute", "TEE_ERROR_SHORT_BUFFER", buffer_error, 5 },
	STORAGE_ROWS("TEE_GetObjectBufferAttribute", buffer_error, 0),
	{ "TEE_GetObjectBufferAttribute", "panics: object is not open", object_panic, 4 },
	{ "TEE_GetObjectBufferAttribute", "panics: object is not initialised", object_panic, 5 },
	{ "TEE_GetObjectBufferAttribute", "panics: attributeID is a value's", object_panic, 6 },
	{ "TEE_GetObjectBufferAttribute", "panics: it is protected and the object not extractable", object_panic, 7 },
	{ "TEE_GetObjectBufferAttribute", "panics: buffer cannot be written", object_panic, 14 },
	{ "TEE_GetObjectValueAttribute", "success", value_good, 0 },
	{ "TEE_GetObjectValueAttribute", "TEE_ERROR_ITEM_NOT_FOUND", value_error, 4 },
	STORAGE_ROWS("TEE_GetObjectValueAttribute", value_error, 0),
	{ "TEE_GetObjectValueAttribute", "panics: object is not open", object_panic, 8 },
	{ "TEE_GetObjectValueAttribute", "panics: object is not initialised", object_panic, 9 },
	{ "TEE_GetObjectValueAttribute", "panics: attributeID is a buffer's", object_panic, 10 },
	{ "TEE_GetObjectValueAttribute", "panics: it is protected and the object not extractable (no type has such a value)", NULL, 0 },
	{ "TEE_CloseObject", "success", close_good, 0 },
	{ "TEE_CloseObject", "panics: object is not open", object_panic, 11 },
	{ "TEE_CloseObject", "panics: object was closed", object_panic, 12 },
};
GP_COUNT(object)
