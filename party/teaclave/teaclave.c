/* The formats' names and sizes; which of them a reader or writer is. */
#include "party/teaclave/teaclave_private.h"

#include <string.h>

static const struct format {
	const char *name;
	size_t key_size;
} formats[TEACLAVE_FORMATS] = {
	[TEACLAVE_AES_GCM_128] = { "aes-gcm-128", CRYPTO_KEY_128_SIZE },
	[TEACLAVE_AES_GCM_256] = { "aes-gcm-256", CRYPTO_KEY_SIZE },
	[TEACLAVE_FILE_128] = { "teaclave-file-128", CRYPTO_KEY_128_SIZE },
};

const char *teaclave_format_name(enum teaclave_format format)
{
	return formats[format].name;
}

enum mt_err teaclave_format_find(const char *name, enum teaclave_format *out)
{
	for (size_t i = 0; i < TEACLAVE_FORMATS; i++) {
		if (strcmp(formats[i].name, name) == 0) {
			*out = (enum teaclave_format)i;
			return MT_OK;
		}
	}
	return MT_NOT_FOUND;
}

size_t teaclave_key_size(enum teaclave_format format)
{
	return formats[format].key_size;
}

struct bytes teaclave_key(enum teaclave_format format, const struct secret *key)
{
	return mt_bytes(key->at, teaclave_key_size(format));
}

static void key_keep(const struct teaclave_seal *how, struct secret *out)
{
	mt_assert(how->key.size == teaclave_key_size(how->format));
	memcpy(out->at, how->key.at, how->key.size);
}

/* ---- reading ---- */

enum mt_err teaclave_reader_open(const struct teaclave_seal *how, const struct teaclave_store *store,
				 uint64_t file_size, const uint8_t *cmac, struct teaclave_reader **out)
{
	struct teaclave_reader *r = mt_alloc(sizeof(*r));

	*out = NULL;
	if (!r) {
		return MT_NO_MEMORY;
	}
	r->format = how->format;
	r->store = *store;
	key_keep(how, &r->key);
	memcpy(r->iv, how->iv, sizeof(r->iv));
	enum mt_err err = r->format == TEACLAVE_FILE_128 ? file_reader_open(r, how->name, file_size, cmac)
							 : gcm_reader_open(r, file_size, cmac);
	if (err) {
		teaclave_reader_close(r);
		return err;
	}
	*out = r;
	return MT_OK;
}

void teaclave_reader_close(struct teaclave_reader *r)
{
	if (r) {
		mt_free(r->digest);
		mt_wipe(r, sizeof(*r));
		mt_free(r);
	}
}

uint64_t teaclave_reader_size(const struct teaclave_reader *r)
{
	return r->size;
}

enum mt_err teaclave_reader_part(const struct teaclave_reader *r, uint64_t index, uint8_t *out)
{
	if (index > 0 && (r->size == 0 || index > (r->size - 1) / TEACLAVE_PART_SIZE)) {
		return MT_NOT_FOUND;
	}
	uint64_t left = r->size - index * TEACLAVE_PART_SIZE;
	size_t size = left < TEACLAVE_PART_SIZE ? (size_t)left : TEACLAVE_PART_SIZE;
	enum mt_err err = r->format == TEACLAVE_FILE_128 ? file_reader_part(r, index, out, size)
							 : gcm_reader_part(r, index, out, size);
	if (err) {
		mt_wipe(out, size);
	}
	return err;
}

/* ---- writing ---- */

enum mt_err teaclave_writer_open(const struct teaclave_seal *how, const struct teaclave_store *store, uint64_t size,
				 struct teaclave_writer **out)
{
	struct teaclave_writer *w = NULL;

	*out = NULL;
	if (size > TEACLAVE_SIZE_MAX) {
		return MT_LIMIT;
	}
	w = mt_alloc(sizeof(*w));
	if (!w) {
		return MT_NO_MEMORY;
	}
	w->format = how->format;
	w->store = *store;
	w->size = size;
	w->name = how->name;
	key_keep(how, &w->key);
	enum mt_err err = w->format == TEACLAVE_FILE_128 ? file_writer_open(w) : gcm_writer_open(w, how->iv);
	if (err) {
		teaclave_writer_close(w);
		return err;
	}
	*out = w;
	return MT_OK;
}

void teaclave_writer_close(struct teaclave_writer *w)
{
	if (!w) {
		return;
	}
	crypto_gcm_close(w->gcm);
	crypto_aead_close(w->parking);
	mt_free(w->space);
	mt_wipe(w->parent, w->parent ? (size_t)nodes_merkle(w->size) * sizeof(*w->parent) : 0);
	mt_free(w->parent);
	mt_wipe(w, sizeof(*w));
	mt_free(w);
}

enum mt_err teaclave_writer_add(struct teaclave_writer *w, struct bytes plain)
{
	mt_assert(plain.size <= TEACLAVE_PART_SIZE);
	if (plain.size > w->size - w->written) {
		return MT_LIMIT;
	}
	return w->format == TEACLAVE_FILE_128 ? file_writer_add(w, plain) : gcm_writer_add(w, plain);
}

enum mt_err teaclave_writer_finish(struct teaclave_writer *w, uint8_t cmac[TEACLAVE_CMAC_SIZE])
{
	if (w->written != w->size) {
		return MT_STATE;
	}
	return w->format == TEACLAVE_FILE_128 ? file_writer_finish(w, cmac) : gcm_writer_finish(w, cmac);
}
