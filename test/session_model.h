/*
 * What tee/session must do, kept apart from how it does it: a model that hears every event and action and counts what is owed. For the test of many
 * histories and for the fuzz target. A breach is an assertion.
 */
#ifndef MT_TEST_SESSION_MODEL_H
#define MT_TEST_SESSION_MODEL_H

#include "tee/session/session.h"

#define MODEL_CLIENTS 8
#define MODEL_LETTERS 5                 /* TAs, by the first byte of their UUID */
#define MODEL_INSTANCES SESSION_INSTANCES_MAX
#define MODEL_SESSIONS SESSION_MAX

enum model_work { WORK_NONE = 0, WORK_OPEN, WORK_INVOKE, WORK_CLOSE };

struct model_session {
	uint32_t number;                /* 0: free */
	struct session_caller caller;   /* zeroes: gone */
	enum model_work asked;          /* of the table, by the caller */
	uint32_t at;                    /* the instance that has it, 0 before and after */
	enum model_work work;           /* of that instance, by the table */
	bool open, dead;
};

struct model_instance {
	uint32_t number;                /* 0: free */
	uint8_t letter;
	bool loaded, failed, ending, killed;
	uint32_t flags, asks;           /* asks: the session in which it waits */
};

struct session_model {
	struct session_table *table;
	uint32_t client[MODEL_CLIENTS], client_last;
	struct model_session session[MODEL_SESSIONS];
	struct model_instance instance[MODEL_INSTANCES];
	size_t sessions, instances;     /* what lies behind is free */
	uint64_t now;
};

/* Events; each carries out what comes of it. What a caller must not ask is not asked, but for what the table has to refuse. */
void model_begin(struct session_model *m, struct session_caller caller, uint8_t letter, uint32_t timeout_ms);
void model_invoke(struct session_model *m, uint32_t instance, struct model_session *s, uint32_t timeout_ms);
void model_close(struct session_model *m, struct session_caller caller, struct model_session *s);
void model_client_gone(struct session_model *m, size_t client);
void model_loaded(struct session_model *m, struct model_instance *i, uint32_t result, uint32_t flags, bool refused);
/* The instance answers what it was asked in a session; if it was not, the table must refuse and stay as it is. */
void model_answer(struct session_model *m, struct model_instance *i, struct model_session *s, enum model_work work, uint32_t result);
void model_kill(struct session_model *m, struct model_instance *i);
void model_gone(struct session_model *m, struct model_instance *i, uint32_t panic);
void model_tick(struct session_model *m, uint32_t ms);
/* Everything that is owed comes if every instance that does not wait does what it was asked, without time passing. */
void model_settle(struct session_model *m);
/* All leave. Then there is nothing left but what keeps itself alive, and after that nothing. */
void model_end(struct session_model *m);

#endif
