/*
 * Core's front desk: it takes events, knows who speaks, lets the ledger and the tasks decide, and answers (DESIGN 3, row `core`).
 *
 * Promises: believes no other process; a state-changing request counts only with its party's signature over log, route, body, nonce, expiry and a
 * tree head of this log; nothing is answered as done before it is on disk; report data is composed here from typed fields.
 * Hides: start-up, connections, batches, deferral of requests that touch the same object. Class T. One thread.
 */
#ifndef MT_CORE_H
#define MT_CORE_H

#include "lib/base/base.h"
#include "port/port.h"

#define CORE_WRITES_MAX 128             /* signed requests between acceptance and answer; one more is told to come back */
#define CORE_DEFERRED_MAX 256           /* requests that wait for another one on the same object */

struct core;
/* `facts` must outlive it. MT_MALFORMED (measurement or configuration), MT_NO_MEMORY. */
MUST enum mt_err core_open(const struct port_facts *facts, struct core **out);
void core_close(struct core *c);
/* One event; everything it leads to goes out through the port. */
void core_event(struct core *c, const struct port_event *event);
/* Not NULL: the node cannot go on, and why, with what to do. The process stops with this text. */
const char *core_fault(const struct core *c);
/* After PORT_STOP: everything in flight is on disk; the process may end. */
bool core_stopped(const struct core *c);

#endif
