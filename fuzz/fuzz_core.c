/*
 * Core under messages that nobody honest sends. The first byte says who speaks: the gateway, the supplicant, or a worker during a run;
 * the rest is cut into messages by a size byte each (0 means 256), so that sequences are found.
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world *kept;
	static struct world_job kept_job;
	struct world_job j;

	if (size < 2) {
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
