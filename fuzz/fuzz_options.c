/*
 * The launcher's command line: words up to the end, each ended by a zero byte. The end of the process is a jump
 * back here; sockets are doubles.
 */
#include "fuzz/ports.h"
#include "port/linux/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>

#define WORDS_MAX 24

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool inside;
static jmp_buf back;

_Noreturn void __real_exit(int status);
_Noreturn void __wrap_exit(int status);
size_t __real_fwrite(const void *at, size_t size, size_t count, FILE *to);
size_t __wrap_fwrite(const void *at, size_t size, size_t count, FILE *to);
int __wrap_fprintf(FILE *to, const char *format, ...);
int __wrap_socket(int domain, int type, int protocol);
int __wrap_setsockopt(int fd, int level, int name, const void *value, socklen_t size);
int __wrap_bind(int fd, const struct sockaddr *address, socklen_t size);
int __wrap_listen(int fd, int backlog);

_Noreturn void __wrap_exit(int status)
{
	if (inside) {
		mt_assert(status == 1 || status == 2);
		longjmp(back, 1);
	}
	__real_exit(status);
}

size_t __wrap_fwrite(const void *at, size_t size, size_t count, FILE *to)
{
	return inside ? count : __real_fwrite(at, size, count, to);
}

int __wrap_fprintf(FILE *to, const char *format, ...)
{
	va_list list;
	int n;

	if (inside) {
		return 0;
	}
	va_start(list, format);
	n = vfprintf(to, format, list);
	va_end(list);
	return n;
}

int __wrap_socket(int domain, int type, int protocol)
{
	(void)type;
	(void)protocol;
	mt_assert(domain == AF_INET || domain == AF_INET6);
	return 1000;
}

int __wrap_setsockopt(int fd, int level, int name, const void *value, socklen_t size)
{
	(void)level;
	(void)name;
	(void)value;
	(void)size;
	return fd == 1000 ? 0 : -1;
}

int __wrap_bind(int fd, const struct sockaddr *address, socklen_t size)
{
	uint8_t copy[128];

	mt_assert(size <= sizeof(copy));
	memcpy(copy, address, size);
	return fd == 1000 ? 0 : -1;
}

int __wrap_listen(int fd, int backlog)
{
	(void)backlog;
	return fd == 1000 ? 0 : -1;
}

static void words(char *text, size_t size)
{
	static char name[] = "mesatee-launcher";
	char *word[WORDS_MAX + 1] = { name };
	int count = 1;

	for (size_t at = 0; at < size && count < WORDS_MAX; at += strlen(text + at) + 1) {
		word[count++] = text + at;
	}
	struct options o = options_read(count, word);
	mt_assert(o.images && (o.measure || (o.state && o.listen && o.config && o.platform)));
	if (o.listen) {
		mt_assert(options_listen(o.listen) == 1000);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *volatile text = calloc(1, size + 1);

	memcpy(text, data ? data : (const uint8_t *)"", size);
	inside = true;
	if (setjmp(back) == 0) {
		words(text, size);
	}
	inside = false;
	free(text);
	return 0;
}
