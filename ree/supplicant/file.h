/*
 * Whole reads, writes and copies of files, and the kernel's errors in our words. Private to the
 * supplicant. Class U.
 */
#ifndef MT_REE_SUPPLICANT_FILE_H
#define MT_REE_SUPPLICANT_FILE_H

#include "lib/base/base.h"

/* MT_NOT_FOUND, MT_LIMIT (no space, no descriptors), MT_NO_MEMORY, else MT_IO. */
enum mt_err file_error(int code);
MUST enum mt_err file_write(int fd, uint64_t offset, struct bytes content);
MUST enum mt_err file_read(int fd, uint64_t offset, uint8_t *out, size_t size, size_t *got);
/* `size` bytes from the beginning of `from` to where `to` stands. */
MUST enum mt_err file_copy(int from, int to, uint64_t size);

#endif
