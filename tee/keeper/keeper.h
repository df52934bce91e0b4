/*
 * What the TEE core does for system calls of TA instances that need neither a session nor the instance's own process: trusted storage, properties,
 * time (GP TEE Internal Core API 1.3.1, 4.4, chapters 5 and 7).
 *
 * Promises: an instance reaches its own TA's objects through its own handles alone, and has no more of them than its share. Calls are answered once,
 * in the order in which the store takes them; one that needs no store at once. When an instance is gone, what it had open is closed, also what was
 * still being opened.
 * Hides: handles, enumerators, the queue before the store, records that the core keeps for itself. Class T. One thread. Allocates in keeper_open()
 * alone, besides the store.
 *
 * A pure step: calls go in, answers come out of keeper_answer(), and between them keeper_want() says what the medium has to do:
 *     keeper_call(k, ...);
 *     while (keeper_answer(k, &instance, &call, &result)) { encode it, send it }        and keeper_recorded(), where core has records
 *     while ((want = keeper_want(k)) != NULL) { ...; keeper_go_on(k, how); while (keeper_answer(...)) { ... } }
 * The next request begins when all answers have been fetched.
 */
#ifndef MT_KEEPER_H
#define MT_KEEPER_H

#include "lib/base/base.h"
#include "tee/call/call.h"
#include "tee/property/property.h"
#include "tee/storage/storage.h"

#define KEEPER_INSTANCES_MAX 64
#define KEEPER_OBJECTS_MAX CALL_KEPT_MAX        /* open, of one instance */
#define KEEPER_WALKS_MAX 16                     /* enumerators of one instance */
#define KEEPER_RECORDS_MAX 16                   /* requests of the core itself that wait */
#define KEEPER_RECORD_SIZE_MAX 256

struct keeper;

struct keeper_clock {
	uint64_t system_ms;             /* monotonic, since the core began */
	uint64_t machine_ms;            /* since 1970, as the machine shows it: whose it is can set it */
};

/* `store` is open, idle, and nobody else's until keeper_close(); it is the caller's to close. */
MUST enum mt_err keeper_open(struct store *store, struct keeper **out);
void keeper_close(struct keeper *k);    /* NULL is allowed */

/* A call that goes here: 3, 4, 13, 14, 24, 25, 28 and 41 to 53. */
bool keeper_has(enum ta_call number);
/*
 * Carry out a call that has been decoded from the instance's message; `values->ta_uuid` is the instance's TA. `call`, and what it borrows from, stay
 * until its answer or keeper_gone(). MT_NOT_FOUND: no such call here. MT_STATE: one of this instance is under way. MT_LIMIT: instances.
 */
MUST enum mt_err keeper_call(struct keeper *k, uint32_t instance, const struct property_values *values, struct keeper_clock clock, struct call *call);
/* The next call that has ended, ready for call_answer_encode(). A key in it is the keeper's, until the next call of a function here. */
bool keeper_answer(struct keeper *k, uint32_t *instance, struct call **call, uint32_t *result);
/* Its process has ended. Its call, if one is under way, has no answer. Any number is allowed. */
void keeper_gone(struct keeper *k, uint32_t instance);

/* As storage_want() and storage_go_on(). */
const struct storage_want *keeper_want(const struct keeper *k);
void keeper_go_on(struct keeper *k, enum mt_err how);

/* ---- what the core keeps of a TA for itself, in storages that no TA can name ---- */

enum keeper_record { KEEPER_TIME = 1, KEEPER_VERSION = 2 };     /* KEEPER_TIME is the keeper's own */

/* `ticket` is the caller's and comes back with the answer; of several the order is kept. MT_LIMIT: too many wait, or a record that is too long. */
MUST enum mt_err keeper_read(struct keeper *k, enum keeper_record kind, const uint8_t uuid[16], uint32_t ticket);
MUST enum mt_err keeper_write(struct keeper *k, enum keeper_record kind, const uint8_t uuid[16], struct bytes record, uint32_t ticket);
/*
 * The next of these that has ended; after keeper_answer() has given none. `record` of a read, the keeper's until the next call of a function here:
 * MT_NOT_FOUND if there is none. Else as the store has it.
 */
bool keeper_recorded(struct keeper *k, uint32_t *ticket, enum mt_err *how, struct bytes *record);

#endif
