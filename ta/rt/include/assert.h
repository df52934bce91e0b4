/* What the kit of trusted applications has of a C library's assert.h: a panic. May be included more than once, as the standard has it. */
#undef assert
#ifdef NDEBUG
#define assert(holds) ((void)0)
#else
#define assert(holds) ((holds) ? (void)0 : rt_assert_failed(#holds, __FILE__, __LINE__))
#endif

#ifndef _ASSERT_H
#define _ASSERT_H
_Noreturn void rt_assert_failed(const char *text, const char *file, int line);
#if !defined(__cplusplus) && !defined(static_assert)
#define static_assert _Static_assert
#endif
#endif
