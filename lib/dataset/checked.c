/*
 * A file that is too large to hold, in the hands of somebody who may change it: one pass finds out whether it is the right one and keeps
 * the hash of each segment; whatever is read again later is compared with that before it is decrypted.
 */
#include "lib/dataset/dataset_private.h"

#include <string.h>

struct dataset_checked {
	struct dataset_header header;
	struct dataset_reader *reader;
	struct log_frontier frontier;
	uint64_t count, added;
	bool whole;                             /* all are added, and lead to the root */
	uint8_t (*leaf)[LOG_HASH_SIZE];         /* owned; one for each segment */
};

enum mt_err dataset_checked_open(struct bytes header, uint64_t file_size, const struct secret *key,
				 const uint8_t tag[DATASET_TAG_SIZE], struct dataset_checked **out)
{
	struct dataset_header h = { 0 };
	uint8_t got[DATASET_TAG_SIZE];
	size_t size = 0;
	enum mt_err err = dataset_header_decode(header, &h);

	*out = NULL;
	if (err) {
		return err;
	}
	dataset_tag(&h, got);
	if (memcmp(got, tag, sizeof(got)) != 0 || file_size != dataset_file_size(&h)) {
		return MT_TAMPERED;
	}
	struct dataset_checked *c = mt_alloc(sizeof(*c));

	if (!c) {
		return MT_NO_MEMORY;
	}
	c->header = h;
	c->count = dataset_segment_count(&h);
	err = dataset_reader_open(&h, key, &c->reader);
	if (!err && mt_mul_size((size_t)c->count, LOG_HASH_SIZE, &size)) {
		c->leaf = mt_alloc(size);
	}
	if (!err && !c->leaf) {
		err = MT_NO_MEMORY;
	}
	if (err) {
		dataset_checked_close(c);
		return err;
	}
	*out = c;
	return MT_OK;
}

void dataset_checked_close(struct dataset_checked *c)
{
	if (c) {
		dataset_reader_close(c->reader);
		mt_free(c->leaf);
		mt_free(c);
	}
}

const struct dataset_header *dataset_checked_header(const struct dataset_checked *c)
{
	return &c->header;
}

enum mt_err dataset_checked_add(struct dataset_checked *c, struct bytes sealed)
{
	uint8_t root[LOG_HASH_SIZE];

	if (c->added == c->count) {
		return MT_STATE;
	}
	if (sealed.size != dataset_segment_sealed_size(&c->header, c->added)) {
		return MT_TAMPERED;
	}
	dataset_segment_leaf(sealed, c->leaf[c->added]);
	log_frontier_append(&c->frontier, c->leaf[c->added]);
	c->added++;
	if (c->added < c->count) {
		return MT_OK;
	}
	log_frontier_root(&c->frontier, root);
	c->whole = memcmp(root, c->header.root, sizeof(root)) == 0;
	return c->whole ? MT_OK : MT_TAMPERED;
}

enum mt_err dataset_checked_segment(struct dataset_checked *c, uint64_t index, struct bytes sealed, uint8_t *out)
{
	uint8_t leaf[LOG_HASH_SIZE];

	if (!c->whole) {
		return MT_STATE;
	}
	if (index >= c->count) {
		return MT_NOT_FOUND;
	}
	if (sealed.size != dataset_segment_sealed_size(&c->header, index)) {
		return MT_TAMPERED;
	}
	dataset_segment_leaf(sealed, leaf);
	/* The owner has the key too: GCM alone would let the owner change a segment after everybody had approved the tag. */
	if (memcmp(leaf, c->leaf[index], sizeof(leaf)) != 0) {
		return MT_TAMPERED;
	}
	return dataset_segment_unseal(c->reader, index, sealed, out);
}
