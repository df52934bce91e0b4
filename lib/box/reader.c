#include "lib/box/box.h"

#include <string.h>

#include "lib/box/items_private.h"

struct reader reader_over(const struct items *items)
{
	return (struct reader){ .items = items };
}

enum item_kind reader_peek(const struct reader *r)
{
	if (r->failed || r->index >= r->items->count) {
		return ITEM_KINDS;
	}
	return (enum item_kind)item_at(r->items, r->index).kind;
}

/* Step over one item if it is of this kind; a failed reader gives a zero item. */
static struct item reader_take(struct reader *r, enum item_kind kind)
{
	if (kind == ITEM_KINDS || reader_peek(r) != kind) {
		r->failed = true;
		return (struct item){ 0 };
	}
	return item_at(r->items, r->index++);
}

static struct bytes reader_text(struct reader *r, enum item_kind kind)
{
	struct item item = reader_take(r, kind);

	return r->failed ? mt_bytes(NULL, 0) : mt_bytes(r->items->blob.at + item.offset, (size_t)item.value);
}

uint64_t reader_uint(struct reader *r)
{
	return reader_take(r, ITEM_UINT).value;
}

int64_t reader_int(struct reader *r)
{
	enum item_kind kind = reader_peek(r) == ITEM_NINT ? ITEM_NINT : ITEM_UINT;
	uint64_t value = reader_take(r, kind).value;

	if (value > INT64_MAX) {
		r->failed = true;
		return 0;
	}
	return kind == ITEM_NINT && !r->failed ? -1 - (int64_t)value : (int64_t)value;
}

bool reader_bool(struct reader *r)
{
	return reader_take(r, ITEM_BOOL).value == 1;
}

double reader_float(struct reader *r)
{
	uint64_t bits = reader_take(r, ITEM_FLOAT).value;
	double value = 0;

	memcpy(&value, &bits, sizeof(value));
	return value;
}

void reader_null(struct reader *r)
{
	(void)reader_take(r, ITEM_NULL);
}

struct bytes reader_bstr(struct reader *r)
{
	return reader_text(r, ITEM_BSTR);
}

struct bytes reader_bstr_of(struct reader *r, size_t size)
{
	struct bytes b = reader_text(r, ITEM_BSTR);

	if (b.size != size) {
		r->failed = true;
		return mt_bytes(NULL, 0);
	}
	return b;
}

void reader_copy(struct reader *r, uint8_t *out, size_t size)
{
	struct bytes b = reader_bstr_of(r, size);

	if (r->failed) {
		memset(out, 0, size);
	} else if (size) {
		memcpy(out, b.at, size);
	}
}

struct bytes reader_tstr(struct reader *r)
{
	return reader_text(r, ITEM_TSTR);
}

struct bytes reader_time(struct reader *r)
{
	return reader_text(r, ITEM_TIME);
}

uint64_t reader_array(struct reader *r)
{
	return reader_take(r, ITEM_ARRAY).value;
}

uint64_t reader_map(struct reader *r)
{
	return reader_take(r, ITEM_MAP).value;
}

uint64_t reader_tag(struct reader *r)
{
	return reader_take(r, ITEM_TAG).value;
}

void reader_array_of(struct reader *r, uint64_t count)
{
	if (reader_array(r) != count) {
		r->failed = true;
	}
}

void reader_map_of(struct reader *r, uint64_t count)
{
	if (reader_map(r) != count) {
		r->failed = true;
	}
}

void reader_key(struct reader *r, uint64_t key)
{
	if (reader_uint(r) != key) {
		r->failed = true;
	}
}

void reader_skip(struct reader *r)
{
	/* items_open() has proved every container complete, so a count of what is still open is enough. */
	for (uint64_t left = 1; left > 0; left--) {
		enum item_kind kind = reader_peek(r);
		struct item item = reader_take(r, kind);

		if (r->failed) {
			return;
		}
		left += kind == ITEM_ARRAY ? item.value : kind == ITEM_MAP ? item.value * 2 : kind == ITEM_TAG;
	}
}

bool reader_ok(const struct reader *r)
{
	return !r->failed;
}

bool reader_done(const struct reader *r)
{
	return !r->failed && r->index == r->items->count;
}

struct reader reader_find(const struct reader *map, const char *key)
{
	struct reader r = *map;
	uint64_t pairs = reader_map(&r);

	for (uint64_t i = 0; i < pairs && !r.failed; i++) {
		bool found = false;

		if (reader_peek(&r) == ITEM_TSTR) {
			found = mt_equal(reader_tstr(&r), mt_text(key));
		} else {
			reader_skip(&r);
		}
		if (found) {
			return r;
		}
		reader_skip(&r);
	}
	r.failed = true;
	return r;
}
