#include "service/ree/ree.h"

struct ree_call {
	uint32_t id;            /* 0: free */
	ree_done *done;
	void *context;
};

struct ree {
	const struct port *port;
	struct ree_call call[REE_CALLS_MAX];
	uint32_t next_id;
	uint8_t space[PORT_MESSAGE_MAX];
};

MUST enum mt_err ree_open(const struct port *port, struct ree **out)
{
	struct ree *r = mt_alloc(sizeof(*r));

	if (!r) {
		return MT_NO_MEMORY;
	}
	r->port = port;
	r->next_id = 1;
	*out = r;
	return MT_OK;
}

void ree_close(struct ree *r)
{
	mt_free(r);
}

static struct ree_call *ree_call_free(struct ree *r)
{
	for (size_t i = 0; i < REE_CALLS_MAX; i++) {
		if (!r->call[i].id) {
			return &r->call[i];
		}
	}
	return NULL;
}

static struct builder ree_begin(struct ree *r, enum ree_type type)
{
	struct builder b = builder_over(r->space, sizeof(r->space));

	builder_u8(&b, (uint8_t)type);
	builder_u32(&b, r->next_id);
	return b;
}

/* Takes the handle, whatever happens. */
static enum mt_err ree_ask(struct ree *r, const struct builder *b, port_handle handle, ree_done *done, void *context)
{
	struct ree_call *call = ree_call_free(r);
	struct bytes message;
	enum mt_err err = call ? builder_done(b, &message) : MT_LIMIT;

	if (err) {
		r->port->memory_close(r->port->self, handle);
		return err;
	}
	err = r->port->send(r->port->self, PORT_SUPPLICANT, message, &handle, handle == PORT_NO_HANDLE ? 0 : 1);
	if (err) {
		return err;
	}
	*call = (struct ree_call){ r->next_id, done, context };
	r->next_id = r->next_id == UINT32_MAX ? 1 : r->next_id + 1;
	return MT_OK;
}

MUST enum mt_err ree_log_read(struct ree *r, uint64_t offset, uint32_t size, ree_done *done, void *context)
{
	struct builder b = ree_begin(r, REE_LOG_READ);

	builder_u64(&b, offset);
	builder_u32(&b, size);
	return ree_ask(r, &b, PORT_NO_HANDLE, done, context);
}

MUST enum mt_err ree_log_write(struct ree *r, uint64_t extend_to, uint64_t offset, struct bytes bytes, ree_done *done, void *context)
{
	struct builder b = ree_begin(r, REE_LOG_WRITE);

	builder_u64(&b, extend_to);
	builder_u64(&b, offset);
	builder_bytes(&b, bytes);
	return ree_ask(r, &b, PORT_NO_HANDLE, done, context);
}

static struct builder ree_begin_blob(struct ree *r, enum ree_type type, enum ree_space space, const uint8_t name[REE_NAME_SIZE])
{
	struct builder b = ree_begin(r, type);

	builder_u8(&b, (uint8_t)space);
	builder_bytes(&b, mt_bytes(name, REE_NAME_SIZE));
	return b;
}

MUST enum mt_err ree_blob_get(struct ree *r, enum ree_space space, const uint8_t name[REE_NAME_SIZE], ree_done *done, void *context)
{
	struct builder b = ree_begin_blob(r, REE_BLOB_GET, space, name);

	return ree_ask(r, &b, PORT_NO_HANDLE, done, context);
}

MUST enum mt_err ree_blob_open(struct ree *r, enum ree_space space, const uint8_t name[REE_NAME_SIZE], ree_done *done, void *context)
{
	struct builder b = ree_begin_blob(r, REE_BLOB_OPEN, space, name);

	return ree_ask(r, &b, PORT_NO_HANDLE, done, context);
}

MUST enum mt_err ree_blob_head(struct ree *r, enum ree_space space, const uint8_t name[REE_NAME_SIZE], uint32_t size, ree_done *done,
			       void *context)
{
	struct builder b = ree_begin_blob(r, REE_BLOB_HEAD, space, name);

	builder_u32(&b, size);
	return ree_ask(r, &b, PORT_NO_HANDLE, done, context);
}

MUST enum mt_err ree_blob_put(struct ree *r, enum ree_space space, const uint8_t name[REE_NAME_SIZE], port_handle take_handle,
			      ree_done *done, void *context)
{
	struct builder b = ree_begin_blob(r, REE_BLOB_PUT, space, name);

	return ree_ask(r, &b, take_handle, done, context);
}

MUST enum mt_err ree_blob_drop(struct ree *r, enum ree_space space, const uint8_t name[REE_NAME_SIZE], ree_done *done, void *context)
{
	struct builder b = ree_begin_blob(r, REE_BLOB_DROP, space, name);

	return ree_ask(r, &b, PORT_NO_HANDLE, done, context);
}

MUST enum mt_err ree_fetch(struct ree *r, uint32_t transfer, const uint8_t name[REE_NAME_SIZE], uint64_t size, struct bytes url,
			   ree_done *done, void *context)
{
	struct builder b = ree_begin(r, REE_FETCH);

	builder_u32(&b, transfer);
	builder_bytes(&b, mt_bytes(name, REE_NAME_SIZE));
	builder_u64(&b, size);
	builder_bytes(&b, url);
	return ree_ask(r, &b, PORT_NO_HANDLE, done, context);
}

MUST enum mt_err ree_send(struct ree *r, uint32_t transfer, enum ree_space space, const uint8_t name[REE_NAME_SIZE],
			  port_handle take_handle, struct bytes url, ree_done *done, void *context)
{
	struct builder b = ree_begin(r, REE_SEND);

	builder_u32(&b, transfer);
	builder_u8(&b, (uint8_t)space);
	builder_bytes(&b, mt_bytes(name, REE_NAME_SIZE));
	builder_bytes(&b, url);
	return ree_ask(r, &b, take_handle, done, context);
}

MUST enum mt_err ree_transfer(struct ree *r, uint32_t transfer, ree_done *done, void *context)
{
	struct builder b = ree_begin(r, REE_TRANSFER);

	builder_u32(&b, transfer);
	return ree_ask(r, &b, PORT_NO_HANDLE, done, context);
}

static struct builder ree_begin_trusted(struct ree *r, enum ree_type type, uint8_t file)
{
	struct builder b = ree_begin(r, type);

	builder_u8(&b, file);
	return b;
}

MUST enum mt_err ree_trusted_read(struct ree *r, uint8_t file, uint64_t offset, uint32_t size, ree_done *done, void *context)
{
	struct builder b = ree_begin_trusted(r, REE_TRUSTED_READ, file);

	builder_u64(&b, offset);
	builder_u32(&b, size);
	return ree_ask(r, &b, PORT_NO_HANDLE, done, context);
}

MUST enum mt_err ree_trusted_write(struct ree *r, uint8_t file, uint64_t offset, struct bytes bytes, ree_done *done, void *context)
{
	struct builder b = ree_begin_trusted(r, REE_TRUSTED_WRITE, file);

	builder_u64(&b, offset);
	builder_bytes(&b, bytes);
	return ree_ask(r, &b, PORT_NO_HANDLE, done, context);
}

MUST enum mt_err ree_trusted_append(struct ree *r, uint8_t file, uint64_t offset, struct bytes bytes, ree_done *done, void *context)
{
	struct builder b = ree_begin_trusted(r, REE_TRUSTED_APPEND, file);

	builder_u64(&b, offset);
	builder_bytes(&b, bytes);
	return ree_ask(r, &b, PORT_NO_HANDLE, done, context);
}

MUST enum mt_err ree_trusted_size(struct ree *r, uint8_t file, ree_done *done, void *context)
{
	struct builder b = ree_begin_trusted(r, REE_TRUSTED_SIZE, file);

	return ree_ask(r, &b, PORT_NO_HANDLE, done, context);
}

MUST enum mt_err ree_trusted_clear(struct ree *r, uint8_t file, ree_done *done, void *context)
{
	struct builder b = ree_begin_trusted(r, REE_TRUSTED_CLEAR, file);

	return ree_ask(r, &b, PORT_NO_HANDLE, done, context);
}

static struct ree_call *ree_call_find(struct ree *r, uint32_t id)
{
	for (size_t i = 0; id && i < REE_CALLS_MAX; i++) {
		if (r->call[i].id == id) {
			return &r->call[i];
		}
	}
	return NULL;
}

void ree_event(struct ree *r, const struct port_event *event)
{
	struct cursor c = cursor_over(event->body);
	uint8_t type = cursor_u8(&c);
	uint32_t id = cursor_u32(&c);
	uint8_t how = cursor_u8(&c);
	struct ree_call *call = cursor_ok(&c) && type == REE_ANSWER ? ree_call_find(r, id) : NULL;
	port_handle handle = PORT_NO_HANDLE;

	for (size_t i = 0; i < event->handle_count; i++) {
		if (i == 0 && call && how == MT_OK) {
			handle = event->handle[0];
		} else {
			r->port->memory_close(r->port->self, event->handle[i]);
		}
	}
	if (!call) {
		return;         /* an answer that nobody waits for: forged or repeated */
	}
	struct ree_call done = *call;
	call->id = 0;
	enum mt_err err = how < MT_ERRS ? (enum mt_err)how : MT_MALFORMED;
	done.done(done.context, err, err ? mt_bytes(NULL, 0) : cursor_take(&c, cursor_left(&c)), handle);
}
