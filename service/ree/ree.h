/*
 * Core's calls to the supplicant (api/ree.h). Every function here leaves the trusted base: what comes back is foreign, may be old, may never come.
 *
 * Promises: each call's `done` is called exactly once, with the answer or with MT_IO when the supplicant is gone; a forged or repeated answer
 * is dropped. Checks form only: whether the bytes are authentic is the caller's question.
 * Hides: message ids, encoding. Class T. Allocates in ree_open() only.
 */
#ifndef MT_REE_H
#define MT_REE_H

#include "api/ree.h"
#include "lib/base/base.h"
#include "port/port.h"

#define REE_CALLS_MAX 512

struct ree;
/* `answer`: the fields of the answer after error; empty on failure. `handle` is owned by the callee, PORT_NO_HANDLE when there is none. */
typedef void ree_done(void *context, enum mt_err err, struct bytes answer, port_handle handle);

MUST enum mt_err ree_open(const struct port *port, struct ree **out);
void ree_close(struct ree *r);

/* All fail with MT_LIMIT (too many calls in flight) or MT_IO; then `done` is not called. */
MUST enum mt_err ree_log_read(struct ree *r, uint64_t offset, uint32_t size, ree_done *done, void *context);
MUST enum mt_err ree_log_write(struct ree *r, uint64_t extend_to, uint64_t offset, struct bytes bytes, ree_done *done, void *context);
MUST enum mt_err ree_blob_get(struct ree *r, enum ree_space space, const uint8_t name[REE_NAME_SIZE], ree_done *done, void *context);
/* The file itself, as it is now and as it may become; ree_blob_get() gives a copy that stays. */
MUST enum mt_err ree_blob_open(struct ree *r, enum ree_space space, const uint8_t name[REE_NAME_SIZE], ree_done *done, void *context);
MUST enum mt_err ree_blob_head(struct ree *r, enum ree_space space, const uint8_t name[REE_NAME_SIZE], uint32_t size, ree_done *done,
			       void *context);
/* Takes the handle. */
MUST enum mt_err ree_blob_put(struct ree *r, enum ree_space space, const uint8_t name[REE_NAME_SIZE], port_handle take_handle,
			      ree_done *done, void *context);
MUST enum mt_err ree_blob_drop(struct ree *r, enum ree_space space, const uint8_t name[REE_NAME_SIZE], ree_done *done, void *context);

/* Moved by the fetcher; `done` when it has ended, with its outcome. `transfer` is the caller's number of it. */
MUST enum mt_err ree_fetch(struct ree *r, uint32_t transfer, const uint8_t name[REE_NAME_SIZE], uint64_t size, struct bytes url,
			   ree_done *done, void *context);
/* Takes the handle; PORT_NO_HANDLE: the blob of that name. */
MUST enum mt_err ree_send(struct ree *r, uint32_t transfer, enum ree_space space, const uint8_t name[REE_NAME_SIZE],
			  port_handle take_handle, struct bytes url, ree_done *done, void *context);
MUST enum mt_err ree_transfer(struct ree *r, uint32_t transfer, ree_done *done, void *context);

/* The medium of trusted storage; `file` is below REE_TRUSTED_FILES. */
MUST enum mt_err ree_trusted_read(struct ree *r, uint8_t file, uint64_t offset, uint32_t size, ree_done *done, void *context);
/* Not to be relied on before an append to the same file has been answered. */
MUST enum mt_err ree_trusted_write(struct ree *r, uint8_t file, uint64_t offset, struct bytes bytes, ree_done *done, void *context);
MUST enum mt_err ree_trusted_append(struct ree *r, uint8_t file, uint64_t offset, struct bytes bytes, ree_done *done, void *context);
MUST enum mt_err ree_trusted_size(struct ree *r, uint8_t file, ree_done *done, void *context);
MUST enum mt_err ree_trusted_clear(struct ree *r, uint8_t file, ree_done *done, void *context);

/* A message of PORT_SUPPLICANT. Takes its handles. */
void ree_event(struct ree *r, const struct port_event *event);

#endif
