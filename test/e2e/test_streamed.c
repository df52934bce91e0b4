/*
 * A streamed input between the real seal and run worker: the function sees the same bytes as from memory, and none at all of a file that
 * was changed.
 */
#include "test/e2e/streamed.h"
#include "test/test.h"

#include <unistd.h>

#define SILENCE_MS 2500 /* longer than a seal worker waits before it looks about */

static port_handle reader_artifact(void)
{
	static port_handle made = PORT_NO_HANDLE;

	if (made == PORT_NO_HANDLE) {
		made = artifact_of("build/wasm/reader.wasm");
	}
	return made;
}

static void byte_flip(const struct file *f, uint64_t segment)
{
	off_t at = (off_t)dataset_segment_offset(segment) + 500;
	uint8_t byte = 0;

	CHECK(pread(f->handle, &byte, 1, at) == 1, "read");
	byte ^= 4;
	CHECK(pwrite(f->handle, &byte, 1, at) == 1, "written");
}

static struct bytes whole_run(size_t a, enum work_input a_kind, size_t b, enum work_input b_kind, port_handle artifact,
			      const char *const *argument, size_t argument_count, uint32_t exit_code)
{
	struct task t = task_make(a, a_kind, b, b_kind);

	task_open(&t);
	CHECK(t.opened == MT_OK && t.size[0] == a && t.size[1] == b, "the right sizes");
	task_run(&t, artifact, argument, argument_count);
	struct bytes out = task_result(&t, exit_code);

	CHECK(worker_end(&t.run) == 0 && task_seals(&t) && worker_end(&t.seal) == 0, "and everything ends well");
	task_close(&t);
	return out;
}

/* Every way to read, over inputs of all shapes, mapped and streamed. */
static void test_same(void)
{
	static const size_t size[][2] = {
		{ 9 * MIB + 12345, 3 * MIB }, { 1, 0 }, { MIB, MIB + 1 }, { 0, 5 * MIB - 1 },
	};

	for (size_t i = 0; i < MT_COUNT(size); i++) {
		size_t a = size[i][0], b = size[i][1];
		struct bytes mapped = whole_run(a, WORK_INPUT_WHOLE, b, WORK_INPUT_WHOLE, reader_artifact(), NULL, 0, 0),
			     streamed = whole_run(a, WORK_INPUT_STREAM, b, WORK_INPUT_STREAM, reader_artifact(), NULL, 0, 0),
			     mixed = whole_run(a, WORK_INPUT_WHOLE, b, WORK_INPUT_STREAM, reader_artifact(), NULL, 0, 0);

		CHECK(mapped.size > 500 && mt_equal(mapped, streamed) && mt_equal(mapped, mixed), "nothing tells them apart");
	}
}

/* It ends with what it copied, as far as that fits an exit code. */
static void test_teaclave(void)
{
	static const char *const copy[] = { "c", "a", "o" };
	port_handle artifact = artifact_of("build/wasm/teaclave.wasm");
	struct bytes mapped = whole_run(2 * MIB + 9, WORK_INPUT_WHOLE, 1, WORK_INPUT_WHOLE, artifact, copy, 3, 9),
		     streamed = whole_run(2 * MIB + 9, WORK_INPUT_STREAM, 1, WORK_INPUT_WHOLE, artifact, copy, 3, 9);

	CHECK(mapped.size > 0 && mt_equal(mapped, streamed), "the same through Teaclave's functions");
	memory_close(artifact);
}

/* What the check refuses: as from memory, before anything runs. */
static void test_refused(void)
{
	static const struct {
		const char *why;
		enum mt_err want;
		off_t cut;
		int64_t flip; /* segment; -1: none */
	} row[] = {
		{ "a changed segment", MT_TAMPERED, 0, 1 },	     { "the last one too", MT_TAMPERED, 0, 2 },
		{ "a byte short", MT_TAMPERED, -1, -1 },	     { "a byte more", MT_TAMPERED, 1, -1 },
		{ "less than a header", MT_MALFORMED, -(1 << 30), -1 },
	};

	for (size_t i = 0; i < MT_COUNT(row); i++) {
		struct task t = task_make(3 * MIB - 9, WORK_INPUT_STREAM, 1, WORK_INPUT_WHOLE);
		off_t size = (off_t)t.file[0].size + row[i].cut;

		CHECK(ftruncate(t.file[0].handle, size > 0 ? size : 10) == 0, "cut");
		if (row[i].flip >= 0) {
			byte_flip(&t.file[0], (uint64_t)row[i].flip);
		}
		task_open(&t);
		CHECK(t.opened == row[i].want && t.given_count == 0, row[i].why);
		CHECK(worker_end(&t.seal) == 0, "the worker ends well");
		task_close(&t);
	}
	struct task t = task_make(1, WORK_INPUT_STREAM, 1, WORK_INPUT_WHOLE);
	int pair[2];

	CHECK(pipe(pair) == 0, "a pipe");
	memory_close(t.file[0].handle);
	t.file[0].handle = pair[0];
	task_open(&t);
	CHECK(t.opened == MT_MALFORMED, "what is no file is not waited for");
	CHECK(worker_end(&t.seal) == 0, "the worker ends well");
	close(pair[1]);
	task_close(&t);
}

/* A genuine segment in another's place; and one that the owner, who has the key, makes for the same place. */
static void segment_replace(const struct file *f, uint64_t to, bool by_owner)
{
	static uint8_t segment[DATASET_SEALED_MAX], plain[DATASET_SEGMENT_SIZE];
	struct dataset_header h = { 0 };
	struct dataset_sealer *owner = NULL;
	const ssize_t size = sizeof(segment);

	if (by_owner) {
		CHECK(pread(f->handle, segment, DATASET_HEADER_SIZE, 0) == DATASET_HEADER_SIZE &&
			      dataset_header_decode(mt_bytes(segment, DATASET_HEADER_SIZE), &h) == MT_OK &&
			      dataset_sealer_open(&h, &file_key, &owner) == MT_OK &&
			      dataset_sealer_segment(owner, to, mt_bytes(plain, sizeof(plain)), segment) == MT_OK,
		      "another segment");
		dataset_sealer_close(owner);
	} else {
		CHECK(pread(f->handle, segment, sizeof(segment), (off_t)dataset_segment_offset(1)) == size, "another segment");
	}
	CHECK(pwrite(f->handle, segment, sizeof(segment), (off_t)dataset_segment_offset(to)) == size, "replaced");
}

/* Changed between the check and the read: a byte, a whole segment, the length. */
static void test_changed_since(void)
{
	static const char *const none[] = { "all" };

	for (size_t i = 0; i < 4; i++) {
		struct task t = task_make(9 * MIB, WORK_INPUT_WHOLE, 9 * MIB, WORK_INPUT_STREAM);

		task_open(&t);
		CHECK(t.opened == MT_OK, "it is the right file now");
		if (i == 0) {
			byte_flip(&t.file[1], 6);
		} else if (i < 3) {
			segment_replace(&t.file[1], 6, i == 2);
		} else {
			CHECK(ftruncate(t.file[1].handle, (off_t)t.file[1].size - 1) == 0, "cut");
		}
		task_run(&t, reader_artifact(), none, 1);
		task_breaks(&t, MT_TAMPERED, 1);
		task_close(&t);
	}
}

/* Cut while the function is in the middle of it. */
static void test_cut_under_way(void)
{
	static const char *const pause[] = { "pause" };
	struct task t = task_make(8 * MIB, WORK_INPUT_STREAM, 1, WORK_INPUT_WHOLE);

	task_open(&t);
	task_run(&t, reader_artifact(), pause, 1);
	usleep(300000);
	CHECK(ftruncate(t.file[0].handle, DATASET_HEADER_SIZE + 10) == 0, "cut");
	task_breaks(&t, MT_TAMPERED, 0);
	task_close(&t);
}

static void test_run_killed(void)
{
	static const char *const pause[] = { "pause" };
	struct task t = task_make(8 * MIB, WORK_INPUT_STREAM, 1, WORK_INPUT_WHOLE);

	task_open(&t);
	task_run(&t, reader_artifact(), pause, 1);
	usleep(300000);
	worker_kill(&t.run);
	CHECK(!worker_speaks(&t.seal, SILENCE_MS), "the seal worker has nothing to say to that");
	/* Core kills it; if it only closes, or goes on to seal, that is noticed as well, without the reader's word. */
	CHECK(task_seals(&t) && worker_end(&t.seal) == 0, "and listens to core");
	task_close(&t);
}

static void test_seal_killed(void)
{
	static const char *const pause[] = { "pause" };
	struct task t = task_make(8 * MIB, WORK_INPUT_STREAM, 1, WORK_INPUT_WHOLE);

	task_open(&t);
	task_run(&t, reader_artifact(), pause, 1);
	usleep(300000);
	worker_kill(&t.seal);
	CHECK(!worker_speaks(&t.run, SILENCE_MS), "the function does not go on with less than its input");
	worker_kill(&t.run);
	task_close(&t);
}

/* Core goes while a stream is open: the worker ends. */
static void test_core_gone(void)
{
	struct task t = task_make(8 * MIB, WORK_INPUT_STREAM, 1, WORK_INPUT_WHOLE);

	task_open(&t);
	CHECK(worker_end(&t.seal) == 0, "the seal worker ends without core");
	task_close(&t);
}

const struct test tests[] = {
	{ "same", test_same },
	{ "teaclave", test_teaclave },
	{ "refused", test_refused },
	{ "changed since", test_changed_since },
	{ "cut under way", test_cut_under_way },
	{ "run worker killed", test_run_killed },
	{ "seal worker killed", test_seal_killed },
	{ "core gone", test_core_gone },
	TESTS_END,
};
