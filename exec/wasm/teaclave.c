/* The five functions of Teaclave's wasm executor, and its entry. Facts: executor/src of Apache Teaclave 0.6. */
#include "exec/wasm/teaclave.h"

#include <stdio.h>

#include "exec/wasm/wasi_private.h"

#define FAILED UINT32_MAX               /* -1 */
#define HANDLE_WRITE UINT32_C(0x40000000)
#define NAME_MAX_SIZE (WORK_NAME_MAX + 1)
#define RESULT "result"
#define PAGE_SIZE 65536

/* ---- files ---- */

/* A zero-terminated name in the guest's memory. Empty: there is none, or it is longer than any. */
static struct bytes name_at(const struct wasi *w, uint32_t at)
{
	uint64_t left = at < w->size ? w->size - at : 0, most = left < NAME_MAX_SIZE ? left : NAME_MAX_SIZE;
	const uint8_t *text = guest(w, at, most), *end = text && most ? memchr(text, 0, most) : NULL;

	return end ? mt_bytes(text, (size_t)(end - text)) : mt_bytes(NULL, 0);
}

static uint32_t file_add(struct wasi *w, const struct wasi_file *f, uint32_t mark)
{
	uint32_t slot = wasi_slot(w);

	if (slot == WASI_FILES_MAX) {
		return FAILED;
	}
	w->file[slot] = *f;
	return slot | mark;
}

static uint32_t open_input(struct wasi *w, const wasmtime_val_raw_t *a)
{
	struct bytes name = name_at(w, arg32(a, 0));

	for (size_t i = 0; i < w->input_count; i++) {
		if (mt_equal(name, w->input[i].name)) {
			return file_add(w, &(struct wasi_file){ .kind = WASI_INPUT, .index = i }, 0);
		}
	}
	return FAILED;
}

static uint32_t create_output(struct wasi *w, const wasmtime_val_raw_t *a)
{
	struct bytes name = name_at(w, arg32(a, 0));

	for (size_t i = 0; i < w->output_count; i++) {
		struct wasi_file f = { .kind = WASI_OUTPUT, .index = i, .may_write = true };
		if (mt_equal(name, w->output[i].name)) {
			return wasi_output_begin(w, &f, true) ? FAILED : file_add(w, &f, HANDLE_WRITE);
		}
	}
	return FAILED;
}

/* An open file of that kind behind a handle; the five that are open at the start are none of these. */
static struct wasi_file *file_of(struct wasi *w, uint32_t handle, enum wasi_kind kind)
{
	uint32_t mark = kind == WASI_OUTPUT ? HANDLE_WRITE : 0;
	struct wasi_file *f = (handle & HANDLE_WRITE) == mark ? wasi_file_find(w, handle & ~HANDLE_WRITE) : NULL;

	return f && f->kind == kind ? f : NULL;
}

static uint32_t read_file(struct wasi *w, const wasmtime_val_raw_t *a)
{
	struct wasi_file *f = file_of(w, arg32(a, 0), WASI_INPUT);
	uint32_t size = arg32(a, 2) < INT32_MAX ? arg32(a, 2) : INT32_MAX;
	uint8_t *to = guest(w, arg32(a, 1), size);
	uint64_t n = f && to ? wasi_read(w, f, to, size) : UINT64_MAX;

	return n == UINT64_MAX ? FAILED : (uint32_t)n;
}

static uint32_t write_file(struct wasi *w, const wasmtime_val_raw_t *a)
{
	struct wasi_file *f = file_of(w, arg32(a, 0), WASI_OUTPUT);
	uint32_t size = arg32(a, 2);
	const uint8_t *from = size <= INT32_MAX ? guest(w, arg32(a, 1), size) : NULL;
	uint64_t n = f && from ? wasi_write(w, f, from, size) : UINT64_MAX;

	return n == UINT64_MAX ? FAILED : (uint32_t)n;
}

static uint32_t close_file(struct wasi *w, const wasmtime_val_raw_t *a)
{
	uint32_t handle = arg32(a, 0);
	struct wasi_file *f = file_of(w, handle, handle & HANDLE_WRITE ? WASI_OUTPUT : WASI_INPUT);

	if (!f) {
		return FAILED;
	}
	*f = (struct wasi_file){ .kind = WASI_CLOSED };
	return 0;
}

const struct wasi_function teaclave_functions[TEACLAVE_FUNCTIONS] = {
	{ "teaclave_open_input", "i", open_input },
	{ "teaclave_create_output", "i", create_output },
	{ "teaclave_read_file", "iii", read_file },
	{ "teaclave_write_file", "iii", write_file },
	{ "teaclave_close_file", "i", close_file },
};

/* ---- the entry ---- */

bool teaclave_is_entry(struct bytes name, const wasm_functype_t *type)
{
	const wasm_valtype_vec_t *in = wasm_functype_params(type), *out = wasm_functype_results(type);

	return mt_equal(name, mt_text(TEACLAVE_ENTRY)) && in->size == 2 && wasm_valtype_kind(in->data[0]) == WASM_I32 &&
	       wasm_valtype_kind(in->data[1]) == WASM_I32 && out->size == 1 && wasm_valtype_kind(out->data[0]) == WASM_I32;
}

/* The arguments into fresh pages behind the guest's memory, which it does not know yet: pointers, then text. 0: no memory. */
static uint32_t arguments_place(const struct wasi *w, wasmtime_context_t *context, wasmtime_memory_t *memory)
{
	uint64_t size = 0, before = 0, pages;
	size_t count = w->argument_count - 1;

	for (size_t i = 0; i < count; i++) {
		size += 4 + w->argument[i + 1].size + 1;
	}
	pages = (size + 4 + PAGE_SIZE - 1) / PAGE_SIZE;
	wasmtime_error_t *error = wasmtime_memory_grow(context, memory, pages, &before);
	if (error) {
		wasmtime_error_delete(error);
		return 0;
	}
	uint32_t base = (uint32_t)(before * PAGE_SIZE), text = base + 4 * ((uint32_t)count + 1);
	uint8_t *at = wasmtime_memory_data(context, memory);
	for (uint32_t i = 0; i < count; i++) {
		struct bytes v = w->argument[i + 1];
		put32(at + base + 4 * i, text);
		if (v.size) {
			memcpy(at + text, v.at, v.size);
		}
		text += (uint32_t)v.size + 1;
	}
	return base;
}

static void result_keep(struct wasi *w, int32_t value)
{
	char digits[16];
	int size = snprintf(digits, sizeof(digits), "%d\n", value);

	for (size_t i = 0; i < w->output_count; i++) {
		struct wasi_file f = { .kind = WASI_OUTPUT, .index = i, .may_write = true };
		if (mt_equal(w->output[i].name, mt_text(RESULT)) && !w->output[i].written) {
			if (wasi_output_begin(w, &f, true) == E_SUCCESS) {
				(void)wasi_write(w, &f, (const uint8_t *)digits, (uint64_t)size);
			}
			return;
		}
	}
	w->exit_code = value == 0 ? 0 : value & 0xff ? (uint32_t)(value & 0xff) : 1;
}

bool teaclave_call(struct wasi *w, wasmtime_context_t *context, const wasmtime_instance_t *instance, struct runner_result *out,
		   wasmtime_error_t **error, wasm_trap_t **trap)
{
	wasmtime_extern_t memory, entry;
	wasmtime_val_t argument[2] = { { .kind = WASMTIME_I32 }, { .kind = WASMTIME_I32 } }, value = { 0 };

	if (!wasmtime_instance_export_get(context, instance, "memory", 6, &memory) || memory.kind != WASMTIME_EXTERN_MEMORY) {
		out->outcome = WORK_REFUSED;
		engine_detail_set(&out->detail, "a function with " TEACLAVE_ENTRY " must export its memory as \"memory\"");
		return false;
	}
	uint32_t arguments = arguments_place(w, context, &memory.of.memory);
	if (!arguments) {
		out->outcome = WORK_LIMIT;
		engine_detail_set(&out->detail, "no memory for the arguments within the limit");
		return false;
	}
	mt_assert(wasmtime_instance_export_get(context, instance, TEACLAVE_ENTRY, strlen(TEACLAVE_ENTRY), &entry));
	argument[0].of.i32 = (int32_t)(w->argument_count - 1);
	argument[1].of.i32 = (int32_t)arguments;
	*error = wasmtime_func_call(context, &entry.of.func, argument, 2, &value, 1, trap);
	if (!*error && !*trap) {
		result_keep(w, value.of.i32);
	}
	return true;
}
