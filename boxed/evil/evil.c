/* A box that misbehaves on request, for the tests of lib/box. In no image. */
#include "boxed/evil/evil.h"

#include <string.h>

#include "boxed/box_abi.h"

#define PAGE_SIZE UINT32_C(65536)
#define MARK UINT32_C(0x5ec4e700)

extern uint8_t __heap_base;

static volatile uint32_t zero, remembered;
static volatile uint32_t initial = MARK;

static uint8_t *memory_end(void)
{
	return (uint8_t *)(__builtin_wasm_memory_size(0) * PAGE_SIZE);
}

__attribute__((noinline)) static uint32_t recurse(uint32_t depth)
{
	volatile uint8_t frame[64];

	if (zero) {                             /* never, which the compiler cannot know */
		return 0;
	}
	frame[depth % sizeof(frame)] = (uint8_t)depth;
	return recurse(depth + 1) + frame[depth % sizeof(frame)];
}

__attribute__((noinline)) static uint32_t recurse_flat(uint32_t depth)
{
	return zero ? 0 : recurse_flat(depth + 1) + zero;
}

__attribute__((noinline)) static uint32_t use_stack(void)
{
	volatile uint8_t frame[PAGE_SIZE];

	for (uint32_t i = sizeof(frame); i-- > 0;) {
		frame[i] = 1;
	}
	return frame[zero];
}

static uint32_t grow_to_the_end(void)
{
	while (__builtin_wasm_memory_grow(0, 1) != (size_t)-1) {
		memory_end()[-1] = 1;
	}
	return __builtin_wasm_memory_size(0);
}

/* Bytes that are not zero between the heap's start and the memory's end, the input apart. */
static uint32_t leftovers(const uint8_t *input, uint32_t size)
{
	uint32_t found = 0;

	for (const uint8_t *at = &__heap_base; at < memory_end(); at++) {
		found += *at != 0 && (at < input || at >= input + size);
	}
	return found;
}

static void lie(struct answer *answer)
{
	answer_add(answer, ANSWER_ARRAY, 0, 1);
	answer_add(answer, ANSWER_UINT, 0, 2);
}

/* What does not come back, or not usually: a trap is what the tests expect. */
static uint32_t trap(enum evil operation)
{
	switch (operation) {
	case EVIL_WRITE_PAST_END:
		*(volatile uint8_t *)(memory_end() + zero) = 1;
		return 0;
	case EVIL_WRITE_FAR:
		((volatile uint64_t *)(uintptr_t)(0xfffffff8 + zero))[0] = 1;
		return 0;
	case EVIL_READ_PAST_END:
		return *(volatile uint8_t *)(memory_end() + zero);
	case EVIL_RECURSE:
		return recurse(zero);
	case EVIL_RECURSE_FLAT:
		return recurse_flat(zero);
	case EVIL_STACK:
		return use_stack();
	case EVIL_DIVIDE:
		return 7 / zero;
	case EVIL_CALL_NOWHERE:
		((void (*)(void))(uintptr_t)(0x1234 + zero))();
		return 0;
	case EVIL_GROW_THEN_TRAP:
		(void)grow_to_the_end();
		__builtin_trap();
	default:
		__builtin_trap();
	}
}

enum box_verdict box_main(uint32_t operation, uint8_t *input, uint32_t size, struct answer *answer)
{
	uint32_t found = 0;

	answer_open(answer);
	switch ((enum evil)operation) {
	case EVIL_ECHO:
		answer_add(answer, ANSWER_BSTR, 0, size);
		break;
	case EVIL_GROW:
		answer_add(answer, ANSWER_UINT, 0, grow_to_the_end());
		break;
	case EVIL_ANSWER_OUTSIDE:
		answer->at = memory_end();
		answer->size = 8;
		return BOX_ANSWERED;
	case EVIL_ANSWER_HUGE:
		answer->size = UINT32_MAX;
		return BOX_ANSWERED;
	case EVIL_ITEM_OUTSIDE:
		answer_add(answer, ANSWER_BSTR, 1, size);
		break;
	case EVIL_ITEM_ENDLESS:
		answer_add(answer, ANSWER_ARRAY, 0, 1);
		break;
	case EVIL_REMEMBER:
		memset(&__heap_base, 0x5a, (size_t)(memory_end() - &__heap_base));
		remembered = MARK;
		initial = 0;
		return BOX_REFUSED;
	case EVIL_RECALL:
		found = leftovers(input, size);         /* before anything is written */
		answer_add(answer, ANSWER_ARRAY, 0, 3);
		answer_add(answer, ANSWER_UINT, 0, found);
		answer_add(answer, ANSWER_UINT, 0, remembered);
		answer_add(answer, ANSWER_UINT, 0, initial);
		break;
	case EVIL_LIE:
		lie(answer);
		return answer_close(answer, NULL, 0);
	case EVIL_REFUSE_LINE:
		answer->fault_line = 7;
		return BOX_REFUSED;
	default:
		answer->fault_line = trap((enum evil)operation);
		return BOX_REFUSED;
	}
	return answer_close(answer, input, size);
}
