/*
 * The supplicant as a process, through its messages. Then the same with a disk that fails, and with
 * SIGKILL, at each of its writes: the linker puts a hand before every call that changes the disk
 * (--wrap, test/wasm/tests.mk).
 */
#include "api/ree.h"
#include "port/linux/linux.h"
#include "ree/supplicant/supplicant.h"
#include "test/test.h"
#include "test/unit/disk_fault.h"
#include "test/unit/supplicant_process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>


/* ---- the tests ---- */

static void test_log(void)
{
	struct node n = node_open();

	CHECK(log_read(&n, 0, 100).size == 0, "an empty log");
	CHECK(log_write(&n, 1000, 10, "record") == MT_OK, "write");
	CHECK(log_read(&n, 0, 5000).size == 1000, "extended");
	CHECK(mt_is_zero(log_read(&n, 0, 10)) && mt_equal(log_read(&n, 10, 6), mt_text("record")) &&
		      mt_is_zero(log_read(&n, 16, 984)),
	      "zeros around it");
	CHECK(log_write(&n, 0, 10, "RE") == MT_OK &&
		      mt_equal(log_read(&n, 10, 6), mt_text("REcord")),
	      "written over");
	CHECK(log_write(&n, 0, 1000, "more") == MT_OK && log_read(&n, 0, 5000).size == 1004,
	      "beyond the end");
	CHECK(log_write(&n, UINT64_MAX, 0, "x") == MT_LIMIT &&
		      log_write(&n, 0, UINT64_MAX, "x") == MT_LIMIT,
	      "no end of it");
	CHECK(log_read(&n, 5000, 10).size == 0, "behind the end");
	node_close(&n);
}

/* One call about a file of trusted storage; `offset` and `rest` as the type has them. */
static struct answer trusted(int socket, uint8_t type, uint8_t file, const uint64_t *offset, struct bytes rest)
{
	static uint8_t wire[256];
	struct builder b = call(wire, sizeof(wire), type);

	builder_u8(&b, file);
	if (offset) {
		builder_u64(&b, *offset);
	}
	builder_bytes(&b, rest);
	return ask(socket, &b, PORT_NO_HANDLE);
}

static void test_trusted(void)
{
	static const uint64_t start = 0, middle = 10, far = UINT64_MAX;
	struct node n = node_open();
	const struct bytes eight = hex("00000008"), empty = { 0 };

	for (uint8_t file = 0; file < REE_TRUSTED_FILES; file++) {
		CHECK(mt_equal(trusted(n.core, REE_TRUSTED_SIZE, file, NULL, empty).fields, hex("0000000000000000")), "empty");
		CHECK(trusted(n.core, REE_TRUSTED_APPEND, file, &start, mt_text(file ? "second" : "first")).err == MT_OK, "append");
	}
	CHECK(trusted(n.core, REE_TRUSTED_WRITE, 0, &middle, mt_text("far")).err == MT_OK, "write, which grows");
	CHECK(mt_equal(trusted(n.core, REE_TRUSTED_SIZE, 0, NULL, empty).fields, hex("000000000000000d")), "size");
	CHECK(mt_equal(trusted(n.core, REE_TRUSTED_READ, 0, &start, eight).fields, hex("6669727374000000")), "read");
	CHECK(mt_equal(trusted(n.core, REE_TRUSTED_READ, 0, &middle, eight).fields, mt_text("far")), "fewer at the end");
	CHECK(mt_equal(trusted(n.core, REE_TRUSTED_READ, 1, &start, eight).fields, mt_text("second")), "two files");
	CHECK(trusted(n.core, REE_TRUSTED_CLEAR, 0, NULL, empty).err == MT_OK &&
		      mt_equal(trusted(n.core, REE_TRUSTED_SIZE, 0, NULL, empty).fields, hex("0000000000000000")) &&
		      mt_equal(trusted(n.core, REE_TRUSTED_SIZE, 1, NULL, empty).fields, hex("0000000000000006")),
	      "clear, the one alone");
	CHECK(trusted(n.core, REE_TRUSTED_SIZE, REE_TRUSTED_FILES, NULL, empty).err == MT_MALFORMED, "no such file");
	CHECK(trusted(n.core, REE_TRUSTED_WRITE, 0, &far, mt_text("x")).err == MT_LIMIT &&
		      trusted(n.core, REE_TRUSTED_READ, 0, &far, eight).err == MT_LIMIT,
	      "no end of it");
	CHECK(trusted(n.gateway, REE_TRUSTED_SIZE, 0, NULL, empty).err == MT_MALFORMED, "not the gateway's");
	node_close(&n);
}

static void test_blobs(void)
{
	struct node n = node_open();

	CHECK(!blob_get(&n, REE_ARTIFACT, name_one), "none");
	CHECK(blob_put(&n, name_one, "first content") == MT_OK &&
		      same(blob_get(&n, REE_ARTIFACT, name_one), "first content"),
	      "put");
	CHECK(!blob_get(&n, REE_DATA, name_one) && !blob_get(&n, REE_ARTIFACT, name_two),
	      "by folder and name");
	CHECK(blob_put(&n, name_one, "second") == MT_OK &&
		      same(blob_get(&n, REE_ARTIFACT, name_one), "second"),
	      "replaced");
	CHECK(blob_put(&n, name_two, "") == MT_OK && same(blob_get(&n, REE_ARTIFACT, name_two), ""),
	      "empty");
	struct answer a = named(n.core, REE_BLOB_HEAD, REE_ARTIFACT, name_one, PORT_NO_HANDLE);

	CHECK(a.err == MT_OK && mt_equal(a.fields, hex("0000000000000006 7365636f")), "head");
	for (int door = 0; door < 2; door++) {
		char text[8] = "";

		a = named(door ? n.core : n.gateway, REE_BLOB_OPEN, REE_ARTIFACT, name_one, PORT_NO_HANDLE);
		CHECK(a.err == MT_OK && read(a.handle, text, 8) == 6 && same(text, "second"), "opened");
		CHECK(write(a.handle, "x", 1) < 0, "for reading");
		memory_close(a.handle);
	}
	CHECK(named(n.core, REE_BLOB_DROP, REE_ARTIFACT, name_one, PORT_NO_HANDLE).err == MT_OK,
	      "drop");
	CHECK(!blob_get(&n, REE_ARTIFACT, name_one), "gone");
	CHECK(named(n.core, REE_BLOB_DROP, REE_ARTIFACT, name_one, PORT_NO_HANDLE).err ==
		      MT_NOT_FOUND,
	      "twice");
	CHECK(incoming_count(&n) == 0, "nothing left over");
	node_close(&n);
}

static void test_uploads(void)
{
	struct node n = node_open();
	uint32_t number[REE_UPLOADS_MAX + 1];

	CHECK(upload(&n, name_one, "data of a party", 15) == MT_OK, "upload");
	CHECK(same(blob_get(&n, REE_DATA, name_one), "data of a party"), "kept");
	CHECK(upload(&n, name_two, "short", 6) == MT_MALFORMED &&
		      upload(&n, name_two, "too long", 6) == MT_MALFORMED,
	      "size");
	CHECK(!blob_get(&n, REE_DATA, name_two) && incoming_count(&n) == 0, "then nothing is kept");
	CHECK(upload_end(&n, REE_UPLOAD_CLOSE, 77) == MT_NOT_FOUND &&
		      upload_end(&n, REE_UPLOAD_SYNC, 77) == MT_NOT_FOUND &&
		      upload_end(&n, REE_UPLOAD_ABORT, 0) == MT_NOT_FOUND,
	      "none");
	for (size_t i = 0; i <= REE_UPLOADS_MAX; i++) {
		struct answer a = upload_open(&n, name_two, 1, &number[i]);

		CHECK(a.err == (i < REE_UPLOADS_MAX ? MT_OK : MT_LIMIT), "the limit");
		memory_close(a.handle);
	}
	for (size_t i = 0; i < REE_UPLOADS_MAX; i++) {
		CHECK(upload_end(&n, REE_UPLOAD_ABORT, number[i]) == MT_OK, "abort");
	}
	CHECK(upload_open(&n, name_two, REE_BLOB_SIZE_MAX + 1, number).err == MT_LIMIT,
	      "size limit");
	CHECK(incoming_count(&n) == 0, "nothing left over");
	node_close(&n);
}

static void test_malformed(void)
{
	struct node n = node_open();
	uint8_t wire[64], other[64];
	struct builder b = call(wire, sizeof(wire), REE_BLOB_DROP);

	CHECK(named(n.gateway, REE_BLOB_GET, REE_DATA, name_one, PORT_NO_HANDLE).err ==
		      MT_MALFORMED,
	      "core's call at the gateway's door");
	struct builder upload = call(other, sizeof(other), REE_UPLOAD_OPEN);

	builder_bytes(&upload, mt_bytes(name_one, REE_NAME_SIZE));
	builder_u64(&upload, 9);
	CHECK(ask(n.core, &upload, PORT_NO_HANDLE).err == MT_MALFORMED, "and the other way round");
	CHECK(named(n.core, REE_BLOB_GET, REE_SPACES, name_one, PORT_NO_HANDLE).err == MT_MALFORMED,
	      "no such folder");
	CHECK(named(n.core, REE_BLOB_PUT, REE_DATA, name_one, PORT_NO_HANDLE).err == MT_MALFORMED,
	      "no content");
	CHECK(named(n.core, REE_BLOB_GET, REE_DATA, name_one, n.state).err == MT_MALFORMED,
	      "a handle too many");
	for (uint8_t i = 0; i < REE_NAME_SIZE; i++) {
		CHECK(ask(n.core, &b, PORT_NO_HANDLE).err == MT_MALFORMED, "every prefix");
		builder_u8(&b, 0);
	}
	b = call(wire, sizeof(wire), REE_LOG_READ);
	builder_u64(&b, 0);
	builder_u32(&b, REE_READ_MAX + 1);
	CHECK(ask(n.core, &b, PORT_NO_HANDLE).err == MT_LIMIT, "more than a message");
	node_close(&n);
}

static void test_lock(void)
{
	struct node n = node_open(), other = n;
	int status;

	CHECK(log_write(&n, 0, 0, "mine") == MT_OK, "the first is up");
	supplicant_start(&other);
	CHECK(waitpid(other.pid, &status, 0) == other.pid && WIFEXITED(status) &&
		      WEXITSTATUS(status) == 1,
	      "the second gives up");
	close(other.core);
	close(other.gateway);
	node_close(&n);
}

/*
 * What a life does between two restarts. Each step may find the supplicant dead or its disk
 * failing.
 */
static void life(const struct node *n, enum mt_err result[3])
{
	result[0] = blob_put(n, name_one, "NEW NEW NEW NEW");
	result[1] = log_write(n, 600, 100, "NEWNEWNEWNEW");
	result[2] = upload(n, name_two, "NEW", 3);
}

static void check_after(const struct node *n, const enum mt_err result[3])
{
	const char *blob = blob_get(n, REE_ARTIFACT, name_one),
		   *data = blob_get(n, REE_DATA, name_two);
	struct bytes log = log_read(n, 0, 300);

	CHECK(same(blob, "old") || same(blob, "NEW NEW NEW NEW"),
	      "the old blob or the new one, whole");
	CHECK(result[0] != MT_OK || same(blob, "NEW NEW NEW NEW"), "what was answered is there");
	CHECK(mt_equal(first(log, 3), mt_text("old")), "the log's beginning is untouched");
	CHECK(result[1] != MT_OK ||
		      (log.size >= 112 && memcmp(log.at + 100, "NEWNEWNEWNEW", 12) == 0),
	      "the record is there");
	CHECK(same(data, "NEW") || (!data && result[2] != MT_OK), "all of an upload or nothing");
	CHECK(incoming_count(n) == 0, "nothing left over");
}

/* Run a life with the fault at each call in turn, restart, and look. */
static void fault_everywhere(enum fault kind, int code)
{
	bool reached = true;

	for (int at = 1; reached; at++) {
		enum mt_err result[3];
		struct node n = node_open();

		CHECK(blob_put(&n, name_one, "old") == MT_OK && log_write(&n, 0, 0, "old") == MT_OK,
		      "a first life");
		supplicant_stop(&n);
		fault = kind;
		/*
		 * The first call of every life is the sync of the folder; a supplicant that cannot
		 * even start is for the launcher.
		 */
		fault_at = at + 1;
		fault_errno = code;
		supplicant_start(&n);
		fault = FAULT_NONE; /* the child has its own */
		life(&n, result);
		reached = result[0] != MT_OK || result[1] != MT_OK || result[2] != MT_OK;
		CHECK(kind == FAULT_KILL || (result[0] != MT_STATE && result[1] != MT_STATE &&
					     result[2] != MT_STATE),
		      "an error is survived");
		supplicant_stop(&n);
		supplicant_start(&n);
		check_after(&n, result);
		node_close(&n);
		if (!reached) {
			CHECK(at > 10 && at < 100, "there are about so many calls");
		}
	}
}

static void test_kill(void)
{
	fault_everywhere(FAULT_KILL, 0);
}

static void test_errors(void)
{
	fault_everywhere(FAULT_ERROR, EIO);
	fault_everywhere(FAULT_ERROR, ENOSPC);
}

const struct test tests[] = {
	{ "log", test_log },	     { "blobs", test_blobs },
	{ "trusted", test_trusted },
	{ "uploads", test_uploads }, { "malformed", test_malformed },
	{ "lock", test_lock },	     { "kill", test_kill },
	{ "errors", test_errors },   TESTS_END,
};
