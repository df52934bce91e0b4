/* What the worker knows of one translated module: filled in by kind.c.in. Private to exec/native. */
#ifndef MT_EXEC_NATIVE_KIND_H
#define MT_EXEC_NATIVE_KIND_H

#include "lib/base/base.h"

#include <wasm-rt.h>

/* Generated code passes it back at each call into WASI. */
struct w2c_wasi__snapshot__preview1;

struct native_kind {
	size_t instance_size; /* globals, memory, tables */
	void (*instantiate)(void *instance, struct w2c_wasi__snapshot__preview1 *world);
	wasm_rt_memory_t *(*memory)(void *instance);
	void (*start)(void *instance);
};

/* In the order of builtin_functions (api/builtin.h). */
extern const struct native_kind *const native_kinds[];

#endif
