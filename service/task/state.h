/* The tables behind task.h. Private to service/task. */
#ifndef MT_TASK_STATE_H
#define MT_TASK_STATE_H

#include "service/task/id_table.h"
#include "service/task/task.h"

struct task_party {
	uint8_t id[32];
	enum task_role role;
};
struct task_function {
	uint8_t hash[32], owner[32];
	char name[STATEMENT_NAME_MAX + 1];
	uint64_t size;
	enum contract_executor executor;
};
struct task_dataset {
	uint8_t tag[32], owner[32], commit[32];
	uint64_t size;
};

/* One output of one run: a single owner's key, or one share for each owner; tag and size once its receipt is there. */
struct task_output_keys {
	uint8_t tag[32];
	uint64_t size;
	uint64_t data_index;            /* of the entry that holds its ciphertext; 0: the supplicant has it */
	struct secret key[CONTRACT_PARTIES_MAX];
	size_t count;
};
struct task_run {
	uint64_t number, running_index, receipt_index, receipt_time_ms;
	uint64_t started_ms, ended_ms;
	enum task_run_state state;
	uint8_t *receipt;               /* COSE, owned; NULL while running */
	size_t receipt_size;
	/* What views show of it, so that looking does not decode it again. */
	char *cause;                    /* owned; NULL while running */
	uint32_t exit_code;
	uint64_t cpu_us, memory_peak, wall_ms, bytes_in, bytes_out;
	struct task_output_keys *keys;  /* one per output, owned; NULL when nothing may be fetched */
};
struct task_contract {
	struct contract contract;
	enum task_contract_state state;
	uint32_t approved;              /* bit i: participant i */
	uint64_t created_ms;
	struct task_run *run;           /* owned */
	size_t run_count, run_capacity;
};

/* Where an output of a finished run stands. 12 bytes each, kept for the life of the log. */
struct task_output_ref {
	uint32_t contract, run, output; /* indices */
};

struct task_state {
	struct box *cbor;
	struct task_admission admission;
	struct id_table party_index, function_index, dataset_index, contract_index, output_index;
	struct task_output_ref *output;
	size_t output_count, output_capacity;
	struct task_party *party;
	struct task_function *function;
	struct task_dataset *dataset;
	struct task_contract **contract;        /* pointers: they stay where they are when the table grows */
	size_t party_count, function_count, dataset_count, contract_count;
	size_t party_capacity, function_capacity, dataset_capacity, contract_capacity;
	uint64_t finished_count;
	/* Nonces of accepted requests, in two generations: each is kept at least REQUEST_LIFE_MAX_S, at most twice that. */
	struct id_table nonce[2];
	uint64_t nonce_turned_ms;
};

struct task_contract *task_find(const struct task_state *t, const uint8_t hash[32]);
/* Which participant; ID_NONE when none. */
uint32_t task_participant(const struct contract *c, const uint8_t party[32]);
bool task_all_approved(const struct task_contract *c);
struct task_run *task_run_find(const struct task_contract *c, uint64_t number);
void task_nonce_id(const uint8_t signer[32], const uint8_t nonce[STATEMENT_NONCE_SIZE], uint8_t out[32]);
const char *task_state_name(const struct task_contract *c);

/* outputs.c */
struct task_output {
	const struct task_contract *contract;
	size_t output;
	const struct task_output_keys *keys;
};
/* The output of a finished run with this content tag. */
bool task_output_find(const struct task_state *t, const uint8_t tag[32], struct task_output *out);
/* Plaintext bytes of what an input's tag names, dataset or output: the tag covers them. 0: neither is known. */
uint64_t task_input_size(const struct task_state *t, const uint8_t tag[32]);
/* Enter what a receipt names. MT_NO_MEMORY: call again, nothing is entered twice. */
MUST enum mt_err task_outputs_add(struct task_state *t, const struct task_contract *c, const struct task_run *run, const struct receipt *q);
/* Every owner takes part in `c`: then core may open it there, for all of them approve. */
bool task_output_all_owners(const struct task_output *o, const struct contract *c);
bool task_output_owned(const struct task_output *o, const uint8_t party[32]);
/* The whole key, from all shares. The caller wipes it. */
void task_output_secret(const struct task_output *o, struct secret *out);
/* The one writer of a contract's state (STYLE 8). */
void task_move(struct task_contract *c, enum task_contract_state to);

#endif
