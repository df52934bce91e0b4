/* OpenSSL settings that both ends share, and the binding of a finished handshake. */
#include "lib/channel/channel.h"

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <string.h>

#define TLS_CERTIFICATE_DAYS 3650

static const unsigned char alpn_wire[] = "\x09" CHANNEL_ALPN;
#define ALPN_WIRE_SIZE (sizeof(alpn_wire) - 1)

/* What DESIGN 8 asks of every context: 1.3, strong groups and suites, nothing that outlives a connection. */
static bool tls_common(SSL_CTX *ctx)
{
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
	return SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) && SSL_CTX_set_max_proto_version(ctx, TLS1_3_VERSION) &&
	       SSL_CTX_set_num_tickets(ctx, 0) && SSL_CTX_set_max_early_data(ctx, 0) &&
	       SSL_CTX_set_ciphersuites(ctx, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384") &&
	       SSL_CTX_set1_groups_list(ctx, "X25519:P-256:P-384") == 1;
}

/* A certificate that carries the key and says nothing: evidence names the node, not X.509. */
static X509 *tls_certificate(EVP_PKEY *key)
{
	X509 *x = X509_new();
	bool good = x && X509_set_version(x, 2) && ASN1_INTEGER_set(X509_get_serialNumber(x), 1) &&
		    X509_gmtime_adj(X509_getm_notBefore(x), -86400) &&
		    X509_gmtime_adj(X509_getm_notAfter(x), 86400L * TLS_CERTIFICATE_DAYS) && X509_set_pubkey(x, key);
	X509_NAME *name = good ? X509_get_subject_name(x) : NULL;

	good = name && X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"mesatee node", -1, -1, 0) &&
	       X509_set_issuer_name(x, name) && X509_sign(x, key, EVP_sha256());
	if (!good) {
		X509_free(x);
		return NULL;
	}
	return x;
}

/* A client that offers our protocol gets it; one that offers only others (curl) is served without, public resources only. */
static int tls_select_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_size, const unsigned char *in,
			   unsigned int in_size, void *context)
{
	static const unsigned char both[] = "\x09" CHANNEL_ALPN "\x08" "http/1.1";
	unsigned char *selected = NULL;

	(void)ssl;
	(void)context;
	if (SSL_select_next_proto(&selected, out_size, both, sizeof(both) - 1, in, in_size) != OPENSSL_NPN_NEGOTIATED) {
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	}
	*out = selected;
	return SSL_TLSEXT_ERR_OK;
}

MUST enum mt_err channel_tls_node(struct ssl_ctx_st **out)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *certificate = key ? tls_certificate(key) : NULL;
	bool good = ctx && certificate && tls_common(ctx) && SSL_CTX_use_certificate(ctx, certificate) &&
		    SSL_CTX_use_PrivateKey(ctx, key);

	if (good) {
		SSL_CTX_set_alpn_select_cb(ctx, tls_select_alpn, NULL);
	}
	X509_free(certificate);
	EVP_PKEY_free(key);
	if (!good) {
		SSL_CTX_free(ctx);
		return MT_NO_MEMORY;
	}
	*out = ctx;
	return MT_OK;
}

/* TLS proves possession of the certificate's key (CertificateVerify); whose key it is, evidence says. */
static int tls_accept_any(X509_STORE_CTX *store, void *context)
{
	(void)store;
	(void)context;
	return 1;
}

MUST enum mt_err channel_tls_client(struct ssl_ctx_st **out)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

	if (!ctx || !tls_common(ctx) || SSL_CTX_set_alpn_protos(ctx, alpn_wire, ALPN_WIRE_SIZE) != 0) {
		SSL_CTX_free(ctx);
		return MT_NO_MEMORY;
	}
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_cert_verify_callback(ctx, tls_accept_any, NULL);
	*out = ctx;
	return MT_OK;
}

void channel_tls_close(struct ssl_ctx_st *ctx)
{
	SSL_CTX_free(ctx);
}

bool channel_tls_attested(const struct ssl_st *ssl)
{
	const unsigned char *name = NULL;
	unsigned int size = 0;

	SSL_get0_alpn_selected(ssl, &name, &size);
	return name && mt_equal(mt_bytes(name, size), mt_text(CHANNEL_ALPN));
}

static bool tls_spki_hash(const X509 *certificate, uint8_t out[32])
{
	unsigned char *der = NULL;
	int size = certificate ? i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der) : -1;

	if (size <= 0) {
		return false;
	}
	crypto_sha256(mt_bytes(der, (size_t)size), out);
	OPENSSL_free(der);
	return true;
}

static bool tls_export(SSL *ssl, const char *label, const uint8_t *context, uint8_t out[32])
{
	return SSL_export_keying_material(ssl, out, 32, label, strlen(label), context, CHANNEL_CONTEXT_SIZE, 1) == 1;
}

MUST enum mt_err channel_tls_binding(struct ssl_st *ssl, enum channel_role self, const uint8_t context[CHANNEL_CONTEXT_SIZE],
				     struct channel_binding *out)
{
	struct channel_binding b = { 0 };
	X509 *peer = self == CHANNEL_CLIENT ? SSL_get1_peer_certificate(ssl) : NULL;
	const X509 *certificate = self == CHANNEL_CLIENT ? peer : SSL_get_certificate(ssl);
	bool good = SSL_version(ssl) == TLS1_3_VERSION && SSL_is_init_finished(ssl) && tls_spki_hash(certificate, b.spki) &&
		    tls_export(ssl, CHANNEL_EXPORTER_EVIDENCE, context, b.exporter) &&
		    tls_export(ssl, CHANNEL_EXPORTER_PARTY, context, b.party_exporter);

	X509_free(peer);
	if (!good) {
		return MT_STATE;
	}
	memcpy(b.context, context, sizeof(b.context));
	*out = b;
	return MT_OK;
}
