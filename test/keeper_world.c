#include "test/keeper_world.h"

#include "api/tee_api_defines.h"
#include "test/test.h"

struct storage_world world;
struct keeper *keeper;
struct process process[INSTANCES + 1];
struct keeper_clock clock_now;
static uint8_t answer_wire[CALL_WIRE_DATA_MAX + 16384];

void begin(uint64_t seed)
{
	world_open(&world, seed, STORAGE_ANCHOR_NONE);
	CHECK(world_restart(&world) == MT_OK && keeper_open(world.store, &keeper) == MT_OK, "a keeper");
	clock_now = (struct keeper_clock){ .system_ms = 1500, .machine_ms = UINT64_C(1790000000123) };
	for (size_t i = 1; i <= INSTANCES; i++) {
		process[i].values = (struct property_values){ .description = "a TEE", .os_version = "1", .os_maker = "us", .firmware_version = "2",
							      .firmware_maker = "them", .ta_uuid = { i == 3 ? 'B' : 'A' } };
		CHECK(operations_open(&process[i].operations) == MT_OK && call_kept_open(&process[i].kept) == MT_OK, "a process");
	}
}

void end(void)
{
	for (size_t i = 1; i <= INSTANCES; i++) {
		call_kept_close(process[i].kept, process[i].operations);
		operations_close(process[i].operations);
		process[i] = (struct process){ 0 };
	}
	keeper_close(keeper);
	world_close(&world);
}

void answers(void)
{
	uint32_t instance, result;
	struct call *far;

	while (keeper_answer(keeper, &instance, &far, &result)) {
		struct process *p = &process[instance];
		struct bytes wire;
		CHECK(!p->done && far == &p->far, "an answer to what was asked");
		CHECK(call_answer_encode(far, result, answer_wire, sizeof(answer_wire), &wire) == MT_OK, "an answer");
		CHECK(call_answer_decode(wire, p->call, &result) == MT_OK, "arrives");
		p->result = call_kept_answer(p->operations, p->kept, p->call, result);
		p->done = true;
	}
}

void ask(uint32_t instance, struct call *call)
{
	struct process *p = &process[instance];
	enum call_way way;
	struct bytes wire;

	p->call = call;
	p->done = false;
	enum mt_err err = call_here(p->operations, p->kept, call, &way);
	if (way == CALL_DONE) {
		p->result = call_result(call->number, err);
		p->done = true;
		return;
	}
	CHECK(!err && call_encode(call, p->wire, sizeof(p->wire), &wire) == MT_OK, "a message");
	CHECK(call_wire_decode(wire, p->space, &p->far) == MT_OK && keeper_has(p->far.number), "to core");
	CHECK(keeper_call(keeper, instance, &p->values, clock_now, &p->far) == MT_OK, "a call");
}

void drive(void)
{
	const struct storage_want *want;

	answers();
	while ((want = keeper_want(keeper)) != NULL) {
		keeper_go_on(keeper, world_carry(&world, want));
		answers();
	}
}

uint32_t wait_for(uint32_t instance, struct call *call)
{
	ask(instance, call);
	drive();
	CHECK(process[instance].done, "it ends");
	return process[instance].result;
}
