#include "test/builtin/double.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define FILES_MAX 16
#define BLOCKS_MAX 65536
#define ARGUMENTS_MAX 64

struct file {
	char name[64];
	struct bytes content; /* of an input */
	char *written; /* of an output: open_memstream's */
	size_t size;
};

static struct file input[FILES_MAX], output[FILES_MAX];
static size_t inputs, outputs;
static jmp_buf stopped;
static bool running;
static void *block[BLOCKS_MAX];
static size_t blocks;
static int descriptor[FILES_MAX];
static size_t descriptors;
static FILE *stream;

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __real_close(int fd);
int __wrap_close(int fd);
FILE *__real_fopen(const char *path, const char *mode);
FILE *__wrap_fopen(const char *path, const char *mode);
int __real_fclose(FILE *file);
int __wrap_fclose(FILE *file);
_Noreturn void __real_exit(int code);
_Noreturn void __wrap_exit(int code);
int __real_vfprintf(FILE *to, const char *format, va_list list);
int __wrap_vfprintf(FILE *to, const char *format, va_list list);
int __real_fputc(int ch, FILE *to);
int __wrap_fputc(int ch, FILE *to);
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__real_realloc(void *at, size_t size);
void *__wrap_realloc(void *at, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
char *__wrap_strdup(const char *text);
void __real_free(void *at);
void __wrap_free(void *at);

/* ---- memory ---- */

static void *kept(void *at)
{
	if (running && at) {
		mt_assert(blocks < BLOCKS_MAX);
		block[blocks++] = at;
	}
	return at;
}

static void forget(const void *at)
{
	for (size_t i = blocks; running && i-- > 0;) {
		if (block[i] == at) {
			block[i] = block[--blocks];
			return;
		}
	}
}

void *__wrap_malloc(size_t size)
{
	return kept(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
	return kept(__real_calloc(count, size));
}

void *__wrap_realloc(void *at, size_t size)
{
	forget(at);
	return kept(__real_realloc(at, size));
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
	return kept(__real_aligned_alloc(alignment, size));
}

char *__wrap_strdup(const char *text)
{
	char *copy = __wrap_malloc(strlen(text) + 1);

	return copy ? memcpy(copy, text, strlen(text) + 1) : NULL;
}

void __wrap_free(void *at)
{
	forget(at);
	__real_free(at);
}

/* ---- files ---- */

static const struct file *input_find(const char *path)
{
	for (size_t i = 0; strncmp(path, "/in/", 4) == 0 && i < inputs; i++) {
		if (strcmp(path + 4, input[i].name) == 0) {
			return &input[i];
		}
	}
	return NULL;
}

int __wrap_open(const char *path, int flags, ...)
{
	if (!running) {
		return __real_open(path, flags, 0600);
	}
	const struct file *f = input_find(path);
	if (!f || descriptors == FILES_MAX) {
		return -1;
	}
	int fd = memfd_create("input", 0);
	mt_assert(fd >= 0 && write(fd, f->content.at, f->content.size) == (ssize_t)f->content.size &&
		  lseek(fd, 0, SEEK_SET) == 0);
	descriptor[descriptors++] = fd;
	return fd;
}

int __wrap_close(int fd)
{
	for (size_t i = descriptors; running && i-- > 0;) {
		if (descriptor[i] == fd) {
			descriptor[i] = descriptor[--descriptors];
			break;
		}
	}
	return __real_close(fd);
}

FILE *__wrap_fopen(const char *path, const char *mode)
{
	if (!running) {
		return __real_fopen(path, mode);
	}
	if (strncmp(path, "/out/", 5) != 0 || outputs == FILES_MAX || stream) {
		return NULL;
	}
	struct file *f = &output[outputs++];
	snprintf(f->name, sizeof(f->name), "%s", path + 5);
	running = false; /* the stream's memory is ours */
	stream = open_memstream(&f->written, &f->size);
	running = true;
	return stream;
}

int __wrap_fclose(FILE *file)
{
	if (file == stream) {
		stream = NULL;
	}
	return __real_fclose(file);
}

/* ---- its end, and its words ---- */

void __wrap_exit(int code)
{
	if (running) {
		longjmp(stopped, 1);
	}
	__real_exit(code);
}

int __wrap_vfprintf(FILE *to, const char *format, va_list list)
{
	return running && to == stderr ? 0 : __real_vfprintf(to, format, list);
}

int __wrap_fputc(int ch, FILE *to)
{
	return running && to == stderr ? ch : __real_fputc(ch, to);
}

/* ---- a run ---- */

void double_clear(void)
{
	for (size_t i = 0; i < outputs; i++) {
		__real_free(output[i].written);
		output[i] = (struct file){ .size = 0 };
	}
	outputs = inputs = 0;
}

void double_input(const char *name, struct bytes content)
{
	mt_assert(inputs < FILES_MAX);
	input[inputs] = (struct file){ .content = content };
	snprintf(input[inputs++].name, sizeof(input[0].name), "%s", name);
}

static const struct file *output_find(const char *name)
{
	for (size_t i = 0; i < outputs; i++) {
		if (strcmp(output[i].name, name) == 0) {
			return &output[i];
		}
	}
	return NULL;
}

const char *double_output(const char *name)
{
	const struct file *f = output_find(name);

	return f ? f->written : NULL;
}

size_t double_output_size(const char *name)
{
	const struct file *f = output_find(name);

	return f ? f->size : 0;
}

int double_run(int (*run)(void *context), void *context)
{
	volatile int code = DOUBLE_STOPPED;

	for (size_t i = 0; i < outputs; i++) {
		__real_free(output[i].written);
		output[i] = (struct file){ .size = 0 };
	}
	outputs = 0;
	running = true;
	if (setjmp(stopped) == 0) {
		code = run(context);
	}
	running = false;
	if (stream) {
		__real_fclose(stream);
		stream = NULL;
	}
	while (blocks) {
		__real_free(block[--blocks]);
	}
	while (descriptors) {
		__real_close(descriptor[--descriptors]);
	}
	return code;
}

struct call {
	int (*function)(int, char **);
	int count;
	char *word[ARGUMENTS_MAX];
};

static int call(void *context)
{
	struct call *c = context;

	return c->function(c->count, c->word);
}

int double_main(int (*function)(int, char **), const char *const *arguments)
{
	static char name[] = "function";
	struct call c = { .function = function, .count = 1, .word = { name } };

	for (; arguments && arguments[c.count - 1]; c.count++) {
		mt_assert(c.count < ARGUMENTS_MAX - 1);
		c.word[c.count] = (char *)(uintptr_t)arguments[c.count - 1];
	}
	return double_run(call, &c);
}
