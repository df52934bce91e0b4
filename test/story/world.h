/*
 * A whole node without processes: the real core under port/sim's seed, time and disk. The supplicant, the workers and the gateway are test
 * doubles, because they are what a story makes lie, die or attack; the parties sign with the real library.
 * Tests only. One world at a time per story; everything stops the test on its own bugs.
 */
#ifndef MT_TEST_WORLD_H
#define MT_TEST_WORLD_H

#include "api/node.h"
#include "api/ree.h"
#include "api/routes.h"
#include "api/worker.h"
#include "lib/attest/attest.h"
#include "lib/channel/channel.h"
#include "lib/dataset/dataset.h"
#include "lib/statement/statement.h"
#include "port/sim/sim.h"
#include "service/core/core.h"

#define WORLD_BLOBS_MAX 256
#define WORLD_PEERS_MAX 64
#define WORLD_HANDLES_MAX 4096
#define WORLD_CPU_US 5678               /* what the kernel counts of every worker that core kills; it says itself that it was 1234 */

struct world;

/* What a run worker does: fill out[i] (world_write) and say how it ended. Inputs are plaintext. */
struct world_run {
	struct bytes input[CONTRACT_INPUTS_MAX];
	size_t input_count, output_count;
	uint32_t streams;                       /* mask over the inputs: these come as streams */
	size_t handles;                         /* of inputs that do not */
	struct bytes argument[CONTRACT_ARGUMENTS_MAX];
	size_t argument_count;
	uint8_t *output[CONTRACT_OUTPUTS_MAX];  /* from mt_alloc; NULL: not written */
	size_t output_size[CONTRACT_OUTPUTS_MAX];
	enum work_outcome outcome;
	uint32_t exit_code;
	bool hang, die;                         /* never answers; dies without an answer */
	bool keep_open;                         /* answers, and can still write to its outputs */
	bool lie;                               /* about the size of an output that comes with the answer */
	size_t message_count;                   /* runs so far */
	struct bytes artifact;                  /* what it was given to execute */
};
typedef void world_function(struct world_run *run);
/* Intersection of the sorted lines of inputs 0 and 1 into output 0. */
void world_intersect(struct world_run *run);

struct world_party {
	struct crypto_signer *signer;
	uint8_t id[COSE_ID_SIZE];
	struct statement_head head;             /* largest tree head seen; sent with each request */
};

/* A connection as the gateway would report it; `answer` is what core said. */
struct world_connection {
	uint32_t number;
	struct channel_hello hello;
	struct channel_binding binding;
	struct channel_answer answer;
	struct attest_verdict verdict;
};

struct world_answer {
	unsigned status;
	enum node_body kind;
	uint8_t body[100 * 1024];
	size_t size;
	bool stream, upload, none;              /* none: nothing came */
	uint8_t name[32];
};

struct world *world_open(uint64_t seed);
void world_close(struct world *w);
/* Before world_start: another platform root, configuration or image. */
void world_set_platform(struct world *w, const struct secret *root);
void world_set_operator(struct world *w, const uint8_t operator_id[COSE_ID_SIZE], bool open);
void world_set_image(struct world *w, const char *name, uint8_t first_byte);
void world_add_image(struct world *w, const char *name);         /* in the order of names */
void world_set_function(struct world *w, world_function *f);
struct sim_disk *world_disk(struct world *w);
struct box *world_cbor(struct world *w);

/* Begin a life of core and pump until it serves or fails. False: it failed (world_fault). */
bool world_start(struct world *w);
/* kill -9 of the node: core, workers and connections are gone, the disk as it is. */
void world_kill(struct world *w);
/* Also the power: what was not synced is lost or torn. */
void world_power_cut(struct world *w);
const char *world_fault(struct world *w);
bool world_alive(struct world *w);
void world_advance(struct world *w, uint64_t ms);       /* time passes, ticks come */
uint64_t world_now_s(struct world *w);

/* What the policy of an honest relying party with its own build of this world says. */
void world_policy(struct world *w, struct attest_policy *out);

/* ---- parties ---- */

void world_party_new(struct world *w, struct world_party *p);
void world_party_free(struct world_party *p);
struct world_connection *world_connect(struct world *w, enum channel_form form, const uint8_t nonce[32]);
void world_connection_free(struct world_connection *c);
/* Connect, appraise under world_policy, prove the party. */
struct world_connection *world_session(struct world *w, struct world_party *p);

/* Any request as the gateway frames it. */
struct world_answer *world_request(struct world *w, uint32_t connection, bool attested, enum route_id route, struct bytes p0, struct bytes p1,
				   uint64_t size, struct bytes body);
/* The parts of a signed request, so that a story can bend each. NULL fields are filled honestly. */
struct world_bend {
	const uint8_t *log_id;
	const char *route;
	const uint8_t *body_hash, *nonce;
	uint64_t expiry;
	const struct statement_head *head;
	struct crypto_signer *signer;
};
/* HTTP body of a signed request; owned (mt_free). */
uint8_t *world_sign(struct world *w, struct world_party *p, enum route_id route, const uint8_t *hash, struct bytes body,
		    const struct world_bend *bend, size_t *size);
struct world_answer *world_signed(struct world *w, struct world_party *p, enum route_id route, const uint8_t *hash, struct bytes body);
/* Remember the present head, as a client does after each answer. */
void world_see_head(struct world *w, struct world_party *p);

/* ---- the job: two parties, one contract ---- */

struct world_dataset {
	struct secret key;
	uint8_t tag[32];
	uint8_t *file;
	size_t size;
};
/* Encrypt, upload to the double, register. */
void world_put(struct world *w, struct world_party *p, struct bytes plain, struct world_dataset *out);
void world_dataset_free(struct world_dataset *d);
/* A module by its first four bytes, then text; lives as long as the program. */
struct bytes world_module(const char *text);
/* The text of the one that is a built-in function in stories (builtins.c). */
#define WORLD_BUILTIN "a function of this build"
/* Upload and register a function named "psi"; what core says to it. */
struct world_answer *world_publish_ask(struct world *w, struct world_party *p, struct bytes function, uint8_t hash[32]);
void world_publish(struct world *w, struct world_party *p, struct bytes module, uint8_t hash[32]);

struct world_job {
	struct world_party a, b;
	struct world_dataset data_a, data_b;
	uint8_t function[32], hash[32];
	struct contract contract;               /* fields only; encode with world_contract */
	uint8_t *wire;
	size_t wire_size;
	struct world_connection *connection;
};
/* Parties, data, function; contract fields filled: inputs a and b, output `common` owned by both, one run. Nothing sent yet. */
void world_job_prepare(struct world *w, struct world_job *j);
/* Encode j->contract and send it as a; j->hash is its name. */
struct world_answer *world_job_create(struct world *w, struct world_job *j);
/* Approval body of p with the given keys; owned. */
uint8_t *world_approval(struct world *w, struct world_party *p, struct world_job *j, const struct world_dataset *data,
			const struct approval *bend, size_t *size);
struct world_answer *world_approve(struct world *w, struct world_party *p, struct world_job *j, const struct world_dataset *data);
struct world_answer *world_run_job(struct world *w, struct world_job *j);
/* All of it, up to the end of one run. */
void world_job_whole(struct world *w, struct world_job *j);
void world_job_free(struct world_job *j);
/* "created", "approved", ... of the job's contract, as party a sees it. */
const char *world_job_state(struct world *w, struct world_job *j);
/* The receipt file of a run; owned. */
uint8_t *world_receipt(struct world *w, struct world_job *j, uint64_t run, size_t *size);
/* Fetch as `p`: the share or key, and the output's ciphertext. */
struct world_answer *world_fetch(struct world *w, struct world_party *p, struct world_job *j, uint64_t run, const char *output,
				 struct secret *ephemeral);
/* The ciphertext of an output as the gateway would send it to `p`; *status is core's answer. Empty unless it is 200. */
struct bytes world_output(struct world *w, struct world_party *p, const uint8_t tag[32], unsigned *status);
bool world_fetch_open(struct world *w, const struct world_answer *a, const struct secret *ephemeral, struct secret *key, uint8_t tag[32],
		      uint64_t *size);

/* ---- the double of the supplicant, for stories that make it lie ---- */

struct bytes world_blob(struct world *w, enum ree_space space, const uint8_t name[32]);
void world_blob_set(struct world *w, enum ree_space space, const uint8_t name[32], struct bytes content);      /* empty: gone */
/* All blobs as they are, to put back later together with the disk's image. */
void world_blobs_keep(struct world *w);
void world_blobs_restore(struct world *w);
/* Calls of core to the supplicant so far, and a call that fails (counted from 1): for stories that fail each in turn. */
uint64_t world_ree_calls(struct world *w);
void world_ree_fail_at(struct world *w, uint64_t n, enum mt_err err);
/* What core has asked the fetcher for and has had no answer to, oldest first; NULL: no more. */
struct world_transfer {
	bool sends;
	uint32_t id, number;
	uint8_t name[32];
	uint64_t size;                          /* to be taken, or of what came with the request */
	char url[REE_URL_MAX + 1];
	uint8_t content[64];                    /* the first bytes of what came with it */
};
const struct world_transfer *world_transfer(struct world *w, size_t index);
/* It answers: `fields` as they are. */
void world_transfer_answer(struct world *w, size_t index, enum mt_err err, struct bytes fields);
/* Answers of runs so far that core was given keys for: how often a function really ran. */
size_t world_runs(struct world *w);

#endif
