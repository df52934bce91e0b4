/* Memory (4.11). */
#include "ta/rt/rt.h"

#include <string.h>

#include "api/tee_api_defines_extensions.h"

static const void *instance_data;

TEE_Result TEE_CheckMemoryAccessRights(uint32_t accessFlags, void *buffer, size_t size)
{
	if (size == 0) {
		return TEE_SUCCESS;
	}
	TEE_Result result = RT_CALL(TA_CALL_CHECK_ACCESS, accessFlags, rt_at(buffer), size);

	if (result != TEE_SUCCESS || !heap_allows(buffer, size)) {
		return TEE_ERROR_ACCESS_DENIED;
	}
	return TEE_SUCCESS;
}

void TEE_SetInstanceData(const void *instanceData)
{
	instance_data = instanceData;
}

const void *TEE_GetInstanceData(void)
{
	return instance_data;
}

void *TEE_Malloc(size_t size, uint32_t hint)
{
	rt_need(hint == TEE_MALLOC_FILL_ZERO || hint == TEE_MALLOC_NO_SHARE || hint == (TEE_MALLOC_NO_FILL | TEE_MALLOC_NO_SHARE) ||
		hint == TEE_USER_MEM_HINT_NO_FILL_ZERO);
	return heap_alloc(size, hint);
}

void *TEE_Realloc(void *buffer, size_t newSize)
{
	return buffer ? heap_resize(buffer, newSize) : heap_alloc(newSize, TEE_MALLOC_FILL_ZERO);
}

void TEE_Free(void *buffer)
{
	heap_free(buffer);
}

void TEE_MemMove(void *dest, const void *src, size_t size)
{
	if (size > 0) {
		memmove(dest, src, size);
	}
}

int32_t TEE_MemCompare(const void *buffer1, const void *buffer2, size_t size)
{
	const uint8_t *a = buffer1, *b = buffer2;
	int32_t found = 0;

	/* From the end: the first difference is written last, whether or not it is one. */
	for (size_t i = size; i-- > 0;) {
		int32_t difference = (int32_t)a[i] - (int32_t)b[i];
		int32_t is = (difference | -difference) >> 31;  /* all ones: they differ */
		found = (found & ~is) | (difference & is);
		__asm__("" : "+r"(found));      /* keeps the compiler from leaving early */
	}
	return found;
}

void TEE_MemFill(void *buff, uint32_t x, size_t size)
{
	if (size > 0) {
		memset(buff, (int)(x & 0xff), size);
		__asm__ volatile("" : : "r"(buff) : "memory"); /* or a wipe before the memory's end could be left out */
	}
}
