/* Operations: their handles, their keys, and the steps of a message. */
#include "tee/operation/operation_private.h"

#include <string.h>

#include "api/tee_api_defines.h"

/* ---- a message ---- */

static const uint32_t step_moves[STEPS] = {             /* row: from, bits: to */
	[STEP_IDLE] = MT_BIT(STEP_ACTIVE),
	[STEP_ACTIVE] = MT_BIT(STEP_PAYLOAD) | MT_BIT(STEP_EXTRACTING) | MT_BIT(STEP_IDLE),
	[STEP_PAYLOAD] = MT_BIT(STEP_PAYLOAD) | MT_BIT(STEP_IDLE),
	[STEP_EXTRACTING] = MT_BIT(STEP_EXTRACTING) | MT_BIT(STEP_IDLE),
};

void run_move(struct run *run, enum step to)
{
	mt_assert(run->step < STEPS && to < STEPS);
	mt_assert(step_moves[run->step] & MT_BIT(to));
	run->step = to;
}

void run_end(struct run *run)
{
	agile_digest_close(run->digest);
	agile_hmac_close(run->hmac);
	agile_mac_close(run->mac);
	agile_block_close(run->block);
	agile_xts_close(run->xts);
	agile_gcm_close(run->gcm);
	agile_ccm_close(run->ccm);
	mt_wipe(run->kept, run->kept_capacity);
	mt_free(run->kept);
	mt_wipe(run, sizeof(*run));
}

void run_begin(struct run *run, const struct run *begun)
{
	run_end(run);
	*run = *begun;
	run_move(run, STEP_ACTIVE);
}

/* What it points to, in the same order as it is ended. */
static enum mt_err run_copy_parts(const struct run *from, struct run *to)
{
	enum mt_err err = from->digest ? agile_digest_copy(from->digest, &to->digest) : MT_OK;

	if (!err && from->hmac) {
		err = agile_hmac_copy(from->hmac, &to->hmac);
	}
	if (!err && from->mac) {
		err = agile_mac_copy(from->mac, &to->mac);
	}
	if (!err && from->block) {
		err = agile_block_copy(from->block, &to->block);
	}
	if (!err && from->xts) {
		err = agile_xts_copy(from->xts, &to->xts);
	}
	if (!err && from->gcm) {
		err = agile_gcm_copy(from->gcm, &to->gcm);
	}
	if (!err && from->ccm) {
		err = agile_ccm_copy(from->ccm, &to->ccm);
	}
	if (!err && from->kept) {
		to->kept = mt_copy(mt_bytes(from->kept, from->kept_capacity));
		err = to->kept ? MT_OK : MT_NO_MEMORY;
	}
	return err;
}

static enum mt_err run_copy(const struct run *from, struct run *to)
{
	*to = *from;
	to->digest = NULL;
	to->hmac = NULL;
	to->mac = NULL;
	to->block = NULL;
	to->xts = NULL;
	to->gcm = NULL;
	to->ccm = NULL;
	to->kept = NULL;
	enum mt_err err = run_copy_parts(from, to);
	if (err) {
		run_end(to);
	}
	return err;
}

bool memory_overlaps(struct bytes in, const uint8_t *out, size_t capacity)
{
	return in.size > 0 && capacity > 0 && (uintptr_t)in.at < (uintptr_t)out + capacity && (uintptr_t)out < (uintptr_t)in.at + in.size;
}

/* ---- keys ---- */

static bool needs_two(const struct algorithm *a)
{
	return a->class == CLASS_CIPHER && a->how == HOW_XTS;
}

enum mt_err state_keyed(const struct state *s)
{
	return !s->algorithm->type || s->key ? MT_OK : MT_STATE;
}

/* RSA without padding is the key itself, for either purpose (GP, TEE_SetOperationKey). */
static uint32_t usage_needed(const struct algorithm *a, enum operation_mode mode)
{
	static const uint32_t usage[OPERATION_MODES] = {
		[OPERATION_ENCRYPT] = TEE_USAGE_ENCRYPT, [OPERATION_DECRYPT] = TEE_USAGE_DECRYPT, [OPERATION_SIGN] = TEE_USAGE_SIGN,
		[OPERATION_VERIFY] = TEE_USAGE_VERIFY,   [OPERATION_MAC] = TEE_USAGE_MAC,         [OPERATION_DERIVE] = TEE_USAGE_DERIVE,
	};

	if (a->class == CLASS_RSA_CRYPT && a->base == AGILE_RAW) {
		return mode == OPERATION_ENCRYPT ? TEE_USAGE_ENCRYPT | TEE_USAGE_VERIFY : TEE_USAGE_DECRYPT | TEE_USAGE_SIGN;
	}
	return usage[mode];
}

/* A pair can do what its public key can. */
static bool type_fits(const struct algorithm *a, enum operation_mode mode, uint32_t type)
{
	bool public = a->class >= CLASS_RSA_SIGN && (mode == OPERATION_ENCRYPT || mode == OPERATION_VERIFY);

	return type == a->type || (public && (type | TYPE_IS_PAIR) == a->type);
}

/* The key of this object, if the operation may use it. */
static enum mt_err key_take(struct operations *o, const struct algorithm *a, enum operation_mode mode, operation_handle handle, struct key **out)
{
	const struct object *object = object_at(o, handle);
	uint32_t usage = usage_needed(a, mode);

	if (!object) {
		return MT_MALFORMED;
	}
	if (!object->key) {
		return MT_STATE;
	}
	if (!type_fits(a, mode, object->type->id)) {
		return MT_MALFORMED;
	}
	if ((object->usage & usage) != usage) {
		return MT_DENIED;
	}
	*out = object->key;
	return MT_OK;
}

/* XTS: two of one size, which IEEE 1619 gives as 128 or 256 bits, and not twice the same (GP: TEE_ERROR_SECURITY). */
static enum mt_err keys_pair(const struct key *key, const struct key *key2)
{
	if (key->size != key2->size || key->size == 192) {
		return MT_MALFORMED;
	}
	return mt_equal_ct(key_secret(key), key_secret(key2)) ? MT_TAMPERED : MT_OK;
}

/* Both or none. Borrowed. */
static enum mt_err keys_take(struct operations *o, const struct algorithm *a, enum operation_mode mode, operation_handle key, operation_handle key2,
			     struct key *out[2])
{
	enum mt_err err = MT_OK;

	if (key == 0 && key2 == 0) {
		return MT_OK;
	}
	if (!a->type || (key2 != 0) != needs_two(a)) {
		return MT_MALFORMED;
	}
	err = key_take(o, a, mode, key, &out[0]);
	if (!err && key2) {
		err = key_take(o, a, mode, key2, &out[1]);
	}
	return !err && key2 ? keys_pair(out[0], out[1]) : err;
}

/* ---- operations ---- */

struct state *state_at(struct operations *o, operation_handle handle)
{
	return handle > OPERATION_OBJECTS_MAX && handle - OPERATION_OBJECTS_MAX <= OPERATION_STATES_MAX ?
		       o->state[handle - OPERATION_OBJECTS_MAX - 1] : NULL;
}

static void keys_set(struct state *s, struct key *key[2])
{
	struct key *before[2] = { s->key, s->key2 };

	s->key = key_share(key[0]);
	s->key2 = key_share(key[1]);
	key_release(before[0]);
	key_release(before[1]);
}

enum mt_err operation_alloc(struct operations *o, uint32_t algorithm, enum operation_mode mode, operation_handle key, operation_handle key2,
			    operation_handle *out)
{
	const struct algorithm *a = algorithm_find(algorithm);
	struct key *keys[2] = { NULL, NULL };
	uint32_t place = 0;

	*out = 0;
	if (!a || !algorithm_has_mode(a, mode)) {
		return MT_NOT_FOUND;
	}
	enum mt_err err = keys_take(o, a, mode, key, key2, keys);
	if (err) {
		return err;
	}
	while (place < OPERATION_STATES_MAX && o->state[place]) {
		place++;
	}
	if (place == OPERATION_STATES_MAX) {
		return MT_LIMIT;
	}
	struct state *s = mt_alloc(sizeof(*s));
	if (!s) {
		return MT_NO_MEMORY;
	}
	s->algorithm = a;
	s->mode = mode;
	keys_set(s, keys);
	o->state[place] = s;
	*out = OPERATION_OBJECTS_MAX + place + 1;
	return MT_OK;
}

void operation_free(struct operations *o, operation_handle handle)
{
	struct state *s = state_at(o, handle);

	if (s) {
		run_end(&s->run);
		key_release(s->key);
		key_release(s->key2);
		mt_free(s);
		o->state[handle - OPERATION_OBJECTS_MAX - 1] = NULL;
	}
}

enum mt_err operation_key(struct operations *o, operation_handle operation, operation_handle key, operation_handle key2)
{
	struct state *s = state_at(o, operation);
	struct key *keys[2] = { NULL, NULL };

	if (!s) {
		return MT_MALFORMED;
	}
	if (s->run.step != STEP_IDLE) {
		return MT_STATE;
	}
	enum mt_err err = keys_take(o, s->algorithm, s->mode, key, key2, keys);
	if (!err) {
		keys_set(s, keys);
	}
	return err;
}

enum mt_err operation_copy(struct operations *o, operation_handle to, operation_handle from)
{
	struct state *target = state_at(o, to);
	const struct state *source = state_at(o, from);
	struct run run = { 0 };

	if (!target || !source || target->algorithm != source->algorithm || target->mode != source->mode) {
		return MT_MALFORMED;
	}
	if (target == source) {
		return MT_OK;
	}
	enum mt_err err = run_copy(&source->run, &run);
	if (!err) {
		run_end(&target->run);
		target->run = run;
		keys_set(target, (struct key *[2]){ source->key, source->key2 });
	}
	mt_wipe(&run, sizeof(run));
	return err;
}
