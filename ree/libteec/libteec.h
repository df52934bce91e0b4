/*
 * GlobalPlatform TEE Client API for programs of this machine (api/tee_client_api.h): what the files of the library share.
 *
 * Promises: whatever the TEE's side leaves in a window or sends, no byte outside the program's buffers is touched, and a call ends when its instance
 * or the TEE does. Hides: the local door (api/tee_door.h), windows and regions (api/tee_window.h), bells. Class U. Thread-safe as the standard asks.
 *
 * Locks, in the order in which they may be taken: a session's call, table, a session's sharing; a context's lock and the lock of cancellation are taken
 * alone.
 */
#ifndef MT_LIBTEEC_H
#define MT_LIBTEEC_H

#include <pthread.h>

#include "api/tee_client_api.h"
#include "api/tee_window.h"
#include "lib/base/base.h"

#define LIBTEEC_CONTEXTS_MAX 256
#define LIBTEEC_SESSIONS_MAX 4096
/* Of one window, without asking for more: most calls have less, and it costs nothing before it is touched. */
#define LIBTEEC_WINDOW_ROOM ((size_t)64 << 10)

struct libteec_pending;

/* A connection. */
struct libteec_context {
	int socket;
	pthread_mutex_t lock;           /* protects what follows */
	pthread_cond_t turn;
	bool reading;                   /* a thread waits for a message, for all of them */
	bool gone;
	uint32_t requests;
	struct libteec_pending *pending;
};

/* A message that somebody waits for: TEE_DOOR_OPENED of a request, or TEE_DOOR_CLOSED of a session. On the waiting thread's stack. */
struct libteec_pending {
	struct libteec_pending *next;
	uint8_t type;
	uint32_t number;
	bool done;
	uint32_t result, origin, session;
	int bell[2];                    /* -1: none */
};

/* Memory that both sides map. */
struct libteec_memory {
	int fd;
	uint8_t *at;
	size_t size;
};

struct libteec_session {
	struct libteec_context *context;
	pthread_mutex_t call;           /* protects what follows: one call at a time */
	uint32_t number;                /* the TEE's */
	struct libteec_memory window, spill;    /* spill: temporary memory that the window has no room for; at NULL: none yet */
	uint32_t asked;
	int bell, heard;                /* the TA's, to write; ours, to read */
	bool dead;
	uint64_t look_ns;               /* how long it looks before it sleeps */
	pthread_mutex_t sharing;        /* protects what follows */
	uint32_t regions;               /* messages about them */
	uint64_t shared[TEE_WINDOW_REGIONS_MAX + 1];    /* which memory a region is, by its number; 0: none */
};

/* ---- table.c ---- */

MUST bool table_context_add(struct libteec_context *c, uint16_t *entry);
struct libteec_context *table_context(const TEEC_Context *context);     /* NULL: it is none */
void table_context_remove(uint16_t entry);
MUST bool table_session_add(struct libteec_session *s, uint32_t *entry);
struct libteec_session *table_session(const TEEC_Session *session);
void table_session_remove(uint32_t entry);
/* A number for memory that is shared; never twice. */
uint64_t table_number(void);
/* Every session gives up this memory. */
void table_forget(uint64_t number);

/* ---- control.c: the socket ---- */

/* MT_NOT_FOUND: nobody listens there. */
MUST enum mt_err control_connect(const char *path, int *out);
MUST enum mt_err control_send(struct libteec_context *c, struct bytes body, int fd);    /* fd -1: none */
/* Register before the message is sent that will be answered; control_wait() ends it. */
void control_expect(struct libteec_context *c, struct libteec_pending *p);
/* False: the TEE is gone. */
MUST bool control_wait(struct libteec_context *c, struct libteec_pending *p);

/* ---- memory.c ---- */

/* Zeroed, of a size that is sealed. */
MUST bool block_make(size_t size, struct libteec_memory *out);
void block_end(struct libteec_memory *m);
MUST bool block_map(int fd, size_t size, uint8_t **at);

/* ---- params.c: an operation's parameters and a window's ---- */

/* What a parameter is in a call. */
struct libteec_use {
	unsigned type;                  /* TEE_PARAM_TYPE_ */
	uint8_t *shared;                /* where the TA's bytes are, as we see them; NULL: nowhere */
	uint8_t *program;               /* the program's bytes, to be copied; NULL: they are the same ones */
	size_t size;
	size_t *size_back;
	TEEC_Value *value;
	const TEEC_SharedMemory *parent;
	size_t offset;
};

struct libteec_uses {
	struct libteec_use at[TEEC_CONFIG_PAYLOAD_REF_COUNT];
};

/* Read an operation (NULL: none). TEEC_ERROR_BAD_PARAMETERS. */
MUST TEEC_Result params_read(TEEC_Operation *operation, struct libteec_uses *out);
/* Room for all memory, if it is copied into the window. False: too much. */
MUST bool params_room(const struct libteec_uses *uses, size_t *out);
/* Place and write them: `opening`, all of it in the window. */
MUST TEEC_Result params_write(struct libteec_session *s, struct libteec_uses *uses, bool opening);
/* What has come back, read once, to the program. */
void params_back(const struct libteec_session *s, const struct libteec_uses *uses);

/* ---- regions.c ---- */

/* The number of the region that is this memory in the session, which is told of it if it is new. `keep`: regions of this call. 0: it could not be told. */
uint32_t regions_use(struct libteec_session *s, uint64_t number, int fd, size_t size, uint64_t *keep);
void regions_forget(struct libteec_session *s, uint64_t number);

static inline struct tee_window *session_window(const struct libteec_session *s)
{
	return (struct tee_window *)(void *)s->window.at;
}

#endif
