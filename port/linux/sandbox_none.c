/*
 * No promise: the sanitizers make system calls of their own. Confinement is tested on the release
 * build.
 */
#include "port/linux/linux.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

void sandbox_promise(enum sandbox kind)
{
	static bool said;

	(void)kind;
	if (!said) {
		fprintf(stderr, "mesatee: not confined\n");
		said = true;
	}
}

bool sandbox_confined(void)
{
	return false;
}

pid_t sandbox_fork(void)
{
	pid_t pid = (pid_t)syscall(SYS_clone, CLONE_PARENT | SIGCHLD, NULL, NULL, NULL, NULL);

	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	}
	return pid;
}
