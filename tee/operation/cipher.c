/* Ciphers: a message in pieces of any size comes out as it would whole. */
#include "tee/operation/operation_private.h"

#include <string.h>

static bool is_cipher(const struct state *s)
{
	return s && s->algorithm->class == CLASS_CIPHER;
}

static bool is_padded(const struct state *s)
{
	return s->algorithm->how == HOW_ECB_PADDED || s->algorithm->how == HOW_CBC_PADDED;
}

static bool steals(const struct state *s)
{
	return s->algorithm->how == HOW_CTS || s->algorithm->how == HOW_XTS;
}

static enum crypto_direction direction(const struct state *s)
{
	return s->mode == OPERATION_ENCRYPT ? CRYPTO_SEAL : CRYPTO_UNSEAL;
}

static enum mt_err cipher_open(const struct state *s, struct bytes iv, struct run *begun)
{
	static const enum agile_mode modes[] = {
		[HOW_ECB] = AGILE_ECB, [HOW_ECB_PADDED] = AGILE_ECB, [HOW_CBC] = AGILE_CBC,
		[HOW_CBC_PADDED] = AGILE_CBC, [HOW_CTS] = AGILE_CBC, [HOW_CTR] = AGILE_CTR,
	};
	const struct algorithm *a = s->algorithm;

	if (a->how == HOW_XTS) {
		return agile_xts_open(direction(s), key_secret(s->key), key_secret(s->key2), iv.at, &begun->xts);
	}
	return agile_block_open((enum agile_cipher)a->base, modes[a->how], direction(s), key_secret(s->key), iv.size ? iv.at : NULL, &begun->block);
}

enum mt_err cipher_init(struct operations *o, operation_handle operation, struct bytes iv)
{
	struct state *s = state_at(o, operation);
	struct run begun = { 0 };

	if (!is_cipher(s)) {
		return MT_MALFORMED;
	}
	bool without = s->algorithm->how == HOW_ECB || s->algorithm->how == HOW_ECB_PADDED;
	if (iv.size != (without ? 0 : agile_block_size((enum agile_cipher)s->algorithm->base))) {
		return MT_MALFORMED;
	}
	enum mt_err err = state_keyed(s);
	if (!err) {
		err = cipher_open(s, iv, &begun);
	}
	if (!err) {
		run_begin(&s->run, &begun);
	}
	return err;
}

/* How much of `total` bytes comes out before the end is known. */
static size_t ready_size(const struct state *s, size_t total)
{
	size_t block = agile_block_size((enum agile_cipher)s->algorithm->base);

	if (s->algorithm->how == HOW_CTR) {
		return total;
	}
	if (steals(s)) {
		/* More than one block stays back, at most two. */
		return total > 2 * block ? (total - block - 1) / block * block : 0;
	}
	if (is_padded(s) && s->mode == OPERATION_DECRYPT) {
		return total > 0 ? (total - 1) / block * block : 0;
	}
	return total / block * block;
}

static void blocks_add(struct run *run, struct bytes in, uint8_t *out)
{
	if (run->xts) {
		agile_xts_add(run->xts, in, out);
	} else {
		agile_block_add(run->block, in, out);
	}
}

static void hold(struct run *run, struct bytes in)
{
	mt_assert(in.size <= sizeof(run->held) - run->held_size);
	if (in.size > 0) {
		memcpy(run->held + run->held_size, in.at, in.size);
		run->held_size += in.size;
	}
}

/*
 * The first `size` bytes of what is held and of `in` go through; the rest is held. What is held is first made whole blocks; then `in` goes
 * on at once. `out` is not `in` where something is held: it would come before what has not been read yet.
 */
static void pass(struct state *s, struct bytes in, size_t size, uint8_t *out)
{
	struct run *run = &s->run;
	size_t block = agile_block_size((enum agile_cipher)s->algorithm->base), used = 0;

	if (size > 0 && run->held_size > 0) {
		used = (block - run->held_size % block) % block;
		hold(run, mt_bytes(in.at, used));
		size_t first = run->held_size < size ? run->held_size : size;
		blocks_add(run, mt_bytes(run->held, first), out);
		memmove(run->held, run->held + first, run->held_size - first);
		run->held_size -= first;
		out += first;
		size -= first;
	}
	if (size > 0) {
		blocks_add(run, mt_bytes(in.at + used, size), out);
		used += size;
	}
	if (in.size > used) {
		hold(run, mt_bytes(in.at + used, in.size - used));
	}
}

/* Input that output may overwrite before it is read is copied. *copy is the caller's to wipe and free. */
static enum mt_err input_safe(const struct state *s, struct bytes *in, const uint8_t *out, size_t capacity, uint8_t **copy)
{
	if (!memory_overlaps(*in, out, capacity) || (s->run.held_size == 0 && in->at == out && !steals(s))) {
		return MT_OK;
	}
	*copy = mt_copy(*in);
	if (!*copy) {
		return MT_NO_MEMORY;
	}
	in->at = *copy;
	return MT_OK;
}

static void copy_free(uint8_t *copy, size_t size)
{
	if (copy) {
		mt_wipe(copy, size);
		mt_free(copy);
	}
}

static enum mt_err cipher_check(const struct state *s, struct bytes in)
{
	if (!is_cipher(s) || in.size > OPERATION_DATA_MAX) {
		return MT_MALFORMED;
	}
	return s->run.step == STEP_ACTIVE ? MT_OK : MT_STATE;
}

enum mt_err cipher_update(struct operations *o, operation_handle operation, struct bytes in, uint8_t *out, size_t capacity, size_t *out_size)
{
	struct state *s = state_at(o, operation);
	uint8_t *copy = NULL;
	enum mt_err err = cipher_check(s, in);

	if (err) {
		return err;
	}
	size_t size = ready_size(s, s->run.held_size + in.size);
	err = out_room(capacity, size, out_size);
	if (!err) {
		err = input_safe(s, &in, out, size, &copy);
	}
	if (!err) {
		pass(s, in, size, out);
	}
	copy_free(copy, in.size);
	return err;
}

/* The size of the padding, or 0: it is wrong. In constant time (PKCS #7, 10.3). */
static size_t padding(const uint8_t *last, size_t block)
{
	uint32_t pad = last[block - 1], bad = (pad - 1) >> 31 | ((uint32_t)block - pad) >> 31;

	for (uint32_t i = 0; i < block; i++) {
		uint32_t inside = (i - pad) >> 31;      /* 1: i < pad */
		bad |= inside * (last[block - 1 - i] ^ pad);
	}
	return bad ? 0 : pad;
}

/* The end of a padded message that is decrypted. How much it is shows only after it is done, so it is done beside. */
static enum mt_err unpad_final(struct state *s, struct bytes in, uint8_t *out, size_t capacity, size_t *out_size)
{
	struct agile_block *aside = NULL;
	size_t block = agile_block_size((enum agile_cipher)s->algorithm->base), held = s->run.held_size, total = held + in.size;
	uint8_t *plain = NULL;

	if (total == 0 || total % block != 0) {
		return MT_MALFORMED;
	}
	enum mt_err err = agile_block_copy(s->run.block, &aside);
	if (err) {
		goto out;
	}
	plain = mt_alloc(total);
	if (!plain) {
		err = MT_NO_MEMORY;
		goto out;
	}
	memcpy(plain, s->run.held, held);
	if (in.size > 0) {
		memcpy(plain + held, in.at, in.size);
	}
	for (size_t at = 0; at < total; at += CRYPTO_PIECE_MAX) {
		size_t piece = total - at < CRYPTO_PIECE_MAX ? total - at : CRYPTO_PIECE_MAX;
		agile_block_add(aside, mt_bytes(plain + at, piece), plain + at);
	}
	size_t pad = padding(plain + total - block, block);
	err = pad == 0 ? MT_MALFORMED : out_room(capacity, total - pad, out_size);
	if (!err) {
		memcpy(out, plain, total - pad);
	}
	if (err != MT_LIMIT) {
		run_end(&s->run);
	}
out:
	agile_block_close(aside);
	copy_free(plain, total);
	return err;
}

/* Padding of what is encrypted: of the size that is held, a whole block if nothing is. */
static void pad_last(struct state *s, uint8_t *out)
{
	struct run *run = &s->run;
	size_t block = agile_block_size((enum agile_cipher)s->algorithm->base), pad = block - run->held_size;

	memset(run->held + run->held_size, (int)pad, pad);
	blocks_add(run, mt_bytes(run->held, block), out);
}

static void steal_last(struct state *s, uint8_t *out)
{
	struct bytes last = mt_bytes(s->run.held, s->run.held_size);

	if (s->run.xts) {
		agile_xts_last(s->run.xts, last, out);
	} else {
		agile_cts_last(s->run.block, direction(s), last, out);
	}
}

enum mt_err cipher_final(struct operations *o, operation_handle operation, struct bytes in, uint8_t *out, size_t capacity, size_t *out_size)
{
	struct state *s = state_at(o, operation);
	uint8_t *copy = NULL;
	enum mt_err err = cipher_check(s, in);

	if (err) {
		return err;
	}
	size_t block = agile_block_size((enum agile_cipher)s->algorithm->base), total = s->run.held_size + in.size;
	if (is_padded(s) && s->mode == OPERATION_DECRYPT) {
		return unpad_final(s, in, out, capacity, out_size);
	}
	if (steals(s) ? total < block : s->algorithm->how != HOW_CTR && !is_padded(s) && total % block != 0) {
		return MT_MALFORMED;
	}
	err = out_room(capacity, is_padded(s) ? (total / block + 1) * block : total, out_size);
	if (!err) {
		err = input_safe(s, &in, out, *out_size, &copy);
	}
	if (!err) {
		size_t ready = ready_size(s, total);
		pass(s, in, ready, out);
		if (is_padded(s)) {
			pad_last(s, out + ready);
		} else if (steals(s)) {
			steal_last(s, out + ready);
		}
		run_end(&s->run);
	}
	copy_free(copy, in.size);
	return err;
}
