/*
 * What is executed is what was hashed: images are copied into memory that nobody can change any
 * more, and the copy is what counts. And each seal of such memory.
 */
#include "lib/crypto/crypto.h"
#include "port/linux/images.h"
#include "port/linux/linux.h"
#include "test/test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/mesatee-test-XXXXXX";

static void put(const char *name, const char *text)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *f = fopen(path, "w");

	if (!f || fputs(text, f) < 0 || fclose(f) != 0) {
		abort();
	}
}

static void folder_fill(void)
{
	char text[64];

	strcpy(folder, "/tmp/mesatee-test-XXXXXX");
	if (!mkdtemp(folder)) {
		abort();
	}
	for (size_t i = 0; i < IMAGES; i++) {
		snprintf(text, sizeof(text), "image %s", images_name((enum image)i));
		put(images_name((enum image)i), text);
	}
	for (size_t i = 0; i < IMAGES_LIBRARIES; i++) {
		snprintf(text, sizeof(text), "library %s", images_library_name(i));
		put(images_library_name(i), text);
	}
	put("components.json", "{}");
	put("config", "not this: a configuration");
}

static void folder_drop(void)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf %s", folder);
	CHECK(system(command) == 0, "clean");
}

static int config_open(off_t from)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/config", folder);
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd >= 0 && lseek(fd, from, SEEK_SET) == from ? fd : -1;
}

static bool hash_is(const struct images *images, const char *name, const char *text)
{
	uint8_t want[CRYPTO_SHA256_SIZE];

	crypto_sha256(mt_text(text), want);
	for (size_t i = 0; i < images->count; i++) {
		if (strcmp(images->list[i].name, name) == 0) {
			return memcmp(images->list[i].hash, want, sizeof(want)) == 0;
		}
	}
	return false;
}

/* Exactly this text, and no way to make it another. */
static void check_fixed(int fd, const char *text, const char *what)
{
	char got[64] = "";
	struct stat facts;

	CHECK(fstat(fd, &facts) == 0 && (size_t)facts.st_size == strlen(text) &&
		      pread(fd, got, sizeof(got), 0) == facts.st_size && strcmp(got, text) == 0,
	      what);
	/* Each by its own seal; a seal cannot be taken off, and no future one put on. */
	CHECK(pwrite(fd, "x", 1, 0) < 0 && errno == EPERM, "F_SEAL_WRITE");
	CHECK(mmap(NULL, 4096, PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED, "F_SEAL_WRITE");
	CHECK(ftruncate(fd, facts.st_size + 1) < 0 && errno == EPERM, "F_SEAL_GROW");
	CHECK(ftruncate(fd, facts.st_size - 1) < 0 && errno == EPERM, "F_SEAL_SHRINK");
	CHECK(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE) < 0 && errno == EPERM, "F_SEAL_SEAL");
}

static void test_images(void)
{
	static struct images images;
	char text[64];

	images = (struct images){ 0 };
	folder_fill();
	/* What is before the offset is not copied, so only who hashes the copy has its hash. */
	CHECK(images_load(folder, config_open(10), NULL, &images), "load");
	for (size_t i = 0; i < IMAGES; i++) {
		put(images_name((enum image)i), "something else");
	}
	put("config", "something else");
	for (size_t i = 0; i < IMAGES; i++) {
		snprintf(text, sizeof(text), "image %s", images_name((enum image)i));
		CHECK(hash_is(&images, images_name((enum image)i), text), "its hash");
		check_fixed(images.image[i], text, images_name((enum image)i));
		CHECK(fcntl(images.image[i], F_GETFD) == FD_CLOEXEC, "no process inherits it");
		close(images.image[i]);
	}
	for (size_t i = 0; i < IMAGES_LIBRARIES; i++) {
		snprintf(text, sizeof(text), "library %s", images_library_name(i));
		CHECK(hash_is(&images, images_library_name(i), text), "its hash");
	}
	CHECK(hash_is(&images, "components", "{}"), "the components");
	CHECK(hash_is(&images, "configuration", "a configuration"), "of the copy, not of the file");
	check_fixed(images.configuration, "a configuration", "the configuration");
	close(images.configuration);
	close(images.folder);
	folder_drop();
}

static int places[IMAGES_LIBRARIES], place_count;

static int place(const char *name)
{
	(void)name;
	int fd = memfd_create("place", MFD_CLOEXEC);

	places[place_count++] = dup(fd);
	return fd;
}

static int place_none(const char *name)
{
	(void)name;
	errno = ENOSPC;
	return -1;
}

static void test_libraries(void)
{
	static struct images images;
	char text[64], got[64];

	images = (struct images){ 0 };
	folder_fill();
	CHECK(images_load(folder, -1, place, &images) && place_count == IMAGES_LIBRARIES, "load");
	for (size_t i = 0; i < IMAGES_LIBRARIES; i++) {
		ssize_t size = pread(places[i], got, sizeof(got) - 1, 0);

		got[size > 0 ? size : 0] = 0;
		snprintf(text, sizeof(text), "library %s", images_library_name(i));
		CHECK(strcmp(got, text) == 0 && hash_is(&images, images_library_name(i), text),
		      "placed as hashed");
	}
	CHECK(!images_load(folder, -1, place_none, &(struct images){ 0 }), "no place");
	folder_drop();
}

/* The list that core seals by is the list of what was taken. */
static void test_measurement(void)
{
	static struct images images;
	int fd = -1;
	struct bytes wire;

	images = (struct images){ 0 };
	folder_fill();
	CHECK(images_load(folder, -1, NULL, &images) && images_measurement(&images, &fd) &&
		      memory_map(fd, &wire) == MT_OK,
	      "measure");
	struct cursor c = cursor_over(wire);

	CHECK(cursor_u32(&c) == images.count, "its size");
	for (size_t i = 0; i < images.count; i++) {
		CHECK(mt_equal(cursor_take(&c, cursor_u32(&c)), mt_text(images.list[i].name)) &&
			      mt_equal(cursor_take(&c, CRYPTO_SHA256_SIZE),
				       mt_bytes(images.list[i].hash, CRYPTO_SHA256_SIZE)),
		      images.list[i].name);
	}
	CHECK(cursor_done(&c), "nothing more");
	folder_drop();
}

/* Nothing that is missing or empty is passed over. */
static void test_missing(void)
{
	int loud = dup(2), null = open("/dev/null", O_WRONLY);

	dup2(null, 2); /* each says what is missing */
	close(null);
	for (size_t i = 0; i < 2 * (IMAGES + 1); i++) {
		const char *name =
			i / 2 < IMAGES ? images_name((enum image)(i / 2)) : "components.json";
		char path[64];

		folder_fill();
		snprintf(path, sizeof(path), "%s/%s", folder, name);
		CHECK(i % 2 ? truncate(path, 0) == 0 : unlink(path) == 0, "prepare");
		CHECK(!images_load(folder, -1, NULL, &(struct images){ 0 }), name);
		folder_drop();
	}
	dup2(loud, 2);
	close(loud);
}

/* ---- memory ---- */

static void test_made_memory(void)
{
	port_handle made = PORT_NO_HANDLE, kept = PORT_NO_HANDLE;
	uint8_t *at = NULL;

	CHECK(memory_make(mt_text("made"), &made) == MT_OK, "make");
	check_fixed(made, "made", "made memory");
	CHECK(memory_draft(4, &kept, &at) == MT_OK, "draft");
	memcpy(at, "kept", 4);
	CHECK(memory_keep(kept, at, 4) == MT_OK, "keep");
	check_fixed(kept, "kept", "kept memory");
	memory_close(made);
	memory_close(kept);
}

/* Without any one of these a peer could change what was checked, or take it away under a reader. */
static void test_half_sealed(void)
{
	static const int each[] = { F_SEAL_WRITE, F_SEAL_GROW, F_SEAL_SHRINK };

	for (int lacks = 0; lacks < 8; lacks++) {
		int fd = memfd_create("foreign", MFD_CLOEXEC | MFD_ALLOW_SEALING);
		struct bytes mapped;
		int seals = 0;

		for (size_t i = 0; i < MT_COUNT(each); i++) {
			seals |= lacks & (1 << i) ? 0 : each[i];
		}
		CHECK(write(fd, "foreign", 7) == 7 && fcntl(fd, F_ADD_SEALS, seals) == 0,
		      "prepare");
		if (!CHECK(memory_map(fd, &mapped) == (lacks ? MT_DENIED : MT_OK), "map")) {
			printf("  lacks %x\n", (unsigned)lacks);
		}
		/* Sealed for good by somebody else, with too little. */
		CHECK(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL) == 0, "prepare");
		CHECK(memory_seal(fd) == (lacks ? MT_DENIED : MT_OK), "seal");
		close(fd);
	}
}

const struct test tests[] = {
	{ "images", test_images },
	{ "libraries", test_libraries },
	{ "measurement", test_measurement },
	{ "missing", test_missing },
	{ "made_memory", test_made_memory },
	{ "half_sealed", test_half_sealed },
	TESTS_END,
};
