/* The workers of the world: they speak the real messages and do the real work, without processes. */
#include <stdlib.h>
#include <string.h>

#include "test/story/world_private.h"

static struct world_message *worker_answer(uint32_t peer, const struct builder *b)
{
	struct bytes body;

	mt_assert(!builder_done(b, &body));
	struct world_message *m = world_message_new(peer, body);
	m->to_core = true;
	return m;
}

static void compile_double(struct world *w, struct world_message *m)
{
	uint8_t space[64];
	struct builder b = builder_over(space, sizeof(space));
	struct world_memory *module = world_memory_get(w, m->handle[0]);
	bool bad = module->size >= 3 && memcmp(module->at, "bad", 3) == 0;

	builder_u8(&b, WORK_COMPILED);
	builder_u8(&b, bad ? MT_MALFORMED : MT_OK);
	builder_bytes32(&b, mt_text(bad ? "it is bad" : ""));
	struct world_message *a = worker_answer(m->peer, &b);
	if (!bad) {
		a->handle[a->handle_count++] = world_memory_new(w, mt_bytes(module->at, module->size), true);
	}
	world_post(w, a);
}

/* What opening gives: plaintexts of what came whole; of the streams one behind another, in what stands for the window. */
struct opened {
	enum mt_err err;
	uint32_t count;
	uint64_t size[CONTRACT_INPUTS_MAX];
	port_handle plain[CONTRACT_INPUTS_MAX];
	size_t plains;
	uint8_t *stream;
	size_t stream_size;
};

static void input_open_double(struct world *w, struct opened *o, const struct world_memory *file, struct cursor *c)
{
	uint8_t kind = cursor_u8(c), tag[32];
	struct dataset_header h = { 0 };
	struct secret key;

	cursor_copy(c, key.at, 32);
	cursor_copy(c, tag, 32);
	mt_assert(file->sealed == (kind == WORK_INPUT_WHOLE));
	uint8_t *out = malloc(file->size + 1);

	o->err = file->size < DATASET_HEADER_SIZE ? MT_MALFORMED : dataset_header_decode(mt_bytes(file->at, DATASET_HEADER_SIZE), &h);
	if (!o->err) {
		o->err = dataset_open_all(mt_bytes(file->at, file->size), &key, tag, out, file->size);
	}
	if (!o->err && kind == WORK_INPUT_STREAM) {
		o->stream = realloc(o->stream, o->stream_size + (size_t)h.size + 1);
		memcpy(o->stream + o->stream_size, out, (size_t)h.size);
		o->stream_size += (size_t)h.size;
	} else if (!o->err) {
		o->plain[o->plains++] = world_memory_new(w, mt_bytes(out, (size_t)h.size), true);
	}
	free(out);
	o->size[o->count] = h.size;
	o->count += o->err == MT_OK;
}

static void seal_open_double(struct world *w, struct world_message *m, struct cursor *c)
{
	uint8_t space[256];
	struct builder b = builder_over(space, sizeof(space));
	struct opened o = { 0 };
	uint32_t count = cursor_u32(c);

	mt_assert(count == m->handle_count);
	while (!o.err && o.count < count) {
		input_open_double(w, &o, world_memory_get(w, m->handle[o.count]), c);
	}
	builder_u8(&b, WORK_OPENED);
	builder_u8(&b, (uint8_t)o.err);
	builder_u32(&b, o.err ? o.count : 0);
	builder_u32(&b, o.err ? 0 : count);
	for (uint32_t k = 0; !o.err && k < count; k++) {
		builder_u64(&b, o.size[k]);
	}
	struct world_message *a = worker_answer(m->peer, &b);
	for (size_t k = 0; k < o.plains; k++) {
		if (o.err) {
			world_memory_drop(w, o.plain[k]);
		} else {
			a->handle[a->handle_count++] = o.plain[k];
		}
	}
	if (!o.err && o.stream) {
		a->handle[a->handle_count++] = world_memory_new(w, mt_bytes(o.stream, o.stream_size), false);
	}
	free(o.stream);
	world_post(w, a);
}

static uint64_t rows_of(const struct world_memory *m)
{
	uint64_t rows = 0;

	for (size_t i = 0; i < m->size; i++) {
		rows += m->at[i] == '\n';
	}
	return rows + (m->size && m->at[m->size - 1] != '\n');
}

static void seal_close_double(struct world *w, struct world_message *m, struct cursor *c)
{
	uint8_t space[1024];
	struct builder b = builder_over(space, sizeof(space)), list;
	uint8_t list_space[CONTRACT_OUTPUTS_MAX * 48];
	uint32_t count = cursor_u32(c), i = 0;
	port_handle sealed[CONTRACT_OUTPUTS_MAX];
	enum work_guard guard = WORK_GUARD_NONE;

	list = builder_over(list_space, sizeof(list_space));
	for (; i < count && !guard; i++) {
		struct secret key;
		uint8_t tag[32];
		cursor_copy(c, key.at, 32);
		uint64_t size_max = cursor_u64(c), rows_min = cursor_u64(c);
		struct world_memory *plain = world_memory_get(w, m->handle[i]);
		mt_assert(plain->sealed);
		guard = plain->size > size_max ? WORK_GUARD_SIZE : rows_of(plain) < rows_min ? WORK_GUARD_ROWS : WORK_GUARD_NONE;
		if (guard) {
			break;
		}
		uint8_t *file = malloc(plain->size + DATASET_HEADER_SIZE + 64);
		mt_assert(!dataset_seal_all(&key, mt_bytes(plain->at, plain->size), file, tag));
		struct dataset_header h;
		mt_assert(!dataset_header_decode(mt_bytes(file, DATASET_HEADER_SIZE), &h));
		builder_bytes(&list, mt_bytes(tag, 32));
		builder_u64(&list, plain->size);
		builder_u64(&list, rows_of(plain));
		sealed[i] = world_memory_new(w, mt_bytes(file, (size_t)dataset_file_size(&h)), true);
		free(file);
	}
	builder_u8(&b, WORK_SEALED);
	builder_u8(&b, guard ? MT_DENIED : MT_OK);
	builder_u32(&b, guard ? i : 0);
	builder_u8(&b, (uint8_t)guard);
	builder_u32(&b, guard ? 0 : count);
	if (!guard) {
		builder_bytes(&b, mt_bytes(list_space, list.size));
	}
	struct world_message *a = worker_answer(m->peer, &b);
	for (uint32_t k = 0; k < i; k++) {
		if (guard) {
			world_memory_drop(w, sealed[k]);
		} else {
			a->handle[a->handle_count++] = sealed[k];
		}
	}
	world_post(w, a);
}

/* What is mapped has a handle each; of the streams the last handle has all, one behind another. */
static void run_inputs(struct world *w, struct world_message *m, struct cursor *c, struct world_run *run)
{
	size_t at = 0;

	for (size_t i = 0; i < run->input_count; i++) {
		bool stream = (run->streams & MT_BIT(i)) != 0;
		struct world_memory *in = world_memory_get(w, m->handle[stream ? m->handle_count - 1 : run->handles++]);
		size_t size = stream ? (size_t)cursor_u64(c) : in->size;
		run->input[i] = mt_bytes(in->at + (stream ? at : 0), size);
		at += stream ? size : 0;
	}
}

static void run_read(struct world *w, struct world_message *m, struct cursor *c, struct world_run *run)
{
	const struct world_peer *self = &w->peer[m->peer - PORT_WORKER_FIRST];

	(void)cursor_u64(c);
	uint32_t flags = cursor_u32(c);
	mt_assert(!(flags & WORK_FLAG_LOG));    /* core never asks for what a function prints */
	(void)cursor_take(c, 32);
	run->artifact = mt_bytes(self->artifact, self->artifact_size);
	run->argument_count = cursor_u32(c);
	for (size_t i = 0; i < run->argument_count; i++) {
		run->argument[i] = cursor_take32(c);
	}
	run->input_count = cursor_u32(c);
	for (size_t i = 0; i < run->input_count; i++) {
		(void)cursor_take32(c);
	}
	run->output_count = cursor_u32(c);
	for (size_t i = 0; i < run->output_count; i++) {
		(void)cursor_take32(c);
		(void)cursor_u64(c);
	}
	run->streams = flags & WORK_FLAG_STREAM ? cursor_u32(c) : 0;
	run_inputs(w, m, c, run);
	mt_assert(cursor_done(c) && m->handle_count == run->handles + run->output_count + (run->streams != 0));
}

static void run_double(struct world *w, struct world_message *m, struct cursor *c)
{
	static uint8_t space[1024 + WORK_CONTENT_MAX];
	struct builder b = builder_over(space, sizeof(space));
	struct world_run run = { 0 };
	size_t total = 0;

	run_read(w, m, c, &run);
	w->runs++;
	run.message_count = w->runs;
	w->function(&run);
	for (size_t i = 0; i < run.output_count; i++) {
		struct world_memory *out = world_memory_get(w, m->handle[run.handles + i]);
		free(out->at);
		out->at = malloc(run.output_size[i] + 1);
		out->size = run.output_size[i];
		out->writable = run.keep_open;
		total += run.output_size[i];
		if (run.output[i]) {
			memcpy(out->at, run.output[i], run.output_size[i]);
		}
	}
	if (run.die) {
		w->port.kill(w, m->peer);
	} else if (!run.hang) {
		builder_u8(&b, WORK_RAN);
		builder_u8(&b, (uint8_t)run.outcome);
		builder_u32(&b, run.exit_code);
		builder_u64(&b, 1234);
		builder_u64(&b, 65536);
		builder_u64(&b, 0);
		builder_u32(&b, (uint32_t)run.output_count);
		for (size_t i = 0; i < run.output_count; i++) {
			builder_u8(&b, run.output[i] ? 1 : 0);
			builder_u64(&b, run.output_size[i] + run.lie);
		}
		builder_bytes32(&b, mt_text("engine's words"));
		for (size_t i = 0; i < run.output_count; i++) {
			builder_bytes32(&b, mt_bytes(run.output[i], total <= WORK_CONTENT_MAX ? run.output_size[i] : 0));
		}
		world_post(w, worker_answer(m->peer, &b));
	}
	for (size_t i = 0; i < run.output_count; i++) {
		mt_free(run.output[i]);
	}
}

static void load_double(struct world *w, struct world_message *m)
{
	struct world_peer *self = &w->peer[m->peer - PORT_WORKER_FIRST];
	struct world_memory *artifact = world_memory_get(w, m->handle[0]);

	mt_assert(!self->artifact && artifact->sealed);
	self->artifact = mt_copy(mt_bytes(artifact->at, artifact->size));
	self->artifact_size = artifact->size;
}

void world_worker(struct world *w, struct world_message *m)
{
	struct cursor c = cursor_over(mt_bytes(m->body, m->size));
	uint8_t type = cursor_u8(&c);

	if (type == WORK_COMPILE) {
		compile_double(w, m);
	} else if (type == WORK_OPEN) {
		seal_open_double(w, m, &c);
	} else if (type == WORK_SEAL) {
		seal_close_double(w, m, &c);
	} else if (type == WORK_LOAD) {
		load_double(w, m);
	} else {
		run_double(w, m, &c);
	}
}

/* ---- the function ---- */

static struct bytes line_of(struct bytes *text)
{
	const uint8_t *end = memchr(text->at, '\n', text->size);
	size_t size = end ? (size_t)(end - text->at) + 1 : text->size;
	struct bytes line = mt_bytes(text->at, size);

	*text = mt_bytes(text->at + size, text->size - size);
	return line;
}

void world_intersect(struct world_run *run)
{
	struct bytes a = run->input[0], b = run->input[1], x = { 0 }, y = { 0 };

	run->output[0] = mt_alloc(a.size + 1);
	while (a.size || b.size || x.size || y.size) {
		if (!x.size && a.size) {
			x = line_of(&a);
		}
		if (!y.size && b.size) {
			y = line_of(&b);
		}
		if (!x.size || !y.size) {
			break;
		}
		int order = mt_compare(x, y);
		if (order == 0) {
			memcpy(run->output[0] + run->output_size[0], x.at, x.size);
			run->output_size[0] += x.size;
		}
		x = order <= 0 ? mt_bytes(NULL, 0) : x;
		y = order >= 0 ? mt_bytes(NULL, 0) : y;
	}
}
