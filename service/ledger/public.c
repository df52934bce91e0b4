/* What the ledger shows to everyone: checkpoint, tiles, consistency; and the ledger's part of a receipt file. */
#include "service/ledger/ledger_private.h"

#include <string.h>

#define TILE_WIDTH 256
#define TILE_LEVEL_MAX 7        /* 256^8 leaves and more do not exist: LOG_ENTRIES_MAX */
#define RECEIPT_LABEL_VDS 395   /* RFC 9942: verifiable data structure */
#define RECEIPT_LABEL_PROOFS 396
#define RECEIPT_VDS_RFC9162 1

MUST enum mt_err ledger_checkpoint(const struct ledger *l, struct builder *out)
{
	if (!l->head_signed) {
		return MT_STATE;
	}
	builder_bytes(out, mt_bytes(l->head.note, l->head.note_size));
	return MT_OK;
}

void ledger_checkpoint_key(const struct ledger *l, struct builder *out)
{
	log_checkpoint_key(l->origin, l->keys.note, out);
}

/* ---- tiles (C2SP tlog-tiles) ---- */

struct tile {
	bool entries;
	unsigned level;
	uint64_t index;
	unsigned width;         /* 1 to 256 */
};

/* Up to three digits, exactly three when so many are the least, else without leading zeros: one tile has one path. */
static bool tile_digits(struct bytes *path, size_t least, uint64_t *out)
{
	uint64_t value = 0;
	size_t n = 0;

	while (n < path->size && n < 3 && path->at[n] >= '0' && path->at[n] <= '9') {
		value = value * 10 + (uint64_t)(path->at[n] - '0');
		n++;
	}
	if (n < least || n == 0 || (least == 1 && n > 1 && path->at[0] == '0')) {
		return false;
	}
	*path = mt_bytes(path->at + n, path->size - n);
	*out = value;
	return true;
}

static bool tile_literal(struct bytes *path, const char *text)
{
	struct bytes want = mt_text(text);

	if (path->size < want.size || !mt_equal(mt_bytes(path->at, want.size), want)) {
		return false;
	}
	*path = mt_bytes(path->at + want.size, path->size - want.size);
	return true;
}

/* "x001/x234/067": groups of three digits, all but the last with an x; the first of several is not 000. */
static bool tile_index(struct bytes *path, uint64_t *out)
{
	uint64_t value = 0, group = 0;

	for (size_t groups = 0; groups < 6; groups++) {
		bool more = tile_literal(path, "x");
		if (!tile_digits(path, 3, &group) || (more && groups == 0 && group == 0)) {
			return false;
		}
		value = value * 1000 + group;
		if (!more) {
			*out = value;
			return true;
		}
		if (!tile_literal(path, "/")) {
			return false;
		}
	}
	return false;
}

static enum mt_err tile_parse(struct bytes path, struct tile *out)
{
	struct tile t = { .width = TILE_WIDTH };
	uint64_t number = 0;

	if (tile_literal(&path, "entries")) {
		t.entries = true;
	} else if (!tile_digits(&path, 1, &number) || number > TILE_LEVEL_MAX) {
		return MT_MALFORMED;
	}
	t.level = (unsigned)number;
	if (!tile_literal(&path, "/") || !tile_index(&path, &t.index)) {
		return MT_MALFORMED;
	}
	if (tile_literal(&path, ".p/")) {
		if (!tile_digits(&path, 1, &number) || number == 0 || number >= TILE_WIDTH) {
			return MT_MALFORMED;
		}
		t.width = (unsigned)number;
	}
	if (path.size) {
		return MT_MALFORMED;
	}
	*out = t;
	return MT_OK;
}

static enum mt_err tile_entries(const struct ledger *l, uint64_t first, unsigned width, struct builder *out)
{
	for (uint64_t i = first; i < first + width; i++) {
		struct bytes entry = i == 0 ? ledger_genesis_bytes(l) : mt_bytes(l->commitment[i], 32);
		builder_u16(out, (uint16_t)entry.size);
		builder_bytes(out, entry);
	}
	return MT_OK;
}

MUST enum mt_err ledger_tile(const struct ledger *l, struct bytes path, struct builder *out)
{
	struct tile t;
	uint8_t hash[32];

	enum mt_err err = tile_parse(path, &t);
	if (err) {
		return err;
	}
	uint64_t size = ledger_size(l) >> (8 * t.level), first = t.index * TILE_WIDTH;
	if (t.index > size / TILE_WIDTH || size - first < t.width) {    /* the first says that the product did not wrap around */
		return MT_NOT_FOUND;
	}
	if (t.entries) {
		return tile_entries(l, first, t.width, out);
	}
	for (uint64_t i = first; i < first + t.width; i++) {
		err = log_tree_node(log_tree(l->log), 8 * t.level, i, hash);
		if (err) {
			return err;
		}
		builder_bytes(out, mt_bytes(hash, sizeof(hash)));
	}
	return MT_OK;
}

/* ---- proofs ---- */

MUST enum mt_err ledger_consistency(const struct ledger *l, uint64_t first, uint64_t second, struct builder *out)
{
	uint8_t proof[LOG_PROOF_MAX][LOG_HASH_SIZE], root[32];
	size_t count = 0;

	if (first == 0 || first > second || second > ledger_size(l)) {
		return MT_NOT_FOUND;
	}
	enum mt_err err = log_tree_consistency(log_tree(l->log), first, second, proof, &count);
	if (err) {
		return err;
	}
	ledger_root(l, second, root);
	cbor_array(out, 2);
	cbor_bstr(out, mt_bytes(root, sizeof(root)));
	cbor_bstr(out, mt_bytes(proof, count * LOG_HASH_SIZE));
	return MT_OK;
}

struct bytes ledger_receipt_protected(void)
{
	static const uint8_t header[] = { 0xa2, 0x01, 0x26, 0x19, 0x01, 0x8b, 0x01 };

	return mt_bytes(header, sizeof(header));
}

MUST enum mt_err ledger_root_sign(struct crypto_signer *signer, const uint8_t root[32], uint8_t out[CRYPTO_SIGNATURE_SIZE])
{
	uint8_t space[128];
	struct builder b = builder_over(space, sizeof(space));
	struct bytes signed_bytes;

	cbor_array(&b, 4);
	cbor_tstr(&b, mt_text("Signature1"));
	cbor_bstr(&b, ledger_receipt_protected());
	cbor_bstr(&b, mt_bytes(NULL, 0));
	cbor_bstr(&b, mt_bytes(root, 32));
	enum mt_err err = builder_done(&b, &signed_bytes);
	return err ? err : crypto_sign(signer, signed_bytes, out);
}

/* COSE receipt of inclusion (RFC 9942, 5.2): the root is the detached payload, so one signature serves the whole head. */
static void receipt_encode_cose(const struct ledger_head *head, uint64_t index, const uint8_t (*proof)[LOG_HASH_SIZE], size_t count,
				struct builder *out)
{
	uint8_t space[64 + LOG_PROOF_MAX * 34];
	struct builder inner = builder_over(space, sizeof(space));
	struct bytes proof_bytes = { 0 };

	cbor_array(&inner, 3);
	cbor_uint(&inner, head->size);
	cbor_uint(&inner, index);
	cbor_array(&inner, count);
	for (size_t i = 0; i < count; i++) {
		cbor_bstr(&inner, mt_bytes(proof[i], LOG_HASH_SIZE));
	}
	enum mt_err err = builder_done(&inner, &proof_bytes);
	mt_assert(!err);
	cbor_tag(out, 18);
	cbor_array(out, 4);
	cbor_bstr(out, ledger_receipt_protected());
	cbor_map(out, 1);
	cbor_uint(out, RECEIPT_LABEL_PROOFS);
	cbor_map(out, 1);
	cbor_int(out, -1);
	cbor_array(out, 1);
	cbor_bstr(out, proof_bytes);
	cbor_null(out);
	cbor_bstr(out, mt_bytes(head->root_signature, sizeof(head->root_signature)));
}

/* What was appended to `space` by one of the calls above. */
static struct bytes appended(const struct builder *space, size_t from)
{
	return mt_bytes(space->at + from, space->size - from);
}

MUST enum mt_err ledger_receipt_fill(const struct ledger *l, uint64_t index, struct bytes entry, struct builder *space,
				     struct receipt_file *f)
{
	uint8_t proof[LOG_PROOF_MAX][LOG_HASH_SIZE];
	const struct log_tree *tree = log_tree(l->log);
	size_t count = 0, from = space->size;

	if (!l->head_signed || index == 0 || index >= l->head.size) {
		return MT_STATE;
	}
	enum mt_err err = log_tree_inclusion(tree, 0, l->head.size, proof, &count);
	if (err) {
		return err;
	}
	builder_bytes(space, mt_bytes(proof, count * LOG_HASH_SIZE));
	f->genesis_proof = appended(space, from);
	err = log_tree_inclusion(tree, index, l->head.size, proof, &count);
	if (err) {
		return err;
	}
	from = space->size;
	builder_bytes(space, mt_bytes(proof, count * LOG_HASH_SIZE));
	f->proof = appended(space, from);
	from = space->size;
	receipt_encode_cose(&l->head, index, proof, count, space);
	f->head_receipt = appended(space, from);
	f->entry = entry;
	f->index = index;
	f->size = l->head.size;
	f->note = mt_bytes(l->head.note, l->head.note_size);
	f->genesis = ledger_genesis_bytes(l);
	memcpy(f->root, l->head.root, sizeof(f->root));
	log_salt(l->log, index, f->salt);
	return space->failed ? MT_LIMIT : MT_OK;
}
