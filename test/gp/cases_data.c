/* 5.9: the data of persistent objects. */
#include "test/gp/cases.h"

#include <tee_syscall.h>

static const TEE_Result errors[] = { TEE_ERROR_CORRUPT_OBJECT,          TEE_ERROR_CORRUPT_OBJECT_2, TEE_ERROR_STORAGE_NOT_AVAILABLE,
				     TEE_ERROR_STORAGE_NOT_AVAILABLE_2, TEE_ERROR_STORAGE_NO_SPACE, TEE_ERROR_OVERFLOW };

#define STORAGE_ROWS(function, base)                                               \
	{ function, "TEE_ERROR_CORRUPT_OBJECT", data_error, (base) + 0 },          \
	{ function, "TEE_ERROR_CORRUPT_OBJECT_2", data_error, (base) + 1 },        \
	{ function, "TEE_ERROR_STORAGE_NOT_AVAILABLE", data_error, (base) + 2 },   \
	{ function, "TEE_ERROR_STORAGE_NOT_AVAILABLE_2", data_error, (base) + 3 }

static gp_size position(TEE_ObjectHandle object, gp_size *size)
{
	TEE_ObjectInfo info = { 0 };

	GP(TEE_GetObjectInfo1(object, &info) == TEE_SUCCESS);
	*size = info.dataSize;
	return info.dataPosition;
}

static bool at(TEE_ObjectHandle object, gp_size want, gp_size want_size)
{
	gp_size size = 0;

	return position(object, &size) == want && size == want_size;
}

static void stream_good(unsigned which)
{
	TEE_ObjectHandle object = gp_stored("a", TEE_HANDLE_NULL);
	char data[16] = { 0 };
	gp_size count = 9;

	(void)which;
	GP(TEE_ReadObjectData(object, data, 3, &count) == TEE_SUCCESS && count == 3 && gp_same(data, "dat", 3) && at(object, 3, 4));
	GP(TEE_ReadObjectData(object, data, 3, &count) == TEE_SUCCESS && count == 1 && data[0] == 'a');
	GP(TEE_ReadObjectData(object, data, 3, &count) == TEE_SUCCESS && count == 0);
	GP(TEE_ReadObjectData(object, NULL, 0, &count) == TEE_SUCCESS && count == 0);
	GP(TEE_SeekObjectData(object, 6, TEE_DATA_SEEK_SET) == TEE_SUCCESS && at(object, 6, 4));
	GP(TEE_WriteObjectData(object, "xy", 2) == TEE_SUCCESS && at(object, 8, 8)); /* a gap is zeros */
	GP(TEE_SeekObjectData(object, -6, TEE_DATA_SEEK_END) == TEE_SUCCESS && at(object, 2, 8));
	GP(TEE_ReadObjectData(object, data, 16, &count) == TEE_SUCCESS && count == 6 && gp_same(data, "ta\0\0xy", 6));
	GP(TEE_SeekObjectData(object, -3, TEE_DATA_SEEK_CUR) == TEE_SUCCESS && at(object, 5, 8));
	GP(TEE_SeekObjectData(object, -30, TEE_DATA_SEEK_CUR) == TEE_SUCCESS && at(object, 0, 8)); /* not below 0 */
	GP(TEE_SeekObjectData(object, GP_OFFSET_MIN, TEE_DATA_SEEK_END) == TEE_SUCCESS && at(object, 0, 8));
	GP(TEE_WriteObjectData(object, NULL, 0) == TEE_SUCCESS && at(object, 0, 8));
	TEE_CloseObject(object);
}

static void truncate_good(unsigned which)
{
	TEE_ObjectHandle object = gp_stored("a", TEE_HANDLE_NULL);
	char data[16] = { 1, 1, 1, 1, 1, 1, 1 };
	gp_size count = 0;

	(void)which;
	GP(TEE_SeekObjectData(object, 3, TEE_DATA_SEEK_SET) == TEE_SUCCESS);
	GP(TEE_TruncateObjectData(object, 2) == TEE_SUCCESS && at(object, 3, 2)); /* the position stays */
	GP(TEE_TruncateObjectData(object, 6) == TEE_SUCCESS && at(object, 3, 6));
	GP(TEE_SeekObjectData(object, 0, TEE_DATA_SEEK_SET) == TEE_SUCCESS);
	GP(TEE_ReadObjectData(object, data, 16, &count) == TEE_SUCCESS && count == 6 && gp_same(data, "da\0\0\0\0", 6));
	TEE_CloseObject(object);
}

/* More than one system call carries. */
static void stream_long(unsigned which)
{
	const gp_size size = 140001;
	TEE_ObjectHandle object = gp_stored("a", TEE_HANDLE_NULL);
	uint8_t *data = TEE_Malloc(size, 0);
	gp_size count = 0;

	(void)which;
	GP(data != NULL);
	for (gp_size i = 0; i < size; i++) {
		data[i] = (uint8_t)(i % 251);
	}
	GP(TEE_WriteObjectData(object, data, size) == TEE_SUCCESS && at(object, size, size));
	TEE_MemFill(data, 0, size);
	GP(TEE_SeekObjectData(object, 1, TEE_DATA_SEEK_SET) == TEE_SUCCESS);
	GP(TEE_ReadObjectData(object, data, size, &count) == TEE_SUCCESS && count == size - 1);
	for (gp_size i = 0; i < count; i++) {
		if (data[i] != (uint8_t)((i + 1) % 251)) {
			GP(false);
			break;
		}
	}
	TEE_CloseObject(object);
}

static TEE_Result act(unsigned function, TEE_ObjectHandle object)
{
	char data[4];
	gp_size count = 0;

	switch (function) {
	case 0:
		return TEE_ReadObjectData(object, data, 4, &count);
	case 1:
		return TEE_WriteObjectData(object, "x", 1);
	case 2:
		return TEE_TruncateObjectData(object, 1);
	default:
		return TEE_SeekObjectData(object, 1, TEE_DATA_SEEK_SET);
	}
}

/* Tens: the function; ones: the error. */
static void data_error(unsigned which)
{
	static const uint32_t calls[] = { TA_CALL_STORAGE_READ, TA_CALL_STORAGE_WRITE, TA_CALL_STORAGE_TRUNCATE, TA_CALL_STORAGE_SEEK };
	TEE_ObjectHandle object = gp_stored("a", TEE_HANDLE_NULL);
	TEE_ObjectInfo info;

	gp_fault(calls[which / 10], 0, errors[which % 10]);
	GP(act(which / 10, object) == errors[which % 10]);
	if (which % 10 < 2) {
		GP(TEE_OpenPersistentObject(TEE_STORAGE_PRIVATE, "a", 1, GP_ALL_FLAGS, &object) == TEE_ERROR_ITEM_NOT_FOUND);
	} else {
		GP(TEE_GetObjectInfo1(object, &info) == TEE_SUCCESS && info.dataPosition == 0 && info.dataSize == 4);
	}
}

static void overflow(unsigned which)
{
	TEE_ObjectHandle object = gp_stored("a", TEE_HANDLE_NULL);

	if (which == 3) {
		GP(TEE_SeekObjectData(object, (gp_offset)(GP_11 ? INT32_MAX : (int64_t)TEE_DATA_MAX_POSITION + 1), TEE_DATA_SEEK_SET) == TEE_ERROR_OVERFLOW);
		GP(at(object, 0, 4));
		GP(TEE_SeekObjectData(object, GP_OFFSET_MAX, TEE_DATA_SEEK_CUR) == TEE_ERROR_OVERFLOW && at(object, 0, 4));
		GP(TEE_SeekObjectData(object, INT32_MAX, TEE_DATA_SEEK_END) == TEE_ERROR_OVERFLOW && at(object, 0, 4));
	} else if (which == 2) {
		GP(TEE_TruncateObjectData(object, GP_SIZE_MAX) == TEE_ERROR_STORAGE_NO_SPACE && at(object, 0, 4));
	} else {
		GP(TEE_SeekObjectData(object, 64 << 20, TEE_DATA_SEEK_SET) == TEE_SUCCESS); /* the most that an object may have */
		GP(TEE_WriteObjectData(object, "x", 1) == TEE_ERROR_OVERFLOW && at(object, 64 << 20, 4));
	}
	TEE_CloseObject(object);
}

/* Tens: the function. Ones: not open, not persistent, no right, memory. */
static void data_panic(unsigned which)
{
	TEE_ObjectHandle object = gp_stored("a", TEE_HANDLE_NULL), key = gp_aes(), plain = TEE_HANDLE_NULL;
	uint32_t flags = which / 10 == 0 ? TEE_DATA_FLAG_ACCESS_WRITE : TEE_DATA_FLAG_ACCESS_READ;
	gp_size count = 0;

	TEE_CloseObject(gp_stored("b", TEE_HANDLE_NULL));
	GP(TEE_OpenPersistentObject(TEE_STORAGE_PRIVATE, "b", 1, flags, &plain) == TEE_SUCCESS);
	gp_now();
	if (which % 10 < 3) {
		TEE_ObjectHandle bad[] = { GP_NOBODY, key, plain };
		(void)act(which / 10, bad[which % 10]);
	} else if (which / 10 == 0) {
		(void)TEE_ReadObjectData(object, gp_read_only(), 4, &count);
	} else if (which / 10 == 1) {
		(void)TEE_WriteObjectData(object, gp_foreign(), 4);
	} else {
		(void)TEE_SeekObjectData(object, 0, TEE_WHENCE_ILLEGAL_VALUE);
	}
}

const struct gp_row gp_rows_data[] = {
	{ "TEE_ReadObjectData", "success", stream_good, 0 },
	{ "TEE_ReadObjectData", "success: much data", stream_long, 0 },
	STORAGE_ROWS("TEE_ReadObjectData", 0),
	{ "TEE_ReadObjectData", "panics: object is not open", data_panic, 0 },
	{ "TEE_ReadObjectData", "panics: object is not persistent", data_panic, 1 },
	{ "TEE_ReadObjectData", "panics: without TEE_DATA_FLAG_ACCESS_READ", data_panic, 2 },
	{ "TEE_ReadObjectData", "panics: buffer cannot be written", data_panic, 3 },
	{ "TEE_WriteObjectData", "success", stream_good, 0 },
	{ "TEE_WriteObjectData", "success: much data", stream_long, 0 },
	{ "TEE_WriteObjectData", "success: much data, all at once", NULL, 0 },
	{ "TEE_WriteObjectData", "TEE_ERROR_STORAGE_NO_SPACE", data_error, 14 },
	{ "TEE_WriteObjectData", "TEE_ERROR_OVERFLOW", overflow, 1 },
	STORAGE_ROWS("TEE_WriteObjectData", 10),
	{ "TEE_WriteObjectData", "panics: object is not open", data_panic, 10 },
	{ "TEE_WriteObjectData", "panics: object is not persistent", data_panic, 11 },
	{ "TEE_WriteObjectData", "panics: without TEE_DATA_FLAG_ACCESS_WRITE", data_panic, 12 },
	{ "TEE_WriteObjectData", "panics: buffer cannot be read", data_panic, 13 },
	{ "TEE_TruncateObjectData", "success", truncate_good, 0 },
	{ "TEE_TruncateObjectData", "TEE_ERROR_STORAGE_NO_SPACE", data_error, 24 },
	{ "TEE_TruncateObjectData", "TEE_ERROR_STORAGE_NO_SPACE: more than an object may have", overflow, 2 },
	STORAGE_ROWS("TEE_TruncateObjectData", 20),
	{ "TEE_TruncateObjectData", "panics: object is not open", data_panic, 20 },
	{ "TEE_TruncateObjectData", "panics: object is not persistent", data_panic, 21 },
	{ "TEE_TruncateObjectData", "panics: without TEE_DATA_FLAG_ACCESS_WRITE", data_panic, 22 },
	{ "TEE_SeekObjectData", "success", stream_good, 0 },
	{ "TEE_SeekObjectData", "TEE_ERROR_OVERFLOW", overflow, 3 },
	STORAGE_ROWS("TEE_SeekObjectData", 30),
	{ "TEE_SeekObjectData", "panics: object is not open", data_panic, 30 },
	{ "TEE_SeekObjectData", "panics: object is not persistent", data_panic, 31 },
	{ "TEE_SeekObjectData", "panics: whence is not one that there is", data_panic, 33 },
};
GP_COUNT(data)
