#include "test/tee_core.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/door.h"
#include "api/tee_api_defines.h"
#include "api/tee_client_api.h"
#include "api/tee_window.h"
#include "api/tee_worker.h"
#include "port/linux/linux.h"
#include "tee/call/call.h"
#include "tee/session/session.h"
#include "test/test.h"

#define SENT_MAX 64
#define FILE_MAX (64 * 1024)
#define FIRST_PEER 100

/* ---- the world ---- */


struct world w;

static enum mt_err world_send(void *self, uint32_t peer, struct bytes body, const port_handle *handles, size_t count)
{
	(void)self;
	if (w.full && peer >= PORT_WORKER_FIRST) {
		for (size_t i = 0; i < count; i++) {
			memory_close(handles[i]);
		}
		return MT_IO;
	}
	if (peer == PORT_SUPPLICANT && body.at[0] >= REE_TRUSTED_READ && body.at[0] <= REE_TRUSTED_CLEAR) {
		mt_assert(!w.asked_size);
		memcpy(w.asked, body.at, body.size);
		w.asked_size = body.size;
		return MT_OK;
	}
	mt_assert(w.sent_count < SENT_MAX && count <= 4);
	struct sent *s = &w.sent[w.sent_count++];

	*s = (struct sent){ .peer = peer, .at = malloc(body.size), .size = body.size, .handle_count = count };
	mt_assert(s->at);
	memcpy(s->at, body.at, body.size);
	for (size_t i = 0; i < count; i++) {
		s->handle[i] = handles[i];
	}
	return MT_OK;
}

static enum mt_err world_spawn(void *self, enum port_worker kind, uint32_t *peer)
{
	(void)self;
	CHECK(kind == PORT_TA, "a TA's process");
	*peer = w.next_peer++;
	return MT_OK;
}

static void world_kill(void *self, uint32_t peer)
{
	(void)self;
	w.killed = peer;
}

static enum mt_err world_make(void *self, struct bytes content, port_handle *out)
{
	(void)self;
	return memory_make(content, out);
}

static enum mt_err world_map(void *self, port_handle handle, struct bytes *out)
{
	(void)self;
	return memory_map(handle, out);
}

static void world_unmap(void *self, struct bytes mapped)
{
	(void)self;
	memory_unmap(mapped);
}

static void world_close_handle(void *self, port_handle handle)
{
	(void)self;
	memory_close(handle);
}

/* What one request about a file gives, behind the error. */
static void medium_do(struct builder *b)
{
	struct cursor c = cursor_over(mt_bytes(w.asked, w.asked_size));
	uint8_t type = cursor_u8(&c);

	(void)cursor_u32(&c);
	uint8_t file = cursor_u8(&c);
	uint64_t offset = type == REE_TRUSTED_SIZE || type == REE_TRUSTED_CLEAR ? 0 : cursor_u64(&c);
	size_t *have = &w.file_size[file];

	mt_assert(file < REE_TRUSTED_FILES && offset <= FILE_MAX);
	if (type == REE_TRUSTED_READ) {
		uint32_t size = cursor_u32(&c);
		size_t left = offset < *have ? *have - (size_t)offset : 0;

		builder_bytes(b, mt_bytes(w.file[file] + offset, size < left ? size : left));
	} else if (type == REE_TRUSTED_SIZE) {
		builder_u64(b, *have);
	} else if (type == REE_TRUSTED_CLEAR) {
		*have = 0;
	} else {
		struct bytes content = cursor_take(&c, cursor_left(&c));

		mt_assert(content.size <= FILE_MAX - offset);
		memcpy(w.file[file] + offset, content.at, content.size);
		*have = offset + content.size > *have ? (size_t)offset + content.size : *have;
	}
}

void settle(void)
{
	static uint8_t wire[PORT_MESSAGE_MAX];

	while (w.asked_size) {
		struct cursor c = cursor_over(mt_bytes(w.asked + 1, 4));
		struct builder b = builder_over(wire, sizeof(wire));
		struct bytes body = { 0 };

		builder_u8(&b, REE_ANSWER);
		builder_u32(&b, cursor_u32(&c));
		builder_u8(&b, w.broken ? MT_IO : MT_OK);
		if (!w.broken) {
			medium_do(&b);
		}
		if (w.generous && w.asked[0] == REE_TRUSTED_READ) {
			builder_bytes(&b, mt_bytes(w.file[0], FILE_MAX));
		}
		w.asked_size = 0;
		mt_assert(builder_done(&b, &body) == MT_OK);
		ree_event(w.ree, &(struct port_event){ .kind = PORT_MESSAGE, .peer = PORT_SUPPLICANT, .body = body, .monotonic_ms = w.now });
	}
}

static struct crypto_signer *signer_of(uint8_t fill)
{
	struct secret key;
	struct crypto_signer *s = NULL;

	memset(key.at, fill, sizeof(key.at));
	mt_assert(crypto_signer_open_p256(&key, &s) == MT_OK);
	return s;
}

void again(void)
{
	const struct tee_settings s = { .port = &w.port, .ree = w.ree, .version = "1", .trust = { .key = { { .p256 = crypto_signer_public(w.signer) } }, .count = 1 } };

	tee_close(w.tee);
	mt_assert(tee_open(&s, &w.tee) == MT_OK);
	tee_begin(w.tee, w.now);
	settle();
}

void world_open(void)
{
	memset(&w, 0, sizeof(w));
	w.next_peer = FIRST_PEER;
	w.now = 1000;
	w.signer = signer_of(3);
	w.stranger = signer_of(4);
	w.port = (struct port){ .send = world_send, .spawn = world_spawn, .kill = world_kill, .memory_make = world_make,
				.memory_map = world_map, .memory_unmap = world_unmap, .memory_close = world_close_handle };
	mt_assert(ree_open(&w.port, &w.ree) == MT_OK);
	again();
}

void forget(void)
{
	for (size_t i = 0; i < w.sent_count; i++) {
		for (size_t k = 0; k < w.sent[i].handle_count; k++) {
			memory_close(w.sent[i].handle[k]);
		}
		free(w.sent[i].at);
	}
	w.sent_count = w.taken = 0;
}

void world_close(void)
{
	CHECK(w.taken == w.sent_count, "nothing was said besides");
	forget();
	tee_close(w.tee);
	ree_close(w.ree);
	crypto_signer_close(w.signer);
	crypto_signer_close(w.stranger);
}

struct sent *said(uint32_t peer, const char *begins, struct cursor *rest)
{
	static struct sent none;
	struct bytes want = hex(begins);
	struct sent *s = w.taken < w.sent_count ? &w.sent[w.taken] : &none;
	bool fits = s->peer == peer && s->size >= want.size && memcmp(s->at, want.at, want.size) == 0;

	if (!fits) {
		printf("  said to %u, %zu bytes, begins %02x\n", s->peer, s->size, s->size ? s->at[0] : 0);
		*rest = cursor_over(mt_bytes(NULL, 0));
		return NULL;
	}
	*rest = cursor_over(mt_bytes(s->at + want.size, s->size - want.size));
	w.taken++;
	return s;
}

bool is_said(uint32_t peer, const char *whole)
{
	struct cursor rest;

	return said(peer, whole, &rest) && cursor_left(&rest) == 0;
}

bool hear_of(uint32_t peer, struct bytes body, const port_handle *handles, size_t count)
{
	struct port_event e = { .kind = PORT_MESSAGE, .peer = peer, .body = body, .monotonic_ms = w.now, .handle_count = count };

	for (size_t i = 0; i < count; i++) {
		e.handle[i] = handles[i];
	}
	bool ours = tee_event(w.tee, &e);

	settle();
	return ours;
}

void hear(uint32_t peer, const char *text)
{
	CHECK(hear_of(peer, hex(text), NULL, 0), "it is for the TEE");
}

void gone(uint32_t peer)
{
	(void)tee_event(w.tee, &(struct port_event){ .kind = PORT_GONE, .peer = peer, .monotonic_ms = w.now });
	settle();
}

/* ---- its people ---- */

const uint8_t uuid_a[IMAGE_UUID_SIZE] = { 0xa1 }, uuid_b[IMAGE_UUID_SIZE] = { 0xb2 };

port_handle window_make(void)
{
	port_handle window = PORT_NO_HANDLE;
	uint8_t *at = NULL;

	mt_assert(memory_window(TEE_WINDOW_HEAD, &window, &at) == MT_OK);
	memory_unmap(mt_bytes(at, TEE_WINDOW_HEAD));
	return window;
}

void client_opens(const char *uuid, uint32_t login, uint32_t group)
{
	char text[256];
	port_handle window = window_make();

	(void)snprintf(text, sizeof(text), "01 00000007 01 000003e8 00000064 01 00000005 %s %08x %08x 0000000000001000", uuid, login, group);
	CHECK(hear_of(PORT_DOOR, hex(text), &window, 1), "the door's");
}

static enum mt_err sign(void *context, struct bytes message, uint8_t signature[64])
{
	return crypto_sign(context, message, signature);
}

struct bytes image_of(const uint8_t uuid[IMAGE_UUID_SIZE], enum image_kind kind, struct crypto_signer *signer, struct bytes content)
{
	uint8_t *whole = test_alloc(IMAGE_OWN_HEAD + content.size), id[IMAGE_KEY_ID_SIZE];
	struct image image = { .kind = kind, .content = content, .version = w.version };

	memcpy(image.uuid, uuid, sizeof(image.uuid));
	crypto_p256_id(crypto_signer_public(signer).at, id);
	mt_assert(image_head(&image, id, sign, signer, whole) == MT_OK);
	memcpy(whole + IMAGE_OWN_HEAD, content.at, content.size);
	return mt_bytes(whole, IMAGE_OWN_HEAD + content.size);
}

void supplicant_gives(uint32_t id, const struct bytes *image)
{
	uint8_t wire[32];
	struct builder b = builder_over(wire, sizeof(wire));
	struct bytes body = { 0 };
	struct port_event e = { .kind = PORT_MESSAGE, .peer = PORT_SUPPLICANT, .monotonic_ms = w.now };

	builder_u8(&b, REE_ANSWER);
	builder_u32(&b, id);
	builder_u8(&b, image ? MT_OK : MT_NOT_FOUND);
	if (image) {
		builder_u64(&b, image->size);
		mt_assert(memory_make(*image, &e.handle[0]) == MT_OK);
		e.handle_count = 1;
	}
	mt_assert(builder_done(&b, &body) == MT_OK);
	e.body = body;
	ree_event(w.ree, &e);
	settle();
}

void image_given(const char *uuid, const struct bytes *image)
{
	struct cursor rest;

	if (!CHECK(said(PORT_SUPPLICANT, "03", &rest) != NULL, "an image is wanted")) {
		return;
	}
	uint32_t id = cursor_u32(&rest);

	CHECK(cursor_u8(&rest) == REE_TA && mt_equal(cursor_take(&rest, IMAGE_UUID_SIZE), hex(uuid)) && mt_is_zero(cursor_take(&rest, 16)) &&
		      cursor_done(&rest),
	      "by its name");
	supplicant_gives(id, image);
}

void instance_up(const char *uuid_text, const uint8_t uuid[IMAGE_UUID_SIZE], uint32_t peer, uint32_t flags)
{
	struct bytes image = image_of(uuid, IMAGE_ELF, w.signer, mt_text("\x7f" "ELF code"));
	struct cursor rest;
	struct bytes code = { 0 };
	char text[64];

	image_given(uuid_text, &image);
	(void)snprintf(text, sizeof(text), "01 %s 00", uuid_text);
	struct sent *s = said(peer, text, &rest);

	if (!CHECK(s && s->handle_count == 1 && cursor_left(&rest) == 0, "load")) {
		return;
	}
	CHECK(memory_map(s->handle[0], &code) == MT_OK && mt_equal(code, mt_text("\x7f" "ELF code")), "the code, and not what is around it");
	memory_unmap(code);
	(void)snprintf(text, sizeof(text), "02 00000000 %08x 00000000", flags);
	hear(peer, text);
}

uint32_t open_asked(uint32_t peer, uint32_t login, const char *client)
{
	struct cursor rest;
	struct sent *s = said(peer, "03", &rest);
	uint32_t session = cursor_u32(&rest);

	return CHECK(s && s->handle_count == 1 && cursor_u32(&rest) == login && mt_equal(cursor_take(&rest, 16), hex(client)) &&
			     cursor_u64(&rest) == TEE_WINDOW_HEAD && cursor_done(&rest),
		     "open")
		       ? session
		       : 0;
}

void open_answered(uint32_t peer, uint32_t session, uint32_t result)
{
	char text[64];
	port_handle bell[2] = { PORT_NO_HANDLE, PORT_NO_HANDLE };
	size_t count = result == TEE_SUCCESS ? 2 : 0;

	for (size_t i = 0; i < count; i++) {
		mt_assert(memory_make(mt_text(i ? "mine" : "yours"), &bell[i]) == MT_OK);
	}
	(void)snprintf(text, sizeof(text), "04 %08x %08x %08x", session, result, TEE_ORIGIN_TRUSTED_APP);
	CHECK(hear_of(peer, hex(text), bell, count), "the instance answers");
}

bool client_hears_opened(uint32_t result, uint32_t origin, uint32_t session, size_t bells)
{
	char text[128];
	struct cursor rest;

	(void)snprintf(text, sizeof(text), "03 00000007 10 00000005 %08x %08x %08x", result, origin, session);
	struct sent *s = said(PORT_DOOR, text, &rest);

	return s && cursor_left(&rest) == 0 && s->handle_count == bells;
}

uint32_t session_up(void)
{
	client_opens(UUID_A, TEEC_LOGIN_PUBLIC, 0);
	instance_up(UUID_A, uuid_a, FIRST_PEER, FLAGS_SHARED);
	uint32_t session = open_asked(FIRST_PEER, TEEC_LOGIN_PUBLIC, NOBODY);

	open_answered(FIRST_PEER, session, TEE_SUCCESS);
	CHECK(client_hears_opened(TEE_SUCCESS, TEE_ORIGIN_TRUSTED_APP, session, 2), "the client has it");
	return session;
}

