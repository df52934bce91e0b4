/*
 * Confinement, on the release build. Every system call under every promise, against the table in
 * port/linux/README; then a process in a worker's cell that has made no promise at all,
 * test/e2e/cell.c, and tries to get out.
 */
#include "port/linux/confine.h"
#include "port/linux/linux.h"
#include "test/test.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define CALLS_MAX 471
/*
 * uretprobe and uprobe: the kernel lets no filter see them (kernel/seccomp.c, since 6.12), and they
 * do nothing but SIGILL outside of the trampolines that a tracer plants.
 */
#define CALL_URETPROBE 335
#define CALL_UPROBE 336

static const char *const kind_name[SANDBOXES] = {
	[SANDBOX_CORE] = "core", [SANDBOX_GATEWAY] = "gateway", [SANDBOX_SUPPLICANT] = "supplicant",
	[SANDBOX_SEAL] = "seal", [SANDBOX_COMPILE] = "compile", [SANDBOX_RUN_LOAD] = "load",
	[SANDBOX_RUN] = "run",
};

/* ---- the table ---- */

/* Who may make a call: bit per promise. In the second, only with certain arguments. */
static uint32_t may[CALLS_MAX], may_some[CALLS_MAX];

static uint32_t who_read(const char *text)
{
	uint32_t who = 0;

	for (size_t i = 0; i < SANDBOXES; i++) {
		const char *at = strstr(text, kind_name[i]);

		who |= at || strstr(text, "all") ? MT_BIT(i) : 0;
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

static void promise(enum sandbox kind)
{
	if (kind == SANDBOX_RUN) {
		sandbox_promise(SANDBOX_RUN_LOAD);
	}
	sandbox_promise(kind);
}

/* Whether the kernel let the call through: anything but SIGSYS. */
static bool passes(enum sandbox kind, long number, const long a[6])
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, 0);
		dup2(null, 1);
		promise(kind);
		syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
		syscall(SYS_exit_group, 0);
	}
	waitpid(pid, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 125) {
		CHECK(false, "the promise itself was refused");
	}
	return !(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
}

static void test_every_call(void)
{
	static const long zeros[6];

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
#define ALL (MT_BIT(SANDBOXES) - 1)
#define LOADERS (MT_BIT(SANDBOX_COMPILE) | MT_BIT(SANDBOX_RUN_LOAD))
#define WORKERS (LOADERS | MT_BIT(SANDBOX_SEAL) | MT_BIT(SANDBOX_RUN))
		{ SYS_mmap,
		  { 0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1 },
		  ALL },
		{ SYS_mmap,
		  { 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1 },
		  LOADERS },
		{ SYS_mmap, { 0, 4096, PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1 }, LOADERS },
		{ SYS_mprotect, { 0, 0, PROT_READ }, ALL },
		{ SYS_mprotect, { 0, 0, PROT_READ | PROT_WRITE | PROT_EXEC }, LOADERS },
		{ SYS_pkey_mprotect, { 0, 0, PROT_EXEC, -1 }, 0 },
		{ SYS_fcntl, { 0, F_GET_SEALS }, ALL & ~MT_BIT(SANDBOX_RUN) },
		{ SYS_fcntl, { 0, F_ADD_SEALS }, ALL & ~MT_BIT(SANDBOX_RUN) },
		{ SYS_fcntl, { 0, F_DUPFD }, 0 },
		{ SYS_fcntl, { 0, F_SETFL }, MT_BIT(SANDBOX_GATEWAY) },
		{ SYS_fcntl, { 0, F_SETFD }, MT_BIT(SANDBOX_SUPPLICANT) },
		{ SYS_fcntl, { 0, F_SETOWN }, 0 },
		{ SYS_fcntl, { 0, F_SETLK }, 0 },
		{ SYS_newfstatat, { 0, (long)(uintptr_t) "", 0, AT_EMPTY_PATH }, ALL },
		{ SYS_newfstatat,
		  { AT_FDCWD, (long)(uintptr_t) "/etc/passwd", 0, 0 },
		  MT_BIT(SANDBOX_SUPPLICANT) },
		{ SYS_write, { 2, 0, 0 }, ALL },
		{ SYS_write, { 3, 0, 0 }, ALL & ~WORKERS },
		{ SYS_prctl, { PR_SET_NO_NEW_PRIVS, 1 }, MT_BIT(SANDBOX_RUN_LOAD) },
		{ SYS_prctl, { PR_SET_DUMPABLE, 1 }, 0 },
		{ SYS_prctl, { PR_SET_PDEATHSIG, 0 }, 0 },
		{ SYS_prlimit64, { 0, 0, 0, 0 }, MT_BIT(SANDBOX_RUN_LOAD) },
		{ SYS_prlimit64, { 1, 0, 0, 0 }, 0 },
		/* the same calls by their 32-bit numbers (x32) */
		{ 0x40000000 | SYS_getpid, { 0 }, 0 },
		{ 0x40000000 | SYS_mmap, { 0 }, 0 },
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

/* int 0x80 comes in by another door, with other numbers: 20 is getpid there, writev here. */
static void test_other_door(void)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		sandbox_promise(SANDBOX_GATEWAY);
		long number = 20;

		__asm__ volatile("int $0x80" : "+a"(number) : : "memory");
		syscall(SYS_exit_group, 0);
	}
	waitpid(pid, &status, 0);
	CHECK(WIFSIGNALED(status), "the 32-bit door is shut");
}

/* ---- the cell ---- */

static int image_of(const char *path)
{
	int fd = memfd_create("cell", MFD_CLOEXEC), from = open(path, O_RDONLY);
	static uint8_t part[1 << 16];
	ssize_t n;

	while ((n = read(from, part, sizeof(part))) > 0) {
		if (write(fd, part, (size_t)n) != n) {
			abort();
		}
	}
	close(from);
	return n == 0 ? fd : -1;
}

/* In a process of its own, since it leaves this file system. Relays the cell's words to `to`. */
static _Noreturn void cell_start(const char *program, int to)
{
	struct images images = { .folder = -1, .configuration = -1 };
	int pair[2], status = 0;
	static uint8_t buffer[PORT_MESSAGE_MAX];
	struct message m;

	images.image[IMAGE_RUN] = image_of(program);
	if (message_pair(pair) != MT_OK || !confine_prepare() || !confine_close()) {
		_exit(1);
	}
	pid_t pid = confine_start(&(struct confine_start){ .images = &images,
							   .image = IMAGE_RUN,
							   .fd = &pair[1],
							   .fd_count = 1,
							   .state = -1 });

	close(pair[1]);
	while (message_wait(pair[0], buffer, &m) == MT_OK) {
		if (message_send_wait(to, m.body, NULL, 0) != MT_OK) {
			_exit(2);
		}
	}
	_exit(pid > 0 && waitpid(pid, &status, 0) == pid && status == 0 ? 0 : 3);
}

/* cell.c says one line for each attempt: "what: held" or "what: ESCAPED". */
static void test_cell(void)
{
	static uint8_t buffer[PORT_MESSAGE_MAX];
	struct message m = { 0 };
	size_t held = 0;
	int pair[2], status = 0;
	char program[4096];

	/* Something to be reached: a listening socket, an abstract one, and this process. */
	ssize_t size = readlink("/proc/self/exe", program, sizeof(program) - 16);

	CHECK(size > 0 && message_pair(pair) == MT_OK, "prepare");
	program[size] = 0;
	*strrchr(program, '/') = 0;
	strcat(program, "/cell");
	pid_t pid = fork();

	if (pid == 0) {
		cell_start(program, pair[1]);
	}
	close(pair[1]);
	while (message_wait(pair[0], buffer, &m) == MT_OK) {
		bool ok = m.body.size > 6 && memcmp(m.body.at + m.body.size - 6, ": held", 6) == 0;

		held += ok;
		if (!CHECK(ok, "out of the cell")) {
			printf("  %.*s\n", (int)m.body.size, m.body.at);
		}
	}
	CHECK(waitpid(pid, &status, 0) == pid && status == 0, "the cell ran to its end");
	CHECK(held >= 25, "all attempts were made");
	close(pair[0]);
}

const struct test tests[] = {
	{ "every_call", test_every_call },
	{ "arguments", test_arguments },
	{ "other_door", test_other_door },
	{ "cell", test_cell },
	TESTS_END,
};
