/*
 * The seal worker behind doubles of its port: core's two requests, and inputs that may be anything.
 *
 *   map that fails u8 | draft that fails u8 | twice: handles u8, size u16, request | what lies behind odd handles
 *
 * Even handles lead to a file that opens; an input whose key begins with a K gets the key and the tag for it. What
 * the worker answers must be whole; handles leave only with success; and every draft is given back or given away.
 */
#include "api/worker.h"
#include "exec/seal/seal.h"
#include "fuzz/ports.h"
#include "lib/dataset/dataset.h"
#include "port/linux/linux.h"

#define DRAFT_MAX (1u << 24)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct secret key = { "key of the seal worker's fuzzer" };
static struct bytes request[2], behind;
static size_t handle_count[2], waits, answers, maps, map_fails, drafts, draft_fails, drafted, given;
static uint8_t genuine[512], genuine_tag[DATASET_TAG_SIZE];
static size_t genuine_size;

enum mt_err message_wait(int socket, uint8_t *buffer, struct message *out)
{
	(void)socket;
	if (waits == 2) {
		return MT_IO;
	}
	*out = (struct message){ .handle_count = handle_count[waits] };
	for (size_t i = 0; i < out->handle_count; i++) {
		out->handle[i] = (port_handle)i;
	}
	memcpy(buffer, request[waits].at, request[waits].size);
	out->body = mt_bytes(buffer, request[waits].size);
	waits++;
	return MT_OK;
}

void message_close(struct message *m)
{
	m->handle_count = 0;
}

enum mt_err message_send_wait(int socket, struct bytes body, const port_handle *handles, size_t count)
{
	struct cursor c = cursor_over(body);
	uint8_t type = cursor_u8(&c), err = cursor_u8(&c);
	uint32_t index = cursor_u32(&c);
	uint8_t guard = type == WORK_SEALED ? cursor_u8(&c) : 0;
	uint32_t n = cursor_u32(&c);

	(void)socket;
	(void)handles;
	mt_assert(type == (answers ? WORK_SEALED : WORK_OPENED) && err < MT_ERRS && guard <= WORK_GUARD_ROWS);
	mt_assert(n == count && (!err || count == 0) && index < PORT_HANDLES_MAX && (!guard || err == MT_DENIED));
	(void)cursor_take(&c, n * (type == WORK_SEALED ? DATASET_TAG_SIZE + 16 : 8));
	mt_assert(cursor_done(&c));
	answers++;
	return MT_OK;
}

enum mt_err memory_map(port_handle handle, struct bytes *out)
{
	if (++maps == map_fails) {
		return MT_DENIED;
	}
	*out = handle % 2 ? behind : mt_bytes(genuine, genuine_size);
	return MT_OK;
}

void memory_unmap(struct bytes memory)
{
	(void)memory;
}

enum mt_err memory_draft(size_t size, port_handle *out, uint8_t **at)
{
	if (++drafts == draft_fails || size > DRAFT_MAX) {
		return MT_NO_MEMORY;
	}
	*out = PORT_HANDLES_MAX;
	*at = malloc(size);
	drafted++;
	return MT_OK;
}

enum mt_err memory_keep(port_handle handle, uint8_t *at, size_t size)
{
	(void)handle;
	(void)size;
	free(at);
	drafted--;
	given++;
	return MT_OK;
}

void memory_drop(port_handle handle, uint8_t *at, size_t size)
{
	(void)handle;
	(void)size;
	free(at);
	drafted--;
}

void memory_close(port_handle handle)
{
	mt_assert(handle == PORT_HANDLES_MAX);
	given--;
}

void sandbox_promise(enum sandbox kind)
{
	(void)kind;
}

/* The file is another in each process, so the corpus cannot know its tag. */
static void keys_place(struct bytes wire)
{
	const size_t head = 1 + 4, entry = sizeof(key.at) + DATASET_TAG_SIZE;

	for (size_t at = head; wire.size >= head && wire.size - at >= entry; at += entry) {
		uint8_t *to = (uint8_t *)(uintptr_t)wire.at + at;
		if (to[0] == 'K') {
			memcpy(to, key.at, sizeof(key.at));
			memcpy(to + sizeof(key.at), genuine_tag, sizeof(genuine_tag));
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = mt_bytes(data, size);

	if (!genuine_size) {
		struct bytes plain = mt_text("a\nb\nc\n");
		struct dataset_header h = { .size = plain.size };

		genuine_size = (size_t)dataset_file_size(&h);
		mt_assert(genuine_size <= sizeof(genuine) &&
			  dataset_seal_all(&key, plain, genuine, genuine_tag) == MT_OK);
	}
	map_fails = fuzz_u8(&in);
	draft_fails = fuzz_u8(&in);
	for (size_t i = 0; i < 2; i++) {
		handle_count[i] = fuzz_u8(&in) % (PORT_HANDLES_MAX + 1);
		request[i] = fuzz_message(&in);
	}
	keys_place(request[0]);
	behind = fuzz_block(&in, in.size);
	waits = answers = maps = drafts = drafted = given = 0;
	mt_assert(seal_worker() == 0 && answers == 2);
	mt_assert(drafted == 0 && given == 0);
	fuzz_free(request[0]);
	fuzz_free(request[1]);
	fuzz_free(behind);
	return 0;
}
