/*
 * Private to exec/seal: inputs that are read from the supplicant's own file while the function runs.
 *
 * Such a file can change at any time. Each piece of it is read once into memory of ours, checked there, and used from there.
 */
#ifndef MT_EXEC_SEAL_PRIVATE_H
#define MT_EXEC_SEAL_PRIVATE_H

#include "exec/stream/stream.h"
#include "lib/dataset/dataset.h"

struct streams {
	struct source {
		uint32_t input;                 /* which of the task's inputs */
		port_handle file;               /* owned */
		struct dataset_checked *dataset;
	} source[STREAM_LANES_MAX];
	size_t count;
	struct stream_writer *writer;           /* NULL: none was opened */
};

/*
 * Take one more input. Reads all of it: what comes back with MT_OK is, whole, what the tag names. `file` stays the caller's.
 * MT_MALFORMED (no file, no header), MT_TAMPERED, MT_DENIED (key), MT_IO, MT_NO_MEMORY, MT_LIMIT.
 */
MUST enum mt_err streams_add(struct streams *s, uint32_t input, port_handle file, const struct secret *key,
			     const uint8_t tag[DATASET_TAG_SIZE], uint64_t *size);
/* All are taken: the window for the run worker, a handle of the caller's. MT_NO_MEMORY, MT_LIMIT. */
MUST enum mt_err streams_open(struct streams *s, port_handle *out);
/* stream_writer_turn(); *input is the one that failed. */
MUST enum mt_err streams_turn(struct streams *s, uint32_t *input);
/* Ends whatever was begun; wipes the keys. */
void streams_close(struct streams *s);

#endif
