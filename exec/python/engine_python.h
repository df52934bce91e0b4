/*
 * The engine that CPython for WASI runs in: wasmtime with exceptions, for a named processor instead of the present one. An artifact loads
 * only into an engine configured as the one that compiled it.
 *
 * Hides: which features are on. Class B. One thread.
 */
#ifndef MT_EXEC_PYTHON_ENGINE_H
#define MT_EXEC_PYTHON_ENGINE_H

#include <wasmtime.h>

enum engine_python_use {
	ENGINE_PYTHON_COMPILE,          /* all processors of the machine, at set-up */
	ENGINE_PYTHON_RUN,              /* one thread, in a worker */
};

/* NULL: no memory. Lives until the process ends. */
wasm_engine_t *engine_python_open(enum engine_python_use use);

#endif
