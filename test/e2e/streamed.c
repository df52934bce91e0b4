#include "test/e2e/streamed.h"

#include "exec/seal/seal.h"
#include "exec/wasm/wasm.h"
#include "test/test.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static uint8_t buffer[PORT_MESSAGE_MAX];
const struct secret file_key = { { 1, 2, 3 } };

/* ---- workers ---- */

static struct worker worker_start(int (*serve)(void))
{
	int pair[2];

	if (message_pair(pair) != MT_OK) {
		abort();
	}
	fflush(NULL);
	pid_t pid = fork();

	if (pid == 0) {
		dup2(open("/dev/null", O_RDWR), 0);
		dup2(pair[1], WORKER_FD_CORE);
		close_range(WORKER_FD_CORE + 1, ~0U, 0);
		_exit(serve());
	}
	close(pair[1]);
	return (struct worker){ .pid = pid, .socket = pair[0] };
}

int worker_end(struct worker *w)
{
	int status = -1;

	close(w->socket);
	waitpid(w->pid, &status, 0);
	w->pid = 0;
	return status;
}

void worker_kill(struct worker *w)
{
	kill(w->pid, SIGKILL);
	CHECK(WIFSIGNALED(worker_end(w)), "killed, not ended before");
}

port_handle artifact_of(const char *path)
{
	struct worker w = worker_start(compile_worker);
	uint8_t type = WORK_COMPILE;
	int fd = open(path, O_RDONLY);
	struct stat facts = { 0 };
	struct message m = { 0 };
	port_handle module = PORT_NO_HANDLE;

	if (fd < 0 || fstat(fd, &facts) != 0) {
		printf("no %s: run make from the top of the tree\n", path);
		abort();
	}
	uint8_t *at = test_alloc((size_t)facts.st_size);

	CHECK(read(fd, at, (size_t)facts.st_size) == facts.st_size, "the module");
	close(fd);
	CHECK(memory_make(mt_bytes(at, (size_t)facts.st_size), &module) == MT_OK &&
		      message_send_wait(w.socket, mt_bytes(&type, 1), &module, 1) == MT_OK &&
		      message_wait(w.socket, buffer, &m) == MT_OK && m.handle_count == 1,
	      "compiled");
	memory_close(module);
	(void)worker_end(&w);
	return m.handle[0];
}

/* ---- files ---- */

static struct file file_make(size_t plain_size)
{
	struct dataset_header h = { .size = plain_size };
	struct file f = { .handle = PORT_NO_HANDLE, .size = (size_t)dataset_file_size(&h) };
	uint8_t *plain = malloc(plain_size + 1), *sealed = malloc(f.size);
	uint32_t x = (uint32_t)plain_size;

	for (size_t i = 0; i < plain_size; i++) {
		x = x * 1664525 + 1013904223;
		plain[i] = (uint8_t)(x >> 24);
	}
	CHECK(dataset_seal_all(&file_key, mt_bytes(plain, plain_size), sealed, f.tag) == MT_OK && memory_scratch(&f.handle) == MT_OK &&
		      pwrite(f.handle, sealed, f.size, 0) == (ssize_t)f.size,
	      "a file");
	free(plain);
	free(sealed);
	return f;
}

/* The same content as core gets it for a small input. */
static port_handle file_whole(const struct file *f)
{
	uint8_t *at = malloc(f->size);
	port_handle made = PORT_NO_HANDLE;

	CHECK(pread(f->handle, at, f->size, 0) == (ssize_t)f->size && memory_make(mt_bytes(at, f->size), &made) == MT_OK, "a copy");
	free(at);
	return made;
}

/* ---- one task ---- */

void task_open(struct task *t)
{
	uint8_t wire[256];
	struct builder b = builder_over(wire, sizeof(wire));
	port_handle handle[2];
	struct bytes body = { 0 };
	struct message m = { 0 };

	t->seal = worker_start(seal_worker);
	builder_u8(&b, WORK_OPEN);
	builder_u32(&b, 2);
	for (size_t i = 0; i < 2; i++) {
		builder_u8(&b, (uint8_t)t->kind[i]);
		builder_bytes(&b, secret_bytes(&file_key));
		builder_bytes(&b, mt_bytes(t->file[i].tag, DATASET_TAG_SIZE));
		handle[i] = t->kind[i] == WORK_INPUT_STREAM ? dup(t->file[i].handle) : file_whole(&t->file[i]);
	}
	CHECK(builder_done(&b, &body) == MT_OK && message_send_wait(t->seal.socket, body, handle, 2) == MT_OK &&
		      message_wait(t->seal.socket, buffer, &m) == MT_OK,
	      "opened");
	memory_close(handle[0]);
	memory_close(handle[1]);
	struct cursor c = cursor_over(m.body);

	CHECK(cursor_u8(&c) == WORK_OPENED, "type");
	t->opened = (enum mt_err)cursor_u8(&c);
	(void)cursor_u32(&c);
	CHECK(cursor_u32(&c) == (t->opened ? 0 : 2), "both");
	t->size[0] = cursor_u64(&c);
	t->size[1] = cursor_u64(&c);
	memcpy(t->given, m.handle, sizeof(t->given));
	t->given_count = m.handle_count;
}

void task_run(struct task *t, port_handle artifact, const char *const *argument, size_t argument_count)
{
	uint8_t wire[1024], load = WORK_LOAD;
	struct builder b = builder_over(wire, sizeof(wire));
	uint32_t streams = (t->kind[0] == WORK_INPUT_STREAM ? 1 : 0) | (t->kind[1] == WORK_INPUT_STREAM ? 2 : 0);
	size_t plains = t->given_count - (streams != 0), count = 0;
	port_handle handle[4];
	struct bytes body = { 0 };

	t->run = worker_start(run_worker);
	CHECK(memory_scratch(&t->output) == MT_OK, "memory");
	builder_u8(&b, WORK_RUN);
	builder_u64(&b, 32 << 20);
	builder_u32(&b, streams ? WORK_FLAG_STREAM : 0);
	builder_bytes(&b, secret_bytes(&file_key));
	builder_u32(&b, (uint32_t)argument_count);
	for (size_t i = 0; i < argument_count; i++) {
		builder_bytes32(&b, mt_text(argument[i]));
	}
	builder_u32(&b, 2);
	builder_bytes32(&b, mt_text("a"));
	builder_bytes32(&b, mt_text("b"));
	builder_u32(&b, 1);
	builder_bytes32(&b, mt_text("o"));
	builder_u64(&b, 16 * MIB);
	if (streams) {
		builder_u32(&b, streams);
	}
	for (size_t i = 0; i < 2; i++) {
		if (t->kind[i] == WORK_INPUT_STREAM) {
			builder_u64(&b, t->size[i]);
		}
	}
	for (; count < plains; count++) {
		handle[count] = t->given[count];
	}
	handle[count++] = t->output;
	if (streams) {
		handle[count++] = t->given[plains];
	}
	CHECK(builder_done(&b, &body) == MT_OK && message_send_wait(t->run.socket, mt_bytes(&load, 1), &artifact, 1) == MT_OK &&
		      message_send_wait(t->run.socket, body, handle, count) == MT_OK,
	      "sent");
	for (size_t i = 0; i < t->given_count; i++) {
		memory_close(t->given[i]);
	}
}

struct bytes task_result(struct task *t, uint32_t exit_code)
{
	struct message m = { 0 };
	uint8_t *out = test_alloc(16 * MIB);

	if (!CHECK(message_wait(t->run.socket, buffer, &m) == MT_OK, "the run worker answers")) {
		return mt_bytes(NULL, 0);
	}
	struct cursor c = cursor_over(m.body);

	CHECK(cursor_u8(&c) == WORK_RAN && cursor_u8(&c) == WORK_EXITED && cursor_u32(&c) == exit_code, "well");
	ssize_t size = pread(t->output, out, 16 * MIB, 0);

	return mt_bytes(out, size > 0 ? (size_t)size : 0);
}

bool worker_speaks(const struct worker *w, int wait_ms)
{
	struct pollfd p = { .fd = w->socket, .events = POLLIN };

	return poll(&p, 1, wait_ms) == 1 && (p.revents & POLLIN) && !(p.revents & POLLHUP);
}

void task_breaks(struct task *t, enum mt_err want, uint32_t input)
{
	struct message m = { 0 };

	CHECK(worker_speaks(&t->seal, PATIENCE_MS) && message_wait(t->seal.socket, buffer, &m) == MT_OK, "the seal worker speaks");
	struct cursor c = cursor_over(m.body);

	CHECK(cursor_u8(&c) == WORK_BROKEN && cursor_u8(&c) == want && cursor_u32(&c) == input && cursor_done(&c), mt_err_name(want));
	CHECK(!worker_speaks(&t->run, 300), "the function has neither ended nor seen more");
	worker_kill(&t->run);
	worker_kill(&t->seal);
}

void task_close(struct task *t)
{
	struct worker *left[] = { &t->seal, &t->run };

	for (size_t i = 0; i < MT_COUNT(left); i++) {
		if (left[i]->pid) { /* what did not end as it should have */
			kill(left[i]->pid, SIGKILL);
			(void)worker_end(left[i]);
		}
	}
	memory_close(t->output);
	memory_close(t->file[0].handle);
	memory_close(t->file[1].handle);
}

struct task task_make(size_t a, enum work_input a_kind, size_t b, enum work_input b_kind)
{
	return (struct task){ .file = { file_make(a), file_make(b) }, .kind = { a_kind, b_kind }, .output = PORT_NO_HANDLE };
}

bool task_seals(struct task *t)
{
	uint8_t wire[64];
	struct builder b = builder_over(wire, sizeof(wire));
	struct bytes body = { 0 };
	struct pollfd answer = { .fd = t->seal.socket, .events = POLLIN };
	struct message m = { 0 };

	builder_u8(&b, WORK_SEAL);
	builder_u32(&b, 1);
	builder_bytes(&b, secret_bytes(&file_key));
	builder_u64(&b, 16 * MIB);
	builder_u64(&b, 0);
	bool good = memory_seal(t->output) == MT_OK && builder_done(&b, &body) == MT_OK &&
		    message_send_wait(t->seal.socket, body, &t->output, 1) == MT_OK && poll(&answer, 1, PATIENCE_MS) == 1 &&
		    message_wait(t->seal.socket, buffer, &m) == MT_OK &&
		    m.body.at[0] == WORK_SEALED && m.body.at[1] == MT_OK && m.handle_count == 1;

	message_close(&m);
	return good;
}
