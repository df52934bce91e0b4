/*
 * What a wasm task costs, next to its anchors in the same run: the bare C API of wasmtime, and a
 * fork with namespaces and a filter.
 */
#include "api/worker.h"
#include "exec/wasm/engine.h"
#include "exec/wasm/wasi.h"
#include "exec/wasm/wasm.h"
#include "port/linux/linux.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 200

static uint8_t buffer[PORT_MESSAGE_MAX];

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

static void report(const char *what, double *us, size_t count)
{
	qsort(us, count, sizeof(*us), by_value);
	printf("%-48s p50 %9.1f us   p10 %9.1f   p99 %9.1f\n", what, us[count / 2], us[count / 10],
	       us[count * 99 / 100]);
}

static void want(bool ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "task_bare: %s\n", what);
		exit(1);
	}
}

static struct bytes file_read(const char *path)
{
	int fd = open(path, O_RDONLY);
	struct stat facts = { 0 };

	want(fd >= 0 && fstat(fd, &facts) == 0,
	     "build/wasm/probe.wasm: run make from the top of the tree");
	uint8_t *at = malloc((size_t)facts.st_size);

	want(at && read(fd, at, (size_t)facts.st_size) == facts.st_size, "read");
	close(fd);
	return mt_bytes(at, (size_t)facts.st_size);
}

/* ---- anchors ---- */

static struct wasi wasi;

static port_handle bare(struct bytes module_bytes)
{
	static double us[ROUNDS * 5];
	wasm_engine_t *engine = engine_open();
	wasmtime_module_t *module = NULL;
	wasmtime_linker_t *linker = wasmtime_linker_new(engine);
	wasmtime_instance_pre_t *pre = NULL;
	wasm_byte_vec_t wire;
	port_handle artifact = PORT_NO_HANDLE;

	want(!wasmtime_module_new(engine, module_bytes.at, module_bytes.size, &module), "compile");
	want(!wasi_define(linker, &wasi) && !wasmtime_linker_instantiate_pre(linker, module, &pre),
	     "link");
	for (size_t i = 0; i < MT_COUNT(us); i++) {
		double from = now_us();
		wasmtime_store_t *store = wasmtime_store_new(engine, NULL, NULL);
		wasmtime_instance_t instance;
		wasm_trap_t *trap = NULL;

		want(!wasmtime_instance_pre_instantiate(pre, wasmtime_store_context(store),
							&instance, &trap) &&
			     !trap,
		     "instance");
		wasmtime_store_delete(store);
		us[i] = now_us() - from;
	}
	report("anchor: bare C API, instance (budget 10 us)", us, MT_COUNT(us));
	want(!wasmtime_module_serialize(module, &wire), "serialize");
	want(memory_make(mt_bytes(wire.data, wire.size), &artifact) == MT_OK, "artifact");
	return artifact;
}

static void fork_and_sandbox(void)
{
	static double us[ROUNDS];

	for (size_t i = 0; i < ROUNDS; i++) {
		int pipes[2];
		char byte;
		double from = now_us();

		want(pipe(pipes) == 0, "pipe");
		pid_t pid =
			(pid_t)syscall(SYS_clone,
				       CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET |
					       CLONE_NEWIPC | CLONE_NEWUTS | SIGCHLD,
				       NULL, NULL, NULL, NULL);

		if (pid == 0) {
			sandbox_promise(SANDBOX_CORE);
			_exit(write(pipes[1], "x", 1) == 1 ? 0 : 1);
		}
		close(pipes[1]);
		want(pid > 0 && read(pipes[0], &byte, 1) == 1, "user namespaces");
		us[i] = now_us() - from;
		close(pipes[0]);
		waitpid(pid, NULL, 0);
	}
	report("anchor: fork, six namespaces, promise", us, ROUNDS);
}

/* ---- ours ---- */

static struct bytes request(uint8_t *wire, size_t capacity)
{
	struct builder b = builder_over(wire, capacity);
	struct bytes body = { 0 };

	builder_u8(&b, WORK_RUN);
	builder_u64(&b, 64 << 20);
	builder_u32(&b, 0);
	for (size_t i = 0; i < 32; i++) {
		builder_u8(&b, 0);
	}
	builder_u32(&b, 1);
	builder_bytes32(&b, mt_text("copy"));
	builder_u32(&b, 1);
	builder_bytes32(&b, mt_text("a"));
	builder_u32(&b, 1);
	builder_bytes32(&b, mt_text("b"));
	builder_u64(&b, 1000);
	want(builder_done(&b, &body) == MT_OK, "request");
	return body;
}

static pid_t worker_start(int *socket)
{
	int pair[2];

	want(message_pair(pair) == MT_OK, "socket");
	pid_t pid = fork();

	if (pid == 0) {
		dup2(open("/dev/null", O_RDWR), 0);
		dup2(pair[1], WORKER_FD_CORE);
		close_range(WORKER_FD_CORE + 1, ~0U, 0);
		_exit(run_worker());
	}
	close(pair[1]);
	*socket = pair[0];
	return pid;
}

/*
 * A worker as the launcher's pool holds it, with its function loaded: engine made, promise made,
 * waiting. From core's message to core's answer.
 */
static void warm_task(port_handle artifact)
{
	static double us[ROUNDS];
	uint8_t wire[512];
	struct bytes body = request(wire, sizeof(wire));

	for (size_t i = 0; i < ROUNDS; i++) {
		port_handle handles[2] = { PORT_NO_HANDLE, PORT_NO_HANDLE };
		uint8_t load = WORK_LOAD;
		struct message m = { 0 };
		int socket, status = 0;
		pid_t pid = worker_start(&socket);

		want(memory_make(mt_text("hello"), &handles[0]) == MT_OK &&
			     memory_scratch(&handles[1]) == MT_OK &&
			     message_send_wait(socket, mt_bytes(&load, 1), &artifact, 1) == MT_OK,
		     "memory");
		usleep(8000); /* until it waits: in a node the ledger writes meanwhile */
		double from = now_us();

		want(message_send_wait(socket, body, handles, 2) == MT_OK &&
			     message_wait(socket, buffer, &m) == MT_OK,
		     "answer");
		us[i] = now_us() - from;
		want(m.body.at[1] == WORK_EXITED, "the function ran");
		close(socket);
		waitpid(pid, &status, 0);
		memory_close(handles[0]);
		memory_close(handles[1]);
	}
	report("warm run worker, request to result (copy)", us, ROUNDS);
}

int main(void)
{
	port_handle artifact = bare(file_read("build/wasm/probe.wasm"));

	fork_and_sandbox();
	warm_task(artifact);
	return 0;
}
