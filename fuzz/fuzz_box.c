/*
 * The boxes themselves: the first byte chooses one, the rest is its input. A trap is a crash, a malformed answer is a
 * crash, and what the CBOR box accepts must re-encode to itself.
 */
#include <stdlib.h>

#include "lib/box/box.h"
#include "port/linux/box_port.h"

#define ANSWER_CAPACITY (1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct box_kind *const kinds[] = { &box_cbor, &box_json, &box_toml, &box_http };
static struct box *boxes[MT_COUNT(kinds)];
static uint8_t answer[ANSWER_CAPACITY];

static void must(bool condition)
{
	if (!condition) {
		abort();
	}
}

static void open_boxes(void)
{
	if (!boxes[0]) {
		box_port_install();
		for (size_t i = 0; i < MT_COUNT(kinds); i++) {
			must(box_open(kinds[i], &boxes[i]) == MT_OK);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	open_boxes();
	if (size == 0) {
		return 0;
	}
	size_t which = data[0] % MT_COUNT(kinds);
	uint32_t operation = data[0] >> 7;
	struct bytes input = mt_bytes(data + 1, size - 1);
	struct items items = { 0 };
	size_t answer_size = 0;
	enum mt_err err = box_call(boxes[which], operation, input, answer, sizeof(answer), &answer_size);

	must(box_trap_count(boxes[which]) == 0);
	if (err == MT_OK) {
		must(items_open(mt_bytes(answer, answer_size), &items) == MT_OK);
		must(which != 0 || items_match_cbor(&items, input) == MT_OK);
	}
	return 0;
}
