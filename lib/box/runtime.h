/*
 * The runtime that wasm2c's output stands on, in a box or in a worker that is one (exec/native). It replaces wabt's own:
 * memory comes from the port's hooks (box_port_set()), a trap ends the one call that caused it, and nothing is
 * process-wide but the hook table. One thread at a time per runtime.
 */
#ifndef MT_BOX_RUNTIME_H
#define MT_BOX_RUNTIME_H

#include "lib/box/box.h"

#include <wasm-rt.h>

/*
 * A 32-bit address plus a 32-bit constant offset plus the widest access stays below this: wasm2c's guard page mode
 * leaves out every other check.
 */
#define BOX_RESERVATION ((UINT64_C(1) << 33) + WASM_DEFAULT_PAGE_SIZE)

/* One linear memory, in the hands of the runtime while generated code runs. */
struct runtime {
	uint8_t *memory;                /* start of the reservation, NULL before allocation */
	uint64_t committed;             /* bytes that are readable and writable, from the start */
	uint64_t limit;                 /* what it may grow to besides the program's own maximum; 0: that alone */
	wasm_rt_funcref_t *table;       /* of the program's indirect calls; owned, NULL when it has none */
	bool out_of_memory;             /* since runtime_enter() a growth was refused, or the table */
};

enum runtime_end {
	RUNTIME_RETURNED,
	RUNTIME_TRAPPED,
};

/*
 * Run `call(argument)` with `r` as the current runtime of this thread. A trap in it, or a fault at an address inside
 * r's reservation, ends it with RUNTIME_TRAPPED. Never nested.
 */
MUST enum runtime_end runtime_enter(struct runtime *r, void (*call)(void *argument), void *argument);

/* Make the memory `size` bytes (whole pages); the new part is zero. False when the port refuses. */
MUST bool runtime_resize(struct runtime *r, uint64_t size);

/* Give everything back. */
void runtime_close(struct runtime *r);

/* The hooks; NULL before box_port_set(). */
extern const struct box_port *box_port_hooks;

#endif
