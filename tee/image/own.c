/* Our format (image.h). */
#include <string.h>

#include "lib/crypto/crypto.h"
#include "tee/image/image_private.h"

#define OWN_FORMAT 1

_Static_assert(IMAGE_KEY_ID_SIZE == CRYPTO_SHA256_SIZE, "crypto_p256_id()");

static bool is_kind(uint32_t kind)
{
	return kind == IMAGE_ELF || kind == IMAGE_WASM;
}

/* The key of this id, or an empty run. */
static struct bytes find_key(const struct image_trust *trust, struct bytes id)
{
	uint8_t got[CRYPTO_SHA256_SIZE];

	for (size_t i = 0; i < trust->count; i++) {
		struct bytes key = trust->key[i].p256;
		if (key.size != CRYPTO_P256_PUBLIC_SIZE) {
			continue;
		}
		crypto_p256_id(key.at, got);
		if (mt_equal(mt_bytes(got, sizeof(got)), id)) {
			return key;
		}
	}
	return mt_bytes(NULL, 0);
}

enum mt_err own_verify(struct bytes image, const struct image_trust *trust, struct image *out)
{
	struct cursor c = cursor_over(image);
	(void)cursor_take(&c, sizeof(OWN_MAGIC) - 1);
	uint16_t format = image_u16(&c), kind = image_u16(&c);

	cursor_copy(&c, out->uuid, sizeof(out->uuid));
	out->version = image_u32(&c);
	uint32_t size = image_u32(&c);
	cursor_copy(&c, out->hash, sizeof(out->hash));
	cursor_copy(&c, out->signer, sizeof(out->signer));
	struct bytes signature = cursor_take(&c, CRYPTO_SIGNATURE_SIZE);
	if (cursor_ok(&c) && size > IMAGE_SIZE_MAX) {
		return MT_LIMIT;
	}
	out->content = cursor_take(&c, size);
	if (!cursor_done(&c) || format != OWN_FORMAT || !is_kind(kind)) {
		return MT_MALFORMED;
	}
	out->kind = (enum image_kind)kind;
	struct bytes key = find_key(trust, mt_bytes(out->signer, sizeof(out->signer)));
	if (key.size == 0) {
		return MT_DENIED;
	}
	enum mt_err err = crypto_verify_once(key, mt_bytes(image.at, IMAGE_SIGNED), signature);
	if (err) {
		return err;
	}
	uint8_t hash[CRYPTO_SHA256_SIZE];
	crypto_sha256(out->content, hash);
	return memcmp(hash, out->hash, sizeof(hash)) == 0 ? MT_OK : MT_TAMPERED;
}

/* ---- making one ---- */

static void build_u16(struct builder *b, uint16_t v)
{
	builder_u16(b, (uint16_t)(v << 8 | v >> 8));
}

static void build_u32(struct builder *b, uint32_t v)
{
	build_u16(b, (uint16_t)v);
	build_u16(b, (uint16_t)(v >> 16));
}

enum mt_err image_head(const struct image *image, const uint8_t key_id[IMAGE_KEY_ID_SIZE], image_sign *sign, void *context,
		       uint8_t out[IMAGE_OWN_HEAD])
{
	uint8_t head[IMAGE_OWN_HEAD], hash[CRYPTO_SHA256_SIZE];
	struct builder b = builder_over(head, IMAGE_SIGNED);
	struct bytes written;

	if (image->content.size > IMAGE_SIZE_MAX) {
		return MT_LIMIT;
	}
	if (!is_kind(image->kind)) {
		return MT_MALFORMED;
	}
	crypto_sha256(image->content, hash);
	builder_text(&b, OWN_MAGIC);
	build_u16(&b, OWN_FORMAT);
	build_u16(&b, (uint16_t)image->kind);
	builder_bytes(&b, mt_bytes(image->uuid, sizeof(image->uuid)));
	build_u32(&b, image->version);
	build_u32(&b, (uint32_t)image->content.size);
	builder_bytes(&b, mt_bytes(hash, sizeof(hash)));
	builder_bytes(&b, mt_bytes(key_id, IMAGE_KEY_ID_SIZE));
	mt_assert(builder_done(&b, &written) == MT_OK && written.size == IMAGE_SIGNED);
	enum mt_err err = sign(context, written, head + IMAGE_SIGNED);
	if (!err) {
		memcpy(out, head, sizeof(head));
	}
	return err;
}
