/*
 * The run worker behind doubles of its port and of the engine: core's requests, then a guest that calls WASI as it
 * likes. And the compile worker's request.
 *
 *   worker u8 (odd: compile) | map that fails u8 | twice: handles u8, size u16, request | the guest
 *
 * The guest's bytes are the beginning of its memory, so its pointers lead to what the fuzzer wrote, and they are
 * its calls: number u8, then the arguments, little endian. What the worker answers must be whole, and within what
 * core asked for.
 */
#include "exec/stream/stream.h"
#include "exec/wasm/engine.h"
#include "exec/wasm/wasi.h"
#include "exec/wasm/wasm.h"
#include "fuzz/engine_double.h"
#include "fuzz/ports.h"
#include "port/linux/linux.h"

#include <sys/types.h>
#include <time.h>

#define CALLS_MAX 200
#define FILE_SIZE 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct bytes request[2], guest;
static size_t handle_count[2], waits, map_fails, maps;
static uint8_t file[FILE_SIZE];
static struct wasi *wasi;
static bool answered;

/* ---- the port ---- */

enum mt_err message_wait(int socket, uint8_t *buffer, struct message *out)
{
	(void)socket;
	mt_assert(waits < 2);
	*out = (struct message){ .handle_count = handle_count[waits] };
	memcpy(buffer, request[waits].at, request[waits].size);
	out->body = mt_bytes(buffer, request[waits].size);
	waits++;
	return MT_OK;
}

void message_close(struct message *m)
{
	m->handle_count = 0;
}

static void ran_check(struct cursor *c)
{
	uint8_t outcome = cursor_u8(c);
	uint64_t size[WORK_OUTPUTS_MAX] = { 0 };

	(void)cursor_take(c, 4 + 8);
	uint64_t peak = cursor_u64(c);

	(void)cursor_u64(c);
	uint32_t outputs = cursor_u32(c);

	/* The first field of what wasi.c binds to each function. */
	wasi = *(struct wasi **)engine_functions[0].data;
	mt_assert(outcome <= WORK_REFUSED && peak <= ENGINE_MEMORY && outputs <= WORK_OUTPUTS_MAX);
	for (uint32_t i = 0; i < outputs; i++) {
		uint8_t written = cursor_u8(c);

		size[i] = cursor_u64(c);
		mt_assert(size[i] <= wasi->output[i].size_max && (written || size[i] == 0));
	}
	mt_assert(cursor_take32(c).size <= WORK_DETAIL_MAX);
	for (uint32_t i = 0; i < outputs; i++) {
		size_t content = cursor_take32(c).size;

		mt_assert(content == 0 || content == size[i]);
	}
}

enum mt_err message_send_wait(int socket, struct bytes body, const port_handle *handles, size_t count)
{
	struct cursor c = cursor_over(body);
	uint8_t type = cursor_u8(&c);

	(void)socket;
	(void)handles;
	if (type == WORK_RAN) {
		ran_check(&c);
		mt_assert(count == 0);
	} else {
		uint8_t err = cursor_u8(&c);

		mt_assert(type == WORK_COMPILED && err < MT_ERRS && count == (err ? 0 : 1));
		mt_assert(cursor_take32(&c).size <= WORK_DETAIL_MAX);
	}
	mt_assert(cursor_done(&c));
	answered = true;
	return MT_OK;
}

enum mt_err memory_map(port_handle handle, struct bytes *out)
{
	static const uint8_t content[40] = "four\nshort\nlines\nof text\n";

	(void)handle;
	if (++maps == map_fails) {
		return MT_DENIED;
	}
	*out = mt_bytes(content, sizeof(content));
	return MT_OK;
}

void memory_unmap(struct bytes mapped)
{
	(void)mapped;
}

enum mt_err memory_make(struct bytes content, port_handle *out)
{
	(void)content;
	*out = 1;
	return MT_OK;
}

/* ---- streams: of any size, each byte its place ---- */

static struct stream {
	uint64_t size[STREAM_LANES_MAX];
	size_t count;
	bool open;
} stream;

enum mt_err stream_reader_open(port_handle window, const uint64_t *stream_size, size_t count, struct stream_reader **out)
{
	(void)window;
	mt_assert(!stream.open && count > 0 && count <= STREAM_LANES_MAX);
	if (++maps == map_fails) {
		return MT_DENIED;
	}
	memcpy(stream.size, stream_size, count * sizeof(stream_size[0]));
	stream.count = count;
	stream.open = true;
	*out = (struct stream_reader *)&stream;
	return MT_OK;
}

void stream_reader_close(struct stream_reader *r)
{
	mt_assert(!r || stream.open);
	stream.open = false;
}

size_t stream_read(struct stream_reader *r, size_t lane, uint64_t offset, uint8_t *to, size_t size)
{
	mt_assert(r && stream.open && lane < stream.count && offset < stream.size[lane] && size <= stream.size[lane] - offset);
	memset(to, (int)offset, size);
	return size;
}

void sandbox_promise(enum sandbox kind)
{
	(void)kind;
}

bool sandbox_confined(void)
{
	return false;
}

/* ---- the kernel: one file for every output, waits that are over at once ---- */

ssize_t __wrap_pread(int fd, void *to, size_t size, off_t offset);
ssize_t __wrap_pwrite(int fd, const void *from, size_t size, off_t offset);
int __wrap_ftruncate(int fd, off_t size);
int __wrap_nanosleep(const struct timespec *wanted, struct timespec *left);

ssize_t __wrap_pread(int fd, void *to, size_t size, off_t offset)
{
	(void)fd;
	if (offset < 0 || offset >= FILE_SIZE) {
		return 0;
	}
	size = size < (size_t)(FILE_SIZE - offset) ? size : (size_t)(FILE_SIZE - offset);
	memcpy(to, file + offset, size);
	return (ssize_t)size;
}

ssize_t __wrap_pwrite(int fd, const void *from, size_t size, off_t offset)
{
	(void)fd;
	if (offset < 0 || offset >= FILE_SIZE) {
		return -1;
	}
	size = size < (size_t)(FILE_SIZE - offset) ? size : (size_t)(FILE_SIZE - offset);
	memcpy(file + offset, from, size);
	return (ssize_t)size;
}

int __wrap_ftruncate(int fd, off_t size)
{
	(void)fd;
	return size < 0 ? -1 : 0;
}

int __wrap_nanosleep(const struct timespec *wanted, struct timespec *left)
{
	(void)left;
	mt_assert(wanted->tv_nsec >= 0 && wanted->tv_nsec < 1000000000);
	return 0;
}

/* ---- the guest ---- */

/* One call; false when the guest is over. */
static bool guest_call(struct bytes *at, wasm_trap_t **trap)
{
	const struct engine_function *f = &engine_functions[fuzz_u8(at) % engine_function_count];
	wasmtime_val_raw_t values[16] = { 0 };

	for (size_t i = 0; f->parameters[i]; i++) {
		size_t width = f->parameters[i] == 'I' ? 8 : 4;
		uint64_t v = 0;

		for (size_t k = 0; k < width; k++) {
			v |= (uint64_t)fuzz_u8(at) << (8 * k);
		}
		if (width == 8) {
			values[i].i64 = (int64_t)v;
		} else {
			values[i].i32 = (int32_t)(uint32_t)v;
		}
	}
	*trap = f->call(f->data, NULL, values, 16);
	return !*trap;
}

wasmtime_error_t *wasmtime_func_call(wasmtime_context_t *context, const wasmtime_func_t *func,
				     const wasmtime_val_t *arguments, size_t argument_count, wasmtime_val_t *results,
				     size_t result_count, wasm_trap_t **trap)
{
	struct bytes at = guest;

	(void)context;
	(void)func;
	(void)arguments;
	(void)argument_count;
	(void)results;
	(void)result_count;
	/* Before its request the worker may run something of its own. */
	for (size_t i = 0; waits == 2 && i < CALLS_MAX && at.size && guest_call(&at, trap); i++) {
	}
	return NULL;
}

/* ---- one input ---- */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = mt_bytes(data, size);
	bool compile = fuzz_u8(&in) & 1;

	map_fails = fuzz_u8(&in);
	waits = maps = 0;
	for (size_t i = 0; i < 2; i++) {
		handle_count[i] = fuzz_u8(&in) % (PORT_HANDLES_MAX + 1);
		request[i] = fuzz_message(&in);
	}
	guest = in;
	/* A block of its own, so that an access past the guest's memory is seen. */
	engine_memory = calloc(1, ENGINE_MEMORY);
	memcpy(engine_memory, guest.at ? guest.at : data, guest.size < ENGINE_MEMORY ? guest.size : ENGINE_MEMORY);
	answered = false;
	engine_function_count = 0;
	if (wasi) {
		*wasi = (struct wasi){ 0 }; /* one process, one request: here many */
	}
	stream.open = false;
	mt_assert((compile ? compile_worker() : run_worker()) == 0 && answered);
	free(engine_memory);
	fuzz_free(request[0]);
	fuzz_free(request[1]);
	return 0;
}
