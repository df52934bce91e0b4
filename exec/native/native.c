#include "exec/native/native.h"

#include <string.h>

#include "api/builtin.h"
#include "exec/native/imports.h"
#include "exec/wasm/runner.h"
#include "lib/box/runtime.h"
#include "port/linux/box_port.h"

static struct w2c_wasi__snapshot__preview1 world;
static const struct native_kind *function;

static bool prepare(struct wasi *w)
{
	w->large_pages = true;
	world.wasi = w;
	box_port_install();
	return true;
}

static bool load(struct bytes hash, struct engine_detail *detail)
{
	for (size_t i = 0; i < builtin_function_count; i++) {
		if (mt_equal(hash, mt_bytes(builtin_functions[i].hash, sizeof(builtin_functions[i].hash)))) {
			function = native_kinds[i];
		}
	}
	if (!function) {
		engine_detail_set(detail, "the function is none of this build's");
	}
	return function;
}

/* In the runtime: a trap leaves it. */
static void live(void *instance)
{
	function->instantiate(instance, &world);
	world.memory = function->memory(instance);
	function->start(instance);
}

/* Linear memory never shrinks, so its size at the end is its peak. */
static void run(uint64_t memory_max, struct runner_result *out)
{
	static struct runtime runtime;
	void *instance = mt_alloc(function->instance_size);

	runtime.limit = memory_max ? memory_max : 1; /* 0 is no limit there */
	if (!instance) {
		engine_detail_set(&out->detail, "no memory for the function");
		return;
	}
	bool trapped = runtime_enter(&runtime, live, instance) == RUNTIME_TRAPPED;

	out->memory_peak = runtime.committed;
	if (trapped && !world.memory) {
		out->outcome = WORK_LIMIT;
		engine_detail_set(&out->detail, "starts with more memory than the limit of %llu bytes", (unsigned long long)memory_max);
	} else {
		runner_ended(out, trapped ? WORK_TRAPPED : WORK_EXITED, mt_text("trapped"));
	}
}

int native_worker(void)
{
	static const struct runner runner = { prepare, load, run };

	return runner_serve(&runner);
}
