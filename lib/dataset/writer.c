/*
 * Writing a dataset: segments in order, then the header.
 */
#include "lib/dataset/dataset_private.h"

struct dataset_writer {
	struct dataset_header header;   /* root: when all segments are sealed */
	struct crypto_aead *aead;
	struct log_frontier frontier;
	uint64_t next;
};

enum mt_err dataset_writer_open(const struct secret *key, uint64_t size, struct dataset_writer **out)
{
	struct dataset_writer *w = NULL;

	*out = NULL;
	if (size > DATASET_SIZE_MAX) {
		return MT_LIMIT;
	}
	w = mt_alloc(sizeof(*w));
	if (!w) {
		return MT_NO_MEMORY;
	}
	w->header.size = size;
	crypto_random(w->header.salt, sizeof(w->header.salt));
	dataset_commit(key, w->header.commit);
	enum mt_err err = dataset_file_cipher(key, w->header.salt, &w->aead);
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
		crypto_aead_close(w->aead);
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
	uint8_t nonce[CRYPTO_NONCE_SIZE], associated[SEGMENT_ASSOCIATED_SIZE], leaf[LOG_HASH_SIZE];

	if (writer_is_full(w) || plain.size != dataset_writer_next(w)) {
		return MT_STATE;
	}
	dataset_segment_nonce(w->next, nonce);
	dataset_segment_associated(&w->header, w->next, associated);
	crypto_aead_seal(w->aead, nonce, mt_bytes(associated, sizeof(associated)), plain, out);
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
