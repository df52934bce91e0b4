/* Files in Teaclave's formats: what the caller says of one, and its bytes. party/teaclave knows the formats. */
#include "party/client/client_private.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define KEY_FILE_MAX 128

/* ---- the file's bytes, for party/teaclave; its threads share no struct mesatee, so nothing is said here ---- */

static enum mt_err store_read(void *context, uint64_t offset, uint8_t *out, size_t size)
{
	const struct foreign *f = context;

	for (size_t done = 0; done < size;) {
		ssize_t n = pread(f->fd, out + done, size - done, (off_t)(offset + done));
		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			return n < 0 ? MT_IO : MT_TAMPERED; /* it was longer when it was opened */
		}
		done += (size_t)n;
	}
	return MT_OK;
}

static enum mt_err store_write(void *context, uint64_t offset, struct bytes data)
{
	const struct foreign *f = context;

	for (size_t done = 0; done < data.size;) {
		ssize_t n = pwrite(f->fd, data.at + done, data.size - done, (off_t)(offset + done));
		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			return MT_IO;
		}
		done += (size_t)n;
	}
	return MT_OK;
}

/* ---- what the caller says ---- */

static bool is_space(uint8_t c)
{
	return c == '\n' || c == '\r' || c == ' ';
}

/* As it is, or as hex digits with or without a line's end: the two cannot be taken for one another, their sizes differ. */
static enum mesatee_err key_load(struct mesatee *m, const struct mesatee_format *given, struct foreign *f)
{
	size_t wanted = teaclave_key_size(f->how.format), size = 0, digits = 0;
	uint8_t *content = NULL;
	enum mesatee_err err = given->key_file
				       ? file_read(m, given->key_file, KEY_FILE_MAX, &content, &size)
				       : client_fail(m, MESATEE_USAGE, NULL, "%s needs the file's key", given->format);

	if (err) {
		return err;
	}
	for (digits = size; digits > 0 && is_space(content[digits - 1]);) {
		digits--;
	}
	if (size == wanted) {
		memcpy(f->key.at, content, wanted);
	} else if (mt_unhex(mt_bytes(content, digits), f->key.at, wanted)) {
		err = client_fail(m, MESATEE_USAGE, NULL, "%s is no key of %zu bytes, as they are or in hex digits",
				  given->key_file, wanted);
	}
	f->how.key = mt_bytes(f->key.at, wanted);
	mt_wipe(content, size);
	mt_free(content);
	return err;
}

static enum mesatee_err digits_load(struct mesatee *m, const char *what, const char *text, uint8_t *out, size_t size)
{
	return mt_unhex(mt_text(text), out, size) == MT_OK
		       ? MESATEE_OK
		       : client_fail(m, MESATEE_USAGE, NULL, "%s: %zu hex digits", what, 2 * size);
}

static enum mesatee_err name_load(struct mesatee *m, const struct mesatee_format *given, const char *path,
				  struct foreign *f)
{
	char copy[CLIENT_PATH_MAX];

	(void)snprintf(copy, sizeof(copy), "%s", path);
	(void)snprintf(f->name, sizeof(f->name), "%s", given->name ? given->name : basename(copy));
	f->how.name = mt_text(f->name);
	return f->how.name.size >= 1 && f->how.name.size <= TEACLAVE_NAME_MAX
		       ? MESATEE_OK
		       : client_fail(m, MESATEE_USAGE, NULL, "the name in a %s has 1 to %d bytes", given->format,
				     TEACLAVE_NAME_MAX);
}

static enum mesatee_err given_load(struct mesatee *m, const struct mesatee_format *given, const char *path, int fd,
				   struct foreign *f)
{
	if (teaclave_format_find(given->format, &f->how.format)) {
		return client_fail(m, MESATEE_USAGE, "aes-gcm-128, aes-gcm-256 or teaclave-file-128", "%s is no format",
				   given->format);
	}
	f->fd = fd;
	enum mesatee_err err = key_load(m, given, f);
	return err || f->how.format != TEACLAVE_FILE_128 ? err : name_load(m, given, path, f);
}

/* ---- reading ---- */

static enum mesatee_err reader_fail(struct mesatee *m, enum mt_err err, const char *path)
{
	switch (err) {
	case MT_MALFORMED:
		return client_fail(m, MESATEE_NOT_VERIFIED, "is it of another format?", "%s is not of this format",
				   path);
	case MT_TAMPERED:
		return client_fail(m, MESATEE_NOT_VERIFIED, "is it this file's key, iv and cmac?",
				   "%s does not open: another key, iv or cmac, or it is damaged", path);
	case MT_STATE:
		return client_fail(m, MESATEE_CONFLICT, "open and close it once with its writer",
				   "%s was not closed by its writer and needs its recovery file", path);
	case MT_DENIED:
		return client_fail(m, MESATEE_REFUSED, NULL,
				   "%s is sealed to an enclave, or not at all: no key of yours opens it", path);
	case MT_NOT_FOUND:
		return client_fail(m, MESATEE_REFUSED, "say the name that it was stored under",
				   "%s was stored under another name: it may be another file", path);
	case MT_LIMIT:
		return client_fail(m, MESATEE_USAGE, NULL, "%s is too large", path);
	case MT_NO_MEMORY:
		return client_no_memory(m);
	default:
		return client_fail(m, MESATEE_FAILED, NULL, "cannot read %s", path);
	}
}

enum mesatee_err foreign_read_open(struct mesatee *m, const struct mesatee_format *from, const char *path, int fd,
				   uint64_t size, struct foreign *f)
{
	struct teaclave_store store = { store_read, NULL, f };
	enum mesatee_err err = given_load(m, from, path, fd, f);

	if (!err && f->how.format != TEACLAVE_FILE_128) {
		err = from->iv ? digits_load(m, "the iv", from->iv, f->how.iv, sizeof(f->how.iv))
			       : client_fail(m, MESATEE_USAGE, NULL, "%s needs the file's iv", from->format);
	}
	if (!err && from->cmac) {
		err = digits_load(m, "the cmac", from->cmac, f->cmac, sizeof(f->cmac));
	}
	if (err) {
		return err;
	}
	enum mt_err bad = teaclave_reader_open(&f->how, &store, size, from->cmac ? f->cmac : NULL, &f->reader);
	return bad ? reader_fail(m, bad, path) : MESATEE_OK;
}

/* ---- writing ---- */

static enum mesatee_err writer_fail(struct mesatee *m, enum mt_err err)
{
	return err == MT_NO_MEMORY ? client_no_memory(m)
	       : err == MT_LIMIT   ? client_fail(m, MESATEE_USAGE, NULL, "the output is too large for this format")
				   : client_fail(m, MESATEE_FAILED, "make room on the disk", "cannot write a file");
}

enum mesatee_err foreign_write_open(struct mesatee *m, const struct mesatee_format *as, const char *path, int fd,
				    uint64_t size, struct foreign *f)
{
	struct teaclave_store store = { store_read, store_write, f };
	enum mesatee_err err = given_load(m, as, path, fd, f);

	if (!err && as->iv) {
		err = client_fail(m, MESATEE_USAGE, "leave it out: it is chosen and told",
				  "an iv given twice would give the key away");
	}
	if (err) {
		return err;
	}
	crypto_random(f->how.iv, sizeof(f->how.iv));
	enum mt_err bad = teaclave_writer_open(&f->how, &store, size, &f->writer);
	return bad ? writer_fail(m, bad) : MESATEE_OK;
}

enum mesatee_err foreign_write(struct mesatee *m, struct foreign *f, struct bytes plain)
{
	enum mt_err bad = teaclave_writer_add(f->writer, plain);

	return bad ? writer_fail(m, bad) : MESATEE_OK;
}

enum mesatee_err foreign_write_finish(struct mesatee *m, struct foreign *f, struct mesatee_formatted *out)
{
	enum mt_err bad = teaclave_writer_finish(f->writer, f->cmac);

	if (bad) {
		return writer_fail(m, bad);
	}
	if (out) {
		mt_hex(mt_bytes(f->cmac, sizeof(f->cmac)), out->cmac);
		mt_hex(mt_bytes(f->how.iv, f->how.format == TEACLAVE_FILE_128 ? 0 : sizeof(f->how.iv)), out->iv);
	}
	return MESATEE_OK;
}

void foreign_close(struct foreign *f)
{
	teaclave_reader_close(f->reader);
	teaclave_writer_close(f->writer);
	mt_wipe(f, sizeof(*f));
}
