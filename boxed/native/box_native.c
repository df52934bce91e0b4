/*
 * The heap of a boxed program compiled natively: exact blocks from malloc, so that a sanitizer sees every step past
 * an end. Blocks live until box_native_free().
 */
#include "boxed/native/box_native.h"

#include <stdlib.h>
#include <string.h>

static void **blocks;
static size_t block_count;

void *box_alloc(size_t size)
{
	void **grown = realloc(blocks, (block_count + 1) * sizeof(*blocks));
	void *block = calloc(1, size ? size : 1);

	if (!grown || !block) {
		abort();
	}
	blocks = grown;
	blocks[block_count++] = block;
	return block;
}

void *box_resize(void *old, size_t old_size, size_t size)
{
	void *fresh = box_alloc(size);

	if (old) {
		memcpy(fresh, old, old_size < size ? old_size : size);
	}
	return fresh;
}

void box_native_free(void)
{
	for (size_t i = 0; i < block_count; i++) {
		free(blocks[i]);
	}
	free(blocks);
	blocks = NULL;
	block_count = 0;
}

enum box_verdict box_native_run(uint32_t operation, const uint8_t *input, uint32_t size, struct answer *answer)
{
	uint8_t *own = box_alloc(size);

	if (size) {
		memcpy(own, input, size);
	}
	*answer = (struct answer){ 0 };
	return box_main(operation, own, size, answer);
}
