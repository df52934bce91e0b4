/*
 * The one place where wasmtime is configured. An artifact loads only into an engine configured as
 * the one that compiled it.
 *
 * Hides: which features are on. Class B. One thread.
 */
#ifndef MT_EXEC_WASM_ENGINE_H
#define MT_EXEC_WASM_ENGINE_H

#include <wasmtime.h>

#include "exec/wasm/detail.h"

/* Linear memories and tables of one instance. */
#define ENGINE_MEMORIES_MAX 1
#define ENGINE_TABLES_MAX 16
#define ENGINE_TABLE_ELEMENTS_MAX 1000000

/* NULL: no memory. Lives until the process ends. */
wasm_engine_t *engine_open(void);

/*
 * A module is a function if it exports `_start` and imports only what wasi.c offers. If not, says
 * what is wrong.
 */
MUST bool engine_accepts(const wasmtime_module_t *module, struct engine_detail *detail);

/* Takes the error. */
void engine_detail_error(struct engine_detail *detail, wasmtime_error_t *take_error);
/* runner_ended(), with what the engine says of the end. Takes both; NULL: there was none. */
struct runner_result;
void engine_ended(struct runner_result *out, wasmtime_error_t *take_error, wasm_trap_t *take_trap);

#endif
