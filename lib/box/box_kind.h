/*
 * Private to lib/box and to the descriptors made from boxed/kind.c.in: what the host knows of one boxed program.
 */
#ifndef MT_BOX_KIND_H
#define MT_BOX_KIND_H

#include "lib/box/box.h"

#include <wasm-rt.h>

struct box_kind {
	const char *name;
	size_t instance_size;           /* the generated instance struct: globals, memory, tables; no pointer into itself */
	size_t input_max;
	void (*instantiate)(void *instance);
	wasm_rt_memory_t *(*memory)(void *instance);
	uint32_t (*heap_base)(void *instance);
	uint64_t (*run)(void *instance, uint32_t operation, uint32_t input, uint32_t size);
};

#endif
