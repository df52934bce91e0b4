#include "port/linux/begin.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

_Noreturn void give_up(const char *what)
{
	fprintf(stderr, "mesatee-launcher: %s: %s\n", what, strerror(errno));
	exit(1); /* the children end with us: PR_SET_PDEATHSIG */
}

int file_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	if (fd < 0) {
		give_up(path);
	}
	return fd;
}

int signals_open(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	int signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals < 0) {
		give_up("cannot take signals");
	}
	return signals;
}

void null_place(void)
{
	int fd = file_open("/dev/null", O_RDWR);

	if (dup2(fd, 0) < 0 || dup2(fd, 1) < 0) {
		give_up("cannot use /dev/null");
	}
	close(fd);
}
