/*
 * A table that is filled by requests which are all under way at once. What was let through while there was room is
 * entered, also behind the table's maximum, and can be replayed; the next request is told that the table is full,
 * and changes nothing.
 */
#include <stdio.h>
#include <string.h>

#include "service/task/task.h"
#include "test/story/world_private.h"

#define MORE 4 /* requests above those that core takes at once */

static struct world *w;
static struct world_party operator_party;
static struct world_connection *connection;
static unsigned status[600]; /* of each answered request, by its number modulo the size */

static unsigned count_of(const char *what)
{
	char want[32];
	struct world_answer *a =
		world_request(w, 0, false, ROUTE_STATUS, mt_bytes(NULL, 0), mt_bytes(NULL, 0), 0, mt_bytes(NULL, 0));
	unsigned count = 0;

	snprintf(want, sizeof(want), "\"%s\":", what);
	const char *at = strstr((const char *)a->body, want);
	CHECK(at && sscanf(at + strlen(want), "%u", &count) == 1, "the status counts");
	return count;
}

/* The operator gives the role of a party to party number `number`. */
static struct world_message *role_request(uint32_t number, uint32_t *request)
{
	static uint8_t space[4096];
	uint8_t body_space[64], id[COSE_ID_SIZE];
	struct builder b = builder_over(space, sizeof(space)), body_b = builder_over(body_space, sizeof(body_space));
	struct bytes body, message;
	size_t size = 0;

	crypto_sha256(mt_bytes(&number, sizeof(number)), id);
	cbor_array(&body_b, 2);
	cbor_bstr(&body_b, mt_bytes(id, sizeof(id)));
	cbor_uint(&body_b, TASK_ROLE_PARTY);
	mt_assert(!builder_done(&body_b, &body));
	uint8_t *wire = world_sign(w, &operator_party, ROUTE_ROLE, NULL, body, NULL, &size);
	*request = w->next_request++;
	builder_u8(&b, NODE_REQUEST);
	builder_u32(&b, connection->number);
	builder_u32(&b, *request);
	builder_u8(&b, ROUTE_ROLE);
	builder_u8(&b, 1);
	builder_u8(&b, 0);
	builder_u64(&b, size);
	builder_bytes32(&b, mt_bytes(wire, size));
	mt_assert(!builder_done(&b, &message));
	mt_free(wire);
	struct world_message *m = world_message_new(PORT_GATEWAY, message);
	m->to_core = true;
	return m;
}

/* As world_pump(), and every answer's status is kept. */
static void pump(void)
{
	while (world_alive(w) && w->first) {
		const struct world_message *m = w->first;
		if (!m->to_core && m->peer == PORT_GATEWAY && m->body[0] == NODE_ANSWER) {
			struct cursor c = cursor_over(mt_bytes(m->body + 1, m->size - 1));
			(void)cursor_u32(&c);
			uint32_t request = cursor_u32(&c);
			status[request % MT_COUNT(status)] = cursor_u16(&c);
		}
		world_step(w);
	}
	world_pump(w);
}

/* `count` roles from `first` on, all before core sees the disk answer for any; how many were done. */
static unsigned roles_together(uint32_t first_number, unsigned count, unsigned *limited)
{
	static struct world_message *message[300];
	uint32_t request[300];
	unsigned done = 0;

	mt_assert(count <= MT_COUNT(message));
	for (unsigned i = 0; i < count; i++) {
		message[i] = role_request(first_number + i, &request[i]);
	}
	for (unsigned i = 0; i < count; i++) {
		status[request[i] % MT_COUNT(status)] = 0;
		world_post(w, message[i]);
	}
	pump();
	*limited = 0;
	for (unsigned i = 0; i < count; i++) {
		unsigned got = status[request[i] % MT_COUNT(status)];
		CHECK(got == 201 || got == 429, "done, or told to come back");
		done += got == 201;
		*limited += got == 429;
	}
	return done;
}

static void begin(void)
{
	w = world_open(131);
	world_party_new(w, &operator_party);
	world_set_operator(w, operator_party.id, true);
	CHECK(world_start(w), "the node starts");
	connection = world_session(w, &operator_party);
}

static void end(void)
{
	world_connection_free(connection);
	world_party_free(&operator_party);
	world_close(w);
}

static void test_parties(void)
{
	unsigned limited = 0;
	uint32_t next = 0;

	begin();
	while (next < TASK_PARTIES_MAX - 1) {
		unsigned left = TASK_PARTIES_MAX - 1 - next, part = left < 100 ? left : 100;
		CHECK(roles_together(next, part, &limited) == part, "there is room");
		next += part;
	}
	CHECK(count_of("parties") == TASK_PARTIES_MAX - 1, "one more has room");

	CHECK(roles_together(next, CORE_WRITES_MAX + MORE, &limited) == CORE_WRITES_MAX && limited == MORE,
	      "as many as core takes at once were let through together, and no more");
	if (!CHECK(world_alive(w), "the node lives on")) {
		end();
		return;
	}
	CHECK(count_of("parties") == TASK_PARTIES_MAX - 1 + CORE_WRITES_MAX, "none of them is lost");
	next += CORE_WRITES_MAX + MORE;

	unsigned entries = count_of("log_size");
	CHECK(roles_together(next, 1, &limited) == 0 && limited == 1, "the table is full");
	CHECK(count_of("parties") == TASK_PARTIES_MAX - 1 + CORE_WRITES_MAX && count_of("log_size") == entries,
	      "and nothing has changed");
	CHECK(roles_together(0, 1, &limited) == 1, "who is in it can still be given a role");

	world_kill(w);
	CHECK(world_start(w), "a new life can read all of it");
	CHECK(count_of("parties") == TASK_PARTIES_MAX - 1 + CORE_WRITES_MAX, "and finds everybody");
	world_connection_free(connection);
	connection = world_session(w, &operator_party);
	CHECK(roles_together(next + 1, 1, &limited) == 0 && limited == 1, "the table is as full as before");
	end();
}

const struct test tests[] = { { "parties", test_parties }, TESTS_END };
