/*
 * A program in the place of tests: one context, a TEE of test/tee_world.h behind it.
 */
#ifndef MT_TEST_CALLING_H
#define MT_TEST_CALLING_H

#include "api/tee_client_api.h"
#include "test/ta/try.h"
#include "test/tee_world.h"

extern const TEEC_UUID calling_uuid;
extern char calling_place[64];
extern pid_t calling_world;
extern TEEC_Context calling_context;

void calling_begin(enum tee_lie lie);
void calling_end(void);
TEEC_Result calling_open(TEEC_Session *s);

#endif
