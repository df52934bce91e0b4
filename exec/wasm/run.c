/*
 * The run worker: one function, once. It holds the plaintext of one task and no key, and cannot
 * reach anything but core's socket.
 *
 * Order: engine and linker while it waits, the promise, the artifact from core's first message, the
 * inputs from its second, the second promise, and only then the guest.
 */
#include "exec/wasm/engine.h"
#include "exec/wasm/wasi.h"
#include "exec/wasm/wasm.h"
#include "port/linux/linux.h"

#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static uint8_t buffer[PORT_MESSAGE_MAX];
static struct wasi wasi;

/* What lives as long as the process: made before the first foreign byte. */
struct machine {
	wasm_engine_t *engine;
	wasmtime_linker_t *linker;
};

struct request {
	uint64_t memory_max;
};

struct result {
	enum work_outcome outcome;
	uint64_t cpu_us, memory_peak;
	struct engine_detail detail;
};

static uint64_t cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static bool machine_open(struct machine *m)
{
	wasmtime_error_t *error;

	m->engine = engine_open();
	m->linker = m->engine ? wasmtime_linker_new(m->engine) : NULL;
	error = m->linker ? wasi_define(m->linker, &wasi) : NULL;
	if (error) {
		wasmtime_error_delete(error);
	}
	return m->linker && !error;
}

/*
 * (module (memory (export "memory") 1) (func (export "_start"))): everything that a real one will
 * need is touched once, while nobody waits. The first load and call of a process take three times
 * as long as the next.
 */
static void machine_warm(const struct machine *m)
{
	static const uint8_t wasm[] = {
		0x00, 'a',  's',  'm',  0x01, 0x00, 0x00, 0x00, 0x01, 0x04, 0x01, 0x60, 0x00, 0x00,
		0x03, 0x02, 0x01, 0x00, 0x05, 0x03, 0x01, 0x00, 0x01, 0x07, 0x13, 0x02, 0x06, 'm',
		'e',  'm',  'o',  'r',  'y',  0x02, 0x00, 0x06, '_',  's',  't',  'a',  'r',  't',
		0x00, 0x00, 0x0a, 0x04, 0x01, 0x02, 0x00, 0x0b,
	};
	wasmtime_module_t *module = NULL, *loaded = NULL;
	wasm_byte_vec_t wire = { 0 };
	wasm_trap_t *trap = NULL;
	wasmtime_instance_t instance;
	wasmtime_extern_t start;
	wasmtime_store_t *store = wasmtime_store_new(m->engine, NULL, NULL);
	wasmtime_context_t *context = wasmtime_store_context(store);
	wasmtime_error_t *error = wasmtime_module_new(m->engine, wasm, sizeof(wasm), &module);

	if (!error) {
		error = wasmtime_module_serialize(module, &wire);
	}
	if (!error) {
		error = wasmtime_module_deserialize(m->engine, (const uint8_t *)wire.data,
						    wire.size, &loaded);
	}
	if (!error) {
		error = wasmtime_linker_instantiate(m->linker, context, loaded, &instance, &trap);
	}
	if (!error && !trap &&
	    wasmtime_instance_export_get(context, &instance, "_start", 6, &start)) {
		error = wasmtime_func_call(context, &start.of.func, NULL, 0, NULL, 0, &trap);
	}
	mt_assert(!error && !trap); /* our own module */
	wasmtime_store_delete(store);
	wasmtime_module_delete(loaded);
	wasmtime_module_delete(module);
	wasm_byte_vec_delete(&wire);
}

/* ---- the request ---- */

/*
 * Lengths and names, into `wasi`. Names and arguments borrow from the message. Core made it, but a
 * wrong one must not run.
 */
static enum mt_err request_decode(const struct message *m, struct request *r)
{
	struct cursor c = cursor_over(m->body);

	if (cursor_u8(&c) != WORK_RUN) {
		return MT_MALFORMED;
	}
	r->memory_max = cursor_u64(&c);
	wasi.deterministic = (cursor_u32(&c) & 1) != 0;
	cursor_copy(&c, wasi.seed, sizeof(wasi.seed));
	uint32_t arguments = cursor_u32(&c);

	if (arguments > WORK_ARGUMENTS_MAX) {
		return MT_MALFORMED;
	}
	wasi.argument[0] = mt_text("function");
	for (uint32_t i = 0; i < arguments; i++) {
		wasi.argument[i + 1] = cursor_take32(&c);
	}
	wasi.argument_count = arguments + 1;
	uint32_t inputs = cursor_u32(&c);

	for (uint32_t i = 0; i < inputs && i < WORK_INPUTS_MAX; i++) {
		wasi.input[i].name = cursor_take32(&c);
	}
	uint32_t outputs = cursor_u32(&c);

	if (!cursor_ok(&c) || inputs > WORK_INPUTS_MAX || outputs > WORK_OUTPUTS_MAX ||
	    m->handle_count != inputs + outputs) {
		return MT_MALFORMED;
	}
	for (uint32_t i = 0; i < outputs; i++) {
		wasi.output[i].name = cursor_take32(&c);
		wasi.output[i].size_max = cursor_u64(&c);
		wasi.output[i].fd = m->handle[inputs + i];
	}
	for (uint32_t i = 0; i < inputs; i++) {
		if (memory_map(m->handle[i], &wasi.input[i].content) != MT_OK) {
			return MT_MALFORMED;
		}
	}
	wasi.input_count = inputs;
	wasi.output_count = outputs;
	return cursor_done(&c) ? MT_OK : MT_MALFORMED;
}

/*
 * The kernel's own bound on what this process can write to any one file, so that not even an engine
 * that is broken into fills the machine's memory through the scratch of an output. One byte more
 * than the largest output: the polite answer comes from wasi_fd.c.
 */
static bool output_bound(void)
{
	struct rlimit most = { 0 };

	for (size_t i = 0; i < wasi.output_count; i++) {
		most.rlim_max = wasi.output[i].size_max > most.rlim_max ? wasi.output[i].size_max
									: most.rlim_max;
	}
	most.rlim_cur = most.rlim_max;
	return !sandbox_confined() || setrlimit(RLIMIT_FSIZE, &most) == 0;
}

/* ---- the run ---- */

/* NULL: it is none, and `out` says why. */
static wasmtime_module_t *artifact_load(const struct machine *m, const struct message *message,
					struct result *out)
{
	struct cursor c = cursor_over(message->body);
	wasmtime_module_t *module = NULL;
	struct bytes wire;

	if (cursor_u8(&c) != WORK_LOAD || !cursor_done(&c) || message->handle_count != 1) {
		engine_detail_set(&out->detail, "the request is malformed");
		return NULL;
	}
	if (memory_map(message->handle[0], &wire) != MT_OK) {
		engine_detail_set(&out->detail, "the artifact is not sealed memory");
		return NULL;
	}
	wasmtime_error_t *error =
		wasmtime_module_deserialize(m->engine, wire.at, wire.size, &module);

	memory_unmap(wire);
	if (error) {
		engine_detail_error(&out->detail, error);
		return NULL;
	}
	if (!engine_accepts(module, &out->detail)) {
		wasmtime_module_delete(module);
		return NULL;
	}
	return module;
}

/* What ended the guest, from the world's, our and the engine's point of view, in this order. */
static void ended(struct result *out, wasmtime_error_t *take_error, wasm_trap_t *take_trap)
{
	out->outcome = WORK_EXITED;
	if (wasi.over_limit) {
		const struct wasi_output *o = &wasi.output[wasi.limit_index];

		out->outcome = WORK_LIMIT;
		engine_detail_set(&out->detail,
				  "output %.*s is larger than its limit of %llu bytes",
				  (int)o->name.size, o->name.at, (unsigned long long)o->size_max);
	} else if (take_trap && !wasi.exited) {
		wasm_message_t text;

		wasm_trap_message(take_trap, &text);
		out->outcome = WORK_TRAPPED;
		engine_detail_set(&out->detail, "%.*s",
				  (int)(text.size < WORK_DETAIL_MAX ? text.size : WORK_DETAIL_MAX),
				  text.data);
		wasm_byte_vec_delete(&text);
	} else if (take_error && !wasi.exited) {
		engine_detail_error(&out->detail, take_error);
		take_error = NULL;
		out->outcome = WORK_REFUSED;
	}
	if (take_error) {
		wasmtime_error_delete(take_error);
	}
	if (take_trap) {
		wasm_trap_delete(take_trap);
	}
}

/* A module whose memory does not even fit at the start: the limit's fault, not the module's. */
static bool memory_fits(const wasmtime_module_t *module, uint64_t memory_max,
			struct engine_detail *detail)
{
	wasm_exporttype_vec_t exports;
	bool fits = true;

	wasmtime_module_exports(module, &exports);
	for (size_t i = 0; i < exports.size; i++) {
		const wasm_memorytype_t *memory =
			wasm_externtype_as_memorytype_const(wasm_exporttype_type(exports.data[i]));
		uint64_t size = memory ? wasmtime_memorytype_minimum(memory) << 16 : 0;

		if (size > memory_max) {
			engine_detail_set(detail,
					  "starts with %llu bytes of memory; the limit is %llu",
					  (unsigned long long)size, (unsigned long long)memory_max);
			fits = false;
		}
	}
	wasm_exporttype_vec_delete(&exports);
	return fits;
}

static uint64_t memory_size(wasmtime_context_t *context, const wasmtime_instance_t *instance)
{
	wasmtime_extern_t e;

	if (!wasmtime_instance_export_get(context, instance, "memory", 6, &e) ||
	    e.kind != WASMTIME_EXTERN_MEMORY) {
		return 0;
	}
	return wasmtime_memory_data_size(context, &e.of.memory);
}

/* Linear memory never shrinks, so its size at the end is its peak. */
static void guest_run(const struct machine *m, const wasmtime_module_t *module, uint64_t memory_max,
		      struct result *out)
{
	wasmtime_store_t *store = wasmtime_store_new(m->engine, NULL, NULL);
	wasmtime_context_t *context = wasmtime_store_context(store);
	wasmtime_instance_t instance;
	wasmtime_extern_t start;
	wasm_trap_t *trap = NULL;

	wasmtime_store_limiter(store, memory_max < INT64_MAX ? (int64_t)memory_max : INT64_MAX,
			       ENGINE_TABLE_ELEMENTS_MAX, 1, ENGINE_TABLES_MAX,
			       ENGINE_MEMORIES_MAX);
	wasmtime_error_t *error =
		wasmtime_linker_instantiate(m->linker, context, module, &instance, &trap);

	if (!error && !trap) {
		mt_assert(wasmtime_instance_export_get(context, &instance, "_start", 6, &start));
		error = wasmtime_func_call(context, &start.of.func, NULL, 0, NULL, 0, &trap);
		out->memory_peak = memory_size(context, &instance);
	}
	ended(out, error, trap);
}

static void run(const struct machine *m, const wasmtime_module_t *module,
		const struct message *message, struct result *out)
{
	struct request r = { 0 };

	out->outcome = WORK_REFUSED;
	if (request_decode(message, &r) != MT_OK || !output_bound()) {
		engine_detail_set(&out->detail, "the request is malformed");
		return;
	}
	if (!module) {
		return; /* artifact_load() has said why */
	}
	if (!memory_fits(module, r.memory_max, &out->detail)) {
		out->outcome = WORK_LIMIT;
		return;
	}
	wasi_open(&wasi);
	sandbox_promise(SANDBOX_RUN);
	guest_run(m, module, r.memory_max, out);
	if (wasi.broken) {
		out->outcome = WORK_LIMIT;
		engine_detail_set(&out->detail, "the node has no memory left for an output");
	}
}

/* The outputs themselves where they are small, else as many empty contents. */
static void answer_contents(struct builder *b)
{
	static uint8_t content[WORK_CONTENT_MAX];
	uint64_t total = 0;
	size_t used = 0;

	for (size_t i = 0; i < wasi.output_count; i++) {
		/*
		 * The guest makes an output as large as it may be with one call: the sum stops at
		 * what fits, whatever core let through.
		 */
		total = wasi.output[i].size <= WORK_CONTENT_MAX && total <= WORK_CONTENT_MAX
				? total + wasi.output[i].size
				: WORK_CONTENT_MAX + 1;
	}
	for (size_t i = 0; i < wasi.output_count; i++) {
		size_t size = total <= WORK_CONTENT_MAX ? (size_t)wasi.output[i].size : 0;
		ssize_t n = size ? pread(wasi.output[i].fd, content + used, size, 0) : 0;

		builder_bytes32(b, mt_bytes(content + used, n > 0 ? (size_t)n : 0));
		used += size;
	}
}

static enum mt_err answer(const struct result *r)
{
	static uint8_t wire[4096 + WORK_DETAIL_MAX + WORK_CONTENT_MAX];
	struct builder b = builder_over(wire, sizeof(wire));
	struct bytes body;

	builder_u8(&b, WORK_RAN);
	builder_u8(&b, (uint8_t)r->outcome);
	builder_u32(&b, wasi.exit_code);
	builder_u64(&b, r->cpu_us);
	builder_u64(&b, r->memory_peak);
	builder_u64(&b, wasi.log_size);
	builder_u32(&b, (uint32_t)wasi.output_count);
	for (size_t i = 0; i < wasi.output_count; i++) {
		builder_u8(&b, wasi.output[i].written);
		builder_u64(&b, wasi.output[i].size);
	}
	builder_bytes32(&b, mt_text(r->detail.text));
	answer_contents(&b);
	enum mt_err err = builder_done(&b, &body);

	return err ? err : message_send_wait(WORKER_FD_CORE, body, NULL, 0);
}

int run_worker(void)
{
	struct machine machine = { 0 };
	struct message message = { 0 };
	struct result result = { 0 };

	if (!machine_open(&machine)) {
		return 1;
	}
	machine_warm(&machine);
	sandbox_promise(SANDBOX_RUN_LOAD);
	if (message_wait(WORKER_FD_CORE, buffer, &message) != MT_OK) {
		return 0; /* core is gone, or never needed us */
	}
	uint64_t before = cpu_us();
	const wasmtime_module_t *module = artifact_load(&machine, &message, &result);

	message_close(&message);
	if (message_wait(WORKER_FD_CORE, buffer, &message) != MT_OK) {
		return 0; /* the run was not to be */
	}
	run(&machine, module, &message, &result);
	result.cpu_us = cpu_us() - before;
	return answer(&result) == MT_OK ? 0 : 1;
}
