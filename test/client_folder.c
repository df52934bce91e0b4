#include "test/client_folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "party/client/client_private.h"
#include "test/test.h"

static char folder[64];

struct mesatee *client(void)
{
	struct mesatee *m = NULL;

	CHECK(mesatee_open(folder, &m) == MESATEE_OK, mesatee_error(m));
	return m;
}

void fresh(void)
{
	snprintf(folder, sizeof(folder), "/tmp/mesatee-test-XXXXXX");
	CHECK(mkdtemp(folder) != NULL, "a folder");
}

void remove_all(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	CHECK(system(command) == 0, "cleaned up");
}

const char *inside(const char *name)
{
	char *path = test_alloc(256);

	snprintf(path, 256, "%s/%s", folder, name);
	return path;
}

void write_file(const char *name, const char *text)
{
	FILE *f = fopen(inside(name), "w");

	if (CHECK(f, "a file")) {
		fputs(text, f);
		fclose(f);
	}
}

struct bytes read_back(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *at = test_alloc(4u << 20);
	size_t size = f ? fread(at, 1, 4u << 20, f) : 0;

	if (f) {
		fclose(f);
	}
	return mt_bytes(at, size);
}

void shares_make(struct mesatee *m, const char *const share[2], uint64_t size)
{
	char tag_text[MESATEE_ID_SIZE];
	uint8_t tag[32];
	struct secret key, part[2];

	CHECK(mesatee_put(m, inside("plain"), inside("sealed"), tag_text) == MESATEE_OK, mesatee_error(m));
	CHECK(mt_unhex(mt_text(tag_text), tag, 32) == MT_OK && data_key_load(m, tag, &key) == MESATEE_OK, "key");
	dataset_shares_split(&key, part, 2);
	for (size_t i = 0; i < 2; i++) {
		struct share s = { .size = size, .owner_count = 2, .key = part[i] };
		struct builder b = builder_over(test_alloc(512), 512);
		struct bytes text = { 0 };
		memcpy(s.tag, tag, 32);
		share_encode(&s, &b);
		CHECK(builder_done(&b, &text) == MT_OK && file_put(m, share[i], 0600, text) == MESATEE_OK, "share");
	}
}
