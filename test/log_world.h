/*
 * What the tests of the sealed log share: a file in memory that stands for the disk, a state that keeps every entry,
 * and steps that check themselves. Memory lives until the test ends.
 */
#ifndef MT_LOG_WORLD_H
#define MT_LOG_WORLD_H

#include "lib/log/log.h"

struct world_file {
	uint8_t *at;
	size_t size;
};

struct world_state {
	struct {
		uint8_t *at;
		size_t size;
	} entry[4096];
	uint64_t count;
	uint64_t refuse_at;             /* index + 1 of the entry that the fold refuses, 0: none */
};

extern const struct secret world_key;
extern const uint8_t world_id[LOG_ID_SIZE];

enum mt_err world_fold(void *context, uint64_t index, struct bytes entry);
struct world_state *world_state(void);
struct log *world_open(struct world_state *s);
struct log *world_empty(struct world_state *s);
void world_write(struct world_file *f, const struct log_write *w);
void world_stage(struct log *log, struct bytes entry, uint64_t want);
void world_commit(struct log *log, struct world_file *f);
/* Entry i is i % 300 bytes of value i, so that batches differ in size. */
struct bytes world_entry(uint64_t i);
bool world_entry_is(const struct world_state *s, uint64_t i);
/* `batches` batches of 1, 2, 3, ... entries. */
struct world_file world_written(struct log *log, size_t batches);
/* Replay `f` in steps of `step` bytes. */
enum mt_err world_replay(struct log *log, const struct world_file *f, size_t step);
struct world_file world_copy(const struct world_file *f);
/* Replay a file whole and give the verdict and the number of entries. */
enum mt_err world_verdict(const struct world_file *f, uint64_t *count);

#endif
