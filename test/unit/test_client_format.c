/* What the client makes of files in Teaclave's formats; test_teaclave has the formats themselves. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "party/client/client_private.h"
#include "test/client_folder.h"
#include "test/test.h"

#define VECTORS "test/vectors/teaclave/"
#define KEY_DIGITS "000102030405060708090a0b0c0d0e0f"
#define LONG_KEY_DIGITS KEY_DIGITS "101112131415161718191a1b1c1d1e1f"
#define IV_DIGITS "6465666768696a6b6c6d6e6f"

/* What a vector holds, once it was put and opened again. */
static void from_try(struct mesatee *m, const char *vector, const struct mesatee_format *from, size_t size)
{
	char path[128], tag_text[MESATEE_ID_SIZE];
	uint8_t tag[32];
	struct secret key;
	struct stat facts = { 0 };

	snprintf(path, sizeof(path), VECTORS "%s", vector);
	CHECK(mesatee_put_from(m, path, from, inside("sealed"), tag_text) == MESATEE_OK, mesatee_error(m));
	CHECK(mt_unhex(mt_text(tag_text), tag, 32) == MT_OK && data_key_load(m, tag, &key) == MESATEE_OK, "key");
	int fd = open(inside("sealed"), O_RDONLY);
	CHECK(fd >= 0 && fstat(fd, &facts) == 0, "the ciphertext");
	CHECK(output_open(m, fd, (uint64_t)facts.st_size, &key, tag,
			  &(struct output_place){ .path = inside("opened") }) == MESATEE_OK,
	      mesatee_error(m));
	struct bytes got = read_back(inside("opened"));
	CHECK(got.size == size, "its size");
	for (size_t i = 0; i < got.size && got.size == size; i++) {
		if (got.at[i] != (uint8_t)(7 * i + i / 251)) {
			CHECK(false, "its text");
			break;
		}
	}
	close(fd);
}

static void test_put_from(void)
{
	struct mesatee_format gcm = { .format = "aes-gcm-128", .iv = IV_DIGITS },
			      file = { .format = "teaclave-file-128" };
	char tag[MESATEE_ID_SIZE];

	fresh();
	struct mesatee *m = client();
	write_file("key", KEY_DIGITS "\n");
	write_file("long_key", LONG_KEY_DIGITS);
	gcm.key_file = file.key_file = inside("key");
	from_try(m, "gcm_128", &gcm, 1000);
	from_try(m, "gcm_none", &gcm, 0);
	from_try(m, "file_head", &file, 1000);
	from_try(m, "file_nodes", &file, 7169);
	gcm.cmac = "00000000000000000000000000000000";
	CHECK(mesatee_put_from(m, VECTORS "gcm_128", &gcm, inside("no"), tag) == MESATEE_NOT_VERIFIED, "another cmac");
	gcm.cmac = "0";
	CHECK(mesatee_put_from(m, VECTORS "gcm_128", &gcm, inside("no"), tag) == MESATEE_USAGE, "no cmac");
	gcm.cmac = gcm.iv = NULL;
	CHECK(mesatee_put_from(m, VECTORS "gcm_128", &gcm, inside("no"), tag) == MESATEE_USAGE, "no iv");
	gcm = (struct mesatee_format){ "aes-gcm-256", inside("long_key"), IV_DIGITS, NULL, NULL };
	from_try(m, "gcm_256", &gcm, 1000);
	CHECK(mesatee_put_from(m, VECTORS "gcm_128", &gcm, inside("no"), tag) == MESATEE_NOT_VERIFIED, "another key");
	gcm.key_file = inside("key");
	CHECK(mesatee_put_from(m, VECTORS "gcm_256", &gcm, inside("no"), tag) == MESATEE_USAGE,
	      "a key that is too short");
	gcm.format = "raw";
	CHECK(mesatee_put_from(m, VECTORS "gcm_256", &gcm, inside("no"), tag) == MESATEE_USAGE, "no format");
	file.name = "other";
	CHECK(mesatee_put_from(m, VECTORS "file_head", &file, inside("no"), tag) == MESATEE_REFUSED, "another name");
	file.name = "file_head";
	CHECK(mesatee_put_from(m, VECTORS "gcm_128", &file, inside("no"), tag) == MESATEE_NOT_VERIFIED,
	      "another format");
	file.key_file = inside("none");
	CHECK(mesatee_put_from(m, VECTORS "file_head", &file, inside("no"), tag) == MESATEE_NOT_FOUND, "no key file");
	CHECK(access(inside("no"), F_OK) != 0, "nothing came of what did not open");
	mesatee_close(m);
	remove_all();
}

static void test_combine_as(void)
{
	static const char *const formats[] = { "aes-gcm-128", "aes-gcm-256", "teaclave-file-128" };
	struct mesatee_formatted told[2] = { 0 };

	fresh();
	struct mesatee *m = client();
	const char *shares[2] = { inside("s0"), inside("s1") };
	write_file("key", KEY_DIGITS);
	write_file("long_key", LONG_KEY_DIGITS);
	write_file("plain", "for the others\n");
	shares_make(m, shares, 15);
	for (size_t i = 0; i < MT_COUNT(formats); i++) {
		struct mesatee_format as = { formats[i], inside(i == 1 ? "long_key" : "key"), NULL, NULL, NULL };
		char tag[MESATEE_ID_SIZE];
		bool nodes = i == 2;

		CHECK(mesatee_combine_as(m, inside("sealed"), shares, 2, inside("theirs"), &as, &told[0]) == MESATEE_OK,
		      mesatee_error(m));
		CHECK(mesatee_combine_as(m, inside("sealed"), shares, 2, inside("theirs"), &as, &told[1]) == MESATEE_OK,
		      mesatee_error(m));
		CHECK(strlen(told[0].cmac) == 32 && strlen(told[0].iv) == (nodes ? 0 : 24), "what to tell Teaclave");
		CHECK(strcmp(told[0].cmac, told[1].cmac) != 0 && (nodes || strcmp(told[0].iv, told[1].iv) != 0),
		      "chosen afresh");
		as.cmac = told[1].cmac;
		as.iv = nodes ? NULL : told[1].iv;
		CHECK(mesatee_put_from(m, inside("theirs"), &as, inside("again"), tag) == MESATEE_OK, mesatee_error(m));
		as.cmac = told[0].cmac;
		CHECK(mesatee_put_from(m, inside("theirs"), &as, inside("no"), tag) == MESATEE_NOT_VERIFIED,
		      "an older one");
		as.iv = IV_DIGITS;
		CHECK(mesatee_combine_as(m, inside("sealed"), shares, 2, inside("no"), &as, NULL) == MESATEE_USAGE,
		      "an iv of the caller's");
	}
	CHECK(access(inside("no"), F_OK) != 0, "nothing came of what was refused");
	mesatee_close(m);
	remove_all();
}

const struct test tests[] = {
	{ "put_from", test_put_from },
	{ "combine_as", test_combine_as },
	TESTS_END,
};
