/*
 * The seal worker as a process: what it opens, what it refuses to open, its guards, and what it
 * seals.
 */
#include "api/worker.h"
#include "exec/seal/seal.h"
#include "lib/dataset/dataset.h"
#include "port/linux/linux.h"
#include "test/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static uint8_t buffer[PORT_MESSAGE_MAX];
static const struct secret key_one = { { 1, 2, 3 } }, key_two = { { 9 } };

struct worker {
	pid_t pid;
	int socket;
};

static struct worker worker_start(void)
{
	int pair[2];

	if (message_pair(pair) != MT_OK) {
		abort();
	}
	fflush(NULL);
	pid_t pid = fork();

	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, 0);
		dup2(pair[1], WORKER_FD_CORE);
		close_range(WORKER_FD_CORE + 1, ~0U, 0);
		_exit(seal_worker());
	}
	close(pair[1]);
	return (struct worker){ .pid = pid, .socket = pair[0] };
}

static void worker_end(const struct worker *w)
{
	int status = -1;

	close(w->socket);
	CHECK(waitpid(w->pid, &status, 0) == w->pid && status == 0, "ends well");
}

static port_handle sealed_file(const struct secret *key, struct bytes plain,
			       uint8_t tag[DATASET_TAG_SIZE])
{
	struct dataset_header h = { .size = plain.size };
	size_t size = (size_t)dataset_file_size(&h);
	uint8_t *file = test_alloc(size);
	port_handle handle = PORT_NO_HANDLE;

	CHECK(dataset_seal_all(key, plain, file, tag) == MT_OK &&
		      memory_make(mt_bytes(file, size), &handle) == MT_OK,
	      "a file");
	return handle;
}

struct reply {
	uint8_t type, err, guard;
	uint32_t index, count;
	struct bytes rest;
	struct message m;
};

static struct reply exchange(const struct worker *w, const struct builder *b,
			     const port_handle *handles, size_t count)
{
	struct reply r = { .type = 0xff };
	struct bytes body = { 0 };

	CHECK(builder_done(b, &body) == MT_OK &&
		      message_send_wait(w->socket, body, handles, count) == MT_OK,
	      "send");
	if (!CHECK(message_wait(w->socket, buffer, &r.m) == MT_OK, "an answer")) {
		return r;
	}
	struct cursor c = cursor_over(r.m.body);

	r.type = cursor_u8(&c);
	r.err = cursor_u8(&c);
	r.index = cursor_u32(&c);
	r.guard = r.type == WORK_SEALED ? cursor_u8(&c) : 0;
	r.count = cursor_u32(&c);
	r.rest = cursor_take(&c, cursor_left(&c));
	CHECK(cursor_ok(&c) && (!r.err || (!r.count && !r.m.handle_count)), "shape");
	CHECK(r.type != WORK_SEALED || r.count == r.m.handle_count, "a handle for each");
	return r;
}

static void add_input(struct builder *b, enum work_input kind, const struct secret *key,
		      const uint8_t tag[DATASET_TAG_SIZE])
{
	builder_u8(b, (uint8_t)kind);
	builder_bytes(b, secret_bytes(key));
	builder_bytes(b, mt_bytes(tag, DATASET_TAG_SIZE));
}

static struct reply open_one(const struct worker *w, port_handle file, const struct secret *key,
			     const uint8_t *tag)
{
	uint8_t wire[256];
	struct builder b = builder_over(wire, sizeof(wire));

	builder_u8(&b, WORK_OPEN);
	builder_u32(&b, 1);
	add_input(&b, WORK_INPUT_WHOLE, key, tag);
	return exchange(w, &b, &file, 1);
}

static struct reply seal_one(const struct worker *w, const char *plain, uint64_t size_max,
			     uint64_t rows_min)
{
	uint8_t wire[256];
	struct builder b = builder_over(wire, sizeof(wire));
	port_handle handle = PORT_NO_HANDLE;

	CHECK(memory_make(mt_text(plain), &handle) == MT_OK, "plain");
	builder_u8(&b, WORK_SEAL);
	builder_u32(&b, 1);
	builder_bytes(&b, secret_bytes(&key_two));
	builder_u64(&b, size_max);
	builder_u64(&b, rows_min);
	struct reply r = exchange(w, &b, &handle, 1);

	memory_close(handle);
	return r;
}

static struct reply open_none(const struct worker *w)
{
	uint8_t wire[8];
	struct builder b = builder_over(wire, sizeof(wire));

	builder_u8(&b, WORK_OPEN);
	builder_u32(&b, 0);
	return exchange(w, &b, NULL, 0);
}

static void test_task(void)
{
	struct worker w = worker_start();
	uint8_t tag[2][DATASET_TAG_SIZE], wire[256], *large = test_alloc(3000000);
	struct builder b = builder_over(wire, sizeof(wire));
	struct bytes got = { 0 };

	memset(large, 'z', 3000000);
	const port_handle file[2] = { sealed_file(&key_one, mt_bytes(large, 3000000), tag[0]),
				      sealed_file(&key_two, mt_text(""), tag[1]) };

	builder_u8(&b, WORK_OPEN);
	builder_u32(&b, 2);
	add_input(&b, WORK_INPUT_WHOLE, &key_one, tag[0]);
	add_input(&b, WORK_INPUT_WHOLE, &key_two, tag[1]);
	struct reply r = exchange(&w, &b, file, 2);

	CHECK(r.type == WORK_OPENED && !r.err && r.count == 2, "opened");
	CHECK(mt_equal(r.rest, hex("00000000002dc6c0 0000000000000000")), "sizes");
	CHECK(memory_map(r.m.handle[0], &got) == MT_OK && mt_equal(got, mt_bytes(large, 3000000)),
	      "plaintext, immutable");
	memory_unmap(got);
	message_close(&r.m);
	r = seal_one(&w, "a,b\nc,d\nlast", 12, 3);
	CHECK(r.type == WORK_SEALED && !r.err && !r.guard && r.count == 1 &&
		      r.rest.size == DATASET_TAG_SIZE + 16,
	      "sealed");
	CHECK(mt_equal(mt_bytes(r.rest.at + DATASET_TAG_SIZE, 16),
		       hex("000000000000000c 0000000000000003")),
	      "size, rows");
	uint8_t plain[12];

	CHECK(memory_map(r.m.handle[0], &got) == MT_OK &&
		      dataset_open_all(got, &key_two, r.rest.at, plain, sizeof(plain)) == MT_OK,
	      "opens under the key and the tag");
	CHECK(memcmp(plain, "a,b\nc,d\nlast", 12) == 0, "to what it was");
	memory_unmap(got);
	message_close(&r.m);
	worker_end(&w);
}

static void test_refused_inputs(void)
{
	uint8_t tag[DATASET_TAG_SIZE], other[DATASET_TAG_SIZE] = { 0 };
	port_handle file = sealed_file(&key_one, mt_text("secret"), tag), changed = PORT_NO_HANDLE,
		    cut = PORT_NO_HANDLE, scratch;
	struct bytes whole = { 0 };

	CHECK(memory_map(file, &whole) == MT_OK && memory_scratch(&scratch) == MT_OK, "map");
	struct bytes copy = first(whole, whole.size);

	((uint8_t *)(uintptr_t)copy.at)[copy.size - 1] ^= 1;
	CHECK(memory_make(copy, &changed) == MT_OK && memory_make(first(whole, 50), &cut) == MT_OK,
	      "copies");
	const struct {
		port_handle file;
		const struct secret *key;
		const uint8_t *tag;
		enum mt_err want;
	} row[] = {
		{ file, &key_two, tag, MT_DENIED },	 { file, &key_one, other, MT_TAMPERED },
		{ changed, &key_one, tag, MT_TAMPERED }, { cut, &key_one, tag, MT_MALFORMED },
		{ scratch, &key_one, tag, MT_DENIED },
	};

	for (size_t i = 0; i < MT_COUNT(row); i++) {
		struct worker w = worker_start();
		struct reply r = open_one(&w, row[i].file, row[i].key, row[i].tag);

		CHECK(r.type == WORK_OPENED && r.err == row[i].want && r.m.handle_count == 0,
		      mt_err_name((enum mt_err)r.err));
		worker_end(&w);
	}
	memory_unmap(whole);
}

static void test_guards(void)
{
	static const struct {
		const char *plain;
		uint64_t size_max, rows_min;
		enum work_guard want;
	} row[] = {
		{ "12345", 5, 0, WORK_GUARD_NONE },  { "123456", 5, 0, WORK_GUARD_SIZE },
		{ "", 0, 0, WORK_GUARD_NONE },	     { "", 9, 1, WORK_GUARD_ROWS },
		{ "a\nb\n", 9, 2, WORK_GUARD_NONE }, { "a\nb", 9, 2, WORK_GUARD_NONE },
		{ "a\nb\n", 9, 3, WORK_GUARD_ROWS }, { "\n\n\n", 9, 3, WORK_GUARD_NONE },
		{ "ab", 9, 2, WORK_GUARD_ROWS },
	};

	for (size_t i = 0; i < MT_COUNT(row); i++) {
		struct worker w = worker_start();
		struct reply r = open_none(&w);

		CHECK(r.type == WORK_OPENED && !r.err, "no inputs");
		r = seal_one(&w, row[i].plain, row[i].size_max, row[i].rows_min);
		CHECK(r.type == WORK_SEALED && r.guard == row[i].want &&
			      r.err == (row[i].want ? MT_DENIED : MT_OK),
		      row[i].plain);
		message_close(&r.m);
		worker_end(&w);
	}
}

static void test_malformed(void)
{
	static const char *const wire[] = { "05",	   "05 00000001",    "05 0000000d",
					    "07 00000000", "05 00000000 00", "00" };

	for (size_t i = 0; i < MT_COUNT(wire); i++) {
		struct worker w = worker_start();
		struct bytes text = hex(wire[i]);
		struct builder b = builder_over((void *)(uintptr_t)text.at, text.size);

		b.size = text.size;
		struct reply r = exchange(&w, &b, NULL, 0);

		CHECK(r.type == WORK_OPENED && r.err == MT_MALFORMED, wire[i]);
		worker_end(&w);
	}
}

const struct test tests[] = {
	{ "task", test_task },
	{ "refused_inputs", test_refused_inputs },
	{ "guards", test_guards },
	{ "malformed", test_malformed },
	TESTS_END,
};
