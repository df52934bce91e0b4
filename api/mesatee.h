/*
 * A party's client library: verify a node, send it data that only you can open, approve exactly one computation, fetch what is
 * yours and check a receipt without anybody's help.
 *
 *	struct mesatee *m;
 *	if (mesatee_open(NULL, &m) || mesatee_policy_use(m, "policy.toml") || mesatee_connect(m, "https://127.0.0.1:7777")) {
 *		fprintf(stderr, "%s\nhelp: %s\n", mesatee_error(m), mesatee_help(m));
 *	}
 *
 * Promises: nothing but the challenge is sent to a node before its evidence passed the policy in use, on this very connection; no
 * request that changes anything before the node's log was shown to continue the largest tree head ever seen; a secret leaves this
 * process only sealed to the node's attested key; a file is written whole or not at all.
 * Hides: attested TLS, HTTP, CBOR and COSE, the ledger's proofs, dataset encryption, the files in the home folder.
 *
 * Ids, hashes and tags are text: 64 lower-case hex digits. Where a party is asked for, its petname, its id or "self" will do.
 * Strings that a call returns live until the next call on the same object, unless it says otherwise. Every call blocks; none prints.
 * One thread at a time per struct mesatee; several may be open. mesatee_open() takes SIGSEGV, SIGBUS and SIGFPE of the process for
 * its parsers and passes on every fault that is not theirs. SIGPIPE is never raised.
 */
#ifndef MESATEE_H
#define MESATEE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MESATEE_ID_SIZE 65              /* 64 hex digits and the zero */
#define MESATEE_NAME_SIZE 65            /* of an input, output, function, component or petname, with the zero */
#define MESATEE_ARGUMENTS_MAX 64
#define MESATEE_INPUTS_MAX 12
#define MESATEE_OUTPUTS_MAX 12
#define MESATEE_PARTIES_MAX 16
#define MESATEE_PETNAMES_MAX 1024
#define MESATEE_SHARES_MAX 16

/* What went wrong, by what the caller can do about it. The numbers are the exit codes of the program `mesatee`. */
enum mesatee_err {
	MESATEE_OK = 0,
	MESATEE_FAILED = 1,             /* this machine: a file, memory; or the run failed */
	MESATEE_USAGE = 2,              /* the call makes no sense: an argument */
	MESATEE_NOT_FOUND = 3,
	MESATEE_REFUSED = 4,            /* by the node, by the policy, or by what an approval demands */
	MESATEE_NOT_VERIFIED = 5,       /* evidence, ledger, receipt or data are not what they must be. Never the same as unreachable */
	MESATEE_UNREACHABLE = 6,        /* no connection, or no answer in time */
	MESATEE_NOT_READY = 7,          /* the node is starting, stopping or full: later */
	MESATEE_CONFLICT = 8,           /* not in this state, or there already */
	MESATEE_BUG = 70,               /* ours: the node called our own message malformed */
};

struct mesatee;

/*
 * Open the home folder: `home`, or NULL for $MESATEE_HOME, else ~/.config/mesatee. It is made when missing (mode 0700).
 * *out is set even on failure, unless memory is gone, so that mesatee_error() can be asked; close it in any case.
 */
enum mesatee_err mesatee_open(const char *home, struct mesatee **out);
void mesatee_close(struct mesatee *m);                  /* NULL allowed */

/* The last failure: what failed and why; and what to do. Never NULL. Also for m == NULL. */
const char *mesatee_error(const struct mesatee *m);
const char *mesatee_help(const struct mesatee *m);

/* ---- who I am, and what I call the others ---- */

/* Load the P-256 key (HOME/identity.key). MESATEE_NOT_FOUND when there is none and `make` is false. */
enum mesatee_err mesatee_identity(struct mesatee *m, bool make, char id[MESATEE_ID_SIZE]);
/* Remember a party. Names are mine alone; no node is ever asked. MESATEE_CONFLICT: the name is another's. */
enum mesatee_err mesatee_party_add(struct mesatee *m, const char *name, const char *id);
/* From petname, id or "self" to the id. */
enum mesatee_err mesatee_party_find(struct mesatee *m, const char *who, char id[MESATEE_ID_SIZE]);
/* The petname of an id ("self" for mine), or NULL. */
const char *mesatee_party_name(struct mesatee *m, const char *id);
/* The index-th petname; false behind the last. */
bool mesatee_party_at(struct mesatee *m, size_t index, const char **name, const char **id);

/* ---- policy and connection ---- */

/* Use this policy (TOML) from now on: to appraise nodes, approve contracts and verify receipts. Ends a connection made under another. */
enum mesatee_err mesatee_policy_use(struct mesatee *m, const char *path);
/* The hash that a contract must name to be approved under this policy, its name and the least level; NULL or 0 without a policy. */
const char *mesatee_policy_hash(const struct mesatee *m);
const char *mesatee_policy_name(const struct mesatee *m);
unsigned mesatee_policy_level(const struct mesatee *m);

/*
 * Connect to "https://HOST:PORT" and verify: TLS 1.3, protocol mesatee/1, evidence under the policy, the node's log against what was
 * seen of it before. MESATEE_NOT_VERIFIED: the connection is closed, nothing of ours was sent; mesatee_verdict() says what differs.
 * Later calls connect again by themselves when the connection has ended.
 */
enum mesatee_err mesatee_connect(struct mesatee *m, const char *url);
void mesatee_disconnect(struct mesatee *m);

/* One checked part of a verdict or of a receipt. */
struct mesatee_part {
	char name[MESATEE_NAME_SIZE];
	bool passed;
	char have[80], want[80];        /* may be empty */
	const char *vouched_by;         /* static text */
};

/* The appraisal of the node's evidence. The level is computed from it, never told by the node. */
struct mesatee_verdict {
	bool passed;
	unsigned level;                 /* 1 to 5; 0: nothing was established */
	const char *level_name, *protects, *limits;     /* static text */
	char root[MESATEE_ID_SIZE], log_id[MESATEE_ID_SIZE], engine[MESATEE_ID_SIZE];   /* empty when not established */
	bool rollback_by_clients;       /* rollback across restarts is found by clients only */
	uint64_t log_size;              /* of the newest tree head that was verified */
	size_t part_count;
	struct mesatee_part part[64];
};
/* Of the last mesatee_connect(), also of a failed one. NULL before. */
const struct mesatee_verdict *mesatee_verdict(const struct mesatee *m);

/* The node's status, JSON of schema mesatee.status.1. */
enum mesatee_err mesatee_status(struct mesatee *m, const char **json);

/* ---- data and functions ---- */

/* Called during transfers with bytes done and in all. */
typedef void mesatee_progress(void *context, const char *what, uint64_t done, uint64_t total);
void mesatee_progress_set(struct mesatee *m, mesatee_progress *call, void *context);

/*
 * Encrypt the file here, under a new key that stays in HOME/datasets, upload the ciphertext and register it. tag names it from then on.
 * A regular file of at most 1 TiB. With `only_encrypt` not NULL nothing is sent: the ciphertext is written to that path.
 */
enum mesatee_err mesatee_put(struct mesatee *m, const char *path, const char *only_encrypt, char tag[MESATEE_ID_SIZE]);

/*
 * An encrypted format of Apache Teaclave (docs/teaclave.md), for files that come from there or go there. Nothing of what is in them touches
 * a disk in the clear. Strings are the caller's.
 */
struct mesatee_format {
	const char *format;             /* "aes-gcm-128", "aes-gcm-256", "teaclave-file-128" */
	const char *key_file;           /* 16 or 32 bytes, or their hex digits */
	const char *iv;                 /* reading aes-gcm: 24 hex digits; writing chooses its own */
	const char *cmac;               /* reading: 32 hex digits that the file must have, or NULL: any */
	const char *name;               /* teaclave-file-128: what the file is stored under; NULL: the last part of its path */
};
/* What Teaclave must be told of a file that was written, in hex digits. */
struct mesatee_formatted {
	char cmac[33], iv[25];          /* iv is empty for teaclave-file-128 */
};
/*
 * As mesatee_put, from a file in that format. MESATEE_NOT_VERIFIED: it is damaged, or key, iv or cmac are another file's. No byte of it
 * leaves before its tags fit.
 */
enum mesatee_err mesatee_put_from(struct mesatee *m, const char *path, const struct mesatee_format *from, const char *only_encrypt,
				  char tag[MESATEE_ID_SIZE]);
/*
 * The ciphertext lies elsewhere: have the node take it from `url` ("https://...", "http://...", or "file:NAME" inside a folder of the node's
 * operator), and register it. `sealed` is what mesatee_put() wrote with `only_encrypt`, or its header alone, which says tag and size. The
 * node fetches once, goes on after a broken connection, and takes exactly that size; what is in it is checked like an upload. The URL goes to
 * the node's fetcher and nobody else; who runs the node can read it. Its operator must have allowed it (docs/data.md).
 */
enum mesatee_err mesatee_put_at(struct mesatee *m, const char *sealed, const char *url, char tag[MESATEE_ID_SIZE]);
/* Upload a WebAssembly module, have it compiled and register it as `name`. MESATEE_CONFLICT: it is registered; hash is set all the same. */
enum mesatee_err mesatee_publish(struct mesatee *m, const char *path, const char *name, char hash[MESATEE_ID_SIZE]);

/* ---- contracts ---- */

struct mesatee_input {
	const char *name, *owner, *tag;
};
struct mesatee_output {
	const char *name;
	const char *owner[MESATEE_PARTIES_MAX];
	size_t owner_count;             /* 1: the owner alone; more: only all together */
	uint64_t size_max;              /* bytes */
	uint64_t rows_min;              /* 0: no such guard */
};

/* What a contract says. The fields of the second group are filled in by the library: from the attested node and the policy. */
struct mesatee_terms {
	const char *function;           /* SHA-256 of the module */
	const char *argument[MESATEE_ARGUMENTS_MAX];
	size_t argument_count;
	struct mesatee_input input[MESATEE_INPUTS_MAX];
	size_t input_count;
	struct mesatee_output output[MESATEE_OUTPUTS_MAX];
	size_t output_count;
	const char *participant[MESATEE_PARTIES_MAX];   /* owners and whoever makes the contract are added by the library */
	size_t participant_count;
	uint64_t memory_max, wall_ms, runs, expiry;     /* bytes, milliseconds, count, Unix seconds */
	bool deterministic;
	unsigned level_min;             /* 0: the policy's */

	char log_id[MESATEE_ID_SIZE], executor[MESATEE_ID_SIZE], policy[MESATEE_ID_SIZE];
};

struct mesatee_contract;
/* Make the contract against the connected node. `only_build`: it is not sent. Free *out in any case. */
enum mesatee_err mesatee_contract_make(struct mesatee *m, const struct mesatee_terms *terms, bool only_build,
				       struct mesatee_contract **out);
/* Fetch one by its hash; what came is hashed and compared. */
enum mesatee_err mesatee_contract_get(struct mesatee *m, const char *hash, struct mesatee_contract **out);
/* Both live as long as the contract. */
const char *mesatee_contract_hash(const struct mesatee_contract *c);
const struct mesatee_terms *mesatee_contract_terms(const struct mesatee_contract *c);
void mesatee_contract_free(struct mesatee_contract *c); /* NULL allowed */

/*
 * Approve what was fetched, and so what could be shown. Refused (MESATEE_REFUSED) unless this party takes part, the contract names
 * the policy in use and no higher level than the verdict's, and this node's log and executor. Then the approval is signed and the key
 * of each own input sealed to the attested node, for this contract alone. With `only_check` nothing is sent.
 */
enum mesatee_err mesatee_approve(struct mesatee *m, const struct mesatee_contract *c, bool only_check);
/* Take the approval back: the node wipes the keys, a run under way ends. */
enum mesatee_err mesatee_withdraw(struct mesatee *m, const char *hash);
/* End the contract for everybody. */
enum mesatee_err mesatee_cancel(struct mesatee *m, const char *hash);

/* ---- runs ---- */

struct mesatee_run {
	uint64_t run;
	char state[16];                 /* running, finished, failed, cancelled */
	char cause[257];                /* why it ended so; from the engine, never from data */
	uint32_t exit_code;
	uint64_t started_ms, ended_ms, wall_ms, cpu_us, memory_peak;
};
enum mesatee_err mesatee_run(struct mesatee *m, const char *hash, uint64_t *run);
/*
 * Wait until the run has ended, at most timeout_ms (0: as long as it takes). MESATEE_OK only when it finished; a run that failed or was
 * cancelled is MESATEE_FAILED with its cause; MESATEE_UNREACHABLE: out of time.
 */
enum mesatee_err mesatee_wait(struct mesatee *m, const char *hash, uint64_t run, uint64_t timeout_ms, struct mesatee_run *out);

struct mesatee_approval {
	char party[MESATEE_ID_SIZE];
	bool approved;
};
struct mesatee_task {
	char contract[MESATEE_ID_SIZE], function[MESATEE_ID_SIZE], state[16];
	uint64_t created_ms, expiry, runs_used, runs;
	struct mesatee_approval approval[MESATEE_PARTIES_MAX];
	size_t approval_count;
	struct mesatee_run last;        /* last.run is 0 when there was none */
};
/* One contract and its runs, or all of mine in turn (`hash` NULL), newest first. *json (may be NULL) is the node's whole answer. */
typedef void mesatee_each_task(void *context, const struct mesatee_task *task);
enum mesatee_err mesatee_tasks(struct mesatee *m, const char *hash, mesatee_each_task *each, void *context, const char **json);

/* ---- results ---- */

struct mesatee_fetched {
	char tag[MESATEE_ID_SIZE];
	uint64_t size;
	size_t owner_count;             /* more than 1: `path` has the ciphertext, path + ".share" this party's share */
};
/* Fetch one output of a finished run and write it to path. */
enum mesatee_err mesatee_get(struct mesatee *m, const char *hash, uint64_t run, const char *output, const char *path,
			     struct mesatee_fetched *out);
/* The same, and the file is of that format. One owner's output only; of several, mesatee_combine_as. */
enum mesatee_err mesatee_get_as(struct mesatee *m, const char *hash, uint64_t run, const char *output, const char *path,
				const struct mesatee_format *as, struct mesatee_fetched *out, struct mesatee_formatted *formatted);
/*
 * The ciphertext of an output goes from the node to `url` by PUT, presigned perhaps, and not through here; path + ".share" gets the key, or this
 * party's share of it, first. mesatee_combine() opens what was downloaded from there.
 */
enum mesatee_err mesatee_get_to(struct mesatee *m, const char *hash, uint64_t run, const char *output, const char *url, const char *path,
				struct mesatee_fetched *out);
/* Open an output of several owners: the shares of all, in any order; or one owner's, from mesatee_get_to(). Needs no node. */
enum mesatee_err mesatee_combine(struct mesatee *m, const char *ciphertext, const char *const *shares, size_t share_count,
				 const char *path);
enum mesatee_err mesatee_combine_as(struct mesatee *m, const char *ciphertext, const char *const *shares, size_t share_count,
				    const char *path, const struct mesatee_format *as, struct mesatee_formatted *formatted);
/* Fetch the receipt file of a run, whatever its end was. */
enum mesatee_err mesatee_receipt(struct mesatee *m, const char *hash, uint64_t run, const char *path);

/* What a receipt says, and every check that was made of it. Believe it only when `passed`. */
struct mesatee_receipt {
	bool passed;
	unsigned level;
	const char *level_name;
	char contract[MESATEE_ID_SIZE], function[MESATEE_ID_SIZE], log_id[MESATEE_ID_SIZE];
	uint64_t run, index, log_size;
	char outcome[16], cause[257];   /* finished, failed, cancelled */
	uint32_t exit_code;
	uint64_t started_ms, ended_ms, wall_ms, cpu_us, memory_peak, bytes_in, bytes_out;
	struct {
		char name[MESATEE_NAME_SIZE], tag[MESATEE_ID_SIZE];
		uint64_t size;
	} output[MESATEE_OUTPUTS_MAX];
	size_t output_count;
	size_t part_count;
	struct mesatee_part part[32];
};
/* Check a receipt file under the policy in use. No network. MESATEE_NOT_VERIFIED when any check fails; *out is set then as well. */
enum mesatee_err mesatee_verify(struct mesatee *m, const char *path, struct mesatee_receipt *out);

/* ---- operators ---- */

/* Admit a party (true) or take it out. */
enum mesatee_err mesatee_role(struct mesatee *m, const char *party, bool admit);
/* Stop the node. */
enum mesatee_err mesatee_stop(struct mesatee *m);

#ifdef __cplusplus
}
#endif

#endif
