/*
 * The two WebAssembly workers as processes, through their messages: what a function can do, and all
 * that it cannot.
 */
#include "api/worker.h"
#include "exec/wasm/wasm.h"
#include "port/linux/linux.h"
#include "test/test.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define OUT_MAX 100000
#define MEMORY_MAX (UINT64_C(32) << 20)

static uint8_t buffer[PORT_MESSAGE_MAX];

/* ---- workers ---- */

struct worker {
	pid_t pid;
	int socket;
};

static struct worker worker_start(int (*serve)(void))
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
		_exit(serve());
	}
	close(pair[1]);
	return (struct worker){ .pid = pid, .socket = pair[0] };
}

static int worker_end(const struct worker *w)
{
	int status = -1;

	close(w->socket);
	waitpid(w->pid, &status, 0);
	return status;
}

/* ---- compiling ---- */

static struct bytes file_read(const char *path)
{
	int fd = open(path, O_RDONLY);
	struct stat facts = { 0 };

	if (fd < 0 || fstat(fd, &facts) != 0) {
		printf("no %s: run make from the top of the tree\n", path);
		abort();
	}
	uint8_t *at = test_alloc((size_t)facts.st_size);

	if (read(fd, at, (size_t)facts.st_size) != facts.st_size) {
		abort();
	}
	close(fd);
	return mt_bytes(at, (size_t)facts.st_size);
}

static enum mt_err compile(struct bytes module, port_handle *artifact,
			   char detail[WORK_DETAIL_MAX + 1])
{
	struct worker w = worker_start(compile_worker);
	uint8_t type = WORK_COMPILE;
	struct message m = { 0 };
	port_handle handle;

	CHECK(memory_make(module, &handle) == MT_OK, "module");
	CHECK(message_send_wait(w.socket, mt_bytes(&type, 1), &handle, 1) == MT_OK, "send");
	memory_close(handle);
	if (!CHECK(message_wait(w.socket, buffer, &m) == MT_OK, "the compile worker answers")) {
		worker_end(&w);
		return MT_IO;
	}
	struct cursor c = cursor_over(m.body);

	CHECK(cursor_u8(&c) == WORK_COMPILED, "type");
	enum mt_err err = (enum mt_err)cursor_u8(&c);
	struct bytes text = cursor_take32(&c);

	CHECK(cursor_done(&c) && text.size <= WORK_DETAIL_MAX && m.handle_count == (err ? 0 : 1),
	      "whole answer");
	snprintf(detail, WORK_DETAIL_MAX + 1, "%.*s", (int)text.size, text.at);
	*artifact = m.handle_count ? m.handle[0] : PORT_NO_HANDLE;
	CHECK(worker_end(&w) == 0, "ends well");
	return err;
}

static port_handle artifact_of(const char *path)
{
	char detail[WORK_DETAIL_MAX + 1];
	port_handle artifact = PORT_NO_HANDLE;

	CHECK(compile(file_read(path), &artifact, detail) == MT_OK, detail);
	return artifact;
}

static port_handle probe_artifact(void)
{
	static port_handle made = PORT_NO_HANDLE;

	if (made == PORT_NO_HANDLE) {
		made = artifact_of("build/wasm/probe.wasm");
	}
	return made;
}

/* ---- running ---- */

struct ran {
	bool answered;
	uint8_t outcome, written;
	uint32_t exit_code;
	uint64_t cpu_us, memory_peak, log_size, size;
	char detail[WORK_DETAIL_MAX + 1];
	uint8_t out[OUT_MAX], content[WORK_CONTENT_MAX];
	size_t content_size;
	int status;
};

struct job {
	port_handle artifact;
	const char *argument[4];
	struct bytes in;
	uint64_t memory_max, out_max;
	uint32_t flags;
	int kill_after_ms; /* 0: wait for the answer */
	const char *out_name; /* NULL: b */
};

static void request_send(const struct job *j, int socket, port_handle in, port_handle out)
{
	uint8_t wire[1024];
	struct builder b = builder_over(wire, sizeof(wire));
	struct bytes body = { 0 };
	uint32_t count = 0;
	const port_handle handles[] = { in, out };
	uint8_t load = WORK_LOAD;

	while (count < 4 && j->argument[count]) {
		count++;
	}
	builder_u8(&b, WORK_RUN);
	builder_u64(&b, j->memory_max ? j->memory_max : MEMORY_MAX);
	builder_u32(&b, j->flags);
	for (uint8_t i = 0; i < 32; i++) {
		builder_u8(&b, i);
	}
	builder_u32(&b, count);
	for (uint32_t i = 0; i < count; i++) {
		builder_bytes32(&b, mt_text(j->argument[i]));
	}
	builder_u32(&b, 1);
	builder_bytes32(&b, mt_text("a"));
	builder_u32(&b, 1);
	builder_bytes32(&b, mt_text(j->out_name ? j->out_name : "b"));
	builder_u64(&b, j->out_max ? j->out_max : OUT_MAX);
	CHECK(message_send_wait(socket, mt_bytes(&load, 1), &j->artifact, 1) == MT_OK &&
		      builder_done(&b, &body) == MT_OK &&
		      message_send_wait(socket, body, handles, 2) == MT_OK,
	      "send");
}

static void answer_read(struct bytes body, struct ran *r)
{
	struct cursor c = cursor_over(body);

	CHECK(cursor_u8(&c) == WORK_RAN, "type");
	r->outcome = cursor_u8(&c);
	r->exit_code = cursor_u32(&c);
	r->cpu_us = cursor_u64(&c);
	r->memory_peak = cursor_u64(&c);
	r->log_size = cursor_u64(&c);
	uint32_t outputs = cursor_u32(&c);

	for (uint32_t i = 0; i < outputs && i < 1; i++) {
		r->written = cursor_u8(&c);
		r->size = cursor_u64(&c);
	}
	struct bytes text = cursor_take32(&c), content = outputs ? cursor_take32(&c) : mt_bytes(NULL, 0);

	r->content_size = content.size;
	if (content.size) {
		memcpy(r->content, content.at, content.size < sizeof(r->content) ? content.size : sizeof(r->content));
	}
	CHECK(cursor_done(&c) && text.size <= WORK_DETAIL_MAX, "whole answer");
	snprintf(r->detail, sizeof(r->detail), "%.*s", (int)text.size, text.at);
	r->answered = true;
}

static struct ran *run(const struct job *j)
{
	struct ran *r = test_alloc(sizeof(*r));
	struct worker w = worker_start(run_worker);
	port_handle in = PORT_NO_HANDLE, out = PORT_NO_HANDLE;
	struct message m = { 0 };

	CHECK(memory_make(j->in.size ? j->in : mt_text("hello"), &in) == MT_OK &&
		      memory_scratch(&out) == MT_OK,
	      "memory");
	request_send(j, w.socket, in, out);
	if (j->kill_after_ms) {
		struct pollfd p = { .fd = w.socket, .events = POLLIN };

		CHECK(poll(&p, 1, j->kill_after_ms) == 0, "still running");
		kill(w.pid, SIGKILL);
	}
	if (message_wait(w.socket, buffer, &m) == MT_OK) {
		answer_read(m.body, r);
		CHECK(memory_seal(out) == MT_OK, "core seals an output at the answer, the worker alive or not");
	}
	r->status = worker_end(&w);
	struct stat facts;

	CHECK(memory_seal(out) == MT_OK, "nobody maps an output writable");
	CHECK(fstat(out, &facts) == 0 &&
		      (uint64_t)facts.st_size == (r->answered ? r->size : (uint64_t)facts.st_size),
	      "the reported size is the memory's");
	(void)!pread(out, r->out, OUT_MAX, 0);
	CHECK(!r->answered || r->content_size == (r->size <= WORK_CONTENT_MAX ? r->size : 0), "small outputs come with the answer");
	CHECK(!r->answered || !r->content_size || memcmp(r->out, r->content, r->content_size) == 0, "and are what was written");
	memory_close(in);
	memory_close(out);
	return r;
}

/* Run the probe and want its exit status. */
static struct ran *probe(const char *what, uint32_t want_exit)
{
	struct ran *r = run(&(struct job){ .artifact = probe_artifact(), .argument = { what } });

	CHECK(r->answered && r->outcome == WORK_EXITED, r->detail);
	if (!CHECK(r->exit_code == want_exit, what)) {
		printf("  exit status %u\n", r->exit_code);
	}
	return r;
}

/* ---- the tests ---- */

static void test_copy(void)
{
	struct ran *r = probe("copy", 0);

	CHECK(r->written && r->size == 5 && memcmp(r->out, "HELLO", 5) == 0,
	      "the output is the input in capitals");
	CHECK(r->log_size == strlen("to be counted\n") + strlen("and this\n"),
	      "stdout and stderr are counted");
	CHECK(r->memory_peak >= 65536 && r->memory_peak <= MEMORY_MAX, "peak");
	CHECK(WIFEXITED(r->status) && WEXITSTATUS(r->status) == 0, "the worker ends by itself");
}

static void test_copy_large(void)
{
	size_t size = 99999;
	uint8_t *in = test_alloc(size);

	memset(in, 'x', size);
	struct ran *r = run(&(struct job){
		.artifact = probe_artifact(), .argument = { "copy" }, .in = mt_bytes(in, size) });

	CHECK(r->outcome == WORK_EXITED && r->size == size && r->out[size - 1] == 'X', "all of it");
}

static void test_files(void)
{
	struct ran *r = probe("files", 0);

	CHECK(r->size == 5 && memcmp(r->out, "01xy!", 5) == 0, "truncated and appended");
	probe("lists", 0);
}

static void test_escapes(void)
{
	struct ran *r = probe("escapes", 0);

	CHECK(!r->written, "no output came into being");
}

static void test_world(void)
{
	struct job j = { .artifact = probe_artifact(),
			 .argument = { "world", "second" },
			 .flags = 1 };
	struct ran *one = run(&j), *two = run(&j);

	CHECK(one->exit_code == 0 && strncmp((char *)one->out, "3 function second 0", 19) == 0,
	      "arguments; the clock stands at zero");
	/*
	 * RFC 8439, 2.3: key 00..1f, nonce zero, block 0 and on; made with an independent
	 * implementation.
	 */
	CHECK(strncmp((char *)one->out + 19, "39fd2b7dd9c5196a8dbd0377", 24) == 0,
	      "random bytes are the seed's");
	CHECK(one->size == two->size && memcmp(one->out, two->out, one->size) == 0,
	      "twice the same");
	j.flags = 0;
	struct ran *three = run(&j), *four = run(&j);

	CHECK(three->exit_code == 0 && memcmp(three->out + 30, four->out + 30, 200) != 0,
	      "not so without determinism");
}

static void test_ends(void)
{
	probe("exit", 42);
	probe("", 99);
	struct ran *r = run(&(struct job){ .artifact = probe_artifact(), .argument = { "trap" } });

	CHECK(r->outcome == WORK_TRAPPED && strstr(r->detail, "unreachable"), r->detail);
	r = run(&(struct job){ .artifact = probe_artifact(), .argument = { "recurse" } });
	CHECK(r->outcome == WORK_TRAPPED, r->detail);
	r = run(&(struct job){
		.artifact = probe_artifact(), .argument = { "loop" }, .kill_after_ms = 300 });
	CHECK(!r->answered && WIFSIGNALED(r->status) && WTERMSIG(r->status) == SIGKILL,
	      "a loop ends by its deadline");
}

static void test_limits(void)
{
	struct ran *r = probe("bomb", 7);

	CHECK(r->memory_peak > MEMORY_MAX - (2 << 20) && r->memory_peak <= MEMORY_MAX,
	      "no more memory than the limit");
	r = run(&(struct job){
		.artifact = probe_artifact(), .argument = { "copy" }, .memory_max = 65536 });
	CHECK(r->outcome == WORK_LIMIT, r->detail);
	r = run(&(struct job){ .artifact = probe_artifact(), .argument = { "flood" } });
	CHECK(r->outcome == WORK_LIMIT && strstr(r->detail, "output b"), r->detail);
	CHECK(r->size <= OUT_MAX, "no more output than the limit");
	r = run(&(struct job){
		.artifact = probe_artifact(), .argument = { "copy" }, .out_max = 4 });
	CHECK(r->outcome == WORK_LIMIT, "one byte too many");
	r = run(&(struct job){
		.artifact = probe_artifact(), .argument = { "copy" }, .out_max = 5 });
	CHECK(r->answered && r->outcome == WORK_EXITED && r->exit_code == 0, "exactly as many");
}

static void test_pointers(void)
{
	port_handle artifact = artifact_of("build/wasm/pointers.wasm");
	struct ran *r = run(&(struct job){ .artifact = artifact });

	/* A worker that died has answered nothing, which would look like success. */
	CHECK(r->answered && r->outcome == WORK_EXITED, r->detail);
	if (!CHECK(r->exit_code == 0, "a wrong pointer is an error and nothing else")) {
		printf("  call %u\n", r->exit_code);
	}
	memory_close(artifact);
}

static void test_refused(void)
{
	char detail[WORK_DETAIL_MAX + 1];
	port_handle artifact;
	static const uint8_t empty_module[] = { 0, 'a', 's', 'm', 1, 0, 0, 0 };

	CHECK(compile(file_read("build/wasm/foreign.wasm"), &artifact, detail) == MT_DENIED &&
		      strstr(detail, "env.launch"),
	      detail);
	CHECK(compile(mt_bytes(empty_module, sizeof(empty_module)), &artifact, detail) ==
			      MT_DENIED &&
		      strstr(detail, "_start"),
	      detail);
	CHECK(compile(mt_text("not a module"), &artifact, detail) == MT_MALFORMED && detail[0],
	      detail);
	CHECK(compile(mt_bytes(NULL, 0), &artifact, detail) == MT_MALFORMED, detail);
	struct bytes whole = file_read("build/wasm/probe.wasm");

	CHECK(compile(mt_bytes(whole.at, whole.size / 2), &artifact, detail) == MT_MALFORMED,
	      "half a module");
	/* What is no artifact of this engine does not load. */
	CHECK(memory_make(whole, &artifact) == MT_OK, "memory");
	struct ran *r = run(&(struct job){ .artifact = artifact, .argument = { "copy" } });

	CHECK(r->outcome == WORK_REFUSED && r->detail[0], r->detail);
	memory_close(artifact);
}

/* Core is trusted, but a request that is none must not run anything. */
/* What was built for Teaclave runs as it is: its result is an output, or the exit code. */
static void test_teaclave(void)
{
	port_handle artifact = artifact_of("build/wasm/teaclave.wasm");
	const struct job add = { .artifact = artifact, .argument = { "+", "3", "4" }, .out_name = "result" },
			 code = { .artifact = artifact, .argument = { "+", "3", "4" } },
			 copy = { .artifact = artifact, .argument = { "c", "a", "b" }, .in = mt_text("all of a file in parts") },
			 wrongs = { .artifact = artifact, .argument = { "w" } }, none = { .artifact = artifact },
			 large = { .artifact = artifact, .argument = { "c", "a", "b" }, .in = mt_text("more than that"), .out_max = 5 },
			 little = { .artifact = artifact, .argument = { "+", "1", "1" }, .memory_max = 65536 };
	struct ran *r = run(&add);

	CHECK(r->outcome == WORK_EXITED && r->exit_code == 0 && r->size == 2 && memcmp(r->out, "7\n", 2) == 0, "7 is the result");
	r = run(&code);
	CHECK(r->outcome == WORK_EXITED && r->exit_code == 7 && !r->written, "or the exit code");
	r = run(&copy);
	CHECK(r->outcome == WORK_EXITED && r->exit_code == 22 && r->size == 22 && memcmp(r->out, "all of a file in parts", 22) == 0,
	      "files");
	r = run(&wrongs);
	CHECK(r->outcome == WORK_EXITED && r->exit_code == 0, "wrong names, handles and pointers");
	r = run(&none);
	CHECK(r->outcome == WORK_EXITED && r->exit_code == 0, "no arguments");
	r = run(&large);
	CHECK(r->outcome == WORK_LIMIT, "an output larger than it may be");
	r = run(&little);
	CHECK(r->outcome == WORK_LIMIT, "no room for the arguments");
}

/* Both messages of core: one that is none is refused in the one answer, whichever of them it was. */
static void test_malformed(void)
{
	static const char *const wire[] = { "03", "04", "00", "03 0000000001000000 00000000", "ffffffffffff", "09 00" };
	uint8_t load = WORK_LOAD;

	for (size_t i = 0; i < 2 * MT_COUNT(wire); i++) {
		struct worker w = worker_start(run_worker);
		struct bytes bad = hex(wire[i / 2]);
		const port_handle artifact = probe_artifact();
		struct message m = { 0 };
		bool first = i % 2 == 0;

		CHECK(message_send_wait(w.socket, first ? bad : mt_bytes(&load, 1), &artifact, 1) == MT_OK &&
			      message_send_wait(w.socket, bad, NULL, 0) == MT_OK,
		      "send");
		CHECK(message_wait(w.socket, buffer, &m) == MT_OK && m.body.at[1] == WORK_REFUSED, wire[i / 2]);
		worker_end(&w);
	}
}

const struct test tests[] = {
	{ "copy", test_copy },
	{ "copy_large", test_copy_large },
	{ "files", test_files },
	{ "escapes", test_escapes },
	{ "world", test_world },
	{ "ends", test_ends },
	{ "limits", test_limits },
	{ "pointers", test_pointers },
	{ "refused", test_refused },
	{ "teaclave", test_teaclave },
	{ "malformed", test_malformed },
	TESTS_END,
};
