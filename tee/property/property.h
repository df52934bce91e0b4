/*
 * Properties of the TEE, of a session's client and of a TA (GP TEE Internal Core API 1.3.1, 4.4 and 4.5): what the system calls GET_PROPERTY and
 * PROPERTY_INDEX answer. Properties that a TA's image brings itself are its library's.
 *
 * Promises: names, types and meanings of GP 1.3.1, chapter 4; values in the memory layout that OP-TEE's system calls have. What is told of protection
 * is what the caller said of this machine, nothing is assumed.
 * Hides: the tables. Class T. No state, allocates nothing.
 */
#ifndef MT_PROPERTY_H
#define MT_PROPERTY_H

#include "lib/base/base.h"

#define PROPERTY_VALUE_MAX 256
#define PROPERTY_TEXT_MAX (PROPERTY_VALUE_MAX - 1)

/* As OP-TEE's user_ta_header.h has them (enum user_ta_prop_type). */
enum property_type {
	PROPERTY_BOOL = 0,      /* one byte */
	PROPERTY_U32,
	PROPERTY_UUID,          /* TEE_UUID: numbers in the machine's order */
	PROPERTY_IDENTITY,      /* TEE_Identity: login u32, TEE_UUID */
	PROPERTY_STRING,        /* with its zero */
	PROPERTY_BINARY,
	PROPERTY_U64,
};

/* TEE_PROPSET_...; another number is no set (MT_NOT_FOUND). */
#define PROPERTY_SET_TEE UINT64_C(0xFFFFFFFD)
#define PROPERTY_SET_CLIENT UINT64_C(0xFFFFFFFE)
#define PROPERTY_SET_TA UINT64_C(0xFFFFFFFF)

/*
 * What is so on this machine and in this session. Texts have at most PROPERTY_TEXT_MAX bytes (an assertion); UUIDs are in RFC 4122's order. Levels
 * are GP's: 100 is what the machine's owner can break, 1000 what takes breaking the TEE, 0 that nothing is promised.
 */
struct property_values {
	const char *description;
	uint8_t device_id[16];
	uint32_t system_time_level, persistent_time_level;
	uint32_t anti_rollback_level;   /* of trusted storage: 0 without a counter that cannot go back */
	const char *os_version, *os_maker, *firmware_version, *firmware_maker;
	struct bytes os_binary, firmware_binary;        /* hashes of what runs, at most PROPERTY_VALUE_MAX bytes */
	uint32_t client_login;
	uint8_t client_uuid[16];
	uint8_t ta_uuid[16];
};

struct property {
	const char *name;
	enum property_type type;
	uint8_t value[PROPERTY_VALUE_MAX];
	size_t size;
};

/* `name` without a zero. MT_NOT_FOUND. */
MUST enum mt_err property_find(uint64_t set, struct bytes name, uint32_t *index);
/* Indexes begin at 0; the first that is too large is MT_NOT_FOUND. */
MUST enum mt_err property_get(uint64_t set, uint64_t index, const struct property_values *values, struct property *out);

#endif
