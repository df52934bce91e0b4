/*
 * A trusted application in the test's own process: system calls go through tee/call and tee/operation, and what is core's over tee/call's messages to a
 * small double of core, over tee/storage on port/sim's disk. Who includes this links ta/rt and defines TA_...EntryPoint.
 */
#ifndef MT_TEST_GP_WORLD_H
#define MT_TEST_GP_WORLD_H

#include "api/tee_internal_api.h"
#include "api/tee_syscall.h"
#include "lib/base/base.h"

/* One instance at a time. */
void gp_world_open(void);
void gp_world_close(void);

/* Called when the application panics; does not return. */
extern _Noreturn void gp_world_panicked(TEE_Result code);
/* A line of its trace. */
extern void gp_world_logged(struct bytes line);

/* The next call of this number, after `skip` of them, ends with this result, and nothing is done. */
void gp_world_fault(uint32_t number, unsigned skip, TEE_Result result);
/* Somebody asks that what is under way be cancelled. */
void gp_world_cancel(void);

#define GP_WORLD_SHARED 4096
/* Memory that a client shares; memory that is nobody's here; memory that can only be read. */
extern uint8_t gp_world_shared[GP_WORLD_SHARED], gp_world_foreign[GP_WORLD_SHARED], gp_world_read_only[GP_WORLD_SHARED];
/* Itself: a session with this TA is one more with the same instance. */
extern const TEE_UUID gp_world_uuid;

#endif
