/*
 * Sealed blobs. One key per root and purpose, a fresh random nonce per blob: safe for 2^32 blobs of one
 * purpose (NIST SP 800-38D, 8.3), far beyond what a node writes.
 */
#include "lib/seal/seal.h"

#include <string.h>

#define SEAL_MAGIC "MTSEAL"
#define SEAL_VERSION 1
#define SEAL_PUBLIC_SIZE (SEAL_HEADER_SIZE - CRYPTO_NONCE_SIZE)        /* the header before the nonce */

_Static_assert(sizeof(SEAL_MAGIC) - 1 + 2 + SEAL_ROOT_ID_SIZE == SEAL_PUBLIC_SIZE, "wire form in seal.h");

void seal_root_derive(const struct secret *platform, struct bytes measurement, struct bytes policy,
		      struct seal_root *out)
{
	const struct bytes parts[] = { measurement, policy };
	uint8_t context[CRYPTO_SHA256_SIZE];
	struct secret id = { 0 };

	crypto_label_sha256("mesatee-seal-context-1", parts, MT_COUNT(parts), context);
	crypto_derive(platform, "mesatee-seal-root-1", mt_bytes(context, sizeof(context)), &out->key);
	/* The name is derived from the key and not from its inputs, so it tells nothing about the measurement. */
	crypto_derive(&out->key, "mesatee-seal-id-1", mt_bytes(NULL, 0), &id);
	memcpy(out->id, id.at, sizeof(out->id));
	mt_wipe(&id, sizeof(id));
}

void seal_root_wipe(struct seal_root *root)
{
	mt_wipe(root, sizeof(*root));
}

void seal_key(const struct seal_root *root, const char *purpose, struct secret *out)
{
	crypto_derive(&root->key, "mesatee-seal-key-1", mt_text(purpose), out);
}

/* Another label than seal_key()'s: what a room does with its own key never meets the blobs of that purpose. */
static enum mt_err blob_open(const struct seal_root *root, const char *purpose, struct crypto_aead **out)
{
	struct secret key = { 0 };

	crypto_derive(&root->key, "mesatee-seal-blob-1", mt_text(purpose), &key);
	enum mt_err err = crypto_aead_open(&key, out);
	mt_wipe(&key, sizeof(key));
	return err;
}

static void sized(struct builder *b, struct bytes v)
{
	builder_u64(b, v.size);
	builder_bytes(b, v);
}

/* header before the nonce || sized(purpose) || sized(context). The caller frees out->at. */
static enum mt_err blob_associated(const uint8_t header[SEAL_PUBLIC_SIZE], const char *purpose,
				   struct bytes context, struct bytes *out)
{
	struct bytes text = mt_text(purpose);
	size_t size = SEAL_PUBLIC_SIZE + 2 * sizeof(uint64_t);

	if (!mt_add_size(size, text.size, &size) || !mt_add_size(size, context.size, &size)) {
		return MT_NO_MEMORY;
	}
	uint8_t *memory = mt_alloc(size);
	if (!memory) {
		return MT_NO_MEMORY;
	}
	struct builder b = builder_over(memory, size);
	builder_bytes(&b, mt_bytes(header, SEAL_PUBLIC_SIZE));
	sized(&b, text);
	sized(&b, context);
	mt_assert(builder_done(&b, out) == MT_OK);
	return MT_OK;
}

enum mt_err seal_wrap(const struct seal_root *root, const char *purpose, struct bytes context,
		      struct bytes plain, uint8_t *out)
{
	struct crypto_aead *aead = NULL;
	struct bytes associated = { 0 };
	uint8_t header[SEAL_HEADER_SIZE], *nonce = header + SEAL_PUBLIC_SIZE;
	struct builder b = builder_over(header, SEAL_PUBLIC_SIZE);

	builder_text(&b, SEAL_MAGIC);
	builder_u8(&b, SEAL_VERSION);
	builder_u8(&b, 0);
	builder_bytes(&b, mt_bytes(root->id, sizeof(root->id)));
	enum mt_err err = blob_associated(header, purpose, context, &associated);
	if (err) {
		goto out;
	}
	err = blob_open(root, purpose, &aead);
	if (err) {
		goto out;
	}
	crypto_random(nonce, CRYPTO_NONCE_SIZE);
	memcpy(out, header, sizeof(header));
	crypto_aead_seal(aead, nonce, associated, plain, out + sizeof(header));
out:
	crypto_aead_close(aead);
	mt_free((void *)(uintptr_t)associated.at);
	return err;
}

/* Whose blob it is, before any key is used. */
static enum mt_err header_check(const struct seal_root *root, struct bytes blob)
{
	struct cursor c = cursor_over(blob);
	struct bytes magic = cursor_take(&c, sizeof(SEAL_MAGIC) - 1);
	uint8_t version = cursor_u8(&c), reserved = cursor_u8(&c);
	struct bytes id = cursor_take(&c, SEAL_ROOT_ID_SIZE);

	(void)cursor_take(&c, CRYPTO_NONCE_SIZE + CRYPTO_TAG_SIZE);
	if (!cursor_ok(&c) || !mt_equal(magic, mt_text(SEAL_MAGIC)) || version != SEAL_VERSION || reserved != 0) {
		return MT_MALFORMED;
	}
	return mt_equal(id, mt_bytes(root->id, sizeof(root->id))) ? MT_OK : MT_NOT_FOUND;
}

enum mt_err seal_unwrap(const struct seal_root *root, const char *purpose, struct bytes context,
			struct bytes blob, uint8_t *out)
{
	struct crypto_aead *aead = NULL;
	struct bytes associated = { 0 };
	enum mt_err err = header_check(root, blob);

	if (err) {
		return err;
	}
	err = blob_associated(blob.at, purpose, context, &associated);
	if (err) {
		goto out;
	}
	err = blob_open(root, purpose, &aead);
	if (err) {
		goto out;
	}
	err = crypto_aead_unseal(aead, blob.at + SEAL_PUBLIC_SIZE, associated,
				 mt_bytes(blob.at + SEAL_HEADER_SIZE, blob.size - SEAL_HEADER_SIZE), out);
out:
	crypto_aead_close(aead);
	mt_free((void *)(uintptr_t)associated.at);
	return err;
}
