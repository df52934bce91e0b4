/* The one export of a box. */
#include "boxed/box_abi.h"

uint64_t box_run(uint32_t operation, uint32_t input, uint32_t size);
void box_heap_open(uintptr_t start);

uint64_t box_run(uint32_t operation, uint32_t input, uint32_t size)
{
	struct answer answer = { 0 };

	box_heap_open((uintptr_t)input + size);
	switch (box_main(operation, (uint8_t *)(uintptr_t)input, size, &answer)) {
	case BOX_ANSWERED:
		return (uint64_t)(uintptr_t)answer.at << 32 | (uint32_t)answer.size;
	case BOX_NO_MEMORY:
		return BOX_OUT_OF_MEMORY;
	case BOX_REFUSED:
		break;
	}
	return answer.fault_line;
}
