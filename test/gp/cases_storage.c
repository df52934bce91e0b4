/* 5.7: persistent objects. */
#include "test/gp/cases.h"

#include <tee_syscall.h>

#define PRIVATE TEE_STORAGE_PRIVATE
#define READ TEE_DATA_FLAG_ACCESS_READ
#define WRITE TEE_DATA_FLAG_ACCESS_WRITE
#define META TEE_DATA_FLAG_ACCESS_WRITE_META

static const TEE_Result errors[] = { TEE_ERROR_CORRUPT_OBJECT,          TEE_ERROR_CORRUPT_OBJECT_2, TEE_ERROR_STORAGE_NOT_AVAILABLE,
				     TEE_ERROR_STORAGE_NOT_AVAILABLE_2, TEE_ERROR_OUT_OF_MEMORY,    TEE_ERROR_UNSUPPORTED_VERSION,
				     TEE_ERROR_STORAGE_NO_SPACE };

#define STORAGE_ROWS(function, run)                                                \
	{ function, "TEE_ERROR_CORRUPT_OBJECT", run, 0 },                          \
	{ function, "TEE_ERROR_CORRUPT_OBJECT_2", run, 1 },                        \
	{ function, "TEE_ERROR_STORAGE_NOT_AVAILABLE", run, 2 },                   \
	{ function, "TEE_ERROR_STORAGE_NOT_AVAILABLE_2", run, 3 }

static TEE_Result open_it(const char *name, uint32_t flags, TEE_ObjectHandle *object)
{
	*object = GP_NOBODY;
	return TEE_OpenPersistentObject(PRIVATE, name, 1, flags, object);
}

static bool data_is(TEE_ObjectHandle object, const char *want, gp_size size)
{
	char data[32];
	gp_size count = 0;

	return TEE_ReadObjectData(object, data, sizeof(data), &count) == TEE_SUCCESS && count == size && gp_same(data, want, size);
}

/* ---- opening ---- */

static void open_good(unsigned which)
{
	static const char longest[TEE_OBJECT_ID_MAX_LEN + 1] = "0123456789012345678901234567890123456789012345678901234567890123";
	TEE_ObjectHandle object = TEE_HANDLE_NULL, other = TEE_HANDLE_NULL, key = TEE_HANDLE_NULL;
	uint32_t shared = READ | TEE_DATA_FLAG_SHARE_READ;
	TEE_ObjectInfo info;

	(void)which;
	TEE_CloseObject(gp_stored("a", gp_aes()));
	GP(open_it("a", shared, &object) == TEE_SUCCESS && open_it("a", shared, &other) == TEE_SUCCESS);
	GP(data_is(object, "data", 4) && data_is(other, "data", 4));
	TEE_CloseObject(object);
	TEE_CloseObject(other);
	TEE_CloseObject(gp_stored(longest, TEE_HANDLE_NULL));
	TEE_CloseObject(gp_stored("", TEE_HANDLE_NULL));
	GP(TEE_OpenPersistentObject(PRIVATE, longest, TEE_OBJECT_ID_MAX_LEN, READ, &object) == TEE_SUCCESS);
	TEE_CloseObject(object);
	GP(TEE_OpenPersistentObject(PRIVATE, NULL, 0, READ, &object) == TEE_SUCCESS);
	TEE_CloseObject(object);
	/* Its key works as any other. */
	GP(open_it("a", READ, &key) == TEE_SUCCESS && TEE_GetObjectInfo1(key, &info) == TEE_SUCCESS && info.objectType == TEE_TYPE_AES);
	TEE_OperationHandle operation = gp_operation(TEE_ALG_AES_ECB_NOPAD, TEE_MODE_ENCRYPT, 128, key);
	TEE_CloseObject(key);
	TEE_FreeOperation(operation);
}

static void open_error(unsigned which)
{
	TEE_ObjectHandle object, first;

	if (which == 10) {
		GP(open_it("n", READ, &object) == TEE_ERROR_ITEM_NOT_FOUND && object == TEE_HANDLE_NULL);
		GP(TEE_OpenPersistentObject(77, "a", 1, READ, &object) == TEE_ERROR_ITEM_NOT_FOUND);
		return;
	}
	TEE_CloseObject(gp_stored("a", TEE_HANDLE_NULL));
	if (which == 11) {
		GP(open_it("a", READ, &first) == TEE_SUCCESS);
		GP(open_it("a", READ, &object) == TEE_ERROR_ACCESS_CONFLICT && object == TEE_HANDLE_NULL);
		GP(open_it("a", READ | TEE_DATA_FLAG_SHARE_READ, &object) == TEE_ERROR_ACCESS_CONFLICT);
		TEE_CloseObject(first);
		GP(open_it("a", READ | META, &first) == TEE_SUCCESS && open_it("a", READ, &object) == TEE_ERROR_ACCESS_CONFLICT);
		TEE_CloseObject(first);
		return;
	}
	gp_fault(TA_CALL_STORAGE_OPEN, 0, errors[which]);
	GP(open_it("a", READ, &object) == errors[which] && object == TEE_HANDLE_NULL);
}

/* As many handles as there can be. */
static void open_many(unsigned which)
{
	TEE_ObjectHandle object;
	TEE_Result result = TEE_SUCCESS;

	(void)which;
	TEE_CloseObject(gp_stored("a", gp_aes()));
	for (unsigned i = 0; i < 10000 && result == TEE_SUCCESS; i++) {
		result = open_it("a", READ | TEE_DATA_FLAG_SHARE_READ, &object);
		if (i == 50) {
			gp_fault(TA_CALL_STORAGE_OPEN, 0, TEE_ERROR_STORAGE_NO_SPACE); /* what the system says of handles */
		}
	}
	GP(result == TEE_ERROR_OUT_OF_MEMORY);
}

static void open_panic(unsigned which)
{
	TEE_ObjectHandle object;

	TEE_CloseObject(gp_stored("a", TEE_HANDLE_NULL));
	gp_now();
	switch (which) {
	case 0:
		(void)TEE_OpenPersistentObject(PRIVATE, "a", TEE_OBJECT_ID_MAX_LEN + 1, READ, &object);
		break;
	case 1:
		(void)TEE_OpenPersistentObject(PRIVATE, "a", 1, READ | 0x80000000, &object);
		break;
	case 2:
		(void)TEE_OpenPersistentObject(PRIVATE, gp_foreign(), 1, READ, &object);
		break;
	case 3:
		(void)TEE_OpenPersistentObject(PRIVATE, gp_shared(), 1, READ, &object);
		break;
	default:
		(void)TEE_OpenPersistentObject(PRIVATE, "a", 1, READ, gp_foreign());
	}
}

/* ---- creating ---- */

static void create_good(unsigned which)
{
	TEE_ObjectHandle object = GP_NOBODY, key = gp_aes();
	TEE_ObjectInfo info;

	(void)which;
	GP(TEE_CreatePersistentObject(PRIVATE, "a", 1, READ | META, key, "abc", 3, &object) == TEE_SUCCESS && data_is(object, "abc", 3));
	GP(TEE_GetObjectInfo1(object, &info) == TEE_SUCCESS && info.objectType == TEE_TYPE_AES && info.dataSize == 3);
	TEE_CloseObject(object);
	/* Another in its place, all at once. */
	GP(TEE_CreatePersistentObject(PRIVATE, "a", 1, READ | TEE_DATA_FLAG_OVERWRITE, TEE_HANDLE_NULL, "other", 5, &object) == TEE_SUCCESS);
	GP(data_is(object, "other", 5) && TEE_GetObjectInfo1(object, &info) == TEE_SUCCESS && info.objectType == TEE_TYPE_DATA);
	GP(info.handleFlags == (TEE_HANDLE_FLAG_PERSISTENT | TEE_HANDLE_FLAG_INITIALIZED | READ));
	TEE_CloseObject(object);
	/* Only stored. */
	GP(TEE_CreatePersistentObject(PRIVATE, "b", 1, READ, key, NULL, 0, NULL) == TEE_SUCCESS);
	GP(open_it("b", READ, &object) == TEE_SUCCESS && data_is(object, "", 0));
	/* From an object that is stored itself. */
	TEE_ObjectHandle copy;
	GP(TEE_CreatePersistentObject(PRIVATE, "c", 1, READ, object, NULL, 0, &copy) == TEE_SUCCESS);
	uint8_t secret[16];
	gp_size size = sizeof(secret);
	GP(TEE_GetObjectBufferAttribute(copy, TEE_ATTR_SECRET_VALUE, secret, &size) == TEE_SUCCESS && size == 16 && secret[15] == 15);
	TEE_CloseObject(copy);
	TEE_CloseObject(object);
}

/* How many there are. */
static unsigned objects(void)
{
	TEE_ObjectEnumHandle walk = TEE_HANDLE_NULL;
	char name[TEE_OBJECT_ID_MAX_LEN];
	gp_size size = 0;
	unsigned count = 0;

	GP(TEE_AllocatePersistentObjectEnumerator(&walk) == TEE_SUCCESS);
	if (TEE_StartPersistentObjectEnumerator(walk, PRIVATE) == TEE_SUCCESS) {
		while (TEE_GetNextPersistentObject(walk, NULL, name, &size) == TEE_SUCCESS) {
			count++;
		}
	}
	TEE_FreePersistentObjectEnumerator(walk);
	return count;
}

/* More than one system call carries. */
static void create_long(unsigned which)
{
	const gp_size size = 150000;
	uint8_t *data = TEE_Malloc(size, 0);
	TEE_ObjectHandle object = GP_NOBODY;
	TEE_ObjectInfo info;
	gp_size count = 0;

	GP(data != NULL);
	for (gp_size i = 0; i < size; i++) {
		data[i] = (uint8_t)(i * 13 >> 4);
	}
	if (which == 1) {
		gp_fault(TA_CALL_STORAGE_WRITE, 1, TEE_ERROR_STORAGE_NO_SPACE);
		GP(TEE_CreatePersistentObject(PRIVATE, "a", 1, READ, NULL, data, size, &object) == TEE_ERROR_STORAGE_NO_SPACE && object == NULL);
		GP(open_it("a", READ, &object) == TEE_ERROR_ITEM_NOT_FOUND && objects() == 0);
		return;
	}
	if (which >= 2) { /* what was there before stays: taken, open, and at each step that fails */
		static const uint32_t steps[] = { TA_CALL_STORAGE_CREATE, TA_CALL_STORAGE_SEEK, TA_CALL_STORAGE_WRITE, TA_CALL_STORAGE_DELETE };
		uint32_t flags = READ | TEE_DATA_FLAG_OVERWRITE;
		TEE_ObjectHandle first = gp_stored("a", TEE_HANDLE_NULL);
		GP(TEE_CreatePersistentObject(PRIVATE, "a", 1, flags, NULL, data, size, &object) == TEE_ERROR_ACCESS_CONFLICT && data_is(first, "data", 4));
		TEE_CloseObject(first);
		GP(TEE_CreatePersistentObject(PRIVATE, "a", 1, READ, NULL, data, size, &object) == TEE_ERROR_ACCESS_CONFLICT);
		for (gp_size i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
			gp_fault(steps[i], 0, TEE_ERROR_STORAGE_NOT_AVAILABLE);
			GP(TEE_CreatePersistentObject(PRIVATE, "a", 1, flags, NULL, data, size, &object) == TEE_ERROR_STORAGE_NOT_AVAILABLE);
			GP(open_it("a", READ, &object) == TEE_SUCCESS && data_is(object, "data", 4) && objects() == 1);
			TEE_CloseObject(object);
		}
		GP(TEE_CreatePersistentObject(PRIVATE, "a", 1, flags, NULL, data, size, &object) == TEE_SUCCESS && objects() == 1);
		GP(TEE_GetObjectInfo1(object, &info) == TEE_SUCCESS && info.dataSize == size);
		TEE_CloseObject(object);
		return;
	}
	GP(TEE_CreatePersistentObject(PRIVATE, "a", 1, READ, TEE_HANDLE_NULL, data, size, &object) == TEE_SUCCESS);
	GP(TEE_GetObjectInfo1(object, &info) == TEE_SUCCESS && info.dataSize == size && info.dataPosition == 0);
	uint8_t piece[1000];
	for (gp_size at = 0; at < size; at += count) {
		GP(TEE_ReadObjectData(object, piece, sizeof(piece), &count) == TEE_SUCCESS && count == sizeof(piece) && gp_same(piece, data + at, count));
		if (count == 0) {
			break;
		}
	}
	TEE_CloseObject(object);
}

static void create_error(unsigned which)
{
	TEE_ObjectHandle object = GP_NOBODY, first;

	if (which == 10) {
		GP(TEE_CreatePersistentObject(77, "a", 1, READ, NULL, NULL, 0, &object) == TEE_ERROR_ITEM_NOT_FOUND && object == TEE_HANDLE_NULL);
		return;
	}
	if (which == 11) {
		first = gp_stored("a", TEE_HANDLE_NULL);
		GP(TEE_CreatePersistentObject(PRIVATE, "a", 1, READ, NULL, NULL, 0, &object) == TEE_ERROR_ACCESS_CONFLICT && object == NULL);
		GP(TEE_CreatePersistentObject(PRIVATE, "a", 1, READ | TEE_DATA_FLAG_OVERWRITE, NULL, NULL, 0, &object) == TEE_ERROR_ACCESS_CONFLICT);
		GP(data_is(first, "data", 4)); /* as it was */
		TEE_CloseObject(first);
		return;
	}
	gp_fault(TA_CALL_STORAGE_CREATE, 0, errors[which]);
	GP(TEE_CreatePersistentObject(PRIVATE, "a", 1, READ, NULL, "x", 1, &object) == errors[which] && object == TEE_HANDLE_NULL);
	GP(open_it("a", READ, &object) == TEE_ERROR_ITEM_NOT_FOUND);
}

static void create_panic(unsigned which)
{
	TEE_ObjectHandle object, empty = gp_empty(TEE_TYPE_AES, 128);

	gp_now();
	switch (which) {
	case 0:
		(void)TEE_CreatePersistentObject(PRIVATE, "a", TEE_OBJECT_ID_MAX_LEN + 1, READ, NULL, NULL, 0, &object);
		break;
	case 1:
		(void)TEE_CreatePersistentObject(PRIVATE, "a", 1, 0x100, NULL, NULL, 0, &object);
		break;
	case 2:
		(void)TEE_CreatePersistentObject(PRIVATE, "a", 1, READ, GP_NOBODY, NULL, 0, &object);
		break;
	case 3:
		(void)TEE_CreatePersistentObject(PRIVATE, "a", 1, READ, empty, NULL, 0, &object);
		break;
	case 4:
		(void)TEE_CreatePersistentObject(PRIVATE, gp_foreign(), 1, READ, NULL, NULL, 0, &object);
		break;
	case 5:
		(void)TEE_CreatePersistentObject(PRIVATE, "a", 1, READ, NULL, gp_foreign(), 1, &object);
		break;
	default:
		(void)TEE_CreatePersistentObject(PRIVATE, gp_shared(), 1, READ, NULL, NULL, 0, &object);
	}
}

/* ---- deleting, renaming ---- */

static void delete_good(unsigned deprecated)
{
	TEE_ObjectHandle object = gp_stored("a", gp_aes());

	if (deprecated) {
		TEE_CloseAndDeletePersistentObject(object);
		TEE_CloseAndDeletePersistentObject(TEE_HANDLE_NULL);
	} else {
		GP(TEE_CloseAndDeletePersistentObject1(object) == TEE_SUCCESS);
		GP(TEE_CloseAndDeletePersistentObject1(TEE_HANDLE_NULL) == TEE_SUCCESS);
	}
	GP(open_it("a", READ, &object) == TEE_ERROR_ITEM_NOT_FOUND);
}

/* The handle is closed all the same. */
static void delete_error(unsigned which)
{
	TEE_ObjectHandle object = gp_stored("a", TEE_HANDLE_NULL);

	gp_fault(TA_CALL_STORAGE_DELETE, 0, errors[which]);
	GP(TEE_CloseAndDeletePersistentObject1(object) == errors[which]);
	GP(open_it("a", READ | META, &object) == TEE_SUCCESS);
	TEE_CloseObject(object);
}

/* By which function, and what is wrong: not open, transient, no right; storage is away. */
static void delete_panic(unsigned which)
{
	TEE_ObjectHandle plain, object = gp_stored("b", TEE_HANDLE_NULL);

	TEE_CloseObject(gp_stored("a", TEE_HANDLE_NULL));
	GP(open_it("a", READ | WRITE, &plain) == TEE_SUCCESS);
	TEE_ObjectHandle bad[] = { GP_NOBODY, gp_aes(), plain, object };
	if (which % 4 == 3) {
		gp_fault(TA_CALL_STORAGE_DELETE, 0, TEE_ERROR_STORAGE_NOT_AVAILABLE);
	}
	gp_now();
	if (which < 4) {
		TEE_CloseAndDeletePersistentObject(bad[which]);
	} else if (which < 8) {
		(void)TEE_CloseAndDeletePersistentObject1(bad[which - 4]);
	} else {
		(void)TEE_RenamePersistentObject(bad[which - 8], "c", 1);
	}
}

static void rename_good(unsigned which)
{
	TEE_ObjectHandle object = gp_stored("a", TEE_HANDLE_NULL);

	(void)which;
	GP(TEE_RenamePersistentObject(object, "b", 1) == TEE_SUCCESS && data_is(object, "data", 4));
	TEE_CloseObject(object);
	GP(open_it("a", READ, &object) == TEE_ERROR_ITEM_NOT_FOUND && open_it("b", READ, &object) == TEE_SUCCESS);
	TEE_CloseObject(object);
}

static void rename_error(unsigned which)
{
	TEE_ObjectHandle object = gp_stored("a", TEE_HANDLE_NULL);

	if (which == 11) {
		TEE_CloseObject(gp_stored("b", TEE_HANDLE_NULL));
		GP(TEE_RenamePersistentObject(object, "b", 1) == TEE_ERROR_ACCESS_CONFLICT);
		GP(TEE_RenamePersistentObject(object, "a", 1) == TEE_ERROR_ACCESS_CONFLICT);
		TEE_CloseObject(object);
		return;
	}
	gp_fault(TA_CALL_STORAGE_RENAME, 0, errors[which]);
	GP(TEE_RenamePersistentObject(object, "b", 1) == errors[which]);
	GP(open_it("b", READ, &object) == TEE_ERROR_ITEM_NOT_FOUND);
	GP(open_it("a", READ, &object) == (which < 2 ? TEE_ERROR_ITEM_NOT_FOUND : TEE_ERROR_ACCESS_CONFLICT)); /* deleted; still open */
}

static void rename_panic(unsigned which)
{
	TEE_ObjectHandle object = gp_stored("a", TEE_HANDLE_NULL);

	gp_now();
	if (which == 0) {
		(void)TEE_RenamePersistentObject(object, "b", TEE_OBJECT_ID_MAX_LEN + 1);
	} else {
		(void)TEE_RenamePersistentObject(object, which == 1 ? gp_foreign() : gp_shared(), 1);
	}
}

const struct gp_row gp_rows_storage[] = {
	{ "TEE_OpenPersistentObject", "success", open_good, 0 },
	{ "TEE_OpenPersistentObject", "TEE_ERROR_ITEM_NOT_FOUND", open_error, 10 },
	{ "TEE_OpenPersistentObject", "TEE_ERROR_ACCESS_CONFLICT", open_error, 11 },
	{ "TEE_OpenPersistentObject", "TEE_ERROR_OUT_OF_MEMORY", open_error, 4 },
	{ "TEE_OpenPersistentObject", "TEE_ERROR_OUT_OF_MEMORY: no more handles", open_many, 0 },
	STORAGE_ROWS("TEE_OpenPersistentObject", open_error),
	{ "TEE_OpenPersistentObject", "TEE_ERROR_UNSUPPORTED_VERSION", open_error, 5 },
	{ "TEE_OpenPersistentObject", "panics: objectIDLen is above the maximum", open_panic, 0 },
	{ "TEE_OpenPersistentObject", "panics: flags has a bit that there is not", open_panic, 1 },
	{ "TEE_OpenPersistentObject", "panics: objectID cannot be read", open_panic, 2 },
	{ "TEE_OpenPersistentObject", "panics: objectID is memory shared with a client", open_panic, 3 },
	{ "TEE_OpenPersistentObject", "panics: object cannot be written", open_panic, 4 },
	{ "TEE_CreatePersistentObject", "success", create_good, 0 },
	{ "TEE_CreatePersistentObject", "success: much data", create_long, 0 },
	{ "TEE_CreatePersistentObject", "success: much data, in another's place", create_long, 2 },
	{ "TEE_CreatePersistentObject", "success: much data in another's place, whole after a power cut", NULL, 0 },
	{ "TEE_CreatePersistentObject", "TEE_ERROR_ITEM_NOT_FOUND", create_error, 10 },
	{ "TEE_CreatePersistentObject", "TEE_ERROR_ACCESS_CONFLICT", create_error, 11 },
	{ "TEE_CreatePersistentObject", "TEE_ERROR_OUT_OF_MEMORY", create_error, 4 },
	{ "TEE_CreatePersistentObject", "TEE_ERROR_STORAGE_NO_SPACE", create_error, 6 },
	{ "TEE_CreatePersistentObject", "TEE_ERROR_STORAGE_NO_SPACE: much data", create_long, 1 },
	STORAGE_ROWS("TEE_CreatePersistentObject", create_error),
	{ "TEE_CreatePersistentObject", "TEE_ERROR_UNSUPPORTED_VERSION", create_error, 5 },
	{ "TEE_CreatePersistentObject", "panics: objectIDLen is above the maximum", create_panic, 0 },
	{ "TEE_CreatePersistentObject", "panics: flags has a bit that there is not", create_panic, 1 },
	{ "TEE_CreatePersistentObject", "panics: attributes is not open", create_panic, 2 },
	{ "TEE_CreatePersistentObject", "panics: attributes is not initialised", create_panic, 3 },
	{ "TEE_CreatePersistentObject", "panics: objectID cannot be read", create_panic, 4 },
	{ "TEE_CreatePersistentObject", "panics: initialData cannot be read", create_panic, 5 },
	{ "TEE_CreatePersistentObject", "panics: objectID is memory shared with a client", create_panic, 6 },
	{ "TEE_CloseAndDeletePersistentObject", "success", delete_good, 1 },
	{ "TEE_CloseAndDeletePersistentObject", "panics: object is not open", delete_panic, 0 },
	{ "TEE_CloseAndDeletePersistentObject", "panics: object is not persistent", delete_panic, 1 },
	{ "TEE_CloseAndDeletePersistentObject", "panics: without TEE_DATA_FLAG_ACCESS_WRITE_META", delete_panic, 2 },
	{ "TEE_CloseAndDeletePersistentObject", "panics: its storage is not available", delete_panic, 3 },
	{ "TEE_CloseAndDeletePersistentObject1", "success", delete_good, 0 },
	{ "TEE_CloseAndDeletePersistentObject1", "TEE_ERROR_STORAGE_NOT_AVAILABLE", delete_error, 2 },
	{ "TEE_CloseAndDeletePersistentObject1", "TEE_ERROR_STORAGE_NOT_AVAILABLE_2", delete_error, 3 },
	{ "TEE_CloseAndDeletePersistentObject1", "panics: object is not open", delete_panic, 4 },
	{ "TEE_CloseAndDeletePersistentObject1", "panics: object is not persistent", delete_panic, 5 },
	{ "TEE_CloseAndDeletePersistentObject1", "panics: without TEE_DATA_FLAG_ACCESS_WRITE_META", delete_panic, 6 },
	{ "TEE_RenamePersistentObject", "success", rename_good, 0 },
	{ "TEE_RenamePersistentObject", "TEE_ERROR_ACCESS_CONFLICT", rename_error, 11 },
	STORAGE_ROWS("TEE_RenamePersistentObject", rename_error),
	{ "TEE_RenamePersistentObject", "panics: object is not open", delete_panic, 8 },
	{ "TEE_RenamePersistentObject", "panics: object is not persistent", delete_panic, 9 },
	{ "TEE_RenamePersistentObject", "panics: without TEE_DATA_FLAG_ACCESS_WRITE_META", delete_panic, 10 },
	{ "TEE_RenamePersistentObject", "panics: newObjectIDLen is above the maximum", rename_panic, 0 },
	{ "TEE_RenamePersistentObject", "panics: newObjectID cannot be read", rename_panic, 1 },
	{ "TEE_RenamePersistentObject", "panics: newObjectID is memory shared with a client", rename_panic, 2 },
};
GP_COUNT(storage)
