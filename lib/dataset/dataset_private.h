/*
 * Private to lib/dataset: what seals a segment, for the writer and the reader.
 */
#ifndef MT_DATASET_PRIVATE_H
#define MT_DATASET_PRIVATE_H

#include "lib/dataset/dataset.h"

enum {
	/* The header before commit: known before the first segment is sealed. */
	HEADER_COMMON_SIZE = 6 + 1 + 1 + 4 + 4 + 8 + 32,
	SEGMENT_ASSOCIATED_SIZE = HEADER_COMMON_SIZE + 8 + 1 + 8,
};
_Static_assert(HEADER_COMMON_SIZE + 32 + LOG_HASH_SIZE == DATASET_HEADER_SIZE,
	       "wire form in dataset.h");

/* The header before commit. */
void dataset_common_encode(const struct dataset_header *h, uint8_t out[HEADER_COMMON_SIZE]);
MUST enum mt_err dataset_file_cipher(const struct secret *key, const uint8_t salt[32],
				     struct crypto_aead **out);
void dataset_segment_nonce(uint64_t index, uint8_t out[CRYPTO_NONCE_SIZE]);
void dataset_segment_associated(const struct dataset_header *h, uint64_t index,
				uint8_t out[SEGMENT_ASSOCIATED_SIZE]);
/* The leaves of two segments if they are of one size, of the first alone if not; how many. */
size_t dataset_segment_leaves(struct bytes first, struct bytes second, uint8_t out[2][LOG_HASH_SIZE]);
/* Decrypt a segment whose place is known to exist and whose size fits it. */
MUST enum mt_err dataset_segment_unseal(struct dataset_reader *r, uint64_t index, struct bytes sealed, uint8_t *out);

#endif
