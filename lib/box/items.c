/* Checking a box's answer, and holding it against the signed bytes. */
#include "lib/box/box.h"

#include <string.h>

#include "lib/box/items_private.h"

#define HEAD_SIZE 8                     /* count, blob_size */
#define CBOR_HEAD_MAX 9                 /* RFC 8949, 3: initial byte and at most 8 of argument */

struct item item_at(const struct items *items, uint32_t index)
{
	struct item item;

	mt_assert(index < items->count);
	memcpy(&item, items->at + (size_t)index * sizeof(item), sizeof(item));
	return item;
}

/* RFC 3629, 4. The box has checked this (boxed/answer.c), but a box may lie: the host does not share its code. */
static bool utf8_ok(struct bytes text)
{
	for (size_t i = 0; i < text.size;) {
		uint8_t lead = text.at[i];

		if (lead < 0x80) {
			i++;
			continue;
		}
		size_t more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
		uint8_t low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
		uint8_t high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;

		if (lead < 0xc2 || lead > 0xf4 || text.size - i <= more || text.at[i + 1] < low ||
		    text.at[i + 1] > high) {
			return false;
		}
		for (size_t k = 2; k <= more; k++) {
			if ((text.at[i + k] & 0xc0) != 0x80) {
				return false;
			}
		}
		i += more + 1;
	}
	return true;
}

static bool text_ok(const struct items *items, const struct item *item)
{
	if (item->offset > items->blob.size || item->value > items->blob.size - item->offset) {
		return false;
	}
	return item->kind == ITEM_BSTR || utf8_ok(mt_bytes(items->blob.at + item->offset, (size_t)item->value));
}

/* One item by itself; *children is how many items follow as its own. */
static bool item_ok(const struct items *items, const struct item *item, uint64_t *children)
{
	*children = 0;
	if (item->pad[0] || item->pad[1] || item->pad[2]) {
		return false;
	}
	switch ((enum item_kind)item->kind) {
	case ITEM_BSTR:
	case ITEM_TSTR:
	case ITEM_TIME:
		return text_ok(items, item);
	case ITEM_NULL:
		return item->offset == 0 && item->value == 0;
	case ITEM_BOOL:
		return item->offset == 0 && item->value <= 1;
	case ITEM_UINT:
	case ITEM_NINT:
	case ITEM_FLOAT:
		return item->offset == 0;
	case ITEM_ARRAY:
		*children = item->value;
		return item->offset == 0 && item->value <= items->count;
	case ITEM_MAP:
		*children = item->value * 2;
		return item->offset == 0 && item->value <= items->count;
	case ITEM_TAG:
		*children = 1;
		return item->offset == 0;
	case ITEM_KINDS:
		break;
	}
	return false;
}

/* Exactly one root, every container as long as it says, none nested deeper than ITEM_DEPTH_MAX. */
static bool nesting_ok(const struct items *items)
{
	uint64_t left[ITEM_DEPTH_MAX + 1] = { 1 };      /* items still to come at each level */
	uint32_t depth = 1;

	for (uint32_t i = 0; i < items->count; i++) {
		struct item item = item_at(items, i);
		uint64_t children = 0;

		if (depth == 0 || !item_ok(items, &item, &children)) {
			return false;
		}
		left[depth - 1]--;
		if (item_holds(item.kind)) {
			if (depth > ITEM_DEPTH_MAX) {
				return false;
			}
			left[depth++] = children;
		}
		while (depth > 0 && left[depth - 1] == 0) {
			depth--;
		}
	}
	return depth == 0;
}

static uint32_t little_u32(const uint8_t *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

enum mt_err items_open(struct bytes answer, struct items *out)
{
	if (answer.size < HEAD_SIZE) {
		return MT_MALFORMED;
	}
	uint32_t count = little_u32(answer.at), blob_size = little_u32(answer.at + 4);
	uint64_t items_size = (uint64_t)count * sizeof(struct item);

	if (answer.size - HEAD_SIZE != items_size + blob_size) {
		return MT_MALFORMED;
	}
	const uint8_t *at = answer.at + HEAD_SIZE;
	struct items items = { .at = at, .count = count, .blob = mt_bytes(at + items_size, blob_size) };

	if (!nesting_ok(&items)) {
		return MT_MALFORMED;
	}
	*out = items;
	return MT_OK;
}

/* The document's bytes that are not compared yet begin with `want`; steps over it. */
static bool match(struct bytes *document, struct bytes want)
{
	if (document->size < want.size || !mt_equal(mt_bytes(document->at, want.size), want)) {
		return false;
	}
	*document = mt_bytes(document->at + want.size, document->size - want.size);
	return true;
}

static bool match_item(struct bytes *document, const struct items *items, const struct item *item)
{
	uint8_t space[CBOR_HEAD_MAX];
	struct builder head = builder_over(space, sizeof(space));
	struct bytes text = { NULL, 0 }, wrote = { NULL, 0 };

	switch ((enum item_kind)item->kind) {
	case ITEM_NULL:
		cbor_null(&head);
		break;
	case ITEM_BOOL:
		cbor_bool(&head, item->value == 1);
		break;
	case ITEM_UINT:
		cbor_head(&head, 0, item->value);
		break;
	case ITEM_NINT:
		cbor_head(&head, 1, item->value);
		break;
	case ITEM_BSTR:
	case ITEM_TSTR:
		cbor_head(&head, item->kind == ITEM_BSTR ? 2 : 3, item->value);
		text = mt_bytes(items->blob.at + item->offset, (size_t)item->value);
		break;
	case ITEM_ARRAY:
		cbor_array(&head, item->value);
		break;
	case ITEM_MAP:
		cbor_map(&head, item->value);
		break;
	case ITEM_TAG:
		cbor_tag(&head, item->value);
		break;
	case ITEM_FLOAT:                /* our CBOR has neither */
	case ITEM_TIME:
	case ITEM_KINDS:
		return false;
	}
	return builder_done(&head, &wrote) == MT_OK && match(document, wrote) && match(document, text);
}

enum mt_err items_match_cbor(const struct items *items, struct bytes document)
{
	for (uint32_t i = 0; i < items->count; i++) {
		struct item item = item_at(items, i);

		if (!match_item(&document, items, &item)) {
			return MT_TAMPERED;
		}
	}
	return document.size == 0 ? MT_OK : MT_TAMPERED;
}

enum mt_err items_from_cbor(struct box *box, struct bytes document, uint8_t *scratch, size_t scratch_size,
			    struct items *out)
{
	struct items items = { 0 };
	size_t answer_size = 0;
	enum mt_err err = box_call(box, BOX_PARSE, document, scratch, scratch_size, &answer_size);

	if (err) {
		return err;
	}
	err = items_open(mt_bytes(scratch, answer_size), &items);
	if (err) {
		return err;
	}
	err = items_match_cbor(&items, document);
	if (err) {
		return err;
	}
	*out = items;
	return MT_OK;
}
