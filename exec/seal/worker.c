/*
 * The seal worker: opens one task's inputs and seals its outputs. It holds the task's keys, each
 * only while it is used, and sees plaintext as lengths and newlines. One WORK_OPEN, then what streams
 * there are while the function runs, then one WORK_SEAL, then the end.
 */
#include "exec/seal/seal.h"

#include "api/worker.h"
#include "exec/seal/seal_private.h"
#include "lib/crypto/crypto.h"
#include "port/linux/linux.h"

#include <string.h>

struct input {
	uint8_t kind; /* enum work_input */
	struct secret key;
	uint8_t tag[DATASET_TAG_SIZE];
};

struct output {
	struct secret key;
	uint64_t size_max, rows_min;
	/* found and made */
	struct bytes plain;
	uint64_t rows;
	uint8_t tag[DATASET_TAG_SIZE];
};

/* One answer in the making. On failure no handle leaves. */
struct answer {
	enum mt_err err;
	uint32_t index; /* which one failed */
	enum work_guard guard;
	port_handle handle[PORT_HANDLES_MAX];
	size_t handle_count;
	uint64_t size[PORT_HANDLES_MAX];
	size_t count;
};

static uint8_t buffer[PORT_MESSAGE_MAX];
static struct input inputs[WORK_INPUTS_MAX];
static struct output outputs[WORK_OUTPUTS_MAX];
static struct streams streams;

/* ---- opening ---- */

/* A plaintext in the making. */
struct draft {
	port_handle memory;
	uint64_t size;
};

static enum mt_err draft_take(void *self, struct bytes plain)
{
	struct draft *d = self;
	enum mt_err err = memory_write(d->memory, d->size, plain);

	d->size += plain.size;
	return err;
}

static enum mt_err input_open(const struct input *in, port_handle handle, port_handle *out,
			      uint64_t *size)
{
	struct bytes sealed = { 0 };
	struct draft made = { .memory = PORT_NO_HANDLE };
	enum mt_err err = memory_map(handle, &sealed);

	if (err) {
		return err;
	}
	err = memory_scratch(&made.memory);
	if (!err) {
		err = dataset_open_each(sealed, &in->key, in->tag, draft_take, &made);
	}
	if (!err) {
		err = memory_seal(made.memory);
	}
	memory_unmap(sealed);
	if (err) {
		memory_close(made.memory);
		return err;
	}
	*out = made.memory;
	*size = made.size;
	return MT_OK;
}

static enum mt_err open_decode(const struct message *m, size_t *count)
{
	struct cursor c = cursor_over(m->body);
	uint8_t type = cursor_u8(&c);
	uint32_t n = cursor_u32(&c);

	if (type != WORK_OPEN || n > WORK_INPUTS_MAX || n != m->handle_count) {
		return MT_MALFORMED;
	}
	bool known = true;

	for (uint32_t i = 0; i < n; i++) {
		inputs[i].kind = cursor_u8(&c);
		cursor_copy(&c, inputs[i].key.at, sizeof(inputs[i].key.at));
		cursor_copy(&c, inputs[i].tag, sizeof(inputs[i].tag));
		known = known && inputs[i].kind <= WORK_INPUT_STREAM;
	}
	*count = n;
	return cursor_done(&c) && known ? MT_OK : MT_MALFORMED;
}

static void open_one(uint32_t i, port_handle from, struct answer *a)
{
	a->index = i;
	if (inputs[i].kind == WORK_INPUT_STREAM) {
		a->err = streams_add(&streams, i, from, &inputs[i].key, inputs[i].tag, &a->size[i]);
	} else {
		a->err = input_open(&inputs[i], from, &a->handle[a->handle_count], &a->size[i]);
		a->handle_count += a->err == MT_OK;
	}
}

static void open_all(const struct message *m, struct answer *a)
{
	size_t count = 0;

	a->err = open_decode(m, &count);
	for (size_t i = 0; !a->err && i < count; i++) {
		open_one((uint32_t)i, m->handle[i], a);
	}
	a->count = count;
	if (!a->err && streams.count > 0) {
		a->err = streams_open(&streams, &a->handle[a->handle_count]);
		a->handle_count += a->err == MT_OK;
	}
	mt_wipe(inputs, sizeof(inputs));
}

/* ---- streaming ---- */

static enum mt_err broken_send(enum mt_err how, uint32_t input)
{
	uint8_t wire[8];
	struct builder b = builder_over(wire, sizeof(wire));
	struct bytes body = { 0 };

	builder_u8(&b, WORK_BROKEN);
	builder_u8(&b, (uint8_t)how);
	builder_u32(&b, input);
	enum mt_err err = builder_done(&b, &body);

	return err ? err : message_send_wait(WORKER_FD_CORE, body, NULL, 0);
}

/*
 * While the function runs: until its worker is done, core speaks, or a segment is not what it was. The function never learns of that:
 * core does, and ends the run.
 */
static enum mt_err feed(void)
{
	enum mt_err err = MT_OK;
	uint32_t input = 0;

	while (streams.writer && !err && !message_waiting(WORKER_FD_CORE)) {
		err = streams_turn(&streams, &input);
	}
	streams_close(&streams);
	return !err || err == MT_STATE ? MT_OK : broken_send(err, input);
}

/* ---- sealing ---- */

/* A row ends with a newline; a last one without counts. */
static uint64_t rows_count(struct bytes plain)
{
	uint64_t rows = 0;

	for (size_t at = 0; at < plain.size;) {
		const uint8_t *end = memchr(plain.at + at, '\n', plain.size - at);

		rows++;
		at = end ? (size_t)(end - plain.at) + 1 : plain.size;
	}
	return rows;
}

/* Every guard of every output, before anything is sealed. */
static enum mt_err guards_check(const struct message *m, size_t count, struct answer *a)
{
	for (size_t i = 0; i < count; i++) {
		struct output *o = &outputs[i];

		a->index = (uint32_t)i;
		enum mt_err err = memory_map(m->handle[i], &o->plain);

		if (err) {
			return err;
		}
		o->rows = rows_count(o->plain);
		a->guard = o->plain.size > o->size_max ? WORK_GUARD_SIZE
			   : o->rows < o->rows_min     ? WORK_GUARD_ROWS
						       : WORK_GUARD_NONE;
		if (a->guard != WORK_GUARD_NONE) {
			return MT_DENIED;
		}
	}
	return MT_OK;
}

static enum mt_err output_seal(struct output *o, port_handle *out, uint64_t *size)
{
	struct dataset_header header = { .size = o->plain.size };
	size_t sealed_size = (size_t)dataset_file_size(&header);
	uint8_t *sealed = NULL;
	port_handle made = PORT_NO_HANDLE;

	if (o->plain.size > DATASET_SIZE_MAX) {
		return MT_LIMIT;
	}
	enum mt_err err = memory_draft(sealed_size, &made, &sealed);

	if (err) {
		return err;
	}
	err = dataset_seal_all(&o->key, o->plain, sealed, o->tag);
	if (err) {
		memory_drop(made, sealed, sealed_size);
		return err;
	}
	err = memory_keep(made, sealed, sealed_size);
	if (!err) {
		*out = made;
		*size = o->plain.size;
	}
	return err;
}

static enum mt_err seal_decode(const struct message *m, size_t *count)
{
	struct cursor c = cursor_over(m->body);
	uint8_t type = cursor_u8(&c);
	uint32_t n = cursor_u32(&c);

	if (type != WORK_SEAL || n > WORK_OUTPUTS_MAX || n != m->handle_count) {
		return MT_MALFORMED;
	}
	for (uint32_t i = 0; i < n; i++) {
		cursor_copy(&c, outputs[i].key.at, sizeof(outputs[i].key.at));
		outputs[i].size_max = cursor_u64(&c);
		outputs[i].rows_min = cursor_u64(&c);
	}
	*count = n;
	return cursor_done(&c) ? MT_OK : MT_MALFORMED;
}

static void seal_all(const struct message *m, struct answer *a)
{
	size_t count = 0;

	a->err = seal_decode(m, &count);
	if (!a->err) {
		a->err = guards_check(m, count, a);
	}
	for (size_t i = 0; !a->err && i < count; i++) {
		a->index = (uint32_t)i;
		a->err = output_seal(&outputs[i], &a->handle[i], &a->size[i]);
		a->handle_count += a->err == MT_OK;
	}
	a->count = count;
	for (size_t i = 0; i < WORK_OUTPUTS_MAX; i++) {
		mt_wipe(&outputs[i].key, sizeof(outputs[i].key));
	}
}

/* ---- answering ---- */

static enum mt_err answer_send(enum work_type type, struct answer *a)
{
	uint8_t wire[64 + WORK_OUTPUTS_MAX * (DATASET_TAG_SIZE + 16)];
	struct builder b = builder_over(wire, sizeof(wire));
	size_t count = a->err ? 0 : a->count;
	struct bytes body = { 0 };

	builder_u8(&b, (uint8_t)type);
	builder_u8(&b, (uint8_t)a->err);
	builder_u32(&b, a->index);
	if (type == WORK_SEALED) {
		builder_u8(&b, (uint8_t)a->guard);
	}
	builder_u32(&b, (uint32_t)count);
	for (size_t i = 0; i < count; i++) {
		if (type == WORK_SEALED) {
			builder_bytes(&b, mt_bytes(outputs[i].tag, sizeof(outputs[i].tag)));
		}
		builder_u64(&b, a->size[i]);
		if (type == WORK_SEALED) {
			builder_u64(&b, outputs[i].rows);
		}
	}
	enum mt_err err = builder_done(&b, &body);

	if (!err) {
		err = message_send_wait(WORKER_FD_CORE, body, a->handle, a->err ? 0 : a->handle_count);
	}
	for (size_t i = 0; i < a->handle_count; i++) {
		memory_close(a->handle[i]);
	}
	return err;
}

static enum mt_err serve(enum work_type type,
			 void (*work)(const struct message *m, struct answer *a))
{
	struct message m = { 0 };
	struct answer a = { 0 };
	enum mt_err err = message_wait(WORKER_FD_CORE, buffer, &m);

	if (err) {
		return err; /* core is gone, or has no more for us */
	}
	work(&m, &a);
	mt_wipe(buffer, m.body.size);
	message_close(&m);
	return answer_send(type, &a);
}

int seal_worker(void)
{
	uint8_t hash[CRYPTO_SHA256_SIZE];

	/*
	 * libcrypto looks for its configuration file at its first use: now, while looking is still
	 * allowed.
	 */
	crypto_sha256(mt_bytes(NULL, 0), hash);
	sandbox_promise(SANDBOX_SEAL);
	if (serve(WORK_OPENED, open_all) == MT_OK && feed() == MT_OK) {
		(void)!serve(WORK_SEALED, seal_all);
	}
	return 0;
}
