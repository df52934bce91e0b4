/*
 * The seal worker behind doubles of its port and of the window: core's two requests, and inputs that may be anything.
 *
 *   map that fails u8 | draft that fails u8 | twice: handles u8, size u16, request | what lies behind odd handles
 *
 * Even handles lead to a file that opens; an input whose key begins with a K gets the key and the tag for it. Of a
 * stream every segment is asked for, in turns; the draft that fails also counts reads of a file, and from that one
 * on they give other bytes. What the worker answers must be whole; handles leave only with success; every draft is
 * given back or given away, and a segment is given only if it is the genuine one.
 */
#include "api/worker.h"
#include "exec/seal/seal.h"
#include "exec/stream/stream.h"
#include "fuzz/ports.h"
#include "lib/dataset/dataset.h"
#include "port/linux/linux.h"

#include <sys/stat.h>
#include <sys/types.h>

#define TURNS_MAX 20
#define DRAFT_MAX (1u << 24)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct secret key = { "key of the seal worker's fuzzer" };
static struct bytes request[2], behind;
static size_t handle_count[2], waits, answers, maps, map_fails, drafts, draft_fails, drafted, given;
static uint8_t genuine[512], genuine_tag[DATASET_TAG_SIZE];
static size_t genuine_size, reads, turns, shares, lanes;
static bool broken;

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

	if (type == WORK_BROKEN) {
		mt_assert(answers == 1 && !broken && err && err < MT_ERRS && index < WORK_INPUTS_MAX && count == 0 && cursor_done(&c));
		broken = true;
		return MT_OK;
	}
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

enum mt_err memory_scratch(port_handle *out)
{
	if (++drafts == draft_fails) {
		return MT_NO_MEMORY;
	}
	*out = PORT_HANDLES_MAX;
	given++;
	return MT_OK;
}

enum mt_err memory_write(port_handle handle, uint64_t offset, struct bytes content)
{
	mt_assert(handle == PORT_HANDLES_MAX);
	return offset + content.size > DRAFT_MAX ? MT_NO_MEMORY : MT_OK;
}

enum mt_err memory_seal(port_handle handle)
{
	mt_assert(handle == PORT_HANDLES_MAX);
	return MT_OK;
}

void memory_drop(port_handle handle, uint8_t *at, size_t size)
{
	(void)handle;
	(void)size;
	free(at);
	drafted--;
}

enum mt_err memory_share(port_handle handle, port_handle *out)
{
	given += handle == PORT_HANDLES_MAX;
	shares += handle < PORT_HANDLES_MAX;
	*out = handle;
	return MT_OK;
}

void memory_close(port_handle handle)
{
	mt_assert(handle <= PORT_HANDLES_MAX);
	given -= handle == PORT_HANDLES_MAX;
	shares -= handle != PORT_NO_HANDLE && handle < PORT_HANDLES_MAX;
}

/* ---- files that are read ---- */

ssize_t __wrap_pread(int fd, void *to, size_t size, off_t offset);
int __wrap_fstat(int fd, struct stat *out);

ssize_t __wrap_pread(int fd, void *to, size_t size, off_t offset)
{
	struct bytes from = fd % 2 ? behind : mt_bytes(genuine, genuine_size);

	if ((size_t)offset >= from.size) {
		return 0;
	}
	size = size < from.size - (size_t)offset ? size : from.size - (size_t)offset;
	memcpy(to, from.at + offset, size);
	if (++reads >= draft_fails && draft_fails) {
		((uint8_t *)to)[size / 2] ^= 1;
	}
	return (ssize_t)size;
}

int __wrap_fstat(int fd, struct stat *out)
{
	*out = (struct stat){ .st_mode = S_IFREG, .st_size = (off_t)(fd % 2 ? behind.size : genuine_size) };
	return 0;
}

/* ---- the window: a reader that wants the first segment of each stream, again and again ---- */

static struct writer {
	stream_fill *fill;
	void *context;
} writer;

enum mt_err stream_writer_open(const uint32_t *segment_count, size_t count, stream_fill *fill, void *context, struct stream_writer **out)
{
	mt_assert(count > 0 && count <= STREAM_LANES_MAX && segment_count[count - 1] > 0);
	if (++drafts == draft_fails) {
		return MT_NO_MEMORY;
	}
	writer = (struct writer){ fill, context };
	lanes = count;
	*out = (struct stream_writer *)&writer;
	return MT_OK;
}

void stream_writer_close(struct stream_writer *w)
{
	mt_assert(!w || lanes > 0);
	lanes = 0;
}

port_handle stream_writer_window(const struct stream_writer *w)
{
	(void)w;
	return PORT_HANDLES_MAX;
}

enum mt_err stream_writer_turn(struct stream_writer *w, size_t *lane)
{
	static uint8_t out[STREAM_SEGMENT_SIZE];

	(void)w;
	*lane = turns % lanes;
	out[0] = 0;
	enum mt_err err = writer.fill(writer.context, *lane, 0, out);

	mt_assert(err || memcmp(out, "a\nb\nc\n", 6) == 0);
	return err;
}

bool message_waiting(int socket)
{
	(void)socket;
	return ++turns > TURNS_MAX;
}

void sandbox_promise(enum sandbox kind)
{
	(void)kind;
}

/* The file is another in each process, so the corpus cannot know its tag. */
static void keys_place(struct bytes wire)
{
	/* Of each input its kind comes before these. */
	const size_t first_key = 1 + 4 + 1, keys = sizeof(key.at) + DATASET_TAG_SIZE;

	for (size_t at = first_key; at + keys <= wire.size; at += keys + 1) {
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
	waits = answers = maps = drafts = drafted = given = reads = turns = shares = lanes = 0;
	broken = false;
	mt_assert(seal_worker() == 0 && answers == 2);
	mt_assert(drafted == 0 && given == 0 && shares == 0 && lanes == 0);
	fuzz_free(request[0]);
	fuzz_free(request[1]);
	fuzz_free(behind);
	return 0;
}
