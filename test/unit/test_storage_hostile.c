/* tee/storage on a medium whose owner does what he likes with it. */
#include "tee/storage/storage.h"

#include <string.h>

#include "test/storage_world.h"
#include "test/test.h"

static struct storage_world world;

static void begin(uint64_t seed, enum storage_anchor anchor)
{
	world_open(&world, seed, anchor);
	CHECK(world_restart(&world) == MT_OK, "an empty store");
}

static void some_steps(unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		CHECK(world_step(&world) == MT_OK, "a step");
	}
}

/* Anchored: not one bit may be another. */
static void test_every_bit(void)
{
	begin(8, STORAGE_ANCHOR_COUNTER);
	some_steps(6);
	struct bytes all = sim_disk_read(world.disk, world.file[0]);
	uint8_t *kept = test_alloc(all.size);
	uint64_t counter = world.counter;
	size_t size = all.size;

	memcpy(kept, all.at, size);
	for (size_t i = 0; i < size; i += i < 400 || i > size - 200 ? 1 : 97) {
		uint8_t bent = kept[i] ^ (uint8_t)(1 << i % 8);
		CHECK(sim_disk_write(world.disk, world.file[0], i, mt_bytes(&bent, 1)) == MT_OK, "bent");
		CHECK(world_restart(&world) == MT_TAMPERED && !storage_want(world.store), "is seen");
		CHECK(storage_object_open(world.store, &(struct storage_name){ 0 }, 0, &(storage_handle){ 0 }) == MT_STATE, "and nothing more is done");
		CHECK(sim_disk_write(world.disk, world.file[0], i, mt_bytes(kept + i, 1)) == MT_OK && world.counter == counter, "unbent");
	}
	CHECK(world_restart(&world) == MT_OK && world_fits(&world, world.model), "as it was");
	world_close(&world);
}

/* While it runs: whatever comes back from the medium is what went there, or MT_TAMPERED. */
static void test_changed_under_way(void)
{
	const struct storage_name name = world_name(1);
	const struct storage_info info = { .type = 7 };
	storage_handle h = 0;
	uint8_t got[8];
	size_t size = 99;

	begin(9, STORAGE_ANCHOR_NONE);
	CHECK(world_drive(&world, storage_object_create(world.store, &name, STORAGE_ACCESS_READ | STORAGE_ACCESS_WRITE, &info, mt_text("first"), &h)) == MT_OK &&
		      world_drive(&world, storage_data_write(world.store, h, mt_text("other"))) == MT_OK, "two records");
	struct bytes all = sim_disk_read(world.disk, world.file[0]);
	uint8_t bent = all.at[all.size - 1] ^ 1;
	CHECK(storage_data_seek(world.store, h, 0, STORAGE_SET) == MT_OK, "from the beginning");
	CHECK(sim_disk_write(world.disk, world.file[0], all.size - 1, mt_bytes(&bent, 1)) == MT_OK, "bent");
	memset(got, 7, sizeof(got));
	CHECK(world_drive(&world, storage_data_read(world.store, h, got, 5, &size)) == MT_TAMPERED && size == 99, "seen");
	CHECK(got[0] == 7 && got[4] == 7, "nothing of it is given");
	world_close(&world);
}

/* A write that has failed may have left its record whole; the next one takes its place. The first comes back: it was never part of the store. */
static void test_failed_record(void)
{
	const struct storage_name name = world_name(1);
	const struct storage_info info = { .type = 7 };
	storage_handle h = 0;
	uint8_t got[8], failed[512];
	size_t size = 99, place;

	begin(15, STORAGE_ANCHOR_COUNTER);
	CHECK(world_drive(&world, storage_object_create(world.store, &name, STORAGE_ACCESS_READ | STORAGE_ACCESS_WRITE, &info, mt_text(""), &h)) == MT_OK, "an object");
	place = sim_disk_size(world.disk, world.file[0]);
	sim_disk_fail_at(world.disk, sim_disk_operations(world.disk) + 2, SIM_ERROR);
	CHECK(world_drive(&world, storage_data_write(world.store, h, mt_text("in vain"))) == MT_IO, "not on disk");
	size_t failed_size = sim_disk_size(world.disk, world.file[0]) - place;
	CHECK(failed_size > 0 && failed_size <= sizeof(failed), "but there");
	memcpy(failed, sim_disk_read(world.disk, world.file[0]).at + place, failed_size < sizeof(failed) ? failed_size : sizeof(failed));
	CHECK(world_drive(&world, storage_data_write(world.store, h, mt_text("instead"))) == MT_OK, "another one");
	CHECK(sim_disk_write(world.disk, world.file[0], place, mt_bytes(failed, failed_size)) == MT_OK, "comes back");
	CHECK(storage_data_seek(world.store, h, 0, STORAGE_SET) == MT_OK &&
		      world_drive(&world, storage_data_read(world.store, h, got, sizeof(got), &size)) == MT_TAMPERED, "and is not taken");
	world_close(&world);
}

static void test_rollback(void)
{
	begin(10, STORAGE_ANCHOR_COUNTER);
	some_steps(5);
	sim_disk_image_keep(world.disk);
	some_steps(3);
	sim_disk_image_restore(world.disk);
	sim_disk_power_on(world.disk);
	CHECK(world_restart(&world) == MT_TAMPERED, "an older medium");
	world_close(&world);

	begin(11, STORAGE_ANCHOR_COUNTER);
	some_steps(5);
	CHECK(sim_disk_clear(world.disk, world.file[0]) == MT_OK && world_restart(&world) == MT_TAMPERED, "an empty one");
	world_close(&world);
}

/* Without a counter a part can be cut off, as the header says; but not from the middle, and not replaced. */
static void test_without_counter(void)
{
	begin(12, STORAGE_ANCHOR_NONE);
	while (sim_disk_size(world.disk, world.file[0]) < 200000) {
		some_steps(1);
	}
	uint8_t bent = sim_disk_read(world.disk, world.file[0]).at[2000] ^ 1;

	CHECK(sim_disk_write(world.disk, world.file[0], 2000, mt_bytes(&bent, 1)) == MT_OK, "bent in the middle");
	CHECK(world_restart(&world) == MT_TAMPERED, "is seen");
	world_close(&world);
}

static void test_another_key(void)
{
	static const struct secret other = { "another key" };

	begin(13, STORAGE_ANCHOR_NONE);
	some_steps(10);
	storage_close(world.store);
	CHECK(storage_open(&other, STORAGE_ANCHOR_NONE, &world.store) == MT_OK && world_drive(&world, MT_OK) == MT_TAMPERED, "opens nothing");
	CHECK(world_restart(&world) == MT_OK && world_fits(&world, world.model), "and spoils nothing");
	world_close(&world);
}

/* Every length that a file can have been cut to. */
static void test_every_prefix(void)
{
	begin(14, STORAGE_ANCHOR_COUNTER);
	some_steps(4);
	struct bytes all = sim_disk_read(world.disk, world.file[0]);
	uint8_t *kept = test_alloc(all.size);
	size_t size = all.size, step = size / 500 + 1;

	memcpy(kept, all.at, size);
	for (size_t n = 0; n < size; n += n < 200 ? 1 : step) {
		CHECK(sim_disk_clear(world.disk, world.file[0]) == MT_OK &&
			      sim_disk_write(world.disk, world.file[0], 0, mt_bytes(kept, n)) == MT_OK, "cut");
		CHECK(world_restart(&world) == MT_TAMPERED, "every prefix");
	}
	world_close(&world);
}

const struct test tests[] = {
	{ "every bit", test_every_bit },
	{ "changed under way", test_changed_under_way },
	{ "a failed record", test_failed_record },
	{ "rollback", test_rollback },
	{ "without a counter", test_without_counter },
	{ "another key", test_another_key },
	{ "every prefix", test_every_prefix },
	TESTS_END
};
