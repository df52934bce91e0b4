/*
 * The files a node is made of: copied into sealed memory, hashed from the copy. What was hashed is
 * what is executed. Private to the launcher. Class R.
 */
#ifndef MT_PORT_LINUX_IMAGES_H
#define MT_PORT_LINUX_IMAGES_H

#include "port/port.h"

enum image {
	IMAGE_COMPILE,
	IMAGE_RUN,
	IMAGE_SEAL,
	IMAGE_PYTHON,
	IMAGE_BUILTIN,
	IMAGE_TA,
	IMAGE_CORE,
	IMAGE_GATEWAY,
	IMAGE_SUPPLICANT,
	IMAGE_FETCH,
	IMAGE_DOOR,
	IMAGES
};

/* The loader and the native libraries of the dynamic images (compile and run). */
#define IMAGES_LOADER "ld-linux-x86-64.so.2"
#define IMAGES_LIBRARIES 7
/* What the python image stands on besides. A node without them starts, and has no Python. */
#define IMAGES_OPTIONAL 2

struct measured {
	const char *name; /* static or from the command line */
	uint8_t hash[CRYPTO_SHA256_SIZE];
};

struct images {
	int folder; /* where they were found; the sanitized build executes from there */
	int image[IMAGES]; /* sealed, executable memory */
	int configuration; /* sealed memory; -1 when there is none */
	struct measured list[IMAGES + IMAGES_LIBRARIES + IMAGES_OPTIONAL +
			     2]; /* with components and configuration; sorted by name */
	size_t count;
};

const char *images_name(enum image image);
const char *images_library_name(size_t index);

/*
 * Copy and hash everything. `configuration` is an open file (-1: none) and is closed. library_place
 * opens the file that a library's copy is written to; NULL: sealed memory. Says what is wrong on
 * stderr and returns false.
 */
MUST bool images_load(const char *folder, int configuration, int (*library_place)(const char *name),
		      struct images *out);

/* The measurement in the form that port.h describes, as sealed memory. */
MUST bool images_measurement(const struct images *images, int *out);
/* The same list for people and scripts: `sha256  name` lines on stdout. */
MUST bool images_print(const struct images *images);

#endif
