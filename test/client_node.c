#include "test/client_node.h"

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "port/linux/box_port.h"
#include "test/test.h"

#define MINI_LEAVES 20

static void good(bool ok)
{
	if (!ok) {
		printf("the small node cannot be made\n");
		abort();
	}
}

/* ---- TLS and frames ---- */

static bool take(SSL *ssl, void *out, size_t size)
{
	for (size_t done = 0, n = 0; done < size; done += n) {
		if (SSL_read_ex(ssl, (uint8_t *)out + done, size - done, &n) != 1) {
			return false;
		}
	}
	return true;
}

static void give(SSL *ssl, const void *at, size_t size)
{
	size_t n = 0;

	for (size_t done = 0; done < size; done += n) {
		if (SSL_write_ex(ssl, (const uint8_t *)at + done, size - done, &n) != 1) {
			return;
		}
	}
}

static void frame_give(SSL *ssl, struct bytes frame)
{
	uint8_t head[4];
	struct builder b = builder_over(head, sizeof(head));

	builder_u32(&b, (uint32_t)frame.size);
	give(ssl, head, sizeof(head));
	give(ssl, frame.at, frame.size);
}

/* ---- the exchange ---- */

static struct bytes evidence(struct mini *n, const uint8_t report_data[64], struct builder *space)
{
	struct attest_claims claims = {
		.measurements = n->measurements, .confined = true, .isolated = true, .rollback = ATTEST_ROLLBACK_CLIENTS
	};
	size_t from = space->size;

	memcpy(claims.report_data, report_data, sizeof(claims.report_data));
	claims.measurements.item[1].hash[0] ^= n->kind == OTHER_IMAGE;
	good(attest_software_evidence(n->kind == OTHER_ROOT ? n->stranger : n->root, &claims, space) == MT_OK);
	return mt_bytes(space->at + from, space->size - from);
}

static void answer_full(struct mini *n, struct channel_binding b, const struct channel_hello *h, struct builder *space,
			struct channel_answer *a)
{
	uint8_t report_data[64];

	b.exporter[0] ^= n->kind == OTHER_CONNECTION;
	channel_report_data(CHANNEL_NODE, &b, &n->keys, report_data);
	a->evidence = evidence(n, report_data, space);
	channel_fast_report_data(CHANNEL_NODE, h->nonce, &n->keys, report_data);
	a->fast_evidence = evidence(n, report_data, space);
}

static void answer_fast(struct mini *n, const struct channel_binding *b, struct builder *space,
			struct channel_answer *a)
{
	uint8_t message[64], signature[CRYPTO_SIGNATURE_SIZE];

	channel_fast_message(CHANNEL_NODE, b, message);
	good(crypto_sign(n->kind == FAST_BY_STRANGER ? n->stranger : n->fast, mt_bytes(message, 64), signature) ==
	     MT_OK);
	a->fast_signature = mt_bytes(space->at + space->size, sizeof(signature));
	builder_bytes(space, mt_bytes(signature, sizeof(signature)));
}

static struct bytes answer_make(struct mini *n, const struct channel_hello *h, const struct channel_binding *b,
				uint8_t *frame, size_t capacity)
{
	static uint8_t space_bytes[2 * ATTEST_EVIDENCE_MAX];
	struct builder space = builder_over(space_bytes, sizeof(space_bytes)), out = builder_over(frame, capacity);
	struct channel_answer a = { .form = h->form,
				    .keys = n->keys,
				    .genesis = mt_bytes(n->genesis_bytes, n->genesis_size) };
	struct genesis other = n->genesis;
	uint8_t other_bytes[512];
	struct bytes done = { 0 };

	if (h->form == CHANNEL_FAST) {
		answer_fast(n, b, &space, &a);
	} else {
		answer_full(n, *b, h, &space, &a);
	}
	if (n->kind == OTHER_FORM) {
		a.form = CHANNEL_FAST;
	}
	memcpy(a.log_id, n->log_id, 32);
	a.log_id[0] ^= n->kind == OTHER_LOG_ID;
	a.keys.encapsulation[0] ^= n->kind == OTHER_KEYS;
	if (n->kind ==
	    OTHER_GENESIS) { /* another log, whole in itself: its id fits its keys, but not the attested ones */
		struct builder g = builder_over(other_bytes, sizeof(other_bytes));
		memcpy(other.receipt_key, crypto_signer_public(n->stranger).at, sizeof(other.receipt_key));
		genesis_encode(&other, &g);
		good(builder_done(&g, &a.genesis) == MT_OK);
		genesis_log_id(&other, a.log_id);
	}
	channel_answer_encode(&a, &out);
	good(builder_done(&out, &done) == MT_OK);
	return done;
}

static bool exchange(struct mini *n, SSL *ssl)
{
	static uint8_t frame[CHANNEL_FRAME_MAX];
	uint8_t head[4], huge[4] = { 0x7f, 0xff, 0xff, 0xff };
	struct channel_hello h;
	struct channel_binding b;

	if (!take(ssl, head, 4)) {
		return false;
	}
	struct cursor c = cursor_over(mt_bytes(head, 4));
	size_t size = cursor_u32(&c);
	if (size > sizeof(frame) || !take(ssl, frame, size) ||
	    channel_hello_decode(n->cbor, mt_bytes(frame, size), &h) ||
	    channel_tls_binding(ssl, CHANNEL_NODE, h.context, &b)) {
		return false;
	}
	n->last_form = h.form;
	switch (n->kind) {
	case NO_ANSWER:
		return false;
	case EMPTY_FRAME:
		frame_give(ssl, mt_bytes(NULL, 0));
		break;
	case HUGE_FRAME:
		give(ssl, huge, sizeof(huge));
		break;
	case GARBAGE_FRAME:
		frame_give(ssl, mt_text("\xa1\x01\x02 this is no answer"));
		break;
	default:
		frame_give(ssl, answer_make(n, &h, &b, frame, sizeof(frame)));
	}
	return true;
}

/* ---- HTTP ---- */

static void reply(SSL *ssl, unsigned status, const char *type, struct bytes body)
{
	char head[256];
	int size = snprintf(head, sizeof(head), "HTTP/1.1 %u X\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n",
			    status, type, body.size);

	give(ssl, head, (size_t)size);
	give(ssl, body.at, body.size);
}

static void reply_checkpoint(struct mini *n, SSL *ssl)
{
	uint8_t space[1024], root[32];
	struct builder b = builder_over(space, sizeof(space));
	struct bytes note = { 0 };
	char origin[80] = "mesatee/";

	mt_hex(mt_bytes(n->log_id, 32), origin + strlen(origin));
	log_tree_root(n->kind == FORKED ? n->fork : n->tree, n->size, root);
	good(log_checkpoint_sign(origin, n->size, root, n->kind == NOTE_BY_STRANGER ? n->stranger_note : n->note, &b) ==
	     MT_OK);
	good(builder_done(&b, &note) == MT_OK);
	reply(ssl, 200, "text/plain", note);
}

static void reply_consistency(struct mini *n, SSL *ssl, const char *path)
{
	uint8_t space[4096], root[32], proof[LOG_PROOF_MAX][32];
	struct builder b = builder_over(space, sizeof(space));
	struct bytes body = { 0 };
	unsigned long first = 0, second = 0;
	size_t count = 0;
	const struct log_tree *tree = n->kind == FORKED ? n->fork : n->tree;

	if (n->kind == NO_CONSISTENCY || sscanf(path, "/v1/log/consistency/%lu/%lu", &first, &second) != 2 ||
	    log_tree_consistency(tree, first, second, proof, &count)) {
		reply(ssl, 404, "application/problem+json",
		      mt_text("{\"error\":\"not found\",\"detail\":\"no such proof\"}"));
		return;
	}
	log_tree_root(tree, second, root);
	cbor_array(&b, 2);
	cbor_bstr(&b, mt_bytes(root, 32));
	cbor_bstr(&b, mt_bytes(proof, count * 32));
	good(builder_done(&b, &body) == MT_OK);
	reply(ssl, 200, "application/cbor", body);
}

/* Reads no further: the client must see the answer and stop. The peer's closing ends it. */
static void refuse_upload(struct mini *n, SSL *ssl)
{
	static uint8_t sink[65536];
	size_t got = 0;

	if (n->kind == STORED_EARLY) {
		(void)usleep(300000); /* the client waits for room by then: nobody reads */
		reply(ssl, 201, "application/json", mt_text("{}"));
	} else {
		reply(ssl, 403, "application/problem+json",
		      mt_text("{\"error\":\"denied\",\"detail\":\"no room for you\"}"));
	}
	struct pollfd p = { .fd = SSL_get_fd(ssl), .events = POLLRDHUP };
	(void)poll(&p, 1, 5000);
	while (SSL_read_ex(ssl, sink, sizeof(sink), &got) == 1) {
		n->upload_seen += got;
	}
}

static bool store_upload(struct mini *n, SSL *ssl, const char *name, size_t size)
{
	free(n->stored);
	n->stored = malloc(size);
	n->stored_size = 0;
	good(n->stored != NULL);
	for (size_t done = 0, got = 0; done < size; done += got) {
		if (SSL_read_ex(ssl, n->stored + done, size - done, &got) != 1) {
			return false;
		}
		n->upload_seen = done + got;
	}
	n->stored_size = size;
	snprintf(n->stored_name, sizeof(n->stored_name), "%s", name);
	reply(ssl, 201, "application/json", mt_text("{}"));
	return true;
}

static bool hostile_reply(struct mini *n, SSL *ssl)
{
	static const char chunked[] = "HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
	static const char huge[] = "HTTP/1.1 200 X\r\nContent-Length: 99999999999\r\n\r\n";
	static const char brief[] = "HTTP/1.1 200 X\r\nContent-Length: 500\r\n\r\nonly this";
	static const char none[] = "SSH-2.0-OpenSSH\r\n\r\n";
	const char *text = n->kind == CHUNKED	   ? chunked
			   : n->kind == HUGE_BODY  ? huge
			   : n->kind == SHORT_BODY ? brief
			   : n->kind == NO_HTTP	   ? none
						   : NULL;

	if (text) {
		give(ssl, text, strlen(text));
	}
	return text != NULL;
}

/* One request; false: the connection is over. */
static bool request(struct mini *n, SSL *ssl)
{
	char head[4096] = "";
	static uint8_t body[65536];
	size_t size = 0, body_size = 0;

	while (size + 1 < sizeof(head) && !strstr(head, "\r\n\r\n")) {
		if (!take(ssl, head + size, 1)) {
			return false;
		}
		head[++size] = 0;
	}
	n->requests++;
	const char *length = strstr(head, "Content-Length: ");
	char *path = strchr(head, ' ');
	if (!path) {
		return false;
	}
	path++;
	path[strcspn(path, " ")] = 0;
	body_size = length ? strtoul(length + 16, NULL, 10) : 0;
	if (strncmp(path, "/v1/data/", 9) == 0) {
		if (n->kind == STORES) {
			return store_upload(n, ssl, path + 9, body_size);
		}
		refuse_upload(n, ssl);
		return false;
	}
	if (body_size > sizeof(body) || !take(ssl, body, body_size)) {
		return false;
	}
	if (hostile_reply(n, ssl)) {
		return false;
	}
	if (strcmp(path, "/v1/log/checkpoint") == 0) {
		reply_checkpoint(n, ssl);
	} else if (strncmp(path, "/v1/log/consistency/", 20) == 0) {
		reply_consistency(n, ssl, path);
	} else if (strcmp(path, "/v1/session") == 0) {
		n->proved = true;
		reply(ssl, 200, "application/json", mt_text("{}"));
	} else if (n->kind == STORES && strcmp(path, "/v1/datasets") == 0) {
		n->registered++;
		reply(ssl, 201, "application/json", mt_text("{}"));
	} else {
		reply(ssl, 409, "application/problem+json",
		      mt_text("{\"error\":\"state\",\"detail\":\"not\\u001b[31m now\"}"));
	}
	return true;
}

/* ---- the thread ---- */

static void serve(struct mini *n, int fd)
{
	SSL *ssl = SSL_new(n->tls);
	struct timeval limit = { .tv_sec = 10 };
	uint8_t byte;

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	good(ssl && SSL_set_fd(ssl, fd));
	if (SSL_accept(ssl) == 1) {
		n->connections++;
		if (n->kind == NO_PROTOCOL) {
			n->bytes_after_answer += take(ssl, &byte, 1);
		} else if (exchange(n, ssl)) {
			if (n->kind > NO_PROTOCOL && n->kind <= OTHER_LOG_ID) {
				n->bytes_after_answer += take(ssl, &byte, 1);
			} else {
				while (request(n, ssl)) {
				}
			}
		}
		(void)SSL_shutdown(ssl);
	}
	SSL_free(ssl);
}

static void *run(void *context)
{
	struct mini *n = context;

	for (;;) {
		int fd = accept(n->listener, NULL, NULL);
		if (fd < 0) {
			return NULL;
		}
		serve(n, fd);
		close(fd);
	}
}

/* ---- making one ---- */

static struct crypto_signer *signer(uint8_t seed, bool ed25519)
{
	struct secret key = { { seed, 1 } };
	struct crypto_signer *out = NULL;

	good((ed25519 ? crypto_signer_open_ed25519(&key, &out) : crypto_signer_open_p256(&key, &out)) == MT_OK);
	return out;
}

static void make_keys(struct mini *n)
{
	static const char *const names[] = { "compile", "core", "run" };
	struct secret encapsulation;
	struct bytes wire = { 0 };
	struct builder b = builder_over(n->genesis_bytes, sizeof(n->genesis_bytes));

	n->root = signer(1, false);
	n->receipt = signer(2, false);
	n->fast = signer(3, false);
	n->note = signer(4, true);
	n->stranger = signer(5, false);
	n->stranger_note = signer(6, true);
	crypto_x25519_generate(&encapsulation, n->keys.encapsulation);
	memcpy(n->keys.receipt, crypto_signer_public(n->receipt).at, sizeof(n->keys.receipt));
	memcpy(n->keys.fast, crypto_signer_public(n->fast).at, sizeof(n->keys.fast));
	memcpy(n->keys.note, crypto_signer_public(n->note).at, sizeof(n->keys.note));
	memcpy(n->genesis.receipt_key, n->keys.receipt, sizeof(n->genesis.receipt_key));
	memcpy(n->genesis.note_key, n->keys.note, sizeof(n->genesis.note_key));
	genesis_log_id(&n->genesis, n->log_id);
	genesis_encode(&n->genesis, &b);
	good(builder_done(&b, &wire) == MT_OK);
	n->genesis_size = wire.size;
	for (size_t i = 0; i < MT_COUNT(names); i++) {
		snprintf(n->measurements.item[i].name, sizeof(n->measurements.item[i].name), "%s", names[i]);
		crypto_sha256(mt_text(names[i]), n->measurements.item[i].hash);
	}
	n->measurements.count = MT_COUNT(names);
	n->policy = (struct attest_policy){
		.name = "test", .level_min = 2, .root_count = 1, .allow_fast = true, .fast_life_s = 600
	};
	n->policy.expected = n->measurements;
	crypto_p256_id(crypto_signer_public(n->root).at, n->policy.root[0]);
}

static void make_log(struct mini *n)
{
	uint8_t leaf[32];

	good(log_tree_open(&n->tree) == MT_OK && log_tree_open(&n->fork) == MT_OK);
	for (uint8_t i = 0; i < MINI_LEAVES; i++) {
		uint8_t data = i;
		log_leaf_hash(i ? mt_bytes(&data, 1) : mt_bytes(n->genesis_bytes, n->genesis_size), leaf);
		good(log_tree_append(n->tree, leaf) == MT_OK);
		leaf[0] ^= i == 3;
		good(log_tree_append(n->fork, leaf) == MT_OK);
	}
	n->size = 10;
}

void mini_open(struct mini *n)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);

	*n = (struct mini){ .kind = HONEST };
	box_port_install();
	good(box_open(&box_cbor, &n->cbor) == MT_OK && channel_tls_node(&n->tls) == MT_OK);
	make_keys(n);
	make_log(n);
	n->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	good(n->listener >= 0 && bind(n->listener, (void *)&address, size) == 0 && listen(n->listener, 8) == 0 &&
	     getsockname(n->listener, (void *)&address, &size) == 0);
	snprintf(n->url, sizeof(n->url), "https://127.0.0.1:%u", ntohs(address.sin_port));
	good(pthread_create(&n->thread, NULL, run, n) == 0);
}

void mini_close(struct mini *n)
{
	(void)shutdown(n->listener, SHUT_RDWR);
	(void)pthread_join(n->thread, NULL);
	close(n->listener);
	crypto_signer_close(n->root);
	crypto_signer_close(n->receipt);
	crypto_signer_close(n->fast);
	crypto_signer_close(n->note);
	crypto_signer_close(n->stranger);
	crypto_signer_close(n->stranger_note);
	log_tree_close(n->tree);
	log_tree_close(n->fork);
	channel_tls_close(n->tls);
	box_close(n->cbor);
	free(n->stored);
	n->stored = NULL;
}
