/*
 * What is under way: one row for each order of the supplicant, moved by web.c or folder.c, ended here.
 * Private to the fetcher. Class U. One thread; libcurl starts others to resolve names.
 */
#ifndef MT_REE_FETCH_JOBS_H
#define MT_REE_FETCH_JOBS_H

#include "api/fetch.h"
#include "api/ree.h"
#include "lib/base/base.h"

/* Without a byte of progress for so long, through all attempts, a transfer ends. */
#define JOB_PATIENCE_MS 60000
/* A connection without a byte for so long is tried again. */
#define JOB_STALL_S 10
#define JOB_CONNECT_MS 10000
/* Between attempts: doubled each time, up to the second. */
#define JOB_PAUSE_MS 500
#define JOB_PAUSE_MAX_MS 8000
/* Who is slower than this as a whole, after a start of ten minutes, keeps a place that others need. */
#define JOB_START_MS (10 * 60 * UINT64_C(1000))
#define JOB_BYTES_PER_MS 64
#define JOB_SYNC_SIZE (16u << 20) /* as the gateway's uploads: what a disk takes in 5 to 150 ms */
#define JOB_TELL_MS 200
#define JOB_REDIRECTS_MAX 5

enum job_kind {
	JOB_FREE,
	JOB_WEB, /* a connection */
	JOB_PAUSE, /* until the next attempt */
	JOB_FOLDER, /* a file of the operator's */
};

struct job {
	enum job_kind kind;
	struct jobs *jobs;
	uint32_t number;
	bool gives; /* sends what is in `file`, else fills it */
	int file; /* owned */
	int from; /* owned: a file of the folder; -1 */
	uint64_t size, at; /* at: bytes that this attempt, and those it goes on from, have moved */
	uint64_t began; /* `at` when this attempt began */
	uint64_t best; /* the most so far: what is moved again is no progress */
	uint64_t synced, body; /* body: bytes of answers that are thrown away */
	uint64_t moved_ms, end_ms, again_ms, told_ms;
	unsigned attempts; /* in a row without progress */
	uint8_t verdict; /* enum fetch_outcome, set where a callback has found one */
	bool refused; /* an address was */
	uint16_t status;
	void *easy; /* libcurl's */
	char url[REE_URL_MAX + 1];
};

struct jobs {
	bool network, private_too, folder;
	int socket; /* to the supplicant */
	void *multi; /* libcurl's */
	struct job job[REE_TRANSFERS_MAX];
};

struct order {
	bool gives;
	uint32_t number;
	uint64_t size;
	struct bytes url;
};
/* A message of the supplicant. MT_MALFORMED. */
MUST enum mt_err order_decode(struct bytes message, struct order *out);

/* Begin, or end it at once. Takes the file. */
void job_begin(struct jobs *s, const struct order *order, int take_file, uint64_t now_ms);
/* It is over: what was taken is synced, the supplicant is told. */
void job_end(struct job *job, enum fetch_outcome outcome);
/* Bytes that have come, into the file. False: more than was declared, or the disk does not take them; the verdict says so. */
MUST bool job_take(struct job *job, struct bytes come, uint64_t now_ms);
/* May this be connected to? The one place where that is decided. False: job->refused. */
struct sockaddr;
MUST bool job_may_reach(struct job *job, const struct sockaddr *address, size_t size);
/* `size` more bytes have come or gone. False: they do not reach the disk; the job's verdict says so. */
MUST bool job_moved(struct job *job, size_t size, uint64_t now_ms);
/* This attempt has failed: another one later, or the end. */
void job_again(struct job *job, uint64_t now_ms);
/* What time brings: the next attempt, a piece of a file, the end of patience, a word to the supplicant. */
void job_turn(struct job *job, uint64_t now_ms);
/* Until something may have to be done. */
int jobs_wait_ms(const struct jobs *s, uint64_t now_ms);
uint64_t jobs_now_ms(void);

/* ---- web.c ---- */

MUST bool web_open(struct jobs *s);
/* False: there is no memory for it. */
MUST bool web_begin(struct job *job);
void web_drop(struct job *job);
/* Wait for connections and the supplicant, then move what can be moved. */
void web_turn(struct jobs *s, int wait_ms);

/* ---- folder.c ---- */

/* "file:NAME". FETCH_DONE, with job->from open, or why not. */
enum fetch_outcome folder_open(struct job *job);
/* One piece. */
void folder_turn(struct job *job, uint64_t now_ms);
/* A name that stays inside by its looks: relative, no empty, "." or ".." part. */
bool folder_name_ok(const char *name);

/* ---- address.c ---- */

/* An address of the Internet that is one machine's: not of this machine, a private network, a group or nobody. */
bool address_public(const struct sockaddr *address, size_t size);

#endif
