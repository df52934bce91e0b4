/*
 * Private to party/client: the object behind api/mesatee.h, and what its files offer each other.
 *
 * A function that can fail has set the object's error and help texts when it returns anything but MESATEE_OK.
 */
#ifndef PARTY_CLIENT_PRIVATE_H
#define PARTY_CLIENT_PRIVATE_H

#include "api/mesatee.h"
#include "api/routes.h"
#include "lib/attest/attest.h"
#include "lib/base/base.h"
#include "lib/box/box.h"
#include "lib/channel/channel.h"
#include "lib/crypto/crypto.h"
#include "lib/dataset/dataset.h"
#include "lib/statement/statement.h"
#include "party/teaclave/teaclave.h"

#define CLIENT_PATH_MAX 1024
#define CLIENT_URL_MAX 256
#define CLIENT_ANSWER_MAX (192 * 1024) /* bytes of any answer that is not streamed to a file */
#define CLIENT_CONNECT_MS 10000
#define CLIENT_ANSWER_MS 60000
#define CLIENT_COMPILE_MS 900000 /* a large module: the node compiles before it answers */
#define CLIENT_REQUEST_LIFE_S 300
#define CLIENT_OUTPUT_KEY_INFO "mesatee-output-key-1"
#define CLIENT_FILE_MAX (1024 * 1024) /* bytes of a policy, receipt, share or key file */
#define CLIENT_MODULE_MAX (256u << 20)
#define NET_OUT_MAX (64 * 1024) /* TLS records that leave in one system call */

struct ssl_ctx_st;
struct ssl_st;

/* One TLS connection (net.c). */
struct net {
	int fd; /* -1: none */
	struct ssl_ctx_st *context;
	struct ssl_st *ssl;
	int timeout_ms; /* for each wait */
	bool streaming; /* an answer before the end of our body ends the sending */
	bool early; /* there is one: read it, then close */
	uint8_t *out; /* owned, NET_OUT_MAX: records that have not left yet */
	size_t out_size;
	uint8_t in[BOX_HTTP_HEAD_MAX]; /* received, not yet consumed */
	size_t in_size;
};

struct petname {
	char name[MESATEE_NAME_SIZE], id[MESATEE_ID_SIZE];
};

struct mesatee {
	char home[CLIENT_PATH_MAX];
	char error[1536], help[512];
	struct box *cbor, *json, *http, *toml;

	struct crypto_signer *signer; /* NULL: no identity loaded */
	uint8_t self[COSE_ID_SIZE];
	char self_text[MESATEE_ID_SIZE];
	struct petname *petname;
	size_t petname_count;
	bool petnames_read;

	bool policy_set;
	struct attest_policy policy;
	uint8_t policy_hash[ATTEST_HASH_SIZE];
	char policy_text[MESATEE_ID_SIZE];

	char url[CLIENT_URL_MAX], host[CLIENT_URL_MAX], port[8];
	struct net net;
	bool connected, proved; /* proved: POST /v1/session was answered on this connection */
	struct channel_binding binding;
	struct channel_core_keys keys; /* attested */
	uint8_t log_id[32], executor[CONTRACT_EXECUTORS][32];
	bool executor_there[CONTRACT_EXECUTORS]; /* by enum contract_executor, as the evidence shows */
	uint8_t level;
	struct statement_head head; /* the largest one seen, verified */
	struct channel_fast_cache fast;
	struct mesatee_verdict verdict;
	bool verdict_set;

	mesatee_progress *progress;
	void *progress_context;
	uint8_t *text; /* the last JSON that was handed out */
};

/* Set both texts and return err. help NULL: none. */
__attribute__((format(printf, 4, 5))) enum mesatee_err client_fail(struct mesatee *m, enum mesatee_err err,
								   const char *help, const char *format, ...);
enum mesatee_err client_no_memory(struct mesatee *m);
/* Text of another side for a terminal: control characters become '?'. */
void client_clean(struct bytes text, char *out, size_t capacity);
void client_step(struct mesatee *m, const char *what, uint64_t done, uint64_t total);
uint64_t client_now_ms(void);
/* 64 digits, or MESATEE_USAGE that names `what`. */
enum mesatee_err client_unhex(struct mesatee *m, const char *what, const char *text, uint8_t out[32]);

/* ---- home.c ---- */

enum mesatee_err home_open(struct mesatee *m, const char *home);
enum mesatee_err home_path(struct mesatee *m, const char *name, char out[CLIENT_PATH_MAX]);
/* A whole regular file, owned by the caller (mt_free). MESATEE_NOT_FOUND when it is missing. */
enum mesatee_err file_read(struct mesatee *m, const char *path, size_t max, uint8_t **out, size_t *size);

/* A file that appears under its name only when it is whole: beside it, fsync, rename, fsync of the folder. */
struct file_out {
	int fd;
	char path[CLIENT_PATH_MAX], temporary[CLIENT_PATH_MAX + 32];
};
enum mesatee_err file_begin(struct mesatee *m, const char *path, unsigned mode, struct file_out *out);
enum mesatee_err file_write(struct mesatee *m, int fd, struct bytes data);
enum mesatee_err file_finish(struct mesatee *m, struct file_out *f);
void file_abort(struct file_out *f); /* after file_finish: nothing */
enum mesatee_err file_put(struct mesatee *m, const char *path, unsigned mode, struct bytes content);
/* An anonymous file on a disk, for ciphertext. */
enum mesatee_err file_anonymous(struct mesatee *m, int *fd);
/* Exactly size bytes at offset. */
enum mesatee_err file_read_at(struct mesatee *m, int fd, uint64_t offset, void *out, size_t size);
/* Serialises what several processes with one home do; closes with home_unlock. */
enum mesatee_err home_lock(struct mesatee *m, int *fd);
void home_unlock(int fd);

/* ---- names.c ---- */

void names_close(struct mesatee *m);
enum mesatee_err names_resolve(struct mesatee *m, const char *who, uint8_t id[COSE_ID_SIZE]);
/* The identity, loaded. */
enum mesatee_err names_need_self(struct mesatee *m);

/* ---- heads.c ---- */

enum mesatee_err heads_load(struct mesatee *m, const uint8_t log_id[32], struct statement_head *out);
/* Keep the larger one of this and the stored one; m->head is that one then. */
enum mesatee_err heads_keep(struct mesatee *m, const struct statement_head *head);
/* MESATEE_NOT_VERIFIED when this url had another log before; remembered when it is new. */
enum mesatee_err known_check(struct mesatee *m);

/* ---- net.c ---- */

enum mesatee_err net_open(struct mesatee *m); /* TCP and TLS to m->host; checks the protocol */
void net_close(struct mesatee *m);
bool net_alive(struct mesatee *m); /* idle and not closed by the peer */
enum mesatee_err net_write(struct mesatee *m, struct bytes data,
			   bool *early); /* early (may be NULL): the peer answers already */
enum mesatee_err net_read(struct mesatee *m, void *out, size_t capacity, size_t *size); /* at least one byte */
enum mesatee_err net_read_all(struct mesatee *m, void *out, size_t size);

/* ---- http.c ---- */

struct answer {
	unsigned status;
	uint64_t size; /* of its body */
	uint64_t left; /* not yet read */
	bool close;
	uint8_t *body; /* owned, when it was read whole; one zero byte follows */
	size_t body_size;
};
void answer_close(struct answer *a);
void http_path(enum route_id route, const char *first, const char *second, char out[REQUEST_ROUTE_MAX + 1]);
/* Send a head; the body (body_size bytes) is the caller's to write. */
enum mesatee_err http_begin(struct mesatee *m, enum route_id route, const char *path, const char *type,
			    uint64_t body_size);
enum mesatee_err http_head(struct mesatee *m, struct answer *out);
enum mesatee_err http_body(struct mesatee *m, struct answer *a, void *out,
			   size_t size); /* exactly size of what is left */
enum mesatee_err http_body_whole(struct mesatee *m, struct answer *a);
/* Anything but a 2xx is an error made of the problem document in its body. */
enum mesatee_err http_judge(struct mesatee *m, const char *what, struct answer *a);
/* GET and judge, the body read whole. */
enum mesatee_err http_get(struct mesatee *m, const char *what, enum route_id route, const char *first,
			  const char *second, struct answer *out);
enum mesatee_err http_json(struct mesatee *m, const struct answer *a, uint8_t **scratch, struct items *out);

/* ---- connect.c ---- */

enum mesatee_err connect_ensure(struct mesatee *m); /* connected and verified */
enum mesatee_err
connect_head(struct mesatee *m); /* fetch the newest head, check that it continues the largest one seen */

/* ---- signed.c ---- */

enum mesatee_err session_ensure(struct mesatee *m); /* connected, verified, and this party proved */
/* A signed request; the answer judged and whole. */
enum mesatee_err signed_post(struct mesatee *m, const char *what, enum route_id route, const char *parameter,
			     struct bytes body, struct answer *out);

/* ---- segments.c ---- */

struct segment {
	uint64_t index;
	struct bytes sealed; /* lent for the call */
	const uint8_t *leaf; /* NULL when the job wants none */
};
/* What is done with each segment, in the caller's thread. *stop: no more of them, and no error. */
typedef enum mesatee_err segment_take(struct mesatee *m, void *context, const struct segment *s, bool *stop);
struct segments_job {
	int plain; /* the file: of header->size bytes, or MESATEE_CONFLICT */
	const struct teaclave_reader *foreign; /* NULL: the file is what it holds */
	const struct dataset_header *header;
	const struct secret *key;
	bool leaves; /* hash what was sealed: costs more than the sealing */
	segment_take *take;
	void *context;
};
/*
 * Every segment, sealed, in order. Threads are started and ended within; memory is bounded whatever the file's size.
 * The same plaintext gives the same bytes at every call with one header and key (lib/dataset).
 */
enum mesatee_err segments_seal(struct mesatee *m, const struct segments_job *job);

/* ---- data.c, output.c ---- */

/* Where a result goes, and in what format. */
struct output_place {
	const char *path;
	const struct mesatee_format *as; /* NULL: as it is */
	struct mesatee_formatted *formatted; /* with `as`; may be NULL */
};
/* The whole ciphertext in fd opens under key and tag: its plaintext to its place. */
enum mesatee_err output_open(struct mesatee *m, int fd, uint64_t size, const struct secret *key, const uint8_t tag[32],
			     const struct output_place *place);
enum mesatee_err data_key_load(struct mesatee *m, const uint8_t tag[32], struct secret *out);
/* What the node has got becomes a dataset of this party. */
enum mesatee_err data_register(struct mesatee *m, const uint8_t tag[32]);
/* An output's tag, size and key, or this party's share of the key. The caller wipes it. */
struct fetch {
	uint8_t tag[32];
	uint64_t size;
	size_t owner_count;
	struct secret key;
};
enum mesatee_err output_key(struct mesatee *m, const char *hash, uint64_t run, const char *output, struct fetch *out);
/* Until the node's transfer of this tag is over (transfer.c). */
enum mesatee_err transfer_wait(struct mesatee *m, const char *what, const char *tag);
/* The key or share into path + ".share". */
enum mesatee_err output_share(struct mesatee *m, const struct fetch *f, const char *path);

/* ---- foreign.c: Teaclave's formats ---- */

/* A file being read or written. Begin in zeros, end with foreign_close(). */
struct foreign {
	struct teaclave_seal how;
	struct secret key;
	char name[CLIENT_PATH_MAX];
	uint8_t cmac[TEACLAVE_CMAC_SIZE];
	int fd;
	struct teaclave_reader *reader;
	struct teaclave_writer *writer;
};
/* fd is borrowed. Afterwards f->reader gives what the file holds. */
enum mesatee_err foreign_read_open(struct mesatee *m, const struct mesatee_format *from, const char *path, int fd,
				   uint64_t size, struct foreign *f);
/* Into fd, which is borrowed, what will be `size` bytes. */
enum mesatee_err foreign_write_open(struct mesatee *m, const struct mesatee_format *as, const char *path, int fd,
				    uint64_t size, struct foreign *f);
enum mesatee_err foreign_write(struct mesatee *m, struct foreign *f, struct bytes plain);
enum mesatee_err foreign_write_finish(struct mesatee *m, struct foreign *f, struct mesatee_formatted *out);
void foreign_close(struct foreign *f);

/* ---- contract.c ---- */

struct mesatee_contract {
	struct contract contract;
	struct mesatee_terms terms;
	char hash[MESATEE_ID_SIZE];
	char *strings; /* what terms point to */
};
MUST enum mt_err contract_view(struct box *cbor, struct bytes wire, struct mesatee_contract **out);

/* ---- judge.c, verify.c: pure ---- */

/* Does `now` continue `seen`? `proof` is for sizes seen -> now. MT_TAMPERED: it does not. */
MUST enum mt_err judge_head(const struct statement_head *seen, const struct statement_head *now, struct bytes proof);

struct approval_facts {
	const uint8_t *self, *log_id, *policy_hash;
	const uint8_t *executor; /* the attested one that the contract names; NULL: the node has none */
	unsigned level;
};
/* NULL when this contract may be approved, else why not; *help what to do. */
const char *judge_contract(const struct contract *c, const struct approval_facts *f, const char **help);

struct share {
	uint8_t tag[32];
	uint64_t size;
	size_t owner_count;
	struct secret key;
};
void share_encode(const struct share *s, struct builder *out);
MUST enum mt_err share_decode(struct bytes text, struct share *out);
/* All shares of one output, each once. NULL and the key, or why not. */
const char *judge_shares(const struct share *shares, size_t count, struct secret *key);

/* Every check of a receipt file; out->passed is the sum. MT_OK, or MT_NO_MEMORY when nothing could be judged. */
MUST enum mt_err verify_receipt(struct box *cbor, const struct attest_policy *policy, struct bytes file,
				struct mesatee_receipt *out);

#endif
