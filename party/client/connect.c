/*
 * Connecting. The order is the defence: TLS, protocol, challenge, evidence under the policy, keys, ledger; and only then anything
 * of ours. Whatever fails on the way closes the connection before another byte is sent.
 */
#include "party/client/client_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log/log.h"

static const char untrusted_help[] =
	"do not use this node. Compare its build with yours: mesatee attest shows every part; "
	"if your policy is of another version, make a new one from the new source";

/* ---- the address ---- */

static enum mesatee_err url_bad(struct mesatee *m, const char *url)
{
	char shown[128];

	client_clean(mt_text(url), shown, sizeof(shown));
	return client_fail(m, MESATEE_USAGE, "for example https://127.0.0.1:7777 or https://[::1]:7777",
			   "not a node's address: \"%s\"", shown);
}

/* "https://HOST:PORT" or "https://[ADDRESS]:PORT", nothing behind it but a slash. */
static enum mesatee_err url_take(struct mesatee *m, const char *url)
{
	const char *scheme = "https://", *host = url + strlen(scheme), *end;
	size_t size = strlen(url);

	while (size && url[size - 1] == '/') {
		size--;
	}
	if (strncmp(url, scheme, strlen(scheme)) != 0 || size <= strlen(scheme) || size >= CLIENT_URL_MAX) {
		return url_bad(m, url);
	}
	const char *colon = memrchr(host, ':', size - strlen(scheme));
	bool six = host[0] == '[';
	end = colon;
	if (!colon || (six && colon[-1] != ']') || strcspn(host, " /?#@\t\r\n") < size - strlen(scheme)) {
		return url_bad(m, url);
	}
	size_t port_size = size - (size_t)(colon + 1 - url), host_size = (size_t)(end - host) - (six ? 2 : 0);
	if (port_size == 0 || port_size > 5 || strspn(colon + 1, "0123456789") < port_size ||
	    strtoul(colon + 1, NULL, 10) > UINT16_MAX || host_size == 0) {
		return url_bad(m, url);
	}
	(void)snprintf(m->url, sizeof(m->url), "%.*s", (int)size, url);
	(void)snprintf(m->host, sizeof(m->host), "%.*s", (int)host_size, host + (six ? 1 : 0));
	(void)snprintf(m->port, sizeof(m->port), "%.*s", (int)port_size, colon + 1);
	return MESATEE_OK;
}

/* ---- the verdict, as the caller sees it ---- */

static void part_take(const struct attest_part *from, struct mesatee_part *to)
{
	(void)snprintf(to->name, sizeof(to->name), "%s", from->name);
	client_clean(mt_text(from->have), to->have, sizeof(to->have));
	client_clean(mt_text(from->want), to->want, sizeof(to->want));
	to->passed = from->result == ATTEST_PASS;
	to->vouched_by = from->vouched_by;
}

static void verdict_take(struct mesatee *m, const struct attest_verdict *v)
{
	struct mesatee_verdict *out = &m->verdict;

	*out = (struct mesatee_verdict){ .passed = v->overall == ATTEST_PASS, .level = v->level };
	out->level_name = attest_level_name(v->level);
	out->protects = attest_level_protects(v->level);
	out->limits = attest_level_limits(v->level);
	out->rollback_by_clients = v->claims.rollback != ATTEST_ROLLBACK_COUNTER;
	for (size_t i = 0; i < v->part_count && i < MT_COUNT(out->part); i++) {
		part_take(&v->part[i], &out->part[out->part_count++]);
	}
	if (!mt_is_zero(mt_bytes(v->root, sizeof(v->root)))) {
		mt_hex(mt_bytes(v->root, sizeof(v->root)), out->root);
	}
	m->verdict_set = true;
}

/* A part that is not of the evidence: what the client itself saw. */
static enum mesatee_err verdict_fault(struct mesatee *m, const char *part, const char *have, const char *want)
{
	struct mesatee_verdict *v = &m->verdict;

	v->passed = false;
	m->verdict_set = true;
	if (v->part_count < MT_COUNT(v->part)) {
		struct mesatee_part *p = &v->part[v->part_count++];
		*p = (struct mesatee_part){ .vouched_by = "this client" };
		(void)snprintf(p->name, sizeof(p->name), "%s", part);
		(void)snprintf(p->have, sizeof(p->have), "%s", have);
		(void)snprintf(p->want, sizeof(p->want), "%s", want);
	}
	return client_fail(m, MESATEE_NOT_VERIFIED, untrusted_help, "%s: %s is %s, it must be %s", m->url, part, have,
			   want);
}

static enum mesatee_err verdict_failed(struct mesatee *m, const struct attest_verdict *v)
{
	const struct attest_part *p = attest_verdict_fault(v);

	if (!p) {
		return client_fail(m, MESATEE_NOT_VERIFIED, untrusted_help, "%s did not pass the policy \"%s\"", m->url,
				   m->policy.name);
	}
	return client_fail(m, MESATEE_NOT_VERIFIED, untrusted_help,
			   "%s did not pass the policy \"%s\": %s is %s, it must be %s", m->url, m->policy.name,
			   p->name, p->have[0] ? p->have : "missing", p->want);
}

/* ---- the exchange ---- */

static enum mesatee_err exchange_frames(struct mesatee *m, const struct channel_hello *hello,
					struct channel_answer *out)
{
	uint8_t space[256], size_bytes[4];
	struct builder frame = builder_over(space, sizeof(space));
	struct bytes sent = { 0 };

	builder_u32(&frame, 0);
	channel_hello_encode(hello, &frame);
	enum mt_err bad = builder_done(&frame, &sent);
	mt_assert(!bad);
	struct builder head = builder_over(space, 4);
	builder_u32(&head, (uint32_t)(sent.size - 4));
	enum mesatee_err err = net_write(m, sent, NULL);
	if (!err) {
		err = net_read_all(m, size_bytes, sizeof(size_bytes));
	}
	if (err) {
		return err;
	}
	struct cursor c = cursor_over(mt_bytes(size_bytes, sizeof(size_bytes)));
	size_t size = cursor_u32(&c);
	if (size == 0 || size > CHANNEL_FRAME_MAX) {
		return client_fail(m, MESATEE_NOT_VERIFIED, untrusted_help, "%s sent no evidence", m->url);
	}
	uint8_t *answer = mt_alloc(size);
	if (!answer) {
		return client_no_memory(m);
	}
	err = net_read_all(m, answer, size);
	if (!err) {
		bad = channel_answer_decode(m->cbor, mt_bytes(answer, size), out);
		if (bad) {
			err = client_fail(m, bad == MT_NO_MEMORY ? MESATEE_FAILED : MESATEE_NOT_VERIFIED,
					  untrusted_help, "%s sent something that is no evidence (%s)", m->url,
					  mt_err_name(bad));
		}
	}
	mt_free(answer);
	return err;
}

/* What the evidence vouches for must be what the ledger was begun with. */
static enum mesatee_err exchange_genesis(struct mesatee *m, const struct channel_answer *a)
{
	struct genesis g = { 0 };
	uint8_t log_id[32];

	if (genesis_decode(m->cbor, a->genesis, &g)) {
		return verdict_fault(m, "the ledger's first entry", "not well-formed",
				     "keys, time, operator and configuration");
	}
	genesis_log_id(&g, log_id);
	if (memcmp(log_id, a->log_id, sizeof(log_id)) != 0) {
		return verdict_fault(m, "the ledger's id", "another one", "the hash of the keys in its first entry");
	}
	if (memcmp(g.receipt_key, a->keys.receipt, sizeof(g.receipt_key)) != 0 ||
	    memcmp(g.note_key, a->keys.note, sizeof(g.note_key)) != 0) {
		return verdict_fault(m, "the ledger's keys", "other ones", "the keys that the evidence vouches for");
	}
	return MESATEE_OK;
}

static enum mesatee_err exchange_accept(struct mesatee *m, const struct channel_answer *a,
					const struct attest_verdict *v, const struct channel_binding *b,
					enum channel_form form)
{
	if (form == CHANNEL_FULL) {
		for (int e = CONTRACT_WASM; e < CONTRACT_EXECUTORS; e++) {
			m->executor_there[e] = attest_executor_hash(&v->claims.measurements, (enum attest_executor)e,
								    m->executor[e]) == MT_OK;
		}
		if (!m->executor_there[CONTRACT_WASM]) {
			return verdict_fault(m, "the executor", "not measured", "run and compile");
		}
		m->level = v->level;
	}
	enum mesatee_err err = exchange_genesis(m, a);
	if (err) {
		return err;
	}
	m->keys = a->keys;
	m->binding = *b;
	memcpy(m->log_id, a->log_id, sizeof(m->log_id));
	mt_hex(mt_bytes(m->log_id, sizeof(m->log_id)), m->verdict.log_id);
	mt_hex(mt_bytes(m->executor[CONTRACT_WASM], 32), m->verdict.engine);
	m->connected = true;
	return MESATEE_OK;
}

/* One connection up to the verdict. *again: the fast form was refused, use the full one. */
static enum mesatee_err exchange(struct mesatee *m, enum channel_form form, bool *again)
{
	struct channel_hello hello = { .form = form };
	struct channel_answer answer = { 0 };
	struct channel_binding binding;
	struct attest_verdict *v = mt_alloc(sizeof(*v));
	enum mesatee_err err = v ? net_open(m) : client_no_memory(m);

	crypto_random(hello.context, sizeof(hello.context));
	if (form == CHANNEL_FULL) {
		crypto_random(hello.nonce, sizeof(hello.nonce));
	}
	if (!err) {
		err = exchange_frames(m, &hello, &answer);
	}
	if (!err && channel_tls_binding(m->net.ssl, CHANNEL_CLIENT, hello.context, &binding)) {
		err = client_fail(m, MESATEE_NOT_VERIFIED, untrusted_help,
				  "the connection to %s cannot be bound to its evidence", m->url);
	}
	if (!err) {
		enum mt_err bad = channel_verify(m->cbor, CHANNEL_NODE, &hello, &binding, &answer, client_now_ms(),
						 &m->policy, &m->fast, v);
		bool failed = bad || v->overall != ATTEST_PASS;
		*again = failed && form == CHANNEL_FAST;
		if (form == CHANNEL_FULL) {
			verdict_take(m, v);
			m->verdict.passed = !failed;
		}
		err = bad == MT_NO_MEMORY ? client_no_memory(m)
		      : failed		  ? verdict_failed(m, v)
					  : exchange_accept(m, &answer, v, &binding, form);
	} else {
		*again = form == CHANNEL_FAST && err == MESATEE_NOT_VERIFIED;
	}
	channel_answer_close(&answer);
	mt_free(v);
	if (err) {
		net_close(m);
	}
	return err;
}

/* ---- the ledger's head ---- */

/* The proof from the head we know to this one, asked of the node. */
static enum mesatee_err head_proof(struct mesatee *m, const struct statement_head *now, struct cose_document *document,
				   struct bytes *proof)
{
	char first[24], second[24];
	struct answer a = { 0 };

	if (m->head.size == 0 || m->head.size >= now->size) {
		return MESATEE_OK; /* nothing to prove, or nothing that could */
	}
	(void)snprintf(first, sizeof(first), "%" PRIu64, m->head.size);
	(void)snprintf(second, sizeof(second), "%" PRIu64, now->size);
	enum mesatee_err err = http_get(m, "the ledger's consistency", ROUTE_CONSISTENCY, first, second, &a);
	if (err == MESATEE_NOT_FOUND || err == MESATEE_FAILED || err == MESATEE_REFUSED) {
		return MESATEE_OK; /* no proof is a proof that does not fit */
	}
	if (!err && cose_document_open(m->cbor, mt_bytes(a.body, a.body_size), document) == MT_OK) {
		struct reader r = reader_over(&document->items);
		reader_array_of(&r, 2);
		(void)reader_bstr(&r); /* the node's root: the signed note has it already */
		*proof = reader_bstr(&r);
		if (!reader_done(&r)) {
			*proof = mt_bytes(NULL, 0);
		}
	}
	answer_close(&a);
	return err;
}

enum mesatee_err connect_head(struct mesatee *m)
{
	char origin[8 + 64 + 1] = "mesatee/";
	struct answer a = { 0 };
	struct statement_head now = { 0 };
	struct cose_document document = { 0 };
	struct bytes proof = { 0 };

	enum mesatee_err err = http_get(m, "the ledger's head", ROUTE_CHECKPOINT, NULL, NULL, &a);
	if (err) {
		return err == MESATEE_CONFLICT ? client_fail(m, MESATEE_NOT_READY, "try again in a moment",
							     "the node has not signed its ledger yet")
					       : err;
	}
	mt_hex(mt_bytes(m->log_id, 32), origin + strlen(origin));
	enum mt_err bad = log_checkpoint_open(mt_bytes(a.body, a.body_size), origin, m->keys.note, &now.size, now.root);
	answer_close(&a);
	if (bad) {
		return verdict_fault(m, "the ledger's head", "not signed by the attested key",
				     "a checkpoint of this ledger");
	}
	err = heads_load(m, m->log_id, &m->head);
	if (!err) {
		err = head_proof(m, &now, &document, &proof);
	}
	if (!err && judge_head(&m->head, &now, proof)) {
		(void)verdict_fault(m, "the ledger's head", "no continuation of the one seen before",
				    "one that holds all that was seen before");
		err = client_fail(m, MESATEE_NOT_VERIFIED,
				  "do not use this node: its state was rolled back or exchanged. Keep the folder "
				  "\"heads\" of your home, tell the "
				  "operator and the other parties",
				  "rolled back: the ledger of %s has %" PRIu64
				  " entries and does not continue the %" PRIu64 " seen before",
				  m->url, now.size, m->head.size);
	}
	cose_document_close(&document);
	return err ? err : heads_keep(m, &now);
}

/* ---- all of it ---- */

static enum mesatee_err connect_fresh(struct mesatee *m)
{
	bool again = false;
	enum channel_form form = m->fast.valid && m->verdict.passed ? CHANNEL_FAST : CHANNEL_FULL;
	enum mesatee_err err = exchange(m, form, &again);

	if (err && again) {
		m->fast.valid = false;
		err = exchange(m, CHANNEL_FULL, &again);
	}
	if (!err) {
		err = known_check(m);
	}
	if (!err) {
		err = connect_head(m);
	}
	if (err) {
		net_close(m);
		return err;
	}
	m->verdict.log_size = m->head.size;
	return MESATEE_OK;
}

enum mesatee_err mesatee_connect(struct mesatee *m, const char *url)
{
	char before[CLIENT_URL_MAX];

	memcpy(before, m->url, sizeof(before));
	mesatee_disconnect(m);
	if (!m->policy_set) {
		return client_fail(m, MESATEE_USAGE, "name one: mesatee --policy FILE",
				   "no policy says what a node must be");
	}
	enum mesatee_err err = url_take(m, url);
	if (err) {
		return err;
	}
	if (strcmp(before, m->url) != 0) {
		m->fast = (struct channel_fast_cache){ 0 };
	}
	return connect_fresh(m);
}

void mesatee_disconnect(struct mesatee *m)
{
	net_close(m);
}

enum mesatee_err connect_ensure(struct mesatee *m)
{
	if (m->connected && net_alive(m)) {
		return MESATEE_OK;
	}
	if (!m->url[0]) {
		return client_fail(m, MESATEE_USAGE, "connect first", "there is no node to talk to");
	}
	return connect_fresh(m);
}

const struct mesatee_verdict *mesatee_verdict(const struct mesatee *m)
{
	return m->verdict_set ? &m->verdict : NULL;
}

/* ---- status ---- */

enum mesatee_err mesatee_status(struct mesatee *m, const char **json)
{
	struct answer a = { 0 };
	enum mesatee_err err = connect_ensure(m);

	if (!err) {
		err = http_get(m, "status", ROUTE_STATUS, NULL, NULL, &a);
	}
	if (!err) {
		mt_free(m->text);
		m->text = a.body;
		*json = (const char *)a.body;
	}
	return err;
}
