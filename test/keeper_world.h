/*
 * Processes of TA instances and core's tee/keeper between them and a store on port/sim's disk: what is asked travels as it does in a node, and back.
 * Instances 1 and 2 are of TA A, 3 of TA B.
 */
#ifndef MT_TEST_KEEPER_WORLD_H
#define MT_TEST_KEEPER_WORLD_H

#include "tee/keeper/keeper.h"
#include "test/storage_world.h"

#define INSTANCES 3

/* One instance's process, and what core knows of it. */
struct process {
	struct operations *operations;
	struct call_kept *kept;
	struct property_values values;
	/* of the call that is under way */
	struct call *call, far;
	uint8_t wire[CALL_WIRE_DATA_MAX + 1024], space[CALL_WIRE_DATA_MAX];
	bool done;
	uint32_t result;
};

extern struct storage_world world;
extern struct keeper *keeper;
extern struct process process[INSTANCES + 1];
extern struct keeper_clock clock_now;

void begin(uint64_t seed);
void end(void);
/* Take what has ended to its process. */
void answers(void);
/* Ask, and do not wait. */
void ask(uint32_t instance, struct call *call);
/* Carry out what the disk has to do until nothing more is wanted. */
void drive(void);
uint32_t wait_for(uint32_t instance, struct call *call);

#endif
