/*
 * The side that gives. Everything it decides by lies in its own memory; of the window it reads three numbers, each once.
 */
#include "exec/stream/stream_private.h"

#include "port/linux/linux.h"

struct lane {
	uint32_t count;                 /* segments */
	uint32_t given;                 /* segment + 1 that the reader uses; 0: none yet */
	uint32_t held[STREAM_SLOTS];    /* segment + 1 that each slot holds whole; 0: none */
	bool straight;                  /* the last request was for the next one, so fill ahead */
};

struct stream_writer {
	stream_fill *fill;
	void *context;
	port_handle handle;
	uint8_t *at;                    /* the window */
	size_t count;
	struct lane lane[STREAM_LANES_MAX];
};

enum mt_err stream_writer_open(const uint32_t *segment_count, size_t count, stream_fill *fill, void *context,
			       struct stream_writer **out)
{
	mt_assert(count > 0 && count <= STREAM_LANES_MAX);
	struct stream_writer *w = mt_alloc(sizeof(*w));

	*out = NULL;
	if (!w) {
		return MT_NO_MEMORY;
	}
	*w = (struct stream_writer){ .fill = fill, .context = context, .count = count };
	for (size_t i = 0; i < count; i++) {
		w->lane[i].count = segment_count[i];
	}
	enum mt_err err = memory_window(stream_window_size(count), &w->handle, &w->at);

	if (err) {
		mt_free(w);
		return err;
	}
	*out = w;
	return MT_OK;
}

void stream_writer_close(struct stream_writer *w)
{
	if (w) {
		memory_drop(w->handle, w->at, stream_window_size(w->count));
		mt_free(w);
	}
}

port_handle stream_writer_window(const struct stream_writer *w)
{
	return w->handle;
}

static enum mt_err slot_fill(struct stream_writer *w, size_t lane, uint32_t segment)
{
	uint32_t *held = &w->lane[lane].held[segment % STREAM_SLOTS];

	if (*held == segment + 1) {
		return MT_OK;
	}
	*held = 0;
	enum mt_err err = w->fill(w->context, lane, segment, stream_slot(w->at, lane, segment));

	if (!err) {
		*held = segment + 1;
	}
	return err;
}

/* `asked` was read from the window, once. */
static enum mt_err give(struct stream_writer *w, size_t lane, uint32_t asked)
{
	struct stream_lane *shared = &((struct stream_window *)w->at)->lane[lane];
	struct lane *l = &w->lane[lane];

	if (asked == 0 || asked > l->count) {
		return MT_NOT_FOUND;
	}
	enum mt_err err = slot_fill(w, lane, asked - 1);

	if (err) {
		return err;
	}
	l->straight = asked == l->given + 1;
	l->given = asked;
	atomic_store_explicit(&shared->given, asked, memory_order_release);
	stream_futex_wake(&shared->given);
	return MT_OK;
}

/* One segment behind the one in use, if one is missing. Its failure waits until somebody wants it. */
static bool ahead(struct stream_writer *w, size_t lane)
{
	struct lane *l = &w->lane[lane];

	for (uint32_t i = 0; l->straight && i + 1 < STREAM_SLOTS && l->given + i < l->count; i++) {
		uint32_t segment = l->given + i;

		if (l->held[segment % STREAM_SLOTS] != segment + 1) {
			l->straight = slot_fill(w, lane, segment) == MT_OK;
			return true;
		}
	}
	return false;
}

enum mt_err stream_writer_turn(struct stream_writer *w, size_t *lane)
{
	struct stream_window *window = (struct stream_window *)w->at;
	/* Before the requests: one that comes while we look has rung, and the wait below is none. */
	uint32_t bell = atomic_load_explicit(&window->bell, memory_order_acquire);

	for (size_t i = 0; i < w->count; i++) {
		uint32_t asked = atomic_load_explicit(&window->lane[i].asked, memory_order_acquire);

		if (asked != w->lane[i].given) {
			*lane = i;
			return give(w, i, asked);
		}
	}
	if (atomic_load_explicit(&window->over, memory_order_relaxed)) {
		return MT_STATE;
	}
	for (size_t i = 0; i < w->count; i++) {
		if (ahead(w, i)) {
			return MT_OK;
		}
	}
	stream_futex_wait(&window->bell, bell, STREAM_WAIT_MS);
	return MT_OK;
}
