/*
 * Sessions and TA instances (GP TEE Internal Core API 1.3.1, 2.1 and 4.9; TEE Client API 1.0, 4.5.8): who may speak to which instance, when one is
 * made, shared, kept and ended.
 *
 * Promises: a session belongs to its client and to one instance, and nobody else reaches it. Each opening, call and closing is answered once,
 * whatever happens to instance and client. A TA that waits for another one can never wait for itself (TEE_ERROR_BUSY). An instance has the sessions
 * that its flags allow, and ends when nobody needs it.
 * Hides: the tables, the states, what waits for an instance that is being made. Class T. One thread. Allocates in session_table_open() alone.
 *
 * A pure step: an event goes in by a function here, what has to be done comes out of session_action(), which is called until it gives none. Nothing
 * here touches parameters, windows or processes: who drives it keeps them by the number of the session.
 */
#ifndef MT_SESSION_H
#define MT_SESSION_H

#include "api/tee_worker.h"
#include "lib/base/base.h"

#define SESSION_UUID_SIZE 16            /* RFC 4122 order */
#define SESSION_MAX 1024                /* one more is TEE_ERROR_BUSY */
#define SESSION_OF_CALLER_MAX 64        /* of one client (TEE_DOOR_SESSIONS_MAX) or one TA, so that none takes them all; one more likewise */
#define SESSION_INSTANCES_MAX 48        /* processes; one more is TEE_ERROR_OUT_OF_MEMORY */
#define SESSION_ANSWER_MS 10000         /* an instance whose client is gone, or that should end, has so long; then it is killed */

struct session_table;

/* Who opens: a client by the number of its connection, or a TA by its instance. Neither number is 0 or used twice. */
struct session_caller {
	uint32_t client;                /* 0: a TA */
	uint32_t instance;              /* 0: a client */
};

/* As the TA sees its client: TEE_Identity. */
struct session_identity {
	uint32_t login;
	uint8_t uuid[SESSION_UUID_SIZE];
};

enum session_action_kind {
	SESSION_START = 1,      /* instance, uuid: make an instance of this TA; session_loaded(), session_refused() or session_gone() follows */
	SESSION_OPEN,           /* instance, session: bring it there; session_opened() follows */
	SESSION_INVOKE,         /* instance, session: a call between TAs goes there; session_invoked() follows */
	SESSION_CANCEL,         /* instance, session */
	SESSION_CLOSE,          /* instance, session; session_closed() follows */
	SESSION_END,            /* instance: it should run its last entry point and end; session_gone() follows */
	SESSION_KILL,           /* instance: at once; session_gone() follows */
	SESSION_OPEN_DONE,      /* caller, session, result, origin: the answer to session_begin(); unless TEE_SUCCESS the session is over */
	SESSION_INVOKE_DONE,    /* caller, session, result, origin: to session_invoke() */
	SESSION_CLOSE_DONE,     /* caller, session: to session_close(); it is over for the caller, also where the other TA has yet to close it */
	SESSION_DEAD,           /* caller (a client), session, result (the panic's code, or 0): its instance has ended; the client has to close it */
	SESSION_FORGET,         /* session: over without an answer, because its caller is gone; what was kept for it can go */
};

struct session_action {
	enum session_action_kind kind;
	uint32_t instance, session;
	struct session_caller caller;
	uint8_t uuid[SESSION_UUID_SIZE];
	uint32_t result, origin;        /* TEE_Result, TEE_ORIGIN_ */
};

MUST enum mt_err session_table_open(struct session_table **out);
void session_table_close(struct session_table *t);      /* NULL is allowed */

/* The next thing to do, in the order in which it became due; false: none. Nothing is taken in while there is one (an assertion). */
bool session_action(struct session_table *t, struct session_action *out);

/* ---- callers ---- */

/*
 * Open a session with TA `uuid`. SESSION_OPEN_DONE comes, perhaps at once. `identity` is what the TA is told of a client; of a TA that opens it
 * is not read, and the table's own knowledge counts. `timeout_ms` (0: none) is for a TA that opens: then SESSION_CANCEL goes to the TA that opens the
 * session, or, while there is no instance yet, the answer is TEE_ERROR_CANCEL. MT_LIMIT: no room. MT_STATE: a TA that waits for another answer.
 * MT_NOT_FOUND: no such instance. After an error there is no session and no action; what a TA did wrong ends it, except MT_LIMIT.
 */
MUST enum mt_err session_begin(struct session_table *t, struct session_caller caller, const uint8_t uuid[SESSION_UUID_SIZE],
			       const struct session_identity *identity, uint32_t timeout_ms, uint32_t *session);
/* A TA calls in a session that it has opened. MT_NOT_FOUND: it has none such. MT_STATE: it waits for another answer. */
MUST enum mt_err session_invoke(struct session_table *t, uint32_t caller_instance, uint32_t session, uint32_t timeout_ms);
/*
 * MT_NOT_FOUND: the caller has none such. MT_STATE: it is being opened, or is closing,
 * or the caller is a TA that waits. Also of a dead session: SESSION_CLOSE_DONE at once.
 */
MUST enum mt_err session_close(struct session_table *t, struct session_caller caller, uint32_t session);
/* The session, if it is this client's and open: the instance that has it. MT_NOT_FOUND; MT_STATE: its instance is dead, or it is not open yet. */
MUST enum mt_err session_find(const struct session_table *t, uint32_t client, uint32_t session, uint32_t *instance);
/*
 * A connection has ended: its sessions are closed; SESSION_FORGET follows for each. What is under way in them is cancelled and awaited. An instance
 * that has not answered after SESSION_ANSWER_MS is killed, a shared one too: whoever else has a session there finds it dead.
 */
void session_client_gone(struct session_table *t, uint32_t client);

/* ---- instances: what they say is foreign; what does not fit is MT_MALFORMED and has changed nothing: session_kill() ---- */

/*
 * It is loaded, and this is what TA_CreateEntryPoint has said. Unless TEE_SUCCESS all who wait get that, from the TA, and the instance ends by
 * itself. Where flags say that it is the only instance and there is another one all the same (its image was replaced): TEE_ERROR_BUSY for who waits.
 */
MUST enum mt_err session_loaded(struct session_table *t, uint32_t instance, uint32_t result, uint32_t flags);
/* The TEE could not make it (no such TA, not signed, not loadable): all who wait get `result`, from the TEE. Also here session_gone() follows. */
MUST enum mt_err session_refused(struct session_table *t, uint32_t instance, uint32_t result);
MUST enum mt_err session_opened(struct session_table *t, uint32_t instance, uint32_t session, uint32_t result, uint32_t origin);
MUST enum mt_err session_invoked(struct session_table *t, uint32_t instance, uint32_t session, uint32_t result, uint32_t origin);
MUST enum mt_err session_closed(struct session_table *t, uint32_t instance, uint32_t session);
/* It has said what does not fit, here or elsewhere: SESSION_KILL follows, unless it did before, and nothing goes there any more. */
void session_kill(struct session_table *t, uint32_t instance);
/* The process has ended, whyever; `panic` is the code that it told before, or 0. Sessions that it had opened with other TAs are closed. */
void session_gone(struct session_table *t, uint32_t instance, uint32_t panic);

/* ---- time and facts ---- */

/* At least once a second; monotonic milliseconds. Also moves the clock that later events count from. */
void session_tick(struct session_table *t, uint64_t now_ms);
/* What a TA is told about the client of a session. MT_NOT_FOUND: it is not a session of this instance. */
MUST enum mt_err session_client(const struct session_table *t, uint32_t instance, uint32_t session, struct session_identity *out);
/* The TA that an instance is of; NULL: no such instance. */
const uint8_t *session_instance_uuid(const struct session_table *t, uint32_t instance);

#endif
