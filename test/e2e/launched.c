#include "test/e2e/launched.h"

#include "test/test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

const char *images_folder(void)
{
	static char folder[4096];
	ssize_t size = readlink("/proc/self/exe", folder, sizeof(folder) - 16);

	if (size <= 0) {
		abort();
	}
	folder[size] = 0;
	*strrchr(folder, '/') = 0;
	strcat(folder, "/../bin");
	return folder;
}

void file_write(const char *folder, const char *name, struct bytes content)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd < 0 || write(fd, content.at, content.size) != (ssize_t)content.size) {
		abort();
	}
	close(fd);
}

void node_folder(struct node *n)
{
	strcpy(n->folder, "/tmp/mesatee-test-XXXXXX");
	if (!mkdtemp(n->folder)) {
		abort();
	}
	/* { 1: "node", 2: true, 3: 32 zeros }, service/core. */
	file_write(n->folder, "config",
		   hex("a3 01 64 6e6f6465 02 f5 03 5820"
		       "0000000000000000000000000000000000000000000000000000000000000000"));
	file_write(n->folder, "platform",
		   hex("0101010101010101010101010101010101010101010101010101010101010101"));
}

static void launcher_exec(const struct node *n, int ready, int talk)
{
	char state[64], config[64], platform[64], program[4200], number[16];

	snprintf(state, sizeof(state), "%s/state", n->folder);
	snprintf(config, sizeof(config), "%s/config", n->folder);
	snprintf(platform, sizeof(platform), "%s/platform", n->folder);
	snprintf(program, sizeof(program), "%s/launcher", images_folder());
	snprintf(number, sizeof(number), "%d", ready);
	dup2(talk, 2);
	execl(program, "mesatee-launcher", "--images", n->images ? n->images : images_folder(),
	      "--state", state, "--config", config, "--platform", platform, "--listen",
	      "127.0.0.1:0", "--ready-fd", number, NULL);
	_exit(99);
}

void node_start(struct node *n, preparation *prepare)
{
	int ready[2], talk[2];

	if (pipe(ready) != 0 || pipe(talk) != 0) {
		abort();
	}
	fflush(NULL);
	n->pid = fork();
	if (n->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(ready[0]);
		close(talk[0]);
		if (prepare) {
			prepare();
		}
		launcher_exec(n, ready[1], talk[1]);
	}
	close(ready[1]);
	close(talk[1]);
	n->ready = ready[0];
	n->talk = talk[0];
}

bool node_ready(const struct node *n)
{
	struct pollfd p = { .fd = n->ready, .events = POLLIN };
	char line[8] = "";

	return poll(&p, 1, 5000) == 1 && read(n->ready, line, sizeof(line)) == 6 &&
	       strcmp(line, "ready\n") == 0;
}

int node_wait(struct node *n)
{
	int status = 0;
	size_t size = 0;
	ssize_t got;
	struct pollfd p = { .fd = n->talk, .events = POLLIN };

	while (size < sizeof(n->text) - 1 && poll(&p, 1, 10000) == 1 &&
	       (got = read(n->talk, n->text + size, sizeof(n->text) - 1 - size)) > 0) {
		size += (size_t)got;
	}
	n->text[size] = 0;
	if (!CHECK(p.revents & POLLHUP, "every process of the node is gone")) {
		kill(n->pid, SIGKILL);
	}
	waitpid(n->pid, &status, 0);
	close(n->ready);
	close(n->talk);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void node_folder_drop(const struct node *n)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf %s", n->folder);
	CHECK(system(command) == 0, "clean");
}

/* The value of a line of /proc/PID/status, 0 when there is none; base 16 for capabilities. */
static unsigned long status_of(pid_t pid, const char *name, int base)
{
	char path[64], line[256];
	unsigned long value = 0;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	FILE *f = fopen(path, "r");

	while (f && fgets(line, sizeof(line), f)) {
		if (strncmp(line, name, strlen(name)) == 0 && line[strlen(name)] == ':') {
			value = strtoul(line + strlen(name) + 1, NULL, base);
		}
	}
	if (f) {
		fclose(f);
	}
	return value;
}

/* Other nodes may run beside this one. */
static bool is_process(const struct node *n, pid_t pid, const char *name)
{
	char path[64], line[64] = "";

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	FILE *f = fopen(path, "r");
	bool is = f && fgets(line, sizeof(line), f);

	if (f) {
		fclose(f);
	}
	line[strcspn(line, "\n")] = 0;
	return is && strcmp(line, name) == 0 && (pid_t)status_of(pid, "PPid", 10) == n->pid;
}

pid_t node_process(const struct node *n, const char *image)
{
	char name[32];
	pid_t found = 0;
	DIR *all = opendir("/proc");
	const struct dirent *one;

	mt_assert(all);
	/* Its name is the memory's that it was executed from, cut to 15. */
	snprintf(name, sizeof(name), "memfd:%s", image);
	name[15] = 0;
	while (!found && (one = readdir(all)) != NULL) {
		pid_t pid = (pid_t)strtol(one->d_name, NULL, 10);
		found = pid > 0 && is_process(n, pid, name) ? pid : 0;
	}
	closedir(all);
	return found;
}

void become_nobody(void)
{
	if (getuid() == 0 &&
	    (setgroups(0, NULL) != 0 || setgid(65533) != 0 || setuid(65533) != 0)) {
		_exit(98);
	}
}

/* What cannot be dumped belongs to root although the node is nobody's: proc(5). */
bool process_dumpable(pid_t pid)
{
	char path[64];
	struct stat facts = { 0 };

	snprintf(path, sizeof(path), "/proc/%d/environ", pid);
	return stat(path, &facts) != 0 || facts.st_uid != 0;
}

void check_promised(pid_t pid, const char *what)
{
	/* Workers are warmed while the node is ready already. */
	for (int ms = 0; ms < 3000 && status_of(pid, "Seccomp", 10) != 2; ms++) {
		usleep(1000);
	}
	CHECK(status_of(pid, "Seccomp", 10) == 2, what);
	CHECK(status_of(pid, "NoNewPrivs", 10) == 1, what);
	CHECK(status_of(pid, "CapBnd", 16) == 0 && status_of(pid, "CapEff", 16) == 0 &&
		      status_of(pid, "CapPrm", 16) == 0 && status_of(pid, "CapInh", 16) == 0,
	      what);
	CHECK(!process_dumpable(pid), what);
}
