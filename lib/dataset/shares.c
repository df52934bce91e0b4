/*
 * Key shares: count - 1 random ones, and the one that makes their XOR the key.
 */
#include "lib/dataset/dataset.h"

static void secret_xor(struct secret *into, const struct secret *with)
{
	for (size_t i = 0; i < sizeof(into->at); i++) {
		into->at[i] ^= with->at[i];
	}
}

void dataset_shares_split(const struct secret *key, struct secret *shares, size_t count)
{
	struct secret last = *key;

	mt_assert(count >= 1 && count <= DATASET_SHARES_MAX);
	for (size_t i = 0; i + 1 < count; i++) {
		crypto_random(shares[i].at, sizeof(shares[i].at));
		secret_xor(&last, &shares[i]);
	}
	shares[count - 1] = last;
	mt_wipe(&last, sizeof(last));
}

void dataset_shares_combine(const struct secret *shares, size_t count, struct secret *key)
{
	struct secret sum = { 0 };

	mt_assert(count >= 1 && count <= DATASET_SHARES_MAX);
	for (size_t i = 0; i < count; i++) {
		secret_xor(&sum, &shares[i]);
	}
	*key = sum;
	mt_wipe(&sum, sizeof(sum));
}
