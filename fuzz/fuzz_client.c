/*
 * What a party's client makes of its files, of an address, and of a node's answers. The first byte chooses;
 * network and home folder are doubles: every answer of the node, and the one file that is asked for, are the
 * fuzzer's bytes.
 */
#include "fuzz/ports.h"
#include "lib/dataset/dataset.h"
#include "lib/log/log.h"
#include "party/client/client_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int __wrap_nanosleep(const struct timespec *wanted, struct timespec *left);

static const char hash[] = "00000000000000000000000000000000000000000000000000000000000000aa";
static struct mesatee *m;
static struct mesatee fresh; /* as mesatee_open() leaves it */
static const char *file_name; /* of the file that has the fuzzer's bytes, in the home folder */
static struct bytes file_bytes, incoming;
static bool reachable;

/* ---- the home folder ---- */

enum mesatee_err home_open(struct mesatee *client, const char *home)
{
	(void)snprintf(client->home, sizeof(client->home), "%s", home);
	return MESATEE_OK;
}

enum mesatee_err home_path(struct mesatee *client, const char *name, char out[CLIENT_PATH_MAX])
{
	(void)client;
	(void)snprintf(out, CLIENT_PATH_MAX, "%s", name);
	return MESATEE_OK;
}

enum mesatee_err file_read(struct mesatee *client, const char *path, size_t max, uint8_t **out, size_t *size)
{
	static const uint8_t key[32] = "the identity of a fuzzed party.";
	bool own = strcmp(path, "identity.key") == 0;
	struct bytes content = file_bytes;

	if (!file_name || strncmp(path, file_name, strlen(file_name)) != 0) {
		if (!own) {
			return client_fail(client, MESATEE_NOT_FOUND, NULL, "no such file");
		}
		content = mt_bytes(key, sizeof(key));
	}
	if (content.size > max) {
		return client_fail(client, MESATEE_USAGE, NULL, "too large");
	}
	*out = mt_alloc(content.size + 1); /* one zero byte behind, as home.c gives */
	mt_assert(*out);
	if (content.size) {
		memcpy(*out, content.at, content.size);
	}
	*size = content.size;
	return MESATEE_OK;
}

enum mesatee_err file_read_at(struct mesatee *client, int fd, uint64_t offset, void *out, size_t size)
{
	(void)fd;
	if (offset > file_bytes.size || size > file_bytes.size - offset) {
		return client_fail(client, MESATEE_FAILED, NULL, "it became shorter");
	}
	if (size) {
		memcpy(out, file_bytes.at + offset, size);
	}
	return MESATEE_OK;
}

enum mesatee_err file_begin(struct mesatee *client, const char *path, unsigned mode, struct file_out *out)
{
	(void)client;
	(void)path;
	(void)mode;
	out->fd = 1;
	return MESATEE_OK;
}

enum mesatee_err file_write(struct mesatee *client, int fd, struct bytes data)
{
	(void)client;
	(void)fd;
	(void)data;
	return MESATEE_OK;
}

enum mesatee_err file_finish(struct mesatee *client, struct file_out *f)
{
	(void)client;
	f->fd = -1;
	return MESATEE_OK;
}

void file_abort(struct file_out *f)
{
	f->fd = -1;
}

enum mesatee_err file_put(struct mesatee *client, const char *path, unsigned mode, struct bytes content)
{
	(void)client;
	(void)path;
	(void)mode;
	(void)content;
	return MESATEE_OK;
}

enum mesatee_err file_anonymous(struct mesatee *client, int *fd)
{
	*fd = -1;
	return client_fail(client, MESATEE_FAILED, NULL, "no room");
}

enum mesatee_err home_lock(struct mesatee *client, int *fd)
{
	(void)client;
	*fd = -1;
	return MESATEE_OK;
}

void home_unlock(int fd)
{
	(void)fd;
}

/* ---- the network ---- */

enum mesatee_err net_open(struct mesatee *client)
{
	return reachable ? MESATEE_OK : client_fail(client, MESATEE_UNREACHABLE, NULL, "nobody there");
}

void net_close(struct mesatee *client)
{
	client->net.in_size = 0;
	client->connected = false;
	client->proved = false;
}

bool net_alive(struct mesatee *client)
{
	return client->net.in_size == 0;
}

enum mesatee_err net_write(struct mesatee *client, struct bytes data, bool *early)
{
	(void)client;
	(void)data;
	(void)early;
	return MESATEE_OK;
}

enum mesatee_err net_read(struct mesatee *client, void *out, size_t capacity, size_t *size)
{
	struct net *net = &client->net;

	if (net->in_size) {
		*size = net->in_size < capacity ? net->in_size : capacity;
		memcpy(out, net->in, *size);
		memmove(net->in, net->in + *size, net->in_size - *size);
		net->in_size -= *size;
		return MESATEE_OK;
	}
	*size = incoming.size < capacity ? incoming.size : capacity;
	if (*size == 0) {
		net_close(client);
		return client_fail(client, MESATEE_UNREACHABLE, NULL, "closed the connection");
	}
	memcpy(out, incoming.at, *size);
	incoming = mt_bytes(incoming.at + *size, incoming.size - *size);
	return MESATEE_OK;
}

enum mesatee_err net_read_all(struct mesatee *client, void *out, size_t size)
{
	for (size_t done = 0, n = 0; done < size; done += n) {
		enum mesatee_err err = net_read(client, (uint8_t *)out + done, size - done, &n);

		if (err) {
			return err;
		}
	}
	return MESATEE_OK;
}

enum mt_err channel_tls_binding(struct ssl_st *ssl, enum channel_role self, const uint8_t context[CHANNEL_CONTEXT_SIZE],
				struct channel_binding *out)
{
	(void)ssl;
	(void)self;
	*out = (struct channel_binding){ .spki = { 1 } };
	memcpy(out->context, context, sizeof(out->context));
	return MT_OK;
}

void channel_tls_close(struct ssl_ctx_st *context)
{
	(void)context;
}

int __wrap_nanosleep(const struct timespec *wanted, struct timespec *left)
{
	(void)wanted;
	(void)left;
	return 0;
}

/* ---- files ---- */

static void try_share(struct bytes in)
{
	struct share s, again;
	uint8_t space[512];
	struct builder b = builder_over(space, sizeof(space));
	struct bytes text;

	if (share_decode(in, &s) == MT_OK) {
		mt_assert(s.owner_count >= 2 && s.owner_count <= MESATEE_SHARES_MAX);
		share_encode(&s, &b);
		mt_assert(!builder_done(&b, &text) && !share_decode(text, &again) &&
			  memcmp(s.tag, again.tag, 32) == 0 && s.size == again.size &&
			  s.owner_count == again.owner_count && memcmp(&s.key, &again.key, 32) == 0);
	}
}

static void try_receipt(struct bytes in)
{
	static struct attest_policy policy = { .level_min = 1, .allow_development_root = true, .expected.count = 1 };
	static struct mesatee_receipt out;

	mt_assert(verify_receipt(m->cbor, &policy, in, &out) == MT_OK && !out.passed && out.part_count > 0);
}

static void try_contract(struct bytes in)
{
	struct mesatee_contract *c = NULL;

	if (contract_view(m->cbor, in, &c) == MT_OK) {
		const struct mesatee_terms *t = mesatee_contract_terms(c);
		size_t sum = strlen(mesatee_contract_hash(c)) + strlen(t->function);

		for (size_t i = 0; i < t->argument_count; i++) {
			sum += strlen(t->argument[i]);
		}
		for (size_t i = 0; i < t->input_count; i++) {
			sum += strlen(t->input[i].name) + strlen(t->input[i].owner) + strlen(t->input[i].tag);
		}
		for (size_t i = 0; i < t->output_count; i++) {
			sum += strlen(t->output[i].name);
		}
		mt_assert(sum >= 128);
		mesatee_contract_free(c);
	}
}

static void try_url(struct bytes in)
{
	char text[1024] = { 0 };

	memcpy(text, in.at, in.size < sizeof(text) ? in.size : sizeof(text) - 1);
	m->policy_set = true;
	if (mesatee_connect(m, text) == MESATEE_UNREACHABLE) {
		mt_assert(m->host[0] && m->port[0] && strlen(m->port) <= 5 && strtoul(m->port, NULL, 10) <= UINT16_MAX);
		mt_assert(strstr(text, m->host) && strncmp(m->url, text, strlen(m->url)) == 0);
	}
}

static void try_petnames(struct bytes in)
{
	const char *name, *id;
	uint8_t raw[32];

	file_name = "parties";
	file_bytes = in;
	for (size_t i = 0; mesatee_party_at(m, i, &name, &id); i++) {
		mt_assert(statement_name_ok(mt_text(name)) && mt_unhex(mt_text(id), raw, 32) == MT_OK);
	}
	(void)mesatee_party_add(m, "clinic", hash);
}

static void try_head(struct bytes in)
{
	struct statement_head head;
	char text[128], digits[65];

	file_name = "heads/";
	file_bytes = in;
	if (heads_load(m, m->log_id, &head) == MESATEE_OK) {
		mt_hex(mt_bytes(head.root, 32), digits);
		(void)snprintf(text, sizeof(text), "%" PRIu64 " %s\n", head.size, digits);
		mt_assert(mt_equal(in, mt_text(text)));
	}
}

static void try_known(struct bytes in)
{
	file_name = "known";
	file_bytes = in;
	(void)snprintf(m->url, sizeof(m->url), "https://node:1");
	(void)known_check(m);
}

static void try_identity(struct bytes in)
{
	char id[MESATEE_ID_SIZE];

	file_name = "identity.key";
	file_bytes = in;
	mt_assert(mesatee_identity(m, true, id) || in.size == 32);
}

static void try_key(struct bytes in)
{
	struct secret key;
	uint8_t tag[32] = { 0 };

	file_name = "datasets/";
	file_bytes = in;
	mt_assert(data_key_load(m, tag, &key) || in.size >= 32);
}

static void try_policy(struct bytes in)
{
	file_name = "policy.toml";
	file_bytes = in;
	if (mesatee_policy_use(m, "policy.toml") == MESATEE_OK) {
		mt_assert(mesatee_policy_hash(m) && m->policy.expected.count > 0);
	} else {
		mt_assert(mesatee_error(m)[0]);
	}
}

/* The best that a forger can do: the tag of his own header is the one that is asked for. */
static void try_ciphertext(struct bytes in)
{
	static const struct secret key = { "key of the client's fuzzer" };
	struct dataset_header h;
	uint8_t tag[DATASET_TAG_SIZE] = { 0 };

	file_bytes = in;
	if (in.size >= DATASET_HEADER_SIZE &&
	    dataset_header_decode(mt_bytes(in.at, DATASET_HEADER_SIZE), &h) == MT_OK) {
		dataset_tag(&h, tag);
	}
	mt_assert(output_open(m, 1, in.size, &key, tag, &(struct output_place){ .path = "out" }) ==
		  MESATEE_NOT_VERIFIED);
}

/* ---- a node's answers ---- */

static void each_task(void *context, const struct mesatee_task *task)
{
	(void)context;
	mt_assert(strlen(task->contract) == 64 && task->approval_count <= MESATEE_PARTIES_MAX);
}

static void connected(struct bytes in)
{
	incoming = in;
	reachable = true;
	m->connected = m->proved = m->policy_set = true;
	(void)snprintf(m->url, sizeof(m->url), "https://node:1");
	(void)snprintf(m->host, sizeof(m->host), "node");
	(void)snprintf(m->port, sizeof(m->port), "1");
}

static void try_contract_get(void)
{
	struct mesatee_contract *c = NULL;

	if (mesatee_contract_get(m, hash, &c) == MESATEE_OK) {
		(void)mesatee_approve(m, c, true);
		mesatee_contract_free(c);
	}
}

static void try_answers(struct bytes in)
{
	uint8_t which = fuzz_u8(&in);
	struct mesatee_run run;
	struct mesatee_fetched fetched;
	const char *json = NULL;
	uint64_t number = 0;

	connected(in);
	m->proved = which & 1;
	switch (which >> 1) {
	case 0:
		(void)mesatee_tasks(m, NULL, each_task, NULL, &json);
		break;
	case 1:
		(void)mesatee_tasks(m, hash, each_task, NULL, NULL);
		break;
	case 2:
		(void)mesatee_run(m, hash, &number);
		break;
	case 3:
		(void)mesatee_wait(m, hash, 1, 0, &run);
		break;
	case 4:
		mt_assert(mesatee_get(m, hash, 1, "out", "out", &fetched) != MESATEE_OK);
		break;
	case 5:
		(void)mesatee_receipt(m, hash, 1, "receipt");
		break;
	case 6:
		try_contract_get();
		break;
	case 7:
		(void)mesatee_status(m, &json);
		break;
	case 9:
		(void)transfer_wait(m, "moving", hash);
		break;
	default:
		(void)mesatee_cancel(m, hash);
		break;
	}
}

/* The ledger's head and the proof that it continues the one seen before. */
static void try_ledger(struct bytes in)
{
	static const char seen[] = "5 00000000000000000000000000000000000000000000000000000000000000aa\n";

	connected(in);
	file_name = "heads/";
	file_bytes = mt_text(seen);
	mt_assert(connect_head(m) != MESATEE_OK);
}

/* Behind the TLS handshake: nothing that a stranger sends connects. */
static void try_exchange(struct bytes in)
{
	connected(in);
	m->connected = false;
	m->policy = (struct attest_policy){ .level_min = 1, .allow_development_root = true, .expected.count = 1 };
	mt_assert(mesatee_connect(m, "https://node:1") != MESATEE_OK && !m->connected);
}

/* ---- one input ---- */

static void reset(void)
{
	names_close(m);
	mt_free(m->text);
	*m = fresh;
	file_name = NULL;
	file_bytes = incoming = mt_bytes(NULL, 0);
	reachable = false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const decoder[])(struct bytes in) = {
		try_share,    try_receipt, try_contract, try_url,	 try_petnames, try_head,   try_known,
		try_identity, try_key,	   try_policy,	 try_ciphertext, try_answers,  try_ledger, try_exchange,
	};
	struct bytes in = mt_bytes(data, size);

	if (!m) {
		mt_assert(mesatee_open("home", &m) == MESATEE_OK);
		fresh = *m;
	}
	if (size > 0) {
		uint8_t which = fuzz_u8(&in);
		struct bytes block = fuzz_block(&in, in.size);
		decoder[which % MT_COUNT(decoder)](block);
		reset();
		fuzz_free(block);
	}
	return 0;
}
