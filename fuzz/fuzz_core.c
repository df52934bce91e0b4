/*
 * Core under messages that nobody honest sends. The first byte says who speaks:
 *   0, 1, 2  the gateway, the supplicant, a worker during a run; the rest is cut into messages by a size byte each (0 means 256), so that
 *            sequences are found
 *   3        a party who signs whatever it is: route u8 | body
 *   4        the supplicant or a worker, in place of its honest answer: what core does u8 | which answer u8 | handles u8 | the answer
 */
#include <stdlib.h>
#include <string.h>

#include "test/story/world_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The world's doubles allocate through the test runner, which is not here. */
void *test_alloc(size_t size)
{
	static struct world_answer answer;

	mt_assert(size <= sizeof(answer));
	memset(&answer, 0, sizeof(answer));
	return &answer;
}

bool test_check(bool condition, const char *file, int line, const char *text, const char *why)
{
	(void)file;
	(void)line;
	(void)text;
	(void)why;
	return condition;
}

/* ---- a supplicant or a worker that answers what the fuzzer says ---- */

void __real_world_supplicant(struct world *w, struct world_message *m);
void __wrap_world_supplicant(struct world *w, struct world_message *m);
void __real_world_worker(struct world *w, struct world_message *m);
void __wrap_world_worker(struct world *w, struct world_message *m);

static struct bytes lie;
static size_t lie_at, answers, lie_handles;

static bool lie_now(void)
{
	return lie_at && ++answers == lie_at;
}

/* The answer is the fuzzer's; of the supplicant's, the number is the call's, so that it is taken. */
static void lie_post(struct world *w, const struct world_message *to)
{
	struct world_message *m = world_message_new(to->peer, lie);

	if (to->peer == PORT_SUPPLICANT && m->size >= 5 && to->size >= 5) {
		memcpy(m->body + 1, to->body + 1, 4);
	}
	m->to_core = true;
	for (size_t i = 0; i < lie_handles; i++) {
		m->handle[m->handle_count++] = world_memory_new(w, lie, i % 2 == 0);
	}
	world_post(w, m);
}

void __wrap_world_supplicant(struct world *w, struct world_message *m)
{
	if (lie_now()) {
		lie_post(w, m);
	} else {
		__real_world_supplicant(w, m);
	}
}

void __wrap_world_worker(struct world *w, struct world_message *m)
{
	if (lie_now()) {
		lie_post(w, m);
	} else {
		__real_world_worker(w, m);
	}
}

/* ---- nodes ---- */

static void hang(struct world_run *run)
{
	run->hang = true;
}

/* A node with an approved contract, and with its run under way when a worker is to speak. */
static struct world *node(bool running, struct world_job *j)
{
	struct world *w = world_open(81);

	mt_assert(world_start(w));
	world_set_function(w, hang);
	world_job_prepare(w, j);
	j->contract.runs = 2;
	mt_assert(world_job_create(w, j)->status == 201);
	mt_assert(world_approve(w, &j->a, j, &j->data_a)->status == 201);
	mt_assert(world_approve(w, &j->b, j, &j->data_b)->status == 201);
	mt_assert(!running || world_run_job(w, j)->status == 201);
	return w;
}

static void speak(struct world *w, uint32_t peer, const uint8_t *data, size_t size)
{
	while (size) {
		size_t wanted = data[0] ? data[0] : 256, part = wanted < size - 1 ? wanted : size - 1;
		struct world_message *m = world_message_new(peer, mt_bytes(data + 1, part));
		m->to_core = true;
		world_post(w, m);
		world_pump(w);
		data += 1 + part;
		size -= 1 + part;
	}
}

/* Whoever signs: nothing that he can put into a body stops the node. */
static void party_signs(const uint8_t *data, size_t size)
{
	static struct world *w;
	static struct world_job j;
	static unsigned used;
	uint8_t route = data[0] % ROUTES;

	if (w && used++ >= 300) {       /* its tables fill */
		world_job_free(&j);
		world_close(w);
		w = NULL;
		used = 0;
	}
	if (!w) {
		w = world_open(82);
		mt_assert(world_start(w));
		world_job_whole(w, &j);
	}
	if (routes[route].access == ROUTE_SIGNED && size <= ROUTE_BODY_MAX / 2) {
		world_signed(w, data[0] & 128 ? &j.a : &j.b, (enum route_id)route, j.hash, mt_bytes(data + 1, size - 1));
		mt_assert(world_alive(w));
	}
}

/* A party reads an output: what the supplicant answers is the fuzzer's, also where it is a piece of the log. */
static void read_output(struct world *w, struct world_job *j)
{
	struct secret ephemeral, key;
	uint8_t tag[32];
	uint64_t size;
	char digits[65];
	size_t at = lie_at;

	lie_at = 0;
	mt_assert(world_fetch_open(w, world_fetch(w, &j->a, j, 1, "common", &ephemeral), &ephemeral, &key, tag, &size));
	struct world_connection *c = world_session(w, &j->a);
	mt_hex(mt_bytes(tag, 32), digits);
	lie_at = at;
	world_request(w, c->number, true, ROUTE_OUTPUT, mt_bytes(digits, 64), mt_bytes(NULL, 0), 0, mt_bytes(NULL, 0));
	world_connection_free(c);
}

/* What core does while it is lied to. It may give up its work or its life, but in good order. */
static void lied_to(uint8_t what, struct world *w, struct world_job *j)
{
	uint8_t hash[32], space[64], zeros[DATASET_HEADER_SIZE] = { 0 };
	struct builder b = builder_over(space, sizeof(space));
	struct bytes body = { 0 };

	memset(hash, 0x11, sizeof(hash));
	world_blob_set(w, REE_DATA, hash, mt_bytes(zeros, sizeof(zeros)));
	cbor_array(&b, what % 5 == 1 ? 2 : 1);
	cbor_bstr(&b, mt_bytes(hash, 32));
	if (what % 5 == 1) {
		cbor_tstr(&b, mt_text("f"));
	}
	mt_assert(!builder_done(&b, &body));
	switch (what % 5) {
	case 0:
		world_signed(w, &j->a, ROUTE_DATASET_ADD, NULL, body);
		break;
	case 1:
		world_signed(w, &j->a, ROUTE_FUNCTION_PUBLISH, NULL, body);
		break;
	case 2:
		world_run_job(w, j);
		break;
	case 3:
		read_output(w, j);
		break;
	default:
		world_kill(w);
		(void)world_start(w);
		break;
	}
}

static void lies(const uint8_t *data, size_t size)
{
	struct world_job j;
	struct world *w = world_open(83);

	mt_assert(world_start(w));
	world_job_prepare(w, &j);
	j.contract.runs = 2;
	mt_assert(world_job_create(w, &j)->status == 201);
	mt_assert(world_approve(w, &j.a, &j, &j.data_a)->status == 201);
	mt_assert(world_approve(w, &j.b, &j, &j.data_b)->status == 201);
	mt_assert(world_run_job(w, &j)->status == 201 && strcmp(world_job_state(w, &j), "approved") == 0);
	answers = 0;
	lie_at = data[1] % 16 + 1;
	lie_handles = data[2] % 3;
	lie = mt_bytes(data + 3, size - 3);
	lied_to(data[0], w, &j);
	lie_at = 0;
	world_job_free(&j);
	world_close(w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world *kept;
	static struct world_job kept_job;
	struct world_job j;

	if (size < 2) {
		return 0;
	}
	if (data[0] == 3) {
		party_signs(data + 1, size - 1);
		return 0;
	}
	if (data[0] == 4 && size >= 4) {
		lies(data + 1, size - 1);
		return 0;
	}
	if (data[0] % 3 != 2) {
		if (!kept) {
			kept = node(false, &kept_job);
		}
		speak(kept, data[0] % 3 ? PORT_SUPPLICANT : PORT_GATEWAY, data + 1, size - 1);
		mt_assert(world_alive(kept) && kept->runs == 0);        /* nothing forged may run, and nothing may stop the node */
		return 0;
	}
	struct world *w = node(true, &j);
	for (uint32_t i = 0; i < w->peers; i++) {
		if (w->peer[i].alive) {
			speak(w, PORT_WORKER_FIRST + i, data + 1, size - 1);
		}
	}
	mt_assert(world_alive(w) && strcmp(world_job_state(w, &j), "finished") != 0);
	world_job_free(&j);
	world_close(w);
	return 0;
}
