/*
 * Functions that were written for Teaclave's wasm executor run here unmodified: imports `teaclave_*` of the module `env`, entry
 * `int entrypoint(int argc, char *argv[])`, argc and argv being the arguments alone.
 *
 * What it returns is its result: written in decimal to the output named "result", if the contract has one that the function does not
 * write itself; else it is the exit code, 0 being success. Names of files are the contract's. Hides: handles, where argv lies. Class B.
 */
#ifndef MT_EXEC_WASM_TEACLAVE_H
#define MT_EXEC_WASM_TEACLAVE_H

#include "exec/wasm/runner.h"

#define TEACLAVE_ENTRY "entrypoint"

/* Whether an export is that entry: two i32 to one. */
bool teaclave_is_entry(struct bytes name, const wasm_functype_t *type);
/* Call it. False: it did not return; *error or *trap say how, or out->outcome that there was no memory for its arguments. */
bool teaclave_call(struct wasi *w, wasmtime_context_t *context, const wasmtime_instance_t *instance, struct runner_result *out,
		   wasmtime_error_t **error, wasm_trap_t **trap);

#endif
