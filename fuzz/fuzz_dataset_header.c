/*
 * The dataset header, and whole files behind it. What is decoded, encodes to the same bytes; a file that passes the
 * check without a key has exactly its size; a file that we did not seal does not open.
 */
#include "lib/dataset/dataset.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void places_try(const struct dataset_header *h)
{
	uint64_t count = dataset_segment_count(h), last = count - 1;

	mt_assert(count >= 1 && count <= DATASET_SIZE_MAX / DATASET_SEGMENT_SIZE);
	mt_assert(dataset_segment_offset(last) + dataset_segment_sealed_size(h, last) == dataset_file_size(h));
}

static void file_try(struct bytes file, const struct dataset_header *h)
{
	static const struct secret key = { "key of the dataset fuzzer" };
	uint8_t tag[DATASET_TAG_SIZE], *out = mt_alloc(file.size);

	mt_assert(out);
	dataset_tag(h, tag);            /* the best that a forger can do: the tag of his own header is approved */
	if (dataset_check(file, tag) == MT_OK) {
		mt_assert(file.size == dataset_file_size(h));
	}
	mt_assert(dataset_open_all(file, &key, tag, out, file.size) != MT_OK);
	struct dataset_header committed = *h;   /* and even when he knows the commitment of the key */
	dataset_commit(&key, committed.commit);
	uint8_t *forged = mt_copy(file);
	mt_assert(forged);
	dataset_header_encode(&committed, forged);
	dataset_tag(&committed, tag);
	mt_assert(dataset_open_all(file, &key, tag, out, file.size) != MT_OK);
	mt_assert(dataset_open_all(mt_bytes(forged, file.size), &key, tag, out, file.size) != MT_OK);
	mt_free(forged);
	mt_free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dataset_header h;
	uint8_t again[DATASET_HEADER_SIZE];
	size_t head = size < DATASET_HEADER_SIZE ? size : DATASET_HEADER_SIZE;

	if (dataset_header_decode(mt_bytes(data, head), &h) != MT_OK) {
		return 0;
	}
	dataset_header_encode(&h, again);
	mt_assert(head == sizeof(again) && memcmp(again, data, sizeof(again)) == 0);
	places_try(&h);
	file_try(mt_bytes(data, size), &h);
	return 0;
}
