/* Supplicant and gateway of the world: they speak the real messages and do the real work, without processes. */
#include <stdlib.h>
#include <string.h>

#include "test/story/world_private.h"

/* ---- blobs ---- */

static struct world_blob *blob_find(struct world *w, enum ree_space space, const uint8_t name[32])
{
	for (size_t i = 0; i < WORLD_BLOBS_MAX; i++) {
		struct world_blob *b = &w->blob[i];
		if (b->used && b->space == space && memcmp(b->name, name, 32) == 0) {
			return b;
		}
	}
	return NULL;
}

struct bytes world_blob(struct world *w, enum ree_space space, const uint8_t name[32])
{
	struct world_blob *b = blob_find(w, space, name);

	return b ? mt_bytes(b->at, b->size) : mt_bytes(NULL, 0);
}

void world_blob_set(struct world *w, enum ree_space space, const uint8_t name[32], struct bytes content)
{
	struct world_blob *b = blob_find(w, space, name);

	if (b) {
		free(b->at);
		*b = (struct world_blob){ 0 };
	}
	if (!content.size) {
		return;
	}
	for (size_t i = 0; i < WORLD_BLOBS_MAX; i++) {
		b = &w->blob[i];
		if (!b->used) {
			*b = (struct world_blob){ .used = true, .space = space, .at = malloc(content.size), .size = content.size };
			memcpy(b->name, name, 32);
			memcpy(b->at, content.at, content.size);
			return;
		}
	}
	abort();
}

static void blobs_copy(struct world_blob *to, const struct world_blob *from)
{
	for (size_t i = 0; i < WORLD_BLOBS_MAX; i++) {
		free(to[i].at);
		to[i] = from[i];
		if (from[i].used) {
			to[i].at = malloc(from[i].size);
			memcpy(to[i].at, from[i].at, from[i].size);
		}
	}
}

void world_blobs_keep(struct world *w)
{
	blobs_copy(w->kept, w->blob);
}

void world_blobs_restore(struct world *w)
{
	blobs_copy(w->blob, w->kept);
}

/* ---- supplicant ---- */

static void ree_answer(struct world *w, uint32_t id, enum mt_err err, struct bytes fields, port_handle handle)
{
	static uint8_t space[PORT_MESSAGE_MAX];
	struct builder b = builder_over(space, sizeof(space));
	struct bytes message;

	builder_u8(&b, REE_ANSWER);
	builder_u32(&b, id);
	builder_u8(&b, (uint8_t)err);
	if (!err) {
		builder_bytes(&b, fields);
	}
	mt_assert(!builder_done(&b, &message));
	struct world_message *m = world_message_new(PORT_SUPPLICANT, message);
	m->to_core = true;
	if (!err && handle != PORT_NO_HANDLE) {
		m->handle[m->handle_count++] = handle;
	}
	world_post(w, m);
}

static void ree_log_read_double(struct world *w, uint32_t id, struct cursor *c)
{
	uint64_t offset = cursor_u64(c);
	uint32_t size = cursor_u32(c);
	struct bytes file = sim_disk_read(w->disk, w->log_file);

	if (offset > file.size) {
		offset = file.size;
	}
	size_t left = file.size - (size_t)offset;
	ree_answer(w, id, MT_OK, mt_bytes(file.at ? file.at + offset : NULL, left < size ? left : size), PORT_NO_HANDLE);
}

static enum mt_err ree_log_write_now(struct world *w, uint64_t extend_to, uint64_t offset, struct bytes data)
{
	size_t size = sim_disk_size(w->disk, w->log_file);

	if (extend_to > size) {
		uint8_t *zeros = calloc(1, (size_t)extend_to - size);
		enum mt_err err = sim_disk_write(w->disk, w->log_file, size, mt_bytes(zeros, (size_t)extend_to - size));
		free(zeros);
		if (!err) {
			err = sim_disk_sync(w->disk, w->log_file);
		}
		if (err) {
			return err;
		}
	}
	enum mt_err err = sim_disk_write(w->disk, w->log_file, (size_t)offset, data);
	return err ? err : sim_disk_sync(w->disk, w->log_file);
}

static void ree_blob_call(struct world *w, struct world_message *m, uint8_t type, uint32_t id, struct cursor *c)
{
	enum ree_space space = (enum ree_space)cursor_u8(c);
	uint8_t name[32], head[8];
	struct builder b = builder_over(head, sizeof(head));

	cursor_copy(c, name, sizeof(name));
	struct world_blob *blob = blob_find(w, space, name);
	if (type == REE_BLOB_PUT) {
		struct world_memory *content = world_memory_get(w, m->handle[0]);
		world_blob_set(w, space, name, mt_bytes(content->at, content->size));
		ree_answer(w, id, MT_OK, mt_bytes(NULL, 0), PORT_NO_HANDLE);
	} else if (!blob) {
		ree_answer(w, id, MT_NOT_FOUND, mt_bytes(NULL, 0), PORT_NO_HANDLE);
	} else if (type == REE_BLOB_GET || type == REE_BLOB_OPEN) {
		builder_u64(&b, blob->size);
		ree_answer(w, id, MT_OK, mt_bytes(head, 8), world_memory_new(w, mt_bytes(blob->at, blob->size), type == REE_BLOB_GET));
	} else if (type == REE_BLOB_DROP) {
		world_blob_set(w, space, name, mt_bytes(NULL, 0));
		ree_answer(w, id, MT_OK, mt_bytes(NULL, 0), PORT_NO_HANDLE);
	} else {
		uint32_t size = cursor_u32(c);
		size_t part = blob->size < size ? blob->size : size;
		uint8_t *answer = malloc(8 + part);
		builder_u64(&b, blob->size);
		memcpy(answer, head, 8);
		memcpy(answer + 8, blob->at, part);
		ree_answer(w, id, MT_OK, mt_bytes(answer, 8 + part), PORT_NO_HANDLE);
		free(answer);
	}
}

/* ---- the fetcher behind it ---- */

static void ree_transfer_call(struct world *w, const struct world_message *m, uint8_t type, uint32_t id, struct cursor *c)
{
	struct world_transfer t = { .sends = type == REE_SEND, .id = id, .number = cursor_u32(c) };

	if (t.sends) {
		(void)cursor_u8(c);
	}
	cursor_copy(c, t.name, sizeof(t.name));
	t.size = t.sends ? 0 : cursor_u64(c);
	struct bytes url = cursor_take(c, cursor_left(c));
	mt_assert(cursor_done(c) && url.size <= REE_URL_MAX && w->transfer_count < REE_TRANSFERS_MAX);
	memcpy(t.url, url.at, url.size);
	if (m->handle_count) {
		struct world_memory *content = world_memory_get(w, m->handle[0]);
		t.size = content->size;
		memcpy(t.content, content->at, content->size < sizeof(t.content) ? content->size : sizeof(t.content));
	}
	w->transfer[w->transfer_count++] = t;
}

static void ree_transfer_look(struct world *w, uint32_t id, struct cursor *c)
{
	uint8_t space[8];
	struct builder b = builder_over(space, sizeof(space));
	uint32_t number = cursor_u32(c);
	bool here = false;

	for (size_t i = 0; i < w->transfer_count; i++) {
		here |= w->transfer[i].number == number;
	}
	builder_u64(&b, 77);
	ree_answer(w, id, here ? MT_OK : MT_NOT_FOUND, mt_bytes(space, sizeof(space)), PORT_NO_HANDLE);
}

const struct world_transfer *world_transfer(struct world *w, size_t index)
{
	return index < w->transfer_count ? &w->transfer[index] : NULL;
}

void world_transfer_answer(struct world *w, size_t index, enum mt_err err, struct bytes fields)
{
	uint32_t id = w->transfer[index].id;

	w->transfer_count--;
	memmove(&w->transfer[index], &w->transfer[index + 1], (w->transfer_count - index) * sizeof(w->transfer[0]));
	ree_answer(w, id, err, fields, PORT_NO_HANDLE);
	world_pump(w);
}

void world_supplicant(struct world *w, struct world_message *m)
{
	struct cursor c = cursor_over(mt_bytes(m->body, m->size));
	uint8_t type = cursor_u8(&c);
	uint32_t id = cursor_u32(&c);

	/* No story has trusted applications: their medium stays empty. */
	if (type >= REE_TRUSTED_READ && type <= REE_TRUSTED_CLEAR) {
		ree_answer(w, id, MT_OK, mt_bytes("\0\0\0\0\0\0\0", type == REE_TRUSTED_SIZE ? 8 : 0), PORT_NO_HANDLE);
		return;
	}
	w->ree_calls++;
	if (w->ree_fail_at && w->ree_calls == w->ree_fail_at) {
		ree_answer(w, id, w->ree_fail, mt_bytes(NULL, 0), PORT_NO_HANDLE);
		return;
	}
	if (type == REE_LOG_READ) {
		ree_log_read_double(w, id, &c);
	} else if (type == REE_LOG_WRITE) {
		uint64_t extend_to = cursor_u64(&c), offset = cursor_u64(&c);
		ree_answer(w, id, ree_log_write_now(w, extend_to, offset, cursor_take(&c, cursor_left(&c))), mt_bytes(NULL, 0), PORT_NO_HANDLE);
	} else if (type == REE_FETCH || type == REE_SEND) {
		ree_transfer_call(w, m, type, id, &c);
	} else if (type == REE_TRANSFER) {
		ree_transfer_look(w, id, &c);
	} else {
		ree_blob_call(w, m, type, id, &c);
	}
}

void world_ree_fail_at(struct world *w, uint64_t n, enum mt_err err)
{
	w->ree_fail_at = n;
	w->ree_fail = err;
}

size_t world_runs(struct world *w)
{
	return w->runs;
}

/* ---- gateway ---- */

void world_gateway(struct world *w, struct world_message *m)
{
	struct cursor c = cursor_over(mt_bytes(m->body, m->size));
	uint8_t type = cursor_u8(&c);

	if (type == NODE_OPEN) {
		w->open = true;
		return;
	}
	(void)cursor_u32(&c);
	if (type == NODE_EVIDENCE) {
		w->frame_error = cursor_u8(&c);
		struct bytes frame = cursor_take32(&c);
		w->frame_size = frame.size;
		if (frame.size) {
			memcpy(w->frame, frame.at, frame.size);
		}
		return;
	}
	(void)cursor_u32(&c);
	struct world_answer *a = w->answer;
	if (!a) {
		return;
	}
	a->none = false;
	if (type == NODE_ANSWER) {
		a->status = cursor_u16(&c);
		a->kind = (enum node_body)cursor_u8(&c);
		struct bytes body = cursor_take32(&c);
		mt_assert(body.size < sizeof(a->body));
		a->size = body.size;
		if (body.size) {
			memcpy(a->body, body.at, body.size);
		}
		a->body[body.size] = 0;
	} else {
		a->status = 200;
		a->stream = type == NODE_STREAM;
		a->upload = type == NODE_UPLOAD;
		if (a->stream) {
			(void)cursor_u8(&c);
		}
		cursor_copy(&c, a->name, sizeof(a->name));
	}
}
