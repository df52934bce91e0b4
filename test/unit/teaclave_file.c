/*
 * teaclave_file read|write FORMAT KEY IV FILE: a file in one of Teaclave's formats to stdout, or from stdin and its cmac to stdout. For
 * test/interop/teaclave.py. A protected file's name is that of FILE.
 */
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "party/teaclave/teaclave.h"

static _Noreturn void stop(const char *what, enum mt_err err)
{
	fprintf(stderr, "teaclave_file: %s: %s\n", what, mt_err_name(err));
	exit(1);
}

static enum mt_err store_read(void *context, uint64_t offset, uint8_t *out, size_t size)
{
	return pread(*(int *)context, out, size, (off_t)offset) == (ssize_t)size ? MT_OK : MT_IO;
}

static enum mt_err store_write(void *context, uint64_t offset, struct bytes data)
{
	return pwrite(*(int *)context, data.at, data.size, (off_t)offset) == (ssize_t)data.size ? MT_OK : MT_IO;
}

static void file_read(const struct teaclave_seal *how, const struct teaclave_store *store, uint64_t file_size)
{
	static uint8_t part[TEACLAVE_PART_SIZE];
	struct teaclave_reader *r = NULL;
	enum mt_err err = teaclave_reader_open(how, store, file_size, NULL, &r);

	if (err) {
		stop("open", err);
	}
	for (uint64_t i = 0; i * sizeof(part) < teaclave_reader_size(r); i++) {
		uint64_t left = teaclave_reader_size(r) - i * sizeof(part);
		err = teaclave_reader_part(r, i, part);
		if (err) {
			stop("part", err);
		}
		fwrite(part, 1, left < sizeof(part) ? (size_t)left : sizeof(part), stdout);
	}
	teaclave_reader_close(r);
}

static void file_write(const struct teaclave_seal *how, const struct teaclave_store *store)
{
	static uint8_t plain[64 << 20];
	size_t size = fread(plain, 1, sizeof(plain), stdin);
	uint8_t cmac[TEACLAVE_CMAC_SIZE];
	char digits[2 * TEACLAVE_CMAC_SIZE + 1];
	struct teaclave_writer *w = NULL;
	enum mt_err err = teaclave_writer_open(how, store, size, &w);

	/* Steps that fit neither nodes nor parts. */
	for (size_t at = 0, n; !err && at < size; at += n) {
		n = size - at < 50001 ? size - at : 50001;
		err = teaclave_writer_add(w, mt_bytes(plain + at, n));
	}
	if (!err) {
		err = teaclave_writer_finish(w, cmac);
	}
	if (err) {
		stop("write", err);
	}
	mt_hex(mt_bytes(cmac, sizeof(cmac)), digits);
	puts(digits);
	teaclave_writer_close(w);
}

int main(int argc, char **argv)
{
	uint8_t key[32];
	struct teaclave_seal how = { 0 };
	struct stat facts;

	if (argc != 6 || teaclave_format_find(argv[2], &how.format)) {
		stop("usage: read|write FORMAT KEY IV FILE", MT_NOT_FOUND);
	}
	how.key = mt_bytes(key, teaclave_key_size(how.format));
	how.name = mt_text(basename(argv[5]));
	bool reads = strcmp(argv[1], "read") == 0;
	int fd = open(argv[5], reads ? O_RDONLY : O_RDWR | O_CREAT | O_TRUNC, 0600);
	struct teaclave_store store = { store_read, store_write, &fd };
	if (mt_unhex(mt_text(argv[3]), key, how.key.size) || mt_unhex(mt_text(argv[4]), how.iv, sizeof(how.iv)) ||
	    fd < 0 || fstat(fd, &facts) != 0) {
		stop("no key, no iv or no file", MT_MALFORMED);
	}
	if (reads) {
		file_read(&how, &store, (uint64_t)facts.st_size);
	} else {
		file_write(&how, &store);
	}
	return 0;
}
