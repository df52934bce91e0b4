/* WASI for generated code: a C function for each row, by the symbol that wasm2c gives it. */
#include "exec/native/imports.h"

#include "exec/wasm/wasi_rows.h"

typedef uint32_t u32;
typedef uint64_t u64;

#define ROW_NUMBER(name, shape, handler) ROW_##name,
enum row { WASI_ROWS(ROW_NUMBER, ROW_NUMBER) ROWS };
_Static_assert(ROWS == WASI_FUNCTIONS, "the table in wasi.c has the same rows");

static u32 enter(struct w2c_wasi__snapshot__preview1 *world, enum row row, const wasmtime_val_raw_t *arguments)
{
	struct wasi *w = world->wasi;

	wasi_memory(w, world->memory->data, world->memory->size);
	u32 err = wasi_call_row(w, row, arguments);

	if (w->exited || w->over_limit) {
		wasm_rt_trap(WASM_RT_TRAP_UNREACHABLE); /* leaves the guest for good; runner_ended() knows better */
	}
	return err;
}

#define PARAMETERS_
#define PARAMETERS_i , u32 a
#define PARAMETERS_iI , u32 a, u64 b
#define PARAMETERS_ii , u32 a, u32 b
#define PARAMETERS_iII , u32 a, u64 b, u64 c
#define PARAMETERS_iIi , u32 a, u64 b, u32 c
#define PARAMETERS_iii , u32 a, u32 b, u32 c
#define PARAMETERS_iIIi , u32 a, u64 b, u64 c, u32 d
#define PARAMETERS_iIii , u32 a, u64 b, u32 c, u32 d
#define PARAMETERS_iiii , u32 a, u32 b, u32 c, u32 d
#define PARAMETERS_iiiIi , u32 a, u32 b, u32 c, u64 d, u32 e
#define PARAMETERS_iiiii , u32 a, u32 b, u32 c, u32 d, u32 e
#define PARAMETERS_iiiiii , u32 a, u32 b, u32 c, u32 d, u32 e, u32 f
#define PARAMETERS_iiiiIIi , u32 a, u32 b, u32 c, u32 d, u64 e, u64 f, u32 g
#define PARAMETERS_iiiiiii , u32 a, u32 b, u32 c, u32 d, u32 e, u32 f, u32 g
#define PARAMETERS_iiiiiIIii , u32 a, u32 b, u32 c, u32 d, u32 e, u64 f, u64 g, u32 h, u32 i

#define VALUES_ { 0 }
#define VALUES_i { .i32 = (int32_t)a }
#define VALUES_iI { .i32 = (int32_t)a }, { .i64 = (int64_t)b }
#define VALUES_ii { .i32 = (int32_t)a }, { .i32 = (int32_t)b }
#define VALUES_iII { .i32 = (int32_t)a }, { .i64 = (int64_t)b }, { .i64 = (int64_t)c }
#define VALUES_iIi { .i32 = (int32_t)a }, { .i64 = (int64_t)b }, { .i32 = (int32_t)c }
#define VALUES_iii { .i32 = (int32_t)a }, { .i32 = (int32_t)b }, { .i32 = (int32_t)c }
#define VALUES_iIIi { .i32 = (int32_t)a }, { .i64 = (int64_t)b }, { .i64 = (int64_t)c }, { .i32 = (int32_t)d }
#define VALUES_iIii { .i32 = (int32_t)a }, { .i64 = (int64_t)b }, { .i32 = (int32_t)c }, { .i32 = (int32_t)d }
#define VALUES_iiii { .i32 = (int32_t)a }, { .i32 = (int32_t)b }, { .i32 = (int32_t)c }, { .i32 = (int32_t)d }
#define VALUES_iiiIi { .i32 = (int32_t)a }, { .i32 = (int32_t)b }, { .i32 = (int32_t)c }, { .i64 = (int64_t)d }, { .i32 = (int32_t)e }
#define VALUES_iiiii { .i32 = (int32_t)a }, { .i32 = (int32_t)b }, { .i32 = (int32_t)c }, { .i32 = (int32_t)d }, { .i32 = (int32_t)e }
#define VALUES_iiiiii { .i32 = (int32_t)a }, { .i32 = (int32_t)b }, { .i32 = (int32_t)c }, { .i32 = (int32_t)d }, { .i32 = (int32_t)e }, { .i32 = (int32_t)f }
#define VALUES_iiiiIIi { .i32 = (int32_t)a }, { .i32 = (int32_t)b }, { .i32 = (int32_t)c }, { .i32 = (int32_t)d }, { .i64 = (int64_t)e }, { .i64 = (int64_t)f }, { .i32 = (int32_t)g }
#define VALUES_iiiiiii { .i32 = (int32_t)a }, { .i32 = (int32_t)b }, { .i32 = (int32_t)c }, { .i32 = (int32_t)d }, { .i32 = (int32_t)e }, { .i32 = (int32_t)f }, { .i32 = (int32_t)g }
#define VALUES_iiiiiIIii { .i32 = (int32_t)a }, { .i32 = (int32_t)b }, { .i32 = (int32_t)c }, { .i32 = (int32_t)d }, { .i32 = (int32_t)e }, { .i64 = (int64_t)f }, { .i64 = (int64_t)g }, { .i32 = (int32_t)h }, { .i32 = (int32_t)i }

#define SYMBOL(name) w2c_wasi__snapshot__preview1_##name
#define DEFINE(name, shape, handler)                                                                                       \
	u32 SYMBOL(name)(struct w2c_wasi__snapshot__preview1 * world PARAMETERS_##shape);                                  \
	u32 SYMBOL(name)(struct w2c_wasi__snapshot__preview1 * world PARAMETERS_##shape)                                   \
	{                                                                                                                  \
		const wasmtime_val_raw_t arguments[] = { VALUES_##shape };                                                 \
		return enter(world, ROW_##name, arguments);                                                                \
	}
#define DEFINE_WITHOUT_RESULT(name, shape, handler)                                                                        \
	void SYMBOL(name)(struct w2c_wasi__snapshot__preview1 * world PARAMETERS_##shape);                                 \
	void SYMBOL(name)(struct w2c_wasi__snapshot__preview1 * world PARAMETERS_##shape)                                  \
	{                                                                                                                  \
		const wasmtime_val_raw_t arguments[] = { VALUES_##shape };                                                 \
		(void)enter(world, ROW_##name, arguments);                                                                 \
	}

WASI_ROWS(DEFINE, DEFINE_WITHOUT_RESULT)
