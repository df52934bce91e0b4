/* lib/log: what a replay says to files that are cut, changed, put together from others, or made up. */
#include "lib/log/log.h"
#include "test/log_world.h"
#include "test/test.h"

#include <string.h>

/* ---- damage ---- */

/* Cut at every block. A short file is an older file: accepted, and nothing is invented. */
static void test_every_cut(void)
{
	struct log *log = world_empty(world_state());
	struct world_file f = world_written(log, 12);
	size_t used = (size_t)log_file_size(log);
	uint64_t count = 0, last = 0;

	for (size_t n = 0; n <= used; n += LOG_BLOCK) {
		struct world_file cut = { f.at, n };

		CHECK(world_verdict(&cut, &count) == MT_OK, "every prefix of blocks");
		CHECK(count >= last, "more bytes, more entries");
		last = count;
	}
	CHECK(last == 78, "all of it");
	log_close(log);
}

static void test_replay_part_of_block(void)
{
	struct log *log = world_open(world_state());
	static const uint8_t zeros[LOG_BLOCK];

	CHECK(log_replay(log, mt_bytes(zeros, LOG_BLOCK - 1)) == MT_MALFORMED, "not a block");
	CHECK(log_replay(log, mt_bytes(zeros, LOG_BLOCK)) == MT_OK && log_replay_end(log) == MT_OK, "still usable");
	log_close(log);
}

/* Flip one bit in every byte of a file of four one-block batches. */
static void test_every_byte(void)
{
	struct log *log = world_empty(world_state());
	struct world_file f = { 0 };
	size_t used = 24 + 52 + 4 + 16, size = 4 * LOG_BLOCK;
	uint64_t count = 0;

	for (uint64_t i = 0; i < 4; i++) { /* one empty entry each (world_entry(0) is empty) */
		world_stage(log, mt_bytes(NULL, 0), i);
		world_commit(log, &f);
	}
	f.size = size;
	for (size_t at = 0; at < size; at++) {
		struct world_state *s = world_state();
		struct log *other = world_open(s);

		f.at[at] ^= 0x10;
		enum mt_err err = world_replay(other, &f, LOG_EXTENT);
		f.at[at] ^= 0x10;
		bool padding = at % LOG_BLOCK >= used, last = at / LOG_BLOCK == 3;
		CHECK(err == (padding || last ? MT_OK : MT_TAMPERED), "every byte");
		count = padding ? 4 : at / LOG_BLOCK;
		CHECK(s->count == count, "entries before the damage only");
		log_close(other);
	}
	log_close(log);
}

/* Exchange, duplicate and drop batches: each of them authentic, none where it was written. */
static void test_order(void)
{
	struct log *log = world_empty(world_state());
	struct world_file f = { 0 }, bad;
	uint64_t count = 0;

	for (uint64_t i = 0; i < 5; i++) {
		world_stage(log, world_entry(i), i);
		world_commit(log, &f);
	}
	log_close(log);
	f.size = 5 * LOG_BLOCK;
	for (size_t a = 0; a < 5; a++) {
		for (size_t b = 0; b < 5; b++) {
			bad = world_copy(&f);
			memcpy(bad.at + a * LOG_BLOCK, f.at + b * LOG_BLOCK, LOG_BLOCK);
			CHECK(world_verdict(&bad, &count) == (a == b ? MT_OK : MT_TAMPERED), "one in place of another");
			CHECK(count == (a == b ? 5 : a), "what came before it");
			memcpy(bad.at + b * LOG_BLOCK, f.at + a * LOG_BLOCK, LOG_BLOCK);
			CHECK(world_verdict(&bad, &count) == (a == b ? MT_OK : MT_TAMPERED), "two exchanged");
		}
		bad = world_copy(&f);
		memmove(bad.at + a * LOG_BLOCK, bad.at + (a + 1) * LOG_BLOCK, (4 - a) * LOG_BLOCK);
		bad.size -= LOG_BLOCK;
		CHECK(world_verdict(&bad, &count) == (a == 4 ? MT_OK : MT_TAMPERED), "one dropped");
		struct world_file longer = { test_alloc(f.size + LOG_BLOCK), f.size + LOG_BLOCK };
		memcpy(longer.at, f.at, a * LOG_BLOCK);
		memcpy(longer.at + (a + 1) * LOG_BLOCK, f.at + a * LOG_BLOCK, (5 - a) * LOG_BLOCK);
		CHECK(world_verdict(&longer, &count) == MT_TAMPERED && count == a, "the right one, but behind a hole");
		bad = world_copy(&f);
		memset(bad.at + a * LOG_BLOCK, 0, LOG_BLOCK);
		CHECK(world_verdict(&bad, &count) == (a == 4 ? MT_OK : MT_TAMPERED), "one zeroed");
		CHECK(count == a, "what came before it");
	}
}

/* Two histories of one log from the same point on: the chain tells their batches apart. */
static void test_fork(void)
{
	struct log *log = world_empty(world_state());
	struct world_file f = { 0 }, left, right, mixed;
	struct world_file *branch[] = { &left, &right };

	world_stage(log, world_entry(0), 0);
	world_commit(log, &f);
	log_close(log);
	for (size_t b = 0; b < 2; b++) {
		*branch[b] = world_copy(&f);
		log = world_open(world_state());
		CHECK(world_replay(log, branch[b], LOG_EXTENT) == MT_OK, "replay");
		world_stage(log, b ? mt_text("right") : mt_text("left"), 1);
		world_commit(log, branch[b]);
		world_stage(log, world_entry(2), 2);
		world_commit(log, branch[b]);
		log_close(log);
	}
	mixed = world_copy(&left);
	memcpy(mixed.at + 2 * LOG_BLOCK, right.at + 2 * LOG_BLOCK, LOG_BLOCK);
	struct world_state *s = world_state();
	log = world_open(s);
	CHECK(world_replay(log, &mixed, LOG_EXTENT) == MT_TAMPERED && s->count == 2, "right's batch after left's");
	log_close(log);
}

/* A file of another log or under another key authenticates nowhere: an empty log, not a mixture. */
static void test_another_log(void)
{
	static const uint8_t other_id[LOG_ID_SIZE] = "other id";
	struct secret other_key = world_key;
	struct log *log = world_empty(world_state());
	struct world_file f = world_written(log, 3), mixed;
	uint64_t count = 0;

	log_close(log);
	struct world_state *s = world_state();
	CHECK(log_open(&world_key, other_id, world_fold, s, &log) == MT_OK, "open");
	CHECK(world_replay(log, &f, LOG_EXTENT) == MT_OK && s->count == 0, "another id");
	log_close(log);
	CHECK(log_open(&world_key, other_id, world_fold, world_state(), &log) == MT_OK && log_replay_end(log) == MT_OK,
	      "open");
	struct world_file g = world_written(log, 3);
	log_close(log);
	mixed = world_copy(&f);
	memcpy(mixed.at + LOG_BLOCK, g.at + LOG_BLOCK, LOG_BLOCK);
	CHECK(world_verdict(&mixed, &count) == MT_TAMPERED && count == 1, "a batch of another log in the middle");
	other_key.at[0] ^= 1;
	s = world_state();
	CHECK(log_open(&other_key, world_id, world_fold, s, &log) == MT_OK, "open");
	CHECK(world_replay(log, &f, LOG_EXTENT) == MT_OK && s->count == 0, "another key");
	log_close(log);
}

/* A torn batch of many blocks, then a shorter one in its place: the old tail behind it is no batch. */
static void test_torn_then_shorter(void)
{
	static uint8_t big[LOG_ENTRY_MAX];
	struct log *log = world_empty(world_state());
	struct world_file f = { 0 };
	struct log_write w;
	uint64_t count = 0;

	world_stage(log, world_entry(0), 0);
	world_commit(log, &f);
	world_stage(log, mt_bytes(big, sizeof(big)), 1);
	CHECK(log_batch(log, &w) == MT_OK, "batch");
	world_write(&f, &w); /* written whole, but the sync failed */
	log_abort(log);
	world_stage(log, world_entry(1), 1);
	world_commit(log, &f);
	CHECK(world_verdict(&f, &count) == MT_OK && count == 2, "the shorter one counts");
	memset(f.at + LOG_BLOCK, 0xaa, LOG_BLOCK); /* and torn once more */
	CHECK(world_verdict(&f, &count) == MT_OK && count == 1, "still no batch behind it");
	log_close(log);
}

/* A block that claims to be a batch, of every size that does and does not fit. */
static void test_forged_prefix(void)
{
	static const uint32_t size[] = { 0, 1, 67, 68, 69, 4096, LOG_BATCH_MAX - 24, LOG_BATCH_MAX - 23, UINT32_MAX };
	struct log *log = world_empty(world_state());
	struct world_file f = { 0 };
	uint64_t count = 0;

	world_stage(log, world_entry(0), 0);
	world_commit(log, &f);
	log_close(log);
	for (size_t i = 0; i < MT_COUNT(size); i++) {
		for (size_t blocks = 2; blocks < 30; blocks += 9) {
			struct builder b = builder_over(f.at + LOG_BLOCK, LOG_BLOCK);
			struct world_file forged = { f.at, blocks * LOG_BLOCK };

			builder_text(&b, "MTLOGB\x01");
			builder_u8(&b, 0);
			builder_u32(&b, size[i]);
			CHECK(world_verdict(&forged, &count) == MT_OK && count == 1, "forged");
		}
	}
}

const struct test tests[] = { { "every_cut", test_every_cut },
			      { "replay_part_of_block", test_replay_part_of_block },
			      { "every_byte", test_every_byte },
			      { "order", test_order },
			      { "fork", test_fork },
			      { "another_log", test_another_log },
			      { "torn_then_shorter", test_torn_then_shorter },
			      { "forged_prefix", test_forged_prefix },
			      TESTS_END };
