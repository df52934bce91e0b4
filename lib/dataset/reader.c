/*
 * Reading a dataset: one segment with its proof, or a whole file.
 */
#include "lib/dataset/dataset_private.h"

#include <string.h>

struct dataset_reader {
	struct dataset_header header;
	struct crypto_aead *aead;
};

enum mt_err dataset_reader_open(const struct dataset_header *header, const struct secret *key,
				struct dataset_reader **out)
{
	uint8_t commit[32];

	*out = NULL;
	dataset_commit(key, commit);
	if (!mt_equal_ct(mt_bytes(commit, sizeof(commit)), mt_bytes(header->commit, sizeof(header->commit)))) {
		return MT_DENIED;
	}
	struct dataset_reader *r = mt_alloc(sizeof(*r));
	if (!r) {
		return MT_NO_MEMORY;
	}
	r->header = *header;
	enum mt_err err = dataset_file_cipher(key, header->salt, &r->aead);
	if (err) {
		dataset_reader_close(r);
		return err;
	}
	*out = r;
	return MT_OK;
}

void dataset_reader_close(struct dataset_reader *r)
{
	if (r) {
		crypto_aead_close(r->aead);
		mt_free(r);
	}
}

enum mt_err dataset_segment_unseal(struct dataset_reader *r, uint64_t index, struct bytes sealed, uint8_t *out)
{
	uint8_t nonce[CRYPTO_NONCE_SIZE], associated[SEGMENT_ASSOCIATED_SIZE];

	dataset_segment_nonce(index, nonce);
	dataset_segment_associated(&r->header, index, associated);
	return crypto_aead_unseal(r->aead, nonce, mt_bytes(associated, sizeof(associated)), sealed, out);
}

enum mt_err dataset_reader_segment(struct dataset_reader *r, uint64_t index, struct bytes sealed,
				   struct bytes proof, uint8_t *out)
{
	uint64_t count = dataset_segment_count(&r->header);
	uint8_t leaf[LOG_HASH_SIZE];

	if (index >= count) {
		return MT_NOT_FOUND;
	}
	if (sealed.size != dataset_segment_sealed_size(&r->header, index)) {
		return MT_TAMPERED;
	}
	dataset_segment_leaf(sealed, leaf);
	/* The owner knows the key too: only the path binds this segment to the tag that others approved. */
	enum mt_err err = log_verify_inclusion(leaf, index, count, proof, r->header.root);
	if (!err) {
		err = dataset_segment_unseal(r, index, sealed, out);
	}
	return err ? MT_TAMPERED : MT_OK;
}

/* ---- whole files ---- */

/* The header of a file that has the tag and exactly the size that its header says. */
static enum mt_err file_header(struct bytes file, const uint8_t tag[DATASET_TAG_SIZE], struct dataset_header *out)
{
	struct cursor c = cursor_over(file);
	struct dataset_header h = { 0 };
	uint8_t got[DATASET_TAG_SIZE];
	enum mt_err err = dataset_header_decode(cursor_take(&c, DATASET_HEADER_SIZE), &h);

	if (err) {
		return err;
	}
	dataset_tag(&h, got);
	if (memcmp(got, tag, sizeof(got)) != 0 || file.size != dataset_file_size(&h)) {
		return MT_TAMPERED;
	}
	*out = h;
	return MT_OK;
}

static struct bytes file_segment(struct bytes file, const struct dataset_header *h, uint64_t index)
{
	return mt_bytes(file.at + dataset_segment_offset(index), dataset_segment_sealed_size(h, index));
}

/*
 * The leaves of the segments from `index` on, two while there are two of one size, appended to the tree: hashing two at a time takes little longer than
 * one, and both are still in the cache when they are opened.
 */
static size_t leaves_append(struct bytes file, const struct dataset_header *h, uint64_t index, struct log_frontier *f)
{
	uint8_t leaf[2][LOG_HASH_SIZE];
	bool more = index + 1 < dataset_segment_count(h);
	size_t count = dataset_segment_leaves(file_segment(file, h, index), more ? file_segment(file, h, index + 1) : mt_bytes(NULL, 0), leaf);

	for (size_t i = 0; i < count; i++) {
		log_frontier_append(f, leaf[i]);
	}
	return count;
}

static bool root_fits(const struct log_frontier *f, const struct dataset_header *h)
{
	uint8_t root[LOG_HASH_SIZE];

	log_frontier_root(f, root);
	return memcmp(root, h->root, sizeof(root)) == 0;
}

enum mt_err dataset_check(struct bytes file, const uint8_t tag[DATASET_TAG_SIZE])
{
	struct dataset_header h = { 0 };
	struct log_frontier f = { 0 };
	enum mt_err err = file_header(file, tag, &h);

	if (err) {
		return err;
	}
	for (uint64_t i = 0; i < dataset_segment_count(&h);) {
		i += leaves_append(file, &h, i, &f);
	}
	return root_fits(&f, &h) ? MT_OK : MT_TAMPERED;
}

/* Where the segments of a file go: one behind the other, or with `take` each to the same place and on from there. */
struct target {
	uint8_t *at;
	size_t done;
	enum mt_err (*take)(void *self, struct bytes plain);
	void *self;
};

/* Hashed, opened and taken segment by segment, while it is in the cache; the verdict on the root comes last. */
static enum mt_err file_open(struct bytes file, const struct dataset_header *h, const struct secret *key, struct target *t)
{
	struct log_frontier f = { 0 };
	struct dataset_reader *r = NULL;
	uint64_t hashed = 0;
	enum mt_err err = dataset_reader_open(h, key, &r);

	for (uint64_t i = 0; !err && i < dataset_segment_count(h); i++) {
		struct bytes sealed = file_segment(file, h, i);
		size_t size = sealed.size - CRYPTO_TAG_SIZE;
		uint8_t *out = t->take || !size ? t->at : t->at + t->done;

		if (i == hashed) {
			hashed += leaves_append(file, h, i, &f);
		}
		err = dataset_segment_unseal(r, i, sealed, out);
		t->done += size;
		if (!err && t->take) {
			err = t->take(t->self, mt_bytes(out, size));
		}
	}
	dataset_reader_close(r);
	return err || root_fits(&f, h) ? err : MT_TAMPERED;
}

enum mt_err dataset_open_each(struct bytes file, const struct secret *key, const uint8_t tag[DATASET_TAG_SIZE],
			      enum mt_err (*take)(void *self, struct bytes plain), void *self)
{
	struct dataset_header h = { 0 };
	struct target t = { .take = take, .self = self };
	enum mt_err err = file_header(file, tag, &h);

	if (err) {
		return err;
	}
	size_t largest = dataset_segment_plain_size(&h, 0);
	t.at = mt_alloc(largest);
	err = t.at ? file_open(file, &h, key, &t) : MT_NO_MEMORY;
	mt_wipe(t.at, t.at ? largest : 0);
	mt_free(t.at);
	return err;
}

enum mt_err dataset_open_all(struct bytes file, const struct secret *key, const uint8_t tag[DATASET_TAG_SIZE],
			     uint8_t *out, size_t capacity)
{
	struct dataset_header h = { 0 };
	struct target t = { .at = out };
	enum mt_err err = file_header(file, tag, &h);

	if (!err && h.size > capacity) {
		err = MT_LIMIT;
	}
	if (!err) {
		err = file_open(file, &h, key, &t);
	}
	if (err) {
		mt_wipe(out, t.done);
	}
	return err;
}
