/*
 * OP-TEE's format (facts of its signed_hdr.h, signed_hdr.c and sign_encrypt.py). Little endian:
 *   head: magic u32 "HSTO" | type u32 | size u32 | algorithm u32 | hash size u16 | signature size u16 || hash || signature of it
 *   type 1 (TA): uuid [16] | version u32 || content, `size` bytes. The hash is of the head's first 20 bytes, uuid, version and content
 *   type 3 (subkey): uuid [16] | size of the name u32 | version u32 | depth u32 | algorithm u32 | count u32, of each attribute id, offset, size u32 |
 *     their bytes; all that is `size` bytes, and the hash is of the head's first 20 bytes and these. Then the name, which nobody has signed: with the
 *     subkey's UUID it has to make the next UUID. Then the next head, signed by this subkey. `depth` says how many subkeys may follow at most, and falls.
 */
#include <string.h>

#include "lib/crypto/agile.h"
#include "tee/image/image_private.h"

#define HEAD_SIZE 20
#define ALGORITHM_PSS UINT32_C(0x70414930)      /* TEE_ALG_RSASSA_PKCS1_PSS_MGF1_SHA256, salt as long as the hash */
#define ALGORITHM_PKCS1 UINT32_C(0x70004830)    /* TEE_ALG_RSASSA_PKCS1_V1_5_SHA256 */
#define ATTRIBUTE_MODULUS UINT32_C(0xD0000130)
#define ATTRIBUTE_EXPONENT UINT32_C(0xD0000230)
#define ATTRIBUTES_MAX 16
#define EXPONENT_MAX 8                          /* bytes: a larger one only takes time */

enum { TYPE_OLD = 0, TYPE_TA = 1, TYPE_ENCRYPTED = 2, TYPE_SUBKEY = 3 };

struct head {
	uint32_t type, size, algorithm;
	struct bytes self, hash, signature;
};

/* Who may sign next: a key of `trust`, or a subkey. */
struct signer {
	struct agile_key *key;          /* owned; NULL: a key of `trust` */
	uint32_t algorithm;             /* of a subkey */
	uint32_t depth;
	uint8_t uuid[IMAGE_UUID_SIZE];  /* that what it signs must have */
};

/* ---- keys ---- */

static struct bytes strip(struct bytes number)
{
	while (number.size > 0 && number.at[0] == 0) {
		number = mt_bytes(number.at + 1, number.size - 1);
	}
	return number;
}

static enum mt_err key_open(struct bytes modulus, struct bytes exponent, struct agile_key **out)
{
	struct agile_parts parts = { 0 };

	parts.at[AGILE_N] = strip(modulus);
	parts.at[AGILE_E] = strip(exponent);
	struct bytes n = parts.at[AGILE_N], e = parts.at[AGILE_E];
	if (n.size < IMAGE_RSA_MIN || n.size > IMAGE_RSA_MAX || e.size == 0 || e.size > EXPONENT_MAX) {
		return MT_MALFORMED;
	}
	return agile_key_open(AGILE_RSA, AGILE_CURVES, &parts, out);    /* which takes no even modulus and no exponent of 1 */
}

static void key_id(const struct image_key *key, uint8_t out[IMAGE_KEY_ID_SIZE])
{
	struct bytes n = strip(key->modulus), e = strip(key->exponent);
	const uint8_t sizes[] = { (uint8_t)(n.size >> 24), (uint8_t)(n.size >> 16), (uint8_t)(n.size >> 8), (uint8_t)n.size,
				  (uint8_t)(e.size >> 24), (uint8_t)(e.size >> 16), (uint8_t)(e.size >> 8), (uint8_t)e.size };
	const struct bytes parts[] = { mt_bytes(sizes, 4), n, mt_bytes(sizes + 4, 4), e };

	crypto_sha256_parts(parts, MT_COUNT(parts), out);
}

static enum mt_err signature_check(struct agile_key *key, const struct head *h)
{
	static const enum agile_hash sha256 = AGILE_SHA256;
	const struct agile_scheme scheme = {
		.padding = h->algorithm == ALGORITHM_PSS ? AGILE_PSS : AGILE_PKCS1,
		.hash = &sha256,
		.mgf = &sha256,
		.salt_size = CRYPTO_SHA256_SIZE,
	};

	return agile_verify(key, &scheme, h->hash, h->signature);
}

/* The key of `trust` that has signed this. MT_DENIED: none. */
static enum mt_err root_check(const struct image_trust *trust, const struct head *h, uint8_t id[IMAGE_KEY_ID_SIZE])
{
	for (size_t i = 0; i < trust->count; i++) {
		const struct image_key *k = &trust->key[i];
		struct agile_key *key = NULL;
		if (k->modulus.size == 0) {
			continue;
		}
		enum mt_err err = key_open(k->modulus, k->exponent, &key);
		err = err ? err : signature_check(key, h);
		agile_key_close(key);
		if (!err) {
			key_id(k, id);
			return MT_OK;
		}
	}
	return MT_DENIED;
}

static enum mt_err signer_check(const struct signer *by, const struct image_trust *trust, const struct head *h, struct image *out)
{
	if (!by->key) {
		return root_check(trust, h, out->signer);
	}
	return h->algorithm == by->algorithm ? signature_check(by->key, h) : MT_DENIED;
}

/* ---- heads ---- */

static enum mt_err head_take(struct cursor *c, struct head *out)
{
	struct cursor start = *c;
	struct bytes magic = cursor_take(c, 4);
	struct head h = { .type = image_u32(c) };

	h.size = image_u32(c);
	h.algorithm = image_u32(c);
	uint16_t hash_size = image_u16(c), signature_size = image_u16(c);
	h.self = cursor_take(&start, HEAD_SIZE);
	h.hash = cursor_take(c, hash_size);
	h.signature = cursor_take(c, signature_size);
	if (!cursor_ok(c) || !mt_equal(magic, mt_text(OPTEE_MAGIC)) || hash_size != CRYPTO_SHA256_SIZE ||
	    (h.algorithm != ALGORITHM_PSS && h.algorithm != ALGORITHM_PKCS1)) {
		return MT_MALFORMED;
	}
	*out = h;
	return MT_OK;
}

/* The hash that was signed is of the head and these. */
static enum mt_err hash_check(const struct head *h, struct bytes first, struct bytes second)
{
	const struct bytes parts[] = { h->self, first, second };
	uint8_t hash[CRYPTO_SHA256_SIZE];

	crypto_sha256_parts(parts, MT_COUNT(parts), hash);
	return mt_equal(mt_bytes(hash, sizeof(hash)), h->hash) ? MT_OK : MT_TAMPERED;
}

/* ---- subkeys ---- */

/* A part of a subkey by its attribute; empty: none, or it does not lie in `body`. */
static struct bytes attribute(struct bytes body, struct bytes table, uint32_t id)
{
	struct cursor c = cursor_over(table);

	while (cursor_left(&c) > 0) {
		uint32_t got = image_u32(&c), offset = image_u32(&c), size = image_u32(&c);
		if (got == id && offset <= body.size && size <= body.size - offset) {
			return mt_bytes(body.at + offset, size);
		}
	}
	return mt_bytes(NULL, 0);
}

/* RFC 4122, 4.3, with SHA-512 for SHA-1; a name ends with its first zero. Without a name the UUID stays. */
static enum mt_err name_uuid(const uint8_t space[IMAGE_UUID_SIZE], struct bytes name, uint8_t out[IMAGE_UUID_SIZE])
{
	struct crypto_hash *h = NULL;
	uint8_t digest[CRYPTO_SHA512_SIZE];
	size_t size = 0;

	memcpy(out, space, IMAGE_UUID_SIZE);
	if (name.size == 0) {
		return MT_OK;
	}
	while (size < name.size && name.at[size] != 0) {
		size++;
	}
	enum mt_err err = crypto_hash_open_512(&h);
	if (err) {
		return err;
	}
	crypto_hash_add(h, mt_bytes(space, IMAGE_UUID_SIZE));
	crypto_hash_add(h, mt_bytes(name.at, size));
	crypto_hash_finish(h, digest);
	crypto_hash_close(h);
	memcpy(out, digest, IMAGE_UUID_SIZE);
	out[6] = (uint8_t)((out[6] & 0x0f) | 0x50);
	out[8] = (uint8_t)((out[8] & 0x3f) | 0x80);
	return MT_OK;
}

/* A subkey whose signature is good: it signs next. */
static enum mt_err subkey_take(struct bytes body, struct cursor *rest, struct signer *by, struct image *out)
{
	struct cursor c = cursor_over(body);
	struct signer next = { 0 };
	struct bytes uuid = cursor_take(&c, IMAGE_UUID_SIZE);
	uint32_t name_size = image_u32(&c), version = image_u32(&c);

	next.depth = image_u32(&c);
	next.algorithm = image_u32(&c);
	uint32_t count = image_u32(&c);
	struct bytes table = cursor_take(&c, count <= ATTRIBUTES_MAX ? count * (size_t)12 : SIZE_MAX);
	struct bytes name = cursor_take(rest, name_size);
	if (!cursor_ok(&c) || !cursor_ok(rest)) {
		return MT_MALFORMED;
	}
	bool follows = by->key != NULL;
	if (follows && (next.depth >= by->depth || memcmp(uuid.at, by->uuid, IMAGE_UUID_SIZE) != 0)) {
		return MT_DENIED;
	}
	enum mt_err err = name_uuid(uuid.at, name, next.uuid);
	err = err ? err : key_open(attribute(body, table, ATTRIBUTE_MODULUS), attribute(body, table, ATTRIBUTE_EXPONENT), &next.key);
	if (err) {
		return err;
	}
	memcpy(out->subkey[out->subkey_count].uuid, uuid.at, IMAGE_UUID_SIZE);
	out->subkey[out->subkey_count++].version = version;
	agile_key_close(by->key);
	*by = next;
	return MT_OK;
}

/* ---- the image ---- */

static enum mt_err kind_of(struct bytes content, enum image_kind *kind)
{
	struct cursor c = cursor_over(content);
	struct bytes magic = cursor_take(&c, 4);

	*kind = mt_equal(magic, mt_bytes("\0asm", 4)) ? IMAGE_WASM : IMAGE_ELF;
	return *kind == IMAGE_WASM || mt_equal(magic, mt_bytes("\x7f" "ELF", 4)) ? MT_OK : MT_MALFORMED;
}

static enum mt_err ta_take(const struct head *h, struct cursor *c, const struct signer *by, struct image *out)
{
	struct cursor start = *c;
	struct bytes uuid = cursor_take(c, IMAGE_UUID_SIZE);

	out->version = image_u32(c);
	out->content = cursor_take(c, h->size);
	if (!cursor_done(c)) {
		return MT_MALFORMED;
	}
	memcpy(out->uuid, uuid.at, IMAGE_UUID_SIZE);
	enum mt_err err = hash_check(h, cursor_take(&start, IMAGE_UUID_SIZE + 4), out->content);
	if (err) {
		return err;
	}
	if (by->key && memcmp(out->uuid, by->uuid, IMAGE_UUID_SIZE) != 0) {
		return MT_DENIED;
	}
	crypto_sha256(out->content, out->hash);
	return kind_of(out->content, &out->kind);
}

/* One head and what belongs to it. True: it was the image itself, or *err says why not. */
static bool link_take(struct cursor *c, const struct image_trust *trust, struct signer *by, struct image *out, enum mt_err *err)
{
	struct head h;

	*err = head_take(c, &h);
	if (*err) {
		return true;
	}
	if (h.type != TYPE_TA && h.type != TYPE_SUBKEY) {
		*err = h.type == TYPE_OLD || h.type == TYPE_ENCRYPTED ? MT_DENIED : MT_MALFORMED;
		return true;
	}
	if (h.size > IMAGE_SIZE_MAX || (h.type == TYPE_SUBKEY && out->subkey_count >= IMAGE_CHAIN_MAX)) {
		*err = MT_LIMIT;
		return true;
	}
	*err = signer_check(by, trust, &h, out);
	if (*err) {
		return true;
	}
	if (h.type == TYPE_TA) {
		*err = ta_take(&h, c, by, out);
		return true;
	}
	struct bytes body = cursor_take(c, h.size);
	*err = cursor_ok(c) ? hash_check(&h, body, mt_bytes(NULL, 0)) : MT_MALFORMED;
	*err = *err ? *err : subkey_take(body, c, by, out);
	return *err != MT_OK;
}

enum mt_err optee_verify(struct bytes image, const struct image_trust *trust, struct image *out)
{
	struct cursor c = cursor_over(image);
	struct signer by = { 0 };
	enum mt_err err = MT_OK;

	while (!link_take(&c, trust, &by, out, &err)) {
	}
	agile_key_close(by.key);
	return err;
}
