/*
 * The window between seal and run worker: what the reader gets, what the writer does for it, and what either can do to the other.
 */
#include "exec/stream/stream_private.h"
#include "port/linux/linux.h"
#include "test/test.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SEGMENT STREAM_SEGMENT_SIZE
#define CALLS_MAX 4096

/* ---- streams whose bytes tell where they lie ---- */

static uint8_t byte_at(size_t lane, uint64_t offset)
{
	uint64_t x = (offset + 1) * UINT64_C(0x9e3779b97f4a7c15) + lane;

	return (uint8_t)(x >> 56);
}

/* What the writer was asked to do, in order; and a segment that it cannot have. */
static struct filled {
	size_t lane;
	uint32_t segment;
} filled[CALLS_MAX];
static size_t fills;
static uint32_t spoiled; /* segment + 1; 0: none */

static enum mt_err fill(void *context, size_t lane, uint32_t segment, uint8_t *out)
{
	const uint32_t *segments = context;

	mt_assert(segment < segments[lane]);
	filled[fills % CALLS_MAX] = (struct filled){ lane, segment };
	fills++;
	if (segment + 1 == spoiled) {
		return MT_TAMPERED;
	}
	for (size_t i = 0; i < SEGMENT; i++) {
		out[i] = byte_at(lane, (uint64_t)segment * SEGMENT + i);
	}
	return MT_OK;
}

static struct stream_writer *writer_open(const uint32_t *segments, size_t count)
{
	struct stream_writer *w = NULL;

	fills = 0;
	spoiled = 0;
	CHECK(stream_writer_open(segments, count, fill, (void *)(uintptr_t)segments, &w) == MT_OK, "a writer");
	return w;
}

/* ---- two processes ---- */

/* A writer that ends after so many turns; 0: when the reader is done. */
static pid_t writer_start(struct stream_writer *w, size_t turns)
{
	pid_t pid = fork();

	if (pid == 0) {
		enum mt_err err = MT_OK;
		size_t lane, done = 0;

		while (!err && (!turns || done++ < turns)) {
			err = stream_writer_turn(w, &lane);
		}
		_exit(err == MT_STATE ? 0 : 1);
	}
	return pid;
}

static int ended(pid_t pid)
{
	int status = -1;

	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool right(struct stream_reader *r, size_t lane, uint64_t offset, size_t size, size_t want)
{
	static uint8_t part[3 * SEGMENT];
	bool good = stream_read(r, lane, offset, part, size) == want;

	for (size_t i = 0; good && i < want; i++) {
		good = part[i] == byte_at(lane, offset + i);
	}
	return good;
}

/* Two streams, read straight on in parts of all sizes, in turns. */
static void test_straight(void)
{
	static const uint32_t segments[] = { 11, 6 };
	const uint64_t size[] = { 10 * SEGMENT + 77, 6 * SEGMENT };
	struct stream_writer *w = writer_open(segments, 2);
	struct stream_reader *r = NULL;
	pid_t pid = writer_start(w, 0);
	uint64_t at[2] = { 0, 0 };

	CHECK(stream_reader_open(stream_writer_window(w), size, 2, &r) == MT_OK, "a reader");
	for (size_t step = 1; at[0] < size[0] || at[1] < size[1]; step = step * 7 % 1048573 + 1) {
		for (size_t lane = 0; lane < 2; lane++) {
			uint64_t left = size[lane] - at[lane];
			size_t want = step < left ? step : (size_t)left;

			if (!CHECK(right(r, lane, at[lane], step, want), "the stream's own bytes, all of them")) {
				at[lane] = size[lane];
			}
			at[lane] += at[lane] < size[lane] ? want : 0;
		}
	}
	CHECK(right(r, 0, size[0], 9, 0) && right(r, 1, UINT64_MAX, 9, 0), "nothing behind the end");
	stream_reader_close(r);
	CHECK(ended(pid) == 0, "the writer ends when the reader is done");
	stream_writer_close(w);
}

static void test_anywhere(void)
{
	static const uint32_t segments[] = { 40 };
	const uint64_t size[] = { 39 * SEGMENT + 1 };
	static const uint64_t place[] = { 39 * SEGMENT, 0, 17 * SEGMENT - 1, 5, 21 * SEGMENT, 17 * SEGMENT, 20 * SEGMENT, 3 * SEGMENT + 9,
					  2 * SEGMENT,	1 * SEGMENT, 0 };
	struct stream_writer *w = writer_open(segments, 1);
	struct stream_reader *r = NULL;
	pid_t pid = writer_start(w, 0);

	CHECK(stream_reader_open(stream_writer_window(w), size, 1, &r) == MT_OK, "a reader");
	for (size_t i = 0; i < MT_COUNT(place); i++) {
		uint64_t left = size[0] - place[i];
		size_t want = left < 2 * SEGMENT ? (size_t)left : 2 * SEGMENT;

		CHECK(right(r, 0, place[i], 2 * SEGMENT, want), "from any place, over the edges of segments");
	}
	stream_reader_close(r);
	CHECK(ended(pid) == 0, "the writer ends well");
	stream_writer_close(w);
}

/* ---- one process, the reader's side by hand ---- */

static struct stream_window *window_of(struct stream_writer *w, size_t count)
{
	uint8_t *at = NULL;

	CHECK(memory_window_map(stream_writer_window(w), stream_window_size(count), &at) == MT_OK, "the reader's mapping");
	return (struct stream_window *)at;
}

static void ask(struct stream_window *window, size_t lane, uint32_t segment)
{
	atomic_store(&window->lane[lane].asked, segment + 1);
	atomic_fetch_add(&window->bell, 1);
}

static bool filled_were(const uint32_t *segment, size_t count)
{
	bool good = fills == count;

	for (size_t i = 0; good && i < count; i++) {
		good = filled[i].segment == segment[i];
	}
	fills = 0;
	return good;
}

static enum mt_err turns(struct stream_writer *w, size_t count, size_t *lane)
{
	enum mt_err err = MT_OK;

	for (size_t i = 0; !err && i < count; i++) {
		err = stream_writer_turn(w, lane);
	}
	return err;
}

static void test_ahead(void)
{
	static const uint32_t segments[] = { 9 };
	struct stream_writer *w = writer_open(segments, 1);
	struct stream_window *window = window_of(w, 1);
	size_t lane;

	ask(window, 0, 0);
	CHECK(turns(w, 5, &lane) == MT_OK && filled_were((uint32_t[]){ 0, 1, 2, 3 }, 4), "the first, and those behind it, but not over it");
	ask(window, 0, 1);
	CHECK(turns(w, 2, &lane) == MT_OK && filled_were((uint32_t[]){ 4 }, 1), "what is there is given, and one more is filled");
	CHECK(atomic_load(&window->lane[0].given) == 2, "given");
	ask(window, 0, 7);
	CHECK(turns(w, 1, &lane) == MT_OK && filled_were((uint32_t[]){ 7 }, 1), "elsewhere");
	ask(window, 0, 2);
	CHECK(turns(w, 1, &lane) == MT_OK && filled_were((uint32_t[]){ 0 }, 0), "what is still there");
	ask(window, 0, 3);
	CHECK(turns(w, 2, &lane) == MT_OK && filled_were((uint32_t[]){ 3, 5 }, 2), "straight on again: what is missing, and what follows");
	atomic_store(&window->over, 1);
	CHECK(turns(w, 1, &lane) == MT_STATE, "nothing more is filled for a reader that is done");
	memory_unmap(mt_bytes(window, stream_window_size(1)));
	stream_writer_close(w);
}

/* A segment that cannot be had: it is told when somebody wants it, and not before. */
static void test_spoiled(void)
{
	static const uint32_t segments[] = { 2, 9 };
	struct stream_writer *w = writer_open(segments, 2);
	struct stream_window *window = window_of(w, 2);
	size_t lane = 77;

	spoiled = 3;
	ask(window, 1, 0);
	CHECK(turns(w, 3, &lane) == MT_OK && filled_were((uint32_t[]){ 0, 1, 2 }, 3), "ahead, and one of them fails");
	ask(window, 1, 1);
	CHECK(turns(w, 1, &lane) == MT_OK && fills == 0, "the one before it is given");
	ask(window, 1, 2);
	CHECK(turns(w, 1, &lane) == MT_TAMPERED && lane == 1, "the one that fails is told, and of which stream it is");
	CHECK(atomic_load(&window->lane[1].given) == 2, "and is not given");
	spoiled = 0;
	fills = 0;
	CHECK(turns(w, 1, &lane) == MT_OK && atomic_load(&window->lane[1].given) == 3, "it was tried again each time");
	memory_unmap(mt_bytes(window, stream_window_size(2)));
	stream_writer_close(w);
}

/* ---- a reader that was taken over ---- */

static void test_range(void)
{
	static const uint32_t segments[] = { 3, 1 };
	static const struct {
		size_t lane;
		uint32_t asked;
	} row[] = { { 0, 4 }, { 1, 2 }, { 0, UINT32_MAX }, { 1, 0x80000000 } };

	for (size_t i = 0; i < MT_COUNT(row); i++) {
		struct stream_writer *w = writer_open(segments, 2);
		struct stream_window *window = window_of(w, 2);
		size_t lane = 77;

		atomic_store(&window->lane[row[i].lane].asked, row[i].asked);
		CHECK(stream_writer_turn(w, &lane) == MT_NOT_FOUND && lane == row[i].lane && fills == 0, "no such segment");
		memory_unmap(mt_bytes(window, stream_window_size(2)));
		stream_writer_close(w);
	}
	struct stream_writer *w = writer_open(segments, 2);
	struct stream_window *window = window_of(w, 2);
	size_t lane;

	ask(window, 0, 2);
	CHECK(stream_writer_turn(w, &lane) == MT_OK, "the last one is there");
	atomic_store(&window->lane[0].asked, 0);
	CHECK(stream_writer_turn(w, &lane) == MT_NOT_FOUND, "a request that was taken back");
	memory_unmap(mt_bytes(window, stream_window_size(2)));
	stream_writer_close(w);
}

/*
 * Garbage in every number that it can write, before each turn: the writer fills what exists, or says no. fill() looks at the number, the
 * sanitizers at the place.
 */
static void test_garbage(void)
{
	static const uint32_t segments[] = { 5, 3 };
	struct stream_writer *w = writer_open(segments, 2);
	struct stream_window *window = window_of(w, 2);
	size_t lane, given = 0;
	uint32_t x = 1;

	for (size_t i = 0; i < 3000; i++) {
		uint32_t *word = (uint32_t *)window;

		for (size_t k = 0; k < sizeof(*window) / 4; k++) {
			x = x * 1664525 + 1013904223;
			word[k] = x >> 8 & 1 ? x >> 28 : x;
		}
		atomic_store(&window->over, 1);
		memset((uint8_t *)window + STREAM_HEAD_SIZE + (i % 8) * SEGMENT, (int)i, 64);
		enum mt_err err = stream_writer_turn(w, &lane);

		CHECK(err == MT_OK || err == MT_NOT_FOUND || err == MT_STATE, mt_err_name(err));
		given += err == MT_OK;
	}
	CHECK(given > 100, "some of the garbage was a request");
	memory_unmap(mt_bytes(window, stream_window_size(2)));
	stream_writer_close(w);
}

static void test_window(void)
{
	static const uint32_t segments[] = { 3 };
	const uint64_t size[2] = { 3 * SEGMENT, SEGMENT };
	struct stream_writer *w = writer_open(segments, 1);
	struct stream_reader *r = NULL;
	port_handle window = stream_writer_window(w), other = PORT_NO_HANDLE, scratch = PORT_NO_HANDLE;

	CHECK(ftruncate(window, 0) != 0 && ftruncate(window, (off_t)stream_window_size(9)) != 0, "nobody changes its size");
	CHECK(memory_seal(window) != MT_OK, "nor seals it");
	CHECK(stream_reader_open(window, size, 2, &r) == MT_DENIED && !r, "a window for fewer streams");
	CHECK(memory_make(mt_text("immutable"), &other) == MT_OK && stream_reader_open(other, size, 1, &r) == MT_DENIED, "no window");
	CHECK(memory_scratch(&scratch) == MT_OK && ftruncate(scratch, (off_t)stream_window_size(1)) == 0 &&
		      stream_reader_open(scratch, size, 1, &r) == MT_DENIED,
	      "memory that could be cut short");
	CHECK(stream_reader_open(STDIN_FILENO, size, 1, &r) == MT_DENIED, "no memory at all");
	memory_close(other);
	memory_close(scratch);
	stream_writer_close(w);
}

/* ---- deaths ---- */

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* The reader says nothing any more: the writer's turns end all the same, so that its caller can look about. */
static void test_reader_dies(void)
{
	static const uint32_t segments[] = { 3 };
	struct stream_writer *w = writer_open(segments, 1);
	uint64_t before = now_ms();
	size_t lane;

	CHECK(stream_writer_turn(w, &lane) == MT_OK, "a turn without a request");
	CHECK(now_ms() - before >= STREAM_WAIT_MS / 2 && now_ms() - before < 5 * STREAM_WAIT_MS, "waits, but not for ever");
	stream_writer_close(w);
}

/* The writer dies in the middle: the reader has what it was given, waits for the rest, and whoever started it can end it. */
static void test_writer_dies(void)
{
	static const uint32_t segments[] = { 9 };
	const uint64_t size[] = { 9 * SEGMENT };
	struct stream_writer *w = writer_open(segments, 1);
	int told[2];
	char got = 0;

	CHECK(pipe(told) == 0, "a pipe");
	pid_t writer = writer_start(w, 2), reader = fork();

	if (reader == 0) {
		struct stream_reader *r = NULL;
		bool good = stream_reader_open(stream_writer_window(w), size, 1, &r) == MT_OK && right(r, 0, 0, SEGMENT, SEGMENT);

		(void)!write(told[1], good ? "1" : "x", 1);
		good = right(r, 0, 5 * SEGMENT, 1, 1);
		(void)!write(told[1], good ? "2" : "x", 1);
		_exit(0);
	}
	close(told[1]);
	CHECK(read(told[0], &got, 1) == 1 && got == '1', "what came was right");
	CHECK(ended(writer) == 1, "the writer is gone");
	usleep(200000);
	CHECK(waitpid(reader, NULL, WNOHANG) == 0, "the reader waits");
	kill(reader, SIGKILL);
	CHECK(ended(reader) == -1 && read(told[0], &got, 1) == 0, "and got nothing more");
	close(told[0]);
	stream_writer_close(w);
}

const struct test tests[] = {
	{ "straight", test_straight },
	{ "anywhere", test_anywhere },
	{ "ahead", test_ahead },
	{ "spoiled", test_spoiled },
	{ "range", test_range },
	{ "garbage", test_garbage },
	{ "window", test_window },
	{ "reader dies", test_reader_dies },
	{ "writer dies", test_writer_dies },
	TESTS_END,
};
