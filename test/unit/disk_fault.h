/*
 * A hand before every call that changes the disk, put there by the linker (--wrap, tests.mk).
 */
#ifndef MT_TEST_DISK_FAULT_H
#define MT_TEST_DISK_FAULT_H

#include <sys/types.h>

enum fault {
	FAULT_NONE,
	FAULT_KILL,
	FAULT_ERROR,
};

/* Set before the fork: at the n-th call that changes the disk (1 is the first), do this. */
extern enum fault fault;
extern int fault_at, fault_errno;

/* The call itself, past the hand. */
ssize_t __real_pwrite(int fd, const void *at, size_t size, off_t offset);

#endif
