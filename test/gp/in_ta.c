/*
 * The suite in a real TA: a client invokes command GP_COMMAND_CASES + n, in a session of its own, and reads what came of row n: a result, or
 * TEE_ERROR_TARGET_DEAD for a row that panics. Parameter 3, a memory reference of a page, is what gp_shared() gives; a panic that was meant shows there as
 * "now" at its end, a case that needs what there is not here as "far".
 */
#include <trace.h>

#include "test/gp/gp.h"

#define PAGE 4096

static bool failed, missing;
static void *page;

/* The other one of two (test_native). */
const TEE_UUID gp_target = { 0x6d657361, 0x7465, 0x6550, { 0x81, 0, 0, 0, 0, 0, 0, 2 } };

/* Each case begins with an empty storage; what the one before has left may be open in no instance any more. */
static void storage_clear(void)
{
	TEE_ObjectEnumHandle walk = TEE_HANDLE_NULL;
	TEE_ObjectHandle object = TEE_HANDLE_NULL;
	TEE_ObjectInfo info;
	uint8_t id[TEE_OBJECT_ID_MAX_LEN];
	gp_size size = sizeof(id);

	if (TEE_AllocatePersistentObjectEnumerator(&walk) != TEE_SUCCESS) {
		return;
	}
	while (TEE_StartPersistentObjectEnumerator(walk, TEE_STORAGE_PRIVATE) == TEE_SUCCESS &&
	       TEE_GetNextPersistentObject(walk, &info, id, &size) == TEE_SUCCESS &&
	       TEE_OpenPersistentObject(TEE_STORAGE_PRIVATE, id, size, TEE_DATA_FLAG_ACCESS_WRITE_META, &object) == TEE_SUCCESS) {
		(void)TEE_CloseAndDeletePersistentObject1(object);
		size = sizeof(id);
	}
	TEE_FreePersistentObjectEnumerator(walk);
}

void gp_begin(void *shared, gp_size size)
{
	storage_clear();
	failed = missing = false;
	page = size >= PAGE ? shared : NULL;
}

bool gp_check(bool holds, const char *file, int line, const char *text)
{
	if (!holds) {
		EMSG("%s:%d: %s", file, line, text);
		failed = true;
	}
	return holds;
}

TEE_Result gp_result(void)
{
	return missing ? TEE_ERROR_NOT_SUPPORTED : failed ? TEE_ERROR_GENERIC : TEE_SUCCESS;
}

void gp_now(void)
{
	if (page && !failed && !missing) {
		TEE_MemMove((uint8_t *)page + PAGE - 4, "now", 4);
	}
}

/* What comes of the case now says nothing, and it may panic. */
static void miss(void)
{
	missing = true;
	if (page) {
		TEE_MemMove((uint8_t *)page + PAGE - 4, "far", 4);
	}
}

/* Nobody here makes a call fail, or cancels. */
void gp_fault(uint32_t number, unsigned skip, TEE_Result result)
{
	(void)number;
	(void)skip;
	(void)result;
	miss();
}

void gp_cancel(void)
{
	miss();
}

bool gp_own_world(void)
{
	miss();
	return false;
}

void *gp_shared(void)
{
	missing = missing || !page;
	return page;
}

/* The last page of what an address can say: nobody has it. */
void *gp_foreign(void)
{
	return (void *)(UINTPTR_MAX - PAGE + 1);
}

void *gp_read_only(void)
{
	static const uint8_t constant[PAGE];

	return (void *)(uintptr_t)constant;
}
