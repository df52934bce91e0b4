/*
 * A store's files as whoever has its key could make them: unsealing leaves the bytes as they are, every tag fits. First byte: bit 0 a counter, bit 1 the n-th
 * allocation (second byte) fails. Then the first file's size (u24) and both files. What opens can be walked over, read, written to and opened again.
 */
#include "tee/storage/storage.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
enum mt_err __wrap_crypto_aead_unseal(struct crypto_aead *a, const uint8_t nonce[CRYPTO_NONCE_SIZE], struct bytes associated, struct bytes sealed,
				      uint8_t *out);
void __wrap_crypto_aead_seal(struct crypto_aead *a, const uint8_t nonce[CRYPTO_NONCE_SIZE], struct bytes associated, struct bytes plain, uint8_t *out);

#define FILE_MAX ((size_t)1 << 20)

static uint8_t file[STORAGE_FILES][FILE_MAX];
static size_t file_size[STORAGE_FILES];
static uint64_t counter;

enum mt_err __wrap_crypto_aead_unseal(struct crypto_aead *a, const uint8_t nonce[CRYPTO_NONCE_SIZE], struct bytes associated, struct bytes sealed,
				      uint8_t *out)
{
	(void)a;
	(void)nonce;
	(void)associated;
	if (sealed.size < CRYPTO_TAG_SIZE) {
		return MT_MALFORMED;
	}
	memcpy(out, sealed.at, sealed.size - CRYPTO_TAG_SIZE);
	return MT_OK;
}

void __wrap_crypto_aead_seal(struct crypto_aead *a, const uint8_t nonce[CRYPTO_NONCE_SIZE], struct bytes associated, struct bytes plain, uint8_t *out)
{
	(void)a;
	(void)associated;
	memmove(out, plain.at, plain.size);
	memset(out + plain.size, nonce[0] | 1, CRYPTO_TAG_SIZE);
}

static enum mt_err carry(const struct storage_want *want)
{
	uint8_t *at = file[want->file];
	size_t *have = &file_size[want->file];

	mt_assert(want->file < STORAGE_FILES && want->size <= STORAGE_WANT_MAX);
	switch (want->work) {
	case STORAGE_READ:
		memset(want->at, 0, want->size);
		for (size_t i = 0; i < want->size && want->offset + i < *have; i++) {
			want->at[i] = at[want->offset + i];
		}
		return MT_OK;
	case STORAGE_WRITE:
	case STORAGE_APPEND:
		if (want->offset + want->size > FILE_MAX) {
			return MT_LIMIT;
		}
		memcpy(at + want->offset, want->at, want->size);
		*have = want->offset + want->size > *have ? (size_t)want->offset + want->size : *have;
		return MT_OK;
	case STORAGE_SIZE:
		*want->size_out = *have;
		return MT_OK;
	case STORAGE_CLEAR:
		*have = 0;
		return MT_OK;
	case STORAGE_ANCHOR_READ:
		*want->size_out = counter;
		return MT_OK;
	default:
		counter = want->offset;
		return MT_OK;
	}
}

static enum mt_err drive(struct store *s, enum mt_err err)
{
	const struct storage_want *want;
	size_t wants = 0;

	while (!err && (want = storage_want(s)) != NULL) {
		mt_assert(++wants < 100000);
		err = storage_go_on(s, carry(want));
	}
	return err;
}

static void read_all(struct store *s, storage_handle h)
{
	static uint8_t piece[STORAGE_PIECE_MAX];
	size_t got = 1;

	for (int i = 0; i < 4 && got > 0; i++) {
		if (drive(s, storage_data_read(s, h, piece, sizeof(piece), &got)) != MT_OK) {
			return;
		}
		mt_assert(got <= sizeof(piece));
	}
}

/* Everything of one owner, and a write to each. */
static void use(struct store *s, const uint8_t owner[STORAGE_OWNER_SIZE], uint32_t storage)
{
	struct storage_walk walk = { 0 };
	struct storage_name name = { .storage = storage };
	struct storage_info info;
	uint8_t id[STORAGE_NAME_MAX];
	uint32_t data_size;

	memcpy(name.owner, owner, sizeof(name.owner));
	for (int i = 0; i < 8 && storage_walk(s, owner, storage, &walk, id, &name.id.size, &info, &data_size) == MT_OK; i++) {
		storage_handle h = 0;
		name.id.at = id;
		mt_assert(name.id.size <= STORAGE_NAME_MAX && data_size <= STORAGE_DATA_MAX);
		if (storage_object_open(s, &name, STORAGE_ACCESS_READ | STORAGE_ACCESS_WRITE, &h) == MT_OK) {
			read_all(s, h);
			(void)!drive(s, storage_data_write(s, h, mt_text("more")));
			storage_object_close(s, h);
		}
	}
	(void)!drive(s, storage_object_create(s, &name, STORAGE_OVERWRITE, &(struct storage_info){ .type = 1 }, mt_text("new"), NULL));
}

static void open_and_use(enum storage_anchor anchor, unsigned fails)
{
	static const struct secret key = { "key of the storage fuzzer" };
	struct store *s = NULL;

	mt_alloc_fail_at(fails);
	enum mt_err err = storage_open(&key, anchor, &s);
	if (s && drive(s, err) == MT_OK) {
		use(s, file[0] + 64, 1);
		use(s, (const uint8_t *)"0123456789abcdef", 1);
	}
	storage_close(s);
	mt_alloc_fail_at(0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c = cursor_over(mt_bytes(data, size));
	uint8_t how = cursor_u8(&c), fails = cursor_u8(&c);
	size_t first = (size_t)cursor_u8(&c) << 16;

	first |= cursor_u16(&c);
	counter = how >> 2;
	for (unsigned i = 0; i < STORAGE_FILES; i++) {
		struct bytes content = cursor_take(&c, i || first > cursor_left(&c) ? cursor_left(&c) : first);
		file_size[i] = content.size < FILE_MAX ? content.size : FILE_MAX;
		if (file_size[i]) {
			memcpy(file[i], content.at, file_size[i]);
		}
	}
	for (int i = 0; i < 2; i++) {
		open_and_use(how & 1 ? STORAGE_ANCHOR_COUNTER : STORAGE_ANCHOR_NONE, how & 2 ? fails : 0);
	}
	return 0;
}
