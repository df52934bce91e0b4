#include "test/gp_world.h"

#include <stdio.h>
#include <string.h>

#include "tee/call/call.h"
#include "tee/operation/operation.h"
#include "test/gp_core.h"

uint8_t gp_world_shared[GP_WORLD_SHARED], gp_world_foreign[GP_WORLD_SHARED], gp_world_read_only[GP_WORLD_SHARED];

static struct {
	struct operations *operations;
	struct call_kept *kept;
	uint32_t fault, fault_skip, fault_result;
	bool cancelled, masked;
} world;

void gp_world_open(void)
{
	mt_assert(operations_open(&world.operations) == MT_OK);
	mt_assert(call_kept_open(&world.kept) == MT_OK);
	world.masked = true;
	gp_core_open();
}

void gp_world_close(void)
{
	gp_core_close();
	call_kept_close(world.kept, world.operations);
	operations_close(world.operations);
	memset(&world, 0, sizeof(world));
}

void gp_world_fault(uint32_t number, unsigned skip, TEE_Result result)
{
	world.fault = number;
	world.fault_skip = skip;
	world.fault_result = result;
}

void gp_world_cancel(void)
{
	world.cancelled = true;
}

/* ---- memory ---- */

static bool meets(const uint8_t *region, uint64_t at, uint64_t size)
{
	uint64_t from = (uint64_t)(uintptr_t)region;

	return at < from + GP_WORLD_SHARED && from < at + size;
}

static uint8_t *memory_map(void *self, uint64_t at, uint64_t size, enum call_access access)
{
	(void)self;
	if (at < 4096 || at + size < at || meets(gp_world_foreign, at, size) || (access == CALL_WRITE && meets(gp_world_read_only, at, size))) {
		return NULL;
	}
	return (uint8_t *)(uintptr_t)at;
}

static const struct call_memory memory = { .map = memory_map };

static uint32_t access_check(const uint64_t v[3])
{
	bool good = !(v[0] & TEE_MEMORY_ACCESS_WRITE) || memory_map(NULL, v[1], v[2], CALL_WRITE);

	good = good && memory_map(NULL, v[1], v[2], CALL_READ);
	good = good && ((v[0] & TEE_MEMORY_ACCESS_ANY_OWNER) || !meets(gp_world_shared, v[1], v[2]));
	return good ? TEE_SUCCESS : TEE_ERROR_ACCESS_DENIED;
}

/* ---- calls ---- */

/* What needs the application's process alone, and is not tee/operation's. */
static bool process_call(struct call *c, uint32_t *result)
{
	*result = TEE_SUCCESS;
	switch (c->number) {
	case TA_CALL_LOG:
		gp_world_logged(c->in[0]);
		return true;
	case TA_CALL_PANIC:
		gp_world_panicked((TEE_Result)c->value[0]);
	case TA_CALL_CHECK_ACCESS:
		*result = access_check(c->value);
		return true;
	case TA_CALL_CACHE:
		*result = memory_map(NULL, c->value[0], c->value[1], CALL_WRITE) ? TEE_SUCCESS : TEE_ERROR_ACCESS_DENIED;
		return true;
	case TA_CALL_GET_CANCELLATION:
		c->word[0] = world.cancelled && !world.masked;
		return true;
	case TA_CALL_MASK_CANCELLATION:
	case TA_CALL_UNMASK_CANCELLATION:
		c->word[0] = world.masked;
		world.masked = c->number == TA_CALL_MASK_CANCELLATION;
		return true;
	case TA_CALL_WAIT:
		*result = world.cancelled && !world.masked ? TEE_ERROR_CANCEL : TEE_SUCCESS;
		gp_core_pass((uint32_t)c->value[0]);
		return true;
	default:
		return false;
	}
}

#define WIRE_MAX (CALL_WIRE_DATA_MAX + CALL_KEY_MAX + 4096)

/* Each of its own: a command to this very TA makes calls while it is under way. */
struct message {
	uint8_t wire[WIRE_MAX], answer[WIRE_MAX], space[CALL_WIRE_DATA_MAX];
	struct call far;
};

static uint32_t core_call(struct call *c)
{
	struct message *m = mt_alloc(sizeof(*m));
	struct bytes wire, answer;

	mt_assert(m);
	enum mt_err err = call_encode(c, m->wire, sizeof(m->wire), &wire);
	uint32_t result = call_result(c->number, err);
	if (!err) {
		mt_assert(call_wire_decode(wire, m->space, &m->far) == MT_OK);
		result = gp_core_call(&m->far);
		mt_assert(call_answer_encode(&m->far, result, m->answer, sizeof(m->answer), &answer) == MT_OK);
		mt_assert(call_answer_decode(answer, c, &result) == MT_OK);
	}
	mt_free(m);
	return result;
}

static uint32_t act(struct call *c)
{
	enum call_way way = CALL_DONE;
	uint32_t result = TEE_SUCCESS;

	if (process_call(c, &result)) {
		return result;
	}
	enum mt_err err = call_here(world.operations, world.kept, c, &way);
	if (way == CALL_DONE) {
		return call_result(c->number, err);
	}
	return call_kept_answer(world.operations, world.kept, c, core_call(c));
}

static bool faulty(uint32_t number)
{
	if (world.fault != number || world.fault_result == TEE_SUCCESS || world.fault_skip-- > 0) {
		return false;
	}
	world.fault = 0;
	return true;
}

uint32_t ta_syscall(uint32_t number, const uint64_t argument[TA_CALL_ARGUMENTS])
{
	struct call call;
	enum mt_err err = call_decode(&memory, number, argument, &call);

	if (err) {
		return call_result((enum ta_call)number, err);
	}
	uint32_t result = faulty(number) ? world.fault_result : act(&call);
	mt_assert(call_finish(&memory, argument, &call, result) == MT_OK);
	return result;
}
