/* What the kit of trusted applications has of a C library's string.h. */
#ifndef _STRING_H
#define _STRING_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *at, int byte, size_t size);
int memcmp(const void *a, const void *b, size_t size);
void *memchr(const void *at, int byte, size_t size);
size_t strlen(const char *text);
size_t strnlen(const char *text, size_t size);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t size);
int strcasecmp(const char *a, const char *b);
char *strchr(const char *text, int c);
char *strrchr(const char *text, int c);
char *strstr(const char *text, const char *what);
size_t strspn(const char *text, const char *set);
size_t strcspn(const char *text, const char *set);
/* Always end with a NUL where size is not 0; return what they tried to make (OpenBSD). */
size_t strlcpy(char *to, const char *from, size_t size);
size_t strlcat(char *to, const char *from, size_t size);
/* For code that was written with them. They write beyond what there is room for as ever: strlcpy does not. */
char *strcpy(char *to, const char *from);
char *strncpy(char *to, const char *from, size_t size);
char *strcat(char *to, const char *from);
char *strdup(const char *text);
/* In a time that depends on size alone: 0 where equal. */
int consttime_memcmp(const void *a, const void *b, size_t size);
/* Never left out by a compiler. */
void memzero_explicit(void *at, size_t size);

#endif
