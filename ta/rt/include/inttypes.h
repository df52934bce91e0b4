/* What the kit of trusted applications has of a C library's inttypes.h: formats for printf. */
#ifndef _INTTYPES_H
#define _INTTYPES_H

#include <stdint.h>

#if __SIZEOF_LONG__ == 8
#define RT_PRI_64 "l"
#else
#define RT_PRI_64 "ll"
#endif
#if defined(__wasm__)
#define RT_PRI_PTR "l"
#elif __SIZEOF_POINTER__ == 8
#define RT_PRI_PTR "l"
#else
#define RT_PRI_PTR ""
#endif

#define PRId8 "d"
#define PRIi8 "i"
#define PRIu8 "u"
#define PRIx8 "x"
#define PRIX8 "X"
#define PRId16 "d"
#define PRIi16 "i"
#define PRIu16 "u"
#define PRIx16 "x"
#define PRIX16 "X"
#define PRId32 "d"
#define PRIi32 "i"
#define PRIu32 "u"
#define PRIx32 "x"
#define PRIX32 "X"
#define PRId64 RT_PRI_64 "d"
#define PRIi64 RT_PRI_64 "i"
#define PRIu64 RT_PRI_64 "u"
#define PRIx64 RT_PRI_64 "x"
#define PRIX64 RT_PRI_64 "X"
#define PRIdPTR RT_PRI_PTR "d"
#define PRIuPTR RT_PRI_PTR "u"
#define PRIxPTR RT_PRI_PTR "x"

#endif
