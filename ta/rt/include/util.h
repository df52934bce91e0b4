/* Small macros by OP-TEE's names. */
#ifndef UTIL_H
#define UTIL_H

#include <compiler.h>
#include <stddef.h>
#include <stdint.h>

#define SIZE_4K UINT32_C(0x1000)
#define SIZE_1M UINT32_C(0x100000)

#ifndef MAX
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#endif
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
/* size is a power of two */
#define ROUNDUP(value, size) (((value) + ((size) - 1)) & ~((size) - 1))
#define ROUNDDOWN(value, size) ((value) & ~((size) - 1))
#define ROUNDUP_DIV(value, by) (((value) + (by) - 1) / (by))
#define IS_POWER_OF_TWO(value) ((value) != 0 && ((value) & ((value) - 1)) == 0)
#define BIT32(number) (UINT32_C(1) << (number))
#define BIT64(number) (UINT64_C(1) << (number))
#define BIT(number) BIT32(number)
#define ADD_OVERFLOW(a, b, result) __builtin_add_overflow((a), (b), (result))
#define SUB_OVERFLOW(a, b, result) __builtin_sub_overflow((a), (b), (result))
#define MUL_OVERFLOW(a, b, result) __builtin_mul_overflow((a), (b), (result))
#define container_of(pointer, type, member) ((type *)(void *)((char *)(pointer) - offsetof(type, member)))

#endif
