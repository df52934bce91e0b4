#include "test/log_node.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test/test.h"

static const struct secret key = { "key of the log in this story..." };
static const uint8_t id[LOG_ID_SIZE] = "story";

/* An entry is its serial number, padded to a length that the number decides: up to several blocks. */
static size_t entry_make(uint32_t serial, uint8_t *out)
{
	struct sim_random r = sim_random_seed(serial);
	size_t size = 4 + (size_t)sim_random_below(&r, sim_random_below(&r, 3) == 0 ? 9000 : 200);
	struct builder b = builder_over(out, 4);

	builder_u32(&b, serial);
	sim_random_fill(&r, out + 4, size - 4);
	return size;
}

static enum mt_err fold(void *context, uint64_t index, struct bytes entry)
{
	struct node *n = context;
	struct cursor c = cursor_over(entry);
	uint32_t serial = cursor_u32(&c);
	uint8_t want[10000];

	if (!CHECK(index == n->count && index < NODE_ENTRIES_MAX, "in order, each once")) {
		return MT_STATE;
	}
	CHECK(mt_equal(entry, mt_bytes(want, entry_make(serial, want))), "every byte of it");
	n->entry[n->count++] = serial;
	return MT_OK;
}

void node_make(struct node *n, uint64_t seed)
{
	*n = (struct node){ .disk = sim_disk_open(seed), .random = sim_random_seed(seed + 1000) };
	n->story = sim_story_open();
	n->file = sim_disk_file(n->disk, "log");
}

static uint64_t now(const struct node *n)
{
	return sim_disk_operations(n->disk);    /* nothing else moves time here */
}

void node_end(struct node *n)
{
	log_close(n->log);
	sim_disk_close(n->disk);
	sim_story_close(n->story);
}

/* ---- the caller's duties, as log.h states them ---- */

enum mt_err node_start(struct node *n)
{
	log_close(n->log);
	n->log = NULL;
	n->count = 0;
	enum mt_err err = log_open(&key, id, fold, n, &n->log);
	if (err) {
		return err;
	}
	struct bytes file = sim_disk_read(n->disk, n->file);
	size_t whole = file.size / LOG_BLOCK * LOG_BLOCK, step = 64 * LOG_BLOCK;
	for (size_t at = 0; at < whole && !err; at += step) {
		err = log_replay(n->log, mt_bytes(file.at + at, whole - at < step ? whole - at : step));
	}
	err = err ? err : log_replay_end(n->log);
	sim_story_tell(n->story, now(n), "node", "replay of %zu KiB: %s, %llu entries", file.size / 1024,
		       mt_err_name(err), (unsigned long long)n->count);
	return err;
}

void node_begin(struct node *n, uint64_t seed)
{
	node_make(n, seed);
	CHECK(node_start(n) == MT_OK, "start");
}

static enum mt_err file_extend(struct node *n, size_t to)
{
	size_t from = sim_disk_size(n->disk, n->file);
	uint8_t *zeros = NULL;

	if (to <= from) {
		return MT_OK;
	}
	zeros = calloc(1, to - from);
	sim_story_tell(n->story, now(n), "disk", "zeros %zu to %zu KiB", from / 1024, to / 1024);
	enum mt_err err = sim_disk_write(n->disk, n->file, from, mt_bytes(zeros, to - from));
	free(zeros);
	return err ? err : sim_disk_sync(n->disk, n->file);
}

enum mt_err node_batch(struct node *n)
{
	uint64_t count = 1 + sim_random_below(&n->random, NODE_BATCH_ENTRIES), index = 0;
	uint32_t first = n->serial;
	uint8_t entry[10000];
	struct log_write w;

	for (uint64_t i = 0; i < count; i++) {
		size_t size = entry_make(n->serial, entry);
		enum mt_err err = log_stage(n->log, mt_bytes(entry, size), &index);

		if (err) {
			log_abort(n->log);
			return err;
		}
		CHECK(index == n->count + i, "the index is known at once");
		n->serial++;
	}
	enum mt_err err = log_batch(n->log, &w);
	if (err) {
		log_abort(n->log);
		return err;
	}
	err = file_extend(n, (size_t)w.extend_to);
	if (!err) {
		for (uint64_t i = 0; i < count; i++) {          /* from here on nobody knows until the sync says so */
			n->doubt[i] = first + (uint32_t)i;
		}
		n->doubt_count = count;
		sim_story_tell(n->story, now(n), "disk", "write %zu KiB at %llu KiB", w.bytes.size / 1024,
			       (unsigned long long)w.offset / 1024);
		err = sim_disk_write(n->disk, n->file, (size_t)w.offset, w.bytes);
	}
	err = err ? err : sim_disk_sync(n->disk, n->file);
	if (err) {
		sim_story_tell(n->story, now(n), "disk", "%s",
			       sim_disk_is_off(n->disk) ? "power cut" : mt_err_name(err));
		log_abort(n->log);
		return err;
	}
	if (!CHECK(log_commit(n->log) == MT_OK, "commit")) {
		return MT_STATE;
	}
	for (uint64_t i = 0; i < count; i++) {
		n->acked[n->acked_count++] = first + (uint32_t)i;
	}
	n->doubt_count = 0;
	sim_story_tell(n->story, now(n), "node", "acknowledges %llu entries", (unsigned long long)count);
	return MT_OK;
}

/* ---- the model's judgement ---- */

bool node_judge(struct node *n, const char *why)
{
	bool with_doubt = n->count == n->acked_count + n->doubt_count;

	if (!CHECK(n->count == n->acked_count || with_doubt, why)) {
		return false;
	}
	bool same = n->acked_count == 0 || memcmp(n->entry, n->acked, n->acked_count * sizeof(*n->acked)) == 0;
	if (with_doubt && n->doubt_count) {
		same = same && memcmp(n->entry + n->acked_count, n->doubt, n->doubt_count * sizeof(*n->doubt)) == 0;
		memcpy(n->acked + n->acked_count, n->doubt, n->doubt_count * sizeof(*n->doubt));
		n->acked_count += n->doubt_count;
	}
	n->doubt_count = 0;
	return CHECK(same, why);
}

void node_judge_root(const struct node *n)
{
	struct log_tree *t = NULL;
	uint8_t entry[10000], salt[LOG_HASH_SIZE], commit[LOG_HASH_SIZE], leaf[LOG_HASH_SIZE];
	uint8_t want[LOG_HASH_SIZE], got[LOG_HASH_SIZE];

	CHECK(log_tree_open(&t) == MT_OK, "tree");
	for (uint64_t i = 0; i < n->count; i++) {
		struct bytes e = mt_bytes(entry, entry_make(n->entry[i], entry));

		log_salt(n->log, i, salt);
		log_commitment(salt, e, commit);
		log_leaf_hash(i == 0 ? e : mt_bytes(commit, sizeof(commit)), leaf);
		CHECK(log_tree_append(t, leaf) == MT_OK, "append");
	}
	log_tree_root(t, n->count, want);
	log_tree_root(log_tree(n->log), log_tree_size(log_tree(n->log)), got);
	CHECK(memcmp(want, got, sizeof(want)) == 0, "root");
	log_tree_close(t);
}

void node_run(struct node *n, unsigned batches)
{
	for (unsigned i = 0; i < batches; i++) {
		if (node_batch(n)) {
			return;
		}
	}
}

void node_recover(struct node *n, uint64_t seed, uint64_t cut)
{
	char why[80];

	(void)snprintf(why, sizeof(why), "seed %llu, operation %llu", (unsigned long long)seed,
		       (unsigned long long)cut);
	sim_disk_power_on(n->disk);
	if (!CHECK(node_start(n) == MT_OK, why) || !node_judge(n, why)) {
		return;
	}
	node_judge_root(n);
	node_run(n, 2);
	CHECK(n->doubt_count == 0, "nothing fails any more");
	sim_disk_power_on(n->disk);     /* a cut with everything synced */
	CHECK(node_start(n) == MT_OK && node_judge(n, why), why);
	node_judge_root(n);
}
