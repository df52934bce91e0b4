#include "port/linux/images.h"

#include "port/linux/linux.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U /* Linux 6.3; older headers lack it */
#endif

static const char *const image_names[IMAGES] = {
	[IMAGE_COMPILE] = "compile", [IMAGE_RUN] = "run",	  [IMAGE_SEAL] = "seal",
	[IMAGE_PYTHON] = "python",   [IMAGE_BUILTIN] = "builtin", [IMAGE_CORE] = "core", [IMAGE_GATEWAY] = "gateway", [IMAGE_SUPPLICANT] = "supplicant",
	[IMAGE_FETCH] = "fetch",     [IMAGE_DOOR] = "door",     [IMAGE_TA] = "ta",
};

/* What libwasmtime.so needs; the stubs of old glibc names included. */
static const char *const library_names[IMAGES_LIBRARIES] = {
	IMAGES_LOADER,	 "libwasmtime.so",  "libc.so.6",  "libm.so.6",
	"libgcc_s.so.1", "libpthread.so.0", "libdl.so.2",
};

static const char *const optional_names[IMAGES_OPTIONAL] = { "python.cwasm", "python-stdlib.zip" };

/* Beside the images as installed and as built, then where distributions keep them. */
static const char *const library_folders[] = {
	"%/../lib/mesatee",
	"%/../../third/lib",
	"%",
	"/lib/x86_64-linux-gnu",
	"/usr/lib/x86_64-linux-gnu",
	"/lib64",
	"/usr/lib64",
};

const char *images_name(enum image image)
{
	return image_names[image];
}

const char *images_library_name(size_t index)
{
	return library_names[index];
}

static bool fail(const char *what, const char *name)
{
	fprintf(stderr, "mesatee-launcher: cannot %s %s: %s\n", what, name, strerror(errno));
	return false;
}

/*
 * Fresh memory; with MFD_EXEC where the kernel knows it, since vm.memfd_noexec may make the default
 * not executable.
 */
static int memory_new(const char *name)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);

	return fd >= 0 || errno != EINVAL ? fd
					  : memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
}

/*
 * Hash what is in `fd` now. It must not change any more: sealed, or on a file system that only we
 * write to.
 */
static bool hash_file(int fd, const char *name, uint8_t hash[CRYPTO_SHA256_SIZE])
{
	struct stat facts;

	if (fstat(fd, &facts) != 0 || facts.st_size <= 0) {
		errno = errno ? errno : EINVAL;
		return fail("use the empty file", name);
	}
	void *at = mmap(NULL, (size_t)facts.st_size, PROT_READ, MAP_PRIVATE, fd, 0);

	if (at == MAP_FAILED) {
		return fail("map", name);
	}
	crypto_sha256(mt_bytes(at, (size_t)facts.st_size), hash);
	(void)munmap(at, (size_t)facts.st_size);
	return true;
}

static bool copy_file(int from, int to, const char *name)
{
	ssize_t n;

	do {
		n = sendfile(to, from, NULL, 1 << 24);
	} while (n > 0);
	return n == 0 || fail("copy", name);
}

/*
 * Take `from`, copy it into `to` (-1: new sealed memory), hash the copy and enter it in the list.
 * out NULL: the copy is closed.
 */
static bool take(struct images *images, const char *name, int from, int to, int *out)
{
	bool memory = to < 0;

	to = memory ? memory_new(name) : to;
	bool ok = to >= 0 || fail("make memory for", name);

	ok = ok && copy_file(from, to, name);
	if (ok && memory && memory_seal(to) != MT_OK) {
		ok = fail("seal", name);
	}
	struct measured *m = &images->list[images->count];

	ok = ok && hash_file(to, name, m->hash);
	close(from);
	m->name = name;
	images->count += ok;
	if (ok && out) {
		*out = to;
	} else if (to >= 0) {
		close(to);
	}
	return ok;
}

/* Installed the names carry `mesatee-`; in a build folder they do not. */
static int image_open(int folder, enum image image)
{
	char name[64];

	snprintf(name, sizeof(name), "mesatee-%s", image_names[image]);
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);

	return fd >= 0 ? fd : openat(folder, image_names[image], O_RDONLY | O_CLOEXEC);
}

static int library_open(const char *folder, const char *name)
{
	for (size_t i = 0; i < MT_COUNT(library_folders); i++) {
		char path[4096];
		bool ours = library_folders[i][0] == '%';

		size_t size = (size_t)snprintf(path, sizeof(path), "%s%s/%s", ours ? folder : "",
					       library_folders[i] + ours, name);
		int fd = size < sizeof(path) ? open(path, O_RDONLY | O_CLOEXEC) : -1;

		if (fd >= 0) {
			return fd;
		}
	}
	return -1;
}

static bool take_library(struct images *out, const char *name, int from, int (*library_place)(const char *name))
{
	int to = library_place ? library_place(name) : -1;

	if (library_place && to < 0) {
		close(from);
		return fail("make a place for", name);
	}
	return take(out, name, from, to, NULL);
}

/*
 * What the images are made of (tools/components): beside them when installed, above them in a build
 * folder.
 */
static bool take_components(struct images *out)
{
	int from = openat(out->folder, "components.json", O_RDONLY | O_CLOEXEC);

	from = from >= 0 ? from : openat(out->folder, "../components.json", O_RDONLY | O_CLOEXEC);
	return from >= 0 ? take(out, "components", from, -1, NULL)
			 : fail("find", "components.json");
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct measured *)a)->name, ((const struct measured *)b)->name);
}

bool images_load(const char *folder, int configuration, int (*library_place)(const char *name),
		 struct images *out)
{
	out->configuration = -1;
	out->folder = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (out->folder < 0) {
		return fail("open the folder", folder);
	}
	for (size_t i = 0; i < IMAGES; i++) {
		int from = image_open(out->folder, (enum image)i);

		if (from < 0) {
			return fail("find the image", image_names[i]);
		}
		if (!take(out, image_names[i], from, -1, &out->image[i])) {
			return false;
		}
	}
	for (size_t i = 0; i < IMAGES_LIBRARIES; i++) {
		int from = library_open(folder, library_names[i]);

		if (from < 0) {
			return fail("find the library", library_names[i]);
		}
		if (!take_library(out, library_names[i], from, library_place)) {
			return false;
		}
	}
	for (size_t i = 0; i < IMAGES_OPTIONAL; i++) {
		int from = library_open(folder, optional_names[i]);

		if (from >= 0 && !take_library(out, optional_names[i], from, library_place)) {
			return false;
		}
	}
	if (!take_components(out)) {
		return false;
	}
	if (configuration >= 0 &&
	    !take(out, "configuration", configuration, -1, &out->configuration)) {
		return false;
	}
	qsort(out->list, out->count, sizeof(out->list[0]), by_name);
	return true;
}

bool images_measurement(const struct images *images, int *out)
{
	uint8_t wire[4096];
	struct builder b = builder_over(wire, sizeof(wire));
	struct bytes done;

	builder_u32(&b, (uint32_t)images->count);
	for (size_t i = 0; i < images->count; i++) {
		builder_bytes32(&b, mt_text(images->list[i].name));
		builder_bytes(&b, mt_bytes(images->list[i].hash, CRYPTO_SHA256_SIZE));
	}
	return builder_done(&b, &done) == MT_OK && memory_make(done, out) == MT_OK;
}

bool images_print(const struct images *images)
{
	for (size_t i = 0; i < images->count; i++) {
		char digits[2 * CRYPTO_SHA256_SIZE + 1];

		mt_hex(mt_bytes(images->list[i].hash, CRYPTO_SHA256_SIZE), digits);
		printf("%s  %s\n", digits, images->list[i].name);
	}
	return fflush(stdout) == 0;
}
