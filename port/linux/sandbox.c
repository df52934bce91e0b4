/*
 * The promise: Landlock closed, not dumpable, and a seccomp list of what may still be called.
 * port/linux/README has the same table for people; test/e2e/test_confine.c compares both with what
 * the kernel does.
 */
#include "port/linux/linux.h"

#include "port/linux/control.h"
#include "port/linux/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CORE MT_BIT(SANDBOX_CORE)
#define GATEWAY MT_BIT(SANDBOX_GATEWAY)
#define SUPPLICANT MT_BIT(SANDBOX_SUPPLICANT)
#define SEAL MT_BIT(SANDBOX_SEAL)
#define COMPILE MT_BIT(SANDBOX_COMPILE)
#define LOAD MT_BIT(SANDBOX_RUN_LOAD)
#define RUN MT_BIT(SANDBOX_RUN)
#define ZYGOTE MT_BIT(SANDBOX_ZYGOTE)
#define TA_LOAD MT_BIT(SANDBOX_TA_LOAD)
#define TA MT_BIT(SANDBOX_TA)
#define FETCH MT_BIT(SANDBOX_FETCH)
#define DOOR MT_BIT(SANDBOX_DOOR)
#define TALKERS (CORE | GATEWAY | SUPPLICANT)
#define WORKERS (SEAL | COMPILE | LOAD | RUN | ZYGOTE | TA_LOAD | TA)
#define TAS (TA_LOAD | TA)
#define ALL (TALKERS | WORKERS | FETCH | DOOR)
#define SHARERS (ALL & ~(RUN | FETCH | TAS | DOOR)) /* who makes shared memory */
#define FORK_FLAGS (CLONE_NEWUSER | CLONE_NEWPID | CLONE_PARENT | SIGCHLD)
/* As glibc's pthread_create() has them. */
#define THREAD_FLAGS                                                                               \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SYSVSEM | CLONE_SIGHAND | CLONE_THREAD |        \
	 CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID)
#define NO_ARGUMENT 6 /* system calls have arguments 0 to 5 */

/* A call, who may make it, and what its argument must be: (argument & mask) == value. */
struct allowed {
	int call;
	uint32_t who;
	unsigned argument;
	uint64_t mask, value;
};
#define ANY(name, who)                                                                             \
	{                                                                                          \
		SCMP_SYS(name), (who), NO_ARGUMENT, 0, 0                                           \
	}
#define ONLY(name, who, argument, mask, value)                                                     \
	{                                                                                          \
		SCMP_SYS(name), (who), (argument), (mask), (value)                                 \
	}
#define EXACT UINT32_MAX

static const struct allowed list[] = {
	/* memory: executable only where code is loaded */
	ANY(brk, ALL),
	ANY(munmap, ALL),
	ANY(madvise, ALL),
	ANY(mremap, ALL),
	ANY(mmap, COMPILE | LOAD),
	ANY(mprotect, COMPILE | LOAD | TA_LOAD),
	ONLY(mmap, ALL & ~(COMPILE | LOAD), 2, PROT_EXEC, 0),
	ONLY(mprotect, ALL & ~(COMPILE | LOAD | TA_LOAD), 2, PROT_EXEC, 0),
	/* signals of the process's own faults, locks, time, chance, the end */
	ANY(rt_sigaction, ALL),
	ANY(rt_sigprocmask, ALL),
	ANY(rt_sigreturn, ALL),
	ANY(sigaltstack, ALL),
	ANY(futex, ALL),
	ANY(clock_gettime, ALL),
	ANY(clock_nanosleep, RUN | LOAD),
	ANY(restart_syscall, ALL),
	ANY(sched_yield, WORKERS),
	ANY(getrandom, ALL),
	ANY(gettid, ALL),
	ANY(getpid, ALL),
	ANY(exit, ALL),
	ANY(exit_group, ALL),
	/* messages and shared memory */
	ANY(recvmsg, ALL & ~RUN),
	ANY(sendmsg, ALL),
	ANY(poll, ALL),
	ANY(close, ALL),
	ANY(pwrite64, ALL & ~(TAS | DOOR)),
	ANY(memfd_create, SHARERS),
	ANY(pread64, TALKERS | SEAL | RUN | LOAD | FETCH),
	ANY(lseek, ALL & ~(TAS | DOOR)),
	ANY(fstat, ALL & ~DOOR),
	ONLY(newfstatat, ALL & ~(SUPPLICANT | FETCH | DOOR), 3, EXACT, AT_EMPTY_PATH),
	ONLY(fcntl, SHARERS, 1, EXACT, F_ADD_SEALS),
	ONLY(fcntl, SHARERS | TAS, 1, EXACT, F_GET_SEALS),
	ONLY(fcntl, ALL & ~(RUN | TAS | DOOR), 1, EXACT, F_DUPFD_CLOEXEC),
	ONLY(fcntl, ALL & ~(RUN | TAS | DOOR), 1, EXACT, F_GETFL),
	ONLY(fcntl, ALL & ~(RUN | TAS | DOOR), 1, EXACT, F_GETFD),
	/* stderr is the operator's for the long-lived three; a worker's is /dev/null */
	ANY(read, TALKERS | FETCH),
	ANY(write, TALKERS | FETCH),
	ONLY(write, WORKERS & ~TAS, 0, EXACT, 2),
	/* a TA's bells: made here, heard without waiting */
	ANY(write, TAS),
	ANY(preadv2, TAS),
	ANY(eventfd2, TAS),
	ANY(pipe2, TAS),
	/* event loops */
	ANY(epoll_create1, CORE | GATEWAY | DOOR),
	ANY(epoll_ctl, CORE | GATEWAY | DOOR),
	ANY(epoll_wait, CORE | GATEWAY | DOOR),
	ANY(epoll_pwait, CORE | GATEWAY | DOOR),
	ANY(timerfd_create, GATEWAY),
	ANY(timerfd_settime, GATEWAY),
	/* connections that come in; only the fetcher's go out, and to the Internet's two families */
	ANY(accept4, GATEWAY | DOOR),
	ONLY(socket, FETCH, 0, EXACT, AF_INET),
	ONLY(socket, FETCH, 0, EXACT, AF_INET6),
	ONLY(socketpair, FETCH, 0, EXACT, AF_UNIX),
	ANY(connect, FETCH),
	ANY(sendmmsg, FETCH),
	ONLY(ioctl, FETCH, 1, EXACT, FIONREAD),
	ANY(recvfrom, GATEWAY | FETCH),
	ANY(sendto, GATEWAY | FETCH),
	ANY(readv, GATEWAY),
	ANY(writev, GATEWAY),
	ANY(sendfile, GATEWAY | SUPPLICANT),
	ANY(shutdown, GATEWAY),
	ANY(getsockname, GATEWAY | FETCH),
	ANY(getpeername, GATEWAY | FETCH),
	ANY(getsockopt, GATEWAY | FETCH),
	ONLY(getsockopt, DOOR, 2, EXACT, SO_PEERCRED),
	ANY(setsockopt, GATEWAY | FETCH),
	ANY(ftruncate, TALKERS | SEAL | RUN | LOAD),
	ONLY(fcntl, GATEWAY | FETCH, 1, EXACT, F_SETFL),
	/* files beneath the state folder (Landlock) */
	ANY(openat, SUPPLICANT | FETCH),
	ANY(openat2, FETCH),
	ONLY(fcntl, SUPPLICANT | FETCH, 1, EXACT, F_SETFD),
	ANY(newfstatat, SUPPLICANT | FETCH),
	ANY(mkdirat, SUPPLICANT),
	ANY(unlinkat, SUPPLICANT),
	ANY(renameat, SUPPLICANT),
	ANY(fsync, SUPPLICANT),
	ANY(fdatasync, SUPPLICANT | FETCH),
	ANY(fallocate, SUPPLICANT),
	ANY(flock, SUPPLICANT),
	ANY(getdents64, SUPPLICANT),
	ANY(copy_file_range, SUPPLICANT),
	/* a run worker narrows itself once more, and bounds what it may write */
	ONLY(seccomp, LOAD | TA_LOAD, 0, EXACT, SECCOMP_SET_MODE_FILTER),
	ONLY(prlimit64, LOAD | TA_LOAD, 0, EXACT, 0),
	/* a zygote's copies, which the launcher watches; what they give up before their own promise */
	ONLY(clone, ZYGOTE, 0, EXACT, FORK_FLAGS),
	ANY(capset, ZYGOTE),
	ONLY(prctl, ZYGOTE, 0, EXACT, PR_SET_PDEATHSIG),
	/* libcurl resolves a name in a thread; no process */
	ONLY(clone, FETCH, 0, EXACT, THREAD_FLAGS),
	ANY(set_robust_list, FETCH),
	ANY(rseq, FETCH),
	ANY(uname, FETCH), /* the resolver's own name */
};

/*
 * What the fetcher's libraries try first and can do without: another way to make a thread, a cache of names, a list of the
 * machine's addresses. Refused with an error, not with the end.
 */
static const struct {
	int call;
	unsigned argument;
	uint64_t value;
	int answer;
} instead[] = {
	{ SCMP_SYS(clone3), NO_ARGUMENT, 0, ENOSYS },
	{ SCMP_SYS(socket), 0, AF_UNIX, EAFNOSUPPORT },
	{ SCMP_SYS(socket), 0, AF_NETLINK, EAFNOSUPPORT },
};

static _Noreturn void refused(const char *what)
{
	fprintf(stderr,
		"mesatee: cannot %s: %s. The kernel must have seccomp filters and Landlock. The "
		"node does not run without.\n",
		what, strerror(errno));
	_exit(LINUX_EXIT_REFUSED);
}

static int rule_add(scmp_filter_ctx filter, const struct allowed *a)
{
	struct scmp_arg_cmp want = SCMP_CMP(a->argument, SCMP_CMP_MASKED_EQ, a->mask, a->value);

	if (a->argument == NO_ARGUMENT) {
		return seccomp_rule_add_exact_array(filter, SCMP_ACT_ALLOW, a->call, 0, NULL);
	}
	return seccomp_rule_add_exact_array(filter, SCMP_ACT_ALLOW, a->call, 1, &want);
}

static int instead_add(scmp_filter_ctx filter)
{
	int failed = 0;

	for (size_t i = 0; !failed && i < MT_COUNT(instead); i++) {
		struct scmp_arg_cmp want = SCMP_CMP(instead[i].argument, SCMP_CMP_EQ, instead[i].value, 0);
		uint32_t action = SCMP_ACT_ERRNO((uint16_t)instead[i].answer);

		failed = seccomp_rule_add_exact_array(filter, action, instead[i].call,
						      instead[i].argument != NO_ARGUMENT, &want);
	}
	return failed;
}

static scmp_filter_ctx filter_make(enum sandbox kind)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);

	/* no_new_privs is ours to set, once; a second step may not call prctl() any more. */
	if (!filter || seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0) != 0 ||
	    seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) != 0) {
		refused("make a system call filter");
	}
	/* What a zygote's copies need, it must be able to leave to them. */
	uint32_t who = MT_BIT(kind) | (kind == SANDBOX_ZYGOTE ? LOAD : 0);

	for (size_t i = 0; i < MT_COUNT(list); i++) {
		int failed = list[i].who & who ? rule_add(filter, &list[i]) : 0;

		if (failed) {
			errno = -failed;
			refused("fill a system call filter");
		}
	}
	int failed = kind == SANDBOX_FETCH ? instead_add(filter) : 0;

	if (failed) {
		errno = -failed;
		refused("fill a system call filter");
	}
	return filter;
}

static void filter_load(scmp_filter_ctx filter)
{
	int failed = seccomp_load(filter);

	if (failed) {
		errno = -failed;
		refused("load a system call filter");
	}
}

/* Of the file system the fetcher keeps the list of authorities, the resolver's files and the operator's folder, to read. */
static bool landlock_fetch(void)
{
	int etc = open("/etc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct stat facts;
	bool folder = fstat(FETCH_FD_FOLDER, &facts) == 0 && S_ISDIR(facts.st_mode);
	struct landlock_opening second = { .fd = folder ? FETCH_FD_FOLDER : -1,
					   .rights = LANDLOCK_READ };
	struct landlock_opening first = {
		.fd = etc, .rights = LANDLOCK_READ, .next = &second, .network = true
	};
	bool ok = landlock_close(&first);

	if (etc >= 0) {
		close(etc);
	}
	return ok;
}

static bool landlock_leave(enum sandbox kind)
{
	/* The launcher has left the supplicant its state, and nobody else but the fetcher anything that is still needed. */
	return kind == SANDBOX_SUPPLICANT ||
	       (kind == SANDBOX_FETCH ? landlock_fetch()
				      : landlock_close(&(struct landlock_opening){ .fd = -1 }));
}

/* What no filter says, once and for good. */
static void world_leave(enum sandbox kind)
{
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
		refused("give up privileges");
	}
	if (!landlock_leave(kind)) {
		refused("close the file system (Landlock)");
	}
	/* What a worker writes to stderr could be a party's data: it goes nowhere. */
	if ((MT_BIT(kind) & WORKERS) && dup2(0, 2) < 0) {
		refused("close stderr");
	}
}

void sandbox_promise(enum sandbox kind)
{
	/*
	 * The filter of the second step, made while there is time: loading it is all that is left
	 * when a task waits.
	 */
	static scmp_filter_ctx second;
	static bool left; /* a zygote's copy is the heir of its promise */

	mt_assert(kind < SANDBOXES);
	if (kind == SANDBOX_RUN || kind == SANDBOX_TA) {
		mt_assert(second);
		filter_load(second);
		return;
	}
	scmp_filter_ctx filter = filter_make(kind);

	if (kind == SANDBOX_RUN_LOAD || kind == SANDBOX_TA_LOAD) {
		second = filter_make(kind == SANDBOX_RUN_LOAD ? SANDBOX_RUN : SANDBOX_TA);
	}
	if (!left) {
		world_leave(kind);
		left = true;
	}
	filter_load(filter);
	seccomp_release(filter);
}

pid_t sandbox_fork(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { 0 };
	const struct rlimit no_process = { 0 };
	pid_t pid = (pid_t)syscall(SYS_clone, FORK_FLAGS, NULL, NULL, NULL, NULL);

	/* A new user namespace comes with privileges over itself. */
	if (pid == 0 && (syscall(SYS_capset, &header, none) != 0 ||
			 prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 ||
			 setrlimit(RLIMIT_NPROC, &no_process) != 0)) {
		refused("confine a copy");
	}
	return pid;
}

bool sandbox_confined(void)
{
	return true;
}
