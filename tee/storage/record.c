/* Files and their records: what is written is sealed, chained and bound to its place. */
#include "tee/storage/storage_private.h"

#include <string.h>

#define MAGIC "MTSTORE"
#define VERSION 1
#define LABEL "mesatee-storage-1"
#define ASSOCIATED_SIZE (2 * sizeof(uint64_t))

/* ---- the header ---- */

void header_encode(uint64_t generation, const uint8_t salt[FILE_SALT_SIZE], uint8_t out[FILE_HEADER_SIZE])
{
	struct builder b = builder_over(out, FILE_HEADER_SIZE);
	struct bytes all;

	builder_text(&b, MAGIC);
	builder_u8(&b, VERSION);
	builder_u64(&b, generation);
	builder_bytes(&b, mt_bytes(salt, FILE_SALT_SIZE));
	mt_assert(builder_done(&b, &all) == MT_OK && all.size == FILE_HEADER_SIZE);
}

enum mt_err header_decode(const uint8_t in[FILE_HEADER_SIZE], uint64_t *generation, uint8_t salt[FILE_SALT_SIZE])
{
	struct cursor c = cursor_over(mt_bytes(in, FILE_HEADER_SIZE));
	struct bytes magic = cursor_take(&c, sizeof(MAGIC) - 1);
	uint8_t version = cursor_u8(&c);
	uint64_t number = cursor_u64(&c);

	if (!mt_equal(magic, mt_text(MAGIC)) || version != VERSION || number == 0) {
		return MT_MALFORMED;
	}
	cursor_copy(&c, salt, FILE_SALT_SIZE);
	*generation = number;
	return cursor_done(&c) ? MT_OK : MT_MALFORMED;
}

/* ---- the chain ---- */

enum mt_err chain_open(struct chain *c, const struct secret *key, unsigned file, uint64_t generation, const uint8_t salt[FILE_SALT_SIZE])
{
	uint8_t info[sizeof(LABEL) - 1 + sizeof(uint64_t)];
	struct builder b = builder_over(info, sizeof(info));
	struct bytes all;
	struct secret file_key;

	*c = (struct chain){ .file = file, .generation = generation, .place = FILE_HEADER_SIZE };
	builder_text(&b, LABEL);
	builder_u64(&b, generation);
	mt_assert(builder_done(&b, &all) == MT_OK);
	crypto_hkdf(secret_bytes(key), mt_bytes(salt, FILE_SALT_SIZE), all, file_key.at, sizeof(file_key.at));
	enum mt_err err = crypto_aead_open(&file_key, &c->aead);

	mt_wipe(&file_key, sizeof(file_key));
	return err;
}

void chain_close(struct chain *c)
{
	crypto_aead_close(c->aead);
	*c = (struct chain){ 0 };
}

void chain_advance(struct chain *c, const struct record_place *where)
{
	mt_assert(where->place == c->place);
	c->place += where->size;
	memcpy(c->tag, where->tag, sizeof(c->tag));
}

static void associated(const struct chain *c, uint64_t place, uint8_t out[ASSOCIATED_SIZE])
{
	struct builder b = builder_over(out, ASSOCIATED_SIZE);
	struct bytes all;

	builder_u64(&b, c->generation);
	builder_u64(&b, place);
	mt_assert(builder_done(&b, &all) == MT_OK && all.size == ASSOCIATED_SIZE);
}

/* ---- records ---- */

/*
 * The nonce is random: after a write that failed another record goes to the same place under the same key. A generation ends long before
 * 2^32 records (SP 800-38D, 8.3), by its size.
 */
size_t record_seal(const struct chain *c, uint64_t anchor, struct bytes operations, uint8_t *out, struct record_place *where)
{
	size_t plain_size = RECORD_FIELDS_SIZE + operations.size, size = plain_size + RECORD_OVERHEAD;
	uint8_t about[ASSOCIATED_SIZE], *nonce = out + sizeof(uint32_t), *plain = nonce + CRYPTO_NONCE_SIZE;
	struct builder b = builder_over(out, sizeof(uint32_t)), p = builder_over(plain, plain_size);
	struct bytes all;

	mt_assert(plain_size <= RECORD_PLAIN_MAX);
	builder_u32(&b, (uint32_t)(size - sizeof(uint32_t)));
	mt_assert(builder_done(&b, &all) == MT_OK);
	crypto_random(nonce, CRYPTO_NONCE_SIZE);
	builder_bytes(&p, mt_bytes(c->tag, sizeof(c->tag)));
	builder_u64(&p, anchor);
	builder_bytes(&p, operations);
	mt_assert(builder_done(&p, &all) == MT_OK && all.size == plain_size);
	associated(c, c->place, about);
	crypto_aead_seal(c->aead, nonce, mt_bytes(about, sizeof(about)), all, plain);
	*where = (struct record_place){ .place = c->place, .size = (uint32_t)size };
	memcpy(where->tag, plain + plain_size, sizeof(where->tag));
	return size;
}

enum mt_err record_open(const struct chain *c, struct bytes sealed, bool next, struct record_place *where, uint8_t *plain, size_t *plain_size)
{
	uint8_t about[ASSOCIATED_SIZE];

	if (sealed.size < CRYPTO_NONCE_SIZE + RECORD_FIELDS_SIZE + CRYPTO_TAG_SIZE || sealed.size > RECORD_MAX - sizeof(uint32_t)) {
		return MT_TAMPERED;
	}
	struct bytes body = mt_bytes(sealed.at + CRYPTO_NONCE_SIZE, sealed.size - CRYPTO_NONCE_SIZE);
	const uint8_t *tag = body.at + body.size - CRYPTO_TAG_SIZE;

	/* Of two records that were written to one place, the first of them in vain, only one is meant. */
	if (!next && memcmp(tag, where->tag, sizeof(where->tag)) != 0) {
		return MT_TAMPERED;
	}
	associated(c, where->place, about);
	if (crypto_aead_unseal(c->aead, sealed.at, mt_bytes(about, sizeof(about)), body, plain) != MT_OK) {
		return MT_TAMPERED;
	}
	if (next && memcmp(plain, c->tag, sizeof(c->tag)) != 0) {
		return MT_TAMPERED;
	}
	memcpy(where->tag, tag, sizeof(where->tag));
	*plain_size = body.size - CRYPTO_TAG_SIZE;
	return MT_OK;
}
