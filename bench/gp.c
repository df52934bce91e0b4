/*
 * What a call of a trusted application costs, and its start, next to anchors of the same run: a futex between two processes, the same work in this one, a
 * fork with namespaces and a filter. `make bench-gp`.
 */
#include "api/tee_client_api.h"
#include "test/ta/try.h"
#include "test/tee_world.h"

#include <linux/futex.h>
#include <openssl/evp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 20000
#define SLOW_ROUNDS 2000        /* with a pause before each */
#define STARTS 60
#define PAUSE_US 300            /* more than anybody looks before he sleeps */
#define LARGE ((size_t)1 << 20)

static double us[ROUNDS];
static TEEC_Context context;
static const TEEC_UUID uuid = TRY_UUID;

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double report(const char *what, size_t count)
{
	qsort(us, count, sizeof(*us), by_value);
	printf("%-58s p50 %9.2f us   p10 %9.2f   p99 %9.2f\n", what, us[count / 2], us[count / 10], us[count * 99 / 100]);
	return us[count / 2];
}

static void want(bool ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "gp: %s\n", what);
		exit(1);
	}
}

/* ---- anchors ---- */

struct words {
	uint32_t asked, answered;
};

static void futex_wait(const uint32_t *word, uint32_t while_it_is)
{
	(void)syscall(SYS_futex, word, FUTEX_WAIT, while_it_is, NULL, NULL, 0);
}

static void futex_set(uint32_t *word, uint32_t value)
{
	__atomic_store_n(word, value, __ATOMIC_SEQ_CST);
	(void)syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

/* Ask and wait for the answer, each side asleep in between. */
static double futex_round(bool pause)
{
	struct words *w = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	size_t rounds = pause ? SLOW_ROUNDS : ROUNDS;
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (uint32_t n = 1;; n++) {
			while (__atomic_load_n(&w->asked, __ATOMIC_SEQ_CST) != n) {
				futex_wait(&w->asked, n - 1);
			}
			futex_set(&w->answered, n);
		}
	}
	for (uint32_t n = 1; n <= rounds; n++) {
		if (pause) {
			usleep(PAUSE_US);
		}
		double start = now_us();

		futex_set(&w->asked, n);
		while (__atomic_load_n(&w->answered, __ATOMIC_SEQ_CST) != n) {
			futex_wait(&w->answered, n - 1);
		}
		us[n - 1] = now_us() - start;
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	munmap(w, 4096);
	return report(pause ? "futex round trip, after a pause" : "futex round trip", rounds);
}

static int fork_child(void *unused)
{
	(void)unused;
	sandbox_promise(SANDBOX_SEAL);
	_exit(0);
}

static void fork_measure(void)
{
	static uint8_t stack[65536] __attribute__((aligned(16)));

	for (size_t i = 0; i < STARTS; i++) {
		double start = now_us();
		int pid = clone(fork_child, stack + sizeof(stack),
				SIGCHLD | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP | CLONE_NEWNET, NULL);

		want(pid > 0, "namespaces");
		waitpid(pid, NULL, 0);
		us[i] = now_us() - start;
	}
	report("fork, namespaces, filter, end", STARTS);
}

/* ---- calls ---- */

static double invoke(TEEC_Session *s, bool pause)
{
	TEEC_Operation op = { .paramTypes = TEEC_PARAM_TYPES(TEEC_VALUE_INOUT, TEEC_NONE, TEEC_NONE, TEEC_NONE) };
	size_t rounds = pause ? SLOW_ROUNDS : ROUNDS;

	for (size_t i = 0; i < rounds; i++) {
		if (pause) {
			usleep(PAUSE_US);
		}
		double start = now_us();

		want(TEEC_InvokeCommand(s, TRY_VALUES, &op, NULL) == TEEC_SUCCESS, "invoke");
		us[i] = now_us() - start;
	}
	return report(pause ? "TEEC_InvokeCommand, the application asleep" : "TEEC_InvokeCommand, one after the other", rounds);
}

static void sessions(void)
{
	TEEC_Session s;

	for (size_t i = 0; i < SLOW_ROUNDS; i++) {
		double start = now_us();

		want(TEEC_OpenSession(&context, &s, &uuid, TEEC_LOGIN_PUBLIC, NULL, NULL, NULL) == TEEC_SUCCESS, "open");
		TEEC_CloseSession(&s);
		us[i] = now_us() - start;
	}
	report("open and close a session", SLOW_ROUNDS);
}

static double digest_here(const uint8_t *data)
{
	uint8_t digest[32];

	for (size_t i = 0; i < 500; i++) {
		double start = now_us();

		want(EVP_Digest(data, LARGE, digest, NULL, EVP_sha256(), NULL) == 1, "digest");
		us[i] = now_us() - start;
	}
	return report("SHA-256 of 1 MiB here", 500);
}

static double digest_there(TEEC_Session *s, TEEC_SharedMemory *data)
{
	uint8_t digest[32];
	TEEC_Operation op = { .paramTypes = TEEC_PARAM_TYPES(TEEC_MEMREF_WHOLE, TEEC_MEMREF_TEMP_OUTPUT, TEEC_NONE, TEEC_NONE) };

	op.params[0].memref.parent = data;
	for (size_t i = 0; i < 500; i++) {
		op.params[1].tmpref = (TEEC_TempMemoryReference){ digest, sizeof(digest) };
		double start = now_us();

		want(TEEC_InvokeCommand(s, TRY_SHA256, &op, NULL) == TEEC_SUCCESS, "digest there");
		us[i] = now_us() - start;
	}
	return report("SHA-256 of 1 MiB of shared memory in the application", 500);
}

static void gcm_here(void)
{
	static uint8_t in[4096], out[4096], key[16], nonce[12], tag[16];
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	int n;

	for (size_t i = 0; i < ROUNDS; i++) {
		double start = now_us();

		want(EVP_EncryptInit_ex(c, EVP_aes_128_gcm(), NULL, key, nonce) == 1 && EVP_EncryptUpdate(c, out, &n, in, sizeof(in)) == 1 &&
			     EVP_EncryptFinal_ex(c, out, &n) == 1 && EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, 16, tag) == 1, "gcm");
		us[i] = now_us() - start;
	}
	EVP_CIPHER_CTX_free(c);
	report("AES-128-GCM of 4 KiB here", ROUNDS);
}

static void gcm_there(TEEC_Session *s)
{
	static uint8_t in[4096], out[4096];
	TEEC_Operation op = { .paramTypes = TEEC_PARAM_TYPES(TEEC_MEMREF_TEMP_INPUT, TEEC_MEMREF_TEMP_OUTPUT, TEEC_NONE, TEEC_NONE) };

	op.params[0].tmpref = (TEEC_TempMemoryReference){ in, sizeof(in) };
	for (size_t i = 0; i < ROUNDS; i++) {
		op.params[1].tmpref = (TEEC_TempMemoryReference){ out, sizeof(out) };
		double start = now_us();

		want(TEEC_InvokeCommand(s, TRY_GCM, &op, NULL) == TEEC_SUCCESS, "gcm there");
		us[i] = now_us() - start;
	}
	report("AES-128-GCM of 4 KiB of temporary memory there", ROUNDS);
}

/* ---- starts ---- */

static void starts(void)
{
	static const uint8_t bytes[16] = TRY_UUID_BYTES;
	static double load[STARTS];
	port_handle image = tee_image("../test/ta/try.so");

	for (size_t i = 0; i < STARTS; i++) {
		struct tee_process p;
		double start = now_us();

		want(tee_process_start(&p), "start");
		/* The promise is made before anything is read: an instance that waits has it behind it. */
		usleep(20000);
		double warm = now_us();

		want(tee_process_load(&p, image, bytes, false, NULL, 0) == 0, "load");
		load[i] = now_us() - warm;
		kill(p.pid, SIGKILL);
		(void)tee_process_end(&p);
		(void)start;
		want(tee_process_start(&p), "start");
		start = now_us();
		want(tee_process_load(&p, image, bytes, false, NULL, 0) == 0, "load");
		us[i] = now_us() - start;
		kill(p.pid, SIGKILL);
		(void)tee_process_end(&p);
	}
	report("an application: execute, promise, load, create", STARTS);
	memcpy(us, load, sizeof(load));
	report("an application: load and create in a process that waits", STARTS);
	memory_close(image);
}

int main(void)
{
	char path[64];
	TEEC_Session s;
	TEEC_SharedMemory data = { .size = LARGE, .flags = TEEC_MEM_INPUT };

	snprintf(path, sizeof(path), "/tmp/mesatee-bench-%d.sock", (int)getpid());
	pid_t world = tee_world_start(path, TEE_HONEST, false);

	want(TEEC_InitializeContext(path, &context) == TEEC_SUCCESS && TEEC_AllocateSharedMemory(&context, &data) == TEEC_SUCCESS &&
		     TEEC_OpenSession(&context, &s, &uuid, TEEC_LOGIN_PUBLIC, NULL, NULL, NULL) == TEEC_SUCCESS, "open");
	double futex = futex_round(false), awake = invoke(&s, false), futex_late = futex_round(true), late = invoke(&s, true);
	double here = digest_here(data.buffer), there = digest_there(&s, &data);

	gcm_here();
	gcm_there(&s);
	sessions();
	fork_measure();
	starts();
	printf("budget: call / futex %.2f (<= 1.5), %.2f us (<= 6)\n", awake / futex, awake);
	printf("budget: call asleep / futex after a pause %.2f (<= 1.5)\n", late / futex_late);
	printf("budget: SHA-256 of 1 MiB, here / there %.2f (>= 0.9)\n", here / there);
	TEEC_CloseSession(&s);
	TEEC_ReleaseSharedMemory(&data);
	TEEC_FinalizeContext(&context);
	tee_world_stop(world, path);
	return 0;
}
