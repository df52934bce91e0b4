/*
 * The run worker: one WebAssembly function, once. It holds the plaintext of one task and no key, and
 * cannot reach anything but core's socket. Its messages are runner.c's.
 */
#include "exec/wasm/engine.h"
#include "exec/wasm/runner.h"
#include "exec/wasm/teaclave.h"
#include "exec/wasm/wasm.h"

/* What lives as long as the process: made before the first foreign byte. */
static struct machine {
	wasm_engine_t *engine;
	wasmtime_linker_t *linker;
	wasmtime_module_t *module; /* the function's */
	struct wasi *world;
} machine;

/*
 * (module (memory (export "memory") 1) (func (export "_start"))): everything that a real one will
 * need is touched once, while nobody waits. The first load and call of a process take three times
 * as long as the next.
 */
static void machine_warm(void)
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
	wasmtime_store_t *store = wasmtime_store_new(machine.engine, NULL, NULL);
	wasmtime_context_t *context = wasmtime_store_context(store);
	wasmtime_error_t *error = wasmtime_module_new(machine.engine, wasm, sizeof(wasm), &module);

	if (!error) {
		error = wasmtime_module_serialize(module, &wire);
	}
	if (!error) {
		error = wasmtime_module_deserialize(machine.engine, (const uint8_t *)wire.data,
						    wire.size, &loaded);
	}
	if (!error) {
		error = wasmtime_linker_instantiate(machine.linker, context, loaded, &instance, &trap);
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

static bool machine_prepare(struct wasi *w)
{
	wasmtime_error_t *error;

	machine.world = w;
	w->large_pages = true;
	machine.engine = engine_open();
	machine.linker = machine.engine ? wasmtime_linker_new(machine.engine) : NULL;
	error = machine.linker ? wasi_define(machine.linker, w) : NULL;
	if (error) {
		wasmtime_error_delete(error);
	}
	if (!machine.linker || error) {
		return false;
	}
	machine_warm();
	return true;
}

static bool artifact_load(struct bytes artifact, struct engine_detail *detail)
{
	wasmtime_error_t *error = wasmtime_module_deserialize(machine.engine, artifact.at,
							      artifact.size, &machine.module);

	if (error) {
		engine_detail_error(detail, error);
		return false;
	}
	return engine_accepts(machine.module, detail);
}

/* A module whose memory does not even fit at the start: the limit's fault, not the module's. */
static bool memory_fits(uint64_t memory_max, struct engine_detail *detail)
{
	wasm_exporttype_vec_t exports;
	bool fits = true;

	wasmtime_module_exports(machine.module, &exports);
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
static void guest_run(uint64_t memory_max, struct runner_result *out)
{
	wasmtime_store_t *store = wasmtime_store_new(machine.engine, NULL, NULL);
	wasmtime_context_t *context = wasmtime_store_context(store);
	wasmtime_instance_t instance;
	wasmtime_extern_t start;
	wasm_trap_t *trap = NULL;

	if (!memory_fits(memory_max, &out->detail)) {
		out->outcome = WORK_LIMIT;
		return;
	}
	wasmtime_store_limiter(store, memory_max < INT64_MAX ? (int64_t)memory_max : INT64_MAX,
			       ENGINE_TABLE_ELEMENTS_MAX, 1, ENGINE_TABLES_MAX,
			       ENGINE_MEMORIES_MAX);
	wasmtime_error_t *error = wasmtime_linker_instantiate(machine.linker, context,
							      machine.module, &instance, &trap);

	bool made = !error && !trap, ran = true;

	if (made && wasmtime_instance_export_get(context, &instance, "_start", 6, &start)) {
		error = wasmtime_func_call(context, &start.of.func, NULL, 0, NULL, 0, &trap);
	} else if (made) {
		ran = teaclave_call(machine.world, context, &instance, out, &error, &trap);
	}
	out->memory_peak = made ? memory_size(context, &instance) : 0;
	if (ran) {
		engine_ended(out, error, trap);
	}
}

int run_worker(void)
{
	static const struct runner runner = { machine_prepare, artifact_load, guest_run };

	return runner_serve(&runner);
}
