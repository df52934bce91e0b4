/* lib/log: the sealed file, undamaged. test_log_damage.c has the rest, test/story/story_log_power.c the power cuts. */
#include "lib/log/log.h"
#include "test/log_world.h"
#include "test/test.h"

#include <string.h>

/* ---- round trips ---- */

static void test_round_trip(void)
{
	static const size_t step[] = { LOG_BLOCK, 3 * LOG_BLOCK, LOG_BATCH_MAX, LOG_BATCH_MAX + LOG_BLOCK, LOG_EXTENT };
	struct world_state *s = world_state();
	struct log *log = world_empty(s);
	struct world_file f = world_written(log, 30);
	uint8_t root[LOG_HASH_SIZE], again[LOG_HASH_SIZE];

	CHECK(s->count == 465 && log_tree_size(log_tree(log)) == 465, "folded at commit");
	log_tree_root(log_tree(log), 465, root);
	for (size_t i = 0; i < MT_COUNT(step); i++) {
		struct world_state *t = world_state();
		struct log *other = world_open(t);

		CHECK(world_replay(other, &f, step[i]) == MT_OK && t->count == 465, "replay");
		log_tree_root(log_tree(other), 465, again);
		CHECK(memcmp(root, again, sizeof(root)) == 0, "the same root");
		CHECK(log_file_size(other) == log_file_size(log), "the same place");
		for (uint64_t n = 0; n < 465; n++) {
			CHECK(world_entry_is(t, n), "the same entries");
		}
		log_close(other);
	}
	log_close(log);
	log_close(NULL);
}

/* After a replay the log continues, and the next replay sees both lives. */
static void test_continues(void)
{
	struct world_state *s = world_state();
	struct log *log = world_empty(s);
	struct world_file f = world_written(log, 5);
	uint64_t count = 0;

	for (uint64_t life = 0; life < 3; life++) {
		log_close(log);
		s = world_state();
		log = world_open(s);
		CHECK(world_replay(log, &f, LOG_EXTENT) == MT_OK && s->count == 15 + life, "replay");
		world_stage(log, world_entry(15 + life), 15 + life);
		world_commit(log, &f);
	}
	CHECK(world_verdict(&f, &count) == MT_OK && count == 18, "all lives");
	log_close(log);
}

/* Leaves as log.h promises: entry 0 itself, then commitments; a salt opens its own entry only. */
static void test_leaves(void)
{
	struct world_state *s = world_state();
	struct log *log = world_empty(s);
	struct world_file f = { 0 };
	uint8_t salt[LOG_HASH_SIZE], other_salt[LOG_HASH_SIZE], commitment[LOG_HASH_SIZE], leaf[LOG_HASH_SIZE];
	uint8_t node[LOG_HASH_SIZE];

	world_stage(log, mt_text("public entry 0, whatever its length may be, is its own leaf, salted with nothing"),
		    0);
	world_stage(log, mt_text("private"), 1);
	world_stage(log, mt_text("private"), 2);
	world_commit(log, &f);
	log_leaf_hash(mt_text("public entry 0, whatever its length may be, is its own leaf, salted with nothing"),
		      leaf);
	CHECK(log_tree_node(log_tree(log), 0, 0, node) == MT_OK && memcmp(leaf, node, 32) == 0, "entry 0");
	log_salt(log, 1, salt);
	log_salt(log, 2, other_salt);
	CHECK(memcmp(salt, other_salt, sizeof(salt)) != 0, "another salt for each");
	log_commitment(salt, mt_text("private"), commitment);
	log_leaf_hash(mt_bytes(commitment, sizeof(commitment)), leaf);
	CHECK(log_tree_node(log_tree(log), 0, 1, node) == MT_OK && memcmp(leaf, node, 32) == 0, "entry 1");
	CHECK(log_tree_node(log_tree(log), 0, 2, node) == MT_OK && memcmp(leaf, node, 32) != 0,
	      "equal, but not seen to be");
	log_close(log);
}

static void test_head_ahead(void)
{
	struct world_state *s = world_state();
	struct log *log = world_empty(s);
	struct world_file f = world_written(log, 6);
	struct log_write w;
	uint64_t size = 0;
	uint8_t ahead[LOG_HASH_SIZE], root[LOG_HASH_SIZE];

	CHECK(log_head_ahead(log, &size, ahead) == MT_STATE, "nothing in flight");
	world_stage(log, world_entry(21), 21);
	world_stage(log, world_entry(22), 22);
	CHECK(log_batch(log, &w) == MT_OK, "batch");
	CHECK(log_head_ahead(log, &size, ahead) == MT_OK && size == 23, "ahead");
	CHECK(log_tree_size(log_tree(log)) == 21 && s->count == 21, "but nothing is visible yet");
	world_write(&f, &w);
	CHECK(log_commit(log) == MT_OK, "commit");
	log_tree_root(log_tree(log), 23, root);
	CHECK(memcmp(ahead, root, sizeof(root)) == 0, "as it came");
	log_close(log);
}

/* ---- order of calls ---- */

static void test_states(void)
{
	struct world_state *s = world_state();
	struct log *log = world_open(s);
	struct log_write w;
	uint64_t index = 0;

	CHECK(log_stage(log, mt_text("a"), &index) == MT_STATE, "stage before the replay ended");
	CHECK(log_batch(log, &w) == MT_STATE && log_commit(log) == MT_STATE, "batch and commit too");
	CHECK(log_replay_end(log) == MT_OK && log_replay_end(log) == MT_STATE, "the replay ends once");
	CHECK(log_replay(log, mt_bytes(NULL, 0)) == MT_STATE, "and stays ended");
	CHECK(!log_staged(log) && log_batch(log, &w) == MT_STATE, "nothing staged");
	world_stage(log, mt_text("a"), 0);
	CHECK(log_staged(log) && log_commit(log) == MT_STATE, "nothing in flight");
	CHECK(log_batch(log, &w) == MT_OK && !log_staged(log), "in flight");
	world_stage(log, mt_text("b"), 1);
	CHECK(log_batch(log, &w) == MT_STATE, "one at a time");
	CHECK(log_commit(log) == MT_OK && s->count == 1 && log_staged(log), "the next one waits");
	CHECK(log_batch(log, &w) == MT_OK && w.offset == LOG_BLOCK && log_commit(log) == MT_OK && s->count == 2, "");
	log_close(log);
}

static void test_abort(void)
{
	struct world_state *s = world_state();
	struct log *log = world_empty(s);
	struct world_file f = world_written(log, 3);
	struct log_write w;
	uint64_t count = 0, offset = log_file_size(log);

	world_stage(log, mt_text("lost"), 6);
	log_abort(log);
	CHECK(!log_staged(log), "staged only");
	world_stage(log, mt_text("lost"), 6);
	CHECK(log_batch(log, &w) == MT_OK, "batch");
	world_stage(log, mt_text("staged behind it"), 7);
	log_abort(log);
	CHECK(!log_staged(log) && s->count == 6 && log_tree_size(log_tree(log)) == 6, "as after the last commit");
	CHECK(log_file_size(log) == offset, "same place");
	world_stage(log, world_entry(6), 6);
	world_commit(log, &f);
	CHECK(world_verdict(&f, &count) == MT_OK && count == 7, "and it goes on");
	log_abort(log);
	log_close(log);
}

/* A fold that refuses at commit gets the same entry again; nothing is folded twice. */
static void test_fold_refuses_commit(void)
{
	struct world_state *s = world_state();
	struct log *log = world_empty(s);
	struct log_write w;
	uint64_t index = 0;

	for (uint64_t i = 0; i < 5; i++) {
		world_stage(log, world_entry(i), i);
	}
	CHECK(log_batch(log, &w) == MT_OK, "batch");
	s->refuse_at = 3 + 1;
	CHECK(log_commit(log) == MT_LIMIT && s->count == 3, "the fold's own error");
	CHECK(log_tree_size(log_tree(log)) == 5, "on disk and in the tree it is");
	CHECK(log_stage(log, world_entry(5), &index) == MT_STATE, "no going on before it is folded");
	CHECK(log_commit(log) == MT_LIMIT && s->count == 3, "again");
	s->refuse_at = 0;
	CHECK(log_commit(log) == MT_OK && s->count == 5, "then the rest");
	world_stage(log, world_entry(5), 5);
	log_close(log);
}

static void test_fold_refuses_replay(void)
{
	struct world_state *s = world_state();
	struct log *log = world_empty(s);
	struct world_file f = world_written(log, 4);

	log_close(log);
	s = world_state();
	s->refuse_at = 5 + 1;
	log = world_open(s);
	CHECK(world_replay(log, &f, LOG_EXTENT) == MT_LIMIT && s->count == 5, "the fold's own error");
	CHECK(log_replay_end(log) == MT_STATE, "dead");
	log_close(log);
}

/* ---- limits ---- */

static void test_limits(void)
{
	static uint8_t big[LOG_ENTRY_MAX + 1];
	struct world_state *s = world_state();
	struct log *log = world_empty(s);
	struct world_file f = { 0 };
	uint64_t index = 7, count = 0;
	size_t n = 0;

	CHECK(log_stage(log, mt_bytes(big, sizeof(big)), &index) == MT_LIMIT && index == 7, "entry too big");
	world_stage(log, mt_bytes(big, LOG_ENTRY_MAX), 0);
	CHECK(log_stage(log, mt_bytes(big, LOG_ENTRY_MAX), &index) == MT_LIMIT && index == 7, "batch full of bytes");
	world_stage(log, mt_bytes(big, 1000), 1);
	world_commit(log, &f);
	for (n = 2; log_stage(log, mt_bytes(NULL, 0), &index) == MT_OK; n++) {
		CHECK(index == n, "empty entries are entries");
	}
	CHECK(n == 2 + 1024, "batch full of entries");
	world_commit(log, &f);
	log_close(log);
	s = world_state();
	log = world_open(s);
	CHECK(world_replay(log, &f, LOG_BLOCK) == MT_OK && s->count == n, "largest batches replay");
	count = s->count;
	CHECK(count == 1026 && s->entry[0].size == LOG_ENTRY_MAX && s->entry[5].size == 0, "as they were");
	log_close(log);
}

static void test_extent(void)
{
	static uint8_t big[LOG_ENTRY_MAX];
	struct world_state *s = world_state();
	struct log *log = world_empty(s);
	struct world_file f = { 0 };
	struct log_write w;
	unsigned extended = 0;

	for (uint64_t i = 0; i < 140; i++) { /* 140 times 17 blocks: past two extents */
		world_stage(log, mt_bytes(big, sizeof(big)), i);
		CHECK(log_batch(log, &w) == MT_OK, "batch");
		extended += w.extend_to != 0;
		CHECK(w.extend_to == 0 || w.extend_to >= w.offset + w.bytes.size, "room for this batch");
		if (i == 0) { /* not written: asked again */
			log_abort(log);
			world_stage(log, mt_bytes(big, sizeof(big)), i);
			CHECK(log_batch(log, &w) == MT_OK && w.extend_to == LOG_EXTENT, "again");
		}
		world_write(&f, &w);
		CHECK(log_commit(log) == MT_OK, "commit");
	}
	CHECK(extended == 3 && f.size == 3 * LOG_EXTENT, "only when needed");
	log_close(log);
	log = world_open(world_state());
	CHECK(world_replay(log, &f, LOG_EXTENT) == MT_OK, "replay");
	world_stage(log, mt_text("more"), 140);
	CHECK(log_batch(log, &w) == MT_OK && w.extend_to == 0, "the extent is known after a replay");
	log_close(log);
}

/* ---- memory ---- */

static void test_open_no_memory(void)
{
	struct log *log = NULL;
	enum mt_err err = MT_NO_MEMORY;

	for (uint64_t n = 1; err == MT_NO_MEMORY; n++) {
		mt_alloc_fail_at(n);
		err = log_open(&world_key, world_id, world_fold, NULL, &log);
		mt_alloc_fail_at(0);
		CHECK(err == MT_OK || (err == MT_NO_MEMORY && !log), "each allocation");
		CHECK(n < 100, "ends");
	}
	log_close(log);
}

/* Each allocation in turn, from staging to commit: either it fails before the write, or it succeeds whole. */
static void test_commit_no_memory(void)
{
	for (uint64_t n = 1; n < 20; n++) {
		struct world_state *s = world_state();
		struct log *log = world_empty(s);
		struct world_file f = world_written(log, 10); /* 55 entries; growing past 64 comes next */
		struct log_write w;
		uint64_t count = 0, index = 0;

		for (uint64_t i = 55; i < 75; i++) {
			world_stage(log, world_entry(i), i);
		}
		mt_alloc_fail_at(n);
		enum mt_err err = log_batch(log, &w);
		if (err) {
			CHECK(err == MT_NO_MEMORY && log_staged(log) && s->count == 55, "as before");
			err = log_batch(log, &w);
		}
		CHECK(err == MT_OK, "the second try works");
		world_write(&f, &w);
		CHECK(log_commit(log) == MT_OK && s->count == 75, "a commit needs no memory");
		mt_alloc_fail_at(1);
		CHECK(log_stage(log, world_entry(75), &index) == MT_OK, "nor does staging");
		mt_alloc_fail_at(0);
		CHECK(world_verdict(&f, &count) == MT_OK && count == 75, "all there");
		log_close(log);
	}
}

static void test_replay_no_memory(void)
{
	struct log *log = world_empty(world_state());
	struct world_file f = world_written(log, 12);
	bool failed = true;

	log_close(log);
	for (uint64_t n = 1; failed; n++) {
		struct world_state *s = world_state();

		log = world_open(s);
		mt_alloc_fail_at(n);
		enum mt_err err = world_replay(log, &f, LOG_EXTENT);
		mt_alloc_fail_at(0);
		failed = err != MT_OK;
		CHECK(err == MT_NO_MEMORY || (!failed && s->count == 78), "each allocation");
		CHECK(n < 1000, "ends");
		log_close(log);
	}
}

/* ---- reading one entry back ---- */

static struct bytes place_bytes(const struct log *log, const struct world_file *f, uint64_t index)
{
	uint64_t offset = 0;
	size_t size = 0;

	CHECK(log_entry_place(log, index, &offset, &size) == MT_OK && offset + size <= f->size, "a place in the file");
	return mt_bytes(f->at + offset, size);
}

static void entries_read_back(const struct log *log, const struct world_file *f, uint64_t count)
{
	static uint8_t plain[LOG_BATCH_MAX];
	struct bytes entry;
	uint64_t offset;
	size_t size;

	for (uint64_t i = 0; i < count; i++) {
		CHECK(log_entry_open(log, i, place_bytes(log, f, i), plain, &entry) == MT_OK && mt_equal(entry, world_entry(i)),
		      "what was written there");
	}
	CHECK(log_entry_place(log, count, &offset, &size) == MT_NOT_FOUND, "no place past the end");
	CHECK(log_entry_open(log, count, place_bytes(log, f, 0), plain, &entry) == MT_NOT_FOUND, "no entry past the end");
}

/* Every entry, in the life that wrote it and in the next one. */
static void test_read_back(void)
{
	struct world_state *s = world_state();
	struct log *log = world_empty(s);
	struct world_file f = world_written(log, 12);

	entries_read_back(log, &f, 78);
	log_close(log);
	log = world_open(world_state());
	CHECK(world_replay(log, &f, LOG_EXTENT) == MT_OK, "replay");
	entries_read_back(log, &f, 78);
	log_close(log);
}

/* A disk that gives anything but those bytes is found out, bit by bit and prefix by prefix, and nothing of it leaves. */
static void test_read_back_damage(void)
{
	static uint8_t plain[LOG_BATCH_MAX];
	static const uint8_t zeros[LOG_BATCH_MAX];
	struct log *log = world_empty(world_state());
	struct world_file f = world_written(log, 5);
	struct bytes wire = place_bytes(log, &f, 4), other = place_bytes(log, &f, 7), entry = mt_text("before");
	/* magic, version, reserved, size, nonce, ciphertext and tag of three short entries: what is not padding */
	size_t used = 24 + 52 + 3 * 4 + 3 + 4 + 5 + 16;

	for (size_t i = 0; i < used; i++) {
		((uint8_t *)(uintptr_t)wire.at)[i] ^= 1;
		CHECK(log_entry_open(log, 4, wire, plain, &entry) == MT_TAMPERED, "one bit");
		((uint8_t *)(uintptr_t)wire.at)[i] ^= 1;
		CHECK(log_entry_open(log, 4, mt_bytes(wire.at, i), plain, &entry) == MT_TAMPERED, "every prefix");
	}
	CHECK(log_entry_open(log, 4, other, plain, &entry) == MT_TAMPERED, "another batch of this log");
	CHECK(mt_equal(entry, mt_text("before")) && memcmp(plain, zeros, sizeof(plain)) == 0, "nothing was given");
	CHECK(log_entry_open(log, 4, wire, plain, &entry) == MT_OK && mt_equal(entry, world_entry(4)), "the right one");
	log_close(log);
}

/* A batch that was aborted lies authentic on the disk, with the same numbers inside: the tree knows better. */
static void test_read_back_aborted(void)
{
	static uint8_t plain[LOG_BATCH_MAX];
	struct log *log = world_empty(world_state());
	struct world_file f = { 0 }, stale = { 0 };
	struct log_write w;
	struct bytes entry;

	world_stage(log, mt_text("first"), 0);
	world_commit(log, &f);
	world_stage(log, mt_text("never acknowledged"), 1);
	CHECK(log_batch(log, &w) == MT_OK, "in flight");
	stale = world_copy(&f);
	world_write(&stale, &w);
	log_abort(log);
	world_stage(log, mt_text("acknowledged"), 1);
	world_commit(log, &f);
	CHECK(log_entry_open(log, 1, place_bytes(log, &f, 1), plain, &entry) == MT_OK && mt_equal(entry, mt_text("acknowledged")), "kept");
	CHECK(log_entry_open(log, 1, place_bytes(log, &stale, 1), plain, &entry) == MT_TAMPERED, "aborted");
	log_close(log);
}

const struct test tests[] = { { "round_trip", test_round_trip },
			      { "continues", test_continues },
			      { "leaves", test_leaves },
			      { "head_ahead", test_head_ahead },
			      { "states", test_states },
			      { "abort", test_abort },
			      { "fold_refuses_commit", test_fold_refuses_commit },
			      { "fold_refuses_replay", test_fold_refuses_replay },
			      { "limits", test_limits },
			      { "read_back", test_read_back },
			      { "read_back_damage", test_read_back_damage },
			      { "read_back_aborted", test_read_back_aborted },
			      { "extent", test_extent },
			      { "open_no_memory", test_open_no_memory },
			      { "commit_no_memory", test_commit_no_memory },
			      { "replay_no_memory", test_replay_no_memory },
			      TESTS_END };
