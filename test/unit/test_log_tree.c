/* lib/log: the tree, its proofs and the frontier, against published vectors and against the RFC's recursion. */
#include "lib/log/log.h"
#include "test/test.h"
#include "test/vectors/log_vectors.h"

#include <stdlib.h>
#include <string.h>

enum { SIZES = 130 };

/* ---- the definitions of RFC 9162, 2.1, word for word and slow ---- */

static uint8_t naive_leaf[SIZES][LOG_HASH_SIZE];

static void naive_join(const uint8_t *left, const uint8_t *right, uint8_t *out)
{
	uint8_t data[65] = { 1 };

	memcpy(data + 1, left, 32);
	memcpy(data + 33, right, 32);
	crypto_sha256(mt_bytes(data, sizeof(data)), out);
}

static size_t naive_split(size_t n)
{
	size_t k = 1;

	while (2 * k < n) {
		k *= 2;
	}
	return k;
}

static void naive_root(size_t begin, size_t n, uint8_t *out)
{
	uint8_t left[LOG_HASH_SIZE], right[LOG_HASH_SIZE];

	if (n == 1) {
		memcpy(out, naive_leaf[begin], 32);
		return;
	}
	size_t k = naive_split(n);
	naive_root(begin, k, left);
	naive_root(begin + k, n - k, right);
	naive_join(left, right, out);
}

static size_t naive_path(size_t m, size_t begin, size_t n, uint8_t (*out)[LOG_HASH_SIZE])
{
	size_t count = 0;

	if (n == 1) {
		return 0;
	}
	size_t k = naive_split(n);
	if (m < k) {
		count = naive_path(m, begin, k, out);
		naive_root(begin + k, n - k, out[count]);
	} else {
		count = naive_path(m - k, begin + k, n - k, out);
		naive_root(begin, k, out[count]);
	}
	return count + 1;
}

static size_t naive_subproof(size_t m, size_t begin, size_t n, bool known, uint8_t (*out)[LOG_HASH_SIZE])
{
	size_t count = 0;

	if (m == n) {
		if (!known) {
			naive_root(begin, n, out[0]);
		}
		return known ? 0 : 1;
	}
	size_t k = naive_split(n);
	if (m <= k) {
		count = naive_subproof(m, begin, k, known, out);
		naive_root(begin + k, n - k, out[count]);
	} else {
		count = naive_subproof(m - k, begin + k, n - k, false, out);
		naive_root(begin, k, out[count]);
	}
	return count + 1;
}

/* ---- trees ---- */

static struct log_tree *tree_of(size_t size)
{
	struct log_tree *t = NULL;

	CHECK(log_tree_open(&t) == MT_OK, "open");
	for (size_t i = 0; i < size; i++) {
		uint8_t data[2] = { (uint8_t)i, (uint8_t)(i >> 8) };

		log_leaf_hash(mt_bytes(data, 2), naive_leaf[i]);
		CHECK(log_tree_append(t, naive_leaf[i]) == MT_OK, "append");
	}
	return t;
}

static struct log_tree *ct_tree(void)
{
	struct log_tree *t = NULL;
	uint8_t leaf[LOG_HASH_SIZE];

	CHECK(log_tree_open(&t) == MT_OK, "open");
	for (size_t i = 0; i < MT_COUNT(ct_leaf); i++) {
		log_leaf_hash(hex(ct_leaf[i]), leaf);
		CHECK(log_tree_append(t, leaf) == MT_OK, "append");
	}
	return t;
}

static void test_ct_vectors(void)
{
	struct log_tree *t = ct_tree();
	uint8_t proof[LOG_PROOF_MAX][LOG_HASH_SIZE], root[LOG_HASH_SIZE];
	size_t count = 0;

	for (size_t n = 0; n <= 8; n++) {
		log_tree_root(t, n, root);
		CHECK(memcmp(root, hex(ct_root[n]).at, 32) == 0, "root");
	}
	for (size_t i = 0; i < MT_COUNT(ct_inclusion); i++) {
		struct bytes want = hex(ct_inclusion[i].proof);
		uint8_t leaf[LOG_HASH_SIZE];

		CHECK(log_tree_inclusion(t, ct_inclusion[i].index, ct_inclusion[i].size, proof, &count) == MT_OK, "");
		CHECK(mt_equal(mt_bytes(proof, count * 32), want), "inclusion proof");
		log_leaf_hash(hex(ct_leaf[ct_inclusion[i].index]), leaf);
		CHECK(log_verify_inclusion(leaf, ct_inclusion[i].index, ct_inclusion[i].size, want,
					   hex(ct_root[ct_inclusion[i].size]).at) == MT_OK,
		      "verifies");
	}
	for (size_t i = 0; i < MT_COUNT(ct_consistency); i++) {
		unsigned a = ct_consistency[i].first, b = ct_consistency[i].second;
		struct bytes want = hex(ct_consistency[i].proof);

		CHECK(log_tree_consistency(t, a, b, proof, &count) == MT_OK, "consistency");
		CHECK(mt_equal(mt_bytes(proof, count * 32), want), "consistency proof");
		CHECK(log_verify_consistency(a, b, want, hex(ct_root[a]).at, hex(ct_root[b]).at) == MT_OK, "verifies");
	}
	log_tree_close(t);
}

static void test_every_prefix(void)
{
	uint8_t leaf[LOG_HASH_SIZE];

	for (size_t i = 0; i < MT_COUNT(ct_inclusion); i++) {
		struct bytes whole = hex(ct_inclusion[i].proof);

		log_leaf_hash(hex(ct_leaf[ct_inclusion[i].index]), leaf);
		for (size_t n = 0; n < whole.size; n++) {
			CHECK(log_verify_inclusion(leaf, ct_inclusion[i].index, ct_inclusion[i].size, first(whole, n),
						   hex(ct_root[ct_inclusion[i].size]).at) != MT_OK,
			      "every prefix");
		}
	}
	for (size_t i = 0; i < MT_COUNT(ct_consistency); i++) {
		unsigned a = ct_consistency[i].first, b = ct_consistency[i].second;
		struct bytes whole = hex(ct_consistency[i].proof);

		for (size_t n = 0; n < whole.size; n++) {
			CHECK(log_verify_consistency(a, b, first(whole, n), hex(ct_root[a]).at, hex(ct_root[b]).at) != MT_OK,
			      "every prefix");
		}
	}
}

static void test_roots(void)
{
	struct log_tree *t = tree_of(SIZES);
	struct log_frontier f = { 0 };
	uint8_t root[LOG_HASH_SIZE], want[LOG_HASH_SIZE];

	for (size_t n = 1; n <= SIZES; n++) {
		log_frontier_append(&f, naive_leaf[n - 1]);
		naive_root(0, n, want);
		log_tree_root(t, n, root);
		CHECK(memcmp(root, want, 32) == 0, "root of every size");
		log_frontier_root(&f, root);
		CHECK(memcmp(root, want, 32) == 0, "frontier of every size");
	}
	f.size = 0;
	log_frontier_root(&f, root);
	CHECK(memcmp(root, hex(ct_root[0]).at, 32) == 0, "frontier of nothing");
	log_tree_close(t);
}

static void test_nodes(void)
{
	struct log_tree *t = tree_of(SIZES);
	uint8_t node[LOG_HASH_SIZE], want[LOG_HASH_SIZE];

	for (unsigned level = 0; level < 10; level++) {
		for (size_t i = 0; (i + 1) << level <= SIZES; i++) {
			naive_root(i << level, (size_t)1 << level, want);
			CHECK(log_tree_node(t, level, i, node) == MT_OK && memcmp(node, want, 32) == 0, "subtree");
		}
		CHECK(log_tree_node(t, level, SIZES >> level, node) == MT_NOT_FOUND, "not complete");
	}
	CHECK(log_tree_node(t, 64, 0, node) == MT_NOT_FOUND, "no such level");
	CHECK(log_tree_node(t, 0, UINT64_MAX, node) == MT_NOT_FOUND, "no such leaf");
	log_tree_close(t);
}

/* ---- proofs of every size ---- */

static void check_inclusion(const struct log_tree *t, size_t index, size_t size)
{
	uint8_t proof[LOG_PROOF_MAX][LOG_HASH_SIZE], want[LOG_PROOF_MAX][LOG_HASH_SIZE], root[LOG_HASH_SIZE];
	size_t count = 0, want_count = naive_path(index, 0, size, want);

	naive_root(0, size, root);
	CHECK(log_tree_inclusion(t, index, size, proof, &count) == MT_OK, "inclusion");
	CHECK(count == want_count && memcmp(proof, want, count * 32) == 0, "as the RFC defines");
	struct bytes p = mt_bytes(proof, count * 32);
	CHECK(log_verify_inclusion(naive_leaf[index], index, size, p, root) == MT_OK, "verifies");
	for (size_t other = 0; other < size; other++) {
		if (other != index) {
			CHECK(log_verify_inclusion(naive_leaf[index], other, size, p, root) == MT_TAMPERED, "index");
		}
	}
}

static void test_inclusion_every_size(void)
{
	struct log_tree *t = tree_of(SIZES);

	for (size_t size = 1; size <= SIZES; size++) {
		for (size_t index = 0; index < size; index++) {
			check_inclusion(t, index, size);
		}
	}
	log_tree_close(t);
}

static void test_consistency_every_size(void)
{
	struct log_tree *t = tree_of(SIZES);
	uint8_t proof[LOG_PROOF_MAX][LOG_HASH_SIZE], want[LOG_PROOF_MAX][LOG_HASH_SIZE], a[LOG_HASH_SIZE],
		b[LOG_HASH_SIZE];
	size_t count = 0;

	for (size_t second = 1; second <= SIZES; second++) {
		naive_root(0, second, b);
		for (size_t first_size = 1; first_size <= second; first_size++) {
			size_t want_count = naive_subproof(first_size, 0, second, true, want);

			naive_root(0, first_size, a);
			CHECK(log_tree_consistency(t, first_size, second, proof, &count) == MT_OK, "consistency");
			CHECK(count == want_count && memcmp(proof, want, count * 32) == 0, "as the RFC defines");
			CHECK(log_verify_consistency(first_size, second, mt_bytes(proof, count * 32), a, b) == MT_OK,
			      "verifies");
		}
	}
	log_tree_close(t);
}

static void test_proof_ranges(void)
{
	struct log_tree *t = tree_of(5);
	uint8_t proof[LOG_PROOF_MAX][LOG_HASH_SIZE], root[LOG_HASH_SIZE];
	size_t count = 77;

	log_tree_root(t, 5, root);
	CHECK(log_tree_inclusion(t, 5, 5, proof, &count) == MT_NOT_FOUND, "index past the size");
	CHECK(log_tree_inclusion(t, 0, 6, proof, &count) == MT_NOT_FOUND, "size past the tree");
	CHECK(log_tree_inclusion(t, 0, 0, proof, &count) == MT_NOT_FOUND, "nothing is in nothing");
	CHECK(log_tree_consistency(t, 0, 5, proof, &count) == MT_NOT_FOUND, "from nothing");
	CHECK(log_tree_consistency(t, 3, 2, proof, &count) == MT_NOT_FOUND, "backwards");
	CHECK(log_tree_consistency(t, 3, 6, proof, &count) == MT_NOT_FOUND, "past the tree");
	CHECK(count == 77, "count untouched");
	log_tree_close(t);
}

/* ---- proofs that must fail ---- */

struct bad_proof {
	uint8_t at[LOG_PROOF_MAX + 2][LOG_HASH_SIZE];
	size_t count;
};

static struct bytes bad_bytes(const struct bad_proof *p)
{
	return mt_bytes(p->at, p->count * 32);
}

static void inclusion_refuses(const struct log_tree *t, size_t index, size_t size)
{
	struct bad_proof good = { .count = 0 }, bad;
	uint8_t root[LOG_HASH_SIZE];

	naive_root(0, size, root);
	CHECK(log_tree_inclusion(t, index, size, good.at, &good.count) == MT_OK, "good");
	for (bad = good; bad.count > 0;) {
		bad.count--;
		CHECK(log_verify_inclusion(naive_leaf[index], index, size, bad_bytes(&bad), root) == MT_TAMPERED,
		      "cut");
	}
	for (size_t i = 0; i <= good.count; i++) { /* a hash too many, in every place */
		bad = good;
		memmove(bad.at[i + 1], bad.at[i], (good.count - i) * 32);
		memcpy(bad.at[i], root, 32);
		bad.count++;
		CHECK(log_verify_inclusion(naive_leaf[index], index, size, bad_bytes(&bad), root) == MT_TAMPERED,
		      "extra");
	}
	for (size_t i = 0; i + 1 < good.count; i++) { /* two siblings swapped */
		bad = good;
		memcpy(bad.at[i], good.at[i + 1], 32);
		memcpy(bad.at[i + 1], good.at[i], 32);
		CHECK(log_verify_inclusion(naive_leaf[index], index, size, bad_bytes(&bad), root) == MT_TAMPERED,
		      "swap");
	}
	for (size_t i = 0; i < good.count * 32; i++) {
		bad = good;
		bad.at[i / 32][i % 32] ^= 1;
		CHECK(log_verify_inclusion(naive_leaf[index], index, size, bad_bytes(&bad), root) == MT_TAMPERED,
		      "flip");
	}
	uint8_t other[LOG_HASH_SIZE];
	naive_root(0, size - 1, other);
	CHECK(log_verify_inclusion(naive_leaf[index], index, size, bad_bytes(&good), other) == MT_TAMPERED, "root");
}

static void test_inclusion_refuses(void)
{
	struct log_tree *t = tree_of(SIZES);

	for (size_t size = 2; size <= 20; size++) {
		for (size_t index = 0; index < size; index++) {
			inclusion_refuses(t, index, size);
		}
	}
	log_tree_close(t);
}

static void consistency_refuses(const struct log_tree *t, size_t m, size_t n)
{
	struct bad_proof good = { .count = 0 }, bad;
	uint8_t a[LOG_HASH_SIZE], b[LOG_HASH_SIZE];

	naive_root(0, m, a);
	naive_root(0, n, b);
	CHECK(log_tree_consistency(t, m, n, good.at, &good.count) == MT_OK, "good");
	for (bad = good; bad.count > 0;) {
		bad.count--;
		CHECK(log_verify_consistency(m, n, bad_bytes(&bad), a, b) == MT_TAMPERED, "cut");
	}
	for (size_t i = 0; i <= good.count; i++) {
		bad = good;
		memmove(bad.at[i + 1], bad.at[i], (good.count - i) * 32);
		memcpy(bad.at[i], b, 32);
		bad.count++;
		CHECK(log_verify_consistency(m, n, bad_bytes(&bad), a, b) == MT_TAMPERED, "extra");
	}
	for (size_t i = 0; i + 1 < good.count; i++) {
		bad = good;
		memcpy(bad.at[i], good.at[i + 1], 32);
		memcpy(bad.at[i + 1], good.at[i], 32);
		CHECK(log_verify_consistency(m, n, bad_bytes(&bad), a, b) == MT_TAMPERED, "swap");
	}
	for (size_t i = 0; i < good.count * 32; i++) {
		bad = good;
		bad.at[i / 32][i % 32] ^= 1;
		CHECK(log_verify_consistency(m, n, bad_bytes(&bad), a, b) == MT_TAMPERED, "flip");
	}
	CHECK(log_verify_consistency(m, n, bad_bytes(&good), b, b) == MT_TAMPERED, "first root");
	CHECK(log_verify_consistency(m, n, bad_bytes(&good), a, a) == MT_TAMPERED, "second root");
}

static void test_consistency_refuses(void)
{
	struct log_tree *t = tree_of(SIZES);

	for (size_t n = 2; n <= 20; n++) {
		for (size_t m = 1; m < n; m++) {
			consistency_refuses(t, m, n);
		}
	}
	log_tree_close(t);
}

static void test_verify_malformed(void)
{
	static const uint8_t proof[LOG_PROOF_MAX + 1][LOG_HASH_SIZE];
	uint8_t h[LOG_HASH_SIZE] = { 0 };

	CHECK(log_verify_inclusion(h, 0, 0, mt_bytes(NULL, 0), h) == MT_MALFORMED, "empty tree");
	CHECK(log_verify_inclusion(h, 3, 3, mt_bytes(NULL, 0), h) == MT_MALFORMED, "index past the size");
	CHECK(log_verify_inclusion(h, 0, 2, mt_bytes(proof, 31), h) == MT_MALFORMED, "part of a hash");
	CHECK(log_verify_inclusion(h, 0, 2, mt_bytes(proof, sizeof(proof)), h) == MT_MALFORMED, "too many hashes");
	CHECK(log_verify_inclusion(h, 0, 1, mt_bytes(NULL, 0), h) == MT_OK, "one leaf is the root");
	CHECK(log_verify_inclusion(h, 0, UINT64_MAX, mt_bytes(proof, 64 * 32), h) == MT_TAMPERED, "a huge tree");
	CHECK(log_verify_consistency(0, 1, mt_bytes(NULL, 0), h, h) == MT_MALFORMED, "from nothing");
	CHECK(log_verify_consistency(2, 1, mt_bytes(NULL, 0), h, h) == MT_MALFORMED, "backwards");
	CHECK(log_verify_consistency(1, 2, mt_bytes(proof, 33), h, h) == MT_MALFORMED, "part of a hash");
	CHECK(log_verify_consistency(1, 2, mt_bytes(NULL, 0), h, h) == MT_TAMPERED, "no hash at all");
	CHECK(log_verify_consistency(1, 1, mt_bytes(proof, 32), h, h) == MT_TAMPERED, "a hash where none belongs");
	CHECK(log_verify_consistency(1, UINT64_MAX, mt_bytes(proof, 64 * 32), h, h) == MT_TAMPERED, "a huge tree");
}

/* Second preimage: an inner node handed in as a leaf. The 0x00 and 0x01 prefixes are what refuses it. */
static void test_leaf_is_not_a_node(void)
{
	struct log_tree *t = tree_of(4);
	uint8_t children[64];
	uint8_t fake[LOG_HASH_SIZE], node[LOG_HASH_SIZE], root[LOG_HASH_SIZE], sibling[LOG_HASH_SIZE];

	CHECK(log_tree_node(t, 0, 0, children) == MT_OK && log_tree_node(t, 0, 1, children + 32) == MT_OK, "children");
	CHECK(log_tree_node(t, 1, 0, node) == MT_OK && log_tree_node(t, 1, 1, sibling) == MT_OK, "nodes");
	log_tree_root(t, 4, root);
	log_leaf_hash(mt_bytes(children, sizeof(children)), fake);
	CHECK(memcmp(fake, node, 32) != 0, "leaf hash of two children is not their node");
	CHECK(log_verify_inclusion(fake, 0, 2, mt_bytes(sibling, 32), root) == MT_TAMPERED, "as a tree of two leaves");
	log_tree_close(t);
}

static void test_tree_no_memory(void)
{
	struct log_tree *t = NULL;
	uint8_t leaf[LOG_HASH_SIZE] = { 0 }, root[LOG_HASH_SIZE], want[LOG_HASH_SIZE];

	mt_alloc_fail_at(1);
	CHECK(log_tree_open(&t) == MT_NO_MEMORY && !t, "open");
	mt_alloc_fail_at(0);
	for (uint64_t fail = 1; fail <= 24; fail++) {
		t = tree_of(127); /* the next two appends grow several levels */
		log_tree_root(t, 127, want);
		mt_alloc_fail_at(fail);
		enum mt_err err = log_tree_append(t, leaf);
		if (!err) {
			err = log_tree_append(t, leaf);
		}
		mt_alloc_fail_at(0);
		CHECK(err == MT_OK || err == MT_NO_MEMORY, "two outcomes");
		log_tree_root(t, 127, root);
		CHECK(memcmp(root, want, 32) == 0, "what was there stays");
		while (log_tree_size(t) < 129) {
			CHECK(log_tree_append(t, leaf) == MT_OK, "and it goes on");
		}
		log_tree_close(t);
	}
	log_tree_close(NULL);
}

const struct test tests[] = { { "ct_vectors", test_ct_vectors },
			      { "every_prefix", test_every_prefix },
			      { "roots", test_roots },
			      { "nodes", test_nodes },
			      { "inclusion_every_size", test_inclusion_every_size },
			      { "consistency_every_size", test_consistency_every_size },
			      { "proof_ranges", test_proof_ranges },
			      { "inclusion_refuses", test_inclusion_refuses },
			      { "consistency_refuses", test_consistency_refuses },
			      { "verify_malformed", test_verify_malformed },
			      { "leaf_is_not_a_node", test_leaf_is_not_a_node },
			      { "tree_no_memory", test_tree_no_memory },
			      TESTS_END };
