/* tee/property and tee/time. */
#include "tee/property/property.h"

#include <string.h>

#include "api/tee_api_defines.h"
#include "api/tee_api_types.h"
#include "tee/time/time.h"
#include "test/test.h"

static const struct property_values values = {
	.description = "a TEE",
	.device_id = { 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0, 1, 2, 3, 4, 5, 6, 7, 8 },
	.system_time_level = 100,
	.persistent_time_level = 100,
	.anti_rollback_level = 1000,
	.os_version = "7",
	.os_maker = "us",
	.firmware_version = "9",
	.firmware_maker = "them",
	.os_binary = { (const uint8_t *)"\x01\x02", 2 },
	.client_login = TEE_LOGIN_TRUSTED_APP,
	.client_uuid = { 0xff, 0, 0, 1, 0, 2, 0, 3 },
	.ta_uuid = { 0xaa, 0, 0, 0, 0xbb, 0xcc, 0, 0xdd, 9 },
};

static struct property get(uint64_t set, const char *name)
{
	struct property p = { 0 };
	uint32_t index = 0;

	CHECK(property_find(set, mt_text(name), &index) == MT_OK && property_get(set, index, &values, &p) == MT_OK, name);
	CHECK(p.name && strcmp(p.name, name) == 0, "its own name");
	return p;
}

static uint32_t number(const char *name)
{
	struct property p = get(PROPERTY_SET_TEE, name);
	uint32_t value = 0;

	CHECK(p.type == PROPERTY_U32 && p.size == sizeof(value), name);
	memcpy(&value, p.value, sizeof(value));
	return value;
}

static void test_values(void)
{
	struct property p = get(PROPERTY_SET_TEE, "gpd.tee.deviceID");
	TEE_UUID uuid;
	TEE_Identity identity;

	CHECK(p.type == PROPERTY_UUID && p.size == sizeof(uuid), "a UUID");
	memcpy(&uuid, p.value, sizeof(uuid));
	CHECK(uuid.timeLow == 0x12345678 && uuid.timeMid == 0x9abc && uuid.timeHiAndVersion == 0xdef0 && uuid.clockSeqAndNode[7] == 8, "TEE_UUID");
	p = get(PROPERTY_SET_CLIENT, "gpd.client.identity");
	CHECK(p.type == PROPERTY_IDENTITY && p.size == sizeof(identity), "an identity");
	memcpy(&identity, p.value, sizeof(identity));
	CHECK(identity.login == TEE_LOGIN_TRUSTED_APP && identity.uuid.timeLow == 0xff000001 && identity.uuid.timeHiAndVersion == 3, "TEE_Identity");
	p = get(PROPERTY_SET_TA, "gpd.ta.appID");
	memcpy(&uuid, p.value, sizeof(uuid));
	CHECK(p.type == PROPERTY_UUID && uuid.timeLow == 0xaa000000 && uuid.timeMid == 0xbbcc && uuid.clockSeqAndNode[0] == 9, "the TA's");
	CHECK(number("gpd.tee.internalCore.version") == 0x01030100 && number("gpd.tee.arith.maxBigIntSize") == 4096, "numbers");
	CHECK(number("gpd.tee.trustedStorage.antiRollback.protectionLevel") == 1000, "as the port has it");
	CHECK(number("gpd.tee.systemTime.protectionLevel") == 100 && number("gpd.tee.TAPersistentTime.protectionLevel") == 100, "clocks");
	p = get(PROPERTY_SET_TEE, "gpd.tee.description");
	CHECK(p.type == PROPERTY_STRING && p.size == 6 && memcmp(p.value, "a TEE", 6) == 0, "a text with its zero");
	p = get(PROPERTY_SET_TEE, "gpd.tee.trustedos.implementation.binaryversion");
	CHECK(p.type == PROPERTY_BINARY && p.size == 2 && p.value[1] == 2, "bytes");
	p = get(PROPERTY_SET_TEE, "gpd.tee.firmware.implementation.binaryversion");
	CHECK(p.size == 0, "none");
	p = get(PROPERTY_SET_TEE, "gpd.tee.cryptography.nist");
	CHECK(p.type == PROPERTY_BOOL && p.size == 1 && p.value[0] == 1, "curves that are there");
	p = get(PROPERTY_SET_TEE, "gpd.tee.cryptography.bsi-r");
	CHECK(p.type == PROPERTY_BOOL && p.size == 1 && p.value[0] == 0, "and that are not");
}

static void test_sets(void)
{
	static const uint64_t sets[] = { PROPERTY_SET_TEE, PROPERTY_SET_CLIENT, PROPERTY_SET_TA };
	struct property p;
	uint32_t index = 0;

	for (size_t s = 0; s < MT_COUNT(sets); s++) {
		uint64_t count = 0;
		while (property_get(sets[s], count, &values, &p) == MT_OK) {
			CHECK(property_find(sets[s], mt_text(p.name), &index) == MT_OK && index == count, "each once, under its own name");
			count++;
		}
		CHECK(count > 0 && property_get(sets[s], UINT64_MAX, &values, &p) == MT_NOT_FOUND, "and an end");
	}
	CHECK(property_find(PROPERTY_SET_CLIENT, mt_text("gpd.tee.deviceID"), &index) == MT_NOT_FOUND, "another set");
	CHECK(property_find(PROPERTY_SET_TEE, mt_text("gpd.tee.deviceI"), &index) == MT_NOT_FOUND, "a part of a name");
	CHECK(property_find(0, mt_text("gpd.tee.deviceID"), &index) == MT_NOT_FOUND && property_get(7, 0, &values, &p) == MT_NOT_FOUND, "no set");
}

static void test_time(void)
{
	uint8_t record[TIME_RECORD_SIZE];
	struct time_value now = { 0, 0 };
	const uint64_t machine = UINT64_C(1790000000000);

	CHECK(time_now(mt_bytes(NULL, 0), machine, &now) == MT_NOT_FOUND, "not set");
	CHECK(time_record((struct time_value){ 10, 1000 }, machine, record) == MT_MALFORMED, "no time");
	CHECK(time_record((struct time_value){ 10, 900 }, machine, record) == MT_OK, "set");
	CHECK(time_now(mt_bytes(record, sizeof(record)), machine, &now) == MT_OK && now.seconds == 10 && now.milliseconds == 900, "at once");
	CHECK(time_now(mt_bytes(record, sizeof(record)), machine + 2200, &now) == MT_OK && now.seconds == 13 && now.milliseconds == 100, "later");
	CHECK(time_now(mt_bytes(record, sizeof(record)), machine - 1, &now) == MT_TAMPERED, "a clock that went back");
	for (size_t n = 1; n < sizeof(record); n++) {
		CHECK(time_now(first(mt_bytes(record, sizeof(record)), n), machine, &now) == MT_TAMPERED, "every prefix");
	}
	record[0] = 2;
	CHECK(time_now(mt_bytes(record, sizeof(record)), machine, &now) == MT_TAMPERED, "another version");
	CHECK(time_record((struct time_value){ UINT32_MAX, 999 }, machine, record) == MT_OK, "the last");
	CHECK(time_now(mt_bytes(record, sizeof(record)), machine, &now) == MT_OK && now.seconds == UINT32_MAX, "as set");
	CHECK(time_now(mt_bytes(record, sizeof(record)), machine + 1, &now) == MT_LIMIT && now.seconds == 0 && now.milliseconds == 0, "and after it");
}

const struct test tests[] = {
	{ "values", test_values },
	{ "sets", test_sets },
	{ "time", test_time },
	TESTS_END,
};
