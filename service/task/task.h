/*
 * Tasks: who takes part, what is registered, which contracts stand, who approved, what ran (DESIGN 9).
 *
 * Two halves. The state is a pure fold over ledger entries (task_apply); a request is first checked against it (task_check_*), which changes
 * nothing, then becomes an entry, and counts when the entry is on disk. The driver (task_run_*) carries one run through its workers.
 * Promises: nothing runs that is not a contract which every participant approved; a run is entered as `running` on disk before a worker gets a
 * key, and exactly one receipt ends it; keys are wiped at finish, cancel, withdraw and expiry; an output can be fetched only after its receipt
 * is on disk, and only by its owners.
 * Hides: tables, worker messages, key storage. Class T. One thread. Every table has a maximum below.
 */
#ifndef MT_TASK_H
#define MT_TASK_H

#include "api/worker.h"
#include "lib/base/base.h"
#include "lib/box/box.h"
#include "lib/crypto/crypto.h"
#include "lib/seal/seal.h"
#include "lib/statement/statement.h"
#include "port/port.h"
#include "service/ree/ree.h"

#define TASK_PARTIES_MAX 1024
#define TASK_FUNCTIONS_MAX 1024
#define TASK_DATASETS_MAX 65536
#define TASK_CONTRACTS_MAX 4096
/* Requests checked but not yet applied, so much may a table exceed its maximum: the fold never refuses what a check let through. */
#define TASK_IN_FLIGHT_MAX 128
#define TASK_RUNS_MAX 1000000           /* over all contracts */
#define TASK_NONCES_MAX 65536           /* requests of the last REQUEST_LIFE_MAX_S seconds */
#define TASK_RUNNING_MAX 16             /* runs at the same time */
#define TASK_INLINE_MAX (16 * 1024)     /* ciphertext of one run's outputs that goes into the ledger: 4 such runs share one batch */
#define TASK_MEMORY_MAX (UINT64_C(4) << 30)     /* wasm32 */
#define TASK_WALL_MAX_MS (24 * 3600 * UINT64_C(1000))
/*
 * An input of more bytes is a stream: larger ones would cost a node the memory twice, once as ciphertext and once as plaintext; for smaller
 * ones one copy is cheaper than two passes over the file.
 */
#define TASK_STREAM_MIN (UINT64_C(64) << 20)
#define TASK_MODULE_SIZE_MAX (UINT64_C(64) << 20)

enum task_role {
	TASK_ROLE_NONE = 0,     /* may do nothing */
	TASK_ROLE_PARTY = 1,
	TASK_ROLE_OPERATOR = 2, /* limits, admission, shutdown; sees no data, approves for nobody */
};

enum task_contract_state {
	TASK_CREATED,           /* approvals are missing */
	TASK_APPROVED,          /* every participant approved; may run */
	TASK_RUNNING,
	TASK_FINISHED,          /* all its runs are used up; the last one ended as its receipt says */
	TASK_CANCELLED,
	TASK_EXPIRED,
	TASK_STATES
};

enum task_run_state { TASK_RUN_RUNNING, TASK_RUN_FINISHED, TASK_RUN_FAILED, TASK_RUN_CANCELLED };

struct task_state;
struct task_contract;           /* owned by the state */

/* What stands outside the log and decides all the same: from the node's configuration. */
struct task_admission {
	bool open;                              /* every key is a party unless a role entry says otherwise */
	uint8_t operator_id[COSE_ID_SIZE];      /* zero: none */
};

MUST enum mt_err task_open(struct box *cbor, const struct task_admission *admission, struct task_state **out);
void task_close(struct task_state *t);

/* The fold: entry `index` of the ledger. MT_TAMPERED when an entry of our own log does not make sense. */
MUST enum mt_err task_apply(struct task_state *t, uint64_t index, struct bytes entry);

/* ---- checks: MT_OK, or why not (text for the client, always set on failure) ---- */

/* Where the ciphertext of an output lies: in the ledger's entry `index`, as its output number `output`, or (index 0) at the supplicant. */
struct task_output_place {
	uint64_t index;
	size_t output;
};

/* A signed request, already authentic. `now` in Unix seconds. */
struct task_request {
	const uint8_t *signer;          /* COSE_ID_SIZE */
	const struct request *request;
	struct bytes body;
	uint64_t now;
};
enum task_role task_role_of(const struct task_state *t, const uint8_t party[COSE_ID_SIZE]);
/* Seen before, or more than the table holds. For every signed request. */
MUST enum mt_err task_check_fresh(const struct task_state *t, const struct task_request *q, const char **why);
MUST enum mt_err task_check_role(struct task_state *t, const struct task_request *q, const char **why);
/* On success hash and name are set; name borrows from q->body's copy in *document (close it). */
struct task_function_body {
	uint8_t hash[32];
	struct bytes name;
	struct cose_document document;
};
MUST enum mt_err task_check_function(struct task_state *t, const struct task_request *q, struct task_function_body *out, const char **why);
MUST enum mt_err task_check_dataset(struct task_state *t, const struct task_request *q, uint8_t tag[32], const char **why);
/* Ciphertext with this content tag is to be taken from elsewhere. *out borrows from *document (close it, also on failure). */
struct task_transfer_body {
	uint64_t size;                  /* of what is taken */
	struct bytes url;               /* may hold secrets: never logged, never written down */
	struct cose_document document;
};
MUST enum mt_err task_check_data_fetch(struct task_state *t, const struct task_request *q, const uint8_t tag[32], struct task_transfer_body *out,
				       const char **why);
/* The ciphertext of an output of the signer's is to be sent elsewhere; *place: where it lies. */
MUST enum mt_err task_check_output_send(struct task_state *t, const struct task_request *q, const uint8_t tag[32], struct task_transfer_body *out,
					struct task_output_place *place, const char **why);
MUST enum mt_err task_check_upload(const struct task_state *t, const uint8_t party[COSE_ID_SIZE], uint64_t size, const char **why);
struct task_contract_facts {
	const uint8_t *log_id;
	const uint8_t *const *executor_hash;    /* by enum contract_executor: what this node is; NULL: it has none */
	uint8_t level;                          /* 1 for the development root, else 2: computed as a verifier would */
};
MUST enum mt_err task_check_contract(struct task_state *t, const struct task_request *q, const struct task_contract_facts *facts,
				     const char **why);
/* hash: the contract of the route. */
MUST enum mt_err task_check_withdraw(struct task_state *t, const struct task_request *q, const uint8_t hash[32], const char **why);
MUST enum mt_err task_check_cancel(struct task_state *t, const struct task_request *q, const uint8_t hash[32], const char **why);
/* Everything that must hold when a run starts, roles included; *run is its number. */
MUST enum mt_err task_check_run(struct task_state *t, const struct task_request *q, const uint8_t hash[32], uint64_t *run, const char **why);
/* An approval's statement and which keys must come with it (mask over the contract's inputs that the signer owns). */
MUST enum mt_err task_check_approval(struct task_state *t, const struct task_request *q, const uint8_t hash[32],
				     const struct approval_body *body, const uint8_t log_id[32], uint32_t *inputs, const char **why);

/* ---- reading ---- */

const struct contract *task_contract_find(const struct task_state *t, const uint8_t hash[32]);
/* HKDF key commitment of a registered dataset; NULL when it is not registered. */
const uint8_t *task_dataset_commit(const struct task_state *t, const uint8_t tag[32]);
/* 0: it is not registered. */
enum contract_executor task_function_executor(const struct task_state *t, const uint8_t hash[32]);
/* JSON arrays/objects for `party`; operator sees states, never contents. MT_NOT_FOUND hides what is not his. */
void task_json_list(const struct task_state *t, const uint8_t party[COSE_ID_SIZE], struct builder *out);
MUST enum mt_err task_json_one(const struct task_state *t, const uint8_t party[COSE_ID_SIZE], const uint8_t hash[32], struct builder *out);
/* One run; *over: it has ended, and the JSON will not change any more. MT_NOT_FOUND as above, or no such run. */
MUST enum mt_err task_json_run(const struct task_state *t, const uint8_t party[COSE_ID_SIZE], const uint8_t hash[32], uint64_t run, bool *over,
			       struct builder *out);
void task_json_functions(const struct task_state *t, struct builder *out);
struct task_counts {
	uint64_t parties, functions, datasets, contracts, running, finished;
};
void task_count(const struct task_state *t, struct task_counts *out);
/* The receipt of a run: statement and the entry that holds it, rebuilt into `space`. */
MUST enum mt_err task_receipt(const struct task_state *t, const uint8_t party[COSE_ID_SIZE], const uint8_t hash[32], uint64_t run,
			      struct builder *space, struct bytes *statement, struct bytes *entry, uint64_t *index);
/* The output key (one owner) or this owner's share (n owners) of a finished run. */
struct task_output_key {
	uint8_t tag[32];
	uint64_t size;
	uint32_t owner_count;
	struct secret key;
};
MUST enum mt_err task_output_key(const struct task_state *t, const uint8_t party[COSE_ID_SIZE], const uint8_t hash[32], uint64_t run,
				 struct bytes output, struct task_output_key *out, const char **why);
/* MT_OK when `party` owns an output with this tag. */
MUST enum mt_err task_output_readable(const struct task_state *t, const uint8_t party[COSE_ID_SIZE], const uint8_t tag[32],
				      struct task_output_place *out);
/* The ciphertext from its entry, which the ledger has opened. MT_TAMPERED: it is not there. */
MUST enum mt_err task_output_data(const struct task_state *t, struct bytes entry, size_t output, struct builder *out);

/* ---- the driver ---- */

typedef void task_staged(void *context, enum mt_err err, uint64_t index);
/* What the driver needs of core. */
struct task_host {
	void *self;
	const struct port *port;
	struct ree *ree;
	const struct seal_root *root;
	const uint8_t *log_id, *measurement_hash;
	const uint8_t *executor_hash[CONTRACT_EXECUTORS];       /* by enum contract_executor; NULL: this node has none. Wasm is always there */
	/* Stage entries together in one batch; done when they are on disk or dropped. */
	enum mt_err (*stage)(void *self, const struct entry *entries, size_t count, task_staged *done, void *context);
	enum mt_err (*sign)(void *self, const char *type, struct bytes payload, struct builder *out);
	/* Read a small output back from the ledger's file; then open what came. *out borrows until the next call. */
	enum mt_err (*output_read)(void *self, const struct task_output_place *place, ree_done *done, void *context);
	enum mt_err (*output_open)(void *self, const struct task_output_place *place, struct bytes wire, struct bytes *out);
	/* The contract's time is over: enter that, unless something about it is under way (then the next tick asks again). */
	void (*expire)(void *self, const uint8_t hash[32]);
	uint64_t (*now_ms)(void *self);
};

struct task_driver;
MUST enum mt_err task_driver_open(struct task_state *t, const struct task_host *host, struct task_driver **out);
void task_driver_close(struct task_driver *d);

/* Names of sealed blobs in REE_ARTIFACT. */
void task_keys_name(const uint8_t contract_hash[32], uint8_t out[32]);
void task_artifact_name(const uint8_t module_hash[32], const uint8_t engine_hash[32], uint8_t out[32]);

/* Dataset keys of an approval: keep them (sealed, on disk) and then call done with MT_OK. */
MUST enum mt_err task_keys_keep(struct task_driver *d, const uint8_t hash[32], uint32_t inputs, const struct secret *keys,
				task_staged *done, void *context);
/* A party took its approval back: forget the keys of these inputs. */
void task_keys_withdraw(struct task_driver *d, const uint8_t hash[32], uint32_t inputs);
/* Forget the keys of a contract, in memory and (as far as the supplicant obeys) on disk. */
void task_keys_forget(struct task_driver *d, const uint8_t hash[32]);

/*
 * The `running` entry is on its way to the disk: meanwhile workers are started, and what needs no key is loaded. Then task_run_start() or
 * task_run_drop() follows. Before that nothing of the run shows, and no worker gets a key. MT_LIMIT: TASK_RUNNING_MAX.
 */
MUST enum mt_err task_run_prepare(struct task_driver *d, const uint8_t hash[32], uint64_t run);
/* Start the workers of what was prepared. Call when the entry is on its way: it goes first. */
void task_begin(struct task_driver *d);
/* The entry is on disk: go on. Cannot fail: what goes wrong ends in a receipt. */
void task_run_start(struct task_driver *d, const uint8_t hash[32], uint64_t running_index);
/* The entry could not be written: as if nothing had been. */
void task_run_drop(struct task_driver *d, const uint8_t hash[32]);
/* Kill the run of this contract, if any; it ends with a cancelled receipt. */
void task_run_cancel(struct task_driver *d, const uint8_t hash[32], const char *cause);
/* Runs that a former life left unfinished: one failed receipt each. Call once after replay. */
void task_run_recover(struct task_driver *d);
/* Receipts that found the ledger's batch full. Call when a batch is on disk. */
void task_stage_again(struct task_driver *d);
/* Contracts whose time is over, and receipts that could not be written yet. Call on PORT_TICK. */
void task_tick(struct task_driver *d);
/* An event of a worker peer. True when it was the driver's; then it took the handles. */
bool task_event(struct task_driver *d, const struct port_event *event);
size_t task_running(const struct task_driver *d);

/*
 * Take a function (REE_DATA, name = its SHA-256): a WebAssembly module is compiled into the sealed artifact, anything else is the source of a
 * Python function and taken as it is. detail names the failure.
 */
typedef void task_compiled(void *context, enum mt_err err, enum contract_executor executor, uint64_t size, const char *detail);
MUST enum mt_err task_compile(struct task_driver *d, const uint8_t module_hash[32], task_compiled *done, void *context);

#endif
