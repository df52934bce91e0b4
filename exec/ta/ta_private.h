/* What the files of exec/ta share. */
#ifndef MT_TA_PRIVATE_H
#define MT_TA_PRIVATE_H

#include "api/tee_window.h"
#include "api/tee_worker.h"
#include "exec/ta/image.h"
#include "exec/ta/ta.h"
#include "lib/base/base.h"
#include "port/linux/linux.h"
#include "tee/call/call.h"
#include "tee/operation/operation.h"

#define TA_UUID_SIZE 16

/* ---- load.c: an image in memory, and its stack ---- */

struct loaded {
	struct image_plan plan;
	uint8_t *at;                    /* the image's start */
	uint8_t *stack;                 /* the lowest byte of it */
	size_t stack_size;
};

/*
 * Map, relocate, close for writing what is not data. `reason` says why not, for people. MT_MALFORMED: the image; MT_DENIED: it is another application's;
 * MT_NO_MEMORY, MT_LIMIT.
 */
MUST enum mt_err load_image(struct bytes elf, const uint8_t uuid[TA_UUID_SIZE], struct loaded *out, struct builder *reason);

/* ---- stack.c: from our stack to the application's and back ---- */

typedef uint32_t stack_function(uint32_t entry, uint32_t session, struct ta_params *params, uint32_t command);

/* Call an application's function on its stack, which ends below `top` (a multiple of 16). Not from within a system call. */
uint32_t stack_enter(stack_function *function, uint32_t entry, uint32_t session, struct ta_params *params, uint32_t command, void *top);
/* What the application calls: goes to our stack and to call_serve(). */
uint32_t ta_syscall(uint32_t number, const uint64_t argument[TA_CALL_ARGUMENTS]);

/* ---- sessions ---- */

enum ta_session_state {
	TA_SESSION_FREE = 0,
	TA_SESSION_OPENING,             /* core has told of it, the application has not yet */
	TA_SESSION_OPEN,
};

/* Memory that a client shares. at NULL: it could not be had, or there is none. */
struct ta_region {
	uint8_t *at;
	size_t size;
	bool ending;                    /* when the call that may use it is over */
};

struct ta_session {
	enum ta_session_state state;
	uint32_t number;                /* core's; not 0 */
	bool outside;                   /* by a window; else another application's, by messages */
	bool closing;
	bool cancelled, masked;         /* of the call under way */
	struct ta_region region[TEE_WINDOW_REGIONS_MAX + 1];    /* 0: the window */
	uint32_t asked, answered;       /* calls that were taken, and answered */
	uint32_t regions;               /* messages about regions that have come */
	int bell, bell_client;          /* ours to read, ours to write; -1 */
	bool rung;                      /* ours has something to be read */
	uint8_t *message;               /* the call of another application, as it came: command and parameters; NULL: none */
	size_t message_size;
};

/* ---- window.c: what a client leaves there ---- */

struct tee_window *window_of(const struct ta_session *s);       /* NULL: it has none */
/* One read of the whole head; nothing in it has been checked. */
void window_read(const struct tee_window *shared, struct tee_window *out);
/* The parameters with addresses. MT_MALFORMED: types that are none, or memory that is not the client's. */
MUST enum mt_err window_params(const struct ta_session *s, const struct tee_window *copy, struct ta_params *out);
/* What comes back: values and sizes of what goes out by `types`. */
void window_give(struct tee_window *shared, uint32_t types, const struct ta_params *params);
/* Map. MT_LIMIT: a size that is none. Else as memory_foreign_map(). `least`: what must be there at least. */
MUST enum mt_err region_map(port_handle handle, uint64_t size, size_t least, struct ta_region *out);
void region_unmap(struct ta_region *r);
unsigned param_type(uint64_t types, size_t index);
bool param_is_memory(unsigned type);
bool param_goes_in(unsigned type);
bool param_comes_out(unsigned type);
MUST bool params_types_good(uint32_t types);

/* ---- params.c: parameters in messages ---- */

#define PARAMS_SPACE ((size_t)2 * TEE_WORKER_DATA_MAX)

/* `space` is PARAMS_SPACE bytes; memory of *out lies there. MT_MALFORMED, MT_LIMIT. */
MUST enum mt_err params_take(struct cursor *c, uint8_t *space, struct ta_params *out);
/* The answer; `before` as params_take() gave it, whose addresses and capacities count. */
void params_give(struct builder *b, const struct ta_params *before, const struct ta_params *after);

/* ---- the process ---- */

struct ta_process {
	int core;
	uint8_t uuid[TA_UUID_SIZE];
	bool debug, ending;
	struct loaded loaded;
	struct operations *operations;
	struct call_kept *kept;         /* keys of the persistent objects that are open */
	struct ta_session session[TEE_WORKER_SESSIONS_MAX];
	struct ta_session *current;     /* whose entry point runs; NULL: none */
	uint8_t *space;                 /* PARAMS_SPACE bytes: memory of calls by message */
	uint8_t *buffer;                /* PORT_MESSAGE_MAX bytes: what core sent */
	uint8_t *wire;                  /* PORT_MESSAGE_MAX bytes: what goes to core */
};

extern struct ta_process ta;

/* take.c: core's messages become the state of sessions; nothing else happens there. All that wait. False: none. */
bool take_all(void);
/* One message, as it came; a TEE_WORKER_RETURN is none of take.c's. */
void take_message(struct message *m);
_Noreturn void take_nonsense(void);             /* core is gone or mad */
struct ta_session *session_find(uint32_t number);
void session_end(struct ta_session *s);         /* forget it, and what it has */
void session_regions_end(struct ta_session *s);

/* serve.c: one thing that a session waits for. False: nothing. */
bool serve_one(void);
MUST bool serve_asked(const struct ta_session *s);      /* a client asks in its window */
/* An entry point with parameters or NULL, on the application's stack; `s` NULL: of the instance. */
uint32_t serve_enter(enum ta_entry entry, struct ta_session *s, struct ta_params *params, uint32_t command);
void bell_ring(int bell);
void bell_hear(int bell);       /* take what rings there are; never waits */

/* calls.c: a system call, on our stack. `from`: the address that it came from. */
uint32_t call_serve(uint32_t number, const uint64_t argument[TA_CALL_ARGUMENTS], uintptr_t from);
uint8_t *call_map(void *unused, uint64_t at, uint64_t size, enum call_access access);
bool call_cancelled(const struct ta_session *s);        /* and not masked */

/* send.c: to core */
void send_core(struct builder *b, const port_handle *handles, size_t count);
struct builder send_start(enum tee_worker_type type);

uint64_t ta_now_ns(void);

#endif
