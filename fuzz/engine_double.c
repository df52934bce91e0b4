/* Types are letters, everything else is one object. */
#include "fuzz/engine_double.h"

#include "exec/wasm/engine.h"

#include <string.h>

struct engine_function engine_functions[ENGINE_FUNCTIONS_MAX];
size_t engine_function_count;
uint8_t *engine_memory;

static int object;

wasm_valtype_t *wasm_valtype_new(wasm_valkind_t kind)
{
	static char letter[2] = { 'i', 'I' };

	return (wasm_valtype_t *)(void *)&letter[kind == WASM_I64];
}

void wasm_valtype_delete(wasm_valtype_t *type)
{
	(void)type;
}

void wasm_valtype_vec_new(wasm_valtype_vec_t *out, size_t size, wasm_valtype_t *const *types)
{
	out->size = size;
	out->data = (wasm_valtype_t **)(uintptr_t)types;
}

wasm_functype_t *wasm_functype_new(wasm_valtype_vec_t *parameters, wasm_valtype_vec_t *results)
{
	struct engine_function *f = &engine_functions[engine_function_count];

	(void)results;
	mt_assert(engine_function_count < ENGINE_FUNCTIONS_MAX && parameters->size < sizeof(f->parameters));
	*f = (struct engine_function){ 0 };
	for (size_t i = 0; i < parameters->size; i++) {
		f->parameters[i] = *(const char *)parameters->data[i];
	}
	return (wasm_functype_t *)(void *)&object;
}

/* A guest here is WASI's: nothing asks for the type of an entry, and nothing grows its memory from outside. */
static const wasm_valtype_vec_t no_types;

const wasm_valtype_vec_t *wasm_functype_params(const wasm_functype_t *type)
{
	(void)type;
	return &no_types;
}

const wasm_valtype_vec_t *wasm_functype_results(const wasm_functype_t *type)
{
	(void)type;
	return &no_types;
}

wasm_valkind_t wasm_valtype_kind(const wasm_valtype_t *type)
{
	return *(const char *)type == 'I' ? WASM_I64 : WASM_I32;
}

wasmtime_error_t *wasmtime_memory_grow(wasmtime_context_t *store, const wasmtime_memory_t *of, uint64_t pages, uint64_t *before)
{
	(void)store;
	(void)of;
	(void)pages;
	(void)before;
	return (wasmtime_error_t *)(void *)&object;
}

void wasm_functype_delete(wasm_functype_t *type)
{
	(void)type;
}

wasmtime_error_t *wasmtime_linker_define_func_unchecked(wasmtime_linker_t *linker, const char *module,
							size_t module_size, const char *name, size_t name_size,
							const wasm_functype_t *type,
							wasmtime_func_unchecked_callback_t call, void *data,
							void (*finalizer)(void *))
{
	(void)linker;
	(void)module;
	(void)module_size;
	(void)name;
	(void)name_size;
	(void)type;
	(void)finalizer;
	engine_functions[engine_function_count].call = call;
	engine_functions[engine_function_count++].data = data;
	return NULL;
}

bool wasmtime_caller_export_get(wasmtime_caller_t *caller, const char *name, size_t name_size, wasmtime_extern_t *item)
{
	(void)caller;
	(void)name;
	(void)name_size;
	item->kind = WASMTIME_EXTERN_MEMORY;
	return true;
}

bool wasmtime_instance_export_get(wasmtime_context_t *store, const wasmtime_instance_t *instance, const char *name,
				  size_t name_size, wasmtime_extern_t *item)
{
	(void)store;
	(void)instance;
	item->kind = name_size == 6 && memcmp(name, "memory", 6) == 0 ? WASMTIME_EXTERN_MEMORY : WASMTIME_EXTERN_FUNC;
	return true;
}

wasmtime_context_t *wasmtime_caller_context(wasmtime_caller_t *caller)
{
	(void)caller;
	return (wasmtime_context_t *)(void *)&object;
}

uint8_t *wasmtime_memory_data(wasmtime_context_t *store, const wasmtime_memory_t *of)
{
	(void)store;
	(void)of;
	return engine_memory;
}

size_t wasmtime_memory_data_size(const wasmtime_context_t *store, const wasmtime_memory_t *of)
{
	(void)store;
	(void)of;
	return ENGINE_MEMORY;
}

wasm_trap_t *wasmtime_trap_new(const char *text, size_t size)
{
	(void)text;
	(void)size;
	return (wasm_trap_t *)(void *)&object;
}

void wasm_trap_delete(wasm_trap_t *trap)
{
	(void)trap;
}

void wasm_trap_message(const wasm_trap_t *trap, wasm_message_t *out)
{
	static char text[] = "a trap";

	(void)trap;
	out->size = sizeof(text);
	out->data = text;
}

void wasm_byte_vec_delete(wasm_byte_vec_t *vector)
{
	(void)vector;
}

void wasm_exporttype_vec_delete(wasm_exporttype_vec_t *vector)
{
	(void)vector;
}

void wasmtime_module_exports(const wasmtime_module_t *module, wasm_exporttype_vec_t *out)
{
	(void)module;
	out->size = 0;
}

const wasm_externtype_t *wasm_exporttype_type(const wasm_exporttype_t *type)
{
	(void)type;
	return NULL;
}

const wasm_memorytype_t *wasm_externtype_as_memorytype_const(const wasm_externtype_t *type)
{
	(void)type;
	return NULL;
}

uint64_t wasmtime_memorytype_minimum(const wasm_memorytype_t *type)
{
	(void)type;
	return 0;
}

wasm_engine_t *engine_open(void)
{
	return (wasm_engine_t *)(void *)&object;
}

bool engine_accepts(const wasmtime_module_t *module, struct engine_detail *detail)
{
	(void)module;
	(void)detail;
	return true;
}

void engine_detail_set(struct engine_detail *detail, const char *format, ...)
{
	(void)format;
	detail->text[0] = '!';
}

void engine_detail_error(struct engine_detail *detail, wasmtime_error_t *take_error)
{
	(void)take_error;
	detail->text[0] = '?';
}

void wasmtime_error_message(const wasmtime_error_t *error, wasm_name_t *out)
{
	(void)error;
	*out = (wasm_name_t){ 0 };
}

void wasmtime_error_delete(wasmtime_error_t *error)
{
	(void)error;
}

wasmtime_linker_t *wasmtime_linker_new(wasm_engine_t *engine)
{
	(void)engine;
	return (wasmtime_linker_t *)(void *)&object;
}

wasmtime_error_t *wasmtime_linker_instantiate(const wasmtime_linker_t *linker, wasmtime_context_t *store,
					      const wasmtime_module_t *module, wasmtime_instance_t *instance,
					      wasm_trap_t **trap)
{
	(void)linker;
	(void)store;
	(void)module;
	(void)instance;
	(void)trap;
	return NULL;
}

wasmtime_error_t *wasmtime_module_new(wasm_engine_t *engine, const uint8_t *wasm, size_t size, wasmtime_module_t **out)
{
	(void)engine;
	(void)wasm;
	(void)size;
	*out = (wasmtime_module_t *)(void *)&object;
	return NULL;
}

wasmtime_error_t *wasmtime_module_deserialize(wasm_engine_t *engine, const uint8_t *wire, size_t size,
					      wasmtime_module_t **out)
{
	return wasmtime_module_new(engine, wire, size, out);
}

wasmtime_error_t *wasmtime_module_serialize(const wasmtime_module_t *module, wasm_byte_vec_t *out)
{
	(void)module;
	*out = (wasm_byte_vec_t){ 0 };
	return NULL;
}

void wasmtime_module_delete(wasmtime_module_t *module)
{
	(void)module;
}

wasmtime_store_t *wasmtime_store_new(wasm_engine_t *engine, void *data, void (*finalizer)(void *))
{
	(void)engine;
	(void)data;
	(void)finalizer;
	return (wasmtime_store_t *)(void *)&object;
}

void wasmtime_store_delete(wasmtime_store_t *store)
{
	(void)store;
}

wasmtime_context_t *wasmtime_store_context(wasmtime_store_t *store)
{
	(void)store;
	return (wasmtime_context_t *)(void *)&object;
}

void wasmtime_store_limiter(wasmtime_store_t *store, int64_t memory_size, int64_t table_elements, int64_t instances,
			    int64_t tables, int64_t memories)
{
	(void)store;
	(void)memory_size;
	(void)table_elements;
	(void)instances;
	(void)tables;
	(void)memories;
}
