/*
 * Authenticated encryption. GCM decrypts as it comes, as GP has it, but for the last piece, which waits for the tag; CCM, which says its size before,
 * keeps everything back until the tag fits.
 */
#include "tee/operation/operation_private.h"

#include <string.h>

/* SP 800-38D, 5.2.1.1, in bytes. */
#define GCM_AAD_MAX ((UINT64_C(1) << 61) - 1)
#define GCM_PAYLOAD_MAX ((UINT64_C(1) << 36) - 32)

static bool is_authenticated(const struct state *s)
{
	return s && (s->algorithm->class == CLASS_GCM || s->algorithm->class == CLASS_CCM);
}

static bool seals(const struct state *s)
{
	return s->mode == OPERATION_ENCRYPT;
}

static bool keeps(const struct state *s)
{
	return s->algorithm->class == CLASS_CCM && !seals(s);
}

static bool sizes_fit(const struct algorithm *a, size_t nonce, size_t tag)
{
	if (a->class == CLASS_GCM) {
		return nonce >= 1 && nonce <= AGILE_GCM_NONCE_MAX && tag >= 12 && tag <= 16;
	}
	return nonce >= 7 && nonce <= 13 && tag >= 4 && tag <= 16 && tag % 2 == 0;
}

static enum mt_err ccm_begin(const struct state *s, struct bytes nonce, size_t aad_size, size_t payload_size, struct run *begun)
{
	if (keeps(s) && payload_size > OPERATION_KEPT_MAX) {
		return MT_LIMIT;
	}
	enum mt_err err = agile_ccm_open(seals(s) ? CRYPTO_SEAL : CRYPTO_UNSEAL, key_secret(s->key), nonce, begun->tag_size, aad_size, payload_size,
					 &begun->ccm);
	if (err || !keeps(s)) {
		return err;
	}
	begun->kept_capacity = payload_size;
	begun->kept = mt_alloc(payload_size);
	return begun->kept ? MT_OK : MT_NO_MEMORY;
}

enum mt_err authenticated_init(struct operations *o, operation_handle operation, struct bytes nonce, size_t tag_size, size_t aad_size,
			       size_t payload_size)
{
	struct state *s = state_at(o, operation);
	struct run begun = { .tag_size = tag_size, .aad_left = GCM_AAD_MAX, .payload_left = GCM_PAYLOAD_MAX };

	if (!is_authenticated(s)) {
		return MT_MALFORMED;
	}
	if (!sizes_fit(s->algorithm, nonce.size, tag_size)) {
		return MT_NOT_FOUND;
	}
	enum mt_err err = state_keyed(s);
	if (!err && s->algorithm->class == CLASS_CCM) {
		begun.aad_left = aad_size;
		begun.payload_left = payload_size;
		err = ccm_begin(s, nonce, aad_size, payload_size, &begun);
	} else if (!err) {
		err = agile_gcm_open(seals(s) ? CRYPTO_SEAL : CRYPTO_UNSEAL, key_secret(s->key), nonce, &begun.gcm);
	}
	if (err) {
		run_end(&begun);
		return err;
	}
	run_begin(&s->run, &begun);
	return MT_OK;
}

enum mt_err authenticated_aad(struct operations *o, operation_handle operation, struct bytes aad)
{
	struct state *s = state_at(o, operation);

	if (!is_authenticated(s) || aad.size > OPERATION_DATA_MAX) {
		return MT_MALFORMED;
	}
	if (s->run.step != STEP_ACTIVE) {
		return MT_STATE;
	}
	if (aad.size > s->run.aad_left) {
		return MT_MALFORMED;
	}
	s->run.aad_left -= aad.size;
	if (s->run.gcm) {
		agile_gcm_aad(s->run.gcm, aad);
	} else {
		agile_ccm_aad(s->run.ccm, aad);
	}
	return MT_OK;
}

/* May this much payload come now? `last`: and nothing after it. */
static enum mt_err payload_check(const struct state *s, struct bytes in, bool last)
{
	if (!is_authenticated(s) || in.size > OPERATION_DATA_MAX) {
		return MT_MALFORMED;
	}
	if (s->run.step != STEP_ACTIVE && s->run.step != STEP_PAYLOAD) {
		return MT_STATE;
	}
	if (s->run.ccm && s->run.aad_left > 0) {
		return MT_STATE;
	}
	bool fits = last && s->run.ccm ? in.size == s->run.payload_left : in.size <= s->run.payload_left;
	return fits ? MT_OK : MT_MALFORMED;
}

static void payload_add(struct run *run, struct bytes in, uint8_t *out)
{
	run->payload_left -= in.size;
	run_move(run, STEP_PAYLOAD);
	if (run->gcm) {
		agile_gcm_add(run->gcm, in, out);
	} else {
		agile_ccm_add(run->ccm, in, out);
	}
}

static void keep(struct run *run, struct bytes in)
{
	mt_assert(in.size <= run->kept_capacity - run->kept_size);
	payload_add(run, in, run->kept + run->kept_size);
	run->kept_size += in.size;
}

/* Input and output are the same or share nothing. libcrypto takes nothing else either. */
static bool place_is_good(struct bytes in, const uint8_t *out)
{
	return in.at == out || !memory_overlaps(in, out, in.size);
}

enum mt_err authenticated_update(struct operations *o, operation_handle operation, struct bytes in, uint8_t *out, size_t capacity,
				 size_t *out_size)
{
	struct state *s = state_at(o, operation);
	enum mt_err err = payload_check(s, in, false);

	if (err) {
		return err;
	}
	if (keeps(s)) {
		keep(&s->run, in);
		*out_size = 0;
		return MT_OK;
	}
	err = out_room(capacity, in.size, out_size);
	if (!err && !place_is_good(in, out)) {
		err = MT_MALFORMED;
	}
	if (!err) {
		payload_add(&s->run, in, out);
	}
	return err;
}

enum mt_err authenticated_seal(struct operations *o, operation_handle operation, struct bytes in, uint8_t *out, size_t capacity,
			       size_t *out_size, uint8_t *tag, size_t tag_capacity, size_t *tag_size)
{
	struct state *s = state_at(o, operation);
	enum mt_err err = payload_check(s, in, true);

	if (err) {
		return err;
	}
	if (!seals(s)) {
		return MT_STATE;
	}
	err = out_room(capacity, in.size, out_size);
	enum mt_err tag_err = out_room(tag_capacity, s->run.tag_size, tag_size);
	if (err || tag_err) {
		return MT_LIMIT;
	}
	if (!place_is_good(in, out)) {
		return MT_MALFORMED;
	}
	payload_add(&s->run, in, out);
	if (s->run.gcm) {
		agile_gcm_tag(s->run.gcm, tag, s->run.tag_size);
	} else {
		agile_ccm_tag(s->run.ccm, tag);
	}
	run_end(&s->run);
	return MT_OK;
}

static enum mt_err tag_check(struct run *run, struct bytes tag)
{
	uint8_t want[AGILE_BLOCK_MAX];

	if (tag.size != run->tag_size) {
		return MT_TAMPERED;
	}
	if (run->gcm) {
		return agile_gcm_check(run->gcm, tag);
	}
	agile_ccm_tag(run->ccm, want);
	bool fits = mt_equal_ct(mt_bytes(want, run->tag_size), tag);
	mt_wipe(want, sizeof(want));
	return fits ? MT_OK : MT_TAMPERED;
}

enum mt_err authenticated_open(struct operations *o, operation_handle operation, struct bytes in, struct bytes tag, uint8_t *out,
			       size_t capacity, size_t *out_size)
{
	struct state *s = state_at(o, operation);
	enum mt_err err = payload_check(s, in, true);

	if (err) {
		return err;
	}
	if (seals(s)) {
		return MT_STATE;
	}
	struct run *run = &s->run;
	size_t size = run->kept_size + in.size;
	err = out_room(capacity, size, out_size);
	if (err) {
		return err;
	}
	if (!keeps(s)) {
		run->kept = mt_alloc(in.size);
		if (!run->kept) {
			return MT_NO_MEMORY;
		}
		run->kept_capacity = in.size;
	}
	keep(run, in);
	err = tag_check(run, tag);
	if (!err && size > 0) {
		memcpy(out, run->kept, size);
	}
	run_end(run);
	return err;
}
