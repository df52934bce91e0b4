/*
 * The GlobalPlatform TEE within core: local clients, TA instances, and what they ask of each other and of the TEE.
 *
 * Promises: a TA runs only from an image that a configured key has signed; an instance is asked, and believed, only about its own sessions; a client
 * reaches its own sessions alone; what either sends in a form that is none costs it its connection or its life, and nobody else anything.
 * Hides: the door's messages, the instances' processes, parameters on their way between two TAs; tee/session decides, this carries out. Class T.
 * One thread. Allocates in tee_open(), and for a call between TAs while it lasts.
 */
#ifndef MT_SERVICE_TEE_H
#define MT_SERVICE_TEE_H

#include "port/port.h"
#include "service/ree/ree.h"
#include "tee/image/image.h"

struct tee;

struct tee_settings {
	const struct port *port;
	struct ree *ree;
	struct image_trust trust;       /* whose images may run; its keys must outlive the TEE. None: no TA runs. */
	const char *version;            /* of MesaTEE: gpd.tee.trustedos.implementation.version */
	bool debug;                     /* traces go to the operator's terminal, panics say where */
	uint8_t device[16];             /* gpd.tee.deviceID */
	uint8_t measurement[32];        /* of everything that the node is made of */
	struct secret storage_key;      /* of trusted storage; wiped here when it is open */
};

MUST enum mt_err tee_open(const struct tee_settings *settings, struct tee **out);
/* Once, when the supplicant can be asked: opens trusted storage. Clients that come before wait for it. */
void tee_begin(struct tee *t, uint64_t monotonic_ms);
void tee_close(struct tee *t);          /* NULL is allowed */

/* An event of the door, or of a worker that is an instance of ours; then true, and its handles are taken. False: it is somebody else's. */
bool tee_event(struct tee *t, const struct port_event *event);
/* At least once a second. */
void tee_tick(struct tee *t, uint64_t monotonic_ms);

#endif
