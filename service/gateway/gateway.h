/*
 * The gateway: network in; TLS; the exchange of attested TLS; HTTP/1.1 heads through a box; bodies to core or, ciphertext only, to the supplicant.
 *
 * Promises: one request at a time per connection; nothing of a peer is parsed outside a box but lengths and paths; what a connection may use up is
 * bounded (buffers, time, count). It decides nothing: a hijacked gateway can delay, drop and see metadata (test/story shows that it can do no more).
 * Hides: OpenSSL, epoll, HTTP. Class A. One thread.
 */
#ifndef MT_GATEWAY_H
#define MT_GATEWAY_H

#include "api/node.h"
#include "api/routes.h"
#include "lib/base/base.h"

#define GATEWAY_HANDSHAKE_MS 10000      /* from accept to the end of the exchange */
#define GATEWAY_HEAD_MS 30000           /* for one request's head and body */
#define GATEWAY_IDLE_MS 300000          /* between requests */
#define GATEWAY_STALL_MS 60000          /* a stream that does not move */

/* The whole of the image's main(), on the descriptors GATEWAY_FD_…: ends when core or the supplicant is gone. The exit status. */
int gateway_run(void);

/* The target's path against the table of api/routes.h. Parameters borrow from target. MT_NOT_FOUND; MT_DENIED: another method is wanted. */
MUST enum mt_err gateway_match(struct bytes method, struct bytes target, const struct route **route,
			       struct bytes parameter[ROUTE_PARAMETERS_MAX], size_t *count);

#endif
