/* Decisions without I/O: does this head continue that one, may this contract be approved, do these shares make a key. */
#include "party/client/client_private.h"

#include <inttypes.h>
#include <string.h>

#include "lib/dataset/dataset.h"
#include "lib/log/log.h"

MUST enum mt_err judge_head(const struct statement_head *seen, const struct statement_head *now, struct bytes proof)
{
	if (now->size == 0 || now->size < seen->size) {
		return MT_TAMPERED;
	}
	if (seen->size == 0) {
		return MT_OK; /* the first contact: there is nothing to compare with */
	}
	if (now->size == seen->size) {
		return memcmp(now->root, seen->root, sizeof(now->root)) == 0 ? MT_OK : MT_TAMPERED;
	}
	return log_verify_consistency(seen->size, now->size, proof, seen->root, now->root) ? MT_TAMPERED : MT_OK;
}

const char *judge_contract(const struct contract *c, const struct approval_facts *f, const char **help)
{
	*help = "";
	if (!contract_has_participant(c, f->self)) {
		*help = "look at the contract's participants and at your own id: mesatee party";
		return "you are no participant of this contract";
	}
	if (memcmp(c->policy_hash, f->policy_hash, 32) != 0) {
		*help = "all participants must hold the same policy, also its name: compare yours, or ask for a "
			"contract under it";
		return "the contract names another policy than yours";
	}
	if (memcmp(c->log_id, f->log_id, 32) != 0) {
		*help = "connect to the node that the contract names";
		return "the contract is for another node's ledger";
	}
	if (!f->executor || memcmp(c->executor_hash, f->executor, 32) != 0) {
		*help = "ask for a contract that names this node's executor";
		return "the contract names another executor than the one that was attested";
	}
	if (c->level_min > f->level) {
		*help = "use a node of a higher level, or ask for a contract that demands less";
		return "the contract demands a higher level than this node's evidence shows";
	}
	return NULL;
}

/* ---- shares ---- */

#define SHARE_FIRST_LINE "mesatee share 1\n"

void share_encode(const struct share *s, struct builder *out)
{
	char digits[65];

	mt_hex(mt_bytes(s->tag, sizeof(s->tag)), digits);
	builder_format(out, SHARE_FIRST_LINE "tag %s\nsize %" PRIu64 "\nowners %zu\n", digits, s->size, s->owner_count);
	mt_hex(secret_bytes(&s->key), digits);
	builder_format(out, "key %s\n", digits);
	mt_wipe(digits, sizeof(digits));
}

static bool share_word(struct cursor *c, const char *word)
{
	struct bytes want = mt_text(word);

	return mt_equal(cursor_take(c, want.size), want);
}

static bool share_number(struct cursor *c, uint64_t *out)
{
	size_t digits = 0;

	*out = 0;
	while (cursor_left(c) && *c->at >= '0' && *c->at <= '9' && digits++ < 18) {
		*out = *out * 10 + (uint64_t)(cursor_u8(c) - '0');
	}
	return digits > 0 && cursor_u8(c) == '\n';
}

MUST enum mt_err share_decode(struct bytes text, struct share *out)
{
	struct cursor c = cursor_over(text);
	struct share s = { 0 };
	uint64_t owners = 0;

	bool good = share_word(&c, SHARE_FIRST_LINE "tag ") &&
		    mt_unhex(cursor_take(&c, 64), s.tag, sizeof(s.tag)) == MT_OK && share_word(&c, "\nsize ") &&
		    share_number(&c, &s.size) && share_word(&c, "owners ") && share_number(&c, &owners) &&
		    share_word(&c, "key ") && mt_unhex(cursor_take(&c, 64), s.key.at, sizeof(s.key.at)) == MT_OK &&
		    share_word(&c, "\n");
	if (!good || !cursor_done(&c) || owners < 1 || owners > MESATEE_SHARES_MAX) {
		mt_wipe(&s, sizeof(s));
		return MT_MALFORMED;
	}
	s.owner_count = (size_t)owners;
	*out = s;
	mt_wipe(&s, sizeof(s));
	return MT_OK;
}

const char *judge_shares(const struct share *shares, size_t count, struct secret *key)
{
	struct secret part[MESATEE_SHARES_MAX];

	if (count < 1 || count > MESATEE_SHARES_MAX) {
		return "an output takes 1 to 16 shares, one of each owner";
	}
	for (size_t i = 0; i < count; i++) {
		if (shares[i].owner_count != count) {
			return "every owner's share is needed, no more and no fewer";
		}
		if (memcmp(shares[i].tag, shares[0].tag, sizeof(shares[i].tag)) != 0) {
			return "the shares are of different outputs";
		}
		for (size_t j = 0; j < i; j++) {
			if (mt_equal_ct(secret_bytes(&shares[i].key), secret_bytes(&shares[j].key))) {
				return "one share was given twice";
			}
		}
	}
	for (size_t i = 0; i < count; i++) {
		part[i] = shares[i].key;
	}
	dataset_shares_combine(part, count, key);
	mt_wipe(part, sizeof(part));
	return NULL;
}
