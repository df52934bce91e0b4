/*
 * What a native application may not do, tried by one in its real process, on the release build: each attempt ends the process, before anything comes of
 * it. What the process may call at all is in test_confine.c.
 */
#include "test/calling.h"
#include "test/test.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define REGISTER_TEXT "/proc/%d/mem"

/* One attempt in a new instance. The answer of the call, where it has one. */
static TEEC_Result attempt(const uint64_t call[7], const char *behind, int64_t *answer)
{
	uint8_t bytes[7 * 8 + 64] = { 0 };
	TEEC_Session s;
	TEEC_Operation op = { .paramTypes = TEEC_PARAM_TYPES(TEEC_MEMREF_TEMP_INPUT, TEEC_VALUE_OUTPUT, TEEC_NONE, TEEC_NONE) };

	if (!CHECK(calling_open(&s) == TEEC_SUCCESS, "open")) {
		return TEEC_ERROR_GENERIC;
	}
	memcpy(bytes, call, 7 * 8);
	snprintf((char *)bytes + 7 * 8, 64, "%s", behind);
	op.params[0].tmpref = (TEEC_TempMemoryReference){ bytes, sizeof(bytes) };
	TEEC_Result result = TEEC_InvokeCommand(&s, TRY_LINUX, &op, NULL);

	*answer = (int64_t)(op.params[1].value.a | (uint64_t)op.params[1].value.b << 32);
	TEEC_CloseSession(&s);
	return result;
}

static void test_refused(void)
{
	uint64_t core = (uint64_t)getpid(), self = 0;
	char memory[64], other[64];

	snprintf(memory, sizeof(memory), REGISTER_TEXT, (int)getpid());
	snprintf(other, sizeof(other), REGISTER_TEXT, 1);
	const struct {
		const char *why;
		uint64_t call[7];
		const char *behind;
	} row[] = {
		{ "open a file", { SYS_open, TRY_BEHIND, O_RDONLY }, "/etc/passwd" },
		{ "the same, newer", { SYS_openat, (uint64_t)AT_FDCWD, TRY_BEHIND, O_RDONLY }, "/etc/passwd" },
		{ "the newest", { SYS_openat2, (uint64_t)AT_FDCWD, TRY_BEHIND, TRY_BEHIND, 24 }, "/etc/passwd" },
		{ "the memory of core", { SYS_openat, (uint64_t)AT_FDCWD, TRY_BEHIND, O_RDONLY }, memory },
		{ "of another process", { SYS_openat, (uint64_t)AT_FDCWD, TRY_BEHIND, O_RDWR }, other },
		{ "its own", { SYS_openat, (uint64_t)AT_FDCWD, TRY_BEHIND, O_RDWR }, "/proc/self/mem" },
		{ "the memory of core, by its number", { SYS_process_vm_readv, core, TRY_BEHIND, 1, TRY_BEHIND, 1 }, "" },
		{ "and into it", { SYS_process_vm_writev, core, TRY_BEHIND, 1, TRY_BEHIND, 1 }, "" },
		{ "trace core", { SYS_ptrace, PTRACE_ATTACH, core }, "" },
		{ "be traced", { SYS_ptrace, PTRACE_TRACEME }, "" },
		{ "a descriptor of core's", { SYS_pidfd_open, core, 0 }, "" },
		{ "a network", { SYS_socket, AF_INET, SOCK_STREAM }, "" },
		{ "a local socket", { SYS_socket, AF_UNIX, SOCK_STREAM }, "" },
		{ "a pair", { SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, TRY_BEHIND }, "" },
		{ "executable memory", { SYS_mmap, 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, UINT64_MAX }, "" },
		{ "executable and writable", { SYS_mmap, 0, 4096, PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, UINT64_MAX }, "" },
		{ "make data executable", { SYS_mprotect, TRY_OWN, 4096, PROT_READ | PROT_EXEC }, "" },
		{ "by a key", { SYS_pkey_mprotect, TRY_OWN, 4096, PROT_READ | PROT_EXEC, UINT64_MAX }, "" },
		{ "a file of executable memory", { SYS_memfd_create, TRY_BEHIND, 0 }, "x" },
		{ "kill core", { SYS_kill, core, SIGKILL }, "" },
		{ "everybody", { SYS_kill, UINT64_MAX, SIGKILL }, "" },
		{ "a thread", { SYS_tgkill, core, core, SIGTERM }, "" },
		{ "a signal with a value", { SYS_rt_sigqueueinfo, core, SIGTERM, TRY_BEHIND }, "" },
		{ "a process", { SYS_fork }, "" },
		{ "a thread of its own", { SYS_clone, CLONE_VM | CLONE_THREAD | CLONE_SIGHAND }, "" },
		{ "newer", { SYS_clone3, TRY_BEHIND, 64 }, "" },
		{ "a program", { SYS_execve, TRY_BEHIND, 0, 0 }, "/bin/sh" },
		{ "namespaces", { SYS_unshare, CLONE_NEWUSER }, "" },
		{ "another filter", { SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, TRY_BEHIND }, "" },
		{ "be dumpable", { SYS_prctl, PR_SET_DUMPABLE, 1 }, "" },
		{ "more memory", { SYS_prlimit64, self, 2, TRY_BEHIND, 0 }, "" },
		{ "another way to make calls", { SYS_io_uring_setup, 8, TRY_BEHIND }, "" },
		{ "programs of the kernel", { SYS_bpf, 0, TRY_BEHIND, 64 }, "" },
		{ "a descriptor's copy", { SYS_dup, 3 }, "" },
		{ "a device's own calls", { SYS_ioctl, 3, 0 }, "" },
		{ "faults of its own", { SYS_userfaultfd, 0 }, "" },
		{ "shared memory by name", { SYS_shmget, 1, 4096, 0600 }, "" },
		{ "time", { SYS_clock_settime, 0, TRY_BEHIND }, "" },
	};

	calling_begin(TEE_HONEST);
	for (size_t i = 0; i < MT_COUNT(row); i++) {
		int64_t answer = 0;

		CHECK(attempt(row[i].call, row[i].behind, &answer) == TEEC_ERROR_TARGET_DEAD, row[i].why);
	}
	calling_end();
}

/* The attempts above end because of what they try: what the loop itself needs passes in the same way. */
static void test_allowed(void)
{
	static const struct {
		const char *why;
		uint64_t call[7];
		int64_t least, most;
	} row[] = {
		{ "memory", { SYS_mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, UINT64_MAX }, 4096, INT64_MAX },
		{ "more than there may be", { SYS_mmap, 0, UINT64_C(1) << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, UINT64_MAX }, -ENOMEM, -ENOMEM },
		{ "its own number", { SYS_getpid }, 1, INT32_MAX },
		{ "chance", { SYS_getrandom, TRY_BEHIND, 8, 0 }, 8, 8 },
		{ "to less access", { SYS_mprotect, TRY_OWN, 4096, PROT_READ }, 0, 0 },
	};

	calling_begin(TEE_HONEST);
	for (size_t i = 0; i < MT_COUNT(row); i++) {
		int64_t answer = 0;

		CHECK(attempt(row[i].call, "", &answer) == TEEC_SUCCESS && answer >= row[i].least && answer <= row[i].most, row[i].why);
	}
	calling_end();
}

const struct test tests[] = {
	{ "refused", test_refused },
	{ "allowed", test_allowed },
	TESTS_END,
};
