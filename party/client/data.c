/* Data leaves this machine as ciphertext, modules as they are. */
#include "party/client/client_private.h"

#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/dataset/dataset.h"

#define DATA_CHUNK (256 * 1024)

/* ---- encrypting ---- */

enum mesatee_err data_encrypt(struct mesatee *m, int plain, uint64_t size, const struct secret *key, int to,
			      uint8_t tag[32])
{
	struct dataset_writer *w = NULL;
	uint8_t *space = mt_alloc(DATASET_SEALED_MAX), header[DATASET_HEADER_SIZE] = { 0 };
	uint64_t done = 0, count = 0;

	if (!space || dataset_writer_open(key, size, &w)) {
		mt_free(space);
		return client_no_memory(m);
	}
	enum mesatee_err err =
		file_write(m, to, mt_bytes(header, sizeof(header))); /* its place; it is known at the end */
	for (count = 0; !err && (count == 0 || done < size); count++) {
		size_t n = dataset_writer_next(w);
		err = file_read_at(m, plain, done, space, n);
		if (!err) {
			enum mt_err bad = dataset_writer_segment(w, mt_bytes(space, n), space);
			mt_assert(!bad);
			err = file_write(m, to, mt_bytes(space, n + CRYPTO_TAG_SIZE));
			done += n;
			client_step(m, "encrypting", done, size);
		}
	}
	if (!err) {
		enum mt_err bad = dataset_writer_finish(w, header, tag);
		mt_assert(!bad);
		if (pwrite(to, header, sizeof(header), 0) != (ssize_t)sizeof(header)) {
			err = client_fail(m, MESATEE_FAILED, "make room on the disk", "cannot write a file");
		}
	}
	dataset_writer_close(w);
	mt_wipe(space, DATASET_SEALED_MAX);
	mt_free(space);
	return err;
}

/* ---- keys at home ---- */

static enum mesatee_err data_key_path(struct mesatee *m, const uint8_t tag[32], char out[CLIENT_PATH_MAX])
{
	char name[128], digits[65];

	mt_hex(mt_bytes(tag, 32), digits);
	(void)snprintf(name, sizeof(name), "datasets/%s.key", digits);
	return home_path(m, name, out);
}

static enum mesatee_err data_key_keep(struct mesatee *m, const uint8_t tag[32], const struct secret *key,
				      const char *path)
{
	uint8_t space[CRYPTO_KEY_SIZE + 256];
	char place[CLIENT_PATH_MAX], copy[CLIENT_PATH_MAX];
	struct builder b = builder_over(space, sizeof(space));
	struct bytes content = { 0 };

	(void)snprintf(copy, sizeof(copy), "%s", path);
	builder_bytes(&b, secret_bytes(key));
	builder_format(&b, "%.200s", basename(copy));
	enum mesatee_err err = builder_done(&b, &content) ? client_no_memory(m) : data_key_path(m, tag, place);
	if (!err) {
		err = file_put(m, place, 0600, content);
	}
	mt_wipe(space, sizeof(space));
	return err;
}

enum mesatee_err data_key_load(struct mesatee *m, const uint8_t tag[32], struct secret *out)
{
	char path[CLIENT_PATH_MAX];
	uint8_t *content = NULL;
	size_t size = 0;
	enum mesatee_err err = data_key_path(m, tag, path);

	if (!err) {
		err = file_read(m, path, 4096, &content, &size);
	}
	if (err == MESATEE_NOT_FOUND || (!err && size < sizeof(out->at))) {
		err = client_fail(m, MESATEE_NOT_FOUND,
				  "approve where the dataset was put, or bring its key file there",
				  "the key of one of your inputs is not here: %s", path);
	}
	if (!err) {
		memcpy(out->at, content, sizeof(out->at));
	}
	mt_wipe(content, size);
	mt_free(content);
	return err;
}

/* ---- sending ---- */

static enum mesatee_err upload_body(struct mesatee *m, int fd, uint64_t size)
{
	uint8_t *space = mt_alloc(DATA_CHUNK);
	enum mesatee_err err = space ? MESATEE_OK : client_no_memory(m);
	bool early = false;

	for (uint64_t done = 0; !err && !early && done < size;) {
		size_t n = size - done < DATA_CHUNK ? (size_t)(size - done) : DATA_CHUNK;
		err = file_read_at(m, fd, done, space, n);
		if (!err) {
			err = net_write(m, mt_bytes(space, n), &early);
			done += n;
			client_step(m, "sending", done, size);
		}
	}
	mt_free(space);
	return err;
}

static enum mesatee_err upload(struct mesatee *m, int fd, uint64_t size, const char *name)
{
	char path[REQUEST_ROUTE_MAX + 1];
	struct answer a = { 0 };

	http_path(ROUTE_DATA_PUT, name, NULL, path);
	enum mesatee_err err = session_ensure(m);
	if (!err) {
		err = http_begin(m, ROUTE_DATA_PUT, path, "application/octet-stream", size);
	}
	if (!err) {
		err = upload_body(m, fd, size);
	}
	if (!err) {
		err = http_head(m, &a);
	}
	if (!err) {
		err = http_body_whole(m, &a);
	}
	if (!err) {
		err = http_judge(m, "sending", &a);
	}
	if (err) {
		net_close(m); /* half of a body may still be owed */
	}
	answer_close(&a);
	return err;
}

static enum mesatee_err data_register(struct mesatee *m, const uint8_t tag[32])
{
	uint8_t space[64];
	struct builder b = builder_over(space, sizeof(space));
	struct bytes body = { 0 };
	struct answer a = { 0 };

	cbor_array(&b, 1);
	cbor_bstr(&b, mt_bytes(tag, 32));
	enum mt_err bad = builder_done(&b, &body);
	mt_assert(!bad);
	enum mesatee_err err = signed_post(m, "registering the dataset", ROUTE_DATASET_ADD, NULL, body, &a);
	answer_close(&a);
	return err;
}

/* ---- put ---- */

static enum mesatee_err plain_open(struct mesatee *m, const char *path, uint64_t max, int *fd, uint64_t *size)
{
	struct stat facts;

	*fd = open(path, O_RDONLY | O_CLOEXEC);
	if (*fd < 0) {
		return client_fail(m, MESATEE_NOT_FOUND, NULL, "cannot read %s", path);
	}
	if (fstat(*fd, &facts) != 0 || !S_ISREG(facts.st_mode)) {
		return client_fail(m, MESATEE_USAGE, "put it into a file first", "%s is no regular file", path);
	}
	if ((uint64_t)facts.st_size > max) {
		return client_fail(m, MESATEE_USAGE, NULL, "%s is too large", path);
	}
	*size = (uint64_t)facts.st_size;
	return MESATEE_OK;
}

static enum mesatee_err put_file(struct mesatee *m, int plain, uint64_t size, int to, const char *path, bool send,
				 char tag_text[MESATEE_ID_SIZE])
{
	struct secret key;
	uint8_t tag[32];
	struct dataset_header h = { .size = size };

	crypto_random(key.at, sizeof(key.at));
	enum mesatee_err err = data_encrypt(m, plain, size, &key, to, tag);
	if (!err) {
		err = data_key_keep(m, tag, &key, path); /* before the ciphertext is anywhere else */
	}
	mt_wipe(&key, sizeof(key));
	if (!err) {
		mt_hex(mt_bytes(tag, sizeof(tag)), tag_text);
	}
	if (!err && send) {
		err = upload(m, to, dataset_file_size(&h), tag_text);
	}
	return !err && send ? data_register(m, tag) : err;
}

enum mesatee_err mesatee_put(struct mesatee *m, const char *path, const char *only_encrypt, char tag[MESATEE_ID_SIZE])
{
	struct file_out f = { .fd = -1 };
	uint64_t size = 0;
	int plain = -1, to = -1;
	enum mesatee_err err = only_encrypt ? MESATEE_OK : session_ensure(m); /* find out before the work is done */

	if (!err) {
		err = plain_open(m, path, DATASET_SIZE_MAX, &plain, &size);
	}
	if (!err && only_encrypt) {
		err = file_begin(m, only_encrypt, 0600, &f);
		to = f.fd;
	} else if (!err) {
		err = file_anonymous(m, &to);
	}
	if (!err) {
		err = put_file(m, plain, size, to, path, !only_encrypt, tag);
	}
	if (!err && only_encrypt) {
		err = file_finish(m, &f);
		to = -1;
	}
	if (plain >= 0) {
		(void)close(plain);
	}
	if (!only_encrypt && to >= 0) {
		(void)close(to);
	}
	file_abort(&f);
	return err;
}

/* ---- publish ---- */

static enum mesatee_err module_hash(struct mesatee *m, int fd, uint64_t size, uint8_t hash[32])
{
	struct crypto_hash *h = NULL;
	uint8_t *space = mt_alloc(DATA_CHUNK);
	enum mesatee_err err = space && crypto_hash_open_256(&h) == MT_OK ? MESATEE_OK : client_no_memory(m);

	for (uint64_t done = 0; !err && done < size;) {
		size_t n = size - done < DATA_CHUNK ? (size_t)(size - done) : DATA_CHUNK;
		err = file_read_at(m, fd, done, space, n);
		if (!err) {
			crypto_hash_add(h, mt_bytes(space, n));
			done += n;
		}
	}
	if (!err) {
		crypto_hash_finish(h, hash);
	}
	crypto_hash_close(h);
	mt_free(space);
	return err;
}

static enum mesatee_err module_register(struct mesatee *m, const uint8_t hash[32], const char *name)
{
	uint8_t space[64 + MESATEE_NAME_SIZE];
	struct builder b = builder_over(space, sizeof(space));
	struct bytes body = { 0 };
	struct answer a = { 0 };

	cbor_array(&b, 2);
	cbor_bstr(&b, mt_bytes(hash, 32));
	cbor_tstr(&b, mt_text(name));
	enum mt_err bad = builder_done(&b, &body);
	mt_assert(!bad);
	enum mesatee_err err = signed_post(m, "publishing", ROUTE_FUNCTION_PUBLISH, NULL, body, &a);
	answer_close(&a);
	return err;
}

enum mesatee_err mesatee_publish(struct mesatee *m, const char *path, const char *name, char hash_text[MESATEE_ID_SIZE])
{
	uint8_t hash[32];
	uint64_t size = 0;
	int fd = -1;

	if (!statement_name_ok(mt_text(name))) {
		return client_fail(m, MESATEE_USAGE, NULL,
				   "a function's name has 1 to 64 of a-z A-Z 0-9 . _ - and does not start with a dot");
	}
	enum mesatee_err err = plain_open(m, path, CLIENT_MODULE_MAX, &fd, &size);
	if (!err) {
		err = module_hash(m, fd, size, hash);
	}
	if (!err) {
		mt_hex(mt_bytes(hash, sizeof(hash)), hash_text);
		err = upload(m, fd, size, hash_text);
	}
	if (!err) {
		err = module_register(m, hash, name);
	}
	if (fd >= 0) {
		(void)close(fd);
	}
	return err;
}
