/* Approving: the checks that nobody else can make for this party, its signature, and its keys for this contract alone. */
#include "party/client/client_private.h"

#include <string.h>

static enum mesatee_err approve_check(struct mesatee *m, const struct contract *c)
{
	const struct approval_facts facts = {
		.self = m->self,
		.log_id = m->log_id,
		.executor = m->executor_there[c->executor] ? m->executor[c->executor] : NULL,
		.policy_hash = m->policy_hash,
		.level = m->level,
	};
	const char *help = NULL, *why = judge_contract(c, &facts, &help);

	return why ? client_fail(m, MESATEE_REFUSED, help, "not approved: %s", why) : MESATEE_OK;
}

static enum mesatee_err approve_sign(struct mesatee *m, const struct contract *c, struct builder *out)
{
	struct approval a = { .head = m->head };
	uint8_t space[256];
	struct builder payload = builder_over(space, sizeof(space));
	struct bytes plain = { 0 };

	memcpy(a.contract_hash, c->hash, sizeof(a.contract_hash));
	memcpy(a.log_id, c->log_id, sizeof(a.log_id));
	approval_encode(&a, &payload);
	enum mt_err bad = builder_done(&payload, &plain);
	mt_assert(!bad);
	return cose_sign(m->signer, STATEMENT_TYPE_APPROVAL, plain, out) ? client_no_memory(m) : MESATEE_OK;
}

/* The key of one own input, sealed to the attested node for this contract and this dataset. */
static enum mesatee_err approve_key(struct mesatee *m, const struct contract *c, const uint8_t tag[32],
				    struct approval_key *out)
{
	struct secret key;
	uint8_t associated[64];

	enum mesatee_err err = data_key_load(m, tag, &key);
	if (!err) {
		memcpy(out->tag, tag, sizeof(out->tag));
		memcpy(associated, c->hash, 32);
		memcpy(associated + 32, tag, 32);
		enum mt_err bad =
			crypto_hpke_seal(m->keys.encapsulation, mt_text(STATEMENT_KEY_INFO),
					 mt_bytes(associated, sizeof(associated)), secret_bytes(&key), out->sealed);
		if (bad) {
			err = client_fail(m, MESATEE_NOT_VERIFIED, NULL, "the node's encapsulation key is none (%s)",
					  mt_err_name(bad));
		}
	}
	mt_wipe(&key, sizeof(key));
	return err;
}

static enum mesatee_err approve_keys(struct mesatee *m, const struct contract *c,
				     struct approval_key keys[CONTRACT_INPUTS_MAX], size_t *count)
{
	enum mesatee_err err = MESATEE_OK;

	*count = 0;
	for (size_t i = 0; !err && i < c->input_count; i++) {
		bool done = memcmp(c->input[i].owner, m->self, sizeof(m->self)) != 0;
		for (size_t k = 0; k < *count; k++) {
			done = done || memcmp(keys[k].tag, c->input[i].tag, sizeof(keys[k].tag)) == 0;
		}
		if (done) {
			continue;
		}
		err = approve_key(m, c, c->input[i].tag, &keys[*count]);
		if (!err) {
			(*count)++;
		} else if (err == MESATEE_NOT_FOUND) {
			err = MESATEE_OK; /* an output of the node's, which has its key; if not, the node says whose is missing */
		}
	}
	return err;
}

enum mesatee_err mesatee_approve(struct mesatee *m, const struct mesatee_contract *view, bool only_check)
{
	const struct contract *c = &view->contract;
	struct approval_key keys[CONTRACT_INPUTS_MAX] = { 0 };
	uint8_t message_space[256 + COSE_OVERHEAD], body_space[4096];
	struct builder message = builder_over(message_space, sizeof(message_space)),
		       body = builder_over(body_space, sizeof(body_space));
	struct bytes approval = { 0 }, whole = { 0 };
	struct answer a = { 0 };
	size_t count = 0;

	enum mesatee_err err = session_ensure(m);
	if (!err) {
		err = approve_check(m, c);
	}
	if (!err) {
		err = approve_keys(m, c, keys, &count);
	}
	if (!err && !only_check) {
		err = approve_sign(m, c, &message);
	}
	if (!err && !only_check) {
		enum mt_err bad = builder_done(&message, &approval);
		mt_assert(!bad);
		approval_body_encode(approval, keys, count, &body);
		bad = builder_done(&body, &whole);
		mt_assert(!bad);
		err = signed_post(m, "approving", ROUTE_APPROVE, view->hash, whole, &a);
	}
	answer_close(&a);
	return err;
}
