/* What the kit of trusted applications has of a C library's stdlib.h. Memory is TEE_Malloc's. */
#ifndef _STDLIB_H
#define _STDLIB_H

#include <stddef.h>

void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void *realloc(void *at, size_t size);
void free(void *at);
_Noreturn void abort(void);
int abs(int number);
long labs(long number);
int atoi(const char *text);
/* What does not fit is the nearest that does. */
long strtol(const char *text, char **end, int base);
unsigned long strtoul(const char *text, char **end, int base);
void qsort(void *base, size_t count, size_t size, int (*compare)(const void *a, const void *b));
void *bsearch(const void *key, const void *base, size_t count, size_t size, int (*compare)(const void *key, const void *element));

#endif
