/* Core for gp_world: tee/keeper with its storage and clocks as in a node; properties of the test's own; sessions with this very TA. */
#ifndef MT_TEST_GP_CORE_H
#define MT_TEST_GP_CORE_H

#include "tee/call/call.h"

void gp_core_open(void);
void gp_core_close(void);
uint32_t gp_core_call(struct call *call);
/* Time passes. */
void gp_core_pass(uint32_t ms);

#endif
