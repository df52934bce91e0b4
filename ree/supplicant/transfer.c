#include "ree/supplicant/transfer.h"

#include "port/linux/linux.h"

#include <unistd.h>

#define ORDER_MAX (1 + 4 + 8 + REE_URL_MAX)

static struct transfer *row_find(const struct transfers *t, uint32_t number)
{
	for (size_t i = 0; i < REE_TRANSFERS_MAX; i++) {
		if (t->row[i].number == number) {
			return (struct transfer *)(uintptr_t)&t->row[i];
		}
	}
	return NULL;
}

/* ---- beginning ---- */

static enum mt_err order_send(const struct transfers *t, enum fetch_type type,
			      const struct transfer_order *order, uint64_t size, int handle)
{
	uint8_t space[ORDER_MAX];
	struct builder b = builder_over(space, sizeof(space));
	struct bytes body = { 0 };

	builder_u8(&b, (uint8_t)type);
	builder_u32(&b, order->number);
	builder_u64(&b, size);
	builder_bytes(&b, order->url);
	enum mt_err err = builder_done(&b, &body);

	/* Never waits: eight orders fit its queue, and what it does not take it does not get. */
	return err ? err : message_send(t->socket, body, &handle, 1);
}

/* Whether there is anybody to ask. */
static bool fetcher_here(const struct transfers *t, uint8_t *outcome)
{
	*outcome = t->heard ? FETCH_LOST : FETCH_ABSENT;
	return t->socket >= 0;
}

static bool order_begin(struct transfers *t, enum fetch_type type,
			const struct transfer_order *order, const struct transfer *row, int handle,
			enum mt_err *err)
{
	struct transfer *free = row_find(t, 0);

	*err = order->number == 0 || row_find(t, order->number) ? MT_MALFORMED
	       : free						? MT_OK
								: MT_LIMIT;
	if (!*err) {
		*err = order_send(t, type, order, row->size, handle);
	}
	if (!*err) {
		*free = *row;
	}
	return *err == MT_OK;
}

bool transfer_fetch(struct transfers *t, struct store *s, const struct transfer_order *order,
		    const uint8_t name[REE_NAME_SIZE], uint64_t size, enum mt_err *err,
		    uint8_t *outcome)
{
	struct transfer row = { .number = order->number, .id = order->id, .size = size };
	int file = -1;

	*err = MT_OK;
	if (!fetcher_here(t, outcome)) {
		return false;
	}
	*err = store_upload_open(s, name, size, &row.upload, &file);
	if (*err) {
		return false;
	}
	bool begun = order_begin(t, FETCH_TAKE, order, &row, file, err);

	memory_close(file);
	if (!begun) {
		(void)!store_upload_abort(s, row.upload);
	}
	if (*err == MT_IO) {
		*err = MT_OK; /* gone since: *outcome says so */
	}
	return begun;
}

bool transfer_send(struct transfers *t, const struct transfer_order *order, int take_handle,
		   uint64_t size, enum mt_err *err, uint8_t *outcome)
{
	struct transfer row = { .number = order->number, .id = order->id, .size = size };
	bool begun = false;

	*err = MT_OK;
	if (fetcher_here(t, outcome)) {
		begun = order_begin(t, FETCH_GIVE, order, &row, take_handle, err);
	}
	memory_close(take_handle);
	if (*err == MT_IO) {
		*err = MT_OK;
	}
	return begun;
}

MUST enum mt_err transfer_done(const struct transfers *t, uint32_t number, uint64_t *done)
{
	const struct transfer *row = number ? row_find(t, number) : NULL;

	*done = row ? row->done : 0;
	return row ? MT_OK : MT_NOT_FOUND;
}

/* ---- ending ---- */

static void row_end(struct store *s, struct transfer *row, uint8_t outcome, uint16_t status,
		    struct transfer_end *end)
{
	*end = (struct transfer_end){ row->id, outcome, status };
	if (row->upload && outcome == FETCH_DONE && store_upload_close(s, row->upload)) {
		end->outcome = FETCH_DISK;
	} else if (row->upload && outcome != FETCH_DONE) {
		(void)!store_upload_abort(s, row->upload);
	}
	*row = (struct transfer){ 0 };
}

bool transfer_hear(struct transfers *t, struct store *s, struct bytes message,
		   struct transfer_end *end)
{
	struct cursor c = cursor_over(message);
	uint8_t type = cursor_u8(&c);
	uint32_t number = type == FETCH_HERE ? 0 : cursor_u32(&c);
	uint64_t done = type == FETCH_AT ? cursor_u64(&c) : 0;
	uint8_t outcome = type == FETCH_ENDED ? cursor_u8(&c) : 0;
	uint16_t status = type == FETCH_ENDED ? cursor_u16(&c) : 0;
	struct transfer *row = number ? row_find(t, number) : NULL;

	if (!cursor_done(&c)) {
		return false;
	}
	if (type == FETCH_HERE) {
		t->heard = true;
	} else if (type == FETCH_AT && row) {
		row->done = done < row->size ? done : row->size;
	} else if (type == FETCH_ENDED && row && outcome < FETCH_OUTCOMES) {
		row_end(s, row, outcome, status, end);
		return true;
	}
	return false;
}

bool transfer_lose(struct transfers *t, struct store *s, struct transfer_end *end)
{
	if (t->socket >= 0) {
		close(t->socket);
		t->socket = -1;
	}
	for (size_t i = 0; i < REE_TRANSFERS_MAX; i++) {
		if (t->row[i].number) {
			row_end(s, &t->row[i], t->heard ? FETCH_LOST : FETCH_ABSENT, 0, end);
			return true;
		}
	}
	return false;
}
