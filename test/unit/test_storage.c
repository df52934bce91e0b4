/* tee/storage: what GP says of objects, and what holds whatever the medium does. */
#include "tee/storage/storage.h"

#include <stdlib.h>
#include <string.h>

#include "test/storage_world.h"
#include "test/test.h"

#define READ STORAGE_ACCESS_READ
#define WRITE STORAGE_ACCESS_WRITE
#define META STORAGE_ACCESS_META
#define SHARE (STORAGE_SHARE_READ | STORAGE_SHARE_WRITE)

static struct storage_world world;

static void begin(uint64_t seed, enum storage_anchor anchor)
{
	world_open(&world, seed, anchor);
	CHECK(world_restart(&world) == MT_OK, "an empty store");
}

static enum mt_err create(size_t place, uint32_t flags, const char *data, storage_handle *out)
{
	struct storage_name name = world_name(place);
	const struct storage_info info = { .type = 7, .usage = 0xff, .key_size = 128, .key_size_max = 256, .attributes = mt_text("key") };

	return world_drive(&world, storage_object_create(world.store, &name, flags, &info, mt_text(data), out));
}

static enum mt_err open_object(size_t place, uint32_t flags, storage_handle *out)
{
	struct storage_name name = world_name(place);

	return world_drive(&world, storage_object_open(world.store, &name, flags, out));
}

static bool reads(storage_handle h, const char *want)
{
	uint8_t got[64];
	size_t size = 0;

	return world_drive(&world, storage_data_read(world.store, h, got, sizeof(got), &size)) == MT_OK && mt_equal(mt_bytes(got, size), mt_text(want));
}

static enum mt_err writes(storage_handle h, const char *data)
{
	return world_drive(&world, storage_data_write(world.store, h, mt_text(data)));
}

/* ---- objects ---- */

static void test_life(void)
{
	storage_handle h = 0, again = 0;
	struct storage_info info;
	uint32_t size = 0, position = 0;

	begin(1, STORAGE_ANCHOR_NONE);
	CHECK(open_object(1, READ, &h) == MT_NOT_FOUND && h == 0, "none");
	CHECK(create(1, READ | WRITE | META, "hello", &h) == MT_OK && h != 0, "create");
	CHECK(storage_object_info(world.store, h, &info, &size, &position) == MT_OK && info.type == 7 && info.key_size == 128 &&
		      info.key_size_max == 256 && mt_equal(info.attributes, mt_text("key")) && size == 5 && position == 0, "info");
	CHECK(reads(h, "hello") && reads(h, ""), "read to the end");
	CHECK(writes(h, " world") == MT_OK, "write there");
	CHECK(storage_data_seek(world.store, h, -100, STORAGE_CURRENT) == MT_OK && reads(h, "hello world"), "seek before the beginning");
	CHECK(storage_data_seek(world.store, h, 2, STORAGE_END) == MT_OK && writes(h, "!") == MT_OK, "behind the end");
	CHECK(storage_data_seek(world.store, h, -5, STORAGE_END) == MT_OK && mt_is_zero(mt_bytes("\0\0", 2)), "back");
	CHECK(world_drive(&world, storage_data_truncate(world.store, h, 5)) == MT_OK, "truncate");
	CHECK(storage_object_info(world.store, h, &info, &size, &position) == MT_OK && size == 5 && position == 9, "the position stays");
	CHECK(world_drive(&world, storage_object_rename(world.store, h, world_name(2).id)) == MT_OK, "rename");
	storage_object_close(world.store, h);
	CHECK(storage_object_info(world.store, h, &info, &size, &position) == MT_MALFORMED, "a closed handle");
	CHECK(world_restart(&world) == MT_OK && open_object(1, READ, &h) == MT_NOT_FOUND, "its old name");
	CHECK(open_object(2, READ | META, &again) == MT_OK && reads(again, "hello"), "its new one");
	CHECK(world_drive(&world, storage_object_delete(world.store, again)) == MT_OK, "delete");
	CHECK(storage_object_info(world.store, again, &info, &size, &position) == MT_MALFORMED, "the handle went too");
	CHECK(world_restart(&world) == MT_OK && open_object(2, READ, &h) == MT_NOT_FOUND, "and it is gone");
	world_close(&world);
}

/* GP TEE Internal Core API 1.3.1, 5.7.1. */
static void test_sharing(void)
{
	static const struct {
		const char *why;
		uint32_t first, second;
		enum mt_err want;
	} row[] = {
		{ "no access at all", 0, 0, MT_OK },
		{ "read, both share", READ | STORAGE_SHARE_READ, READ | STORAGE_SHARE_READ, MT_OK },
		{ "read, the first does not share", READ, READ | STORAGE_SHARE_READ, MT_STATE },
		{ "read, the second does not share", READ | STORAGE_SHARE_READ, READ, MT_STATE },
		{ "read beside none that does not share", READ | STORAGE_SHARE_READ, 0, MT_STATE },
		{ "write, both share", WRITE | STORAGE_SHARE_WRITE, WRITE | STORAGE_SHARE_WRITE, MT_OK },
		{ "write, the first shares reading alone", WRITE | STORAGE_SHARE_READ, WRITE | SHARE, MT_STATE },
		{ "read and write, all shared", READ | WRITE | SHARE, READ | WRITE | SHARE, MT_OK },
		{ "read beside write, reading shared", WRITE | STORAGE_SHARE_READ, READ | STORAGE_SHARE_READ, MT_STATE },
		{ "meta first", META | SHARE, SHARE, MT_STATE },
		{ "meta second", READ | SHARE, META | SHARE, MT_STATE },
	};
	storage_handle first, second, made;

	begin(2, STORAGE_ANCHOR_NONE);
	CHECK(create(1, 0, "x", NULL) == MT_OK, "an object");
	for (size_t i = 0; i < MT_COUNT(row); i++) {
		CHECK(open_object(1, row[i].first, &first) == MT_OK, row[i].why);
		second = 0;
		CHECK(open_object(1, row[i].second, &second) == row[i].want, row[i].why);
		CHECK(create(1, STORAGE_OVERWRITE, "y", &made) == MT_STATE, "nobody replaces it");
		storage_object_close(world.store, second);
		storage_object_close(world.store, first);
	}
	CHECK(create(1, 0, "y", &made) == MT_STATE, "not without saying so");
	CHECK(create(1, READ | STORAGE_OVERWRITE, "y", &made) == MT_OK && reads(made, "y"), "replaced when nobody has it");
	CHECK(open_object(1, READ | 8, &first) == MT_MALFORMED && open_object(1, STORAGE_OVERWRITE, &first) == MT_MALFORMED, "unknown flags");
	world_close(&world);
}

static void test_rights(void)
{
	uint8_t byte;
	size_t got;
	storage_handle h = 0;

	begin(3, STORAGE_ANCHOR_NONE);
	CHECK(create(1, WRITE, "x", &h) == MT_OK, "for writing");
	CHECK(storage_data_read(world.store, h, &byte, 1, &got) == MT_DENIED, "no reading");
	CHECK(storage_object_delete(world.store, h) == MT_DENIED && storage_object_rename(world.store, h, mt_text("z")) == MT_DENIED, "no meta");
	storage_object_close(world.store, h);
	CHECK(open_object(1, READ | META, &h) == MT_OK, "for reading");
	CHECK(storage_data_write(world.store, h, mt_text("y")) == MT_DENIED && storage_data_truncate(world.store, h, 0) == MT_DENIED, "no writing");
	CHECK(create(2, 0, "", NULL) == MT_OK && storage_object_rename(world.store, h, world_name(2).id) == MT_STATE, "a name that is taken");
	CHECK(reads(h, "x"), "all as it was");
	world_close(&world);
}

static void test_others(void)
{
	struct storage_name name = world_name(1);
	struct storage_walk walk = { 0 };
	struct storage_info info;
	uint8_t id[STORAGE_NAME_MAX];
	size_t id_size;
	uint32_t size;
	storage_handle h = 0;

	begin(4, STORAGE_ANCHOR_NONE);
	CHECK(create(1, READ, "mine", &h) == MT_OK, "an object");
	name.owner[0] ^= 1;
	CHECK(storage_object_open(world.store, &name, READ, &h) == MT_NOT_FOUND, "another application");
	CHECK(storage_walk(world.store, name.owner, name.storage, &walk, id, &id_size, &info, &size) == MT_NOT_FOUND, "walks past it");
	storage_owner_close(world.store, name.owner);
	CHECK(storage_object_info(world.store, h, &info, &size, &size) == MT_OK, "and ends nothing of it");
	name = world_name(1);
	name.storage++;
	CHECK(storage_object_open(world.store, &name, READ, &h) == MT_NOT_FOUND, "another storage");
	name = world_name(1);
	storage_owner_close(world.store, name.owner);
	CHECK(storage_object_info(world.store, h, &info, &size, &size) == MT_MALFORMED, "its owner ends");
	world_close(&world);
}

static void test_limits(void)
{
	static uint8_t long_one[STORAGE_PIECE_MAX + 1];
	struct storage_name name = world_name(1);
	struct storage_info info = { .attributes = mt_bytes(long_one, STORAGE_ATTRIBUTES_MAX + 1) };
	storage_handle h = 0;
	size_t got;

	begin(5, STORAGE_ANCHOR_NONE);
	CHECK(storage_object_create(world.store, &name, 0, &info, mt_text(""), &h) == MT_LIMIT, "attributes");
	info.attributes.size--;
	CHECK(storage_object_create(world.store, &name, 0, &info, mt_bytes(long_one, sizeof(long_one)), &h) == MT_LIMIT, "data");
	CHECK(world_drive(&world, storage_object_create(world.store, &name, READ | WRITE, &info, mt_bytes(long_one, STORAGE_PIECE_MAX), &h)) == MT_OK, "the most");
	CHECK(storage_data_write(world.store, h, mt_bytes(long_one, sizeof(long_one))) == MT_LIMIT, "a write");
	CHECK(storage_data_read(world.store, h, long_one, sizeof(long_one), &got) == MT_LIMIT, "a read");
	CHECK(storage_data_seek(world.store, h, INT32_MAX, STORAGE_SET) == MT_LIMIT && storage_data_seek(world.store, h, 0, (enum storage_whence)3) == MT_MALFORMED,
	      "a seek");
	CHECK(storage_data_seek(world.store, h, (int32_t)STORAGE_DATA_MAX, STORAGE_SET) == MT_OK && writes(h, "x") == MT_LIMIT, "the end of all");
	CHECK(storage_data_truncate(world.store, h, STORAGE_DATA_MAX + 1) == MT_LIMIT, "too long");
	CHECK(world_drive(&world, storage_data_truncate(world.store, h, STORAGE_DATA_MAX)) == MT_OK, "as long as may be");
	name.id = mt_bytes(long_one, STORAGE_NAME_MAX + 1);
	CHECK(storage_object_open(world.store, &name, 0, &h) == MT_MALFORMED, "a name");
	name = world_name(1);
	for (size_t i = 1; i < STORAGE_HANDLES_MAX; i++) {
		storage_handle more;
		CHECK(create(2, STORAGE_SHARE_READ | STORAGE_OVERWRITE, "", NULL) == (i == 1 ? MT_OK : MT_STATE) &&
			      open_object(2, STORAGE_SHARE_READ, &more) == MT_OK, "a handle");
	}
	CHECK(open_object(2, STORAGE_SHARE_READ, &h) == MT_LIMIT && create(3, 0, "", &h) == MT_LIMIT, "one too many");
	CHECK(create(3, 0, "", NULL) == MT_OK, "none is asked for");
	world_close(&world);
}

static void test_one_request_at_a_time(void)
{
	struct storage_name name = world_name(1);
	const struct storage_info info = { 0 };
	storage_handle h = 0, other = 0;

	begin(6, STORAGE_ANCHOR_NONE);
	CHECK(storage_object_create(world.store, &name, READ, &info, mt_text("x"), &h) == MT_OK && storage_want(world.store), "begun");
	CHECK(storage_object_open(world.store, &name, READ, &other) == MT_STATE && h == 0, "the next has to wait");
	CHECK(world_drive(&world, MT_OK) == MT_OK && h != 0, "ended");
	CHECK(reads(h, "x"), "well");
	world_close(&world);
}

/* ---- histories ---- */

/* With restarts; the small waste limit of a few MB is passed now and then, so new generations are among them. */
static void history(uint64_t seed, unsigned steps)
{
	begin(seed, seed % 2 ? STORAGE_ANCHOR_COUNTER : STORAGE_ANCHOR_NONE);
	for (unsigned i = 0; i < steps; i++) {
		CHECK(world_step(&world) == MT_OK, "a step");
		if (sim_random_below(&world.random, 20) == 0) {
			CHECK(world_restart(&world) == MT_OK, "a restart");
		}
	}
	CHECK(world_fits(&world, world.model), "all is there");
	CHECK(world_restart(&world) == MT_OK && world_fits(&world, world.model), "and after a restart");
	world_close(&world);
}

static void test_histories(void)
{
	for (uint64_t seed = 0; seed < 40; seed++) {
		history(seed, 120);
	}
}

static void test_generations(void)
{
	history(1000, 3000);
	history(1001, 3000);
}

/* Until a transaction has worked it is open whether one that failed comes back after a restart. */
static void step_that_writes(void)
{
	uint64_t before = sim_disk_operations(world.disk);

	while (sim_disk_operations(world.disk) == before) {
		CHECK(world_step(&world) == MT_OK, "the next step");
	}
}

/* The medium fails once, at its n-th operation. What was acknowledged is there; what was not, whole or not at all. */
static bool broken(uint64_t seed, uint64_t n, enum sim_failure how)
{
	bool failed = false;

	begin(seed, n % 2 ? STORAGE_ANCHOR_COUNTER : STORAGE_ANCHOR_NONE);
	sim_disk_fail_at(world.disk, sim_disk_operations(world.disk) + n, how);
	for (unsigned i = 0; i < 12 && !failed; i++) {
		failed = world_step(&world) != MT_OK;
	}
	if (how == SIM_POWER) {
		sim_disk_power_on(world.disk);
	} else {
		/* Here it goes on: as if nothing had been asked. */
		sim_disk_heal(world.disk);
		CHECK(world_fits(&world, world.model), "as before");
		step_that_writes();
		sim_disk_power_on(world.disk);
	}
	CHECK(world_restart(&world) == MT_OK, "opens");
	if (failed && world_fits(&world, world.after)) {
		world_take_after(&world);
	}
	CHECK(world_fits(&world, world.model), "before or after");
	CHECK(world_step(&world) == MT_OK && world_fits(&world, world.model), "and goes on");
	world_close(&world);
	return failed;
}

static void test_power(void)
{
	unsigned failed = 0;

	for (uint64_t seed = 0; seed < 20; seed++) {
		for (uint64_t n = 1; n <= 24; n++) {
			failed += broken(seed, n, SIM_POWER);
		}
	}
	CHECK(failed > 300, "it was cut");
}

static void test_medium_fails(void)
{
	unsigned failed = 0;

	for (uint64_t seed = 0; seed < 20; seed++) {
		for (uint64_t n = 1; n <= 24; n++) {
			failed += broken(seed, n, SIM_ERROR) + broken(seed, n, SIM_FULL);
		}
	}
	CHECK(failed > 500, "it failed");
}

/* The same in the middle of a new generation: many steps first, then the failure where the file is about to be renewed. */
static void generation_broken(uint64_t n, enum sim_failure how)
{
	uint64_t before, wants;
	bool failed = false;

	begin(7, STORAGE_ANCHOR_COUNTER);
	for (unsigned i = 0; i < 5000; i++) {
		before = sim_disk_operations(world.disk);
		wants = sim_disk_size(world.disk, world.file[1]);
		CHECK(world_step(&world) == MT_OK, "a step");
		if (sim_disk_size(world.disk, world.file[1]) > 0 && wants == 0) {
			break;
		}
	}
	world_close(&world);
	/* Once more up to there, and then it fails at the n-th operation of that step. */
	begin(7, STORAGE_ANCHOR_COUNTER);
	sim_disk_fail_at(world.disk, before + n, how);
	while (!failed && sim_disk_size(world.disk, world.file[1]) == 0) {
		failed = world_step(&world) != MT_OK;
	}
	if (how == SIM_POWER) {
		sim_disk_power_on(world.disk);
	} else {
		sim_disk_heal(world.disk);
		step_that_writes();
		sim_disk_power_on(world.disk);
	}
	CHECK(world_restart(&world) == MT_OK, "opens");
	if (failed && how == SIM_POWER && world_fits(&world, world.after)) {
		world_take_after(&world);
	}
	CHECK(world_fits(&world, world.model), "before or after");
	CHECK(world_step(&world) == MT_OK && world_fits(&world, world.model), "and goes on");
	world_close(&world);
}

static void test_generation_breaks(void)
{
	for (uint64_t n = 1; n <= 20; n++) {
		generation_broken(n, SIM_POWER);
		generation_broken(n, SIM_ERROR);
		generation_broken(n, SIM_FULL);
	}
}

/* Every allocation refused in turn: the step fails, nothing has changed, and the next one works. */
static void test_no_memory(void)
{
	unsigned refused = 0;

	for (uint64_t seed = 0; seed < 10; seed++) {
		begin(seed, STORAGE_ANCHOR_NONE);
		for (unsigned i = 0; i < 30; i++) {
			mt_alloc_fail_at(1 + i % 4);
			enum mt_err err = world_step(&world);
			mt_alloc_fail_at(0);
			CHECK(err == MT_OK || err == MT_NO_MEMORY, "that or nothing");
			refused += err == MT_NO_MEMORY;
		}
		CHECK(world_fits(&world, world.model), "as acknowledged");
		for (uint64_t n = 1; n < 60; n++) {
			mt_alloc_fail_at(n);
			enum mt_err err = world_restart(&world);
			mt_alloc_fail_at(0);
			CHECK(err == MT_OK || err == MT_NO_MEMORY, "opens or not");
		}
		CHECK(world_restart(&world) == MT_OK && world_fits(&world, world.model), "opens");
		world_close(&world);
	}
	CHECK(refused > 30, "it was refused");
}

const struct test tests[] = {
	{ "life", test_life },
	{ "sharing", test_sharing },
	{ "rights", test_rights },
	{ "others", test_others },
	{ "limits", test_limits },
	{ "one request at a time", test_one_request_at_a_time },
	{ "histories", test_histories },
	{ "generations", test_generations },
	{ "power", test_power },
	{ "medium fails", test_medium_fails },
	{ "a generation breaks", test_generation_breaks },
	{ "no memory", test_no_memory },
	TESTS_END
};
