/* Digests and MACs. */
#include "tee/operation/operation_private.h"

static bool is_digest(const struct state *s)
{
	return s && s->algorithm->class <= CLASS_MAC;
}

enum mt_err digest_init(struct operations *o, operation_handle operation, struct bytes iv)
{
	struct state *s = state_at(o, operation);
	struct run begun = { 0 };

	if (!is_digest(s)) {
		return MT_MALFORMED;
	}
	const struct algorithm *a = s->algorithm;
	bool chains = a->class == CLASS_MAC && a->how != AGILE_CMAC;
	if (iv.size > 0 && (!chains || iv.size != agile_block_size((enum agile_cipher)a->base))) {
		return MT_MALFORMED;
	}
	enum mt_err err = state_keyed(s);
	if (err) {
		return err;
	}
	switch (a->class) {
	case CLASS_DIGEST:
		err = agile_digest_open((enum agile_hash)a->how, &begun.digest);
		break;
	case CLASS_SHAKE:
		agile_shake_open(&begun.shake, a->how);
		break;
	case CLASS_HMAC:
		err = agile_hmac_open((enum agile_hash)a->how, key_secret(s->key), &begun.hmac);
		break;
	default:
		err = agile_mac_open((enum agile_mac_kind)a->how, (enum agile_cipher)a->base, key_secret(s->key), iv.size > 0 ? iv.at : NULL, &begun.mac);
	}
	if (!err) {
		run_begin(&s->run, &begun);
	}
	return err;
}

static void digest_add(struct state *s, struct bytes data)
{
	switch (s->algorithm->class) {
	case CLASS_DIGEST:
		agile_digest_add(s->run.digest, data);
		break;
	case CLASS_SHAKE:
		agile_shake_add(&s->run.shake, data);
		break;
	case CLASS_HMAC:
		agile_hmac_add(s->run.hmac, data);
		break;
	default:
		agile_mac_add(s->run.mac, data);
	}
}

enum mt_err digest_update(struct operations *o, operation_handle operation, struct bytes data)
{
	struct state *s = state_at(o, operation);

	if (!is_digest(s)) {
		return MT_MALFORMED;
	}
	if (s->run.step != STEP_ACTIVE) {
		return MT_STATE;
	}
	digest_add(s, data);
	return MT_OK;
}

/* An extendable one goes on from output to output. */
static enum mt_err shake_final(struct state *s, struct bytes data, uint8_t *out, size_t size)
{
	if (s->run.step == STEP_ACTIVE) {
		digest_add(s, data);
	} else if (data.size > 0 || s->run.step != STEP_EXTRACTING) {
		return MT_STATE;
	}
	run_move(&s->run, STEP_EXTRACTING);
	agile_shake_squeeze(&s->run.shake, out, size);
	return MT_OK;
}

static size_t digest_size(const struct algorithm *a)
{
	return a->class == CLASS_MAC ? agile_block_size((enum agile_cipher)a->base) : agile_hash_size((enum agile_hash)a->how);
}

enum mt_err digest_final(struct operations *o, operation_handle operation, struct bytes data, uint8_t *out, size_t capacity, size_t *out_size)
{
	struct state *s = state_at(o, operation);

	if (!is_digest(s)) {
		return MT_MALFORMED;
	}
	if (s->algorithm->class == CLASS_SHAKE) {
		enum mt_err err = shake_final(s, data, out, capacity);
		*out_size = err ? *out_size : capacity;
		return err;
	}
	if (s->run.step != STEP_ACTIVE) {
		return MT_STATE;
	}
	enum mt_err err = out_room(capacity, digest_size(s->algorithm), out_size);
	if (err) {
		return err;
	}
	if (s->run.mac) {
		err = agile_mac_finish(s->run.mac, data, out);
	} else {
		digest_add(s, data);
		if (s->run.hmac) {
			agile_hmac_finish(s->run.hmac, out);
		} else {
			agile_digest_finish(s->run.digest, out);
		}
	}
	if (!err) {
		run_end(&s->run);
	}
	return err;
}

enum mt_err digest_extract(struct operations *o, operation_handle operation, uint8_t *out, size_t size)
{
	struct state *s = state_at(o, operation);

	return s && s->algorithm->class == CLASS_SHAKE ? shake_final(s, mt_bytes(NULL, 0), out, size) : MT_MALFORMED;
}
