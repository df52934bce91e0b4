#include "lib/box/box.h"

#include <string.h>

#include "lib/box/box_kind.h"
#include "lib/box/runtime.h"

struct box {
	const struct box_kind *kind;
	struct runtime runtime;
	void *instance, *instance_fresh;        /* kind->instance_size bytes each */
	uint64_t size_fresh;                    /* bytes of memory before the first call */
	uint32_t image_at;                      /* where the initial data lies: all else is zero */
	struct bytes image;                     /* owned copy of it */
	uint32_t heap_base;
	uint32_t fault_line;
	uint64_t trap_count;
};

/* One call of a box, as it passes through runtime_enter(). */
struct call {
	struct box *box;
	uint32_t operation;
	struct bytes input;
	uint64_t packed;                        /* what box_run() returned */
};

/* Limits that boxed/box_abi.h names as well; the answer tells them apart by address 0. */
#define PACKED_OUT_OF_MEMORY UINT32_MAX

static void box_instantiate(void *argument)
{
	struct box *box = argument;

	box->kind->instantiate(box->instance);
}

/* Keep what a reset restores: the instance's globals, and the one stretch of memory that is not zero. */
static bool box_remember(struct box *box)
{
	const uint8_t *memory = box->runtime.memory;
	uint64_t start = 0, end = box->runtime.committed;

	memcpy(box->instance_fresh, box->instance, box->kind->instance_size);
	while (end > start && memory[end - 1] == 0) {
		end--;
	}
	while (start < end && memory[start] == 0) {
		start++;
	}
	box->image_at = (uint32_t)start;
	box->image = mt_bytes(mt_copy(mt_bytes(memory + start, (size_t)(end - start))), (size_t)(end - start));
	box->size_fresh = box->runtime.committed;
	box->heap_base = box->kind->heap_base(box->instance);
	return box->image.at && box->heap_base <= box->size_fresh;
}

enum mt_err box_open(const struct box_kind *kind, struct box **out)
{
	enum mt_err err = MT_NO_MEMORY;
	struct box *box = NULL;

	*out = NULL;
	mt_assert(box_port_hooks);
	box = mt_alloc(sizeof(*box));
	if (!box) {
		goto out;
	}
	box->kind = kind;
	box->instance = mt_alloc(kind->instance_size);
	box->instance_fresh = mt_alloc(kind->instance_size);
	if (!box->instance || !box->instance_fresh) {
		goto out;
	}
	if (runtime_enter(&box->runtime, box_instantiate, box) != RUNTIME_RETURNED) {
		err = box->runtime.out_of_memory ? MT_NO_MEMORY : MT_IO;
		goto out;
	}
	if (!box_remember(box)) {
		goto out;
	}
	*out = box;
	box = NULL;
	err = MT_OK;
out:
	box_close(box);
	return err;
}

void box_close(struct box *box)
{
	if (!box) {
		return;
	}
	runtime_close(&box->runtime);
	mt_free((void *)(uintptr_t)box->image.at);
	mt_free(box->instance_fresh);
	mt_free(box->instance);
	mt_free(box);
}

size_t box_input_max(const struct box_kind *kind)
{
	return kind->input_max;
}

uint64_t box_trap_count(const struct box *box)
{
	return box->trap_count;
}

uint32_t box_fault_line(const struct box *box)
{
	return box->fault_line;
}

/* As it was before the first call: nothing of this call stays, neither bytes nor globals nor size. */
static void box_reset(struct box *box)
{
	mt_assert(runtime_resize(&box->runtime, box->size_fresh));
	memset(box->runtime.memory, 0, (size_t)box->size_fresh);
	if (box->image.size) {
		memcpy(box->runtime.memory + box->image_at, box->image.at, box->image.size);
	}
	memcpy(box->instance, box->instance_fresh, box->kind->instance_size);
}

/* Place the input at the heap's start, growing the memory when it does not fit, and run. */
static void box_enter(void *argument)
{
	struct call *call = argument;
	struct box *box = call->box;
	wasm_rt_memory_t *memory = box->kind->memory(box->instance);
	uint64_t end = (uint64_t)box->heap_base + call->input.size;

	if (end > memory->size) {
		uint64_t pages = (end - memory->size + memory->page_size - 1) / memory->page_size;

		if (wasm_rt_grow_memory(memory, pages) == UINT32_MAX) {
			call->packed = PACKED_OUT_OF_MEMORY;
			return;
		}
	}
	if (call->input.size) {
		memcpy(memory->data + box->heap_base, call->input.at, call->input.size);
	}
	call->packed = box->kind->run(box->instance, call->operation, box->heap_base, (uint32_t)call->input.size);
}

/* What the box returned is a foreign number: an address and a size, or a refusal (boxed/box_abi.h). */
static enum mt_err box_take_answer(struct box *box, uint64_t packed, uint8_t *answer, size_t capacity,
				   size_t *answer_size)
{
	uint32_t at = (uint32_t)(packed >> 32), size = (uint32_t)packed;

	if (at == 0) {
		if (size == PACKED_OUT_OF_MEMORY) {
			return MT_LIMIT;
		}
		box->fault_line = size;
		return MT_MALFORMED;
	}
	if ((uint64_t)at + size > box->runtime.committed) {
		return MT_MALFORMED;
	}
	if (size > capacity) {
		return MT_LIMIT;
	}
	memcpy(answer, box->runtime.memory + at, size);
	*answer_size = size;
	return MT_OK;
}

enum mt_err box_call(struct box *box, uint32_t operation, struct bytes input, uint8_t *answer, size_t capacity,
		     size_t *answer_size)
{
	struct call call = { .box = box, .operation = operation, .input = input };
	enum mt_err err = MT_OK;

	box->fault_line = 0;
	if (input.size > box->kind->input_max) {
		return MT_LIMIT;
	}
	if (runtime_enter(&box->runtime, box_enter, &call) == RUNTIME_RETURNED) {
		err = box_take_answer(box, call.packed, answer, capacity, answer_size);
	} else {
		box->trap_count++;
		err = box->runtime.out_of_memory ? MT_LIMIT : MT_MALFORMED;
	}
	box_reset(box);
	return err;
}
