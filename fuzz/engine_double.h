/*
 * The engine of exec/wasm/ without an engine: every module is accepted, and its `_start` is the target's own
 * wasmtime_func_call(). What wasi.c defines is kept, so that the target can call it as a guest would.
 *
 * Hides: wasmtime's types. Fuzz targets only.
 */
#ifndef MT_FUZZ_ENGINE_DOUBLE_H
#define MT_FUZZ_ENGINE_DOUBLE_H

#include <wasmtime.h>

#include "lib/base/base.h"

#define ENGINE_MEMORY 65536
#define ENGINE_FUNCTIONS_MAX 64

struct engine_function {
	char parameters[16]; /* i is i32, I is i64 */
	wasmtime_func_unchecked_callback_t call;
	void *data;
};
extern struct engine_function engine_functions[ENGINE_FUNCTIONS_MAX];
extern size_t engine_function_count;
extern uint8_t *engine_memory; /* the guest's, ENGINE_MEMORY bytes; the target's to set */

#endif
