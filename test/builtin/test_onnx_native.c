/*
 * The built-in function onnx as a native program, so that the sanitizers see it and its words are heard: inputs and outputs are the files
 * of a folder, named by the environment. For test_onnx.
 */
#include <stdlib.h>
#include <sys/stat.h>

#include "exec/builtin/guest.h"

struct text __wrap_guest_input(const char *name);
FILE *__wrap_guest_output(const char *name);

static FILE *folder_open(const char *name, const char *mode)
{
	const char *folder = getenv("TEST_FOLDER");
	char path[256];

	if (!folder || snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path)) {
		guest_stop("TEST_FOLDER is not set, or too long");
	}
	FILE *f = fopen(path, mode);
	if (!f) {
		guest_stop("there is no %s", path);
	}
	return f;
}

/* Of exactly its size, so that a read behind its end is seen. */
struct text __wrap_guest_input(const char *name)
{
	FILE *f = folder_open(name, "rb");
	struct stat facts;

	if (fstat(fileno(f), &facts) != 0) {
		guest_stop("there is no %s", name);
	}
	size_t size = (size_t)facts.st_size;
	char *at = guest_alloc(size, 1);
	if (fread(at, 1, size, f) != size) {
		guest_stop("%s cannot be read", name);
	}
	fclose(f);
	return (struct text){ at, size };
}

FILE *__wrap_guest_output(const char *name)
{
	return folder_open(name, "wb");
}
