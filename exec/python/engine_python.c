#include "exec/python/engine_python.h"

#include <stdbool.h>
#include <stddef.h>

/* x86-64-v3, what any server of the last ten years has. A machine with less refuses the artifact when it is loaded. */
static const char *const processor[] = {
	"has_sse3", "has_ssse3", "has_sse41", "has_sse42", "has_popcnt", "has_avx", "has_avx2", "has_fma", "has_bmi1", "has_bmi2", "has_lzcnt",
};

/* wasmtime allows no more. CPython's own recursion limit comes first. */
#define STACK_SIZE ((size_t)2 << 20)

wasm_engine_t *engine_python_open(enum engine_python_use use)
{
	wasm_config_t *c = wasm_config_new();

	if (!c) {
		return NULL;
	}
	wasmtime_error_t *error = wasmtime_config_target_set(c, "x86_64-unknown-linux-gnu");
	if (error) {
		wasmtime_error_delete(error);
		return NULL;
	}
	for (size_t i = 0; i < sizeof(processor) / sizeof(processor[0]); i++) {
		wasmtime_config_cranelift_flag_enable(c, processor[i]);
	}
	wasmtime_config_max_wasm_stack_set(c, STACK_SIZE);
	wasmtime_config_parallel_compilation_set(c, use == ENGINE_PYTHON_COMPILE);
	/* CPython for WASI is built with them. */
	wasmtime_config_wasm_exceptions_set(c, true);
	wasmtime_config_wasm_simd_set(c, true);
	wasmtime_config_wasm_bulk_memory_set(c, true);
	wasmtime_config_wasm_relaxed_simd_set(c, false);
	wasmtime_config_wasm_threads_set(c, false);
	wasmtime_config_shared_memory_set(c, false);
	wasmtime_config_wasm_component_model_set(c, false);
	wasmtime_config_concurrency_support_set(c, false);
	wasmtime_config_wasm_multi_memory_set(c, false);
	wasmtime_config_wasm_memory64_set(c, false);
	wasmtime_config_wasm_stack_switching_set(c, false);
	return wasm_engine_new_with_config(c);
}
