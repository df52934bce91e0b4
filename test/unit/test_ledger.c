/* The ledger without a node: tiles by every form of path, consistency, heads, receipts. What is served is proved against lib/log's verifier. */
#include "test/test.h"

#include <stdio.h>
#include <string.h>

#include "port/linux/box_port.h"
#include "service/ledger/ledger.h"

#define ENTRIES 600             /* two whole tiles and a partial one */

static struct box *box;
static struct seal_root root = { .id = { 1 } };
static uint8_t file[4 << 20];
static size_t file_size;

static enum mt_err fold(void *context, uint64_t index, struct bytes entry)
{
	(void)index;
	*(size_t *)context += entry.size;
	return MT_OK;
}

static struct ledger *open_one(uint8_t instance, size_t *folded)
{
	static const struct secret platform = { { 5 } };
	uint8_t secret[LEDGER_INSTANCE_SIZE] = { instance };
	struct ledger *l = NULL;

	if (!box) {
		box_port_install();
		mt_assert(!box_open(&box_cbor, &box));
		seal_root_derive(&platform, mt_text("m"), mt_text("p"), &root);
	}
	mt_assert(!ledger_open(box, &root, secret, fold, folded, &l));
	return l;
}

static void commit(struct ledger *l)
{
	struct log_write w;

	mt_assert(!ledger_batch(l, &w) && w.offset + w.bytes.size <= sizeof(file));
	memcpy(file + w.offset, w.bytes.at, w.bytes.size);
	file_size = w.extend_to > w.offset + w.bytes.size ? (size_t)w.extend_to : (size_t)(w.offset + w.bytes.size);
	mt_assert(file_size <= sizeof(file));
	ledger_sign_ahead(l);
	mt_assert(!ledger_written(l, MT_OK));
}

/* A ledger of `count` entries, the genesis with them. */
static struct ledger *filled(uint64_t count, size_t *folded)
{
	static const uint8_t operator_id[32] = { 3 }, configuration[32] = { 4 };
	struct ledger *l = open_one(1, folded);
	struct entry e = { .kind = ENTRY_LIFE, .body = mt_text("some thirty-two bytes of a hash.") };
	uint64_t index = 0;

	memset(file, 0, sizeof(file));
	mt_assert(!ledger_replay_end(l) && !ledger_genesis(l, 1, operator_id, configuration));
	for (uint64_t i = 1; i < count; i++) {
		e.time_ms = i;
		mt_assert(!ledger_stage(l, &e, &index));
		CHECK(index == i, "in order");
		if (i % 100 == 0) {
			commit(l);
		}
	}
	commit(l);
	CHECK(ledger_size(l) == count && ledger_next_index(l) == count, "all are there");
	return l;
}

static enum mt_err tile(const struct ledger *l, const char *path, struct bytes *out)
{
	static uint8_t space[64 * 1024];
	struct builder b = builder_over(space, sizeof(space));
	struct bytes p = mt_text(path);

	enum mt_err err = ledger_tile(l, first(p, p.size), &b);
	return err ? err : builder_done(&b, out);
}

static void test_tile_paths(void)
{
	static const struct {
		const char *path;
		enum mt_err want;
		size_t hashes;
	} row[] = {
		{ "0/000", MT_OK, 256 }, { "0/001", MT_OK, 256 }, { "0/002.p/88", MT_OK, 88 }, { "0/002.p/1", MT_OK, 1 },
		{ "0/000.p/255", MT_OK, 255 }, { "1/000.p/2", MT_OK, 2 }, { "1/000.p/1", MT_OK, 1 },
		{ "0/002", MT_NOT_FOUND, 0 }, { "0/002.p/89", MT_NOT_FOUND, 0 }, { "0/003.p/1", MT_NOT_FOUND, 0 },
		{ "1/000", MT_NOT_FOUND, 0 }, { "1/000.p/3", MT_NOT_FOUND, 0 }, { "1/001.p/1", MT_NOT_FOUND, 0 },
		{ "2/000.p/1", MT_NOT_FOUND, 0 }, { "7/000.p/1", MT_NOT_FOUND, 0 }, { "0/x001/234", MT_NOT_FOUND, 0 },
		{ "0/x999/x999/x999/x999/x999/999", MT_NOT_FOUND, 0 },
		/* 2^56 * 256 is 0 again in 64 bits, and 2^56 + 1 the second tile. */
		{ "0/x072/x057/x594/x037/x927/936", MT_NOT_FOUND, 0 }, { "0/x072/x057/x594/x037/x927/937", MT_NOT_FOUND, 0 },
		{ "", MT_MALFORMED, 0 }, { "0", MT_MALFORMED, 0 }, { "0/", MT_MALFORMED, 0 }, { "0/0", MT_MALFORMED, 0 },
		{ "0/00", MT_MALFORMED, 0 }, { "0/0000", MT_MALFORMED, 0 }, { "0/000/", MT_MALFORMED, 0 }, { "0/x000", MT_MALFORMED, 0 },
		{ "0/x000/001", MT_MALFORMED, 0 }, { "0/x000/x000/000", MT_MALFORMED, 0 }, { "0/001/000", MT_MALFORMED, 0 },
		{ "0/x001/x000", MT_MALFORMED, 0 }, { "0/x01/000", MT_MALFORMED, 0 },
		{ "0/x001/x001/x001/x001/x001/x001/001", MT_MALFORMED, 0 },
		{ "8/000", MT_MALFORMED, 0 }, { "00/000", MT_MALFORMED, 0 }, { "01/000", MT_MALFORMED, 0 }, { "-1/000", MT_MALFORMED, 0 },
		{ "/000", MT_MALFORMED, 0 }, { "x/000", MT_MALFORMED, 0 }, { " 0/000", MT_MALFORMED, 0 }, { "0/000 ", MT_MALFORMED, 0 },
		{ "0/000.p/", MT_MALFORMED, 0 }, { "0/000.p", MT_MALFORMED, 0 }, { "0/000.p/0", MT_MALFORMED, 0 },
		{ "0/000.p/256", MT_MALFORMED, 0 }, { "0/000.p/01", MT_MALFORMED, 0 }, { "0/000.p/1.p/1", MT_MALFORMED, 0 },
		{ "0/000.p/1/", MT_MALFORMED, 0 }, { "0/000.p/1000", MT_MALFORMED, 0 }, { "../checkpoint", MT_MALFORMED, 0 },
		{ "entries", MT_MALFORMED, 0 }, { "entries/", MT_MALFORMED, 0 }, { "entries000", MT_MALFORMED, 0 },
		{ "entries/x000/001", MT_MALFORMED, 0 }, { "entries/003", MT_NOT_FOUND, 0 }, { "entries/002", MT_NOT_FOUND, 0 },
		{ "entries/002.p/89", MT_NOT_FOUND, 0 },
	};
	size_t folded = 0;
	struct ledger *l = filled(ENTRIES, &folded);
	struct bytes got;

	for (size_t i = 0; i < MT_COUNT(row); i++) {
		got = (struct bytes){ 0 };
		CHECK(tile(l, row[i].path, &got) == row[i].want, row[i].path);
		CHECK(got.size == row[i].hashes * 32, row[i].path);
	}
	ledger_close(l);
}

/* The bundles and the tiles above them are the same tree: each entry hashes to its leaf, and 256 leaves to the node on top. */
static void test_tiles_agree(void)
{
	size_t folded = 0;
	struct ledger *l = filled(ENTRIES, &folded);
	struct bytes entries, leaves;
	uint8_t hash[32], want_root[32];
	static uint8_t kept[256 * 32];
	char path[32];

	struct log_tree *tree = NULL;
	CHECK(!log_tree_open(&tree), "another tree");
	for (unsigned t = 0; t < 3; t++) {
		unsigned width = t < 2 ? 256 : ENTRIES - 512;
		snprintf(path, sizeof(path), t < 2 ? "0/%03u" : "0/%03u.p/%u", t, width);
		CHECK(!tile(l, path, &leaves), path);
		memcpy(kept, leaves.at, leaves.size);
		snprintf(path, sizeof(path), t < 2 ? "entries/%03u" : "entries/%03u.p/%u", t, width);
		CHECK(!tile(l, path, &entries), path);
		struct cursor c = cursor_over(entries);
		for (unsigned i = 0; i < width; i++) {
			struct bytes entry = cursor_take(&c, cursor_u16(&c));
			log_leaf_hash(entry, hash);
			CHECK(memcmp(hash, kept + 32 * i, 32) == 0, "an entry hashes to its leaf");
			CHECK((t + i == 0) == mt_equal(entry, ledger_genesis_bytes(l)), "only the genesis is public");
			mt_assert(!log_tree_append(tree, hash));
		}
		CHECK(cursor_done(&c), "and nothing else is in the bundle");
	}
	log_tree_root(tree, ENTRIES, hash);
	ledger_root(l, ENTRIES, want_root);
	CHECK(memcmp(hash, want_root, 32) == 0, "what is served is the tree that is signed");
	CHECK(!tile(l, "1/000.p/2", &leaves) && !log_tree_node(tree, 8, 1, hash) && memcmp(leaves.at + 32, hash, 32) == 0, "the level above");
	log_tree_close(tree);
	ledger_close(l);
}

static void test_consistency(void)
{
	static const uint64_t bad[][2] = { { 0, 1 }, { 0, 0 }, { 2, 1 }, { 1, 71 }, { 71, 71 }, { 1, UINT64_MAX }, { UINT64_MAX, UINT64_MAX } };
	size_t folded = 0;
	struct ledger *l = filled(70, &folded);
	uint8_t space[LOG_PROOF_MAX * 32 + 64], from[32], to[32];

	for (uint64_t a = 1; a <= 70; a++) {
		for (uint64_t b = a; b <= 70; b++) {
			struct builder out = builder_over(space, sizeof(space));
			struct bytes wire;
			CHECK(!ledger_consistency(l, a, b, &out) && !builder_done(&out, &wire), "every pair");
			struct cose_document d;
			mt_assert(!cose_document_open(box, wire, &d));
			struct reader r = reader_over(&d.items);
			reader_array_of(&r, 2);
			reader_copy(&r, to, sizeof(to));
			struct bytes proof = reader_bstr(&r);
			ledger_root(l, a, from);
			CHECK(reader_done(&r) && !log_verify_consistency(a, b, proof, from, to), "is proved");
			cose_document_close(&d);
		}
	}
	for (size_t i = 0; i < MT_COUNT(bad); i++) {
		struct builder out = builder_over(space, sizeof(space));
		CHECK(ledger_consistency(l, bad[i][0], bad[i][1], &out) == MT_NOT_FOUND && out.size == 0, "no such pair");
	}
	ledger_close(l);
}

static void test_heads(void)
{
	size_t folded = 0;
	struct ledger *l = filled(20, &folded);
	struct statement_head head = { 0 };

	CHECK(!ledger_head_check(l, &head), "none seen yet");
	for (head.size = 1; head.size <= 20; head.size++) {
		ledger_root(l, head.size, head.root);
		CHECK(!ledger_head_check(l, &head), "every head that was");
		head.root[31] ^= 1;
		CHECK(ledger_head_check(l, &head) == MT_TAMPERED, "another history");
	}
	head.size = 21;
	CHECK(ledger_head_check(l, &head) == MT_TAMPERED, "one that this log has not reached");
	head.size = UINT64_MAX;
	CHECK(ledger_head_check(l, &head) == MT_TAMPERED, "nor ever will");
	ledger_close(l);
}

/* Everything in the ledger's part of a receipt, checked as a stranger would. */
static void test_receipts(void)
{
	size_t folded = 0;
	struct ledger *l = filled(40, &folded);
	uint8_t space[8192], entry_space[128], leaf[32], commitment[32];
	struct receipt_file f = { 0 };
	struct channel_core_keys keys;

	ledger_keys(l, &keys);
	for (uint64_t i = 1; i < 40; i++) {
		struct builder b = builder_over(space, sizeof(space)), eb = builder_over(entry_space, sizeof(entry_space));
		struct entry e = { .kind = ENTRY_LIFE, .time_ms = i, .body = mt_text("some thirty-two bytes of a hash.") };
		struct bytes entry;
		entry_encode(&e, &eb);
		CHECK(!builder_done(&eb, &entry) && !ledger_receipt_fill(l, i, entry, &b, &f), "filled");
		log_commitment(f.salt, f.entry, commitment);
		log_leaf_hash(mt_bytes(commitment, 32), leaf);
		CHECK(f.index == i && f.size == 40 && !log_verify_inclusion(leaf, i, f.size, f.proof, f.root), "the entry is in");
		CHECK(log_verify_inclusion(leaf, i - 1, f.size, f.proof, f.root) == MT_TAMPERED, "at its own place only");
		log_leaf_hash(f.genesis, leaf);
		CHECK(!log_verify_inclusion(leaf, 0, f.size, f.genesis_proof, f.root), "and so is the genesis");
		char origin[LEDGER_ORIGIN_MAX], digits[65];
		uint64_t size = 0;
		uint8_t noted[32];
		mt_hex(mt_bytes(ledger_id(l), 32), digits);
		snprintf(origin, sizeof(origin), "mesatee/%s", digits);
		CHECK(!log_checkpoint_open(f.note, origin, keys.note, &size, noted) && size == 40 && memcmp(noted, f.root, 32) == 0, "the note says so");
	}
	struct builder b = builder_over(space, sizeof(space)), small = builder_over(space, 40);
	struct bytes none = { 0 };
	CHECK(ledger_receipt_fill(l, 0, none, &b, &f) == MT_STATE, "the genesis has no receipt");
	CHECK(ledger_receipt_fill(l, 40, none, &b, &f) == MT_STATE, "what is not there has none");
	CHECK(ledger_receipt_fill(l, 5, none, &small, &f) == MT_LIMIT, "no room");
	ledger_close(l);
}

/* ---- a former life ---- */

static void test_replay(void)
{
	size_t folded = 0, again = 0;
	struct ledger *l = filled(120, &folded), *m = open_one(1, &again);
	uint8_t space[1024], other[1024];
	struct builder a = builder_over(space, sizeof(space)), b = builder_over(other, sizeof(other));

	CHECK(!ledger_replay(m, mt_bytes(file, file_size)) && !ledger_replay_end(m), "replayed");
	CHECK(ledger_size(m) == 120 && again == folded, "the same entries");
	CHECK(!ledger_checkpoint(l, &a) && !ledger_checkpoint(m, &b) && a.size == b.size && memcmp(space, other, a.size) == 0, "the same head");
	ledger_close(m);
	m = open_one(2, &again);
	CHECK(ledger_replay(m, mt_bytes(file, file_size)) || ledger_replay_end(m) || ledger_size(m) == 0, "not under another instance's keys");
	ledger_close(m);
	ledger_close(l);
}

/* A log under our own key whose entry 0 names other keys: it would answer under one id and sign under another. */
static void test_foreign_genesis(void)
{
	static const uint8_t instance[LEDGER_INSTANCE_SIZE] = { 1 };
	uint8_t space[512];
	struct builder b = builder_over(space, sizeof(space));
	size_t folded = 0;
	struct ledger *l = open_one(1, &folded);
	struct channel_core_keys keys;
	struct secret base, key;
	struct genesis g = { .time_ms = 1 };
	struct log_write w;
	struct log *log = NULL;
	struct bytes wire;
	uint64_t index = 0;

	seal_key(&root, "ledger", &base);
	crypto_derive(&base, "log", mt_bytes(instance, sizeof(instance)), &key);
	ledger_keys(l, &keys);
	memcpy(g.receipt_key, keys.receipt, sizeof(g.receipt_key));
	memcpy(g.note_key, keys.note, sizeof(g.note_key));
	for (int other = 0; other < 2; other++) {
		g.note_key[0] ^= (uint8_t)other;
		b = builder_over(space, sizeof(space));
		genesis_encode(&g, &b);
		mt_assert(!builder_done(&b, &wire) && !log_open(&key, ledger_id(l), fold, &folded, &log) && !log_replay_end(log));
		mt_assert(!log_stage(log, wire, &index) && !log_batch(log, &w));
		memset(file, 0, sizeof(file));
		memcpy(file + w.offset, w.bytes.at, w.bytes.size);
		enum mt_err err = ledger_replay(l, mt_bytes(file, LOG_EXTENT));
		err = err ? err : ledger_replay_end(l);
		CHECK(err == (other ? MT_TAMPERED : MT_OK), "the keys of entry 0 are those of the log's id");
		log_close(log);
		ledger_close(l);
		l = open_one(1, &folded);
	}
	ledger_close(l);
}

/* A failed write: what was staged is gone, what was there stays, and the next one goes where it would have. */
static void test_write_fails(void)
{
	size_t folded = 0;
	struct ledger *l = filled(10, &folded);
	struct entry e = { .kind = ENTRY_LIFE, .body = mt_text("x") };
	struct statement_head head = { .size = 10 };
	struct log_write w;
	uint64_t index = 0;
	uint8_t space[1024];
	struct builder b = builder_over(space, sizeof(space));

	ledger_root(l, 10, head.root);
	CHECK(!ledger_stage(l, &e, &index) && index == 10 && ledger_next_index(l) == 11, "staged");
	CHECK(ledger_size(l) == 10, "but not there yet");
	CHECK(!ledger_batch(l, &w) && ledger_batch(l, &w) == MT_STATE, "one write at a time");
	ledger_sign_ahead(l);
	CHECK(ledger_written(l, MT_IO) == MT_IO && ledger_size(l) == 10 && ledger_next_index(l) == 10, "nothing has changed");
	CHECK(!ledger_head_check(l, &head), "the old head stands");
	CHECK(!ledger_checkpoint(l, &b) && memmem(space, b.size, "\n10\n", 4), "and is the signed one: a head signed ahead is not shown");
	CHECK(!ledger_stage(l, &e, &index) && index == 10, "the next goes to the same place");
	commit(l);
	CHECK(ledger_size(l) == 11, "and counts");
	e.body.size = LOG_ENTRY_MAX;
	CHECK(ledger_stage(l, &e, &index) == MT_LIMIT, "too large for an entry");
	ledger_close(l);
}

static void test_no_memory(void)
{
	size_t folded = 0;
	uint8_t secret[LEDGER_INSTANCE_SIZE] = { 1 };
	struct ledger *l = filled(5, &folded);

	ledger_close(l);
	for (uint64_t at = 1;; at++) {
		mt_alloc_fail_at(at);
		l = NULL;
		enum mt_err err = ledger_open(box, &root, secret, fold, &folded, &l);
		err = err ? err : ledger_replay(l, mt_bytes(file, file_size));
		err = err ? err : ledger_replay_end(l);
		mt_alloc_fail_at(0);
		CHECK(!err || err == MT_NO_MEMORY, "memory is what failed");
		ledger_close(l);
		if (!err) {
			CHECK(at > 5, "there were some to fail");
			return;
		}
	}
}

const struct test tests[] = {
	{ "tile paths", test_tile_paths },
	{ "tiles agree", test_tiles_agree },
	{ "consistency", test_consistency },
	{ "heads", test_heads },
	{ "receipts", test_receipts },
	{ "replay", test_replay },
	{ "foreign genesis", test_foreign_genesis },
	{ "write fails", test_write_fails },
	{ "no memory", test_no_memory },
	TESTS_END
};
