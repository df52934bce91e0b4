#include "test/builtin/trace.h"

#include <stddef.h>
#include <string.h>

static struct trace now;
static uintptr_t origin;

void trace_begin(const void *base)
{
	now = (struct trace){ .hash = 1 };
	origin = (uintptr_t)base;
}

struct trace trace_end(void)
{
	return now;
}

static void step(uint64_t what)
{
	now.hash = (now.hash ^ what) * UINT64_C(0x9e3779b97f4a7c15);
	now.hash ^= now.hash >> 29;
}

static void touch(const void *at, uint64_t kind)
{
	now.accesses++;
	step(((uintptr_t)at - origin) * 64 + kind);
}

/* What the compiler calls, by the names it uses; nobody else does. */
#define TRACED(name, kind)                                                                                             \
	void name(const void *at);                                                                                     \
	void name(const void *at)                                                                                      \
	{                                                                                                              \
		touch(at, kind);                                                                                       \
	}
TRACED(__tsan_read1, 1)
TRACED(__tsan_read2, 2)
TRACED(__tsan_read4, 3)
TRACED(__tsan_read8, 4)
TRACED(__tsan_read16, 5)
TRACED(__tsan_unaligned_read2, 6)
TRACED(__tsan_unaligned_read4, 7)
TRACED(__tsan_unaligned_read8, 8)
TRACED(__tsan_unaligned_read16, 9)
TRACED(__tsan_write1, 11)
TRACED(__tsan_write2, 12)
TRACED(__tsan_write4, 13)
TRACED(__tsan_write8, 14)
TRACED(__tsan_write16, 15)
TRACED(__tsan_unaligned_write2, 16)
TRACED(__tsan_unaligned_write4, 17)
TRACED(__tsan_unaligned_write8, 18)
TRACED(__tsan_unaligned_write16, 19)

void __tsan_init(void);
void __tsan_func_entry(const void *caller);
void __tsan_func_exit(void);
void *__tsan_memcpy(void *to, const void *from, size_t size);
void *__tsan_memmove(void *to, const void *from, size_t size);
void *__tsan_memset(void *to, int value, size_t size);
void __sanitizer_cov_trace_pc(void);

void __tsan_init(void)
{
}

void __tsan_func_entry(const void *caller)
{
	(void)caller;
}

void __tsan_func_exit(void)
{
}

void *__tsan_memcpy(void *to, const void *from, size_t size)
{
	touch(to, 20);
	step(size);
	return memcpy(to, from, size);
}

void *__tsan_memmove(void *to, const void *from, size_t size)
{
	touch(to, 21);
	step(size);
	return memmove(to, from, size);
}

void *__tsan_memset(void *to, int value, size_t size)
{
	touch(to, 22);
	step(size);
	return memset(to, value, size);
}

void __sanitizer_cov_trace_pc(void)
{
	now.blocks++;
	step((uintptr_t)__builtin_return_address(0) | UINT64_C(1) << 63);
}
