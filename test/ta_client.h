/*
 * The process of an application as a test's own: it is core, and clients as they like.
 */
#ifndef MT_TEST_TA_CLIENT_H
#define MT_TEST_TA_CLIENT_H

#include "api/tee_api_defines.h"
#include "api/tee_window.h"
#include "api/tee_worker.h"
#include "exec/ta/ta.h"
#include "test/ta/try.h"
#include "test/tee_world.h"
#include "test/test.h"

#define TA_CLIENT_WINDOW ((size_t)TEE_WINDOW_HEAD + 4096)

extern const uint8_t ta_uuid[16];
extern struct tee_process ta_process;

/* A client's side of a session. */
struct ta_client {
	uint32_t number;
	struct tee_window *w;
	port_handle window;
	int bell, heard;
};

MUST bool ta_begin(void);
void ta_end(void);
/* A message: its type, and the rest in hexadecimal. */
bool ta_tell(uint8_t type, const char *rest, port_handle handle);
/* The next of this type, without that; empty: none came. Handles are closed if nobody wants them. */
struct bytes ta_heard(uint8_t type, port_handle handles[2]);
uint32_t ta_session_open(struct ta_client *c, uint32_t number, port_handle window, uint64_t size);
bool ta_client_open(struct ta_client *c, uint32_t number);
void ta_client_close(struct ta_client *c);
/* Ask with what stands in the window, and wait as a client does; 0xdead: no answer. */
uint32_t ta_ask(struct ta_client *c, uint32_t command);

#endif
