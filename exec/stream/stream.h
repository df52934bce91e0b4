/*
 * A window of shared memory through which one process gives another the content of streams: segment by segment, on request, from any
 * place. The writer is a task's seal worker, which has the keys; the reader is its run worker, which has the function.
 *
 * Promises: the reader gets the bytes that the writer put there, however long the stream, in constant memory; while it goes straight
 * on, the writer fills ahead. The writer takes nothing from the window but requests, each once and checked for range: a reader that was
 * taken over spoils what itself reads, and no more. Where a segment cannot be given, nothing is: the reader waits until it is killed.
 * Nobody here notices the death of the other: who started both ends the one that is left.
 * Hides: futexes, slots, the order of memory. Class A (the writer's side, stricter than the reader's). One thread at either side.
 * Allocates in functions named _open.
 */
#ifndef MT_STREAM_H
#define MT_STREAM_H

#include "lib/base/base.h"
#include "port/port.h"

#define STREAM_LANES_MAX 12                     /* streams of one window: WORK_INPUTS_MAX */
#define STREAM_SEGMENT_SIZE ((size_t)1 << 20)   /* all but the last of a stream are so long: DATASET_SEGMENT_SIZE */
#define STREAM_SLOTS 4                          /* segments in memory for each stream: one in use, the next ones */
#define STREAM_WAIT_MS 1000

/* ---- the writer ---- */

struct stream_writer;
/*
 * Put the segment into `out`: its bytes, not one that is not verified, and without reading there, since the other side writes there too.
 * A failure for a segment that was asked for ends the stream; one that was to be ahead is tried again when it is asked for.
 */
typedef enum mt_err stream_fill(void *context, size_t lane, uint32_t segment, uint8_t *out);

/* One lane for each of `count` streams (1 to STREAM_LANES_MAX), with so many segments. MT_NO_MEMORY, MT_LIMIT. */
MUST enum mt_err stream_writer_open(const uint32_t *segment_count, size_t count, stream_fill *fill, void *context,
				    struct stream_writer **out);
void stream_writer_close(struct stream_writer *w);      /* NULL is allowed */
/* The window for the reader: borrowed, closed with the writer. */
port_handle stream_writer_window(const struct stream_writer *w);
/*
 * One step: give a segment that was asked for, or fill one ahead, or wait for a request, at most STREAM_WAIT_MS.
 * MT_STATE: the reader says that it is done. MT_NOT_FOUND: it asked for what does not exist. Another error is `fill`'s, and *lane says
 * for which stream: it was asked for and is not given.
 */
MUST enum mt_err stream_writer_turn(struct stream_writer *w, size_t *lane);

/* ---- the reader ---- */

struct stream_reader;
/* size: bytes of each stream, in the writer's order. MT_DENIED: not a window for so many streams. MT_NO_MEMORY. The handle stays the caller's. */
MUST enum mt_err stream_reader_open(port_handle window, const uint64_t *size, size_t count, struct stream_reader **out);
/* Tells the writer that this was all. NULL is allowed. */
void stream_reader_close(struct stream_reader *r);
/* Bytes read: as many as were asked for, or as there are behind `offset`. Waits for the writer, for ever if it must. */
size_t stream_read(struct stream_reader *r, size_t lane, uint64_t offset, uint8_t *to, size_t size);

#endif
