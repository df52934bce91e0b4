/*
 * The supplicant's doors over a double of its store: any messages from core or from the gateway.
 *
 *   any times: door u8, handles u8, size u16, request
 *
 * Whatever comes, each is answered once and with its own id; the store is asked for nothing out of bounds, and by
 * each door only what is its.
 */
#include "api/ree.h"
#include "fuzz/ports.h"
#include "port/linux/linux.h"
#include "ree/supplicant/store.h"
#include "ree/supplicant/supplicant.h"

#include <poll.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int __wrap_poll(struct pollfd *p, nfds_t count, int timeout);

static struct bytes left;
static bool gateway, asked, answered; /* the door of the present request */
static uint32_t id;
static size_t store_calls;
static uint8_t last_type;

/* ---- the world ---- */

int __wrap_poll(struct pollfd *p, nfds_t count, int timeout)
{
	(void)timeout;
	for (nfds_t i = 0; i < count; i++) {
		p[i].revents = POLLIN | POLLOUT;
	}
	return 1;
}

enum mt_err message_receive(int socket, uint8_t *buffer, struct message *out)
{
	/* A message that was answered, before the next. */
	mt_assert(!asked || answered);
	asked = false;
	if (left.size == 0) {
		return MT_IO;
	}
	if ((left.at[0] & 1) != (socket == SUPPLICANT_FD_GATEWAY)) {
		return MT_STATE;
	}
	gateway = fuzz_u8(&left) & 1;
	*out = (struct message){ .handle_count = fuzz_u8(&left) % 3, .handle = { 1, 2 } };
	struct bytes message = fuzz_message(&left);

	if (message.size == 0) {
		fuzz_free(message);
		return MT_MALFORMED;
	}
	memcpy(buffer, message.at, message.size);
	out->body = mt_bytes(buffer, message.size);
	struct cursor c = cursor_over(out->body);

	last_type = cursor_u8(&c);
	id = cursor_u32(&c);
	fuzz_free(message);
	asked = true;
	answered = false;
	store_calls = 0;
	return MT_OK;
}

enum mt_err message_send_wait(int socket, struct bytes body, const port_handle *handles, size_t count)
{
	struct cursor c = cursor_over(body);
	uint8_t type = cursor_u8(&c);
	uint32_t to = cursor_u32(&c);
	uint8_t err = cursor_u8(&c);

	mt_assert(cursor_ok(&c) && type == REE_ANSWER && to == id && err < MT_ERRS && asked && !answered);
	mt_assert((socket == SUPPLICANT_FD_GATEWAY) == gateway && body.size <= PORT_MESSAGE_MAX);
	mt_assert(count <= 1 && (count == 0 || (err == MT_OK && handles[0] == 7)));
	mt_assert(err != MT_OK || store_calls == 1);
	answered = true;
	return MT_OK;
}

void message_close(struct message *m)
{
	m->handle_count = 0;
}

void memory_close(port_handle handle)
{
	mt_assert(handle == PORT_NO_HANDLE || handle == 7);
}

void sandbox_promise(enum sandbox kind)
{
	(void)kind;
}

/* ---- the store ---- */

/* Every call of the store comes through here; some fail. */
static enum mt_err store_called(bool of_gateway, uint8_t choice)
{
	/* Both may open a blob. */
	bool its_own = last_type == REE_BLOB_OPEN || (of_gateway == gateway && (last_type >= REE_UPLOAD_OPEN) == of_gateway);

	mt_assert(asked && !answered && its_own);
	store_calls++;
	return choice % 4 == 3 ? MT_NOT_FOUND : MT_OK;
}

static enum mt_err store_blob(bool of_gateway, enum ree_space space, const uint8_t name[REE_NAME_SIZE])
{
	mt_assert(space < REE_SPACES);
	return store_called(of_gateway, name[REE_NAME_SIZE - 1]);
}

enum mt_err store_open(int folder, struct store **out)
{
	(void)folder;
	*out = NULL;
	return MT_OK;
}

void store_close(struct store *s)
{
	(void)s;
}

enum mt_err store_log_read(struct store *s, uint64_t offset, uint8_t *out, size_t size, size_t *got)
{
	(void)s;
	mt_assert(size <= REE_READ_MAX);
	memset(out, 'l', size);
	*got = size;
	return store_called(false, (uint8_t)offset);
}

enum mt_err store_log_write(struct store *s, uint64_t extend_to, uint64_t offset, struct bytes content)
{
	(void)s;
	(void)extend_to;
	mt_assert(content.size <= PORT_MESSAGE_MAX);
	return store_called(false, (uint8_t)offset);
}

enum mt_err store_blob_open(struct store *s, enum ree_space space, const uint8_t name[REE_NAME_SIZE], int *out,
			    uint64_t *size)
{
	enum mt_err err = store_blob(true, space, name);

	(void)s;
	*out = err ? *out : 7;
	*size = 1;
	return err;
}

enum mt_err store_blob_head(struct store *s, enum ree_space space, const uint8_t name[REE_NAME_SIZE], uint8_t *out,
			    size_t capacity, size_t *got, uint64_t *size)
{
	(void)s;
	mt_assert(capacity <= REE_READ_MAX);
	memset(out, 'h', capacity);
	*got = capacity;
	*size = capacity;
	return store_blob(false, space, name);
}

enum mt_err store_blob_get(struct store *s, enum ree_space space, const uint8_t name[REE_NAME_SIZE], int *out,
			   uint64_t *size)
{
	enum mt_err err = store_blob(false, space, name);

	(void)s;
	*out = err ? *out : 7;
	*size = 1;
	return err;
}

enum mt_err store_blob_put(struct store *s, enum ree_space space, const uint8_t name[REE_NAME_SIZE], int content)
{
	(void)s;
	mt_assert(content == 1);
	return store_blob(false, space, name);
}

enum mt_err store_blob_drop(struct store *s, enum ree_space space, const uint8_t name[REE_NAME_SIZE])
{
	(void)s;
	return store_blob(false, space, name);
}

enum mt_err store_upload_open(struct store *s, const uint8_t name[REE_NAME_SIZE], uint64_t size, uint32_t *upload,
			      int *out)
{
	enum mt_err err = store_called(true, name[0]);

	(void)s;
	(void)size;
	*upload = 1;
	*out = err ? *out : 7;
	return err;
}

enum mt_err store_upload_sync(struct store *s, uint32_t upload)
{
	(void)s;
	return store_called(true, (uint8_t)upload);
}

enum mt_err store_upload_close(struct store *s, uint32_t upload)
{
	(void)s;
	return store_called(true, (uint8_t)upload);
}

enum mt_err store_upload_abort(struct store *s, uint32_t upload)
{
	(void)s;
	return store_called(true, (uint8_t)upload);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	left = mt_bytes(data, size);
	asked = answered = false;
	mt_assert(supplicant_run() == 0);
	return 0;
}
