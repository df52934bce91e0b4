/* What must not be in oblivious.c, for the recorder to find: a step that only some keys cause. */
#include "exec/builtin/oblivious.h"

size_t trace_control(const oblivious_block *slot, size_t count);

size_t trace_control(const oblivious_block *slot, size_t count)
{
	size_t rises = 0;

	for (size_t i = 1; i < count; i++) {
		if (slot[i][0] > slot[i - 1][0]) {
			rises += (size_t)slot[slot[i][0]][1];
		}
	}
	return rises;
}
