/*
 * The objects that parties and core sign, name by hash, or keep: contract, approval, request, receipt, policy.
 * One encoder and one decoder each; the wire form is api/mesatee.cddl.
 *
 * Promises: a decoder takes exactly the deterministic encoding and nothing else (the document is re-encoded and compared),
 * checks every limit that the object itself can be checked for, and changes nothing on failure.
 * Hides: CBOR. Class N. Allocates only in *_decode; free with *_close.
 */
#ifndef MT_STATEMENT_H
#define MT_STATEMENT_H

#include "lib/attest/attest.h"
#include "lib/base/base.h"
#include "lib/box/box.h"
#include "lib/cose/cose.h"
#include "lib/crypto/crypto.h"

#define STATEMENT_HASH_SIZE 32
#define STATEMENT_NONCE_SIZE 16
#define STATEMENT_NAME_MAX 64           /* bytes of an input, output, function or component name */

/* COSE content types (lib/cose) of what is signed. */
#define STATEMENT_TYPE_REQUEST "mesatee-request-1"
#define STATEMENT_TYPE_APPROVAL "mesatee-approval-1"
#define STATEMENT_TYPE_RECEIPT "mesatee-receipt-1"
#define STATEMENT_TYPE_PARTY "mesatee-party-1"

/* a-z A-Z 0-9 . _ -, 1 to STATEMENT_NAME_MAX of them, not starting with a dot. */
MUST bool statement_name_ok(struct bytes name);

/* ---- contract (DESIGN 9) ---- */

#define CONTRACT_SIZE_MAX (32 * 1024)   /* with its request it fits one log entry */
#define CONTRACT_ARGUMENTS_MAX 64
#define CONTRACT_ARGUMENT_SIZE_MAX 4096
#define CONTRACT_INPUTS_MAX 12
#define CONTRACT_OUTPUTS_MAX 12
#define CONTRACT_OUTPUT_SIZE_MAX (UINT64_C(1) << 40)    /* lib/dataset's maximum: sums stay far from 2^64 */
#define CONTRACT_PARTIES_MAX 16
#define CONTRACT_RUNS_MAX 1000000

enum contract_executor {
	CONTRACT_WASM = ATTEST_EXECUTOR_WASM,
	CONTRACT_PYTHON = ATTEST_EXECUTOR_PYTHON,
	CONTRACT_BUILTIN = ATTEST_EXECUTOR_BUILTIN,
	CONTRACT_EXECUTORS = ATTEST_EXECUTORS
};

struct contract_input {
	struct bytes name;
	uint8_t owner[COSE_ID_SIZE];
	uint8_t tag[STATEMENT_HASH_SIZE];       /* content tag of the dataset (lib/dataset) */
};

struct contract_output {
	struct bytes name;
	uint8_t owner[CONTRACT_PARTIES_MAX][COSE_ID_SIZE];      /* ascending, each a participant */
	size_t owner_count;                     /* 1: the owner alone; n: only together */
	uint64_t size_max;                      /* bytes; guard */
	uint64_t rows_min;                      /* 0: no row guard */
};

struct contract {
	struct bytes bytes;                     /* the whole encoding, owned; all struct bytes below borrow from it or from scratch */
	uint8_t hash[STATEMENT_HASH_SIZE];      /* labelled hash of `bytes`: the contract's name */

	uint8_t log_id[STATEMENT_HASH_SIZE];
	uint8_t function[STATEMENT_HASH_SIZE];  /* SHA-256 of the module */
	enum contract_executor executor;
	uint8_t executor_hash[STATEMENT_HASH_SIZE];     /* attest_executor_hash() of the node */
	struct bytes argument[CONTRACT_ARGUMENTS_MAX];
	size_t argument_count;
	struct contract_input input[CONTRACT_INPUTS_MAX];
	size_t input_count;
	struct contract_output output[CONTRACT_OUTPUTS_MAX];
	size_t output_count;
	uint8_t participant[CONTRACT_PARTIES_MAX][COSE_ID_SIZE];        /* ascending, no duplicates; every one must approve */
	size_t participant_count;
	uint64_t memory_max;                    /* bytes of linear memory */
	uint64_t wall_ms;                       /* a run is killed after it */
	bool deterministic;
	uint8_t level_min;                      /* 1 to 5 */
	uint8_t policy_hash[STATEMENT_HASH_SIZE];
	uint64_t runs;                          /* how often it may run */
	uint64_t expiry;                        /* Unix seconds */
	uint8_t nonce[STATEMENT_NONCE_SIZE];
	uint8_t *scratch;                       /* private */
};

/* Encode c (its fields, not c->bytes) into out. The caller sorts participants and owners. */
void contract_encode(const struct contract *c, struct builder *out);
MUST enum mt_err contract_decode(struct box *box, struct bytes wire, struct contract *out);
void contract_close(struct contract *c);
void contract_hash(struct bytes wire, uint8_t out[STATEMENT_HASH_SIZE]);
bool contract_has_participant(const struct contract *c, const uint8_t party[COSE_ID_SIZE]);

/* ---- tree head that a client has seen ---- */

struct statement_head {
	uint64_t size;                          /* 0: none seen yet; root is then zero */
	uint8_t root[STATEMENT_HASH_SIZE];
};

/* ---- approval: COSE payload of STATEMENT_TYPE_APPROVAL, and the body that carries it with the keys ---- */

struct approval {
	uint8_t contract_hash[STATEMENT_HASH_SIZE];
	uint8_t log_id[STATEMENT_HASH_SIZE];
	struct statement_head head;
};
void approval_encode(const struct approval *a, struct builder *out);
MUST enum mt_err approval_decode(struct box *box, struct bytes payload, struct approval *out);

/* One dataset key for core: HPKE to the encapsulation key, info = STATEMENT_KEY_INFO, associated data = contract hash || content tag. */
#define STATEMENT_KEY_INFO "mesatee-dataset-key-1"
#define APPROVAL_SEALED_KEY_SIZE (CRYPTO_KEY_SIZE + CRYPTO_HPKE_OVERHEAD)
struct approval_key {
	uint8_t tag[STATEMENT_HASH_SIZE];
	uint8_t sealed[APPROVAL_SEALED_KEY_SIZE];
};
struct approval_body {
	struct bytes approval;                  /* the COSE message; borrows from scratch */
	struct approval_key key[CONTRACT_INPUTS_MAX];
	size_t key_count;
	uint8_t *scratch;
};
void approval_body_encode(struct bytes approval, const struct approval_key *keys, size_t count, struct builder *out);
MUST enum mt_err approval_body_decode(struct box *box, struct bytes wire, struct approval_body *out);
void approval_body_close(struct approval_body *a);

/* ---- request: every state change is signed as a whole ---- */

#define REQUEST_ROUTE_MAX 160
#define REQUEST_LIFE_MAX_S 900          /* a request may expire at most so far ahead: bounds the memory for nonces */

struct request {
	uint8_t log_id[STATEMENT_HASH_SIZE];
	char route[REQUEST_ROUTE_MAX + 1];      /* "POST /v1/contracts/<hex>/approve" */
	uint8_t body_hash[STATEMENT_HASH_SIZE]; /* SHA-256 of the body */
	uint8_t nonce[STATEMENT_NONCE_SIZE];
	uint64_t expiry;                        /* Unix seconds */
	struct statement_head head;             /* largest tree head that the client has seen */
};
void request_encode(const struct request *r, struct builder *out);
MUST enum mt_err request_decode(struct box *box, struct bytes payload, struct request *out);
/* The HTTP body of a signed request: array [request COSE bstr, body bstr]. Both borrow from `document`. */
void request_body_encode(struct bytes cose, struct bytes body, struct builder *out);
MUST enum mt_err request_body_decode(const struct items *document, struct bytes *cose, struct bytes *body);

/* ---- receipt: COSE payload of STATEMENT_TYPE_RECEIPT ---- */

enum receipt_outcome {
	RECEIPT_FINISHED = 1,
	RECEIPT_FAILED = 2,
	RECEIPT_CANCELLED = 3,
};
#define RECEIPT_CAUSE_MAX 256

struct receipt_output {
	struct bytes name;
	uint8_t tag[STATEMENT_HASH_SIZE];
	uint64_t size;                          /* plaintext bytes */
};

struct receipt {
	uint8_t log_id[STATEMENT_HASH_SIZE];
	uint8_t contract_hash[STATEMENT_HASH_SIZE];
	uint64_t run;                           /* 1, 2, ... */
	uint8_t input_tag[CONTRACT_INPUTS_MAX][STATEMENT_HASH_SIZE];
	size_t input_count;
	struct receipt_output output[CONTRACT_OUTPUTS_MAX];
	size_t output_count;
	uint8_t engine_hash[STATEMENT_HASH_SIZE];
	uint8_t measurement_hash[STATEMENT_HASH_SIZE];  /* of everything measured: the evidence lists it */
	enum receipt_outcome outcome;
	uint32_t exit_code;
	struct bytes cause;                     /* text, empty when finished */
	uint64_t cpu_us, memory_peak, wall_ms, bytes_in, bytes_out;
	uint64_t running_index;                 /* ledger index of its `running` entry */
	uint64_t started_ms, ended_ms;          /* the node's clock */
	uint8_t *scratch;                       /* set by receipt_decode */
};
void receipt_encode(const struct receipt *r, struct builder *out);
MUST enum mt_err receipt_decode(struct box *box, struct bytes payload, struct receipt *out);
void receipt_close(struct receipt *r);

/*
 * The receipt file that a party keeps and anyone verifies offline: deterministic CBOR map
 * { 1: statement (COSE), 2: ledger entry bytes that hold it, 3: index, 4: salt, 5: inclusion proof (count * 32 bytes),
 *   6: tree size, 7: root, 8: head COSE receipt (RFC 9942) of that inclusion, 9: checkpoint note, 10: genesis entry (index 0),
 *   11: inclusion proof of index 0, 12: contract, 13: evidence over the receipt key }
 */
struct receipt_file {
	struct bytes statement, entry, proof, head_receipt, note, genesis, genesis_proof, contract, evidence;
	uint64_t index, size;
	uint8_t salt[STATEMENT_HASH_SIZE], root[STATEMENT_HASH_SIZE];
	uint8_t *scratch;
};
void receipt_file_encode(const struct receipt_file *f, struct builder *out);
MUST enum mt_err receipt_file_decode(struct box *box, struct bytes wire, struct receipt_file *out);
void receipt_file_close(struct receipt_file *f);

/* ---- genesis: entry 0 of every log, public ---- */

struct genesis {
	uint8_t receipt_key[CRYPTO_P256_PUBLIC_SIZE];   /* signs receipts and heads (COSE) */
	uint8_t note_key[32];                           /* Ed25519, signs checkpoints */
	uint64_t time_ms;
	uint8_t operator_id[COSE_ID_SIZE];              /* zero: no operator */
	uint8_t configuration_hash[STATEMENT_HASH_SIZE];
};
void genesis_encode(const struct genesis *g, struct builder *out);
MUST enum mt_err genesis_decode(struct box *box, struct bytes wire, struct genesis *out);
/* The log's name follows from its keys: labelled hash of receipt key and note key. */
void genesis_log_id(const struct genesis *g, uint8_t out[STATEMENT_HASH_SIZE]);

/* ---- ledger entries: what the state is a fold of ---- */

/* Deterministic CBOR array [kind, time_ms, request bstr, body bstr]. Genesis (index 0) is not of this form: it is public. */
enum entry_kind {
	ENTRY_ROLE = 1,         /* request; body: role */
	ENTRY_FUNCTION = 2,     /* request; body: function record */
	ENTRY_DATASET = 3,      /* request; body: dataset record */
	ENTRY_CONTRACT = 4,     /* request; body: contract */
	ENTRY_APPROVAL = 5,     /* request; body: approval COSE (the keys lie sealed elsewhere) */
	ENTRY_WITHDRAW = 6,     /* request; body: contract hash */
	ENTRY_CANCEL = 7,       /* request; body: contract hash */
	ENTRY_RUNNING = 8,      /* request; body: [contract hash, run] */
	ENTRY_OUTPUT_KEYS = 9,  /* no request; body: [contract hash, run, keys]: stays in the sealed log, never leaves */
	ENTRY_RECEIPT = 10,     /* no request; body: receipt COSE: the run is over */
	ENTRY_EXPIRED = 11,     /* no request; body: contract hash */
	ENTRY_LIFE = 12,        /* no request; body: measurement hash: a new life of core began */
	ENTRY_OUTPUT_DATA = 13, /* no request; body: [contract hash, run, [ciphertext of each output, empty: the supplicant has it]] */
	ENTRY_KINDS
};
struct entry {
	enum entry_kind kind;
	uint64_t time_ms;
	struct bytes request, body;             /* borrow from scratch */
	uint8_t *scratch;
};
void entry_encode(const struct entry *e, struct builder *out);
MUST enum mt_err entry_decode(struct box *box, struct bytes wire, struct entry *out);
void entry_close(struct entry *e);

#endif
