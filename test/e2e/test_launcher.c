/*
 * A whole node, on the release build: it starts, it stops, it notices every death, and it does not
 * start when the kernel refuses any one of its restrictions.
 */
#include "test/e2e/launched.h"
#include "test/test.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- starting and ending ---- */

static void test_start_stop(void)
{
	struct node n = { 0 };

	node_folder(&n);
	for (int life = 0; life < 2; life++) {
		node_start(&n, NULL);
		CHECK(node_ready(&n), "ready");
		kill(n.pid, life == 0 ? SIGTERM : SIGINT);
		CHECK(node_wait(&n) == 0, n.text);
		CHECK(n.text[0] == 0, n.text);
	}
	node_folder_drop(&n);
}

static void test_ordinary_user(void)
{
	struct node n = { 0 };

	node_folder(&n);
	CHECK(getuid() != 0 || chown(n.folder, 65533, 65533) == 0, "own");
	node_start(&n, become_nobody);
	CHECK(node_ready(&n), "ready");
	kill(n.pid, SIGTERM);
	if (!CHECK(node_wait(&n) == 0, "stops")) {
		printf("%s\n", n.text);
	}
	node_folder_drop(&n);
}

/* Each image makes its promise when it starts, in the real node too. */
static void test_promises(void)
{
	static const char *const image[] = { "core", "gateway", "supplicant", "run", "seal", "builtin" };
	struct node n = { 0 };

	node_folder(&n);
	CHECK(getuid() != 0 || chown(n.folder, 65533, 65533) == 0, "own");
	node_start(&n, become_nobody);
	CHECK(node_ready(&n), "ready");
	CHECK(!process_dumpable(n.pid), "the launcher");
	for (size_t i = 0; i < MT_COUNT(image); i++) {
		check_promised(node_process(&n, image[i]), image[i]);
	}
	kill(n.pid, SIGTERM);
	CHECK(node_wait(&n) == 0, n.text);
	node_folder_drop(&n);
}

static void test_deaths(void)
{
	static const char *const image[] = { "core", "gateway", "supplicant", "run", "seal", "builtin" };

	for (size_t i = 0; i < MT_COUNT(image); i++) {
		struct node n = { 0 };

		node_folder(&n);
		node_start(&n, NULL);
		CHECK(node_ready(&n), "ready");
		pid_t pid = node_process(&n, image[i]);

		/* Workers are warmed while the node is ready already. */
		for (int ms = 0; ms < 3000 && pid == 0; ms += 10) {
			usleep(10000);
			pid = node_process(&n, image[i]);
		}
		CHECK(pid > 0 && kill(pid, SIGKILL) == 0, image[i]);
		CHECK(node_wait(&n) == 1 && strstr(n.text, image[i]) && strstr(n.text, "signal 9"),
		      n.text);
		node_folder_drop(&n);
	}
}

/*
 * The launcher's own death takes everything with it: node_wait() looks at the pipe that all share.
 */
static void test_launcher_death(void)
{
	struct node n = { 0 };

	node_folder(&n);
	node_start(&n, NULL);
	CHECK(node_ready(&n), "ready");
	kill(n.pid, SIGKILL);
	CHECK(node_wait(&n) == 128 + SIGKILL, "killed");
	node_folder_drop(&n);
}

static void test_one_state(void)
{
	struct node n = { 0 };

	node_folder(&n);
	node_start(&n, NULL);
	CHECK(node_ready(&n), "ready");
	struct node second = n;

	node_start(&second, NULL);
	CHECK(node_wait(&second) == 1 && strstr(second.text, "another node has it"), second.text);
	kill(n.pid, SIGTERM);
	CHECK(node_wait(&n) == 0, "the first lives on");
	node_folder_drop(&n);
}

/* ---- refusals ---- */

static const struct refusal {
	const char *what;
	int call, code;
	unsigned argument; /* 6: whatever they are */
	uint64_t mask, value;
	int also; /* a second call that would do as well */
} refusals[] = {
	{ "user and mount namespace", SCMP_SYS(unshare), EPERM, 6, 0, 0, 0 },
	{ "a pid namespace", SCMP_SYS(clone), EPERM, 0, CLONE_NEWPID, CLONE_NEWPID, 0 },
	{ "a network namespace", SCMP_SYS(unshare), EPERM, 0, UINT32_MAX, CLONE_NEWNET, 0 },
	{ "mounting", SCMP_SYS(mount), EPERM, 6, 0, 0, 0 },
	{ "pivot_root", SCMP_SYS(pivot_root), EPERM, 6, 0, 0, 0 },
	{ "unmounting the old root", SCMP_SYS(umount2), EPERM, 6, 0, 0, 0 },
	{ "Landlock missing", SCMP_SYS(landlock_create_ruleset), ENOSYS, 6, 0, 0, 0 },
	{ "Landlock refusing", SCMP_SYS(landlock_restrict_self), EPERM, 6, 0, 0, 0 },
	{ "seccomp", SCMP_SYS(seccomp), EINVAL, 6, 0, 0, PR_SET_SECCOMP },
	{ "no_new_privs", SCMP_SYS(prctl), EINVAL, 0, UINT32_MAX, PR_SET_NO_NEW_PRIVS, 0 },
	{ "dying with the launcher", SCMP_SYS(prctl), EINVAL, 0, UINT32_MAX, PR_SET_PDEATHSIG, 0 },
	{ "dumping", SCMP_SYS(prctl), EINVAL, 0, UINT32_MAX, PR_SET_DUMPABLE, 0 },
	{ "bounding set", SCMP_SYS(prctl), EPERM, 0, UINT32_MAX, PR_CAPBSET_DROP, 0 },
	{ "capabilities", SCMP_SYS(capset), EPERM, 6, 0, 0, 0 },
	{ "limits", SCMP_SYS(prlimit64), EPERM, 6, 0, 0, 0 },
	/* the old ones are not asked for when there are new ones */
	{ "limits, set", SCMP_SYS(prlimit64), EPERM, 3, UINT64_MAX, 0, 0 },
	{ "a session of its own", SCMP_SYS(setsid), EPERM, 6, 0, 0, 0 },
	{ "closing descriptors", SCMP_SYS(close_range), ENOSYS, 6, 0, 0, 0 },
	{ "memory that can be sealed", SCMP_SYS(memfd_create), ENOSYS, 6, 0, 0, 0 },
	{ "executing from memory", SCMP_SYS(execveat), EACCES, 6, 0, 0, 0 },
};
static const struct refusal *refusing;

static void kernel_refuses(void)
{
	const struct refusal *r = refusing;
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	struct scmp_arg_cmp want = SCMP_CMP(r->argument, SCMP_CMP_MASKED_EQ, r->mask, r->value);
	int failed = seccomp_rule_add_array(filter, SCMP_ACT_ERRNO((uint32_t)r->code), r->call,
					    r->argument < 6, &want);

	if (r->also) {
		failed |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(prctl), 1,
					   SCMP_A0_32(SCMP_CMP_EQ, (uint32_t)r->also));
	}
	if (failed || seccomp_load(filter) != 0) {
		_exit(97);
	}
}

static void test_refusals(void)
{
	for (size_t i = 0; i < MT_COUNT(refusals); i++) {
		struct node n = { 0 };

		node_folder(&n);
		refusing = &refusals[i];
		node_start(&n, kernel_refuses);
		bool ready = node_ready(&n);

		if (ready) {
			kill(n.pid, SIGKILL);
		}
		int status = node_wait(&n);

		if (!CHECK(!ready && status == 1, "no restriction, no node") ||
		    !CHECK(n.text[0], "and it says why")) {
			printf("  %s: status %d: %s\n", refusals[i].what, status, n.text);
		}
		node_folder_drop(&n);
	}
}

/* ---- the command line and the measurement ---- */

static int run_launcher(const char *arguments, char *out, size_t capacity)
{
	char command[8400];

	snprintf(command, sizeof(command), "%s/launcher %s 2>&1", images_folder(), arguments);
	FILE *p = popen(command, "r");
	size_t size = p ? fread(out, 1, capacity - 1, p) : 0;
	int status = p ? pclose(p) : -1;

	out[size] = 0;
	return WEXITSTATUS(status);
}

static void test_command_line(void)
{
	static const char *const wrong[] = {
		"",
		"--images",
		"--images x",
		"--images x --images y --measure",
		"--nonsense",
		"--images x --state y --listen 1:1 --config /dev/null --platform /dev/null extra",
	};
	char text[4096], line[4400];

	for (size_t i = 0; i < MT_COUNT(wrong); i++) {
		CHECK(run_launcher(wrong[i], text, sizeof(text)) == 2 && strstr(text, "usage"),
		      wrong[i]);
	}
	CHECK(run_launcher("--images /nowhere --measure", text, sizeof(text)) == 1, text);
	static const char *const address[] = { "7777",	     "localhost:1",
					       "127.0.0.1:", "127.0.0.1:70000",
					       "[::1:7",     "1.2.3.4:5x" };

	for (size_t i = 0; i < MT_COUNT(address); i++) {
		snprintf(line, sizeof(line),
			 "--images %s --state /tmp --config /dev/null --platform /dev/null "
			 "--listen %s",
			 images_folder(), address[i]);
		CHECK(run_launcher(line, text, sizeof(text)) == 2, address[i]);
	}
}

static void test_measure(void)
{
	struct node n = { 0 };
	char one[4096], two[4096], line[4400];
	size_t lines = 0;

	node_folder(&n);
	snprintf(line, sizeof(line), "--images %s --measure --config %s/config", images_folder(),
		 n.folder);
	CHECK(run_launcher(line, one, sizeof(one)) == 0 &&
		      run_launcher(line, two, sizeof(two)) == 0 && strcmp(one, two) == 0,
	      "the same every time");
	char last[64] = "";

	for (char *at = strtok(one, "\n"); at; at = strtok(NULL, "\n")) {
		CHECK(strlen(at) > 66 && strspn(at, "0123456789abcdef") == 64 &&
			      strcmp(last, at + 66) < 0,
		      "hash, name, sorted");
		snprintf(last, sizeof(last), "%s", at + 66);
		lines++;
	}
	bool python = strstr(two, "  python.cwasm\n") != NULL;
	CHECK(lines == 20 + 2 * (size_t)python && python == (strstr(two, "  python-stdlib.zip\n") != NULL),
	      "eleven images, their components, seven libraries, the configuration; the interpreter where it was built");
	CHECK(strstr(two, "  core\n") && strstr(two, "  libwasmtime.so\n") &&
		      strstr(two, "  configuration\n"),
	      "by name");
	file_write(n.folder, "config", mt_text("another"));
	CHECK(run_launcher(line, one, sizeof(one)) == 0 && strcmp(one, two) != 0,
	      "the configuration counts");
	node_folder_drop(&n);
}

const struct test tests[] = {
	{ "start_stop", test_start_stop },
	{ "ordinary_user", test_ordinary_user },
	{ "promises", test_promises },
	{ "deaths", test_deaths },
	{ "launcher_death", test_launcher_death },
	{ "one_state", test_one_state },
	{ "refusals", test_refusals },
	{ "command_line", test_command_line },
	{ "measure", test_measure },
	TESTS_END,
};
