/* What a trusted application may do badly, on demand. */
#include <tee_internal_api.h>

#include <panic_ta.h>

TEE_Result TA_CreateEntryPoint(void)
{
	return TEE_SUCCESS;
}

void TA_DestroyEntryPoint(void)
{
}

TEE_Result TA_OpenSessionEntryPoint(uint32_t types, TEE_Param params[4], void **session)
{
	(void)types;
	(void)params;
	(void)session;
	return TEE_SUCCESS;
}

void TA_CloseSessionEntryPoint(void *session)
{
	(void)session;
}

/* Always 0, which no compiler knows. */
static volatile uintptr_t nowhere;

/* Down the stack, a page at a time. */
static uint32_t deeper(volatile uint8_t *above)
{
	volatile uint8_t page[4096];

	page[0] = (uint8_t)(above ? above[0] + 1 : 0);
	return nowhere == 0 ? deeper(page) + page[0] : page[0];
}

TEE_Result TA_InvokeCommandEntryPoint(void *session, uint32_t command, uint32_t types, TEE_Param params[4])
{
	(void)session;
	(void)types;
	(void)params;
	switch (command) {
	case TA_PANIC_PANIC:
		TEE_Panic(0x1234);
		return TEE_SUCCESS;
	case TA_PANIC_LOOP:
		for (;;) {
			__asm__ volatile("");
		}
	case TA_PANIC_NULL:
		*(volatile uint32_t *)nowhere = 1;
		return TEE_SUCCESS;
	case TA_PANIC_STACK:
		return deeper(NULL);
	case TA_PANIC_WAIT:
		(void)TEE_UnmaskCancellation();
		return TEE_Wait(TEE_TIMEOUT_INFINITE);
	case TA_PANIC_NOTHING:
		return TEE_SUCCESS;
	default:
		return TEE_ERROR_NOT_SUPPORTED;
	}
}
