/* tee/keeper, and tee/call's half of persistent objects (test/keeper_world.h). */
#include "tee/keeper/keeper.h"

#include <string.h>

#include "api/tee_api_crypto_defines.h"
#include "api/tee_api_defines.h"
#include "api/tee_api_defines_extensions.h"
#include "test/keeper_world.h"
#include "test/test.h"

#define READ TEE_DATA_FLAG_ACCESS_READ
#define WRITE TEE_DATA_FLAG_ACCESS_WRITE
#define META TEE_DATA_FLAG_ACCESS_WRITE_META
#define SHARE (TEE_DATA_FLAG_SHARE_READ | TEE_DATA_FLAG_SHARE_WRITE)

/* ---- calls ---- */

static uint32_t create(uint32_t instance, const char *id, uint32_t flags, uint32_t key, const char *data, uint32_t *object)
{
	struct call c = { .number = TA_CALL_STORAGE_CREATE, .value = { TEE_STORAGE_PRIVATE, flags, key }, .in = { mt_text(id), mt_text(data) } };
	uint32_t result = wait_for(instance, &c);

	*object = c.word[0];
	return result;
}

static uint32_t open_object(uint32_t instance, const char *id, uint32_t flags, uint32_t *object)
{
	struct call c = { .number = TA_CALL_STORAGE_OPEN, .value = { TEE_STORAGE_PRIVATE, flags }, .in = { mt_text(id) } };
	uint32_t result = wait_for(instance, &c);

	*object = c.word[0];
	return result;
}

static uint32_t simple(uint32_t instance, enum ta_call number, uint64_t first, uint64_t second, uint64_t third, const char *data)
{
	struct call c = { .number = number, .value = { first, second, third }, .in = { mt_text(data) } };

	return wait_for(instance, &c);
}

static bool reads(uint32_t instance, uint32_t object, const char *want)
{
	uint8_t got[64];
	struct call c = { .number = TA_CALL_STORAGE_READ, .value = { object }, .out = { { .at = got, .capacity = sizeof(got) } } };

	return wait_for(instance, &c) == TEE_SUCCESS && mt_equal(mt_bytes(got, c.out[0].size), mt_text(want));
}

static struct ta_object_info info(uint32_t instance, uint32_t object)
{
	struct call c = { .number = TA_CALL_OBJECT_INFO, .value = { object } };

	CHECK(wait_for(instance, &c) == TEE_SUCCESS, "info");
	return c.info;
}

/* A transient AES key with these bytes. */
static uint32_t aes(uint32_t instance, const char *bytes)
{
	struct operations *o = process[instance].operations;
	const struct operation_attribute secret = { .id = TEE_ATTR_SECRET_VALUE, .buffer = mt_bytes(bytes, 16) };
	operation_handle key = 0;

	CHECK(object_alloc(o, TEE_TYPE_AES, 256, &key) == MT_OK, "an object");
	CHECK(object_populate(o, key, (struct operation_attributes){ &secret, 1 }) == MT_OK, "a key");
	return key;
}

/* ---- tests ---- */

static void test_data(void)
{
	uint32_t object = 0, second = 0;

	begin(1);
	CHECK(open_object(1, "x", READ, &object) == TEE_ERROR_ITEM_NOT_FOUND, "none");
	CHECK(create(1, "x", READ | WRITE | META, 0, "hello", &object) == TEE_SUCCESS && (object & CALL_KEPT), "create");
	CHECK(reads(1, object, "hello") && reads(1, object, ""), "read");
	CHECK(simple(1, TA_CALL_STORAGE_WRITE, object, 0, 0, " world") == TEE_SUCCESS, "write");
	CHECK(simple(1, TA_CALL_STORAGE_SEEK, object, (uint64_t)(int64_t)-5, TEE_DATA_SEEK_END, "") == TEE_SUCCESS && reads(1, object, "world"), "seek");
	CHECK(simple(1, TA_CALL_STORAGE_SEEK, object, 0, 3, "") == TEE_ERROR_BAD_PARAMETERS, "from nowhere");
	CHECK(simple(1, TA_CALL_STORAGE_SEEK, object, (uint32_t)-11, TEE_DATA_SEEK_CUR, "") == TEE_SUCCESS && reads(1, object, "hello world"), "back");
	CHECK(simple(1, TA_CALL_STORAGE_TRUNCATE, object, 4, 0, "") == TEE_SUCCESS, "truncate");
	CHECK(simple(1, TA_CALL_STORAGE_TRUNCATE, object, UINT64_C(1) << 32, 0, "") == TEE_ERROR_OVERFLOW, "to what no object has");
	struct ta_object_info i = info(1, object);
	CHECK(i.type == TEE_TYPE_DATA && i.data_size == 4 && i.position == 11 && i.size == 0, "what it is");
	CHECK(i.flags == (TEE_HANDLE_FLAG_PERSISTENT | TEE_HANDLE_FLAG_INITIALIZED | READ | WRITE | META), "how it is open");
	CHECK(simple(1, TA_CALL_STORAGE_RENAME, object, 0, 0, "y") == TEE_SUCCESS, "rename");
	CHECK(open_object(1, "y", READ, &second) == TEE_ERROR_ACCESS_CONFLICT, "open without sharing");
	CHECK(create(1, "y", READ, 0, "", &second) == TEE_ERROR_ACCESS_CONFLICT, "there already");
	CHECK(simple(1, TA_CALL_OBJECT_CLOSE, object, 0, 0, "") == TEE_SUCCESS, "close");
	CHECK(simple(1, TA_CALL_OBJECT_CLOSE, object, 0, 0, "") == TEE_ERROR_BAD_PARAMETERS, "once");
	CHECK(simple(1, TA_CALL_STORAGE_WRITE, object, 0, 0, "z") == TEE_ERROR_BAD_PARAMETERS, "a closed handle");
	CHECK(open_object(1, "y", READ, &object) == TEE_SUCCESS && reads(1, object, "hell"), "open");
	CHECK(simple(1, TA_CALL_STORAGE_WRITE, object, 0, 0, "z") == TEE_ERROR_ACCESS_DENIED, "rights");
	CHECK(simple(1, TA_CALL_OBJECT_CLOSE, object, 0, 0, "") == TEE_SUCCESS && open_object(1, "y", META, &object) == TEE_SUCCESS, "to delete");
	CHECK(simple(1, TA_CALL_STORAGE_DELETE, object, 0, 0, "") == TEE_SUCCESS, "delete");
	CHECK(simple(1, TA_CALL_STORAGE_DELETE, object, 0, 0, "") == TEE_ERROR_BAD_PARAMETERS, "it is gone");
	CHECK(open_object(1, "y", READ, &object) == TEE_ERROR_ITEM_NOT_FOUND, "for all");
	end();
}

static void test_whose(void)
{
	uint32_t a = 0, b = 0, object = 0;
	struct call named = { .number = TA_CALL_STORAGE_OPEN, .value = { TEE_STORAGE_PRIVATE_REE, READ | SHARE }, .in = { mt_text("x") } };

	begin(2);
	CHECK(create(1, "x", READ | SHARE, 0, "of A", &a) == TEE_SUCCESS, "A's");
	CHECK(open_object(3, "x", READ, &object) == TEE_ERROR_ITEM_NOT_FOUND, "B has none");
	CHECK(create(3, "x", READ | WRITE, 0, "of B", &b) == TEE_SUCCESS && reads(3, b, "of B"), "B's own");
	/* B's process may send any number. */
	struct process *p = &process[3];
	for (uint32_t n = 0; n < 3; n++) {
		struct call *far;
		uint32_t instance = 0, result = 0;
		p->far = (struct call){ .number = TA_CALL_OBJECT_INFO, .value = { a + n + 1 } };
		CHECK(keeper_call(keeper, 3, &p->values, clock_now, &p->far) == MT_OK && keeper_answer(keeper, &instance, &far, &result), "a handle");
		CHECK(instance == 3 && result == TEE_ERROR_BAD_PARAMETERS, "that it has not");
	}
	CHECK(open_object(2, "x", READ | SHARE, &object) == TEE_SUCCESS && reads(2, object, "of A"), "another instance of A");
	CHECK(wait_for(2, &named) == TEE_SUCCESS && reads(2, named.word[0], "of A"), "OP-TEE's name for the storage");
	named.value[0] = TEE_STORAGE_PRIVATE_RPMB;
	CHECK(wait_for(2, &named) == TEE_ERROR_ITEM_NOT_FOUND, "a storage that is not there");
	named.value[0] = 0x4D540001;
	CHECK(wait_for(2, &named) == TEE_ERROR_ITEM_NOT_FOUND, "nor core's own");
	named.value[0] = TEE_STORAGE_PRIVATE | UINT64_C(1) << 32;
	CHECK(wait_for(2, &named) == TEE_ERROR_ITEM_NOT_FOUND, "nor with more bits");
	end();
}

static void test_keys(void)
{
	uint32_t object = 0, again = 0, other = 0;
	struct call state = { .number = TA_CALL_STATE_ALLOC, .value = { TEE_ALG_AES_ECB_NOPAD, TEE_MODE_ENCRYPT } };
	uint8_t got[16];
	struct call attribute = { .number = TA_CALL_OBJECT_ATTRIBUTE, .value = { 0, TEE_ATTR_SECRET_VALUE }, .out = { { .at = got, .capacity = sizeof(got) } } };
	operation_handle copy = 0;

	begin(3);
	CHECK(create(1, "k", READ | SHARE, aes(1, "0123456789abcdef"), "data", &object) == TEE_SUCCESS, "a key is kept");
	struct ta_object_info i = info(1, object);
	CHECK(i.type == TEE_TYPE_AES && i.size == 128 && i.size_max == 256 && i.data_size == 4, "with what it is");
	attribute.value[0] = object;
	CHECK(wait_for(1, &attribute) == TEE_SUCCESS && memcmp(got, "0123456789abcdef", 16) == 0, "and its bytes");
	CHECK(open_object(2, "k", READ | SHARE, &again) == TEE_SUCCESS && reads(2, again, "data"), "another process opens it");
	memset(got, 0, sizeof(got));
	attribute.value[0] = again;
	CHECK(wait_for(2, &attribute) == TEE_SUCCESS && memcmp(got, "0123456789abcdef", 16) == 0, "and has the key");
	state.value[2] = again;
	CHECK(wait_for(2, &state) == TEE_SUCCESS && state.word[0], "operations take it");
	CHECK(object_alloc(process[2].operations, TEE_TYPE_AES, 256, &copy) == MT_OK, "an object");
	CHECK(simple(2, TA_CALL_OBJECT_COPY, copy, again, 0, "") == TEE_SUCCESS, "copied from");
	CHECK(simple(2, TA_CALL_OBJECT_COPY, again, copy, 0, "") == TEE_ERROR_BAD_PARAMETERS, "not copied to");
	CHECK(simple(2, TA_CALL_OBJECT_RESET, again, 0, 0, "") == TEE_ERROR_BAD_PARAMETERS, "not reset");
	CHECK(create(2, "l", READ, again, "", &other) == TEE_SUCCESS && info(2, other).type == TEE_TYPE_AES, "a new one with the key of an open one");
	/* 5.5: of this handle alone. */
	CHECK(simple(2, TA_CALL_OBJECT_RESTRICT, again, TEE_USAGE_DECRYPT, 0, "") == TEE_SUCCESS && info(2, again).usage == TEE_USAGE_DECRYPT, "restricted");
	CHECK(simple(2, TA_CALL_OBJECT_RESTRICT, again, UINT32_MAX, 0, "") == TEE_SUCCESS && info(2, again).usage == TEE_USAGE_DECRYPT, "for good");
	CHECK(wait_for(2, &attribute) == TEE_ERROR_ACCESS_DENIED, "not to be read any more");
	state.value[2] = again;
	CHECK(wait_for(2, &state) == TEE_ERROR_ACCESS_DENIED, "nor to encrypt with");
	CHECK(info(1, object).usage == UINT32_MAX, "others keep theirs");
	CHECK(simple(2, TA_CALL_OBJECT_CLOSE, again, 0, 0, "") == TEE_SUCCESS, "close");
	state.value[2] = again;
	CHECK(wait_for(2, &state) == TEE_ERROR_BAD_PARAMETERS, "and the key is gone");
	CHECK(create(2, "m", READ, 77, "", &other) == TEE_ERROR_BAD_PARAMETERS, "a key that is none");
	CHECK(object_alloc(process[2].operations, TEE_TYPE_AES, 256, &copy) == MT_OK, "an object");
	CHECK(create(2, "m", READ, copy, "", &other) == TEE_ERROR_BAD_PARAMETERS, "one without a key");
	CHECK(create(1, "d", READ, 0, "", &other) == TEE_SUCCESS && create(1, "e", READ, other, "", &again) == TEE_SUCCESS, "data like data");
	CHECK(info(1, again).type == TEE_TYPE_DATA, "has no key");
	end();
}

static uint32_t walk_next(uint32_t instance, uint32_t walk, struct call *c, uint8_t *id, size_t capacity)
{
	*c = (struct call){ .number = TA_CALL_WALK_NEXT, .value = { walk }, .out = { { .at = id, .capacity = capacity } } };
	return wait_for(instance, c);
}

static void test_walks(void)
{
	struct call alloc = { .number = TA_CALL_WALK_ALLOC }, next;
	uint8_t id[TEE_OBJECT_ID_MAX_LEN];
	uint32_t object = 0;

	begin(4);
	CHECK(wait_for(1, &alloc) == TEE_SUCCESS, "an enumerator");
	uint32_t walk = alloc.word[0];
	CHECK(walk_next(1, walk, &next, id, sizeof(id)) == TEE_ERROR_ITEM_NOT_FOUND, "not started");
	CHECK(simple(1, TA_CALL_WALK_START, walk, TEE_STORAGE_PRIVATE, 0, "") == TEE_ERROR_ITEM_NOT_FOUND, "nothing there");
	CHECK(create(1, "one", READ, 0, "12345", &object) == TEE_SUCCESS && create(1, "two", READ, aes(1, "0123456789abcdef"), "", &object) == TEE_SUCCESS, "two");
	CHECK(create(3, "another's", READ, 0, "", &object) == TEE_SUCCESS, "and another's");
	CHECK(keeper_write(keeper, KEEPER_VERSION, process[1].values.ta_uuid, mt_text("v"), 1) == MT_OK, "and core's");
	uint32_t ticket = 0;
	enum mt_err how = MT_OK;
	struct bytes record;
	drive();
	CHECK(keeper_recorded(keeper, &ticket, &how, &record) && ticket == 1 && how == MT_OK, "written");
	CHECK(simple(1, TA_CALL_WALK_START, walk, TEE_STORAGE_PRIVATE, 0, "") == TEE_SUCCESS, "start");
	CHECK(walk_next(1, walk, &next, id, 2) == TEE_ERROR_SHORT_BUFFER && next.out[0].size == 3, "too short for its name");
	CHECK(walk_next(1, walk, &next, id, sizeof(id)) == TEE_SUCCESS && next.out[0].size == 3 && memcmp(id, "one", 3) == 0, "the first is not lost");
	CHECK(next.info.type == TEE_TYPE_DATA && next.info.data_size == 5, "what it is");
	CHECK(walk_next(1, walk, &next, id, sizeof(id)) == TEE_SUCCESS && memcmp(id, "two", 3) == 0 && next.info.type == TEE_TYPE_AES, "the second");
	CHECK(walk_next(1, walk, &next, id, sizeof(id)) == TEE_ERROR_ITEM_NOT_FOUND, "no more");
	CHECK(simple(1, TA_CALL_WALK_RESET, walk, 0, 0, "") == TEE_SUCCESS, "reset");
	CHECK(walk_next(1, walk, &next, id, sizeof(id)) == TEE_ERROR_ITEM_NOT_FOUND, "not started again");
	CHECK(simple(2, TA_CALL_WALK_START, walk, TEE_STORAGE_PRIVATE, 0, "") == TEE_ERROR_BAD_PARAMETERS, "another instance's");
	CHECK(simple(1, TA_CALL_WALK_FREE, walk, 0, 0, "") == TEE_SUCCESS, "free");
	CHECK(simple(1, TA_CALL_WALK_FREE, walk, 0, 0, "") == TEE_ERROR_BAD_PARAMETERS, "once");
	for (size_t i = 0; i < KEEPER_WALKS_MAX; i++) {
		CHECK(wait_for(1, &alloc) == TEE_SUCCESS, "enumerators");
	}
	CHECK(wait_for(1, &alloc) == TEE_ERROR_OUT_OF_MEMORY, "and no more");
	end();
}

static uint32_t get_time(uint32_t instance, uint64_t clock, struct ta_time *out)
{
	struct call c = { .number = TA_CALL_GET_TIME, .value = { clock } };
	uint32_t result = wait_for(instance, &c);

	*out = c.time;
	return result;
}

static void test_time(void)
{
	struct call set = { .number = TA_CALL_SET_TIME, .time = { UINT32_MAX - 1, 500 } };
	struct ta_time now;

	begin(5);
	CHECK(get_time(1, TA_CLOCK_SYSTEM, &now) == TEE_SUCCESS && now.seconds == 1 && now.milliseconds == 500, "system time");
	CHECK(get_time(1, TA_CLOCK_REE, &now) == TEE_SUCCESS && now.seconds == 1790000000 && now.milliseconds == 123, "the machine's");
	CHECK(get_time(1, 3, &now) == TEE_ERROR_BAD_PARAMETERS, "no clock");
	CHECK(get_time(1, TA_CLOCK_PERSISTENT, &now) == TEE_ERROR_TIME_NOT_SET, "not set");
	CHECK(wait_for(1, &set) == TEE_SUCCESS, "set");
	clock_now.machine_ms += 700;
	CHECK(get_time(2, TA_CLOCK_PERSISTENT, &now) == TEE_SUCCESS && now.seconds == UINT32_MAX && now.milliseconds == 200, "of the TA, not of an instance");
	CHECK(get_time(3, TA_CLOCK_PERSISTENT, &now) == TEE_ERROR_TIME_NOT_SET, "of another TA it is not set");
	clock_now.machine_ms += 1000;
	CHECK(get_time(1, TA_CLOCK_PERSISTENT, &now) == TEE_ERROR_OVERFLOW && now.seconds == 0 && now.milliseconds == 200, "over the end");
	clock_now.machine_ms -= 1701;
	CHECK(get_time(1, TA_CLOCK_PERSISTENT, &now) == TEE_ERROR_TIME_NEEDS_RESET, "the machine's clock went back");
	set.time.milliseconds = 1000;
	CHECK(wait_for(1, &set) == TEE_ERROR_BAD_PARAMETERS, "no time");
	set.time = (struct ta_time){ 5, 0 };
	CHECK(wait_for(1, &set) == TEE_SUCCESS && get_time(1, TA_CLOCK_PERSISTENT, &now) == TEE_SUCCESS && now.seconds == 5, "set again");
	end();
}

static void test_properties(void)
{
	uint8_t name[64], value[64];
	struct call index = { .number = TA_CALL_PROPERTY_INDEX, .value = { PROPERTY_SET_TEE }, .in = { mt_bytes("gpd.tee.description", 20) } };
	struct call get = { .number = TA_CALL_GET_PROPERTY, .value = { PROPERTY_SET_TEE } };

	begin(6);
	CHECK(wait_for(1, &index) == TEE_SUCCESS, "an index");
	get.value[1] = index.word[0];
	get.out[0] = (struct call_out){ .at = name, .capacity = sizeof(name) };
	get.out[1] = (struct call_out){ .at = value, .capacity = sizeof(value) };
	CHECK(wait_for(1, &get) == TEE_SUCCESS && get.word[0] == PROPERTY_STRING, "a property");
	CHECK(get.out[0].size == 20 && memcmp(name, "gpd.tee.description", 20) == 0 && get.out[1].size == 6 && memcmp(value, "a TEE", 6) == 0, "its name and value");
	get.out[1].capacity = 5;
	CHECK(wait_for(1, &get) == TEE_ERROR_SHORT_BUFFER && get.out[1].size == 6, "too short");
	get.out[1] = (struct call_out){ .absent = true };
	CHECK(wait_for(1, &get) == TEE_SUCCESS, "the name alone");
	get.value[1] = 1000;
	CHECK(wait_for(1, &get) == TEE_ERROR_ITEM_NOT_FOUND, "the end");
	index.in[0] = mt_text("gpd.tee.nothing");
	CHECK(wait_for(1, &index) == TEE_ERROR_ITEM_NOT_FOUND, "no such property");
	end();
}

/* Several at a time, and processes that end in the midst of it. */
static void test_queue(void)
{
	struct call first = { .number = TA_CALL_STORAGE_CREATE, .value = { TEE_STORAGE_PRIVATE, READ | WRITE | META }, .in = { mt_text("x"), mt_text("1") } };
	struct call second = { .number = TA_CALL_STORAGE_OPEN, .value = { TEE_STORAGE_PRIVATE, READ }, .in = { mt_text("x") } };
	struct call time = { .number = TA_CALL_GET_TIME };
	uint32_t object = 0;

	begin(7);
	ask(1, &first);
	answers();
	CHECK(keeper_want(keeper) != NULL && !process[1].done, "it waits for the disk");
	CHECK(keeper_call(keeper, 1, &process[1].values, clock_now, &process[1].far) == MT_STATE, "one at a time");
	ask(2, &second);
	ask(3, &time);
	answers();
	CHECK(process[3].done && !process[2].done, "what needs no disk does not wait");
	keeper_gone(keeper, 1);
	drive();
	CHECK(!process[1].done && process[2].done && process[2].result == TEE_SUCCESS, "what a process that is gone was opening is closed");
	CHECK(simple(2, TA_CALL_OBJECT_CLOSE, second.word[0], 0, 0, "") == TEE_SUCCESS, "close");
	/* Gone while it waits in the queue: it is as if it had not asked. */
	first.in[0] = mt_text("y");
	ask(3, &first);
	answers();
	second.in[0] = mt_text("z");
	second.number = TA_CALL_STORAGE_CREATE;
	ask(2, &second);
	keeper_gone(keeper, 2);
	drive();
	CHECK(process[3].done && process[3].result == TEE_SUCCESS && !process[2].done, "the first is done");
	process[2].values.ta_uuid[0] = 'A';
	CHECK(open_object(2, "z", READ, &object) == TEE_ERROR_ITEM_NOT_FOUND, "the other never was");
	/* What it had open is closed, and its handles are nobody's. */
	CHECK(open_object(2, "x", READ | META, &object) == TEE_SUCCESS, "open alone");
	keeper_gone(keeper, 2);
	keeper_gone(keeper, 2);
	keeper_gone(keeper, 99);
	CHECK(simple(2, TA_CALL_STORAGE_WRITE, object, 0, 0, "") == TEE_ERROR_BAD_PARAMETERS, "a handle of before");
	CHECK(open_object(1, "x", READ | META, &object) == TEE_SUCCESS, "open again");
	end();
}

/* A process ends after each thing that the disk has done for it: whatever became of its call, nothing stays open and nobody else is in the way. */
static void test_ends_midway(void)
{
	static const enum ta_call number[] = { TA_CALL_STORAGE_CREATE, TA_CALL_STORAGE_OPEN, TA_CALL_STORAGE_READ, TA_CALL_STORAGE_DELETE, TA_CALL_GET_TIME,
					       TA_CALL_SET_TIME };
	uint8_t got[16];
	uint32_t object = 0;

	begin(11);
	for (size_t i = 0; i < MT_COUNT(number); i++) {
		for (size_t steps = 0; steps < 5; steps++) {
			struct call c = { .number = number[i], .value = { TEE_STORAGE_PRIVATE, READ | META | TEE_DATA_FLAG_OVERWRITE }, .in = { mt_text("o"), mt_text("x") } };
			const struct storage_want *want;
			(void)create(1, "o", READ | META | TEE_DATA_FLAG_OVERWRITE, 0, "first", &object);
			if (number[i] == TA_CALL_STORAGE_OPEN) {
				CHECK(simple(1, TA_CALL_OBJECT_CLOSE, object, 0, 0, "") == TEE_SUCCESS, "close");
				c.value[1] = READ;
			} else if (number[i] == TA_CALL_GET_TIME) {
				c.value[0] = TA_CLOCK_PERSISTENT;
			} else if (number[i] != TA_CALL_STORAGE_CREATE) {
				c.value[0] = object;
				c.out[0] = (struct call_out){ .at = got, .capacity = number[i] == TA_CALL_STORAGE_READ ? sizeof(got) : 0 };
			}
			ask(1, &c);
			answers();
			for (size_t n = 0; n < steps && (want = keeper_want(keeper)) != NULL; n++) {
				keeper_go_on(keeper, world_carry(&world, want));
			}
			bool ended = !keeper_want(keeper);
			keeper_gone(keeper, 1);
			call_kept_close(process[1].kept, process[1].operations);
			CHECK(call_kept_open(&process[1].kept) == MT_OK, "another process");
			drive();
			CHECK(ended || !process[1].done, "no answer to nobody");
			CHECK(create(2, "o", READ | META | TEE_DATA_FLAG_OVERWRITE, 0, "", &object) == TEE_SUCCESS, "nobody has it open");
			CHECK(simple(2, TA_CALL_STORAGE_DELETE, object, 0, 0, "") == TEE_SUCCESS, "delete");
		}
	}
	end();
}

static void test_records(void)
{
	const uint8_t uuid[16] = { 'A' }, other[16] = { 'B' };
	uint8_t large[KEEPER_RECORD_SIZE_MAX + 1] = { 0 };
	uint32_t ticket = 0;
	enum mt_err how = MT_OK;
	struct bytes record;

	begin(8);
	CHECK(keeper_read(keeper, KEEPER_VERSION, uuid, 5) == MT_OK && keeper_write(keeper, KEEPER_VERSION, uuid, mt_text("one"), 6) == MT_OK, "in order");
	CHECK(keeper_read(keeper, KEEPER_VERSION, uuid, 7) == MT_OK && keeper_read(keeper, KEEPER_VERSION, other, 8) == MT_OK, "several");
	CHECK(keeper_recorded(keeper, &ticket, &how, &record) && ticket == 5 && how == MT_NOT_FOUND && record.size == 0, "none yet");
	CHECK(!keeper_recorded(keeper, &ticket, &how, &record) && keeper_want(keeper), "the next is on its way to the disk");
	drive();
	CHECK(keeper_recorded(keeper, &ticket, &how, &record) && ticket == 6 && how == MT_OK, "written");
	CHECK(!keeper_recorded(keeper, &ticket, &how, &record), "the next is read");
	drive();
	CHECK(keeper_recorded(keeper, &ticket, &how, &record) && ticket == 7 && how == MT_OK && mt_equal(record, mt_text("one")), "and read");
	CHECK(keeper_recorded(keeper, &ticket, &how, &record) && ticket == 8 && how == MT_NOT_FOUND, "another TA's");
	CHECK(keeper_write(keeper, KEEPER_VERSION, uuid, mt_bytes(large, sizeof(large)), 1) == MT_LIMIT, "too long");
	for (uint32_t i = 0; i < KEEPER_RECORDS_MAX; i++) {
		CHECK(keeper_read(keeper, KEEPER_VERSION, uuid, i) == MT_OK, "as many as wait");
	}
	CHECK(keeper_read(keeper, KEEPER_VERSION, uuid, 99) == MT_LIMIT, "and no more");
	end();
}

static void test_limits(void)
{
	uint32_t object = 0;
	char name[8] = "";

	begin(9);
	for (size_t i = 0; i < KEEPER_OBJECTS_MAX; i++) {
		name[0] = (char)('0' + i);
		CHECK(create(1, name, READ, 0, "", &object) == TEE_SUCCESS, "objects");
	}
	CHECK(open_object(1, "one more", READ, &object) == TEE_ERROR_OUT_OF_MEMORY, "and no more");
	/* Core does not rely on the process's counting. */
	struct process *p = &process[1];
	struct call *far;
	uint32_t instance = 0, result = 0;
	p->far = (struct call){ .number = TA_CALL_STORAGE_OPEN, .value = { TEE_STORAGE_PRIVATE, READ }, .in = { mt_text("0") } };
	CHECK(keeper_call(keeper, 1, &p->values, clock_now, &p->far) == MT_OK && keeper_answer(keeper, &instance, &far, &result), "asked all the same");
	CHECK(result == TEE_ERROR_OUT_OF_MEMORY, "no more");
	CHECK(create(3, "x", READ, 0, "", &object) == TEE_SUCCESS, "others are not in the way");
	p->far = (struct call){ .number = TA_CALL_OPEN_TA_SESSION };
	CHECK(!keeper_has(p->far.number) && keeper_call(keeper, 1, &p->values, clock_now, &p->far) == MT_NOT_FOUND, "not the keeper's");
	p->far = (struct call){ .number = TA_CALL_GET_TIME };
	for (uint32_t i = 10; i < 10 + KEEPER_INSTANCES_MAX - 2; i++) {
		CHECK(keeper_call(keeper, i, &p->values, clock_now, &p->far) == MT_OK && keeper_answer(keeper, &instance, &far, &result), "instances");
	}
	CHECK(keeper_call(keeper, 9999, &p->values, clock_now, &p->far) == MT_LIMIT, "and no more");
	mt_alloc_fail_at(1);
	struct keeper *none = NULL;
	struct call_kept *kept = NULL;
	CHECK(keeper_open(world.store, &none) == MT_NO_MEMORY, "no memory");
	mt_alloc_fail_at(1);
	CHECK(call_kept_open(&kept) == MT_NO_MEMORY, "no memory");
	mt_alloc_fail_at(0);
	keeper_close(NULL);
	call_kept_close(NULL, NULL);
	end();
}

static void test_medium(void)
{
	struct call write = { .number = TA_CALL_STORAGE_WRITE, .in = { mt_text("more") } };
	uint32_t object = 0;

	begin(10);
	CHECK(create(1, "x", READ | WRITE, 0, "data", &object) == TEE_SUCCESS, "an object");
	write.value[0] = object;
	ask(1, &write);
	answers();
	keeper_go_on(keeper, MT_IO);
	answers();
	CHECK(process[1].done && process[1].result == TEE_ERROR_STORAGE_NOT_AVAILABLE, "the disk fails");
	drive();
	CHECK(reads(1, object, "data"), "and nothing has changed");
	end();
}

const struct test tests[] = {
	{ "data", test_data },
	{ "whose", test_whose },
	{ "keys", test_keys },
	{ "walks", test_walks },
	{ "time", test_time },
	{ "properties", test_properties },
	{ "queue", test_queue },
	{ "ends midway", test_ends_midway },
	{ "records", test_records },
	{ "limits", test_limits },
	{ "medium", test_medium },
	TESTS_END,
};
