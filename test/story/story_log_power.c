/*
 * The log on a disk that loses power, fails, fills up and lies. Each run is a seed; each seed is run once for every
 * operation of the disk, which fails there. test/log_node.h has the model that judges.
 */
#include "test/log_node.h"
#include "test/test.h"

#include <string.h>

enum {
	SEEDS = 12,
	BATCHES = 7,
};

/* ---- power ---- */

/* Operations of a run in which nothing fails. */
static uint64_t operations_of(uint64_t seed)
{
	struct node n;

	node_begin(&n, seed);
	node_run(&n, BATCHES);
	CHECK(n.acked_count == n.count && n.count >= BATCHES, "all acknowledged");
	uint64_t operations = sim_disk_operations(n.disk);
	node_end(&n);
	return operations;
}

static void fail_everywhere(enum sim_failure how)
{
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		sim_crypto_seed(seed);
		uint64_t operations = operations_of(seed);

		for (uint64_t at = 1; at <= operations; at++) {
			struct node n;

			node_begin(&n, seed);
			sim_disk_fail_at(n.disk, at, how);
			node_run(&n, BATCHES);
			node_recover(&n, seed, at);
			node_end(&n);
		}
	}
	sim_crypto_off();
}

static void test_power_cut_everywhere(void)
{
	fail_everywhere(SIM_POWER);
}

static void test_failing_write_or_sync_then_restart(void)
{
	fail_everywhere(SIM_ERROR);
}

static void test_disk_full_then_restart(void)
{
	fail_everywhere(SIM_FULL);
}

/* The power goes a second time while the log recovers from the first. */
static void test_two_cuts(void)
{
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		sim_crypto_seed(seed);
		for (uint64_t gap = 1; gap <= 6; gap++) {
			struct node n;

			node_begin(&n, seed);
			sim_disk_fail_at(n.disk, 3 + seed % 9, SIM_POWER);
			node_run(&n, BATCHES);
			sim_disk_power_on(n.disk);
			CHECK(node_start(&n) == MT_OK && node_judge(&n, "first"), "first");
			sim_disk_fail_at(n.disk, sim_disk_operations(n.disk) + gap, SIM_POWER);
			node_run(&n, BATCHES);
			node_recover(&n, seed, gap);
			node_end(&n);
		}
	}
	sim_crypto_off();
}

/* ---- errors without a restart: the log aborts and goes on ---- */

static void test_error_then_on(void)
{
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		sim_crypto_seed(seed);
		uint64_t operations = operations_of(seed);

		for (uint64_t at = 1; at <= operations; at++) {
			struct node n;

			node_begin(&n, seed);
			sim_disk_fail_at(n.disk, at, SIM_ERROR);
			node_run(&n, BATCHES);
			CHECK(n.count == n.acked_count, "an aborted batch leaves no trace in the state");
			node_judge_root(&n);
			node_run(&n, 2);                /* the next commit takes the place of the aborted batch */
			CHECK(n.doubt_count == 0 && n.count == n.acked_count, "on");
			node_recover(&n, seed, at);
			node_end(&n);
		}
	}
	sim_crypto_off();
}

static void test_full_then_space(void)
{
	struct node n;

	sim_crypto_seed(7);
	node_begin(&n, 7);
	sim_disk_fail_at(n.disk, 1, SIM_FULL);
	for (unsigned i = 0; i < 3; i++) {
		CHECK(node_batch(&n) == MT_LIMIT && n.count == 0, "no room for the first extent");
	}
	sim_disk_heal(n.disk);
	node_run(&n, 3);
	CHECK(n.acked_count >= 3 && n.count == n.acked_count, "room again");
	sim_disk_fail_at(n.disk, sim_disk_operations(n.disk) + 1, SIM_FULL);
	node_run(&n, 3);
	CHECK(n.doubt_count == 0, "within the extent a full disk is no trouble");
	node_recover(&n, 7, 0);
	node_end(&n);
	sim_crypto_off();
}

/* ---- lies ---- */

/* The folded entries are some first part of the acknowledged ones: old, but nothing invented. */
static bool is_older(const struct node *n)
{
	return n->count <= n->acked_count &&
	       (n->count == 0 || memcmp(n->entry, n->acked, n->count * sizeof(*n->entry)) == 0);
}

/* A sync that does nothing: entries may be lost. They are lost from the end, or the hole is seen. */
static void test_lying_sync(void)
{
	unsigned older = 0, tampered = 0;

	for (uint64_t seed = 1; seed <= 4 * SEEDS; seed++) {
		struct node n;

		sim_crypto_seed(seed);
		node_begin(&n, seed);
		node_run(&n, 3);
		sim_disk_lie(n.disk, true);
		node_run(&n, 4);
		sim_disk_power_on(n.disk);
		enum mt_err err = node_start(&n);
		CHECK(err == MT_OK || err == MT_TAMPERED, "two verdicts");
		CHECK(is_older(&n) && n.count >= 3, "nothing invented, nothing synced lost");
		older += err == MT_OK;
		tampered += err == MT_TAMPERED;
		node_end(&n);
	}
	CHECK(older > 0 && tampered > 0, "both happen");
	sim_crypto_off();
}

/* An old image put back: accepted here (log.h), but the head is an older one, which is what clients find out by. */
static void test_old_image(void)
{
	struct node n;
	uint8_t proof[LOG_PROOF_MAX][LOG_HASH_SIZE], old_root[LOG_HASH_SIZE], root[LOG_HASH_SIZE];
	size_t count = 0;

	sim_crypto_seed(3);
	node_begin(&n, 3);
	node_run(&n, 3);
	sim_disk_image_keep(n.disk);
	node_run(&n, 3);
	uint64_t seen = log_tree_size(log_tree(n.log));
	log_tree_root(log_tree(n.log), seen, root);
	sim_disk_image_restore(n.disk);
	sim_disk_power_on(n.disk);
	CHECK(node_start(&n) == MT_OK && is_older(&n) && n.count < seen, "an older log");
	CHECK(log_tree_consistency(log_tree(n.log), seen, n.count, proof, &count) == MT_NOT_FOUND, "shorter than seen");
	n.serial += 1000;       /* another history from here on, until it is as long */
	n.acked_count = n.count;
	while (n.count < seen) {
		CHECK(node_batch(&n) == MT_OK, "on");
	}
	log_tree_root(log_tree(n.log), n.count, old_root);
	CHECK(log_tree_consistency(log_tree(n.log), seen, n.count, proof, &count) == MT_OK, "a proof of its own past");
	CHECK(log_verify_consistency(seen, n.count, mt_bytes(proof, count * LOG_HASH_SIZE), root, old_root) ==
		      MT_TAMPERED, "which does not fit the head that the client saw");
	node_end(&n);
	sim_crypto_off();
}

/* ---- memory ---- */

/* Every allocation of a life fails in turn: start, batches, restart. */
static void test_no_memory_anywhere(void)
{
	bool failed = true;

	sim_crypto_seed(5);
	for (uint64_t at = 1; failed; at++) {
		struct node n;

		node_make(&n, 5);
		mt_alloc_fail_at(at);
		enum mt_err err = node_start(&n);
		for (unsigned i = 0; i < 30 && !err; i++) {     /* past 64 entries, where the tree grows */
			err = node_batch(&n);
			CHECK(n.count == n.acked_count && n.doubt_count == 0, "all or nothing");
		}
		if (!err) {
			err = node_start(&n);
		}
		mt_alloc_fail_at(0);
		failed = err != MT_OK;
		CHECK(!failed || err == MT_NO_MEMORY, "says so");
		CHECK(at < 1000, "ends");
		node_recover(&n, 5, at);
		node_end(&n);
	}
	sim_crypto_off();
}

/* ---- one run, told ---- */

static void test_told(void)
{
	static const char expected[] =
		"0 node: replay of 0 KiB: ok, 0 entries\n"
		"0 disk: zeros 0 to 4096 KiB\n"
		"2 disk: write 12 KiB at 0 KiB\n"
		"4 node: acknowledges 6 entries\n"
		"4 disk: write 4 KiB at 12 KiB\n"
		"6 node: acknowledges 4 entries\n"
		"6 disk: write 4 KiB at 16 KiB\n"
		"8 disk: power cut\n"
		"8 node: replay of 4096 KiB: ok, 10 entries\n"
		"8 disk: write 4 KiB at 16 KiB\n"
		"10 node: acknowledges 1 entries\n";
	struct node n;

	sim_crypto_seed(1);
	node_begin(&n, 1);
	sim_disk_fail_at(n.disk, 8, SIM_POWER);
	node_run(&n, BATCHES);
	sim_disk_power_on(n.disk);
	CHECK(node_start(&n) == MT_OK && node_judge(&n, "told"), "restart");
	node_run(&n, 1);
	CHECK(sim_story_is(n.story, expected), "the story");
	node_end(&n);
	sim_crypto_off();
}

const struct test tests[] = {
	{ "told", test_told },
	{ "power_cut_everywhere", test_power_cut_everywhere },
	{ "failing_write_or_sync_then_restart", test_failing_write_or_sync_then_restart },
	{ "disk_full_then_restart", test_disk_full_then_restart },
	{ "two_cuts", test_two_cuts },
	{ "error_then_on", test_error_then_on },
	{ "full_then_space", test_full_then_space },
	{ "lying_sync", test_lying_sync },
	{ "old_image", test_old_image },
	{ "no_memory_anywhere", test_no_memory_anywhere },
	TESTS_END
};
