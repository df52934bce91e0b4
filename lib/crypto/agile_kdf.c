/* Key derivation over our HMAC and hashes: HKDF, the concatenation KDF, PBKDF2. */
#include "lib/crypto/agile.h"

#include <string.h>

static void number_add(uint32_t number, uint8_t out[4])
{
	struct builder b = builder_over(out, 4);

	builder_u32(&b, number);
}

/* The next part of `size` bytes that are filled by hashes. */
static size_t part_copy(uint8_t *out, size_t size, size_t at, const uint8_t *hash, size_t hash_size)
{
	size_t step = size - at < hash_size ? size - at : hash_size;

	memcpy(out + at, hash, step);
	return step;
}

enum mt_err agile_hkdf(enum agile_hash hash, struct bytes key, struct bytes salt, struct bytes info, uint8_t *out, size_t size)
{
	uint8_t secret[AGILE_HASH_MAX], block[AGILE_HASH_MAX], number = 1;
	size_t hash_size = agile_hash_size(hash), before = 0;
	struct agile_hmac *h = NULL;

	if (size > 255 * hash_size) {
		return MT_MALFORMED;
	}
	/* 2.2: no salt is a block of zeros, which is what HMAC makes of no key. */
	enum mt_err err = agile_hmac_open(hash, salt, &h);
	if (!err) {
		agile_hmac_add(h, key);
		agile_hmac_finish(h, secret);
		agile_hmac_close(h);
		err = agile_hmac_open(hash, mt_bytes(secret, hash_size), &h);
	}
	for (size_t at = 0; !err && at < size; number++) {
		agile_hmac_add(h, mt_bytes(block, before));
		agile_hmac_add(h, info);
		agile_hmac_add(h, mt_bytes(&number, 1));
		agile_hmac_finish(h, block);
		before = hash_size;
		at += part_copy(out, size, at, block, hash_size);
	}
	agile_hmac_close(h);
	mt_wipe(secret, sizeof(secret));
	mt_wipe(block, sizeof(block));
	return err;
}

enum mt_err agile_concat(enum agile_hash hash, struct bytes secret, struct bytes other, uint8_t *out, size_t size)
{
	uint8_t block[AGILE_HASH_MAX], number[4];
	struct agile_digest *d = NULL;
	uint32_t counter = 1;
	enum mt_err err = agile_digest_open(hash, &d);

	for (size_t at = 0; !err && at < size; counter++) {
		number_add(counter, number);
		agile_digest_add(d, mt_bytes(number, sizeof(number)));
		agile_digest_add(d, secret);
		agile_digest_add(d, other);
		agile_digest_finish(d, block);
		at += part_copy(out, size, at, block, agile_hash_size(hash));
	}
	agile_digest_close(d);
	mt_wipe(block, sizeof(block));
	return err;
}

enum mt_err agile_pbkdf2(enum agile_hash hash, struct bytes password, struct bytes salt, uint32_t count, uint8_t *out, size_t size)
{
	uint8_t sum[AGILE_HASH_MAX], block[AGILE_HASH_MAX], number[4];
	size_t hash_size = agile_hash_size(hash);
	struct agile_hmac *h = NULL;
	uint32_t counter = 1;
	enum mt_err err = agile_hmac_open(hash, password, &h);

	for (size_t at = 0; !err && at < size; counter++) {
		number_add(counter, number);
		agile_hmac_add(h, salt);
		agile_hmac_add(h, mt_bytes(number, sizeof(number)));
		agile_hmac_finish(h, block);
		memcpy(sum, block, hash_size);
		for (uint32_t i = 1; i < count; i++) {
			agile_hmac_add(h, mt_bytes(block, hash_size));
			agile_hmac_finish(h, block);
			for (size_t n = 0; n < hash_size; n++) {
				sum[n] ^= block[n];
			}
		}
		at += part_copy(out, size, at, sum, hash_size);
	}
	agile_hmac_close(h);
	mt_wipe(sum, sizeof(sum));
	mt_wipe(block, sizeof(block));
	return err;
}
