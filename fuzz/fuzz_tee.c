/*
 * Core's TEE between a lying door, lying instances and an honest supplicant: any messages in any order. Byte by byte of the input: 0 a message of the door (size, handles,
 * bytes), 1 one of an instance, 2 an instance's end, 3 time, 4 the end of the door. Instances that start are really there; so are images of two UUIDs.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz/ports.h"
#include "test/tee_core.h"
#include "test/test.h"

#define MESSAGE_MAX 200
#define PEERS 8
#define EVENTS_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What test/tee_core.c has of the test runner. */
bool test_check(bool condition, const char *file, int line, const char *text, const char *why)
{
	(void)file;
	(void)line;
	(void)text;
	(void)why;
	return condition;
}

struct bytes hex(const char *text)
{
	static uint8_t out[256];
	size_t count = 0;

	for (; text[0] && text[1] && count < sizeof(out); text += text[0] == ' ' ? 1 : 2) {
		if (text[0] != ' ') {
			mt_assert(mt_unhex(mt_bytes(text, 2), &out[count++], 1) == MT_OK);
		}
	}
	return mt_bytes(out, count);
}

void *test_alloc(size_t size)
{
	static uint8_t space[4096];

	mt_assert(size <= sizeof(space));
	memset(space, 0, size);
	return space;
}

/* The supplicant gives the image of either UUID; of another it has none. */
static void images_give(void)
{
	for (size_t i = 0; i < w.sent_count; i++) {
		struct cursor c = cursor_over(mt_bytes(w.sent[i].at, w.sent[i].size));
		bool wanted = w.sent[i].peer == PORT_SUPPLICANT && cursor_u8(&c) == REE_BLOB_GET;

		if (!wanted) {
			continue;
		}
		uint32_t id = cursor_u32(&c);
		(void)cursor_u8(&c);
		struct bytes uuid = cursor_take(&c, IMAGE_UUID_SIZE);
		const uint8_t *known = mt_equal(uuid, mt_bytes(uuid_a, IMAGE_UUID_SIZE)) ? uuid_a : mt_equal(uuid, mt_bytes(uuid_b, IMAGE_UUID_SIZE)) ? uuid_b : NULL;
		struct bytes image = known ? image_of(known, IMAGE_ELF, w.signer, mt_text("\x7f" "ELF code")) : mt_bytes(NULL, 0);

		w.sent[i].size = 1;     /* answered once */
		w.sent[i].at[0] = 0xff;
		supplicant_gives(id, known ? &image : NULL);
	}
}

static void message_try(struct bytes *in, uint32_t peer)
{
	size_t size = fuzz_u8(in) % MESSAGE_MAX, count = fuzz_u8(in) % 4;
	port_handle handle[3];
	struct bytes body = fuzz_block(in, size);

	for (size_t i = 0; i < count; i++) {
		handle[i] = window_make();
	}
	if (body.size == 0 || !hear_of(peer, body, handle, count)) {
		for (size_t i = 0; i < count; i++) {
			memory_close(handle[i]);
		}
	}
	fuzz_free(body);
}

static void event_try(struct bytes *in)
{
	uint8_t kind = fuzz_u8(in);
	uint32_t peer = FIRST_PEER + (kind == 1 || kind == 2 ? fuzz_u8(in) % PEERS : 0);

	switch (kind) {
	case 0:
		message_try(in, PORT_DOOR);
		break;
	case 1:
		/* No such instance has been made: the loop would not know it. */
		if (peer < w.next_peer) {
			message_try(in, peer);
		}
		break;
	case 2:
		gone(peer);
		break;
	case 3:
		w.now += fuzz_u16(in);
		tee_tick(w.tee, w.now);
		settle();
		break;
	default:
		gone(PORT_DOOR);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = mt_bytes(data, size);

	world_open();
	for (int i = 0; in.size > 0 && i < EVENTS_MAX; i++) {
		event_try(&in);
		images_give();
		forget();
	}
	world_close();
	return 0;
}
