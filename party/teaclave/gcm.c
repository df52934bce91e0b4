/*
 * aes-gcm-128 and aes-gcm-256. The tag vouches for the whole, which no memory holds: so the file is gone over once, its tag checked, and a
 * digest of each part kept by which that part is known again when it is asked for.
 */
#include "party/teaclave/teaclave_private.h"

#include <string.h>

#define BLOCKS (TEACLAVE_PART_SIZE / 16)

static const uint8_t associated[8];

static uint64_t part_count(uint64_t size)
{
	return (size + TEACLAVE_PART_SIZE - 1) / TEACLAVE_PART_SIZE;
}

static enum mt_err whole_check(struct teaclave_reader *r, const uint8_t tag[CRYPTO_TAG_SIZE], uint8_t *space)
{
	struct crypto_gcm *gcm = NULL;
	enum mt_err err = crypto_gcm_open(CRYPTO_UNSEAL, teaclave_key(r->format, &r->key), r->iv,
					  mt_bytes(associated, sizeof(associated)), &gcm);

	for (uint64_t done = 0; !err && done < r->size; done += TEACLAVE_PART_SIZE) {
		size_t n = r->size - done < TEACLAVE_PART_SIZE ? (size_t)(r->size - done) : TEACLAVE_PART_SIZE;
		err = r->store.read(r->store.context, done, space, n);
		if (!err) {
			crypto_sha256(mt_bytes(space, n), r->digest[done / TEACLAVE_PART_SIZE]);
			crypto_gcm_add(gcm, mt_bytes(space, n), space);
		}
	}
	if (!err) {
		err = crypto_gcm_check(gcm, tag);
	}
	crypto_gcm_close(gcm);
	return err;
}

enum mt_err gcm_reader_open(struct teaclave_reader *r, uint64_t file_size, const uint8_t *cmac)
{
	uint8_t tag[CRYPTO_TAG_SIZE], *space = NULL;

	if (file_size < CRYPTO_TAG_SIZE) {
		return MT_MALFORMED;
	}
	r->size = file_size - CRYPTO_TAG_SIZE;
	if (r->size > TEACLAVE_SIZE_MAX) {
		return MT_LIMIT;
	}
	enum mt_err err = r->store.read(r->store.context, r->size, tag, sizeof(tag));
	if (err) {
		return err;
	}
	if (cmac && !mt_equal_ct(mt_bytes(tag, sizeof(tag)), mt_bytes(cmac, TEACLAVE_CMAC_SIZE))) {
		return MT_TAMPERED;
	}
	space = mt_alloc(TEACLAVE_PART_SIZE);
	r->digest = mt_alloc((size_t)part_count(r->size) * sizeof(*r->digest));
	err = space && r->digest ? whole_check(r, tag, space) : MT_NO_MEMORY;
	mt_wipe(space, space ? TEACLAVE_PART_SIZE : 0);
	mt_free(space);
	return err;
}

enum mt_err gcm_reader_part(const struct teaclave_reader *r, uint64_t index, uint8_t *out, size_t size)
{
	uint8_t digest[CRYPTO_SHA256_SIZE];

	if (size == 0) {
		return MT_OK;
	}
	enum mt_err err = r->store.read(r->store.context, index * TEACLAVE_PART_SIZE, out, size);
	if (err) {
		return err;
	}
	crypto_sha256(mt_bytes(out, size), digest);
	if (memcmp(digest, r->digest[index], sizeof(digest)) != 0) {
		return MT_TAMPERED;
	}
	return crypto_gcm_text(teaclave_key(r->format, &r->key), r->iv, (uint32_t)(index * BLOCKS), mt_bytes(out, size),
			       out);
}

enum mt_err gcm_writer_open(struct teaclave_writer *w, const uint8_t iv[TEACLAVE_IV_SIZE])
{
	w->space = mt_alloc(TEACLAVE_PART_SIZE);
	return w->space ? crypto_gcm_open(CRYPTO_SEAL, teaclave_key(w->format, &w->key), iv,
					  mt_bytes(associated, sizeof(associated)), &w->gcm)
			: MT_NO_MEMORY;
}

enum mt_err gcm_writer_add(struct teaclave_writer *w, struct bytes plain)
{
	crypto_gcm_add(w->gcm, plain, w->space);
	enum mt_err err = w->store.write(w->store.context, w->written, mt_bytes(w->space, plain.size));
	w->written += plain.size;
	return err;
}

enum mt_err gcm_writer_finish(struct teaclave_writer *w, uint8_t cmac[TEACLAVE_CMAC_SIZE])
{
	crypto_gcm_tag(w->gcm, cmac);
	return w->store.write(w->store.context, w->size, mt_bytes(cmac, TEACLAVE_CMAC_SIZE));
}
