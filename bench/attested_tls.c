/*
 * An attested connection against plain mutual TLS 1.3, both ends on one core, in memory.
 * Attested: TLS with the node's key only, the exchange, the appraisal, the party's proof and its check (DESIGN 8); full and fast form.
 * Mutual: both ends present a P-256 certificate under one authority and verify the other's.
 */
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/channel/channel.h"
#include "lib/statement/statement.h"
#include "port/linux/box_port.h"

#define ROUNDS 300
#define PASSES 3

static double cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void must(bool good, const char *what)
{
	if (!good) {
		fprintf(stderr, "attested_tls: %s\n", what);
		exit(1);
	}
}

/* ---- plain mutual TLS ---- */

static X509 *certificate(EVP_PKEY *key, EVP_PKEY *issuer_key, X509 *issuer, const char *name)
{
	X509 *x = X509_new();
	X509_NAME *n = X509_get_subject_name(x);

	must(X509_set_version(x, 2) && ASN1_INTEGER_set(X509_get_serialNumber(x), 1) && X509_gmtime_adj(X509_getm_notBefore(x), -3600) &&
	     X509_gmtime_adj(X509_getm_notAfter(x), 86400) && X509_set_pubkey(x, key) &&
	     X509_NAME_add_entry_by_txt(n, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0) &&
	     X509_set_issuer_name(x, issuer ? X509_get_subject_name(issuer) : n), "certificate");
	if (!issuer) {
		X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, NID_basic_constraints, "critical,CA:TRUE");
		must(e && X509_add_ext(x, e, -1), "authority");
		X509_EXTENSION_free(e);
	}
	must(X509_sign(x, issuer_key, EVP_sha256()) > 0, "signature");
	return x;
}

static SSL_CTX *mutual_context(const SSL_METHOD *method, EVP_PKEY *authority_key, X509 *authority, const char *name)
{
	SSL_CTX *ctx = SSL_CTX_new(method);
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *own = certificate(key, authority_key, authority, name);

	must(SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) && SSL_CTX_use_certificate(ctx, own) && SSL_CTX_use_PrivateKey(ctx, key) &&
	     X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), authority) && SSL_CTX_set_num_tickets(ctx, 0) &&
	     SSL_CTX_set1_groups_list(ctx, "X25519"), "mutual context");
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	X509_free(own);
	EVP_PKEY_free(key);
	return ctx;
}

struct pair {
	SSL *node, *client;
};

static struct pair handshake(SSL_CTX *node_ctx, SSL_CTX *client_ctx)
{
	struct pair p = { SSL_new(node_ctx), SSL_new(client_ctx) };
	BIO *a = NULL, *b = NULL;

	must(BIO_new_bio_pair(&a, 1 << 16, &b, 1 << 16), "memory");
	SSL_set_bio(p.node, a, a);
	SSL_set_bio(p.client, b, b);
	SSL_set_accept_state(p.node);
	SSL_set_connect_state(p.client);
	for (int i = 0; i < 10 && !(SSL_is_init_finished(p.node) && SSL_is_init_finished(p.client)); i++) {
		SSL_do_handshake(p.client);
		SSL_do_handshake(p.node);
	}
	must(SSL_is_init_finished(p.node) && SSL_is_init_finished(p.client), "handshake");
	return p;
}

static void pair_free(struct pair *p)
{
	SSL_free(p->node);
	SSL_free(p->client);
}

/* Move bytes through the connection, as the frames would. */
static void carry(SSL *from, SSL *to, struct bytes b)
{
	static uint8_t got[CHANNEL_FRAME_MAX];
	size_t done = 0, n = 0;

	must(SSL_write_ex(from, b.at, b.size, &n) && n == b.size, "write");
	while (done < b.size) {
		must(SSL_read_ex(to, got, sizeof(got), &n), "read");
		done += n;
	}
}

/* ---- attested ---- */

struct side {
	struct box *cbor;
	struct crypto_signer *root, *fast, *party;
	struct channel_core_keys keys;
	struct attest_measurements measured;
	struct attest_policy policy;
	struct channel_fast_cache cache;
	uint8_t log_id[32];
};

static void side_open(struct side *s)
{
	struct secret k;

	must(!box_open(&box_cbor, &s->cbor), "box");
	crypto_p256_generate(&k);
	must(!crypto_signer_open_p256(&k, &s->root), "root");
	crypto_p256_generate(&k);
	must(!crypto_signer_open_p256(&k, &s->fast), "fast key");
	crypto_p256_generate(&k);
	must(!crypto_signer_open_p256(&k, &s->party), "party");
	memcpy(s->keys.fast, crypto_signer_public(s->fast).at, sizeof(s->keys.fast));
	s->measured.count = 14;         /* as many as a node has */
	for (size_t i = 0; i < s->measured.count; i++) {
		snprintf(s->measured.item[i].name, sizeof(s->measured.item[i].name), "component-%02zu", i);
	}
	s->policy = (struct attest_policy){ .name = "bench", .level_min = 2, .root_count = 1, .expected = s->measured, .allow_fast = true,
					    .fast_life_s = 600 };
	crypto_p256_id(crypto_signer_public(s->root).at, s->policy.root[0]);
}

static void evidence_over(struct side *s, const uint8_t report_data[ATTEST_REPORT_DATA_SIZE], struct builder *out)
{
	struct attest_claims c = { .measurements = s->measured, .confined = true, .isolated = true, .rollback = ATTEST_ROLLBACK_CLIENTS };

	memcpy(c.report_data, report_data, sizeof(c.report_data));
	must(!attest_software_evidence(s->root, &c, out), "evidence");
}

/* The node's part: decode the hello, bind, sign. */
static struct bytes node_answer(struct side *s, SSL *ssl, struct bytes hello_frame, struct builder *frame)
{
	static uint8_t space[2 * ATTEST_EVIDENCE_MAX];
	struct builder parts = builder_over(space, sizeof(space));
	struct channel_hello hello;
	struct channel_binding b;
	struct channel_answer a = { .keys = s->keys };
	uint8_t data[ATTEST_REPORT_DATA_SIZE], message[64], signature[64];
	struct bytes out;

	must(!channel_hello_decode(s->cbor, hello_frame, &hello) && !channel_tls_binding(ssl, CHANNEL_NODE, hello.context, &b), "hello");
	a.form = hello.form;
	if (hello.form == CHANNEL_FULL) {
		channel_report_data(CHANNEL_NODE, &b, &s->keys, data);
		evidence_over(s, data, &parts);
		a.evidence = mt_bytes(space, parts.size);
		if (!mt_is_zero(mt_bytes(hello.nonce, 32))) {
			size_t from = parts.size;
			channel_fast_report_data(CHANNEL_NODE, hello.nonce, &s->keys, data);
			evidence_over(s, data, &parts);
			a.fast_evidence = mt_bytes(space + from, parts.size - from);
		}
	} else {
		channel_fast_message(CHANNEL_NODE, &b, message);
		must(!crypto_sign(s->fast, mt_bytes(message, 64), signature), "fast signature");
		a.fast_signature = mt_bytes(signature, 64);
	}
	channel_answer_encode(&a, frame);
	must(!builder_done(frame, &out), "answer");
	return out;
}

static void party_proof(struct side *s, struct pair *p, const struct channel_binding *client)
{
	uint8_t payload_space[256], space[512], id[32];
	struct builder payload = builder_over(payload_space, sizeof(payload_space)), b = builder_over(space, sizeof(space));
	struct bytes payload_bytes, proof;
	struct channel_binding node;

	channel_party_payload(s->log_id, client, &payload);
	must(!builder_done(&payload, &payload_bytes) && !cose_sign(s->party, STATEMENT_TYPE_PARTY, payload_bytes, &b) &&
	     !builder_done(&b, &proof), "proof");
	carry(p->client, p->node, proof);
	must(!channel_tls_binding(p->node, CHANNEL_NODE, client->context, &node) &&
	     !channel_party_open(s->cbor, proof, s->log_id, &node, id), "party");
}

static void attested(struct side *s, SSL_CTX *node_ctx, SSL_CTX *client_ctx, enum channel_form form, bool with_fast)
{
	static struct attest_verdict verdict;
	static uint8_t frame_space[CHANNEL_FRAME_MAX];
	uint8_t hello_space[256];
	struct builder h = builder_over(hello_space, sizeof(hello_space)), f = builder_over(frame_space, sizeof(frame_space));
	struct pair p = handshake(node_ctx, client_ctx);
	struct channel_hello hello = { .form = form };
	struct channel_binding b;
	struct channel_answer a;
	struct bytes hello_frame;

	crypto_random(hello.context, 32);
	if (with_fast) {
		crypto_random(hello.nonce, 32);
	}
	channel_hello_encode(&hello, &h);
	must(!builder_done(&h, &hello_frame), "hello");
	carry(p.client, p.node, hello_frame);
	struct bytes answer_frame = node_answer(s, p.node, hello_frame, &f);
	carry(p.node, p.client, answer_frame);
	must(!channel_answer_decode(s->cbor, answer_frame, &a) && !channel_tls_binding(p.client, CHANNEL_CLIENT, hello.context, &b), "answer");
	enum mt_err err = channel_verify(s->cbor, CHANNEL_NODE, &hello, &b, &a, 1000, &s->policy, &s->cache, &verdict);
	must(!err &&
	     verdict.overall == ATTEST_PASS, "verdict");
	party_proof(s, &p, &b);
	channel_answer_close(&a);
	pair_free(&p);
}

int main(void)
{
	static struct side s;
	EVP_PKEY *authority_key = EVP_EC_gen("P-256");
	X509 *authority = certificate(authority_key, authority_key, NULL, "authority");
	SSL_CTX *mutual_node = mutual_context(TLS_server_method(), authority_key, authority, "node");
	SSL_CTX *mutual_client = mutual_context(TLS_client_method(), authority_key, authority, "client");
	SSL_CTX *node = NULL, *client = NULL;
	double best[3] = { 1e18, 1e18, 1e18 };

	box_port_install();
	side_open(&s);
	must(!channel_tls_node(&node) && !channel_tls_client(&client), "contexts");
	attested(&s, node, client, CHANNEL_FULL, true);         /* fills the cache for the fast form */
	for (int pass = 0; pass < PASSES; pass++) {
		for (int kind = 0; kind < 3; kind++) {
			double start = cpu_us();
			for (int i = 0; i < ROUNDS; i++) {
				if (kind == 0) {
					struct pair p = handshake(mutual_node, mutual_client);
					pair_free(&p);
				} else {
					attested(&s, node, client, kind == 1 ? CHANNEL_FULL : CHANNEL_FAST, false);
				}
			}
			double each = (cpu_us() - start) / ROUNDS;
			best[kind] = each < best[kind] ? each : best[kind];
		}
	}
	printf("attested connection, CPU of both ends, best of %d passes of %d\n", PASSES, ROUNDS);
	printf("  plain mutual TLS 1.3         %7.0f us  1.00x\n", best[0]);
	printf("  attested, full software      %7.0f us  %.2fx  (budget 1.35x)\n", best[1], best[1] / best[0]);
	printf("  attested, fast form          %7.0f us  %.2fx  (budget 1.00x)\n", best[2], best[2] / best[0]);
	return 0;
}
