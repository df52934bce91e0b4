#include "exec/wasm/engine.h"

#include "exec/wasm/teaclave.h"
#include "exec/wasm/wasi.h"

#include <string.h>

/*
 * Of the native stack of 8 MiB; wasmtime allows no more. Deep recursion of a guest ends here, as a
 * trap.
 */
#define STACK_SIZE ((size_t)2 << 20)

wasm_engine_t *engine_open(void)
{
	wasm_config_t *c = wasm_config_new();

	if (!c) {
		return NULL;
	}
	/*
	 * No fuel, no epoch: they cost 15 to 180 %, and a process with a timer and SIGKILL needs
	 * neither. Memory keeps wasmtime's defaults: 4 GiB reserved and guard pages behind, so that
	 * an access costs no comparison.
	 */
	wasmtime_config_max_wasm_stack_set(c, STACK_SIZE);
	wasmtime_config_parallel_compilation_set(c, false); /* the promise knows no threads */
	wasmtime_config_memory_init_cow_set(
		c, false); /* one instance per process: nothing to share, a memfd less */
	wasmtime_config_wasm_simd_set(c, true);
	wasmtime_config_wasm_bulk_memory_set(c, true);
	/* What a function does not need, its compiler and loader do not have. */
	wasmtime_config_wasm_threads_set(c, false);
	wasmtime_config_shared_memory_set(c, false);
	wasmtime_config_wasm_component_model_set(c, false);
	wasmtime_config_concurrency_support_set(c, false);
	wasmtime_config_wasm_gc_set(c, false);
	wasmtime_config_wasm_function_references_set(c, false);
	wasmtime_config_wasm_exceptions_set(c, false);
	wasmtime_config_gc_support_set(c, false);
	wasmtime_config_wasm_multi_memory_set(c, false);
	wasmtime_config_wasm_memory64_set(c, false);
	wasmtime_config_wasm_stack_switching_set(c, false);
	wasmtime_config_wasm_custom_page_sizes_set(c, false);
	/*
	 * The deterministic mode has its seam here: canonical NaN and no relaxed SIMD make an
	 * engine of their own, hence an artifact of their own. Relaxed SIMD is off for all until
	 * then. Clock and random bytes of that mode are in wasi.c.
	 */
	wasmtime_config_wasm_relaxed_simd_set(c, false);
	return wasm_engine_new_with_config(c);
}

void engine_detail_error(struct engine_detail *detail, wasmtime_error_t *take_error)
{
	wasm_byte_vec_t text;

	wasmtime_error_message(take_error, &text);
	engine_detail_set(detail, "%.*s",
			  (int)(text.size < WORK_DETAIL_MAX ? text.size : WORK_DETAIL_MAX),
			  text.data);
	wasm_byte_vec_delete(&text);
	wasmtime_error_delete(take_error);
}

static int name_size(const wasm_name_t *n)
{
	return (int)(n->size < WORK_NAME_MAX ? n->size : WORK_NAME_MAX);
}

static bool imports_accepted(const wasmtime_module_t *module, struct engine_detail *detail)
{
	wasm_importtype_vec_t imports;
	bool ok = true;

	wasmtime_module_imports(module, &imports);
	for (size_t i = 0; ok && i < imports.size; i++) {
		const wasm_name_t *from = wasm_importtype_module(imports.data[i]),
				  *name = wasm_importtype_name(imports.data[i]);

		ok = wasi_offers(mt_bytes(from->data, from->size),
				 mt_bytes(name->data, name->size));
		if (!ok) {
			engine_detail_set(detail,
					  "imports %.*s.%.*s, which is not there; a function has "
					  "WASI preview 1 only",
					  name_size(from), from->data, name_size(name), name->data);
		}
	}
	wasm_importtype_vec_delete(&imports);
	return ok;
}

static bool start_exported(const wasmtime_module_t *module)
{
	wasm_exporttype_vec_t exports;
	bool found = false;

	wasmtime_module_exports(module, &exports);
	for (size_t i = 0; i < exports.size; i++) {
		const wasm_name_t *name = wasm_exporttype_name(exports.data[i]);
		const wasm_functype_t *type =
			wasm_externtype_as_functype_const(wasm_exporttype_type(exports.data[i]));

		struct bytes text = mt_bytes(name->data, name->size);

		found |= type && mt_equal(text, mt_text("_start")) &&
			 wasm_functype_params(type)->size == 0 &&
			 wasm_functype_results(type)->size == 0;
		found |= type && teaclave_is_entry(text, type);
	}
	wasm_exporttype_vec_delete(&exports);
	return found;
}

bool engine_accepts(const wasmtime_module_t *module, struct engine_detail *detail)
{
	if (!start_exported(module)) {
		engine_detail_set(detail, "exports no function _start without parameters and "
					  "results; build it as a WASI command (or " TEACLAVE_ENTRY
					  "(argc, argv) as for Teaclave)");
		return false;
	}
	return imports_accepted(module, detail);
}
