/* WASI preview 1 for wasmtime: the way in from the guest. */
#include "exec/wasm/wasi_private.h"

static bool offers(const struct wasi_function *table, size_t count, struct bytes name)
{
	bool found = false;

	for (size_t i = 0; i < count; i++) {
		found |= mt_equal(name, mt_text(table[i].name));
	}
	return found;
}

bool wasi_offers(struct bytes module, struct bytes name)
{
	return (mt_equal(module, mt_text(WASI_MODULE)) && offers(wasi_functions, WASI_FUNCTIONS, name)) ||
	       (mt_equal(module, mt_text(WASI_TEACLAVE_MODULE)) &&
		offers(teaclave_functions, TEACLAVE_FUNCTIONS, name));
}

/* What the engine gives back to us at each call. */
struct bound {
	struct wasi *w;
	const struct wasi_function *function;
};
static struct bound bounds[WASI_FUNCTIONS], teaclave_bounds[TEACLAVE_FUNCTIONS];

static bool memory_take(struct wasi *w, wasmtime_caller_t *caller)
{
	wasmtime_context_t *context = wasmtime_caller_context(caller);
	wasmtime_extern_t e;

	if (!w->has_memory) {
		if (!wasmtime_caller_export_get(caller, "memory", 6, &e) ||
		    e.kind != WASMTIME_EXTERN_MEMORY) {
			return false;
		}
		w->memory = e.of.memory;
		w->has_memory = true;
	}
	wasi_memory(w, wasmtime_memory_data(context, &w->memory),
		    wasmtime_memory_data_size(context, &w->memory));
	return true;
}

static wasm_trap_t *trap(const char *text)
{
	return wasmtime_trap_new(text, strlen(text));
}

static wasm_trap_t *enter(void *data, wasmtime_caller_t *caller, wasmtime_val_raw_t *values,
			  size_t count)
{
	const struct bound *b = data;
	struct wasi *w = b->w;

	(void)count;
	if (!memory_take(w, caller)) {
		return trap("a function that uses WASI must export its memory as \"memory\"");
	}
	uint32_t err = b->function->call(w, values);

	if (w->exited || w->over_limit) {
		return trap("ended");
	}
	values[0].i32 = (int32_t)err;
	return NULL;
}

static wasm_functype_t *type_make(const struct wasi_function *f)
{
	wasm_valtype_t *p[16], *r[1] = { wasm_valtype_new_i32() };
	wasm_valtype_vec_t parameters, results;
	size_t count = strlen(f->parameters), result_count = f->call != wasi_proc_exit;

	mt_assert(count < MT_COUNT(p));
	for (size_t i = 0; i < count; i++) {
		p[i] = f->parameters[i] == 'i' ? wasm_valtype_new_i32() : wasm_valtype_new_i64();
	}
	wasm_valtype_vec_new(&parameters, count, p);
	wasm_valtype_vec_new(&results, result_count, r);
	if (!result_count) {
		wasm_valtype_delete(r[0]);
	}
	return wasm_functype_new(&parameters, &results);
}

static wasmtime_error_t *define(wasmtime_linker_t *linker, struct wasi *w, const char *module,
				const struct wasi_function *table, size_t count, struct bound *bound)
{
	for (size_t i = 0; i < count; i++) {
		const struct wasi_function *f = &table[i];
		wasm_functype_t *type = type_make(f);

		bound[i] = (struct bound){ .w = w, .function = f };
		wasmtime_error_t *error = wasmtime_linker_define_func_unchecked(
			linker, module, strlen(module), f->name, strlen(f->name), type, enter,
			&bound[i], NULL);
		wasm_functype_delete(type);
		if (error) {
			return error;
		}
	}
	return NULL;
}

wasmtime_error_t *wasi_define(wasmtime_linker_t *linker, struct wasi *w)
{
	wasmtime_error_t *error =
		define(linker, w, WASI_MODULE, wasi_functions, WASI_FUNCTIONS, bounds);

	return error ? error
		     : define(linker, w, WASI_TEACLAVE_MODULE, teaclave_functions, TEACLAVE_FUNCTIONS,
			      teaclave_bounds);
}
