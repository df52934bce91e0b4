/*
 * The compile worker: one module in, one artifact out, the end. Holds nothing but the module.
 */
#include "exec/wasm/engine.h"
#include "exec/wasm/wasm.h"
#include "port/linux/linux.h"

#include <sys/resource.h>

#define MODULE_SIZE_MAX ((size_t)64 << 20)
/* Of address space: a module that makes the compiler take more ends this process. */
#define COMPILER_MEMORY_MAX ((rlim_t)4 << 30)

struct result {
	enum mt_err err;
	port_handle artifact;
	struct engine_detail detail;
};

static void keep_artifact(wasmtime_module_t *module, struct result *r)
{
	wasm_byte_vec_t wire;
	wasmtime_error_t *error = wasmtime_module_serialize(module, &wire);

	if (error) {
		r->err = MT_NO_MEMORY;
		engine_detail_error(&r->detail, error);
		return;
	}
	r->err = memory_make(mt_bytes(wire.data, wire.size), &r->artifact);
	wasm_byte_vec_delete(&wire);
}

static void compile(wasm_engine_t *engine, struct bytes module_bytes, struct result *r)
{
	wasmtime_module_t *module = NULL;
	wasmtime_error_t *error;

	if (module_bytes.size > MODULE_SIZE_MAX) {
		r->err = MT_LIMIT;
		engine_detail_set(&r->detail, "the module is larger than %zu MiB",
				  MODULE_SIZE_MAX >> 20);
		return;
	}
	error = wasmtime_module_new(engine, module_bytes.at, module_bytes.size, &module);
	if (error) {
		r->err = MT_MALFORMED;
		engine_detail_error(&r->detail, error);
		return;
	}
	if (engine_accepts(module, &r->detail)) {
		keep_artifact(module, r);
	} else {
		r->err = MT_DENIED;
	}
	wasmtime_module_delete(module);
}

static enum mt_err answer(const struct result *r)
{
	uint8_t wire[64 + WORK_DETAIL_MAX];
	struct builder b = builder_over(wire, sizeof(wire));
	struct bytes body;

	builder_u8(&b, WORK_COMPILED);
	builder_u8(&b, (uint8_t)r->err);
	builder_bytes32(&b, mt_text(r->detail.text));
	enum mt_err err = builder_done(&b, &body);

	return err ? err : message_send_wait(WORKER_FD_CORE, body, &r->artifact, r->err == MT_OK);
}

int compile_worker(void)
{
	static uint8_t buffer[PORT_MESSAGE_MAX];
	struct rlimit memory = { COMPILER_MEMORY_MAX, COMPILER_MEMORY_MAX };
	struct result r = { .err = MT_MALFORMED, .artifact = PORT_NO_HANDLE };
	struct message m = { 0 };
	struct bytes module = { 0 };
	wasm_engine_t *engine = engine_open();

	/* A sanitizer's shadow needs the address space. */
	if (!engine || (sandbox_confined() && setrlimit(RLIMIT_AS, &memory) != 0)) {
		return 1;
	}
	sandbox_promise(SANDBOX_COMPILE);
	if (message_wait(WORKER_FD_CORE, buffer, &m) != MT_OK) {
		return 0; /* core is gone, or never needed us */
	}
	if (m.body.size == 1 && m.body.at[0] == WORK_COMPILE && m.handle_count == 1) {
		r.err = memory_map(m.handle[0], &module);
		if (!r.err) {
			compile(engine, module, &r);
		}
	}
	return answer(&r) == MT_OK ? 0 : 1;
}
