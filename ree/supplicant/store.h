/*
 * The state directory: one log file and named blobs. Everything in it is ciphertext or public.
 *
 *   lock  log  trusted-0  trusted-1  data/HEX  artifact/HEX  output/HEX  ta/HEX  incoming/…
 *
 * A call that returns MT_OK has reached the disk. One that fails has changed nothing that a later
 * call can see; a failed write into the middle of the log may have written part of it, which the
 * log's own authentication shows. MT_LIMIT: no space; MT_IO: the disk. Hides: file names, temporary
 * files, the order of syncs. Private to the supplicant. Class U. One thread.
 */
#ifndef MT_REE_SUPPLICANT_STORE_H
#define MT_REE_SUPPLICANT_STORE_H

#include "api/ree.h"
#include "lib/base/base.h"

struct store;

/* Take the directory `folder` (a descriptor, borrowed). MT_STATE: another supplicant has it. */
MUST enum mt_err store_open(int folder, struct store **out);
void store_close(struct store *s);

/* Fewer bytes than asked for at the end of the file. */
MUST enum mt_err store_log_read(struct store *s, uint64_t offset, uint8_t *out, size_t size,
				size_t *got);
MUST enum mt_err store_log_write(struct store *s, uint64_t extend_to, uint64_t offset,
				 struct bytes content);

/* The files of trusted storage; `file` is below REE_TRUSTED_FILES. A write is on disk after the next one with `sync` to the same file. */
MUST enum mt_err store_trusted_read(struct store *s, unsigned file, uint64_t offset, uint8_t *out, size_t size, size_t *got);
MUST enum mt_err store_trusted_write(struct store *s, unsigned file, uint64_t offset, struct bytes content, bool sync);
MUST enum mt_err store_trusted_size(struct store *s, unsigned file, uint64_t *out);
MUST enum mt_err store_trusted_clear(struct store *s, unsigned file);

/* A descriptor to read from, and the size. MT_NOT_FOUND. */
MUST enum mt_err store_blob_open(struct store *s, enum ree_space space,
				 const uint8_t name[REE_NAME_SIZE], int *out, uint64_t *size);
/* The first bytes, at most `capacity`, and the whole size. */
MUST enum mt_err store_blob_head(struct store *s, enum ree_space space,
				 const uint8_t name[REE_NAME_SIZE], uint8_t *out, size_t capacity,
				 size_t *got, uint64_t *size);
/* The content as sealed memory. */
MUST enum mt_err store_blob_get(struct store *s, enum ree_space space,
				const uint8_t name[REE_NAME_SIZE], int *out, uint64_t *size);
/* Keep what `content` holds. Replaces. */
MUST enum mt_err store_blob_put(struct store *s, enum ree_space space,
				const uint8_t name[REE_NAME_SIZE], int content);
MUST enum mt_err store_blob_drop(struct store *s, enum ree_space space,
				 const uint8_t name[REE_NAME_SIZE]);

/*
 * A file to write `size` bytes to. It becomes data/NAME at the close, if exactly that many were
 * written. The descriptor is the caller's.
 */
MUST enum mt_err store_upload_open(struct store *s, const uint8_t name[REE_NAME_SIZE],
				   uint64_t size, uint32_t *upload, int *out);
/* What was written so far reaches the disk. When it does not, the upload is gone. */
MUST enum mt_err store_upload_sync(struct store *s, uint32_t upload);
/* Either way the upload is over. MT_NOT_FOUND: there is none; MT_MALFORMED: another size. */
MUST enum mt_err store_upload_close(struct store *s, uint32_t upload);
MUST enum mt_err store_upload_abort(struct store *s, uint32_t upload);

#endif
