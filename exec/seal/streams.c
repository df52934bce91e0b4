/*
 * From the supplicant's file to the window, a segment at a time.
 */
#include "exec/seal/seal_private.h"

#include "port/linux/linux.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

_Static_assert(STREAM_SEGMENT_SIZE == DATASET_SEGMENT_SIZE, "a segment of the file is one of the window");
_Static_assert(DATASET_SIZE_MAX / DATASET_SEGMENT_SIZE < UINT32_MAX, "the window counts segments in 32 bits");

/* One piece of a file, as it was when it was read; and a segment's plaintext, on its way to the window. */
static uint8_t sealed[DATASET_SEALED_MAX], plain[DATASET_SEGMENT_SIZE];

/* Exactly `size` bytes into `sealed`. MT_TAMPERED: the file has become shorter. */
static enum mt_err piece_read(port_handle file, uint64_t offset, size_t size)
{
	for (size_t done = 0; done < size;) {
		ssize_t n = pread(file, sealed + done, size - done, (off_t)(offset + done));

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			return n < 0 ? MT_IO : MT_TAMPERED;
		}
		done += (size_t)n;
	}
	return MT_OK;
}

static enum mt_err segment_read(const struct source *from, uint64_t index, struct bytes *out)
{
	size_t size = dataset_segment_sealed_size(dataset_checked_header(from->dataset), index);
	enum mt_err err = piece_read(from->file, dataset_segment_offset(index), size);

	*out = mt_bytes(sealed, size);
	return err;
}

static enum mt_err source_check(struct source *from)
{
	uint64_t count = dataset_segment_count(dataset_checked_header(from->dataset));
	enum mt_err err = MT_OK;

	for (uint64_t i = 0; !err && i < count; i++) {
		struct bytes segment;

		err = segment_read(from, i, &segment);
		if (!err) {
			err = dataset_checked_add(from->dataset, segment);
		}
	}
	return err;
}

enum mt_err streams_add(struct streams *s, uint32_t input, port_handle file, const struct secret *key,
			const uint8_t tag[DATASET_TAG_SIZE], uint64_t *size)
{
	mt_assert(s->count < STREAM_LANES_MAX);
	struct source *to = &s->source[s->count];
	struct stat facts;

	/* Nothing that could let a read wait for somebody. */
	if (fstat(file, &facts) != 0 || !S_ISREG(facts.st_mode) || facts.st_size < DATASET_HEADER_SIZE) {
		return MT_MALFORMED;
	}
	enum mt_err err = memory_share(file, &to->file);

	if (err) {
		return err;
	}
	to->input = input;
	s->count++;                     /* streams_close() ends it from here on */
	err = piece_read(to->file, 0, DATASET_HEADER_SIZE);
	if (!err) {
		err = dataset_checked_open(mt_bytes(sealed, DATASET_HEADER_SIZE), (uint64_t)facts.st_size, key, tag, &to->dataset);
	}
	if (!err) {
		err = source_check(to);
	}
	if (!err) {
		*size = dataset_checked_header(to->dataset)->size;
	}
	return err;
}

/* The function's process sees the window all the time: only what is verified goes there. */
static enum mt_err segment_fill(void *context, size_t lane, uint32_t index, uint8_t *out)
{
	const struct source *from = &((struct streams *)context)->source[lane];
	struct bytes segment;
	enum mt_err err = segment_read(from, index, &segment);

	if (!err) {
		err = dataset_checked_segment(from->dataset, index, segment, plain);
	}
	if (!err) {
		memcpy(out, plain, segment.size - CRYPTO_TAG_SIZE);
	}
	return err;
}

enum mt_err streams_open(struct streams *s, port_handle *out)
{
	uint32_t segments[STREAM_LANES_MAX];

	for (size_t i = 0; i < s->count; i++) {
		segments[i] = (uint32_t)dataset_segment_count(dataset_checked_header(s->source[i].dataset));
	}
	enum mt_err err = stream_writer_open(segments, s->count, segment_fill, s, &s->writer);

	return err ? err : memory_share(stream_writer_window(s->writer), out);
}

enum mt_err streams_turn(struct streams *s, uint32_t *input)
{
	size_t lane = 0;
	enum mt_err err = stream_writer_turn(s->writer, &lane);

	*input = s->source[lane].input;
	return err;
}

void streams_close(struct streams *s)
{
	stream_writer_close(s->writer);
	for (size_t i = 0; i < s->count; i++) {
		dataset_checked_close(s->source[i].dataset);
		memory_close(s->source[i].file);
	}
	mt_wipe(plain, sizeof(plain));
	*s = (struct streams){ 0 };
}
