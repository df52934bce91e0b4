#include "ree/supplicant/file.h"

#include <errno.h>
#include <sys/sendfile.h>
#include <unistd.h>

#define COPY_MAX ((size_t)16 << 20) /* of one sendfile(): its own maximum is larger */

enum mt_err file_error(int code)
{
	switch (code) {
	case ENOENT:
		return MT_NOT_FOUND;
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
	case EMFILE:
	case ENFILE:
		return MT_LIMIT;
	case ENOMEM:
		return MT_NO_MEMORY;
	default:
		return MT_IO;
	}
}

enum mt_err file_write(int fd, uint64_t offset, struct bytes content)
{
	for (size_t done = 0; done < content.size;) {
		ssize_t n =
			pwrite(fd, content.at + done, content.size - done, (off_t)(offset + done));

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			return n < 0 ? file_error(errno) : MT_IO;
		}
		done += (size_t)n;
	}
	return MT_OK;
}

/* Until `size` bytes or the end of the file. */
enum mt_err file_read(int fd, uint64_t offset, uint8_t *out, size_t size, size_t *got)
{
	size_t done = 0;

	if (offset > INT64_MAX - size) {
		return MT_LIMIT;
	}
	while (done < size) {
		ssize_t n = pread(fd, out + done, size - done, (off_t)(offset + done));

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n < 0) {
			return file_error(errno);
		}
		if (n == 0) {
			break;
		}
		done += (size_t)n;
	}
	*got = done;
	return MT_OK;
}

enum mt_err file_copy(int from, int to, uint64_t size)
{
	off_t offset = 0;

	while ((uint64_t)offset < size) {
		uint64_t left = size - (uint64_t)offset;
		ssize_t n = sendfile(to, from, &offset, left < COPY_MAX ? (size_t)left : COPY_MAX);

		if (n < 0 && errno != EINTR) {
			return file_error(errno);
		}
		if (n == 0) {
			return MT_IO; /* it became shorter under our hands */
		}
	}
	return MT_OK;
}
