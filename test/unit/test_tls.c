/* The TLS settings of both ends over memory: what is agreed, what is refused, what both ends compute. */
#include <openssl/ssl.h>
#include <string.h>

#include "lib/channel/channel.h"
#include "test/test.h"

struct pair {
	SSL_CTX *node_ctx, *client_ctx;
	SSL *node, *client;
};

static void pair_open(struct pair *p)
{
	*p = (struct pair){ 0 };
	CHECK(!channel_tls_node(&p->node_ctx) && !channel_tls_client(&p->client_ctx), "contexts");
}

static void pair_close(struct pair *p)
{
	SSL_free(p->node);
	SSL_free(p->client);
	channel_tls_close(p->node_ctx);
	channel_tls_close(p->client_ctx);
}

static bool shake(struct pair *p)
{
	BIO *a = NULL, *b = NULL;

	p->node = SSL_new(p->node_ctx);
	p->client = SSL_new(p->client_ctx);
	if (!BIO_new_bio_pair(&a, 0, &b, 0)) {
		return false;
	}
	SSL_set_bio(p->node, a, a);
	SSL_set_bio(p->client, b, b);
	SSL_set_accept_state(p->node);
	SSL_set_connect_state(p->client);
	for (int i = 0; i < 10; i++) {
		SSL_do_handshake(p->client);
		SSL_do_handshake(p->node);
	}
	return SSL_is_init_finished(p->node) && SSL_is_init_finished(p->client);
}

static void test_agreed(void)
{
	struct pair p;
	struct channel_binding node, client, other;
	uint8_t context[CHANNEL_CONTEXT_SIZE] = { 1, 2, 3 };

	pair_open(&p);
	CHECK(shake(&p), "the two agree");
	CHECK(SSL_version(p.client) == TLS1_3_VERSION, "on TLS 1.3");
	CHECK(channel_tls_attested(p.client) && channel_tls_attested(p.node), "and on mesatee/1");
	CHECK(!channel_tls_binding(p.node, CHANNEL_NODE, context, &node) && !channel_tls_binding(p.client, CHANNEL_CLIENT, context, &client),
	      "both have a binding");
	CHECK(memcmp(&node, &client, sizeof(node)) == 0, "and it is the same");
	CHECK(memcmp(node.exporter, node.party_exporter, 32) != 0, "evidence and party proof have their own labels");
	context[0] ^= 1;
	CHECK(!channel_tls_binding(p.client, CHANNEL_CLIENT, context, &other) && memcmp(other.exporter, client.exporter, 32) != 0,
	      "another challenge, another exporter");
	SSL_SESSION *session = SSL_get1_session(p.client);
	CHECK(!session || !SSL_SESSION_is_resumable(session), "nothing that a later connection could resume");
	SSL_SESSION_free(session);
	pair_close(&p);
}

static void test_two_connections(void)
{
	struct pair p;
	struct channel_binding first_binding, second;
	uint8_t context[CHANNEL_CONTEXT_SIZE] = { 1 };

	pair_open(&p);
	CHECK(shake(&p) && !channel_tls_binding(p.client, CHANNEL_CLIENT, context, &first_binding), "one connection");
	SSL_free(p.node);
	SSL_free(p.client);
	CHECK(shake(&p) && !channel_tls_binding(p.client, CHANNEL_CLIENT, context, &second), "another of the same two");
	CHECK(memcmp(first_binding.spki, second.spki, 32) == 0, "the same key");
	CHECK(memcmp(first_binding.exporter, second.exporter, 32) != 0, "but another exporter");
	pair_close(&p);
}

static void test_downgraded(void)
{
	struct pair p;

	pair_open(&p);
	CHECK(SSL_CTX_set_min_proto_version(p.client_ctx, TLS1_2_VERSION) && SSL_CTX_set_max_proto_version(p.client_ctx, TLS1_2_VERSION),
	      "a client of TLS 1.2");
	CHECK(!shake(&p), "is refused by the node");
	pair_close(&p);
	pair_open(&p);
	CHECK(SSL_CTX_set_min_proto_version(p.node_ctx, TLS1_2_VERSION) && SSL_CTX_set_max_proto_version(p.node_ctx, TLS1_2_VERSION),
	      "a node of TLS 1.2");
	CHECK(!shake(&p), "is refused by the client");
	pair_close(&p);
}

static void test_protocols(void)
{
	struct pair p;

	pair_open(&p);
	CHECK(SSL_CTX_set_alpn_protos(p.client_ctx, (const unsigned char *)"\x08http/1.1", 9) == 0, "curl's protocol");
	CHECK(shake(&p) && !channel_tls_attested(p.node), "is served, but not attested");
	pair_close(&p);
	pair_open(&p);
	CHECK(SSL_CTX_set_alpn_protos(p.client_ctx, (const unsigned char *)"\x02h2", 3) == 0, "a protocol that is not there");
	CHECK(!shake(&p), "is refused");
	pair_close(&p);
}

static void test_before_finished(void)
{
	struct pair p;
	struct channel_binding b;
	uint8_t context[CHANNEL_CONTEXT_SIZE] = { 1 };

	pair_open(&p);
	p.client = SSL_new(p.client_ctx);
	CHECK(channel_tls_binding(p.client, CHANNEL_CLIENT, context, &b) == MT_STATE, "no binding before Finished");
	pair_close(&p);
}

const struct test tests[] = {
	{ "agreed", test_agreed },
	{ "two connections", test_two_connections },
	{ "downgraded", test_downgraded },
	{ "protocols", test_protocols },
	{ "before finished", test_before_finished },
	TESTS_END
};
