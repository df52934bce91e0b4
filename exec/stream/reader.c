/*
 * The side that takes. It copies out of the window and keeps nothing of it.
 */
#include "exec/stream/stream_private.h"

#include "port/linux/linux.h"

#include <string.h>

struct stream_reader {
	uint8_t *at;                            /* the window */
	size_t count;
	uint64_t size[STREAM_LANES_MAX];
	uint32_t have[STREAM_LANES_MAX];        /* segment + 1 that was asked for last, and is there; 0: none yet */
};

enum mt_err stream_reader_open(port_handle window, const uint64_t *size, size_t count, struct stream_reader **out)
{
	mt_assert(count > 0 && count <= STREAM_LANES_MAX);
	struct stream_reader *r = mt_alloc(sizeof(*r));

	*out = NULL;
	if (!r) {
		return MT_NO_MEMORY;
	}
	r->count = count;
	memcpy(r->size, size, count * sizeof(size[0]));
	enum mt_err err = memory_window_map(window, stream_window_size(count), &r->at);

	if (err) {
		mt_free(r);
		return err;
	}
	*out = r;
	return MT_OK;
}

static void ring(struct stream_window *window)
{
	atomic_fetch_add_explicit(&window->bell, 1, memory_order_release);
	stream_futex_wake(&window->bell);
}

void stream_reader_close(struct stream_reader *r)
{
	if (!r) {
		return;
	}
	struct stream_window *window = (struct stream_window *)r->at;

	atomic_store_explicit(&window->over, 1, memory_order_relaxed);
	ring(window);
	memory_unmap(mt_bytes(r->at, stream_window_size(r->count)));
	mt_free(r);
}

static const uint8_t *segment_get(struct stream_reader *r, size_t lane, uint32_t segment)
{
	struct stream_window *window = (struct stream_window *)r->at;
	struct stream_lane *l = &window->lane[lane];
	uint32_t want = segment + 1, given;

	if (r->have[lane] != want) {
		atomic_store_explicit(&l->asked, want, memory_order_release);
		ring(window);
		while ((given = atomic_load_explicit(&l->given, memory_order_acquire)) != want) {
			stream_futex_wait(&l->given, given, -1);
		}
		r->have[lane] = want;
	}
	return stream_slot(r->at, lane, segment);
}

size_t stream_read(struct stream_reader *r, size_t lane, uint64_t offset, uint8_t *to, size_t size)
{
	mt_assert(lane < r->count);
	uint64_t left = offset < r->size[lane] ? r->size[lane] - offset : 0;
	size_t done = 0;

	size = size < left ? size : (size_t)left;
	while (done < size) {
		uint64_t at = offset + done;
		size_t within = (size_t)(at % STREAM_SEGMENT_SIZE), part = STREAM_SEGMENT_SIZE - within;

		part = part < size - done ? part : size - done;
		memcpy(to + done, segment_get(r, lane, (uint32_t)(at / STREAM_SEGMENT_SIZE)) + within, part);
		done += part;
	}
	return done;
}
