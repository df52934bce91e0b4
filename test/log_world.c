#include "test/log_world.h"

#include <string.h>

#include "test/test.h"

const struct secret world_key = { "key of the log in this test...." };
const uint8_t world_id[LOG_ID_SIZE] = "log id";

enum mt_err world_fold(void *context, uint64_t index, struct bytes entry)
{
	struct world_state *s = context;

	if (index + 1 == s->refuse_at) {
		return MT_LIMIT;
	}
	CHECK(index == s->count && index < MT_COUNT(s->entry), "in order, each once");
	s->entry[index].at = test_alloc(entry.size);
	s->entry[index].size = entry.size;
	if (entry.size) {
		memcpy(s->entry[index].at, entry.at, entry.size);
	}
	s->count++;
	return MT_OK;
}

struct world_state *world_state(void)
{
	return test_alloc(sizeof(struct world_state));
}

struct log *world_open(struct world_state *s)
{
	struct log *log = NULL;

	CHECK(log_open(&world_key, world_id, world_fold, s, &log) == MT_OK && log, "open");
	return log;
}

struct log *world_empty(struct world_state *s)
{
	struct log *log = world_open(s);

	CHECK(log_replay_end(log) == MT_OK, "an empty file");
	return log;
}

void world_write(struct world_file *f, const struct log_write *w)
{
	size_t size = w->extend_to ? (size_t)w->extend_to : f->size;

	CHECK(w->offset % LOG_BLOCK == 0 && w->bytes.size % LOG_BLOCK == 0 && w->bytes.size <= LOG_BATCH_MAX,
	      "aligned");
	if (size > f->size) {
		CHECK(size % LOG_EXTENT == 0, "whole extents");
		uint8_t *grown = test_alloc(size);
		if (f->size) {
			memcpy(grown, f->at, f->size);
		}
		*f = (struct world_file){ grown, size };
	}
	if (CHECK(w->offset + w->bytes.size <= f->size, "inside the file")) {
		memcpy(f->at + w->offset, w->bytes.at, w->bytes.size);
	}
}

void world_stage(struct log *log, struct bytes entry, uint64_t want)
{
	uint64_t index = 0;

	CHECK(log_stage(log, entry, &index) == MT_OK && index == want, "stage");
}

void world_commit(struct log *log, struct world_file *f)
{
	struct log_write w;

	if (CHECK(log_batch(log, &w) == MT_OK, "batch")) {
		world_write(f, &w);
		CHECK(log_commit(log) == MT_OK, "commit");
	}
}

struct bytes world_entry(uint64_t i)
{
	static uint8_t memory[300];

	memset(memory, (int)(i & 0xff), sizeof(memory));
	memory[0] = (uint8_t)(i >> 8);
	return mt_bytes(memory, i % sizeof(memory));
}

bool world_entry_is(const struct world_state *s, uint64_t i)
{
	return mt_equal(mt_bytes(s->entry[i].at, s->entry[i].size), world_entry(i));
}

struct world_file world_written(struct log *log, size_t batches)
{
	struct world_file f = { 0 };
	uint64_t i = log_tree_size(log_tree(log));

	for (size_t b = 0; b < batches; b++) {
		for (size_t n = 0; n <= b; n++, i++) {
			world_stage(log, world_entry(i), i);
		}
		world_commit(log, &f);
	}
	return f;
}

enum mt_err world_replay(struct log *log, const struct world_file *f, size_t step)
{
	for (size_t at = 0; at < f->size; at += step) {
		size_t size = step < f->size - at ? step : f->size - at;
		enum mt_err err = log_replay(log, mt_bytes(f->at + at, size));

		if (err) {
			return err;
		}
	}
	return log_replay_end(log);
}

struct world_file world_copy(const struct world_file *f)
{
	struct world_file copy = { test_alloc(f->size), f->size };

	memcpy(copy.at, f->at, f->size);
	return copy;
}

enum mt_err world_verdict(const struct world_file *f, uint64_t *count)
{
	struct world_state *s = world_state();
	struct log *log = world_open(s);
	enum mt_err err = world_replay(log, f, LOG_EXTENT);

	for (uint64_t i = 0; i < s->count; i++) {
		CHECK(world_entry_is(s, i), "no entry but what was written");
	}
	*count = s->count;
	log_close(log);
	return err;
}
