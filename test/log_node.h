/*
 * A node of the log's stories: a log, its disk, what it promised to whom, and the judgement over what a restart finds.
 *
 * The model: an entry is acknowledged when log_commit() came back. After whatever happens and a restart, the log holds
 * the acknowledged entries in order, then either nothing or, whole, the one batch whose fate was unknown. It goes on.
 */
#ifndef MT_LOG_NODE_H
#define MT_LOG_NODE_H

#include "lib/log/log.h"
#include "port/sim/sim.h"

enum {
	NODE_ENTRIES_MAX = 400,
	NODE_BATCH_ENTRIES = 6,
};

struct node {
	struct sim_disk *disk;
	unsigned file;
	struct sim_random random;
	struct log *log;
	struct sim_story *story;

	uint32_t entry[NODE_ENTRIES_MAX];    /* what the fold has seen: the serial number in each entry */
	uint64_t count;

	uint32_t acked[NODE_ENTRIES_MAX];    /* what was acknowledged, in any life */
	uint64_t acked_count;
	uint32_t doubt[NODE_BATCH_ENTRIES];  /* the batch in flight when something broke */
	uint64_t doubt_count;
	uint32_t serial;                /* of the next entry: no two entries are alike */
};

/* A new disk under a seed, and on it an empty log (node_make: not yet started). */
void node_make(struct node *n, uint64_t seed);
void node_begin(struct node *n, uint64_t seed);
void node_end(struct node *n);
/* Open the log and replay the disk. */
enum mt_err node_start(struct node *n);
/* One batch of some entries: write, sync, commit, acknowledge; or abort. */
enum mt_err node_batch(struct node *n);
/* So many batches, or until one fails. */
void node_run(struct node *n, unsigned batches);

/* What was folded is what was acknowledged, and perhaps the batch in doubt; which is then no longer in doubt. */
bool node_judge(struct node *n, const char *why);
/* The tree over what was folded has the root of a fresh tree over the same leaves: nothing lingers of an abort. */
void node_judge_root(const struct node *n);
/* Power on and a restart, judged; then more batches and another restart, judged as well. */
void node_recover(struct node *n, uint64_t seed, uint64_t operation);

#endif
