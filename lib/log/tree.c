/*
 * The RFC 9162 tree, kept as the hashes of all its complete subtrees: level 0 holds the leaves, level k the
 * subtrees of 2^k leaves. Every root and every proof is put together from these.
 */
#include "lib/log/log_private.h"

#include <string.h>

/* LOG_ENTRIES_MAX is 2^24: levels 0 to 24. */
#define LEVELS 25
_Static_assert(LOG_ENTRIES_MAX == UINT64_C(1) << (LEVELS - 1), "one level per power of two");

struct level {
	uint8_t (*hash)[LOG_HASH_SIZE];
	size_t capacity;                /* the count follows from the tree's size: size >> level */
};

struct log_tree {
	uint64_t size;
	struct level level[LEVELS];
};

void log_leaf_hash(struct bytes data, uint8_t out[LOG_HASH_SIZE])
{
	const struct bytes parts[] = { mt_bytes("\x00", 1), data };

	crypto_sha256_parts(parts, MT_COUNT(parts), out);
}

void log_node_hash(const uint8_t left[LOG_HASH_SIZE], const uint8_t right[LOG_HASH_SIZE],
		   uint8_t out[LOG_HASH_SIZE])
{
	const struct bytes parts[] = {
		mt_bytes("\x01", 1), mt_bytes(left, LOG_HASH_SIZE), mt_bytes(right, LOG_HASH_SIZE),
	};

	crypto_sha256_parts(parts, MT_COUNT(parts), out);
}

enum mt_err log_tree_open(struct log_tree **out)
{
	*out = mt_alloc(sizeof(**out));
	return *out ? MT_OK : MT_NO_MEMORY;
}

void log_tree_close(struct log_tree *t)
{
	if (!t) {
		return;
	}
	for (size_t k = 0; k < LEVELS; k++) {
		mt_free(t->level[k].hash);
	}
	mt_free(t);
}

uint64_t log_tree_size(const struct log_tree *t)
{
	return t->size;
}

/* Grow one level to hold `count` hashes, by doubling. */
static enum mt_err level_reserve(struct level *l, size_t used, size_t count)
{
	size_t capacity = l->capacity ? l->capacity : 64;

	if (count <= l->capacity) {
		return MT_OK;
	}
	while (capacity < count) {
		capacity *= 2;          /* count is at most LOG_ENTRIES_MAX: cannot overflow */
	}
	uint8_t (*grown)[LOG_HASH_SIZE] = mt_grow(l->hash, used, capacity, sizeof(*grown));
	if (!grown) {
		return MT_NO_MEMORY;
	}
	l->hash = grown;
	l->capacity = capacity;
	return MT_OK;
}

enum mt_err log_tree_reserve(struct log_tree *t, size_t count)
{
	if (count > LOG_ENTRIES_MAX - t->size) {
		return MT_LIMIT;
	}
	uint64_t size = t->size + count;
	for (size_t k = 0; k < LEVELS; k++) {
		/* A level that grew before another failed keeps its room; its content is the same. */
		enum mt_err err = level_reserve(&t->level[k], (size_t)(t->size >> k), (size_t)(size >> k));

		if (err) {
			return err;
		}
	}
	return MT_OK;
}

enum mt_err log_tree_append(struct log_tree *t, const uint8_t leaf[LOG_HASH_SIZE])
{
	enum mt_err err = log_tree_reserve(t, 1);

	if (err) {
		return err;
	}
	uint8_t hash[LOG_HASH_SIZE];
	memcpy(hash, leaf, sizeof(hash));
	memcpy(t->level[0].hash[t->size], hash, sizeof(hash));
	/* Each trailing one of the old size is a subtree that this leaf completes. */
	for (size_t k = 0; t->size >> k & 1; k++) {
		size_t index = (size_t)(t->size >> k);

		log_node_hash(t->level[k].hash[index - 1], hash, hash);
		memcpy(t->level[k + 1].hash[index >> 1], hash, sizeof(hash));
	}
	t->size++;
	return MT_OK;
}

/*
 * Hash of leaves [begin, end), where begin is a multiple of a power of two that is at least end - begin:
 * what RFC 9162's recursive definition splits into. Each one bit of the size is a complete subtree; they
 * are joined from the right, the smallest first.
 */
static void tree_range(const struct log_tree *t, uint64_t begin, uint64_t end, uint8_t out[LOG_HASH_SIZE])
{
	uint64_t size = end - begin;
	bool first = true;

	mt_assert(size > 0 && end <= t->size);
	for (size_t k = 0; k < LEVELS; k++) {
		if (!(size >> k & 1)) {
			continue;
		}
		uint64_t index = ((begin + (size >> k << k)) >> k) - 1;
		const uint8_t *node = t->level[k].hash[index];

		if (first) {
			memcpy(out, node, LOG_HASH_SIZE);
			first = false;
		} else {
			log_node_hash(node, out, out);
		}
	}
}

void log_tree_root(const struct log_tree *t, uint64_t size, uint8_t out[LOG_HASH_SIZE])
{
	mt_assert(size <= t->size);
	if (size == 0) {
		crypto_sha256(mt_bytes(NULL, 0), out);
		return;
	}
	tree_range(t, 0, size, out);
}

enum mt_err log_tree_node(const struct log_tree *t, unsigned level, uint64_t index, uint8_t out[LOG_HASH_SIZE])
{
	if (level >= LEVELS || index >= t->size >> level) {
		return MT_NOT_FOUND;
	}
	memcpy(out, t->level[level].hash[index], LOG_HASH_SIZE);
	return MT_OK;
}

void log_tree_frontier(const struct log_tree *t, struct log_frontier *out)
{
	out->size = t->size;
	for (size_t k = 0; k < LEVELS; k++) {
		if (t->size >> k & 1) {
			memcpy(out->node[k], t->level[k].hash[(t->size >> k) - 1], LOG_HASH_SIZE);
		}
	}
}

/* ---- proofs ---- */

/* The largest power of two below n, for n > 1 (RFC 9162, 2.1.1). */
static uint64_t split_of(uint64_t n)
{
	uint64_t k = 1;

	while (k << 1 < n) {
		k <<= 1;
	}
	return k;
}

/* Proofs list siblings from the leaf upwards; walking down finds them in the other order. */
static void reverse(uint8_t proof[][LOG_HASH_SIZE], size_t count)
{
	for (size_t i = 0; i < count / 2; i++) {
		uint8_t swap[LOG_HASH_SIZE];

		memcpy(swap, proof[i], sizeof(swap));
		memcpy(proof[i], proof[count - 1 - i], sizeof(swap));
		memcpy(proof[count - 1 - i], swap, sizeof(swap));
	}
}

enum mt_err log_tree_inclusion(const struct log_tree *t, uint64_t index, uint64_t size,
			       uint8_t proof[LOG_PROOF_MAX][LOG_HASH_SIZE], size_t *count)
{
	uint64_t begin = 0, end = size;
	size_t n = 0;

	if (size > t->size || index >= size) {
		return MT_NOT_FOUND;
	}
	while (end - begin > 1) {
		uint64_t middle = begin + split_of(end - begin);

		if (index < middle) {
			tree_range(t, middle, end, proof[n++]);
			end = middle;
		} else {
			tree_range(t, begin, middle, proof[n++]);
			begin = middle;
		}
	}
	reverse(proof, n);
	*count = n;
	return MT_OK;
}

enum mt_err log_tree_consistency(const struct log_tree *t, uint64_t first, uint64_t second,
				 uint8_t proof[LOG_PROOF_MAX][LOG_HASH_SIZE], size_t *count)
{
	uint64_t begin = 0, end = second;
	size_t n = 0;

	if (first == 0 || first > second || second > t->size) {
		return MT_NOT_FOUND;
	}
	/* SUBPROOF (RFC 9162, 2.1.4.1): towards the subtree that ends where the first tree ends. */
	while (first < end) {
		uint64_t middle = begin + split_of(end - begin);

		if (first <= middle) {
			tree_range(t, middle, end, proof[n++]);
			end = middle;
		} else {
			tree_range(t, begin, middle, proof[n++]);
			begin = middle;
		}
	}
	if (begin > 0) {        /* that subtree is not the whole first tree, so the verifier lacks its hash */
		tree_range(t, begin, end, proof[n++]);
	}
	reverse(proof, n);
	*count = n;
	return MT_OK;
}
