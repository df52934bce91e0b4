/*
 * The gateway's messages: what core and the supplicant say is acted on whole or not at all. The connection, its
 * HTTP and the sockets are doubles that remember what was asked of them.
 */
#include <string.h>

#include "service/gateway/gateway_private.h"
#include "test/test.h"

#define NUMBER 7
#define REQUEST 3
#define CALL 5

static struct gateway g;
static struct connection *const c = &g.connection[0];
static struct {
	unsigned sent, answered, status, streams, closed, queued;
	uint8_t message[256];
	size_t message_size;
} seen;

enum mt_err message_send_wait(int socket, struct bytes body, const port_handle *handles, size_t count)
{
	CHECK(socket == GATEWAY_FD_SUPPLICANT && count == 0 && !handles && body.size <= sizeof(seen.message),
	      "to the supplicant");
	memcpy(seen.message, body.at, body.size);
	seen.message_size = body.size;
	seen.sent++;
	return MT_OK;
}

enum mt_err channel_hello_decode(struct box *cbor, struct bytes frame, struct channel_hello *out)
{
	(void)cbor;
	(void)frame;
	(void)out;
	return MT_MALFORMED;
}

enum mt_err channel_tls_binding(struct ssl_st *ssl, enum channel_role self, const uint8_t context[CHANNEL_CONTEXT_SIZE],
				struct channel_binding *out)
{
	(void)ssl;
	(void)self;
	(void)context;
	(void)out;
	return MT_IO;
}

struct connection *connection_find(struct gateway *gateway, uint32_t number)
{
	return gateway == &g && number == NUMBER && c->state != CONNECTION_FREE ? c : NULL;
}

void connection_move(struct connection *connection, enum connection_state to)
{
	connection->state = to;
}

void connection_drive(struct gateway *gateway, struct connection *connection)
{
	(void)gateway;
	(void)connection;
}

void connection_close(struct gateway *gateway, struct connection *connection)
{
	(void)gateway;
	connection->state = CONNECTION_FREE;
	seen.closed++;
}

void connection_gather(struct connection *connection, bool on)
{
	(void)connection;
	(void)on;
}

void connection_upload_fail(struct gateway *gateway, struct connection *connection)
{
	(void)gateway;
	http_problem(connection, 507, "io", "the disk");
	connection->state = CONNECTION_HEAD;
}

uint64_t gateway_now_ms(void)
{
	return 0;
}

bool connection_queue(struct connection *connection, struct bytes b)
{
	(void)connection;
	seen.queued += (unsigned)b.size;
	return true;
}

void connection_consume(struct connection *connection, size_t size)
{
	(void)connection;
	(void)size;
}

void http_answer(struct connection *connection, unsigned status, enum node_body kind, struct bytes body)
{
	(void)connection;
	(void)kind;
	(void)body;
	seen.answered++;
	seen.status = status;
}

void http_problem(struct connection *connection, unsigned status, const char *error, const char *detail)
{
	CHECK(error && detail, "a reason");
	http_answer(connection, status, NODE_PROBLEM, mt_bytes(NULL, 0));
}

void http_stream_head(struct connection *connection, uint64_t size)
{
	(void)connection;
	(void)size;
	seen.streams++;
}

/* ---- */

static void begin(enum connection_state state)
{
	memset(&seen, 0, sizeof(seen));
	memset(g.pending, 0, sizeof(g.pending));
	g.next_call = CALL;
	*c = (struct connection){
		.state = state, .number = NUMBER, .request = REQUEST, .file = -1, .route = &routes[ROUTE_STATUS]
	};
}

static bool nothing_done(enum connection_state state)
{
	return seen.sent == 0 && seen.answered == 0 && seen.streams == 0 && seen.queued == 0 &&
	       g.pending[0].call == CALL_NONE && (c->state == state || c->state == CONNECTION_FREE);
}

/* The message, and every message that is it but for its end. */
static void core_says(const char *why, const char *wire, enum connection_state state)
{
	struct bytes whole = hex(wire);
	uint8_t *longer = test_alloc(whole.size + 1);

	memcpy(longer, whole.at, whole.size);
	for (size_t n = 1; n < whole.size; n++) {
		begin(state);
		relay_core_message(&g, first(whole, n));
		CHECK(nothing_done(state), why);
	}
	begin(state);
	relay_core_message(&g, mt_bytes(longer, whole.size + 1));
	CHECK(nothing_done(state), why);
	begin(state);
	relay_core_message(&g, whole);
	CHECK(!nothing_done(state), why);
}

#define NAME "0000000000000000000000000000000000000000000000000000000000000000"

static void test_core(void)
{
	core_says("an answer", "04 00000007 00000003 00c8 00 00000002 7b7d", CONNECTION_WAITING);
	CHECK(seen.answered == 1 && seen.status == 200 && c->state == CONNECTION_HEAD, "answered");
	core_says("a stream", "05 00000007 00000003 02" NAME, CONNECTION_WAITING);
	CHECK(mt_equal(mt_bytes(seen.message, seen.message_size), hex("13 00000005 02" NAME)),
	      "the supplicant is asked for the blob");
	core_says("an upload", "06 00000007 00000003 " NAME "0000000000000009", CONNECTION_WAITING);
	CHECK(mt_equal(mt_bytes(seen.message, seen.message_size), hex("10 00000005 " NAME "0000000000000009")),
	      "and for a place");
	core_says("evidence", "02 00000007 00 00000001 aa", CONNECTION_EVIDENCE);
	CHECK(seen.queued == 5 && c->state == CONNECTION_HEAD, "the frame goes out");
}

static void test_core_of_others(void)
{
	static const char *const wire[] = {
		"04 00000008 00000003 00c8 00 00000000",
		"04 00000007 00000004 00c8 00 00000000",
		"04 00000007 00000003 00c8 05 00000000",
		"09 00000007 00000003",
		"00",
	};

	for (size_t i = 0; i < MT_COUNT(wire); i++) {
		begin(CONNECTION_WAITING);
		relay_core_message(&g, hex(wire[i]));
		CHECK(nothing_done(CONNECTION_WAITING), wire[i]);
	}
	begin(CONNECTION_BODY);
	relay_core_message(&g, hex("04 00000007 00000003 00c8 00 00000000"));
	CHECK(nothing_done(CONNECTION_BODY), "nobody waits for it");
}

static void ree_says(enum gateway_call call, struct bytes wire, size_t handles)
{
	struct message m = { .body = wire, .handle_count = handles, .handle = { 900, 901 } };

	begin(CONNECTION_WAITING);
	g.pending[0] = (struct gateway_pending){ call, CALL, NUMBER };
	relay_ree_message(&g, &m);
	CHECK((m.handle_count == handles) == (c->file < 0), "a handle is taken only when it is used");
}

/* Shorter than its head an answer is nobody's; shorter than its fields it is a failure. */
static void supplicant_says(enum gateway_call call, const char *wire, size_t handles, unsigned status)
{
	const size_t head = 1 + 4 + 1;
	struct bytes whole = hex(wire);
	uint8_t *longer = test_alloc(whole.size + 1);

	memcpy(longer, whole.at, whole.size);
	for (size_t n = 1; n < whole.size; n++) {
		ree_says(call, first(whole, n), handles);
		CHECK(n < head ? seen.answered == 0 && g.pending[0].call == call
			       : seen.answered == 1 && seen.status == 507,
		      "every prefix");
	}
	ree_says(call, mt_bytes(longer, whole.size + 1), handles);
	CHECK(seen.answered == 1 && seen.status == 507, "a byte left over");
	ree_says(call, whole, handles);
	CHECK(seen.status == status && g.pending[0].call == CALL_NONE, "the whole");
	if (handles) {
		CHECK(c->file == 900, "and its handle");
		ree_says(call, whole, 0);
		CHECK(seen.status == 507 && c->file < 0, "no handle");
		ree_says(call, whole, 2);
		CHECK(seen.status == 507 && c->file < 0, "one too many");
	}
}

static void test_supplicant(void)
{
	supplicant_says(CALL_UPLOAD_OPEN, "00 00000005 00 00000009", 1, 0);
	supplicant_says(CALL_BLOB_OPEN, "00 00000005 00 0000000000000064", 1, 0);
	supplicant_says(CALL_UPLOAD_CLOSE, "00 00000005 00", 0, 201);
	ree_says(CALL_UPLOAD_SYNC, hex("00 00000005 07"), 0);
	CHECK(seen.answered == 0 && c->state == CONNECTION_WAITING, "the answer to the close says all");
	ree_says(CALL_BLOB_OPEN, hex("00 00000005 00 ffffffffffffffff"), 1);
	CHECK(seen.status == 507, "a blob that cannot be");
	ree_says(CALL_BLOB_OPEN, hex("00 00000005 03"), 0);
	CHECK(seen.status == 404, "not found");
	ree_says(CALL_UPLOAD_OPEN, hex("00 00000005 05"), 0);
	CHECK(seen.status == 429, "too many");
	ree_says(CALL_UPLOAD_CLOSE, hex("00 00000005 ff"), 0);
	CHECK(seen.status == 507, "an error that is none");
	ree_says(CALL_BLOB_OPEN, hex("00 00000006 00 0000000000000064"), 1);
	CHECK(seen.answered == 0, "an answer to nothing");
}

const struct test tests[] = {
	{ "core", test_core },
	{ "core of others", test_core_of_others },
	{ "supplicant", test_supplicant },
	TESTS_END,
};
