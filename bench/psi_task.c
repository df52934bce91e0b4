/* One task as core runs it: the seal worker opens the inputs, the built-in worker has the function, the seal worker seals the output. */
#include "bench/psi.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "api/builtin.h"
#include "api/worker.h"
#include "exec/native/native.h"
#include "exec/seal/seal.h"
#include "lib/dataset/dataset.h"
#include "port/linux/linux.h"

#define FUNCTION "intersect"
#define MEMORY_MAX (UINT64_C(4) << 30)

static const struct secret key = { { 7 } };
static uint8_t buffer[PORT_MESSAGE_MAX], wire[4096];
static port_handle loaded, sealed[2] = { PORT_NO_HANDLE, PORT_NO_HANDLE };
static uint8_t tags[2][DATASET_TAG_SIZE];

struct worker {
	pid_t pid;
	int socket;
};

static struct worker worker_start(int (*serve)(void))
{
	int pair[2];

	if (message_pair(pair) != MT_OK) {
		psi_stop("no socket");
	}
	pid_t pid = fork();
	if (pid == 0) {
		dup2(open("/dev/null", O_RDWR), 0);
		dup2(pair[1], WORKER_FD_CORE);
		close_range(WORKER_FD_CORE + 1, ~0U, 0);
		_exit(serve());
	}
	close(pair[1]);
	return (struct worker){ pid, pair[0] };
}

/* CPU seconds of all its life. */
static double worker_end(const struct worker *w, uint64_t *peak)
{
	struct rusage use = { 0 };

	close(w->socket);
	wait4(w->pid, NULL, 0, &use);
	*peak = (uint64_t)use.ru_maxrss * 1024;
	return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) + (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

/* CPU seconds of a worker that waits for us, and what of memory it still maps. */
static double worker_cpu(const struct worker *w, uint64_t *resident)
{
	char path[64];
	unsigned long pages = 0;
	clockid_t clock;
	struct timespec t;

	snprintf(path, sizeof(path), "/proc/%d/statm", (int)w->pid);
	FILE *f = fopen(path, "r");
	if (!f || fscanf(f, "%*u %lu", &pages) != 1 || clock_getcpuclockid(w->pid, &clock) != 0 || clock_gettime(clock, &t) != 0) {
		psi_stop("nothing known of a worker");
	}
	fclose(f);
	*resident = pages * (uint64_t)sysconf(_SC_PAGESIZE);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Sends, and takes an answer of that type that tells of no error; `err` is its second byte. */
static struct cursor ask(const struct worker *w, const struct builder *b, const port_handle *handles, size_t count, enum work_type want,
			 struct message *m)
{
	struct bytes body;

	if (builder_done(b, &body) || message_send_wait(w->socket, body, handles, count) || message_wait(w->socket, buffer, m)) {
		psi_stop("a worker died");
	}
	struct cursor c = cursor_over(m->body);
	if (cursor_u8(&c) != want || cursor_u8(&c) != 0) {
		psi_stop("a worker refused");
	}
	return c;
}

/* ---- before ---- */

void task_prepare(void)
{
	for (size_t i = 0; i < builtin_function_count; i++) {
		const struct builtin_function *f = &builtin_functions[i];
		if (strcmp(f->name, FUNCTION) == 0 && memory_make(mt_bytes(f->hash, sizeof(f->hash)), &loaded) == MT_OK) {
			return;
		}
	}
	psi_stop("no function " FUNCTION);
}

void task_input(size_t index, const struct id *ids, size_t count)
{
	struct dataset_header h = { .size = count * sizeof(*ids) };
	size_t size = (size_t)dataset_file_size(&h);
	uint8_t *file = NULL;

	memory_close(sealed[index]);
	if (memory_draft(size, &sealed[index], &file) || dataset_seal_all(&key, mt_bytes(ids, count * sizeof(*ids)), file, tags[index]) ||
	    memory_keep(sealed[index], file, size)) {
		psi_stop("no memory for a file");
	}
}

/* ---- the task ---- */

static void inputs_open(const struct worker *w, port_handle plain[2])
{
	struct builder b = builder_over(wire, sizeof(wire));
	struct message m = { 0 };

	builder_u8(&b, WORK_OPEN);
	builder_u32(&b, 2);
	for (size_t i = 0; i < 2; i++) {
		builder_u8(&b, WORK_INPUT_WHOLE);
		builder_bytes(&b, secret_bytes(&key));
		builder_bytes(&b, mt_bytes(tags[i], DATASET_TAG_SIZE));
	}
	(void)ask(w, &b, sealed, 2, WORK_OPENED, &m);
	plain[0] = m.handle[0];
	plain[1] = m.handle[1];
}

static void request(struct builder *b, const char *profile, const char *result)
{
	char text[2][32];

	snprintf(text[0], sizeof(text[0]), "profile=%s", profile);
	snprintf(text[1], sizeof(text[1]), "result=%s", result);
	const char *const argument[] = { "width=16", text[0], text[1] };

	builder_u8(b, WORK_RUN);
	builder_u64(b, MEMORY_MAX);
	builder_u32(b, 0);
	builder_bytes(b, mt_bytes(key.at, 32));         /* a seed, which nothing asks for */
	builder_u32(b, MT_COUNT(argument));
	for (size_t i = 0; i < MT_COUNT(argument); i++) {
		builder_bytes32(b, mt_text(argument[i]));
	}
	builder_u32(b, 2);
	builder_bytes32(b, mt_text("a"));
	builder_bytes32(b, mt_text("b"));
	builder_u32(b, 1);
	builder_bytes32(b, mt_text("result"));
	builder_u64(b, MEMORY_MAX);
}

/* The output, sealed by the kernel; its size. */
static uint64_t function_run(const struct worker *w, const port_handle plain[2], const char *profile, const char *result, port_handle *out)
{
	struct builder load = builder_over(wire, sizeof(wire)), b;
	struct bytes body;
	struct message m = { 0 };
	port_handle handle[3] = { plain[0], plain[1], PORT_NO_HANDLE };
	struct stat facts;

	builder_u8(&load, WORK_LOAD);
	if (builder_done(&load, &body) || message_send_wait(w->socket, body, &loaded, 1) || memory_scratch(&handle[2])) {
		psi_stop("the run worker died");
	}
	b = builder_over(wire, sizeof(wire));
	request(&b, profile, result);
	struct cursor c = ask(w, &b, handle, 3, WORK_RAN, &m);
	if (cursor_u32(&c) != 0 || fstat((int)handle[2], &facts) != 0) {
		psi_stop("the function failed");
	}
	*out = handle[2];
	return (uint64_t)facts.st_size;
}

static struct bytes output_seal(const struct worker *w, port_handle plain)
{
	struct builder b = builder_over(wire, sizeof(wire));
	struct message m = { 0 };
	struct bytes file;

	builder_u8(&b, WORK_SEAL);
	builder_u32(&b, 1);
	builder_bytes(&b, secret_bytes(&key));
	builder_u64(&b, MEMORY_MAX);
	builder_u64(&b, 0);
	struct cursor c = ask(w, &b, &plain, 1, WORK_SEALED, &m);
	(void)cursor_take(&c, 4 + 1 + 4);
	struct bytes tag = cursor_take(&c, DATASET_TAG_SIZE);
	size_t size = (size_t)cursor_u64(&c);
	uint8_t *out = malloc(size + 1);
	if (!out || !cursor_ok(&c) || memory_map(m.handle[0], &file) || dataset_open_all(file, &key, tag.at, out, size)) {
		psi_stop("the output does not open");
	}
	memory_unmap(file);
	message_close(&m);
	return mt_bytes(out, size);
}

struct bytes task_run(const char *profile, const char *result, struct cost *out)
{
	port_handle plain[2] = { 0 }, output = PORT_NO_HANDLE;
	uint64_t resident, seal_peak, run_peak, inputs = 0;
	struct stat facts;
	struct worker seal = worker_start(seal_worker);

	inputs_open(&seal, plain);
	out->open_s = worker_cpu(&seal, &resident);
	for (size_t i = 0; i < 2; i++) {
		inputs += fstat((int)plain[i], &facts) == 0 ? (uint64_t)facts.st_size : 0;
	}
	struct worker run = worker_start(native_worker);
	uint64_t output_size = function_run(&run, plain, profile, result, &output);
	out->run_s = worker_end(&run, &run_peak);
	memory_close(plain[0]);
	memory_close(plain[1]);
	if (memory_seal(output) != MT_OK) {
		psi_stop("the output is still written to");
	}
	struct bytes got = output_seal(&seal, output);
	memory_close(output);
	out->seal_s = worker_end(&seal, &seal_peak) - out->open_s;
	/* While inputs are opened: the ciphertexts, which the seal worker maps, and the plaintexts, which it does not. */
	uint64_t opening = seal_peak + inputs;
	/* While the function runs: its own, which maps the inputs, what it has written, and the seal worker that waits. */
	uint64_t running = run_peak + output_size + resident;
	out->peak = running > opening ? running : opening;
	return got;
}
