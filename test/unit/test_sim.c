/* port/sim: the world that other tests stand on is itself as it promises. */
#include "port/sim/sim.h"

#include "lib/crypto/crypto.h"
#include "test/test.h"

#include <stdlib.h>
#include <string.h>

static void test_random(void)
{
	struct sim_random a = sim_random_seed(1), b = sim_random_seed(1), c = sim_random_seed(2);
	uint8_t x[32], y[32];
	unsigned same = 0;

	for (int i = 0; i < 1000; i++) {
		uint64_t v = sim_random_u64(&a);

		CHECK(v == sim_random_u64(&b), "a seed gives one sequence");
		same += v == sim_random_u64(&c);
		CHECK(sim_random_below(&a, 7) < 7 && sim_random_below(&b, 7) < 7, "below");
	}
	CHECK(same == 0, "another seed gives another");
	sim_crypto_seed(9);
	crypto_random(x, sizeof(x));
	sim_crypto_seed(9);
	crypto_random(y, sizeof(y));
	CHECK(memcmp(x, y, sizeof(x)) == 0, "lib/crypto draws from the seed");
	sim_crypto_off();
	crypto_random(y, sizeof(y));
	CHECK(memcmp(x, y, sizeof(x)) != 0, "and no longer");
}

/* ---- disk ---- */

static struct bytes filled(uint8_t value, size_t size)
{
	uint8_t *at = test_alloc(size);

	memset(at, value, size);
	return mt_bytes(at, size);
}

static void test_disk_synced_stays(void)
{
	struct sim_disk *d = sim_disk_open(1);
	unsigned f = sim_disk_file(d, "a"), g = sim_disk_file(d, "b");

	CHECK(sim_disk_file(d, "a") == f && f != g, "names");
	CHECK(sim_disk_write(d, f, 1000, filled(1, 5000)) == MT_OK && sim_disk_size(d, f) == 6000, "seen at once");
	CHECK(mt_is_zero(mt_bytes(sim_disk_read(d, f).at, 1000)), "a gap is zeros");
	CHECK(sim_disk_sync(d, f) == MT_OK, "sync");
	sim_disk_power_on(d);
	CHECK(sim_disk_size(d, f) == 6000 && sim_disk_read(d, f).at[5999] == 1, "there after a cut");
	CHECK(sim_disk_operations(d) == 2, "counted");
	sim_disk_close(d);
	sim_disk_close(NULL);
}

/* Over many seeds a cut loses all, keeps all, and tears; always by whole sectors. */
static void test_disk_tears(void)
{
	unsigned all = 0, none = 0, torn = 0;

	for (uint64_t seed = 0; seed < 200; seed++) {
		struct sim_disk *d = sim_disk_open(seed);
		unsigned f = sim_disk_file(d, "a");
		size_t kept = 0;

		CHECK(sim_disk_write(d, f, 0, filled(1, 4096)) == MT_OK && sim_disk_sync(d, f) == MT_OK, "old");
		sim_disk_fail_at(d, 3, SIM_POWER);
		CHECK(sim_disk_write(d, f, 0, filled(2, 4096)) == MT_IO && sim_disk_is_off(d), "cut");
		CHECK(sim_disk_write(d, f, 0, filled(3, 4096)) == MT_IO && sim_disk_sync(d, f) == MT_IO, "off");
		sim_disk_power_on(d);
		for (size_t s = 0; s < 8; s++) {
			struct bytes sector = mt_bytes(sim_disk_read(d, f).at + s * SIM_SECTOR, SIM_SECTOR);
			bool is_new = mt_equal(sector, filled(2, SIM_SECTOR));

			CHECK(is_new || mt_equal(sector, filled(1, SIM_SECTOR)), "a sector is whole");
			kept += is_new;
		}
		all += kept == 8;
		none += kept == 0;
		torn += kept > 0 && kept < 8;
		sim_disk_close(d);
	}
	CHECK(all > 0 && none > 10 && torn > 50, "each of them happens");
}

static void test_disk_failing_sync_forgets(void)
{
	unsigned lost = 0;

	for (uint64_t seed = 0; seed < 50; seed++) {
		struct sim_disk *d = sim_disk_open(seed);
		unsigned f = sim_disk_file(d, "a");

		sim_disk_fail_at(d, 2, SIM_ERROR);
		CHECK(sim_disk_write(d, f, 0, filled(1, 4096)) == MT_OK && sim_disk_sync(d, f) == MT_IO, "fails once");
		CHECK(sim_disk_sync(d, f) == MT_OK && sim_disk_size(d, f) == 4096, "then says yes, and shows the data");
		sim_disk_power_on(d);
		lost += !mt_equal(sim_disk_read(d, f), filled(1, 4096));
		sim_disk_close(d);
	}
	CHECK(lost > 10, "that were not written");
}

/* A clearing that was not synced stays or goes with a cut; what was written since lands either way, or not. */
static void test_disk_clears(void)
{
	unsigned stayed = 0, went = 0;

	for (uint64_t seed = 0; seed < 50; seed++) {
		struct sim_disk *d = sim_disk_open(seed);
		unsigned f = sim_disk_file(d, "a");

		CHECK(sim_disk_write(d, f, 0, filled(1, 4096)) == MT_OK && sim_disk_sync(d, f) == MT_OK, "old");
		CHECK(sim_disk_clear(d, f) == MT_OK && sim_disk_size(d, f) == 0, "seen as empty at once");
		CHECK(sim_disk_write(d, f, 0, filled(2, 512)) == MT_OK, "new");
		if (seed % 2) {
			CHECK(sim_disk_sync(d, f) == MT_OK, "sync");
		}
		sim_disk_power_on(d);
		size_t size = sim_disk_size(d, f);
		CHECK(size <= 512 || (seed % 2 == 0 && size == 4096), "empty or old");
		went += size <= 512;
		stayed += size == 4096;
		sim_disk_close(d);
	}
	CHECK(went > 25 && stayed > 5, "each of them happens");
}

static void test_disk_full(void)
{
	struct sim_disk *d = sim_disk_open(1);
	unsigned f = sim_disk_file(d, "a");

	CHECK(sim_disk_write(d, f, 0, filled(1, 1024)) == MT_OK, "room");
	sim_disk_fail_at(d, 2, SIM_FULL);
	CHECK(sim_disk_write(d, f, 1000, filled(2, 100)) == MT_LIMIT && sim_disk_size(d, f) == 1024, "no room");
	CHECK(sim_disk_write(d, f, 0, filled(3, 1024)) == MT_OK && sim_disk_sync(d, f) == MT_OK, "but in place");
	sim_disk_heal(d);
	CHECK(sim_disk_write(d, f, 1000, filled(2, 100)) == MT_OK, "room again");
	sim_disk_close(d);
}

static void test_disk_lies(void)
{
	struct sim_disk *d = sim_disk_open(4);
	unsigned f = sim_disk_file(d, "a");

	CHECK(sim_disk_write(d, f, 0, filled(1, 512)) == MT_OK && sim_disk_sync(d, f) == MT_OK, "kept");
	sim_disk_image_keep(d);
	CHECK(sim_disk_write(d, f, 0, filled(2, 512)) == MT_OK && sim_disk_sync(d, f) == MT_OK, "later");
	sim_disk_image_restore(d);
	sim_disk_power_on(d);
	CHECK(mt_equal(sim_disk_read(d, f), filled(1, 512)), "the old image");
	sim_disk_lie(d, true);
	CHECK(sim_disk_write(d, f, 0, filled(3, 200 * 512)) == MT_OK && sim_disk_sync(d, f) == MT_OK, "said yes");
	sim_disk_power_on(d);
	CHECK(!mt_equal(sim_disk_read(d, f), filled(3, 200 * 512)), "and did not");
	sim_disk_close(d);
}

/* ---- messages ---- */

static void test_queue(void)
{
	struct sim_queue *q = sim_queue_open(1);
	struct sim_event e;

	sim_queue_post(q, 1, 2, 10, mt_text("later"), 50, 0);
	sim_queue_post(q, 1, 3, 11, mt_text("soon"), 5, 0);
	sim_queue_post(q, 4, 2, 12, mt_bytes(NULL, 0), 20, 10);
	CHECK(sim_queue_next(q, &e) && e.at_ms == 5 && e.to == 3 && mt_equal(e.body, mt_text("soon")), "first");
	CHECK(sim_queue_now(q) == 5, "time moved");
	CHECK(sim_queue_next(q, &e) && e.at_ms >= 20 && e.at_ms <= 30 && e.kind == 12 && e.body.size == 0, "jitter");
	CHECK(sim_queue_next(q, &e) && e.at_ms == 50 && e.from == 1 && mt_equal(e.body, mt_text("later")), "last");
	CHECK(!sim_queue_next(q, &e) && sim_queue_now(q) == 50, "no more");
	sim_queue_post(q, 1, 2, 1, mt_text("a"), 1, 0);
	sim_queue_post(q, 1, 3, 2, mt_text("b"), 1, 0);
	sim_queue_post(q, 2, 3, 3, mt_text("c"), 1, 0);
	sim_queue_drop_to(q, 2);
	sim_queue_drop_from(q, 1);
	CHECK(sim_queue_next(q, &e) && e.kind == 3 && !sim_queue_next(q, &e), "dropped");
	sim_queue_post(q, 2, 3, 3, mt_text("never taken"), 1, 0);
	sim_queue_close(q);
	sim_queue_close(NULL);
}

/* Messages of one moment come in every order, and in the same one for the same seed. */
static void test_queue_order(void)
{
	unsigned seen[3] = { 0 };

	for (uint64_t seed = 0; seed < 60; seed++) {
		uint32_t order[2][3] = { { 0 } };

		for (int round = 0; round < 2; round++) {
			struct sim_queue *q = sim_queue_open(seed);
			struct sim_event e;

			for (uint32_t i = 0; i < 3; i++) {
				sim_queue_post(q, 0, 0, i, mt_bytes(NULL, 0), 1, 0);
			}
			for (int i = 0; i < 3 && sim_queue_next(q, &e); i++) {
				order[round][i] = e.kind;
			}
			sim_queue_close(q);
		}
		CHECK(memcmp(order[0], order[1], sizeof(order[0])) == 0, "one seed, one order");
		seen[order[0][0]]++;
	}
	CHECK(seen[0] > 5 && seen[1] > 5 && seen[2] > 5, "each comes first sometimes");
}

static void test_story(void)
{
	struct sim_story *s = sim_story_open();

	CHECK(sim_story_is(s, ""), "nothing told");
	sim_story_tell(s, 5, "alice", "sends %d", 7);
	sim_story_tell(s, 6, "bob", "answers");
	CHECK(strcmp(sim_story_text(s), "5 alice: sends 7\n6 bob: answers\n") == 0, "text");
	CHECK(sim_story_is(s, "5 alice: sends 7\n6 bob: answers\n"), "the same");
	sim_story_close(s);
	sim_story_close(NULL);
}

const struct test tests[] = {
	{ "random", test_random },
	{ "disk_synced_stays", test_disk_synced_stays },
	{ "disk_tears", test_disk_tears },
	{ "disk_failing_sync_forgets", test_disk_failing_sync_forgets },
	{ "disk_clears", test_disk_clears },
	{ "disk_full", test_disk_full },
	{ "disk_lies", test_disk_lies },
	{ "queue", test_queue },
	{ "queue_order", test_queue_order },
	{ "story", test_story },
	TESTS_END
};
