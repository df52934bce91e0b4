/* Six kernels in the task engine (its configuration, its WASI) against the same source by gcc -O3, in one run. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench/kernels.h"
#include "exec/wasm/engine.h"
#include "exec/wasm/wasi.h"

#define PASSES 5
#define BUDGET 1.45

static double cpu_ms(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void must(bool good, const char *what)
{
	if (!good) {
		fprintf(stderr, "kernels: %s\n", what);
		exit(1);
	}
}

static wasmtime_module_t *module_load(wasm_engine_t *engine, const char *path)
{
	FILE *f = fopen(path, "rb");
	static uint8_t content[1 << 20];
	size_t size = f ? fread(content, 1, sizeof(content), f) : 0;
	wasmtime_module_t *m = NULL;

	must(size > 0, "run `make functions` first");
	fclose(f);
	must(!wasmtime_module_new(engine, content, size, &m), "compile");
	return m;
}

/* In a child, so that each run starts with fresh memory, as a task does. */
static double in_child(double (*run)(void *context, int kernel), void *context, int kernel)
{
	int pipe_fd[2];
	double ms = 0;

	must(pipe(pipe_fd) == 0, "pipe");
	pid_t pid = fork();
	if (pid == 0) {
		ms = run(context, kernel);
		_exit(write(pipe_fd[1], &ms, sizeof(ms)) == sizeof(ms) ? 0 : 1);
	}
	must(pid > 0 && read(pipe_fd[0], &ms, sizeof(ms)) == sizeof(ms), "child");
	waitpid(pid, NULL, 0);
	close(pipe_fd[0]);
	close(pipe_fd[1]);
	return ms;
}

static double run_native(void *context, int kernel)
{
	(void)context;
	double start = cpu_ms(CLOCK_PROCESS_CPUTIME_ID);
	volatile uint64_t sink = kernel_run(kernel);
	(void)sink;
	return cpu_ms(CLOCK_PROCESS_CPUTIME_ID) - start;
}

static double run_task(void *context, int kernel)
{
	static struct wasi w;
	char number[2] = { (char)('0' + kernel), 0 };
	wasm_engine_t *engine = engine_open();
	wasmtime_module_t *module = module_load(engine, context);
	wasmtime_store_t *store = wasmtime_store_new(engine, NULL, NULL);
	wasmtime_linker_t *linker = wasmtime_linker_new(engine);
	wasmtime_instance_t instance;
	wasmtime_extern_t start_function;
	wasm_trap_t *trap = NULL;

	must(!wasi_define(linker, &w), "wasi");
	w.argument[0] = mt_text("kernels");
	w.argument[1] = mt_text(number);
	w.argument_count = 2;
	wasi_open(&w);
	double start = cpu_ms(CLOCK_PROCESS_CPUTIME_ID);
	must(!wasmtime_linker_instantiate(linker, wasmtime_store_context(store), module, &instance, &trap) && !trap, "instantiate");
	must(wasmtime_instance_export_get(wasmtime_store_context(store), &instance, "_start", 6, &start_function), "_start");
	wasmtime_error_t *error = wasmtime_func_call(wasmtime_store_context(store), &start_function.of.func, NULL, 0, NULL, 0, &trap);
	must((!error && !trap) || (w.exited && w.exit_code == 0), "run");
	return cpu_ms(CLOCK_PROCESS_CPUTIME_ID) - start;
}

int main(int argc, char **argv)
{
	const char *path = argc > 1 ? argv[1] : "build/functions/kernels.wasm";
	double product = 1;

	printf("kernels: task engine against gcc -O3, CPU ms, best of %d\n", PASSES);
	for (int k = 0; k < KERNELS; k++) {
		double native = 1e18, task = 1e18;
		for (int pass = 0; pass < PASSES; pass++) {
			double n = in_child(run_native, NULL, k), t = in_child(run_task, (void *)(uintptr_t)path, k);
			native = n < native ? n : native;
			task = t < task ? t : task;
		}
		printf("  %-8s %8.1f %8.1f  %.2fx\n", kernel_name[k], native, task, task / native);
		product *= task / native;
	}
	double mean = pow(product, 1.0 / KERNELS);
	printf("  geometric mean              %.2fx  (budget %.2fx)\n", mean, BUDGET);
	return 0;
}
