/* Writing the answer, and the UTF-8 check that every text parser here needs. */
#include "boxed/box_abi.h"

#include <string.h>

#define ANSWER_START 1024       /* bytes; most answers to requests fit */

static bool answer_reserve(struct answer *a, size_t more)
{
	if (a->failed || more > UINT32_MAX / 2 - a->size) {
		a->failed = true;
		return false;
	}
	size_t need = a->size + more;

	if (need <= a->capacity) {
		return true;
	}
	size_t capacity = a->capacity + a->capacity / 2;

	capacity = capacity > need ? capacity : need;
	uint8_t *at = box_resize(a->at, a->capacity, capacity);

	if (!at) {
		a->failed = true;
		return false;
	}
	a->at = at;
	a->capacity = capacity;
	return true;
}

void answer_open(struct answer *a)
{
	*a = (struct answer){ .at = box_alloc(ANSWER_START), .capacity = ANSWER_START };
	a->failed = !a->at;
	if (answer_reserve(a, sizeof(struct answer_head))) {
		a->size = sizeof(struct answer_head);
	}
}

void answer_add(struct answer *a, enum answer_kind kind, uint32_t offset, uint64_t value)
{
	struct answer_item item = { .kind = (uint8_t)kind, .offset = offset, .value = value };

	if (answer_reserve(a, sizeof(item))) {
		memcpy(a->at + a->size, &item, sizeof(item));
		a->size += sizeof(item);
		a->count++;
	}
}

void answer_set(struct answer *a, uint32_t index, uint64_t value)
{
	if (!a->failed) {
		uint8_t *item = a->at + sizeof(struct answer_head) + sizeof(struct answer_item) * index;

		memcpy(item + offsetof(struct answer_item, value), &value, sizeof(value));
	}
}

enum box_verdict answer_close(struct answer *a, const void *blob, uint32_t blob_size)
{
	if (!answer_reserve(a, blob_size)) {
		return BOX_NO_MEMORY;
	}
	struct answer_head head = { .count = a->count, .blob_size = blob_size };

	memcpy(a->at, &head, sizeof(head));
	if (blob_size) {
		memcpy(a->at + a->size, blob, blob_size);
	}
	a->size += blob_size;
	return BOX_ANSWERED;
}

bool text_is_utf8(const uint8_t *at, size_t size)
{
	for (size_t i = 0; i < size;) {
		uint8_t lead = at[i];

		if (lead < 0x80) {
			i++;
			continue;
		}
		/* RFC 3629, 4: the second byte's range is what keeps out overlong forms, surrogates and > U+10FFFF. */
		size_t more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
		uint8_t low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
		uint8_t high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;

		if (lead < 0xc2 || lead > 0xf4 || size - i <= more || at[i + 1] < low || at[i + 1] > high) {
			return false;
		}
		for (size_t k = 2; k <= more; k++) {
			if ((at[i + k] & 0xc0) != 0x80) {
				return false;
			}
		}
		i += more + 1;
	}
	return true;
}
