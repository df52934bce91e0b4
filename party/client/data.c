/* Data leaves this machine as ciphertext, modules as they are. */
#include "party/client/client_private.h"

#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/log/log.h"

#define DATA_CHUNK (256 * 1024)

/*
 * What is known of a file once it was sealed: enough to name it, and to know each segment again. `put` seals twice with one key, salt
 * and nonces, first to find the name, then to send: the ciphertext needs no place on a disk, and sealing again costs less than
 * writing and reading back. A file that changes in between would make another plaintext under a used nonce. No ciphertext of the
 * first sealing leaves memory, and none of the second whose GCM tag is not the first's; who cannot choose the key finds no other
 * plaintext with that tag but by chance, 2^-112 for a segment.
 */
struct sealed {
	struct dataset_header header;
	uint8_t content[DATASET_TAG_SIZE]; /* the content tag */
	struct log_frontier frontier;
	uint8_t (*tags)[CRYPTO_TAG_SIZE]; /* owned, one of each segment: 16 MiB for the largest file. NULL: not kept */
};

/* What is put: a file, and how it is read when it is not simply what it holds. */
struct plain {
	int fd;
	uint64_t size; /* of what it holds */
	struct foreign foreign;
};

struct passage {
	struct sealed *sealed;
	const char *what;
	int to; /* file to write to, or -1 */
	bool early;
};

static void passage_step(struct mesatee *m, const struct passage *p, uint64_t index)
{
	uint64_t size = p->sealed->header.size, done = (index + 1) * DATASET_SEGMENT_SIZE;

	client_step(m, p->what, done < size ? done : size, size);
}

static struct bytes segment_tag(const struct segment *s)
{
	return mt_bytes(s->sealed.at + s->sealed.size - CRYPTO_TAG_SIZE, CRYPTO_TAG_SIZE);
}

static enum mesatee_err take_first(struct mesatee *m, void *context, const struct segment *s, bool *stop)
{
	struct passage *p = context;

	(void)stop;
	log_frontier_append(&p->sealed->frontier, s->leaf);
	if (p->sealed->tags) {
		memcpy(p->sealed->tags[s->index], segment_tag(s).at, CRYPTO_TAG_SIZE);
	}
	enum mesatee_err err = p->to >= 0 ? file_write(m, p->to, s->sealed) : MESATEE_OK;
	if (!err) {
		passage_step(m, p, s->index);
	}
	return err;
}

static enum mesatee_err take_again(struct mesatee *m, void *context, const struct segment *s, bool *stop)
{
	struct passage *p = context;

	if (!mt_equal(segment_tag(s), mt_bytes(p->sealed->tags[s->index], CRYPTO_TAG_SIZE))) {
		return client_fail(m, MESATEE_CONFLICT, "put it again when nothing writes to it",
				   "the file changed while it was put; the node has not got it");
	}
	enum mesatee_err err = net_write(m, s->sealed, &p->early);
	*stop = p->early;
	if (!err) {
		passage_step(m, p, s->index);
	}
	return err;
}

/* ---- encrypting ---- */

/* Name the file; with a place to write to, its ciphertext goes there, and its header last. */
static enum mesatee_err seal_first(struct mesatee *m, const struct plain *plain, const struct secret *key, int to,
				   struct sealed *out)
{
	uint8_t wire[DATASET_HEADER_SIZE] = { 0 };
	struct passage p = { .sealed = out, .what = "encrypting", .to = to };
	struct segments_job job = { .plain = plain->fd,
				    .foreign = plain->foreign.reader,
				    .header = &out->header,
				    .key = key,
				    .leaves = true,
				    .take = take_first,
				    .context = &p };
	enum mesatee_err err = to >= 0 ? file_write(m, to, mt_bytes(wire, sizeof(wire))) : MESATEE_OK;

	if (!err) {
		err = segments_seal(m, &job);
	}
	if (err) {
		return err;
	}
	log_frontier_root(&out->frontier, out->header.root);
	dataset_tag(&out->header, out->content);
	dataset_header_encode(&out->header, wire);
	if (to >= 0 && pwrite(to, wire, sizeof(wire), 0) != (ssize_t)sizeof(wire)) {
		err = client_fail(m, MESATEE_FAILED, "make room on the disk", "cannot write a file");
	}
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

/* A body that is sent; early: the node answered before it had all. */
struct body {
	uint64_t size;
	enum mesatee_err (*send)(struct mesatee *m, void *context, bool *early);
	void *context;
};

static enum mesatee_err upload(struct mesatee *m, const struct body *body, const char *name)
{
	char path[REQUEST_ROUTE_MAX + 1];
	struct answer a = { 0 };
	bool early = false;

	http_path(ROUTE_DATA_PUT, name, NULL, path);
	enum mesatee_err err = session_ensure(m);
	if (!err) {
		err = http_begin(m, ROUTE_DATA_PUT, path, "application/octet-stream", body->size);
	}
	if (!err) {
		err = body->send(m, body->context, &early);
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
	if (!err && early) {
		err = client_fail(m, MESATEE_NOT_VERIFIED,
				  "this should not happen with a node that passed: tell its operator",
				  "%s says that it has stored what it was not sent", m->url);
	}
	if (err) {
		net_close(m); /* half of a body may still be owed */
	}
	answer_close(&a);
	return err;
}

struct file_body {
	int fd;
	uint64_t size;
};

static enum mesatee_err file_send(struct mesatee *m, void *context, bool *early)
{
	const struct file_body *f = context;
	uint8_t *space = mt_alloc(DATA_CHUNK);
	enum mesatee_err err = space ? MESATEE_OK : client_no_memory(m);

	for (uint64_t done = 0; !err && !*early && done < f->size;) {
		size_t n = f->size - done < DATA_CHUNK ? (size_t)(f->size - done) : DATA_CHUNK;
		err = file_read_at(m, f->fd, done, space, n);
		if (!err) {
			err = net_write(m, mt_bytes(space, n), early);
			done += n;
			client_step(m, "sending", done, f->size);
		}
	}
	mt_free(space);
	return err;
}

struct sealed_body {
	const struct plain *plain;
	const struct secret *key;
	struct sealed *sealed;
};

static enum mesatee_err sealed_send(struct mesatee *m, void *context, bool *early)
{
	const struct sealed_body *s = context;
	uint8_t wire[DATASET_HEADER_SIZE];
	struct passage p = { .sealed = s->sealed, .what = "sending", .to = -1 };
	struct segments_job job = { .plain = s->plain->fd,
				    .foreign = s->plain->foreign.reader,
				    .header = &s->sealed->header,
				    .key = s->key,
				    .take = take_again,
				    .context = &p };

	dataset_header_encode(&s->sealed->header, wire);
	enum mesatee_err err = net_write(m, mt_bytes(wire, sizeof(wire)), early);
	if (!err && !*early) {
		err = segments_seal(m, &job);
		*early = p.early;
	}
	return err;
}

enum mesatee_err data_register(struct mesatee *m, const uint8_t tag[32])
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

static enum mesatee_err file_open(struct mesatee *m, const char *path, uint64_t max, int *fd, uint64_t *size)
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

/* to < 0: to the node. */
static enum mesatee_err put_file(struct mesatee *m, const struct plain *plain, int to, const char *path,
				 char tag_text[MESATEE_ID_SIZE])
{
	struct secret key;
	struct sealed sealed = { 0 };
	struct sealed_body sending = { .plain = plain, .key = &key, .sealed = &sealed };
	enum mesatee_err err = MESATEE_OK;

	crypto_random(key.at, sizeof(key.at));
	enum mt_err bad = dataset_header_make(&key, plain->size, &sealed.header);
	mt_assert(!bad); /* file_open() knows the largest size */
	if (to < 0) {
		sealed.tags = mt_alloc((size_t)dataset_segment_count(&sealed.header) * CRYPTO_TAG_SIZE);
		err = sealed.tags ? MESATEE_OK : client_no_memory(m);
	}
	if (!err) {
		err = seal_first(m, plain, &key, to, &sealed);
	}
	if (!err) {
		err = data_key_keep(m, sealed.content, &key, path); /* before the ciphertext is anywhere else */
	}
	if (!err) {
		mt_hex(mt_bytes(sealed.content, sizeof(sealed.content)), tag_text);
	}
	if (!err && to < 0) {
		err = upload(m, &(struct body){ dataset_file_size(&sealed.header), sealed_send, &sending }, tag_text);
	}
	if (!err && to < 0) {
		err = data_register(m, sealed.content);
	}
	mt_wipe(&key, sizeof(key));
	mt_free(sealed.tags);
	return err;
}

static enum mesatee_err plain_open(struct mesatee *m, const char *path, const struct mesatee_format *from,
				   struct plain *out)
{
	enum mesatee_err err = file_open(m, path, DATASET_SIZE_MAX, &out->fd, &out->size);

	if (!err && from) {
		err = foreign_read_open(m, from, path, out->fd, out->size, &out->foreign);
	}
	if (!err && from) {
		out->size = teaclave_reader_size(out->foreign.reader);
	}
	return err;
}

enum mesatee_err mesatee_put_from(struct mesatee *m, const char *path, const struct mesatee_format *from,
				  const char *only_encrypt, char tag[MESATEE_ID_SIZE])
{
	struct file_out f = { .fd = -1 };
	struct plain plain = { .fd = -1 };
	enum mesatee_err err = only_encrypt ? MESATEE_OK : session_ensure(m); /* find out before the work is done */

	if (!err) {
		err = plain_open(m, path, from, &plain);
	}
	if (!err && only_encrypt) {
		err = file_begin(m, only_encrypt, 0600, &f);
	}
	if (!err) {
		err = put_file(m, &plain, f.fd, path, tag);
	}
	if (!err && only_encrypt) {
		err = file_finish(m, &f);
	}
	foreign_close(&plain.foreign);
	if (plain.fd >= 0) {
		(void)close(plain.fd);
	}
	file_abort(&f);
	return err;
}

enum mesatee_err mesatee_put(struct mesatee *m, const char *path, const char *only_encrypt, char tag[MESATEE_ID_SIZE])
{
	return mesatee_put_from(m, path, NULL, only_encrypt, tag);
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
	enum mesatee_err err = file_open(m, path, CLIENT_MODULE_MAX, &fd, &size);
	if (!err) {
		err = module_hash(m, fd, size, hash);
	}
	if (!err) {
		mt_hex(mt_bytes(hash, sizeof(hash)), hash_text);
		err = upload(m, &(struct body){ size, file_send, &(struct file_body){ fd, size } }, hash_text);
	}
	if (!err) {
		err = module_register(m, hash, name);
	}
	if (fd >= 0) {
		(void)close(fd);
	}
	return err;
}
