/*
 * The header: its wire form, the content tag, and where the segments lie.
 */
#include "lib/dataset/dataset_private.h"

#include <string.h>

#define DATASET_MAGIC "MTDATA"
#define DATASET_VERSION 1

void dataset_common_encode(const struct dataset_header *h, uint8_t out[HEADER_COMMON_SIZE])
{
	struct builder b = builder_over(out, HEADER_COMMON_SIZE);

	builder_text(&b, DATASET_MAGIC);
	builder_u8(&b, DATASET_VERSION);
	builder_u8(&b, 0);
	builder_u32(&b, DATASET_SEGMENT_SIZE);
	builder_u32(&b, 0);
	builder_u64(&b, h->size);
	builder_bytes(&b, mt_bytes(h->salt, sizeof(h->salt)));
	mt_assert(!b.failed && b.size == HEADER_COMMON_SIZE);
}

void dataset_header_encode(const struct dataset_header *h, uint8_t out[DATASET_HEADER_SIZE])
{
	dataset_common_encode(h, out);
	memcpy(out + HEADER_COMMON_SIZE, h->commit, sizeof(h->commit));
	memcpy(out + HEADER_COMMON_SIZE + sizeof(h->commit), h->root, sizeof(h->root));
}

enum mt_err dataset_header_decode(struct bytes wire, struct dataset_header *out)
{
	struct cursor c = cursor_over(wire);
	struct dataset_header h = { 0 };

	struct bytes magic = cursor_take(&c, sizeof(DATASET_MAGIC) - 1);
	uint8_t version = cursor_u8(&c), reserved = cursor_u8(&c);
	uint32_t segment_size = cursor_u32(&c), reserved_too = cursor_u32(&c);
	h.size = cursor_u64(&c);
	cursor_copy(&c, h.salt, sizeof(h.salt));
	cursor_copy(&c, h.commit, sizeof(h.commit));
	cursor_copy(&c, h.root, sizeof(h.root));
	if (!cursor_done(&c) || !mt_equal(magic, mt_text(DATASET_MAGIC)) || version != DATASET_VERSION ||
	    reserved != 0 || segment_size != DATASET_SEGMENT_SIZE || reserved_too != 0 ||
	    h.size > DATASET_SIZE_MAX) {
		return MT_MALFORMED;
	}
	*out = h;
	return MT_OK;
}

void dataset_tag(const struct dataset_header *h, uint8_t out[DATASET_TAG_SIZE])
{
	uint8_t common[HEADER_COMMON_SIZE], size[8];
	struct builder b = builder_over(size, sizeof(size));

	builder_u64(&b, h->size);
	dataset_common_encode(h, common);
	const struct bytes parts[] = {
		{ common, sizeof(common) }, { h->commit, sizeof(h->commit) },
		{ h->root, sizeof(h->root) }, { size, sizeof(size) },
	};
	crypto_label_sha256("mesatee-data-1", parts, MT_COUNT(parts), out);
}

void dataset_commit(const struct secret *key, uint8_t out[32])
{
	struct secret commit = { 0 };

	crypto_derive(key, "mesatee-data-commit-1", mt_bytes(NULL, 0), &commit);
	memcpy(out, commit.at, sizeof(commit.at));
	mt_wipe(&commit, sizeof(commit));
}

/* ---- where things lie ---- */

uint64_t dataset_segment_count(const struct dataset_header *h)
{
	return h->size == 0 ? 1 : (h->size + DATASET_SEGMENT_SIZE - 1) / DATASET_SEGMENT_SIZE;
}

uint64_t dataset_segment_offset(uint64_t index)
{
	return DATASET_HEADER_SIZE + index * DATASET_SEALED_MAX;
}

size_t dataset_segment_plain_size(const struct dataset_header *h, uint64_t index)
{
	uint64_t left = h->size - index * DATASET_SEGMENT_SIZE;

	mt_assert(index < dataset_segment_count(h));
	return left < DATASET_SEGMENT_SIZE ? (size_t)left : DATASET_SEGMENT_SIZE;
}

size_t dataset_segment_sealed_size(const struct dataset_header *h, uint64_t index)
{
	return dataset_segment_plain_size(h, index) + CRYPTO_TAG_SIZE;
}

uint64_t dataset_file_size(const struct dataset_header *h)
{
	return DATASET_HEADER_SIZE + h->size + dataset_segment_count(h) * CRYPTO_TAG_SIZE;
}

/* ---- how a segment is sealed ---- */

enum mt_err dataset_file_cipher(const struct secret *key, const uint8_t salt[32], struct crypto_aead **out)
{
	struct secret file_key = { 0 };

	crypto_derive(key, "mesatee-data-key-1", mt_bytes(salt, 32), &file_key);
	enum mt_err err = crypto_aead_open(&file_key, out);
	mt_wipe(&file_key, sizeof(file_key));
	return err;
}

void dataset_segment_nonce(uint64_t index, uint8_t out[CRYPTO_NONCE_SIZE])
{
	struct builder b = builder_over(out, CRYPTO_NONCE_SIZE);

	builder_u32(&b, 0);
	builder_u64(&b, index);
}

void dataset_segment_associated(const struct dataset_header *h, uint64_t index,
				uint8_t out[SEGMENT_ASSOCIATED_SIZE])
{
	uint64_t count = dataset_segment_count(h);
	struct builder b = builder_over(out + HEADER_COMMON_SIZE, SEGMENT_ASSOCIATED_SIZE - HEADER_COMMON_SIZE);

	dataset_common_encode(h, out);
	builder_u64(&b, index);
	builder_u8(&b, index + 1 == count);
	builder_u64(&b, count);
	mt_assert(!b.failed);
}

void dataset_segment_leaf(struct bytes sealed, uint8_t out[LOG_HASH_SIZE])
{
	uint8_t digest[CRYPTO_SHA256_SIZE];

	crypto_sha256(sealed, digest);
	log_leaf_hash(mt_bytes(digest, sizeof(digest)), out);
}

size_t dataset_segment_leaves(struct bytes first, struct bytes second, uint8_t out[2][LOG_HASH_SIZE])
{
	uint8_t digest[2][CRYPTO_SHA256_SIZE];

	if (first.size != second.size) {
		dataset_segment_leaf(first, out[0]);
		return 1;
	}
	crypto_sha256_pair(first.at, second.at, first.size, digest[0], digest[1]);
	for (size_t i = 0; i < 2; i++) {
		log_leaf_hash(mt_bytes(digest[i], sizeof(digest[i])), out[i]);
	}
	return 2;
}
