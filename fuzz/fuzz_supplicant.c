/*
 * The supplicant's doors over a double of its store: any messages from core, from the gateway or from the fetcher.
 *
 *   any times: door u8, handles u8, size u16, request
 *
 * Whatever comes, each request is answered once and with its own id, what the fetcher moves when it has ended; the store
 * is asked for nothing out of bounds, and by each door only what is its.
 */
#include "api/fetch.h"
#include "api/ree.h"
#include "fuzz/ports.h"
#include "port/linux/linux.h"
#include "ree/supplicant/store.h"
#include "ree/supplicant/supplicant.h"

#include <poll.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int __wrap_poll(struct pollfd *p, nfds_t count, int timeout);
int __wrap_close(int fd);
int __wrap_fstat(int fd, struct stat *facts);

static struct bytes left;
static bool gateway, fetcher, asked, answered; /* the door of the present request */
static bool gone; /* the fetcher is */
static uint32_t moving[REE_TRANSFERS_MAX]; /* ids of what is under way; 0: none */
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
	asked = fetcher = false;
	while (gone && left.size && left.at[0] % 3 == 2) {
		(void)fuzz_u16(&left);
		fuzz_free(fuzz_message(&left));
	}
	if (left.size == 0) {
		return MT_IO;
	}
	int from = left.at[0] % 3 == 0 ? SUPPLICANT_FD_CORE : left.at[0] % 3 == 1 ? SUPPLICANT_FD_GATEWAY : SUPPLICANT_FD_FETCH;

	if (from != socket) {
		return MT_STATE;
	}
	gateway = socket == SUPPLICANT_FD_GATEWAY;
	fetcher = socket == SUPPLICANT_FD_FETCH;
	(void)fuzz_u8(&left);
	*out = (struct message){ .handle_count = fuzz_u8(&left) % 3, .handle = { 1, 2 } };
	struct bytes message = fuzz_message(&left);

	if (message.size == 0) {
		fuzz_free(message);
		return fetcher ? MT_IO : MT_MALFORMED; /* so it dies at some time, and others may not */
	}
	memcpy(buffer, message.at, message.size);
	out->body = mt_bytes(buffer, message.size);
	struct cursor c = cursor_over(out->body);

	last_type = cursor_u8(&c);
	id = cursor_u32(&c);
	fuzz_free(message);
	asked = !fetcher;
	answered = false;
	store_calls = 0;
	return MT_OK;
}

static uint32_t *moving_find(uint32_t which)
{
	for (size_t i = 0; i < REE_TRANSFERS_MAX; i++) {
		if (moving[i] == which) {
			return &moving[i];
		}
	}
	return NULL;
}

static bool moves(void)
{
	return last_type == REE_FETCH || last_type == REE_SEND || last_type == REE_TRANSFER;
}

enum mt_err message_send_wait(int socket, struct bytes body, const port_handle *handles, size_t count)
{
	struct cursor c = cursor_over(body);
	uint8_t type = cursor_u8(&c);
	uint32_t to = cursor_u32(&c);
	uint8_t err = cursor_u8(&c);

	mt_assert(cursor_ok(&c) && type == REE_ANSWER && err < MT_ERRS);
	if (!asked) { /* an end */
		mt_assert(socket == SUPPLICANT_FD_CORE && err == MT_OK && count == 0 && cursor_u8(&c) < FETCH_OUTCOMES);
		(void)cursor_u16(&c);
		mt_assert(cursor_done(&c) && moving_find(to));
		*moving_find(to) = 0;
		return MT_OK;
	}
	mt_assert(to == id && !answered);
	mt_assert((socket == SUPPLICANT_FD_GATEWAY) == gateway && body.size <= PORT_MESSAGE_MAX);
	mt_assert(count <= 1 && (count == 0 || (err == MT_OK && handles[0] == 7)));
	mt_assert(err != MT_OK || store_calls == 1 || moves());
	answered = true;
	return MT_OK;
}

/* An order to the fetcher: the request is answered at its end. */
enum mt_err message_send(int socket, struct bytes body, const port_handle *handles, size_t count)
{
	struct cursor c = cursor_over(body);
	uint8_t type = cursor_u8(&c);

	mt_assert(socket == SUPPLICANT_FD_FETCH && asked && !answered && moves() && count == 1 && handles[0] == 7);
	mt_assert((type == FETCH_TAKE || type == FETCH_GIVE) && body.size > 13 && body.size <= 13 + REE_URL_MAX);
	if (body.at[body.size - 1] == 'f') {
		return MT_STATE; /* it takes no more */
	}
	mt_assert(moving_find(0));
	*moving_find(0) = id ? id : 1;
	answered = true;
	return MT_OK;
}

/* Only the fetcher's socket is ever closed: handles go through memory_close(). */
int __wrap_close(int fd)
{
	mt_assert(fd == SUPPLICANT_FD_FETCH && !gone);
	gone = true;
	return 0;
}

int __wrap_fstat(int fd, struct stat *facts)
{
	mt_assert(fd == 1);
	*facts = (struct stat){ .st_mode = id & 1 ? S_IFREG : S_IFIFO, .st_size = 9 };
	return 0;
}

enum mt_err memory_share(port_handle handle, port_handle *out)
{
	mt_assert(handle == 1);
	*out = 7;
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
	bool its_own = last_type == REE_BLOB_OPEN || (moves() && !gateway) || (of_gateway == gateway && (last_type >= REE_UPLOAD_OPEN) == of_gateway);

	mt_assert(fetcher || left.size == 0 || (asked && !answered && its_own));
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

enum mt_err store_trusted_read(struct store *s, unsigned file, uint64_t offset, uint8_t *out, size_t size, size_t *got)
{
	(void)s;
	mt_assert(size <= REE_READ_MAX && file < REE_TRUSTED_FILES);
	memset(out, 't', size);
	*got = size;
	return store_called(false, (uint8_t)offset);
}

enum mt_err store_trusted_write(struct store *s, unsigned file, uint64_t offset, struct bytes content, bool sync)
{
	(void)s;
	(void)sync;
	mt_assert(content.size <= PORT_MESSAGE_MAX && file < REE_TRUSTED_FILES);
	return store_called(false, (uint8_t)offset);
}

enum mt_err store_trusted_size(struct store *s, unsigned file, uint64_t *out)
{
	(void)s;
	mt_assert(file < REE_TRUSTED_FILES);
	*out = file;
	return store_called(false, (uint8_t)file);
}

enum mt_err store_trusted_clear(struct store *s, unsigned file)
{
	(void)s;
	mt_assert(file < REE_TRUSTED_FILES);
	return store_called(false, (uint8_t)file);
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
	asked = answered = gone = false;
	memset(moving, 0, sizeof(moving));
	mt_assert(supplicant_run() == 0);
	return 0;
}
