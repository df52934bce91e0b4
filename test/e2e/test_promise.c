/*
 * What a promise gives up besides system calls, on the release build; and that there is no half of
 * a promise.
 */
#include "port/linux/control.h"
#include "port/linux/linux.h"
#include "test/test.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define REFUSED LINUX_EXIT_REFUSED
#define ALL (MT_BIT(SANDBOXES) - 1)
#define WORKERS                                                                                    \
	(MT_BIT(SANDBOX_COMPILE) | MT_BIT(SANDBOX_RUN_LOAD) | MT_BIT(SANDBOX_SEAL) |               \
	 MT_BIT(SANDBOX_RUN) | MT_BIT(SANDBOX_ZYGOTE) | MT_BIT(SANDBOX_TA_LOAD) | MT_BIT(SANDBOX_TA))

static const char *const kind_name[SANDBOXES] = {
	[SANDBOX_CORE] = "core", [SANDBOX_GATEWAY] = "gateway", [SANDBOX_SUPPLICANT] = "supplicant",
	[SANDBOX_SEAL] = "seal", [SANDBOX_COMPILE] = "compile", [SANDBOX_RUN_LOAD] = "load",
	[SANDBOX_RUN] = "run", [SANDBOX_ZYGOTE] = "zygote", [SANDBOX_FETCH] = "fetch",
	[SANDBOX_DOOR] = "door",
	[SANDBOX_TA_LOAD] = "ta-load", [SANDBOX_TA] = "ta",
};

static void promise(enum sandbox kind)
{
	if (kind == SANDBOX_RUN || kind == SANDBOX_TA) {
		sandbox_promise(kind == SANDBOX_RUN ? SANDBOX_RUN_LOAD : SANDBOX_TA_LOAD);
	}
	sandbox_promise(kind);
}

static void become_nobody(void)
{
	if (getuid() == 0 && (setgid(65533) != 0 || setuid(65533) != 0)) {
		_exit(98);
	}
}

/* The kernel refuses one of the promise's own calls. In the process that will promise. */
static void kernel_refuses(int call, unsigned argument, uint64_t value)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	struct scmp_arg_cmp want = SCMP_CMP(argument, SCMP_CMP_EQ, value);

	if (seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EPERM), call, argument < 6, &want) ||
	    seccomp_load(filter) != 0) {
		_exit(97);
	}
}

/* No half promise: what the kernel refuses ends the process before it has read a foreign byte. */
static void test_refused(void)
{
	static const struct {
		const char *what;
		int call;
		unsigned argument; /* 6: whatever they are */
		uint64_t value;
		uint32_t who;
	} row[] = {
		{ "dumping", SCMP_SYS(prctl), 0, PR_SET_DUMPABLE, ALL },
		{ "no_new_privs", SCMP_SYS(prctl), 0, PR_SET_NO_NEW_PRIVS, ALL },
		{ "Landlock", SCMP_SYS(landlock_create_ruleset), 6, 0,
		  ALL & ~MT_BIT(SANDBOX_SUPPLICANT) },
		{ "closing by Landlock", SCMP_SYS(landlock_restrict_self), 6, 0,
		  ALL & ~MT_BIT(SANDBOX_SUPPLICANT) },
		{ "stderr", SCMP_SYS(dup2), 6, 0, WORKERS },
		{ "the filter", SCMP_SYS(seccomp), 6, 0, ALL },
	};

	for (size_t i = 0; i < MT_COUNT(row); i++) {
		for (size_t kind = 0; kind < SANDBOXES; kind++) {
			int status = 0;
			pid_t pid = fork();

			if (pid == 0) {
				dup2(open("/dev/null", O_RDWR), 2);
				kernel_refuses(row[i].call, row[i].argument, row[i].value);
				promise((enum sandbox)kind);
				syscall(SYS_exit_group, 0);
			}
			waitpid(pid, &status, 0);
			bool want = (row[i].who & MT_BIT(kind)) != 0,
			     got = WIFEXITED(status) && WEXITSTATUS(status) == REFUSED;

			if (!CHECK(got == want, "without a restriction no promise")) {
				printf("  %s, %s: status %x\n", row[i].what, kind_name[kind],
				       status);
			}
		}
	}
}

/* What a worker says on stderr could be a party's data; the long-lived three report there, and the door says nothing. */
static void test_stderr(void)
{
	for (size_t kind = 0; kind < SANDBOXES; kind++) {
		int talk[2];
		char byte;

		CHECK(pipe(talk) == 0, "prepare");
		pid_t pid = fork();

		if (pid == 0) {
			dup2(open("/dev/null", O_RDWR), 0);
			dup2(talk[1], 2);
			close(talk[1]);
			promise((enum sandbox)kind);
			syscall(SYS_write, 2, "x", 1);
			syscall(SYS_exit_group, 0);
		}
		close(talk[1]);
		bool want = !((WORKERS | MT_BIT(SANDBOX_DOOR)) & MT_BIT(kind));

		CHECK((read(talk[0], &byte, 1) == 1) == want, kind_name[kind]);
		close(talk[0]);
		waitpid(pid, NULL, 0);
	}
}

/*
 * Landlock: a socket made before the promise reaches nobody whose name it was not given. Sending is
 * a call that every promise keeps, so the list of calls does not hide this.
 */
static void test_abstract(void)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	socklen_t size = (socklen_t)offsetof(struct sockaddr_un, sun_path) + 20;
	int in = socket(AF_UNIX, SOCK_DGRAM, 0);

	if (syscall(SYS_landlock_create_ruleset, NULL, 0, 1) < 6) {
		printf("  not tried: this kernel's Landlock knows nothing of abstract sockets\n");
		return;
	}
	snprintf(name.sun_path + 1, 20, "mesatee-%010d", (int)getpid());
	CHECK(in >= 0 && bind(in, (void *)&name, size) == 0, "prepare");
	for (size_t kind = 0; kind <= SANDBOXES; kind++) {
		int status = 0;
		pid_t pid = fork();

		if (pid == 0) {
			int out = socket(AF_UNIX, SOCK_DGRAM, 0);
			struct iovec part = { .iov_base = "x", .iov_len = 1 };
			struct msghdr m = { .msg_name = &name,
					    .msg_namelen = size,
					    .msg_iov = &part,
					    .msg_iovlen = 1 };

			if (kind < SANDBOXES) {
				promise((enum sandbox)kind);
			}
			bool sent = syscall(SYS_sendmsg, out, &m, MSG_DONTWAIT) == 1;

			syscall(SYS_exit_group, sent ? 1 : 0);
		}
		waitpid(pid, &status, 0);
		/* The launcher has closed what the supplicant may not reach: test_cell.c. */
		bool free = kind == SANDBOX_SUPPLICANT || kind == SANDBOXES;

		CHECK(WIFEXITED(status) && WEXITSTATUS(status) == free,
		      kind < SANDBOXES ? kind_name[kind] : "no promise");
	}
	close(in);
}

/* ---- the fetcher, which keeps a way out ---- */

/* What it tries after its promise; bits of what went through. */
static int fetch_tries(const struct sockaddr_in *server)
{
	int tcp = socket(AF_INET, SOCK_STREAM, 0), done = 0;

	done |= connect(tcp, (const void *)server, sizeof(*server)) == 0 ? 1 : 0;
	done |= openat(AT_FDCWD, "/etc/passwd", O_RDONLY) >= 0 ? 2 : 0;
	done |= openat(FETCH_FD_FOLDER, "file", O_RDONLY) >= 0 ? 4 : 0;
	/* From here on what must not be. */
	done |= socket(AF_UNIX, SOCK_STREAM, 0) >= 0 || errno != EAFNOSUPPORT ? 8 : 0;
	done |= socket(AF_NETLINK, SOCK_RAW, 0) >= 0 || errno != EAFNOSUPPORT ? 16 : 0;
	done |= openat(FETCH_FD_FOLDER, "file", O_WRONLY) >= 0 ? 32 : 0;
	done |= openat(FETCH_FD_FOLDER, "new", O_WRONLY | O_CREAT, 0600) >= 0 ? 64 : 0;
	done |= openat(AT_FDCWD, "/usr/bin/env", O_RDONLY) >= 0 || openat(AT_FDCWD, "/tmp", O_RDONLY) >= 0 ? 128 : 0;
	return done;
}

/* It reaches the network, /etc (of its cell) and the operator's folder to read, and nothing else. */
static void test_fetch(void)
{
	struct sockaddr_in server = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	char folder[] = "/tmp/mesatee-test-XXXXXX", path[64];
	socklen_t size = sizeof(server);
	int status = 0, in = socket(AF_INET, SOCK_STREAM, 0);

	CHECK(mkdtemp(folder) && bind(in, (void *)&server, size) == 0 && listen(in, 4) == 0 &&
		      getsockname(in, (void *)&server, &size) == 0,
	      "prepare");
	snprintf(path, sizeof(path), "%s/file", folder);
	close(open(path, O_WRONLY | O_CREAT, 0644));
	pid_t pid = fork();

	if (pid == 0) {
		dup2(open(folder, O_RDONLY | O_DIRECTORY), FETCH_FD_FOLDER);
		close_range(FETCH_FD_FOLDER + 1, ~0U, 0);
		promise(SANDBOX_FETCH);
		syscall(SYS_exit_group, fetch_tries(&server));
	}
	waitpid(pid, &status, 0);
	if (!CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 7, "a way out, and no other")) {
		printf("  status %x\n", status);
	}
	close(in);
	unlink(path);
	rmdir(folder);
}

/* ---- another process of the same user, without privileges ---- */

static char secret[16];

static _Noreturn void hold_secret(size_t kind, volatile int *ready)
{
	become_nobody();
	/* A change of identity takes the right to be looked at away: give it back. */
	if (prctl(PR_SET_DUMPABLE, 1) != 0) {
		_exit(98);
	}
	(void)prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
	memcpy(secret, "the secret", 11);
	if (kind < SANDBOXES) {
		promise((enum sandbox)kind);
	}
	*ready = 1;
	for (;;) {
		syscall(SYS_poll, NULL, 0, -1);
	}
}

/* Bits of the ways that lead to the other's memory or descriptors. */
static int ways_into(pid_t pid)
{
	char got[16] = "", path[64];
	struct iovec here = { got, sizeof(got) }, there = { secret, sizeof(secret) };
	int ways = 0, pidfd = (int)syscall(SYS_pidfd_open, pid, 0);

	become_nobody();
	ways |= process_vm_readv(pid, &here, 1, &there, 1, 0) > 0 ? 1 : 0;
	ways |= process_vm_writev(pid, &here, 1, &there, 1, 0) > 0 ? 2 : 0;
	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	int mem = open(path, O_RDONLY);

	ways |= mem >= 0 && pread(mem, got, 10, (off_t)(uintptr_t)secret) == 10 ? 4 : 0;
	snprintf(path, sizeof(path), "/proc/%d/fd/0", pid);
	ways |= open(path, O_RDONLY) >= 0 ? 8 : 0;
	ways |= syscall(SYS_pidfd_getfd, pidfd, 0, 0) >= 0 ? 16 : 0;
	ways |= ptrace(PTRACE_SEIZE, pid, NULL, NULL) == 0 ? 32 : 0;
	return ways;
}

static void test_memory_of_another(void)
{
	volatile int *ready =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	for (size_t kind = 0; kind <= SANDBOXES; kind++) {
		int status = 0;

		*ready = 0;
		pid_t holder = fork();

		if (holder == 0) {
			hold_secret(kind, ready);
		}
		while (!*ready && waitpid(holder, &status, WNOHANG) == 0) {
			usleep(100);
		}
		pid_t pid = fork();

		if (pid == 0) {
			_exit(ways_into(holder));
		}
		waitpid(pid, &status, 0);
		kill(holder, SIGKILL);
		waitpid(holder, NULL, 0);
		int ways = WIFEXITED(status) ? WEXITSTATUS(status) : -1;

		if (kind == SANDBOXES) {
			/* Without a promise all are open, or the rows above would show nothing. */
			CHECK(ways == 63, "the control");
		} else if (!CHECK(*ready && ways == 0, "a way into a process that has promised")) {
			printf("  %s: %d\n", kind_name[kind], ways);
		}
	}
	(void)munmap((void *)(uintptr_t)ready, 4096);
}

const struct test tests[] = {
	{ "refused", test_refused },
	{ "stderr", test_stderr },
	{ "abstract", test_abstract },
	{ "fetch", test_fetch },
	{ "memory_of_another", test_memory_of_another },
	TESTS_END,
};
