/* Shared by the files of this room only. */
#ifndef MT_CORE_PRIVATE_H
#define MT_CORE_PRIVATE_H

#include "api/node.h"
#include "api/routes.h"
#include "lib/attest/attest.h"
#include "lib/channel/channel.h"
#include "lib/seal/seal.h"
#include "lib/statement/statement.h"
#include "service/core/core.h"
#include "service/ledger/ledger.h"
#include "service/ree/ree.h"
#include "service/task/task.h"
#include "service/tee/tee.h"

#ifndef MESATEE_VERSION
#define MESATEE_VERSION "0.1.0"
#endif
#define CORE_ANSWER_MAX (100 * 1024)
#define CORE_STAGED_MAX 512
#define CORE_WAITERS_MAX NODE_CONNECTIONS_MAX   /* a connection has one request at a time */
#define CORE_WAIT_MS 1000               /* then it is answered as it is, so that nobody waits for a node that forgot him */
#define CORE_TRANSFERS_MAX 512          /* under way, or ended while their request has not expired */
#define CORE_TRANSFERS_PARTY 32         /* of them of one party */
#define CORE_TRANSFERS_RUNNING_PARTY 2
#define CORE_LOOKS_MAX 64               /* questions how far one is, at the same time */
#define CORE_TEE_KEYS_SIZE 4096           /* bytes of the keys that sign trusted applications: the configuration has no more */
#define CORE_SMALL_READS_MAX 64         /* outputs read back from the log at the same time */

_Static_assert(CORE_WRITES_MAX <= TASK_IN_FLIGHT_MAX, "the fold has room for every write in flight");

/* What core knows of one connection of the gateway. */
struct connection {
	bool used, party_known;
	uint32_t connection;
	struct channel_binding binding;
	uint8_t party[COSE_ID_SIZE];
};

/* The node's configuration (api/mesatee.cddl): what the operator decides, measured with the images. */
struct core_configuration {
	struct task_admission admission;
	char name[STATEMENT_NAME_MAX + 1];
	bool tee_debug;
	struct image_trust tee_trust;           /* into tee_key */
	uint8_t tee_key[CORE_TEE_KEYS_SIZE];
};

/* A request from the gateway, decoded. Borrows from the event. */
struct core_request {
	uint32_t connection, request;
	enum route_id route;
	bool attested;
	struct bytes parameter[ROUTE_PARAMETERS_MAX];
	size_t parameter_count;
	uint64_t size;
	struct bytes body;
	struct connection *session;        /* NULL without exchange */
};

/* A signed request between acceptance and answer. */
struct write {
	struct core *core;
	bool used;
	uint32_t connection, request;
	enum route_id route;
	uint8_t key[32];                /* the object it touches: no second write on it meanwhile */
	uint8_t signer[COSE_ID_SIZE], nonce[STATEMENT_NONCE_SIZE];
	uint8_t *cose, *body;           /* owned copies: the signed request, and what it carries */
	size_t cose_size, body_size;
	uint64_t run;
	uint32_t inputs;
	char name[STATEMENT_NAME_MAX + 1];
};

/* Somebody waits for entries up to `index` to be on disk. */
struct staged {
	uint64_t index;
	task_staged *done;
	void *context;
};

struct deferred {
	uint8_t *body;                  /* owned copy of a NODE_REQUEST */
	size_t size;
};

/* A small output on its way back from the log's file. */
struct small_read {
	struct core *core;              /* NULL: free */
	uint32_t connection, request;
	struct task_output_place place;
};

/* What the fetcher moves for a party, or has moved. */
struct transfer {
	struct core *core;
	uint32_t number;                /* 0: free */
	uint8_t party[COSE_ID_SIZE], tag[32], nonce[STATEMENT_NONCE_SIZE];
	uint64_t expiry, size;          /* expiry: of the request, Unix seconds */
	bool ended;
	uint8_t outcome;                /* enum fetch_outcome */
	uint16_t status;
	struct task_output_place place;
	struct write *write;            /* while a small output is read back; the write is its own owner */
};
struct transfer_look {
	struct core *core;              /* NULL: free */
	uint32_t connection, request;
	uint8_t party[COSE_ID_SIZE], tag[32];
};

/* A party that waits for the end of a run. */
struct waiter {
	uint32_t connection, request;
	uint8_t party[COSE_ID_SIZE], hash[32];
	uint64_t run, until_ms;         /* 0: free */
};

enum core_phase { CORE_STARTING, CORE_SERVING, CORE_STOPPING, CORE_STOPPED };

struct core {
	const struct port_facts *facts;
	const struct port *port;
	enum core_phase phase;
	char fault[256];
	uint64_t now_ms, monotonic_ms, started_ms;

	struct box *cbor;
	struct core_configuration configuration;
	uint8_t configuration_hash[32], measurement_hash[32], executor_space[CONTRACT_EXECUTORS][32];
	const uint8_t *executor_hash[CONTRACT_EXECUTORS];       /* by enum contract_executor; NULL: this node has none */
	struct attest_measurements measurements;
	struct seal_root root;
	struct crypto_signer *platform, *fast;
	struct channel_core_keys keys;
	uint8_t level;
	uint8_t receipt_evidence[ATTEST_EVIDENCE_MAX];
	size_t receipt_evidence_size;

	struct ree *ree;
	struct ledger *ledger;
	struct task_state *tasks;
	struct task_driver *driver;
	struct tee *tee;

	struct connection session[NODE_CONNECTIONS_MAX];
	struct write write[CORE_WRITES_MAX];
	struct waiter waiter[CORE_WAITERS_MAX];
	struct small_read small[CORE_SMALL_READS_MAX];
	struct transfer transfer[CORE_TRANSFERS_MAX];
	struct transfer_look look[CORE_LOOKS_MAX];
	uint32_t next_transfer;
	struct deferred deferred[CORE_DEFERRED_MAX];
	size_t deferred_count;
	struct staged staged[CORE_STAGED_MAX];
	size_t staged_count;
	bool batch_in_flight;
	uint8_t expiring[32];           /* contract whose expiry is being entered; zero: none */
	bool expiry_in_flight;

	/* start */
	uint64_t replay_offset;
	bool log_seen;                  /* the file had something in it */
	uint8_t instance[LEDGER_INSTANCE_SIZE];
	uint8_t answer[CORE_ANSWER_MAX];        /* scratch for one answer */
	uint8_t message[PORT_MESSAGE_MAX];
};

/* core.c */
__attribute__((format(printf, 2, 3)))
void core_fail(struct core *c, const char *format, ...);
void core_dispatch(struct core *c, struct bytes message);
void core_redispatch(struct core *c);           /* deferred requests, after a commit */

/* start.c */
void core_start(struct core *c);
MUST enum mt_err core_configuration_decode(struct box *cbor, struct bytes wire, struct core_configuration *out);

/* batch.c */
MUST enum mt_err core_stage(void *self, const struct entry *entries, size_t count, task_staged *done, void *context);
void core_flush(struct core *c);
void core_expire(void *self, const uint8_t hash[32]);

/* answer.c */
void core_answer(struct core *c, uint32_t connection, uint32_t request, unsigned status, enum node_body kind, struct bytes body);
void core_problem(struct core *c, uint32_t connection, uint32_t request, enum mt_err err, const char *why);
void core_stream(struct core *c, const struct core_request *q, enum ree_space space, const uint8_t name[32]);
void core_accept_upload(struct core *c, const struct core_request *q, const uint8_t name[32]);

/* connection.c */
struct connection *connection_find(struct core *c, uint32_t connection);
void connection_hello(struct core *c, struct cursor *m);
void connection_closed(struct core *c, uint32_t connection);
void connection_prove(struct core *c, const struct core_request *q);
MUST enum mt_err core_evidence(struct core *c, const uint8_t report_data[ATTEST_REPORT_DATA_SIZE], struct builder *out);

/* read.c */
void core_read(struct core *c, const struct core_request *q);
/* A small output, from the log's file: read, then open. *out is in core's scratch for answers. */
MUST enum mt_err core_output_read(void *self, const struct task_output_place *place, ree_done *done, void *context);
MUST enum mt_err core_output_open(void *self, const struct task_output_place *place, struct bytes wire, struct bytes *out);
/* Answer those whose run is over or whose time is; call when a batch is on disk and on every tick. */
void core_waiters(struct core *c);

/* transfer.c: takes w, as write_handle() does; the object (w->key) is the content tag */
void write_data_fetch(struct write *w, const struct task_request *q);
void write_output_send(struct write *w, const struct task_request *q);
void read_transfer(struct core *c, const struct core_request *q);

/* write.c: `message` is the whole NODE_REQUEST, for deferral */
void core_write(struct core *c, const struct core_request *q, struct bytes message);
bool core_busy(const struct core *c, const uint8_t key[32]);

/* write_steps.c: what each signed route does once the request is authentic; takes w, and answers through it */
void write_handle(struct write *w, const struct task_request *q, const uint8_t hash[32]);
void write_refuse(struct write *w, enum mt_err err, const char *why);
void write_free(struct write *w);

#endif
