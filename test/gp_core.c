#include "test/gp_core.h"

#include <string.h>

#include "ta/rt/rt.h"
#include "test/gp_world.h"
#include "tee/keeper/keeper.h"
#include "test/storage_world.h"

const TEE_UUID gp_world_uuid = { 0x6d657361, 0x7465, 0x6550, { 0x81, 0, 0, 0, 0, 0, 0, 1 } };
static const uint8_t uuid_wire[16] = { 0x6d, 0x65, 0x73, 0x61, 0x74, 0x65, 0x65, 0x50, 0x81, 0, 0, 0, 0, 0, 0, 1 };

static struct {
	struct storage_world storage;
	struct keeper *keeper;
	uint64_t now_ms;
	uint32_t sessions;
} core;

void gp_core_open(void)
{
	memset(&core, 0, sizeof(core));
	world_open(&core.storage, 1, STORAGE_ANCHOR_NONE);
	mt_assert(world_restart(&core.storage) == MT_OK && keeper_open(core.storage.store, &core.keeper) == MT_OK);
	core.now_ms = 1000;
}

void gp_core_close(void)
{
	keeper_close(core.keeper);
	world_close(&core.storage);
}

void gp_core_pass(uint32_t ms)
{
	core.now_ms += ms;
}

/* ---- storage and time: the real ones ---- */

#define INSTANCE 1

static uint32_t keeper_does(struct call *c)
{
	const struct keeper_clock clock = { .system_ms = core.now_ms, .machine_ms = core.now_ms + UINT64_C(1700000000000) };
	struct property_values values = { .description = "a TEE", .os_version = "1", .os_maker = "us", .firmware_version = "2", .firmware_maker = "them" };
	const struct storage_want *want;
	struct call *ended = NULL;
	uint32_t instance = 0, result = 0;

	core.now_ms++;
	memcpy(values.ta_uuid, uuid_wire, sizeof(values.ta_uuid));
	mt_assert(keeper_call(core.keeper, INSTANCE, &values, clock, c) == MT_OK);
	while (!keeper_answer(core.keeper, &instance, &ended, &result)) {
		want = keeper_want(core.keeper);
		mt_assert(want);
		keeper_go_on(core.keeper, world_carry(&core.storage, want));
	}
	mt_assert(ended == c && instance == INSTANCE);
	return result;
}

/* ---- properties: ours, so that there is one of each type ---- */

static const TEE_UUID device = { 0x11223344, 0x5566, 0x7788, { 1, 2, 3, 4, 5, 6, 7, 8 } };
static const TEE_Identity client = { TEE_LOGIN_USER, { 0xa0b0c0d0, 0x1112, 0x1314, { 8, 7, 6, 5, 4, 3, 2, 1 } } };
static const uint32_t arith_max = 4096, endian = 0;
static const uint64_t large = UINT64_C(0x123456789abcdef0);
static const uint8_t yes = 1;

static const struct {
	uint32_t set;
	const char *name;
	uint32_t type;
	const void *value;
	uint32_t size;
} properties[] = {
	{ 0xFFFFFFFD, "gpd.tee.apiversion", TA_PROPERTY_STRING, "1.3.1", 6 },
	{ 0xFFFFFFFD, "gpd.tee.deviceID", TA_PROPERTY_UUID, &device, sizeof(device) },
	{ 0xFFFFFFFD, "gpd.tee.arith.maxBigIntSize", TA_PROPERTY_U32, &arith_max, sizeof(arith_max) },
	{ 0xFFFFFFFD, "gpd.tee.cryptography.ecc", TA_PROPERTY_BOOL, &yes, sizeof(yes) },
	{ 0xFFFFFFFD, "gpd.tee.firmware.implementation.binaryversion", TA_PROPERTY_BINARY, "\x01\x02\x03\xff", 4 },
	{ 0xFFFFFFFD, "test.large", TA_PROPERTY_U64, &large, sizeof(large) },
	{ 0xFFFFFFFE, "gpd.client.identity", TA_PROPERTY_IDENTITY, &client, sizeof(client) },
	{ 0xFFFFFFFF, "gpd.ta.appID", TA_PROPERTY_UUID, &gp_world_uuid, sizeof(gp_world_uuid) },
	{ 0xFFFFFFFE, "gpd.client.endian", TA_PROPERTY_U32, &endian, sizeof(endian) },
};

static bool out_give(struct call_out *out, const void *from, size_t size)
{
	out->size = size;
	if (size > out->capacity) {
		return false;
	}
	memcpy(out->at, from, size);
	return true;
}

static uint32_t property_call(struct call *c)
{
	uint32_t index = 0;

	for (size_t i = 0; i < MT_COUNT(properties); i++) {
		if (properties[i].set != c->value[0]) {
			continue;
		}
		if (c->number == TA_CALL_PROPERTY_INDEX) {
			if (mt_equal(c->in[0], mt_bytes(properties[i].name, strlen(properties[i].name) + 1))) {
				c->word[0] = index;
				return TEE_SUCCESS;
			}
		} else if (c->value[1] == index) {
			c->word[0] = properties[i].type;
			bool fits = out_give(&c->out[0], properties[i].name, strlen(properties[i].name) + 1);
			return out_give(&c->out[1], properties[i].value, properties[i].size) && fits ? TEE_SUCCESS : TEE_ERROR_SHORT_BUFFER;
		}
		index++;
	}
	return TEE_ERROR_ITEM_NOT_FOUND;
}

/* ---- sessions with this very TA ---- */

/* Memory there is the message's. */
static void params_far(struct call *c, struct ta_params *p)
{
	*p = c->params;
	for (size_t i = 0; i < TA_PARAMS; i++) {
		unsigned type = (unsigned)(p->types >> (4 * i)) & 0xf;
		if (type == TEE_PARAM_TYPE_MEMREF_INPUT) {
			p->value[2 * i] = (uint64_t)(uintptr_t)c->memref[i].in.at;
			p->value[2 * i + 1] = c->memref[i].in.size;
		} else if (type == TEE_PARAM_TYPE_MEMREF_OUTPUT || type == TEE_PARAM_TYPE_MEMREF_INOUT) {
			p->value[2 * i] = (uint64_t)(uintptr_t)c->memref[i].out.at;
			p->value[2 * i + 1] = c->memref[i].out.capacity;
			if (c->memref[i].in.size) {
				memcpy(c->memref[i].out.at, c->memref[i].in.at, c->memref[i].in.size);
			}
		}
	}
}

static void params_near(struct call *c, const struct ta_params *p)
{
	for (size_t i = 0; i < TA_PARAMS; i++) {
		unsigned type = (unsigned)(p->types >> (4 * i)) & 0xf;
		if (type == TEE_PARAM_TYPE_MEMREF_OUTPUT || type == TEE_PARAM_TYPE_MEMREF_INOUT) {
			c->memref[i].out.size = (size_t)p->value[2 * i + 1];
		} else if (type == TEE_PARAM_TYPE_VALUE_OUTPUT || type == TEE_PARAM_TYPE_VALUE_INOUT) {
			c->params.value[2 * i] = p->value[2 * i];
			c->params.value[2 * i + 1] = p->value[2 * i + 1];
		}
	}
}

static uint32_t session_call(struct call *c)
{
	struct ta_params params;
	bool open = c->number == TA_CALL_OPEN_TA_SESSION;
	uint32_t session = open ? 100 + core.sessions++ : (uint32_t)c->value[0];

	if (c->number == TA_CALL_CLOSE_TA_SESSION) {
		return ta_enter(TA_ENTRY_CLOSE, session, NULL, 0);
	}
	c->word[open ? 1 : 0] = TEE_ORIGIN_TEE;
	if (open && memcmp(c->uuid, &gp_world_uuid, sizeof(gp_world_uuid)) != 0) {
		return TEE_ERROR_ITEM_NOT_FOUND;
	}
	params_far(c, &params);
	uint32_t result = ta_enter(open ? TA_ENTRY_OPEN : TA_ENTRY_INVOKE, session, &params, open ? 0 : (uint32_t)c->value[2]);
	params_near(c, &params);
	c->word[open ? 1 : 0] = TEE_ORIGIN_TRUSTED_APP;
	if (open) {
		c->word[0] = session;
	}
	return result;
}

uint32_t gp_core_call(struct call *c)
{
	switch (c->number) {
	case TA_CALL_GET_PROPERTY: case TA_CALL_PROPERTY_INDEX:
		return property_call(c);
	case TA_CALL_OPEN_TA_SESSION: case TA_CALL_CLOSE_TA_SESSION: case TA_CALL_INVOKE_TA_COMMAND:
		return session_call(c);
	default:
		return keeper_has(c->number) ? keeper_does(c) : TEE_ERROR_NOT_SUPPORTED;
	}
}
