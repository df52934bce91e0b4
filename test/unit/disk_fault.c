#include "test/unit/disk_fault.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

enum fault fault;
int fault_at, fault_errno;

static bool fault_now(void)
{
	if (fault == FAULT_NONE || --fault_at != 0) {
		return false;
	}
	if (fault == FAULT_KILL) {
		kill(getpid(), SIGKILL); /* or SIGSYS, where the promise holds: dead either way */
	}
	errno = fault_errno;
	return true;
}

ssize_t __wrap_pwrite(int fd, const void *at, size_t size, off_t offset);
ssize_t __wrap_pwrite(int fd, const void *at, size_t size, off_t offset)
{
	/* Half of it reaches the file first. */
	if (fault != FAULT_NONE && fault_at == 1 && __real_pwrite(fd, at, size / 2, offset) < 0) {
		abort();
	}
	return fault_now() ? -1 : __real_pwrite(fd, at, size, offset);
}

ssize_t __real_sendfile(int to, int from, off_t *offset, size_t size);
ssize_t __wrap_sendfile(int to, int from, off_t *offset, size_t size);
ssize_t __wrap_sendfile(int to, int from, off_t *offset, size_t size)
{
	if (fault != FAULT_NONE && fault_at == 1 &&
	    __real_sendfile(to, from, offset, size / 2) < 0) {
		abort();
	}
	return fault_now() ? -1 : __real_sendfile(to, from, offset, size);
}

int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __wrap_fsync(int fd)
{
	return fault_now() ? -1 : __real_fsync(fd);
}

int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd);
int __wrap_fdatasync(int fd)
{
	return fault_now() ? -1 : __real_fdatasync(fd);
}

int __real_renameat(int from, const char *a, int to, const char *b);
int __wrap_renameat(int from, const char *a, int to, const char *b);
int __wrap_renameat(int from, const char *a, int to, const char *b)
{
	return fault_now() ? -1 : __real_renameat(from, a, to, b);
}

int __real_unlinkat(int folder, const char *name, int flags);
int __wrap_unlinkat(int folder, const char *name, int flags);
int __wrap_unlinkat(int folder, const char *name, int flags)
{
	return fault_now() ? -1 : __real_unlinkat(folder, name, flags);
}
