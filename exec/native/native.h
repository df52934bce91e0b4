/*
 * The built-in worker (api/worker.h, WORK_LOAD and WORK_RUN): one of MesaTEE's own functions, once. Its module was C, was compiled
 * to WebAssembly and from there to native code by this build (wasm2c, gcc), and is a part of this image: nothing is loaded and
 * nothing is compiled at run time. What is "loaded" is 32 bytes, the hash of the function that the contract names.
 *
 * It runs as in a box (lib/box): memory of its own with guard pages, traps end it, WASI is all that it can call.
 *
 * Hides: the translation. Class B: it works on one task's plaintext, beside no key.
 */
#ifndef MT_EXEC_NATIVE_H
#define MT_EXEC_NATIVE_H

/* The whole of the image's main(). The exit status. */
int native_worker(void);

#endif
