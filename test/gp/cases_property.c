/* 4.4: properties. */
#include "test/gp/cases.h"

#include <tee_syscall.h>

#define TEE_SET TEE_PROPSET_TEE_IMPLEMENTATION
#define TA_SET TEE_PROPSET_CURRENT_TA
#define CLIENT TEE_PROPSET_CURRENT_CLIENT
#define ENDED GP_NOBODY

static TEE_PropSetHandle enumerator(TEE_PropSetHandle set)
{
	TEE_PropSetHandle e = TEE_HANDLE_NULL;

	GP(TEE_AllocatePropertyEnumerator(&e) == TEE_SUCCESS && e != TEE_HANDLE_NULL);
	if (set) {
		TEE_StartPropertyEnumerator(e, set);
	}
	return e;
}

static bool text_is(TEE_PropSetHandle set, const char *name, const char *want, gp_size size)
{
	char text[128];
	gp_size room = sizeof(text);

	return TEE_GetPropertyAsString(set, name, text, &room) == TEE_SUCCESS && room == size && gp_same(text, want, size);
}

static void as_string(unsigned which)
{
	(void)which;
	if (!gp_own_world()) {
		return;
	}
	GP(text_is(TEE_SET, "gpd.tee.apiversion", "1.3.1", 6));
	GP(text_is(TEE_SET, "gpd.tee.deviceID", "11223344-5566-7788-0102-030405060708", 37));
	GP(text_is(TEE_SET, "gpd.tee.arith.maxBigIntSize", "4096", 5));
	GP(text_is(TEE_SET, "gpd.tee.cryptography.ecc", "true", 5));
	GP(text_is(TEE_SET, "gpd.tee.firmware.implementation.binaryversion", "AQID/w==", 9));
	GP(text_is(TEE_SET, "test.large", "1311768467463790320", 20));
	GP(text_is(CLIENT, "gpd.client.identity", "1:a0b0c0d0-1112-1314-0807-060504030201", 39));
	GP(text_is(TA_SET, "gpd.ta.appID", "6d657361-7465-6550-8100-000000000001", 37));
	GP(text_is(TA_SET, "gpd.ta.description", "conformance", 12));
	GP(text_is(TA_SET, "gpd.ta.singleInstance", "true", 5) && text_is(TA_SET, "gpd.ta.instanceKeepAlive", "false", 6));
	GP(text_is(TA_SET, "gpd.ta.dataSize", "262144", 7) && text_is(TA_SET, "test.binary", "AAEC/w==", 9));
	TEE_PropSetHandle e = enumerator(TEE_SET);
	GP(text_is(e, NULL, "1.3.1", 6));
}

static void as_bool(unsigned which)
{
	bool value = false;

	(void)which;
	GP(TEE_GetPropertyAsBool(TEE_SET, "gpd.tee.cryptography.ecc", &value) == TEE_SUCCESS && value);
	GP(TEE_GetPropertyAsBool(TA_SET, "gpd.ta.instanceKeepAlive", &value) == TEE_SUCCESS && !value);
	GP(TEE_GetPropertyAsBool(TA_SET, "gpd.ta.multiSession", &value) == TEE_SUCCESS && value);
}

static void as_u32(unsigned which)
{
	uint32_t value = 0;

	(void)which;
	GP(TEE_GetPropertyAsU32(TEE_SET, "gpd.tee.arith.maxBigIntSize", &value) == TEE_SUCCESS && value >= 2048);
	GP(TEE_GetPropertyAsU32(TA_SET, "gpd.ta.stackSize", &value) == TEE_SUCCESS && value == 65536);
}

static void as_u64(unsigned which)
{
	uint64_t value = 0;

	(void)which;
	if (!gp_own_world()) {
		return;
	}
	GP(TEE_GetPropertyAsU64(TEE_SET, "test.large", &value) == TEE_SUCCESS && value == UINT64_C(0x123456789abcdef0));
	GP(TEE_GetPropertyAsU64(TA_SET, "test.u64", &value) == TEE_SUCCESS && value == UINT64_C(0x100000002));
	GP(TEE_GetPropertyAsU64(TEE_SET, "gpd.tee.arith.maxBigIntSize", &value) == TEE_SUCCESS && value == 4096);
}

static void as_binary(unsigned which)
{
	uint8_t value[16];
	gp_size size = sizeof(value);

	(void)which;
	if (!gp_own_world()) {
		return;
	}
	GP(TEE_GetPropertyAsBinaryBlock(TEE_SET, "gpd.tee.firmware.implementation.binaryversion", value, &size) == TEE_SUCCESS && size == 4);
	GP(gp_same(value, "\x01\x02\x03\xff", 4));
	size = sizeof(value);
	GP(TEE_GetPropertyAsBinaryBlock(TA_SET, "test.binary", value, &size) == TEE_SUCCESS && size == 4);
	GP(gp_same(value, "\x00\x01\x02\xff", 4));
}

static void as_uuid(unsigned which)
{
	TEE_UUID value;

	(void)which;
	if (!gp_own_world()) {
		return;
	}
	GP(TEE_GetPropertyAsUUID(TA_SET, "gpd.ta.appID", &value) == TEE_SUCCESS && gp_same(&value, &gp_target, sizeof(value)));
	GP(TEE_GetPropertyAsUUID(TEE_SET, "gpd.tee.deviceID", &value) == TEE_SUCCESS && value.timeLow == 0x11223344);
}

static void as_identity(unsigned which)
{
	TEE_Identity value;

	(void)which;
	if (!gp_own_world()) {
		return;
	}
	GP(TEE_GetPropertyAsIdentity(CLIENT, "gpd.client.identity", &value) == TEE_SUCCESS);
	GP(value.login == TEE_LOGIN_USER && value.uuid.timeLow == 0xa0b0c0d0);
}

/* Which function; the name. */
static TEE_Result get(unsigned function, TEE_PropSetHandle set, const char *name, gp_size room)
{
	static uint64_t value[16];

	switch (function) {
	case 0:
		return TEE_GetPropertyAsString(set, name, (char *)value, &room);
	case 1:
		return TEE_GetPropertyAsBool(set, name, (bool *)value);
	case 2:
		return TEE_GetPropertyAsU32(set, name, (uint32_t *)value);
	case 3:
		return TEE_GetPropertyAsU64(set, name, value);
	case 4:
		return TEE_GetPropertyAsBinaryBlock(set, name, value, &room);
	case 5:
		return TEE_GetPropertyAsUUID(set, name, (TEE_UUID *)value);
	default:
		return TEE_GetPropertyAsIdentity(set, name, (TEE_Identity *)value);
	}
}

static void none_such(unsigned function)
{
	TEE_PropSetHandle e = enumerator(NULL);

	GP(get(function, TEE_SET, "gpd.tee.none", 100) == TEE_ERROR_ITEM_NOT_FOUND);
	GP(get(function, TA_SET, "gpd.ta.none", 100) == TEE_ERROR_ITEM_NOT_FOUND);
	GP(get(function, CLIENT, "", 100) == TEE_ERROR_ITEM_NOT_FOUND);
	GP(get(function, e, NULL, 100) == TEE_ERROR_ITEM_NOT_FOUND);
	TEE_StartPropertyEnumerator(e, CLIENT);
	while (TEE_GetNextProperty(e) == TEE_SUCCESS) {
	}
	GP(get(function, e, "gpd.client.endian", 100) == TEE_ERROR_ITEM_NOT_FOUND);
}

static void other_type(unsigned function)
{
	GP(get(function, TEE_SET, "gpd.tee.apiversion", 100) == TEE_ERROR_BAD_FORMAT);
	GP(function != 4 || get(function, TA_SET, "test.broken", 100) == TEE_ERROR_BAD_FORMAT);
}

static void too_short(unsigned function)
{
	char text[8] = "before";
	gp_size room = 5, binary_room = 3;

	if (function == 0) {
		GP(TEE_GetPropertyAsString(TEE_SET, "gpd.tee.apiversion", text, &room) == TEE_ERROR_SHORT_BUFFER && room == 6);
		room = 0;
		GP(TEE_GetPropertyAsString(TEE_SET, "gpd.tee.deviceID", NULL, &room) == TEE_ERROR_SHORT_BUFFER && room == 37);
	} else {
		GP(TEE_GetPropertyAsBinaryBlock(TA_SET, "test.binary", text, &binary_room) == TEE_ERROR_SHORT_BUFFER && binary_room == 4);
	}
	GP(gp_same(text, "before", 7));
}

static void no_set(unsigned function)
{
	gp_now();
	(void)get(function, GP_NOBODY, "gpd.tee.apiversion", 100);
}

static void no_name(unsigned function)
{
	gp_now();
	(void)get(function, TEE_SET, NULL, 100);
}

static void no_buffer(unsigned function)
{
	gp_size room = 100;

	gp_now();
	if (function == 0) {
		(void)TEE_GetPropertyAsString(TEE_SET, "gpd.tee.apiversion", gp_foreign(), &room);
	} else {
		(void)TEE_GetPropertyAsBinaryBlock(TA_SET, "test.binary", gp_read_only(), &room);
	}
}

#define VALUE_ROWS(function, number, success)                                                                                       \
	{ function, "success", success, number }, { function, "TEE_ERROR_ITEM_NOT_FOUND", none_such, number },                          \
	{ function, "panics: propsetOrEnumerator is neither a set nor an enumerator", no_set, number },                                 \
	{ function, "panics: name is NULL with a set", no_name, number }

/* ---- enumerators ---- */

static void enumerate(unsigned which)
{
	char name[80];
	gp_size count = 0, room = sizeof(name);
	TEE_PropSetHandle e = enumerator(TA_SET);
	bool version = false, own = false;

	(void)which;
	do {
		room = sizeof(name);
		GP(TEE_GetPropertyName(e, name, &room) == TEE_SUCCESS);
		version = version || (room == 15 && gp_same(name, "gpd.ta.version", 15));
		own = own || (room == 12 && gp_same(name, "test.binary", 12));
		count++;
	} while (TEE_GetNextProperty(e) == TEE_SUCCESS && count < 100);
	GP(count == 14 && version && own);
	GP(TEE_GetPropertyName(e, name, &room) == TEE_ERROR_ITEM_NOT_FOUND);
	TEE_StartPropertyEnumerator(e, CLIENT);
	room = sizeof(name);
	GP(TEE_GetPropertyName(e, name, &room) == TEE_SUCCESS && gp_same(name, "gpd.client.", 11));
	TEE_ResetPropertyEnumerator(e);
	GP(TEE_GetPropertyName(e, name, &room) == TEE_ERROR_ITEM_NOT_FOUND && TEE_GetNextProperty(e) == TEE_ERROR_ITEM_NOT_FOUND);
	TEE_FreePropertyEnumerator(e);
}

static void enumerator_errors(unsigned which)
{
	char name[8];
	gp_size room = 3;
	TEE_PropSetHandle e = enumerator(TEE_SET);

	switch (which) {
	case 0:
		GP(TEE_GetPropertyName(e, name, &room) == TEE_ERROR_SHORT_BUFFER && room == 19);
		break;
	case 1:
		while (TEE_Malloc(sizeof(e), 0)) {
		}
		GP(TEE_AllocatePropertyEnumerator(&e) == TEE_ERROR_OUT_OF_MEMORY && e == TEE_HANDLE_NULL);
		break;
	default:
		TEE_StartPropertyEnumerator(e, CLIENT);
		GP(TEE_GetNextProperty(e) == TEE_SUCCESS && TEE_GetNextProperty(e) == TEE_ERROR_ITEM_NOT_FOUND);
		GP(TEE_GetNextProperty(e) == TEE_ERROR_ITEM_NOT_FOUND);
	}
}

static void enumerator_panics(unsigned which)
{
	gp_size room = 80;
	TEE_PropSetHandle e = enumerator(TEE_SET);

	gp_now();
	switch (which) {
	case 0:
		(void)TEE_AllocatePropertyEnumerator(NULL);
		break;
	case 1:
		TEE_FreePropertyEnumerator(e);
		TEE_FreePropertyEnumerator(e);
		break;
	case 2:
		TEE_StartPropertyEnumerator(ENDED, TEE_SET);
		break;
	case 3:
		TEE_StartPropertyEnumerator(e, e);
		break;
	case 4:
		TEE_ResetPropertyEnumerator(TEE_SET);
		break;
	case 5:
		(void)TEE_GetPropertyName(TEE_SET, gp_shared(), &room);
		break;
	case 6:
		(void)TEE_GetPropertyName(e, gp_foreign(), &room);
		break;
	default:
		(void)TEE_GetNextProperty(TEE_HANDLE_NULL);
	}
}

const struct gp_row gp_rows_property[] = {
	VALUE_ROWS("TEE_GetPropertyAsString", 0, as_string),
	{ "TEE_GetPropertyAsString", "TEE_ERROR_SHORT_BUFFER", too_short, 0 },
	{ "TEE_GetPropertyAsString", "panics: valueBuffer cannot be written", no_buffer, 0 },
	VALUE_ROWS("TEE_GetPropertyAsBool", 1, as_bool),
	{ "TEE_GetPropertyAsBool", "TEE_ERROR_BAD_FORMAT", other_type, 1 },
	VALUE_ROWS("TEE_GetPropertyAsU32", 2, as_u32),
	{ "TEE_GetPropertyAsU32", "TEE_ERROR_BAD_FORMAT", other_type, 2 },
	VALUE_ROWS("TEE_GetPropertyAsU64", 3, as_u64),
	{ "TEE_GetPropertyAsU64", "TEE_ERROR_BAD_FORMAT", other_type, 3 },
	VALUE_ROWS("TEE_GetPropertyAsBinaryBlock", 4, as_binary),
	{ "TEE_GetPropertyAsBinaryBlock", "TEE_ERROR_BAD_FORMAT", other_type, 4 },
	{ "TEE_GetPropertyAsBinaryBlock", "TEE_ERROR_SHORT_BUFFER", too_short, 4 },
	{ "TEE_GetPropertyAsBinaryBlock", "panics: valueBuffer cannot be written", no_buffer, 4 },
	VALUE_ROWS("TEE_GetPropertyAsUUID", 5, as_uuid),
	{ "TEE_GetPropertyAsUUID", "TEE_ERROR_BAD_FORMAT", other_type, 5 },
	VALUE_ROWS("TEE_GetPropertyAsIdentity", 6, as_identity),
	{ "TEE_GetPropertyAsIdentity", "TEE_ERROR_BAD_FORMAT", other_type, 6 },
	{ "TEE_AllocatePropertyEnumerator", "success", enumerate, 0 },
	{ "TEE_AllocatePropertyEnumerator", "TEE_ERROR_OUT_OF_MEMORY", enumerator_errors, 1 },
	{ "TEE_AllocatePropertyEnumerator", "panics: enumerator cannot be written", enumerator_panics, 0 },
	{ "TEE_FreePropertyEnumerator", "success", enumerate, 0 },
	{ "TEE_FreePropertyEnumerator", "panics: enumerator is not one", enumerator_panics, 1 },
	{ "TEE_StartPropertyEnumerator", "success", enumerate, 0 },
	{ "TEE_StartPropertyEnumerator", "panics: enumerator is not one", enumerator_panics, 2 },
	{ "TEE_StartPropertyEnumerator", "panics: propSet is no property set", enumerator_panics, 3 },
	{ "TEE_ResetPropertyEnumerator", "success", enumerate, 0 },
	{ "TEE_ResetPropertyEnumerator", "panics: enumerator is not one", enumerator_panics, 4 },
	{ "TEE_GetPropertyName", "success", enumerate, 0 },
	{ "TEE_GetPropertyName", "TEE_ERROR_ITEM_NOT_FOUND", enumerate, 0 },
	{ "TEE_GetPropertyName", "TEE_ERROR_SHORT_BUFFER", enumerator_errors, 0 },
	{ "TEE_GetPropertyName", "panics: enumerator is not one", enumerator_panics, 5 },
	{ "TEE_GetPropertyName", "panics: nameBuffer cannot be written", enumerator_panics, 6 },
	{ "TEE_GetNextProperty", "success", enumerate, 0 },
	{ "TEE_GetNextProperty", "TEE_ERROR_ITEM_NOT_FOUND", enumerator_errors, 2 },
	{ "TEE_GetNextProperty", "panics: enumerator is not one", enumerator_panics, 7 },
};
GP_COUNT(property)
