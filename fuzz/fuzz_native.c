/*
 * One boxed parser, whichever is linked, run natively under the sanitizers. What it accepts must also pass the check
 * that the host makes of every answer.
 */
#include <stdlib.h>

#include "boxed/native/box_native.h"
#include "lib/box/box.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Linked for items_open() alone; no box runs here. */
enum mt_err box_call(struct box *box, uint32_t operation, struct bytes input, uint8_t *answer, size_t capacity,
		     size_t *answer_size)
{
	(void)box;
	(void)operation;
	(void)input;
	(void)answer;
	(void)capacity;
	(void)answer_size;
	abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (uint32_t operation = 0; operation < 2; operation++) {
		struct answer answer = { 0 };
		struct items items = { 0 };

		if (box_native_run(operation, data, (uint32_t)size, &answer) == BOX_ANSWERED &&
		    items_open(mt_bytes(answer.at, answer.size), &items) != MT_OK) {
			abort();
		}
		box_native_free();
	}
	return 0;
}
