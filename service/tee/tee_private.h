/* Shared by the files of this room only. */
#ifndef MT_SERVICE_TEE_PRIVATE_H
#define MT_SERVICE_TEE_PRIVATE_H

#include "api/door.h"
#include "api/tee_worker.h"
#include "service/tee/tee.h"
#include "tee/call/call.h"
#include "tee/keeper/keeper.h"
#include "tee/session/session.h"

#define TEE_WIRE_MAX (CALL_WIRE_DATA_MAX + 4096)
#define TEE_BELLS 2

_Static_assert(TEE_WIRE_MAX <= PORT_MESSAGE_MAX && TEE_WORKER_DATA_MAX == CALL_WIRE_DATA_MAX, "one message carries a call");

/* A TA's call that waits for its answer: what it asked, kept with everything that it borrows from. */
struct asking {
	struct call call;
	uint8_t wire[TEE_WIRE_MAX], space[CALL_WIRE_DATA_MAX];
};

/* What is kept of a session. Rows are free when `session` is 0. */
struct cargo {
	uint32_t session;
	uint32_t client, request;       /* of a client */
	struct session_identity identity;
	port_handle window;             /* until the instance has it */
	uint64_t window_size;
	port_handle bell[TEE_BELLS];    /* from the instance, until the client has them */
	uint32_t caller;                /* the instance that has opened it, of a TA's session */
};

enum place_state {
	PLACE_FREE = 0,
	PLACE_WAITING,          /* trusted storage is being opened */
	PLACE_FETCHING,         /* its image is on the way; no process yet */
	PLACE_CHECKING,         /* is it older than what has run before? */
	PLACE_LOADING,
	PLACE_LIVE,
	PLACE_ENDING,           /* told to end, or killed; PORT_GONE comes */
};

/* A UUID of an image, its own or a subkey's, whose version may not go back. */
struct version {
	uint8_t uuid[IMAGE_UUID_SIZE];
	uint32_t version;
};

/* An instance and its process. */
struct place {
	struct tee *tee;
	enum place_state state;
	uint32_t instance, peer;
	uint8_t uuid[SESSION_UUID_SIZE];
	bool unwanted;          /* the table has killed it */
	bool failed, told;      /* it has no process and will have none: that, and then its end, are to be told to the table */
	uint32_t failure;
	uint32_t panic;
	struct version version[IMAGE_CHAIN_MAX + 1];    /* to be checked, from `version_next` on */
	size_t version_count, version_next;
	bool recording;         /* a new version is being written */
	port_handle code;       /* while they are checked */
	struct asking *asking;  /* owned; NULL: it waits for nobody */
};

enum store_state { STORE_OPENING, STORE_READY, STORE_FAILED };

struct tee {
	struct tee_settings settings;
	const struct port *port;
	struct session_table *table;
	struct cargo cargo[SESSION_MAX];
	struct place place[SESSION_INSTANCES_MAX];
	struct store *store;
	struct keeper *keeper;          /* NULL until the store is open */
	enum store_state store_state;
	bool medium_busy;               /* the supplicant has been asked for something */
	uint64_t now_ms, began_ms, machine_ms;
	uint8_t message[PORT_MESSAGE_MAX];
};

/* tee.c */
void tee_pump(struct tee *t);           /* carries out what the table wants, until it wants nothing */
struct cargo *cargo_find(struct tee *t, uint32_t session);
/* NULL: the table has more sessions than we have rows, which cannot be. */
struct cargo *cargo_add(struct tee *t, uint32_t session);
void cargo_drop(struct tee *t, struct cargo *c);
struct place *place_find(struct tee *t, uint32_t instance);
void handle_drop(struct tee *t, port_handle *handle);

/* client.c */
void client_event(struct tee *t, const struct port_event *event);
void client_opened(struct tee *t, struct cargo *c, uint32_t result, uint32_t origin);
void client_closed(struct tee *t, const struct cargo *c);
void client_dead(struct tee *t, const struct cargo *c, uint32_t panic);

/* instance.c */
/* Those that have waited for trusted storage. */
void instances_begin(struct tee *t);
void instance_start(struct tee *t, uint32_t instance, const uint8_t uuid[SESSION_UUID_SIZE]);
void instance_message(struct tee *t, struct place *p, const struct port_event *event);
void instance_gone(struct tee *t, struct place *p);
void instance_open(struct tee *t, struct place *p, struct cargo *c);
void instance_tell(struct tee *t, struct place *p, enum tee_worker_type type, uint32_t session);
void instance_end(struct tee *t, struct place *p, bool now);
/* It has said what it may not, or cannot be told what it must: it ends. */
void instance_kill(struct tee *t, struct place *p);

/* What core keeps of versions has been read, or written. */
void instance_recorded(struct tee *t, uint32_t instance, enum mt_err how, struct bytes record);

/* keep.c */
void keep_begin(struct tee *t);
/* The call that `p` asks, which keeper_has(), in that session of its own, or 0. */
void keep_call(struct tee *t, struct place *p, uint32_t session);
void keep_answers(struct tee *t);
/* The highest version that has run: instance_recorded() follows, after keep_on(). */
MUST enum mt_err keep_version_read(struct tee *t, uint32_t instance, const uint8_t uuid[IMAGE_UUID_SIZE]);
MUST enum mt_err keep_version_write(struct tee *t, uint32_t instance, const uint8_t uuid[IMAGE_UUID_SIZE], struct bytes record);
void keep_on(struct tee *t);            /* what has been asked goes to the medium */
void keep_gone(struct tee *t, uint32_t instance);

/* between.c: calls of TAs */
/* TEE_WORKER_CALL, without its type. */
void between_call(struct tee *t, struct place *p, struct bytes message);
void asking_drop(struct place *p);
/* The answer to what it asks. */
void asking_end(struct tee *t, struct place *p, uint32_t result);
/* The call of `p`'s TA to another one, whose session is `c`, goes to `to`. */
void between_send(struct tee *t, struct place *to, struct cargo *c);
/* TEE_WORKER_ANSWER: the parameters of the caller. False: they are none. */
bool between_answered(struct tee *t, const struct cargo *c, struct cursor *m);
/* The end of a call between TAs: to the one that has asked. */
void between_done(struct tee *t, uint32_t instance, uint32_t session, uint32_t result, uint32_t origin);

#endif
