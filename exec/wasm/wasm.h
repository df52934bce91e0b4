/*
 * The two WebAssembly workers (api/worker.h, WORK_COMPILE and WORK_RUN). Each serves one message
 * and ends.
 *
 * Hides: the engine, WASI. Class B: foreign code runs here, beside one task's plaintext and no key.
 */
#ifndef MT_EXEC_WASM_H
#define MT_EXEC_WASM_H

/*
 * The whole of the images' main(): promise, one message on WORKER_FD_CORE, the answer. The exit
 * status.
 */
int compile_worker(void);
int run_worker(void);

#endif
