/*
 * The persistent time of a TA (GP TEE Internal Core API 1.3.1, 7.2.3 and 7.2.4): a clock of its own, which it has set and which goes on while it does
 * not run.
 *
 * Promises: the time is what was set and what the machine's clock has gone since. Where that clock stands before what it showed when the time was
 * set, the time needs to be set again (MT_TAMPERED, TEE_ERROR_TIME_NEEDS_RESET). Who owns the machine can set its clock forward unseen:
 * gpd.tee.TAPersistentTime.protectionLevel is 100 unless the port has a clock of its own.
 * Hides: the record. Class T. No state, no clock: who calls says what time the machine shows.
 *
 * Record, big endian: version u8 (1) | seconds u32 | milliseconds u32 | machine's clock, milliseconds since 1970 u64
 */
#ifndef MT_TIME_H
#define MT_TIME_H

#include "lib/base/base.h"

#define TIME_RECORD_SIZE (1 + 4 + 4 + 8)

struct time_value {
	uint32_t seconds, milliseconds;         /* TEE_Time */
};

/* MT_MALFORMED: a thousand milliseconds or more. */
MUST enum mt_err time_record(struct time_value value, uint64_t machine_ms, uint8_t out[TIME_RECORD_SIZE]);
/*
 * The time now. An empty record: MT_NOT_FOUND (TEE_ERROR_TIME_NOT_SET). MT_TAMPERED: also a record that is none. MT_LIMIT: more seconds than there
 * are; *out holds them modulo 2^32 then, as 7.2.3 wants.
 */
MUST enum mt_err time_now(struct bytes record, uint64_t machine_ms, struct time_value *out);

#endif
