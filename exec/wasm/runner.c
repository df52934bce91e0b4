/*
 * Order: what every task needs while the process waits, the promise, what is to be run from core's
 * first message, the inputs from its second, the second promise, and only then the guest.
 */
#include "exec/wasm/runner.h"

#include "exec/stream/stream.h"
#include "port/linux/linux.h"

#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static uint8_t buffer[PORT_MESSAGE_MAX];
static struct wasi wasi;
static int core; /* the socket to it */

static uint64_t cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* ---- core's messages ---- */

/*
 * What core's second message says beside what goes into `wasi` at once. Core made it, but a wrong one
 * must not run.
 */
struct request {
	uint64_t memory_max;
	uint32_t flags, streams; /* streams: a mask over the inputs */
	port_handle window;
};

static bool is_stream(const struct request *q, size_t input)
{
	return (q->streams & MT_BIT(input)) != 0;
}

static bool arguments_decode(struct cursor *c)
{
	uint32_t count = cursor_u32(c);

	if (count > WORK_ARGUMENTS_MAX) {
		return false;
	}
	wasi.argument[0] = mt_text("function");
	for (uint32_t i = 0; i < count; i++) {
		wasi.argument[i + 1] = cursor_take32(c);
	}
	wasi.argument_count = count + 1;
	return cursor_ok(c);
}

static bool files_decode(struct cursor *c)
{
	uint32_t inputs = cursor_u32(c);

	for (uint32_t i = 0; i < inputs && i < WORK_INPUTS_MAX; i++) {
		wasi.input[i].name = cursor_take32(c);
	}
	uint32_t outputs = cursor_u32(c);

	if (!cursor_ok(c) || inputs > WORK_INPUTS_MAX || outputs > WORK_OUTPUTS_MAX) {
		return false;
	}
	for (uint32_t i = 0; i < outputs; i++) {
		wasi.output[i].name = cursor_take32(c);
		wasi.output[i].size_max = cursor_u64(c);
	}
	wasi.input_count = inputs;
	wasi.output_count = outputs;
	return cursor_ok(c);
}

static bool streams_decode(struct cursor *c, struct request *q)
{
	if (!(q->flags & WORK_FLAG_STREAM)) {
		return true;
	}
	q->streams = cursor_u32(c);
	for (size_t i = 0; i < wasi.input_count; i++) {
		wasi.input[i].stream = is_stream(q, i);
		wasi.input[i].size = is_stream(q, i) ? cursor_u64(c) : 0;
	}
	return q->streams != 0 && q->streams >> wasi.input_count == 0;
}

/* Each to what it belongs to, in the order of api/worker.h. */
static enum mt_err handles_place(const struct message *m, struct request *q)
{
	size_t used = 0;

	for (size_t i = 0; i < wasi.input_count; i++) {
		struct bytes content = { 0 };

		if (is_stream(q, i)) {
			continue;
		}
		if (used == m->handle_count || memory_map(m->handle[used++], &content) != MT_OK) {
			return MT_MALFORMED;
		}
		wasi.input[i].content = content.at;
		wasi.input[i].size = content.size;
	}
	size_t more = wasi.output_count + ((q->flags & WORK_FLAG_LOG) != 0) + ((q->flags & WORK_FLAG_STREAM) != 0);

	if (m->handle_count - used != more) {
		return MT_MALFORMED;
	}
	for (size_t i = 0; i < wasi.output_count; i++) {
		wasi.output[i].fd = m->handle[used++];
	}
	wasi.log_fd = q->flags & WORK_FLAG_LOG ? m->handle[used++] : 0;
	q->window = q->flags & WORK_FLAG_STREAM ? m->handle[used] : PORT_NO_HANDLE;
	return MT_OK;
}

static enum mt_err stream_open(const struct request *q)
{
	uint64_t size[WORK_INPUTS_MAX];
	size_t lanes = 0;

	for (size_t i = 0; i < wasi.input_count; i++) {
		if (is_stream(q, i)) {
			wasi.input[i].lane = lanes;
			size[lanes++] = wasi.input[i].size;
		}
	}
	return lanes ? stream_reader_open(q->window, size, lanes, &wasi.stream) : MT_OK;
}

/* Names and arguments borrow from the message. */
static enum mt_err request_decode(const struct message *m, struct request *q)
{
	struct cursor c = cursor_over(m->body);

	if (cursor_u8(&c) != WORK_RUN) {
		return MT_MALFORMED;
	}
	q->memory_max = cursor_u64(&c);
	q->flags = cursor_u32(&c);
	wasi.deterministic = (q->flags & WORK_FLAG_DETERMINISTIC) != 0;
	cursor_copy(&c, wasi.seed, sizeof(wasi.seed));
	bool good = arguments_decode(&c) && files_decode(&c) && streams_decode(&c, q) && cursor_done(&c);

	return good && handles_place(m, q) == MT_OK ? stream_open(q) : MT_MALFORMED;
}

/*
 * The kernel's own bound on what this process can write to any one file, so that not even an engine
 * that is broken into fills the machine's memory through the scratch of an output. One byte more
 * than the largest output: the polite answer comes from wasi_fd.c.
 */
static bool output_bound(void)
{
	struct rlimit most = { .rlim_max = wasi.log_fd > 0 ? WORK_LOG_MAX : 0 };

	for (size_t i = 0; i < wasi.output_count; i++) {
		most.rlim_max = wasi.output[i].size_max > most.rlim_max ? wasi.output[i].size_max
									: most.rlim_max;
	}
	most.rlim_cur = most.rlim_max;
	return !sandbox_confined() || setrlimit(RLIMIT_FSIZE, &most) == 0;
}

static bool load(const struct runner *r, const struct message *m, struct engine_detail *detail)
{
	struct cursor c = cursor_over(m->body);
	struct bytes loaded;

	if (cursor_u8(&c) != WORK_LOAD || !cursor_done(&c) || m->handle_count != 1) {
		engine_detail_set(detail, "the request is malformed");
		return false;
	}
	if (memory_map(m->handle[0], &loaded) != MT_OK) {
		engine_detail_set(detail, "what is to be run is not sealed memory");
		return false;
	}
	return r->load(loaded, detail);
}

/* ---- the run ---- */

void runner_ended(struct runner_result *out, enum work_outcome how, struct bytes text)
{
	out->outcome = wasi.exited ? WORK_EXITED : how;
	if (wasi.over_limit) {
		const struct wasi_output *o = &wasi.output[wasi.limit_index];

		out->outcome = WORK_LIMIT;
		engine_detail_set(&out->detail,
				  "output %.*s is larger than its limit of %llu bytes",
				  (int)o->name.size, o->name.at, (unsigned long long)o->size_max);
	} else if (out->outcome != WORK_EXITED) {
		engine_detail_set(&out->detail, "%.*s",
				  (int)(text.size < WORK_DETAIL_MAX ? text.size : WORK_DETAIL_MAX),
				  (const char *)text.at);
	}
}

static void run(const struct runner *r, bool loaded, const struct message *m, struct runner_result *out)
{
	struct request q = { .window = PORT_NO_HANDLE };

	out->outcome = WORK_REFUSED;
	if (request_decode(m, &q) != MT_OK || !output_bound()) {
		engine_detail_set(&out->detail, "the request is malformed");
		return;
	}
	if (!loaded) {
		return; /* load() has said why */
	}
	wasi_open(&wasi);
	sandbox_promise(SANDBOX_RUN);
	r->run(q.memory_max, out);
	/* The seal worker need not wait for more. */
	stream_reader_close(wasi.stream);
	wasi.stream = NULL;
	if (wasi.broken) {
		out->outcome = WORK_LIMIT;
		engine_detail_set(&out->detail, "the node has no memory left for an output");
	}
}

/* The outputs themselves where they are small, else as many empty contents. */
static void answer_contents(struct builder *b)
{
	static uint8_t content[WORK_CONTENT_MAX];
	uint64_t total = 0;
	size_t used = 0;

	for (size_t i = 0; i < wasi.output_count; i++) {
		/*
		 * The guest makes an output as large as it may be with one call: the sum stops at
		 * what fits, whatever core let through.
		 */
		total = wasi.output[i].size <= WORK_CONTENT_MAX && total <= WORK_CONTENT_MAX
				? total + wasi.output[i].size
				: WORK_CONTENT_MAX + 1;
	}
	for (size_t i = 0; i < wasi.output_count; i++) {
		size_t size = total <= WORK_CONTENT_MAX ? (size_t)wasi.output[i].size : 0;
		ssize_t n = size ? pread(wasi.output[i].fd, content + used, size, 0) : 0;

		builder_bytes32(b, mt_bytes(content + used, n > 0 ? (size_t)n : 0));
		used += size;
	}
}

static enum mt_err answer(const struct runner_result *r, uint64_t cpu)
{
	static uint8_t wire[4096 + WORK_DETAIL_MAX + WORK_CONTENT_MAX];
	struct builder b = builder_over(wire, sizeof(wire));
	struct bytes body;

	builder_u8(&b, WORK_RAN);
	builder_u8(&b, (uint8_t)r->outcome);
	builder_u32(&b, wasi.exit_code);
	builder_u64(&b, cpu);
	builder_u64(&b, r->memory_peak);
	builder_u64(&b, wasi.log_size);
	builder_u32(&b, (uint32_t)wasi.output_count);
	for (size_t i = 0; i < wasi.output_count; i++) {
		builder_u8(&b, wasi.output[i].written);
		builder_u64(&b, wasi.output[i].size);
	}
	builder_bytes32(&b, mt_text(r->detail.text));
	answer_contents(&b);
	enum mt_err err = builder_done(&b, &body);

	return err ? err : message_send_wait(core, body, NULL, 0);
}

bool runner_prepare(const struct runner *r)
{
	return r->prepare(&wasi);
}

int runner_talk(const struct runner *r, int socket)
{
	struct message message = { 0 };
	struct runner_result result = { 0 };

	core = socket;
	sandbox_promise(SANDBOX_RUN_LOAD);
	if (message_wait(core, buffer, &message) != MT_OK) {
		return 0; /* core is gone, or never needed us */
	}
	uint64_t before = cpu_us();
	bool loaded = load(r, &message, &result.detail);

	message_close(&message);
	if (message_wait(core, buffer, &message) != MT_OK) {
		return 0; /* the run was not to be */
	}
	run(r, loaded, &message, &result);
	return answer(&result, cpu_us() - before) == MT_OK ? 0 : 1;
}

int runner_serve(const struct runner *r)
{
	return runner_prepare(r) ? runner_talk(r, WORKER_FD_CORE) : 1;
}
