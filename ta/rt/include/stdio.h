/* What the kit of trusted applications has of a C library's stdio.h. printf and puts go where trace.h's lines go. No floating point. */
#ifndef _STDIO_H
#define _STDIO_H

#include <stdarg.h>
#include <stddef.h>

#define EOF (-1)

int printf(const char *format, ...) __attribute__((format(__printf__, 1, 2)));
int vprintf(const char *format, va_list arguments) __attribute__((format(__printf__, 1, 0)));
int snprintf(char *out, size_t size, const char *format, ...) __attribute__((format(__printf__, 3, 4)));
int vsnprintf(char *out, size_t size, const char *format, va_list arguments) __attribute__((format(__printf__, 3, 0)));
int puts(const char *text);
int putchar(int c);

#endif
