/* A node of a few lines, in a thread on the loopback: honest, or hostile in one way. What the client does against it is the test. */
#ifndef MT_TEST_CLIENT_NODE_H
#define MT_TEST_CLIENT_NODE_H

#include <pthread.h>

#include "lib/attest/attest.h"
#include "lib/channel/channel.h"
#include "lib/log/log.h"
#include "lib/statement/statement.h"

enum hostility {
	HONEST,
	/* before the verdict: the client must not send one byte more */
	NO_PROTOCOL,
	NO_ANSWER,
	EMPTY_FRAME,
	HUGE_FRAME,
	GARBAGE_FRAME,
	OTHER_ROOT,
	OTHER_IMAGE,
	OTHER_CONNECTION,
	OTHER_KEYS,
	OTHER_FORM,
	OTHER_GENESIS,
	OTHER_LOG_ID,
	/* behind it */
	NOTE_BY_STRANGER,
	ROLLED_BACK,
	FORKED,
	NO_CONSISTENCY,
	NO_HTTP,
	CHUNKED,
	HUGE_BODY,
	SHORT_BODY,
	/* the fast form */
	FAST_BY_STRANGER,
	/* uploads; any other kind refuses them */
	STORES, /* honest */
	STORED_EARLY, /* says so when it has the head, and a while later */
	HOSTILITIES
};

struct mini {
	enum hostility kind;
	uint64_t size; /* leaves that it shows */
	/* what it saw */
	unsigned connections, requests;
	size_t bytes_after_answer; /* application bytes after a hostile answer */
	enum channel_form last_form;
	bool proved;
	uint64_t upload_seen;
	uint8_t *stored; /* owned: the last upload that came whole */
	size_t stored_size;
	char stored_name[65];
	unsigned registered; /* POST /v1/datasets */
	/* its own */
	int listener;
	char url[64];
	pthread_t thread;
	struct attest_policy policy; /* what a client must hold to accept an honest one */
	struct attest_measurements measurements;
	struct crypto_signer *root, *receipt, *fast, *note, *stranger, *stranger_note;
	struct channel_core_keys keys;
	struct genesis genesis;
	uint8_t genesis_bytes[512], log_id[32];
	size_t genesis_size;
	struct log_tree *tree, *fork;
	struct ssl_ctx_st *tls;
	struct box *cbor;
};

void mini_open(struct mini *n);
void mini_close(struct mini *n);

#endif
