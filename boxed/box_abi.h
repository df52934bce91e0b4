/*
 * What a boxed program and its host agree on, and what boxed programs share with each other.
 *
 * A box exports one function, box_run(operation, input, size), the address __heap_base and its memory. The host writes
 * the input at __heap_base and calls; everything after the input, up to the memory's limit, is the box's heap.
 * The packed result: high half the answer's address, low half its size. Address 0 is a refusal: the low half is then
 * the line of the fault (0 when there is none to name), or BOX_OUT_OF_MEMORY.
 *
 * A boxed program implements box_main() and answers through struct answer. Compiled natively, for fuzzing under the
 * sanitizers, the same sources link boxed/native/box_native.c in place of box_start.c and box_memory.c.
 *
 * Class B: one wrong answer. Freestanding C, no recursion, no imports, nothing survives a call.
 */
#ifndef MT_BOX_ABI_H
#define MT_BOX_ABI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MUST __attribute__((warn_unused_result))
#define BOX_OUT_OF_MEMORY UINT32_C(0xffffffff)
#define BOX_DEPTH_MAX 16                /* ITEM_DEPTH_MAX of lib/box/box.h */

enum box_verdict {
	BOX_ANSWERED = 0,
	BOX_REFUSED,
	BOX_NO_MEMORY,
};

/* ---- heap: a bump allocator; nothing is freed, the host resets the whole memory ---- */

/* 16-byte aligned, not zeroed unless it is the first use of that memory. NULL at the memory's limit. */
MUST void *box_alloc(size_t size);
/* Grow the block at `old`; in place when it is the newest. NULL: the old one stays. */
MUST void *box_resize(void *old, size_t old_size, size_t size);

/* ---- the answer: items in document order, then the blob their strings lie in (lib/box/box.h) ---- */

/* Numbers of enum item_kind; test/unit/test_box.c holds them against the host's. */
enum answer_kind {
	ANSWER_NULL = 0,
	ANSWER_BOOL,
	ANSWER_UINT,
	ANSWER_NINT,
	ANSWER_FLOAT,
	ANSWER_BSTR,
	ANSWER_TSTR,
	ANSWER_ARRAY,
	ANSWER_MAP,
	ANSWER_TAG,
	ANSWER_TIME,
};

struct answer_item {
	uint8_t kind, pad[3];
	uint32_t offset;
	uint64_t value;
};
_Static_assert(sizeof(struct answer_item) == 16, "wire form of lib/box/box.h");

struct answer_head {
	uint32_t count, blob_size;
};
_Static_assert(sizeof(struct answer_head) == 8, "wire form of lib/box/box.h");

struct answer {
	uint8_t *at;            /* head, then items; grows */
	size_t size, capacity;
	uint32_t count;
	bool failed;            /* out of memory */
	uint32_t fault_line;    /* for a refusal */
};

/* Sticky like every writer here: after the first failed growth nothing more is written. */
void answer_open(struct answer *a);
void answer_add(struct answer *a, enum answer_kind kind, uint32_t offset, uint64_t value);
/* Set the value of an item written before: the number of children, known only at the end. */
void answer_set(struct answer *a, uint32_t index, uint64_t value);
/* Append the blob and finish. */
MUST enum box_verdict answer_close(struct answer *a, const void *blob, uint32_t blob_size);

/* ---- what a boxed program implements ---- */

/* `input` may be written to: it is the box's own copy. On BOX_ANSWERED the answer is closed. */
MUST enum box_verdict box_main(uint32_t operation, uint8_t *input, uint32_t size, struct answer *answer);

/* ---- text ---- */

/* Whether all of it is UTF-8 as RFC 3629, 4 has it: no surrogates, nothing overlong, nothing past U+10FFFF. */
MUST bool text_is_utf8(const uint8_t *at, size_t size);

#endif
