/*
 * The supplicant: files for core and for the gateway (api/ree.h). It sees ciphertext and public
 * bytes only. One request at a time, in the order of arrival on each socket.
 */
#include "ree/supplicant/supplicant.h"

#include "api/ree.h"
#include "port/linux/linux.h"
#include "ree/supplicant/store.h"
#include "ree/supplicant/transfer.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum door { DOOR_CORE, DOOR_GATEWAY, DOOR_FETCH, DOORS };

/* One request, decoded, and its answer. Fields that a type does not have are zero. */
struct request {
	uint8_t type;
	uint32_t id, size, upload, transfer;
	uint8_t file;
	uint64_t extend_to, offset, total;
	enum ree_space space;
	uint8_t name[REE_NAME_SIZE];
	struct bytes content;
	int handle; /* given with it, or PORT_NO_HANDLE */
};

struct answer {
	struct builder *fields;
	int handle; /* to give, or PORT_NO_HANDLE; ours to close */
	bool later; /* it comes when something has ended */
};

/* What each type carries after its id, in this order. */
enum {
	HAS_SPACE = 1,
	HAS_NAME = 2,
	HAS_EXTEND = 4,
	HAS_OFFSET = 8,
	HAS_SIZE = 16,
	HAS_TOTAL = 32,
	HAS_UPLOAD = 64,
	HAS_CONTENT = 128,
	HAS_HANDLE = 256,
	HAS_TRANSFER = 512,
	MAY_HANDLE = 1024,
	HAS_FILE = 2048,
};

static uint8_t buffer[PORT_MESSAGE_MAX], wire[PORT_MESSAGE_MAX];
static struct transfers transfers;

/* ---- what is done ---- */

static enum mt_err log_read(struct store *s, const struct request *r, struct answer *a)
{
	static uint8_t part[REE_READ_MAX];
	size_t got = 0;
	enum mt_err err = store_log_read(s, r->offset, part, r->size, &got);

	builder_bytes(a->fields, mt_bytes(part, got));
	return err;
}

static enum mt_err log_write(struct store *s, const struct request *r, struct answer *a)
{
	(void)a;
	return store_log_write(s, r->extend_to, r->offset, r->content);
}

static enum mt_err trusted_read(struct store *s, const struct request *r, struct answer *a)
{
	static uint8_t part[REE_READ_MAX];
	size_t got = 0;
	enum mt_err err = store_trusted_read(s, r->file, r->offset, part, r->size, &got);

	builder_bytes(a->fields, mt_bytes(part, got));
	return err;
}

static enum mt_err trusted_write(struct store *s, const struct request *r, struct answer *a)
{
	(void)a;
	return store_trusted_write(s, r->file, r->offset, r->content, r->type == REE_TRUSTED_APPEND);
}

static enum mt_err trusted_size(struct store *s, const struct request *r, struct answer *a)
{
	uint64_t size = 0;
	enum mt_err err = store_trusted_size(s, r->file, &size);

	builder_u64(a->fields, size);
	return err;
}

static enum mt_err trusted_clear(struct store *s, const struct request *r, struct answer *a)
{
	(void)a;
	return store_trusted_clear(s, r->file);
}

static enum mt_err blob_get(struct store *s, const struct request *r, struct answer *a)
{
	uint64_t size = 0;
	enum mt_err err = store_blob_get(s, r->space, r->name, &a->handle, &size);

	builder_u64(a->fields, size);
	return err;
}

static enum mt_err blob_open(struct store *s, const struct request *r, struct answer *a)
{
	uint64_t size = 0;
	enum mt_err err = store_blob_open(s, r->space, r->name, &a->handle, &size);

	builder_u64(a->fields, size);
	return err;
}

static enum mt_err blob_head(struct store *s, const struct request *r, struct answer *a)
{
	static uint8_t part[REE_READ_MAX];
	size_t got = 0;
	uint64_t size = 0;
	enum mt_err err = store_blob_head(s, r->space, r->name, part, r->size, &got, &size);

	builder_u64(a->fields, size);
	builder_bytes(a->fields, mt_bytes(part, got));
	return err;
}

static enum mt_err blob_put(struct store *s, const struct request *r, struct answer *a)
{
	(void)a;
	return store_blob_put(s, r->space, r->name, r->handle);
}

static enum mt_err blob_drop(struct store *s, const struct request *r, struct answer *a)
{
	(void)a;
	return store_blob_drop(s, r->space, r->name);
}

static enum mt_err upload_open(struct store *s, const struct request *r, struct answer *a)
{
	uint32_t upload = 0;
	enum mt_err err = store_upload_open(s, r->name, r->total, &upload, &a->handle);

	builder_u32(a->fields, upload);
	return err;
}

static enum mt_err upload_sync(struct store *s, const struct request *r, struct answer *a)
{
	(void)a;
	return store_upload_sync(s, r->upload);
}

static enum mt_err upload_close(struct store *s, const struct request *r, struct answer *a)
{
	(void)a;
	return store_upload_close(s, r->upload);
}

static enum mt_err upload_abort(struct store *s, const struct request *r, struct answer *a)
{
	(void)a;
	return store_upload_abort(s, r->upload);
}

static void outcome_build(struct builder *b, uint8_t outcome, uint16_t status)
{
	builder_u8(b, outcome);
	builder_u16(b, status);
}

static enum mt_err fetch(struct store *s, const struct request *r, struct answer *a)
{
	const struct transfer_order order = { r->transfer, r->id, r->content };
	uint8_t outcome = FETCH_ABSENT;
	enum mt_err err;

	a->later = transfer_fetch(&transfers, s, &order, r->name, r->total, &err, &outcome);
	outcome_build(a->fields, outcome, 0);
	return err;
}

/* What is sent is a blob, or what came with the request. */
static enum mt_err send_source(struct store *s, const struct request *r, int *file, uint64_t *size)
{
	struct stat facts;

	if (r->handle == PORT_NO_HANDLE) {
		return store_blob_open(s, r->space, r->name, file, size);
	}
	if (fstat(r->handle, &facts) != 0 || !S_ISREG(facts.st_mode)) {
		return MT_MALFORMED;
	}
	*size = (uint64_t)facts.st_size;
	return memory_share(r->handle, file);
}

static enum mt_err send_blob(struct store *s, const struct request *r, struct answer *a)
{
	const struct transfer_order order = { r->transfer, r->id, r->content };
	uint8_t outcome = FETCH_ABSENT;
	uint64_t size = 0;
	int file = -1;
	enum mt_err err = send_source(s, r, &file, &size);

	if (!err) {
		a->later = transfer_send(&transfers, &order, file, size, &err, &outcome);
	}
	outcome_build(a->fields, outcome, 0);
	return err;
}

static enum mt_err transfer_look(struct store *s, const struct request *r, struct answer *a)
{
	uint64_t done = 0;
	enum mt_err err = transfer_done(&transfers, r->transfer, &done);

	(void)s;
	builder_u64(a->fields, done);
	return err;
}

static const struct call {
	uint8_t type;
	enum door door;
	unsigned has;
	enum mt_err (*run)(struct store *s, const struct request *r, struct answer *a);
} calls[] = {
	{ REE_LOG_READ, DOOR_CORE, HAS_OFFSET | HAS_SIZE, log_read },
	{ REE_LOG_WRITE, DOOR_CORE, HAS_EXTEND | HAS_OFFSET | HAS_CONTENT, log_write },
	{ REE_BLOB_GET, DOOR_CORE, HAS_SPACE | HAS_NAME, blob_get },
	{ REE_BLOB_HEAD, DOOR_CORE, HAS_SPACE | HAS_NAME | HAS_SIZE, blob_head },
	{ REE_BLOB_PUT, DOOR_CORE, HAS_SPACE | HAS_NAME | HAS_HANDLE, blob_put },
	{ REE_BLOB_DROP, DOOR_CORE, HAS_SPACE | HAS_NAME, blob_drop },
	{ REE_BLOB_OPEN, DOOR_CORE, HAS_SPACE | HAS_NAME, blob_open },
	{ REE_FETCH, DOOR_CORE, HAS_TRANSFER | HAS_NAME | HAS_TOTAL | HAS_CONTENT, fetch },
	{ REE_SEND, DOOR_CORE, HAS_TRANSFER | HAS_SPACE | HAS_NAME | HAS_CONTENT | MAY_HANDLE,
	  send_blob },
	{ REE_TRANSFER, DOOR_CORE, HAS_TRANSFER, transfer_look },
	{ REE_TRUSTED_READ, DOOR_CORE, HAS_FILE | HAS_OFFSET | HAS_SIZE, trusted_read },
	{ REE_TRUSTED_WRITE, DOOR_CORE, HAS_FILE | HAS_OFFSET | HAS_CONTENT, trusted_write },
	{ REE_TRUSTED_APPEND, DOOR_CORE, HAS_FILE | HAS_OFFSET | HAS_CONTENT, trusted_write },
	{ REE_TRUSTED_SIZE, DOOR_CORE, HAS_FILE, trusted_size },
	{ REE_TRUSTED_CLEAR, DOOR_CORE, HAS_FILE, trusted_clear },
	{ REE_UPLOAD_OPEN, DOOR_GATEWAY, HAS_NAME | HAS_TOTAL, upload_open },
	{ REE_UPLOAD_SYNC, DOOR_GATEWAY, HAS_UPLOAD, upload_sync },
	{ REE_UPLOAD_CLOSE, DOOR_GATEWAY, HAS_UPLOAD, upload_close },
	{ REE_UPLOAD_ABORT, DOOR_GATEWAY, HAS_UPLOAD, upload_abort },
	{ REE_BLOB_OPEN, DOOR_GATEWAY, HAS_SPACE | HAS_NAME, blob_open },
};

/* ---- decoding ---- */

static const struct call *call_find(enum door door, uint8_t type)
{
	for (size_t i = 0; i < MT_COUNT(calls); i++) {
		if (calls[i].type == type && calls[i].door == door) {
			return &calls[i];
		}
	}
	return NULL;
}

/* r->type and r->id are set whenever they could be read, so that a refusal can be addressed. */
static enum mt_err request_decode(enum door door, const struct message *m, struct request *r,
				  const struct call **call)
{
	struct cursor c = cursor_over(m->body);

	*r = (struct request){ .handle = PORT_NO_HANDLE };
	r->type = cursor_u8(&c);
	r->id = cursor_u32(&c);
	*call = call_find(door, r->type);
	if (!*call) {
		return MT_MALFORMED;
	}
	unsigned has = (*call)->has;

	r->transfer = has & HAS_TRANSFER ? cursor_u32(&c) : 0;
	uint8_t space = has & HAS_SPACE ? cursor_u8(&c) : 0;

	r->file = has & HAS_FILE ? cursor_u8(&c) : 0;

	if (has & HAS_NAME) {
		cursor_copy(&c, r->name, sizeof(r->name));
	}
	r->extend_to = has & HAS_EXTEND ? cursor_u64(&c) : 0;
	r->offset = has & HAS_OFFSET ? cursor_u64(&c) : 0;
	r->size = has & HAS_SIZE ? cursor_u32(&c) : 0;
	r->total = has & HAS_TOTAL ? cursor_u64(&c) : 0;
	r->upload = has & HAS_UPLOAD ? cursor_u32(&c) : 0;
	r->content = has & HAS_CONTENT ? cursor_take(&c, cursor_left(&c)) : mt_bytes(NULL, 0);
	size_t handles_max = has & (HAS_HANDLE | MAY_HANDLE) ? 1 : 0,
	       handles_min = has & HAS_HANDLE ? 1 : 0;

	if (!cursor_done(&c) || space >= REE_SPACES || r->file >= REE_TRUSTED_FILES || m->handle_count < handles_min ||
	    m->handle_count > handles_max) {
		return MT_MALFORMED;
	}
	if ((has & HAS_TRANSFER) && (has & HAS_CONTENT) &&
	    (r->content.size == 0 || r->content.size > REE_URL_MAX)) {
		return MT_MALFORMED;
	}
	if (r->size > REE_READ_MAX) {
		return MT_LIMIT;
	}
	r->space = (enum ree_space)space;
	r->handle = m->handle_count ? m->handle[0] : PORT_NO_HANDLE;
	return MT_OK;
}

/* ---- serving ---- */

static enum mt_err answer_send(int socket, uint32_t id, enum mt_err result, struct answer *a)
{
	struct builder b = builder_over(wire, sizeof(wire));
	struct bytes fields = { 0 }, body = { 0 };

	builder_u8(&b, REE_ANSWER);
	builder_u32(&b, id);
	builder_u8(&b, (uint8_t)result);
	if (result == MT_OK && builder_done(a->fields, &fields) == MT_OK) {
		builder_bytes(&b, fields);
	}
	enum mt_err err = builder_done(&b, &body);

	mt_assert(!err);
	bool gives = result == MT_OK && a->handle != PORT_NO_HANDLE;

	err = message_send_wait(socket, body, &a->handle, gives ? 1 : 0);
	memory_close(a->handle);
	return err;
}

/* One message of this door, if there is one. MT_IO: the peer is gone. */
static enum mt_err serve(struct store *s, enum door door, int socket)
{
	static uint8_t fields[PORT_MESSAGE_MAX];
	struct builder b = builder_over(fields, sizeof(fields));
	struct answer a = { .fields = &b, .handle = PORT_NO_HANDLE };
	const struct call *call = NULL;
	struct message m = { 0 };
	struct request r;
	enum mt_err err = message_receive(socket, buffer, &m);

	if (err == MT_STATE || err == MT_MALFORMED) {
		return MT_OK; /* nothing there, or nothing that could be answered */
	}
	if (err) {
		return err;
	}
	err = request_decode(door, &m, &r, &call);
	if (!err) {
		err = call->run(s, &r, &a);
	}
	message_close(&m);
	return a.later ? MT_OK : answer_send(socket, r.id, err, &a);
}

/* ---- the fetcher, which may be none, and may go ---- */

static enum mt_err end_tell(int core, const struct transfer_end *end)
{
	uint8_t fields[4];
	struct builder b = builder_over(fields, sizeof(fields));
	struct answer a = { .fields = &b, .handle = PORT_NO_HANDLE };

	outcome_build(&b, end->outcome, end->status);
	return answer_send(core, end->id, MT_OK, &a);
}

static enum mt_err fetcher_serve(struct store *s, struct pollfd door[DOORS])
{
	struct message m = { 0 };
	struct transfer_end end;
	enum mt_err result = MT_OK, err = message_receive(door[DOOR_FETCH].fd, buffer, &m);

	if (err == MT_STATE || err == MT_MALFORMED) {
		return MT_OK;
	}
	if (!err && transfer_hear(&transfers, s, m.body, &end)) {
		result = end_tell(door[DOOR_CORE].fd, &end);
	}
	message_close(&m);
	while (err && transfer_lose(&transfers, s, &end) && !result) {
		result = end_tell(door[DOOR_CORE].fd, &end);
	}
	door[DOOR_FETCH].fd = transfers.socket;
	return result;
}

static bool can_send(int socket)
{
	struct pollfd p = { .fd = socket, .events = POLLOUT };

	return poll(&p, 1, 0) == 1 && (p.revents & (POLLOUT | POLLERR | POLLHUP));
}

/*
 * A door whose answers are not taken is not asked for more: a gateway that does not read must not
 * stop core's log. The socket is writable only while the largest answer still fits.
 */
static enum mt_err turn(struct store *s, struct pollfd door[DOORS])
{
	if (poll(door, DOORS, -1) < 0) {
		return MT_OK;
	}
	for (size_t i = 0; i < DOORS; i++) {
		enum mt_err err = MT_OK;

		if (door[i].fd < 0 || !door[i].revents) {
			continue;
		}
		if (i == DOOR_FETCH) {
			err = fetcher_serve(s, door);
			if (err) {
				return err;
			}
			continue;
		}
		if (!can_send(door[i].fd)) {
			door[i].events = POLLOUT;
			continue;
		}
		door[i].events = POLLIN;
		err = serve(s, (enum door)i, door[i].fd);
		if (err) {
			return err;
		}
	}
	return MT_OK;
}

int supplicant_run(void)
{
	struct pollfd door[DOORS] = {
		[DOOR_CORE] = { .fd = SUPPLICANT_FD_CORE, .events = POLLIN },
		[DOOR_GATEWAY] = { .fd = SUPPLICANT_FD_GATEWAY, .events = POLLIN },
		[DOOR_FETCH] = { .fd = SUPPLICANT_FD_FETCH, .events = POLLIN },
	};
	struct store *s = NULL;

	transfers = (struct transfers){ .socket = SUPPLICANT_FD_FETCH };
	sandbox_promise(SANDBOX_SUPPLICANT);
	enum mt_err err = store_open(SUPPLICANT_FD_STATE, &s);

	if (err) {
		fprintf(stderr, "supplicant: cannot open the state directory: %s\n",
			err == MT_STATE ? "another node has it" : mt_err_name(err));
		return 1;
	}
	while (!err) {
		err = turn(s, door);
	}
	store_close(s);
	return 0;
}
