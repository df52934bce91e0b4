/*
 * Appraisal: evidence + time + policy -> verdict, for every kind of TEE behind one call; and the making of software evidence.
 * This version knows one kind: `software` (DESIGN 7, levels 1 and 2).
 *
 * Promises: attest_appraise() is total: no clock, no network, no global state; an absent expected value is an error, never a wildcard;
 * nothing but naming another policy weakens it. The level is computed, never taken from the evidence.
 * Hides: evidence formats. Class N. Allocates inside a call only.
 */
#ifndef MT_ATTEST_H
#define MT_ATTEST_H

#include "lib/base/base.h"
#include "lib/box/box.h"
#include "lib/cose/cose.h"
#include "lib/crypto/crypto.h"

/* The one table of labels (DESIGN 7). Each is the first, length-prefixed part of what is hashed or signed. */
#define ATTEST_LABEL_ATLS "mesatee-atls-1"              /* report data of one connection */
#define ATTEST_LABEL_ATLS_KEY "mesatee-atls-key-1"      /* report data over the fast key */
#define ATTEST_LABEL_ATLS_FAST "mesatee-atls-fast-1"    /* signed by the fast key, per connection */
#define ATTEST_LABEL_RECEIPT "mesatee-receipt-1"        /* report data over the receipt key */
#define ATTEST_LABEL_UPGRADE "mesatee-upgrade-1"
#define ATTEST_LABEL_CORE_KEYS "mesatee-core-keys-1"    /* hash of the keys that core tells a verifier */
#define ATTEST_LABEL_CONTRACT "mesatee-contract-1"      /* hash of a contract */
#define ATTEST_LABEL_POLICY "mesatee-policy-1"          /* hash of a policy */
#define ATTEST_LABEL_LOG "mesatee-log-1"                /* a log's id */
#define ATTEST_LABEL_ENGINE "mesatee-engine-1"          /* hash of an executor */
#define ATTEST_LABEL_MEASUREMENT "mesatee-measurement-1"

#define ATTEST_REPORT_DATA_SIZE 64
#define ATTEST_HASH_SIZE 32
#define ATTEST_MEASUREMENTS_MAX 32
#define ATTEST_NAME_MAX 64
#define ATTEST_ROOTS_MAX 8
#define ATTEST_EVIDENCE_MAX (16 * 1024)

/* One measured component: an image, the loader, a native library, "configuration", "components". */
struct attest_measurement {
	char name[ATTEST_NAME_MAX + 1];
	uint8_t hash[ATTEST_HASH_SIZE];
};
struct attest_measurements {
	struct attest_measurement item[ATTEST_MEASUREMENTS_MAX];        /* ascending by name, no duplicates */
	size_t count;
};
/* The launcher's list (port/port.h wire form). MT_MALFORMED, MT_LIMIT. */
MUST enum mt_err attest_measurements_decode(struct bytes wire, struct attest_measurements *out);
/* Lines "hex  name" as `mesatee-launcher --measure` prints them. */
MUST enum mt_err attest_measurements_from_text(struct bytes text, struct attest_measurements *out);
/* One hash over the whole list. */
void attest_measurements_hash(const struct attest_measurements *m, uint8_t out[ATTEST_HASH_SIZE]);
const struct attest_measurement *attest_measurement_find(const struct attest_measurements *m, const char *name);
/* Who runs a function; the numbers are a contract's (lib/statement). */
enum attest_executor {
	ATTEST_EXECUTOR_WASM = 1,
	ATTEST_EXECUTOR_PYTHON = 2,
	ATTEST_EXECUTOR_BUILTIN = 3,
	ATTEST_EXECUTORS        /* rows of a table by executor; row 0 is nobody's */
};
/* "wasm", "python", "builtin", as JSON and people have it; NULL: there is no such executor. */
const char *attest_executor_name(unsigned executor);
/*
 * The executor's hash that a contract names: labelled hash of its images (run and compile; python with its interpreter and library), the
 * engine and the loader's libraries; or builtin, which stands on nothing else. MT_NOT_FOUND: the node has no such executor.
 */
MUST enum mt_err attest_executor_hash(const struct attest_measurements *m, enum attest_executor executor, uint8_t out[ATTEST_HASH_SIZE]);

/* ---- software evidence: COSE_Sign1 of type ATTEST_TYPE_SOFTWARE by the platform root, in a CMW record (RFC 9999) ---- */

#define ATTEST_TYPE_SOFTWARE "mesatee-software-evidence-1"
#define ATTEST_CMW_TYPE "application/vnd.mesatee.software-evidence+cose"

enum attest_rollback {
	ATTEST_ROLLBACK_CLIENTS = 1,    /* detected by clients */
	ATTEST_ROLLBACK_COUNTER = 2,    /* a platform counter */
};

/* The claims of a software platform. */
struct attest_claims {
	uint8_t report_data[ATTEST_REPORT_DATA_SIZE];
	struct attest_measurements measurements;
	bool confined;                  /* false: a sanitized build without sandbox */
	bool isolated;                  /* isolation: process (true) or in-process */
	enum attest_rollback rollback;
	uint64_t time_ms;               /* the attester's clock; informative */
};

/* The well-known development root: its private key is printed in the source, so it vouches for nothing: level 1. */
void attest_development_root(struct secret *private_scalar);
void attest_development_root_id(uint8_t out[COSE_ID_SIZE]);

/* Sign the claims with the platform root and wrap them as a CMW record. */
MUST enum mt_err attest_software_evidence(struct crypto_signer *root, const struct attest_claims *claims, struct builder *out);

/* ---- policy: what a relying party demands ---- */

struct attest_policy {
	char name[ATTEST_NAME_MAX + 1];
	uint8_t level_min;                              /* 1 to 5 */
	uint8_t root[ATTEST_ROOTS_MAX][COSE_ID_SIZE];   /* accepted software roots, ascending. The development root only by its own name */
	size_t root_count;
	struct attest_measurements expected;            /* every measured component must be here, and every one here be measured */
	bool allow_development_root;
	bool allow_unconfined;
	bool allow_in_process;
	bool allow_fast;                                /* fast form of attested TLS */
	uint64_t fast_life_s;                           /* how long a verdict over the fast key is used; default 600 */
};

/* TOML text -> policy. *line is the line of the first fault, 0 when unknown. MT_MALFORMED with a reason in why[128]. */
MUST enum mt_err attest_policy_from_toml(struct box *toml, struct bytes text, struct attest_policy *out, uint32_t *line, char why[128]);
void attest_policy_to_toml(const struct attest_policy *p, struct builder *out);
/* Canonical CBOR (api/mesatee.cddl) and its labelled hash: what a contract names. */
void attest_policy_encode(const struct attest_policy *p, struct builder *out);
void attest_policy_hash(const struct attest_policy *p, uint8_t out[ATTEST_HASH_SIZE]);

/* ---- verdict ---- */

enum attest_result { ATTEST_PASS = 0, ATTEST_FAIL = 1 };
#define ATTEST_PARTS_MAX (ATTEST_MEASUREMENTS_MAX + 16)

/* One check: which part, what it is, what it should be, who vouches for it. */
struct attest_part {
	char name[ATTEST_NAME_MAX + 1];
	enum attest_result result;
	char have[72], want[72];
	const char *vouched_by;
};

struct attest_verdict {
	enum attest_result overall;
	uint8_t level;                          /* computed: 0 when nothing could be established */
	struct attest_part part[ATTEST_PARTS_MAX];
	size_t part_count;
	struct attest_claims claims;            /* as decoded; believed only when overall is ATTEST_PASS */
	uint8_t root[COSE_ID_SIZE];
	uint64_t until_ms;                      /* validity window of this verdict by the caller's clock; 0: this connection only */
};
/* The first part that fell short, or NULL. */
const struct attest_part *attest_verdict_fault(const struct attest_verdict *v);
const char *attest_level_name(uint8_t level);
/* What the level protects against, and what it does not: one sentence each. */
const char *attest_level_protects(uint8_t level);
const char *attest_level_limits(uint8_t level);

/*
 * Appraise. `report_data` is the value that the caller composed itself (never taken from the peer); all zero is refused as absent.
 * MT_OK with a verdict (which may be ATTEST_FAIL), or MT_MALFORMED / MT_TAMPERED / MT_LIMIT / MT_NO_MEMORY when nothing could be judged;
 * out->part then names the reason as well.
 */
MUST enum mt_err attest_appraise(struct box *cbor, struct bytes evidence, const uint8_t report_data[ATTEST_REPORT_DATA_SIZE],
				 uint64_t now_ms, const struct attest_policy *policy, struct attest_verdict *out);

#endif
