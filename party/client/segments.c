/* The segments of a file, sealed by several threads and given in order: they are independent of one another. */
#include "party/client/client_private.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

/*
 * Sealing and hashing a segment takes longer than reading it or handing it on: with four threads one that
 * only hands on is the slowest of all.
 */
#define THREADS_MAX 4
#define SLOTS_MAX (THREADS_MAX + 2) /* one being handed on, one waiting: all that is held of a file, 6 MiB */

enum slot_result { SLOT_GOOD, SLOT_SHORT, SLOT_IO, SLOT_TAMPERED };
_Static_assert(TEACLAVE_PART_SIZE == DATASET_SEGMENT_SIZE, "a part of a foreign file is a segment");

struct slot {
	uint8_t *space;
	size_t size;
	uint8_t leaf[LOG_HASH_SIZE];
	enum slot_result result;
	bool done; /* lock */
};

struct crew {
	const struct segments_job *job;
	uint64_t count;
	pthread_mutex_t lock; /* protects what names it */
	pthread_cond_t room, ready;
	uint64_t next; /* lock: the segment that a thread takes up next */
	uint64_t given; /* lock: segments before this one were handed on */
	bool stop; /* lock */
	size_t slot_count, thread_count;
	struct slot
		slot[SLOTS_MAX]; /* segment i lies in slot i % slot_count; its thread's until done, then the caller's */
	struct worker {
		struct crew *crew;
		struct dataset_sealer *sealer;
		pthread_t thread;
	} worker[THREADS_MAX];
};

static enum slot_result segment_read(int fd, uint64_t offset, uint8_t *out, size_t size)
{
	for (size_t done = 0; done < size;) {
		ssize_t n = pread(fd, out + done, size - done, (off_t)(offset + done));
		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			return n < 0 ? SLOT_IO : SLOT_SHORT;
		}
		done += (size_t)n;
	}
	return SLOT_GOOD;
}

static enum slot_result foreign_read(const struct teaclave_reader *r, uint64_t index, uint8_t *out)
{
	enum mt_err err = teaclave_reader_part(r, index, out);

	return err == MT_TAMPERED ? SLOT_TAMPERED : err ? SLOT_IO : SLOT_GOOD;
}

/* In place: what is sealed cannot change under the cipher, whatever happens to the file. */
static void slot_fill(const struct segments_job *job, struct dataset_sealer *sealer, uint64_t index, struct slot *s)
{
	size_t size = dataset_segment_plain_size(job->header, index);

	s->result = job->foreign ? foreign_read(job->foreign, index, s->space)
				 : segment_read(job->plain, index * DATASET_SEGMENT_SIZE, s->space, size);
	if (s->result) {
		return;
	}
	enum mt_err bad = dataset_sealer_segment(sealer, index, mt_bytes(s->space, size), s->space);
	mt_assert(!bad);
	s->size = size + CRYPTO_TAG_SIZE;
	if (job->leaves) {
		dataset_segment_leaf(mt_bytes(s->space, s->size), s->leaf);
	}
}

static enum mesatee_err slot_give(struct mesatee *m, const struct segments_job *job, uint64_t index,
				  const struct slot *s, bool *stop)
{
	if (s->result == SLOT_SHORT) {
		return client_fail(m, MESATEE_CONFLICT, "put it when nothing writes to it",
				   "the file became shorter meanwhile");
	}
	if (s->result == SLOT_TAMPERED) {
		return client_fail(m, MESATEE_NOT_VERIFIED, "get the file again from where it was written",
				   "the file is damaged, or was changed meanwhile");
	}
	if (s->result) {
		return client_fail(m, MESATEE_FAILED, NULL, "the file cannot be read");
	}
	struct segment given = { .index = index,
				 .sealed = mt_bytes(s->space, s->size),
				 .leaf = job->leaves ? s->leaf : NULL };
	return job->take(m, job->context, &given, stop);
}

/* ---- the threads ---- */

static void *worker_run(void *context)
{
	struct worker *w = context;
	struct crew *c = w->crew;

	(void)pthread_mutex_lock(&c->lock);
	for (;;) {
		while (!c->stop && c->next < c->count && c->next - c->given >= c->slot_count) {
			(void)pthread_cond_wait(&c->room, &c->lock);
		}
		if (c->stop || c->next == c->count) {
			break;
		}
		uint64_t index = c->next++;
		struct slot *s = &c->slot[index % c->slot_count];
		(void)pthread_mutex_unlock(&c->lock);
		slot_fill(c->job, w->sealer, index, s);
		(void)pthread_mutex_lock(&c->lock);
		s->done = true;
		(void)pthread_cond_signal(&c->ready);
	}
	(void)pthread_mutex_unlock(&c->lock);
	return NULL;
}

/* Signals stay with the program's own threads. Fewer threads than wanted do the same work. */
static size_t crew_start(struct crew *c)
{
	sigset_t all, before;
	size_t started = 0;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	while (started < c->thread_count &&
	       pthread_create(&c->worker[started].thread, NULL, worker_run, &c->worker[started]) == 0) {
		started++;
	}
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return started;
}

static void crew_join(struct crew *c, size_t started)
{
	(void)pthread_mutex_lock(&c->lock);
	c->stop = true;
	(void)pthread_cond_broadcast(&c->room);
	(void)pthread_mutex_unlock(&c->lock);
	for (size_t i = 0; i < started; i++) {
		(void)pthread_join(c->worker[i].thread, NULL);
	}
}

static enum mesatee_err crew_give(struct mesatee *m, struct crew *c)
{
	enum mesatee_err err = MESATEE_OK;
	bool stop = false;

	for (uint64_t i = 0; !err && !stop && i < c->count; i++) {
		struct slot *s = &c->slot[i % c->slot_count];
		(void)pthread_mutex_lock(&c->lock);
		while (!s->done) {
			(void)pthread_cond_wait(&c->ready, &c->lock);
		}
		(void)pthread_mutex_unlock(&c->lock);
		err = slot_give(m, c->job, i, s, &stop);
		(void)pthread_mutex_lock(&c->lock);
		s->done = false;
		c->given++;
		(void)pthread_cond_signal(&c->room);
		(void)pthread_mutex_unlock(&c->lock);
	}
	return err;
}

static enum mesatee_err crew_alone(struct mesatee *m, struct crew *c)
{
	enum mesatee_err err = MESATEE_OK;
	bool stop = false;

	for (uint64_t i = 0; !err && !stop && i < c->count; i++) {
		slot_fill(c->job, c->worker[0].sealer, i, &c->slot[0]);
		err = slot_give(m, c->job, i, &c->slot[0], &stop);
	}
	return err;
}

/* ---- the whole ---- */

static size_t threads_wanted(uint64_t count)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	size_t most = processors < 1 ? 1 : processors < THREADS_MAX ? (size_t)processors : THREADS_MAX;

	return count < most ? (size_t)count : most;
}

static bool crew_open(struct crew *c, const struct segments_job *job)
{
	bool good = true;

	c->job = job;
	c->count = dataset_segment_count(job->header);
	c->thread_count = threads_wanted(c->count);
	c->slot_count = c->count == 1 ? 1 : c->thread_count + 2;
	for (size_t i = 0; i < c->slot_count && good; i++) {
		c->slot[i].space = mt_alloc(DATASET_SEALED_MAX);
		good = c->slot[i].space != NULL;
	}
	for (size_t i = 0; i < c->thread_count && good; i++) {
		c->worker[i].crew = c;
		good = dataset_sealer_open(job->header, job->key, &c->worker[i].sealer) == MT_OK;
	}
	return good;
}

static void crew_close(struct crew *c)
{
	for (size_t i = 0; i < c->thread_count; i++) {
		dataset_sealer_close(c->worker[i].sealer);
	}
	for (size_t i = 0; i < c->slot_count; i++) {
		mt_wipe(c->slot[i].space, c->slot[i].space ? DATASET_SEALED_MAX : 0);
		mt_free(c->slot[i].space);
	}
}

enum mesatee_err segments_seal(struct mesatee *m, const struct segments_job *job)
{
	struct crew c = { .lock = PTHREAD_MUTEX_INITIALIZER,
			  .room = PTHREAD_COND_INITIALIZER,
			  .ready = PTHREAD_COND_INITIALIZER };
	enum mesatee_err err = crew_open(&c, job) ? MESATEE_OK : client_no_memory(m);

	if (!err) {
		size_t started = c.count > 1 ? crew_start(&c) : 0;
		err = started ? crew_give(m, &c) : crew_alone(m, &c);
		crew_join(&c, started);
	}
	crew_close(&c);
	return err;
}
