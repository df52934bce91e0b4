/*
 * Hashes by name over libcrypto, HMAC over them, and SHAKE: its sponge is ours, since libcrypto 3.0 ends with the first output.
 */
#include "lib/crypto/agile_private.h"

#include <string.h>

static const struct hash_row {
	const EVP_MD *(*kind)(void);
	size_t size, block;
} hash_rows[AGILE_HASHES] = {
	[AGILE_MD5] = { EVP_md5, 16, 64 },
	[AGILE_SHA1] = { EVP_sha1, 20, 64 },
	[AGILE_SHA224] = { EVP_sha224, 28, 64 },
	[AGILE_SHA256] = { EVP_sha256, 32, 64 },
	[AGILE_SHA384] = { EVP_sha384, 48, 128 },
	[AGILE_SHA512] = { EVP_sha512, 64, 128 },
	[AGILE_SM3] = { EVP_sm3, 32, 64 },
	[AGILE_SHA3_224] = { EVP_sha3_224, 28, 144 },
	[AGILE_SHA3_256] = { EVP_sha3_256, 32, 136 },
	[AGILE_SHA3_384] = { EVP_sha3_384, 48, 104 },
	[AGILE_SHA3_512] = { EVP_sha3_512, 64, 72 },
	[AGILE_MD5SHA1] = { EVP_md5_sha1, 36, 64 },
};

size_t agile_hash_size(enum agile_hash hash)
{
	return hash_rows[hash].size;
}

const EVP_MD *agile_hash_kind(enum agile_hash hash)
{
	return hash_rows[hash].kind();
}

/* ---- digests ---- */

struct agile_digest {
	const struct hash_row *row;
	EVP_MD_CTX *context;
};

/* Without a message begun. */
static struct agile_digest *digest_new(const struct hash_row *row)
{
	struct agile_digest *d = mt_alloc(sizeof(*d));

	if (!d) {
		return NULL;
	}
	d->row = row;
	d->context = EVP_MD_CTX_new();
	if (!d->context) {
		agile_digest_close(d);
		return NULL;
	}
	return d;
}

enum mt_err agile_digest_open(enum agile_hash hash, struct agile_digest **out)
{
	struct agile_digest *d = digest_new(&hash_rows[hash]);

	*out = NULL;
	if (!d || EVP_DigestInit_ex(d->context, d->row->kind(), NULL) != 1) {
		agile_digest_close(d);
		return MT_NO_MEMORY;
	}
	*out = d;
	return MT_OK;
}

enum mt_err agile_digest_copy(const struct agile_digest *from, struct agile_digest **out)
{
	struct agile_digest *d = digest_new(from->row);

	*out = NULL;
	if (!d || EVP_MD_CTX_copy_ex(d->context, from->context) != 1) {
		agile_digest_close(d);
		return MT_NO_MEMORY;
	}
	*out = d;
	return MT_OK;
}

void agile_digest_add(struct agile_digest *d, struct bytes data)
{
	if (data.size > 0) {
		mt_assert(EVP_DigestUpdate(d->context, data.at, data.size) == 1);
	}
}

void agile_digest_finish(struct agile_digest *d, uint8_t *out)
{
	mt_assert(EVP_DigestFinal_ex(d->context, out, NULL) == 1);
	mt_assert(EVP_DigestInit_ex(d->context, d->row->kind(), NULL) == 1);
}

void agile_digest_close(struct agile_digest *d)
{
	if (d) {
		EVP_MD_CTX_free(d->context);    /* wipes */
		mt_free(d);
	}
}

enum mt_err agile_hash(enum agile_hash hash, struct bytes data, uint8_t *out)
{
	struct agile_digest *d = NULL;
	enum mt_err err = agile_digest_open(hash, &d);

	if (!err) {
		agile_digest_add(d, data);
		agile_digest_finish(d, out);
		agile_digest_close(d);
	}
	return err;
}

/* ---- HMAC ---- */

struct agile_hmac {
	struct agile_digest *digest;            /* the inner hash, begun */
	uint8_t key[AGILE_HASH_BLOCK_MAX];      /* a block, padded with zeros */
};

/* Begin a hash with the key's block, each byte changed by `pad`. */
static void hmac_begin(struct agile_hmac *h, uint8_t pad)
{
	uint8_t block[AGILE_HASH_BLOCK_MAX];
	size_t size = h->digest->row->block;

	for (size_t i = 0; i < size; i++) {
		block[i] = h->key[i] ^ pad;
	}
	agile_digest_add(h->digest, mt_bytes(block, size));
	mt_wipe(block, sizeof(block));
}

#define HMAC_INNER 0x36
#define HMAC_OUTER 0x5c

enum mt_err agile_hmac_open(enum agile_hash hash, struct bytes key, struct agile_hmac **out)
{
	struct agile_hmac *h = mt_alloc(sizeof(*h));

	*out = NULL;
	if (!h) {
		return MT_NO_MEMORY;
	}
	enum mt_err err = agile_digest_open(hash, &h->digest);
	if (err) {
		agile_hmac_close(h);
		return err;
	}
	if (key.size > h->digest->row->block) {
		agile_digest_add(h->digest, key);
		agile_digest_finish(h->digest, h->key);
	} else if (key.size > 0) {
		memcpy(h->key, key.at, key.size);
	}
	hmac_begin(h, HMAC_INNER);
	*out = h;
	return MT_OK;
}

enum mt_err agile_hmac_copy(const struct agile_hmac *from, struct agile_hmac **out)
{
	struct agile_hmac *h = mt_alloc(sizeof(*h));

	*out = NULL;
	if (!h) {
		return MT_NO_MEMORY;
	}
	memcpy(h->key, from->key, sizeof(h->key));
	enum mt_err err = agile_digest_copy(from->digest, &h->digest);
	if (err) {
		agile_hmac_close(h);
		return err;
	}
	*out = h;
	return MT_OK;
}

void agile_hmac_add(struct agile_hmac *h, struct bytes data)
{
	agile_digest_add(h->digest, data);
}

void agile_hmac_finish(struct agile_hmac *h, uint8_t *out)
{
	uint8_t inner[AGILE_HASH_MAX];

	agile_digest_finish(h->digest, inner);
	hmac_begin(h, HMAC_OUTER);
	agile_digest_add(h->digest, mt_bytes(inner, h->digest->row->size));
	agile_digest_finish(h->digest, out);
	hmac_begin(h, HMAC_INNER);
	mt_wipe(inner, sizeof(inner));
}

void agile_hmac_close(struct agile_hmac *h)
{
	if (h) {
		agile_digest_close(h->digest);
		mt_wipe(h, sizeof(*h));
		mt_free(h);
	}
}

/* ---- SHAKE ---- */

static uint64_t rotate(uint64_t v, unsigned by)
{
	return by ? v << by | v >> (64 - by) : v;
}

/* Keccak-f[1600] (FIPS 202, 3.3). Lane x, y is lane[x + 5 * y]. */
static void keccak(uint64_t lane[25])
{
	/* 3.2.5, by its bit generator; 3.2.2 and 3.2.3: where each lane goes, and how far it turns, along the walk that starts at (1, 0). */
	static const uint8_t to[24] = { 10, 7, 11, 17, 18, 3, 5, 16, 8, 21, 24, 4, 15, 23, 19, 13, 12, 2, 20, 14, 22, 9, 6, 1 };
	uint8_t constant = 1;

	for (unsigned round = 0; round < 24; round++) {
		uint64_t sum[5], row[5], moved;
		for (size_t x = 0; x < 5; x++) {
			sum[x] = lane[x] ^ lane[x + 5] ^ lane[x + 10] ^ lane[x + 15] ^ lane[x + 20];
		}
		for (size_t i = 0; i < 25; i++) {
			lane[i] ^= sum[(i + 4) % 5] ^ rotate(sum[(i + 1) % 5], 1);
		}
		moved = lane[1];
		for (unsigned t = 0; t < 24; t++) {
			uint64_t next = lane[to[t]];
			lane[to[t]] = rotate(moved, (t + 1) * (t + 2) / 2 % 64);
			moved = next;
		}
		for (size_t y = 0; y < 25; y += 5) {
			memcpy(row, lane + y, sizeof(row));
			for (size_t x = 0; x < 5; x++) {
				lane[y + x] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5]);
			}
		}
		for (unsigned j = 0; j < 7; j++) {
			lane[0] ^= (uint64_t)(constant & 1) << ((1U << j) - 1);
			constant = (uint8_t)((constant << 1) ^ ((constant >> 7) * 0x71));
		}
	}
}

static void shake_byte(struct agile_shake *s, uint8_t value)
{
	s->lane[s->at / 8] ^= (uint64_t)value << (s->at % 8 * 8);
}

void agile_shake_open(struct agile_shake *s, unsigned strength)
{
	mt_assert(strength == 128 || strength == 256);
	*s = (struct agile_shake){ .rate = 200 - strength / 4 };
}

void agile_shake_add(struct agile_shake *s, struct bytes data)
{
	mt_assert(!s->squeezing);
	for (size_t i = 0; i < data.size; i++) {
		shake_byte(s, data.at[i]);
		if (++s->at == s->rate) {
			keccak(s->lane);
			s->at = 0;
		}
	}
}

void agile_shake_squeeze(struct agile_shake *s, uint8_t *out, size_t size)
{
	if (!s->squeezing) {
		shake_byte(s, 0x1f);            /* 6.2: 1111 and the first 1 of the padding; its last 1 ends the block */
		s->at = s->rate - 1;
		shake_byte(s, 0x80);
		s->at = s->rate;
		s->squeezing = true;
	}
	for (size_t i = 0; i < size; i++) {
		if (s->at == s->rate) {
			keccak(s->lane);
			s->at = 0;
		}
		out[i] = (uint8_t)(s->lane[s->at / 8] >> (s->at % 8 * 8));
		s->at++;
	}
}
