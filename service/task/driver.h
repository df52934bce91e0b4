/* One run through its workers, and one module through the compiler. Private to service/task. */
#ifndef MT_TASK_DRIVER_H
#define MT_TASK_DRIVER_H

#include "service/task/state.h"

#define TASK_COMPILES_MAX 4
#define TASK_ARTIFACTS_CACHED 16
#define TASK_COMPILE_MS 120000          /* a module that takes longer is refused */
#define TASK_SEAL_MS 600000             /* opening or sealing the data of one run, without its streams */
#define TASK_STREAM_RATE_MIN 20000      /* bytes a millisecond: a stream is checked at that speed by a disk of the slowest kind */

/* The steps of a run; each waits for answers and goes on, or fails, when the last one is there. */
enum job_step {
	JOB_FREE,
	JOB_LOADING,            /* keys, artifact and ciphertexts from the supplicant, workers, and the `running` entry on disk */
	JOB_OPENING,            /* seal worker: ciphertext to plaintext */
	JOB_RUNNING,            /* run worker, and the seal worker for streams */
	JOB_SEALING,            /* seal worker: plaintext to ciphertext, guards; the run worker is killed meanwhile */
	JOB_STORING,            /* large outputs to the supplicant, and what the run worker used */
	JOB_ENDING,             /* receipt staged */
	JOB_STEPS
};

struct job_call {
	struct job *job;
	uint32_t index;
	struct task_output_place place;         /* of an input that is a small output */
};
#define JOB_CALL_KEYS 0
#define JOB_CALL_ARTIFACT 1
#define JOB_CALL_FIRST 2

struct job {
	struct task_driver *driver;
	enum job_step step;
	struct task_contract *contract;         /* stays where it is: task_state keeps pointers */
	uint64_t run, running_index, started_ms;
	unsigned waiting;                       /* what is outstanding: the `running` entry, supplicant answers, the run worker's usage */
	uint32_t run_peer, seal_peer;           /* 0: none */
	bool committed;                         /* the `running` entry is on disk: from now on a receipt ends it */
	bool dropped;                           /* it will never be: free when nothing is outstanding */
	bool begun;                             /* workers are started, loading is under way */
	bool run_dying;                         /* killed; what it used is waited for */
	struct job_call call[JOB_CALL_FIRST + CONTRACT_INPUTS_MAX + CONTRACT_OUTPUTS_MAX];
	port_handle artifact;
	uint32_t streams;                       /* mask over the inputs: those that are read while the function runs */
	uint64_t check_ms;                      /* how long the check of the streams may take */
	port_handle input[CONTRACT_INPUTS_MAX]; /* ciphertext, later plaintext; of a stream the file, later nothing */
	uint64_t input_size[CONTRACT_INPUTS_MAX];
	port_handle window;                     /* through which the streams come */
	port_handle output[CONTRACT_OUTPUTS_MAX];
	struct secret output_key[CONTRACT_OUTPUTS_MAX];
	uint8_t *small[CONTRACT_OUTPUTS_MAX];   /* owned; ciphertext of a small output, for the ledger */
	size_t small_size[CONTRACT_OUTPUTS_MAX], small_total;
	struct receipt receipt;                 /* filled as facts come in; names borrow from the contract */
	bool failed, cancelled, answered;       /* answered: WORK_RAN was there */
	bool stage_again;                       /* the receipt could not be written: try on the next tick */
	char cause[RECEIPT_CAUSE_MAX + 1];
};

struct compile {
	struct task_driver *driver;
	bool used;
	uint8_t hash[32];
	uint32_t peer;
	uint64_t module_size;
	enum contract_executor executor;
	task_compiled *done;
	void *context;
};

/* Dataset keys of one contract, as far as approvals brought them. */
struct key_set {
	uint8_t hash[32];
	uint32_t have;                          /* mask over the contract's inputs */
	struct secret key[CONTRACT_INPUTS_MAX];
};

struct artifact {
	uint8_t hash[32];
	port_handle handle;
	uint64_t used;                          /* for replacing the one used longest ago */
};

struct task_driver {
	struct task_state *state;
	struct task_host host;
	struct job job[TASK_RUNNING_MAX];
	struct compile compile[TASK_COMPILES_MAX];
	struct artifact artifact[TASK_ARTIFACTS_CACHED];
	struct key_set **keys;                  /* owned */
	size_t key_count, key_capacity;
	uint64_t clock;                         /* counts uses of artifacts */
};

/* keys.c */
struct key_set *task_keys_find(const struct task_driver *d, const uint8_t hash[32]);
/* Open a sealed blob of keys and keep it in memory. */
MUST enum mt_err task_keys_load(struct task_driver *d, const uint8_t hash[32], struct bytes blob);

/* compile.c */
bool task_compile_event(struct task_driver *d, const struct port_event *event);
/* A second handle on a cached artifact, or PORT_NO_HANDLE. */
port_handle task_artifact_cached(struct task_driver *d, const uint8_t module_hash[32]);
/* Open a sealed artifact, keep it, and give a handle. */
MUST enum mt_err task_artifact_load(struct task_driver *d, const uint8_t module_hash[32], struct bytes blob, port_handle *out);

/* run.c, run_ask.c, run_work.c and run_end.c */
const struct port *job_port(const struct job *j);
void job_advance(struct job *j);
void job_close_handles(struct job *j, const struct port_event *event);
/* Which inputs are streams, and how long it may take to go over them once. */
void job_find_streams(struct job *j);
/* To the workers. */
void job_load_artifact(struct job *j);
void job_open_inputs(struct job *j);
void job_run_function(struct job *j);
void job_seal_outputs(struct job *j);
/* Their answers. */
void job_opened(struct job *j, const struct port_event *event);
void job_ran(struct job *j, const struct port_event *event);
void job_sealed(struct job *j, const struct port_event *event);
void job_broken(struct job *j, const struct port_event *event);
void job_fail(struct job *j, const char *cause);
void job_step(struct job *j, enum job_step to);
bool job_event(struct job *j, const struct port_event *event);
/* Everything of the run is over: write its receipt. */
void job_end(struct job *j);
void job_forget_small(struct job *j);
/* Workers and memory of the run; not the slot. */
void job_release(struct job *j);
/* The slot is free again; nothing of the run stays. */
void job_free(struct job *j);
void job_kill(struct job *j, uint32_t *peer);
/* Stage the receipt (again, after a failed write). */
void job_stage_receipt(struct job *j);
void job_call_done(struct job *j);

#endif
