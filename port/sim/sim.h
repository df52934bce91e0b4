/*
 * A world under a seed: random numbers, time, a disk that loses power and lies, messages, and the
 * story of a run.
 *
 * Promises: the same seed gives the same run, bit for bit; nothing here reads a clock or a random
 * source of the machine. Hides: how a cut tears writes, how events of one moment are ordered. In
 * tests only. One thread at a time. Uses malloc and not mt_alloc, so that failing the tested code's
 * allocations leaves the world whole; stops the process when it has no memory itself.
 */
#ifndef MT_SIM_H
#define MT_SIM_H

#include "lib/base/base.h"

/* ---- random ---- */

struct sim_random {
	uint64_t state, step;
};

/* PCG32 (O'Neill, 2014); different seeds give unrelated sequences. */
struct sim_random sim_random_seed(uint64_t seed);
uint64_t sim_random_u64(struct sim_random *r);
/* 0 <= result < limit; limit > 0. */
uint64_t sim_random_below(struct sim_random *r, uint64_t limit);
void sim_random_fill(struct sim_random *r, void *out, size_t size);
/* Make lib/crypto draw from a seed, until sim_crypto_off(). */
void sim_crypto_seed(uint64_t seed);
void sim_crypto_off(void);

/* ---- disk ---- */

#define SIM_FILES_MAX 8
#define SIM_NAME_MAX 64
#define SIM_SECTOR 512          /* what a real disk writes whole or not at all */

enum sim_failure {
	/* The power goes during the operation: it and all later ones give MT_IO until sim_disk_power_on(). */
	SIM_POWER,
	/*
	 * MT_IO (EIO). A write may be half done; a sync leaves it to chance which sectors are durable,
	 * and the next sync does not write the rest either, as on Linux.
	 */
	SIM_ERROR,
	/* MT_LIMIT (ENOSPC): a write that would make the file longer does nothing; others go on. */
	SIM_FULL,
};

/*
 * Files as bytes. A write goes to a volatile cache that reads see at once; a sync makes it durable.
 * A power cut keeps of every write that was not synced each 512-byte sector or not, by the seed, so
 * writes tear and change places.
 */
struct sim_disk;
struct sim_disk *sim_disk_open(uint64_t seed);
void sim_disk_close(struct sim_disk *d);

/* A file's number, made empty when it is new. Names live as long as the disk. */
unsigned sim_disk_file(struct sim_disk *d, const char *name);
size_t sim_disk_size(const struct sim_disk *d, unsigned file);
/* Bytes as a program would read them now. Borrowed until the next operation. */
struct bytes sim_disk_read(const struct sim_disk *d, unsigned file);
/* A gap before `offset` reads as zeros. */
MUST enum mt_err sim_disk_write(struct sim_disk *d, unsigned file, size_t offset,
				struct bytes data);
/* Make it empty; durable with the next sync, before what was written since. A cut keeps it or not. */
MUST enum mt_err sim_disk_clear(struct sim_disk *d, unsigned file);
MUST enum mt_err sim_disk_sync(struct sim_disk *d, unsigned file);

/* Writes, clearings and syncs so far; `n` below counts from the disk's first operation = 1. */
uint64_t sim_disk_operations(const struct sim_disk *d);
/* Operation n fails, once (SIM_FULL: from n on, until sim_disk_heal). */
void sim_disk_fail_at(struct sim_disk *d, uint64_t n, enum sim_failure how);
void sim_disk_heal(struct sim_disk *d);
/* Power on again after a cut; also cuts the power now when it is on. */
void sim_disk_power_on(struct sim_disk *d);
bool sim_disk_is_off(const struct sim_disk *d);
/* From now on a sync says yes and does nothing. */
void sim_disk_lie(struct sim_disk *d, bool lie);
/* Keep the durable image; put it back at the next power-on (a rollback). */
void sim_disk_image_keep(struct sim_disk *d);
void sim_disk_image_restore(struct sim_disk *d);

/* ---- time and messages ---- */

struct sim_event {
	uint64_t at_ms;
	uint32_t from, to;
	uint32_t kind;
	struct bytes body;              /* borrowed from the queue until the next sim_queue_next() */
};

/* Virtual time: it stands still but in sim_queue_next(). */
struct sim_queue;
struct sim_queue *sim_queue_open(uint64_t seed);
void sim_queue_close(struct sim_queue *q);
uint64_t sim_queue_now(const struct sim_queue *q);
/*
 * Deliver after delay_ms + (0 to jitter_ms). The body is copied. Events of one moment come in the
 * seed's order.
 */
void sim_queue_post(struct sim_queue *q, uint32_t from, uint32_t to, uint32_t kind,
		    struct bytes body,
		    uint64_t delay_ms, uint64_t jitter_ms);
/* The next event; time moves to it. False when there is none. */
MUST bool sim_queue_next(struct sim_queue *q, struct sim_event *out);
/* Drop what is on its way to `to` (it crashed), or everything that `from` sent (the net is cut). */
void sim_queue_drop_to(struct sim_queue *q, uint32_t to);
void sim_queue_drop_from(struct sim_queue *q, uint32_t from);

/* ---- the story of a run ---- */

/* Lines of "time actor: what". Compared with the expected text of a test. */
struct sim_story;
struct sim_story *sim_story_open(void);
void sim_story_close(struct sim_story *s);
__attribute__((format(printf, 4, 5)))
void sim_story_tell(struct sim_story *s, uint64_t at_ms, const char *actor, const char *format,
		    ...);
const char *sim_story_text(const struct sim_story *s);
/* True when the story is the expected one; else prints the first line that differs. */
bool sim_story_is(const struct sim_story *s, const char *expected);

#endif
