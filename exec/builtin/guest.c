#include "exec/builtin/guest.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/mesatee_fn.h"

#define PATH_SIZE 128

static int argument_count;
static char **argument_value;

void guest_stop(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vfprintf(stderr, format, list);
	va_end(list);
	fputc('\n', stderr);
	exit(1);
}

void *guest_alloc(size_t count, size_t size)
{
	void *at = calloc(count ? count : 1, size ? size : 1);

	if (!at) {
		guest_stop("out of memory: %zu times %zu bytes", count, size);
	}
	return at;
}

/* ---- arguments ---- */

/* What follows NAME=, or NULL. */
static const char *value_of(const char *word, const char *name)
{
	size_t size = strlen(name);

	return strncmp(word, name, size) == 0 && word[size] == '=' ? word + size + 1 : NULL;
}

void guest_arguments(int argc, char **argv, const char *const *known)
{
	for (int i = 1; i < argc; i++) {
		size_t matches = 0;
		for (size_t k = 0; known[k]; k++) {
			matches += value_of(argv[i], known[k]) != NULL;
		}
		if (matches == 0) {
			guest_stop("unknown argument %s", argv[i]);
		}
		size_t name = strcspn(argv[i], "=");
		for (int j = 1; j < i; j++) {
			if (strncmp(argv[i], argv[j], name + 1) == 0) {
				guest_stop("argument %.*s is there twice", (int)name, argv[i]);
			}
		}
	}
	argument_count = argc;
	argument_value = argv;
}

const char *guest_argument(const char *name, const char *otherwise)
{
	for (int i = 1; i < argument_count; i++) {
		const char *value = value_of(argument_value[i], name);
		if (value) {
			return value;
		}
	}
	if (!otherwise) {
		guest_stop("argument %s=... is missing", name);
	}
	return otherwise;
}

double guest_number(const char *name, double least, double most, double otherwise)
{
	const char *value = guest_argument(name, "");
	char *end;

	if (!value[0]) {
		return otherwise;
	}
	errno = 0;
	double number = strtod(value, &end);
	if (errno || *end || !isfinite(number) || number < least || number > most) {
		guest_stop("argument %s=%s is no number from %g to %g", name, value, least, most);
	}
	return number;
}

uint64_t guest_count(const char *name, uint64_t least, uint64_t most, uint64_t otherwise)
{
	const char *value = guest_argument(name, "");
	uint64_t number = 0;

	if (!value[0]) {
		return otherwise;
	}
	for (const char *p = value; *p; p++) {
		uint64_t digit = (uint64_t)(*p - '0');
		if (*p < '0' || *p > '9' || number > (UINT64_MAX - digit) / 10) {
			guest_stop("argument %s=%s is no whole number", name, value);
		}
		number = number * 10 + digit;
	}
	if (number < least || number > most) {
		guest_stop("argument %s=%s is not from %llu to %llu", name, value, (unsigned long long)least, (unsigned long long)most);
	}
	return number;
}

bool guest_second(const char *name, const char *first, const char *second)
{
	const char *value = guest_argument(name, first);

	if (strcmp(value, first) != 0 && strcmp(value, second) != 0) {
		guest_stop("argument %s=%s is neither %s nor %s", name, value, first, second);
	}
	return strcmp(value, second) == 0;
}

size_t guest_list(const char *name, const char *otherwise, const char *list[], size_t max)
{
	const char *value = guest_argument(name, otherwise);
	char *copy = strdup(value);
	size_t count = 0;

	if (!copy) {
		guest_stop("out of memory");
	}
	for (char *at = copy; at; count++) {
		char *comma = strchr(at, ',');
		if (comma) {
			*comma = 0;
		}
		if (count == max || !at[0]) {
			guest_stop("argument %s=%s is no list of at most %zu names", name, value, max);
		}
		list[count] = at;
		at = comma ? comma + 1 : NULL;
	}
	return count;
}

/* ---- files ---- */

int guest_input_open(const char *name, uint64_t *size)
{
	char path[PATH_SIZE];
	struct stat facts;

	if (snprintf(path, sizeof(path), MESATEE_FN_INPUT "%s", name) >= (int)sizeof(path)) {
		guest_stop("no input has so long a name");
	}
	int input = open(path, O_RDONLY);
	if (input < 0 || fstat(input, &facts) != 0) {
		guest_stop("there is no input %s", name);
	}
	if (facts.st_size < 0 || facts.st_size > (off_t)GUEST_INPUT_MAX) {
		guest_stop("input %s is larger than %u bytes", name, GUEST_INPUT_MAX);
	}
	*size = (uint64_t)facts.st_size;
	return input;
}

void guest_input_read(int input, void *to, size_t size)
{
	for (size_t done = 0; done < size;) {
		ssize_t n = read(input, (char *)to + done, size - done);
		if (n <= 0) {
			guest_stop("an input cannot be read");
		}
		done += (size_t)n;
	}
}

void guest_input_rewind(int input)
{
	if (lseek(input, 0, SEEK_SET) != 0) {
		guest_stop("an input cannot be read again");
	}
}

void guest_input_close(int input)
{
	close(input);
}

struct text guest_input(const char *name)
{
	uint64_t size = 0;
	int input = guest_input_open(name, &size);
	char *at = malloc((size_t)size + 1);

	if (!at) {
		guest_stop("out of memory for input %s", name);
	}
	guest_input_read(input, at, (size_t)size);
	guest_input_close(input);
	at[size] = 0;
	return (struct text){ at, (size_t)size };
}

FILE *guest_output(const char *name)
{
	char path[PATH_SIZE];

	if (snprintf(path, sizeof(path), MESATEE_FN_OUTPUT "%s", name) >= (int)sizeof(path)) {
		guest_stop("no output has so long a name");
	}
	FILE *output = fopen(path, "wb");
	if (!output) {
		guest_stop("the contract has no output %s", name);
	}
	setvbuf(output, NULL, _IOFBF, 1 << 16);
	return output;
}

void guest_close(FILE *output)
{
	bool bad = ferror(output);

	if (fclose(output) != 0 || bad) {
		guest_stop("an output could not be written");
	}
}
