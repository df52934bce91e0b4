/*
 * Every prefix of every request that a process of the node takes from core or the gateway is refused, and so is
 * one byte more: the workers and the supplicant as processes.
 */
#include "api/ree.h"
#include "api/worker.h"
#include "exec/seal/seal.h"
#include "exec/wasm/wasm.h"
#include "port/linux/linux.h"
#include "ree/supplicant/supplicant.h"
#include "test/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static uint8_t buffer[PORT_MESSAGE_MAX];

struct process {
	pid_t pid;
	int socket, other; /* other: the supplicant's second door; at its third there is nobody */
};

static struct process process_start(int (*serve)(void), int folder)
{
	int pair[2], second[2], third[2];

	if (message_pair(pair) != MT_OK || message_pair(second) != MT_OK || message_pair(third) != MT_OK) {
		abort();
	}
	close(third[0]);
	fflush(NULL);
	pid_t pid = fork();

	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);
		int mine[] = { dup(pair[1]), dup(second[1]), folder < 0 ? dup(null) : dup(folder), dup(third[1]) };

		dup2(null, 0);
		for (int i = 0; i < 4; i++) {
			dup2(fcntl(mine[i], F_DUPFD, 64), 3 + i);
		}
		close_range(7, ~0U, 0);
		_exit(serve());
	}
	close(pair[1]);
	close(second[1]);
	close(third[1]);
	return (struct process){ .pid = pid, .socket = pair[0], .other = second[0] };
}

static void process_end(const struct process *p)
{
	int status = -1;

	close(p->socket);
	close(p->other);
	CHECK(waitpid(p->pid, &status, 0) == p->pid && status == 0, "ends well");
}

/* The answer's bytes; its handles are closed. */
static struct bytes answer(int socket)
{
	struct message m = { 0 };

	if (!CHECK(message_wait(socket, buffer, &m) == MT_OK, "an answer")) {
		return mt_bytes(NULL, 0);
	}
	struct bytes body = first(m.body, m.body.size);

	message_close(&m);
	return body;
}

static struct bytes ask(int socket, struct bytes body, const port_handle *handles, size_t count)
{
	CHECK(message_send_wait(socket, body, handles, count) == MT_OK, "send");
	return answer(socket);
}

static struct bytes longer(struct bytes b)
{
	uint8_t *out = test_alloc(b.size + 1);

	memcpy(out, b.at, b.size);
	return mt_bytes(out, b.size + 1);
}

/* ---- the seal worker: its second byte is the error ---- */

#define KEY "0101010101010101010101010101010101010101010101010101010101010101"

static uint8_t open_error(struct bytes body, port_handle handle)
{
	struct process p = process_start(seal_worker, -1);
	struct bytes got = ask(p.socket, body, &handle, 1);

	process_end(&p);
	return got.size > 1 ? got.at[1] : 0xff;
}

static uint8_t seal_error(struct bytes body, port_handle handle)
{
	struct process p = process_start(seal_worker, -1);
	struct bytes got = ask(p.socket, hex("05 00000000"), NULL, 0);

	CHECK(got.size > 1 && got.at[1] == MT_OK, "no inputs");
	got = ask(p.socket, body, &handle, 1);
	process_end(&p);
	return got.size > 1 ? got.at[1] : 0xff;
}

static void test_seal_worker(void)
{
	struct bytes opens = hex("05 00000001 00 " KEY KEY),
		     seals = hex("07 00000001 " KEY "0000000000000009 0000000000000001");
	port_handle handle = PORT_NO_HANDLE;

	CHECK(memory_make(mt_text("a row\n"), &handle) == MT_OK, "memory");
	for (size_t n = 1; n < opens.size; n++) {
		CHECK(open_error(first(opens, n), handle) == MT_MALFORMED, "every prefix");
	}
	CHECK(open_error(longer(opens), handle) == MT_MALFORMED, "one byte left over");
	CHECK(open_error(hex("05 00000001 02 " KEY KEY), handle) == MT_MALFORMED, "a kind of input that is none");
	for (size_t n = 1; n < seals.size; n++) {
		CHECK(seal_error(first(seals, n), handle) == MT_MALFORMED, "every prefix");
	}
	CHECK(seal_error(longer(seals), handle) == MT_MALFORMED, "one byte left over");
	CHECK(seal_error(seals, handle) == MT_OK, "the whole");
	memory_close(handle);
}

/* ---- the run worker: what it says of the request ---- */

static bool run_malformed(struct bytes load, size_t load_handles, struct bytes body, const port_handle handle[2])
{
	static const char text[] = "the request is malformed";
	struct process p = process_start(run_worker, -1);

	CHECK(message_send_wait(p.socket, load, handle, load_handles) == MT_OK, "send");
	struct bytes got = ask(p.socket, body, handle, 2);

	CHECK(got.size > 2 && got.at[0] == WORK_RAN && got.at[1] == WORK_REFUSED, "nothing runs");
	process_end(&p);
	return got.size && memmem(got.at, got.size, text, strlen(text));
}

/* A request whose input is a stream, with a window that is one. */
static void streams_malformed(struct bytes load, const port_handle handle[2])
{
#define STREAMED_AS(flags, mask)                                                                                                            \
	hex("03 0000000000100000 " flags KEY "00000000 00000001 00000001 69 00000001 00000001 6f 0000000000000009 " mask "0000000000000007")
#define STREAMED(mask) STREAMED_AS("00000004 ", mask)
	struct bytes body = STREAMED("00000001");
	port_handle given[2] = { handle[1], PORT_NO_HANDLE };
	uint8_t *at = NULL;

	CHECK(memory_window(4096 + (4 << 20), &given[1], &at) == MT_OK, "a window for one stream");
	for (size_t n = body.size - 12; n < body.size; n++) {
		CHECK(run_malformed(load, 1, first(body, n), given), "every prefix");
	}
	CHECK(run_malformed(load, 1, longer(body), given), "one byte left over");
	CHECK(run_malformed(load, 1, STREAMED("00000000"), given) && run_malformed(load, 1, STREAMED("00000002"), given) &&
		      run_malformed(load, 1, STREAMED("80000001"), given),
	      "streams that are no inputs");
	CHECK(run_malformed(load, 1, STREAMED_AS("00000006 ", "00000001"), given), "a handle less than the flags need");
	CHECK(run_malformed(load, 1, body, handle), "another window");
	CHECK(!run_malformed(load, 1, body, given), "the whole");
	memory_drop(given[1], at, 4096 + (4 << 20));
}

static void test_run_worker(void)
{
	/* No artifact: what is whole is refused for another reason. */
	struct bytes load = hex("09"), body = hex("03 0000000000100000 00000001 " KEY "00000001 00000001 61 00000001 "
						  "00000001 69 00000001 00000001 6f 0000000000000009");
	port_handle handle[2] = { PORT_NO_HANDLE, PORT_NO_HANDLE };

	CHECK(memory_make(mt_text("an input"), &handle[0]) == MT_OK && memory_scratch(&handle[1]) == MT_OK, "memory");
	for (size_t n = 1; n < body.size; n++) {
		CHECK(run_malformed(load, 1, first(body, n), handle), "every prefix");
	}
	CHECK(run_malformed(load, 1, longer(body), handle), "one byte left over");
	CHECK(!run_malformed(load, 1, body, handle), "the whole");
	CHECK(run_malformed(load, 1, hex("03 0000000000100000 00000000 " KEY "00000000 00000000 00000001 00000001 6f 0000000000000009"), handle),
	      "a handle more than it has use for");
	streams_malformed(load, handle);
	CHECK(run_malformed(longer(load), 1, body, handle) && run_malformed(load, 2, body, handle) &&
		      run_malformed(load, 0, body, handle),
	      "a load with a byte or a handle more or less");
	memory_close(handle[0]);
	memory_close(handle[1]);
}

static void test_compile_worker(void)
{
	static const struct {
		const char *wire;
		size_t handles;
	} row[] = { { "0100", 1 }, { "02", 1 }, { "01", 0 }, { "01", 2 } };
	port_handle handle[2] = { PORT_NO_HANDLE, PORT_NO_HANDLE };

	CHECK(memory_make(mt_text("a module"), &handle[0]) == MT_OK && memory_share(handle[0], &handle[1]) == MT_OK,
	      "memory");
	for (size_t i = 0; i < MT_COUNT(row); i++) {
		struct process p = process_start(compile_worker, -1);
		struct bytes got = ask(p.socket, hex(row[i].wire), handle, row[i].handles);

		CHECK(mt_equal(got, hex("02 01 00000000")), "malformed, and the engine was not asked");
		process_end(&p);
	}
	memory_close(handle[0]);
	memory_close(handle[1]);
}

/* ---- the supplicant: its sixth byte is the error ---- */

#define NAME KEY

static uint8_t supplicant_error(int socket, struct bytes body, const port_handle *handle, size_t handles)
{
	struct bytes got = ask(socket, body, handle, handles);

	return got.size > 5 ? got.at[5] : 0xff;
}

static void test_supplicant(void)
{
	static const struct {
		const char *wire;
		bool gateway, open, handle; /* open: its last field takes any number of bytes */
	} row[] = {
		{ "01 00000007 0000000000000000 00000009", false, false, false },
		{ "02 00000007 0000000000000000 0000000000000000", false, true, false },
		{ "03 00000007 00 " NAME, false, false, false },
		{ "04 00000007 00 " NAME "00000009", false, false, false },
		{ "05 00000007 00 " NAME, false, false, true },
		{ "06 00000007 00 " NAME, false, false, false },
		{ "07 00000007 00000001 " NAME "0000000000000009 61", false, true, false },
		{ "09 00000007 00000001", false, false, false },
		{ "10 00000007 " NAME "0000000000000009", true, false, false },
		{ "11 00000007 00000001", true, false, false },
		{ "12 00000007 00000001", true, false, false },
		{ "14 00000007 00000001", true, false, false },
	};
	char folder[] = "/tmp/mesatee-test-XXXXXX", command[64];
	port_handle content = PORT_NO_HANDLE;

	CHECK(mkdtemp(folder) && memory_make(mt_text("a blob"), &content) == MT_OK, "a folder");
	struct process p = process_start(supplicant_run, open(folder, O_RDONLY | O_DIRECTORY));

	for (size_t i = 0; i < MT_COUNT(row); i++) {
		struct bytes whole = hex(row[i].wire);
		int door = row[i].gateway ? p.other : p.socket;

		for (size_t n = 1; n < whole.size; n++) {
			CHECK(supplicant_error(door, first(whole, n), &content, row[i].handle) == MT_MALFORMED,
			      row[i].wire);
		}
		CHECK((supplicant_error(door, longer(whole), &content, row[i].handle) == MT_MALFORMED) != row[i].open,
		      row[i].wire);
		CHECK(supplicant_error(row[i].gateway ? p.socket : p.other, whole, &content, row[i].handle) ==
			      MT_MALFORMED,
		      "at the other door");
		CHECK(supplicant_error(door, whole, &content, !row[i].handle) == MT_MALFORMED,
		      "a handle too many, or none");
		CHECK(supplicant_error(door, whole, &content, row[i].handle) != MT_MALFORMED, row[i].wire);
	}
	struct bytes sends = hex("08 00000007 00000001 00 " NAME "61"), opens = hex("13 00000007 00 " NAME);

	for (size_t n = 1; n <= sends.size; n++) {
		CHECK(supplicant_error(p.socket, first(sends, n), NULL, 0) == (n < sends.size ? MT_MALFORMED : MT_NOT_FOUND) &&
			      supplicant_error(p.socket, first(sends, n), &content, 1) == (n < sends.size ? MT_MALFORMED : MT_OK) &&
			      supplicant_error(p.other, first(sends, n), NULL, 0) == MT_MALFORMED,
		      "what is sent lies there, or comes with it");
	}

	for (size_t n = 1; n <= opens.size + 1; n++) {
		struct bytes body = n <= opens.size ? first(opens, n) : longer(opens);
		enum mt_err want = n == opens.size ? MT_NOT_FOUND : MT_MALFORMED;

		CHECK(supplicant_error(p.socket, body, NULL, 0) == want && supplicant_error(p.other, body, NULL, 0) == want,
		      "a file to read from, at both doors");
	}
	process_end(&p);
	memory_close(content);
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	CHECK(system(command) == 0, "cleaned up");
}

const struct test tests[] = {
	{ "seal worker", test_seal_worker },
	{ "run worker", test_run_worker },
	{ "compile worker", test_compile_worker },
	{ "supplicant", test_supplicant },
	TESTS_END,
};
