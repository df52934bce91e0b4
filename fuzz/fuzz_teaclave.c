/*
 * Teaclave's files: the first byte chooses the format, the rest is the file. Encryption is the identity and every tag fits (fuzz.mk), so that
 * what lies behind a cipher is the fuzzer's too. What opens, gives each of its parts or an error, and never a byte more.
 */
#include "lib/crypto/crypto.h"
#include "party/teaclave/teaclave.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
void __wrap_crypto_gcm_add(struct crypto_gcm *g, struct bytes in, uint8_t *out);
enum mt_err __wrap_crypto_gcm_check(struct crypto_gcm *g, const uint8_t *tag);
enum mt_err __wrap_crypto_gcm_text(struct bytes key, const uint8_t *nonce, uint32_t block, struct bytes in,
				   uint8_t *out);

#define PARTS_MAX 4

void __wrap_crypto_gcm_add(struct crypto_gcm *g, struct bytes in, uint8_t *out)
{
	(void)g;
	memmove(out, in.at, in.size);
}

enum mt_err __wrap_crypto_gcm_check(struct crypto_gcm *g, const uint8_t *tag)
{
	(void)g;
	(void)tag;
	return MT_OK;
}

enum mt_err __wrap_crypto_gcm_text(struct bytes key, const uint8_t *nonce, uint32_t block, struct bytes in,
				   uint8_t *out)
{
	(void)key;
	(void)nonce;
	(void)block;
	memmove(out, in.at, in.size);
	return MT_OK;
}

static enum mt_err input_read(void *context, uint64_t offset, uint8_t *out, size_t size)
{
	const struct bytes *b = context;

	if (offset > b->size || size > b->size - offset) {
		return MT_IO;
	}
	memcpy(out, b->at + offset, size);
	return MT_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t key[32];
	struct bytes file = mt_bytes(data + 1, size ? size - 1 : 0);
	struct teaclave_store store = { input_read, NULL, &file };
	struct teaclave_reader *r = NULL;
	struct teaclave_seal how = { .name = mt_text("f") };

	if (size == 0) {
		return 0;
	}
	how.format = (enum teaclave_format)(data[0] % TEACLAVE_FORMATS);
	how.key = mt_bytes(key, teaclave_key_size(how.format));
	if (teaclave_reader_open(&how, &store, file.size, NULL, &r) != MT_OK) {
		mt_assert(!r);
		return 0;
	}
	uint64_t whole = teaclave_reader_size(r);
	mt_assert(whole <= file.size);
	for (uint64_t i = 0; i < PARTS_MAX; i++) {
		uint64_t left = whole > i * TEACLAVE_PART_SIZE ? whole - i * TEACLAVE_PART_SIZE : 0;
		size_t n = left < TEACLAVE_PART_SIZE ? (size_t)left : TEACLAVE_PART_SIZE;
		uint8_t *out = mt_alloc(n);
		mt_assert(out);
		enum mt_err err = teaclave_reader_part(r, i, out);
		mt_assert(i == 0 || left > 0 || err == MT_NOT_FOUND);
		mt_free(out);
	}
	teaclave_reader_close(r);
	return 0;
}
