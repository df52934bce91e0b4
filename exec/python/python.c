#include "exec/python/python.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exec/python/engine_python.h"
#include "exec/python/host.h"
#include "exec/wasm/engine.h"
#include "exec/wasm/runner.h"
#include "port/linux/linux.h"

#define LIBRARY_FOLDER "/usr/local/lib"
#define LIBRARY_NAME "python315.zip"    /* what this CPython looks for, in LIBRARY_FOLDER */
#define PROGRAM "/usr/local/bin/python.wasm"
#define DRIVER_MAX 65536
#define CODE_MAX (WORK_ARGUMENTS_MAX * (2 * 4096 + 8) + 65536)

/* driver.py, teaclave.py and the modules mesatee_*.py, by the build. */
extern const char python_driver[];

static const char *folder;
static struct wasi *world;
static struct interpreter {
	wasm_engine_t *engine;
	wasmtime_linker_t *linker;
	wasmtime_module_t *module;
	wasmtime_store_t *store;
	wasmtime_context_t *context;
	wasmtime_instance_t instance;
	wasmtime_memory_t memory;
	bool has_memory;
} python;

/* ---- calls into the interpreter ---- */

/* Call an export of at most two i32 that gives one. False: it trapped, exited, or is not there; then *error or *trap say how, as in a run. */
static bool call(const char *name, const uint32_t *argument, size_t count, uint32_t *out, wasmtime_error_t **error, wasm_trap_t **trap)
{
	wasmtime_val_t given[2] = { { 0 } }, got = { 0 };
	wasmtime_extern_t e;

	if (!wasmtime_instance_export_get(python.context, &python.instance, name, strlen(name), &e) || e.kind != WASMTIME_EXTERN_FUNC) {
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		given[i] = (wasmtime_val_t){ .kind = WASMTIME_I32, .of.i32 = (int32_t)argument[i] };
	}
	*error = wasmtime_func_call(python.context, &e.of.func, given, count, &got, 1, trap);
	if (*error || *trap) {
		return false;
	}
	*out = (uint32_t)got.of.i32;
	return true;
}

static bool memory(wasmtime_memory_t *out)
{
	wasmtime_extern_t e;

	if (!python.has_memory) {
		if (!wasmtime_instance_export_get(python.context, &python.instance, "memory", 6, &e) || e.kind != WASMTIME_EXTERN_MEMORY) {
			return false;
		}
		python.memory = e.of.memory;
		python.has_memory = true;
	}
	*out = python.memory;
	return true;
}

/* Run a piece of Python, in memory that the interpreter gives. *value is what `turn` says of it. */
static bool turn(struct bytes code, uint32_t *value, wasmtime_error_t **error, wasm_trap_t **trap)
{
	uint32_t at = 0, size = (uint32_t)code.size;
	wasmtime_memory_t m;

	if (!call("host_alloc", &size, 1, &at, error, trap) || !memory(&m)) {
		return false;
	}
	size_t whole = wasmtime_memory_data_size(python.context, &m);
	if (at == 0 || at > whole || code.size > whole - at) {
		return false;
	}
	memcpy(wasmtime_memory_data(python.context, &m) + at, code.at, code.size);
	const uint32_t argument[] = { at, size };
	return call("turn", argument, 2, value, error, trap);
}

/* ---- before the promise ---- */

/* The one import beside WASI: a door for a host's own functions. They are host.h's. */
static wasm_trap_t *host_enter(void *context, wasmtime_caller_t *caller, wasmtime_val_raw_t *values, size_t count)
{
	wasmtime_memory_t m;
	int32_t answer = HOST_NONE;

	(void)context;
	(void)caller;
	(void)count;
	if (memory(&m)) {
		answer = host_call(wasmtime_memory_data(python.context, &m), wasmtime_memory_data_size(python.context, &m),
				   (uint32_t)values[0].i32, (uint32_t)values[1].i32, (uint32_t)values[2].i32, (uint32_t)values[3].i32);
	}
	values[0].i32 = answer;
	return NULL;
}

static bool refuse(wasmtime_error_t *take_error, wasm_trap_t *take_trap, const char *what)
{
	struct engine_detail detail = { { 0 } };

	if (take_error) {
		engine_detail_error(&detail, take_error);
	}
	if (take_trap) {
		wasm_trap_delete(take_trap);
	}
	fprintf(stderr, "python: %s: %s\n", what, detail.text);
	return false;
}

static bool host_define(void)
{
	wasm_valtype_t *four[4], *one[1] = { wasm_valtype_new_i32() };
	wasm_valtype_vec_t parameters, results;

	for (size_t i = 0; i < MT_COUNT(four); i++) {
		four[i] = wasm_valtype_new_i32();
	}
	wasm_valtype_vec_new(&parameters, MT_COUNT(four), four);
	wasm_valtype_vec_new(&results, MT_COUNT(one), one);
	wasm_functype_t *type = wasm_functype_new(&parameters, &results);
	wasmtime_error_t *error =
		wasmtime_linker_define_func_unchecked(python.linker, "host", 4, "call", 4, type, host_enter, NULL, NULL);
	wasm_functype_delete(type);
	return !error || refuse(error, NULL, "the host's door");
}

static bool library_map(struct wasi_input *out)
{
	char path[256];
	struct stat facts;

	snprintf(path, sizeof(path), "%s/" PYTHON_LIBRARY, folder);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	void *at = fd >= 0 && fstat(fd, &facts) == 0 ? mmap(NULL, (size_t)facts.st_size, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;
	if (fd >= 0) {
		close(fd);
	}
	if (at == MAP_FAILED) {
		return refuse(NULL, NULL, "no " PYTHON_LIBRARY);
	}
	out->content = at;
	out->size = (uint64_t)facts.st_size;
	return true;
}

static bool interpreter_make(struct wasi *w)
{
	char path[256];
	wasm_trap_t *trap = NULL;

	python.engine = engine_python_open(ENGINE_PYTHON_RUN);
	python.linker = python.engine ? wasmtime_linker_new(python.engine) : NULL;
	if (!python.linker) {
		return refuse(NULL, NULL, "no engine");
	}
	snprintf(path, sizeof(path), "%s/" PYTHON_ARTIFACT, folder);
	wasmtime_error_t *error = wasmtime_module_deserialize_file(python.engine, path, &python.module);
	if (!error) {
		error = wasi_define(python.linker, w);
	}
	if (error || !host_define()) {
		return refuse(error, NULL, "the artifact does not load");
	}
	python.store = wasmtime_store_new(python.engine, NULL, NULL);
	python.context = wasmtime_store_context(python.store);
	error = wasmtime_linker_instantiate(python.linker, python.context, python.module, &python.instance, &trap);
	return (!error && !trap) || refuse(error, trap, "the interpreter does not start");
}

/* The interpreter with what the driver needs imported, and the driver's function defined. */
static bool python_prepare(struct wasi *w)
{
	static const char imports[] = "import os, runpy, sys, traceback, random\n";
	static char code[sizeof(imports) + DRIVER_MAX];
	wasmtime_error_t *error = NULL;
	wasm_trap_t *trap = NULL;
	uint32_t value = 0;
	wasmtime_extern_t start;

	world = w;
	w->argument[0] = mt_text(PROGRAM);
	w->argument_count = 1;
	w->library_folder = LIBRARY_FOLDER;
	w->function_folder = "/function";
	w->library.name = mt_text(LIBRARY_NAME);
	if (!library_map(&w->library) || !interpreter_make(w)) {
		return false;
	}
	wasi_open(w);
	if (wasmtime_instance_export_get(python.context, &python.instance, "_initialize", 11, &start)) {
		error = wasmtime_func_call(python.context, &start.of.func, NULL, 0, NULL, 0, &trap);
		if (error || trap) {
			return refuse(error, trap, "the interpreter does not start");
		}
	}
	int size = snprintf(code, sizeof(code), "%s%s", imports, python_driver);
	mt_assert(size > 0 && (size_t)size < sizeof(code));
	bool up = turn(mt_bytes(code, (size_t)size), &value, &error, &trap) && value == 0;
	return up || refuse(error, trap, "the driver does not run");
}

/* ---- the function ---- */

static bool function_load(struct bytes source, struct engine_detail *detail)
{
	bool zip = source.size >= 4 && memcmp(source.at, "PK\x03\x04", 4) == 0;

	if (source.size == 0) {
		engine_detail_set(detail, "the function is empty");
		return false;
	}
	world->function.name = mt_text(zip ? "function.zip" : "main.py");
	world->function.content = source.at;
	world->function.size = source.size;
	return true;
}

static void code_list(struct builder *b, const struct bytes *word, size_t count)
{
	builder_text(b, "[");
	for (size_t i = 0; i < count; i++) {
		builder_text(b, i ? ",'" : "'");
		for (size_t k = 0; k < word[i].size; k++) {
			builder_format(b, "%02x", word[i].at[k]);
		}
		builder_text(b, "'");
	}
	builder_text(b, "]");
}

/* The exit is the driver's own: what a function left open has been flushed by then, and its exit code is WASI's. */
static bool code_make(struct builder *b, struct bytes *out)
{
	struct bytes name[WORK_OUTPUTS_MAX];

	for (size_t i = 0; i < world->output_count; i++) {
		name[i] = world->output[i].name;
	}
	builder_text(b, "_mesatee_end(_mesatee(");
	code_list(b, world->argument + 1, world->argument_count - 1);
	builder_text(b, ",");
	code_list(b, name, world->output_count);
	builder_text(b, "))\n");
	return builder_done(b, out) == MT_OK;
}

static void function_run(uint64_t memory_max, struct runner_result *out)
{
	static uint8_t space[CODE_MAX];
	struct builder b = builder_over(space, sizeof(space));
	struct bytes code;
	wasmtime_error_t *error = NULL;
	wasm_trap_t *trap = NULL;
	wasmtime_memory_t m;
	uint32_t value = 0;

	if (!code_make(&b, &code)) {
		engine_detail_set(&out->detail, "the arguments are too long");
		return;
	}
	wasmtime_store_limiter(python.store, memory_max < INT64_MAX ? (int64_t)memory_max : INT64_MAX, -1, -1, -1, -1);
	bool returned = turn(code, &value, &error, &trap);
	out->memory_peak = memory(&m) ? wasmtime_memory_data_size(python.context, &m) : 0;
	engine_ended(out, error, trap);
	if (returned && !world->exited) {
		/* It came back instead of exiting: not even the driver's last line ran. */
		out->outcome = WORK_TRAPPED;
		engine_detail_set(&out->detail, "the interpreter gave up");
	}
}

static const struct runner runner = { python_prepare, function_load, function_run };

int python_worker(const char *from)
{
	folder = from;
	return runner_serve(&runner);
}

/* ---- many functions ---- */

/* A line of the driver's, before a task is there: whoever asks for it cannot go on without. */
static bool line(const char *code)
{
	wasmtime_error_t *error = NULL;
	wasm_trap_t *trap = NULL;
	uint32_t value = 0;

	return (turn(mt_text(code), &value, &error, &trap) && value == 0) || refuse(error, trap, code);
}

static enum mt_err forked_tell(uint8_t row, pid_t pid)
{
	uint8_t wire[ZYGOTE_SIZE_MAX];
	struct builder b = builder_over(wire, sizeof(wire));
	struct bytes body;

	builder_u8(&b, ZYGOTE_FORKED);
	builder_u8(&b, row);
	builder_u32(&b, (uint32_t)pid);
	enum mt_err err = builder_done(&b, &body);
	return err ? err : message_send_wait(WORKER_FD_CORE, body, NULL, 0);
}

/* The copy's whole life. The launcher's socket is closed before anything foreign is there. */
static int copy_live(int core)
{
	(void)close(WORKER_FD_CORE);
	return line("_mesatee_apart()\n") ? runner_talk(&runner, core) : 1;
}

int python_zygote(const char *from, bool packages)
{
	static uint8_t buffer[PORT_MESSAGE_MAX];
	struct message m = { 0 };

	folder = from;
	if (!runner_prepare(&runner) || !line(packages ? "_mesatee_warm(True)\n" : "_mesatee_warm(False)\n")) {
		return 1;
	}
	sandbox_promise(SANDBOX_ZYGOTE);
	while (message_wait(WORKER_FD_CORE, buffer, &m) == MT_OK) {
		struct cursor c = cursor_over(m.body);
		uint8_t type = cursor_u8(&c), row = cursor_u8(&c);

		mt_assert(cursor_done(&c) && type == ZYGOTE_FORK && m.handle_count == 1);
		pid_t pid = sandbox_fork();
		if (pid == 0) {
			return copy_live(m.handle[0]);
		}
		message_close(&m);
		if (pid < 0 || forked_tell(row, pid) != MT_OK) {
			return LINUX_EXIT_REFUSED;
		}
	}
	return 0; /* the launcher is gone */
}
