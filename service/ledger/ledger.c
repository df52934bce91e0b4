#include "service/ledger/ledger_private.h"

#include <stdio.h>
#include <string.h>

static enum mt_err ledger_fold(void *context, uint64_t index, struct bytes entry);

/* ---- opening ---- */

static enum mt_err ledger_derive(struct ledger *l, const struct seal_root *root, const uint8_t instance[LEDGER_INSTANCE_SIZE],
				 struct secret *log_key)
{
	struct secret base, receipt, note;
	struct bytes context = mt_bytes(instance, LEDGER_INSTANCE_SIZE);

	seal_key(root, "ledger", &base);
	crypto_derive(&base, "receipt", context, &receipt);
	crypto_derive(&base, "note", context, &note);
	crypto_derive(&base, "encapsulation", context, &l->encapsulation);
	crypto_derive(&base, "log", context, log_key);
	/* A derived scalar is 0 or beyond the group's order with a chance of 2^-32: then the open below says so. */
	enum mt_err err = crypto_signer_open_p256(&receipt, &l->receipt_signer);
	if (!err) {
		err = crypto_signer_open_ed25519(&note, &l->note_signer);
	}
	if (!err) {
		crypto_x25519_public(&l->encapsulation, l->keys.encapsulation);
		memcpy(l->keys.receipt, crypto_signer_public(l->receipt_signer).at, sizeof(l->keys.receipt));
		memcpy(l->keys.note, crypto_signer_public(l->note_signer).at, sizeof(l->keys.note));
	}
	mt_wipe(&base, sizeof(base));
	mt_wipe(&receipt, sizeof(receipt));
	mt_wipe(&note, sizeof(note));
	return err;
}

MUST enum mt_err ledger_open(struct box *cbor, const struct seal_root *root, const uint8_t instance[LEDGER_INSTANCE_SIZE],
			     log_fold *fold, void *context, struct ledger **out)
{
	struct secret log_key = { 0 };
	struct genesis g = { 0 };
	char digits[65];
	struct ledger *l = mt_alloc(sizeof(*l));

	if (!l) {
		return MT_NO_MEMORY;
	}
	l->cbor = cbor;
	l->fold = fold;
	l->fold_context = context;
	enum mt_err err = ledger_derive(l, root, instance, &log_key);
	if (!err) {
		memcpy(g.receipt_key, l->keys.receipt, sizeof(g.receipt_key));
		memcpy(g.note_key, l->keys.note, sizeof(g.note_key));
		genesis_log_id(&g, l->id);
		mt_hex(mt_bytes(l->id, sizeof(l->id)), digits);
		snprintf(l->origin, sizeof(l->origin), "mesatee/%s", digits);
		err = log_open(&log_key, l->id, ledger_fold, l, &l->log);
	}
	mt_wipe(&log_key, sizeof(log_key));
	if (err) {
		ledger_close(l);
		return err;
	}
	*out = l;
	return MT_OK;
}

void ledger_close(struct ledger *l)
{
	if (!l) {
		return;
	}
	log_close(l->log);
	crypto_signer_close(l->receipt_signer);
	crypto_signer_close(l->note_signer);
	mt_wipe(&l->encapsulation, sizeof(l->encapsulation));
	mt_free(l->genesis);
	mt_free(l->commitment);
	mt_free(l);
}

void ledger_keys(const struct ledger *l, struct channel_core_keys *out)
{
	*out = l->keys;
}

const uint8_t *ledger_id(const struct ledger *l)
{
	return l->id;
}

MUST enum mt_err ledger_sign(struct ledger *l, const char *type, struct bytes payload, struct builder *out)
{
	return cose_sign(l->receipt_signer, type, payload, out);
}

MUST enum mt_err ledger_unseal(const struct ledger *l, const char *info, struct bytes associated, struct bytes sealed, uint8_t *out)
{
	return crypto_hpke_open(&l->encapsulation, mt_text(info), associated, sealed, out);
}

/* ---- the fold under the caller's ---- */

static enum mt_err ledger_take_genesis(struct ledger *l, struct bytes entry)
{
	struct genesis g;
	uint8_t id[32];

	enum mt_err err = genesis_decode(l->cbor, entry, &g);
	if (err) {
		return err == MT_NO_MEMORY ? err : MT_TAMPERED;
	}
	genesis_log_id(&g, id);
	if (memcmp(id, l->id, sizeof(id)) != 0) {
		return MT_TAMPERED;
	}
	l->genesis = mt_copy(entry);
	if (!l->genesis) {
		return MT_NO_MEMORY;
	}
	l->genesis_size = entry.size;
	return MT_OK;
}

static enum mt_err ledger_keep_commitment(struct ledger *l, uint64_t index, struct bytes entry)
{
	uint8_t salt[32];

	enum mt_err err = mt_room((void **)&l->commitment, &l->commitment_capacity, (size_t)index, sizeof(l->commitment[0]));
	if (err) {
		return err;
	}
	log_salt(l->log, index, salt);
	log_commitment(salt, entry, l->commitment[index]);
	l->commitment_count = (size_t)index + 1;
	return MT_OK;
}

static enum mt_err ledger_fold(void *context, uint64_t index, struct bytes entry)
{
	struct ledger *l = context;
	enum mt_err err = ledger_keep_commitment(l, index, entry);

	if (err) {
		return err;
	}
	if (index == 0) {
		return ledger_take_genesis(l, entry);
	}
	return l->fold(l->fold_context, index, entry);
}

/* ---- heads ---- */

static enum mt_err ledger_head_sign(struct ledger *l, struct ledger_head *h)
{
	struct builder note = builder_over(h->note, sizeof(h->note));
	struct bytes whole;

	enum mt_err err = log_checkpoint_sign(l->origin, h->size, h->root, l->note_signer, &note);
	if (!err) {
		err = builder_done(&note, &whole);
	}
	if (!err) {
		h->note_size = whole.size;
		err = ledger_root_sign(l->receipt_signer, h->root, h->root_signature);
	}
	return err;
}

/* Sign the committed tree as it stands: after a start, or when nothing was signed ahead. */
static enum mt_err ledger_head_current(struct ledger *l)
{
	const struct log_tree *tree = log_tree(l->log);

	l->head.size = log_tree_size(tree);
	log_tree_root(tree, l->head.size, l->head.root);
	enum mt_err err = ledger_head_sign(l, &l->head);
	l->head_signed = err == MT_OK;
	return err;
}

/* ---- start ---- */

MUST enum mt_err ledger_replay(struct ledger *l, struct bytes blocks)
{
	return log_replay(l->log, blocks);
}

MUST enum mt_err ledger_replay_end(struct ledger *l)
{
	enum mt_err err = log_replay_end(l->log);

	if (err) {
		return err;
	}
	l->next_index = ledger_size(l);
	return l->next_index ? ledger_head_current(l) : MT_OK;
}

MUST enum mt_err ledger_genesis(struct ledger *l, uint64_t time_ms, const uint8_t operator_id[COSE_ID_SIZE],
				const uint8_t configuration_hash[STATEMENT_HASH_SIZE])
{
	uint8_t space[512];
	struct builder b = builder_over(space, sizeof(space));
	struct genesis g = { .time_ms = time_ms };
	struct bytes wire;
	uint64_t index = 0;

	if (l->next_index) {
		return MT_STATE;
	}
	memcpy(g.receipt_key, l->keys.receipt, sizeof(g.receipt_key));
	memcpy(g.note_key, l->keys.note, sizeof(g.note_key));
	memcpy(g.operator_id, operator_id, sizeof(g.operator_id));
	memcpy(g.configuration_hash, configuration_hash, sizeof(g.configuration_hash));
	genesis_encode(&g, &b);
	enum mt_err err = builder_done(&b, &wire);
	if (!err) {
		err = log_stage(l->log, wire, &index);
	}
	if (!err) {
		l->next_index = index + 1;
	}
	return err;
}

/* ---- batches ---- */

MUST enum mt_err ledger_stage(struct ledger *l, const struct entry *e, uint64_t *index)
{
	size_t capacity = e->request.size + e->body.size + 64;
	struct bytes wire;

	if (capacity > LOG_ENTRY_MAX) {
		return MT_LIMIT;
	}
	uint8_t *space = mt_alloc(capacity);
	if (!space) {
		return MT_NO_MEMORY;
	}
	struct builder b = builder_over(space, capacity);
	entry_encode(e, &b);
	enum mt_err err = builder_done(&b, &wire);
	if (!err) {
		err = log_stage(l->log, wire, index);
	}
	if (!err) {
		l->next_index = *index + 1;
	}
	mt_wipe(space, capacity);       /* an entry may hold output keys */
	mt_free(space);
	return err;
}

MUST enum mt_err ledger_batch(struct ledger *l, struct log_write *out)
{
	enum mt_err err = log_batch(l->log, out);

	if (!err) {
		l->in_flight = true;
		l->ahead_signed = false;
	}
	return err;
}

void ledger_sign_ahead(struct ledger *l)
{
	if (!l->in_flight || log_head_ahead(l->log, &l->ahead.size, l->ahead.root)) {
		return;
	}
	l->ahead_signed = ledger_head_sign(l, &l->ahead) == MT_OK;
}

MUST enum mt_err ledger_written(struct ledger *l, enum mt_err how)
{
	mt_assert(l->in_flight);
	l->in_flight = false;
	if (how) {
		log_abort(l->log);
		l->next_index = ledger_size(l);
		return how;
	}
	enum mt_err err = log_commit(l->log);
	if (err) {
		return err;
	}
	if (!l->ahead_signed) {
		return ledger_head_current(l);
	}
	l->head = l->ahead;
	l->head_signed = true;
	return MT_OK;
}

uint64_t ledger_size(const struct ledger *l)
{
	return log_tree_size(log_tree(l->log));
}

uint64_t ledger_next_index(const struct ledger *l)
{
	return l->next_index;
}

void ledger_root(const struct ledger *l, uint64_t size, uint8_t out[32])
{
	log_tree_root(log_tree(l->log), size, out);
}

struct bytes ledger_genesis_bytes(const struct ledger *l)
{
	return mt_bytes(l->genesis, l->genesis_size);
}

uint64_t ledger_file_size(const struct ledger *l)
{
	return log_file_size(l->log);
}

MUST enum mt_err ledger_entry_place(const struct ledger *l, uint64_t index, uint64_t *offset, size_t *size)
{
	return log_entry_place(l->log, index, offset, size);
}

MUST enum mt_err ledger_entry_open(const struct ledger *l, uint64_t index, struct bytes wire, uint8_t *plain, struct bytes *entry)
{
	return log_entry_open(l->log, index, wire, plain, entry);
}

MUST enum mt_err ledger_head_check(const struct ledger *l, const struct statement_head *head)
{
	uint8_t root[32];

	if (head->size == 0) {
		return MT_OK;
	}
	if (head->size > ledger_size(l)) {
		return MT_TAMPERED;
	}
	ledger_root(l, head->size, root);
	return memcmp(root, head->root, sizeof(root)) == 0 ? MT_OK : MT_TAMPERED;
}
