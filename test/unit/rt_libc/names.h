/* The C library of ta/rt under names of its own, so that it stands beside the test's. */
#ifndef RT_LIBC_NAMES_H
#define RT_LIBC_NAMES_H

#define memcpy ta_memcpy
#define memmove ta_memmove
#define memset ta_memset
#define memcmp ta_memcmp
#define memchr ta_memchr
#define strlen ta_strlen
#define strnlen ta_strnlen
#define strcmp ta_strcmp
#define strncmp ta_strncmp
#define strcasecmp ta_strcasecmp
#define strchr ta_strchr
#define strrchr ta_strrchr
#define strstr ta_strstr
#define strspn ta_strspn
#define strcspn ta_strcspn
#define strlcpy ta_strlcpy
#define strlcat ta_strlcat
#define strcpy ta_strcpy
#define strncpy ta_strncpy
#define strcat ta_strcat
#define strdup ta_strdup
#define malloc ta_malloc
#define calloc ta_calloc
#define realloc ta_realloc
#define free ta_free
#define abort ta_abort
#define abs ta_abs
#define labs ta_labs
#define atoi ta_atoi
#define strtol ta_strtol
#define strtoul ta_strtoul
#define qsort ta_qsort
#define bsearch ta_bsearch
#define printf ta_printf
#define vprintf ta_vprintf
#define snprintf ta_snprintf
#define vsnprintf ta_vsnprintf
#define puts ta_puts
#define putchar ta_putchar
#define __stack_chk_fail ta_stack_chk_fail
#define __stack_chk_guard ta_stack_chk_guard

#endif
