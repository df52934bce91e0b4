/*
 * try [-i NAME=FILE]... [-o NAME=FILE]... [-m MIB] [-n | -p FOLDER] FUNCTION [ARGUMENT...]: one function, run by the real workers, its inputs
 * from files and its outputs into files. With -n a built-in one is run as its translation; with -p it is Python, and the interpreter lies in
 * FOLDER. For the tests of functions, which compare what comes out.
 *
 * Exit: the function's own exit code; 126 when it did not exit (said on stderr), 127 when nothing could be run.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "api/worker.h"
#include "exec/native/native.h"
#include "exec/python/python.h"
#include "exec/wasm/wasm.h"
#include "lib/crypto/crypto.h"
#include "port/linux/linux.h"

#define USAGE "try [-i NAME=FILE]... [-o NAME=FILE]... [-m MIB] [-n | -p FOLDER] FUNCTION [ARGUMENT...]"
#define OUTPUT_MAX (UINT64_C(1) << 32)

struct named {
	const char *path;
	char name[WORK_NAME_MAX + 1];
	port_handle memory;
};

static struct named input[WORK_INPUTS_MAX], output[WORK_OUTPUTS_MAX];
static size_t input_count, output_count;
static uint64_t memory_max = UINT64_C(4) << 30;
static const char *python_folder;       /* NULL: wasm */
static bool native;
static uint8_t buffer[PORT_MESSAGE_MAX];

static _Noreturn void stop(const char *what, const char *detail)
{
	fprintf(stderr, "try: %s%s%s\n", what, detail[0] ? ": " : "", detail);
	exit(127);
}

static port_handle file_memory(const char *path)
{
	int fd = open(path, O_RDONLY);
	struct stat facts;
	port_handle made = PORT_NO_HANDLE;

	if (fd < 0 || fstat(fd, &facts) != 0) {
		stop("cannot read", path);
	}
	uint8_t *at = malloc((size_t)facts.st_size + 1);
	for (size_t done = 0; at && done < (size_t)facts.st_size;) {
		ssize_t n = read(fd, at + done, (size_t)facts.st_size - done);
		if (n <= 0) {
			stop("cannot read", path);
		}
		done += (size_t)n;
	}
	if (!at || memory_make(mt_bytes(at, (size_t)facts.st_size), &made) != MT_OK) {
		stop("no memory for", path);
	}
	free(at);
	close(fd);
	return made;
}

static pid_t worker(int (*serve)(void), int *socket)
{
	int pair[2];

	if (message_pair(pair) != MT_OK) {
		stop("no socket", "");
	}
	pid_t pid = fork();
	if (pid == 0) {
		dup2(open("/dev/null", O_RDWR), 0);
		dup2(pair[1], WORKER_FD_CORE);
		close_range(WORKER_FD_CORE + 1, ~0U, 0);
		_exit(serve());
	}
	close(pair[1]);
	*socket = pair[0];
	return pid;
}

static port_handle compile(const char *path)
{
	int socket;
	uint8_t type = WORK_COMPILE;
	struct message m = { 0 };
	port_handle module = file_memory(path);
	pid_t pid = worker(compile_worker, &socket);

	if (message_send_wait(socket, mt_bytes(&type, 1), &module, 1) || message_wait(socket, buffer, &m)) {
		stop("the compiler died", "");
	}
	struct cursor c = cursor_over(m.body);
	(void)cursor_u8(&c);
	uint8_t err = cursor_u8(&c);
	struct bytes text = cursor_take32(&c);
	if (err || m.handle_count != 1) {
		stop("not accepted", (const char *)memcpy(calloc(1, text.size + 1), text.at, text.size));
	}
	waitpid(pid, NULL, 0);
	return m.handle[0];
}

static void request(struct builder *b, char **argument, size_t count)
{
	builder_u8(b, WORK_RUN);
	builder_u64(b, memory_max);
	builder_u32(b, 0);
	for (uint8_t i = 0; i < 32; i++) {
		builder_u8(b, i);
	}
	builder_u32(b, (uint32_t)count);
	for (size_t i = 0; i < count; i++) {
		builder_bytes32(b, mt_text(argument[i]));
	}
	builder_u32(b, (uint32_t)input_count);
	for (size_t i = 0; i < input_count; i++) {
		builder_bytes32(b, mt_text(input[i].name));
	}
	builder_u32(b, (uint32_t)output_count);
	for (size_t i = 0; i < output_count; i++) {
		builder_bytes32(b, mt_text(output[i].name));
		builder_u64(b, OUTPUT_MAX);
	}
}

static void output_keep(const struct named *o)
{
	static uint8_t part[1 << 16];
	int to = open(o->path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	ssize_t n;

	for (off_t at = 0; (n = pread(o->memory, part, sizeof(part), at)) > 0; at += n) {
		if (to < 0 || write(to, part, (size_t)n) != n) {
			stop("cannot write", o->path);
		}
	}
	close(to);
}

/* What the built-in worker is given in place of an artifact. */
static port_handle function_hash(const char *path)
{
	uint8_t hash[CRYPTO_SHA256_SIZE];
	struct bytes module;
	port_handle file = file_memory(path), made = PORT_NO_HANDLE;

	if (memory_map(file, &module)) {
		stop("cannot read", path);
	}
	crypto_sha256(module, hash);
	memory_unmap(module);
	memory_close(file);
	if (memory_make(mt_bytes(hash, sizeof(hash)), &made)) {
		stop("no memory for", path);
	}
	return made;
}

static int python(void)
{
	return python_worker(python_folder);
}

static int run(port_handle artifact, char **argument, size_t count)
{
	static uint8_t wire[PORT_MESSAGE_MAX];
	struct builder b = builder_over(wire, sizeof(wire));
	port_handle handle[WORK_INPUTS_MAX + WORK_OUTPUTS_MAX];
	uint8_t load = WORK_LOAD;
	struct message m = { 0 };
	struct bytes body;
	int socket;

	request(&b, argument, count);
	for (size_t i = 0; i < input_count; i++) {
		handle[i] = input[i].memory;
	}
	for (size_t i = 0; i < output_count; i++) {
		if (memory_scratch(&output[i].memory) != MT_OK) {
			stop("no memory", "");
		}
		handle[input_count + i] = output[i].memory;
	}
	pid_t pid = worker(python_folder ? python : native ? native_worker : run_worker, &socket);
	if (builder_done(&b, &body) || message_send_wait(socket, mt_bytes(&load, 1), &artifact, 1) ||
	    message_send_wait(socket, body, handle, input_count + output_count) || message_wait(socket, buffer, &m)) {
		stop("the run worker died", "");
	}
	struct cursor c = cursor_over(m.body);
	(void)cursor_u8(&c);
	uint8_t outcome = cursor_u8(&c);
	uint32_t code = cursor_u32(&c);
	(void)cursor_take(&c, 24);
	(void)cursor_take(&c, 9 * (size_t)cursor_u32(&c));
	struct bytes text = cursor_take32(&c);
	waitpid(pid, NULL, 0);
	for (size_t i = 0; i < output_count; i++) {
		output_keep(&output[i]);
	}
	if (outcome != WORK_EXITED) {
		fprintf(stderr, "try: %s: %.*s\n", outcome == WORK_TRAPPED ? "trapped" : outcome == WORK_LIMIT ? "limit" : "refused",
			(int)text.size, (const char *)text.at);
		return 126;
	}
	return (int)(code & 0xff);
}

static void named_take(const char *word, struct named *list, size_t *count, size_t max)
{
	const char *equals = strchr(word, '=');

	if (!equals || equals == word || equals - word > WORK_NAME_MAX || *count == max) {
		stop("not NAME=FILE, or too many", word);
	}
	struct named *n = &list[(*count)++];
	memcpy(n->name, word, (size_t)(equals - word));
	n->path = equals + 1;
}

int main(int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "+i:o:m:np:")) != -1) {
		if (option == 'i') {
			named_take(optarg, input, &input_count, WORK_INPUTS_MAX);
		} else if (option == 'o') {
			named_take(optarg, output, &output_count, WORK_OUTPUTS_MAX);
		} else if (option == 'm') {
			memory_max = strtoull(optarg, NULL, 10) << 20;
		} else if (option == 'n') {
			native = true;
		} else if (option == 'p') {
			python_folder = optarg;
		} else {
			stop("usage", USAGE);
		}
	}
	if (optind == argc) {
		stop("usage", USAGE);
	}
	for (size_t i = 0; i < input_count; i++) {
		input[i].memory = file_memory(input[i].path);
	}
	const char *path = argv[optind];
	port_handle loaded = python_folder ? file_memory(path) : native ? function_hash(path) : compile(path);

	return run(loaded, argv + optind + 1, (size_t)(argc - optind - 1));
}
