/* How the engine says that a guest has ended. */
#include "exec/wasm/engine.h"
#include "exec/wasm/runner.h"

void engine_ended(struct runner_result *out, wasmtime_error_t *take_error, wasm_trap_t *take_trap)
{
	wasm_byte_vec_t text = { 0 };

	if (take_trap) {
		wasm_trap_message(take_trap, &text);
		runner_ended(out, WORK_TRAPPED, mt_bytes(text.data, text.size));
		wasm_trap_delete(take_trap);
	} else if (take_error) {
		wasmtime_error_message(take_error, &text);
		runner_ended(out, WORK_REFUSED, mt_bytes(text.data, text.size));
	} else {
		runner_ended(out, WORK_EXITED, mt_bytes(NULL, 0));
	}
	if (take_error) {
		wasmtime_error_delete(take_error);
	}
	wasm_byte_vec_delete(&text);
}
