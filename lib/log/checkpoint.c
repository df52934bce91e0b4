/*
 * The signed note of a tree head: C2SP signed-note and tlog-checkpoint (c2sp.org).
 */
#include "lib/log/log_private.h"

#include <string.h>

/* C2SP signed-note: type 0x01 is Ed25519. */
#define NOTE_ED25519 0x01
#define ED25519_PUBLIC_SIZE 32
#define KEY_ID_SIZE 4
/* Ours and a few witnesses'. */
#define SIGNATURE_LINES_MAX 8
/* Decoded signature line of any kind: a cosignature is 76 bytes, ML-DSA-44 is 2420 + 12. */
#define SIGNATURE_MAX 2500
/* EM DASH U+2014 and a space begin a signature line. */
#define SIGNATURE_START "\xe2\x80\x94 "
#define ROOT_BASE64_SIZE 44

/* Names must not hold spaces or plus signs (signed-note), nor, for ours, anything that ends a line. */
static bool name_is_valid(struct bytes name)
{
	for (size_t i = 0; i < name.size; i++) {
		if (name.at[i] <= ' ' || name.at[i] == '+' || name.at[i] == 0x7f) {
			return false;
		}
	}
	return name.size > 0;
}

void log_checkpoint_body(const char *origin, uint64_t size, const uint8_t root[LOG_HASH_SIZE],
			 struct builder *out)
{
	char text[ROOT_BASE64_SIZE + 1];

	mt_base64(mt_bytes(root, LOG_HASH_SIZE), text);
	builder_format(out, "%s\n%llu\n%s\n", origin, (unsigned long long)size, text);
}

/* First bytes of SHA-256(name || "\n" || type || key). */
static void key_id(const char *name, const uint8_t public_key[ED25519_PUBLIC_SIZE], uint8_t out[KEY_ID_SIZE])
{
	const struct bytes parts[] = {
		mt_text(name), mt_bytes("\n\x01", 2), mt_bytes(public_key, ED25519_PUBLIC_SIZE),
	};
	uint8_t digest[CRYPTO_SHA256_SIZE];

	crypto_sha256_parts(parts, MT_COUNT(parts), digest);
	memcpy(out, digest, KEY_ID_SIZE);
}

enum mt_err log_checkpoint_sign(const char *origin, uint64_t size, const uint8_t root[LOG_HASH_SIZE],
				struct crypto_signer *ed25519, struct builder *out)
{
	uint8_t line[KEY_ID_SIZE + CRYPTO_SIGNATURE_SIZE];
	char text[4 * ((sizeof(line) + 2) / 3) + 1];
	struct bytes public_key = crypto_signer_public(ed25519);
	size_t start = out->size;

	mt_assert(public_key.size == ED25519_PUBLIC_SIZE);
	if (!name_is_valid(mt_text(origin))) {
		return MT_MALFORMED;
	}
	log_checkpoint_body(origin, size, root, out);
	if (out->failed) {
		return MT_LIMIT;
	}
	key_id(origin, public_key.at, line);
	enum mt_err err = crypto_sign(ed25519, mt_bytes(out->at + start, out->size - start), line + KEY_ID_SIZE);
	if (err) {
		return err;
	}
	mt_base64(mt_bytes(line, sizeof(line)), text);
	builder_format(out, "\n" SIGNATURE_START "%s %s\n", origin, text);
	return out->failed ? MT_LIMIT : MT_OK;
}

void log_checkpoint_key(const char *origin, const uint8_t ed25519_public[32], struct builder *out)
{
	uint8_t id[KEY_ID_SIZE], key[1 + ED25519_PUBLIC_SIZE] = { NOTE_ED25519 };
	char id_text[2 * sizeof(id) + 1], key_text[4 * ((sizeof(key) + 2) / 3) + 1];

	key_id(origin, ed25519_public, id);
	memcpy(key + 1, ed25519_public, ED25519_PUBLIC_SIZE);
	mt_hex(mt_bytes(id, sizeof(id)), id_text);
	mt_base64(mt_bytes(key, sizeof(key)), key_text);
	builder_format(out, "%s+%s+%s", origin, id_text, key_text);
}

/* ---- reading ---- */

/* The next line without its newline. Fails the cursor when there is none. */
static struct bytes line_take(struct cursor *c)
{
	const uint8_t *end = cursor_left(c) ? memchr(c->at, '\n', cursor_left(c)) : NULL;

	if (!end) {
		c->failed = true;
		return mt_bytes("", 0);
	}
	struct bytes line = cursor_take(c, (size_t)(end - c->at));
	(void)cursor_take(c, 1);
	return line;
}

/* Decimal, no leading zero, at most 2^63 (LOG_PROOF_MAX). */
static bool size_parse(struct bytes text, uint64_t *out)
{
	uint64_t v = 0;

	if (text.size == 0 || text.size > 19 || (text.at[0] == '0' && text.size > 1)) {
		return false;
	}
	for (size_t i = 0; i < text.size; i++) {        /* 19 digits cannot overflow 64 bits */
		if (text.at[i] < '0' || text.at[i] > '9') {
			return false;
		}
		v = v * 10 + (uint64_t)(text.at[i] - '0');
	}
	*out = v;
	return v <= UINT64_C(1) << 63;
}

/* A signature line's name and decoded bytes. */
struct signature_line {
	struct bytes name;
	uint8_t at[SIGNATURE_MAX];
	size_t size;
};

static enum mt_err signature_line_parse(struct bytes line, struct signature_line *out)
{
	struct cursor c = cursor_over(line);
	struct bytes start = cursor_take(&c, sizeof(SIGNATURE_START) - 1);
	const uint8_t *space = cursor_left(&c) ? memchr(c.at, ' ', cursor_left(&c)) : NULL;

	if (!cursor_ok(&c) || !mt_equal(start, mt_text(SIGNATURE_START)) || !space) {
		return MT_MALFORMED;
	}
	out->name = cursor_take(&c, (size_t)(space - c.at));
	(void)cursor_take(&c, 1);
	struct bytes text = cursor_take(&c, cursor_left(&c));
	if (!name_is_valid(out->name) || mt_unbase64(text, out->at, sizeof(out->at), &out->size) ||
	    out->size <= KEY_ID_SIZE) {
		return MT_MALFORMED;
	}
	return MT_OK;
}

/* All lines of this key must verify, and there must be one. The whole note is judged before any verdict. */
static enum mt_err signatures_check(struct cursor *c, struct bytes body, const char *origin,
				    const uint8_t public_key[ED25519_PUBLIC_SIZE])
{
	uint8_t id[KEY_ID_SIZE];
	enum mt_err verdict = MT_NOT_FOUND;

	key_id(origin, public_key, id);
	for (size_t n = 0; cursor_left(c) > 0; n++) {
		struct signature_line line;

		if (n == SIGNATURE_LINES_MAX) {
			return MT_MALFORMED;
		}
		enum mt_err err = signature_line_parse(line_take(c), &line);
		if (err || !cursor_ok(c)) {
			return MT_MALFORMED;
		}
		if (!mt_equal(line.name, mt_text(origin)) || memcmp(line.at, id, sizeof(id)) != 0) {
			continue;       /* somebody else's: a witness */
		}
		err = crypto_verify_once(mt_bytes(public_key, ED25519_PUBLIC_SIZE), body,
					 mt_bytes(line.at + KEY_ID_SIZE, line.size - KEY_ID_SIZE));
		if (verdict != MT_TAMPERED) {
			verdict = err;
		}
	}
	return cursor_done(c) ? verdict : MT_MALFORMED;
}

enum mt_err log_checkpoint_open(struct bytes note, const char *origin, const uint8_t ed25519_public[32],
				uint64_t *size, uint8_t root[LOG_HASH_SIZE])
{
	struct cursor c = cursor_over(note);
	uint8_t hash[LOG_HASH_SIZE];
	uint64_t count = 0;
	size_t hash_size = 0;

	struct bytes name = line_take(&c), size_text = line_take(&c), root_text = line_take(&c);
	struct bytes body = mt_bytes(note.at, cursor_ok(&c) ? (size_t)(c.at - note.at) : 0);
	struct bytes empty = line_take(&c);
	if (!cursor_ok(&c) || empty.size != 0 || !name_is_valid(name) || !size_parse(size_text, &count) ||
	    mt_unbase64(root_text, hash, sizeof(hash), &hash_size) || hash_size != sizeof(hash)) {
		return MT_MALFORMED;
	}
	if (!mt_equal(name, mt_text(origin))) {
		return MT_NOT_FOUND;
	}
	enum mt_err err = signatures_check(&c, body, origin, ed25519_public);
	if (err) {
		return err;
	}
	*size = count;
	memcpy(root, hash, sizeof(hash));
	return MT_OK;
}
