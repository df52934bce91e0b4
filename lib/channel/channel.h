/*
 * Attested TLS (DESIGN 8): what both ends compute and exchange after TLS's Finished and before the first HTTP byte.
 *
 * Promises: the evidence accepted is bound to this connection (exporter), to the node's TLS key and to core's keys; evidence of another
 * connection, another role, another key or an older challenge does not pass.
 * Hides: OpenSSL's context settings, the frames, the composition of report data.
 * Class N. No sockets: the caller moves bytes. TLS: one thread per connection.
 */
#ifndef MT_CHANNEL_H
#define MT_CHANNEL_H

#include "lib/attest/attest.h"
#include "lib/base/base.h"
#include "lib/box/box.h"
#include "lib/cose/cose.h"
#include "lib/crypto/crypto.h"

#define CHANNEL_ALPN "mesatee/1"
#define CHANNEL_CONTEXT_SIZE 32
#define CHANNEL_EXPORTER_EVIDENCE "Attestation Binding"
#define CHANNEL_EXPORTER_PARTY "mesatee party"
#define CHANNEL_FRAME_MAX (32 * 1024)   /* bytes of one frame after its size: size u32 big endian, then CBOR */

enum channel_role { CHANNEL_NODE = 1, CHANNEL_CLIENT = 2 };     /* whose evidence it is */
enum channel_form { CHANNEL_FULL = 1, CHANNEL_FAST = 2 };

/* What one end knows of the connection: the same on both. */
struct channel_binding {
	uint8_t spki[32];               /* SHA-256 of the SubjectPublicKeyInfo of the attesting end's TLS key */
	uint8_t context[CHANNEL_CONTEXT_SIZE];  /* the verifier's random challenge */
	uint8_t exporter[32];           /* EKM(CHANNEL_EXPORTER_EVIDENCE, context, 32) */
	uint8_t party_exporter[32];     /* EKM(CHANNEL_EXPORTER_PARTY, context, 32) */
};

/* Core's public keys, told with the evidence and hashed into it. */
struct channel_core_keys {
	uint8_t encapsulation[CRYPTO_X25519_SIZE];
	uint8_t receipt[CRYPTO_P256_PUBLIC_SIZE];
	uint8_t fast[CRYPTO_P256_PUBLIC_SIZE];
	uint8_t note[32];
};
void channel_core_keys_hash(const struct channel_core_keys *k, uint8_t out[32]);

/* Report data, composed from typed fields only; the two ends compute it independently. */
void channel_report_data(enum channel_role role, const struct channel_binding *b, const struct channel_core_keys *keys,
			 uint8_t out[ATTEST_REPORT_DATA_SIZE]);
void channel_fast_report_data(enum channel_role role, const uint8_t nonce[32], const struct channel_core_keys *keys,
			      uint8_t out[ATTEST_REPORT_DATA_SIZE]);
/* What the fast key signs on each connection (a message, to be hashed by ES256). */
void channel_fast_message(enum channel_role role, const struct channel_binding *b, uint8_t out[64]);
/* Report data over the receipt key, for receipts that outlive connections. */
void channel_receipt_report_data(const uint8_t log_id[32], const struct channel_core_keys *keys, uint8_t out[ATTEST_REPORT_DATA_SIZE]);

/* ---- the exchange ---- */

/* verifier -> attester, the first frame. */
struct channel_hello {
	uint8_t context[CHANNEL_CONTEXT_SIZE];
	enum channel_form form;
	uint8_t nonce[32];              /* challenge for the fast key's own evidence; zero when form is CHANNEL_FAST */
};
void channel_hello_encode(const struct channel_hello *h, struct builder *out);
MUST enum mt_err channel_hello_decode(struct box *cbor, struct bytes frame, struct channel_hello *out);

/* attester -> verifier, the second. */
struct channel_answer {
	enum channel_form form;
	struct bytes evidence;          /* FULL: over this connection. FAST: empty */
	struct bytes fast_evidence;     /* FULL: over the fast key with the verifier's nonce */
	struct bytes fast_signature;    /* FAST: 64 bytes */
	struct channel_core_keys keys;
	uint8_t log_id[32];
	struct bytes genesis;
	uint8_t *scratch;               /* owned by a decoded answer */
};
void channel_answer_encode(const struct channel_answer *a, struct builder *out);
MUST enum mt_err channel_answer_decode(struct box *cbor, struct bytes frame, struct channel_answer *out);
void channel_answer_close(struct channel_answer *a);

/* A verdict over the fast key that the verifier made itself, kept for a while. */
struct channel_fast_cache {
	bool valid;
	uint8_t fast_key[CRYPTO_P256_PUBLIC_SIZE];
	uint8_t keys_hash[32], log_id[32], policy_hash[32];
	uint8_t level;
	uint64_t until_ms;              /* by the verifier's own clock */
};

/*
 * The verifier's whole decision. On ATTEST_PASS the peer may be talked to; on anything else not one more byte is sent.
 * FULL: appraises the evidence against this binding, and the fast evidence against nonce when policy allows it, filling *cache (may be NULL).
 * FAST: needs a valid *cache of the same keys and policy, and checks the signature. MT_STATE when there is none: use FULL.
 */
MUST enum mt_err channel_verify(struct box *cbor, enum channel_role role, const struct channel_hello *hello,
				const struct channel_binding *b, const struct channel_answer *answer, uint64_t now_ms,
				const struct attest_policy *policy, struct channel_fast_cache *cache, struct attest_verdict *out);

/* ---- party proof: once per connection ---- */

/* Payload that the party signs as STATEMENT_TYPE_PARTY ("mesatee-party-1"). */
void channel_party_payload(const uint8_t log_id[32], const struct channel_binding *b, struct builder *out);
/* Check a proof; party = whose. MT_TAMPERED: another connection, node or log. */
MUST enum mt_err channel_party_open(struct box *cbor, struct bytes proof, const uint8_t log_id[32], const struct channel_binding *b,
				    uint8_t party[COSE_ID_SIZE]);

/* ---- TLS settings, shared by both ends (lib/channel/tls.c; OpenSSL) ---- */

struct ssl_ctx_st;
struct ssl_st;
/* TLS 1.3 only, AES-GCM suites, X25519 and P-256, no tickets, no resumption, no 0-RTT, ALPN. Node: with a fresh self-signed P-256 certificate. */
MUST enum mt_err channel_tls_node(struct ssl_ctx_st **out);
/* Client: accepts any certificate with a P-256 key: identity comes from evidence. */
MUST enum mt_err channel_tls_client(struct ssl_ctx_st **out);
void channel_tls_close(struct ssl_ctx_st *ctx);
/* True when the handshake agreed on CHANNEL_ALPN; otherwise public resources only. */
bool channel_tls_attested(const struct ssl_st *ssl);
/* Fill the binding after the handshake: spki of the node's certificate (own at the node, peer's at the client) and both exporters over `context`. */
MUST enum mt_err channel_tls_binding(struct ssl_st *ssl, enum channel_role self, const uint8_t context[CHANNEL_CONTEXT_SIZE],
				     struct channel_binding *out);

#endif
