/*
 * Virtual time and the messages in it: a list in order of delivery.
 */
#include "port/sim/sim.h"

#include <stdlib.h>
#include <string.h>

struct item {
	struct item *next;
	uint64_t order;                 /* among those of one moment: random, so that no test relies on posting order */
	struct sim_event event;
	uint8_t body[];
};

struct sim_queue {
	struct sim_random random;
	uint64_t now_ms;
	struct item *first, *taken;
};

struct sim_queue *sim_queue_open(uint64_t seed)
{
	struct sim_queue *q = calloc(1, sizeof(*q));

	mt_assert(q);
	q->random = sim_random_seed(seed);
	return q;
}

void sim_queue_close(struct sim_queue *q)
{
	while (q && q->first) {
		struct item *next = q->first->next;

		free(q->first);
		q->first = next;
	}
	if (q) {
		free(q->taken);
	}
	free(q);
}

uint64_t sim_queue_now(const struct sim_queue *q)
{
	return q->now_ms;
}

static bool item_before(const struct item *a, const struct item *b)
{
	return a->event.at_ms != b->event.at_ms ? a->event.at_ms < b->event.at_ms : a->order < b->order;
}

void sim_queue_post(struct sim_queue *q, uint32_t from, uint32_t to, uint32_t kind, struct bytes body,
		    uint64_t delay_ms, uint64_t jitter_ms)
{
	struct item *i = calloc(1, sizeof(*i) + body.size), **at = &q->first;

	mt_assert(i);
	if (body.size) {
		memcpy(i->body, body.at, body.size);
	}
	i->order = sim_random_u64(&q->random);
	i->event = (struct sim_event){
		.at_ms = q->now_ms + delay_ms + sim_random_below(&q->random, jitter_ms + 1),
		.from = from, .to = to, .kind = kind, .body = mt_bytes(i->body, body.size),
	};
	while (*at && item_before(*at, i)) {
		at = &(*at)->next;
	}
	i->next = *at;
	*at = i;
}

bool sim_queue_next(struct sim_queue *q, struct sim_event *out)
{
	free(q->taken);
	q->taken = q->first;
	if (!q->taken) {
		return false;
	}
	q->first = q->taken->next;
	q->now_ms = q->taken->event.at_ms;
	*out = q->taken->event;
	return true;
}

static void queue_drop(struct sim_queue *q, uint32_t who, bool sender)
{
	struct item **at = &q->first;

	while (*at) {
		struct item *i = *at;

		if ((sender ? i->event.from : i->event.to) == who) {
			*at = i->next;
			free(i);
		} else {
			at = &i->next;
		}
	}
}

void sim_queue_drop_to(struct sim_queue *q, uint32_t to)
{
	queue_drop(q, to, false);
}

void sim_queue_drop_from(struct sim_queue *q, uint32_t from)
{
	queue_drop(q, from, true);
}
