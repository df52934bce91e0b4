/*
 * Writing a dataset: one segment in its place, or all in order and then the header.
 */
#include "lib/dataset/dataset_private.h"

struct dataset_sealer {
	struct dataset_header header;
	struct crypto_aead *aead;
};

enum mt_err dataset_header_make(const struct secret *key, uint64_t size, struct dataset_header *out)
{
	struct dataset_header h = { .size = size };

	if (size > DATASET_SIZE_MAX) {
		return MT_LIMIT;
	}
	crypto_random(h.salt, sizeof(h.salt));
	dataset_commit(key, h.commit);
	*out = h;
	return MT_OK;
}

enum mt_err dataset_sealer_open(const struct dataset_header *header, const struct secret *key,
				struct dataset_sealer **out)
{
	uint8_t commit[32];

	*out = NULL;
	dataset_commit(key, commit);
	if (!mt_equal_ct(mt_bytes(commit, sizeof(commit)), mt_bytes(header->commit, sizeof(header->commit)))) {
		return MT_DENIED;
	}
	struct dataset_sealer *s = mt_alloc(sizeof(*s));
	if (!s) {
		return MT_NO_MEMORY;
	}
	s->header = *header;
	enum mt_err err = dataset_file_cipher(key, header->salt, &s->aead);
	if (err) {
		dataset_sealer_close(s);
		return err;
	}
	*out = s;
	return MT_OK;
}

void dataset_sealer_close(struct dataset_sealer *s)
{
	if (s) {
		crypto_aead_close(s->aead);
		mt_free(s);
	}
}

enum mt_err dataset_sealer_segment(struct dataset_sealer *s, uint64_t index, struct bytes plain, uint8_t *out)
{
	uint8_t nonce[CRYPTO_NONCE_SIZE], associated[SEGMENT_ASSOCIATED_SIZE];

	if (index >= dataset_segment_count(&s->header)) {
		return MT_NOT_FOUND;
	}
	if (plain.size != dataset_segment_plain_size(&s->header, index)) {
		return MT_STATE;
	}
	dataset_segment_nonce(index, nonce);
	dataset_segment_associated(&s->header, index, associated);
	crypto_aead_seal(s->aead, nonce, mt_bytes(associated, sizeof(associated)), plain, out);
	return MT_OK;
}

/* ---- in order ---- */

struct dataset_writer {
	struct dataset_header header;   /* root: when all segments are sealed */
	struct dataset_sealer *sealer;
	struct log_frontier frontier;
	uint64_t next;
};

enum mt_err dataset_writer_open(const struct secret *key, uint64_t size, struct dataset_writer **out)
{
	struct dataset_header header = { 0 };
	struct dataset_writer *w = NULL;

	*out = NULL;
	enum mt_err err = dataset_header_make(key, size, &header);
	if (err) {
		return err;
	}
	w = mt_alloc(sizeof(*w));
	if (!w) {
		return MT_NO_MEMORY;
	}
	w->header = header;
	err = dataset_sealer_open(&header, key, &w->sealer);
	if (err) {
		dataset_writer_close(w);
		return err;
	}
	*out = w;
	return MT_OK;
}

void dataset_writer_close(struct dataset_writer *w)
{
	if (w) {
		dataset_sealer_close(w->sealer);
		mt_free(w);
	}
}

static bool writer_is_full(const struct dataset_writer *w)
{
	return w->next == dataset_segment_count(&w->header);
}

size_t dataset_writer_next(const struct dataset_writer *w)
{
	return writer_is_full(w) ? 0 : dataset_segment_plain_size(&w->header, w->next);
}

enum mt_err dataset_writer_segment(struct dataset_writer *w, struct bytes plain, uint8_t *out)
{
	uint8_t leaf[LOG_HASH_SIZE];

	if (writer_is_full(w) || plain.size != dataset_writer_next(w)) {
		return MT_STATE;
	}
	enum mt_err err = dataset_sealer_segment(w->sealer, w->next, plain, out);
	if (err) {
		return err;
	}
	dataset_segment_leaf(mt_bytes(out, plain.size + CRYPTO_TAG_SIZE), leaf);
	log_frontier_append(&w->frontier, leaf);
	w->next++;
	return MT_OK;
}

enum mt_err dataset_writer_finish(const struct dataset_writer *w, uint8_t header[DATASET_HEADER_SIZE],
				  uint8_t tag[DATASET_TAG_SIZE])
{
	struct dataset_header whole = w->header;

	if (!writer_is_full(w)) {
		return MT_STATE;
	}
	log_frontier_root(&w->frontier, whole.root);
	dataset_header_encode(&whole, header);
	dataset_tag(&whole, tag);
	return MT_OK;
}

enum mt_err dataset_seal_all(const struct secret *key, struct bytes plain, uint8_t *out,
			     uint8_t tag[DATASET_TAG_SIZE])
{
	struct dataset_writer *w = NULL;
	enum mt_err err = dataset_writer_open(key, plain.size, &w);

	for (size_t at = 0; !err && !writer_is_full(w);) {
		size_t size = dataset_writer_next(w);

		err = dataset_writer_segment(w, mt_bytes(plain.at + at, size),
					     out + dataset_segment_offset(w->next));
		at += size;
	}
	if (!err) {
		err = dataset_writer_finish(w, out, tag);
	}
	dataset_writer_close(w);
	return err;
}
