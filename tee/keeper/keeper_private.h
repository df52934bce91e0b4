/* Private to tee/keeper. */
#ifndef MT_KEEPER_PRIVATE_H
#define MT_KEEPER_PRIVATE_H

#include "tee/keeper/keeper.h"

/* Storages of core's own records: the last byte is the kind. object_storage() gives a TA none of them. */
#define RECORD_STORAGE UINT32_C(0x4D540000)

struct opened {
	storage_handle handle;          /* 0: free */
	uint32_t flags, usage;          /* as it was opened; what the handle may still do */
};

struct walk {
	bool used, started;
	uint32_t storage;
	struct storage_walk at;
};

struct guest {
	uint32_t instance;              /* 0: free */
	bool gone;                      /* its handles are to be closed when the store is idle */
	uint8_t uuid[STORAGE_OWNER_SIZE];
	struct opened opened[KEEPER_OBJECTS_MAX];
	struct walk walk[KEEPER_WALKS_MAX];
};

enum job_state { JOB_FREE = 0, JOB_QUEUED, JOB_RUNNING, JOB_DONE, JOB_STATES };
enum job_kind { JOB_CALL = 0, JOB_READ, JOB_WRITE };
/* Of a record that is read: opened, then read. */
enum job_step { STEP_FIRST = 0, STEP_READ };

struct job {
	enum job_state state;
	enum job_kind kind;
	enum job_step step;
	uint64_t order;
	struct guest *guest;            /* of a call */
	struct call *call;              /* NULL: its instance is gone */
	enum ta_call number;            /* call->number and its first value, after that too */
	uint64_t handle;
	uint64_t machine_ms;
	uint32_t result;
	/* of a record */
	uint32_t ticket;
	uint8_t uuid[STORAGE_OWNER_SIZE];
	uint32_t storage;
	enum mt_err how;
	uint8_t record[KEEPER_RECORD_SIZE_MAX];
	size_t record_size;
};

#define JOBS_MAX (KEEPER_INSTANCES_MAX + KEEPER_RECORDS_MAX)

struct keeper {
	struct store *store;
	struct guest guest[KEEPER_INSTANCES_MAX];
	struct job job[JOBS_MAX];
	uint64_t order_last;
	struct job *running;            /* the store's request is its */
	/* What a request writes to stays whatever becomes of the instance. */
	storage_handle handle;
	size_t got;
	uint8_t data[STORAGE_PIECE_MAX];
	uint8_t key[STORAGE_ATTRIBUTES_MAX];
	size_t key_size;                /* what is there of the last answer */
};

/* ---- object.c: calls of storage; MT_OK with a want: job_end follows. An answer goes into job->call ---- */

MUST enum mt_err object_begin(struct keeper *k, struct job *job);
/* The store's request has ended; what it brings goes to the guest and to the call, if there still is one. */
MUST enum mt_err object_end(struct keeper *k, struct job *job, enum mt_err err);
/* The storage that a TA names by `id`. MT_NOT_FOUND. */
MUST enum mt_err object_storage(uint64_t id, uint32_t *storage);

/* ---- walk.c: enumerators; at once ---- */

MUST enum mt_err walk_call(struct keeper *k, struct guest *g, struct call *c);

#endif
