/*
 * aot IN.wasm OUT.cwasm: compile CPython for WASI once, for every task of every node. Not part of any image: its product is, and is
 * measured like a library (port/linux/images.c).
 *
 * The same bytes on every machine: the target is named, never the processor that happens to be here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "exec/python/engine_python.h"

static _Noreturn void stop(const char *what, wasmtime_error_t *error)
{
	wasm_byte_vec_t text = { 0 };

	if (error) {
		wasmtime_error_message(error, &text);
	}
	fprintf(stderr, "aot: %s%s%.*s\n", what, error ? ": " : "", (int)text.size, text.data);
	exit(1);
}

static uint8_t *file_read(const char *path, size_t *size)
{
	FILE *f = fopen(path, "rb");

	if (!f || fseek(f, 0, SEEK_END) != 0) {
		stop("cannot read the module", NULL);
	}
	*size = (size_t)ftell(f);
	rewind(f);
	uint8_t *at = malloc(*size + 1);
	if (!at || fread(at, 1, *size, f) != *size) {
		stop("cannot read the module", NULL);
	}
	fclose(f);
	return at;
}

int main(int argc, char **argv)
{
	size_t size = 0;
	wasmtime_module_t *module = NULL;
	wasm_byte_vec_t wire;
	time_t from = time(NULL);

	if (argc != 3) {
		stop("usage: aot IN.wasm OUT.cwasm", NULL);
	}
	uint8_t *wasm = file_read(argv[1], &size);
	wasm_engine_t *engine = engine_python_open(ENGINE_PYTHON_COMPILE);
	if (!engine) {
		stop("no memory", NULL);
	}
	fprintf(stderr, "aot: compiling %zu MiB of WebAssembly; this takes two minutes or so, once\n", size >> 20);
	wasmtime_error_t *error = wasmtime_module_new(engine, wasm, size, &module);
	if (!error) {
		error = wasmtime_module_serialize(module, &wire);
	}
	if (error) {
		stop("the module does not compile", error);
	}
	FILE *out = fopen(argv[2], "wb");
	if (!out || fwrite(wire.data, 1, wire.size, out) != wire.size || fclose(out) != 0) {
		stop("cannot write the artifact", NULL);
	}
	fprintf(stderr, "aot: %zu MiB in %ld s\n", wire.size >> 20, (long)(time(NULL) - from));
	return 0;
}
