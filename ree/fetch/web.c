/* http and https, by libcurl: it parses URLs, answers and certificates, and nobody else does. */
#include "ree/fetch/jobs.h"

#include "port/linux/linux.h"

#include <curl/curl.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ANSWER_MAX (64 * 1024) /* bytes of an answer that says no more than its status */

MUST bool web_open(struct jobs *s)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		return false;
	}
	s->multi = curl_multi_init();
	return s->multi != NULL;
}

/* ---- what libcurl asks ---- */

/* The address that is connected to, after names and redirects. */
static curl_socket_t socket_open(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct job *job = context;

	if (purpose != CURLSOCKTYPE_IPCXN || !job_may_reach(job, &address->addr, address->addrlen)) {
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static long status_of(const struct job *job)
{
	long status = 0;

	(void)curl_easy_getinfo(job->easy, CURLINFO_RESPONSE_CODE, &status);
	return status;
}

/* Does the head of this answer promise what was declared? What says nothing is counted as it comes. */
static bool length_fits(const struct job *job)
{
	curl_off_t length = -1;

	(void)curl_easy_getinfo(job->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
	return length < 0 || (uint64_t)length == job->size - job->began;
}

/* Less than `size` back ends the transfer; the verdict says why. */
static size_t body_take(char *at, size_t one, size_t size, void *context)
{
	struct job *job = context;
	long status = status_of(job);

	(void)one;
	if (job->gives || (status != 200 && status != 206)) {
		job->body += size;
		return job->body <= ANSWER_MAX ? size : 0;
	}
	if (!length_fits(job)) {
		job->verdict = FETCH_SIZE;
		return 0;
	}
	return job_take(job, mt_bytes(at, size), jobs_now_ms()) ? size : 0;
}

static size_t body_give(char *to, size_t one, size_t count, void *context)
{
	struct job *job = context;
	size_t room = one * count;
	uint64_t left = job->size - job->at;
	ssize_t n = pread(job->file, to, left < room ? (size_t)left : room, (off_t)job->at);

	if (n < 0 || (n == 0 && left) || !job_moved(job, (size_t)n, jobs_now_ms())) {
		job->verdict = FETCH_DISK;
		return CURL_READFUNC_ABORT;
	}
	return (size_t)n;
}

static int body_seek(void *context, curl_off_t offset, int origin)
{
	struct job *job = context;

	if (origin != SEEK_SET || offset < 0 || (uint64_t)offset > job->size) {
		return CURL_SEEKFUNC_FAIL;
	}
	job->at = (uint64_t)offset;
	return CURL_SEEKFUNC_OK;
}

/* ---- one attempt ---- */

/* Whatever libcurl would do besides, from its environment or by its defaults, is off. A macro: values are of many types. */
static bool options_set(CURL *easy, struct job *job)
{
	bool secure = strncasecmp(job->url, "https:", 6) == 0;
	CURLcode bad = CURLE_OK;
#define SET(option, value) bad = bad ? bad : curl_easy_setopt(easy, CURLOPT_##option, value)
	SET(URL, job->url);
	SET(PRIVATE, job);
	SET(PROTOCOLS_STR, "http,https");
	SET(REDIR_PROTOCOLS_STR, secure ? "https" : "http,https");
	SET(FOLLOWLOCATION, job->gives ? 0L : 1L); /* a PUT would become a GET by some of them */
	SET(MAXREDIRS, (long)JOB_REDIRECTS_MAX);
	SET(PROXY, "");
	SET(HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CAINFO, FETCH_AUTHORITIES);
	SET(CAPATH, NULL);
	SET(NOSIGNAL, 1L);
	SET(NETRC, (long)CURL_NETRC_IGNORED);
	SET(FRESH_CONNECT, 1L); /* no connection serves two parties */
	SET(FORBID_REUSE, 1L);
	SET(DNS_CACHE_TIMEOUT, 0L);
	SET(USERAGENT, "mesatee");
	SET(CONNECTTIMEOUT_MS, (long)JOB_CONNECT_MS);
	SET(LOW_SPEED_LIMIT, 1L);
	SET(LOW_SPEED_TIME, (long)JOB_STALL_S);
	SET(OPENSOCKETFUNCTION, socket_open);
	SET(OPENSOCKETDATA, job);
	SET(WRITEFUNCTION, body_take);
	SET(WRITEDATA, job);
	if (job->gives) {
		SET(UPLOAD, 1L);
		SET(INFILESIZE_LARGE, (curl_off_t)job->size);
		SET(READFUNCTION, body_give);
		SET(READDATA, job);
		SET(SEEKFUNCTION, body_seek);
		SET(SEEKDATA, job);
	} else {
		SET(RESUME_FROM_LARGE, (curl_off_t)job->at);
	}
#undef SET
	return bad == CURLE_OK;
}

MUST bool web_begin(struct job *job)
{
	CURL *easy = curl_easy_init();

	if (!easy || !options_set(easy, job) || curl_multi_add_handle(job->jobs->multi, easy) != CURLM_OK) {
		curl_easy_cleanup(easy);
		return false;
	}
	job->easy = easy;
	return true;
}

void web_drop(struct job *job)
{
	if (job->easy) {
		(void)curl_multi_remove_handle(job->jobs->multi, job->easy);
		curl_easy_cleanup(job->easy);
		job->easy = NULL;
	}
}

/* ---- its end ---- */

/* FETCH_GAVE_UP: try again. */
static enum fetch_outcome status_judge(const struct job *job)
{
	switch (job->status) {
	case 401:
	case 403:
		return FETCH_FORBIDDEN;
	case 404:
	case 410:
		return FETCH_NOTHING;
	case 416:
		return FETCH_SIZE; /* there is no such range: it is shorter than was said */
	case 408:
	case 425:
	case 429:
		return FETCH_GAVE_UP;
	default:
		return job->status >= 500 ? FETCH_GAVE_UP : job->status / 100 == 3 ? FETCH_REDIRECTS : FETCH_STATUS;
	}
}

/* The exchange ended well, as HTTP. */
static enum fetch_outcome answer_judge(const struct job *job)
{
	curl_off_t length = -1;

	if (job->gives && job->status / 100 == 2) {
		return job->at == job->size ? FETCH_DONE : FETCH_GAVE_UP; /* it did not wait for the whole */
	}
	if (job->status != 200 && job->status != 206) {
		return status_judge(job);
	}
	if (job->at == job->size) {
		return FETCH_DONE;
	}
	/* Shorter than declared: so it is, if a length said so; without one the connection may have broken. */
	(void)curl_easy_getinfo(job->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
	return length < 0 ? FETCH_GAVE_UP : FETCH_SIZE;
}

static enum fetch_outcome code_judge(const struct job *job, CURLcode code)
{
	switch (code) {
	case CURLE_OK:
	case CURLE_WRITE_ERROR: /* enough of an answer that says no more than its status */
		return answer_judge(job);
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
		/* Of our own URL, or of where a redirect leads. */
		return job->status ? FETCH_REDIRECTS : FETCH_URL;
	case CURLE_TOO_MANY_REDIRECTS:
		return FETCH_REDIRECTS;
	case CURLE_COULDNT_RESOLVE_HOST:
		return job->attempts < 2 ? FETCH_GAVE_UP : FETCH_RESOLVE;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
		return FETCH_TLS;
	default:
		return job->refused ? FETCH_PRIVATE : FETCH_GAVE_UP;
	}
}

static void attempt_ended(struct job *job, CURLcode code)
{
	uint64_t now_ms = jobs_now_ms();

	job->status = (uint16_t)status_of(job);
	if (job->verdict) {
		job_end(job, (enum fetch_outcome)job->verdict);
		return;
	}
	if (code == CURLE_RANGE_ERROR) {
		job->at = job->synced = 0; /* it gives no part: from the beginning */
		job_again(job, now_ms);
		return;
	}
	/* All of it is here: how the connection ended does not matter. */
	bool whole = !job->gives && job->at == job->size && (job->status == 200 || job->status == 206);
	enum fetch_outcome outcome = whole ? FETCH_DONE : code_judge(job, code);

	if (outcome == FETCH_GAVE_UP) {
		job_again(job, now_ms);
	} else {
		job_end(job, outcome);
	}
}

void web_turn(struct jobs *s, int wait_ms)
{
	struct curl_waitfd supplicant = { .fd = s->socket, .events = CURL_WAIT_POLLIN };
	int running = 0, left = 0;
	CURLMsg *m;

	(void)curl_multi_poll(s->multi, &supplicant, 1, wait_ms < 0 ? 1000 : wait_ms, NULL);
	(void)curl_multi_perform(s->multi, &running);
	while ((m = curl_multi_info_read(s->multi, &left))) {
		struct job *job = NULL;
		CURLcode code = m->data.result;

		if (m->msg == CURLMSG_DONE && curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &job) == CURLE_OK && job) {
			attempt_ended(job, code);
		}
	}
}
