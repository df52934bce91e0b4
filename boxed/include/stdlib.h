/* Declared for third-party sources whose code that calls them is never reached nor linked. */
#ifndef BOX_STDLIB_H
#define BOX_STDLIB_H

#include <stddef.h>

void *malloc(size_t size);
void *realloc(void *old, size_t size);
void free(void *at);

#endif
