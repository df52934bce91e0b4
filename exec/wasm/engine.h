/*
 * The one place where wasmtime is configured. An artifact loads only into an engine configured as
 * the one that compiled it.
 *
 * Hides: which features are on. Class B. One thread.
 */
#ifndef MT_EXEC_WASM_ENGINE_H
#define MT_EXEC_WASM_ENGINE_H

#include <wasmtime.h>

#include "api/worker.h"
#include "lib/base/base.h"

/* Linear memories and tables of one instance. */
#define ENGINE_MEMORIES_MAX 1
#define ENGINE_TABLES_MAX 16
#define ENGINE_TABLE_ELEMENTS_MAX 1000000

/* Text of a failure, zero terminated, bounded. */
struct engine_detail {
	char text[WORK_DETAIL_MAX + 1];
};

/* NULL: no memory. Lives until the process ends. */
wasm_engine_t *engine_open(void);

/*
 * A module is a function if it exports `_start` and imports only what wasi.c offers. If not, says
 * what is wrong.
 */
MUST bool engine_accepts(const wasmtime_module_t *module, struct engine_detail *detail);

__attribute__((format(printf, 2, 3))) void engine_detail_set(struct engine_detail *detail,
							     const char *format, ...);
/* Takes the error. */
void engine_detail_error(struct engine_detail *detail, wasmtime_error_t *take_error);

#endif
