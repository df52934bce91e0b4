/* The client's decisions: heads, approvals, shares. */
#include <string.h>

#include "lib/dataset/dataset.h"
#include "lib/log/log.h"
#include "party/client/client_private.h"
#include "test/test.h"

/* ---- heads ---- */

static struct log_tree *tree_of(uint8_t count, uint8_t changed)
{
	struct log_tree *tree = NULL;
	uint8_t leaf[32];

	CHECK(log_tree_open(&tree) == MT_OK, "memory");
	for (uint8_t i = 0; i < count; i++) {
		uint8_t data = i == changed ? 200 : i;
		log_leaf_hash(mt_bytes(&data, 1), leaf);
		CHECK(log_tree_append(tree, leaf) == MT_OK, "memory");
	}
	return tree;
}

static struct statement_head head_of(const struct log_tree *tree, uint64_t size)
{
	struct statement_head h = { .size = size };

	if (size) {
		log_tree_root(tree, size, h.root);
	}
	return h;
}

static void test_heads(void)
{
	struct log_tree *tree = tree_of(20, 255), *fork = tree_of(20, 3);
	uint8_t proof[LOG_PROOF_MAX][32];
	size_t count = 0;
	struct statement_head none = head_of(tree, 0), seen = head_of(tree, 9), now = head_of(tree, 20);

	CHECK(log_tree_consistency(tree, 9, 20, proof, &count) == MT_OK, "a proof");
	struct bytes p = mt_bytes(proof, count * 32);
	CHECK(judge_head(&none, &now, mt_bytes(NULL, 0)) == MT_OK, "first contact");
	CHECK(judge_head(&none, &none, mt_bytes(NULL, 0)) == MT_TAMPERED, "a ledger of nothing");
	CHECK(judge_head(&seen, &seen, mt_bytes(NULL, 0)) == MT_OK, "nothing new");
	CHECK(judge_head(&seen, &now, p) == MT_OK, "grown");
	CHECK(judge_head(&seen, &now, mt_bytes(NULL, 0)) == MT_TAMPERED, "grown without a proof");
	CHECK(judge_head(&now, &seen, p) == MT_TAMPERED, "rolled back");
	for (size_t n = 0; n < count; n++) {
		CHECK(judge_head(&seen, &now, mt_bytes(proof, n * 32)) == MT_TAMPERED, "a truncated proof");
	}
	struct statement_head other = head_of(fork, 9);
	CHECK(judge_head(&seen, &other, mt_bytes(NULL, 0)) == MT_TAMPERED, "the same size, another root");
	other = head_of(fork, 20);
	CHECK(log_tree_consistency(fork, 9, 20, proof, &count) == MT_OK, "the fork's proof");
	CHECK(judge_head(&seen, &other, mt_bytes(proof, count * 32)) == MT_TAMPERED, "a fork with a proof of its own");
	log_tree_close(tree);
	log_tree_close(fork);
}

/* ---- approvals ---- */

static void test_approvals(void)
{
	static struct contract c;
	uint8_t self[32] = { 1 }, log_id[32] = { 2 }, engine[32] = { 3 }, policy[32] = { 4 };
	const struct approval_facts facts = { .self = self, .log_id = log_id, .policy_hash = policy, .executor = engine, .level = 2 };
	const char *help = NULL;

	c = (struct contract){ .participant_count = 1, .level_min = 2 };
	memcpy(c.participant[0], self, 32);
	memcpy(c.log_id, log_id, 32);
	memcpy(c.executor_hash, engine, 32);
	memcpy(c.policy_hash, policy, 32);
	CHECK(judge_contract(&c, &facts, &help) == NULL, "all as it must be");
	struct {
		const char *why;
		uint8_t *byte;
	} row[] = {
		{ "not a participant", &c.participant[0][31] },
		{ "another ledger", &c.log_id[31] },
		{ "another executor", &c.executor_hash[31] },
		{ "another policy", &c.policy_hash[31] },
	};
	for (size_t i = 0; i < MT_COUNT(row); i++) {
		*row[i].byte ^= 1;
		CHECK(judge_contract(&c, &facts, &help) != NULL && help[0], row[i].why);
		*row[i].byte ^= 1;
	}
	c.level_min = 3;
	CHECK(judge_contract(&c, &facts, &help) != NULL, "a higher level than was shown");
	c.level_min = 1;
	CHECK(judge_contract(&c, &facts, &help) == NULL, "a lower one");
	struct approval_facts without = facts;
	without.executor = NULL;
	CHECK(judge_contract(&c, &without, &help) != NULL && help[0], "an executor that the node has not");
}

/* ---- shares ---- */

static struct bytes share_text(const struct share *s)
{
	struct builder b = builder_over(test_alloc(512), 512);
	struct bytes out = { 0 };

	share_encode(s, &b);
	CHECK(builder_done(&b, &out) == MT_OK, "fits");
	return out;
}

static void test_share_form(void)
{
	struct share s = { .tag = { 7 }, .size = 123456, .owner_count = 3, .key = { { 9, 8 } } }, got = { 0 };
	struct bytes text = share_text(&s);

	CHECK(share_decode(text, &got) == MT_OK && got.size == 123456 && got.owner_count == 3, "round trip");
	CHECK(memcmp(got.tag, s.tag, 32) == 0 && memcmp(&got.key, &s.key, 32) == 0, "round trip of tag and key");
	for (size_t n = 0; n < text.size; n++) {
		CHECK(share_decode(first(text, n), &got) == MT_MALFORMED, "every prefix");
	}
	s.owner_count = 1;
	CHECK(share_decode(share_text(&s), &got) == MT_OK && got.owner_count == 1, "one owner's is the key");
	s.owner_count = 0;
	CHECK(share_decode(share_text(&s), &got) == MT_MALFORMED, "no owner has no share");
	s.owner_count = MESATEE_SHARES_MAX + 1;
	CHECK(share_decode(share_text(&s), &got) == MT_MALFORMED, "too many owners");
}

static void test_shares(void)
{
	struct share part[4] = { 0 };
	struct secret parts[3], key = { { 1, 2, 3 } }, got = { { 0 } };

	dataset_shares_split(&key, parts, 3);
	for (size_t i = 0; i < 3; i++) {
		part[i] = (struct share){ .tag = { 5 }, .size = 10, .owner_count = 3, .key = parts[i] };
	}
	CHECK(judge_shares(part, 3, &got) == NULL && memcmp(&got, &key, sizeof(key)) == 0, "all of them");
	struct share swap = part[0];
	part[0] = part[2];
	part[2] = swap;
	CHECK(judge_shares(part, 3, &got) == NULL && memcmp(&got, &key, sizeof(key)) == 0, "in any order");
	struct share alone = { .tag = { 5 }, .size = 10, .owner_count = 1, .key = key };
	CHECK(judge_shares(&alone, 1, &got) == NULL && memcmp(&got, &key, sizeof(key)) == 0, "one owner's is the key");
	CHECK(judge_shares(part, 2, &got) != NULL, "one is missing");
	CHECK(judge_shares(part, 1, &got) != NULL, "two are missing");
	CHECK(judge_shares(part, 0, &got) != NULL, "all are missing");
	part[3] = part[1];
	CHECK(judge_shares(part, 4, &got) != NULL, "one too many");
	swap = part[2];
	part[2] = part[1];
	CHECK(judge_shares(part, 3, &got) != NULL, "one twice");
	part[2] = swap;
	part[2].tag[31] = 1;
	CHECK(judge_shares(part, 3, &got) != NULL, "of another output");
}

const struct test tests[] = { { "heads", test_heads },
			      { "approvals", test_approvals },
			      { "share_form", test_share_form },
			      { "shares", test_shares },
			      TESTS_END };
