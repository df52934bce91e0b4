/* Ciphertext that does not go through this machine: the node takes it from a URL, or sends it to one. Keys stay as they are. */
#include "party/client/client_private.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "api/ree.h"
#include "lib/dataset/dataset.h"

#define TRANSFER_LOOK_FIRST_MS 100
#define TRANSFER_LOOK_MS 1000

static enum mesatee_err url_check(struct mesatee *m, const char *url)
{
	size_t size = strlen(url);
	bool good = size > 0 && size <= REE_URL_MAX;

	for (size_t i = 0; good && i < size; i++) {
		good = url[i] > ' ' && url[i] <= '~';
	}
	return good ? MESATEE_OK
		    : client_fail(m, MESATEE_USAGE, "https://..., http://... or file:NAME; encode other characters as %20 and the like",
				  "a URL has 1 to %d printable characters and no spaces", REE_URL_MAX);
}

/* ---- until it is over ---- */

struct progress {
	bool over;
	uint64_t done, size;
};

static enum mesatee_err progress_read(struct mesatee *m, const struct answer *a, struct progress *out)
{
	uint8_t *scratch = NULL;
	struct items items;
	enum mesatee_err err = http_json(m, a, &scratch, &items);

	if (err) {
		return err;
	}
	struct reader root = reader_over(&items), state = reader_find(&root, "state"), done = reader_find(&root, "done"),
		      size = reader_find(&root, "size");
	struct bytes text = reader_tstr(&state);
	*out = (struct progress){ .over = mt_equal(text, mt_text("done")), .done = reader_uint(&done), .size = reader_uint(&size) };
	bool good = reader_ok(&state) && reader_ok(&done) && reader_ok(&size) && (out->over || mt_equal(text, mt_text("running")));
	mt_free(scratch);
	return good ? MESATEE_OK
		    : client_fail(m, MESATEE_NOT_VERIFIED, "this should not happen with a node that passed: tell its operator",
				  "%s says something else than how the transfer goes", m->url);
}

static void pause_ms(unsigned ms)
{
	const struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000 };

	(void)nanosleep(&t, NULL);
}

enum mesatee_err transfer_wait(struct mesatee *m, const char *what, const char *tag)
{
	unsigned pause = TRANSFER_LOOK_FIRST_MS;
	struct progress p = { 0 };

	while (!p.over) {
		struct answer a = { 0 };
		pause_ms(pause);
		pause = 2 * pause < TRANSFER_LOOK_MS ? 2 * pause : TRANSFER_LOOK_MS;
		enum mesatee_err err = session_ensure(m);
		if (!err) {
			err = http_get(m, what, ROUTE_TRANSFER, tag, NULL, &a);
		}
		if (!err) {
			err = progress_read(m, &a, &p);
		}
		answer_close(&a);
		if (err) {
			return err;
		}
		client_step(m, what, p.done, p.size);
	}
	return MESATEE_OK;
}

static enum mesatee_err transfer(struct mesatee *m, const char *what, enum route_id route, const char *tag, const struct builder *request)
{
	struct bytes body = { 0 };
	struct answer a = { 0 };
	enum mt_err bad = builder_done(request, &body);

	mt_assert(!bad); /* the URL's size was checked */
	enum mesatee_err err = signed_post(m, what, route, tag, body, &a);
	answer_close(&a);
	return err ? err : transfer_wait(m, what, tag);
}

/* ---- put ---- */

/* What the ciphertext's header says of it; of a whole file also that it is whole. */
static enum mesatee_err sealed_read(struct mesatee *m, const char *path, struct dataset_header *out)
{
	uint8_t wire[DATASET_HEADER_SIZE];
	struct stat facts;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &facts) != 0) {
		return client_fail(m, MESATEE_NOT_FOUND, NULL, "cannot read %s", path);
	}
	uint64_t size = (uint64_t)facts.st_size;
	bool sealed = S_ISREG(facts.st_mode) && size >= sizeof(wire) && pread(fd, wire, sizeof(wire), 0) == (ssize_t)sizeof(wire) &&
		      dataset_header_decode(mt_bytes(wire, sizeof(wire)), out) == MT_OK &&
		      (size == sizeof(wire) || size == dataset_file_size(out));
	(void)close(fd);
	return sealed ? MESATEE_OK
		      : client_fail(m, MESATEE_USAGE, "mesatee put FILE --dry-run --out CIPHERTEXT makes it; its header alone is enough here",
				    "%s is no ciphertext of a dataset, or not the whole of one", path);
}

enum mesatee_err mesatee_put_at(struct mesatee *m, const char *sealed, const char *url, char tag_text[MESATEE_ID_SIZE])
{
	uint8_t tag[DATASET_TAG_SIZE] = { 0 }, space[REE_URL_MAX + 32];
	struct builder b = builder_over(space, sizeof(space));
	struct dataset_header header = { 0 };
	struct secret key;
	enum mesatee_err err = url_check(m, url);

	if (!err) {
		err = sealed_read(m, sealed, &header);
	}
	if (!err) {
		dataset_tag(&header, tag);
		mt_hex(mt_bytes(tag, sizeof(tag)), tag_text);
		err = data_key_load(m, tag, &key); /* without it nothing could be approved later */
		mt_wipe(&key, sizeof(key));
	}
	if (!err) {
		cbor_array(&b, 2);
		cbor_uint(&b, dataset_file_size(&header));
		cbor_tstr(&b, mt_text(url));
		err = transfer(m, "the node fetches the dataset", ROUTE_DATA_FETCH, tag_text, &b);
	}
	mt_wipe(space, sizeof(space)); /* the URL may be a secret */
	return err ? err : data_register(m, tag);
}

/* ---- get ---- */

enum mesatee_err mesatee_get_to(struct mesatee *m, const char *hash, uint64_t run, const char *output, const char *url, const char *path,
				struct mesatee_fetched *out)
{
	uint8_t raw[32], space[REE_URL_MAX + 32];
	char digits[65], tag[65];
	struct builder b = builder_over(space, sizeof(space));
	struct fetch f = { 0 };
	enum mesatee_err err = url_check(m, url);

	if (!err) {
		err = client_unhex(m, "a contract", hash, raw);
	}
	if (!err) {
		mt_hex(mt_bytes(raw, sizeof(raw)), digits);
		err = output_key(m, digits, run, output, &f);
	}
	if (!err) {
		err = output_share(m, &f, path); /* the key first: ciphertext without it would be lost */
	}
	if (!err) {
		mt_hex(mt_bytes(f.tag, sizeof(f.tag)), tag);
		cbor_array(&b, 1);
		cbor_tstr(&b, mt_text(url));
		err = transfer(m, "the node sends the output", ROUTE_OUTPUT_SEND, tag, &b);
	}
	if (!err && out) {
		(void)snprintf(out->tag, sizeof(out->tag), "%s", tag);
		out->size = f.size;
		out->owner_count = f.owner_count;
	}
	mt_wipe(space, sizeof(space));
	mt_wipe(&f, sizeof(f));
	return err;
}
