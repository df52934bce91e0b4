/* System calls, and what their results and the pointers that they get may be. */
#include "ta/rt/rt.h"

/* The seam: another way into the TEE (api/tee_syscall.h) is another body of this function. */
TEE_Result rt_call(uint32_t number, const uint64_t argument[TA_CALL_ARGUMENTS])
{
	return ta_syscall(number, argument);
}

void TEE_Panic(TEE_Result panicCode)
{
	rt_panic(panicCode);
}

_Noreturn void rt_panic(TEE_Result code)
{
	(void)RT_CALL(TA_CALL_PANIC, code);
	for (;;) {
		__builtin_trap(); /* whoever runs the TA let it go on */
	}
}

static void access_check(uint32_t flags, const void *at, size_t size)
{
	if (size > 0 && (!at || RT_CALL(TA_CALL_CHECK_ACCESS, flags, rt_at(at), size) != TEE_SUCCESS)) {
		rt_panic(TEE_ERROR_ACCESS_DENIED);
	}
}

void rt_readable(const void *at, size_t size)
{
	access_check(TEE_MEMORY_ACCESS_READ | TEE_MEMORY_ACCESS_ANY_OWNER, at, size);
}

void rt_writable(void *at, size_t size)
{
	access_check(TEE_MEMORY_ACCESS_WRITE | TEE_MEMORY_ACCESS_ANY_OWNER, at, size);
}

void rt_own(const void *at, size_t size)
{
	access_check(TEE_MEMORY_ACCESS_READ, at, size);
}

void rt_buffer(void *at, const size_t *size)
{
	rt_writable((void *)(uintptr_t)size, sizeof(*size));
	rt_writable(at, *size);
}

TEE_Result rt_allow(TEE_Result result, const TEE_Result *allowed)
{
	if (result == TEE_SUCCESS) {
		return result;
	}
	while (*allowed && *allowed != result) {
		allowed++;
	}
	if (!*allowed) {
		rt_panic(result);
	}
	return result;
}

bool rt_overlaps(const void *in, size_t in_size, const void *out, size_t out_size)
{
	uintptr_t a = (uintptr_t)in, b = (uintptr_t)out;

	return a != b && in_size > 0 && out_size > 0 && (a < b ? b - a < in_size : a - b < out_size);
}
