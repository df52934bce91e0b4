/* try: one function on this machine, by the workers that a node has, on files of whoever develops it. Nothing leaves, nothing is kept. */
#include "party/cli/cli_private.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "api/worker.h"
#include "port/linux/linux.h"

#define TRY_MEMORY_DEFAULT (UINT64_C(1) << 30)
#define TRY_WALL_DEFAULT_MS 600000
#define TRY_SIZE_DEFAULT (UINT64_C(64) << 20)
#define TRY_FILE_MAX (UINT64_C(16) << 30)

struct named {
	char name[WORK_NAME_MAX + 1];
	const char *path;
	port_handle memory;
};

struct trial {
	struct cli *cli;
	char images[1024];
	struct named in[WORK_INPUTS_MAX], out[WORK_OUTPUTS_MAX];
	size_t in_count, out_count;
	port_handle function, log;
	bool python;
	uint64_t memory_max, wall_ms, size_max;
	uint8_t outcome;
	uint32_t exit_code;
	uint64_t cpu_us, memory_peak;
	char detail[WORK_DETAIL_MAX + 1];
};

/* ---- files ---- */

static enum mesatee_err file_memory(const char *path, port_handle *out)
{
	struct stat facts;
	uint8_t *at = NULL;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool good = fd >= 0 && fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode) && (uint64_t)facts.st_size <= TRY_FILE_MAX;

	if (!good || memory_draft((size_t)facts.st_size, out, &at)) {
		if (fd >= 0) {
			(void)close(fd);
		}
		return cli_fail(MESATEE_NOT_FOUND, NULL, "cannot read %s", path);
	}
	for (size_t done = 0; good && done < (size_t)facts.st_size;) {
		ssize_t n = read(fd, at + done, (size_t)facts.st_size - done);
		good = n > 0 || (n < 0 && errno == EINTR);
		done += n > 0 ? (size_t)n : 0;
	}
	(void)close(fd);
	return memory_keep(*out, at, (size_t)facts.st_size) == MT_OK && good ? MESATEE_OK
									       : cli_fail(MESATEE_FAILED, NULL, "cannot read %s", path);
}

/* All of a worker's memory to a descriptor. */
static bool memory_copy(port_handle from, int to)
{
	uint8_t part[65536];
	ssize_t n;

	for (off_t at = 0; (n = pread(from, part, sizeof(part), at)) > 0; at += n) {
		for (ssize_t done = 0; done < n;) {
			ssize_t written = write(to, part + done, (size_t)(n - done));
			if (written <= 0) {
				return false;
			}
			done += written;
		}
	}
	return n == 0;
}

static enum mesatee_err named_take(const struct cli *c, enum option o, struct named *list, size_t max, size_t *count)
{
	for (size_t i = 0; i < c->count[o]; i++) {
		const char *word = c->value[o][i], *equals = strchr(word, '=');
		size_t size = equals ? (size_t)(equals - word) : 0;
		if (size == 0 || size > WORK_NAME_MAX || i == max) {
			return cli_fail(MESATEE_USAGE, NULL, "--%s %s: not NAME=FILE, or more than %zu of them", option_table[o].name, word, max);
		}
		memcpy(list[i].name, word, size);
		list[i].path = equals + 1;
		list[i].memory = PORT_NO_HANDLE;
		*count = i + 1;
	}
	return MESATEE_OK;
}

/* ---- workers ---- */

static pid_t worker_start(const struct trial *t, const char *image, int *socket)
{
	char path[2048];
	int pair[2];
	/* Where the interpreter's files are in a build folder or an installation; a node's launcher puts them elsewhere. */
	char folder[2048];

	(void)snprintf(path, sizeof(path), "%s/%s", t->images, image);
	(void)snprintf(folder, sizeof(folder), "%s/../../third/lib", t->images);
	if (access(folder, R_OK) != 0) {
		(void)snprintf(folder, sizeof(folder), "%s", t->images);
	}
	if (message_pair(pair) != MT_OK) {
		return -1;
	}
	(void)fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (null >= 0 && dup2(null, 0) >= 0 && dup2(null, 1) >= 0 && dup2(pair[1], WORKER_FD_CORE) >= 0) {
			(void)close_range(WORKER_FD_CORE + 1, ~0U, 0);
			(void)execle(path, image, folder, (char *)NULL, (char *[]){ NULL });
		}
		_exit(127);
	}
	(void)close(pair[1]);
	*socket = pair[0];
	return pid;
}

/* The worker's one answer; false: it died, or its time was over. */
static bool worker_answer(pid_t pid, int socket, uint64_t wall_ms, uint8_t *buffer, struct message *out)
{
	struct pollfd p = { .fd = socket, .events = POLLIN };
	bool good = poll(&p, 1, wall_ms < INT32_MAX ? (int)wall_ms : INT32_MAX) == 1 && message_wait(socket, buffer, out) == MT_OK;

	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	(void)close(socket);
	return good;
}

static uint8_t buffer[PORT_MESSAGE_MAX];

static enum mesatee_err compile(struct trial *t)
{
	uint8_t type = WORK_COMPILE;
	struct message m = { 0 };
	int socket = -1;
	pid_t pid = worker_start(t, "compile", &socket);

	if (pid < 0 || message_send_wait(socket, mt_bytes(&type, 1), &t->function, 1) || !worker_answer(pid, socket, 120000, buffer, &m)) {
		return cli_fail(MESATEE_FAILED, NULL, "the compiler died, or took longer than two minutes");
	}
	struct cursor c = cursor_over(m.body);
	(void)cursor_u8(&c);
	bool refused = cursor_u8(&c) != MT_OK;
	struct bytes text = cursor_take32(&c);
	if (refused || m.handle_count != 1) {
		return cli_fail(MESATEE_REFUSED, NULL, "a node would not take it: %.*s", (int)text.size, text.size ? (const char *)text.at : "");
	}
	memory_close(t->function);
	t->function = m.handle[0];
	return MESATEE_OK;
}

static void request_make(const struct trial *t, struct builder *b)
{
	const struct cli *c = t->cli;
	uint8_t seed[32];

	crypto_random(seed, sizeof(seed));
	builder_u8(b, WORK_RUN);
	builder_u64(b, t->memory_max);
	builder_u32(b, WORK_FLAG_LOG);
	builder_bytes(b, mt_bytes(seed, sizeof(seed)));
	builder_u32(b, (uint32_t)c->count[OPTION_ARG]);
	for (size_t i = 0; i < c->count[OPTION_ARG]; i++) {
		builder_bytes32(b, mt_text(c->value[OPTION_ARG][i]));
	}
	builder_u32(b, (uint32_t)t->in_count);
	for (size_t i = 0; i < t->in_count; i++) {
		builder_bytes32(b, mt_text(t->in[i].name));
	}
	builder_u32(b, (uint32_t)t->out_count);
	for (size_t i = 0; i < t->out_count; i++) {
		builder_bytes32(b, mt_text(t->out[i].name));
		builder_u64(b, t->size_max);
	}
}

static void answer_take(struct trial *t, struct bytes body)
{
	struct cursor c = cursor_over(body);

	(void)cursor_u8(&c);
	t->outcome = cursor_u8(&c);
	t->exit_code = cursor_u32(&c) & 0xff;
	t->cpu_us = cursor_u64(&c);
	t->memory_peak = cursor_u64(&c);
	(void)cursor_u64(&c);
	(void)cursor_take(&c, 9 * (size_t)cursor_u32(&c));
	struct bytes text = cursor_take32(&c);
	(void)snprintf(t->detail, sizeof(t->detail), "%.*s", (int)text.size, text.size ? (const char *)text.at : "");
}

static enum mesatee_err function_run(struct trial *t)
{
	static uint8_t space[PORT_MESSAGE_MAX];
	struct builder b = builder_over(space, sizeof(space));
	port_handle handle[WORK_INPUTS_MAX + WORK_OUTPUTS_MAX + 1];
	struct message m = { 0 };
	struct bytes body = { 0 };
	uint8_t load = WORK_LOAD;
	size_t count = 0;
	int socket = -1;

	request_make(t, &b);
	for (size_t i = 0; i < t->in_count; i++) {
		handle[count++] = t->in[i].memory;
	}
	for (size_t i = 0; i <= t->out_count; i++) {
		port_handle *memory = i < t->out_count ? &t->out[i].memory : &t->log;
		if (memory_scratch(memory)) {
			return cli_fail(MESATEE_FAILED, NULL, "no memory for the outputs");
		}
		handle[count++] = *memory;
	}
	pid_t pid = builder_done(&b, &body) ? -1 : worker_start(t, t->python ? "python" : "run", &socket);
	if (pid < 0 || message_send_wait(socket, mt_bytes(&load, 1), &t->function, 1) || message_send_wait(socket, body, handle, count)) {
		return cli_fail(MESATEE_FAILED, t->python ? "make python" : NULL, "the worker does not start");
	}
	if (!worker_answer(pid, socket, t->wall_ms, buffer, &m)) {
		return cli_fail(MESATEE_FAILED, "allow more with --wall", "the function ran longer than its time, or its worker died");
	}
	answer_take(t, m.body);
	return MESATEE_OK;
}

/* ---- the command ---- */

static enum mesatee_err outputs_keep(const struct trial *t)
{
	for (size_t i = 0; i < t->out_count; i++) {
		int to = open(t->out[i].path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		bool good = to >= 0 && memory_copy(t->out[i].memory, to);
		if (to >= 0 && close(to) != 0) {
			good = false;
		}
		if (!good) {
			return cli_fail(MESATEE_FAILED, NULL, "cannot write %s", t->out[i].path);
		}
	}
	return MESATEE_OK;
}

static enum mesatee_err tell(const struct trial *t)
{
	static const char *const words[] = { "exited", "trapped", "reached a limit", "was refused" };

	if (t->outcome == WORK_EXITED && t->exit_code == 0 && option_given(t->cli, OPTION_JSON)) {
		struct json j;
		json_begin(&j, "mesatee.try.1");
		json_text(&j, "executor", t->python ? "python" : "wasm");
		json_number(&j, "exit_code", 0);
		json_number(&j, "cpu_us", t->cpu_us);
		json_number(&j, "memory_peak", t->memory_peak);
		return json_end(&j);
	}
	if (t->outcome == WORK_EXITED && t->exit_code == 0) {
		return MESATEE_OK;
	}
	if (t->outcome == WORK_EXITED) {
		return cli_fail(MESATEE_FAILED, NULL, "the function ended with exit code %u", t->exit_code);
	}
	return cli_fail(MESATEE_FAILED, NULL, "the function %s: %s", t->outcome < MT_COUNT(words) ? words[t->outcome] : "went wrong", t->detail);
}

static enum mesatee_err numbers_take(struct trial *t)
{
	enum mesatee_err err = option_size(t->cli, OPTION_MEMORY, TRY_MEMORY_DEFAULT, &t->memory_max);

	if (!err) {
		err = option_time_ms(t->cli, OPTION_WALL, TRY_WALL_DEFAULT_MS, &t->wall_ms);
	}
	return err ? err : option_size(t->cli, OPTION_MAX_SIZE, TRY_SIZE_DEFAULT, &t->size_max);
}

static enum mesatee_err trial_prepare(struct trial *t)
{
	struct bytes function = { 0 };
	enum mesatee_err err = numbers_take(t);

	if (!err) {
		err = named_take(t->cli, OPTION_IN, t->in, WORK_INPUTS_MAX, &t->in_count);
	}
	if (!err) {
		err = named_take(t->cli, OPTION_TO, t->out, WORK_OUTPUTS_MAX, &t->out_count);
	}
	if (!err) {
		err = launch_images(t->cli, t->images);
	}
	for (size_t i = 0; !err && i < t->in_count; i++) {
		err = file_memory(t->in[i].path, &t->in[i].memory);
	}
	if (!err) {
		err = file_memory(t->cli->word[0], &t->function);
	}
	if (!err && memory_map(t->function, &function) == MT_OK) {
		t->python = function.size < 4 || memcmp(function.at, "\0asm", 4) != 0;
		memory_unmap(function);
	}
	return err;
}

enum mesatee_err run_try(struct cli *c)
{
	static struct trial t;

	t = (struct trial){ .cli = c, .function = PORT_NO_HANDLE, .log = PORT_NO_HANDLE };
	enum mesatee_err err = trial_prepare(&t);
	if (!err && !t.python) {
		err = compile(&t);
	}
	if (!err) {
		err = function_run(&t);
	}
	if (!err) {
		(void)memory_copy(t.log, STDERR_FILENO);        /* what a node would throw away */
		err = tell(&t);
	}
	return err ? err : outputs_keep(&t);
}
