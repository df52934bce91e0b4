/* The client against a small node on the loopback: what an honest one gets from it, and what a hostile one does not. */
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "party/client/client_private.h"
#include "test/client_node.h"
#include "test/test.h"

static char folder[64];
static struct mini node;

/* Data shared with the node's thread is read after the client's call has ended and the node was closed, or while it waits. */
static struct mesatee *begin(enum hostility kind)
{
	struct mesatee *m = NULL;
	uint8_t space[4096];
	struct builder b = builder_over(space, sizeof(space));
	struct bytes text = { 0 };
	char path[128];

	signal(SIGPIPE, SIG_IGN); /* for the node's thread; the client needs no such thing */
	mini_open(&node);
	node.kind = kind;
	if (kind == NO_PROTOCOL) {
		SSL_CTX_set_alpn_select_cb(node.tls, NULL, NULL);
	}
	snprintf(folder, sizeof(folder), "/tmp/mesatee-test-XXXXXX");
	CHECK(mkdtemp(folder) != NULL, "a folder");
	CHECK(mesatee_open(folder, &m) == MESATEE_OK, mesatee_error(m));
	attest_policy_to_toml(&node.policy, &b);
	CHECK(builder_done(&b, &text) == MT_OK, "policy");
	snprintf(path, sizeof(path), "%s/policy.toml", folder);
	CHECK(file_put(m, path, 0600, text) == MESATEE_OK && mesatee_policy_use(m, path) == MESATEE_OK,
	      mesatee_error(m));
	return m;
}

static void end(struct mesatee *m)
{
	char command[128];

	mesatee_close(m);
	mini_close(&node);
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	CHECK(system(command) == 0, "cleaned up");
}

static void test_honest(void)
{
	struct mesatee *m = begin(HONEST);
	const char *json = NULL;

	CHECK(mesatee_connect(m, node.url) == MESATEE_OK, mesatee_error(m));
	const struct mesatee_verdict *v = mesatee_verdict(m);
	CHECK(v && v->passed && v->level == 2 && v->log_size == 10 && strlen(v->root) == 64 && strlen(v->engine) == 64,
	      "the verdict");
	CHECK(session_ensure(m) == MESATEE_OK, mesatee_error(m));
	CHECK(mesatee_tasks(m, NULL, NULL, NULL, &json) == MESATEE_CONFLICT, "a problem is an error of its kind");
	CHECK(strstr(mesatee_error(m), "not?[31m now") != NULL, "and its text steers no terminal");
	node.size = 15;
	mesatee_disconnect(m);
	CHECK(mesatee_connect(m, node.url) == MESATEE_OK && mesatee_verdict(m)->log_size == 15,
	      "a ledger that has grown");
	end(m);
	CHECK(node.connections == 2 && node.proved, "two connections, one proof");
	CHECK(node.last_form == CHANNEL_FAST, "the second in the fast form");
}

/* Nothing of ours reaches a node that did not pass. */
static void test_before_the_verdict(void)
{
	for (int kind = NO_PROTOCOL; kind <= OTHER_LOG_ID; kind++) {
		struct mesatee *m = begin((enum hostility)kind);
		char number[16];

		snprintf(number, sizeof(number), "kind %d", kind);
		enum mesatee_err err = mesatee_connect(m, node.url);
		CHECK(err == (kind == NO_ANSWER ? MESATEE_UNREACHABLE : MESATEE_NOT_VERIFIED), number);
		CHECK(mesatee_error(m)[0] && mesatee_help(m)[0] && !m->connected && m->net.fd < 0, number);
		if (kind == OTHER_IMAGE) {
			CHECK(strstr(mesatee_error(m), "core") != NULL, "the image that differs is named");
		}
		end(m);
		CHECK(node.bytes_after_answer == 0 && node.requests == 0 && !node.proved, number);
	}
}

/* Whatever a verified but broken or lying node answers is an error, and never a hang or a crash. */
static void test_behind_the_verdict(void)
{
	static const struct {
		enum hostility kind;
		enum mesatee_err want;
	} row[] = {
		{ NOTE_BY_STRANGER, MESATEE_NOT_VERIFIED }, { NO_HTTP, MESATEE_NOT_VERIFIED },
		{ CHUNKED, MESATEE_NOT_VERIFIED },	    { HUGE_BODY, MESATEE_NOT_VERIFIED },
		{ SHORT_BODY, MESATEE_UNREACHABLE },
	};

	for (size_t i = 0; i < MT_COUNT(row); i++) {
		struct mesatee *m = begin(row[i].kind);
		CHECK(mesatee_connect(m, node.url) == row[i].want, mesatee_error(m));
		CHECK(!m->connected, "closed");
		end(m);
		CHECK(!node.proved, "who we are was not told");
	}
}

static void test_ledger_changed(void)
{
	static const enum hostility kinds[] = { ROLLED_BACK, FORKED, NO_CONSISTENCY };

	for (size_t i = 0; i < MT_COUNT(kinds); i++) {
		struct mesatee *m = begin(HONEST);

		CHECK(mesatee_connect(m, node.url) == MESATEE_OK, mesatee_error(m));
		mesatee_disconnect(m);
		node.kind = kinds[i];
		node.size = kinds[i] == ROLLED_BACK ? 9 : 15;
		CHECK(mesatee_connect(m, node.url) == MESATEE_NOT_VERIFIED && strstr(mesatee_error(m), "rolled back"),
		      mesatee_error(m));
		CHECK(session_ensure(m) == MESATEE_NOT_VERIFIED, "and nothing is sent by trying again");
		node.kind = HONEST;
		node.size = 15;
		CHECK(mesatee_connect(m, node.url) == MESATEE_OK, "the head seen before was kept");
		end(m);
		CHECK(!node.proved, "nothing was proved to the changed one");
	}
}

static void test_fast_form(void)
{
	struct mesatee *m = begin(HONEST);

	CHECK(mesatee_connect(m, node.url) == MESATEE_OK, mesatee_error(m));
	mesatee_disconnect(m);
	node.kind = FAST_BY_STRANGER;
	CHECK(mesatee_connect(m, node.url) == MESATEE_OK, "falls back to full evidence");
	end(m);
	CHECK(node.connections == 3 && node.last_form == CHANNEL_FULL, "three connections, the last one full");
}

static void test_refused_upload(void)
{
	struct mesatee *m = begin(HONEST);
	char path[128], tag[MESATEE_ID_SIZE];

	snprintf(path, sizeof(path), "%s/large", folder);
	FILE *f = fopen(path, "wb");
	CHECK(f && ftruncate(fileno(f), 64 << 20) == 0 && fclose(f) == 0, "64 MiB");
	CHECK(mesatee_connect(m, node.url) == MESATEE_OK, mesatee_error(m));
	CHECK(mesatee_put(m, path, NULL, tag) == MESATEE_REFUSED && strstr(mesatee_error(m), "no room"),
	      mesatee_error(m));
	end(m);
	CHECK(node.upload_seen < 64u << 20, "the client stopped when it was refused");
}

/* ---- put ---- */

static void plain_write(const char *path, size_t size)
{
	uint8_t *content = test_alloc(size + 1);
	FILE *f = fopen(path, "wb");

	for (size_t i = 0; i < size; i++) {
		content[i] = (uint8_t)(i * 2654435761u >> 13);
	}
	CHECK(f && fwrite(content, 1, size, f) == size && fclose(f) == 0, "a file");
}

/* What the node has opens, under the key that stayed here, to the file. */
static void stored_check(struct mesatee *m, const char *path, size_t size, const char *tag_text)
{
	uint8_t tag[32], *opened = test_alloc(size + 1), *plain = NULL;
	size_t plain_size = 0;
	struct secret key = { 0 };

	CHECK(client_unhex(m, "a tag", tag_text, tag) == MESATEE_OK && data_key_load(m, tag, &key) == MESATEE_OK,
	      mesatee_error(m));
	CHECK(strcmp(node.stored_name, tag_text) == 0 && node.registered == 1, "under its tag, and registered");
	CHECK(dataset_open_all(mt_bytes(node.stored, node.stored_size), &key, tag, opened, size) == MT_OK, "it opens");
	CHECK(file_read(m, path, size + 1, &plain, &plain_size) == MESATEE_OK && plain_size == size &&
		      memcmp(plain, opened, size) == 0,
	      "to the file");
	mt_free(plain);
}

static void test_put(void)
{
	static const size_t sizes[] = { 0, 1, 100000, 1 << 20, (1 << 20) + 1, (9 << 20) + 12345 };
	char path[128], tag[MESATEE_ID_SIZE];

	for (size_t i = 0; i < MT_COUNT(sizes); i++) {
		struct mesatee *m = begin(STORES);
		snprintf(path, sizeof(path), "%s/plain", folder);
		plain_write(path, sizes[i]);
		CHECK(mesatee_connect(m, node.url) == MESATEE_OK && mesatee_put(m, path, NULL, tag) == MESATEE_OK,
		      mesatee_error(m));
		stored_check(m, path, sizes[i], tag);
		end(m);
		CHECK(node.connections == 1, "on one connection");
	}
}

/* Between the two passages over the file, and at one place in the second. */
struct meddler {
	const char *path;
	enum { WRITES, SHORTENS, SHORTENS_AT_ONCE } how; /* AT_ONCE: while the first passage is at its first segment */
	uint64_t at;
	bool done;
};

static void meddle(void *context, const char *what, uint64_t done, uint64_t total)
{
	struct meddler *x = context;

	if (x->done || strcmp(what, "encrypting") != 0 || (done != total && x->how != SHORTENS_AT_ONCE)) {
		return;
	}
	x->done = true;
	if (x->how != WRITES) {
		CHECK(truncate(x->path, (off_t)x->at) == 0, "shorter");
		return;
	}
	FILE *f = fopen(x->path, "r+b");
	CHECK(f && fseek(f, (long)x->at, SEEK_SET) == 0, "there");
	int was = fgetc(f);
	CHECK(fseek(f, (long)x->at, SEEK_SET) == 0 && fputc(was ^ 1, f) != EOF && fclose(f) == 0, "one bit");
}

/* One nonce, two plaintexts: the second never leaves. */
static void test_file_changes(void)
{
	static const struct {
		int how;
		uint64_t at, sent_max; /* sent: no byte of the segment that differs */
	} row[] = {
		{ WRITES, 0, 120 },
		{ WRITES, (3 << 20) + 77, 120 + 3 * ((1 << 20) + 16) },
		{ WRITES, (9 << 20) + 12344, 120 + 9 * ((1 << 20) + 16) },
		{ SHORTENS, (9 << 20) + 12344, 120 + 9 * ((1 << 20) + 16) },
		{ SHORTENS, 0, 120 },
		{ SHORTENS_AT_ONCE, (9 << 20) + 12, 0 },
	};
	char path[128], tag[MESATEE_ID_SIZE];

	for (size_t i = 0; i < MT_COUNT(row); i++) {
		struct mesatee *m = begin(STORES);
		struct meddler x = { .path = path, .how = row[i].how, .at = row[i].at };
		snprintf(path, sizeof(path), "%s/plain", folder);
		plain_write(path, (9 << 20) + 12345);
		CHECK(mesatee_connect(m, node.url) == MESATEE_OK, mesatee_error(m));
		mesatee_progress_set(m, meddle, &x);
		CHECK(mesatee_put(m, path, NULL, tag) == MESATEE_CONFLICT && x.done, mesatee_error(m));
		CHECK(strstr(mesatee_error(m), row[i].how == WRITES ? "changed" : "became shorter") &&
			      mesatee_help(m)[0],
		      mesatee_error(m));
		end(m);
		CHECK(node.registered == 0 && node.stored_size == 0, "nothing that counts");
		CHECK(node.upload_seen <= row[i].sent_max, "nothing of the segment that differs");
	}
}

static void test_stored_early(void)
{
	struct mesatee *m = begin(STORED_EARLY);
	char path[128], tag[MESATEE_ID_SIZE];

	snprintf(path, sizeof(path), "%s/large", folder);
	FILE *f = fopen(path, "wb");
	CHECK(f && ftruncate(fileno(f), 64 << 20) == 0 && fclose(f) == 0, "64 MiB");
	CHECK(mesatee_connect(m, node.url) == MESATEE_OK, mesatee_error(m));
	CHECK(mesatee_put(m, path, NULL, tag) == MESATEE_NOT_VERIFIED && m->net.fd < 0, mesatee_error(m));
	end(m);
	CHECK(node.upload_seen < 64u << 20 && node.registered == 0, "not believed");
}

const struct test tests[] = { { "honest", test_honest },
			      { "before_the_verdict", test_before_the_verdict },
			      { "behind_the_verdict", test_behind_the_verdict },
			      { "ledger_changed", test_ledger_changed },
			      { "fast_form", test_fast_form },
			      { "refused_upload", test_refused_upload },
			      { "put", test_put },
			      { "file_changes", test_file_changes },
			      { "stored_early", test_stored_early },
			      TESTS_END };
