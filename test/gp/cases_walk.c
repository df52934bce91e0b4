/* 5.8: enumeration of persistent objects. */
#include "test/gp/cases.h"

#include <tee_syscall.h>

#define PRIVATE TEE_STORAGE_PRIVATE

static const TEE_Result errors[] = { TEE_ERROR_CORRUPT_OBJECT, TEE_ERROR_CORRUPT_OBJECT_2, TEE_ERROR_STORAGE_NOT_AVAILABLE,
				     TEE_ERROR_STORAGE_NOT_AVAILABLE_2 };

#define STORAGE_ROWS(function, run)                                                \
	{ function, "TEE_ERROR_CORRUPT_OBJECT", run, 0 },                          \
	{ function, "TEE_ERROR_CORRUPT_OBJECT_2", run, 1 },                        \
	{ function, "TEE_ERROR_STORAGE_NOT_AVAILABLE", run, 2 },                   \
	{ function, "TEE_ERROR_STORAGE_NOT_AVAILABLE_2", run, 3 }

static TEE_ObjectEnumHandle walk_of(void)
{
	TEE_ObjectEnumHandle walk = TEE_HANDLE_NULL;

	GP(TEE_AllocatePersistentObjectEnumerator(&walk) == TEE_SUCCESS && walk != TEE_HANDLE_NULL);
	return walk;
}

static void walk_good(unsigned which)
{
	TEE_ObjectEnumHandle walk = walk_of();
	TEE_ObjectInfo info;
	char name[TEE_OBJECT_ID_MAX_LEN];
	gp_size size = 0;
	unsigned found = 0;

	(void)which;
	TEE_CloseObject(gp_stored("a", gp_aes()));
	TEE_CloseObject(gp_stored("bb", TEE_HANDLE_NULL));
	for (unsigned round = 0; round < 2; round++) {
		GP(TEE_StartPersistentObjectEnumerator(walk, PRIVATE) == TEE_SUCCESS);
		for (found = 0; TEE_GetNextPersistentObject(walk, &info, name, &size) == TEE_SUCCESS && found < 9; found++) {
			GP(size == 1 ? name[0] == 'a' && info.objectType == TEE_TYPE_AES && info.objectSize == 128 :
				       size == 2 && gp_same(name, "bb", 2) && info.objectType == TEE_TYPE_DATA);
			GP(info.dataSize == 4);
		}
		GP(found == 2);
	}
	GP(TEE_StartPersistentObjectEnumerator(walk, PRIVATE) == TEE_SUCCESS);
	GP(TEE_GetNextPersistentObject(walk, NULL, name, &size) == TEE_SUCCESS);
	TEE_ResetPersistentObjectEnumerator(walk);
	GP(TEE_GetNextPersistentObject(walk, NULL, name, &size) == TEE_ERROR_ITEM_NOT_FOUND);
	TEE_ResetPersistentObjectEnumerator(TEE_HANDLE_NULL);
	TEE_FreePersistentObjectEnumerator(walk);
	TEE_FreePersistentObjectEnumerator(TEE_HANDLE_NULL);
}

static void walk_full(unsigned which)
{
	TEE_ObjectEnumHandle walk = TEE_HANDLE_NULL;
	TEE_Result result = TEE_SUCCESS;

	(void)which;
	for (unsigned i = 0; i < 100000 && result == TEE_SUCCESS; i++) {
		result = TEE_AllocatePersistentObjectEnumerator(&walk);
	}
	GP(result == TEE_ERROR_OUT_OF_MEMORY && walk == TEE_HANDLE_NULL);
}

static void start_error(unsigned which)
{
	TEE_ObjectEnumHandle walk = walk_of();

	if (which == 10) {
		GP(TEE_StartPersistentObjectEnumerator(walk, PRIVATE) == TEE_ERROR_ITEM_NOT_FOUND); /* it is empty */
		TEE_CloseObject(gp_stored("a", TEE_HANDLE_NULL));
		GP(TEE_StartPersistentObjectEnumerator(walk, 77) == TEE_ERROR_ITEM_NOT_FOUND);
		return;
	}
	TEE_CloseObject(gp_stored("a", TEE_HANDLE_NULL));
	gp_fault(TA_CALL_WALK_START, 0, errors[which]);
	GP(TEE_StartPersistentObjectEnumerator(walk, PRIVATE) == errors[which]);
}

static void next_error(unsigned which)
{
	TEE_ObjectEnumHandle walk = walk_of();
	char name[TEE_OBJECT_ID_MAX_LEN];
	gp_size size = 0;

	GP(TEE_GetNextPersistentObject(walk, NULL, name, &size) == TEE_ERROR_ITEM_NOT_FOUND); /* not started */
	TEE_CloseObject(gp_stored("a", TEE_HANDLE_NULL));
	GP(TEE_StartPersistentObjectEnumerator(walk, PRIVATE) == TEE_SUCCESS);
	if (which < 10) {
		gp_fault(TA_CALL_WALK_NEXT, 0, errors[which]);
		GP(TEE_GetNextPersistentObject(walk, NULL, name, &size) == errors[which]);
		return;
	}
	GP(TEE_GetNextPersistentObject(walk, NULL, name, &size) == TEE_SUCCESS);
	GP(TEE_GetNextPersistentObject(walk, NULL, name, &size) == TEE_ERROR_ITEM_NOT_FOUND);
}

static void walk_panic(unsigned which)
{
	TEE_ObjectEnumHandle walk = walk_of();
	char name[TEE_OBJECT_ID_MAX_LEN];
	gp_size size = 64;

	gp_now();
	switch (which) {
	case 0:
		(void)TEE_AllocatePersistentObjectEnumerator(gp_foreign());
		break;
	case 1:
		TEE_FreePersistentObjectEnumerator(walk);
		TEE_FreePersistentObjectEnumerator(walk);
		break;
	case 2:
		TEE_ResetPersistentObjectEnumerator(GP_NOBODY);
		break;
	case 3:
		(void)TEE_StartPersistentObjectEnumerator(TEE_HANDLE_NULL, PRIVATE);
		break;
	case 4:
		(void)TEE_GetNextPersistentObject(GP_NOBODY, NULL, name, &size);
		break;
	case 5:
		(void)TEE_GetNextPersistentObject(walk, NULL, gp_read_only(), &size);
		break;
	default:
		(void)TEE_GetNextPersistentObject(walk, NULL, TEE_Malloc(TEE_OBJECT_ID_MAX_LEN - 1, 0), &size);
	}
}

const struct gp_row gp_rows_walk[] = {
	{ "TEE_AllocatePersistentObjectEnumerator", "success", walk_good, 0 },
	{ "TEE_AllocatePersistentObjectEnumerator", "TEE_ERROR_OUT_OF_MEMORY", walk_full, 0 },
	{ "TEE_AllocatePersistentObjectEnumerator", "panics: objectEnumerator cannot be written", walk_panic, 0 },
	{ "TEE_FreePersistentObjectEnumerator", "success", walk_good, 0 },
	{ "TEE_FreePersistentObjectEnumerator", "panics: objectEnumerator is not one", walk_panic, 1 },
	{ "TEE_ResetPersistentObjectEnumerator", "success", walk_good, 0 },
	{ "TEE_ResetPersistentObjectEnumerator", "panics: objectEnumerator is not one", walk_panic, 2 },
	{ "TEE_StartPersistentObjectEnumerator", "success", walk_good, 0 },
	{ "TEE_StartPersistentObjectEnumerator", "TEE_ERROR_ITEM_NOT_FOUND", start_error, 10 },
	STORAGE_ROWS("TEE_StartPersistentObjectEnumerator", start_error),
	{ "TEE_StartPersistentObjectEnumerator", "panics: objectEnumerator is not one", walk_panic, 3 },
	{ "TEE_GetNextPersistentObject", "success", walk_good, 0 },
	{ "TEE_GetNextPersistentObject", "TEE_ERROR_ITEM_NOT_FOUND", next_error, 10 },
	STORAGE_ROWS("TEE_GetNextPersistentObject", next_error),
	{ "TEE_GetNextPersistentObject", "panics: objectEnumerator is not one", walk_panic, 4 },
	{ "TEE_GetNextPersistentObject", "panics: objectID cannot be written", walk_panic, 5 },
	{ "TEE_GetNextPersistentObject", "panics: objectID has room for less than TEE_OBJECT_ID_MAX_LEN bytes", walk_panic, 6 },
};
GP_COUNT(walk)
