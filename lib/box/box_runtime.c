/*
 * What wasm2c's output calls (wasm-rt.h of wabt 1.0.42): memory, tables and traps. And the one place where a fault
 * becomes the end of a call.
 */
#include "lib/box/runtime.h"

#include <setjmp.h>

#define TABLE_MAX 4096                  /* entries; a parser has a handful of function pointers */

const struct box_port *box_port_hooks;

/* The call of generated code under way on this thread; NULL outside of one. */
struct entry {
	struct runtime *runtime;
	sigjmp_buf trap;
};
static _Thread_local struct entry *entry;

/* Counted by generated code at each call; bounds native recursion (boxed/rules.mk sets the limit). */
_Thread_local uint32_t wasm_rt_call_stack_depth;

/*
 * Called in a signal handler. Returning means: not ours, let the fault take its course. Only an address inside the
 * reservation of the box that runs on this thread is that box's doing; everything else is a bug of the host.
 */
static void runtime_fault(void *address)
{
	if (entry && entry->runtime->memory) {
		uintptr_t offset = (uintptr_t)address - (uintptr_t)entry->runtime->memory;

		if (offset < BOX_RESERVATION) {
			siglongjmp(entry->trap, 1);
		}
	}
}

void box_port_set(const struct box_port *port)
{
	box_port_hooks = port;
	mt_assert(port->fault_handler_install(runtime_fault) == 0);
}

enum runtime_end runtime_enter(struct runtime *r, void (*call)(void *argument), void *argument)
{
	struct entry here = { .runtime = r };

	mt_assert(!entry);
	r->out_of_memory = false;
	wasm_rt_call_stack_depth = 0;
	/* The handler runs with no signal blocked, so there is no mask to save: that would be a system call each time. */
	if (sigsetjmp(here.trap, 0)) {
		entry = NULL;
		return RUNTIME_TRAPPED;
	}
	entry = &here;
	call(argument);
	entry = NULL;
	return RUNTIME_RETURNED;
}

bool runtime_resize(struct runtime *r, uint64_t size)
{
	const struct box_port *port = box_port_hooks;

	if (size > r->committed && port->commit(r->memory + r->committed, size - r->committed) != 0) {
		return false;
	}
	if (size < r->committed) {
		/* A memory that cannot be taken back would show one call's bytes to the next. */
		mt_assert(port->decommit(r->memory + size, r->committed - size) == 0);
	}
	r->committed = size;
	return true;
}

void runtime_close(struct runtime *r)
{
	if (r->memory) {
		box_port_hooks->release(r->memory, BOX_RESERVATION);
	}
	mt_free(r->table);
	*r = (struct runtime){ 0 };
}

/* ---- called by generated code, always inside runtime_enter() ---- */

bool wasm_rt_is_initialized(void)
{
	return true;
}

void wasm_rt_trap(wasm_rt_trap_t trap)
{
	(void)trap;                     /* which one it was changes nothing for the caller */
	mt_assert(entry);
	siglongjmp(entry->trap, 1);
}

void wasm_rt_allocate_memory(wasm_rt_memory_t *m, uint64_t initial_pages, uint64_t max_pages, bool is64,
			     uint32_t page_size)
{
	struct runtime *r = entry->runtime;

	mt_assert(!r->memory && !is64 && page_size == WASM_DEFAULT_PAGE_SIZE && max_pages <= 65536);
	r->out_of_memory = r->limit && initial_pages * page_size > r->limit;
	r->memory = box_port_hooks->reserve(BOX_RESERVATION);
	if (r->out_of_memory || !r->memory || !runtime_resize(r, initial_pages * page_size)) {
		wasm_rt_trap(WASM_RT_TRAP_OOB);
	}
	*m = (wasm_rt_memory_t){
		.data = r->memory,
		.data_end = r->memory + BOX_RESERVATION,
		.page_size = page_size,
		.pages = initial_pages,
		.max_pages = max_pages,
		.size = r->committed,
	};
}

uint64_t wasm_rt_grow_memory(wasm_rt_memory_t *m, uint64_t pages)
{
	uint64_t before = m->pages, size = (before + pages) * m->page_size;
	bool allowed = pages <= m->max_pages - before && (!entry->runtime->limit || size <= entry->runtime->limit);

	if (!allowed || !runtime_resize(entry->runtime, size)) {
		entry->runtime->out_of_memory = true;
		return UINT32_MAX;
	}
	m->pages = before + pages;
	m->size = entry->runtime->committed;
	return before;
}

/* The memory is the runtime's, which outlives the instance. */
void wasm_rt_free_memory(wasm_rt_memory_t *m)
{
	(void)m;
}

void wasm_rt_allocate_funcref_table(wasm_rt_funcref_table_t *t, uint32_t elements, uint32_t max_elements)
{
	struct runtime *r = entry->runtime;

	mt_assert(!r->table && elements <= TABLE_MAX);
	r->table = mt_alloc(elements * sizeof(*r->table));
	if (!r->table) {
		r->out_of_memory = true;
		wasm_rt_trap(WASM_RT_TRAP_OOB);
	}
	*t = (wasm_rt_funcref_table_t){ .data = r->table, .max_size = max_elements, .size = elements };
}

void wasm_rt_free_funcref_table(wasm_rt_funcref_table_t *t)
{
	(void)t;
}
