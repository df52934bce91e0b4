/* What the supplicant has the fetcher move: its files, its numbers, its word of the end. The fetcher is played here, and lies. */
#include "api/fetch.h"
#include "test/test.h"
#include "test/unit/supplicant_process.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static uint8_t buffer[PORT_MESSAGE_MAX];

static struct builder transfer_call(uint8_t *wire, size_t capacity, uint8_t type, uint32_t number)
{
	struct builder b = call(wire, capacity, type);

	builder_u32(&b, number);
	return b;
}

static void transfer_begin(const struct node *n, uint8_t type, uint32_t number, const uint8_t name[REE_NAME_SIZE], uint64_t size)
{
	uint8_t wire[256];
	struct builder b = transfer_call(wire, sizeof(wire), type, number);
	struct bytes body;

	if (type == REE_SEND) {
		builder_u8(&b, REE_OUTPUT);
	}
	builder_bytes(&b, mt_bytes(name, REE_NAME_SIZE));
	if (type == REE_FETCH) {
		builder_u64(&b, size);
	}
	builder_text(&b, "https://x");
	CHECK(builder_done(&b, &body) == MT_OK && message_send_wait(n->core, body, NULL, 0) == MT_OK, "ask");
}

/* What the fetcher is told; its file. */
static int transfer_order(const struct node *n, uint8_t type, uint32_t number, uint64_t size)
{
	struct message m = { 0 };

	if (!CHECK(message_wait(n->fetch, buffer, &m) == MT_OK && m.handle_count == 1, "an order")) {
		return -1;
	}
	struct cursor c = cursor_over(m.body);

	CHECK(cursor_u8(&c) == type && cursor_u32(&c) == number && cursor_u64(&c) == size &&
		      mt_equal(cursor_take(&c, cursor_left(&c)), mt_text("https://x")),
	      "as it was asked for");
	return m.handle[0];
}

static void transfer_say(const struct node *n, const char *wire)
{
	CHECK(message_send_wait(n->fetch, hex(wire), NULL, 0) == MT_OK, "say");
}

/* The answer that comes at the end; 0xff: none that is one. */
static uint8_t transfer_outcome(const struct node *n)
{
	struct message m = { 0 };

	if (message_wait(n->core, buffer, &m) != MT_OK || m.body.size != 9) {
		return 0xff;
	}
	return m.body.at[0] == REE_ANSWER && m.body.at[5] == MT_OK ? m.body.at[6] : 0xff;
}

static enum mt_err transfer_at(const struct node *n, uint32_t number, uint64_t *done)
{
	uint8_t wire[64];
	struct builder b = transfer_call(wire, sizeof(wire), REE_TRANSFER, number);
	struct answer a = ask(n->core, &b, PORT_NO_HANDLE);
	struct cursor c = cursor_over(a.fields);

	*done = cursor_u64(&c);
	return a.err;
}

static void test_transfers(void)
{
	struct node n = node_open();
	uint64_t done = 0;

	transfer_say(&n, "10");
	transfer_begin(&n, REE_FETCH, 1, name_one, 4);
	int file = transfer_order(&n, FETCH_TAKE, 1, 4);

	CHECK(pwrite(file, "data", 4, 0) == 4, "written");
	/* None of these is anything. */
	static const char *const nothing[] = { "11", "11000000010000000000000002ff", "1200000001", "12000000010000", "1200000001100000", "1200000002000000",
					       "13", "1100000009 0000000000000002", "1200000000000000" };
	for (size_t i = 0; i < MT_COUNT(nothing); i++) {
		transfer_say(&n, nothing[i]);
	}
	transfer_say(&n, "1100000001 ffffffffffffffff");
	for (int i = 0; i < 200 && done == 0; i++) {
		CHECK(transfer_at(&n, 1, &done) == MT_OK, "under way");
	}
	CHECK(done == 4, "no more than all of it");
	CHECK(transfer_at(&n, 2, &done) == MT_NOT_FOUND && transfer_at(&n, 0, &done) == MT_NOT_FOUND, "another is not");
	transfer_say(&n, "1200000001 00 0000");
	CHECK(transfer_outcome(&n) == FETCH_DONE, "its end");
	CHECK(same(blob_get(&n, REE_DATA, name_one), "data"), "kept");
	CHECK(transfer_at(&n, 1, &done) == MT_NOT_FOUND, "over");
	close(file);
	transfer_begin(&n, REE_FETCH, 2, name_two, 4);
	file = transfer_order(&n, FETCH_TAKE, 2, 4);
	CHECK(pwrite(file, "dat", 3, 0) == 3, "cut");
	transfer_say(&n, "1200000002 00 0000");
	CHECK(transfer_outcome(&n) == FETCH_DISK && !blob_get(&n, REE_DATA, name_two), "a size that does not fit is not kept");
	close(file);
	transfer_begin(&n, REE_FETCH, 3, name_two, 4);
	close(transfer_order(&n, FETCH_TAKE, 3, 4));
	transfer_say(&n, "1200000003 0a 0194");
	CHECK(transfer_outcome(&n) == FETCH_NOTHING && incoming_count(&n) == 0, "what failed is not kept");
	CHECK(transfer_at(&n, 3, &done) == MT_NOT_FOUND, "over as well");
	node_close(&n);
}

/* Eight, each by its own number; and the fetcher's death ends them all. */
static void test_fetcher_gone(void)
{
	struct node n = node_open();
	uint8_t wire[128];

	transfer_say(&n, "10");
	for (uint32_t i = 1; i <= REE_TRANSFERS_MAX; i++) {
		transfer_begin(&n, REE_FETCH, i, name_one, 4);
		close(transfer_order(&n, FETCH_TAKE, i, 4));
	}
	for (uint32_t i = 8; i <= 9; i++) {
		struct builder b = transfer_call(wire, sizeof(wire), REE_FETCH, i);

		builder_bytes(&b, mt_bytes(name_one, REE_NAME_SIZE));
		builder_u64(&b, 4);
		builder_text(&b, "u");
		CHECK(ask(n.core, &b, PORT_NO_HANDLE).err == (i == 8 ? MT_MALFORMED : MT_LIMIT), "a number twice, one too many");
	}
	CHECK(incoming_count(&n) == REE_TRANSFERS_MAX, "files of those alone");
	close(n.fetch);
	n.fetch = -1;
	for (uint32_t i = 1; i <= REE_TRANSFERS_MAX; i++) {
		CHECK(transfer_outcome(&n) == FETCH_LOST, "told");
	}
	CHECK(incoming_count(&n) == 0, "nothing half is left");
	transfer_begin(&n, REE_FETCH, 20, name_one, 4);
	CHECK(transfer_outcome(&n) == FETCH_LOST, "and later as well");
	CHECK(upload(&n, name_one, "data of a party", 15) == MT_OK, "everything else goes on");
	node_close(&n);
	n = node_open();
	close(n.fetch);
	n.fetch = -1;
	transfer_begin(&n, REE_FETCH, 1, name_one, 4);
	CHECK(transfer_outcome(&n) == FETCH_ABSENT && incoming_count(&n) == 0, "there was never one");
	node_close(&n);
}

const struct test tests[] = {
	{ "transfers", test_transfers },
	{ "fetcher_gone", test_fetcher_gone },
	TESTS_END,
};
