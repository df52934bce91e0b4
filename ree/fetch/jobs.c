#include "ree/fetch/jobs.h"

#include "port/linux/linux.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

uint64_t jobs_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* ---- messages ---- */

MUST enum mt_err order_decode(struct bytes message, struct order *out)
{
	struct cursor c = cursor_over(message);
	uint8_t type = cursor_u8(&c);
	struct order o = { .gives = type == FETCH_GIVE, .number = cursor_u32(&c), .size = cursor_u64(&c) };

	o.url = cursor_take(&c, cursor_left(&c));
	if (!cursor_done(&c) || (type != FETCH_TAKE && type != FETCH_GIVE) || o.number == 0 || o.size > REE_BLOB_SIZE_MAX ||
	    o.url.size == 0 || o.url.size > REE_URL_MAX) {
		return MT_MALFORMED;
	}
	*out = o; /* borrows from the message */
	return MT_OK;
}

static void tell(int socket, const struct builder *b)
{
	struct bytes body;

	/* A supplicant that is gone shows itself on the reading side. */
	if (builder_done(b, &body) == MT_OK) {
		(void)!message_send_wait(socket, body, NULL, 0);
	}
}

static void tell_at(struct job *job, uint64_t now_ms)
{
	uint8_t space[16];
	struct builder b = builder_over(space, sizeof(space));

	if (now_ms < job->told_ms + JOB_TELL_MS) {
		return;
	}
	job->told_ms = now_ms;
	builder_u8(&b, FETCH_AT);
	builder_u32(&b, job->number);
	builder_u64(&b, job->at);
	tell(job->jobs->socket, &b);
}

/* ---- a job's life ---- */

void job_end(struct job *job, enum fetch_outcome outcome)
{
	uint8_t space[16];
	struct builder b = builder_over(space, sizeof(space));

	web_drop(job);
	if (outcome == FETCH_DONE && !job->gives && fdatasync(job->file) != 0) {
		outcome = FETCH_DISK;
	}
	builder_u8(&b, FETCH_ENDED);
	builder_u32(&b, job->number);
	builder_u8(&b, (uint8_t)outcome);
	builder_u16(&b, outcome == FETCH_DONE ? 0 : job->status);
	if (job->from >= 0) {
		close(job->from);
	}
	close(job->file);
	tell(job->jobs->socket, &b);
	mt_wipe(job, sizeof(*job)); /* the URL may be a secret */
}

MUST bool job_moved(struct job *job, size_t size, uint64_t now_ms)
{
	job->at += size;
	if (job->at > job->best) {
		job->best = job->at;
		job->moved_ms = now_ms;
		job->attempts = 0;
	}
	if (!job->gives && job->at >= job->synced + JOB_SYNC_SIZE) {
		job->synced = job->at;
		if (fdatasync(job->file) != 0) {
			job->verdict = FETCH_DISK;
			return false;
		}
	}
	return true;
}

MUST bool job_take(struct job *job, struct bytes come, uint64_t now_ms)
{
	if (come.size > job->size - job->at) {
		job->verdict = FETCH_SIZE;
		return false;
	}
	if (pwrite(job->file, come.at, come.size, (off_t)job->at) != (ssize_t)come.size) {
		job->verdict = FETCH_DISK;
		return false;
	}
	return job_moved(job, come.size, now_ms);
}

MUST bool job_may_reach(struct job *job, const struct sockaddr *address, size_t size)
{
	bool may = job->jobs->private_too || address_public(address, size);

	job->refused |= !may;
	return may;
}

static void job_connect(struct job *job)
{
	job->kind = JOB_WEB;
	job->began = job->at = job->gives ? 0 : job->at;
	job->refused = false;
	job->body = 0;
	if (!web_begin(job)) {
		job_end(job, FETCH_GAVE_UP);
	}
}

void job_again(struct job *job, uint64_t now_ms)
{
	uint64_t pause = (uint64_t)JOB_PAUSE_MS << (job->attempts < 8 ? job->attempts : 8);

	web_drop(job);
	job->attempts++;
	job->kind = JOB_PAUSE;
	job->again_ms = now_ms + (pause < JOB_PAUSE_MAX_MS ? pause : JOB_PAUSE_MAX_MS);
	if (job->again_ms > job->moved_ms + JOB_PATIENCE_MS) {
		job_end(job, FETCH_GAVE_UP);
	}
}

static bool scheme_is(const char *url, const char *scheme)
{
	return strncasecmp(url, scheme, strlen(scheme)) == 0;
}

void job_begin(struct jobs *s, const struct order *order, int take_file, uint64_t now_ms)
{
	struct job *job = s->job;

	while (job < s->job + REE_TRANSFERS_MAX && job->kind != JOB_FREE) {
		job++;
	}
	if (job == s->job + REE_TRANSFERS_MAX) {
		close(take_file); /* the supplicant counts as we do; it hears nothing of what it should not have sent */
		return;
	}
	*job = (struct job){ .kind = JOB_FOLDER, .jobs = s, .number = order->number, .gives = order->gives, .file = take_file,
			     .from = -1, .size = order->size, .moved_ms = now_ms };
	job->end_ms = now_ms + JOB_START_MS + order->size / JOB_BYTES_PER_MS;
	memcpy(job->url, order->url.at, order->url.size);
	if (memchr(order->url.at, 0, order->url.size)) {
		job_end(job, FETCH_URL);
	} else if (scheme_is(job->url, "file:")) {
		enum fetch_outcome why = folder_open(job);

		if (why != FETCH_DONE || job->size == 0) {
			job_end(job, why);
		}
	} else if (!scheme_is(job->url, "http://") && !scheme_is(job->url, "https://")) {
		job_end(job, FETCH_URL);
	} else if (!s->network) {
		job_end(job, FETCH_NO_NETWORK);
	} else {
		job_connect(job);
	}
}

void job_turn(struct job *job, uint64_t now_ms)
{
	if (job->kind == JOB_FREE) {
		return;
	}
	tell_at(job, now_ms);
	if (now_ms >= job->end_ms || now_ms >= job->moved_ms + JOB_PATIENCE_MS) {
		job_end(job, FETCH_GAVE_UP);
	} else if (job->kind == JOB_FOLDER) {
		folder_turn(job, now_ms);
	} else if (job->kind == JOB_PAUSE && now_ms >= job->again_ms) {
		job_connect(job);
	}
}

int jobs_wait_ms(const struct jobs *s, uint64_t now_ms)
{
	uint64_t wait = UINT64_MAX;

	for (size_t i = 0; i < REE_TRANSFERS_MAX; i++) {
		const struct job *job = &s->job[i];
		uint64_t its = job->kind == JOB_FREE   ? UINT64_MAX
			       : job->kind == JOB_FOLDER ? 0
			       : job->kind == JOB_PAUSE && job->again_ms < now_ms + JOB_TELL_MS
				       ? (job->again_ms > now_ms ? job->again_ms - now_ms : 0)
				       : JOB_TELL_MS;

		wait = its < wait ? its : wait;
	}
	return wait == UINT64_MAX ? -1 : (int)wait;
}
