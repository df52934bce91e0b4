/*
 * Deterministic CBOR (RFC 8949, 4.2.1) to items: shortest heads, definite lengths, map keys ascending in bytewise
 * order without duplicates, text in UTF-8, of the simple values only false, true and null; no floats.
 * The blob is the document itself, so strings are offsets into it. One pass, no recursion.
 */
#include "boxed/box_abi.h"

#include <string.h>

struct run {                            /* a stretch of the document */
	uint32_t start, end;
};

struct level {
	uint64_t left;                  /* items still to come at this level: elements, or keys and values */
	bool is_map;
	uint32_t key_start;             /* where the key being read began */
	struct run last_key;            /* the key before it; empty before the first */
};

struct parser {
	const uint8_t *at;
	uint32_t size, next;
	uint32_t depth;                 /* levels in use; level[0] holds the one root */
	struct level level[BOX_DEPTH_MAX + 1];
	struct answer *answer;
};

enum major {
	MAJOR_UINT = 0,
	MAJOR_NINT,
	MAJOR_BSTR,
	MAJOR_TSTR,
	MAJOR_ARRAY,
	MAJOR_MAP,
	MAJOR_TAG,
	MAJOR_SIMPLE,
};

enum simple {
	SIMPLE_FALSE = 20,
	SIMPLE_TRUE = 21,
	SIMPLE_NULL = 22,
};

/* RFC 8949, 3 and 4.2.1: the argument in its shortest form; reserved and indefinite forms are refused. */
static bool head_read(struct parser *p, uint8_t *major, uint64_t *argument)
{
	if (p->next >= p->size) {
		return false;
	}
	uint8_t first = p->at[p->next++], short_form = first & 0x1f;

	*major = first >> 5;
	*argument = short_form;
	if (short_form < 24) {
		return true;
	}
	if (short_form > 27) {
		return false;
	}
	uint32_t width = UINT32_C(1) << (short_form - 24);
	uint64_t value = 0;

	if (p->size - p->next < width) {
		return false;
	}
	for (uint32_t i = 0; i < width; i++) {
		value = value << 8 | p->at[p->next++];
	}
	*argument = value;
	return value >= (width == 1 ? 24 : UINT64_C(1) << (width * 4));
}

static bool level_open(struct parser *p, uint64_t left, bool is_map)
{
	/* Every item takes a byte at least, so a count past the end is refused before anything is reserved for it. */
	if (p->depth > BOX_DEPTH_MAX || left > p->size - p->next) {
		return false;
	}
	p->level[p->depth++] = (struct level){ .left = left, .is_map = is_map, .key_start = p->next };
	return true;
}

static bool key_is_after(const struct parser *p, struct run last, struct run key)
{
	uint32_t last_size = last.end - last.start, key_size = key.end - key.start;
	uint32_t common = last_size < key_size ? last_size : key_size;
	int order = memcmp(p->at + last.start, p->at + key.start, common);

	return order < 0 || (order == 0 && last_size < key_size);
}

/* A whole item has ended at p->next: count it in its level, and close the levels that it completes. */
static bool item_ended(struct parser *p)
{
	while (p->depth > 0) {
		struct level *l = &p->level[p->depth - 1];

		l->left--;
		if (l->is_map && l->left % 2 == 1) {            /* it was a key */
			struct run key = { l->key_start, p->next };

			if (!key_is_after(p, l->last_key, key)) {
				return false;
			}
			l->last_key = key;
		}
		l->key_start = p->next;
		if (l->left > 0) {
			return true;
		}
		p->depth--;
	}
	return true;
}

static bool string_read(struct parser *p, enum answer_kind kind, uint64_t size)
{
	if (size > p->size - p->next) {
		return false;
	}
	if (kind == ANSWER_TSTR && !text_is_utf8(p->at + p->next, (size_t)size)) {
		return false;
	}
	answer_add(p->answer, kind, p->next, size);
	p->next += (uint32_t)size;
	return item_ended(p);
}

static bool container_read(struct parser *p, enum answer_kind kind, uint64_t count)
{
	bool is_map = kind == ANSWER_MAP;

	answer_add(p->answer, kind, 0, count);
	if (count == 0) {
		return p->depth <= BOX_DEPTH_MAX && item_ended(p);
	}
	return count <= p->size && level_open(p, is_map ? count * 2 : count, is_map);
}

static bool simple_read(struct parser *p, uint64_t value)
{
	switch (value) {
	case SIMPLE_FALSE:
	case SIMPLE_TRUE:
		answer_add(p->answer, ANSWER_BOOL, 0, value == SIMPLE_TRUE);
		return item_ended(p);
	case SIMPLE_NULL:
		answer_add(p->answer, ANSWER_NULL, 0, 0);
		return item_ended(p);
	default:
		return false;
	}
}

static bool item_read(struct parser *p)
{
	uint8_t major = 0;
	uint64_t argument = 0;

	if (!head_read(p, &major, &argument)) {
		return false;
	}
	switch ((enum major)major) {
	case MAJOR_UINT:
		answer_add(p->answer, ANSWER_UINT, 0, argument);
		return item_ended(p);
	case MAJOR_NINT:
		answer_add(p->answer, ANSWER_NINT, 0, argument);
		return item_ended(p);
	case MAJOR_BSTR:
		return string_read(p, ANSWER_BSTR, argument);
	case MAJOR_TSTR:
		return string_read(p, ANSWER_TSTR, argument);
	case MAJOR_ARRAY:
		return container_read(p, ANSWER_ARRAY, argument);
	case MAJOR_MAP:
		return container_read(p, ANSWER_MAP, argument);
	case MAJOR_TAG:
		answer_add(p->answer, ANSWER_TAG, 0, argument);
		return level_open(p, 1, false);
	case MAJOR_SIMPLE:
		return simple_read(p, argument);
	}
	return false;
}

enum box_verdict box_main(uint32_t operation, uint8_t *input, uint32_t size, struct answer *answer)
{
	struct parser p = { .at = input, .size = size, .answer = answer };

	(void)operation;                        /* there is only one */
	answer_open(answer);
	if (!level_open(&p, 1, false)) {
		return BOX_REFUSED;
	}
	while (p.depth > 0 && !answer->failed) {
		if (!item_read(&p)) {
			return BOX_REFUSED;
		}
	}
	if (!answer->failed && p.next != size) {
		return BOX_REFUSED;
	}
	return answer_close(answer, input, size);
}
