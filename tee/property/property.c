#include "tee/property/property.h"

#include <string.h>

#define API_VERSION "1.3.1"
#define CORE_VERSION UINT32_C(0x01030100)       /* gpd.tee.internalCore.version: major, minor, maintenance, 0 */
#define BIG_INT_BITS 4096                       /* ta/rt's limit of moduli */

/* Where a value comes from: a constant, or a member of the values. */
enum source {
	TRUE, FALSE, ZERO, VERSION_TEXT, VERSION_NUMBER, BIG_INT, DESCRIPTION, DEVICE, SYSTEM_TIME, PERSISTENT_TIME, ANTI_ROLLBACK, OS_VERSION, OS_MAKER,
	OS_BINARY, FIRMWARE_VERSION, FIRMWARE_MAKER, FIRMWARE_BINARY, CLIENT, TA
};

struct row {
	const char *name;
	enum property_type type;
	enum source source;
};

/*
 * Names and types compared with OP-TEE's tee_svc.c and Open-TEE's properties. A family of curves is true when all of it is there: NIST's is (P-192 to
 * P-521), of IETF's Ed448 is missing, Brainpool (bsi) and SM2 (octa) are.
 */
static const struct row tee_rows[] = {
	{ "gpd.tee.apiversion", PROPERTY_STRING, VERSION_TEXT },
	{ "gpd.tee.internalCore.version", PROPERTY_U32, VERSION_NUMBER },
	{ "gpd.tee.description", PROPERTY_STRING, DESCRIPTION },
	{ "gpd.tee.deviceID", PROPERTY_UUID, DEVICE },
	{ "gpd.tee.systemTime.protectionLevel", PROPERTY_U32, SYSTEM_TIME },
	{ "gpd.tee.TAPersistentTime.protectionLevel", PROPERTY_U32, PERSISTENT_TIME },
	{ "gpd.tee.arith.maxBigIntSize", PROPERTY_U32, BIG_INT },
	{ "gpd.tee.cryptography.ecc", PROPERTY_BOOL, TRUE },
	{ "gpd.tee.cryptography.nist", PROPERTY_BOOL, TRUE },
	{ "gpd.tee.cryptography.bsi-r", PROPERTY_BOOL, FALSE },
	{ "gpd.tee.cryptography.bsi-t", PROPERTY_BOOL, FALSE },
	{ "gpd.tee.cryptography.ietf", PROPERTY_BOOL, FALSE },
	{ "gpd.tee.cryptography.octa", PROPERTY_BOOL, FALSE },
	{ "gpd.tee.trustedStorage.antiRollback.protectionLevel", PROPERTY_U32, ANTI_ROLLBACK },
	{ "gpd.tee.trustedStorage.rollbackDetection.protectionLevel", PROPERTY_U32, ANTI_ROLLBACK },
	{ "gpd.tee.trustedos.implementation.version", PROPERTY_STRING, OS_VERSION },
	{ "gpd.tee.trustedos.implementation.binaryversion", PROPERTY_BINARY, OS_BINARY },
	{ "gpd.tee.trustedos.manufacturer", PROPERTY_STRING, OS_MAKER },
	{ "gpd.tee.firmware.implementation.version", PROPERTY_STRING, FIRMWARE_VERSION },
	{ "gpd.tee.firmware.implementation.binaryversion", PROPERTY_BINARY, FIRMWARE_BINARY },
	{ "gpd.tee.firmware.manufacturer", PROPERTY_STRING, FIRMWARE_MAKER },
	{ "gpd.tee.event.maxSources", PROPERTY_U32, ZERO },
	/* What OP-TEE's library asks for before TA_CreateEntryPoint. */
	{ "org.trustedfirmware.optee.cpu.feat_memtag_implemented", PROPERTY_BOOL, FALSE },
};

static const struct row client_rows[] = {
	{ "gpd.client.identity", PROPERTY_IDENTITY, CLIENT },
	{ "gpd.client.endian", PROPERTY_U32, ZERO },            /* little */
};

/* The rest of this set stands in the TA's own image. */
static const struct row ta_rows[] = {
	{ "gpd.ta.appID", PROPERTY_UUID, TA },
};

struct table {
	const struct row *row;
	size_t count;
};

static struct table table_of(uint64_t set)
{
	switch (set) {
	case PROPERTY_SET_TEE:
		return (struct table){ tee_rows, MT_COUNT(tee_rows) };
	case PROPERTY_SET_CLIENT:
		return (struct table){ client_rows, MT_COUNT(client_rows) };
	case PROPERTY_SET_TA:
		return (struct table){ ta_rows, MT_COUNT(ta_rows) };
	default:
		return (struct table){ NULL, 0 };
	}
}

static void put(struct property *p, const void *at, size_t size)
{
	mt_assert(size <= sizeof(p->value) - p->size);
	if (size > 0) {
		memcpy(p->value + p->size, at, size);
	}
	p->size += size;
}

static void put_u32(struct property *p, uint32_t value)
{
	put(p, &value, sizeof(value));
}

static void put_bool(struct property *p, bool value)
{
	uint8_t byte = value ? 1 : 0;

	put(p, &byte, 1);
}

static void put_text(struct property *p, const char *text)
{
	put(p, text, strlen(text) + 1);
}

/* TEE_UUID: u32, u16, u16 in the machine's order, then eight bytes. */
static void put_uuid(struct property *p, const uint8_t uuid[16])
{
	struct cursor c = cursor_over(mt_bytes(uuid, 8));
	uint32_t low = cursor_u32(&c);
	uint16_t mid = cursor_u16(&c), high = cursor_u16(&c);

	put(p, &low, sizeof(low));
	put(p, &mid, sizeof(mid));
	put(p, &high, sizeof(high));
	put(p, uuid + 8, 8);
}

static void put_number(struct property *p, enum source source, const struct property_values *v)
{
	switch (source) {
	case VERSION_NUMBER:
		put_u32(p, CORE_VERSION);
		break;
	case BIG_INT:
		put_u32(p, BIG_INT_BITS);
		break;
	case SYSTEM_TIME:
		put_u32(p, v->system_time_level);
		break;
	case PERSISTENT_TIME:
		put_u32(p, v->persistent_time_level);
		break;
	case ANTI_ROLLBACK:
		put_u32(p, v->anti_rollback_level);
		break;
	default:
		mt_assert(source == ZERO);
		put_u32(p, 0);
	}
}

static void put_string(struct property *p, enum source source, const struct property_values *v)
{
	switch (source) {
	case DESCRIPTION:
		put_text(p, v->description);
		break;
	case OS_VERSION:
		put_text(p, v->os_version);
		break;
	case OS_MAKER:
		put_text(p, v->os_maker);
		break;
	case FIRMWARE_VERSION:
		put_text(p, v->firmware_version);
		break;
	case FIRMWARE_MAKER:
		put_text(p, v->firmware_maker);
		break;
	default:
		mt_assert(source == VERSION_TEXT);
		put_text(p, API_VERSION);
	}
}

static void put_value(struct property *p, const struct row *row, const struct property_values *v)
{
	struct bytes binary = row->source == OS_BINARY ? v->os_binary : v->firmware_binary;

	switch (row->type) {
	case PROPERTY_BOOL:
		put_bool(p, row->source == TRUE);
		break;
	case PROPERTY_U32:
		put_number(p, row->source, v);
		break;
	case PROPERTY_STRING:
		put_string(p, row->source, v);
		break;
	case PROPERTY_BINARY:
		put(p, binary.at, binary.size);
		break;
	case PROPERTY_IDENTITY:
		put_u32(p, v->client_login);
		put_uuid(p, v->client_uuid);
		break;
	default:
		mt_assert(row->type == PROPERTY_UUID);
		put_uuid(p, row->source == DEVICE ? v->device_id : v->ta_uuid);
	}
}

enum mt_err property_find(uint64_t set, struct bytes name, uint32_t *index)
{
	struct table t = table_of(set);

	for (size_t i = 0; i < t.count; i++) {
		if (mt_equal(mt_text(t.row[i].name), name)) {
			*index = (uint32_t)i;
			return MT_OK;
		}
	}
	return MT_NOT_FOUND;
}

enum mt_err property_get(uint64_t set, uint64_t index, const struct property_values *values, struct property *out)
{
	struct table t = table_of(set);

	if (index >= t.count) {
		return MT_NOT_FOUND;
	}
	*out = (struct property){ .name = t.row[index].name, .type = t.row[index].type };
	put_value(out, &t.row[index], values);
	return MT_OK;
}
