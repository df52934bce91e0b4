/* What generated code has in place of the engine's linker: WASI preview 1, by symbols. Private to exec/native. */
#ifndef MT_EXEC_NATIVE_IMPORTS_H
#define MT_EXEC_NATIVE_IMPORTS_H

#include "exec/native/kind.h"
#include "exec/wasm/wasi.h"

struct w2c_wasi__snapshot__preview1 {
	struct wasi *wasi;
	wasm_rt_memory_t *memory; /* the instance's */
};

#endif
