/*
 * The promise, on the release build. Every system call under every promise and by every door,
 * against the table in port/linux/README. What else a promise gives up is in test_promise.c; what
 * holds a process that has promised nothing, in test_cell.c.
 */
#include "port/linux/control.h"
#include "port/linux/linux.h"
#include "test/test.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Above every number that a kernel of today has (470), so that new ones are tried too. */
#define CALLS_MAX 600
#define REFUSED LINUX_EXIT_REFUSED
#define ALL (MT_BIT(SANDBOXES) - 1)
#define BEFORE_RUN (MT_BIT(SANDBOX_RUN_LOAD) | MT_BIT(SANDBOX_ZYGOTE))
#define LOADERS (MT_BIT(SANDBOX_COMPILE) | BEFORE_RUN)
#define WORKERS (LOADERS | MT_BIT(SANDBOX_SEAL) | MT_BIT(SANDBOX_RUN))
#define TA_LOAD MT_BIT(SANDBOX_TA_LOAD)
#define TAS (TA_LOAD | MT_BIT(SANDBOX_TA))
/*
 * uretprobe and uprobe: the kernel lets no filter see them (kernel/seccomp.c, since 6.12), and they
 * do nothing but SIGILL outside of the trampolines that a tracer plants.
 */
#define CALL_URETPROBE 335
#define CALL_UPROBE 336
#define FETCH MT_BIT(SANDBOX_FETCH)
#define DOOR_KIND MT_BIT(SANDBOX_DOOR)
#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77 /* Linux 6.5: a handle on another process */
#endif
/* What the fetcher may make a thread with: pthread_create()'s own. */
#define THREAD_FLAGS                                                                               \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SYSVSEM | CLONE_SIGHAND | CLONE_THREAD |        \
	 CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID)
/* What a zygote may clone with. */
#define FORK_FLAGS (CLONE_NEWUSER | CLONE_NEWPID | CLONE_PARENT | SIGCHLD)

static const char *const kind_name[SANDBOXES] = {
	[SANDBOX_CORE] = "core", [SANDBOX_GATEWAY] = "gateway", [SANDBOX_SUPPLICANT] = "supplicant",
	[SANDBOX_SEAL] = "seal", [SANDBOX_COMPILE] = "compile", [SANDBOX_RUN_LOAD] = "load",
	[SANDBOX_RUN] = "run", [SANDBOX_ZYGOTE] = "zygote", [SANDBOX_FETCH] = "fetch",
	[SANDBOX_DOOR] = "door",
	[SANDBOX_TA_LOAD] = "ta-load", [SANDBOX_TA] = "ta",
};

/* ---- the table ---- */

/* Who may make a call: bit per promise. In the second, only with certain arguments. */
static uint32_t may[CALLS_MAX], may_some[CALLS_MAX];

static uint32_t who_read(const char *text)
{
	uint32_t who = 0;

	for (size_t size; *text; text += size) {
		text += strspn(text, " ");
		size = strcspn(text, " ");
		for (size_t i = 0; i < SANDBOXES; i++) {
			bool is = size == strlen(kind_name[i]) && memcmp(text, kind_name[i], size) == 0;

			who |= is || (size == 3 && memcmp(text, "all", 3) == 0) ? MT_BIT(i) : 0;
		}
	}
	return who;
}

static void row_read(char *calls, const char *who, bool some)
{
	char *rest = NULL;

	for (char *name = strtok_r(calls, " ", &rest); name; name = strtok_r(NULL, " ", &rest)) {
		int number = seccomp_syscall_resolve_name(name);

		if (CHECK(number >= 0 && number < CALLS_MAX, name)) {
			(some ? may_some : may)[number] |= who_read(who);
		}
	}
}

static bool table_read(void)
{
	FILE *f = fopen("port/linux/README", "r");
	char line[512];
	size_t rows = 0;

	while (f && fgets(line, sizeof(line), f)) {
		char *rest = NULL;

		if (line[0] != '|' || strncmp(line, "| call", 6) == 0 ||
		    strncmp(line, "|--", 3) == 0) {
			continue;
		}
		char *calls = strtok_r(line, "|", &rest), *who = strtok_r(NULL, "|", &rest),
		     *only = strtok_r(NULL, "|\n", &rest);

		row_read(calls, who, only && strspn(only, " ") != strlen(only));
		rows++;
	}
	if (f) {
		fclose(f);
	}
	return CHECK(rows > 10, "port/linux/README, read from the top of the tree");
}

/* ---- calls ---- */

/*
 * Where a list of calls is broken, as `make mutants` breaks it, calls that should not pass do. They
 * must not change the machine: who tries is nobody, and its names and queues are out of reach where
 * we may leave them.
 */
static void stand_apart(void)
{
	(void)unshare(CLONE_NEWIPC | CLONE_NEWUTS);
}

static void become_nobody(void)
{
	if (getuid() == 0 && (setgid(65533) != 0 || setuid(65533) != 0)) {
		_exit(98);
	}
}

static void promise(enum sandbox kind)
{
	if (kind == SANDBOX_RUN || kind == SANDBOX_TA) {
		sandbox_promise(kind == SANDBOX_RUN ? SANDBOX_RUN_LOAD : SANDBOX_TA_LOAD);
	}
	sandbox_promise(kind);
}

/* Ways to call. By the second, numbers have bit 30; behind the third they mean something else. */
enum door { DOOR_64, DOOR_X32, DOOR_INT80, DOORS };

/* `kind` SANDBOXES: without a promise. Returns how the process ended. */
static int call_in_child(enum sandbox kind, enum door door, long number, const long a[6])
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, 0);
		dup2(null, 1);
		/* A call that should not pass may wait for ever, or do what only root can. */
		alarm(3);
		become_nobody();
		if (kind < SANDBOXES) {
			promise(kind);
		}
		if (door == DOOR_INT80) {
			__asm__ volatile("int $0x80"
					 : "+a"(number)
					 : "b"(0), "c"(0), "d"(0), "S"(0), "D"(0)
					 : "memory");
		} else {
			number |= door == DOOR_X32 ? 0x40000000 : 0;
			syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
		}
		syscall(SYS_exit_group, 0);
	}
	waitpid(pid, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == REFUSED) {
		CHECK(false, "the promise itself was refused");
	}
	return status;
}

/* Whether the kernel let the call through: anything but SIGSYS. */
static bool passes(enum sandbox kind, long number, const long a[6])
{
	int status = call_in_child(kind, DOOR_64, number, a);

	return !(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
}

static const long zeros[6];

static void test_every_call(void)
{
	stand_apart();
	if (!table_read()) {
		return;
	}
	for (size_t kind = 0; kind < SANDBOXES; kind++) {
		size_t passed = 0;

		for (long number = 0; number < CALLS_MAX; number++) {
			bool got = passes((enum sandbox)kind, number, zeros),
			     want = (may[number] & MT_BIT(kind)) != 0;

			passed += got;
			/* What depends on arguments is in the next test. */
			if (got == want || (may_some[number] & MT_BIT(kind)) ||
			    number == CALL_URETPROBE || number == CALL_UPROBE) {
				continue;
			}
			char *name =
				seccomp_syscall_resolve_num_arch(SCMP_ARCH_X86_64, (int)number);

			CHECK(false, got ? "passes, and is not in the table"
					 : "is in the table, and does not pass");
			printf("  %s: %s (%ld)\n", kind_name[kind], name ? name : "?", number);
			free(name);
		}
		CHECK(passed > 20 && passed < 80, "about so many");
	}
}

static void test_arguments(void)
{
	static const struct {
		long number, a[6];
		uint32_t who; /* who may */
	} row[] = {
		{ SYS_mmap,
		  { 0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1 },
		  ALL },
		{ SYS_mmap,
		  { 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1 },
		  LOADERS },
		{ SYS_mmap, { 0, 4096, PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1 }, LOADERS },
		{ SYS_mprotect, { 0, 0, PROT_READ }, ALL },
		{ SYS_mprotect, { 0, 0, PROT_READ | PROT_WRITE | PROT_EXEC }, LOADERS | TA_LOAD },
		{ SYS_pkey_mprotect, { 0, 0, PROT_EXEC, -1 }, 0 },
		{ SYS_fcntl, { 0, F_GET_SEALS }, ALL & ~(MT_BIT(SANDBOX_RUN) | FETCH | DOOR_KIND) },
		{ SYS_fcntl, { 0, F_ADD_SEALS }, ALL & ~(MT_BIT(SANDBOX_RUN) | FETCH | TAS | DOOR_KIND) },
		{ SYS_fcntl, { 0, F_DUPFD }, 0 },
		{ SYS_fcntl, { 0, F_SETFL }, MT_BIT(SANDBOX_GATEWAY) | FETCH },
		{ SYS_fcntl, { 0, F_SETFD }, MT_BIT(SANDBOX_SUPPLICANT) | FETCH },
		{ SYS_fcntl, { 0, F_SETOWN }, 0 },
		{ SYS_fcntl, { 0, F_SETLK }, 0 },
		{ SYS_newfstatat, { 0, (long)(uintptr_t) "", 0, AT_EMPTY_PATH }, ALL & ~DOOR_KIND },
		{ SYS_newfstatat,
		  { AT_FDCWD, (long)(uintptr_t) "/etc/passwd", 0, 0 },
		  MT_BIT(SANDBOX_SUPPLICANT) | FETCH },
		{ SYS_write, { 2, 0, 0 }, ALL & ~DOOR_KIND },
		{ SYS_write, { 3, 0, 0 }, ALL & ~(WORKERS | DOOR_KIND) },
		{ SYS_getsockopt, { 0, SOL_SOCKET, SO_PEERCRED, 0, 0 }, MT_BIT(SANDBOX_GATEWAY) | FETCH | DOOR_KIND },
		{ SYS_getsockopt, { 0, SOL_SOCKET, SO_PEERPIDFD, 0, 0 }, MT_BIT(SANDBOX_GATEWAY) | FETCH },
		{ SYS_prctl, { PR_SET_NO_NEW_PRIVS, 1 }, 0 },
		{ SYS_prctl, { PR_SET_DUMPABLE, 1 }, 0 },
		{ SYS_prctl, { PR_SET_PDEATHSIG, 0 }, MT_BIT(SANDBOX_ZYGOTE) },
		{ SYS_clone, { FORK_FLAGS }, MT_BIT(SANDBOX_ZYGOTE) },
		{ SYS_clone, { SIGCHLD }, 0 },
		{ SYS_clone, { CLONE_VM | CLONE_VFORK | SIGCHLD }, 0 },
		{ SYS_clone, { THREAD_FLAGS & ~CLONE_THREAD }, 0 },
		{ SYS_clone, { THREAD_FLAGS | CLONE_NEWUSER }, 0 },
		{ SYS_socket, { AF_INET, SOCK_STREAM, 0 }, FETCH },
		{ SYS_socket, { AF_INET6, SOCK_DGRAM, 0 }, FETCH },
		{ SYS_socket, { AF_UNIX, SOCK_STREAM, 0 }, FETCH }, /* refused with an error: test_promise.c */
		{ SYS_socket, { AF_PACKET, SOCK_RAW, 0 }, 0 },
		{ SYS_socket, { AF_VSOCK, SOCK_STREAM, 0 }, 0 },
		{ SYS_socketpair, { AF_INET, SOCK_STREAM, 0, 0 }, 0 },
		{ SYS_ioctl, { 0, FIONREAD, 0 }, FETCH },
		{ SYS_ioctl, { 0, TIOCSTI, 0 }, 0 },
		{ SYS_clone, { FORK_FLAGS & ~CLONE_NEWUSER }, 0 },
		{ SYS_clone, { FORK_FLAGS & ~CLONE_NEWPID }, 0 },
		{ SYS_clone, { FORK_FLAGS | CLONE_VM }, 0 },
		{ SYS_clone, { FORK_FLAGS | CLONE_NEWNS }, 0 },
		{ SYS_prlimit64, { 0, 0, 0, 0 }, BEFORE_RUN | TA_LOAD },
		{ SYS_prlimit64, { 1, 0, 0, 0 }, 0 },
		{ SYS_seccomp, { SECCOMP_SET_MODE_FILTER }, BEFORE_RUN | TA_LOAD },
		{ SYS_seccomp, { SECCOMP_GET_NOTIF_SIZES }, 0 },
		/* numbers that are none */
		{ -1, { 0 }, 0 },
		{ INT32_MAX, { 0 }, 0 },
		{ INT32_MIN, { 0 }, 0 },
	};

	for (size_t i = 0; i < MT_COUNT(row); i++) {
		for (size_t kind = 0; kind < SANDBOXES; kind++) {
			bool want = (row[i].who & MT_BIT(kind)) != 0;

			if (!CHECK(passes((enum sandbox)kind, row[i].number, row[i].a) == want,
				   want ? "must pass" : "must not pass")) {
				printf("  row %zu, %s\n", i, kind_name[kind]);
			}
		}
	}
}

/* Every number once more by the two other doors, which are shut to all of them. */
static void test_other_doors(void)
{
	stand_apart();
	/* 20 is getpid there. */
	int status = call_in_child(SANDBOXES, DOOR_INT80, 20, zeros);

	if (!WIFEXITED(status)) {
		printf("  this kernel has no int 0x80 at all\n");
	}
	for (size_t kind = 0; kind < SANDBOXES; kind++) {
		for (int door = DOOR_X32; door < DOORS; door++) {
			for (long number = 0; number < CALLS_MAX; number++) {
				status = call_in_child((enum sandbox)kind, (enum door)door, number,
						       zeros);
				if (!CHECK(WIFSIGNALED(status) && WTERMSIG(status) != SIGALRM,
					   "by another door")) {
					printf("  %s, door %d: %ld\n", kind_name[kind], door,
					       number);
				}
			}
		}
	}
}

const struct test tests[] = {
	{ "every_call", test_every_call },
	{ "arguments", test_arguments },
	{ "other_doors", test_other_doors },
	TESTS_END,
};
