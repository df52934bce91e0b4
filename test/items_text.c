#include "test/items_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "test/test.h"

#define ANSWER_CAPACITY (1 << 20)
#define TEXT_CAPACITY (1 << 18)

static void put_bytes(struct builder *b, struct bytes v)
{
	builder_text(b, "h'");
	for (size_t i = 0; i < v.size; i++) {
		builder_format(b, "%02x", v.at[i]);
	}
	builder_text(b, "'");
}

static void put_scalar(struct builder *b, struct reader *r)
{
	switch (reader_peek(r)) {
	case ITEM_NULL:
		reader_null(r);
		builder_text(b, "null");
		break;
	case ITEM_BOOL:
		builder_text(b, reader_bool(r) ? "true" : "false");
		break;
	case ITEM_UINT:
		builder_format(b, "%" PRIu64, reader_uint(r));
		break;
	case ITEM_NINT:
		builder_format(b, "%" PRId64, reader_int(r));
		break;
	case ITEM_FLOAT:
		builder_format(b, "%.17gf", reader_float(r));
		break;
	case ITEM_BSTR:
		put_bytes(b, reader_bstr(r));
		break;
	case ITEM_TSTR:
		builder_json_text(b, reader_tstr(r));
		break;
	case ITEM_TIME:
		builder_text(b, "@");
		builder_bytes(b, reader_time(r));
		break;
	default:
		builder_text(b, "?");
		reader_skip(r);
		break;
	}
}

struct level {
	uint64_t left;
	enum item_kind kind;
};

/* Opens a container; its text so far, and how many items it holds. */
static struct level put_open(struct builder *b, struct reader *r)
{
	struct level l = { .kind = reader_peek(r) };

	switch (l.kind) {
	case ITEM_ARRAY:
		l.left = reader_array(r);
		builder_text(b, "[");
		break;
	case ITEM_MAP:
		l.left = reader_map(r) * 2;
		builder_text(b, "{");
		break;
	default:
		builder_format(b, "tag %" PRIu64 "(", reader_tag(r));
		l.left = 1;
		break;
	}
	return l;
}

static void put_between(struct builder *b, const struct level *l)
{
	if (l->left == 0) {
		builder_text(b, l->kind == ITEM_ARRAY ? "]" : l->kind == ITEM_MAP ? "}" : ")");
	} else {
		builder_text(b, l->kind == ITEM_MAP && l->left % 2 == 1 ? ":" : ",");
	}
}

const char *items_text(const struct items *items)
{
	char *text = test_alloc(TEXT_CAPACITY);
	struct builder b = builder_over(text, TEXT_CAPACITY - 1);
	struct reader r = reader_over(items);
	struct level level[ITEM_DEPTH_MAX];
	size_t depth = 0;

	while (reader_peek(&r) != ITEM_KINDS) {
		enum item_kind kind = reader_peek(&r);

		if (kind == ITEM_ARRAY || kind == ITEM_MAP || kind == ITEM_TAG) {
			level[depth++] = put_open(&b, &r);
			if (level[depth - 1].left > 0) {
				continue;
			}
			put_between(&b, &level[--depth]);
		} else {
			put_scalar(&b, &r);
		}
		while (depth > 0) {
			level[depth - 1].left--;
			put_between(&b, &level[depth - 1]);
			if (level[depth - 1].left > 0) {
				break;
			}
			depth--;
		}
	}
	return reader_done(&r) && !b.failed ? text : "not readable";
}

const char *box_text(struct box *box, uint32_t operation, struct bytes input)
{
	uint8_t *answer = test_alloc(ANSWER_CAPACITY);
	uint64_t traps = box_trap_count(box);
	size_t size = 0;
	struct items items = { 0 };
	char *text = test_alloc(64);
	enum mt_err err = box_call(box, operation, input, answer, ANSWER_CAPACITY, &size);

	if (box_trap_count(box) != traps) {
		return "trap";
	}
	if (err == MT_MALFORMED && box_fault_line(box) != 0) {
		(void)snprintf(text, 64, "malformed %u", box_fault_line(box));
		return text;
	}
	if (err) {
		return mt_err_name(err);
	}
	return items_open(mt_bytes(answer, size), &items) == MT_OK ? items_text(&items) : "answer refused";
}
