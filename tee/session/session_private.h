/* Private to tee/session: the two tables, and what its files have in common. */
#ifndef MT_SESSION_PRIVATE_H
#define MT_SESSION_PRIVATE_H

#include "tee/session/session.h"

enum session_state {
	STATE_FREE = 0,
	STATE_WAITING,          /* for an instance that is being made, or that has to be gone first */
	STATE_OPENING,
	STATE_IDLE,             /* open; calls of a client are not seen here */
	STATE_BUSY,             /* a call between TAs is under way */
	STATE_CLOSING,
	STATE_DEAD,             /* its instance is gone, its caller has not closed it */
	SESSION_STATES
};

/* Who hears of the end of a session. */
enum session_ear {
	EAR_CALLER = 0,
	EAR_DRIVER,             /* the caller is gone: SESSION_FORGET */
	EAR_NONE,               /* the caller was answered before: it would have waited for itself */
};

struct session {
	enum session_state state;
	enum session_ear ear;
	uint32_t number, instance;      /* instance: that has it, or that it waits for; 0 when dead */
	struct session_caller caller;
	struct session_identity identity;
	uint8_t uuid[SESSION_UUID_SIZE];
	uint64_t order;                 /* of arrival */
	uint64_t cancel_at;             /* 0: never. Of the opening or call under way */
	uint64_t kill_at;               /* 0: never. When its instance has to have answered */
};

enum instance_state {
	INSTANCE_FREE = 0,
	INSTANCE_STARTING,      /* its flags are not known; sessions wait for it */
	INSTANCE_LIVE,
	INSTANCE_ENDING,        /* it should end; sessions that come wait until it is gone, where there may be one alone */
	INSTANCE_KILLED,        /* likewise, and what it says is not heard any more */
	INSTANCE_STATES
};

struct instance {
	enum instance_state state;
	uint32_t number;
	bool flags_known;               /* from when it was live on */
	uint32_t flags;                 /* enum tee_ta_flag */
	uint32_t waits;                 /* the session in which it waits for an answer, or 0: it has one thread */
	uint8_t uuid[SESSION_UUID_SIZE];
	uint64_t kill_at;               /* 0: never */
};

/* One event makes at most: of a session a cancellation, a closing or an answer, an opening elsewhere; of an instance a start, an end, a kill. */
#define ACTIONS_MAX (4 * (size_t)SESSION_MAX + 3 * (size_t)SESSION_INSTANCES_MAX)

struct session_table {
	struct session session[SESSION_MAX];
	struct instance instance[SESSION_INSTANCES_MAX];
	struct session_action action[ACTIONS_MAX];
	size_t sessions;                        /* what lies behind is free */
	size_t action_next, action_count;
	uint32_t session_last, instance_last;   /* numbers given */
	uint64_t order_last, now;
};

/* ---- table.c ---- */

void session_move(struct session *s, enum session_state to);
void instance_move(struct instance *i, enum instance_state to);
/* NULL: none. */
struct session *table_session(const struct session_table *t, uint32_t number);
struct instance *table_instance(const struct session_table *t, uint32_t number);
/* A free one under a number of its own, STATE_FREE and INSTANCE_FREE still; NULL: no room. */
struct session *table_session_new(struct session_table *t);
struct instance *table_instance_new(struct session_table *t);
/* Of an instance: sessions that it has, without those that wait for it; and the first of those that wait. */
size_t table_sessions_of(const struct session_table *t, uint32_t instance);
struct session *table_waiter(const struct session_table *t, uint32_t instance);
/* Would this TA wait for itself if it waited for `instance`? */
bool table_waits_for(const struct session_table *t, const struct instance *instance, uint32_t who);
/* What session_action() gives later. */
void act(struct session_table *t, const struct session_action *a);
void act_instance(struct session_table *t, enum session_action_kind kind, const struct instance *i);
void act_session(struct session_table *t, enum session_action_kind kind, const struct session *s);
/* To who called: SESSION_OPEN_DONE, SESSION_INVOKE_DONE, SESSION_CLOSE_DONE or SESSION_DEAD; nobody waits any more. */
void answer(struct session_table *t, enum session_action_kind kind, const struct session *s, uint32_t result, uint32_t origin);
/* A session is over without an answer. */
void session_free(struct session *s);

/* ---- place.c: which instance a session gets, and when one ends ---- */

/* A waiting session: to an instance, to wait for one, or answered. */
void place(struct session_table *t, struct session *s);
/* An instance that is live has lost a session: perhaps nobody needs it now. */
void place_release(struct session_table *t, struct instance *i);
void place_kill(struct session_table *t, struct instance *i);
/* Where nobody waits any more for an instance that is being made, it has as long as one that should end. NULL is allowed. */
void place_unwanted(struct session_table *t, struct instance *i);
/* An answer that opens a waiting session at an instance that is live, or refuses. */
void place_open(struct session_table *t, struct session *s, struct instance *i);
void place_refuse(struct session_table *t, struct session *s, uint32_t result, uint32_t origin);
/* A session's caller is gone. */
void place_orphan(struct session_table *t, struct session *s);
/* An open session at an instance goes there to be closed. */
void place_close(struct session_table *t, struct session *s);

#endif
