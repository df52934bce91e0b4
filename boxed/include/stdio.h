/* Declared for third-party sources whose code that calls them is never reached nor linked. */
#ifndef BOX_STDIO_H
#define BOX_STDIO_H

#include <stddef.h>

#define SEEK_SET 0
#define SEEK_END 2

typedef struct box_file FILE;

FILE *fopen(const char *path, const char *mode);
int fclose(FILE *file);
int fseek(FILE *file, long offset, int whence);
long ftell(FILE *file);
size_t fread(void *to, size_t size, size_t count, FILE *file);
size_t fwrite(const void *from, size_t size, size_t count, FILE *file);

#endif
