/*
 * No cell: for sanitized builds, whose images are dynamic, need their sanitizer's libraries and
 * /proc, and make system calls that no promise names. Each process says so (sandbox_none.c).
 */
#include "port/linux/confine.h"

#include "port/linux/linux.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FD_PARKED 64

int (*const confine_library)(const char *name) = NULL;

bool confine_prepare(void)
{
	return true;
}

bool confine_outside(bool network)
{
	(void)network;
	return true;
}

bool confine_close(void)
{
	return true;
}

static _Noreturn void child(const struct confine_start *start)
{
	char *const arguments[] = { (char *)(uintptr_t)images_name(start->image),
				    (char *)(uintptr_t)start->argument, NULL };
	/* A process that leaks at its end is found by its unit tests, not here. */
	char *const environment[] = { (char *)(uintptr_t) "ASAN_OPTIONS=detect_leaks=0", NULL };
	int parked[PORT_HANDLES_MAX];
	sigset_t none;

	sigemptyset(&none);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	int folder = fcntl(start->images->folder, F_DUPFD_CLOEXEC, FD_PARKED);

	for (size_t i = 0; i < start->fd_count; i++) {
		parked[i] = fcntl(start->fd[i], F_DUPFD_CLOEXEC, FD_PARKED);
	}
	for (size_t i = 0; i < start->fd_count; i++) {
		(void)dup2(parked[i], 3 + (int)i);
	}
	(void)syscall(SYS_close_range, 3 + (unsigned)start->fd_count, ~0U,
		      4 /* CLOSE_RANGE_CLOEXEC */);
	syscall(SYS_execveat, folder, images_name(start->image), arguments, environment, 0);
	fprintf(stderr, "mesatee-launcher: cannot execute %s: %s\n", images_name(start->image),
		strerror(errno));
	_exit(LINUX_EXIT_REFUSED);
}

pid_t confine_start(const struct confine_start *start)
{
	pid_t pid = fork();

	if (pid == 0) {
		child(start);
	}
	if (pid < 0) {
		fprintf(stderr, "mesatee-launcher: cannot fork: %s\n", strerror(errno));
	}
	return pid;
}
