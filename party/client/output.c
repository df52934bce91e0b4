/* Results: the key or share comes sealed to this request, the ciphertext is opened here, a file appears whole. */
#include "party/client/client_private.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/dataset/dataset.h"
#include "lib/log/log.h"

#define OUTPUT_CHUNK (256 * 1024)

/* ---- opening a ciphertext that lies in a file ---- */

static enum mesatee_err output_tampered(struct mesatee *m)
{
	return client_fail(m, MESATEE_NOT_VERIFIED, "fetch it again; if it stays so, tell the other parties",
			   "the ciphertext is not what its tag names");
}

static enum mesatee_err output_header(struct mesatee *m, int fd, uint64_t size, const uint8_t tag[32],
				      struct dataset_header *out)
{
	uint8_t wire[DATASET_HEADER_SIZE], got[DATASET_TAG_SIZE];

	if (size < sizeof(wire)) {
		return output_tampered(m);
	}
	enum mesatee_err err = file_read_at(m, fd, 0, wire, sizeof(wire));
	if (err) {
		return err;
	}
	if (dataset_header_decode(mt_bytes(wire, sizeof(wire)), out)) {
		return output_tampered(m);
	}
	dataset_tag(out, got);
	return memcmp(got, tag, sizeof(got)) == 0 && dataset_file_size(out) == size ? MESATEE_OK : output_tampered(m);
}

/* All segments' leaves; their root must be the header's before a byte is opened. */
static enum mesatee_err output_tree(struct mesatee *m, int fd, const struct dataset_header *h, uint8_t *space,
				    struct log_tree *tree)
{
	uint8_t leaf[LOG_HASH_SIZE], root[LOG_HASH_SIZE];
	uint64_t count = dataset_segment_count(h);

	for (uint64_t i = 0; i < count; i++) {
		size_t n = dataset_segment_sealed_size(h, i);
		enum mesatee_err err = file_read_at(m, fd, dataset_segment_offset(i), space, n);
		if (err) {
			return err;
		}
		dataset_segment_leaf(mt_bytes(space, n), leaf);
		if (log_tree_append(tree, leaf)) {
			return client_no_memory(m);
		}
	}
	log_tree_root(tree, count, root);
	return memcmp(root, h->root, sizeof(root)) == 0 ? MESATEE_OK : output_tampered(m);
}

/* Where plaintext goes: into a file that is not there yet, as it is or sealed. */
struct output_file {
	struct file_out file;
	bool sealed;
	struct foreign foreign;
};

static enum mesatee_err output_begin(struct mesatee *m, const struct output_place *place, uint64_t size,
				     struct output_file *out)
{
	enum mesatee_err err = file_begin(m, place->path, 0600, &out->file);

	out->sealed = place->as != NULL;
	return err || !out->sealed ? err
				   : foreign_write_open(m, place->as, place->path, out->file.fd, size, &out->foreign);
}

static enum mesatee_err output_write(struct mesatee *m, struct output_file *f, struct bytes plain)
{
	return f->sealed ? foreign_write(m, &f->foreign, plain) : file_write(m, f->file.fd, plain);
}

static enum mesatee_err output_finish(struct mesatee *m, const struct output_place *place, struct output_file *f)
{
	enum mesatee_err err = f->sealed ? foreign_write_finish(m, &f->foreign, place->formatted) : MESATEE_OK;

	return err ? err : file_finish(m, &f->file);
}

static enum mesatee_err output_segments(struct mesatee *m, int fd, const struct dataset_header *h,
					const struct log_tree *tree, struct dataset_reader *r, uint8_t *space,
					uint8_t *plain, struct output_file *to)
{
	uint8_t proof[LOG_PROOF_MAX][LOG_HASH_SIZE];
	uint64_t count = dataset_segment_count(h);

	for (uint64_t i = 0; i < count; i++) {
		size_t n = dataset_segment_sealed_size(h, i), hashes = 0;
		enum mesatee_err err = file_read_at(m, fd, dataset_segment_offset(i), space, n);
		if (err) {
			return err;
		}
		if (log_tree_inclusion(tree, i, count, proof, &hashes) ||
		    dataset_reader_segment(r, i, mt_bytes(space, n), mt_bytes(proof, hashes * LOG_HASH_SIZE), plain)) {
			return output_tampered(m);
		}
		err = output_write(m, to, mt_bytes(plain, n - CRYPTO_TAG_SIZE));
		if (err) {
			return err;
		}
		client_step(m, "opening", i + 1, count);
	}
	return MESATEE_OK;
}

enum mesatee_err output_open(struct mesatee *m, int fd, uint64_t size, const struct secret *key, const uint8_t tag[32],
			     const struct output_place *place)
{
	struct dataset_header h = { 0 };
	struct dataset_reader *r = NULL;
	struct log_tree *tree = NULL;
	struct output_file f = { .file = { .fd = -1 } };
	uint8_t *space = mt_alloc(2 * (size_t)DATASET_SEALED_MAX);

	enum mesatee_err err =
		space && log_tree_open(&tree) == MT_OK ? output_header(m, fd, size, tag, &h) : client_no_memory(m);
	if (!err) {
		err = output_tree(m, fd, &h, space, tree);
	}
	if (!err) {
		enum mt_err bad = dataset_reader_open(&h, key, &r);
		err = bad == MT_DENIED ? client_fail(m, MESATEE_NOT_VERIFIED, "is a share missing, or of another run?",
						     "this is not the output's key")
		      : bad	       ? client_no_memory(m)
				       : output_begin(m, place, h.size, &f);
	}
	if (!err) {
		err = output_segments(m, fd, &h, tree, r, space, space + DATASET_SEALED_MAX, &f);
	}
	if (!err) {
		err = output_finish(m, place, &f);
	}
	foreign_close(&f.foreign);
	file_abort(&f.file);
	dataset_reader_close(r);
	log_tree_close(tree);
	mt_wipe(space, space ? 2 * (size_t)DATASET_SEALED_MAX : 0);
	mt_free(space);
	return err;
}

/* ---- fetching ---- */

static enum mesatee_err fetch_decode(struct mesatee *m, const struct answer *a, const struct secret *private_key,
				     struct fetch *out)
{
	struct cose_document d = { 0 };
	struct fetch f = { 0 };
	enum mt_err bad = cose_document_open(m->cbor, mt_bytes(a->body, a->body_size), &d);

	if (!bad) {
		struct reader r = reader_over(&d.items);
		reader_array_of(&r, 4);
		reader_copy(&r, f.tag, sizeof(f.tag));
		f.size = reader_uint(&r);
		uint64_t owners = reader_uint(&r);
		struct bytes sealed = reader_bstr_of(&r, CRYPTO_KEY_SIZE + CRYPTO_HPKE_OVERHEAD);
		f.owner_count = owners <= MESATEE_PARTIES_MAX ? (size_t)owners : 0;
		bad = reader_done(&r) && f.owner_count
			      ? crypto_hpke_open(private_key, mt_text(CLIENT_OUTPUT_KEY_INFO),
						 mt_bytes(f.tag, sizeof(f.tag)), sealed, f.key.at)
			      : MT_MALFORMED;
	}
	cose_document_close(&d);
	if (!bad) {
		*out = f;
	}
	mt_wipe(&f, sizeof(f));
	return bad ? client_fail(m, MESATEE_NOT_VERIFIED, NULL, "the output's key does not open (%s)", mt_err_name(bad))
		   : MESATEE_OK;
}

enum mesatee_err output_key(struct mesatee *m, const char *hash, uint64_t run, const char *output, struct fetch *out)
{
	uint8_t space[256], public_key[CRYPTO_X25519_SIZE];
	struct builder b = builder_over(space, sizeof(space));
	struct secret private_key;
	struct bytes body = { 0 };
	struct answer a = { 0 };

	crypto_x25519_generate(&private_key, public_key);
	cbor_array(&b, 3);
	cbor_uint(&b, run);
	cbor_tstr(&b, mt_text(output));
	cbor_bstr(&b, mt_bytes(public_key, sizeof(public_key)));
	enum mt_err bad = builder_done(&b, &body);
	enum mesatee_err err = bad ? client_fail(m, MESATEE_USAGE, NULL, "an output's name has at most 64 characters")
				   : signed_post(m, "fetching the output", ROUTE_FETCH, hash, body, &a);
	if (!err) {
		err = fetch_decode(m, &a, &private_key, out);
	}
	answer_close(&a);
	mt_wipe(&private_key, sizeof(private_key));
	return err;
}

/* The ciphertext by its tag, into `to`. */
static enum mesatee_err fetch_stream(struct mesatee *m, const uint8_t tag[32], int to, uint64_t *size)
{
	char path[REQUEST_ROUTE_MAX + 1], digits[65];
	uint8_t *space = mt_alloc(OUTPUT_CHUNK);
	struct answer a = { 0 };

	mt_hex(mt_bytes(tag, 32), digits);
	http_path(ROUTE_OUTPUT, digits, NULL, path);
	enum mesatee_err err = space ? session_ensure(m) : client_no_memory(m);
	if (!err) {
		err = http_begin(m, ROUTE_OUTPUT, path, NULL, 0);
	}
	if (!err) {
		err = http_head(m, &a);
	}
	if (!err) {
		err = http_judge(m, "fetching the output", &a);
	}
	while (!err && a.left) {
		size_t n = a.left < OUTPUT_CHUNK ? (size_t)a.left : OUTPUT_CHUNK;
		err = http_body(m, &a, space, n);
		if (!err) {
			err = file_write(m, to, mt_bytes(space, n));
			client_step(m, "fetching", a.size - a.left, a.size);
		}
	}
	*size = a.size;
	if (err) {
		net_close(m); /* half of a body may still be on its way */
	}
	answer_close(&a);
	mt_free(space);
	return err;
}

enum mesatee_err output_share(struct mesatee *m, const struct fetch *f, const char *path)
{
	struct share s = { .size = f->size, .owner_count = f->owner_count, .key = f->key };
	char name[CLIENT_PATH_MAX];
	uint8_t space[512];
	struct builder b = builder_over(space, sizeof(space));
	struct bytes text = { 0 };
	enum mesatee_err err = MESATEE_OK;

	memcpy(s.tag, f->tag, sizeof(s.tag));
	share_encode(&s, &b);
	int size = snprintf(name, sizeof(name), "%s.share", path);
	if (size < 0 || (size_t)size >= sizeof(name) || builder_done(&b, &text)) {
		err = client_fail(m, MESATEE_USAGE, NULL, "a path is too long");
	} else {
		err = file_put(m, name, 0600, text);
	}
	mt_wipe(&s, sizeof(s));
	mt_wipe(space, sizeof(space));
	return err;
}

/* Several owners: the ciphertext stays one, and the share lies beside it. */
static enum mesatee_err fetch_shared(struct mesatee *m, const struct fetch *f, const char *path)
{
	struct file_out out = { .fd = -1 };
	struct dataset_header h = { 0 };
	uint64_t size = 0;
	enum mesatee_err err = file_begin(m, path, 0600, &out);

	if (!err) {
		err = fetch_stream(m, f->tag, out.fd, &size);
	}
	if (!err) {
		err = output_header(m, out.fd, size, f->tag, &h);
	}
	if (!err) {
		err = file_finish(m, &out);
	}
	file_abort(&out);
	return err ? err : output_share(m, f, path);
}

static enum mesatee_err fetch_own(struct mesatee *m, const struct fetch *f, const struct output_place *place)
{
	uint64_t size = 0;
	int fd = -1;
	enum mesatee_err err = file_anonymous(m, &fd);

	if (!err) {
		err = fetch_stream(m, f->tag, fd, &size);
	}
	if (!err) {
		err = output_open(m, fd, size, &f->key, f->tag, place);
	}
	if (fd >= 0) {
		(void)close(fd);
	}
	return err;
}

static enum mesatee_err output_get(struct mesatee *m, const char *hash, uint64_t run, const char *output,
				   const struct output_place *place, struct mesatee_fetched *out)
{
	uint8_t raw[32];
	char digits[65];
	struct fetch f = { 0 };
	enum mesatee_err err = client_unhex(m, "a contract", hash, raw);

	if (!err) {
		mt_hex(mt_bytes(raw, sizeof(raw)), digits);
		err = output_key(m, digits, run, output, &f);
	}
	if (!err && f.owner_count > 1 && place->as) {
		err = client_fail(m, MESATEE_USAGE, "fetch it as it is, then combine into that format",
				  "%s has %zu owners: only all shares together open it", output, f.owner_count);
	}
	if (!err) {
		err = f.owner_count == 1 ? fetch_own(m, &f, place) : fetch_shared(m, &f, place->path);
	}
	if (!err && out) {
		mt_hex(mt_bytes(f.tag, sizeof(f.tag)), out->tag);
		out->size = f.size;
		out->owner_count = f.owner_count;
	}
	mt_wipe(&f, sizeof(f));
	return err;
}

enum mesatee_err mesatee_get(struct mesatee *m, const char *hash, uint64_t run, const char *output, const char *path,
			     struct mesatee_fetched *out)
{
	return output_get(m, hash, run, output, &(struct output_place){ .path = path }, out);
}

enum mesatee_err mesatee_get_as(struct mesatee *m, const char *hash, uint64_t run, const char *output, const char *path,
				const struct mesatee_format *as, struct mesatee_fetched *out,
				struct mesatee_formatted *formatted)
{
	return output_get(m, hash, run, output, &(struct output_place){ path, as, formatted }, out);
}

/* ---- outputs of several owners ---- */

static enum mesatee_err shares_read(struct mesatee *m, const char *const *path, size_t count, struct share *out)
{
	enum mesatee_err err = MESATEE_OK;

	for (size_t i = 0; !err && i < count; i++) {
		uint8_t *text = NULL;
		size_t size = 0;
		err = file_read(m, path[i], 4096, &text, &size);
		if (!err && share_decode(mt_bytes(text, size), &out[i])) {
			err = client_fail(m, MESATEE_NOT_VERIFIED, "fetch it again: mesatee get", "%s is no share",
					  path[i]);
		}
		mt_wipe(text, size);
		mt_free(text);
	}
	return err;
}

static enum mesatee_err output_combine(struct mesatee *m, const char *ciphertext, const char *const *shares,
				       size_t share_count, const struct output_place *place)
{
	struct share part[MESATEE_SHARES_MAX] = { 0 };
	struct secret key = { 0 };
	struct stat facts = { 0 };
	const char *why = NULL;
	int fd = -1;

	enum mesatee_err err = share_count <= MESATEE_SHARES_MAX
				       ? shares_read(m, shares, share_count, part)
				       : client_fail(m, MESATEE_USAGE, NULL, "at most %d shares", MESATEE_SHARES_MAX);
	if (!err) {
		why = judge_shares(part, share_count, &key);
		err = why ? client_fail(m, MESATEE_USAGE, "take the .share file of each owner, of the same run", "%s",
					why)
			  : MESATEE_OK;
	}
	if (!err) {
		fd = open(ciphertext, O_RDONLY | O_CLOEXEC);
		if (fd < 0 || fstat(fd, &facts) != 0) {
			err = client_fail(m, MESATEE_NOT_FOUND, NULL, "cannot read %s", ciphertext);
		}
	}
	if (!err) {
		err = output_open(m, fd, (uint64_t)facts.st_size, &key, part[0].tag, place);
	}
	if (fd >= 0) {
		(void)close(fd);
	}
	mt_wipe(&key, sizeof(key));
	mt_wipe(part, sizeof(part));
	return err;
}

enum mesatee_err mesatee_combine(struct mesatee *m, const char *ciphertext, const char *const *shares,
				 size_t share_count, const char *path)
{
	return output_combine(m, ciphertext, shares, share_count, &(struct output_place){ .path = path });
}

enum mesatee_err mesatee_combine_as(struct mesatee *m, const char *ciphertext, const char *const *shares,
				    size_t share_count, const char *path, const struct mesatee_format *as,
				    struct mesatee_formatted *formatted)
{
	return output_combine(m, ciphertext, shares, share_count, &(struct output_place){ path, as, formatted });
}

/* ---- receipts ---- */

enum mesatee_err mesatee_receipt(struct mesatee *m, const char *hash, uint64_t run, const char *path)
{
	uint8_t raw[32];
	char digits[65], number[24];
	struct answer a = { 0 };
	enum mesatee_err err = client_unhex(m, "a contract", hash, raw);

	if (!err) {
		mt_hex(mt_bytes(raw, sizeof(raw)), digits);
		(void)snprintf(number, sizeof(number), "%" PRIu64, run);
		err = session_ensure(m);
	}
	if (!err) {
		err = http_get(m, "the receipt", ROUTE_RECEIPT, digits, number, &a);
	}
	if (!err) {
		err = file_put(m, path, 0644, mt_bytes(a.body, a.body_size));
	}
	answer_close(&a);
	return err;
}
